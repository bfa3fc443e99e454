//! A table from its files: headers in either language, typed cells, rows refused with file, line, column, value and what was expected.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::evidence_tables::soundness::{Key, is_marked, key_of, set_aside};
use crate::evidence_tables::split::{SplitRecord, split};
use crate::evidence_tables::template::takes;
use crate::evidence_tables::workbook::{Fault, SheetRecord, sheet_of};
use crate::evidence_tables::{Cell, ColumnSpec, EvidenceRow, Kind, RowPlace, Table, TableSpec};
use crate::ingest::{Reject, RejectCode, SourceFile, TimeFault, TimeFormat, TimeParser, field_count, is_workbook, read_text};
use crate::record::{Diagnostic, Notice, Timestamp, TradeDate, Zone, printable, without_thousands};
use crate::rules::Sentence;

/// Reads every file of a table; naive times are in `zone`. A file that holds nothing is a doubt about the table, and so is one that is no
/// such table: the checks that rest on it say why they are not settled, and the others run.
///
/// # Errors
/// When a file cannot be opened or read at all, or the list of refused rows cannot be kept.
pub fn read_table(spec: &'static TableSpec, files: &[SourceFile], zone: Zone) -> Result<Table, Diagnostic> {
    let mut table = Table::empty(spec, spec.columns.iter().map(|column| column.name).collect());
    let mut refused = BTreeSet::new();
    for file in files {
        match read_file(&mut table, file, zone) {
            Ok(mut keys) => refused.append(&mut keys),
            Err(problem) if OF_THE_FILE_ALONE.contains(&problem.code) => table.doubts.push(unreadable(spec, file, &problem)),
            Err(problem) => return Err(problem),
        }
        table.rejects.check()?;
    }
    set_aside(&mut table, &refused, zone);
    Ok(table)
}

/// What is wrong with the contents of one file, and stops only what rests on it: not a text or workbook, damaged, too large, another table.
const OF_THE_FILE_ALONE: [&str; 10] = ["E0204", "E0205", "E0207", "E0220", "E0221", "E0241", "E0242", "E0243", "E0244", "E0245"];

/// A file that is no such table, with the reason and the remedy that would have ended the run.
fn unreadable(spec: &TableSpec, file: &SourceFile, problem: &Diagnostic) -> Sentence {
    let (name, file, code) = (spec.name, &file.name, problem.code);
    let line = problem.place.as_ref().map_or(0, |place| place.line);
    let at = |zh: bool| match (line, zh) {
        (0, _) => String::new(),
        (line, true) => format!("第 {line} 行，"),
        (line, false) => format!("line {line}, "),
    };
    let help = problem.help.as_ref().map_or((String::new(), String::new()), |help| (format!("；{}", help.zh), format!("; {}", help.en)));
    Sentence::new(
        format!("證據表 {name} 之檔案 {file} 無法讀取（{}{code}：{}{}）", at(true), problem.message.zh, help.0),
        format!("{file} of `{name}` cannot be read ({}{code}: {}{})", at(false), problem.message.en, help.1),
    )
}

/// Reads one file; returned are the keys of rows that could not be read otherwise.
fn read_file(table: &mut Table, file: &SourceFile, zone: Zone) -> Result<BTreeSet<Key>, Diagnostic> {
    let reader = CellReader::new(zone);
    if is_workbook(file)? {
        let Some(sheet) = sheet_of(table.spec, file)? else { return Ok(nothing_in(table, file)) };
        let columns = Columns::of(table, &sheet.header, file)?;
        let kinds = columns.kinds(table.spec, sheet.header.fields.len());
        let shown = format!("{}[{}]", file.name, sheet.name()).as_str().into();
        let mut rows = Rows { columns: &columns, header: &sheet.header, reader, file: shown, refused: BTreeSet::new() };
        sheet.records(&kinds).for_each(|found| rows.take_sheet(table, &found));
        return Ok(rows.refused);
    }
    let text = read_text(file)?;
    let mut records = split(&text);
    let Some(header) = records.next() else { return Ok(nothing_in(table, file)) };
    let columns = Columns::of(table, &header, file)?;
    let shown = file.name.as_str().into();
    let mut rows = Rows { columns: &columns, header: &header, reader, file: shown, refused: BTreeSet::new() };
    for record in records.filter(|record| record.fields.iter().any(|field| !field.is_empty())) {
        if record.is_open {
            let line = record.line;
            let problem = (
                format!("第 {line} 行開始的引號沒有結束，其後各列無從分辨"),
                format!("the quotation mark on line {line} is never closed, so that the rows behind it cannot be told apart"),
            );
            return Err(Diagnostic::new("E0207", problem)
                .in_file(&file.path)
                .help(("請找未結束的引號", "look for a quote that is never closed")));
        }
        rows.take(table, &record);
    }
    Ok(rows.refused)
}

