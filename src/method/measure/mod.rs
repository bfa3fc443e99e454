//! What is measured on matched orders before any two groups are compared: time slots and blocks, load at receipt,
//! comparison cells and overtaking counts. Integers only; nothing here estimates or judges.

pub mod before;
pub mod breakdown;
pub mod cells;
pub mod latency;
pub mod load;
pub mod others;
pub mod over_time;
pub mod overtaking;
pub mod replay;
pub mod stages;
pub mod timetable;

pub use before::{kinds_ahead, quiet, seconds};
pub use cells::{Cell, CellKeys, Cells, Segment};
pub use load::{BURST_WINDOWS, LOAD_BINS, bursts, load_bin, load_bins};
pub use others::{Within, orders_of_others, pauses};
pub use overtaking::{
    ClientPassing, GAP_BINS, LONGEST_WINDOW, LeftOut, Line, OvertakingCounts, OvertakingRules, PairValue, PairValues, Passing,
    count_overtaking, count_overtaking_in_bursts, count_overtaking_without, overtaking_by_client,
};
pub use replay::{Replay, ReplayedClient, Scope, line_scope, replay};
pub use timetable::{Block, Day, Slot, Timetable};

#[cfg(test)]
mod tests;
