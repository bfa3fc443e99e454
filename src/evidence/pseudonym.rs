//! Pseudonyms of clients and accounts: HMAC-SHA-256 by a key that only the holder of the names has.
//!
//! The same name and key give the same pseudonym in every run, so that findings can be compared over time; without the key nobody
//! can try names one by one. The key is read, used and forgotten: it is never part of an output.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
        let bytes = fs::metadata(path).map_err(failed)?.len();
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
    /// Lengths of the names in bytes, longest first.
    lengths: Vec<usize>,
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
        let mut lengths: Vec<usize> = of.keys().map(String::len).collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        lengths.dedup();
        Self { of, lengths, check: key.check() }
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

    /// A sentence with every known name in it replaced. A name of up to three letters or digits could be any word or number:
    /// it is replaced behind the last colon only, where sentences list names.
    #[must_use]
    pub fn sentence(&self, text: &str) -> String {
        let list = text.rfind([':', '：']).unwrap_or(text.len());
        let (mut done, mut at) = (String::with_capacity(text.len()), 0);
        while at < text.len() {
            let found = self.found_at(text, at).filter(|name| name.chars().count() > 3 || at >= list);
            if let Some(name) = found {
                done.push_str(&self.of[name]);
                at += name.len();
            } else {
                let character = text[at..].chars().next().unwrap_or_default();
                done.push(character);
                at += character.len_utf8().max(1);
            }
        }
        done
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
            .filter(|name| self.of.contains_key(*name))
            .find(|name| !inside(name.chars().next_back(), text[at + name.len()..].chars().next()))
    }
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
