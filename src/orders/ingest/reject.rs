//! A row that did not enter the study, and why.

use std::borrow::Cow;

use crate::record::Notice;

/// Why a row was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectCode {
    /// The row has more or fewer fields than the header.
    FieldCount,
    /// A required time is empty.
    MissingTime,
    /// A time could not be read.
    BadTime,
    /// A time is skipped or repeated by a change of the zone's offset.
    AmbiguousTime,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Bytes that are no characters in the file's other encoding.
    Undecodable,
    /// A FIX message without an end.
    Truncated,
    /// A record that is not what its format says: broken JSON, blanks among the values of a FIX message that blanks separate.
    Malformed,
    /// A value that its column cannot hold: a list, a nested object, a fraction for an identifier.
    BadValue,
    /// A fixed-width record of another length.
    RecordLength,
    /// Nothing tells which way a message went, and the study wants one way only.
    UnknownDirection,
    /// The pattern that finds an identifier does not match.
    NoMatch,
    /// A required value of an evidence table is empty.
    MissingValue,
}

impl RejectCode {
    /// The code in rejects.csv.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FieldCount => "field_count",
            Self::MissingTime => "missing_time",
            Self::BadTime => "bad_time",
            Self::AmbiguousTime => "ambiguous_time",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::Undecodable => "undecodable",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::BadValue => "bad_value",
            Self::RecordLength => "record_length",
            Self::UnknownDirection => "unknown_direction",
            Self::NoMatch => "no_match",
            Self::MissingValue => "missing_value",
        }
    }

    /// The code in a few words: Traditional Chinese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::FieldCount => ("欄數不符", "wrong number of fields"),
            Self::MissingTime => ("缺少時間", "time is missing"),
            Self::BadTime => ("時間無法讀取", "time cannot be read"),
            Self::AmbiguousTime => ("時間不唯一", "time names no single instant"),
            Self::InvalidUtf8 => ("不是 UTF-8", "not UTF-8"),
            Self::Undecodable => ("無法解碼", "no characters in its encoding"),
            Self::Truncated => ("訊息不完整", "message without an end"),
            Self::Malformed => ("格式損壞", "malformed record"),
            Self::BadValue => ("值不合欄位", "value its column cannot hold"),
            Self::RecordLength => ("紀錄長度不符", "wrong record length"),
            Self::UnknownDirection => ("看不出收或送", "direction not told"),
            Self::NoMatch => ("識別碼樣式不符", "identifier pattern does not match"),
            Self::MissingValue => ("缺少必要的值", "required value is missing"),
        }
    }
}

/// A refused row: one line of rejects.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// File as named in the study.
    pub file: String,
    /// Line on which the row starts, from 1; for columnar files the data row, from 1.
    pub line: u64,
    /// Byte at which the row starts; `None` for columnar files.
    pub byte_offset: Option<u64>,
    /// The canonical column at fault; empty where the whole row is.
    pub column: &'static str,
    /// Why.
    pub code: RejectCode,
    /// Why, in words.
    pub message: Notice,
    /// The row as it stood, without its line end; bytes that are not UTF-8 are written as `\xNN`.
    pub raw: String,
}

impl Reject {
    /// Appends the row's line of rejects.csv.
    pub(crate) fn write_line(&self, text: &mut Vec<u8>) {
        let offset = self.byte_offset.map(|byte| byte.to_string()).unwrap_or_default();
        let line = self.line.to_string();
        let Notice { zh, en } = &self.message;
        let fields = [&*self.file, &line, &offset, self.column, self.code.name(), en, &self.raw, zh];
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            text.extend_from_slice(quoted(field).as_bytes());
        }
        text.push(b'\n');
    }
}

/// A field of a CSV file, RFC 4180; what a spreadsheet would take for a formula stays visible and quoted.
pub fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) || field.starts_with(['=', '+', '-', '@']) {
        format!("\"{}\"", field.replace('"', "\"\"")).into()
    } else {
        field.into()
    }
}
