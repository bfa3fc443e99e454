//! Is the record of every client order there, true and in sequence? Completeness, serials, stamps against each other and the calendar.
//!
//! Everything here is pure: rows and links in, plain findings out, each with the row that shows it. Nothing is altered, and nothing is
//! guessed: what the files do not say is a [`Doubt`]. Linear or n log n in the rows; no text is made for a row.

mod by_id;
mod chains;
mod channels;
mod clock_profile;
mod completeness;
mod explained;
mod kinds;
mod likeness;
mod outcomes;
mod plausible;
mod reason;
mod sequence;
mod serial_form;
mod serials;

#[cfg(test)]
mod tests;

use crate::reconcile::{Attribution, Links, Records};
use crate::record::{Calendar, Zone};

pub use chains::{Families, chains};
pub use channels::Channels;
pub use clock_profile::{ClockProfile, ObservedClock, ProfileBreach, breaches};
pub use completeness::{Cell, Completeness, Item, Matrix, completeness, unmatched_by_group};
pub use explained::{Explained, PartOfDay, explain};
pub use kinds::{Action, is_automated, is_internet};
pub use likeness::{LikenessBounds, LikenessOptions, Linked, Links as LikenessLinks, MedianBounds, likeness};
pub use outcomes::{ClassedRow, Lawful, LawfulAccounts, Outcomes, ReportFigures, never_sent, outcomes};
pub use plausible::{Contradictions, GroupClocks, SentPrecision, contradictions, late_records, outside_session, retained, too_late};
pub use reason::{Doubt, Reason};
pub use sequence::{Displaced, ReceiptSequence, displaced, receipts_in_sequence};
pub use serial_form::{Alphabet, SerialForm};
pub use serials::{ReceiptOrder, Restart, SerialBlock, SerialCounts, SerialFound, SerialOptions, SerialSeries, serial_form_of, serials};

/// Whose row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Orders sent to the exchange.
    Orders,
    /// Receipts of clients' orders.
    Receipts,
    /// Reports of the exchange.
    Reports,
}

/// A row that shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Its side.
    pub side: Side,
    /// Its row among the accepted ones of that side.
    pub row: u32,
    /// The row to lay beside it.
    pub other: Option<(Side, u32)>,
    /// What is wrong with it.
    pub reason: Reason,
    /// How much, in the unit of the reason: nanoseconds, missing serials, a set of items.
    pub value: i64,
    /// False where it can be read otherwise.
    pub confirmed: bool,
}

impl FoundRow {
    /// A row that stands alone.
    #[must_use]
    pub const fn alone(side: Side, row: u32, reason: Reason, value: i64) -> Self {
        Self { side, row, other: None, reason, value, confirmed: true }
    }

    /// The same with the row beside it.
    #[must_use]
    pub const fn beside(mut self, side: Side, row: u32) -> Self {
        self.other = Some((side, row));
        self
    }

    /// The same as a doubt unless `confirmed`.
    #[must_use]
    pub const fn only_if(mut self, confirmed: bool) -> Self {
        self.confirmed = confirmed;
        self
    }
}

/// One check: how many rows it looked at, which it names, and what keeps it from an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordCheck {
    /// Finding code.
    pub code: &'static str,
    /// Rows looked at.
    pub examined: u64,
    /// Rows named.
    pub rows: Vec<FoundRow>,
    /// What keeps it from an answer.
    pub doubts: Vec<Doubt>,
    /// False where there was nothing to look at: the first doubt says why.
    pub ran: bool,
}

impl RecordCheck {
    /// A check that looked at `examined` rows.
    #[must_use]
    pub const fn of(code: &'static str, examined: u64, rows: Vec<FoundRow>) -> Self {
        Self { code, examined, rows, doubts: Vec::new(), ran: true }
    }

    /// A check that could not look.
    #[must_use]
    pub fn not_run(code: &'static str, why: Doubt) -> Self {
        Self { code, examined: 0, rows: Vec::new(), doubts: vec![why], ran: false }
    }

    /// The same with a doubt.
    #[must_use]
    pub fn doubting(mut self, doubt: Doubt) -> Self {
        self.doubts.push(doubt);
        self
    }
}

/// What every check is told.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Orders sent.
    pub orders: &'a Records,
    /// Receipts.
    pub receipts: &'a Records,
    /// Who came from whom.
    pub links: &'a Links,
    /// Reports of the exchange, where there is a file of them.
    pub reports: Option<&'a Records>,
    /// Accounts that are lawful classes of their own.
    pub lawful: &'a LawfulAccounts,
    /// Groups and clients.
    pub attribution: &'a Attribution,
    /// Trading days and phases.
    pub calendar: &'a Calendar,
    /// Zone of local dates.
    pub zone: Zone,
}
