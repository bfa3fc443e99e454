//! Exact weighted quantiles without a sort.
//!
//! Weights are integers (an order's overlap weight in units of 2^-32), so sums are exact in any order and on any number of threads.
//! One pass fills a log-linear histogram, a second collects the few bins that hold a wanted quantile.

/// Log-linear sub-buckets per octave: 2^9, so that a bin at the median holds few orders and the histogram stays in cache.
const SUB_BITS: u32 = 9;
/// Bins on one side of zero.
const SIDE: usize = ((64 - SUB_BITS as usize) << SUB_BITS) + (1 << SUB_BITS);

/// Bins in all.
pub(crate) const BINS: usize = 2 * SIDE;

/// The scale of an integer weight: weight 1.0.
pub(crate) const UNIT: u64 = 1 << 32;

/// A histogram of weights over all `i64`, ascending.
#[derive(Clone)]
pub(crate) struct Histogram {
    bins: Vec<u64>,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { bins: vec![0; BINS] }
    }

    pub(crate) fn add(&mut self, value: i64, weight: u64) {
        self.bins[bin(value)] += weight;
    }

    /// Puts another weight in the place of one that was added.
    pub(crate) fn replace(&mut self, value: i64, before: u64, after: u64) {
        let weight = &mut self.bins[bin(value)];
        *weight = (*weight + after) - before;
    }

    pub(crate) fn merge(mut self, other: &Self) -> Self {
        for (sum, part) in self.bins.iter_mut().zip(&other.bins) {
            *sum += part;
        }
        self
    }

    /// For each level, the bin of its quantile and the weight still wanted inside that bin.
    pub(crate) fn locate(&self, levels: &[f64]) -> Vec<Wanted> {
        let total: u64 = self.bins.iter().sum();
        levels
            .iter()
            .map(|level| {
                let target = (libm::ceil(level * total as f64) as u64).clamp(1, total.max(1));
                let mut below = 0;
                let found = self.bins.iter().position(|weight| {
                    below += weight;
                    below >= target
                });
                let bin = found.unwrap_or(0);
                Wanted { bin, inside: target - (below - self.bins[bin]) }
            })
            .collect()
    }
}

/// Where a quantile lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Histogram bin.
    pub(crate) bin: usize,
    /// Weight to accumulate inside it.
    inside: u64,
}

/// The bin of a value; ascending in the value.
pub(crate) fn bin(value: i64) -> usize {
    let magnitude = if value >= 0 { value as u64 } else { !value as u64 };
    let shift = (64 - magnitude.leading_zeros()).saturating_sub(SUB_BITS + 1);
    let index = ((shift as usize) << SUB_BITS) + (magnitude >> shift) as usize;
    if value >= 0 { SIDE + index } else { SIDE - 1 - index }
}

/// The quantiles, given every (value, weight) that lies in a wanted bin.
pub(crate) fn finish(wanted: &[Wanted], mut inside: Vec<(i64, u64)>) -> Vec<i64> {
    inside.sort_unstable();
    let of = |place: &Wanted| {
        let start = inside.partition_point(|(value, _)| bin(*value) < place.bin);
        let mut sum = 0;
        let reached = inside[start..].iter().find(|(_, weight)| {
            sum += weight;
            sum >= place.inside
        });
        reached.map_or(0, |(value, _)| *value)
    };
    wanted.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_equal_those_of_a_sorted_list(
            pairs in prop::collection::vec((prop::num::i64::ANY.prop_map(|v| v >> (v & 63)), 1..5_u64), 1..50), level in 0.0..1.0_f64,
        ) {
            let mut histogram = Histogram::new();
            pairs.iter().for_each(|(value, weight)| histogram.add(*value, *weight));
            let wanted = histogram.locate(&[level]);
            let found = finish(&wanted, pairs.iter().copied().filter(|(value, _)| bin(*value) == wanted[0].bin).collect());
            let mut list: Vec<i64> = pairs.iter().flat_map(|(value, weight)| vec![*value; *weight as usize]).collect();
            list.sort_unstable();
            let rank = ((level * list.len() as f64).ceil() as usize).clamp(1, list.len());
            prop_assert_eq!(found[0], list[rank - 1]);
        }

        #[test]
        fn bins_ascend(left in prop::num::i64::ANY.prop_map(|v| v >> (v & 63)), step in 0..1_000_i64) {
            prop_assert!(bin(left) <= bin(left.saturating_add(step)));
        }
    }
}
