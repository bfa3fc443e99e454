//! Messages in a stretch of log text: where each starts and ends, what stands before it, and whether its length and checksum hold.
//!
//! A message starts at `8=FIX` and its separator is what stands before `9=`. It ends with its `10=` field. Where the declared body
//! length leads there, that is its end, line ends inside its values included; otherwise the first `10=` of its line is, and the length
//! is flagged. A message that its line does not end is joined with the lines behind it, if the join then holds together; else it is
//! truncated. Nothing here knows what a message means.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::ingest::fix::prefix::find_stamp;

/// The most text that the pieces of one message are looked for in, and the most lines.
pub(crate) const LONGEST_JOIN: usize = 64 << 10;
const MOST_PIECES: u32 = 8;
/// The longest separator: `<SOH>`.
const LONGEST_SEPARATOR: usize = 5;
/// The longest text from `8=` to the separator behind the body length.
const LONGEST_HEAD: usize = 40;

/// A message as it stands in the log.
pub(crate) struct Message<'a> {
    /// Line on which its line's text starts, from the block's first as 0.
    pub(crate) line: u64,
    /// Byte at which that text starts, from the block's first.
    pub(crate) offset: usize,
    /// What stands before it on its line; for a further message of a line without words of its own, what stands before the first.
    pub(crate) prefix: &'a [u8],
    /// From `8=` to its last byte.
    pub(crate) text: &'a [u8],
    /// Within `text`: the fields between `9=` and `10=`.
    pub(crate) body: Range<usize>,
    pub(crate) separator: &'a [u8],
    /// It ends in a `10=` field.
    pub(crate) whole: bool,
    pub(crate) checksum_holds: bool,
    pub(crate) length_holds: bool,
    /// It was put together from this many lines.
    pub(crate) n_pieces: u32,
}

/// What was left when the text ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The message that the text ended in.
    pub(crate) unfinished: Option<Unfinished>,
    /// Lines without any message.
    pub(crate) other_lines: u64,
    /// `8=FIX` without the fields that make it a message.
    pub(crate) unreadable: u64,
}

/// A message that the text ended in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// Start of its line.
    pub(crate) at: usize,
    /// That line, from the text's first as 0.
    pub(crate) line: u64,
    /// Messages before it on that line; they were shown.
    pub(crate) n_shown: u32,
}

/// Finds messages in text.
pub(crate) struct Scanner {
    /// Messages of the text that another scan has shown.
    n_shown: u32,
    /// No message starts from here on, whatever it looks like where the text is cut.
    first_without: usize,
    /// The text may end within a line that another scan counts.
    ends_within_line: bool,
    start: Finder<'static>,
    joined: Vec<u8>,
    /// Where on its line the last message started: logs are regular.
    usual: usize,
}

/// Where a message starts.
struct Opening {
    at: usize,
    separator: Range<usize>,
    /// Where its body starts and how long it says it is; `None` where its text ends before that is told.
    body: Option<(usize, usize)>,
}

