//! Events that must recur: reviews, scans, counts.

use crate::checks::Found;
use crate::evidence_tables::{EvidenceRow, Gap, half_years_within, months_gaps, whole_months_within, years_within};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// A calendar span that a strict reading of the rule wants an event in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarSpan {
    /// Any gap over the interval is a breach.
    Exact,
    /// A calendar month.
    Month,
    /// January to June, July to December.
    HalfYear,
    /// A calendar year.
    Year,
}

/// How often something must happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// At most so many calendar months apart.
    pub months: i32,
    /// The other reading: once in each of these.
    pub span: CalendarSpan,
}

/// Gaps of `subject` between the dates of `rows` in `column` that are longer than the interval. A gap that the calendar reading
/// would allow is a doubt, and so is a time without any event that is too short for a gap.
#[must_use]
pub fn overdue(subject: &str, rows: &[&EvidenceRow], column: &str, (from, to): (TradeDate, TradeDate), interval: Interval) -> Vec<Found> {
    let dates: Vec<TradeDate> = rows.iter().filter_map(|row| row.date(column)).collect();
    // Evidence of a later time alone says nothing of this one.
    let of_later = !dates.is_empty() && dates.iter().all(|date| *date > to);
    let found = |gap: Gap| {
        let confirmed = !of_later
            && match interval.span {
                CalendarSpan::Exact => true,
                CalendarSpan::Month => whole_months_within(gap) > 0,
                CalendarSpan::HalfYear => half_years_within(gap) > 0,
                CalendarSpan::Year => years_within(gap) > 0,
            };
        let at_ends: Vec<&EvidenceRow> =
            rows.iter().copied().filter(|row| row.date(column).is_some_and(|date| date == gap.from || date == gap.to)).collect();
        let months = interval.months;
        let detail = Sentence::new(
            format!("{} 至 {} 之間無紀錄，逾 {months} 個月", gap.from, gap.to),
            format!("nothing on record between {} and {}: more than {months} months", gap.from, gap.to),
        );
        Found::between((gap.from, gap.to), subject, detail, &at_ends).only_if(confirmed)
    };
    let gaps: Vec<Found> = months_gaps(&dates, (from, to), interval.months).into_iter().map(found).collect();
    if gaps.is_empty() && dates.iter().all(|date| *date > to) {
        // Too short a time to be overdue in, and no event at all: nothing is shown either way.
        let months = interval.months;
        let detail = Sentence::new(
            format!("{from} 至 {to} 未逾 {months} 個月，而至 {to} 無任何紀錄，無從認定"),
            format!("{from} to {to} is no longer than {months} months, and nothing is on record by {to}: neither kept nor missed"),
        );
        return vec![Found::between((from, to), subject, detail, &[]).only_if(false)];
    }
    gaps
}
