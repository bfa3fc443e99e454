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

/// The normal deviate with the same tail, up to terms of order `1 / df^2`.
fn near_normal(t: f64, df: f64) -> f64 {
    if t.is_infinite() || df.is_infinite() { t } else { t * (1.0 - 0.25 / df) / (1.0 + 0.5 * t * t / df).sqrt() }
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
                + v * (5.0 / 1024.0 + v * (-21.0 / 32768.0 + v * (-399.0 / 262_144.0 + v * (869.0 / 4_194_304.0 + v * (39325.0 / 33_554_432.0)))))));
    factor * shifted.sqrt() * series
}
