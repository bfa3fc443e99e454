//! How serials are written: which characters name the series, which count, and in what order they count.

use rayon::prelude::*;

/// The digits of a serial, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alphabet {
    /// 0-9.
    Decimal,
    /// 0-9, A-Z.
    Base36,
    /// 0-9, A-Z, a-z.
    Base62,
    /// 0-9, a-z, A-Z.
    Base62LowerFirst,
}

impl Alphabet {
    /// Every alphabet, the simplest first.
    pub const ALL: [Self; 4] = [Self::Decimal, Self::Base36, Self::Base62, Self::Base62LowerFirst];

    /// Its name in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Base36 => "base36",
            Self::Base62 => "base62",
            Self::Base62LowerFirst => "base62-lower-first",
        }
    }

    /// How many digits it has.
    #[must_use]
    pub const fn base(self) -> u64 {
        match self {
            Self::Decimal => 10,
            Self::Base36 => 36,
            Self::Base62 | Self::Base62LowerFirst => 62,
        }
    }

    const fn digit(self, byte: u8) -> Option<u64> {
        let (digit, upper, lower) = (byte.wrapping_sub(b'0'), byte.wrapping_sub(b'A'), byte.wrapping_sub(b'a'));
        let (is_upper, is_lower) = (upper < 26, lower < 26);
        let value = match self {
            _ if digit < 10 => digit,
            Self::Base36 | Self::Base62 if is_upper => 10 + upper,
            Self::Base62 if is_lower => 36 + lower,
            Self::Base62LowerFirst if is_lower => 10 + lower,
            Self::Base62LowerFirst if is_upper => 36 + upper,
            _ => return None,
        };
        Some(value as u64)
    }

    /// The serial of a number, with as many digits.
    #[must_use]
    pub fn written(self, mut number: u64, n_digits: usize) -> String {
        const UPPER_FIRST: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const LOWER_FIRST: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let digits = if self == Self::Base62LowerFirst { LOWER_FIRST } else { UPPER_FIRST };
        let mut text = vec![b'0'; n_digits];
        for place in text.iter_mut().rev() {
            *place = digits[(number % self.base()) as usize];
            number /= self.base();
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// The form of all serials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SerialForm {
    /// Leading characters that name the series, as a terminal's code does.
    pub prefix: usize,
    /// The digits behind it.
    pub alphabet: Alphabet,
}

/// A serial taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parsed {
    /// Its leading characters, packed.
    pub prefix: u64,
    /// Digits behind them.
    pub n_digits: u8,
    /// Their number.
    pub number: u64,
}

/// Most leading characters that can name a series.
pub(crate) const LONGEST_PREFIX: usize = 8;
/// Digits that fit a number in base 62.
const MOST_DIGITS: usize = 10;

impl SerialForm {
    /// Takes a serial apart; `None` where it is not of this form.
    #[must_use]
    pub fn parse(self, serial: &[u8]) -> Option<Parsed> {
        let (prefix, digits) = serial.split_at_checked(self.prefix)?;
        if digits.is_empty() || digits.len() > MOST_DIGITS {
            return None;
        }
        let mut number = 0;
        for byte in digits {
            number = number * self.alphabet.base() + self.alphabet.digit(*byte)?;
        }
        let prefix = prefix.iter().fold(0, |packed, byte| packed << 8 | u64::from(*byte));
        Some(Parsed { prefix, n_digits: digits.len() as u8, number })
    }

