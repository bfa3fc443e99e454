//! The files of a study, or the frames that stand in their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::{SideConfig, StudyConfig};
use crate::ingest::{self, Frame, Source, SourceFile};
use crate::record::Diagnostic;
use crate::study::audit::{self, EvidenceFiles};

/// Finds the input files, so that a missing one is reported before any work.
///
/// # Errors
/// When a file is missing or not what it should be.
pub fn open(config: &StudyConfig) -> Result<Inputs, Diagnostic> {
    ingest::refuse_second_standard_input(paths(config))?;
    let also = config.priority.as_ref();
    // Taken down as each side is found: standard input may be long in coming.
    let mut written = WrittenLast::default();
    let mut source = |config: &StudyConfig, side: &SideConfig| {
        let found = source(config, side)?;
        written.note(&found.files);
        Ok(found)
    };
    let mut inputs = Inputs {
        orders: source(config, &config.orders)?,
        receipts: source(config, &config.receipts)?,
        clients: config.clients.as_ref().map(|side| source(config, side)).transpose()?,
        sessions: also.and_then(|also| also.sessions.as_ref()).map(|side| source(config, side)).transpose()?,
        executions: also.and_then(|also| also.executions.as_ref()).map(|side| source(config, side)).transpose()?,
        repair: config.records.repair.as_ref().map(|side| source(config, side)).transpose()?,
        reports: config.records.reports.as_ref().map(|side| source(config, side)).transpose()?,
        evidence: EvidenceFiles::default(),
        written: WrittenLast::default(),
    };
    inputs.evidence = audit::find(config)?;
    written.note(inputs.evidence.files());
    inputs.written = written;
    Ok(inputs)
}

/// Every path that the study names.
fn paths(config: &StudyConfig) -> impl Iterator<Item = &String> {
    let also = config.priority.iter().flat_map(|also| [&also.sessions, &also.executions]);
    let optional = [&config.clients, &config.records.repair, &config.records.reports].into_iter().chain(also).flatten();
    let of_sides = [&config.orders, &config.receipts].into_iter().chain(optional).flat_map(|side| &side.paths);
    of_sides.chain(config.evidence.tables.iter().flat_map(|table| &table.paths))
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
pub fn open_frames(config: &StudyConfig, frames: Frames) -> Result<Inputs, Diagnostic> {
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
    let mut inputs = open(&config)?;
    let sides = [Some(&mut inputs.orders), Some(&mut inputs.receipts), inputs.clients.as_mut()];
    for (side, (name, frame)) in sides.into_iter().zip(given) {
        if let (Some(side), Some(frame)) = (side, frame) {
            side.files = vec![SourceFile::of_frame(name, frame)];
            // How its files would be read says nothing of rows that are read already.
            (side.text, side.options) = Default::default();
        }
    }
    Ok(inputs)
}

/// When each file had been written last as it was found.
#[derive(Debug, Default)]
pub(crate) struct WrittenLast(BTreeMap<PathBuf, Option<SystemTime>>);

impl WrittenLast {
    pub(crate) fn note<'a>(&mut self, found: impl IntoIterator<Item = &'a SourceFile>) {
        self.0.extend(found.into_iter().map(|file| (file.path.clone(), written_last(&file.path))));
    }

    /// Says whether every file is still the one that was found, by size and time of writing.
    ///
    /// # Errors
    /// The first that is not: rows of it may have been read before, and others after.
    pub(crate) fn refuse_changed<'a>(&self, found: impl IntoIterator<Item = &'a SourceFile>) -> Result<(), Diagnostic> {
        let changed = |file: &&SourceFile| {
            let bytes = std::fs::metadata(&file.path).map(|now| now.len()).ok();
            bytes != Some(file.bytes) || self.0.get(&file.path).is_some_and(|before| *before != written_last(&file.path))
        };
        match found.into_iter().filter(|file| file.frame.is_none()).find(changed) {
            Some(file) => Err(changed_while_read(&file.path)),
            None => Ok(()),
        }
    }
}

/// When a file was written last; `None` where that cannot be told.
fn written_last(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}

pub(crate) fn source(config: &StudyConfig, side: &SideConfig) -> Result<Source, Diagnostic> {
    let files = ingest::discover(config.base(), &side.paths, side.format)?;
    let source = Source { files, mapping: side.mapping.clone(), zone: config.zone, text: side.text.clone(), options: side.options.clone() };
    ingest::refuse_foreign(&source)?;
    Ok(source)
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
    written: WrittenLast,
}

impl Inputs {
    /// The files as study.toml names them, in the order of the manifest.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.files().map(|file| file.name.clone()).collect()
    }

    /// Bytes of all input files: for a progress bar.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().map(|file| file.bytes).sum()
    }

    /// As [`WrittenLast::refuse_changed`], of every file.
    ///
    /// # Errors
    /// The first that is not the one that was found.
    pub(crate) fn refuse_changed(&self) -> Result<(), Diagnostic> {
        self.written.refuse_changed(self.files())
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        let others = [&self.clients, &self.sessions, &self.executions, &self.repair, &self.reports]
            .into_iter()
            .flatten()
            .flat_map(|source| &source.files);
        self.orders.files.iter().chain(&self.receipts.files).chain(others).chain(self.evidence.files())
    }
}

/// A log that is still being written, or was replaced: hash and rows would be of different files.
pub(crate) fn changed_while_read(path: &Path) -> Diagnostic {
    Diagnostic::new("E0208", ("檔案在讀取時被改動", "the file changed while it was read"))
        .in_file(path)
        .help(("請複製一份不會再被寫入的檔案來查核", "study a copy that nothing writes to"))
}
