//! Identifiers as 128-bit keys that compare like the identifiers themselves.

use sha2::{Digest, Sha256};

/// An identifier of any length in 16 bytes.
///
/// Up to 15 bytes the key holds the identifier itself, so equal keys are equal identifiers. A longer one is held as the first 120
/// bits of its SHA-256: two different long identifiers with one key would be a collision nobody has the means to find (2^60 hashes
/// by design, and no known shortcut).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

impl Key {
    /// The key of an empty identifier: it equals no other row's, itself included.
    pub const ABSENT: Self = Self(0);
    /// The longest identifier held whole, in bytes.
    pub const WHOLE: usize = 15;

    /// The key of an identifier.
    #[must_use]
    pub fn of(id: &[u8]) -> Self {
        let mut bytes = [0; 16];
        if id.len() <= Self::WHOLE {
            bytes[..id.len()].copy_from_slice(id);
            bytes[15] = id.len() as u8;
        } else {
            bytes[..15].copy_from_slice(&Sha256::digest(id)[..15]);
            bytes[15] = u8::MAX;
        }
        Self(u128::from_le_bytes(bytes))
    }

    /// True for the empty identifier.
    #[must_use]
    pub fn is_absent(self) -> bool {
        self == Self::ABSENT
    }

    /// The identifier where the key holds it whole.
    #[must_use]
    pub(crate) fn whole(self) -> Option<String> {
        let bytes = self.0.to_le_bytes();
        let length = bytes[15] as usize;
        (length <= Self::WHOLE).then(|| String::from_utf8_lossy(&bytes[..length]).into_owned())
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
        assert_eq!(Key::of(b"C0123456789ABCD").whole().as_deref(), Some("C0123456789ABCD"));
        assert_ne!(Key::of(b"A"), Key::of(b"A\0"));
        assert_ne!(Key::of(&[7; 15]), Key::of(&[7; 16]));
        assert_eq!(Key::of(&[7; 40]).whole(), None);
        assert!(Key::of(b"").is_absent());
    }
}
