//! Since when: the OLS-CUSUM test for one change in the mean of a series of block values.

use crate::statistics::{CompensatedSum, kolmogorov_sf};

/// Result of the OLS-CUSUM test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cusum {
    /// Largest |S_j|; 1.358 is the 5 % point.
    pub statistic: f64,
    /// Index j of the first maximum of |S_j|: the last block of the old level, the new one starts at `at + 1`.
    pub at: usize,
    /// Asymptotic p-value: the largest excursion of a Brownian bridge (Kolmogorov's distribution).
    pub p_value: f64,
}

/// Largest excursion of the cumulated deviations from the mean, `S_j = sum_{b<=j} r_b / sqrt(sum r_b^2)`, `r = values - mean`.
///
/// Source: Ploberger & Kramer 1992. Assumes uncorrelated blocks of equal variance: correlated blocks make it reject too
/// often, so lengthen the blocks first. One change only; two opposite changes can hide each other. A constant or empty
/// series has statistic 0, index 0 and p 1. Cost O(n).
pub fn ols_cusum(values: &[f64]) -> Cusum {
    let no_change = Cusum { statistic: 0.0, at: 0, p_value: 1.0 };
    // A constant series has no residual but that of rounding.
    if values.iter().all(|value| *value == values[0]) {
        return no_change;
    }
    let mean = values.iter().copied().collect::<CompensatedSum>().value() / values.len() as f64;
    let squares: CompensatedSum = values.iter().map(|value| (value - mean) * (value - mean)).collect();
    let scale = squares.value().sqrt();

    let mut running = CompensatedSum::new();
    let (mut largest, mut at) = (0.0, 0);
    for (index, value) in values.iter().enumerate() {
        running.add(value - mean);
        let excursion = running.value().abs();
        if excursion > largest {
            (largest, at) = (excursion, index);
        }
    }
    let statistic = largest / scale;
    Cusum { statistic, at, p_value: kolmogorov_sf(statistic) }
}

#[cfg(test)]
mod tests {
    use crate::statistics::ols_cusum;
    use crate::statistics::reference::{assert_close, cases, integer, list, real, reals};

    #[test]
    fn statistic_and_p_equal_statsmodels() {
        for case in list(&cases("cusum")) {
            let cusum = ols_cusum(&reals(&case["values"]));
            assert_close(cusum.statistic, real(&case["statistic"]), 1e-10, "statistic");
            assert_close(cusum.p_value, real(&case["p"]), 1e-9, "p");
            assert_eq!(cusum.at as i64, integer(&case["at"]));
        }
    }

    #[test]
    fn a_step_is_found_at_its_last_old_block() {
        let series: Vec<f64> = (0..40).map(|block| if block < 25 { 1.0 } else { 4.0 }).collect();
        let cusum = ols_cusum(&series);
        assert_eq!(cusum.at, 24);
        assert!(cusum.statistic > 1.358 && cusum.p_value < 0.05);
    }

    #[test]
    fn constant_and_empty_series_have_no_change() {
        for series in [vec![], vec![0.1], vec![0.1; 30]] {
            let cusum = ols_cusum(&series);
            assert_eq!((cusum.statistic, cusum.at, cusum.p_value), (0.0, 0, 1.0));
        }
    }
}
