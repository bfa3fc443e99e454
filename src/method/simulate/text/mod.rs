//! Rows as text of many shapes: a row's cells are kept until it ends, then written whole.

mod encode;
mod fix;
pub(crate) mod names;
mod records;
mod stamp;

use std::fs::File;
use std::io::{BufWriter, Write};

use crate::simulate::background::Background;
use crate::simulate::table::Cells;
use crate::simulate::text::encode::Encoder;
use crate::simulate::writing::{Compress, Encoding};
use crate::simulate::{Format, Writing};

const BUFFER: usize = 1 << 20;

/// A cell of the row at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Integer(u64),
    /// Hundredths.
    Price(u32),
    /// UTC nanoseconds.
    Time(i64),
    Absent,
}

/// A row by column name.
pub(crate) struct Row<'a> {
    pub(crate) number: u64,
    pub(crate) names: &'a [String],
    pub(crate) values: &'a [Value],
}

impl Row<'_> {
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.names.iter().position(|known| known == name).map_or(&Value::Absent, |at| &self.values[at])
    }
}

/// Writes rows of one table.
pub(crate) trait Shape {
    /// What stands before the first row.
    fn head(&mut self, _names: &[String], _text: &mut String) {}
    /// One row, with its line end.
    fn row(&mut self, row: &Row<'_>, text: &mut String);
    /// What stands behind the last.
    fn foot(&mut self, _text: &mut String) {}
}

/// A text file under way.
pub(crate) struct TextSink {
    file: Background<Vec<u8>>,
    shape: Box<dyn Shape>,
    encoder: Encoder,
    names: Vec<String>,
    values: Vec<Value>,
    number: u64,
    text: String,
}

impl TextSink {
    pub(crate) fn new(file: File, stem: &str, writing: &Writing, columns: &[(&str, Cells)]) -> Self {
        let packing = writing.compress;
        let file = Background::start(move |pieces| write_packed(file, packing, pieces).map_err(|error| error.to_string()));
        let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut shape: Box<dyn Shape> = match writing.format {
            Format::Jsonl => Box::new(records::JsonLines),
            Format::Fix if stem == "orders" => Box::new(fix::Orders::default()),
            Format::Fix => Box::new(fix::Receipts::default()),
            Format::Fixed => Box::new(records::FixedWidth::new(writing.encoding == Encoding::Cp950)),
            Format::Oms => Box::new(records::Bars),
            Format::Cat => Box::new(records::Cat { receipts: stem == "receipts", json: false }),
            Format::CatJson => Box::new(records::Cat { receipts: stem == "receipts", json: true }),
            Format::Csv | Format::Parquet | Format::Arrow => {
                Box::new(records::Separated { dates: writing.dates, chinese: writing.chinese })
            }
        };
        let mut text = String::with_capacity(BUFFER + 1_024);
        shape.head(&names, &mut text);
        Self { file, shape, encoder: Encoder::new(writing.encoding), values: Vec::with_capacity(names.len()), names, number: 0, text }
    }

    pub(crate) fn cell(&mut self, value: Value) {
        self.values.push(value);
    }

    pub(crate) fn end_row(&mut self) -> Result<(), String> {
        self.number += 1;
        self.shape.row(&Row { number: self.number, names: &self.names, values: &self.values }, &mut self.text);
        self.values.clear();
        if self.text.len() < BUFFER { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), String> {
        let bytes = self.encoder.encode(&self.text);
        self.text.clear();
        self.file.send(bytes)
    }

    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.shape.foot(&mut self.text);
        self.flush()?;
        self.file.finish()
    }
}

fn write_packed(file: File, packing: Compress, pieces: std::sync::mpsc::Receiver<Vec<u8>>) -> std::io::Result<()> {
    let mut file = BufWriter::new(file);
    match packing {
        Compress::None => {
            pieces.iter().try_for_each(|piece| file.write_all(&piece))?;
        }
        Compress::Gzip => {
            let mut packed = flate2::write::GzEncoder::new(&mut file, flate2::Compression::fast());
            pieces.iter().try_for_each(|piece| packed.write_all(&piece))?;
            packed.finish()?;
        }
        Compress::Zstd => {
            let mut packed = zstd::stream::write::Encoder::new(&mut file, 1)?;
            pieces.iter().try_for_each(|piece| packed.write_all(&piece))?;
            packed.finish()?;
        }
    }
    file.flush()
}
