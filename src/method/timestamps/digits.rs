//! Are the last digits of stamps evenly spread? Rounding and heaping on 0 and 5 show here.

/// Counts of one decimal digit of a series of stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigitCounts {
    counts: [u64; 10],
}

impl DigitCounts {
    /// The digit worth `10^decade` ns of each stamp that lies at least ten places from the last one counted.
    ///
    /// Orders come in cascades, and stamps that share their higher digits are not independent; ten places apart their last digit is.
    pub(crate) fn of(stamps: &[i64], decade: usize) -> Self {
        // A divisor known to the compiler is a multiplication.
        match decade {
            0 => Self::of_place::<1>(stamps),
            1 => Self::of_place::<10>(stamps),
            2 => Self::of_place::<100>(stamps),
            3 => Self::of_place::<1_000>(stamps),
            4 => Self::of_place::<10_000>(stamps),
            5 => Self::of_place::<100_000>(stamps),
            6 => Self::of_place::<1_000_000>(stamps),
            7 => Self::of_place::<10_000_000>(stamps),
            8 => Self::of_place::<100_000_000>(stamps),
            _ => Self::of_place::<1_000_000_000>(stamps),
        }
    }

    fn of_place<const PLACE: i64>(stamps: &[i64]) -> Self {
        let apart = (10 * PLACE) as u64;
        let mut digits = Self::default();
        let mut last: Option<i64> = None;
        for stamp in stamps {
            if last.is_none_or(|last| stamp.abs_diff(last) >= apart) {
                digits.counts[stamp.div_euclid(PLACE).rem_euclid(10) as usize] += 1;
                last = Some(*stamp);
            }
        }
        digits
    }

    pub(crate) fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// [`DigitCounts::cramers_v`] where 0 or 5 is the most frequent digit, as rounding makes it, and 0 elsewhere. A sender that works by
    /// a timer is uneven too, but peaks just after a round time: its stamps are a habit, not a forgery.
    pub(crate) fn heaping(&self) -> Option<f64> {
        let most = self.counts.iter().max();
        let on_round = most.is_some_and(|most| self.counts[0] == *most || self.counts[5] == *most);
        self.cramers_v().map(|uneven| if on_round { uneven } else { 0.0 })
    }

    /// Cramer's V against ten equally frequent digits, `sqrt(chi2 / (9 n))`: 0 even, .67 only 0 and 5, 1 one digit only. `None` of nothing.
    pub(crate) fn cramers_v(&self) -> Option<f64> {
        let n = self.n() as f64;
        if n == 0.0 {
            return None;
        }
        let expected = n / 10.0;
        let squared = |value: f64| value * value;
        let chi2: f64 = self.counts.iter().map(|count| squared(*count as f64 - expected) / expected).sum();
        Some((chi2 / (9.0 * n)).sqrt())
    }
}
