//! The result as it is written: `result.json`, schema version 1.
//!
//! These are wire types, apart from the domain's own. Every number the page, the workbook and the terminal show is here,
//! computed once below `report`. Durations are integer nanoseconds, instants integer nanoseconds since the epoch (UTC),
//! shares fractions of 1.

use serde::{Deserialize, Serialize};

pub use crate::evidence::HashedFile;

pub use crate::report::beside::{
    AlternativeRow, Beside, ClientRow, MissingnessRow, PlaceboRow, PooledRow, ReplayRow, ReplayTable, StageBlameRow, StagePartRow,
    VerdictChangeRow,
};

pub use crate::report::checks::{AuditResult, CheckFigure, CheckRow, CheckSample, EvidenceRef, FindingRow, RuleRef, ScoreRow};
pub use crate::report::header::StudyHeader;
pub use crate::report::over_time::{MedianSeries, OverTime, TimeOfDay};
pub use crate::report::priority::{
    Priority, PriorityAhead, PriorityCell, PriorityClient, PriorityConnects, PriorityExcess, PriorityLadder, PriorityLine, PriorityMatrix,
    PriorityPhase, PriorityRacer, PriorityRaces, PriorityReplay, PriorityRung, PrioritySequence, PrioritySerials, PrioritySessions,
    PrioritySeverity,
};

pub use crate::report::records::{
    ClassRow, FamilyFigures, LikenessFigures, LikenessRow, MedianBoundsRow, OffsetRow, RecordCell, RecordItem, Records, Repair,
    RepairedFinding, RepairedPair, ReportRow, SerialCounts, SerialRow, SerialTotals,
};

/// The version of the shape below; a renamed or re-defined field needs a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// What a study found, whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StudyResult {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// "finding", "no_finding" or "inconclusive".
    pub verdict: String,
    /// 0 no finding, 1 finding, 3 inconclusive.
    pub exit_code: u8,
    /// The study as configured.
    pub study: StudyHeader,
    /// Rows read, accepted and rejected on each side.
    pub input: Input,
    /// The waterfall.
    pub reconciliation: Reconciliation,
    /// Latency received -> sent by group, ascending by name.
    pub groups: Vec<GroupRow>,
    /// Latency of every stage whose stamps exist, by stage and group.
    pub stages: Vec<StageRow>,
    /// Every ordered pair of groups that was wanted, once.
    pub pairs: Vec<PairRow>,
    /// The options every figure was computed with, with the reason of each default.
    pub options: serde_json::Value,
    /// Stamp quality by source and group.
    pub stamps: Vec<StampRow>,
    /// Clocks by source.
    pub clocks: Vec<ClockRow>,
    /// Findings, ascending by code.
    pub findings: Vec<FindingRow>,
    /// The eight seed findings.
    pub scorecard: Vec<ScoreRow>,
    /// What stands before everything else: many rejected rows, a closed gate.
    #[serde(default)]
    pub alerts: Vec<Words>,
    /// What a reader must know before quoting a figure, most important first: both languages.
    pub notices: Vec<Words>,
    /// At most 400 points a group of the latency distribution, for the charts.
    pub curves: Vec<Curve>,
    /// Each group's median through the study; absent from `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_time: Option<OverTime>,
    /// Each group's median by time of day; absent from `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_of_day: Option<TimeOfDay>,
    /// Orders that are not matched, counted by class, group, channel and algo flag.
    pub breakdown: Vec<BreakdownCount>,
    /// Where the rows behind the figures are, relative to the output folder.
    pub tables: Vec<TableRef>,
    /// Every evidence check of access, controls and cross-evidence; absent where no evidence was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckRow>,
    /// What carries the verdict and what would change it; null from `check`.
    pub beside: Option<Beside>,
    /// The order of handling; absent where study.toml has no \[priority\], and from `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Whether the records are there, true and in sequence; absent from `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
}

/// The program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tool {
    /// "colofair".
    pub name: String,
    /// Package version.
    pub version: String,
    /// "check" or "study".
    pub command: String,
}

/// A span of trading dates, both ends included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Period {
    /// First date, YYYY-MM-DD.
    pub first: String,
    /// Last date.
    pub last: String,
    /// Distinct dates with a matched order.
    pub days: u64,
}

/// Rows read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Input {
    /// Orders sent to the exchange.
    pub orders: InputSide,
    /// Client receipts.
    pub receipts: InputSide,
    /// Every other file that was read, such as clients and evidence; empty where hashing was not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<HashedFile>,
}

