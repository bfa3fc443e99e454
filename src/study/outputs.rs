//! What a study writes: tables, evidence rows, documents, hashes.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::checks::Outcome;
use crate::config::StudyConfig;
use crate::evidence::{HashedFile, Manifest, hash_file, hash_file_while, sha256_of, way_to};
use crate::ingest::SourceFile;
use crate::record::Diagnostic;
use crate::report::documents::Document;
use crate::report::evidence_csv::evidence_csv;
use crate::report::model::{SCHEMA_VERSION, StudyResult, TableRef};
use crate::report::output::Output;
use crate::report::rerender::documents;
use crate::report::table_names;
use crate::report::tables::{Reconciled, RowSelection, write_trend};
use crate::study::basis::Basis;
use crate::study::inputs::changed_while_read;
use crate::study::{Command, Inputs, RunOptions, audit};

/// The tables that show rows one by one.
pub(crate) fn write_row_tables(output: &Output, reconciled: &Reconciled<'_>, options: &RunOptions) -> Result<Vec<TableRef>, Diagnostic> {
    let exceptions = (options.command == Command::Study).then_some((table_names::EXCEPTIONS, RowSelection::Exceptions));
    let all = options.full_tables.then_some((table_names::RECONCILED, RowSelection::All));
    let write = |(name, selection): (&str, RowSelection)| {
        Ok(TableRef { path: name.to_owned(), rows: reconciled.write(&output.path(name), selection)? })
    };
    [exceptions, all].into_iter().flatten().map(write).collect()
}

/// The trend by minute.
pub(crate) fn write_trend_table(output: &Output, basis: &Basis) -> Result<TableRef, Diagnostic> {
    let name = table_names::TREND;
    Ok(TableRef { path: name.to_owned(), rows: write_trend(&output.path(name), &basis.grouped.trend, &basis.groups)? })
}

/// The rows behind the findings of evidence files.
pub(crate) fn write_evidence(output: &Output, outcomes: &[Outcome]) -> Result<Vec<TableRef>, Diagnostic> {
    let mut tables = Vec::new();
    for family in ["A", "C", "X"] {
        let lines = audit::evidence_lines(outcomes, family);
        if !lines.is_empty() {
            let name = audit::table_name(family);
            output.write(name, evidence_csv(&lines).as_bytes())?;
            tables.push(audit::table_ref(name, lines.len()));
        }
    }
    Ok(tables)
}

/// Does `work` while a thread of its own hashes the files that it reads; one after the other where only one thread is wanted.
///
/// A hash is of a file as it is read; that no file changed meanwhile is for [`Inputs::refuse_changed`] to say afterwards.
pub(crate) fn hashing<T>(
    inputs: &Inputs,
    wanted: bool,
    work: impl FnOnce() -> Result<T, Diagnostic>,
) -> Result<(T, Vec<HashedFile>), Diagnostic> {
    let going_on = AtomicBool::new(wanted);
    let hash = || hash_inputs(inputs, &going_on);
    if !wanted || rayon::current_num_threads() == 1 {
        return Ok((work()?, hash()?));
    }
    std::thread::scope(|scope| {
        let hashes = std::thread::Builder::new().spawn_scoped(scope, hash);
        let done = work();
        // Nobody waits for hashes to be told what is wrong.
        going_on.fetch_and(done.is_ok(), Ordering::Relaxed);
        let hashed = match hashes {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => hash_inputs(inputs, &going_on),
        };
        Ok((done?, hashed?))
    })
}

/// What was hashed until `going_on` was false: every file where it never was.
fn hash_inputs(inputs: &Inputs, going_on: &AtomicBool) -> Result<Vec<HashedFile>, Diagnostic> {
    // Rows in memory are no file that anybody could hash again.
    let files = inputs.files().filter(|file| file.frame.is_none());
    let hash = |file: &SourceFile| {
        let Some(hashed) = hash_file_while(&file.path, &file.name, || going_on.load(Ordering::Relaxed))? else { return Ok(None) };
        // A log that is still being written: the hash would be of rows that were not read.
        if hashed.bytes != file.bytes {
            return Err(changed_while_read(&file.path));
        }
        Ok(Some(hashed))
    };
    files.filter_map(|file| hash(file).transpose()).collect()
}

pub(crate) fn write_documents(
    output: &Output,
    config: &StudyConfig,
    result: &StudyResult,
    hashed: &[HashedFile],
    options: &RunOptions,
) -> Result<(), Diagnostic> {
    if options.command == Command::Check {
        return output.write("result.json", &json(result));
    }
    let (written, documents) =
        rayon::join(|| output.write("result.json", &json(result)), || documents(&Document::OF_A_STUDY, result, output.folder()));
    written?;
    for (name, contents) in documents? {
        output.put(name, &contents)?;
    }
    let outputs: Vec<Result<HashedFile, Diagnostic>> =
        output.written().into_par_iter().map(|name| hash_file(&output.path(name), name)).collect();
    let outputs: Result<Vec<HashedFile>, Diagnostic> = outputs.into_iter().collect();
    let configuration = HashedFile {
        path: config.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: config.text.len() as u64,
        sha256: sha256_of(config.text.as_bytes()),
    };
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: format!("colofair {}", env!("CARGO_PKG_VERSION")),
        command: options.arguments(&config.path),
        inputs: hashed.to_vec(),
        configuration: std::iter::once(configuration).chain(layouts(config)).collect(),
        study: way_to(output.target(), &config.path),
        outputs: outputs?,
        rendered: Vec::new(),
    };
    output.write("manifest.json", &manifest.json())
}

/// The layout files that fixed-width records were cut by, each once, by name.
fn layouts(config: &StudyConfig) -> Vec<HashedFile> {
    let of_priority = config.priority.iter().flat_map(|priority| [&priority.sessions, &priority.executions]);
    let beside = of_priority.chain([&config.clients, &config.records.repair, &config.records.reports]).flatten();
    let sides = [&config.orders, &config.receipts].into_iter().chain(beside);
    let mut files: Vec<&(String, String)> = sides.filter_map(|side| side.layout_file.as_ref()).collect();
    files.sort();
    files.dedup();
    let hashed =
        |(name, text): &(String, String)| HashedFile { path: name.clone(), bytes: text.len() as u64, sha256: sha256_of(text.as_bytes()) };
    files.into_iter().map(hashed).collect()
}

/// Pretty-printed JSON with a final line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("plain structs with string keys and finite numbers serialize");
    text.push(b'\n');
    text
}