/// A file without even a header says nothing, and the rest of the evidence is examined all the same.
fn nothing_in(table: &mut Table, file: &SourceFile) -> BTreeSet<Key> {
    let (name, file, bytes) = (table.spec.name, &file.name, file.bytes);
    table.doubts.push(Sentence::new(
        format!("證據表 {name} 之檔案 {file} 沒有標題列（{bytes} 位元組），請重新匯出"),
        format!("{file} of `{name}` holds no header line ({bytes} bytes): export it again"),
    ));
    BTreeSet::new()
}

/// The rows of one file on their way into the table.
struct Rows<'a> {
    columns: &'a Columns,
    header: &'a SplitRecord,
    reader: CellReader,
    /// Its name; of a workbook with its sheet, for lines are those of a sheet.
    file: Arc<str>,
    /// Keys of the rows that could not be read otherwise.
    refused: BTreeSet<Key>,
}

impl Rows<'_> {
    fn take(&mut self, table: &mut Table, record: &SplitRecord) {
        let first = self.columns.field_of[0].and_then(|field| record.fields.get(field));
        if let Some(first) = first.filter(|first| is_marked(first)) {
            if !self.is_sample(table.spec, record) {
                self.refuse(table, record, marked_otherwise(first));
            }
            return;
        }
        match self.columns.row(table.spec, record, self.header, &mut self.reader) {
            Ok((cells, free)) => {
                let place = RowPlace { file: self.file.clone(), line: record.line };
                table.rows.push(EvidenceRow { spec: table.spec, cells, place, free });
            }
            Err(refusal) => self.refuse(table, record, refusal),
        }
    }

    fn take_sheet(&mut self, table: &mut Table, found: &SheetRecord) {
        match &found.fault {
            Some((field, Fault { shown, problem })) => {
                let column = field.and_then(|field| self.columns.of_field(table.spec, field));
                let code = if field.is_some() { RejectCode::BadValue } else { RejectCode::FieldCount };
                self.refuse(table, &found.record, refusal(column, code, shown, problem.clone()));
            }
            None => self.take(table, &found.record),
        }
    }

    /// Whether a marked row is the template's as it was written: a row of the broker's under the mark is not lost silently.
    fn is_sample(&self, spec: &TableSpec, record: &SplitRecord) -> bool {
        let cells = spec.columns.iter().zip(spec.example).zip(&self.columns.field_of).skip(1);
        cells.filter_map(|((_, sample), field)| Some((sample, (*field)?))).all(|(sample, field)| {
            let written = record.fields.get(field).map_or("", String::as_str);
            written.is_empty() || written == *sample
        })
    }

    fn refuse(&mut self, table: &mut Table, record: &SplitRecord, Refusal { column, code, message, shown }: Refusal) {
        self.refused.extend(self.columns.key(table, record, &mut self.reader));
        let (file, raw) = (self.file.to_string(), record.raw.clone());
        // The first is the one that the doubt about the table tells.
        if table.rejects.is_empty() && !shown.is_empty() {
            table.shown_cells.push(shown);
        }
        table.rejects.push(Reject { file, line: record.line, byte_offset: None, column, code, message, raw });
    }
}

fn marked_otherwise(first: &str) -> Refusal {
    let zh = format!("首格「{first}」標示為範本示例，其餘內容卻不是示例；若為真實紀錄，請將首格改為實際內容");
    let en = format!(
        "the first cell, \"{first}\", marks the sample of a template, and the rest is not the sample: if this is a record of yours, write its own value there"
    );
    Refusal { column: "", code: RejectCode::BadValue, message: (zh, en).into(), shown: first.to_owned() }
}

