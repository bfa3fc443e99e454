//! Small crowded samples against counts of every pair.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::measure::{GAP_BINS, Line, OvertakingRules, Passing, Timetable, count_overtaking};
use crate::priority::pairs::{ClientTally, Counted, Doubt, PairTable, Queue};
use crate::priority::{
    AheadCase, CaseKind, Fill, LineScope, NO_PRICE, Precision, PriorityOptions, PriorityOrders, jumps, passing_matrices, races,
    trading_ahead,
};
use crate::record::{Calendar, Latency, MatchedOrders, TimeSpan, Timestamp, Zone};

/// (gap to the receipt before, latency, group, client, instrument, kind, side, price step, lots)
type Row = (i64, i64, u16, u32, u32, u16, u8, i64, i64);

pub(crate) fn row() -> impl Strategy<Value = Row> {
    (0..6_i64, -3..20_i64, 0..3_u16, 0..5_u32, 0..2_u32, 0..2_u16, 1..3_u8, 0..4_i64, 1..4_i64)
}

pub(crate) fn orders_of(rows: &[Row]) -> PriorityOrders<'static> {
    let mut orders = MatchedOrders::default();
    let mut now = 1_767_603_600_000_000_000;
    let (mut side, mut price, mut quantity) = (Vec::new(), Vec::new(), Vec::new());
    for (gap, latency, group, client, instrument, kind, buys, step, lots) in rows {
        now += gap;
        orders.received_at.push(Timestamp(now));
        orders.latency.push(Latency(*latency));
        orders.group.push(*group);
        orders.client.push(*client);
        orders.instrument.push(*instrument);
        orders.kind.push(*kind);
        orders.gateway.push((*client % 2) as u16);
        orders.shard.push(0);
        orders.access_class.push(0);
        side.push(*buys);
        price.push(if *step == 0 { NO_PRICE } else { *step * 10_000 });
        quantity.push(*lots * 1_000);
    }
    let numbered = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    orders.names.groups = numbered(3);
    orders.names.clients = numbered(5);
    orders.names.instruments = numbered(2);
    orders.names.kinds = numbered(2);
    orders.names.gateways = numbered(2);
    let channel: Vec<u16> = orders.client.iter().map(|client| (*client % 3) as u16).collect();
    // Client 0 is the house.
    let is_house = orders.client.iter().map(|client| *client == 0).collect();
    PriorityOrders { matched: Cow::Owned(orders), side, price, quantity, channel, channels: numbered(3), is_house, ..Default::default() }
}

pub(crate) fn table(orders: &PriorityOrders<'_>) -> Timetable {
    Timetable::of(&orders.matched, &Calendar::none(), Zone::UTC, Some(TimeSpan(32)), TimeSpan(64))
}

fn precision() -> impl Strategy<Value = Precision> {
    (1..4_i64, 1..4_i64, 0..3_i64, 0..3_i64).prop_map(|(received_resolution, sent_resolution, received_gap, sent_gap)| Precision {
        received_resolution,
        sent_resolution,
        received_gap,
        sent_gap,
    })
}

fn stamps(orders: &PriorityOrders<'_>, p: &Precision, row: usize) -> (i64, i64) {
    (p.received(orders.matched.received_at[row].0), p.sent(orders.matched.sent_at(row).0))
}

/// The definition, pair by pair.
fn by_pairs(
    orders: &PriorityOrders<'_>,
    queue: &Queue<'_>,
    (codes, n): (&[u16], usize),
    first: usize,
    counted: std::ops::Range<usize>,
) -> (PairTable, Vec<(u32, ClientTally)>) {
    let mut table = PairTable::new(n);
    let mut clients: BTreeMap<u32, ClientTally> = BTreeMap::new();
    let (m, line, p, window) = (&orders.matched, queue.line, &queue.precision, queue.window);
    for j in counted {
        for i in (first..j).filter(|i| line[*i] == line[j]) {
            let ((ri, si), (rj, sj)) = (stamps(orders, p, i), stamps(orders, p, j));
            if rj - ri > window {
                continue;
            }
            let (ordered, passed) = (rj - ri > p.received_gap, si - sj > p.sent_gap);
            let one = Passing { opportunities: 1, overtakes: u64::from(passed) };
            let bin = || ((rj - ri).ilog2() as usize).min(GAP_BINS - 1);
            if codes[i] != codes[j] {
                let pair = usize::from(codes[j]) * n + usize::from(codes[i]);
                if ordered {
                    table.passing[pair * GAP_BINS + bin()] += one;
                }
                let raw = m.received_at[j] > m.received_at[i] && m.sent_at(j) < m.sent_at(i);
                let open = !ordered || (sj - si).abs() <= p.sent_gap;
                let Doubt { nominal, undecidable } = table.doubt[pair];
                table.doubt[pair] = Doubt { nominal: nominal + u64::from(raw), undecidable: undecidable + u64::from(open) };
            }
            if m.client[i] != m.client[j] && ordered {
                clients.entry(m.client[j]).or_default().passes[bin()] += one;
                clients.entry(m.client[i]).or_default().passed[bin()] += one;
            }
        }
    }
    (table, clients.into_iter().collect())
}

