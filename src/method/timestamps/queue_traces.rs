//! What a real queue leaves in latencies: dependence on load, memory, a tail, variation.
//!
//! A trace is an estimate, and its orders come in cascades, so that a few of them carry it. It comes with the error that leaving out one
//! stretch of the series after the other shows, because "no trace" accuses: it may be said only where one as large as is asked for
//! would have been seen.

use crate::record::{MatchedOrders, sort_nearly_sorted};
use crate::statistics::CompensatedSum;
use crate::timestamps::spikes::Ranked;

/// Stretches of equal count, in the order of the series, that are left out in turn.
const STRETCHES: usize = 20;
/// Errors beyond which a trace is called smaller than asked for: 2.3 % of series whose trace is just as large as asked for. Dependence on
/// load and memory must both be missing before anybody is accused, which leaves some 1 in 2,000 of them.
const ERRORS: f64 = 2.0;

/// A correlation that a queue leaves, and its standard error by the delete-one-stretch jackknife.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trace {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Trace {
    /// What it may be at most.
    pub(crate) fn at_most(self) -> f64 {
        self.value + ERRORS * self.error
    }
}

/// The stretch of the `i`-th of `n`.
pub(crate) const fn stretch_of(i: usize, n: usize) -> usize {
    i * STRETCHES / n
}

/// Sums of one stretch about the means of the whole series.
#[derive(Clone, Copy, Default)]
struct Moments {
    products: f64,
    left: f64,
    right: f64,
}

/// The correlation of all stretches together; `None` where a side does not vary by more than `least` in all.
fn trace(stretches: &[Moments; STRETCHES], least: f64) -> Option<Trace> {
    let sum = |of: fn(&Moments) -> f64| stretches.iter().map(of).collect::<CompensatedSum>().value();
    let all = Moments { products: sum(|m| m.products), left: sum(|m| m.left), right: sum(|m| m.right) };
    let ratio = |m: Moments| m.products / (m.left.sqrt() * m.right.sqrt());
    if all.left <= least || all.right <= least {
        return None;
    }
    let without = stretches.map(|one| {
        let rest = Moments { products: all.products - one.products, left: all.left - one.left, right: all.right - one.right };
        // A stretch that holds all of the variation leaves nothing to go by.
        if rest.left > least && rest.right > least { ratio(rest) } else { 0.0 }
    });
    let n = STRETCHES as f64;
    let mean = without.iter().copied().collect::<CompensatedSum>().value() / n;
    let squares = without.iter().map(|one| (one - mean) * (one - mean)).collect::<CompensatedSum>().value();
    Some(Trace { value: ratio(all), error: ((n - 1.0) / n * squares).sqrt() })
}

/// Spearman's rank correlation of load and latency, mid-ranks in ties, from orders ascending by latency.
///
/// `scipy.stats.spearmanr`. Rank sums are integers (twice the mid-ranks), so the value does not depend on the order within ties.
/// `None` where load or latency is constant. Cost O(n) after the sort.
pub(crate) fn load_dependence(sorted: &[Ranked]) -> Option<Trace> {
    let n = sorted.len() as i128;
    let mut of_load = [0_i128; 256];
    sorted.iter().for_each(|order| of_load[usize::from(order.load)] += 1);
    // Twice the centred mid-rank of a run of `ties` that starts after `below` values: 2 below + ties + 1 - (n + 1).
    let centred = |below: i128, ties: i128| 2 * below + ties - n;
    let (mut load_rank, mut below) = ([0_i128; 256], 0_i128);
    for (rank, ties) in load_rank.iter_mut().zip(of_load) {
        *rank = centred(below, ties);
        below += ties;
    }
    // Products, squares of load ranks, squares of latency ranks.
    let (mut sums, mut below) = ([[0_i128; 3]; STRETCHES], 0_i128);
    for run in sorted.chunk_by(|a, b| a.latency == b.latency) {
        let rank = centred(below, run.len() as i128);
        for order in run {
            let load = load_rank[usize::from(order.load)];
            let [products, loads, latencies] = &mut sums[usize::from(order.stretch)];
            *products += rank * load;
            *loads += load * load;
            *latencies += rank * rank;
        }
        below += run.len() as i128;
    }
    let moments = sums.map(|[products, left, right]| Moments { products: products as f64, left: left as f64, right: right as f64 });
    trace(&moments, 0.0)
}

