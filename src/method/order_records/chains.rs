//! Amends and cancels against the orders they change, and parents against their slices.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::order_records::by_id::OrdersById;
use crate::order_records::kinds::Action;
use crate::order_records::outcomes::{AccountMarks, Lawful, class_of, outcome_classes};
use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::reconcile::OrderClass;
use crate::record::{Column, Key, NO_NAME, NameColumn, Timestamp, sort_nearly_sorted};
use crate::statistics::{QuantileLevel, select_nearest_rank};

/// Families of parents and slices in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Families {
    /// Parents: by parent id, else receipts with several orders.
    pub parents: u64,
    /// Their slices.
    pub slices: u64,
    /// Median time from the receipt to the first slice, nanoseconds.
    pub to_first: Option<i64>,
    /// Median time from the receipt to any slice.
    pub to_each: Option<i64>,
    /// Parents whose slices are of several accounts: aggregated orders, a legal class.
    pub aggregated: u64,
}

/// R15, and the families.
#[must_use]
pub fn chains(case: &Case<'_>) -> (RecordCheck, Families) {
    (amends(case), families(case))
}

fn kept(case: &Case<'_>, order: usize) -> bool {
    case.links.order_class(order) != OrderClass::Duplicate
}

/// Amends and cancels by their original id (41).
fn amends(case: &Case<'_>) -> RecordCheck {
    let orders = case.orders;
    let Some(originals) = orders.ids(Column::OriginalId) else {
        return RecordCheck::not_run("R15", Doubt::NoColumn(Column::OriginalId));
    };
    let Some(kinds) = orders.names(Column::Kind) else { return RecordCheck::not_run("R15", Doubt::NoColumn(Column::Kind)) };
    let actions = Action::of_names(kinds);
    let action = |order: usize| match kinds.codes.get(order) {
        NO_NAME => Action::New,
        code => actions[code as usize],
    };
    let sent = orders.times(Column::SentAt).unwrap_or(&[]);
    // 41 names an order's id; logs whose orders have the client's id alone refer to that.
    let by_id = OrdersById::of(case);
    // What the exchange cut is no amend of a client's, however the row is called.
    let told = outcome_classes(orders);
    let is_change = |order: usize| action(order) != Action::New && class_of(told.as_ref(), order) != Some(Lawful::ExchangeCut);
    let marks = AccountMarks::of_orders(case);
    let mut check = RecordCheck::of("R15", 0, Vec::new());
    let mut cancelled: HashMap<u32, u32, FixedState> = HashMap::default();
    let mut changes: Vec<(u32, Option<u32>)> = Vec::new();
    for order in (0..orders.len()).filter(|order| kept(case, *order) && is_change(*order)) {
        check.examined += 1;
        let original = originals.keys[order];
        let row = |reason, value| FoundRow::alone(Side::Orders, order as u32, reason, value);
        if original.is_absent() {
            check.rows.push(row(Reason::NoOriginal, 0));
            continue;
        }
        let Some(first) = by_id.find(original, Timestamp(sent[order])).filter(|first| *first as usize != order) else {
            check.rows.push(row(Reason::OriginalMissing, 0).only_if(false));
            continue;
        };
        changes.push((order as u32, Some(first)));
        let early = Timestamp(sent[first as usize]).since(Timestamp(sent[order])).0;
        if early > 0 {
            check.rows.push(row(Reason::BeforeOriginal, early).beside(Side::Orders, first));
        } else if differs(case, &marks, order, first as usize) {
            check.rows.push(row(Reason::OriginalDiffers, 0).beside(Side::Orders, first));
        }
        // A cancel that the exchange rejected came too late: the order lived on.
        if action(order) == Action::Cancel && class_of(told.as_ref(), order) != Some(Lawful::ExchangeRejected) {
            let earliest = cancelled.entry(first).or_insert(order as u32);
            if (sent[order], order) < (sent[*earliest as usize], *earliest as usize) {
                *earliest = order as u32;
            }
        }
    }
    for (order, first) in changes {
        let Some(cancel) = first.and_then(|first| cancelled.get(&first).copied()).filter(|cancel| *cancel != order) else { continue };
        let after = Timestamp(sent[order as usize]).since(Timestamp(sent[cancel as usize])).0;
        if after > 0 && action(order as usize) == Action::Amend {
            check.rows.push(FoundRow::alone(Side::Orders, order, Reason::AfterCancel, after).beside(Side::Orders, cancel).only_if(false));
        }
    }
    check.rows.sort_by_key(|row| (row.row, row.reason));
    if check.examined == 0 { RecordCheck::not_run("R15", Doubt::Nothing) } else { check }
}

