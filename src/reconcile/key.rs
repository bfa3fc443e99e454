//! Identifiers as 128-bit keys that compare like the identifiers themselves.

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
        let mut bytes = [0; 16];
        if id.len() <= bytes.len() {
            bytes[..id.len()].copy_from_slice(id);
            if bytes[15] < 0x80 && !id.contains(&0) {
                return Self(u128::from_le_bytes(bytes));
            }
        }
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

    /// Well-mixed bits of the key, for partitions; equality is never judged by it.
    #[must_use]
    pub(crate) fn mixed(self) -> u64 {
        let (low, high) = (self.0 as u64 ^ 0x9E37_79B9_7F4A_7C15, (self.0 >> 64) as u64 ^ 0xD1B5_4A32_D192_ED03);
        let product = u128::from(low) * u128::from(high);
        let folded = product as u64 ^ (product >> 64) as u64;
        folded.wrapping_mul(0x9FB2_1C65_1E98_DF25) ^ (folded >> 29)
    }
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
    }
}
