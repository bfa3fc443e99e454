//! UTF-16 to UTF-8.

use crate::ingest::text::encoding::push_damaged;

/// Appends whole characters of `bytes` as UTF-8 and returns how many bytes were taken: a unit or pair that is cut off at the end waits
/// for the rest of it, or, where `last` says that nothing follows, is damaged. `unit` reads two bytes.
pub(crate) fn decode(bytes: &[u8], unit: fn([u8; 2]) -> u16, last: bool, text: &mut Vec<u8>) -> usize {
    text.reserve(bytes.len());
    let mut at = 0;
    while let Some(&[a, b]) = bytes.get(at..at + 2) {
        let first = unit([a, b]);
        match first {
            0..0x80 => text.push(first as u8),
            0xD800..0xDC00 => match bytes.get(at + 2..at + 4) {
                None if !last => return at,
                Some(&[c, d]) if (0xDC00..0xE000).contains(&unit([c, d])) => {
                    let code = 0x1_0000 + (u32::from(first & 0x3FF) << 10 | u32::from(unit([c, d]) & 0x3FF));
                    push_character(code, text);
                    at += 2;
                }
                _ => [a, b].into_iter().for_each(|byte| push_damaged(byte, text)),
            },
            0xDC00..0xE000 => [a, b].into_iter().for_each(|byte| push_damaged(byte, text)),
            _ => push_character(u32::from(first), text),
        }
        at += 2;
    }
    if last {
        bytes[at..].iter().for_each(|byte| push_damaged(*byte, text));
        return bytes.len();
    }
    at
}

fn push_character(code: u32, text: &mut Vec<u8>) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::text::Encoding;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_units_come_back_wherever_they_are_cut(units in prop::collection::vec(prop_oneof![0_u16..0x80, any::<u16>(), 0xD800_u16..0xE000], 0..40), cut in 0_usize..80, odd: bool) {
            let mut bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            bytes.extend(odd.then_some(b'x'));
            let cut = cut.min(bytes.len());
            let mut text = Vec::new();
            let taken = decode(&bytes[..cut], u16::from_le_bytes, false, &mut text);
            decode(&bytes[taken..], u16::from_le_bytes, true, &mut text);
            prop_assert_eq!(Encoding::Utf16Le.source_len(&text), bytes.len() as u64);
            // Against the standard library, damage apart.
            let expected: String = char::decode_utf16(units.iter().copied()).map(|one| one.unwrap_or('\u{1}')).collect();
            let damaged = |text: &[u8]| text.utf8_chunks().map(|chunk| (chunk.valid().to_owned(), chunk.invalid().len())).collect::<Vec<_>>();
            let found: String = damaged(&text).into_iter().map(|(valid, _)| valid).collect();
            prop_assert_eq!(found, expected.chars().zip(char::decode_utf16(units.iter().copied())).filter(|(_, one)| one.is_ok()).map(|(one, _)| one).collect::<String>());
        }
    }
}
