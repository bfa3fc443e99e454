//! Which fields of a message become which columns.

use std::ops::Range;

use crate::ingest::fix::frame::Message;
use crate::ingest::lines::in_zone;
use crate::ingest::rows::present;
use crate::ingest::{ColumnSource, IdTransform, Source, SourceFile};
use crate::record::{Column, ColumnKind, Diagnostic, Notice, Zone};

/// The largest tag that can be mapped.
pub(crate) const LARGEST_TAG: u32 = 99_999;
/// Fields that give the length of the field behind them, whose value may hold anything.
const LENGTH_TAGS: [u32; 14] = [90, 93, 95, 212, 348, 350, 352, 354, 356, 358, 360, 362, 364, 445];

/// Where a column's cell stands in a message.
#[derive(Clone, Debug)]
pub(crate) enum Field {
    /// The recorder's own time.
    Prefix,
    /// A slot of [`Slots`].
    Slot(usize),
    /// A date and a time of day.
    Pair(usize, usize),
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Tag(u32),
    /// The time of a regulatory stamp (769) of this type (770).
    Stamp(Vec<u8>),
}

/// Fields read from each message, and the columns made of them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) columns: Vec<Column>,
    pub(crate) fields: Vec<Field>,
    pub(crate) transforms: Vec<Option<IdTransform>>,
    /// The side with the zone that each time is in: tags are UTC unless said otherwise.
    pub(crate) zoned: Source,
    wanted: Vec<Wanted>,
    /// Tag to slot plus one.
    by_tag: Vec<u8>,
    wants_stamps: bool,
}

/// The values found in one message, by slot.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    found: Vec<Range<u32>>,
}

/// Slots that every plan has.
pub(crate) const KIND: usize = 0;
pub(crate) const EXEC_TYPE: usize = 1;
pub(crate) const STATUS: usize = 2;
pub(crate) const CLIENT_ORDER_ID: usize = 3;
pub(crate) const SENDING_TIME: usize = 4;
const ALWAYS: [u32; 5] = [35, 150, 39, 11, 52];

impl Plan {
    /// The plan for the columns that are both wanted and mapped.
    pub(crate) fn of(file: &SourceFile, source: &Source, wanted: &[Column]) -> Result<Self, Diagnostic> {
        let columns = present(&source.mapping, wanted);
        let mut plan = Self {
            fields: Vec::new(),
            transforms: columns.iter().map(|column| source.mapping.transform(*column).cloned()).collect(),
            zoned: in_zone(source, Zone::UTC),
            wanted: ALWAYS.map(Wanted::Tag).to_vec(),
            by_tag: Vec::new(),
            wants_stamps: false,
            columns,
        };
        for (column, from) in source.mapping.iter() {
            let field = plan.field(column, from).map_err(|problem| {
                let help = (
                    "請寫 tag，例如 \"11\"；時間也可寫 \"prefix\" 或 \"770:4\"（該類別的法遵時戳）",
                    "write a tag such as \"11\", for a time also \"prefix\" or \"770:4\" (the regulatory stamp of that type)",
                );
                let (column, Notice { zh, en }) = (column.name(), problem);
                let problem = (format!("`{column}`：{zh}"), format!("`{column}`: {en}"));
                Diagnostic::new("E0230", problem).in_file(&file.path).help(help)
            })?;
            if plan.columns.contains(&column) {
                plan.fields.push(field);
            }
        }
        // `fields` was filled in the mapping's order; columns stand in the order wanted.
        let mut by_column: Vec<(Column, Field)> =
            source.mapping.iter().map(|(column, _)| column).filter(|column| plan.columns.contains(column)).zip(plan.fields).collect();
        by_column.sort_by_key(|(column, _)| plan.columns.iter().position(|known| known == column));
        plan.fields = by_column.into_iter().map(|(_, field)| field).collect();
        let largest = plan.wanted.iter().map(|wanted| if let Wanted::Tag(tag) = wanted { *tag } else { 770 }).max().unwrap_or_default();
        plan.by_tag = vec![0; largest as usize + 1];
        for (slot, wanted) in plan.wanted.iter().enumerate() {
            match wanted {
                Wanted::Tag(tag) => plan.by_tag[*tag as usize] = slot as u8 + 1,
                Wanted::Stamp(_) => plan.wants_stamps = true,
            }
        }
        Ok(plan)
    }

    fn field(&mut self, column: Column, from: &ColumnSource) -> Result<Field, Notice> {
        let is_time = column.kind() == ColumnKind::Time;
        match from.source_names()[..] {
            [name] if name == "prefix" && is_time => Ok(Field::Prefix),
            [name] => Ok(Field::Slot(self.slot(name, is_time)?)),
            [date, time] => Ok(Field::Pair(self.slot(date, is_time)?, self.slot(time, is_time)?)),
            _ => Err(("超過兩個欄位", "more than two fields").into()),
        }
    }

