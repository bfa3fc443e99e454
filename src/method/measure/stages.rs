//! What the stages of an order's way took, where there are stamps between the receipt and the sending, or behind it.

use rayon::prelude::*;

use crate::measure::latency::{LatencySummary, summarize};
use crate::reconcile::{Attribution, Links, Records};
use crate::record::{Column, NO_TIME};
use crate::statistics::sort_numbers;

/// A stage of an order's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The stamp it starts at.
    pub from: Column,
    /// The stamp it ends at.
    pub to: Column,
}

/// Every stage of `docs/methodology.md`; one is measured where both of its stamps were given.
pub const STAGES: [Stage; 5] = [
    Stage { from: Column::ReceivedAt, to: Column::SentAt },
    Stage { from: Column::ReceivedAt, to: Column::DecidedAt },
    Stage { from: Column::DecidedAt, to: Column::SentAt },
    Stage { from: Column::SentAt, to: Column::AcknowledgedAt },
    Stage { from: Column::ReceivedAt, to: Column::AcknowledgedAt },
];

/// What one stage took, by group: `None` where a group has no order with both stamps, and where one of the stamps was not given.
#[must_use]
pub fn stage_latencies(
    stage: Stage,
    orders: &Records,
    receipts: &Records,
    links: &Links,
    attribution: &Attribution,
) -> Option<Vec<Option<LatencySummary>>> {
    let stamps = |column: Column| match column {
        Column::ReceivedAt => receipts.times(column),
        _ => orders.times(column),
    };
    let (from, to) = (stamps(stage.from)?, stamps(stage.to)?);
    let row_of = |column: Column, order: usize, receipt: usize| if column == Column::ReceivedAt { receipt } else { order };
    let of_order = |order: usize| {
        let receipt = links.matched_receipt(order)?;
        let (from, to) = (from[row_of(stage.from, order, receipt)], to[row_of(stage.to, order, receipt)]);
        (from != NO_TIME && to != NO_TIME).then(|| (attribution.order_group[order], to.saturating_sub(from)))
    };
    let mut by_group = vec![Vec::new(); attribution.groups.len()];
    (0..orders.len()).filter_map(of_order).for_each(|(group, latency)| by_group[usize::from(group)].push(latency));
    let summary = |latencies: &mut Vec<i64>| {
        sort_numbers(latencies);
        summarize(latencies)
    };
    Some(by_group.par_iter_mut().map(summary).collect())
}
