//! From reconciled rows to findings of fact: the middle stages of colofair, which read and write no file but a simulated one.
//!
//! - [`measure`]: load, comparison cells, overtaking, quantiles, trend
//! - [`statistics`]: pure kernels
//! - [`timestamps`]: can the stamps be believed?
//! - [`fairness`]: the contrast of a pair, its gates and its verdict
//! - [`order_records`]: is the record of every client order there, true and in sequence?
//! - [`priority`]: who was handled out of turn, who traded ahead, who wins the races
//! - [`simulate`]: worlds with planted unfairness and a known answer
//!
//! A crate of its own for build time alone; the crate `colofair` re-exports its modules, and nothing else is meant to depend on it.

use colofair_orders::{reconcile, record};

pub mod fairness;
pub mod measure;
pub mod order_records;
pub mod priority;
pub mod simulate;
pub mod statistics;
pub mod timestamps;
