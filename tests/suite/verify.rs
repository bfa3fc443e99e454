//! `verify`: one changed byte in any file is named, and the study comes out the same again.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, files, repository, stderr, stdout};

/// A study of the committed sample in `out`, with its manifest.
fn studied(more: &[&str]) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    let output = colofair(work.path(), &[&["study", "study.toml", "-q", "--exit-zero"], more].concat());
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    work
}

fn verified(folder: &Path, more: &[&str]) -> (i32, Value) {
    let output = colofair(folder, &[&["verify", "out", "--format", "json"], more].concat());
    assert_eq!(stderr(&output), "");
    (exit_code(&output), serde_json::from_str(&stdout(&output)).unwrap())
}

/// Part, path and standing of every file that is not the same.
fn different(document: &Value) -> Vec<(String, String, String)> {
    let files = document["files"].as_array().unwrap().iter();
    let text = |file: &Value, key: &str| file[key].as_str().unwrap().to_owned();
    files.filter(|file| file["standing"] != "same").map(|file| (text(file, "part"), text(file, "path"), text(file, "standing"))).collect()
}

fn one<'a>(part: &'a str, path: &'a str, standing: &'a str) -> Vec<(String, String, String)> {
    vec![(part.to_owned(), path.to_owned(), standing.to_owned())]
}

#[test]
fn an_untouched_study_is_the_same_in_every_file_and_both_languages_say_so() {
    let work = studied(&[]);
    let (code, document) = verified(work.path(), &[]);
    assert_eq!((code, document["same"].as_bool()), (0, Some(true)));
    let manifest: Value = serde_json::from_slice(&fs::read(work.path().join("out/manifest.json")).unwrap()).unwrap();
    let listed = ["inputs", "configuration", "outputs"].iter().map(|part| manifest[part].as_array().unwrap().len()).sum::<usize>();
    assert_eq!(document["files"].as_array().unwrap().len(), listed);
    // From elsewhere: study.toml is found beside the output folder.
    let elsewhere = tempfile::tempdir().unwrap();
    let out = work.path().join("out");
    for (lang, said) in [("zh-TW", "個檔案皆與 manifest.json 所列相同"), ("en", "files are those that manifest.json lists")] {
        let output = colofair(elsewhere.path(), &["verify", out.to_str().unwrap(), "--lang", lang]);
        assert!(exit_code(&output) == 0 && stdout(&output).contains(said), "{}", stdout(&output));
    }
    // Documents written again stay true to the manifest.
    for arguments in [["report", "out", "--lang", "en"], ["report", "out", "--format", "csv"]] {
        assert_eq!(exit_code(&colofair(work.path(), &arguments)), 0);
        assert_eq!(verified(work.path(), &[]).0, 0, "{arguments:?}");
    }
}

#[test]
fn a_result_put_elsewhere_remembers_where_its_configuration_stood() {
    let work = studied(&[]);
    fs::create_dir_all(work.path().join("deep/er")).unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::rename(work.path().join(name), work.path().join("deep/er").join(name)).unwrap();
    }
    let done = colofair(work.path(), &["study", "deep/er/study.toml", "-o", "results/january", "-q", "--exit-zero"]);
    assert_eq!((exit_code(&done), stderr(&done).as_str()), (0, ""));
    let manifest = fs::read_to_string(work.path().join("results/january/manifest.json")).unwrap();
    assert!(manifest.contains("\"study\": \"../../deep/er/study.toml\""), "{manifest}");
    // From another folder still, and with both moved together.
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("moved");
    fs::rename(work.path(), &moved).unwrap();
    let output = colofair(elsewhere.path(), &["verify", "moved/results/january", "--lang", "en"]);
    assert!(exit_code(&output) == 0 && stdout(&output).contains("files are those that manifest.json lists"), "{}", stderr(&output));
    fs::create_dir_all(work.path()).unwrap();
}

#[test]
fn one_flipped_byte_in_any_file_is_named() {
    let work = studied(&[]);
    let kept = files(work.path());
    let mut kinds = 0;
    for (name, bytes) in kept.iter().filter(|(name, _)| *name != "out/manifest.json") {
        let mut flipped = bytes.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        fs::write(work.path().join(name), &flipped).unwrap();
        let (code, document) = verified(work.path(), &[]);
        let (part, path) = match name.strip_prefix("out/") {
            Some(path) => ("output", path),
            None if name == "study.toml" => ("configuration", name.as_str()),
            None => ("input", name.as_str()),
        };
        assert_eq!((code, different(&document)), (1, one(part, path, "changed")), "{name}");
        fs::write(work.path().join(name), bytes).unwrap();
        kinds += 1;
    }
    assert!(kinds >= 15, "{kinds}");
    assert_eq!(verified(work.path(), &[]).0, 0);
}

