//! Files to canonical columns.
//!
//! A source is a list of files and a mapping. [`read`] turns it into canonical columns, in parallel, and hands each to the
//! caller; every data row is either in a chunk or in the reject list, never in neither or both.

mod arrow_file;
mod block;
mod cat;
mod columnar;
mod csv;
mod datetime;
mod discover;
mod fix;
mod fixed;
mod in_order;
mod instants;
mod json;
mod lines;
mod mapping;
mod oms;
mod options;
mod packed;
mod paths;
mod quick_time;
mod reject;
mod rejects;
mod rows;
mod survey;
mod text;
mod transform;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

pub use datetime::{Pattern, TimeFault, TimeParser};
pub use discover::{Format, discover, discover_evidence, is_workbook};
pub use discover::{cannot_read, not_plain, refuse_second_standard_input};
pub use fix::{Direction, MessageClass, MessageTally};
pub use fixed::{FieldKind, FixedField, FixedLayout};
pub use lines::field_count;
pub use mapping::{ColumnSource, Mapping, TimeFormat};
pub use options::FormatOptions;
pub use reject::quoted;
pub use reject::{Reject, RejectCode};
pub use rejects::Rejects;

pub use survey::{Records as RecordsKind, SourceColumn, Survey, Values, is_readable, read_columns, recognize, survey};
pub use text::{Encoding, EncodingChoice, Packing, TextOptions, TextReport, read_text};
pub use transform::IdTransform;

pub use crate::record::Notice;
use crate::record::{Chunk, ChunkPlace, Column, Diagnostic, NameBooks, Progress, Zone};

/// One side's files and how to read them.
#[derive(Clone, Debug)]
pub struct Source {
    /// Files in reading order.
    pub files: Vec<SourceFile>,
    /// Which source column is which.
    pub mapping: Mapping,
    /// Zone of naive times.
    pub zone: Zone,
    /// What only some formats need to be told.
    pub options: FormatOptions,
    /// Encoding and dialect of text files.
    pub text: TextOptions,
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
    /// The rows themselves, where they are in memory and `path` names no file.
    pub frame: Option<Frame>,
}

/// Rows that are in memory already, as the library's caller has them: read in place, never copied whole.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Columns, also of an empty frame.
    pub schema: SchemaRef,
    /// Rows.
    pub batches: Arc<Vec<RecordBatch>>,
}

impl SourceFile {
    /// A frame as a file of a source, under a name that stands in tables and messages where a path would.
    #[must_use]
    pub fn of_frame(name: &str, frame: Frame) -> Self {
        let bytes = frame.batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum();
        Self {
            path: name.into(),
            name: name.to_owned(),
            format: Format::Arrow,
            bytes,
            packing: Packing::None,
            spool: None,
            frame: Some(frame),
        }
    }
}

