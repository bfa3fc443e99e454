//! What the receipts clock did against the orders clock: offset, drift, steps, or a problem that forbids reading latencies at all.
//!
//! Every figure says how the *receipts* clock stands to the orders clock: positive is ahead, or gaining. A clock that falls back by 25 us
//! makes every later latency 25 us longer. From one-way latencies an offset is only known as a bound: no order is sent before it came.
//! A change of the envelope may also be a change of the system; what the clock did is then a question to its keeper, not a verdict.

use std::collections::BTreeMap;

use crate::record::{MatchedOrders, Timestamp};
use crate::statistics::QuantileLevel;
use crate::timestamps::envelope::{ClockSeries, Envelope, EnvelopePoint, Since, hull_slope};
use crate::timestamps::options::{ClockLimits, StampOptions};
use crate::timestamps::resolution::effective_resolution;
use crate::timestamps::round_trips::BlockOffset;
use crate::timestamps::steps::{Jump, find_jumps, median};

/// Blocks on either side of a step that tell nothing of drift: its place is known to so many.
const ABOUT_A_STEP: usize = 5;
/// Blocks apart over which a trial drift is judged.
const LAG: usize = 3;

/// The receipts clock of one domain against the orders clock.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockEstimate {
    /// Always `"receipts"`: one-way latencies show only how the two clocks differ.
    pub source: &'static str,
    /// Clock domain, from `StampOptions::clock_of_group`.
    pub domain: u16,
    /// Groups stamped by it.
    pub groups: Vec<u16>,
    /// Orders looked at.
    pub n_orders: usize,
    /// The receipts clock is ahead by at least this many nanoseconds: the envelope is below zero beyond resolution. `None` where it is not.
    pub offset_at_least: Option<i64>,
    /// Rate error in parts per million; positive gains. Known to some 3e-4 ppm: a system slower at the open looks like a drift too.
    /// `None` with fewer than 16 envelope blocks.
    pub drift: Option<f64>,
    /// Sudden changes, ascending in time; none are looked for with fewer than 26 blocks.
    pub steps: Vec<ClockStep>,
    /// What each block of the envelope bounds, ascending in time: the receipts clock is ahead by at least so much.
    pub blocks: Vec<BlockOffset>,
    /// What forbids reading these latencies.
    pub problem: Option<ClockProblem>,
}

/// A sudden change of the receipts clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockStep {
    /// Receipt stamp of the envelope order from which on the change holds.
    pub at: Timestamp,
    /// Change of the receipts clock, nanoseconds; negative falls back and lengthens latencies.
    pub size: f64,
    /// Standard error of the size, nanoseconds, its place taken as known.
    pub standard_error: f64,
}

/// A clock problem: never unfairness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClockProblem {
    /// (Almost) every order was sent before it was received.
    AllNegative {
        /// Share of negative latencies.
        share: f64,
    },
    /// Latencies are those of another clock domain, all longer or shorter by the same amount.
    PureShift {
        /// The domain it is held against: the first.
        against: u16,
        /// Every quantile is longer than the other domain's by this many nanoseconds.
        shift: i64,
    },
}

/// One estimate for each clock domain that stamped an order, domains ascending.
pub(crate) fn clocks(orders: &MatchedOrders, options: &StampOptions) -> Vec<ClockEstimate> {
    let domain_of = |group: u16| options.clock_of_group.get(usize::from(group)).copied().unwrap_or(0);
    let mut present = vec![false; 1 << 16];
    orders.group.iter().for_each(|group| present[usize::from(*group)] = true);
    let mut domains: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
    for group in (0..=u16::MAX).filter(|group| present[usize::from(*group)]) {
        domains.entry(domain_of(group)).or_default().push(group);
    }
    let several = domains.len() > 1;
    let mut first: Option<(u16, Vec<i64>)> = None;
    let mut estimates = Vec::with_capacity(domains.len());
    for (domain, groups) in domains {
        let rows = || (0..orders.len()).filter(|row| domain_of(orders.group[*row]) == domain);
        let received: Vec<i64> = rows().map(|row| orders.received_at[row].0).collect();
        let mut latency: Vec<i64> = rows().map(|row| orders.latency[row].0).collect();
        let mut estimate = ClockEstimate { domain, groups, ..estimate(&received, &latency, &options.clock) };
        if several {
            latency.sort_unstable();
            match &first {
                None => first = Some((domain, latency)),
                Some((against, reference)) => {
                    let shift = pure_shift(reference, &latency).map(|shift| ClockProblem::PureShift { against: *against, shift });
                    estimate.problem = estimate.problem.or(shift);
                }
            }
        }
        estimates.push(estimate);
    }
    estimates
}

