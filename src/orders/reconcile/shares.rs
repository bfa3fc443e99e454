//! Equal shares of all keys, so that a job too large for the memory is done one share after the other.
//!
//! Rows that are joined, or are copies of one another, have one key and fall into one share: what is counted in each adds up to the whole.

use crate::reconcile::LinkOptions;
use crate::reconcile::keys::{Rows, composite};
use crate::record::{Column, Key, Partitioned, Print, Secret};

/// How keys are told apart in every share of a job.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// How many there are.
    pub n: u64,
    secret: Secret,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// From 0.
    pub number: u64,
    of: Shares,
}

impl Shares {
    /// `n` shares, at least one, under a secret of their own: no file can be made whose keys all fall into one.
    #[must_use]
    pub fn of(n: u64) -> Self {
        Self { n: n.max(1), secret: Secret::draw() }
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Share> {
        (0..self.n).map(move |number| Share { number, of: self })
    }

    /// The share of a key or print. The highest of its mixed bits alone decide: tables and partitions go by lower ones.
    fn number(self, key: impl Partitioned) -> u64 {
        ((key.mixed(self.secret) >> 48) * self.n) >> 16
    }
}

impl Share {
    /// The rows of this share by their receipt ids (and what else has to agree), ascending; those without one are in the first.
    #[must_use]
    pub fn rows(self, rows: &impl Rows, time: Column, options: &LinkOptions) -> Vec<u32> {
        let keys = composite(rows, Column::ReceiptId, time, options);
        let number = |key: &Key| if key.is_absent() { 0 } else { self.of.number(*key) };
        match keys.as_ref() {
            [] if self.number == 0 => (0..rows.n_rows() as u32).collect(),
            keys => (0..).zip(keys).filter(|(_, key)| number(key) == self.number).map(|(row, _)| row).collect(),
        }
    }

    /// The rows of this share among orders by the prints of their own ids, with the prints; those without an id are in none.
    #[must_use]
    pub fn prints(self, orders: &impl Rows, options: &LinkOptions) -> (Vec<u32>, Vec<Print>) {
        let prints = prints(orders, options, self.of.secret);
        let here = |(_, print): &(u32, Print)| !print.is_absent() && self.of.number(*print) == self.number;
        (0..).zip(prints).filter(here).unzip()
    }
}

/// The prints of the keys by which orders are copies of one another; of none where no order id is read.
pub(crate) fn prints(orders: &impl Rows, options: &LinkOptions, secret: Secret) -> Vec<Print> {
    composite(orders, Column::OrderId, Column::SentAt, options).as_ref().iter().map(|key| key.print(secret)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_one_share_and_shares_are_alike() {
        for n in [1, 2, 3, 7, 100] {
            let shares = Shares::of(n);
            let mut sizes = vec![0; n as usize];
            (0..20_000_u64).for_each(|id| sizes[shares.number(Key::of(id.to_string().as_bytes())) as usize] += 1);
            let mean = 20_000 / n as i64;
            assert!(sizes.iter().all(|size| (size - mean).abs() < 30 + mean / 4), "{n}: {sizes:?}");
        }
    }
}