#[test]
fn what_is_gone_and_what_was_added_is_named() {
    let work = studied(&[]);
    fs::write(work.path().join("out/tables/note.txt"), "mine").unwrap();
    assert_eq!(different(&verified(work.path(), &[]).1), one("output", "tables/note.txt", "not_listed"));
    fs::remove_file(work.path().join("out/tables/note.txt")).unwrap();
    fs::rename(work.path().join("receipts.csv"), work.path().join("away.csv")).unwrap();
    let (code, document) = verified(work.path(), &[]);
    assert_eq!((code, different(&document)), (1, one("input", "receipts.csv", "missing")));
    fs::rename(work.path().join("away.csv"), work.path().join("receipts.csv")).unwrap();
    fs::remove_file(work.path().join("out/tables/trend.parquet")).unwrap();
    assert_eq!(different(&verified(work.path(), &[]).1), one("output", "tables/trend.parquet", "missing"));
    let output = colofair(work.path(), &["verify", "out", "--lang", "en"]);
    assert!(stdout(&output).contains("MISSING     tables/trend.parquet") && stdout(&output).contains("1 of "), "{}", stdout(&output));

    // A file that the pattern of study.toml takes in today, and did not then.
    let text = fs::read_to_string(work.path().join("study.toml")).unwrap();
    let wide = text.replace("paths = [\"orders.csv\"]", "paths = [\"orders*.csv\"]");
    fs::write(work.path().join("study.toml"), wide).unwrap();
    assert_eq!(exit_code(&colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"])), 0);
    fs::copy(work.path().join("orders.csv"), work.path().join("orders-late.csv")).unwrap();
    assert_eq!(different(&verified(work.path(), &[]).1), one("input", "orders-late.csv", "not_listed"));
}

#[test]
fn without_the_configuration_the_outputs_alone_can_be_checked() {
    let work = studied(&[]);
    fs::create_dir(work.path().join("moved")).unwrap();
    fs::rename(work.path().join("out"), work.path().join("moved/out")).unwrap();
    let alone = tempfile::tempdir().unwrap();
    fs::rename(work.path().join("moved/out"), alone.path().join("out")).unwrap();
    assert_said("no study.toml", alone.path(), &["verify", "out"], "E0411", "study.toml");
    assert_said("a wrong one", alone.path(), &["verify", "out", "--study", "gone.toml"], "E0411", "gone.toml");
    assert_eq!(verified(alone.path(), &["--outputs-only"]).0, 0);
    let study = work.path().join("study.toml");
    assert_eq!(verified(alone.path(), &["--study", study.to_str().unwrap()]).0, 0);

    assert_said("no folder", alone.path(), &["verify", "gone"], "E0404", "gone");
    colofair(work.path(), &["check", "study.toml", "-o", "first", "-q"]);
    assert_said("a first look", work.path(), &["verify", "first"], "E0404", "first");
    fs::write(alone.path().join("out/manifest.json"), "{").unwrap();
    assert_said("a damaged manifest", alone.path(), &["verify", "out"], "E0405", "manifest.json");
}

#[test]
fn the_study_comes_out_the_same_again_with_the_options_of_its_command() {
    let work = studied(&["--lang", "en", "--tables", "full", "--max-rejects", "5%"]);
    let (code, document) = verified(work.path(), &["--recompute"]);
    assert_eq!((code, document["recomputed"]["same"].as_bool()), (0, Some(true)), "{}", document["recomputed"]);
}

#[test]
fn a_forged_result_is_named_by_the_place_where_it_differs() {
    let work = studied(&[]);
    let path = work.path().join("out/result.json");
    let sound = fs::read_to_string(&path).unwrap();
    let forged = sound.replacen("\"verdict\": \"unfair\"", "\"verdict\": \"fair\"", 1);
    assert_ne!(forged, sound);
    fs::write(&path, &forged).unwrap();
    // Even where the forger corrects the manifest.
    let manifest = fs::read_to_string(work.path().join("out/manifest.json")).unwrap();
    let hash = |text: &str| colofair::evidence::sha256_of(text.as_bytes());
    let manifest = manifest
        .replace(&hash(&sound), &hash(&forged))
        .replace(&format!("\"bytes\": {}", sound.len()), &format!("\"bytes\": {}", forged.len()));
    fs::write(work.path().join("out/manifest.json"), manifest).unwrap();
    assert_eq!(verified(work.path(), &[]).0, 0);
    let (code, document) = verified(work.path(), &["--recompute"]);
    assert_eq!(code, 1);
    let found = &document["recomputed"]["first_difference"];
    assert_eq!(
        (found["path"].as_str(), found["was"].as_str(), found["is"].as_str()),
        (Some("/pairs/0/verdict"), Some("\"fair\""), Some("\"unfair\""))
    );
    let text = stdout(&colofair(work.path(), &["verify", "out", "--recompute", "--lang", "en"]));
    assert!(text.contains("first at /pairs/0/verdict: it was \"fair\" and is \"unfair\""), "{text}");
}
