//! One test binary: the heavy dependencies are linked once.

#![allow(clippy::unwrap_used, clippy::print_stderr, unreachable_pub, missing_docs)]

mod architecture;
mod balance;
mod csv;
mod fixtures;
mod kucoin;
mod priority;
mod study;
mod support;
