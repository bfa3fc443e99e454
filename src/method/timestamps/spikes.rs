//! Values that occur too often to be measured: one latency again and again, or gaps copied from one series to the other.
//!
//! How often an honest value repeats depends on how finely it is stamped. A spike is therefore judged against its neighbours
//! on the lattice of the stamps: honest latencies a few ticks apart are about equally frequent.

/// How many lattice steps to each side count as neighbours; wide enough for the 8 ns and 10 ns ticks of hardware clocks.
const NEIGHBOURS: i64 = 16;

/// A count and the largest count near it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spike {
    /// The value, nanoseconds.
    pub(crate) value: i64,
    /// How often it occurs.
    pub(crate) count: u64,
    /// Largest count of a value within 16 lattice steps.
    pub(crate) neighbour: u64,
    /// Of how many.
    pub(crate) n: u64,
}

impl Spike {
    /// Share of the value.
    pub(crate) fn share(&self) -> f64 {
        self.count as f64 / self.n.max(1) as f64
    }

    /// More than `share` above the neighbours, and at least `ratio` times as frequent as any.
    pub(crate) fn stands_out(&self, share: f64, ratio: u64) -> bool {
        let excess = self.count.saturating_sub(self.neighbour) as f64;
        excess > share * self.n as f64 && self.count >= ratio * self.neighbour
    }
}

/// One order's latency with what else is needed once they are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ranked {
    pub(crate) latency: i64,
    pub(crate) load: u8,
    /// Which part of the series it belongs to, in order of receipt.
    pub(crate) stretch: u8,
    /// False where the order before it carries the same two stamps: one message, stamped once.
    pub(crate) first: bool,
}

/// The most frequent exact latency (the smallest of equals) among orders ascending by latency; batches count once.
pub(crate) fn most_frequent(sorted: &[Ranked], lattice: i64) -> Spike {
    let mut top = Spike { n: sorted.iter().filter(|order| order.first).count() as u64, ..Spike::default() };
    for run in runs(sorted) {
        let count = firsts(run);
        if count > top.count {
            top = Spike { value: run[0].latency, count, ..top };
        }
    }
    let reach = NEIGHBOURS.saturating_mul(lattice);
    let from = sorted.partition_point(|order| order.latency < top.value.saturating_sub(reach));
    let to = sorted.partition_point(|order| order.latency <= top.value.saturating_add(reach));
    let others = runs(&sorted[from..to]).filter(|run| run[0].latency != top.value);
    top.neighbour = others.map(firsts).max().unwrap_or(0);
    top
}

fn runs(sorted: &[Ranked]) -> impl Iterator<Item = &[Ranked]> {
    sorted.chunk_by(|a, b| a.latency == b.latency)
}

fn firsts(run: &[Ranked]) -> u64 {
    run.iter().filter(|order| order.first).count() as u64
}

/// How often two consecutive gaps are identical in receipt and in sent, against how often they differ by few lattice steps.
///
/// Orders in receipt order; equal receipts (a batch) are left out. A copy may also lag by one order: the receipt gap then
/// equals the sent gap before. The lag that stands out more is returned. Cost O(n).
pub(crate) fn identical_gaps(received: &[i64], latency: &[i64], lattice: i64) -> Spike {
    // Wrapping: gaps of centuries come of broken stamps, and whatever they give is no small difference.
    let gap_of = |series: &[i64], i: usize| series[i].wrapping_sub(series[i - 1]);
    let sent_gap = |i: usize| gap_of(received, i).wrapping_add(gap_of(latency, i));
    let reach = NEIGHBOURS * lattice;
    let with_lag = |lag: usize| {
        let mut near = [0_u64; 2 * NEIGHBOURS as usize + 1];
        let mut n = 0;
        for i in 1 + lag..received.len() {
            let gap = gap_of(received, i);
            if gap == 0 {
                continue;
            }
            n += 1;
            let difference = sent_gap(i - lag).wrapping_sub(gap);
            if difference.unsigned_abs() <= reach.unsigned_abs() && difference % lattice == 0 {
                near[(difference / lattice + NEIGHBOURS) as usize] += 1;
            }
        }
        let count = std::mem::take(&mut near[NEIGHBOURS as usize]);
        Spike { value: 0, count, neighbour: near.into_iter().max().unwrap_or(0), n }
    };
    let (same, lagged) = (with_lag(0), with_lag(1));
    let excess = |spike: &Spike| spike.count.saturating_sub(spike.neighbour);
    if excess(&lagged) > excess(&same) { lagged } else { same }
}
