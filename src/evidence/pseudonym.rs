//! Pseudonyms of clients and accounts: HMAC-SHA-256 by a key that only the holder of the names has.
//!
//! The same name and key give the same pseudonym in every run, so that findings can be compared over time; without the key nobody
//! can try names one by one. The key is read, used and forgotten: it is never part of an output.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::evidence::hex;
use crate::record::{Diagnostic, in_chinese};

/// A shorter key could be found by trying.
const LEAST_KEY: usize = 16;
/// A longer file is no key but data named by mistake.
const MOST_KEY: u64 = 4_096;
/// Hexadecimal digits of a pseudonym: 40 bits, so that ten thousand names collide once in 20,000 runs.
const DIGITS: usize = 10;
/// Keeps these uses of the key apart from each other, and from any use of it elsewhere.
const NAME_DOMAIN: &[u8] = b"colofair pseudonym 1\0";
const CHECK_DOMAIN: &[u8] = b"colofair key check 1\0";

/// A secret key. Its bytes can neither be shown nor taken out.
pub struct PseudonymKey {
    bytes: Vec<u8>,
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

impl PseudonymKey {
    /// The key in a file: its bytes, without a line end behind them.
    ///
    /// # Errors
    /// When the file cannot be read, or is too short or too long for a key.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let failed = |error: std::io::Error| {
            let problem = (format!("無法讀取金鑰檔：{}", in_chinese(&error)), format!("cannot read the key file: {error}"));
            Diagnostic::new("E0412", problem).in_file(path).help(fix())
        };
        let found = fs::metadata(path).map_err(failed)?;
        // A device may have no end, and a pipe none that comes.
        if !found.is_file() && !found.is_dir() {
            let problem = ("金鑰檔不是一般檔案，而是管線、裝置之類", "the key file is no regular file but a pipe, a device or the like");
            return Err(Diagnostic::new("E0412", problem).in_file(path).help(fix()));
        }
        let bytes = found.len();
        if bytes > MOST_KEY {
            let problem = (
                format!("金鑰檔有 {bytes} 位元組，最多 {MOST_KEY}"),
                format!("the key file has {bytes} bytes, at most {MOST_KEY} are taken"),
            );
            return Err(Diagnostic::new("E0412", problem).in_file(path).help(fix()));
        }
        Self::of(fs::read(path).map_err(failed)?).ok_or_else(|| {
            let problem = (format!("金鑰不足 {LEAST_KEY} 位元組"), format!("the key has fewer than {LEAST_KEY} bytes"));
            Diagnostic::new("E0412", problem).in_file(path).help(fix())
        })
    }

    /// A key of these bytes; `None` where they are too few.
    #[must_use]
    pub fn of(mut bytes: Vec<u8>) -> Option<Self> {
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        (bytes.len() >= LEAST_KEY).then_some(Self { bytes })
    }

    /// Tells whether two results were written with one key, and nothing else about it.
    #[must_use]
    pub fn check(&self) -> String {
        hex(&hmac(&self.bytes, &[CHECK_DOMAIN])[..8])
    }
}

fn fix() -> (&'static str, &'static str) {
    (
        "請以亂數產生至少 16 位元組的金鑰檔並妥善保管，例如：head -c 32 /dev/urandom > key",
        "make a key file of at least 16 random bytes and keep it safe, for example: head -c 32 /dev/urandom > key",
    )
}

/// The pseudonyms of a set of names.
pub struct Pseudonyms {
    of: HashMap<String, String>,
    names: KnownNames,
    check: String,
}

impl Pseudonyms {
    /// One pseudonym for each name. Names whose short pseudonyms collide get longer ones, which begin with the short one.
    #[must_use]
    pub fn new(key: &PseudonymKey, names: &BTreeSet<String>) -> Self {
        Self::of_length(key, names, DIGITS)
    }

    fn of_length(key: &PseudonymKey, names: &BTreeSet<String>, shortest: usize) -> Self {
        let digests: BTreeMap<&String, String> = names
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| (name, hex(&hmac(&key.bytes, &[NAME_DOMAIN, name.as_bytes()]))))
            .collect();
        let mut digits: BTreeMap<&String, usize> = digests.keys().map(|name| (*name, shortest)).collect();
        loop {
            let mut alike: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
            digests.iter().for_each(|(name, digest)| alike.entry(&digest[..digits[name]]).or_default().push(name));
            let colliding: Vec<&String> = alike.into_values().filter(|names| names.len() > 1).flatten().collect();
            // 256 bits of two names that are equal would be a broken hash: there the search ends.
            if colliding.iter().all(|name| digits[name] >= digests[name].len()) {
                break;
            }
            for name in colliding {
                let longer = digits[name] + 4;
                digits.insert(name, longer.min(digests[name].len()));
            }
        }
        let of: HashMap<String, String> =
            digests.iter().map(|(name, digest)| ((*name).clone(), format!("C-{}", &digest[..digits[name]]))).collect();
        Self { names: KnownNames::new(of.keys().cloned()), of, check: key.check() }
    }

    /// What tells that two results were written with one key.
    #[must_use]
    pub fn check(&self) -> &str {
        &self.check
    }

    /// The pseudonym of a name; the name of nobody stays empty.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        self.of.get(name).cloned().unwrap_or_default()
    }

    /// A sentence with every known name in it replaced.
    #[must_use]
    pub fn sentence(&self, text: &str) -> String {
        let mut done = String::with_capacity(text.len());
        self.names.walk(text, list_of(text), |part, is_name| done.push_str(if is_name { &self.of[part] } else { part }));
        done
    }

    /// A text that is nothing but a list of names, with every known name in it replaced.
    #[must_use]
    pub fn list(&self, text: &str) -> String {
        let mut done = String::with_capacity(text.len());
        self.names.walk(text, 0, |part, is_name| done.push_str(if is_name { &self.of[part] } else { part }));
        done
    }
}

