//! One order day in every format, encoding, date shape and packing: the figures are the same.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{assert_balances, colofair, exit_code, figures, result, stderr};

/// The figures that depend on rows: what names formats and files, and what is said about reading them, is left out.
fn of_rows(found: &Value) -> Value {
    let mut figures = figures(found.clone());
    figures["notices"] = Value::Null;
    figures
}

/// One simulated day with every honest imperfection, written as `how` says, and studied by the study.toml beside it, untouched.
#[track_caller]
fn studied(work: &Path, how: &[&str]) -> Value {
    let folder = work.join(how.join("_").replace("--", ""));
    fs::create_dir_all(&folder).unwrap();
    let day = ["simulate", "delay", "--orders", "3000", "--days", "1", "--seed", "7", "--faults", "-q", "-o", "."];
    let made = colofair(&folder, &[&day[..], how].concat());
    assert_eq!(exit_code(&made), 0, "{how:?}: {}", stderr(&made));
    let output = colofair(&folder, &["study", "study.toml", "-q"]);
    assert!([0, 1, 3].contains(&exit_code(&output)), "{how:?}: {}", stderr(&output));
    // Chinese files have Chinese groups; they stand in the same order.
    let text = fs::read_to_string(folder.join("out/result.json")).unwrap().replace("丁組", "A").replace("恒組", "B");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_balances(&found);
    assert_eq!(found["input"]["orders"]["rejected"], 0, "{how:?}");
    assert_eq!(found["input"]["receipts"]["rejected"], 0, "{how:?}");
    found
}

/// Every way of writing gives the figures of plain CSV with times cut to `resolution`.
#[track_caller]
fn assert_same(resolution: &str, ways: &[&[&str]]) {
    let work = tempfile::tempdir().unwrap();
    let plain = studied(work.path(), &["--resolution", resolution]);
    let truth = fs::read(work.path().join(format!("resolution_{resolution}/truth.json"))).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    assert_eq!(plain["reconciliation"], truth["reconciliation"]);
    for way in ways {
        let found = studied(work.path(), &[way, &["--resolution", resolution][..]].concat());
        let (mut found, mut plain) = (of_rows(&found), of_rows(&plain));
        for part in ["reconciliation", "groups", "pairs"] {
            assert_eq!(found[part], plain[part], "{way:?}: {part}");
        }
        // Nothing else differs either: neither stages nor stamps, findings or curves.
        let (found, plain) = (found.as_object_mut().unwrap(), plain.as_object_mut().unwrap());
        for (name, value) in plain {
            assert_eq!(found.get(name), Some(&*value), "{way:?}: {name}");
        }
    }
}

#[test]
fn every_format_of_full_resolution_gives_the_figures_of_csv() {
    assert_same(
        "1ns",
        &[
            &["--format", "jsonl"],
            &["--format", "fix"],
            &["--format", "fixed"],
            &["--format", "cat"],
            &["--format", "cat-json"],
            &["--format", "parquet"],
            &["--format", "arrow"],
            &["--format", "fix", "--compress", "gz"],
            &["--format", "jsonl", "--compress", "zst"],
            &["--compress", "gz"],
        ],
    );
}

#[test]
fn chinese_files_of_every_encoding_give_the_figures_of_csv() {
    assert_same(
        "1ns",
        &[
            &["--headers", "zh"],
            &["--headers", "zh", "--encoding", "utf-8-bom"],
            &["--headers", "zh", "--encoding", "cp950"],
            &["--headers", "zh", "--encoding", "utf-16le"],
            &["--headers", "zh", "--encoding", "utf-16be", "--compress", "zst"],
            &["--headers", "zh", "--encoding", "cp950", "--format", "fixed"],
            &["--headers", "zh", "--format", "fix"],
            &["--headers", "zh", "--format", "jsonl"],
        ],
    );
}

