//! What stands in the place of an output: only a result of ours, as it was written, is replaced; and a link to a folder stays one.

use std::fs;
use std::path::Path;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, files, repository, stderr};

/// The committed sample, not yet studied.
fn sample() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    let rules = "\n[rules]\nsource = \"rules\"\nfrom = \"2026-01-05\"\nto = \"2026-01-05\"\n";
    let text = fs::read_to_string(work.path().join("study.toml")).unwrap() + rules;
    fs::write(work.path().join("study.toml"), text).unwrap();
    work
}

#[track_caller]
fn runs(folder: &Path, arguments: &[&str]) {
    let output = colofair(folder, &[arguments, &["-q", "--exit-zero"]].concat());
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""), "{arguments:?}");
}

#[test]
fn a_folder_of_the_users_own_files_under_names_of_ours_is_never_replaced() {
    let work = sample();
    let own = [
        "report.html",
        "report.md",
        "workpapers.xlsx",
        "rejects.csv",
        "result.json",
        "checks.json",
        "compare.json",
        "compare.html",
        "manifest.json",
        "tables/trend.parquet",
        "csv/pairs.csv",
    ];
    let mine = work.path().join("mine");
    for name in own {
        let path = mine.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "my own work").unwrap();
        for command in ["check", "study", "access", "controls"] {
            assert_said(name, work.path(), &[command, "study.toml", "-q", "-o", "mine"], "E0302", "mine");
            assert_eq!(fs::read_to_string(&path).unwrap(), "my own work", "{name} {command}");
        }
        fs::remove_dir_all(&mine).unwrap();
    }
    // JSON of somebody else's is no result either.
    fs::create_dir(&mine).unwrap();
    for text in ["{}", "{\"schema_version\": 1}", "{\"schema_version\": 1, \"tool\": {\"name\": \"other\"}}"] {
        fs::write(mine.join("result.json"), text).unwrap();
        assert_said(text, work.path(), &["study", "study.toml", "-q", "-o", "mine"], "E0302", "mine");
    }
    fs::remove_dir_all(&mine).unwrap();
    // Where nothing can be lost, nothing is refused.
    fs::create_dir_all(mine.join("tables")).unwrap();
    for command in ["check", "study", "access", "check"] {
        runs(work.path(), &[command, "study.toml", "-o", "mine"]);
    }
}

#[test]
fn a_document_that_somebody_wrote_into_keeps_its_folder_from_being_replaced() {
    let work = sample();
    runs(work.path(), &["study", "study.toml"]);
    let out = work.path().join("out");
    runs(work.path(), &["report", "out", "--format", "csv"]);
    // Renewed by `report`, in the other language: the manifest follows, and the result is replaced as ever.
    runs(work.path(), &["report", "out", "--lang", "en"]);
    runs(work.path(), &["study", "study.toml"]);
    runs(work.path(), &["report", "out", "--format", "csv"]);
    for name in ["workpapers.xlsx", "report.md", "report.html", "csv/pairs.csv"] {
        let written = fs::read(out.join(name)).unwrap();
        let mut other = written.clone();
        other[written.len() / 2] ^= 1;
        for replies in [[&written[..], b"reply"].concat(), other] {
            fs::write(out.join(name), &replies).unwrap();
            let before = files(&out);
            for command in ["check", "study", "access", "controls"] {
                assert_said(name, work.path(), &[command, "study.toml", "-q", "-o", "out"], "E0306", name);
            }
            assert!(files(&out) == before, "{name}");
        }
        fs::write(out.join(name), written).unwrap();
    }
    fs::remove_file(out.join("report.md")).unwrap();
    runs(work.path(), &["study", "study.toml"]);
}

#[test]
fn documents_put_elsewhere_and_comparisons_replace_nothing_but_their_own() {
    let work = sample();
    runs(work.path(), &["study", "study.toml"]);
    let there = work.path().join("there");
    for _ in 0..2 {
        // Twice the same is no loss.
        runs(work.path(), &["report", "out", "-o", "there"]);
        runs(work.path(), &["report", "out", "--format", "csv", "-o", "there"]);
    }
    for name in ["workpapers.xlsx", "report.md", "report.html", "csv/pairs.csv"] {
        let written = fs::read(there.join(name)).unwrap();
        fs::write(there.join(name), [&written[..], b"reply"].concat()).unwrap();
        let format = if name.starts_with("csv") { &["--format", "csv"][..] } else { &[] };
        let before = files(&there);
        let output = colofair(work.path(), &[&["report", "out", "-q", "-o", "there"], format].concat());
        let told = stderr(&output);
        assert!(exit_code(&output) == 2 && told.contains("error[E0303]") && told.contains(name), "{name}: {told}");
        assert!(files(&there) == before, "{name}");
        fs::write(there.join(name), written).unwrap();
    }
    for _ in 0..2 {
        runs(work.path(), &["compare", "out", "out", "-o", "compared"]);
    }
    for (name, text) in [("compare.html", "mine"), ("compare.json", "{}")] {
        fs::create_dir_all(work.path().join("mine")).unwrap();
        fs::write(work.path().join("mine").join(name), text).unwrap();
        assert_said(name, work.path(), &["compare", "out", "out", "-q", "-o", "mine"], "E0302", "mine");
        assert_eq!(fs::read_to_string(work.path().join("mine").join(name)).unwrap(), text);
        fs::remove_dir_all(work.path().join("mine")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_stays_one_and_the_result_is_put_where_it_leads() {
    use std::os::unix::fs::symlink;
    let work = sample();
    let real = work.path().join("disk/real");
    fs::create_dir_all(&real).unwrap();
    symlink("disk/real", work.path().join("link")).unwrap();
    for target in ["link", "link/"] {
        // Empty at first, then ours.
        for command in ["check", "study", "access"] {
            runs(work.path(), &[command, "study.toml", "-o", target]);
            assert!(work.path().join("link").is_symlink() && !files(&real).is_empty(), "{command} {target}");
        }
        fs::remove_dir_all(&real).unwrap();
        fs::create_dir(&real).unwrap();
    }
    assert!(!fs::read_dir(work.path()).unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(".colofair")));
    runs(work.path(), &["study", "study.toml"]);
    for command in [&["report", "out", "-o", "link"][..], &["compare", "out", "out", "-o", "link"]] {
        runs(work.path(), command);
        assert!(
            work.path().join("link").is_symlink()
                && real.join(if command[0] == "report" { "report.html" } else { "compare.html" }).is_file()
        );
    }
    symlink("nowhere", work.path().join("gone")).unwrap();
    for arguments in [
        &["check", "study.toml", "-o", "gone"][..],
        &["study", "study.toml", "-o", "gone"],
        &["access", "study.toml", "-o", "gone"],
        &["report", "out", "-o", "gone"],
        &["compare", "out", "out", "-o", "gone"],
    ] {
        assert_said("a link to nothing", work.path(), arguments, "E0301", "gone");
        assert!(work.path().join("gone").is_symlink() && !work.path().join("nowhere").exists());
    }
}
