//! Whole records without quotes, split all at once.
//!
//! Most blocks of a log are plain: every record has as many fields as the header, in valid UTF-8. Such a block is split in one pass
//! and its columns are taken one after the other. A block that is not plain, or holds one value that is not taken at first sight, goes
//! record by record instead, so that both ways give the same rows.

use wide::u8x16;

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
        let n_lines = find_ends(text, delimiter, ends);
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
}

/// Puts the places of delimiters and line ends into `ends`, ascending; returns how many are line ends.
fn find_ends(text: &[u8], delimiter: u8, ends: &mut Vec<u32>) -> usize {
    ends.clear();
    let (delimiters, line_ends) = (u8x16::splat(delimiter), u8x16::splat(b'\n'));
    let mut n_lines = 0;
    let (groups, rest) = text.as_chunks::<64>();
    for (index, group) in groups.iter().enumerate() {
        let (mut any, mut lines) = (0_u64, 0_u64);
        for (at, bytes) in group.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let (delimiters, line_ends) = (bytes.simd_eq(delimiters), bytes.simd_eq(line_ends));
            any |= u64::from((delimiters | line_ends).to_bitmask()) << (16 * at);
            lines |= u64::from(line_ends.to_bitmask()) << (16 * at);
        }
        n_lines += lines.count_ones() as usize;
        let first = index as u32 * 64;
        while any != 0 {
            ends.push(first + any.trailing_zeros());
            any &= any - 1;
        }
    }
    let first = groups.len() as u32 * 64;
    for (at, byte) in rest.iter().enumerate().filter(|(_, byte)| **byte == delimiter || **byte == b'\n') {
        ends.push(first + at as u32);
        n_lines += usize::from(*byte == b'\n');
    }
    n_lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_delimiter_and_line_end_is_found(text in prop::collection::vec(prop::sample::select(b"a,\n;|\t0".to_vec()), 0..300), delimiter in prop::sample::select(b",;|\t".to_vec())) {
            let mut ends = vec![7];
            let n_lines = find_ends(&text, delimiter, &mut ends);
            let expected: Vec<u32> = (0..text.len() as u32).filter(|at| text[*at as usize] == delimiter || text[*at as usize] == b'\n').collect();
            prop_assert_eq!(ends, expected);
            prop_assert_eq!(n_lines, text.iter().filter(|byte| **byte == b'\n').count());
        }
    }
}
