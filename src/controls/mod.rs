//! Family C: the evidence of controls, by the number of the audit finding it answers.

mod accounts;
mod cabinet;
mod logs;
mod network;
mod passwords;
mod vulnerabilities;

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, Found, Outcome};
use crate::evidence_tables::{EvidenceRow, add_months};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Every check of the family, ascending by code.
#[must_use]
pub fn control_checks(audit: &Audit<'_>) -> Vec<Outcome> {
    let families = [
        network::checks(audit),
        accounts::checks(audit),
        passwords::checks(audit),
        logs::checks(audit),
        vulnerabilities::checks(audit),
        cabinet::checks(audit),
    ];
    families.concat()
}

/// Years that logs are kept.
const RETENTION_MONTHS: i32 = 36;

/// What retention covers: from three years before the end of the period, or from `since` where that is later.
fn retained(audit: &Audit<'_>, since: Option<TradeDate>) -> (TradeDate, TradeDate) {
    let first = TradeDate(add_months(audit.period.1, -RETENTION_MONTHS).0 + 1);
    (since.map_or(first, |since| since.max(first)), audit.period.1)
}

/// Rows by the text of a column, ascending.
fn by<'a>(rows: impl Iterator<Item = &'a EvidenceRow>, column: &str) -> BTreeMap<&'a str, Vec<&'a EvidenceRow>> {
    let mut groups: BTreeMap<&str, Vec<&EvidenceRow>> = BTreeMap::new();
    rows.for_each(|row| groups.entry(row.text(column)).or_default().push(row));
    groups
}

/// The part of a row's life that lies in the period.
fn within(audit: &Audit<'_>, row: &EvidenceRow) -> (TradeDate, TradeDate) {
    let from = row.date("from").map_or(audit.period.0, |from| from.max(audit.period.0));
    (from, row.date("to").map_or(audit.period.1, |to| to.min(audit.period.1)))
}

/// Spans ascending, joined where they overlap or one follows the other on the next day.
fn joined_spans(mut spans: Vec<(TradeDate, TradeDate)>) -> Vec<(TradeDate, TradeDate)> {
    spans.sort_unstable();
    let mut joined: Vec<(TradeDate, TradeDate)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if i64::from(from.0) <= i64::from(last.1.0) + 1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Systems that other evidence names and `table` does not: an export that leaves a system out says nothing of it.
fn unnamed(audit: &Audit<'_>, table: &str, others: &[&str]) -> Option<Sentence> {
    let named = systems(audit, table);
    let elsewhere: BTreeSet<&str> = others.iter().flat_map(|other| systems(audit, other)).collect();
    let missing: Vec<&str> = elsewhere.difference(&named).copied().collect();
    let list = missing.join(", ");
    (!missing.is_empty()).then(|| {
        Sentence::new(
            format!("證據表 {table} 無下列系統，而他表列有：{list}"),
            format!("`{table}` has nothing on systems that other evidence names: {list}"),
        )
    })
}

fn systems<'a>(audit: &Audit<'a>, table: &str) -> BTreeSet<&'a str> {
    audit.tables.rows(table).map(|row| row.text("system")).filter(|system| !system.is_empty()).collect()
}

fn in_period(audit: &Audit<'_>, date: Option<TradeDate>) -> bool {
    date.is_some_and(|date| (audit.period.0..=audit.period.1).contains(&date))
}

/// Every row of a dated table that `wrong` names, as a finding on its date within the period; and how many rows lie in it.
fn dated(
    audit: &Audit<'_>,
    table: &str,
    date: impl Fn(&EvidenceRow) -> Option<TradeDate>,
    subject: &str,
    wrong: impl Fn(&EvidenceRow) -> Option<Sentence>,
) -> (u64, Vec<Found>) {
    let rows: Vec<&EvidenceRow> = audit.tables.rows(table).filter(|row| in_period(audit, date(row))).collect();
    let found = rows.iter().filter_map(|row| Some(Found::on(date(row)?, row.text(subject), wrong(row)?, &[row])));
    (rows.len() as u64, found.collect())
}
