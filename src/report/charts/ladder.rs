//! What happened: the worst cases of one order passing another, each order's way on one time axis, with what the stamps cannot tell apart.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};

use crate::report::charts::plane::Plane;
use crate::report::charts::theme::{INK, KEPT, LOSS, MUTED, PAPER, ZONE, bold, fill, line, px, text};
use crate::report::charts::ticks::{Ticks, linear, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{PriorityLadder, PriorityRung, StudyResult};
use crate::report::numbers::{duration, isolated, shown_name, typeset};

const WIDTH: u32 = 960;
const TOP: f64 = 84.0;
const CASE: f64 = 118.0;
const LEFT: f64 = 216.0;
const RIGHT: f64 = 940.0;
/// Cases drawn.
const MAX_CASES: usize = 3;

/// The worst cases; `None` where no order was passed.
#[must_use]
pub fn ladder(result: &StudyResult, language: Language) -> Option<String> {
    let found = result.priority.as_ref()?;
    // Cases that a rule counts come before jumps that break none by themselves.
    let counted = !found.cases.is_empty();
    let all = if counted { &found.cases } else { &found.worst };
    let cases = &all[..all.len().min(MAX_CASES)];
    let title = i18n::ladder_title(cases.first()?, counted);
    let alt = i18n::chart_alt_ladder(cases, counted);
    let frame = Frame {
        width: WIDTH,
        height: (TOP + CASE * cases.len() as f64) as u32,
        title: language.pick(&title),
        subtitle: LABELS.ladder_subtitle.pick(language),
        alt: language.pick(&alt),
        dashes: &[],
    };
    Some(svg(&frame, |canvas| {
        legend(canvas, language)?;
        for (row, case) in cases.iter().enumerate() {
            draw(canvas, case, TOP + CASE * row as f64, found.undecidable_within, counted.then_some(language))?;
        }
        Ok(())
    }))
}

/// Received, decided, sent, acknowledged: four shapes.
fn legend(canvas: &Canvas<'_>, language: Language) -> Drawn {
    let marks = [LABELS.received, LABELS.decided, LABELS.sent, LABELS.acknowledged];
    for (place, label) in marks.into_iter().enumerate() {
        let x = LEFT + 96.0 * place as f64;
        mark(canvas, place, (px(x), px(66.0)), INK)?;
        canvas.draw_text(label.pick(language), &text(12.0, &MUTED, HPos::Left, VPos::Center), (px(x + 10.0), px(66.0)))?;
    }
    Ok(())
}

/// A case that is `counted` is labelled in that language with how much earlier the second order was sent, a jump with how much later it came.
fn draw(canvas: &Canvas<'_>, case: &PriorityLadder, top: f64, [receipt_tie, sending_tie]: [i64; 2], counted: Option<Language>) -> Drawn {
    let start = case.orders.iter().map(|order| order.received).min().unwrap_or_default();
    let since = |at: i64| at.saturating_sub(start) as f64;
    let ends: Vec<f64> = case.orders.iter().flat_map(stamps).flatten().map(since).collect();
    let axis = linear(ends.iter().copied().fold(0.0, f64::min), ends.iter().copied().fold(1.0, f64::max));
    let rows = Ticks { low: 0.0, high: 2.0, major: vec![], minor: vec![] };
    let plane = Plane { left: LEFT, right: RIGHT, top: top + 8.0, bottom: top + 78.0, x: axis, y: rows };
    plane.grid(canvas, tick_label, |_| String::new())?;
    for (row, order) in case.orders.iter().enumerate() {
        let colour = if row == 0 { KEPT } else { LOSS };
        let lane = 1.5 - row as f64;
        let name = format!("{} ({})", shown_name(&order.client, 14), shown_name(&order.group, 8));
        let (_, y) = plane.at(0.0, lane);
        canvas.draw_text(&isolated(&name), &bold(12.5, &INK, HPos::Left, VPos::Center), (px(4.0), y - px(7.0)))?;
        let place = format!("{}{}", shown_name(&order.file, 22), order.at());
        canvas.draw_text(&place, &text(11.0, &MUTED, HPos::Left, VPos::Center), (px(4.0), y + px(8.0)))?;
        for (at, tie) in [(order.received, receipt_tie), (order.sent, sending_tie)] {
            let ((from, _), (to, _)) = (plane.at(since(at) - tie as f64, lane), plane.at(since(at) + tie as f64, lane));
            if tie > 0 {
                let corners = [(from.max(px(LEFT)), y - px(11.0)), (to.min(px(RIGHT)), y + px(11.0))];
                canvas.draw(&Rectangle::new(corners, fill(ZONE)))?;
            }
        }
        let ends = [order.received, order.acknowledged.unwrap_or(order.sent)].map(|at| plane.at(since(at), lane));
        canvas.draw(&PathElement::new(ends.to_vec(), line(colour, 2.0)))?;
        for (shape, at) in stamps(order).into_iter().enumerate() {
            if let Some(at) = at {
                mark(canvas, shape, plane.at(since(at), lane), colour)?;
            }
        }
    }
    let jumped = match counted {
        Some(language) => format!("{} {}", LABELS.sent_earlier.pick(language), typeset(&duration(case.ahead()))),
        None => format!("+{}", typeset(&duration(case.time))),
    };
    let (x, y) = plane.at(since(case.orders[0].sent), 1.5);
    let (side, x) = if x > px((LEFT + RIGHT) / 2.0) { (HPos::Right, x - px(10.0)) } else { (HPos::Left, x + px(10.0)) };
    canvas.draw_text(&jumped, &bold(12.0, &INK, side, VPos::Bottom), (x, y - px(5.0)))
}

/// Received, decided, sent, acknowledged.
fn stamps(order: &PriorityRung) -> [Option<i64>; 4] {
    [Some(order.received), order.decided, Some(order.sent), order.acknowledged]
}

fn mark(canvas: &Canvas<'_>, shape: usize, (x, y): (i32, i32), colour: RGBColor) -> Drawn {
    let r = px(4.0);
    match shape {
        0 => {
            canvas.draw(&Circle::new((x, y), r, fill(colour)))?;
            canvas.draw(&Circle::new((x, y), px(2.4), fill(PAPER)))
        }
        1 => canvas.draw(&PathElement::new(vec![(x, y - px(6.0)), (x, y + px(6.0))], line(colour, 2.0))),
        2 => canvas.draw(&Circle::new((x, y), r, fill(colour))),
        _ => canvas.draw(&Polygon::new(vec![(x - r, y + r), (x, y - r), (x + r, y + r)], colour.filled())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{with_groups, with_priority};

    #[test]
    fn both_orders_are_named_with_file_and_row_and_the_time_jumped() {
        let chart = ladder(&with_priority(), Language::En).expect("a chart");
        for words in ["C00016 (B)", "orders.parquet#602185", "+4.92\u{a0}ms", "an order of group A came"] {
            assert!(chart.contains(words), "{words}");
        }
        assert!(!chart.contains("NaN") && ladder(&with_groups(2, 30), Language::ZhTw).is_none());
    }

    #[test]
    fn a_case_that_a_rule_counts_is_drawn_first_with_how_much_earlier_it_was_sent() {
        let mut result = with_priority();
        let priority = result.priority.as_mut().expect("a section");
        priority.cases = priority.worst.clone();
        priority.worst[0].orders[0].client = "another".into();
        let chart = ladder(&result, Language::En).expect("a chart");
        // 5,483,643 ns after the first receipt against 4,999,273 ns.
        assert!(chart.contains("sent earlier by 484\u{a0}\u{b5}s") && chart.contains("A case: ") && !chart.contains("another"), "{chart}");
    }
}
