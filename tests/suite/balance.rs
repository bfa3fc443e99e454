//! Random studies against a reconciliation written naively from the contract's words.
//!
//! Every row of both sides ends in exactly one class, the waterfall balances, and neither the order of the rows nor the way they are
//! split into files changes a figure.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use colofair::config;
use colofair::record::Progress;
use colofair::study::{self, Command, Depth, RunOptions};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{assert_balances, figures, files, result, table};

/// 2026-01-05T23:59:59.999999990 in Taipei: ten nanoseconds before the trading date changes.
const START: i64 = 1_767_628_799_999_999_990;
const MIDNIGHT: i64 = START + 10;

const RECEIPT_IDS: [&str; 8] = ["", "K1", "K2", "K3", "k1", "K-0123456789-0123456789-1", "K-0123456789-0123456789-2", "客戶委託編號"];
const ORDER_IDS: [&str; 5] = ["", "O1", "O2", "O3", "ORDER-0123456789-0123456789"];
const ACCOUNTS: [&str; 5] = ["", "A1", "A2", "A3", "A4"];
const GROUPS: [&str; 3] = ["", "X", "Y"];

/// A row of either side; `time` is `None` where the cell is no time.
#[derive(Clone, Debug)]
struct Row {
    order_id: &'static str,
    receipt_id: &'static str,
    account: &'static str,
    group: &'static str,
    time: Option<i64>,
}

#[derive(Clone, Debug)]
struct Sides {
    orders: Vec<Row>,
    receipts: Vec<Row>,
    keys: &'static str,
    clients: bool,
}

fn row() -> impl Strategy<Value = Row> {
    let time = prop_oneof![12 => (START..START + 24).prop_map(Some), 1 => Just(None)];
    let pick = (
        prop::sample::select(&ORDER_IDS[..]),
        prop::sample::select(&RECEIPT_IDS[..]),
        prop::sample::select(&ACCOUNTS[..]),
        prop::sample::select(&GROUPS[..]),
    );
    (pick, time).prop_map(|((order_id, receipt_id, account, group), time)| Row { order_id, receipt_id, account, group, time })
}

fn sides() -> impl Strategy<Value = Sides> {
    let keys = prop::sample::select(vec![
        r#""receipt_id""#,
        r#""receipt_id", "trade_date""#,
        r#""receipt_id", "account""#,
        r#""trade_date", "receipt_id", "account""#,
    ]);
    let sound = Row { order_id: "O0", receipt_id: "K0", account: "A1", group: "X", time: Some(START) };
    // At least one sound row a side: a side without any is an error, not a study.
    let rows = move || {
        prop::collection::vec(row(), 0..28).prop_map({
            let sound = sound.clone();
            move |mut rows| {
                rows.insert(rows.len() / 2, sound.clone());
                rows
            }
        })
    };
    (rows(), rows(), keys, any::<bool>()).prop_map(|(orders, receipts, keys, clients)| Sides { orders, receipts, keys, clients })
}

/// The clients file: (account, group, client, first date is the second day, last date is the first day).
const CLIENTS: [(&str, &str, &str, bool, bool); 4] =
    [("A1", "X", "C1", false, false), ("A2", "X", "C2", false, true), ("A2", "Y", "C1", true, false), ("A3", "", "C3", true, false)];

