//! A small broker's log written by hand, full of what is odd and lawful: nothing in it is called a fault.

use std::collections::BTreeSet;
use std::fs;

use crate::records::{Found, Study, line, named};
use crate::support::{colofair, exit_code, result, stderr, table};

/// Time of receipt, client's id, account, outcome.
const RECEIPTS: [(&str, &str, &str, &str); 33] = [
    // Received the evening before, to wait for the open: sent on the day at 08:30.
    ("2026-02-12 17:45:10.000000", "W01", "1000001", ""),
    ("2026-02-13 08:41:00.000100", "C01", "1000001", ""),
    ("2026-02-13 09:00:01.000200", "C02", "1000002", ""),
    // A basket, stamped once.
    ("2026-02-13 09:00:05.500000", "C03", "1000003", ""),
    ("2026-02-13 09:00:05.500000", "C04", "1000003", ""),
    ("2026-02-13 09:00:05.500000", "C05", "1000003", ""),
    ("2026-02-13 09:10:00.000300", "C06", "1000001", ""),
    ("2026-02-13 09:11:00.000400", "C07", "1000004", ""),
    ("2026-02-13 09:12:00.000500", "C08", "1000002", ""),
    // Three clients behind one omnibus order; the first carries the link.
    ("2026-02-13 09:20:00.000000", "C09", "1000005", ""),
    ("2026-02-13 09:20:00.100000", "C10", "1000006", "併入綜合帳戶委託"),
    ("2026-02-13 09:20:00.200000", "C11", "1000007", "併入綜合帳戶委託"),
    ("2026-02-13 09:30:00.000600", "C12", "1000001", ""),
    ("2026-02-13 09:31:00.000700", "C13", "1000002", "風控退單"),
    ("2026-02-13 09:32:00.000800", "C14", "1000003", ""),
    ("2026-02-13 09:40:00.000900", "C15", "1000004", ""),
    ("2026-02-13 09:41:00.001000", "C16", "1000001", ""),
    ("2026-02-13 09:42:00.001100", "C17", "1000002", "客戶取消"),
    ("2026-02-13 09:50:00.001200", "C18", "1000003", ""),
    ("2026-02-13 10:00:00.001300", "C19", "1000001", ""),
    ("2026-02-13 10:05:00.001400", "C20", "1000002", ""),
    ("2026-02-13 10:06:00.001500", "C21", "1000003", ""),
    ("2026-02-13 10:07:00.001600", "C22", "1000004", "等待觸價"),
    ("2026-02-13 10:08:00.001700", "C23", "1000001", ""),
    ("2026-02-13 10:09:00.001800", "C24", "1000002", ""),
    ("2026-02-13 10:10:00.001900", "C25", "1000003", ""),
    ("2026-02-13 11:00:00.002000", "C26", "1000001", ""),
    // At 11:30 the receipts clock was set 5 ms ahead.
    ("2026-02-13 11:30:00.007100", "C27", "1000002", ""),
    ("2026-02-13 11:31:00.007200", "C28", "1000003", ""),
    ("2026-02-13 11:32:00.007300", "C29", "1000001", ""),
    ("2026-02-13 11:33:00.007400", "C30", "1000002", ""),
    ("2026-02-13 11:34:00.007500", "C31", "1000003", ""),
    ("2026-02-13 11:35:00.007600", "C32", "1000001", ""),
];

