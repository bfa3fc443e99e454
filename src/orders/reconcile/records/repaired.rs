//! Rows with corrections laid over them and late-found rows behind them: what a repair file makes of a side. The original stays as it is.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::reconcile::records::{Records, Values};
use crate::record::{ChunkPlace, Codes, Column, IdColumn, Key, NO_NAME, NO_TIME, NameColumn};

/// A repaired side.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The rows, corrected, and those found behind them.
    pub records: Records,
    /// Rows of the repair file that correct rows that were there.
    pub corrected: u64,
    /// Rows of it that were not there.
    pub found: u64,
}

impl Records {
    /// These rows with those of `repair` laid over the rows of the same identifier `id`, value by value where it has one, and the others
    /// behind them. Of several rows of `repair` with one identifier the last counts. Files of `repair` count on from `n_files`.
    #[must_use]
    pub fn repaired(&self, repair: &Self, id: Column, n_files: u32) -> Repaired {
        let mut of_key: HashMap<Key, u32, RandomState> = HashMap::default();
        let keys: &[Key] = repair.ids(id).map_or(&[], |ids| &ids.keys);
        for (row, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_absent()) {
            of_key.insert(*key, row as u32);
        }
        let mut overlaid: Vec<(u32, u32)> = Vec::new();
        let mut there = vec![false; repair.len()];
        for (row, key) in self.ids(id).map_or(&[][..], |ids| &ids.keys).iter().enumerate() {
            if let Some(by) = of_key.get(key) {
                overlaid.push((row as u32, *by));
                there[*by as usize] = true;
            }
        }
        let last = |row: &u32| of_key.get(&keys[*row as usize]) == Some(row);
        let behind: Vec<u32> = (0..repair.len() as u32).filter(last).filter(|row| !there[*row as usize]).collect();
        let columns =
            self.columns.iter().map(|(column, values)| (*column, values.repaired(repair.columns.get(column), &overlaid, &behind)));
        let mut places = self.places.clone();
        for (at, row) in behind.iter().enumerate() {
            let (file, first_row) = repair.place(*row as usize);
            let first_line = repair.line(*row as usize);
            places.push((self.n_rows + at, ChunkPlace { file: n_files + file, first_row, rows_expected: 0, first_line }, None));
        }
        let records = Self { n_rows: self.n_rows + behind.len(), columns: columns.collect(), places };
        Repaired { records, corrected: there.iter().filter(|there| **there).count() as u64, found: behind.len() as u64 }
    }
}

impl Values {
    fn repaired(&self, by: Option<&Self>, overlaid: &[(u32, u32)], behind: &[u32]) -> Self {
        match (self, by) {
            (Self::Times(times), by) => {
                let of = |row: u32| if let Some(Self::Times(by)) = by { by[row as usize] } else { NO_TIME };
                let mut times = times.clone();
                overlaid.iter().filter(|(_, by)| of(*by) != NO_TIME).for_each(|(row, by)| times[*row as usize] = of(*by));
                times.extend(behind.iter().map(|row| of(*row)));
                Self::Times(times)
            }
            (Self::Names(names), by) => {
                let by = if let Some(Self::Names(by)) = by { Some(by) } else { None };
                Self::Names(repaired_names(names, by, overlaid, behind))
            }
            (Self::Ids(ids), by) => {
                let mut ids = IdColumn::clone(ids);
                for row in behind {
                    match by {
                        Some(Self::Ids(by)) => ids.push_from(by, *row as usize),
                        _ => ids.push(""),
                    }
                }
                Self::Ids(Arc::new(ids))
            }
            (Self::Linked(ids), _) => Self::Linked(ids.clone()),
        }
    }
}

/// Codes of both sides in one ascending list of names.
fn repaired_names(names: &NameColumn, by: Option<&NameColumn>, overlaid: &[(u32, u32)], behind: &[u32]) -> NameColumn {
    let mut all = names.names.clone();
    all.extend(by.iter().flat_map(|by| by.names.iter().cloned()));
    all.sort_unstable();
    all.dedup();
    let ranks = |names: &[String]| -> Vec<u32> { names.iter().map(|name| all.binary_search(name).unwrap_or_default() as u32).collect() };
    let (ours, theirs) = (ranks(&names.names), by.map_or(Vec::new(), |by| ranks(&by.names)));
    let rank = |ranks: &[u32], code: u32| if code == NO_NAME { NO_NAME } else { ranks[code as usize] };
    let of = |row: u32| by.map_or(NO_NAME, |by| rank(&theirs, by.codes.get(row as usize)));
    let mut codes: Vec<u32> = names.codes.iter().map(|code| rank(&ours, code)).collect();
    overlaid.iter().filter(|(_, by)| of(*by) != NO_NAME).for_each(|(row, by)| codes[*row as usize] = of(*by));
    codes.extend(behind.iter().map(|row| of(*row)));
    let mut packed = Codes::for_names(all.len(), codes.len());
    packed.extend(codes.into_iter());
    NameColumn { names: all, codes: packed }
}
