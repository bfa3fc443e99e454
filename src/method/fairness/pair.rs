//! Everything that is estimated about an unordered pair of groups, before any verdict.

use std::collections::BTreeMap;

use crate::fairness::close_pairs::ClosePairs;
use crate::fairness::comparable::{Comparable, Side, days_of, tail_thresholds};
use crate::fairness::contrast::{self, BlockScores, Estimate, GAPS, SUPERIORITY, TAIL};
use crate::fairness::deletions::Deletions;
use crate::fairness::errors::{Blocks, ClientSpread, Errors};
use crate::fairness::finer::InFinerCells;
use crate::fairness::mixes::Mixes;
use crate::fairness::parts::Parts;
use crate::fairness::sequence::{self, Asymmetry};
use crate::fairness::verdict::clock_uncertainty;
use crate::fairness::{Evidence, FairnessOptions, Routing, ShiftPoint};
use crate::measure::{Cells, ClientPassing, OvertakingCounts, OvertakingRules, PairValues, Timetable};
use crate::record::shift::{DAY, hours_off};
use crate::record::{Latency, MatchedOrders, Timestamp};
use crate::statistics::{Cusum, ols_cusum, student_t_quantile};

/// The three measures that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Median,
    Tail,
    Overtaking,
}

impl Metric {
    pub(crate) const ALL: [Self; 3] = [Self::Median, Self::Tail, Self::Overtaking];
}

/// Latencies that tell of wrong clocks, zones or dates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FalseTimes {
    /// Sent before received, by more than a sending stamp cut and a receipt stamp rounded to their resolution explain.
    pub(crate) negative: u64,
    /// Of whole hours or days.
    pub(crate) hours_off: u64,
    /// Sent a day or more after they were received.
    pub(crate) days_late: u64,
}

impl FalseTimes {
    /// Counts an order whose stamps excuse latencies negative by less than so many nanoseconds.
    pub(crate) fn add(&mut self, latency: Latency, excused: i64) {
        self.negative += u64::from(latency.0 < 0 && latency.0 <= -excused);
        self.hours_off += u64::from(hours_off(latency).is_some());
        self.days_late += u64::from(latency.0 >= DAY);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.negative += other.negative;
        self.hours_off += other.hours_off;
        self.days_late += other.days_late;
    }
}

/// A group's orders and clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupTotals {
    pub(crate) orders: u64,
    pub(crate) false_times: FalseTimes,
    /// Median latency of all its orders, nearest rank.
    pub(crate) median: i64,
    /// (orders, client), most orders first.
    pub(crate) clients: Vec<(u64, u32)>,
}

/// By pair of groups: by block, side and client.
pub(crate) type PassingByClient = BTreeMap<[u16; 2], Vec<ClientPassing>>;

/// What every pair is computed from.
pub(crate) struct Study<'a> {
    pub(crate) orders: &'a MatchedOrders,
    pub(crate) evidence: &'a Evidence,
    pub(crate) options: &'a FairnessOptions,
    pub(crate) timetable: Timetable,
    pub(crate) cells: Cells,
    pub(crate) overtaking: OvertakingCounts,
    /// What each client's pairs are worth to the overtaking of a pair of groups.
    pub(crate) passing: PassingByClient,
    pub(crate) rules: OvertakingRules,
    pub(crate) totals: Vec<GroupTotals>,
    /// What single clients leave behind, where a verdict may ask for it.
    pub(crate) deletions: Deletions,
    /// What is left of differences in finer cells.
    pub(crate) finer: InFinerCells,
    /// The worst part of any day, of pairs that would be FAIR.
    pub(crate) parts: Parts,
    /// The measures by either group's own orders, of pairs that would be FAIR.
    pub(crate) mixes: Mixes,
    /// Pairs received close together of which one group passed the other far more, of pairs of groups that would be FAIR.
    pub(crate) close_pairs: BTreeMap<[u16; 2], ClosePairs>,
}

/// The estimates of an unordered pair (A, B), A the group of the smaller code.
#[derive(Clone, Debug)]
pub(crate) struct PairMeasures {
    pub(crate) groups: [u16; 2],
    /// `None` where no cell holds both groups.
    pub(crate) like: Option<LikeForLike>,
    pub(crate) overtaking: Asymmetry,
    pub(crate) overlap: Option<f64>,
    /// Share of either group's orders that have a counterpart.
    pub(crate) compared: [f64; 2],
    pub(crate) block_doubled: bool,
}

