//! The output folder: built beside its place and moved there whole, so that a killed run leaves the old result or the new one.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::record::{Diagnostic, in_chinese};

/// Everything a study may write, as paths below the output folder. A folder that holds anything else is never replaced.
const OWN_FILES: [&str; 22] = [
    "checks.json",
    "manifest.json",
    "rejects.csv",
    "report.html",
    "result.json",
    "tables/clients.parquet",
    "tables/clock_offsets.parquet",
    "tables/exceptions.parquet",
    "tables/findings_access.csv",
    "tables/findings_controls.csv",
    "tables/findings_cross.csv",
    "tables/order_classes.parquet",
    "tables/priority_ahead.parquet",
    "tables/priority_clients.parquet",
    "tables/priority_matrix.parquet",
    "tables/priority_overtakes.parquet",
    "tables/priority_serials.parquet",
    "tables/priority_sessions.parquet",
    "tables/reconciled.parquet",
    "tables/records.parquet",
    "tables/sample.csv",
    "tables/trend.parquet",
];

/// An output folder under construction.
#[derive(Debug)]
pub struct Output {
    target: PathBuf,
    staging: TempDir,
}

impl Output {
    /// Opens a new output folder that will stand at `target`; fails before any work is done where it could not be put there.
    ///
    /// # Errors
    /// When the parent cannot be written, `target` is a file, or `target` holds files that are not colofair's.
    pub fn create(target: &Path) -> Result<Self, Diagnostic> {
        if let Some(stranger) = stranger_in(target)? {
            let problem = (
                format!("輸出資料夾裡有 \"{stranger}\"，不是 colofair 所寫"),
                format!("the output folder holds \"{stranger}\", which colofair did not write"),
            );
            return Err(Diagnostic::new("E0302", problem).in_file(target).help((
                "請另指資料夾，或移走該檔；colofair 只取代自己的結果",
                "name another folder, or move that file away; colofair replaces only its own results",
            )));
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|error| not_writable(parent, &error))?;
        let staging = tempfile::Builder::new().prefix(".colofair-").tempdir_in(parent).map_err(|error| not_writable(parent, &error))?;
        fs::create_dir(staging.path().join("tables")).map_err(|error| not_writable(parent, &error))?;
        Ok(Self { target: target.to_path_buf(), staging })
    }

    /// Where a file of this output is written before it is moved.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        debug_assert!(OWN_FILES.contains(&name), "{name} is not a known output");
        self.staging.path().join(name)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), Diagnostic> {
        fs::write(self.path(name), contents).map_err(|error| not_writable(&self.target.join(name), &error))
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
        OWN_FILES.into_iter().filter(|name| self.staging.path().join(name).exists()).collect()
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

/// The first file below `target` that is not one of ours; `None` where there is none or no folder.
fn stranger_in(target: &Path) -> Result<Option<String>, Diagnostic> {
    let Ok(metadata) = fs::metadata(target) else { return Ok(None) };
    if !metadata.is_dir() {
        return Err(Diagnostic::new("E0301", ("輸出資料夾的位置已有檔案", "a file stands where the output folder should be"))
            .in_file(target)
            .help(("請以 -o 指明資料夾", "name a folder with -o")));
    }
    let mut found = Vec::new();
    for (folder, prefix) in [(target.to_path_buf(), ""), (target.join("tables"), "tables/")] {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.map_err(|error| not_writable(target, &error))?;
            found.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().find(|name| name != "tables" && !OWN_FILES.contains(&name.as_str())))
}

fn not_writable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法寫出結果：{}", in_chinese(error)), format!("cannot write the output: {error}"));
    Diagnostic::new("E0300", problem).in_file(path)
}

/// A temporary folder is private by default; a result is as readable as any file the user makes.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
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
