//! From paths and globs in a configuration to files with a settled format.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ingest::paths::expand;
use crate::ingest::{Packing, SourceFile, text};
use crate::record::{Diagnostic, Progress, in_chinese};

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Separated text with a header line.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC file (Feather version 2).
    Arrow,
    /// One JSON object a line.
    Jsonl,
    /// FIX log.
    Fix,
    /// Fixed-width records, by a layout.
    Fixed,
    /// The text of a broker's order management system: `ReqSNO|T0|T1|T2`.
    Oms,
    /// Consolidated Audit Trail records, CSV or JSON.
    Cat,
}

impl Format {
    /// True where an identifier may be found within the text of its field; the values of a table are taken whole.
    pub const fn takes_transforms(self) -> bool {
        !matches!(self, Self::Csv | Self::Parquet | Self::Arrow)
    }

    /// The name in study.toml and in the result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Jsonl => "jsonl",
            Self::Fix => "fix",
            Self::Fixed => "fixed",
            Self::Oms => "oms",
            Self::Cat => "cat",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Csv, Self::Parquet, Self::Arrow, Self::Jsonl, Self::Fix, Self::Fixed, Self::Oms, Self::Cat];
        all.into_iter().find(|format| format.name() == name)
    }
}

/// The files that `paths` (relative to `base`, globs allowed) name, in the order given, a glob's matches ascending by path.
/// `format` is what the user said, or `None` to tell by the first bytes.
///
/// # Errors
/// When a path names no file, a directory, a file that cannot be opened, or one file twice.
pub fn discover(base: &Path, paths: &[String], format: Option<Format>) -> Result<Vec<SourceFile>, Diagnostic> {
    find(base, paths, format, false)
}

/// The files of an evidence table: separated text, or Excel workbooks, which [`is_workbook`] tells.
///
/// # Errors
/// As [`discover`].
pub fn discover_evidence(base: &Path, paths: &[String]) -> Result<Vec<SourceFile>, Diagnostic> {
    find(base, paths, Some(Format::Csv), true)
}

/// Whether a file of an evidence table is packed as workbooks are: a ZIP archive.
///
/// # Errors
/// When it cannot be read, or is certainly neither a workbook nor text.
pub fn is_workbook(file: &SourceFile) -> Result<bool, Diagnostic> {
    let mut head = [0_u8; 4];
    let unreadable = |error: std::io::Error| cannot_read(&file.path, &error);
    let n_head = read_up_to(&mut File::open(&file.path).map_err(unreadable)?, &mut head).map_err(unreadable)?;
    match &head[..n_head] {
        [] => Ok(false),
        head if head == ZIP => Ok(true),
        head => refuse_other_text(&file.path, file.format, head).map(|()| false),
    }
}

/// How a ZIP archive starts.
const ZIP: [u8; 4] = [b'P', b'K', 3, 4];
/// How an OLE container starts: an Excel file of before 2007, or one under a password.
const OLE: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

fn find(base: &Path, paths: &[String], format: Option<Format>, workbooks: bool) -> Result<Vec<SourceFile>, Diagnostic> {
    let (mut files, mut places): (Vec<SourceFile>, BTreeSet<PathBuf>) = (Vec::new(), BTreeSet::new());
    for written in paths {
        for path in expand(base, written)? {
            let file = if written == STANDARD_INPUT { take_standard_input(format)? } else { open(base, path, format, workbooks)? };
            // One file may be spelled in two ways, or be linked to.
            let place = match written.as_str() {
                STANDARD_INPUT => PathBuf::from(STANDARD_INPUT),
                _ => file.path.canonicalize().map_err(|error| cannot_read(&file.path, &error))?,
            };
            if !places.insert(place) {
                let problem = (
                    format!("`paths` 把同一檔案列了兩次，每一列都會算兩次（{written}）"),
                    format!("the file is named twice by `paths`: every row would count twice ({written})"),
                );
                let help = ("請讓各樣式互不重疊", "make the globs disjoint");
                return Err(Diagnostic::new("E0203", problem).in_file(&file.path).help(help));
            }
            files.push(file);
        }
    }
    Ok(files)
}

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Refuses paths of one run among which standard input stands twice: a process has it once, and whoever asks again finds it empty.
///
/// # Errors
/// When it stands there more than once.
pub fn refuse_second_standard_input<'a>(paths: impl IntoIterator<Item = &'a String>) -> Result<(), Diagnostic> {
    if paths.into_iter().filter(|path| *path == STANDARD_INPUT).count() < 2 {
        return Ok(());
    }
    let problem = ("標準輸入（\"-\"）只能給一次", "standard input (\"-\") can be given once");
    let help = ("請將其餘各方存成檔案，並寫其路徑", "save the others as files and name their paths");
    Err(Diagnostic::new("E0203", problem).in_file(Path::new(STANDARD_INPUT)).help(help))
}

