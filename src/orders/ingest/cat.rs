//! Consolidated Audit Trail records: JSON objects or comma-separated lines, of several types in one file.
//!
//! The types that study.toml wants are the rows (`MENO` and `MEOA` on the receipts' side, `MEOR` on the orders'); others are counted. Only
//! `NEW` records are rows: corrections, repairs and deletions are counted, not applied. Lines without a header have the fields that open every
//! event; for others a header line has to name them.

use crate::ingest::fix::MessageTally;
use crate::ingest::json::scan::{JsonScanner, Paths};
use crate::ingest::json::unfit;
use crate::ingest::lines::{Line, NamedPlan, lines, read_text};
use crate::ingest::rows::RowBuilder;
use crate::ingest::text::{Block, Head, settle};
use crate::ingest::{Job, Part, RejectCode, Said, Source, SourceFile};
use crate::record::{Chunk, Column, Diagnostic, Notice};

/// The fields that open every order event.
const OPENING: [&str; 9] =
    ["actionType", "errorROEID", "firmROEID", "type", "CATReporterIMID", "orderKeyDate", "orderID", "symbol", "eventTimestamp"];

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
) -> Result<Said, Diagnostic> {
    let Job { file, source, wanted, books, .. } = job;
    let plan = NamedPlan::of(source, wanted);
    // Two slots behind the mapped ones: what kind of record it is.
    let names: Vec<String> = plan.names.iter().cloned().chain(["actionType".to_owned(), "type".to_owned()]).collect();
    let paths = Paths::of(&names);
    let shape = shape_of(file, source, &plan, &names)?;
    let parse = |block: Block| {
        let rows = RowBuilder::new(&plan.columns, source, books, block.text.len() / 150);
        let mut reader = Reader { source, plan: &plan, rows, tally: MessageTally::default() };
        match &shape {
            Shape::Json => {
                let mut scanner = JsonScanner::new(&paths);
                lines(&block, false).for_each(|line| reader.json(&mut scanner, &line));
            }
            Shape::Separated { header, positions, n_fields } => {
                let mut fields = Fields::default();
                for line in lines(&block, false).filter(|line| !header || line.number > 1) {
                    reader.separated(&mut fields, positions, *n_fields, &line);
                }
            }
        }
        Ok((reader.rows.finish(transform), reader.tally))
    };
    let mut tally = MessageTally::default();
    let report = read_text(job, parse, |(part, counted): (Part<T>, MessageTally)| {
        tally.add(&counted);
        take(part);
    })?;
    Ok((report, tally))
}

/// How the records are written.
enum Shape {
    Json,
    /// Position of each name; how many fields a header says there are.
    Separated {
        header: bool,
        positions: Vec<usize>,
        n_fields: Option<usize>,
    },
}

fn shape_of(file: &SourceFile, source: &Source, plan: &NamedPlan, names: &[String]) -> Result<Shape, Diagnostic> {
    let head = Head::of(file, settle(file, source.text.encoding)?.encoding)?;
    let first = head.text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    if first.starts_with(b"{") {
        return Ok(Shape::Json);
    }
    let mut fields = Fields::default();
    let known = if fields.split(first) { (0..fields.len()).map(|at| fields.get(at).trim_ascii().to_vec()).collect() } else { Vec::new() };
    let header = known.iter().any(|name| name == b"actionType");
    let known = if header { known } else { OPENING.map(|name| name.as_bytes().to_vec()).to_vec() };
    let position = |(slot, name): (usize, &String)| {
        known.iter().position(|known| known == name.as_bytes()).ok_or_else(|| {
            let column = if slot < plan.names.len() { plan.column_of(source, slot) } else { "type" };
            let problem = (
                format!("沒有欄位 \"{name}\"，study.toml 以它為 `{column}`"),
                format!("no field \"{name}\", which study.toml names for `{column}`"),
            );
            let help: Notice = if header {
                ("有哪些欄位請看標題列", "see the header line for the names there are").into()
            } else {
                let known = OPENING.join(", ");
                (format!("沒有標題列時只認得：{known}"), format!("without a header line only these are known: {known}")).into()
            };
            Diagnostic::new("E0206", problem).in_file(&file.path).help(help)
        })
    };
    let positions: Result<Vec<usize>, Diagnostic> = names.iter().enumerate().map(position).collect();
    Ok(Shape::Separated { header, positions: positions?, n_fields: header.then_some(known.len()) })
}

struct Reader<'a> {
    source: &'a Source,
    plan: &'a NamedPlan,
    rows: RowBuilder<'a>,
    tally: MessageTally,
}