#[test]
fn every_date_shape_gives_the_figures_of_iso_times() {
    let dated = |shape: &'static str| ["--dates", shape];
    assert_same("1ns", &[&dated("split"), &dated("roc"), &dated("epoch-ns")]);
    assert_same(
        "1us",
        &[
            &dated("compact"),
            &dated("roc-compact"),
            &dated("epoch-us"),
            &dated("epoch-float"),
            &["--format", "oms"],
            &["--format", "oms", "--headers", "zh", "--encoding", "cp950"],
            &["--headers", "zh", "--encoding", "cp950", "--dates", "roc", "--compress", "gz"],
        ],
    );
    assert_same("1ms", &[&dated("clock12"), &dated("epoch-ms")]);
}

#[test]
fn a_choice_that_a_format_does_not_have_is_refused() {
    let work = tempfile::tempdir().unwrap();
    for (how, says) in [
        (["--format", "parquet", "--compress", "gz"], "compress"),
        (["--format", "fix", "--encoding", "utf-16le"], "encoding"),
        (["--format", "jsonl", "--dates", "roc"], "dates"),
        (["--format", "csv", "--resolution", "3us"], "resolution"),
    ] {
        let output = colofair(work.path(), &[&["simulate", "fair", "-o", "new"], &how[..]].concat());
        assert_eq!(exit_code(&output), 2);
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}

/// Byte at which `part` first stands in `text`.
fn byte(text: &str, part: &str) -> usize {
    text.find(part).unwrap()
}

/// A study of two files of one format, with the given lines in its tables.
fn small(orders: (&str, &str), receipts: (&str, &str)) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let study = format!(
        "[study]\ntimezone = \"Asia/Taipei\"\nlanguage = \"en\"\n\n[orders]\npaths = [\"orders.txt\"]\n{}\n\n[receipts]\npaths = [\"receipts.txt\"]\n{}\n\n[calendar]\npreset = \"none\"\n",
        orders.0, receipts.0
    );
    fs::write(work.path().join("orders.txt"), orders.1).unwrap();
    fs::write(work.path().join("receipts.txt"), receipts.1).unwrap();
    fs::write(work.path().join("study.toml"), study).unwrap();
    work
}