/// Order id, client's id, account, kind, time of sending, serial, original, outcome.
type Order = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const ORDERS: [Order; 40] = [
    // The terminal has T0001-T0012 and T0101-T0160; the jump between them is no gap.
    ("O01", "W01", "1000001", "new", "2026-02-13 08:30:00.000500", "T0001", "", ""),
    ("O02", "C01", "1000001", "new", "2026-02-13 08:41:00.000160", "T0002", "", ""),
    ("O03", "C02", "1000002", "new", "2026-02-13 09:00:01.000260", "T0003", "", ""),
    ("O04", "C03", "1000003", "new", "2026-02-13 09:00:05.500060", "T0004", "", ""),
    // Of the basket the third went before the second: its stamps are one, so nothing is out of order.
    ("O05", "C05", "1000003", "new", "2026-02-13 09:00:05.500070", "T0005", "", ""),
    ("O06", "C04", "1000003", "new", "2026-02-13 09:00:05.500080", "T0006", "", ""),
    ("O07", "C06", "1000001", "new", "2026-02-13 09:10:00.000360", "T0007", "", ""),
    ("O08", "C07", "1000004", "new", "2026-02-13 09:11:00.000460", "T0008", "", ""),
    // A chain: replaced twice, each naming the one before, then cancelled; serials of their order are kept.
    ("O09", "C06", "1000001", "replace", "2026-02-13 09:11:30.000100", "T0007", "O07", ""),
    ("O10", "C06", "1000001", "replace", "2026-02-13 09:11:40.000100", "T0007", "O09", ""),
    ("O11", "C06", "1000001", "cancel", "2026-02-13 09:11:50.000100", "T0007", "O10", ""),
    ("O12", "C08", "1000002", "new", "2026-02-13 09:12:00.000560", "T0009", "", ""),
    // The exchange cut what was beyond the limit: no amend of the client's, and no original named.
    ("O13", "C08", "1000002", "reduce", "2026-02-13 09:12:00.001560", "T0009", "", "31"),
    ("O14", "C09", "8888880", "new", "2026-02-13 09:20:00.300000", "T0010", "", ""),
    // Part of it is cancelled in the name of one client behind the omnibus account.
    ("O15", "C09", "1000006", "cancel", "2026-02-13 09:25:00.000000", "T0010", "O14", ""),
    ("O16", "C12", "1000001", "new", "2026-02-13 09:30:00.000660", "T0011", "", ""),
    ("O17", "C14", "1000003", "new", "2026-02-13 09:32:00.000860", "T0012", "", "97"),
    // Rejected, keyed once more by hand: a second order of the same receipt under a serial of its own.
    ("O18", "C14", "1000003", "new", "2026-02-13 09:33:20.000000", "T0101", "", ""),
    ("O19", "C15", "1000004", "new", "2026-02-13 09:40:00.000960", "T0102", "", ""),
    ("O20", "C16", "1000001", "new", "2026-02-13 09:41:00.001060", "T0103", "", ""),
    // A cancel that came too late and was rejected, then an amend: the order lived.
    ("O21", "C16", "1000001", "cancel", "2026-02-13 09:43:00.000000", "T0103", "O20", "rejected"),
    ("O22", "C16", "1000001", "amend", "2026-02-13 09:44:00.000000", "T0103", "O20", ""),
    ("O23", "C18", "1000003", "new", "2026-02-13 09:50:00.001260", "T0104", "", ""),
    // The error account puts a mistake right: no client gave it.
    ("O24", "ERR1", "9999990", "new", "2026-02-13 09:55:00.000000", "T0105", "", ""),
    ("O25", "C19", "1000001", "new", "2026-02-13 10:00:00.001360", "T0106", "", ""),
    ("O26", "C20", "1000002", "new", "2026-02-13 10:05:00.001460", "T0107", "", ""),
    ("O27", "C21", "1000003", "new", "2026-02-13 10:06:00.001560", "T0108", "", ""),
    ("O28", "C23", "1000001", "new", "2026-02-13 10:08:00.001760", "T0109", "", ""),
    ("O29", "C24", "1000002", "new", "2026-02-13 10:09:00.001860", "T0110", "", ""),
    ("O30", "C25", "1000003", "new", "2026-02-13 10:10:00.001960", "T0111", "", ""),
    // A parent worked in three slices, each with its serial.
    ("O31", "C26", "1000001", "new", "2026-02-13 11:00:00.002060", "T0112", "", ""),
    ("O32", "C26", "1000001", "new", "2026-02-13 11:01:00.002060", "T0113", "", ""),
    ("O33", "C26", "1000001", "new", "2026-02-13 11:02:00.002060", "T0114", "", ""),
    ("O34", "C27", "1000002", "new", "2026-02-13 11:30:00.002160", "T0115", "", ""),
    ("O35", "C28", "1000003", "new", "2026-02-13 11:31:00.002260", "T0116", "", ""),
    ("O36", "C29", "1000001", "new", "2026-02-13 11:32:00.002360", "T0117", "", ""),
    ("O37", "C30", "1000002", "new", "2026-02-13 11:33:00.002460", "T0118", "", ""),
    ("O38", "C31", "1000003", "new", "2026-02-13 11:34:00.002560", "T0119", "", ""),
    ("O39", "C32", "1000001", "new", "2026-02-13 11:35:00.002660", "T0120", "", ""),
    // Through the same clock: withdrawn a minute before the exchange closed early.
    ("O40", "C32", "1000001", "cancel", "2026-02-13 11:59:00.000000", "T0120", "O39", ""),
];