/// Standard input as a file: it is looked at, read and hashed, so it is copied to a temporary file that goes when the source goes.
fn take_standard_input(format: Option<Format>) -> Result<SourceFile, Diagnostic> {
    let failed = |error: std::io::Error| {
        let problem = (format!("無法收下標準輸入：{error}"), format!("cannot take in standard input: {error}"));
        Diagnostic::new("E0200", problem).help(("請檢查暫存資料夾的空間", "check the space for temporary files"))
    };
    let mut copy = tempfile::NamedTempFile::new().map_err(failed)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut copy).map_err(failed)?;
    let copy = copy.into_temp_path();
    let file = open(Path::new(STANDARD_INPUT), copy.to_path_buf(), format, false)?;
    Ok(SourceFile { name: STANDARD_INPUT.to_owned(), spool: Some(Arc::new(copy)), ..file })
}

fn open(base: &Path, path: PathBuf, format: Option<Format>, workbooks: bool) -> Result<SourceFile, Diagnostic> {
    let unreadable = |error: std::io::Error| cannot_read(&path, &error);
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Diagnostic::new("E0202", ("這是資料夾，應為檔案", "a directory, where a file was expected"))
            .in_file(&path)
            .help(("請指明其中的檔案：\"orders/*.csv\"", "name its files: \"orders/*.csv\"")));
    }
    if !metadata.is_file() {
        return Err(not_plain(&path));
    }
    let mut head = [0_u8; 8];
    let mut file = File::open(&path).map_err(unreadable)?;
    let n_head = read_up_to(&mut file, &mut head).map_err(unreadable)?;
    let told = format.unwrap_or_else(|| match &head[..n_head] {
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Format::Arrow,
        [b'{', ..] => Format::Jsonl,
        _ => Format::Csv,
    });
    let packing = if !matches!(told, Format::Parquet | Format::Arrow) { Packing::of(&head[..n_head]) } else { Packing::None };
    let is_text = !matches!(told, Format::Parquet | Format::Arrow);
    // Evidence that cannot be read is named by what reads it, and stops nothing else.
    if is_text && !workbooks {
        refuse_other_text(&path, told, &head[..n_head])?;
    }
    let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    let file = SourceFile { name, format: told, bytes: metadata.len(), packing, spool: None, frame: None, path };
    if packing == Packing::None {
        return Ok(file);
    }
    let unpacked = first_unpacked(&file);
    if let Some(head) = unpacked.as_ref().filter(|_| !workbooks) {
        refuse_other_packed(&file, head)?;
    }
    let packed_objects = format.is_none() && unpacked.is_some_and(|head| head.starts_with(b"{"));
    Ok(if packed_objects { SourceFile { format: Format::Jsonl, ..file } } else { file })
}

/// The first bytes within a packed file; `None` where it cannot be unpacked, which is said when it is read.
fn first_unpacked(file: &SourceFile) -> Option<Vec<u8>> {
    let mut head = [0; 8];
    let n_head = read_up_to(&mut text::open(file, &Progress::default()).ok()?, &mut head).ok()?;
    Some(head[..n_head].to_vec())
}

