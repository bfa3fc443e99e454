//! Mergeable histograms of integer weights, and the weighted quantiles they hold.
//!
//! Log-linear bins (HdrHistogram; Masson, Rim & Lee 2019): 2^7 to each octave, so a bin is at most 1/128 of its values wide, and values
//! below 256 ns have a bin each. Up to 67 ms (2^26 ns) that makes 2,561 bins. There is no overflow bin: bins reach over all of
//! `i64`, and a histogram keeps only the stretch from its lowest to its highest occupied bin. Negative values mirror the others, so
//! that -1 - x stands as far below zero as x above. Counts are integers: merging is exact in any order and any tree.

use std::collections::BTreeMap;

/// Sub-buckets per octave, log2.
const SUB_BITS: u32 = 7;
/// Bins on one side of zero.
const SIDE: usize = (65 - SUB_BITS as usize) << SUB_BITS;

/// Weights by bin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Bin of `weights[0]`.
    first: usize,
    weights: Vec<u64>,
}

impl Histogram {
    pub(crate) fn add(&mut self, value: i64, weight: u64) {
        self.add_bin(bin(value), weight);
    }

    fn add_bin(&mut self, bin: usize, weight: u64) {
        if self.weights.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            self.weights.splice(0..0, std::iter::repeat_n(0, self.first - bin));
            self.first = bin;
        }
        let at = bin - self.first;
        if at >= self.weights.len() {
            self.weights.resize(at + 1, 0);
        }
        self.weights[at] += weight;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        // The ends first, so that the stretch grows at most twice; bins without weight at an end never occur.
        for at in [0, other.weights.len().saturating_sub(1)].into_iter().filter(|at| *at < other.weights.len()) {
            self.add_bin(other.first + at, 0);
        }
        for (at, weight) in other.weights.iter().enumerate() {
            self.weights[other.first + at - self.first] += weight;
        }
    }

    /// All weight.
    pub(crate) fn total(&self) -> u64 {
        self.weights.iter().sum()
    }

    /// Where the weight so far reaches `target`, at least 1 and at most all weight; `None` of an empty histogram.
    pub(crate) fn locate(&self, target: u64) -> Option<Wanted> {
        let target = target.clamp(1, self.total().max(1));
        let mut below = 0;
        let at = self.weights.iter().position(|weight| {
            below += weight;
            below >= target
        })?;
        Some(Wanted { bin: self.first + at, inside: target - (below - self.weights[at]) })
    }
}

/// The weight at which a quantile is reached: the smallest whole number not below `level` of all.
pub(crate) fn target(level: f64, total: u64) -> u64 {
    (libm::ceil(level * total as f64) as u64).clamp(1, total.max(1))
}

/// Where a quantile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    bin: usize,
    /// Weight to accumulate inside the bin.
    inside: u64,
}

impl Wanted {
    /// The middle of the bin.
    pub(crate) fn middle(self) -> i64 {
        let (low, high) = bounds(self.bin);
        low + (high - low) / 2
    }

    /// Largest distance of [`Self::middle`] from a value of the bin: half a bin.
    pub(crate) fn error(self) -> i64 {
        bounds(self.bin).1 - self.middle()
    }
}

/// The values and weights inside a few bins: what a second pass adds to a histogram to make its quantiles exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inside {
    /// Ascending.
    bins: Vec<usize>,
    weights: BTreeMap<i64, u64>,
}

