//! What the head of a log holds, before anybody has said which tag is which.

use std::collections::BTreeSet;

use crate::ingest::fix::frame::{Message, Scanner};
use crate::ingest::fix::plan::{LARGEST_TAG, tag_at};
use crate::ingest::fix::prefix::{Direction, direction, find_stamp, own_words};
use crate::ingest::text::Head;
use crate::ingest::{Encoding, SourceFile};
use crate::record::Diagnostic;

/// Within so many bytes a log has its first message.
const FIRST_WITHIN: usize = 64 << 10;

/// What was found in the new orders (35=D) of a log's head.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Their tags, ascending.
    pub(crate) tags: BTreeSet<u32>,
    /// Orders received and sent, as far as the log says so.
    pub(crate) n_in: u64,
    pub(crate) n_out: u64,
    /// A time stands before each.
    pub(crate) has_stamps: bool,
}

/// True where a message starts near the start of the file.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn is_log(file: &SourceFile) -> Result<bool, Diagnostic> {
    let head = Head::of(file, Encoding::Raw)?.text;
    let first = memchr::memmem::find(&head[..head.len().min(FIRST_WITHIN)], b"8=FIX");
    // Then the length: a text that talks about FIX is no log.
    Ok(first.is_some_and(|at| memchr::memmem::find(&head[at..head.len().min(at + 32)], b"9=").is_some()))
}

/// Looks through the head of a log.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn contents(file: &SourceFile) -> Result<Contents, Diagnostic> {
    let head = Head::of(file, Encoding::Raw)?;
    let mut found = Contents { has_stamps: true, ..Contents::default() };
    Scanner::new().scan(&head.text, !head.whole, |message| found.take(message));
    found.has_stamps &= !found.tags.is_empty();
    Ok(found)
}

impl Contents {
    fn take(&mut self, message: &Message<'_>) {
        let body = &message.text[message.body.clone()];
        let fields: Vec<&[u8]> = split(body, message.separator);
        if !message.whole || !fields.contains(&&b"35=D"[..]) {
            return;
        }
        // Of what is no tag nothing could be read.
        let tag = |field: &&[u8]| Some(tag_at(field).0).filter(|tag| (1..=LARGEST_TAG).contains(tag));
        self.tags.extend(fields.iter().filter_map(tag));
        let words = own_words(message.prefix);
        match direction(words) {
            Some(Direction::In) => self.n_in += 1,
            Some(Direction::Out) => self.n_out += 1,
            None => (),
        }
        self.has_stamps &= find_stamp(words).is_some();
    }
}

fn split<'a>(body: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let (mut fields, mut start) = (Vec::new(), 0);
    for end in memchr::memmem::find_iter(body, separator) {
        fields.push(&body[start..end]);
        start = end + separator.len();
    }
    fields.push(&body[start..]);
    fields
}
