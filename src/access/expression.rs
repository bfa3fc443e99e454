//! The broker's rule of eligibility as one sentence: comparisons of columns and numbers, joined by `and`, `or`, `not`.
//!
//! ```text
//! avg_daily_value >= 100000000 and (type = "fund" or 0.5 * scale + 0.3 * structure >= 60)
//! ```
//! A column that a row leaves empty makes what hangs on it unknown, and the rest may still decide (`unknown or yes` is yes). A column whose
//! name is no plain word stands in backquotes.

mod written;

use std::collections::BTreeSet;

use crate::access::eligibility::{Condition, Operator, Value, begins_like_a_number, no_number};
use crate::access::number::Number;
use crate::evidence_tables::{EvidenceRow, Table};
use crate::record::Notice;

/// Sums and comparisons may be nested so deep.
const DEEPEST: usize = 64;
/// Words and signs of a rule: a sum of many parts is as deep as it is long.
const LONGEST: usize = 2_000;

/// A rule of eligibility.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// All of these.
    All(Vec<Expression>),
    /// One of these.
    Any(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// Two sums compared.
    Compare(Sum, Operator, Sum),
    /// One column against one value.
    One(Condition),
}

/// A sum of products, flattened no further than it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Sum {
    /// A number.
    Number(Number),
    /// A column's value.
    Column(String),
    /// The opposite of what is no plain number.
    Negative(Box<Sum>),
    /// Two parts and what joins them: `+`, `-`, `*` or `/`.
    Joined(Box<Sum>, char, Box<Sum>),
}

/// Whether a rule holds for a row; or the columns that would be needed to tell.
pub type Held = Result<bool, BTreeSet<String>>;

impl Expression {
    /// Whether a row meets it.
    ///
    /// # Errors
    /// The columns that would be needed to decide.
    pub fn holds(&self, table: &Table, row: &EvidenceRow) -> Held {
        match self {
            Self::All(parts) => joined(parts.iter().map(|part| part.holds(table, row)), false),
            Self::Any(parts) => joined(parts.iter().map(|part| part.holds(table, row)), true),
            Self::Not(part) => part.holds(table, row).map(|holds| !holds),
            Self::One(condition) => condition.holds(table, row).map_err(|column| BTreeSet::from([column])),
            Self::Compare(left, operator, right) => {
                let (left, right) = (left.value(table, row), right.value(table, row));
                match (left, right) {
                    (Ok(left), Ok(right)) => Ok(operator.compares(left, right)),
                    (left, right) => Err(left.err().into_iter().chain(right.err()).flatten().collect()),
                }
            }
        }
    }

    /// Every comparison of one column with one value in it, for the scan of thresholds.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::conditions).collect(),
            // What is asked not to hold is no threshold to reach.
            Self::Not(_) => Vec::new(),
            Self::One(condition) => vec![condition.clone()],
            Self::Compare(..) => Vec::new(),
        }
    }

    /// The columns it speaks of.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::columns).collect(),
            Self::Not(part) => part.columns(),
            Self::One(condition) => BTreeSet::from([condition.column.as_str()]),
            Self::Compare(left, _, right) => left.columns().chain(right.columns()).collect(),
        }
    }

    /// Every condition of `all`, and one of `any` where there are any.
    #[must_use]
    pub fn of_lists(all: Vec<Condition>, any: Vec<Condition>) -> Self {
        let mut parts: Vec<Self> = all.into_iter().map(Self::One).collect();
        if !any.is_empty() {
            parts.push(Self::Any(any.into_iter().map(Self::One).collect()));
        }
        Self::All(parts)
    }

    /// Reads an expression.
    ///
    /// # Errors
    /// A sentence that says what was expected, and where.
    pub fn parse(text: &str) -> Result<Self, Notice> {
        let tokens = tokens(text)?;
        if tokens.len() > LONGEST {
            let zh = format!("規則超過 {LONGEST} 個字詞與符號");
            return Err((zh, format!("a rule of more than {LONGEST} words and signs")).into());
        }
        let mut reader = Reader { text, tokens: &tokens, at: 0, depth: 0 };
        let found = reader.any()?;
        if reader.at < tokens.len() { Err(reader.expected("and、or 或結尾", "`and`, `or` or the end")) } else { Ok(found) }
    }
}

