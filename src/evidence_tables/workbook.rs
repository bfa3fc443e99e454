//! A sheet of an Excel workbook as records: typed cells become the texts that the table reader reads.
//!
//! What a workbook cannot have kept (an account's leading zeros, the digits of a long number, the outcome of a formula that nobody
//! computed) is put back where its format tells it, and refused otherwise. Cells are held as they come: a stray cell in the last row of a
//! sheet costs one cell.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Cell as SheetCell, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use crate::evidence_tables::split::SplitRecord;
use crate::evidence_tables::{Kind, TableSpec};
use crate::ingest::SourceFile;
use crate::record::{Diagnostic, TradeDate};
use crate::rules::Sentence;

/// Excel keeps fifteen significant digits: from here on a number need not be the one that was typed.
const LONGEST_NUMBER: f64 = 1e15;
/// Days of a workbook's calendar that are taken for a date where the cell itself is a plain number: 1970 to 2099.
const PLAIN_DATES: std::ops::RangeInclusive<f64> = 25_569.0..=73_050.0;

/// What a cell holds.
#[derive(Clone, Debug)]
enum Held {
    Text(String),
    /// And how many digits its format shows at least.
    Number(f64, usize),
    Moment(ExcelDateTime),
    Flag(bool),
    /// Nothing that can be read, and why.
    Bad(String),
}

/// A sheet with a header.
pub(crate) struct Sheet {
    name: String,
    /// The first row that holds anything.
    pub(crate) header: SplitRecord,
    rows: BTreeMap<u32, Vec<(u32, Held)>>,
    /// Field to column of the sheet.
    columns: Vec<u32>,
    is_1904: bool,
    merged: Vec<u32>,
}

/// A record of a sheet; or field and reason where a cell cannot be read.
pub(crate) struct SheetRecord {
    pub(crate) record: SplitRecord,
    pub(crate) fault: Option<(usize, String)>,
    /// A cell stands beyond the header.
    pub(crate) beyond: bool,
}

type Book = Xlsx<Cursor<Vec<u8>>>;

/// The sheet of a table: the one of its name, or the only one that holds anything. `None` where no sheet holds anything.
///
/// # Errors
/// When the file is no workbook, or several sheets could be meant.
pub(crate) fn sheet_of(spec: &TableSpec, file: &SourceFile) -> Result<Option<Sheet>, Diagnostic> {
    let bytes = std::fs::read(&file.path).map_err(|error| crate::ingest::cannot_read(&file.path, &error))?;
    let damaged = |error: XlsxError| {
        let problem = Diagnostic::new("E0242", format!("cannot read the workbook: {error}")).in_file(&file.path);
        problem.help("save it again as .xlsx without a password, or as CSV in UTF-8")
    };
    let mut book: Book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    let own = names.iter().find(|name| name.trim().eq_ignore_ascii_case(spec.name)).cloned();
    if let Some(name) = own {
        return read_sheet(&mut book, name).map_err(damaged);
    }
    let mut filled: Vec<Sheet> = Vec::new();
    for name in names {
        filled.extend(read_sheet(&mut book, name).map_err(damaged)?);
    }
    if filled.len() > 1 {
        let list = filled.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join(", ");
        let problem = format!("no sheet of the workbook is called `{}`, and several hold something: {list}", spec.name);
        return Err(Diagnostic::new("E0243", problem).in_file(&file.path).help(format!("name the sheet `{}`", spec.name)));
    }
    Ok(filled.pop())
}

fn read_sheet(book: &mut Book, name: String) -> Result<Option<Sheet>, XlsxError> {
    let is_1904 = book.has_1904_epoch();
    let mut rows = match cells(book, &name) {
        // A sheet of charts holds no table.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        found => found?,
    };
    let merged = book.merge_cells_by_sheet_name(&name)?;
    let Some((header_row, cells)) = rows.pop_first() else { return Ok(None) };
    let last = cells.last().map_or(0, |(column, _)| *column);
    let text = |column: u32| cells.iter().find(|(at, _)| *at == column).map_or_else(String::new, |(_, held)| plain(held, is_1904));
    // Sheets need not start in their first column.
    let columns: Vec<u32> = (cells.first().map_or(0, |(column, _)| *column)..=last).collect();
    let fields: Vec<String> = columns.iter().map(|column| text(*column)).collect();
    let header = SplitRecord { line: u64::from(header_row) + 1, raw: fields.join("\t"), fields };
    let spans = |region: &&calamine::Dimensions| region.end.0 > region.start.0 && region.end.0 > header_row;
    let merged = merged.iter().filter(spans).map(|region| region.start.0.max(header_row + 1)).collect();
    Ok(Some(Sheet { name, header, rows, columns, is_1904, merged }))
}

