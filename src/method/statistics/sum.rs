//! Compensated summation, so that a sum of block values does not depend on luck in rounding.

/// Running sum in two doubles (Neumaier 1974): the error does not grow with the number of terms.
///
/// The result still depends, in the last bit, on the order of the terms: add and merge in one fixed order (day, block).
/// A sum that meets an infinity or NaN gives what plain addition gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    /// The empty sum, zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        // The smaller of the two has lost its low bits; this difference recovers them exactly.
        self.lost += if self.sum.abs() >= term.abs() { (self.sum - sum) + term } else { (term - sum) + self.sum };
        self.sum = sum;
    }

    /// Adds another sum behind this one.
    pub fn merge(&mut self, later: Self) {
        self.add(later.sum);
        self.lost += later.lost;
    }

    /// The sum as one double.
    pub fn value(self) -> f64 {
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

impl Extend<f64> for CompensatedSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        terms.into_iter().for_each(|term| self.add(term));
    }
}

impl FromIterator<f64> for CompensatedSum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::new();
        sum.extend(terms);
        sum
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::CompensatedSum;

    #[test]
    fn small_terms_survive_between_two_large_ones() {
        let sum: CompensatedSum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn ten_million_tenths_are_a_million() {
        let sum: CompensatedSum = std::iter::repeat_n(0.1, 10_000_000).collect();
        assert_eq!(sum.value(), 1_000_000.0);
    }

    #[test]
    fn merging_in_order_keeps_the_compensation() {
        let mut left: CompensatedSum = [1.0, 1e100].into_iter().collect();
        left.merge([1.0, -1e100].into_iter().collect());
        assert_eq!(left.value(), 2.0);
    }

    #[test]
    fn an_infinite_term_gives_infinity_and_not_nan() {
        let sum: CompensatedSum = [1.0, f64::INFINITY, 2.0].into_iter().collect();
        assert_eq!(sum.value(), f64::INFINITY);
    }
}