/// What the contract says about the sides, row by row.
struct Expected {
    orders: Vec<(&'static str, Option<usize>, String, String)>,
    receipts: Vec<(&'static str, String)>,
}

/// The contract, read aloud. Rows are in the order of the files; a refused row has class "rejected".
fn expected(sides: &Sides) -> Expected {
    let second_day = |time: i64| time >= MIDNIGHT;
    let entry = |account: &str, time: i64| {
        let holds =
            |(_, _, _, from_second, to_first): &&(&str, &str, &str, bool, bool)| if second_day(time) { !to_first } else { !from_second };
        CLIENTS.iter().filter(|_| sides.clients).find(|entry| entry.0 == account && holds(entry))
    };
    let named = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let key = |id: &'static str, row: &Row| {
        let (dated, by_account) = (sides.keys.contains("trade_date"), sides.keys.contains("account"));
        Some((named(id)?, dated && second_day(row.time?), if by_account { row.account } else { "" }))
    };
    // The earliest, then the smallest values, where no name at all comes last; then the first.
    let rank = |row: &Row, at: usize| {
        (row.time, row.order_id, row.receipt_id, row.account.is_empty(), row.account, row.group.is_empty(), row.group, at)
    };
    let first_of = |rows: &[Row], same: &dyn Fn(&Row) -> bool, by_group: bool| {
        let copies = rows.iter().enumerate().filter(|(_, row)| row.time.is_some() && same(row));
        // Orders carry no group of their own, receipts no order id.
        let read = |row: &Row| if by_group { Row { order_id: "", ..row.clone() } } else { Row { group: "", ..row.clone() } };
        let place = |(at, row): &(usize, &Row)| rank(&read(row), *at);
        copies.min_by_key(place).map(|(at, _)| at)
    };

    let receipt_group = |row: &Row| {
        let booked = row.time.and_then(|time| entry(row.account, time)).and_then(|entry| named(entry.1));
        booked.or(named(row.group)).unwrap_or("(unknown)")
    };
    let only_group = |account: &str| {
        let groups: BTreeSet<&str> = sides
            .receipts
            .iter()
            .filter(|row| row.time.is_some() && row.account == account)
            .map(receipt_group)
            .filter(|group| *group != "(unknown)")
            .collect();
        if groups.len() == 1 { groups.first().copied() } else { None }
    };

    let mut orders = Vec::new();
    let mut used = BTreeMap::new();
    for (at, order) in sides.orders.iter().enumerate() {
        let Some(sent) = order.time else {
            orders.push(("rejected", None, String::new(), String::new()));
            continue;
        };
        let identity = key(order.order_id, order);
        let survivor = identity.and_then(|identity| first_of(&sides.orders, &|other| key(other.order_id, other) == Some(identity), false));
        let refers_to = key(order.receipt_id, order);
        let copies: Vec<&Row> = sides
            .receipts
            .iter()
            .filter(|receipt| receipt.time.is_some() && refers_to.is_some() && key(receipt.receipt_id, receipt) == refers_to)
            .collect();
        let groups: BTreeSet<&str> = copies.iter().map(|copy| receipt_group(copy)).collect();
        let class = match groups.len() {
            _ if survivor.is_some_and(|survivor| survivor != at) => "duplicate_order",
            0 => "missing_receipt",
            1 => "matched",
            _ => "ambiguous",
        };
        let receipt = if class == "duplicate_order" {
            None
        } else {
            first_of(&sides.receipts, &|other| refers_to.is_some() && key(other.receipt_id, other) == refers_to, true)
        };
        if let Some(receipt) = receipt {
            used.insert(receipt, class);
        }
        let account = named(order.account).or_else(|| named(sides.receipts[receipt?].account));
        let booked = account.and_then(|account| entry(account, sent));
        let group = booked.and_then(|entry| named(entry.1));
        let group = group.or_else(|| receipt.map(|receipt| receipt_group(&sides.receipts[receipt])).filter(|group| *group != "(unknown)"));
        let group = group.or_else(|| only_group(account?)).unwrap_or("(unknown)");
        // On a day without an entry the only client that the file gives the account.
        let of_any_day: BTreeSet<&str> =
            CLIENTS.iter().filter(|entry| sides.clients && Some(entry.0) == account).filter_map(|entry| named(entry.2)).collect();
        let only_client = if of_any_day.len() == 1 { of_any_day.first().copied() } else { None };
        let client = booked.and_then(|entry| named(entry.2)).or(only_client).or(account).unwrap_or("");
        orders.push((class, receipt, group.to_owned(), client.to_owned()));
    }
    let receipts = sides.receipts.iter().enumerate().map(|(at, receipt)| {
        let own = key(receipt.receipt_id, receipt);
        let survivor = own.and_then(|own| first_of(&sides.receipts, &|other| key(other.receipt_id, other) == Some(own), true));
        let class = match used.get(&at) {
            _ if receipt.time.is_none() => "rejected",
            _ if survivor.is_some_and(|survivor| survivor != at) => "duplicate_receipt",
            Some(class) => class,
            None => "orphan_receipt",
        };
        (class, receipt_group(receipt).to_owned())
    });
    Expected { orders, receipts: receipts.collect() }
}

/// Writes one side into files named `NAME-0.csv`, `NAME-1.csv`, ..., cut at the places given.
fn write_side(folder: &Path, name: &str, rows: &[Row], cuts: &[usize]) -> Vec<(String, u64)> {
    let mut bounds: Vec<usize> = cuts.iter().map(|cut| cut % (rows.len() + 1)).chain([0, rows.len()]).collect();
    bounds.sort_unstable();
    let mut places = Vec::new();
    for (index, bound) in bounds.windows(2).enumerate() {
        let file = format!("{name}-{index}.csv");
        let mut text = "order_id,receipt_id,account,client_group,time\n".to_owned();
        for (at, row) in rows[bound[0]..bound[1]].iter().enumerate() {
            let time = row.time.map_or_else(|| "24:61".to_owned(), |time| time.to_string());
            text.push_str(&format!("{},{},{},{},{time}\n", row.order_id, row.receipt_id, row.account, row.group));
            places.push((file.clone(), at as u64));
        }
        fs::write(folder.join(file), text).unwrap();
    }
    places
}

/// Runs a study of the sides; gives the result, the table of every row, and where each row stood.
struct Run {
    result: Value,
    rows: Vec<crate::support::Row>,
    orders: Vec<(String, u64)>,
    receipts: Vec<(String, u64)>,
}

fn run(sides: &Sides, cuts: &[usize]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let orders = write_side(folder.path(), "orders", &sides.orders, cuts);
    let receipts = write_side(folder.path(), "receipts", &sides.receipts, &cuts[..cuts.len() / 2]);
    let mut text = format!(
        r#"
[orders]
paths = ["orders-*.csv"]
columns = {{ order_id = "order_id", receipt_id = "receipt_id", account = "account", sent_at = {{ column = "time", format = "epoch_ns" }} }}
[receipts]
paths = ["receipts-*.csv"]
columns = {{ receipt_id = "receipt_id", account = "account", group = "client_group", received_at = {{ column = "time", format = "epoch_ns" }} }}
[link]
keys = [{}]
[calendar]
preset = "none"
"#,
        sides.keys
    );
    if sides.clients {
        let date = |given: bool, date: &str| if given { date.to_owned() } else { String::new() };
        let lines = CLIENTS.map(|(account, group, client, from, to)| {
            format!("{account},{group},{client},{},{}\n", date(from, "2026-01-06"), date(to, "2026-01-05"))
        });
        fs::write(folder.path().join("clients.csv"), format!("account,g,client,from,to\n{}", lines.concat())).unwrap();
        text.push_str("[clients]\npaths = [\"clients.csv\"]\ncolumns = { account = \"account\", group = \"g\", client = \"client\", from = \"from\", to = \"to\" }\n");
    }
    let config = config::parse(&folder.path().join("study.toml"), text).unwrap();
    let inputs = study::open(&config).unwrap();
    let run = |command: Command, full_tables: bool, out: &str, progress: Progress| {
        let (out, depth) = (folder.path().join(out), Depth::Standard);
        let options = RunOptions { command, hash: false, full_tables, depth, max_rejects: None, pseudonyms: None };
        study::run(&config, &inputs, &options, &out, &progress).unwrap();
        (result(&out), files(&out))
    };
    let (whole, tables) = run(Command::Study, true, "out", Progress::default());
    let look = run(Command::Check, false, "look", Progress::default());
    assert_same_basis(&whole, &look.0);
    assert!(look.1["tables/trend.parquet"] == tables["tables/trend.parquet"], "the trend of a first look is that of the study");
    // Memory that is short when the first file is opened, and then allows some rows at a time.
    let asked = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&asked);
    let held = move || if counter.fetch_add(1, Ordering::Relaxed) == 0 { 400 } else { 0 };
    let in_shares = run(Command::Check, false, "in-shares", Progress::default().within(400, held));
    assert!(asked.load(Ordering::Relaxed) > 2, "one piece was enough");
    assert_eq!(in_shares.0, look.0);
    assert!(in_shares.1 == look.1, "a first look in shares writes the same bytes");
    Run { result: whole, rows: table(&folder.path().join("out/tables/reconciled.parquet")), orders, receipts }
}

