//! Comparison cells: orders that are otherwise comparable.
//!
//! Cell = time slot x order kind x instrument x load bin (x access class where an eligibility filter was declared; x what a second look cuts
//! them by). The gateway is never part of it: the broker chose it after receipt, and adjusting for it would hide discrimination by routing.

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
    /// Access class; false in every verdict, true only in a sensitivity run.
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
    /// Coarse stratum: order kind x load bin, `kind * LOAD_BINS + load bin`.
    pub stratum: u32,
    /// Instrument code; 0 where cells are not told apart by it.
    pub instrument: u32,
    /// First of its segments.
    pub first_segment: u32,
    /// One past the last of its segments.
    pub end_segment: u32,
}

/// All cells in canonical order (slot, then kind, instrument, load bin, access class, what cuts them further), with the orders' columns in
/// cell order: inside a cell by group, inside a group by latency, client and gateway.
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
    /// Every client code is below it.
    pub client_codes: usize,
}

impl Cells {
    /// Sorts the orders of every slot into cells. `load` holds the load bin of every order. Cost O(n log n), slots in parallel.
    #[must_use]
    pub fn of(orders: &MatchedOrders, slots: &[Slot], load: &[u8], keys: CellKeys) -> Self {
        Self::of_slots(orders, slots, |row| Place::of(orders, row, load, keys))
    }

    /// The same with something further of each order among what tells cells apart, such as its burst ([`crate::measure::bursts`]).
    #[must_use]
    pub fn cut_by<F: Copy + Into<u32> + Sync>(orders: &MatchedOrders, slots: &[Slot], load: &[u8], further: &[F], keys: CellKeys) -> Self {
        Self::of_slots(orders, slots, |row| Place { further: further[row].into(), ..Place::of(orders, row, load, keys) })
    }

    fn of_slots(orders: &MatchedOrders, slots: &[Slot], place: impl Fn(usize) -> Place + Sync) -> Self {
        let parts: Vec<Self> = slots.par_iter().map(|slot| slot_cells(orders, slot, &place)).collect();
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
        all.client_codes = all.client.iter().max().map_or(0, |most| *most as usize + 1);
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

/// Where an order belongs: its cell, then its group. The derived order is the canonical one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    /// kind (16 bits), instrument (28), load bin (4), access class (16).
    cell: u64,
    /// What else tells cells apart; 0 where nothing does.
    further: u32,
    group: u16,
}

impl Place {
    fn of(orders: &MatchedOrders, row: usize, load: &[u8], keys: CellKeys) -> Self {
        let instrument = if keys.instrument { u64::from(orders.instrument[row]) & 0x0fff_ffff } else { 0 };
        let bin = if keys.load { u64::from(load[row]) } else { 0 };
        let access = if keys.access_class { u64::from(orders.access_class[row]) } else { 0 };
        Self { cell: u64::from(orders.kind[row]) << 48 | instrument << 20 | bin << 16 | access, further: 0, group: orders.group[row] }
    }

    fn cell(self) -> (u64, u32) {
        (self.cell, self.further)
    }

    fn instrument(self) -> u32 {
        (self.cell >> 20 & 0x0fff_ffff) as u32
    }

    fn stratum(self) -> u32 {
        ((self.cell >> 48) * u64::from(LOAD_BINS) + (self.cell >> 16 & 15)) as u32
    }
}

/// Sorts the orders of a slot: the distinct places first, which are far fewer than the orders, then the orders into their places,
/// then each small place by latency.
fn slot_cells(orders: &MatchedOrders, slot: &Slot, place: impl Fn(usize) -> Place) -> Cells {
    let mut numbers: hashbrown::HashMap<Place, u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    let mut counts: Vec<(Place, u32)> = Vec::new();
    let mut number_of = Vec::with_capacity(slot.rows.len());
    for row in slot.rows.clone() {
        let place = place(row);
        let number = *numbers.entry(place).or_insert_with(|| {
            counts.push((place, 0));
            counts.len() as u32 - 1
        });
        counts[number as usize].1 += 1;
        number_of.push(number);
    }

    let mut order: Vec<u32> = (0..counts.len() as u32).collect();
    order.sort_unstable_by_key(|number| counts[*number as usize].0);
    let mut cells = Cells::default();
    let mut next = vec![0_u32; counts.len()];
    let mut start = 0;
    for same_cell in order.chunk_by(|left, right| counts[*left as usize].0.cell() == counts[*right as usize].0.cell()) {
        let first_segment = cells.segments.len() as u32;
        for number in same_cell {
            let (place, n) = counts[*number as usize];
            next[*number as usize] = start;
            cells.segments.push(Segment { group: place.group, start, end: start + n });
            start += n;
        }
        let place = counts[same_cell[0] as usize].0;
        let end_segment = cells.segments.len() as u32;
        cells.cells.push(Cell { block: slot.block, stratum: place.stratum(), instrument: place.instrument(), first_segment, end_segment });
    }

    let mut sorted = vec![(0_i64, 0_u32, 0_u16); slot.rows.len()];
    for (row, number) in slot.rows.clone().zip(number_of) {
        let at = &mut next[number as usize];
        sorted[*at as usize] = (orders.latency[row].0, orders.client[row], orders.gateway[row]);
        *at += 1;
    }
    for segment in &cells.segments {
        sorted[segment.rows()].sort_unstable();
    }
    cells.latency = sorted.iter().map(|order| order.0).collect();
    cells.client = sorted.iter().map(|order| order.1).collect();
    cells.gateway = sorted.iter().map(|order| order.2).collect();
    cells
}
