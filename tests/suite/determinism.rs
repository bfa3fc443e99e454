//! The same files give the same bytes, and the same rows the same answer: a whole broker, with evidence, order of handling and records.
//!
//! `balance.rs` holds small random studies to the same, `study.rs` the sample study; machines differ by nothing but their mathematics, which
//! clippy.toml keeps out.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{colofair, exit_code, files, repository, result, stderr};

/// A broker with planted breaches of every family.
fn broker(folder: &Path) -> PathBuf {
    let world = ["simulate", "broker-findings", "--orders", "3000", "--days", "6", "--seed", "302", "-o", "b", "-q"];
    assert_eq!(exit_code(&colofair(folder, &world)), 0);
    let broker = folder.join("b");
    let text = fs::read_to_string(broker.join("study.toml")).unwrap();
    fs::write(broker.join("study.toml"), format!("{text}\n[priority]\n")).unwrap();
    broker
}

#[track_caller]
fn study(broker: &Path, name: &str, arguments: &[&str]) {
    let all = [&["study", name, "-q", "--exit-zero", "--tables", "full"], arguments].concat();
    let output = colofair(broker, &all);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
}

#[test]
fn a_whole_broker_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path());
    study(&broker, "study.toml", &["--threads", "1"]);
    let one = files(&broker.join("out"));
    assert!(one.len() > 20, "{:?}", one.keys());
    for threads in ["3", "8"] {
        study(&broker, "study.toml", &["--threads", threads]);
        let other = files(&broker.join("out"));
        assert_eq!(other.keys().collect::<Vec<_>>(), one.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            assert!(other[name] == *bytes, "{name} differs with {threads} threads");
        }
    }
}

/// The rows of a table under its header in another order: every row is there, and hardly any where it was.
fn shuffled(text: &str) -> (String, Vec<String>) {
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<(u64, &str)> =
        rows.lines().enumerate().map(|(at, row)| ((at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15), row)).collect();
    rows.sort_unstable();
    (header.to_owned(), rows.into_iter().map(|(_, row)| row.to_owned()).collect())
}

/// The answer without what names files and rows.
fn answer(result: &Value) -> Value {
    let parts = [
        "verdict",
        "exit_code",
        "reconciliation",
        "groups",
        "pairs",
        "stages",
        "stamps",
        "clocks",
        "curves",
        "over_time",
        "breakdown",
        "scorecard",
    ];
    let mut answer: serde_json::Map<String, Value> = parts.iter().map(|part| ((*part).to_owned(), result[part].clone())).collect();
    // R07 is the order of rows itself: receipts that stand in their file behind later ones.
    let other = |row: &&Value| row["code"] != "R07";
    let findings = result["findings"].as_array().unwrap().iter().filter(other).map(|finding| {
        let part = |name: &str| finding[name].clone();
        Value::Array(vec![part("code"), part("verdict"), part("severity"), part("count"), part("share"), part("rule")])
    });
    answer.insert("findings".to_owned(), findings.collect());
    let checks = result["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| Value::Array(vec![check["code"].clone(), check["state"].clone(), check["count"].clone()]));
    answer.insert("checks".to_owned(), checks.collect());
    Value::Object(answer)
}

#[test]
fn a_whole_broker_gives_the_same_answer_in_any_order_of_rows_and_any_split_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path());
    study(&broker, "study.toml", &[]);
    let whole = answer(&result(&broker.join("out")));
    let mut text = fs::read_to_string(broker.join("study.toml")).unwrap();
    for side in ["orders", "receipts"] {
        let (header, rows) = shuffled(&fs::read_to_string(broker.join(format!("{side}.csv"))).unwrap());
        // Three files of unequal size, of which the last by name holds the first rows.
        let cuts = [0, rows.len() / 7, rows.len() / 2, rows.len()];
        for (part, name) in [(0, "z"), (1, "a"), (2, "m")] {
            let rows = rows[cuts[part]..cuts[part + 1]].join("\n");
            fs::write(broker.join(format!("{side}-{name}.csv")), format!("{header}\n{rows}\n")).unwrap();
        }
        text = text.replace(&format!("\"{side}.csv\""), &format!("\"{side}-*.csv\""));
    }
    for entry in fs::read_dir(broker.join("evidence")).unwrap() {
        let path = entry.unwrap().path();
        let (header, rows) = shuffled(&fs::read_to_string(&path).unwrap());
        fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    }
    fs::write(broker.join("other.toml"), text).unwrap();
    study(&broker, "other.toml", &["-o", "other"]);
    let other = answer(&result(&broker.join("other")));
    for (part, value) in whole.as_object().unwrap() {
        assert!(other[part] == *value, "{part}:\n{value:#}\n{:#}", other[part]);
    }
}

/// The lint that keeps platform mathematics out names every function of it, and is on wherever clippy runs.
#[test]
fn no_function_of_the_platforms_mathematics_is_missing_from_the_lint() {
    let lint = fs::read_to_string(repository("clippy.toml")).unwrap();
    let functions = "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp exp2 exp_m1 hypot ln ln_1p log log10 log2 powf powi sin sin_cos sinh tan tanh";
    for function in functions.split(' ') {
        assert!(lint.contains(&format!("\"f64::{function}\"")), "{function}");
    }
    // Only tests may allow it.
    let mut open = vec![repository("src")];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let of_tests = path.components().any(|part| part.as_os_str() == "tests")
                || text.contains("mod tests {\n    #![allow(clippy::disallowed_methods)]");
            assert!(of_tests || !text.contains("disallowed_methods"), "{}", path.display());
        }
    }
}
