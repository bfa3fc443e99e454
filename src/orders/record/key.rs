//! Identifiers as 128-bit keys that compare like the identifiers themselves.

use std::hash::{BuildHasher, RandomState};

use sha2::{Digest, Sha256};

/// An identifier of any length in 16 bytes.
///
/// Up to 16 bytes the key holds the identifier itself, zero-padded, so equal keys are equal identifiers. A longer one (or one that
/// the padding could not tell apart: with a zero byte, or 16 bytes that end outside ASCII) is held as 127 bits of its SHA-256 under a
/// top bit that whole identifiers do not have: two such identifiers with one key would be a collision nobody has the means to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

/// Set in hashed keys only.
const HASHED: u128 = 1 << 127;

impl Key {
    /// The key of an empty identifier: it equals no other row's, itself included.
    pub const ABSENT: Self = Self(0);

    /// The key of an identifier.
    #[must_use]
    pub fn of(id: &[u8]) -> Self {
        Self::within(id, 0, id.len())
    }

    /// The key of the identifier at `text[start..end]`: inside a longer text it is taken in one load.
    #[must_use]
    #[inline]
    pub(crate) fn within(text: &[u8], start: usize, end: usize) -> Self {
        Self::within_short(text, start, end).unwrap_or_else(|| Self::hashed(&text[start..end]))
    }

    /// The same where the key holds the identifier whole.
    #[must_use]
    #[inline]
    pub(crate) fn within_short(text: &[u8], start: usize, end: usize) -> Option<Self> {
        let length = end - start;
        if length > 16 {
            return None;
        }
        let packed = match text.get(start..start + 16).and_then(|whole| whole.try_into().ok()) {
            Some(whole) => u128::from_le_bytes(whole) & low_bytes(length),
            None => {
                let mut bytes = [0; 16];
                bytes[..length].copy_from_slice(&text[start..end]);
                u128::from_le_bytes(bytes)
            }
        };
        let whole = packed & HASHED == 0 && !has_zero_byte(packed | !low_bytes(length));
        whole.then_some(Self(packed))
    }

    #[cold]
    fn hashed(id: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(id)[..16]);
        Self(u128::from_le_bytes(bytes) | HASHED)
    }

    /// True for the empty identifier.
    #[must_use]
    pub fn is_absent(self) -> bool {
        self == Self::ABSENT
    }

    /// True where the key does not hold the identifier itself.
    #[must_use]
    pub(crate) fn is_hashed(self) -> bool {
        self.0 & HASHED != 0
    }

    /// The identifier where the key holds it whole.
    #[must_use]
    pub(crate) fn whole(self) -> Option<String> {
        let bytes = self.0.to_le_bytes();
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        (!self.is_hashed()).then(|| String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    /// The identifier's bytes, zeros behind them, and how many there are, where the key holds it whole.
    #[must_use]
    pub fn whole_bytes(self) -> Option<([u8; 16], usize)> {
        let bytes = self.0.to_le_bytes();
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        (!self.is_hashed()).then_some((bytes, length))
    }

    /// The key's print; two keys that are not absent have one in common with a chance of 2^-64.
    #[must_use]
    #[inline]
    pub(crate) fn print(self, secret: Secret) -> Print {
        if self.is_absent() { Print::ABSENT } else { Print(self.mixed(secret).max(1)) }
    }

    /// Well-mixed bits of the key, for tables and partitions; equality is never judged by them alone.
    ///
    /// Mixed with a number drawn once a run, so that no file can be made whose identifiers all fall into one place. No result depends
    /// on it.
    #[must_use]
    #[inline]
    pub(crate) fn mixed(self, secret: Secret) -> u64 {
        let (low, high) = (self.0 as u64 ^ secret.0, (self.0 >> 64) as u64 ^ secret.1);
        let product = u128::from(low) * u128::from(high);
        let folded = product as u64 ^ (product >> 64) as u64;
        folded.wrapping_mul(0x9FB2_1C65_1E98_DF25) ^ (folded >> 29)
    }
}

/// Sixty-four mixed bits of a key: equal keys have equal prints, and nearly always the other way round.
///
/// It tells in half a key's memory which rows may share a key; whether they do is for their keys to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Print(u64);

impl Print {
    /// Of a row without a key.
    pub(crate) const ABSENT: Self = Self(0);
}

/// What rows are put into partitions by.
pub(crate) trait Partitioned: Copy + Eq + Sync {
    /// Well-mixed bits, all of them alike where two are equal.
    fn mixed(self, secret: Secret) -> u64;
    /// True where the row has none.
    fn is_absent(self) -> bool;
}

impl Partitioned for Key {
    #[inline]
    fn mixed(self, secret: Secret) -> u64 {
        self.mixed(secret)
    }
    #[inline]
    fn is_absent(self) -> bool {
        self.is_absent()
    }
}

impl Partitioned for Print {
    #[inline]
    fn mixed(self, _: Secret) -> u64 {
        self.0
    }
    #[inline]
    fn is_absent(self) -> bool {
        self == Self::ABSENT
    }
}

/// What keys are mixed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret(u64, u64);

impl Secret {
    /// A fresh one.
    #[must_use]
    pub(crate) fn draw() -> Self {
        let number = |salt: u64| RandomState::new().hash_one(salt);
        Self(number(0) | 1, number(1) | 1)
    }
}

/// Ones in the lowest `n_bytes` bytes.
fn low_bytes(n_bytes: usize) -> u128 {
    if n_bytes >= 16 { u128::MAX } else { (1 << (8 * n_bytes)) - 1 }
}

/// True where one of the sixteen bytes is zero.
fn has_zero_byte(packed: u128) -> bool {
    const ONES: u128 = u128::from_le_bytes([1; 16]);
    packed.wrapping_sub(ONES) & !packed & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_identifiers_come_back_whole_and_lengths_never_mix() {
        for id in ["C", "C0123456789ABCD", "C0123456789ABCDE", "委託書"] {
            assert_eq!(Key::of(id.as_bytes()).whole().as_deref(), Some(id));
        }
        assert_ne!(Key::of(b"A"), Key::of(b"A\0"));
        assert_ne!(Key::of(b"\0"), Key::ABSENT);
        assert_ne!(Key::of(&[7; 16]), Key::of(&[7; 17]));
        for hashed in [&[b'7'; 17][..], b"A\0", "0123456789012委".as_bytes()] {
            assert_eq!(Key::of(hashed).whole(), None, "{hashed:?}");
        }
        assert!(Key::of(b"").is_absent());
        for (start, end) in [(0, 5), (3, 19), (4, 21), (10, 10), (30, 36)] {
            let text = b"C0123456789ABCDEFGHIJKLMNOPQRSTUVWXY";
            assert_eq!(Key::within(text, start, end), Key::of(&text[start..end]), "{start}..{end}");
        }
    }
}