/// rows = accepted + rejected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputSide {
    /// Data rows in the files.
    pub rows: u64,
    /// Rows that entered the study.
    pub accepted: u64,
    /// Rows listed in rejects.csv.
    pub rejected: u64,
    /// The same by cause.
    #[serde(default)]
    pub rejects: Vec<RejectCount>,
    /// The files, in the order read.
    pub files: Vec<InputFile>,
}

/// Rows rejected for one cause.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RejectCount {
    /// The code in rejects.csv.
    pub code: String,
    /// The column at fault; empty where whole rows are.
    pub column: String,
    /// How many rows.
    pub rows: u64,
}

/// One input file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputFile {
    /// As named in study.toml after globbing, relative to it.
    pub path: String,
    /// "csv", "parquet" or "arrow".
    pub format: String,
    /// Encoding of a text file; null for others.
    pub encoding: Option<String>,
    /// Data rows.
    pub rows: u64,
    /// Rejected rows.
    pub rejected: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256, hex; null where hashing was not asked for.
    pub sha256: Option<String>,
}

/// The waterfall. It balances on both sides:
/// matched + missing_receipt + ambiguous + duplicate_order = orders accepted;
/// receipts_matched + receipts_ambiguous + orphan_receipt + duplicate_receipt = receipts accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Orders joined to exactly one receipt.
    pub matched: u64,
    /// Orders without a receipt.
    pub missing_receipt: u64,
    /// Receipts no order refers to.
    pub orphan_receipt: u64,
    /// Losing copies of a receipt.
    pub duplicate_receipt: u64,
    /// Losing copies of an order.
    pub duplicate_order: u64,
    /// Orders whose receipt's copies disagree on the group.
    pub ambiguous: u64,
    /// Distinct receipts joined to at least one order.
    pub receipts_matched: u64,
    /// Distinct receipts whose copies disagree on the group and that an order refers to.
    pub receipts_ambiguous: u64,
    /// Matched orders sent before they were received.
    pub negative: u64,
    /// Matched orders sent at the instant they were received.
    pub zero: u64,
}

/// One group's latency, nearest-rank quantiles, nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupRow {
    /// Group name.
    pub group: String,
    /// Matched orders.
    pub n: u64,
    /// Distinct clients among them; 0 where no client or account is known.
    pub clients: u64,
    /// Smallest.
    pub min: i64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: i64,
    /// 90 % quantile.
    pub p90: i64,
    /// 99 % quantile.
    pub p99: i64,
    /// 99.9 % quantile; misleading below about 10,000 orders, where fewer than ten lie beyond it.
    pub p999: i64,
    /// Largest.
    pub max: i64,
    /// Orders of this group by class, missing and ambiguous included: for the unmatched share.
    pub missing_receipt: u64,
    /// Matched orders with negative latency.
    pub negative: u64,
    /// Matched orders with zero latency.
    pub zero: u64,
    /// Receipts of this group that no order refers to.
    pub orphan_receipt: u64,
}

/// One stage's latency in one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StageRow {
    /// For example "received_at -> sent_at".
    pub stage: String,
    /// Group name.
    pub group: String,
    /// Orders with both stamps.
    pub n: u64,
    /// Smallest, nanoseconds.
    pub min: i64,
    /// Median, nearest rank.
    pub p50: i64,
    /// 99 % quantile, nearest rank.
    pub p99: i64,
    /// Largest.
    pub max: i64,
    /// How many are negative.
    pub negative: u64,
}

/// The verdict on an ordered pair of groups: is `disadvantaged` worse off than `favoured`?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PairRow {
    /// Group A.
    pub favoured: String,
    /// Group B; a positive effect means B is worse off than A.
    pub disadvantaged: String,
    /// "unfair", "fair", "inconclusive" or "reversed".
    pub verdict: String,
    /// True where the effect hangs on single clients.
    pub client_specific: bool,
    /// Clients an effect hangs on.
    pub clients_named: Vec<String>,
    /// Why the verdict is not fair or unfair, or what limits it; both languages.
    pub reasons: Vec<Reason>,
    /// Share of the pair's orders in cells that hold both groups; null where the method did not run.
    pub overlap: Option<f64>,
    /// Orders of A.
    pub n_favoured: u64,
    /// Orders of B.
    pub n_disadvantaged: u64,
    /// Blocks that hold a two-group cell.
    pub blocks: u64,
    /// D50, nanoseconds.
    pub median_gap: Option<Effect>,
    /// TEX, share.
    pub tail_excess: Option<Effect>,
    /// OV, share.
    pub overtaking: Option<Effect>,
    /// theta = P(B slower than A), ties half.
    pub superiority: Option<Interval>,
    /// The part of D50 that the broker's choice of gateway explains.
    pub routing: Option<Routing>,
    /// Shift function: D_q at several q, nanoseconds.
    pub shift: Vec<ShiftPoint>,
    /// What this study could have seen.
    pub power: Option<Power>,
    /// Since when: a change in the effect over time; null where none was claimed.
    pub change_point: Option<ChangePoint>,
    /// Raw comparison for readers who expect it; never deciding.
    pub comparison: Comparison,
}

