//! The continued fraction of the regularised incomplete beta function.

/// True where the fraction for `I_x(a, b)` converges fast; else use `1 - I_(1-x)(b, a)`.
pub(crate) fn fraction_converges_fast(a: f64, b: f64, x: f64) -> bool {
    x < (a + 1.0) / (a + b + 2.0)
}

/// `I_x(a, b)` divided by `x^a y^b / B(a, b)`, with `y = 1 - x` given by the caller: near x = 1 its digits would be lost.
///
/// Even part of DLMF 8.17.22 (the form of Didonato & Morris 1992), evaluated forward by the modified Lentz method.
/// O(sqrt(max(a, b))) steps.
pub(crate) fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    // Stands in for a zero denominator.
    const TINY: f64 = 1e-290;
    const MAX_STEPS: u32 = 1_000_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };

    let centre = a * y - b * x + 1.0;
    let mut c = away_from_zero(a * centre / (a + 1.0));
    let mut d = 0.0;
    let mut denominator = c;
    for step in 1..=MAX_STEPS {
        let n = f64::from(step);
        let odd = a + 2.0 * n - 1.0;
        let numerator = ((a + n - 1.0) / odd) * ((a + b + n - 1.0) / odd) * (n * (b - n)) * (x * x);
        let addend = n + n * (b - n) * x / odd + (a + n) * (centre + n * (1.0 + y)) / (odd + 2.0);
        d = 1.0 / away_from_zero(addend + numerator * d);
        c = away_from_zero(addend + numerator / c);
        denominator *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    1.0 / denominator
}
