//! csv/*.csv for Excel: groups, pairs, findings, and every row of every table that the workbook shows; with a byte order mark, no cell a formula.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::record::{Diagnostic, Zone};
use crate::report::figure_rows::{finding_heads, finding_rows, group_heads, group_rows, pair_heads, pair_rows};
use crate::report::i18n::Language;
use crate::report::model::StudyResult;
use crate::report::numbers::{like_a_formula, spelled};
use crate::report::output::not_writable;
use crate::report::row_tables::ROW_TABLES;
use crate::report::row_view::RowView;
use crate::report::table_rows::{Cell, Part, Table};

/// Text written at a time.
const BUFFER: usize = 1 << 16;

/// Files of figures, whole.
pub(crate) fn figures(result: &StudyResult, language: Language) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("csv/findings.csv", of_rows(&finding_heads(language), finding_rows(result, language))),
        ("csv/groups.csv", of_rows(&group_heads(language), group_rows(result))),
        ("csv/pairs.csv", of_rows(&pair_heads(language), pair_rows(result, language))),
    ]
}

/// Files of rows, not yet read: a table may be larger than memory.
pub(crate) fn row_files(result: &StudyResult, language: Language, folder: &Path) -> Vec<(&'static str, RowsCsv)> {
    let zone = Zone::named(&result.study.timezone).unwrap_or(Zone::UTC);
    let known = ROW_TABLES.iter().filter(|table| result.tables.iter().any(|known| known.path == table.path));
    known.map(|table| (table.csv, RowsCsv { folder: folder.to_path_buf(), table: table.path, zone, language })).collect()
}

/// A table on its way to a CSV file.
#[derive(Debug)]
pub struct RowsCsv {
    folder: PathBuf,
    table: &'static str,
    zone: Zone,
    language: Language,
}

impl RowsCsv {
    /// Writes head and rows; `target` is the file that an error names.
    ///
    /// # Errors
    /// When the table cannot be read or the file not written.
    pub(crate) fn write(&self, out: &mut dyn Write, target: &Path) -> Result<(), Diagnostic> {
        let failed = |error: io::Error| not_writable(target, &error);
        let table = Table::open(&self.folder, self.table, Part::All)?;
        let view = RowView::of(&table.columns, self.zone, self.language);
        let mut csv = Csv::new(view.titles());
        for row in table {
            csv.row(&view.row(&row?));
            if csv.text.len() > BUFFER {
                out.write_all(csv.text.as_bytes()).map_err(failed)?;
                csv.text.clear();
            }
        }
        out.write_all(csv.text.as_bytes()).map_err(failed)
    }
}

/// A file under way.
struct Csv {
    text: String,
}

impl Csv {
    fn new<'a>(heads: impl Iterator<Item = &'a str>) -> Self {
        let mut csv = Self { text: String::from("\u{feff}") };
        let heads: Vec<Cell> = heads.map(|head| Cell::Text(head.to_owned())).collect();
        csv.row(&heads);
        csv
    }

    fn row(&mut self, cells: &[Cell]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.text.push_str(&field(cell));
        }
        self.text.push_str("\r\n");
    }
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Instant(_) => String::new(),
        Cell::Whole(number) => number.to_string(),
        Cell::Real(number) if number.is_finite() => number.to_string(),
        Cell::Real(_) => String::new(),
        Cell::Text(text) => {
            // An apostrophe in front is what Excel itself puts before a text that looks like a formula.
            let inert = if like_a_formula(text) { "'" } else { "" };
            let shown = spelled(text);
            if shown.contains([',', '"', ';', '\'']) || !inert.is_empty() || shown.starts_with(' ') {
                format!("\"{inert}{}\"", shown.replace('"', "\"\""))
            } else {
                shown
            }
        }
    }
}

fn of_rows(heads: &[String], rows: impl Iterator<Item = Vec<Cell>>) -> Vec<u8> {
    let mut csv = Csv::new(heads.iter().map(String::as_str));
    rows.for_each(|row| csv.row(&row));
    csv.text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula_and_numbers_stay_numbers() {
        for (text, written) in [
            ("=1+1", "\"'=1+1\""),
            ("+886", "\"'+886\""),
            ("@SUM", "\"'@SUM\""),
            ("\tx", "\"'<U+0009>x\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("甲", "甲"),
        ] {
            assert_eq!(field(&Cell::Text(text.into())), written);
        }
        assert_eq!([Cell::Whole(-5), Cell::Real(-0.25), Cell::Real(f64::NAN)].map(|cell| field(&cell)), ["-5", "-0.25", ""]);
    }
}
