//! One chunk's canonical columns, built row by row or block by block: a row is appended whole or refused whole.

use std::sync::MutexGuard;

use arrow::buffer::NullBuffer;

use crate::ingest::block::Block;
use crate::ingest::datetime::within_years;
use crate::ingest::quick_time::QuickTime;
use crate::ingest::{Mapping, Part, Reject, RejectCode, Source, TimeFault, TimeParser};
use crate::record::{Chunk, ChunkColumn, Codes, Column, ColumnBook, ColumnKind, IdColumn, NO_NAME, NO_TIME, NameBook, NameBooks, Notice};

/// The canonical columns of a chunk under construction.
pub(crate) struct RowBuilder<'a> {
    worker: usize,
    /// Names go into the book of the worker at once: it is held until the chunk is finished.
    book: MutexGuard<'a, NameBook>,
    columns: Vec<(Column, Cells)>,
    n_rows: u32,
    accepted: Vec<u32>,
    rejects: Vec<Reject>,
    /// Line of the first row, and whether every row so far took one line.
    first_line: Option<u64>,
    one_line_each: bool,
}

/// The cells of one column.
enum Cells {
    Id(IdColumn),
    Name(NameCells),
    Time(TimeCells),
}

/// Names as codes in the worker's book.
struct NameCells {
    codes: Vec<u32>,
    /// The code of the name before, which neighbouring rows often repeat.
    last: u32,
}

/// Instants of one column.
struct TimeCells {
    parser: TimeParser,
    quick: QuickTime,
    values: Vec<i64>,
    required: bool,
}

/// One cell as it stands in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// Text.
    Text(&'a [u8]),
    /// A date and a time of day in two columns.
    Pair(&'a [u8], &'a [u8]),
    /// An instant, already read.
    Instant(i64),
    /// Nothing.
    Absent,
}

/// A row's first fault.
pub(crate) struct Fault {
    pub(crate) column: &'static str,
    pub(crate) code: RejectCode,
    pub(crate) message: Notice,
}

/// Where a row stands, for its reject line.
pub(crate) struct RowPlace<'a> {
    pub(crate) line: u64,
    pub(crate) byte_offset: Option<u64>,
    pub(crate) raw: &'a dyn Fn() -> String,
}

/// The canonical columns that are both wanted and mapped, in the order wanted.
pub(crate) fn present(mapping: &Mapping, wanted: &[Column]) -> Vec<Column> {
    wanted.iter().copied().filter(|column| mapping.has(*column)).collect()
}

impl<'a> RowBuilder<'a> {
    /// An empty chunk of these columns, each of which `mapping` names.
    pub(crate) fn new(columns: &[Column], source: &Source, books: &'a NameBooks, n_expected: usize) -> Self {
        let (mapping, zone) = (&source.mapping, source.zone);
        let (worker, book) = books.of_this_worker();
        let cells = |column: Column| match column.kind() {
            ColumnKind::Id => Cells::Id(IdColumn::with_capacity(n_expected)),
            ColumnKind::Name => Cells::Name(NameCells { codes: Vec::with_capacity(n_expected), last: NO_NAME }),
            ColumnKind::Time => {
                let (format, zone) = mapping.get(column).map_or((Default::default(), zone), |source| source.time_form(zone));
                let required = matches!(column, Column::SentAt | Column::ReceivedAt);
                let (parser, quick) = (TimeParser::new(format, zone), QuickTime::default());
                Cells::Time(TimeCells { parser, quick, values: Vec::with_capacity(n_expected), required })
            }
        };
        let columns = columns.iter().map(|column| (*column, cells(*column))).collect();
        Self { worker, book, columns, n_rows: 0, accepted: Vec::new(), rejects: Vec::new(), first_line: None, one_line_each: true }
    }

