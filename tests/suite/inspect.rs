//! `inspect` and `init` from the outside: the study.toml that `init` writes gives, untouched, the answer of the one written by hand, and
//! where the files do not tell, it says so and writes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use colofair::inspect::{Origin, Part, SYNONYMS};
use colofair::simulate::World;
use serde_json::Value;

use crate::support::{colofair, exit_code, figures, real_lanes, repository, result, stderr, stdout};

/// A simulated study of its own.
fn world(work: &Path, name: &str, more: &[&str]) -> PathBuf {
    let folder = work.join(name);
    let size = if more.contains(&"--orders") { &[][..] } else { &["--orders", "2000"] };
    let arguments = ["simulate", name, "--days", "2", "--seed", "7", "-q", "-o", &folder.to_string_lossy()];
    let made = colofair(work, &[&arguments[..], size, more].concat());
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    folder
}

/// The figures of a study in `folder`.
#[track_caller]
fn study(folder: &Path, study: &str) -> Value {
    let out = folder.join(format!("out-{}", study.replace(['.', '/'], "-")));
    let ran = colofair(folder, &["study", study, "-o", &out.to_string_lossy(), "-q"]);
    assert!([0, 1, 3].contains(&exit_code(&ran)), "{study}: {}", stderr(&ran));
    figures(result(&out))
}

/// A result without the alerts on what no file tells and a hand wrote: which clock stamps the receipts, how further orders of one count.
fn but_for_questions(mut found: Value, expected: &Value) -> Value {
    let asked = ["names no clock of the receipts", "say children ="];
    let new =
        |alert: &Value| asked.iter().any(|asked| alert.to_string().contains(asked) && !expected["alerts"].to_string().contains(asked));
    if let Some(alerts) = found["alerts"].as_array_mut() {
        alerts.retain(|alert| !new(alert));
    }
    found
}

/// `init` on `files` must write a study.toml that gives `expected`.
#[track_caller]
fn init_gives(folder: &Path, files: &[&str], expected: &Value) -> String {
    let ran = colofair(folder, &[&["init", "-o", "found.toml", "--force"], files].concat());
    assert_eq!(exit_code(&ran), 0, "{}{}", stdout(&ran), stderr(&ran));
    let text = fs::read_to_string(folder.join("found.toml")).unwrap();
    let found = but_for_questions(study(folder, "found.toml"), expected);
    assert_eq!(first_difference(&found, expected, ""), None, "{text}");
    text
}

/// `init` on `files` must end with 2, say `said`, and write nothing.
#[track_caller]
fn init_refuses(folder: &Path, files: &[&str], said: &str) {
    let ran = colofair(folder, &[&["init", "-o", "refused.toml", "--lang", "en"], files].concat());
    assert_eq!(exit_code(&ran), 2, "{}", stdout(&ran));
    assert!(stderr(&ran).contains(said), "{}", stderr(&ran));
    assert!(!folder.join("refused.toml").exists());
}

/// Where two documents differ, so that a failure names the figure.
fn first_difference(left: &Value, right: &Value, at: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(key, value)| first_difference(value, b.get(key).unwrap_or(&Value::Null), &format!("{at}/{key}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| first_difference(a, b, &format!("{at}/{index}")))
        }
        _ if left == right => None,
        _ => Some(format!("{at}: {left} instead of {right}")),
    }
}

