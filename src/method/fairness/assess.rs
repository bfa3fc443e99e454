//! The whole procedure on one screen: measure, estimate every pair, adjust for the number of tests, judge.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::beside::Case;
use crate::fairness::close_pairs::close_pairs;
use crate::fairness::contrast::BlockScores;
use crate::fairness::deletions::{Deletions, asked, candidates_of, without_clients};
use crate::fairness::finer::{InFinerCells, second_looks};
use crate::fairness::mixes::{Mixes, mixes};
use crate::fairness::pair::{FalseTimes, GroupTotals, PairMeasures, PassingByClient, Study};
use crate::fairness::parts::{Parts, worst_parts};
use crate::fairness::verdict::{Levels, assemble, clock_uncertainty, judge, ordered_and_adjusted, sent_uncertainty};
use crate::fairness::{Assessment, ChangePoint, Evidence, FairnessOptions, OvertakingScope, PairAssessment, Reference, Verdict};
use crate::measure::{
    CellKeys, Cells, Line, OvertakingCounts, OvertakingRules, Timetable, count_overtaking, load_bins, overtaking_by_client,
};
use crate::record::{Calendar, MatchedOrders, UNKNOWN_GROUP, Zone};
use crate::statistics::{QuantileLevel, holm, select_nearest_rank};

/// Were the groups treated alike? One verdict per wanted ordered pair, with everything behind it.
///
/// Orders may stand in any order of rows; groups without an order take no part. Deterministic at any thread count.
/// Cost O(n log n) in the orders, times the pairs of groups for what is estimated per pair.
#[must_use]
pub fn assess(orders: &MatchedOrders, evidence: &Evidence, calendar: &Calendar, zone: Zone, options: &FairnessOptions) -> Assessment {
    let case = Case { orders, evidence, calendar, zone, options };
    case.judged(CellKeys::default())
}

/// [`assess`] with the load bins of these orders where they are known, other comparison cells (for sensitivity runs only), and what
/// `look` makes of the scores of each pair that has any.
pub(crate) fn assess_with<T: Send>(
    case: Case,
    load: Option<&[u8]>,
    keys: CellKeys,
    look: impl Fn(&Study, [u16; 2], &[BlockScores]) -> T + Sync,
) -> (Assessment, Vec<T>) {
    let Case { orders, evidence, calendar, zone, options } = case;
    let sorted = crate::fairness::canonical::in_canonical_order(orders);
    let known_load = load.filter(|_| matches!(sorted, Cow::Borrowed(_)));
    let (mut study, wanted) = prepare(sorted.as_ref(), evidence, calendar, zone, options);
    let cells = || {
        let load = known_load.map_or_else(|| load_bins(study.orders, &study.timetable.days).into(), Cow::Borrowed);
        (Cells::of(study.orders, &study.timetable.slots, &load, keys), load)
    };
    let count = || count_overtaking(study.orders, &study.timetable, study.totals.len(), study.rules, &candidates_of(&study, &wanted));
    let (overtaking, (cells, load)) = rayon::join(count, cells);
    (study.overtaking, study.cells) = (overtaking, cells);
    let values = study.pair_values(&wanted);
    let by_client = overtaking_by_client(study.orders, &study.timetable, study.totals.len(), study.rules, &values);
    study.passing = values.iter().map(|pair| pair.groups).zip(by_client).collect();
    let groups = present(study.orders, &study.totals).len();
    let (measures, looks): (Vec<PairMeasures>, Vec<Option<T>>) = wanted.par_iter().map(|groups| study.measure(*groups, &look)).unzip();
    let tests = 3 * 2 * wanted.len();
    let levels = levels(options, groups, tests);
    study.deletions = without_clients(&study, &measures, &asked(&study, &measures, levels));
    let second = second_looks(&study, &measures, levels);
    if !second.is_empty() {
        study.parts = worst_parts(&study, &measures, &second, zone);
        study.mixes = mixes(&study, &measures, &second);
        study.close_pairs = close_pairs(&study, &measures, &second);
        study.finer = InFinerCells::of_looks(&study, &measures, &second, &load, keys, (calendar, zone));
    }
    let pairs = verdicts(&study, &measures, levels);
    let assessment =
        Assessment { pairs, slot: study.timetable.slot, block: study.timetable.block, groups: groups as u64, tests: tests as u64 };
    (assessment, looks.into_iter().flatten().collect())
}

