//! Separated text, read in parallel chunks.
//!
//! A chunk starts at the first line end past its nominal start, on the guess that no quoted field spans that point. A chunk without
//! a quote is split by two byte searches; one with a quote goes through `csv-core`. Afterwards the chunks are walked in order: where
//! the guess was wrong (the record before ended elsewhere) the chunk is read again from where it truly starts. So the answer is the
//! sequential one, at any chunk size and thread count.
//!
//! Rows: the first line is the header; a line with nothing on it is not a row.

mod dialect;
mod layout;
mod quoted;
mod sniff;

pub(crate) use layout::{columns_are, no_column, several_columns};
pub(crate) use sniff::sniff;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};

use crate::ingest::block::Block;
use crate::ingest::csv::layout::{Layout, not_text};
use crate::ingest::csv::quoted::{Quoted, Step};
use crate::ingest::discover::{cannot_read, read_up_to};
use crate::ingest::in_order::in_order;
use crate::ingest::reject::RejectCode;
use crate::ingest::rows::{Cell as SourceCell, Fault, RowBuilder, RowPlace};
use crate::ingest::text::{self, LONGEST, Stream, TextReport, parse_stream};
use crate::ingest::{Encoding, Job, Packing, Part, field_count};
use crate::record::{Chunk, Diagnostic, NameBooks};

/// Bytes of a chunk: small enough for many chunks a thread, large enough that per-chunk work vanishes.
const CHUNK: u64 = 1 << 20;

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<TextReport, Diagnostic> {
    let layout = Layout::of(job.file, job.source, job.wanted)?;
    let user_defined = if layout.seekable {
        read_in_chunks(&layout, job, transform, take, CHUNK)?;
        BTreeMap::new()
    } else {
        read_in_blocks(&layout, job, transform, take)?
    };
    let mut report = TextReport::new(&job.file.name, job.file.packing, layout.detected, user_defined);
    report.notices.extend(layout.notices);
    Ok(report)
}

