//! result.json read back: the only source of everything that is rendered again.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::record::{Diagnostic, in_chinese, printable};
use crate::report::model::{SCHEMA_VERSION, StudyResult};
use crate::report::output::is_own_table;

/// The result of the study in `folder`.
///
/// # Errors
/// When there is no result.json, it is damaged, of another schema version, or of `check`, which judges nothing.
pub fn read_study(folder: &Path) -> Result<StudyResult, Diagnostic> {
    let path = folder.join("result.json");
    let bytes = fs::read(&path).map_err(|error| no_result(folder, &error))?;
    let whole: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error))?;
    let version = whole.get("schema_version").and_then(Value::as_u64);
    if version != Some(u64::from(SCHEMA_VERSION)) {
        return Err(other_version(&path, version));
    }
    let command = whole.pointer("/tool/command").and_then(Value::as_str).unwrap_or_default().to_owned();
    if command == "check" {
        let problem = ("這是 check 的結果：沒有判定，也沒有報告", "this is the result of `check`: it has no verdict and no report");
        return Err(Diagnostic::new("E0407", problem)
            .in_file(&path)
            .help(("請先執行 colofair study study.toml -o 資料夾", "run `colofair study study.toml -o DIR` first")));
    }
    let result: StudyResult = serde_json::from_value(whole).map_err(|error| damaged(&path, &error))?;
    match result.tables.iter().find(|table| !is_own_table(&table.path)) {
        Some(stranger) => Err(damaged(&path, &format!("tables: {}", stranger.path))),
        None => Ok(result),
    }
}

fn no_result(folder: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = match error.kind() {
        std::io::ErrorKind::NotFound if folder.is_dir() => {
            ("資料夾裡沒有 result.json".to_owned(), "the folder holds no result.json".to_owned())
        }
        std::io::ErrorKind::NotFound => ("沒有這個資料夾".to_owned(), "there is no such folder".to_owned()),
        std::io::ErrorKind::NotADirectory => ("這不是資料夾".to_owned(), "this is not a folder".to_owned()),
        _ => (format!("無法讀取 result.json：{}", in_chinese(error)), format!("cannot read result.json: {error}")),
    };
    Diagnostic::new("E0404", problem)
        .in_file(folder)
        .help(("請指定 `colofair study` 的輸出資料夾", "name the output folder of `colofair study`"))
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    let said = printable(&error.to_string(), 300);
    let problem =
        (format!("result.json 已損壞，或不是 colofair 所寫：{said}"), format!("result.json is damaged, or not colofair's: {said}"));
    Diagnostic::new("E0405", problem).in_file(path).help((
        "請以備份還原，或重新執行 study；colofair verify 可查出被改動的檔案",
        "restore it from a copy, or run `study` again; `colofair verify` tells which files were changed",
    ))
}

fn other_version(path: &Path, version: Option<u64>) -> Diagnostic {
    let Some(version) = version else {
        let problem =
            ("這個 result.json 不是 colofair 所寫：沒有 schema_version", "this result.json is not colofair's: it has no schema_version");
        return Diagnostic::new("E0405", problem)
            .in_file(path)
            .help(("請指定 `colofair study` 的輸出資料夾", "name the output folder of `colofair study`"));
    };
    let problem = (
        format!("結果的格式版本為 {version}，本程式讀版本 {SCHEMA_VERSION}"),
        format!("the result is of schema version {version}; this program reads version {SCHEMA_VERSION}"),
    );
    Diagnostic::new("E0406", problem)
        .in_file(path)
        .help(("請用當初寫出它的版本，或重新執行 study", "use the version that wrote it, or run `study` again"))
}
