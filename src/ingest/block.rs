//! Whole records without quotes, split all at once.
//!
//! Most blocks of a log are plain: every record has as many fields as the header, in valid UTF-8. Such a block is split in one pass
//! and its columns are taken one after the other. A block that is not plain, or holds one value that is not taken at first sight, goes
//! record by record instead, so that both ways give the same rows.

use crate::ingest::rows::RowBuilder;

/// Records that have `n_fields` fields each.
pub(crate) struct Block<'a> {
    /// Whole records, line ends included.
    pub(crate) text: &'a [u8],
    /// Where each field ends: at its delimiter or line end.
    ends: &'a [u32],
    n_fields: usize,
}

impl<'a> Block<'a> {
    /// Splits `text`, which ends with a line end and holds no quote; `None` where it is not plain. `ends` is memory to use again.
    pub(crate) fn split(text: &'a [u8], delimiter: u8, n_fields: usize, ends: &'a mut Vec<u32>) -> Option<Self> {
        // With one column a line with nothing on it looks like a record.
        if n_fields < 2 || std::str::from_utf8(text).is_err() {
            return None;
        }
        ends.clear();
        ends.extend(memchr::memchr2_iter(delimiter, b'\n', text).map(|at| at as u32));
        let n_lines = memchr::memchr_iter(b'\n', text).count();
        // As many line ends as records, each where a record's last field ends: then nothing but delimiters is left for the others.
        let plain =
            ends.len() == n_lines * n_fields && ends.chunks_exact(n_fields).all(|record| text[record[n_fields - 1] as usize] == b'\n');
        plain.then_some(Self { text, ends, n_fields })
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.ends.len() / self.n_fields
    }

    /// Start and end of every record's field at `position`.
    #[inline]
    pub(crate) fn fields(&self, position: usize) -> impl Iterator<Item = (usize, usize)> {
        // The field before the first one of a record is the last one of the record before.
        let before = (position > 0).then(|| position - 1);
        let (ends, n_fields) = (self.ends, self.n_fields);
        (0..self.n_rows()).map(move |row| {
            let first = row * n_fields;
            let start = match (before, first) {
                (Some(before), _) => ends[first + before] + 1,
                (None, 0) => 0,
                (None, _) => ends[first - 1] + 1,
            };
            (start as usize, ends[first + position] as usize)
        })
    }

    /// Appends every record to `rows`, or none of them: then they have to be taken one by one.
    pub(crate) fn append_to(&self, rows: &mut RowBuilder, positions: &[(usize, Option<usize>)]) -> bool {
        rows.append_block(self, positions)
    }
}
