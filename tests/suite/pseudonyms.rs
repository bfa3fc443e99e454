//! Pseudonyms: no name of a client or account in any output, the same pseudonyms with the same key, and never the key.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, files, repository, result, stderr, table};

const KEY: &str = "a secret of the compliance office";

fn sample() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    fs::create_dir(work.path().join("vault")).unwrap();
    fs::write(work.path().join("vault/kept.key"), KEY).unwrap();
    work
}

/// Every account and client of a clients file.
fn names(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join("clients.csv")).unwrap();
    let head: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let places: Vec<usize> = ["account", "client"].iter().map(|name| head.iter().position(|known| known == name).unwrap()).collect();
    text.lines().skip(1).flat_map(|line| places.iter().map(move |at| line.split(',').nth(*at).unwrap().to_owned())).collect()
}

/// A file's text: of a workbook every part unpacked, of a table every value.
fn text_of(folder: &Path, name: &str, bytes: &[u8]) -> String {
    if name.ends_with(".parquet") {
        table(&folder.join(name)).iter().flat_map(|row| row.values().cloned()).collect::<Vec<_>>().join("\n")
    } else if name.ends_with(".xlsx") {
        let mut book: Xlsx<_> = open_workbook(folder.join(name)).unwrap();
        let sheets = book.sheet_names();
        let cells =
            sheets.iter().flat_map(|sheet| book.worksheet_range(sheet).unwrap().cells().map(|cell| cell.2.to_string()).collect::<Vec<_>>());
        cells.collect::<Vec<_>>().join("\n")
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// Whether a name stands in a text, apart from longer words.
fn holds(text: &str, name: &str) -> bool {
    let word = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    text.match_indices(name).any(|(at, _)| !word(text[..at].chars().next_back()) && !word(text[at + name.len()..].chars().next()))
}

#[track_caller]
fn assert_nameless(folder: &Path, names: &BTreeSet<String>) {
    let found = files(folder);
    assert!(!found.is_empty());
    for (name, bytes) in &found {
        let text = text_of(folder, name, bytes);
        let leaked: Vec<&String> = names.iter().filter(|known| holds(&text, known)).take(3).collect();
        assert!(leaked.is_empty(), "{name} holds {leaked:?}");
        for secret in [KEY, "kept.key", "vault"] {
            assert!(!text.contains(secret) && !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}: {secret}");
        }
    }
}

#[test]
fn a_study_with_pseudonyms_holds_no_name_and_never_the_key() {
    let work = sample();
    // A row that cannot be read, with an account in it.
    let mut orders = fs::read_to_string(work.path().join("orders.csv")).unwrap();
    let line = orders.lines().nth(5).unwrap().to_owned();
    orders += &format!("{}\n", line.replace("2026-", "20-26"));
    fs::write(work.path().join("orders.csv"), orders).unwrap();
    let plain = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "-o", "plain"]);
    assert_eq!(exit_code(&plain), 0, "{}", stderr(&plain));
    let output = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "--pseudonyms", "vault/kept.key"]);
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    let out = work.path().join("out");
    for format in ["csv", "svg"] {
        assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", format, "-q"])), 0);
    }
    let names = names(work.path());
    assert!(names.len() >= 60, "{}", names.len());
    assert_nameless(&out, &names);

    // Groups, figures and rows are those of the plain study.
    let (plain, with) = (result(&work.path().join("plain")), result(&out));
    for part in ["groups", "pairs", "reconciliation", "scorecard", "verdict"] {
        assert_eq!(plain[part], with[part], "{part}");
    }
    assert_eq!(plain["input"]["orders"]["rejected"], 1);
    assert!(fs::read_to_string(out.join("rejects.csv")).unwrap().lines().nth(1).unwrap().contains("bad_time"));
    let [plain, with] = [work.path().join("plain"), out].map(|folder| table(&folder.join("tables/exceptions.parquet")));
    let mut of: std::collections::BTreeMap<&String, &String> = std::collections::BTreeMap::new();
    for (plain, with) in plain.iter().zip(&with) {
        for column in ["account", "client"] {
            // A receipt alone has no client.
            let (Some(name), Some(pseudonym)) = (plain.get(column), with.get(column)) else {
                assert_eq!(plain.get(column), with.get(column));
                continue;
            };
            assert!(pseudonym.starts_with("C-") && *of.entry(name).or_insert(pseudonym) == pseudonym, "{name}: {pseudonym}");
        }
        let rest = |row: &crate::support::Row| {
            row.iter()
                .filter(|(column, _)| !["account", "client"].contains(&column.as_str()))
                .map(|(_, value)| value.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(rest(plain), rest(with));
    }
    assert_eq!(plain.len(), with.len());
}

#[test]
fn the_same_key_gives_the_same_pseudonyms_in_study_and_report_and_another_key_others() {
    let work = sample();
    fs::write(work.path().join("other.key"), "another secret of 16+").unwrap();
    let study = |out: &str, key: &[&str]| {
        let output = colofair(work.path(), &[&["study", "study.toml", "-q", "--exit-zero", "-o", out], key].concat());
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    };
    study("plain", &[]);
    study("one", &["--pseudonyms", "vault/kept.key"]);
    study("two", &["--pseudonyms", "vault/kept.key"]);
    study("three", &["--pseudonyms", "other.key"]);
    assert!(files(&work.path().join("one")) == files(&work.path().join("two")));
    let check = |out: &str| result(&work.path().join(out))["study"]["pseudonyms"].as_str().map(str::to_owned);
    assert!(check("one").is_some() && check("one") != check("three") && check("plain").is_none());

    // The documents of the plain study, handed out with pseudonyms: those of the study with pseudonyms.
    let output = colofair(work.path(), &["report", "plain", "--pseudonyms", "vault/kept.key", "-o", "handed", "-q"]);
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    assert_nameless(&work.path().join("handed"), &names(work.path()));
    let one = files(&work.path().join("one"));
    for (name, bytes) in files(&work.path().join("handed")) {
        assert!(one[&name] == bytes, "{name}");
    }
    let verified = |more: &[&str]| exit_code(&colofair(work.path(), &[&["verify", "one", "-q", "--recompute"], more].concat()));
    assert_eq!((verified(&["--pseudonyms", "vault/kept.key"]), verified(&["--pseudonyms", "other.key"]), verified(&[])), (0, 1, 2));
}

#[test]
fn a_broker_with_evidence_and_priority_leaks_no_client() {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "broker-findings", "--orders", "4000", "--days", "2", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let account = names(work.path()).into_iter().next().unwrap();
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap() + &format!("\n[priority]\nhouse_accounts = [\"{account}\"]\n");
    fs::write(work.path().join("study.toml"), study).unwrap();
    fs::write(work.path().join("kept.key"), KEY).unwrap();
    let output = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "--pseudonyms", "kept.key", "--depth", "standard"]);
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    let out = work.path().join("out");
    assert!(out.join("tables/findings_access.csv").is_file() && out.join("tables/priority_clients.parquet").is_file());
    assert_nameless(&out, &names(work.path()));
}

