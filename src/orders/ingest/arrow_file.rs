//! An Arrow IPC file is looked at before Arrow reads it: its reader makes room for what a footer or a buffer claims before it looks.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use arrow::ipc::reader::read_footer_length;
use arrow::ipc::{Block, root_as_footer};

use crate::ingest::SourceFile;
use crate::ingest::columnar::not_readable;
use crate::ingest::discover::cannot_read;
use crate::record::{Diagnostic, claims_too_much};

/// What stands behind the footer: its length and the magic.
const END: usize = 10;

/// Opens an Arrow IPC file that claims no more than is there.
pub(crate) fn open_arrow(file: &SourceFile) -> Result<File, Diagnostic> {
    let cannot = |error: std::io::Error| cannot_read(&file.path, &error);
    let false_claim = |what: &str| not_readable(file, "Arrow IPC", &what);
    let mut opened = File::open(&file.path).map_err(cannot)?;
    let length = opened.metadata().map_err(cannot)?.len();
    if length < END as u64 {
        return Ok(opened);
    }
    let end = bytes_at::<END>(&mut opened, length - END as u64).map_err(cannot)?;
    // What is no footer at all is for the reader to say.
    if let Ok(n) = read_footer_length(end) {
        let beyond = || false_claim("its footer claims more bytes than the file has");
        let start = length.checked_sub((n + END) as u64).ok_or_else(beyond)?;
        let footer = part_of(&mut opened, start, n).map_err(cannot)?;
        let footer = root_as_footer(&footer).ok();
        // Blocks lie side by side: together they are no longer than the file.
        let mut left = length;
        for block in footer.iter().flat_map(|footer| footer.recordBatches().into_iter().chain(footer.dictionaries())).flatten() {
            let place = BlockPlace::of(block).filter(|place| place.end().is_some_and(|end| end <= length)).ok_or_else(beyond)?;
            left = left.checked_sub(place.metadata + place.body).ok_or_else(beyond)?;
            if place.claims_too_much(&mut opened).map_err(cannot)? {
                return Err(false_claim("its columns claim more than its bytes can hold"));
            }
        }
    }
    opened.rewind().map_err(cannot)?;
    Ok(opened)
}

/// Where a message lies in the file.
struct BlockPlace {
    start: u64,
    metadata: u64,
    body: u64,
}

impl BlockPlace {
    fn of(block: &Block) -> Option<Self> {
        let part = |length: i64| u64::try_from(length).ok();
        Some(Self { start: part(block.offset())?, metadata: part(block.metaDataLength().into())?, body: part(block.bodyLength())? })
    }

    fn end(&self) -> Option<u64> {
        self.start.checked_add(self.metadata)?.checked_add(self.body)
    }

    fn claims_too_much(&self, opened: &mut File) -> std::io::Result<bool> {
        let metadata = part_of(opened, self.start, self.metadata as usize)?;
        let body = self.start + self.metadata;
        let mut failed = None;
        // A place beyond the body is for the reader to refuse.
        let prefix = |at: u64| {
            let inside = at.checked_add(8).is_some_and(|end| end <= self.body);
            let bytes = inside.then(|| bytes_at(opened, body + at))?;
            bytes.map_err(|error| failed = Some(error)).ok()
        };
        let too_much = claims_too_much(&metadata, self.body, prefix);
        failed.map_or(Ok(too_much), Err)
    }
}

fn part_of(opened: &mut File, start: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    opened.seek(SeekFrom::Start(start))?;
    opened.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn bytes_at<const N: usize>(opened: &mut File, start: u64) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    opened.seek(SeekFrom::Start(start))?;
    opened.read_exact(&mut bytes)?;
    Ok(bytes)
}
