//! Trading days and the phases of a session, effective-dated.
//!
//! The table is data: each row holds from a date on, until a later row of the same start time replaces it.
//! Sources: TWSE trading mechanism pages for the dates marked in `docs/methodology.md`; times whose only source is
//! general knowledge are in the table as phases in which receipt order does not decide, so they never enter a priority figure.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::TradeDate;

const MINUTE: i64 = 60_000_000_000;

/// What a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseKind {
    /// Outside every known phase.
    Closed,
    /// One phase for the whole day (calendar preset `none`).
    WholeDay,
    /// Order entry before the opening call.
    PreOpen,
    /// Continuous trading from the open (before 2020-03-23: call auctions about every five seconds).
    Continuous,
    /// Closing call auction.
    ClosingCall,
    /// After-hours entry: odd lots and fixed price.
    AfterHours,
}

/// How far receipt order decides priority in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Receipt order does not decide: out of every priority figure.
    No,
    /// Receipt order decides in part.
    Medium,
    /// Receipt order decides.
    Yes,
}

/// One phase of a trading day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// What it is.
    pub kind: PhaseKind,
    /// Nanoseconds after local midnight, inclusive.
    pub start: i64,
    /// Nanoseconds after local midnight, exclusive.
    pub end: i64,
    /// Whether receipt order decides priority.
    pub receipt_order_decides: Weight,
}

/// Phases by date, and the dates that are not trading days.
#[derive(Clone, Debug)]
pub struct Calendar {
    name: &'static str,
    /// (first date in force, phases in time order), ascending.
    tables: Vec<(TradeDate, Vec<Phase>)>,
    holidays: BTreeSet<TradeDate>,
    /// Nanoseconds after local midnight from which such a date is closed: the eve of a holiday, a typhoon.
    early_closes: BTreeMap<TradeDate, i64>,
    weekends_closed: bool,
}

impl Calendar {
    /// Every date is a trading day with one phase in which receipt order decides.
    #[must_use]
    pub fn none() -> Self {
        let whole = Phase { kind: PhaseKind::WholeDay, start: 0, end: 1_440 * MINUTE, receipt_order_decides: Weight::Yes };
        Self {
            name: "none",
            tables: vec![(TradeDate(i32::MIN), vec![whole])],
            holidays: BTreeSet::new(),
            early_closes: BTreeMap::new(),
            weekends_closed: false,
        }
    }

    /// The Taiwan Stock Exchange session, local time.
    ///
    /// Before 2020-03-23 the 09:00-13:25 session was a call auction about every five seconds, so receipt order decides only in part.
    #[must_use]
    pub fn twse(holidays: BTreeSet<TradeDate>) -> Self {
        let at = |hour: i64, minute: i64| (hour * 60 + minute) * MINUTE;
        let phase = |kind, start, end, receipt_order_decides| Phase { kind, start, end, receipt_order_decides };
        let day = |session: Weight| {
            vec![
                phase(PhaseKind::PreOpen, at(8, 30), at(9, 0), Weight::No),
                phase(PhaseKind::Continuous, at(9, 0), at(13, 25), session),
                phase(PhaseKind::ClosingCall, at(13, 25), at(13, 30), Weight::Medium),
                phase(PhaseKind::AfterHours, at(13, 30), at(14, 30), Weight::No),
            ]
        };
        // 2020-03-23 as days since 1970-01-01.
        let continuous_trading = TradeDate(18_344);
        Self {
            name: "twse",
            tables: vec![(TradeDate(i32::MIN), day(Weight::Medium)), (continuous_trading, day(Weight::Yes))],
            holidays,
            early_closes: BTreeMap::new(),
            weekends_closed: true,
        }
    }

    /// The same with dates that close early: nanoseconds after local midnight, from which every phase is over.
    #[must_use]
    pub fn closing_early(self, early_closes: BTreeMap<TradeDate, i64>) -> Self {
        Self { early_closes, ..self }
    }

    /// `twse` or `none`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// False on holidays and, for an exchange calendar, on weekends.
    #[must_use]
    pub fn is_trading_day(&self, date: TradeDate) -> bool {
        !(self.holidays.contains(&date) || self.weekends_closed && date.is_weekend())
    }

    /// Whether holidays of `year` are named, so that a weekday that is none of them was a trading day; true where there are no closed days.
    #[must_use]
    pub fn knows_holidays_of(&self, year: i32) -> bool {
        !self.weekends_closed || self.holidays.iter().any(|date| date.ymd().0 == year)
    }

    /// The phase at `time_of_day` nanoseconds after local midnight of `date`; closed on a day without trading.
    #[must_use]
    pub fn phase_at(&self, date: TradeDate, time_of_day: i64) -> Phase {
        let closed = Phase { kind: PhaseKind::Closed, start: 0, end: 1_440 * MINUTE, receipt_order_decides: Weight::No };
        if !self.is_trading_day(date) {
            return closed;
        }
        let close = self.early_closes.get(&date).copied().unwrap_or(i64::MAX);
        if time_of_day >= close {
            return closed;
        }
        let in_force = self.tables.iter().rev().find(|(from, _)| *from <= date);
        let phases = in_force.map_or(&[][..], |(_, phases)| phases);
        let phase = phases.iter().find(|phase| (phase.start..phase.end).contains(&time_of_day)).copied().unwrap_or(closed);
        Phase { end: phase.end.min(close), ..phase }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_law_changes_on_2020_03_23() {
        let calendar = Calendar::twse(BTreeSet::new());
        let weight = |year, month, day| {
            let date = TradeDate::from_ymd(year, month, day).expect("a literal");
            calendar.phase_at(date, 600 * MINUTE).receipt_order_decides
        };
        assert_eq!((weight(2020, 3, 20), weight(2020, 3, 23)), (Weight::Medium, Weight::Yes));
    }

    #[test]
    fn a_date_that_closes_early_is_closed_from_then_on_and_its_last_phase_ends_there() {
        let date = |day| TradeDate::from_ymd(2026, 2, day).expect("a literal");
        let calendar = Calendar::twse(BTreeSet::new()).closing_early(BTreeMap::from([(date(12), 720 * MINUTE)]));
        let phase = |day, minute: i64| calendar.phase_at(date(day), minute * MINUTE);
        assert_eq!((phase(12, 719).kind, phase(12, 719).end), (PhaseKind::Continuous, 720 * MINUTE));
        assert_eq!((phase(12, 720).kind, phase(12, 800).kind), (PhaseKind::Closed, PhaseKind::Closed));
        assert_eq!((phase(11, 720).kind, phase(11, 720).end), (PhaseKind::Continuous, 805 * MINUTE));
    }

    #[test]
    fn pre_open_and_after_hours_never_decide() {
        let calendar = Calendar::twse(BTreeSet::new());
        let date = TradeDate::from_ymd(2026, 1, 5).expect("a literal");
        for minute in [511, 539, 811, 869] {
            assert_eq!(calendar.phase_at(date, minute * MINUTE).receipt_order_decides, Weight::No, "{minute}");
        }
        assert_eq!(calendar.phase_at(date, 540 * MINUTE).kind, PhaseKind::Continuous);
        let sunday = TradeDate::from_ymd(2026, 1, 4).expect("a literal");
        assert!(!calendar.is_trading_day(sunday));
        assert_eq!(calendar.phase_at(sunday, 600 * MINUTE).receipt_order_decides, Weight::No);
    }
}
