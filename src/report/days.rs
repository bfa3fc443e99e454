//! The verdict on days that were summarized apart, as a document.

use serde::Serialize;

use crate::report::model::{PairRow, Tool};

/// Version of [`DaysVerdict`] as JSON.
pub const DAYS_VERSION: u32 = 1;

/// What united days say of every pair of groups.
#[derive(Clone, Debug, Serialize)]
pub struct DaysVerdict {
    /// [`DAYS_VERSION`] of the writer.
    pub schema_version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// "finding", "no_finding" or "inconclusive": of the pairs alone.
    pub verdict: String,
    /// 0 no finding, 1 finding, 3 inconclusive.
    pub exit_code: u8,
    /// Whose days they are: the title of study.toml.
    pub subject: String,
    /// IANA zone of the trading dates.
    pub timezone: String,
    /// Fingerprint of the settings the days were made under, SHA-256, hex.
    pub rules: String,
    /// The days, ascending by date.
    pub days: Vec<DayRow>,
    /// Matched orders of all days.
    pub orders: u64,
    /// Orders without a receipt, and receipts without an order, of all days; they are not judged here.
    pub missing_receipt: u64,
    /// See `missing_receipt`.
    pub orphan_receipt: u64,
    /// As in result.json, without the raw `comparison`, which a whole run alone makes.
    pub pairs: Vec<PairRow>,
}

/// One trading day.
#[derive(Clone, Debug, Serialize)]
pub struct DayRow {
    /// Local date.
    pub date: String,
    /// Matched orders.
    pub orders: u64,
}

impl DaysVerdict {
    /// The document, ending in a line feed.
    #[must_use]
    pub fn json(&self) -> String {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        for pair in document["pairs"].as_array_mut().into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
            pair.remove("comparison");
        }
        format!("{document:#}\n")
    }
}
