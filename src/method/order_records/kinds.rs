//! Words of brokers for channels, algorithms and what an order does.

use crate::record::NameColumn;

/// What an order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new order.
    New,
    /// Changes an order.
    Amend,
    /// Takes an order back.
    Cancel,
}

impl Action {
    /// By the name of the order kind; message types of FIX (D, F, G) included.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        const CANCEL: [&str; 4] = ["cancel", "delete", "刪", "取消"];
        const AMEND: [&str; 6] = ["amend", "replace", "modify", "reduce", "改", "減"];
        let lower = kind.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        // A cancel/replace is FIX's amend.
        match lower.as_str() {
            "f" => Self::Cancel,
            "g" => Self::Amend,
            _ if says(&AMEND) => Self::Amend,
            _ if says(&CANCEL) => Self::Cancel,
            _ => Self::New,
        }
    }

    /// Of every name of a column.
    #[must_use]
    pub fn of_names(column: &NameColumn) -> Vec<Self> {
        column.names.iter().map(|name| Self::of(name)).collect()
    }
}

/// Made by an algorithm: flagged so, or sent by the automated channel (2 or A).
#[must_use]
pub fn is_automated(flag: &str, channel: &str) -> bool {
    let flagged = matches!(flag.to_ascii_uppercase().as_str(), "Y" | "YES" | "1" | "T" | "TRUE" | "ALGO");
    flagged || matches!(channel, "2" | "A" | "automated" | "自動化")
}

/// Came over the internet (channel 4 or I): its address belongs to the record.
#[must_use]
pub fn is_internet(channel: &str) -> bool {
    matches!(channel, "4" | "I" | "internet" | "網際網路" | "網路")
}
