//! What a real queue leaves in latencies: dependence on load, memory, a tail, variation.

use crate::statistics::CompensatedSum;
use crate::timestamps::spikes::Ranked;

/// Spearman's rank correlation of load and latency, mid-ranks in ties, from orders ascending by latency.
///
/// `scipy.stats.spearmanr`. Rank sums are integers (twice the mid-ranks), so the value does not depend on the order within ties.
/// `None` where load or latency is constant. Cost O(n) after the sort.
pub(crate) fn load_dependence(sorted: &[Ranked]) -> Option<f64> {
    let n = sorted.len() as i128;
    let mut of_load = [0_i128; 256];
    sorted.iter().for_each(|order| of_load[usize::from(order.load)] += 1);
    // Twice the centred mid-rank of a run of `ties` that starts after `below` values: 2 below + ties + 1 - (n + 1).
    let centred = |below: i128, ties: i128| 2 * below + ties - n;
    let (mut load_rank, mut load_squares, mut below) = ([0_i128; 256], 0_i128, 0_i128);
    for (rank, ties) in load_rank.iter_mut().zip(of_load) {
        *rank = centred(below, ties);
        load_squares += ties * *rank * *rank;
        below += ties;
    }
    let (mut latency_squares, mut products, mut below) = (0_i128, 0_i128, 0_i128);
    for run in sorted.chunk_by(|a, b| a.latency == b.latency) {
        let rank = centred(below, run.len() as i128);
        latency_squares += run.len() as i128 * rank * rank;
        products += rank * run.iter().map(|order| load_rank[usize::from(order.load)]).sum::<i128>();
        below += run.len() as i128;
    }
    let scale = (load_squares as f64).sqrt() * (latency_squares as f64).sqrt();
    (scale > 0.0).then(|| products as f64 / scale)
}

/// Lag-1 autocorrelation of log latency in order of *sending*; a latency below 1 ns counts as 1 ns.
///
/// In order of receipt, latencies drawn at random show up to .1: within a cascade the large ones come first by construction.
/// In order of sending they show none, and genuine queues the same as in order of receipt. `None` of a constant series.
pub(crate) fn memory(received: &[i64], latency: &[i64]) -> Option<f64> {
    let mut by_sent: Vec<(i64, i64)> = received.iter().zip(latency).map(|(at, latency)| (at.saturating_add(*latency), *latency)).collect();
    // Stable: it runs through what is in order already, and a queue sends nearly in order of receipt.
    by_sent.sort();
    let logs: Vec<f64> = by_sent.iter().map(|(_, latency)| libm::log((*latency).max(1) as f64)).collect();
    let mean = logs.iter().copied().collect::<CompensatedSum>().value() / logs.len().max(1) as f64;
    let squares: CompensatedSum = logs.iter().map(|log| (log - mean) * (log - mean)).collect();
    let products: CompensatedSum = logs.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).collect();
    // Rounding of the mean leaves a little of a constant series.
    (squares.value() > 1e-9 * logs.len() as f64).then(|| products.value() / squares.value())
}

/// Standard deviation over mean of latencies (nanoseconds); `None` where the mean is not above zero.
pub(crate) fn variation(sorted: &[Ranked]) -> Option<f64> {
    let n = sorted.len() as f64;
    let total: i128 = sorted.iter().map(|order| i128::from(order.latency)).sum();
    let mean = total as f64 / n;
    let squares: CompensatedSum = sorted.iter().map(|order| order.latency as f64 - mean).map(|d| d * d).collect();
    (total > 0).then(|| (squares.value() / n).sqrt() / mean)
}
