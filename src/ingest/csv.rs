//! Separated text, read in parallel chunks.
//!
//! A chunk starts at the first line end past its nominal start, on the guess that no quoted field spans that point. A chunk without
//! a quote is split by two byte searches; one with a quote goes through `csv-core`. Afterwards the chunks are walked in order: where
//! the guess was wrong (the record before ended elsewhere) the chunk is read again from where it truly starts. So the answer is the
//! sequential one, at any chunk size and thread count.
//!
//! Rows: the first line is the header; a line with nothing on it is not a row.

use std::cell::Cell;
use std::fs::File;
use std::io::{Seek, SeekFrom};

use crate::ingest::block::Block;
use crate::ingest::discover::{cannot_read, read_up_to};
use crate::ingest::in_order::in_order;
use crate::ingest::reject::{RejectCode, raw_text};
use crate::ingest::rows::{Cell as SourceCell, Fault, RowBuilder, RowPlace, present};
use crate::ingest::{ColumnSource, Job, Part, Source, SourceFile};
use crate::record::{Chunk, Column, Diagnostic, NameBooks, Place};

/// Bytes of a chunk: small enough for many chunks a thread, large enough that per-chunk work vanishes.
const CHUNK: u64 = 1 << 20;
/// The longest record accepted: a longer one is an unclosed quote, and reading on would swallow the file.
const LONGEST_RECORD: usize = 16 << 20;
/// The widest row accepted.
const MOST_COLUMNS: usize = 10_000;

/// Reads a whole file.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    take: impl FnMut(Part<T>) + Send,
) -> Result<(), Diagnostic> {
    read_in_chunks(job, transform, take, CHUNK)
}

fn read_in_chunks<T: Send>(
    Job { file, source, wanted, books, progress }: Job<'_>,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
    chunk: u64,
) -> Result<(), Diagnostic> {
    let layout = Layout::of(file, source, wanted)?;
    let n_chunks = (file.bytes - layout.body).div_ceil(chunk);
    let bounds = |index: u64| (layout.body + index * chunk, (layout.body + (index + 1) * chunk).min(file.bytes));
    let guess = |index: usize| {
        let (from, to) = bounds(index as u64);
        let read = Reading::of(&layout, books, if index == 0 { Start::At(from) } else { Start::AfterLineEnd(from) }, to, transform);
        progress.add(to - from);
        (to, read)
    };
    let (mut start, mut line) = (layout.body, layout.body_line);
    in_order(n_chunks as usize, guess, |(to, guess)| {
        let reading = match guess {
            Ok(reading) if reading.start == start => reading,
            _ => Reading::of(&layout, books, Start::At(start), to, transform)?,
        };
        let Reading { end, n_lines, mut part, .. } = reading;
        part.rejects.iter_mut().for_each(|reject| reject.line += line);
        // As many rows a byte as in this chunk, and a few more.
        let bytes = (end - start).max(1) as f64;
        part.rows_expected = (f64::from(part.n_rows) / bytes * (file.bytes - start) as f64 * 1.02) as usize;
        take(part);
        (start, line) = (end, line + n_lines);
        Ok(())
    })
}

/// What the header settled.
struct Layout<'a> {
    file: &'a SourceFile,
    source: &'a Source,
    columns: Vec<Column>,
    /// For each canonical column, the positions of its one or two source columns.
    positions: Vec<(usize, Option<usize>)>,
    n_fields: usize,
    delimiter: u8,
    /// Byte and line (from 1) at which the data starts.
    body: u64,
    body_line: u64,
}

