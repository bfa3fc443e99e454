//! What the head of a CSV file settles: encoding, dialect, header, and where the data starts.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use crate::ingest::csv::dialect::Dialect;
use crate::ingest::csv::quoted::{Quoted, Step};
use crate::ingest::discover::{cannot_read, read_up_to};
use crate::ingest::rows::{RowBuilder, present};
use crate::ingest::text::{CTRL_Z, Detected, Head, LONGEST, guess, settle};
use crate::ingest::{ColumnSource, Encoding, Notice, Packing, Source, SourceFile};
use crate::record::{Column, Diagnostic, NameBooks, Place};

/// The widest row accepted.
const MOST_COLUMNS: usize = 10_000;
/// How many lines may stand before a header that is looked for.
const PREAMBLE: usize = 50;

/// What the header settled.
pub(crate) struct Layout<'a> {
    pub(crate) file: &'a SourceFile,
    pub(crate) source: &'a Source,
    pub(crate) detected: Detected,
    pub(crate) dialect: Dialect,
    pub(crate) columns: Vec<Column>,
    /// For each canonical column, the positions of its one or two source columns.
    pub(crate) positions: Vec<(usize, Option<usize>)>,
    pub(crate) n_fields: usize,
    /// Bytes before the data behind the byte order mark, of decoded text and of the file; and the line (from 1) at which the data starts.
    body_text: usize,
    body_source: usize,
    pub(crate) body_line: u64,
    /// Byte of the unpacked file at which the data starts.
    pub(crate) body: u64,
    /// Where it ends: before the Ctrl-Z of old systems.
    pub(crate) end: u64,
    pub(crate) notices: Vec<Notice>,
    /// The file can be read from any of its bytes: plain UTF-8 with line feeds.
    pub(crate) seekable: bool,
}

/// A line taken for the header.
struct Header {
    names: Vec<String>,
    delimiter: u8,
    /// Where it starts and ends in the text.
    start: usize,
    end: usize,
    /// How many columns of the mapping it names.
    n_found: usize,
}

impl<'a> Layout<'a> {
    pub(crate) fn of(file: &'a SourceFile, source: &'a Source, wanted: &[Column]) -> Result<Self, Diagnostic> {
        let detected = settle(file, source.text.encoding)?;
        let encoding = detected.encoding;
        let head = Head::of(file, encoding)?;
        let header = find_header(source, &head).map_err(|fault| fault.diagnostic(file, encoding, &head))?;
        for (column, from) in source.mapping.iter() {
            check_named(file, &header, &head, column, from)?;
        }
        let position = |name: &str| header.names.iter().position(|found| found == name).unwrap_or_default();
        let columns = present(&source.mapping, wanted);
        let positions = columns.iter().filter_map(|column| source.mapping.get(*column)).map(|from| {
            let names = from.source_names();
            (position(names[0]), names.get(1).map(|name| position(name)))
        });
        let before = &head.text[..header.end];
        Ok(Self {
            file,
            source,
            detected,
            positions: positions.collect(),
            columns,
            n_fields: header.names.len(),
            dialect: Dialect::of(&source.text, header.delimiter),
            body_text: header.end,
            body_source: encoding.source_len(before) as usize,
            body_line: 1 + line_ends(before),
            body: head.mark + encoding.source_len(before),
            end: file.bytes - n_ctrl_z(file)?,
            notices: preamble_notice(file, source, line_ends(&head.text[..header.start])).into_iter().collect(),
            seekable: encoding == Encoding::Utf8 && file.packing == Packing::None && !head.lone_returns,
        })
    }

    /// Bytes before the data, in decoded text or in the file's.
    pub(crate) fn body_len(&self, decoded: bool) -> usize {
        if decoded { self.body_text } else { self.body_source }
    }

