//! What the fuzz targets call: one function for each public entry point that takes bytes of somebody else's.
//!
//! A function panics where a promise is broken; that it returns at all is the first promise. `tests/suite/hostile.rs` calls the same ones.

pub mod readers;
#[cfg(feature = "whole")]
pub mod whole;

/// For targets whose decoders are other people's and whose panics are caught: a fuzzer ends at any panic, also at one that is caught. What
/// nobody catches still ends it.
pub fn caught_panics_are_fine() {
    static QUIET: std::sync::Once = std::sync::Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
}