/// An end that was found.
struct Ending {
    trailer: usize,
    end: usize,
    length_holds: bool,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self::between(0, usize::MAX, false)
    }

    /// Of a text between two that were scanned: its first messages were shown, none starts from `first_without` on, and with
    /// `ends_within_line` its last line is the next text's to count.
    pub(crate) fn between(n_shown: u32, first_without: usize, ends_within_line: bool) -> Self {
        Self { n_shown, first_without, ends_within_line, start: Finder::new(b"8=FIX"), joined: Vec::new(), usual: 0 }
    }

    /// Shows every message of `text` to `visit`, in order. With `more`, text follows that this one may have to be joined with.
    pub(crate) fn scan(&mut self, text: &[u8], more: bool, mut visit: impl FnMut(&Message<'_>)) -> Rest {
        let (mut rest, mut n_shown) = (Rest::default(), std::mem::take(&mut self.n_shown));
        let mut visit = |message: &Message<'_>| match n_shown.checked_sub(1) {
            Some(left) => n_shown = left,
            None => visit(message),
        };
        let mut line = Line { start: 0, number: 0, end: None, prefix: 0..0, n_messages: 0 };
        while line.start < text.len() {
            let mut cursor = line.start;
            let unreadable_before = rest.unreadable;
            while let Some(opening) = self.next_opening(text, &mut line, cursor, &mut rest) {
                if line.n_messages == 0 || text[cursor..opening.at].iter().any(u8::is_ascii_digit) {
                    line.prefix = cursor..opening.at;
                }
                line.n_messages += 1;
                if let Some(ending) = declared_ending(text, &opening) {
                    visit(&line.message(text, found(text, &opening, &ending, 1)));
                    cursor = ending.end;
                    line.end = line.end.filter(|end| *end >= cursor);
                    continue;
                }
                match self.search(text, &opening, &mut line) {
                    Search::Here(ending) => {
                        visit(&line.message(text, found(text, &opening, &ending, 1)));
                        cursor = ending.end;
                    }
                    Search::Joined { opening: start, ending, to, n_pieces } => {
                        visit(&line.message(text, found(&self.joined, &start, &ending, n_pieces)));
                        (cursor, line.end) = (to, None);
                    }
                    Search::ReachesEnd if more => {
                        rest.unfinished = Some(Unfinished { at: line.start, line: line.number, n_shown: line.n_messages - 1 });
                        return rest;
                    }
                    Search::ReachesEnd | Search::Nothing => {
                        let end = line.end_at(text, opening.at);
                        let to = self.opening(text, opening.at + 5, end).map_or(end, |next| next.at);
                        visit(&line.message(text, truncated(text, &opening, to)));
                        cursor = to;
                    }
                }
            }
            let is_counted_elsewhere = self.ends_within_line && line.end_at(text, cursor) == text.len();
            let other = line.finish(text, cursor);
            if is_counted_elsewhere {
                rest.unreadable = unreadable_before;
            } else {
                rest.other_lines += other;
            }
        }
        rest
    }

    /// What stands before the first message of `text`; all of it where it holds none.
    pub(crate) fn before_first<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[..self.opening(text, 0, text.len()).map_or(text.len(), |first| first.at)]
    }

    /// Where a message ends whose length does not lead to its end: on its line, or on a later one.
    fn search(&mut self, text: &[u8], opening: &Opening, line: &mut Line) -> Search {
        let end = line.end_at(text, opening.at);
        let next = self.opening(text, opening.at + 5, end).map(|next| next.at);
        if let Some(ending) = first_ending(text, opening, next.unwrap_or(end)) {
            return Search::Here(ending);
        }
        if next.is_some() { Search::Nothing } else { self.join(text, opening, end, &text[line.prefix.clone()]) }
    }

    /// The next message of `line`, from `cursor` on.
    fn next_opening(&mut self, text: &[u8], line: &mut Line, cursor: usize, rest: &mut Rest) -> Option<Opening> {
        let guess = line.start + self.usual;
        if cursor == line.start
            && guess < self.first_without
            && text.get(guess..guess + 5) == Some(b"8=FIX")
            && memchr::memchr2(b'\n', b'=', &text[line.start..guess]).is_none()
            && let Some(opening) = opening_at(text, guess, text.len())
        {
            return Some(opening);
        }
        let end = line.end_at(text, cursor);
        // Behind a message there is rarely more than a line end.
        if end < cursor + 5 {
            return None;
        }
        let opening = self.opening(text, cursor, end);
        match &opening {
            Some(opening) => self.usual = opening.at - line.start,
            None => rest.unreadable += self.start.find_iter(&text[cursor..end]).filter(|at| is_apart(text, cursor + at)).count() as u64,
        }
        opening
    }

    /// The first message that opens in `text[from..to]`.
    fn opening(&self, text: &[u8], from: usize, to: usize) -> Option<Opening> {
        let places = self.start.find_iter(text.get(from..to)?).map(|at| from + at);
        places.take_while(|at| *at < self.first_without).find_map(|at| opening_at(text, at, to))
    }

    /// Puts the message of `opening`, which its line does not end, together with the lines behind it.
    fn join(&mut self, text: &[u8], opening: &Opening, line_end: usize, prefix: &[u8]) -> Search {
        let glue = find_stamp(prefix).map(|stamp| &prefix[stamp.range.end..]).filter(|glue| !glue.is_empty());
        self.joined.clear();
        self.joined.extend_from_slice(without_return(&text[opening.at..line_end]));
        let mut at = line_end + 1;
        for n_pieces in 2..=MOST_PIECES {
            if at >= text.len() {
                return Search::ReachesEnd;
            }
            if at - opening.at > LONGEST_JOIN {
                break;
            }
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
            let next = self.opening(text, at, end).map(|next| next.at);
            let piece = &text[at..next.unwrap_or(end)];
            // A recorder may stamp every read: then the payload is what follows the same words.
            let stamped = find_stamp(piece).zip(glue).filter(|(stamp, glue)| piece[stamp.range.end..].starts_with(glue));
            let skipped = stamped.map_or(0, |(stamp, glue)| stamp.range.end + glue.len());
            let kept = self.joined.len();
            self.joined.extend_from_slice(without_return(&piece[skipped..]));
            if let Some((opening, ending)) = self.joined_whole() {
                let to = at + (skipped + ending.end.saturating_sub(kept)).min(piece.len());
                return Search::Joined { opening, ending, to, n_pieces };
            }
            if next.is_some() {
                return Search::Nothing;
            }
            at = end + 1;
        }
        Search::Nothing
    }

    /// The joined text as a message, if its length or its checksum says that it is one.
    fn joined_whole(&self) -> Option<(Opening, Ending)> {
        let opening = opening_at(&self.joined, 0, self.joined.len())?;
        let ending = declared_ending(&self.joined, &opening).or_else(|| first_ending(&self.joined, &opening, self.joined.len()))?;
        (ending.length_holds || checksum_holds(&self.joined, &opening, &ending)).then_some((opening, ending))
    }
}

