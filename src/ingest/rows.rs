//! One chunk's canonical columns, built row by row: a row is appended whole or refused whole.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, StringArray, TimestampNanosecondArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::record_batch::RecordBatch;

use crate::ingest::datetime::within_years;
use crate::ingest::{Mapping, Part, Reject, RejectCode, TimeFault, TimeParser};
use crate::record::{Chunk, Column, ColumnKind, Dictionary, Zone, canonical_schema};

/// The canonical columns of a chunk under construction.
pub(crate) struct RowBuilder {
    columns: Vec<(Column, Cells)>,
    n_rows: u32,
    accepted: Vec<u32>,
    rejects: Vec<Reject>,
}

/// The cells of one column.
enum Cells {
    Id { bytes: Vec<u8>, ends: Vec<i32> },
    Name { dictionary: Dictionary, codes: Vec<u32>, last: u32 },
    Time { parser: TimeParser, values: Vec<i64>, absent: Vec<u32>, required: bool },
}

/// One cell as it stands in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// Text.
    Text(&'a [u8]),
    /// A date and a time of day in two columns.
    Pair(&'a [u8], &'a [u8]),
    /// An instant, already read.
    Instant(i64),
    /// Nothing.
    Absent,
}

/// A row's first fault.
pub(crate) struct Fault {
    pub(crate) column: &'static str,
    pub(crate) code: RejectCode,
    pub(crate) message: String,
}

/// Where a row stands, for its reject line.
pub(crate) struct RowPlace<'a> {
    pub(crate) line: u64,
    pub(crate) byte_offset: Option<u64>,
    pub(crate) raw: &'a dyn Fn() -> String,
}

/// The canonical columns that are both wanted and mapped, in the order wanted.
pub(crate) fn present(mapping: &Mapping, wanted: &[Column]) -> Vec<Column> {
    wanted.iter().copied().filter(|column| mapping.has(*column)).collect()
}

impl RowBuilder {
    /// An empty chunk of these columns, each of which `mapping` names.
    pub(crate) fn new(columns: &[Column], mapping: &Mapping, zone: Zone, n_expected: usize) -> Self {
        let cells = |column: Column| match column.kind() {
            ColumnKind::Id => Cells::Id { bytes: Vec::with_capacity(n_expected * 12), ends: Vec::with_capacity(n_expected) },
            ColumnKind::Name => Cells::Name { dictionary: Dictionary::default(), codes: Vec::with_capacity(n_expected), last: u32::MAX },
            ColumnKind::Time => {
                let (format, zone) = mapping.get(column).map_or((Default::default(), zone), |source| source.time_form(zone));
                let required = matches!(column, Column::SentAt | Column::ReceivedAt);
                Cells::Time { parser: TimeParser::new(format, zone), values: Vec::with_capacity(n_expected), absent: Vec::new(), required }
            }
        };
        let columns = columns.iter().map(|column| (*column, cells(*column))).collect();
        Self { columns, n_rows: 0, accepted: Vec::new(), rejects: Vec::new() }
    }

    /// Appends a data row whose cells `cell_of(k)` gives by column position, or lists it as rejected.
    pub(crate) fn push<'a>(&mut self, cell_of: impl Fn(usize) -> Cell<'a>, place: &RowPlace<'_>) {
        let n_accepted = self.n_accepted();
        for at in 0..self.columns.len() {
            let (column, cells) = &mut self.columns[at];
            if let Err(fault) = cells.push(*column, cell_of(at)) {
                self.columns.iter_mut().for_each(|(_, cells)| cells.truncate(n_accepted));
                return self.reject(fault, place);
            }
        }
        if !self.rejects.is_empty() {
            self.accepted.push(self.n_rows);
        }
        self.n_rows += 1;
    }

    /// Lists a data row as rejected.
    pub(crate) fn reject(&mut self, fault: Fault, place: &RowPlace<'_>) {
        if self.rejects.is_empty() {
            self.accepted = (0..self.n_rows).collect();
        }
        self.n_rows += 1;
        let Fault { column, code, message } = fault;
        let RowPlace { line, byte_offset, raw } = *place;
        self.rejects.push(Reject { file: String::new(), line, byte_offset, column, code, message, raw: raw() });
    }

    /// Hands the chunk to `consume`.
    pub(crate) fn finish<T>(self, consume: &(impl Fn(Chunk) -> T + Sync)) -> Part<T> {
        let names: Vec<Column> = self.columns.iter().map(|(column, _)| *column).collect();
        let n_accepted = self.n_accepted();
        let arrays: Vec<ArrayRef> = self.columns.into_iter().map(|(_, cells)| cells.finish()).collect();
        let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(n_accepted));
        let batch = RecordBatch::try_new_with_options(canonical_schema(&names), arrays, &options);
        let batch = batch.expect("every column was built to its canonical type and to the same length");
        let rows = (!self.rejects.is_empty()).then_some(self.accepted);
        Part { value: consume(Chunk { batch, rows }), n_rows: self.n_rows, rejects: self.rejects }
    }

    fn n_accepted(&self) -> usize {
        self.n_rows as usize - self.rejects.len()
    }
}

