//! How finely a series of stamps really is resolved, whatever its decimals claim.

use rayon::prelude::*;

/// Powers of ten of nanoseconds that are told apart: 1 ns to 1 s.
pub(crate) const DECADES: [i64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Of 100 stamps, how many must be multiples: the rest may come from another component.
const SHARE_PERCENT: u64 = 99;

/// Stamps counted by the largest power of ten of nanoseconds, up to 1 s, that divides them.
///
/// Counts of parts of a series add up to those of the whole, so that a study need not be held in one piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResolutionCounts([u64; DECADES.len()]);

impl ResolutionCounts {
    /// Counts stamps, in nanoseconds. One pass, in parallel.
    #[must_use]
    pub fn of(stamps: &[i64]) -> Self {
        const CHUNK: usize = 1 << 16;
        stamps.par_chunks(CHUNK).map(Self::of_chunk).reduce(Self::default, Self::merged)
    }

    fn of_chunk(stamps: &[i64]) -> Self {
        let mut counts = Self::default();
        for stamp in stamps {
            counts.0[trailing_zeros(*stamp)] += 1;
        }
        counts
    }

    /// The counts of both series together.
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(left, right)| *left += right);
        self
    }

    /// How many stamps were counted.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The effective resolution: the largest power of ten of nanoseconds, at most 1 s, that divides at least 99 % of the stamps.
    ///
    /// 1 of no stamps. Of fewer than some 20 stamps it says little: one in ten is a multiple of ten by chance.
    #[must_use]
    pub fn resolution(&self) -> i64 {
        let n = self.n();
        let mut multiples = 0;
        for (decade, count) in DECADES.iter().zip(self.0).rev() {
            multiples += count;
            if n > 0 && multiples * 100 >= n * SHARE_PERCENT {
                return *decade;
            }
        }
        1
    }
}

/// Zeros at the end of a stamp in decimal, at most nine.
fn trailing_zeros(stamp: i64) -> usize {
    let mut rest = stamp;
    let mut zeros = 0;
    while zeros + 1 < DECADES.len() && rest % 10 == 0 {
        rest /= 10;
        zeros += 1;
    }
    zeros
}

/// The effective resolution of a series of stamps in nanoseconds; see [`ResolutionCounts::resolution`].
#[must_use]
pub fn effective_resolution(stamps: &[i64]) -> i64 {
    ResolutionCounts::of(stamps).resolution()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::timestamps::resolution::{DECADES, ResolutionCounts, effective_resolution};

    /// The definition, word by word.
    fn by_definition(stamps: &[i64]) -> i64 {
        let divides = |decade: &&i64| stamps.iter().filter(|stamp| *stamp % **decade == 0).count() * 100 >= stamps.len() * 99;
        DECADES.iter().rev().find(divides).copied().unwrap_or(1)
    }

    #[test]
    fn one_stray_stamp_in_a_hundred_is_forgiven_and_two_are_not() {
        let mut stamps: Vec<i64> = (1..=100).map(|i| i * 1_000_000 + 3_000_000_000).collect();
        stamps[7] += 1;
        assert_eq!(effective_resolution(&stamps), 1_000_000);
        stamps[8] += 10;
        assert_eq!(effective_resolution(&stamps), 10);
        assert_eq!(effective_resolution(&[]), 1);
    }

    #[test]
    fn whole_days_are_no_coarser_than_a_second() {
        assert_eq!(effective_resolution(&[0, 86_400_000_000_000, -86_400_000_000_000]), 1_000_000_000);
    }

    proptest! {
        #[test]
        fn one_pass_equals_the_definition(
            parts in prop::collection::vec((-4_000_i64..4_000, 0_usize..10, 1_usize..60), 1..12),
            split in 0_usize..100,
        ) {
            let stamps: Vec<i64> = parts.iter().flat_map(|&(i, decade, n)| std::iter::repeat_n(i * DECADES[decade], n)).collect();
            prop_assert_eq!(effective_resolution(&stamps), by_definition(&stamps));
            let (left, right) = stamps.split_at(split.min(stamps.len()));
            prop_assert_eq!(ResolutionCounts::of(left).merged(ResolutionCounts::of(right)), ResolutionCounts::of(&stamps));
        }
    }
}
