//! Parquet and Arrow IPC: only the needed columns, row groups (or record batches) in parallel.

use std::fs::File;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Schema};
use arrow::error::ArrowError;
use arrow::ipc::reader::FileReader;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::ingest::arrow_file::open_arrow;
use crate::ingest::csv::{columns_are, no_column, several_columns};
use crate::ingest::discover::cannot_read;
use crate::ingest::in_order::in_order;
use crate::ingest::instants::Instants;
use crate::ingest::packed::{KnownColumn, KnownNames, packed_text, with_packed_names};
use crate::ingest::rows::{Cell, GrowingColumn, RowBuilder, RowPlace, present, time_fault};
use crate::ingest::{Frame, Job, Notice, Part, Source, SourceFile, TimeFault, TimeFormat};
use crate::record::{Chunk, Column, ColumnKind, Diagnostic, Latency, NameBooks};

/// Rows decoded at a time within a row group.
const BATCH: usize = 16 << 10;

/// Reads a Parquet file, row groups in parallel.
pub(crate) fn read_parquet<T: Send>(
    Job { file, source, wanted, books, progress }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<Vec<Notice>, Diagnostic> {
    let damaged = |error: &dyn std::fmt::Display| not_readable(file, "Parquet", error);
    let open = || File::open(&file.path).map_err(|error| cannot_read(&file.path, &error));
    let metadata = ArrowReaderMetadata::load(&open()?, ArrowReaderOptions::new()).map_err(|error| damaged(&error))?;
    let plan = Plan::of(file, source, books, wanted, metadata.schema())?;
    let metadata = with_packed_names(metadata, |root| plan.is_name(root));
    let group_bytes = |index: usize| metadata.metadata().row_group(index).compressed_size().max(0) as u64;

    let read_group = |index: usize| -> Result<Vec<Part<T>>, Diagnostic> {
        progress.check_memory()?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), plan.roots.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open()?, metadata.clone());
        let reader = builder.with_projection(mask).with_row_groups(vec![index]).with_batch_size(BATCH).build();
        let (mut parts, mut known) = (Vec::new(), KnownNames::default());
        for batch in reader.map_err(|error| damaged(&error))? {
            progress.check_memory()?;
            parts.push(plan.convert(&batch.map_err(|error| damaged(&error))?, &mut known, transform));
        }
        progress.add(group_bytes(index));
        Ok(parts)
    };
    let n_groups = metadata.metadata().num_row_groups();
    in_order(
        n_groups,
        |index| guard(|| read_group(index), &damaged),
        number_lines(metadata.metadata().file_metadata().num_rows().max(0) as usize, take),
    )?;
    Ok(plan.notices)
}

