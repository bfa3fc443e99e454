//! Whole distributions of latency by group on a log axis; zero and negative latencies in a bin of their own, counted.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::prelude::{SVGBackend, ShapeStyle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::theme::{GRID, INK, MAX_SERIES, MUTED, PAPER, ZONE, bold, dash, fill, line, px, series, text};
use crate::report::charts::ticks::{Ticks, decades, log, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, empty, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{Curve, GroupRow, StudyResult};
use crate::report::numbers::{count, duration, isolated, shown_name, typeset};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 450;
/// Page pixels of one label at the right: name and figures.
const LABEL_HEIGHT: f64 = 36.0;
/// Page pixels above the plot.
pub(crate) const TOP: f64 = 86.0;
/// Room for the labels at the right, page pixels.
pub(crate) const LABELS_WIDTH: f64 = 196.0;
/// Above this many points a curve is a thinned one and drawn through its points; below, every step is an order and drawn as a step.
const STEPS_BELOW: usize = 200;

/// A curve with its row of the group table, its dash and its colour.
pub(crate) struct Line<'a> {
    pub(crate) curve: &'a Curve,
    pub(crate) group: &'a GroupRow,
    pub(crate) place: usize,
}

type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ticks, Ticks>>;

/// The empirical distribution function of each group, at most the twelve largest.
#[must_use]
pub fn ecdf(result: &StudyResult, language: Language) -> String {
    let lines = lines(result);
    let (title, alt) = (i18n::ecdf_title(&result.groups), i18n::chart_alt_ecdf(&result.groups));
    let subtitle = i18n::ecdf_subtitle(lines.len(), &result.groups);
    let dashes: Vec<String> = lines.iter().map(|line| dash(line.place)).chain(lines.iter().map(|line| dash(line.place))).collect();
    let [title, alt, subtitle] = [&title, &alt, &subtitle].map(|words| language.pick(words));
    let mut frame = Frame { width: WIDTH, height: height(lines.len()), title, subtitle, alt, dashes: &dashes };
    if lines.is_empty() {
        frame.height = 60;
        return empty(&frame);
    }
    svg(&frame, |canvas| draw(canvas, result, &lines, language))
}

/// Page pixels: taller where the labels at the right need it.
pub(crate) fn height(series: usize) -> u32 {
    HEIGHT.max((TOP + 30.0 + LABEL_HEIGHT * series as f64) as u32)
}

/// Fastest median first, the twelve groups with most orders.
pub(crate) fn lines(result: &StudyResult) -> Vec<Line<'_>> {
    let group_of = |curve: &Curve| result.groups.iter().find(|group| group.group == curve.group && group.n > 0);
    let mut found: Vec<_> = result.curves.iter().filter(|curve| !curve.points.is_empty()).filter_map(|c| Some((c, group_of(c)?))).collect();
    found.sort_by_key(|(_, group)| std::cmp::Reverse(group.n));
    found.truncate(MAX_SERIES);
    found.sort_by_key(|(_, group)| (group.p50, &group.group));
    found.into_iter().enumerate().map(|(place, (curve, group))| Line { curve, group, place }).collect()
}

fn draw(canvas: &Canvas<'_>, result: &StudyResult, lines: &[Line<'_>], language: Language) -> Drawn {
    let positive = || lines.iter().flat_map(|line| &line.curve.points).map(|point| point.0).filter(|nanos| *nanos > 0);
    let mut axis = decades(positive().min().unwrap_or(1_000), positive().max().unwrap_or(1_000_000));
    let not_positive = result.reconciliation.negative + result.reconciliation.zero;
    let log_start = axis.low;
    // Zero and negative latencies have no place on a log axis: a strip of their own, left of it and a little apart.
    let strip = (axis.high - axis.low) / 10.0;
    if not_positive > 0 {
        axis.low -= strip * 1.3;
    }
    let range = (axis.low, log_start, axis.high);
    let shares = Ticks { low: 0.0, high: 1.0, major: vec![0.0, 0.25, 0.5, 0.75, 0.9, 1.0], minor: vec![] };
    let mut builder = ChartBuilder::on(canvas);
    builder.margin_top(px(TOP)).margin_right(px(LABELS_WIDTH)).margin_left(px(2.0));
    let mut plot = builder.x_label_area_size(px(46.0)).y_label_area_size(px(44.0)).build_cartesian_2d(axis, shares)?;
    if not_positive > 0 {
        plot.draw_series([Rectangle::new([(range.0, 0.0), (range.0 + strip, 1.0)], fill(ZONE))])?;
    }
    mesh(&mut plot)?;
    for line in lines {
        draw_line(&mut plot, line, range)?;
    }
    annotate_gap(&mut plot, canvas, lines)?;
    axis_words(&plot, canvas, range, not_positive, language)?;
    labels(canvas, lines)
}

