//! The keys of a file of JSON objects, before anybody has said which one is which. Values are read by [`crate::ingest::json::scan`] alone.

use serde_json::Value;

use crate::ingest::SourceFile;
use crate::ingest::text::{Head, settle};
use crate::ingest::{EncodingChoice, json};
use crate::record::Diagnostic;

/// Lines looked at.
const LINES: usize = 200;

/// Paths of the values of the first objects, in order of appearance, and whether any of them is a number. Lists are passed over.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn keys(file: &SourceFile) -> Result<Vec<(String, bool)>, Diagnostic> {
    let head = Head::of(file, settle(file, EncodingChoice::Auto)?.encoding)?;
    let mut found = Vec::new();
    for line in head.text.split(|byte| *byte == b'\n').take(LINES) {
        if let Ok(object @ Value::Object(_)) = serde_json::from_slice(line) {
            collect(&object, "", &mut found);
        }
    }
    Ok(found)
}

/// True where the file starts with an object.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn is_object(file: &SourceFile) -> Result<bool, Diagnostic> {
    Ok(!json::keys(file)?.is_empty())
}

fn collect(value: &Value, path: &str, found: &mut Vec<(String, bool)>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('.', "\\.");
                collect(member, &if path.is_empty() { key } else { format!("{path}.{key}") }, found);
            }
        }
        Value::Array(_) => (),
        scalar => match found.iter_mut().find(|(known, _)| known == path) {
            Some((_, is_number)) => *is_number |= scalar.is_number(),
            None => found.push((path.to_owned(), scalar.is_number())),
        },
    }
}
