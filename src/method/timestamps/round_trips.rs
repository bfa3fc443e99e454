//! Where the receipts clock stands to the orders clock, by the stretch of time: from questions and answers between their hosts, or bounded
//! by one-way latencies.
//!
//! A client's order leaves the receipts host (stamp 1), comes to the orders host (2), its answer leaves there (3) and comes back (4); 1 and
//! 4 are of one clock, 2 and 3 of the other. No message comes before it left: the receipts clock is ahead by at least 1 - 2 and at most
//! 4 - 3, whatever the ways took. Only the middle assumes that both took equally long (Mills 1991, NTP); it is wrong by at most half of
//! what the stamps leave for the ways, which is the uncertainty given.

use std::ops::Range;

use crate::record::Timestamp;
use crate::statistics::QuantileLevel;
use crate::timestamps::envelope::ClockSeries;
use crate::timestamps::options::ClockLimits;

/// Stamps of one question and its answer, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// Received from the client: it leaves the receipts host.
    pub received: i64,
    /// Sent to the exchange by the orders host.
    pub sent: i64,
    /// When the orders host saw the exchange's acknowledgement; [`RoundTrip::sent`] where it has no such stamp.
    pub acknowledged: i64,
    /// When the receipts host saw the answer.
    pub answered: i64,
}

impl RoundTrip {
    /// What the two ways took together, waiting on the orders host's side included in neither.
    fn ways(&self) -> i64 {
        self.answered.saturating_sub(self.received).saturating_sub(self.acknowledged.saturating_sub(self.sent))
    }
}

/// What a stretch of time says of the receipts clock against the orders clock; positive is ahead, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockOffset {
    /// Receipt stamp of the order that says it.
    pub at: Timestamp,
    /// Orders of the stretch.
    pub n_orders: usize,
    /// Ahead by at least this.
    pub at_least: i64,
    /// And by at most this; `None` from one-way latencies.
    pub at_most: Option<i64>,
}

impl BlockOffset {
    /// The middle and half of the width: where both ways took equally long.
    #[must_use]
    pub fn middle(&self) -> Option<(i64, i64)> {
        let at_most = self.at_most?;
        let width = at_most.saturating_sub(self.at_least);
        Some((self.at_least.saturating_add(width / 2), width / 2))
    }
}

/// One bound for each stretch of the envelope's, from the round trip at the 1 % quantile of what the ways took: a broken stamp makes a way
/// short, so the very shortest are not trusted. Trips whose ways took less than nothing contradict themselves and are left out.
///
/// `trips` ascend by receipt; a stamp cut to its resolution (receipts, orders) widens the bounds by it. O(n log n).
#[must_use]
pub fn round_trip_offsets(trips: &[RoundTrip], resolution: (i64, i64), limits: &ClockLimits) -> Vec<BlockOffset> {
    const LEVEL: QuantileLevel = QuantileLevel::per_mille(10);
    let (of_receipts, of_orders) = resolution;
    let possible: Vec<RoundTrip> = trips.iter().copied().filter(|trip| trip.ways() > -(of_receipts + of_orders)).collect();
    let received: Vec<i64> = possible.iter().map(|trip| trip.received).collect();
    let ways: Vec<i64> = possible.iter().map(RoundTrip::ways).collect();
    let series = ClockSeries::new(&received, &ways, limits);
    let block = |rows: &Range<usize>| {
        let mut sorted: Vec<usize> = rows.clone().collect();
        let at = LEVEL.nearest_rank_index(sorted.len())?;
        let (_, row, _) = sorted.select_nth_unstable_by_key(at, |row| (ways[*row], *row));
        let trip = possible[*row];
        Some(BlockOffset {
            at: Timestamp(trip.received),
            n_orders: rows.len(),
            at_least: trip.received.saturating_sub(trip.sent).saturating_sub(of_orders),
            at_most: Some(trip.answered.saturating_sub(trip.acknowledged).saturating_add(of_receipts)),
        })
    };
    series.block_rows().filter_map(block).collect()
}
