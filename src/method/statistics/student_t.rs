//! Student's t distribution for any positive degrees of freedom, also far below one.

use std::f64::consts::PI;

use crate::statistics::incomplete_beta::{beta_fraction, fraction_converges_fast};
use crate::statistics::normal::{normal_quantile, normal_sf};
use crate::statistics::tails::{Tails, symmetric_quantile};

/// Beyond this many degrees of freedom the distribution is the normal one to the precision of a double, after
/// the correction in [`near_normal`].
const NEARLY_NORMAL_DF: f64 = 1e10;

/// `P(T > t)` with `df` degrees of freedom; NaN unless `df > 0`. Infinite `df` is the normal distribution.
///
/// `I_x(df/2, 1/2) / 2` with `x = df / (df + t^2)` by continued fraction. Relative error below 1e-10, in the far tail too.
pub fn student_t_sf(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        f64::NAN
    } else if t == 0.0 {
        0.5
    } else if df > NEARLY_NORMAL_DF {
        normal_sf(near_normal(t, df))
    } else if t.is_infinite() {
        if t > 0.0 { 0.0 } else { 1.0 }
    } else if t > 0.0 {
        student_tails(t, df).upper
    } else {
        0.5 + student_tails(-t, df).central
    }
}

/// The `t` with `P(T > t) = upper_p`; infinite at 0 and 1 (and where the answer exceeds the largest double, as it
/// soon does for `df` far below one), NaN outside and unless `df > 0`.
pub fn student_t_quantile(upper_p: f64, df: f64) -> f64 {
    if df.is_nan() || df <= 0.0 {
        f64::NAN
    } else if df > NEARLY_NORMAL_DF {
        let z = normal_quantile(upper_p);
        // First term of the Cornish-Fisher expansion; the next is of order 1 / df^2.
        if z.is_finite() { z + (z * z * z + z) / (4.0 * df) } else { z }
    } else {
        symmetric_quantile(upper_p, |t| student_tails(t, df))
    }
}

/// The normal deviate with the same tail, up to terms of order `1 / df^2`: `t (1 - 1/(4 df)) / sqrt(1 + t^2/(2 df))`.
fn near_normal(t: f64, df: f64) -> f64 {
    // Divided through by t, so that the square of a huge t does not overflow.
    if t.is_infinite() || df.is_infinite() { t } else { t.signum() * (1.0 - 0.25 / df) / (1.0 / (t * t) + 0.5 / df).sqrt() }
}

/// The distribution at `0 < t < inf`.
fn student_tails(t: f64, df: f64) -> Tails {
    let (a, b) = (0.5 * df, 0.5);
    let ratio = t / df.sqrt();
    // x = df / (df + t^2) and y = 1 - x, each without cancellation and without overflow of t^2.
    let square = ratio * ratio;
    let x = 1.0 / (1.0 + square);
    let sqrt_y = if ratio > 1.0 { 1.0 / (1.0 + (1.0 / ratio) * (1.0 / ratio)).sqrt() } else { ratio / (1.0 + square).sqrt() };
    let y = sqrt_y * sqrt_y;
    let log_x = if square.is_finite() { -libm::log1p(square) } else { libm::log(df) - 2.0 * libm::log(t) };

    // x^a y^b / B(a, b), which is also t times the density.
    let slope = libm::exp(a * log_x) * sqrt_y * half_step_gamma_ratio(a) / PI.sqrt();
    let (upper, central);
    if fraction_converges_fast(a, b, x) {
        upper = 0.5 * slope * beta_fraction(a, b, x, y);
        central = 0.5 - upper;
    } else {
        central = 0.5 * slope * beta_fraction(b, a, y, x);
        upper = 0.5 - central;
    }
    Tails { upper, central, slope }
}