    /// The text of a packed prefix.
    #[must_use]
    pub fn prefix_text(prefix: u64) -> String {
        let bytes: Vec<u8> = prefix.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many serials each gap of a series misses; its numbers ascend. Of a series of one width the widest stretch of the whole circle is
    /// where it starts, so that a wrap is no gap.
    fn gaps(self, series: &[(u8, u64)]) -> Vec<u64> {
        let between = series.windows(2).map(|pair| pair[1].1.abs_diff(pair[0].1 + 1));
        let (first, last) = (series[0], series[series.len() - 1]);
        let size = self.alphabet.base().checked_pow(u32::from(first.0)).filter(|_| first.0 == last.0);
        let around = size.map(|size| first.1 + size - last.1 - 1);
        let mut gaps: Vec<u64> = between.chain(around).collect();
        if around.is_some() {
            let widest = gaps.iter().enumerate().max_by_key(|(_, missing)| **missing).map_or(0, |(at, _)| at);
            gaps.swap_remove(widest);
        }
        // Zero need not be a serial: a wrap passes it over.
        gaps.retain(|missing| *missing > 0);
        gaps
    }

    /// The form under which serials, parted by `part` (a day), hang together best; the simplest of several.
    ///
    /// A gap costs the binary logarithm of what is missing, a series of its own costs 4: two terminals taken for one leave a gap of
    /// many thousands, a skipped serial one of a few. `None` where even the best form leaves a gap behind one serial in five.
    #[must_use]
    pub fn recognised(serials: &[(u32, &[u8])]) -> Option<Self> {
        const MOST_GAPS: f64 = 0.2;
        const LEAST_SERIALS: usize = 20;
        const COST_OF_A_SERIES: u64 = 4;
        let forms: Vec<Self> = (0..3).flat_map(|prefix| Alphabet::ALL.map(|alphabet| Self { prefix, alphabet })).collect();
        let breaks = |form: Self| {
            let parsed: Option<Vec<(u32, u64, u8, u64)>> = serials
                .iter()
                .map(|(part, text)| form.parse(text).map(|parsed| (*part, parsed.prefix, parsed.n_digits, parsed.number)))
                .collect();
            let mut parsed = parsed?;
            parsed.sort_unstable();
            parsed.dedup();
            let series = || parsed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
            let gaps = |one: &[(u32, u64, u8, u64)]| form.gaps(&one.iter().map(|parsed| (parsed.2, parsed.3)).collect::<Vec<_>>());
            let gaps: Vec<u64> = series().flat_map(gaps).collect();
            let n_series = series().count();
            let cost = gaps.iter().map(|missing| u64::from((missing + 1).ilog2())).sum::<u64>() + COST_OF_A_SERIES * n_series as u64;
            // A prefix that leaves every serial a series of its own says nothing.
            ((parsed.len() - n_series) * 2 > parsed.len()).then_some((cost, gaps.len(), parsed.len()))
        };
        if serials.len() < LEAST_SERIALS {
            return None;
        }
        let judged: Vec<_> = forms.into_par_iter().filter_map(|form| breaks(form).map(|found| (found, form))).collect();
        let ((_, gaps, n), form) = judged.into_iter().min_by_key(|((cost, ..), form)| (*cost, form.prefix, form.alphabet))?;
        (gaps as f64 <= MOST_GAPS * n as f64).then_some(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_read_back_as_they_are_written() {
        for alphabet in Alphabet::ALL {
            for number in [0, 1, 9, 10, 35, 36, 61, 62, 3_843, 9_999] {
                let text = format!("T{}", alphabet.written(number, 4));
                let parsed = SerialForm { prefix: 1, alphabet }.parse(text.as_bytes()).expect(&text);
                assert_eq!((parsed.number, parsed.n_digits, SerialForm::prefix_text(parsed.prefix).as_str()), (number, 4, "T"));
            }
        }
        assert_eq!(SerialForm { prefix: 1, alphabet: Alphabet::Base36 }.parse(b"T00a"), None);
        assert_eq!(SerialForm { prefix: 1, alphabet: Alphabet::Decimal }.parse(b"T"), None);
    }

    #[test]
    fn the_form_is_recognised_by_its_fewest_gaps_or_not_at_all() {
        // Two terminals that count in base 36 over a carry, written here by hand.
        let mut serials: Vec<String> = Vec::new();
        for terminal in ["A", "B"] {
            for tens in ['0', '1'] {
                serials.extend(('0'..='9').chain('A'..='Z').map(|unit| format!("{terminal}0{tens}{unit}")));
            }
        }
        let of = |serials: &[String]| SerialForm::recognised(&serials.iter().map(|text| (0, text.as_bytes())).collect::<Vec<_>>());
        assert_eq!(of(&serials), Some(SerialForm { prefix: 1, alphabet: Alphabet::Base36 }));
        let scattered: Vec<String> = (0_u64..200).map(|i| format!("{:08}", i * i * 7_919 % 99_999_989)).collect();
        assert_eq!(of(&scattered), None);
        assert_eq!(of(&serials[..10]), None);
    }
}
