//! What else was in an order's way: how many orders of other clients the broker still held when it came, in all or in its own line, and how
//! many its own client had handed in for that line just before; and how long the client had paused.
//!
//! For a second look alone. Load bins are twice as long from one to the next, and count all lines together: where orders of one group come
//! while a queue is short and those of another when it is long, or into longer queues, the bins do not make them alike.

use std::ops::Range;

use rayon::prelude::*;

use crate::measure::Day;
use crate::measure::load::bursts_of_client;
use crate::record::MatchedOrders;

/// Into how many a bin of the load is cut: counts below it are told apart one by one.
const PARTS: usize = 8;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The whole gateway.
    All,
    /// Orders of one shard where orders name several, else of one instrument.
    Line,
}

/// By order, in row order, a number equal where as many orders of other clients were held (in bins an eighth as long as those of the load)
/// and, within a line, where the client had handed in as many for it ([`crate::measure::bursts`]).
///
/// Orders of the same client are not counted among those held: how long they are held is what the broker does to this client. Orders of
/// clients without a name count for each other. Cost O(n log n).
#[must_use]
pub fn orders_of_others(orders: &MatchedOrders, days: &[Day], within: Within) -> Vec<u32> {
    let sharded = orders.names.shards.iter().filter(|name| !name.is_empty()).count() > 1;
    let line = |row: usize| match within {
        Within::All => 0,
        Within::Line if sharded => u32::from(orders.shard[row]),
        Within::Line => orders.instrument[row],
    };
    let by_day: Vec<Vec<u32>> = days.par_iter().map(|day| of_day(orders, day.rows.clone(), within, line)).collect();
    by_day.concat()
}

/// A second: what limits of orders are most often told in.
pub(super) const SECOND: i64 = 1_000_000_000;
/// Orders of a second told apart; more are as many.
const MOST_IN_A_SECOND: usize = 63;

/// By order, in row order, a number equal where the client's order before came as long before, to a doubling, and as many others of the client
/// (up to 63) within a second. What has no name has paused like nobody of another group.
///
/// A gap between sendings or a limit by the second remembers just that, and a connection that has idled is slow to wake. Cost O(n log n).
#[must_use]
pub fn pauses(orders: &MatchedOrders, days: &[Day]) -> Vec<u32> {
    let nameless = orders.names.clients.iter().position(String::is_empty);
    let of_day = |day: &Day| {
        let mut by_client: Vec<(u32, u32)> = day.rows.clone().map(|row| (orders.client[row], (row - day.rows.start) as u32)).collect();
        by_client.par_sort_unstable();
        let mut found = vec![0; by_client.len()];
        for own in by_client.chunk_by(|left, right| left.0 == right.0) {
            let rows = || own.iter().map(|(_, place)| day.rows.start + *place as usize);
            if nameless == Some(own[0].0 as usize) {
                rows().for_each(|row| found[row - day.rows.start] = u32::MAX - u32::from(orders.group[row]));
                continue;
            }
            let received: Vec<i64> = rows().map(|row| orders.received_at[row].0).collect();
            own.iter().zip(pauses_of_client(&received)).for_each(|((_, place), pause)| found[*place as usize] = pause);
        }
        found
    };
    days.par_iter().map(of_day).collect::<Vec<Vec<u32>>>().concat()
}

/// `received` ascends.
fn pauses_of_client(received: &[i64]) -> Vec<u32> {
    let mut first = 0;
    let pause = |(at, now): (usize, &i64)| {
        first += received[first..].iter().take_while(|earlier| **earlier < now.saturating_sub(SECOND)).count();
        let since = at.checked_sub(1).map_or(u64::BITS, |before| u64::BITS - received[before].abs_diff(*now).leading_zeros());
        since << 8 | (at - first).min(MOST_IN_A_SECOND) as u32
    };
    received.iter().enumerate().map(pause).collect()
}

/// An order's line and client, and its place in the day.
type Placed = (u32, u32, u32);

