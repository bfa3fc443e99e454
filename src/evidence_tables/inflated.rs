//! How large a workbook is once unpacked, and whether its parts can be relied on, found out before its reader holds any of it.
//!
//! A few hundred kilobytes of ZIP can hold gigabytes of XML. What the archive declares is not believed: every part is unpacked once, up to
//! the limit.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::evidence_tables::parts::contradiction;
use crate::record::Diagnostic;

/// Bytes of the file, and of each of its parts unpacked: half a million cells and more.
const MOST_OF_A_PART: u64 = 32 << 20;
/// Bytes of all parts together.
const MOST_OF_ALL: u64 = 128 << 20;
/// Parts. Workbooks have some tens.
const MOST_PARTS: usize = 10_000;
/// How an entry of the archive's directory starts.
const ENTRY: [u8; 4] = [b'P', b'K', 1, 2];

/// Refuses a file that is too large for a workbook, before it is read.
///
/// # Errors
/// How large it may be.
pub(crate) fn refuse_large(bytes: u64) -> Result<(), Diagnostic> {
    if bytes > MOST_OF_A_PART { Err(too_large("", bytes)) } else { Ok(()) }
}

/// Refuses a workbook of which a part, or all of them, are larger than any evidence table, or a part reads otherwise than it shows.
///
/// # Errors
/// Which part, and how large or why. A damaged archive is left to the reader of workbooks to name.
pub(crate) fn refuse_unsound(bytes: &[u8]) -> Result<(), Diagnostic> {
    refuse_large(bytes.len() as u64)?;
    let n_parts = bytes.windows(4).filter(|window| *window == ENTRY).count();
    if n_parts > MOST_PARTS {
        let problem = (format!("活頁簿有 {n_parts} 個部分"), format!("the workbook has {n_parts} parts"));
        return Err(Diagnostic::new("E0244", problem).help(SMALLER));
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let mut all = 0;
    for at in 0..archive.len() {
        let Ok(mut part) = archive.by_index(at) else { continue };
        let (name, declared) = (part.name().map(|name| name.into_owned()).unwrap_or_default(), part.size());
        if declared > MOST_OF_A_PART {
            return Err(too_large(&name, declared));
        }
        let mut unpacked = Vec::new();
        // An archive that is cut or damaged is named by the reader of workbooks.
        let _ = part.by_ref().take(MOST_OF_A_PART + 1).read_to_end(&mut unpacked);
        let n = unpacked.len() as u64;
        all += n;
        if n > MOST_OF_A_PART || all > MOST_OF_ALL {
            return Err(too_large(&name, if n > MOST_OF_A_PART { n } else { all }));
        }
        if let Some(why) = contradiction(&name, &unpacked) {
            let problem = (format!("無法讀取活頁簿：`{name}` {}", why.zh), format!("cannot read the workbook: `{name}`: {}", why.en));
            return Err(Diagnostic::new("E0242", problem).help(SAVE_AGAIN));
        }
    }
    Ok(())
}

/// What to do with a workbook that contradicts itself.
const SAVE_AGAIN: (&str, &str) = ("請以試算表軟體開啟後另存新檔", "open it in a spreadsheet program and save it again");

/// What to do with a workbook that is too large.
const SMALLER: (&str, &str) = (
    "請刪除無關之工作表與格式，或另存為 CSV（無此限制）",
    "drop unrelated sheets and formats, or save the table as CSV, which has no such limit",
);

fn too_large(part: &str, bytes: u64) -> Diagnostic {
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let (found, limit, all) = (mib(bytes), mib(MOST_OF_A_PART), mib(MOST_OF_ALL));
    let (zh, en) = if part.is_empty() { ("檔案".to_owned(), "the file".to_owned()) } else { (format!("`{part}`"), format!("`{part}`")) };
    let problem = (
        format!("活頁簿過大：{zh} 解開後至少 {found} MiB（各部分上限 {limit}、合計 {all}）"),
        format!("the workbook is too large: {en} unpacks to {found} MiB or more (at most {limit} a part, {all} in all)"),
    );
    Diagnostic::new("E0244", problem).help(SMALLER)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A workbook of one part that unpacks to `bytes`.
    fn archive(bytes: u64) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default().compression_level(Some(1))).expect("begun");
        let block = vec![b' '; 1 << 20];
        (0..bytes >> 20).for_each(|_| archive.write_all(&block).expect("written"));
        archive.finish().expect("finished").into_inner()
    }

    #[test]
    fn a_bomb_is_refused_whether_its_size_is_declared_or_not() {
        let mut bomb = archive(MOST_OF_A_PART + (1 << 20));
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        let said = refuse_unsound(&bomb).expect_err("declared").to_string();
        assert!(said.contains("sheet1.xml"), "{said}");
        // The same archive that declares ten bytes, in both of its headers.
        let declared = ((MOST_OF_A_PART + (1 << 20)) as u32).to_le_bytes();
        let places: Vec<usize> = (0..bomb.len() - 4).filter(|at| bomb[*at..*at + 4] == declared).collect();
        assert!(!places.is_empty());
        places.iter().for_each(|at| bomb[*at..*at + 4].copy_from_slice(&10_u32.to_le_bytes()));
        // What an archive does not declare the archive reader does not unpack: the workbook is then damaged, not large.
        let mut lying = ZipArchive::new(Cursor::new(bomb.as_slice())).expect("an archive");
        let n = lying.by_index(0).map_or(0, |mut part| {
            let mut unpacked = Vec::new();
            part.read_to_end(&mut unpacked).map_or(0, |n| n)
        });
        assert!(refuse_unsound(&bomb).is_err() || n <= 10, "{n} bytes");
        assert!(refuse_unsound(&archive(1 << 20)).is_ok() && refuse_unsound(b"PK").is_ok());
    }
}
