//! JSON lines: one object a line, values by dotted path.

mod keys;
pub(crate) mod scan;

pub(crate) use keys::{is_object, keys};

use arrow::datatypes::DataType;
use scan::{JsonScanner, Paths, Value};

use crate::ingest::columnar::float_notice;
use crate::ingest::lines::{Line, NamedPlan, lines, read_text};
use crate::ingest::rows::{Fault, RowBuilder};
use crate::ingest::text::Block;
use crate::ingest::{ColumnSource, Job, MessageTally, Part, RejectCode, Said, Source, SourceFile, TimeFormat};
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
    let epochs = epochs(source, &plan);
    let parse = |block: Block| {
        let mut rows = RowBuilder::new(&plan.columns, source, books, block.text.len() / 200);
        let mut scanner = JsonScanner::new(&paths);
        let (mut seen, mut n_objects) = (vec![false; plan.names.len()], 0_u64);
        let mut too_fine = vec![false; epochs.len()];
        for (index, line) in lines(&block, false).enumerate() {
            if index == 0 && line.number == 1 && line.text.trim_ascii_start().starts_with(b"[") {
                return Err(a_list(file, &line));
            }
            if !line.refuse_damaged(&mut rows) && row(source, &plan, &mut scanner, &mut rows, &line) {
                n_objects += 1;
                seen.iter_mut().zip(&scanner.values).for_each(|(seen, value)| *seen |= *value != Value::Absent);
                too_fine.iter_mut().zip(&epochs).for_each(|(fine, epoch)| *fine |= epoch.is_finer(&scanner, line.text));
            }
        }
        Ok((rows.finish(transform), seen, too_fine, n_objects))
    };
    let (mut all_seen, mut all_fine, mut all_objects) = (vec![false; plan.names.len()], vec![false; epochs.len()], 0);
    let mut report = read_text(job, parse, |(part, seen, fine, n_objects): (Part<T>, Vec<bool>, Vec<bool>, u64)| {
        all_seen.iter_mut().zip(seen).for_each(|(all, seen)| *all |= seen);
        all_fine.iter_mut().zip(fine).for_each(|(all, fine)| *all |= fine);
        all_objects += n_objects;
        take(part);
    })?;
    let told = epochs.iter().zip(all_fine).filter(|(_, fine)| *fine);
    report.notices.extend(told.filter_map(|(epoch, _)| float_notice(file, epoch.column, &DataType::Float64, epoch.format)));
    match all_seen.iter().position(|seen| !seen).filter(|_| all_objects > 0) {
        Some(slot) => Err(never_seen(file, source, &plan, slot)),
        None => Ok((report, MessageTally::default())),
    }
}

/// A time that is a number since the epoch.
struct Epoch {
    slot: usize,
    column: Column,
    format: TimeFormat,
    /// Decimals that a floating-point number of our days holds.
    decimals: usize,
}

fn epochs(source: &Source, plan: &NamedPlan) -> Vec<Epoch> {
    let epoch = |(column, from): (Column, &ColumnSource)| match from.time_form(source.zone).0 {
        format @ TimeFormat::Epoch(unit) => {
            let slot = plan.names.iter().position(|name| name == from.source_names()[0])?;
            Some(Epoch { slot, column, format, decimals: unit.ilog10().saturating_sub(3) as usize })
        }
        _ => None,
    };
    source.mapping.iter().filter_map(epoch).collect()
}

impl Epoch {
    /// Whether the number is written finer than the program that wrote it can have held it, JSON's numbers being floating-point ones
    /// nearly everywhere.
    fn is_finer(&self, scanner: &JsonScanner<'_>, line: &[u8]) -> bool {
        let Value::Number(range) = &scanner.values[self.slot] else { return false };
        let number = &line[range.clone()];
        memchr::memchr(b'.', number).is_some_and(|point| number.len() - point - 1 > self.decimals)
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
    plan.push(rows, line, |slot| scanner.text(line.text, slot));
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
