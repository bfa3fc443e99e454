//! Orders x receipts: which order came from which receipt, and what is left over on either side.
//!
//! Nothing is guessed: an order is matched by its key or it is not, and every row of both sides ends in exactly one class.

mod client_book;
mod columns;
mod key;
mod link;
mod matched;
mod records;

pub use client_book::ClientBook;
pub use columns::{Codes, IdColumn, NO_TIME, NameColumn};
pub use key::Key;
pub use link::{AlsoEqual, LinkOptions, Links, NO_RECEIPT, OrderClass, ReceiptClass, Waterfall, link};
pub use matched::{Attribution, MatchedLatencies, attribute, matched_latencies, matched_orders};
pub use records::{Records, RecordsPart};
