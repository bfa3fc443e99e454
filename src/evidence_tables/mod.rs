//! Evidence files: what each table holds, how it is read, its templates, and a folder of raw logs as an index.
//!
//! A table is small, so it is read whole. Every row is in the table, in its reject list, or set aside because it contradicts itself or
//! another row; the latter two are named as doubts: a check on doubtful evidence never passes, and never accuses by what is not there.

mod calendar;
mod columns;
mod inflated;
mod log_folder;
mod parts;
mod read;
mod schema;
mod soundness;
mod split;
mod template;
#[cfg(test)]
pub(crate) mod tests;
mod workbook;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ingest::Rejects;
use crate::record::{Timestamp, TradeDate};
use crate::rules::{Sentence, Text};

pub use calendar::{Gap, add_months, half_years_within, months_gaps, whole_months_within, years_within};
pub use columns::is_party_word;
pub use log_folder::index_log_folder;
pub(crate) use read::number;
pub use read::read_table;
pub use schema::{FIREWALL_LOGS, SPECS, spec};
pub use template::{csv_template, tables_markdown, xlsx_template};

/// Which section of study.toml names a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `[access]`.
    Access,
    /// `[controls]`.
    Controls,
}

impl Section {
    /// Its name in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Controls => "controls",
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A calendar date.
    Date,
    /// A date with a time of day.
    Time,
    /// A number; commas between thousands are allowed.
    Number,
    /// Yes or no.
    Flag,
    /// One of a few words: the canonical word, and what else is read as it.
    Choice(&'static [(&'static str, &'static [&'static str])]),
}

/// Which time the rows of a table speak for: what holds nothing of the audited period says nothing of it.
#[derive(Clone, Copy, Debug)]
pub enum Covers {
    /// Any: rows have no date.
    Any,
    /// The days in these columns. Some row has to be of the period.
    Days(&'static [&'static str]),
    /// The day in the column and the time after it; so many months before the period still speak for it.
    Since(&'static str, i32),
    /// A register, from one date to another: some row has to hold in the period.
    Register(&'static str, &'static str),
    /// What was granted or agreed from one date to another, of which there may be none.
    Grants(&'static str, &'static str),
}

/// A column of an evidence table.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec {
    /// Canonical name, the English header.
    pub name: &'static str,
    /// The Chinese header.
    pub zh: &'static str,
    /// Other headers read as it.
    pub also: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
    /// Whether a row without it is refused.
    pub required: bool,
}

/// An evidence table.
#[derive(Clone, Copy, Debug)]
pub struct TableSpec {
    /// Its name: the key in study.toml and the name of its template.
    pub name: &'static str,
    /// Its section.
    pub section: Section,
    /// What it holds, and where a broker finds it.
    pub about: Text,
    /// Its columns.
    pub columns: &'static [ColumnSpec],
    /// Columns that name a row: two rows that agree in them and differ elsewhere contradict each other. Empty: rows are events.
    pub key: &'static [&'static str],
    /// Pairs of dates of which the first cannot be later.
    pub in_order: &'static [(&'static str, &'static str)],
    /// Rows of one key but its last column (where they start) cannot hold at one time.
    pub apart: bool,
    /// A word in one column that a value in another belies: column, words, the other column.
    pub belied: &'static [(&'static str, &'static [&'static str], &'static str)],
    /// Which time its rows speak for.
    pub covers: Covers,
    /// Rows are events that need not have happened: a header alone says that there were none.
    pub events: bool,
    /// Whether further columns are kept, for the broker's own conditions.
    pub open: bool,
    /// A sample row.
    pub example: &'static [&'static str],
}

impl TableSpec {
    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A cell as read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Empty.
    Absent,
    /// Text, or the canonical word of a choice.
    Text(String),
    /// Date.
    Date(TradeDate),
    /// Instant.
    Time(Timestamp),
    /// Number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// As a plain text.
    fn written(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Absent => "".into(),
            Self::Text(text) => text.as_str().into(),
            Self::Date(date) => date.to_string().into(),
            Self::Time(time) => time.to_string().into(),
            Self::Number(number) => number.to_string().into(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        }
    }
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPlace {
    /// File as named in study.toml; `name#row` for a row of the orders whose line is not known.
    pub file: Arc<str>,
    /// Line on which the row starts, from 1; 0 for a log file as a whole; for `name#row` the data row, from 0.
    pub line: u64,
}

/// A row of an evidence table.
#[derive(Clone, Debug)]
pub struct EvidenceRow {
    spec: &'static TableSpec,
    cells: Vec<Cell>,
    /// Where it stands.
    pub place: RowPlace,
    /// Cells of the further columns, as written; ascending by column as in [`Table::free`].
    free: Vec<String>,
}

impl EvidenceRow {
    fn cell(&self, name: &str) -> &Cell {
        debug_assert!(self.spec.column(name).is_some(), "{} has no column {name}", self.spec.name);
        self.spec.column(name).map_or(&Cell::Absent, |at| &self.cells[at])
    }

