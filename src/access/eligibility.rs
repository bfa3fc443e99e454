//! One of the broker's own conditions, `column op value`, applied to a row of the client table.

use std::cmp::Ordering;
use std::fmt;

use crate::access::number::Number;
use crate::evidence_tables::{EvidenceRow, Table};
use crate::record::Notice;

/// One condition on one column of the client table.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Header of the column.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: Value,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
    /// `!=`
    Unequal,
}

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(Number),
    /// A text, compared as written.
    Text(String),
}

/// Longer signs first: `>=` is not `>`.
const OPERATORS: [(&str, Operator); 6] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("!=", Operator::Unequal),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Equal),
];

impl Operator {
    /// Longer signs first.
    pub(crate) const ALL: [Self; 6] = [Self::AtLeast, Self::AtMost, Self::Unequal, Self::Above, Self::Below, Self::Equal];

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(sign, _)| sign)
    }

    /// Whether it holds between two numbers.
    #[must_use]
    pub fn compares(self, left: Number, right: Number) -> bool {
        let found = left.compare(right);
        match self {
            Self::AtLeast => found.is_some_and(Ordering::is_ge),
            Self::Above => found == Some(Ordering::Greater),
            Self::AtMost => found.is_some_and(Ordering::is_le),
            Self::Below => found == Some(Ordering::Less),
            Self::Equal => found == Some(Ordering::Equal),
            Self::Unequal => found != Some(Ordering::Equal),
        }
    }
}

impl Condition {
    /// Reads `avg_daily_value >= 100000000` or `type = institution`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, Notice> {
        let expected = || {
            let en = format!("\"{text}\" is not a condition; write for example \"avg_daily_value >= 100000000\" or \"type = fund\"");
            Notice::from((format!("「{text}」不是條件；請寫如「avg_daily_value >= 100000000」或「type = fund」"), en))
        };
        let at = text.find(['<', '>', '=', '!']).ok_or_else(expected)?;
        let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| text[at..].starts_with(sign)).ok_or_else(expected)?;
        let (column, rest) = (text[..at].trim(), text[at + sign.len()..].trim_start_matches('=').trim());
        let value = rest.trim_matches(['"', '\'']);
        // `=>` is no sign, and nobody means a text that begins with one.
        if column.is_empty() || value.is_empty() || rest.starts_with(['<', '>', '=', '!']) {
            return Err(expected());
        }
        let value = match Number::read(value) {
            Some(number) => Value::Number(number),
            None if begins_like_a_number(rest) => return Err(no_number(text, rest)),
            None if matches!(operator, Operator::Equal | Operator::Unequal) => Value::Text(value.to_owned()),
            None => {
                let en = format!("\"{text}\": \"{value}\" is not a number, and only = and != compare texts");
                return Err((format!("「{text}」：「{value}」不是數字，文字僅能以 = 與 != 比較"), en).into());
            }
        };
        Ok(Self { column: column.to_owned(), operator, value })
    }

    /// Whether a row meets it.
    ///
    /// # Errors
    /// The column, where the row does not say.
    pub fn holds(&self, table: &Table, row: &EvidenceRow) -> Result<bool, String> {
        let unknown = || self.column.clone();
        let written = table.written(row, &self.column).filter(|written| !written.is_empty()).ok_or_else(unknown)?;
        Ok(match &self.value {
            Value::Text(text) => (written == text.as_str()) == (self.operator == Operator::Equal),
            Value::Number(limit) => self.operator.compares(Number::read(&written).ok_or_else(unknown)?, *limit),
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = self.operator.sign();
        match &self.value {
            Value::Number(number) => write!(f, "{} {sign} {number}", self.column),
            Value::Text(text) => write!(f, "{} {sign} {text}", self.column),
        }
    }
}

/// True of a bare word such as `100萬`, `1000000x` or `１０００`: whoever writes it means a number, and it is none that is read here.
pub(crate) fn begins_like_a_number(word: &str) -> bool {
    word.trim_start_matches(['+', '-']).starts_with(char::is_numeric)
}

/// That such a word is refused.
pub(crate) fn no_number(text: &str, word: &str) -> Notice {
    let zh = format!("「{text}」：「{word}」不是可讀的數字；數字請僅以阿拉伯數字書寫（如 1000000），文字請加引號，欄名請加反引號");
    let en = format!(
        "\"{text}\": \"{word}\" is not a number that is read here; write a number in plain digits (1000000), a text in quotation marks, a column in backquotes"
    );
    (zh, en).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_and_print_alike_and_others_are_refused() {
        for text in ["volume >= 1000", "volume > 1.5", "a <= 3", "a < 3", "type = fund", "type != fund"] {
            assert_eq!(Condition::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Condition::parse("月均量>=1,000,000").expect("no spaces").to_string(), "月均量 >= 1000000");
        for text in [
            "",
            "volume",
            ">= 3",
            "volume >=",
            "type > fund",
            "volume ~ 3",
            "volume => 3",
            "volume =< 3",
            "volume = 3x",
            "volume = １０００",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
