//! A second look before anything is said: what finer cells leave of a difference, and what forbids FAIR though all three measures allow it.

use crate::fairness::comparable::Side;
use crate::fairness::finer::{Cut, Finer, LEAST_LEFT, finer_slot};
use crate::fairness::gates::{MOST_UNMATCHED, name};
use crate::fairness::pair::{Metric, Study};
use crate::fairness::parts::{Of, SEVERAL};
use crate::fairness::verdict::{Levels, Ordered, group_names, known_median_margin, uncertainty};
use crate::fairness::{Reason, ShiftPoint, cut_reason, reason};
use crate::measure::Cell;
use crate::record::{TimeSpan, UNKNOWN_GROUP};

/// What forbids FAIR.
pub(crate) fn not_fair(study: &Study, ordered: Ordered, levels: Levels) -> Option<Reason> {
    beyond_shift(study, ordered, 0.9)
        .or_else(|| unknown_orders(study, ordered, levels))
        .or_else(|| unseen_tail(study, ordered, levels))
        .or_else(|| beyond_in_finer_cells(study, ordered))
        .or_else(|| beyond_without_load(study, ordered))
        .or_else(|| beyond_own_mix(study, ordered))
        .or_else(|| passing_one_way(study, ordered))
        .or_else(|| passing_close_by(study, ordered))
        .or_else(|| beyond_in_a_part(study, ordered))
        .or_else(|| beyond_shift(study, ordered, 0.95))
}

/// Orders that are of no known group may be of any: where they are more than a hundredth, or those of them beyond the tail thresholds of the
/// pair were all of its smaller group and moved the tail, nothing is said of all orders of a group.
fn unknown_orders(study: &Study, ordered: Ordered, levels: Levels) -> Option<Reason> {
    let is_unknown = |group: &usize| study.orders.names.groups.get(*group).is_some_and(|name| name == UNKNOWN_GROUP);
    let group = (0..study.totals.len()).find(is_unknown)?;
    let (unknown, all) = (&study.totals[group], study.totals.iter().map(|total| total.orders).sum::<u64>());
    let share = unknown.orders as f64 / all.max(1) as f64;
    if share > MOST_UNMATCHED {
        return Some(reason::unknown_orders(unknown.orders, share, unknown.median));
    }
    if unknown.orders == 0 {
        return None;
    }
    let tail = &ordered.pair.like.as_ref()?.tail;
    let beyond = |cell: &Cell| {
        let own = study.cells.segments_of(cell).iter().find(|segment| usize::from(segment.group) == group)?;
        let latencies = &study.cells.latency[own.rows()];
        Some(latencies.len() - latencies.partition_point(|latency| *latency <= tail[cell.stratum as usize]))
    };
    let slow = study.cells.cells.iter().filter_map(beyond).sum::<usize>() as u64;
    let smaller = ordered.pair.groups.into_iter().min_by_key(|group| study.totals[usize::from(*group)].orders)?;
    let moved = slow as f64 / (slow + study.totals[usize::from(smaller)].orders).max(1) as f64;
    let margin = ordered.fair_margin(study, Metric::Tail);
    (slow > 0 && ordered.p_within(study, Metric::Tail, margin - moved) >= levels.fair)
        .then(|| reason::slow_unknown_orders(slow, name(study, smaller), margin))
}

/// Orders joined to no one receipt, receipts without an order, orders with a later copy, receipts with one of another time, and as many
/// orders as rows of both sides could not be read: all may have been among the slowest, and move the tail by their share at most.
fn unseen_tail(study: &Study, ordered: Ordered, levels: Levels) -> Option<Reason> {
    // Of an order whose row or whose receipt alone could not be read, the other is left without a partner.
    let unread_whole = study.evidence.unread[0].min(study.evidence.unread[1]);
    let unseen = |group: u16| {
        let (evidence, orders) = (study.evidence.of(group), study.totals[usize::from(group)].orders);
        let unseen = [evidence.unjoined(), evidence.orphan_receipt, evidence.later_copies, evidence.receipt_copies, unread_whole];
        let unseen = unseen.into_iter().fold(0, u64::saturating_add);
        if unseen == 0 { 0.0 } else { unseen as f64 / (unseen + orders) as f64 }
    };
    let shares = ordered.pair.groups.map(unseen);
    let worst = shares[0].max(shares[1]);
    let margin = ordered.fair_margin(study, Metric::Tail);
    (worst > 0.0 && ordered.p_within(study, Metric::Tail, margin - worst) >= levels.fair)
        .then(|| reason::unseen_tail(ordered.pair.groups.map(|group| name(study, group)), shares, margin))
}

