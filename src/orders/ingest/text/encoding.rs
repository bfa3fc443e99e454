//! The encodings of text files, and how damage is carried through decoding.
//!
//! A byte that is no character becomes two bytes that no UTF-8 text holds (F8-FB, then 80-BF): the row that holds it fails the check
//! for UTF-8, its neighbours are untouched, and the byte can be shown again as it was.

/// How the characters of a text file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// CP950, the Big5 of Traditional Chinese Windows.
    Cp950,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Bytes as they are, for formats that cut before they decode.
    Raw,
}

impl Encoding {
    /// The name in study.toml and in the result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Cp950 => "cp950",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Raw => "raw",
        }
    }

    /// The byte order mark a file in it may start with.
    pub(crate) const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xEF\xBB\xBF",
            Self::Utf16Le => b"\xFF\xFE",
            Self::Utf16Be => b"\xFE\xFF",
            Self::Cp950 | Self::Raw => b"",
        }
    }

    /// How many bytes of the file the first bytes of decoded text stood for: `text` starts and ends between characters.
    pub(crate) fn source_len(self, text: &[u8]) -> u64 {
        // Of 32 bytes at a time, whose sum a byte holds.
        let count = |of: fn(u8) -> u8| text.chunks(32).map(|some| u64::from(some.iter().map(|byte| of(*byte)).sum::<u8>())).sum();
        match self {
            Self::Utf8 | Self::Raw => text.len() as u64,
            // Counted at each character's first byte; a damaged byte stands for itself.
            Self::Cp950 => count(|byte| match byte {
                0x80..=0xBF => 0,
                0xC0..=0xF7 => 2,
                _ => 1,
            }),
            Self::Utf16Le | Self::Utf16Be => count(|byte| match byte {
                0x80..=0xBF => 0,
                0xF0..=0xF7 => 4,
                0xF8.. => 1,
                _ => 2,
            }),
        }
    }

    /// Bytes of the file that damaged text stood for, for a guess at what they are; characters that were decoded are left out.
    pub(crate) fn source_bytes(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Raw => text.to_vec(),
            _ => text.windows(2).filter(|pair| pair[0] >= 0xF8).map(|pair| (pair[0] & 3) << 6 | pair[1] & 0x3F).collect(),
        }
    }

    /// Decoded text readable and without loss: damaged bytes as `\xNN`.
    pub(crate) fn shown(self, text: &[u8]) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(chunk) = rest.utf8_chunks().next() {
            shown.push_str(chunk.valid());
            let behind = &rest[chunk.valid().len()..];
            let n_taken = match behind {
                [first @ 0xF8..=0xFB, second @ 0x80..=0xBF, ..] if !matches!(self, Self::Utf8 | Self::Raw) => {
                    shown.push_str(&format!("\\x{:02X}", (first & 3) << 6 | second & 0x3F));
                    2
                }
                _ => {
                    chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02X}")));
                    chunk.invalid().len()
                }
            };
            rest = &behind[n_taken..];
        }
        shown
    }
}

/// What stands in the text for a byte that is no character.
pub(crate) fn damaged(byte: u8) -> [u8; 2] {
    [0xF8 | byte >> 6, 0x80 | byte & 0x3F]
}

/// Appends a byte that is no character.
pub(crate) fn push_damaged(byte: u8, text: &mut Vec<u8>) {
    text.extend_from_slice(&damaged(byte));
}
