//! Orders x receipts: which order came from which receipt, and what is left over on either side.
//!
//! Nothing is guessed: an order is matched by its key or it is not, and every row of both sides ends in exactly one class.

mod client_book;
mod first_look;
mod index;
mod keys;
mod link;
mod matched;
mod partitions;
mod records;
mod shares;

pub use client_book::ClientBook;
pub use first_look::{FirstLook, FirstLookBuilder, FirstLookLatencies, FirstLookPart, OrderPrints, copies_among};
pub use index::{Linked, ReceiptIndex};
pub use keys::Rows;
pub use link::{AlsoEqual, LinkOptions, Links, NO_RECEIPT, OrderClass, ReceiptClass, Waterfall};
pub use matched::{
    Attribution, LinkedLatencies, MatchedLatencies, MatchedLatency, OnlyGroups, Owners, attribute, matched_orders, matched_orders_with_rows,
};
pub use records::{Records, RecordsBuilder, RecordsPart, Repaired};
pub use shares::{Share, Shares};
/// Makes room for a part of a column: for the whole of it at once where more is expected (growing would hold the rows twice), else by doubling,
/// as nobody knows how many parts there will be.
pub(crate) fn make_room<T>(whole: &mut Vec<T>, n_part: usize, expected: usize) {
    if whole.len() + n_part > whole.capacity() {
        if expected > n_part { whole.reserve_exact(expected) } else { whole.reserve(n_part) }
    }
}
