//! A sheet of an Excel workbook as records: typed cells become the texts that the table reader reads.
//!
//! What a workbook cannot have kept (an account's leading zeros, the digits of a long number, the outcome of a formula that nobody
//! computed) is put back where its format tells it, and refused otherwise. Cells are held as they come: a stray cell in the last row of a
//! sheet costs one cell.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Cell as SheetCell, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use crate::evidence_tables::inflated::{refuse_large, refuse_unsound};
use crate::evidence_tables::split::SplitRecord;
use crate::evidence_tables::{Kind, TableSpec};
use crate::ingest::SourceFile;
use crate::record::{Diagnostic, Notice, TradeDate};

/// Excel keeps fifteen significant digits: from here on a number need not be the one that was typed.
const LONGEST_NUMBER: f64 = 1e15;
/// Days of a workbook's calendar that are taken for a date where the cell itself is a plain number: 1970 to 2099.
const PLAIN_DATES: std::ops::RangeInclusive<f64> = 25_569.0..=73_050.0;

/// Rows and columns of the largest sheet. A cell beyond them is damage, and the header would have a field for each column before it.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;
/// Characters of the longest number format that a workbook may have.
const LONGEST_FORMAT: usize = 255;

/// What a cell holds.
#[derive(Clone, Debug)]
enum Held {
    Text(String),
    /// And how many digits its format shows at least.
    Number(f64, usize),
    Moment(ExcelDateTime),
    Flag(bool),
    /// Nothing that can be read.
    Bad(Box<Fault>),
}

/// Why a cell or a record cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// What the sheet shows there.
    pub(crate) shown: String,
    pub(crate) problem: Notice,
}

impl Fault {
    fn new(shown: impl Into<String>, problem: impl Into<Notice>) -> Self {
        Self { shown: shown.into(), problem: problem.into() }
    }
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
    /// Cells merged over rows, below the header, by their first row: of these only the first has the value.
    merged: Vec<calamine::Dimensions>,
}

impl Sheet {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// A record of a sheet; or the reason why it cannot be read, with the field where it is one of the header's.
pub(crate) struct SheetRecord {
    pub(crate) record: SplitRecord,
    pub(crate) fault: Option<(Option<usize>, Fault)>,
}

type Book = Xlsx<Cursor<Vec<u8>>>;

/// The sheet of a table: the one of its name, or the only one that holds anything. `None` where no sheet holds anything.
///
/// # Errors
/// When the file is no workbook, or several sheets could be meant.
pub(crate) fn sheet_of(spec: &TableSpec, file: &SourceFile) -> Result<Option<Sheet>, Diagnostic> {
    refuse_large(file.bytes).map_err(|problem| problem.in_file(&file.path))?;
    let bytes = std::fs::read(&file.path).map_err(|error| crate::ingest::cannot_read(&file.path, &error))?;
    refuse_unsound(&bytes).map_err(|problem| problem.in_file(&file.path))?;
    let damaged = |error: XlsxError| {
        let zh = format!("無法讀取活頁簿，檔案損壞或設有密碼（讀取程式之訊息：{error}）");
        let problem = Diagnostic::new("E0242", (zh, format!("cannot read the workbook: {error}"))).in_file(&file.path);
        problem.help(("請另存為無密碼之 .xlsx，或 UTF-8 之 CSV", "save it again as .xlsx without a password, or as CSV in UTF-8"))
    };
    let mut book: Book = decoded(|| Xlsx::new(Cursor::new(bytes))).map_err(damaged)?;
    let names = book.sheet_names();
    let own = names.iter().find(|name| name.trim().eq_ignore_ascii_case(spec.name)).cloned();
    if let Some(name) = own {
        return decoded(|| read_sheet(&mut book, name)).map_err(damaged);
    }
    let mut filled: Vec<Sheet> = Vec::new();
    for name in names {
        filled.extend(decoded(|| read_sheet(&mut book, name)).map_err(damaged)?);
    }
    if filled.len() > 1 {
        let list = filled.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join(", ");
        let name = spec.name;
        let en = format!("no sheet of the workbook is called `{name}`, and several hold something: {list}");
        let problem = Diagnostic::new("E0243", (format!("活頁簿中無工作表 {name}，而有數個工作表有內容：{list}"), en));
        return Err(problem.in_file(&file.path).help((format!("請將工作表命名為 {name}"), format!("name the sheet `{name}`"))));
    }
    Ok(filled.pop())
}

/// Some damage makes the reader of workbooks panic instead of returning an error (a range whose end is before its start, a reference beyond 32
/// bits: in the release too its arithmetic is checked, Cargo.toml). For the user it is the same thing, a damaged file; the workbook is not read
/// any further after it.
fn decoded<R>(decode: impl FnOnce() -> Result<R, XlsxError>) -> Result<R, XlsxError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(XlsxError::Unexpected("its contents contradict each other")))
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
    let header = SplitRecord { line: u64::from(header_row) + 1, raw: fields.join("\t"), fields, is_open: false };
    let spans = |region: &calamine::Dimensions| region.end.0 > region.start.0 && region.end.0 > header_row;
    let mut merged: Vec<_> = merged.into_iter().filter(spans).collect();
    merged.sort_by_key(|region| region.start);
    Ok(Some(Sheet { name, header, rows, columns, is_1904, merged }))
}

