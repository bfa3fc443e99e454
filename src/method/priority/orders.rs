//! Matched orders with what priority needs beside: side, price, quantity, channel, event, whose they are.

use crate::measure::{Scope, line_scope};
use crate::priority::LineScope;
use crate::record::{MatchedOrders, Names, without_thousands};

/// The price of an order that names none: a market order, or a column that was not given.
pub const NO_PRICE: i64 = i64::MIN;
/// Decimals of a price.
const PRICE_DECIMALS: usize = 4;

/// Matched orders and further columns of the same length and order; an empty column was not given.
#[derive(Clone, Debug, Default)]
pub struct PriorityOrders<'a> {
    /// The orders.
    pub matched: std::borrow::Cow<'a, MatchedOrders>,
    /// 1 buy, 2 sell, 0 unknown.
    pub side: Vec<u8>,
    /// Ten-thousandths of the currency, or [`NO_PRICE`].
    pub price: Vec<i64>,
    /// True where a price was named that cannot be read; empty where all can.
    pub unread_price: Vec<bool>,
    /// Shares; 0 unknown.
    pub quantity: Vec<i64>,
    /// Code into `channels`.
    pub channel: Vec<u16>,
    /// Names of the channels, ascending.
    pub channels: Names,
    /// False for amends and cancels.
    pub is_new: Vec<bool>,
    /// True for the broker's own orders.
    pub is_house: Vec<bool>,
    /// True where the record names an exception.
    pub excepted: Vec<bool>,
    /// Code of the market event that the order answers; 0 none.
    pub event: Vec<u32>,
    /// When that event was published, nanoseconds since the epoch, or `i64::MIN`.
    pub event_at: Vec<i64>,
}

impl PriorityOrders<'_> {
    /// How many orders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.matched.len()
    }

    /// True when there is no order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.matched.is_empty()
    }

    /// Side of an order, 0 where unknown.
    #[must_use]
    pub fn side(&self, row: usize) -> u8 {
        self.side.get(row).copied().unwrap_or(0)
    }

    /// Price of an order.
    #[must_use]
    pub fn price(&self, row: usize) -> i64 {
        self.price.get(row).copied().unwrap_or(NO_PRICE)
    }

    /// Shares of an order, 0 where unknown.
    #[must_use]
    pub fn quantity(&self, row: usize) -> i64 {
        self.quantity.get(row).copied().unwrap_or(0)
    }

    /// False for amends and cancels; true where nothing says.
    #[must_use]
    pub fn is_new(&self, row: usize) -> bool {
        self.is_new.get(row).copied().unwrap_or(true)
    }

    /// True for the broker's own orders.
    #[must_use]
    pub fn is_house(&self, row: usize) -> bool {
        self.is_house.get(row).copied().unwrap_or(false)
    }

    /// True where the record names an exception.
    #[must_use]
    pub fn is_excepted(&self, row: usize) -> bool {
        self.excepted.get(row).copied().unwrap_or(false)
    }

    /// What a scope needs is there: side, or side and price.
    #[must_use]
    pub fn has(&self, scope: LineScope) -> bool {
        match scope {
            LineScope::InstrumentSide => !self.side.is_empty(),
            LineScope::SamePrice => !self.side.is_empty() && !self.price.is_empty(),
            LineScope::Instrument | LineScope::Line | LineScope::All => true,
        }
    }

    /// The line of every order: equal numbers stand in one line. An order whose price cannot be read stands in no line of one price but
    /// its own; orders that name none, as market orders do, stand in one.
    #[must_use]
    pub fn lines(&self, scope: LineScope) -> Vec<u64> {
        let orders = &*self.matched;
        let kind = |row: usize| u64::from(orders.kind[row]);
        let instrument = |row: usize| u64::from(orders.instrument[row]) << 18 | u64::from(self.side(row)) << 16 | kind(row);
        let rows = 0..self.len();
        match scope {
            LineScope::Instrument => rows.map(|row| u64::from(orders.instrument[row]) << 18 | kind(row)).collect(),
            LineScope::InstrumentSide => rows.map(instrument).collect(),
            LineScope::SamePrice => {
                let mut numbers: hashbrown::HashMap<(u64, i64), u64, foldhash::fast::FixedState> = hashbrown::HashMap::default();
                let mut alone = 0;
                let number = |row: usize| {
                    if self.unread_price.get(row).copied().unwrap_or(false) {
                        alone += 1;
                        return u64::MAX - alone;
                    }
                    let next = numbers.len() as u64;
                    *numbers.entry((instrument(row), self.price(row))).or_insert(next)
                };
                rows.map(number).collect()
            }
            LineScope::Line => {
                let column = match line_scope(orders) {
                    Scope::Shard => Some(&orders.shard),
                    Scope::Gateway => Some(&orders.gateway),
                    Scope::All => None,
                };
                rows.map(|row| column.map_or(0, |column| u64::from(column[row])) << 16 | kind(row)).collect()
            }
            LineScope::All => rows.map(kind).collect(),
        }
    }
}

/// A price such as "100.05" in ten-thousandths; `None` where it is not a decimal number of at most four significant decimals.
///
/// What arithmetic in binary left of one, such as 94.60000000000001, is read as the price it came from.
#[must_use]
pub fn price_of(text: &str) -> Option<i64> {
    let text = without_thousands(text.trim()).filter(|text| text.is_ascii())?;
    let (sign, digits) = text.strip_prefix('-').map_or((1, &*text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (kept, beyond) = fraction.split_at(fraction.len().min(PRICE_DECIMALS));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(kept) || !all_digits(beyond) {
        return None;
    }
    if beyond.bytes().any(|byte| byte != b'0') {
        return float_price(&text);
    }
    let scale = 10_i64.pow((PRICE_DECIMALS - kept.len()) as u32);
    let part = if kept.is_empty() { 0 } else { kept.parse::<i64>().ok()? * scale };
    whole.parse::<i64>().ok()?.checked_mul(10_000)?.checked_add(part).map(|price| sign * price)
}

/// A number within a ten-billionth of a price.
fn float_price(text: &str) -> Option<i64> {
    const NEAR: f64 = 1e-6;
    // Beyond it neighbouring floats are further apart.
    const MOST: f64 = 1e9;
    let price = text.parse::<f64>().ok()? * 10_000.0;
    ((price - price.round()).abs() <= NEAR && price.abs() <= MOST).then_some(price.round() as i64)
}

/// Shares such as "1000" or "1000.0"; `None` where it is not a whole number above zero.
#[must_use]
pub fn quantity_of(text: &str) -> Option<i64> {
    let price = price_of(text)?;
    (price > 0 && price % 10_000 == 0).then_some(price / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_whole_ten_thousandths_or_refused() {
        for (text, price) in [
            ("100.05", 1_000_500),
            ("7", 70_000),
            ("0.0001", 1),
            ("-1.5", -15_000),
            ("1,000", 10_000_000),
            ("5.00000", 50_000),
            ("94.60000000000001", 946_000),
            ("0.09999999999999999", 1_000),
        ] {
            assert_eq!(price_of(text), Some(price), "{text}");
        }
        for text in
            ["", ".", "1e5", "1,5", "1,0000", "0.00001", "94.600000001", "0.0000x", "一百", "1.é", "99999999999999999999", "--1", "+1"]
        {
            assert_eq!(price_of(text), None, "{text}");
        }
        assert_eq!([quantity_of("1000.0"), quantity_of("0"), quantity_of("0.5"), quantity_of("-3")], [Some(1_000), None, None, None]);
    }
}
