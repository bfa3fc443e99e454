//! Were two groups of clients treated alike? The contrast of a pair, its gates and its verdict.
//!
//! Not significant is never fair: FAIR must be shown against the margins just as UNFAIR must. Nothing here can fail, and nothing is
//! random: where a question has no answer, the answer is INCONCLUSIVE with a coded reason.

mod assess;
mod assessment;
pub mod beside;
mod canonical;
mod close_pairs;
mod comparable;
mod contrast;
mod cut_reason;
pub(crate) mod deletions;
mod errors;
mod evidence;
mod finer;
mod first_orders;
mod gate_reason;
pub(crate) mod gates;
mod mixes;
mod options;
mod pair;
mod parts;
mod quantile;
mod reason;
mod second_look;
pub(crate) mod sequence;
pub mod state;
mod verdict;

pub use assess::assess;
pub use assessment::{Assessment, ChangePoint, Effect, Interval, PairAssessment, Power, Routing, ShiftPoint, Verdict};
pub use evidence::{Evidence, GroupEvidence};
pub use options::{ClockUncertainty, FairnessOptions, Margins, OvertakingScope, Reference};
pub use reason::Reason;

#[cfg(test)]
mod mixtures;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worlds;