/// Reads a file that has to be unpacked or decoded: one block behind the other, cut where a record ends.
fn read_in_blocks<T: Send>(
    layout: &Layout<'_>,
    Job { books, progress, .. }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<BTreeMap<char, u64>, Diagnostic> {
    let mut stream = Stream::open(layout.file, layout.detected.encoding, layout.decode_first(), progress)?;
    stream.skip(layout.body_len(stream.is_decoded()));
    let parse = |block: text::Block| {
        progress.check_memory()?;
        Reading::of_block(layout, books, block, transform)
    };
    parse_stream(stream, &|bytes| layout.dialect.whole_records(bytes), parse, take)
}

fn read_in_chunks<T: Send>(
    layout: &Layout<'_>,
    Job { books, progress, .. }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
    chunk: u64,
) -> Result<(), Diagnostic> {
    let n_chunks = layout.end.saturating_sub(layout.body).div_ceil(chunk);
    let bounds = |index: u64| (layout.body + index * chunk, (layout.body + (index + 1) * chunk).min(layout.end));
    let guess = |index: usize| {
        let (from, to) = bounds(index as u64);
        let begin = if index == 0 { Start::At(from) } else { Start::AfterLineEnd(from) };
        let read = progress.check_memory().map(|()| Reading::of(layout, books, begin, to, transform));
        progress.add(to - from);
        (to, read)
    };
    let (mut start, mut line) = (layout.body, layout.body_line);
    in_order(n_chunks as usize, guess, |(to, guess)| {
        let reading = match guess? {
            Ok(reading) if reading.start == start => reading,
            _ => Reading::of(layout, books, Start::At(start), to, transform)?,
        };
        let Reading { end, n_lines, mut part, .. } = reading;
        part.rejects.iter_mut().for_each(|reject| reject.line += line);
        part.first_line = part.first_line.map(|first| first + line);
        // As many rows a byte as in this chunk, and a few more.
        let bytes = (end - start).max(1) as f64;
        part.rows_expected = (part.n_accepted() / bytes * layout.end.saturating_sub(start) as f64 * 1.02) as usize;
        take(part);
        (start, line) = (end, line + n_lines);
        Ok(())
    })
}

/// Where a reading starts.
#[derive(Clone, Copy)]
enum Start {
    /// Exactly here.
    At(u64),
    /// After the first line end at or past the byte before here.
    AfterLineEnd(u64),
}

/// The records that start in `[start, to)`, read to the end of the last one.
struct Reading<T> {
    start: u64,
    end: u64,
    n_lines: u64,
    part: Part<T>,
}

impl<T> Reading<T> {
    fn of(
        layout: &Layout<'_>,
        books: &NameBooks,
        from: Start,
        to: u64,
        consume: &(impl Fn(Chunk<'_>) -> T + Sync),
    ) -> Result<Self, Diagnostic> {
        let (Start::At(begin) | Start::AfterLineEnd(begin)) = from;
        let rows = layout.builder(books, to.saturating_sub(begin) as usize);
        let window = Window::open(layout, begin - u64::from(matches!(from, Start::AfterLineEnd(_))))?;
        let fields = Vec::with_capacity(layout.n_fields);
        let mut reader = RecordReader { layout, window, rows, n_lines: 0, fields, ends: Vec::new() };
        if matches!(from, Start::AfterLineEnd(_)) {
            reader.window.skip_line(to)?;
        }
        let start = reader.window.position();
        reader.read_until(to)?;
        Ok(Self { start, end: reader.window.position(), n_lines: reader.n_lines, part: reader.rows.finish(consume) })
    }

    /// A block of whole records; lines and bytes of its rejects are the file's.
    fn of_block(
        layout: &Layout<'_>,
        books: &NameBooks,
        mut block: text::Block,
        transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    ) -> Result<Part<T>, Diagnostic> {
        let length = block.text.len() as u64;
        let rows = layout.builder(books, block.text.len());
        let window = Window::of_block(layout, std::mem::take(&mut block.text));
        let mut reader = RecordReader { layout, window, rows, n_lines: 0, fields: Vec::with_capacity(layout.n_fields), ends: Vec::new() };
        let read = reader.read_until(length);
        block.text = std::mem::take(&mut reader.window.bytes);
        read.map_err(|problem| in_file(problem, &block))?;
        let mut part = reader.rows.finish(transform);
        part.first_line = part.first_line.map(|first| first + block.first_line);
        let mut offsets = block.offsets();
        for reject in &mut part.rejects {
            reject.line += block.first_line;
            reject.byte_offset = reject.byte_offset.map(|at| offsets.of(at as usize));
        }
        if layout.file.packing == Packing::None {
            let bytes = offsets.of(block.text.len()).saturating_sub(block.byte_offset).max(1) as f64;
            let left = layout.end.saturating_sub(block.byte_offset) as f64;
            part.rows_expected = (part.n_accepted() / bytes * left * 1.02) as usize;
        }
        Ok(part)
    }
}

/// Turns a place in a block into the place in its file.
fn in_file(mut problem: Diagnostic, block: &text::Block) -> Diagnostic {
    if let Some(byte) = problem.place.as_mut().and_then(|place| place.byte.as_mut()) {
        *byte = block.offset_of(*byte as usize);
    }
    problem
}

/// Bytes read from the file at a time: they are split while they are still in the cache.
const BLOCK: usize = 256 << 10;

thread_local! {
    /// One buffer a thread, used again from chunk to chunk: fresh memory would cost more than the parsing.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A stretch of the file in memory that moves forward.
struct Window<'a> {
    layout: &'a Layout<'a>,
    /// `None` where everything is in memory.
    file: Option<File>,
    bytes: Vec<u8>,
    /// File offset of the first byte.
    base: u64,
    /// Bytes already taken.
    taken: usize,
    /// True where no byte of the file lies behind.
    at_end: bool,
    /// True where a quote may lie at or behind `taken`, or a comment.
    quoted: bool,
}

impl<'a> Window<'a> {
    fn open(layout: &'a Layout<'a>, from: u64) -> Result<Self, Diagnostic> {
        let failed = |error: std::io::Error| cannot_read(&layout.file.path, &error);
        let mut file = File::open(&layout.file.path).map_err(failed)?;
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let mut bytes = BUFFER.take();
        bytes.clear();
        Ok(Self { layout, file: Some(file), bytes, base: from, taken: 0, at_end: from >= layout.end, quoted: false })
    }

    /// A block that ends where a record does.
    fn of_block(layout: &'a Layout<'a>, bytes: Vec<u8>) -> Self {
        let quoted = !layout.dialect.is_plain(&bytes);
        Self { layout, file: None, bytes, base: 0, taken: 0, at_end: true, quoted }
    }

    /// File offset of the next byte to take.
    fn position(&self) -> u64 {
        self.base + self.taken as u64
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// Drops what was taken and reads another block behind what is left.
    fn read_on(&mut self) -> Result<(), Diagnostic> {
        if self.rest().len() > LONGEST {
            return Err(self.layout.record_too_long(self.position()));
        }
        self.bytes.copy_within(self.taken.., 0);
        let n_left = self.bytes.len() - self.taken;
        (self.base, self.taken) = (self.position(), 0);
        // A record that fills the buffer is read on in growing steps, so that it is not searched again and again.
        let behind = self.layout.end.saturating_sub(self.base + n_left as u64);
        let n_wanted = (BLOCK.max(n_left) as u64).min(behind) as usize;
        self.bytes.resize(n_left + n_wanted, 0);
        let n_read = match &mut self.file {
            Some(file) => read_up_to(file, &mut self.bytes[n_left..]).map_err(|error| cannot_read(&self.layout.file.path, &error))?,
            None => 0,
        };
        if n_read < n_wanted {
            // Measured when it was found: a file that shrank since would silently lose rows.
            return Err(Diagnostic::new("E0208", ("檔案在讀取時變短了", "the file became shorter while it was read"))
                .in_file(&self.layout.file.path));
        }
        self.at_end = n_wanted as u64 == behind;
        self.quoted = !self.layout.dialect.is_plain(&self.bytes);
        Ok(())
    }

    /// Takes everything up to the first line end, but nothing from `to` on.
    fn skip_line(&mut self, to: u64) -> Result<(), Diagnostic> {
        loop {
            if let Some(length) = memchr::memchr(b'\n', self.rest()) {
                self.taken += length + 1;
                return Ok(());
            }
            self.taken = self.bytes.len();
            if self.at_end || self.position() >= to {
                return Ok(());
            }
            self.read_on()?;
        }
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        BUFFER.set(std::mem::take(&mut self.bytes));
    }
}

/// Splits records and hands their fields to the row builder.
struct RecordReader<'a> {
    layout: &'a Layout<'a>,
    window: Window<'a>,
    rows: RowBuilder<'a>,
    n_lines: u64,
    /// Where each field of a plain record starts and ends.
    fields: Vec<(u32, u32)>,
    /// Where each field of a plain block ends.
    ends: Vec<u32>,
}

/// The lines of `text` that start before `to` and end within it.
fn whole_lines(text: &[u8], to: u64) -> &[u8] {
    let end = match usize::try_from(to) {
        // The line that holds the byte before `to` is the last to start before it.
        Ok(to) if to <= text.len() => to.checked_sub(1).and_then(|last| {
            let behind = memchr::memchr(b'\n', &text[last..]).map(|length| last + length);
            behind.or_else(|| memchr::memrchr(b'\n', &text[..last]))
        }),
        _ => memchr::memrchr(b'\n', text),
    };
    &text[..end.map_or(0, |end| end + 1)]
}

impl RecordReader<'_> {
    /// Reads the records that start before `to`. Whether a record goes the plain or the quoted way is settled block by block.
    fn read_until(&mut self, to: u64) -> Result<(), Diagnostic> {
        let mut records = None;
        while self.window.position() < to {
            let whole = if self.window.quoted {
                self.take_quoted(records.get_or_insert_with(|| Quoted::new(&self.layout.dialect)))?
            } else {
                self.take_plain(to)
            };
            if !whole {
                self.window.read_on()?;
            }
        }
        Ok(())
    }

    /// Takes the whole lines of a block without quotes; false where more bytes are needed.
    fn take_plain(&mut self, to: u64) -> bool {
        let bytes = std::mem::take(&mut self.window.bytes);
        let nominal = to.saturating_sub(self.window.base);
        let mut at = self.window.taken;
        let block = whole_lines(&bytes[at..], nominal.saturating_sub(at as u64));
        self.rows.stands_on(self.n_lines);
        if let Some(block) = Block::split(block, self.layout.dialect.delimiter, self.layout.n_fields, &mut self.ends)
            && self.rows.append_block(&block, &self.layout.positions)
        {
            self.n_lines += block.n_rows() as u64;
            at += block.text.len();
        }
        let mut whole = true;
        while (at as u64) < nominal && at < bytes.len() {
            let length = match memchr::memchr(b'\n', &bytes[at..]) {
                Some(length) => length,
                None if self.window.at_end => bytes.len() - at,
                None => {
                    whole = false;
                    break;
                }
            };
            self.plain_record(&bytes[at..at + length], self.window.base + at as u64);
            self.n_lines += u64::from(at + length < bytes.len());
            at = (at + length + 1).min(bytes.len());
        }
        whole &= (at as u64) >= nominal || self.window.at_end;
        self.window.bytes = bytes;
        self.window.taken = at;
        whole
    }

    fn plain_record(&mut self, line: &[u8], offset: u64) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return;
        }
        let mut fields = std::mem::take(&mut self.fields);
        fields.clear();
        let mut start = 0;
        for end in memchr::memchr_iter(self.layout.dialect.delimiter, line) {
            fields.push((start, end as u32));
            start = end as u32 + 1;
        }
        fields.push((start, line.len() as u32));
        self.push_record(fields.len(), |at| &line[fields[at].0 as usize..fields[at].1 as usize], line, offset);
        self.fields = fields;
    }

    /// Takes one record of a block with quotes; false where more bytes are needed.
    fn take_quoted(&mut self, records: &mut Quoted) -> Result<bool, Diagnostic> {
        let bytes = std::mem::take(&mut self.window.bytes);
        let (at, offset) = (self.window.taken, self.window.position());
        if let Some(line) = self.layout.dialect.comment(&bytes[at..]) {
            let length = line.or(self.window.at_end.then_some(bytes.len() - at));
            self.n_lines += u64::from(line.is_some());
            self.window.taken += length.unwrap_or(0);
            self.window.bytes = bytes;
            return Ok(length.is_some());
        }
        // csv-core would count blank lines into the record behind them.
        let step = match &bytes[at..] {
            [b'\n', ..] => Step::Record(1),
            [b'\r', b'\n', ..] => Step::Record(2),
            [] | [b'\r'] if !self.window.at_end => Step::NeedsMore,
            rest => records.next(rest, self.window.at_end),
        };
        if let Step::Record(length) = step {
            let raw = &bytes[at..at + length];
            let line = raw.strip_suffix(b"\n").unwrap_or(raw);
            let text = line.strip_suffix(b"\r").unwrap_or(line);
            if !text.is_empty() {
                if self.layout.dialect.encloses_rows(text, records.n_fields(), self.layout.n_fields) {
                    self.window.bytes = bytes;
                    return Err(self.layout.enclosed_rows(offset));
                }
                if text.len() < line.len() {
                    records.drop_carriage_return();
                }
                self.push_record(records.n_fields(), |field| unwrapped(records.field(field)), text, offset);
            }
            self.n_lines += memchr::memchr_iter(b'\n', raw).count() as u64;
            self.window.taken += length;
        }
        self.window.bytes = bytes;
        match step {
            Step::Record(_) => Ok(true),
            Step::NeedsMore => Ok(false),
            Step::Unclosed => Err(self.layout.unclosed_quote(offset)),
        }
    }

    fn push_record<'f>(&mut self, n_fields: usize, field: impl Fn(usize) -> &'f [u8], raw: &[u8], offset: u64) {
        // Lines are counted from the chunk's first; the caller adds the chunk's own.
        let encoding = self.layout.detected.encoding;
        let place = RowPlace { line: self.n_lines, byte_offset: Some(offset), raw: &|| encoding.shown(raw) };
        if n_fields != self.layout.n_fields {
            let message = field_count(n_fields, self.layout.n_fields);
            return self.rows.reject(Fault { column: "", code: RejectCode::FieldCount, message }, &place);
        }
        if !raw.is_ascii()
            && let Err(error) = std::str::from_utf8(raw)
        {
            return self.rows.reject(not_characters(encoding, raw, error.valid_up_to()), &place);
        }
        let positions = &self.layout.positions;
        let cell = |column: usize| match positions[column] {
            (position, None) => SourceCell::Text(field(position)),
            (date, Some(time)) => SourceCell::Pair(field(date), field(time)),
        };
        self.rows.push(cell, &place);
    }
}

