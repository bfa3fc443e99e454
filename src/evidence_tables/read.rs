//! A table from its files: headers in either language, typed cells, rows refused with file and line, contradictions named.

use std::collections::BTreeMap;

use crate::evidence_tables::split::{SplitRecord, split};
use crate::evidence_tables::workbook::{SheetRecord, sheet_of};
use crate::evidence_tables::{Cell, ColumnSpec, EvidenceRow, Kind, RowPlace, Table, TableSpec};
use crate::ingest::{Reject, RejectCode, SourceFile, TimeFault, TimeFormat, TimeParser, field_count, is_workbook, read_text};
use crate::record::{Diagnostic, Notice, Timestamp, TradeDate, Zone};
use crate::rules::Sentence;

/// Reads every file of a table; naive times are in `zone`.
///
/// # Errors
/// When a file cannot be read, is not text, has no header, or lacks a column without which no row says anything.
pub fn read_table(spec: &'static TableSpec, files: &[SourceFile], zone: Zone) -> Result<Table, Diagnostic> {
    let mut table = Table {
        spec,
        rows: Vec::new(),
        present: spec.columns.iter().map(|column| column.name).collect(),
        free: Vec::new(),
        rejects: Vec::new(),
        doubts: Vec::new(),
    };
    for file in files {
        read_file(&mut table, file, zone)?;
    }
    let doubts = [refused(&table), contradictions(&table), out_of_order(&table), sample_row(&table, zone)];
    table.doubts.extend(doubts.into_iter().flatten());
    Ok(table)
}

fn read_file(table: &mut Table, file: &SourceFile, zone: Zone) -> Result<(), Diagnostic> {
    if is_workbook(file)? {
        let Some(sheet) = sheet_of(table.spec, file)? else { return Err(no_header(table, file)) };
        let columns = Columns::of(table, &sheet.header, file)?;
        let kinds = columns.kinds(table.spec, sheet.header.fields.len());
        table.doubts.extend(sheet.doubt(file));
        let mut rows = Rows { columns: &columns, n_header: sheet.header.fields.len(), reader: CellReader::new(zone), file };
        sheet.records(&kinds).for_each(|found| rows.take_sheet(table, &found));
        return Ok(());
    }
    let text = read_text(file)?;
    let records = split(&text);
    let Some((header, records)) = records.split_first() else { return Err(no_header(table, file)) };
    let columns = Columns::of(table, header, file)?;
    let mut rows = Rows { columns: &columns, n_header: header.fields.len(), reader: CellReader::new(zone), file };
    records.iter().filter(|record| record.fields.iter().any(|field| !field.is_empty())).for_each(|record| rows.take(table, record));
    Ok(())
}

fn no_header(table: &Table, file: &SourceFile) -> Diagnostic {
    let name = table.spec.name;
    let problem = Diagnostic::new("E0240", (format!("證據表 {name} 沒有標題列"), format!("no header line in the evidence table `{name}`")));
    problem.in_file(&file.path).help(TEMPLATES)
}

/// The rows of one file on their way into the table.
struct Rows<'a> {
    columns: &'a Columns,
    n_header: usize,
    reader: CellReader,
    file: &'a SourceFile,
}

impl Rows<'_> {
    fn take(&mut self, table: &mut Table, record: &SplitRecord) {
        match self.columns.row(table.spec, record, self.n_header, &mut self.reader) {
            Ok((cells, free)) => {
                let place = RowPlace { file: self.file.name.as_str().into(), line: record.line };
                table.rows.push(EvidenceRow { spec: table.spec, cells, place, free });
            }
            Err(refusal) => self.refuse(table, record, refusal),
        }
    }

    fn take_sheet(&mut self, table: &mut Table, found: &SheetRecord) {
        let refusal = match &found.fault {
            _ if found.beyond => {
                let words = ("有儲存格在標題的最後一欄之外", "a cell stands beyond the last column of the header");
                Some(("", RejectCode::FieldCount, words.into()))
            }
            Some((field, problem)) => Some((self.columns.name_of(table.spec, *field), RejectCode::BadValue, problem.clone())),
            None => None,
        };
        match refusal {
            Some(refusal) => self.refuse(table, &found.record, refusal),
            None => self.take(table, &found.record),
        }
    }

    fn refuse(&self, table: &mut Table, record: &SplitRecord, (column, code, message): Refusal) {
        let (file, raw) = (self.file.name.clone(), record.raw.clone());
        table.rejects.push(Reject { file, line: record.line, byte_offset: None, column, code, message, raw });
    }
}

