//! What the fuzz targets call: one function for each public entry point that takes bytes of somebody else's.
//!
//! A function panics where a promise is broken; that it returns at all is the first promise. `tests/suite/hostile.rs` calls the same ones.

pub mod readers;
#[cfg(feature = "whole")]
pub mod whole;
