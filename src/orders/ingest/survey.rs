//! What a file holds before anybody has said which of its columns is which.
//!
//! [`survey`] names the columns; [`read_columns`] reads any of them through the same readers as a study: every source column is lent
//! a canonical column of a fitting type. So what is looked at here is, to the byte, what a study would read.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};

use crate::ingest::text::settle;
use crate::ingest::{
    ColumnSource, Direction, EncodingChoice, Format, FormatOptions, Intake, Mapping, Packing, Source, SourceFile, TextOptions, columnar,
    csv, fix, fixed, json, read,
};
use crate::record::{Chunk, Column, Diagnostic, NO_TIME, NameBooks, Progress, Zone};

/// A file's columns and how they are written.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The encoding, by its name in study.toml; `binary` for Parquet and Arrow.
    pub encoding: String,
    /// How records are written, for example `comma`; empty for Parquet and Arrow.
    pub dialect: String,
    /// The columns, in the order of the file.
    pub columns: Vec<SourceColumn>,
    /// Which of the file's records are the rows, where it holds several kinds.
    pub options: FormatOptions,
    /// What those records are, where their kind says so.
    pub records: Option<Records>,
}

/// What records of a log are, by the way they went or by their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// What clients handed in.
    Received,
    /// What was sent on.
    Sent,
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
    Text(Vec<String>),
    /// Nanoseconds since the epoch; a stamp without a zone is read as if it were UTC.
    Instants(Vec<Option<i64>>),
}

/// Tells the format of a text file that its first bytes leave open: FIX logs, the exchange's order files, broker text and CAT records by
/// what they alone have.
///
/// # Errors
/// When the file cannot be read.
pub fn recognize(file: SourceFile) -> Result<SourceFile, Diagnostic> {
    let told = match file.format {
        Format::Csv if fix::is_log(&file)? => Format::Fix,
        Format::Csv if fixed::recognize(&file)?.is_some() => Format::Fixed,
        Format::Csv => match csv::sniff(&file) {
            Ok(found) if found.delimiter == "bar" && found.names.iter().any(|name| name == "ReqSNO") => Format::Oms,
            Ok(found) if found.names.iter().any(|name| name == CAT_ACTION) => Format::Cat,
            // What is wrong with it is said when it is surveyed.
            _ => Format::Csv,
        },
        Format::Jsonl if json::keys(&file)?.iter().any(|(name, _)| name == CAT_ACTION) => Format::Cat,
        told => told,
    };
    Ok(SourceFile { format: told, ..file })
}

/// The field that every CAT record has.
const CAT_ACTION: &str = "actionType";

/// Names the columns of a file; a log of several kinds of records is surveyed once for each kind.
///
/// # Errors
/// When the file cannot be opened, or has no header.
pub fn survey(file: &SourceFile) -> Result<Vec<Survey>, Diagnostic> {
    let whole = match file.format {
        Format::Parquet => typed(&columnar::parquet_schema(file)?),
        Format::Arrow => typed(&columnar::arrow_schema(file)?),
        Format::Csv | Format::Oms => separated(file)?,
        Format::Jsonl => objects(file)?,
        Format::Cat => return cat(file),
        Format::Fix => return log(file),
        Format::Fixed => records(file)?,
    };
    Ok(vec![whole])
}

/// The exchange's records, whose fields are known.
fn records(file: &SourceFile) -> Result<Survey, Diagnostic> {
    let Some(layout) = fixed::recognize(file)? else {
        let problem = ("定長紀錄沒有欄名：需要寫明版面", "fixed-width records name no columns: their layout has to be written");
        return Err(Diagnostic::new("E0503", problem).in_file(&file.path).help((
            "請在 study.toml 寫 format = \"fixed:版面\" 與各欄；見 docs/formats.md",
            "write format = \"fixed:LAYOUT\" and the columns in study.toml; see docs/formats.md",
        )));
    };
    let columns = layout.fields.iter().map(|field| SourceColumn { name: field.name.clone(), data_type: None }).collect();
    let (encoding, dialect) = (settle(file, EncodingChoice::Auto)?.encoding.name().to_owned(), format!("{}{}", layout.name, packed(file)));
    let options = FormatOptions { layout: Some(Arc::new(layout)), ..FormatOptions::default() };
    Ok(Survey { encoding, dialect, columns, options, records: None })
}

fn separated(file: &SourceFile) -> Result<Survey, Diagnostic> {
    let found = csv::sniff(file)?;
    let columns = found.names.into_iter().map(|name| SourceColumn { name, data_type: None }).collect();
    let behind = if found.n_before == 0 { String::new() } else { format!(", header on line {}", found.n_before + 1) };
    let dialect = format!("{}{behind}{}", found.delimiter, packed(file));
    Ok(Survey { encoding: found.encoding.to_owned(), dialect, columns, options: FormatOptions::default(), records: None })
}

fn packed(file: &SourceFile) -> String {
    if file.packing == Packing::None { String::new() } else { format!(", {}", file.packing.name()) }
}