/// Where to find out which columns a table has.
const TEMPLATES: (&str, &str) =
    ("`colofair controls --template DIR` 可寫出每張表的範本", "`colofair controls --template DIR` writes a template of each table");

/// Why a row is refused.
struct Refusal {
    /// Column; empty where it is the whole row.
    column: &'static str,
    code: RejectCode,
    message: Notice,
    /// Text of a cell that the message quotes; empty where it quotes none.
    shown: String,
}

/// Which field of a file is which column.
struct Columns {
    /// By column of the table: the field.
    field_of: Vec<Option<usize>>,
    /// By further column of the table: the field.
    free: Vec<Option<usize>>,
}

impl Columns {
    fn of(table: &mut Table, header: &SplitRecord, file: &SourceFile) -> Result<Self, Diagnostic> {
        let spec = table.spec;
        let at_header = |problem: (String, String)| {
            let place = crate::record::Place { path: file.path.clone(), line: header.line, column: 0, byte: None };
            Diagnostic::new("E0241", problem).at(place).excerpt(&header.raw)
        };
        let mut field_of: Vec<Option<usize>> = vec![None; spec.columns.len()];
        let mut free: Vec<Option<usize>> = vec![None; table.free.len()];
        for (field, written) in header.fields.iter().enumerate() {
            match spec.columns.iter().position(|column| names(column, written)) {
                Some(at) if field_of[at].is_some() => {
                    let name = spec.columns[at].name;
                    let problem = (format!("有兩欄都是 `{name}`"), format!("two columns mean `{name}`"));
                    return Err(at_header(problem).help(("請只留一欄", "keep one of them")));
                }
                Some(at) => field_of[at] = Some(field),
                None if spec.open => match table.free.iter().position(|known| known == written) {
                    Some(at) => free[at] = Some(field),
                    None => {
                        // Rows of earlier files have nothing there.
                        table.rows.iter_mut().for_each(|row| row.free.push(String::new()));
                        table.free.push(written.clone());
                        free.push(Some(field));
                    }
                },
                None => table.has_others |= !written.is_empty(),
            }
        }
        if let Some((column, _)) = spec.columns.iter().zip(&field_of).find(|(column, field)| column.required && field.is_none()) {
            let (table, name, zh) = (spec.name, column.name, column.zh);
            let problem = (
                format!("證據表 `{table}` 需要欄位「{zh}」（{name}）"),
                format!("the evidence table `{table}` needs a column `{name}` ({zh})"),
            );
            return Err(at_header(problem).help(TEMPLATES));
        }
        table.present.retain(|name| spec.column(name).is_some_and(|at| field_of[at].is_some()));
        Ok(Self { field_of, free })
    }

    /// What each field of the file holds; `None` where no column of the table is meant.
    fn kinds(&self, spec: &TableSpec, n_fields: usize) -> Vec<Option<Kind>> {
        let mut kinds = vec![None; n_fields];
        for (column, field) in spec.columns.iter().zip(&self.field_of) {
            if let Some(field) = field {
                kinds[*field] = Some(column.kind);
            }
        }
        kinds
    }

    /// The column of a field; `None` for a further one.
    fn of_field<'a>(&self, spec: &'a TableSpec, field: usize) -> Option<&'a ColumnSpec> {
        self.field_of.iter().position(|of| *of == Some(field)).map(|at| &spec.columns[at])
    }

    /// The key of a row that is refused, where its cells tell it.
    fn key(&self, table: &Table, record: &SplitRecord, reader: &mut CellReader) -> Option<Key> {
        let mut cells = vec![Cell::Absent; table.spec.columns.len()];
        for name in table.spec.key {
            let at = table.spec.column(name)?;
            let Some(field) = self.field_of[at] else { continue };
            match record.fields.get(field)?.as_str() {
                "" => (),
                written => cells[at] = reader.read(table.spec.columns[at].kind, written).ok()?,
            }
        }
        key_of(table, &cells)
    }

    fn row(
        &self,
        spec: &'static TableSpec,
        record: &SplitRecord,
        header: &SplitRecord,
        reader: &mut CellReader,
    ) -> Result<(Vec<Cell>, Vec<String>), Refusal> {
        let (n_fields, n_header) = (record.fields.len(), header.fields.len());
        if n_fields != n_header {
            let shown = record.fields.get(n_header).cloned().unwrap_or_default();
            return Err(Refusal { column: "", code: RejectCode::FieldCount, message: other_count(record, header), shown });
        }
        let mut cells = Vec::with_capacity(spec.columns.len());
        for (column, field) in spec.columns.iter().zip(&self.field_of) {
            let written = field.map_or("", |field| record.fields[field].as_str());
            let written = if matches!(column.kind, Kind::Text) && says_nothing(written) { "" } else { written };
            let cell = match written {
                "" if column.required => {
                    return Err(refusal(Some(column), RejectCode::MissingValue, "", ("必填", "it cannot be left out").into()));
                }
                "" => Cell::Absent,
                _ => reader.read(column.kind, written).map_err(|(code, problem)| refusal(Some(column), code, written, problem))?,
            };
            cells.push(cell);
        }
        let free = self.free.iter().map(|field| field.map_or_else(String::new, |field| record.fields[field].clone()));
        Ok((cells, free.collect()))
    }
}

