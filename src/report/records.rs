//! The part of the result model that says whether the record of the orders is there, true and in sequence.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::report::model::{CheckRow, Words};

/// The records themselves: completeness, serials, stamps, links by likeness, repairs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Records {
    /// Whether a column tells which orders an algorithm made.
    pub marks_automated: bool,
    /// The items of a record, in the order of `due` and `held`.
    pub items: Vec<RecordItem>,
    /// Orders by channel and group.
    pub matrix: Vec<RecordCell>,
    /// How serials were read; null where there are none, or no form was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_form: Option<String>,
    /// Totals of all series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serials: Option<SerialTotals>,
    /// Series, those with most gaps, repeats and orders out of sequence first; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SerialRow>,
    /// Parents and slices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub families: Option<FamilyFigures>,
    /// Links by likeness; null where `link.fallback` is off or a column is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<LikenessFigures>,
    /// What a repair file changes; null without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// Lawful classes with a row; left out where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassRow>,
    /// Reports of the exchange; left out without a file of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<ReportRow>,
    /// The receipts clock against the orders clock, by clock domain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clock_offsets: Vec<OffsetRow>,
    /// Every check of the records (R) and of their stamps (T); what is empty in one is left out.
    #[serde(serialize_with = "without_what_is_empty")]
    pub checks: Vec<CheckRow>,
}

/// Checks without empty lists and texts: most of some twenty find nothing.
fn without_what_is_empty<S: Serializer>(checks: &[CheckRow], serializer: S) -> Result<S::Ok, S::Error> {
    let mut rows = serde_json::to_value(checks).map_err(serde::ser::Error::custom)?;
    rows.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).for_each(|row| {
        row.retain(|_, value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(words) => words.values().any(|text| text != ""),
            _ => true,
        });
    });
    rows.serialize(serializer)
}

/// A lawful class of orders, receipts or reports: named and counted apart, no fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassRow {
    /// Stable name.
    pub name: String,
    /// In words.
    pub title: Words,
    /// "orders", "receipts" or "reports".
    pub side: String,
    /// Rows; every one is in tables/order_classes.parquet.
    pub count: u64,
    /// The first places, file and line.
    pub places: Vec<String>,
}

/// Reports of the exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportRow {
    /// Reports.
    pub reports: u64,
    /// Orders with one.
    pub answered: u64,
    /// Orders without any.
    pub unanswered: u64,
    /// Whether a copy can be told from a further report.
    pub copies_known: bool,
}

/// Where the receipts clock of a clock domain stood to the orders clock, nanoseconds; positive is ahead. Medians of the blocks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OffsetRow {
    /// Groups it stamped.
    pub groups: Vec<String>,
    /// "round_trips" or "envelope".
    pub method: String,
    /// Stretches of time; each is a row of tables/clock_offsets.parquet.
    pub blocks: u64,
    /// Ahead by at least this.
    pub at_least: i64,
    /// And by at most this; null from one-way latencies.
    pub at_most: Option<i64>,
    /// Between them, where both ways took equally long; null from one-way latencies.
    pub middle: Option<i64>,
    /// By how much the middle may be wrong whatever the ways took.
    pub uncertainty: Option<i64>,
}

/// An item of the order record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordItem {
    /// Stable name.
    pub name: String,
    /// In words.
    pub title: Words,
    /// Whether the files have a column for it.
    pub in_files: bool,
    /// First date of the list it belongs to; null where it was always due.
    pub since: Option<String>,
}

/// Orders of one channel and group, and how many of their records hold each item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordCell {
    /// Channel as written; empty where there is none.
    pub channel: String,
    /// Group.
    pub group: String,
    /// Orders, further copies left out.
    pub orders: u64,
    /// Of them, made by an algorithm or an automated channel.
    pub automated: u64,
    /// Of those, without a receipt.
    pub automated_without_receipt: u64,
    /// Records in which each item is due.
    pub due: Vec<u64>,
    /// And held.
    pub held: Vec<u64>,
}

