//! The continued fraction of the regularised incomplete beta function.

/// True where the fraction for `I_x(a, b)` converges fast; else use `1 - I_(1-x)(b, a)`.
pub(crate) fn fraction_converges_fast(a: f64, b: f64, x: f64) -> bool {
    x < (a + 1.0) / (a + b + 2.0)
}

/// `I_x(a, b)` divided by `x^a (1-x)^b / (a B(a, b))`.
///
/// DLMF 8.17.22, evaluated forward by the modified Lentz method; O(sqrt(max(a, b))) steps.
pub(crate) fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    // Stands in for a zero denominator.
    const TINY: f64 = 1e-290;
    const MAX_STEPS: u32 = 1_000_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };

    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=MAX_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}
