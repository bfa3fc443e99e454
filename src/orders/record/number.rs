//! Numbers as people write them.

use std::borrow::Cow;

/// A written number without the commas between its thousands; `None` where commas stand elsewhere: "1.234,5" and "0,125" are numbers of
/// another land, and no one can tell whether "1,5" is one.
#[must_use]
pub fn without_thousands(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0'))?;
    let sound = !first.is_empty() && groups.all(|group| group.len() == 3 && digits(group)) && !text[whole.len()..].contains(',');
    sound.then(|| Cow::Owned(text.replace(',', "")))
}

#[cfg(test)]
mod tests {
    use super::without_thousands;

    #[test]
    fn commas_stand_between_thousands_or_nothing_is_read() {
        for (text, plain) in [("1,234,567.5", "1234567.5"), ("-1,000", "-1000"), ("12.5", "12.5"), ("", "")] {
            assert_eq!(without_thousands(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["1.234,56", "1.500,000", "0,125", ",123", "1234,567", "1,5", "1,0000", "1,,000", "a,000", "1,000,"] {
            assert_eq!(without_thousands(text), None, "{text}");
        }
    }
}
