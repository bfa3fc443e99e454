//! All accepted rows of one side as columns, and where each row stood.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::reconcile::NO_RECEIPT;
use crate::record::{Chunk, ChunkColumn, ChunkPlace, Codes, Column, Dictionary, IdColumn, NO_NAME, NameColumn, canonical_codes};

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

/// The names of one side while it is read: a dictionary a worker thread and column, so that no worker waits for another.
///
/// Which chunk goes to which worker is chance; [`RecordsBuilder::finish`] renumbers the names by rank, which is not.
#[derive(Debug)]
pub struct NameBooks {
    workers: Vec<Mutex<BTreeMap<Column, Dictionary>>>,
}

impl Default for NameBooks {
    fn default() -> Self {
        // One more for a caller outside the pool.
        Self { workers: (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect() }
    }
}

impl NameBooks {
    /// Enters a chunk's names in the book of this worker; returns the codes in the book of `codes` in the chunk.
    fn enter(&self, worker: usize, column: Column, names: &Dictionary, codes: &[u32]) -> Codes {
        let mut books = self.workers[worker].lock().unwrap_or_else(PoisonError::into_inner);
        let book = books.entry(column).or_default();
        let entered: Vec<u32> = names.names().map(|name| book.intern(name)).collect();
        let mut booked = Codes::for_names(book.len(), codes.len());
        booked.extend(codes.iter().map(|code| if *code == NO_NAME { NO_NAME } else { entered[*code as usize] }));
        booked
    }
}

/// One chunk's rows with their names in a book.
#[derive(Debug)]
pub struct RecordsPart {
    n_rows: usize,
    rows: Option<Vec<u32>>,
    worker: usize,
    columns: BTreeMap<Column, PartValues>,
}

#[derive(Debug)]
enum PartValues {
    Ids(IdColumn),
    /// Codes in the book of the part's worker.
    Names(Codes),
    Times(Vec<i64>),
}

impl RecordsPart {
    /// Takes a chunk as far as `keep` says.
    #[must_use]
    pub fn of(chunk: Chunk, books: &NameBooks, keep: impl Fn(Column) -> bool) -> Self {
        let worker = rayon::current_thread_index().unwrap_or(books.workers.len() - 1).min(books.workers.len() - 1);
        let kept = chunk.columns.into_iter().filter(|(column, _)| keep(*column));
        let columns = kept.map(|(column, values)| {
            let values = match values {
                ChunkColumn::Ids(ids) => PartValues::Ids(ids),
                ChunkColumn::Names(names, codes) => PartValues::Names(books.enter(worker, column, &names, &codes)),
                ChunkColumn::Times(times) => PartValues::Times(times),
            };
            (column, values)
        });
        Self { n_rows: chunk.n_rows, columns: columns.collect(), worker, rows: chunk.rows }
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
        let whole_file = (place.first_row == 0).then_some(place.rows_expected.max(part.n_rows));
        self.places.push((self.n_rows, place, part.rows));
        self.n_rows += part.n_rows;
        for (column, values) in part.columns {
            let whole = self.columns.entry(column).or_insert_with(|| match values {
                PartValues::Ids(_) => Growing::Ids(IdColumn::default()),
                PartValues::Names(_) => Growing::Names(Vec::new()),
                PartValues::Times(_) => Growing::Times(Vec::new()),
            });
            match (whole, values) {
                (Growing::Ids(whole), PartValues::Ids(ids)) => {
                    // Room for the whole file at once: growing would hold the rows twice.
                    whole_file.iter().for_each(|n_rows| whole.keys.reserve_exact(*n_rows));
                    whole.append(&ids);
                }
                (Growing::Names(whole), PartValues::Names(codes)) => whole.push((part.worker, codes)),
                (Growing::Times(whole), PartValues::Times(times)) => {
                    whole_file.iter().for_each(|n_rows| whole.reserve_exact(*n_rows));
                    whole.extend_from_slice(&times);
                }
                _ => unreachable!("a column is of one kind"),
            }
        }
    }

    /// The whole side; codes of names become ranks.
    #[must_use]
    pub fn finish(self, books: NameBooks) -> Records {
        let books: Vec<BTreeMap<Column, Dictionary>> =
            books.workers.into_iter().map(|book| book.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        let n_rows = self.n_rows;
        let whole = |(column, values): (Column, Growing)| {
            let values = match values {
                Growing::Ids(ids) => Values::Ids(Arc::new(ids)),
                Growing::Names(parts) => Values::Names(join_names(column, parts, n_rows, &books)),
                Growing::Times(times) => Values::Times(times),
            };
            (column, values)
        };
        Records { n_rows, columns: self.columns.into_par_iter().map(whole).collect(), places: self.places }
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

    /// A time column, nanoseconds since the epoch or [`NO_TIME`]; `None` where it was not read.
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
fn join_names(column: Column, parts: Vec<(usize, Codes)>, n_rows: usize, books: &[BTreeMap<Column, Dictionary>]) -> NameColumn {
    let mut dictionary = Dictionary::default();
    let mut enter = |book: &Dictionary| book.names().map(|name| dictionary.intern(name)).collect::<Vec<u32>>();
    let global: Vec<Vec<u32>> = books.iter().map(|book| book.get(&column).map_or_else(Vec::new, &mut enter)).collect();
    let (names, ranks) = canonical_codes(&dictionary);
    let ranked: Vec<Vec<u32>> = global.iter().map(|codes| codes.iter().map(|code| ranks[*code as usize]).collect()).collect();
    let mut codes = Codes::for_names(names.len(), n_rows);
    for (worker, part) in parts {
        let rank = |code: u32| if code == NO_NAME { NO_NAME } else { ranked[worker][code as usize] };
        codes.extend(part.iter().map(rank));
    }
    NameColumn { names, codes }
}
