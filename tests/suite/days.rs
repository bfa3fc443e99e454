//! A study cut by trading day and united again, and a study of frames in memory: the same answer as one run over the files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use colofair::config::{self, StudyConfig};
use colofair::fairness::state::{Origin, StateError, StudyDay, merge};
use colofair::ingest::Frame;
use colofair::record::Progress;
use colofair::study::{self, Command, Depth, Frames, Inputs, RunOptions, days};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, result, stderr, stdout};

fn simulate(folder: &Path, format: &str) {
    let world =
        ["simulate", "delay", "--faults", "--orders", "9000", "--days", "3", "--seed", "5", "--format", format, "-o", ".", "--quiet"];
    assert_eq!(exit_code(&colofair(folder, &world)), 0);
}

/// The rows of a CSV file whose `column` is of `date` (UTC: the session of Taipei lies within one UTC date).
fn rows_of(date: &str, column: &str, text: &str) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let at = header.split(',').position(|name| name == column).unwrap();
    let of_day = lines.filter(|line| line.split(',').nth(at).unwrap().starts_with(date));
    std::iter::once(header).chain(of_day).map(|line| format!("{line}\n")).collect()
}

/// A folder of one day's files, its study beside them.
fn cut(folder: &Path, date: &str) -> PathBuf {
    let day = folder.join(date);
    fs::create_dir(&day).unwrap();
    for (name, column) in [("orders.csv", "sent_ts"), ("receipts.csv", "received_ts")] {
        fs::write(day.join(name), rows_of(date, column, &fs::read_to_string(folder.join(name)).unwrap())).unwrap();
    }
    fs::copy(folder.join("clients.csv"), day.join("clients.csv")).unwrap();
    fs::copy(folder.join("study.toml"), day.join("study.toml")).unwrap();
    day
}

fn opened(study: &Path) -> (StudyConfig, Inputs) {
    let config = config::load(study).unwrap();
    let inputs = study::open(&config).unwrap();
    (config, inputs)
}

fn summarized(day: &Path) -> StudyDay {
    let (config, inputs) = opened(&day.join("study.toml"));
    let bytes = days::summarize(&config, &inputs, &Progress::default()).unwrap().day.to_bytes();
    StudyDay::from_bytes(&bytes).unwrap()
}

const DATES: [&str; 3] = ["2026-01-05", "2026-01-06", "2026-01-07"];

/// Pairs without the raw comparison, which only a whole run makes.
fn without_comparison(pairs: &Value) -> Value {
    let mut pairs = pairs.clone();
    pairs.as_array_mut().unwrap().iter_mut().for_each(|pair| drop(pair.as_object_mut().unwrap().remove("comparison")));
    pairs
}

#[test]
fn days_summarized_apart_and_united_in_any_tree_give_the_pairs_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "csv");
    colofair(folder.path(), &["study", "study.toml", "-o", "out", "--quiet", "--exit-zero"]);
    let whole = without_comparison(&result(&folder.path().join("out"))["pairs"]);
    let [first, second, third] = DATES.map(|date| summarized(&cut(folder.path(), date)));
    let config = config::load(&folder.path().join("study.toml")).unwrap();
    for tree in [merge([third.clone(), first.clone(), second.clone()]), merge([merge([second, third]).unwrap(), merge([first]).unwrap()])] {
        let found = days::verdict(&config, &tree.unwrap(), &Progress::default()).unwrap();
        assert_eq!(without_comparison(&serde_json::to_value(found.pairs).unwrap()), whole);
    }
}

/// One order in fifty is sent a second time under its receipt: a whole run sees that the first ones bear the verdict, days cannot.
#[test]
fn days_leave_open_what_may_rest_on_later_orders_of_a_receipt() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "csv");
    let path = folder.path().join("orders.csv");
    let text = fs::read_to_string(&path).unwrap();
    let again: String = text.lines().skip(1).step_by(50).map(|line| line.replacen(',', "X,", 1) + "\n").collect();
    fs::write(&path, text + &again).unwrap();
    colofair(folder.path(), &["study", "study.toml", "-o", "out", "--quiet", "--exit-zero"]);
    assert_eq!(result(&folder.path().join("out"))["pairs"][0]["verdict"], "unfair");
    let days = DATES.map(|date| summarized(&cut(folder.path(), date)));
    let config = config::load(&folder.path().join("study.toml")).unwrap();
    let found = days::verdict(&config, &merge(days).unwrap(), &Progress::default()).unwrap();
    assert_eq!(found.verdict, "inconclusive");
    let said = found.pairs.iter().map(|pair| (pair.verdict.as_str(), pair.reasons[0].code.as_str()));
    assert_eq!(said.collect::<Vec<_>>(), [("inconclusive", "later_orders"); 2]);
}

