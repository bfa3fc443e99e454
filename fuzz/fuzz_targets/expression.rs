#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| colofair_fuzz::whole::expression(bytes));
