//! Counting how many of the things seen so far lie below a rank: the Fenwick tree, and inversions.

/// Counts by rank with prefix sums, both in O(log n) (Fenwick 1994).
///
/// Counts are 32-bit to halve the cache footprint: the total held at one time must stay below 2^32.
#[derive(Clone, Debug)]
pub struct Fenwick {
    /// `tree[k]` holds the count of the `k & -k` ranks that end at `k` (one-based); `tree[0]` is unused.
    tree: Vec<u32>,
}

impl Fenwick {
    /// An empty tree over the ranks `0..n_ranks`.
    pub fn new(n_ranks: usize) -> Self {
        Self { tree: vec![0; n_ranks + 1] }
    }

    /// Number of ranks.
    pub fn n_ranks(&self) -> usize {
        self.tree.len() - 1
    }

    /// Adds `count` at `rank`; a rank outside the tree is ignored.
    pub fn add(&mut self, rank: usize, count: u32) {
        let mut node = rank.saturating_add(1);
        while let Some(cell) = self.tree.get_mut(node) {
            *cell = cell.wrapping_add(count);
            node += node & node.wrapping_neg();
        }
    }

    /// Takes back `count` that was added at `rank`.
    pub fn remove(&mut self, rank: usize, count: u32) {
        self.add(rank, count.wrapping_neg());
    }

    /// Total count at ranks strictly below `end`.
    pub fn prefix(&self, end: usize) -> u64 {
        let mut node = end.min(self.n_ranks());
        let mut total = 0;
        while node > 0 {
            total += u64::from(self.tree[node]);
            node &= node - 1;
        }
        total
    }

    /// Total count.
    pub fn total(&self) -> u64 {
        self.prefix(self.n_ranks())
    }
}

/// Number of pairs `i < j` with `values[i] > values[j]`; equal values are in order.
///
/// Merge sort, bottom up: O(n log n) time, two buffers of n.
pub fn inversions(values: &[i64]) -> u64 {
    let mut from = values.to_vec();
    let mut into = vec![0; values.len()];
    let mut total = 0;
    let mut width = 1;
    while width < values.len() {
        for (source, target) in from.chunks(2 * width).zip(into.chunks_mut(2 * width)) {
            let (left, right) = source.split_at(width.min(source.len()));
            total += merge_counting(left, right, target);
        }
        std::mem::swap(&mut from, &mut into);
        width *= 2;
    }
    total
}

/// Merges two sorted halves and counts the pairs in which the left one is larger.
fn merge_counting(left: &[i64], right: &[i64], target: &mut [i64]) -> u64 {
    let (mut i, mut j, mut crossed) = (0, 0, 0_u64);
    for slot in target {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            *slot = left[i];
            i += 1;
        } else {
            *slot = right[j];
            j += 1;
            crossed += (left.len() - i) as u64;
        }
    }
    crossed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::statistics::reference::{cases, integer, integers, list};
    use crate::statistics::{Fenwick, inversions};

    #[test]
    fn inversions_equal_kendalls_discordant_pairs() {
        for case in list(&cases("inversions")) {
            assert_eq!(inversions(&integers(&case["values"])) as i64, integer(&case["inversions"]));
        }
    }

    #[test]
    fn nothing_and_equal_values_are_in_order() {
        assert_eq!(inversions(&[]), 0);
        assert_eq!(inversions(&[4; 100]), 0);
    }

    proptest! {
        #[test]
        fn inversions_equal_the_count_of_all_pairs(values in prop::collection::vec(-20_i64..20, 0..80)) {
            let by_pairs = (0..values.len()).map(|j| values[..j].iter().filter(|earlier| **earlier > values[j]).count() as u64).sum::<u64>();
            prop_assert_eq!(inversions(&values), by_pairs);
        }

        #[test]
        fn prefixes_equal_plain_sums(steps in prop::collection::vec((0_usize..17, 0_u32..5), 0..60)) {
            let mut tree = Fenwick::new(17);
            let mut plain = [0_u64; 17];
            for &(rank, count) in &steps {
                tree.add(rank, count + 1);
                tree.remove(rank, 1);
                plain[rank] += u64::from(count);
            }
            for end in 0..=17 {
                prop_assert_eq!(tree.prefix(end), plain[..end].iter().sum::<u64>());
            }
            prop_assert_eq!(tree.total(), plain.iter().sum::<u64>());
        }
    }

    #[test]
    fn ranks_outside_the_tree_are_ignored() {
        let mut tree = Fenwick::new(3);
        tree.add(3, 1);
        tree.add(usize::MAX, 1);
        assert_eq!((tree.total(), tree.prefix(usize::MAX)), (0, 0));
    }
}
