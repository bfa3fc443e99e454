//! From files to reconciled rows: the first stages of [colofair](https://docs.rs/colofair), in the order data flows.
//!
//! - [`record`]: the vocabulary: instants, latencies, names, phases, the canonical columns
//! - [`ingest`]: files to canonical columns; every row is accepted or listed as rejected
//! - [`reconcile`]: orders x receipts: links, duplicates, one class for every row
//!
//! A crate of its own for build time alone; the crate `colofair` re-exports its modules, and nothing else is meant to depend on it.

pub mod ingest;
pub mod reconcile;
pub mod record;
