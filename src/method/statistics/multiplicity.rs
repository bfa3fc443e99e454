//! Adjusted p-values for a family of tests.
//!
//! Both functions return one adjusted p per input, in input order. A NaN (a test that could not be computed) stays NaN
//! and still counts in the size of the family: a test that was planned is not un-planned by failing.

/// Holm's step-down adjustment: controls the probability of any false rejection, under any dependence.
///
/// Source: Holm 1979, "A simple sequentially rejective multiple test procedure". Cost O(m log m).
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let family = p_values.len();
    let mut adjusted = vec![f64::NAN; family];
    let mut largest = 0.0_f64;
    for (rank, index) in ascending(p_values).into_iter().enumerate() {
        largest = largest.max(p_values[index] * (family - rank) as f64);
        adjusted[index] = largest.min(1.0);
    }
    adjusted
}

/// Benjamini and Hochberg's step-up adjustment: controls the expected share of false rejections, under independence
/// or positive dependence. Exploratory tables only.
///
/// Source: Benjamini & Hochberg 1995. Cost O(m log m).
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let family = p_values.len() as f64;
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, index) in ascending(p_values).into_iter().enumerate().rev() {
        smallest = smallest.min(p_values[index] * (family / (rank + 1) as f64));
        adjusted[index] = smallest;
    }
    adjusted
}

/// Indices of the p-values that are numbers, smallest first, equal ones in input order.
fn ascending(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&index| !p_values[index].is_nan()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    order
}

#[cfg(test)]
mod tests {
    use crate::statistics::reference::{cases, list, reals};
    use crate::statistics::{benjamini_hochberg, holm};

    #[test]
    fn both_equal_statsmodels_and_scipy_to_the_last_bit() {
        for case in list(&cases("multiplicity")) {
            let p_values = reals(&case["p"]);
            assert_eq!(holm(&p_values), reals(&case["holm"]), "holm of {p_values:?}");
            assert_eq!(benjamini_hochberg(&p_values), reals(&case["bh"]), "bh of {p_values:?}");
        }
    }

    #[test]
    fn a_test_without_a_p_value_still_counts() {
        let with_nan = [0.01, f64::NAN, 0.2];
        assert_eq!(holm(&with_nan)[0], 0.03);
        assert!(holm(&with_nan)[1].is_nan());
        assert_eq!(benjamini_hochberg(&with_nan)[0], 0.03);
        assert!(benjamini_hochberg(&with_nan)[1].is_nan());
    }

    #[test]
    fn no_tests_no_values() {
        assert!(holm(&[]).is_empty() && benjamini_hochberg(&[]).is_empty());
    }
}
