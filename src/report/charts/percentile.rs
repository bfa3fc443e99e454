//! The tail: latency at each percentile, with one minus the percentile on a log axis, so that every nine takes the same room.

use plotters::element::{Circle, PathElement};
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::ecdf::{self, Line};
use crate::report::charts::plane::Plane;
use crate::report::charts::theme::{MUTED, dash, fill, line, px, series, text};
use crate::report::charts::ticks::{Ticks, decades, log, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::StudyResult;

const WIDTH: u32 = 960;
const BOTTOM: f64 = 46.0;
/// A percentile is drawn where at least this many orders lie beyond it.
const BEYOND: f64 = 10.0;
/// Orders of the largest group below which there is no chart: its curve would end before the 90th percentile.
const LEAST_ORDERS: u64 = 100;

/// The percentile plot; `None` where no group has more than ten orders above zero.
#[must_use]
pub fn percentile(result: &StudyResult, language: Language) -> Option<String> {
    let lines = ecdf::lines(result);
    // A curve that ends before the slowest tenth says nothing of a tail.
    if lines.iter().all(|line| line.group.n < LEAST_ORDERS) {
        return None;
    }
    let drawn: Vec<(&Line<'_>, Vec<(f64, f64)>)> =
        lines.iter().map(|line| (line, tail(line))).filter(|(_, points)| points.len() > 1).collect();
    if drawn.is_empty() {
        return None;
    }
    let (title, alt) = (i18n::percentile_title(&result.groups), i18n::chart_alt_ecdf(&result.groups));
    let height = ecdf::height(lines.len());
    let twice = || lines.iter().map(|line| dash(line.place));
    let dashes: Vec<String> = drawn.iter().map(|(line, _)| dash(line.place)).chain(twice()).collect();
    let frame = Frame {
        width: WIDTH,
        height,
        title: language.pick(&title),
        subtitle: LABELS.percentile_subtitle.pick(language),
        alt: language.pick(&alt),
        dashes: &dashes,
    };
    Some(svg(&frame, |canvas| draw(canvas, &lines, &drawn, f64::from(height), language)))
}

/// `(-log10(1 - p), log10 latency)` of the points above zero that at least ten orders exceed.
fn tail(line: &Line<'_>) -> Vec<(f64, f64)> {
    let n = line.group.n as f64;
    let kept = line.curve.points.iter().filter(|(nanos, share)| *nanos > 0 && (1.0 - share) * n >= BEYOND - 0.5);
    kept.map(|(nanos, share)| (-libm::log10(1.0 - share), log(*nanos))).collect()
}

fn draw(canvas: &Canvas<'_>, lines: &[Line<'_>], drawn: &[(&Line<'_>, Vec<(f64, f64)>)], height: f64, language: Language) -> Drawn {
    let all = || drawn.iter().flat_map(|(_, points)| points);
    let nanos = |log: f64| libm::pow(10.0, log) as i64;
    let y = decades(nanos(all().map(|p| p.1).fold(f64::MAX, f64::min)), nanos(all().map(|p| p.1).fold(0.0, f64::max)));
    let last = all().map(|p| p.0).fold(1.0, f64::max);
    let nines = (1..12).map(f64::from).filter(|nines| *nines <= last);
    let x = Ticks { low: 0.0, high: last * 1.02, major: [0.0, libm::log10(2.0)].into_iter().chain(nines).collect(), minor: vec![] };
    let plane = Plane { left: 62.0, right: f64::from(WIDTH) - ecdf::LABELS_WIDTH, top: ecdf::TOP, bottom: height - BOTTOM, x, y };
    plane.grid(canvas, percent_label, |log| tick_label(libm::pow(10.0, log)))?;
    for (drawn, points) in drawn {
        let path: Vec<(i32, i32)> = points.iter().map(|(x, y)| plane.at(*x, *y)).collect();
        let end = path.last().copied();
        canvas.draw(&PathElement::new(path, line(series(drawn.place), 2.0)))?;
        if let Some(end) = end {
            canvas.draw(&Circle::new(end, px(3.0), fill(series(drawn.place))))?;
        }
    }
    canvas.draw_text(LABELS.axis_latency.pick(language), &text(12.0, &MUTED, HPos::Left, VPos::Top), (px(4.0), px(ecdf::TOP - 22.0)))?;
    let place = (px(plane.right), px(plane.bottom + 26.0));
    canvas.draw_text(LABELS.axis_percentile.pick(language), &text(12.0, &MUTED, HPos::Right, VPos::Top), place)?;
    ecdf::labels(canvas, lines)
}

/// `-log10(1 - p)` as a percentile: 50 %, 99 %, 99.99 %.
fn percent_label(nines: f64) -> String {
    if nines < 0.5 {
        return if nines == 0.0 { "0 %" } else { "50 %" }.into();
    }
    let digits = "9".repeat(nines.round() as usize);
    match digits.split_at_checked(2) {
        Some((whole, rest)) if !rest.is_empty() => format!("{whole}.{rest} %"),
        Some(_) => "99 %".into(),
        None => "90 %".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn each_nine_has_its_tick_and_the_curve_stops_where_ten_orders_are_left() {
        assert_eq!([0.0, 0.301, 1.0, 2.0, 3.0, 5.0].map(percent_label), ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.999 %"]);
        let result = with_groups(1, 200);
        let lines = ecdf::lines(&result);
        let last = tail(&lines[0]).last().expect("points").0;
        assert!((last - libm::log10(20.0)).abs() < 1e-9, "10 of 200 are beyond 95 %: {last}");
    }

    #[test]
    fn a_handful_of_orders_has_no_tail_and_twelve_groups_have_one_each() {
        assert!(percentile(&with_groups(2, 8), Language::En).is_none());
        let chart = percentile(&with_groups(12, 1_000_000), Language::ZhTw).expect("a chart");
        assert!(!chart.contains("NaN") && chart.len() < 120_000);
        assert!(percentile(&sample_result(), Language::En).expect("a chart").contains("99 %"));
    }
}