/// What came in and what was refused.
#[derive(Debug, Default)]
pub struct Intake {
    /// One entry a file.
    pub files: Vec<FileIntake>,
    /// Every rejected row, in file and row order.
    pub rejects: Rejects,
    /// What the files held beside rows.
    pub tally: MessageTally,
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

/// Reads every file of `source`, keeping the `wanted` columns the mapping names. Each chunk goes to `transform` on whatever thread
/// parsed it, and the outcome to `take` in file and row order, whatever the thread count: only a few chunks wait for their turn.
///
/// Names go into `books`.
///
/// # Errors
/// A [`Diagnostic`] when a file cannot be opened or is not what it was said to be, or when a mapped column is not in it.
pub fn read<T: Send>(
    source: &Source,
    wanted: &[Column],
    books: &NameBooks,
    progress: &Progress,
    transform: impl Fn(Chunk<'_>) -> T + Sync,
    mut take: impl FnMut(ChunkPlace, T) + Send,
) -> Result<Intake, Diagnostic> {
    refuse_foreign(source)?;
    let mut intake = Intake::default();
    let before = progress.bytes();
    let answers = fix::answers(source, wanted, progress)?;
    // The logs are read once more for their rows.
    progress.back_to(before);
    intake.tally.unreadable_answers = answers.unreadable;
    for (index, file) in source.files.iter().enumerate() {
        refuse_transforms(file, source)?;
        let mut counts = FileIntake::default();
        let rejects = &mut intake.rejects;
        let later_bytes: u64 = source.files[index + 1..].iter().map(|file| file.bytes).sum();
        let take_part = |part: Part<T>| {
            let (first_row, first_line) = (counts.rows, part.first_line);
            let rows_expected = rows_expected(first_row, part.rows_expected, [file.bytes, later_bytes]);
            take(ChunkPlace { file: index as u32, first_row, rows_expected, first_line }, part.value);
            counts.rows += u64::from(part.n_rows);
            counts.rejected += part.rejects.len() as u64;
            part.rejects.into_iter().for_each(|reject| rejects.push(Reject { file: file.name.clone(), ..reject }));
        };
        let job = Job { file, source, wanted, books, progress };
        let mut tally = MessageTally::default();
        let mut of_lines = |(report, counted): Said| {
            tally = counted;
            (Some(report.clone()), report.notices)
        };
        let (text, notices) = match file.format {
            Format::Csv => csv::read(job, &transform, take_part).map(|report| (Some(report.clone()), report.notices))?,
            Format::Parquet => (None, columnar::read_parquet(job, &transform, take_part)?),
            Format::Arrow => match &file.frame {
                Some(frame) => (None, columnar::read_frame(frame, job, &transform, take_part)?),
                None => (None, columnar::read_arrow(job, &transform, take_part)?),
            },
            Format::Jsonl => of_lines(json::read(job, &transform, take_part)?),
            Format::Fixed => of_lines(fixed::read(job, &transform, take_part)?),
            Format::Oms => of_lines(oms::read(job, &transform, take_part)?),
            Format::Cat => of_lines(cat::read(job, &transform, take_part)?),
            Format::Fix => of_lines(fix::read(job, &answers, &transform, take_part)?),
        };
        (counts.text, counts.notices) = (text, notices);
        intake.tally.add(&tally);
        intake.files.push(counts);
        intake.rejects.check()?;
    }
    Ok(intake)
}

/// How many rows a source is likely to have from here on, after `before` of a file that is likely to have `of_file` more.
///
/// Of files that follow, as many a byte as of this one. A frame has no bytes.
fn rows_expected(before: u64, of_file: usize, [bytes, later_bytes]: [u64; 2]) -> usize {
    if bytes == 0 {
        return of_file;
    }
    // A footer may claim what its file cannot hold.
    let of_file = of_file.min((2 * bytes) as usize);
    let later = (before as f64 + of_file as f64) / bytes as f64 * later_bytes as f64;
    of_file + (later as usize).min((2 * later_bytes) as usize)
}

/// One file to read.
#[derive(Clone, Copy)]
struct Job<'a> {
    file: &'a SourceFile,
    source: &'a Source,
    wanted: &'a [Column],
    books: &'a NameBooks,
    progress: &'a Progress,
}

/// What a reader of lines has to say of its file: how it was read, and what it held beside rows.
type Said = (TextReport, MessageTally);

/// Identifiers within texts are found in logs and text records; in a table they would be taken whole, in silence.
fn refuse_transforms(file: &SourceFile, source: &Source) -> Result<(), Diagnostic> {
    match source.mapping.iter().find(|(column, _)| !file.format.takes_transforms() && source.mapping.transform(*column).is_some()) {
        None => Ok(()),
        Some((column, _)) => {
            let (column, format) = (column.name(), file.format.name());
            let problem = (
                format!("`{column}`：此版本的 strip_prefix 與 pattern 不適用於 {format} 檔案"),
                format!("`{column}`: strip_prefix and pattern are not for {format} files in this version"),
            );
            let help = ("請指明只含識別碼的欄位", "name a column that holds the identifier itself");
            Err(Diagnostic::new("E0235", problem).in_file(&file.path).help(help))
        }
    }
}

/// Refuses a setting that no file of the source is read by: left out in silence, it would seem to hold.
///
/// # Errors
/// E0236, which names the setting.
pub fn refuse_foreign(source: &Source) -> Result<(), Diagnostic> {
    let (options, text, plain) = (&source.options, &source.text, TextOptions::default());
    let any = |takes: fn(Format) -> bool| source.files.iter().any(|file| takes(file.format));
    // These choose rows: a file that did not heed them would give rows that nobody wanted.
    let all = |takes: fn(Format) -> bool| source.files.iter().all(|file| takes(file.format));
    let is_separated = |format| format == Format::Csv;
    let settings = [
        ("messages", options.messages.is_some(), all(|format| matches!(format, Format::Fix | Format::Cat))),
        ("direction", options.direction.is_some(), all(|format| format == Format::Fix)),
        ("delimiter", text.delimiter.is_some_and(|delimiter| delimiter != b','), any(is_separated)),
        ("delimiter", text.delimiter.is_some(), any(|format| matches!(format, Format::Csv | Format::Cat))),
        ("quote", text.quote != plain.quote, any(is_separated)),
        ("escape", text.escape.is_some(), any(is_separated)),
        ("comment", !text.comment.is_empty(), any(is_separated)),
        ("skip_lines", text.skip_lines.is_some(), any(is_separated)),
        ("encoding", text.encoding != plain.encoding, any(|format| !matches!(format, Format::Parquet | Format::Arrow))),
    ];
    let Some((name, ..)) = settings.into_iter().find(|(_, given, taken)| *given && !taken) else { return Ok(()) };
    let Some(file) = source.files.first() else { return Ok(()) };
    let format = file.format.name();
    let problem = (format!("{format} 檔案不適用設定 `{name}`"), format!("`{name}` is not a setting of {format} files"));
    let help = ("請移除此設定，或檢查 format", "leave it out, or look whether `format` is right");
    Err(Diagnostic::new("E0236", problem).in_file(&file.path).help(help))
}

/// What a reader gives back for one chunk.
struct Part<T> {
    value: T,
    n_rows: u32,
    rejects: Vec<Reject>,
    /// See [`ChunkPlace::rows_expected`].
    rows_expected: usize,
    /// See [`ChunkPlace::first_line`].
    first_line: Option<u64>,
}

impl<T> Part<T> {
    /// Its rows without the refused.
    fn n_accepted(&self) -> f64 {
        f64::from(self.n_rows) - self.rejects.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::rows_expected;

    #[test]
    fn later_files_are_expected_to_have_as_many_rows_a_byte() {
        assert_eq!(rows_expected(0, 100, [1_000, 9_000]), 1_000);
        assert_eq!(rows_expected(60, 40, [1_000, 9_000]), 40 + 900);
        assert_eq!(rows_expected(100, 0, [1_000, 0]), 0);
        // A footer that claims what no file can hold, and a frame.
        assert_eq!(rows_expected(0, usize::MAX, [1_000, 500]), 2_000 + 1_000);
        assert_eq!(rows_expected(7, 100, [0, 0]), 100);
    }
}