#[test]
fn a_day_given_twice_or_under_other_rules_is_refused_and_so_are_two_days_at_once() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "csv");
    let day = cut(folder.path(), DATES[0]);
    let first = summarized(&day);
    assert!(matches!(merge([first.clone(), first.clone()]), Err(StateError::SplitDay { .. })));
    let other = cut(folder.path(), DATES[1]);
    let text = fs::read_to_string(other.join("study.toml")).unwrap().replace("alpha = 0.05", "alpha = 0.01");
    fs::write(other.join("study.toml"), text).unwrap();
    assert!(matches!(merge([first, summarized(&other)]), Err(StateError::Mixed { .. })));
    let (config, inputs) = opened(&folder.path().join("study.toml"));
    let problem = days::summarize(&config, &inputs, &Progress::default()).unwrap_err().shown(false);
    assert!(problem.contains("E0250") && problem.contains("3 trading days (2026-01-05 to 2026-01-07)"), "{problem}");
}

/// `summarize` for every date, by one study file and the day's own files.
fn summarized_by_the_program(folder: &Path) -> Vec<String> {
    let summarize = |date: &&str| {
        cut(folder, date);
        let (orders, receipts, day) = (format!("{date}/orders.csv"), format!("{date}/receipts.csv"), format!("{date}.day"));
        let output =
            colofair(folder, &["summarize", "study.toml", "--orders", &orders, "--receipts", &receipts, "-o", &day, "--lang", "en"]);
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        assert!(stdout(&output).starts_with(&format!("{date}: ")), "{}", stdout(&output));
        day
    };
    DATES.iter().map(summarize).collect()
}

#[test]
fn the_program_summarizes_days_and_merges_them_in_any_tree_to_the_same_bytes_with_the_pairs_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    simulate(folder, "csv");
    colofair(folder, &["study", "study.toml", "-o", "out", "--quiet", "--exit-zero"]);
    let days = summarized_by_the_program(folder);
    let [first, second, third] = [0, 1, 2].map(|at| days[at].as_str());
    let merge = |parts: &[&str], options: &[&str], code: i32| {
        let output = colofair(folder, &[&["merge", "study.toml"], parts, options].concat());
        assert_eq!(exit_code(&output), code, "{}", stderr(&output));
        stdout(&output)
    };
    // A union, and a union of unions, in another order.
    merge(&[third, first], &["--state", "two.days"], 0);
    merge(&["two.days", second], &["--state", "tree.days"], 0);
    merge(&[first, second, third], &["--state", "line.days"], 0);
    assert_eq!(fs::read(folder.join("tree.days")).unwrap(), fs::read(folder.join("line.days")).unwrap());
    let documents = [&[first, second, third][..], &[third, second, first], &["two.days", second], &["tree.days"]].map(|parts| {
        let printed = merge(parts, &["-o", "verdict.json", "--format", "json", "--threads", "1"], 1);
        assert_eq!(printed.as_bytes(), fs::read(folder.join("verdict.json")).unwrap());
        printed
    });
    assert!(documents.iter().all(|document| *document == documents[0]));

    let found: Value = serde_json::from_str(&documents[0]).unwrap();
    let whole = result(&folder.join("out"));
    assert_eq!(found["pairs"], without_comparison(&whole["pairs"]));
    assert_eq!(found["orders"], whole["reconciliation"]["matched"]);
    let dates: Vec<&str> = found["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert_eq!((found["verdict"].as_str(), dates), (Some("finding"), DATES.to_vec()));
    let bytes: u64 = days.iter().map(|day| fs::metadata(folder.join(day)).unwrap().len()).sum();
    let each = bytes as f64 / found["orders"].as_f64().unwrap();
    assert!(each < 14.0, "{each} bytes an order");
    let text = merge(&[first, second, third], &["--lang", "en"], 1);
    assert!(text.contains("3 trading days") && text.contains("unfair"), "{text}");
}

