//! A row that did not enter the study, and why.

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
    pub message: String,
    /// The row as it stood, without its line end; bytes that are not UTF-8 are written as `\xNN`.
    pub raw: String,
}
