//! Where each order stands in time: day, session phase, slot (comparison) and block (error).
//!
//! A slot never crosses a phase or a local date. A block is a whole number of slots inside one phase of one day, so that every
//! cell lies in one block. Rows are in order of receipt, so a slot is a range of rows.

use std::ops::Range;

use crate::record::{Calendar, MatchedOrders, PhaseKind, TimeSpan, Timestamp, TradeDate, Weight, Zone};

/// Slot where the user set none.
pub const DEFAULT_SLOT: TimeSpan = TimeSpan(1_800_000_000_000);
/// Slot where a day holds more than [`BUSY_DAY`] orders and the user set none.
pub const BUSY_SLOT: TimeSpan = TimeSpan(300_000_000_000);
/// Orders of one day beyond which the default slot is [`BUSY_SLOT`].
pub const BUSY_DAY: usize = 1_000_000;

/// One trading day: a local date with at least one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The local date.
    pub date: TradeDate,
    /// Its orders.
    pub rows: Range<usize>,
}

/// A time slot with at least one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its orders.
    pub rows: Range<usize>,
    /// Index into [`Timetable::blocks`].
    pub block: u32,
}

/// An error block with at least one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its orders.
    pub rows: Range<usize>,
    /// Index into [`Timetable::days`].
    pub day: u32,
    /// Number of the phase among the day's phases that hold an order.
    pub phase: u32,
    /// Number of the block since the start of its phase.
    pub index: u32,
    /// Start of the block.
    pub start: Timestamp,
    /// Whether receipt order decides priority in its phase.
    pub receipt_order_decides: Weight,
}

/// Days, blocks and slots of a study, each ascending in time.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    /// Days.
    pub days: Vec<Day>,
    /// Blocks.
    pub blocks: Vec<Block>,
    /// Slots.
    pub slots: Vec<Slot>,
    /// Slot length used.
    pub slot: TimeSpan,
    /// Block length used: the wanted one, or the slot where that is longer.
    pub block: TimeSpan,
}

impl Timetable {
    /// Lays the slots and blocks over orders in order of receipt.
    ///
    /// `slot` is the user's, if any; otherwise 30 minutes, or 5 minutes where a day holds more than a million orders.
    #[must_use]
    pub fn of(orders: &MatchedOrders, calendar: &Calendar, zone: Zone, slot: Option<TimeSpan>, block: TimeSpan) -> Self {
        let wanted = slot.unwrap_or(DEFAULT_SLOT);
        let table = Self::with_slot(&orders.received_at, calendar, zone, wanted, block);
        let busy = slot.is_none() && table.days.iter().any(|day| day.rows.len() > BUSY_DAY);
        if busy { Self::with_slot(&orders.received_at, calendar, zone, BUSY_SLOT, block) } else { table }
    }

    fn with_slot(received_at: &[Timestamp], calendar: &Calendar, zone: Zone, slot: TimeSpan, block: TimeSpan) -> Self {
        let slot = TimeSpan(slot.0.max(1));
        let block = TimeSpan(block.0.max(slot.0));
        let mut table = Self { slot, block, ..Self::default() };
        let mut reader = zone.local_reader();
        let mut phase_start = None;
        let mut phase_number = 0;
        let mut row = 0;
        while row < received_at.len() {
            let (date, time_of_day) = reader.read(received_at[row]);
            let phase = calendar.phase_at(date, time_of_day);
            let since = (time_of_day - phase.start).max(0);
            let slot_index = since / slot.0;
            let end_of_day = (phase.start + (slot_index + 1) * slot.0).min(phase.end);
            let end = Timestamp(received_at[row].0.saturating_add((end_of_day - time_of_day).max(1)));
            let nominal = row + received_at[row..].partition_point(|at| *at < end);
            let stop = row + still_in_phase(calendar, date, time_of_day, phase.kind, &received_at[row..nominal]);

            if table.days.last().is_none_or(|day| day.date != date) {
                table.days.push(Day { date, rows: row..row });
                (phase_start, phase_number) = (None, 0);
            }
            let day = table.days.len() as u32 - 1;
            if let Some(last) = table.days.last_mut() {
                last.rows.end = stop;
            }
            if phase_start != Some((phase.kind, phase.start)) {
                phase_number += u32::from(phase_start.is_some());
                phase_start = Some((phase.kind, phase.start));
            }
            let index = (slot_index * slot.0 / block.0) as u32;
            let same = |b: &Block| (b.day, b.phase, b.index) == (day, phase_number, index);
            if !table.blocks.last().is_some_and(same) {
                let start = Timestamp(received_at[row].0 - time_of_day + phase.start + i64::from(index) * block.0);
                let receipt_order_decides = phase.receipt_order_decides;
                table.blocks.push(Block { rows: row..row, day, phase: phase_number, index, start, receipt_order_decides });
            }
            if let Some(last) = table.blocks.last_mut() {
                last.rows.end = stop;
            }
            table.slots.push(Slot { rows: row..stop, block: table.blocks.len() as u32 - 1 });
            row = stop;
        }
        table
    }

    /// For every block, the number of the block of twice the length that holds it, counted over the blocks in time order.
    #[must_use]
    pub fn doubled(&self) -> Vec<u32> {
        let mut number = 0;
        let key = |block: &Block| (block.day, block.phase, block.index / 2);
        let mut numbers = Vec::with_capacity(self.blocks.len());
        for (at, block) in self.blocks.iter().enumerate() {
            number += u32::from(at > 0 && key(&self.blocks[at - 1]) != key(block));
            numbers.push(number);
        }
        numbers
    }
}

/// How many of `rows`, all in one nominal slot, still lie in the phase of the first.
///
/// Fewer than all only outside the known phases: "closed" is one phase before and after the session.
fn still_in_phase(calendar: &Calendar, date: TradeDate, time_of_day: i64, kind: PhaseKind, rows: &[Timestamp]) -> usize {
    if kind != PhaseKind::Closed {
        return rows.len();
    }
    let first = rows.first().map_or(0, |at| at.0);
    let other = rows.iter().position(|at| calendar.phase_at(date, time_of_day + (at.0 - first)).kind != kind);
    other.unwrap_or(rows.len())
}