    /// An empty chunk with room for the rows of so many bytes.
    pub(crate) fn builder<'b>(&self, books: &'b NameBooks, n_bytes: usize) -> RowBuilder<'b> {
        let n_expected = n_bytes / (self.n_fields * 8).max(1);
        RowBuilder::new(&self.columns, self.source, books, n_expected)
    }

    /// Whether the blocks must be decoded before they are cut: a byte that means something may be the second of a CP950 character.
    pub(crate) fn decode_first(&self) -> bool {
        let dialect = &self.dialect;
        let plain = dialect.delimiter < 0x40 && dialect.escape.is_none() && dialect.comments.is_empty();
        self.detected.encoding == Encoding::Cp950 && !plain
    }

    pub(crate) fn record_too_long(&self, start: u64) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: 0, column: 0, byte: Some(start) };
        let most = LONGEST >> 20;
        let problem = (format!("從這裡開始的一筆紀錄超過 {most} MiB"), format!("a record of more than {most} MiB starts here"));
        Diagnostic::new("E0207", problem).at(at).help(("請找未結束的引號", "look for a quote that is never closed"))
    }

    /// Two stray quotes would make the rows between them one, and nobody would miss the others.
    pub(crate) fn enclosed_rows(&self, start: u64) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: 0, column: 0, byte: Some(start) };
        let problem = (
            "從這裡開始的紀錄，引號之間夾著看似資料列的整行：應是兩個多餘的引號，其間各列會被併成一列",
            "between the quotes of the record that starts here stand whole lines with as many delimiters as a row: two stray quotes, it seems, which would make one row of all of them",
        );
        let help = (
            "請更正引號；引號若只是內容的一部分，請寫 quote = \"\"",
            "correct the quotes; where they are part of the text alone, write quote = \"\"",
        );
        Diagnostic::new("E0207", problem).at(at).help(help)
    }

    pub(crate) fn unclosed_quote(&self, start: u64) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: 0, column: 0, byte: Some(start) };
        let problem = (
            "從這裡開始的紀錄有未結束的引號：其後的資料會全被吃進去",
            "a quote opened in the record that starts here is never closed: it would swallow the rest of the file",
        );
        let help = ("請補上引號；引號若是內容的一部分，請寫兩個", "close the quote, or double it where it is part of the text");
        Diagnostic::new("E0207", problem).at(at).help(help)
    }
}

/// Why a head holds no header.
pub(crate) enum NoHeader {
    /// Nothing but blank lines, or a first line without end.
    Missing,
    /// Bytes at this place of the text are no characters.
    NotText(usize),
    /// More columns than this reader takes.
    TooWide(usize),
}

/// The header: the first line, or, where study.toml does not say how many lines stand before it, the first one that names every mapped
/// column. Where none does, the first line, so that the user is told what it lacks.
fn find_header(source: &Source, head: &Head) -> Result<Header, NoHeader> {
    let n_needed = source.mapping.iter().count();
    let mut start = 0;
    for _ in 0..source.text.skip_lines.unwrap_or(0) {
        start += line_length(&head.text[start..]);
    }
    let delimiters = source.text.delimiter.map_or(b",\t;|".to_vec(), |delimiter| vec![delimiter]);
    // One for all lines: to build a reader takes longer than to read a header.
    let mut readers: Vec<(u8, Quoted)> =
        delimiters.into_iter().map(|delimiter| (delimiter, Quoted::new(&Dialect::of(&source.text, delimiter)))).collect();
    let mut first: Option<Result<Header, NoHeader>> = None;
    for _ in 0..PREAMBLE {
        let header = header_at(source, head, start, &mut readers);
        if header.as_ref().is_ok_and(|header| header.n_found == n_needed) || source.text.skip_lines.is_some() {
            return header;
        }
        if !is_blank(&head.text[start..]) {
            first.get_or_insert(header);
        }
        start += line_length(&head.text[start..]);
        if start == head.text.len() {
            break;
        }
    }
    first.unwrap_or(Err(NoHeader::Missing))
}

