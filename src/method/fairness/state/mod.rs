//! The method at scale: study-days summarized apart, merged in any tree, judged as one.
//!
//! A *study-day* holds all matched orders of one subject on one local trading day. Comparison cells, load, overtaking and error blocks
//! lie inside a day, so days can be computed anywhere and in any order. [`StudyDay`] is such a day as a value and as versioned Arrow
//! IPC bytes; [`merge`] unites days, and merges of days, and its answer depends on the set of days alone.
//!
//! What is left out: where the bytes lie and who moves them. Nothing here opens a file or knows a scheduler.

mod day;
mod error;
mod merged;
mod united;
mod wire;

pub use day::{Origin, StudyDay, by_day};
pub use error::StateError;
pub use merged::{Merged, merge};
pub use wire::SCHEMA_VERSION;

#[cfg(test)]
mod tests;
