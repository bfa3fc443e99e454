//! The difference of two estimates from independent studies, with its interval.
//!
//! Welch's: the squared standard errors add up, and the degrees of freedom are Satterthwaite's.

use serde::Serialize;

use crate::statistics::{student_t_quantile, student_t_sf};

/// An estimate as a study gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom of the error.
    pub df: f64,
}

/// Second minus first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The difference.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Lower end of the two-sided interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Two-sided p of no difference.
    pub p: f64,
}

/// The difference of two independent estimates with its two-sided interval at `level`; `None` where an error is unknown or nil.
#[must_use]
pub fn difference(first: Estimate, second: Estimate, level: f64) -> Option<Difference> {
    let estimate = second.value - first.value;
    let (a, b) = (first.se * first.se, second.se * second.se);
    let se = (a + b).sqrt();
    let known = |one: &Estimate| one.se.is_finite() && one.se >= 0.0 && one.df > 0.0;
    if !estimate.is_finite() || !known(&first) || !known(&second) || se <= 0.0 {
        return None;
    }
    // By shares of the variance, so that tiny errors do not underflow when they are squared twice.
    let (share_a, share_b) = (a / (a + b), b / (a + b));
    let df = 1.0 / (share_a * share_a / first.df + share_b * share_b / second.df);
    let half = student_t_quantile((1.0 - level) / 2.0, df) * se;
    let p = (2.0 * student_t_sf((estimate / se).abs(), df)).min(1.0);
    Some(Difference { estimate, se, df, lower: estimate - half, upper: estimate + half, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_welchs() {
        // By hand: se = sqrt(9 + 16) = 5, df = 25^2 / (81/10 + 256/20) = 29.9043..., and with t(0.975; 29.9043) = 2.04252
        // (between the tabled 2.0452 at 29 and 2.0423 at 30) 8 +- 10.2126.
        let found = difference(Estimate { value: 2.0, se: 3.0, df: 10.0 }, Estimate { value: 10.0, se: 4.0, df: 20.0 }, 0.95)
            .expect("known errors");
        assert!((found.estimate - 8.0).abs() < 1e-12 && (found.se - 5.0).abs() < 1e-12);
        assert!((found.df - 625.0 / (8.1 + 12.8)).abs() < 1e-9, "{}", found.df);
        assert!((found.upper - 18.2125).abs() < 2e-3 && (found.lower + 2.2125).abs() < 2e-3, "{found:?}");
        assert!(found.p > 0.11 && found.p < 0.13, "{}", found.p);
    }

    #[test]
    fn without_an_error_there_is_no_interval() {
        let one = Estimate { value: 1.0, se: 0.0, df: 5.0 };
        assert_eq!(difference(one, one, 0.95), None);
        assert_eq!(difference(Estimate { se: f64::NAN, ..one }, Estimate { se: 1.0, ..one }, 0.95), None);
    }
}
