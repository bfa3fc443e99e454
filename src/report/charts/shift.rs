//! Where is the gap: the difference between two groups at each quantile, like for like, with its band and the margin.
//!
//! Ties make flat stretches, and in the tail the band is wide: the axis is linear within the margin and logarithmic beyond,
//! so that a gap of some microseconds and a band of milliseconds are both seen.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::directions::one_way;
use crate::report::charts::plane::Plane;
use crate::report::charts::theme::{INK, KEPT, MUTED, PAPER, ZONE, bold, fill, line, px, text};
use crate::report::charts::ticks::{Ticks, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{PairRow, ShiftPoint, StudyResult};
use crate::report::numbers::{isolated, shown_name};

const WIDTH: u32 = 960;
const TOP: f64 = 64.0;
const PANEL: f64 = 218.0;
/// Page pixels a tick's label takes.
const LABEL_HEIGHT: f64 = 15.0;
/// Pairs drawn at most, two a row.
const MAX_PANELS: usize = 6;

/// The shift functions of the pairs with the widest median gaps, one direction of each; `None` where none was estimated.
#[must_use]
pub fn shift(result: &StudyResult, language: Language) -> Option<String> {
    let pairs = pairs(result);
    if pairs.is_empty() {
        return None;
    }
    let all = one_way(result).iter().filter(|(pair, _)| pair.shift.len() > 1).count();
    let subtitle = i18n::of_all(LABELS.shift_subtitle, MAX_PANELS, all);
    let (title, alt) = (i18n::shift_title(pairs[0]), i18n::chart_alt_shift(&pairs));
    let rows = pairs.len().div_ceil(2) as f64;
    let frame = Frame {
        width: WIDTH,
        height: (TOP + PANEL * rows) as u32,
        title: language.pick(&title),
        subtitle: language.pick(&subtitle),
        alt: &alt,
        dashes: &[],
    };
    let alone = pairs.len() == 1;
    Some(svg(&frame, |canvas| {
        for (place, pair) in pairs.iter().enumerate() {
            let left = if place % 2 == 0 { 0.0 } else { 484.0 };
            let right = if alone { 950.0 } else { left + 466.0 };
            panel(canvas, pair, (left, right, TOP + PANEL * (place / 2) as f64), language)?;
        }
        Ok(())
    }))
}

/// The pairs drawn.
pub(crate) fn pairs(result: &StudyResult) -> Vec<&PairRow> {
    let with_levels = one_way(result).into_iter().map(|(pair, _)| pair).filter(|pair| pair.shift.len() > 1);
    with_levels.take(MAX_PANELS).collect()
}

fn panel(canvas: &Canvas<'_>, pair: &PairRow, (left, right, top): (f64, f64, f64), language: Language) -> Drawn {
    let margin = pair.median_gap.as_ref().map_or(10_000.0, |gap| gap.margin).max(1.0);
    let bent = |nanos: f64| libm::asinh(nanos / margin);
    let ends = |point: &ShiftPoint| [Some(point.difference), point.lower, point.upper].into_iter().flatten().collect::<Vec<_>>();
    let all = || pair.shift.iter().flat_map(ends).chain([-margin, margin]).map(bent);
    let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let major = ticks(margin, (low, high), bent);
    let count = pair.shift.len() as f64;
    let x = Ticks { low: -0.5, high: count - 0.5, major: (0..pair.shift.len()).map(|at| at as f64).collect(), minor: vec![] };
    let y = Ticks { low: low - 0.25, high: high + 0.25, major, minor: vec![] };
    let plane = Plane { left: left + 66.0, right, top: top + 30.0, bottom: top + PANEL - 34.0, x, y };
    let ((x0, y0), (x1, y1)) = (plane.at(-0.5, bent(margin)), plane.at(count - 0.5, bent(-margin)));
    canvas.draw(&Rectangle::new([(x0, y0), (x1, y1)], fill(ZONE)))?;
    let name = |name: &str| isolated(&shown_name(name, 22));
    let heading = format!("{} \u{2192} {}", name(&pair.favoured), name(&pair.disadvantaged));
    canvas.draw_text(&heading, &bold(13.0, &INK, HPos::Left, VPos::Top), (px(left + 4.0), px(top + 4.0)))?;
    // Beside another panel there is no room for the sign: the heading of the axis says it.
    let sign = if right - left > 500.0 { "\u{a0}%" } else { "" };
    let q_label = |at: f64| pair.shift.get(at.round() as usize).map_or_else(String::new, |point| format!("{}{sign}", level(point.q)));
    plane.grid(canvas, q_label, |bent| tick_label((libm::sinh(bent) * margin).round()))?;
    band(canvas, &plane, &pair.shift, bent)?;
    let path: Vec<(i32, i32)> = pair.shift.iter().enumerate().map(|(at, point)| plane.at(at as f64, bent(point.difference))).collect();
    canvas.draw(&PathElement::new(path.clone(), line(KEPT, 2.0)))?;
    for place in path {
        canvas.draw(&Circle::new(place, px(4.0), fill(PAPER)))?;
        canvas.draw(&Circle::new(place, px(3.0), fill(KEPT)))?;
    }
    let place = (px(right), px(top + 8.0));
    canvas.draw_text(LABELS.shift_axis.pick(language), &text(11.5, &MUTED, HPos::Right, VPos::Top), place)
}

/// Zero, the margin, and ten times as much again and again, as far apart as their labels need.
fn ticks(margin: f64, (low, high): (f64, f64), bent: impl Fn(f64) -> f64) -> Vec<f64> {
    let powers = (0..12).map(|decade| margin * libm::pow(10.0, f64::from(decade)));
    let candidates = [0.0].into_iter().chain(powers.flat_map(|step| [step, -step])).map(bent).filter(|v| (low..=high).contains(v));
    let apart = (high - low + 0.5) * LABEL_HEIGHT / (PANEL - 64.0);
    let mut kept: Vec<f64> = Vec::new();
    for candidate in candidates {
        if kept.iter().all(|other| (other - candidate).abs() >= apart) {
            kept.push(candidate);
        }
    }
    kept
}

/// The pointwise intervals, joined where neighbours have one.
fn band(canvas: &Canvas<'_>, plane: &Plane, points: &[ShiftPoint], bent: impl Fn(f64) -> f64) -> Drawn {
    let ends: Vec<Option<(f64, f64)>> = points.iter().map(|point| Some((bent(point.lower?), bent(point.upper?)))).collect();
    for (at, two) in ends.windows(2).enumerate() {
        if let [Some(one), Some(next)] = two {
            let x = at as f64;
            let corners = [(x, one.0), (x, one.1), (x + 1.0, next.1), (x + 1.0, next.0)].map(|(x, y)| plane.at(x, y));
            canvas.draw(&Polygon::new(corners.to_vec(), KEPT.mix(0.16).filled()))?;
        }
    }
    Ok(())
}

/// A quantile level in per cent: 10, 99.9.
fn level(q: f64) -> String {
    ((q * 1000.0).round() / 10.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn one_direction_of_each_pair_is_drawn_with_its_levels_and_margin() {
        let chart = shift(&sample_result(), Language::En).expect("a chart");
        for words in ["HFT \u{2192} QUANT", "99.9\u{a0}%", "10 \u{b5}s"] {
            assert!(chart.contains(words), "{words}");
        }
        assert!(!chart.contains("QUANT \u{2192} HFT") && !chart.contains("NaN"));
    }

    #[test]
    fn nothing_estimated_nothing_drawn() {
        assert!(shift(&with_groups(3, 100), Language::ZhTw).is_none());
    }
}