/// Serials of all series.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SerialTotals {
    /// Series.
    pub series: u64,
    /// Their counts together.
    #[serde(flatten)]
    pub counts: SerialCounts,
}

/// One series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SerialRow {
    /// Date, terminal or block.
    pub name: String,
    /// First serial used.
    pub first: String,
    /// Last serial used.
    pub last: String,
    /// Its counts.
    #[serde(flatten)]
    pub counts: SerialCounts,
    /// Whether the numbers went past their end.
    pub wrapped: bool,
}

/// What is counted of a series and of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialCounts {
    /// Orders with a serial.
    pub orders: u64,
    /// Gaps.
    pub gaps: u64,
    /// Serials missing in them.
    pub missing: u64,
    /// Orders whose serial was used before.
    pub repeats: u64,
    /// Orders provably out of the order of receipt.
    pub provable: u64,
    /// Orders out of it by their stamps alone, the provable included.
    pub nominal: u64,
    /// Neighbours whose receipts cannot be told apart.
    pub undecidable: u64,
}

/// Parents and their slices, nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FamilyFigures {
    /// Parents.
    pub parents: u64,
    /// Slices.
    pub slices: u64,
    /// Median time from the receipt to the first slice.
    pub to_first: Option<i64>,
    /// Median time from the receipt to any slice.
    pub to_each: Option<i64>,
    /// Parents whose slices are of several accounts: aggregated orders.
    pub aggregated: u64,
}

/// Links by likeness.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LikenessFigures {
    /// An order is sent at most so long after its receipt, nanoseconds.
    pub window: i64,
    /// Orders without a receipt by their ids.
    pub missing: u64,
    /// With a receipt like them.
    pub linkable: u64,
    /// Only candidates of each other.
    pub unique: u64,
    /// Fewest orders left without a receipt under any choice.
    pub missing_at_least: u64,
    /// By group.
    pub medians: Vec<MedianBoundsRow>,
    /// The first links.
    pub links: Vec<LikenessRow>,
}

/// Median latency with the links made, nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MedianBoundsRow {
    /// Group.
    pub group: String,
    /// By the ids alone.
    pub by_id: i64,
    /// Least under any choice.
    pub least: i64,
    /// Most under any choice.
    pub most: i64,
}

/// One link by likeness.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LikenessRow {
    /// Place of the order.
    pub order: String,
    /// Place of the nearest receipt.
    pub receipt: String,
    /// Place of the next.
    pub runner_up: Option<String>,
    /// Receipts like the order in the window.
    pub receipts_alike: u64,
    /// Orders like the receipt in the window.
    pub orders_alike: u64,
    /// 1 where both are each other's only candidate.
    pub confidence: f64,
}

/// What corrected and late-found receipts change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Repair {
    /// Rows of the repair file.
    pub rows: u64,
    /// Of them, those that could not be read.
    #[serde(default)]
    pub rejected: u64,
    /// Of them, in place of receipts that were there.
    pub corrected: u64,
    /// Receipts that were not there.
    pub found: u64,
    /// Findings before and after, ascending by code.
    pub findings: Vec<RepairedFinding>,
    /// Verdicts of pairs before and after, those that change first.
    pub pairs: Vec<RepairedPair>,
}

/// A finding before and after the repair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RepairedFinding {
    /// Code.
    pub code: String,
    /// In words.
    pub title: Words,
    /// Rows named before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

/// A pair's verdict before and after the repair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RepairedPair {
    /// Favoured group.
    pub favoured: String,
    /// The other.
    pub disadvantaged: String,
    /// Verdict before.
    pub before: String,
    /// And after.
    pub after: String,
    /// Median gap before, nanoseconds.
    pub gap_before: Option<f64>,
    /// And after.
    pub gap_after: Option<f64>,
}
