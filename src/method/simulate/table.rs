//! Rows to a CSV, Parquet or Arrow file, cell by cell, a batch at a time; other texts are written by `text`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use arrow::array::{ArrayRef, Decimal128Builder, Int64Builder, RecordBatch, StringBuilder, TimestampNanosecondBuilder};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::record::TradeDate;
use crate::simulate::background::Background;
use crate::simulate::text::{TextSink, Value};
use crate::simulate::{Format, SimulateError, Writing};

const BATCH_ROWS: usize = 65_536;
const ROW_GROUP: usize = 524_288;
const BUFFER: usize = 1 << 20;
/// Digits after the point of a price.
const PRICE_SCALE: i8 = 2;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    Text,
    Integer,
    /// Hundredths.
    Price,
    /// UTC nanoseconds; in CSV, local time of Taipei.
    Time,
}

/// A file under way. Cells are given in column order, and each row is ended.
pub(crate) struct Table {
    path: PathBuf,
    sink: Sink,
    rows: u64,
}

enum Sink {
    Csv(CsvSink),
    Text(Box<TextSink>),
    Columnar(Box<ColumnarSink>),
}

struct CsvSink {
    file: Background<Vec<u8>>,
    buffer: Vec<u8>,
    at_row_start: bool,
    local: LocalText,
}

struct ColumnarSink {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    next: usize,
    rows: usize,
    writer: Background<RecordBatch>,
}

enum Writer {
    Parquet(ArrowWriter<BufWriter<File>>),
    Arrow(FileWriter<BufWriter<File>>),
}

enum Column {
    Text(StringBuilder),
    Integer(Int64Builder),
    Price(Decimal128Builder),
    Time(TimestampNanosecondBuilder),
}

impl Table {
    /// Creates `stem.csv`, `stem.parquet` or whatever the format is called in `dir`.
    pub(crate) fn create(dir: &Path, stem: &str, writing: &Writing, columns: &[(&str, Cells)]) -> Result<Self, SimulateError> {
        let (path, format) = (dir.join(writing.file(stem)), writing.format);
        let file = File::create(&path).map_err(|error| write_error(&path, &error))?;
        let sink = match format {
            _ if *writing == Writing::from(Format::Csv) => Sink::Csv(CsvSink::new(file, columns)),
            Format::Parquet | Format::Arrow => {
                let sink =
                    ColumnarSink::new(file, format, columns).map_err(|reason| SimulateError::Write { path: path.clone(), reason })?;
                Sink::Columnar(Box::new(sink))
            }
            _ => Sink::Text(Box::new(TextSink::new(file, stem, writing, columns))),
        };
        Ok(Self { path, sink, rows: 0 })
    }

    /// Rows ended so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// A cell of text: ASCII without quotes, commas or line ends.
    pub(crate) fn text(&mut self, text: &str) {
        match &mut self.sink {
            Sink::Csv(csv) => csv.cell(|bytes, _| bytes.extend_from_slice(text.as_bytes())),
            Sink::Text(sink) => sink.cell(Value::Text(text.to_owned())),
            Sink::Columnar(sink) => sink.cell(Some(Cell::Text(text))),
        }
    }

    /// A cell of a whole number.
    pub(crate) fn integer(&mut self, value: u64) {
        match &mut self.sink {
            Sink::Csv(csv) => csv.cell(|bytes, _| push_integer(bytes, value)),
            Sink::Text(sink) => sink.cell(Value::Integer(value)),
            Sink::Columnar(sink) => sink.cell(Some(Cell::Integer(value as i64))),
        }
    }

    /// A cell of a price in hundredths.
    pub(crate) fn price(&mut self, hundredths: u32) {
        match &mut self.sink {
            Sink::Csv(csv) => csv.cell(|bytes, _| {
                push_integer(bytes, u64::from(hundredths / 100));
                bytes.push(b'.');
                push_digits(bytes, u64::from(hundredths % 100), 2);
            }),
            Sink::Text(sink) => sink.cell(Value::Price(hundredths)),
            Sink::Columnar(sink) => sink.cell(Some(Cell::Price(hundredths))),
        }
    }