/// The log in files of a form, and what a study finds in it.
fn found(form: &str, more: &str) -> (tempfile::TempDir, Found) {
    let work = tempfile::tempdir().unwrap();
    let cells = |order: &Order| {
        let (id, client, account, kind, at, serial, original, outcome) = *order;
        [id, client, account, kind, at, serial, original, outcome].map(str::to_owned)
    };
    let of_receipt = |(at, id, account, outcome): &(&str, &str, &str, &str)| [*id, *account, *at, *outcome].map(str::to_owned);
    let orders: Vec<[String; 8]> = ORDERS.iter().map(cells).collect();
    let receipts: Vec<[String; 4]> = RECEIPTS.iter().map(of_receipt).collect();
    let (heads, their_heads) = (["oid", "cid", "acc", "kind", "sent", "no", "orig", "result"], ["cid", "acc", "came", "outcome"]);
    let file = |name: &str, heads: &[&str], rows: Vec<&[String]>| {
        let json = |row: &[String]| {
            let fields: Vec<String> =
                heads.iter().zip(row).filter(|(_, v)| !v.is_empty()).map(|(h, v)| format!("\"{h}\": \"{v}\"")).collect();
            format!("{{{}}}", fields.join(", "))
        };
        let lines: Vec<String> = match form {
            "jsonl" => rows.into_iter().map(json).collect(),
            "semicolons" => std::iter::once(heads.join(";")).chain(rows.into_iter().map(|row| row.join(";"))).collect(),
            _ => std::iter::once(heads.join(",")).chain(rows.into_iter().map(|row| row.join(","))).collect(),
        };
        fs::write(work.path().join(name), lines.join("\n") + "\n").unwrap();
    };
    file("orders.log", &heads, orders.iter().map(|row| &row[..]).collect());
    file("receipts.log", &their_heads, receipts.iter().map(|row| &row[..]).collect());
    let format = if form == "jsonl" { "jsonl" } else { "csv" };
    let delimiter = if form == "semicolons" { "delimiter = \";\"\n" } else { "" };
    let accounts: Vec<String> = (1..=7).map(|n| format!("100000{n},{}", if n % 2 == 0 { "B" } else { "A" })).collect();
    fs::write(work.path().join("clients.csv"), format!("account,group\n{}\n8888880,A\n9999990,A\n", accounts.join("\n"))).unwrap();
    let settings = format!(
        "[study]\ntitle = \"oddities\"\ntimezone = \"Asia/Taipei\"\nlanguage = \"en\"\n\n\
         [orders]\npaths = [\"orders.log\"]\nformat = \"{format}\"\n{delimiter}clock = {{ id = \"gateway\", uncertainty = \"1ms\" }}\n\
         columns = {{ order_id = \"oid\", receipt_id = \"cid\", account = \"acc\", kind = \"kind\", sent_at = \"sent\", serial = \"no\", \
         original_id = \"orig\", outcome = \"result\" }}\n\n\
         [receipts]\npaths = [\"receipts.log\"]\nformat = \"{format}\"\n{delimiter}clock = {{ id = \"front\", uncertainty = \"1ms\" }}\n\
         columns = {{ receipt_id = \"cid\", account = \"acc\", received_at = \"came\", outcome = \"outcome\" }}\n\n\
         [clients]\npaths = [\"clients.csv\"]\ncolumns = {{ account = \"account\", group = \"group\" }}\n\n\
         [calendar]\nholidays = [\"2026-01-01\"]\nearly_closes = [\"2026-02-13 12:00\"]\n\n\
         [records]\ncollected_on = \"2026-03-01\"\nerror_accounts = [\"9999990\"]\nomnibus_accounts = [\"8888880\"]\n\n\
         [records.serials]\nalphabet = \"decimal\"\nprefix = 1\nblocks = [\"T0001-T0012\", \"T0101-T0160\"]\n{more}"
    );
    fs::write(work.path().join("study.toml"), settings).unwrap();
    let output = colofair(work.path(), &["study", "study.toml", "-q"]);
    assert!([0, 1, 3].contains(&exit_code(&output)), "{}", stderr(&output));
    let out = work.path().join("out");
    let path = out.join("tables/records.parquet");
    let rows = if path.is_file() { table(&path) } else { Vec::new() };
    (work, Found { result: result(&out), rows })
}