/// Where to find out which columns a table has.
const TEMPLATES: (&str, &str) =
    ("`colofair controls --template DIR` 可寫出每張表的範本", "`colofair controls --template DIR` writes a template of each table");

/// Column, code and words of a refused row.
type Refusal = (&'static str, RejectCode, Notice);

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
                None => (),
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

    /// The column of a field; empty for a further one.
    fn name_of(&self, spec: &TableSpec, field: usize) -> &'static str {
        let at = self.field_of.iter().position(|of| *of == Some(field));
        at.map_or("", |at| spec.columns[at].name)
    }

    fn row(
        &self,
        spec: &'static TableSpec,
        record: &SplitRecord,
        n_header: usize,
        reader: &mut CellReader,
    ) -> Result<(Vec<Cell>, Vec<String>), Refusal> {
        let n_fields = record.fields.len();
        if n_fields != n_header {
            return Err(("", RejectCode::FieldCount, field_count(n_fields, n_header)));
        }
        let mut cells = Vec::with_capacity(spec.columns.len());
        for (column, field) in spec.columns.iter().zip(&self.field_of) {
            let written = field.map_or("", |field| record.fields[field].as_str());
            let cell = match written {
                "" if column.required => {
                    let name = column.name;
                    return Err((name, RejectCode::MissingValue, (format!("`{name}` 是空的"), format!("`{name}` is empty")).into()));
                }
                "" => Cell::Absent,
                _ => reader.read(column.kind, written).map_err(|(code, Notice { zh, en })| {
                    let name = column.name;
                    (name, code, (format!("`{name}`：{zh}"), format!("`{name}`: {en}")).into())
                })?,
            };
            cells.push(cell);
        }
        let free = self.free.iter().map(|field| field.map_or_else(String::new, |field| record.fields[field].clone()));
        Ok((cells, free.collect()))
    }
}

/// Whether a header names a column: its English or Chinese name or another, whatever the case, spaces and underscores.
fn names(column: &ColumnSpec, written: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-', '\u{3000}'], "");
    let written = plain(written);
    [column.name, column.zh].iter().chain(column.also).any(|name| plain(name) == written)
}

/// Reads typed cells.
struct CellReader {
    times: TimeParser,
    dates: TimeParser,
    zone: Zone,
}

impl CellReader {
    fn new(zone: Zone) -> Self {
        Self { times: TimeParser::new(TimeFormat::Iso, zone), dates: TimeParser::new(TimeFormat::Iso, Zone::UTC), zone }
    }

