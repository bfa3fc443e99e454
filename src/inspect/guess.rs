//! Which column of a file is which canonical column, by its name and by what it holds.
//!
//! Confidence is a sum: a known name 0.60, a name in which a known one stands 0.35, contents that fit 0.35, contents that could be 0.15.
//! Contents that cannot be exclude a column whatever its name. What the other file says comes on top, in [`crate::inspect::link`].

use crate::ingest::{ColumnSource, TimeFormat};
use crate::inspect::Profile;
use crate::inspect::names::{NameFit, Part, fit, fit_in, is_any_date, plain};
use crate::inspect::profile::{ColumnProfile, Kind, MOST_OF};
use crate::inspect::times::Reading;
use crate::inspect::words;
use crate::record::{Column, ColumnKind, TradeDate, Zone};
use crate::report::model::Words;

/// What a file is in a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Orders sent to the exchange.
    Orders,
    /// Client receipts.
    Receipts,
    /// Accounts and their groups.
    Clients,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Orders, Self::Receipts, Self::Clients];

    /// Its table in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Receipts => "receipts",
            Self::Clients => "clients",
        }
    }

    /// The columns a study can use on this side.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Orders => &[
                Column::ReceiptId,
                Column::SentAt,
                Column::OrderId,
                Column::Account,
                Column::Symbol,
                Column::Side,
                Column::Quantity,
                Column::Price,
                Column::Kind,
                Column::Channel,
                Column::Gateway,
                Column::Shard,
                Column::AccessClass,
                Column::Host,
                Column::Serial,
                Column::Algo,
                Column::DecidedAt,
                Column::AcknowledgedAt,
            ],
            Self::Receipts => &[
                Column::ReceiptId,
                Column::ReceivedAt,
                Column::Account,
                Column::Group,
                Column::RecordedAt,
                Column::Symbol,
                Column::Side,
                Column::Kind,
                Column::Channel,
            ],
            Self::Clients => &[Column::Account, Column::Group, Column::Client, Column::From, Column::To],
        }
    }
}

/// Where a canonical column comes from, by position in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// One column.
    One(usize),
    /// A date and a time of day.
    DateAndTime(usize, usize),
}

/// A candidate for a canonical column.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it comes from.
    pub from: From,
    /// How its time is written; `Iso` for anything else.
    pub format: TimeFormat,
    /// What stands before an identifier, to be taken off.
    pub strip_prefix: Option<String>,
    /// Between 0 and 1.
    pub confidence: f64,
    /// Why.
    pub evidence: Vec<Words>,
}

/// What is proposed for a canonical column.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The canonical column.
    pub column: Column,
    /// The best candidate.
    pub chosen: Candidate,
    /// The next best.
    pub runner_up: Option<Candidate>,
}

/// Below this confidence a column is not proposed.
pub const ENOUGH: f64 = 0.5;
/// Candidates this close cannot be told apart.
pub const CLOSE: f64 = 0.05;

impl Proposal {
    /// True where the runner-up is as good: a choice would be a guess.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.runner_up.as_ref().is_some_and(|next| next.confidence >= ENOUGH && self.chosen.confidence - next.confidence < CLOSE)
    }
}

impl From {
    /// The positions it reads.
    #[must_use]
    pub fn positions(self) -> Vec<usize> {
        match self {
            Self::One(at) => vec![at],
            Self::DateAndTime(date, time) => vec![date, time],
        }
    }

    /// The column that tells it apart: that of the time, where the date may serve several times.
    pub(crate) fn main(self) -> usize {
        match self {
            Self::One(at) | Self::DateAndTime(_, at) => at,
        }
    }
}

impl Candidate {
    /// As study.toml names it.
    #[must_use]
    pub fn source(&self, profile: &Profile, zone: Option<Zone>) -> ColumnSource {
        let name = |at: usize| profile.survey.columns[at].name.clone();
        match self.from {
            From::One(at) if self.format == TimeFormat::Iso && zone.is_none() => ColumnSource::Named(name(at)),
            From::One(at) => ColumnSource::Time { column: name(at), time: None, format: self.format, zone },
            From::DateAndTime(date, time) => ColumnSource::Time { column: name(date), time: Some(name(time)), format: self.format, zone },
        }
    }

    /// Its column or columns, to be shown.
    #[must_use]
    pub fn label(&self, profile: &Profile) -> String {
        let names: Vec<String> = self.from.positions().into_iter().map(|at| words::shown(&profile.survey.columns[at].name)).collect();
        names.join(" + ")
    }

    /// The reading of its time of day, or of the whole time.
    #[must_use]
    pub fn reading<'a>(&self, profile: &'a Profile) -> Option<&'a Reading> {
        let part = if matches!(self.from, From::One(_)) { Part::Whole } else { Part::TimeOfDay };
        profile.columns[self.from.main()].as_ref()?.times.of(self.format, part)
    }
}

