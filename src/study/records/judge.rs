//! From rows found to states and findings: a doubt never passes, and a lead never accuses.

use std::collections::BTreeMap;

use crate::order_records::{Doubt, FoundRow, Reason, RecordCheck};
use crate::record::{Column, NO_TIME, Timestamp, TradeDate};
use crate::report::model::{CheckRow, CheckSample, EvidenceRef, FindingRow, Words};
use crate::report::table_names;
use crate::rules::{FindingKind, Sentence, Standing, kind, severity};
use crate::study::audit::{Period, SAMPLES, cited, rule_ref};
use crate::study::records::table::{id_column, of_side, place_of, time_column};
use crate::study::records::words::{doubt, reason, row_sentence};
use crate::study::records::{Examined, Given, is_blank};

/// A check with its answer.
pub(crate) struct Judged {
    pub(crate) kind: &'static FindingKind,
    /// "finding", "insufficient", "none" or "not_run".
    pub(crate) state: &'static str,
    pub(crate) reason: Sentence,
    /// Rows named, those that could not be read included.
    pub(crate) count: u64,
    /// Of them, beyond doubt.
    pub(crate) confirmed: u64,
    pub(crate) examined: u64,
}

/// Every check with its answer, in the order of the checks.
pub(crate) fn judge(given: Given<'_>, examined: &Examined<'_>) -> Vec<Judged> {
    examined.checks.iter().map(|check| judged(given, examined, check)).collect()
}

fn judged(given: Given<'_>, examined: &Examined<'_>, check: &RecordCheck) -> Judged {
    let kind = kind(check.code).expect("a test runs every record check against the catalogue");
    let (timeless, blank) = if check.code == "R02" { (examined.n_timeless, examined.n_blank) } else { (0, 0) };
    let is_breach = kind.standing == Standing::Breach;
    let n_confirmed = check.rows.iter().filter(|row| row.confirmed).count() as u64 + blank;
    let confirmed = if is_breach { n_confirmed } else { 0 };
    let count = check.rows.len() as u64 + timeless;
    let state = match (check.ran, confirmed, count, check.doubts.is_empty()) {
        (false, ..) => "not_run",
        (_, 1.., ..) => "finding",
        (_, _, 1.., _) | (.., false) => "insufficient",
        _ => "none",
    };
    let population = check.examined + timeless;
    let groups = &given.reconciled.attribution.groups;
    let doubts: Vec<Sentence> = check.doubts.iter().map(|one| doubt(one, groups)).collect();
    let mut parts = Vec::new();
    if check.ran {
        parts.push(counted(check, timeless, population));
    }
    parts.extend(doubts);
    Judged { kind, state, reason: joined(&parts), count, confirmed, examined: population }
}

/// How many were looked at, and what was found by reason.
fn counted(check: &RecordCheck, timeless: u64, population: u64) -> Sentence {
    let mut by_reason: BTreeMap<Reason, u64> = BTreeMap::new();
    check.rows.iter().for_each(|row| *by_reason.entry(row.reason).or_default() += 1);
    if timeless > 0 {
        by_reason.insert(Reason::NoTime, timeless);
    }
    if by_reason.is_empty() && check.doubts.iter().any(Doubt::is_found) {
        return Sentence::new(format!("查核 {population} 筆"), format!("{population} examined"));
    }
    if by_reason.is_empty() {
        return Sentence::new(format!("查核 {population} 筆，未發現"), format!("{population} examined, nothing found"));
    }
    let zh: Vec<String> = by_reason.iter().map(|(found, n)| format!("{} {n} 筆", reason(*found).zh)).collect();
    let en: Vec<String> = by_reason.iter().map(|(found, n)| format!("{} ({n})", reason(*found).en)).collect();
    Sentence::new(format!("查核 {population} 筆：{}", zh.join("、")), format!("{population} examined: {}", en.join(", ")))
}

fn joined(parts: &[Sentence]) -> Sentence {
    let all = |pick: fn(&Sentence) -> &str, mark: &str| parts.iter().map(pick).collect::<Vec<_>>().join(mark);
    Sentence::new(all(|part| &part.zh, "；"), all(|part| &part.en, "; "))
}

/// The local date of a row.
fn date_of(given: Given<'_>, row: &FoundRow) -> Option<TradeDate> {
    let times = of_side(given, row.side).0.times(time_column(row.side))?;
    Some(given.study.zone.date_of(Timestamp(*times.get(row.row as usize)?)))
}