/// Every cell that holds something, by row, ascending by column.
fn cells(book: &mut Book, name: &str) -> Result<BTreeMap<u32, Vec<(u32, Held)>>, XlsxError> {
    let mut rows: BTreeMap<u32, Vec<(u32, Held)>> = BTreeMap::new();
    let mut reader = book.worksheet_cells_reader(name)?;
    let digits = |style: &calamine::Style| style.number_format.as_ref().map_or(0, |format| shown_digits(&format.format_code));
    let zeros: Vec<usize> = reader.styles().iter().map(digits).collect();
    if zeros.iter().any(|digits| *digits > LONGEST_FORMAT) {
        return Err(XlsxError::Unexpected("a number format longer than 255 characters"));
    }
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        let (row, column) = cell.get_position();
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(XlsxError::Unexpected("a cell beyond the last row or column that a sheet can have"));
        }
        if let Some(held) = held(&cell, zeros.get(style).copied().unwrap_or(0)) {
            rows.entry(row).or_default().push((column, held));
        }
    }
    drop(reader);
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            let en = "a formula that was never computed: open the workbook and save it again";
            let fault = Fault::new("=", ("公式未曾計算，請開啟活頁簿後再存檔", en));
            rows.entry(cell.pos.0).or_default().push((cell.pos.1, Held::Bad(Box::new(fault))));
        }
    }
    rows.values_mut().for_each(|cells| cells.sort_by_key(|(column, _)| *column));
    if rows.values().any(|cells| cells.windows(2).any(|pair| pair[0].0 == pair[1].0)) {
        return Err(XlsxError::Unexpected("two cells in one place"));
    }
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
        DataRef::Error(error) => Some(Held::Bad(Box::new(Fault::new(
            error.to_string(),
            ("儲存格為錯誤值，請改為實際內容", "the cell holds an error: write its value"),
        )))),
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
        let mut merged = self.merged.iter().peekable();
        // Of the regions that begin above a row, the one that reaches furthest down.
        let mut furthest: Option<&calamine::Dimensions> = None;
        self.rows.iter().map(move |(row, cells)| {
            while let Some(region) = merged.next_if(|region| region.start.0 < *row) {
                furthest = furthest.filter(|other| other.end.0 >= region.end.0).or(Some(region));
            }
            let mut fields = vec![String::new(); self.columns.len()];
            let mut fault = furthest.filter(|region| *row <= region.end.0).map(|region| self.merged_above(region));
            for (column, held) in cells {
                let Ok(field) = self.columns.binary_search(column) else {
                    let words = ("有儲存格在標題的最後一欄之外", "a cell stands beyond the last column of the header");
                    fault = Some((None, Fault::new(plain(held, self.is_1904), words)));
                    continue;
                };
                match written(held, kinds.get(field).copied().flatten(), self.is_1904) {
                    Ok(text) => fields[field] = text,
                    Err(found) => drop(fault.get_or_insert((Some(field), found))),
                }
            }
            let raw = cells.iter().map(|(_, held)| plain(held, self.is_1904)).collect::<Vec<_>>().join("\t");
            SheetRecord { record: SplitRecord { line: u64::from(*row) + 1, fields, raw, is_open: false }, fault }
        })
    }

    /// A cell of a row that is merged with the one above: it would read as empty.
    fn merged_above(&self, region: &calamine::Dimensions) -> (Option<usize>, Fault) {
        let en = "merged with the cell above, so that only the first row has the value: unmerge and fill each row";
        let field = self.columns.binary_search(&region.start.1).ok();
        (field, Fault::new("", ("與上列合併儲存格，僅首列有值，請取消合併並逐列填寫", en)))
    }
}

/// A cell as it would stand in a text file, where nothing is known of its column.
fn plain(held: &Held, is_1904: bool) -> String {
    written(held, None, is_1904).unwrap_or_else(|fault| fault.shown)
}