impl Inside {
    pub(crate) fn of(wanted: &[Option<Wanted>]) -> Self {
        let mut bins: Vec<usize> = wanted.iter().flatten().map(|wanted| wanted.bin).collect();
        bins.sort_unstable();
        bins.dedup();
        Self { bins, weights: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, value: i64, weight: u64) {
        if self.bins.binary_search(&bin(value)).is_ok() {
            *self.weights.entry(value).or_insert(0) += weight;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (value, weight) in other.weights {
            *self.weights.entry(value).or_insert(0) += weight;
        }
    }

    /// The exact quantile.
    pub(crate) fn quantile(&self, wanted: Wanted) -> i64 {
        let (low, high) = bounds(wanted.bin);
        let mut sum = 0;
        let reached = self.weights.range(low..=high).find(|(_, weight)| {
            sum += **weight;
            sum >= wanted.inside
        });
        reached.map_or(low, |(value, _)| *value)
    }
}

/// The bin of a value; ascending in the value.
fn bin(value: i64) -> usize {
    let magnitude = if value >= 0 { value as u64 } else { !value as u64 };
    let shift = (64 - magnitude.leading_zeros()).saturating_sub(SUB_BITS + 1);
    let index = ((shift as usize) << SUB_BITS) + (magnitude >> shift) as usize;
    if value >= 0 { SIDE + index } else { SIDE - 1 - index }
}

/// Smallest and largest value of a bin.
fn bounds(bin: usize) -> (i64, i64) {
    let index = if bin >= SIDE { bin - SIDE } else { SIDE - 1 - bin };
    let shift = (index >> SUB_BITS).saturating_sub(1);
    let low = ((index - (shift << SUB_BITS)) as i64) << shift;
    let high = low + ((1_i64 << shift) - 1);
    if bin >= SIDE { (low, high) } else { (!high, !low) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = i64> {
        prop::num::i64::ANY.prop_map(|value| value >> (value & 63))
    }

    #[test]
    fn values_up_to_67_ms_take_2561_bins_and_small_values_one_each() {
        assert_eq!(bin(67_108_864) - bin(0) + 1, 2_561);
        for value in -255..255 {
            assert_eq!(bounds(bin(value)), (value, value));
        }
    }

    proptest! {
        #[test]
        fn a_bin_holds_its_values_and_is_narrow(value in any_value()) {
            let (low, high) = bounds(bin(value));
            prop_assert!(low <= value && value <= high);
            prop_assert_eq!((bin(low), bin(high)), (bin(value), bin(value)));
            prop_assert!((high - low) <= (value.unsigned_abs() / 128) as i64);
            prop_assert!(high == i64::MAX || bin(high + 1) == bin(value) + 1);
        }

        #[test]
        fn quantiles_are_within_half_a_bin_and_exact_after_a_second_pass_in_any_tree(
            pairs in prop::collection::vec((any_value(), 1..5_u64), 1..60), level in 0.0..1.0_f64, cut in 0..60_usize,
        ) {
            let of = |pairs: &[(i64, u64)]| {
                let mut histogram = Histogram::default();
                pairs.iter().for_each(|(value, weight)| histogram.add(*value, *weight));
                histogram
            };
            let all = of(&pairs);
            let (left, right) = pairs.split_at(cut.min(pairs.len()));
            let [mut one, mut other] = [of(left), of(right)];
            let untouched = one.clone();
            one.merge(&other);
            other.merge(&untouched);
            prop_assert_eq!(&one, &all);
            prop_assert_eq!(&other, &all);

            let mut list: Vec<i64> = pairs.iter().flat_map(|(value, weight)| vec![*value; *weight as usize]).collect();
            list.sort_unstable();
            let exact = list[((level * list.len() as f64).ceil() as usize).clamp(1, list.len()) - 1];
            let wanted = all.locate(target(level, all.total())).expect("not empty");
            prop_assert!((i128::from(wanted.middle()) - i128::from(exact)).abs() <= i128::from(wanted.error()));
            let gather = |pairs: &[(i64, u64)]| {
                let mut inside = Inside::of(&[Some(wanted)]);
                pairs.iter().for_each(|(value, weight)| inside.add(*value, *weight));
                inside
            };
            let mut inside = gather(right);
            inside.merge(gather(left));
            prop_assert_eq!(inside.quantile(wanted), exact);
        }
    }
}
