//! A small broker written by hand, and what becomes of it when its evidence is damaged: nobody is accused by a row that could not be
//! read, and nothing passes by one.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{colofair, exit_code, result, stderr, stdout};

/// Every table but the log indexes, whose rows are days.
const TABLES: &[(&str, &str)] = &[
    (
        "clients",
        "client,as_of,related_party,notified_on,notice,declined_on,refused_on,refusal,volume\n\
         Alpha,2025-06-20,no,2025-06-25,N-1,,,,900\n\
         Beta,2025-06-20,no,2025-06-25,N-2,,,,800\n\
         Gamma,2025-06-20,no,2025-06-25,N-3,2025-07-02,,,700\n\
         Delta,2025-06-20,no,,,,,,100\n",
    ),
    (
        "users",
        "client,account,kind,from,to,suspended_from,suspended_to\n\
         Alpha,0012345,client,2025-06-02,,,\n\
         Beta,7654321,client,2025-06-02,,,\n",
    ),
    ("applications", "client,applied_on,decision,decided_on,notice\nDelta,2025-08-01,refused,2025-08-11,L-1\n"),
    ("reviews", "reviewed_on,reviewer\n2025-03-14,compliance\n2025-09-12,compliance\n"),
    (
        "links",
        "link,exchange_facing,firewall,firewall_since,link_since,important,separated\n\
         L-1,yes,FW-A,2025-06-02,2025-06-02,yes,yes\n\
         L-2,no,,,,no,no\n",
    ),
    ("firewall_reviews", "firewall,reviewed_on,reviewer\nFW-A,2025-06-30,network\n"),
    ("remote_access", "user,started_at,purpose,reviewer\nops1,2025-08-05 20:00:00,upgrade,manager\n"),
    (
        "accounts",
        "host,account,privilege,holder,holder_kind,vendor,from,to\n\
         H1,ops1,highest,operator one,broker,,2025-06-02,\n\
         H1,ops2,normal,operator two,broker,,2025-06-02,\n\
         H1,vend,normal,engineer,vendor,Vendor V,2025-06-02,\n",
    ),
    ("contracts", "vendor,from,to\nVendor V,2025-01-01,2026-12-31\n"),
    ("approvals", "host,account,from,to,approver\nH1,ops1,2025-08-05,2025-08-05,manager\n"),
    ("logins", "host,account,at,address\nH1,ops1,2025-08-05 20:01:00,10.0.0.1\nH1,vend,2025-09-02 20:00:00,10.0.0.2\n"),
    (
        "passwords",
        "host,account,changed_on\nH1,ops1,2025-06-10\nH1,ops2,2025-06-10\nH1,vend,2025-06-10\n\
         H1,ops1,2025-09-08\nH1,ops2,2025-09-08\nH1,vend,2025-09-08\nH1,ops1,2025-12-05\nH1,ops2,2025-12-05\nH1,vend,2025-12-05\n",
    ),
    ("password_policies", "host,min_length,digits_or_symbols,max_age_days\nH1,10,yes,90\n"),
    ("account_reviews", "reviewed_on,reviewer\n2025-06-16,manager\n2025-12-01,manager\n"),
    ("audit_log", "system,user,at,machine\ngateway,ops1,2025-08-05 20:01:00,10.0.0.1\n"),
    ("audit_log_reviews", "system,reviewed_on,reviewer\ngateway,2025-07-31,officer\ngateway,2025-11-28,officer\n"),
    ("scans", "system,scanned_on,record\ngateway,2025-06-05,S-1\ngateway,2025-11-20,S-2\n"),
    ("vulnerabilities", "id,system,found_on,assessed_on,decision,patched_on\nV-7,gateway,2025-11-20,2025-11-21,patch,2025-11-28\n"),
    ("changes", "id,system,changed_on,tested_on,approver\nCH-9,gateway,2025-10-09,2025-10-07,manager\n"),
    (
        "inventory",
        "asset,host,cabinet,owner,owner_kind,user,user_kind,author_kind,from,to\n\
         A-1,H1,R-7,house,broker,house,broker,broker,2025-06-02,\n\
         A-2,,R-8,house,broker,Alpha,client,broker,2025-06-02,\n",
    ),
    ("cabinet_permissions", "cabinet,party,from,to\nR-8,Alpha,2025-06-02,\n"),
    ("asset_counts", "counted_on,kind,counter\n2025-06-12,all,facility\n2025-12-08,all,facility\n"),
    (
        "protection_checks",
        "protection,every,checked_on,checker\ncamera,half_year,2025-06-17,officer\ncamera,half_year,2025-12-10,officer\n",
    ),
    ("asset_movements", "asset,moved_on,direction,approver\nA-2,2025-07-09,in,manager\n"),
];

