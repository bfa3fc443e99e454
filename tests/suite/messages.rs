//! What the program says when it cannot go on, and of the rows it leaves out: the same in both languages, with file, line, byte and fix.

use std::fs;
use std::path::Path;

use crate::support::{assert_balances, colofair, exit_code, repository, result, stderr, stdout};

const RECEIPTS: &str = "id,account,group,at\nK1,a,G,2026-01-05T09:00:00.000100\nK2,a,H,2026-01-05T09:00:01.000100\n";

/// A sound study of two orders, with `text` for its orders and `line` in the study file's table of them.
fn study(folder: &Path, orders: &[u8], line: &str) {
    fs::write(folder.join("orders.csv"), orders).unwrap();
    fs::write(folder.join("receipts.csv"), RECEIPTS).unwrap();
    let text = format!(
        "[study]\ntimezone = \"Asia/Taipei\"\n[orders]\npaths = [\"orders.csv\"]\n{line}\n\
         [orders.columns]\nreceipt_id = \"id\"\naccount = \"account\"\nsent_at = \"sent\"\n[receipts]\npaths = [\"receipts.csv\"]\n\
         columns = {{ receipt_id = \"id\", account = \"account\", group = \"group\", received_at = \"at\" }}\n"
    );
    fs::write(folder.join("study.toml"), text).unwrap();
}

fn orders(times: [&str; 2]) -> Vec<u8> {
    format!("id,account,sent\nK1,a,{}\nK2,a,{}\n", times[0], times[1]).into_bytes()
}

fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

/// Code, place and fix stand in both; each is in its own language.
#[track_caller]
pub fn assert_said(what: &str, folder: &Path, arguments: &[&str], code: &str, place: &str) {
    let said = |lang: &[&str]| {
        let output = colofair(folder, &[arguments, lang].concat());
        assert_eq!(exit_code(&output), 2, "{what}: {}", stderr(&output));
        stderr(&output)
    };
    let (zh, en) = (said(&["--lang", "zh-TW"]), said(&["--lang", "en"]));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(zh.starts_with(&format!("error[{code}]: ")) && en.starts_with(&format!("error[{code}]: ")), "{what}: {zh}{en}");
    assert!(
        zh.replace('（', " (").replace('）', ")").replace("位元組 ", "byte ").contains(place) && en.contains(place),
        "{what}, not at {place}: {zh}{en}"
    );
    assert!(lines(&zh)[0].chars().filter(|c| is_han(*c)).count() > 4 && !lines(&en)[0].contains(is_han), "{what}: {zh}{en}");
    let help = |text: &str, word: &str| lines(text).iter().any(|line| line.starts_with(word));
    assert!(help(&zh, "  建議：") && help(&en, "  help: "), "{what}: {zh}{en}");
    // Without a word of the user's, the study says nothing else: Chinese comes first.
    assert_eq!(said(&[]), zh, "{what}");
}

#[test]
fn the_commonest_errors_name_their_place_and_their_fix_in_both_languages() {
    let sound = orders(["2026-01-05T09:00:00.0002", "2026-01-05T09:00:01.0002"]);
    let cases: [(&str, Vec<u8>, &str, &str, &str); 11] = [
        ("a missing file", sound.clone(), "encoding = \"auto\" # and no file", "E0200", "gone.csv"),
        ("a missing column", b"id,account,time\nK1,a,9\n".to_vec(), "", "E0206", "orders.csv:1 (byte 0)"),
        ("a bad time", orders(["2026-01-05T25:00:00", "x"]), "", "E0214", "orders.csv:2 (byte 16)"),
        ("no date", orders(["9:00:01", "9:00:02"]), "", "E0214", "orders.csv:2 (byte 16)"),
        ("another encoding", "id,account,sent,戶名稱呼\nK1,a,,王小明某\n".into(), "encoding = \"cp950\"", "E0221", "orders.csv"),
        ("eight digits", orders(["20260105 09000122", "20260105 09000122"]), "", "E0214", "orders.csv:2 (byte 16)"),
        ("an unknown format", sound.clone(), "format = \"xls\"", "E0101", "study.toml:5:10"),
        ("an unknown key", sound.clone(), "pths = [\"a\"]", "E0101", "study.toml:5:1"),
        ("a misspelt section", sound.clone(), "[reciepts.clock]\nid = \"a\"", "E0101", "study.toml:5:2"),
        ("an empty file", Vec::new(), "", "E0204", "orders.csv"),
        ("a damaged Parquet file", b"PAR1\x15\x04PAR1".to_vec(), "", "E0209", "orders.csv"),
    ];
    for (what, orders, line, code, place) in cases {
        let folder = tempfile::tempdir().unwrap();
        study(folder.path(), &orders, line);
        if what == "a missing file" {
            let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
            fs::write(folder.path().join("study.toml"), text.replace("\"orders.csv\"", "\"gone.csv\"")).unwrap();
        }
        assert_said(what, folder.path(), &["check", "study.toml"], code, place);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("study.toml"), b"[study]\ntitle = \"\xa4\xa4\"\n").unwrap();
    assert_said("a study in Big5", folder.path(), &["check", "study.toml"], "E0100", "study.toml");
    let folder = tempfile::tempdir().unwrap();
    assert_said("no study", folder.path(), &["check", "study.toml"], "E0100", "study.toml");
    assert_said("no file to inspect", folder.path(), &["inspect", "a.csv"], "E0200", "a.csv");
}

