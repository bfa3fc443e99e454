//! An identifier as a log writes it, to the one it is known by elsewhere.
//!
//! A gateway names its child order `B6_` and the client's own id: the prefix is stripped, or a pattern finds the id within the text.

use regex::bytes::{Regex, RegexBuilder};

/// How an identifier is found within the text of its field.
#[derive(Clone, Debug)]
pub struct IdTransform {
    strip_prefix: String,
    pattern: Option<Regex>,
}

impl IdTransform {
    /// Strips `strip_prefix` where the text starts with it (other texts stay as they are), then takes the first group of `pattern`, or its
    /// whole match where it has no group. Patterns know ASCII classes only: `\d` is `[0-9]`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the pattern.
    pub fn new(strip_prefix: Option<&str>, pattern: Option<&str>) -> Result<Self, String> {
        let compile = |text: &str| {
            let built = RegexBuilder::new(text).unicode(false).size_limit(1 << 20).build();
            built.map_err(|error| format!("\"{text}\" is not a pattern: {}", error.to_string().replace('\n', " ")))
        };
        Ok(Self { strip_prefix: strip_prefix.unwrap_or_default().to_owned(), pattern: pattern.map(compile).transpose()? })
    }

    /// The identifier within `text`; `None` where the pattern does not match.
    #[must_use]
    pub fn apply<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let text = text.trim_ascii();
        let text = text.strip_prefix(self.strip_prefix.as_bytes()).unwrap_or(text);
        let Some(pattern) = &self.pattern else { return Some(text) };
        if pattern.captures_len() == 1 {
            return pattern.find(text).map(|found| found.as_bytes());
        }
        pattern.captures(text)?.get(1).map(|group| group.as_bytes())
    }
}

impl PartialEq for IdTransform {
    fn eq(&self, other: &Self) -> bool {
        let pattern = |of: &Self| of.pattern.as_ref().map(|pattern| pattern.as_str().to_owned());
        self.strip_prefix == other.strip_prefix && pattern(self) == pattern(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(strip_prefix: Option<&str>, pattern: Option<&str>, text: &str, expected: Option<&str>) {
        let transform = IdTransform::new(strip_prefix, pattern).expect("a pattern");
        assert_eq!(transform.apply(text.as_bytes()), expected.map(str::as_bytes), "{text}");
    }

    #[test]
    fn a_prefix_is_stripped_once_and_a_pattern_finds_the_rest() {
        check(Some("B6_"), None, "B6_B6_17", Some("B6_17"));
        check(Some("B6_"), None, " 17   ", Some("17"));
        check(None, Some(r"^\w+-(\d+)-"), "GW-0042-3", Some("0042"));
        check(None, Some(r"\d+"), "GW-0042-3", Some("0042"));
        check(Some("B6_"), Some(r"^(\d+)$"), "B6_A7", None);
        assert!(IdTransform::new(None, Some("(")).is_err());
    }
}
