//! Load at receipt: how many orders the broker was still holding when an order arrived.
//!
//! `L_i` = number of orders j of the same day with `received_j < received_i` and `sent_j > received_i`, all groups and gateways
//! together. Without it a group that sends in bursts looks badly treated.

use std::ops::Range;

use rayon::prelude::*;

use crate::measure::Day;
use crate::record::{MatchedOrders, TimeSpan, sort_nearly_sorted};

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

/// The bins of a piece of a day's `rows`, of which `came` orders that are held came before; `sent` is sorted.
fn piece_bins(orders: &MatchedOrders, rows: &Range<usize>, sent: &[i64], piece: Range<usize>, came: usize) -> Vec<u8> {
    let Some(now) = orders.received_at[piece.clone()].first() else { return Vec::new() };
    // Orders received at the same instant do not count for each other: those before the piece have not come yet either.
    let before = orders.received_at[rows.start..piece.start].iter().rev().take_while(|at| *at == now).count();
    let waiting = (piece.start - before..piece.start).filter(|row| is_held(orders, *row)).count();
    let gone = sent.partition_point(|sent| *sent <= now.0);
    let mut sweep = Sweep { sent, came: came - waiting, waiting, gone, now: now.0 };
    piece.map(|row| sweep.bin(orders, row)).collect()
}

/// One pass over orders in order of receipt.
struct Sweep<'a> {
    /// When the held ones among all of them are sent, ascending.
    sent: &'a [i64],
    /// Held ones received before `now`.
    came: usize,
    /// Held ones received at `now`: they come when it has passed.
    waiting: usize,
    /// Held ones sent by `now`: all of them were received before.
    gone: usize,
    now: i64,
}

impl Sweep<'_> {
    /// The bin of the next order.
    fn bin(&mut self, orders: &MatchedOrders, row: usize) -> u8 {
        let received = orders.received_at[row].0;
        if received != self.now {
            self.now = received;
            self.came += std::mem::take(&mut self.waiting);
            self.gone += self.sent[self.gone..].iter().take_while(|sent| **sent <= received).count();
        }
        self.waiting += usize::from(is_held(orders, row));
        load_bin(self.came - self.gone)
    }
}

/// Before an order, in which the client's other orders make its burst: what a queue, a gap between sendings or a bucket of tokens remembers.
pub const BURST_WINDOWS: [TimeSpan; 3] = [TimeSpan(1_000_000), TimeSpan(10_000_000), TimeSpan(50_000_000)];
/// Bits of one count.
const BURST_BITS: u32 = 5;
/// Set where the client has no name.
const NAMELESS: u16 = 1 << (BURST_BITS * BURST_WINDOWS.len() as u32);

/// The burst of each order, in row order: how many other orders of the same client were received within each of [`BURST_WINDOWS`] before it
/// or with it, exact up to 30, as one number. Those of clients without a name have a number that no order of another group has. Cost O(n log n).
///
/// A limit or a queue for each client makes those wait who send in bursts, and favours nobody. The count is of what the client did, and not of
/// what the broker still held: what is held is the broker's doing, and to compare among it would excuse whoever holds one group's orders longer.
#[must_use]
pub fn bursts(orders: &MatchedOrders, days: &[Day]) -> Vec<u16> {
    let by_day: Vec<Vec<u16>> = days.par_iter().map(|day| bursts_of_day(orders, day.rows.clone())).collect();
    by_day.concat()
}

fn bursts_of_day(orders: &MatchedOrders, rows: Range<usize>) -> Vec<u16> {
    let nameless = orders.names.clients.iter().position(String::is_empty);
    let has_name = |row: &usize| nameless != Some(orders.client[*row] as usize);
    let named = rows.clone().filter(has_name);
    let mut by_client: Vec<(u32, u32)> = named.map(|row| (orders.client[row], (row - rows.start) as u32)).collect();
    by_client.par_sort_unstable();
    let clients: Vec<&[(u32, u32)]> = by_client.chunk_by(|left, right| left.0 == right.0).collect();
    let of_client = |own: &&[(u32, u32)]| {
        let received: Vec<i64> = own.iter().map(|(_, row)| orders.received_at[rows.start + *row as usize].0).collect();
        bursts_of_client(&received)
    };
    let found: Vec<Vec<u16>> = clients.par_iter().map(of_client).collect();
    let mut bursts: Vec<u16> = orders.group[rows].iter().map(|group| NAMELESS | (group % NAMELESS)).collect();
    by_client.iter().zip(found.into_iter().flatten()).for_each(|((_, row), burst)| bursts[*row as usize] = burst);
    bursts
}

/// `received` ascends.
pub(super) fn bursts_of_client(received: &[i64]) -> Vec<u16> {
    let (mut first, mut end) = ([0; BURST_WINDOWS.len()], 0);
    let burst = |now: &i64| {
        end += received[end..].iter().take_while(|at| *at <= now).count();
        std::iter::zip(&mut first, BURST_WINDOWS).fold(0, |burst, (first, window)| {
            *first += received[*first..].iter().take_while(|at| **at < now.saturating_sub(window.0)).count();
            burst << BURST_BITS | (end - *first - 1).min((1 << BURST_BITS) - 1) as u16
        })
    };
    received.iter().map(burst).collect()
}
