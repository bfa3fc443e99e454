//! Size and shape of a simulated study, and what can go wrong when it is written.

use std::path::PathBuf;

use crate::record::{Diagnostic, TimeSpan, TradeDate};

/// How much to simulate. Effects belong to the [`crate::simulate::World`].
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Orders in all, over every day and group; the count drawn is near it (cascades are random, further slices of a parent and
    /// copies come on top), and `truth.json` has the exact one.
    pub orders: u64,
    /// Trading days: consecutive weekdays from `first_day`.
    pub days: u32,
    /// First trading day; 2026-01-05.
    pub first_day: TradeDate,
    /// Seed; the same seed, world and options give the same bytes.
    pub seed: u64,
    /// Clients in all, dealt to the groups in turn; at least two a group.
    pub clients: u32,
    /// Instruments; popularity falls as rank^-0.8.
    pub instruments: u32,
    /// Client groups `A`, `B`, ... of equal order share; 2 to 6. Effects favour `A` and harm `B`.
    pub groups: u32,
    /// Gateways; each has one FIFO line, and more where a line would serve above 1,200 orders a minute on average.
    pub gateways: u32,
    /// Minutes of trading from 09:00 Asia/Taipei; 265 ends at 13:25 as on the exchange, 390 is the day of the calibration.
    pub session_minutes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            orders: 32_000,
            days: 10,
            first_day: TradeDate(20_458),
            seed: 1,
            clients: 40,
            instruments: 40,
            groups: 2,
            gateways: 2,
            session_minutes: 265,
        }
    }
}

impl Options {
    /// Settings of the calibration table: 32,000 orders over ten days of 390 minutes.
    #[must_use]
    pub fn calibration(seed: u64) -> Self {
        Self { seed, session_minutes: 390, ..Self::default() }
    }

    /// # Errors
    /// [`SimulateError::Option`] for a value outside its range.
    pub fn checked(&self) -> Result<&Self, SimulateError> {
        let wrong = |option: &'static str, expected: &'static str| Err(SimulateError::Option { option, expected });
        match self {
            _ if self.days == 0 || self.days > 2_600 => wrong("days", "1 to 2,600"),
            _ if self.orders == 0 || self.orders / u64::from(self.days) > 100_000_000 => wrong("orders", "1 to 100,000,000 a day"),
            _ if !(2..=6).contains(&self.groups) => wrong("groups", "2 to 6"),
            _ if self.clients < 2 * self.groups || self.clients > 100_000 => wrong("clients", "at least two a group, at most 100,000"),
            _ if self.instruments == 0 || self.instruments > 60_000 => wrong("instruments", "1 to 60,000"),
            _ if !(1..=30).contains(&self.gateways) => wrong("gateways", "1 to 30"),
            _ if !(1..=840).contains(&self.session_minutes) => wrong("session_minutes", "1 to 840"),
            _ => Ok(self),
        }
    }

    /// The trading days, ascending.
    #[must_use]
    pub fn trading_days(&self) -> Vec<TradeDate> {
        let dates = (self.first_day.0..).map(TradeDate).filter(|date| !date.is_weekend());
        dates.take(self.days as usize).collect()
    }
}

/// Parameters of a world beside its name.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldSettings {
    /// Delay of group `B` in world `delay`; 20 us.
    pub delay: TimeSpan,
    /// Standard deviation of the clients' log service factor in world `fair-clients`; 0.15.
    pub client_spread: f64,
    /// Rate of every planted record fault, a share of orders; `None` takes each fault's own default.
    pub fault_rate: Option<f64>,
    /// Adds the small imperfections of an honest record: 0.1 % missing receipts, 0.2 % orphans, 0.05 % duplicates, 0.02 % negatives.
    pub imperfections: bool,
}

impl Default for WorldSettings {
    fn default() -> Self {
        Self { delay: TimeSpan(20_000), client_spread: 0.15, fault_rate: None, imperfections: false }
    }
}

/// File format of the simulated tables; `clients.csv` is always CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8, ISO 8601 local times with nine decimals.
    Csv,
    /// Parquet, zstd level 1, row groups of 524,288 rows, `timestamp[ns, UTC]`.
    Parquet,
    /// Arrow IPC file, `timestamp[ns, UTC]`.
    Arrow,
    /// JSON lines, times as whole nanoseconds in an object of their own.
    Jsonl,
    /// FIX 4.4 log with the recorder's UTC time before each message.
    Fix,
    /// Fixed-width records, with their layout beside them.
    Fixed,
    /// Broker text, `ReqSNO|T0|T1|T2`, UTC, microseconds.
    Oms,
    /// CAT records as CSV.
    Cat,
    /// CAT records as JSON lines.
    CatJson,
}

impl Format {
    /// The file ending.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Jsonl => "jsonl",
            Self::Fix => "fix",
            Self::Fixed => "fixed",
            Self::Oms => "oms",
            Self::Cat => "cat",
            Self::CatJson => "cat-json",
        }
    }
}

/// Why a world was not simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No world has this name.
    #[error("unknown world \"{name}\"; choose from {known}, or join several with \"+\"")]
    UnknownWorld {
        /// The unknown part.
        name: String,
        /// Every known name, joined by commas.
        known: String,
    },
    /// An option lies outside its range.
    #[error("option {option} must be {expected}")]
    Option {
        /// Name of the option.
        option: &'static str,
        /// The range in words.
        expected: &'static str,
    },
    /// The folder holds files, and no world.
    #[error("{}: the folder holds files that simulate did not write", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{}: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system or the encoder said.
        reason: String,
    },
}

impl SimulateError {
    /// The error as a user is told it: E0401 of a folder of the user's, E0400 of everything else.
    #[must_use]
    pub fn told(&self) -> Diagnostic {
        let Self::Foreign { path } = self else { return Diagnostic::new("E0400", self.to_string()) };
        let problem = ("資料夾裡有不是 simulate 所寫的檔案", "the folder holds files that simulate did not write");
        Diagnostic::new("E0401", problem).in_file(path).help(("請指明新的資料夾", "name a new folder"))
    }
}
