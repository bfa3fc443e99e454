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
    /// Keys of the names of up to 16 bytes by code, [`Key::ABSENT`] of longer ones: a name is found with one comparison.
    keys: Vec<Key>,
    /// Codes by key, [`NO_NAME`] where a slot is empty; four bytes each, to stay in the cache. At most half of the slots are full.
    slots: Vec<u32>,
    n_short: usize,
    secret: Secret,
}

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

/// Names looked for together.
const AT_ONCE: usize = 16;

impl Default for ColumnBook {
    fn default() -> Self {
        Self { dictionary: Dictionary::default(), keys: Vec::new(), slots: vec![NO_NAME; 16], n_short: 0, secret: Secret::draw() }
    }
}

impl ColumnBook {
    /// The code of the name at `text[start..end]`, which is UTF-8; [`NO_NAME`] of nothing.
    #[inline]
    pub(crate) fn enter(&mut self, text: &[u8], start: usize, end: usize) -> u32 {
        let Some(key) = Key::within_short(text, start, end) else {
            return self.dictionary.intern(std::str::from_utf8(&text[start..end]).unwrap_or_default());
        };
        if key.is_absent() {
            return NO_NAME;
        }
        match self.slot_of(key) {
            (_, code) if code != NO_NAME => code,
            (slot, _) => self.enter_new(key, slot, &text[start..end]),
        }
    }

    /// The codes of the names at `fields` (start and end) of `text`, which is UTF-8, appended to `codes`: as [`Self::enter`] gives them.
    ///
    /// Some names at a time are looked for where they stand nearly always, all in one go: one waiting for memory, the others wait with it
    /// instead of behind it.
    pub(crate) fn enter_all(&mut self, text: &[u8], mut fields: impl Iterator<Item = (usize, usize)>, codes: &mut Vec<u32>) {
        loop {
            let mut batch = [(0, 0); AT_ONCE];
            let n_fields = batch.iter_mut().zip(&mut fields).map(|(place, field)| *place = field).count();
            let batch = &batch[..n_fields];
            let (keys, found) = self.looked_up(text, batch);
            for (at, (start, end)) in batch.iter().enumerate() {
                let known = found[at] != NO_NAME && !keys[at].is_absent() && self.keys[found[at] as usize] == keys[at];
                codes.push(if known { found[at] } else { self.enter(text, *start, *end) });
            }
            if n_fields < AT_ONCE {
                return;
            }
        }
    }

    /// The keys of some names, absent where they are long, and what stands in the first slot of each.
    #[inline]
    fn looked_up(&self, text: &[u8], batch: &[(usize, usize)]) -> ([Key; AT_ONCE], [u32; AT_ONCE]) {
        let (mut keys, mut found) = ([Key::ABSENT; AT_ONCE], [NO_NAME; AT_ONCE]);
        for (key, (start, end)) in keys.iter_mut().zip(batch) {
            *key = Key::within_short(text, *start, *end).unwrap_or(Key::ABSENT);
        }
        let mask = self.slots.len() - 1;
        for (found, key) in found.iter_mut().zip(&keys) {
            *found = self.slots[key.mixed(self.secret) as usize & mask];
        }
        (keys, found)
    }

    /// The slot of a key and its code, or the empty one where it belongs and [`NO_NAME`].
    #[inline]
    fn slot_of(&self, key: Key) -> (usize, u32) {
        let mask = self.slots.len() - 1;
        let mut slot = key.mixed(self.secret) as usize & mask;
        loop {
            let code = self.slots[slot];
            if code == NO_NAME || self.keys[code as usize] == key {
                return (slot, code);
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn enter_new(&mut self, key: Key, slot: usize, name: &[u8]) -> u32 {
        let code = self.dictionary.intern(std::str::from_utf8(name).unwrap_or_default());
        self.keys.resize(self.dictionary.len(), Key::ABSENT);
        self.keys[code as usize] = key;
        self.slots[slot] = code;
        self.n_short += 1;
        if 2 * self.n_short > self.slots.len() {
            let full = std::mem::take(&mut self.slots);
            self.slots = vec![NO_NAME; 2 * full.len()];
            for code in full.into_iter().filter(|code| *code != NO_NAME) {
                let (slot, _) = self.slot_of(self.keys[code as usize]);
                self.slots[slot] = code;
            }
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_code_however_long_it_is_and_however_many_there_are() {
        let (mut book, mut plain) = (ColumnBook::default(), Dictionary::default());
        let names: Vec<String> =
            (0..5_000).map(|n| "A".repeat(n % 40) + &(n % 700).to_string()).chain([String::new(), "客戶".to_owned()]).collect();
        let (mut text, mut fields) = (String::new(), Vec::new());
        for name in names.iter().chain(&names) {
            fields.push((text.len(), text.len() + name.len()));
            text.push_str(name);
        }
        let expected: Vec<u32> = names.iter().chain(&names).map(|name| plain.intern(name)).collect();
        let one_by_one: Vec<u32> = fields.iter().map(|(start, end)| book.enter(text.as_bytes(), *start, *end)).collect();
        assert!(one_by_one == expected);
        for n in [0, 1, AT_ONCE, AT_ONCE + 1, fields.len()] {
            let (mut other, mut together) = (ColumnBook::default(), Vec::new());
            other.enter_all(text.as_bytes(), fields[..n].iter().copied(), &mut together);
            assert!(together == expected[..n], "{n}");
        }
        assert!(book.dictionary.names().eq(plain.names()));
    }
}
