//! Names as small integer codes.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The code of an absent name (an empty or missing cell).
pub const NO_NAME: u32 = u32::MAX;

/// Distinct names and their codes, in order of first appearance.
///
/// Names are kept in one buffer. They are somebody else's, so they are hashed under a seed of this run, for which no file can be made to
/// fill one slot; the table is never walked, so no code depends on it.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    bytes: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Dictionary {
    /// The code of `name`, added if new; the empty name is [`NO_NAME`].
    pub fn intern(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return NO_NAME;
        }
        let hash = self.hasher.hash_one(name);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(code) = self.table.find(hash, |code| name_at(bytes, ends, *code) == name) {
            return *code;
        }
        let code = self.ends.len() as u32;
        self.bytes.push_str(name);
        self.ends.push(self.bytes.len());
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        self.table.insert_unique(hash, code, |code| hasher.hash_one(name_at(bytes, ends, *code)));
        code
    }

    /// The code of a name already present.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        self.table.find(hash, |code| self.name(*code) == name).copied()
    }

    /// The name of a code given by this dictionary; the empty string for [`NO_NAME`].
    #[must_use]
    pub fn name(&self, code: u32) -> &str {
        if code == NO_NAME { "" } else { name_at(&self.bytes, &self.ends, code) }
    }

    /// How many distinct names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True before the first name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Every name, in code order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|code| self.name(code))
    }
}

fn name_at<'a>(bytes: &'a str, ends: &[usize], code: u32) -> &'a str {
    let start = if code == 0 { 0 } else { ends[code as usize - 1] };
    &bytes[start..ends[code as usize]]
}

/// Distinct names in ascending byte order: a code is the name's rank, so that codes do not depend on the order of the input.
pub type Names = Vec<String>;

/// Sorts the names of a dictionary; returns them with the new code of every old one.
#[must_use]
pub fn canonical_codes(dictionary: &Dictionary) -> (Names, Vec<u32>) {
    let mut order: Vec<u32> = (0..dictionary.len() as u32).collect();
    order.sort_unstable_by_key(|code| dictionary.name(*code));
    let mut renumbered = vec![0; order.len()];
    for (rank, code) in order.iter().enumerate() {
        renumbered[*code as usize] = rank as u32;
    }
    (order.iter().map(|code| dictionary.name(*code).to_owned()).collect(), renumbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_can_know_where_a_name_will_stand() {
        let [one, other] = [Dictionary::default(), Dictionary::default()].map(|dictionary| dictionary.hasher.hash_one("0012345"));
        assert_ne!(one, other);
    }

    #[test]
    fn codes_are_stable_and_canonical_codes_follow_the_bytes() {
        let mut dictionary = Dictionary::default();
        let codes: Vec<u32> = ["pear", "apple", "", "pear", "桃"].iter().map(|name| dictionary.intern(name)).collect();
        assert_eq!(codes, [0, 1, NO_NAME, 0, 2]);
        assert_eq!((dictionary.name(2), dictionary.name(NO_NAME), dictionary.find("plum")), ("桃", "", None));
        assert_eq!(canonical_codes(&dictionary), (vec!["apple".into(), "pear".into(), "桃".into()], vec![1, 0, 2]));
    }
}
