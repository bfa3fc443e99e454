//! Raw comparison of every two groups, for the comparison table.

use crate::statistics::sweep::sweep;
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
/// (0, 1), (0, 2), ... (1, 2), ...; one sweep over all values, in parallel. What it keeps grows with the square of the number of groups.
pub fn all_pairs<T: Copy + Ord + Send + Sync>(groups: &[&[T]]) -> Vec<PairComparison> {
    let n_groups = groups.len();
    let swept = sweep(groups);
    let compared = |(left, right): (usize, usize)| {
        let (count, gap) = swept[right * n_groups + left];
        PairComparison { left, right, rank: count.test(groups[left].len(), groups[right].len()), ks: gap.test() }
    };
    (0..n_groups).flat_map(|left| (left + 1..n_groups).map(move |right| (left, right))).map(compared).collect()
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
        // Of many groups too, and of none.
        assert_eq!(all_pairs::<i64>(&[]), []);
        let many: Vec<Vec<i64>> = (0..70).map(|group| (0..group % 5).map(|at| at * group).collect()).collect();
        for pair in all_pairs(&many.iter().map(Vec::as_slice).collect::<Vec<_>>()) {
            assert_eq!(pair.rank, rank_test(&many[pair.left], &many[pair.right]));
            assert_eq!(pair.ks, ks_test(&many[pair.left], &many[pair.right]));
        }
    }
}
