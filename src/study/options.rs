//! What a run is asked for beyond its configuration.

use std::path::Path;
use std::sync::Arc;

use crate::evidence::PseudonymKey;
use crate::record::Column;
use crate::study::MaxRejects;

/// What to do beyond the configuration.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The first look, or the whole study.
    pub command: Command,
    /// Hash the inputs; a study always does.
    pub hash: bool,
    /// Write every row to tables/reconciled.parquet.
    pub full_tables: bool,
    /// How much is computed beside the verdict; `check` computes nothing.
    pub depth: Depth,
    /// The most rows of a side that may be rejected; `None` for any number.
    pub max_rejects: Option<MaxRejects>,
    /// Replaces names of clients and accounts in everything that is written; `None` leaves them.
    pub pseudonyms: Option<Arc<PseudonymKey>>,
}

impl RunOptions {
    /// The command line as it goes into the manifest: what decides the result, and no path of the machine, no key and no way to one.
    pub(crate) fn arguments(&self, study: &Path) -> Vec<String> {
        let name = study.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tables = self.full_tables.then(|| "--tables=full".to_owned());
        let depth = (self.depth == Depth::Full).then(|| format!("--depth={}", self.depth.name()));
        let most = self.max_rejects.map(|most| format!("--max-rejects={most}"));
        let key = self.pseudonyms.as_ref().map(|_| "--pseudonyms=KEY".to_owned());
        [self.command.name().to_owned(), name].into_iter().chain(tables).chain(depth).chain(most).chain(key).collect()
    }

    /// True where rows are shown or examined one by one; a first look only counts and measures them.
    pub(crate) fn whole_rows(&self) -> bool {
        self.command == Command::Study || self.full_tables
    }

    /// Which of the columns read are kept: a first look only makes sure that these times can be read.
    pub(crate) fn keeps(&self, column: Column) -> bool {
        self.whole_rows() || !matches!(column, Column::DecidedAt | Column::AcknowledgedAt | Column::RecordedAt | Column::EventAt)
    }
}

/// How much is computed beside the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What costs little: client league, pooled effects, stage blame.
    #[default]
    Standard,
    /// Also random groupings, missing orders, fair-queue replay, and every alternative judged again: some hundred verdicts.
    Full,
}

impl Depth {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// Which job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ingest, reconcile, measure; no verdict.
    Check,
    /// Everything, with verdict, report and manifest.
    Study,
}

impl Command {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Study => "study",
        }
    }
}
