//! Worlds of mixtures, after those by which a third expert had harm cleared and fair gateways accused: orders where the other group sends few, a
//! slow kind beside a quick one, gateways that idle, costly orders ahead, slow seconds, few clients against many, holding for who is close behind.

use crate::fairness::queues::uniform;
use crate::fairness::tests::{Row, SECOND, START, codes, judge, judged, orders_of, pair};
use crate::fairness::*;
use crate::record::UNKNOWN_GROUP;

const DAYS: u64 = 6;

/// Second `at` of so many a day, from 09:00 to 13:20, with up to a second more.
fn moment(at: u64, a_day: u64) -> i64 {
    let (day, place) = (at / a_day, at % a_day);
    START + day as i64 * 86_400 * SECOND + (place * 15_600 / a_day) as i64 * SECOND + (uniform(at, 15) * 1e9) as i64
}

/// One clock, and all orders of a kind in one line.
fn options(tail: f64, overtaking: f64) -> FairnessOptions {
    let margins = Margins { tail, overtaking, ..Margins::default() };
    let clocks = ClockUncertainty { one_clock: true, ..ClockUncertainty::default() };
    FairnessOptions { margins, clocks, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() }
}

/// Judged by medians and tails alone.
fn in_one_line(rows: &[Row]) -> Assessment {
    judge(&orders_of(rows), &Evidence::default(), &options(0.005, 0.5))
}

#[track_caller]
fn assert_fair(found: &Assessment) {
    let found = pair(found, "g000", "g001");
    assert_eq!(found.verdict, Verdict::Fair, "{:?}", found.reasons);
}

/// Both groups of two orders a moment, 40 us and up to 10 us; eight clients a group.
fn plain(orders: u64, further: impl Fn(u64, &mut Row)) -> Vec<Row> {
    let row = |at: u64| {
        let group = (uniform(at, 0) * 2.0) as u16;
        let client = u32::from(group) * 8 + (uniform(at, 1) * 8.0) as u32;
        let received = moment(at / 2, orders / 2 / DAYS) + (uniform(at, 2) * 1e6) as i64;
        let mut row = (received, 40_000 + (uniform(at, 3) * 10_000.0) as i64, group, client, 0, 0, 0);
        further(at, &mut row);
        row
    };
    (0..orders).map(row).collect()
}

/// Six orders in ten of B are for instruments in which A sends one for twenty-five: they weigh next to nothing, and are held.
#[test]
fn what_weighs_next_to_nothing_is_not_fair_when_it_is_held() {
    let found = |held: i64| {
        let rows = plain(48_000, |at, row| {
            let thin = uniform(at, 4) < if row.2 == 1 { 0.6 } else { 0.025 };
            row.4 = if thin { 4 } else { (uniform(at, 5) * 4.0) as u32 };
            row.1 += held * i64::from(thin && row.2 == 1);
        });
        in_one_line(&rows)
    };
    let held = found(300_000);
    let held = pair(&held, "g000", "g001");
    let gap = held.median_gap.expect("estimated");
    assert!(gap.p_fair < 0.05 && gap.estimate.abs() < gap.margin, "{gap:?}");
    assert_eq!(
        (held.verdict, codes(held).first().copied().unwrap_or_default()),
        (Verdict::Inconclusive, "beyond_own_mix"),
        "{:?}",
        held.reasons
    );
    assert!(held.reasons[0].en.contains("each order of g001 counts alike"), "{:?}", held.reasons);
    assert_fair(&found(0));
}

/// Six orders in ten are of a kind that takes 8 ms; a tenth of that is twenty times what the other kind takes, which B's wait longer.
#[test]
fn a_slow_kind_lends_its_margin_to_no_other() {
    let found = |held: i64| {
        let rows = plain(48_000, |at, row| {
            row.5 = u16::from(uniform(at, 4) < 0.6);
            row.1 += if row.5 == 1 { 8_000_000 + (uniform(at, 5) * 2e6) as i64 } else { held * i64::from(row.2) };
        });
        judge(&orders_of(&rows), &Evidence::default(), &options(0.5, 0.5))
    };
    let held = found(200_000);
    let held = pair(&held, "g000", "g001");
    let gap = held.median_gap.expect("estimated");
    assert!(gap.p_fair < 0.05 && gap.margin > 500_000.0, "{gap:?}");
    assert_eq!(
        (held.verdict, codes(held).first().copied().unwrap_or_default()),
        (Verdict::Inconclusive, "part_beyond"),
        "{:?}",
        held.reasons
    );
    assert!(held.reasons[0].en.contains("orders of kind k000"), "{:?}", held.reasons);
    assert_fair(&found(0));
}