/// Rewrites a CSV file without quotes, cell by cell: column name and cell give the cell.
fn rewrite(path: &Path, header: impl Fn(&str) -> String, cell: impl Fn(&str, &str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut rewritten = names.iter().map(|name| header(name)).collect::<Vec<_>>().join(",") + "\n";
    for line in lines {
        let cells: Vec<String> = line.split(',').zip(&names).map(|(text, name)| cell(name, text)).collect();
        rewritten += &(cells.join(",") + "\n");
    }
    fs::write(path, rewritten).unwrap();
}

/// Takes out of a study what no order or receipt file tells: which groups are the house, the rules of use, the evidence files, and that
/// both sides are stamped by one clock, without which no order of their stamps is proven.
fn only_the_files(path: &Path) {
    let mut study: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    study.retain(|table, _| ["study", "orders", "receipts", "clients", "link", "fairness", "calendar"].contains(&table));
    for side in ["orders", "receipts"] {
        study[side].as_table_mut().unwrap().remove("clock");
    }
    fs::write(path, study.to_string()).unwrap();
}

fn same(_: &str, text: &str) -> String {
    text.to_owned()
}

#[test]
fn the_sample_needs_no_hand() {
    let work = tempfile::tempdir().unwrap();
    for name in ["orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    // Whether overtaking is counted by instrument or by line is a rule, not something files tell: the sample's own study says by line.
    let own = fs::read_to_string(repository("data/sample/study.toml")).unwrap().replace("scope = \"shard\"", "scope = \"instrument\"");
    fs::write(work.path().join("study.toml"), own).unwrap();
    only_the_files(&work.path().join("study.toml"));
    let expected = study(work.path(), "study.toml");
    for files in [["orders.csv", "receipts.csv", "clients.csv"], ["clients.csv", "receipts.csv", "orders.csv"]] {
        init_gives(work.path(), &files, &expected);
    }
    init_gives(work.path(), &["*.csv"], &expected);
}

#[test]
fn every_world_in_every_format_needs_no_hand() {
    let work = tempfile::tempdir().unwrap();
    let worlds: Vec<&str> = World::known().map(|(name, _)| name).collect();
    assert!(worlds.len() > 15);
    for (at, name) in worlds.into_iter().enumerate() {
        // Worlds are about what is in the files; the three formats take turns.
        let format = ["csv", "parquet", "arrow"][at % 3];
        let folder = world(work.path(), name, &["--format", format]);
        only_the_files(&folder.join("study.toml"));
        let expected = study(&folder, "study.toml");
        init_gives(&folder, &["clients.csv", &format!("receipts.{format}"), &format!("orders.{format}")], &expected);
    }
}

#[test]
fn every_encoding_date_and_format_needs_no_hand() {
    let work = tempfile::tempdir().unwrap();
    let ways: &[&[&str]] = &[
        &["--headers", "zh"],
        &["--headers", "zh", "--encoding", "utf-8-bom", "--dates", "split"],
        &["--headers", "zh", "--encoding", "cp950", "--dates", "roc"],
        &["--headers", "zh", "--encoding", "utf-16le", "--dates", "roc-compact"],
        &["--headers", "zh", "--encoding", "utf-16be", "--compress", "zst", "--dates", "clock12"],
        &["--encoding", "cp950", "--compress", "gz", "--dates", "compact"],
        &["--dates", "split"],
        &["--dates", "roc"],
        &["--dates", "epoch-ns"],
        &["--dates", "epoch-us"],
        &["--dates", "epoch-ms"],
        &["--dates", "epoch-float"],
        &["--format", "jsonl"],
        &["--format", "jsonl", "--compress", "gz"],
        &["--format", "oms"],
        &["--format", "oms", "--headers", "zh", "--encoding", "cp950"],
        &["--format", "cat"],
        &["--format", "cat-json"],
    ];
    for (at, how) in ways.iter().enumerate() {
        let folder = work.path().join(at.to_string());
        fs::create_dir(&folder).unwrap();
        let arguments = ["simulate", "delay", "--orders", "2000", "--days", "2", "--seed", "7", "--faults", "-q", "-o", "."];
        let made = colofair(&folder, &[&arguments[..], how].concat());
        assert_eq!(exit_code(&made), 0, "{how:?}: {}", stderr(&made));
        let name = |stem: &str| {
            let found = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            found.into_iter().find(|name| name.starts_with(stem) && !name.ends_with(".toml")).unwrap()
        };
        eprintln!("{how:?}");
        only_the_files(&folder.join("study.toml"));
        let expected = study(&folder, "study.toml");
        init_gives(&folder, &[&name("receipts"), &name("orders"), "clients.csv"], &expected);
    }
}

#[test]
fn a_fix_log_is_linked_and_its_own_tags_are_left_to_the_user() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &["--format", "fix"]);
    let expected = study(&folder, "study.toml");
    let ran = colofair(&folder, &["init", "orders.fix", "receipts.fix", "clients.csv", "-o", "found.toml"]);
    assert_eq!(exit_code(&ran), 0, "{}{}", stdout(&ran), stderr(&ran));
    let text = fs::read_to_string(folder.join("found.toml")).unwrap();
    assert!(text.contains("direction = \"out\"") && text.contains("direction = \"in\""), "{text}");
    let found = study(&folder, "found.toml");
    // User-defined tags say nothing of what they are: kind and gateway are not found, so only what does not need them is the same.
    for part in ["input", "reconciliation", "groups", "trend"] {
        assert_eq!(found[part], expected[part], "{part}\n{text}");
    }
}

