//! What the groups' latencies are: quantiles, distribution curves, the trend by minute, and the stages.
//!
//! All matched orders count, negative and zero latencies included. Quantiles are nearest rank, exact.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::reconcile::{Attribution, Links, MatchedLatencies, NO_TIME, Records};
use crate::record::{Column, Timestamp};
use crate::statistics::{QuantileLevel, nearest_rank, select_nearest_rank};

/// Most points of a distribution curve.
const CURVE_POINTS: usize = 400;
const MINUTE: i64 = 60_000_000_000;

/// Matched latencies split by group, and by minute of receipt within it.
#[derive(Clone, Debug, Default)]
pub struct GroupedLatencies {
    /// One entry a group, empty groups included; each group's latencies ascending.
    pub by_group: Vec<Vec<i64>>,
    /// Distinct clients by group, the nameless one not counted.
    pub clients: Vec<u64>,
    /// Median by group and minute, ascending.
    pub trend: Vec<TrendPoint>,
}

/// One minute of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendPoint {
    /// Group code.
    pub group: u16,
    /// Start of the minute in which the orders were received.
    pub minute: Timestamp,
    /// Matched orders.
    pub n: u64,
    /// Median latency, nearest rank.
    pub p50: i64,
}

/// The latency distribution of one group, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySummary {
    /// Orders.
    pub n: u64,
    /// Smallest.
    pub min: i64,
    /// Arithmetic mean, from the exact integer sum.
    pub mean: f64,
    /// Median.
    pub p50: i64,
    /// 90 % quantile.
    pub p90: i64,
    /// 99 % quantile.
    pub p99: i64,
    /// 99.9 % quantile; with fewer than 10,000 orders it rests on fewer than ten.
    pub p999: i64,
    /// Largest.
    pub max: i64,
    /// How many are below zero.
    pub negative: u64,
    /// How many are zero.
    pub zero: u64,
}

/// Splits, sorts and takes the medians by minute. `nameless` is the client code of "no client known".
#[must_use]
pub fn group_latencies(matched: &MatchedLatencies, n_groups: usize, nameless: u32) -> GroupedLatencies {
    let minutes = distinct_minutes(&matched.received_at);
    let n_cells = n_groups * minutes.len();
    let cell_of = cells(matched, &minutes);
    let mut ends = vec![0_usize; n_cells + 1];
    cell_of.iter().for_each(|cell| ends[*cell as usize + 1] += 1);
    (0..n_cells).for_each(|cell| ends[cell + 1] += ends[cell]);
    let mut next = ends.clone();
    let mut by_cell = vec![0_i64; matched.latency.len()];
    for (cell, latency) in cell_of.iter().zip(&matched.latency) {
        by_cell[next[*cell as usize]] = latency.0;
        next[*cell as usize] += 1;
    }
    drop((cell_of, next));

    let n_minutes = minutes.len().max(1);
    let (mut stretches, mut rest) = (Vec::with_capacity(n_cells), by_cell.as_mut_slice());
    for cell in 0..n_cells {
        let (cell_latencies, after) = rest.split_at_mut(ends[cell + 1] - ends[cell]);
        if !cell_latencies.is_empty() {
            stretches.push((cell, cell_latencies));
        }
        rest = after;
    }
    let point = |(cell, latencies): (usize, &mut [i64])| {
        let (group, minute) = ((cell / n_minutes) as u16, Timestamp(minutes[cell % n_minutes] * MINUTE));
        let p50 = select_nearest_rank(latencies, QuantileLevel::P50)?;
        Some(TrendPoint { group, minute, n: latencies.len() as u64, p50 })
    };
    let trend = stretches.into_par_iter().filter_map(point).collect();
    let group_bounds = |group: usize| ends[group * minutes.len()]..ends[(group + 1) * minutes.len()];
    let mut by_group: Vec<Vec<i64>> = (0..n_groups).map(|group| by_cell[group_bounds(group)].to_vec()).collect();
    by_group.par_iter_mut().for_each(|latencies| latencies.par_sort_unstable());
    GroupedLatencies { by_group, clients: count_clients(matched, n_groups, nameless), trend }
}

