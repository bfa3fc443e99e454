//! Sudden changes of the envelope: each a step held against everything before and after it.
//!
//! The 1 % quantile of a block moves with the queue as well as with the clock. A queue stretches the block's latencies, a clock moves
//! them all alike: what the block's spread explains is taken out (least squares), and a step is sought in what is left. Honest and
//! stepped worlds part there where they overlap in the envelope itself: docs/methodology.md, "Clocks".

use crate::timestamps::envelope::EnvelopePoint;
use crate::timestamps::options::ClockLimits;

/// Blocks of a window over which the envelope's running median is taken.
const WINDOW: usize = 13;
/// Fewest blocks before and after a step: with fewer, a slow open of a study of one day is taken for one.
const LEAST_SIDE: usize = 10;
/// Blocks further than this many deviations from the running median are drawn in to there: one odd block must not make a step.
const OUTLYING: f64 = 6.0;

/// A sudden change of latency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jump {
    /// Receipt stamp of the first envelope order after it.
    pub(crate) at: i64,
    /// Change of latency, nanoseconds.
    pub(crate) size: f64,
    /// Standard error of the size, its place taken as known.
    pub(crate) standard_error: f64,
}

/// Changes beyond the limit, ascending in time: the most certain is sought first, then those of the stretches that it parts. O(n) for each
/// change found; none with fewer than 26 blocks.
pub(crate) fn find_jumps(points: &[EnvelopePoint], limits: &ClockLimits, resolution: f64) -> Vec<Jump> {
    if points.len() < 2 * WINDOW {
        return Vec::new();
    }
    let level = drawn_in(points.iter().map(|point| point.latency).collect());
    let spread = drawn_in(points.iter().map(|point| point.spread).collect());
    let least = resolution.max(limits.least_step.0 as f64);
    let best = |from: usize, to: usize| {
        let step = best_step(&level[from..to], &spread[from..to])?;
        (step.size.abs() > least.max(limits.step_errors * step.standard_error)).then_some(Step { first: from + step.first, ..step })
    };
    let mut cuts = Vec::new();
    let mut stretches = vec![(0, level.len())];
    while let Some((from, to)) = stretches.pop() {
        if let Some(step) = best(from, to) {
            cuts.push(step.first);
            stretches.extend([(from, step.first), (step.first, to)]);
        }
    }
    cuts.sort_unstable();
    // Each once more between its neighbours: the first was found while the others were still in the envelope.
    let edge = |at: Option<&usize>, open: usize| at.copied().unwrap_or(open);
    let refined = |i: usize| best(edge(i.checked_sub(1).and_then(|before| cuts.get(before)), 0), edge(cuts.get(i + 1), level.len()));
    let jump = |step: Step| Jump { at: points[step.first].at, size: step.size, standard_error: step.standard_error };
    (0..cuts.len()).filter_map(refined).map(jump).collect()
}

/// A step in a series.
struct Step {
    /// The first value after it.
    first: usize,
    size: f64,
    standard_error: f64,
}

/// The step that explains most of `level` beside a constant and `spread`; `None` where a straight ramp explains as much, or the series
/// is too short.
///
/// Ordinary least squares for every place at once; the standard error allows for neighbouring blocks that move together (Newey & West
/// 1987, Bartlett weights).
fn best_step(level: &[f64], spread: &[f64]) -> Option<Step> {
    if level.len() < 2 * WINDOW {
        return None;
    }
    let n = level.len() as f64;
    let regressor = centred(spread);
    let own = dot(&regressor, &regressor);
    let per_own = if own > 0.0 { 1.0 / own } else { 0.0 };
    let unexplained = |series: &[f64]| {
        let series = centred(series);
        let slope = dot(&series, &regressor) * per_own;
        series.iter().zip(&regressor).map(|(value, x)| value - slope * x).collect::<Vec<f64>>()
    };
    let rest = unexplained(level);
    // What is left of a step after the constant and the spread has this sum of squares, and this product with the rest.
    let (mut of_rest, mut of_regressor) = (0.0, 0.0);
    let mut best: Option<(usize, f64, f64)> = None;
    for first in (LEAST_SIDE..level.len()).rev() {
        of_rest += rest[first];
        of_regressor += regressor[first];
        let (before, after) = (first as f64, n - first as f64);
        if first + LEAST_SIDE > level.len() {
            continue;
        }
        let squares = before * after / n - of_regressor * of_regressor * per_own;
        let gain = of_rest * of_rest / squares;
        if squares > 0.0 && best.is_none_or(|(_, _, most)| gain > most) {
            best = Some((first, of_rest / squares, gain));
        }
    }
    let (first, size, gain) = best?;
    let ramp = unexplained(&(0..level.len()).map(|i| i as f64).collect::<Vec<f64>>());
    let along = dot(&ramp, &rest);
    if along * along >= gain * dot(&ramp, &ramp) {
        return None;
    }
    let step = unexplained(&(0..level.len()).map(|i| f64::from(u8::from(i >= first))).collect::<Vec<f64>>());
    let error: Vec<f64> = rest.iter().zip(&step).map(|(rest, step)| rest - size * step).collect();
    let variance = dot(&error, &error) / (n - 3.0);
    let standard_error = (variance * long_run(&error) / dot(&step, &step)).sqrt();
    Some(Step { first, size, standard_error })
}

/// By how much the variance of a mean exceeds that of independent values; at least 1.
fn long_run(error: &[f64]) -> f64 {
    let own = dot(error, error);
    let lags = (1..error.len()).take_while(|lag| lag * lag * lag <= error.len()).last().unwrap_or(1);
    let weight = |lag: usize| 1.0 - lag as f64 / (lags + 1) as f64;
    let covariances = (1..=lags).map(|lag| weight(lag) * dot(&error[lag..], &error[..error.len() - lag]) / own);
    if own > 0.0 { (1.0 + 2.0 * covariances.sum::<f64>()).max(1.0) } else { 1.0 }
}

/// The values with outlying ones drawn in to [`OUTLYING`] deviations of the running median.
fn drawn_in(mut values: Vec<f64>) -> Vec<f64> {
    let running: Vec<f64> = (0..values.len())
        .map(|i| {
            let from = i.saturating_sub(WINDOW / 2).min(values.len() - WINDOW);
            median(values[from..from + WINDOW].iter().copied()).unwrap_or(values[i])
        })
        .collect();
    // 1.4826 makes the median deviation of normal noise its standard deviation.
    let deviation = 1.4826 * median(values.iter().zip(&running).map(|(value, middle)| (value - middle).abs())).unwrap_or(0.0);
    let reach = OUTLYING * deviation;
    values.iter_mut().zip(&running).for_each(|(value, middle)| *value = value.clamp(middle - reach, middle + reach));
    values
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| value - mean).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Median, the upper of the middle two; `None` of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    let middle = values.len() / 2;
    if values.is_empty() { None } else { Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1) }
}