/// The estimate of one domain; `domain` and `groups` are filled by the caller.
fn estimate(received: &[i64], latency: &[i64], limits: &ClockLimits) -> ClockEstimate {
    let sent: Vec<i64> = received.iter().zip(latency).map(|(at, latency)| at.saturating_add(*latency)).collect();
    let (received_resolution, sent_resolution) = (effective_resolution(received), effective_resolution(&sent));
    // A sent stamp cut to its resolution is early by less than that, a receipt stamp rounded to its own late by up to half.
    let excused = sent_resolution.saturating_add(received_resolution / 2);
    let beyond_cutting = |latency: i64| latency < 0 && latency <= -excused;
    let negative = latency.iter().filter(|latency| beyond_cutting(**latency)).count() as f64 / latency.len().max(1) as f64;
    let series = ClockSeries::new(received, latency, limits);
    let undrifted = series.envelope(0.0);
    let points = undrifted.less(0.0, Since::Morning);
    let floor = median(points.iter().map(|point| point.latency));
    let bound = |(point, rows): (&EnvelopePoint, &std::ops::Range<usize>)| BlockOffset {
        at: Timestamp(point.at),
        n_orders: rows.len(),
        at_least: (-point.latency as i64).saturating_sub(excused - 1),
        at_most: None,
    };
    let blocks = points.iter().zip(series.block_rows()).map(bound).collect();
    let resolution = received_resolution.max(sent_resolution);
    let behaviour = Behaviour::of(&series, undrifted, limits, resolution as f64);
    ClockEstimate {
        source: "receipts",
        domain: 0,
        groups: Vec::new(),
        n_orders: latency.len(),
        offset_at_least: floor.map(|floor| floor as i64).filter(|floor| beyond_cutting(*floor)).map(|floor| -floor),
        // A longer latency is a receipts clock further behind: the signs turn.
        drift: behaviour.drift.map(|drift| -1e6 * drift),
        steps: behaviour
            .jumps
            .iter()
            .map(|jump| ClockStep { at: Timestamp(jump.at), size: -jump.size, standard_error: jump.standard_error })
            .collect(),
        blocks,
        problem: (negative >= limits.all_negative).then_some(ClockProblem::AllNegative { share: negative }),
    }
}

/// Drift and jumps of the envelope, in latency: nanoseconds a nanosecond, nanoseconds.
#[derive(Default)]
struct Behaviour {
    drift: Option<f64>,
    jumps: Vec<Jump>,
}

impl Behaviour {
    fn with(drift: f64, jumps: Vec<Jump>) -> Self {
        Self { drift: Some(drift), jumps }
    }

    /// Of a clock set right every day, or of one that ran on overnight where that leaves the nights less than half as restless.
    fn of(series: &ClockSeries, undrifted: Envelope, limits: &ClockLimits, resolution: f64) -> Self {
        let Some(rough) = hull_drift(&undrifted, 0.0, &[]) else { return Self::default() };
        // Under a strong drift the lowest latencies of a block are those at its one end: choose them again without it.
        let envelope = series.envelope(rough);
        let hull = hull_drift(&envelope, rough, &[]).unwrap_or(rough);
        let daily = Self::daily(&envelope, hull, limits, resolution);
        let drift = overnight_drift(&envelope, hull, limits.blocks_a_day);
        let running = Self::with(drift, find_jumps(&envelope.less(drift, Since::FirstDay), limits, resolution));
        let nights = |behaviour: &Self, since| unrest(&envelope.less(behaviour.drift.unwrap_or(0.0), since), |a, b| a.day != b.day);
        if nights(&running, Since::FirstDay) < 0.5 * nights(&daily, Since::Morning) { running } else { daily }
    }

    /// Jumps are sought after a trial drift is taken out, then the drift is estimated between the jumps, then the jumps once more.
    fn daily(envelope: &Envelope, hull: f64, limits: &ClockLimits, resolution: f64) -> Self {
        let jumps = |hull: f64, cuts: &[i64]| {
            let trial = best_trial(envelope, hull, cuts);
            find_jumps(&envelope.less(trial, Since::Morning), limits, resolution)
        };
        let first = jumps(hull, &[]);
        if first.is_empty() {
            return Self::with(hull, first);
        }
        let cuts: Vec<i64> = first.iter().map(|jump| jump.at).collect();
        let drift = hull_drift(envelope, hull, &cuts).unwrap_or(hull);
        Self::with(drift, jumps(drift, &cuts))
    }
}