/// Reads an Arrow IPC file, record batches in parallel.
pub(crate) fn read_arrow<T: Send>(
    Job { file, source, wanted, books, progress }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<Vec<Notice>, Diagnostic> {
    let damaged = |error: ArrowError| not_readable(file, "Arrow IPC", &error);
    let reader = |opened: File, projection| FileReader::try_new(std::io::BufReader::new(opened), projection).map_err(damaged);
    let whole = reader(open_arrow(file)?, None)?;
    let plan = Plan::of(file, source, books, wanted, &whole.schema())?;
    let n_batches = whole.num_batches();
    let read_batch = |index: usize| -> Result<Vec<Part<T>>, Diagnostic> {
        progress.check_memory()?;
        let opened = File::open(&file.path).map_err(|error| cannot_read(&file.path, &error))?;
        let mut reader = reader(opened, Some(plan.roots.clone()))?;
        reader.set_index(index).map_err(damaged)?;
        let batch = reader.next().transpose().map_err(damaged)?;
        progress.add(file.bytes / n_batches.max(1) as u64);
        let Some(batch) = batch else { return Ok(Vec::new()) };
        // Columns of Arrow's type null take no bytes: a batch of nothing else may claim any number of rows.
        if batch.num_rows() > 0 && batch.columns().iter().all(|column| *column.data_type() == DataType::Null) {
            return Err(not_readable(file, "Arrow IPC", &"the columns asked for are all of Arrow's type null and hold no value"));
        }
        // A record batch may be as large as the file: in slices, its texts stay within what a chunk's offsets can count.
        let slices = (0..batch.num_rows()).step_by(BATCH).map(|at| batch.slice(at, BATCH.min(batch.num_rows() - at)));
        let mut known = KnownNames::default();
        Ok(slices.map(|slice| plan.convert(&slice, &mut known, transform)).collect())
    };
    in_order(n_batches, |index| guard(|| read_batch(index), &|error| not_readable(file, "Arrow IPC", error)), number_lines(0, take))?;
    Ok(plan.notices)
}

/// Reads rows that are in memory, slices of the batches in parallel.
pub(crate) fn read_frame<T: Send>(
    frame: &Frame,
    Job { file, source, wanted, books, progress }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<Vec<Notice>, Diagnostic> {
    let plan = Plan::of(file, source, books, wanted, &frame.schema)?;
    let slices: Vec<(usize, usize)> =
        frame.batches.iter().enumerate().flat_map(|(at, batch)| (0..batch.num_rows()).step_by(BATCH).map(move |row| (at, row))).collect();
    let n_rows = frame.batches.iter().map(RecordBatch::num_rows).sum();
    let read = |index: usize| -> Result<Vec<Part<T>>, Diagnostic> {
        progress.check_memory()?;
        let (at, row) = slices[index];
        let batch = &frame.batches[at];
        let columns = batch.project(&plan.roots).map_err(|error| not_readable(file, "Arrow", &error))?;
        progress.add(file.bytes / slices.len() as u64);
        let slice = columns.slice(row, BATCH.min(batch.num_rows() - row));
        Ok(vec![plan.convert(&slice, &mut KnownNames::default(), transform)])
    };
    in_order(slices.len(), |index| guard(|| read(index), &|error| not_readable(file, "Arrow", error)), number_lines(n_rows, take))?;
    Ok(plan.notices)
}

/// The columns of a Parquet file.
pub(crate) fn parquet_schema(file: &SourceFile) -> Result<Schema, Diagnostic> {
    let open = File::open(&file.path).map_err(|error| cannot_read(&file.path, &error))?;
    let damaged = |error: &dyn std::fmt::Display| not_readable(file, "Parquet", error);
    let load = || ArrowReaderMetadata::load(&open, ArrowReaderOptions::new()).map_err(|error| damaged(&error));
    guard(load, &damaged).map(|metadata| metadata.schema().as_ref().clone())
}

/// The columns of an Arrow IPC file.
pub(crate) fn arrow_schema(file: &SourceFile) -> Result<Schema, Diagnostic> {
    let open = open_arrow(file)?;
    let damaged = |error: &dyn std::fmt::Display| not_readable(file, "Arrow IPC", error);
    let load = || FileReader::try_new(std::io::BufReader::new(&open), None).map_err(|error| damaged(&error));
    guard(load, &damaged).map(|reader| reader.schema().as_ref().clone())
}

/// Some damage makes the decoders panic instead of returning an error: for the user it is the same thing, a damaged file.
fn guard<R>(
    decode: impl FnOnce() -> Result<R, Diagnostic>,
    damaged: &dyn Fn(&dyn std::fmt::Display) -> Diagnostic,
) -> Result<R, Diagnostic> {
    let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode));
    decoded.unwrap_or_else(|_| Err(damaged(&"its contents contradict each other")))
}

pub(crate) fn not_readable(file: &SourceFile, format: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    let problem = (format!("無法以 {format} 讀取（檔案損壞或不完整）：{error}"), format!("not readable as {format}: {error}"));
    Diagnostic::new("E0209", problem).in_file(&file.path).help((
        "請與來源比對檔案大小；若檔案完整，請改以 zstd、snappy 或不壓縮寫出",
        "compare the file's size with the source's; if it is whole, write it with zstd, snappy or no compression",
    ))
}

