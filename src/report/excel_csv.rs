//! csv/*.csv: groups, pairs, findings and exceptions for Excel, with a byte order mark; no cell is a formula.

use std::path::Path;

use crate::record::{Diagnostic, Zone};
use crate::report::figure_rows::{finding_heads, finding_rows, group_heads, group_rows, pair_heads, pair_rows};
use crate::report::i18n::Language;
use crate::report::model::StudyResult;
use crate::report::numbers::{like_a_formula, spelled};
use crate::report::row_view::RowView;
use crate::report::table_rows::{Cell, Table};

/// The four files.
///
/// # Errors
/// When the table of exceptions cannot be read.
pub(crate) fn excel_csv(result: &StudyResult, language: Language, folder: &Path) -> Result<Vec<(&'static str, Vec<u8>)>, Diagnostic> {
    Ok(vec![
        ("csv/exceptions.csv", exceptions(result, language, folder)?),
        ("csv/findings.csv", findings(result, language)),
        ("csv/groups.csv", groups(result, language)),
        ("csv/pairs.csv", pairs(result, language)),
    ])
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
        let fields: Vec<String> = cells.iter().map(field).collect();
        self.text.push_str(&fields.join(","));
        self.text.push_str("\r\n");
    }

    fn bytes(self) -> Vec<u8> {
        self.text.into_bytes()
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
    csv.bytes()
}

fn groups(result: &StudyResult, language: Language) -> Vec<u8> {
    of_rows(&group_heads(language), group_rows(result))
}

fn pairs(result: &StudyResult, language: Language) -> Vec<u8> {
    of_rows(&pair_heads(language), pair_rows(result, language))
}

fn findings(result: &StudyResult, language: Language) -> Vec<u8> {
    of_rows(&finding_heads(language), finding_rows(result, language))
}

fn exceptions(result: &StudyResult, language: Language, folder: &Path) -> Result<Vec<u8>, Diagnostic> {
    let table = Table::open(folder, "tables/exceptions.parquet")?;
    let view = RowView::of(&table.columns, Zone::named(&result.study.timezone).unwrap_or(Zone::UTC), language);
    let mut csv = Csv::new(view.titles());
    for row in table {
        csv.row(&view.row(&row?));
    }
    Ok(csv.bytes())
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
