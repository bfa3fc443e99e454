//! Why study-days were not read or not merged, each with its remedy.

use crate::record::TradeDate;

/// What is wrong with a study-day, or with study-days side by side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The bytes are no study-day, or were damaged on the way.
    #[error("not a study-day: {reason}; write the day again from its orders")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The bytes were written in another version of the schema.
    #[error("study-day of schema version {found}, but this program reads version {known}; write the day again with this program")]
    SchemaVersion {
        /// Version of the bytes.
        found: u64,
        /// Version of this program.
        known: u32,
    },
    /// An order was received on another local date than the day's.
    #[error("an order of {found} in the study-day of {date}; give each local trading day a state of its own")]
    OtherDate {
        /// The day.
        date: TradeDate,
        /// Local date of the order.
        found: TradeDate,
    },
    /// Two states of one date: a day must be whole, since load and overtaking are counted inside it.
    #[error("two states of {date}; bring all orders of the day together and write one state")]
    SplitDay {
        /// The day.
        date: TradeDate,
    },
    /// Two days that do not belong to one study.
    #[error(
        "{what} of {first_date} is \"{first}\", of {other_date} \"{other}\"; write all days of a study with one program and one set of rules"
    )]
    Mixed {
        /// What differs, in words.
        what: String,
        /// A day.
        first_date: TradeDate,
        /// What it has.
        first: String,
        /// Another day.
        other_date: TradeDate,
        /// What that one has.
        other: String,
    },
}

impl StateError {
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }
}
