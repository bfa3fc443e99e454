//! Links by likeness, chains of amends and cancels, repairs, and the way from a finding to its rows.

use std::collections::BTreeSet;
use std::fs;

use crate::records::{Study, line};
use crate::support::{colofair, exit_code, stderr, stdout};

/// Gives the receipts what the orders say of themselves, as a broker's front end would.
fn with_traits(study: &mut Study) {
    let ids: Vec<String> = (0..study.orders.rows.len()).map(|row| study.orders.get(row, "client_order_id").to_owned()).collect();
    let row_of: std::collections::BTreeMap<&str, usize> = ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    for name in ["symbol", "side", "qty", "price"] {
        let values: Vec<String> = (0..study.receipts.rows.len())
            .map(|row| {
                row_of
                    .get(study.receipts.get(row, "client_order_id"))
                    .map_or(String::new(), |order| study.orders.get(*order, name).to_owned())
            })
            .collect();
        study.receipts.add_column(name, |row| values[row].clone());
    }
    for (canonical, name) in [("symbol", "symbol"), ("side", "side"), ("quantity", "qty"), ("price", "price")] {
        study.map("receipts", canonical, name);
    }
}

#[test]
fn only_candidates_are_linked_by_likeness_and_of_several_none_is_chosen() {
    let mut study = Study::simulated("fair", "4000", "2", "41");
    with_traits(&mut study);
    let (mut unique, mut several, mut nowhere) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (n, row) in (60..study.orders.rows.len() - 60).step_by(97).enumerate() {
        let id = study.orders.get(row, "client_order_id").to_owned();
        let receipt = study.receipts.find("client_order_id", &id);
        // A price of its own makes it like no other order, whatever the day holds.
        let price = format!("{}.00", 20_000 + n);
        study.orders.set(row, "price", &price);
        study.receipts.set(receipt, "price", &format!("0{}", 20_000 + n));
        study.receipts.set(receipt, "client_order_id", &format!("LOST{n}"));
        match n % 3 {
            0 => drop(unique.insert(line(row))),
            1 => {
                // A second receipt like it stands right behind.
                let mut twin = study.receipts.rows[receipt].clone();
                twin[0] = format!("TWIN{n}");
                study.receipts.rows.insert(receipt + 1, twin);
                several.insert(line(row));
            }
            _ => {
                study.receipts.set(receipt, "qty", "777");
                nowhere.insert(line(row));
            }
        }
    }
    study.settings = study.settings.replace("fallback = \"off\"", "fallback = \"2s\"");
    let found = study.run();
    let lines = |reason: &str| found.lines("R16", |row| row["reason"] == reason).into_iter().map(|(_, line)| line).collect::<BTreeSet<_>>();
    assert_eq!((lines("only_likeness"), lines("several_alike")), (unique.clone(), several.clone()));
    let likeness = &found.result["records"]["likeness"];
    let count = |key: &str| likeness[key].as_u64().unwrap() as usize;
    assert_eq!((count("missing"), count("unique")), (unique.len() + several.len() + nowhere.len(), unique.len()));
    assert_eq!((count("linkable"), count("missing_at_least")), (unique.len() + several.len(), nowhere.len()));
    for link in likeness["links"].as_array().unwrap() {
        let alike = link["receipts_alike"].as_u64().unwrap();
        assert_eq!((link["runner_up"].is_null(), link["confidence"].as_f64().unwrap()), (alike == 1, 1.0 / alike as f64));
    }
    for median in likeness["medians"].as_array().unwrap() {
        assert!(median["least"].as_i64() <= median["most"].as_i64());
    }
    // Nothing is altered: the orders are still without a receipt.
    let missing = found.result["reconciliation"]["missing_receipt"].as_u64().unwrap() as usize;
    assert_eq!(missing, unique.len() + several.len() + nowhere.len());
}

#[test]
fn amends_and_cancels_without_their_order_before_it_or_of_another_account_are_named() {
    let mut study = Study::simulated("chains", "5000", "2", "42");
    let original = study.orders.head.iter().find(|head| ["orig_order_id", "original_id", "orig_id"].contains(&head.as_str())).cloned();
    let original = original.unwrap_or_else(|| study.orders.head.last().unwrap().clone());
    study.map("orders", "original_id", &original);
    let changes: Vec<usize> = (0..study.orders.rows.len()).filter(|row| !study.orders.get(*row, &original).is_empty()).collect();
    assert!(changes.len() > 200, "{}", changes.len());
    let mut planted = BTreeSet::new();
    for (n, row) in changes.iter().copied().enumerate().filter(|(n, _)| n % 20 == 0) {
        match n % 60 {
            0 => study.orders.set(row, &original, ""),
            20 => study.orders.set(row, &original, "O99999999999"),
            _ => {
                let account = if study.orders.get(row, "account") == "1000517" { "1000236" } else { "1000517" };
                study.orders.set(row, "account", account);
            }
        }
        planted.insert(line(row));
    }
    let found = study.run();
    found.assert_exactly("R15", "orders", &planted);
    let reasons: BTreeSet<&str> = found.rows.iter().filter(|row| row["code"] == "R15").map(|row| row["reason"].as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["no_original", "original_differs", "original_missing"]));
}

