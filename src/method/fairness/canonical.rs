//! The canonical order of matched orders, restored where a caller did not keep it.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::record::MatchedOrders;

/// The orders themselves where they stand in canonical order, else a sorted copy. Cost O(n), or O(n log n) to sort.
pub(crate) fn in_canonical_order(orders: &MatchedOrders) -> Cow<'_, MatchedOrders> {
    let key = |row: usize| {
        let first = (orders.received_at[row], orders.latency[row], orders.group[row], orders.client[row], orders.instrument[row]);
        (first, orders.kind[row], orders.gateway[row], orders.shard[row], orders.access_class[row])
    };
    let in_order = |row: usize| orders.received_at[row - 1] < orders.received_at[row] || key(row - 1) <= key(row);
    if (1..orders.len()).into_par_iter().all(in_order) {
        return Cow::Borrowed(orders);
    }
    let mut rows: Vec<usize> = (0..orders.len()).collect();
    rows.sort_by_key(|row| key(*row));
    Cow::Owned(orders.taken(&rows))
}