/// What every pair is computed from, cells and overtaking still to be counted, and the wanted unordered pairs; `orders` in canonical order.
pub(crate) fn prepare<'a>(
    orders: &'a MatchedOrders,
    evidence: &'a Evidence,
    calendar: &Calendar,
    zone: Zone,
    options: &'a FairnessOptions,
) -> (Study<'a>, Vec<[u16; 2]>) {
    let timetable = Timetable::of(orders, calendar, zone, options.slot, options.block);
    let totals = totals(orders, evidence);
    let present = present(orders, &totals);
    let wanted = wanted_pairs(orders, &present, &options.reference);
    let rules = between_clocks(overtaking_rules(evidence, options, &present), evidence, options, &wanted);
    let (cells, overtaking, passing) = (Cells::default(), OvertakingCounts::default(), PassingByClient::new());
    (
        Study {
            orders,
            evidence,
            options,
            timetable,
            cells,
            overtaking,
            passing,
            rules,
            totals,
            deletions: Deletions::new(),
            finer: InFinerCells::default(),
            parts: Parts::new(),
            mixes: Mixes::new(),
            close_pairs: BTreeMap::new(),
        },
        wanted,
    )
}

/// The comparison cells of orders laid over a timetable.
pub(crate) fn cells_of(orders: &MatchedOrders, timetable: &Timetable, keys: CellKeys) -> Cells {
    Cells::of(orders, &timetable.slots, &load_bins(orders, &timetable.days), keys)
}

fn levels(options: &FairnessOptions, groups: usize, tests: usize) -> Levels {
    let others = groups.saturating_sub(1).max(1) as f64;
    let tests = tests.max(1) as f64;
    Levels { alpha: options.alpha, fair: options.alpha / others, strictest: options.alpha / tests, order: options.alpha * 0.6 / tests }
}

/// Known groups with at least one order, ascending.
fn present(orders: &MatchedOrders, totals: &[GroupTotals]) -> Vec<u16> {
    let known = |group: &usize| orders.names.groups.get(*group).is_none_or(|name| name != UNKNOWN_GROUP);
    (0..totals.len()).filter(|group| totals[*group].orders > 0 && known(group)).map(|group| group as u16).collect()
}

/// Unordered pairs, ascending; with a reference group only those that hold it. Both directions of each are judged.
fn wanted_pairs(orders: &MatchedOrders, present: &[u16], reference: &Reference) -> Vec<[u16; 2]> {
    let wanted = |a: u16, b: u16| match reference {
        Reference::AllPairs => true,
        Reference::Group(name) => [a, b].iter().any(|group| orders.names.groups.get(usize::from(*group)) == Some(name)),
    };
    let pairs = present.iter().enumerate().flat_map(|(at, a)| present[at + 1..].iter().map(move |b| [*a, *b]));
    pairs.filter(|[a, b]| wanted(*a, *b)).collect()
}

fn overtaking_rules(evidence: &Evidence, options: &FairnessOptions, present: &[u16]) -> OvertakingRules {
    let coarsest = |of: fn(&crate::fairness::GroupEvidence) -> i64| present.iter().map(|group| of(&evidence.of(*group))).max().unwrap_or(1);
    let line = match options.overtaking_scope {
        OvertakingScope::Instrument | OvertakingScope::Class => Line::Instrument,
        OvertakingScope::Shard => Line::Shard,
        OvertakingScope::All => Line::All,
    };
    OvertakingRules {
        window: options.overtaking_window,
        line,
        received_resolution: coarsest(|group| group.received_resolution),
        sent_resolution: coarsest(|group| group.sent_resolution),
        unordered_gap: 0,
        sent_gap: 0,
    }
}

/// What no order of two stamps says where the groups of a judged pair have clocks of their own; the widest of them for all, so that one
/// count serves every pair.
fn between_clocks(rules: OvertakingRules, evidence: &Evidence, options: &FairnessOptions, wanted: &[[u16; 2]]) -> OvertakingRules {
    let widest =
        |of: fn(&Evidence, &FairnessOptions, [u16; 2]) -> i64| wanted.iter().map(|pair| of(evidence, options, *pair)).max().unwrap_or(0);
    OvertakingRules { unordered_gap: widest(clock_uncertainty), sent_gap: widest(sent_uncertainty), ..rules }
}

/// Orders by (group, client).
type ClientCounts = hashbrown::HashMap<(u16, u32), u64, foldhash::fast::FixedState>;

