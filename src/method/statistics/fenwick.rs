//! Counting how many of the things seen so far lie below a rank: the Fenwick tree.

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::statistics::Fenwick;

    proptest! {
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