/// What rests on two-group cells.
#[derive(Clone, Debug)]
pub(crate) struct LikeForLike {
    pub(crate) blocks: usize,
    pub(crate) days: u64,
    pub(crate) effective: [f64; 2],
    pub(crate) spread: [ClientSpread; 2],
    pub(crate) medians: [i64; 2],
    pub(crate) median_gap: Estimate,
    /// True where a density window at the median has no width.
    pub(crate) tied: bool,
    pub(crate) tail_excess: Estimate,
    /// Overlap-weighted share of cells whose tail threshold is below five ticks of the stamps.
    pub(crate) coarse_tail_share: f64,
    /// Tail threshold by stratum.
    pub(crate) tail: Vec<i64>,
    /// theta - 1/2.
    pub(crate) superiority: Estimate,
    pub(crate) shift: Vec<ShiftPoint>,
    pub(crate) routing: Option<Routing>,
    /// Lower and upper bound of D50 over all latencies the orders without a receipt may have had.
    pub(crate) missing_bounds: Option<(f64, f64)>,
    pub(crate) change: Cusum,
    /// Start of the first block after the change, if one is claimed.
    pub(crate) change_at: Option<Timestamp>,
}

impl PairMeasures {
    /// The estimate of a deciding measure.
    pub(crate) fn estimate(&self, metric: Metric) -> Option<Estimate> {
        match metric {
            Metric::Median => self.like.as_ref().map(|like| like.median_gap),
            Metric::Tail => self.like.as_ref().map(|like| like.tail_excess),
            Metric::Overtaking => self.overtaking.estimate,
        }
    }

    /// What is known of these clients: overtaking without the client part of its error. For median and tail the same as [`Self::estimate`].
    pub(crate) fn clients_fixed(&self, metric: Metric) -> Option<Estimate> {
        if metric == Metric::Overtaking { self.overtaking.clients_fixed } else { self.estimate(metric) }
    }
}