    /// Appends a data row whose cells `cell_of(k)` gives by column position, or lists it as rejected.
    pub(crate) fn push<'c>(&mut self, cell_of: impl Fn(usize) -> Cell<'c>, place: &RowPlace<'_>) {
        let n_accepted = self.n_accepted();
        self.stands_on(place.line);
        for at in 0..self.columns.len() {
            let (column, cells) = &mut self.columns[at];
            if let Err(fault) = cells.push(*column, cell_of(at), &mut self.book) {
                self.columns.iter_mut().for_each(|(_, cells)| cells.truncate(n_accepted));
                return self.list(fault, place);
            }
        }
        if !self.rejects.is_empty() {
            self.accepted.push(self.n_rows);
        }
        self.n_rows += 1;
    }

    /// Appends every record of `block`, whose columns stand at `positions`, or none: then they have to be taken one by one.
    pub(crate) fn append_block(&mut self, block: &Block<'_>, positions: &[(usize, Option<usize>)]) -> bool {
        self.append_columns(block.n_rows(), |at, mut column| column.append_block(block, positions[at]))
    }

    /// Appends `n_rows` rows as `append` fills each column, or none where it says of a column that a value needs a closer look.
    pub(crate) fn append_columns(&mut self, n_rows: usize, mut append: impl FnMut(usize, GrowingColumn<'_>) -> bool) -> bool {
        let (n_accepted, book) = (self.n_accepted(), &mut *self.book);
        let mut columns = self.columns.iter_mut().enumerate();
        let whole = columns.all(|(at, (column, cells))| append(at, GrowingColumn { cells, book: book.column(*column) }));
        if !whole {
            self.columns.iter_mut().for_each(|(_, cells)| cells.truncate(n_accepted));
            return false;
        }
        let n_rows = n_rows as u32;
        if !self.rejects.is_empty() {
            self.accepted.extend(self.n_rows..self.n_rows + n_rows);
        }
        self.n_rows += n_rows;
        true
    }

    /// Says on which line the next row stands.
    #[inline]
    pub(crate) fn stands_on(&mut self, line: u64) {
        match self.first_line {
            Some(first) => self.one_line_each &= line == first + u64::from(self.n_rows),
            None => (self.first_line, self.one_line_each) = (Some(line), self.n_rows == 0),
        }
    }

    /// Lists a data row as rejected.
    pub(crate) fn reject(&mut self, fault: Fault, place: &RowPlace<'_>) {
        self.stands_on(place.line);
        self.list(fault, place);
    }

    fn list(&mut self, fault: Fault, place: &RowPlace<'_>) {
        if self.rejects.is_empty() {
            self.accepted = (0..self.n_rows).collect();
        }
        self.n_rows += 1;
        let Fault { column, code, message } = fault;
        let RowPlace { line, byte_offset, raw } = *place;
        self.rejects.push(Reject { file: String::new(), line, byte_offset, column, code, message, raw: raw() });
    }

    /// Hands the chunk to `consume`.
    pub(crate) fn finish<T>(self, consume: &(impl Fn(Chunk<'_>) -> T + Sync)) -> Part<T> {
        let n_rows = self.n_accepted();
        let columns = self.columns.into_iter().map(|(column, cells)| (column, cells.finish(self.book.n_names(column)))).collect();
        let rows = (!self.rejects.is_empty()).then_some(self.accepted);
        let chunk = Chunk { n_rows, columns, rows, worker: self.worker, names: &self.book };
        let first_line = self.first_line.filter(|_| self.one_line_each);
        Part { value: consume(chunk), n_rows: self.n_rows, rejects: self.rejects, rows_expected: n_rows, first_line }
    }

    fn n_accepted(&self) -> usize {
        self.n_rows as usize - self.rejects.len()
    }
}

impl Cells {
    fn push(&mut self, column: Column, cell: Cell<'_>, book: &mut NameBook) -> Result<(), Fault> {
        match self {
            Self::Id(ids) => ids.push(checked_text(column, cell)?),
            Self::Name(names) => names.push(checked_text(column, cell)?, column, book),
            Self::Time(times) => times.push(cell).map_err(|fault| time_fault(column, fault, cell))?,
        }
        Ok(())
    }

    fn truncate(&mut self, n_rows: usize) {
        match self {
            Self::Id(ids) => ids.truncate(n_rows),
            Self::Name(names) => names.codes.truncate(n_rows),
            Self::Time(times) => times.values.truncate(n_rows),
        }
    }

    fn finish(self, n_names: usize) -> ChunkColumn {
        match self {
            Self::Id(ids) => ChunkColumn::Ids(ids),
            Self::Name(names) => {
                let mut codes = Codes::for_names(n_names, names.codes.len());
                codes.extend(names.codes.into_iter());
                ChunkColumn::Names(codes)
            }
            Self::Time(times) => ChunkColumn::Times(times.values),
        }
    }
}

/// A column to which whole stretches of rows are appended.
pub(crate) struct GrowingColumn<'a> {
    cells: &'a mut Cells,
    book: &'a mut ColumnBook,
}

impl GrowingColumn<'_> {
    /// Appends the column of every record.
    fn append_block(&mut self, block: &Block<'_>, (position, second): (usize, Option<usize>)) -> bool {
        match (&mut *self.cells, second) {
            (_, None) => self.append_texts(block.text, block.fields(position)),
            (Cells::Time(times), Some(second)) => {
                let mut pairs = block.fields(position).zip(block.fields(second));
                pairs.all(|(date, time)| times.push(Cell::Pair(&block.text[date.0..date.1], &block.text[time.0..time.1])).is_ok())
            }
            (Cells::Id(_) | Cells::Name(_), Some(_)) => false,
        }
    }

    /// Appends a row for each of the `fields` (start and end) of `text`, which is UTF-8.
    pub(crate) fn append_texts(&mut self, text: &[u8], fields: impl Iterator<Item = (usize, usize)>) -> bool {
        let mut fields = fields.map(|field| trimmed(text, field));
        match self.cells {
            Cells::Id(ids) => fields.for_each(|(start, end)| ids.push_within(text, start, end)),
            Cells::Name(names) => self.book.enter_all(text, fields, &mut names.codes),
            Cells::Time(times) => return fields.all(|(start, end)| times.push_text(&text[start..end]).is_ok()),
        }
        true
    }

    /// Appends a name for each of the `keys`, which number texts that `field` finds in `text`; `known` are the codes of the texts by number.
    pub(crate) fn append_packed(
        &mut self,
        text: &[u8],
        field: impl Fn(usize) -> (usize, usize),
        keys: &[i32],
        known: &mut [Option<u32>],
    ) -> bool {
        let Cells::Name(names) = &mut *self.cells else { return false };
        let code = |key: &i32| {
            let key = *key as usize;
            *known[key].get_or_insert_with(|| {
                let (start, end) = trimmed(text, field(key));
                self.book.enter(text, start, end)
            })
        };
        names.codes.extend(keys.iter().map(code));
        true
    }

    /// Appends instants; `present` tells which of them there are, where some are not.
    pub(crate) fn append_instants(&mut self, instants: &[i64], present: Option<&NullBuffer>) -> bool {
        let Cells::Time(times) = &mut *self.cells else { return false };
        if let Some(present) = present {
            let mut rows = instants.iter().zip(present);
            return rows.all(|(instant, is_present)| {
                let read = if is_present { within_years(*instant) } else { Err(TimeFault::Empty) };
                times.take(read).is_ok()
            });
        }
        let within = instants.iter().all(|instant| within_years(*instant).is_ok());
        if within {
            times.values.extend_from_slice(instants);
        }
        within
    }
}

