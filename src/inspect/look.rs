//! `inspect`: one file, what it holds, and which columns a study would read from it.

use std::path::Path;

use crate::ingest::{self, Format, Mapping, RecordsKind, Reject, Source, SourceFile, TextOptions};
use crate::inspect::guess::{Proposal, Side, proposals};
use crate::inspect::names::{NameFit, Part, fit};
use crate::inspect::profile::{ColumnProfile, Kind, Profile, profile};
use crate::inspect::times::Reading;
use crate::inspect::words;
use crate::inspect::zones::{self, Written};
use crate::record::{Column, ColumnKind, Diagnostic, NameBooks, Progress, Zone};
use crate::report::i18n::words as both;
use crate::report::model::Words;

/// A file, looked at.
#[derive(Debug)]
pub struct FileLook {
    /// Its columns.
    pub profile: Profile,
    /// How much speaks for each side, the most first.
    pub sides: Vec<(Side, f64)>,
    /// What is proposed, for the side that most speaks for.
    pub proposals: Vec<Proposal>,
    /// Data rows.
    pub rows: u64,
    /// Rows that a study would refuse with the columns proposed.
    pub rejected: u64,
    /// The first of them.
    pub rejects: Vec<Reject>,
}

/// Rejected rows kept to be shown.
const SHOWN_REJECTS: usize = 3;

/// Looks at every file that `paths` name (globs allowed). What keeps one from being read does not keep the others.
#[must_use]
pub fn look_at(paths: &[String], progress: &Progress) -> (Vec<FileLook>, Vec<Diagnostic>) {
    let (mut looks, mut problems) = (Vec::new(), Vec::new());
    if let Err(problem) = ingest::refuse_second_standard_input(paths) {
        return (looks, vec![problem]);
    }
    for path in paths {
        match ingest::discover(Path::new(""), std::slice::from_ref(path), None) {
            Ok(files) => files.into_iter().for_each(|file| match look(file, progress) {
                Ok(look) => looks.push(look),
                Err(problem) => problems.push(problem),
            }),
            Err(problem) => problems.push(problem),
        }
    }
    (looks, problems)
}

/// Looks at one file.
///
/// # Errors
/// When it cannot be read.
pub fn look(file: SourceFile, progress: &Progress) -> Result<FileLook, Diagnostic> {
    let file = ingest::recognize(file)?;
    let mut surveys = ingest::survey(&file)?.into_iter();
    let Some(survey) = surveys.next() else {
        let problem = ("沒有查核會讀取的紀錄種類", "no record of a kind that a study reads");
        return Err(Diagnostic::new("E0503", problem)
            .in_file(&file.path)
            .help(("此格式的紀錄種類見 docs/formats.md", "see docs/formats.md for the kinds of records of this format")));
    };
    let profile = profile(vec![file], survey, progress)?;
    let sides = sides(&profile);
    let proposals = proposals(&profile, sides[0].0);
    let (rows, rejected, rejects) = rows_and_rejects(&profile, &proposals, progress)?;
    Ok(FileLook { profile, sides, proposals, rows, rejected, rejects })
}

/// How much speaks for each side, the most first: what only one side has, weighted by how sure it is.
#[must_use]
pub fn sides(profile: &Profile) -> Vec<(Side, f64)> {
    let speaks_for = |side: Side, column: Column| -> f64 {
        match (side, column) {
            (Side::Orders, Column::SentAt) | (Side::Receipts, Column::ReceivedAt) => 3.0,
            (Side::Orders, Column::AcknowledgedAt | Column::DecidedAt) | (Side::Receipts, Column::RecordedAt | Column::Group) => 1.0,
            (
                Side::Orders,
                Column::Gateway | Column::Shard | Column::Host | Column::Serial | Column::Price | Column::Quantity | Column::OrderId,
            ) => 0.5,
            (Side::Clients, Column::Account | Column::Group | Column::Client) => 1.5,
            (Side::Clients, Column::From | Column::To) => 0.5,
            _ => 0.0,
        }
    };
    let is_log = !times(profile).is_empty() || [Column::SentAt, Column::ReceivedAt].into_iter().any(|column| is_named(profile, column));
    let accounts_repeat = |proposals: &[Proposal]| {
        let account = proposals.iter().find(|proposal| proposal.column == Column::Account);
        account.and_then(|account| profile.columns[account.chosen.from.main()].as_ref()).is_some_and(|looked| looked.distinct_share() < 0.2)
    };
    let told = profile.survey.records.map(|records| if records == RecordsKind::Sent { Side::Orders } else { Side::Receipts });
    let score = |side: Side| -> f64 {
        if told.is_some_and(|told| told != side) {
            return 0.0;
        }
        // A list of clients has dates at most, and few lines for each account.
        if side == Side::Clients && (is_log || accounts_repeat(&proposals(profile, side))) {
            return 0.0;
        }
        let by_columns: f64 =
            proposals(profile, side).iter().map(|proposal| speaks_for(side, proposal.column) * proposal.chosen.confidence).sum();
        by_columns + if told == Some(side) { 3.0 } else { 0.0 }
    };
    let mut scores: Vec<(Side, f64)> = Side::ALL.map(|side| (side, score(side))).into();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scores
}

