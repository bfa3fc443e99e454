//! Fair-queue replay: what a first-come-first-served gateway would have done with the same arrivals.
//!
//! An order's service time is read off the line's own departures: work on the k-th departure began when the one before it left, or
//! when the order came, whichever was later. Where one worker never idles with an order waiting, that is exact whatever the order of
//! service was. The line is then run again, first come, first served, with the same service times.
//!
//! What it cannot show: a delay added outside the queue counts as service and stays; several workers on one line, or several lines
//! taken for one, show as one faster worker.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::record::MatchedOrders;
use crate::statistics::{QuantileLevel, select_nearest_rank};

/// What was taken for one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The shard column.
    Shard,
    /// The gateway column, for want of a shard.
    Gateway,
    /// All orders, for want of both.
    All,
}

impl Scope {
    /// "shard", "gateway" or "all".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shard => "shard",
            Self::Gateway => "gateway",
            Self::All => "all",
        }
    }
}

/// One client of one group: as it was minus as it would have been. Positive: the client lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayedClient {
    /// Group code.
    pub group: u16,
    /// Client code.
    pub client: u32,
    /// Orders.
    pub n: u64,
    /// Sum over its orders of sent as it was minus sent in the fair queue, nanoseconds.
    pub lost: i128,
    /// Places lost in the lines minus places gained, over its orders.
    pub places: i64,
    /// What the one of its orders lost that lost or gained the most, nanoseconds.
    pub largest: i64,
}

impl ReplayedClient {
    /// The balance of several clients together, under the name of this one.
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        let larger = other.largest.unsigned_abs() > self.largest.unsigned_abs();
        Self {
            n: self.n + other.n,
            lost: self.lost + other.lost,
            places: self.places + other.places,
            largest: if larger { other.largest } else { self.largest },
            ..self
        }
    }
}

/// Every client's balance, ascending by (group, client). Over all clients the places add up to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// What was taken for one line.
    pub scope: Scope,
    /// How many lines there are.
    pub lines: u64,
    /// Departures of orders that had waited.
    pub queued: u64,
    /// Those of them that came sooner after the one before than the line's own envelope allows: the 1 % quantile of latency of the
    /// orders that found it empty. About 1 % where one worker serves a line, far more where several do; then `lost` is nominal.
    pub hasty: u64,
    /// Clients.
    pub clients: Vec<ReplayedClient>,
}

/// Replays every line. Cost O(n log n), lines in parallel.
///
/// Orders received at one instant keep their place among each other by when they left. An order sent before it was received is
/// served in no time.
#[must_use]
pub fn replay(orders: &MatchedOrders) -> Replay {
    let scope = line_scope(orders);
    let column = match scope {
        Scope::Shard => Some(&orders.shard),
        Scope::Gateway => Some(&orders.gateway),
        Scope::All => None,
    };
    let mut lines: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for row in 0..orders.len() {
        lines.entry(column.map_or(0, |column| column[row])).or_default().push(row);
    }
    let lines: Vec<Vec<usize>> = lines.into_values().collect();
    let served: Vec<Served> = lines.par_iter().map(|rows| line(orders, rows)).collect();
    let (queued, hasty) = served.iter().fold((0, 0), |(queued, hasty), line| (queued + line.queued, hasty + line.hasty));
    let mut all = Balances::new();
    for (client, balance) in served.into_iter().flat_map(|line| line.balances) {
        all.entry(client).and_modify(|sum| *sum = sum.with(&balance)).or_insert(balance);
    }
    Replay { scope, lines: lines.len() as u64, queued, hasty, clients: all.into_values().collect() }
}

/// What is taken for one line: the shard column, else the gateway, else all orders.
#[must_use]
pub fn line_scope(orders: &MatchedOrders) -> Scope {
    let differ = |column: &[u16]| column.windows(2).any(|pair| pair[0] != pair[1]);
    match () {
        () if differ(&orders.shard) => Scope::Shard,
        () if differ(&orders.gateway) => Scope::Gateway,
        () => Scope::All,
    }
}

/// By group and client.
type Balances = BTreeMap<(u16, u32), ReplayedClient>;

/// What one line did.
struct Served {
    balances: Balances,
    queued: u64,
    hasty: u64,
}

