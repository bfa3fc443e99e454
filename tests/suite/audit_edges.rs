//! Evidence at the edges of a rule: what is renewed, ends, lapses or falls on the very day. Small tables, each with the answer a reader
//! of the rule would give.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{colofair, exit_code, stderr, stdout};

/// Evidence tables that belong in `[access]`.
const ACCESS: [&str; 5] = ["clients", "users", "applications", "reviews", "connections"];

/// A broker of a few tables, audited for 2025 unless its rules say otherwise.
struct Case {
    folder: TempDir,
}

impl Case {
    /// `tables` are name and text, `orders` account and local date.
    fn new(rules: &str, tables: &[(&str, &str)], orders: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rows: String =
            orders.iter().enumerate().map(|(n, (account, day))| format!("{n},{account},H1,{day}T09:30:0{}.000\n", n % 10)).collect();
        fs::write(folder.path().join("o.csv"), format!("id,account,host,t\n{rows}")).unwrap();
        let (mut access, mut controls) = (String::new(), String::new());
        for (name, text) in tables {
            fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
            let section = if ACCESS.contains(name) { &mut access } else { &mut controls };
            section.push_str(&format!("{name} = \"{name}.csv\"\n"));
        }
        let period = if rules.contains("from = ") { "" } else { "from = \"2025-01-01\"\nto = \"2025-12-31\"\n" };
        let text = format!(
            "[orders]\npaths = [\"o.csv\"]\ncolumns = {{ receipt_id = \"id\", order_id = \"id\", account = \"account\", host = \"host\", sent_at = \"t\" }}\n\
             [receipts]\npaths = [\"o.csv\"]\ncolumns = {{ receipt_id = \"id\", account = \"account\", received_at = \"t\", group = \"host\" }}\n\
             [rules]\n{period}{rules}\n[access]\n{access}[controls]\n{controls}"
        );
        fs::write(folder.path().join("study.toml"), text).unwrap();
        Self { folder }
    }

    /// The check of a code, by the command of its family.
    #[track_caller]
    fn check(&self, code: &str) -> Value {
        let command = if code.starts_with('C') { "controls" } else { "access" };
        let run = colofair(self.folder.path(), &[command, "study.toml", "--format", "json"]);
        let document: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|_| panic!("{}", stderr(&run)));
        assert_eq!(document["exit_code"], exit_code(&run));
        let check = document["checks"].as_array().unwrap().iter().find(|check| check["code"] == code);
        let check = check.unwrap_or_else(|| panic!("no check {code}")).clone();
        let count = |key: &str| check[key].as_u64().unwrap();
        assert!(count("count") <= count("population") || count("population") == 0, "more found than examined: {check:#}");
        check
    }
}

/// State of the check on these controls.
#[track_caller]
fn control(code: &str, tables: &[(&str, &str)]) -> Value {
    Case::new("", tables, &[("1", "2025-06-02")]).check(code)
}

/// First and last date of each sample, with its subject.
fn spans(check: &Value) -> Vec<(&str, &str, &str)> {
    fn text<'a>(sample: &'a Value, key: &str) -> &'a str {
        sample[key].as_str().unwrap()
    }
    check["samples"].as_array().unwrap().iter().map(|one| (text(one, "subject"), text(one, "from"), text(one, "to"))).collect()
}

const INVENTORY: &str =
    "asset,host,cabinet,owner,owner_kind,user,user_kind,author_kind,from,to\nSRV-9,GW9,R-02,broker,broker,Client A,client,,2024-01-02,\n";

#[test]
fn a_permission_renewed_without_a_gap_is_one_permission() {
    for (renewed, state) in [
        ("R-02,Client A,2025-07-01,2026-06-30", "none"),
        ("R-02,Client A,2025-05-01,", "none"),
        ("R-02,Client A,2025-07-02,2026-06-30", "finding"),
        ("R-03,Client A,2025-07-01,2026-06-30", "finding"),
        ("R-02,Client B,2025-07-01,2026-06-30", "finding"),
        ("R-02,,2025-07-01,2026-06-30", "insufficient"),
    ] {
        let permissions = format!("cabinet,party,from,to\nR-02,Client A,2024-01-01,2025-06-30\n{renewed}\n");
        let check = control("C802", &[("inventory", INVENTORY), ("cabinet_permissions", &permissions)]);
        assert_eq!(check["state"], state, "{renewed}: {check:#}");
    }
}

const USER: &str = "client,account,kind,from,to,suspended_from,suspended_to\nC0,1000000,client,2024-01-01,,,\n";

