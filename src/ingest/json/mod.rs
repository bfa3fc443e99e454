//! JSON lines: one object a line, values by dotted path.

mod keys;
pub(crate) mod scan;

pub(crate) use keys::{is_object, keys};

use scan::{JsonScanner, Paths, Value};

use crate::ingest::lines::{Line, NamedPlan, lines, read_text};
use crate::ingest::rows::{Cell, Fault, RowBuilder};
use crate::ingest::text::Block;
use crate::ingest::{Job, MessageTally, Part, RejectCode, Said, Source, SourceFile};
use crate::record::{Chunk, Column, ColumnKind, Diagnostic, Notice, Place};

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
        line.refuse(rows, RejectCode::Malformed, fault.notice());
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
        Value::Compound => ("應是單一的值，卻是陣列或物件", "a list or an object, where one value was expected").into(),
        Value::Number(range) => {
            let text = &line[range.clone()];
            let column = Column::named(plan.column_of(source, slot))?;
            let whole = !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
            if whole || column.kind() == ColumnKind::Time || matches!(column, Column::Quantity | Column::Price) {
                return None;
            }
            let text = String::from_utf8_lossy(text);
            let zh = format!("{text} 不是整數：1001.0 不是識別碼 1001");
            Notice::from((zh, format!("{text} is not a whole number: 1001.0 is not the identifier 1001")))
        }
        _ => return None,
    };
    Some(Fault { column: plan.column_of(source, slot), code: RejectCode::BadValue, message: problem })
}

fn a_list(file: &SourceFile, line: &Line<'_>) -> Diagnostic {
    let at = Place { path: file.path.clone(), line: line.number, column: 0, byte: Some(line.offset) };
    let problem =
        ("整個檔案是一個 JSON 陣列；JSON lines 是一行一個物件", "the file is one JSON list, where JSON lines have one object a line");
    let help = ("請改為一行一個物件，例如：jq -c '.[]'", "write one object a line, for example with: jq -c '.[]'");
    Diagnostic::new("E0232", problem).at(at).help(help)
}

/// A name that no line has is a misspelt name.
fn never_seen(file: &SourceFile, source: &Source, plan: &NamedPlan, slot: usize) -> Diagnostic {
    let (name, column) = (&plan.names[slot], plan.column_of(source, slot));
    let problem = (
        format!("沒有任何一行有 \"{name}\"，study.toml 以它為 `{column}`"),
        format!("no line has \"{name}\", which study.toml names for `{column}`"),
    );
    let help = (
        "物件內的值以路徑指明：\"order.sent_at\"；鍵名內的點寫作 \"\\\\.\"",
        "a value within objects is named by its path: \"order.sent_at\"; a dot within a key is written \"\\\\.\"",
    );
    Diagnostic::new("E0206", problem).in_file(&file.path).help(help)
}