/// What is proposed for every column of a side, the best first assigned; each source column serves once.
#[must_use]
pub fn proposals(profile: &Profile, side: Side) -> Vec<Proposal> {
    let all: Vec<(Column, Candidate)> =
        side.columns().iter().flat_map(|column| candidates(profile, *column).into_iter().map(|candidate| (*column, candidate))).collect();
    let mut order: Vec<usize> = (0..all.len()).filter(|at| all[*at].1.confidence >= ENOUGH).collect();
    order.sort_by(|a, b| all[*b].1.confidence.total_cmp(&all[*a].1.confidence).then(a.cmp(b)));
    let (mut chosen, mut taken): (Vec<(Column, usize)>, Vec<usize>) = (Vec::new(), Vec::new());
    for at in order {
        let (column, candidate) = &all[at];
        if chosen.iter().all(|(known, _)| known != column) && !taken.contains(&candidate.from.main()) {
            chosen.push((*column, at));
            taken.push(candidate.from.main());
        }
    }
    let proposal = |(column, at): (Column, usize)| {
        let others = all.iter().enumerate().filter(|(other, (known, candidate))| {
            *known == column && *other != at && (candidate.from.main() == all[at].1.from.main() || !taken.contains(&candidate.from.main()))
        });
        let runner_up = others.map(|(_, (_, candidate))| candidate).max_by(|a, b| a.confidence.total_cmp(&b.confidence)).cloned();
        Proposal { column, chosen: all[at].1.clone(), runner_up }
    };
    let mut proposals: Vec<Proposal> = chosen.into_iter().map(proposal).collect();
    proposals.sort_by_key(|proposal| side.columns().iter().position(|column| *column == proposal.column));
    proposals
}

/// Every source column that could be `column`, the best first.
#[must_use]
pub fn candidates(profile: &Profile, column: Column) -> Vec<Candidate> {
    let mut found = if column.kind() == ColumnKind::Time { times(profile, column) } else { plain_columns(profile, column) };
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.from.cmp(&b.from)));
    found
}

fn plain_columns(profile: &Profile, column: Column) -> Vec<Candidate> {
    let candidate = |(at, looked): (usize, &Option<ColumnProfile>)| {
        let looked = looked.as_ref()?;
        let (name_fit, _, known) = fit_in(profile.files[0].format, &profile.survey.columns[at].name, column);
        let (contents, seen) = contents(looked, column)?;
        let mut evidence = words::name(&profile.survey.columns[at].name, name_fit, known, column).into_iter().collect::<Vec<_>>();
        evidence.push(seen);
        let confidence = by_name(name_fit) + contents;
        Some(Candidate { from: From::One(at), format: TimeFormat::Iso, strip_prefix: None, confidence, evidence })
    };
    profile.columns.iter().enumerate().filter_map(candidate).collect()
}

fn by_name(fit: NameFit) -> f64 {
    match fit {
        NameFit::Known => 0.6,
        NameFit::Part => 0.35,
        NameFit::None => 0.0,
    }
}

/// Contents that fit.
const FITS: f64 = 0.35;
/// Contents that could be.
const COULD_BE: f64 = 0.15;

/// How far the contents can be `column`; `None` where they cannot.
fn contents(looked: &ColumnProfile, column: Column) -> Option<(f64, Words)> {
    let (distinct, exact) = looked.distinct.distinct();
    let seen = words::distinct(distinct, exact, looked.n_filled);
    if looked.n_filled == 0 {
        return Some((0.0, words::nothing_in_it()));
    }
    let few = |most: u64| if distinct <= most { Some(FITS) } else { None };
    let (kind, repeating) = (looked.kind(), looked.distinct_share() <= 0.5 || looked.n_filled < 50);
    let score = match column {
        // An id that is used again every day is still an id.
        Column::OrderId | Column::ReceiptId if kind == Kind::Time && looked.number_share() < 0.5 => None,
        Column::OrderId | Column::ReceiptId if looked.distinct_share() > 0.5 => Some(FITS),
        Column::OrderId | Column::ReceiptId if looked.distinct_share() > 0.01 => Some(COULD_BE),
        Column::OrderId | Column::ReceiptId => None,
        Column::Account | Column::Symbol if kind == Kind::Time && looked.number_share() < 0.5 => None,
        Column::Account | Column::Symbol | Column::Client => Some(if repeating { FITS } else { COULD_BE }),
        Column::Group => few(100),
        Column::Side => few(6),
        Column::Quantity | Column::Price if looked.number_share() > 0.95 => Some(FITS),
        Column::Quantity | Column::Price => Some(COULD_BE).filter(|_| kind != Kind::Time),
        Column::Kind => few(200),
        Column::Channel | Column::AccessClass => few(64),
        Column::Gateway | Column::Shard | Column::Host => few(5_000),
        Column::Algo => few(8),
        Column::From | Column::To => return dates(looked),
        _ => Some(COULD_BE),
    };
    score.map(|score| (score, seen))
}

