//! CP950, the Big5 of Traditional Chinese Windows, to UTF-8.
//!
//! A lead byte 81-FE and a trail byte 40-7E or A1-FE make a character. The table (`cp950.txt`, one line a lead byte) was written from Python's
//! codec by `tests/reference/cp950.py`. The codes that Windows leaves to the user (造字) are read as Windows reads them: each
//! stands for its own character of the private use area. They are not the Hong Kong characters that the web's Big5 puts there.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use crate::ingest::text::encoding::damaged;

/// Trail bytes of a lead byte: 40-7E and A1-FE.
const N_TRAILS: usize = 157;
const FIRST_LEAD: u8 = 0xA1;
/// No character.
const NONE: u16 = 0xFFFD;

/// The characters of the file, by lead byte from A1 and trail byte.
static CODES: LazyLock<Vec<u16>> =
    LazyLock::new(|| include_str!("cp950.txt").chars().filter(|one| *one != '\n').map(|one| one as u32 as u16).collect());

/// Trail bytes that are looked up: 40-FF.
const WIDTH: usize = 0xC0;

/// The UTF-8 of every pair of a lead byte 81-FE and a byte 40-FF, and its length in the last place: 0 where the pair is no character.
static UTF8: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let pairs = (0x81..=0xFE_u8).flat_map(|lead| (0x40..=0xFF_u8).map(move |trail| (lead, trail)));
    pairs.map(|(lead, trail)| utf8(lookup(&CODES, lead, trail))).collect()
});

/// Ranges of user-defined characters as (first lead byte, last lead byte, the first's character in the private use area); within a range, 157
/// characters a lead byte. Windows' own assignment.
const USER_DEFINED: [(u8, u8, u16); 3] = [(0xFA, 0xFE, 0xE000), (0x8E, 0xA0, 0xE311), (0x81, 0x8D, 0xEEB8)];
/// C6A1-C6FE, C740-C7FE, C840-C8FE: 94 characters, then 157 a lead byte.
const USER_DEFINED_C6: u16 = 0xF6B1;

/// Appends `bytes` as UTF-8; what is no character is marked as damage. Bytes that end within a character are damaged.
pub(crate) fn decode(bytes: &[u8], text: &mut Vec<u8>) {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (table, start) = (UTF8.as_slice(), text.len());
    // A byte that is not ASCII adds two at most, with the one behind it, and eight are written at a time.
    let n_high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    text.resize(start + bytes.len() + n_high * 2 + 8, 0);
    let out = &mut text[start..];
    let (mut at, mut to) = (0, 0);
    while at < bytes.len() {
        if let Some(eight) = bytes[at..].first_chunk::<8>() {
            out[to..to + 8].copy_from_slice(eight);
            let n_ascii = (u64::from_le_bytes(*eight) & HIGH).trailing_zeros() as usize / 8;
            (at, to) = (at + n_ascii, to + n_ascii);
            if n_ascii == 8 {
                continue;
            }
        } else if bytes[at].is_ascii() {
            out[to] = bytes[at];
            (at, to) = (at + 1, to + 1);
            continue;
        }
        while at < bytes.len() && !bytes[at].is_ascii() {
            let (taken, written) = decode_one(table, &bytes[at..], &mut out[to..]);
            (at, to) = (at + taken, to + written);
        }
    }
    text.truncate(start + to);
}

/// Writes the character at the start of `bytes`, whose first byte is not ASCII; returns how many bytes were taken and written.
fn decode_one(table: &[[u8; 4]], bytes: &[u8], out: &mut [u8]) -> (usize, usize) {
    let lead = bytes[0];
    // A lead byte before an ASCII control, digit or separator lost its trail: the byte behind it keeps its meaning.
    let trail = bytes.get(1).copied().filter(|trail| *trail >= 0x40 && (0x81..=0xFE).contains(&lead));
    let Some(trail) = trail else {
        out[..2].copy_from_slice(&damaged(lead));
        return (1, 2);
    };
    let [a, b, c, length] = table[usize::from(lead - 0x81) * WIDTH + usize::from(trail - 0x40)];
    if length == 0 {
        out[..2].copy_from_slice(&damaged(lead));
        out[2..4].copy_from_slice(&damaged(trail));
        return (2, 4);
    }
    out[..3].copy_from_slice(&[a, b, c]);
    (2, usize::from(length))
}

fn lookup(codes: &[u16], lead: u8, trail: u8) -> u16 {
    let column = match trail {
        0x40..=0x7E => trail - 0x40,
        0xA1..=0xFE => trail - 0xA1 + 63,
        _ => return NONE,
    };
    let column = u16::from(column);
    match (lead, trail) {
        (0xC6, 0xA1..) => USER_DEFINED_C6 + column - 63,
        (0xC7 | 0xC8, _) => USER_DEFINED_C6 + 94 + u16::from(lead - 0xC7) * N_TRAILS as u16 + column,
        (0xA1..=0xF9, _) => codes[usize::from(lead - FIRST_LEAD) * N_TRAILS + usize::from(column)],
        _ => {
            let range = USER_DEFINED.iter().find(|(first, last, _)| (*first..=*last).contains(&lead));
            range.map_or(NONE, |(first, _, base)| base + u16::from(lead - first) * N_TRAILS as u16 + column)
        }
    }
}

