//! One shape for everything a user is told went wrong: what, where, and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

/// A problem that ends the run, in the order a reader needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code: E01xx configuration, E02xx input, E03xx output, E04xx simulation.
    pub code: &'static str,
    /// What is wrong, naming the value.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// The offending text, one line, shortened.
    pub excerpt: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
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
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
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
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, printable(&self.message, 2_000))?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {}", printable(&place.path.to_string_lossy(), 1_000))?;
            for number in [place.line, place.column].into_iter().take_while(|number| *number > 0) {
                write!(f, ":{number}")?;
            }
            if let Some(byte) = place.byte {
                write!(f, " (byte {byte})")?;
            }
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n   |  {excerpt}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

/// Text that cannot steer a terminal: control characters and bidirectional overrides become escapes; at most `most` characters.
#[must_use]
pub fn printable(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most));
    for (at, character) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        let steers =
            character.is_control() || matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers && character != '\n' {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