#[test]
fn parents_are_counted_with_their_slices_and_the_way_to_the_first_and_to_each() {
    let mut study = Study::simulated("slices", "6000", "2", "43");
    study.map("orders", "parent_id", "parent_id");
    let at = study.orders.at("parent_id");
    let parents: BTreeSet<&String> = study.orders.rows.iter().map(|cells| &cells[at]).filter(|parent| !parent.is_empty()).collect();
    let n_slices = study.orders.rows.iter().filter(|cells| !cells[at].is_empty()).count();
    let n_parents = parents.len();
    let found = study.run();
    let families = &found.result["records"]["families"];
    assert_eq!((families["parents"].as_u64(), families["slices"].as_u64()), (Some(n_parents as u64), Some(n_slices as u64)));
    assert_eq!(families["aggregated"], 0);
    assert!(families["to_first"].as_i64() < families["to_each"].as_i64(), "{families}");
}

#[test]
fn a_repair_file_says_what_each_found_and_corrected_receipt_changes_and_alters_nothing() {
    let mut study = Study::simulated("fair", "5000", "2", "44");
    let mut repair = vec!["client_order_id,account,received_ts".to_owned()];
    let (mut gone, mut late) = (Vec::new(), 0);
    for row in (30..study.receipts.rows.len() - 30).step_by(101) {
        let line = ["client_order_id", "account", "received_ts"].map(|name| study.receipts.get(row, name).to_owned()).join(",");
        if row % 2 == 0 {
            gone.push(row);
        } else {
            // Written a millisecond after sending: corrected by the repair.
            let order = study.orders.find("client_order_id", study.receipts.get(row, "client_order_id"));
            let after = crate::records::moved(study.orders.get(order, "sent_ts"), 1_000_000);
            study.receipts.set(row, "received_ts", &after);
            late += 1;
        }
        if row % 3 != 0 {
            repair.push(line);
        }
    }
    for row in gone.iter().rev() {
        study.receipts.rows.remove(*row);
    }
    let unrepaired = |rows: &mut dyn Iterator<Item = usize>| rows.filter(|row| row % 3 == 0).count() as u64;
    let missing_after = unrepaired(&mut gone.iter().copied());
    let late_after = unrepaired(&mut (30..5_000).step_by(101).filter(|row| row % 2 == 1 && *row < 4_970));
    study.settings.push_str("\n[records.repair]\npaths = [\"repair.csv\"]\ncolumns = { receipt_id = \"client_order_id\", account = \"account\", received_at = \"received_ts\" }\n");
    fs::write(study.work.path().join("repair.csv"), repair.join("\n") + "\n").unwrap();
    let found = study.run();
    let told = &found.result["records"]["repair"];
    let of = |code: &str| {
        let row = told["findings"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap_or_else(|| panic!("{code}: {told:#}"));
        (row["before"].as_u64().unwrap(), row["after"].as_u64().unwrap())
    };
    assert_eq!(of("R01"), (gone.len() as u64, missing_after));
    assert_eq!(of("R03").0, late);
    assert_eq!(told["rows"].as_u64(), Some(repair.len() as u64 - 1));
    assert_eq!(told["found"].as_u64(), Some(gone.len() as u64 - missing_after));
    assert_eq!(of("R03").1 + told["corrected"].as_u64().unwrap(), late);
    assert!(late_after <= late);
    // The study stands on the records as they were.
    assert_eq!(found.result["reconciliation"]["missing_receipt"].as_u64(), Some(gone.len() as u64));
    assert_eq!(told["pairs"].as_array().unwrap().len(), found.result["pairs"].as_array().unwrap().len());
}

#[test]
fn explain_leads_from_a_code_to_its_rows_by_file_and_line() {
    let mut study = Study::simulated("fair", "1500", "2", "45");
    for row in [100, 700] {
        let late = crate::records::moved(study.receipts.get(row, "received_ts"), 300 * crate::records::SECOND);
        study.receipts.set(row, "written_ts", &late);
    }
    study.run();
    for (language, words) in [("en", "written late (300 s)"), ("zh-TW", "紀錄寫入過遲")] {
        let told = colofair(study.work.path(), &["explain", "R11", "--in", "out", "--lang", language]);
        assert_eq!((exit_code(&told), stderr(&told).as_str()), (0, ""));
        let text = stdout(&told);
        for expected in ["receipts.csv:102", "receipts.csv:702", "tables/records.parquet", words] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
    let nothing = colofair(study.work.path(), &["explain", "R11", "--in", "elsewhere"]);
    assert_eq!(exit_code(&nothing), 2);
}