/// What the readers say of the files: an uncertain encoding, user-defined characters, lines before the header; and columns that a
/// spreadsheet shortened.
pub(crate) fn notices(profile: &Profile) -> Vec<Words> {
    let notices = profile.intake.files.iter().flat_map(|file| &file.notices).map(|notice| both(&notice.zh, &notice.en));
    notices.chain(shortened(profile)).collect()
}

/// Columns of numbers as a spreadsheet shows long ones, `9.01E+09`: their digits are lost, and different ids read alike.
fn shortened(profile: &Profile) -> impl Iterator<Item = Words> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_shortened = move |text: &String| {
        let parts = text.split_once("E+").map(|(number, power)| (number.split_once('.').unwrap_or((number, "0")), power));
        parts.is_some_and(|((whole, decimals), power)| {
            whole.len() == 1 && digits(whole) && digits(decimals) && power.len() == 2 && digits(power)
        })
    };
    profile.columns.iter().zip(&profile.survey.columns).filter_map(move |(found, column)| {
        let samples = &found.as_ref()?.samples;
        let (name, value) = (&column.name, samples.first()?);
        samples.iter().all(is_shortened).then(|| {
            both(
                format!("{name}（如 {value}）經試算表縮寫，末段數字已遺失，不同編號讀來相同：請向系統重新匯出，以文字存放編號"),
                format!("{name} (such as {value}) was shortened by a spreadsheet: its last digits are lost and different ids read alike; export the file anew, with ids as text"),
            )
        })
    })
}

/// True where a column goes by a name of `column`.
fn is_named(profile: &Profile, column: Column) -> bool {
    profile.survey.columns.iter().any(|found| fit(&found.name, column).0 == NameFit::Known)
}

/// Columns that hold whole times, or times of day: where they stand, and how they read. Digits are one only under the name of one.
#[must_use]
pub(crate) fn times(profile: &Profile) -> Vec<(usize, &Reading)> {
    let reading = |(at, looked): (usize, &'_ Option<ColumnProfile>)| -> Option<(usize, Part)> {
        let looked = looked.as_ref()?;
        let is_time = looked.kind() == Kind::Time;
        let whole = is_time && looked.as_time(Part::Whole).is_some();
        let named = goes_by_a_time(profile, at);
        let of_day = looked.as_time_of_day(named).is_some() && (is_time || named);
        [(whole, Part::Whole), (of_day, Part::TimeOfDay)].into_iter().find(|(is, _)| *is).map(|(_, part)| (at, part))
    };
    let found: Vec<(usize, Part)> = profile.columns.iter().enumerate().filter_map(reading).collect();
    found.into_iter().filter_map(|(at, part)| Some((at, profile.columns[at].as_ref()?.as_time(part)?))).collect()
}

/// True where a column goes by the name of a time, or by one that holds such a name.
fn goes_by_a_time(profile: &Profile, at: usize) -> bool {
    let is_time = |column: &Column| column.kind() == ColumnKind::Time;
    Column::ALL.iter().filter(|column| is_time(column)).any(|column| fit(&profile.survey.columns[at].name, *column).0 != NameFit::None)
}

