//! The program from the outside: what it writes, how it ends, and what it leaves behind when it fails.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Row, assert_balances, colofair, exit_code, figures, files, program, repository, result, stderr, stdout, table};

/// A copy of the committed sample study in a folder of its own.
fn sample() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    work
}

/// A small sound study; `edit` changes it.
fn small(edit: impl FnOnce(&Path, &mut String)) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let from = repository("tests/fixtures/duplicate_receipt");
    for name in ["orders.csv", "receipts.csv"] {
        fs::copy(from.join(name), work.path().join(name)).unwrap();
    }
    let mut study = fs::read_to_string(from.join("study.toml")).unwrap();
    edit(work.path(), &mut study);
    fs::write(work.path().join("study.toml"), study).unwrap();
    work
}

#[test]
fn the_demo_works_in_an_empty_folder_and_ends_with_0() {
    let work = tempfile::tempdir().unwrap();
    let output = colofair(work.path(), &["demo"]);
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""), "{}", stderr(&output));
    let out = work.path().join("colofair-demo/out");
    let found = result(&out);
    assert_balances(&found);
    let truth: Value = serde_json::from_str(&fs::read_to_string(repository("data/sample/truth.json")).unwrap()).unwrap();
    assert_eq!(found["reconciliation"], truth["reconciliation"]);
    assert_eq!((found["verdict"].as_str(), found["exit_code"].as_u64()), (Some("finding"), Some(1)));
    assert!(stdout(&output).contains("結束碼為 1"));
    for name in ["report.html", "manifest.json", "rejects.csv", "tables/exceptions.parquet", "tables/trend.parquet"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    // Again, over its own result; and with somebody else's study.toml in the way, not at all.
    assert_eq!(exit_code(&colofair(work.path(), &["demo"])), 0);
    fs::write(work.path().join("colofair-demo/study.toml"), "mine").unwrap();
    let refused = colofair(work.path(), &["demo"]);
    assert_eq!(exit_code(&refused), 2);
    assert!(stderr(&refused).starts_with("error[E0303]"), "{}", stderr(&refused));
    assert_eq!(fs::read_to_string(work.path().join("colofair-demo/study.toml")).unwrap(), "mine");
}

#[test]
fn the_exit_code_says_finding_no_finding_error_or_inconclusive() {
    let work = sample();
    let code = |arguments: &[&str]| exit_code(&colofair(work.path(), arguments));
    assert_eq!(code(&["study", "study.toml", "-q"]), 1);
    assert_eq!(code(&["study", "study.toml", "-q", "--exit-zero"]), 0);
    assert_eq!(code(&["study", "study.toml", "-q", "--fail-on", "never"]), 0);
    assert_eq!(code(&["check", "study.toml", "-q"]), 0);
    assert_eq!(code(&["study", "missing.toml", "--exit-zero"]), 2);
    assert_eq!(code(&["study"]), 2);
    assert_eq!(code(&["no-such-command"]), 2);

    let inconclusive = small(|_, _| ());
    let code = |arguments: &[&str]| exit_code(&colofair(inconclusive.path(), arguments));
    assert_eq!(code(&["study", "study.toml", "-q"]), 3);
    assert_eq!(code(&["study", "study.toml", "-q", "--fail-on", "finding"]), 0);
}

#[test]
fn groups_that_were_treated_alike_end_with_no_finding() {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "fair", "--orders", "20000", "--days", "5", "--seed", "3", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let output = colofair(work.path(), &["study", "study.toml"]);
    let found = result(&work.path().join("out"));
    let reasons: Vec<&Value> = found["pairs"].as_array().unwrap().iter().map(|pair| &pair["reasons"]).collect();
    assert_eq!((found["verdict"].as_str(), exit_code(&output)), (Some("no_finding"), 0), "{reasons:#?}");
}

#[test]
fn one_two_and_eight_threads_write_the_same_bytes() {
    let work = sample();
    let of_threads = |threads: &str| {
        let output = colofair(work.path(), &["study", "study.toml", "--tables", "full", "--threads", threads]);
        assert_eq!(exit_code(&output), 1, "{}", stderr(&output));
        (stdout(&output), files(&work.path().join("out")))
    };
    let one = of_threads("1");
    let charts = one.1.keys().filter(|name| name.starts_with("charts/")).count();
    assert!(charts >= 3);
    assert_eq!(one.1.len() - charts, 12, "{:?}", one.1.keys());
    for threads in ["2", "8"] {
        let other = of_threads(threads);
        assert_eq!(other.0, one.0);
        for (name, bytes) in &one.1 {
            assert!(other.1[name] == *bytes, "{name} differs with {threads} threads");
        }
        assert_eq!(other.1.len(), one.1.len());
    }
}