    /// A text or choice; empty where absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        if let Cell::Text(text) = self.cell(name) { text } else { "" }
    }

    /// A date.
    #[must_use]
    pub fn date(&self, name: &str) -> Option<TradeDate> {
        if let Cell::Date(date) = self.cell(name) { Some(*date) } else { None }
    }

    /// An instant.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        if let Cell::Time(time) = self.cell(name) { Some(*time) } else { None }
    }

    /// A number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        if let Cell::Number(number) = self.cell(name) { Some(*number) } else { None }
    }

    /// Yes or no.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Cell::Flag(flag) = self.cell(name) { Some(*flag) } else { None }
    }

    /// Whether the cell is empty.
    #[must_use]
    pub fn is_absent(&self, name: &str) -> bool {
        *self.cell(name) == Cell::Absent
    }

    /// Whether a span of dates in columns `from` and `to` holds `date`; an open end holds every date on its side.
    #[must_use]
    pub fn holds(&self, from: &str, to: &str, date: TradeDate) -> bool {
        self.date(from).is_none_or(|from| from <= date) && self.date(to).is_none_or(|to| date <= to)
    }

    /// Whether a span of dates meets `first..=last`.
    #[must_use]
    pub fn meets(&self, from: &str, to: &str, (first, last): (TradeDate, TradeDate)) -> bool {
        self.date(from).is_none_or(|from| from <= last) && self.date(to).is_none_or(|to| first <= to)
    }
}

/// An evidence table as read.
#[derive(Debug)]
pub struct Table {
    /// What it should hold.
    pub spec: &'static TableSpec,
    /// Rows that can be relied on, in file and row order: what contradicts itself or another row is not among them.
    pub rows: Vec<EvidenceRow>,
    /// Canonical names of the columns that stand in every file.
    pub present: Vec<&'static str>,
    /// Headers of the further columns.
    pub free: Vec<String>,
    /// Whether a file has columns that the table does not know.
    has_others: bool,
    /// Rows that could not be read.
    pub rejects: Rejects,
    /// Texts of refused cells that the doubts quote.
    pub shown_cells: Vec<String>,
    /// Why the table is not whole: rows refused, rows set aside because they contradict each other or themselves. What such a table
    /// does not hold is held against nobody.
    pub doubts: Vec<Sentence>,
}

impl Table {
    /// Whether a column of this name is one of the table's, in either language, or a further one of its files.
    #[must_use]
    pub fn has_column(&self, header: &str) -> bool {
        self.spec.columns.iter().any(|column| column.name == header || column.zh == header) || self.free.iter().any(|free| free == header)
    }

    /// The columns that stand in every file, and the further ones.
    #[must_use]
    pub fn headers(&self) -> Vec<&str> {
        self.present.iter().copied().chain(self.free.iter().map(String::as_str)).collect()
    }

    /// A table of which nothing is read yet.
    #[must_use]
    pub fn empty(spec: &'static TableSpec, present: Vec<&'static str>) -> Self {
        Self {
            spec,
            rows: Vec::new(),
            present,
            free: Vec::new(),
            has_others: false,
            rejects: Rejects::default(),
            shown_cells: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// Whether a column stands in the files.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.present.contains(&column)
    }

    /// A row's cell in a further column (or a declared one) by its header, as written or as a plain text; `None` where there is no such column.
    #[must_use]
    pub fn written<'a>(&self, row: &'a EvidenceRow, header: &str) -> Option<std::borrow::Cow<'a, str>> {
        if let Some(at) = self.free.iter().position(|free| free == header) {
            return Some(row.free[at].as_str().into());
        }
        let at = row.spec.columns.iter().position(|column| column.name == header || column.zh == header)?;
        Some(row.cells[at].written())
    }
}

/// The tables a study names, by name.
#[derive(Debug, Default)]
pub struct Tables {
    /// Name to table.
    pub tables: BTreeMap<&'static str, Table>,
}

impl Tables {
    /// The table of a name, where the study names one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The rows of a table; none where it is not named.
    pub fn rows(&self, name: &str) -> impl Iterator<Item = &EvidenceRow> {
        self.get(name).into_iter().flat_map(|table| &table.rows)
    }
}