impl NameCells {
    fn push(&mut self, text: &str, column: Column, book: &mut NameBook) {
        if text.is_empty() {
            self.codes.push(NO_NAME);
            return;
        }
        if self.last == NO_NAME || book.name(column, self.last) != text {
            self.last = book.column(column).enter(text.as_bytes(), 0, text.len());
        }
        self.codes.push(self.last);
    }
}

impl TimeCells {
    fn push(&mut self, cell: Cell<'_>) -> Result<(), TimeFault> {
        let parsed = match cell {
            Cell::Text(text) => {
                let (start, end) = trimmed(text, (0, text.len()));
                return self.push_text(&text[start..end]);
            }
            Cell::Pair(date, time) => self.parser.parse_pair(date, time),
            Cell::Instant(nanos) => within_years(nanos),
            Cell::Absent => Err(TimeFault::Empty),
        };
        self.take(parsed)
    }

    /// Appends the time that `text`, trimmed, names.
    #[inline]
    fn push_text(&mut self, text: &[u8]) -> Result<(), TimeFault> {
        if let Some(nanos) = self.quick.read(text) {
            self.values.push(nanos);
            return Ok(());
        }
        self.push_unfamiliar(text)
    }

    fn push_unfamiliar(&mut self, text: &[u8]) -> Result<(), TimeFault> {
        let parsed = self.parser.parse(text);
        if parsed.is_ok() {
            self.quick.learn(text, &mut self.parser);
        }
        self.take(parsed)
    }

    fn take(&mut self, parsed: Result<i64, TimeFault>) -> Result<(), TimeFault> {
        match parsed {
            Err(TimeFault::Empty) if !self.required => self.values.push(NO_TIME),
            parsed => self.values.push(parsed?),
        }
        Ok(())
    }
}

/// The field without the blanks at both its ends.
#[inline]
fn trimmed(text: &[u8], (start, end): (usize, usize)) -> (usize, usize) {
    match text[start..end] {
        [] => (start, end),
        [only] if only > b' ' => (start, end),
        [first, .., last] if first > b' ' && last > b' ' && first < 0x80 && last < 0x80 => (start, end),
        // Blanks of other scripts too: the full-width one of a Chinese keyboard is as good as any.
        _ => match std::str::from_utf8(&text[start..end]) {
            Ok(field) => {
                let before = field.len() - field.trim_start().len();
                (start + before, start + before + field.trim().len())
            }
            Err(_) => (start, end),
        },
    }
}

/// A text cell, trimmed of blanks at both ends.
fn checked_text(column: Column, cell: Cell<'_>) -> Result<&str, Fault> {
    let Cell::Text(bytes) = cell else { return Ok("") };
    let text = std::str::from_utf8(bytes).map_err(|error| Fault {
        column: column.name(),
        code: RejectCode::InvalidUtf8,
        message: {
            let byte = error.valid_up_to() + 1;
            (format!("值的第 {byte} 個位元組不是 UTF-8"), format!("byte {byte} of the value is not UTF-8")).into()
        },
    })?;
    Ok(text.trim())
}

pub(crate) fn time_fault(column: Column, fault: TimeFault, cell: Cell<'_>) -> Fault {
    let code = match fault {
        TimeFault::Empty | TimeFault::NoTimeOfDay => RejectCode::MissingTime,
        TimeFault::Ambiguous => RejectCode::AmbiguousTime,
        _ => RejectCode::BadTime,
    };
    let shown = match cell {
        Cell::Text(text) => format!(": \"{}\"", String::from_utf8_lossy(text)),
        Cell::Pair(date, time) => format!(": \"{}\" \"{}\"", String::from_utf8_lossy(date), String::from_utf8_lossy(time)),
        Cell::Instant(_) | Cell::Absent => String::new(),
    };
    let (zh, en) = fault.words();
    Fault { column: column.name(), code, message: (format!("{zh}{shown}"), format!("{en}{shown}")).into() }
}
