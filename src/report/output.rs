//! The output folder: built beside its place and moved there whole, so that a killed run leaves the old result or the new one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::record::{Diagnostic, in_chinese, printable};
use crate::report::documents::{CHARTS, Contents};
use crate::report::ours::{place_of, refuse_others_work};
use crate::report::row_tables::ROW_TABLES;
pub use crate::report::staging::remove_unfinished;
use crate::report::staging::{PREFIX, Staging};
use crate::report::table_names;

/// Everything a study may write, as paths below the output folder. A folder that holds anything else is never replaced.
const OWN_FILES: [&str; 30] = [
    "checks.json",
    "compare.html",
    "compare.json",
    "csv/findings.csv",
    "csv/groups.csv",
    "csv/pairs.csv",
    "csv/rejects.csv",
    "manifest.json",
    "rejects.csv",
    "report.html",
    "report.md",
    "report.pdf",
    "result.json",
    table_names::CLOCK_OFFSETS,
    table_names::EXCEPTIONS,
    table_names::ACCESS_ROWS,
    table_names::CONTROLS_ROWS,
    table_names::CROSS_ROWS,
    table_names::ORDER_CLASSES,
    table_names::AHEAD,
    table_names::CLIENT_MATRIX,
    table_names::MATRIX,
    table_names::OVERTAKES,
    table_names::SERIALS,
    table_names::SESSIONS,
    table_names::RECONCILED,
    table_names::RECORDS,
    table_names::SAMPLE,
    table_names::TREND,
    "workpapers.xlsx",
];

/// Folders below the output folder that hold files of ours.
const OWN_FOLDERS: [&str; 3] = ["charts", "csv", "tables"];

/// Every file of ours, charts included, ascending.
fn own_files() -> Vec<&'static str> {
    let rows = ROW_TABLES.iter().map(|table| table.csv);
    let mut names: Vec<&'static str> = OWN_FILES.into_iter().chain(CHARTS.iter().flat_map(|chart| chart.0)).chain(rows).collect();
    names.sort_unstable();
    names
}

/// An output folder under construction.
#[derive(Debug)]
pub struct Output {
    target: PathBuf,
    staging: Staging,
}

impl Output {
    /// Opens a new output folder that will stand at `target`, or where that leads as a link; fails before any work is done where it could
    /// not be put there.
    ///
    /// # Errors
    /// When the parent cannot be written, `target` is a file or a link to nothing, or `target` holds anything but a result of colofair's, as
    /// it was written.
    pub fn create(target: &Path) -> Result<Self, Diagnostic> {
        let target = &place_of(target)?;
        refuse_others_work(target)?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|error| not_writable(parent, &error))?;
        let staging = Staging::open(parent).map_err(|error| not_writable(parent, &error))?;
        fs::create_dir(staging.path().join("tables")).map_err(|error| not_writable(parent, &error))?;
        Ok(Self { target: target.to_path_buf(), staging })
    }

    /// Where a file of this output is written before it is moved.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        debug_assert!(own_files().contains(&name), "{name} is not a known output");
        self.staging.path().join(name)
    }

    /// Where it will stand.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder under construction, to read back from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.staging.path()
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), Diagnostic> {
        let path = self.path(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, contents)).map_err(|error| not_writable(&self.target.join(name), &error))
    }

    /// Writes a file of a document.
    ///
    /// # Errors
    /// When it cannot be written, or a table of it not read.
    pub fn put(&self, name: &str, contents: &Contents) -> Result<(), Diagnostic> {
        let (path, target) = (self.path(name), self.target.join(name));
        let failed = |error: std::io::Error| not_writable(&target, &error);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        let mut file = fs::File::create(&path).map_err(failed)?;
        contents.write(&mut file, &target)
    }

    /// Writes a file as `write` does it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_with(&self, name: &str, write: impl FnOnce(&fs::File) -> std::io::Result<()>) -> Result<(), Diagnostic> {
        let written = fs::File::create(self.path(name)).and_then(|file| write(&file));
        written.map_err(|error| not_writable(&self.target.join(name), &error))
    }

    /// Files written so far, ascending.
    #[must_use]
    pub fn written(&self) -> Vec<&'static str> {
        own_files().into_iter().filter(|name| self.staging.path().join(name).exists()).collect()
    }

    /// Moves the finished folder to its place, in one step where an earlier result stands there.
    ///
    /// # Errors
    /// When it cannot be moved; the earlier result is then still in place.
    pub fn commit(self) -> Result<(), Diagnostic> {
        let failed = |error: std::io::Error| not_writable(&self.target, &error);
        for name in self.written() {
            fs::File::open(self.path(name)).and_then(|file| file.sync_all()).map_err(failed)?;
        }
        open_to_others(self.staging.path()).map_err(failed)?;
        if !self.target.exists() {
            let staging = self.staging.keep();
            return fs::rename(&staging, &self.target).map_err(|error| {
                // Best effort: the error that matters is the one being reported.
                let _ = fs::remove_dir_all(&staging);
                not_writable(&self.target, &error)
            });
        }
        // Afterwards the earlier result sits in the staging folder, which is removed on drop.
        exchange(self.staging.path(), &self.target).map_err(failed)
    }
}

