//! Text to the bytes of an encoding.

use crate::simulate::writing::Encoding;

/// CP950 of every character outside ASCII that the simulator writes, by code point. Source: Python's codec `cp950`.
const CP950: &[(char, u16)] = &[
    ('丁', 0xA442),
    ('下', 0xA455),
    ('主', 0xA544),
    ('代', 0xA54E),
    ('價', 0xBBF9),
    ('別', 0xA74F),
    ('原', 0xADEC),
    ('取', 0xA8FA),
    ('單', 0xB3E6),
    ('回', 0xA65E),
    ('報', 0xB3F8),
    ('委', 0xA965),
    ('客', 0xABC8),
    ('帳', 0xB162),
    ('恒', 0xF9DA),
    ('戶', 0xA4E1),
    ('接', 0xB1B5),
    ('收', 0xA6AC),
    ('數', 0xBCC6),
    ('日', 0xA4E9),
    ('時', 0xAEC9),
    ('書', 0xAED1),
    ('期', 0xB4C1),
    ('格', 0xAEE6),
    ('機', 0xBEF7),
    ('母', 0xA5C0),
    ('決', 0xA84D),
    ('法', 0xAA6B),
    ('演', 0xBA74),
    ('營', 0xC0E7),
    ('甲', 0xA5D2),
    ('癸', 0xACD1),
    ('票', 0xB2BC),
    ('種', 0xBAD8),
    ('策', 0xB5A6),
    ('算', 0xBAE2),
    ('紀', 0xACF6),
    ('組', 0xB2D5),
    ('線', 0xBD75),
    ('編', 0xBD73),
    ('群', 0xB873),
    ('聯', 0xC170),
    ('股', 0xAAD1),
    ('自', 0xA6DB),
    ('號', 0xB8B9),
    ('託', 0xB055),
    ('買', 0xB652),
    ('賣', 0xBDE6),
    ('路', 0xB8F4),
    ('送', 0xB065),
    ('道', 0xB944),
    ('量', 0xB671),
    ('錄', 0xBFFD),
    ('間', 0xB6A1),
    ('閘', 0xB968),
    ('類', 0xC3FE),
    ('上', 0xA457),
    ('午', 0xA4C8),
];

/// Encodes a file piece by piece.
pub(crate) struct Encoder {
    encoding: Encoding,
    /// The byte order mark is still to be written.
    at_start: bool,
}

impl Encoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, at_start: true }
    }

    pub(crate) fn encode(&mut self, text: &str) -> Vec<u8> {
        let start = std::mem::replace(&mut self.at_start, false);
        let marked = if start { "\u{feff}" } else { "" };
        match self.encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Bom => [marked, text].concat().into_bytes(),
            Encoding::Cp950 => cp950(text),
            Encoding::Utf16Le => marked.encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => marked.encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// The text in CP950; a character that the simulator does not write becomes `?`.
pub(crate) fn cp950(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match CP950.iter().find(|(known, _)| *known == character) {
            _ if character.is_ascii() => bytes.push(character as u8),
            Some((_, code)) => bytes.extend_from_slice(&code.to_be_bytes()),
            None => bytes.push(b'?'),
        }
    }
    bytes
}
