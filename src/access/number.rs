//! Numbers of the broker's rule as people reckon them: exact fractions, so that 0.4 times 6 and 0.6 times 96 make 60 and no hair less.
//!
//! What needs more than 38 digits, in a number or on the way to a sum, goes on as the nearest binary double.

use std::cmp::Ordering;
use std::fmt;

/// A number of a rule or of a client's figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// In lowest terms.
    Exact(Fraction),
    /// What no fraction of these sizes holds.
    Nearest(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction {
    /// Never the least of its type, so that it has an opposite.
    above: i128,
    /// Above zero.
    below: i128,
}

impl Number {
    /// A finite number as a table or a rule writes it; commas stand between thousands alone.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let plain = written.trim().replace('_', "");
        let nearest = crate::evidence_tables::number(&plain)?;
        // Commas between thousands have been found to stand where they may.
        let exact = Fraction::read(&plain.replace(',', "")).or_else(|| Fraction::read(&nearest.to_string()));
        Some(Self(exact.map_or(Kind::Nearest(nearest), Kind::Exact)))
    }

    /// As a binary double.
    #[must_use]
    pub fn nearest(self) -> f64 {
        match self.0 {
            Kind::Exact(Fraction { above, below }) => above as f64 / below as f64,
            Kind::Nearest(number) => number,
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nearest() == 0.0
    }

    /// The opposite.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self.0 {
            Kind::Exact(Fraction { above, below }) => Self(Kind::Exact(Fraction { above: -above, below })),
            Kind::Nearest(number) => Self(Kind::Nearest(-number)),
        }
    }

    /// The two added.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, Fraction::plus, |one, other| one + other)
    }

    /// The other taken from it.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.opposite())
    }

    /// The two multiplied.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        self.with(other, Fraction::times, |one, other| one * other)
    }

    /// It divided by the other, which is not zero.
    #[must_use]
    pub fn divided_by(self, other: Self) -> Self {
        self.with(other, |one, other| one.times(other.inverse()?), |one, other| one / other)
    }

    /// How the two compare; `None` where one of them has gone beyond every number.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self.0, other.0) {
            (Kind::Exact(one), Kind::Exact(other)) => Some(one.compare(other)),
            _ => self.nearest().partial_cmp(&other.nearest()),
        }
    }

    fn with(self, other: Self, exact: fn(Fraction, Fraction) -> Option<Fraction>, nearest: fn(f64, f64) -> f64) -> Self {
        let fraction = match (self.0, other.0) {
            (Kind::Exact(one), Kind::Exact(other)) => exact(one, other),
            _ => None,
        };
        Self(fraction.map_or_else(|| Kind::Nearest(nearest(self.nearest(), other.nearest())), Kind::Exact))
    }
}

impl Fraction {
    /// In lowest terms; `None` where it does not fit.
    fn of(above: i128, below: i128) -> Option<Self> {
        let common = common(above.unsigned_abs(), below.unsigned_abs());
        // It divides `below`, which is above zero and of the type.
        let common = i128::try_from(common).ok()?;
        Some(Self { above: above / common, below: below / common }).filter(|fraction| fraction.above != i128::MIN)
    }

