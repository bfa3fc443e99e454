//! workpapers.xlsx: every figure and the rows behind it in typed cells, ready to be filed, filtered and answered.
//!
//! Figures come from the result, rows from the tables beside it, of a long table the first by rank. The same result and tables give the same bytes.

mod figures;
mod rows;
mod sheet;
mod summary;

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::record::{Diagnostic, Zone, printable};
use crate::report::i18n::Language;
use crate::report::model::StudyResult;
use crate::report::workbook::sheet::{Made, Styles};

/// The workbook of a study, in one language; `folder` holds its tables.
///
/// # Errors
/// When a table cannot be read, or the workbook cannot be made.
pub(crate) fn workbook(result: &StudyResult, language: Language, folder: &Path) -> Result<Vec<u8>, Diagnostic> {
    let styles = Styles::new(language);
    let zone = Zone::named(&result.study.timezone).unwrap_or(Zone::UTC);
    let mut made = figures::sheets(result, &styles).map_err(|error| not_made(&error))?;
    made.extend(rows::sheets(result, (&styles, zone), folder)?);
    let first = summary::sheet(result, &made, &styles).map_err(|error| not_made(&error))?;
    bound(styles.into_book(), first, made).map_err(|error| not_made(&error))
}

fn bound(mut book: Workbook, first: Made, sheets: Vec<Made>) -> Result<Vec<u8>, XlsxError> {
    // No wall clock: the same study gives the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    std::iter::once(first).chain(sheets).for_each(|made| book.push_worksheet(made.sheet));
    book.save_to_buffer()
}

fn not_made(error: &XlsxError) -> Diagnostic {
    let said = printable(&error.to_string(), 300);
    let problem = (format!("無法產生工作底稿活頁簿：{said}"), format!("cannot make the workbook: {said}"));
    Diagnostic::new("E0300", problem)
        .help(("請檢查暫存空間（TMPDIR）與權限", "check the space and permissions of the temporary folder (TMPDIR)"))
}
