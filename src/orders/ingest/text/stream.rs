//! A text file as a stream: opened, unpacked, and cut into blocks of whole lines or records.

use std::fs::File;
use std::io::{BufReader, Read};

use crate::ingest::SourceFile;
use crate::ingest::discover::cannot_read;
use crate::ingest::text::{Encoding, cp950, utf16};
use crate::record::{Diagnostic, Place, Progress};

/// Bytes of a block, about: small enough to stay in the cache and to spread over threads.
pub(crate) const BLOCK: usize = 1 << 20;
/// The longest line or record accepted: reading on for a longer one would hold the whole file in memory.
pub(crate) const LONGEST: usize = 16 << 20;

/// What old systems write behind the end of a text file.
pub(crate) const CTRL_Z: u8 = 0x1A;

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    #[default]
    None,
    /// gzip, one member or several.
    Gzip,
    /// zstd, one frame or several.
    Zstd,
}

impl Packing {
    /// What the first bytes of a file say.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1F, 0x8B, ..] => Self::Gzip,
            // A frame, or a skippable frame before one.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The unpacked bytes of a file; bytes of the packed one are counted as progress.
pub(crate) fn open<'a>(file: &SourceFile, progress: &'a Progress) -> Result<Box<dyn Read + Send + 'a>, Diagnostic> {
    let failed = |error: std::io::Error| cannot_read(&file.path, &error);
    let counted = Counted { file: File::open(&file.path).map_err(failed)?, progress };
    Ok(match file.packing {
        Packing::None => Box::new(counted),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(BufReader::with_capacity(64 << 10, counted))),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(counted).map_err(failed)?),
    })
}

struct Counted<'a> {
    file: File,
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_read = self.file.read(buffer)?;
        self.progress.add(n_read as u64);
        Ok(n_read)
    }
}

/// Finds how many of `bytes` are whole: up to the end of the last line or record in them. `None` where there is no such end.
pub(crate) type Cut<'a> = &'a (dyn Fn(&[u8]) -> Option<usize> + Sync);

/// After the last line feed.
pub(crate) fn whole_lines(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|at| at + 1)
}

/// A file on its way into blocks.
pub(crate) struct Stream<'a> {
    file: &'a SourceFile,
    input: Box<dyn Read + Send + 'a>,
    encoding: Encoding,
    /// The bytes are decoded before they are cut; else whoever takes a block decodes it.
    decoded: bool,
    /// Bytes read that await the rest of their character.
    undecoded: Vec<u8>,
    /// Bytes not yet handed out.
    pending: Vec<u8>,
    ended: bool,
    /// A line ends with a carriage return alone: it is turned into a line feed.
    lone_returns: bool,
    /// Of the next block, in the unpacked file.
    offset: u64,
    line: u64,
}

/// A stretch of whole lines or records, decoded or not.
pub(crate) struct Stretch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) offset: u64,
    pub(crate) line: u64,
}

impl<'a> Stream<'a> {
    /// Opens `file` behind its byte order mark. With `decode_first` the blocks are cut in decoded text.
    pub(crate) fn open(file: &'a SourceFile, encoding: Encoding, decode_first: bool, progress: &'a Progress) -> Result<Self, Diagnostic> {
        let decoded = decode_first || matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let (undecoded, pending) = (Vec::new(), Vec::new());
        let input = open(file, progress)?;
        let mut stream = Self { file, input, encoding, decoded, undecoded, pending, ended: false, lone_returns: false, offset: 0, line: 1 };
        let mut head = Vec::with_capacity(BLOCK);
        stream.read_raw(&mut head)?;
        let mark = if head.starts_with(encoding.mark()) { encoding.mark().len() } else { 0 };
        stream.offset = mark as u64;
        stream.take_in(&head[mark..]);
        // Old systems end lines with a carriage return. It is one in a file that starts with a megabyte of text without a line feed.
        stream.lone_returns = encoding != Encoding::Raw
            && memchr::memchr(b'\n', &stream.pending).is_none()
            && memchr::memchr(b'\r', &stream.pending).is_some();
        stream.settle_pending(0);
        Ok(stream)
    }

    /// True where every byte of the file is in what is pending.
    pub(crate) fn is_whole(&self) -> bool {
        self.ended
    }

    pub(crate) fn has_lone_returns(&self) -> bool {
        self.lone_returns
    }

    /// Byte of the unpacked file at which the next block starts.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn into_pending(self) -> Vec<u8> {
        self.pending
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn is_decoded(&self) -> bool {
        self.decoded
    }

    /// Drops the first `length` bytes of what is pending.
    pub(crate) fn skip(&mut self, length: usize) {
        let skipped: Vec<u8> = self.pending.drain(..length).collect();
        self.count(&skipped);
    }

    fn count(&mut self, bytes: &[u8]) {
        self.offset += if self.decoded { self.encoding.source_len(bytes) } else { bytes.len() as u64 };
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
    }