/// Slow orders of no known group, one in two hundred of all and so one in twenty of what B sends.
#[test]
fn slow_orders_of_no_group_are_not_fair_to_the_smaller_one() {
    let found = |slow: i64| {
        let mut rows = plain(48_000, |at, row| {
            row.2 = u16::from(uniform(at, 4) < 0.1);
            row.3 = u32::from(row.2) * 8 + row.3 % 8;
        });
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| at.is_multiple_of(200)) {
            (row.2, row.3) = (2, 16);
            row.1 += slow * (1 + at as i64 % 2);
        }
        let mut orders = orders_of(&rows);
        orders.names.groups[2] = UNKNOWN_GROUP.to_owned();
        judge(&orders, &Evidence::default(), &options(0.01, 0.5))
    };
    let slow = found(2_000_000);
    let slow = pair(&slow, "g000", "g001");
    assert_eq!((slow.verdict, codes(slow)[0]), (Verdict::Inconclusive, "unknown_orders"), "{:?}", slow.reasons);
    assert_fair(&found(0));
}

/// Orders of B come singly, those of A mostly 300 us behind one of B's; one in four of either the other way round.
/// `cold`: what an order costs before which nothing came for 5 ms; `held`: what B's cost beside.
fn starts_and_follows(cold: i64, held: i64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..12_000_u64 {
        let turned = u16::from(uniform(at, 0) < 0.25);
        for (place, group) in [(0, 1 - turned), (1, turned)] {
            let draw = |k: u64| uniform(at, 1 + 4 * place + k);
            let client = u32::from(group) * 8 + (draw(0) * 8.0) as u32;
            let received = moment(at, 12_000 / DAYS) + place as i64 * 300_000;
            let latency = 40_000 + (draw(1) * 10_000.0) as i64 + cold * i64::from(place == 0) + held * i64::from(group);
            rows.push((received, latency, group, client, 0, 0, 0));
        }
    }
    rows
}

#[test]
fn a_gateway_slow_after_idling_accuses_nobody_and_a_delay_beside_it_does() {
    let found = judged(&starts_and_follows(60_000, 0));
    let found = pair(&found, "g000", "g001");
    let gap = found.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-3, "{gap:?}");
    assert_eq!((found.verdict, codes(found).contains(&"within_quiet")), (Verdict::Inconclusive, true), "{:?}", found.reasons);
    let harmed = judged(&starts_and_follows(60_000, 40_000));
    let harmed = pair(&harmed, "g000", "g001");
    assert_eq!((harmed.verdict, codes(harmed).contains(&"quiet_unchecked")), (Verdict::Unfair, false), "{:?}", harmed.reasons);
}

/// Two orders 5 us apart through one first-come queue; the first is a costly replacement for one client in ten of A, nine in ten of B.
fn behind_replacements(cost: i64, held: i64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..14_000_u64 {
        let draw = |k: u64| uniform(at, k);
        let group = (at % 2) as u16;
        let client = u32::from(group) * 8 + (draw(0) * 8.0) as u32;
        let kind = u16::from(draw(1) < if group == 1 { 0.9 } else { 0.1 });
        let received = moment(at, 14_000 / DAYS);
        let first = 12_000 + cost * i64::from(kind) + (draw(2) * 4_000.0) as i64;
        let second = (first - 5_000).max(0) + 12_000 + (draw(3) * 4_000.0) as i64;
        let held = held * i64::from(group);
        rows.push((received, first + held, group, client, 0, kind, 0));
        rows.push((received + 5_000, second + held, group, client, 0, 0, 0));
    }
    rows
}

#[test]
fn standing_behind_costly_orders_accuses_nobody_and_a_delay_beside_it_does() {
    let found = judged(&behind_replacements(100_000, 0));
    let found = pair(&found, "g000", "g001");
    let gap = found.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-3, "{gap:?}");
    assert_eq!((found.verdict, codes(found).contains(&"within_work")), (Verdict::Inconclusive, true), "{:?}", found.reasons);
    let harmed = judged(&behind_replacements(100_000, 60_000));
    let harmed = pair(&harmed, "g000", "g001");
    assert_eq!(harmed.verdict, Verdict::Unfair, "{:?}", harmed.reasons);
}

