//! When in the day: each group's median by time of day, all days together. Raw figures: a busy minute is slow for everybody.

use plotters::element::{PathElement, Rectangle};
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::theme::{HEAT, INK, MUTED, ZONE, bold, fill, line, px, text};
use crate::report::charts::ticks::log;
use crate::report::charts::{Canvas, Drawn, Frame, largest, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{MedianSeries, StudyResult, TimeOfDay};
use crate::report::numbers::{duration, isolated, shown_name, typeset};

const WIDTH: u32 = 960;
const TOP: f64 = 66.0;
const ROW: f64 = 34.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 950.0;
/// A median of fewer orders is grey.
const LEAST_ORDERS: u64 = 10;
const HOUR: i64 = 3_600_000_000_000;

/// The heat map; `None` where there are fewer than two columns or no column with enough orders.
#[must_use]
pub fn heat(result: &StudyResult, language: Language) -> Option<String> {
    let found = result.time_of_day.as_ref().filter(|found| found.starts.len() > 1)?;
    let groups = largest(found.groups.iter());
    let firm = || groups.iter().flat_map(|series| firm(series)).map(|(_, nanos)| nanos);
    let (low, high) = (firm().min()?, firm().max()?);
    let (title, alt) = (i18n::heat_title(found, LEAST_ORDERS), i18n::chart_alt_heat(found, LEAST_ORDERS));
    let subtitle = i18n::heat_subtitle(found.slot, LEAST_ORDERS);
    let frame = Frame {
        width: WIDTH,
        height: (TOP + ROW * groups.len() as f64 + 84.0) as u32,
        title: language.pick(&title),
        subtitle: language.pick(&subtitle),
        alt: language.pick(&alt),
        dashes: &[],
    };
    Some(svg(&frame, |canvas| draw(canvas, found, &groups, (low, high), language)))
}

/// Columns whose median rests on enough orders.
fn firm(series: &MedianSeries) -> impl Iterator<Item = (usize, i64)> {
    let enough = |(at, nanos): (usize, &Option<i64>)| Some((at, (*nanos)?)).filter(|(at, _)| series.n[*at] >= LEAST_ORDERS);
    series.p50.iter().enumerate().filter_map(enough)
}

fn draw(canvas: &Canvas<'_>, found: &TimeOfDay, groups: &[&MedianSeries], (low, high): (i64, i64), language: Language) -> Drawn {
    let (first, last) = (found.starts[0], found.starts[found.starts.len() - 1] + found.slot);
    let x = |nanos: i64| px(LEFT + (RIGHT - LEFT) * (nanos - first) as f64 / (last - first) as f64);
    for (row, series) in groups.iter().enumerate() {
        let (top, bottom) = (px(TOP + ROW * row as f64 + 2.0), px(TOP + ROW * (row + 1) as f64 - 2.0));
        let name = isolated(&shown_name(&series.group, 18));
        canvas.draw_text(&name, &bold(12.5, &INK, HPos::Right, VPos::Center), (px(LEFT - 10.0), (top + bottom) / 2))?;
        for (at, start) in found.starts.iter().enumerate() {
            let colour = match series.p50[at] {
                Some(nanos) if series.n[at] >= LEAST_ORDERS => step(nanos, low, high),
                Some(_) => ZONE,
                None => continue,
            };
            canvas.draw(&Rectangle::new([(x(*start), top), (x(start + found.slot) - px(1.0), bottom)], fill(colour)))?;
        }
    }
    let bottom = TOP + ROW * groups.len() as f64;
    hours(canvas, (first, last), bottom, x)?;
    legend(canvas, (low, high), bottom + 40.0, language)
}

/// The colour of a median: its place between the smallest and the largest on a log scale, in seven steps.
fn step(nanos: i64, low: i64, high: i64) -> RGBColor {
    HEAT[place(nanos, low, high)]
}

fn place(nanos: i64, low: i64, high: i64) -> usize {
    let (low, high) = (log(low), log(high));
    let share = if high > low { (log(nanos) - low) / (high - low) } else { 0.0 };
    ((share * HEAT.len() as f64) as usize).min(HEAT.len() - 1)
}

/// Whole hours below; half hours too where the day is short.
fn hours(canvas: &Canvas<'_>, (first, last): (i64, i64), bottom: f64, x: impl Fn(i64) -> i32) -> Drawn {
    let every = if last - first <= 3 * HOUR { HOUR / 2 } else { HOUR };
    let mut at = first.div_euclid(every) * every;
    while at <= last {
        if at >= first {
            canvas.draw(&PathElement::new(vec![(x(at), px(bottom)), (x(at), px(bottom + 5.0))], line(MUTED, 1.0)))?;
            canvas.draw_text(&i18n::clock(at), &text(12.0, &INK, HPos::Center, VPos::Top), (x(at), px(bottom + 8.0)))?;
        }
        at += every;
    }
    Ok(())
}

/// Seven swatches from the smallest to the largest median, their bounds between them, and the grey one.
fn legend(canvas: &Canvas<'_>, (low, high): (i64, i64), top: f64, language: Language) -> Drawn {
    const SWATCH: f64 = 62.0;
    for (place, colour) in HEAT.iter().enumerate() {
        let left = LEFT + SWATCH * place as f64;
        canvas.draw(&Rectangle::new([(px(left), px(top)), (px(left + SWATCH - 1.0), px(top + 10.0))], fill(*colour)))?;
    }
    for bound in 0..=HEAT.len() {
        let share = bound as f64 / HEAT.len() as f64;
        let nanos = libm::pow(10.0, log(low) + (log(high) - log(low)) * share);
        let at = (px(LEFT + SWATCH * bound as f64), px(top + 14.0));
        canvas.draw_text(&typeset(&duration(nanos.round() as i64)), &text(11.0, &MUTED, HPos::Center, VPos::Top), at)?;
    }
    let grey = LEFT + SWATCH * (HEAT.len() as f64 + 1.0);
    canvas.draw(&Rectangle::new([(px(grey), px(top)), (px(grey + 24.0), px(top + 10.0))], fill(ZONE)))?;
    let few = LABELS.few_orders.pick(language);
    canvas.draw_text(few, &text(11.5, &MUTED, HPos::Left, VPos::Center), (px(grey + 30.0), px(top + 5.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn steps_run_from_the_smallest_to_the_largest() {
        assert_eq!([10, 100, 1_000, 9_999, 10_000].map(|nanos| place(nanos, 10, 10_000)), [0, 2, 4, 6, 6]);
        assert_eq!((place(5, 5, 5), place(0, 0, 0)), (0, 0));
    }

    #[test]
    fn the_slowest_time_is_in_the_title_and_few_orders_are_grey() {
        let chart = heat(&sample_result(), Language::En).expect("a chart");
        assert!(chart.contains("The slowest cell: from 09:00"), "{}", &chart[..400]);
        assert!(chart.contains("09:00") && chart.contains("13:00") && !chart.contains("NaN"));
        assert!(heat(&with_groups(2, 30), Language::ZhTw).is_none());
    }
}
