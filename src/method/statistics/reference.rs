//! Test support: reads the oracle values of `tests/reference` and compares with them.

use std::path::Path;

use serde_json::Value;

/// The cases of `tests/reference/NAME.json`.
pub(crate) fn cases(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference").join(name).with_extension("json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut document: Value = serde_json::from_str(&text).expect("reference files are JSON");
    document["cases"].take()
}

/// The items of a list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// A real number, stored as a string.
pub(crate) fn real(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("not a real number: {value}"))
}

/// A list of real numbers.
pub(crate) fn reals(value: &Value) -> Vec<f64> {
    list(value).iter().map(real).collect()
}

/// An integer.
pub(crate) fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("not an integer: {value}"))
}

/// A list of integers.
pub(crate) fn integers(value: &Value) -> Vec<i64> {
    list(value).iter().map(integer).collect()
}

/// Panics unless `actual` is within the relative `tolerance` of `expected`; two NaNs and equal infinities agree.
#[track_caller]
pub(crate) fn assert_close(actual: f64, expected: f64, tolerance: f64, what: &str) {
    let agree = actual == expected || actual.is_nan() && expected.is_nan() || (actual - expected).abs() <= tolerance * expected.abs();
    assert!(agree, "{what}: {actual:e}, expected {expected:e}");
}