#[test]
fn two_real_lanes_need_no_hand() {
    let Some(data) = real_lanes() else { return };
    let work = tempfile::tempdir().unwrap();
    for name in ["orders.csv", "receipts.csv"] {
        fs::copy(data.join(name), work.path().join(name)).unwrap();
    }
    let by_hand = r#"
[study]
timezone = "UTC"
[orders]
paths = ["orders.csv"]
columns = { receipt_id = "Order_ID", kind = "type", sent_at = "order_ts" }
[receipts]
paths = ["receipts.csv"]
columns = { receipt_id = "Order_ID", group = "grp", kind = "type", received_at = "receipt_ts" }
[link]
keys = ["receipt_id", "kind"]
"#;
    fs::write(work.path().join("study.toml"), by_hand).unwrap();
    let expected = study(work.path(), "study.toml");
    let text = init_gives(work.path(), &["orders.csv", "receipts.csv"], &expected);
    assert!(text.contains("preset = \"none\""), "hours around the clock are no session of the exchange:\n{text}");
}

#[test]
fn names_of_any_shape_reach_the_study_unharmed() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let expected = study(&folder, "study.toml");
    // Quotes, line ends, comment signs, brackets, a right-to-left override, and a name that is TOML.
    let strange = |name: &str| match name {
        "client_order_id" => "\"client \"\"order\"\" id\"".to_owned(),
        "account" => "\"帳\n號\"".to_owned(),
        "symbol" => "\"[symbol] # ='\"".to_owned(),
        "sent_ts" | "received_ts" => format!("\u{202e}{name}\\u0041"),
        "order_type" => "\"order type\t\"\"\"\"\"\"\"".to_owned(),
        other => other.to_owned(),
    };
    for name in ["orders.csv", "receipts.csv"] {
        rewrite(&folder.join(name), strange, same);
    }
    init_gives(&folder, &["orders.csv", "receipts.csv", "clients.csv"], &expected);
}

#[test]
fn chinese_headers_split_dates_and_two_zones_are_found() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let expected = study(&folder, "study.toml");
    let chinese = |name: &str| {
        let renamed = match name {
            "order_id" => "委託書號",
            "client_order_id" => "客戶單號",
            "account" => "投資人帳號",
            "symbol" => "股票代號",
            "side" => "買賣別",
            "order_type" => "委託種類",
            "sent_ts" => "送單日期,送單時間",
            "received_ts" => "收單日期,收單時間",
            "client_group" => "客群",
            "channel" => "下單別",
            other => other,
        };
        renamed.to_owned()
    };
    // Orders in local time, receipts in UTC, neither with its zone: 09:00 in Taipei is 01:00 in UTC, on the same date.
    let local = |name: &str, text: &str| match name {
        "sent_ts" => text.trim_end_matches("+08:00").replace('T', ","),
        _ => text.to_owned(),
    };
    let utc = |name: &str, text: &str| match name {
        "received_ts" => {
            let (date, time) = text.trim_end_matches("+08:00").split_once('T').unwrap();
            let hour: u32 = time[..2].parse().unwrap();
            format!("{date},{:02}{}", hour - 8, &time[2..])
        }
        _ => text.to_owned(),
    };
    rewrite(&folder.join("orders.csv"), chinese, local);
    rewrite(&folder.join("receipts.csv"), chinese, utc);
    let text = init_gives(&folder, &["orders.csv", "receipts.csv", "clients.csv"], &expected);
    assert!(text.contains("received_at = { date = \"收單日期\", time = \"收單時間\", zone = \"UTC\" }"), "{text}");
    assert!(text.contains("sent_at = { date = \"送單日期\", time = \"送單時間\" }"), "{text}");
}

#[test]
fn ids_that_agree_by_chance_do_not_win() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let expected = study(&folder, "study.toml");
    // Both files number their rows: every number of one is in the other, and means nothing.
    for name in ["orders.csv", "receipts.csv"] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let numbered = text
            .lines()
            .enumerate()
            .map(|(at, line)| format!("{},{line}\n", if at == 0 { "row".to_owned() } else { (at + 99).to_string() }));
        fs::write(folder.join(name), numbered.collect::<String>()).unwrap();
        // Nor does the real pair have a telling name.
        rewrite(&folder.join(name), |found| found.replace("client_order_id", "kkk"), same);
    }
    let text = init_gives(&folder, &["orders.csv", "receipts.csv", "clients.csv"], &expected);
    assert!(text.contains("receipt_id = \"kkk\""), "{text}");
}

