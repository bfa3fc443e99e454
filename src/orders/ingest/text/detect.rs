//! Which encoding a text file is in, by its bytes, and how sure that is.
//!
//! A byte order mark or zero bytes settle UTF-16; text that is valid UTF-8 beyond chance is UTF-8; what is not, but reads as CP950, is
//! CP950. The head of a file may be plain ASCII for megabytes, so samples are also taken along the file and at its end.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use crate::ingest::SourceFile;
use crate::ingest::discover::{cannot_read, read_up_to};
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::stream::Packing;
use crate::ingest::text::{Head, cp950, stream};
use crate::record::Diagnostic;

/// Samples behind the head, the last of them the file's end.
const N_SAMPLES: u64 = 16;
const SAMPLE: u64 = 64 << 10;

/// The encoding of a file as its bytes suggest it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: Encoding,
    /// False where another encoding is possible: then the user is told.
    pub(crate) sure: bool,
    pub(crate) why: Why,
}

/// What the bytes showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A byte order mark.
    Mark,
    /// Every other byte is often zero.
    ZeroBytes,
    /// No byte beyond ASCII in the samples, which are the whole file where `whole`.
    Ascii { whole: bool },
    /// Valid UTF-8 with this many characters beyond ASCII.
    Utf8 { characters: u64 },
    /// Not UTF-8, valid CP950 with this many characters, so many of them user-defined.
    Cp950 { characters: u64, user_defined: u64 },
    /// Valid as UTF-8 and as CP950.
    Either { characters: u64 },
    /// Valid as neither; the one with fewer faults was taken.
    Damaged { faults: u64 },
}

impl Why {
    /// The evidence in Chinese and in English.
    pub(crate) fn words(self) -> (String, String) {
        match self {
            Self::Mark => ("檔首有位元組順序記號".to_owned(), "it starts with a byte order mark".to_owned()),
            Self::ZeroBytes => ("位元組每隔一個常為零".to_owned(), "every other byte is often zero".to_owned()),
            Self::Ascii { whole: true } => ("全檔只有 ASCII".to_owned(), "it holds nothing but ASCII".to_owned()),
            Self::Ascii { whole: false } => ("抽樣處只有 ASCII".to_owned(), "the parts looked at hold nothing but ASCII".to_owned()),
            Self::Utf8 { characters } => (
                format!("抽樣處的 {characters} 個非 ASCII 字元都合於 UTF-8"),
                format!("the {characters} characters beyond ASCII that were looked at are valid UTF-8"),
            ),
            Self::Cp950 { characters, user_defined } => (
                format!("不合於 UTF-8，而抽樣處的 {characters} 個字元都合於 CP950（其中造字 {user_defined} 個）"),
                format!("not UTF-8, and the {characters} characters looked at are valid CP950 ({user_defined} of them user-defined)"),
            ),
            Self::Either { characters } => (
                format!("抽樣處的非 ASCII 字元只有 {characters} 個，UTF-8 與 CP950 都讀得通"),
                format!("the only {characters} characters beyond ASCII that were looked at are valid in UTF-8 and in CP950"),
            ),
            Self::Damaged { faults } => (
                format!("UTF-8 與 CP950 都讀不通，取錯誤較少者（{faults} 處）"),
                format!("valid neither as UTF-8 nor as CP950; this one has fewer faults ({faults})"),
            ),
        }
    }
}

/// Looks at a file.
///
/// # Errors
/// When it cannot be opened, read or unpacked.
pub(crate) fn detect(file: &SourceFile) -> Result<Detected, Diagnostic> {
    let Head { text: head, whole, .. } = Head::of(file, Encoding::Raw)?;
    if let Some(settled) = by_mark(&head).or_else(|| by_zero_bytes(&head)) {
        return Ok(settled);
    }
    let mut census = Census::default();
    census.add(if whole { &head } else { until_line_end(&head) });
    if !whole && file.packing == Packing::None {
        samples(file, head.len() as u64, &mut census).map_err(|error| cannot_read(&file.path, &error))?;
    }
    Ok(census.verdict(whole))
}

fn by_mark(head: &[u8]) -> Option<Detected> {
    let marked = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be].into_iter().find(|encoding| head.starts_with(encoding.mark()));
    marked.map(|encoding| Detected { encoding, sure: true, why: Why::Mark })
}

/// UTF-16 without a mark: digits, separators and line ends have a zero byte on one side.
fn by_zero_bytes(head: &[u8]) -> Option<Detected> {
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, n_units) = (zeros(0), zeros(1), head.len() / 2);
    let mostly = |one: usize, other: usize| one * 10 >= n_units && one > other * 4;
    let encoding = match (n_units, mostly(odd, even), mostly(even, odd)) {
        (0, ..) => return None,
        (_, true, _) => Encoding::Utf16Le,
        (_, _, true) => Encoding::Utf16Be,
        _ => return None,
    };
    Some(Detected { encoding, sure: true, why: Why::ZeroBytes })
}

/// Counts whole lines at places along the file, and at its end.
fn samples(file: &SourceFile, from: u64, census: &mut Census) -> std::io::Result<()> {
    let mut open = File::open(&file.path)?;
    let mut buffer = vec![0; SAMPLE as usize];
    let last = file.bytes.saturating_sub(SAMPLE).max(from);
    for at in 1..=N_SAMPLES {
        open.seek(SeekFrom::Start(from + (last - from) * at / N_SAMPLES))?;
        let n_read = read_up_to(&mut open, &mut buffer)?;
        let sample = &buffer[..n_read];
        let start = memchr::memchr(b'\n', sample).map_or(n_read, |line_end| line_end + 1);
        census.add(if at == N_SAMPLES { &sample[start..] } else { until_line_end(&sample[start..]) });
    }
    Ok(())
}

