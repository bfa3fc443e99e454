//! Kolmogorov's distribution: the largest absolute value of a Brownian bridge.

use std::f64::consts::PI;

/// `P(K > x)`. One for `x <= 0`; NaN for NaN.
///
/// Two series of the same theta function: the alternating one converges fast for large x and keeps the relative
/// precision of the tail; the other converges fast for small x. Terms below the last bit are left out.
pub fn kolmogorov_sf(x: f64) -> f64 {
    if x.is_nan() {
        f64::NAN
    } else if x <= 0.0 {
        1.0
    } else if x < 0.82 {
        1.0 - small_argument_cdf(x)
    } else {
        large_argument_sf(x)
    }
}

/// `sqrt(2 pi)/x sum_{k>=1} exp(-(2k-1)^2 pi^2 / (8 x^2))`.
fn small_argument_cdf(x: f64) -> f64 {
    let exponent = -PI * PI / (8.0 * x * x);
    let series: f64 = [7.0, 5.0, 3.0, 1.0].iter().map(|odd| libm::exp(odd * odd * exponent)).sum();
    (2.0 * PI).sqrt() / x * series
}

/// `2 sum_{k>=1} (-1)^(k-1) exp(-2 k^2 x^2)`.
fn large_argument_sf(x: f64) -> f64 {
    let exponent = -2.0 * x * x;
    let term = |k: f64| libm::exp(k * k * exponent);
    2.0 * (term(1.0) - (term(2.0) - (term(3.0) - (term(4.0) - term(5.0)))))
}

#[cfg(test)]
mod tests {
    use crate::statistics::kolmogorov_sf;
    use crate::statistics::reference::{assert_close, cases, list, real};

    #[test]
    fn tails_equal_scipy() {
        for case in list(&cases("kolmogorov")) {
            assert_close(kolmogorov_sf(real(&case["x"])), real(&case["sf"]), 1e-12, &case.to_string());
        }
    }

    #[test]
    fn the_two_series_meet() {
        let (below, above) = (kolmogorov_sf(0.82_f64.next_down()), kolmogorov_sf(0.82));
        assert!((below - above).abs() < 1e-14);
    }
}