/// Orders, latencies that tell of wrong clocks or zones, and clients of every group.
fn totals(orders: &MatchedOrders, evidence: &Evidence) -> Vec<GroupTotals> {
    let groups = orders.group.iter().copied().max().map_or(0, |group| usize::from(group) + 1);
    let excused: Vec<i64> = (0..groups).map(|group| evidence.of(group as u16).excused()).collect();
    let count = |rows: &[usize; 2]| {
        let (mut false_times, mut clients) = (vec![FalseTimes::default(); groups], ClientCounts::default());
        for row in rows[0]..rows[1] {
            let group = usize::from(orders.group[row]);
            false_times[group].add(orders.latency[row], excused[group]);
            *clients.entry((orders.group[row], orders.client[row])).or_insert(0) += 1;
        }
        (false_times, clients)
    };
    let chunks: Vec<[usize; 2]> = (0..orders.len()).step_by(1 << 18).map(|start| [start, orders.len().min(start + (1 << 18))]).collect();
    let parts: Vec<(Vec<FalseTimes>, ClientCounts)> = chunks.par_iter().map(count).collect();
    let mut totals = vec![GroupTotals::default(); groups];
    let mut clients = ClientCounts::default();
    for (false_times, part) in parts {
        totals.iter_mut().zip(false_times).for_each(|(total, found)| total.false_times.merge(found));
        part.into_iter().for_each(|(client, orders)| *clients.entry(client).or_insert(0) += orders);
    }
    for ((group, client), orders) in clients {
        let total = &mut totals[usize::from(group)];
        total.orders += orders;
        total.clients.push((orders, client));
    }
    let medians: Vec<i64> = (0..groups).into_par_iter().map(|group| median(orders, group as u16)).collect();
    for (total, median) in totals.iter_mut().zip(medians) {
        total.median = median;
        total.clients.sort_unstable_by_key(|(orders, client)| (std::cmp::Reverse(*orders), *client));
    }
    totals
}

/// The median latency of a group, nearest rank; 0 without orders.
fn median(orders: &MatchedOrders, group: u16) -> i64 {
    let rows = orders.group.iter().zip(&orders.latency).filter(|(own, _)| **own == group);
    let mut latencies: Vec<i64> = rows.map(|(_, latency)| latency.0).collect();
    select_nearest_rank(&mut latencies, QuantileLevel::P50).unwrap_or(0)
}

/// Tests every ordered pair, adjusts by Holm over all of them, judges, and marks the reverse of an unfair pair.
fn verdicts(study: &Study, measures: &[PairMeasures], levels: Levels) -> Vec<PairAssessment> {
    let (ordered, adjusted) = ordered_and_adjusted(study, measures);
    let changes = change_points(measures, levels.alpha);
    let mut judged: Vec<_> = ordered.par_iter().zip(&adjusted).map(|(pair, adjusted)| judge(study, *pair, levels, *adjusted)).collect();
    judged.iter_mut().enumerate().filter(|(at, _)| changes[at / 2].is_some()).for_each(|(_, judged)| judged.gap_changes());
    for both in judged.chunks_exact_mut(2) {
        let unfair = [both[0].verdict, both[1].verdict].map(|verdict| verdict == Verdict::Unfair);
        if unfair[0] != unfair[1] {
            both[usize::from(unfair[0])].reverse();
        }
    }
    let mut pairs: Vec<PairAssessment> = judged
        .into_iter()
        .enumerate()
        .map(|(at, judged)| assemble(study, ordered[at], levels, adjusted[at].groups, judged, changes[at / 2]))
        .collect();
    pairs.sort_by(|left, right| (&left.favoured, &left.disadvantaged).cmp(&(&right.favoured, &right.disadvantaged)));
    pairs
}

/// The changes that stand after Holm over the pairs.
fn change_points(measures: &[PairMeasures], alpha: f64) -> Vec<Option<ChangePoint>> {
    let raw: Vec<f64> = measures.iter().map(|pair| pair.like.as_ref().map_or(1.0, |like| like.change.p_value)).collect();
    let claimed = |(pair, p): (&PairMeasures, &f64)| {
        let like = pair.like.as_ref().filter(|_| *p < alpha)?;
        Some(ChangePoint { at: like.change_at?, statistic: like.change.statistic })
    };
    measures.iter().zip(&holm(&raw)).map(claimed).collect()
}
