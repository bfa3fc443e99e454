//! Days that a log must cover.

use std::collections::BTreeSet;

use crate::checks::{Audit, Found};
use crate::evidence_tables::{EvidenceRow, RowPlace};
use crate::record::TradeDate;
use crate::rules::{RuleVersion, Sentence, rule};

/// Longer than any closure of the exchange: a run of so many calendar days without a log cannot be a holiday.
const LONGER_THAN_HOLIDAYS: i32 = 14;
/// An index that starts so many days about the start of the audited period was exported for the period alone.
const ABOUT_START: std::ops::RangeInclusive<i32> = -31..=14;

/// The log files of one device or system, and what they have to cover.
#[derive(Debug)]
pub struct KeptLogs<'a> {
    /// Key of the rule that says how long they are kept.
    pub rule: &'static str,
    /// The device or system.
    pub subject: &'a str,
    /// Its log files.
    pub files: &'a [&'a EvidenceRow],
    /// Days on which one of them holds something.
    pub covered: BTreeSet<TradeDate>,
    /// What has to be covered.
    pub span: (TradeDate, TradeDate),
    /// Whether the evidence says since when the device or system stands.
    pub since_known: bool,
    /// The row that names the subject where no file does.
    pub named_in: Option<&'a EvidenceRow>,
}

impl KeptLogs<'_> {
    /// How many days it has to cover, and those missing, joined to runs with nothing covered in between; each run is one [`Found`].
    ///
    /// Where the study names no holidays of the run's year, a short run may be one: it is a breach only if an order was sent on one of
    /// its days or it is longer than any closure. Nor is it one before the first file where the files were exported for the audited
    /// period or a later time alone, or where nothing says since when the device stands: whether older files are kept is then asked.
    #[must_use]
    pub fn missing_days(&self, audit: &Audit<'_>) -> (u64, Vec<Found>) {
        let (from, to) = self.span;
        let days: Vec<TradeDate> = (from.0..=to.0).map(TradeDate).filter(|date| audit.calendar.is_trading_day(*date)).collect();
        let runs = days
            .chunk_by(|one, next| self.covered.contains(one) == self.covered.contains(next))
            .filter(|run| !self.covered.contains(&run[0]));
        let found = runs.map(|run| {
            let (first, last) = (run[0], run[run.len() - 1]);
            let traded = audit.seen.is_some_and(|seen| run.iter().any(|day| seen.days.contains(day)));
            let known = run.iter().any(|day| audit.calendar.knows_holidays_of(day.ymd().0));
            let long = last.0 - first.0 >= LONGER_THAN_HOLIDAYS;
            let leads = self.covered.first().is_none_or(|start| last < *start);
            let of_period = leads && (self.exported_for_period(audit) || !self.since_known);
            let of_later = self.covered.first().is_some_and(|date| *date > audit.period.1);
            let confirmed = (traded || known || long) && !of_period && !of_later;
            let mut found = Found::between((first, last), self.subject, self.detail(run, audit), &[]).only_if(confirmed);
            found.places = self.places(first, last);
            found.stands_for = run.len() as u64;
            found
        });
        let found = found.collect();
        (days.len() as u64, found)
    }

    /// Whether the files start with the audited period.
    fn exported_for_period(&self, audit: &Audit<'_>) -> bool {
        let start = audit.period.0;
        self.covered.first().is_some_and(|first| ABOUT_START.contains(&(first.0 - start.0)))
    }

    fn detail(&self, run: &[TradeDate], audit: &Audit<'_>) -> Sentence {
        let (first, last, n) = (run[0], run[run.len() - 1], run.len());
        // Where no holidays are named, a weekday need not have been a trading day.
        let all_known = run.iter().all(|day| audit.calendar.knows_holidays_of(day.ymd().0));
        let (zh_days, en_days) = match (all_known, n) {
            (true, 1) => ("個交易日", "trading day"),
            (true, _) => ("個交易日", "trading days"),
            (false, 1) => {
                ("個平日（未扣除休市日，study.toml 未列該年休市日）", "weekday (it may be a holiday: study.toml names none of that year)")
            }
            (false, _) => (
                "個平日（未扣除休市日，study.toml 未列該年休市日）",
                "weekdays (some may be holidays: study.toml does not name those of every year)",
            ),
        };
        let mut said =
            Sentence::new(format!("{first} 至 {last} 共 {n} {zh_days}無紀錄"), format!("no log for {n} {en_days}, {first} to {last}"));
        let before = self.covered.first().is_none_or(|start| last < *start);
        if !before {
            return said;
        }
        let (from, to) = self.span;
        let law = rule(self.rule).and_then(|rule| rule.version_on(to));
        let clause = law.map(|RuleVersion { id, article, .. }| format!("{id} {article}")).unwrap_or_default();
        said.zh.push_str(&format!("；{clause} 須保存三年，應自 {from} 起"));
        said.en.push_str(&format!("; {clause} keeps them for three years, here from {from} on"));
        let Some(start) = self.covered.first() else {
            said.zh.push_str("，本表無其紀錄");
            said.en.push_str(", and the table has none of it");
            return said;
        };
        said.zh.push_str(&format!("，本表自 {start} 起"));
        said.en.push_str(&format!(", and the table starts on {start}"));
        if !self.since_known {
            said.zh.push_str("；其啟用日未載明，無從認定此前是否應有紀錄（請填啟用日）");
            said.en.push_str("; since when it stands is not said, and before that nothing is missing (fill in its first day)");
        } else if self.exported_for_period(audit) {
            said.zh.push_str("，應係僅匯出查核期間：請補提此前之索引，不能據以認定未保存");
            said.en.push_str(
                ", as if the audited period alone had been exported: ask for the index before it; this does not show that nothing was kept",
            );
        }
        said
    }

    /// The empty files of the run and the one before it, else those on either side, else the row that names the subject.
    fn places(&self, first: TradeDate, last: TradeDate) -> Vec<RowPlace> {
        let before = self.covered.range(..first).next_back().copied();
        let after = self.covered.range(TradeDate(last.0 + 1)..).next().copied();
        let inside = |row: &EvidenceRow| row.date("date").is_some_and(|date| (first..=last).contains(&date));
        let after = after.filter(|_| !self.files.iter().any(|row| inside(row)));
        let beside = |row: &&&EvidenceRow| {
            let date = row.date("date");
            date.is_some() && (date == before || date == after) || inside(row)
        };
        let named = self.named_in.filter(|_| self.files.is_empty());
        self.files.iter().filter(beside).copied().chain(named).map(|row| row.place.clone()).collect()
    }
}