#[test]
fn several_files_of_one_side_go_together_and_paths_follow_the_study() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let expected = study(&folder, "study.toml");
    let text = fs::read_to_string(folder.join("orders.csv")).unwrap();
    let (header, rows): (&str, Vec<&str>) = (text.lines().next().unwrap(), text.lines().skip(1).collect());
    fs::remove_file(folder.join("orders.csv")).unwrap();
    for (name, rows) in [("orders-1.csv", &rows[..700]), ("orders-2.csv", &rows[700..])] {
        fs::write(folder.join(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    }
    init_gives(&folder, &["orders-*.csv", "receipts.csv", "clients.csv"], &expected);
    fs::create_dir(folder.join("config")).unwrap();
    let ran = colofair(&folder, &["init", "orders-1.csv", "clients.csv", "receipts.csv", "orders-2.csv", "-o", "config/study.toml"]);
    assert_eq!(exit_code(&ran), 0, "{}", stderr(&ran));
    assert_eq!(but_for_questions(study(&folder, "config/study.toml"), &expected), expected);
}

#[test]
fn groups_come_from_the_clients_file_where_receipts_have_none() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    rewrite(
        &folder.join("receipts.csv"),
        |name| name.replace("client_group", "note"),
        |name, text| {
            if name == "client_group" { String::new() } else { text.to_owned() }
        },
    );
    let own = fs::read_to_string(folder.join("study.toml")).unwrap().replace("group = \"client_group\", ", "");
    fs::write(folder.join("study.toml"), own).unwrap();
    let expected = study(&folder, "study.toml");
    init_gives(&folder, &["orders.csv", "receipts.csv", "clients.csv"], &expected);
    init_refuses(&folder, &["orders.csv", "receipts.csv"], "the receipts name no group and there is no clients file");
}

#[test]
fn a_log_with_both_times_is_both_sides() {
    let work = tempfile::tempdir().unwrap();
    let rows = (0..40)
        .map(|n| format!("R{n},A{},{},2026-01-05T09:00:{:02}.000+08:00,2026-01-05T09:00:{:02}.{:03}+08:00\n", n % 4, n % 2, n, n, n + 3));
    fs::write(work.path().join("oms.csv"), format!("ReqSNO,acct,grp,收單時間,送單時間\n{}", rows.collect::<String>())).unwrap();
    let ran = colofair(work.path(), &["init", "oms.csv"]);
    assert_eq!(exit_code(&ran), 0, "{}{}", stdout(&ran), stderr(&ran));
    assert_eq!(study(work.path(), "study.toml")["reconciliation"]["matched"], 40);
}

#[test]
fn what_the_files_do_not_tell_is_asked_and_nothing_is_written() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let whole = ["orders.csv", "receipts.csv", "clients.csv"];
    init_refuses(&folder, &["orders.csv"], "no file can serve as receipts");
    init_refuses(&folder, &["receipts.csv"], "no file can serve as orders");
    init_refuses(&folder, &["clients.csv"], "no file can serve as orders");
    init_refuses(&folder, &["orders.csv", "receipts.csv", "./orders.csv"], "error[E0203]");
    init_refuses(&folder, &["orders.csv", "nothing.csv"], "error[E0200]");
    init_refuses(&folder, &["truth.json", "orders.csv", "receipts-*.csv"], "error[E0201]");

    // Two times without a telling name: which one is the receipt?
    let receipts = fs::read(folder.join("receipts.csv")).unwrap();
    rewrite(&folder.join("receipts.csv"), |name| name.replace("received_ts", "stamp a").replace("written_ts", "stamp b"), same);
    init_refuses(&folder, &whole, "which column is received_at (when the broker received the order)? It may be stamp a, stamp b");
    let partial =
        colofair(&folder, &["init", "orders.csv", "receipts.csv", "clients.csv", "-o", "partial.toml", "--partial", "--lang", "en"]);
    assert_eq!(exit_code(&partial), 2);
    let text = fs::read_to_string(folder.join("partial.toml")).unwrap();
    assert!(text.contains("# TODO [receipts] which column is received_at"), "{text}");
    assert!(text.contains("# received_at = \"stamp a\"\n# received_at = \"stamp b\"\n"), "{text}");
    // Answered by hand, it runs.
    fs::write(folder.join("partial.toml"), text.replace("# received_at = \"stamp a\"", "received_at = \"stamp a\"")).unwrap();
    let check = colofair(&folder, &["check", "partial.toml", "-o", "partial", "-q"]);
    assert_eq!(exit_code(&check), 0, "{}", stderr(&check));
    fs::write(folder.join("receipts.csv"), receipts).unwrap();

    // A header without rows tells nothing either.
    fs::write(folder.join("empty.csv"), "client_order_id,account,client_group,received_ts\n").unwrap();
    init_refuses(&folder, &["orders.csv", "empty.csv"], "error[E0500]");

    // What is there is not overwritten, unless it is asked for.
    fs::write(folder.join("mine.toml"), "mine").unwrap();
    let refused = colofair(&folder, &[&["init", "-o", "mine.toml"], &whole[..]].concat());
    assert_eq!((exit_code(&refused), fs::read_to_string(folder.join("mine.toml")).unwrap().as_str()), (2, "mine"));
    assert!(stderr(&refused).contains("error[E0501]"), "{}", stderr(&refused));
    let forced = colofair(&folder, &[&["init", "-o", "mine.toml", "--force"], &whole[..]].concat());
    assert_eq!(exit_code(&forced), 0, "{}", stderr(&forced));
}

