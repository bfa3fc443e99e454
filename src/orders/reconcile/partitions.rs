//! Rows split by their keys so that the table of one part stays in the cache.

use rayon::prelude::*;

use crate::record::{Partitioned, Secret};

/// Rows a partition aims at: a table of twice as many entries stays in a core's own cache.
const PARTITION: usize = 32 << 10;
/// More would cost more in the splitting than it saves in the tables.
const MOST_PARTITIONS: usize = 1 << 12;

/// A row and the lower half of its mixed key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry(u64);

impl Entry {
    fn new(mixed: u64, row: u32) -> Self {
        Self(mixed << 32 | u64::from(row))
    }

    pub(crate) fn row(self) -> u32 {
        self.0 as u32
    }

    fn tag(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// Entries by stretch of rows and partition: `split[stretch][partition]`.
pub(crate) struct Partitions {
    split: Vec<Vec<Vec<Entry>>>,
}

/// How many partitions `n_rows` rows go into.
pub(crate) fn n_partitions(n_rows: usize) -> usize {
    n_rows.div_ceil(PARTITION).next_power_of_two().min(MOST_PARTITIONS)
}

impl Partitions {
    /// Splits the rows `0..n_rows` by their keys; those without a key are in no partition.
    pub(crate) fn of<K: Partitioned>(n_rows: usize, n_partitions: usize, secret: Secret, key_of: impl Fn(usize) -> K + Sync) -> Self {
        Self::of_share(n_rows, n_partitions, secret, key_of, (0, 1))
    }

    /// The same for one of `n` (a power of two) equal shares of the keys.
    fn of_share<K: Partitioned>(
        n_rows: usize,
        n_partitions: usize,
        secret: Secret,
        key_of: impl Fn(usize) -> K + Sync,
        (share, n): (u64, u64),
    ) -> Self {
        let stretch = n_rows.div_ceil(4 * rayon::current_num_threads()).max(1);
        let split_stretch = |index: usize| {
            let rows = index * stretch..((index + 1) * stretch).min(n_rows);
            let expected = rows.len() / n as usize / n_partitions;
            let mut split: Vec<Vec<Entry>> = (0..n_partitions).map(|_| Vec::with_capacity(expected + expected / 8 + 8)).collect();
            for row in rows {
                let key = key_of(row);
                let mixed = key.mixed(secret);
                if mixed >> 48 & (n - 1) == share && !key.is_absent() {
                    split[(mixed >> 32) as usize & (n_partitions - 1)].push(Entry::new(mixed, row as u32));
                }
            }
            split
        };
        Self { split: (0..n_rows.div_ceil(stretch)).into_par_iter().map(split_stretch).collect() }
    }

    /// The partition's entries, ascending by row.
    pub(crate) fn entries(&self, partition: usize) -> impl Iterator<Item = Entry> {
        self.split.iter().flat_map(move |stretch| stretch[partition].iter().copied())
    }

    fn n_entries(&self, partition: usize) -> usize {
        self.split.iter().map(|stretch| stretch[partition].len()).sum()
    }
}

/// The entries of one partition, found by key.
pub(crate) struct Table {
    slots: Vec<Entry>,
}

const EMPTY: u64 = u64::MAX;

impl Table {
    /// An empty table for the entries of a partition.
    pub(crate) fn for_partition(partitions: &Partitions, partition: usize) -> Self {
        let n_slots = (2 * partitions.n_entries(partition)).next_power_of_two().max(16);
        Self { slots: vec![Entry(EMPTY); n_slots] }
    }

    /// The entry for which `same_key` holds among those of `entry`'s tag; if there is none, `entry` is put in where `insert` says so.
    pub(crate) fn find_or(&mut self, entry: Entry, insert: bool, same_key: impl Fn(u32) -> bool) -> Option<Entry> {
        let mask = self.slots.len() - 1;
        let mut slot = entry.tag() as usize & mask;
        loop {
            let found = self.slots[slot];
            if found.0 == EMPTY {
                if insert {
                    self.slots[slot] = entry;
                }
                return None;
            }
            if found.tag() == entry.tag() && same_key(found.row()) {
                return Some(found);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// Rows above which the keys are gone through in shares: the entries of all of them at once would be half the memory of the keys.
const MANY_ROWS: usize = 1 << 20;
const SHARES: u64 = 4;

/// Every set of two or more rows that share a key, each ascending, in the order of their first rows.
pub(crate) fn rows_by_shared_key<K: Partitioned>(n_rows: usize, secret: Secret, key_of: impl Fn(usize) -> K + Sync) -> Vec<Vec<u32>> {
    let n_shares = if n_rows > MANY_ROWS { SHARES } else { 1 };
    let n_partitions = n_partitions(n_rows / n_shares as usize);
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for share in 0..n_shares {
        let partitions = Partitions::of_share(n_rows, n_partitions, secret, &key_of, (share, n_shares));
        let pairs_in = |partition: usize| {
            let mut table = Table::for_partition(&partitions, partition);
            let mut pairs = Vec::new();
            for entry in partitions.entries(partition) {
                let key = |row: u32| key_of(row as usize);
                if let Some(first) = table.find_or(entry, true, |row| key(row) == key(entry.row())) {
                    pairs.push((first.row(), entry.row()));
                }
            }
            pairs
        };
        pairs.par_extend((0..n_partitions).into_par_iter().flat_map_iter(pairs_in));
    }
    pairs.par_sort_unstable();
    let set = |pairs: &[(u32, u32)]| std::iter::once(pairs[0].0).chain(pairs.iter().map(|(_, row)| *row)).collect();
    pairs.chunk_by(|a, b| a.0 == b.0).map(set).collect()
}
