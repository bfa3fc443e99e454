//! What strangers to the program ran into: an accusation that the files do not bear, a fault that nobody named. Each is one change to a study
//! of four hundred orders in which nothing is wrong.

use std::fmt::Write;
use std::fs;

use serde_json::Value;

use crate::support::{colofair, exit_code, result, stderr, stdout};

/// Orders of two days, as rows: id, account, group, receipt and sending time.
struct World {
    rows: Vec<[String; 5]>,
}

impl World {
    fn new() -> Self {
        let row = |at: usize| {
            let (day, second) = (5 + at / 200, at % 200 * 37);
            let time = |micros: usize| {
                format!("2026-01-{day:02}T{:02}:{:02}:{:02}.{micros:06}", 9 + second / 3_600, second / 60 % 60, second % 60)
            };
            // Latencies of their own, without a pattern.
            let latency = 60 + at * 7_919 % 41;
            [
                format!("{:07}", at + 1),
                format!("00{}", 1_001 + at % 8),
                ["A", "B"][at % 8 / 4].to_owned(),
                time(at * 31 % 997),
                time(at * 31 % 997 + latency),
            ]
        };
        Self { rows: (0..400).map(row).collect() }
    }

    fn receipts(&self) -> String {
        let lines = self.rows.iter().map(|[id, account, group, received, _]| format!("{id},{account},{group},{received}\n"));
        format!("id,account,group,received\n{}", lines.collect::<String>())
    }

    fn orders(&self) -> String {
        let lines = self.rows.iter().map(|[id, account, _, _, sent]| format!("{id},{account},{sent}\n"));
        format!("id,account,sent\n{}", lines.collect::<String>())
    }
}

fn study_of(orders: &str, receipts: &str, further: &str) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let mut study = "[study]\ntimezone = \"Asia/Taipei\"\nlanguage = \"en\"\n\n[orders]\npaths = [\"orders.csv\"]\nclock = { id = \"g\", uncertainty = \"1us\" }\n[orders.columns]\nreceipt_id = \"id\"\naccount = \"account\"\nsent_at = \"sent\"\n\n[receipts]\npaths = [\"receipts.csv\"]\nclock = { id = \"g\", uncertainty = \"1us\" }\n[receipts.columns]\nreceipt_id = \"id\"\naccount = \"account\"\ngroup = \"group\"\nreceived_at = \"received\"\n\n[calendar]\npreset = \"twse\"\nholidays = []\n".to_owned();
    write!(study, "\n{further}").unwrap();
    fs::write(work.path().join("orders.csv"), orders).unwrap();
    fs::write(work.path().join("receipts.csv"), receipts).unwrap();
    fs::write(work.path().join("study.toml"), study).unwrap();
    work
}

#[track_caller]
fn studied(orders: &str, receipts: &str, further: &str) -> Value {
    let work = study_of(orders, receipts, further);
    let output = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    result(&work.path().join("out"))
}

fn finding<'a>(found: &'a Value, code: &str) -> Option<&'a Value> {
    found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code)
}

