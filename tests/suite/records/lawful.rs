//! What is no fault: lawful classes, the exchange's reports, and what questions and answers say of two clocks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::records::{Found, SECOND, Study, line, moved};
use crate::support::table;

/// Lines of every class, by its name, from the table; the counts of the result are held against them.
fn classes(study: &Study, found: &Found) -> BTreeMap<String, BTreeSet<u64>> {
    let rows = table(&study.work.path().join("out/tables/order_classes.parquet"));
    let mut lines: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for row in &rows {
        lines.entry(row["class"].clone()).or_default().insert(row["line"].parse().unwrap());
    }
    let told = found.result["records"]["classes"].as_array().unwrap();
    assert_eq!(told.len(), lines.len());
    for class in told {
        let name = class["name"].as_str().unwrap();
        assert_eq!(class["count"].as_u64(), Some(lines[name].len() as u64), "{name}");
        let first = format!(":{}", lines[name].first().unwrap());
        assert!(class["places"].as_array().unwrap().iter().any(|place| place.as_str().unwrap().ends_with(&first)), "{class}");
    }
    lines
}

#[test]
fn orders_received_and_never_sent_are_classed_by_their_outcome_and_only_the_others_are_a_lead() {
    let mut study = Study::simulated("orphan", "12000", "2", "81");
    let truth = table(&study.work.path().join("truth.parquet"));
    let orphans: Vec<usize> =
        truth.iter().filter(|row| row["class"] == "orphan_receipt").map(|row| row["receipt_row"].parse().unwrap()).collect();
    let words = [
        ("等待觸價", "waited"),
        ("風控拒絕", "refused"),
        ("Expired at close", "expired"),
        ("客戶取消", "withdrawn"),
        ("Q3", "other_outcome"),
        ("", ""),
    ];
    let mut planted: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    study.receipts.add_column("outcome", |_| String::new());
    study.map("receipts", "outcome", "outcome");
    for (n, row) in orphans.into_iter().enumerate() {
        let (word, class) = words[n % words.len()];
        study.receipts.set(row, "outcome", word);
        planted.entry(class.to_owned()).or_default().insert(line(row));
    }
    let silent = planted.remove("").unwrap();
    let found = study.run();
    assert_eq!(classes(&study, &found), planted);
    found.assert_exactly("R06", "receipts", &silent);
}

