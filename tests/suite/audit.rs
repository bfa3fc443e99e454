//! Brokers with evidence files: exactly what was planted is found, on exactly the planted rows; doubt never passes; the law has dates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{colofair, exit_code, figures, result, stderr, stdout};

/// A simulated broker in a folder of its own.
struct Broker {
    folder: TempDir,
}

impl Broker {
    fn new(world: &str, orders: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = colofair(folder.path(), &["simulate", world, "--orders", orders, "-o", "broker", "-q"]);
        assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("broker").join(name)
    }

    fn edit(&self, name: &str, change: impl Fn(&str) -> String) {
        let path = self.path(name);
        let before = fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "{name}: the edit changed nothing");
        fs::write(path, after).unwrap();
    }

    #[track_caller]
    fn study(&self) -> Value {
        let run = colofair(self.folder.path(), &["study", "broker/study.toml", "-o", "out", "-q", "--lang", "en"]);
        assert!([0, 1, 3].contains(&exit_code(&run)), "{}", stderr(&run));
        result(&self.out())
    }

    /// `access` or `controls` alone.
    #[track_caller]
    fn checks(&self, command: &str) -> Value {
        let run = colofair(self.folder.path(), &[command, "broker/study.toml", "--format", "json"]);
        let document: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|_| panic!("{}", stderr(&run)));
        assert_eq!(document["exit_code"], exit_code(&run));
        // What a person reads names every check, and counts no more than was found.
        let told = colofair(self.folder.path(), &[command, "broker/study.toml", "--lang", "en"]);
        assert_eq!((document["exit_code"].as_i64(), stderr(&told).as_str()), (Some(exit_code(&told).into()), ""));
        for check in document["checks"].as_array().unwrap() {
            assert!(stdout(&told).contains(&format!("\n  {} [", check["code"].as_str().unwrap())), "{check}");
        }
        let more: u64 = document["checks"].as_array().unwrap().iter().map(|check| check["count"].as_u64().unwrap()).sum();
        let beyond = stdout(&told)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("and ")?.strip_suffix(" more")?.parse::<u64>().ok())
            .sum::<u64>();
        assert!(beyond < more.max(1), "{beyond} of {more}");
        document
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// (code, file, line or 0, subject where only orders show it) as planted.
    fn planted(&self) -> BTreeSet<(String, String)> {
        let truth: Value = serde_json::from_slice(&fs::read(self.path("truth.json")).unwrap()).unwrap();
        let place = |row: &Value| match row["file"].as_str() {
            Some(file) => format!("{file}:{}", row["line"]),
            None => format!("orders: {}", row["subject"].as_str().unwrap()),
        };
        truth["evidence"].as_array().unwrap().iter().map(|row| (row["code"].as_str().unwrap().to_owned(), place(row))).collect()
    }
}

/// The same of what was found.
fn found(out: &Path) -> BTreeSet<(String, String)> {
    let mut rows = BTreeSet::new();
    for family in ["access", "controls", "cross"] {
        let Ok(text) = fs::read_to_string(out.join(format!("tables/findings_{family}.csv"))) else { continue };
        for fields in records(&text).into_iter().skip(1) {
            let place = if fields[10].starts_with("evidence/") {
                format!("{}:{}", fields[10], fields[11])
            } else {
                format!("orders: {}", fields[7])
            };
            rows.insert((fields[0].clone(), place));
        }
    }
    rows
}

/// The fields of each line; no field of ours holds a line end.
fn records(text: &str) -> Vec<Vec<String>> {
    let fields = |line: &str| {
        let (mut fields, mut quoted) = (vec![String::new()], false);
        for character in line.chars() {
            match character {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                other => fields.last_mut().unwrap().push(other),
            }
        }
        fields
    };
    text.lines().map(fields).collect()
}

fn state<'a>(document: &'a Value, code: &str) -> &'a str {
    check(document, code)["state"].as_str().unwrap()
}

#[track_caller]
fn check<'a>(document: &'a Value, code: &str) -> &'a Value {
    document["checks"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap_or_else(|| panic!("no check {code}"))
}