/// The record at `start` as a header, split by the delimiter under which it names the most mapped columns.
fn header_at(source: &Source, head: &Head, start: usize, readers: &mut [(u8, Quoted)]) -> Result<Header, NoHeader> {
    let (mut best, mut fault): (Option<Header>, NoHeader) = (None, NoHeader::Missing);
    let mut body = start;
    let probe = Dialect::of(&source.text, b',');
    while let Some(Some(length)) = probe.comment(&head.text[body..]) {
        body += length;
    }
    for (delimiter, records) in readers {
        match read_header(&head.text[body..], records, head.whole) {
            Err(NoHeader::Missing) => (),
            Err(found) => fault = found.moved_by(body),
            Ok((names, length)) => {
                let named = |from: &ColumnSource| from.source_names().iter().all(|name| names.iter().any(|found| found == name));
                let n_found = source.mapping.iter().filter(|(_, from)| named(from)).count();
                if best.as_ref().is_none_or(|best| n_found > best.n_found) {
                    best = Some(Header { names, delimiter: *delimiter, start: body, end: body + length, n_found });
                }
            }
        }
    }
    match (best, fault) {
        // One column under another delimiter is no better than too many under this one.
        (Some(best), NoHeader::TooWide(n)) if best.n_found == 0 => Err(NoHeader::TooWide(n)),
        (Some(best), _) => Ok(best),
        (None, fault) => Err(fault),
    }
}

/// The trimmed column names of the first record and its length in bytes, line end included.
pub(crate) fn read_header(text: &[u8], records: &mut Quoted, whole_file: bool) -> Result<(Vec<String>, usize), NoHeader> {
    let length = match records.next(text, whole_file) {
        Step::Record(length) => length,
        Step::NeedsMore | Step::Unclosed => return Err(NoHeader::Missing),
    };
    if records.n_fields() > MOST_COLUMNS {
        return Err(NoHeader::TooWide(records.n_fields()));
    }
    if let Err(error) = std::str::from_utf8(&text[..length]) {
        return Err(NoHeader::NotText(error.valid_up_to()));
    }
    if let Some(at) = memchr::memchr(0, &text[..length]) {
        return Err(NoHeader::NotText(at));
    }
    let name = |at: usize| String::from_utf8_lossy(records.field(at)).trim().to_owned();
    let names: Vec<String> = (0..records.n_fields()).map(name).collect();
    if names.iter().all(String::is_empty) { Err(NoHeader::Missing) } else { Ok((names, length)) }
}

/// How many Ctrl-Z stand at the end of a file, however many: a stream drops all of them.
fn n_ctrl_z(file: &SourceFile) -> Result<u64, Diagnostic> {
    const PIECE: usize = 64 << 10;
    let failed = |error: std::io::Error| cannot_read(&file.path, &error);
    let mut open = File::open(&file.path).map_err(failed)?;
    let (mut piece, mut end) = (Vec::new(), file.bytes);
    loop {
        // Nearly every file has none: most of one piece would be read for nothing.
        let wanted = if end == file.bytes { 64 } else { PIECE };
        let from = end.saturating_sub(wanted as u64);
        piece.resize((end - from) as usize, 0);
        open.seek(SeekFrom::Start(from)).map_err(failed)?;
        let n_read = read_up_to(&mut open, &mut piece).map_err(failed)?;
        let n_found = piece[..n_read].iter().rev().take_while(|byte| **byte == CTRL_Z).count();
        if n_found < n_read || n_read < piece.len() || from == 0 {
            return Ok(file.bytes - end + n_found as u64);
        }
        end = from;
    }
}

fn line_length(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |at| at + 1)
}