    fn slot(&mut self, name: &str, is_time: bool) -> Result<usize, Notice> {
        let wanted = match (name.strip_prefix("770:"), name.parse::<u32>()) {
            (Some(kind), _) if is_time => Wanted::Stamp(kind.as_bytes().to_vec()),
            (_, Ok(tag)) if (1..=LARGEST_TAG).contains(&tag) => Wanted::Tag(tag),
            _ => return Err((format!("\"{name}\" 不是 FIX tag"), format!("\"{name}\" is not a FIX tag")).into()),
        };
        let known = self.wanted.iter().position(|known| *known == wanted);
        Ok(known.unwrap_or_else(|| {
            self.wanted.push(wanted);
            self.wanted.len() - 1
        }))
    }

    /// Fills `slots` from the fields of `message`; the first of a tag that comes twice counts.
    ///
    /// # Errors
    /// Where blanks separate the fields and something between them is no field.
    pub(crate) fn fill(&self, message: &Message<'_>, slots: &mut Slots) -> Result<(), ()> {
        slots.found.clear();
        slots.found.resize(self.wanted.len(), 0..0);
        let (text, separator) = (message.text, message.separator);
        let Some(first) = separator.first() else { return Ok(()) };
        let mut stamps = Stamps::default();
        let (mut at, mut last, mut skip_to) = (message.body.start, None, 0);
        let body = &text[..message.body.end];
        let mut ends = memchr::memchr_iter(*first, &body[at.min(body.len())..]).map(|end| message.body.start + end);
        while at < body.len() {
            let end = match ends.next() {
                Some(end) if end < skip_to || !body[end..].starts_with(separator) => continue,
                found => found.unwrap_or(body.len()),
            };
            let (tag, value_at) = tag_at(&body[at..end]);
            if tag == 0 {
                // Part of the value before it, which holds the separator.
                if separator == b" " {
                    return Err(());
                }
                if let Some(slot) = last {
                    let kept: &mut Range<u32> = &mut slots.found[slot];
                    kept.end = end as u32;
                }
            } else {
                let value = (at + value_at) as u32..end as u32;
                last = self.take(tag, value.clone(), slots);
                if self.wants_stamps && (tag == 769 || tag == 770) {
                    self.take_stamp(&mut stamps, tag, value.clone(), text, slots);
                }
                if tag >= LENGTH_TAGS[0] && LENGTH_TAGS.contains(&tag) {
                    skip_to = data_end(body, &value, end + separator.len(), separator);
                }
            }
            at = end + separator.len();
        }
        Ok(())
    }

    fn take(&self, tag: u32, value: Range<u32>, slots: &mut Slots) -> Option<usize> {
        let slot = usize::from(*self.by_tag.get(tag as usize)?).checked_sub(1)?;
        (slots.found[slot].start == 0).then(|| {
            slots.found[slot] = value;
            slot
        })
    }

    /// Pairs 769 with 770 within an instance of the group, whichever of them comes first.
    fn take_stamp(&self, stamps: &mut Stamps, tag: u32, value: Range<u32>, text: &[u8], slots: &mut Slots) {
        let other = if tag == 769 { &mut stamps.kind } else { &mut stamps.time };
        let Some(other) = other.take() else {
            *(if tag == 769 { &mut stamps.time } else { &mut stamps.kind }) = Some(value);
            return;
        };
        let (time, kind) = if tag == 769 { (value, other) } else { (other, value) };
        let kind = &text[kind.start as usize..kind.end as usize];
        for (slot, wanted) in self.wanted.iter().enumerate() {
            if matches!(wanted, Wanted::Stamp(of) if of == kind) && slots.found[slot].start == 0 {
                slots.found[slot] = time.clone();
            }
        }
    }
}

impl Slots {
    /// The value of a slot in the message it was filled from; empty where there is none.
    pub(crate) fn value<'a>(&self, text: &'a [u8], slot: usize) -> &'a [u8] {
        let found = &self.found[slot];
        &text[found.start as usize..found.end as usize]
    }
}

/// A time and a type of the stamp group that wait for each other.
#[derive(Default)]
struct Stamps {
    time: Option<Range<u32>>,
    kind: Option<Range<u32>>,
}

/// The tag of `11=...` and where its value starts; 0 where it is no field.
pub(crate) fn tag_at(field: &[u8]) -> (u32, usize) {
    let mut tag = 0_u32;
    for (at, byte) in field.iter().enumerate() {
        match byte {
            b'0'..=b'9' if at < 9 => tag = tag * 10 + u32::from(byte - b'0'),
            b'=' if at > 0 => return (tag, at + 1),
            _ => break,
        }
    }
    (0, 0)
}

/// Where the value of the data field at `at` ends, whose length `length` gives; 0 where that does not lead to its end.
fn data_end(body: &[u8], length: &Range<u32>, at: usize, separator: &[u8]) -> usize {
    let digits = &body[length.start as usize..length.end as usize];
    let length = digits
        .iter()
        .try_fold(0_usize, |value, digit| digit.is_ascii_digit().then(|| value.saturating_mul(10) + usize::from(digit - b'0')));
    let (Some(length), Some(field)) = (length, body.get(at..)) else { return 0 };
    let value_at = tag_at(&field[..field.len().min(12)]).1;
    let end = at.saturating_add(value_at).saturating_add(length);
    if value_at > 0 && body.get(end..).is_some_and(|rest| rest.starts_with(separator)) { end } else { 0 }
}
