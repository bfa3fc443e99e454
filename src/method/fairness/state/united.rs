//! United study-days as bytes: an Arrow IPC stream with one record batch a day, ascending: its date, and the bytes of the day itself.
//!
//! A day within a union is the bytes it has alone, so that unions can be united again, in any tree, and days taken out of them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, Date32Array, LargeBinaryArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;

use crate::fairness::state::wire::{SCHEMA_VERSION, sealed, unsealed};
use crate::fairness::state::{Merged, StateError, StudyDay, merge};

/// Metadata key of the version.
const HEADER: &str = "colofair.study_days";

impl Merged {
    /// The days as one Arrow IPC stream; the same days give the same bytes, however they came together.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        const IN_MEMORY: &str = "two columns of one row are written to memory";
        let fields = vec![Field::new("date", DataType::Date32, false), Field::new("day", DataType::LargeBinary, false)];
        let schema = Arc::new(Schema::new(fields).with_metadata(HashMap::from([(HEADER.to_owned(), SCHEMA_VERSION.to_string())])));
        let mut writer = StreamWriter::try_new(Vec::new(), &schema).expect(IN_MEMORY);
        for day in self.days() {
            let bytes = day.to_bytes();
            let date = Arc::new(Date32Array::from(vec![day.date().0]));
            let batch = RecordBatch::try_new(schema.clone(), vec![date, Arc::new(LargeBinaryArray::from(vec![bytes.as_slice()]))]);
            writer.write(&batch.expect(IN_MEMORY)).expect(IN_MEMORY);
        }
        sealed(writer.into_inner().expect(IN_MEMORY))
    }

    /// Reads the bytes of one day or of a union.
    ///
    /// # Errors
    /// As [`StudyDay::from_bytes`]; [`merge`]'s where the days of a union do not belong together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let arrow = |error: ArrowError| StateError::damaged(error.to_string());
        let reader = StreamReader::try_new(bytes, None).map_err(arrow)?;
        let schema = reader.schema();
        let Some(version) = schema.metadata.get(HEADER) else { return StudyDay::from_bytes(bytes).map(Self::from) };
        let found = version.parse().map_err(|_| StateError::damaged("header: no version"))?;
        if found != u64::from(SCHEMA_VERSION) {
            return Err(StateError::SchemaVersion { found, known: SCHEMA_VERSION });
        }
        unsealed(bytes)?;
        let mut days = Vec::new();
        for batch in reader {
            let batch = batch.map_err(arrow)?;
            let column = batch.column_by_name("day").and_then(|column| column.as_binary_opt::<i64>());
            let column = column.ok_or_else(|| StateError::damaged("no column `day` of bytes"))?;
            for bytes in column {
                days.push(StudyDay::from_bytes(bytes.ok_or_else(|| StateError::damaged("column `day` has empty cells"))?)?);
            }
        }
        merge(days)
    }
}
