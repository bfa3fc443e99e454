//! Files to canonical columns.
//!
//! A source is a list of files and a mapping. [`read`] turns it into canonical Arrow batches, in parallel, and hands each to the
//! caller; every data row is either in a batch or in the reject list, never in neither or both.

mod columnar;
mod csv;
mod datetime;
mod discover;
mod mapping;
mod reject;
mod rows;
mod text;

use std::path::PathBuf;
use std::sync::Arc;

pub use datetime::{Pattern, TimeFault, TimeParser};
pub use discover::{Format, discover};
pub use mapping::{ColumnSource, Mapping, TimeFormat};
pub use reject::{Reject, RejectCode};
pub use text::{Encoding, EncodingChoice, Packing, TextOptions, TextReport};

use crate::record::{Chunk, ChunkPlace, Column, Diagnostic, Progress, Zone};

/// One side's files and how to read them.
#[derive(Clone, Debug)]
pub struct Source {
    /// Files in reading order.
    pub files: Vec<SourceFile>,
    /// Which source column is which.
    pub mapping: Mapping,
    /// Zone of naive times.
    pub zone: Zone,
    /// Encoding and dialect of text files.
    pub text: TextOptions,
}

/// A sentence for the user, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In Traditional Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A file of a source.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// As shown to the user and written to tables: relative to study.toml where it was given so.
    pub name: String,
    /// Its format, settled.
    pub format: Format,
    /// Its size in bytes when it was found, packed as it is.
    pub bytes: u64,
    /// How a text file is packed.
    pub packing: Packing,
    /// The copy of standard input that `path` names: it is deleted when nothing refers to it any more.
    pub spool: Option<Arc<tempfile::TempPath>>,
}

/// What came in and what was refused.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// One entry a file.
    pub files: Vec<FileIntake>,
    /// Every rejected row, in file and row order.
    pub rejects: Vec<Reject>,
}

/// Rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileIntake {
    /// Data rows.
    pub rows: u64,
    /// Rows refused.
    pub rejected: u64,
    /// How it was read, where it is a text file.
    pub text: Option<TextReport>,
    /// What the user should know of it.
    pub notices: Vec<Notice>,
}

impl Intake {
    /// Data rows of all files.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Refused rows of all files.
    #[must_use]
    pub fn n_rejected(&self) -> u64 {
        self.files.iter().map(|file| file.rejected).sum()
    }
}

/// Reads every file of `source`, keeping the `wanted` columns the mapping names, and gives each chunk to `consume` on whatever
/// thread parsed it. Results come back in file and row order, whatever the thread count.
///
/// # Errors
/// A [`Diagnostic`] when a file cannot be opened or is not what it was said to be, or when a mapped column is not in it.
pub fn read<T: Send>(
    source: &Source,
    wanted: &[Column],
    progress: &Progress,
    consume: impl Fn(Chunk) -> T + Sync,
) -> Result<(Vec<(ChunkPlace, T)>, Intake), Diagnostic> {
    let (mut chunks, mut intake) = (Vec::new(), Intake::default());
    for (index, file) in source.files.iter().enumerate() {
        let (read, text, notices) = match file.format {
            Format::Csv => {
                let (parts, text) = csv::read(file, source, wanted, progress, &consume)?;
                (parts, Some(text), Vec::new())
            }
            Format::Parquet => columnar::read_parquet(file, source, wanted, progress, &consume).map(|(parts, said)| (parts, None, said))?,
            Format::Arrow => columnar::read_arrow(file, source, wanted, progress, &consume).map(|(parts, said)| (parts, None, said))?,
        };
        let notices = text.iter().flat_map(|text: &TextReport| text.notices.clone()).chain(notices).collect();
        let mut counts = FileIntake { text, notices, ..FileIntake::default() };
        for part in read {
            chunks.push((ChunkPlace { file: index as u32, first_row: counts.rows }, part.value));
            counts.rows += u64::from(part.n_rows);
            counts.rejected += part.rejects.len() as u64;
            intake.rejects.extend(part.rejects.into_iter().map(|reject| Reject { file: file.name.clone(), ..reject }));
        }
        intake.files.push(counts);
    }
    Ok((chunks, intake))
}

/// What a reader gives back for one chunk.
struct Part<T> {
    value: T,
    n_rows: u32,
    rejects: Vec<Reject>,
}
