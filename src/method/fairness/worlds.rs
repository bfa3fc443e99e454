//! Worlds in which a stranger found a false accusation or a false clearance.

use crate::fairness::tests::{Row, SECOND, START, codes, judge, judged, orders_of, pair, sample, splitmix};
use crate::fairness::*;
use crate::record::TimeSpan;

/// Judged with all orders of a kind in one line.
fn in_one_line(rows: &[Row], margins: Margins) -> Assessment {
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    judge(&orders_of(rows), &Evidence::default(), &options)
}

/// Two orders every three seconds on four days, five clients a group. In the first half of every half hour A sends four orders in
/// five, later three in ten; `latency` has the group and whether it is such a minute.
fn by_minute(latency: impl Fn(u16, bool) -> i64) -> Vec<Row> {
    let rows = (0..8 * 7_800_i64).map(|i| {
        let u: Vec<u64> = (0..4).map(|k| splitmix(4 * i as u64 + k)).collect();
        let (day, step) = (i / 2 / 7_800, i / 2 % 7_800);
        let early = step * 3 % 1_800 < 900;
        let group = u16::from(u[0] % 10 >= if early { 8 } else { 3 });
        let client = u32::from(group) * 5 + (u[1] % 5) as u32;
        let received = START + day * 86_400 * SECOND + step * 3 * SECOND + (u[2] % 1_000_000) as i64;
        (received, latency(group, early) + (u[3] % 8_192) as i64, group, client, 0, 0, 0)
    });
    rows.collect()
}

/// What every minute does to all makes a difference between groups that trade at different minutes; finer slots take it away again.
#[test]
fn a_difference_of_minutes_inside_a_slot_accuses_and_clears_nobody() {
    let slow_minutes = judged(&by_minute(|_, early| 40_000 + 60_000 * i64::from(early)));
    let favoured = pair(&slow_minutes, "g001", "g000");
    let gap = favoured.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-6 && gap.estimate > 2.0 * gap.margin, "{gap:?}");
    assert_eq!((favoured.verdict, codes(favoured)[0]), (Verdict::Inconclusive, "within_slot"), "{favoured:#?}");
    let [slot, finer] = [1_800, 300].map(|seconds| format!("in slots of {}", TimeSpan(seconds * SECOND)));
    assert!(favoured.reasons[0].en.contains(&slot) && favoured.reasons[0].en.contains(&finer), "{}", favoured.reasons[0].en);

    // Each order of B is held as long as the slow minutes hold A's on the whole.
    let held = 20_000;
    let options = FairnessOptions { overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let harmed = judge(&orders_of(&by_minute(|group, _| 40_000 + held * i64::from(group))), &Evidence::default(), &options);
    let harmed = pair(&harmed, "g000", "g001");
    assert_eq!((harmed.verdict, codes(harmed).contains(&"slot_unchecked")), (Verdict::Unfair, false), "{harmed:#?}");
}

/// B is held, and sends in the quick minutes: over half an hour the medians are the same.
#[test]
fn minutes_that_hide_a_delay_do_not_make_it_fair() {
    let margins = Margins { tail: 0.5, overtaking: 0.5, ..Margins::default() };
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let hidden = by_minute(|group, early| 40_000 + 20_000 * i64::from(early) + 20_000 * i64::from(group));
    let found = judge(&orders_of(&hidden), &Evidence::default(), &options);
    let found = pair(&found, "g000", "g001");
    assert!(found.median_gap.expect("estimated").estimate.abs() < 5_000.0, "{found:#?}");
    assert_eq!((found.verdict, codes(found)[0]), (Verdict::Inconclusive, "within_slot"), "{found:#?}");
    let alike = judge(&orders_of(&by_minute(|_, _| 40_000)), &Evidence::default(), &options);
    assert_eq!(pair(&alike, "g000", "g001").verdict, Verdict::Fair);
}

/// Where no five minutes hold both groups in one cell, the verdict says that nobody looked.
#[test]
fn an_accusation_says_where_finer_slots_cannot_be_looked_at() {
    let found = judged(&sample(12_000, 30_000, 5));
    assert!(!codes(pair(&found, "g000", "g001")).contains(&"slot_unchecked"));
    let mut apart = by_minute(|group, _| 40_000 + 30_000 * i64::from(group));
    apart.retain(|row| row.0 / SECOND / 300 % 2 == i64::from(row.2));
    let found = judged(&apart);
    let found = pair(&found, "g000", "g001");
    assert_eq!((found.verdict, codes(found).contains(&"slot_unchecked")), (Verdict::Unfair, true), "{found:#?}");
}