fn until_line_end(bytes: &[u8]) -> &[u8] {
    &bytes[..stream::whole_lines(bytes).unwrap_or(bytes.len())]
}

/// What the samples hold, read as UTF-8 and as CP950.
#[derive(Default)]
struct Census {
    utf8: u64,
    /// Of three bytes or more: no chance makes these.
    utf8_long: u64,
    utf8_faults: u64,
    cp950: u64,
    cp950_faults: u64,
    user_defined: u64,
    /// Characters of the rows A1-C6, in which running text mostly keeps.
    common: u64,
}

impl Census {
    fn add(&mut self, bytes: &[u8]) {
        if bytes.is_ascii() {
            return;
        }
        for chunk in bytes.utf8_chunks() {
            let beyond = chunk.valid().chars().filter(|one| !one.is_ascii());
            beyond.for_each(|one| {
                self.utf8 += 1;
                self.utf8_long += u64::from(one.len_utf8() > 2);
            });
            self.utf8_faults += u64::from(!chunk.invalid().is_empty());
        }
        let mut text = Vec::new();
        cp950::decode(bytes, &mut text);
        for chunk in text.utf8_chunks() {
            let beyond = chunk.valid().chars().filter(|one| !one.is_ascii());
            beyond.for_each(|one| {
                self.cp950 += 1;
                self.user_defined += u64::from(cp950::is_user_defined(one));
                self.common += u64::from(cp950::is_common(one));
            });
            self.cp950_faults += u64::from(chunk.invalid().first().is_some_and(|byte| *byte >= 0xF8));
        }
    }

    fn verdict(&self, whole: bool) -> Detected {
        let found = |encoding, sure, why| Detected { encoding, sure, why };
        let cp950 = Why::Cp950 { characters: self.cp950, user_defined: self.user_defined };
        match (self.utf8_faults, self.cp950_faults) {
            (0, _) if self.utf8 == 0 => found(Encoding::Utf8, true, Why::Ascii { whole }),
            (0, 0) if self.utf8_long == 0 => found(Encoding::Utf8, false, Why::Either { characters: self.utf8 }),
            (0, _) => found(Encoding::Utf8, true, Why::Utf8 { characters: self.utf8 }),
            // Western or mainland text can pass for CP950, but not with the characters that are common in it.
            (_, 0) => found(Encoding::Cp950, self.common * 10 > (self.cp950 - self.user_defined) * 7, cp950),
            // In CP950 hardly a run of bytes is a long character of UTF-8; in UTF-8 nearly all are.
            (faults, others) if faults <= self.utf8_long.max(others) => found(Encoding::Utf8, false, Why::Damaged { faults }),
            (_, faults) => found(Encoding::Cp950, false, Why::Damaged { faults }),
        }
    }
}

/// The guess for a few bytes, for a message about them.
pub(crate) fn guess(bytes: &[u8]) -> Encoding {
    if let Some(settled) = by_mark(bytes).or_else(|| by_zero_bytes(bytes)) {
        return settled.encoding;
    }
    let mut census = Census::default();
    census.add(bytes);
    census.verdict(true).encoding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Detected {
        let mut census = Census::default();
        by_mark(bytes).or_else(|| by_zero_bytes(bytes)).unwrap_or_else(|| {
            census.add(bytes);
            census.verdict(true)
        })
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn the_usual_files_are_told_apart() {
        let text = "委託書號,帳號,委託時間\nA0001,9800123,090000123\n";
        // Python: text.encode("cp950")
        let cp950 = b"\xa9e\xb0U\xae\xd1\xb8\xb9,\xb1b\xb8\xb9,\xa9e\xb0U\xae\xc9\xb6\xa1\nA0001,9800123,090000123\n";
        for (bytes, encoding, sure) in [
            (text.as_bytes().to_vec(), Encoding::Utf8, true),
            (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8, true),
            (b"id,sent\nA,1\n".to_vec(), Encoding::Utf8, true),
            (cp950.to_vec(), Encoding::Cp950, true),
            (utf16(text, u16::to_le_bytes), Encoding::Utf16Le, true),
            (utf16(text, u16::to_be_bytes), Encoding::Utf16Be, true),
            (utf16(&format!("\u{feff}{text}"), u16::to_be_bytes), Encoding::Utf16Be, true),
            // Caf\xe9 in Latin-1: the two bytes in front of the line end pass for nothing, "\xe9s" passes for a rare character.
            (b"name\nCaf\xe9s\n".to_vec(), Encoding::Cp950, false),
            // One character that is valid either way: U+00A4 in UTF-8, a character of CP950.
            (b"name\n\xc2\xa4\n".to_vec(), Encoding::Utf8, false),
        ] {
            let found = of(&bytes);
            assert_eq!((found.encoding, found.sure), (encoding, sure), "{found:?} {}", encoding.name());
        }
    }

    #[test]
    fn a_little_damage_does_not_change_the_encoding() {
        let mut bytes = "委託書號,帳號\n".repeat(50).into_bytes();
        bytes.extend_from_slice(b"\xff\xfe,a\n");
        assert_eq!((of(&bytes).encoding, of(&bytes).sure), (Encoding::Utf8, false));
        let mut bytes = b"\xa9e\xb0U\xae\xd1\xb8\xb9,\xb1b\xb8\xb9\n".repeat(50);
        bytes.extend_from_slice(b"\xff,a\n");
        assert_eq!((of(&bytes).encoding, of(&bytes).sure), (Encoding::Cp950, false));
    }
}
