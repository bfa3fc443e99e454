//! The header of a file of which no column is named: the delimiter under which most lines have the same number of fields, and the first
//! line that has as many. A study that names columns of this header finds the same line and the same delimiter.

use std::collections::BTreeMap;

use crate::ingest::csv::dialect::Dialect;
use crate::ingest::csv::layout::{Layout, read_header};
use crate::ingest::csv::quoted::Quoted;
use crate::ingest::text::{Head, settle};
use crate::ingest::{Mapping, Source, SourceFile, TextOptions};
use crate::record::{Diagnostic, Zone};

/// Lines looked at.
const LINES: usize = 200;

/// A header, and how it is written.
pub(crate) struct Sniffed {
    pub(crate) names: Vec<String>,
    /// The delimiter's name.
    pub(crate) delimiter: &'static str,
    /// Lines before it.
    pub(crate) n_before: usize,
    /// The encoding's name.
    pub(crate) encoding: &'static str,
}

/// A candidate: how much speaks for it, its delimiter, the line, the names.
type Candidate = (usize, &'static str, usize, Vec<String>);

/// Finds the header of a file.
///
/// # Errors
/// When the file cannot be read, or has no header line of text that is not too wide.
pub(crate) fn sniff(file: &SourceFile) -> Result<Sniffed, Diagnostic> {
    let options = TextOptions::default();
    let encoding = settle(file, options.encoding)?.encoding;
    let head = Head::of(file, encoding)?;
    let candidates = [(b',', "comma"), (b'\t', "tab"), (b';', "semicolon"), (b'|', "bar")];
    let mut best: Option<Candidate> = None;
    for (delimiter, name) in candidates {
        let Some((score, n_before, names)) = under(&head, &Dialect::of(&options, delimiter)) else { continue };
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, name, n_before, names));
        }
    }
    if best.as_ref().is_none_or(|(score, ..)| *score == 0) {
        // What keeps a study from finding a header under any delimiter is what is wrong here.
        for (delimiter, _) in candidates {
            let text = TextOptions { delimiter: Some(delimiter), ..TextOptions::default() };
            Layout::of(
                file,
                &Source { files: Vec::new(), mapping: Mapping::default(), zone: Zone::UTC, text, options: Default::default() },
                &[],
            )?;
        }
    }
    let Some((_, delimiter, n_before, names)) = best else {
        return Err(Diagnostic::new("E0205", ("沒有標題列", "no header line of text"))
            .in_file(&file.path)
            .help(("第一列要寫明欄名", "the first line must name the columns")));
    };
    Ok(Sniffed { names, delimiter, n_before, encoding: encoding.name() })
}

/// How much speaks for a delimiter (lines that agree, by how many fields it finds in each), the lines before the header, and its names.
fn under(head: &Head, dialect: &Dialect) -> Option<(usize, usize, Vec<String>)> {
    let mut reader = Quoted::new(dialect);
    let (mut at, mut n_lines, mut records): (usize, usize, Vec<(usize, Vec<String>)>) = (0, 0, Vec::new());
    while records.len() < LINES && at < head.text.len() {
        // The reader of records goes over blank lines to the next one, and where there is none to the end: anew from each of them.
        if let Some(blank) = memchr::memchr(b'\n', &head.text[at..]).filter(|end| head.text[at..at + end].trim_ascii().is_empty()) {
            (at, n_lines) = (at + blank + 1, n_lines + 1);
            continue;
        }
        // One that the end of the head cuts ends the look.
        let Ok((names, length)) = read_header(&head.text[at..], &mut reader, head.whole) else { break };
        records.push((n_lines, names));
        n_lines += memchr::memchr_iter(b'\n', &head.text[at..at + length]).count();
        at += length;
    }
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    records.iter().for_each(|(_, names)| *widths.entry(names.len()).or_default() += 1);
    let (width, n_agree) = widths.into_iter().max_by_key(|(width, n_agree)| (n_agree * (width - 1), *width))?;
    let (n_before, names) = records.into_iter().find(|(_, names)| names.len() == width)?;
    Some((n_agree * (width - 1), n_before, names))
}