#[test]
fn a_rule_is_reckoned_as_on_paper() {
    for (rule, figures, state) in [
        ("0.4 * scale + 0.6 * score >= 60", "6,96", "none"),
        ("0.57 * score >= 57", "0,100", "none"),
        ("0.07 * score <= 7", "0,100", "none"),
        ("score - 0.1 >= 0.2", "0,0.3", "none"),
        ("0.29 * score = 29", "0,100", "none"),
        ("0.1 * score + 0.2 * score <= 0.3", "0,1", "none"),
        ("score / 3 * 3 >= 0.7", "0,0.7", "none"),
        ("score >= 9007199254740993", "0,9007199254740992", "finding"),
        ("score >= 9007199254740993", "0,9007199254740993", "none"),
        ("score - scale > 0", "9007199254740992,9007199254740993", "none"),
        ("0.4 * scale + 0.6 * score > 60", "6,96", "finding"),
        ("scale * 1e308 * 1e308 >= 1", "6,96", "none"),
    ] {
        let clients = format!("client,as_of,scale,score,notified_on,notice\nC0,2024-12-20,{figures},2025-01-05,N\n");
        let case = Case::new(&format!("eligibility = \"{rule}\""), &[("clients", &clients), ("users", USER)], &[("1000000", "2025-06-02")]);
        let check = case.check("A02");
        assert_eq!(check["state"], state, "{rule}: {check:#}");
    }
}

#[test]
fn a_suspension_ends_with_its_row() {
    let orders = [("1000000", "2025-06-02"), ("1000000", "2025-06-06"), ("1000000", "2025-06-20")];
    let header = "client,account,kind,from,to,suspended_from,suspended_to";
    let relisted = "C0,1000000,client,2025-06-06,,,";
    for (row, found) in [
        ("C0,1000000,client,2024-01-01,2025-06-05,2025-06-03,", None),
        ("C0,1000000,client,2024-01-01,2025-06-05,2025-06-02,", Some(("2025-06-02", "2025-06-02"))),
        ("C0,1000000,client,2024-01-01,2025-06-05,2025-06-02,2025-06-30", Some(("2025-06-02", "2025-06-02"))),
    ] {
        let check = Case::new("", &[("users", &format!("{header}\n{row}\n{relisted}\n"))], &orders).check("X04");
        let expected: Vec<_> = found.into_iter().map(|(from, to)| ("1000000", from, to)).collect();
        assert_eq!(spans(&check), expected, "{row}: {check:#}");
    }
    // Without an end of either, it lasts.
    let open = format!("{header}\nC0,1000000,client,2024-01-01,,2025-06-03,\n");
    assert_eq!(spans(&Case::new("", &[("users", &open)], &orders).check("X04")), [("1000000", "2025-06-06", "2025-06-20")]);
}

fn applications(rules: &str, rows: &str) -> Value {
    let text = format!("client,applied_on,decision,decided_on,notice\n{rows}\n");
    Case::new(&format!("decision_days = 30\n{rules}"), &[("applications", &text)], &[("1", "2025-06-02")]).check("A05")
}

#[test]
fn an_application_is_late_from_the_end_of_its_term_under_the_law() {
    for (rows, state, late) in [
        // On the last day, and a day late.
        ("C1,2025-02-01,approved,2025-03-03,N", "none", None),
        ("C1,2025-02-01,approved,2025-03-04,N", "finding", Some(("2025-03-03", "2025-03-04"))),
        // A decision without its date says nothing of how long it took.
        ("C1,2025-02-01,refused,,L-1", "insufficient", None),
        ("C1,2025-02-01,,,", "finding", Some(("2025-03-03", "2025-12-31"))),
        // The term of an earlier application ends in the period, on its first day or before it.
        ("C1,2024-12-31,approved,2025-12-31,N", "finding", Some(("2025-01-30", "2025-12-31"))),
        ("C1,2024-12-02,approved,2025-01-02,N", "finding", Some(("2025-01-01", "2025-01-02"))),
        ("C1,2024-12-01,approved,2025-06-02,N\nC2,2025-01-02,approved,2025-01-03,N", "none", None),
        ("C1,2024-12-31,approved,2025-01-30,N", "none", None),
        // What was decided after the end was undecided by then; its term had not ended.
        ("C1,2025-12-20,approved,2026-03-01,N", "none", None),
        ("C1,2025-11-20,approved,2026-03-01,N", "finding", Some(("2025-12-20", "2025-12-31"))),
    ] {
        let check = applications("", rows);
        assert_eq!(check["state"], state, "{rows}: {check:#}");
        assert_eq!(spans(&check), late.map(|(from, to)| ("C1", from, to)).into_iter().collect::<Vec<_>>(), "{rows}");
    }
    // The law of 2021-05-11: its first day is the first of any term.
    let law = "from = \"2021-01-01\"\nto = \"2021-12-31\"";
    for (rows, late) in [
        ("C1,2021-02-01,refused,2021-05-10,", None),
        ("C1,2021-02-01,refused,2021-05-11,", None),
        ("C1,2021-02-01,refused,2021-06-10,", None),
        ("C1,2021-02-01,refused,2021-06-11,", Some(("2021-06-10", "2021-06-11"))),
        ("C1,2019-02-01,refused,2019-08-10,\nC2,2021-06-01,refused,2021-06-10,", None),
    ] {
        let check = applications(law, rows);
        assert_eq!(spans(&check), late.map(|(from, to)| ("C1", from, to)).into_iter().collect::<Vec<_>>(), "{rows}: {check:#}");
    }
}

