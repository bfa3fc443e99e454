//! Whether what stands in the place of an output may be replaced: only a result of this program, and only as it was written.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::evidence::{Manifest, hash_file};
use crate::record::{Diagnostic, printable};
use crate::report::documents::Contents;
use crate::report::output::{is_unfinished, not_readable, refuse_strangers};

/// Where an output goes: the folder that a link leads to, else the path as it is.
///
/// # Errors
/// When the link leads nowhere, or its end cannot be told.
pub(crate) fn place_of(target: &Path) -> Result<PathBuf, Diagnostic> {
    // Without a slash at its end, which would follow the link.
    let target: PathBuf = target.components().collect();
    if !target.is_symlink() {
        return Ok(target);
    }
    target.canonicalize().map_err(|error| {
        let problem = (
            format!("輸出資料夾是連結，所指之處不存在或無法開啟：{}", crate::record::in_chinese(&error)),
            format!("the output folder is a link whose end is not there or cannot be opened: {error}"),
        );
        Diagnostic::new("E0301", problem)
            .in_file(&target)
            .help(("請先建立連結所指的資料夾，或以 -o 另指資料夾", "make the folder that it leads to, or name another with -o"))
    })
}

/// Refuses a folder that would be replaced and holds anything but a result of this program, unaltered.
///
/// # Errors
/// When `target` is a file or holds files of another name than ours; when nothing in it says that it is a result; or when a document of it
/// is not the one that its manifest lists.
pub(crate) fn refuse_others_work(target: &Path) -> Result<(), Diagnostic> {
    refuse_strangers(target)?;
    let Some(first) = first_file(target)? else { return Ok(()) };
    if is_result(target) { refuse_altered_documents(target) } else { Err(maybe_yours(target, &first)) }
}

/// Refuses a folder in which a file of a comparison's names stands, and none of them says that it is of a comparison of ours.
///
/// # Errors
/// When `target` is such a folder, is a file, or holds files of another name than ours.
pub(crate) fn refuse_others_comparison(target: &Path) -> Result<(), Diagnostic> {
    refuse_strangers(target)?;
    let there = ["compare.html", "compare.json"].into_iter().find(|name| target.join(name).symlink_metadata().is_ok());
    match there {
        Some(first) if !is_comparison(target) => Err(maybe_yours(target, first)),
        _ => Ok(()),
    }
}

fn maybe_yours(target: &Path, name: &str) -> Diagnostic {
    let shown = printable(name, 100);
    let problem = (
        format!("輸出資料夾裡有 \"{shown}\"，但沒有 colofair 所寫的 result.json、checks.json 或 compare.json：可能是您自己的檔案"),
        format!(
            "the output folder holds \"{shown}\" and no result.json, checks.json or compare.json that colofair wrote: it may be your own work"
        ),
    );
    Diagnostic::new("E0302", problem).in_file(target).help((
        "請另指資料夾，或移走該檔；colofair 只取代自己的結果",
        "name another folder, or move that file away; colofair replaces only its own results",
    ))
}

/// The first file of an output folder by name; `None` where it holds none, or is not there.
fn first_file(target: &Path) -> Result<Option<String>, Diagnostic> {
    if !target.exists() {
        return Ok(None);
    }
    // Every file of a folder without strangers is in it or one level below.
    let (mut found, mut open) = (Vec::new(), vec![(target.to_path_buf(), String::new())]);
    while let Some((place, prefix)) = open.pop() {
        for entry in fs::read_dir(&place).map_err(|error| not_readable(&place, &error))? {
            let entry = entry.map_err(|error| not_readable(&place, &error))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && prefix.is_empty() => open.push((entry.path(), format!("{name}/"))),
                _ => found.push(name),
            }
        }
    }
    Ok(found.into_iter().filter(|name| !is_unfinished(name)).min())
}

/// What every result of a command says of itself.
#[derive(Deserialize)]
struct OfCommand {
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    tool: OfTool,
}

#[derive(Deserialize)]
struct OfTool {
    name: String,
}

/// What a comparison says of itself.
#[derive(Deserialize)]
struct OfCompare {
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    #[serde(rename = "studies")]
    _studies: [IgnoredAny; 2],
    #[serde(rename = "independent")]
    _independent: bool,
}

/// Whether a folder holds what a command of any version wrote as its result.
fn is_result(folder: &Path) -> bool {
    let of_command = |name: &str| read::<OfCommand>(&folder.join(name)).is_some_and(|found| found.tool.name == "colofair");
    of_command("result.json") || of_command("checks.json") || is_comparison(folder)
}

fn is_comparison(folder: &Path) -> bool {
    read::<OfCompare>(&folder.join("compare.json")).is_some()
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    if !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return None;
    }
    serde_json::from_reader(BufReader::new(File::open(path).ok()?)).ok()
}

/// Whether a person may have written into a file of this name, which would be lost.
fn is_document(name: &str) -> bool {
    matches!(name, "workpapers.xlsx" | "report.md" | "report.html") || name.starts_with("csv/")
}

/// Refuses a result whose documents were written into. Without a manifest nothing says what they were.
fn refuse_altered_documents(folder: &Path) -> Result<(), Diagnostic> {
    let help = ("請移走該資料夾，或以 -o 另指資料夾", "move that folder away, or name another with -o");
    let Some(manifest) = Manifest::read(folder).map_err(|problem| problem.help(help))? else { return Ok(()) };
    for listed in manifest.outputs.iter().filter(|file| is_document(&file.path)) {
        let path = folder.join(&listed.path);
        let Ok(found) = path.symlink_metadata() else { continue };
        if found.is_file() && found.len() == listed.bytes && hash_file(&path, &listed.path)? == *listed {
            continue;
        }
        let shown = printable(&listed.path, 100);
        let problem = (
            format!("{shown} 與 manifest.json 所記的不同：完成後被改動過（例如填寫了回覆），取代後將遺失"),
            format!("{shown} is not the one that manifest.json lists: it was changed since (replies written into it?) and would be lost"),
        );
        return Err(Diagnostic::new("E0306", problem)
            .in_file(&path)
            .help(("請先將該檔移至他處，或以 -o 另指資料夾", "move that file elsewhere, or name another folder with -o")));
    }
    Ok(())
}

/// Refuses to replace a file that stands in `folder` with other contents.
///
/// # Errors
/// When there is one, or it cannot be read.
pub(crate) fn refuse_replacing(folder: &Path, name: &str, contents: &Contents) -> Result<(), Diagnostic> {
    let path = folder.join(name);
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    if found.is_file() {
        let file = File::open(&path).map_err(|error| not_readable(&path, &error))?;
        let mut beside = Beside { file: BufReader::new(file), same: true };
        contents.write(&mut beside, &path)?;
        if beside.is_same_to_the_end() {
            return Ok(());
        }
    }
    let problem = ("這裡已有同名但內容不同的檔案", "a file of this name stands here already, with other contents");
    Err(Diagnostic::new("E0303", problem).in_file(&path).help((
        "請移走該檔，或以 -o 另指資料夾：其中可能有人填寫過",
        "move it away, or name another folder with -o: somebody may have written into it",
    )))
}

/// Takes what would be written and tells whether a file holds it already.
struct Beside {
    file: BufReader<File>,
    same: bool,
}

impl Beside {
    fn is_same_to_the_end(&mut self) -> bool {
        self.same && matches!(self.file.read(&mut [0]), Ok(0))
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut found = [0; 1 << 12];
        let found = &mut found[..bytes.len().min(1 << 12)];
        self.same = self.same && self.file.read_exact(found).is_ok() && *found == bytes[..found.len()];
        Ok(found.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
