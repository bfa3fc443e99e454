//! From a probability back to the point that leaves it above: one solver for every symmetric distribution here.

/// A symmetric distribution at a point `t > 0`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tails {
    /// `P(T > t)`.
    pub(crate) upper: f64,
    /// `P(0 < T < t)`.
    pub(crate) central: f64,
    /// `t` times the density at `t`: the slope of both against ln t.
    pub(crate) slope: f64,
}

/// The `t` with `P(T > t) = upper_p` of a symmetric distribution given by its `tails` on the positive half line.
///
/// NaN outside [0, 1]; infinite at 0 and 1 and where the answer exceeds the largest double.
pub(crate) fn symmetric_quantile(upper_p: f64, tails: impl Fn(f64) -> Tails) -> f64 {
    if !(0.0..=1.0).contains(&upper_p) {
        f64::NAN
    } else if upper_p > 0.5 {
        -positive_quantile(1.0 - upper_p, tails)
    } else {
        positive_quantile(upper_p, tails)
    }
}

/// Newton's method for ln(probability) against ln(t), which is nearly straight in both tails, kept inside a bracket.
///
/// Near the centre the target is `1/2 - upper_p` (exact in floating point there), so nothing is lost to cancellation.
fn positive_quantile(upper_p: f64, tails: impl Fn(f64) -> Tails) -> f64 {
    if upper_p == 0.0 {
        return f64::INFINITY;
    }
    if upper_p == 0.5 {
        return 0.0;
    }
    let in_tail = upper_p < 0.25;
    // How far ln t must still move, by the local slope; positive = right.
    let step = |t: f64| {
        let at = tails(t);
        if in_tail {
            (libm::log(at.upper) - libm::log(upper_p)) * at.upper / at.slope
        } else {
            (libm::log(0.5 - upper_p) - libm::log(at.central)) * at.central / at.slope
        }
    };
    let beyond = |t: f64| if in_tail { tails(t).upper < upper_p } else { tails(t).central > 0.5 - upper_p };
    if !beyond(f64::MAX) {
        return f64::INFINITY;
    }

    let (mut low, mut high) = (f64::MIN_POSITIVE, f64::MAX);
    let mut t = 1.0;
    for _ in 0..200 {
        if beyond(t) {
            high = t;
        } else {
            low = t;
        }
        let step = step(t);
        if step.abs() < 1e-14 {
            return t * (1.0 + step);
        }
        let next = t * libm::exp(step);
        // A wild step (a vanished tail gives NaN) becomes a bisection of ln t.
        t = if next > low && next < high { next } else { low.sqrt() * high.sqrt() };
    }
    t
}
