//! The lower envelope of latency: the fastest orders of each stretch of time, in which queueing hardly shows and the clocks do.

use std::ops::Range;

use rayon::prelude::*;

use crate::statistics::QuantileLevel;
use crate::timestamps::options::ClockLimits;

/// Orders of one clock in order of receipt, cut into days.
pub(crate) struct ClockSeries<'a> {
    received: &'a [i64],
    latency: &'a [i64],
    /// Rows of each day: receipts without a long pause.
    days: Vec<Range<usize>>,
    /// Rows of each envelope block, inside a day, with the number of the day.
    blocks: Vec<(usize, Range<usize>)>,
}

/// The lower envelope: one order of each block, ascending in time.
pub(crate) struct Envelope {
    orders: Vec<LowOrder>,
}

/// The order at the 1 % quantile of a block; times and latency in nanoseconds.
struct LowOrder {
    day: usize,
    at: i64,
    latency: i64,
    /// From there to the block's lower quartile.
    spread: i64,
    /// Whence drift counts where the clock is set right every day, and where it never is.
    morning: i64,
    first_day: i64,
}

/// When a clock that drifts was last right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// Set right every day at the same hour.
    Morning,
    /// Never set right: it runs on overnight.
    FirstDay,
}

/// One block of the envelope: the order at its 1 % quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EnvelopePoint {
    /// Number of the day.
    pub(crate) day: usize,
    /// When the order was received, nanoseconds.
    pub(crate) at: i64,
    /// Its latency, nanoseconds; less the assumed drift where one was given.
    pub(crate) latency: f64,
    /// From there to the lower quartile of its block, nanoseconds: a queue stretches it, a clock does not.
    pub(crate) spread: f64,
}

impl<'a> ClockSeries<'a> {
    pub(crate) fn new(received: &'a [i64], latency: &'a [i64], limits: &ClockLimits) -> Self {
        let days = days(received, limits.pause.0);
        let wanted = (limits.blocks_a_day * days.len()).max(limits.least_blocks).max(1);
        let size = (received.len() / wanted).max(limits.least_block).max(1);
        let blocks = days.iter().enumerate().flat_map(|(day, rows)| {
            let n = rows.len() / size;
            let edge = move |i: usize| rows.start + rows.len() * i / n.max(1);
            (0..n).map(move |i| (day, edge(i)..edge(i + 1)))
        });
        let blocks = blocks.collect();
        Self { received, latency, days, blocks }
    }

    /// Rows of each block, ascending.
    pub(crate) fn block_rows(&self) -> impl Iterator<Item = &Range<usize>> {
        self.blocks.iter().map(|(_, rows)| rows)
    }

    /// The instant of a day from which its drift is counted: the time of day of the study's first receipt.
    ///
    /// The same time of day on every day, so that a clock set right every morning shows the same error at the same hour.
    fn reference(&self, day: usize) -> i64 {
        const DAY: i64 = 86_400_000_000_000;
        let (first, start) = (self.received[0], self.received[self.days[day].start]);
        first.saturating_add(start.saturating_sub(first).saturating_add(DAY / 2).div_euclid(DAY).saturating_mul(DAY))
    }

    /// The order at the 1 % quantile of latency less `drift` (nanoseconds a nanosecond) in each block. O(n), blocks in parallel.
    pub(crate) fn envelope(&self, drift: f64) -> Envelope {
        const LEVEL: QuantileLevel = QuantileLevel::per_mille(10);
        const QUARTILE: QuantileLevel = QuantileLevel::per_mille(250);
        let lowest = |(day, rows): &(usize, Range<usize>)| {
            let origin = self.reference(*day);
            let level = |row: usize| self.latency[row].saturating_sub((drift * self.received[row].saturating_sub(origin) as f64) as i64);
            let mut sorted: Vec<(i64, usize)> = rows.clone().map(|row| (level(row), row)).collect();
            let at = LEVEL.nearest_rank_index(sorted.len())?;
            let quartile = QUARTILE.nearest_rank_index(sorted.len())?;
            let quartile = sorted.select_nth_unstable(quartile).1.0;
            let (_, (low, row), _) = sorted.select_nth_unstable(at);
            Some(LowOrder {
                day: *day,
                at: self.received[*row],
                latency: self.latency[*row],
                spread: quartile.saturating_sub(*low),
                morning: origin,
                first_day: self.reference(0),
            })
        };
        Envelope { orders: self.blocks.par_iter().filter_map(lowest).collect() }
    }
}

impl Envelope {
    /// The envelope less a drift that ran since then.
    ///
    /// The orders stay those that were chosen: another drift of about the size would choose others hardly lower.
    pub(crate) fn less(&self, drift: f64, since: Since) -> Vec<EnvelopePoint> {
        let point = |order: &LowOrder| {
            let origin = match since {
                Since::Morning => order.morning,
                Since::FirstDay => order.first_day,
            };
            let drifted = (drift * order.at.saturating_sub(origin) as f64) as i64;
            let latency = order.latency.saturating_sub(drifted) as f64;
            EnvelopePoint { day: order.day, at: order.at, latency, spread: order.spread as f64 }
        };
        self.orders.iter().map(point).collect()
    }
}

/// Ranges of receipts without a pause longer than `pause` nanoseconds.
fn days(received: &[i64], pause: i64) -> Vec<Range<usize>> {
    let mut days: Vec<Range<usize>> = Vec::new();
    for row in 0..received.len() {
        match days.last_mut() {
            Some(day) if received[row].saturating_sub(received[row - 1]) <= pause => day.end = row + 1,
            _ => days.push(row..row + 1),
        }
    }
    days
}

/// Slope of the lower convex hull over the middle of the time: the line under all points that lies nearest to them.
///
/// Moon, Skelly & Towsley 1999; Zhang, Liu & Xia 2002. Here of the envelope and not of every order, so that a few false stamps do not
/// bear it. Points ascending in time; `None` where they do not span any. O(n).
pub(crate) fn hull_slope(points: &[EnvelopePoint]) -> Option<f64> {
    let origin = points.first()?.at;
    let mut hull: Vec<(f64, f64)> = Vec::new();
    for point in points {
        let next = (point.at.saturating_sub(origin) as f64, point.latency);
        while let [.., a, b] = hull[..] {
            // b lies on or above the line from a to next.
            if (b.0 - a.0) * (next.1 - a.1) > (b.1 - a.1) * (next.0 - a.0) {
                break;
            }
            hull.pop();
        }
        hull.push(next);
    }
    let middle = hull.last()?.0 / 2.0;
    let edge = hull.windows(2).find(|edge| edge[1].0 >= middle && edge[1].0 > edge[0].0)?;
    Some((edge[1].1 - edge[0].1) / (edge[1].0 - edge[0].0))
}
