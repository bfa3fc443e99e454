//! What the examination of stamps and clocks says, as checks of the records: T01 to T04.

use crate::order_records::{Doubt, FoundRow, ObservedClock, Reason, RecordCheck, Side, breaches};
use crate::record::{Column, Timestamp};
use crate::study::records::Given;
use crate::study::records::offsets::Offsets;
use crate::timestamps::{ClockEstimate, ClockProblem, RECEIPTS, StampVerdict, code};

/// Drift below this is within what an honest system shows: it is known to some 3e-4 ppm.
const LEAST_DRIFT: f64 = 2e-3;
/// A trading day from the first to the last phase, nanoseconds: over this long a drift adds up.
const TRADING_DAY: f64 = 6.0 * 3_600e9;

/// Groups whose latencies are a clock's doing.
pub(crate) fn groups_with_clock_problem(given: Given<'_>) -> Vec<bool> {
    let mut groups = vec![false; given.reconciled.attribution.groups.len()];
    let all_negative = |clock: &&ClockEstimate| matches!(clock.problem, Some(ClockProblem::AllNegative { .. }));
    for group in given.stamps.clocks.iter().filter(all_negative).flat_map(|clock| &clock.groups) {
        groups[usize::from(*group)] = true;
    }
    groups
}

/// Which clock stamped the receipts of each group.
pub(crate) fn clock_of_groups(given: Given<'_>) -> Vec<u16> {
    let mut domains = vec![0; given.reconciled.attribution.groups.len()];
    for clock in &given.stamps.clocks {
        clock.groups.iter().for_each(|group| domains[usize::from(*group)] = clock.domain);
    }
    domains
}

/// T01 to T04.
pub(crate) fn checks(given: Given<'_>, offsets: &[Offsets]) -> [RecordCheck; 4] {
    [suspects(given), disagreements(given, offsets), steps_and_drift(given), beyond_profile(given, offsets)]
}

/// Between what the receipts clock of these groups is ahead, where questions and answers tell both ends.
fn bounds(offsets: &[Offsets], groups: &[u16]) -> Option<(i64, i64)> {
    let typical = offsets.iter().find(|one| one.groups == groups)?.typical()?;
    Some((typical.at_least, typical.at_most?))
}

fn none_looked_at(code: &'static str) -> RecordCheck {
    RecordCheck::not_run(code, Doubt::Nothing)
}

fn suspects(given: Given<'_>) -> RecordCheck {
    let looked: Vec<&StampVerdict> = given.stamps.stamps.iter().filter(|stamp| stamp.n_orders > 0).collect();
    if looked.is_empty() {
        return none_looked_at("T01");
    }
    let mut check = RecordCheck::of("T01", looked.iter().map(|stamp| stamp.n_orders as u64).sum(), Vec::new());
    for stamp in looked.into_iter().filter(|stamp| stamp.suspect) {
        let is_receipt = stamp.source == RECEIPTS;
        check.doubts.push(Doubt::Suspect { sent: !is_receipt, group: stamp.group });
        if is_receipt && stamp.signs.iter().any(|sign| sign.code == code::FREQUENT_LATENCY && sign.raised()) {
            check.rows.extend(rows_of_one_latency(given, stamp.group));
        }
    }
    check
}

/// Receipts of a group whose latency is the group's most frequent one.
fn rows_of_one_latency(given: Given<'_>, group: u16) -> Vec<FoundRow> {
    let rows = linked(given, |order_group| order_group == group);
    let mut latencies: Vec<i64> = rows.iter().map(|row| row.2).collect();
    latencies.sort_unstable();
    let longest = latencies.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), std::cmp::Reverse(same[0])));
    let Some(most) = longest.map(|same| same[0]) else { return Vec::new() };
    let row = |(order, receipt, latency): &(u32, u32, i64)| {
        FoundRow::alone(Side::Receipts, *receipt, Reason::SameLatency, *latency).beside(Side::Orders, *order).only_if(false)
    };
    rows.iter().filter(|row| row.2 == most).map(row).collect()
}

/// Matched orders of some groups: order, receipt, latency.
fn linked(given: Given<'_>, wanted: impl Fn(u16) -> bool) -> Vec<(u32, u32, i64)> {
    let reconciled = given.reconciled;
    let sent = reconciled.orders.times(Column::SentAt).unwrap_or(&[]);
    let received = reconciled.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let row = |order: usize| {
        let receipt = reconciled.links.matched_receipt(order).filter(|_| wanted(reconciled.attribution.order_group[order]))?;
        Some((order as u32, receipt as u32, Timestamp(sent[order]).since(Timestamp(received[receipt])).0))
    };
    (0..reconciled.orders.len()).filter_map(row).collect()
}