#[test]
fn a_term_of_decision_beyond_all_reason_is_refused() {
    for (days, code) in [("4294967295", 2), ("3661", 2), ("-1", 2), ("3660", 0), ("0", 0)] {
        let text = "client,applied_on,decision,decided_on,notice\nC1,2025-02-01,refused,2025-02-01,N\n";
        let case = Case::new(&format!("decision_days = {days}"), &[("applications", text)], &[("1", "2025-06-02")]);
        let run = colofair(case.folder.path(), &["access", "study.toml", "--format", "json", "--lang", "en"]);
        assert_eq!(exit_code(&run) == 2, code == 2, "{days}: {}", stderr(&run));
    }
}

const HOLDERS: &str = "host,account,privilege,holder,holder_kind,vendor,from,to";

fn vendor(account: &str, contracts: &str) -> Value {
    let accounts = format!("{HOLDERS}\nGW1,v1,normal,Mr V,vendor,V,{account}\n");
    control("C304", &[("accounts", &accounts), ("contracts", &format!("vendor,from,to\n{contracts}\n"))])
}

#[test]
fn every_stretch_between_and_after_contracts_is_a_finding_of_its_own_days() {
    let old = "V,2024-01-01,2025-03-31";
    for (account, contracts, expected) in [
        // A later contract covers no day before it.
        ("2024-01-02,", format!("{old}\nV,2026-06-01,2027-05-31"), vec![("2025-04-01", "2025-12-31")]),
        ("2024-01-02,", format!("{old}\nV,2025-10-01,2027-05-31"), vec![("2025-04-01", "2025-09-30")]),
        (
            "2024-01-02,2025-12-30",
            format!("{old}\nV,2025-10-01,2025-11-30"),
            vec![("2025-04-01", "2025-09-30"), ("2025-12-01", "2025-12-30")],
        ),
        // No earlier than the account, and no later.
        ("2025-12-20,", "V,2018-01-01,2019-03-31\nW,2025-01-01,2025-12-31".to_owned(), vec![("2025-12-20", "2025-12-31")]),
        ("2024-01-02,2025-04-01", old.to_owned(), vec![("2025-04-01", "2025-04-01")]),
        ("2024-01-02,2025-03-31", old.to_owned(), vec![]),
        ("2024-01-02,", format!("{old}\nV,2025-04-01,2025-12-31"), vec![]),
        ("2024-01-02,", format!("{old}\nV,2025-02-01,2026-12-31"), vec![]),
    ] {
        let check = vendor(account, &contracts);
        let spans: Vec<_> = spans(&check).into_iter().map(|(_, from, to)| (from, to)).collect();
        assert_eq!((spans, &check["state"] == "none"), (expected.clone(), expected.is_empty()), "{account} {contracts}: {check:#}");
    }
    // The contract that ended last is cited, wherever it stands in the file.
    let check = vendor("2024-01-02,", "V,2025-01-01,2025-06-30\nV,2024-01-01,2024-12-31");
    assert_eq!(check["samples"][0]["places"][1], "contracts.csv:2", "{check:#}");
    // No contract has ended before the first one began: an earlier one may not have been named.
    let check = vendor("2024-01-02,", "V,2025-11-01,2026-12-31");
    assert_eq!((check["state"].as_str(), check["count"].as_u64()), (Some("insufficient"), Some(0)), "{check:#}");
    assert!(check["reason"]["en"].as_str().unwrap().contains("before the first contract on record"), "{check:#}");
}

