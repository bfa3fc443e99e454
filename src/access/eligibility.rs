//! One of the broker's own conditions, `column op value`, applied to a row of the client table.

use std::fmt;

use crate::evidence_tables::{EvidenceRow, Table};

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
    Number(f64),
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
    pub fn compares(self, left: f64, right: f64) -> bool {
        match self {
            Self::AtLeast => left >= right,
            Self::Above => left > right,
            Self::AtMost => left <= right,
            Self::Below => left < right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }
}

impl Condition {
    /// Reads `avg_daily_value >= 100000000` or `type = institution`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("\"{text}\" is not a condition; write for example \"avg_daily_value >= 100000000\" or \"type = fund\"");
        let at = text.find(['<', '>', '=', '!']).ok_or_else(expected)?;
        let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| text[at..].starts_with(sign)).ok_or_else(expected)?;
        let (column, value) = (text[..at].trim(), text[at + sign.len()..].trim_start_matches('=').trim().trim_matches(['"', '\'']));
        if column.is_empty() || value.is_empty() {
            return Err(expected());
        }
        let value = match number(value) {
            Some(number) => Value::Number(number),
            None if matches!(operator, Operator::Equal | Operator::Unequal) => Value::Text(value.to_owned()),
            None => return Err(format!("\"{text}\": \"{value}\" is not a number, and only = and != compare texts")),
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
            Value::Number(limit) => self.operator.compares(number(&written).ok_or_else(unknown)?, *limit),
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

/// A finite number as a table or a rule writes it.
pub(crate) fn number(written: &str) -> Option<f64> {
    let plain = written.trim().replace([',', '_'], "");
    plain.parse().ok().filter(|number: &f64| number.is_finite())
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
        for text in ["", "volume", ">= 3", "volume >=", "type > fund", "volume ~ 3"] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
