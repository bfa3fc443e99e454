//! Exact tests and intervals for small counts.

use libm::{exp, lgamma, log};

/// The one-sided p of Fisher's exact test of the table `[[a, b], [c, d]]`, its margins fixed: is the first row's share in the first column
/// larger than the second's?
///
/// Hypergeometric sums in log space. O(min of the margins).
#[must_use]
pub fn fisher_exact_greater(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let (row, column, total) = (a + b, a + c, a + b + c + d);
    let lowest = (row + column).saturating_sub(total);
    let probability = |first: u64| exp(log_choose(row, first) + log_choose(total - row, column - first) - log_choose(total, column));
    (lowest.max(a)..=row.min(column)).map(probability).sum::<f64>().min(1.0)
}

/// A share with its exact two-sided interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExactShare {
    /// k / n.
    pub estimate: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// The Clopper-Pearson interval of `k` out of `n` at two-sided error `alpha`; `None` where n is 0 or k > n.
///
/// The binomial tails are inverted by bisection to the last digit; O(n) a step.
#[must_use]
pub fn clopper_pearson(k: u64, n: u64, alpha: f64) -> Option<ExactShare> {
    if n == 0 || k > n {
        return None;
    }
    let lower = if k == 0 { 0.0 } else { crossing(|p| at_least(k, n, p) < alpha / 2.0) };
    let upper = if k == n { 1.0 } else { crossing(|p| 1.0 - at_least(k + 1, n, p) > alpha / 2.0) };
    Some(ExactShare { estimate: k as f64 / n as f64, lower, upper })
}

/// The p in (0, 1) up to which `below` holds.
fn crossing(below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if below(middle) { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// P(X >= k) of a binomial count.
fn at_least(k: u64, n: u64, p: f64) -> f64 {
    let pmf = |x: u64| exp(log_choose(n, x) + x as f64 * log(p) + (n - x) as f64 * log(1.0 - p));
    // The shorter tail is summed: the other would lose its digits in 1 - sum.
    if k as f64 > n as f64 * p { (k..=n).map(pmf).sum() } else { 1.0 - (0..k).map(pmf).sum::<f64>() }
}

fn log_choose(n: u64, k: u64) -> f64 {
    lgamma(n as f64 + 1.0) - lgamma(k as f64 + 1.0) - lgamma((n - k) as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::reference::{assert_close, cases, integers, list, real};

    #[test]
    fn fisher_agrees_with_scipy() {
        for case in list(&cases("exact")["fisher"]) {
            let table = integers(&case["table"]);
            let [a, b, c, d] = [0, 1, 2, 3].map(|at| table[at] as u64);
            assert_close(fisher_exact_greater(a, b, c, d), real(&case["greater"]), 1e-9, &format!("{table:?}"));
        }
    }

    #[test]
    fn clopper_pearson_agrees_with_scipy() {
        for case in list(&cases("exact")["clopper_pearson"]) {
            let counts = integers(&case["counts"]);
            let found = clopper_pearson(counts[0] as u64, counts[1] as u64, 0.05).expect("n > 0");
            assert_close(found.lower, real(&case["lower"]), 1e-9, &format!("{counts:?} lower"));
            assert_close(found.upper, real(&case["upper"]), 1e-9, &format!("{counts:?} upper"));
        }
        assert_eq!((clopper_pearson(0, 0, 0.05), clopper_pearson(2, 1, 0.05)), (None, None));
    }
}
