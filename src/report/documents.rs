//! The documents a study is read from, all rendered from the result and its tables: page, workbook, text, charts, CSV for Excel.
//!
//! A document is a pure function of the result and, where rows are shown, of the tables beside it: `study` and `report` write the same bytes.

use std::path::Path;

use crate::record::Diagnostic;
use crate::report::charts;
use crate::report::excel_csv::excel_csv;
use crate::report::html::html;
use crate::report::i18n::Language;
use crate::report::markdown::markdown;
use crate::report::model::StudyResult;
use crate::report::workbook::workbook;

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// report.html.
    Page,
    /// workpapers.xlsx.
    Workbook,
    /// report.md.
    Markdown,
    /// charts/*.svg.
    Charts,
    /// csv/*.csv, with a byte order mark for Excel.
    Csv,
}

impl Document {
    /// What every study writes.
    pub const OF_A_STUDY: [Self; 4] = [Self::Page, Self::Workbook, Self::Markdown, Self::Charts];
}

/// Draws a chart; `None` where there is nothing to draw.
type Draw = fn(&StudyResult, Language) -> Option<String>;

/// Every chart that is a file of its own.
pub(crate) const CHARTS: [(&str, Draw); 9] = [
    ("charts/ecdf.svg", |result, language| Some(charts::ecdf(result, language))),
    ("charts/forest.svg", charts::forest),
    ("charts/heat.svg", charts::heat),
    ("charts/ladder.svg", charts::ladder),
    ("charts/passing.svg", charts::passing),
    ("charts/percentile.svg", charts::percentile),
    ("charts/shift.svg", charts::shift),
    ("charts/timeline.svg", charts::timeline),
    ("charts/waterfall.svg", |result, language| Some(charts::waterfall(result, language))),
];

/// The files of one kind with their contents, in the language of the study; `folder` holds the tables that the result names.
///
/// # Errors
/// When a table cannot be read, or the workbook cannot be made.
pub fn render(document: Document, result: &StudyResult, folder: &Path) -> Result<Vec<(&'static str, Vec<u8>)>, Diagnostic> {
    let language = Language::of(&result.study.language);
    Ok(match document {
        Document::Page => vec![("report.html", html(result).into_bytes())],
        Document::Workbook => vec![("workpapers.xlsx", workbook(result, language, folder)?)],
        Document::Markdown => vec![("report.md", markdown(result, language).into_bytes())],
        Document::Charts => {
            let drawn = CHARTS.iter().filter_map(|(name, draw)| Some((*name, draw(result, language)?.into_bytes())));
            drawn.collect()
        }
        Document::Csv => excel_csv(result, language, folder)?,
    })
}