    /// A cell of an instant.
    pub(crate) fn time(&mut self, nanos: i64) {
        match &mut self.sink {
            Sink::Csv(csv) => csv.cell(|bytes, local| local.push(bytes, nanos)),
            Sink::Text(sink) => sink.cell(Value::Time(nanos)),
            Sink::Columnar(sink) => sink.cell(Some(Cell::Time(nanos))),
        }
    }

    /// An empty cell.
    pub(crate) fn absent(&mut self) {
        match &mut self.sink {
            Sink::Csv(csv) => csv.cell(|_, _| {}),
            Sink::Text(sink) => sink.cell(Value::Absent),
            Sink::Columnar(sink) => sink.cell(None),
        }
    }

    /// Ends the row; writes when the buffer is full.
    pub(crate) fn end_row(&mut self) -> Result<(), SimulateError> {
        self.rows += 1;
        let written = match &mut self.sink {
            Sink::Csv(csv) => csv.end_row(),
            Sink::Text(sink) => sink.end_row(),
            Sink::Columnar(sink) => sink.end_row(),
        };
        written.map_err(|reason| SimulateError::Write { path: self.path.clone(), reason })
    }

    /// Writes what is left and closes the file.
    pub(crate) fn finish(self) -> Result<(), SimulateError> {
        let written = match self.sink {
            Sink::Csv(csv) => csv.finish(),
            Sink::Text(sink) => sink.finish(),
            Sink::Columnar(sink) => sink.finish(),
        };
        written.map_err(|reason| SimulateError::Write { path: self.path, reason })
    }
}

pub(crate) fn write_error(path: &Path, error: &std::io::Error) -> SimulateError {
    SimulateError::Write { path: path.to_owned(), reason: error.to_string() }
}

impl CsvSink {
    fn new(file: File, columns: &[(&str, Cells)]) -> Self {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let mut buffer = Vec::with_capacity(BUFFER + 1_024);
        buffer.extend_from_slice(names.join(",").as_bytes());
        buffer.push(b'\n');
        let file = Background::start(move |pieces| {
            let mut file = file;
            pieces.iter().try_for_each(|piece: Vec<u8>| file.write_all(&piece).map_err(|error| error.to_string()))
        });
        Self { file, buffer, at_row_start: true, local: LocalText::default() }
    }

    fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>, &mut LocalText)) {
        if !self.at_row_start {
            self.buffer.push(b',');
        }
        self.at_row_start = false;
        write(&mut self.buffer, &mut self.local);
    }

    fn end_row(&mut self) -> Result<(), String> {
        self.at_row_start = true;
        self.buffer.push(b'\n');
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), String> {
        self.file.send(std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER + 1_024)))
    }

    fn finish(mut self) -> Result<(), String> {
        self.flush()?;
        self.file.finish()
    }
}

/// Writes instants as local time of Taipei, which has been at +08:00 since 1979; the date's text is kept from row to row.
#[derive(Default)]
struct LocalText {
    day: Option<(i64, String)>,
}

impl LocalText {
    fn push(&mut self, bytes: &mut Vec<u8>, nanos: i64) {
        const SECOND: i64 = 1_000_000_000;
        let local = nanos + 8 * 3_600 * SECOND;
        let (day, of_day) = (local.div_euclid(86_400 * SECOND), local.rem_euclid(86_400 * SECOND));
        let date = match &self.day {
            Some((known, text)) if *known == day => text,
            _ => &self.day.insert((day, TradeDate(day as i32).to_string())).1,
        };
        bytes.extend_from_slice(date.as_bytes());
        let seconds = (of_day / SECOND) as u64;
        for (mark, value) in [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
            bytes.push(mark);
            push_digits(bytes, value, 2);
        }
        bytes.push(b'.');
        push_digits(bytes, (of_day % SECOND) as u64, 9);
        bytes.extend_from_slice(b"+08:00");
    }
}

/// The lowest `width` (at most 20) decimal digits of `value`, with leading zeros.
fn push_digits(bytes: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    for digit in digits[..width].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    bytes.extend_from_slice(&digits[..width]);
}

fn push_integer(bytes: &mut Vec<u8>, value: u64) {
    push_digits(bytes, value, value.checked_ilog10().map_or(1, |log| log as usize + 1));
}

enum Cell<'a> {
    Text(&'a str),
    Integer(i64),
    Price(u32),
    Time(i64),
}

