//! Beside the verdict: what carries it, what could explain it away, and what would change it. Nothing here decides.
//!
//! Everything is a total, deterministic function of a [`Case`]; what draws at random ([`placebo`]) draws from the options' seed.
//! An effect of a pair (A, B) is B minus A, and a pair is unordered here: A is the group of the smaller code.

mod clients;
mod missingness;
mod placebo;
mod sensitivity;
mod simpson;
mod spread;
mod stages;

pub use clients::{ClientStanding, assess_with_clients};
pub use missingness::{MissingOrders, Missingness, UnmatchedShare, missingness, with_never_sent};
pub use placebo::{Placebo, placebo};
pub use sensitivity::{Alternative, Alternatives, VerdictChange, sensitivity};
pub use simpson::{Pooled, PooledEffect, pooled_effects};
pub use stages::{StageBlame, StagePart, StageStamps, stage_blame};

use crate::fairness::assess::{assess_with, cells_of, prepare};
use crate::fairness::pair::Study;
use crate::fairness::{Assessment, Evidence, FairnessOptions};
use crate::measure::CellKeys;
use crate::record::{Calendar, MatchedOrders, Zone};

/// What a study was judged from: the arguments of [`crate::fairness::assess`].
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Matched orders in canonical order, as reconciliation and simulation give them.
    pub orders: &'a MatchedOrders,
    /// What is known about the records behind them.
    pub evidence: &'a Evidence,
    /// Trading days and phases.
    pub calendar: &'a Calendar,
    /// Zone of the trading-day key.
    pub zone: Zone,
    /// Options of the verdict.
    pub options: &'a FairnessOptions,
}

impl<'a> Case<'a> {
    /// The same case judged, with the cells given.
    pub(crate) fn judged(self, keys: CellKeys) -> Assessment {
        assess_with(self, None, keys, |_, _, _| ()).0
    }

    /// What every pair is computed from, overtaking left uncounted, and the wanted unordered pairs.
    fn prepared(self) -> (Study<'a>, Vec<[u16; 2]>) {
        let (mut study, wanted) = prepare(self.orders, self.evidence, self.calendar, self.zone, self.options);
        study.cells = cells_of(study.orders, &study.timetable, CellKeys::default());
        (study, wanted)
    }
}

/// The name behind a code; empty where there is none.
fn name_of(names: &[String], code: u32) -> String {
    names.get(code as usize).cloned().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
