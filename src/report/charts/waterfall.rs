//! What was left out: rows read, step by step, to the rows that were matched. Absolute numbers, both sides, one scale a side.

use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::theme::{GRID, INK, KEPT, LOSS, MUTED, bold, fill, line, px, text};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Label, Language};
use crate::report::model::StudyResult;
use crate::report::numbers::{count, percent};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 268;
const TOP: f64 = 92.0;
const ROW: f64 = 27.0;
/// A bar that stands for at least one row is at least this wide, page pixels.
const THINNEST: f64 = 2.0;

/// One row of a waterfall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) label: Label,
    pub(crate) n: u64,
    pub(crate) kind: Kind,
}

/// Whether a step is a level or a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Total,
    Loss,
    Kept,
}

/// Orders read, what was lost, orders matched.
pub(crate) fn order_steps(result: &StudyResult) -> Vec<Step> {
    let r = &result.reconciliation;
    steps(
        result.input.orders.rows,
        [
            (LABELS.rejected, result.input.orders.rejected),
            (LABELS.duplicates, r.duplicate_order),
            (LABELS.no_receipt, r.missing_receipt),
            (LABELS.ambiguous, r.ambiguous),
        ],
        r.matched,
    )
}

/// Receipts read, what was lost, receipts matched.
pub(crate) fn receipt_steps(result: &StudyResult) -> Vec<Step> {
    let r = &result.reconciliation;
    steps(
        result.input.receipts.rows,
        [
            (LABELS.rejected, result.input.receipts.rejected),
            (LABELS.duplicates, r.duplicate_receipt),
            (LABELS.no_order, r.orphan_receipt),
            (LABELS.ambiguous, r.receipts_ambiguous),
        ],
        r.receipts_matched,
    )
}

fn steps(read: u64, losses: [(Label, u64); 4], kept: u64) -> Vec<Step> {
    let step = |label, n, kind| Step { label, n, kind };
    let mut all = vec![step(LABELS.rows_read, read, Kind::Total)];
    all.extend(losses.map(|(label, n)| step(label, n, Kind::Loss)));
    all.push(step(LABELS.matched, kept, Kind::Kept));
    all
}

/// The waterfall of orders and of receipts, side by side.
#[must_use]
pub fn waterfall(result: &StudyResult, language: Language) -> String {
    let (orders, receipts) = (order_steps(result), receipt_steps(result));
    let alt = |steps: &[Step]| i18n::chart_alt_waterfall(language, &steps.iter().map(|step| (step.label, step.n)).collect::<Vec<_>>());
    let alt = format!("{}: {}. {}: {}.", LABELS.orders.pick(language), alt(&orders), LABELS.receipts.pick(language), alt(&receipts));
    let title = i18n::waterfall_title(result);
    let frame = Frame {
        width: WIDTH,
        height: HEIGHT,
        title: language.pick(&title),
        subtitle: LABELS.waterfall_subtitle.pick(language),
        alt: &alt,
        dashes: &[],
    };
    svg(&frame, |canvas| {
        panel(canvas, 4.0, LABELS.orders, &orders, language)?;
        panel(canvas, 496.0, LABELS.receipts, &receipts, language)
    })
}

fn panel(canvas: &Canvas<'_>, left: f64, heading: Label, steps: &[Step], language: Language) -> Drawn {
    let (bars, room) = (left + 104.0, 220.0);
    canvas.draw_text(heading.pick(language), &bold(13.0, &INK, HPos::Left, VPos::Top), (px(left), px(TOP - 28.0)))?;
    let read = steps.first().map_or(0, |step| step.n);
    let scale = |n: u64| room * n as f64 / read.max(1) as f64;
    // The level left after each loss; bars hang from it.
    let mut level = read;
    for (place, step) in steps.iter().enumerate() {
        let top = TOP + ROW * place as f64;
        let start = match step.kind {
            Kind::Loss => level.saturating_sub(step.n),
            Kind::Total | Kind::Kept => 0,
        };
        let width = if step.n > 0 { scale(step.n).clamp(THINNEST, room) } else { 0.0 };
        let from = bars + scale(start).min(room - width);
        row(canvas, step, (left, bars, from, width, top), room, read, language)?;
        if step.kind == Kind::Loss {
            level = start;
        }
        // A thin line carries the level down to the next row.
        if place + 1 < steps.len() {
            let x = px(bars + scale(level));
            canvas.draw(&PathElement::new(vec![(x, px(top + 3.0)), (x, px(top + ROW + 3.0))], line(MUTED, 0.75)))?;
        }
    }
    Ok(())
}

fn row(
    canvas: &Canvas<'_>,
    step: &Step,
    (left, bars, from, width, top): (f64, f64, f64, f64, f64),
    room: f64,
    read: u64,
    language: Language,
) -> Drawn {
    let (colour, sign, weight) = match step.kind {
        Kind::Total => (MUTED, "", true),
        Kind::Loss => (LOSS, if step.n > 0 { "\u{2212}" } else { "" }, false),
        Kind::Kept => (KEPT, "", true),
    };
    let middle = px(top + 10.0);
    let style = |horizontal| if weight { bold(12.5, &INK, horizontal, VPos::Center) } else { text(12.5, &INK, horizontal, VPos::Center) };
    canvas.draw_text(step.label.pick(language), &style(HPos::Left), (px(left), middle))?;
    canvas.draw(&PathElement::new(vec![(px(bars), px(top + 20.5)), (px(bars + room), px(top + 20.5))], line(GRID, 0.75)))?;
    if width > 0.0 {
        canvas.draw(&Rectangle::new([(px(from), px(top + 3.0)), (px(from + width), px(top + 17.0))], fill(colour)))?;
    }
    let number = left + 104.0 + room + 70.0;
    canvas.draw_text(&format!("{sign}{}", count(step.n)), &style(HPos::Right), (px(number), middle))?;
    if step.kind != Kind::Total && read > 0 {
        let share = percent(step.n as f64 / read as f64).replace(' ', "\u{a0}");
        canvas.draw_text(&share, &text(11.0, &MUTED, HPos::Right, VPos::Center), (px(number + 58.0), middle))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn steps_of_both_sides_add_up_to_the_rows_read() {
        let result = sample_result();
        for steps in [order_steps(&result), receipt_steps(&result)] {
            assert_eq!(steps.iter().skip(1).map(|step| step.n).sum::<u64>(), steps[0].n);
        }
    }

    #[test]
    fn numbers_are_absolute_and_written_out() {
        let chart = waterfall(&sample_result(), Language::En);
        for number in ["1,000,012", "\u{2212}104", "999,889"] {
            assert!(chart.contains(number), "{number}");
        }
        assert!(waterfall(&with_groups(0, 0), Language::ZhTw).contains("沒有讀到任何委託"));
    }
}