#[test]
fn error_and_omnibus_accounts_are_counted_apart_and_every_other_order_without_a_receipt_is_named() {
    let mut study = Study::simulated("chains", "6000", "2", "82");
    study.map("orders", "original_id", "orig_order_id");
    let (mut error, mut omnibus, mut named, mut differing) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let changed: BTreeSet<String> = (0..study.orders.rows.len()).map(|row| study.orders.get(row, "orig_order_id").to_owned()).collect();
    for row in 0..study.orders.rows.len() {
        let change = !study.orders.get(row, "orig_order_id").is_empty();
        if changed.contains(study.orders.get(row, "order_id")) {
            continue;
        }
        match row % 300 {
            // The client's id leads nowhere, in the error account and in another.
            7 if !change => {
                study.orders.set(row, "client_order_id", &format!("E{row}"));
                study.orders.set(row, "account", "9999990");
                error.insert(line(row));
            }
            77 if !change => {
                study.orders.set(row, "client_order_id", &format!("N{row}"));
                named.insert(line(row));
            }
            // An amend through the omnibus account of a client's order; and one through an account that is none.
            100.. if change && row % 2 == 0 && row % 300 < 160 => {
                study.orders.set(row, "account", "8888880");
                omnibus.insert(line(row));
            }
            100.. if change && row % 300 > 280 => {
                study.orders.set(row, "account", "7777770");
                differing.insert(line(row));
            }
            _ => (),
        }
    }
    study.settings.push_str("\n[records]\nerror_accounts = [\"9999990\"]\nomnibus_accounts = [\"8888880\"]\n");
    let found = study.run();
    let classes = classes(&study, &found);
    assert_eq!((&classes["error_account"], &classes["omnibus_account"]), (&error, &omnibus));
    found.assert_exactly("R01", "orders", &named);
    found.assert_exactly("R15", "orders", &differing);
    let finding = found.result["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "R01").unwrap();
    let missing = found.result["reconciliation"]["missing_receipt"].as_u64().unwrap();
    assert_eq!(finding["count"].as_u64(), Some(missing - error.len() as u64));
    assert_eq!(finding["count"], found.check("R01")["count"]);
    let said = finding["summary"]["en"].as_str().unwrap();
    assert!(said.contains(&format!("{} more are of the error accounts", error.len())), "{said}");
}

#[test]
fn what_the_exchange_cut_or_rejected_is_an_outcome_of_its_own_and_no_amend_of_the_clients() {
    let mut study = Study::simulated("chains", "5000", "2", "83");
    study.map("orders", "original_id", "orig_order_id");
    study.orders.add_column("result", |_| String::new());
    study.map("orders", "outcome", "result");
    let (mut cut, mut rejected, mut bare) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for row in (0..study.orders.rows.len()).filter(|row| row % 11 == 0) {
        let change = !study.orders.get(row, "orig_order_id").is_empty();
        match (change, row % 22) {
            // A row that looks like an amend and names no order: the exchange's doing, or nobody's.
            (true, 0) => {
                study.orders.set(row, "orig_order_id", "");
                study.orders.set(row, "result", if row % 44 == 0 { "31" } else { "交易所刪減" });
                cut.insert(line(row));
            }
            (true, _) => {
                study.orders.set(row, "orig_order_id", "");
                bare.insert(line(row));
            }
            (false, _) => {
                study.orders.set(row, "result", "97");
                rejected.insert(line(row));
            }
        }
    }
    let found = study.run();
    assert_eq!(classes(&study, &found), BTreeMap::from([("exchange_cut".to_owned(), cut), ("exchange_rejected".to_owned(), rejected)]));
    found.assert_exactly("R15", "orders", &bare);
}

#[test]
fn reports_that_come_twice_late_or_out_of_order_are_counted_and_accuse_nobody() {
    let mut study = Study::simulated("fair", "3000", "2", "84");
    let mut rows: Vec<(String, String)> = Vec::new();
    for row in (0..study.orders.rows.len()).filter(|row| row % 3 != 1) {
        let (id, sent) = (study.orders.get(row, "order_id").to_owned(), study.orders.get(row, "sent_ts").to_owned());
        // Accepted, then filled: made 100 us and 300 us after sending, seen 50 us later; code 51 is a quantity cut.
        let (first, second) = (if row % 30 == 0 { "51" } else { "accepted" }, if row % 30 == 12 { "rejected" } else { "filled" });
        for (n, (outcome, made)) in [(first, 100_000), (second, 300_000)].into_iter().enumerate() {
            let seen = match (row % 60, n) {
                // The first overtaken by the second, and one that took two seconds.
                (15, 0) => 900_000,
                (21, 1) => 2 * SECOND,
                _ => made + 50_000,
            };
            let line = format!("{id},{},{},{outcome}", moved(&sent, seen), moved(&sent, made));
            rows.push((
                if (row % 60, n) == (15, 0) {
                    "out_of_order"
                } else if (row % 60, n) == (21, 1) {
                    "late"
                } else {
                    ""
                }
                .into(),
                line.clone(),
            ));
            if row % 60 == 48 && n == 0 {
                rows.push(("twice".into(), line));
            }
        }
    }
    rows.insert(
        500,
        ("foreign".into(), "OELSEWHERE,2026-01-05T10:00:00.000000000+08:00,2026-01-05T10:00:00.000000000+08:00,filled".into()),
    );
    let text: String =
        std::iter::once("order_id,seen,made,status".to_owned()).chain(rows.iter().map(|row| row.1.clone())).collect::<Vec<_>>().join("\n");
    fs::write(study.work.path().join("reports.csv"), text + "\n").unwrap();
    study.settings.push_str(concat!(
        "\n[records]\nreports_within = \"1s\"\n\n[records.reports]\npaths = [\"reports.csv\"]\n",
        "columns = { order_id = \"order_id\", acknowledged_at = \"seen\", event_at = \"made\", outcome = \"status\" }\n"
    ));
    let found = study.run();
    let classes = classes(&study, &found);
    let of = |kind: &str| -> BTreeSet<u64> { (0..rows.len()).filter(|at| rows[*at].0 == kind).map(line).collect() };
    assert_eq!(classes["report_twice"], of("twice"));
    assert_eq!(classes["report_late"], of("late"));
    assert_eq!(classes["report_without_order"], of("foreign"));
    assert_eq!(classes["report_out_of_order"].len(), of("out_of_order").len());
    let every = |step: usize, at: usize| -> BTreeSet<u64> {
        (0..study.orders.rows.len()).filter(|row| row % 3 != 1 && row % step == at).map(line).collect()
    };
    assert_eq!((&classes["exchange_cut"], &classes["exchange_rejected"]), (&every(30, 0), &every(30, 12)));
    let answered = (0..study.orders.rows.len()).filter(|row| row % 3 != 1).count() as u64;
    let reports = &found.result["records"]["reports"];
    assert_eq!(reports["reports"].as_u64(), Some(rows.len() as u64));
    assert_eq!(
        (reports["answered"].as_u64(), reports["unanswered"].as_u64()),
        (Some(answered), Some(study.orders.rows.len() as u64 - answered))
    );
    assert_eq!(crate::records::named(&found), []);
}

#[test]
fn questions_and_answers_bound_the_offset_of_the_clocks_block_by_block_whatever_the_ways_took() {
    // Three clocks: ahead by 3 ms, behind by 3 ms, and right.
    for (offset, t02) in [(3_000_000, "insufficient"), (-3_000_000, "insufficient"), (0, "none")] {
        let mut study = Study::simulated("fair", "8000", "2", "85");
        let stamps: BTreeMap<String, (String, String)> = (0..study.orders.rows.len())
            .map(|row| {
                let get = |name: &str| study.orders.get(row, name).to_owned();
                (get("client_order_id"), (get("ack_ts"), get("sent_ts")))
            })
            .collect();
        // The way back takes four times as long as the quickest way there: the middle is wrong, the bounds are not.
        let answers: Vec<String> = (0..study.receipts.rows.len())
            .map(|row| moved(&stamps[study.receipts.get(row, "client_order_id")].0, offset + 160_000 + row as i64 % 7_000))
            .collect();
        for row in 0..study.receipts.rows.len() {
            for name in ["received_ts", "written_ts"] {
                let stamp = moved(study.receipts.get(row, name), offset);
                study.receipts.set(row, name, &stamp);
            }
        }
        study.receipts.add_column("answered_ts", |row| answers[row].clone());
        let by_envelope = study.run();
        let [told] = &by_envelope.result["records"]["clock_offsets"].as_array().unwrap()[..] else { panic!() };
        assert_eq!((told["method"].as_str(), told["at_most"].is_null()), (Some("envelope"), true));
        assert!(told["at_least"].as_i64().unwrap() <= offset, "{told}");

        study.map("receipts", "acknowledged_at", "answered_ts");
        let found = study.run();
        let [told] = &found.result["records"]["clock_offsets"].as_array().unwrap()[..] else { panic!() };
        let of = |name: &str| told[name].as_i64().unwrap();
        assert_eq!(told["method"], "round_trips");
        assert!(of("at_least") <= offset && offset <= of("at_most"), "{offset}: {told}");
        assert!((of("middle") - offset).abs() <= of("uncertainty") && of("uncertainty") < 200_000, "{offset}: {told}");
        let blocks = table(&study.work.path().join("out/tables/clock_offsets.parquet"));
        assert_eq!(blocks.len() as u64, told["blocks"].as_u64().unwrap());
        assert!(blocks.len() >= 20);
        for block in &blocks {
            let of = |name: &str| block[name].parse::<i64>().unwrap();
            assert!(of("at_least") <= offset && offset <= of("at_most"), "{offset}: {block:?}");
        }
        assert_eq!(found.state("T02"), t02, "{offset}: {}", found.check("T02")["reason"]["en"]);
        if offset != 0 {
            assert!(found.check("T02")["reason"]["en"].as_str().unwrap().contains("by question and answer"));
        }
    }
}