/// A first look holds no rows, a study all of them: what both give is the same to the digit.
fn assert_same_basis(whole: &Value, look: &Value) {
    for part in ["reconciliation", "groups", "curves", "input"] {
        assert_eq!(look[part], whole[part], "{part}");
    }
    let pairs = |result: &Value| {
        // Clients of no known group are shown, and judged by nobody.
        let known = |pair: &&Value| pair["favoured"] != "(unknown)" && pair["disadvantaged"] != "(unknown)";
        let pair = |pair: &Value| (pair["favoured"].clone(), pair["disadvantaged"].clone(), pair["comparison"].clone());
        result["pairs"].as_array().unwrap().iter().filter(known).map(pair).collect::<Vec<_>>()
    };
    assert_eq!(pairs(look), pairs(whole));
}

/// The row of the table in which each input row of one side stands; a matched receipt may stand in several.
fn by_place<'a>(rows: &'a [crate::support::Row], side: &str) -> BTreeMap<(String, u64), Vec<&'a crate::support::Row>> {
    let mut found: BTreeMap<(String, u64), Vec<&crate::support::Row>> = BTreeMap::new();
    for row in rows {
        if let (Some(file), Some(at)) = (row.get(&format!("{side}_file")), row.get(&format!("{side}_row"))) {
            found.entry((file.clone(), at.parse().unwrap())).or_default().push(row);
        }
    }
    found
}