/// The UTF-8 of a code above U+007F and its length; CP950 holds no surrogate and nothing beyond the basic plane.
fn utf8(code: u16) -> [u8; 4] {
    let low = 0x80 | (code & 0x3F) as u8;
    match code {
        NONE => [0; 4],
        0..0x800 => [0xC0 | (code >> 6) as u8, low, 0, 2],
        _ => [0xE0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3F) as u8, low, 3],
    }
}

/// Whether a character stands in the rows A1-C6: punctuation and the 5,401 frequent characters.
pub(crate) fn is_common(character: char) -> bool {
    static COMMON: LazyLock<HashSet<u16>> =
        LazyLock::new(|| CODES[..usize::from(0xC6 - FIRST_LEAD + 1) * N_TRAILS].iter().copied().filter(|code| *code != NONE).collect());
    u16::try_from(character as u32).is_ok_and(|code| COMMON.contains(&code))
}

/// Whether `character` is one that a user defined.
pub(crate) fn is_user_defined(character: char) -> bool {
    ('\u{E000}'..='\u{F848}').contains(&character)
}

/// The user-defined characters of decoded text, with how often each occurs.
pub(crate) fn user_defined(text: &[u8]) -> BTreeMap<char, u64> {
    let mut found = BTreeMap::new();
    // U+E000 to U+FFFF start with EE or EF; nothing else in valid text holds these bytes.
    for at in memchr::memchr2_iter(0xEE, 0xEF, text) {
        let one = text.get(at..at + 3).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| text.chars().next());
        if let Some(one) = one.filter(|one| is_user_defined(*one)) {
            *found.entry(one).or_default() += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, Vec<u8>> {
        let mut text = Vec::new();
        decode(bytes, &mut text);
        String::from_utf8(text).map_err(|error| error.into_bytes())
    }

    /// The one character of a code, if it is one.
    fn one(lead: u8, trail: u8) -> Option<char> {
        let text = decoded(&[lead, trail]).ok()?;
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    }

    fn codes() -> impl Iterator<Item = (u8, u8)> {
        (0x80..=0xFF).flat_map(|lead| (0..=0xFF).map(move |trail| (lead, trail)))
    }

    #[test]
    fn every_code_outside_the_user_defined_ones_is_that_of_pythons_codec() {
        let reference: serde_json::Value = serde_json::from_str(include_str!("../../../../tests/reference/cp950.json")).expect("JSON");
        let shared: Vec<(u8, u8, char)> = codes()
            .filter_map(|(lead, trail)| Some((lead, trail, one(lead, trail)?)))
            .filter(|(.., character)| !is_user_defined(*character))
            .collect();
        let listing: String = shared.iter().map(|(lead, trail, one)| format!("{lead:02X}{trail:02X} {:04X}\n", *one as u32)).collect();
        let hash: String = Sha256::digest(listing).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (shared.len() as u64, hash.as_str()),
            (reference["codes"].as_u64().expect("a count"), reference["sha256"].as_str().expect("a hash"))
        );
    }

    #[test]
    fn user_defined_characters_are_where_windows_puts_them() {
        // First and last code of each range, and what Windows' own documentation of code page 950 says of them.
        for (lead, trail, code) in [
            (0xFA, 0x40, 0xE000),
            (0xFE, 0xFE, 0xE310),
            (0x8E, 0x40, 0xE311),
            (0xA0, 0xFE, 0xEEB7),
            (0x81, 0x40, 0xEEB8),
            (0x8D, 0xFE, 0xF6B0),
            (0xC6, 0xA1, 0xF6B1),
            (0xC6, 0xFE, 0xF70E),
            (0xC7, 0x40, 0xF70F),
            (0xC8, 0xFE, 0xF848),
        ] {
            assert_eq!(one(lead, trail), char::from_u32(code), "{lead:02X}{trail:02X}");
        }
        // One code a character, without a gap: 6,217 in all.
        let mut found: Vec<char> = codes().filter_map(|(lead, trail)| one(lead, trail)).filter(|one| is_user_defined(*one)).collect();
        found.sort_unstable();
        assert_eq!(found, ('\u{E000}'..='\u{F848}').collect::<Vec<char>>());
    }

    #[test]
    fn text_is_read_and_damage_never_takes_the_byte_behind_it() {
        assert_eq!(decoded(b"A,\xA4\xA4\xA4\xE5,\xF9\xDA\n").as_deref(), Ok("A,中文,恒\n"));
        assert_eq!(decoded(b"\xB3\x5C|\xA6\x7C").as_deref(), Ok("許|帆"));
        let long = format!("{}\u{4e2d}{}", "x".repeat(61), "y".repeat(200));
        let bytes = [&b"x".repeat(61)[..], b"\xA4\xA4", &b"y".repeat(200)].concat();
        assert_eq!(decoded(&bytes), Ok(long));
        for (bytes, kept) in [(&b"\xA4,a"[..], &b",a"[..]), (b"a\n\x80\n", b"\n"), (b"x\xFF", b""), (b"\xA4", b"")] {
            let text = decoded(bytes).expect_err("damaged");
            assert!(text.ends_with(kept), "{bytes:02X?}: {text:02X?}");
        }
    }
}