#[test]
fn a_file_that_is_neither_is_named_and_left_out() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    let expected = study(&folder, "study.toml");
    fs::write(folder.join("colours.csv"), "colour,weight\nred,1.5\nblue,2.5\n").unwrap();
    let text = init_gives(&folder, &["colours.csv", "orders.csv", "receipts.csv", "clients.csv"], &expected);
    assert!(text.contains("# ? 未使用的檔案：colours.csv"), "{text}");
    let ran = colofair(&folder, &["init", "colours.csv", "orders.csv", "receipts.csv", "clients.csv", "-o", "again.toml", "--lang", "en"]);
    assert!(stdout(&ran).contains("not used: colours.csv: it has no column of times"), "{}", stdout(&ran));
}

#[test]
fn inspect_says_what_a_file_holds_and_ends_with_2_where_one_cannot_be_read() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &["--faults"]);
    let wide: Vec<String> = (0..100_000).map(|at| format!("c{at}")).collect();
    fs::write(folder.join("wide.csv"), format!("{}\n", wide.join(","))).unwrap();
    fs::write(folder.join("damaged.csv"), "client_order_id,account,received_ts\nK1,A1,2026-01-05T09:00:00\nK2\nK3,A1,soon\n").unwrap();
    let truth: Value = serde_json::from_slice(&fs::read(folder.join("truth.json")).unwrap()).unwrap();

    let ran = colofair(&folder, &["inspect", "orders.csv", "wide.csv", "nothing.csv", "damaged.csv", "--format", "json"]);
    assert_eq!(exit_code(&ran), 2);
    assert!(stderr(&ran).contains("error[E0205]: 標題列有 100000 欄") && stderr(&ran).contains("error[E0200]"), "{}", stderr(&ran));
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let [orders, damaged] = &document["files"].as_array().unwrap()[..] else { panic!("{document}") };
    for key in ["path", "format", "encoding", "dialect", "rows", "rejected", "columns", "proposed"] {
        assert!(!orders[key].is_null(), "{key}");
    }
    assert_eq!((&orders["rows"], &orders["rejected"]), (&truth["input"]["orders"]["rows"], &Value::from(0)));
    assert_eq!((orders["format"].as_str(), orders["dialect"].as_str()), (Some("csv"), Some("comma")));
    assert_eq!((orders["side"]["name"].as_str(), orders["proposed"]["sent_at"]["column"].as_str()), (Some("orders"), Some("sent_ts")));
    let sent = orders["columns"].as_array().unwrap().iter().find(|column| column["name"] == "sent_ts").unwrap();
    assert_eq!(
        (sent["kind"].as_str(), sent["time"]["resolution_ns"].as_u64(), sent["time"]["decimals"].as_u64()),
        (Some("time"), Some(1), Some(9))
    );
    assert_eq!(sent["samples"].as_array().unwrap().len(), 3);
    assert_eq!((damaged["rows"].as_u64(), damaged["rejected"].as_u64()), (Some(3), Some(2)));

    let text = colofair(&folder, &["inspect", "receipts.csv", "--lang", "en"]);
    assert_eq!(exit_code(&text), 0);
    assert!(stdout(&text).contains("group = client_group  0.95  the header client_group is a known name of group"), "{}", stdout(&text));
}

