//! What the earlier stages know about the records behind the orders: plain data, by group code.

use crate::timestamps::{ClockProblem, RECEIPTS, StampReport};

/// What gates need to know beyond the matched orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// By group code; a group beyond the end has [`GroupEvidence::default`].
    pub groups: Vec<GroupEvidence>,
    /// Rows of orders and of receipts that could not be read; whose they are, nobody knows.
    pub unread: [u64; 2],
}

/// What is known about one group's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEvidence {
    /// Orders without a receipt.
    pub missing_receipt: u64,
    /// Orders whose receipt has copies that name different groups.
    pub ambiguous: u64,
    /// Receipts no order refers to, but those that the broker refused by their outcome.
    pub orphan_receipt: u64,
    /// Receipts that the broker refused by their outcome; they are in no comparison.
    pub refused: u64,
    /// Copies of its orders with a later sending time than the one that counts, the earliest.
    pub later_copies: u64,
    /// Its receipts with a copy of another time than the one that counts, the earliest.
    pub receipt_copies: u64,
    /// Distinct receipts that orders refer to; `None` where they were not counted: then each order stands for one.
    pub matched_receipts: Option<u64>,
    /// Sources ("receipts", "orders") whose stamps of this group look fabricated or damaged.
    pub suspect: Vec<String>,
    /// Effective resolution of its receipt stamps, nanoseconds.
    pub received_resolution: i64,
    /// Effective resolution of its sending stamps, nanoseconds.
    pub sent_resolution: i64,
    /// Which clock stamps its receipts; groups of equal number share one.
    pub received_clock: u32,
    /// Which clock stamps its orders.
    pub sent_clock: u32,
    /// Its latencies are those of another clock's orders, all longer by so many nanoseconds.
    pub clock_shift: Option<i64>,
}

impl GroupEvidence {
    /// Orders that are joined to no one receipt.
    pub(crate) fn unjoined(&self) -> u64 {
        self.missing_receipt.saturating_add(self.ambiguous)
    }

    /// By how much a genuine latency can be negative: a sent stamp is cut, a receipt stamp rounded to the nearest.
    pub(crate) fn excused(&self) -> i64 {
        self.sent_resolution.saturating_add(self.received_resolution / 2)
    }
}

impl Default for GroupEvidence {
    fn default() -> Self {
        Self {
            missing_receipt: 0,
            ambiguous: 0,
            orphan_receipt: 0,
            refused: 0,
            later_copies: 0,
            receipt_copies: 0,
            matched_receipts: None,
            suspect: Vec::new(),
            received_resolution: 1,
            sent_resolution: 1,
            received_clock: 0,
            sent_clock: 0,
            clock_shift: None,
        }
    }
}

impl Evidence {
    /// Adds what the examination of the stamps found: resolutions, and the sources that look fabricated.
    #[must_use]
    pub fn with_stamps(mut self, report: &StampReport) -> Self {
        let n_groups = report.stamps.iter().map(|stamp| usize::from(stamp.group) + 1).max().unwrap_or(0);
        self.groups.resize(self.groups.len().max(n_groups), GroupEvidence::default());
        for stamp in &report.stamps {
            let group = &mut self.groups[usize::from(stamp.group)];
            let resolution = if stamp.source == RECEIPTS { &mut group.received_resolution } else { &mut group.sent_resolution };
            *resolution = stamp.resolution;
            if stamp.suspect {
                group.suspect.push(stamp.source.to_owned());
            }
        }
        for clock in &report.clocks {
            let Some(ClockProblem::PureShift { shift, .. }) = clock.problem else { continue };
            for group in &clock.groups {
                self.groups[usize::from(*group)].clock_shift = Some(shift);
            }
        }
        self
    }

    /// What is known about a group.
    #[must_use]
    pub fn of(&self, group: u16) -> GroupEvidence {
        self.groups.get(usize::from(group)).cloned().unwrap_or_default()
    }
}