impl Cells {
    fn push(&mut self, column: Column, cell: Cell<'_>) -> Result<(), Fault> {
        match self {
            Self::Id { bytes, ends } => {
                let text = checked_text(column, cell)?;
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len() as i32);
            }
            Self::Name { dictionary, codes, last } => {
                let text = checked_text(column, cell)?;
                // Neighbouring rows often repeat a name: one comparison instead of a lookup.
                if *last == u32::MAX || dictionary.name(*last) != text {
                    *last = if text.is_empty() { u32::MAX } else { dictionary.intern(text) };
                }
                codes.push(if text.is_empty() { u32::MAX } else { *last });
            }
            Self::Time { parser, values, absent, required } => {
                let parsed = match cell {
                    Cell::Text(text) => parser.parse(text),
                    Cell::Pair(date, time) => parser.parse_pair(date, time),
                    Cell::Instant(nanos) => within_years(nanos),
                    Cell::Absent => Err(TimeFault::Empty),
                };
                match parsed {
                    Ok(nanos) => values.push(nanos),
                    Err(TimeFault::Empty) if !*required => {
                        absent.push(values.len() as u32);
                        values.push(0);
                    }
                    Err(fault) => return Err(time_fault(column, fault, cell)),
                }
            }
        }
        Ok(())
    }

    fn truncate(&mut self, n_rows: usize) {
        match self {
            Self::Id { bytes, ends } => {
                ends.truncate(n_rows);
                bytes.truncate(ends.last().map_or(0, |end| *end as usize));
            }
            Self::Name { codes, last, .. } => {
                codes.truncate(n_rows);
                *last = u32::MAX;
            }
            Self::Time { values, absent, .. } => {
                values.truncate(n_rows);
                absent.retain(|row| (*row as usize) < n_rows);
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Id { bytes, ends } => {
                let offsets: Vec<i32> = std::iter::once(0).chain(ends).collect();
                Arc::new(StringArray::new(OffsetBuffer::new(offsets.into()), bytes.into(), None))
            }
            Self::Name { dictionary, codes, .. } => {
                let absent = codes.contains(&u32::MAX);
                let nulls = absent.then(|| NullBuffer::from_iter(codes.iter().map(|code| *code != u32::MAX)));
                let codes = if absent { codes.into_iter().map(|code| if code == u32::MAX { 0 } else { code }).collect() } else { codes };
                let keys = UInt32Array::new(codes.into(), nulls);
                let mut values: Vec<&str> = dictionary.names().collect();
                if values.is_empty() {
                    values.push("");
                }
                Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from(values))))
            }
            Self::Time { values, absent, .. } => {
                let mut present = vec![true; if absent.is_empty() { 0 } else { values.len() }];
                absent.iter().for_each(|row| present[*row as usize] = false);
                let nulls = (!absent.is_empty()).then(|| NullBuffer::from(present));
                Arc::new(TimestampNanosecondArray::new(values.into(), nulls).with_timezone("UTC"))
            }
        }
    }
}

/// A text cell, trimmed of blanks at both ends.
fn checked_text(column: Column, cell: Cell<'_>) -> Result<&str, Fault> {
    let Cell::Text(bytes) = cell else { return Ok("") };
    let text = std::str::from_utf8(bytes).map_err(|error| Fault {
        column: column.name(),
        code: RejectCode::InvalidUtf8,
        message: format!("byte {} of the value is not UTF-8", error.valid_up_to() + 1),
    })?;
    Ok(text.trim_ascii())
}

fn time_fault(column: Column, fault: TimeFault, cell: Cell<'_>) -> Fault {
    let code = match fault {
        TimeFault::Empty => RejectCode::MissingTime,
        TimeFault::Ambiguous => RejectCode::AmbiguousTime,
        _ => RejectCode::BadTime,
    };
    let shown = match cell {
        Cell::Text(text) => format!(": \"{}\"", String::from_utf8_lossy(text)),
        Cell::Pair(date, time) => format!(": \"{}\" \"{}\"", String::from_utf8_lossy(date), String::from_utf8_lossy(time)),
        Cell::Instant(_) | Cell::Absent => String::new(),
    };
    Fault { column: column.name(), code, message: format!("{}{shown}", fault.reason()) }
}
