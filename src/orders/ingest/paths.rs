//! Paths and patterns of a configuration to paths of files; a name that no pattern can spell is an error and not a file left out.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::ingest::text::decode_cp950;
use crate::record::Diagnostic;

/// What makes a path a pattern.
const WILD: [char; 3] = ['*', '?', '['];

/// The paths that `written`, a path or a pattern, stands for: a pattern's matches ascending.
///
/// # Errors
/// When a pattern is none, finds nothing, or fits a name that is no UTF-8.
pub(super) fn expand(base: &Path, written: &str) -> Result<Vec<PathBuf>, Diagnostic> {
    if !written.contains(WILD) || base.join(written).is_file() {
        return Ok(vec![base.join(written)]);
    }
    let pattern = Path::new(&glob::Pattern::escape(&base.to_string_lossy())).join(written);
    let bad = |zh: String, en: String| {
        let help = ("請寫路徑，或如 \"orders-*.csv\" 的樣式", "write a path, or a pattern such as \"orders-*.csv\"");
        Diagnostic::new("E0201", (zh, en)).help(help)
    };
    let matches = glob::glob(&pattern.to_string_lossy())
        .map_err(|error| bad(format!("\"{written}\" 不是樣式：{error}"), format!("\"{written}\" is not a pattern: {error}")))?;
    let found: Result<Vec<PathBuf>, _> = matches.collect();
    let found = found.map_err(|error| bad(format!("\"{written}\"：{error}"), format!("\"{written}\": {error}")))?;
    // The matches leave out such names without a word: rows would be missing, and the other side's accused of it.
    if let Some(unspelt) = first_unspelt(base, written) {
        let problem = (
            format!("\"{written}\" 所涵蓋的檔案或資料夾名稱不是 UTF-8，無法讀取"),
            format!("\"{written}\" takes in a file or folder whose name is no UTF-8, which cannot be read"),
        );
        return Err(Diagnostic::new("E0223", problem).in_file(&unspelt).help((
            "名稱可能為 CP950（Big5）：請改名為 UTF-8 或英數名稱（例如 convmv -f cp950 -t utf-8 --notest），或改寫樣式使其不涵蓋該名稱",
            "it may be in CP950 (Big5): rename it to UTF-8 or to plain letters (for example convmv -f cp950 -t utf-8 --notest), or write a pattern that leaves it out",
        )));
    }
    if found.is_empty() {
        return Err(bad(format!("沒有檔案符合 \"{written}\""), format!("no file matches \"{written}\"")).in_file(base));
    }
    Ok(found)
}

/// A path on the way of a pattern, and the first part of it whose name is no UTF-8.
type Way = (PathBuf, Option<PathBuf>);

/// The first file or folder, ascending, that the pattern fits but for its name being no UTF-8.
fn first_unspelt(base: &Path, written: &str) -> Option<PathBuf> {
    let mut ways: Vec<Way> = vec![(base.to_path_buf(), None)];
    for part in Path::new(written).components() {
        ways = match part {
            Component::Normal(name) => ways.into_iter().flat_map(|way| steps(way, name)).collect(),
            other => ways.into_iter().map(|(path, unspelt)| (path.join(other), unspelt)).collect(),
        };
    }
    ways.into_iter().filter(|(path, _)| path.symlink_metadata().is_ok()).filter_map(|(_, unspelt)| unspelt).min()
}

/// Where one part of a pattern leads from `way`.
fn steps(way: Way, part: &OsStr) -> Vec<Way> {
    let part = part.to_string_lossy();
    if part == "**" {
        return folders_below(way);
    }
    if !part.contains(WILD) {
        return vec![(way.0.join(&*part), way.1)];
    }
    let Ok(pattern) = glob::Pattern::new(&part) else { return Vec::new() };
    entries(&way).filter(|(path, _)| path.file_name().is_some_and(|name| fits(&pattern, name))).collect()
}

/// `way` and every folder below it; a link is not gone through, which may lead back.
fn folders_below(way: Way) -> Vec<Way> {
    let (mut found, mut open) = (Vec::new(), vec![way]);
    while let Some(next) = open.pop() {
        open.extend(entries(&next).filter(|(path, _)| path.symlink_metadata().is_ok_and(|found| found.is_dir())));
        found.push(next);
    }
    found
}

/// What a folder holds; nothing where it is none or cannot be read, which the matches tell of.
fn entries(way: &Way) -> impl Iterator<Item = Way> {
    let unspelt = way.1.clone();
    std::fs::read_dir(&way.0).into_iter().flatten().flatten().map(move |entry| {
        let path = entry.path();
        let own = entry.file_name().to_str().is_none().then(|| path.clone());
        (path, unspelt.clone().or(own))
    })
}

/// Whether a pattern fits a name; one that is no UTF-8 as it is read in CP950, or with a mark in place of what is no character.
fn fits(pattern: &glob::Pattern, name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        let mut text = Vec::new();
        decode_cp950(name.as_encoded_bytes(), &mut text);
        return pattern.matches(&name.to_string_lossy()) || pattern.matches(&String::from_utf8_lossy(&text));
    };
    pattern.matches(name)
}
