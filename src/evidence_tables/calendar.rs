//! Months, half-years and gaps between dated events: what "at least every six months" means on a calendar.

use crate::record::TradeDate;

/// A stretch without an event, longer than was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The event before it, or the start of what is judged.
    pub from: TradeDate,
    /// The event after it, or the end of what is judged.
    pub to: TradeDate,
    /// Whether `from` is an event.
    pub after_event: bool,
}

/// `months` calendar months after `date`; the last day of the month where it has no such day.
#[must_use]
pub fn add_months(date: TradeDate, months: i32) -> TradeDate {
    let (year, month, day) = date.ymd();
    let total = year * 12 + month as i32 - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
    let fits = (1..=day).rev().find_map(|day| TradeDate::from_ymd(year, month, day));
    fits.unwrap_or(date)
}

/// Gaps of more than `months` months between `events` (any order) and the ends of `from..=to`.
///
/// Events before `from` count as the last one before it; where there is none, the first has until `months` after `from`.
#[must_use]
pub fn months_gaps(events: &[TradeDate], (from, to): (TradeDate, TradeDate), months: i32) -> Vec<Gap> {
    let mut dates: Vec<TradeDate> = events.iter().copied().filter(|date| *date <= to).collect();
    dates.sort_unstable();
    dates.dedup();
    let before = dates.partition_point(|date| *date <= from);
    let after_event = before > 0;
    let start = if after_event { dates[before - 1] } else { from };
    let mut gaps = Vec::new();
    let mut last = (start, after_event);
    for next in dates[before..].iter().copied().chain([to]) {
        if next > add_months(last.0, months) {
            gaps.push(Gap { from: last.0, to: next, after_event: last.1 });
        }
        last = (next, true);
    }
    gaps
}

/// Calendar half-years (January to June, July to December) of which every day lies strictly between two events, or inside the ends
/// of what is judged.
#[must_use]
pub fn half_years_within(gap: Gap) -> usize {
    spans_within(gap, 6)
}

/// Calendar months that lie wholly in a gap.
#[must_use]
pub fn whole_months_within(gap: Gap) -> usize {
    spans_within(gap, 1)
}

/// Calendar years that lie wholly in a gap.
#[must_use]
pub fn years_within(gap: Gap) -> usize {
    spans_within(gap, 12)
}

fn spans_within(gap: Gap, months: i32) -> usize {
    let first_free = if gap.after_event { TradeDate(gap.from.0 + 1) } else { gap.from };
    let year = first_free.ymd().0;
    let Some(mut start) = TradeDate::from_ymd(year, 1, 1) else { return 0 };
    let mut n_spans = 0;
    while start <= gap.to {
        let next = add_months(start, months);
        // The day of the event after the gap is itself in the span that it closes.
        if start >= first_free && TradeDate(next.0 - 1) < gap.to {
            n_spans += 1;
        }
        start = next;
    }
    n_spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> TradeDate {
        TradeDate::parse(text).expect("a date")
    }

    #[test]
    fn months_end_where_the_month_ends() {
        for (from, months, to) in [
            ("2024-08-31", 6, "2025-02-28"),
            ("2023-08-31", 6, "2024-02-29"),
            ("2024-01-15", -1, "2023-12-15"),
            ("2024-12-01", 1, "2025-01-01"),
        ] {
            assert_eq!(add_months(date(from), months), date(to), "{from}");
        }
    }

    #[test]
    fn gaps_are_counted_from_event_to_event_and_to_the_ends() {
        let period = (date("2024-01-01"), date("2025-12-31"));
        let events = ["2023-11-01", "2024-05-01", "2024-11-01", "2025-10-01"].map(date);
        let gaps = months_gaps(&events, period, 6);
        assert_eq!(gaps, [Gap { from: date("2024-11-01"), to: date("2025-10-01"), after_event: true }]);
        assert_eq!(half_years_within(gaps[0]), 1);
        assert_eq!(months_gaps(&[], period, 6).len(), 1);
        assert_eq!(half_years_within(months_gaps(&[], period, 6)[0]), 3);
        assert!(months_gaps(&events[..3], (period.0, date("2025-05-01")), 6).is_empty());
    }

    #[test]
    fn an_interval_over_six_months_need_not_empty_a_half_year() {
        let gap = Gap { from: date("2024-01-05"), to: date("2024-12-20"), after_event: true };
        assert_eq!(half_years_within(gap), 0);
        assert_eq!(whole_months_within(gap), 10);
        assert_eq!(years_within(Gap { from: date("2023-12-31"), to: date("2025-01-01"), after_event: true }), 1);
        assert_eq!(years_within(Gap { from: date("2024-01-01"), to: date("2025-01-01"), after_event: true }), 0);
    }
}
