//! Sheets of rows: the exceptions and the rows behind the findings, one family a sheet, read from the tables; of a long table the first by rank.

use std::collections::BTreeMap;
use std::path::Path;

use rust_xlsxwriter::XlsxError;

use crate::record::{Diagnostic, Zone};
use crate::report::i18n::{Label, SHEETS, rows_shown};
use crate::report::model::StudyResult;
use crate::report::numbers::{count, display_width};
use crate::report::row_tables::{Extract, ROW_TABLES, RowTable, extract, workbook_rows};
use crate::report::row_view::RowView;
use crate::report::table_names;
use crate::report::table_rows::{Cell, Part, Table};
use crate::report::workbook::not_made;
use crate::report::workbook::sheet::{Column, List, Look, Made, Styles};

/// A sheet: the table it shows, its name, and the family of codes it takes where a table holds several.
const SHEETS_OF_ROWS: [(&str, Label, Option<&str>); 13] = [
    (table_names::EXCEPTIONS, SHEETS.exceptions, None),
    (table_names::RECORDS, SHEETS.records, Some("R")),
    (table_names::RECORDS, SHEETS.stamp_rows, Some("T")),
    (table_names::OVERTAKES, SHEETS.overtakes, None),
    (table_names::AHEAD, SHEETS.ahead, None),
    (table_names::SERIALS, SHEETS.serials, None),
    (table_names::MATRIX, SHEETS.matrix, None),
    (table_names::CLIENT_MATRIX, SHEETS.clients, None),
    (table_names::SESSIONS, SHEETS.sessions, None),
    (table_names::ACCESS_ROWS, SHEETS.access, None),
    (table_names::CONTROLS_ROWS, SHEETS.controls, None),
    (table_names::CROSS_ROWS, SHEETS.cross, None),
    (table_names::SAMPLE, SHEETS.sample, None),
];

/// Whether a table has a sheet.
pub(crate) fn is_shown(table: &str) -> bool {
    SHEETS_OF_ROWS.iter().any(|(name, ..)| *name == table)
}

/// The sheets of the tables that the result names.
pub(crate) fn sheets(result: &StudyResult, (styles, zone): (&Styles, Zone), folder: &Path) -> Result<Vec<Made>, Diagnostic> {
    let most = workbook_rows(result);
    let mut made = Vec::new();
    for (path, label, family) in SHEETS_OF_ROWS {
        let known = result.tables.iter().any(|known| known.path == path);
        if let Some(table) = ROW_TABLES.iter().find(|table| known && table.path == path) {
            let extract = extract(folder, table, family, most)?;
            // A family without a row has no sheet where the table is another family's too.
            if family.is_none() || extract.total > 0 {
                made.extend(list((table, label, family), extract, (styles, zone), folder)?);
            }
        }
    }
    Ok(made)
}

fn list(
    (table, label, family): (&RowTable, Label, Option<&str>),
    extract: Extract,
    (styles, zone): (&Styles, Zone),
    folder: &Path,
) -> Result<Vec<Made>, Diagnostic> {
    let failed = |error: XlsxError| not_made(&error);
    let mut ascending = extract.chosen.clone();
    ascending.iter_mut().for_each(|chosen| chosen.sort_unstable());
    let rows = Table::open(folder, table.path, ascending.as_deref().map_or(Part::All, Part::Rows))?;
    let view = RowView::of(&rows.columns, zone, styles.language);
    let columns: Vec<Column> = view.titles().map(|title| (title.to_owned(), width(title), Look::Plain)).collect();
    let code = rows.place("code");
    let sheet_name = label.pick(styles.language);
    let (Some(chosen), Some(ascending)) = (extract.chosen, ascending) else {
        let mut list = List::new(sheet_name, [table.path, ""], columns, styles).map_err(failed)?;
        for row in rows {
            let row = row?;
            let wanted = match (family, code.and_then(|at| row.get(at))) {
                (Some(family), Some(Cell::Text(code))) => code.starts_with(family),
                _ => true,
            };
            if wanted {
                list.push(&view.row(&row)).map_err(failed)?;
            }
        }
        return list.finish().map_err(failed);
    };
    let said = rows_shown([&count(chosen.len() as u64), &count(extract.total)], table.order(), [table.csv, table.path]);
    let mut list = List::new(sheet_name, [table.path, styles.language.pick(&said)], columns, styles).map_err(failed)?;
    // Read in the order of the table, shown by rank.
    let mut by_place = BTreeMap::new();
    for (place, row) in ascending.into_iter().zip(rows) {
        by_place.insert(place, row?);
    }
    for row in chosen.iter().filter_map(|place| by_place.get(place)) {
        list.push(&view.row(row)).map_err(failed)?;
    }
    list.finish().map_err(failed)
}

/// Wide enough for what usually stands below a head.
fn width(title: &str) -> f64 {
    match title {
        title if title.ends_with(')') && (title.contains("(UTC") || title.contains('/')) => 36.0,
        title => (display_width(title) as f64 + 4.0).clamp(12.0, 32.0),
    }
}