fn mesh(plot: &mut Plot<'_, '_>) -> Drawn {
    let mut mesh = plot.configure_mesh();
    mesh.bold_line_style(line(GRID, 1.0)).light_line_style(ShapeStyle::from(&GRID.mix(0.45)).stroke_width(px(0.75).unsigned_abs()));
    mesh.axis_style(line(MUTED, 1.0)).set_all_tick_mark_size(px(4.0));
    mesh.x_label_style(text(12.0, &INK, HPos::Center, VPos::Top)).y_label_style(text(12.0, &INK, HPos::Right, VPos::Center));
    mesh.x_label_formatter(&|value| tick_label(libm::pow(10.0, *value))).y_label_formatter(&|share| format!("{:.0} %", share * 100.0));
    mesh.draw()
}

/// The curve: through the strip of non-positive latencies first, then over the log axis, and on at 100 % to its end.
fn draw_line(plot: &mut Plot<'_, '_>, drawn: &Line<'_>, (low, log_start, _): (f64, f64, f64)) -> Drawn {
    let points = &drawn.curve.points;
    let at_zero = points.iter().take_while(|point| point.0 <= 0).last().map_or(0.0, |point| point.1);
    let mut path = Vec::with_capacity(points.len() * 2 + 4);
    if low < log_start {
        let middle = low + (log_start - low) / 2.6;
        path.extend([(low, 0.0), (middle, 0.0), (middle, at_zero)]);
    }
    path.push((log_start, at_zero));
    let mut share = at_zero;
    for (nanos, next) in points.iter().filter(|point| point.0 > 0) {
        if points.len() < STEPS_BELOW {
            path.push((log(*nanos), share));
        }
        path.push((log(*nanos), *next));
        share = *next;
    }
    let colour = series(drawn.place);
    plot.draw_series([PathElement::new(path, line(colour, 2.0))])?;
    Ok(())
}

/// Dots at the medians, and the gap between the fastest and the slowest written below and right of the slowest, where no curve runs.
fn annotate_gap(plot: &mut Plot<'_, '_>, canvas: &Canvas<'_>, lines: &[Line<'_>]) -> Drawn {
    let (Some(fast), Some(slow)) = (lines.first(), lines.last()) else { return Ok(()) };
    if fast.group.p50 <= 0 {
        return Ok(());
    }
    let at = |line: &Line<'_>| (log(line.group.p50), 0.5);
    if fast.group.p50 < slow.group.p50 {
        let (start, end) = (plot.backend_coord(&at(fast)), plot.backend_coord(&at(slow)));
        canvas.draw(&Rectangle::new([(start.0, start.1 - px(0.75)), (end.0, end.1 + px(0.75))], fill(INK)))?;
    }
    for drawn in lines {
        let place = plot.backend_coord(&at(drawn));
        canvas.draw(&Circle::new(place, px(4.5), fill(PAPER)))?;
        canvas.draw(&Circle::new(place, px(3.5), fill(series(drawn.place))))?;
    }
    if fast.group.p50 < slow.group.p50 {
        let gap = slow.group.p50.saturating_sub(fast.group.p50);
        let (x, y) = plot.backend_coord(&at(slow));
        canvas.draw_text(
            &typeset(&format!("+{}", duration(gap))),
            &bold(13.0, &INK, HPos::Left, VPos::Center),
            (x + px(10.0), y + px(11.0)),
        )?;
    }
    Ok(())
}

