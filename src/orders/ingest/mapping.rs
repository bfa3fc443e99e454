//! Which column of a source is which canonical column.

use std::collections::BTreeMap;

use crate::ingest::{IdTransform, Pattern};
use crate::record::{Column, Zone};

/// Canonical column to source column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    columns: BTreeMap<Column, ColumnSource>,
    transforms: BTreeMap<Column, IdTransform>,
}

/// Where a canonical column comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnSource {
    /// A column, by its name in the header; times in any form that has one meaning.
    Named(String),
    /// A time with its format or zone spelled out, in one column or in two.
    Time {
        /// The column of the time, or of the date where `time` is given too.
        column: String,
        /// The column of the time of day, where the date has its own.
        time: Option<String>,
        /// How it is written.
        format: TimeFormat,
        /// Zone of naive times, where it is not the study's.
        zone: Option<Zone>,
    },
}

/// How a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// Any form that has one meaning: ISO 8601, basic or extended, years of the Republic of three digits, `HHMMSS` with three or six
    /// further digits, twelve hours.
    #[default]
    Iso,
    /// As [`TimeFormat::Iso`], and years are the Republic's, of two digits too.
    Roc,
    /// As [`TimeFormat::Iso`], and a time of eight digits is `HHMMSS` and hundredths.
    Compact,
    /// `HHMMSS` and so many digits of a fraction, of which a spreadsheet dropped the leading zeros.
    Excel(u8),
    /// A number of so many nanoseconds each since 1970-01-01T00:00:00Z.
    Epoch(i64),
    /// An explicit pattern.
    Pattern(Pattern),
}

impl TimeFormat {
    /// Every format that has a name.
    pub const NAMED: [(&str, Self); 11] = [
        ("iso", Self::Iso),
        ("roc", Self::Roc),
        ("compact", Self::Compact),
        ("excel_s", Self::Excel(0)),
        ("excel_cs", Self::Excel(2)),
        ("excel_ms", Self::Excel(3)),
        ("excel_us", Self::Excel(6)),
        ("epoch_s", Self::Epoch(1_000_000_000)),
        ("epoch_ms", Self::Epoch(1_000_000)),
        ("epoch_us", Self::Epoch(1_000)),
        ("epoch_ns", Self::Epoch(1)),
    ];

    /// The format of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }

    /// Its name in study.toml; a pattern has none.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// A name or, where it holds `%`, a pattern.
    ///
    /// # Errors
    /// A sentence that says what is read instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains('%') {
            return Pattern::new(text).map(Self::Pattern);
        }
        let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
        Self::named(text).ok_or_else(|| {
            format!("time format \"{text}\" is not known; write one of {}, or a pattern such as \"%Y%m%d %H%M%S%3f\"", names.join(", "))
        })
    }
}

impl Mapping {
    /// Maps `column` to `source`.
    pub fn insert(&mut self, column: Column, source: ColumnSource) {
        self.columns.insert(column, source);
    }

    /// Where `column` comes from; `None` where it is not mapped.
    #[must_use]
    pub fn get(&self, column: Column) -> Option<&ColumnSource> {
        self.columns.get(&column)
    }

    /// Finds the identifier of `column` within the text of its field.
    pub fn set_transform(&mut self, column: Column, transform: IdTransform) {
        self.transforms.insert(column, transform);
    }

    /// How the identifier of `column` is found within its field; `None` where it is the field.
    #[must_use]
    pub fn transform(&self, column: Column) -> Option<&IdTransform> {
        self.transforms.get(&column)
    }

    /// True where `column` is mapped.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains_key(&column)
    }

    /// Every mapped column, in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = (Column, &ColumnSource)> {
        self.columns.iter().map(|(column, source)| (*column, source))
    }
}

impl ColumnSource {
    /// The source columns it reads, one or two.
    #[must_use]
    pub fn source_names(&self) -> Vec<&str> {
        match self {
            Self::Named(name) => vec![name],
            Self::Time { column, time, .. } => std::iter::once(column.as_str()).chain(time.as_deref()).collect(),
        }
    }

    /// How its time is written, and in which zone naive times are.
    #[must_use]
    pub fn time_form(&self, study: Zone) -> (TimeFormat, Zone) {
        match self {
            Self::Named(_) => (TimeFormat::Iso, study),
            Self::Time { format, zone, .. } => (*format, zone.unwrap_or(study)),
        }
    }
}