impl Reader<'_> {
    fn json(&mut self, scanner: &mut JsonScanner<'_>, line: &Line<'_>) {
        if line.refuse_damaged(&mut self.rows) {
            return;
        }
        if let Err(fault) = scanner.read(line.text) {
            return line.refuse(&mut self.rows, RejectCode::Malformed, fault.notice());
        }
        let n_names = self.plan.names.len();
        let value = |slot: usize| scanner.text(line.text, slot);
        if !self.is_row(value(n_names).unwrap_or_default(), value(n_names + 1).unwrap_or_default()) {
            return;
        }
        if let Some(fault) = (0..n_names).find_map(|slot| unfit(self.source, self.plan, scanner, line.text, slot)) {
            return line.refuse_for(&mut self.rows, fault);
        }
        self.plan.push(&mut self.rows, line, value);
    }

    fn separated(&mut self, fields: &mut Fields, positions: &[usize], n_fields: Option<usize>, line: &Line<'_>) {
        if line.refuse_damaged(&mut self.rows) {
            return;
        }
        if !fields.split(line.text) {
            return line.refuse(&mut self.rows, RejectCode::Malformed, ("引號沒有結束", "a quote is never closed").into());
        }
        let least = positions.iter().max().map_or(0, |last| last + 1);
        if n_fields.is_some_and(|expected| expected != fields.len()) || fields.len() < least {
            let (found, needed) = (fields.len(), n_fields.unwrap_or(least));
            let message = (format!("有 {found} 欄，應有 {needed} 欄"), format!("{found} fields, where {needed} are needed"));
            return line.refuse(&mut self.rows, RejectCode::FieldCount, message.into());
        }
        let value = |slot: usize| fields.get(positions[slot]);
        let n_names = self.plan.names.len();
        if self.is_row(value(n_names), value(n_names + 1)) {
            self.plan.push(&mut self.rows, line, |slot| Some(value(slot)));
        }
    }

    /// Whether a record is one of those wanted; others are counted.
    fn is_row(&mut self, action: &[u8], kind: &[u8]) -> bool {
        let wanted = match &self.source.options.messages {
            Some(kinds) => kinds.iter().any(|wanted| wanted.as_bytes() == kind),
            None if self.source.mapping.has(Column::SentAt) => kind == b"MEOR",
            None => matches!(kind, b"MENO" | b"MEOA"),
        };
        if wanted && matches!(action, b"NEW" | b"") {
            return true;
        }
        let [kind, action] = [kind, action].map(named);
        let name = if matches!(&*action, "NEW" | "") { kind } else { format!("{kind} {action}") };
        *self.tally.other_kinds.entry(name).or_default() += 1;
        false
    }
}

/// A kind or an action: whatever is no short word is told as one, or a damaged file would have as many kinds as rows.
fn named(word: &[u8]) -> String {
    let is_word = word.len() <= LONGEST_WORD && word.iter().all(u8::is_ascii_alphanumeric);
    if is_word { String::from_utf8_lossy(word).into_owned() } else { "?".to_owned() }
}

/// Kinds and actions have four or five letters.
const LONGEST_WORD: usize = 6;

/// The fields of a comma-separated line, quotes taken off.
#[derive(Default)]
struct Fields {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    /// Splits `line`; false where a quote is never closed.
    fn split(&mut self, line: &[u8]) -> bool {
        self.text.clear();
        self.ends.clear();
        let mut quoted = false;
        let mut bytes = line.iter().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' if quoted && bytes.peek() == Some(&&b'"') => {
                    self.text.push(b'"');
                    bytes.next();
                }
                b'"' => quoted = !quoted,
                b',' if !quoted => self.ends.push(self.text.len()),
                _ => self.text.push(*byte),
            }
        }
        self.ends.push(self.text.len());
        !quoted
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_is_no_kind_of_its_own() {
        assert_eq!([&b"MEOR"[..], b"", b"MEOR-7", b"ABCDEFG", "\u{6539}".as_bytes()].map(named), ["MEOR", "", "?", "?", "?"]);
    }

    #[test]
    fn quoted_fields_hold_commas_and_doubled_quotes() {
        let mut fields = Fields::default();
        assert!(fields.split(b"NEW,,\"a,\"\"b\"\"\",MENO"));
        assert_eq!((0..fields.len()).map(|at| fields.get(at)).collect::<Vec<_>>(), [&b"NEW"[..], b"", b"a,\"b\"", b"MENO"]);
        assert!(!fields.split(b"NEW,\"a"));
    }
}