/// What is packed has to be text: neither a table in another format nor packed once more.
fn refuse_other_packed(file: &SourceFile, head: &[u8]) -> Result<(), Diagnostic> {
    let packing = file.packing.name();
    let twice = Packing::of(head);
    let problem = if twice != Packing::None {
        let inner = twice.name();
        (format!("{packing} 壓縮檔內又是 {inner} 壓縮檔"), format!("within the {packing} file is another packed one ({inner})"))
    } else if let (false, Err(other)) = (head.is_empty(), refuse_other_text(&file.path, file.format, head)) {
        (format!("{packing} 壓縮檔內不是文字：{}", other.message.zh), format!("within the {packing} file is no text: {}", other.message.en))
    } else {
        return refuse_other_text(&file.path, file.format, head);
    };
    Err(Diagnostic::new("E0204", problem).in_file(&file.path).help(("請先解壓縮，再試一次", "unpack it and try again")))
}

/// Text that this version would misread is refused by name.
fn refuse_other_text(path: &Path, told: Format, head: &[u8]) -> Result<(), Diagnostic> {
    let what = match head {
        [] if told == Format::Csv => ("檔案是空的：連標題列也沒有", "the file is empty: not even a header line"),
        [] => ("檔案是空的", "the file is empty"),
        head if head.starts_with(&OLE) => {
            let what = (
                "檔案是 2007 年以前的 Excel 活頁簿，或有密碼保護",
                "the file is an Excel workbook of before 2007, or one under a password",
            );
            return Err(Diagnostic::new("E0204", what).in_file(path).help((
                "請取消密碼，另存為 UTF-8 的 CSV；證據表也可存為 .xlsx",
                "save it without a password: as CSV in UTF-8 or, of evidence, as .xlsx",
            )));
        }
        head if head.starts_with(&ZIP) => {
            ("檔案是 ZIP 或 Excel 活頁簿，此版本不讀取", "the file is a ZIP archive or an Excel workbook, which this version does not read")
        }
        [b'P', b'A', b'R', b'1', ..] => {
            ("檔案是 Parquet，但 study.toml 說它是文字檔", "the file is Parquet, but study.toml says it is text")
        }
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => {
            ("檔案是 Arrow IPC，但 study.toml 說它是文字檔", "the file is Arrow IPC, but study.toml says it is text")
        }
        _ => return Ok(()),
    };
    Err(Diagnostic::new("E0204", what).in_file(path).help((
        "請給 CSV、其他文字格式、Parquet 或 Arrow IPC；Excel 請另存為 CSV",
        "give CSV or another text format, Parquet or Arrow IPC; save a workbook as CSV",
    )))
}

/// The diagnostic of a pipe, a device or the like: its end may never come, and it cannot be read twice.
pub fn not_plain(path: &Path) -> Diagnostic {
    let problem = ("這不是一般檔案，而是管線、裝置之類", "this is no regular file but a pipe, a device or the like");
    Diagnostic::new("E0224", problem).in_file(path).help((
        "管線請由標準輸入給，路徑寫 \"-\"；或先存成檔案",
        "give a pipe through standard input, which is the path \"-\", or save it as a file first",
    ))
}

/// The diagnostic of a file that could not be read.
pub fn cannot_read(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法讀取檔案：{}", in_chinese(error)), format!("cannot read the file: {error}"));
    Diagnostic::new("E0200", problem)
        .in_file(path)
        .help(("study.toml 裡的路徑是相對於它所在的資料夾", "paths in study.toml are relative to the folder it stands in"))
}

/// Fills `buffer` as far as the file goes; returns how many bytes.
pub(crate) fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n_read = 0;
    while n_read < buffer.len() {
        match file.read(&mut buffer[n_read..]) {
            Ok(0) => break,
            Ok(n) => n_read += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(n_read)
}