/// `Gamma(a + 1/2) / Gamma(a)` without the loss of a difference of two large log-gammas.
///
/// Asymptotic series (DLMF 5.11.13) from a = 20 on, reached from below by `Gamma(z + 1) = z Gamma(z)`.
fn half_step_gamma_ratio(a: f64) -> f64 {
    let (mut shifted, mut factor) = (a, 1.0);
    while shifted < 20.0 {
        factor *= shifted / (shifted + 0.5);
        shifted += 1.0;
    }
    let v = 1.0 / shifted;
    let series = 1.0
        + v * (-1.0 / 8.0
            + v * (1.0 / 128.0
                + v * (5.0 / 1024.0
                    + v * (-21.0 / 32768.0 + v * (-399.0 / 262_144.0 + v * (869.0 / 4_194_304.0 + v * (39325.0 / 33_554_432.0)))))));
    factor * shifted.sqrt() * series
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // The arithmetic of a test reaches no verdict.

    use crate::statistics::reference::{assert_close, cases, list, real};
    use crate::statistics::{student_t_quantile, student_t_sf};

    #[test]
    fn tails_equal_scipy() {
        for case in list(&cases("student_t")["tail"]) {
            let (df, t) = (real(&case["df"]), real(&case["t"]));
            assert_close(student_t_sf(t, df), real(&case["sf"]), 1e-10, &format!("sf({t}, {df})"));
        }
    }

    #[test]
    fn quantiles_equal_scipy() {
        for case in list(&cases("student_t")["quantile"]) {
            let (df, upper_p) = (real(&case["df"]), real(&case["upper_p"]));
            assert_close(student_t_quantile(upper_p, df), real(&case["t"]), 1e-10, &format!("quantile({upper_p}, {df})"));
        }
    }

    /// scipy 1.17 is itself off by 3e-9 near t = 0 here, so the closed form is the reference.
    #[test]
    fn one_degree_of_freedom_is_the_cauchy_distribution() {
        for t in [1e-8, 1e-3, 0.5, 1.0, 12.7, 1e6, 1e200] {
            assert_close(student_t_sf(t, 1.0), (1.0 / t).atan() / std::f64::consts::PI, 1e-13, &format!("{t}"));
        }
    }

    /// scipy's `t.isf` fails in the tail for few degrees of freedom, so the quantile is checked against the tail itself.
    #[test]
    fn a_quantile_has_its_probability_above_it() {
        for df in [0.01, 0.02, 0.05, 0.3, 1.0, 2.5, 12.0, 400.0, 1e6, 1e9, 3e10, f64::INFINITY] {
            for upper_p in [0.4999, 0.4, 0.2501, 0.25, 0.1, 0.01, 0.05 / 18.0, 1e-9, 1e-80, 1e-300] {
                let t = student_t_quantile(upper_p, df);
                if t.is_finite() {
                    assert_close(student_t_sf(t, df), upper_p, 1e-11, &format!("t {t:e}, df {df}"));
                } else {
                    assert!(student_t_sf(f64::MAX, df) > upper_p, "quantile({upper_p}, {df}) is finite");
                }
            }
        }
    }

    #[test]
    fn the_edges_have_answers() {
        assert_eq!(student_t_sf(f64::INFINITY, 3.0), 0.0);
        assert_eq!(student_t_sf(f64::NEG_INFINITY, 3.0), 1.0);
        assert_eq!(student_t_sf(0.0, 3.0), 0.5);
        assert_eq!((student_t_sf(1e200, 1e11), student_t_sf(-1e200, 1e11), student_t_sf(1e-200, 1e11)), (0.0, 1.0, 0.5));
        assert_eq!(student_t_quantile(0.5, 3.0), 0.0);
        assert_eq!(student_t_quantile(0.0, 3.0), f64::INFINITY);
        assert_eq!(student_t_quantile(1.0, 3.0), f64::NEG_INFINITY);
        for impossible in [0.0, -1.0, f64::NAN] {
            assert!(student_t_sf(1.0, impossible).is_nan());
            assert!(student_t_quantile(0.1, impossible).is_nan());
        }
        assert!(student_t_quantile(1.1, 3.0).is_nan());
    }
}