/// Hands on the parts with their own row numbers turned into the file's.
fn number_lines<T>(n_rows: usize, mut take: impl FnMut(Part<T>)) -> impl FnMut(Result<Vec<Part<T>>, Diagnostic>) -> Result<(), Diagnostic> {
    let mut first_row = 0;
    move |parts| {
        for mut part in parts? {
            part.rejects.iter_mut().for_each(|reject| reject.line += first_row);
            part.first_line = None;
            part.rows_expected = n_rows.saturating_sub(first_row as usize);
            first_row += u64::from(part.n_rows);
            take(part);
        }
        Ok(())
    }
}

/// Which source columns are read and what they become.
struct Plan<'a> {
    source: &'a Source,
    books: &'a NameBooks,
    columns: Vec<Column>,
    /// Positions in the file of the columns read, ascending: the projection.
    roots: Vec<usize>,
    /// For each canonical column, the position of its one or two source columns in the projected batch.
    positions: Vec<(usize, Option<usize>)>,
    notices: Vec<Notice>,
}

impl<'a> Plan<'a> {
    fn of(file: &SourceFile, source: &'a Source, books: &'a NameBooks, wanted: &[Column], schema: &Schema) -> Result<Self, Diagnostic> {
        let mut notices = Vec::new();
        for (column, from) in source.mapping.iter() {
            for name in from.source_names() {
                let refused = |problem: Notice| {
                    let found: Vec<String> = schema.fields().iter().take(40).map(|field| field.name().clone()).collect();
                    Diagnostic::new("E0206", problem).in_file(&file.path).help(columns_are(&found))
                };
                let named: Vec<_> = schema.fields().iter().filter(|field| field.name() == name).collect();
                let field = match named[..] {
                    [] => return Err(refused(no_column(name, column))),
                    [field] => field,
                    _ => return Err(refused(several_columns(named.len(), name, column))),
                };
                let format = from.time_form(source.zone).0;
                check_type(file, column, name, field.data_type(), format)?;
                notices.extend(
                    Some(column)
                        .filter(|column| column.kind() == ColumnKind::Time)
                        .and_then(|column| float_notice(file, column, field.data_type(), format)),
                );
            }
        }
        let columns = present(&source.mapping, wanted);
        let at = |name: &str| schema.index_of(name).unwrap_or_default();
        let read: Vec<Vec<usize>> = columns
            .iter()
            .filter_map(|column| source.mapping.get(*column))
            .map(|from| from.source_names().into_iter().map(at).collect())
            .collect();
        let mut roots: Vec<usize> = read.iter().flatten().copied().collect();
        roots.sort_unstable();
        roots.dedup();
        let projected = |root: usize| roots.binary_search(&root).unwrap_or_default();
        let positions = read.iter().map(|at| (projected(at[0]), at.get(1).copied().map(projected))).collect();
        Ok(Self { source, books, columns, roots, positions, notices })
    }

    /// True of a column of the file that is read, as names and nothing else.
    fn is_name(&self, root: usize) -> bool {
        let mut uses = self.columns.iter().zip(&self.positions).filter(|(_, at)| self.roots.get(at.0) == Some(&root)).peekable();
        uses.peek().is_some() && uses.all(|(column, at)| column.kind() == ColumnKind::Name && at.1.is_none())
    }

