//! What a result says of itself: the study, its period, and what stands for names in it.

use serde::{Deserialize, Serialize};

use crate::report::model::Period;

/// What was studied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StudyHeader {
    /// Title from study.toml.
    pub title: String,
    /// IANA zone of naive times and of the trading-day key.
    pub timezone: String,
    /// "zh-TW" or "en".
    pub language: String,
    /// First and last local trading date of matched orders, and how many distinct dates; null when nothing matched.
    pub period: Option<Period>,
    /// SHA-256 of study.toml as read, hex.
    pub config_sha256: String,
    /// Where names are pseudonyms: what tells that two results were written with one key. Absent where names are names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonyms: Option<String>,
    /// Accounts, clients and parties that only sentences name: what `report --pseudonyms` has to replace there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_in_text: Vec<String>,
    /// Texts of refused cells of the evidence that sentences quote: what `report --pseudonyms` has to leave out there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown_cells: Vec<String>,
}
