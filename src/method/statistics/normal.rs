//! The standard normal distribution: upper tail and its inverse.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::statistics::tails::{Tails, symmetric_quantile};

/// `P(Z > z)`, precise in relative terms far into the upper tail (never `1 - cdf`).
pub fn normal_sf(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// The `z` with `P(Z > z) = upper_p`; infinite at 0 and 1, NaN outside.
pub fn normal_quantile(upper_p: f64) -> f64 {
    symmetric_quantile(upper_p, normal_tails)
}

/// The standard normal at `z > 0`.
fn normal_tails(z: f64) -> Tails {
    Tails { upper: normal_sf(z), central: 0.5 * libm::erf(z * FRAC_1_SQRT_2), slope: z * libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt() }
}

#[cfg(test)]
mod tests {
    use crate::statistics::reference::{assert_close, cases, list, real};
    use crate::statistics::{normal_quantile, normal_sf};

    #[test]
    fn tails_and_quantiles_equal_scipy() {
        let reference = cases("normal");
        for case in list(&reference["tail"]) {
            assert_close(normal_sf(real(&case["z"])), real(&case["sf"]), 1e-12, &case.to_string());
        }
        for case in list(&reference["quantile"]) {
            assert_close(normal_quantile(real(&case["upper_p"])), real(&case["z"]), 1e-12, &case.to_string());
        }
    }
}
