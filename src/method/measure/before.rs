//! What came just before an order, whoever sent it: for second looks alone.
//!
//! A gateway or an instrument that has been idle is slow to wake; an order behind costly ones waits longer than behind as many cheap ones; and
//! what lasts for seconds falls on whoever trades in them.

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use crate::measure::Day;
use crate::measure::others::finer_bin;
use crate::record::MatchedOrders;

const SECOND: i64 = 1_000_000_000;
/// How long before an order its client's last one bears on it, nanoseconds: a send behind a replacement waits for it.
const JUST_BEFORE: i64 = 1_000_000;

/// By order, in row order, the second it was received in.
#[must_use]
pub fn seconds(orders: &MatchedOrders) -> Vec<u32> {
    orders.received_at.par_iter().map(|received| received.0.div_euclid(SECOND) as u32).collect()
}

/// By order, in row order, a number equal where the last receipt of anybody and that of the instrument came as long before, each to a doubling, and
/// where both or neither are the client's first order of the day in the instrument. O(n).
#[must_use]
pub fn quiet(orders: &MatchedOrders, days: &[Day]) -> Vec<u32> {
    let of_day = |day: &Day| {
        let mut last_in: HashMap<u32, i64> = HashMap::new();
        let (mut last, mut known) = (None, HashSet::new());
        let since = |before: Option<i64>, now: i64| before.map_or(u64::BITS, |before| u64::BITS - before.abs_diff(now).leading_zeros());
        let number = |row: usize| {
            let (now, instrument) = (orders.received_at[row].0, orders.instrument[row]);
            let anybody = since(last.replace(now), now);
            let here = since(last_in.insert(instrument, now), now);
            anybody << 8 | here << 1 | u32::from(known.insert((orders.client[row], instrument)))
        };
        day.rows.clone().map(number).collect::<Vec<u32>>()
    };
    days.par_iter().map(of_day).collect::<Vec<_>>().concat()
}

/// By order, in row order, a number equal where as many orders of others of each kind were held when it came (one by one below eight), and where
/// the client's own last order, if it came within a millisecond, was of the same kind. O(n log n + n kinds).
///
/// A load counts orders and not the work they are. Orders of the same client are not counted among those held, as in
/// [`crate::measure::orders_of_others`].
#[must_use]
pub fn kinds_ahead(orders: &MatchedOrders, days: &[Day]) -> Vec<u32> {
    let nameless = orders.names.clients.iter().position(String::is_empty);
    let kinds = orders.kind.iter().copied().max().map_or(0, |kind| usize::from(kind) + 1);
    let of_day = |day: &Day| {
        let mut sendings: Vec<(i64, u32)> =
            day.rows.clone().filter(|row| orders.latency[*row].0 > 0).map(|row| (orders.sent_at(row).0, row as u32)).collect();
        sendings.sort_unstable();
        let mut gone = sendings.into_iter().peekable();
        let mut held = vec![0_u32; kinds];
        let mut own: HashMap<(u32, u16), u32> = HashMap::new();
        let mut before: HashMap<u32, (i64, u16)> = HashMap::new();
        // Orders of one instant do not count for each other.
        let (mut waiting, mut now): (Vec<usize>, i64) = (Vec::new(), i64::MIN);
        let mut found = Vec::with_capacity(day.rows.len());
        for row in day.rows.clone() {
            let (received, client) = (orders.received_at[row].0, orders.client[row]);
            if received != now {
                now = received;
                for row in waiting.drain(..) {
                    held[usize::from(orders.kind[row])] += 1;
                    *own.entry((orders.client[row], orders.kind[row])).or_default() += 1;
                }
                while let Some((_, row)) = gone.next_if(|(sent, _)| *sent <= now) {
                    let row = row as usize;
                    held[usize::from(orders.kind[row])] -= 1;
                    *own.entry((orders.client[row], orders.kind[row])).or_default() -= 1;
                }
            }
            let named = nameless != Some(client as usize);
            let last = before.insert(client, (received, orders.kind[row])).filter(|(at, _)| named && received - at <= JUST_BEFORE);
            let mut number = last.map_or(0, |(_, kind)| u32::from(kind) + 1);
            for (kind, held) in held.iter().enumerate().filter(|(_, held)| **held > 0) {
                let mine = if named { own.get(&(client, kind as u16)).copied().unwrap_or(0) } else { 0 };
                if *held > mine {
                    number = mixed(mixed(number, kind as u32), finer_bin((*held - mine) as usize));
                }
            }
            if orders.latency[row].0 > 0 {
                waiting.push(row);
            }
            found.push(number);
        }
        found
    };
    days.par_iter().map(of_day).collect::<Vec<_>>().concat()
}

/// FNV-1a by whole numbers.
fn mixed(number: u32, next: u32) -> u32 {
    ((number ^ 0x811c_9dc5) ^ next).wrapping_mul(0x0100_0193).rotate_left(7)
}
