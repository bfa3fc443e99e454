//! Worlds of queues, after those by which an opposing expert had fair gateways accused and unfair ones cleared.

use crate::fairness::tests::{Row, SECOND, START, codes, judge, judged, orders_of, pair, splitmix};
use crate::fairness::*;

/// An order on its way: received, group, client, instrument.
type Arrival = (i64, u16, u32, u32);

const CLIENTS: u64 = 20;

/// Draws by place, not by turn, uniform from 0 below 1.
pub(super) fn uniform(at: u64, k: u64) -> f64 {
    (splitmix(at * 16 + k) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The opening second of one of a day's `events`, spread over 09:00 to 13:20.
fn event(day: u64, at: u64, events: u64) -> i64 {
    START + day as i64 * 86_400 * SECOND + (at * 15_600 / events) as i64 * SECOND
}

/// One first-come queue for each line that `line_of` tells; `service` nanoseconds an order, a third more or less, and a way out of 4 us.
fn through(mut arrivals: Vec<Arrival>, service: i64, line_of: impl Fn(&Arrival) -> u32) -> Vec<Row> {
    arrivals.sort_unstable();
    let mut free = std::collections::BTreeMap::<u32, i64>::new();
    let mut rows: Vec<Row> = Vec::with_capacity(arrivals.len());
    for (at, arrival) in arrivals.into_iter().enumerate() {
        let (received, group, client, instrument) = arrival;
        let free = free.entry(line_of(&arrival)).or_insert(0);
        *free = received.max(*free) + service * 2 / 3 + (uniform(at as u64, 9) * service as f64 * 2.0 / 3.0) as i64;
        let out = 2_000 + (uniform(at as u64, 10) * 4_000.0) as i64;
        rows.push((received, *free + out - received, group, client, instrument, 0, 0));
    }
    rows
}

/// Sixty clients of either group send one order each at every event; those of A some 150 us before those of B.
#[test]
fn a_queue_that_is_short_for_the_quick_accuses_nobody() {
    let mut arrivals = Vec::new();
    for (number, day) in (0..6).flat_map(|day| (0..60).map(move |at| (day * 60 + at, day))) {
        let start = event(day, number % 60, 60);
        for client in 0..120 {
            let draw = |k: u64| uniform(number * 120 + client, k);
            let group = (client / 60) as u16;
            let spread = (draw(0) + draw(1) + draw(2) - 1.5) * 120_000.0;
            arrivals.push((start + [200_000, 350_000][usize::from(group)] + spread as i64, group, client as u32, 0));
        }
    }
    let found = judged(&through(arrivals, 12_000, |_| 0));
    let found = pair(&found, "g000", "g001");
    let gap = found.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-3 && gap.estimate > 2.0 * gap.margin, "{gap:?}");
    assert_eq!((found.verdict, codes(found)[0]), (Verdict::Inconclusive, "within_load"), "{:?}", found.reasons);
}

/// Every instrument has a queue of its own. A slices in one instrument, B sends as many orders for as many instruments; all are served alike.
fn slices_and_baskets(held: i64) -> Vec<Row> {
    let mut arrivals = Vec::new();
    for (number, day) in (0..6).flat_map(|day| (0..2_600).map(move |at| (day * 2_600 + at, day))) {
        let draw = |k: u64| uniform(number, k);
        let group = (number % 2) as u16;
        let (client, first) = (u32::from(group) * 8 + (draw(0) * 8.0) as u32, (draw(1) * 12.0) as u32);
        let mut at = event(day, number % 2_600, 2_600) + (draw(2) * 1e9) as i64;
        for order in 0..1 + (draw(3) * 8.0) as u32 {
            arrivals.push((at, group, client, (first + order * u32::from(group)) % 12));
            at += 3_000 + (uniform(number * 8 + u64::from(order), 4) * 6_000.0) as i64;
        }
    }
    let mut rows = through(arrivals, 15_000, |arrival| arrival.3);
    rows.iter_mut().for_each(|row| row.1 += held * i64::from(row.2 == 0));
    rows
}

#[test]
fn a_queue_for_each_instrument_accuses_nobody_and_a_delay_beside_it_does() {
    let found = judged(&slices_and_baskets(0));
    let found = pair(&found, "g001", "g000");
    let gap = found.median_gap.expect("estimated");
    assert!(gap.p_unfair_holm < 1e-3, "{gap:?}");
    assert_eq!((found.verdict, codes(found).contains(&"within_line")), (Verdict::Inconclusive, true), "{:?}", found.reasons);
    let harmed = judged(&slices_and_baskets(40_000));
    let harmed = pair(&harmed, "g001", "g000");
    assert_eq!(harmed.verdict, Verdict::Unfair, "{:?}", harmed.reasons);
}

/// Single orders of both groups, and baskets of a hundred, 25 us apart. An order of B leaves no sooner than `apart` after the one before of
/// its client: held orders are a load in which nobody of A is.
fn baskets(apart: i64) -> Assessment {
    let mut arrivals = Vec::new();
    for (number, day) in (0..8).flat_map(|day| (0..3_000).map(move |at| (day * 3_000 + at, day))) {
        let start = event(day, number % 3_000, 3_000);
        for group in 0..2_u16 {
            let draw = |k: u64| uniform(number * 2 + u64::from(group), k);
            let client = u32::from(group) * 8 + (draw(0) * 8.0) as u32;
            let at = start + (draw(1) * 1_500_000.0) as i64;
            arrivals.push((at, group, client, 0));
            if number % 375 == 0 {
                let later = start + 1_000_000_000 * (1 + i64::from(group));
                arrivals.extend((0..100).map(|order| (later + order * 25_000, group, client, 0)));
            }
        }
    }
    let mut left = [0_i64; CLIENTS as usize];
    arrivals.sort_unstable();
    let held: Vec<i64> = arrivals
        .iter()
        .map(|(at, group, client, _)| {
            let left = &mut left[*client as usize];
            *left = if *group == 1 { (*at).max(*left + apart) } else { *at };
            *left - at
        })
        .collect();
    let mut rows = through(arrivals, 8_000, |_| 0);
    rows.iter_mut().zip(held).for_each(|(row, held)| row.1 += held);
    judge(
        &orders_of(&rows),
        &Evidence::default(),
        &FairnessOptions { overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() },
    )
}

#[test]
fn a_limit_whose_victims_find_no_counterpart_is_not_fair() {
    let limited = baskets(100_000);
    let limited = pair(&limited, "g000", "g001");
    let [gap, tail] = [limited.median_gap, limited.tail_excess].map(|effect| effect.expect("estimated"));
    assert!(gap.p_fair < 0.05 && tail.p_fair < 0.05, "{gap:?} {tail:?}");
    assert_eq!((limited.verdict, codes(limited)[0]), (Verdict::Inconclusive, "beyond_without_load"), "{:?}", limited.reasons);
    let free = baskets(0);
    assert_eq!(pair(&free, "g000", "g001").verdict, Verdict::Fair, "{:?}", pair(&free, "g000", "g001").reasons);
}

/// Ten clients a group, some of them 60 us further away, whatever their group: four of A's and six of B's.
#[test]
fn clients_on_two_humps_do_not_make_a_median_accuse() {
    let far = |client: u64| [1, 4, 6, 9, 10, 11, 13, 15, 16, 18].contains(&client);
    let rows_of = |delay: fn(bool, u64) -> i64| {
        let rows = (0..40_000_u64).map(|order| {
            let draw = |k: u64| uniform(order, k);
            let client = (draw(0) * 20.0) as u64;
            let received = event(order / 5_000, order % 5_000, 5_000) + (draw(1) * 1e9) as i64;
            let latency = 30_000 + (draw(2) * 10_000.0) as i64 + delay(far(client), client / 10);
            (received, latency, (client / 10) as u16, client as u32, 0, 0, 0)
        });
        rows.collect::<Vec<Row>>()
    };
    let found = judged(&rows_of(|far, _| 60_000 * i64::from(far)));
    let found = pair(&found, "g000", "g001");
    let gap = found.median_gap.expect("estimated");
    assert!(gap.estimate > 4.0 * gap.margin && gap.p_unfair_holm > 0.05, "{gap:?}");
    assert_eq!(found.verdict, Verdict::Inconclusive, "{:?}", found.reasons);
    let harmed = judged(&rows_of(|_, group| 60_000 * group as i64));
    assert_eq!(pair(&harmed, "g000", "g001").verdict, Verdict::Unfair);
}

/// Orders come in twos, the second so many nanoseconds behind the first, by group; a client's orders leave `apart` after one another.
fn follow_ups(behind: [i64; 2], apart: [i64; 2]) -> Assessment {
    let mut arrivals = Vec::new();
    for (number, day) in (0..8).flat_map(|day| (0..3_000).map(move |at| (day * 3_000 + at, day))) {
        let draw = |k: u64| uniform(number, k);
        let group = (number % 2) as u16;
        let client = u32::from(group) * 8 + (draw(0) * 8.0) as u32;
        let at = event(day, number % 3_000, 3_000) + (draw(1) * 1e9) as i64;
        arrivals.push((at, group, client, 0));
        if draw(2) < 0.3 {
            arrivals.push((at + behind[usize::from(group)] + (draw(3) * 150_000.0) as i64, group, client, 0));
        }
    }
    let (mut rows, mut free) = (through(arrivals, 8_000, |_| 0), [0_i64; CLIENTS as usize]);
    for row in &mut rows {
        let at = row.0.max(free[row.3 as usize]);
        free[row.3 as usize] = at + apart[usize::from(row.2)];
        row.1 += at - row.0;
    }
    judged(&rows)
}

/// Every client may send an order in 900 us; B follows up sooner than A. A gap that B alone has to keep accuses.
#[test]
fn a_gap_between_sendings_accuses_nobody_for_following_up_sooner() {
    let found = follow_ups([650_000, 100_000], [900_000; 2]);
    let found = pair(&found, "g000", "g001");
    assert!(found.tail_excess.expect("estimated").p_unfair_holm < 1e-3, "{:?}", found.tail_excess);
    assert_eq!((found.verdict, codes(found).contains(&"within_pause")), (Verdict::Inconclusive, true), "{:?}", found.reasons);
    let stricter = follow_ups([100_000; 2], [0, 900_000]);
    let stricter = pair(&stricter, "g000", "g001");
    assert_eq!(stricter.verdict, Verdict::Unfair, "{:?}", stricter.reasons);
}

/// Orders of one kind in twenty-five, no two hundred of them a day, are held by 5 ms: by the measure of their own kind they are hardly a tail.
#[test]
fn a_kind_that_is_held_whole_is_not_fair_however_rare_on_a_day() {
    let found = |held: i64| {
        let rows = (0..32_000_u64).map(|order| {
            let draw = |k: u64| uniform(order, k);
            let (group, kind) = ((draw(0) * 2.0) as u16, u16::from(draw(1) < 0.04));
            // Four at a time, so that some may pass others.
            let received = event(order / 4_000, order % 4_000 / 4, 1_000) + (draw(2) * 1e6) as i64;
            let client = u32::from(group) * 8 + (draw(3) * 8.0) as u32;
            (received, 30_000 + (draw(4) * 10_000.0) as i64 + held * i64::from(group == 1 && kind == 1), group, client, 0, kind, 0)
        });
        let rows: Vec<Row> = rows.collect();
        let options = FairnessOptions {
            overtaking_scope: OvertakingScope::All,
            margins: Margins { overtaking: 0.5, tail: 0.01, ..Margins::default() },
            ..FairnessOptions::default()
        };
        judge(&orders_of(&rows), &Evidence::default(), &options)
    };
    let held = found(5_000_000);
    let held = pair(&held, "g000", "g001");
    assert_eq!((held.verdict, codes(held)[0]), (Verdict::Inconclusive, "beyond_without_load"), "{:?}", held.reasons);
    let alike = found(0);
    assert_eq!(pair(&alike, "g000", "g001").verdict, Verdict::Fair, "{:?}", pair(&alike, "g000", "g001").reasons);
}

/// Clients of B react to events of the market, those of A do not: B's orders find one another in one first-come queue.
#[test]
fn whoever_trades_at_events_may_be_found_to_be_treated_alike() {
    let mut arrivals = Vec::new();
    for (number, day) in (0..8).flat_map(|day| (0..2_000).map(move |at| (day * 2_000 + at, day))) {
        let draw = |k: u64| uniform(number, k);
        let start = event(day, number % 2_000, 2_000);
        arrivals.push((start + (draw(0) * 7e9) as i64, 0, (draw(1) * 8.0) as u32, 0));
        arrivals.push((start + (draw(2) * 7e9) as i64, 1, 8 + (draw(3) * 8.0) as u32, 0));
        if number % 8 == 0 {
            arrivals.extend((0..5).map(|client| (start + (uniform(number * 8 + client, 4) * 120_000.0) as i64, 1, 8 + client as u32, 0)));
        }
    }
    let options = FairnessOptions {
        overtaking_scope: OvertakingScope::All,
        margins: Margins { overtaking: 0.5, ..Margins::default() },
        ..FairnessOptions::default()
    };
    let found = judge(&orders_of(&through(arrivals, 9_000, |_| 0)), &Evidence::default(), &options);
    let found = pair(&found, "g000", "g001");
    assert!(!codes(found).contains(&"beyond_without_load"), "{:?}", found.reasons);
}
