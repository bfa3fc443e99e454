//! The order of handling, from the outside: what is planted is found and leads to its rows, and what is honest is not accused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Row, colofair, exit_code, repository, result, stderr, table};

fn simulated(world: &str, orders: &str) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", world, "--orders", orders, "--days", "4", "--seed", "7", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    work
}

fn codes(found: &Value) -> Vec<&str> {
    found["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// Column `name` of each data row of a CSV file without quotes.
fn column(path: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|head| head == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

#[test]
fn planted_front_running_is_found_and_every_case_leads_to_its_rows() {
    let work = simulated("front-run", "16000");
    let output = colofair(work.path(), &["study", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 1, "{}", stderr(&output));
    let found = result(&work.path().join("out"));
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "P03").expect("P03");
    assert_eq!((&finding["verdict"], &finding["evidence"]["table"]), (&"confirmed".into(), &"tables/priority_ahead.parquet".into()));
    assert_eq!(found["scorecard"][6]["state"], "finding");
    // The summary names it, and the section states the rule it is held against.
    let page = fs::read_to_string(work.path().join("out/report.html")).unwrap();
    for said in [
        "Order of handling (P03): ",
        "處理順序（P03）：",
        "The rule of P03 (",
        "Orders are processed in the order received.",
        "from 10 on, at 2 times",
    ] {
        assert!(page.contains(said), "{said}");
    }

    let cases: Vec<Row> = table(&work.path().join("out/tables/priority_ahead.parquet"));
    let ids = column(&work.path().join("orders.csv"), "order_id");
    for case in &cases {
        for side in ["held", "ahead"] {
            let row: usize = case[&format!("{side}_order_row")].parse().unwrap();
            assert_eq!(ids[row], case[&format!("{side}_order_id")]);
        }
    }
    let of_house = cases.iter().filter(|case| case["kind"] == "house_ahead");
    let listed: BTreeSet<(String, String)> = of_house.map(|case| (case["held_order_id"].clone(), case["ahead_order_id"].clone())).collect();
    assert_eq!(listed.len() as u64, finding["evidence"]["rows"].as_u64().unwrap());
    let truth = work.path().join("truth_ahead.csv");
    let planted: Vec<(String, String)> = column(&truth, "held_order_id").into_iter().zip(column(&truth, "house_order_id")).collect();
    let recalled = planted.iter().filter(|pair| listed.contains(pair)).count();
    assert!(planted.len() > 80 && recalled as f64 >= 0.99 * planted.len() as f64, "{recalled} of {}", planted.len());
}

/// Stamps that no pair of groups may be judged by accuse no house either: the cases are a question.
#[test]
fn a_house_ahead_by_wrong_clocks_is_a_question() {
    let work = simulated("front-run+fair-workers", "16000");
    let receipts = fs::read_to_string(work.path().join("receipts.csv")).unwrap();
    // One receipt in two hundred, of those of the first hour, an hour after its order was sent.
    let late = |(at, line): (usize, &str)| if at > 0 && at % 200 == 0 { line.replacen("T09:", "T10:", 1) } else { line.to_owned() };
    fs::write(work.path().join("receipts.csv"), receipts.lines().enumerate().map(late).collect::<Vec<_>>().join("\n") + "\n").unwrap();
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let found = result(&work.path().join("out"));
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "P03").expect("P03");
    assert_eq!((finding["verdict"].as_str(), finding["severity"].as_str()), (Some("insufficient"), Some("low")), "{finding}");
    let said = finding["summary"]["en"].as_str().unwrap();
    assert!(said.contains("; not confirmed: ") && said.contains("before they were received"), "{said}");
}

#[test]
fn an_honest_house_is_not_accused_and_nothing_passes_in_a_strict_queue() {
    let work = simulated("fair-house", "16000");
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let found = result(&work.path().join("out"));
    assert!(!codes(&found).iter().any(|code| code.starts_with('P') || *code == "F03"), "{:?}", codes(&found));
    assert_eq!(found["priority"]["sequence"]["out_of_sequence"], 0);
    assert_eq!(table(&work.path().join("out/tables/priority_overtakes.parquet")).len(), 0);
    let places: i64 = found["priority"]["replay"]["groups"].as_array().unwrap().iter().map(|group| group["places"].as_i64().unwrap()).sum();
    assert_eq!(places, 0);
}

/// A copy of the sample study with lines put at its end.
fn sample_with(lines: &str) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap();
    fs::write(work.path().join("study.toml"), format!("{study}\n{lines}\n")).unwrap();
    work
}

/// The counts read out in the NSE co-location orders, as a log of 364 sessions of 30 connections.
fn nse_log() -> String {
    let mut text = String::from("connected_ts,server,user\n");
    for session in 0..364_u32 {
        let places: &[u32] = match session {
            0..34 => &[0, 1, 2],
            34..342 => &[0, 2, 9],
            342..348 => &[1, 2, 9],
            348..363 => &[0, 8, 9],
            _ => &[7, 8, 9],
        };
        let day = format!("2025-{:02}-{:02}", 1 + session / 31, 1 + session % 28);
        for place in 0..30 {
            let user = if places.contains(&place) { "OPG".to_owned() } else { format!("M{place:02}") };
            writeln!(text, "{day}T08:{place:02}:00+08:00,S{},{user}", session / 28).unwrap();
        }
    }
    text
}

#[test]
fn a_client_that_is_nearly_always_first_to_connect_is_pointed_out_and_not_convicted() {
    let section = "[priority.sessions]\npaths = [\"sessions.csv\"]\n\
                   columns = { connected_at = \"connected_ts\", server = \"server\", account = \"user\" }";
    let work = sample_with(section);
    fs::write(work.path().join("sessions.csv"), nse_log()).unwrap();
    let before = exit_code(&colofair(sample_with("").path(), &["study", "study.toml", "-q"]));
    let output = colofair(work.path(), &["study", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), before, "{}", stderr(&output));
    let found = result(&work.path().join("out"));
    let leader = &found["priority"]["sessions"]["clients"][0];
    assert_eq!((&leader["client"], &leader["sessions"], &leader["first"]), (&"OPG".into(), &364.into(), &357.into()));
    assert_eq!(leader["of_first_three"], serde_json::json!([1, 15, 314, 34]));
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "A13").expect("A13");
    assert_eq!(finding["verdict"], "insufficient");
    let manifest = fs::read_to_string(work.path().join("out/manifest.json")).unwrap();
    assert!(manifest.contains("sessions.csv") && manifest.contains("priority_sessions.parquet"));
}

