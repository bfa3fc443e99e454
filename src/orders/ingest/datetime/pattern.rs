//! Times by an explicit pattern, such as `%Y%m%d %H%M%S%3f`.

use crate::ingest::TimeFault;
use crate::ingest::datetime::SECOND;
use crate::ingest::datetime::written::{Written, decimals, number, read_offset};
use crate::record::TradeDate;

/// A pattern: items that stand one behind the other. They are read from a configuration and kept as long as the program runs, so that a
/// format stays a small value to pass around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    items: &'static [Item],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// This character.
    Literal(char),
    /// A year of four digits.
    Year,
    /// A year of the Republic, of so many digits at most: three, or two.
    RocYear,
    /// Two digits, or one or two.
    Month {
        short: bool,
    },
    Day {
        short: bool,
    },
    Hour {
        short: bool,
    },
    /// 1 to 12, with [`Item::Half`].
    Hour12 {
        short: bool,
    },
    Minute,
    Second,
    /// Decimals of a second: so many, or one to nine where it is 0.
    Decimals(u8),
    /// AM, PM, 上午 or 下午.
    Half,
    /// `Z`, `+08:00`, `+0800` or `+08`.
    Offset,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let (mut items, mut rest) = (Vec::new(), text.chars());
        while let Some(first) = rest.next() {
            items.push(if first == '%' { item(&mut rest, text)? } else { Item::Literal(first) });
        }
        check(&items, text)?;
        Ok(Self { items: Vec::leak(items) })
    }

    /// Takes a text apart.
    pub(crate) fn read(&self, text: &[u8]) -> Result<Written, TimeFault> {
        if text.is_empty() {
            return Err(TimeFault::Empty);
        }
        let mut parts = Parts { rest: text, year: 0, month: 0, day: 0, half: None, written: Written::default() };
        for item in self.items {
            parts.take(*item)?;
        }
        if !parts.rest.is_empty() {
            return Err(TimeFault::Malformed);
        }
        let Parts { year, month, day, half, mut written, .. } = parts;
        written.date = TradeDate::from_ymd(year as i32, month as u32, day as u32).ok_or(TimeFault::NoSuchTime)?;
        if let Some(half) = half {
            if !(1..=12).contains(&written.hour) {
                return Err(TimeFault::NoSuchTime);
            }
            written.hour = written.hour % 12 + half;
        }
        Ok(written)
    }
}

/// A pattern names a day, an hour and a minute, and each once.
fn check(items: &[Item], text: &str) -> Result<(), String> {
    let count = |is: fn(&Item) -> bool| items.iter().filter(|item| is(item)).count();
    let n_half = count(|item| *item == Item::Half);
    let n_hour12 = count(|item| matches!(item, Item::Hour12 { .. }));
    for (name, found) in [
        ("one year: %Y, or %R for the Republic's", count(|item| matches!(item, Item::Year | Item::RocYear))),
        ("one month: %m", count(|item| matches!(item, Item::Month { .. }))),
        ("one day: %d", count(|item| matches!(item, Item::Day { .. }))),
        ("one hour: %H, or %I with %p", count(|item| matches!(item, Item::Hour { .. })) + n_hour12),
        ("one minute: %M", count(|item| *item == Item::Minute)),
        ("%I and %p together", 1 + n_half.abs_diff(n_hour12)),
    ] {
        if found != 1 {
            return Err(format!("the time format \"{text}\" needs {name}"));
        }
    }
    for is in [|item: &Item| *item == Item::Second, |item: &Item| matches!(item, Item::Decimals(_)), |item: &Item| *item == Item::Offset] {
        if count(is) > 1 {
            return Err(format!("the time format \"{text}\" names one part twice"));
        }
    }
    Ok(())
}