fn assert_as_expected(sides: &Sides, run: &Run) {
    let expected = expected(sides);
    let (orders, receipts) = (by_place(&run.rows, "order"), by_place(&run.rows, "receipt"));
    let text = |row: &crate::support::Row, column: &str| row.get(column).cloned().unwrap_or_default();
    for (at, (class, receipt, group, client)) in expected.orders.iter().enumerate() {
        let found = orders.get(&run.orders[at]);
        if *class == "rejected" {
            assert!(found.is_none(), "a refused row is in no class");
            continue;
        }
        let [row] = found.unwrap()[..] else { panic!("order {at} stands in {} rows", found.unwrap().len()) };
        assert_eq!(
            (text(row, "class").as_str(), &text(row, "group"), &text(row, "client")),
            (*class, group, client),
            "order {at} of {sides:#?}"
        );
        let place = receipt.map(|receipt| &run.receipts[receipt]);
        let found = row.get("receipt_file").map(|file| (file.clone(), text(row, "receipt_row").parse().unwrap()));
        assert_eq!(found.as_ref(), place, "the receipt of order {at} of {sides:#?}");
        let latency = receipt.map(|receipt| sides.orders[at].time.unwrap() - sides.receipts[receipt].time.unwrap());
        assert_eq!(text(row, "latency"), latency.map_or(String::new(), |ns| ns.to_string()));
    }
    for (at, (class, group)) in expected.receipts.iter().enumerate() {
        let found = receipts.get(&run.receipts[at]).map_or(&[][..], Vec::as_slice);
        match *class {
            "rejected" => assert!(found.is_empty()),
            "matched" | "ambiguous" => assert!(
                !found.is_empty() && found.iter().all(|row| row["class"] == *class && row.contains_key("order_row")),
                "receipt {at} of {sides:#?}"
            ),
            _ => {
                let [row] = found else { panic!("receipt {at} stands in {} rows", found.len()) };
                assert_eq!(
                    (text(row, "class").as_str(), &text(row, "group"), row.get("order_row")),
                    (*class, group, None),
                    "receipt {at} of {sides:#?}"
                );
            }
        }
    }
    assert_counts(sides, &expected, &run.result);
    assert_groups(sides, &expected, &run.result);
}

fn assert_counts(sides: &Sides, expected: &Expected, result: &Value) {
    let orders = |class: &str| expected.orders.iter().filter(|order| order.0 == class).count();
    let receipts = |class: &str| expected.receipts.iter().filter(|receipt| receipt.0 == class).count();
    let latencies = |keep: fn(i64) -> bool| {
        let matched = expected.orders.iter().enumerate().filter(|(_, order)| order.0 == "matched");
        let latency = |at: usize, receipt: Option<usize>| sides.orders[at].time.unwrap() - sides.receipts[receipt.unwrap()].time.unwrap();
        matched.filter(|(at, order)| keep(latency(*at, order.1))).count()
    };
    let counts = serde_json::json!({
        "matched": orders("matched"),
        "missing_receipt": orders("missing_receipt"),
        "orphan_receipt": receipts("orphan_receipt"),
        "duplicate_receipt": receipts("duplicate_receipt"),
        "duplicate_order": orders("duplicate_order"),
        "ambiguous": orders("ambiguous"),
        "receipts_matched": receipts("matched"),
        "receipts_ambiguous": receipts("ambiguous"),
        "negative": latencies(|ns| ns < 0),
        "zero": latencies(|ns| ns == 0),
    });
    assert_eq!(result["reconciliation"], counts);
    assert_eq!(result["input"]["orders"]["rejected"].as_u64().unwrap() as usize, orders("rejected"));
    assert_eq!(result["input"]["receipts"]["rejected"].as_u64().unwrap() as usize, receipts("rejected"));
}

