//! Order-timestamp fairness analysis of co-located brokers.
//!
//! A study reads the orders a broker sent to the exchange and the receipts of its clients' orders, finds out which order came from
//! which receipt, measures how long each waited, and says of every ordered pair of client groups whether one was treated worse:
//! unfair, fair, hanging on single clients, or inconclusive with the reason. Data flows one way, in the order of this list:
//!
//! - [`record`]: the vocabulary: instants, latencies, names, phases, the canonical columns
//! - [`ingest`]: files to canonical columns; every row is accepted or listed as rejected
//! - [`reconcile`]: orders x receipts: links, duplicates, one class for every row
//! - [`measure`]: load, comparison cells, overtaking, quantiles, trend
//! - [`statistics`]: pure kernels
//! - [`timestamps`]: can the stamps be believed?
//! - [`fairness`]: the contrast of a pair, its gates and its verdict
//! - [`order_records`]: is the record of every client order there, true and in sequence?
//! - [`priority`]: who was handled out of turn, who traded ahead, who wins the races
//! - [`config`], [`study`]: study.toml, and the whole flow on one screen
//! - [`inspect`]: what is in these files? a study.toml proposed, with confidence and evidence
//! - [`comparison`]: two independent estimates against each other
//! - [`report`], [`evidence`]: the result model, page, tables, terminal summary; hashes and the manifest
//! - [`simulate`], [`calibrate`]: worlds with planted unfairness, and how the verdict does in them
//!
//! A verdict without files, on a simulated world in which group B is delayed by 100 us:
//!
//! ```
//! use colofair::fairness::{Evidence, FairnessOptions, Verdict, assess};
//! use colofair::record::{Calendar, TimeSpan, Zone};
//! use colofair::simulate::{Options, World, WorldSettings, matched};
//!
//! let settings = WorldSettings { delay: TimeSpan(100_000), ..WorldSettings::default() };
//! let world = World::named("delay", &settings)?;
//! let orders = matched(&world, &Options { orders: 8_000, days: 4, ..Options::default() })?;
//! let assessment = assess(&orders, &Evidence::default(), &Calendar::none(), Zone::UTC, &FairnessOptions::default());
//!
//! let pair = &assessment.pairs[0];
//! assert_eq!((pair.favoured.as_str(), pair.disadvantaged.as_str()), ("A", "B"));
//! assert_eq!(pair.verdict, Verdict::Unfair);
//! # Ok::<(), colofair::simulate::SimulateError>(())
//! ```

#[doc(inline)]
pub use colofair_method::{fairness, measure, order_records, priority, simulate, statistics, timestamps};
#[doc(inline)]
pub use colofair_orders::{ingest, reconcile, record};

pub mod access;
pub mod benchmark;
pub mod calibrate;
pub mod checks;
pub mod comparison;
pub mod config;
pub mod controls;
pub mod cross_evidence;
pub mod evidence;
pub mod evidence_tables;
pub mod inspect;
pub mod report;
pub mod rules;
pub mod study;