/// A coded reason in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code, for example "few_days".
    pub code: String,
    /// The words.
    #[serde(flatten)]
    pub words: Words,
}

/// The same sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Traditional Chinese.
    #[serde(rename = "zh-TW")]
    pub zh: String,
    /// English.
    pub en: String,
}

/// An estimate with its error, interval and margin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// B minus A; positive = B is worse off.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Satterthwaite degrees of freedom.
    pub df: f64,
    /// Lower end of the two-sided interval FAIR is judged by.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// What counts as material.
    pub margin: f64,
    /// Holm-adjusted one-sided p of H0: effect <= margin.
    pub p_unfair_holm: f64,
    /// Larger of the two one-sided p of TOST against the margin.
    pub p_fair: f64,
}

/// An estimate with a two-sided interval.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interval {
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// D50 with and without the gateway among the strata, nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Routing {
    /// D50 as judged.
    pub total: f64,
    /// D50 within gateway.
    pub within_route: f64,
    /// total - within_route.
    pub routing_part: f64,
}

/// One point of the shift function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShiftPoint {
    /// Quantile level.
    pub q: f64,
    /// Q_B*(q) - Q_A*(q), nanoseconds.
    pub difference: f64,
    /// Lower end of a pointwise 95 % interval; null where it was not computed.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// What the study could have detected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Power {
    /// Smallest median gap found with 80 % probability, nanoseconds.
    pub minimum_detectable_gap: f64,
    /// Orders of the pair that would settle FAIR at the present effect; null where no number would.
    pub orders_needed: Option<u64>,
}

/// A change of the effect over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePoint {
    /// Start of the first block after the change.
    pub at: i64,
    /// max |S|.
    pub statistic: f64,
}

/// Raw tests on all matched orders of the pair, unstratified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// Mann-Whitney U of `disadvantaged` over `favoured`: pairs in which B is slower, ties half.
    pub mann_whitney_u: f64,
    /// Two-sided, normal approximation, tie and continuity corrected; null where a group is empty.
    pub mann_whitney_p: Option<f64>,
    /// Kolmogorov-Smirnov distance.
    pub ks_statistic: f64,
    /// Two-sided asymptotic p; null where a group is empty.
    pub ks_p: Option<f64>,
}

/// Whether a source's stamps look genuine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StampRow {
    /// "receipts" or "orders".
    pub source: String,
    /// Group name.
    pub group: String,
    /// "clean" or "suspect".
    pub verdict: String,
    /// Largest power of ten of nanoseconds that divides at least 99 % of the stamps.
    pub resolution: i64,
    /// Signs that were raised.
    pub signs: Vec<Reason>,
}

/// A source's clock against the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockRow {
    /// Source.
    pub source: String,
    /// Nanoseconds; null where not estimated.
    pub offset: Option<f64>,
    /// Parts per million; null where not estimated.
    pub drift: Option<f64>,
    /// Steps.
    pub steps: Vec<ClockStep>,
}

/// A sudden change of a clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockStep {
    /// When.
    pub at: i64,
    /// By how much, nanoseconds.
    pub size: f64,
    /// Standard error of the size, nanoseconds, its place taken as known; not in results of before it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
}

/// A group's distribution function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Curve {
    /// Group name.
    pub group: String,
    /// (latency ns, share of orders at or below it), ascending.
    pub points: Vec<(i64, f64)>,
}

/// Orders of one class that share group, channel and algo flag.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BreakdownCount {
    /// "missing_receipt", "ambiguous" or "duplicate_order".
    pub class: String,
    /// Group.
    pub group: String,
    /// Channel as written in the orders; empty where there is none.
    pub channel: String,
    /// Algo flag as written; empty where there is none.
    pub algo: String,
    /// Orders.
    pub n: u64,
}

/// A table that was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRef {
    /// Path below the output folder.
    pub path: String,
    /// Rows.
    pub rows: u64,
}