fn assert_groups(sides: &Sides, expected: &Expected, result: &Value) {
    let mut groups: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut clients: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (at, (class, receipt, group, client)) in expected.orders.iter().enumerate().filter(|(_, order)| order.0 == "matched") {
        assert_eq!(*class, "matched");
        groups.entry(group).or_default().push(sides.orders[at].time.unwrap() - sides.receipts[receipt.unwrap()].time.unwrap());
        clients.entry(group).or_default().extend(Some(client.as_str()).filter(|client| !client.is_empty()));
    }
    let found: BTreeMap<&str, &Value> =
        result["groups"].as_array().unwrap().iter().map(|row| (row["group"].as_str().unwrap(), row)).collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), groups.keys().collect::<Vec<_>>());
    for (group, latencies) in &mut groups {
        latencies.sort_unstable();
        let n = latencies.len();
        let in_group = |class: &str| expected.orders.iter().filter(|order| order.0 == class && order.2 == *group).count();
        let orphans = expected.receipts.iter().filter(|receipt| receipt.0 == "orphan_receipt" && receipt.1 == *group).count();
        let row = found[group];
        let figures =
            ["n", "min", "p50", "p90", "max", "clients", "missing_receipt", "orphan_receipt"].map(|name| row[name].as_i64().unwrap());
        let counted = [clients[group].len(), in_group("missing_receipt"), orphans].map(|n| n as i64);
        let expected = [
            n as i64,
            latencies[0],
            latencies[n.div_ceil(2) - 1],
            latencies[(9 * n).div_ceil(10) - 1],
            latencies[n - 1],
            counted[0],
            counted[1],
            counted[2],
        ];
        assert_eq!(figures, expected, "{group}");
        assert!((row["mean"].as_f64().unwrap() - latencies.iter().sum::<i64>() as f64 / n as f64).abs() < 1e-9);
    }
}

/// The figures but for R07, which says whether a file's rows stand in time sequence, its rows, and what the scorecard makes of it.
fn whatever_the_rows_order(result: serde_json::Value) -> serde_json::Value {
    let mut result = figures(result);
    let other = |row: &serde_json::Value| row["code"] != "R07";
    result["records"]["checks"].as_array_mut().unwrap().retain(other);
    result["findings"].as_array_mut().unwrap().retain(other);
    result["tables"].as_array_mut().unwrap().retain(|table| table["path"] != "tables/records.parquet");
    result["scorecard"][0] = serde_json::Value::Null;
    result
}

/// Five orders stamped before their receipts, the last of them of one instant with a sound one: whichever stands first in its file.
#[test]
fn a_run_of_negative_latencies_is_as_long_wherever_rows_of_one_instant_stand() {
    let row = |at: usize, time: i64| Row { order_id: "", receipt_id: RECEIPT_IDS[at + 1], account: "A1", group: "X", time: Some(time) };
    let receipts: Vec<Row> = (0..6).map(|at| row(at, START + at.min(4) as i64 + 3)).collect();
    let orders: Vec<Row> = (0..6).map(|at| row(at, if at == 5 { START + 9 } else { START + at as i64 })).collect();
    let sides = Sides { orders, receipts, keys: r#""receipt_id""#, clients: false };
    let mut other = sides.clone();
    other.receipts.reverse();
    let [one, other] = [sides, other].map(|sides| whatever_the_rows_order(run(&sides, &[]).result));
    assert_eq!(one, other);
    let checks = one["records"]["checks"].as_array().unwrap();
    let reason = checks.iter().find(|check| check["code"] == "R03").unwrap()["reason"]["en"].as_str().unwrap();
    assert!(reason.contains("; 5 of them stand in runs of at least 5 receipts"), "{reason}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_ends_in_the_class_the_contract_says_and_the_waterfall_balances(sides in sides(), cuts in prop::collection::vec(any::<usize>(), 0..6)) {
        let run = run(&sides, &cuts);
        assert_balances(&run.result);
        assert_as_expected(&sides, &run);
    }

    #[test]
    fn neither_the_order_of_rows_nor_the_split_into_files_changes_a_figure(
        (sides, shuffled) in sides().prop_flat_map(|sides| {
            let shuffled = (Just(sides.orders.clone()).prop_shuffle(), Just(sides.receipts.clone()).prop_shuffle());
            (Just(sides), shuffled)
        }),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let other = Sides { orders: shuffled.0, receipts: shuffled.1, ..sides.clone() };
        prop_assert_eq!(whatever_the_rows_order(run(&sides, &[]).result), whatever_the_rows_order(run(&other, &cuts).result));
    }
}