/// A mapping of what is proposed. A naive time is read in `zone_of` its column where that is given.
#[must_use]
pub(crate) fn mapping(profile: &Profile, proposals: &[Proposal], zone_of: impl Fn(Column) -> Option<Zone>) -> Mapping {
    let mut mapping = Mapping::default();
    for proposal in proposals {
        mapping.insert(proposal.column, proposal.chosen.source(profile, zone_of(proposal.column)));
        let transform = proposal.chosen.strip_prefix.as_deref().and_then(|prefix| ingest::IdTransform::new(Some(prefix), None).ok());
        transform.into_iter().for_each(|transform| mapping.set_transform(proposal.column, transform));
    }
    mapping
}

/// Rows, and of the rows that a study would refuse how many and the first: only times are refused for what they say.
fn rows_and_rejects(profile: &Profile, proposals: &[Proposal], progress: &Progress) -> Result<(u64, u64, Vec<Reject>), Diagnostic> {
    let wanted: Vec<Column> = proposals.iter().map(|proposal| proposal.column).filter(|column| column.kind() == ColumnKind::Time).collect();
    if wanted.is_empty() {
        return Ok(counted(&profile.intake));
    }
    // A log whose own stamps say no zone is looked at all the same: which it is, is asked.
    let assumed = (profile.files[0].format == Format::Fix).then(zones::taipei);
    let source = Source {
        files: profile.files.clone(),
        mapping: mapping(profile, proposals, |_| assumed),
        zone: zones::taipei(),
        text: TextOptions::default(),
        options: profile.survey.options.clone(),
    };
    let intake = ingest::read(&source, &wanted, &NameBooks::default(), progress, |_| (), |_, ()| ())?;
    Ok(counted(&intake))
}

fn counted(intake: &ingest::Intake) -> (u64, u64, Vec<Reject>) {
    let first = intake.rejects.first_ones().iter().take(SHOWN_REJECTS).cloned().collect();
    (intake.n_rows(), intake.rejects.len(), first)
}

impl FileLook {
    /// The file.
    #[must_use]
    pub fn file(&self) -> &SourceFile {
        &self.profile.files[0]
    }

    /// The side that most speaks for, and how sure that is, between 0 and 1.
    #[must_use]
    pub fn side(&self) -> (Option<Side>, f64) {
        let ((best, score), (_, next)) = (self.sides[0], self.sides[1]);
        if score < 1.0 { (None, 0.0) } else { (Some(best), ((score - next) / score).min(0.99)) }
    }

    /// What its reading has to be told.
    pub(crate) fn notices(&self) -> Vec<Words> {
        notices(&self.profile)
    }

    /// Which script the header is written in.
    #[must_use]
    pub fn header_language(&self) -> &'static str {
        let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
        let names = || self.profile.survey.columns.iter().map(|column| column.name.as_str());
        let (n_han, n_latin) = (
            names().filter(|name| name.contains(is_han)).count(),
            names().filter(|name| name.contains(|c: char| c.is_ascii_alphabetic())).count(),
        );
        match (n_han, n_latin) {
            (0, 0) => "none",
            (0, _) => "en",
            (han, latin) if latin > han => "en + zh-TW",
            _ => "zh-TW",
        }
    }

    /// What the time of day of a column says about its zone.
    #[must_use]
    pub fn zone_hint(&self, at: usize) -> Option<Words> {
        let (_, reading) = times(&self.profile).into_iter().find(|(found, _)| *found == at)?;
        Some(match zones::written(reading) {
            Written::Zoned => both("每個值都帶有時差", "every value says its zone"),
            Written::Mixed => both("有些值帶時差，有些沒有", "some values say their zone, others do not"),
            Written::Local(share) => both(
                format!("未帶時差；{} 落在臺北 08:30-14:30，應為臺灣時間", words::percent(share)),
                format!("no zone written; {} lie at 08:30-14:30, which fits local time in Taipei", words::percent(share)),
            ),
            Written::Utc(share) => both(
                format!("未帶時差；{} 落在 00:30-06:30，即臺北 08:30-14:30，應為 UTC", words::percent(share)),
                format!("no zone written; {} lie at 00:30-06:30, which is 08:30-14:30 in Taipei, so UTC fits", words::percent(share)),
            ),
            Written::Unclear => both("未帶時差，也看不出是哪個時區", "no zone written, and the time of day does not tell which"),
        })
    }
}
