//! All accepted rows of one side as columns, and where each row stood.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::{TimestampNanosecondType, UInt32Type};
use rayon::prelude::*;

use crate::reconcile::columns::Values;
use crate::reconcile::{Codes, IdColumn, NO_TIME, NameColumn};
use crate::record::{Chunk, ChunkPlace, Column, ColumnKind, Dictionary, NO_NAME, canonical_codes};

/// The accepted rows of one side.
#[derive(Clone, Debug, Default)]
pub struct Records {
    n_rows: usize,
    columns: BTreeMap<Column, Values>,
    /// Index of each part's first row, its place, and its rows where some were rejected.
    places: Vec<(usize, ChunkPlace, Option<Vec<u32>>)>,
}

/// One chunk's rows, taken out of their Arrow batch.
#[derive(Debug)]
pub struct RecordsPart {
    n_rows: usize,
    rows: Option<Vec<u32>>,
    columns: BTreeMap<Column, PartValues>,
}

#[derive(Debug)]
enum PartValues {
    Ids(IdColumn),
    /// The chunk's own dictionary and a code a row.
    Names(StringArray, Vec<u32>),
    Times(Vec<i64>),
}

impl RecordsPart {
    /// Takes a canonical chunk apart.
    #[must_use]
    pub fn of(chunk: Chunk) -> Self {
        let schema = chunk.batch.schema();
        let named = schema.fields().iter().zip(chunk.batch.columns());
        let columns = named.filter_map(|(field, array)| {
            let column = Column::named(field.name())?;
            let values = match column.kind() {
                ColumnKind::Id => {
                    let mut ids = IdColumn::default();
                    array.as_string::<i32>().iter().for_each(|id| ids.push(id.unwrap_or_default()));
                    PartValues::Ids(ids)
                }
                ColumnKind::Name => {
                    let dictionary = array.as_dictionary::<UInt32Type>();
                    let codes = dictionary.keys().iter().map(|key| key.unwrap_or(NO_NAME)).collect();
                    PartValues::Names(dictionary.values().as_string::<i32>().clone(), codes)
                }
                ColumnKind::Time => {
                    let times = array.as_primitive::<TimestampNanosecondType>();
                    PartValues::Times(match times.null_count() {
                        0 => times.values().to_vec(),
                        _ => times.iter().map(|time| time.unwrap_or(NO_TIME)).collect(),
                    })
                }
            };
            Some((column, values))
        });
        Self { n_rows: chunk.batch.num_rows(), columns: columns.collect(), rows: chunk.rows }
    }
}

impl Records {
    /// Joins the parts of a side, given in file and row order.
    #[must_use]
    pub fn collect(parts: Vec<(ChunkPlace, RecordsPart)>) -> Self {
        let (mut n_rows, mut places) = (0, Vec::with_capacity(parts.len()));
        let mut by_column: BTreeMap<Column, Vec<PartValues>> = BTreeMap::new();
        for (place, part) in parts {
            places.push((n_rows, place, part.rows));
            n_rows += part.n_rows;
            part.columns.into_iter().for_each(|(column, values)| by_column.entry(column).or_default().push(values));
        }
        let columns = by_column.into_par_iter().map(|(column, parts)| (column, join(parts, n_rows))).collect();
        Self { n_rows, columns, places }
    }

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

    /// An identifier column; `None` where it was not read.
    #[must_use]
    pub fn ids(&self, column: Column) -> Option<&IdColumn> {
        self.columns.get(&column).and_then(|values| if let Values::Ids(ids) = values { Some(ids) } else { None })
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

fn join(parts: Vec<PartValues>, n_rows: usize) -> Values {
    match parts.first() {
        Some(PartValues::Ids(_)) => {
            let mut whole = IdColumn::default();
            whole.keys.reserve_exact(n_rows);
            for part in parts {
                if let PartValues::Ids(ids) = part {
                    whole.append(&ids);
                }
            }
            Values::Ids(whole)
        }
        Some(PartValues::Names(..)) => Values::Names(join_names(parts, n_rows)),
        Some(PartValues::Times(_)) | None => {
            let mut whole = Vec::with_capacity(n_rows);
            for part in parts {
                if let PartValues::Times(times) = part {
                    whole.extend_from_slice(&times);
                }
            }
            Values::Times(whole)
        }
    }
}

/// Joins the parts' own dictionaries into one whose codes are ranks.
fn join_names(parts: Vec<PartValues>, n_rows: usize) -> NameColumn {
    let mut dictionary = Dictionary::default();
    let to_global = |part: &PartValues, dictionary: &mut Dictionary| match part {
        PartValues::Names(names, _) => names.iter().map(|name| dictionary.intern(name.unwrap_or_default())).collect(),
        _ => Vec::new(),
    };
    let globals: Vec<Vec<u32>> = parts.iter().map(|part| to_global(part, &mut dictionary)).collect();
    let (names, ranks) = canonical_codes(&dictionary);
    let mut codes = Codes::for_names(names.len(), n_rows);
    for (part, globals) in parts.into_iter().zip(globals) {
        let PartValues::Names(_, part_codes) = part else { continue };
        let ranked: Vec<u32> = globals.iter().map(|code| if *code == NO_NAME { NO_NAME } else { ranks[*code as usize] }).collect();
        part_codes.iter().for_each(|code| codes.push(if *code == NO_NAME { NO_NAME } else { ranked[*code as usize] }));
    }
    NameColumn { names, codes }
}
