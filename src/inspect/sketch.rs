//! The distinct values of a column in bounded memory: how many there are, and how many of them another column has too.
//!
//! Values are hashed to 64 bits and the smallest hashes are kept, each with its number of rows (a "k minimum values" sketch:
//! Bar-Yossef et al., *Counting distinct elements in a data stream*, 2002). Below [`MOST`] distinct values everything is exact. Above,
//! what is kept is a sample of the values chosen by the value alone, so the samples of two columns hold the same part of what both have.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// Values kept.
const MOST: usize = 1 << 15;
/// Values of a hash: 2^64.
const HASHES: f64 = 18_446_744_073_709_551_616.0;

/// The values of a column.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    /// Hash to rows, the smallest hashes.
    rows: BTreeMap<u64, u64>,
    /// Hashes at or above this one were dropped; `None` while nothing was.
    bound: Option<u64>,
}

/// What two columns have in common, in rows of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    /// Rows of the first column that were looked at.
    pub rows: u64,
    /// Those whose value the second column has as well.
    pub found: u64,
}

impl Overlap {
    /// `found` as a share of `rows`; 0 of no rows.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.found as f64 / self.rows as f64 }
    }
}

impl Sketch {
    /// An empty sketch that leaves out what this one would drop anyway: for a further part of the same column.
    pub(crate) fn for_part(&self) -> Self {
        Self { rows: BTreeMap::new(), bound: self.bound }
    }

    /// Counts a value. A value whose hash was once dropped is never taken up again, so the counts kept are exact.
    pub(crate) fn add(&mut self, value: &str) {
        let hash = FixedState::default().hash_one(value);
        self.add_rows(hash, 1);
        if self.rows.len() > 2 * MOST {
            self.shrink();
        }
    }

    fn add_rows(&mut self, hash: u64, rows: u64) {
        if self.bound.is_none_or(|bound| hash < bound) {
            *self.rows.entry(hash).or_default() += rows;
        }
    }

    fn shrink(&mut self) {
        if let Some(first_dropped) = self.rows.keys().nth(MOST).copied() {
            self.rows.split_off(&first_dropped);
            self.bound = Some(first_dropped);
        }
    }

    /// Adds the values of another part of the column; the sum does not depend on the order of the parts.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some(bound) = other.bound.filter(|bound| self.bound.is_none_or(|own| *bound < own)) {
            self.rows.split_off(&bound);
            self.bound = Some(bound);
        }
        other.rows.into_iter().for_each(|(hash, rows)| self.add_rows(hash, rows));
        self.shrink();
    }

    /// Distinct values: their number, and whether it is exact.
    #[must_use]
    pub fn distinct(&self) -> (u64, bool) {
        match self.bound {
            None => (self.rows.len() as u64, true),
            // So many values in a share `bound / 2^64` of all hashes.
            Some(bound) => ((self.rows.len() as f64 / (bound as f64 / HASHES)).round() as u64, false),
        }
    }

    /// Rows of this column whose value `other` has too, among the values that both sketches could hold.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Overlap {
        let bound = [self.bound, other.bound].into_iter().flatten().min();
        let looked_at = self.rows.iter().take_while(|(hash, _)| bound.is_none_or(|bound| **hash < bound));
        looked_at.fold(Overlap::default(), |sum, (hash, rows)| Overlap {
            rows: sum.rows + rows,
            found: sum.found + if other.rows.contains_key(hash) { *rows } else { 0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn sketch(values: impl IntoIterator<Item = u32>) -> Sketch {
        let mut sketch = Sketch::default();
        values.into_iter().for_each(|value| sketch.add(&value.to_string()));
        sketch
    }

    #[test]
    fn many_values_are_estimated_within_two_percent_and_their_overlap_within_one_point() {
        let (left, right) = (sketch(0..400_000), sketch(300_000..500_000));
        let (distinct, exact) = left.distinct();
        assert!(!exact && distinct.abs_diff(400_000) < 8_000, "{distinct}");
        assert!((left.overlap(&right).share() - 0.25).abs() < 0.01, "{:?}", left.overlap(&right));
        assert!((right.overlap(&left).share() - 0.5).abs() < 0.01, "{:?}", right.overlap(&left));
    }

    #[test]
    fn parts_in_any_order_give_the_sketch_of_the_whole() {
        let parts = || [sketch(0..90_000), sketch(50_000..200_000), sketch(0..10)];
        let sum = |order: [usize; 3]| {
            let parts = parts();
            let mut sum = Sketch::default();
            order.into_iter().for_each(|at| sum.merge(parts[at].clone()));
            (sum.rows, sum.bound)
        };
        assert_eq!(sum([0, 1, 2]), sum([2, 1, 0]));
        assert_eq!(sum([0, 1, 2]), sum([1, 2, 0]));
    }

    proptest! {
        #[test]
        fn few_values_are_exact(left in prop::collection::vec(0_u32..50, 0..200), right in prop::collection::vec(0_u32..50, 0..200)) {
            let (mine, theirs): (BTreeSet<_>, BTreeSet<_>) = (left.iter().collect(), right.iter().collect());
            let found = left.iter().filter(|value| theirs.contains(value)).count() as u64;
            let (a, b) = (sketch(left.clone()), sketch(right.clone()));
            prop_assert_eq!(a.distinct(), (mine.len() as u64, true));
            prop_assert_eq!(a.overlap(&b), Overlap { rows: left.len() as u64, found });
        }
    }
}
