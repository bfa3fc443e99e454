//! The tables of a study read back, row by row: what the workbook and the CSV files show of them.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampNanosecondType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection};

use crate::ingest::quoted;
use crate::record::Diagnostic;
use crate::report::numbers::like_a_formula;

/// Rows read at a time.
const BATCH: usize = 8 << 10;

/// Columns of our CSV tables that hold whole numbers.
const WHOLE: [&str; 8] = ["item", "line", "order_line", "order_row", "receipt_line", "receipt_row", "stratum_orders", "stratum_sample"];

/// A value of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Absent.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A real number.
    Real(f64),
    /// Nanoseconds since the epoch.
    Instant(i64),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Anything but the next.
    Values,
    /// Instants, which are shown in two zones.
    Instants,
}

/// What is read of a table.
pub(crate) enum Part<'a> {
    /// Every row and column.
    All,
    /// Every row, of these columns alone; they keep the order of the table.
    Columns(&'a [&'a str]),
    /// These rows alone, ascending.
    Rows(&'a [u64]),
}

/// A table open for reading.
pub(crate) struct Table {
    /// Names of the columns and what they hold.
    pub(crate) columns: Vec<(String, Holds)>,
    rows: Rows,
}

enum Rows {
    Parquet { reader: ParquetRecordBatchReader, waiting: VecDeque<Vec<Cell>>, path: std::path::PathBuf },
    Text(std::vec::IntoIter<Vec<Cell>>),
}

impl Table {
    /// Opens `name` below `folder`: Parquet, or CSV as this program writes it.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub(crate) fn open(folder: &Path, name: &str, part: Part<'_>) -> Result<Self, Diagnostic> {
        let path = folder.join(name);
        if name.ends_with(".csv") {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            return Ok(Self::of_text(&text, part));
        }
        let file = File::open(&path).map_err(|error| unreadable(&path, &error))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(&path, &error))?;
        let builder = match part {
            Part::All => builder,
            Part::Columns(names) => {
                let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
                builder.with_projection(mask)
            }
            Part::Rows(rows) => {
                let n_rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
                let ranges = rows.iter().map(|row| *row as usize..*row as usize + 1);
                builder.with_row_selection(RowSelection::from_consecutive_ranges(ranges, n_rows))
            }
        };
        let reader = builder.with_batch_size(BATCH).build().map_err(|error| unreadable(&path, &error))?;
        let holds = |kind: &DataType| if matches!(kind, DataType::Timestamp(..)) { Holds::Instants } else { Holds::Values };
        let columns = reader.schema().fields().iter().map(|field| (field.name().clone(), holds(field.data_type()))).collect();
        Ok(Self { columns, rows: Rows::Parquet { reader, waiting: VecDeque::new(), path } })
    }

    fn of_text(text: &str, part: Part<'_>) -> Self {
        let mut records = records(text).into_iter();
        let head = records.next().unwrap_or_default();
        let cell = |(name, value): (&String, String)| match value.parse() {
            _ if value.is_empty() => Cell::Empty,
            Ok(number) if WHOLE.contains(&name.as_str()) => Cell::Whole(number),
            _ => Cell::Text(bare(value)),
        };
        let wanted = |place: u64| if let Part::Rows(rows) = part { rows.binary_search(&place).is_ok() } else { true };
        let records = (0..).zip(records).filter(|(place, _)| wanted(*place));
        let rows: Vec<Vec<Cell>> = records.map(|(_, record)| head.iter().zip(record).map(cell).collect()).collect();
        let columns = head.into_iter().map(|name| (name, Holds::Values)).collect();
        Self { columns, rows: Rows::Text(rows.into_iter()) }
    }

    /// Where a column stands.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| known == name)
    }
}

impl Iterator for Table {
    type Item = Result<Vec<Cell>, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Text(rows) => rows.next().map(Ok),
            Rows::Parquet { reader, waiting, path } => {
                while waiting.is_empty() {
                    match reader.next()? {
                        Ok(batch) => waiting.extend(cells(&batch)),
                        Err(error) => return Some(Err(unreadable(path, &error))),
                    }
                }
                waiting.pop_front().map(Ok)
            }
        }
    }
}

/// The rows of a batch. Our tables hold text, whole and real numbers and instants, nothing else.
fn cells(batch: &RecordBatch) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for array in batch.columns() {
        for (at, row) in rows.iter_mut().enumerate() {
            row.push(match array.data_type() {
                _ if array.is_null(at) => Cell::Empty,
                DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(at).to_owned()),
                DataType::Int64 => Cell::Whole(array.as_primitive::<Int64Type>().value(at)),
                DataType::Float64 => Cell::Real(array.as_primitive::<Float64Type>().value(at)),
                DataType::Timestamp(TimeUnit::Nanosecond, _) => Cell::Instant(array.as_primitive::<TimestampNanosecondType>().value(at)),
                _ => Cell::Empty,
            });
        }
    }
    rows
}

/// The records of a CSV text as this program writes it: quotes doubled, fields with commas, quotes or line ends quoted.
pub(crate) fn records(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    all
}

/// A field of a CSV table as a spreadsheet takes it for no formula: what looks like one, or starts with an apostrophe itself, has an
/// apostrophe in front.
pub(crate) fn inert(field: &str) -> String {
    if like_a_formula(field) || field.starts_with('\'') { quoted(&format!("'{field}")).into_owned() } else { quoted(field).into_owned() }
}

/// The field without what [`inert`] put before it.
pub(crate) fn bare(field: String) -> String {
    // Tables of earlier versions have apostrophes of their own.
    let own = field.strip_prefix('\'').filter(|own| like_a_formula(own) || own.starts_with('\''));
    own.map(str::to_owned).unwrap_or(field)
}

pub(crate) fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    let problem = (format!("無法讀取結果的明細資料表：{error}"), format!("cannot read a table of the result: {error}"));
    Diagnostic::new("E0408", problem).in_file(path).help((
        "工作底稿需要 tables/ 內的資料表：請由備份還原，或重新執行 study",
        "workbook and CSV need the tables below tables/: restore them from a copy, or run `study` again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_keep_commas_quotes_and_line_ends() {
        let text = "a,line\n\"x, \"\"y\"\"\nz\",7\n,\n";
        let table = Table::of_text(text, Part::All);
        assert_eq!(table.place("line"), Some(1));
        let rows: Vec<Vec<Cell>> = table.map(|row| row.expect("text has no damage")).collect();
        assert_eq!(rows, [[Cell::Text("x, \"y\"\nz".into()), Cell::Whole(7)], [Cell::Empty, Cell::Empty]]);
    }

    #[test]
    fn a_text_that_was_kept_from_being_a_formula_is_read_back_as_it_was() {
        for text in ["=1+1", "'=1", "''", "'", "'C7", "-5", "+A1", "@SUM", "plain", "a'b"] {
            let written = format!("a\n{}\n", inert(text));
            assert!(!like_a_formula(written[2..].trim_start_matches('"')), "{written}");
            let rows: Vec<Vec<Cell>> = Table::of_text(&written, Part::All).map(|row| row.expect("text has no damage")).collect();
            assert_eq!(rows, [[Cell::Text(text.to_owned())]]);
        }
    }
}