/// Median over days, cut at jumps, of the slope of the lower hull, the drift assumed added again.
///
/// Blocks near a cut are left out, because one block on the wrong side of a jump bends the whole hull. Pieces of at least half the
/// longest count. `None` where no piece has eight points, or the study fewer than sixteen.
fn hull_drift(envelope: &Envelope, assumed: f64, cuts: &[i64]) -> Option<f64> {
    const LEAST_POINTS: usize = 8;
    let all = envelope.less(assumed, Since::Morning);
    if all.len() < 2 * LEAST_POINTS {
        return None;
    }
    let cut_at: Vec<usize> = cuts.iter().map(|cut| all.partition_point(|point| point.at < *cut)).collect();
    let clear = |i: &usize| cut_at.iter().all(|cut| i.abs_diff(*cut) > ABOUT_A_STEP);
    let points: Vec<EnvelopePoint> = (0..all.len()).filter(clear).map(|i| all[i]).collect();
    let pieces = || points.chunk_by(|a, b| piece(a, cuts) == piece(b, cuts)).filter(|piece| piece.len() >= LEAST_POINTS);
    let span = |piece: &[EnvelopePoint]| piece[piece.len() - 1].at.saturating_sub(piece[0].at);
    let longest = pieces().map(span).max()?;
    let slopes = pieces().filter(|piece| span(piece) >= longest / 2).filter_map(hull_slope);
    Some(assumed + median(slopes)?)
}

/// The part of the study that a point belongs to: its day, and the cuts before it.
fn piece(point: &EnvelopePoint, cuts: &[i64]) -> (usize, usize) {
    (point.day, cuts.partition_point(|cut| *cut <= point.at))
}

/// Of no drift, the hull's, and the typical change over three blocks: the one that leaves the envelope most level over three blocks
/// of a day that no cut parts.
///
/// A jump in the only day of a study bends the hull, but not the typical change.
fn best_trial(envelope: &Envelope, hull: f64, cuts: &[i64]) -> f64 {
    let together = |a: &EnvelopePoint, b: &EnvelopePoint| piece(a, cuts) == piece(b, cuts);
    let typical = typical_slope(&envelope.less(hull, Since::Morning), LAG, together);
    let trials = [0.0, hull, hull + typical.unwrap_or(0.0)];
    let unrest = trials.map(|drift| unrest(&envelope.less(drift, Since::Morning), together));
    // The simpler trial stays unless the next is clearly better.
    let best = (1..trials.len()).fold(0, |best, next| if unrest[next] < 0.9 * unrest[best] { next } else { best });
    trials[best]
}

/// The drift of a clock that is never set right, from what a day adds to the same hours: the hull of one day is too short a lever
/// for a week.
fn overnight_drift(envelope: &Envelope, hull: f64, blocks_a_day: usize) -> f64 {
    (0..2).fold(hull, |drift, _| {
        let points = envelope.less(drift, Since::FirstDay);
        drift + typical_slope(&points, blocks_a_day.max(1), |a, b| a.day != b.day).unwrap_or(0.0)
    })
}

/// Median slope over `lag` blocks, of the pairs that count; half of them would have to straddle a jump to mislead it.
fn typical_slope(points: &[EnvelopePoint], lag: usize, counts: impl Fn(&EnvelopePoint, &EnvelopePoint) -> bool) -> Option<f64> {
    let pairs = points.windows(lag + 1).map(|window| (window[0], window[lag])).filter(|(a, b)| counts(a, b));
    median(pairs.map(|(a, b)| (b.latency - a.latency) / b.at.saturating_sub(a.at).max(1) as f64))
}

/// Sum of absolute changes over three blocks, of the pairs that count.
fn unrest(points: &[EnvelopePoint], counts: impl Fn(&EnvelopePoint, &EnvelopePoint) -> bool) -> f64 {
    let pairs = points.windows(LAG + 1).filter(|window| counts(&window[0], &window[LAG]));
    pairs.map(|window| (window[LAG].latency - window[0].latency).abs()).sum()
}

/// By how much every quantile of sorted latencies differs from the reference's; `None` where they do not differ by one amount.
///
/// The amount must exceed three tolerances, a tolerance being a tenth of it or of the reference's interquartile range.
fn pure_shift(reference: &[i64], latency: &[i64]) -> Option<i64> {
    const LEVELS: [u32; 6] = [10, 100, 250, 500, 750, 900];
    let at = |sorted: &[i64], level: u32| QuantileLevel::per_mille(level).nearest_rank_index(sorted.len()).map(|i| sorted[i]);
    let differences = LEVELS.map(|level| Some(at(latency, level)?.saturating_sub(at(reference, level)?)));
    let shift = differences[3]?;
    let spread = at(reference, 750)?.saturating_sub(at(reference, 250)?);
    let tolerance = (shift.unsigned_abs() / 10).max(spread.unsigned_abs() / 10).max(1);
    let agree = differences.iter().all(|difference| difference.is_some_and(|difference| difference.abs_diff(shift) <= tolerance));
    (agree && shift.unsigned_abs() > 3 * tolerance).then_some(shift)
}