fn disagreements(given: Given<'_>, offsets: &[Offsets]) -> RecordCheck {
    if given.stamps.clocks.is_empty() {
        return none_looked_at("T02");
    }
    // One row of each clock stands for it: every latency of it tells the same.
    let mut check = RecordCheck::of("T02", given.stamps.clocks.len() as u64, Vec::new());
    for clock in &given.stamps.clocks {
        match clock.problem {
            Some(ClockProblem::AllNegative { share }) => {
                check.doubts.push(Doubt::NegativeShare(share));
                let rows = linked(given, |group| clock.groups.contains(&group));
                check.rows.extend(rows.iter().min_by_key(|row| (row.2, row.0)).map(|(order, receipt, latency)| {
                    let row = FoundRow::alone(Side::Orders, *order, Reason::NegativeByClock, *latency);
                    row.beside(Side::Receipts, *receipt).only_if(false)
                }));
            }
            Some(ClockProblem::PureShift { shift, .. }) => check.doubts.push(Doubt::PureShift(shift)),
            None => (),
        }
        let documented = given.study.fairness.clocks.receipts.0.saturating_add(given.study.fairness.clocks.orders.0);
        match bounds(offsets, &clock.groups) {
            // Two clocks may differ by what is documented of them.
            Some((least, most)) if least > documented || most < -documented => check.doubts.push(Doubt::ClocksApart { least, most }),
            Some(_) => (),
            None => check.doubts.extend(clock.offset_at_least.map(Doubt::ClockAhead)),
        }
    }
    check
}

fn steps_and_drift(given: Given<'_>) -> RecordCheck {
    let known = || given.stamps.clocks.iter().filter(|clock| clock.drift.is_some());
    if known().next().is_none() {
        return none_looked_at("T03");
    }
    let mut check = RecordCheck::of("T03", known().map(|clock| clock.n_orders as u64).sum(), Vec::new());
    let received = given.reconciled.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    for clock in known() {
        check.doubts.extend(clock.drift.filter(|drift| drift.abs() >= LEAST_DRIFT).map(Doubt::Drift));
        if clock.steps.is_empty() {
            continue;
        }
        let rows = linked(given, |group| clock.groups.contains(&group));
        for step in &clock.steps {
            let first = rows.iter().find(|(_, receipt, _)| received[*receipt as usize] == step.at.0);
            check.rows.extend(first.map(|(order, receipt, _)| {
                let row = FoundRow::alone(Side::Receipts, *receipt, Reason::ClockStep, step.size as i64);
                row.beside(Side::Orders, *order).only_if(false)
            }));
        }
    }
    check
}

fn beyond_profile(given: Given<'_>, offsets: &[Offsets]) -> RecordCheck {
    let Some(profile) = &given.study.records.clock_profile else {
        return RecordCheck::not_run("T04", Doubt::NotNamed("records.clock_profile"));
    };
    if given.stamps.clocks.is_empty() {
        return none_looked_at("T04");
    }
    let mut check = RecordCheck::of("T04", given.stamps.clocks.len() as u64, Vec::new());
    let uncertainty = given.study.fairness.clocks;
    for clock in &given.stamps.clocks {
        let stamps = given.stamps.stamps.iter().filter(|stamp| clock.groups.contains(&stamp.group) && stamp.n_orders > 0);
        let observed = ObservedClock {
            uncertainty: uncertainty.receipts.0.max(uncertainty.orders.0),
            resolution: stamps.map(|stamp| stamp.resolution).max().unwrap_or(1),
            offset_at_least: match bounds(offsets, &clock.groups) {
                Some((least, most)) => least.max(-most).max(0),
                None => clock.offset_at_least.unwrap_or(0),
            },
            largest_step: clock.steps.iter().map(|step| step.size.abs()).fold(0.0, f64::max),
            drift_a_day: clock.drift.unwrap_or(0.0) * 1e-6 * TRADING_DAY,
        };
        check.doubts.extend(breaches(&observed, profile).into_iter().map(Doubt::BeyondProfile));
    }
    check
}
