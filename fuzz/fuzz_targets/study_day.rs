#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    colofair_fuzz::caught_panics_are_fine();
    colofair_fuzz::whole::study_day(bytes);
});