    /// A decoded batch as a canonical chunk.
    fn convert<T>(&self, batch: &RecordBatch, known: &mut KnownNames, transform: &(impl Fn(Chunk<'_>) -> T + Sync)) -> Part<T> {
        let inputs: Vec<Input> = self.columns.iter().zip(&self.positions).map(|(column, at)| self.input(batch, *column, *at)).collect();
        let mut rows = RowBuilder::new(&self.columns, self.source, self.books, batch.num_rows());
        if rows.append_columns(batch.num_rows(), |at, column| inputs[at].append_to(column, known.of_column(at))) {
            return rows.finish(transform);
        }
        let shown = |row: usize| {
            let cells =
                self.columns.iter().zip(&self.positions).map(|(column, at)| format!("{}={}", column.name(), written(batch, *at, row)));
            cells.collect::<Vec<_>>().join(", ")
        };
        for row in 0..batch.num_rows() {
            let place = RowPlace { line: row as u64 + 1, byte_offset: None, raw: &|| shown(row) };
            let fault = inputs.iter().enumerate().find_map(|(at, input)| Some((at, input.fault(row)?)));
            match fault {
                None => rows.push(|at| inputs[at].cell(row), &place),
                Some((at, fault)) => {
                    let text = written(batch, self.positions[at], row);
                    rows.reject(time_fault(self.columns[at], fault, Cell::Text(text.as_bytes())), &place);
                }
            }
        }
        rows.finish(transform)
    }

    fn input(&self, batch: &RecordBatch, column: Column, (first, second): (usize, Option<usize>)) -> Input {
        let array = batch.column(first);
        if let Some(second) = second {
            return Input::Pair(as_text(array), as_text(batch.column(second)));
        }
        match (column.kind(), array.data_type()) {
            (ColumnKind::Time, DataType::Timestamp(unit, zone)) => {
                let naive = zone.is_none();
                let (_, zone) =
                    self.source.mapping.get(column).map_or((TimeFormat::Iso, self.source.zone), |from| from.time_form(self.source.zone));
                Input::Instants(Instants::of_timestamps(array, *unit, naive.then_some(zone)))
            }
            (ColumnKind::Time, found) if found.is_integer() => {
                let format = self.source.mapping.get(column).map_or(TimeFormat::Iso, |from| from.time_form(self.source.zone).0);
                let unit = if let TimeFormat::Epoch(unit) = format { Some(unit) } else { None };
                let counted = unit.and_then(|unit| Instants::of_whole_numbers(array, unit));
                counted.map_or_else(|| Input::Text(as_text(array)), Input::Instants)
            }
            (ColumnKind::Time, found) if found.is_floating() => Input::Text(as_decimals(array)),
            (ColumnKind::Name, packed) if *packed == packed_text() => Input::Packed(array.as_dictionary::<Int32Type>().clone()),
            _ => Input::Text(as_text(array)),
        }
    }
}

/// The shortest decimal of each number that reads back to it: what was written before it became binary, where that had so many digits.
fn as_decimals(array: &ArrayRef) -> StringArray {
    let numbers = cast(array, &DataType::Float64).expect("a float casts to a wider one");
    numbers.as_primitive::<Float64Type>().iter().map(|number| number.map(|number| number.to_string())).collect()
}

/// What a reader should know of a time that is a floating-point number; nothing where it is none.
pub(crate) fn float_notice(file: &SourceFile, column: Column, found: &DataType, format: TimeFormat) -> Option<Notice> {
    let TimeFormat::Epoch(unit) = format else { return None };
    // The step between neighbouring numbers in the year 2026, 1.77e18 nanoseconds after the epoch.
    let count = 1.77e18 / unit as f64;
    let step = match found {
        DataType::Float64 => f64::from_bits(count.to_bits() + 1) - count,
        DataType::Float32 => f64::from(f32::from_bits((count as f32).to_bits() + 1) - count as f32),
        _ => return None,
    };
    let (step, name) = (Latency((step * unit as f64) as i64), column.name());
    Some(Notice {
        zh: format!("{} 的 `{name}` 是浮點數，在 2026 年前後最細只到 {step}：更細的差別不可採信", file.name),
        en: format!(
            "{}: `{name}` is a floating-point number, which is no finer than {step} around 2026: do not believe smaller differences",
            file.name
        ),
    })
}

fn check_type(file: &SourceFile, column: Column, name: &str, found: &DataType, format: TimeFormat) -> Result<(), Diagnostic> {
    // Whoever infers types calls a column without a single value null: every cell of it is empty.
    let whole = found;
    // A dictionary is what its values are; instants are read by the number alone.
    let found = match found {
        DataType::Dictionary(_, values) => values.as_ref(),
        plain => plain,
    };
    let text = matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    // A float prints as 1001.0 and would match nothing: only a quantity or a price may be one.
    let fractional = matches!(found, DataType::Decimal128(..) | DataType::Float32 | DataType::Float64);
    let number = found.is_integer() || *found == DataType::Boolean || fractional && matches!(column, Column::Quantity | Column::Price);
    let fits = match column.kind() {
        ColumnKind::Time => {
            let number = found.is_integer() || whole.is_floating();
            text || matches!(whole, DataType::Timestamp(..)) || number && matches!(format, TimeFormat::Epoch(_))
        }
        ColumnKind::Id | ColumnKind::Name => text || number || matches!(found, DataType::Date32),
    };
    if fits {
        return Ok(());
    }
    let column_name = column.name();
    let problem = (
        format!("欄位 \"{name}\" 的型別是 {whole}，不能作為 `{column_name}`"),
        format!("column \"{name}\" is of type {whole}, which cannot be `{column_name}`"),
    );
    let help = match column.kind() {
        ColumnKind::Time => (
            "若是自 1970 年起算的數字，請寫明單位：{ column = \"...\", format = \"epoch_ns\" }",
            "for a number since the epoch say which: { column = \"...\", format = \"epoch_ns\" }",
        ),
        _ => ("請給文字或整數", "give text or whole numbers"),
    };
    Err(Diagnostic::new("E0210", problem).in_file(&file.path).help(help))
}

fn as_text(array: &ArrayRef) -> StringArray {
    let text = cast(array, &DataType::Utf8).expect("check_type admits only types that cast to text");
    text.as_string::<i32>().clone()
}

/// One canonical column's source cells.
enum Input {
    Text(StringArray),
    /// Each distinct text once, and which of them a row has.
    Packed(DictionaryArray<Int32Type>),
    Pair(StringArray, StringArray),
    Instants(Instants),
}

impl Input {
    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Text(array) => text_cell(array, row).map_or(Cell::Absent, Cell::Text),
            Self::Packed(array) => {
                array.key(row).and_then(|key| text_cell(array.values().as_string(), key)).map_or(Cell::Absent, Cell::Text)
            }
            Self::Pair(date, time) => Cell::Pair(text_cell(date, row).unwrap_or_default(), text_cell(time, row).unwrap_or_default()),
            Self::Instants(instants) => instants.cell(row),
        }
    }