#[track_caller]
fn checked(work: &tempfile::TempDir) -> Value {
    let output = colofair(work.path(), &["check", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let found = result(&work.path().join("out"));
    assert_balances(&found);
    found
}

#[track_caller]
fn refused(work: &tempfile::TempDir) -> String {
    let output = colofair(work.path(), &["check", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 2, "{}", stderr(&output));
    stderr(&output)
}

fn rejects(work: &tempfile::TempDir) -> Vec<String> {
    let text = fs::read_to_string(work.path().join("out/rejects.csv")).unwrap();
    // File, line, byte, column and code.
    text.lines().skip(1).map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",")).collect()
}

const RECEIPTS: (&str, &str) = (
    "columns = { receipt_id = \"id\", group = \"group\", received_at = \"t\" }",
    "id,group,t\nA1,X,2026-01-05T09:00:00\nA2,Y,2026-01-05T09:00:01\nA3,X,2026-01-05T09:00:02\n",
);

#[test]
fn broker_text_has_header_and_footer_and_a_damaged_line_is_no_footer() {
    let orders = "Latency report 2026-01-05\n\nReqSNO|T0|T2\nA1|20260105010000.000000|20260105010000.000044\nA2|cut\nTotal\nA3|20260105010002|20260105010002.5\n3 rows\nEnd\n";
    let work = small(("format = \"oms\"\ncolumns = { receipt_id = \"ReqSNO\", sent_at = \"T2\" }", orders), RECEIPTS);
    let found = checked(&work);
    assert_eq!((&found["input"]["orders"]["rows"], &found["reconciliation"]["matched"]), (&4.into(), &2.into()));
    let at = |part: &str| byte(orders, part);
    assert_eq!(
        rejects(&work),
        [format!("orders.txt,5,{},,field_count", at("A2|cut")), format!("orders.txt,6,{},,field_count", at("Total"))]
    );
    assert_eq!(found["groups"][0]["max"], 500_000_000);
    let named = "sent_at = { column = \"T2\", format = \"%Y%m%d%H%M%S.%f\" }";
    let work = small((&format!("format = \"oms\"\ncolumns = {{ receipt_id = \"ReqSNO\", {named} }}"), orders), RECEIPTS);
    assert_eq!(checked(&work)["groups"][0]["max"], 500_000_000);
    let wrong = small(("format = \"oms\"\ncolumns = { receipt_id = \"ReqNo\", sent_at = \"T2\" }", orders), RECEIPTS);
    assert!(refused(&wrong).contains("E0206"));
}

#[test]
fn a_setting_that_the_format_does_not_know_is_refused() {
    let orders = "ReqSNO|T0|T2\nA1|20260105010000.000000|20260105010000.000044\n";
    let with = |setting: &str| {
        small((&format!("format = \"oms\"\n{setting}\ncolumns = {{ receipt_id = \"ReqSNO\", sent_at = \"T2\" }}"), orders), RECEIPTS)
    };
    for setting in ["direction = \"in\"", "messages = [\"D\"]", "delimiter = \"|\"", "comment = \"#\"", "skip_lines = 1"] {
        let said = refused(&with(setting));
        assert!(said.contains("E0236") && said.contains(&setting[..setting.find(' ').unwrap()]), "{setting}: {said}");
    }
    checked(&with("encoding = \"utf-8\""));
    let csv = small(("comment = \"\"\ncolumns = { receipt_id = \"id\", sent_at = \"t\" }", "id,t\nA1,2026-01-05T09:00:00\n"), RECEIPTS);
    assert!(refused(&csv).contains("none of them empty"));
}

#[test]
fn json_lines_are_read_by_path_and_what_is_no_object_is_rejected() {
    let orders = concat!(
        "{\"id\":\"A1\",\"times\":{\"sent\":1767574800.000044}}\n\n",
        "{\"id\":\"A2\",\"times\":{\"sent\":1767574801}}\n",
        "{\"id\":[1],\"times\":{\"sent\":1767574801}}\n",
        "{\"id\":1.0,\"times\":{\"sent\":1767574801}}\n",
        "{\"id\":\"A3\"}\n",
        "{\"id\":\"A3\",\n"
    );
    let columns = "columns = { receipt_id = \"id\", sent_at = { column = \"times.sent\", format = \"epoch_s\" } }";
    let work = small((&format!("format = \"jsonl\"\n{columns}"), orders), RECEIPTS);
    let found = checked(&work);
    assert_eq!((&found["input"]["orders"]["rows"], &found["reconciliation"]["matched"]), (&6.into(), &2.into()));
    let codes: Vec<String> = rejects(&work).iter().map(|row| row.replace("orders.txt,", "")).collect();
    let at = |part: &str| byte(orders, part);
    assert_eq!(
        codes,
        [
            format!("4,{},receipt_id,bad_value", at("{\"id\":[1]")),
            format!("5,{},receipt_id,bad_value", at("{\"id\":1.0")),
            format!("6,{},sent_at,missing_time", at("{\"id\":\"A3\"}")),
            format!("7,{},,malformed", at("{\"id\":\"A3\",")),
        ]
    );
    let misspelt = small((&format!("format = \"jsonl\"\n{}", columns.replace("times.sent", "time.sent")), orders), RECEIPTS);
    assert!(refused(&misspelt).contains("no line has \"time.sent\""));
    let list = small((&format!("format = \"jsonl\"\n{columns}"), "[{\"id\":1}]\n"), RECEIPTS);
    assert!(refused(&list).contains("E0232"));
}

#[test]
fn the_exchange_s_order_file_is_read_and_another_length_is_named() {
    let record = |time: &str, serial: &str| format!("202601052330  B0{time}{serial}10612.500000000100{{0400R M9A95");
    assert_eq!(record("090000000044", "A1   ").len(), 63);
    let orders =
        format!("{}\r\n{}\n{}x\n", record("090000000044", "A1   "), record("090001000044", "A2   "), record("090002000044", "A3   "));
    let columns = "columns = { receipt_id = \"order_no\", sent_at = { date = \"date\", time = \"time\" }, quantity = \"quantity\" }";
    let work = small((&format!("format = \"fixed:twse-63\"\n{columns}"), &orders), RECEIPTS);
    let found = checked(&work);
    assert_eq!((&found["groups"][0]["max"], &found["groups"][1]["max"]), (&44_000.into(), &44_000.into()));
    assert_eq!(rejects(&work), ["orders.txt,3,129,,record_length"]);
    let wrong = small((&format!("format = \"fixed:twse-59\"\n{columns}"), &orders), RECEIPTS);
    let said = refused(&wrong);
    assert!(said.contains("E0234") && said.contains("fixed:twse-63"), "{said}");
    let missing = small((&format!("format = \"fixed:none.toml\"\n{columns}"), &orders), RECEIPTS);
    assert!(refused(&missing).contains("E0106"));
}

#[test]
fn cat_records_of_other_types_and_corrections_are_counted_and_a_bare_file_has_the_opening_fields() {
    let line = |action: &str, kind: &str, id: &str, second: u32| {
        format!("{action},,ROE{id},{kind},SIMU,20260105T000000,{id},2330,20260105T09000{second}.000044000,false,false,\n")
    };
    let orders = [line("NEW", "MEOR", "A1", 0), line("COR", "MEOR", "A1", 5), line("NEW", "MEOC", "A1", 6), line("NEW", "MEOR", "A2", 1)];
    let work =
        small(("format = \"cat\"\ncolumns = { receipt_id = \"orderID\", sent_at = \"eventTimestamp\" }", &orders.concat()), RECEIPTS);
    let found = checked(&work);
    assert_eq!((&found["input"]["orders"]["rows"], &found["reconciliation"]["matched"]), (&2.into(), &2.into()));
    let notices = found["notices"].to_string();
    assert!(notices.contains("MEOC 1, MEOR COR 1"), "{notices}");
    let unknown = small(("format = \"cat\"\ncolumns = { receipt_id = \"orderID\", sent_at = \"sent\" }", &orders.concat()), RECEIPTS);
    assert!(refused(&unknown).contains("without a header line"));
}

#[test]
fn what_a_log_holds_beside_orders_is_said_in_the_notices() {
    let orders = "20260105-01:00:00.000044 : 8=FIX.4.4|9=31|35=D|52=20260105-01:00:00|11=A1|10=000|\nstart\n20260105-01:00:00.1 : 8=FIX.4.4|9=5|35=0|10=000|\n20260105-01:00:00.1 : 8=FIX.4.4|9=99|35=D|11=A2\n";
    let columns = "columns = { receipt_id = { tag = \"11\", pattern = \"^A\\\\d$\" }, sent_at = \"prefix\" }";
    let work = small((&format!("format = \"fix\"\n{columns}"), orders), RECEIPTS);
    let found = checked(&work);
    assert_eq!((&found["input"]["orders"]["rows"], &found["reconciliation"]["matched"]), (&2.into(), &1.into()));
    assert_eq!(rejects(&work), [format!("orders.txt,4,{},,truncated", orders.rfind("20260105").unwrap())]);
    let notices = found["notices"].to_string();
    for said in [
        "orders (D) 2, session messages 1",
        "orders: 3 FIX messages whose checksum",
        "orders: 1 FIX messages have no end",
        "orders: 1 lines hold no record",
    ] {
        assert!(notices.contains(said), "\"{said}\" is not in {notices}");
    }
    let table = small(
        ("columns = { receipt_id = { column = \"id\", strip_prefix = \"B6_\" }, sent_at = \"t\" }", "id,t\nB6_A1,2026-01-05T09:00:00\n"),
        RECEIPTS,
    );
    assert!(refused(&table).contains("E0235"));
}