    /// The next block; `None` behind the last.
    pub(crate) fn next(&mut self, cut: Cut<'_>) -> Result<Option<Stretch>, Diagnostic> {
        let mut wanted = BLOCK;
        loop {
            while !self.ended && self.pending.len() < wanted {
                let from = self.pending.len();
                if self.decoded {
                    let mut raw = Vec::with_capacity(BLOCK);
                    self.read_raw(&mut raw)?;
                    self.take_in(&raw);
                } else {
                    let mut pending = std::mem::take(&mut self.pending);
                    pending.reserve(BLOCK);
                    let read = self.read_raw(&mut pending);
                    self.pending = pending;
                    read?;
                }
                self.settle_pending(from);
            }
            let whole = if self.ended && self.pending.len() <= LONGEST { Some(self.pending.len()) } else { cut(&self.pending) };
            // What has no end yet is read on in growing steps, so that it is not searched again and again.
            match whole {
                Some(0) if self.ended => return Ok(None),
                Some(length) if length > 0 => return Ok(Some(self.hand_out(length))),
                _ if self.pending.len() > LONGEST => return Err(self.too_long()),
                _ => wanted = (self.pending.len() * 2).min(LONGEST + 1),
            }
        }
    }

    fn hand_out(&mut self, length: usize) -> Stretch {
        let behind = self.pending.split_off(length);
        let bytes = std::mem::replace(&mut self.pending, behind);
        let (offset, line) = (self.offset, self.line);
        self.count(&bytes);
        Stretch { bytes, offset, line }
    }

    /// Appends up to a block of bytes from the file; notes its end.
    fn read_raw(&mut self, raw: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let before = raw.len();
        let read = (&mut self.input).take(BLOCK as u64).read_to_end(raw);
        // What was unpacked before the damage is in `raw` already.
        read.map_err(|error| cannot_unpack(self.file, self.offset + (self.pending.len() + raw.len()) as u64, &error))?;
        self.ended = raw.len() - before < BLOCK;
        Ok(())
    }

    fn take_in(&mut self, raw: &[u8]) {
        if !self.decoded {
            return self.pending.extend_from_slice(raw);
        }
        let mut bytes = std::mem::take(&mut self.undecoded);
        bytes.extend_from_slice(raw);
        let taken = match self.encoding {
            Encoding::Utf16Le => utf16::decode(&bytes, u16::from_le_bytes, self.ended, &mut self.pending),
            Encoding::Utf16Be => utf16::decode(&bytes, u16::from_be_bytes, self.ended, &mut self.pending),
            Encoding::Cp950 => {
                // Between characters for certain: behind a line end, or at the end.
                let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
                let whole = if self.ended || bytes.len() > LONGEST { bytes.len() } else { whole };
                cp950::decode(&bytes[..whole], &mut self.pending);
                whole
            }
            Encoding::Utf8 | Encoding::Raw => {
                self.pending.extend_from_slice(&bytes);
                bytes.len()
            }
        };
        bytes.drain(..taken);
        self.undecoded = bytes;
    }

    /// Turns lone carriage returns behind `from` into line ends, and at the end of the file drops the Ctrl-Z of old systems.
    fn settle_pending(&mut self, from: usize) {
        if self.lone_returns {
            self.pending[from..].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        while self.ended && self.encoding != Encoding::Raw && self.pending.last() == Some(&CTRL_Z) {
            self.pending.pop();
        }
    }

    fn too_long(&self) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: self.line, column: 0, byte: Some(self.offset) };
        let most = LONGEST >> 20;
        let problem =
            (format!("從這裡開始的一行或一筆紀錄超過 {most} MiB"), format!("a line or record of more than {most} MiB starts here"));
        Diagnostic::new("E0207", problem)
            .at(at)
            .help(("請找未結束的引號，或確認檔案是否為文字檔", "look for a quote that is never closed, or for a file that is not text"))
    }
}

/// The diagnostic of a packed file that is damaged or cut off, or of a file that could not be read.
fn cannot_unpack(file: &SourceFile, byte: u64, error: &std::io::Error) -> Diagnostic {
    if file.packing == Packing::None {
        return cannot_read(&file.path, error);
    }
    let name = file.packing.name();
    let problem = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            (format!("{name} 壓縮檔不完整：資料未完檔案就結束了"), format!("the {name} file is cut off: it ends before its data does"))
        }
        _ => (format!("{name} 壓縮檔已損壞：{error}"), format!("the {name} file is damaged: {error}")),
    };
    let at = Place { path: file.path.clone(), line: 0, column: 0, byte: None };
    let help = match byte {
        0 => ("一個位元組都解不出；請重新索取檔案".to_owned(), "no byte could be unpacked; ask for the file again".to_owned()),
        _ => (
            format!("損壞之前約解出 {byte} 個位元組；請重新索取檔案"),
            format!("about {byte} bytes came before it; ask for the file again"),
        ),
    };
    Diagnostic::new("E0220", problem).at(at).help(help)
}
