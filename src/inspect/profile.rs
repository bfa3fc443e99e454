//! One look at every column of a file, or of files of one shape: filled, distinct, samples, times.
//!
//! The files are read whole, through the readers of a study. What is counted adds up in any order; samples are those of the first rows.

use std::sync::Mutex;

use arrow::datatypes::DataType;

use crate::ingest::{Intake, SourceFile, Survey, Values, is_readable, read_columns};
use crate::inspect::names::{NameFit, Part, fit};
use crate::inspect::prefixed::Behind;
use crate::inspect::sketch::Sketch;
use crate::inspect::times::{Reading, Readings};
use crate::record::{Column, Diagnostic, Progress, Timestamp};

/// The most columns looked into; further ones are named only, unless their name is known.
const MOST_LOOKED_INTO: usize = 200;
/// The most values of a part of a file that are tried as times and numbers; they are spread over the part.
const TRIED: usize = 10_000;
/// Sample values shown.
const SAMPLES: usize = 3;

/// Files of one shape, and what their columns hold.
#[derive(Debug)]
pub struct Profile {
    /// The files, in reading order.
    pub files: Vec<SourceFile>,
    /// Their header.
    pub survey: Survey,
    /// What was looked into, by position in the header; `None` where a column was not.
    pub columns: Vec<Option<ColumnProfile>>,
    /// Rows, and those that are no rows of the header's width or text.
    pub intake: Intake,
}

/// What a column holds.
#[derive(Clone, Debug, Default)]
pub struct ColumnProfile {
    /// Rows looked at.
    pub n_rows: u64,
    /// Rows with a value.
    pub n_filled: u64,
    /// Its distinct values.
    pub distinct: Sketch,
    /// The values behind a prefix that all of them share, in formats whose ids may stand behind one.
    pub(crate) behind: Behind,
    /// The first three different values.
    pub samples: Vec<String>,
    /// Values tried as numbers, and those that are.
    pub n_tried: u64,
    /// Of these, numbers.
    pub n_numbers: u64,
    /// What they are as times.
    pub times: Readings,
    /// True where the file itself says that these are instants.
    pub typed_time: bool,
}

/// What kind of value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// A time, a date or a time of day.
    Time,
    /// Numbers of many values.
    Number,
    /// Nearly every row another value.
    Id,
    /// Values that repeat.
    Name,
}

impl Kind {
    /// Its name in the JSON document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Time => "time",
            Self::Number => "number",
            Self::Id => "id",
            Self::Name => "name",
        }
    }
}

/// The share of values that must be times for a column to be one.
pub(crate) const MOST_OF: f64 = 0.9;
/// The share of digits that must be times for them not to be something else.
const ALL: f64 = 0.999;

impl ColumnProfile {
    /// Share of the rows with a value.
    #[must_use]
    pub fn filled(&self) -> f64 {
        if self.n_rows == 0 { 0.0 } else { self.n_filled as f64 / self.n_rows as f64 }
    }

    /// Distinct values for each row with a value: 1 where no value repeats.
    #[must_use]
    pub fn distinct_share(&self) -> f64 {
        if self.n_filled == 0 { 0.0 } else { (self.distinct.distinct().0 as f64 / self.n_filled as f64).min(1.0) }
    }

    /// Share of the values that are numbers.
    #[must_use]
    pub fn number_share(&self) -> f64 {
        if self.n_tried == 0 { 0.0 } else { self.n_numbers as f64 / self.n_tried as f64 }
    }

    /// The values as whole times, dates or times of day, where nearly all of them are.
    #[must_use]
    pub fn as_time(&self, part: Part) -> Option<&Reading> {
        self.times.best(part).filter(|reading| reading.share() >= MOST_OF)
    }

    /// The values as times of day, with or without separators. Digits alone are so much else (an account, a quantity) that only a date
    /// beside them or their name makes them one, and that all of them must be one, unless they are `named` so: a sum may stand below.
    #[must_use]
    pub fn as_time_of_day(&self, named: bool) -> Option<&Reading> {
        let enough = if named || self.number_share() < 0.5 { MOST_OF } else { ALL };
        self.as_time(Part::TimeOfDay).filter(|reading| reading.share() >= enough)
    }

    /// What kind of value it is, told by the values alone.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let is_number = self.number_share() >= 0.5;
        // Of numbers, all must be times: some of any digits are a time by chance.
        let written_as = |part| {
            let enough = if self.typed_time || !is_number { MOST_OF } else { ALL };
            self.as_time(part).is_some_and(|reading| reading.share() >= enough)
        };
        match () {
            () if self.n_filled == 0 => Kind::Empty,
            () if written_as(Part::Whole) || written_as(Part::Date) || !is_number && written_as(Part::TimeOfDay) => Kind::Time,
            () if self.distinct_share() > 0.9 && self.n_filled > 1 => Kind::Id,
            () if self.number_share() > 0.99 && self.distinct_share() > 0.05 => Kind::Number,
            () => Kind::Name,
        }
    }

    fn merge(&mut self, part: Self) {
        self.n_rows += part.n_rows;
        self.n_filled += part.n_filled;
        self.distinct.merge(part.distinct);
        self.behind.merge(part.behind);
        self.times.merge(&part.times, self.n_tried, part.n_tried);
        self.n_tried += part.n_tried;
        self.n_numbers += part.n_numbers;
        self.typed_time |= part.typed_time;
    }
}