#[test]
fn check_counts_what_study_counts_and_judges_nothing() {
    let work = sample();
    let check = colofair(work.path(), &["check", "study.toml", "-o", "first", "--tables", "full"]);
    assert_eq!((exit_code(&check), stderr(&check).as_str()), (0, ""));
    assert_eq!(
        files(&work.path().join("first")).keys().collect::<Vec<_>>(),
        ["rejects.csv", "result.json", "tables/reconciled.parquet", "tables/trend.parquet"]
    );
    colofair(work.path(), &["study", "study.toml", "-o", "whole", "--tables", "full"]);
    let (first, whole) = (result(&work.path().join("first")), result(&work.path().join("whole")));
    for part in ["reconciliation", "groups", "curves"] {
        assert_eq!(first[part], whole[part], "{part}");
    }
    for (first, whole) in first["pairs"].as_array().unwrap().iter().zip(whole["pairs"].as_array().unwrap()) {
        assert_eq!(first["verdict"], "inconclusive");
        assert_eq!(first["comparison"], whole["comparison"]);
    }
    assert!(first["input"]["orders"]["files"][0]["sha256"].is_null());
    let table = |folder: &str| table(&work.path().join(folder).join("tables/reconciled.parquet"));
    assert_eq!(table("first"), table("whole"), "--tables full writes the same rows from both");
}

