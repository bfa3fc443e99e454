//! What a running study tells whoever watches it, and the memory it is allowed.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::Diagnostic;

/// Bytes read so far, the stage that is running, and the memory that may be held. The library reads no clock and asks the system for no
/// figure of its own: whoever watches may.
#[derive(Default)]
pub struct Progress {
    bytes: AtomicU64,
    on_stage: Option<Box<dyn Fn(&'static str) + Send + Sync>>,
    budget: Option<Budget>,
}

struct Budget {
    limit: u64,
    held: Box<dyn Fn() -> u64 + Send + Sync>,
    /// How often a piece asked whether it may be read.
    pieces: AtomicU64,
}

/// Pieces between two looks at the memory held: asking the system takes some microseconds.
const LOOK_EVERY: u64 = 4;

impl Progress {
    /// Calls `on_stage` with the name of each stage as it starts.
    #[must_use]
    pub fn watched(on_stage: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self { on_stage: Some(Box::new(on_stage)), ..Self::default() }
    }

    /// Allows `limit` bytes of memory; `held` tells how many the process holds.
    #[must_use]
    pub fn within(self, limit: u64, held: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { budget: Some(Budget { limit, held: Box::new(held), pieces: AtomicU64::new(0) }), ..self }
    }

    /// Bytes read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts bytes as read.
    pub fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Forgets what was read since `bytes` were: it is read again.
    pub(crate) fn back_to(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Says that a stage starts.
    pub fn stage(&self, name: &'static str) {
        if let Some(on_stage) = &self.on_stage {
            on_stage(name);
        }
    }

    /// Bytes that rows may still take; `None` where nothing limits them. A quarter of the limit is left to what is made of the rows.
    #[must_use]
    pub fn room(&self) -> Option<u64> {
        self.budget.as_ref().map(|budget| (budget.limit / 4 * 3).saturating_sub((budget.held)()))
    }

    /// To be called before each piece of a file that is read.
    ///
    /// # Errors
    /// E0008 where rows leave no room for what is made of them.
    pub fn check_memory(&self) -> Result<(), Diagnostic> {
        let Some(budget) = &self.budget else { return Ok(()) };
        if budget.pieces.fetch_add(1, Ordering::Relaxed) % LOOK_EVERY != 0 {
            return Ok(());
        }
        if self.room() == Some(0) { Err(over_budget(budget.limit)) } else { Ok(()) }
    }

    /// Whether `bytes` more may be held.
    ///
    /// # Errors
    /// E0008 where they may not, saying how many would be needed.
    pub fn expect_memory(&self, bytes: u64) -> Result<(), Diagnostic> {
        let Some(budget) = &self.budget else { return Ok(()) };
        let needed = (budget.held)() + bytes;
        if needed <= budget.limit {
            return Ok(());
        }
        let needed = mebibytes(needed);
        let also = (format!("約需 {needed}"), format!("about {needed} are needed"));
        let problem = over_budget(budget.limit);
        Err(Diagnostic {
            message: (format!("{}：{}", problem.message.zh, also.0), format!("{}: {}", problem.message.en, also.1)).into(),
            ..problem
        })
    }
}

/// The code of memory that --memory does not allow.
pub const OVER_BUDGET: &str = "E0008";

/// The error of a run for which `limit` bytes do not suffice.
#[must_use]
pub fn over_budget(limit: u64) -> Diagnostic {
    let limit = mebibytes(limit);
    let problem = (format!("--memory {limit} 不足"), format!("--memory {limit} is not enough"));
    let help = (
        "先前的結果原封未動；請調高 --memory，或減少一次處理的委託（`check` 約需 100 MiB 加每筆委託 9 位元組；`study` 另可逐日 `summarize` 再 `merge`）",
        "an earlier result is as it was; raise --memory, or take fewer orders at a time (`check` needs some 100 MiB and 9 bytes an order; for `study` there are `summarize` and `merge`, a day at a time)",
    );
    Diagnostic::new(OVER_BUDGET, problem).help(help)
}

fn mebibytes(bytes: u64) -> String {
    format!("{}MiB", bytes.div_ceil(1 << 20))
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
