//! Load at receipt: how many orders the broker was still holding when an order arrived.
//!
//! `L_i` = number of orders j of the same day with `received_j < received_i` and `sent_j > received_i`, all groups and gateways
//! together. Without it a group that sends in bursts looks badly treated.

use std::ops::Range;

use rayon::prelude::*;

use crate::measure::Day;
use crate::record::{MatchedOrders, sort_nearly_sorted};

/// How many load bins there are: 0, 1, 2-3, 4-7 and so on, 8,192 and more the last.
pub const LOAD_BINS: u8 = 15;

/// The bin of a load: each twice as long as the one before.
#[must_use]
pub fn load_bin(load: usize) -> u8 {
    let bits = usize::BITS - load.leading_zeros();
    bits.min(u32::from(LOAD_BINS) - 1) as u8
}

/// The load bin of every order, in row order. Cost O(n) where orders are sent nearly in order of receipt, else O(n log n); days in parallel.
#[must_use]
pub fn load_bins(orders: &MatchedOrders, days: &[Day]) -> Vec<u8> {
    let by_day: Vec<Vec<u8>> = days.par_iter().map(|day| day_bins(orders, day.rows.clone())).collect();
    by_day.concat()
}

/// One sweep in order of receipt. In flight are those received before and not sent yet: what came in less what went out.
///
/// An order sent at or before its own receipt is never in flight at a later one.
fn day_bins(orders: &MatchedOrders, rows: Range<usize>) -> Vec<u8> {
    let is_held = |row: &usize| orders.latency[*row].0 > 0;
    let mut sent: Vec<i64> = rows.clone().filter(is_held).map(|row| orders.sent_at(row).0).collect();
    sort_nearly_sorted(&mut sent, Ord::cmp);
    let mut bins = Vec::with_capacity(rows.len());
    let (mut came, mut gone, mut row) = (0, 0, rows.start);
    while row < rows.end {
        let now = orders.received_at[row];
        // Whoever is sent by now was received before.
        gone += sent[gone..].iter().take_while(|sent| **sent <= now.0).count();
        // Orders received at the same instant do not count for each other: all are measured before any enters.
        let together = row..row + orders.received_at[row..rows.end].iter().take_while(|at| **at == now).count();
        bins.resize(bins.len() + together.len(), load_bin(came - gone));
        came += together.clone().filter(is_held).count();
        row = together.end;
    }
    bins
}
