//! When the records do not carry a verdict, however clear the estimates look.
//!
//! A closed gate blocks FAIR and UNFAIR; estimates are shown all the same, and a finding on a single client stands.

use crate::fairness::Reason;
use crate::fairness::gate_reason;
use crate::fairness::pair::{LikeForLike, Metric, PairMeasures, Study};

/// Blocks a verdict needs.
pub(crate) const LEAST_BLOCKS: usize = 20;
/// Days a verdict needs.
pub(crate) const LEAST_DAYS: u64 = 2;
/// Days that are advised.
const ADVISED_DAYS: u64 = 5;
/// Effective orders of a group a verdict needs.
pub(crate) const LEAST_ORDERS: f64 = 200.0;
/// Like-for-like pairs each way the overtaking measure needs.
pub(crate) const LEAST_PAIRS: u64 = 500;
/// Overlap below which there is no common support, and below which support is called limited.
pub(crate) const LEAST_OVERLAP: f64 = 0.30;
const AMPLE_OVERLAP: f64 = 0.50;
/// Share of a group's own orders that are compared, below which it is said.
const AMPLE_OF_GROUP: f64 = 0.70;
/// Largest share of negative latencies, of latencies of whole hours, of unmatched orders or receipts, and of their difference between groups.
const MOST_NEGATIVE: f64 = 0.001;
const MOST_HOURS_OFF: f64 = 0.001;
const MOST_DAYS_LATE: f64 = 0.001;
pub(crate) const MOST_UNMATCHED: f64 = 0.01;
const MOST_UNMATCHED_DIFFERENCE: f64 = 0.005;
/// Clients of a group a verdict needs, and their effective number.
pub(crate) const LEAST_CLIENTS: usize = 3;
const LEAST_EFFECTIVE_CLIENTS: f64 = 1.25;
/// Weight that may lie in strata whose tail threshold the stamps do not resolve.
const MOST_COARSE_TAIL: f64 = 0.01;

/// What the records allow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates {
    /// Reasons that block a verdict on the groups.
    pub(crate) closed: Vec<Reason>,
    /// Reasons that silence one measure (median, tail, overtaking); FAIR needs all three.
    pub(crate) silent: [Option<Reason>; 3],
    /// Limits worth saying that block nothing.
    pub(crate) notes: Vec<Reason>,
}

impl Gates {
    /// Nothing blocks a verdict, and every measure speaks.
    pub(crate) fn let_fair_through(&self) -> bool {
        self.closed.is_empty() && self.silent.iter().all(Option::is_none)
    }
}

/// The gates of an unordered pair; `margin` is its smaller median margin. Symmetric in the groups up to the order of sentences.
pub(crate) fn gates(study: &Study, pair: &PairMeasures, margin: f64) -> Gates {
    let mut gates = Gates::default();
    let empty: Vec<Reason> = pair
        .groups
        .iter()
        .filter(|group| total(study, **group).orders == 0)
        .map(|group| gate_reason::no_orders(name(study, *group)))
        .collect();
    if !empty.is_empty() {
        gates.closed = empty;
        return gates;
    }
    support(study, pair, &mut gates);
    if let Some(like) = &pair.like {
        sizes(study, pair, like, &mut gates);
        stamps(study, pair, like, margin, &mut gates);
    }
    clocks(study, pair, &mut gates);
    records(study, pair, &mut gates);
    let pairs = pair.overtaking.pairs;
    if pairs.iter().any(|pairs| *pairs < LEAST_PAIRS) {
        gates.silent[Metric::Overtaking as usize] = Some(gate_reason::few_overtaking_pairs(pairs, LEAST_PAIRS));
    } else if pair.overtaking.estimate.is_none() {
        gates.silent[Metric::Overtaking as usize] = Some(gate_reason::no_overtaking_estimate());
    } else if let Some(like) = &pair.like {
        // Receipts nearer than the stamps tell apart are in no pair: what passes what within a step is not seen.
        let resolution = study.resolution(pair.groups);
        if resolution > 1 && resolution >= like.medians[0].min(like.medians[1]) {
            gates.notes.push(gate_reason::coarse_overtaking(resolution));
        }
    }
    if pair.block_doubled {
        gates.notes.push(gate_reason::block_doubled(study.timetable.block));
    }
    gates
}

fn total<'a>(study: &'a Study, group: u16) -> &'a crate::fairness::pair::GroupTotals {
    &study.totals[usize::from(group)]
}

/// A group's name.
pub(crate) fn name<'a>(study: &'a Study, group: u16) -> &'a str {
    study.orders.names.groups.get(usize::from(group)).map_or("", String::as_str)
}

fn support(study: &Study, pair: &PairMeasures, gates: &mut Gates) {
    let overlap = pair.overlap.unwrap_or(0.0);
    if overlap < LEAST_OVERLAP {
        gates.closed.push(gate_reason::no_common_support(overlap));
    } else if overlap < AMPLE_OVERLAP {
        gates.notes.push(gate_reason::limited_support(overlap));
    }
    if overlap >= LEAST_OVERLAP {
        let little = pair.groups.into_iter().zip(pair.compared).filter(|(_, share)| *share < AMPLE_OF_GROUP);
        gates.notes.extend(little.map(|(group, share)| gate_reason::part_compared(name(study, group), share)));
    }
    let (blocks, days) = pair.like.as_ref().map_or((0, 0), |like| (like.blocks, like.days));
    let length = if pair.block_doubled { crate::record::TimeSpan(2 * study.timetable.block.0) } else { study.timetable.block };
    if blocks < LEAST_BLOCKS {
        gates.closed.push(gate_reason::few_blocks(blocks, length, LEAST_BLOCKS));
    }
    if days < LEAST_DAYS {
        gates.closed.push(gate_reason::few_days(days, LEAST_DAYS));
    } else if days < ADVISED_DAYS {
        gates.notes.push(gate_reason::few_days_advised(days));
    }
}