/// Words with which a form is filled in where there is nothing: a reviewer called 無 has not reviewed.
fn says_nothing(written: &str) -> bool {
    const NOTHING: [&str; 14] = ["無", "没有", "沒有", "未提供", "不適用", "-", "--", "－", "–", "—", "none", "n/a", "nil", "null"];
    let plain = written.trim().to_lowercase();
    NOTHING.contains(&plain.as_str())
}

/// Characters of a refused cell that its message shows.
const LONGEST_SHOWN: usize = 200;

/// A refused cell in words: which column, what stands there, what is wrong, what was expected.
fn refusal(column: Option<&ColumnSpec>, code: RejectCode, written: &str, problem: Notice) -> Refusal {
    let Notice { zh, en } = problem;
    // The whole of it stands in the row as it was.
    let written = &printable(written, LONGEST_SHOWN);
    let Some(ColumnSpec { name, zh: zh_name, kind, .. }) = column else {
        let at = |quoted: String| if written.is_empty() { String::new() } else { quoted };
        let message = (format!("{}{zh}", at(format!("「{written}」："))), format!("{}{en}", at(format!("\"{written}\": "))));
        return Refusal { column: "", code, message: message.into(), shown: written.clone() };
    };
    let (zh_takes, en_takes) = (takes(*kind, false), takes(*kind, true));
    let (zh_held, en_held) =
        if written.is_empty() { ("空白".to_owned(), "empty".to_owned()) } else { (format!("「{written}」"), format!("\"{written}\"")) };
    let zh = format!("「{zh_name}」（{name}）為{zh_held}：{zh}；應為{zh_takes}");
    let message = (zh, format!("`{name}` ({zh_name}) is {en_held}: {en}; expected: {en_takes}"));
    Refusal { column: name, code, message: message.into(), shown: written.clone() }
}

/// A row of more or fewer fields than the header, and where it goes wrong.
fn other_count(record: &SplitRecord, header: &SplitRecord) -> Notice {
    let (n_fields, n_header) = (record.fields.len(), header.fields.len());
    let Notice { zh, en } = field_count(n_fields, n_header);
    match (header.fields.get(n_fields), record.fields.get(n_header)) {
        (Some(first), _) => (format!("{zh}：自「{first}」起沒有值"), format!("{en}: nothing from `{first}` on")),
        (_, Some(first)) => (
            format!("{zh}：多出「{first}」；值內有分隔符號者須加引號"),
            format!("{en}: \"{first}\" is too many; a value that holds the separator needs quotes"),
        ),
        _ => (zh, en),
    }
    .into()
}

/// Whether a header names a column: its English or Chinese name or another, whatever the case, spaces and underscores.
fn names(column: &ColumnSpec, written: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-', '\u{3000}'], "");
    let written = plain(written);
    [column.name, column.zh].iter().chain(column.also).any(|name| plain(name) == written)
}

/// Reads typed cells.
pub(crate) struct CellReader {
    times: TimeParser,
    dates: TimeParser,
    zone: Zone,
}

