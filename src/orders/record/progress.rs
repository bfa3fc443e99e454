//! What a running study tells whoever watches it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read so far and the stage that is running. The library reads no clock: whoever watches may.
#[derive(Default)]
pub struct Progress {
    bytes: AtomicU64,
    on_stage: Option<Box<dyn Fn(&'static str) + Send + Sync>>,
}

impl Progress {
    /// Calls `on_stage` with the name of each stage as it starts.
    #[must_use]
    pub fn watched(on_stage: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self { bytes: AtomicU64::new(0), on_stage: Some(Box::new(on_stage)) }
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
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
