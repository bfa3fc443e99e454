//! Single cases told order by order: the farthest jumps, and the worst cases of trading ahead.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::priority::{AheadCase, CaseKind, Jump};
use crate::record::{Column, NO_TIME};
use crate::report::model::{PriorityLadder, PriorityRung};
use crate::study::priority::evidence::AllJudged;
use crate::study::priority::{Case, Measured};

/// Cases shown.
const LADDERS: usize = 10;

/// The farthest jump over each order, the farthest of them first. A buy that passes a sell takes nobody's place: where sides are known
/// both orders are of one side.
pub(crate) fn worst(case: &Case<'_>, measured: &Measured<'_>) -> Vec<PriorityLadder> {
    let side = |row: u32| measured.orders.side(row as usize);
    let mut over: BTreeMap<u32, &Jump> = BTreeMap::new();
    for jump in measured.jumps.jumps.iter().filter(|jump| side(jump.row) == side(jump.over)) {
        let farthest = over.entry(jump.over).or_insert(jump);
        if (jump.time, jump.places) > (farthest.time, farthest.places) {
            *farthest = jump;
        }
    }
    let mut jumps: Vec<&Jump> = over.into_values().collect();
    jumps.sort_by_key(|jump| (Reverse((jump.time, jump.places)), jump.row));
    let ladder = |jump: &&Jump| ladder(case, measured, [jump.over, jump.row], (jump.places, jump.shares));
    jumps.iter().take(LADDERS).map(ladder).collect()
}

/// The worst cases that a rule counts, one for each order held: the largest harm first, then the longest ahead, as on the sheet of them.
pub(crate) fn cases(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> Vec<PriorityLadder> {
    let accused = |row: u32| judged.clients.get(&case.matched.client[row as usize]).is_some_and(|one| one.confirmed);
    let counts = |found: &&AheadCase| match found.kind {
        CaseKind::House => !found.excepted,
        CaseKind::Client => !found.excepted && accused(found.ahead),
        CaseKind::HouseTie => false,
    };
    let mut found: Vec<&AheadCase> = measured.ahead.iter().flat_map(|ahead| &ahead.cases).filter(counts).collect();
    // The house first: an order of its own takes a client's place.
    found.sort_by_key(|one| (one.kind, Reverse(one.harm), Reverse(one.by), one.held, one.ahead));
    let mut held = BTreeSet::new();
    let first_of_its_order = found.into_iter().filter(|one| held.insert(one.held));
    first_of_its_order.take(LADDERS).map(|one| ladder(case, measured, [one.held, one.ahead], (one.orders_ahead, one.quantity))).collect()
}

fn ladder(case: &Case<'_>, measured: &Measured<'_>, rows: [u32; 2], (places, shares): (u64, i64)) -> PriorityLadder {
    let [first, second] = rows.map(|row| row as usize);
    let received = &case.matched.received_at;
    let sides = [first, second].map(|row| measured.orders.side(row));
    let side = match sides {
        [1, 1] => "B",
        [2, 2] => "S",
        _ => "",
    };
    PriorityLadder {
        orders: rows.map(|row| rung(case, row)),
        places,
        shares,
        time: received[second].0.saturating_sub(received[first].0),
        symbol: case.matched.names.instruments[case.matched.instrument[first] as usize].clone(),
        side: side.to_owned(),
    }
}

fn rung(case: &Case<'_>, row: u32) -> PriorityRung {
    let (at, order) = (row as usize, case.rows[row as usize] as usize);
    let records = case.reconciled.orders;
    let (file, place) = records.place(order);
    let time = |column: Column| records.times(column).map(|times| times[order]).filter(|time| *time != NO_TIME);
    PriorityRung {
        file: case.reconciled.order_files[file as usize].clone(),
        row: place,
        line: records.line(order),
        client: case.matched.names.clients[case.matched.client[at] as usize].clone(),
        group: case.matched.names.groups[usize::from(case.matched.group[at])].clone(),
        received: case.matched.received_at[at].0,
        decided: time(Column::DecidedAt),
        sent: case.matched.sent_at(at).0,
        acknowledged: time(Column::AcknowledgedAt),
    }
}
