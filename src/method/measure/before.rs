//! What came just before an order, whoever sent it: for second looks alone.
//!
//! A gateway or an instrument that has been idle is slow to wake; an order behind costly ones waits longer than behind as many cheap ones; and
//! what lasts for seconds falls on whoever trades in them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::measure::Day;
use crate::measure::others::{SECOND, finer_bin};
use crate::record::MatchedOrders;

/// How long before an order its client's last one bears on it, nanoseconds: a send behind a replacement waits for it.
const JUST_BEFORE: i64 = 1_000_000;

/// By order, in row order, the second it was received in.
#[must_use]
pub fn seconds(orders: &MatchedOrders) -> Vec<u32> {
    orders.received_at.par_iter().map(|received| received.0.div_euclid(SECOND) as u32).collect()
}

/// The last instant seen, and what was seen in the one before it. Orders of one instant have no order among them but that of their latencies,
/// which is the broker's doing: they all come behind what came before it.
#[derive(Clone, Copy)]
struct Instants<T> {
    now: i64,
    here: T,
    before: Option<(i64, T)>,
}

impl<T: Copy + Ord> Instants<T> {
    const fn first(now: i64, here: T) -> Self {
        Self { now, here, before: None }
    }

    /// One more at `now`; of several in one instant the greatest is kept.
    fn add(&mut self, now: i64, here: T) {
        if now > self.now {
            *self = Self { now, here, before: Some((self.now, self.here)) };
        } else {
            self.here = self.here.max(here);
        }
    }
}

/// By order, in row order, a number equal where the last receipt of anybody and that of the instrument came as long before, each to a doubling, and
/// where both or neither are the client's first order of the day in the instrument. O(n).
#[must_use]
pub fn quiet(orders: &MatchedOrders, days: &[Day]) -> Vec<u32> {
    let of_day = |day: &Day| {
        let mut last: Option<Instants<()>> = None;
        let mut last_in: HashMap<u32, Instants<()>> = HashMap::new();
        let mut first_of: HashMap<(u32, u32), i64> = HashMap::new();
        let since = |seen: &Instants<()>| seen.before.map_or(u64::BITS, |(at, ())| u64::BITS - at.abs_diff(seen.now).leading_zeros());
        let number = |row: usize| {
            let (now, instrument) = (orders.received_at[row].0, orders.instrument[row]);
            let anybody = last.get_or_insert(Instants::first(now, ()));
            anybody.add(now, ());
            let here = last_in.entry(instrument).or_insert(Instants::first(now, ()));
            here.add(now, ());
            let is_first = *first_of.entry((orders.client[row], instrument)).or_insert(now) == now;
            since(anybody) << 8 | since(here) << 1 | u32::from(is_first)
        };
        day.rows.clone().map(number).collect::<Vec<u32>>()
    };
    days.par_iter().map(of_day).collect::<Vec<_>>().concat()
}

