//! What the groups' latencies are: quantiles, distribution curves and the trend by minute.
//!
//! All matched orders count, negative and zero latencies included. Quantiles are nearest rank, exact.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::reconcile::MatchedLatencies;
use crate::record::Timestamp;
use crate::statistics::{PairComparison, QuantileLevel, all_pairs, nearest_rank, select_nearest_rank, sort_numbers};

/// Most points of a distribution curve.
const CURVE_POINTS: usize = 400;
/// Of these, kept for the slowest tenth: up to an eighth root of ten apart, 7 factors of ten deep.
const TAIL_POINTS: usize = 56;
const MINUTE: i64 = 60_000_000_000;

/// Matched latencies split by group, and by minute of receipt within it.
#[derive(Clone, Debug, Default)]
pub struct GroupedLatencies {
    /// One group's latencies behind the other's; each group's ascending.
    latencies: Narrow,
    /// Where each group starts, and the end.
    starts: Vec<usize>,
    /// Distinct clients by group, the nameless one not counted.
    pub clients: Vec<u64>,
    /// Median by group and minute, ascending.
    pub trend: Vec<TrendPoint>,
}

/// Latencies of one group, ascending, in four bytes each where all of them fit.
#[derive(Clone, Copy, Debug)]
pub enum Sorted<'a> {
    /// Less than two seconds, all of them.
    Short(&'a [i32]),
    /// Any.
    Long(&'a [i64]),
}

impl GroupedLatencies {
    /// How many groups there are, empty ones included.
    #[must_use]
    pub fn n_groups(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The latencies of a group, ascending.
    #[must_use]
    pub fn group(&self, code: usize) -> Sorted<'_> {
        let own = self.starts[code]..self.starts[code + 1];
        match &self.latencies {
            Narrow::Short(latencies) => Sorted::Short(&latencies[own]),
            Narrow::Long(latencies) => Sorted::Long(&latencies[own]),
        }
    }

    /// The latencies of every group.
    pub fn groups(&self) -> impl Iterator<Item = Sorted<'_>> {
        (0..self.n_groups()).map(|code| self.group(code))
    }

    /// Every two groups as they are: [`all_pairs`].
    #[must_use]
    pub fn compare_all(&self) -> Vec<PairComparison> {
        let spans = self.starts.windows(2).map(|span| span[0]..span[1]);
        match &self.latencies {
            Narrow::Short(latencies) => all_pairs(&spans.map(|span| &latencies[span]).collect::<Vec<_>>()),
            Narrow::Long(latencies) => all_pairs(&spans.map(|span| &latencies[span]).collect::<Vec<_>>()),
        }
    }
}

impl Sorted<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Short(latencies) => latencies.len(),
            Self::Long(latencies) => latencies.len(),
        }
    }

    /// True where there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// See [`summarize`].
    #[must_use]
    pub fn summary(self) -> Option<LatencySummary> {
        match self {
            Self::Short(latencies) => summarize(latencies),
            Self::Long(latencies) => summarize(latencies),
        }
    }

    /// See [`curve`].
    #[must_use]
    pub fn curve(self) -> Vec<(i64, f64)> {
        match self {
            Self::Short(latencies) => curve(latencies),
            Self::Long(latencies) => curve(latencies),
        }
    }
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
pub fn group_latencies(orders: &impl MatchedLatencies, n_groups: usize, n_clients: usize, nameless: u32) -> GroupedLatencies {
    let mut parts = LatencyParts::new(n_groups, n_clients);
    parts.add(orders);
    parts.finish(nameless)
}

/// The latencies of some orders after the other, four bytes each, until all are there.
#[derive(Debug)]
pub struct LatencyParts {
    clients: ClientSets,
    stretches: Vec<Stretch>,
}

impl LatencyParts {
    /// None yet.
    #[must_use]
    pub fn new(n_groups: usize, n_clients: usize) -> Self {
        Self { clients: ClientSets::new(n_groups, n_clients), stretches: Vec::new() }
    }

    /// Takes up the matched orders among `orders`.
    pub fn add(&mut self, orders: &impl MatchedLatencies) {
        let n_stretches = orders.n_orders().div_ceil(STRETCH);
        let clients = &self.clients;
        self.stretches.par_extend((0..n_stretches).into_par_iter().map(|index| Stretch::of(orders, index * STRETCH, clients)));
    }

