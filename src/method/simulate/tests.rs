//! Worlds as their users meet them: orders in memory, files on disk, and the answer that must fit them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, TimestampNanosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::record::{MatchedOrders, TimeSpan};
use crate::simulate::{Format, Options, Truth, World, WorldSettings, matched, write};

fn world(name: &str) -> World {
    World::named(name, &WorldSettings::default()).expect(name)
}

fn orders_of(name: &str, options: &Options) -> MatchedOrders {
    matched(&world(name), options).expect(name)
}

fn small() -> Options {
    Options { orders: 4_000, days: 2, ..Options::default() }
}

fn quantile(mut latencies: Vec<i64>, p: f64) -> i64 {
    latencies.sort_unstable();
    latencies[((p * latencies.len() as f64).ceil() as usize).max(1) - 1]
}

fn latencies(orders: &MatchedOrders, group: Option<u16>) -> Vec<i64> {
    (0..orders.len()).filter(|&row| group.is_none_or(|group| orders.group[row] == group)).map(|row| orders.latency[row].0).collect()
}

/// Orders that were sent before one that came earlier on the same shard, by the overtaker's group.
fn overtakers(orders: &MatchedOrders) -> BTreeMap<u16, usize> {
    let mut latest: HashMap<u16, i64> = HashMap::new();
    let mut overtakers = BTreeMap::new();
    for row in 0..orders.len() {
        let (sent, latest) = (orders.sent_at(row).0, latest.entry(orders.shard[row]).or_insert(i64::MIN));
        if sent < *latest {
            *overtakers.entry(orders.group[row]).or_default() += 1;
        }
        *latest = sent.max(*latest);
    }
    overtakers
}

#[test]
fn the_fair_world_is_the_one_of_the_method() {
    for seed in 1..=3 {
        let orders = orders_of("fair", &Options::calibration(seed));
        assert!((29_000..36_000).contains(&orders.len()), "{} orders", orders.len());
        let (p50, p99) = (quantile(latencies(&orders, None), 0.5), quantile(latencies(&orders, None), 0.99));
        assert!((40_000..49_000).contains(&p50), "p50 {p50} ns");
        assert!((1_000_000..5_000_000).contains(&p99), "p99 {p99} ns");
        let share = latencies(&orders, Some(0)).len() as f64 / orders.len() as f64;
        assert!((0.47..0.53).contains(&share), "share of A {share}");
        assert_eq!(overtakers(&orders), BTreeMap::new());
        assert!(orders.received_at.is_sorted());
    }
}

#[test]
fn latency_stays_alike_when_the_same_days_hold_more_orders() {
    let large = orders_of("fair", &Options { orders: 400_000, days: 1, session_minutes: 130, ..Options::default() });
    assert!((40_000..52_000).contains(&quantile(latencies(&large, None), 0.5)));
    assert!((1_000_000..6_000_000).contains(&quantile(latencies(&large, None), 0.99)));
    assert_eq!((large.names.shards.len(), overtakers(&large).len()), (4, 0));
}

#[test]
fn a_delay_moves_the_orders_of_b_and_nothing_else() {
    let (fair, delayed) = (orders_of("fair", &small()), orders_of("delay", &small()));
    let by_order = |orders: &MatchedOrders, shift: i64| -> BTreeSet<(i64, u16, u32, i64)> {
        let row = |row: usize| {
            let back = if orders.group[row] == 1 { shift } else { 0 };
            (orders.received_at[row].0, orders.group[row], orders.client[row], orders.latency[row].0 - back)
        };
        (0..orders.len()).map(row).collect()
    };
    assert_eq!(by_order(&fair, 0), by_order(&delayed, 20_000));
    let settings = WorldSettings { delay: TimeSpan(0), ..WorldSettings::default() };
    let none = matched(&World::named("delay", &settings).expect("known"), &small()).expect("in range");
    assert_eq!(by_order(&fair, 0), by_order(&none, 0));
}

