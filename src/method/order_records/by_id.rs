//! The order that an id names: where ids begin anew every day, the one of that day.

use std::cmp::Ordering;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::order_records::Case;
use crate::reconcile::{OrderClass, Records};
use crate::record::{Column, Key, Timestamp, TradeDate, Zone};

/// Orders by id, copies left out. Of several of one id (a new order and its amends may share it) the one sent first.
pub(crate) struct OrdersById {
    of_day: HashMap<(Key, TradeDate), u32, RandomState>,
    /// Of any day: an amend may name an order of an earlier one.
    of_any: HashMap<Key, u32, RandomState>,
    zone: Zone,
}

impl OrdersById {
    pub(crate) fn of(case: &Case<'_>) -> Self {
        let mut found = Self { of_day: HashMap::default(), of_any: HashMap::default(), zone: case.zone };
        let orders = case.orders;
        let Some(ids) = orders.ids(Column::OrderId) else { return found };
        let sent = orders.times(Column::SentAt).unwrap_or(&[]);
        let mut local = case.zone.local_reader();
        for order in (0..orders.len()).filter(|order| case.links.order_class(*order) != OrderClass::Duplicate) {
            let key = ids.keys[order];
            if key.is_absent() {
                continue;
            }
            let keep = |known: &mut u32| {
                if earlier(orders, sent, order, *known as usize) {
                    *known = order as u32;
                }
            };
            keep(found.of_day.entry((key, local.read(Timestamp(sent[order])).0)).or_insert(order as u32));
            keep(found.of_any.entry(key).or_insert(order as u32));
        }
        found
    }

    /// The order that `id` names at an instant: that of its local date, else the first of any.
    pub(crate) fn find(&self, id: Key, at: Timestamp) -> Option<u32> {
        self.of_day.get(&(id, self.zone.date_of(at))).or_else(|| self.of_any.get(&id)).copied()
    }
}

/// By the sending time, then by what the rows say: the order of rows in a file decides nothing.
fn earlier(orders: &Records, sent: &[i64], one: usize, other: usize) -> bool {
    let said = |row: usize| {
        let columns = [Column::Kind, Column::Account, Column::Symbol, Column::Side, Column::Quantity, Column::Price, Column::OriginalId];
        columns.map(|column| orders.id(column, row).unwrap_or_else(|| orders.name(column, row).to_owned()))
    };
    match sent[one].cmp(&sent[other]) {
        Ordering::Equal => said(one) < said(other),
        order => order == Ordering::Less,
    }
}