fn item(rest: &mut std::str::Chars<'_>, text: &str) -> Result<Item, String> {
    let (mut short, mut letter) = (false, rest.next());
    if letter == Some('-') {
        (short, letter) = (true, rest.next());
    }
    Ok(match (letter, short) {
        (Some('Y'), false) => Item::Year,
        (Some('R'), false) => Item::RocYear,
        (Some('m'), short) => Item::Month { short },
        (Some('d'), short) => Item::Day { short },
        (Some('H'), short) => Item::Hour { short },
        (Some('I'), short) => Item::Hour12 { short },
        (Some('M'), false) => Item::Minute,
        (Some('S'), false) => Item::Second,
        (Some('f'), false) => Item::Decimals(0),
        (Some(n @ '1'..='9'), false) if rest.next() == Some('f') => Item::Decimals(n as u8 - b'0'),
        (Some('p'), false) => Item::Half,
        (Some('z'), false) => Item::Offset,
        (Some('%'), false) => Item::Literal('%'),
        (Some('y'), _) => return Err(format!("the time format \"{text}\" has a year of two digits, whose century nobody knows")),
        _ => {
            return Err(format!(
                "the time format \"{text}\" is not known: it may hold %Y %R %m %d %H %I %M %S %f %3f %p %z %%, and %-m %-d %-H %-I"
            ));
        }
    })
}

/// What is left of a text, and what was found.
struct Parts<'t> {
    rest: &'t [u8],
    year: i64,
    month: i64,
    day: i64,
    half: Option<i64>,
    written: Written,
}

impl<'t> Parts<'t> {
    fn take(&mut self, item: Item) -> Result<(), TimeFault> {
        let least = |short: bool| if short { 1 } else { 2 };
        match item {
            Item::Literal(one) => {
                let mut bytes = [0; 4];
                self.rest = self.rest.strip_prefix(one.encode_utf8(&mut bytes).as_bytes()).ok_or(TimeFault::Malformed)?;
            }
            Item::Year => self.year = self.number(4, 4)?,
            Item::RocYear => self.year = self.number(2, 3)? + 1_911,
            Item::Month { short } => self.month = self.number(least(short), 2)?,
            Item::Day { short } => self.day = self.number(least(short), 2)?,
            Item::Hour { short } | Item::Hour12 { short } => self.written.hour = self.number(least(short), 2)?,
            Item::Minute => self.written.minute = self.number(2, 2)?,
            Item::Second => self.written.second = self.number(2, 2)?,
            Item::Decimals(0) => self.written.fraction = decimals(self.digits(1, 9)?)?,
            Item::Decimals(n) => self.written.fraction = decimals(self.digits(usize::from(n), usize::from(n))?)?,
            Item::Half => {
                let words = [("AM", 0), ("am", 0), ("上午", 0), ("PM", 12), ("pm", 12), ("下午", 12)];
                let found = words.iter().find(|(word, _)| self.rest.starts_with(word.as_bytes())).ok_or(TimeFault::Malformed)?;
                self.rest = &self.rest[found.0.len()..];
                self.half = Some(found.1);
            }
            Item::Offset => self.written.offset = Some(self.offset()?),
        }
        Ok(())
    }

    /// Digits, as many as there are between `least` and `most`.
    fn digits(&mut self, least: usize, most: usize) -> Result<&'t [u8], TimeFault> {
        let n = self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if n < least {
            return Err(TimeFault::Malformed);
        }
        let (digits, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Result<i64, TimeFault> {
        number(self.digits(least, most)?).ok_or(TimeFault::Malformed)
    }

    fn offset(&mut self) -> Result<i64, TimeFault> {
        let (sign, rest) = self.rest.split_first().ok_or(TimeFault::Malformed)?;
        let n = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b':').count();
        let (digits, behind) = rest.split_at(n);
        self.rest = behind;
        match sign {
            b'Z' | b'z' if n == 0 => Ok(0),
            b'+' | b'-' => read_offset(*sign, digits).map(|nanos| nanos.clamp(-SECOND * 86_400, SECOND * 86_400)),
            _ => Err(TimeFault::Malformed),
        }
    }
}