#[test]
fn each_effect_shows_where_it_was_planted() {
    let options = Options::calibration(5);
    let priority = overtakers(&orders_of("priority", &options));
    assert!(priority.keys().eq([&0]) && priority[&0] > 500, "{priority:?}");
    let workers = overtakers(&orders_of("fair-workers", &options));
    assert!(workers[&0] > 300 && workers[&1] > 300, "{workers:?}");
    let routing = orders_of("routing", &options);
    let to_slow = |group| (0..routing.len()).filter(|&row| routing.group[row] == group && routing.gateway[row] == 1).count();
    assert!(to_slow(1) > 3 * to_slow(0));
    let whale = orders_of("whale-delay", &options);
    let of_whale: Vec<i64> = (0..whale.len()).filter(|&row| whale.client[row] == 1).map(|row| whale.latency[row].0).collect();
    assert!(of_whale.iter().all(|latency| *latency > 100_000));
    assert!((0.55..0.65).contains(&(of_whale.len() as f64 / latencies(&whale, Some(1)).len() as f64)));
    let house = orders_of("house-first", &options);
    assert_eq!(house.names.groups, ["A", "B", "house"]);
    assert!(overtakers(&house).keys().eq([&2]));
    let four = orders_of("fair", &Options { groups: 4, ..options });
    assert_eq!(four.names.groups, ["A", "B", "C", "D"]);
}

fn written(name: &str, options: &Options, format: Format, dir: &Path) -> Truth {
    write(&world(name), options, format, dir, &mut |_| {}).expect(name)
}

#[test]
fn a_seed_names_the_bytes() {
    let bytes = |seed: u64, format: Format| -> Vec<Vec<u8>> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        written("delay+missing", &Options { seed, ..small() }, format, dir.path());
        let names = ["orders", "receipts"].map(|stem| format!("{stem}.{}", format.name()));
        let others = ["clients.csv", "study.toml", "truth.json", "truth.parquet"].map(String::from);
        names.iter().chain(&others).map(|name| std::fs::read(dir.path().join(name)).expect(name)).collect()
    };
    for format in [Format::Csv, Format::Parquet, Format::Arrow] {
        assert!(bytes(1, format) == bytes(1, format));
        assert!(bytes(1, format)[0] != bytes(2, format)[0]);
    }
}

/// Rows of a simulated CSV file, by column name.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path).expect("readable");
    let mut lines = text.lines();
    let header: Vec<String> = lines.next().expect("a header").split(',').map(String::from).collect();
    lines.map(|line| header.iter().cloned().zip(line.split(',').map(String::from)).collect()).collect()
}

/// A plain reconciliation by the contract's rules, of files in which no link is ambiguous.
fn reconciled(dir: &Path, with_kind: bool) -> Truth {
    let (orders, receipts) = (rows(&dir.join("orders.csv")), rows(&dir.join("receipts.csv")));
    let key =
        |row: &HashMap<String, String>| (row["client_order_id"].clone(), if with_kind { row["order_type"].clone() } else { String::new() });
    let mut truth = Truth { orders: orders.len() as u64, receipts: receipts.len() as u64, ..Truth::default() };
    let mut first: HashMap<(String, String), String> = HashMap::new();
    for receipt in &receipts {
        let known = first.entry(key(receipt)).or_insert_with(|| receipt["received_ts"].clone());
        if *known > receipt["received_ts"] {
            known.clone_from(&receipt["received_ts"]);
        }
    }
    truth.duplicate_receipt = truth.receipts - first.len() as u64;
    let (mut seen, mut used) = (BTreeSet::new(), BTreeSet::new());
    for order in &orders {
        if !seen.insert(order["order_id"].clone()) {
            truth.duplicate_order += 1;
            continue;
        }
        let Some(received) = first.get(&key(order)) else {
            truth.missing_receipt += 1;
            continue;
        };
        truth.matched += 1;
        used.insert(key(order));
        truth.negative += u64::from(order["sent_ts"] < *received);
        truth.zero += u64::from(order["sent_ts"] == *received);
    }
    truth.receipts_matched = used.len() as u64;
    truth.orphan_receipt = first.len() as u64 - truth.receipts_matched;
    truth
}

#[test]
fn the_truth_is_what_a_plain_reconciliation_finds_in_every_world() {
    let combined = "missing+orphan+duplicate+negative+backfilled+rounded+clock-step+clock-drift+slices+chains+house-first+priority";
    for name in World::known().map(|(name, _)| name).chain([combined]) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let truth = written(name, &small(), Format::Csv, dir.path());
        let found = reconciled(dir.path(), world(name).faults.chains);
        assert_eq!(Truth { backfilled: 0, skipped_serials: 0, ..truth.clone() }, found, "{name}");
        assert_eq!(truth.matched + truth.missing_receipt + truth.duplicate_order, truth.orders, "{name}");
        assert_eq!(truth.receipts_matched + truth.orphan_receipt + truth.duplicate_receipt, truth.receipts, "{name}");
        let sorted = |file: &str, column: &str| rows(&dir.path().join(file)).is_sorted_by_key(|row| row[column].clone());
        assert!(sorted("orders.csv", "sent_ts") && sorted("receipts.csv", "received_ts"), "{name}");
    }
}

