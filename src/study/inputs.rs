//! The files of a study, or the frames that stand in their place.

use std::path::Path;
use std::time::SystemTime;

use crate::config::{SideConfig, StudyConfig};
use crate::ingest::{self, Frame, Source, SourceFile};
use crate::record::Diagnostic;
use crate::study::audit::{self, EvidenceFiles};

/// What is known before the first row is read: for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Bytes of all input files.
    pub bytes: u64,
}

/// Finds the input files, so that a missing one is reported before any work.
///
/// # Errors
/// When a file is missing or not what it should be.
pub fn open(config: &StudyConfig) -> Result<(Inputs, Plan), Diagnostic> {
    let also = config.priority.as_ref();
    let mut inputs = Inputs {
        orders: source(config, &config.orders)?,
        receipts: source(config, &config.receipts)?,
        clients: config.clients.as_ref().map(|side| source(config, side)).transpose()?,
        sessions: also.and_then(|also| also.sessions.as_ref()).map(|side| source(config, side)).transpose()?,
        executions: also.and_then(|also| also.executions.as_ref()).map(|side| source(config, side)).transpose()?,
        repair: config.records.repair.as_ref().map(|side| source(config, side)).transpose()?,
        reports: config.records.reports.as_ref().map(|side| source(config, side)).transpose()?,
        evidence: EvidenceFiles::default(),
        modified: Vec::new(),
    };
    inputs.evidence = audit::find(config)?;
    inputs.modified = inputs.files().map(modified).collect();
    let bytes = inputs.files().map(|file| file.bytes).sum();
    Ok((inputs, Plan { bytes }))
}

/// Rows that the caller has in memory, in place of the files that study.toml names.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    /// Orders sent to the exchange.
    pub orders: Option<Frame>,
    /// Client receipts.
    pub receipts: Option<Frame>,
    /// Whose accounts are whose.
    pub clients: Option<Frame>,
}

/// As [`open`], with some sides in memory: their paths in study.toml are not looked at.
///
/// # Errors
/// As [`open`]; also where clients are given and study.toml has no \[clients\] to say what their columns are.
pub fn open_frames(config: &StudyConfig, frames: Frames) -> Result<(Inputs, Plan), Diagnostic> {
    let mut config = config.clone();
    let given = [("orders", frames.orders), ("receipts", frames.receipts), ("clients", frames.clients)];
    if given[2].1.is_some() && config.clients.is_none() {
        let problem = ("給了客戶資料，設定檔卻沒有 [clients]", "clients are given, but the study has no [clients]");
        return Err(Diagnostic::new("E0116", problem)
            .in_file(&config.path)
            .help(("請在設定檔寫 [clients] 的 columns", "write [clients] with its columns into the study")));
    }
    // What is in memory is not looked for on disk.
    let sides = [Some(&mut config.orders), Some(&mut config.receipts), config.clients.as_mut()];
    for (side, (_, frame)) in sides.into_iter().zip(&given) {
        if let (Some(side), Some(_)) = (side, frame) {
            side.paths.clear();
        }
    }
    let (mut inputs, _) = open(&config)?;
    let sides = [Some(&mut inputs.orders), Some(&mut inputs.receipts), inputs.clients.as_mut()];
    for (side, (name, frame)) in sides.into_iter().zip(given) {
        if let (Some(side), Some(frame)) = (side, frame) {
            side.files = vec![SourceFile::of_frame(name, frame)];
        }
    }
    inputs.modified = inputs.files().map(modified).collect();
    let bytes = inputs.files().map(|file| file.bytes).sum();
    Ok((inputs, Plan { bytes }))
}

/// When a file was last written; `None` where that cannot be told, and for rows in memory.
fn modified(file: &SourceFile) -> Option<SystemTime> {
    std::fs::metadata(&file.path).and_then(|found| found.modified()).ok().filter(|_| file.frame.is_none())
}

pub(crate) fn source(config: &StudyConfig, side: &SideConfig) -> Result<Source, Diagnostic> {
    let files = ingest::discover(config.base(), &side.paths, side.format)?;
    Ok(Source { files, mapping: side.mapping.clone(), zone: config.zone, text: side.text.clone(), options: side.options.clone() })
}

/// The files of a study.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) orders: Source,
    pub(crate) receipts: Source,
    pub(crate) clients: Option<Source>,
    pub(crate) sessions: Option<Source>,
    pub(crate) executions: Option<Source>,
    pub(crate) repair: Option<Source>,
    pub(crate) reports: Option<Source>,
    pub(crate) evidence: EvidenceFiles,
    /// When each file had been written last as it was found.
    modified: Vec<Option<SystemTime>>,
}

impl Inputs {
    /// The files as study.toml names them, in the order of the manifest.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.files().map(|file| file.name.clone()).collect()
    }

    /// Says whether every file is still the one that was found, by size and time of writing.
    ///
    /// # Errors
    /// The first that is not: rows of it may have been read before, and others after.
    pub(crate) fn refuse_changed(&self) -> Result<(), Diagnostic> {
        let changed = |(file, before): &(&SourceFile, &Option<SystemTime>)| {
            let now = std::fs::metadata(&file.path).ok();
            file.frame.is_none() && (now.as_ref().map(std::fs::Metadata::len) != Some(file.bytes) || modified(file) != **before)
        };
        match self.files().zip(&self.modified).find(changed) {
            Some((file, _)) => Err(changed_while_read(&file.path)),
            None => Ok(()),
        }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        let others = [&self.clients, &self.sessions, &self.executions, &self.repair, &self.reports]
            .into_iter()
            .flatten()
            .flat_map(|source| &source.files);
        let evidence = self.evidence.tables.iter().flat_map(|(_, files)| files);
        self.orders.files.iter().chain(&self.receipts.files).chain(others).chain(evidence)
    }
}

/// A log that is still being written, or was replaced: hash and rows would be of different files.
pub(crate) fn changed_while_read(path: &Path) -> Diagnostic {
    Diagnostic::new("E0208", ("檔案在讀取時被改動", "the file changed while it was read"))
        .in_file(path)
        .help(("請複製一份不會再被寫入的檔案來查核", "study a copy that nothing writes to"))
}
