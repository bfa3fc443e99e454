//! What readers of one record a line share: lines with their places, and columns found by name.

use crate::ingest::reject::RejectCode;
use crate::ingest::rows::{Cell, Fault, RowBuilder, RowPlace, present};
use crate::ingest::text::{Block, Detected, Stream, TextReport, parse_stream, settle};
use crate::ingest::{ColumnSource, Encoding, IdTransform, Job, Source, SourceFile};
use crate::record::{Column, ColumnKind, Diagnostic, Notice, Progress, Zone};

/// Gives the whole lines of a text file to `parse`, block by block, and what came of them to `take` in file order; how it was read.
pub(crate) fn read_text<R: Send>(
    Job { file, source, progress, .. }: Job<'_>,
    parse: impl Fn(Block) -> Result<R, Diagnostic> + Sync,
    take: impl FnMut(R) + Send,
) -> Result<TextReport, Diagnostic> {
    let detected = settle(file, source.text.encoding)?;
    let stream = Stream::open(file, detected.encoding, false, progress)?;
    let user_defined = parse_stream(stream, &whole_lines, within_memory(progress, parse), take)?;
    Ok(TextReport::new(&file.name, file.packing, detected, user_defined))
}

/// As [`read_text`], of a file that is cut on bytes before it is decoded: blocks are bytes as they stand.
pub(crate) fn read_bytes<R: Send>(
    file: &SourceFile,
    progress: &Progress,
    parse: impl Fn(Block) -> Result<R, Diagnostic> + Sync,
    take: impl FnMut(R) + Send,
) -> Result<(), Diagnostic> {
    let stream = Stream::open(file, Encoding::Raw, false, progress)?;
    parse_stream(stream, &whole_lines, within_memory(progress, parse), take).map(drop)
}

fn within_memory<R>(
    progress: &Progress,
    parse: impl Fn(Block) -> Result<R, Diagnostic> + Sync,
) -> impl Fn(Block) -> Result<R, Diagnostic> + Sync {
    move |block| progress.check_memory().and_then(|()| parse(block))
}

fn whole_lines(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|at| at + 1)
}

/// The encoding of a file that is cut on bytes before it is decoded.
pub(crate) fn settle_bytes(file: &SourceFile, source: &Source) -> Result<Detected, Diagnostic> {
    let detected = settle(file, source.text.encoding)?;
    match detected.encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let format = file.format.name();
            let problem =
                (format!("{format} 檔案以位元組切分，不能是 UTF-16"), format!("{format} files are cut on bytes and cannot be UTF-16"));
            let help = ("請轉成 UTF-8 或 CP950", "convert the file to UTF-8 or CP950");
            Err(Diagnostic::new("E0204", problem).in_file(&file.path).help(help))
        }
        _ => Ok(detected),
    }
}

/// A line with something on it.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1, in the file.
    pub(crate) number: u64,
    /// Byte of the file at which it starts.
    pub(crate) offset: u64,
    /// Without its line end.
    pub(crate) text: &'a [u8],
    /// What its bytes were in the file.
    pub(crate) encoding: Encoding,
}

/// The lines of `block` that are not blank. With `bytes`, blanks are text like any other, and only an empty line is blank.
pub(crate) fn lines(block: &Block, bytes: bool) -> impl Iterator<Item = Line<'_>> {
    let (mut offsets, mut at, mut number) = (block.offsets(), 0, block.first_line);
    std::iter::from_fn(move || {
        while at < block.text.len() {
            let (start, line) = (at, number);
            let end = memchr::memchr(b'\n', &block.text[at..]).map_or(block.text.len(), |length| at + length);
            (at, number) = (end + 1, number + 1);
            let text = &block.text[start..end];
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            // Old DOS programs end a file with Ctrl-Z.
            let is_blank = text == b"\x1A" || if bytes { text.is_empty() } else { text.trim_ascii().is_empty() };
            if !is_blank {
                return Some(Line { number: line, offset: offsets.of(start), text, encoding: block.encoding });
            }
        }
        None
    })
}

impl Line<'_> {
    /// Refuses the line as a whole.
    pub(crate) fn refuse(&self, rows: &mut RowBuilder<'_>, code: RejectCode, message: Notice) {
        self.refuse_for(rows, Fault { column: "", code, message });
    }

    /// Refuses the line.
    pub(crate) fn refuse_for(&self, rows: &mut RowBuilder<'_>, fault: Fault) {
        rows.reject(fault, &RowPlace { line: self.number, byte_offset: Some(self.offset), raw: &|| self.encoding.shown(self.text) });
    }

    /// True where the line holds bytes that are no characters; it is then refused.
    pub(crate) fn refuse_damaged(&self, rows: &mut RowBuilder<'_>) -> bool {
        let damaged = !self.text.is_ascii() && std::str::from_utf8(self.text).is_err();
        if damaged {
            let code = if self.encoding == Encoding::Utf8 { RejectCode::InvalidUtf8 } else { RejectCode::Undecodable };
            let name = if self.encoding == Encoding::Utf8 { "UTF-8" } else { self.encoding.name() };
            self.refuse(rows, code, (format!("該列含有不是 {name} 的位元組"), format!("the row holds bytes that are not {name}")).into());
        }
        damaged
    }
}

