//! Quantiles that are one of the observed values: nearest rank.

/// A quantile level as an exact fraction, because `ceil(0.9 * 10)` in floating point is not reliably 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantileLevel {
    numerator: u32,
    denominator: u32,
}

impl QuantileLevel {
    /// The median.
    pub const P50: Self = Self { numerator: 1, denominator: 2 };
    /// 90 %.
    pub const P90: Self = Self { numerator: 9, denominator: 10 };
    /// 99 %.
    pub const P99: Self = Self { numerator: 99, denominator: 100 };
    /// 99.9 %.
    pub const P999: Self = Self { numerator: 999, denominator: 1000 };

    /// `numerator / denominator`; `None` outside [0, 1].
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator == 0 || numerator > denominator { None } else { Some(Self { numerator, denominator }) }
    }

    /// The level in thousandths; above 1000 counts as 1000.
    pub const fn per_mille(thousandths: u32) -> Self {
        let numerator = if thousandths > 1000 { 1000 } else { thousandths };
        Self { numerator, denominator: 1000 }
    }

    /// The level as a share, for printing and for interpolation.
    pub fn share(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Zero-based index of the nearest rank among `n` sorted values: `max(1, ceil(p n)) - 1`; `None` for `n = 0`.
    pub fn nearest_rank_index(self, n: usize) -> Option<usize> {
        let last = n.checked_sub(1)?;
        let rank = (u128::from(self.numerator) * n as u128).div_ceil(u128::from(self.denominator));
        // p <= 1, so the rank is at most n and fits.
        Some((rank.saturating_sub(1) as usize).min(last))
    }
}

/// The nearest-rank quantile `x_(ceil(p n))` of sorted values; the smallest at level 0; `None` of nothing.
///
/// The definition of `numpy.quantile(method="inverted_cdf")`: always an observed value, exact in integers.
pub fn nearest_rank<T: Copy + Ord>(sorted: &[T], level: QuantileLevel) -> Option<T> {
    debug_assert!(sorted.is_sorted());
    Some(sorted[level.nearest_rank_index(sorted.len())?])
}

/// The same for values in any order, by selection: O(n), and the values come back reordered.
pub fn select_nearest_rank<T: Copy + Ord>(values: &mut [T], level: QuantileLevel) -> Option<T> {
    let index = level.nearest_rank_index(values.len())?;
    Some(*values.select_nth_unstable(index).1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::statistics::reference::{cases, integer, integers, list};
    use crate::statistics::{QuantileLevel, nearest_rank, select_nearest_rank};

    #[test]
    fn quantiles_equal_numpys_inverted_cdf() {
        for case in list(&cases("quantile")) {
            let values = integers(&case["values"]);
            for expected in list(&case["levels"]) {
                let level = QuantileLevel::per_mille(integer(&expected["per_mille"]) as u32);
                assert_eq!(nearest_rank(&values, level), Some(integer(&expected["nearest_rank"])), "{level:?} of {values:?}");
            }
        }
    }

    #[test]
    fn ninety_percent_of_ten_is_the_ninth() {
        let values: Vec<i64> = (1..=10).collect();
        assert_eq!(nearest_rank(&values, QuantileLevel::P90), Some(9));
        assert_eq!(nearest_rank(&values, QuantileLevel::P99), Some(10));
        assert_eq!(nearest_rank(&values, QuantileLevel::per_mille(700)), Some(7));
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(nearest_rank::<i64>(&[], QuantileLevel::P50), None);
        assert_eq!(select_nearest_rank::<i64>(&mut [], QuantileLevel::P50), None);
    }

    #[test]
    fn levels_outside_the_unit_interval_do_not_exist() {
        assert_eq!(QuantileLevel::new(2, 1), None);
        assert_eq!(QuantileLevel::new(1, 0), None);
        assert_eq!(QuantileLevel::new(1, 2), Some(QuantileLevel::P50));
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(mut values in prop::collection::vec(-30_i64..30, 1..90), per_mille in 0_u32..=1000) {
            let level = QuantileLevel::per_mille(per_mille);
            let selected = select_nearest_rank(&mut values, level);
            values.sort_unstable();
            prop_assert_eq!(selected, nearest_rank(&values, level));
        }
    }
}