#[test]
fn a_time_that_needs_to_be_told_names_what_to_write() {
    for (time, zh, en) in [
        ("9:00:01", "請指明日期欄：{ date", "name the date column: { date"),
        ("20260105 09000122", "format = \"compact\"", "format = \"compact\""),
        ("05/01/2026 09:00:01", "\"%-d/%-m/%Y %-H:%M:%S\"", "say the format: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        study(folder.path(), &orders([time, time]), "");
        for (lang, fix) in [("zh-TW", zh), ("en", en)] {
            let said = stderr(&colofair(folder.path(), &["check", "study.toml", "--lang", lang]));
            assert!(said.lines().last().is_some_and(|help| help.contains(fix)), "{time}: {said}");
        }
    }
}

#[test]
fn an_error_speaks_the_language_of_its_study_even_where_the_study_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path(), &orders(["x", "y"]), "");
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap().replace("[study]", "[study]\nlanguage = \"en\"");
    for broken in [text.clone(), text.replace("paths", "pa ths")] {
        fs::write(folder.path().join("study.toml"), broken).unwrap();
        let output = colofair(folder.path(), &["check", "study.toml"]);
        assert!(exit_code(&output) == 2 && stderr(&output).starts_with("error["), "{}", stderr(&output));
    }
}

#[test]
fn refused_rows_are_counted_by_cause_and_their_reasons_stand_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id,account,sent\nK1,a,2026-01-05T09:00:00.0002\nK2,a,9:00\nK3,a\nK4,a,\nK5,a,2026-02-30 09:00:00\n";
    study(folder.path(), text.as_bytes(), "");
    let output = colofair(folder.path(), &["check", "study.toml", "--lang", "en"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let found = result(&folder.path().join("out"));
    assert_balances(&found);
    let causes = serde_json::json!([
        { "code": "field_count", "column": "", "rows": 1 },
        { "code": "missing_time", "column": "sent_at", "rows": 1 },
        { "code": "bad_time", "column": "sent_at", "rows": 2 },
    ]);
    assert_eq!(found["input"]["orders"]["rejects"], causes);
    let english = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(english.contains("wrong number of fields 1") && english.contains("time cannot be read `sent_at` 2"), "{english}");
    let chinese: String = stdout(&colofair(folder.path(), &["check", "study.toml"])).split_whitespace().collect();
    assert!(chinese.contains("欄數不符1列") && chinese.contains("`sent_at`2列"), "{chinese}");
    let rejects = fs::read_to_string(folder.path().join("out/rejects.csv")).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines[0], "file,line,byte_offset,column,code,message,raw,message_zh");
    assert_eq!(
        lines[1],
        "orders.csv,3,46,sent_at,bad_time,\"a time of day without a date: \"\"9:00\"\"\",\"K2,a,9:00\",\"只有時刻，沒有日期: \"\"9:00\"\"\""
    );
    assert_eq!(lines.len(), 5);
    assert!(lines[1..].iter().all(|line| line.rsplit(',').next().unwrap().contains(is_han)), "{rejects}");
}

#[test]
fn no_error_is_written_in_english_alone() {
    let mut folders = vec![repository("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text: String = text.split_whitespace().collect();
            // Both languages are a pair; what stands alone is a name of something that holds both.
            for start in ["Diagnostic::new(\"E", ".help("] {
                for (at, _) in text.match_indices(start) {
                    let behind = &text[at + start.len()..];
                    let said = if start == ".help(" { behind } else { behind.split_once(',').map_or("", |(_, said)| said) };
                    let alone = said.starts_with('"') || said.starts_with("format!");
                    assert!(!alone, "{}: {}", path.display(), behind.chars().take(80).collect::<String>());
                }
            }
        }
    }
}
