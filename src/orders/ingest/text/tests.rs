//! Blocks against the text they were written from.

use std::io::Write;
use std::path::Path;

use crate::ingest::text::detect::detect;
use crate::ingest::text::{Block, Encoding, Head, LONGEST, read_blocks};
use crate::ingest::{Format, Packing, SourceFile};
use crate::record::{Diagnostic, Progress};

fn file_of(folder: &Path, bytes: &[u8]) -> SourceFile {
    let path = folder.join("a.txt");
    std::fs::write(&path, bytes).expect("a small file");
    let packing = Packing::of(bytes);
    SourceFile { path, name: "a.txt".to_owned(), format: Format::Csv, bytes: bytes.len() as u64, packing, spool: None, frame: None }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory")
}

/// Every line with its number, where it starts in the unpacked file, and its text.
fn lines(file: &SourceFile, encoding: Encoding) -> Result<Vec<(u64, u64, String)>, Diagnostic> {
    let parse = |block: Block| {
        assert!(block.text.ends_with(b"\n") || block.text.len() < 1 << 20);
        let (mut found, mut at, mut offsets) = (Vec::new(), 0, block.offsets());
        for (number, line) in block.text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let offset = offsets.of(at);
            if number == 7 {
                assert_eq!(offset, block.offset_of(at));
            }
            found.push((block.first_line + number as u64, offset, block.encoding.shown(line.strip_suffix(b"\n").unwrap_or(line))));
            at += line.len();
        }
        Ok(found)
    };
    Ok(read_blocks(file, encoding, &Progress::default(), parse)?.concat())
}

/// Some megabytes of lines of all lengths, as text and as CP950.
fn sample() -> (String, Vec<u8>) {
    let (mut text, mut cp950) = (String::new(), Vec::new());
    for row in 0..60_000 {
        // Python: "許功蓋造字" ends in trail bytes 5C, 5C, 5C; E000 is the user-defined character FA40.
        text.push_str(&format!("{row},許功蓋,{}\u{e000}\n", "x".repeat(row % 61)));
        cp950.extend_from_slice(format!("{row},").as_bytes());
        cp950.extend_from_slice(b"\xb3\x5c\xa5\x5c\xbb\x5c,");
        cp950.extend_from_slice("x".repeat(row % 61).as_bytes());
        cp950.extend_from_slice(b"\xfa\x40\n");
    }
    (text, cp950)
}

#[test]
fn every_encoding_and_packing_gives_the_same_lines_at_the_right_places() {
    let (text, cp950) = sample();
    let utf16 = |bytes_of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>();
    let marked = |text: &[u8], mark: &[u8]| [mark, text].concat();
    let split = |bytes: &[u8], pack: fn(&[u8]) -> Vec<u8>| [pack(&bytes[..bytes.len() / 3]), pack(&bytes[bytes.len() / 3..])].concat();
    let width = |encoding: Encoding, line: &str| match encoding {
        Encoding::Cp950 => line.chars().map(|one| if one.is_ascii() { 1 } else { 2 }).sum::<u64>(),
        Encoding::Utf16Le | Encoding::Utf16Be => line.encode_utf16().count() as u64 * 2,
        Encoding::Utf8 | Encoding::Raw => line.len() as u64,
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (encoding, mark, bytes) in [
        (Encoding::Utf8, 0, text.clone().into_bytes()),
        (Encoding::Utf8, 3, marked(text.as_bytes(), b"\xEF\xBB\xBF")),
        (Encoding::Cp950, 0, cp950.clone()),
        (Encoding::Utf16Le, 0, utf16(u16::to_le_bytes)),
        (Encoding::Utf16Le, 2, marked(&utf16(u16::to_le_bytes), b"\xFF\xFE")),
        (Encoding::Utf16Be, 2, marked(&utf16(u16::to_be_bytes), b"\xFE\xFF")),
    ] {
        let mut offset = mark;
        let mut expected = Vec::new();
        for (number, line) in text.lines().enumerate() {
            expected.push((number as u64 + 1, offset, line.to_owned()));
            offset += width(encoding, line) + width(encoding, "\n");
        }
        for packed in [bytes.clone(), gzip(&bytes), split(&bytes, gzip), zstd(&bytes), split(&bytes, zstd)] {
            let file = file_of(folder.path(), &packed);
            let found = lines(&file, encoding).expect("sound");
            assert!(found == expected, "{encoding:?} {:?}: {:?}", file.packing, found.iter().zip(&expected).find(|(a, b)| a != b));
            let detected = detect(&file).expect("readable");
            assert_eq!((detected.encoding, detected.sure), (encoding, true), "{:?}", file.packing);
            assert!(Head::of(&file, encoding).expect("readable").text.starts_with("0,許功蓋".as_bytes()));
        }
    }
}

#[test]
fn old_line_ends_become_line_feeds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let found = lines(&file_of(folder.path(), b"a\rb\r\rc"), Encoding::Utf8);
    assert_eq!(found, Ok(vec![(1, 0, "a".into()), (2, 2, "b".into()), (3, 4, String::new()), (4, 5, "c".into())]));
    // In a file with line feeds a carriage return is a character.
    assert_eq!(lines(&file_of(folder.path(), b"a\rb\nc"), Encoding::Utf8), Ok(vec![(1, 0, "a\rb".into()), (2, 4, "c".into())]));
}