/// Every cell that holds something, by row, ascending by column.
fn cells(book: &mut Book, name: &str) -> Result<BTreeMap<u32, Vec<(u32, Held)>>, XlsxError> {
    let mut rows: BTreeMap<u32, Vec<(u32, Held)>> = BTreeMap::new();
    let mut reader = book.worksheet_cells_reader(name)?;
    let digits = |style: &calamine::Style| style.number_format.as_ref().map_or(0, |format| shown_digits(&format.format_code));
    let zeros: Vec<usize> = reader.styles().iter().map(digits).collect();
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        if let Some(held) = held(&cell, zeros.get(style).copied().unwrap_or(0)) {
            rows.entry(cell.get_position().0).or_default().push((cell.get_position().1, held));
        }
    }
    drop(reader);
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            let problem = "a formula that was never computed: open the workbook and save it again".to_owned();
            rows.entry(cell.pos.0).or_default().push((cell.pos.1, Held::Bad(problem)));
        }
    }
    rows.values_mut().for_each(|cells| cells.sort_by_key(|(column, _)| *column));
    Ok(rows)
}

fn held(cell: &SheetCell<DataRef<'_>>, zeros: usize) -> Option<Held> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Held::Text(text.trim().to_owned()));
    match cell.get_value() {
        DataRef::Empty => None,
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Int(value) => Some(Held::Number(*value as f64, zeros)),
        DataRef::Float(value) => Some(Held::Number(*value, zeros)),
        DataRef::Bool(value) => Some(Held::Flag(*value)),
        DataRef::DateTime(value) => Some(Held::Moment(*value)),
        DataRef::Error(error) => Some(Held::Bad(format!("the cell holds an error: {error}"))),
    }
}

/// Least number of digits that a format shows: seven for `0000000`; 0 for a format of another make.
fn shown_digits(format: &str) -> usize {
    let plain = format.split(';').next().unwrap_or_default();
    if plain.bytes().all(|byte| byte == b'0') { plain.len() } else { 0 }
}

impl Sheet {
    /// Records below the header, for the columns as the table understands them: by field, what it holds.
    pub(crate) fn records<'a>(&'a self, kinds: &'a [Option<Kind>]) -> impl Iterator<Item = SheetRecord> + 'a {
        self.rows.iter().map(move |(row, cells)| {
            let mut fields = vec![String::new(); self.columns.len()];
            let (mut fault, mut beyond) = (None, false);
            for (column, held) in cells {
                let Ok(field) = self.columns.binary_search(column) else {
                    beyond = true;
                    continue;
                };
                match written(held, kinds.get(field).copied().flatten(), self.is_1904) {
                    Ok(text) => fields[field] = text,
                    Err(problem) => drop(fault.get_or_insert((field, problem))),
                }
            }
            let raw = cells.iter().map(|(_, held)| plain(held, self.is_1904)).collect::<Vec<_>>().join("\t");
            SheetRecord { record: SplitRecord { line: u64::from(*row) + 1, fields, raw }, fault, beyond }
        })
    }

    /// What the sheet leaves unclear: cells merged over rows, of which only the first has the value.
    pub(crate) fn doubt(&self, file: &SourceFile) -> Option<Sentence> {
        let (first, n, file) = (self.merged.first()? + 1, self.merged.len(), &file.name);
        Some(Sentence::new(
            format!("{file} 有 {n} 處跨列合併儲存格（如第 {first} 行）；僅首列有值"),
            format!("{file} has {n} cells merged over rows (such as line {first}); only the first row of each has the value"),
        ))
    }
}

/// A cell as it would stand in a text file, where nothing is known of its column.
fn plain(held: &Held, is_1904: bool) -> String {
    written(held, None, is_1904).unwrap_or_else(|problem| format!("<{problem}>"))
}

