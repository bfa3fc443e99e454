//! A run of rows on its way from a file to the rest of the program.

use crate::record::{Codes, Column, IdColumn, NO_NAME, NameBook};

/// A run of rows of one file as canonical columns.
#[derive(Debug)]
pub struct Chunk<'a> {
    /// Accepted rows.
    pub n_rows: usize,
    /// The canonical columns that were wanted, in the order asked for; a column the mapping does not name is absent.
    pub columns: Vec<(Column, ChunkColumn)>,
    /// Data row of each accepted row, counted from the chunk's first; `None` where nothing was rejected: then it is 0, 1, 2, ...
    pub rows: Option<Vec<u32>>,
    /// The worker that read it, and the names it met so far.
    pub worker: usize,
    /// See `worker`.
    pub names: &'a NameBook,
}

/// A column of a chunk, `n_rows` long.
#[derive(Clone, Debug)]
pub enum ChunkColumn {
    /// Identifiers.
    Ids(IdColumn),
    /// Codes in the book of the worker, [`NO_NAME`] where there is none.
    Names(Codes),
    /// Nanoseconds since the epoch, [`crate::record::NO_TIME`] where there is none.
    Times(Vec<i64>),
}

impl ChunkColumn {
    /// Its rows `rows`.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        match self {
            Self::Ids(ids) => {
                let mut selected = IdColumn::with_capacity(rows.len());
                rows.iter().for_each(|row| selected.push_from(ids, *row as usize));
                Self::Ids(selected)
            }
            Self::Names(codes) => Self::Names(codes.select(rows)),
            Self::Times(times) => Self::Times(rows.iter().map(|row| times[*row as usize]).collect()),
        }
    }
}

impl Chunk<'_> {
    /// Keeps the rows `rows`, ascending.
    pub fn keep(&mut self, rows: &[u32]) {
        if rows.len() == self.n_rows {
            return;
        }
        let within = |row: &u32| self.rows.as_ref().map_or(*row, |of_chunk| of_chunk[*row as usize]);
        self.rows = Some(rows.iter().map(within).collect());
        self.columns.iter_mut().for_each(|(_, values)| *values = values.select(rows));
        self.n_rows = rows.len();
    }

    /// Takes a name column out; `None` where it was not read.
    pub(crate) fn take_names(&mut self, column: Column) -> Option<Codes> {
        let at = self.columns.iter().position(|(found, _)| *found == column)?;
        if let ChunkColumn::Names(codes) = self.columns.swap_remove(at).1 { Some(codes) } else { None }
    }

    fn column(&self, column: Column) -> Option<&ChunkColumn> {
        self.columns.iter().find(|(found, _)| *found == column).map(|(_, values)| values)
    }

    /// An identifier column; `None` where it was not read.
    #[must_use]
    pub fn ids(&self, column: Column) -> Option<&IdColumn> {
        self.column(column).and_then(|values| if let ChunkColumn::Ids(ids) = values { Some(ids) } else { None })
    }

    /// The name of a row in `column`; empty where there is none or the column was not read.
    #[must_use]
    pub fn name(&self, column: Column, row: usize) -> &str {
        match self.column(column) {
            Some(ChunkColumn::Names(codes)) if codes.get(row) != NO_NAME => self.names.name(column, codes.get(row)),
            _ => "",
        }
    }

    /// A time column; `None` where it was not read.
    #[must_use]
    pub fn times(&self, column: Column) -> Option<&[i64]> {
        self.column(column).and_then(|values| if let ChunkColumn::Times(times) = values { Some(times.as_slice()) } else { None })
    }
}

/// Where a chunk stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    /// Index of the file in the source.
    pub file: u32,
    /// Zero-based data row of the chunk's first row within the file, rejected rows counted.
    pub first_row: u64,
    /// How many rows the source is likely to have from here on, this chunk included: for making room, not for counting.
    pub rows_expected: usize,
    /// Line of the file, from 1, on which the chunk's first row stands, where every row of the chunk takes one line; `None` elsewhere.
    pub first_line: Option<u64>,
}