/// Minutes since the epoch in which an order was received, ascending.
fn distinct_minutes(received_at: &[Timestamp]) -> Vec<i64> {
    let of_stretch = |stretch: &[Timestamp]| {
        let (mut minutes, mut last) = (BTreeSet::new(), None);
        for received_at in stretch {
            let minute = received_at.0.div_euclid(MINUTE);
            if last.replace(minute) != Some(minute) {
                minutes.insert(minute);
            }
        }
        minutes
    };
    let all = received_at.par_chunks(1 << 16).map(of_stretch).reduce(BTreeSet::new, |mut all, some| {
        all.extend(some);
        all
    });
    all.into_iter().collect()
}

/// The (group, minute) cell of each order, group-major.
fn cells(matched: &MatchedLatencies, minutes: &[i64]) -> Vec<u32> {
    let rows = matched.received_at.par_iter().zip(&matched.group);
    let cell = |last: &mut (i64, usize), (received_at, group): (&Timestamp, &u16)| {
        let minute = received_at.0.div_euclid(MINUTE);
        if minutes.get(last.1) != Some(&minute) || last.0 != minute {
            *last = (minute, minutes.binary_search(&minute).unwrap_or_default());
        }
        (usize::from(*group) * minutes.len() + last.1) as u32
    };
    rows.map_init(|| (i64::MIN, usize::MAX), cell).collect()
}

fn count_clients(matched: &MatchedLatencies, n_groups: usize, nameless: u32) -> Vec<u64> {
    let n_clients = matched.client.par_iter().max().map_or(0, |most| *most as usize + 1);
    let mut seen = vec![false; n_groups * n_clients];
    matched.group.iter().zip(&matched.client).for_each(|(group, client)| seen[usize::from(*group) * n_clients + *client as usize] = true);
    let of_group =
        |group: usize| (0..n_clients).filter(|client| *client as u32 != nameless && seen[group * n_clients + client]).count() as u64;
    (0..n_groups).map(of_group).collect()
}

/// The summary of ascending latencies; `None` where there is none.
#[must_use]
pub fn summarize(sorted: &[i64]) -> Option<LatencySummary> {
    let quantile = |level| nearest_rank(sorted, level);
    let sum: i128 = sorted.iter().map(|latency| i128::from(*latency)).sum();
    let below_zero = sorted.partition_point(|latency| *latency < 0);
    Some(LatencySummary {
        n: sorted.len() as u64,
        min: *sorted.first()?,
        mean: sum as f64 / sorted.len() as f64,
        p50: quantile(QuantileLevel::P50)?,
        p90: quantile(QuantileLevel::P90)?,
        p99: quantile(QuantileLevel::P99)?,
        p999: quantile(QuantileLevel::P999)?,
        max: *sorted.last()?,
        negative: below_zero as u64,
        zero: (sorted.partition_point(|latency| *latency <= 0) - below_zero) as u64,
    })
}

/// The distribution function of ascending latencies in at most 400 points: (latency, share at or below it).
#[must_use]
pub fn curve(sorted: &[i64]) -> Vec<(i64, f64)> {
    let n = sorted.len();
    let n_points = n.min(CURVE_POINTS - 1);
    let mut points: Vec<(i64, f64)> = Vec::with_capacity(n_points + 1);
    // Ranks run evenly to the last, and the last value at or below zero is always among them: a chart sets that share apart.
    let n_not_positive = sorted.partition_point(|latency| *latency <= 0);
    let even = (1..=n_points).map(|k| k * n / n_points);
    let mut ranks: Vec<usize> = even.chain((n_not_positive > 0).then_some(n_not_positive)).collect();
    ranks.sort_unstable();
    for rank in ranks {
        // Ties take the share of their last member.
        let latency = sorted[rank - 1];
        let share = sorted.partition_point(|other| *other <= latency) as f64 / n as f64;
        if points.last().is_none_or(|(last, _)| *last != latency) {
            points.push((latency, share));
        }
    }
    points
}

/// A stage of an order's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The stamp it starts at.
    pub from: Column,
    /// The stamp it ends at.
    pub to: Column,
}

