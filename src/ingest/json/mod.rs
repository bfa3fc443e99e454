//! JSON lines: one object a line, values by dotted path.

mod keys;
pub(crate) mod scan;

pub(crate) use keys::{is_object, keys};

use scan::{JsonScanner, Paths, Value};

use crate::ingest::lines::{Line, NamedPlan, lines, read_text};
use crate::ingest::rows::{Cell, Fault, RowBuilder};
use crate::ingest::text::Block;
use crate::ingest::{Job, MessageTally, Part, RejectCode, Said, Source, SourceFile};
use crate::record::{Chunk, Column, ColumnKind, Diagnostic, Place};

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
) -> Result<Said, Diagnostic> {
    let Job { file, source, wanted, books, .. } = job;
    let plan = NamedPlan::of(source, wanted);
    let paths = Paths::of(&plan.names);
    let parse = |block: Block| {
        let mut rows = RowBuilder::new(&plan.columns, source, books, block.text.len() / 200);
        let mut scanner = JsonScanner::new(&paths);
        let (mut seen, mut n_objects) = (vec![false; plan.names.len()], 0_u64);
        for (index, line) in lines(&block, false).enumerate() {
            if index == 0 && line.number == 1 && line.text.trim_ascii_start().starts_with(b"[") {
                return Err(a_list(file, &line));
            }
            if !line.refuse_damaged(&mut rows) && row(source, &plan, &mut scanner, &mut rows, &line) {
                n_objects += 1;
                seen.iter_mut().zip(&scanner.values).for_each(|(seen, value)| *seen |= *value != Value::Absent);
            }
        }
        Ok((rows.finish(transform), seen, n_objects))
    };
    let (mut all_seen, mut all_objects) = (vec![false; plan.names.len()], 0);
    let report = read_text(job, parse, |(part, seen, n_objects): (Part<T>, Vec<bool>, u64)| {
        all_seen.iter_mut().zip(seen).for_each(|(all, seen)| *all |= seen);
        all_objects += n_objects;
        take(part);
    })?;
    match all_seen.iter().position(|seen| !seen).filter(|_| all_objects > 0) {
        Some(slot) => Err(never_seen(file, source, &plan, slot)),
        None => Ok((report, MessageTally::default())),
    }
}

/// Appends or refuses the line; true where it is a JSON object.
fn row(source: &Source, plan: &NamedPlan, scanner: &mut JsonScanner<'_>, rows: &mut RowBuilder<'_>, line: &Line<'_>) -> bool {
    if let Err(fault) = scanner.read(line.text) {
        let message = format!("byte {} of the line: {}", fault.at + 1, fault.problem);
        line.refuse(rows, RejectCode::Malformed, message);
        return false;
    }
    if let Some(fault) = (0..plan.names.len()).find_map(|slot| unfit(source, plan, scanner, line.text, slot)) {
        line.refuse_for(rows, fault);
        return true;
    }
    plan.push(rows, line, |slot| scanner.text(line.text, slot), Cell::Text);
    true
}

/// Why the value of a slot cannot be what it is mapped to: a list or an object, or a number with a fraction as an identifier.
pub(crate) fn unfit(source: &Source, plan: &NamedPlan, scanner: &JsonScanner<'_>, line: &[u8], slot: usize) -> Option<Fault> {
    let problem = match &scanner.values[slot] {
        Value::Compound => "a list or an object, where one value was expected".to_owned(),
        Value::Number(range) => {
            let text = &line[range.clone()];
            let column = Column::named(plan.column_of(source, slot))?;
            let whole = !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
            if whole || column.kind() == ColumnKind::Time || matches!(column, Column::Quantity | Column::Price) {
                return None;
            }
            format!("{} is not a whole number: 1001.0 is not the identifier 1001", String::from_utf8_lossy(text))
        }
        _ => return None,
    };
    Some(Fault { column: plan.column_of(source, slot), code: RejectCode::BadValue, message: problem })
}

fn a_list(file: &SourceFile, line: &Line<'_>) -> Diagnostic {
    let at = Place { path: file.path.clone(), line: line.number, column: 0, byte: Some(line.offset) };
    Diagnostic::new("E0232", "the file is one JSON list, where JSON lines have one object a line")
        .at(at)
        .help("write one object a line, for example with: jq -c '.[]'")
}

/// A name that no line has is a misspelt name.
fn never_seen(file: &SourceFile, source: &Source, plan: &NamedPlan, slot: usize) -> Diagnostic {
    let problem = format!("no line has \"{}\", which study.toml names for `{}`", plan.names[slot], plan.column_of(source, slot));
    let help = "a value within objects is named by its path: \"order.sent_at\"; a dot within a key is written \"\\\\.\"";
    Diagnostic::new("E0206", problem).in_file(&file.path).help(help)
}
