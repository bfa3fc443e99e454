//! Where the fields of a fixed-width record are: layouts of one's own, and the two of the exchange's order file.

/// What the bytes of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text; blanks at both ends are not part of it.
    Text,
    /// A whole number; zeros before it are not part of it.
    Number,
    /// A whole number with its sign before it, behind it, or punched over its last digit (`{`, `A`-`I` plus; `}`, `J`-`R` minus).
    Signed,
    /// A time of day `HHMMSS`, further digits being its fraction.
    Time,
}

impl FieldKind {
    /// `text`, `number`, `signed` or `time`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "number" => Some(Self::Number),
            "signed" => Some(Self::Signed),
            "time" => Some(Self::Time),
            _ => None,
        }
    }
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedField {
    /// Name that study.toml maps.
    pub name: String,
    /// First byte, from 1.
    pub start: usize,
    /// Bytes.
    pub len: usize,
    /// What they are.
    pub kind: FieldKind,
}

/// The fields of a record, all of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedLayout {
    /// Its name in messages.
    pub name: String,
    /// Bytes of a record, without its line end.
    pub length: usize,
    /// Its fields, in the order written.
    pub fields: Vec<FixedField>,
}

/// Names of the layouts that need no file.
pub(crate) const BUILT_IN: [&str; 2] = ["twse-59", "twse-63"];

impl FixedLayout {
    /// A layout whose records are `length` bytes, or end with their last field.
    ///
    /// # Errors
    /// A sentence that names the field that lies outside the record, is empty, or is named twice.
    pub fn new(name: &str, length: Option<usize>, fields: Vec<FixedField>) -> Result<Self, String> {
        let end = |field: &FixedField| field.start.saturating_add(field.len).saturating_sub(1);
        let length = length.or_else(|| fields.iter().map(end).max()).unwrap_or_default();
        for (at, field) in fields.iter().enumerate() {
            if field.start == 0 || field.len == 0 || end(field) > length {
                return Err(format!(
                    "field \"{}\" is at bytes {} to {}, outside a record of {length} bytes counted from 1",
                    field.name,
                    field.start,
                    end(field)
                ));
            }
            if fields[..at].iter().any(|earlier| earlier.name == field.name) {
                return Err(format!("two fields are called \"{}\"", field.name));
            }
        }
        if fields.is_empty() { Err("a layout needs fields".to_owned()) } else { Ok(Self { name: name.to_owned(), length, fields }) }
    }

    /// The exchange's order file, by name: `twse-59` (to February 2020) or `twse-63` (since March 2020).
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "twse-59" => Some(exchange(name, 8)),
            "twse-63" => Some(exchange(name, 12)),
            _ => None,
        }
    }

    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FixedField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The order file: both layouts are one but for the width of the time, and for a printer field that only the earlier has.
fn exchange(name: &str, time: usize) -> FixedLayout {
    use FieldKind::{Signed, Text, Time};
    let mut at = 1;
    let mut fields = Vec::new();
    let mut add = |name: &str, len: usize, kind: FieldKind| {
        fields.push(FixedField { name: name.to_owned(), start: at, len, kind });
        at += len;
    };
    let before =
        [("date", 8, Text), ("symbol", 6, Text), ("side", 1, Text), ("trade_type", 1, Text), ("time", time, Time), ("order_no", 5, Text)];
    let behind = [("change_code", 1, Text), ("price", 7, Text), ("quantity", 11, Signed), ("order_kind", 1, Text), ("channel", 1, Text)];
    before.into_iter().chain(behind).for_each(|(name, len, kind)| add(name, len, kind));
    match time {
        8 => add("printer", 4, Text),
        _ => ["price_kind", "time_in_force", "source", "filler"].into_iter().for_each(|name| add(name, 1, Text)),
    }
    add("investor", 1, Text);
    add("broker", 4, Text);
    FixedLayout { name: name.to_owned(), length: at - 1, fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_s_layouts_stand_where_its_description_says() {
        // First bytes as published: order file of 59 bytes, and of 63 since 2020-03-01.
        let expected = [
            (
                "twse-59",
                59,
                [
                    ("date", 1),
                    ("symbol", 9),
                    ("side", 15),
                    ("time", 17),
                    ("order_no", 25),
                    ("quantity", 38),
                    ("investor", 55),
                    ("broker", 56),
                ],
            ),
            (
                "twse-63",
                63,
                [
                    ("date", 1),
                    ("symbol", 9),
                    ("side", 15),
                    ("time", 17),
                    ("order_no", 29),
                    ("quantity", 42),
                    ("investor", 59),
                    ("broker", 60),
                ],
            ),
        ];
        for (name, length, starts) in expected {
            let layout = FixedLayout::built_in(name).expect(name);
            assert_eq!(layout.length, length);
            for (field, start) in starts {
                assert_eq!(layout.field(field).map(|field| field.start), Some(start), "{name} {field}");
            }
            assert_eq!(FixedLayout::new(name, Some(length), layout.fields.clone()), Ok(layout));
        }
        let late = FixedLayout::built_in("twse-63").expect("known");
        let starts = ["change_code", "price", "order_kind", "channel", "price_kind", "time_in_force", "source", "filler"];
        assert_eq!(starts.map(|name| late.field(name).map(|field| field.start)), [34, 35, 53, 54, 55, 56, 57, 58].map(Some));
    }

    #[test]
    fn a_field_outside_its_record_or_named_twice_is_refused() {
        let field = |name: &str, start, len| FixedField { name: name.to_owned(), start, len, kind: FieldKind::Text };
        assert_eq!(FixedLayout::new("own", None, vec![field("a", 1, 3), field("b", 4, 2)]).map(|layout| layout.length), Ok(5));
        for fields in
            [vec![field("a", 0, 3)], vec![field("a", 1, 0)], vec![field("a", 2, 5)], vec![field("a", 1, 1), field("a", 2, 1)], vec![]]
        {
            assert!(FixedLayout::new("own", Some(5), fields.clone()).is_err(), "{fields:?}");
        }
    }
}
