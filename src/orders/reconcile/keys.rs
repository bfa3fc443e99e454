//! What rows are joined by: the id column's own keys, or the id with what else has to agree.

use rayon::prelude::*;

use crate::reconcile::{AlsoEqual, LinkOptions, Records};
use crate::record::{Chunk, Column, IdColumn, Key, LocalReader, Timestamp};

/// Rows that have keys: a chunk or a whole side.
pub trait Rows: Sync {
    /// True where the rows are many and may be shared out to all threads.
    const IN_PARALLEL: bool;

    /// How many rows there are.
    fn n_rows(&self) -> usize;
    /// An identifier column; `None` where it was not read.
    fn ids(&self, column: Column) -> Option<&IdColumn>;
    /// The name of a row; empty where there is none.
    fn name(&self, column: Column, row: usize) -> &str;
    /// A time column; `None` where it was not read.
    fn times(&self, column: Column) -> Option<&[i64]>;
}

impl Rows for Records {
    const IN_PARALLEL: bool = true;

    fn n_rows(&self) -> usize {
        self.len()
    }
    fn ids(&self, column: Column) -> Option<&IdColumn> {
        self.ids(column).map(std::convert::AsRef::as_ref)
    }
    fn name(&self, column: Column, row: usize) -> &str {
        self.name(column, row)
    }
    fn times(&self, column: Column) -> Option<&[i64]> {
        self.times(column)
    }
}

impl Rows for Chunk<'_> {
    // The chunk's worker holds its book of names: see there.
    const IN_PARALLEL: bool = false;

    fn n_rows(&self) -> usize {
        self.n_rows
    }
    fn ids(&self, column: Column) -> Option<&IdColumn> {
        self.ids(column)
    }
    fn name(&self, column: Column, row: usize) -> &str {
        self.name(column, row)
    }
    fn times(&self, column: Column) -> Option<&[i64]> {
        self.times(column)
    }
}

/// The keys of a side: its id column's own, or the id joined with what else has to agree.
#[derive(Debug)]
pub(crate) enum Keys<'a> {
    Own(&'a [Key]),
    Joined(Vec<Key>),
}

impl Keys<'_> {
    pub(crate) fn as_ref(&self) -> &[Key] {
        match self {
            Self::Own(keys) => keys,
            Self::Joined(keys) => keys,
        }
    }
}

/// The keys of `records` by the id column `id`, dated by `time` where the trading date is part of the key.
pub(crate) fn composite<'a, R: Rows>(records: &'a R, id: Column, time: Column, options: &LinkOptions) -> Keys<'a> {
    let Some(ids) = records.ids(id) else { return Keys::Own(&[]) };
    if options.also.is_empty() {
        return Keys::Own(&ids.keys);
    }
    let times = records.times(time).unwrap_or(&[]);
    let join_stretch = |rows: std::ops::Range<usize>| {
        let (mut local, mut text) = (options.zone.local_reader(), Vec::new());
        let mut key_of = |row: usize| {
            if ids.keys[row].is_absent() {
                return Key::ABSENT;
            }
            text.clear();
            text.extend_from_slice(ids.text(row).as_bytes());
            options.also.iter().for_each(|part| append_part(&mut text, records, *part, row, times, &mut local));
            Key::of(&text)
        };
        rows.map(&mut key_of).collect::<Vec<Key>>()
    };
    let n_rows = records.n_rows();
    if !R::IN_PARALLEL {
        return Keys::Joined(join_stretch(0..n_rows));
    }
    let stretches = (0..n_rows.div_ceil(STRETCH)).into_par_iter();
    Keys::Joined(stretches.flat_map_iter(|index| join_stretch(index * STRETCH..((index + 1) * STRETCH).min(n_rows))).collect())
}

/// Rows whose keys are joined together.
const STRETCH: usize = 1 << 16;

/// Appends the part with its length, so that "A" + "BC" is not "AB" + "C".
fn append_part(text: &mut Vec<u8>, records: &impl Rows, part: AlsoEqual, row: usize, times: &[i64], local: &mut LocalReader) {
    match part {
        AlsoEqual::TradeDate => {
            let date = times.get(row).map_or(0, |time| local.read(Timestamp(*time)).0.0);
            text.extend_from_slice(&date.to_le_bytes());
        }
        AlsoEqual::Name(column) => {
            let name = records.name(column, row).as_bytes();
            text.extend_from_slice(name);
            text.extend_from_slice(&(name.len() as u32).to_le_bytes());
        }
    }
}
