//! The part of the result model that says whether the record of the orders is there, true and in sequence.

use serde::{Deserialize, Serialize};

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
    pub serial_form: Option<String>,
    /// Totals of all series.
    pub serials: Option<SerialTotals>,
    /// Series with a gap, repeat or order out of sequence first; at most 200.
    pub series: Vec<SerialRow>,
    /// Parents and slices.
    pub families: Option<FamilyFigures>,
    /// Links by likeness; null where `link.fallback` is off or a column is missing.
    pub likeness: Option<LikenessFigures>,
    /// What a repair file changes; null without one.
    pub repair: Option<Repair>,
    /// Every check of the records (R) and of their stamps (T).
    pub checks: Vec<CheckRow>,
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

/// One series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SerialRow {
    /// Date, terminal or block.
    pub name: String,
    /// Orders.
    pub orders: u64,
    /// First serial used.
    pub first: String,
    /// Last serial used.
    pub last: String,
    /// Gaps.
    pub gaps: u64,
    /// Serials missing in them.
    pub missing: u64,
    /// Orders whose serial was used before.
    pub repeats: u64,
    /// Provably out of the order of receipt.
    pub provable: u64,
    /// Out of it by the stamps alone, the provable included.
    pub nominal: u64,
    /// Neighbours whose receipts cannot be told apart.
    pub undecidable: u64,
    /// Whether the numbers went past their end.
    pub wrapped: bool,
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