    fn read(&mut self, kind: Kind, written: &str) -> Result<Cell, (RejectCode, Notice)> {
        let bad_time = |fault: TimeFault| {
            let (zh, en) = fault.words();
            (RejectCode::BadTime, (format!("{zh}：\"{written}\""), format!("{en}: \"{written}\"")).into())
        };
        let no =
            |zh: &str, en: &str| (RejectCode::BadValue, Notice::from((format!("{zh}：\"{written}\""), format!("{en}: \"{written}\""))));
        match kind {
            Kind::Text => Ok(Cell::Text(written.to_owned())),
            Kind::Date => self.date(written).map(Cell::Date).map_err(bad_time),
            Kind::Time => self.times.parse(written.as_bytes()).map(|nanos| Cell::Time(Timestamp(nanos))).map_err(bad_time),
            Kind::Number => number(written).map(Cell::Number).ok_or_else(|| no("不是數字", "not a number")),
            Kind::Flag => flag(written).map(Cell::Flag).ok_or_else(|| no("不是「是」或「否」", "not yes or no")),
            Kind::Choice(words) => choice(words, written).map(|word| Cell::Text(word.to_owned())).ok_or_else(|| {
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let known = known.join(", ");
                let problem = (format!("\"{written}\" 不在 {known} 之中"), format!("\"{written}\" is none of {known}"));
                (RejectCode::BadValue, problem.into())
            }),
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
    let groups: Vec<&str> = written.trim().split('.').next().unwrap_or_default().split(',').collect();
    if groups.len() > 1 && groups[1..].iter().any(|group| group.len() != 3) {
        return None;
    }
    let plain = written.trim().replace(',', "");
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

fn refused(table: &Table) -> Option<Sentence> {
    let (n, name) = (table.rejects.len(), table.spec.name);
    let first = table.rejects.first()?;
    Some(Sentence::new(
        format!("證據表 {name} 有 {n} 列無法讀取（首列：{} 第 {} 行）", first.file, first.line),
        format!("{n} rows of `{name}` could not be read (the first: {}, line {})", first.file, first.line),
    ))
}

/// Two rows of one key that say different things.
fn contradictions(table: &Table) -> Option<Sentence> {
    if table.spec.key.is_empty() {
        return None;
    }
    let mut seen: BTreeMap<Vec<String>, &EvidenceRow> = BTreeMap::new();
    let mut first: Option<(&EvidenceRow, &EvidenceRow)> = None;
    let mut n_pairs = 0;
    for row in &table.rows {
        let key = table.spec.key.iter().map(|column| table.written(row, column).unwrap_or_default().into_owned()).collect();
        match seen.get(&key) {
            Some(earlier) if earlier.cells != row.cells || earlier.free != row.free => {
                n_pairs += 1;
                first.get_or_insert((earlier, row));
            }
            Some(_) => (),
            None => drop(seen.insert(key, row)),
        }
    }
    let (one, other) = first?;
    let name = table.spec.name;
    Some(Sentence::new(
        format!("證據表 {name} 有 {n_pairs} 處互相矛盾（如 {} 第 {} 行與第 {} 行）", one.place.file, one.place.line, other.place.line),
        format!(
            "`{name}` contradicts itself {n_pairs} times (such as {}, lines {} and {})",
            one.place.file, one.place.line, other.place.line
        ),
    ))
}

/// A row whose dates stand in the wrong order.
fn out_of_order(table: &Table) -> Option<Sentence> {
    let wrong = |row: &&EvidenceRow| {
        let reversed = |(first, last): &(&str, &str)| row.date(first).zip(row.date(last)).is_some_and(|(first, last)| first > last);
        table.spec.in_order.iter().any(reversed)
    };
    let (n, name) = (table.rows.iter().filter(wrong).count(), table.spec.name);
    let place = &table.rows.iter().find(wrong)?.place;
    Some(Sentence::new(
        format!("證據表 {name} 有 {n} 列日期先後顛倒（如 {} 第 {} 行）", place.file, place.line),
        format!("{n} rows of `{name}` have their dates in the wrong order (such as {}, line {})", place.file, place.line),
    ))
}

/// The template's own sample, left as the first row: it is no evidence of the broker's.
fn sample_row(table: &Table, zone: Zone) -> Option<Sentence> {
    let mut reader = CellReader::new(zone);
    let mut is_sample = |row: &EvidenceRow| {
        let columns = table.spec.columns.iter().zip(table.spec.example).zip(&row.cells);
        columns.filter(|((column, _), _)| table.has(column.name)).all(|((column, written), cell)| match *written {
            "" => *cell == Cell::Absent,
            written => reader.read(column.kind, written).is_ok_and(|sample| sample == *cell),
        })
    };
    let place = &table.rows.iter().filter(|row| row.place.line == 2).find(|row| is_sample(row))?.place;
    let name = table.spec.name;
    Some(Sentence::new(
        format!("證據表 {name} 仍含範本之示例列（{} 第 2 行），請刪除", place.file),
        format!("`{name}` still holds the sample row of its template ({}, line 2): delete it", place.file),
    ))
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
            frame: None,
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
        let seen: Vec<(u64, &str)> = table.rejects.iter().map(|reject| (reject.line, reject.code.name())).collect();
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
    fn a_file_without_what_names_its_rows_is_an_error() {
        assert_eq!(read("passwords", "host,account\nGW1,ops\n").expect_err("no date").code, "E0241");
        assert_eq!(read("passwords", "").expect_err("no header").code, "E0240");
        assert_eq!(read("passwords", "host,主機,account,changed_on\n").expect_err("twice").code, "E0241");
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
        for (text, value) in
            [("1,234,567.5", Some(1_234_567.5)), ("-3", Some(-3.0)), ("1,23", None), ("inf", None), ("12a", None), ("", None)]
        {
            assert_eq!(number(text), value, "{text}");
        }
    }
}
