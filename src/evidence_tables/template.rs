//! Templates of the evidence tables, as CSV and as a workbook.

use std::fmt::Write as _;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use crate::evidence_tables::soundness::SAMPLE_MARK;
use crate::evidence_tables::{Kind, SPECS, TableSpec};
use crate::record::Diagnostic;
use crate::rules::kinds;

/// The template of one table: a header in the language asked for, and a sample row. The byte order mark makes Excel read it as UTF-8.
#[must_use]
pub fn csv_template(spec: &TableSpec, english: bool) -> String {
    let header: Vec<&str> = spec.columns.iter().map(|column| if english { column.name } else { column.zh }).collect();
    format!("\u{feff}{}\r\n{}\r\n", header.join(","), sample(spec).join(","))
}

/// The sample row, marked as one in its first cell: no record can be taken for it, and it can be left in.
fn sample(spec: &TableSpec) -> Vec<String> {
    let mark = |(at, cell): (usize, &&str)| if at == 0 { format!("{SAMPLE_MARK} {cell}") } else { (*cell).to_owned() };
    spec.example.iter().enumerate().map(mark).collect()
}

/// One workbook with a sheet a table: header, sample row, what the table is and what its columns take.
///
/// # Errors
/// When the workbook cannot be made.
pub fn xlsx_template(english: bool) -> Result<Vec<u8>, Diagnostic> {
    workbook(english).map_err(|error| {
        Diagnostic::new("E0300", (format!("無法產生範本活頁簿：{error}"), format!("cannot make the template workbook: {error}")))
    })
}

fn workbook(english: bool) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same templates give the same bytes.
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    notes(&mut book, english, &bold)?;
    for spec in SPECS {
        let sheet = book.add_worksheet().set_name(spec.name)?;
        for (at, (column, sample)) in (0..).zip(spec.columns.iter().zip(sample(spec))) {
            sheet.set_column_width(at, 18)?;
            // Text format: Excel would turn an account with a leading zero into a number.
            sheet.set_column_format(at, &text)?;
            sheet.write_string_with_format(0, at, if english { column.name } else { column.zh }, &bold)?;
            sheet.write_string_with_format(1, at, sample, &text)?;
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

/// The first sheet: what each table is and what its columns take, apart from the tables so that these can be saved as CSV as they are.
fn notes(book: &mut Workbook, english: bool, bold: &Format) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet().set_name("read_me")?;
    let mut line = 0;
    for spec in SPECS {
        sheet.write_string_with_format(line, 0, spec.name, bold)?;
        sheet.write_string(line, 1, if english { spec.about.en } else { spec.about.zh })?;
        for column in spec.columns {
            line += 1;
            sheet.write_string(line, 1, if english { column.name } else { column.zh })?;
            sheet.write_string(line, 2, takes(column.kind, english))?;
        }
        line += 2;
    }
    Ok(())
}

/// Every table with its columns in both languages, for docs/evidence.md.
#[must_use]
pub fn tables_markdown() -> String {
    let mut text = String::new();
    for spec in SPECS {
        let (name, section, about) = (spec.name, spec.section.name(), spec.about);
        let header = "| column | 欄位 | takes | required | sample |\n|---|---|---|---|---|\n";
        // Writing to a string cannot fail.
        let _ = write!(text, "\n### `{name}` in `[{section}]`\n\n{}\n\n{}\n\n{header}", about.zh, about.en);
        for (column, sample) in spec.columns.iter().zip(spec.example) {
            let required = if column.required { "yes" } else { "" };
            let takes = takes(column.kind, true);
            let _ = writeln!(text, "| `{}` | {} | {takes} | {required} | {sample} |", column.name, column.zh);
        }
        let codes: Vec<&str> = kinds().filter(|kind| kind.tables.contains(&name)).map(|kind| kind.code).collect();
        let _ = writeln!(text, "\nRead by {}.", codes.join(", "));
    }
    text
}

/// What a column takes, in words.
pub(crate) fn takes(kind: Kind, english: bool) -> String {
    let fixed = match (kind, english) {
        (Kind::Text, true) => "text",
        (Kind::Text, false) => "文字",
        (Kind::Date, true) => "date, such as 2026-01-05",
        (Kind::Date, false) => "日期，如 2026-01-05",
        (Kind::Time, true) => "date and time",
        (Kind::Time, false) => "日期與時間",
        (Kind::Number, true) => "number",
        (Kind::Number, false) => "數字",
        (Kind::Flag, true) => "yes or no",
        (Kind::Flag, false) => "是或否",
        (Kind::Choice(words), _) => {
            let shown = |(word, also): &(&'static str, &'static [&'static str])| {
                let zh = also.iter().find(|other| !other.is_ascii()).copied().unwrap_or(word);
                if english { (*word).to_owned() } else { zh.to_owned() }
            };
            return words.iter().map(shown).collect::<Vec<_>>().join(" / ");
        }
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_the_same_bytes_each_time_and_the_workbook_has_a_sheet_a_table() {
        let (one, two) = (xlsx_template(false).expect("made"), xlsx_template(false).expect("made"));
        assert!(one == two && one.starts_with(b"PK"));
    }
}