fn texts(found: &Value, list: &str) -> String {
    found[list].as_array().unwrap().iter().map(|words| words["en"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let world = World::new();
    let found = studied(&world.orders(), &world.receipts(), "");
    let confirmed: Vec<&Value> = found["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "confirmed").collect();
    assert!(confirmed.is_empty() && found["alerts"].as_array().unwrap().is_empty(), "{confirmed:?} {}", found["alerts"]);
    assert_eq!(found["reconciliation"]["matched"], 400);
}

#[test]
fn an_order_whose_receipt_was_refused_is_no_proof_that_none_was_kept_and_one_more_is() {
    let world = World::new();
    let receipts = world.receipts();
    let line = receipts.lines().nth(50).unwrap();
    let refused = receipts.replace(line, &format!("{line},x"));
    let found = studied(&world.orders(), &refused, "");
    let r01 = finding(&found, "R01").unwrap();
    assert_eq!((&r01["verdict"], &r01["count"], &found["exit_code"]), (&"insufficient".into(), &1.into(), &3.into()));
    assert!(r01["summary"]["en"].as_str().unwrap().contains("1 rows of receipts could not be read"), "{}", r01["summary"]["en"]);
    assert_eq!(found["scorecard"][0]["state"], "insufficient");
    let gone = refused.lines().nth(90).unwrap().to_owned() + "\n";
    let found = studied(&world.orders(), &refused.replace(&gone, ""), "");
    let r01 = finding(&found, "R01").unwrap();
    assert_eq!((&r01["verdict"], &r01["count"], &found["exit_code"]), (&"confirmed".into(), &2.into(), &1.into()));
}

#[test]
fn ids_that_differ_by_zeros_or_case_and_days_without_receipts_are_asked_about() {
    let world = World::new();
    let bare: String = world
        .receipts()
        .lines()
        .enumerate()
        .map(|(at, line)| if at > 200 { format!("{}\n", line.trim_start_matches('0')) } else { format!("{line}\n") })
        .collect();
    let found = studied(&world.orders(), &bare, "");
    let r01 = finding(&found, "R01").unwrap();
    assert_eq!((&r01["verdict"], &r01["count"]), (&"insufficient".into(), &200.into()));
    assert!(r01["summary"]["en"].as_str().unwrap().contains("(such as 0000201 and 201)"), "{}", r01["summary"]["en"]);

    let first_day: String = world.receipts().lines().take(201).map(|line| format!("{line}\n")).collect();
    let found = studied(&world.orders(), &first_day, "");
    let r01 = finding(&found, "R01").unwrap();
    assert_eq!((&r01["verdict"], &r01["count"]), (&"insufficient".into(), &200.into()));
    assert!(texts(&found, "alerts").contains("no receipt at all of 2026-01-06, on which 200 orders were sent"), "{}", found["alerts"]);
    // Beside them one that nothing explains.
    let gone = first_day.lines().nth(7).unwrap().to_owned() + "\n";
    assert_eq!(finding(&studied(&world.orders(), &first_day.replace(&gone, ""), ""), "R01").unwrap()["verdict"], "confirmed");
}

/// A file that stops at noon is told as such, and accuses all the same: so does a broker that keeps receipts until noon. Orders come every 37
/// seconds: the first after the last receipt may be its own.
#[test]
fn receipts_that_end_or_begin_inside_a_day_are_told_by_the_time() {
    let world = World::new();
    let lines: Vec<String> = world.receipts().lines().map(|line| format!("{line}\n")).collect();
    let at = |line: &str| line.split(&['T', '.'][..]).nth(1).unwrap().to_owned();
    let (last, first) = (at(&lines[150]), at(&lines[230]));
    let found = studied(&world.orders(), &(lines[..=150].concat() + &lines[230..].concat()), "");
    let r01 = finding(&found, "R01").unwrap();
    assert_eq!((&r01["verdict"], &r01["count"]), (&"confirmed".into(), &79.into()));
    let alerts = texts(&found, "alerts");
    assert!(
        alerts.contains(&format!("the receipts of 2026-01-05 end at {last}, and 49 orders without one were sent more than a minute later")),
        "{alerts}"
    );
    assert!(alerts.contains(&format!("the receipts of 2026-01-06 begin at {first}, before which 29 orders without one")), "{alerts}");
    // A hole inside the day, and a few at its end, are single orders without a receipt.
    for gone in [30..60, 190..201] {
        let kept: String = (0..lines.len()).filter(|line| !gone.contains(line)).map(|line| lines[line].as_str()).collect();
        let found = studied(&world.orders(), &kept, "");
        assert_eq!(finding(&found, "R01").unwrap()["count"], gone.len());
        assert!(!texts(&found, "alerts").contains("ask first"), "{}", found["alerts"]);
    }
}

#[test]
fn a_receipt_on_somebody_else_is_told_and_a_name_that_no_file_has_too() {
    let mut world = World::new();
    let orders = world.orders();
    for at in [20, 60, 90] {
        world.rows[at][1] = "009999".to_owned();
    }
    let further = "[link]\nkeys = [\"receipt_id\"]\n\n[records]\nomnibus_accounts = [\"1002\"]\n";
    let found = studied(&orders, &world.receipts(), further);
    let alerts = texts(&found, "alerts");
    assert!(alerts.contains("3 of 400 matched orders name another account than their receipt (such as receipt 0000021: "), "{alerts}");
    assert!(alerts.contains("records.omnibus_accounts in study.toml names 1002, which no file has"), "{alerts}");
}

#[test]
fn copies_and_receipts_a_microsecond_apart_are_not_out_of_sequence() {
    let world = World::new();
    let copies = world.receipts() + world.receipts().lines().nth(30).unwrap() + "\n" + world.receipts().lines().nth(31).unwrap() + "\n";
    let found = studied(&world.orders(), &copies, "");
    assert!(finding(&found, "R07").is_none() && finding(&found, "R04").is_some());
    let mut swapped = World::new();
    let (one, other) = ("2026-01-05T09:30:00.000001", "2026-01-05T09:30:00.000002");
    (swapped.rows[48][3], swapped.rows[49][3]) = (other.to_owned(), one.to_owned());
    for at in [48, 49] {
        swapped.rows[at][4] = "2026-01-05T09:30:00.000070".to_owned();
    }
    assert!(finding(&studied(&swapped.orders(), &swapped.receipts(), ""), "R07").is_none());
}

#[test]
fn further_orders_of_one_receipt_are_told_until_somebody_says_how_they_count() {
    let world = World::new();
    let sliced: String =
        world.orders().lines().map(|line| format!("{line}\n{line}\n")).collect::<String>().replacen("id,account,sent\n", "", 1);
    let alert = "further orders of a receipt that has one already";
    assert!(texts(&studied(&sliced, &world.receipts(), ""), "alerts").contains(alert));
    assert!(!texts(&studied(&sliced, &world.receipts(), "[link]\nchildren = \"each\"\n"), "alerts").contains(alert));
}

#[test]
fn what_is_in_force_shows_how_a_time_is_read() {
    let world = World::new();
    let work = study_of(&world.orders(), &world.receipts(), "");
    let text = fs::read_to_string(work.path().join("study.toml")).unwrap();
    let named = "sent_at = { column = \"sent\", format = \"iso\", zone = \"UTC\" }";
    fs::write(work.path().join("study.toml"), text.replace("sent_at = \"sent\"", named)).unwrap();
    let shown = stdout(&colofair(work.path(), &["config", "show", "study.toml"]));
    assert!(shown.contains("sent (format = \"iso\", zone = \"UTC\")"), "{shown}");
}

/// A fair world, its receipts with what became of them, after `change` was made to the lines behind the header.
fn fair_world_with(change: impl FnOnce(&mut Vec<String>)) -> Value {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "fair", "--orders", "20000", "--days", "5", "--seed", "3", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let (receipts, study) = (work.path().join("receipts.csv"), work.path().join("study.toml"));
    let text = fs::read_to_string(&receipts).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<String> = rows.lines().map(|row| format!("{row},")).collect();
    change(&mut rows);
    fs::write(&receipts, format!("{header},outcome\n{}\n", rows.join("\n"))).unwrap();
    let mapped =
        fs::read_to_string(&study).unwrap().replace("recorded_at = \"written_ts\"", "recorded_at = \"written_ts\", outcome = \"outcome\"");
    fs::write(&study, mapped).unwrap();
    let output = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let found = result(&work.path().join("out"));
    found["pairs"][0].clone()
}

/// As many more receipts that no order came from, one in fifty, with this outcome.
fn never_sent(outcome: &str) -> impl FnOnce(&mut Vec<String>) {
    move |rows| {
        let more: Vec<String> = rows.iter().step_by(50).map(|row| format!("N{row}{outcome}")).collect();
        rows.extend(more);
    }
}

#[test]
fn a_receipt_that_the_broker_refused_closes_nothing_and_one_taken_back_does() {
    let codes = |pair: &Value| pair["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect::<Vec<Value>>();
    assert_eq!(fair_world_with(never_sent("拒絕:額度不足"))["verdict"], "fair");
    for outcome in ["", "cancelled by client", "逾時失效", "等待開盤"] {
        let found = fair_world_with(never_sent(outcome));
        assert_eq!(found["verdict"], "inconclusive", "{outcome}");
        assert!(codes(&found).contains(&"unmatched_receipts".into()), "{outcome}: {:?}", codes(&found));
    }
}

/// Orders whose receipt has a copy of another group's account are in no comparison: a way to be rid of slow ones.
#[test]
fn orders_whose_receipts_disagree_count_as_orders_without_one() {
    let found = fair_world_with(|rows| {
        let account = |row: &str| row.split(',').nth(1).unwrap().to_owned();
        let group = |row: &str| row.split(',').nth(2).unwrap().to_owned();
        let other = rows.iter().find(|row| group(row) != group(&rows[0])).map(|row| account(row)).unwrap();
        let of_first: Vec<&String> = rows.iter().filter(|row| group(row) == group(&rows[0])).collect();
        let copies: Vec<String> = of_first.iter().step_by(40).map(|row| row.replacen(&account(row), &other, 1)).collect();
        rows.extend(copies);
    });
    let reasons = found["reasons"].to_string();
    assert!(
        found["verdict"] == "inconclusive" && reasons.contains("unmatched_orders") && reasons.contains("one whose copies disagree"),
        "{reasons}"
    );
}

#[test]
fn a_file_that_is_given_twice_under_two_names_is_told() {
    let world = World::new();
    let work = study_of(&world.orders(), &world.receipts(), "");
    let alerts = |patterns: &str| {
        let study = fs::read_to_string(work.path().join("study.toml")).unwrap().replace("paths = [\"orders.csv\"]", patterns);
        fs::write(work.path().join("again.toml"), study).unwrap();
        let output = colofair(work.path(), &["study", "again.toml", "-q", "--exit-zero"]);
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        texts(&result(&work.path().join("out")), "alerts")
    };
    fs::copy(work.path().join("orders.csv"), work.path().join("orders (2).csv")).unwrap();
    assert!(!alerts("paths = [\"orders.csv\"]").contains("hold the same bytes"));
    let told = alerts("paths = [\"orders*.csv\"]");
    assert!(told.contains("1 (such as orders (2).csv and orders.csv)"), "{told}");
}