/// Tables of `[access]`.
const ACCESS: [&str; 4] = ["clients", "users", "applications", "reviews"];

struct Broker {
    folder: TempDir,
}

impl Broker {
    fn new() -> Self {
        let broker = Self { folder: tempfile::tempdir().unwrap() };
        TABLES.iter().for_each(|(name, text)| broker.put(name, text.as_bytes()));
        broker.put(
            "firewall_logs",
            broker.days("firewall,date,file,bytes,backup\n", |day| format!("FW-A,{day},{day}.log,100,tape\n")).as_bytes(),
        );
        let audit = broker.days("system,date,file,bytes,system_since\n", |day| format!("gateway,{day},a-{day}.log,9,2025-06-02\n"));
        broker.put("audit_log_files", audit.as_bytes());
        let orders: String = [("0012345", "2025-07-01"), ("7654321", "2025-09-02"), ("0012345", "2025-12-31")]
            .iter()
            .enumerate()
            .map(|(n, (account, day))| format!("{n},{account},H1,{day}T09:30:0{n}.000\n"))
            .collect();
        fs::write(broker.folder.path().join("o.csv"), format!("id,account,host,t\n{orders}")).unwrap();
        broker.name_all(|name| format!("{name}.csv"));
        broker
    }

    /// Weekdays of June to December 2025.
    fn days(&self, header: &str, row: impl Fn(&str) -> String) -> String {
        let mut text = header.to_owned();
        for (month, last) in [(6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31)] {
            (1..=last).for_each(|day| text.push_str(&row(&format!("2025-{month:02}-{day:02}"))));
        }
        text
    }

    /// The study file, with each table where `place` says.
    fn name_all(&self, place: impl Fn(&str) -> String) {
        let names = TABLES.iter().map(|(name, _)| *name).chain(["firewall_logs", "audit_log_files"]);
        let (mut access, mut controls) = (String::new(), String::new());
        for name in names {
            let line = format!("{name} = \"{}\"\n", place(name));
            if ACCESS.contains(&name) { access.push_str(&line) } else { controls.push_str(&line) }
        }
        let text = format!(
            "[orders]\npaths = [\"o.csv\"]\ncolumns = {{ receipt_id = \"id\", order_id = \"id\", account = \"account\", host = \"host\", sent_at = \"t\" }}\n\
             [receipts]\npaths = [\"o.csv\"]\ncolumns = {{ receipt_id = \"id\", account = \"account\", received_at = \"t\", group = \"host\" }}\n\
             [calendar]\npreset = \"twse\"\n[rules]\nfrom = \"2025-07-01\"\nto = \"2025-12-31\"\neligibility = \"volume >= 500\"\ndecision_days = 30\n\
             [access]\n{access}[controls]\n{controls}"
        );
        fs::write(self.folder.path().join("study.toml"), text).unwrap();
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join(format!("{name}.csv")), bytes).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("{name}.csv"))).unwrap()
    }

    fn edit(&self, name: &str, change: impl Fn(&str) -> String) {
        let (before, after) = (self.text(name), change(&self.text(name)));
        assert_ne!(before, after, "{name}: the edit changed nothing");
        self.put(name, after.as_bytes());
    }

    /// The checks of both commands.
    #[track_caller]
    fn checks(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for command in ["access", "controls"] {
            let run = colofair(self.folder.path(), &[command, "study.toml", "--format", "json"]);
            let document: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|_| panic!("{}", stderr(&run)));
            all.extend(document["checks"].as_array().unwrap().clone());
        }
        all
    }
}

#[track_caller]
fn of<'a>(checks: &'a [Value], code: &str) -> &'a Value {
    checks.iter().find(|check| check["code"] == code).unwrap_or_else(|| panic!("no check {code}"))
}

