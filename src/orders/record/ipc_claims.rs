//! What the compressed buffers of an Arrow message say they hold, held against what their bytes can hold.
//!
//! Arrow's reader makes room for what a buffer claims before it unpacks it: a few bytes that claim a terabyte end the program for want of
//! memory, where the file is damaged or made to do so.

use arrow::ipc::{CompressionType, Message, RecordBatch, root_as_message};

/// What a byte can hold: zstd repeats one byte 128 KiB long in a block of four, LZ4 lengthens a match by 255.
const ZSTD_HOLDS: u64 = (128 << 10) / 4;
const LZ4_HOLDS: u64 = 255;
/// The length in front of a compressed buffer.
const PREFIX: usize = 8;

/// True where the compressed buffers of a message hold more by their own word than the `body` bytes behind it can, each of which may belong to
/// several buffers of a forged message and is counted once.
///
/// `metadata` is the message with or without the length in front of it; `prefix` gives the eight bytes at a place of the body. Of what is no
/// message nothing is said: the reader will.
pub fn claims_too_much(metadata: &[u8], body: u64, prefix: impl FnMut(u64) -> Option<[u8; PREFIX]>) -> bool {
    let Some(message) = message(metadata) else { return false };
    let Some((batch, holds)) = compressed(&message) else { return false };
    let places = batch.buffers().into_iter().flatten().filter(|buffer| buffer.length() >= PREFIX as i64);
    let claims = places.filter_map(|buffer| u64::try_from(buffer.offset()).ok()).filter_map(prefix).map(i64::from_le_bytes);
    // Below zero: not compressed, or no length at all.
    let claimed = claims.filter_map(|claim| u64::try_from(claim).ok()).fold(0, u64::saturating_add);
    claimed > body.saturating_mul(holds)
}

/// As [`claims_too_much`], of any message of a stream.
#[must_use]
pub fn stream_claims_too_much(mut stream: &[u8]) -> bool {
    while let Some((metadata, rest)) = next_metadata(stream) {
        let length = message(metadata).and_then(|message| usize::try_from(message.bodyLength()).ok());
        let Some(body) = length.and_then(|length| rest.get(..length)) else { return false };
        let prefix = |at: u64| body.get(usize::try_from(at).ok()?..)?.first_chunk().copied();
        if claims_too_much(metadata, body.len() as u64, prefix) {
            return true;
        }
        stream = &rest[body.len()..];
    }
    false
}

/// The metadata of the message that a stream begins with, and what is behind them. A stream ends with a length of zero.
fn next_metadata(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let behind = stream.strip_prefix(&CONTINUES).unwrap_or(stream);
    let (length, rest) = behind.split_first_chunk()?;
    let length = usize::try_from(i32::from_le_bytes(*length)).ok().filter(|length| *length > 0)?;
    rest.split_at_checked(length)
}

const CONTINUES: [u8; 4] = [0xff; 4];

fn message(metadata: &[u8]) -> Option<Message<'_>> {
    let bare = metadata.strip_prefix(&CONTINUES).and_then(|rest| rest.get(4..)).unwrap_or(metadata);
    root_as_message(bare).ok()
}

/// The batch of a message whose buffers are compressed, and how much a byte of them can hold.
fn compressed<'a>(message: &Message<'a>) -> Option<(RecordBatch<'a>, u64)> {
    let of_dictionary = || message.header_as_dictionary_batch()?.data();
    let batch = message.header_as_record_batch().or_else(of_dictionary)?;
    let codec = batch.compression()?.codec();
    Some((batch, if codec == CompressionType::ZSTD { ZSTD_HOLDS } else { LZ4_HOLDS }))
}
