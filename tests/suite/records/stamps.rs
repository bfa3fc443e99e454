//! Stamps against each other and the calendar, and clocks.

use std::collections::BTreeSet;

use crate::records::{SECOND, Study, line, moved, named};

#[test]
fn records_written_late_or_before_the_receipt_are_named() {
    let mut study = Study::simulated("fair", "4000", "2", "31");
    let mut planted = BTreeSet::new();
    for row in (10..study.receipts.rows.len()).step_by(301) {
        let received = study.receipts.get(row, "received_ts").to_owned();
        // The bound of a minute is kept to the nanosecond.
        let by = [60 * SECOND, 60 * SECOND + 1, 600 * SECOND, -1][row % 4];
        study.receipts.set(row, "written_ts", &moved(&received, by));
        if by != 60 * SECOND {
            planted.insert(line(row));
        }
    }
    let found = study.run();
    found.assert_exactly("R11", "receipts", &planted);
    assert_eq!(found.state("R11"), "finding");
}

#[test]
fn wrong_dates_and_zones_are_named_and_explain_the_negative_latencies_they_make() {
    let mut study = Study::simulated("fair", "4000", "3", "32");
    let (mut planted, mut negative) = (BTreeSet::new(), BTreeSet::new());
    for (n, row) in (50..study.receipts.rows.len() - 50).step_by(173).enumerate() {
        let received = study.receipts.get(row, "received_ts").to_owned();
        let wrong = match n % 4 {
            // A day later, a month later, UTC written as local time, and a stamp that is simply two milliseconds late.
            0 => format!("2026-01-{:02}{}", received[8..10].parse::<u32>().unwrap() + 1, &received[10..]),
            1 => received.replace("2026-01", "2026-02"),
            2 => received.replace("+08:00", "+00:00"),
            _ => {
                let order = study.orders.find("client_order_id", study.receipts.get(row, "client_order_id"));
                negative.insert(line(order));
                moved(study.orders.get(order, "sent_ts"), 2_000_000)
            }
        };
        study.receipts.set(row, "received_ts", &wrong);
        if n % 4 != 3 {
            planted.insert(line(row));
        }
    }
    let found = study.run();
    found.assert_exactly("T07", "receipts", &planted);
    found.assert_exactly("R03", "orders", &negative);
    assert_eq!((found.state("T07"), found.state("R03")), ("finding", "finding"));
    let of = |reason: &str| found.lines("T07", |row| row["reason"] == reason).len();
    assert_eq!(of("wrong_zone"), planted.len() / 3);
    assert_eq!(of("wrong_date") + of("wrong_zone"), planted.len());
}

#[test]
fn orders_outside_the_session_on_holidays_and_of_the_future_are_named() {
    let mut study = Study::simulated("fair", "3000", "3", "33");
    let (mut outside, mut future) = (BTreeSet::new(), BTreeSet::new());
    for row in (40..study.orders.rows.len()).step_by(271) {
        let sent = study.orders.get(row, "sent_ts").to_owned();
        let receipt = study.receipts.find("client_order_id", study.orders.get(row, "client_order_id"));
        let time = match row % 3 {
            0 => format!("{}T07:15:00.000000000+08:00", &sent[..10]),
            1 => format!("{}T14:30:00.000000000+08:00", &sent[..10]),
            _ => "2026-01-04T10:00:00.000000000+08:00".to_owned(),
        };
        study.orders.set(row, "sent_ts", &time);
        study.receipts.set(receipt, "received_ts", &moved(&time, -40_000));
        outside.insert(line(row));
    }
    study.settings = study.settings.replace("preset = \"twse\"", "preset = \"twse\"\nholidays = [\"2026-01-06\", \"2026-01-01\"]");
    for row in 0..study.orders.rows.len() {
        if study.orders.get(row, "sent_ts").starts_with("2026-01-06") {
            outside.insert(line(row));
        }
    }
    let last = study.orders.rows.len() - 1;
    for row in [last, last - 200] {
        let sent = study.orders.get(row, "sent_ts").replace("2026-01", "2029-01");
        study.orders.set(row, "sent_ts", &sent);
        future.insert(line(row));
        let weekday = sent.starts_with("2029-01-06") || sent.starts_with("2029-01-07");
        if weekday {
            outside.insert(line(row));
        } else {
            outside.remove(&line(row));
        }
    }
    study.settings.push_str("\n[records]\ncollected_on = \"2026-02-01\"\nretention_years = 5\n");
    let found = study.run();
    found.assert_exactly("T05", "orders", &outside);
    found.assert_exactly("T06", "orders", &future);
    assert_eq!((found.state("T05"), found.state("T06"), found.state("R14")), ("insufficient", "finding", "insufficient"));
    let not_named = Study::simulated("fair", "1500", "2", "34").run();
    assert_eq!((not_named.state("T06"), not_named.state("R14"), not_named.state("T04")), ("not_run", "not_run", "not_run"));
}

