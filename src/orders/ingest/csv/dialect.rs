//! How the fields and lines of a CSV file are set apart, and where its records end.

use crate::ingest::TextOptions;

/// The dialect of a file, settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// `None` where the quote is an ordinary character.
    pub(crate) quote: Option<u8>,
    /// Takes the meaning from the character behind it, within quotes.
    pub(crate) escape: Option<u8>,
    /// A line that starts with one of these is not a row.
    pub(crate) comments: Vec<Vec<u8>>,
}

impl Dialect {
    /// The dialect that study.toml asks for, with this delimiter.
    pub(crate) fn of(options: &TextOptions, delimiter: u8) -> Self {
        let comments = options.comment.iter().map(|prefix| prefix.clone().into_bytes()).collect();
        Self { delimiter, quote: options.quote, escape: options.escape, comments }
    }

    /// Whether every line can be split at its delimiters without a look at the characters between.
    pub(crate) fn is_plain(&self, bytes: &[u8]) -> bool {
        let quoted = match self.quote {
            // What a spreadsheet keeps as text, `="0050"`, has these whatever quotes a field.
            None | Some(b'"') => memchr::memchr(b'"', bytes),
            Some(quote) => memchr::memchr2(quote, b'"', bytes),
        };
        self.comments.is_empty() && quoted.is_none()
    }

    /// Whether the quotes of a record of `n_found` fields enclose lines that are rows: a stray quote somewhere, and another further down. Its
    /// lines behind the first then hold as many delimiters as a row of `n_fields`, and the record has them all within quotes.
    pub(crate) fn encloses_rows(&self, record: &[u8], n_found: usize, n_fields: usize) -> bool {
        let Some(first) = memchr::memchr(b'\n', record) else { return false };
        let delimiters = |text: &[u8]| memchr::memchr_iter(self.delimiter, text).count();
        let (of_row, within) = (n_fields - 1, (delimiters(record) + 1).saturating_sub(n_found));
        if of_row == 0 || within < of_row {
            return false;
        }
        // In a table of few columns a line of a remark may have as many by chance.
        let least = if of_row < 3 { 3 } else { 1 };
        record[first + 1..].split(|byte| *byte == b'\n').filter(|line| delimiters(line) == of_row).take(least).count() == least
    }

    /// Length of the comment line at the start of `bytes`, line end included; `Some(None)` where its end is not in them.
    pub(crate) fn comment(&self, bytes: &[u8]) -> Option<Option<usize>> {
        let is_comment = self.comments.iter().any(|prefix| bytes.starts_with(prefix));
        is_comment.then(|| memchr::memchr(b'\n', bytes).map(|at| at + 1))
    }

    /// Length of the records of `bytes` that end in them. A quote opens only at the start of a field, and what it opens may hold line
    /// ends: so only the quotes need a look, from the first to the last.
    pub(crate) fn whole_records(&self, bytes: &[u8]) -> Option<usize> {
        let (mut at, mut start) = (0, 0);
        while let Some(found) = self.quote.and_then(|quote| memchr::memchr(quote, &bytes[at..])) {
            let quote = at + found;
            start = last_line_end(bytes, at, quote).unwrap_or(start);
            at = match self.comment(&bytes[start..]) {
                Some(Some(length)) => start + length,
                Some(None) => break,
                None if quote > start && bytes[quote - 1] != self.delimiter => quote + 1,
                None => match self.closes(bytes, quote) {
                    Some(behind) => behind,
                    None => return Some(start).filter(|length| *length > 0),
                },
            };
            if at > start && bytes[at - 1] == b'\n' {
                start = at;
            }
        }
        let start = last_line_end(bytes, at.min(bytes.len()), bytes.len()).unwrap_or(start);
        Some(start).filter(|length| *length > 0)
    }

    /// The place behind the quote that closes the one at `open`; `None` where the bytes end first.
    fn closes(&self, bytes: &[u8], open: usize) -> Option<usize> {
        let quote = self.quote?;
        let escape = self.escape.unwrap_or(quote);
        let mut at = open + 1;
        loop {
            let found = at + memchr::memchr2(quote, escape, bytes.get(at..)?)?;
            let doubled = *bytes.get(found + 1)? == quote;
            if bytes[found] == quote && !doubled {
                return Some(found + 1);
            }
            at = found + 2;
        }
    }
}

/// Behind the last line end in `bytes[from..to]`.
fn last_line_end(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    memchr::memrchr(b'\n', &bytes[from..to]).map(|at| from + at + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::csv::quoted::{Quoted, Step};

    /// Where the last whole record ends, one record behind the other.
    fn one_by_one(dialect: &Dialect, bytes: &[u8]) -> Option<usize> {
        let (mut at, mut records) = (0, Quoted::new(dialect));
        loop {
            let rest = &bytes[at..];
            let length = match (dialect.comment(rest), rest) {
                (Some(line), _) => line,
                (None, []) => None,
                (None, [b'\n', ..]) => Some(1),
                _ => match records.next(rest, false) {
                    Step::Record(length) => Some(length),
                    Step::NeedsMore | Step::Unclosed => None,
                },
            };
            match length {
                Some(length) => at += length,
                None => return Some(at).filter(|at| *at > 0),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_records_end_where_they_end_one_by_one(
            pieces in prop::collection::vec(prop::sample::select(vec!["a", ",", ";", "\"", "\"\"", "\n", "\r\n", "#", "\\", "\\\"", "\n#", ",\"", "\","]), 0..40),
            delimiter in prop::sample::select(vec![b',', b';']),
            escape in prop::option::of(Just(b'\\')),
            quote in prop::option::weighted(0.9, Just(b'"')),
            comments: bool,
        ) {
            let comments = if comments { vec![b"#".to_vec()] } else { Vec::new() };
            let dialect = Dialect { delimiter, quote, escape, comments };
            let bytes = pieces.concat().into_bytes();
            prop_assert_eq!(dialect.whole_records(&bytes), one_by_one(&dialect, &bytes), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