proptest! {
    #[test]
    fn walk_and_trees_equal_the_count_of_all_pairs(
        rows in prop::collection::vec(row(), 1..70), p in precision(), window in prop::option::of(0..40_i64), cut in 0.0..1.0_f64, scope in 0..5_usize,
    ) {
        let orders = orders_of(&rows);
        let line = orders.lines(LineScope::ALL[scope]);
        let window = window.unwrap_or(i64::MAX);
        let queue = Queue { orders: &orders.matched, line: &line, precision: p, window, without: None };
        let counted = (cut * rows.len() as f64) as usize..rows.len();
        let first = queue.before(0..counted.start);
        let codes = &orders.matched.group;
        let (expected, clients) = by_pairs(&orders, &queue, (codes, 3), first, counted.clone());
        let parties = [(codes.as_slice(), 3)];
        let walked = queue.by_walking(first, counted.clone(), &parties, true).expect("few orders");
        let Counted { tables, clients: by_trees } = queue.by_trees(first, counted, &parties, true);
        prop_assert_eq!(&walked.tables[0], &expected);
        prop_assert_eq!(&tables[0], &expected);
        prop_assert_eq!(&walked.clients, &clients);
        prop_assert_eq!(&by_trees, &clients);
    }

    /// The kernel of the pair verdict counts the same, where the two ask the same.
    #[test]
    fn the_group_matrix_is_that_of_the_verdict(rows in prop::collection::vec(row(), 1..70), p in precision(), window in 1..40_i64) {
        let orders = orders_of(&rows);
        let timetable = table(&orders);
        let options = PriorityOptions { window: Some(TimeSpan(window)), ..Default::default() };
        let found = passing_matrices(&orders, &timetable, (&Calendar::none(), Zone::UTC), p, &options);
        let rules = OvertakingRules {
            window: TimeSpan(window), line: Line::Instrument, received_resolution: p.received_resolution,
            sent_resolution: p.sent_resolution, unordered_gap: p.received_gap, sent_gap: p.sent_gap,
        };
        let counts = count_overtaking(&orders.matched, &timetable, 3, rules, &[]);
        let matrix = found.matrices.iter().find(|m| m.by.name() == "group" && m.scope == LineScope::Instrument).expect("always made");
        for later in 0..3_u16 {
            for earlier in (0..3_u16).filter(|earlier| *earlier != later) {
                let mut sum = Passing::default();
                (0..timetable.blocks.len()).for_each(|block| counts.by_gap(block, later, earlier).iter().for_each(|gap| sum += *gap));
                let cell = matrix.cells.iter().find(|cell| (cell.later, cell.earlier) == (later, earlier));
                prop_assert_eq!(cell.map_or(Passing::default(), |cell| cell.passing), sum);
            }
        }
        for pair in &matrix.cells {
            let mirror = matrix.cells.iter().find(|cell| (cell.later, cell.earlier) == (pair.earlier, pair.later)).expect("both ways");
            let passed = (pair.passing.overtakes + mirror.passing.overtakes) as f64;
            prop_assert!((pair.expected + mirror.expected - passed).abs() < 1e-9);
            prop_assert_eq!(pair.asymmetry.map(|a| a.estimate), mirror.asymmetry.map(|a| 0.0 - a.estimate));
            prop_assert_eq!(pair.undecidable, mirror.undecidable);
        }
    }

    #[test]
    fn jumps_equal_the_count_of_all_pairs(rows in prop::collection::vec(row(), 1..70), p in precision(), scope in 0..5_usize) {
        let orders = orders_of(&rows);
        let line = orders.lines(LineScope::ALL[scope]);
        let found = jumps(&orders, &table(&orders), p, LineScope::ALL[scope]);
        let mut sequence = Passing { opportunities: rows.len() as u64, overtakes: 0 };
        let mut expected = Vec::new();
        for j in 0..rows.len() {
            let passes = |i: &usize| {
                let ((ri, si), (rj, sj)) = (stamps(&orders, &p, *i), stamps(&orders, &p, j));
                line[*i] == line[j] && rj - ri > p.received_gap && si - sj > p.sent_gap
            };
            sequence.overtakes += u64::from((0..j).any(|i| passes(&i)));
            let others: Vec<usize> = (0..j).filter(|i| passes(i) && orders.matched.client[*i] != orders.matched.client[j]).collect();
            if let Some(first) = others.first() {
                let shares: i64 = others.iter().map(|i| orders.quantity[*i]).sum();
                let time = stamps(&orders, &p, j).0 - stamps(&orders, &p, *first).0;
                expected.push((j as u32, *first as u32, others.len() as u64, shares, time));
            }
        }
        let jumps: Vec<_> = found.jumps.iter().map(|j| (j.row, j.over, j.places, j.shares, j.time)).collect();
        prop_assert_eq!(jumps, expected);
        prop_assert_eq!(found.sequence, sequence);
    }

    #[test]
    fn cases_equal_the_definition(rows in prop::collection::vec(row(), 1..60), p in precision(), tau in 0..6_i64) {
        let orders = orders_of(&rows);
        let options = PriorityOptions { tau: TimeSpan(tau), window: Some(TimeSpan(10)), ..Default::default() };
        let found = trading_ahead(&orders, &table(&orders), p, &options, None);
        let m = &orders.matched;
        let mut expected = Vec::new();
        let mut exposure = [0, 0];
        let sound = |row: &usize| m.latency[*row].0 >= 0;
        for held in (0..rows.len()).filter(sound) {
            let mut of_clients = Vec::new();
            for other in (0..rows.len()).filter(sound) {
                let ((rc, sc), (rh, sh)) = (stamps(&orders, &p, held), stamps(&orders, &p, other));
                let (limit, price) = (orders.price[held], orders.price[other]);
                let same = m.instrument[held] == m.instrument[other] && orders.side[held] == orders.side[other] && m.client[held] != m.client[other];
                let buys = orders.side[held] == 1;
                let satisfied = limit == NO_PRICE || price != NO_PRICE && if buys { price <= limit } else { price >= limit };
                let passed = sc - sh > p.sent_gap && sc - sh > tau;
                let house = (orders.is_house[held], orders.is_house[other]);
                if !same || !satisfied {
                    continue;
                }
                let tie = (rh - rc).abs() <= p.received_gap;
                if tie && passed && house == (false, true) {
                    expected.push((held as u32, other as u32, CaseKind::HouseTie));
                }
                if tie || rh < rc {
                    continue;
                }
                if rh - rc <= 10 {
                    exposure[0] += u64::from(house == (false, true));
                    exposure[1] += u64::from(house == (true, false));
                }
                if passed && house == (false, true) {
                    expected.push((held as u32, other as u32, CaseKind::House));
                }
                if passed && house == (false, false) {
                    of_clients.push((sh, other));
                }
            }
            if let Some((_, first)) = of_clients.into_iter().min() {
                expected.push((held as u32, first as u32, CaseKind::Client));
            }
        }
        expected.sort_unstable();
        let mut cases: Vec<_> = found.cases.iter().map(|case| (case.held, case.ahead, case.kind)).collect();
        cases.sort_unstable();
        prop_assert_eq!(cases, expected);
        prop_assert_eq!(found.house_exposure, exposure);
        // Shares that the house sent ahead of an order never exceed its own, ties included.
        let mut of_held: BTreeMap<u32, i64> = BTreeMap::new();
        found.cases.iter().filter(|case| case.kind != CaseKind::Client).for_each(|case| *of_held.entry(case.held).or_default() += case.quantity);
        prop_assert!(of_held.iter().all(|(held, shares)| *shares <= orders.quantity[*held as usize]));
        let harmless = |case: &AheadCase| case.harm_at_most.is_none_or(|harm| harm >= 0);
        prop_assert!(found.cases.iter().all(harmless));
    }

    #[test]
    fn every_race_has_one_winner_and_pairs_are_those_of_a_plain_count(rows in prop::collection::vec(row(), 1..60), p in precision(), horizon in 0..10_i64) {
        let mut orders = orders_of(&rows);
        orders.event = (0..rows.len()).map(|row| (row / 7) as u32).collect();
        for by_event in [true, false] {
            if !by_event {
                orders.event = Vec::new();
            }
            let options = PriorityOptions { horizon: TimeSpan(horizon), ..Default::default() };
            let found = races(&orders, &table(&orders), p, &options);
            let sum = |of: fn(&crate::priority::RacingClient) -> f64| found.clients.iter().map(of).sum::<f64>();
            for total in [sum(|c| c.won), sum(|c| c.won_by_receipt), sum(|c| c.expected)] {
                prop_assert!((total - found.races as f64).abs() < 1e-6);
            }
            if !by_event {
                continue;
            }
            let (mut pairs, mut kept) = (0, 0);
            for j in 0..rows.len() {
                for i in 0..j {
                    let ((ri, si), (rj, sj)) = (stamps(&orders, &p, i), stamps(&orders, &p, j));
                    let m = &orders.matched;
                    let compete = orders.event[i] == orders.event[j] && orders.event[i] > 0 && m.instrument[i] == m.instrument[j] && m.client[i] != m.client[j];
                    if compete && rj - ri > p.received_gap && (sj - si).abs() > p.sent_gap {
                        pairs += 1;
                        kept += u64::from(sj > si);
                    }
                }
            }
            prop_assert_eq!((found.pairs, found.pairs_in_order), (pairs, kept));
        }
    }
}