/// Codes in a state.
fn in_state(checks: &[Value], state: &str) -> Vec<String> {
    checks.iter().filter(|check| check["state"] == state).map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_small_broker_is_clean() {
    let checks = Broker::new().checks();
    assert_eq!(in_state(&checks, "finding"), [""; 0], "{checks:#?}");
    assert_eq!(
        in_state(&checks, "insufficient"),
        [""; 0],
        "{:#?}",
        checks.iter().filter(|check| check["state"] == "insufficient").collect::<Vec<_>>()
    );
    assert_eq!(in_state(&checks, "not_run"), ["A13", "A14"]);
}

/// What is done to one table, the check to look at, its state, and words of its reason or first detail.
type Damage = (&'static str, fn(&str) -> String, &'static str, &'static str, &'static str);

fn header(text: &str) -> String {
    format!("{}\n", text.lines().next().unwrap())
}

fn without(text: &str, word: &str) -> String {
    text.lines().filter(|line| !line.contains(word)).map(|line| format!("{line}\n")).collect()
}

/// Each damage alone; the rest of the evidence stays as it is.
#[track_caller]
fn damaged(damages: &[Damage]) {
    let broker = Broker::new();
    let clean = broker.checks();
    for (table, damage, code, state, said) in damages {
        let original = broker.text(table);
        broker.edit(table, damage);
        let checks = broker.checks();
        let check = of(&checks, code);
        assert_eq!(check["state"], *state, "{table}, {code}: {check:#}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let words = format!("{} {}", text(&check["reason"]["en"]), text(&check["samples"][0]["detail"]["en"]));
        assert!(words.contains(said), "{table}, {code}: {words}");
        // A check of other tables answers as before, and nothing else becomes a finding.
        let others = in_state(&checks, "finding").into_iter().filter(|other| other != code || *state != "finding");
        assert_eq!(others.collect::<Vec<_>>(), [""; 0], "{table}: {said}");
        assert_eq!(checks.len(), clean.len());
        broker.put(table, original.as_bytes());
    }
}

#[test]
fn a_row_that_cannot_be_relied_on_never_accuses_by_what_it_would_have_said() {
    damaged(&[
        (
            "users",
            |text| text.replacen("2025-06-02", "2025-06-31", 1),
            "A08",
            "insufficient",
            "users.csv, line 2: `from` (起日) is \"2025-06-31\"",
        ),
        ("users", |text| text.replacen("2025-06-02", "2025-06-31", 1), "A03", "insufficient", "it goes by what is not in clients, users"),
        ("users", |text| text.replacen("2025-06-02,,", "2025-06-02,2025-01-01,", 1), "A08", "insufficient", "wrong order"),
        ("users", |text| format!("{text}Alpha,0012345,client,2025-06-02,2025-07-31,,\n"), "A08", "insufficient", "lines 2 and 4"),
        ("users", |text| format!("{text}Alpha,0012345,client,2025-08-01,2025-08-31,,\n"), "A08", "insufficient", "lines 2 and 4"),
        ("users", header, "A08", "insufficient", "a header and no rows"),
        ("users", |text| header(text) + "C001,1234567,client,2026-01-05,,,\n", "A08", "insufficient", "sample row"),
        ("users", |text| header(text) + "#範例 SAMPLE C001,1234567,client,2026-01-05,,,\n", "A08", "insufficient", "no rows"),
        ("users", |text| text.replace(",00", ",9A00-00").replace(",76", ",9A00-76"), "A08", "insufficient", "written alike"),
        ("users", |text| text.replacen("Alpha", "ALPHA", 1), "A03", "insufficient", "another name"),
        ("clients", |text| format!("{text}Beta,2025-06-20,no,2025-06-25,N-2,,,,80\n"), "A02", "insufficient", "lines 3 and 6"),
        (
            "clients",
            |text| text.replacen("2025-06-25,N-1", "25/06/2025,N-1", 1),
            "A01",
            "insufficient",
            "`notified_on` (通知日) is \"25/06/2025\"",
        ),
        (
            "firewall_logs",
            |text| text.replace("2025-07-10.log,100", "2025-07-10.log,1MB"),
            "C202",
            "insufficient",
            "`bytes` (大小) is \"1MB\"",
        ),
        (
            "firewall_logs",
            |text| text.replace(",2025-10", ",2025-13"),
            "C202",
            "insufficient",
            "31 rows of `firewall_logs` could not be read",
        ),
        ("firewall_logs", |text| format!("{text}FW-A,2025-07-10,2025-07-10.log,0,\n"), "C203", "insufficient", "contradicts itself"),
        ("firewall_logs", |text| format!("{text}FW-A,2025-07-10,2025-07-10.log,0,\n"), "C204", "insufficient", "contradicts itself"),
        ("firewall_logs", |text| text.replace("FW-A", "fw-a"), "C202", "insufficient", "no link has: fw-a"),
        ("firewall_reviews", |text| text.replace("FW-A", "fw-a"), "C205", "insufficient", "no link has: fw-a"),
        ("approvals", |text| text.replace("manager", ""), "C302", "insufficient", "`approver` (核准人) is empty"),
        ("approvals", header, "C302", "insufficient", "a header and no rows"),
        ("approvals", |text| text.replace("ops1", "ops9"), "C302", "insufficient", "another name"),
        ("contracts", |text| text.replace("2026-12-31", "2024-12-31"), "C303", "insufficient", "wrong order"),
        (
            "contracts",
            |text| text.replace("2025-01-01,2026-12-31", "2025-01-01,2025-08-31") + "Vendor V,2025-09-0l,2026-12-31\n",
            "C303",
            "insufficient",
            "2025-09-0l",
        ),
        (
            "accounts",
            |text| text.replace("engineer,vendor,Vendor V", "engineer,broker,Vendor V"),
            "C401",
            "insufficient",
            "`vendor` is Vendor V",
        ),
        ("passwords", |text| text.replace("ops2,2025-09-08", "ops2,2025-09-31"), "C401", "insufficient", "2025-09-31"),
        (
            "scans",
            |text| text.replace("2025-06-05", "2024-06-05").replace("2025-11-20", "2025-11-2O"),
            "C601",
            "insufficient",
            "2025-11-2O",
        ),
        ("audit_log_files", |text| text.replace("2025-10-1", "2025-10-l"), "C502", "insufficient", "10 rows"),
        ("audit_log_reviews", |text| text.replace("2025-", "2025.13."), "C503", "insufficient", "could not be read"),
        ("cabinet_permissions", |text| text.replace("2025-06-02", "sometime"), "C802", "insufficient", "sometime"),
        ("asset_counts", |text| text.replace(",all,", ",everything,"), "C803", "insufficient", "software / hardware / site / data / all"),
        ("changes", |text| format!("{text}CH-9,gateway,2025-10-09,,\n"), "C604", "insufficient", "contradicts itself"),
        // The refused row is of the link that the sound one leaves without a firewall.
        (
            "links",
            |text| text.replace("L-1,yes,FW-A,2025-06-02", "L-1,yes,,") + "L-1,yes,FW-A,June,,yes,yes\n",
            "C201",
            "insufficient",
            "June",
        ),
    ]);
}

/// Doubt about one row does not excuse what another shows by itself.
#[test]
fn what_a_sound_row_shows_is_still_a_finding() {
    damaged(&[
        (
            "accounts",
            |text| text.to_owned() + "H1,maint,highest,x,vendor,Vendor V,2025-06-02,\nH1,late,normal,x,broker,,2025-06-31,\n",
            "C301",
            "finding",
            "also: 1 row",
        ),
        (
            "firewall_logs",
            |text| text.replace("2025-07-10.log,100", "2025-07-10.log,0") + "FW-A,soon,x,1,tape\n",
            "C203",
            "finding",
            "also: 1 row",
        ),
        ("inventory", |text| text.replace("R-7,house,broker", "R-7,Beta,client") + "A-3,,,,,,,,never,\n", "C801", "finding", "also: 1 row"),
        ("remote_access", |text| text.replace(",manager", ",") + "ops1,2025-08-06 25:00:00,x,\n", "C207", "finding", "also: 1 row"),
        ("audit_log_reviews", |text| text.replacen("officer", "", 1) + "gateway,2025-12-32,officer\n", "C503", "finding", "without a name"),
        ("approvals", |text| text.replace("ops1", "ops2"), "C302", "finding", "use of highest privilege"),
        ("firewall_logs", |text| without(text, ",2025-10"), "C202", "finding", "23 weekdays"),
    ]);
}

#[test]
fn evidence_of_another_time_is_insufficient_everywhere() {
    type Case = (&'static str, &'static str);
    let cases: [Case; 17] = [
        ("clients", "A01"),
        ("users", "A08"),
        ("applications", "A06"),
        ("reviews", "A07"),
        ("firewall_logs", "C202"),
        ("firewall_logs", "C203"),
        ("firewall_reviews", "C205"),
        ("approvals", "C302"),
        ("passwords", "C401"),
        ("account_reviews", "C306"),
        ("audit_log", "C501"),
        ("audit_log_reviews", "C503"),
        ("scans", "C601"),
        ("vulnerabilities", "C602"),
        ("cabinet_permissions", "C802"),
        ("asset_counts", "C803"),
        ("protection_checks", "C805"),
    ];
    for year in ["2022-", "2031-"] {
        let broker = Broker::new();
        for (table, code) in cases {
            let original = broker.text(table);
            broker.edit(table, |text| {
                let (header, rows) = text.split_once('\n').unwrap();
                // What has no end ends with its year.
                let ended = rows
                    .replace("client,2025-06-02,,,", "client,2025-06-02,2025-12-31,,")
                    .replace("Alpha,2025-06-02,\n", "Alpha,2025-06-02,2025-12-31\n");
                format!("{header}\n{}", ended.replace("2025-", year))
            });
            let checks = broker.checks();
            let check = of(&checks, code);
            assert_eq!(check["state"], "insufficient", "{year} {table}: {check:#}");
            assert_eq!(in_state(&checks, "finding"), [""; 0], "{year} {table}");
            // Figures of clients hold for a year, which is said in other words.
            let said = check["reason"]["en"].as_str().unwrap();
            let elsewhere = said.contains("outside the audited period") || said.contains("more than 12 months older");
            assert!(elsewhere && said.contains(&format!("{table}.csv, line")), "{year} {table}: {said}");
            broker.put(table, original.as_bytes());
        }
    }
}

#[test]
fn what_would_have_passed_and_should_not() {
    damaged(&[
        // The firewall came two months into the period: with the link's first day a breach, without it a question.
        (
            "links",
            |text| text.replace("FW-A,2025-06-02", "FW-A,2025-09-01"),
            "C201",
            "finding",
            "opened on 2025-06-02, its firewall only on 2025-09-01",
        ),
        ("links", |text| text.replace("FW-A,2025-06-02,2025-06-02", "FW-A,2025-09-01,"), "C201", "insufficient", "fill in `link_since`"),
        (
            "accounts",
            |text| text.replace("operator one,broker,", "operator one,broker,Vendor V"),
            "C301",
            "insufficient",
            "`holder_kind` is broker, yet `vendor` is Vendor V",
        ),
        (
            "accounts",
            |text| text.replace("operator one,broker,", "operator one,broker,Vendor V"),
            "C302",
            "insufficient",
            "contradicts itself",
        ),
        ("accounts", |text| text.replace("operator one", "Vendor V"), "C301", "insufficient", "`contracts` a vendor"),
        ("accounts", |text| text.replace("operator one", "Vendor V"), "C304", "insufficient", "`contracts` a vendor"),
        ("inventory", |text| text.replace("R-7,house,broker", "R-7,Beta,broker"), "C801", "insufficient", "the access tables a client"),
        ("clients", |text| text.replace("2025-06-20", "2019-06-20"), "A03", "insufficient", "more than 12 months older"),
        ("clients", |text| text.replacen("2025-06-20", "2019-06-20", 1), "A01", "insufficient", "more than 12 months older"),
        ("clients", header, "A11", "insufficient", "no rows"),
        // In half a year nothing that is due half-yearly is overdue, and nothing on record is still no pass.
        ("account_reviews", header, "C306", "insufficient", "nothing is on record"),
        ("firewall_reviews", header, "C205", "insufficient", "nothing is on record"),
        ("asset_counts", header, "C803", "insufficient", "nothing is on record"),
    ]);
}

#[test]
fn an_account_is_judged_by_its_rights_and_life_on_the_day() {
    let broker = Broker::new();
    // Of highest privilege until June, normal since: its login in August needs no approval.
    broker.edit("accounts", |text| {
        text.replace(
            "H1,ops1,highest,operator one,broker,,2025-06-02,",
            "H1,ops1,highest,operator one,broker,,2024-06-02,2025-06-30\nH1,ops1,normal,operator one,broker,,2025-07-01,",
        )
        // Closed from August to November: no password was due then.
        .replace(
            "H1,ops2,normal,operator two,broker,,2025-06-02,",
            "H1,ops2,normal,operator two,broker,,2025-06-02,2025-07-31\nH1,ops2,normal,operator two,broker,,2025-12-01,",
        )
    });
    broker.edit("approvals", |text| text.replace("ops1", "ops2"));
    broker.edit("passwords", |text| without(text, "ops2,2025-09-08"));
    let checks = broker.checks();
    for code in ["C301", "C302", "C401"] {
        assert_eq!(of(&checks, code)["state"], "none", "{:#}", of(&checks, code));
    }
}

#[test]
fn an_index_that_starts_with_the_period_is_asked_about_and_tells_the_rule() {
    let broker = Broker::new();
    broker.edit("links", |text| text.replace("2025-06-02,2025-06-02", "2020-06-02,2020-06-02"));
    broker.edit("firewall_logs", |text| without(text, ",2025-06"));
    broker.edit("audit_log_files", |text| text.replace(",2025-06-02\n", ",2020-06-02\n"));
    broker.edit("audit_log_files", |text| without(text, "gateway,2025-06"));
    let checks = broker.checks();
    for (code, clause, line) in [("C202", "CC-17010 (2)", "firewall_logs.csv:2"), ("C502", "CC-18000 (4)", "audit_log_files.csv:2")] {
        let check = of(&checks, code);
        assert_eq!(check["state"], "insufficient", "{check:#}");
        let sample = &check["samples"][0];
        let (zh, en) = (sample["detail"]["zh-TW"].as_str().unwrap(), sample["detail"]["en"].as_str().unwrap());
        for said in [clause, "three years, here from 2023-01-01 on", "starts on 2025-07-01", "audited period alone", "weekdays"] {
            assert!(en.contains(said), "{code}: {en}");
        }
        assert!(zh.contains(clause) && zh.contains("僅匯出查核期間") && zh.contains("平日"), "{zh}");
        assert_eq!(sample["places"], serde_json::json!([line]));
    }
}

/// Real evidence may be what the template's sample is; and what is marked as a sample may have been written over.
#[test]
fn a_sample_is_one_by_its_mark_and_a_likeness_is_asked_about() {
    let broker = Broker::new();
    let counts = broker.text("asset_counts");
    let state = |text: &str| {
        broker.put("asset_counts", text.as_bytes());
        let checks = broker.checks();
        let check = of(&checks, "C803");
        (check["state"].as_str().unwrap().to_owned(), check["reason"]["en"].as_str().unwrap().to_owned())
    };
    let (header, rows) = counts.split_once('\n').unwrap();
    let like = "2026-01-08,hardware,facility officer\n";
    // The first row of a copy of the template: the sample, or the broker's own.
    let (found, said) = state(&format!("{header}\n{like}{rows}"));
    assert_eq!(found, "insufficient");
    assert!(said.contains("delete it if it is the sample; if it is a record of yours, put it below"), "{said}");
    // Below another row, or in a table with a column of the broker's own, it is a record.
    assert_eq!(state(&format!("{header}\n{rows}{like}")).0, "none");
    let wide: String = format!("{like}{rows}").lines().map(|line| format!("{line},\n")).collect();
    assert_eq!(state(&format!("{header},remark\n{wide}")).0, "none");
    // A file without one of the template's columns is no copy of it.
    let narrow: String = format!("{header}\n{like}{rows}").lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    assert_eq!(state(&narrow).0, "none");
    // Marked, it may stay.
    assert_eq!(state(&format!("{header}\n#範例 SAMPLE {like}{rows}")).0, "none");
    let (found, said) = state(&format!("{header}\n#範例 SAMPLE 2026-01-08,hardware,somebody else\n{rows}"));
    assert_eq!(found, "insufficient");
    assert!(said.contains("marks the sample of a template, and the rest is not the sample"), "{said}");
}

#[test]
fn a_refused_row_names_cell_value_reason_and_what_was_expected_in_both_languages() {
    let broker = Broker::new();
    broker.edit("passwords", |text| format!("{text}H1,ops1,2025-02-30\nH1,,2025-12-05\nH1,ops1\nH1,ops1,2025-12-05,x\n"));
    broker.edit("accounts", |text| format!("{text}H1,ops4,boss,x,broker,,2025-06-02,\n"));
    let run = colofair(broker.folder.path(), &["controls", "study.toml", "-o", "out", "-q", "--lang", "en"]);
    assert_eq!(exit_code(&run), 3, "{}", stderr(&run));
    let rejects = fs::read_to_string(broker.folder.path().join("out/rejects.csv")).unwrap();
    for said in [
        "`changed_on` (變更日) is \"\"2025-02-30\"\": no such date or time of day; expected: date, such as 2026-01-05",
        "「變更日」（changed_on）為「2025-02-30」：沒有這個日期或時刻；應為日期，如 2026-01-05",
        "`account` (帳號) is empty: it cannot be left out; expected: text",
        "「帳號」（account）為空白：必填；應為文字",
        "2 fields, where the header has 3: nothing from `changed_on` on",
        "4 fields, where the header has 3: \"\"x\"\" is too many",
        "`privilege` (權限) is \"\"boss\"\": not one of the words; expected: highest / normal",
        "「權限」（privilege）為「boss」：不在可用之詞中；應為最高 / 一般",
    ] {
        assert!(rejects.contains(said), "{said}: {rejects}");
    }
}

#[test]
fn an_empty_file_stops_its_own_checks_alone() {
    let broker = Broker::new();
    broker.put("scans", b"");
    broker.put("approvals", b" \r\n\r\n");
    let run = colofair(broker.folder.path(), &["study", "study.toml", "-o", "out", "-q", "--lang", "en"]);
    assert!([1, 3].contains(&exit_code(&run)), "{}", stderr(&run));
    let document = result(&broker.folder.path().join("out"));
    let checks = document["checks"].as_array().unwrap();
    for (code, file) in [("C601", "scans.csv"), ("C302", "approvals.csv")] {
        let check = of(checks, code);
        assert_eq!(check["state"], "insufficient", "{check:#}");
        let said = check["reason"]["en"].as_str().unwrap();
        assert!(said.contains(file) && said.contains("no header line"), "{said}");
    }
    assert_eq!(of(checks, "C301")["state"], "none");
    assert_eq!(in_state(checks, "finding"), [""; 0]);
}

/// Dates as 114/06/02.
fn in_republic(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("202") {
        out.push_str(&rest[..at]);
        let date = rest.get(at..at + 10).filter(|date| date.as_bytes()[4] == b'-');
        let length = date.map_or(3, str::len);
        match date {
            Some(date) => out.push_str(&format!("{}/{}/{}", date[..4].parse::<u32>().unwrap() - 1911, &date[5..7], &date[8..])),
            None => out.push_str("202"),
        }
        rest = &rest[at + length..];
    }
    out + rest
}

/// The same broker in years of the Republic, in CP950, and with other separators gives the same answers.
#[test]
fn however_it_is_written_the_small_broker_is_clean() {
    let broker = Broker::new();
    let names = TABLES.iter().map(|(name, _)| *name).chain(["firewall_logs", "audit_log_files"]);
    for name in names {
        let text = broker.text(name);
        let (header, rows) = text.split_once('\n').unwrap();
        let republic = in_republic(rows);
        broker.put(name, format!("{}\r\n{}", header.replace(',', ";"), republic.replace(',', ";").replace('\n', "\r\n")).as_bytes());
    }
    // "客戶" and "帳號" as Python's codec cp950 writes them, with the rest of the header in English.
    let users = broker.text("users");
    let rest = users.strip_prefix("client;account").unwrap();
    let mut cp950 = vec![0xab, 0xc8, 0xa4, 0xe1, b';', 0xb1, 0x62, 0xb8, 0xb9];
    cp950.extend_from_slice(rest.as_bytes());
    broker.put("users", &cp950);
    let checks = broker.checks();
    let open: Vec<&Value> = checks.iter().filter(|check| check["state"] != "none").collect();
    assert_eq!(open.iter().map(|check| check["code"].as_str().unwrap()).collect::<Vec<_>>(), ["A13", "A14"], "{open:#?}");
}
