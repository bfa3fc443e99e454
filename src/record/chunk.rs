//! A run of rows on its way from a file to the rest of the program.

use arrow::record_batch::RecordBatch;

/// A run of rows of one file as canonical columns.
#[derive(Debug)]
pub struct Chunk {
    /// The canonical columns that were wanted, in the order asked for; a column the mapping does not name is absent.
    pub batch: RecordBatch,
    /// Data row of each accepted row, counted from the chunk's first; `None` where nothing was rejected: then it is 0, 1, 2, ...
    pub rows: Option<Vec<u32>>,
}

/// Where a chunk stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Index of the file in the source.
    pub file: u32,
    /// Zero-based data row of the chunk's first row within the file, rejected rows counted.
    pub first_row: u64,
}
