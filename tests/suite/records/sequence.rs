//! Receipts in time sequence, and serials in series.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::{SECOND, Study, line, moved};

#[test]
fn receipts_moved_in_their_file_are_named_and_their_neighbours_are_not() {
    let mut study = Study::simulated("fair", "5000", "2", "21");
    let mut planted = BTreeSet::new();
    // Taken out and put back thirty rows later or earlier, from the back so that lines stay what they are.
    for row in (200..study.receipts.rows.len() - 200).step_by(400).collect::<Vec<_>>().into_iter().rev() {
        let cells = study.receipts.rows.remove(row);
        let to = if row % 800 == 200 { row + 30 } else { row - 30 };
        study.receipts.rows.insert(to, cells);
        planted.insert(line(to));
    }
    let found = study.run();
    found.assert_exactly("R07", "receipts", &planted);
    assert_eq!(found.state("R07"), "finding");
    let by: Vec<i64> = found.rows.iter().filter(|row| row["code"] == "R07").map(|row| row["value"].parse().unwrap()).collect();
    assert!(by.iter().all(|by| *by > 0));
}

#[test]
fn a_file_exported_in_another_order_is_a_question_and_no_finding() {
    let mut study = Study::simulated("fair", "2000", "2", "22");
    let at = study.receipts.at("account");
    study.receipts.rows.sort_by(|a, b| a[at].cmp(&b[at]));
    let found = study.run();
    assert_eq!(found.state("R07"), "insufficient");
    assert!(found.check("R07")["reason"]["en"].as_str().unwrap().contains("exported in another order"));
}

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn base_62(mut number: u64, digits: usize) -> String {
    let mut text = vec![b'0'; digits];
    for place in text.iter_mut().rev() {
        *place = BASE_62[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8(text).unwrap()
}

/// Serials anew, in the order of sending: `number` gives the serial of the n-th order of a line and day.
fn number_anew(study: &mut Study, mut number: impl FnMut(&str, u64) -> String) -> BTreeMap<(String, String), Vec<usize>> {
    let mut of_series: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut rows: Vec<usize> = (0..study.orders.rows.len()).collect();
    // The simulator's own serials are the order of work on the line.
    rows.sort_by_key(|row| (study.orders.get(*row, "sent_ts")[..10].to_owned(), study.orders.get(*row, "order_no").to_owned()));
    for row in rows {
        let key = (study.orders.get(row, "sent_ts")[..10].to_owned(), study.orders.get(row, "shard").to_owned());
        let terminal = study.orders.get(row, "order_no")[..1].to_owned();
        let series = of_series.entry(key).or_default();
        let serial = number(&terminal, series.len() as u64);
        series.push(row);
        study.orders.set(row, "order_no", &serial);
    }
    of_series
}

#[test]
fn serials_that_wrap_have_no_false_gap_and_each_planted_gap_and_repeat_is_named() {
    let mut study = Study::simulated("fair", "9000", "2", "23");
    // Three digits of base 62 from shortly before the end: every series wraps, and zero is no serial.
    let size = 62_u64.pow(3);
    let mut skipped: BTreeMap<(String, u64), u64> = BTreeMap::new();
    let mut ahead: BTreeMap<String, u64> = BTreeMap::new();
    let series = number_anew(&mut study, |terminal, n| {
        let ahead = ahead.entry(terminal.to_owned()).or_insert(0);
        if n == 0 {
            *ahead = 0;
        }
        if n == 40 || n == 333 {
            let by = if n == 40 { 1 } else { 17 };
            *ahead += by;
            skipped.insert((terminal.to_owned(), n), by);
        }
        // 1 .. size - 1, round and round.
        format!("{terminal}{}", base_62((size - 102 + n + *ahead) % (size - 1) + 1, 3))
    });
    let (mut gaps, mut repeats) = (BTreeSet::new(), BTreeSet::new());
    for rows in series.values() {
        gaps.extend([40, 333].into_iter().filter_map(|n| rows.get(n)).map(|row| line(*row)));
        // A new order late in the series takes the serial of one 60 orders before it: its own is then missing.
        let late = (400..rows.len() - 1).find(|n| study.orders.get(rows[*n], "order_type").starts_with("limit"));
        if let Some(late) = late {
            let taken = study.orders.get(rows[late - 60], "order_no").to_owned();
            study.orders.set(rows[late], "order_no", &taken);
            repeats.insert(line(rows[late]));
            gaps.insert(line(rows[late + 1]));
        }
    }
    assert!(repeats.len() >= 4, "{}", repeats.len());
    let found = study.run();
    found.assert_exactly("R08", "orders", &gaps);
    found.assert_exactly("R09", "orders", &repeats);
    let all = found.result["records"]["series"].as_array().unwrap();
    assert!(all.iter().all(|one| one["wrapped"] == true), "{all:#?}");
    let missing: u64 = all.iter().map(|one| one["missing"].as_u64().unwrap()).sum();
    assert_eq!(missing, series.len() as u64 * 18 + repeats.len() as u64);
}

#[test]
fn pre_assigned_blocks_are_no_gaps_and_a_skip_within_one_is() {
    let mut study = Study::simulated("fair", "6000", "2", "24");
    // Each terminal has 1001-1200 and 5001 up: the jump between them is no gap.
    let series = number_anew(&mut study, |terminal, n| {
        let n = n + u64::from(n >= 90);
        format!("{terminal}{:04}", if n < 200 { 1_001 + n } else { 5_001 + n - 200 })
    });
    let terminals: BTreeSet<String> = (0..study.orders.rows.len()).map(|row| study.orders.get(row, "order_no")[..1].to_owned()).collect();
    let blocks: Vec<String> = terminals.iter().flat_map(|t| [format!("\"{t}1001-{t}1200\""), format!("\"{t}5001-{t}9999\"")]).collect();
    study.settings.push_str(&format!("\n[records.serials]\nalphabet = \"decimal\"\nprefix = 1\nblocks = [{}]\n", blocks.join(", ")));
    let planted: BTreeSet<u64> = series.values().filter_map(|rows| rows.get(90)).map(|row| line(*row)).collect();
    let outside = series.values().next().unwrap()[150];
    let terminal = study.orders.get(outside, "order_no")[..1].to_owned();
    study.orders.set(outside, "order_no", &format!("{terminal}3000"));
    let after = series.values().next().unwrap()[151];
    let expected: BTreeSet<u64> = planted.iter().copied().chain([line(outside), line(after)]).collect();
    let found = study.run();
    found.assert_exactly("R08", "orders", &expected);
    assert_eq!(found.lines("R08", |row| row["reason"] == "outside_blocks").len(), 1);
}

#[test]
fn a_serial_out_of_the_order_of_receipt_is_named_provably_and_ties_are_not() {
    let mut study = Study::simulated("fair", "6000", "2", "25");
    let mut planted = BTreeSet::new();
    let last = study.orders.rows.len() - 100;
    for row in (100..last).step_by(350) {
        // The order's receipt is stamped ten minutes earlier: before those of several orders numbered before it on its line.
        if study.orders.get(row, "sent_ts")[11..16] < *"09:20" {
            continue;
        }
        let receipt = study.receipts.find("client_order_id", study.orders.get(row, "client_order_id"));
        let earlier = moved(study.receipts.get(receipt, "received_ts"), -600 * SECOND);
        study.receipts.set(receipt, "received_ts", &earlier);
        planted.insert(line(row));
    }
    let found = study.run();
    found.assert_exactly("R10", "orders", &planted);
    assert!(found.rows.iter().filter(|row| row["code"] == "R10").all(|row| row["verdict"] == "confirmed"));
    assert_eq!(found.state("R10"), "finding");

    // Stamps of whole seconds: what is apart by less is nominal at most, and neighbours that tie are counted.
    let mut coarse = Study::simulated("fair", "6000", "2", "26");
    for row in 0..coarse.receipts.rows.len() {
        let stamp = coarse.receipts.get(row, "received_ts").to_owned();
        coarse.receipts.set(row, "received_ts", &format!("{}+08:00", &stamp[..19]));
    }
    let found = coarse.run();
    assert_eq!(found.lines("R10", |row| row["verdict"] == "confirmed").len(), 0);
    assert!(found.result["records"]["serials"]["undecidable"].as_u64().unwrap() > 100);
}
