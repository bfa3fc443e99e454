//! One test binary: the heavy dependencies are linked once.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr, unreachable_pub, missing_docs)]

mod architecture;
mod audit;
mod audit_edges;
mod balance;
mod catalogue;
mod compare;
mod csv;
mod damage;
mod days;
mod determinism;
mod doubt;
mod encodings;
mod faults;
mod fixtures;
mod formats;
mod hostile;
mod inspect;
mod kept;
mod kucoin;
mod messages;
mod priority;
mod pseudonyms;
mod real_files;
mod records;
mod report;
mod strangers;
mod study;
mod supply;
mod support;
mod verify;
mod workbook;
mod worked_audit;