    /// Appends every row at once, where none of them needs a closer look.
    fn append_to(&self, mut column: GrowingColumn<'_>, known: &mut KnownColumn) -> bool {
        match self {
            Self::Text(array) => {
                let fields = array.offsets().windows(2).map(|ends| (ends[0] as usize, ends[1] as usize));
                match array.nulls().filter(|nulls| nulls.null_count() > 0) {
                    None => column.append_texts(array.value_data(), fields),
                    // Whatever lies under a null is nothing.
                    Some(nulls) => {
                        let fields = fields.zip(nulls).map(|(field, is_present)| if is_present { field } else { (0, 0) });
                        column.append_texts(array.value_data(), fields)
                    }
                }
            }
            Self::Packed(array) if array.null_count() == 0 && array.values().null_count() == 0 => {
                let texts = array.values().as_string::<i32>();
                let ends = texts.offsets();
                let field = |key: usize| (ends[key] as usize, ends[key + 1] as usize);
                column.append_packed(texts.value_data(), field, array.keys().values(), known.codes_of(texts))
            }
            Self::Instants(instants) => instants.all().is_some_and(|(values, present)| column.append_instants(values, present)),
            Self::Packed(_) | Self::Pair(..) => false,
        }
    }

    fn fault(&self, row: usize) -> Option<TimeFault> {
        if let Self::Instants(instants) = self { instants.fault(row) } else { None }
    }
}