impl CellReader {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { times: TimeParser::new(TimeFormat::Iso, zone), dates: TimeParser::new(TimeFormat::Iso, Zone::UTC), zone }
    }

    pub(crate) fn read(&mut self, kind: Kind, written: &str) -> Result<Cell, (RejectCode, Notice)> {
        let bad_time = |fault: TimeFault| (RejectCode::BadTime, fault.words().into());
        let no = |zh: &str, en: &str| (RejectCode::BadValue, Notice::from((zh, en)));
        match kind {
            Kind::Text => Ok(Cell::Text(written.to_owned())),
            Kind::Date => self.date(written).map(Cell::Date).map_err(bad_time),
            Kind::Time => self.times.parse(written.as_bytes()).map(|nanos| Cell::Time(Timestamp(nanos))).map_err(bad_time),
            Kind::Number => match number(written) {
                Some(number) if number < 0.0 => Err(no("是負數", "a negative number")),
                number => number.map(Cell::Number).ok_or_else(|| no("不是數字", "not a number")),
            },
            Kind::Flag => flag(written).map(Cell::Flag).ok_or_else(|| no("不是「是」或「否」", "not yes or no")),
            Kind::Choice(words) => {
                choice(words, written).map(|word| Cell::Text(word.to_owned())).ok_or_else(|| no("不在可用之詞中", "not one of the words"))
            }
        }
    }

    /// A date in any form the time reader knows; of an instant, its local date.
    fn date(&mut self, written: &str) -> Result<TradeDate, TimeFault> {
        const DAY: i64 = 86_400_000_000_000;
        match self.dates.parse_pair(written.as_bytes(), b"00:00:00") {
            Ok(nanos) => Ok(TradeDate(nanos.div_euclid(DAY) as i32)),
            Err(fault) => self.times.parse(written.as_bytes()).map(|nanos| self.zone.date_of(Timestamp(nanos))).map_err(|_| fault),
        }
    }
}

/// A finite number; commas may stand between thousands.
pub(crate) fn number(written: &str) -> Option<f64> {
    let plain = without_thousands(written.trim())?;
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    plain.parse::<f64>().ok().filter(|number| digits && number.is_finite())
}

fn flag(written: &str) -> Option<bool> {
    match written.to_lowercase().as_str() {
        "y" | "yes" | "true" | "1" | "是" | "有" | "v" => Some(true),
        "n" | "no" | "false" | "0" | "否" | "無" | "x" => Some(false),
        _ => None,
    }
}