#[test]
fn damaged_bytes_are_shown_as_they_were_and_counted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cp950 = lines(&file_of(folder.path(), b"\xa4\xa4\xff,\xa4\n\x80\xc7\x30\n\xa3\xc0z"), Encoding::Cp950);
    let expected = [(1, 0, "中\\xFF,\\xA4"), (2, 6, "\\x80\\xC70"), (3, 10, "\\xA3\\xC0z")];
    assert_eq!(cp950, Ok(expected.map(|(line, at, text)| (line, at, text.to_owned())).to_vec()));
    let utf16 = lines(&file_of(folder.path(), b"a\0\n\0\x00\xd8b\0\n\0c\0d"), Encoding::Utf16Le);
    let expected = [(1, 0, "a"), (2, 4, "\\x00\\xD8b"), (3, 10, "c\\x64")];
    assert_eq!(utf16, Ok(expected.map(|(line, at, text)| (line, at, text.to_owned())).to_vec()));
}

#[test]
fn a_packed_file_that_is_cut_anywhere_is_an_error() {
    let (text, _) = sample();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for packed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        for part in 1..16 {
            let problem = lines(&file_of(folder.path(), &packed[..packed.len() * part / 16]), Encoding::Utf8).expect_err("cut");
            assert_eq!(problem.code, "E0220", "{problem}");
        }
        let mut damaged = packed.clone();
        damaged[packed.len() / 2..packed.len() / 2 + 64].fill(0x55);
        assert_eq!(lines(&file_of(folder.path(), &damaged), Encoding::Utf8).expect_err("damaged").code, "E0220");
    }
}

#[test]
fn a_line_without_end_is_an_error_at_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bytes = [b"short\n".to_vec(), vec![b'x'; LONGEST + (4 << 20)]].concat();
    for encoding in [Encoding::Utf8, Encoding::Cp950, Encoding::Raw] {
        let problem = lines(&file_of(folder.path(), &bytes), encoding).expect_err("too long");
        let place = problem.place.expect("a place");
        assert_eq!((problem.code, place.line, place.byte), ("E0207", 2, Some(6)));
    }
}

#[test]
fn the_first_failure_in_file_order_is_reported() {
    let (text, _) = sample();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = file_of(folder.path(), text.as_bytes());
    let fail_late = |block: Block| match block.first_line {
        1 => Ok(()),
        line => Err(Diagnostic::new("E0207", line.to_string())),
    };
    let first = read_blocks(&file, Encoding::Utf8, &Progress::default(), fail_late).expect_err("all but the first fail");
    for _ in 0..20 {
        let again = read_blocks(&file, Encoding::Utf8, &Progress::default(), fail_late).expect_err("all but the first fail");
        assert_eq!(again.message, first.message);
    }
}
