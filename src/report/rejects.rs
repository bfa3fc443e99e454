//! rejects.csv: every row that did not enter the study.

use std::io::{BufWriter, Write};

use crate::ingest::Rejects;
use crate::record::Diagnostic;
use crate::report::output::Output;

/// Writes the file: header, then one line a reject, side after side, in file and row order.
///
/// # Errors
/// When it cannot be written.
pub fn write_rejects<'r>(output: &Output, sides: impl IntoIterator<Item = &'r mut Rejects>) -> Result<(), Diagnostic> {
    output.write_with("rejects.csv", |file| {
        let mut out = BufWriter::new(file);
        out.write_all(Rejects::HEADER.as_bytes())?;
        sides.into_iter().try_for_each(|side| side.write_lines(&mut out))?;
        out.flush()
    })
}