/// What the file holds in a row of one or two of its columns, as text: an instant with its decimals and, where it is one of a zone, a Z.
fn written(batch: &RecordBatch, (first, second): (usize, Option<usize>), row: usize) -> String {
    let of = |at: usize| {
        let value = batch.column(at).slice(row, 1);
        if value.is_null(0) {
            return String::new();
        }
        let (value, zone) = match value.data_type() {
            DataType::Timestamp(unit, Some(_)) => (cast(&value, &DataType::Timestamp(*unit, None)).unwrap_or(value), "Z"),
            _ => (value, ""),
        };
        let text = cast(&value, &DataType::Utf8).ok().filter(|text| text.is_valid(0));
        // Instants that no calendar has a date for.
        let text = text.or_else(|| cast(&cast(&value, &DataType::Int64).ok()?, &DataType::Utf8).ok());
        text.map_or_else(String::new, |text| format!("{}{zone}", text.as_string::<i32>().value(0)))
    };
    second.map_or_else(|| of(first), |second| format!("{} {}", of(first), of(second)))
}

fn text_cell(array: &StringArray, row: usize) -> Option<&[u8]> {
    array.is_valid(row).then(|| array.value(row).as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray};

    use super::*;
    use crate::ingest::{ColumnSource, FormatOptions, Mapping, TextOptions, read};
    use crate::record::Zone;

    #[test]
    fn a_refused_row_is_shown_as_the_file_has_it() {
        // 2026-03-08 02:30 does not exist in New York; the last is beyond any calendar.
        let sent: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![Some(1_772_937_000_000_000), None, Some(i64::MAX)]));
        let decided: ArrayRef = Arc::new(Int64Array::from(vec![1_773_050_400_000, 1_773_050_400_001, 5]));
        let acknowledged: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![7, 8, 9]).with_timezone("Asia/Taipei"));
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["A1", "A2", "A3"]));
        let columns = [("sent", sent), ("decided", decided), ("ack", acknowledged), ("id", ids)];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let frame = Frame { schema: batch.schema(), batches: Arc::new(vec![batch]) };
        let mut mapping = Mapping::default();
        let named = |name: &str| ColumnSource::Named(name.to_owned());
        mapping.insert(Column::SentAt, named("sent"));
        mapping.insert(Column::AcknowledgedAt, named("ack"));
        mapping.insert(Column::ReceiptId, named("id"));
        let millis = ColumnSource::Time { column: "decided".to_owned(), time: None, format: TimeFormat::Epoch(1_000_000), zone: None };
        mapping.insert(Column::DecidedAt, millis);
        let source = Source {
            files: vec![SourceFile::of_frame("orders", frame)],
            mapping,
            zone: Zone::named("America/New_York").expect("known"),
            text: TextOptions::default(),
            options: FormatOptions::default(),
        };
        let wanted = [Column::SentAt, Column::DecidedAt, Column::AcknowledgedAt, Column::ReceiptId];
        let intake = read(&source, &wanted, &NameBooks::default(), &Default::default(), |_| (), |_, ()| ()).expect("rows");
        let found: Vec<(&str, &str)> = intake.rejects.first_ones().iter().map(|reject| (reject.code.name(), reject.raw.as_str())).collect();
        let ack = |nanos: u8| format!("acknowledged_at=1970-01-01T00:00:00.00000000{nanos}Z");
        let expected = [
            ("ambiguous_time", format!("sent_at=2026-03-08T02:30:00, decided_at=1773050400000, {}, receipt_id=A1", ack(7))),
            ("missing_time", format!("sent_at=, decided_at=1773050400001, {}, receipt_id=A2", ack(8))),
            ("bad_time", format!("sent_at=9223372036854775807, decided_at=5, {}, receipt_id=A3", ack(9))),
        ];
        assert_eq!(found, expected.each_ref().map(|(code, raw)| (*code, raw.as_str())));
    }
}
