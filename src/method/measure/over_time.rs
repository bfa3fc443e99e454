//! When did each group wait? Exact medians through the study and through the trading day, for charts and their tables.
//!
//! Unadjusted: a busy minute is slow for everybody. These figures show when something changed; whether it is unfair is the
//! verdict's question, which compares like with like.

use std::ops::Range;

use rayon::prelude::*;

use crate::measure::{Block, Day, Timetable};
use crate::record::{MatchedOrders, TimeSpan, Timestamp, TradeDate, Zone};
use crate::statistics::{QuantileLevel, select_nearest_rank};

/// Most points of a series.
const MOST_POINTS: usize = 400;
/// Up to so many days a study is shown by block, beyond by day.
const DAYS_BY_BLOCK: usize = 12;
/// Most columns of the day.
const MOST_SLOTS: i64 = 60;
const MINUTE: i64 = 60_000_000_000;
/// Widths of a column of the day.
const WIDTHS: [i64; 6] = [MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE];

/// What one point of a series covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An error block of the method, half an hour by default.
    Block,
    /// A trading day.
    Day,
    /// Seven calendar days, counted from the first day of the study.
    Week,
}

impl Unit {
    /// "block", "day" or "week".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

/// Orders and their median latency in each interval, one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MedianSeries {
    /// Group code.
    pub group: u16,
    /// Matched orders in each interval.
    pub n: Vec<u64>,
    /// Median latency, nearest rank, nanoseconds; `None` where there is no order.
    pub p50: Vec<Option<i64>>,
}

/// Medians through the study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverTime {
    /// What a point covers.
    pub unit: Unit,
    /// Local date and first instant of each interval, ascending: the start of a block, the first order of a day or week.
    pub starts: Vec<(TradeDate, Timestamp)>,
    /// Groups that hold an order, ascending.
    pub series: Vec<MedianSeries>,
}

/// Medians through the day, all days of the study together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Width of an interval.
    pub slot: TimeSpan,
    /// Nanoseconds since local midnight at which each interval starts, ascending; intervals without any order are left out.
    pub starts: Vec<i64>,
    /// Groups that hold an order, ascending.
    pub series: Vec<MedianSeries>,
}

/// Medians by block, day or week: whichever shows the most in at most 400 points. O(n).
#[must_use]
pub fn over_time(orders: &MatchedOrders, timetable: &Timetable) -> OverTime {
    let days = &timetable.days;
    let at_start = |date: TradeDate, rows: Range<usize>| (date, orders.received_at[rows.start], rows);
    let (unit, points): (Unit, Vec<(TradeDate, Timestamp, Range<usize>)>) =
        if days.len() <= DAYS_BY_BLOCK && timetable.blocks.len() <= MOST_POINTS {
            let of = |block: &Block| (days[block.day as usize].date, block.start, block.rows.clone());
            (Unit::Block, timetable.blocks.iter().map(of).collect())
        } else if days.len() <= MOST_POINTS {
            (Unit::Day, days.iter().map(|day| at_start(day.date, day.rows.clone())).collect())
        } else {
            let first = days[0].date.0;
            let weeks = days.chunk_by(|left, right| (left.date.0 - first) / 7 == (right.date.0 - first) / 7);
            let of = |week: &[Day]| at_start(week[0].date, week[0].rows.start..week[week.len() - 1].rows.end);
            (Unit::Week, weeks.map(of).collect())
        };
    let bins: Vec<&[Range<usize>]> = points.iter().map(|(_, _, rows)| std::slice::from_ref(rows)).collect();
    let series = series(orders, &bins);
    OverTime { unit, starts: points.iter().map(|(date, start, _)| (*date, *start)).collect(), series }
}

/// Medians by local time of day in at most 60 columns, one minute to one hour wide (wider columns than an hour are never wanted). O(n).
#[must_use]
pub fn time_of_day(orders: &MatchedOrders, timetable: &Timetable, zone: Zone) -> TimeOfDay {
    let mut reader = zone.local_reader();
    let mut of = |row: usize| reader.read(orders.received_at[row]).1;
    let ends: Vec<[i64; 2]> = timetable.days.iter().map(|day| [of(day.rows.start), of(day.rows.end - 1)]).collect();
    let (first, last) = (ends.iter().map(|ends| ends[0]).min().unwrap_or(0), ends.iter().map(|ends| ends[1]).max().unwrap_or(0));
    let width = WIDTHS.into_iter().find(|width| last / width - first / width < MOST_SLOTS).unwrap_or(60 * MINUTE);
    let mut bins: Vec<(i64, Range<usize>)> = Vec::new();
    for day in &timetable.days {
        let mut row = day.rows.start;
        while row < day.rows.end {
            let time = of(row);
            let end = Timestamp(orders.received_at[row].0.saturating_add(width - time % width));
            let stop = row + orders.received_at[row..day.rows.end].partition_point(|at| *at < end);
            bins.push((time / width * width, row..stop));
            row = stop;
        }
    }
    bins.sort_by_key(|(start, rows)| (*start, rows.start));
    let together = bins.chunk_by(|left, right| left.0 == right.0);
    let of_bin = |same: &[(i64, Range<usize>)]| (same[0].0, same.iter().map(|(_, rows)| rows.clone()).collect());
    let (starts, bins): (Vec<i64>, Vec<Vec<Range<usize>>>) = together.map(of_bin).unzip();
    let bins: Vec<&[Range<usize>]> = bins.iter().map(Vec::as_slice).collect();
    TimeOfDay { slot: TimeSpan(width), starts, series: series(orders, &bins) }
}