impl<'a> Layout<'a> {
    fn of(file: &'a SourceFile, source: &'a Source, wanted: &[Column]) -> Result<Self, Diagnostic> {
        let mut head = vec![0; (1 << 20).min(file.bytes as usize)];
        let mut open = File::open(&file.path).map_err(|error| cannot_read(&file.path, &error))?;
        let n_head = read_up_to(&mut open, &mut head).map_err(|error| cannot_read(&file.path, &error))?;
        head.truncate(n_head);
        let bom = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let (mut header, mut best): (Vec<String>, Option<(usize, u8, usize)>) = (Vec::new(), None);
        for delimiter in *b",\t;|" {
            let Some((names, length)) = read_header(&head[bom..], delimiter, head.len() as u64 == file.bytes) else { continue };
            let n_found =
                source.mapping.iter().filter(|(_, from)| from.source_names().iter().all(|name| names.iter().any(|n| n == name))).count();
            if best.is_none_or(|(most, ..)| n_found > most) {
                best = Some((n_found, delimiter, length));
                header = names;
            }
        }
        let Some((_, delimiter, length)) = best else {
            let at = Place { path: file.path.clone(), line: 1, column: 0, byte: Some(0) };
            return Err(Diagnostic::new("E0205", "no header line of UTF-8 text within the first MiB")
                .at(at)
                .help("the first line must name the columns"));
        };
        for (column, from) in source.mapping.iter() {
            check_named(file, &header, column, from)?;
        }
        let position = |name: &str| header.iter().position(|found| found == name).unwrap_or_default();
        let columns = present(&source.mapping, wanted);
        let positions = columns.iter().filter_map(|column| source.mapping.get(*column)).map(|from| {
            let names = from.source_names();
            (position(names[0]), names.get(1).map(|name| position(name)))
        });
        let positions = positions.collect();
        let n_lines = memchr::memchr_iter(b'\n', &head[..bom + length]).count() as u64;
        Ok(Self {
            file,
            source,
            positions,
            columns,
            n_fields: header.len(),
            delimiter,
            body: (bom + length) as u64,
            body_line: 1 + n_lines,
        })
    }

    fn record_too_long(&self, start: u64) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: 0, column: 0, byte: Some(start) };
        Diagnostic::new("E0207", format!("a record of more than {} MiB starts here", LONGEST_RECORD >> 20))
            .at(at)
            .help("look for a quote that is never closed")
    }

    fn unclosed_quote(&self, start: u64) -> Diagnostic {
        let at = Place { path: self.file.path.clone(), line: 0, column: 0, byte: Some(start) };
        let problem = "a quote opened in the record that starts here is never closed: it would swallow the rest of the file";
        Diagnostic::new("E0207", problem).at(at).help("close the quote, or double it where it is part of the text")
    }
}

/// The trimmed column names of the first record and its length in bytes, line end included.
fn read_header(head: &[u8], delimiter: u8, whole_file: bool) -> Option<(Vec<String>, usize)> {
    let mut records = Quoted::new(delimiter);
    let length = match records.next(head, whole_file) {
        Step::Record(length) => length,
        Step::NeedsMore | Step::Unclosed => return None,
    };
    let names: Option<Vec<String>> =
        (0..records.n_fields()).map(|at| Some(std::str::from_utf8(records.field(at)).ok()?.trim().to_owned())).collect();
    names.filter(|names| names.len() <= MOST_COLUMNS).map(|names| (names, length))
}

fn check_named(file: &SourceFile, header: &[String], column: Column, from: &ColumnSource) -> Result<(), Diagnostic> {
    for name in from.source_names() {
        let problem = match header.iter().filter(|found| *found == name).count() {
            1 => continue,
            0 => format!("no column \"{name}\", which study.toml names for `{}`", column.name()),
            n => format!("{n} columns are called \"{name}\", which study.toml names for `{}`", column.name()),
        };
        let found: Vec<&str> = header.iter().take(40).map(String::as_str).collect();
        let at = Place { path: file.path.clone(), line: 1, column: 0, byte: Some(0) };
        return Err(Diagnostic::new("E0206", problem).at(at).help(format!("the columns are: {}", found.join(", "))));
    }
    Ok(())
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
        let n_expected = to.saturating_sub(begin) as usize / (layout.n_fields * 8).max(1);
        let rows = RowBuilder::new(&layout.columns, layout.source, books, n_expected);
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
    file: File,
    bytes: Vec<u8>,
    /// File offset of the first byte.
    base: u64,
    /// Bytes already taken.
    taken: usize,
    /// True where no byte of the file lies behind.
    at_end: bool,
    /// True where a quote lies at or behind `taken`.
    quoted: bool,
}