/// One client's buy at 100 is held while the house buys; see each execution.
#[test]
fn executions_decide_what_was_dealt_ahead_and_what_it_cost() {
    let cases = [
        // The house bought 2,000 at 99.5, the client 3,000 at 99.9 a minute later: 2,000 x 0.4.
        ("O2,09:00:01,99.5,2000\nO1,09:01:01,99.9,3000", Some((2_000, Some(800.0)))),
        // The client was given the house's price within a second.
        ("O2,09:00:01,99.5,2000\nO1,09:00:01.5,99.5,3000", None),
        // Half of it was.
        ("O2,09:00:01,99.5,2000\nO1,09:00:01.5,99.5,1000\nO1,09:02:00,100,2000", Some((1_000, Some(500.0)))),
        // The house paid more than the client's limit, or bought nothing; or the client was never filled.
        ("O2,09:00:01,100.5,2000", None),
        ("O1,09:01:01,99.9,3000", None),
        ("O2,09:00:01,99.5,2000", Some((2_000, None))),
    ];
    for (fills, expected) in cases {
        let work = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(work.path().join(name), text).unwrap();
        write(
            "orders.csv",
            "id,rid,account,symbol,side,qty,price,sent\nO1,R1,C1,2330,B,3000,100,2026-01-05T09:00:00.5\nO2,R2,H1,2330,B,2000,100,2026-01-05T09:00:00.3\n",
        );
        write("receipts.csv", "rid,account,group,received\nR1,C1,A,2026-01-05T09:00:00.1\nR2,H1,house,2026-01-05T09:00:00.2\n");
        let fills: Vec<String> = fills.lines().map(|line| line.replacen(',', ",2026-01-05T", 1)).collect();
        write("fills.csv", &format!("id,at,price,qty\n{}\n", fills.join("\n")));
        write(
            "study.toml",
            r#"[orders]
paths = ["orders.csv"]
columns = { order_id = "id", receipt_id = "rid", account = "account", symbol = "symbol", side = "side", quantity = "qty", price = "price", sent_at = "sent" }
[receipts]
paths = ["receipts.csv"]
columns = { receipt_id = "rid", account = "account", group = "group", received_at = "received" }
[priority]
house_groups = ["house"]
[priority.executions]
paths = ["fills.csv"]
columns = { order_id = "id", executed_at = "at", price = "price", quantity = "qty" }
"#,
        );
        let output = colofair(work.path(), &["study", "study.toml", "-q"]);
        assert_eq!(exit_code(&output), 3, "{}", stderr(&output));
        let found = result(&work.path().join("out"));
        assert_eq!(found["priority"]["ahead"]["level"], "executions");
        let rows = table(&work.path().join("out/tables/priority_ahead.parquet"));
        let row: Option<(i64, Option<f64>)> =
            rows.first().map(|row| (row["shares"].parse().unwrap(), row.get("harm").map(|harm| harm.parse().unwrap())));
        assert_eq!(row, expected, "{fills:?}");
        assert!(rows.iter().all(|row| row["kind"] == "house_ahead" && row["held_order_id"] == "O1"));
        // One case is never a finding.
        assert!(!codes(&found).contains(&"P03"));
    }
}

