//! By which channel an order came: what the order says, else its receipt.

use crate::reconcile::Records;
use crate::record::{Column, NO_NAME, NameColumn};

/// More different channels than this are ids, not channels.
const MOST_CHANNELS: usize = 64;

/// The channel of each order: its own, else its receipt's. Code 0 is none.
pub struct Channels<'a> {
    ours: Option<&'a NameColumn>,
    theirs: Option<&'a NameColumn>,
    /// Codes of the receipts' names among `names`.
    their_codes: Vec<u16>,
    our_codes: Vec<u16>,
    names: Vec<String>,
}

impl<'a> Channels<'a> {
    /// Those of orders and receipts.
    #[must_use]
    pub fn of(orders: &'a Records, receipts: &'a Records) -> Self {
        let few = |records: &'a Records| records.names(Column::Channel).filter(|column| column.names.len() <= MOST_CHANNELS);
        let (ours, theirs) = (few(orders), few(receipts));
        let all = |column: Option<&'a NameColumn>| column.map_or(&[][..], |column| &column.names[..]).to_vec();
        let mut names = [vec![String::new()], all(ours), all(theirs)].concat();
        names.sort_unstable();
        names.dedup();
        let codes = |column: Option<&NameColumn>| -> Vec<u16> {
            let code = |name: &String| names.binary_search(name).unwrap_or_default() as u16;
            column.map_or(Vec::new(), |column| column.names.iter().map(code).collect())
        };
        Self { our_codes: codes(ours), their_codes: codes(theirs), ours, theirs, names }
    }

    /// Whether either side says by which channel an order came.
    #[must_use]
    pub fn in_files(&self) -> bool {
        self.ours.or(self.theirs).is_some()
    }

    /// The names by code, ascending; the first is empty, for none.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The code of an order, given the receipt that it is linked to.
    #[must_use]
    pub fn code(&self, order: usize, receipt: Option<usize>) -> u16 {
        let of = |column: Option<&NameColumn>, row: usize, codes: &[u16]| match column?.codes.get(row) {
            NO_NAME => None,
            code => Some(codes[code as usize]),
        };
        let theirs = || of(self.theirs, receipt?, &self.their_codes);
        of(self.ours, order, &self.our_codes).or_else(theirs).unwrap_or(0)
    }
}
