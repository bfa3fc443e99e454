//! What the record says: stamps beside the true times, and the planted clock faults.

use crate::simulate::order::{Order, ReceiptFault};
use crate::simulate::random::{Draws, Purpose};
use crate::simulate::{Options, World};

const DAY: i64 = 86_400_000_000_000;
/// Nine o'clock in Taipei, as nanoseconds after midnight UTC.
const OPEN: i64 = 3_600_000_000_000;
/// A made-up receipt is stamped this long before the sending.
const MADE_UP: i64 = 44_000;

/// The clock of the receipts, and the time it takes to write them.
pub(crate) struct Stamps {
    draws: Draws,
    offset: i64,
    /// From when on the clock is behind by `step`.
    step_at: i64,
    step: i64,
    /// Nanoseconds lost a second.
    drift: f64,
    rounding: i64,
}

impl Stamps {
    /// The stamps of one day.
    pub(crate) fn new(world: &World, options: &Options, day: u32) -> Self {
        let faults = &world.faults;
        let days = options.trading_days();
        let middle = days.get(options.days as usize / 2).map_or(0, |date| i64::from(date.0) * DAY);
        let half_session = if options.days == 1 { OPEN + i64::from(options.session_minutes) * 30_000_000_000 } else { 0 };
        Self {
            draws: Draws::new(options.seed, day, Purpose::Stamps),
            offset: faults.clock_offset.0,
            step_at: middle + half_session,
            step: faults.clock_step.0,
            drift: faults.clock_drift,
            rounding: faults.rounding.0,
        }
    }

    /// When the receipts file says that the order was received.
    pub(crate) fn received(&mut self, order: &Order) -> i64 {
        let late = 1_000 + i64::from(self.draws.below(499_000));
        let honest = match order.receipt_fault {
            ReceiptFault::None | ReceiptFault::Missing => order.received_at,
            ReceiptFault::Late => order.sent_at + late,
            ReceiptFault::MadeUp => order.sent_at - MADE_UP,
        };
        self.clock(honest)
    }

    /// What the receipt clock shows at a true instant.
    fn clock(&self, instant: i64) -> i64 {
        let since_open = instant.rem_euclid(DAY) - OPEN;
        let lost = if instant >= self.step_at { self.step } else { 0 } + (self.drift * since_open as f64 / 1e9) as i64;
        let shown = instant + self.offset - lost;
        if self.rounding > 0 { shown.div_euclid(self.rounding) * self.rounding } else { shown }
    }

    /// When the receipt was written down: 0.8 ms after its stamp on average.
    pub(crate) fn recorded(&mut self, received: i64) -> i64 {
        received + self.draws.exponential(800_000.0) as i64
    }

    /// When the exchange's acknowledgement came back: 0.25 ms after sending and 0.12 ms more on average.
    pub(crate) fn acknowledged(&mut self, order: &Order) -> i64 {
        order.sent_at + 250_000 + self.draws.exponential(120_000.0) as i64
    }
}
