//! The first sheet: verdict, scorecard, and what stands on the other sheets.

use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::report::figure_rows::{text, whole};
use crate::report::i18n::{self, LABELS, SEED_FINDINGS, SHEETS, not_repeated, workbook_note};
use crate::report::model::StudyResult;
use crate::report::numbers::count;
use crate::report::table_rows::Cell;
use crate::report::workbook::rows::is_shown;
use crate::report::workbook::sheet::{Look, Made, Styles, height, held, printed, text_lines, write_cell};

/// Widths of the columns, in characters.
const WIDTHS: [f64; 5] = [30.0, 58.0, 20.0, 70.0, 20.0];

/// Lines written one below the other.
struct Lines<'s> {
    sheet: Worksheet,
    row: u32,
    styles: &'s Styles,
}

impl Lines<'_> {
    fn cells(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let wrapped = cells.iter().zip(WIDTHS).skip(1).map(|(cell, width)| text_lines(cell, width, Look::Wrapped)).max().unwrap_or(1);
        if wrapped > 1 {
            self.sheet.set_row_height(self.row, height(wrapped))?;
        }
        for (at, cell) in (0..).zip(cells) {
            let look = if at == 0 { Look::Plain } else { Look::Wrapped };
            write_cell(&mut self.sheet, (self.row, at), cell, look, self.styles)?;
        }
        self.row += 1;
        Ok(())
    }

    fn bold(&mut self, texts: &[&str]) -> Result<(), XlsxError> {
        for (at, text) in (0..).zip(texts) {
            self.sheet.write_string_with_format(self.row, at, held(text, self.styles.language), &self.styles.bold)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A sentence that runs over the columns to its right.
    fn sentence(&mut self, said: &str) -> Result<(), XlsxError> {
        write_cell(&mut self.sheet, (self.row, 0), &text(said), Look::Plain, self.styles)?;
        self.row += 1;
        Ok(())
    }
}

/// The sheet; `others` are the sheets behind it.
pub(crate) fn sheet(result: &StudyResult, others: &[Made], styles: &Styles) -> Result<Made, XlsxError> {
    let language = styles.language;
    let name = SHEETS.summary.pick(language);
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    for (at, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(at, width)?;
    }
    printed(&mut sheet);
    sheet.set_row_height(0, 24)?;
    sheet.write_string_with_format(0, 0, held(&result.study.title, language), &styles.title)?;
    let mut lines = Lines { sheet, row: 1, styles };
    lines.bold(&[language.pick(&i18n::headline(result))])?;
    let period = result.study.period.as_ref();
    let period = period.map_or_else(|| LABELS.no_period.pick(language).to_owned(), |p| format!("{} – {}", p.first, p.last));
    let tool = format!("{} {}", result.tool.name, result.tool.version);
    let facts = [
        (LABELS.verdict, i18n::verdict(&result.verdict).pick(language)),
        (LABELS.period, &period),
        (LABELS.timezone, &result.study.timezone),
        (LABELS.version, &tool),
        (LABELS.config_hash, &result.study.config_sha256),
    ];
    for (label, value) in facts {
        lines.cells(&[text(label.pick(language)), text(value)])?;
    }
    for alert in &result.alerts {
        lines.sentence(language.pick(alert))?;
    }
    for sentence in i18n::summary(result) {
        lines.sentence(language.pick(&sentence))?;
    }
    lines.sentence(language.pick(&workbook_note()))?;
    scorecard(&mut lines, result)?;
    contents(&mut lines, result, others)?;
    let rows = u64::from(lines.row);
    Ok(Made { sheet: lines.sheet, name: name.to_owned(), rows, source: String::new(), note: String::new() })
}

fn scorecard(lines: &mut Lines<'_>, result: &StudyResult) -> Result<(), XlsxError> {
    let language = lines.styles.language;
    lines.row += 1;
    lines.bold(&[LABELS.number, LABELS.finding, LABELS.state, LABELS.reason, SHEETS.clause].map(|label| label.pick(language)))?;
    for row in &result.scorecard {
        let title = usize::from(row.number).checked_sub(1).and_then(|place| SEED_FINDINGS.get(place)).copied().unwrap_or(LABELS.unknown);
        let state = i18n::state(&row.state).pick(language);
        lines.cells(&[
            text(&row.number.to_string()),
            text(title.pick(language)),
            text(state),
            text(language.pick(&row.reason)),
            text(&row.codes.join(", ")),
        ])?;
    }
    if let Some(outside) = i18n::outside_the_eight(result) {
        lines.sentence(language.pick(&outside))?;
    }
    Ok(())
}

fn contents(lines: &mut Lines<'_>, result: &StudyResult, others: &[Made]) -> Result<(), XlsxError> {
    let language = lines.styles.language;
    lines.row += 1;
    lines.bold(&[SHEETS.sheet, SHEETS.contents, LABELS.rows, SHEETS.left_out].map(|label| label.pick(language)))?;
    for made in others {
        let source = if made.source.is_empty() { "result.json" } else { &made.source };
        lines.cells(&[text(&made.name), text(source), whole(made.rows), text(&made.note)])?;
    }
    for table in result.tables.iter().filter(|table| !is_shown(&table.path)) {
        lines.sentence(language.pick(&not_repeated(&table.path, &count(table.rows))))?;
    }
    Ok(())
}