fn axis_words(plot: &Plot<'_, '_>, canvas: &Canvas<'_>, range: (f64, f64, f64), not_positive: u64, language: Language) -> Drawn {
    let (low, log_start, high) = range;
    let (_, bottom) = plot.backend_coord(&(low, 0.0));
    let (right, top) = plot.backend_coord(&(high, 1.0));
    let muted = |horizontal| text(12.0, &MUTED, horizontal, VPos::Top);
    canvas.draw_text(LABELS.axis_share.pick(language), &muted(HPos::Left), (px(4.0), top - px(22.0)))?;
    canvas.draw_text(LABELS.axis_latency.pick(language), &muted(HPos::Right), (right, bottom + px(26.0)))?;
    if not_positive > 0 {
        let middle = plot.backend_coord(&(low + (log_start - low) / 2.6, 0.0)).0;
        canvas.draw_text(LABELS.at_or_below_zero.pick(language), &text(12.0, &INK, HPos::Center, VPos::Top), (middle, bottom + px(8.0)))?;
        let n = format!("n = {}", count(not_positive));
        canvas.draw_text(&n, &muted(HPos::Center), (middle, bottom + px(26.0)))?;
    }
    Ok(())
}

/// Name, median and tail of each group at the right, fastest first, beside a piece of its line.
pub(crate) fn labels(canvas: &Canvas<'_>, lines: &[Line<'_>]) -> Drawn {
    let left = px(f64::from(WIDTH) - LABELS_WIDTH + 18.0);
    for (place, drawn) in lines.iter().enumerate() {
        let y = px(TOP + 2.0 + LABEL_HEIGHT * place as f64);
        canvas.draw(&PathElement::new(vec![(left, y + px(7.0)), (left + px(26.0), y + px(7.0))], line(series(drawn.place), 2.5)))?;
        let name = isolated(&shown_name(&drawn.group.group, 20));
        canvas.draw_text(&name, &bold(12.5, &INK, HPos::Left, VPos::Top), (left + px(34.0), y))?;
        let figures = format!("p50 {} · p99 {}", typeset(&duration(drawn.group.p50)), typeset(&duration(drawn.group.p99)));
        canvas.draw_text(&figures, &text(11.0, &MUTED, HPos::Left, VPos::Top), (left + px(34.0), y + px(15.0)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn the_title_states_the_gap_and_every_series_is_named_with_its_median() {
        let chart = ecdf(&sample_result(), Language::En);
        assert!(chart.contains("QUANT waits 12.0\u{a0}\u{b5}s longer than HFT at the median"), "{}", &chart[..600]);
        assert!(chart.contains("role=\"img\"") && chart.contains("viewBox=\"0 0 3840 1800\"") && chart.contains("p50 44.1\u{a0}\u{b5}s"));
        assert_eq!(chart.matches("stroke-linejoin").count(), 4, "two curves, two pieces of line beside their names");
        assert_eq!(chart.matches("stroke-dasharray").count(), 2, "the second series is dashed, in the plot and in its label");
        assert!(chart.contains("n = 42"), "negative and zero latencies are counted");
    }

    #[test]
    fn one_to_thirteen_groups_none_and_thirty_orders_all_draw() {
        for groups in 0..=13 {
            for orders in [1, 30, 1_000_000] {
                let chart = ecdf(&with_groups(groups, orders), Language::ZhTw);
                assert!(chart.starts_with("<svg ") && chart.trim_end().ends_with("</svg>"), "{groups} groups of {orders}");
                assert!(!chart.contains("NaN") && chart.len() < 120_000, "{groups} groups of {orders}: {}", chart.len());
            }
        }
    }

    #[test]
    fn the_same_result_gives_the_same_bytes() {
        assert_eq!(ecdf(&sample_result(), Language::En), ecdf(&sample_result(), Language::En));
    }
}
