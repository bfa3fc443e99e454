//! The command line: the only home of clap, of the terminal and of the exit code.

mod allocator;
mod arguments;
mod bench;
mod browser;
mod calibrate;
mod choices;
mod compare;
mod config_show;
mod days;
mod demo;
mod evidence;
mod fault;
mod init;
mod inspect;
mod memory;
mod progress;
mod report;
mod shell;
mod simulate;
mod studies;
mod verify;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use colofair::config;
use colofair::record::Diagnostic;
use colofair::report::i18n::Language;
use colofair::report::output::put_at;

pub(crate) use crate::cli::allocator::Allocator;
use crate::cli::arguments::{Arguments, Command, Globals};
use crate::cli::choices::{Colour, FailOn, Format};

/// No finding.
const NO_FINDING: u8 = 0;
/// Usage, configuration or input error.
const ERROR: u8 = 2;

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    allocator::ordinary_pages();
    let arguments = Arguments::parse();
    let globals = &arguments.globals;
    if let Some(language) = globals.lang {
        fault::speak(Language::of(language.tag()) == Language::ZhTw);
    }
    if globals.private {
        private();
    }
    // Guarded from the first thread on: one that gets no memory for its start panics.
    let command = || {
        threads(globals)?;
        globals.memory.map_or(Ok(()), memory::keep_to)?;
        dispatch(&arguments)
    };
    match fault::guarded(command) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => fail(globals, arguments.command.study(), &problem),
    }
}

/// Starts the threads asked for.
fn threads(globals: &Globals) -> Result<(), Diagnostic> {
    let Some(threads) = globals.threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global().map_err(|error| {
        let problem = (format!("無法啟動 {threads} 個執行緒：{error}"), format!("cannot start {threads} threads: {error}"));
        Diagnostic::new("E0007", problem).help(fault::LESS)
    })
}

fn dispatch(arguments: &Arguments) -> Result<u8, Diagnostic> {
    let globals = &arguments.globals;
    match &arguments.command {
        Command::Init(job) => init::init(job, globals),
        Command::Inspect(job) => inspect::inspect(job, globals),
        Command::Check(job) => studies::check(job, globals),
        Command::Study(job) => studies::study(job, globals),
        Command::Summarize(job) => days::summarize(job, globals),
        Command::Merge(job) => days::merge(job, globals),
        Command::Compare(job) => compare::compare(job, globals),
        Command::Verify(job) => verify::verify(job, globals),
        Command::Report(job) => report::report(job, globals),
        Command::Access(job) => evidence::access(job, globals),
        Command::Controls(job) => evidence::controls(job, globals),
        Command::Explain(job) => evidence::explain(job, globals),
        Command::Demo(job) => demo::demo(job, globals),
        Command::Simulate(job) => simulate::simulate(job, globals),
        Command::Calibrate(job) => calibrate::calibrate(job, globals),
        Command::Bench(job) => bench::bench(job, globals),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { output } => shell::man(output.as_deref()),
        Command::Config(job) => config_show::config(job, globals),
    }
}

/// Whatever this process makes is its owner's alone.
#[cfg(unix)]
fn private() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

#[cfg(not(unix))]
fn private() {}

/// Says what ended the run, in the language asked for, else the study's.
fn fail(globals: &Globals, study: Option<&Path>, problem: &Diagnostic) -> ExitCode {
    let language = match (globals.lang, study.and_then(config::language_of)) {
        (None, Some(tag)) => Language::of(tag),
        _ => inspect::language(globals),
    };
    say(&problem.shown(language == Language::ZhTw));
    ExitCode::from(ERROR)
}

/// Writes a file; one of its name that stands there with other contents is not overwritten.
fn put_new(path: &Path, contents: &[u8], help: (&str, &str)) -> Result<(), Diagnostic> {
    match std::fs::read(path) {
        Ok(found) if found == contents => Ok(()),
        Ok(_) => {
            let problem = ("這裡已有同名但內容不同的檔案", "a file of this name stands here already, with other contents");
            Err(Diagnostic::new("E0303", problem).in_file(path).help(help))
        }
        Err(_) => put_at(path, contents),
    }
}

/// What a verdict means for the exit code, after `--fail-on` and `--exit-zero`.
fn exit_code(found: u8, globals: &Globals) -> u8 {
    match (globals.fail_on, found) {
        _ if globals.exit_zero => NO_FINDING,
        (FailOn::Never, _) => NO_FINDING,
        (FailOn::Finding, 3) => NO_FINDING,
        _ => found,
    }
}

/// Prints to stdout. A reader that closed the pipe has seen enough: that is no error. A full disk is one, when the command ends.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => fault::unprinted(error),
        _ => (),
    }
}

/// Says a line on stderr.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// True where stdout carries one JSON document.
fn wants_json(globals: &Globals) -> Result<bool, Diagnostic> {
    match globals.format {
        None | Some(Format::Text) => Ok(false),
        Some(Format::Json) => Ok(true),
        Some(_) => Err(Diagnostic::new("E0002", ("這個命令輸出 text 或 json", "this command prints text or json"))
            .help(("請寫 --format text 或 --format json", "write --format text or --format json"))),
    }
}

/// Whether stdout gets colour.
fn colour(globals: &Globals) -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stdout().is_terminal();
    match globals.color {
        Colour::Auto => wanted,
        Colour::Always => true,
        Colour::Never => false,
    }
}