/// The fault of an identifier that its pattern does not find.
pub(crate) fn no_match(column: Column, text: &str) -> Fault {
    let message =
        (format!("study.toml 的 pattern 不合於 \"{text}\""), format!("the pattern of study.toml does not match \"{text}\"")).into();
    Fault { column: column.name(), code: RejectCode::NoMatch, message }
}

/// That a row has another number of fields than the header.
pub fn field_count(found: usize, header: usize) -> Notice {
    (format!("有 {found} 欄，標題列有 {header} 欄"), format!("{found} fields, where the header has {header}")).into()
}

/// Which named values become which columns.
pub(crate) struct NamedPlan {
    pub(crate) columns: Vec<Column>,
    /// Source names by slot; those of columns that are mapped but not wanted come last, so that they are checked too.
    pub(crate) names: Vec<String>,
    /// Slots of each column.
    slots: Vec<(usize, Option<usize>)>,
    transforms: Vec<Option<IdTransform>>,
}

impl NamedPlan {
    pub(crate) fn of(source: &Source, wanted: &[Column]) -> Self {
        let columns = present(&source.mapping, wanted);
        let mut names: Vec<String> = Vec::new();
        let mut slot = |name: &str| {
            names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        };
        let slots_of = |from: &ColumnSource, slot: &mut dyn FnMut(&str) -> usize| {
            let found = from.source_names();
            (slot(found[0]), found.get(1).map(|name| slot(name)))
        };
        let slots = columns.iter().filter_map(|column| source.mapping.get(*column)).map(|from| slots_of(from, &mut slot)).collect();
        for (_, from) in source.mapping.iter() {
            slots_of(from, &mut slot);
        }
        let transforms = columns.iter().map(|column| source.mapping.transform(*column).cloned()).collect();
        Self { columns, names, slots, transforms }
    }

    /// The column that is read from a slot, for messages.
    pub(crate) fn column_of(&self, source: &Source, slot: usize) -> &'static str {
        let name = self.names[slot].as_str();
        source.mapping.iter().find(|(_, from)| from.source_names().contains(&name)).map_or("", |(column, _)| column.name())
    }

    /// Appends `line` with the values of its slots.
    pub(crate) fn push<'v>(&self, rows: &mut RowBuilder<'_>, line: &Line<'_>, value: impl Fn(usize) -> Option<&'v [u8]>) {
        let id = |column: usize| {
            let (transform, text) = (self.transforms[column].as_ref()?, value(self.slots[column].0)?);
            Some((transform.apply(text), text))
        };
        let unmatched =
            (0..self.columns.len()).find_map(|column| id(column).filter(|(id, _)| id.is_none()).map(|(_, text)| (column, text)));
        if let Some((column, text)) = unmatched {
            return line.refuse_for(rows, no_match(self.columns[column], &line.encoding.shown(text)));
        }
        let cell = |column: usize| match self.slots[column] {
            (date, Some(time)) => Cell::Pair(value(date).unwrap_or_default(), value(time).unwrap_or_default()),
            (slot, None) => match value(slot) {
                None => Cell::Absent,
                Some(text) => Cell::Text(id(column).and_then(|(id, _)| id).unwrap_or(text)),
            },
        };
        rows.push(cell, &RowPlace { line: line.number, byte_offset: Some(line.offset), raw: &|| line.encoding.shown(line.text) });
    }
}

/// The side with naive times in `zone` where its mapping does not say which.
pub(crate) fn in_zone(source: &Source, zone: Zone) -> Source {
    let mut zoned = source.clone();
    for (column, from) in source.mapping.iter().filter(|(column, _)| column.kind() == ColumnKind::Time) {
        let in_zone = match from.clone() {
            ColumnSource::Named(column) => ColumnSource::Time { column, time: None, format: Default::default(), zone: Some(zone) },
            ColumnSource::Time { column, time, format, zone: own } => ColumnSource::Time { column, time, format, zone: own.or(Some(zone)) },
        };
        zoned.mapping.insert(column, in_zone);
    }
    zoned
}