/// Every stage of `docs/methodology.md`; one is measured where both of its stamps were given.
pub const STAGES: [Stage; 5] = [
    Stage { from: Column::ReceivedAt, to: Column::SentAt },
    Stage { from: Column::ReceivedAt, to: Column::DecidedAt },
    Stage { from: Column::DecidedAt, to: Column::SentAt },
    Stage { from: Column::SentAt, to: Column::AcknowledgedAt },
    Stage { from: Column::ReceivedAt, to: Column::AcknowledgedAt },
];

/// The latencies of one stage by group, ascending; `None` where one of its stamps was not given.
#[must_use]
pub fn stage_latencies(
    stage: Stage,
    orders: &Records,
    receipts: &Records,
    links: &Links,
    attribution: &Attribution,
) -> Option<Vec<Vec<i64>>> {
    let stamps = |column: Column| match column {
        Column::ReceivedAt => receipts.times(column),
        _ => orders.times(column),
    };
    let (from, to) = (stamps(stage.from)?, stamps(stage.to)?);
    let row_of = |column: Column, order: usize, receipt: usize| if column == Column::ReceivedAt { receipt } else { order };
    let of_order = |order: usize| {
        let receipt = links.matched_receipt(order)?;
        let (from, to) = (from[row_of(stage.from, order, receipt)], to[row_of(stage.to, order, receipt)]);
        (from != NO_TIME && to != NO_TIME).then(|| (attribution.order_group[order], to.saturating_sub(from)))
    };
    let mut by_group = vec![Vec::new(); attribution.groups.len()];
    (0..orders.len()).filter_map(of_order).for_each(|(group, latency)| by_group[usize::from(group)].push(latency));
    by_group.par_iter_mut().for_each(|latencies| latencies.par_sort_unstable());
    Some(by_group)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Latency;

    fn matched(rows: &[(i64, i64, u16, u32)]) -> MatchedLatencies {
        MatchedLatencies {
            received_at: rows.iter().map(|row| Timestamp(row.0)).collect(),
            latency: rows.iter().map(|row| Latency(row.1)).collect(),
            group: rows.iter().map(|row| row.2).collect(),
            client: rows.iter().map(|row| row.3).collect(),
        }
    }

    proptest! {
        #[test]
        fn groups_and_minutes_equal_a_sort_of_each_cell(
            rows in proptest::collection::vec((-3 * MINUTE..5 * MINUTE, -50_i64..50, 0_u16..3, 0_u32..4), 0..200)
        ) {
            let grouped = group_latencies(&matched(&rows), 3, 0);
            for group in 0..3 {
                let mut latencies: Vec<i64> = rows.iter().filter(|row| row.2 == group).map(|row| row.1).collect();
                latencies.sort_unstable();
                prop_assert_eq!(&grouped.by_group[usize::from(group)], &latencies);
                let clients: BTreeSet<u32> = rows.iter().filter(|row| row.2 == group && row.3 != 0).map(|row| row.3).collect();
                prop_assert_eq!(grouped.clients[usize::from(group)], clients.len() as u64);
            }
            let mut cells: std::collections::BTreeMap<(u16, i64), Vec<i64>> = std::collections::BTreeMap::new();
            rows.iter().for_each(|row| cells.entry((row.2, row.0.div_euclid(MINUTE))).or_default().push(row.1));
            let expected: Vec<TrendPoint> = cells.into_iter().map(|((group, minute), mut latencies)| {
                latencies.sort_unstable();
                let (n, p50) = (latencies.len(), latencies[latencies.len().div_ceil(2) - 1]);
                TrendPoint { group, minute: Timestamp(minute * MINUTE), n: n as u64, p50 }
            }).collect();
            prop_assert_eq!(grouped.trend, expected);
        }

        #[test]
        fn a_curve_is_the_distribution_function_at_its_points(mut latencies in proptest::collection::vec(-20_i64..900, 1..2_000)) {
            latencies.sort_unstable();
            let points = curve(&latencies);
            prop_assert!(points.len() <= CURVE_POINTS);
            prop_assert_eq!(points.last().map(|point| point.0), latencies.last().copied());
            prop_assert_eq!(points.last().map(|point| point.1), Some(1.0));
            for (latency, share) in points {
                let at_or_below = latencies.iter().filter(|other| **other <= latency).count();
                prop_assert_eq!(share, at_or_below as f64 / latencies.len() as f64);
            }
        }
    }
}
