//! Races: orders of several clients that answer the same market event, or that follow each other within the information horizon.
//!
//! With a named event, or the time it was published, orders on one instrument that answer it race; without, orders on one instrument and
//! side that were received within the horizon of the first (Aquilina, Budish & O'Neill 2022 take symbol, price and side). The winner
//! of a race is who was *sent* first. Who was *received* first is who should have won, first come, first served; by blind chance each
//! of the clients in a race wins as often as it has orders in it. Ties in sending at the effective resolution share the win.
//!
//! *Response-time fairness* (DBO: Gupta et al., SIGCOMM 2023): of the pairs of orders of different clients that answer the same event,
//! the share sent in the order of their response times, which here is the order of receipt. Pairs that stamps cannot order are left out.

use rayon::prelude::*;

use crate::measure::Timetable;
use crate::priority::options::deciding_rows;
use crate::priority::pairs::ordered_pairs;
use crate::priority::{Precision, PriorityOptions, PriorityOrders};
use crate::statistics::normal_sf;

/// Units of a won race, so that shared wins stay whole numbers.
const WIN: u64 = 720_720;

/// What made orders a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaceKey {
    /// The event column.
    Event,
    /// The time the event was published.
    EventTime,
    /// Receipts within the horizon.
    Horizon,
}

impl RaceKey {
    /// Its name in result.json.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::EventTime => "event_time",
            Self::Horizon => "horizon",
        }
    }
}

/// A client's races.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RacingClient {
    /// Client code.
    pub client: u32,
    /// Races it took part in.
    pub races: u64,
    /// Races won by sending, ties shared.
    pub won: f64,
    /// Races it would have won, first come, first served.
    pub won_by_receipt: f64,
    /// Races it would win by blind chance.
    pub expected: f64,
    /// Two-sided p of `won` against `expected` by the normal approximation; exploratory.
    pub p_value: Option<f64>,
}

/// All races.
#[derive(Clone, Debug, Default)]
pub struct Races {
    /// What made orders a race; `None` where there is no order.
    pub key: Option<RaceKey>,
    /// Races of at least two clients.
    pub races: u64,
    /// Races in which receipt order and sending order name different winners, provably.
    pub upset: u64,
    /// Ascending by code.
    pub clients: Vec<RacingClient>,
    /// Pairs of competing orders, and those of them sent in the order of receipt: DBO's response-time fairness is their ratio.
    pub pairs: u64,
    /// See `pairs`.
    pub pairs_in_order: u64,
}

/// Every race in phases in which receipt order decides, at least in part. O(n log n) for races of bounded size; days in parallel.
#[must_use]
pub fn races(orders: &PriorityOrders<'_>, timetable: &Timetable, precision: Precision, options: &PriorityOptions) -> Races {
    let key = match () {
        () if !orders.event.is_empty() => RaceKey::Event,
        () if !orders.event_at.is_empty() => RaceKey::EventTime,
        () => RaceKey::Horizon,
    };
    let groups: Vec<Vec<usize>> = deciding_rows(timetable).into_par_iter().flat_map(|rows| grouped(orders, options, key, rows)).collect();
    let run = |rows: &Vec<usize>| race(orders, &precision, rows);
    let found: Vec<Race> = groups.par_iter().filter_map(run).collect();
    let mut all = Races { key: (!orders.is_empty()).then_some(key), races: found.len() as u64, ..Races::default() };
    let mut clients: std::collections::BTreeMap<u32, (u64, u64, u64, f64, f64)> = std::collections::BTreeMap::new();
    for race in &found {
        all.upset += u64::from(race.upset);
        all.pairs += race.pairs;
        all.pairs_in_order += race.pairs_in_order;
        for entry in &race.entries {
            let sum = clients.entry(entry.client).or_default();
            let chance = entry.orders as f64 / race.orders as f64;
            *sum = (sum.0 + 1, sum.1 + entry.won, sum.2 + entry.won_by_receipt, sum.3 + chance, sum.4 + chance * (1.0 - chance));
        }
    }
    let client = |(client, (races, won, by_receipt, expected, variance)): (u32, (u64, u64, u64, f64, f64))| {
        let won = won as f64 / WIN as f64;
        let p_value = (variance > 0.0).then(|| (2.0 * normal_sf((won - expected).abs() / variance.sqrt())).min(1.0));
        RacingClient { client, races, won, won_by_receipt: by_receipt as f64 / WIN as f64, expected, p_value }
    };
    all.clients = clients.into_iter().map(client).collect();
    all
}

