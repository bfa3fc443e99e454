//! Fixed-width records, one a line: cut on bytes, then decoded field by field.

mod layout;
mod value;

use std::collections::BTreeMap;

pub use layout::{FieldKind, FixedField, FixedLayout};

use crate::ingest::fixed::value::Values;
use crate::ingest::lines::{Line, NamedPlan, lines, read_bytes, settle_bytes};
use crate::ingest::rows::{Cell, RowBuilder};
use crate::ingest::text::{Block, Head, TextReport};
use crate::ingest::{Encoding, Job, MessageTally, Part, RejectCode, Said, Source, SourceFile};
use crate::record::{Chunk, Diagnostic, Place};

/// Records that are looked at for their length before a file is read.
const LOOKED_AT: usize = 1_000;

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
) -> Result<Said, Diagnostic> {
    let Job { file, source, wanted, books, .. } = job;
    let Some(layout) = &source.options.layout else {
        let problem = Diagnostic::new("E0233", "a fixed-width file needs a layout").in_file(&file.path);
        return Err(problem.help("write format = \"fixed:layout.toml\", or \"fixed:twse-63\""));
    };
    let plan = NamedPlan::of(source, wanted);
    let fields = fields_of(file, source, &plan, layout)?;
    check_length(file, layout)?;
    let detected = settle_bytes(file, source)?;
    let encoding = detected.encoding;
    let parse = |block: Block| {
        let n_expected = block.text.len() / (layout.length + 1);
        let mut rows = RowBuilder::new(&plan.columns, source, books, n_expected);
        let mut values = Values::new(fields.clone(), encoding);
        lines(&block, true).for_each(|line| row(layout, &plan, &mut values, &mut rows, &line));
        Ok((rows.finish(transform), values.user_defined))
    };
    let mut user_defined = BTreeMap::new();
    read_bytes(file, job.progress, parse, |(part, found): (Part<T>, BTreeMap<char, u64>)| {
        found.into_iter().for_each(|(one, n)| *user_defined.entry(one).or_default() += n);
        take(part);
    })?;
    Ok((TextReport::new(&file.name, file.packing, detected, user_defined), MessageTally::default()))
}

fn row(layout: &FixedLayout, plan: &NamedPlan, values: &mut Values, rows: &mut RowBuilder<'_>, line: &Line<'_>) {
    if line.text.len() != layout.length {
        let message = format!("{} bytes, where layout {} has {}", line.text.len(), layout.name, layout.length);
        return line.refuse(rows, RejectCode::RecordLength, message);
    }
    if let Err(field) = values.read(line.text) {
        let message =
            format!("field \"{}\" is not a number or time: \"{}\"", field.name, String::from_utf8_lossy(value::bytes(&field, line.text)));
        return line.refuse(rows, RejectCode::BadValue, message);
    }
    plan.push(rows, line, |slot| Some(values.text(line.text, slot)), Cell::Text);
}

/// The field of each slot.
fn fields_of(file: &SourceFile, source: &Source, plan: &NamedPlan, layout: &FixedLayout) -> Result<Vec<FixedField>, Diagnostic> {
    let field = |(slot, name): (usize, &String)| {
        layout.field(name).cloned().ok_or_else(|| {
            let column = plan.column_of(source, slot);
            let problem = format!("layout {} has no field \"{name}\", which study.toml names for `{column}`", layout.name);
            let known: Vec<&str> = layout.fields.iter().map(|field| field.name.as_str()).collect();
            Diagnostic::new("E0206", problem).in_file(&file.path).help(format!("its fields are: {}", known.join(", ")))
        })
    };
    plan.names.iter().enumerate().map(field).collect()
}

/// Where most records have another length the layout is the wrong one: refusing every row would say it less clearly.
fn check_length(file: &SourceFile, layout: &FixedLayout) -> Result<(), Diagnostic> {
    let head = Head::of(file, Encoding::Raw)?;
    let mut records: Vec<&[u8]> = head.text.split(|byte| *byte == b'\n').take(LOOKED_AT).collect();
    if records.len() < LOOKED_AT && !head.whole {
        records.pop();
    }
    let length = |record: &&[u8]| record.strip_suffix(b"\r").unwrap_or(record).len();
    let mut lengths: Vec<usize> = records.iter().map(length).filter(|length| *length > 1).collect();
    lengths.sort_unstable();
    let Some(usual) = lengths.get(lengths.len() / 2).copied() else { return Ok(()) };
    if usual == layout.length || lengths.contains(&layout.length) {
        return Ok(());
    }
    let at = Place { path: file.path.clone(), line: 1, column: 0, byte: Some(0) };
    let problem = format!("records of {usual} bytes, where layout {} has {}", layout.name, layout.length);
    let known = ["twse-59", "twse-63"].into_iter().filter_map(FixedLayout::built_in).find(|known| known.length == usual);
    let help = match known {
        Some(known) => format!("write format = \"fixed:{}\"", known.name),
        None => "correct the layout; bytes count, not characters, and the line end does not".to_owned(),
    };
    Err(Diagnostic::new("E0234", problem).at(at).help(help))
}