/// One open part keeps the rest open, unless another part decides: `deciding` does.
fn joined(parts: impl Iterator<Item = Held>, deciding: bool) -> Held {
    let mut unknown = BTreeSet::new();
    for part in parts {
        match part {
            Ok(holds) if holds == deciding => return Ok(deciding),
            Ok(_) => (),
            Err(columns) => unknown.extend(columns),
        }
    }
    if unknown.is_empty() { Ok(!deciding) } else { Err(unknown) }
}

impl Sum {
    fn columns(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Number(_) => Box::new(std::iter::empty()),
            Self::Column(column) => Box::new(std::iter::once(column.as_str())),
            Self::Negative(part) => part.columns(),
            Self::Joined(left, _, right) => Box::new(left.columns().chain(right.columns())),
        }
    }

    fn value(&self, table: &Table, row: &EvidenceRow) -> Result<Number, BTreeSet<String>> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Column(column) => {
                table.written(row, column).and_then(|written| Number::read(&written)).ok_or_else(|| BTreeSet::from([column.clone()]))
            }
            Self::Negative(part) => part.value(table, row).map(Number::opposite),
            Self::Joined(left, sign, right) => match (left.value(table, row), right.value(table, row)) {
                (Ok(left), Ok(right)) => match sign {
                    '+' => Ok(left.plus(right)),
                    '-' => Ok(left.minus(right)),
                    '*' => Ok(left.times(right)),
                    // A quotient by zero compares with nothing.
                    _ if right.is_zero() => Err(BTreeSet::from(["/ 0".to_owned()])),
                    _ => Ok(left.divided_by(right)),
                },
                (left, right) => Err(left.err().into_iter().chain(right.err()).flatten().collect()),
            },
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Number),
    Word(String),
    /// In backquotes: a column, whatever its name.
    Named(String),
    /// In quotation marks: a text to compare with.
    Quoted(String),
    Sign(&'static str),
}

/// Words that join: no columns where they stand bare.
const JOINING: [&str; 6] = ["and", "or", "not", "且", "或", "非"];

/// Longer signs first.
const SIGNS: [&str; 13] = [">=", "<=", "!=", "==", ">", "<", "=", "(", ")", "+", "-", "*", "/"];