#[test]
fn latencies_that_are_all_negative_are_a_clock_problem_and_accuse_nobody() {
    let mut study = Study::simulated("delay", "12000", "4", "35");
    for row in 0..study.receipts.rows.len() {
        let later = moved(study.receipts.get(row, "received_ts"), 3 * SECOND);
        study.receipts.set(row, "received_ts", &later);
        study.receipts.set(row, "written_ts", &later);
    }
    study.settings.push_str("\n[records]\nclock_profile = \"cat\"\n");
    let found = study.run();
    assert_eq!((found.state("T02"), found.state("T04")), ("insufficient", "insufficient"));
    assert!(found.check("T02")["reason"]["en"].as_str().unwrap().contains("a clock problem, never unfairness"));
    // No row is called false for it, and no pair unfair.
    assert_eq!(named(&found).iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["T02"]);
    assert_eq!(found.lines("T02", |_| true).len(), 1);
    let pairs = found.result["pairs"].as_array().unwrap();
    assert!(pairs.iter().all(|pair| pair["verdict"] == "inconclusive" && pair["client_specific"] == false), "{pairs:#?}");
    let confirmed = found.result["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "confirmed").count();
    assert_eq!(confirmed, 0);
}

#[test]
fn a_clock_step_leads_to_the_receipt_it_begins_with_and_made_up_stamps_to_theirs() {
    let found = Study::simulated("clock-step", "60000", "4", "36").run();
    let steps: Vec<i64> = found.rows.iter().filter(|row| row["code"] == "T03").map(|row| row["value"].parse().unwrap()).collect();
    let [step] = steps[..] else { panic!("{steps:?}") };
    assert!((step + 150_000).abs() <= 2_000, "{step}");
    assert_eq!(found.state("T03"), "insufficient");

    let study = Study::simulated("backfilled", "40000", "4", "37");
    let made_up: BTreeSet<u64> = (0..study.receipts.rows.len())
        .filter(|row| {
            // The simulator's own truth: sent minus 44 us, to the nanosecond.
            let id = study.receipts.get(*row, "client_order_id");
            let order = id[1..].parse::<usize>().unwrap();
            let near = order.saturating_sub(300)..(order + 300).min(study.orders.rows.len());
            let sent = near.into_iter().find(|at| study.orders.get(*at, "client_order_id") == id);
            sent.is_some_and(|at| moved(study.orders.get(at, "sent_ts"), -44_000) == study.receipts.get(*row, "received_ts"))
        })
        .map(line)
        .collect();
    let found = study.run();
    assert_eq!(found.state("T01"), "insufficient");
    found.assert_exactly("T01", "receipts", &made_up);
}

#[test]
fn a_clock_set_in_mid_day_proves_no_order_false_and_single_ones_before_it_are_still_proven() {
    let mut study = Study::simulated("fair", "4000", "2", "38");
    let (mut single, mut run) = (BTreeSet::new(), BTreeSet::new());
    let order_of = |study: &Study, row: usize| study.orders.find("client_order_id", study.receipts.get(row, "client_order_id"));
    let n = study.receipts.rows.len();
    for row in 0..n {
        let from_noon = row >= n - 400;
        if from_noon || row % 211 == 60 {
            let order = order_of(&study, row);
            let later = moved(study.orders.get(order, "sent_ts"), 2_000_000);
            for name in ["received_ts", "written_ts"] {
                study.receipts.set(row, name, &later);
            }
            if from_noon {
                run.insert(line(order))
            } else {
                single.insert(line(order))
            };
        }
    }
    let found = study.run();
    let of = |verdict: &str| -> BTreeSet<u64> {
        found.lines("R03", |row| row["verdict"] == verdict).into_iter().map(|(_, line)| line).collect()
    };
    assert_eq!((of("confirmed"), of("insufficient")), (single, run));
    assert!(found.check("R03")["reason"]["en"].as_str().unwrap().contains("400 of them stand in runs"));
}

/// Taipei's time read as UTC: a question to study.toml, said with its hours, and no row accused.
#[test]
fn a_zone_that_is_wrong_for_every_receipt_is_a_question_and_not_nothing() {
    for (zone, hours) in [("+00:00", "off by -8 h"), ("+16:00", "off by 8 h")] {
        let mut study = Study::simulated("fair", "4000", "3", "36");
        for row in 0..study.receipts.rows.len() {
            let wrong = study.receipts.get(row, "received_ts").replace("+08:00", zone);
            study.receipts.set(row, "received_ts", &wrong);
        }
        let found = study.run();
        assert_eq!(found.state("T07"), "insufficient", "{zone}");
        let said = found.check("T07")["reason"]["en"].as_str().unwrap().to_owned();
        assert!(said.contains(hours) && said.contains("zone in study.toml"), "{said}");
        assert_eq!(found.lines("T07", |_| true).len(), 0);
        assert_no_verdict_on_hours(&found, "the median latency is one of whole hours");
    }
}

/// Told before anything else, and every pair is left open for it: a tenth of eight hours is a margin within which anything is fair.
#[track_caller]
fn assert_no_verdict_on_hours(found: &super::Found, said: &str) {
    assert!(found.result["alerts"][0]["en"].as_str().unwrap().contains(said), "{}", found.result["alerts"]);
    for pair in found.result["pairs"].as_array().unwrap() {
        let codes: Vec<&str> = pair["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        assert!(pair["verdict"] == "inconclusive" && codes.contains(&"hours_off"), "{pair}");
    }
}

/// One group's receipts written in another zone: a record that is wrong, and no latency of eight hours to accuse anybody by.
#[test]
fn a_zone_that_is_wrong_for_one_group_accuses_nobody() {
    let mut study = Study::simulated("fair", "4000", "3", "37");
    for row in (0..study.receipts.rows.len()).filter(|row| study.receipts.get(*row, "client_group") == "B").collect::<Vec<_>>() {
        let wrong = study.receipts.get(row, "received_ts").replace("+08:00", "+16:00");
        study.receipts.set(row, "received_ts", &wrong);
    }
    assert_no_verdict_on_hours(&study.run(), "(B +8 h)");
}
