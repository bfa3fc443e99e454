//! Faults planted at known rows, code by code, and the way from every code to its rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::{Found, SECOND, Study, line, moved};
use crate::support::{colofair, exit_code, stderr, stdout, table};

/// Rows of a code, either side.
type Lines = BTreeSet<(String, u64)>;

impl Found {
    #[track_caller]
    fn assert_rows(&self, code: &str, planted: &Lines) {
        assert!(!planted.is_empty(), "{code}: nothing was planted");
        let found = self.lines(code, |_| true);
        let (missed, invented): (Vec<_>, Vec<_>) = (planted.difference(&found).collect(), found.difference(planted).collect());
        assert!(missed.is_empty() && invented.is_empty(), "{code}: missed {missed:?}, invented {invented:?}");
        assert_eq!(self.check(code)["count"].as_u64(), Some(planted.len() as u64), "{code}");
    }

    #[track_caller]
    fn reason(&self, code: &str) -> &str {
        self.check(code)["reason"]["en"].as_str().unwrap()
    }
}

#[test]
fn copies_and_receipts_without_an_order_are_named_at_the_rows_of_the_simulators_truth() {
    let study = Study::simulated("duplicate+orphan", "8000", "2", "71");
    let truth = table(&study.work.path().join("truth.parquet"));
    let of = |class: &str, side: &str| -> Lines {
        let column = format!("{side}_row");
        let rows = truth.iter().filter(|row| row["class"] == class).map(|row| row[&column].parse::<usize>().unwrap());
        rows.map(|row| (format!("{side}s"), line(row))).collect()
    };
    let copies: Lines = of("duplicate_order", "order").union(&of("duplicate_receipt", "receipt")).cloned().collect();
    assert!(copies.iter().any(|row| row.0 == "orders") && copies.iter().any(|row| row.0 == "receipts"));
    let found = study.run();
    found.assert_rows("R04", &copies);
    found.assert_rows("R06", &of("orphan_receipt", "receipt"));
    // Both are leads: neither accuses.
    assert_eq!((found.state("R04"), found.state("R06")), ("insufficient", "insufficient"));
    assert!(found.rows.iter().filter(|row| row["code"] == "R04").all(|row| row.contains_key("other_line")));
}

#[test]
fn orders_whose_receipts_copies_name_accounts_of_two_groups_are_named() {
    let mut study = Study::simulated("fair", "6000", "2", "72");
    let group = |study: &Study, row: usize| study.receipts.get(row, "client_group").to_owned();
    let other: BTreeMap<String, String> =
        (0..study.receipts.rows.len()).map(|row| (group(&study, row), study.receipts.get(row, "account").to_owned())).collect();
    let (mut orders, mut copies) = (BTreeSet::new(), Lines::new());
    for row in (40..study.receipts.rows.len() - 40).step_by(199) {
        let strange = other.iter().find(|(name, _)| **name != group(&study, row)).unwrap();
        let mut copy = study.receipts.rows[row].clone();
        copy[study.receipts.at("account")].clone_from(strange.1);
        copy[study.receipts.at("client_group")].clone_from(strange.0);
        orders.insert(line(study.orders.find("client_order_id", &copy[study.receipts.at("client_order_id")])));
        copies.insert(("receipts".to_owned(), line(study.receipts.rows.len())));
        study.receipts.rows.push(copy);
    }
    let found = study.run();
    found.assert_exactly("R05", "orders", &orders);
    assert_eq!(found.state("R05"), "insufficient");
    assert_eq!(found.result["reconciliation"]["ambiguous"].as_u64(), Some(orders.len() as u64));
    // Which of two rows with one stamp is the copy is chosen by their values.
    assert_eq!(found.lines("R04", |_| true).len(), copies.len());
}

#[test]
fn receipts_missing_from_one_group_alone_are_named_with_both_shares_and_evenly_missing_ones_are_not() {
    for (uneven, expected) in [(true, "insufficient"), (false, "none")] {
        let mut study = Study::simulated("fair", "9000", "2", "73");
        let mut gone = BTreeSet::new();
        let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for row in 0..study.receipts.rows.len() {
            let group = study.receipts.get(row, "client_group").to_owned();
            let count = counts.entry(group.clone()).or_default();
            count.1 += 1;
            if count.1 % 25 == 7 && (group == "B" || !uneven) {
                count.0 += 1;
                gone.insert(study.receipts.get(row, "client_order_id").to_owned());
            }
        }
        let at = study.receipts.at("client_order_id");
        study.receipts.rows.retain(|cells| !gone.contains(&cells[at]));
        let found = study.run();
        assert_eq!(found.state("R12"), expected, "{}", found.reason("R12"));
        if uneven {
            let (missing, all) = counts["B"];
            let share = format!("0.00 % of A, {:.2} % of B", 100.0 * missing as f64 / all as f64);
            assert!(found.reason("R12").contains(&share), "{share}: {}", found.reason("R12"));
        }
        assert_eq!(found.lines("R01", |_| true).len(), gone.len());
    }
}