/// Orders that name no price share a line, as market orders do; one whose price cannot be read is at the same price as no other.
#[test]
fn an_order_of_an_unreadable_price_stands_alone() {
    let rows = [(1, 5, 0, 0, 0, 0, 1, 0, 1), (1, 5, 1, 1, 0, 0, 1, 0, 1), (1, 5, 0, 2, 0, 0, 1, 0, 1), (1, 5, 1, 3, 0, 0, 1, 0, 1)];
    let orders = PriorityOrders { unread_price: vec![false, true, false, true], ..orders_of(&rows) };
    let line = orders.lines(LineScope::SamePrice);
    assert_eq!(line[0], line[2]);
    assert!(line[1] != line[0] && line[3] != line[0] && line[1] != line[3]);
    let side = orders.lines(LineScope::InstrumentSide);
    assert!(side.iter().all(|other| *other == side[0]));
}

/// A client's 1,000 shares held, two house orders that traded 500 each before it, and 500 of the client's filled in time as well as theirs:
/// one half is healed, once, and the other is a case.
#[test]
fn what_heals_one_order_ahead_does_not_heal_the_next() {
    let orders = orders_of(&[(0, 10, 0, 1, 0, 0, 1, 1, 1), (1, 2, 1, 0, 0, 0, 1, 1, 1), (1, 2, 1, 0, 0, 0, 1, 1, 1)]);
    let at = orders.matched.received_at[0].0;
    let fill = |row: u32, after: i64| Fill { row, at: at + after, price: 10_000, quantity: 500 };
    let options = PriorityOptions { tau: TimeSpan(0), tau_executions: TimeSpan(100), ..Default::default() };
    let case = |fills: &[Fill]| {
        let found = trading_ahead(&orders, &table(&orders), Precision::default(), &options, Some(fills));
        found.cases.iter().map(|case| (case.held, case.kind, case.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(case(&[fill(0, 30), fill(1, 20), fill(2, 21)]), [(0, CaseKind::House, 500)]);
    assert_eq!(case(&[fill(1, 20), fill(2, 21)]), [(0, CaseKind::House, 500), (0, CaseKind::House, 500)]);
    assert_eq!(case(&[fill(0, 30), fill(0, 31), fill(1, 20), fill(2, 21)]), []);
}
