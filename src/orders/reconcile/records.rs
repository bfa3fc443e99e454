//! All accepted rows of one side as columns, and where each row stood.

mod repaired;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::reconcile::{NO_RECEIPT, make_room};
use crate::record::{Chunk, ChunkColumn, ChunkPlace, Codes, Column, Dictionary, IdColumn, NO_NAME, NameBooks, NameColumn, canonical_codes};

pub use repaired::Repaired;

/// The accepted rows of one side.
#[derive(Clone, Debug, Default)]
pub struct Records {
    n_rows: usize,
    columns: BTreeMap<Column, Values>,
    /// Index of each part's first row, its place, and its rows where some were rejected.
    places: Vec<(usize, ChunkPlace, Option<Vec<u32>>)>,
}

/// Any column, as far as rows are compared.
#[derive(Clone, Debug)]
enum Values {
    Ids(Arc<IdColumn>),
    Linked(LinkedIds),
    Names(NameColumn),
    Times(Vec<i64>),
}

impl Values {
    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Ids(column) => column.compare(a, b),
            Self::Linked(column) => column.text(a).cmp(&column.text(b)),
            // An absent name sorts last; ranks follow the bytes.
            Self::Names(column) => column.codes.get(a).cmp(&column.codes.get(b)),
            Self::Times(column) => column[a].cmp(&column[b]),
        }
    }
}

/// The receipt ids of orders: those of their receipts, and the texts of those that have none.
#[derive(Clone, Debug)]
pub(crate) struct LinkedIds {
    pub(crate) receipt_of: Arc<Vec<u32>>,
    pub(crate) receipts: Arc<IdColumn>,
    /// Rows without a receipt, ascending, and their ids.
    pub(crate) own_rows: Vec<u32>,
    pub(crate) own: IdColumn,
}

impl LinkedIds {
    fn text(&self, row: usize) -> String {
        match self.receipt_of[row] {
            NO_RECEIPT => self.own_rows.binary_search(&(row as u32)).map_or_else(|_| String::new(), |at| self.own.text(at)),
            receipt => self.receipts.text(receipt as usize),
        }
    }
}

/// One chunk's rows with their names in a book.
#[derive(Debug)]
pub struct RecordsPart {
    n_rows: usize,
    rows: Option<Vec<u32>>,
    worker: usize,
    columns: Vec<(Column, ChunkColumn)>,
}

impl RecordsPart {
    /// The columns of a chunk that `keep` wants.
    #[must_use]
    pub fn of(mut chunk: Chunk<'_>, keep: impl Fn(Column) -> bool) -> Self {
        chunk.columns.retain(|(column, _)| keep(*column));
        Self { n_rows: chunk.n_rows, columns: chunk.columns, worker: chunk.worker, rows: chunk.rows }
    }

    /// Its rows `rows`, ascending.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        let within = |row: &u32| self.rows.as_ref().map_or(*row, |of_chunk| of_chunk[*row as usize]);
        let columns = self.columns.iter().map(|(column, values)| (*column, values.select(rows)));
        Self { n_rows: rows.len(), columns: columns.collect(), worker: self.worker, rows: Some(rows.iter().map(within).collect()) }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// True when it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }
}

/// The rows of one side while they come in.
#[derive(Debug, Default)]
pub struct RecordsBuilder {
    n_rows: usize,
    columns: BTreeMap<Column, Growing>,
    places: Vec<(usize, ChunkPlace, Option<Vec<u32>>)>,
}

/// A column while its rows come in.
#[derive(Debug)]
enum Growing {
    Ids(IdColumn),
    /// Codes in the book of the worker that entered them, by stretch of rows.
    Names(Vec<(usize, Codes)>),
    Times(Vec<i64>),
}

impl RecordsBuilder {
    /// Appends a part; parts come in file and row order.
    pub fn append(&mut self, place: ChunkPlace, part: RecordsPart) {
        // Room for all of them at once: growing would hold the rows twice.
        let (n_part, expected) = (part.n_rows, place.rows_expected);
        self.places.push((self.n_rows, place, part.rows));
        self.n_rows += part.n_rows;
        for (column, values) in part.columns {
            let whole = self.columns.entry(column).or_insert_with(|| match values {
                ChunkColumn::Ids(_) => Growing::Ids(IdColumn::default()),
                ChunkColumn::Names(_) => Growing::Names(Vec::new()),
                ChunkColumn::Times(_) => Growing::Times(Vec::new()),
            });
            match (whole, values) {
                (Growing::Ids(whole), ChunkColumn::Ids(ids)) => {
                    make_room(&mut whole.keys, n_part, expected);
                    whole.append(&ids);
                }
                (Growing::Names(whole), ChunkColumn::Names(codes)) => whole.push((part.worker, codes)),
                (Growing::Times(whole), ChunkColumn::Times(times)) => {
                    make_room(whole, n_part, expected);
                    whole.extend_from_slice(&times);
                }
                _ => unreachable!("a column is of one kind"),
            }
        }
    }

    /// The whole side; codes of names become ranks.
    #[must_use]
    pub fn finish(self, mut books: NameBooks) -> Records {
        let n_rows = self.n_rows;
        let columns = self.columns.into_iter().map(|(column, values)| {
            let values = match values {
                Growing::Ids(ids) => Values::Ids(Arc::new(ids)),
                Growing::Names(parts) => Values::Names(join_names(parts, n_rows, &books.dictionaries(column))),
                Growing::Times(times) => Values::Times(times),
            };
            (column, values)
        });
        Records { n_rows, columns: columns.collect(), places: self.places }
    }
}