fn of_day(orders: &MatchedOrders, rows: Range<usize>, within: Within, line: impl Fn(usize) -> u32 + Sync) -> Vec<u32> {
    let nameless = orders.names.clients.iter().position(String::is_empty);
    let mut placed: Vec<Placed> = rows.clone().map(|row| (line(row), orders.client[row], (row - rows.start) as u32)).collect();
    let row = |placed: &Placed| rows.start + placed.2 as usize;
    let mut found = vec![0; placed.len()];

    placed.par_sort_unstable_by_key(|(line, _, place)| (*line, *place));
    for same in placed.chunk_by(|left, right| left.0 == right.0) {
        let held = held_at_receipt(orders, same.iter().map(row));
        same.iter().zip(held).for_each(|(placed, held)| found[placed.2 as usize] = held);
    }
    placed.par_sort_unstable();
    for own in placed.chunk_by(|left, right| (left.0, left.1) == (right.0, right.1)) {
        let named = nameless != Some(own[0].1 as usize);
        let held = if named { held_at_receipt(orders, own.iter().map(row)) } else { vec![0; own.len()] };
        let received: Vec<i64> = own.iter().map(|placed| orders.received_at[row(placed)].0).collect();
        let bursts = if within == Within::Line && named { bursts_of_client(&received) } else { vec![0; own.len()] };
        for ((placed, held), burst) in own.iter().zip(held).zip(bursts) {
            let all = &mut found[placed.2 as usize];
            *all = u32::from(burst) << u16::BITS | finer_bin((*all - held) as usize);
        }
    }
    found
}

/// Of some orders in order of receipt, how many of them the broker held when each came; as the load counts them.
fn held_at_receipt(orders: &MatchedOrders, rows: impl Iterator<Item = usize> + Clone) -> Vec<u32> {
    let held = |row: &usize| orders.latency[*row].0 > 0;
    let mut sent: Vec<i64> = rows.clone().filter(held).map(|row| orders.sent_at(row).0).collect();
    sent.sort_unstable();
    let (mut came, mut waiting, mut gone, mut now) = (0, 0, 0, i64::MIN);
    rows.map(|row| {
        let received = orders.received_at[row].0;
        if received != now {
            now = received;
            came += std::mem::take(&mut waiting);
            gone += sent[gone..].iter().take_while(|sent| **sent <= now).count();
        }
        waiting += usize::from(held(&row));
        (came - gone) as u32
    })
    .collect()
}

/// Counts below 8 one by one, then eight bins to each doubling.
pub(super) fn finer_bin(held: usize) -> u32 {
    let octave = (held / PARTS).checked_ilog2().map_or(0, |bits| bits + 1);
    // Of a count of so many bits the first four tell its bin.
    if octave == 0 { held as u32 } else { octave * PARTS as u32 + (held >> (octave - 1)) as u32 - PARTS as u32 }
}

#[cfg(test)]
mod tests {
    use super::{finer_bin, pauses_of_client};

    #[test]
    fn a_pause_is_told_to_a_doubling_and_orders_of_a_second_one_by_one() {
        let second = 1_000_000_000;
        let found = pauses_of_client(&[0, 3, 3, second, 3 * second]);
        // The first of the day has no order before it; 3 ns have two bits, a second less 3 ns has 30, two seconds 31.
        assert_eq!(found, [64 << 8, 2 << 8 | 1, 2, 30 << 8 | 3, 31 << 8]);
    }

    #[test]
    fn bins_are_an_eighth_of_a_doubling_and_ascend() {
        let bins: Vec<u32> = (0..4_096).map(finer_bin).collect();
        assert!(bins.windows(2).all(|two| two[1] == two[0] || two[1] == two[0] + 1));
        assert_eq!([0, 7, 8, 15, 16, 17, 18, 31, 32, 35, 36].map(finer_bin), [0, 7, 8, 15, 16, 16, 17, 23, 24, 24, 25]);
    }
}
