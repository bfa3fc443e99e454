//! Since when: each group's median through the study, and the change-points the method claims.
//!
//! No smoothing, and no line across a night or an interval without orders; a point of fewer than ten orders is hollow and joins nothing.

use plotters::element::{Circle, PathElement};
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::ecdf::{LABELS_WIDTH, TOP};
use crate::report::charts::plane::Plane;
use crate::report::charts::theme::{INK, LOSS, MUTED, PAPER, bold, dash, fill, line, px, series, text};
use crate::report::charts::ticks::{Ticks, decades, log, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, largest, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{MedianSeries, OverTime, StudyResult};
use crate::report::numbers::{isolated, shown_name};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 400;
/// A median of fewer orders is drawn, hollow, and joined to nothing.
const LEAST_ORDERS: u64 = 10;
/// More lines than this are drawn thin.
const MANY: usize = 6;
/// Page pixels of one label at the right.
const LABEL: f64 = 24.0;

/// A group with its place among the series.
struct Line<'a> {
    points: &'a MedianSeries,
    place: usize,
}

/// The timeline; `None` where there are fewer than two points in time.
#[must_use]
pub fn timeline(result: &StudyResult, language: Language) -> Option<String> {
    let found = result.over_time.as_ref().filter(|found| found.starts.len() > 1)?;
    let lines = lines(result, found);
    lines.first()?;
    let (title, alt) = (i18n::timeline_title(result), i18n::chart_alt_timeline(found));
    let subtitle = i18n::timeline_subtitle(&found.unit);
    let runs: Vec<(usize, Vec<usize>)> = lines.iter().flat_map(|line| runs(found, line).into_iter().map(|run| (line.place, run))).collect();
    let drawn = runs.iter().map(|(place, _)| dash(*place)).chain(lines.iter().map(|line| dash(line.place)));
    let dashes: Vec<String> = drawn.collect();
    let frame = Frame {
        width: WIDTH,
        height: HEIGHT,
        title: language.pick(&title),
        subtitle: language.pick(&subtitle),
        alt: language.pick(&alt),
        dashes: &dashes,
    };
    Some(svg(&frame, |canvas| draw(canvas, result, found, (&lines, &runs), language)))
}

/// The twelve groups with most orders, fastest first, as in the other charts: a group has one colour and dash in the whole report.
fn lines<'a>(result: &StudyResult, found: &'a OverTime) -> Vec<Line<'a>> {
    let positive = found.groups.iter().filter(|series| series.p50.iter().flatten().any(|nanos| *nanos > 0));
    let median = |series: &MedianSeries| result.groups.iter().find(|group| group.group == series.group).map(|group| group.p50);
    let mut drawn = largest(positive);
    drawn.sort_by_key(|series| (median(series), &series.group));
    drawn.into_iter().enumerate().map(|(place, points)| Line { points, place }).collect()
}