/// A measure in finer cells as seen in this direction, and the medians there.
fn finer_estimate(study: &Study, ordered: Ordered, metric: Metric, cut: Cut) -> Option<(f64, [i64; 2])> {
    study.finer.of(ordered.pair.groups, metric, cut).map(|(value, medians)| (ordered.sign() * value, medians))
}

/// The first cut in whose finer cells a difference no longer exceeds its margin, or next to nothing is left of it.
pub(crate) fn goes_by_cut(study: &Study, ordered: Ordered, metric: Metric) -> Option<Cut> {
    let whole = ordered.estimate(metric)?.value;
    let stays = |cut: Cut, (value, medians): (f64, [i64; 2])| {
        let enough = cut == Cut::Slot || value > LEAST_LEFT * whole;
        enough && value > ordered.margin(study, metric, medians) + uncertainty(study, ordered.pair, metric)
    };
    Cut::ALL.into_iter().find(|cut| finer_estimate(study, ordered, metric, *cut).is_some_and(|finer| !stays(*cut, finer)))
}

/// Said beside an accusation by a measure of which bursts make more than half.
pub(crate) fn mostly_by_burst(study: &Study, ordered: Ordered, metric: Metric) -> Option<Reason> {
    let (whole, left) = (ordered.estimate(metric)?.value, finer_estimate(study, ordered, metric, Cut::Burst)?.0);
    (left < whole / 2.0).then(|| cut_reason::mostly_by_burst(metric, [whole, left], ordered.own_margin(study, metric)))
}

/// The measure in cells as they are and in finer ones, in words.
pub(crate) fn within_cut(study: &Study, ordered: Ordered, metric: Metric, cut: Cut) -> Option<Reason> {
    let (margin, slot) = (ordered.own_margin(study, metric), study.timetable.slot);
    let estimates = [ordered.estimate(metric)?.value, finer_estimate(study, ordered, metric, cut)?.0];
    Some(match cut {
        Cut::Slot => cut_reason::within_slot(metric, estimates, [slot, finer_slot(slot)], margin),
        Cut::Burst => cut_reason::within_burst(metric, estimates, margin),
        Cut::Load => cut_reason::within_load(metric, estimates, margin),
        Cut::Line => cut_reason::within_line(metric, estimates, margin),
        Cut::Pause => cut_reason::within_pause(metric, estimates, margin),
        Cut::Quiet => cut_reason::within_quiet(metric, estimates, margin),
        Cut::Work => cut_reason::within_work(metric, estimates, margin),
        Cut::Second => cut_reason::within_second(metric, estimates, margin),
    })
}

/// FAIR is not said either where a measure leaves its margin in finer cells.
fn beyond_in_finer_cells(study: &Study, ordered: Ordered) -> Option<Reason> {
    let beyond = |(metric, cut): &(Metric, Cut)| {
        let margin = ordered.fair_margin(study, *metric) - uncertainty(study, ordered.pair, *metric);
        finer_estimate(study, ordered, *metric, *cut).is_some_and(|(value, _)| value.abs() > margin)
    };
    let (metric, cut) = Cut::ALL.into_iter().flat_map(|cut| Metric::ALL.map(|metric| (metric, cut))).find(beyond)?;
    within_cut(study, ordered, metric, cut)
}

/// Nor where it is the load alone that makes the groups alike: with as many of the client's own orders just before and as many of others held,
/// they differ. An order that is held is a load to those behind it, its client's own above all; who is held longer is compared with nobody then.
fn beyond_without_load(study: &Study, ordered: Ordered) -> Option<Reason> {
    let [plain, instead] = study.finer.without_load.get(&ordered.pair.groups)?[..] else { return None };
    let beyond = |metric: Metric| {
        let margin = ordered.fair_margin(study, metric);
        let seen = |finer: Finer| ordered.sign() * finer.value(metric);
        let (whole, plain, instead) = (ordered.estimate(metric)?.value, seen(plain?), instead.map(seen));
        let is_beyond = |value: f64| value.abs() > margin - uncertainty(study, ordered.pair, metric);
        let confirmed = instead.is_none_or(|instead| is_beyond(instead) && instead * plain > 0.0);
        (is_beyond(plain) && confirmed).then(|| reason::beyond_without_load(metric, [whole, plain], instead, margin))
    };
    [Metric::Median, Metric::Tail].into_iter().find_map(beyond)
}

