//! Text files of any encoding and packing, as blocks of whole lines in UTF-8.
//!
//! Blocks are read one after another by whichever thread is free, decoded and parsed in parallel, and come back in file order. The
//! memory in use is a few blocks a thread, whatever the size of the file.

mod cp950;
mod detect;
mod encoding;
mod options;
mod report;
mod stream;
#[cfg(test)]
mod tests;
mod utf16;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

pub(crate) use cp950::{decode as decode_cp950, user_defined};
pub(crate) use detect::{Detected, guess};
pub use encoding::Encoding;
pub(crate) use options::settle;
pub use options::{EncodingChoice, TextOptions};
pub use report::TextReport;
pub use stream::Packing;
pub(crate) use stream::{CTRL_Z, Cut, LONGEST, Stream, open};

use crate::ingest::SourceFile;
use crate::ingest::in_order::in_order;
use crate::ingest::text::stream::{Stretch, whole_lines};
use crate::record::{Diagnostic, Progress};

/// Whole lines of a text file.
pub(crate) struct Block {
    /// Valid UTF-8, unless the encoding is `Raw` or bytes are damaged: then the line that holds them is not valid UTF-8.
    pub(crate) text: Vec<u8>,
    /// Line of the file, from 1, on which it starts.
    pub(crate) first_line: u64,
    /// Byte of the unpacked file at which it starts.
    pub(crate) byte_offset: u64,
    /// What the bytes of the file were.
    pub(crate) encoding: Encoding,
    /// How many bytes of the unpacked file it is, where that is known without a walk.
    pub(crate) n_bytes: Option<u64>,
}

impl Block {
    /// Byte of the unpacked file for a place in `text`, which is not within a character. It walks the text: for many places use
    /// [`Block::offsets`].
    pub(crate) fn offset_of(&self, at: usize) -> u64 {
        self.byte_offset + self.encoding.source_len(&self.text[..at])
    }

    /// Bytes of the unpacked file for ascending places in `text`, in one walk.
    pub(crate) fn offsets(&self) -> Offsets<'_> {
        Offsets { block: self, at: 0, offset: self.byte_offset }
    }
}

/// See [`Block::offsets`].
pub(crate) struct Offsets<'a> {
    block: &'a Block,
    at: usize,
    offset: u64,
}

impl Offsets<'_> {
    /// Byte of the unpacked file for a place not before the one asked for last.
    pub(crate) fn of(&mut self, at: usize) -> u64 {
        if let Some(n_bytes) = self.block.n_bytes.filter(|_| at == self.block.text.len()) {
            return self.block.byte_offset + n_bytes;
        }
        self.offset += self.block.encoding.source_len(&self.block.text[self.at..at]);
        self.at = at;
        self.offset
    }
}

/// Gives every block of `file` to `parse` on whatever thread is free; results come back in file order.
///
/// # Errors
/// The first error of `parse` in file order; or when the file cannot be opened or unpacked, or holds a line of more than 16 MiB.
pub(crate) fn read_blocks<T: Send>(
    file: &SourceFile,
    encoding: Encoding,
    progress: &Progress,
    parse: impl Fn(Block) -> Result<T, Diagnostic> + Sync,
) -> Result<Vec<T>, Diagnostic> {
    let mut results = Vec::new();
    parse_stream(Stream::open(file, encoding, false, progress)?, &whole_lines, parse, |result| results.push(result))?;
    Ok(results)
}

/// Bytes of a text that is held whole.
const MOST_OF_A_TEXT: usize = 256 << 20;

/// The whole text of a small file, in any encoding and packing.
///
/// # Errors
/// When the file cannot be read, is larger than any evidence table once unpacked, or holds bytes that are no text in its encoding.
pub fn read_text(file: &SourceFile) -> Result<String, Diagnostic> {
    let encoding = settle(file, EncodingChoice::Auto)?.encoding;
    let so_far = AtomicUsize::new(0);
    let blocks = read_blocks(file, encoding, &Progress::default(), |block| {
        let n_bytes = so_far.fetch_add(block.text.len(), Ordering::Relaxed) + block.text.len();
        if n_bytes > MOST_OF_A_TEXT {
            let most = MOST_OF_A_TEXT >> 20;
            let problem = (format!("檔案解開後超過 {most} MiB"), format!("the file unpacks to more than {most} MiB"));
            return Err(Diagnostic::new("E0245", problem)
                .in_file(&file.path)
                .help(("請只匯出查核期間之列", "export the rows of the audited period alone")));
        }
        Ok(block.text)
    })?;
    String::from_utf8(blocks.concat()).map_err(|_| {
        let name = encoding.name();
        let problem = (format!("檔案含有不是 {name} 文字的位元組"), format!("the file holds bytes that are no text in {name}"));
        let help = ("請另存為 UTF-8 的 CSV", "save it again as CSV in UTF-8");
        Diagnostic::new("E0205", problem).in_file(&file.path).help(help)
    })
}

