//! Documents written again from a result: beside the study, with its manifest kept true, or in another folder.

use std::path::Path;

use rayon::prelude::*;
use tempfile::TempDir;

use crate::evidence::{HashedFile, Manifest, PseudonymKey, Rendering, hash_file};
use crate::record::{Diagnostic, printable};
use crate::report::documents::{Document, Written, render};
use crate::report::model::StudyResult;
use crate::report::ours::{place_of, refuse_others_comparison, refuse_replacing};
use crate::report::output::{put_file, put_file_with, refuse_strangers, scratch_folder};
use crate::report::pseudonyms::replace_names;
use crate::report::table_rows::unreadable;

/// Refuses to render from files that are not those the study wrote: the manifest has the hashes of result.json and of every table.
///
/// A folder without a manifest is taken as it is: a result may have been handed on alone.
///
/// # Errors
/// When the manifest cannot be read, or result.json or a table is not the one it lists.
pub fn refuse_altered(folder: &Path) -> Result<(), Diagnostic> {
    let Some(manifest) = Manifest::read(folder)? else { return Ok(()) };
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

/// The files of several documents.
///
/// # Errors
/// When a table cannot be read, or the workbook cannot be made.
pub fn documents(wanted: &[Document], result: &StudyResult, folder: &Path) -> Result<Vec<Written>, Diagnostic> {
    let files: Vec<Result<Vec<Written>, Diagnostic>> = wanted.par_iter().map(|document| render(*document, result, folder)).collect();
    // The first document's error, however fast the others were.
    let files: Vec<Vec<Written>> = files.into_iter().collect::<Result<_, _>>()?;
    Ok(files.into_iter().flatten().collect())
}

/// The result with pseudonyms in place of names, and a folder, removed with the value, that holds its tables so.
///
/// # Errors
/// When a table cannot be read or written, or the result has pseudonyms already.
pub fn with_pseudonyms(key: &PseudonymKey, result: &StudyResult, folder: &Path) -> Result<(StudyResult, TempDir), Diagnostic> {
    if result.study.pseudonyms.is_some() {
        let problem = ("這個結果的名稱已經是代號", "the names in this result are pseudonyms already");
        return Err(Diagnostic::new("E0413", problem)
            .in_file(&folder.join("result.json"))
            .help(("請不加 --pseudonyms 再執行一次", "run it again without --pseudonyms")));
    }
    let scratch = scratch_folder()?;
    let rejects = Some("rejects.csv").filter(|name| folder.join(name).is_file());
    for name in result.tables.iter().map(|table| table.path.as_str()).chain(rejects) {
        let (from, to) = (folder.join(name), scratch.path().join(name));
        let copied = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::copy(&from, &to));
        copied.map_err(|error| unreadable(&from, &error))?;
    }
    let result = replace_names(key, result.study.named_in_text.iter().cloned().collect(), result, scratch.path())?;
    Ok((result, scratch))
}

/// Puts files beside the study and writes into its manifest what they are now, and by which command where they changed.
///
/// # Errors
/// When a file cannot be written, or the folder has no manifest to keep true.
pub fn put_beside(folder: &Path, files: &[Written], command: &[String]) -> Result<Vec<HashedFile>, Diagnostic> {
    let Some(mut manifest) = Manifest::read(folder)? else {
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

/// Puts files into another folder, which may hold nothing but files of ours; a file that stands there with other contents is not replaced.
///
/// # Errors
/// When a file cannot be written or is there with other contents, or the folder holds files that are not colofair's.
pub fn put_elsewhere(folder: &Path, files: &[Written]) -> Result<Vec<HashedFile>, Diagnostic> {
    refuse_elsewhere(folder)?;
    // Nothing lists what was written there before: a document may be the user's own, or have replies in it.
    files.iter().try_for_each(|(name, contents)| refuse_replacing(folder, name, contents))?;
    put_files(folder, files)
}

/// Refuses what [`put_elsewhere`] refuses whatever the files: for saying so before they are made.
///
/// # Errors
/// When the folder is a file or a link to nothing, or holds files that are not colofair's.
pub fn refuse_elsewhere(folder: &Path) -> Result<(), Diagnostic> {
    refuse_strangers(&place_of(folder)?)
}

/// Refuses a folder in which a comparison would replace what is none of ours.
///
/// # Errors
/// As [`refuse_elsewhere`]; also where a file of a comparison's names stands there and no comparison of ours does.
pub fn refuse_for_comparison(folder: &Path) -> Result<(), Diagnostic> {
    refuse_others_comparison(&place_of(folder)?)
}

/// Puts the files of a comparison into a folder that [`refuse_for_comparison`] found fit; an earlier comparison there is replaced.
///
/// # Errors
/// When a file cannot be written, or the folder is not fit.
pub fn put_comparison(folder: &Path, files: &[Written]) -> Result<Vec<HashedFile>, Diagnostic> {
    refuse_for_comparison(folder)?;
    put_files(folder, files)
}

fn put_files(folder: &Path, files: &[Written]) -> Result<Vec<HashedFile>, Diagnostic> {
    let put = |(name, contents): &Written| {
        put_file_with(folder, name, |file| contents.write(file, &folder.join(name)))?;
        hash_file(&folder.join(name), name)
    };
    files.iter().map(put).collect()
}
