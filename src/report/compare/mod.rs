//! Two studies side by side: before and after a change, or one broker and another.
//!
//! The difference is always second minus first. What makes the two hard to compare is listed before any figure, and what rests on
//! few orders or clients is not shown: a comparison is handed to more readers than a study.

mod build;
mod page;
mod text;

pub use build::compare;
pub use page::compare_html;
pub use text::compare_text;

use serde::Serialize;

use crate::comparison::Difference;
use crate::report::model::{Reason, Words};

/// Fewer orders of a group are not shown.
pub const LEAST_ORDERS: u64 = 10;
/// Fewer known clients of a group are not shown.
pub const LEAST_CLIENTS: u64 = 3;
/// Level of the intervals.
pub const LEVEL: f64 = 0.95;

/// Two studies compared.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// Version of this shape.
    pub schema_version: u32,
    /// The studies, first and second.
    pub studies: [Side; 2],
    /// False where the two share days or files: the intervals below then do not hold.
    pub independent: bool,
    /// What to know before comparing, gravest first.
    pub cautions: Vec<Reason>,
    /// Level of the intervals.
    pub level: f64,
    /// Groups, ascending.
    pub groups: Vec<ComparedGroup>,
    /// Ordered pairs, ascending.
    pub pairs: Vec<ComparedPair>,
    /// Findings, ascending by code.
    pub findings: Vec<ComparedFinding>,
    /// The eight audit findings.
    pub scorecard: Vec<ComparedScore>,
}

/// One study in short.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Title from study.toml.
    pub title: String,
    /// First and last trading date; null where nothing matched.
    pub period: Option<[String; 2]>,
    /// "finding", "no_finding" or "inconclusive".
    pub verdict: String,
    /// Matched orders.
    pub matched: u64,
    /// SHA-256 of its study.toml.
    pub config_sha256: String,
    /// Version of the program.
    pub version: String,
}

/// A group in both studies.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedGroup {
    /// Its name.
    pub group: String,
    /// True where a side holds too few orders or clients to be shown.
    pub suppressed: bool,
    /// Orders, clients, median and p99; null where the group is not in the study, or suppressed.
    pub sides: [Option<GroupSide>; 2],
}

/// A group in one study, nanoseconds.
#[derive(Clone, Debug, Serialize)]
pub struct GroupSide {
    /// Matched orders.
    pub n: u64,
    /// Clients; 0 where none is known.
    pub clients: u64,
    /// Median.
    pub p50: i64,
    /// 99 % quantile.
    pub p99: i64,
}

/// A pair of groups in both studies.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedPair {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// True where one of its groups is not shown in a study.
    pub suppressed: bool,
    /// The verdicts; null where the pair is not in the study, or suppressed.
    pub verdicts: [Option<String>; 2],
    /// Whether an effect hangs on single clients.
    pub client_specific: [bool; 2],
    /// Why a study could not decide; empty where it did.
    pub undecided: [Vec<Reason>; 2],
    /// The three effects.
    pub effects: Vec<ComparedEffect>,
}

/// An effect in both studies: nanoseconds for the median gap, shares for the others.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedEffect {
    /// "median_gap", "tail_excess" or "overtaking".
    pub name: &'static str,
    /// Estimate, lower and upper end in each study; null where it was not estimated.
    pub estimates: [Option<[f64; 3]>; 2],
    /// Whether it counts in each study: false where the stamps or too few pairs of orders do not carry it.
    pub counts: [bool; 2],
    /// Second minus first; null where either is missing, has no error or does not count.
    pub difference: Option<Difference>,
}

/// A finding in both studies.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedFinding {
    /// Code.
    pub code: String,
    /// "gone", "new", "stayed", "undecided" where the second study decides nothing of an accused pair, "undecided_before" where the first did
    /// not of one accused now, or "not_run" where one of the studies did not run the check.
    pub change: &'static str,
    /// "confirmed" or "insufficient"; null where the study has no such finding.
    pub verdicts: [Option<String>; 2],
    /// Rows of evidence.
    pub counts: [u64; 2],
    /// Whether each study ran the check: a finding of one that did not is neither new nor gone.
    pub ran: [bool; 2],
}

/// One of the eight audit findings in both studies.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedScore {
    /// 1 to 8.
    pub number: u8,
    /// "finding", "none", "insufficient" or "not_run"; null where a study does not have it.
    pub states: [Option<String>; 2],
}

/// A caution with its code.
pub(crate) fn caution(code: &str, words: Words) -> Reason {
    Reason { code: code.to_owned(), words }
}
