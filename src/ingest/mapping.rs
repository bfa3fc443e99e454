//! Which column of a source is which canonical column.

use std::collections::BTreeMap;

use crate::record::{Column, Zone};

/// Canonical column to source column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    columns: BTreeMap<Column, ColumnSource>,
}

/// Where a canonical column comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnSource {
    /// A column, by its name in the header; times in any ISO 8601 form.
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
    /// Any ISO 8601 form, basic or extended, with or without zone.
    #[default]
    Iso,
    /// A whole number of this many nanoseconds since 1970-01-01T00:00:00Z.
    Epoch(i64),
}

impl TimeFormat {
    /// `iso`, `epoch_s`, `epoch_ms`, `epoch_us` or `epoch_ns`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "iso" => Some(Self::Iso),
            "epoch_s" => Some(Self::Epoch(1_000_000_000)),
            "epoch_ms" => Some(Self::Epoch(1_000_000)),
            "epoch_us" => Some(Self::Epoch(1_000)),
            "epoch_ns" => Some(Self::Epoch(1)),
            _ => None,
        }
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