#[test]
fn one_thread_or_many_the_same_words() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &["--orders", "60000"]);
    let told = |threads: &str| {
        let looked = colofair(&folder, &["inspect", "orders.csv", "receipts.csv", "--threads", threads]);
        let started = colofair(&folder, &["init", "orders.csv", "receipts.csv", "clients.csv", "--force", "--threads", threads]);
        (stdout(&looked), stdout(&started), fs::read_to_string(folder.join("study.toml")).unwrap())
    };
    let alone = told("1");
    assert!(alone.0.contains("約 ") && alone == told("8"), "{}", alone.0);
}

/// A spreadsheet of another land: which number is the month is not told, so what to write is.
#[test]
fn times_that_start_with_a_day_are_told_from_no_times() {
    let work = tempfile::tempdir().unwrap();
    let rows = "id,account,at\n1,A,5/1/2026 9:00:03.247\n2,B,5/1/2026 9:00:09.230\n3,A,16/1/2026 13:00:09.1\n";
    fs::write(work.path().join("receipts.csv"), rows).unwrap();
    for (lang, said) in [("en", "at looks like times (such as 5/1/2026 9:00:03.247)"), ("zh-TW", "at（如 5/1/2026 9:00:03.247）看似時間")]
    {
        let looked = stdout(&colofair(work.path(), &["inspect", "receipts.csv", "--lang", lang]));
        let tried = stdout(&colofair(work.path(), &["init", "receipts.csv", "--lang", lang]));
        for told in [looked, tried] {
            assert!(told.contains(said) && told.contains("\"%-d/%-m/%Y %-H:%M:%S\""), "{told}");
        }
    }
}

/// What a spreadsheet leaves of a time is named as that; what only looks a little like it is not.
#[test]
fn times_that_a_spreadsheet_stored_are_told_from_other_columns() {
    let work = tempfile::tempdir().unwrap();
    let told = |values: [&str; 3], lang: &str| {
        let rows: String = values.iter().enumerate().map(|(at, value)| format!("{at},A,{value}\n")).collect();
        fs::write(work.path().join("receipts.csv"), format!("id,account,at\n{rows}")).unwrap();
        stdout(&colofair(work.path(), &["inspect", "receipts.csv", "--lang", lang]))
    };
    for (lang, of_minutes, of_days) in [("en", "minutes:seconds", "number of a day"), ("zh-TW", "「分:秒.0」", "日期序號")] {
        assert!(told(["00:03.2", "00:09.2", "12:09.1"], lang).contains(of_minutes));
        assert!(told(["46027.375037", "46027.375107", "46028.1"], lang).contains("46027.375107"));
        let said = told(["46027.375037", "46027.375107", "46028.541771"], lang);
        assert!(said.contains(of_days), "{said}");
        for other in [
            ["46027.25", "46027.5", "46028.75"],
            ["10246027.375037", "10246027.375107", "10246028.541771"],
            ["09:00:03.2", "09:00:09.2", "13:00:09.1"],
        ] {
            let said = told(other, lang);
            assert!(!said.contains(of_minutes) && !said.contains(of_days), "{said}");
        }
    }
}

/// A column that is named as a time and reads as none is named, where it keeps a file from being a side.
#[test]
fn times_in_a_form_of_their_own_are_named() {
    let work = tempfile::tempdir().unwrap();
    let write = |name: &str, head: &str, at: &dyn Fn(u32) -> String| {
        let rows: String = (0..60).map(|n| format!("K{n},A{},{}\n", n % 7, at(n))).collect();
        fs::write(work.path().join(name), format!("client_order_id,account,{head}\n{rows}")).unwrap();
    };
    write("orders.csv", "sent_at", &|n| format!("3 Mar 26 at 09h00m{n:02}"));
    write("receipts.csv", "received_at", &|n| format!("2026-03-02T09:00:{n:02}.11"));
    let tried = colofair(work.path(), &["init", "orders.csv", "receipts.csv", "--lang", "en"]);
    let said = stdout(&tried) + &stderr(&tried);
    assert!(said.contains("by its name sent_at (such as 3 Mar 26 at 09h00m00) should be a time"), "{said}");
    assert_eq!(exit_code(&tried), 2);
}

