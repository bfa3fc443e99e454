//! How finely a series of stamps really is resolved, whatever its decimals claim.

use rayon::prelude::*;

/// Powers of ten of nanoseconds that are told apart: 1 ns to 1 s.
pub(crate) const DECADES: [i64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// What a stamp may be cut to: those, and the minute that a spreadsheet leaves.
const STEPS: [i64; 11] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 60_000_000_000];
/// Stamps from which on the minute is believed: a few may stand at 09:00:00 because that is when they were made.
const LEAST_FOR_MINUTES: u64 = 100;

/// Of 100 stamps, how many must be multiples: the rest may come from another component.
const SHARE_PERCENT: u64 = 99;

/// Stamps counted by the largest power of ten of nanoseconds up to 1 s, or the minute, that divides them.
///
/// Counts of parts of a series add up to those of the whole, so that a study need not be held in one piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResolutionCounts([u64; STEPS.len()]);

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
            counts.0[coarsest_step(*stamp)] += 1;
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

    /// The effective resolution: the largest power of ten of nanoseconds up to 1 s, or of a hundred stamps and more the minute, that
    /// divides at least 99 % of the stamps.
    ///
    /// 1 of no stamps. Of fewer than some 20 stamps it says little: one in ten is a multiple of ten by chance.
    #[must_use]
    pub fn resolution(&self) -> i64 {
        let n = self.n();
        let mut multiples = 0;
        for (step, count) in STEPS.iter().zip(self.0).rev() {
            multiples += count;
            let least = if *step > DECADES[DECADES.len() - 1] { LEAST_FOR_MINUTES } else { 1 };
            if n >= least && multiples * 100 >= n * SHARE_PERCENT {
                return *step;
            }
        }
        1
    }
}

/// The place among [`STEPS`] of the largest that divides a stamp.
fn coarsest_step(stamp: i64) -> usize {
    let mut rest = stamp;
    let mut zeros = 0;
    while zeros + 1 < DECADES.len() && rest % 10 == 0 {
        rest /= 10;
        zeros += 1;
    }
    if zeros + 1 < DECADES.len() {
        return zeros;
    }
    // Whole seconds; every step divides the next.
    DECADES.len() - 1 + STEPS[DECADES.len()..].iter().take_while(|step| stamp % **step == 0).count()
}

/// The effective resolution of a series of stamps in nanoseconds; see [`ResolutionCounts::resolution`].
#[must_use]
pub fn effective_resolution(stamps: &[i64]) -> i64 {
    ResolutionCounts::of(stamps).resolution()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::timestamps::resolution::{DECADES, ResolutionCounts, STEPS, effective_resolution};

    /// The definition, word by word.
    fn by_definition(stamps: &[i64]) -> i64 {
        let divides = |step: &&i64| stamps.iter().filter(|stamp| *stamp % **step == 0).count() * 100 >= stamps.len() * 99;
        let n_steps = if stamps.len() < 100 { DECADES.len() } else { STEPS.len() };
        STEPS[..n_steps].iter().rev().find(divides).copied().unwrap_or(1)
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
    fn stamps_of_a_spreadsheet_are_known_by_the_minute_and_a_few_round_ones_are_not() {
        let minutes: Vec<i64> = (0..600).map(|at| at * 60_000_000_000).collect();
        assert_eq!(effective_resolution(&minutes), 60_000_000_000);
        assert_eq!(effective_resolution(&[0, 86_400_000_000_000, -86_400_000_000_000]), 1_000_000_000);
    }

    proptest! {
        #[test]
        fn one_pass_equals_the_definition(
            parts in prop::collection::vec((-4_000_i64..4_000, 0_usize..11, 1_usize..60), 1..12),
            split in 0_usize..100,
        ) {
            let stamps: Vec<i64> = parts.iter().flat_map(|&(i, decade, n)| std::iter::repeat_n(i * STEPS[decade], n)).collect();
            prop_assert_eq!(effective_resolution(&stamps), by_definition(&stamps));
            let (left, right) = stamps.split_at(split.min(stamps.len()));
            prop_assert_eq!(ResolutionCounts::of(left).merged(ResolutionCounts::of(right)), ResolutionCounts::of(&stamps));
        }
    }
}