/// Known names, to be found within sentences.
pub struct KnownNames {
    names: HashSet<String>,
    /// Lengths of the names in bytes, longest first.
    lengths: Vec<usize>,
}

impl KnownNames {
    /// Of names in any order; the name of nobody is none.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names: HashSet<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        let lengths: BTreeSet<usize> = names.iter().map(String::len).collect();
        Self { names, lengths: lengths.into_iter().rev().collect() }
    }

    /// The names in a sentence, as often as they stand there.
    #[must_use]
    pub fn within<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut found = Vec::new();
        self.walk(text, list_of(text), |part, is_name| found.extend(Some(part).filter(|_| is_name)));
        found
    }

    /// Hands out the whole sentence in parts, each a name or a character between names. A name of up to three Latin letters or digits
    /// could be any word or number: it counts from `list` on only. Names in other scripts are as short as that and mean nothing else.
    fn walk<'t>(&self, text: &'t str, list: usize, mut each: impl FnMut(&'t str, bool)) {
        let mut at = 0;
        while at < text.len() {
            let found = self.found_at(text, at).filter(|name| name.len() > 3 || !name.is_ascii() || at >= list);
            let length = found.map_or_else(|| text[at..].chars().next().map_or(1, char::len_utf8), str::len);
            each(&text[at..at + length], found.is_some());
            at += length;
        }
    }

    /// The longest known name that starts here and is no part of a longer word of letters and digits.
    fn found_at<'t>(&self, text: &'t str, at: usize) -> Option<&'t str> {
        let inside = |before: Option<char>, after: Option<char>| {
            before.zip(after).is_some_and(|(before, after)| before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric())
        };
        if inside(text[..at].chars().next_back(), text[at..].chars().next()) {
            return None;
        }
        let candidates = self.lengths.iter().filter_map(|length| text.get(at..at + length));
        candidates
            .filter(|name| self.names.contains(*name))
            .find(|name| !inside(name.chars().next_back(), text[at + name.len()..].chars().next()))
    }
}

/// Where a sentence lists names: behind its last colon.
fn list_of(text: &str) -> usize {
    text.rfind([':', '：']).unwrap_or(text.len())
}

/// HMAC of RFC 2104 with SHA-256.
fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let digest = |pad: u8, parts: &[&[u8]]| {
        let mut hasher = Sha256::new();
        hasher.update(block.map(|byte| byte ^ pad));
        parts.iter().for_each(|part| hasher.update(part));
        <[u8; 32]>::from(hasher.finalize())
    };
    let inner = digest(0x36, message);
    digest(0x5c, &[&inner])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_rfc_4231() {
        for (key, message, code) in [
            (vec![0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe".to_vec(), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac(&key, &[message.as_bytes()])), code);
        }
    }

    fn of(names: &[&str]) -> Pseudonyms {
        let key = PseudonymKey::of(b"0123456789abcdef\n".to_vec()).expect("sixteen bytes");
        Pseudonyms::new(&key, &names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_name_has_one_pseudonym_whatever_other_names_there_are() {
        let (few, many) = (of(&["1001956"]), of(&["1001956", "a", "王小明"]));
        assert_eq!(few.name("1001956"), many.name("1001956"));
        assert!(few.name("1001956").starts_with("C-") && few.name("1001956").len() == 2 + DIGITS);
        assert_ne!(many.name("a"), many.name("王小明"));
        assert_eq!(few.name(""), "");
        assert!(PseudonymKey::of(b"fifteen bytes..\n".to_vec()).is_none());
    }

    #[test]
    fn names_in_sentences_are_replaced_whole_and_figures_are_left_alone() {
        let names = of(&["1001956", "100", "王小明", "王小", "C00037", "7"]);
        let pseudonym = |name: &str| names.name(name);
        assert_eq!(
            names.sentence("7 orders of 1001956, 1001956x, 21001956"),
            format!("7 orders of {}, 1001956x, 21001956", pseudonym("1001956"))
        );
        assert_eq!(names.sentence("100 件：7, 100"), format!("100 件：{}, {}", pseudonym("7"), pseudonym("100")));
        assert_eq!(names.sentence("委託人：王小明的委託"), format!("委託人：{}的委託", pseudonym("王小明")));
        assert_eq!(names.sentence("所有人為 王小明，7 件"), format!("所有人為 {}，7 件", pseudonym("王小明")));
        assert_eq!(names.sentence("account C00037's list"), format!("account {}'s list", pseudonym("C00037")));
    }

    #[test]
    fn pseudonyms_that_collide_are_lengthened() {
        let key = PseudonymKey::of(vec![7; 16]).expect("sixteen bytes");
        let names: BTreeSet<String> = (0..2_000).map(|n| format!("client {n}")).collect();
        // Eight bits cannot tell 2,000 names apart.
        let found = Pseudonyms::of_length(&key, &names, 2);
        assert!(names.iter().map(|name| found.name(name).len()).max() > Some(2 + 4));
        let distinct: BTreeSet<String> = names.iter().map(|name| found.name(name)).collect();
        assert_eq!(distinct.len(), names.len());
    }
}