/// Ids as a spreadsheet shows long numbers are told; numbers of another form are not.
#[test]
fn ids_that_a_spreadsheet_shortened_are_told() {
    let work = tempfile::tempdir().unwrap();
    let told = |values: [&str; 3]| {
        let rows: String = values.iter().enumerate().map(|(at, value)| format!("{value},A,2026-01-05T09:00:0{at}.000001\n")).collect();
        fs::write(work.path().join("receipts.csv"), format!("id,account,at\n{rows}")).unwrap();
        stdout(&colofair(work.path(), &["inspect", "receipts.csv", "--lang", "en"]))
    };
    let said = told(["9.00000E+09", "9.01000E+09", "1E+10"]);
    assert!(said.contains("! id (such as 9.00000E+09) was shortened by a spreadsheet"), "{said}");
    for other in [["9000000001", "9.01000E+09", "9.02E+09"], ["1E5", "2E5", "3E5"], ["AE+01", "BE+02", "CE+03"]] {
        assert!(!told(other).contains("shortened"), "{other:?}");
    }
}

#[test]
fn a_clients_file_of_one_client_is_told_and_a_study_without_a_title_has_its_files_name() {
    let work = tempfile::tempdir().unwrap();
    let folder = world(work.path(), "delay", &[]);
    rewrite(&folder.join("clients.csv"), str::to_owned, |name, text| if name == "client" { "Broker".to_owned() } else { text.to_owned() });
    let own = fs::read_to_string(folder.join("study.toml")).unwrap();
    let title = own.lines().find(|line| line.starts_with("title")).unwrap();
    fs::write(folder.join("study.toml"), own.replace(title, "title = \" \"")).unwrap();
    study(&folder, "study.toml");
    let found = result(&folder.join("out-study-toml"));
    assert_eq!(found["study"]["title"], "study.toml");
    let alerts = found["alerts"].to_string();
    assert!(alerts.contains("accounts to one client (Broker)") && alerts.contains("歸於同一客戶（Broker）"), "{alerts}");
}

/// Two million of them would take hours if each were looked at from all of the others.
#[test]
fn blank_lines_are_gone_over_once() {
    let folder = tempfile::tempdir().unwrap();
    for (name, head, blank) in [("a.csv", "id,account\n", "\n"), ("b.csv", "\n\nid;account\n", "\n"), ("c.csv", "id,account\r\n", " \r\n")]
    {
        fs::write(folder.path().join(name), head.to_owned() + &blank.repeat(2_000_000 / blank.len())).unwrap();
        let ran = colofair(folder.path(), &["inspect", name, "--format", "json"]);
        assert_eq!(exit_code(&ran), 0, "{}", stderr(&ran));
        let found: Value = serde_json::from_str(&stdout(&ran)).unwrap();
        let columns: Vec<&str> =
            found["files"][0]["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(columns, ["id", "account"], "{name}");
    }
}

/// The table of names in docs/formats.md, from the one in the code.
fn table_of_names() -> String {
    let mut columns: Vec<_> = SYNONYMS.iter().map(|synonym| synonym.column).collect();
    columns.dedup();
    let cell = |column, origin: Origin| {
        let names = |is_date: bool| {
            let found =
                SYNONYMS.iter().filter(|known| (known.column, known.origin) == (column, origin) && (known.part == Part::Date) == is_date);
            found.flat_map(|synonym| synonym.names).copied().collect::<Vec<_>>().join(", ")
        };
        let (names, dates) = (names(false), names(true));
        let dates = if dates.is_empty() { dates } else { format!("date: {dates}") };
        [names, dates].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    };
    let origins = [Origin::Chinese, Origin::English, Origin::Fix, Origin::Cat];
    let row = |column: &colofair::record::Column| {
        let cells: Vec<String> = origins.iter().map(|origin| cell(*column, *origin)).collect();
        format!("| `{}` | {} |\n", column.name(), cells.join(" | "))
    };
    let head = origins.map(Origin::name).join(" | ");
    format!("| column | {head} |\n|---|---|---|---|---|\n{}", columns.iter().map(row).collect::<String>())
}

#[test]
fn the_documentation_lists_every_known_name() {
    let page = fs::read_to_string(repository("docs/formats.md")).unwrap();
    assert!(page.contains(&table_of_names()), "docs/formats.md should hold\n{}", table_of_names());
}