/// One line, its rows in any order.
fn line(orders: &MatchedOrders, rows: &[usize]) -> Served {
    let (received, sent) = (|row: usize| orders.received_at[row].0, |row: usize| orders.sent_at(row).0);
    let mut departures = rows.to_vec();
    departures.sort_by_key(|row| (sent(*row), received(*row), *row));
    // (received, place of departure, service), so that a sort gives the fair queue.
    let mut last = i64::MIN;
    let mut queue: Vec<(i64, usize, i64)> = Vec::with_capacity(rows.len());
    let (mut alone, mut waited) = (Vec::new(), Vec::new());
    for (place, row) in departures.iter().enumerate() {
        let service = sent(*row).saturating_sub(last.max(received(*row))).max(0);
        if received(*row) >= last {
            alone.push(service)
        } else {
            waited.push(service)
        }
        queue.push((received(*row), place, service));
        last = sent(*row);
    }
    queue.sort_unstable();
    let mut balances = Balances::new();
    let mut free = i64::MIN;
    for (fair_place, (received, place, service)) in queue.into_iter().enumerate() {
        free = free.max(received).saturating_add(service);
        let row = departures[place];
        let (group, client) = (orders.group[row], orders.client[row]);
        // Sent before it was received: clocks disagree, and nobody was passed by that.
        let fair = if sent(row) <= received { sent(row) } else { free };
        let lost = i128::from(sent(row)) - i128::from(fair);
        let own = ReplayedClient {
            group,
            client,
            n: 1,
            lost,
            places: place as i64 - fair_place as i64,
            largest: lost.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
        };
        balances.entry((group, client)).and_modify(|sum| *sum = sum.with(&own)).or_insert(own);
    }
    let floor = select_nearest_rank(&mut alone, QuantileLevel::per_mille(10)).unwrap_or(0);
    let hasty = waited.iter().filter(|service| **service < floor).count() as u64;
    Served { balances, queued: waited.len() as u64, hasty }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Latency, Timestamp};
    use crate::simulate::{Options, World, WorldSettings, matched};
    use proptest::prelude::*;

    /// (received, sent, group, client) on one line.
    fn orders_of(rows: &[(i64, i64, u16, u32)]) -> MatchedOrders {
        let n = rows.len();
        MatchedOrders {
            received_at: rows.iter().map(|row| Timestamp(row.0)).collect(),
            latency: rows.iter().map(|row| Latency(row.1 - row.0)).collect(),
            group: rows.iter().map(|row| row.2).collect(),
            client: rows.iter().map(|row| row.3).collect(),
            instrument: vec![0; n],
            kind: vec![0; n],
            gateway: vec![0; n],
            shard: vec![0; n],
            access_class: vec![0; n],
            ..MatchedOrders::default()
        }
    }

    /// The line of the simulator's own test: at 0, 1, 2 come three orders of 10 ns; the third passes the second.
    #[test]
    fn an_order_that_was_passed_lost_a_place_and_the_service_of_the_other() {
        let found = replay(&orders_of(&[(0, 10, 0, 0), (1, 30, 1, 1), (2, 20, 0, 2), (50, 55, 1, 1)]));
        let of = |group, client, n, lost: i64, places| ReplayedClient { group, client, n, lost: lost.into(), places, largest: lost };
        assert_eq!(found.clients, [of(0, 0, 1, 0, 0), of(0, 2, 1, -10, -1), of(1, 1, 2, 10, 1)]);
        assert_eq!((found.scope, found.lines), (Scope::All, 1));
    }

    proptest! {
        #[test]
        fn places_balance_and_a_first_come_first_served_line_stays_as_it_was(
            rows in prop::collection::vec((0_i64..500, -20_i64..100, 0_u16..3, 0_u32..5), 1..60)
        ) {
            let mut rows: Vec<_> = rows.into_iter().map(|(at, latency, group, client)| (at, at + latency, group, client)).collect();
            rows.sort_unstable();
            let found = replay(&orders_of(&rows));
            prop_assert_eq!(found.clients.iter().map(|client| client.places).sum::<i64>(), 0);
            let mut free = 0;
            for row in &mut rows {
                free = free.max(row.0) + (row.1 - row.0).max(0);
                row.1 = free;
            }
            let fair = replay(&orders_of(&rows));
            prop_assert!(fair.clients.iter().all(|client| client.lost == 0 && client.places == 0), "{:?}", fair);
        }
    }

    fn world(name: &str) -> MatchedOrders {
        let world = World::named(name, &WorldSettings::default()).expect("a known world");
        matched(&world, &Options { orders: 12_000, days: 4, ..Options::calibration(5) }).expect("options in range")
    }

    fn mean_lost(orders: &MatchedOrders) -> [f64; 2] {
        let found = replay(orders);
        assert_eq!(found.scope, Scope::Shard);
        [0, 1].map(|group| {
            let clients = found.clients.iter().filter(|client| client.group == group);
            let (n, lost) = clients.fold((0, 0), |(n, lost), client| (n + client.n, lost + client.lost));
            lost as f64 / n as f64
        })
    }

    fn mean_latency(orders: &MatchedOrders, group: u16) -> f64 {
        let own: Vec<i64> = (0..orders.len()).filter(|row| orders.group[*row] == group).map(|row| orders.latency[row].0).collect();
        own.iter().map(|latency| i128::from(*latency)).sum::<i128>() as f64 / own.len() as f64
    }

    /// The simulator draws the same arrivals and service times for a planted effect and for its fair twin: the truth of every order.
    #[test]
    fn priority_is_told_to_the_nanosecond_by_the_fair_twin_of_the_world() {
        let (fair, priority) = (world("fair"), world("priority"));
        assert_eq!(mean_lost(&fair), [0.0, 0.0]);
        let [a, b] = mean_lost(&priority);
        for (group, found) in [a, b].into_iter().enumerate() {
            let truth = mean_latency(&priority, group as u16) - mean_latency(&fair, group as u16);
            assert!((found - truth).abs() < 0.05 * truth.abs(), "group {group}: {found} against {truth}");
        }
        assert!(a < -1_000.0 && b > 1_000.0, "{a} {b}");
    }

    #[test]
    fn several_workers_on_a_line_leave_sooner_than_one_could() {
        let share = |name: &str| {
            let found = replay(&world(name));
            found.hasty as f64 / found.queued as f64
        };
        let [one, passed, three] = ["fair", "priority", "fair-workers"].map(share);
        assert!(one < 0.03 && passed < 0.03 && three > 0.2, "{one} {passed} {three}");
    }
}