/// Tokens with the byte each starts at.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Notice> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match character {
            _ if character.is_whitespace() => {
                at += character.len_utf8();
                continue;
            }
            '"' | '\'' | '`' => {
                let length = rest[1..].find(character).ok_or_else(|| {
                    Notice::from((format!("「{text}」：{character} 沒有結尾"), format!("\"{text}\": {character} without its end")))
                })?;
                let inside = rest[1..=length].to_owned();
                (if character == '`' { Token::Named(inside) } else { Token::Quoted(inside) }, length + 2)
            }
            _ if SIGNS.iter().any(|sign| rest.starts_with(sign)) => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).unwrap_or_default();
                (Token::Sign(if sign == "==" { "=" } else { sign }), sign.len())
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || "\"'`".contains(c) || SIGNS.iter().any(|sign| sign.starts_with(c));
                let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
                if word.is_empty() {
                    // `!`, which begins a sign and is none.
                    let zh = format!("「{text}」：{character} 單獨無意義：不等於請寫 !=，否定請寫 not");
                    let en = format!("\"{text}\": {character} means nothing by itself: write != for unequal, `not` for the opposite");
                    return Err((zh, en).into());
                }
                match Number::read(word) {
                    None if begins_like_a_number(word) => return Err(no_number(text, word)),
                    number => (number.map_or_else(|| Token::Word(word.to_owned()), Token::Number), word.len()),
                }
            }
        };
        found.push((at, token));
        at += length;
    }
    Ok(found)
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [(usize, Token)],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn expected(&self, zh: &str, en: &str) -> Notice {
        let (text, rest) = (self.text, self.tokens.get(self.at).map_or("", |(byte, _)| &self.text[*byte..]));
        let here =
            if rest.is_empty() { ("結尾".to_owned(), "the end".to_owned()) } else { (format!("「{rest}」"), format!("\"{rest}\"")) };
        (format!("「{text}」：於{}處應有{zh}", here.0), format!("\"{text}\": {en} was expected at {}", here.1)).into()
    }

    fn next_if(&mut self, wanted: impl Fn(&Token) -> bool) -> bool {
        let is = self.tokens.get(self.at).is_some_and(|(_, token)| wanted(token));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, wanted: &str) -> bool {
        self.next_if(|token| matches!(token, Token::Sign(sign) if *sign == wanted))
    }

    /// A joining word, in English or Chinese.
    fn word(&mut self, wanted: &[&str]) -> bool {
        self.next_if(|token| matches!(token, Token::Word(word) if wanted.contains(&word.to_lowercase().as_str())))
    }

    fn any(&mut self) -> Result<Expression, Notice> {
        let mut parts = vec![self.all()?];
        while self.word(&["or", "或"]) {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Result<Expression, Notice> {
        let mut parts = vec![self.one()?];
        while self.word(&["and", "且"]) {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self) -> Result<Expression, Notice> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.expected("較淺之層次", "less nesting"));
        }
        let found = if self.word(&["not", "非"]) { Ok(Expression::Not(Box::new(self.one()?))) } else { self.bracket_or_comparison() };
        self.depth -= 1;
        found
    }

    /// A bracket opens a condition or a sum: the one that can be read as a whole.
    fn bracket_or_comparison(&mut self) -> Result<Expression, Notice> {
        let (start, depth) = (self.at, self.depth);
        if self.sign("(") {
            let inside = self.any();
            if inside.is_ok() && self.sign(")") && !self.at_sign_of_sum() {
                return inside;
            }
            (self.at, self.depth) = (start, depth);
        }
        self.comparison()
    }

    /// Whether what follows goes on with a sum, so that the bracket before it was one.
    fn at_sign_of_sum(&self) -> bool {
        let joins = ["+", "-", "*", "/", ">=", "<=", "!=", ">", "<", "="];
        self.tokens.get(self.at).is_some_and(|(_, token)| matches!(token, Token::Sign(sign) if joins.contains(sign)))
    }

    fn goes_on_with_a_sum(&self, at: usize) -> bool {
        matches!(self.tokens.get(at), Some((_, Token::Sign("+" | "-" | "*" | "/"))))
    }

    fn comparison(&mut self) -> Result<Expression, Notice> {
        let left = self.sum()?;
        let Some(operator) = Operator::ALL.into_iter().find(|operator| self.sign(operator.sign())) else {
            return Err(self.expected("比較，如 >=", "a comparison such as >="));
        };
        let column = match &left {
            Sum::Column(column) => Some(column.clone()),
            _ => None,
        };
        // `type = fund`: a word alone behind = and != is a text, as in a list of conditions; a column stands in backquotes or a sum.
        if let (Some(column), Operator::Equal | Operator::Unequal, Some((_, Token::Word(word) | Token::Quoted(word)))) =
            (column, operator, self.tokens.get(self.at))
            && !self.goes_on_with_a_sum(self.at + 1)
        {
            self.at += 1;
            return Ok(Expression::One(Condition { column, operator, value: Value::Text(word.clone()) }));
        }
        Ok(match (left, self.sum()?) {
            (Sum::Column(column), Sum::Number(limit)) => Expression::One(Condition { column, operator, value: Value::Number(limit) }),
            (left, right) => Expression::Compare(left, operator, right),
        })
    }

    fn sum(&mut self) -> Result<Sum, Notice> {
        let mut sum = self.product()?;
        while let Some(sign) = ['+', '-'].into_iter().find(|sign| self.sign(&sign.to_string())) {
            sum = Sum::Joined(Box::new(sum), sign, Box::new(self.product()?));
        }
        Ok(sum)
    }

    fn product(&mut self) -> Result<Sum, Notice> {
        let mut product = self.factor()?;
        while let Some(sign) = ['*', '/'].into_iter().find(|sign| self.sign(&sign.to_string())) {
            product = Sum::Joined(Box::new(product), sign, Box::new(self.factor()?));
        }
        Ok(product)
    }

    fn factor(&mut self) -> Result<Sum, Notice> {
        if self.sign("-") {
            self.depth += 1;
            let negative = if self.depth > DEEPEST { Err(self.expected("較淺之層次", "less nesting")) } else { self.factor() };
            self.depth -= 1;
            return Ok(match negative? {
                Sum::Number(number) => Sum::Number(number.opposite()),
                part => Sum::Negative(Box::new(part)),
            });
        }
        if self.sign("(") {
            self.depth += 1;
            let inside = if self.depth > DEEPEST { Err(self.expected("較淺之層次", "less nesting")) } else { self.sum() };
            self.depth -= 1;
            let inside = inside?;
            return if self.sign(")") { Ok(inside) } else { Err(self.expected("右括號", "`)`")) };
        }
        let found = match self.tokens.get(self.at) {
            Some((_, Token::Number(number))) => Sum::Number(*number),
            Some((_, Token::Word(word))) if !JOINING.contains(&word.to_lowercase().as_str()) => Sum::Column(word.clone()),
            Some((_, Token::Named(column))) => Sum::Column(column.clone()),
            _ => return Err(self.expected("欄名或數字", "a column or a number")),
        };
        self.at += 1;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence_tables::spec;
    use crate::evidence_tables::tests::read_text_table;

    /// One client by a rule, its figures in further columns.
    fn holds(rule: &str, header: &str, row: &str) -> Held {
        let table = read_text_table(spec("clients").expect("a table"), &format!("client,{header}\nC1,{row}\n"));
        Expression::parse(rule).expect(rule).holds(&table, &table.rows[0])
    }

    #[test]
    fn a_rule_is_read_as_arithmetic_reads_it() {
        for (rule, expected) in [
            ("volume >= 100 and kind = fund", true),
            ("volume > 100 and kind = fund", false),
            ("volume > 100 or not kind = 'broker'", true),
            ("0.5 * volume + 2 * score - 10 >= 50", true),
            ("0.5 * (volume + 2) * score >= 510", true),
            ("volume - score - 80 = 10", true),
            ("volume / score / 2 = 5", true),
            ("(volume >= 100 or score > 99) and (score < 11)", true),
            ("(volume + score) >= 110", true),
            ("((volume)) >= (100)", true),
            ("-volume <= -100", true),
            ("score > 99 or score < 11 and volume < 1", false),
            ("volume >= 1e2 \u{4e14} score <= 1,000", true),
            ("`volume` != score", true),
            ("volume = `volume`", true),
            ("volume = score * score", true),
            ("volume = `score` or `volume` / `score` = score", true),
            ("kind = 'fund' and kind != \"100\"", true),
            // In binary each of these misses by a hair.
            ("0.57 * volume >= 57 and 0.07 * volume <= 7 and 0.29 * volume = 29", true),
            ("0.1 * score + 0.2 * score <= 3 and 0.3 * score - 1 >= 2", true),
            ("0.4 * (score - 4) + 0.6 * (volume - 4) = 60", true),
            ("score / 3 * 3 = score and volume / 7 + volume / 7 = 2 * volume / 7", true),
            ("volume + 9007199254740892 >= 9007199254740993", false),
        ] {
            assert_eq!(holds(rule, "volume,kind,score", "100,fund,10"), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn what_is_empty_is_unknown_unless_the_rest_decides() {
        let missing = |rule: &str| holds(rule, "volume,score", "100,").map_err(|columns| columns.into_iter().collect::<Vec<_>>().join(","));
        assert_eq!(missing("score > 1"), Err("score".to_owned()));
        assert_eq!(missing("not score > 1"), Err("score".to_owned()));
        assert_eq!(missing("score > 1 or volume = 100"), Ok(true));
        assert_eq!(missing("score > 1 and volume = 99"), Ok(false));
        assert_eq!(missing("score + volume > nowhere"), Err("nowhere,score".to_owned()));
        assert_eq!(missing("volume / 0 > 1"), Err("/ 0".to_owned()));
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_place() {
        for (rule, said) in [
            ("", "the end"),
            ("volume", ">="),
            ("volume >=", "a column or a number"),
            ("volume >= 1 kind = x", "\"kind = x\""),
            ("(volume >= 1", "was expected"),
            ("volume >= 'x", "without its end"),
            ("and >= 1", "\"and >= 1\""),
            ("volume >= 1 and !kind = x", "write !="),
            ("!", "write !="),
            ("volume => 100", "a column or a number"),
            ("volume >= 100萬", "plain digits"),
            ("volume = 100x", "plain digits"),
        ] {
            let problem = Expression::parse(rule).expect_err(rule);
            assert!(problem.en.contains(said), "{rule}: {problem:?}");
        }
        let deep = format!("{}volume{} > 1", "(".repeat(5_000), ")".repeat(5_000));
        assert!(Expression::parse(&deep).is_err());
        let long = format!("1{} > 1", " + 1".repeat(1_000_000));
        assert!(Expression::parse(&long).expect_err("too long").en.contains("2000 words"));
    }

    #[test]
    fn what_is_written_back_reads_as_the_same() {
        for (rule, written) in [
            ("`my column` + 1 > 2 and `and` = 'or'", "`my column` + 1 > 2 and `and` = or"),
            ("kind = 'a fund' or kind != '5' or kind = '\"'", "kind = \"a fund\" or kind != \"5\" or kind = '\"'"),
            ("a = `b`", "a = `b`"),
            (
                "(a + b) * -c - (d - e) > f and (g > 1 or not (h > 2 and i > 3))",
                "(a + b) * -c - (d - e) > `f` and (g > 1 or not (h > 2 and i > 3))",
            ),
            ("a > 1 or b > 2 and c / d / e > 3 - 4 - 5", "a > 1 or b > 2 and c / d / e > 3 - 4 - 5"),
            ("`1` = `2` and not 月均量 >= -1,000", "`1` = `2` and not 月均量 >= -1000"),
            ("-(a - -b) / -(2) > - - -c", "-(a - -b) / -2 > ---c"),
        ] {
            let read = Expression::parse(rule).expect(rule);
            assert_eq!(read.to_string(), written);
            assert_eq!(Expression::parse(written).expect(written), read);
        }
    }

    #[test]
    fn what_is_written_back_is_no_longer_than_what_was_read() {
        let minuses = "-".repeat(40);
        let longest = (0..45).map(|_| format!("{minuses}a > 1")).collect::<Vec<_>>().join(" or ");
        let written = Expression::parse(&longest).expect("just short enough").to_string();
        assert_eq!(written, longest);
    }

    #[test]
    fn thresholds_are_found_at_any_depth() {
        let rule = Expression::parse("a >= 1 and (b > -2 or not c >= 3) and 2 * d >= 4").expect("a rule");
        assert_eq!(rule.conditions().iter().map(ToString::to_string).collect::<Vec<_>>(), ["a >= 1", "b > -2"]);
    }
}