#[test]
fn the_earliest_receipt_is_named_where_it_is_younger_than_the_rule_wants_to_the_day() {
    let mut study = Study::simulated("fair", "1500", "2", "74");
    let settings = study.settings.clone();
    // The study begins on 2026-01-05.
    for (collected, named) in [("2031-01-05", None), ("2031-01-04", Some("1")), ("2031-01-01", Some("4"))] {
        study.settings = format!("{settings}\n[records]\ncollected_on = \"{collected}\"\nretention_years = 5\n");
        let found = study.run();
        let rows: Vec<_> = found.rows.iter().filter(|row| row["code"] == "R14").collect();
        let expected: Vec<&str> = named.into_iter().collect();
        assert_eq!(rows.iter().map(|row| row["value"].as_str()).collect::<Vec<_>>(), expected, "{collected}");
        if named.is_some() {
            found.assert_exactly("R14", "receipts", &BTreeSet::from([line(0)]));
        }
        assert_eq!(found.state("R14"), if named.is_some() { "insufficient" } else { "none" }, "{collected}");
    }
}

#[test]
fn each_way_a_clock_leaves_its_profile_is_named_and_no_other() {
    const SAID: [&str; 5] = [
        "the documented uncertainty is wider than the profile's",
        "stamps are coarser than the profile's",
        "the offset between the clocks is beyond twice the profile's",
        "a clock step is beyond twice the profile's",
        "the drift of a day is beyond twice the profile's",
    ];
    let own = "{ divergence = \"50us\", granularity = \"1us\" }";
    let cases: [(&str, &str, &[usize]); 6] = [
        ("fair", "\"rts25-hft\"", &[]),
        ("rounded", "\"rts25-hft\"", &[1]),
        ("clock-offset", own, &[2]),
        ("clock-step", own, &[3]),
        ("clock-drift", "\"rts25-hft\"", &[4]),
        ("fair", "{ divergence = \"500ns\" }", &[0]),
    ];
    for (world, profile, expected) in cases {
        let mut study = Study::simulated(world, "40000", "4", "75");
        if expected == [0] {
            study.settings = study.settings.replace("uncertainty = \"0ns\"", "uncertainty = \"1us\"");
        }
        study.settings.push_str(&format!("\n[records]\nclock_profile = {profile}\n"));
        let found = study.run();
        let said: Vec<usize> = (0..SAID.len()).filter(|at| found.reason("T04").contains(SAID[*at])).collect();
        assert_eq!(said, expected, "{world}, {profile}: {}", found.reason("T04"));
        assert_eq!(found.state("T04"), if expected.is_empty() { "none" } else { "insufficient" }, "{world}");
    }
}

