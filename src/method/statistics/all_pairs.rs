//! Raw comparison of every two groups, for the comparison table.

use rayon::prelude::*;

use crate::statistics::ks_test::LargestGap;
use crate::statistics::merge::for_each_tie;
use crate::statistics::rank_test::RankCount;
use crate::statistics::{KsTest, RankTest};

/// Two groups compared as they are: unmatched, every observation taken as independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairComparison {
    /// Index of the left group.
    pub left: usize,
    /// Index of the right group; above `left`.
    pub right: usize,
    /// Mann-Whitney test of right against left; `None` if either is empty.
    pub rank: Option<RankTest>,
    /// Kolmogorov-Smirnov test; `None` if either is empty.
    pub ks: Option<KsTest>,
}

/// [`crate::statistics::rank_test`] and [`crate::statistics::ks_test`] of every two of `groups` (each sorted), in the order
/// (0, 1), (0, 2), ... (1, 2), ...; one merge per pair, pairs in parallel.
pub fn all_pairs<T: Copy + Ord + Sync>(groups: &[&[T]]) -> Vec<PairComparison> {
    let pairs: Vec<(usize, usize)> = (0..groups.len()).flat_map(|left| (left + 1..groups.len()).map(move |right| (left, right))).collect();
    pairs.into_par_iter().map(|(left, right)| compare(groups, left, right)).collect()
}

/// Both tests of one pair in one pass.
fn compare<T: Copy + Ord>(groups: &[&[T]], left: usize, right: usize) -> PairComparison {
    let (left_sorted, right_sorted) = (groups[left], groups[right]);
    let mut count = RankCount::default();
    let mut gap = LargestGap::new(left_sorted.len(), right_sorted.len());
    for_each_tie(left_sorted, right_sorted, |tie| {
        count.add(tie);
        gap.add(tie);
    });
    PairComparison { left, right, rank: count.test(left_sorted.len(), right_sorted.len()), ks: gap.test() }
}

#[cfg(test)]
mod tests {
    use crate::statistics::{all_pairs, ks_test, rank_test};

    #[test]
    fn every_pair_gets_both_tests_in_order() {
        let groups: [&[i64]; 4] = [&[1, 2, 2, 9], &[], &[2, 3], &[-4, 2, 2, 2, 50]];
        let compared = all_pairs(&groups);
        let order: Vec<_> = compared.iter().map(|pair| (pair.left, pair.right)).collect();
        assert_eq!(order, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
        for pair in compared {
            assert_eq!(pair.rank, rank_test(groups[pair.left], groups[pair.right]));
            assert_eq!(pair.ks, ks_test(groups[pair.left], groups[pair.right]));
        }
    }
}
