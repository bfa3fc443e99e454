//! The text of a broker's order management system: `ReqSNO|T0|T1|T2`, with header and footer lines.
//!
//! The line that holds every name of study.toml names the columns; what stands above it is no row. Lines without a bar at the end of the file
//! are its footer. Times are `yyyymmddHHMMSS.uuuuuu` in UTC, or any other form that study.toml names.

use crate::ingest::fix::MessageTally;
use crate::ingest::lines::{NamedPlan, field_count, in_zone, lines, read_text};
use crate::ingest::rows::RowBuilder;
use crate::ingest::text::{Block, Head, settle};
use crate::ingest::{Job, Part, Reject, RejectCode, Said, Source, SourceFile};
use crate::record::{Chunk, Diagnostic, Zone};

/// Lines within which the names must stand.
const HEADER_WITHIN: usize = 100;

/// Where the names stand and what they are.
struct Header {
    line: u64,
    n_fields: usize,
    /// Position of each slot.
    positions: Vec<usize>,
}

/// A footer is looked for in so many blocks at the end of the file: behind them are rows, however few fields they have.
const FOOTER_BLOCKS: usize = 2;

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
) -> Result<Said, Diagnostic> {
    let Job { file, source, wanted, books, .. } = job;
    let plan = NamedPlan::of(source, wanted);
    let zoned = in_zone(source, Zone::UTC);
    let header = find_header(file, source, &plan)?;
    let parse = |block: Block| {
        let mut rows = RowBuilder::new(&plan.columns, &zoned, books, block.text.len() / 80);
        let mut fields = Vec::with_capacity(header.n_fields);
        let (mut above, mut last_line) = (0, 0);
        for line in lines(&block, false) {
            if line.number <= header.line {
                above += u64::from(line.number < header.line);
            } else if !line.refuse_damaged(&mut rows) {
                split(line.text, &mut fields);
                if fields.len() == header.n_fields {
                    plan.push(&mut rows, &line, |slot| Some(fields[header.positions[slot]]));
                    last_line = line.number;
                } else {
                    line.refuse(&mut rows, RejectCode::FieldCount, field_count(fields.len(), header.n_fields));
                }
            }
        }
        Ok((rows.finish(transform), above, last_line))
    };
    let mut tally = MessageTally::default();
    // Parts that may hold the footer: those from the last line with fields on. It is short.
    let mut held: Vec<(Part<T>, u64)> = Vec::new();
    let report = read_text(job, parse, |(part, above, last_line): (Part<T>, u64, u64)| {
        tally.other_lines += above;
        if last_line > 0 {
            held.drain(..).for_each(|(part, _)| take(part));
        }
        held.push((part, last_line));
        if held.len() > FOOTER_BLOCKS {
            take(held.remove(0).0);
        }
    })?;
    tally.other_lines += take_footer(&mut held);
    held.into_iter().for_each(|(part, _)| take(part));
    Ok((report, tally))
}

fn split<'l>(line: &'l [u8], fields: &mut Vec<&'l [u8]>) {
    fields.clear();
    let mut start = 0;
    for end in memchr::memchr_iter(b'|', line) {
        fields.push(&line[start..end]);
        start = end + 1;
    }
    fields.push(&line[start..]);
}

fn find_header(file: &SourceFile, source: &Source, plan: &NamedPlan) -> Result<Header, Diagnostic> {
    let head = Head::of(file, settle(file, source.text.encoding)?.encoding)?;
    let mut fields = Vec::new();
    for (at, line) in head.text.split(|byte| *byte == b'\n').take(HEADER_WITHIN).enumerate() {
        split(line, &mut fields);
        let position = |name: &String| fields.iter().position(|field| field.trim_ascii() == name.as_bytes());
        if let Some(positions) = plan.names.iter().map(position).collect() {
            return Ok(Header { line: at as u64 + 1, n_fields: fields.len(), positions });
        }
    }
    let names = plan.names.join(", ");
    let problem = (
        format!("前 {HEADER_WITHIN} 行中沒有一行同時有 {names}"),
        format!("no line within the first {HEADER_WITHIN} names all of {names}"),
    );
    let help = ("標題列以 | 分隔各欄名", "the header line names the columns, with | between them");
    Err(Diagnostic::new("E0206", problem).in_file(&file.path).help(help))
}

/// Takes refused lines without a bar off the file's end; returns how many. With each part stands its last line with fields.
fn take_footer<T>(parts: &mut [(Part<T>, u64)]) -> u64 {
    let mut taken = 0;
    for (part, last_line) in parts.iter_mut().rev() {
        let is_footer = |reject: &Reject| reject.line > *last_line && reject.code == RejectCode::FieldCount && !reject.raw.contains('|');
        while part.rejects.last().is_some_and(is_footer) {
            part.rejects.pop();
            part.n_rows -= 1;
            taken += 1;
        }
        if part.n_rows > 0 {
            break;
        }
    }
    taken
}