impl Records {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// True when no row was accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// An identifier column of which every row is held; `None` where it was not read, or is held by reference.
    #[must_use]
    pub fn ids(&self, column: Column) -> Option<&Arc<IdColumn>> {
        self.columns.get(&column).and_then(|values| if let Values::Ids(ids) = values { Some(ids) } else { None })
    }

    /// The identifier of a row; `None` where the column was not read.
    #[must_use]
    pub fn id(&self, column: Column, row: usize) -> Option<String> {
        match self.columns.get(&column)? {
            Values::Ids(ids) => Some(ids.text(row)),
            Values::Linked(ids) => Some(ids.text(row)),
            Values::Names(_) | Values::Times(_) => None,
        }
    }

    /// Holds the receipt ids of orders by reference to the receipts.
    pub(crate) fn set_linked(&mut self, column: Column, ids: LinkedIds) {
        self.columns.insert(column, Values::Linked(ids));
    }

    /// Drops a column that is no longer needed.
    pub fn forget(&mut self, column: Column) {
        self.columns.remove(&column);
    }

    /// A name column; `None` where it was not read.
    #[must_use]
    pub fn names(&self, column: Column) -> Option<&NameColumn> {
        self.columns.get(&column).and_then(|values| if let Values::Names(names) = values { Some(names) } else { None })
    }

    /// A time column, nanoseconds since the epoch or [`crate::record::NO_TIME`]; `None` where it was not read.
    #[must_use]
    pub fn times(&self, column: Column) -> Option<&[i64]> {
        self.columns.get(&column).and_then(|values| if let Values::Times(times) = values { Some(times.as_slice()) } else { None })
    }

    /// The name of a row in `column`; empty where the column was not read.
    #[must_use]
    pub fn name(&self, column: Column, row: usize) -> &str {
        self.names(column).map_or("", |names| names.text(row))
    }

    /// The file's index and the zero-based data row within it.
    #[must_use]
    pub fn place(&self, row: usize) -> (u32, u64) {
        let at = self.places.partition_point(|(first, ..)| *first <= row) - 1;
        let (first, place, rows) = &self.places[at];
        let within = rows.as_ref().map_or((row - first) as u64, |rows| u64::from(rows[row - first]));
        (place.file, place.first_row + within)
    }

    /// The line of a row in its file, from 1; `None` where rows of its stretch take more or less than a line, or the file has no lines.
    #[must_use]
    pub fn line(&self, row: usize) -> Option<u64> {
        let at = self.places.partition_point(|(first, ..)| *first <= row) - 1;
        let (_, within) = self.place(row);
        self.places[at].1.first_line.map(|first| first + (within - self.places[at].1.first_row))
    }

    /// The rows of each file, in file order, with the file's index.
    #[must_use]
    pub fn rows_by_file(&self) -> Vec<(std::ops::Range<usize>, u32)> {
        let ends = self.places.iter().skip(1).map(|(first, ..)| *first).chain([self.n_rows]);
        let mut files: Vec<(std::ops::Range<usize>, u32)> = Vec::new();
        for ((first, place, _), end) in self.places.iter().zip(ends) {
            match files.last_mut() {
                Some((rows, file)) if *file == place.file => rows.end = end,
                _ => files.push((*first..end, place.file)),
            }
        }
        files
    }

    /// Which of two rows comes first: by `time`, then by the rest of their values, then by their place.
    ///
    /// Two rows that differ in a value compare the same way wherever they stand.
    #[must_use]
    pub fn precedence(&self, time: Column, a: usize, b: usize) -> Ordering {
        self.compare(time, a, b).then(a.cmp(&b))
    }

    /// Two rows by `time`, then by the rest of their values, wherever they stand; equal where they agree in all of them.
    #[must_use]
    pub fn compare(&self, time: Column, a: usize, b: usize) -> Ordering {
        let by_time = self.columns.get(&time).map_or(Ordering::Equal, |times| times.compare(a, b));
        let by_values = || self.columns.values().map(|values| values.compare(a, b)).find(|order| order.is_ne());
        by_time.then_with(|| by_values().unwrap_or(Ordering::Equal))
    }
}

/// Joins the workers' books into one whose codes are ranks.
pub(crate) fn join_names(parts: Vec<(usize, Codes)>, n_rows: usize, books: &[Dictionary]) -> NameColumn {
    let mut dictionary = Dictionary::default();
    let joined: Vec<Vec<u32>> = books.iter().map(|book| book.names().map(|name| dictionary.intern(name)).collect()).collect();
    let (names, ranks) = canonical_codes(&dictionary);
    let ranked: Vec<Vec<u32>> = joined.iter().map(|codes| codes.iter().map(|code| ranks[*code as usize]).collect()).collect();
    let mut codes = Codes::for_names(names.len(), n_rows);
    for (worker, part) in parts {
        codes.extend(part.iter().map(|code| if code == NO_NAME { NO_NAME } else { ranked[worker][code as usize] }));
    }
    NameColumn { names, codes }
}
