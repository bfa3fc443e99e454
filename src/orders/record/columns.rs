//! Columns of a whole side, compact.

use std::cmp::Ordering;

use crate::record::{Key, NO_NAME, Names};

/// The value of an absent time.
pub const NO_TIME: i64 = i64::MIN;

/// Identifiers: a key a row, and the text of those a key cannot hold.
#[derive(Clone, Debug, Default)]
pub struct IdColumn {
    /// One key a row.
    pub keys: Vec<Key>,
    /// Texts longer than a key, one behind the other.
    long: Vec<u8>,
    /// (row, start in `long`), ascending by row.
    long_rows: Vec<(u32, usize)>,
}

impl IdColumn {
    /// No rows yet, and room for some.
    #[must_use]
    pub(crate) fn with_capacity(n_rows: usize) -> Self {
        Self { keys: Vec::with_capacity(n_rows), ..Self::default() }
    }

    /// Appends a row.
    pub fn push(&mut self, id: &str) {
        self.push_within(id.as_bytes(), 0, id.len());
    }

    /// Appends the identifier at `text[start..end]`.
    pub(crate) fn push_within(&mut self, text: &[u8], start: usize, end: usize) {
        let key = Key::within(text, start, end);
        if key.is_hashed() {
            self.long_rows.push((self.keys.len() as u32, self.long.len()));
            self.long.extend_from_slice(&text[start..end]);
        }
        self.keys.push(key);
    }

    /// Keeps the first `n_rows` rows.
    pub(crate) fn truncate(&mut self, n_rows: usize) {
        self.keys.truncate(n_rows);
        while let Some((_, start)) = self.long_rows.pop_if(|(row, _)| *row as usize >= n_rows) {
            self.long.truncate(start);
        }
    }

    /// Appends a row of another column.
    pub(crate) fn push_from(&mut self, other: &Self, row: usize) {
        let key = other.keys[row];
        if key.is_hashed() { self.push(&other.text(row)) } else { self.keys.push(key) }
    }

    /// Appends another column's rows.
    pub(crate) fn append(&mut self, other: &Self) {
        let (n_rows, n_bytes) = (self.keys.len() as u32, self.long.len());
        self.keys.extend_from_slice(&other.keys);
        self.long.extend_from_slice(&other.long);
        self.long_rows.extend(other.long_rows.iter().map(|(row, start)| (row + n_rows, start + n_bytes)));
    }

    /// The identifier of a row.
    #[must_use]
    pub fn text(&self, row: usize) -> String {
        self.keys[row].whole().unwrap_or_else(|| {
            let at = self.long_rows.partition_point(|(long, _)| (*long as usize) < row);
            let end = self.long_rows.get(at + 1).map_or(self.long.len(), |(_, start)| *start);
            String::from_utf8_lossy(&self.long[self.long_rows[at].1..end]).into_owned()
        })
    }

    /// Two rows by their identifiers' bytes.
    #[must_use]
    pub(crate) fn compare(&self, a: usize, b: usize) -> Ordering {
        if self.keys[a] == self.keys[b] { Ordering::Equal } else { self.text(a).cmp(&self.text(b)) }
    }
}

/// Small codes in as few bytes as their number needs.
#[derive(Clone, Debug)]
pub enum Codes {
    /// Up to 255 names.
    Byte(Vec<u8>),
    /// Up to 65,535.
    Short(Vec<u16>),
    /// More.
    Long(Vec<u32>),
}

impl Codes {
    /// No rows yet, for codes below `n_names`.
    pub(crate) fn for_names(n_names: usize, n_rows: usize) -> Self {
        match n_names {
            0..255 => Self::Byte(Vec::with_capacity(n_rows)),
            255..65_535 => Self::Short(Vec::with_capacity(n_rows)),
            _ => Self::Long(Vec::with_capacity(n_rows)),
        }
    }

    /// Appends codes or [`NO_NAME`]; each is below the number of names told.
    pub(crate) fn extend(&mut self, added: impl Iterator<Item = u32>) {
        match self {
            Self::Byte(codes) => codes.extend(added.map(|code| code as u8)),
            Self::Short(codes) => codes.extend(added.map(|code| code as u16)),
            Self::Long(codes) => codes.extend(added),
        }
    }

    /// The codes of `rows`.
    pub(crate) fn select(&self, rows: &[u32]) -> Self {
        match self {
            Self::Byte(codes) => Self::Byte(rows.iter().map(|row| codes[*row as usize]).collect()),
            Self::Short(codes) => Self::Short(rows.iter().map(|row| codes[*row as usize]).collect()),
            Self::Long(codes) => Self::Long(rows.iter().map(|row| codes[*row as usize]).collect()),
        }
    }

    /// Every row's code, or [`NO_NAME`].
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..self.len()).map(|row| self.get(row))
    }

    fn len(&self) -> usize {
        match self {
            Self::Byte(codes) => codes.len(),
            Self::Short(codes) => codes.len(),
            Self::Long(codes) => codes.len(),
        }
    }

    /// The code of a row, or [`NO_NAME`].
    #[must_use]
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Self::Byte(codes) => widen(u32::from(codes[row]), u32::from(u8::MAX)),
            Self::Short(codes) => widen(u32::from(codes[row]), u32::from(u16::MAX)),
            Self::Long(codes) => codes[row],
        }
    }
}

fn widen(code: u32, absent: u32) -> u32 {
    if code == absent { NO_NAME } else { code }
}

/// Names: a code a row, ranks of the names in ascending byte order.
#[derive(Clone, Debug)]
pub struct NameColumn {
    /// The names.
    pub names: Names,
    /// One code a row.
    pub codes: Codes,
}

impl NameColumn {
    /// The name of a row; empty where absent.
    #[must_use]
    pub fn text(&self, row: usize) -> &str {
        self.name(self.codes.get(row))
    }

    /// The name of a code; empty for [`NO_NAME`].
    #[must_use]
    pub fn name(&self, code: u32) -> &str {
        if code == NO_NAME { "" } else { &self.names[code as usize] }
    }
}
