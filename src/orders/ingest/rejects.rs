//! The refused rows of a source: counted by cause, the first of them at hand, and all of them as lines of rejects.csv.
//!
//! Few lines wait in memory, many in a temporary file without a name: a file of which every row is refused costs disk and no memory,
//! and every row is listed all the same.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};

use crate::ingest::{Reject, RejectCode};
use crate::record::Diagnostic;

/// Bytes of lines held in memory before they go to the file.
const IN_MEMORY: usize = 4 << 20;
/// The first rejects are kept whole up to so many bytes, and one in any case.
const AT_HAND: usize = 1 << 20;

/// Refused rows, in file and row order.
#[derive(Debug, Default)]
pub struct Rejects {
    n: u64,
    first: Vec<Reject>,
    bytes_at_hand: usize,
    causes: BTreeMap<(RejectCode, &'static str), u64>,
    /// Lines that are not in the file yet.
    lines: Vec<u8>,
    file: Option<File>,
    failed: Option<std::io::Error>,
}

impl Rejects {
    /// The first line of rejects.csv.
    pub const HEADER: &str = "file,line,byte_offset,column,code,message,raw,message_zh\n";

    /// Appends a row.
    pub fn push(&mut self, reject: Reject) {
        self.n += 1;
        *self.causes.entry((reject.code, reject.column)).or_default() += 1;
        reject.write_line(&mut self.lines);
        let bytes = size_of::<Reject>() + reject.file.len() + reject.raw.len() + reject.message.zh.len() + reject.message.en.len();
        if self.first.is_empty() || self.first.len() as u64 + 1 == self.n && self.bytes_at_hand + bytes <= AT_HAND {
            self.bytes_at_hand += bytes;
            self.first.push(reject);
        }
        if self.lines.len() >= IN_MEMORY && self.failed.is_none() {
            self.failed = self.set_aside().err();
        }
    }

    fn set_aside(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.lines)?;
        self.lines.clear();
        Ok(())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.n
    }

    /// True where nothing was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The first of them, as many as fit in a mebibyte, and one in any case.
    #[must_use]
    pub fn first_ones(&self) -> &[Reject] {
        &self.first
    }

    /// How many rows were refused for each code and canonical column, in the order of both.
    pub fn causes(&self) -> impl Iterator<Item = (RejectCode, &'static str, u64)> + '_ {
        self.causes.iter().map(|((code, column), n)| (*code, *column, *n))
    }

    /// Says whether every row so far is kept.
    ///
    /// # Errors
    /// When the temporary file could not be written: a list with holes would be worse than none.
    pub fn check(&mut self) -> Result<(), Diagnostic> {
        self.failed.take().map_or(Ok(()), |error| Err(not_kept(&error)))
    }

    /// Writes the line of every row to `out`.
    ///
    /// # Errors
    /// When the temporary file cannot be read back, or `out` cannot be written.
    pub fn write_lines(&mut self, out: &mut impl Write) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            file.rewind()?;
            std::io::copy(file, out)?;
        }
        out.write_all(&self.lines)
    }
}

impl Extend<Reject> for Rejects {
    fn extend<I: IntoIterator<Item = Reject>>(&mut self, rejects: I) {
        rejects.into_iter().for_each(|reject| self.push(reject));
    }
}

fn not_kept(error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法暫存剔除列清單：{error}"), format!("cannot set the list of rejected rows aside: {error}"));
    Diagnostic::new("E0304", problem).help((
        "請檢查暫存資料夾的空間（環境變數 TMPDIR 可另行指定）",
        "check the space for temporary files; the environment variable TMPDIR names another folder",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64, raw: String) -> Reject {
        let code = if line.is_multiple_of(3) { RejectCode::FieldCount } else { RejectCode::BadTime };
        let column = if line.is_multiple_of(3) { "" } else { "sent_at" };
        Reject { file: "a.csv".to_owned(), line, byte_offset: Some(line * 10), column, code, message: ("壞", "bad").into(), raw }
    }

    #[test]
    fn every_row_is_listed_in_order_when_most_of_them_wait_in_the_file() {
        let raw = |line: u64| format!("{line},\"{}\"", "x".repeat((line % 400) as usize));
        let mut rejects = Rejects::default();
        rejects.extend((1..=60_000).map(|line| reject(line, raw(line))));
        rejects.check().expect("space for temporary files");
        let mut text = Vec::new();
        rejects.write_lines(&mut text).expect("to memory");
        let mut expected = Vec::new();
        (1..=60_000).for_each(|line| reject(line, raw(line)).write_line(&mut expected));
        assert!(expected.len() > 2 * IN_MEMORY && text == expected);
        assert_eq!(rejects.causes().collect::<Vec<_>>(), [(RejectCode::FieldCount, "", 20_000), (RejectCode::BadTime, "sent_at", 40_000)]);
        assert_eq!((rejects.len(), rejects.first_ones()[0].line), (60_000, 1));
        assert!(rejects.lines.len() < IN_MEMORY && rejects.bytes_at_hand <= AT_HAND);
        // It can be written once more, and a row as large as a record may be is kept whole.
        rejects.push(reject(1, "y".repeat(AT_HAND)));
        let mut again = Vec::new();
        rejects.write_lines(&mut again).expect("to memory");
        assert!(again.starts_with(&expected) && again.len() > expected.len() + AT_HAND);
    }

    #[test]
    fn the_first_row_is_at_hand_however_long_it_is() {
        let mut rejects = Rejects::default();
        rejects.extend([reject(1, "y".repeat(2 * AT_HAND)), reject(2, String::new())]);
        assert_eq!(rejects.first_ones().iter().map(|reject| reject.line).collect::<Vec<_>>(), [1]);
    }
}
