//! A rule written back: with the brackets and quotation marks that it needs to read as the same.

use std::fmt;

use crate::access::eligibility::{Condition, Value};
use crate::access::expression::{Expression, JOINING, Sum, Token, tokens};

/// Brackets stand where the rule needs them and nowhere else: what is written is nested no deeper than what was read.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Self], word: &str, bracket: fn(&Self) -> bool| {
            let written = |part: &Self| if bracket(part) { format!("({part})") } else { part.to_string() };
            parts.iter().map(written).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::All(parts) => f.write_str(&list(parts, " and ", |part| matches!(part, Self::All(_) | Self::Any(_)))),
            Self::Any(parts) => f.write_str(&list(parts, " or ", |part| matches!(part, Self::Any(_)))),
            Self::Not(part) if matches!(**part, Self::All(_) | Self::Any(_)) => write!(f, "not ({part})"),
            Self::Not(part) => write!(f, "not {part}"),
            Self::One(Condition { column, operator, value }) => {
                let value = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) if is_word(text) => text.clone(),
                    Value::Text(text) if text.contains('"') => format!("'{text}'"),
                    Value::Text(text) => format!("\"{text}\""),
                };
                write!(f, "{} {} {value}", Name(column), operator.sign())
            }
            // Bare behind a sign it would be a text.
            Self::Compare(left, operator, Sum::Column(column)) => write!(f, "{left} {} `{column}`", operator.sign()),
            Self::Compare(left, operator, right) => write!(f, "{left} {} {right}", operator.sign()),
        }
    }
}

impl Sum {
    /// How tightly it is bound: a sum, a product, a single value.
    fn rank(&self) -> u8 {
        match self {
            Self::Joined(_, '+' | '-', _) => 0,
            Self::Joined(..) => 1,
            Self::Number(_) | Self::Column(_) | Self::Negative(_) => 2,
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &Self, bracket: bool| if bracket { format!("({part})") } else { part.to_string() };
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Column(column) => Name(column).fmt(f),
            Self::Negative(inside) => write!(f, "-{}", part(inside, inside.rank() < self.rank())),
            Self::Joined(left, sign, right) => {
                let rank = self.rank();
                write!(f, "{} {sign} {}", part(left, left.rank() < rank), part(right, right.rank() <= rank))
            }
        }
    }
}

/// A column as a rule names it.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = is_word(self.0) && !JOINING.contains(&self.0.to_lowercase().as_str());
        if bare { f.write_str(self.0) } else { write!(f, "`{}`", self.0) }
    }
}

/// Whether a text is read as one word.
fn is_word(text: &str) -> bool {
    matches!(tokens(text).as_deref(), Ok([(0, Token::Word(word))]) if word == text)
}