/// Rows of each race, in order of receipt; those of one client among them.
fn grouped(orders: &PriorityOrders<'_>, options: &PriorityOptions, key: RaceKey, rows: std::ops::Range<usize>) -> Vec<Vec<usize>> {
    let matched = &*orders.matched;
    let rows = rows.filter(|row| orders.is_new(*row));
    let of = |row: usize| -> Option<(i64, u32, u8, usize)> {
        match key {
            RaceKey::Event => (orders.event[row] > 0).then(|| (i64::from(orders.event[row]), matched.instrument[row], 0, row)),
            RaceKey::EventTime => (orders.event_at[row] > i64::MIN).then(|| (orders.event_at[row], matched.instrument[row], 0, row)),
            RaceKey::Horizon => Some((0, matched.instrument[row], orders.side(row), row)),
        }
    };
    let mut sorted: Vec<(i64, u32, u8, usize)> = rows.filter_map(of).collect();
    sorted.sort_unstable();
    let same = |left: &(i64, u32, u8, usize), right: &(i64, u32, u8, usize)| (left.0, left.1, left.2) == (right.0, right.1, right.2);
    let mut found = Vec::new();
    for together in sorted.chunk_by(same) {
        let mut start = 0;
        while start < together.len() {
            let first = matched.received_at[together[start].3].0;
            let within =
                |entry: &&(i64, u32, u8, usize)| key != RaceKey::Horizon || matched.received_at[entry.3].0 - first <= options.horizon.0;
            let n = together[start..].iter().take_while(within).count();
            if n > 1 {
                found.push(together[start..start + n].iter().map(|entry| entry.3).collect());
            }
            start += n;
        }
    }
    found
}

struct Race {
    orders: u64,
    upset: bool,
    entries: Vec<Entry>,
    pairs: u64,
    pairs_in_order: u64,
}

struct Entry {
    client: u32,
    orders: u64,
    won: u64,
    won_by_receipt: u64,
}

/// `None` for orders of one client only.
fn race(orders: &PriorityOrders<'_>, precision: &Precision, rows: &[usize]) -> Option<Race> {
    let matched = &*orders.matched;
    let mut clients: Vec<u32> = rows.iter().map(|row| matched.client[*row]).collect();
    clients.sort_unstable();
    let entry = |same: &[u32]| Entry { client: same[0], orders: same.len() as u64, won: 0, won_by_receipt: 0 };
    let mut entries: Vec<Entry> = clients.chunk_by(|left, right| left == right).map(entry).collect();
    if entries.len() < 2 {
        return None;
    }
    let received = |row: usize| precision.received(matched.received_at[row].0);
    let sent = |row: usize| precision.sent(matched.sent_at(row).0);
    let (by_receipt, by_sending) = (winners(matched, rows, received), winners(matched, rows, sent));
    for entry in &mut entries {
        entry.won = if by_sending.contains(&entry.client) { WIN / by_sending.len() as u64 } else { 0 };
        entry.won_by_receipt = if by_receipt.contains(&entry.client) { WIN / by_receipt.len() as u64 } else { 0 };
    }
    let upset = by_sending.iter().all(|client| !by_receipt.contains(client));
    let (pairs, pairs_in_order) = pairs_in_order(matched, precision, rows);
    Some(Race { orders: rows.len() as u64, upset, entries, pairs, pairs_in_order })
}

/// The clients with the smallest stamp.
fn winners(matched: &crate::record::MatchedOrders, rows: &[usize], stamp: impl Fn(usize) -> i64) -> Vec<u32> {
    let first = rows.iter().map(|row| stamp(*row)).min();
    let mut clients: Vec<u32> = rows.iter().filter(|row| Some(stamp(**row)) == first).map(|row| matched.client[*row]).collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

/// Pairs of different clients that both stamps order provably, and those in one order: all pairs, less those of each client.
fn pairs_in_order(matched: &crate::record::MatchedOrders, precision: &Precision, rows: &[usize]) -> (u64, u64) {
    let all = ordered_pairs(matched, precision, rows);
    let mut by_client: Vec<(u32, usize)> = rows.iter().map(|row| (matched.client[*row], *row)).collect();
    by_client.sort_unstable();
    let own = by_client.chunk_by(|left, right| left.0 == right.0).filter(|own| own.len() > 1).fold((0, 0), |sum, own| {
        let rows: Vec<usize> = own.iter().map(|(_, row)| *row).collect();
        let (pairs, kept) = ordered_pairs(matched, precision, &rows);
        (sum.0 + pairs, sum.1 + kept)
    });
    (all.0 - own.0, all.1 - own.1)
}
