//! The documents a study is read from, all rendered from the result and its tables: page, workbook, text, charts, CSV for Excel.
//!
//! A document is a pure function of the result and, where rows are shown, of the tables beside it: `study` and `report` write the same bytes.

use std::io::Write;
use std::path::Path;

use crate::record::Diagnostic;
use crate::report::charts;
use crate::report::excel_csv::{RowsCsv, figures, row_files};
use crate::report::excel_rejects::RejectsCsv;
use crate::report::html::html;
use crate::report::i18n::Language;
use crate::report::markdown::markdown;
use crate::report::model::StudyResult;
use crate::report::output::not_writable;
use crate::report::workbook::workbook;

/// What goes into a file.
#[derive(Debug)]
pub enum Contents {
    /// All of it.
    Bytes(Vec<u8>),
    /// The rows of a table, read while they are written.
    Rows(RowsCsv),
    /// The refused rows, read while they are written.
    Rejects(RejectsCsv),
}

impl Contents {
    /// Writes it; `target` is the file that an error names.
    ///
    /// # Errors
    /// When it cannot be written, or a table not read.
    pub fn write(&self, out: &mut dyn Write, target: &Path) -> Result<(), Diagnostic> {
        match self {
            Self::Bytes(bytes) => out.write_all(bytes).map_err(|error| not_writable(target, &error)),
            Self::Rows(rows) => rows.write(out, target),
            Self::Rejects(rejects) => rejects.write(out, target),
        }
    }
}

/// A file of a document with its contents.
pub type Written = (&'static str, Contents);

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

/// Every chart that is a file of its own: as SVG and, where a browser drew it, as PNG.
pub(crate) const CHARTS: [([&str; 2], Draw); 9] = [
    (["charts/ecdf.svg", "charts/ecdf.png"], |result, language| Some(charts::ecdf(result, language))),
    (["charts/forest.svg", "charts/forest.png"], charts::forest),
    (["charts/heat.svg", "charts/heat.png"], charts::heat),
    (["charts/ladder.svg", "charts/ladder.png"], charts::ladder),
    (["charts/passing.svg", "charts/passing.png"], charts::passing),
    (["charts/percentile.svg", "charts/percentile.png"], charts::percentile),
    (["charts/shift.svg", "charts/shift.png"], charts::shift),
    (["charts/timeline.svg", "charts/timeline.png"], charts::timeline),
    (["charts/waterfall.svg", "charts/waterfall.png"], |result, language| Some(charts::waterfall(result, language))),
];

/// The charts of a study by the names of their PNG files, in its language.
#[must_use]
pub fn charts_for_png(result: &StudyResult) -> Vec<(&'static str, String)> {
    let language = Language::of(&result.study.language);
    CHARTS.iter().filter_map(|([_, name], draw)| Some((*name, draw(result, language)?))).collect()
}

/// The files of one kind with their contents, in the language of the study; `folder` holds the tables that the result names.
///
/// # Errors
/// When a table cannot be read, or the workbook cannot be made.
pub fn render(document: Document, result: &StudyResult, folder: &Path) -> Result<Vec<Written>, Diagnostic> {
    let language = Language::of(&result.study.language);
    let whole = |files: Vec<(&'static str, Vec<u8>)>| files.into_iter().map(|(name, bytes)| (name, Contents::Bytes(bytes)));
    Ok(match document {
        Document::Page => whole(vec![("report.html", html(result).into_bytes())]).collect(),
        Document::Workbook => whole(vec![("workpapers.xlsx", workbook(result, language, folder)?)]).collect(),
        Document::Markdown => whole(vec![("report.md", markdown(result, language).into_bytes())]).collect(),
        Document::Charts => {
            let drawn = CHARTS.iter().filter_map(|([name, _], draw)| Some((*name, draw(result, language)?.into_bytes())));
            whole(drawn.collect()).collect()
        }
        Document::Csv => {
            let rows = row_files(result, language, folder).into_iter().map(|(name, rows)| (name, Contents::Rows(rows)));
            let rejects = RejectsCsv::of(folder).map(|rejects| ("csv/rejects.csv", Contents::Rejects(rejects)));
            whole(figures(result, language)).chain(rows).chain(rejects).collect()
        }
    })
}
