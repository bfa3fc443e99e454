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

    pub(crate) fn merge(mut self, other: &Self) -> Self {
        for (sum, part) in self.bins.iter_mut().zip(&other.bins) {
            *sum += part;
        }
        self
    }

    /// The weight up to every bin, that bin's own included.
    pub(crate) fn running_sums(&self) -> Vec<u64> {
        let mut sum = 0;
        let add = |weight: &u64| {
            sum += weight;
            sum
        };
        self.bins.iter().map(add).collect()
    }

    /// For each level, the bin of its quantile and the weight still wanted inside that bin.
    pub(crate) fn locate(&self, levels: &[f64]) -> Vec<Wanted> {
        let total: u64 = self.bins.iter().sum();
        levels
            .iter()
            .map(|level| {
                let target = target(*level, total);
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

/// The weight that a quantile is the first to reach.
fn target(level: f64, total: u64) -> u64 {
    (libm::ceil(level * total as f64) as u64).clamp(1, total.max(1))
}

/// Where a quantile lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Histogram bin.
    pub(crate) bin: usize,
    /// Weight to accumulate inside it.
    inside: u64,
}

impl Wanted {
    /// Where a quantile lies of which only running sums can be asked for; looked for about the bin `near`.
    pub(crate) fn near(near: usize, level: f64, running_sum: impl Fn(usize) -> u64) -> Self {
        let [first, last] = [bin(i64::MIN), bin(i64::MAX)];
        let target = target(level, running_sum(last));
        let bin = first_from(near.clamp(first, last), [first, last], |bin| running_sum(bin) >= target);
        let below = if bin == first { 0 } else { running_sum(bin - 1) };
        Self { bin, inside: target - below }
    }
}

/// The first number of a range that is `reached`, as are all above it and the last; looked for in ever longer steps from `near`.
fn first_from(near: usize, [first, last]: [usize; 2], reached: impl Fn(usize) -> bool) -> usize {
    // All below `low` are not reached, `high` is.
    let (mut low, mut high, mut step) = (first, last, 1);
    let is_below = reached(near);
    if is_below {
        high = near
    } else {
        low = near + 1
    }
    while low < high {
        let probe = if is_below { high.saturating_sub(step).max(low) } else { (low + step).min(high) - 1 };
        let is_reached = reached(probe);
        if is_reached {
            high = probe
        } else {
            low = probe + 1
        }
        if is_reached != is_below {
            break;
        }
        step *= 2;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if reached(middle) { high = middle } else { low = middle + 1 }
    }
    high
}

/// The bin of a value; ascending in the value.
pub(crate) fn bin(value: i64) -> usize {
    let magnitude = if value >= 0 { value as u64 } else { !value as u64 };
    let shift = (64 - magnitude.leading_zeros()).saturating_sub(SUB_BITS + 1);
    let index = ((shift as usize) << SUB_BITS) + (magnitude >> shift) as usize;
    if value >= 0 { SIDE + index } else { SIDE - 1 - index }
}

/// The largest value of a bin, which must hold one: bins reach beyond all `i64`.
pub(crate) fn last_value(bin: usize) -> i64 {
    let index = if bin >= SIDE { bin - SIDE } else { SIDE - 1 - bin };
    let shift = (index >> SUB_BITS).saturating_sub(1);
    let least = ((index - (shift << SUB_BITS)) as u64) << shift;
    if bin >= SIDE { (least + ((1_u64 << shift) - 1)) as i64 } else { !least as i64 }
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

/// The quantiles of a few (value, weight), by sorting them.
pub(crate) fn of_few(mut all: Vec<(i64, u64)>, levels: &[f64]) -> Vec<i64> {
    all.sort_unstable();
    let mut sum = 0;
    let running: Vec<u64> = all
        .iter()
        .map(|(_, weight)| {
            sum += weight;
            sum
        })
        .collect();
    let of = |level: &f64| {
        let place = running.partition_point(|reached| *reached < target(*level, sum));
        all.get(place).map_or(0, |(value, _)| *value)
    };
    levels.iter().map(of).collect()
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
            prop_assert_eq!(of_few(pairs, &[level]), found);
        }

        #[test]
        fn a_quantile_is_found_near_any_bin(
            values in prop::collection::vec(prop::num::i64::ANY.prop_map(|v| v >> (v & 63)), 1..50), level in 0.0..1.0_f64, near in 0..BINS,
        ) {
            let mut histogram = Histogram::new();
            values.iter().for_each(|value| histogram.add(*value, 3));
            let sums = histogram.running_sums();
            let (near, anywhere) = (Wanted::near(near, level, |bin| sums[bin]), histogram.locate(&[level])[0]);
            prop_assert_eq!((near.bin, near.inside), (anywhere.bin, anywhere.inside));
        }

        #[test]
        fn a_bin_ends_with_its_last_value(bin in super::bin(i64::MIN)..=super::bin(i64::MAX)) {
            let last = last_value(bin);
            prop_assert_eq!(super::bin(last), bin);
            prop_assert!(last == i64::MAX || super::bin(last + 1) == bin + 1);
        }

        #[test]
        fn bins_ascend(left in prop::num::i64::ANY.prop_map(|v| v >> (v & 63)), step in 0..1_000_i64) {
            prop_assert!(bin(left) <= bin(left.saturating_add(step)));
        }
    }
}