impl<'a> Window<'a> {
    fn open(layout: &'a Layout<'a>, from: u64) -> Result<Self, Diagnostic> {
        let failed = |error: std::io::Error| cannot_read(&layout.file.path, &error);
        let mut file = File::open(&layout.file.path).map_err(failed)?;
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let mut bytes = BUFFER.take();
        bytes.clear();
        Ok(Self { layout, file, bytes, base: from, taken: 0, at_end: from >= layout.file.bytes, quoted: false })
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
        if self.rest().len() > LONGEST_RECORD {
            return Err(self.layout.record_too_long(self.position()));
        }
        self.bytes.copy_within(self.taken.., 0);
        let n_left = self.bytes.len() - self.taken;
        (self.base, self.taken) = (self.position(), 0);
        // A record that fills the buffer is read on in growing steps, so that it is not searched again and again.
        let behind = self.layout.file.bytes.saturating_sub(self.base + n_left as u64);
        let n_wanted = (BLOCK.max(n_left) as u64).min(behind) as usize;
        self.bytes.resize(n_left + n_wanted, 0);
        let n_read = read_up_to(&mut self.file, &mut self.bytes[n_left..]).map_err(|error| cannot_read(&self.layout.file.path, &error))?;
        if n_read < n_wanted {
            // Measured when it was found: a file that shrank since would silently lose rows.
            return Err(Diagnostic::new("E0208", "the file became shorter while it was read").in_file(&self.layout.file.path));
        }
        self.at_end = n_wanted as u64 == behind;
        self.quoted = memchr::memchr(b'"', &self.bytes).is_some();
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
        let mut records = Quoted::new(self.layout.delimiter);
        while self.window.position() < to {
            let whole = if self.window.quoted { self.take_quoted(&mut records)? } else { self.take_plain(to) };
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
        if let Some(block) = Block::split(block, self.layout.delimiter, self.layout.n_fields, &mut self.ends)
            && block.append_to(&mut self.rows, &self.layout.positions)
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
        for end in memchr::memchr_iter(self.layout.delimiter, line) {
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
                if text.len() < line.len() {
                    records.drop_carriage_return();
                }
                self.push_record(records.n_fields(), |field| records.field(field), text, offset);
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
        let place = RowPlace { line: self.n_lines, byte_offset: Some(offset), raw: &|| raw_text(raw) };
        if n_fields != self.layout.n_fields {
            let message = format!("{n_fields} fields, where the header has {}", self.layout.n_fields);
            return self.rows.reject(Fault { column: "", code: RejectCode::FieldCount, message }, &place);
        }
        if !raw.is_ascii() && std::str::from_utf8(raw).is_err() {
            let message = "the row holds bytes that are not UTF-8".to_owned();
            return self.rows.reject(Fault { column: "", code: RejectCode::InvalidUtf8, message }, &place);
        }
        let positions = &self.layout.positions;
        let cell = |column: usize| match positions[column] {
            (position, None) => SourceCell::Text(field(position)),
            (date, Some(time)) => SourceCell::Pair(field(date), field(time)),
        };
        self.rows.push(cell, &place);
    }
}

/// One record at a time through `csv-core`, its unquoted fields kept here.
struct Quoted {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    n_fields: usize,
}

/// What a look for a record found.
enum Step {
    /// A record of this many bytes, line end included.
    Record(usize),
    /// The bytes end inside a record.
    NeedsMore,
    /// The file ends inside quotes.
    Unclosed,
}

impl Quoted {
    fn new(delimiter: u8) -> Self {
        let reader = csv_core::ReaderBuilder::new().delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n')).build();
        Self { reader, text: vec![0; 1 << 10], ends: vec![0; 64], n_fields: 0 }
    }

    /// The record at the start of `bytes`; `whole` says that no more bytes will come.
    fn next(&mut self, bytes: &[u8], whole: bool) -> Step {
        use csv_core::ReadRecordResult::{End, InputEmpty, OutputEndsFull, OutputFull, Record};
        self.reader.reset();
        let (mut n_in, mut n_text, mut n_ends) = (0, 0, 0);
        // csv-core drops a byte order mark from the first three bytes it is given; in the middle of a file it is part of the value.
        let mut given = if bytes.first() == Some(&0xEF) { 1 } else { bytes.len() };
        loop {
            let (result, read, wrote, ended) =
                self.reader.read_record(&bytes[n_in..given], &mut self.text[n_text..], &mut self.ends[n_ends..]);
            (n_in, n_text, n_ends) = (n_in + read, n_text + wrote, n_ends + ended);
            match result {
                InputEmpty if given < bytes.len() => given = bytes.len(),
                InputEmpty if whole => return self.end_of_file(n_in, n_text, n_ends),
                InputEmpty => return Step::NeedsMore,
                OutputFull => self.text.resize(self.text.len() * 2, 0),
                OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                Record | End => {
                    self.n_fields = n_ends;
                    return Step::Record(n_in);
                }
            }
        }
    }

    /// Closes the last record, which has no line end. One is lent to it: outside quotes that ends the record, inside it is text.
    fn end_of_file(&mut self, n_in: usize, n_text: usize, n_ends: usize) -> Step {
        self.text.resize(self.text.len().max(n_text + 1), 0);
        self.ends.resize(self.ends.len().max(n_ends + 1), 0);
        let (result, _, _, ended) = self.reader.read_record(b"\n", &mut self.text[n_text..], &mut self.ends[n_ends..]);
        self.n_fields = n_ends + ended;
        if result == csv_core::ReadRecordResult::InputEmpty && n_in > 0 { Step::Unclosed } else { Step::Record(n_in) }
    }

    /// Takes the carriage return of a line end off the last field, where csv-core leaves it.
    fn drop_carriage_return(&mut self) {
        if let Some(end) = self.n_fields.checked_sub(1).and_then(|last| self.ends.get_mut(last)) {
            *end -= 1;
        }
    }

    fn n_fields(&self) -> usize {
        self.n_fields
    }

    fn field(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{Format, Mapping, Reject};
    use crate::record::{Progress, Zone};

    type Whole = (Vec<(u64, String)>, Vec<Reject>, u64);

    /// Accepted rows with their place and text, rejects, and the number of rows; or the byte of a quote that is never closed.
    fn read_all(path: &std::path::Path, bytes: u64, chunk: u64) -> Result<Whole, Option<u64>> {
        let mut mapping = Mapping::default();
        mapping.insert(Column::ReceiptId, ColumnSource::Named("id".to_owned()));
        mapping.insert(Column::SentAt, ColumnSource::Named("sent".to_owned()));
        let file = SourceFile { path: path.to_path_buf(), name: "a.csv".to_owned(), format: Format::Csv, bytes };
        let source = Source { files: vec![file.clone()], mapping, zone: Zone::UTC };
        let shown = |chunk: Chunk<'_>| {
            let rows = chunk.rows.clone().unwrap_or_else(|| (0..chunk.n_rows as u32).collect());
            let (ids, times) = (chunk.ids(Column::ReceiptId).expect("read"), chunk.times(Column::SentAt).expect("read"));
            rows.iter().enumerate().map(|(at, row)| (*row, format!("{} {}", ids.text(at), times[at]))).collect::<Vec<_>>()
        };
        let wanted = [Column::ReceiptId, Column::SentAt];
        let (mut parts, books, progress) = (Vec::new(), NameBooks::default(), Progress::default());
        let job = Job { file: &file, source: &source, wanted: &wanted, books: &books, progress: &progress };
        let read = read_in_chunks(job, &shown, |part| parts.push(part), chunk);
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
        fn the_answer_is_the_same_at_any_chunk_size(pieces in prop::collection::vec(piece(), 0..30), chunks in prop::collection::vec(1_u64..64, 4)) {
            let text = format!("id,sent\n{}", pieces.concat());
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("a.csv");
            std::fs::write(&path, &text).expect("a small file");
            let whole = read_all(&path, text.len() as u64, 1 << 20);
            for chunk in chunks {
                prop_assert_eq!(&read_all(&path, text.len() as u64, chunk), &whole, "chunks of {}", chunk);
            }
        }
    }
}
