//! Where the receipts clock stood to the orders clock, by the stretch of time: from answers where the receipts have them, else bounds.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, TimestampNanosecondArray};

use crate::record::{Column, Diagnostic, NO_TIME};
use crate::report::model::{self, TableRef};
use crate::report::output::Output;
use crate::report::table_names;
use crate::report::tables::TableWriter;
use crate::statistics::{QuantileLevel, select_nearest_rank};
use crate::study::records::Given;
use crate::study::records::table::text;
use crate::timestamps::{BlockOffset, ClockEstimate, ClockLimits, RoundTrip, round_trip_offsets};

/// One clock domain's offsets.
pub(crate) struct Offsets {
    /// Group codes.
    pub(crate) groups: Vec<u16>,
    /// "round_trips" or "envelope".
    pub(crate) method: &'static str,
    /// Ascending in time.
    pub(crate) blocks: Vec<BlockOffset>,
}

impl Offsets {
    /// Median bounds of the blocks: half of them say no less, and half no more.
    pub(crate) fn typical(&self) -> Option<BlockOffset> {
        let middle = |mut values: Vec<i64>| select_nearest_rank(&mut values, QuantileLevel::P50);
        let at_least = middle(self.blocks.iter().map(|block| block.at_least).collect())?;
        let at_most = middle(self.blocks.iter().filter_map(|block| block.at_most).collect());
        let n_orders = self.blocks.iter().map(|block| block.n_orders).sum();
        Some(BlockOffset { at: self.blocks[0].at, n_orders, at_least, at_most })
    }
}

/// Every clock domain with a block.
pub(crate) fn offsets(given: Given<'_>, resolution: (i64, i64)) -> Vec<Offsets> {
    let of_clock = |clock: &ClockEstimate| {
        let trips = round_trips(given, |group| clock.groups.contains(&group));
        let blocks = round_trip_offsets(&trips, resolution, &ClockLimits::default());
        let groups = clock.groups.clone();
        match blocks.is_empty() {
            false => Offsets { groups, method: "round_trips", blocks },
            true => Offsets { groups, method: "envelope", blocks: clock.blocks.clone() },
        }
    };
    given.stamps.clocks.iter().map(of_clock).filter(|one| !one.blocks.is_empty()).collect()
}

/// Orders of some groups whose receipt has the time of the answer, ascending by receipt.
fn round_trips(given: Given<'_>, wanted: impl Fn(u16) -> bool) -> Vec<RoundTrip> {
    let (orders, receipts) = (given.reconciled.orders, given.reconciled.receipts);
    let Some(answered) = receipts.times(Column::AcknowledgedAt) else { return Vec::new() };
    let (sent, received) = (orders.times(Column::SentAt).unwrap_or(&[]), receipts.times(Column::ReceivedAt).unwrap_or(&[]));
    let acknowledged = orders.times(Column::AcknowledgedAt);
    let trip = |order: usize| {
        let group = given.reconciled.attribution.order_group[order];
        let receipt = given.reconciled.links.matched_receipt(order).filter(|_| wanted(group))?;
        let seen = acknowledged.map_or(sent[order], |seen| seen[order]);
        let acknowledged = if seen == NO_TIME { sent[order] } else { seen };
        (answered[receipt] != NO_TIME).then(|| RoundTrip {
            received: received[receipt],
            sent: sent[order],
            acknowledged,
            answered: answered[receipt],
        })
    };
    let mut trips: Vec<RoundTrip> = (0..orders.len()).filter_map(trip).collect();
    trips.sort_unstable_by_key(|trip| (trip.received, trip.sent, trip.acknowledged, trip.answered));
    trips
}

/// The offsets as the result shows them.
pub(crate) fn offset_rows(given: Given<'_>, offsets: &[Offsets]) -> Vec<model::OffsetRow> {
    let row = |one: &Offsets| {
        let typical = one.typical()?;
        let middle = typical.middle();
        Some(model::OffsetRow {
            groups: names(given, one),
            method: one.method.to_owned(),
            blocks: one.blocks.len() as u64,
            at_least: typical.at_least,
            at_most: typical.at_most,
            middle: middle.map(|(middle, _)| middle),
            uncertainty: middle.map(|(_, half)| half),
        })
    };
    offsets.iter().filter_map(row).collect()
}

fn names(given: Given<'_>, one: &Offsets) -> Vec<String> {
    let groups = &given.reconciled.attribution.groups;
    one.groups.iter().map(|group| groups[usize::from(*group)].clone()).collect()
}

/// One row a block.
pub(crate) fn write(given: Given<'_>, offsets: &[Offsets], output: &Output) -> Result<Option<TableRef>, Diagnostic> {
    if offsets.is_empty() {
        return Ok(None);
    }
    let mut table = TableWriter::new(&output.path(table_names::CLOCK_OFFSETS));
    for one in offsets {
        let (blocks, groups) = (&one.blocks, names(given, one).join(", "));
        let whole = |of: &dyn Fn(&BlockOffset) -> Option<i64>| -> ArrayRef { Arc::new(blocks.iter().map(of).collect::<Int64Array>()) };
        let at: TimestampNanosecondArray = blocks.iter().map(|block| Some(block.at.0)).collect();
        table.write(vec![
            ("groups", text(blocks.iter().map(|_| Some(groups.as_str())))),
            ("method", text(blocks.iter().map(|_| Some(one.method)))),
            ("at", Arc::new(at.with_timezone("UTC"))),
            ("orders", whole(&|block| Some(block.n_orders as i64))),
            ("at_least", whole(&|block| Some(block.at_least))),
            ("at_most", whole(&|block| block.at_most)),
            ("middle", whole(&|block| block.middle().map(|(middle, _)| middle))),
            ("uncertainty", whole(&|block| block.middle().map(|(_, half)| half))),
        ])?;
    }
    Ok(Some(TableRef { path: table_names::CLOCK_OFFSETS.to_owned(), rows: table.finish()? }))
}