/// Counts and medians of every group in every bin; a bin is some ranges of rows.
fn series(orders: &MatchedOrders, bins: &[&[Range<usize>]]) -> Vec<MedianSeries> {
    let n_groups = orders.names.groups.len();
    let medians: Vec<Vec<(u64, Option<i64>)>> = bins.par_iter().map(|bin| medians(orders, bin, n_groups)).collect();
    let of_group = |group: usize| MedianSeries {
        group: group as u16,
        n: medians.iter().map(|bin| bin[group].0).collect(),
        p50: medians.iter().map(|bin| bin[group].1).collect(),
    };
    (0..n_groups).map(of_group).filter(|series| series.n.iter().any(|n| *n > 0)).collect()
}

fn medians(orders: &MatchedOrders, bin: &[Range<usize>], n_groups: usize) -> Vec<(u64, Option<i64>)> {
    let mut latencies: Vec<Vec<i64>> = vec![Vec::new(); n_groups];
    for row in bin.iter().cloned().flatten() {
        latencies[usize::from(orders.group[row])].push(orders.latency[row].0);
    }
    latencies.iter_mut().map(|latencies| (latencies.len() as u64, select_nearest_rank(latencies, QuantileLevel::P50))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Calendar;
    use crate::simulate::{Options, World, WorldSettings, matched};

    const DAY: i64 = 86_400_000_000_000;

    /// The median of the orders that pass, by sorting them.
    fn plainly(orders: &MatchedOrders, group: u16, inside: impl Fn(Timestamp) -> bool) -> (u64, Option<i64>) {
        let mut all: Vec<i64> = (0..orders.len())
            .filter(|row| orders.group[*row] == group && inside(orders.received_at[*row]))
            .map(|row| orders.latency[row].0)
            .collect();
        all.sort_unstable();
        (all.len() as u64, all.get(all.len().div_ceil(2).saturating_sub(1)).copied())
    }

    fn simulated(days: u32) -> (MatchedOrders, Timetable) {
        let world = World::named("delay", &WorldSettings::default()).expect("a known world");
        let orders = matched(&world, &Options { orders: 3_000, days, seed: 5, ..Options::default() }).expect("valid options");
        let block = TimeSpan(30 * MINUTE);
        let timetable = Timetable::of(&orders, &Calendar::none(), Zone::UTC, None, block);
        (orders, timetable)
    }

    #[test]
    fn each_point_is_the_median_of_its_own_orders() {
        for (days, unit) in [(2, Unit::Block), (20, Unit::Day)] {
            let (orders, timetable) = simulated(days);
            let found = over_time(&orders, &timetable);
            assert_eq!(found.unit, unit);
            for series in &found.series {
                assert_eq!(series.n.iter().sum::<u64>(), plainly(&orders, series.group, |_| true).0);
                for (at, (_, start)) in found.starts.iter().enumerate() {
                    let end = found.starts.get(at + 1).map_or(Timestamp(i64::MAX), |next| next.1);
                    let expected = plainly(&orders, series.group, |received| (*start..end).contains(&received));
                    assert_eq!((series.n[at], series.p50[at]), expected);
                }
            }
        }
    }

    #[test]
    fn a_column_of_the_day_holds_that_time_of_every_day() {
        let (orders, timetable) = simulated(4);
        let found = time_of_day(&orders, &timetable, Zone::UTC);
        assert!(found.starts.len() <= 60 && found.series.len() == 2);
        for series in &found.series {
            assert_eq!(series.n.iter().sum::<u64>(), plainly(&orders, series.group, |_| true).0);
            for (at, start) in found.starts.iter().enumerate() {
                let inside = |received: Timestamp| (*start..start + found.slot.0).contains(&received.0.rem_euclid(DAY));
                assert_eq!((series.n[at], series.p50[at]), plainly(&orders, series.group, inside));
            }
        }
    }

    #[test]
    fn three_years_are_shown_by_week() {
        let received_at: Vec<Timestamp> = (0..1_000).map(|day| Timestamp(day * DAY + 9 * 60 * MINUTE)).collect();
        let rows = received_at.len();
        let zeroes = || vec![0; rows];
        let mut orders =
            MatchedOrders { received_at, latency: vec![crate::record::Latency(5); rows], group: zeroes(), ..MatchedOrders::default() };
        (orders.client, orders.instrument) = (vec![0; rows], vec![0; rows]);
        (orders.kind, orders.gateway, orders.shard, orders.access_class) = (zeroes(), zeroes(), zeroes(), zeroes());
        orders.names.groups = vec!["A".to_owned()];
        let timetable = Timetable::of(&orders, &Calendar::none(), Zone::UTC, None, TimeSpan(30 * MINUTE));
        let found = over_time(&orders, &timetable);
        assert_eq!((found.unit, found.starts.len()), (Unit::Week, 143));
        assert_eq!(found.series[0].n.iter().sum::<u64>(), 1_000);
        assert_eq!(found.series[0].n[1], 7);
    }

    #[test]
    fn no_orders_no_points() {
        let orders = MatchedOrders::default();
        let found = over_time(&orders, &Timetable::default());
        assert!(found.starts.is_empty() && found.series.is_empty());
        assert!(time_of_day(&orders, &Timetable::default(), Zone::UTC).starts.is_empty());
    }
}
