//! Files that a study is made of, which are small: read whole, once it is known that they are files and small.

use std::path::Path;

use crate::record::{Notice, in_chinese};

/// Bytes of the largest: a study that names every account of a broker has some hundred kilobytes.
const MOST: u64 = 4 << 20;

/// Why a file was not read.
pub(crate) enum Unread {
    /// The system's reason.
    Failed(std::io::Error),
    /// It is a pipe, a device or the like, whose end may never come.
    NotPlain,
    /// It has this many bytes.
    TooLarge(u64),
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Unread> {
    let found = std::fs::metadata(path).map_err(Unread::Failed)?;
    match found.len() {
        _ if !found.is_file() && !found.is_dir() => Err(Unread::NotPlain),
        bytes if bytes > MOST && found.is_file() => Err(Unread::TooLarge(bytes)),
        _ => std::fs::read_to_string(path).map_err(Unread::Failed),
    }
}

impl Unread {
    /// The reason in words.
    pub(crate) fn said(&self) -> Notice {
        match self {
            Self::Failed(error) => (in_chinese(error), error.to_string()).into(),
            Self::NotPlain => ("這不是一般檔案，而是管線、裝置之類", "it is no regular file but a pipe, a device or the like").into(),
            Self::TooLarge(bytes) => {
                let most = MOST >> 20;
                (format!("檔案有 {bytes} 位元組，最多 {most} MiB"), format!("it has {bytes} bytes, at most {most} MiB are taken")).into()
            }
        }
    }
}
