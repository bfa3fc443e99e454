//! One shape for everything a user is told went wrong: what, where, and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::record::is_unseen;

/// A sentence for the user, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In Traditional Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Notice {
    /// The sentence of one language.
    #[must_use]
    pub fn pick(&self, chinese: bool) -> &str {
        if chinese { &self.zh } else { &self.en }
    }
}

/// Chinese first.
impl<Z: Into<String>, E: Into<String>> From<(Z, E)> for Notice {
    fn from((zh, en): (Z, E)) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// What reads the same in both: a name, a value, another program's words.
impl From<String> for Notice {
    fn from(text: String) -> Self {
        Self { zh: text.clone(), en: text }
    }
}

impl From<&str> for Notice {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A problem that ends the run, in the order a reader needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code: E01xx configuration, E02xx input, E03xx output, E04xx simulation.
    pub code: &'static str,
    /// What is wrong, naming the value.
    pub message: Notice,
    /// Where.
    pub place: Option<Place>,
    /// The offending text, one line, shortened.
    pub excerpt: Option<String>,
    /// What to do about it.
    pub help: Option<Notice>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1; 0 where only the file is known.
    pub line: u64,
    /// Column in characters, from 1; 0 where unknown.
    pub column: u64,
    /// Byte offset of the line or row, where known.
    pub byte: Option<u64>,
}

impl Diagnostic {
    /// A problem without a place yet.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<Notice>) -> Self {
        Self { code, message: message.into(), place: None, excerpt: None, help: None }
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(self, path: &Path) -> Self {
        self.at(Place { path: path.to_path_buf(), line: 0, column: 0, byte: None })
    }

    /// Names the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Shows the offending text, made printable.
    #[must_use]
    pub fn excerpt(mut self, text: impl AsRef<str>) -> Self {
        self.excerpt = Some(printable(text.as_ref(), 160));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Notice>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Diagnostic {
    /// The whole of it as it is printed, in Chinese or in English.
    #[must_use]
    pub fn shown(&self, chinese: bool) -> String {
        let message = printable(self.message.pick(chinese), 2_000);
        let mut text = format!("error[{}]: {message}", self.code);
        if let Some(place) = &self.place {
            text += &format!("\n  --> {}", printable(&place.path.to_string_lossy(), 1_000));
            for number in [place.line, place.column].into_iter().take_while(|number| *number > 0) {
                text += &format!(":{number}");
            }
            match place.byte {
                Some(byte) if chinese => text += &format!("（位元組 {byte}）"),
                Some(byte) => text += &format!(" (byte {byte})"),
                None => (),
            }
        }
        if let Some(excerpt) = &self.excerpt {
            text += &format!("\n   |  {excerpt}");
        }
        if let Some(help) = &self.help {
            text += if chinese { "\n  建議：" } else { "\n  help: " };
            text += &printable(help.pick(chinese), 2_000);
        }
        text
    }
}

/// In English.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}

impl std::error::Error for Diagnostic {}

/// A failure of the system in Chinese, where it is one of the usual ones.
#[must_use]
pub fn in_chinese(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "找不到檔案".to_owned(),
        ErrorKind::PermissionDenied => "沒有權限".to_owned(),
        ErrorKind::StorageFull => "磁碟空間不足".to_owned(),
        ErrorKind::IsADirectory => "這是資料夾".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "檔案系統唯讀".to_owned(),
        ErrorKind::InvalidData => "內容不是 UTF-8 文字".to_owned(),
        _ => error.to_string(),
    }
}

/// Text that cannot steer a terminal nor hide a part of itself: control characters and those nobody sees become escapes; at most `most` characters.
#[must_use]
pub fn printable(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most));
    for (at, character) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        if character != '\n' && (character.is_control() || is_unseen(character)) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