/// What looking for a message's end came to.
enum Search {
    /// It ends on its line.
    Here(Ending),
    /// Joined with later lines it holds together, in the scanner's buffer, up to this byte of the text.
    Joined { opening: Opening, ending: Ending, to: usize, n_pieces: u32 },
    /// The text ended before the message did.
    ReachesEnd,
    /// It is truncated.
    Nothing,
}

/// The line that is being read.
struct Line {
    start: usize,
    number: u64,
    /// Its end, once looked for; that of a later line where a message went on there.
    end: Option<usize>,
    prefix: Range<usize>,
    n_messages: u32,
}

impl Line {
    fn end_at(&mut self, text: &[u8], at: usize) -> usize {
        let at = at.min(text.len());
        *self.end.get_or_insert_with(|| memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length))
    }

    /// Goes to the next line; returns 1 where this one held words but no message.
    fn finish(&mut self, text: &[u8], cursor: usize) -> u64 {
        let end = self.end_at(text, cursor);
        let line = &text[self.start..end];
        let other = u64::from(self.n_messages == 0 && !line.trim_ascii().is_empty());
        let inside = if self.n_messages == 0 { 0 } else { memchr::memchr_iter(b'\n', line).count() as u64 };
        *self = Self { start: end + 1, number: self.number + 1 + inside, end: None, prefix: 0..0, n_messages: 0 };
        other
    }

    fn message<'a>(&self, text: &'a [u8], found: Found<'a>) -> Message<'a> {
        let Found { text: message, body, separator, whole, checksum_holds, length_holds, n_pieces } = found;
        let prefix = &text[self.prefix.clone()];
        Message {
            line: self.number,
            offset: self.start,
            prefix,
            text: message,
            body,
            separator,
            whole,
            checksum_holds,
            length_holds,
            n_pieces,
        }
    }
}

/// The parts of a message that are slices of one text.
struct Found<'a> {
    text: &'a [u8],
    body: Range<usize>,
    separator: &'a [u8],
    whole: bool,
    checksum_holds: bool,
    length_holds: bool,
    n_pieces: u32,
}

fn found<'a>(text: &'a [u8], opening: &Opening, ending: &Ending, n_pieces: u32) -> Found<'a> {
    let body = opening.body.map_or(ending.trailer, |(start, _)| start) - opening.at..ending.trailer - opening.at;
    Found {
        text: &text[opening.at..ending.end],
        body,
        separator: &text[opening.separator.clone()],
        whole: true,
        checksum_holds: checksum_holds(text, opening, ending),
        length_holds: ending.length_holds,
        n_pieces,
    }
}

fn truncated<'a>(text: &'a [u8], opening: &Opening, end: usize) -> Found<'a> {
    let body = opening.body.map_or(end, |(start, _)| start.min(end)) - opening.at..end - opening.at;
    let separator = &text[opening.separator.clone()];
    Found { text: &text[opening.at..end], body, separator, whole: false, checksum_holds: true, length_holds: true, n_pieces: 1 }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `58=FIX` is a value, not a message.
fn is_apart(text: &[u8], at: usize) -> bool {
    at == 0 || !text[at - 1].is_ascii_digit()
}