#[test]
fn faults_come_at_their_rates() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let name = "missing+orphan+duplicate+negative+backfilled+serial-gap";
    let truth = written(name, &Options { orders: 40_000, ..Options::default() }, Format::Csv, dir.path());
    let share = |count: u64| count as f64 / truth.orders as f64;
    for (count, rate) in [
        (truth.missing_receipt, 0.01),
        (truth.orphan_receipt, 0.005),
        (truth.duplicate_order, 0.005),
        (truth.duplicate_receipt, 0.005),
        (truth.negative, 0.005),
        (truth.backfilled, 0.05),
        (truth.skipped_serials, 0.002),
    ] {
        assert!((0.75 * rate..1.25 * rate).contains(&share(count)), "{truth:?}");
    }
    let receipts: BTreeSet<String> = rows(&dir.path().join("receipts.csv")).iter().map(|row| row["client_order_id"].clone()).collect();
    let orders = rows(&dir.path().join("orders.csv"));
    let missing: Vec<_> = orders.iter().filter(|row| !receipts.contains(&row["client_order_id"])).collect();
    let algo = missing.iter().filter(|row| row["algo"] == "Y" && row["channel"] == "2").count();
    assert!(algo as f64 > 0.8 * missing.len() as f64, "{algo} of {}", missing.len());
}

#[test]
fn memory_and_files_hold_the_same_orders() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let truth = written("fair-open+delay", &small(), Format::Parquet, dir.path());
    let orders = orders_of("fair-open+delay", &small());
    assert_eq!(truth.matched as usize, orders.len());
    let times = |file: &str, column: &str| -> Vec<i64> {
        let mut times = Vec::new();
        for batch in batches(&dir.path().join(file)) {
            times.extend_from_slice(batch.column_by_name(column).expect(column).as_primitive::<TimestampNanosecondType>().values());
        }
        times
    };
    let (sent, received) = (times("orders.parquet", "sent_ts"), times("receipts.parquet", "received_ts"));
    let mut by_truth: Vec<(i64, i64)> = Vec::new();
    for batch in batches(&dir.path().join("truth.parquet")) {
        let row = |name: &str, at: usize| batch.column_by_name(name).expect(name).as_primitive::<Int64Type>().value(at) as usize;
        by_truth.extend((0..batch.num_rows()).map(|at| (received[row("receipt_row", at)], sent[row("order_row", at)])));
    }
    by_truth.sort_unstable();
    let mut in_memory: Vec<(i64, i64)> = (0..orders.len()).map(|row| (orders.received_at[row].0, orders.sent_at(row).0)).collect();
    in_memory.sort_unstable();
    assert_eq!(by_truth, in_memory);
}

fn batches(path: &Path) -> Vec<arrow::array::RecordBatch> {
    let file = std::fs::File::open(path).expect("readable");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
    reader.map(|batch| batch.expect("a batch")).collect()
}

#[test]
fn serials_rise_with_receipt_on_a_line_unless_somebody_has_priority() {
    let breaks = |name: &str| {
        let dir = tempfile::tempdir().expect("a temporary folder");
        written(name, &small(), Format::Csv, dir.path());
        let orders = rows(&dir.path().join("orders.csv"));
        let key = |row: &HashMap<String, String>| (row["sent_ts"][..10].to_owned(), row["shard"].clone(), row["order_no"].clone());
        let mut in_series: Vec<_> = orders.iter().map(|row| (key(row), row["client_order_id"].clone())).collect();
        in_series.sort();
        let pairs = in_series.windows(2).filter(|pair| pair[0].0.0 == pair[1].0.0 && pair[0].0.1 == pair[1].0.1);
        pairs.filter(|pair| pair[0].1 > pair[1].1).count()
    };
    assert_eq!((breaks("fair"), breaks("fair-workers")), (0, 0));
    assert!(breaks("priority") > 50);
}

#[test]
fn options_outside_their_range_are_refused_in_words() {
    let refused = |options: Options| matched(&world("routing"), &options).expect_err("out of range").to_string();
    assert_eq!(refused(Options { gateways: 1, ..small() }), "option gateways must be two or more in the routing world");
    assert_eq!(refused(Options { groups: 7, ..small() }), "option groups must be 2 to 6");
    assert!(refused(Options { orders: 0, ..small() }).contains("orders"));
}