impl Study<'_> {
    /// Estimates for the pair (A, B), and what `look` makes of its scores; `None` where no cell holds both groups.
    pub(crate) fn measure<T>(&self, groups: [u16; 2], look: impl Fn(&Self, [u16; 2], &[BlockScores]) -> T) -> (PairMeasures, Option<T>) {
        let pair = Comparable::of(&self.cells, groups, None);
        let orders: u64 = groups.iter().map(|group| self.totals[usize::from(*group)].orders).sum();
        let overlap = (orders > 0).then(|| (pair.inside[0] + pair.inside[1]) as f64 / orders as f64);
        let compared = [0, 1].map(|side| {
            let orders = self.totals[usize::from(groups[side])].orders;
            if orders == 0 { 0.0 } else { pair.inside[side] as f64 / orders as f64 }
        });
        let doubled = self.timetable.doubled();
        let same = |block: u32| block;
        let twice = |block: u32| doubled[block as usize];
        if pair.cells.is_empty() {
            let overtaking = self.asymmetry(groups, same);
            return (PairMeasures { groups, like: None, overtaking, overlap, compared, block_doubled: false }, None);
        }
        let tail = tail_thresholds(&self.cells, groups);
        let bounding = self.bounding_levels(groups);
        let (located, at_bounds) =
            contrast::locate(&pair, bounding.each_ref().map(|levels| levels.as_ref().map_or(&[][..], |levels| levels)));
        let scores = contrast::scores(&pair, &located, &tail);
        let single = Blocks::of(&scores, same);
        let block_doubled = single.hang_together();
        let errors = Errors::of(if block_doubled { Blocks::of(&scores, twice) } else { single.clone() });
        let overtaking = if block_doubled { self.asymmetry(groups, twice) } else { self.asymmetry(groups, same) };
        let median = located[0];
        let gap = (median.at[1] - median.at[0]) as f64;
        let change = ols_cusum(&single.influence(GAPS));
        let change_at = scores.get(change.at + 1).map(|block| self.timetable.blocks[block.block as usize].start);
        let like = LikeForLike {
            blocks: errors.blocks(),
            days: days_of(&pair.cells, &self.timetable),
            effective: Side::BOTH.map(|side| pair.effective(side)),
            spread: Side::BOTH.map(|side| errors.spread(side)),
            medians: median.at,
            median_gap: errors.estimate(GAPS, gap),
            tied: median.inverse_density.contains(&0.0),
            tail_excess: errors.estimate(TAIL, errors.mean(TAIL)),
            coarse_tail_share: self.coarse_tail_share(&pair, &tail),
            tail,
            superiority: errors.estimate(SUPERIORITY, errors.mean(SUPERIORITY)),
            shift: shift(&errors, &located),
            routing: self.routing(&pair, gap),
            missing_bounds: self.missing_bounds(groups, &at_bounds, gap),
            change,
            change_at,
        };
        (PairMeasures { groups, like: Some(like), overtaking, overlap, compared, block_doubled }, Some(look(self, groups, &scores)))
    }

    /// What a pair of orders is worth to each pair of groups that has an asymmetry.
    pub(crate) fn pair_values(&self, wanted: &[[u16; 2]]) -> Vec<PairValues> {
        wanted.iter().filter_map(|groups| sequence::values(&self.overtaking, &self.timetable, *groups)).collect()
    }

    /// The overtaking of a pair; `number` gives the block number of every timetable block.
    pub(crate) fn asymmetry(&self, groups: [u16; 2], number: impl Fn(u32) -> u32) -> Asymmetry {
        let clients = self.passing.get(&groups).map_or(&[][..], Vec::as_slice);
        sequence::asymmetry(&self.overtaking, clients, &self.timetable, number, groups)
    }

    /// The coarsest effective resolution of any stamp of the two groups, nanoseconds.
    pub(crate) fn resolution(&self, groups: [u16; 2]) -> i64 {
        let each = groups.map(|group| self.evidence.of(group));
        each.iter().map(|group| group.received_resolution.max(group.sent_resolution)).max().unwrap_or(1).max(1)
    }

    /// The source whose stamps are the coarsest of the two groups: "receipts", "orders", or both.
    pub(crate) fn coarsest_source(&self, groups: [u16; 2]) -> &'static str {
        let each = groups.map(|group| self.evidence.of(group));
        let [received, sent] = [
            each.iter().map(|group| group.received_resolution).max().unwrap_or(1),
            each.iter().map(|group| group.sent_resolution).max().unwrap_or(1),
        ];
        match received.cmp(&sent) {
            std::cmp::Ordering::Greater => "receipts",
            std::cmp::Ordering::Less => "orders",
            std::cmp::Ordering::Equal => "receipts and orders",
        }
    }

    /// What the stamps of two groups tell apart at all: their resolution, or what the clocks behind them may differ by.
    pub(crate) fn tail_precision(&self, groups: [u16; 2]) -> i64 {
        self.resolution(groups).max(clock_uncertainty(self.evidence, self.options, groups))
    }

    fn coarse_tail_share(&self, pair: &Comparable, tail: &[i64]) -> f64 {
        let least = self.tail_precision(pair.groups).saturating_mul(5);
        let coarse = pair.cells.iter().filter(|cell| tail[cell.stratum as usize] < least);
        coarse.map(|cell| cell.weight()).sum::<f64>() / pair.total_weight()
    }

    /// By side, the levels between which the median of all its orders lies, some being missing: `None` where half are.
    fn bounding_levels(&self, groups: [u16; 2]) -> [Option<[f64; 2]>; 2] {
        groups.map(|group| bounding_levels(self.evidence.of(group).unjoined(), self.totals[usize::from(group)].orders))
    }

    /// With a share m of a group's orders unseen, its median lies between the seen quantiles (1/2 - m)/(1 - m) and (1/2)/(1 - m).
    ///
    /// `at`: the quantiles at the levels of [`Self::bounding_levels`].
    fn missing_bounds(&self, groups: [u16; 2], at: &[Vec<i64>; 2], gap: f64) -> Option<(f64, f64)> {
        if groups.iter().all(|group| self.evidence.of(*group).unjoined() == 0) {
            return Some((gap, gap));
        }
        let [[a_low, a_high], [b_low, b_high]] = [<[i64; 2]>::try_from(&at[0][..]).ok()?, <[i64; 2]>::try_from(&at[1][..]).ok()?];
        Some(((b_low - a_high) as f64, (b_high - a_low) as f64))
    }

    /// Whether the orders name more than one gateway; an empty name is none.
    fn has_routes(&self) -> bool {
        self.orders.names.gateways.iter().filter(|name| !name.is_empty()).count() > 1
    }

    fn routing(&self, pair: &Comparable, total: f64) -> Option<Routing> {
        if !self.has_routes() {
            return None;
        }
        let [a, b] = Side::BOTH.map(|side| pair.median_within_route(side));
        let within_route = (b? - a?) as f64;
        Some(Routing { total, within_route, routing_part: total - within_route })
    }
}

/// The levels of the seen orders between which the median of all lies, some being missing; `None` where half are.
fn bounding_levels(missing: u64, orders: u64) -> Option<[f64; 2]> {
    let share = missing as f64 / (missing as f64 + orders as f64);
    (share < 0.5).then(|| [(0.5 - share) / (1.0 - share), 0.5 / (1.0 - share)])
}

/// The shift function with pointwise 95 % intervals, ascending in q.
fn shift(errors: &Errors, located: &[contrast::Located]) -> Vec<ShiftPoint> {
    let point = |(at, place): (usize, &contrast::Located)| {
        let difference = (place.at[1] - place.at[0]) as f64;
        let estimate = errors.estimate(GAPS + at, difference);
        let half = student_t_quantile(0.025, estimate.df) * estimate.se;
        let dense = place.inverse_density.iter().all(|width| *width > 0.0);
        ShiftPoint { q: place.q, difference, interval: dense.then_some((difference - half, difference + half)) }
    };
    let mut points: Vec<ShiftPoint> = located.iter().enumerate().map(point).collect();
    points.sort_by(|left, right| left.q.total_cmp(&right.q));
    points
}