/// Reads `8=FIX.4.4|9=123|` at `at`. A line that ends before the length is told opens a message too; anything else does not.
fn opening_at(text: &[u8], at: usize, to: usize) -> Option<Opening> {
    if !is_apart(text, at) {
        return None;
    }
    let end = to;
    let to = memchr::memchr2(b'\n', b'\r', &text[at..to.min(at + LONGEST_HEAD)]).map_or(to, |length| at + length);
    let version = text[at + 5..to].iter().take(8).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.').count();
    let version_end = at + 5 + version;
    let head = &text[version_end..to.min(version_end + LONGEST_SEPARATOR + 2)];
    let Some(n_separator) = memchr::memmem::find(head, b"9=").filter(|n| *n > 0) else {
        let cut = version_end + head.len() == to && head.len() < LONGEST_SEPARATOR + 2;
        return cut.then_some(Opening { at, separator: version_end..to, body: None });
    };
    let separator = version_end..version_end + n_separator;
    if !is_separator(&text[separator.clone()]) {
        return None;
    }
    let digits = separator.end + 2;
    // However many: a length that no message has opens one whose length does not hold, as any other wrong one does.
    let n_digits = text[digits..end].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = &text[digits + n_digits..end];
    let behind = &behind[..behind.len().min(separator.len())];
    if *behind != text[separator.clone()] {
        let cut = behind.len() < separator.len() || behind.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        return cut.then_some(Opening { at, separator, body: None });
    }
    let told = text[digits..digits + n_digits].iter();
    let length = told.fold(0_usize, |value, digit| value.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
    Some(Opening { at, body: Some((digits + n_digits + separator.len(), length)), separator })
}

/// SOH, or what a program wrote in its place.
fn is_separator(bytes: &[u8]) -> bool {
    match bytes {
        [only] => !only.is_ascii_alphanumeric(),
        _ => [&b"^A"[..], b"<SOH>", b"\\x01", b"\\001"].contains(&bytes),
    }
}

/// The end where the body length says it is.
fn declared_ending(text: &[u8], opening: &Opening) -> Option<Ending> {
    let (body, length) = opening.body?;
    let separator = &text[opening.separator.clone()];
    let trailer = body.checked_add(length).filter(|trailer| separator.len() == 1 && *trailer > body)?;
    let end = (text.get(trailer - 1) == separator.first()).then(|| trailer_end(text, trailer, separator)).flatten()?;
    Some(Ending { trailer, end, length_holds: true })
}

/// The end at the first `10=` before `limit`.
fn first_ending(text: &[u8], opening: &Opening, limit: usize) -> Option<Ending> {
    let (body, length) = opening.body?;
    let separator = &text[opening.separator.clone()];
    let from = body - separator.len();
    let mut trailers = memchr::memmem::find_iter(text.get(from..limit)?, b"10=").map(|at| from + at);
    trailers.find_map(|trailer| {
        let end = trailer_end(text, trailer, separator).filter(|end| text[..trailer].ends_with(separator) && *end <= limit)?;
        // A separator of several characters stands for one.
        let n_separators = if separator.len() > 1 { count(text.get(body..trailer).unwrap_or_default(), separator) } else { 0 };
        let counted = trailer.saturating_sub(body) - n_separators * (separator.len() - 1);
        Some(Ending { trailer, end, length_holds: separator.len() > 1 && counted == length })
    })
}

/// The end of `10=123` at `trailer`, its separator included; `None` where that is not what stands there.
fn trailer_end(text: &[u8], trailer: usize, separator: &[u8]) -> Option<usize> {
    let field = text.get(trailer..trailer + 6)?;
    if !field.starts_with(b"10=") || !field[3..].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let behind = &text[trailer + 6..];
    match behind.first() {
        _ if behind.starts_with(separator) => Some(trailer + 6 + separator.len()),
        Some(byte) if byte.is_ascii_alphanumeric() => None,
        _ => Some(trailer + 6),
    }
}

fn count(text: &[u8], separator: &[u8]) -> usize {
    match separator {
        [only] => memchr::memchr_iter(*only, text).count(),
        _ => memchr::memmem::find_iter(text, separator).count(),
    }
}

/// The sum of all bytes before `10=`, modulo 256, each separator counted as the SOH it stands for.
fn checksum_holds(text: &[u8], opening: &Opening, ending: &Ending) -> bool {
    let summed = &text[opening.at..ending.trailer];
    let mut sum = summed.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let separator = &text[opening.separator.clone()];
    if separator != b"\x01" {
        let excess = separator.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_sub(1);
        sum = sum.wrapping_sub(excess.wrapping_mul(count(summed, separator) as u8));
    }
    let said = text[ending.trailer + 3..ending.trailer + 6].iter().fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    said == u32::from(sum)
}
