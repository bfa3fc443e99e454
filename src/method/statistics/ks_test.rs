//! The two-sample Kolmogorov-Smirnov test, for readers who expect it. It never decides a verdict.

use crate::statistics::kolmogorov_sf;
use crate::statistics::merge::{Tie, for_each_tie};

/// Result of the two-sample Kolmogorov-Smirnov test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsTest {
    /// Largest distance of the two empirical distribution functions, 0 to 1.
    pub statistic: f64,
    /// Two-sided asymptotic p-value, `P(K > sqrt(n m / (n + m)) D)`.
    pub p_value: f64,
}

/// Kolmogorov-Smirnov test on two sorted samples; `None` if either is empty.
///
/// The distance is found in integers. The p-value is the asymptotic one (`scipy.special.kolmogorov`): conservative under ties,
/// rough below some dozens of observations, and, like every test of independent observations, far too eager on clustered
/// latencies. Cost O(n + m).
pub fn ks_test(left_sorted: &[i64], right_sorted: &[i64]) -> Option<KsTest> {
    let mut gap = LargestGap::new(left_sorted.len(), right_sorted.len());
    for_each_tie(left_sorted, right_sorted, |tie| gap.add(tie));
    gap.test()
}

/// Largest `n m |F_left - F_right|` so far, an integer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LargestGap {
    n_left: u64,
    n_right: u64,
    scaled: u128,
}

impl LargestGap {
    /// Nothing seen yet, of samples of these sizes.
    pub(crate) fn new(n_left: usize, n_right: usize) -> Self {
        Self { n_left: n_left as u64, n_right: n_right as u64, scaled: 0 }
    }

    /// With `n m |F_left - F_right|` found already.
    pub(crate) fn scaled(n_left: usize, n_right: usize, scaled: u64) -> Self {
        Self { scaled: u128::from(scaled), ..Self::new(n_left, n_right) }
    }

    /// Takes in one distinct value.
    #[inline]
    pub(crate) fn add(&mut self, tie: Tie) {
        let left = u128::from(tie.left_below + tie.left) * u128::from(self.n_right);
        let right = u128::from(tie.right_below + tie.right) * u128::from(self.n_left);
        self.scaled = self.scaled.max(left.abs_diff(right));
    }

    /// The test, once all values are in; `None` if a sample is empty.
    pub(crate) fn test(self) -> Option<KsTest> {
        if self.n_left == 0 || self.n_right == 0 {
            return None;
        }
        let (n, m) = (self.n_left as f64, self.n_right as f64);
        let statistic = self.scaled as f64 / (n * m);
        Some(KsTest { statistic, p_value: kolmogorov_sf((n * m / (n + m)).sqrt() * statistic) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::statistics::ks_test;
    use crate::statistics::reference::{assert_close, cases, integers, list, real};

    #[test]
    fn distance_and_p_equal_scipy() {
        for case in list(&cases("two_samples")) {
            let test = ks_test(&integers(&case["left"]), &integers(&case["right"])).expect("neither is empty");
            assert_close(test.statistic, real(&case["ks"]), 1e-13, &case["name"].to_string());
            assert_close(test.p_value, real(&case["ks_p"]), 1e-10, &case["name"].to_string());
        }
    }

    #[test]
    fn an_empty_side_has_no_test() {
        assert_eq!(ks_test(&[], &[1]), None);
        assert_eq!(ks_test(&[1], &[]), None);
    }

    proptest! {
        #[test]
        fn the_distance_is_the_largest_over_all_values(
            mut left in prop::collection::vec(-12_i64..12, 1..50), mut right in prop::collection::vec(-12_i64..12, 1..50),
        ) {
            left.sort_unstable();
            right.sort_unstable();
            let share = |sorted: &[i64], x: i64| sorted.partition_point(|value| *value <= x) as f64 / sorted.len() as f64;
            let largest = (-12..12).map(|x| (share(&left, x) - share(&right, x)).abs()).fold(0.0, f64::max);
            let test = ks_test(&left, &right).expect("not empty");
            prop_assert!((test.statistic - largest).abs() < 1e-14);
        }
    }
}