fn scores(document: &Value) -> Vec<&str> {
    document["scorecard"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect()
}

fn codes(document: &Value, verdict: &str) -> BTreeSet<String> {
    let findings = document["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == verdict);
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_clean_twin_is_clean_in_all_eight() {
    let broker = Broker::new("broker-clean", "32000");
    let document = broker.study();
    assert_eq!(scores(&document), ["none"; 8], "{:#}", document["scorecard"]);
    assert_eq!(document["findings"].as_array().unwrap().len(), 0);
    assert_eq!((document["verdict"].as_str(), document["exit_code"].as_u64()), (Some("no_finding"), Some(0)));
    assert!(found(&broker.out()).is_empty() && broker.planted().is_empty());
    let states: BTreeSet<&str> = document["checks"].as_array().unwrap().iter().map(|check| check["state"].as_str().unwrap()).collect();
    assert_eq!(states, BTreeSet::from(["none"]));
    // The same bytes again, and the same answers from the commands alone.
    let sample = fs::read(broker.out().join("tables/sample.csv")).unwrap();
    assert_eq!(figures(broker.study()), figures(document));
    assert_eq!(fs::read(broker.out().join("tables/sample.csv")).unwrap(), sample);
    assert_eq!((broker.checks("access")["exit_code"].as_u64(), broker.checks("controls")["exit_code"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn each_of_the_eight_findings_is_found_on_exactly_the_planted_rows() {
    let broker = Broker::new("broker-findings", "32000");
    let document = broker.study();
    assert_eq!(scores(&document), ["finding"; 8], "{:#}", document["scorecard"]);
    assert_eq!(found(&broker.out()), broker.planted());
    let mut planted: BTreeSet<String> = broker.planted().into_iter().map(|(code, _)| code).collect();
    planted.extend(["R01".to_owned(), "F01".to_owned()]);
    assert_eq!(codes(&document, "confirmed"), planted);
    assert_eq!(codes(&document, "insufficient"), BTreeSet::new());
    for finding in document["findings"].as_array().unwrap() {
        let path = broker.out().join(finding["evidence"]["table"].as_str().unwrap());
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let lines = records(&text).into_iter().filter(|fields| Some(fields[0].as_str()) == finding["code"].as_str()).count();
        assert_eq!(Some(lines as u64), finding["evidence"]["rows"].as_u64(), "{finding}");
    }
    let page = fs::read_to_string(broker.out().join("report.html")).unwrap();
    for shown in ["id=\"access\"", "id=\"controls\"", "id=\"cross\"", "accounts.csv:", "CC-18000 (2) (2018)"] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn seventeen_qualify_and_two_are_served() {
    let broker = Broker::new("broker-few-served", "8000");
    let document = broker.checks("access");
    assert_eq!(codes(&document, "confirmed"), BTreeSet::from(["A01".to_owned(), "A03".to_owned()]));
    assert_eq!(codes(&document, "insufficient"), BTreeSet::from(["A04".to_owned(), "A10".to_owned()]));
    assert_eq!((check(&document, "A01")["count"].as_u64(), check(&document, "A01")["population"].as_u64()), (Some(15), Some(17)));
    // scipy: binomtest(2, 17).proportion_ci(0.95, "exact"); fisher_exact([[2, 0], [0, 15]], "greater").
    let rate = &check(&document, "A10")["figures"][0];
    let close = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-9;
    assert!(close(&rate["value"], 2.0 / 17.0) && close(&rate["upper"], 0.36440916210125035), "{rate}");
    assert!(close(&check(&document, "A04")["figures"][0]["value"], 0.007_352_941_176_470_588));
    let document = broker.study();
    assert_eq!(found(&broker.out()), broker.planted());
    assert_eq!(scores(&document)[6], "finding");
}

#[test]
fn a_vendors_users_with_client_software_no_receipts_and_unchanged_passwords() {
    let broker = Broker::new("broker-vendor-linked", "8000");
    let document = broker.study();
    let expected = ["C301", "C401", "C801", "C802", "R01"].map(str::to_owned);
    assert_eq!(codes(&document, "confirmed"), BTreeSet::from(expected));
    assert_eq!(found(&broker.out()), broker.planted());
    let with_findings: Vec<usize> = (1..=8).filter(|number| scores(&document)[number - 1] == "finding").collect();
    assert_eq!(with_findings, [1, 3, 4, 8]);
}

#[test]
fn missing_evidence_is_not_run_and_bars_a_pass() {
    let broker = Broker::new("broker-clean", "4000");
    broker.edit("study.toml", |text| text.replace("passwords = \"evidence/passwords.csv\"\n", ""));
    let document = broker.checks("controls");
    assert_eq!(state(&document, "C401"), "not_run");
    assert!(check(&document, "C401")["reason"]["en"].as_str().unwrap().contains("passwords"));
    let score = document["scorecard"].as_array().unwrap().iter().find(|row| row["number"] == 4).unwrap();
    assert_eq!((score["state"].as_str(), document["exit_code"].as_u64()), (Some("insufficient"), Some(3)));
    // Without the section, its findings are not run, and fair use is not cleared by latency alone.
    broker.edit("study.toml", |text| text.split("\n[access]").next().unwrap().to_owned());
    let document = broker.study();
    assert_eq!(scores(&document)[1..6], ["not_run"; 5]);
    assert!(["insufficient"].contains(&scores(&document)[6]) && document["checks"].is_null());
}

#[test]
fn partial_and_contradictory_evidence_is_insufficient_with_its_reason() {
    type Edit = fn(&str) -> String;
    let edits: [(&str, &str, &str, &str, Edit); 8] = [
        // A column that the file does not have.
        ("controls", "C301", "accounts", "no column `holder_kind`", |text| text.replace("holder_kind", "kind_of_holder")),
        // A cell that is empty.
        ("controls", "C301", "accounts", "empty in 1 rows", |text| text.replacen("normal", "", 1)),
        // A row that cannot be read.
        ("controls", "C601", "scans", "could not be read", |text| format!("{text}order gateway,2025-02-30,S\n")),
        // A table with a header alone.
        ("controls", "C201", "links", "has a header and no rows", |text| format!("{}\n", text.lines().next().unwrap())),
        // Two rows that contradict each other.
        ("controls", "C303", "contracts", "contradicts itself", |text| {
            format!("{text}{}\n", text.lines().nth(1).unwrap().replace("-11-", "-10-").replace("-12-", "-10-"))
        }),
        // A login of an account that nobody listed.
        ("controls", "C302", "logins", "does not list", |text| format!("{text}colo-01,ghost,2025-03-03 10:00:00,10.9.9.9\n")),
        // Accounts without any password on record.
        ("controls", "C401", "passwords", "no password change on record", |text| {
            text.lines().filter(|line| !line.contains("ops2")).map(|line| format!("{line}\n")).collect()
        }),
        // A client whose figure is missing.
        ("access", "A01", "clients", "cannot be judged", |text| text.replacen("2000000", "", 1)),
    ];
    let broker = Broker::new("broker-clean", "4000");
    for (command, code, table, reason, edit) in edits {
        let name = format!("evidence/{table}.csv");
        let original = fs::read_to_string(broker.path(&name)).unwrap();
        broker.edit(&name, edit);
        let document = broker.checks(command);
        assert_eq!(state(&document, code), "insufficient", "{code}: {}", check(&document, code));
        let said = check(&document, code)["reason"]["en"].as_str().unwrap();
        assert!(said.contains(reason), "{code}: {said}");
        assert_eq!(document["exit_code"], 3, "{code}");
        fs::write(broker.path(&name), original).unwrap();
    }
}

#[test]
fn each_part_of_a_study_is_judged_by_the_law_of_its_day() {
    let broker = Broker::new("broker-clean", "4000");
    // The rules of use, article 19 and the clause on fair use changed on 2021-05-11.
    broker.edit("study.toml", |text| {
        let rules = text.replace("from = \"2025-01-01\"", "from = \"2021-01-01\"");
        let at = rules.find("\nto = \"").unwrap();
        format!("{}\nto = \"2021-12-31\"{}", &rules[..at], &rules[at + "\nto = \"2026-01-16\"".len()..])
    });
    broker.edit("evidence/clients.csv", |text| {
        let header = text.lines().next().unwrap();
        // One unqualified user throughout; one qualified and never notified.
        format!("{header}\nC00001,2020-12-01,no,2020-12-02,N-1,,,,500\nC00002,2020-12-01,no,,,,,,3000000\n")
    });
    broker.edit("evidence/users.csv", |text| {
        let header = text.lines().next().unwrap();
        format!("{header}\nC00001,1000034,client,2020-01-01,,,\nC00002,1000070,client,2020-01-01,,,\n")
    });
    let document = broker.checks("access");
    let rows = |code: &str| -> Vec<(String, String)> {
        let findings = document["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
        findings
            .map(|finding| ["article", "version"].map(|key| finding["rule"][key].as_str().unwrap().to_owned()))
            .map(|[a, v]| (a, v))
            .collect()
    };
    let pair = |article: &str, version: &str| (article.to_owned(), version.to_owned());
    assert_eq!(rows("A02"), [pair("11(2)", "2019"), pair("18", "2021-05-11")]);
    // There was no duty to notify before: the finding starts with the rule.
    assert_eq!(rows("A01"), [pair("19", "2021-05-11")]);
    assert_eq!(check(&document, "A01")["samples"][0]["from"], "2021-05-11");
    // Half-yearly counts of assets came in 2025: in 2021 there was nothing to breach, and that is said.
    let document = broker.checks("controls");
    assert_eq!(state(&document, "C803"), "not_run");
    assert!(check(&document, "C803")["reason"]["en"].as_str().unwrap().contains("since 2025-04-11"));
}

#[test]
fn an_interval_that_one_reading_allows_is_a_doubt_and_raw_logs_stand_for_their_index() {
    let broker = Broker::new("broker-clean", "4000");
    // 11 months between scans, yet one in each half-year.
    broker.edit("evidence/scans.csv", |text| {
        format!("{}\norder gateway,2024-12-20,S\norder gateway,2025-01-05,S\norder gateway,2025-12-20,S\n", text.lines().next().unwrap())
    });
    let document = broker.checks("controls");
    assert_eq!(state(&document, "C601"), "insufficient");
    assert_eq!(codes(&document, "insufficient"), BTreeSet::from(["C601".to_owned()]));

    let logs = broker.path("logs/fw1");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("fw-2026-01-05.log"), "2026-01-05 08:00:00 allow\n").unwrap();
    fs::write(logs.join("fw-2026-01-06.log"), "").unwrap();
    broker.edit("study.toml", |text| {
        text.replace("firewall_logs = \"evidence/firewall_logs.csv\"", "firewall_log_folders = { \"FW-1\" = \"logs/fw1\" }")
    });
    let document = broker.checks("controls");
    assert_eq!(state(&document, "C203"), "finding");
    assert_eq!(check(&document, "C203")["samples"][0]["places"][0], "logs/fw1/fw-2026-01-06.log:0");
    assert_eq!(state(&document, "C202"), "finding");
    // A folder says nothing about backups.
    assert_eq!(state(&document, "C204"), "insufficient");
}

/// A broker's own export: Chinese header in CP950 with years of the Republic, or UTF-16.
#[test]
fn evidence_in_cp950_and_utf_16_with_years_of_the_republic_reads_as_any_other() {
    let broker = Broker::new("broker-clean", "2000");
    let expected = broker.checks("controls");
    let text = fs::read_to_string(broker.path("evidence/scans.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    // "系統,掃描日" as Python's codec cp950 writes it.
    let mut cp950 = vec![0xa8, 0x74, 0xb2, 0xce, 0x2c, 0xb1, 0xbd, 0xb4, 0x79, 0xa4, 0xe9];
    let mut utf16 = "系統\t掃描日".to_owned();
    for row in &rows {
        let (year, rest) = row[1].split_once('-').unwrap();
        let republic = format!("{:03}/{}", year.parse::<u32>().unwrap() - 1911, rest.replace('-', "/"));
        cp950.extend_from_slice(format!("\r\n{},{republic}", row[0]).as_bytes());
        utf16.push_str(&format!("\r\n{}\t{republic}", row[0]));
    }
    let utf16 = std::iter::once(0xfeff).chain(utf16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [cp950, utf16] {
        fs::write(broker.path("evidence/scans.csv"), bytes).unwrap();
        let document = broker.checks("controls");
        assert_eq!(check(&document, "C601"), check(&expected, "C601"));
        assert_eq!((state(&document, "C601"), check(&document, "C601")["population"].as_u64()), ("none", Some(2)));
    }
}

#[test]
fn mistakes_in_the_evidence_sections_are_named() {
    let broker = Broker::new("broker-clean", "2000");
    let original = fs::read_to_string(broker.path("study.toml")).unwrap();
    for (from, to, said) in [
        ("scans = \"evidence/scans.csv\"", "scan = \"evidence/scans.csv\"", "\"scan\" is not an evidence table of [controls]"),
        ("reviews = \"evidence/reviews.csv\"", "scans = \"evidence/scans.csv\"", "belongs in [controls]"),
        ("evidence/scans.csv", "evidence/none.csv", "none.csv"),
        ("avg_daily_value >= ", "avg_daily_value ~ ", "is not a condition"),
        ("from = \"2025-01-01\"", "from = \"2027-01-01\"", "ends"),
        ("decision_days = 30", "decision_days = 30\nmargins = { median = \"20us\" }", "both [rules] and [fairness] name margins"),
        ("decision_days = 30", "dicision_days = 30", "dicision_days"),
    ] {
        fs::write(broker.path("study.toml"), original.replacen(from, to, 1)).unwrap();
        let run = colofair(broker.folder.path(), &["controls", "broker/study.toml", "--lang", "en"]);
        assert_eq!(exit_code(&run), 2, "{to}");
        assert!(stderr(&run).contains(said), "{to}: {}", stderr(&run));
    }
}

#[test]
fn names_from_evidence_files_cannot_steer_page_or_terminal() {
    let broker = Broker::new("broker-findings", "4000");
    broker.edit("evidence/links.csv", |text| text.replace("LINK-3", "<script>alert(1)</script>\u{1b}[31m"));
    broker.study();
    let page = fs::read_to_string(broker.out().join("report.html")).unwrap();
    assert!(!page.contains("<script>alert") && page.contains("alert(1)"));
    let run = colofair(broker.folder.path(), &["controls", "broker/study.toml", "--lang", "en"]);
    assert!(!stdout(&run).contains('\u{1b}'));
}

/// Orders of our own making: two busy lines, and a third that one client has almost to itself.
#[test]
fn a_client_on_a_quiet_line_is_asked_about_and_nobody_else() {
    let broker = Broker::new("broker-clean", "2000");
    let mut orders = String::from("id,account,line,sent\n");
    let mut n = 0;
    let mut add = |day: u32, line: &str, account: String, count: u32| {
        for at in 0..count {
            n += 1;
            orders.push_str(&format!("{n},{account},{line},2026-02-{day:02}T10:{:02}:{:02}\n", at / 60, at % 60));
        }
    };
    for day in [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17] {
        (0..6).for_each(|client| add(day, "L1", format!("B{client}"), 10));
        (6..12).for_each(|client| add(day, "L2", format!("B{client}"), 10));
        add(day, "L3", "Q1".to_owned(), 8);
        add(day, "L3", "Q2".to_owned(), 7);
        // On the quiet line as well, but with too few orders to be spoken of.
        add(day, "L3", "Z".to_owned(), 2);
    }
    fs::write(broker.path("own.csv"), orders).unwrap();
    let header = fs::read_to_string(broker.path("evidence/users.csv")).unwrap().lines().next().unwrap().to_owned();
    fs::write(broker.path("evidence/users.csv"), format!("{header}\nQ,Q1,client,2024-01-01,,,\nQ,Q2,client,2024-01-01,,,\n")).unwrap();
    broker.edit("study.toml", |text| {
        let (_, rest) = text.split_once("\n[receipts]").unwrap();
        let rest = rest.replacen("from = \"2025-01-01\"", "from = \"2026-02-01\"", 1);
        let at = rest.find("\nto = \"").unwrap();
        let rest = format!("{}\nto = \"2026-02-28\"{}", &rest[..at], &rest[at + "\nto = \"2026-01-16\"".len()..]);
        format!(
            "[orders]\npaths = [\"own.csv\"]\ncolumns = {{ receipt_id = \"id\", order_id = \"id\", account = \"account\", gateway = \"line\", sent_at = \"sent\" }}\n[receipts]{rest}"
        )
    });
    let document = broker.checks("access");
    let found = check(&document, "A14");
    assert_eq!((found["state"].as_str(), found["count"].as_u64()), (Some("insufficient"), Some(1)), "{found}");
    assert_eq!((found["samples"][0]["subject"].as_str(), found["population"].as_u64()), (Some("Q"), Some(13)), "{found}");
    // Others' orders on its line: 2; on the average line: 122 / 3.
    let load = found["figures"][0]["value"].as_f64().unwrap();
    assert!((load - 2.0 / (122.0 / 3.0)).abs() < 1e-12, "{load}");
    broker.edit("own.csv", |text| text.replace(",L1,", ",L3,").replace(",L2,", ",L3,"));
    assert_eq!(state(&broker.checks("access"), "A14"), "not_run");
}

/// What happened after the audited period had not happened in it, and a table of another time says nothing of this one.
#[test]
fn evidence_of_the_future_or_of_another_time_passes_nothing() {
    type Edit = fn(&str) -> String;
    let edits: [(&str, &str, &str, &str, Edit); 8] = [
        ("access", "A01", "clients", "finding", |text| text.replacen("2024-12-22", "2099-01-05", 1)),
        ("access", "A03", "clients", "finding", |text| {
            let y01 = text.lines().find(|line| line.starts_with("Y01")).unwrap();
            text.replace(y01, &y01.replace("2025-01-06", "2099-01-06"))
        }),
        ("controls", "C602", "vulnerabilities", "finding", |text| text.replace("2025-02-23,accept", "2099-02-23,accept")),
        ("controls", "C603", "vulnerabilities", "finding", |text| text.replace("patch,2025-03-02", "patch,2099-03-02")),
        ("controls", "C207", "remote_access", "insufficient", |text| text.replace("2025-", "2099-")),
        ("controls", "C604", "changes", "insufficient", |text| text.replace("2025-", "2099-")),
        ("controls", "C401", "passwords", "finding", |text| text.replace("ops2,2025-", "ops2,2099-")),
        ("controls", "C202", "firewall_logs", "finding", |text| text.replace("FW-2,2025-", "FW-2,2099-")),
    ];
    let broker = Broker::new("broker-clean", "2000");
    for (command, code, table, expected, edit) in edits {
        let name = format!("evidence/{table}.csv");
        let original = fs::read_to_string(broker.path(&name)).unwrap();
        broker.edit(&name, edit);
        let document = broker.checks(command);
        assert_eq!(state(&document, code), expected, "{code}: {}", check(&document, code));
        assert!(document["exit_code"] != 0);
        fs::write(broker.path(&name), original).unwrap();
    }
}

/// An export that leaves something out is not a clean one.
#[test]
fn what_other_evidence_names_and_a_table_leaves_out_is_a_doubt() {
    type Edit = fn(&str) -> String;
    let edits: [(&str, &str, &str, &str, Edit); 6] = [
        ("controls", "C601", "audit_log_files", "mail relay", |text| format!("{text}mail relay,2026-01-05,m.log,10,2026-01-05\n")),
        ("controls", "C503", "audit_log_files", "mail relay", |text| format!("{text}mail relay,2026-01-05,m.log,10,2026-01-05\n")),
        ("controls", "C502", "audit_log", "mail relay", |text| format!("{text}mail relay,ops1,2025-06-02 10:00:00,h\n")),
        ("controls", "C403", "accounts", "colo-09", |text| format!("{text}colo-09,ops9,normal,operator 9,broker,,2024-01-02,\n")),
        // The template's own row, left in.
        ("controls", "C601", "scans", "sample row", |text| text.replacen('\n', "\norder gateway,2026-01-12,SCAN-2026-01\n", 1)),
        // A spreadsheet took an account for a number.
        ("access", "A08", "users", "leading zeros", |text| text.replacen(",1000", ",01000", 1)),
    ];
    let broker = Broker::new("broker-clean", "2000");
    for (command, code, table, reason, edit) in edits {
        let name = format!("evidence/{table}.csv");
        let original = fs::read_to_string(broker.path(&name)).unwrap();
        broker.edit(&name, edit);
        let document = broker.checks(command);
        let found = check(&document, code);
        assert_eq!(found["state"], "insufficient", "{code}: {found}");
        assert!(found["reason"]["en"].as_str().unwrap().contains(reason), "{code}: {found}");
        fs::write(broker.path(&name), original).unwrap();
    }
}

/// The broker's rule as a sentence answers as the same rule in lists; scores may be weighed; a wrong one is refused with its place.
#[test]
fn an_eligibility_rule_may_be_an_expression() {
    let broker = Broker::new("broker-few-served", "2000");
    let lists = broker.checks("access");
    let rule = |text: &str| {
        broker.edit("study.toml", |study| {
            let line = study.lines().find(|line| line.starts_with("eligibility")).unwrap();
            study.replace(line, &format!("eligibility = \"{text}\""))
        });
    };
    rule("avg_daily_value >= 1000000 and not client = 'nobody'");
    assert_eq!(broker.checks("access")["findings"], lists["findings"]);
    // Half of the clients reach the score: 2,000,000 + 10,000 k >= 2,080,000 from the ninth on.
    rule("0.5 * avg_daily_value - 40_000 >= 1000000 or related_party = maybe");
    assert_eq!(check(&broker.checks("access"), "A10")["population"], 9);
    rule("avg_daily_value >= 1000000 and");
    let run = colofair(broker.folder.path(), &["access", "broker/study.toml", "--lang", "en"]);
    assert_eq!(exit_code(&run), 2);
    assert!(stderr(&run).contains("E0115") && stderr(&run).contains("the end"), "{}", stderr(&run));
}

/// A rule with a slip of the pen is refused: read as a text it would have failed every client, and accused the broker of serving them.
#[test]
fn a_rule_that_is_no_rule_is_refused_and_a_column_that_is_not_there_accuses_nobody() {
    let broker = Broker::new("broker-clean", "2000");
    let text = fs::read_to_string(broker.path("study.toml")).unwrap();
    let rule = text.lines().find(|line| line.trim_start().starts_with("eligibility")).expect("the broker has a rule").to_owned();
    let access = |line: &str| {
        fs::write(broker.path("study.toml"), text.replace(&rule, line)).unwrap();
        colofair(broker.folder.path(), &["access", "broker/study.toml", "--lang", "en"])
    };
    for wrong in ["avg_daily_value => 1000000", "avg_daily_value = 1000000x", "avg_daily_value >= 100萬"] {
        let refused = access(&format!("eligibility = {{ all = [\"{wrong}\"] }}"));
        assert_eq!((exit_code(&refused), stderr(&refused).contains("E0115")), (2, true), "{wrong}: {}", stderr(&refused));
    }
    let said = stdout(&access("eligibility = \"avg_daily_valeu >= 1000000\""));
    assert!(said.contains("has no column avg_daily_valeu") && said.contains("refusal, avg_daily_value"), "{said}");
}

/// Clients have several accounts and evaluations: who fails is one of those examined, once.
#[test]
fn no_more_users_fail_a_rule_than_were_examined() {
    let broker = Broker::new("broker-clean", "2000");
    broker.edit("study.toml", |text| {
        let rule = text.lines().find(|line| line.trim_start().starts_with("eligibility")).expect("the broker has a rule");
        text.replace(rule, "eligibility = \"avg_daily_value >= 1e18\"")
    });
    let said = stdout(&colofair(broker.folder.path(), &["access", "broker/study.toml", "--lang", "en"]));
    let line = said.lines().find(|line| line.contains("A02")).expect("A02 is told").to_owned();
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
    let counts: Vec<u64> = words.windows(3).filter(|three| three[1] == "of").filter_map(|three| three[0].parse().ok()).collect();
    let examined: Vec<u64> = words.windows(3).filter(|three| three[1] == "of").filter_map(|three| three[2].parse().ok()).collect();
    assert_eq!((counts.len(), &counts), (1, &examined), "{line}");
    assert!(counts[0] > 10, "{line}");
}

/// Rows of the orders that `access` cannot read are listed and told; orders and rules that share no day are refused, in a study too.
#[test]
fn access_loses_no_row_of_the_orders_and_judges_no_period_that_is_none() {
    let broker = Broker::new("broker-clean", "2000");
    let study = fs::read_to_string(broker.path("study.toml")).unwrap();
    let orders = study.split("[orders]").nth(1).unwrap().split("paths = [\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    broker.edit(&orders, |text| {
        let row = text.lines().nth(1).unwrap();
        let broken = row.replace(':', "?");
        format!("{text}{broken}\n")
    });
    let run = colofair(broker.folder.path(), &["access", "broker/study.toml", "-o", "seen", "--lang", "en"]);
    assert!(stdout(&run).contains("! rows of the orders that could not be read: 1"), "{}{}", stdout(&run), stderr(&run));
    let rejects = fs::read_to_string(broker.folder.path().join("seen/rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 2, "{rejects}");
    assert_eq!(broker.checks("access")["rejected_orders"], 1);

    // The rules begin after the last order, and say no end.
    broker.edit("study.toml", |text| {
        let dates = |line: &&str| !line.starts_with("from = \"") && !line.starts_with("to = \"");
        let rest = text.lines().filter(dates).collect::<Vec<_>>().join("\n");
        rest.replace("[rules]\n", "[rules]\nfrom = \"2031-01-01\"\n")
    });
    for command in ["access", "study"] {
        let run = colofair(broker.folder.path(), &[command, "broker/study.toml", "-q", "--lang", "en"]);
        assert!(exit_code(&run) == 2 && stderr(&run).starts_with("error[E0113]"), "{command}: {}", stderr(&run));
    }
}