fn objects(file: &SourceFile) -> Result<Survey, Diagnostic> {
    // A number may have a fraction further on: it travels where fractions may.
    let column = |(name, is_number): (String, bool)| SourceColumn { name, data_type: is_number.then_some(DataType::Float64) };
    let columns = json::keys(file)?.into_iter().map(column).collect();
    let dialect = format!("objects{}", packed(file));
    Ok(Survey { encoding: "utf-8".to_owned(), dialect, columns, options: FormatOptions::default(), records: None })
}

/// Once for routes to the exchange, once for orders that came in, as far as there are such records.
fn cat(file: &SourceFile) -> Result<Vec<Survey>, Diagnostic> {
    let whole = if json::is_object(file)? { objects(file)? } else { separated(file)? };
    let kinds = [(Records::Sent, &["MEOR"][..]), (Records::Received, &["MENO", "MEOA"])];
    let mut surveys = Vec::new();
    for (records, kinds) in kinds {
        let options = FormatOptions { messages: Some(kinds.iter().map(|kind| (*kind).to_owned()).collect()), ..FormatOptions::default() };
        let survey = Survey { options, records: Some(records), ..whole.clone() };
        let (_, intake) = read_columns(std::slice::from_ref(file), &survey, &[], &Progress::default(), |_, _| ())?;
        if intake.n_rows() > 0 {
            surveys.push(survey);
        }
    }
    Ok(surveys)
}

/// Once for the orders that came in and once for those that went out; once for all where the log does not say which did.
fn log(file: &SourceFile) -> Result<Vec<Survey>, Diagnostic> {
    let found = fix::contents(file)?;
    let prefix = found.has_stamps.then(|| ("prefix".to_owned(), Some(DataType::Timestamp(TimeUnit::Nanosecond, None))));
    let tags = found.tags.iter().map(|tag| (tag.to_string(), None));
    let columns: Vec<SourceColumn> = prefix.into_iter().chain(tags).map(|(name, data_type)| SourceColumn { name, data_type }).collect();
    let view = |direction: Option<Direction>, records: Option<Records>| Survey {
        encoding: "utf-8".to_owned(),
        dialect: format!("{}{}", direction.map_or("messages", Direction::name), packed(file)),
        columns: columns.clone(),
        options: FormatOptions { direction, ..FormatOptions::default() },
        records,
    };
    let mut views = Vec::new();
    if found.n_out > 0 {
        views.push(view(Some(Direction::Out), Some(Records::Sent)));
    }
    if found.n_in > 0 {
        views.push(view(Some(Direction::In), Some(Records::Received)));
    }
    if views.is_empty() {
        views.push(view(None, None));
    }
    Ok(views)
}

fn typed(schema: &arrow::datatypes::Schema) -> Survey {
    let column = |field: &std::sync::Arc<arrow::datatypes::Field>| SourceColumn {
        name: field.name().clone(),
        data_type: Some(field.data_type().clone()),
    };
    Survey {
        encoding: "binary".to_owned(),
        dialect: String::new(),
        columns: schema.fields().iter().map(column).collect(),
        options: FormatOptions::default(),
        records: None,
    }
}

/// Canonical columns that carry text: identifiers, since all names of a file are held while it is read.
const TEXT: [Column; 3] = [Column::OrderId, Column::ReceiptId, Column::Serial];
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
        pass.iter().for_each(|(carrier, at)| mapping.insert(*carrier, lent(files, &survey.columns[*at])));
        let (text, options) = (TextOptions::default(), survey.options.clone());
        let source = Source { files: files.to_vec(), mapping, zone: Zone::UTC, options, text };
        let wanted: Vec<Column> = pass.iter().map(|(carrier, _)| *carrier).collect();
        let transform = |chunk: Chunk<'_>| pass.iter().map(|(carrier, at)| consume(*at, &values(&chunk, *carrier))).collect::<Vec<T>>();
        let rows = read(&source, &wanted, &NameBooks::default(), progress, transform, |_, found| collected.push(found))?;
        intake.get_or_insert(rows);
    }
    Ok((collected, intake.unwrap_or_default()))
}

/// Where a column is read from. The time before a FIX message may not say its zone: it is read as it stands.
fn lent(files: &[SourceFile], column: &SourceColumn) -> ColumnSource {
    let name = column.name.clone();
    match (&column.data_type, files.first().map(|file| file.format)) {
        (Some(DataType::Timestamp(..)), Some(Format::Fix)) => {
            ColumnSource::Time { column: name, time: None, format: Default::default(), zone: Some(Zone::UTC) }
        }
        _ => ColumnSource::Named(name),
    }
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

fn values(chunk: &Chunk<'_>, carrier: Column) -> Values {
    match (chunk.ids(carrier), chunk.times(carrier)) {
        (Some(ids), _) => Values::Text((0..chunk.n_rows).map(|row| ids.text(row)).collect()),
        (_, Some(times)) => Values::Instants(times.iter().map(|nanos| (*nanos != NO_TIME).then_some(*nanos)).collect()),
        _ => Values::Text((0..chunk.n_rows).map(|row| chunk.name(carrier, row).to_owned()).collect()),
    }
}
