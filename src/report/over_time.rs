//! When each group waited, as it is written: medians through the study and through the day.

use serde::{Deserialize, Serialize};

/// Each group's median latency through the study. Unadjusted: it shows when, the pairs say whether.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverTime {
    /// What a point covers: "block", "day" or "week".
    pub unit: String,
    /// Local date of each point, YYYY-MM-DD.
    pub dates: Vec<String>,
    /// Where each point starts, nanoseconds since the epoch: the block, or the first order of the day or week.
    pub starts: Vec<i64>,
    /// Groups, ascending.
    pub groups: Vec<MedianSeries>,
}

/// Each group's median latency by local time of day, all days together. Unadjusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeOfDay {
    /// Width of a column, nanoseconds.
    pub slot: i64,
    /// Where each column starts, nanoseconds since local midnight; columns without any order are left out.
    pub starts: Vec<i64>,
    /// Groups, ascending.
    pub groups: Vec<MedianSeries>,
}

/// One group's points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MedianSeries {
    /// Group name.
    pub group: String,
    /// Matched orders behind each point.
    pub n: Vec<u64>,
    /// Median latency, nearest rank, nanoseconds; null without an order.
    pub p50: Vec<Option<i64>>,
}