/// Reads the files, which share a header, and looks at every column.
///
/// # Errors
/// When a file cannot be read.
pub fn profile(files: Vec<SourceFile>, survey: Survey, progress: &Progress) -> Result<Profile, Diagnostic> {
    let looked_into = looked_into(&survey);
    let totals: Vec<Mutex<ColumnProfile>> = survey.columns.iter().map(|_| Mutex::default()).collect();
    let zone = |at: usize| match &survey.columns[at].data_type {
        Some(DataType::Timestamp(_, zone)) => zone.as_deref(),
        _ => None,
    };
    let takes_prefixes = files.iter().all(|file| file.format.takes_transforms());
    let look = |at: usize, values: &Values| {
        let (sketch, behind) = {
            let total = locked(&totals[at]);
            (total.distinct.for_part(), if takes_prefixes { total.behind.for_part() } else { Behind::none() })
        };
        let part = match values {
            Values::Text(texts) => of_texts(texts, sketch, behind),
            Values::Instants(instants) => of_instants(instants, sketch, zone(at)),
        };
        let samples = (at, part.samples.clone());
        locked(&totals[at]).merge(part);
        samples
    };
    let (passes, intake) = read_columns(&files, &survey, &looked_into, progress, look)?;
    let mut columns: Vec<Option<ColumnProfile>> = vec![None; survey.columns.len()];
    for (at, total) in totals.into_iter().enumerate().filter(|(at, _)| looked_into.contains(at)) {
        columns[at] = Some(total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
    for (at, samples) in passes.into_iter().flatten() {
        let Some(column) = &mut columns[at] else { continue };
        let fresh: Vec<String> = samples.into_iter().filter(|sample| !column.samples.contains(sample)).collect();
        column.samples.extend(fresh);
        column.samples.truncate(SAMPLES);
    }
    Ok(Profile { files, survey, columns, intake })
}

/// The columns that can be read under their name: of very many, the first and those whose name is known.
fn looked_into(survey: &Survey) -> Vec<usize> {
    let names: Vec<&str> = survey.columns.iter().map(|column| column.name.as_str()).collect();
    let once = once(&names);
    let known = |name: &str| Column::ALL.iter().any(|column| fit(name, *column).0 == NameFit::Known);
    let wanted = |at: &usize| *at < MOST_LOOKED_INTO || known(names[*at]);
    (0..names.len()).filter(|at| once[*at] && is_readable(&survey.columns[*at])).filter(wanted).collect()
}

/// Which names are there once, and not empty.
fn once(names: &[&str]) -> Vec<bool> {
    let mut counts = std::collections::BTreeMap::new();
    names.iter().for_each(|name| *counts.entry(*name).or_insert(0_u32) += 1);
    names.iter().map(|name| !name.is_empty() && counts[name] == 1).collect()
}

fn of_texts(texts: &[String], mut distinct: Sketch, mut behind: Behind) -> ColumnProfile {
    let filled: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    filled.iter().for_each(|text| distinct.add(text));
    filled.iter().for_each(|text| behind.add(text));
    let mut samples: Vec<String> = Vec::new();
    for text in filled.iter().take(TRIED) {
        if samples.len() < SAMPLES && !samples.iter().any(|sample| sample == text) {
            samples.push((*text).to_owned());
        }
    }
    let tried: Vec<&str> = filled.iter().step_by(filled.len().div_ceil(TRIED).max(1)).copied().collect();
    let n_numbers = tried.iter().filter(|text| text.parse::<f64>().is_ok()).count() as u64;
    let (n_rows, n_filled, n_tried) = (texts.len() as u64, filled.len() as u64, tried.len() as u64);
    let times = Readings::of_texts(&tried);
    ColumnProfile { n_rows, n_filled, distinct, behind, samples, n_tried, n_numbers, times, typed_time: false }
}

fn of_instants(instants: &[Option<i64>], mut distinct: Sketch, zone: Option<&str>) -> ColumnProfile {
    let filled: Vec<i64> = instants.iter().flatten().copied().collect();
    filled.iter().for_each(|nanos| distinct.add(&nanos.to_string()));
    let samples = filled.iter().take(SAMPLES).map(|nanos| shown(*nanos, zone.is_some())).collect();
    let (n_rows, n_filled) = (instants.len() as u64, filled.len() as u64);
    let times = Readings::of_instants(filled.iter().copied(), zone);
    let behind = Behind::none();
    ColumnProfile { n_rows, n_filled, distinct, behind, samples, n_tried: n_filled, n_numbers: 0, times, typed_time: true }
}

/// An instant as it stands in the file: one without a zone has no `Z`.
fn shown(nanos: i64, zoned: bool) -> String {
    let text = Timestamp(nanos).to_string();
    if zoned { text } else { text.trim_end_matches('Z').to_owned() }
}

fn locked(total: &Mutex<ColumnProfile>) -> std::sync::MutexGuard<'_, ColumnProfile> {
    total.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
