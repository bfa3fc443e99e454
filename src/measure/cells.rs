//! Comparison cells: orders that are otherwise comparable.
//!
//! Cell = time slot x order kind x instrument x load bin (x access class where an eligibility filter was declared). The gateway is
//! never part of it: the broker chose it after receipt, and adjusting for it would hide discrimination by routing.

use rayon::prelude::*;

use crate::measure::{LOAD_BINS, Slot};
use crate::record::MatchedOrders;

/// What tells cells apart, beyond slot and order kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellKeys {
    /// Instrument; true in every verdict, false only in sensitivity runs.
    pub instrument: bool,
    /// Load bin; true in every verdict, false only in sensitivity runs.
    pub load: bool,
    /// Access class: an eligibility filter declared in the rules file.
    pub access_class: bool,
}

impl Default for CellKeys {
    fn default() -> Self {
        Self { instrument: true, load: true, access_class: false }
    }
}

/// The orders of one group in one cell: a range of the columns of [`Cells`], ascending by latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Group code.
    pub group: u16,
    /// First row.
    pub start: u32,
    /// One past the last row.
    pub end: u32,
}

impl Segment {
    /// The rows as a range.
    #[must_use]
    pub fn rows(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// How many orders there are; at least 1.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// False: a segment holds at least one order.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Block it lies in.
    pub block: u32,
    /// Coarse stratum: order kind x load bin, `kind * 6 + load bin`.
    pub stratum: u32,
    /// First of its segments.
    pub first_segment: u32,
    /// One past the last of its segments.
    pub end_segment: u32,
}

/// All cells in canonical order (slot, then kind, instrument, load bin, access class), with the orders' columns in cell order:
/// inside a cell by group, inside a group by latency.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// Latency, nanoseconds.
    pub latency: Vec<i64>,
    /// Client code.
    pub client: Vec<u32>,
    /// Gateway code.
    pub gateway: Vec<u16>,
    /// Group segments, cell after cell.
    pub segments: Vec<Segment>,
    /// Cells.
    pub cells: Vec<Cell>,
    /// How many strata there can be.
    pub strata: usize,
}

impl Cells {
    /// Sorts the orders of every slot into cells. `load` holds the load bin of every order. Cost O(n log n), slots in parallel.
    #[must_use]
    pub fn of(orders: &MatchedOrders, slots: &[Slot], load: &[u8], keys: CellKeys) -> Self {
        let parts: Vec<Self> = slots.par_iter().map(|slot| slot_cells(orders, slot, load, keys)).collect();
        let mut all = Self { strata: orders.names.kinds.len().max(max_kind(orders) + 1) * usize::from(LOAD_BINS), ..Self::default() };
        all.latency.reserve_exact(orders.len());
        all.client.reserve_exact(orders.len());
        all.gateway.reserve_exact(orders.len());
        for part in parts {
            let (row, segment) = (all.latency.len() as u32, all.segments.len() as u32);
            all.latency.extend(part.latency);
            all.client.extend(part.client);
            all.gateway.extend(part.gateway);
            all.segments.extend(part.segments.iter().map(|s| Segment { start: s.start + row, end: s.end + row, ..*s }));
            let moved = |c: &Cell| Cell { first_segment: c.first_segment + segment, end_segment: c.end_segment + segment, ..*c };
            all.cells.extend(part.cells.iter().map(moved));
        }
        all
    }

    /// The segments of a cell, ascending by group.
    #[must_use]
    pub fn segments_of(&self, cell: &Cell) -> &[Segment] {
        &self.segments[cell.first_segment as usize..cell.end_segment as usize]
    }
}

fn max_kind(orders: &MatchedOrders) -> usize {
    orders.kind.iter().copied().max().map_or(0, usize::from)
}

/// One order while a slot is being sorted; the derived order is the canonical one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    /// kind (16 bits), instrument (29), load bin (3), access class (16).
    cell: u64,
    group: u16,
    latency: i64,
    row: u32,
}

fn slot_cells(orders: &MatchedOrders, slot: &Slot, load: &[u8], keys: CellKeys) -> Cells {
    let mut keyed: Vec<Keyed> = slot
        .rows
        .clone()
        .map(|row| {
            let instrument = if keys.instrument { u64::from(orders.instrument[row]) & 0x1fff_ffff } else { 0 };
            let bin = if keys.load { u64::from(load[row]) } else { 0 };
            let access = if keys.access_class { u64::from(orders.access_class[row]) } else { 0 };
            let cell = u64::from(orders.kind[row]) << 48 | instrument << 19 | bin << 16 | access;
            Keyed { cell, group: orders.group[row], latency: orders.latency[row].0, row: row as u32 }
        })
        .collect();
    keyed.sort_unstable();

    let mut cells = Cells::default();
    for same_cell in keyed.chunk_by(|left, right| left.cell == right.cell) {
        let first_segment = cells.segments.len() as u32;
        for same_group in same_cell.chunk_by(|left, right| left.group == right.group) {
            let start = cells.latency.len() as u32;
            cells.latency.extend(same_group.iter().map(|order| order.latency));
            cells.client.extend(same_group.iter().map(|order| orders.client[order.row as usize]));
            cells.gateway.extend(same_group.iter().map(|order| orders.gateway[order.row as usize]));
            cells.segments.push(Segment { group: same_group[0].group, start, end: start + same_group.len() as u32 });
        }
        let (kind, bin) = (same_cell[0].cell >> 48, same_cell[0].cell >> 16 & 7);
        let stratum = (kind * u64::from(LOAD_BINS) + bin) as u32;
        cells.cells.push(Cell { block: slot.block, stratum, first_segment, end_segment: cells.segments.len() as u32 });
    }
    cells
}
