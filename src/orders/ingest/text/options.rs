//! What study.toml says of a side's text files.

use crate::ingest::SourceFile;
use crate::ingest::text::detect::{Detected, Why, detect};
use crate::ingest::text::encoding::Encoding;
use crate::record::Diagnostic;

/// How text files are to be read, where study.toml says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// The encoding, or by each file's bytes.
    pub encoding: EncodingChoice,
    /// Between fields; `None` to tell by the header.
    pub delimiter: Option<u8>,
    /// Around fields; `None` where it is an ordinary character.
    pub quote: Option<u8>,
    /// Before a quote that is part of a quoted field, beside the doubled quote.
    pub escape: Option<u8>,
    /// A line that starts with one of these is not a row: comments, trailers.
    pub comment: Vec<String>,
    /// Lines before the header; `None` to look for the header.
    pub skip_lines: Option<u64>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { encoding: EncodingChoice::Auto, delimiter: None, quote: Some(b'"'), escape: None, comment: Vec::new(), skip_lines: None }
    }
}

/// An encoding as study.toml names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EncodingChoice {
    /// By each file's bytes.
    #[default]
    Auto,
    /// UTF-16 of either byte order, by its mark or its zero bytes.
    Utf16,
    /// This one.
    Is(Encoding),
}

impl EncodingChoice {
    /// `auto`, `utf-8`, `cp950` (also `big5`, `ms950`), `utf-16`, `utf-16le` or `utf-16be`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "auto" => Self::Auto,
            "utf-8" => Self::Is(Encoding::Utf8),
            "cp950" | "big5" | "ms950" => Self::Is(Encoding::Cp950),
            "utf-16" => Self::Utf16,
            "utf-16le" => Self::Is(Encoding::Utf16Le),
            "utf-16be" => Self::Is(Encoding::Utf16Be),
            _ => return None,
        })
    }

    /// The name in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Utf16 => "utf-16",
            Self::Is(encoding) => encoding.name(),
        }
    }
}

/// The encoding a file is read in: what study.toml says, else what its bytes say.
///
/// # Errors
/// When the file cannot be read, or is certainly not what study.toml says.
pub(crate) fn settle(file: &SourceFile, choice: EncodingChoice) -> Result<Detected, Diagnostic> {
    let detected = detect(file)?;
    let said = match choice {
        EncodingChoice::Auto => return Ok(detected),
        EncodingChoice::Utf16 if matches!(detected.encoding, Encoding::Utf16Le | Encoding::Utf16Be) => return Ok(detected),
        EncodingChoice::Utf16 => Encoding::Utf16Le,
        EncodingChoice::Is(encoding) => encoding,
    };
    // UTF-8 by a few characters may be chance, and a file of ASCII is anything but UTF-16; the rest is evidence.
    let contradicted = match (said, detected.why) {
        (_, Why::Mark | Why::ZeroBytes) => detected.encoding != said,
        (Encoding::Cp950, Why::Utf8 { characters }) => characters >= 4,
        (Encoding::Utf16Le | Encoding::Utf16Be, Why::Ascii { .. } | Why::Utf8 { .. } | Why::Cp950 { .. }) => true,
        _ => false,
    };
    if contradicted {
        let (said, found) = (choice.name(), detected.encoding.name());
        let (zh, en) = detected.why.words();
        let problem = (
            format!("study.toml 寫 encoding = \"{said}\"，但檔案是 {found}：{zh}"),
            format!("study.toml says encoding = \"{said}\", but the file is {found}: {en}"),
        );
        let help = (format!("請寫 encoding = \"{found}\" 或 \"auto\""), format!("write encoding = \"{found}\" or \"auto\""));
        return Err(Diagnostic::new("E0221", problem).in_file(&file.path).help(help));
    }
    Ok(Detected { encoding: said, sure: true, why: detected.why })
}
