//! Records with quotes, through `csv-core`.

use crate::ingest::csv::dialect::Dialect;

/// One record at a time through `csv-core`, its unquoted fields kept here.
pub(crate) struct Quoted {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    n_fields: usize,
}

/// What a look for a record found.
pub(crate) enum Step {
    /// A record of this many bytes, line end included.
    Record(usize),
    /// The bytes end inside a record.
    NeedsMore,
    /// The file ends inside quotes.
    Unclosed,
}

impl Quoted {
    pub(crate) fn new(dialect: &Dialect) -> Self {
        let mut builder = csv_core::ReaderBuilder::new();
        builder.delimiter(dialect.delimiter).terminator(csv_core::Terminator::Any(b'\n')).escape(dialect.escape);
        match dialect.quote {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        let reader = builder.build();
        Self { reader, text: vec![0; 1 << 10], ends: vec![0; 64], n_fields: 0 }
    }

    /// The record at the start of `bytes`; `whole` says that no more bytes will come.
    pub(crate) fn next(&mut self, bytes: &[u8], whole: bool) -> Step {
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
    pub(crate) fn drop_carriage_return(&mut self) {
        if let Some(end) = self.n_fields.checked_sub(1).and_then(|last| self.ends.get_mut(last)) {
            *end -= 1;
        }
    }

    pub(crate) fn n_fields(&self) -> usize {
        self.n_fields
    }

    pub(crate) fn field(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }
}