/// A day with a fault of every kind that rows can show.
fn faulty() -> Study {
    let mut study = Study::simulated("duplicate+orphan+chains", "6000", "2", "76");
    study.map("orders", "original_id", "orig_order_id");
    study.orders.add_column("handler", |row| if row == 900 { String::new() } else { "K07".to_owned() });
    study.map("orders", "handler", "handler");
    // Links by likeness need what the orders say of themselves on the receipts too.
    for name in ["symbol", "side", "qty", "price"] {
        let values: BTreeMap<String, String> = (0..study.orders.rows.len())
            .map(|row| (study.orders.get(row, "client_order_id").to_owned(), study.orders.get(row, name).to_owned()))
            .collect();
        let ids: Vec<String> = (0..study.receipts.rows.len()).map(|row| study.receipts.get(row, "client_order_id").to_owned()).collect();
        study.receipts.add_column(name, |row| values.get(&ids[row]).cloned().unwrap_or_default());
    }
    for (canonical, name) in [("symbol", "symbol"), ("side", "side"), ("quantity", "qty"), ("price", "price")] {
        study.map("receipts", canonical, name);
    }
    study.settings = study.settings.replace("fallback = \"off\"", "fallback = \"2s\"");
    study.settings.push_str("\n[records]\ncollected_on = \"2026-01-05\"\nretention_years = 5\n");
    let received = |study: &Study, row: usize| study.receipts.get(row, "received_ts").to_owned();
    // R11, R07 (with R10), T07, R03, R02.
    let late = moved(&received(&study, 300), 300 * SECOND);
    study.receipts.set(300, "written_ts", &late);
    for (row, by) in [(400, -600 * SECOND), (500, 3_600 * SECOND), (600, 1_000_000_000)] {
        let stamp = moved(&received(&study, row), by);
        study.receipts.set(row, "received_ts", &stamp);
    }
    study.receipts.set(700, "account", "");
    // R01 and R16: an id that leads nowhere. R05: a copy of another account and group.
    study.receipts.set(800, "client_order_id", "LOST");
    let mut copy = study.receipts.rows[850].clone();
    let at = study.receipts.at("client_group");
    let strange = (0..study.receipts.rows.len()).find(|row| study.receipts.rows[*row][at] != copy[at]).unwrap();
    for name in ["account", "client_group"] {
        study.receipts.get(strange, name).clone_into(&mut copy[study.receipts.at(name)]);
    }
    study.receipts.rows.insert(851, copy);
    // R08 and R09: one serial given twice. R15: an original that is not there. T05: before the session.
    let new: Vec<usize> = (1_000..2_000).filter(|row| study.orders.get(*row, "order_type").starts_with("limit")).collect();
    let of_line = |row: usize| study.orders.get(row, "order_no")[..1].to_owned();
    let again = new.iter().rev().find(|row| of_line(**row) == of_line(new[0])).unwrap();
    let taken = study.orders.get(new[0], "order_no").to_owned();
    study.orders.set(*again, "order_no", &taken);
    let amend = (2_000..3_000).find(|row| !study.orders.get(*row, "orig_order_id").is_empty()).unwrap();
    study.orders.set(amend, "orig_order_id", "O99999999999");
    let early = format!("{}T07:15:00.000000000+08:00", &study.orders.get(0, "sent_ts")[..10]);
    study.orders.set(0, "sent_ts", &early);
    study
}

#[test]
fn every_code_that_names_rows_leads_to_them_by_file_and_line_in_the_tables_and_in_explain() {
    let mut seen = BTreeSet::new();
    let mut studies = vec![("faults", faulty())];
    for (name, seed) in [("clock-step", "36"), ("backfilled", "37")] {
        studies.push((name, Study::simulated(name, "40000", "4", seed)));
    }
    let mut negative = Study::simulated("fair", "4000", "2", "77");
    for row in 0..negative.receipts.rows.len() {
        let later = moved(negative.receipts.get(row, "received_ts"), 3 * SECOND);
        negative.receipts.set(row, "received_ts", &later);
    }
    studies.push(("negative", negative));
    for (name, study) in &studies {
        let found = study.run();
        let by_code = found.rows.iter().fold(BTreeMap::<&str, Vec<String>>::new(), |mut by_code, row| {
            by_code.entry(&row["code"]).or_default().push(format!("{}:{}", row["file"], row["line"]));
            by_code
        });
        for check in found.result["records"]["checks"].as_array().unwrap() {
            let code = check["code"].as_str().unwrap();
            let places = by_code.get(code).cloned().unwrap_or_default();
            assert_eq!(check["count"].as_u64(), Some(places.len() as u64), "{name} {code}");
            let told = colofair(study.work.path(), &["explain", code, "--in", "out", "--lang", "en"]);
            assert_eq!((exit_code(&told), stderr(&told).as_str()), (0, ""), "{name} {code}");
            let text = stdout(&told);
            for place in places.iter().take(12) {
                assert!(text.contains(place.as_str()), "{name} {code}: {place} is not in {text}");
            }
            if !places.is_empty() {
                seen.insert(code.to_owned());
                assert!(text.contains("tables/records.parquet"), "{name} {code}");
                // The line is that of the row: it holds the id that the table gives.
                let row = found.rows.iter().find(|row| row["code"] == code).unwrap();
                let file = std::fs::read_to_string(study.work.path().join(&row["file"])).unwrap();
                let line = file.lines().nth(row["line"].parse::<usize>().unwrap() - 1).unwrap();
                assert!(row.get("id").is_none_or(|id| line.split(',').any(|cell| cell == id)), "{code}: {line}");
            }
        }
    }
    // R12 and T04 speak of groups and clocks, not of rows; R14 and T06 need their dates.
    let all = "R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 R13 R14 R15 R16 T01 T02 T03 T05 T06 T07";
    let missing: Vec<&str> = all.split(' ').filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "no row of {missing:?}");
}
