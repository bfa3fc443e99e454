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
    /// Bytes read when `held` was last asked.
    asked_at: AtomicU64,
}

/// Bytes read between two looks at the memory held: asking the system takes some microseconds.
const LOOK_EVERY: u64 = 4 << 20;

impl Progress {
    /// Calls `on_stage` with the name of each stage as it starts.
    #[must_use]
    pub fn watched(on_stage: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self { on_stage: Some(Box::new(on_stage)), ..Self::default() }
    }

    /// Allows `limit` bytes of memory; `held` tells how many the process holds.
    #[must_use]
    pub fn within(self, limit: u64, held: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { budget: Some(Budget { limit, held: Box::new(held), asked_at: AtomicU64::new(0) }), ..self }
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
        let (now, before) = (self.bytes(), budget.asked_at.load(Ordering::Relaxed));
        if before > 0 && now < before + LOOK_EVERY {
            return Ok(());
        }
        budget.asked_at.store(now.max(1), Ordering::Relaxed);
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

fn over_budget(limit: u64) -> Diagnostic {
    let limit = mebibytes(limit);
    let problem = (format!("--memory {limit} 不足"), format!("--memory {limit} is not enough"));
    let help = (
        "請調高 --memory；`check` 會分次讀檔，約需每筆委託 9 位元組；`study` 可縮短期間，或逐日 `summarize` 再 `merge`",
        "raise --memory; `check` reads the files several times over and needs some 9 bytes an order; study a shorter period, or `summarize` each day and `merge`",
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