    /// Sorts, and takes the medians by minute: four bytes more an order, and as many for those of the groups that are being sorted.
    #[must_use]
    pub fn finish(self, nameless: u32) -> GroupedLatencies {
        let Self { clients, stretches } = self;
        let n_groups = clients.n_groups;
        let cells = cells_of(&stretches);
        let mut starts = vec![0; n_groups + 1];
        cells.iter().for_each(|cell| starts[usize::from(cell.group) + 1] += cell.n);
        (0..n_groups).for_each(|group| starts[group + 1] += starts[group]);
        let short = stretches.iter().all(|stretch| matches!(stretch.latencies, Narrow::Short(_)));
        let (latencies, trend) = if short {
            let (latencies, trend) = sorted_groups(&cells, stretches, &starts);
            (Narrow::Short(latencies), trend)
        } else {
            let (latencies, trend) = sorted_groups(&cells, stretches, &starts);
            (Narrow::Long(latencies), trend)
        };
        GroupedLatencies { latencies, starts, clients: clients.counts(nameless), trend }
    }
}

/// A latency in as many bytes as all of them need.
trait Nanos: Copy + Ord + Send + Sync + Default + Into<i64> {
    /// Those of a stretch from `from` on; only called where all of them fit.
    fn copy(from: &Narrow, at: usize, out: &mut [Self]);
}

impl Nanos for i32 {
    fn copy(from: &Narrow, at: usize, out: &mut [Self]) {
        if let Narrow::Short(latencies) = from {
            out.copy_from_slice(&latencies[at..at + out.len()]);
        }
    }
}

impl Nanos for i64 {
    fn copy(from: &Narrow, at: usize, out: &mut [Self]) {
        match from {
            Narrow::Short(latencies) => out.iter_mut().zip(&latencies[at..]).for_each(|(out, latency)| *out = Self::from(*latency)),
            Narrow::Long(latencies) => out.copy_from_slice(&latencies[at..at + out.len()]),
        }
    }
}

/// The latencies of every group, ascending, and the medians of the cells.
fn sorted_groups<T: Nanos>(cells: &[MinuteCell], stretches: Vec<Stretch>, starts: &[usize]) -> (Vec<T>, Vec<TrendPoint>) {
    let mut latencies = vec![T::default(); starts.last().copied().unwrap_or(0)];
    let trend = fill(&mut latencies, cells, &stretches);
    drop(stretches);
    let (mut groups, mut rest) = (Vec::new(), latencies.as_mut_slice());
    for span in starts.windows(2) {
        let (own, behind) = rest.split_at_mut(span[1] - span[0]);
        groups.push(own);
        rest = behind;
    }
    groups.sort_unstable_by_key(|group| std::cmp::Reverse(group.len()));
    groups.into_par_iter().with_max_len(1).for_each(|group| sort_numbers(group));
    (latencies, trend)
}

/// Orders looked at together.
const STRETCH: usize = 1 << 16;

/// The matched latencies of some orders by (group, minute) cell.
#[derive(Debug)]
struct Stretch {
    latencies: Narrow,
    /// Group, minute since the epoch, and first of the cell's latencies; ascending by group and minute.
    cells: Vec<(u16, i64, usize)>,
}

/// Latencies in four bytes each where they all fit: nearly always, and half the memory.
#[derive(Clone, Debug)]
enum Narrow {
    Short(Vec<i32>),
    Long(Vec<i64>),
}

impl Default for Narrow {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Narrow {
    fn of(latencies: Vec<i64>) -> Self {
        let short: Result<Vec<i32>, _> = latencies.iter().map(|latency| i32::try_from(*latency)).collect();
        short.map_or(Self::Long(latencies), Self::Short)
    }