impl ColumnarSink {
    fn new(file: File, format: Format, columns: &[(&str, Cells)]) -> Result<Self, String> {
        let fields: Vec<Field> = columns.iter().map(|(name, cells)| Field::new(*name, cells.data_type(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let writer = Writer::create(file, format, Arc::clone(&schema))?;
        let writer = Background::start(move |batches| writer.write_all(&batches));
        let columns = columns.iter().map(|(_, cells)| Column::new(*cells)).collect();
        Ok(Self { schema, columns, next: 0, rows: 0, writer })
    }

    fn cell(&mut self, cell: Option<Cell<'_>>) {
        match (&mut self.columns[self.next], cell) {
            (Column::Text(column), Some(Cell::Text(text))) => column.append_value(text),
            (Column::Integer(column), Some(Cell::Integer(value))) => column.append_value(value),
            (Column::Price(column), Some(Cell::Price(value))) => column.append_value(i128::from(value)),
            (Column::Time(column), Some(Cell::Time(nanos))) => column.append_value(nanos),
            (column, given) => {
                debug_assert!(given.is_none(), "column {} got a cell of another type", self.next);
                column.append_null();
            }
        }
        self.next += 1;
    }

    fn end_row(&mut self) -> Result<(), String> {
        self.next = 0;
        self.rows += 1;
        if self.rows < BATCH_ROWS { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), String> {
        self.rows = 0;
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(|error| error.to_string())?;
        self.writer.send(batch)
    }

    fn finish(mut self) -> Result<(), String> {
        if self.rows > 0 {
            self.flush()?;
        }
        self.writer.finish()
    }
}

impl Writer {
    fn create(file: File, format: Format, schema: Arc<Schema>) -> Result<Self, String> {
        let file = BufWriter::with_capacity(BUFFER, file);
        if format == Format::Arrow {
            return FileWriter::try_new(file, &schema).map(Self::Arrow).map_err(|error| error.to_string());
        }
        let level = ZstdLevel::try_new(1).map_err(|error| error.to_string())?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).set_max_row_group_row_count(Some(ROW_GROUP));
        ArrowWriter::try_new(file, schema, Some(properties.build())).map(Self::Parquet).map_err(|error| error.to_string())
    }

    fn write_all(mut self, batches: &Receiver<RecordBatch>) -> Result<(), String> {
        for batch in batches {
            match &mut self {
                Self::Parquet(writer) => writer.write(&batch).map_err(|error| error.to_string())?,
                Self::Arrow(writer) => writer.write(&batch).map_err(|error| error.to_string())?,
            }
        }
        let mut file = match self {
            Self::Parquet(writer) => writer.into_inner().map_err(|error| error.to_string())?,
            Self::Arrow(writer) => writer.into_inner().map_err(|error| error.to_string())?,
        };
        file.flush().map_err(|error| error.to_string())
    }
}

impl Cells {
    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Price => DataType::Decimal128(12, PRICE_SCALE),
            Self::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        }
    }
}

impl Column {
    fn new(cells: Cells) -> Self {
        match cells {
            Cells::Text => Self::Text(StringBuilder::new()),
            Cells::Integer => Self::Integer(Int64Builder::new()),
            Cells::Price => Self::Price(Decimal128Builder::new().with_data_type(cells.data_type())),
            Cells::Time => Self::Time(TimestampNanosecondBuilder::new().with_data_type(cells.data_type())),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Text(column) => column.append_null(),
            Self::Integer(column) => column.append_null(),
            Self::Price(column) => column.append_null(),
            Self::Time(column) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Price(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cells_are_written_as_the_format_says() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let columns = [("name", Cells::Text), ("n", Cells::Integer), ("price", Cells::Price), ("at", Cells::Time), ("none", Cells::Text)];
        let mut table = Table::create(dir.path(), "table", &Format::Csv.into(), &columns).expect("created");
        table.text("C00001");
        table.integer(0);
        table.price(10_005);
        table.time(1_767_571_199_000_000_042);
        table.absent();
        table.end_row().expect("written");
        table.finish().expect("written");
        let text = std::fs::read_to_string(dir.path().join("table.csv")).expect("readable");
        assert_eq!(text, "name,n,price,at,none\nC00001,0,100.05,2026-01-05T07:59:59.000000042+08:00,\n");
    }
}
