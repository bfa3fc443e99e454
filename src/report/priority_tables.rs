//! The Parquet tables of the order of handling. Money in currency units, times in nanoseconds, shares as counts.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};

use crate::record::Diagnostic;
use crate::report::tables::TableWriter;

/// Columns of one table, each a value a row; an absent value is null.
#[derive(Default)]
pub(crate) struct PriorityTable {
    columns: Vec<(&'static str, ArrayRef)>,
    rows: u64,
}

impl PriorityTable {
    /// Adds a column of text; the empty text is null.
    pub(crate) fn text<'a>(mut self, name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        let array: StringArray = values.map(|text| Some(text).filter(|text| !text.is_empty())).collect();
        self.push(name, Arc::new(array));
        self
    }

    /// Adds a column of whole numbers.
    pub(crate) fn whole(mut self, name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        self.push(name, Arc::new(values.collect::<Int64Array>()));
        self
    }

    /// Adds a column of real numbers.
    pub(crate) fn real(mut self, name: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        self.push(name, Arc::new(values.collect::<Float64Array>()));
        self
    }

    fn push(&mut self, name: &'static str, array: ArrayRef) {
        debug_assert!(self.columns.is_empty() || self.rows == array.len() as u64, "{name} has another length");
        self.rows = array.len() as u64;
        self.columns.push((name, array));
    }

    /// Writes the table.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(self, path: &Path) -> Result<u64, Diagnostic> {
        let mut writer = TableWriter::new(path);
        writer.write(self.columns)?;
        writer.finish()
    }
}