/// Five clients a group send at the same 6,000 instants of four days, each one order or a burst of six; A bursts one time in four, B three
/// times in four. Each client has a queue of its own, whose orders leave so many nanoseconds after one another.
pub(super) fn own_queues(apart: [i64; 2]) -> Vec<Row> {
    let mut rows = Vec::new();
    for event in 0..6_000_u64 {
        let start = START + (event / 1_500) as i64 * 86_400 * SECOND + (event % 1_500) as i64 * 15 * SECOND;
        for client in 0..10_u64 {
            let draw = |k: u64| splitmix((event * 10 + client) * 8 + k);
            let group = client / 5;
            let orders = if draw(0) % 4 < 1 + 2 * group { 6 } else { 1 };
            let received = |order: i64| start + (draw(1) % 262_144) as i64 + order * 4_000;
            rows.extend((0..orders).map(|order| {
                let latency = 40_000 + (draw(2 + order as u64) % 4_096) as i64 + order * (apart[group as usize] - 4_000).max(0);
                (received(order), latency, group as u16, client as u32, 0, 0, 0)
            }));
        }
    }
    rows
}

/// The same limit for every client makes those wait who send in bursts: nobody is favoured. A limit that is stricter for B accuses, and so
/// does one that only B has: what A's orders never do, wait for each other, is no excuse for B's.
#[test]
fn a_limit_for_each_client_accuses_nobody_unless_it_is_stricter_for_a_group() {
    let found = judged(&own_queues([20_000, 20_000]));
    let alike = pair(&found, "g000", "g001");
    let [gap, overtaking] = [alike.median_gap, alike.overtaking].map(|effect| effect.expect("estimated"));
    assert!(gap.p_unfair_holm < 1e-3 && overtaking.p_unfair_holm < 1e-3, "{gap:?} {overtaking:?}");
    assert_eq!(
        (alike.verdict, codes(alike)[..2].to_vec()),
        (Verdict::Inconclusive, vec!["within_burst", "overtaking_within_burst"]),
        "{alike:#?}"
    );
    for apart in [[20_000, 40_000], [0, 30_000]] {
        let found = judged(&own_queues(apart));
        let stricter = pair(&found, "g000", "g001");
        assert_eq!((stricter.verdict, codes(stricter).contains(&"burst_unchecked")), (Verdict::Unfair, false), "{apart:?} {stricter:#?}");
    }
}

/// Where every order of one group follows another of its client and none of the other group does, or nobody knows whose orders they are, the
/// verdict says that nobody looked.
#[test]
fn an_accusation_says_where_bursts_cannot_be_looked_at() {
    let mut rows = sample(12_000, 30_000, 5);
    let ahead = rows.iter().filter(|row| row.2 == 1).map(|row| (row.0 - 1, 40_000, row.2, row.3, row.4, 2, row.6));
    rows.extend(ahead.collect::<Vec<_>>());
    let is_said = |orders: &crate::record::MatchedOrders| {
        let found = judge(orders, &Evidence::default(), &FairnessOptions::default());
        let found = pair(&found, "g000", "g001");
        assert_eq!(found.verdict, Verdict::Unfair, "{found:#?}");
        codes(found).contains(&"burst_unchecked")
    };
    assert!(is_said(&orders_of(&rows)));
    assert!(!is_said(&orders_of(&sample(48_000, 30_000, 5))));
    // Four clients in five of B are named by nothing.
    let mut nameless = orders_of(&sample(12_000, 30_000, 15));
    let code = nameless.names.clients.len() as u32;
    nameless.names.clients.push(String::new());
    for (client, group) in nameless.client.iter_mut().zip(&nameless.group) {
        if *group == 1 && *client % 5 > 0 {
            *client = code;
        }
    }
    assert!(is_said(&nameless));
}