/// Whether a file is what a killed `report` was writing, by the name that it gives such files: ours, and no part of the result.
pub(crate) fn is_unfinished(name: &str) -> bool {
    let drawn = name.rsplit('/').next().and_then(|name| name.strip_prefix(PREFIX));
    drawn.is_some_and(|drawn| drawn.len() == 6 && drawn.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a study may write this table: a name that leads elsewhere is none of ours.
pub(crate) fn is_own_table(name: &str) -> bool {
    name.starts_with("tables/") && OWN_FILES.contains(&name)
}

/// Refuses a folder that holds a file which is not ours.
///
/// # Errors
/// When `target` is a file, or holds files that are not colofair's.
pub fn refuse_strangers(target: &Path) -> Result<(), Diagnostic> {
    let Some(stranger) = stranger_in(target)? else { return Ok(()) };
    let shown = printable(&stranger, 100);
    let problem = (
        format!("輸出資料夾裡有 \"{shown}\"，不是 colofair 所寫"),
        format!("the output folder holds \"{shown}\", which colofair did not write"),
    );
    Err(Diagnostic::new("E0302", problem).in_file(target).help((
        "請另指資料夾，或移走該檔；colofair 只取代自己的結果",
        "name another folder, or move that file away; colofair replaces only its own results",
    )))
}

/// Puts a file of ours at `name` below `folder`, in one step: a run that is killed leaves the old file or the new one.
///
/// # Errors
/// When it cannot be written.
pub fn put_file(folder: &Path, name: &str, contents: &[u8]) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| not_writable(&folder.join(name), &error);
    put_file_with(folder, name, |file| file.write_all(contents).map_err(failed))
}

/// Puts a file at `path`, as [`put_file`] does it; where a link leads, and straight into what is no plain file, such as a pipe.
///
/// # Errors
/// As [`put_file`].
pub fn put_at(path: &Path, contents: &[u8]) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| not_writable(path, &error);
    match path.canonicalize() {
        Ok(place) if !place.is_file() => fs::write(&place, contents).map_err(failed),
        Ok(place) => put_path_with(&place, |file| file.write_all(contents).map_err(failed)),
        Err(_) => put_path_with(path, |file| file.write_all(contents).map_err(failed)),
    }
}

/// The same for what is written bit by bit.
///
/// # Errors
/// When it cannot be written, or `write` fails.
pub fn put_file_with(folder: &Path, name: &str, write: impl FnOnce(&mut fs::File) -> Result<(), Diagnostic>) -> Result<(), Diagnostic> {
    put_path_with(&folder.join(name), write)
}

fn put_path_with(path: &Path, write: impl FnOnce(&mut fs::File) -> Result<(), Diagnostic>) -> Result<(), Diagnostic> {
    let place = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| not_writable(path, &error);
    fs::create_dir_all(place).map_err(failed)?;
    let mut file = readable_by_others(tempfile::Builder::new().prefix(PREFIX)).tempfile_in(place).map_err(failed)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

/// A folder for what is only needed while rendering; it is removed with the value.
///
/// # Errors
/// When there is no place for it.
pub(crate) fn scratch_folder() -> Result<TempDir, Diagnostic> {
    tempfile::Builder::new().prefix("colofair-").tempdir().map_err(|error| not_writable(Path::new("TMPDIR"), &error))
}

/// Every file below an output folder, as paths with `/`, ascending.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<String>, Diagnostic> {
    let (mut found, mut open) = (Vec::new(), vec![(folder.to_path_buf(), String::new())]);
    while let Some((place, prefix)) = open.pop() {
        for entry in fs::read_dir(&place).map_err(|error| not_readable(&place, &error))? {
            let entry = entry.map_err(|error| not_readable(&place, &error))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // A link is listed, not followed.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push((entry.path(), format!("{name}/")));
            } else {
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

pub(crate) fn not_readable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法讀取資料夾：{}", in_chinese(error)), format!("cannot read the folder: {error}"));
    Diagnostic::new("E0404", problem)
        .in_file(path)
        .help(("請指定 `colofair study` 的輸出資料夾", "name the output folder of `colofair study`"))
}

/// The first file below `target` that is not one of ours; `None` where there is none or no folder.
fn stranger_in(target: &Path) -> Result<Option<String>, Diagnostic> {
    let Ok(metadata) = fs::metadata(target) else { return Ok(None) };
    if !metadata.is_dir() {
        return Err(Diagnostic::new("E0301", ("輸出資料夾的位置已有檔案", "a file stands where the output folder should be"))
            .in_file(target)
            .help(("請以 -o 指明資料夾", "name a folder with -o")));
    }
    let mut found = Vec::new();
    let own = OWN_FOLDERS.iter().map(|name| (target.join(name), format!("{name}/")));
    for (folder, prefix) in std::iter::once((target.to_path_buf(), String::new())).chain(own) {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.map_err(|error| not_writable(target, &error))?;
            found.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
        }
    }
    found.sort_unstable();
    let own = own_files();
    found.retain(|name| !is_unfinished(name));
    Ok(found.into_iter().find(|name| !OWN_FOLDERS.contains(&name.as_str()) && !own.contains(&name.as_str())))
}

pub(crate) fn not_writable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法寫出結果：{}", in_chinese(error)), format!("cannot write the output: {error}"));
    Diagnostic::new("E0300", problem).in_file(path)
}

/// A temporary file is private by default, like a temporary folder.
#[cfg(unix)]
fn readable_by_others<'b>(builder: &'b mut tempfile::Builder<'static, 'static>) -> &'b mut tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable_by_others<'b>(builder: &'b mut tempfile::Builder<'static, 'static>) -> &'b mut tempfile::Builder<'static, 'static> {
    builder
}

/// A temporary folder is private by default; a result is as readable as any folder the user makes, such as the one of tables within.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, fs::metadata(folder.join("tables"))?.permissions())
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // A file system without the exchange.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => exchange_in_steps(new, old),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    exchange_in_steps(new, old)
}

/// Moves the old folder into the new one's holder first; a kill in between leaves it there, named `previous`.
fn exchange_in_steps(new: &Path, old: &Path) -> std::io::Result<()> {
    let previous = new.with_extension("previous");
    fs::rename(old, &previous)?;
    fs::rename(new, old)?;
    fs::rename(&previous, new)
}
