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

/// Orders gone over at a time.
const PIECE: usize = 1 << 16;

/// The load bin of every order, in row order. Cost O(n) where orders are sent nearly in order of receipt, else O(n log n).
#[must_use]
pub fn load_bins(orders: &MatchedOrders, days: &[Day]) -> Vec<u8> {
    let by_day: Vec<Vec<u8>> = days.par_iter().map(|day| day_bins(orders, day.rows.clone(), PIECE)).collect();
    by_day.concat()
}

/// False for an order sent at or before its own receipt: it is never in flight at a later one.
fn is_held(orders: &MatchedOrders, row: usize) -> bool {
    orders.latency[row].0 > 0
}

/// In flight are those received before and not sent yet: what came in less what went out.
pub(super) fn day_bins(orders: &MatchedOrders, rows: Range<usize>, length: usize) -> Vec<u8> {
    let is_held = |row: &usize| is_held(orders, *row);
    let mut sent: Vec<i64> = rows.clone().into_par_iter().filter(is_held).map(|row| orders.sent_at(row).0).collect();
    sort_nearly_sorted(&mut sent, Ord::cmp);
    let pieces: Vec<Range<usize>> = rows.clone().step_by(length).map(|start| start..rows.end.min(start + length)).collect();
    let held: Vec<usize> = pieces.par_iter().map(|piece| piece.clone().filter(is_held).count()).collect();
    let mut all = 0;
    let came = held.into_iter().map(|held| {
        all += held;
        all - held
    });
    let pieces: Vec<(Range<usize>, usize)> = pieces.into_iter().zip(came).collect();
    let bins: Vec<Vec<u8>> = pieces.into_par_iter().map(|(piece, came)| piece_bins(orders, &rows, &sent, piece, came)).collect();
    bins.concat()
}

/// One sweep in order of receipt over a piece of a day's `rows`, of which `came` orders that are held came before; `sent` is sorted.
fn piece_bins(orders: &MatchedOrders, rows: &Range<usize>, sent: &[i64], piece: Range<usize>, mut came: usize) -> Vec<u8> {
    let is_held = |row: &usize| is_held(orders, *row);
    let Some(first) = orders.received_at[piece.clone()].first() else { return Vec::new() };
    // Orders received at the same instant do not count for each other: those before the piece have not come yet either.
    let before = orders.received_at[rows.start..piece.start].iter().rev().take_while(|at| *at == first).count();
    came -= (piece.start - before..piece.start).filter(is_held).count();
    let mut row = piece.start - before;
    let mut gone = sent.partition_point(|sent| *sent <= first.0);
    let mut bins = Vec::with_capacity(piece.len());
    while row < piece.end {
        let now = orders.received_at[row];
        // Whoever is sent by now was received before.
        gone += sent[gone..].iter().take_while(|sent| **sent <= now.0).count();
        let together = row..row + orders.received_at[row..piece.end].iter().take_while(|at| **at == now).count();
        let here = together.end - together.start.max(piece.start);
        bins.resize(bins.len() + here, load_bin(came - gone));
        came += together.clone().filter(is_held).count();
        row = together.end;
    }
    bins
}