#[test]
fn the_section_runs_only_where_it_is_asked_for_and_a_wrong_house_is_refused() {
    let work = sample_with("");
    colofair(work.path(), &["study", "study.toml", "-q"]);
    assert!(result(&work.path().join("out")).get("priority").is_none());
    assert!(!work.path().join("out/tables/priority_matrix.parquet").exists());
    let wrong = sample_with("[priority]\nhouse_groups = [\"haus\"]");
    let output = colofair(wrong.path(), &["study", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 2);
    assert!(stderr(&output).starts_with("error[E0222]"), "{}", stderr(&output));
}

#[test]
fn one_and_eight_threads_write_the_same_section() {
    let work = simulated("front-run+fair-workers", "6000");
    let of_threads = |threads: &str| {
        colofair(work.path(), &["study", "study.toml", "-q", "--threads", threads]);
        let names = ["ahead", "clients", "matrix", "overtakes"].map(|name| format!("out/tables/priority_{name}.parquet"));
        let tables: BTreeMap<String, Vec<u8>> =
            names.into_iter().map(|name| (name.clone(), fs::read(work.path().join(name)).unwrap())).collect();
        (fs::read(work.path().join("out/result.json")).unwrap(), tables)
    };
    assert!(of_threads("1") == of_threads("8"));
}

#[test]
fn a_planted_first_client_is_pointed_out_with_its_counts_and_a_random_log_points_at_nobody() {
    let work = simulated("first-connect", "8000");
    assert!([0, 3].contains(&exit_code(&colofair(work.path(), &["study", "study.toml", "-q"]))));
    let found = result(&work.path().join("out"));
    let planted: Value = serde_json::from_slice(&fs::read(work.path().join("truth_sessions.json")).unwrap()).unwrap();
    let leader = &found["priority"]["sessions"]["clients"][0];
    for figure in ["client", "sessions", "first", "of_first_three"] {
        assert_eq!(leader[figure], planted[figure], "{figure}");
    }
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "A13").expect("A13");
    assert_eq!(finding["verdict"], "insufficient");
    let work = simulated("fair-sessions", "8000");
    colofair(work.path(), &["study", "study.toml", "-q"]);
    assert!(!codes(&result(&work.path().join("out"))).contains(&"A13"));
}