/// A cell as the text that a column of `kind` reads.
fn written(held: &Held, kind: Option<Kind>, is_1904: bool) -> Result<String, String> {
    let dated = matches!(kind, Some(Kind::Date | Kind::Time));
    match held {
        Held::Text(text) => Ok(text.clone()),
        Held::Flag(flag) => Ok(if *flag { "yes" } else { "no" }.to_owned()),
        Held::Moment(moment) => instant(*moment, kind),
        Held::Number(value, _) if dated && !is_written_date(*value) && PLAIN_DATES.contains(value) => {
            instant(ExcelDateTime::new(*value, calamine::ExcelDateTimeType::DateTime, is_1904), kind)
        }
        Held::Number(value, _) if !matches!(kind, Some(Kind::Number)) && value.abs() >= LONGEST_NUMBER => {
            Err("a number of more than fifteen digits, which a workbook rounds: give the column the format Text".to_owned())
        }
        Held::Number(value, zeros) if value.fract() == 0.0 && *value >= 0.0 => Ok(format!("{:0width$}", value, width = *zeros)),
        Held::Number(value, _) => Ok(value.to_string()),
        Held::Bad(problem) => Err(problem.clone()),
    }
}

/// A number whose digits are a date: 20260105, or 1150105 with the year of the Republic.
fn is_written_date(value: f64) -> bool {
    let digits = value as i64;
    let (year, month, day) = (digits / 10_000, (digits / 100 % 100) as u32, (digits % 100) as u32);
    let year = if year < 1_000 { year + 1_911 } else { year };
    value.fract() == 0.0 && (1_950..2_100).contains(&year) && TradeDate::from_ymd(year as i32, month, day).is_some()
}

fn instant(moment: ExcelDateTime, kind: Option<Kind>) -> Result<String, String> {
    if moment.is_duration() {
        return Err("a duration, where a date was expected: give the column a format of dates".to_owned());
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        // Less than one day from the start of the calendar: a time of day alone.
        _ if moment.as_f64() < 1.0 => Err("a time of day without a date".to_owned()),
        (0, 0, 0, 0) if !matches!(kind, Some(Kind::Time)) => Ok(date),
        (hour, minute, second, 0) => Ok(format!("{date} {hour:02}:{minute:02}:{second:02}")),
        (hour, minute, second, milli) => Ok(format!("{date} {hour:02}:{minute:02}:{second:02}.{milli:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn a_cell_becomes_the_text_its_column_reads() {
        let moment = |value| Held::Moment(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        // 46027 is 2026-01-05, as a spreadsheet shows it.
        for (held, kind, text) in [
            (moment(46_027.0), Kind::Date, Ok("2026-01-05")),
            (moment(46_027.0), Kind::Time, Ok("2026-01-05 00:00:00")),
            (moment(46_027.354_166_666_7), Kind::Time, Ok("2026-01-05 08:30:00")),
            (moment(0.354_166_7), Kind::Time, Err("without a date")),
            (Held::Number(46_027.0, 0), Kind::Date, Ok("2026-01-05")),
            (Held::Number(20_260_105.0, 0), Kind::Date, Ok("20260105")),
            (Held::Number(1_150_105.0, 0), Kind::Date, Ok("1150105")),
            (Held::Number(46_027.0, 0), Kind::Text, Ok("46027")),
            (Held::Number(12_345.0, 7), Kind::Text, Ok("0012345")),
            (Held::Number(1_234_567.0, 0), Kind::Text, Ok("1234567")),
            (Held::Number(0.5, 0), Kind::Number, Ok("0.5")),
            (Held::Number(1e15, 0), Kind::Text, Err("rounds")),
            (Held::Number(1e15, 0), Kind::Number, Ok("1000000000000000")),
            (Held::Flag(true), Kind::Flag, Ok("yes")),
            (Held::Bad("the cell holds an error: #N/A".to_owned()), Kind::Text, Err("#N/A")),
        ] {
            let found = written(&held, Some(kind), false);
            match text {
                Ok(text) => assert_eq!(found.as_deref(), Ok(text), "{held:?} {kind:?}"),
                Err(why) => assert!(found.clone().expect_err("refused").contains(why), "{held:?} {kind:?}: {found:?}"),
            }
        }
        // The calendar of 1904 is 1,462 days behind.
        assert_eq!(written(&Held::Number(44_565.0, 0), Some(Kind::Date), true).as_deref(), Ok("2026-01-05"));
    }

    #[test]
    fn only_formats_of_zeros_tell_leading_zeros() {
        for (format, digits) in [("0000000", 7), ("0", 1), ("0000000;@", 7), ("@", 0), ("General", 0), ("0.00", 0), ("", 0)] {
            assert_eq!(shown_digits(format), digits, "{format}");
        }
    }
}