/// True where both name an account, instrument or side, and not the same. An omnibus account stands for its clients'.
fn differs(case: &Case<'_>, marks: &AccountMarks<'_>, a: usize, b: usize) -> bool {
    let omnibus = marks.is_omnibus(a) || marks.is_omnibus(b);
    let different = |column: &NameColumn| {
        let codes = (column.codes.get(a), column.codes.get(b));
        codes.0 != NO_NAME && codes.1 != NO_NAME && codes.0 != codes.1
    };
    [Column::Account, Column::Symbol, Column::Side]
        .into_iter()
        .filter(|column| !(omnibus && *column == Column::Account))
        .filter_map(|column| case.orders.names(column))
        .any(different)
}

/// Receipts that more than one order came from.
pub(crate) fn receipts_of_several(case: &Case<'_>) -> Vec<bool> {
    let (mut once, mut several) = (vec![false; case.receipts.len()], vec![false; case.receipts.len()]);
    for receipt in (0..case.orders.len()).filter_map(|order| case.links.matched_receipt(order)) {
        several[receipt] |= once[receipt];
        once[receipt] = true;
    }
    several
}

/// Families by parent id where the orders have one, else by receipt.
fn families(case: &Case<'_>) -> Families {
    let orders = case.orders;
    let (sent, received) = (orders.times(Column::SentAt).unwrap_or(&[]), case.receipts.times(Column::ReceivedAt).unwrap_or(&[]));
    let parents = orders.ids(Column::ParentId);
    // Without parent ids a family is a receipt with several orders: of the others nothing is kept.
    let several = if parents.is_none() { receipts_of_several(case) } else { Vec::new() };
    let mut slices: Vec<(Key, u32, u32)> = Vec::new();
    for order in (0..orders.len()).filter(|order| kept(case, *order)) {
        match parents {
            Some(ids) if !ids.keys[order].is_absent() => slices.push((ids.keys[order], 0, order as u32)),
            Some(_) => (),
            None => {
                let receipt = case.links.matched_receipt(order).filter(|receipt| several[*receipt]);
                slices.extend(receipt.map(|receipt| (Key::ABSENT, receipt as u32, order as u32)));
            }
        }
    }
    // Without parent ids they come nearly in the order of their receipts.
    sort_nearly_sorted(&mut slices, Ord::cmp);
    let accounts = orders.names(Column::Account);
    let mut found = Families::default();
    let (mut firsts, mut each) = (Vec::new(), Vec::new());
    for family in slices.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        found.parents += 1;
        found.slices += family.len() as u64;
        let account =
            |slice: &(Key, u32, u32)| accounts.map(|accounts| accounts.codes.get(slice.2 as usize)).filter(|code| *code != NO_NAME);
        let mut known = family.iter().filter_map(account);
        let first = known.next();
        found.aggregated += u64::from(known.any(|code| Some(code) != first));
        let came = family.iter().filter_map(|slice| case.links.matched_receipt(slice.2 as usize)).map(|receipt| received[receipt]).min();
        if let Some(came) = came {
            let since = |slice: &(Key, u32, u32)| Timestamp(sent[slice.2 as usize]).since(Timestamp(came)).0;
            firsts.extend(family.iter().map(since).min());
            each.extend(family.iter().map(since));
        }
    }
    (found.to_first, found.to_each) =
        (select_nearest_rank(&mut firsts, QuantileLevel::P50), select_nearest_rank(&mut each, QuantileLevel::P50));
    found
}