/// A cell as the text that a column of `kind` reads.
fn written(held: &Held, kind: Option<Kind>, is_1904: bool) -> Result<String, Fault> {
    let dated = matches!(kind, Some(Kind::Date | Kind::Time));
    match held {
        Held::Text(text) => Ok(text.clone()),
        Held::Flag(flag) => Ok(if *flag { "yes" } else { "no" }.to_owned()),
        Held::Moment(moment) => instant(*moment, kind),
        Held::Number(value, _) if dated && !is_written_date(*value) && PLAIN_DATES.contains(value) => {
            instant(ExcelDateTime::new(*value, calamine::ExcelDateTimeType::DateTime, is_1904), kind)
        }
        Held::Number(value, _) if !matches!(kind, Some(Kind::Number)) && value.abs() >= LONGEST_NUMBER => {
            let en = "a number of more than fifteen digits, which a workbook rounds: give the column the format Text";
            Err(Fault::new(value.to_string(), ("逾十五位之數字會被活頁簿捨入，請將該欄設為文字格式後重填", en)))
        }
        Held::Number(value, zeros) if value.fract() == 0.0 && *value >= 0.0 => Ok(format!("{:0width$}", value, width = *zeros)),
        Held::Number(value, _) => Ok(value.to_string()),
        Held::Bad(fault) => Err((**fault).clone()),
    }
}

/// A number whose digits are a date: 20260105, or 1150105 with the year of the Republic.
fn is_written_date(value: f64) -> bool {
    let digits = value as i64;
    let (year, month, day) = (digits / 10_000, (digits / 100 % 100) as u32, (digits % 100) as u32);
    let year = if year < 1_000 { year + 1_911 } else { year };
    value.fract() == 0.0 && (1_950..2_100).contains(&year) && TradeDate::from_ymd(year as i32, month, day).is_some()
}

fn instant(moment: ExcelDateTime, kind: Option<Kind>) -> Result<String, Fault> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let shown = format!("{hour:02}:{minute:02}:{second:02}");
    if moment.is_duration() {
        let en = "a duration, where a date was expected: give the column a format of dates";
        return Err(Fault::new(shown, ("是時間長度而非日期，請將該欄設為日期格式", en)));
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        // Less than one day from the start of the calendar: a time of day alone.
        _ if moment.as_f64() < 1.0 => Err(Fault::new(shown, ("只有時刻而無日期", "a time of day without a date"))),
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
            (Held::Bad(Box::new(Fault::new("#N/A", "the cell holds an error"))), Kind::Text, Err("an error")),
        ] {
            let found = written(&held, Some(kind), false);
            match text {
                Ok(text) => assert_eq!(found, Ok(text.to_owned()), "{held:?} {kind:?}"),
                Err(why) => assert!(found.clone().expect_err("refused").problem.en.contains(why), "{held:?} {kind:?}: {found:?}"),
            }
        }
        // The calendar of 1904 is 1,462 days behind.
        assert_eq!(written(&Held::Number(44_565.0, 0), Some(Kind::Date), true), Ok("2026-01-05".to_owned()));
    }

    #[test]
    fn rows_within_any_merged_region_are_refused_in_whatever_order_they_come() {
        let region = |first: u32, column: u32, last: u32| calamine::Dimensions { start: (first, column), end: (last, column) };
        let mut merged = vec![region(2, 1, 3), region(1, 0, 6), region(5, 1, 6), region(9, 1, 10)];
        merged.sort_by_key(|region| region.start);
        let header = SplitRecord { line: 1, raw: String::new(), fields: vec!["a".to_owned(), "b".to_owned()], is_open: false };
        let rows = (1..=11).map(|row| (row, vec![(0, Held::Flag(true))])).collect();
        let sheet = Sheet { name: String::new(), header, rows, columns: vec![0, 1], is_1904: false, merged };
        let refused = |record: SheetRecord| record.fault.map(|(field, _)| (record.record.line, field));
        let found: Vec<_> = sheet.records(&[None, None]).filter_map(refused).collect();
        let column = |field: usize| move |line: u64| (line, Some(field));
        assert_eq!(found, (3..=7).map(column(0)).chain([(11, Some(1))]).collect::<Vec<_>>());
    }

    #[test]
    fn only_formats_of_zeros_tell_leading_zeros() {
        for (format, digits) in [("0000000", 7), ("0", 1), ("0000000;@", 7), ("@", 0), ("General", 0), ("0.00", 0), ("", 0)] {
            assert_eq!(shown_digits(format), digits, "{format}");
        }
    }
}