    fn len(&self) -> usize {
        match self {
            Self::Short(latencies) => latencies.len(),
            Self::Long(latencies) => latencies.len(),
        }
    }
}

impl Stretch {
    fn of(orders: &impl MatchedLatencies, first: usize, clients: &ClientSets) -> Self {
        let n_groups = clients.n_groups;
        // Logs run in time: a stretch holds few minutes.
        let (mut minutes, mut last): (Vec<i64>, usize) = (Vec::new(), 0);
        let mut rows: Vec<(u32, i64)> = Vec::with_capacity(STRETCH);
        orders.each(first..(first + STRETCH).min(orders.n_orders()), |matched| {
            let minute = matched.received_at.div_euclid(MINUTE);
            if minutes.get(last) != Some(&minute) {
                last = minutes.iter().position(|known| *known == minute).unwrap_or_else(|| {
                    minutes.push(minute);
                    minutes.len() - 1
                });
            }
            clients.insert(usize::from(matched.group), matched.client as usize);
            rows.push(((last * n_groups) as u32 + u32::from(matched.group), matched.latency));
        });
        let mut ends = vec![0_usize; minutes.len() * n_groups + 1];
        rows.iter().for_each(|(cell, _)| ends[*cell as usize + 1] += 1);
        (1..ends.len()).for_each(|cell| ends[cell] += ends[cell - 1]);
        let named = |cell: usize| ((cell % n_groups) as u16, minutes[cell / n_groups], ends[cell]);
        let mut cells: Vec<(u16, i64, usize)> = (0..ends.len() - 1).filter(|cell| ends[*cell] < ends[cell + 1]).map(named).collect();
        cells.sort_unstable();
        let mut latencies = vec![0; rows.len()];
        for (cell, latency) in rows {
            latencies[ends[cell as usize]] = latency;
            ends[cell as usize] += 1;
        }
        Self { latencies: Narrow::of(latencies), cells }
    }
}

/// One (group, minute), and its pieces in the stretches.
struct MinuteCell {
    group: u16,
    minute: i64,
    n: usize,
    /// Stretch, first latency, number of them.
    pieces: Vec<(usize, usize, usize)>,
}

/// The cells of all stretches, ascending.
fn cells_of(stretches: &[Stretch]) -> Vec<MinuteCell> {
    let mut pieces: Vec<(u16, i64, usize, usize, usize)> = Vec::new();
    for (index, stretch) in stretches.iter().enumerate() {
        // Cells lie in the order of their minutes' first appearance: the next to start behind ends this one.
        let mut starts: Vec<usize> = stretch.cells.iter().map(|(_, _, start)| *start).collect();
        starts.push(stretch.latencies.len());
        starts.sort_unstable();
        for (group, minute, start) in &stretch.cells {
            let end = starts[starts.partition_point(|other| other <= start)];
            pieces.push((*group, *minute, index, *start, end - start));
        }
    }
    pieces.par_sort_unstable();
    let cell = |pieces: &[(u16, i64, usize, usize, usize)]| MinuteCell {
        group: pieces[0].0,
        minute: pieces[0].1,
        n: pieces.iter().map(|piece| piece.4).sum(),
        pieces: pieces.iter().map(|(_, _, stretch, start, n)| (*stretch, *start, *n)).collect(),
    };
    pieces.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(cell).collect()
}

/// Puts the cells' latencies one behind the other; returns their medians.
fn fill<T: Nanos>(latencies: &mut [T], cells: &[MinuteCell], stretches: &[Stretch]) -> Vec<TrendPoint> {
    let (mut places, mut rest) = (Vec::with_capacity(cells.len()), latencies);
    for cell in cells {
        let (own, behind) = rest.split_at_mut(cell.n);
        places.push((cell, own));
        rest = behind;
    }
    let point = |(cell, own): (&MinuteCell, &mut [T])| {
        let mut at = 0;
        for (stretch, start, n) in &cell.pieces {
            T::copy(&stretches[*stretch].latencies, *start, &mut own[at..at + n]);
            at += n;
        }
        let p50 = select_nearest_rank(own, QuantileLevel::P50)?.into();
        Some(TrendPoint { group: cell.group, minute: Timestamp(cell.minute * MINUTE), n: cell.n as u64, p50 })
    };
    places.into_par_iter().filter_map(point).collect()
}

/// Which clients were seen in which group: one bit each.
#[derive(Debug)]
struct ClientSets {
    bits: Vec<AtomicU64>,
    n_groups: usize,
    n_clients: usize,
}

impl ClientSets {
    fn new(n_groups: usize, n_clients: usize) -> Self {
        let bits = (0..(n_groups * n_clients).div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self { bits, n_groups, n_clients }
    }

    fn insert(&self, group: usize, client: usize) {
        let at = group * self.n_clients + client;
        let (word, bit) = (&self.bits[at / 64], 1 << (at % 64));
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    fn counts(&self, nameless: u32) -> Vec<u64> {
        let seen = |at: usize| self.bits[at / 64].load(Ordering::Relaxed) >> (at % 64) & 1 == 1;
        let of_group = |group: usize| {
            (0..self.n_clients).filter(|client| *client != nameless as usize && seen(group * self.n_clients + client)).count() as u64
        };
        (0..self.n_groups).map(of_group).collect()
    }
}

/// The summary of ascending latencies; `None` where there is none.
#[must_use]
pub fn summarize<T: Copy + Ord + Into<i64>>(sorted: &[T]) -> Option<LatencySummary> {
    let quantile = |level| nearest_rank(sorted, level).map(T::into);
    let sum: i128 = sorted.iter().map(|latency| i128::from((*latency).into())).sum();
    let below_zero = sorted.partition_point(|latency| (*latency).into() < 0);
    Some(LatencySummary {
        n: sorted.len() as u64,
        min: (*sorted.first()?).into(),
        mean: sum as f64 / sorted.len() as f64,
        p50: quantile(QuantileLevel::P50)?,
        p90: quantile(QuantileLevel::P90)?,
        p99: quantile(QuantileLevel::P99)?,
        p999: quantile(QuantileLevel::P999)?,
        max: (*sorted.last()?).into(),
        negative: below_zero as u64,
        zero: (sorted.partition_point(|latency| (*latency).into() <= 0) - below_zero) as u64,
    })
}

/// The distribution function of ascending latencies in at most 400 points: (latency, share at or below it).
#[must_use]
pub fn curve<T: Copy + Ord + Into<i64>>(sorted: &[T]) -> Vec<(i64, f64)> {
    let n = sorted.len();
    let n_points = n.min(CURVE_POINTS - TAIL_POINTS - 1);
    let mut points: Vec<(i64, f64)> = Vec::with_capacity(CURVE_POINTS);
    // Ranks run evenly to the last, and the last value at or below zero is always among them: a chart sets that share apart.
    let n_not_positive = sorted.partition_point(|latency| (*latency).into() <= 0);
    let even = (1..=n_points).map(|k| k * n / n_points);
    // Ever closer to the last, eight to a factor of ten: the tail of a long list is where the differences are.
    let beyond = |k: i32| (n as f64 * libm::pow(10.0, -f64::from(k) / 8.0)).round() as usize;
    let tail = (8..8 + TAIL_POINTS as i32).map(beyond).take_while(|left| *left > 0 && n > n_points).map(|left| n - left);
    let mut ranks: Vec<usize> = even.chain(tail).chain((n_not_positive > 0).then_some(n_not_positive)).filter(|rank| *rank > 0).collect();
    ranks.sort_unstable();
    for rank in ranks {
        // Ties take the share of their last member.
        let latency = sorted[rank - 1];
        let share = sorted.partition_point(|other| *other <= latency) as f64 / n as f64;
        if points.last().is_none_or(|(last, _)| *last != latency.into()) {
            points.push((latency.into(), share));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reconcile::MatchedLatency;

    /// received_at, latency, group, client; an order that is not matched has the client 9.
    struct Orders(Vec<(i64, i64, u16, u32)>);

    impl MatchedLatencies for Orders {
        fn n_orders(&self) -> usize {
            self.0.len()
        }
        fn each(&self, orders: std::ops::Range<usize>, take: impl FnMut(MatchedLatency)) {
            let matched = self.0[orders].iter().filter(|order| order.3 != 9);
            matched
                .map(|(received_at, latency, group, client)| MatchedLatency {
                    received_at: *received_at,
                    latency: *latency,
                    group: *group,
                    client: *client,
                })
                .for_each(take);
        }
    }

    proptest! {
        #[test]
        fn groups_and_minutes_equal_a_sort_of_each_cell(
            mut rows in proptest::collection::vec(
                (-3 * MINUTE..5 * MINUTE, prop_oneof![-50_i64..50, Just(1_i64 << 40)], 0_u16..3, prop_oneof![0_u32..4, Just(9)]), 0..200,
            ),
            repeated in prop_oneof![9 => Just(1_usize), 1 => Just(700)],
        ) {
            rows = rows.repeat(repeated);
            let grouped = group_latencies(&Orders(rows.clone()), 3, 4, 0);
            rows.retain(|row| row.3 != 9);
            for group in 0..3 {
                let mut latencies: Vec<i64> = rows.iter().filter(|row| row.2 == group).map(|row| row.1).collect();
                latencies.sort_unstable();
                let found: Vec<i64> = match grouped.group(usize::from(group)) {
                    Sorted::Short(found) => found.iter().map(|latency| i64::from(*latency)).collect(),
                    Sorted::Long(found) => found.to_vec(),
                };
                prop_assert_eq!(found, latencies);
                let clients: std::collections::BTreeSet<u32> = rows.iter().filter(|row| row.2 == group && row.3 != 0).map(|row| row.3).collect();
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
