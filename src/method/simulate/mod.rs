//! Worlds with planted unfairness, planted record faults and a known answer.
//!
//! A [`World`] is a fair market plus what is planted in it; [`Options`] give the size and the seed. [`matched`] hands the orders over in
//! memory, for calibration; [`write()`] writes order and receipt files with a `study.toml` that runs as it is and the truth of every row.
//! The generator follows section 10 of the method. Nothing here knows how orders are judged.
//!
//! | part | model |
//! |---|---|
//! | intensity | U-shaped day, times the exponential of an AR(1) by minute, scaled to the same expected orders every day |
//! | cascades | news brings Pareto(1.8), at most 60, orders; each sets off Poisson(0.6) others; all after 300 us on average |
//! | gateways | lines of one FIFO queue and one worker; an instrument belongs to one line, which is the `shard` |
//! | service | lognormal, drifting by line, slower at the open, by instrument and kind; 0.1 % stall for a Pareto time from 3 to 400 ms |
//!
//! At [`Options::calibration`] the fair world has p50 about 44 us, p99 about 2.2 ms (1.7 to 3.4 by seed), coefficient of variation 4
//! to 9, lag-1 autocorrelation of log latency .66 and rank correlation of load and latency .57. More orders over the same days leave p50
//! where it is: a gateway gets a line for every 1,200 orders a minute. Memory holds about a minute of orders, but for [`matched`],
//! which returns all of them.
//!
//! [`write_broker`] puts the evidence files of a broker beside a market, clean or with each audit finding planted.
//!
//! Streams of random numbers are apart by day and purpose, so a planted effect leaves the arrivals, service times and clients of its
//! base alone.

mod arrivals;
mod background;
mod broker;
mod day;
mod files;
mod memory;
mod names;
mod options;
mod order;
mod population;
mod queue;
mod random;
mod sessions;
mod stamps;
mod study_file;
mod table;
mod text;
mod truth;
mod world;
mod writing;

pub use broker::{Broker, Plants, write_broker};
pub use files::write;
pub use memory::{Ticket, matched, matched_with_tickets};
pub use options::{Format, Options, SimulateError, WorldSettings};
pub use truth::Truth;
pub use world::{Base, Effects, Faults, World};
pub use writing::{Compress, Dates, Encoding, Writing};

#[cfg(test)]
mod tests;