/// First and last date on which an order was sent.
fn period(given: Given<'_>) -> Option<Period> {
    let sent = given.reconciled.orders.times(Column::SentAt)?.iter().filter(|time| **time != NO_TIME);
    let date = |time: &i64| given.study.zone.date_of(Timestamp(*time));
    Some((date(sent.clone().min()?), date(sent.max()?)))
}

/// First and last date of the rows found, or of those that are confirmed alone; `None` where none has a date.
fn span(given: Given<'_>, check: &RecordCheck, confirmed_alone: bool) -> Option<Period> {
    let dates = || check.rows.iter().filter(|row| row.confirmed || !confirmed_alone).filter_map(|row| date_of(given, row));
    dates().min().zip(dates().max())
}

/// The checks as the result shows them.
pub(crate) fn check_rows(given: Given<'_>, examined: &Examined<'_>, judged: &[Judged]) -> Vec<CheckRow> {
    let period = period(given);
    let row = |(check, judged): (&RecordCheck, &Judged)| {
        let kind = judged.kind;
        let timeless = examined.timeless.iter().filter(|_| check.code == "R02");
        let unread = timeless.map(|reject| CheckSample {
            subject: String::new(),
            from: String::new(),
            to: String::new(),
            detail: reason(Reason::NoTime).into(),
            confirmed: is_blank(reject.code),
            places: vec![format!("{}:{}", reject.file, reject.line)],
        });
        CheckRow {
            code: check.code.to_owned(),
            family: kind.family().to_owned(),
            seed: kind.seed,
            state: judged.state.to_owned(),
            title: kind.title.into(),
            reason: judged.reason.clone().into(),
            population: judged.examined,
            count: judged.count,
            listed: None,
            rules: period.into_iter().flat_map(|(from, to)| kind.rule().versions_within(from, to)).map(rule_ref).collect(),
            // Advice to whoever has something to do; `explain` has it for every code.
            remedy: if matches!(judged.state, "finding" | "insufficient") { kind.remedy.into() } else { Words::default() },
            ask: if judged.state == "none" { Words::default() } else { kind.ask.into() },
            figures: Vec::new(),
            samples: check.rows.iter().map(|row| sample(given, row)).chain(unread).take(SAMPLES).collect(),
        }
    };
    examined.checks.iter().zip(judged).map(row).collect()
}

fn sample(given: Given<'_>, row: &FoundRow) -> CheckSample {
    let date = date_of(given, row).map_or(String::new(), |date| date.to_string());
    let other = row.other.map(|(side, other)| place_of(given, side, other));
    CheckSample {
        subject: of_side(given, row.side).0.id(id_column(row.side), row.row as usize).unwrap_or_default(),
        from: date.clone(),
        to: date,
        detail: row_sentence(row).into(),
        confirmed: row.confirmed,
        places: std::iter::once(place_of(given, row.side, row.row)).chain(other).collect(),
    }
}

/// One finding for each check that named something: R01 is the reconciliation's own.
pub(crate) fn findings(given: Given<'_>, examined: &Examined<'_>, judged: &[Judged]) -> Vec<FindingRow> {
    let period = period(given);
    let row = |(check, judged): (&RecordCheck, &Judged)| {
        let found = judged.count > 0 || check.doubts.iter().any(Doubt::is_found);
        if !check.ran || !found || check.code == "R01" {
            return None;
        }
        let kind = judged.kind;
        let confirmed = judged.confirmed > 0;
        let span = span(given, check, confirmed);
        let lasted = span.map_or(0, |(first, last)| i64::from(last.0) - i64::from(first.0));
        let count = if confirmed { judged.confirmed } else { judged.count };
        let share = count as f64 / judged.examined.max(1) as f64;
        let table = if judged.count > 0 { table_names::RECORDS } else { "result.json#records" };
        Some(FindingRow {
            code: kind.code.to_owned(),
            family: kind.family().to_owned(),
            severity: if confirmed { severity(kind.weight, share, lasted) } else { "low" }.to_owned(),
            verdict: if confirmed { "confirmed" } else { "insufficient" }.to_owned(),
            rule: cited(kind.code, span.or(period)),
            count,
            share,
            summary: Words {
                zh: format!("{}：{}", kind.title.zh, judged.reason.zh),
                en: format!("{}: {}", kind.title.en, judged.reason.en),
            },
            evidence: EvidenceRef { table: table.to_owned(), rows: judged.count.max(1) },
        })
    };
    examined.checks.iter().zip(judged).filter_map(row).collect()
}