#[test]
fn a_key_that_is_none_is_refused_and_names_are_not_replaced_twice() {
    let work = sample();
    fs::write(work.path().join("short.key"), "fifteen bytes..\n").unwrap();
    for (what, key) in [("no key file", "gone.key"), ("a short key", "short.key"), ("a data file", "orders.csv")] {
        assert_said(what, work.path(), &["study", "study.toml", "--pseudonyms", key], "E0412", key);
    }
    assert!(!work.path().join("out").exists());
    colofair(work.path(), &["study", "study.toml", "-q", "--pseudonyms", "vault/kept.key"]);
    assert_said("twice", work.path(), &["report", "out", "--pseudonyms", "vault/kept.key", "-o", "x"], "E0413", "result.json");
    colofair(work.path(), &["study", "study.toml", "-q", "-o", "plain"]);
    let beside = ["report", "plain", "--pseudonyms", "vault/kept.key", "-o", "plain"];
    assert_said("beside the names", work.path(), &beside, "E0413", "plain");
    assert_eq!(exit_code(&colofair(work.path(), &["report", "plain", "--pseudonyms", "vault/kept.key"])), 2, "without -o");
    let manifest: Value = serde_json::from_slice(&fs::read(work.path().join("out/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["command"], serde_json::json!(["study", "study.toml", "--pseudonyms=KEY"]));
    let mut key = String::new();
    fs::File::open(work.path().join("vault/kept.key")).unwrap().read_to_string(&mut key).unwrap();
    assert_eq!(key, KEY, "the key file is only read");
}

/// Names that nothing but sentences hold: a look-alike among the clients, accounts of study.toml without an order, outside owners.
#[test]
fn names_that_only_sentences_hold_are_replaced_by_study_and_by_report() {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "broker-findings", "--orders", "4000", "--days", "2", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let read = |name: &str| fs::read_to_string(work.path().join(name)).unwrap();
    let write = |name: &str, text: &str| fs::write(work.path().join(name), text).unwrap();
    let one = names(work.path()).into_iter().find(|name| name.starts_with('C')).unwrap();
    // A Cyrillic letter in the shape of the Latin one.
    let alike = one.replacen('C', "\u{421}", 1);
    let clients = read("clients.csv");
    let row = clients.lines().find(|line| line.split(',').any(|field| field == one)).unwrap();
    let (_, rest) = row.split_once(',').unwrap();
    write("clients.csv", &format!("{clients}9990001,{}\n", rest.replace(&one, &alike)));
    let study = read("study.toml")
        + "\n[priority]\nhouse_accounts = [\"HOUSE-7701\", \"H9\"]\n\n[records]\nerror_accounts = [\"ERR-8802\"]\nomnibus_accounts = [\"OMNI-9903\"]\n";
    write("study.toml", &study);
    write("kept.key", KEY);
    let inventory = work.path().join("evidence/inventory.csv");
    let table = fs::read_to_string(&inventory).unwrap();
    let (head, example) = (table.lines().next().unwrap(), table.lines().nth(1).unwrap());
    let row: Vec<&str> = head
        .split(',')
        .zip(example.split(','))
        .map(|(column, value)| match column {
            "asset" => "SRV-77",
            "owner" => "ACME Fund",
            "owner_kind" => "client",
            _ => value,
        })
        .collect();
    fs::write(&inventory, format!("{}\n{}\n", table.trim_end(), row.join(","))).unwrap();

    let plain = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "-o", "plain"]);
    assert_eq!(exit_code(&plain), 0, "{}", stderr(&plain));
    let hidden: BTreeSet<String> = [&alike, "ACME Fund", "HOUSE-7701", "ERR-8802", "OMNI-9903"].map(str::to_owned).into();
    let text = fs::read_to_string(work.path().join("plain/result.json")).unwrap();
    let unsaid: Vec<&String> = hidden.iter().filter(|name| !holds(&text, name)).collect();
    assert!(unsaid.is_empty(), "nothing to replace: {unsaid:?}");

    let study = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "--pseudonyms", "kept.key"]);
    assert_eq!((exit_code(&study), stderr(&study).as_str()), (0, ""));
    assert_nameless(&work.path().join("out"), &hidden);
    let report = colofair(work.path(), &["report", "plain", "--pseudonyms", "kept.key", "-o", "handed", "-q"]);
    assert_eq!((exit_code(&report), stderr(&report).as_str()), (0, ""));
    assert_nameless(&work.path().join("handed"), &hidden);
}

