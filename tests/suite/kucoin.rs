//! Real orders of two lanes of one exchange: every count and quantile that the README of the data states.
//!
//! The data stay outside the repository; where they are not at hand, nothing is checked, and the test says so past the harness.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{assert_balances, colofair, exit_code, real_lanes, result, stderr, table};

/// Lane, type, n, min, p50, p90, p99 and max in milliseconds, by nearest rank: the README's table.
const FACTS: [(&str, &str, usize, [i64; 5]); 4] = [
    ("kucoin_hft", "N", 2_958, [20, 39, 85, 285, 600]),
    ("kucoin_ordinary", "N", 2_955, [31, 52, 101, 315, 1_031]),
    ("kucoin_hft", "X", 20, [84, 207, 522, 790, 790]),
    ("kucoin_ordinary", "X", 15, [107, 272, 559, 587, 587]),
];

#[test]
fn the_readme_of_the_two_lanes_comes_out_to_the_last_digit() {
    let Some(data) = real_lanes() else { return };
    let work = tempfile::tempdir().unwrap();
    let study = format!(
        r#"
[study]
timezone = "UTC"
language = "en"
[orders]
paths = ["{0}/orders.csv"]
columns = {{ receipt_id = "Order_ID", kind = "type", sent_at = "order_ts" }}
[receipts]
paths = ["{0}/receipts.csv"]
columns = {{ receipt_id = "Order_ID", group = "grp", kind = "type", received_at = "receipt_ts" }}
[link]
keys = ["receipt_id", "kind"]
"#,
        data.display()
    );
    fs::write(work.path().join("study.toml"), study).unwrap();
    let output = colofair(work.path(), &["study", "study.toml", "--tables", "full"]);
    assert!([1, 3].contains(&exit_code(&output)), "{}", stderr(&output));

    let found = result(&work.path().join("out"));
    assert_balances(&found);
    let count = |name: &str| found["reconciliation"][name].as_u64().unwrap();
    assert_eq!((found["input"]["receipts"]["rows"].as_u64(), found["input"]["orders"]["rows"].as_u64()), (Some(5_973), Some(5_948)));
    assert_eq!((count("matched"), count("orphan_receipt"), count("missing_receipt"), count("receipts_matched")), (5_948, 25, 0, 5_948));

    let rows = table(&work.path().join("out/tables/reconciled.parquet"));
    let orphans: Vec<_> =
        rows.iter().filter(|row| row["class"] == "orphan_receipt").map(|row| (row["group"].as_str(), &row["receipt_id"])).collect();
    assert!(orphans.len() == 25 && orphans.iter().all(|(lane, _)| *lane == "kucoin_ordinary"), "{orphans:?}");

    let mut latencies: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row["class"] == "matched") {
        latencies.entry((&row["group"], &row["kind"])).or_default().push(row["latency"].parse().unwrap());
    }
    assert_eq!(latencies.len(), FACTS.len());
    for (lane, kind, n, quantiles) in FACTS {
        let latencies = latencies.get_mut(&(lane, kind)).unwrap();
        latencies.sort_unstable();
        // In whole thousandths: ceil(p n / 1000) without a rounding error.
        let nearest_rank = |thousandths: usize| latencies[(thousandths * n).div_ceil(1_000).max(1) - 1] / 1_000_000;
        assert_eq!((latencies.len(), [0, 500, 900, 990, 1_000].map(nearest_rank)), (n, quantiles), "{lane}, {kind}");
    }
    // The lanes were tested minutes apart, one client each: no verdict by group, and the reason is said.
    for pair in found["pairs"].as_array().unwrap() {
        assert_eq!(pair["verdict"], "inconclusive");
        assert!(!pair["reasons"].as_array().unwrap().is_empty());
    }
}
