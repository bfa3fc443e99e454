//! An axis with chosen ticks: plotters' own key points cannot be combined with its mesh, and its log ticks are poor.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, KeyPointWeight, Ranged};

/// A linear axis; the log axes here plot log10 of their value.
pub(crate) struct Ticks {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Labelled, with a full grid line.
    pub(crate) major: Vec<f64>,
    /// A faint grid line only.
    pub(crate) minor: Vec<f64>,
}

impl Ranged for Ticks {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        start + ((value - self.low) / (self.high - self.low) * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight() {
            KeyPointWeight::Bold => self.major.clone(),
            KeyPointWeight::Any => self.minor.clone(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// log10 of a positive number of nanoseconds; the same bits on every platform.
pub(crate) fn log(nanos: i64) -> f64 {
    libm::log10(nanos.max(1) as f64)
}

/// A log axis over `low..=high` nanoseconds, widened to the next 1, 2 or 5 of a decade; few decades get labels at 2 and 5 too.
pub(crate) fn decades(low: i64, high: i64) -> Ticks {
    let (low, high) = (low.max(1), high.max(2));
    let steps: Vec<i64> = (0..19).flat_map(|decade| [1, 2, 5].map(|m| 10_i64.pow(decade) * if decade == 18 { 1 } else { m })).collect();
    let below = steps.iter().rev().find(|step| **step <= low).copied().unwrap_or(1);
    let above = steps.iter().find(|step| **step >= high && **step > below).copied().unwrap_or(i64::MAX);
    let inside = |nanos: i64| (below..=above).contains(&nanos);
    let is_decade = |nanos: &i64| (0..19).any(|decade| 10_i64.pow(decade) == *nanos);
    let few = log(above) - log(below) <= 3.1;
    let mut major: Vec<i64> = steps.iter().copied().filter(|step| inside(*step) && (few || is_decade(step))).collect();
    major.dedup();
    let minor =
        (0..18).flat_map(|decade| (1..10).map(move |m| 10_i64.pow(decade) * m)).filter(|nanos| inside(*nanos) && !major.contains(nanos));
    Ticks { low: log(below), high: log(above), minor: minor.map(log).collect(), major: major.iter().copied().map(log).collect() }
}

/// A linear axis over at least `low..=high` with 4 to 9 round ticks.
pub(crate) fn linear(low: f64, high: f64) -> Ticks {
    let span = (high - low).max(1.0);
    let rough = span / 5.0;
    let mut step = 1.0;
    // Climb 1, 2, 5, 10 ... : spans here are nanoseconds, so a step below 1 is never wanted.
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(60) {
        if step >= rough {
            break;
        }
        step *= factor;
    }
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    let last = last.max(first + 1);
    let major: Vec<f64> = (first..=last).map(|tick| tick as f64 * step).collect();
    Ticks { low: first as f64 * step, high: last as f64 * step, major, minor: vec![] }
}

/// A round number of nanoseconds in its shortest form: `20 us`, `1 ms`.
pub(crate) fn tick_label(nanos: f64) -> String {
    let magnitude = nanos.abs();
    let (scale, unit) = match magnitude {
        m if m < 999.5 => (1.0, "ns"),
        m if m < 999.5e3 => (1e3, "\u{b5}s"),
        m if m < 999.5e6 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    let value = (magnitude / scale * 1e3).round() / 1e3;
    let sign = if nanos < 0.0 && value > 0.0 { "\u{2212}" } else { "" };
    if value == 0.0 { "0".into() } else { format!("{sign}{value} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_axes_end_on_1_2_5_and_have_a_positive_length() {
        for (low, high) in [(1, 1), (5, 5), (44_000, 56_000), (1, i64::MAX), (700, 9_000_000)] {
            let axis = decades(low, high);
            assert!(axis.low < axis.high && axis.low <= log(low) && !axis.major.is_empty(), "{low}..{high}");
        }
        assert_eq!(
            decades(44_000, 56_000).major.iter().map(|v| tick_label(libm::pow(10.0, *v))).collect::<Vec<_>>(),
            ["20 µs", "50 µs", "100 µs"]
        );
    }

    #[test]
    fn linear_axes_hold_their_range() {
        for (low, high) in [(0.0, 0.0), (-3_000.0, 12_345.0), (0.0, 1e15)] {
            let axis = linear(low, high);
            assert!(axis.low <= low && axis.high >= high && (2..=12).contains(&axis.major.len()), "{low} {high} {:?}", axis.major);
        }
        assert_eq!((tick_label(-20_000.0), tick_label(0.0)), ("−20 µs".into(), "0".into()));
    }
}