#[test]
fn orders_and_receipts_keep_their_ids() {
    let work = sample();
    let study = |out: &str, key: &[&str]| {
        colofair(work.path(), &[&["study", "study.toml", "-q", "--exit-zero", "-o", out], key].concat());
        result(&work.path().join(out))["records"]["checks"].clone()
    };
    let (plain, with) = (study("plain", &[]), study("with", &["--pseudonyms", "vault/kept.key"]));
    let subjects = |checks: &Value| {
        let samples = checks.as_array().unwrap().iter().flat_map(|check| check["samples"].as_array().cloned().unwrap_or_default());
        samples.map(|sample| sample["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!subjects(&plain).is_empty());
    assert_eq!(subjects(&plain), subjects(&with));
}

/// A cell of the evidence that could not be read may hold anything: an account in the wrong column, a name that no row has.
#[test]
fn what_a_sentence_quotes_of_a_refused_cell_is_left_out_by_study_and_by_report() {
    let work = sample();
    let (account, other) = ("7777004", "Secret Fund");
    let header = "client,account,kind,from,to,suspended_from,suspended_to\n";
    fs::write(work.path().join("users.csv"), format!("{header}Q,1000517,client,{account},,,\n")).unwrap();
    fs::write(work.path().join("applications.csv"), format!("client,applied_on,decision\nQ,2026-01-05,refused,{other}\n")).unwrap();
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap();
    let access = "\n[rules]\ndecision_days = 30\n\n[access]\nusers = \"users.csv\"\napplications = \"applications.csv\"\n";
    fs::write(work.path().join("study.toml"), study + access).unwrap();
    let hidden: BTreeSet<String> = [account, other].map(str::to_owned).into();

    let plain = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero", "-o", "plain"]);
    assert_eq!(exit_code(&plain), 0, "{}", stderr(&plain));
    let text = fs::read_to_string(work.path().join("plain/result.json")).unwrap();
    assert!(hidden.iter().all(|cell| holds(&text, cell)), "nothing to leave out");
    let study = ["study", "study.toml", "--exit-zero", "--pseudonyms", "vault/kept.key", "--lang", "en"];
    let told = colofair(work.path(), &study);
    assert_eq!(exit_code(&told), 0, "{}", stderr(&told));
    assert!(!hidden.iter().any(|cell| holds(&String::from_utf8_lossy(&told.stdout), cell)));
    assert_nameless(&work.path().join("out"), &hidden);
    let reason = result(&work.path().join("out"))["checks"].to_string();
    assert!(reason.contains("is \\\"…\\\": ") && reason.contains("「…」"), "{reason}");
    let report = colofair(work.path(), &["report", "plain", "--pseudonyms", "vault/kept.key", "-o", "handed", "-q"]);
    assert_eq!((exit_code(&report), stderr(&report).as_str()), (0, ""));
    assert_nameless(&work.path().join("handed"), &hidden);
}