/// Nor where a measure leaves its margin when orders count as they are in a group, and not by how many counterparts they have.
fn beyond_own_mix(study: &Study, ordered: Ordered) -> Option<Reason> {
    let mixes = study.mixes.get(&ordered.pair.groups)?;
    // Neither the pair's medians nor those of the mix lend the other a wider margin.
    let margin = |(side, metric): (Side, Metric)| match metric {
        Metric::Median => ordered.fair_margin(study, metric).min(known_median_margin(study.options, mixes[side as usize].finer.medians)),
        _ => ordered.fair_margin(study, metric),
    };
    let beyond = |(side, metric): &(Side, Metric)| {
        let mix = &mixes[*side as usize];
        mix.finer.value(*metric).abs() - mix.doubt(*metric) > margin((*side, *metric)) + uncertainty(study, ordered.pair, *metric)
    };
    let looks = Side::BOTH.into_iter().flat_map(|side| [Metric::Median, Metric::Tail].map(|metric| (side, metric)));
    let (side, metric) = looks.into_iter().find(beyond)?;
    let estimates = [ordered.estimate(metric)?.value, ordered.sign() * mixes[side as usize].finer.value(metric)];
    Some(reason::beyond_own_mix(metric, name(study, ordered.pair.groups[side as usize]), estimates, margin((side, metric))))
}

/// FAIR speaks of all orders. Where some decile, or the start of the slowest twentieth, differs by several times what is material at the
/// median, part of them were treated otherwise.
fn beyond_shift(study: &Study, ordered: Ordered, highest: f64) -> Option<Reason> {
    let margin = ordered.fair_margin(study, Metric::Median);
    let threshold = SEVERAL * margin + uncertainty(study, ordered.pair, Metric::Median);
    let is_beyond = |point: &&ShiftPoint| {
        let outside = point.interval.is_some_and(|(lower, upper)| lower > threshold || upper < -threshold);
        (0.1..=highest).contains(&point.q) && outside
    };
    let points = ordered.pair.like.as_ref()?.shift.iter().filter(is_beyond);
    let widest = points.max_by(|a, b| a.difference.abs().total_cmp(&b.difference.abs()))?;
    let sign = ordered.sign();
    Some(reason::shift_beyond(widest.q, sign * widest.difference, margin))
}

/// FAIR is not said where all passing goes one way, however rare the window makes it: most pairs in it may be too far apart to pass.
fn passing_one_way(study: &Study, ordered: Ordered) -> Option<Reason> {
    const LEAST_PASSED: u64 = 100;
    const TIMES: f64 = 10.0;
    let passed = ordered.swap(ordered.pair.overtaking.passed);
    let opportunities = ordered.swap(ordered.pair.overtaking.pairs);
    let rate = |side: usize| passed[side] as f64 / opportunities[side].max(1) as f64;
    let [more, less] = if rate(0) >= rate(1) { [0, 1] } else { [1, 0] };
    let one_way = passed[more] >= LEAST_PASSED && rate(more) > TIMES * rate(less);
    let names = group_names(study, ordered);
    one_way.then(|| reason::passing_one_way([names[more], names[less]], [passed[more], passed[less]], study.rules.window))
}

/// Nor where, of orders received about as close together, one group passes the other several margins more often than the reverse.
fn passing_close_by(study: &Study, ordered: Ordered) -> Option<Reason> {
    let found = study.close_pairs.get(&ordered.pair.groups)?;
    let shares = ordered.swap(found.shares);
    let [more, less] = if shares[0] >= shares[1] { [0, 1] } else { [1, 0] };
    let names = group_names(study, ordered);
    Some(reason::passing_close_by(
        [names[more], names[less]],
        [shares[more], shares[less]],
        [found.gap, TimeSpan(2 * found.gap.0), found.by],
    ))
}

/// FAIR is not said either where some day, or some part of it or of all days, differs by several times what is material there.
fn beyond_in_a_part(study: &Study, ordered: Ordered) -> Option<Reason> {
    let part = study.parts.get(&ordered.pair.groups)?;
    if part.beyond <= uncertainty(study, ordered.pair, Metric::Median) {
        return None;
    }
    let names = &study.orders.names;
    let name = |list: &[String], code: usize| list.get(code).cloned().unwrap_or_default();
    let of = match part.of {
        Of::All => Default::default(),
        Of::Kind(kind) => reason::orders_of_kind(&name(&names.kinds, usize::from(kind))),
        Of::Client(code) => reason::orders_of_client(&name(&names.clients, code as usize)),
        Of::Instrument(code) => reason::orders_for_instrument(&name(&names.instruments, code as usize)),
        Of::Block(since_midnight) => reason::orders_from(since_midnight, study.timetable.block),
    };
    Some(reason::part_beyond(part.date, of, ordered.sign() * part.gap, part.margin))
}
