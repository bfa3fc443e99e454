//! Who was handled out of turn, who traded ahead, and who wins the races: the order of handling, where latency cannot show it.
//!
//! | part | question |
//! |---|---|
//! | [`matrix`] | who passes whom, by group, channel and client, against what no preference would give |
//! | [`severity`] | how far each order jumped: time, places, shares; the worst cases |
//! | [`ahead`] | did the house, or another client, trade ahead of a client's order |
//! | [`mod@races`] | who is first when orders answer the same event; response-time fairness |
//! | [`serials`] | do ticket serials follow the order of receipt |
//! | [`sessions`] | who connects first, and how odd that is |
//! | [`lines`] | who sits on the quiet line |
//!
//! Counts are integers and exact, in O(n log n). Nothing here accuses: a figure becomes a finding only by the rules stated in
//! `docs/priority.md`, which [`rules`] holds. What only the stamps suggest is called *nominal*, what clocks and resolution leave open
//! *undecidable*, and only *provable* passing can bear a finding.

pub mod ahead;
pub mod lines;
pub mod matrix;
pub mod options;
pub mod orders;
mod pairs;
pub mod races;
pub mod rules;
pub mod serials;
pub mod sessions;
pub mod severity;

pub use ahead::{Ahead, AheadCase, CaseKind, Fill, trading_ahead};
pub use lines::{LineLoad, line_loads, orders_by_line};
pub use matrix::{AsymmetryInterval, ClientPassing, Matrices, Matrix, MatrixCell, Party, PhaseCell, channels_without, passing_matrices};
pub use options::{LineScope, Precision, PriorityOptions};
pub use orders::{NO_PRICE, PriorityOrders, price_of, quantity_of};
pub use races::{RaceKey, Races, RacingClient, races};
pub use rules::{Excess, excess};
pub use serials::{OutOfOrder, Serial, SerialOrder, serial_order};
pub use sessions::{ConnectProfile, Connection, Sessions, session_profiles};
pub use severity::{Jump, Jumps, jumps};

#[cfg(test)]
mod tests;