/// Stretches of neighbouring points that may be joined: enough orders each, and of one day where points are blocks.
fn runs(found: &OverTime, line: &Line<'_>) -> Vec<Vec<usize>> {
    let firm = |at: usize| line.points.n[at] >= LEAST_ORDERS && line.points.p50[at].is_some_and(|nanos| nanos > 0);
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for at in (0..found.starts.len()).filter(|at| firm(*at)) {
        let joins = |last: usize| last + 1 == at && (found.unit != "block" || found.dates[last] == found.dates[at]);
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| joins(*last)) => run.push(at),
            _ => runs.push(vec![at]),
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// Where each point stands: one apart, and half a step more between the days of blocks.
fn places(found: &OverTime) -> Vec<f64> {
    let mut place = 0.0;
    let mut places = Vec::with_capacity(found.starts.len());
    for at in 0..found.starts.len() {
        if at > 0 {
            place += if found.unit == "block" && found.dates[at - 1] != found.dates[at] { 1.8 } else { 1.0 };
        }
        places.push(place);
    }
    places
}

fn draw(
    canvas: &Canvas<'_>,
    result: &StudyResult,
    found: &OverTime,
    (lines, runs): (&[Line<'_>], &[(usize, Vec<usize>)]),
    language: Language,
) -> Drawn {
    let positive = || lines.iter().flat_map(|line| &line.points.p50).flatten().copied().filter(|nanos| *nanos > 0);
    let y = decades(positive().min().unwrap_or(1_000), positive().max().unwrap_or(1_000_000));
    let places = places(found);
    let last = places.last().copied().unwrap_or(1.0);
    let marked = dates(found, &places);
    let x = Ticks { low: -0.6, high: last + 0.6, major: marked.iter().map(|(place, _)| *place).collect(), minor: vec![] };
    let plane = Plane { left: 62.0, right: f64::from(WIDTH) - LABELS_WIDTH, top: TOP + 8.0, bottom: f64::from(HEIGHT) - 34.0, x, y };
    let date_label = |place: f64| marked.iter().find(|(own, _)| *own == place).map_or_else(String::new, |(_, date)| (*date).to_owned());
    plane.grid(canvas, date_label, |log| tick_label(libm::pow(10.0, log)))?;
    // Many lines cross one another: thin ones are still told apart.
    let many = lines.len() > MANY;
    for (place, run) in runs {
        let points = &lines[*place].points.p50;
        let path: Vec<_> = run.iter().filter_map(|at| Some(plane.at(places[*at], log(points[*at]?)))).collect();
        canvas.draw(&PathElement::new(path, line(series(*place), if many { 1.2 } else { 2.0 })))?;
    }
    for line in lines {
        for (at, nanos) in line.points.p50.iter().enumerate() {
            let Some(nanos) = nanos.filter(|nanos| *nanos > 0) else { continue };
            let (place, few) = (plane.at(places[at], log(nanos)), line.points.n[at] < LEAST_ORDERS);
            if few || found.starts.len() <= 80 {
                canvas.draw(&Circle::new(place, px(if many { 1.6 } else { 2.6 }), fill(series(line.place))))?;
            }
            if few {
                canvas.draw(&Circle::new(place, px(if many { 0.9 } else { 1.5 }), fill(PAPER)))?;
            }
        }
    }
    changes(canvas, result, found, (&plane, &places), language)?;
    canvas.draw_text(LABELS.axis_median.pick(language), &text(12.0, &MUTED, HPos::Left, VPos::Top), (px(4.0), px(TOP - 18.0)))?;
    names(canvas, lines)
}

/// Where a date is written below: at its first point, at most eleven of them.
fn dates<'a>(found: &'a OverTime, places: &[f64]) -> Vec<(f64, &'a str)> {
    let first = |at: &usize| *at == 0 || found.dates[at - 1] != found.dates[*at];
    let all: Vec<usize> = (0..found.dates.len()).filter(first).collect();
    let every = all.len().div_ceil(11);
    // The year stands in the subtitle's dates and in the table: month and day are enough here.
    all.into_iter().step_by(every.max(1)).map(|at| (places[at], found.dates[at].get(5..).unwrap_or_default())).collect()
}

/// A line at each change that is claimed, with the pair it concerns.
fn changes(canvas: &Canvas<'_>, result: &StudyResult, found: &OverTime, (plane, places): (&Plane, &[f64]), language: Language) -> Drawn {
    for (row, pair) in changed(result).into_iter().enumerate() {
        let Some(change) = &pair.change_point else { continue };
        let at = found.starts.partition_point(|start| *start < change.at);
        let place = places.get(at).copied().unwrap_or(places[places.len() - 1]) - 0.5;
        let (x, top) = plane.at(place, plane.y.high);
        canvas.draw(&PathElement::new(vec![(x, top), (x, px(plane.bottom))], line(LOSS, 1.25)))?;
        let words = i18n::change_label(pair);
        let late = place > plane.x.high / 2.0;
        let (side, at) = if late { (HPos::Right, x - px(5.0)) } else { (HPos::Left, x + px(5.0)) };
        canvas.draw_text(language.pick(&words), &bold(12.0, &INK, side, VPos::Top), (at, px(plane.top + 4.0 + 16.0 * row as f64)))?;
    }
    Ok(())
}

/// Pairs with a change, one direction of each, at most three.
fn changed(result: &StudyResult) -> Vec<&crate::report::model::PairRow> {
    let forward = |pair: &&crate::report::model::PairRow| pair.change_point.is_some() && pair.favoured < pair.disadvantaged;
    result.pairs.iter().filter(forward).take(3).collect()
}

fn names(canvas: &Canvas<'_>, lines: &[Line<'_>]) -> Drawn {
    let left = px(f64::from(WIDTH) - LABELS_WIDTH + 18.0);
    for (row, drawn) in lines.iter().enumerate() {
        let y = px(TOP + 10.0 + LABEL * row as f64);
        canvas.draw(&PathElement::new(vec![(left, y + px(7.0)), (left + px(26.0), y + px(7.0))], line(series(drawn.place), 2.5)))?;
        let name = isolated(&shown_name(&drawn.points.group, 20));
        canvas.draw_text(&name, &bold(12.5, &INK, HPos::Left, VPos::Top), (left + px(34.0), y))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::ChangePoint;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn no_line_crosses_a_night_or_a_point_of_few_orders() {
        let mut result = sample_result();
        let found = result.over_time.as_mut().expect("the sample has points");
        found.unit = "block".into();
        found.dates = ["2026-01-05", "2026-01-05", "2026-01-05", "2026-01-06", "2026-01-06", "2026-01-06"].map(str::to_owned).to_vec();
        found.starts = (0..6).collect();
        for series in &mut found.groups {
            (series.n, series.p50) = (vec![20, 20, 20, 20, 4, 20], vec![Some(30_000); 6]);
        }
        let found = result.over_time.as_ref().expect("points");
        assert_eq!(runs(found, &lines(&result, found)[0]), [vec![0, 1, 2]]);
    }

    #[test]
    fn a_change_is_marked_once_with_its_pair() {
        let mut result = sample_result();
        let at = result.over_time.as_ref().expect("points").starts[3];
        for pair in &mut result.pairs {
            pair.change_point = Some(ChangePoint { at, statistic: 2.1 });
        }
        let chart = timeline(&result, Language::En).expect("a chart");
        assert_eq!(chart.matches("HFT \u{2192} QUANT changes").count(), 1);
        assert!(!chart.contains("NaN"));
    }

    #[test]
    fn one_point_in_time_is_no_timeline() {
        assert!(timeline(&with_groups(2, 30), Language::ZhTw).is_none());
    }
}