/// A strict first-come queue under bursts of some hundred orders; clients of A react in 40 us on average, those of B in 120.
#[test]
fn whoever_reacts_later_to_a_burst_is_not_treated_worse() {
    let mut rows = Vec::new();
    for burst in 0..10 * 40_u64 {
        let draw = |order: u64, k: u64| splitmix(1_000_000 + (burst * 1_000 + order) * 4 + k);
        let start = START + (burst / 40) as i64 * 86_400 * SECOND + (burst % 40) as i64 * 300 * SECOND;
        let mut arrivals: Vec<(i64, u16, u32)> = (0..60 + draw(999, 0) % 120)
            .map(|order| {
                let group = (draw(order, 0) % 2) as u16;
                let uniform = (draw(order, 1) % 1_000_000 + 1) as f64 / 1_000_001.0;
                let mean = if group == 0 { 40_000.0 } else { 120_000.0 };
                (start - (mean * libm::log(uniform)) as i64, group, u32::from(group) * 12 + (draw(order, 2) % 12) as u32)
            })
            .collect();
        arrivals.sort_unstable();
        let mut free = 0;
        for (at, group, client) in arrivals {
            free = free.max(at) + 4_000;
            rows.push((at, free - at, group, client, 0, 0, 0));
        }
    }
    let found = judged(&rows);
    let found = pair(&found, "g000", "g001");
    let gap = found.median_gap.expect("estimated");
    assert!(found.raw_median_gap.expect("both trade") > 50_000.0 && gap.estimate.abs() < gap.margin, "{found:#?}");
    assert_ne!(found.verdict, Verdict::Unfair);
}

/// Two orders 10 us apart every two seconds, one of each group, in a first-come queue of 30 us; an order of A that comes second is sent
/// first with the chance of its desk, in thousandths. B has forty clients.
fn desks(chances: &[u64]) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in 0..10 * 3_900_u64 {
        let u: Vec<u64> = (0..4).map(|k| splitmix(9_000_000 + 4 * step + k)).collect();
        let at = START + (step / 3_900) as i64 * 86_400 * SECOND + (step % 3_900) as i64 * 6 * SECOND;
        let (desk, client) = (u[0] % chances.len() as u64, chances.len() as u64 + u[1] % 40);
        let a_second = u[2].is_multiple_of(2);
        let passes = a_second && u[3] % 1_000 < chances[desk as usize];
        let mut add = |second: bool, group: u16, client: u64| {
            let latency = 30_000 + (splitmix(u[3] + u64::from(group)) % 4_000) as i64 + if second && passes { -15_000 } else { 0 };
            rows.push((at + 10_000 * i64::from(second), latency, group, client as u32, 0, 0, 0));
        };
        add(a_second, 0, desk);
        add(!a_second, 1, client);
    }
    rows
}

/// The spread among the favoured desks does not hide that all of them are favoured.
#[test]
fn desks_that_are_favoured_unevenly_are_found_by_their_order() {
    let found = in_one_line(&desks(&[1_000, 200, 200]), Margins::default());
    let found = pair(&found, "g000", "g001");
    let overtaking = found.overtaking.expect("estimated");
    assert!(overtaking.p_unfair_holm > 0.05, "{overtaking:?}");
    assert_eq!((found.verdict, codes(found)), (Verdict::Unfair, vec!["clients_in_order"]), "{found:#?}");
    // One desk alone is that desk's affair.
    let found = in_one_line(&desks(&[1_000, 0, 0]), Margins::default());
    let found = pair(&found, "g000", "g001");
    assert_ne!(found.verdict, Verdict::Unfair);
}

/// A passes whenever it has the chance, which it rarely has: the share of pairs is within the margin, and yet it is not fair.
#[test]
fn passing_that_goes_one_way_is_not_fair_however_rare() {
    let margins = || Margins { tail: 0.5, ..Margins::default() };
    let found = in_one_line(&desks(&[12; 8]), margins());
    let found = pair(&found, "g000", "g001");
    let overtaking = found.overtaking.expect("estimated");
    assert!(overtaking.estimate > 0.005 && overtaking.p_fair < 0.05, "{overtaking:?}");
    assert_eq!((found.verdict, codes(found)), (Verdict::Inconclusive, vec!["passing_one_way"]));
    assert!(found.reasons[0].en.contains("the reverse happened 0 times"), "{}", found.reasons[0].en);
    let none = in_one_line(&desks(&[0; 8]), margins());
    let none = pair(&none, "g000", "g001");
    assert_eq!((none.verdict, codes(none)), (Verdict::Fair, vec![]), "{:?}", none.reasons);
}

