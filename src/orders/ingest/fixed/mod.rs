//! Fixed-width records, one a line: cut on bytes, then decoded field by field.

mod layout;
mod value;

use std::collections::BTreeMap;

pub use layout::{FieldKind, FixedField, FixedLayout};

use layout::BUILT_IN;

use crate::ingest::fixed::value::Values;
use crate::ingest::lines::{Line, NamedPlan, lines, read_bytes, settle_bytes};
use crate::ingest::rows::RowBuilder;
use crate::ingest::text::{Block, CTRL_Z, Head, TextReport};
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
        let problem = Diagnostic::new("E0233", ("定長檔需要版面", "a fixed-width file needs a layout")).in_file(&file.path);
        return Err(problem.help((
            "請寫 format = \"fixed:layout.toml\" 或 \"fixed:twse-63\"",
            "write format = \"fixed:layout.toml\", or \"fixed:twse-63\"",
        )));
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

/// Records that are looked at before a file is taken for one of the exchange's.
const TOLD_BY: usize = 100;

/// The exchange's own layout, where every record at the start of the file has its length, a date, a side and a time where they belong.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn recognize(file: &SourceFile) -> Result<Option<FixedLayout>, Diagnostic> {
    let head = Head::of(file, Encoding::Raw)?.text;
    let records = || {
        let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        lines.filter(|line| !matches!(line, [] | [CTRL_Z])).take(TOLD_BY)
    };
    let mut known = BUILT_IN.into_iter().filter_map(FixedLayout::built_in);
    Ok(known.find(|layout| records().next().is_some() && records().all(|record| is_of(layout, record))))
}

fn is_of(layout: &FixedLayout, record: &[u8]) -> bool {
    let field = |name: &str| layout.field(name).map_or(&[][..], |field| value::bytes(field, record));
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    record.len() == layout.length
        && digits(field("date"))
        && matches!(field("date"), [b'1', b'9', ..] | [b'2', b'0', ..])
        && matches!(field("side"), b"B" | b"S")
        && digits(field("time"))
}

fn row(layout: &FixedLayout, plan: &NamedPlan, values: &mut Values, rows: &mut RowBuilder<'_>, line: &Line<'_>) {
    if line.text.len() != layout.length {
        let (found, of, length) = (line.text.len(), &layout.name, layout.length);
        let zh = format!("有 {found} 個位元組，版面 {of} 為 {length} 個");
        let message = (zh, format!("{found} bytes, where layout {of} has {length}"));
        return line.refuse(rows, RejectCode::RecordLength, message.into());
    }
    if let Err(field) = values.read(line.text) {
        let (name, text) = (&field.name, String::from_utf8_lossy(value::bytes(&field, line.text)));
        let zh = format!("欄位 \"{name}\" 不是數字或時間：\"{text}\"");
        let message = (zh, format!("field \"{name}\" is not a number or time: \"{text}\""));
        return line.refuse(rows, RejectCode::BadValue, message.into());
    }
    plan.push(rows, line, |slot| Some(values.text(line.text, slot)));
}

/// The field of each slot.
fn fields_of(file: &SourceFile, source: &Source, plan: &NamedPlan, layout: &FixedLayout) -> Result<Vec<FixedField>, Diagnostic> {
    let field = |(slot, name): (usize, &String)| {
        layout.field(name).cloned().ok_or_else(|| {
            let column = plan.column_of(source, slot);
            let of = &layout.name;
            let problem = (
                format!("版面 {of} 沒有欄位 \"{name}\"，study.toml 以它為 `{column}`"),
                format!("layout {of} has no field \"{name}\", which study.toml names for `{column}`"),
            );
            let known: Vec<&str> = layout.fields.iter().map(|field| field.name.as_str()).collect();
            let known = known.join(", ");
            let help = (format!("版面的欄位有：{known}"), format!("its fields are: {known}"));
            Diagnostic::new("E0206", problem).in_file(&file.path).help(help)
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
    let (of, length) = (&layout.name, layout.length);
    let problem = (
        format!("紀錄多為 {usual} 個位元組，版面 {of} 為 {length} 個"),
        format!("records of {usual} bytes, where layout {of} has {length}"),
    );
    let known = BUILT_IN.into_iter().filter_map(FixedLayout::built_in).find(|known| known.length == usual);
    let help = match known {
        Some(known) => {
            let name = &known.name;
            (format!("請寫 format = \"fixed:{name}\""), format!("write format = \"fixed:{name}\""))
        }
        None => (
            "請更正版面；以位元組計，不以字元計，換行不算".to_owned(),
            "correct the layout; bytes count, not characters, and the line end does not".to_owned(),
        ),
    };
    Err(Diagnostic::new("E0234", problem).at(at).help(help))
}
