//! Days that a log must cover.

use std::collections::BTreeSet;

use crate::checks::{Audit, Found};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Longer than any closure of the exchange: a run of so many calendar days without a log cannot be a holiday.
const LONGER_THAN_HOLIDAYS: i32 = 14;

/// Trading days of `from..=to` that are not in `covered`, joined to runs with nothing covered in between; each run is one [`Found`].
///
/// Where the study names no holidays of the run's year, a short run may be one: it is a breach only if an order was sent on one of its
/// days or it is longer than any closure.
#[must_use]
pub fn missing_days(
    subject: &str,
    covered: &BTreeSet<TradeDate>,
    (from, to): (TradeDate, TradeDate),
    audit: &Audit<'_>,
) -> (u64, Vec<Found>) {
    let days: Vec<TradeDate> = (from.0..=to.0).map(TradeDate).filter(|date| audit.calendar.is_trading_day(*date)).collect();
    let runs = days.chunk_by(|one, next| covered.contains(one) == covered.contains(next)).filter(|run| !covered.contains(&run[0]));
    let found = runs.map(|run| {
        let (first, last, n) = (run[0], run[run.len() - 1], run.len());
        let traded = audit.seen.is_some_and(|seen| run.iter().any(|day| seen.days.contains(day)));
        let known = run.iter().any(|day| audit.calendar.knows_holidays_of(day.ymd().0));
        let detail =
            Sentence::new(format!("{first} 至 {last} 共 {n} 個交易日無紀錄"), format!("no log for {n} trading days, {first} to {last}"));
        let confirmed = traded || known || last.0 - first.0 >= LONGER_THAN_HOLIDAYS;
        Found::between((first, last), subject, detail, &[]).only_if(confirmed)
    });
    (days.len() as u64, found.collect())
}
