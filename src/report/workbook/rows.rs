//! Sheets of rows: every exception and every row behind a finding, one family a sheet, read from the tables one row at a time.

use std::path::Path;

use rust_xlsxwriter::XlsxError;

use crate::record::{Diagnostic, Zone};
use crate::report::i18n::{Label, SHEETS};
use crate::report::model::StudyResult;
use crate::report::row_view::RowView;
use crate::report::table_rows::{Cell, Table};
use crate::report::workbook::not_made;
use crate::report::workbook::sheet::{Column, List, Look, Made, Styles};

/// A sheet: the table it shows, its name, and the family of codes it takes where a table holds several.
const SHEETS_OF_ROWS: [(&str, Label, Option<&str>); 13] = [
    ("tables/exceptions.parquet", SHEETS.exceptions, None),
    ("tables/records.parquet", SHEETS.records, Some("R")),
    ("tables/records.parquet", SHEETS.stamp_rows, Some("T")),
    ("tables/priority_overtakes.parquet", SHEETS.overtakes, None),
    ("tables/priority_ahead.parquet", SHEETS.ahead, None),
    ("tables/priority_serials.parquet", SHEETS.serials, None),
    ("tables/priority_matrix.parquet", SHEETS.matrix, None),
    ("tables/priority_clients.parquet", SHEETS.clients, None),
    ("tables/priority_sessions.parquet", SHEETS.sessions, None),
    ("tables/findings_access.csv", SHEETS.access, None),
    ("tables/findings_controls.csv", SHEETS.controls, None),
    ("tables/findings_cross.csv", SHEETS.cross, None),
    ("tables/sample.csv", SHEETS.sample, None),
];

/// Whether a table has a sheet.
pub(crate) fn is_shown(table: &str) -> bool {
    SHEETS_OF_ROWS.iter().any(|(name, ..)| *name == table)
}

/// The sheets of the tables that the result names.
pub(crate) fn sheets(result: &StudyResult, (styles, zone): (&Styles, Zone), folder: &Path) -> Result<Vec<Made>, Diagnostic> {
    let mut made = Vec::new();
    for (table, label, family) in SHEETS_OF_ROWS {
        if result.tables.iter().any(|known| known.path == table) {
            made.extend(list(table, (label, family), (styles, zone), folder)?);
        }
    }
    Ok(made)
}

fn list(
    name: &str,
    (label, family): (Label, Option<&str>),
    (styles, zone): (&Styles, Zone),
    folder: &Path,
) -> Result<Vec<Made>, Diagnostic> {
    let failed = |error: XlsxError| not_made(&error);
    let table = Table::open(folder, name)?;
    let view = RowView::of(&table.columns, zone, styles.language);
    let columns: Vec<Column> = view.titles().map(|title| (title.to_owned(), width(title), Look::Plain)).collect();
    let code = table.place("code");
    let mut list = List::new(label.pick(styles.language), name, columns, styles).map_err(failed)?;
    let mut n_rows = 0_u64;
    for row in table {
        let row = row?;
        let wanted = match (family, code.and_then(|at| row.get(at))) {
            (Some(family), Some(Cell::Text(code))) => code.starts_with(family),
            _ => true,
        };
        if wanted {
            list.push(&view.row(&row)).map_err(failed)?;
            n_rows += 1;
        }
    }
    // A family without a row has no sheet where the table is another family's too.
    if family.is_some() && n_rows == 0 {
        return Ok(Vec::new());
    }
    list.finish().map_err(failed)
}

/// Wide enough for what usually stands below a head.
fn width(title: &str) -> f64 {
    match title {
        title if title.ends_with(')') && (title.contains("(UTC") || title.contains('/')) => 36.0,
        title => (crate::report::numbers::display_width(title) as f64 + 4.0).clamp(12.0, 32.0),
    }
}
