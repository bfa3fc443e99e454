//! Names that look the same and are not, and characters that nobody sees.
//!
//! Nothing is merged: two names are one where their bytes are. Here is only said where an eye would take two for one: Cyrillic or Greek
//! letters in the shape of Latin ones, full-width letters and digits, other digits, spaces of other kinds, marks without a width.
//! Left out: letters that resemble each other within Latin (`l` and `1`), and accents written as a letter of their own.

use std::collections::BTreeMap;

/// Whether a character steers the text about it or has no shape of its own: shown as it is, it would hide what stands there.
#[must_use]
pub const fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of other alphabets in the shape of Latin ones.
const SHAPED_LIKE: [(&str, &str); 2] =
    [("АВЕКМНОРСТУХІЈЅаеорсухіјѕһԁԛԝ", "ABEKMHOPCTYXIJSaeopcyxijshdqw"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονα", "ABEZHIKMNOPTYXova")];
/// Where ten digits start that mean 0 to 9.
const DIGITS: [u32; 15] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1d7ce];

/// The character an eye takes it for; `None` for one that it does not see.
fn seen(character: char) -> Option<char> {
    if is_unseen(character) || character.is_control() {
        return None;
    }
    let code = character as u32;
    let shaped = || {
        let alphabet = SHAPED_LIKE.iter().find_map(|(theirs, latin)| latin.chars().nth(theirs.chars().position(|own| own == character)?));
        let digit =
            DIGITS.iter().find(|first| (**first..**first + 10).contains(&code)).and_then(|first| char::from_digit(code - first, 10));
        alphabet.or(digit)
    };
    Some(match code {
        0..=0x7f => character,
        0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(character),
        _ if character.is_whitespace() => ' ',
        _ => shaped().unwrap_or(character),
    })
}

/// A name as an eye takes it, without the spaces about it.
fn appearance(name: &str) -> String {
    name.chars().filter_map(seen).collect::<String>().trim().to_owned()
}

/// What an eye would get wrong among some names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookalikes {
    /// Two names that look the same.
    pub pairs: Vec<(String, String)>,
    /// Names that hold a character nobody sees, with its place (from 1) and the character.
    pub hidden: Vec<(String, usize, char)>,
}

impl Lookalikes {
    /// Of names in any order; each pair ascending, and a name only beside the first that looks like it.
    #[must_use]
    pub fn among<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_appearance: BTreeMap<String, std::collections::BTreeSet<&str>> = BTreeMap::new();
        for name in names {
            by_appearance.entry(appearance(name)).or_default().insert(name);
        }
        let mut found = Self::default();
        for same in by_appearance.values() {
            let mut others = same.iter();
            let Some(first) = others.next() else { continue };
            found.pairs.extend(others.map(|other| ((*first).to_owned(), (*other).to_owned())));
        }
        let unseen = |name: &&str| name.chars().position(|character| is_unseen(character) || character.is_control());
        for name in by_appearance.values().flatten() {
            found.hidden.extend(unseen(name).and_then(|at| Some(((*name).to_owned(), at + 1, name.chars().nth(at)?))));
        }
        found.hidden.sort_unstable();
        found
    }

    /// Whether an eye gets every name right.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.hidden.is_empty()
    }
}

/// The first place (from 1) at which two names differ, and what stands there in each.
#[must_use]
pub fn first_difference(one: &str, other: &str) -> (usize, Option<char>, Option<char>) {
    let (mut ones, mut others) = (one.chars(), other.chars());
    let mut at = 1;
    loop {
        match (ones.next(), others.next()) {
            (left, right) if left == right && left.is_some() => at += 1,
            (left, right) => return (at, left, right),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_appearance_are_found_and_ordinary_names_are_not() {
        // Cyrillic А, full-width １, a zero width space, a mark that turns the direction, an ideographic space, Greek Ο, Arabic ٣.
        for (one, other) in [
            ("A123", "А123"),
            ("A123", "A１23"),
            ("A123", "A12\u{200b}3"),
            ("A123", "\u{202e}A123"),
            ("A1", "A1\u{3000}"),
            ("O", "Ο"),
            ("3", "٣"),
        ] {
            let found = Lookalikes::among([one, other, "B"]);
            assert_eq!(found.pairs.len(), 1, "{one:?} {other:?}: {found:?}");
        }
        let ordinary = ["0012345", "12345", "A1", "a1", "l1", "11", "王小明", "王曉明", "Ольга", "Ω", "é", "e", "", "A 1", "ｶﾅ", "カナ"];
        assert!(Lookalikes::among(ordinary).is_empty(), "{:?}", Lookalikes::among(ordinary));
        assert_eq!(Lookalikes::among(["A\u{200b}", "A\u{1b}[1m"]).hidden.len(), 2);
    }

    #[test]
    fn the_answer_does_not_depend_on_the_order_of_names() {
        let names = ["А1", "A1", "A１", "A1\u{feff}", "B"];
        let mut reversed = names;
        reversed.reverse();
        assert_eq!(Lookalikes::among(names), Lookalikes::among(reversed));
        assert_eq!(Lookalikes::among(names).pairs.len(), 3);
        assert_eq!(first_difference("A1", "A1\u{feff}"), (3, None, Some('\u{feff}')));
    }

    #[test]
    fn every_letter_shaped_like_a_latin_one_has_its_partner() {
        for (theirs, latin) in SHAPED_LIKE {
            assert_eq!(theirs.chars().count(), latin.chars().count());
            assert!(latin.is_ascii() && !theirs.chars().any(|own| own.is_ascii()));
        }
    }
}
