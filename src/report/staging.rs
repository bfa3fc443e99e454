//! The folder in which an output is built, beside its place; and what is left of those whose run was killed.
//!
//! A folder is locked while its run lives. The system lets go of the lock however the run ends, so that what is unlocked is abandoned: it may
//! hold names of clients, and the next run beside it removes it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// What the names of such folders start with.
pub(crate) const PREFIX: &str = ".colofair-";
/// Another run may take a folder for abandoned between its making and its lock. It is then made again.
const ATTEMPTS: usize = 16;

/// A folder under construction.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: TempDir,
    /// The lock. `None` on file systems that know none.
    _lock: Option<File>,
    under_way: UnderWay,
}

/// Folders that this process has under construction.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// One of them, as long as it is.
#[derive(Debug)]
struct UnderWay(PathBuf);

impl UnderWay {
    fn of(folder: &Path) -> Self {
        folders().push(folder.to_path_buf());
        Self(folder.to_path_buf())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        folders().retain(|folder| *folder != self.0);
    }
}

fn folders() -> MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what this process has under construction, for an end that unwinds nothing. Best effort: other threads may still write there.
pub fn remove_unfinished() {
    for folder in folders().iter() {
        for _ in 0..ATTEMPTS {
            if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                break;
            }
        }
    }
}

impl Staging {
    /// Makes one in `parent`, which is there, and removes those that were abandoned.
    pub(crate) fn open(parent: &Path) -> io::Result<Self> {
        remove_abandoned(parent);
        for _ in 0..ATTEMPTS {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
            match lock(folder.path()) {
                Lock::Held(lock) if folder.path().is_dir() => return Ok(Self::new(folder, Some(lock))),
                Lock::Unknown => return Ok(Self::new(folder, None)),
                Lock::Held(_) | Lock::Others => (),
            }
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "another run removes what this one makes"))
    }

    fn new(folder: TempDir, lock: Option<File>) -> Self {
        Self { under_way: UnderWay::of(folder.path()), folder, _lock: lock }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder where it is: it has become something else.
    pub(crate) fn keep(self) -> PathBuf {
        drop(self.under_way);
        self.folder.keep()
    }
}

enum Lock {
    Held(File),
    Others,
    Unknown,
}

fn lock(folder: &Path) -> Lock {
    let Ok(file) = File::open(folder) else { return Lock::Unknown };
    match file.try_lock() {
        Ok(()) => Lock::Held(file),
        Err(fs::TryLockError::WouldBlock) => Lock::Others,
        Err(fs::TryLockError::Error(_)) => Lock::Unknown,
    }
}

/// Best effort: what cannot be removed is in nobody's way.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder
            && entry.file_name().to_string_lossy().starts_with(PREFIX)
            && let Lock::Held(_lock) = lock(&entry.path())
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_another_run_builds_is_not() {
        let place = tempfile::tempdir().expect("a folder");
        let living = Staging::open(place.path()).expect("made");
        fs::write(living.path().join("result.json"), "{}").expect("written");
        let abandoned = place.path().join(".colofair-Ab12cd");
        fs::create_dir(&abandoned).expect("made");
        fs::write(abandoned.join("result.json"), "{}").expect("written");
        fs::write(place.path().join(".colofair-note"), "a file of the user's").expect("written");
        let next = Staging::open(place.path()).expect("made");
        assert!(!abandoned.exists() && living.path().join("result.json").exists() && place.path().join(".colofair-note").exists());
        drop((living, next));
        assert_eq!(fs::read_dir(place.path()).expect("read").count(), 1);
    }
}