    /// Digits with a point and an exponent, either of which may be left out.
    fn read(plain: &str) -> Option<Self> {
        let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (plain, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let part = part.trim_end_matches('0');
        let digits: i128 = format!("{whole}{part}").parse().ok()?;
        if digits == 0 {
            return Some(Self { above: 0, below: 1 });
        }
        let exponent = exponent.checked_sub(i32::try_from(part.len()).ok()?)?;
        let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
        if exponent < 0 { Self::of(digits, power) } else { Self::of(digits.checked_mul(power)?, 1) }
    }

    fn plus(self, other: Self) -> Option<Self> {
        let common = i128::try_from(common(self.below.unsigned_abs(), other.below.unsigned_abs())).ok()?;
        let (one, another) = (self.above.checked_mul(other.below / common)?, other.above.checked_mul(self.below / common)?);
        Self::of(one.checked_add(another)?, self.below.checked_mul(other.below / common)?)
    }

    fn times(self, other: Self) -> Option<Self> {
        // Reduced crosswise first, the product needs no more room than it must.
        let (one, another) = (Self::of(self.above, other.below)?, Self::of(other.above, self.below)?);
        Self::of(one.above.checked_mul(another.above)?, one.below.checked_mul(another.below)?)
    }

    fn inverse(self) -> Option<Self> {
        (self.above != 0).then(|| Self { above: self.below * self.above.signum(), below: self.above.abs() })
    }

    /// By whole parts, then by what is left, as Euclid does: no step outgrows the two.
    fn compare(self, other: Self) -> Ordering {
        let ((mut a, mut b), (mut c, mut d)) = ((self.above, self.below), (other.above, other.below));
        loop {
            let whole = a.div_euclid(b).cmp(&c.div_euclid(d));
            let (left, right) = (a.rem_euclid(b), c.rem_euclid(d));
            if whole.is_ne() || left == 0 || right == 0 {
                return whole.then(left.cmp(&right));
            }
            // left / b against right / d is d / right against b / left.
            ((a, b), (c, d)) = ((d, right), (b, left));
        }
    }
}

/// The greatest common divisor; of two zeros it is one.
fn common(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

/// In plain digits, so that it reads as the same.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind::Exact(Fraction { above, below }) = self.0 else { return self.nearest().fmt(f) };
        // The first power of ten that the lower part divides; a number that was written down has one.
        let found = (0..=38_u32).find_map(|places| Some((places as usize, 10_i128.pow(places))).filter(|(_, power)| power % below == 0));
        let Some((places, digits)) = found.and_then(|(places, power)| Some((places, above.checked_mul(power / below)?))) else {
            return self.nearest().fmt(f);
        };
        let digits = format!("{:0>width$}", digits.unsigned_abs(), width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        let sign = if above < 0 { "-" } else { "" };
        if part.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{part}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Number {
        Number::read(text).expect(text)
    }

    #[test]
    fn commas_stand_between_thousands_alone() {
        let read = ["1,000,000", "1_000", "12", "1.5", "999999,5", "99,99", "1,0000", "x"]
            .map(|text| Number::read(text).map(|number| number.to_string()));
        assert_eq!(read.map(|text| text.unwrap_or_default()), ["1000000", "1000", "12", "1.5", "", "", "", ""]);
    }

    #[test]
    fn a_number_is_written_as_it_reads() {
        for (text, written) in [
            ("1e2", "100"),
            ("-1,000.50", "-1000.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("-0", "0"),
            ("1e-3", "0.001"),
            ("9007199254740993", "9007199254740993"),
            ("0.1", "0.1"),
            ("1e20", "100000000000000000000"),
            ("0e999", "0"),
        ] {
            assert_eq!(read(text).to_string(), written, "{text}");
            assert_eq!(read(written), read(text), "{text}");
        }
        // Longer than is kept: the nearest double, and the same when read again.
        let digits = "3.14159265358979323846264338327950288419716939937510";
        for text in [digits, "1e300", "1e-300"] {
            assert_eq!(read(&read(text).to_string()), read(text), "{text}");
        }
        assert!(Number::read("1e400").is_none());
    }

    #[test]
    fn fractions_compare_as_their_products_do() {
        let small: Vec<Fraction> = (-6..=6).flat_map(|above| (1..=5).filter_map(move |below| Fraction::of(above, below))).collect();
        for one in &small {
            for other in &small {
                assert_eq!(one.compare(*other), (one.above * other.below).cmp(&(other.above * one.below)), "{one:?} {other:?}");
            }
        }
        let near = |below: i128| Fraction { above: below - 1, below };
        assert_eq!(near(i128::MAX).compare(near(i128::MAX - 1)), Ordering::Greater);
    }

    #[test]
    fn what_outgrows_every_fraction_goes_on_as_the_nearest_double() {
        let (huge, tiny) = (read("1e38"), read("1e-38"));
        assert!((huge.times(huge).nearest() / 1e76 - 1.0).abs() < 1e-12);
        assert_eq!(huge.times(huge).compare(huge), Some(Ordering::Greater));
        assert_eq!(huge.times(tiny), read("1"));
        assert_eq!(read("1").divided_by(read("3")).times(read("3")), read("1"));
        assert_eq!(read("1e308").times(read("1e308")).compare(read("1")), Some(Ordering::Greater));
    }
}
