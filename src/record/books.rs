//! Names while they come in: a book a worker thread, so that no worker waits for another.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::{Column, Dictionary, Key, NO_NAME, Secret};

/// The names of one side while it is read.
///
/// Which rows go to which worker is chance; [`crate::reconcile::RecordsBuilder::finish`] renumbers the names by rank, which is not.
#[derive(Debug)]
pub struct NameBooks {
    workers: Vec<Mutex<NameBook>>,
}

/// The names one worker met, by column.
#[derive(Debug, Default)]
pub struct NameBook {
    columns: BTreeMap<Column, ColumnBook>,
}

/// The names of one column, in order of first appearance.
#[derive(Debug)]
pub(crate) struct ColumnBook {
    dictionary: Dictionary,
    /// Names seen lately and their codes, by key: a name of up to 16 bytes is mostly found here, with one comparison.
    recent: Vec<(Key, u32)>,
    secret: Secret,
}

/// How many names are remembered: few enough to stay in the cache, a power of two.
const RECENT: usize = 4_096;

impl Default for NameBooks {
    fn default() -> Self {
        // One more for a caller outside the pool.
        Self { workers: (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect() }
    }
}

impl NameBooks {
    /// This worker's number and book. A worker that holds its book must not take up other work of the pool.
    pub(crate) fn of_this_worker(&self) -> (usize, MutexGuard<'_, NameBook>) {
        let last = self.workers.len() - 1;
        let worker = rayon::current_thread_index().unwrap_or(last).min(last);
        (worker, self.workers[worker].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Each worker's names of `column`, empty where it met none.
    pub(crate) fn dictionaries(&mut self, column: Column) -> Vec<Dictionary> {
        let book = |worker: &mut Mutex<NameBook>| worker.get_mut().unwrap_or_else(PoisonError::into_inner).columns.remove(&column);
        self.workers.iter_mut().map(|worker| book(worker).map_or_else(Dictionary::default, |book| book.dictionary)).collect()
    }
}

impl NameBook {
    pub(crate) fn column(&mut self, column: Column) -> &mut ColumnBook {
        self.columns.entry(column).or_default()
    }

    pub(crate) fn name(&self, column: Column, code: u32) -> &str {
        self.columns.get(&column).map_or("", |book| book.dictionary.name(code))
    }

    pub(crate) fn n_names(&self, column: Column) -> usize {
        self.columns.get(&column).map_or(0, |book| book.dictionary.len())
    }
}

impl Default for ColumnBook {
    fn default() -> Self {
        Self { dictionary: Dictionary::default(), recent: vec![(Key::ABSENT, NO_NAME); RECENT], secret: Secret::draw() }
    }
}

impl ColumnBook {
    /// The code of the name at `text[start..end]`, which is UTF-8; [`NO_NAME`] of nothing.
    #[inline]
    pub(crate) fn enter(&mut self, text: &[u8], start: usize, end: usize) -> u32 {
        let Some(key) = Key::within_short(text, start, end) else {
            return self.enter_new(&text[start..end]);
        };
        let slot = key.mixed(self.secret) as usize % RECENT;
        if self.recent[slot].0 != key {
            self.recent[slot] = (key, self.enter_new(&text[start..end]));
        }
        self.recent[slot].1
    }

    fn enter_new(&mut self, name: &[u8]) -> u32 {
        self.dictionary.intern(std::str::from_utf8(name).unwrap_or_default())
    }
}
