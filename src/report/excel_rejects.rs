//! csv/rejects.csv: rejects.csv for Excel, with a byte order mark and no field a formula; otherwise byte for byte what it holds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::ingest::Rejects;
use crate::record::Diagnostic;
use crate::report::numbers::like_a_formula;
use crate::report::output::not_writable;

/// A list of refused rows, copied as it is read: it may be larger than memory.
#[derive(Debug)]
pub struct RejectsCsv {
    path: PathBuf,
}

impl RejectsCsv {
    /// Of a folder whose list has rows.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let path = folder.join("rejects.csv");
        let has_rows = path.metadata().is_ok_and(|file| file.len() > Rejects::HEADER.len() as u64);
        has_rows.then_some(Self { path })
    }

    /// Copies the list; `target` is the file that an error names.
    ///
    /// # Errors
    /// When it cannot be read or the copy not written.
    pub(crate) fn write(&self, out: &mut dyn Write, target: &Path) -> Result<(), Diagnostic> {
        let copied = File::open(&self.path).and_then(|file| copy(BufReader::new(file), out));
        copied.map_err(|error| not_writable(target, &error))
    }
}

fn copy(mut list: impl BufRead, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let (mut line, mut quoted) = (String::new(), false);
    let mut field_starts = true;
    while list.read_line(&mut line)? > 0 {
        let mut written = 0;
        for (at, byte) in line.bytes().enumerate() {
            if field_starts {
                let inside = at + usize::from(byte == b'"');
                if like_a_formula(&line[inside..]) {
                    out.write_all(&line.as_bytes()[written..inside])?;
                    out.write_all(b"'")?;
                    written = inside;
                }
            }
            quoted ^= byte == b'"';
            field_starts = !quoted && matches!(byte, b',' | b'\n');
        }
        out.write_all(&line.as_bytes()[written..])?;
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_list_with_a_mark_and_no_formula() {
        for (list, expected) in [
            ("file,raw\na.csv,x\n", "file,raw\na.csv,x\n"),
            ("a,\"=1+1\",b\n", "a,\"'=1+1\",b\n"),
            ("a,\"x, \"\"=1\"\", =y\n=z\n\",\"-b\"\n\"@c\",\u{ff1d}d\n", "a,\"x, \"\"=1\"\", =y\n=z\n\",\"'-b\"\n\"'@c\",'\u{ff1d}d\n"),
            ("a,\tb,,\"\"\"=c\"\n", "a,'\tb,,\"\"\"=c\"\n"),
        ] {
            let mut written = Vec::new();
            copy(list.as_bytes(), &mut written).expect("a copy in memory");
            assert_eq!(String::from_utf8(written).expect("text"), format!("\u{feff}{expected}"));
        }
    }
}