/// Dates of the clients file have one form.
fn dates(looked: &ColumnProfile) -> Option<(f64, Words)> {
    let n_dates = looked.samples.iter().filter(|sample| TradeDate::parse(sample).is_some()).count();
    (n_dates == looked.samples.len()).then(|| (FITS, words::dates()))
}

fn times(profile: &Profile, column: Column) -> Vec<Candidate> {
    let looked_into = || profile.columns.iter().enumerate().filter_map(|(at, looked)| Some((at, looked.as_ref()?)));
    let name_of = |at: usize| profile.survey.columns[at].name.as_str();
    let mut found = Vec::new();
    for (at, looked) in looked_into() {
        let (name_fit, part, known) = fit_in(profile.files[0].format, name_of(at), column);
        let mut evidence: Vec<Words> = words::name(name_of(at), name_fit, known, column).into_iter().collect();
        // Under a known name a column is taken for a time even where many of its values are none: they will be listed as rejected.
        let whole = || looked.as_time(Part::Whole).filter(|_| looked.kind() == Kind::Time);
        let by_its_name = || looked.times.best(Part::Whole).filter(|reading| name_fit == NameFit::Known && reading.share() >= 0.5);
        if let Some(reading) = whole().or_else(by_its_name).filter(|_| part != Part::Date) {
            evidence.push(words::read_as(reading));
            evidence.extend(words::taken_for_granted(reading.format));
            let confidence = by_name(name_fit) + FITS * reading.share() - granted(reading.format);
            found.push(Candidate { from: From::One(at), format: reading.format, strip_prefix: None, confidence, evidence });
            continue;
        }
        for (date_at, date) in looked_into().filter(|(date_at, _)| *date_at != at) {
            let Some((date_reading, time_reading)) = pair(date, looked, name_fit == NameFit::Known) else { continue };
            // Account numbers read well as times of day that lost a zero: digits alone make no time of a column that no name calls one.
            if name_fit == NameFit::None && matches!(time_reading.format, TimeFormat::Excel(_)) {
                continue;
            }
            let (named, partner) = goes_with(name_of(date_at), name_of(at), column);
            let mut evidence = evidence.clone();
            evidence.push(words::read_as_pair(name_of(date_at), date_reading, time_reading));
            evidence.extend(partner);
            evidence.extend(words::taken_for_granted(time_reading.format));
            let share = date_reading.share().min(time_reading.share());
            let confidence = by_name(name_fit) + FITS * share - named - granted(time_reading.format);
            let from = From::DateAndTime(date_at, at);
            found.push(Candidate { from, format: time_reading.format, strip_prefix: None, confidence, evidence });
        }
    }
    found
}

/// What it costs that digits are read in a way that they do not show.
fn granted(format: TimeFormat) -> f64 {
    if matches!(format, TimeFormat::Roc | TimeFormat::Compact | TimeFormat::Excel(_)) { 0.05 } else { 0.0 }
}

/// The readings of a date and of a time of day in one form; the time is `named` so.
fn pair<'a>(date: &'a ColumnProfile, time: &'a ColumnProfile, named: bool) -> Option<(&'a Reading, &'a Reading)> {
    if date.kind() != Kind::Time || time.as_time_of_day(named).is_none() {
        return None;
    }
    let share = |(date, time): &(&Reading, &Reading)| date.share().min(time.share());
    let read = |(_, format)| Some((date.times.of(format, Part::Date)?, time.times.of(format, Part::TimeOfDay)?));
    let good = TimeFormat::NAMED.into_iter().filter_map(read).filter(|pair| share(pair) >= MOST_OF);
    // Of equally good forms the first, which takes least for granted.
    good.reduce(|best, next| if share(&next) > share(&best) { next } else { best })
}

/// What it costs that the date is not known to belong to the time, and the remark. `決策日期` belongs to `決策時間`, `t2_date` to `t2`.
fn goes_with(date: &str, time: &str, column: Column) -> (f64, Option<Words>) {
    let named_alike = !stem(date).is_empty() && stem(date) == stem(time);
    let own = named_alike || matches!(fit(date, column), (NameFit::Known | NameFit::Part, Part::Date, _));
    match (own, is_any_date(date)) {
        (true, _) => (0.0, None),
        (_, true) => (0.02, None),
        _ => (0.1, Some(words::date_of_another(date))),
    }
}

/// A name without what says that it is a date or a time.
fn stem(name: &str) -> String {
    let mut stem = plain(name);
    for ending in ["日期", "時間", "date", "time"] {
        stem = stem.strip_suffix(ending).map_or(stem.clone(), str::to_owned);
    }
    stem
}