#[test]
fn json_on_stdout_is_the_result_and_nothing_else() {
    let work = sample();
    for arguments in [["check", "study.toml"], ["study", "study.toml"]] {
        let output = colofair(work.path(), &[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(output.stdout, fs::read(work.path().join("out/result.json")).unwrap());
        assert!(serde_json::from_str::<Value>(&stdout(&output)).unwrap().is_object());
        assert_eq!(stderr(&output), "");
    }
    let shown = colofair(work.path(), &["config", "show", "study.toml", "--format", "json"]);
    assert!(serde_json::from_str::<Value>(&stdout(&shown)).unwrap().is_array());
    let failed = colofair(work.path(), &["study", "none.toml", "--format", "json"]);
    assert_eq!((exit_code(&failed), stdout(&failed).as_str()), (2, ""));
}

#[test]
fn the_manifest_names_every_file_with_its_hash_and_no_path_of_the_machine() {
    let work = sample();
    colofair(work.path(), &["study", "study.toml", "--tables", "full"]);
    let out = work.path().join("out");
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let check = |part: &str, folder: &Path| -> Vec<String> {
        let hashed = manifest[part].as_array().unwrap().iter().map(|entry| {
            let (name, bytes) = (entry["path"].as_str().unwrap(), fs::read(folder.join(entry["path"].as_str().unwrap())).unwrap());
            assert_eq!(entry["bytes"].as_u64(), Some(bytes.len() as u64), "{name}");
            assert_eq!(entry["sha256"].as_str(), Some(colofair::evidence::sha256_of(&bytes).as_str()), "{name}");
            name.to_owned()
        });
        hashed.collect()
    };
    assert_eq!(check("inputs", work.path()), ["orders.csv", "receipts.csv", "clients.csv"]);
    assert_eq!(check("configuration", work.path()), ["study.toml"]);
    let mut outputs: Vec<String> = files(&out).into_keys().filter(|name| name != "manifest.json").collect();
    outputs.sort_unstable();
    assert_eq!(check("outputs", &out), outputs);
    let folder = work.path().to_string_lossy().into_owned();
    assert!(files(&out).into_iter().all(|(_, bytes)| !String::from_utf8_lossy(&bytes).contains(&folder)));
}

/// What stands beside the study: nothing half-written may.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// The study ends with 2, says the code and all of `says`, prints nothing on stdout, and leaves the folder and the old result as they were.
#[track_caller]
fn assert_refused(work: &tempfile::TempDir, code: &str, says: &[&str]) {
    let old = "{\"schema_version\": 1, \"tool\": {\"name\": \"colofair\"}}";
    let out = work.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("result.json"), old).unwrap();
    for command in ["study", "check"] {
        let before = names(work.path());
        let output = colofair(work.path(), &[command, "study.toml", "--lang", "en"]);
        let said = stderr(&output);
        assert_eq!((exit_code(&output), stdout(&output).as_str()), (2, ""), "{said}");
        assert!(said.starts_with(&format!("error[{code}]: ")) && !said.contains("panicked"), "{said}");
        for text in says {
            assert!(said.contains(text), "\"{text}\" is not in {said}");
        }
        assert_eq!(names(work.path()), before);
        assert_eq!(fs::read_to_string(out.join("result.json")).unwrap(), old);
        assert_eq!(names(&out), ["result.json"]);
    }
}

fn replace(study: &mut String, from: &str, to: &str) {
    assert!(study.contains(from), "{from}");
    *study = study.replacen(from, to, 1);
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let edited = |from: &'static str, to: &'static str| small(move |_, study| replace(study, from, to));
    assert_refused(&edited("[study]", "[stduy]"), "E0101", &["study.toml:", "[stduy]", "unknown field"]);
    assert_refused(&edited("language = \"en\"", "language = \"en\"\nsead = 2"), "E0101", &["study.toml:", "sead"]);
    assert_refused(&edited("Asia/Taipei", "Asia/Taipeh"), "E0101", &["study.toml:", "unknown time zone \"Asia/Taipeh\""]);
    assert_refused(&edited("language = \"en\"", "language = \"fr\""), "E0101", &["\"fr\"", "zh-TW"]);
    assert_refused(&edited("[receipts]", "[receipts"), "E0101", &["study.toml:"]);
    assert_refused(&edited("account = \"account\", sent_at = \"sent_ts\"", "account = \"account\""), "E0103", &["[orders]", "sent_at"]);
    assert_refused(&edited("group = \"client_group\", ", ""), "E0103", &["group"]);
    assert_refused(&edited("order_id = \"order_id\"", "order_id = { date = \"order_id\", time = \"account\" }"), "E0104", &["order_id"]);
    assert_refused(
        &edited("sent_at = \"sent_ts\"", "sent_at = { column = \"sent_ts\", format = \"dd.mm.yyyy\" }"),
        "E0101",
        &["dd.mm.yyyy"],
    );
    assert_refused(&edited("order_id = \"order_id\"", "orderid = \"order_id\""), "E0101", &["orderid"]);
    let reference = small(|_, study| study.push_str("\n[fairness]\nreference = \"C\"\n"));
    let output = colofair(reference.path(), &["study", "study.toml"]);
    assert_eq!(exit_code(&output), 2);
    assert!(stderr(&output).contains("\"C\"") && stderr(&output).contains("(unknown), A, B"), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_missing_or_no_such_file_is_refused() {
    assert_refused(&small(|folder, _| fs::remove_file(folder.join("orders.csv")).unwrap()), "E0200", &["orders.csv"]);
    let folder_instead = small(|folder, study| {
        fs::create_dir(folder.join("orders")).unwrap();
        replace(study, "\"orders.csv\"", "\"orders\"");
    });
    assert_refused(&folder_instead, "E0202", &["directory", "help: "]);
    assert_refused(&small(|_, study| replace(study, "\"orders.csv\"", "\"orders-*.csv\"")), "E0201", &["orders-*.csv"]);
    assert_refused(&small(|_, study| replace(study, "\"orders.csv\"", "\"orders.csv\", \"ord*.csv\"")), "E0203", &["orders.csv", "twice"]);
    let spelled_twice = small(|folder, study| {
        fs::create_dir(folder.join("sub")).unwrap();
        replace(study, "\"orders.csv\"", "\"orders.csv\", \"sub/../orders.csv\"");
    });
    assert_refused(&spelled_twice, "E0203", &["twice"]);
}

#[test]
fn a_file_of_the_wrong_form_is_refused_with_its_place() {
    let with_orders = |bytes: &'static [u8]| small(move |folder, _| fs::write(folder.join("orders.csv"), bytes).unwrap());
    assert_refused(&with_orders(b""), "E0204", &["orders.csv", "empty"]);
    assert_refused(&with_orders(b"order_id,client_order_id,account,sent_ts\n"), "E0214", &["no rows in orders", "orders.csv"]);
    assert_refused(
        &with_orders(b"order_id,client_order_id,account\nO1,K1,A1\n"),
        "E0206",
        &["sent_ts", "orders.csv:1", "the columns are: order_id, client_order_id, account"],
    );
    assert_refused(
        &with_orders(b"order_id,client_order_id,account,sent_ts,sent_ts\nO1,K1,A1,,\n"),
        "E0206",
        &["2 columns are called \"sent_ts\""],
    );
    assert_refused(
        &with_orders(b"order_id,client_order_id,account,sent_ts\nO1,K1,A1,9:00\n"),
        "E0214",
        &["orders.csv:2", "byte 41", "a time of day without a date", "O1,K1,A1,9:00"],
    );
    assert_refused(
        &with_orders(b"order_id,client_order_id,account,sent_ts\nO1,\"K1,A1,2026-01-05T09:00:00Z\nO2,K2,A1,2026-01-05T09:00:00Z\n"),
        "E0207",
        &["byte 41", "quote"],
    );
    assert_refused(&with_orders(b"\x1f\x8b\x08\x00"), "E0220", &["gzip"]);
    assert_refused(&with_orders(b"\xff\xfeo\x00"), "E0206", &["orders.csv:1"]);
    assert_refused(&with_orders(b"PK\x03\x04"), "E0204", &["Excel"]);
    assert_refused(&with_orders(b"\xb6\xff,a\n1,2\n"), "E0205", &["utf-8", "xB6"]);
    assert_refused(&with_orders(b"PAR1 but no more than that"), "E0209", &["orders.csv", "Parquet"]);
    assert_refused(&with_orders(b"ARROW1 but no more than that"), "E0209", &["orders.csv", "Arrow"]);
    let said_to_be = small(|_, study| replace(study, "paths = [\"orders.csv\"]", "paths = [\"orders.csv\"]\nformat = \"parquet\""));
    assert_refused(&said_to_be, "E0209", &["orders.csv"]);
}

#[test]
fn a_clients_file_that_contradicts_itself_is_refused() {
    let with_clients = |text: &'static str| {
        small(move |folder, study| {
            fs::write(folder.join("clients.csv"), text).unwrap();
            study.push_str("\n[clients]\npaths = [\"clients.csv\"]\ncolumns = { account = \"account\", group = \"group\", from = \"from\", to = \"to\" }\n");
        })
    };
    assert_refused(&with_clients("account,group,from,to\nA1,A,,\nA1,B,,\n"), "E0212", &["data row 2", "A1", "the earliest dates"]);
    assert_refused(&with_clients("account,group,from,to\nA1,A,,\nA1,B,2026-01-05,\n"), "E0212", &["data row 2", "A1", "2026-01-05"]);
    assert_refused(&with_clients("account,group,from,to\nA1,A,5 Jan,\n"), "E0211", &["data row 1", "5 Jan"]);
    assert_refused(&with_clients("account,group,from,to\nA1,A,2026-01-06,2026-01-05\n"), "E0219", &["data row 1", "A1"]);
    assert_refused(&with_clients("account,group,from,to\nA1,A,,\n,B,,\n"), "E0218", &["data row 2"]);
    assert_refused(&with_clients("account,group,from,to\nA1,A\n"), "E0213", &["clients.csv", "clients.csv:2"]);
    let trailing = with_clients("account,group,from,to\nA1,A,,\nA1,A,,\n,,,\n");
    assert_eq!(exit_code(&colofair(trailing.path(), &["study", "study.toml", "-q"])), 3);
}

#[test]
fn an_output_folder_with_a_strangers_file_is_left_alone() {
    let work = small(|folder, _| {
        fs::create_dir_all(folder.join("out/tables")).unwrap();
        fs::write(folder.join("out/tables/mine.txt"), "precious").unwrap();
        fs::write(folder.join("file"), "a file").unwrap();
    });
    let refused = |out: &str, code: &str| {
        let output = colofair(work.path(), &["study", "study.toml", "-o", out]);
        assert_eq!(exit_code(&output), 2);
        assert!(stderr(&output).starts_with(&format!("error[{code}]")), "{}", stderr(&output));
    };
    let before = files(work.path());
    refused("out", "E0302");
    refused(".", "E0302");
    refused("file", "E0301");
    assert_eq!(files(work.path()), before);
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_the_old_result_whole() {
    use std::process::Stdio;

    let work = sample();
    let arguments = ["study", "study.toml", "--tables", "full"];
    assert_eq!(exit_code(&colofair(work.path(), &arguments)), 1);
    let old = files(&work.path().join("out"));
    for round in 0..3 {
        let mut running = program(work.path(), &arguments).stdout(Stdio::null()).spawn().unwrap();
        // At once, when the new folder appears, and when its first table does.
        let begun = |depth: usize| {
            let pattern = [".colofair-*", ".colofair-*/tables/*"][depth.saturating_sub(1)];
            glob::glob(&work.path().join(pattern).to_string_lossy()).unwrap().next().is_some()
        };
        while round > 0 && !begun(round) && running.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(files(&work.path().join("out")) == old, "round {round}");
        for left in names(work.path()).iter().filter(|name| name.starts_with(".colofair-")) {
            fs::remove_dir_all(work.path().join(left)).unwrap();
        }
    }
    assert_eq!(exit_code(&colofair(work.path(), &arguments)), 1);
    assert!(files(&work.path().join("out")) == old, "the same study gives the same bytes");
}

/// Simulates a world in one format; gives the folder and the truth.
fn simulated(work: &Path, world: &str, format: &str) -> (PathBuf, Value) {
    let folder = work.join(format!("{world}-{format}"));
    let arguments = ["simulate", world, "--orders", "3000", "--days", "2", "--seed", "7", "--format", format, "-q", "-o"];
    let output = colofair(work, &[&arguments[..], &[&*folder.to_string_lossy()]].concat());
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let truth = serde_json::from_slice(&fs::read(folder.join("truth.json")).unwrap()).unwrap();
    (folder, truth)
}

#[test]
fn every_simulated_fault_is_found_to_the_row() {
    let work = tempfile::tempdir().unwrap();
    let honest = "missing+orphan+duplicate+negative+slices";
    for world in
        ["fair", "delay", "missing", "orphan", "duplicate", "negative", "slices", "chains", "rounded", "clock-offset", "serial-gap", honest]
    {
        let (folder, truth) = simulated(work.path(), world, "csv");
        let output = colofair(&folder, &["check", "study.toml", "--tables", "full", "-q"]);
        assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""), "{world}");
        let found = result(&folder.join("out"));
        assert_balances(&found);
        assert_eq!(found["reconciliation"], truth["reconciliation"], "{world}");
        assert_eq!(found["input"]["orders"]["rows"], truth["input"]["orders"]["rows"], "{world}");
        let class = |row: &Row| (row.get("order_row").cloned(), row.get("receipt_row").cloned(), row["class"].clone());
        let classes = |path: PathBuf| {
            let mut classes: Vec<_> = table(&path).iter().map(class).collect();
            classes.sort_unstable();
            classes
        };
        assert!(
            classes(folder.join("truth.parquet")) == classes(folder.join("out/tables/reconciled.parquet")),
            "{world}: a row is in another class"
        );
    }
}

#[test]
fn csv_parquet_and_arrow_files_of_one_world_give_the_same_figures() {
    let work = tempfile::tempdir().unwrap();
    let world = "delay+missing+orphan+duplicate+negative";
    let of_format = |format: &str| {
        let (folder, truth) = simulated(work.path(), world, format);
        let output = colofair(&folder, &["study", "study.toml", "-q"]);
        assert_eq!(exit_code(&output), 1, "{}", stderr(&output));
        let found = result(&folder.join("out"));
        assert_eq!(found["reconciliation"], truth["reconciliation"], "{format}");
        figures(found)
    };
    let csv = of_format("csv");
    assert_eq!(of_format("parquet"), csv);
    assert_eq!(of_format("arrow"), csv);
}

#[test]
fn a_damaged_parquet_or_arrow_file_ends_with_2_wherever_it_is_cut() {
    let work = tempfile::tempdir().unwrap();
    for format in ["parquet", "arrow"] {
        let (folder, _) = simulated(work.path(), "fair", format);
        let path = folder.join(format!("orders.{format}"));
        let whole = fs::read(&path).unwrap();
        for length in [9, whole.len() / 3, whole.len() - 9, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let output = colofair(&folder, &["check", "study.toml"]);
            assert_eq!((exit_code(&output), stdout(&output).as_str()), (2, ""), "{format} cut to {length}: {}", stderr(&output));
            assert!(stderr(&output).starts_with("error[E0209]") && !folder.join("out").exists(), "{}", stderr(&output));
        }
    }
}
