//! The Mann-Whitney (Wilcoxon rank-sum) test, for readers who expect it. It never decides a verdict.

use crate::statistics::merge::{Tie, for_each_tie};
use crate::statistics::normal_sf;

/// Result of the Mann-Whitney test of `right` against `left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// Number of pairs in which the right value is larger, ties half: a multiple of 1/2, exact below 2^52.
    pub u: f64,
    /// `u` as a share of all pairs: the chance that a right value exceeds a left one; 1/2 is no difference.
    pub superiority: f64,
    /// Normal deviate of `u`, tie-corrected, moved 1/2 towards zero (continuity); positive where the right side is larger.
    pub z: f64,
    /// Two-sided asymptotic p-value.
    pub p_value: f64,
}

/// Mann-Whitney test on two sorted samples; `None` if either is empty.
///
/// Equals `scipy.stats.mannwhitneyu(right, left, method="asymptotic")`. The rank sums and the tie correction are exact
/// integers. Samples that are all one value have z = 0 and p = 1.
///
/// Assumes independent observations. Latencies are not: they come in clusters and depend on load, so on large logs this p
/// accuses fair systems far more often than its level says. Cost O(n + m).
pub fn rank_test(left_sorted: &[i64], right_sorted: &[i64]) -> Option<RankTest> {
    let mut count = RankCount::default();
    for_each_tie(left_sorted, right_sorted, |tie| count.add(tie));
    count.test(left_sorted.len(), right_sorted.len())
}

/// The integers that the test is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RankCount {
    /// Twice the number of pairs in which the right value is larger, ties half.
    twice_u: u128,
    /// `sum t^3 - t` over the runs of t equal values.
    tie_term: u128,
}

impl RankCount {
    pub(crate) fn new(twice_u: u128, tie_term: u128) -> Self {
        Self { twice_u, tie_term }
    }

    /// Takes in one distinct value.
    #[inline]
    pub(crate) fn add(&mut self, tie: Tie) {
        self.twice_u += u128::from(tie.right) * u128::from(2 * tie.left_below + tie.left);
        let run = tie.left + tie.right;
        if run > 1 {
            let run = u128::from(run);
            self.tie_term += run * (run * run - 1);
        }
    }

    /// The test, once all values are in; `None` if a sample is empty.
    pub(crate) fn test(self, n_left: usize, n_right: usize) -> Option<RankTest> {
        if n_left == 0 || n_right == 0 {
            return None;
        }
        let n = (n_left + n_right) as u128;
        let pairs = n_left as u128 * n_right as u128;
        // 12 n (n - 1) Var(U) / pairs: an integer, so ties that leave almost nothing cancel exactly.
        let spread = n * (n * n - 1) - self.tie_term;
        let variance = pairs as f64 * spread as f64 / (12.0 * (n * (n - 1)) as f64);
        // Twice the distance of U from its mean, less the continuity correction of 1/2.
        let distance = self.twice_u.abs_diff(pairs).saturating_sub(1) as f64;
        let z = if spread == 0 || distance == 0.0 { 0.0 } else { 0.5 * distance / variance.sqrt() };
        Some(RankTest {
            u: 0.5 * self.twice_u as f64,
            superiority: self.twice_u as f64 / (2 * pairs) as f64,
            z: if self.twice_u < pairs { -z } else { z },
            p_value: 2.0 * normal_sf(z),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::statistics::rank_test;
    use crate::statistics::reference::{assert_close, cases, integers, list, real};

    #[test]
    fn u_and_p_equal_scipy() {
        for case in list(&cases("two_samples")) {
            let test = rank_test(&integers(&case["left"]), &integers(&case["right"])).expect("neither is empty");
            assert_eq!(test.u, real(&case["u"]), "{}", case["name"]);
            assert_close(test.p_value, real(&case["u_p"]), 1e-10, &case["name"].to_string());
        }
    }

    #[test]
    fn all_tied_is_no_difference() {
        let test = rank_test(&[7; 5], &[7; 9]).expect("neither is empty");
        assert_eq!((test.superiority, test.z, test.p_value), (0.5, 0.0, 1.0));
    }

    #[test]
    fn an_empty_side_has_no_test() {
        assert_eq!(rank_test(&[], &[1]), None);
        assert_eq!(rank_test(&[1], &[]), None);
    }

    proptest! {
        #[test]
        fn u_equals_the_count_of_all_pairs_and_turns_with_the_sides(
            mut left in prop::collection::vec(-12_i64..12, 1..50), mut right in prop::collection::vec(-12_i64..12, 1..50),
        ) {
            left.sort_unstable();
            right.sort_unstable();
            let twice: u64 = left.iter().flat_map(|l| right.iter().map(move |r| u64::from(r > l) + u64::from(r >= l))).sum();
            let (forth, back) = (rank_test(&left, &right).expect("not empty"), rank_test(&right, &left).expect("not empty"));
            prop_assert_eq!(forth.u, 0.5 * twice as f64);
            prop_assert_eq!(forth.z, -back.z);
            prop_assert_eq!(forth.p_value, back.p_value);
        }
    }
}
