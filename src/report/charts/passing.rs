//! Who passes whom: for each pair of groups how often the later order left first, beside what there would be without preference.

use plotters::element::Rectangle;
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};

use crate::report::charts::theme::{INK, KEPT, LOSS, MUTED, ZONE, bold, px, text};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{PriorityCell, StudyResult};
use crate::report::numbers::{count, isolated, shown_name};

const WIDTH: u32 = 960;
const TOP: f64 = 112.0;
const ROW: f64 = 50.0;
const LEFT: f64 = 160.0;
const RIGHT: f64 = 950.0;
/// Groups drawn at most.
const MAX_GROUPS: usize = 8;

/// The matrix by group in the configured scope; `None` without an order of handling or with one group.
#[must_use]
pub fn passing(result: &StudyResult, language: Language) -> Option<String> {
    let found = result.priority.as_ref()?;
    let matrix = found.matrices.iter().find(|matrix| matrix.by == "group" && matrix.scope == found.scope)?;
    let mut groups: Vec<&str> = matrix.cells.iter().flat_map(|cell| [cell.later.as_str(), &cell.earlier]).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.truncate(MAX_GROUPS);
    if groups.len() < 2 {
        return None;
    }
    let (title, alt) = (i18n::passing_title(&matrix.cells), i18n::chart_alt_passing(&matrix.cells));
    let frame = Frame {
        width: WIDTH,
        height: (TOP + ROW * groups.len() as f64 + 12.0) as u32,
        title: language.pick(&title),
        subtitle: LABELS.passing_subtitle.pick(language),
        alt: language.pick(&alt),
        dashes: &[],
    };
    Some(svg(&frame, |canvas| draw(canvas, &matrix.cells, &groups, language)))
}

fn draw(canvas: &Canvas<'_>, cells: &[PriorityCell], groups: &[&str], language: Language) -> Drawn {
    let width = ((RIGHT - LEFT) / groups.len() as f64).min(230.0);
    let name = |name: &str, columns| isolated(&shown_name(name, columns));
    let heading = |words: &str, x: f64, y: f64| canvas.draw_text(words, &text(12.0, &MUTED, HPos::Left, VPos::Top), (px(x), px(y)));
    heading(LABELS.passed_by_row.pick(language), 4.0, TOP - 22.0)?;
    heading(LABELS.passed_column.pick(language), LEFT, TOP - 46.0)?;
    for (column, earlier) in groups.iter().enumerate() {
        let centre = px(LEFT + width * (column as f64 + 0.5));
        let fits = (width / 9.0) as usize;
        canvas.draw_text(&name(earlier, fits), &bold(12.5, &INK, HPos::Center, VPos::Top), (centre, px(TOP - 22.0)))?;
    }
    for (row, later) in groups.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        canvas.draw_text(&name(later, 18), &bold(12.5, &INK, HPos::Left, VPos::Center), (px(4.0), px(top + ROW / 2.0)))?;
        for (column, earlier) in groups.iter().enumerate() {
            let left = LEFT + width * column as f64;
            let corners = [(px(left), px(top)), (px(left + width - 3.0), px(top + ROW - 3.0))];
            match cells.iter().find(|cell| cell.later == *later && cell.earlier == *earlier) {
                Some(cell) => {
                    let (colour, share) = shade(cell);
                    canvas.draw(&Rectangle::new(corners, colour.mix(share).filled()))?;
                    let middle = px(left + width / 2.0 - 1.5);
                    let n = format!("{}{} / {}", mark(cell), count(cell.provable), count(cell.opportunities));
                    canvas.draw_text(&n, &bold(13.0, &INK, HPos::Center, VPos::Top), (middle, px(top + 7.0)))?;
                    let expected = format!("{} {:.1}", LABELS.no_preference.pick(language), cell.expected);
                    canvas.draw_text(&expected, &text(11.0, &INK, HPos::Center, VPos::Top), (middle, px(top + 26.0)))?;
                }
                None => canvas.draw(&Rectangle::new(corners, ZONE.filled()))?,
            }
        }
    }
    Ok(())
}

/// Above zero with its whole interval, below zero, or neither.
fn shade(cell: &PriorityCell) -> (RGBColor, f64) {
    match (cell.lower, cell.upper) {
        (Some(lower), _) if lower > 0.0 => (LOSS, 0.30),
        (_, Some(upper)) if upper < 0.0 => (KEPT, 0.22),
        _ => (MUTED, 0.08),
    }
}

/// The same without colour.
fn mark(cell: &PriorityCell) -> &'static str {
    match (cell.lower, cell.upper) {
        (Some(lower), _) if lower > 0.0 => "\u{25b2} ",
        (_, Some(upper)) if upper < 0.0 => "\u{25bd} ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{with_groups, with_priority};

    #[test]
    fn counts_and_what_there_would_be_without_preference_stand_in_each_cell() {
        let chart = passing(&with_priority(), Language::En).expect("a chart");
        for words in ["\u{25b2} 55 / 3,932", "52.3", "A passes B more often than B passes A"] {
            assert!(chart.contains(words), "{words}");
        }
    }

    #[test]
    fn without_an_order_of_handling_there_is_no_matrix() {
        assert!(passing(&with_groups(2, 30), Language::ZhTw).is_none());
    }
}
