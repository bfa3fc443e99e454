//! The record of the orders, from the outside: each fault planted at known rows of a simulated day is named there and nowhere else.
//!
//! Faults are planted by editing the files' text; the truth is the list of lines edited, written apart from the program.

mod completeness;
mod lawful;
mod links;
mod oddities;
mod planted;
mod sequence;
mod stamps;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Row, colofair, exit_code, result, stderr, table};

/// A CSV file without quotes, cell by cell; line 1 is the header.
struct Sheet {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { head: lines.next().unwrap(), rows: lines.collect() }
    }

    fn at(&self, name: &str) -> usize {
        self.head.iter().position(|head| head == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    fn get(&self, row: usize, name: &str) -> &str {
        &self.rows[row][self.at(name)]
    }

    fn set(&mut self, row: usize, name: &str, value: &str) {
        let at = self.at(name);
        value.clone_into(&mut self.rows[row][at]);
    }

    fn add_column(&mut self, name: &str, value: impl Fn(usize) -> String) {
        self.head.push(name.to_owned());
        self.rows.iter_mut().enumerate().for_each(|(row, cells)| cells.push(value(row)));
    }

    fn find(&self, name: &str, value: &str) -> usize {
        let at = self.at(name);
        self.rows.iter().position(|cells| cells[at] == value).unwrap_or_else(|| panic!("no {name} {value}"))
    }

    fn write(&self, path: &Path) {
        let lines: Vec<String> = std::iter::once(&self.head).chain(&self.rows).map(|cells| cells.join(",")).collect();
        fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}

/// The line of a data row: the header is line 1.
fn line(row: usize) -> u64 {
    row as u64 + 2
}

/// A simulated study that can be edited.
struct Study {
    work: tempfile::TempDir,
    orders: Sheet,
    receipts: Sheet,
    settings: String,
}

impl Study {
    fn simulated(world: &str, orders: &str, days: &str, seed: &str) -> Self {
        let work = tempfile::tempdir().unwrap();
        let made = colofair(work.path(), &["simulate", world, "--orders", orders, "--days", days, "--seed", seed, "-q", "-o", "."]);
        assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
        let read = |name: &str| Sheet::read(&work.path().join(name));
        let (orders, receipts) = (read("orders.csv"), read("receipts.csv"));
        let settings = fs::read_to_string(work.path().join("study.toml")).unwrap();
        Self { work, orders, receipts, settings }
    }

    /// Maps a further column.
    fn map(&mut self, side: &str, canonical: &str, name: &str) {
        let at = self.settings.find(&format!("[{side}]")).unwrap();
        let columns = at + self.settings[at..].find("columns = {").unwrap() + "columns = {".len();
        self.settings.insert_str(columns, &format!(" {canonical} = \"{name}\","));
    }

    fn run(&self) -> Found {
        self.orders.write(&self.work.path().join("orders.csv"));
        self.receipts.write(&self.work.path().join("receipts.csv"));
        fs::write(self.work.path().join("study.toml"), &self.settings).unwrap();
        let output = colofair(self.work.path(), &["study", "study.toml", "-q"]);
        assert!([0, 1, 3].contains(&exit_code(&output)), "{}", stderr(&output));
        let out = self.work.path().join("out");
        let rows = if out.join("tables/records.parquet").is_file() { table(&out.join("tables/records.parquet")) } else { Vec::new() };
        Found { result: result(&out), rows }
    }
}

struct Found {
    result: Value,
    rows: Vec<Row>,
}

impl Found {
    /// (side, line) of every row of a code, where `wanted` holds of it.
    fn lines(&self, code: &str, wanted: impl Fn(&Row) -> bool) -> BTreeSet<(String, u64)> {
        let rows = self.rows.iter().filter(|row| row["code"] == code && wanted(row));
        rows.map(|row| (row["side"].clone(), row["line"].parse().unwrap())).collect()
    }

    fn check(&self, code: &str) -> &Value {
        let checks = self.result["records"]["checks"].as_array().unwrap();
        checks.iter().find(|check| check["code"] == code).unwrap_or_else(|| panic!("no check {code}"))
    }

    fn state(&self, code: &str) -> &str {
        self.check(code)["state"].as_str().unwrap()
    }

    /// Exactly the planted lines: recall and precision are both 1.
    #[track_caller]
    fn assert_exactly(&self, code: &str, side: &str, planted: &BTreeSet<u64>) {
        let planted: BTreeSet<(String, u64)> = planted.iter().map(|line| (side.to_owned(), *line)).collect();
        assert!(!planted.is_empty(), "{code}: nothing was planted");
        let found = self.lines(code, |_| true);
        let (missed, invented): (Vec<_>, Vec<_>) = (planted.difference(&found).collect(), found.difference(&planted).collect());
        assert!(missed.is_empty() && invented.is_empty(), "{code}: missed {missed:?}, invented {invented:?}");
        assert_eq!(self.check(code)["count"].as_u64(), Some(planted.len() as u64), "{code}");
    }
}

/// Every code that names a row, and how many.
fn named(found: &Found) -> Vec<(String, u64)> {
    let checks = found.result["records"]["checks"].as_array().unwrap();
    let count = |check: &Value| (check["code"].as_str().unwrap().to_owned(), check["count"].as_u64().unwrap());
    checks.iter().map(count).filter(|(_, n)| *n > 0).collect()
}

#[test]
fn a_sound_day_has_no_fault_of_the_record() {
    for (world, seed) in [("fair", "1"), ("fair-workers", "2"), ("delay", "3"), ("routing", "4"), ("chains", "5"), ("slices", "6")] {
        let found = Study::simulated(world, "6000", "3", seed).run();
        assert_eq!(named(&found), [], "{world}");
        for code in ["R01", "R02", "R03", "R04", "R07", "R08", "R09", "R10", "R11", "T07"] {
            assert_eq!(found.state(code), "none", "{world} {code}: {}", found.check(code)["reason"]["en"]);
        }
        assert_eq!(found.result["records"]["serial_form"], "1 + base62", "{world}");
        let codes: Vec<&Value> = found.result["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
        assert!(codes.iter().all(|code| !code.as_str().unwrap().starts_with(['R', 'T'])), "{world}: {codes:?}");
    }
}

/// A time as the simulator writes it, moved by nanoseconds within its day.
fn moved(stamp: &str, nanos: i64) -> String {
    let (date, time) = stamp.trim_end_matches("+08:00").split_once('T').unwrap();
    let digits = |from: usize, to: usize| time[from..to].parse::<i64>().unwrap();
    let total = ((digits(0, 2) * 60 + digits(3, 5)) * 60 + digits(6, 8)) * 1_000_000_000 + digits(9, 18) + nanos;
    assert!((0..86_400_000_000_000).contains(&total), "{stamp} leaves its day");
    let seconds = total / 1_000_000_000;
    format!("{date}T{:02}:{:02}:{:02}.{:09}+08:00", seconds / 3_600, seconds / 60 % 60, seconds % 60, total % 1_000_000_000)
}

const SECOND: i64 = 1_000_000_000;