#[test]
fn a_login_after_the_contract_cites_the_contract_that_ended_last() {
    let accounts = format!("{HOLDERS}\nGW1,v1,normal,Mr V,vendor,V,2024-01-02,\n");
    let contracts = "vendor,from,to\nV,2025-01-01,2025-06-30\nV,2024-01-01,2024-12-31\nV,2026-01-01,2026-12-31\n";
    let logins = "host,account,at\nGW1,v1,2025-07-01 10:00:00\n";
    let check = control("C303", &[("accounts", &accounts), ("contracts", contracts), ("logins", logins)]);
    assert_eq!(check["samples"][0]["places"][1], "contracts.csv:2", "{check:#}");
}

#[test]
fn a_shared_account_names_those_who_shared_it_and_their_days() {
    let shared = |rows: &[(&str, &str)]| {
        let rows: String = rows.iter().map(|(holder, days)| format!("GW1,desk,normal,{holder},broker,,{days}\n")).collect();
        control("C305", &[("accounts", &format!("{HOLDERS}\n{rows}"))])
    };
    let said = |check: &Value| -> Vec<String> {
        let samples = check["samples"].as_array().unwrap();
        samples.iter().map(|one| one["detail"]["en"].as_str().unwrap().to_owned()).collect()
    };
    let check = shared(&[("Ann", "2024-01-01,2025-03-03"), ("Bob", "2025-03-02,2025-06-30"), ("Carl", "2025-08-01,")]);
    assert_eq!((said(&check), spans(&check)), (vec!["shared by Ann, Bob".to_owned()], vec![("desk@GW1", "2025-03-02", "2025-03-03")]));
    assert_eq!((check["state"].as_str(), check["samples"][0]["places"].as_array().unwrap().len()), (Some("finding"), 2), "{check:#}");
    // Two stretches apart, of which one is the day of a handover.
    let check = shared(&[("Ann", "2024-01-01,2025-03-03"), ("Bob", "2025-03-03,2025-06-30"), ("Carl", "2025-06-01,")]);
    let expected = vec![("desk@GW1", "2025-03-03", "2025-03-03"), ("desk@GW1", "2025-06-01", "2025-06-30")];
    assert_eq!((said(&check), spans(&check)), (vec!["shared by Ann, Bob".to_owned(), "shared by Bob, Carl".to_owned()], expected));
    assert_eq!([0, 1].map(|at| check["samples"][at]["confirmed"].as_bool().unwrap()), [false, true], "{check:#}");
    assert_eq!(shared(&[("Ann", "2024-01-01,2025-03-03"), ("Bob", "2025-03-03,")])["state"], "insufficient");
    assert_eq!(shared(&[("Ann", "2024-01-01,2025-03-03"), ("Bob", "2025-03-04,"), ("Bob", "2025-05-04,")])["state"], "none");
}

#[test]
fn a_time_of_use_before_the_first_figures_is_not_passed() {
    let access = |from: &str, figures: &[&str]| {
        let users = format!("client,account,kind,from,to,suspended_from,suspended_to\nC0,1000000,client,{from},,,\n");
        let rows: String = figures.iter().map(|row| format!("C0,{row}\n")).collect();
        let clients = format!("client,as_of,score\n{rows}");
        Case::new("eligibility = \"score >= 5\"", &[("clients", &clients), ("users", &users)], &[("1000000", "2025-06-02")]).check("A02")
    };
    for (from, figures, state) in [
        ("2024-01-01", &["2025-11-01,9"][..], "insufficient"),
        ("2025-06-01", &["2025-11-01,9"], "insufficient"),
        ("2024-01-01", &["2024-12-20,9"], "none"),
        ("2024-01-01", &["2025-01-01,9"], "none"),
        ("2025-06-01", &["2025-06-01,9"], "none"),
        // No closure of the exchange is longer than fourteen days.
        ("2025-06-01", &["2025-06-15,9"], "none"),
        ("2025-06-01", &["2025-06-16,9"], "insufficient"),
        ("2025-06-01", &["2025-03-01,9", "2025-11-01,9"], "none"),
        ("2024-01-01", &[",9", "2025-11-01,9"], "none"),
        // The time that has figures is judged all the same.
        ("2024-01-01", &["2025-11-01,4"], "finding"),
    ] {
        let check = access(from, figures);
        assert_eq!(check["state"], state, "{from} {figures:?}: {check:#}");
        let said = check["reason"]["en"].as_str().unwrap().contains("first figures");
        assert_eq!(said, figures.len() == 1 && (figures[0].starts_with("2025-11") || figures[0] == "2025-06-16,9"), "{check:#}");
    }
}

