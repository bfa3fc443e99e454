//! The Brunner-Munzel test: Mann-Whitney without the assumption of equal shapes.

use crate::statistics::merge::for_each_tie;
use crate::statistics::student_t_sf;

/// Result of the Brunner-Munzel test of `right` against `left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrunnerMunzel {
    /// Estimated chance that a right value exceeds a left one, ties half.
    pub superiority: f64,
    /// Standard error of `superiority`.
    pub standard_error: f64,
    /// `(superiority - 1/2) / standard_error`.
    pub statistic: f64,
    /// Satterthwaite degrees of freedom.
    pub df: f64,
    /// Two-sided p-value by Student's t.
    pub p_value: f64,
}

/// Brunner-Munzel test on two sorted samples.
///
/// Equals `scipy.stats.brunnermunzel(left, right)`. Source: Brunner & Munzel 2000. `None` with fewer than two values on a side,
/// and where the standard error is zero (samples that do not overlap, or that are one value each): the test has no answer there.
/// Assumes independent observations, as [`crate::statistics::rank_test`] does. Cost O(n + m).
pub fn brunner_munzel(left_sorted: &[i64], right_sorted: &[i64]) -> Option<BrunnerMunzel> {
    let (mut left, mut right) = (Placements::default(), Placements::default());
    for_each_tie(left_sorted, right_sorted, |tie| {
        left.add(tie.left, 2 * tie.right_below + tie.right);
        right.add(tie.right, 2 * tie.left_below + tie.left);
    });
    let (n, m) = (left_sorted.len() as f64, right_sorted.len() as f64);
    let (left_part, right_part) = (n * left.variance()?, m * right.variance()?);
    let spread = left_part + right_part;
    if spread == 0.0 {
        return None;
    }
    let superiority = right.doubled_sum as f64 / (2.0 * n * m);
    let standard_error = spread.sqrt() / (n * m);
    // From integers: superiority - 1/2 would cancel.
    let pairs = left_sorted.len() as i128 * right_sorted.len() as i128;
    let statistic = 0.5 * (right.doubled_sum as i128 - pairs) as f64 / spread.sqrt();
    let df = spread * spread / (left_part * left_part / (n - 1.0) + right_part * right_part / (m - 1.0));
    Some(BrunnerMunzel { superiority, standard_error, statistic, df, p_value: 2.0 * student_t_sf(statistic.abs(), df) })
}

/// Sums over one sample of its doubled placements: twice the number of values of the other sample below, ties half.
#[derive(Clone, Copy, Debug, Default)]
struct Placements {
    n: u128,
    doubled_sum: u128,
    doubled_squares: u128,
}

impl Placements {
    fn add(&mut self, n: u64, doubled: u64) {
        let (n, doubled) = (u128::from(n), u128::from(doubled));
        self.n += n;
        self.doubled_sum += n * doubled;
        self.doubled_squares += n * doubled * doubled;
    }

    /// Sample variance of the placements, from one exact integer; `None` below two values.
    fn variance(self) -> Option<f64> {
        if self.n < 2 {
            return None;
        }
        let spread = self.n * self.doubled_squares - self.doubled_sum * self.doubled_sum;
        Some(spread as f64 / (4 * self.n * (self.n - 1)) as f64)
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::reference::{assert_close, cases, integers, list, real};
    use crate::statistics::{brunner_munzel, rank_test};

    #[test]
    fn statistic_and_p_equal_scipy_and_where_scipy_has_no_p_there_is_no_test() {
        for case in list(&cases("two_samples")) {
            let (left, right) = (integers(&case["left"]), integers(&case["right"]));
            let name = case["name"].to_string();
            let Some(test) = brunner_munzel(&left, &right) else {
                assert!(real(&case["bm_p"]).is_nan(), "{name}: scipy has a p");
                continue;
            };
            assert_close(test.statistic, real(&case["bm"]), 1e-10, &name);
            assert_close(test.p_value, real(&case["bm_p"]), 1e-10, &name);
            assert_eq!(Some(test.superiority), rank_test(&left, &right).map(|rank| rank.superiority));
        }
    }
}
