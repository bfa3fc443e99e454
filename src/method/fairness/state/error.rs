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
    /// The sentence of its `Display` in Chinese.
    #[must_use]
    pub fn in_chinese(&self) -> String {
        match self {
            Self::Damaged { reason } => format!("不是交易日摘要（{reason}）；請由委託檔重新產生"),
            Self::SchemaVersion { found, known } => {
                format!("交易日摘要的格式為第 {found} 版，本程式讀第 {known} 版；請以本程式重新產生")
            }
            Self::OtherDate { date, found } => format!("{date} 的摘要中有 {found} 的委託；每個交易日請各產生一份"),
            Self::SplitDay { date } => format!("{date} 有兩份摘要；請將該日委託集中後產生一份"),
            Self::Mixed { what, first_date, first, other_date, other } => {
                let what = match what.as_str() {
                    "the subject" => "研究對象",
                    "the fingerprint of the rules" => "設定的指紋",
                    "the program" => "程式版本",
                    "the time zone" => "時區",
                    _ => &what.replace("the clocks of group ", "時鐘，群組 "),
                };
                format!("{first_date} 的{what}為「{first}」，{other_date} 為「{other}」；同一研究各日請以同一程式與同一組設定產生")
            }
        }
    }

    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }
}