/// A value that a spreadsheet keeps as text by writing it as a formula, `="0050"`, without the formula.
fn unwrapped(field: &[u8]) -> &[u8] {
    match field {
        [b'=', b'"', inner @ .., b'"'] if !inner.contains(&b'"') => inner,
        _ => field,
    }
}

/// The fault of a row that holds bytes that are no characters: which, where in it, and what they may be.
fn not_characters(encoding: Encoding, raw: &[u8], at: usize) -> Fault {
    let (problem, help) = not_text(encoding, &raw[at..]);
    let byte = encoding.source_len(&raw[..at]) + 1;
    let message =
        (format!("{}（該列第 {byte} 個位元組）；{}", problem.zh, help.zh), format!("{} (byte {byte} of the row); {}", problem.en, help.en))
            .into();
    let code = if encoding == Encoding::Utf8 { RejectCode::InvalidUtf8 } else { RejectCode::Undecodable };
    Fault { column: "", code, message }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{ColumnSource, Format, Mapping, Packing, Reject, Source, SourceFile, TextOptions};
    use crate::record::{Column, Progress, Zone};

    type Whole = (Vec<(u64, String)>, Vec<Reject>, u64);

    /// By chunks of so many bytes, or, for 0, by blocks.
    /// Accepted rows with their place and text, rejects, and the number of rows; or the byte of a quote that is never closed.
    fn read_all(path: &std::path::Path, (bytes, quote): (u64, u8), chunk: u64) -> Result<Whole, Option<u64>> {
        let mut mapping = Mapping::default();
        mapping.insert(Column::ReceiptId, ColumnSource::Named("id".to_owned()));
        mapping.insert(Column::SentAt, ColumnSource::Named("sent".to_owned()));
        let file = SourceFile {
            path: path.to_path_buf(),
            name: "a.csv".to_owned(),
            format: Format::Csv,
            bytes,
            packing: Packing::None,
            spool: None,
            frame: None,
        };
        let text = TextOptions { quote: Some(quote), ..TextOptions::default() };
        let source = Source { files: vec![file.clone()], mapping, zone: Zone::UTC, text, options: Default::default() };
        let shown = |chunk: Chunk<'_>| {
            let rows = chunk.rows.clone().unwrap_or_else(|| (0..chunk.n_rows as u32).collect());
            let (ids, times) = (chunk.ids(Column::ReceiptId).expect("read"), chunk.times(Column::SentAt).expect("read"));
            rows.iter().enumerate().map(|(at, row)| (*row, format!("{} {}", ids.text(at), times[at]))).collect::<Vec<_>>()
        };
        let wanted = [Column::ReceiptId, Column::SentAt];
        let (mut parts, books, progress) = (Vec::new(), NameBooks::default(), Progress::default());
        let job = Job { file: &file, source: &source, wanted: &wanted, books: &books, progress: &progress };
        let layout = Layout::of(&file, &source, &wanted).expect("a header");
        let read = match chunk {
            0 => read_in_blocks(&layout, job, &shown, |part| parts.push(part)).map(drop),
            _ => read_in_chunks(&layout, job, &shown, |part| parts.push(part), chunk),
        };
        read.map_err(|problem| problem.place.and_then(|place| place.byte))?;
        let (mut rows, mut rejects, mut n_rows) = (Vec::new(), Vec::new(), 0);
        for part in parts {
            rows.extend(part.value.into_iter().map(|(row, text)| (n_rows + u64::from(row), text)));
            rejects.extend(part.rejects);
            n_rows += u64::from(part.n_rows);
        }
        Ok((rows, rejects, n_rows))
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "K1,2026-01-05T09:00:00\n",
            "K2,2026-01-05T24:00:00\n",
            "K3,2026-01-05T24:00:00.5\n",
            "\"K\n4\",\"2026-01-05T09:00:00.25\"\r\n",
            "\"a\n\n,\"\"b\n\"\"\",2026-01-05T09:00\n",
            "桃,9:00\n",
            "=\"0050\",2026-01-05T09:00\n",
            "'0050',2026-01-05T09:00\n",
            "\u{feff}K6,2026-01-05T09:00:01\n",
            "\n",
            "\r\n",
            "a",
            "\"",
            "\"\"",
            ",",
            "\r",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_answer_is_the_same_at_any_chunk_size(
            pieces in prop::collection::vec(piece(), 0..30),
            chunks in prop::collection::vec(1_u64..64, 4),
            quote in prop::sample::select(vec![b'"', b'\'']),
        ) {
            let text = format!("id,sent\n{}", pieces.concat());
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("a.csv");
            std::fs::write(&path, &text).expect("a small file");
            let file = (text.len() as u64, quote);
            let whole = read_all(&path, file, 1 << 20);
            for chunk in chunks {
                prop_assert_eq!(&read_all(&path, file, chunk), &whole, "chunks of {}", chunk);
            }
            prop_assert_eq!(&read_all(&path, file, 0), &whole, "in blocks");
        }
    }
}