/// The start of a text file, decoded.
pub(crate) struct Head {
    /// A mebibyte or two, which may end within a line; or all of the file.
    pub(crate) text: Vec<u8>,
    /// It is all of the file.
    pub(crate) whole: bool,
    /// Lines end with a carriage return alone; in `text` they end with a line feed.
    pub(crate) lone_returns: bool,
    /// Bytes of the byte order mark before it.
    pub(crate) mark: u64,
}

impl Head {
    /// Reads it.
    pub(crate) fn of(file: &SourceFile, encoding: Encoding) -> Result<Self, Diagnostic> {
        let unwatched = Progress::default();
        let stream = Stream::open(file, encoding, true, &unwatched)?;
        let (whole, lone_returns, mark) = (stream.is_whole(), stream.has_lone_returns(), stream.offset());
        Ok(Self { text: stream.into_pending(), whole, lone_returns, mark })
    }
}

/// As [`read_blocks`], from a stream already opened, cut by `cut`; results go to `take` in file order, so that only a few of them wait.
/// Gives back the user-defined characters of CP950 with how often each occurs.
pub(crate) fn parse_stream<T: Send>(
    stream: Stream<'_>,
    cut: Cut<'_>,
    parse: impl Fn(Block) -> Result<T, Diagnostic> + Sync,
    mut take: impl FnMut(T) + Send,
) -> Result<BTreeMap<char, u64>, Diagnostic> {
    let (encoding, decoded) = (stream.encoding(), stream.is_decoded());
    let turns = Turns { turn: Mutex::new(Turn { stream, next: 0, ended: false }), moved: Condvar::new() };
    let parse_one = |stretch| {
        let block = in_utf8(stretch, encoding, decoded);
        let found = if encoding == Encoding::Cp950 { cp950::user_defined(&block.text) } else { BTreeMap::new() };
        Ok((parse(block)?, found))
    };
    let mut user_defined = BTreeMap::new();
    let done = in_order(
        usize::MAX,
        |index| turns.read(index, cut).map(|read| read.and_then(parse_one)),
        |parsed| {
            let (result, found) = parsed.ok_or(None)?.map_err(Some)?;
            found.into_iter().for_each(|(one, n)| *user_defined.entry(one).or_default() += n);
            take(result);
            Ok(())
        },
    );
    match done {
        Err(Some(problem)) => Err(problem),
        Ok(()) | Err(None) => Ok(user_defined),
    }
}

/// The file, and whose turn it is to read from it.
struct Turns<'a> {
    turn: Mutex<Turn<'a>>,
    moved: Condvar,
}

struct Turn<'a> {
    stream: Stream<'a>,
    next: usize,
    ended: bool,
}

impl Turns<'_> {
    /// Block `index` of the file, once the blocks before it are read; `None` behind the last.
    fn read(&self, index: usize, cut: Cut<'_>) -> Option<Result<Stretch, Diagnostic>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while turn.next != index {
            turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        // Said before the reading, which the others cannot begin until this one lets go: should it panic, nobody waits for ever.
        turn.next += 1;
        self.moved.notify_all();
        if turn.ended {
            return None;
        }
        let read = turn.stream.next(cut).transpose();
        turn.ended = !matches!(read, Some(Ok(_)));
        read
    }
}

fn in_utf8(stretch: Stretch, encoding: Encoding, decoded: bool) -> Block {
    let Stretch { bytes, offset, line } = stretch;
    let n_bytes = (!decoded).then_some(bytes.len() as u64);
    let text = if decoded || encoding != Encoding::Cp950 {
        bytes
    } else {
        let mut text = Vec::new();
        cp950::decode(&bytes, &mut text);
        text
    };
    Block { text, first_line: line, byte_offset: offset, encoding, n_bytes }
}
