//! Documents written again from a result: beside the study, with its manifest kept true, or in another folder.

use std::fs;
use std::path::Path;

use crate::evidence::{HashedFile, Manifest, Rendering, hash_file, sha256_of};
use crate::record::{Diagnostic, printable};
use crate::report::documents::{Document, render};
use crate::report::model::StudyResult;
use crate::report::output::{put_file, refuse_strangers};

/// A file with its contents.
pub type Written = (&'static str, Vec<u8>);

/// Refuses to render from files that are not those the study wrote: the manifest has the hashes of result.json and of every table.
///
/// A folder without a manifest is taken as it is: a result may have been handed on alone.
///
/// # Errors
/// When the manifest cannot be read, or result.json or a table is not the one it lists.
pub fn refuse_altered(folder: &Path) -> Result<(), Diagnostic> {
    let Some(manifest) = read_manifest(folder)? else { return Ok(()) };
    for listed in manifest.outputs.iter().filter(|file| file.path == "result.json" || file.path.starts_with("tables/")) {
        let path = folder.join(&listed.path);
        // A table that is missing is told of where it is needed.
        if path.is_file() && hash_file(&path, &listed.path)? != *listed {
            let shown = printable(&listed.path, 100);
            let problem = (
                format!("{shown} 與 manifest.json 所記的不同：研究完成後被改動過"),
                format!("{shown} is not the one that manifest.json lists: it was changed after the study"),
            );
            return Err(Diagnostic::new("E0409", problem).in_file(&path).help((
                "請由備份還原；colofair verify 可列出所有被改動的檔案",
                "restore it from a copy; `colofair verify` lists every file that was changed",
            )));
        }
    }
    Ok(())
}

/// manifest.json of a folder; `None` where there is none.
///
/// # Errors
/// When it cannot be read or is damaged.
pub fn read_manifest(folder: &Path) -> Result<Option<Manifest>, Diagnostic> {
    let path = folder.join("manifest.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad_manifest(&path, &error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| bad_manifest(&path, &error))
}

fn bad_manifest(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    let said = printable(&error.to_string(), 300);
    let problem = (format!("無法讀取 manifest.json，或已損壞：{said}"), format!("manifest.json cannot be read, or is damaged: {said}"));
    Diagnostic::new("E0405", problem).in_file(path).help(("請由備份還原，或重新執行 study", "restore it from a copy, or run `study` again"))
}

/// The files of several documents.
///
/// # Errors
/// When a table cannot be read, or the workbook cannot be made.
pub fn documents(wanted: &[Document], result: &StudyResult, folder: &Path) -> Result<Vec<Written>, Diagnostic> {
    let mut files = Vec::new();
    for document in wanted {
        files.extend(render(*document, result, folder)?);
    }
    Ok(files)
}

/// Puts files beside the study and writes into its manifest what they are now, and by which command where they changed.
///
/// # Errors
/// When a file cannot be written, or the folder has no manifest to keep true.
pub fn put_beside(folder: &Path, files: &[Written], command: &[String]) -> Result<Vec<HashedFile>, Diagnostic> {
    let Some(mut manifest) = read_manifest(folder)? else {
        let problem = ("資料夾裡沒有 manifest.json，無法登記重新產生的檔案", "the folder holds no manifest.json to enter the new files in");
        return Err(Diagnostic::new("E0404", problem).in_file(folder).help(("請以 -o 指明另一個資料夾", "name another folder with -o")));
    };
    let written = put_files(folder, files)?;
    let mut changed = Vec::new();
    for file in &written {
        match manifest.outputs.iter_mut().find(|listed| listed.path == file.path) {
            Some(listed) if listed == file => (),
            Some(listed) => {
                listed.clone_from(file);
                changed.push(file.path.clone());
            }
            None => {
                manifest.outputs.push(file.clone());
                changed.push(file.path.clone());
            }
        }
    }
    if !changed.is_empty() {
        manifest.outputs.sort_by(|one, other| one.path.cmp(&other.path));
        manifest.rendered.retain(|earlier| !earlier.files.iter().all(|file| changed.contains(file)));
        manifest.rendered.push(Rendering { command: command.to_vec(), files: changed });
        put_file(folder, "manifest.json", &manifest.json())?;
    }
    Ok(written)
}

/// Puts files into another folder, which may hold nothing but files of ours.
///
/// # Errors
/// When a file cannot be written, or the folder holds files that are not colofair's.
pub fn put_elsewhere(folder: &Path, files: &[Written]) -> Result<Vec<HashedFile>, Diagnostic> {
    refuse_strangers(folder)?;
    put_files(folder, files)
}

fn put_files(folder: &Path, files: &[Written]) -> Result<Vec<HashedFile>, Diagnostic> {
    for (name, contents) in files {
        put_file(folder, name, contents)?;
    }
    let hashed =
        |(name, contents): &Written| HashedFile { path: (*name).to_owned(), bytes: contents.len() as u64, sha256: sha256_of(contents) };
    Ok(files.iter().map(hashed).collect())
}
