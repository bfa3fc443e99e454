//! `check` and `study`.

use std::path::Path;
use std::sync::Arc;

use colofair::config::{self, Origin, StudyConfig};
use colofair::evidence::PseudonymKey;
use colofair::record::{Diagnostic, Progress};
use colofair::report::i18n::Language;
use colofair::report::model::StudyResult;
use colofair::report::terminal::summary;
use colofair::study::{self, RunOptions};

use crate::cli::allocator::{for_passing_buffers, give_back};
use crate::cli::arguments::{CheckJob, Globals, StudyJob};
use crate::cli::choices::{Depth, Tables};
use crate::cli::memory::budgeted;
use crate::cli::progress::{Bar, Stages};
use crate::cli::{colour, exit_code, fault, print, wants_json};

/// Columns of the summary.
pub(crate) const WIDTH: usize = 100;

pub(crate) fn check(job: &CheckJob, globals: &Globals) -> Result<u8, Diagnostic> {
    for_passing_buffers();
    let options = RunOptions {
        command: study::Command::Check,
        hash: job.hash,
        full_tables: job.tables == Tables::Full,
        depth: study::Depth::Standard,
        max_rejects: job.max_rejects,
        pseudonyms: None,
    };
    run(&job.study, &job.output, &options, globals)
}

pub(crate) fn study(job: &StudyJob, globals: &Globals) -> Result<u8, Diagnostic> {
    run(&job.study, &job.output, &options(job)?, globals)
}

/// What a job asks for.
pub(crate) fn options(job: &StudyJob) -> Result<RunOptions, Diagnostic> {
    let key = job.pseudonyms.as_deref().map(PseudonymKey::read).transpose()?;
    Ok(RunOptions {
        command: study::Command::Study,
        hash: true,
        full_tables: job.tables == Tables::Full,
        depth: match job.depth {
            Depth::Standard => study::Depth::Standard,
            Depth::Full => study::Depth::Full,
        },
        max_rejects: job.max_rejects,
        pseudonyms: key.map(Arc::new),
    })
}

/// The study's configuration with what the command line and the environment override.
pub(crate) fn load(study: &Path, globals: &Globals) -> Result<StudyConfig, Diagnostic> {
    let mut config = config::load(study)?;
    if let Some(lang) = globals.lang {
        let by_flag = std::env::args_os().any(|argument| argument.to_string_lossy().starts_with("--lang"));
        config.override_language(lang.tag(), if by_flag { Origin::Flag } else { Origin::Environment });
    }
    fault::speak(config.language != "en");
    Ok(config)
}

pub(crate) fn run(study: &Path, out: &Path, options: &RunOptions, globals: &Globals) -> Result<u8, Diagnostic> {
    wants_json(globals)?;
    let config = load(study, globals)?;
    let inputs = study::open(&config)?;
    let stages = Stages::default();
    let is_first_look = options.command == study::Command::Check;
    let (timed, verbose) = (stages.clone(), globals.verbose);
    let watched = Progress::watched(move |stage| {
        if verbose {
            timed.begin(stage)
        } else {
            fault::rehearse(stage)
        }
        if is_first_look {
            give_back();
        }
    });
    // The table of all rows holds them all.
    let can_do_with_less = is_first_look && !options.full_tables;
    let progress = Arc::new(budgeted(watched, globals, can_do_with_less));
    let bar = Bar::start(&progress, inputs.bytes(), globals);
    let result = study::run(&config, &inputs, options, out, &progress)?;
    drop(bar);
    stages.finish();
    show(&result, out, globals)?;
    Ok(exit_code(result.exit_code, globals))
}

fn show(result: &StudyResult, out: &Path, globals: &Globals) -> Result<(), Diagnostic> {
    if wants_json(globals)? {
        let path = out.join("result.json");
        let text = std::fs::read_to_string(&path);
        print(&text.map_err(|error| {
            let problem = (format!("無法讀回結果：{error}"), format!("cannot read the result back: {error}"));
            Diagnostic::new("E0300", problem).in_file(&path)
        })?);
    } else if !globals.quiet {
        print(&summary(result, Language::of(&result.study.language), colour(globals), WIDTH));
        print(&format!("{}\n", out.display()));
    }
    Ok(())
}
