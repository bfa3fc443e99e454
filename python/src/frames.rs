//! Frames of other libraries, by the Arrow PyCapsule interface: pyarrow, polars, pandas, duckdb. Nothing is copied.

#![allow(unsafe_code)] // One call: the stream that a capsule holds is moved out of it, as the interface says.

use std::ffi::CStr;
use std::sync::Arc;

use arrow::array::{Array, RecordBatchReader};
use arrow::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use colofair::ingest::Frame;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

const STREAM: &CStr = c"arrow_array_stream";

/// The batches of anything that has `__arrow_c_stream__`.
pub(crate) fn frame(data: &Bound<'_, PyAny>) -> PyResult<Frame> {
    let refused = |error: &dyn std::fmt::Display| PyValueError::new_err(format!("not a table that Arrow can read: {error}"));
    if !data.hasattr("__arrow_c_stream__")? {
        let kind = data.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "{kind} has no __arrow_c_stream__: give a pyarrow, polars or pandas (2.2 or later) table, or a duckdb relation's .arrow()"
        )));
    }
    let capsule = data.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(STREAM))?.as_ptr().cast::<FFI_ArrowArrayStream>();
    // SAFETY: the capsule's name was checked, so that the pointer is to a live ArrowArrayStream, which the interface lets us take.
    let reader = unsafe { RecordBatchStreamReader::from_raw(stream) }.map_err(|error| refused(&error))?;
    let schema = reader.schema();
    // A stream may call Python from threads of its own, as a dataset over a file system of Python's does: they need the lock.
    let batches = data.py().detach(|| reader.collect::<Result<Vec<_>, _>>()).map_err(|error| refused(&error))?;
    Ok(Frame { schema, batches: Arc::new(batches) })
}

/// Address of the first buffer of a column's first batch.
pub(crate) fn address(frame: &Frame, column: &str) -> PyResult<usize> {
    let batch = frame.batches.first().ok_or_else(|| PyValueError::new_err("the table has no batch"))?;
    let array = batch.column_by_name(column).ok_or_else(|| PyValueError::new_err(format!("no column \"{column}\"")))?;
    let data = array.to_data();
    let buffer = data.buffers().first().ok_or_else(|| PyValueError::new_err("the column has no buffer"))?;
    Ok(buffer.as_ptr() as usize + data.offset() * array.data_type().primitive_width().unwrap_or(0))
}
