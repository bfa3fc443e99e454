//! Proof of what went in and what came out: hashes, the manifest, its verification; and pseudonyms by a key.

mod pseudonym;
mod verify;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::record::{Diagnostic, in_chinese, printable};

pub use pseudonym::{KnownNames, PseudonymKey, Pseudonyms};
pub use verify::{Difference, Part, Standing, Verified, first_difference, verify_configuration, verify_inputs, verify_outputs};

/// manifest.json: every file of a study with its size and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this shape.
    pub schema_version: u32,
    /// Program and version.
    pub tool: String,
    /// The command that made the study, without the program's path.
    pub command: Vec<String>,
    /// Files read.
    pub inputs: Vec<HashedFile>,
    /// study.toml as read.
    pub configuration: Vec<HashedFile>,
    /// Where study.toml stood, from the folder of this file, with `/`; absent where it was somewhere else altogether.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    /// Files written, this one excepted.
    pub outputs: Vec<HashedFile>,
    /// Documents that `report` wrote again with other bytes, in that order; absent where there were none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rendered: Vec<Rendering>,
}

impl Manifest {
    /// manifest.json of a folder; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read or is damaged.
    pub fn read(folder: &Path) -> Result<Option<Self>, Diagnostic> {
        let path = folder.join("manifest.json");
        let bad = |error: &dyn std::fmt::Display| {
            let said = printable(&error.to_string(), 300);
            let problem =
                (format!("無法讀取 manifest.json，或已損壞：{said}"), format!("manifest.json cannot be read, or is damaged: {said}"));
            let help = ("請由備份還原，或重新執行 study", "restore it from a copy, or run `study` again");
            Diagnostic::new("E0405", problem).in_file(&path).help(help)
        };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| bad(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(bad(&error)),
        }
    }

    /// As it is written: pretty-printed JSON with a final line end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("plain structs with string keys serialize");
        text.push(b'\n');
        text
    }
}

/// Levels up from an output folder beyond which study.toml is somewhere else altogether, and its path would tell of the machine.
const MOST_UP: usize = 3;

/// The way from `folder`, which may not be there yet, to a file; `None` where the file is not near, or not there.
#[must_use]
pub fn way_to(folder: &Path, file: &Path) -> Option<String> {
    let file = file.canonicalize().ok()?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok().or_else(|| Some(parent.canonicalize().ok()?.join(folder.file_name()?)))?;
    let up = folder.ancestors().position(|above| file.starts_with(above)).filter(|up| *up <= MOST_UP)?;
    let down = file.strip_prefix(folder.ancestors().nth(up)?).ok()?;
    let down: Option<Vec<&str>> = down.components().map(|part| part.as_os_str().to_str()).collect();
    Some("../".repeat(up) + &down?.join("/"))
}

/// Documents rendered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// The command, without the program's path.
    pub command: Vec<String>,
    /// The files whose bytes it changed.
    pub files: Vec<String>,
}

/// A file and its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashedFile {
    /// Path as shown to the user.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// SHA-256 of bytes, lower-case hex.
#[must_use]
pub fn sha256_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Size and SHA-256 of a file, read once from start to end; `shown` is the path written down.
///
/// # Errors
/// When the file cannot be read.
pub fn hash_file(path: &Path, shown: &str) -> Result<HashedFile, Diagnostic> {
    let hashed = hash_file_while(path, shown, || true)?;
    Ok(hashed.expect("nothing stopped it"))
}

/// [`hash_file`] until `wanted` says no: then `None`.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn hash_file_while(path: &Path, shown: &str, wanted: impl Fn() -> bool) -> Result<Option<HashedFile>, Diagnostic> {
    let failed = |error: std::io::Error| {
        let problem = (format!("無法讀取檔案：{}", in_chinese(&error)), format!("cannot read the file: {error}"));
        Diagnostic::new("E0200", problem).in_file(path)
    };
    let mut file = File::open(path).map_err(failed)?;
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 18]);
    while wanted() {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(Some(HashedFile { path: shown.to_owned(), bytes, sha256: hex(&hasher.finalize()) })),
            n => {
                hasher.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
    Ok(None)
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_is_the_one_of_fips_180_4() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256_of(b"abc"), expected);
    }
}
