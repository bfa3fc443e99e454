//! What a file holds before anybody has said which of its columns is which.
//!
//! [`survey`] names the columns; [`read_columns`] reads any of them through the same readers as a study: every source column is lent
//! a canonical column of a fitting type. So what is looked at here is, to the byte, what a study would read.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimestampNanosecondType, UInt32Type};

use crate::ingest::{ColumnSource, Format, Intake, Mapping, Packing, Source, SourceFile, TextOptions, columnar, csv, read};
use crate::record::{Column, Diagnostic, Progress, Zone};

/// A file's columns and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The encoding, by its name in study.toml; `binary` for Parquet and Arrow.
    pub encoding: String,
    /// How records are written, for example `comma`; empty for Parquet and Arrow.
    pub dialect: String,
    /// The columns, in the order of the file.
    pub columns: Vec<SourceColumn>,
}

/// A column of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name in the header.
    pub name: String,
    /// Its Arrow type; `None` where every value is text.
    pub data_type: Option<DataType>,
}

/// The values of one column in a chunk.
#[derive(Clone, Debug)]
pub enum Values {
    /// Trimmed text; empty where there is nothing.
    Text(StringArray),
    /// Nanoseconds since the epoch; a stamp without a zone is read as if it were UTC.
    Instants(Vec<Option<i64>>),
}

/// Names the columns of a file.
///
/// # Errors
/// When the file cannot be opened, or has no header.
pub fn survey(file: &SourceFile) -> Result<Survey, Diagnostic> {
    match file.format {
        Format::Csv => {
            let found = csv::sniff(file)?;
            let columns = found.names.into_iter().map(|name| SourceColumn { name, data_type: None }).collect();
            let behind = if found.n_before == 0 { String::new() } else { format!(", header on line {}", found.n_before + 1) };
            let packing = if file.packing == Packing::None { String::new() } else { format!(", {}", file.packing.name()) };
            Ok(Survey { encoding: found.encoding.to_owned(), dialect: format!("{}{behind}{packing}", found.delimiter), columns })
        }
        Format::Parquet => Ok(typed(&columnar::parquet_schema(file)?)),
        Format::Arrow => Ok(typed(&columnar::arrow_schema(file)?)),
    }
}

fn typed(schema: &arrow::datatypes::Schema) -> Survey {
    let column = |field: &std::sync::Arc<arrow::datatypes::Field>| SourceColumn {
        name: field.name().clone(),
        data_type: Some(field.data_type().clone()),
    };
    Survey { encoding: "binary".to_owned(), dialect: String::new(), columns: schema.fields().iter().map(column).collect() }
}

/// Canonical columns that carry text.
const TEXT: [Column; 17] = [
    Column::OrderId,
    Column::ReceiptId,
    Column::Serial,
    Column::Account,
    Column::Group,
    Column::Client,
    Column::Symbol,
    Column::Side,
    Column::Kind,
    Column::Channel,
    Column::Gateway,
    Column::Shard,
    Column::AccessClass,
    Column::Host,
    Column::Algo,
    Column::From,
    Column::To,
];
/// Canonical columns that carry fractions.
const FRACTIONS: [Column; 2] = [Column::Price, Column::Quantity];
/// Canonical columns that carry instants and may be empty.
const INSTANTS: [Column; 3] = [Column::DecidedAt, Column::AcknowledgedAt, Column::RecordedAt];

/// The canonical columns that can carry a column of this type; none where no study reads the type.
fn carriers(data_type: Option<&DataType>) -> &'static [Column] {
    match data_type {
        Some(DataType::Timestamp(..)) => &INSTANTS,
        Some(DataType::Float32 | DataType::Float64 | DataType::Decimal128(..)) => &FRACTIONS,
        Some(
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) | DataType::Boolean | DataType::Date32,
        )
        | None => &TEXT,
        Some(integer) if integer.is_integer() => &TEXT,
        Some(_) => &[],
    }
}

/// True where [`read_columns`] can read the column.
#[must_use]
pub fn is_readable(column: &SourceColumn) -> bool {
    !carriers(column.data_type.as_ref()).is_empty()
}

/// Reads `columns` (positions in `survey`, each readable and of a name that is there once) of every file, in as many passes as it takes.
/// `consume` is given a position and the column's values, chunk by chunk, on whatever thread parsed it; what it returns comes back by
/// pass and in file and row order.
///
/// # Errors
/// As [`read`].
pub fn read_columns<T: Send>(
    files: &[SourceFile],
    survey: &Survey,
    columns: &[usize],
    progress: &Progress,
    consume: impl Fn(usize, &Values) -> T + Sync,
) -> Result<(Vec<Vec<T>>, Intake), Diagnostic> {
    let (mut collected, mut intake) = (Vec::new(), None);
    for pass in passes(survey, columns) {
        let mut mapping = Mapping::default();
        pass.iter().for_each(|(carrier, at)| mapping.insert(*carrier, ColumnSource::Named(survey.columns[*at].name.clone())));
        let source = Source { files: files.to_vec(), mapping, zone: Zone::UTC, text: TextOptions::default() };
        let wanted: Vec<Column> = pass.iter().map(|(carrier, _)| *carrier).collect();
        let (chunks, rows) = read(&source, &wanted, progress, |chunk| {
            pass.iter().zip(chunk.batch.columns()).map(|((_, at), array)| consume(*at, &values(array))).collect::<Vec<T>>()
        })?;
        collected.extend(chunks.into_iter().map(|(_, found)| found));
        intake.get_or_insert(rows);
    }
    Ok((collected, intake.unwrap_or_default()))
}

/// Which column travels in which carrier, pass by pass; one empty pass where there is no column, so that rows are counted all the same.
fn passes(survey: &Survey, columns: &[usize]) -> Vec<Vec<(Column, usize)>> {
    let mut passes: Vec<Vec<(Column, usize)>> = vec![Vec::new()];
    for at in columns {
        let fitting = carriers(survey.columns[*at].data_type.as_ref());
        let free = |pass: &Vec<(Column, usize)>| fitting.iter().copied().find(|carrier| pass.iter().all(|(taken, _)| taken != carrier));
        let found = passes.iter().enumerate().find_map(|(index, pass)| free(pass).map(|carrier| (index, carrier)));
        match (found, fitting.first()) {
            (Some((index, carrier)), _) => passes[index].push((carrier, *at)),
            (None, Some(carrier)) => passes.push(vec![(*carrier, *at)]),
            (None, None) => (),
        }
    }
    passes
}

fn values(array: &ArrayRef) -> Values {
    match array.data_type() {
        DataType::Timestamp(..) => Values::Instants(array.as_primitive::<TimestampNanosecondType>().iter().collect()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary::<UInt32Type>();
            let names = dictionary.values().as_string::<i32>();
            Values::Text(dictionary.keys().iter().map(|key| Some(key.map_or("", |key| names.value(key as usize)))).collect())
        }
        _ => Values::Text(cast(array, &DataType::Utf8).expect("identifiers are text").as_string::<i32>().clone()),
    }
}
