//! The worked audit of the documentation, as a reader would do it: every command runs, and what is quoted is what they print.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{repository, result, stderr, stdout};

/// The fenced blocks of one language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let open = format!("```{language}\n");
    document.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn every_command_of_the_worked_audit_runs_and_prints_what_is_quoted() {
    let document = fs::read_to_string(repository("docs/worked-audit.md")).unwrap();
    let script = format!("set -eu\n{}", blocks(&document, "sh").concat());
    assert!(script.matches("\ncolofair ").count() >= 12);
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_colofair")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(folder.path()).env("PATH", path).env_remove("COLOFAIR_LANG");
    let output = shell.output().unwrap();
    let said = stdout(&output);
    assert!(output.status.success(), "{}\n{}", stderr(&output), &said[said.len().saturating_sub(2_000)..]);
    let printed: Vec<&str> = said.lines().map(str::trim).collect();
    for quoted in blocks(&document, "text").concat().lines() {
        assert!(printed.contains(&quoted.trim()), "not printed any more: {quoted}");
    }
    // What was planted is found: the orders without a receipt, and the group that waits.
    let truth: Value = serde_json::from_slice(&fs::read(folder.path().join("answer/truth.json")).unwrap()).unwrap();
    let found = result(&folder.path().join("broker/out"));
    assert_eq!(found["reconciliation"]["missing_receipt"], truth["reconciliation"]["missing_receipt"]);
    let codes: Vec<&str> = found["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"F01") && codes.contains(&"R01") && !codes.contains(&"R10"), "{codes:?}");
    let planted: BTreeSet<&str> = truth["evidence"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    let of_evidence: BTreeSet<&str> = codes.iter().copied().filter(|code| ["A", "C", "X"].contains(&&code[..1])).collect();
    assert_eq!(of_evidence, planted);
    // No account stands in what is filed.
    let clients = fs::read_to_string(folder.path().join("broker/clients.csv")).unwrap();
    let report = fs::read_to_string(folder.path().join("filed/report.html")).unwrap();
    for account in clients.lines().skip(1).filter_map(|line| line.split(',').next()) {
        assert!(!report.contains(account), "{account}");
    }
}
