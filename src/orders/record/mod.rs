//! The vocabulary every stage shares: instants, durations, names, groups, phases.
//!
//! Nothing here reads a file, and nothing here knows a later stage.

mod books;
mod calendar;
mod chunk;
mod columns;
mod diagnostic;
mod dictionary;
mod ipc_claims;
mod key;
mod lookalike;
mod matched;
mod nearly_sorted;
mod number;
mod progress;
mod schema;
pub mod shift;
mod time;
mod zone;

pub(crate) use books::ColumnBook;
pub use books::{NameBook, NameBooks};
pub use calendar::{Calendar, Phase, PhaseKind, Weight};
pub use chunk::{Chunk, ChunkColumn, ChunkPlace};
pub use columns::{Codes, IdColumn, NO_TIME, NameColumn};
pub use diagnostic::{Diagnostic, Notice, Place, in_chinese, printable};
pub use dictionary::{Dictionary, NO_NAME, Names, canonical_codes};
pub use ipc_claims::{claims_too_much, stream_claims_too_much};
pub use key::{Key, Print};
pub(crate) use key::{Partitioned, Secret};
pub use lookalike::{Lookalikes, first_difference, is_unseen};
pub use matched::{MatchedNames, MatchedOrders, UNKNOWN_GROUP};
pub use nearly_sorted::sort_nearly_sorted;
pub use number::without_thousands;
pub use progress::{OVER_BUDGET, Progress, over_budget};
pub use schema::{Column, ColumnKind};
pub use time::{Latency, TimeSpan, Timestamp, TradeDate, parse_span};
pub use zone::{LocalReader, NaiveReader, Zone};
