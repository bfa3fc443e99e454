//! The values of one record's fields, as the text that the other formats would have.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ingest::text::{decode_cp950, user_defined};
use crate::ingest::{Encoding, FieldKind, FixedField};

/// Values by slot, read again for every record.
pub(crate) struct Values {
    fields: Vec<FixedField>,
    /// Text that does not stand in the record as it is.
    made: Vec<u8>,
    places: Vec<Place>,
    big5: bool,
    /// User-defined characters of CP950 met so far.
    pub(crate) user_defined: BTreeMap<char, u64>,
}

#[derive(Clone, Debug)]
enum Place {
    Record(Range<usize>),
    Made(Range<usize>),
}

impl Values {
    /// Reads these fields.
    pub(crate) fn new(fields: Vec<FixedField>, encoding: Encoding) -> Self {
        Self { fields, made: Vec::new(), places: Vec::new(), big5: encoding == Encoding::Cp950, user_defined: BTreeMap::new() }
    }

    /// Takes the values of `record`, which is as long as the layout says.
    ///
    /// # Errors
    /// The field that is not what its kind says.
    pub(crate) fn read(&mut self, record: &[u8]) -> Result<(), FixedField> {
        self.places.clear();
        self.made.clear();
        for field in &self.fields {
            let from = self.made.len();
            let read = match field.kind {
                FieldKind::Text if self.big5 && !bytes(field, record).is_ascii() => {
                    decode_cp950(bytes(field, record), &mut self.made);
                    user_defined(&self.made[from..]).into_iter().for_each(|(one, n)| *self.user_defined.entry(one).or_default() += n);
                    Some(())
                }
                FieldKind::Text => {
                    self.places.push(Place::Record(field.start - 1..field.start - 1 + field.len));
                    continue;
                }
                FieldKind::Number => push_number(bytes(field, record).trim_ascii(), &mut self.made),
                FieldKind::Signed => push_signed(bytes(field, record).trim_ascii(), &mut self.made),
                FieldKind::Time => push_time(bytes(field, record).trim_ascii(), &mut self.made),
            };
            read.ok_or_else(|| field.clone())?;
            self.places.push(Place::Made(from..self.made.len()));
        }
        Ok(())
    }

    /// The text of a slot in the record read last.
    pub(crate) fn text<'a>(&'a self, record: &'a [u8], slot: usize) -> &'a [u8] {
        match &self.places[slot] {
            Place::Record(range) => &record[range.clone()],
            Place::Made(range) => &self.made[range.clone()],
        }
    }
}

/// The bytes of a field.
pub(crate) fn bytes<'a>(field: &FixedField, record: &'a [u8]) -> &'a [u8] {
    &record[field.start - 1..field.start - 1 + field.len]
}

/// Appends a whole number without zeros before it; nothing for an empty field.
fn push_number(digits: &[u8], text: &mut Vec<u8>) -> Option<()> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count().min(digits.len().saturating_sub(1));
    text.extend_from_slice(&digits[zeros..]);
    Some(())
}

fn push_signed(field: &[u8], text: &mut Vec<u8>) -> Option<()> {
    let (negative, digits, last) = match field {
        [sign @ (b'+' | b'-'), digits @ ..] => (*sign == b'-', digits, None),
        [digits @ .., sign @ (b'+' | b'-')] => (*sign == b'-', digits, None),
        [digits @ .., punched] => match punched {
            b'{' => (false, digits, Some(b'0')),
            b'A'..=b'I' => (false, digits, Some(punched - b'A' + b'1')),
            b'}' => (true, digits, Some(b'0')),
            b'J'..=b'R' => (true, digits, Some(punched - b'J' + b'1')),
            _ => (false, field, None),
        },
        [] => return Some(()),
    };
    if digits.is_empty() && last.is_none() {
        return None;
    }
    let from = text.len();
    let whole: Vec<u8> = digits.iter().copied().chain(last).collect();
    push_number(&whole, text)?;
    if negative && text[from..] != *b"0" {
        text.insert(from, b'-');
    }
    Some(())
}

/// Appends `HHMMSS` and, behind a point, what digits follow.
fn push_time(digits: &[u8], text: &mut Vec<u8>) -> Option<()> {
    if digits.is_empty() {
        return Some(());
    }
    if digits.len() < 6 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.extend_from_slice(&digits[..6]);
    if digits.len() > 6 {
        text.push(b'.');
        text.extend_from_slice(&digits[6..]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(push: fn(&[u8], &mut Vec<u8>) -> Option<()>, field: &str) -> Option<String> {
        let mut text = Vec::new();
        push(field.as_bytes(), &mut text).map(|()| String::from_utf8(text).expect("ASCII"))
    }

    #[test]
    fn signs_are_read_wherever_cobol_puts_them() {
        for (field, value) in [
            ("0000001000", "1000"),
            ("+0000001000", "1000"),
            ("-0000001000", "-1000"),
            ("0000001000-", "-1000"),
            ("000000100{", "1000"),
            ("000000100A", "1001"),
            ("000000100I", "1009"),
            ("000000100}", "-1000"),
            ("000000100J", "-1001"),
            ("000000100R", "-1009"),
            ("000000000}", "0"),
            ("", ""),
        ] {
            assert_eq!(made(push_signed, field).as_deref(), Some(value), "{field}");
        }
        for field in ["+", "1S", "12 3", "1.5", "A1"] {
            assert_eq!(made(push_signed, field), None, "{field}");
        }
    }

    #[test]
    fn numbers_lose_their_zeros_and_times_get_their_point() {
        assert_eq!(made(push_number, "0042").as_deref(), Some("42"));
        assert_eq!(made(push_number, "0000").as_deref(), Some("0"));
        assert_eq!(made(push_number, "4x"), None);
        assert_eq!(made(push_time, "09000112").as_deref(), Some("090001.12"));
        assert_eq!(made(push_time, "090001").as_deref(), Some("090001"));
        assert_eq!(made(push_time, "9000112x"), None);
        assert_eq!(made(push_time, "90001"), None);
    }
}