/// Lag-1 autocorrelation of log latency in order of *sending*; a latency below 1 ns counts as 1 ns.
///
/// In order of receipt, latencies drawn at random show up to .1: within a cascade the large ones come first by construction.
/// In order of sending they show none, and genuine queues the same as in order of receipt. `None` of a constant series.
pub(crate) fn memory(received: &[i64], latency: &[i64]) -> Option<Trace> {
    let mut by_sent: Vec<(i64, i64)> = received.iter().zip(latency).map(|(at, latency)| (at.saturating_add(*latency), *latency)).collect();
    // A queue sends nearly in order of receipt.
    sort_nearly_sorted(&mut by_sent, Ord::cmp);
    let n = by_sent.len();
    let logs: Vec<f64> = by_sent.iter().map(|(_, latency)| log_of(*latency)).collect();
    let mean = logs.iter().copied().collect::<CompensatedSum>().value() / n.max(1) as f64;
    let mut stretches = [Moments::default(); STRETCHES];
    for (i, log) in logs.iter().enumerate() {
        let sums = &mut stretches[stretch_of(i, n)];
        let own = log - mean;
        sums.left += own * own;
        sums.right = sums.left;
        if let Some(next) = logs.get(i + 1) {
            sums.products += own * (next - mean);
        }
    }
    // Rounding of the mean leaves a little of a constant series.
    trace(&stretches, 1e-9 * n as f64)
}

/// Correlation of an order's log latency with that of the order sent just before it, of whatever group: for each group code the orders of
/// that group, `None` where they or their neighbours do not vary.
///
/// A queue is shared. The last order of one's own may be far back where a group sends little, and [`memory`] then fades, however
/// genuine its stamps; the order just before has met the same queue. Stamps made up for one group or for all show neither.
/// Pearson's correlation of pairs; O(n log n).
pub(crate) fn memory_of_neighbour(orders: &MatchedOrders) -> Vec<Option<Trace>> {
    let mut by_sent: Vec<(i64, i64, u16)> =
        (0..orders.len()).map(|row| (orders.sent_at(row).0, orders.latency[row].0, orders.group[row])).collect();
    sort_nearly_sorted(&mut by_sent, Ord::cmp);
    let n_groups = by_sent.iter().map(|order| usize::from(order.2) + 1).max().unwrap_or(0);
    let mut pairs: Vec<Vec<(f64, f64)>> = vec![Vec::new(); n_groups];
    by_sent.windows(2).for_each(|pair| pairs[usize::from(pair[1].2)].push((log_of(pair[0].1), log_of(pair[1].1))));
    pairs.iter().map(|pairs| correlation(pairs)).collect()
}

fn correlation(pairs: &[(f64, f64)]) -> Option<Trace> {
    let n = pairs.len();
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).collect::<CompensatedSum>().value() / n.max(1) as f64;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let mut stretches = [Moments::default(); STRETCHES];
    for (i, pair) in pairs.iter().enumerate() {
        let sums = &mut stretches[stretch_of(i, n)];
        sums.products += (pair.0 - x) * (pair.1 - y);
        sums.left += (pair.0 - x) * (pair.0 - x);
        sums.right += (pair.1 - y) * (pair.1 - y);
    }
    trace(&stretches, 1e-9 * n as f64)
}

fn log_of(latency: i64) -> f64 {
    libm::log(latency.max(1) as f64)
}

/// Standard deviation over mean of latencies (nanoseconds); `None` where the mean is not above zero.
pub(crate) fn variation(sorted: &[Ranked]) -> Option<f64> {
    let n = sorted.len() as f64;
    let total: i128 = sorted.iter().map(|order| i128::from(order.latency)).sum();
    let mean = total as f64 / n;
    let squares: CompensatedSum = sorted.iter().map(|order| order.latency as f64 - mean).map(|d| d * d).collect();
    (total > 0).then(|| (squares.value() / n).sqrt() / mean)
}