fn choice(words: &'static [(&'static str, &'static [&'static str])], written: &str) -> Option<&'static str> {
    let lower = written.to_lowercase();
    words.iter().find(|(word, also)| *word == lower || also.contains(&lower.as_str())).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::evidence_tables::spec;
    use crate::evidence_tables::tests::read_text_table;
    use crate::ingest::{Format, Packing};

    fn read(name: &str, text: &str) -> Result<Table, Diagnostic> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let source = SourceFile {
            path: file.path().to_path_buf(),
            name: "e.csv".to_owned(),
            format: Format::Csv,
            bytes: text.len() as u64,
            packing: Packing::None,
            spool: None,
            frame: None,
        };
        read_table(spec(name).expect("a table"), &[source], Zone::UTC)
    }

    #[test]
    fn headers_of_either_language_give_the_same_rows() {
        let english =
            read("accounts", "host,account,privilege,holder,holder kind,from\nGW1,ops,highest,Lin,vendor,2024-01-05\n").expect("read");
        let chinese = read("accounts", "主機,帳號,權限,持有人,持有人類別,起日\nGW1,ops,最高權限,Lin,廠商,2024/01/05\n").expect("read");
        assert_eq!(english.rows[0].cells, chinese.rows[0].cells);
        assert_eq!((english.rows[0].text("holder_kind"), english.rows[0].place.line), ("vendor", 2));
        assert!(!english.has("vendor") && english.doubts.is_empty());
    }

    #[test]
    fn a_bad_row_is_refused_with_its_line_and_becomes_a_doubt() {
        let table =
            read("passwords", "host,account,changed_on\nGW1,ops,2024-02-30\nGW1,,2024-01-01\nGW1,ops\nGW1,ops,2024-01-01\n").expect("read");
        let seen: Vec<(u64, &str)> = table.rejects.first_ones().iter().map(|reject| (reject.line, reject.code.name())).collect();
        assert_eq!(seen, [(2, "bad_time"), (3, "missing_value"), (4, "field_count")]);
        assert_eq!((table.rows.len(), table.doubts.len()), (1, 1));
    }

    #[test]
    fn contradictions_and_reversed_dates_are_doubts_and_copies_are_not() {
        let doubts = |text: &str| read("contracts", text).expect("read").doubts.len();
        assert_eq!(doubts("vendor,from,to\nV,2024-01-01,2024-12-31\nV,2024-01-01,2024-12-31\n"), 0);
        assert_eq!(doubts("vendor,from,to\nV,2024-01-01,2024-12-31\nV,2024-01-01,2025-12-31\n"), 1);
        assert_eq!(doubts("vendor,from,to\nV,2024-12-31,2024-01-01\n"), 1);
    }

    #[test]
    fn a_file_that_is_no_such_table_is_a_doubt_that_names_it_and_the_reason() {
        for (text, reason) in [
            ("host,account\nGW1,ops\n", "needs a column `changed_on`"),
            ("host,主機,account,changed_on\n", "two columns mean `host`"),
            ("PAR1 and the rest", "the file is Parquet"),
        ] {
            let table = read("passwords", text).expect("the others run");
            assert!(table.rows.is_empty() && table.doubts.len() == 1, "{text}: {:?}", table.doubts);
            let said = &table.doubts[0].en;
            assert!(said.starts_with("e.csv of `passwords` cannot be read (") && said.contains(reason), "{said}");
        }
    }

    #[test]
    fn a_date_may_be_written_as_people_write_it_and_an_instant_has_its_local_date() {
        for written in [
            "2025-08-01",
            "2025/8/1",
            "20250801",
            "114/08/01",
            "1140801",
            "\u{6c11}\u{570b}114\u{5e74}8\u{6708}1\u{65e5}",
            "114\u{5e74}08\u{6708}01\u{65e5}",
            "2025-08-01 14:33:20",
            "2025-08-01T00:00:00",
        ] {
            let table = read_text_table(spec("scans").expect("a table"), &format!("system,scanned_on\ngw,{written}\n"));
            assert_eq!(table.rows.first().and_then(|row| row.date("scanned_on")), TradeDate::parse("2025-08-01"), "{written}");
        }
        for written in ["15/01/05", "8/1/2025", "2025-02-30", "2025-08-01 25:00:00", "0.5", "x"] {
            let table = read_text_table(spec("scans").expect("a table"), &format!("system,scanned_on\ngw,{written}\n"));
            assert_eq!((table.rows.len(), table.rejects.len()), (0, 1), "{written}");
        }
    }

    #[test]
    fn numbers_may_have_commas_between_thousands_only() {
        for (text, value) in [
            ("1,234,567.5", Some(1_234_567.5)),
            ("-3", Some(-3.0)),
            ("1,23", None),
            ("1.234,56", None),
            ("0,125", None),
            ("inf", None),
            ("12a", None),
            ("", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
    }

    #[test]
    fn a_cell_that_says_there_is_nothing_is_empty_and_a_required_one_refuses_its_row() {
        let text = "id,system,changed_on,tested_on,approver\nC1,gw,2026-01-06,,無\nC2,gw,2026-01-06,, N/A \nC3,gw,2026-01-06,,-\nC4,gw,2026-01-06,,無錫廠\n無,gw,2026-01-06,,M\n";
        let table = read_text_table(spec("changes").expect("a table"), text);
        let approvers: Vec<(&str, &str)> = table.rows.iter().map(|row| (row.text("id"), row.text("approver"))).collect();
        assert_eq!(approvers, [("C1", ""), ("C2", ""), ("C3", ""), ("C4", "無錫廠")]);
        assert_eq!(table.rejects.len(), 1);
    }

    #[test]
    fn a_size_below_nothing_is_refused() {
        let text =
            "firewall,date,file,bytes,backup\nF1,2026-01-06,a.log,-5,B\nF1,2026-01-07,b.log,\"1,000\",B\nF1,2026-01-08,c.log,\"1,00\",B\n";
        let table = read_text_table(spec("firewall_logs").expect("a table"), text);
        assert_eq!(table.rows.iter().map(|row| row.number("bytes")).collect::<Vec<_>>(), [Some(1_000.0)]);
        assert_eq!(table.rejects.len(), 2);
    }
}