#[test]
fn nothing_odd_and_lawful_is_called_a_fault_in_any_form_of_the_log() {
    for form in ["commas", "semicolons", "jsonl"] {
        let (_work, found) = found(form, "");
        // What the clock did from 11:30 on leaves six orders sent before they were received, and no more.
        let after_the_step: BTreeSet<u64> = ["O34", "O35", "O36", "O37", "O38", "O39"].into_iter().map(|id| place(form, id)).collect();
        let before: BTreeSet<u64> = found.rows.iter().filter(|row| row["code"] == "R03").map(|row| row["line"].parse().unwrap()).collect();
        assert_eq!(before, after_the_step, "{form}");
        assert_eq!(named(&found), [("R03".to_owned(), 6)], "{form}: {:#?}", found.rows);
        // Six in a row are a clock's doing: named, none proven.
        assert_eq!(found.state("R03"), "insufficient", "{form}: {}", found.check("R03")["reason"]["en"]);
        let findings = found.result["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["verdict"] != "confirmed"), "{form}: {findings:#?}");
        let classes: Vec<(&str, u64)> = found.result["records"]["classes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|class| (class["name"].as_str().unwrap(), class["count"].as_u64().unwrap()))
            .collect();
        let expected = [
            ("omnibus_account", 1),
            ("error_account", 1),
            ("waited", 1),
            ("refused", 1),
            ("withdrawn", 1),
            ("other_outcome", 2),
            ("exchange_rejected", 2),
            ("exchange_cut", 1),
        ];
        assert_eq!(classes, expected, "{form}");
        // Receipts of several orders: the chains, the order keyed again, the slices, the cancels.
        assert_eq!(found.result["records"]["families"]["parents"], 7, "{form}");
    }
}

/// The line of an order.
fn place(form: &str, id: &str) -> u64 {
    let row = ORDERS.iter().position(|order| order.0 == id).unwrap();
    if form == "jsonl" { row as u64 + 1 } else { line(row) }
}

#[test]
fn what_is_no_longer_named_as_lawful_is_a_fault_again() {
    // Without the early close, the accounts and the blocks of the same log: each check sees it.
    let (work, _) = found("commas", "");
    let path = work.path().join("study.toml");
    let settings = fs::read_to_string(&path).unwrap();
    let settings = settings.replace("early_closes = [\"2026-02-13 12:00\"]", "early_closes = [\"2026-02-13 11:30\"]");
    let settings = settings.replace("error_accounts = [\"9999990\"]\nomnibus_accounts = [\"8888880\"]\n", "");
    let settings = settings.replace("blocks = [\"T0001-T0012\", \"T0101-T0160\"]\n", "");
    fs::write(&path, settings).unwrap();
    let output = colofair(work.path(), &["study", "study.toml", "-q"]);
    assert!([0, 1, 3].contains(&exit_code(&output)), "{}", stderr(&output));
    let out = work.path().join("out");
    let found = Found { result: result(&out), rows: table(&out.join("tables/records.parquet")) };
    let codes: Vec<(String, u64)> = named(&found);
    let expected = [("R01", 1), ("R03", 6), ("R08", 1), ("R15", 1), ("T05", 7)].map(|(code, n)| (code.to_owned(), n));
    assert_eq!(codes, expected);
}

/// Ids that begin anew every day: an amend belongs to the order of its own day, and a report does.
#[test]
fn an_amend_of_a_daily_id_is_held_against_the_order_of_its_day() {
    let mut study = Study::simulated("fair", "600", "3", "41");
    study.settings = study.settings.replace("keys = [\"receipt_id\"]", "keys = [\"receipt_id\", \"trade_date\"]");
    let (mut number, mut day, mut originals) = (0, String::new(), Vec::new());
    for row in 0..study.orders.rows.len() {
        let own = study.orders.get(row, "sent_ts")[..10].to_owned();
        number = if own == day { number + 1 } else { 0 };
        day = own;
        study.orders.set(row, "order_id", &format!("N{number:04}"));
        // Every tenth order amends the one before it.
        let amends = number % 10 == 9;
        originals.push(if amends { format!("N{:04}", number - 1) } else { String::new() });
        if amends {
            study.orders.set(row, "order_type", "amend");
            for column in ["account", "symbol", "side"] {
                let same = study.orders.get(row - 1, column).to_owned();
                study.orders.set(row, column, &same);
            }
        }
    }
    study.orders.add_column("orig", |row| originals[row].clone());
    study.map("orders", "original_id", "orig");
    let found = study.run();
    let differs = found.lines("R15", |row| ["original_differs", "before_original"].contains(&row["reason"].as_str()));
    assert!(found.check("R15")["population"].as_u64().unwrap() > 50 && differs.is_empty(), "{differs:?} {:?}", found.rows.first());
}