/// By order, in row order, a number equal where as many orders of others of each kind were held when it came (one by one below eight), and where
/// the client's own last order, if it came within a millisecond, was of the same kind. O(n log n), and one step for each kind held.
///
/// A load counts orders and not the work they are. Orders of the same client are not counted among those held, as in
/// [`crate::measure::orders_of_others`].
#[must_use]
pub fn kinds_ahead(orders: &MatchedOrders, days: &[Day]) -> Vec<u32> {
    let nameless = orders.names.clients.iter().position(String::is_empty);
    let of_day = |day: &Day| {
        let mut sendings: Vec<(i64, u32)> =
            day.rows.clone().filter(|row| orders.latency[*row].0 > 0).map(|row| (orders.sent_at(row).0, row as u32)).collect();
        sendings.sort_unstable();
        let mut gone = sendings.into_iter().peekable();
        // Of kinds that are held alone: there may be hundreds.
        let mut held: BTreeMap<u16, u32> = BTreeMap::new();
        let mut own: HashMap<(u32, u16), u32> = HashMap::new();
        let mut last_of: HashMap<u32, Instants<u16>> = HashMap::new();
        // Orders of one instant do not count for each other.
        let (mut waiting, mut now): (Vec<usize>, i64) = (Vec::new(), i64::MIN);
        let mut found = Vec::with_capacity(day.rows.len());
        for row in day.rows.clone() {
            let (received, client) = (orders.received_at[row].0, orders.client[row]);
            if received != now {
                now = received;
                for row in waiting.drain(..) {
                    *held.entry(orders.kind[row]).or_default() += 1;
                    *own.entry((orders.client[row], orders.kind[row])).or_default() += 1;
                }
                while let Some((_, row)) = gone.next_if(|(sent, _)| *sent <= now) {
                    let row = row as usize;
                    if let Entry::Occupied(mut left) = held.entry(orders.kind[row]) {
                        *left.get_mut() -= 1;
                        if *left.get() == 0 {
                            left.remove();
                        }
                    }
                    *own.entry((orders.client[row], orders.kind[row])).or_default() -= 1;
                }
            }
            let named = nameless != Some(client as usize);
            let last_of = last_of.entry(client).or_insert(Instants::first(received, orders.kind[row]));
            last_of.add(received, orders.kind[row]);
            let last = last_of.before.filter(|(at, _)| named && received - at <= JUST_BEFORE);
            let mut number = last.map_or(0, |(_, kind)| u32::from(kind) + 1);
            for (kind, held) in &held {
                let mine = if named { own.get(&(client, *kind)).copied().unwrap_or(0) } else { 0 };
                if *held > mine {
                    number = mixed(mixed(number, u32::from(*kind)), finer_bin((*held - mine) as usize));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Latency, Timestamp};

    /// (received, latency, client, instrument, kind)
    fn orders(rows: &[(i64, i64, u32, u32, u16)]) -> (MatchedOrders, Vec<Day>) {
        let mut orders = MatchedOrders::default();
        for (received, latency, client, instrument, kind) in rows {
            orders.received_at.push(Timestamp(*received));
            orders.latency.push(Latency(*latency));
            orders.client.push(*client);
            orders.instrument.push(*instrument);
            orders.kind.push(*kind);
            orders.group.push(0);
        }
        orders.names.clients = (0..4).map(|client| format!("c{client}")).collect();
        let day = Day { date: crate::record::TradeDate(0), rows: 0..rows.len() };
        (orders, vec![day])
    }

    #[test]
    fn orders_of_one_instant_come_behind_the_same_quiet() {
        let rows = [(1_000, 5, 0, 0, 0), (9_000, 5, 0, 0, 0), (9_000, 7, 1, 1, 0), (9_000, 9, 0, 0, 0), (9_003, 5, 1, 1, 0)];
        let (orders, days) = orders(&rows);
        let found = quiet(&orders, &days);
        // 8,000 ns have 13 bits, 3 ns two; 64 where nothing came before.
        assert_eq!(found, [64 << 8 | 64 << 1 | 1, 13 << 8 | 13 << 1, 13 << 8 | 64 << 1 | 1, 13 << 8 | 13 << 1, 2 << 8 | 2 << 1]);
    }

    #[test]
    fn work_ahead_is_that_of_others_by_kind_and_the_own_order_just_before() {
        let rows = [
            (0, 100, 0, 0, 1),
            // Behind one of kind 1 of another; behind the same and one of its own, which does not count as ahead but is its last.
            (10, 100, 1, 0, 0),
            (20, 100, 1, 0, 0),
            (30, 10, 2, 0, 0),
            // All before are gone; its own last is of kind 0, and a millisecond later nobody's.
            (500, 10, 2, 0, 0),
            (2_000_000, 10, 2, 0, 0),
            (3_000_000, 10, 3, 0, 0),
        ];
        let (orders, days) = orders(&rows);
        let found = kinds_ahead(&orders, &days);
        assert_eq!((found[0], found[4], found[5], found[6]), (0, 1, 0, 0));
        let mut different = vec![found[0], found[1], found[2], found[3], found[4]];
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 5, "{found:?}");
    }
}
