//! Unfair missingness: are one group's orders missing more often, and could the missing ones turn the median gap?

use std::collections::BTreeMap;

use crate::fairness::beside::spread::{Part, error_of};
use crate::fairness::beside::{Case, name_of};
use crate::fairness::comparable::{Comparable, Side};
use crate::fairness::pair::Study;
use crate::record::{Latency, LocalReader, MatchedOrders, Timestamp};
use crate::statistics::{student_t_quantile, student_t_sf};

/// Orders that no receipt was found for: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingOrders {
    /// When they were sent to the exchange.
    pub sent_at: Vec<Timestamp>,
    /// Group code, as in the matched orders.
    pub group: Vec<u16>,
    /// Client code, as in the matched orders.
    pub client: Vec<u32>,
}

/// One group's orders without a receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct UnmatchedShare {
    /// Group.
    pub group: String,
    /// Orders without a receipt.
    pub missing: u64,
    /// Orders with one.
    pub matched: u64,
    /// missing / (missing + matched).
    pub share: f64,
}

/// The missing orders of the pair (A, B). Positive: B is worse off.
#[derive(Clone, Debug, PartialEq)]
pub struct Missingness {
    /// A.
    pub favoured: UnmatchedShare,
    /// B.
    pub disadvantaged: UnmatchedShare,
    /// Share of B minus share of A.
    pub difference: f64,
    /// Its standard error over blocks and clients; `None` with fewer than two blocks.
    pub se: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p of equal shares; `None` without an error.
    pub p_value: Option<f64>,
    /// D50 at its least and at its most, whatever the latencies of the missing orders were, nanoseconds: B's missing all fastest and
    /// A's all slowest, and the reverse. `None` where a group misses half its orders, or nothing is comparable.
    pub gap_bounds: Option<(i64, i64)>,
}

/// The missing orders of every wanted pair. Cost O(n log n).
///
/// A block is a stretch of a day's phase as long as the error block of the verdict, an order lying where it was received or, missing,
/// where it was sent. The bounds take a group's missing share for that of its comparable orders.
#[must_use]
pub fn missingness(case: Case<'_>, missing: &MissingOrders) -> Vec<Missingness> {
    let (study, wanted) = case.prepared();
    let clusters = clusters(case, missing);
    wanted.iter().map(|groups| of_pair(&study, &clusters, *groups)).collect()
}

/// Missing and matched orders.
type Counts = [u64; 2];

/// Missing and matched orders by (group, block, client).
type Clusters = BTreeMap<(u16, u32, u32), Counts>;

fn clusters(case: Case<'_>, missing: &MissingOrders) -> Clusters {
    let mut blocks = BlockNumbers { case, reader: case.zone.local_reader(), numbers: BTreeMap::new() };
    let mut clusters = Clusters::new();
    for (row, at) in missing.sent_at.iter().enumerate() {
        clusters.entry((missing.group[row], blocks.number(*at), missing.client[row])).or_default()[0] += 1;
    }
    for (row, at) in case.orders.received_at.iter().enumerate() {
        clusters.entry((case.orders.group[row], blocks.number(*at), case.orders.client[row])).or_default()[1] += 1;
    }
    clusters
}

/// Numbers the blocks as they come up; only their identity matters.
struct BlockNumbers<'a> {
    case: Case<'a>,
    reader: LocalReader,
    numbers: BTreeMap<(i32, i64, i64), u32>,
}

impl BlockNumbers<'_> {
    fn number(&mut self, at: Timestamp) -> u32 {
        let (date, time_of_day) = self.reader.read(at);
        let start = self.case.calendar.phase_at(date, time_of_day).start;
        let next = self.numbers.len() as u32;
        *self.numbers.entry((date.0, start, (time_of_day - start) / self.case.options.block.0.max(1))).or_insert(next)
    }
}

fn of_pair(study: &Study, clusters: &Clusters, groups: [u16; 2]) -> Missingness {
    let of_side = |side: usize| clusters.range((groups[side], 0, 0)..=(groups[side], u32::MAX, u32::MAX));
    let totals = [0, 1].map(|side| of_side(side).fold([0, 0], |sum: Counts, (_, n)| [sum[0] + n[0], sum[1] + n[1]]));
    let [a, b] = [0, 1].map(|side| {
        let [missing, matched] = totals[side];
        let share = missing as f64 / (missing + matched).max(1) as f64;
        UnmatchedShare { group: name_of(&study.orders.names.groups, groups[side].into()), missing, matched, share }
    });
    let mut parts = Vec::new();
    for (side, group) in [&a, &b].into_iter().enumerate() {
        let all = (group.missing + group.matched).max(1) as f64;
        let sign = if side == 0 { -1.0 } else { 1.0 };
        for ((_, block, client), [missing, matched]) in of_side(side) {
            let n = (missing + matched) as f64;
            let influence = sign * (*missing as f64 - group.share * n) / all;
            parts.push(Part { block: *block, side, client: *client, influence, share: n / all });
        }
    }
    let error = error_of(&parts);
    let difference = b.share - a.share;
    Missingness {
        difference,
        se: error.map(|(se, _)| se),
        interval: error.map(|(se, df)| {
            let half = student_t_quantile(0.025, df) * se;
            (difference - half, difference + half)
        }),
        p_value: error.filter(|(se, _)| *se > 0.0).map(|(se, df)| (2.0 * student_t_sf((difference / se).abs(), df)).min(1.0)),
        gap_bounds: gap_bounds(study, groups, [a.share, b.share]),
        favoured: a,
        disadvantaged: b,
    }
}

/// With a share m of the orders unseen, the median of all lies between the seen quantiles (1/2 - m)/(1 - m) and (1/2)/(1 - m).
fn gap_bounds(study: &Study, groups: [u16; 2], missing: [f64; 2]) -> Option<(i64, i64)> {
    let pair = Comparable::of(&study.cells, groups, None);
    if pair.cells.is_empty() || missing.iter().any(|share| *share >= 0.5) {
        return None;
    }
    let [a, b] = Side::BOTH.map(|side| {
        let share = missing[side as usize];
        pair.quantiles(side, &[(0.5 - share) / (1.0 - share), 0.5 / (1.0 - share)])
    });
    Some((b[0].saturating_sub(a[1]), b[1].saturating_sub(a[0])))
}

/// The orders with those that were received and never sent, slower than every other: what decides only asks which of two is slower, so
/// one nanosecond beyond the slowest stands for infinity and leaves the load of later orders nearly alone.
///
/// The names are those of `never_sent`: those of `orders`, and behind them what it adds.
#[must_use]
pub fn with_never_sent(orders: &MatchedOrders, never_sent: &MatchedOrders) -> MatchedOrders {
    let slowest = orders.latency.iter().max().map_or(0, |latency| latency.0);
    let infinity = Latency(slowest.saturating_add(1));
    let joined = |first: &[u16], second: &[u16]| [first, second].concat();
    MatchedOrders {
        received_at: [&orders.received_at[..], &never_sent.received_at].concat(),
        latency: orders.latency.iter().copied().chain(never_sent.received_at.iter().map(|_| infinity)).collect(),
        group: joined(&orders.group, &never_sent.group),
        client: [&orders.client[..], &never_sent.client].concat(),
        instrument: [&orders.instrument[..], &never_sent.instrument].concat(),
        kind: joined(&orders.kind, &never_sent.kind),
        gateway: joined(&orders.gateway, &never_sent.gateway),
        shard: joined(&orders.shard, &never_sent.shard),
        access_class: joined(&orders.access_class, &never_sent.access_class),
        names: never_sent.names.clone(),
    }
}