fn line_ends(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

fn is_blank(text: &[u8]) -> bool {
    text[..line_length(text)].trim_ascii().is_empty()
}

impl NoHeader {
    fn moved_by(self, by: usize) -> Self {
        if let Self::NotText(at) = self { Self::NotText(at + by) } else { self }
    }

    fn diagnostic(self, file: &SourceFile, encoding: Encoding, head: &Head) -> Diagnostic {
        let at = match self {
            Self::NotText(at) => at,
            Self::Missing | Self::TooWide(_) => 0,
        };
        let byte = head.mark + encoding.source_len(&head.text[..at]);
        let place = Place { path: file.path.clone(), line: 1 + line_ends(&head.text[..at]), column: 0, byte: Some(byte) };
        let (problem, help) = match self {
            Self::NotText(at) => not_text(encoding, &head.text[at..]),
            Self::TooWide(n) => {
                let problem = (
                    format!("標題列有 {n} 欄，最多讀 {MOST_COLUMNS} 欄"),
                    format!("the header has {n} columns; at most {MOST_COLUMNS} are read"),
                );
                (problem.into(), ("請檢查分隔符號與換行", "check the delimiter and the line ends").into())
            }
            Self::Missing => (
                ("前 1 MiB 內沒有標題列", "no header line of text within the first MiB").into(),
                (
                    "要有一列寫明欄名；請找未結束的引號，或確認檔案是否為 CSV",
                    "a line must name the columns; look for a quote that is never closed, or for a file that is not CSV",
                )
                    .into(),
            ),
        };
        Diagnostic::new("E0205", problem).at(place).help(help)
    }
}

/// Says of bytes that are no characters what they are and what they may be.
pub(crate) fn not_text(encoding: Encoding, text: &[u8]) -> (Notice, Notice) {
    let line = &text[..line_length(text)];
    let shown: String = encoding.shown(line).chars().take(24).collect();
    let name = encoding.name();
    let shown = shown.trim_end();
    let problem = (format!("有不是 {name} 的位元組：{shown}"), format!("bytes that are not {name}: {shown}"));
    let guessed = guess(&encoding.source_bytes(line));
    let help = if guessed == encoding {
        (format!("檔案在此損壞，或編碼不是 {name}"), format!("the file is damaged here, or in an encoding other than {name}"))
    } else {
        let guessed = guessed.name();
        (
            format!("可能是 {guessed}：請在 study.toml 為這些檔案寫 encoding = \"{guessed}\""),
            format!("they may be {guessed}: then write encoding = \"{guessed}\" for these files in study.toml"),
        )
    };
    (problem.into(), help.into())
}

fn preamble_notice(file: &SourceFile, source: &Source, n_lines: u64) -> Option<Notice> {
    (n_lines > 0 && source.text.skip_lines.is_none()).then(|| Notice {
        zh: format!("{} 的欄名在第 {} 列；其前 {n_lines} 列不是資料", file.name, n_lines + 1),
        en: format!("{}: the header was found on line {}; the {n_lines} lines before it are no data", file.name, n_lines + 1),
    })
}

fn check_named(file: &SourceFile, header: &Header, head: &Head, column: Column, from: &ColumnSource) -> Result<(), Diagnostic> {
    for name in from.source_names() {
        let problem = match header.names.iter().filter(|found| *found == name).count() {
            1 => continue,
            0 => no_column(name, column),
            n => several_columns(n, name, column),
        };
        let found: Vec<String> = header.names.iter().take(40).map(|name| name.chars().take(60).collect()).collect();
        let at =
            Place { path: file.path.clone(), line: 1 + line_ends(&head.text[..header.start]), column: 0, byte: Some(header.start as u64) };
        return Err(Diagnostic::new("E0206", problem).at(at).help(columns_are(&found)));
    }
    Ok(())
}

/// That study.toml names a column which is not there.
pub(crate) fn no_column(name: &str, column: Column) -> Notice {
    let column = column.name();
    let zh = format!("沒有欄位 \"{name}\"，study.toml 以它為 `{column}`");
    (zh, format!("no column \"{name}\", which study.toml names for `{column}`")).into()
}

/// That study.toml names what several columns are called.
pub(crate) fn several_columns(n: usize, name: &str, column: Column) -> Notice {
    let column = column.name();
    let zh = format!("有 {n} 欄同名為 \"{name}\"，study.toml 以它為 `{column}`");
    (zh, format!("{n} columns are called \"{name}\", which study.toml names for `{column}`")).into()
}

/// Which columns there are.
pub(crate) fn columns_are(found: &[String]) -> Notice {
    let found = found.join(", ");
    (format!("檔案的欄位有：{found}"), format!("the columns are: {found}")).into()
}
