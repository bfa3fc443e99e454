//! What is missing from the record.

use std::collections::BTreeSet;

use crate::records::{Study, line};

#[test]
fn algo_orders_without_a_receipt_are_listed_one_by_one_and_counted_by_channel_and_group() {
    let mut study = Study::simulated("fair", "6000", "3", "11");
    // The receipts of every 40th order of the automated channel, and of some others, are taken out of the file.
    let mut planted = (BTreeSet::new(), BTreeSet::new());
    let mut gone = BTreeSet::new();
    let (mut n_automated, mut n_others) = (0, 0);
    for row in 0..study.orders.rows.len() {
        let automated = study.orders.get(row, "channel") == "2" || study.orders.get(row, "algo") == "Y";
        let n = if automated { &mut n_automated } else { &mut n_others };
        *n += 1;
        if *n % if automated { 40 } else { 200 } == 0 {
            if automated {
                planted.0.insert(line(row))
            } else {
                planted.1.insert(line(row))
            };
            gone.insert(study.orders.get(row, "client_order_id").to_owned());
        }
    }
    let at = study.receipts.at("client_order_id");
    study.receipts.rows.retain(|cells| !gone.contains(&cells[at]));
    let found = study.run();
    let all: BTreeSet<u64> = planted.0.union(&planted.1).copied().collect();
    found.assert_exactly("R01", "orders", &all);
    let automated: BTreeSet<u64> = found.lines("R01", |row| row["reason"] == "automated").into_iter().map(|(_, line)| line).collect();
    assert_eq!(automated, planted.0);
    assert!(automated.len() > 20 && planted.1.len() > 10);

    // The matrix says the same by channel and group, and a plain count over the file agrees.
    let cells = found.result["records"]["matrix"].as_array().unwrap();
    let sum = |key: &str| cells.iter().map(|cell| cell[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("automated_without_receipt"), planted.0.len() as u64);
    assert_eq!((sum("orders"), sum("automated")), (study.orders.rows.len() as u64, n_automated));
    let of_channel = |channel: &str, key: &str| {
        cells.iter().filter(|cell| cell["channel"] == channel).map(|cell| cell[key].as_u64().unwrap()).sum::<u64>()
    };
    for channel in ["2", "3", "6"] {
        let rows = || (0..study.orders.rows.len()).filter(|row| study.orders.get(*row, "channel") == channel);
        assert_eq!(of_channel(channel, "orders"), rows().count() as u64, "{channel}");
        let missing = rows().filter(|row| all.contains(&line(*row))).count() as u64;
        let held: u64 = cells.iter().filter(|cell| cell["channel"] == channel).map(|cell| cell["held"][1].as_u64().unwrap()).sum();
        assert_eq!(rows().count() as u64 - held, missing, "{channel}");
    }
    assert_eq!((&found.result["scorecard"][0]["state"], found.state("R01")), (&"finding".into(), "finding"));
    let finding = found.result["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "R01").unwrap();
    assert_eq!(finding["count"].as_u64(), Some(all.len() as u64));
}

#[test]
fn items_missing_from_the_record_are_named_where_the_files_have_the_column() {
    let mut study = Study::simulated("fair", "4000", "2", "12");
    study.orders.add_column("handler", |row| if row % 97 == 5 { String::new() } else { "K07".to_owned() });
    study.orders.add_column("ip", |row| if row % 89 == 7 { String::new() } else { format!("10.0.0.{}", row % 200) });
    study.map("orders", "handler", "handler");
    study.map("orders", "ip", "ip");
    let (mut without, mut nameless) = (BTreeSet::new(), BTreeSet::new());
    for row in 0..study.orders.rows.len() {
        if row % 53 == 0 {
            study.orders.set(row, "channel", "4");
        }
        let internet = study.orders.get(row, "channel") == "4";
        if study.orders.get(row, "handler").is_empty() || internet && study.orders.get(row, "ip").is_empty() {
            without.insert(line(row));
        }
    }
    for row in (3..study.receipts.rows.len()).step_by(211) {
        study.receipts.set(row, "account", "");
        nameless.insert(line(row));
    }
    for row in (8..study.receipts.rows.len()).step_by(977) {
        study.receipts.set(row, "received_ts", "");
        nameless.insert(line(row));
    }
    let found = study.run();
    found.assert_exactly("R13", "orders", &without);
    found.assert_exactly("R02", "receipts", &nameless);
    assert_eq!((found.state("R13"), found.state("R02")), ("finding", "finding"));
    let items: BTreeSet<&str> = found.rows.iter().filter(|row| row["code"] == "R13").map(|row| row["items"].as_str()).collect();
    assert_eq!(items, BTreeSet::from(["handler", "ip"]));
    let timeless = found.lines("R02", |row| row["reason"] == "no_time");
    assert!(!timeless.is_empty() && timeless.len() < nameless.len());
}