/// A house order that passes several clients makes several pairs, and its share counts it once.
#[test]
fn cases_are_told_with_both_orders_of_one_line_and_the_share_counts_orders() {
    let work = simulated("front-run", "20000");
    assert_eq!(exit_code(&colofair(work.path(), &["study", "study.toml", "-q", "--lang", "en"])), 1);
    let out = work.path().join("out");
    let found = result(&out);
    let cases: Vec<_> = table(&out.join("tables/priority_ahead.parquet")).into_iter().filter(|row| row["kind"] == "house_ahead").collect();
    let [symbols, sides] = ["symbol", "side"].map(|name| column(&work.path().join("orders.csv"), name));
    let ladders = found["priority"]["cases"].as_array().unwrap();
    assert!(ladders.len() == 10 && cases.len() > 20, "{} {}", ladders.len(), cases.len());
    for ladder in ladders {
        let [held, ahead] = [0, 1].map(|at| ladder["orders"][at]["row"].as_u64().unwrap());
        let is = |row: &&Row| row["held_order_row"] == held.to_string() && row["ahead_order_row"] == ahead.to_string();
        let case = cases.iter().find(is).unwrap_or_else(|| panic!("{ladder} is no case of the house"));
        let [held, ahead] = [held, ahead].map(|row| row as usize);
        assert_eq!((&symbols[held], &sides[held]), (&symbols[ahead], &sides[ahead]));
        assert_eq!(ladder["symbol"], symbols[held].as_str());
        // The head is line 1, so that data row 0 is line 2.
        assert_eq!((&case["held_order_line"], ladder["orders"][0]["line"].as_u64()), (&(held + 2).to_string(), Some(held as u64 + 2)));
    }
    for ladder in found["priority"]["worst"].as_array().unwrap() {
        let [one, other] = [0, 1].map(|at| ladder["orders"][at]["row"].as_u64().unwrap() as usize);
        assert_eq!(sides[one], sides[other], "a buy takes no place from a sell: {ladder}");
    }
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "P03").expect("P03");
    let orders: BTreeSet<&String> = cases.iter().map(|row| &row["ahead_order_row"]).collect();
    let house = column(&work.path().join("receipts.csv"), "client_group").iter().filter(|group| *group == "house").count();
    assert_eq!(finding["count"], cases.len());
    let share = finding["share"].as_f64().unwrap();
    assert!((share - orders.len() as f64 / house as f64).abs() < 1e-12, "{share}: {} of {house}", orders.len());
    // On the sheet of jumps the longest come first, where not all fit.
    let jumps = table(&out.join("tables/priority_overtakes.parquet"));
    let mut times: Vec<i64> = jumps.iter().map(|row| row["time"].parse().unwrap()).collect();
    times.sort_unstable_by(|one, other| other.cmp(one));
    let few = ["report", "out", "--format", "xlsx", "-o", "few", "--workbook-rows", "5", "-q"];
    assert_eq!(exit_code(&colofair(work.path(), &few)), 0);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(work.path().join("few/workpapers.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "P Overtakes").unwrap();
    let rows: Vec<_> = sheet.rows().collect();
    let at = rows[1].iter().position(|head| *head == calamine::Data::String("Time (ns)".into())).unwrap();
    let shown: Vec<i64> = rows[2..].iter().map(|row| row[at].to_string().parse().unwrap()).collect();
    assert_eq!(shown, times[..5]);
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", "csv", "-q"])), 0);
    assert_eq!(fs::read_to_string(out.join("csv/priority_overtakes.csv")).unwrap().lines().count(), jumps.len() + 1);
}

/// Ids start anew on the last day: each then is linked to the receipt of an order of the first day, long before its own.
#[test]
fn ids_used_again_days_later_say_nothing_of_the_order_of_serials() {
    let work = simulated("fair-house", "6000");
    let path = work.path().join("orders.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<Vec<String>> = text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let receipt = lines[0].iter().position(|head| head == "client_order_id").unwrap();
    let last = lines.len() - 1;
    for back in 0..200 {
        lines[last - back][receipt] = lines[1 + back * 5][receipt].clone();
    }
    fs::write(&path, lines.iter().map(|line| line.join(",") + "\n").collect::<String>()).unwrap();
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let found = result(&work.path().join("out"));
    assert_eq!((&found["reconciliation"]["missing_receipt"], &found["reconciliation"]["orphan_receipt"]), (&0.into(), &200.into()));
    assert!(!codes(&found).iter().any(|code| ["R10", "P01"].contains(code)), "{:?}", codes(&found));
}

/// One in three orders of B is sent a second time under its receipt, when the thirtieth order after it is sent.
#[test]
fn second_sendings_accuse_nobody() {
    let work = simulated("fair", "8000");
    let path = work.path().join("orders.csv");
    let receipts = fs::read_to_string(work.path().join("receipts.csv")).unwrap();
    let of_b: std::collections::HashSet<&str> =
        receipts.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|cells| cells[2] == "B").map(|cells| cells[0]).collect();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let [receipt, sent] = ["client_order_id", "sent_ts"].map(|name| lines[0].iter().position(|head| *head == name).unwrap());
    let again = (1..lines.len() - 30).step_by(3).filter(|at| of_b.contains(lines[*at][receipt])).map(|at| {
        let mut line: Vec<String> = lines[at].iter().map(|cell| (*cell).to_owned()).collect();
        line[0].push('X');
        line[sent] = lines[at + 30][sent].to_owned();
        line.join(",") + "\n"
    });
    let further: String = again.collect();
    fs::write(&path, text.clone() + &further).unwrap();
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let found = result(&work.path().join("out"));
    let pair = &found["pairs"][0];
    assert!(pair["overtaking"]["p_unfair_holm"].as_f64().unwrap() < 1e-6, "{pair}");
    assert_eq!((&pair["verdict"], &pair["reasons"][0]["code"]), (&"inconclusive".into(), &"later_orders".into()));
    assert!(!codes(&found).iter().any(|code| code.starts_with('F')), "{:?}", codes(&found));
}

/// Two neighbours of one line exchange their serials: one order then has a higher number than one received later.
#[test]
fn exchanged_serials_are_named_with_both_rows_and_a_strict_queue_has_none() {
    let work = simulated("fair-house", "6000");
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let before = result(&work.path().join("out"));
    assert_eq!((&before["priority"]["serials"]["out_of_order"], codes(&before).contains(&"P01")), (&0.into(), false));
    let path = work.path().join("orders.csv");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Vec<String>> = text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let at = |name: &str| lines[0].iter().position(|head| head == name).unwrap();
    let (serial, shard, id, receipt) = (at("order_no"), at("shard"), at("order_id"), at("client_order_id"));
    // Orders of one receipt stamp cannot be told apart.
    let received: BTreeMap<String, String> = {
        let path = work.path().join("receipts.csv");
        column(&path, "client_order_id").into_iter().zip(column(&path, "received_ts")).collect()
    };
    let middle = lines.len() / 2;
    let (one, other) = (middle..lines.len() - 1)
        .find_map(|one| {
            let next = (one + 1..lines.len()).find(|other| lines[*other][shard] == lines[one][shard])?;
            (received[&lines[one][receipt]] < received[&lines[next][receipt]]).then_some((one, next))
        })
        .unwrap();
    let mut changed = lines.clone();
    changed[one][serial] = lines[other][serial].clone();
    changed[other][serial] = lines[one][serial].clone();
    fs::write(&path, changed.iter().map(|line| line.join(",") + "\n").collect::<String>()).unwrap();
    colofair(work.path(), &["study", "study.toml", "-q"]);
    let found = result(&work.path().join("out"));
    // One fact, counted once: the records name the serials, and say what the order of handling makes of it.
    assert!(!codes(&found).contains(&"P01"));
    assert_eq!(found["priority"]["serials"]["out_of_order"], 1);
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "R10").expect("R10");
    let (zh, en) = (finding["summary"]["zh-TW"].as_str().unwrap(), finding["summary"]["en"].as_str().unwrap());
    assert!(en.contains(" examined: its serial does not follow the order of receipt (1)") && en.contains("; 1 orders so have"), "{en}");
    assert!(zh.contains("序號未依收單順序 1 筆") && zh.contains("1 筆委託之序號大於較晚收單者"), "{zh}");
    let rows = table(&work.path().join("out/tables/priority_serials.parquet"));
    assert_eq!((rows.len(), &rows[0]["order_id"], &rows[0]["later_order_id"]), (1, &lines[one][id], &lines[other][id]));
    // Serials are no receipt times: the first of the eight does not turn on them, and the page says what stands outside the eight.
    assert_eq!(found["scorecard"][0]["state"], "none");
    let page = fs::read_to_string(work.path().join("out/report.html")).unwrap();
    assert!(page.contains("Confirmed, and under none of the eight: R10") && page.contains("八項以外之成立發現：R10"));
    // One figure of it on the page: that of the records.
    assert!(!page.contains("provably do not follow the order of receipt"));
}
