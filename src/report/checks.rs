//! The part of the result model that evidence checks fill.

use serde::{Deserialize, Serialize};

use crate::report::model::{FindingRow, RuleRef, ScoreRow, Tool, Words};

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
    /// Versions of its rule in force in the period.
    pub rules: Vec<RuleRef>,
    /// What the broker should do.
    pub remedy: Words,
    /// What to ask the broker for next.
    pub ask: Words,
    /// Figures, finding or not.
    pub figures: Vec<CheckFigure>,
    /// The first things found; all of them are in the table.
    pub samples: Vec<CheckSample>,
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