/// What all orders say stands only where the first order of each receipt says it too.
#[test]
fn a_verdict_that_later_orders_make_is_taken_back() {
    let (unfair, alike) = (judged(&sample(12_000, 30_000, 5)), judged(&sample(12_000, -3_000, 5)));
    let held = |of: &Assessment, first: &Assessment| {
        let mut held = of.clone();
        held.hold_against_first_orders(first);
        held
    };
    assert_eq!(held(&unfair, &unfair), unfair);
    assert!(unfair.says_anything());
    let taken_back = held(&unfair, &alike);
    for pair in &taken_back.pairs {
        assert_eq!((pair.verdict, pair.reasons[0].code), (Verdict::Inconclusive, "later_orders"));
    }
    let mut fair = alike.clone();
    fair.pairs.iter_mut().for_each(|pair| pair.verdict = Verdict::Fair);
    assert_eq!(held(&fair, &alike), fair);
    assert!(held(&fair, &unfair).pairs.iter().all(|pair| pair.verdict == Verdict::Inconclusive));
}

/// One order in twelve of B is of a kind that is held by 60 us: no decile of all orders sees it.
#[test]
fn a_kind_of_orders_that_is_held_is_not_fair_though_all_together_are_within_the_margins() {
    let margins = || Margins { tail: 0.5, overtaking: 0.5, ..Margins::default() };
    let of_two_kinds = |held: i64| {
        let mut rows = by_minute(|_, _| 40_000);
        for (at, row) in rows.iter_mut().enumerate() {
            row.5 = u16::from(splitmix(at as u64).is_multiple_of(12));
            row.1 += held * i64::from(row.5 == 1 && row.2 == 1);
        }
        in_one_line(&rows, margins())
    };
    let found = of_two_kinds(60_000);
    let found = pair(&found, "g000", "g001");
    assert!(found.median_gap.expect("estimated").estimate.abs() < 5_000.0);
    assert_eq!((found.verdict, codes(found)[0]), (Verdict::Inconclusive, "part_beyond"), "{:?}", found.reasons);
    assert!(found.reasons[0].en.contains("over all days, orders of kind k001"), "{:?}", found.reasons);
    assert_eq!(pair(&of_two_kinds(0), "g000", "g001").verdict, Verdict::Fair);
}

/// Orders of B in the first half hour of each day, those for one instrument in twelve, and those of one client in twenty, are held by 60 us.
#[test]
fn the_opening_an_instrument_or_a_client_that_is_held_is_not_fair() {
    let margins = || Margins { tail: 0.5, overtaking: 0.5, ..Margins::default() };
    let held = |is_held: fn(&Row) -> bool| {
        let mut rows = by_minute(|_, _| 40_000);
        for (at, row) in rows.iter_mut().enumerate() {
            row.4 = u32::from(splitmix(at as u64).is_multiple_of(12));
            row.3 = u32::from(row.2) * 20 + (splitmix(at as u64 + 1_000_000) % 20) as u32;
            row.1 += 60_000 * i64::from(row.2 == 1 && is_held(row));
        }
        in_one_line(&rows, margins())
    };
    for (is_held, words) in [
        ((|row| (row.0 - START).rem_euclid(86_400 * SECOND) < 1_800 * SECOND) as fn(&Row) -> bool, "received within 30m from 09:00"),
        (|row| row.4 == 1, "orders for i001"),
        (|row| row.3 == 27, "orders of client c027"),
    ] {
        let found = held(is_held);
        let found = pair(&found, "g000", "g001");
        assert!(found.median_gap.expect("estimated").estimate.abs() < 5_000.0);
        assert_eq!((found.verdict, codes(found)[0]), (Verdict::Inconclusive, "part_beyond"), "{:?}", found.reasons);
        assert!(found.reasons[0].en.contains(words), "{:?}", found.reasons);
    }
    assert_eq!(pair(&held(|_| false), "g000", "g001").verdict, Verdict::Fair);
}