/// Every weekday of the second half of 2025 but those of one run.
fn logs_without(first: &str, last: &str) -> String {
    let mut text = "firewall,date,file,bytes,sha256,backup,backup_sha256\n".to_owned();
    for (month, days) in [(7, 31), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31)] {
        for day in (1..=days).map(|day| format!("2025-{month:02}-{day:02}")).filter(|day| day.as_str() < first || day.as_str() > last) {
            text.push_str(&format!("FW-1,{day},f{day},100,,tape,\n"));
        }
    }
    text
}

#[test]
fn missing_days_are_counted_against_days() {
    let links = "link,exchange_facing,firewall,firewall_since,link_since,important,separated\nL1,yes,FW-1,2025-07-01,2025-07-01,yes,yes\n";
    let tables = [("links", links), ("firewall_logs", &logs_without("2025-09-01", "2025-11-27"))];
    let case = Case::new("", &tables, &[("1", "2025-06-02")]);
    let check = case.check("C202");
    // 64 weekdays of 132, in one run.
    let counts = ["count", "population", "listed"].map(|key| check[key].as_u64());
    assert_eq!((counts, spans(&check).len()), ([Some(64), Some(132), Some(1)], 1), "{check:#}");
    assert!(check["reason"]["en"].as_str().unwrap().starts_with("64 of 132: "), "{check:#}");
    let run = colofair(case.folder.path(), &["controls", "study.toml", "--format", "json"]);
    let document: Value = serde_json::from_str(&stdout(&run)).unwrap();
    let finding = document["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "C202").unwrap();
    assert_eq!((finding["count"].as_u64(), finding["share"].as_f64()), (Some(64), Some(64.0 / 132.0)), "{finding:#}");
    // Nothing more is told than there is.
    let told = stdout(&colofair(case.folder.path(), &["controls", "study.toml", "--lang", "en"]));
    assert!(told.contains("64 of 132") && !told.contains(" more\n"), "{told}");
}

#[test]
fn no_more_is_found_than_was_examined() {
    let of = |check: Value| -> (Vec<u64>, usize) {
        (["count", "population"].map(|key| check[key].as_u64().unwrap()).to_vec(), check["samples"].as_array().unwrap().len())
    };
    // One account, overdue twice.
    let accounts = format!("{HOLDERS}\nGW1,ops1,normal,Ann,broker,,2024-01-01,\n");
    let passwords = "host,account,changed_on\nGW1,ops1,2025-02-01\nGW1,ops1,2025-06-01\nGW1,ops1,2025-08-01\n";
    assert_eq!(of(control("C401", &[("accounts", &accounts), ("passwords", passwords)])), (vec![1, 1], 2));
    let months = ["04-15", "07-15", "08-15", "11-15", "12-15"].map(|day| format!("malware,month,2025-{day},x\n")).concat();
    assert_eq!(of(control("C805", &[("protection_checks", &format!("protection,every,checked_on,checker\n{months}"))])).0, [1, 1]);
    let vendors = vendor("2024-01-02,2025-12-30", "V,2024-01-01,2025-03-31\nV,2025-10-01,2025-11-30");
    assert_eq!(of(vendors), (vec![1, 1], 2));
}

#[test]
fn a_review_missed_by_the_broker_s_own_term_is_told_apart_from_the_law_s() {
    let reviews = |months: &str, days: &[&str]| {
        let rows: String = days.iter().map(|day| format!("2025-{day},X\n")).collect();
        Case::new(months, &[("reviews", &format!("reviewed_on,reviewer\n{rows}"))], &[("1", "2025-06-02")]).check("A07")
    };
    for (months, days, counts, said) in [
        ("review_months = 3", &["01-05", "07-05"][..], [1, 2], "1 of 2: the list was not reviewed every 3 months"),
        ("review_months = 3", &["01-05"], [2, 2], "2 of 2: the list was not reviewed twice a year, nor every 3 months"),
        ("", &["01-05"], [1, 1], "1 of 1: the list was not reviewed twice a year"),
        ("review_months = 6", &["01-05", "07-05", "12-30"], [0, 2], "2 examined, nothing found"),
    ] {
        let check = reviews(months, days);
        assert_eq!(["count", "population"].map(|key| check[key].as_u64().unwrap()), counts, "{check:#}");
        assert!(check["reason"]["en"].as_str().unwrap().starts_with(said), "{check:#}");
        assert!(check["title"]["en"].as_str().unwrap().contains("every 3") == said.contains("every 3"), "{check:#}");
    }
}
