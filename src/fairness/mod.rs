//! Were two groups of clients treated alike? The contrast of a pair, its gates and its verdict.

mod options;

pub use options::{ClockUncertainty, FairnessOptions, Margins, OvertakingScope, Reference};