/// In two seconds of every twenty the gateway is 80 us slower for all, and B sends sixteen times as many orders then.
#[test]
fn slow_seconds_accuse_nobody_and_a_delay_beside_them_does() {
    let found = |held: i64| {
        let mut rows: Vec<Row> = Vec::new();
        for second in 0..7_800 * DAYS {
            let slow = second % 20 < 2;
            for group in 0..2_u16 {
                let orders = if slow && group == 1 { 16 } else { 1 };
                for order in 0..orders {
                    let draw = |k: u64| uniform((second * 2 + u64::from(group)) * 16 + order, k);
                    let received =
                        START + (second / 7_800) as i64 * 86_400 * SECOND + (second % 7_800 * 2) as i64 * SECOND + (draw(0) * 9e8) as i64;
                    let latency = 40_000 + (draw(1) * 10_000.0) as i64 + 80_000 * i64::from(slow) + held * i64::from(group);
                    rows.push((received, latency, group, u32::from(group) * 8 + (draw(2) * 8.0) as u32, 0, 0, 0));
                }
            }
        }
        judged(&rows)
    };
    let slow = found(0);
    let slow = pair(&slow, "g000", "g001");
    let gap = slow.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-3, "{gap:?}");
    assert_eq!((slow.verdict, codes(slow).contains(&"within_second")), (Verdict::Inconclusive, true), "{:?}", slow.reasons);
    let harmed = found(60_000);
    let harmed = pair(&harmed, "g000", "g001");
    assert_eq!(harmed.verdict, Verdict::Unfair, "{:?}", harmed.reasons);
}

/// Three clients of A against sixty of B, of whom every second stands 45 us further: the three are near by chance.
#[test]
fn three_clients_alike_by_chance_are_not_favoured_over_many_who_differ() {
    let found = |far: fn(u32) -> i64| {
        let rows = plain(36_000, |at, row| {
            let client = if row.2 == 0 { (uniform(at, 4) * 3.0) as u32 } else { 3 + (uniform(at, 4) * 60.0) as u32 };
            row.3 = client;
            row.1 += if row.2 == 0 { 0 } else { far(client) };
        });
        in_one_line(&rows)
    };
    let every_second = found(|client| 45_000 * i64::from(client % 2 == 0));
    let every_second = pair(&every_second, "g000", "g001");
    assert_ne!(every_second.verdict, Verdict::Unfair, "{:?}", every_second.reasons);
    let all = found(|_| 45_000);
    assert_eq!(pair(&all, "g000", "g001").verdict, Verdict::Unfair);
}

/// Orders of both groups 20 us apart, 200 times a day among many farther apart; the one that came first is held behind the other in six of
/// ten where it is B's, in `natural` of ten otherwise.
#[test]
fn holding_orders_for_those_close_behind_is_not_fair_however_rare() {
    let found = |held: f64, natural: f64| {
        let mut rows = plain(96_000, |_, _| ());
        for at in 0..1_200_u64 {
            let start = moment(at, 1_200 / DAYS) + 1_500_000_000;
            let first = (uniform(at, 0) * 2.0) as u16;
            let passed = uniform(at, 1) < if first == 1 { held } else { natural };
            let latency = |k: u64| 40_000 + (uniform(at, k) * 2_000.0) as i64;
            let client = |group: u16, k: u64| u32::from(group) * 8 + (uniform(at, k) * 8.0) as u32;
            rows.push((start, latency(2) + 45_000 * i64::from(passed), first, client(first, 3), 0, 0, 0));
            rows.push((start + 20_000, latency(4), 1 - first, client(1 - first, 5), 0, 0, 0));
        }
        judge(&orders_of(&rows), &Evidence::default(), &options(0.05, 0.04))
    };
    let held = found(0.6, 0.1);
    let held = pair(&held, "g000", "g001");
    assert_eq!(
        (held.verdict, codes(held).first().copied().unwrap_or_default()),
        (Verdict::Inconclusive, "passing_close_by"),
        "{:?}",
        held.reasons
    );
    assert_fair(&found(0.1, 0.1));
}