fn sizes(study: &Study, pair: &PairMeasures, like: &LikeForLike, gates: &mut Gates) {
    for ((group, effective), spread) in pair.groups.into_iter().zip(like.effective).zip(like.spread) {
        let name = name(study, group);
        if effective < LEAST_ORDERS {
            gates.closed.push(gate_reason::few_orders(name, effective, LEAST_ORDERS));
        }
        if spread.clients < LEAST_CLIENTS {
            let named = total(study, group)
                .clients
                .iter()
                .any(|(_, client)| study.orders.names.clients.get(*client as usize).is_some_and(|client| !client.is_empty()));
            gates.closed.push(match named {
                true => gate_reason::few_clients(name, spread.clients, LEAST_CLIENTS),
                false => gate_reason::no_client_named(name, LEAST_CLIENTS),
            });
        } else if spread.effective < LEAST_EFFECTIVE_CLIENTS {
            gates.closed.push(gate_reason::dominated_by_client(name, spread.effective));
        }
    }
}

fn stamps(study: &Study, pair: &PairMeasures, like: &LikeForLike, margin: f64, gates: &mut Gates) {
    let resolution = study.resolution(pair.groups);
    if resolution as f64 > margin / 5.0 {
        gates.silent[Metric::Median as usize] = Some(gate_reason::coarse_median(study.coarsest_source(pair.groups), resolution, margin));
    } else if like.tied {
        gates.silent[Metric::Median as usize] = Some(gate_reason::tied_stamps(resolution));
    }
    if like.coarse_tail_share > MOST_COARSE_TAIL {
        let precision = study.tail_precision(pair.groups);
        gates.silent[Metric::Tail as usize] =
            Some(if precision > resolution { gate_reason::tail_within_clocks(precision) } else { gate_reason::coarse_tail(resolution) });
    }
}

/// A group whose latencies are another's, all longer by one amount, may be slower, or be stamped by a clock that is off by it.
fn clocks(study: &Study, pair: &PairMeasures, gates: &mut Gates) {
    let [one, other] = pair.groups.map(|group| study.evidence.of(group));
    if one.received_clock != other.received_clock
        && let Some(shift) = one.clock_shift.or(other.clock_shift)
    {
        gates.closed.push(gate_reason::shifted_clock(shift));
    }
}

fn records(study: &Study, pair: &PairMeasures, gates: &mut Gates) {
    let share = |part: u64, rest: u64| if part == 0 { 0.0 } else { part as f64 / (part + rest) as f64 };
    let (mut unmatched, mut copies, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for group in pair.groups {
        let (name, total, evidence) = (name(study, group), total(study, group), study.evidence.of(group));
        let false_times = total.false_times;
        let negative = share(false_times.negative, total.orders - false_times.negative);
        if negative > MOST_NEGATIVE {
            gates.closed.push(gate_reason::negative_latencies(name, negative));
        }
        let late = share(false_times.days_late, total.orders - false_times.days_late);
        if late > MOST_DAYS_LATE {
            gates.closed.push(gate_reason::days_late(name, late));
        }
        let off = share(false_times.hours_off, total.orders - false_times.hours_off);
        if off > MOST_HOURS_OFF {
            gates.closed.push(gate_reason::hours_off(name, off));
        }
        let n_receipts = evidence.matched_receipts.unwrap_or(total.orders);
        let (orders, receipts) = (share(evidence.unjoined(), total.orders), share(evidence.orphan_receipt, n_receipts));
        let part = |copies: u64, of: u64| copies as f64 / of.max(1) as f64;
        copies.push([part(evidence.later_copies, total.orders), part(evidence.receipt_copies, n_receipts)]);
        if orders > MOST_UNMATCHED {
            gates.closed.push(gate_reason::unmatched_orders(name, orders));
        }
        if receipts > MOST_UNMATCHED {
            gates.closed.push(gate_reason::unmatched_receipts(name, receipts));
        }
        if !evidence.suspect.is_empty() {
            gates.closed.push(gate_reason::suspect_stamps(name, &evidence.suspect));
        }
        unmatched.push([orders, receipts]);
        refused.push(share(evidence.refused, n_receipts.saturating_add(evidence.orphan_receipt)));
    }
    let widest = |shares: &[[f64; 2]]| [0, 1].map(|kind| (shares[0][kind] - shares[1][kind]).abs()).into_iter().fold(0.0, f64::max);
    let difference = widest(&copies);
    if difference > MOST_UNMATCHED_DIFFERENCE {
        gates.closed.push(gate_reason::copies_differ(difference));
    }
    if (refused[0] - refused[1]).abs() > MOST_UNMATCHED_DIFFERENCE {
        let names = pair.groups.map(|group| name(study, group));
        gates.notes.push(gate_reason::refusals_differ(names, [refused[0], refused[1]]));
    }
    let difference = widest(&unmatched);
    if difference > MOST_UNMATCHED_DIFFERENCE {
        gates.closed.push(gate_reason::unmatched_differ(difference));
    }
}
