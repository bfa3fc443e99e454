//! The part of the result model that says what was found: findings, scorecard, evidence checks.

use serde::{Deserialize, Serialize};

use crate::report::model::{Tool, Words};

/// A finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindingRow {
    /// Stable code.
    pub code: String,
    /// Family letter.
    pub family: String,
    /// "high", "medium" or "low".
    pub severity: String,
    /// "confirmed" or "insufficient".
    pub verdict: String,
    /// The rule it rests on.
    pub rule: RuleRef,
    /// Rows of evidence.
    pub count: u64,
    /// Share of the population.
    pub share: f64,
    /// The finding in a sentence.
    pub summary: Words,
    /// Where the rows are.
    pub evidence: EvidenceRef,
}

/// A dated rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleRef {
    /// For example "CA-11210".
    pub id: String,
    /// For example "(22)".
    pub article: String,
    /// Date of the text.
    pub version: String,
}

/// Rows of a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EvidenceRef {
    /// Path below the output folder.
    pub table: String,
    /// How many rows there.
    pub rows: u64,
}

/// One of the eight findings of the seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScoreRow {
    /// 1 to 8.
    pub number: u8,
    /// "finding", "none", "insufficient" or "not_run".
    pub state: String,
    /// Why.
    pub reason: Words,
    /// Findings behind it.
    pub codes: Vec<String>,
}

/// What `access` or `controls` found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditResult {
    /// [`crate::report::model::SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// "finding", "no_finding" or "inconclusive".
    pub verdict: String,
    /// 0 no finding, 1 finding, 3 inconclusive.
    pub exit_code: u8,
    /// Title from study.toml.
    pub title: String,
    /// "zh-TW" or "en".
    pub language: String,
    /// Where the broker's rules of use are written down; empty where the study does not say.
    pub rules_source: String,
    /// First date of the audited period, YYYY-MM-DD.
    pub from: String,
    /// Last date.
    pub to: String,
    /// Rows of the orders that could not be read; 0 where the orders were not read.
    #[serde(default)]
    pub rejected_orders: u64,
    /// The audit findings that the evidence bears on.
    pub scorecard: Vec<ScoreRow>,
    /// Findings, ascending by code.
    pub findings: Vec<FindingRow>,
    /// Every check.
    pub checks: Vec<CheckRow>,
}

/// An evidence check: what was asked of which evidence, and the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckRow {
    /// Finding code.
    pub code: String,
    /// Family letter: A, C or X.
    pub family: String,
    /// Which of the eight audit findings it belongs to.
    pub seed: u8,
    /// "finding", "none", "insufficient" or "not_run".
    pub state: String,
    /// Its name.
    pub title: Words,
    /// Why.
    pub reason: Words,
    /// Things examined.
    pub population: u64,
    /// Things found, doubts included.
    pub count: u64,
    /// Entries that they are listed in, where these are not as many: a run of days is one, an account overdue twice is two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<u64>,
    /// Versions of its rule in force in the period.
    #[serde(default)]
    pub rules: Vec<RuleRef>,
    /// What the broker should do.
    #[serde(default)]
    pub remedy: Words,
    /// What to ask the broker for next.
    #[serde(default)]
    pub ask: Words,
    /// Figures, finding or not.
    #[serde(default)]
    pub figures: Vec<CheckFigure>,
    /// The first things found; all of them are in the table.
    #[serde(default)]
    pub samples: Vec<CheckSample>,
}

impl CheckRow {
    /// Entries of what was found.
    #[must_use]
    pub fn n_listed(&self) -> u64 {
        self.listed.unwrap_or(self.count)
    }

    /// Entries beyond the samples. One that the law judges by two versions is two samples and one thing.
    #[must_use]
    pub fn n_more(&self) -> u64 {
        self.n_listed().saturating_sub(self.samples.len() as u64)
    }
}

/// A figure beside a check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckFigure {
    /// Its name.
    pub name: Words,
    /// Value.
    pub value: f64,
    /// Lower end of a 95 % interval; null where there is none.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// A thing found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckSample {
    /// Who or what.
    pub subject: String,
    /// First date concerned, YYYY-MM-DD.
    pub from: String,
    /// Last date.
    pub to: String,
    /// What is wrong.
    pub detail: Words,
    /// False for a doubt.
    pub confirmed: bool,
    /// file:line, at most three.
    pub places: Vec<String>,
}