#[test]
fn merge_says_in_both_languages_why_days_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    simulate(folder, "csv");
    let days = summarized_by_the_program(folder);
    let [first, second] = [0, 1].map(|at| days[at].as_str());
    assert_said("a day twice", folder, &["merge", "study.toml", first, first], "E0251", "study.toml");
    assert_said("three days at once", folder, &["summarize", "study.toml", "-o", "all.day"], "E0250", "study.toml");
    assert!(!folder.join("all.day").exists());

    // Other settings than the days', and days of different settings.
    let text = fs::read_to_string(folder.join("study.toml")).unwrap().replace("alpha = 0.05", "alpha = 0.01");
    fs::write(folder.join("other.toml"), text).unwrap();
    assert_said("other settings", folder, &["merge", "other.toml", first, second], "E0251", "other.toml");
    let again = ["--orders", "2026-01-06/orders.csv", "--receipts", "2026-01-06/receipts.csv", "-o", "other.day", "--quiet"];
    assert_eq!(exit_code(&colofair(folder, &[&["summarize", "other.toml"], &again[..]].concat())), 0);
    assert_said("mixed settings", folder, &["merge", "study.toml", first, "other.day"], "E0251", "study.toml");

    // A day written by another version of the program.
    let day = StudyDay::from_bytes(&fs::read(folder.join(second)).unwrap()).unwrap();
    let origin = Origin { tool: "colofair 0.0.1".to_owned(), ..day.origin().clone() };
    let older = StudyDay::of(origin, day.date(), day.zone(), day.orders(), day.evidence()).unwrap();
    fs::write(folder.join("older.day"), older.to_bytes()).unwrap();
    assert_said("mixed versions", folder, &["merge", "study.toml", first, "older.day"], "E0251", "study.toml");

    // A file that is cut, one with a changed byte, a union with one, and one that is nothing of ours.
    let whole = fs::read(folder.join(first)).unwrap();
    fs::write(folder.join("cut.day"), &whole[..whole.len() - 100]).unwrap();
    let flipped = |mut bytes: Vec<u8>| {
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        bytes
    };
    fs::write(folder.join("flipped.day"), flipped(whole)).unwrap();
    assert_eq!(exit_code(&colofair(folder, &["merge", "study.toml", first, second, "--state", "two.days"])), 0);
    fs::write(folder.join("flipped.days"), flipped(fs::read(folder.join("two.days")).unwrap())).unwrap();
    for name in ["cut.day", "flipped.day", "flipped.days", "study.toml"] {
        assert_said(name, folder, &["merge", "study.toml", name], "E0252", name);
    }
    assert_said("no such file", folder, &["merge", "study.toml", "none.day"], "E0200", "none.day");
}

fn frame(path: &Path) -> Frame {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    Frame { schema, batches: Arc::new(reader.with_batch_size(1_000).build().unwrap().map(Result::unwrap).collect()) }
}

#[test]
fn frames_in_memory_give_the_figures_of_the_files_they_came_from() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "parquet");
    colofair(folder.path(), &["study", "study.toml", "-o", "out", "--quiet", "--exit-zero"]);
    let config = config::load(&folder.path().join("study.toml")).unwrap();
    let frames = Frames {
        orders: Some(frame(&folder.path().join("orders.parquet"))),
        receipts: Some(frame(&folder.path().join("receipts.parquet"))),
        clients: None,
    };
    let inputs = study::open_frames(&config, frames).unwrap();
    assert!(inputs.bytes() > 0);
    let options =
        RunOptions { command: Command::Study, hash: true, full_tables: false, depth: Depth::Standard, max_rejects: None, pseudonyms: None };
    let out = folder.path().join("frames");
    study::run(&config, &inputs, &options, &out, &Progress::default()).unwrap();
    let [files, frames] = ["out", "frames"].map(|out| result(&folder.path().join(out)));
    for part in ["reconciliation", "groups", "pairs", "stages", "stamps", "curves", "over_time", "time_of_day", "verdict"] {
        assert_eq!(frames[part], files[part], "{part}");
    }
    assert_eq!(frames["input"]["orders"]["files"][0]["format"], "frame");
    assert!(frames["input"]["orders"]["files"][0]["sha256"].is_null());
}

#[test]
fn a_frame_without_a_mapped_column_is_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    simulate(folder.path(), "parquet");
    let config = config::load(&folder.path().join("study.toml")).unwrap();
    let swapped = frame(&folder.path().join("receipts.parquet"));
    let frames = Frames { orders: Some(swapped.clone()), receipts: Some(swapped), clients: None };
    let inputs = study::open_frames(&config, frames).unwrap();
    let problem = days::summarize(&config, &inputs, &Progress::default()).unwrap_err().shown(false);
    assert!(problem.contains("E0206") && problem.contains("orders"), "{problem}");
}
