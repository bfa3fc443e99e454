//! The Python module: a thin layer over the library. Arrow frames come in by the PyCapsule interface, without a copy; errors leave
//! as `colofair.ColofairError` with the text the program prints; the interpreter lock is released while anything is computed.

#![allow(missing_docs)] // What a user reads are the stubs and docstrings of the Python package.

mod frames;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use colofair::config::{self, StudyConfig};
use colofair::evidence::PseudonymKey;
use colofair::fairness::state::{Merged, merge as unite};
use colofair::record::{Diagnostic, Progress};
use colofair::simulate::{Format, Options, SimulateError, World, WorldSettings, Writing, write};
use colofair::study::days::{self, Summarized};
use colofair::study::{self, Command, Depth, Frames, Inputs, RunOptions};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::frames::frame;

create_exception!(_colofair, ColofairError, PyException, "What ended the work: code, place, reason and remedy.");

/// The process that computed first, 0 before any did.
static HOME: AtomicU32 = AtomicU32::new(0);

/// The threads that compute stay behind in a fork, and whoever waits for them waits for ever.
fn refuse_fork() -> PyResult<()> {
    let own = std::process::id();
    match HOME.compare_exchange(0, own, Ordering::Relaxed, Ordering::Relaxed) {
        Err(home) if home != own => Err(ColofairError::new_err(
            "error[E0009]: this process was forked from one in which colofair had already computed\n  help: start workers by \"spawn\" or \"forkserver\": multiprocessing.get_context(\"spawn\")",
        )),
        _ => Ok(()),
    }
}

fn told(problem: &Diagnostic, english: bool) -> PyErr {
    ColofairError::new_err(problem.shown(!english))
}

/// Orders, receipts and clients as frames; `None` where study.toml names the files.
type Given<'py> = [Option<Bound<'py, PyAny>>; 3];

/// study.toml, or a text in its place; `subject` in place of its title.
fn read_config(path: &Path, text: Option<String>, subject: Option<String>) -> PyResult<StudyConfig> {
    refuse_fork()?;
    let config = match text {
        Some(text) => config::parse(path, text),
        None => config::load(path),
    };
    let mut config = config.map_err(|problem| told(&problem, true))?;
    if let Some(subject) = subject {
        config.title = subject;
    }
    Ok(config)
}

fn opened(config: &StudyConfig, given: Given<'_>) -> PyResult<Inputs> {
    let [orders, receipts, clients] = given.map(|side| side.as_ref().map(frame).transpose());
    let frames = Frames { orders: orders?, receipts: receipts?, clients: clients? };
    let inputs = study::open_frames(config, frames).map_err(|problem| told(&problem, is_english(config)))?;
    Ok(inputs)
}

fn is_english(config: &StudyConfig) -> bool {
    config.language == "en"
}

/// Runs `check` or `study`; the result is in `out`.
#[pyfunction]
#[pyo3(signature = (path, text, out, command, depth, full_tables, pseudonyms, orders, receipts, clients))]
#[allow(clippy::too_many_arguments)] // The Python package names them.
fn run(
    py: Python<'_>,
    path: PathBuf,
    text: Option<String>,
    out: PathBuf,
    command: &str,
    depth: &str,
    full_tables: bool,
    pseudonyms: Option<PathBuf>,
    orders: Option<Bound<'_, PyAny>>,
    receipts: Option<Bound<'_, PyAny>>,
    clients: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let config = read_config(&path, text, None)?;
    let inputs = opened(&config, [orders, receipts, clients])?;
    let english = is_english(&config);
    let key = pseudonyms.as_deref().map(PseudonymKey::read).transpose().map_err(|problem| told(&problem, english))?;
    let options = RunOptions {
        command: match command {
            "check" => Command::Check,
            "study" => Command::Study,
            other => return Err(PyValueError::new_err(format!("command is \"check\" or \"study\", not \"{other}\""))),
        },
        hash: command == "study",
        full_tables,
        depth: match depth {
            "standard" => Depth::Standard,
            "full" => Depth::Full,
            other => return Err(PyValueError::new_err(format!("depth is \"standard\" or \"full\", not \"{other}\""))),
        },
        max_rejects: None,
        pseudonyms: key.map(Arc::new),
    };
    let done = py.detach(|| study::run(&config, &inputs, &options, &out, &Progress::default()));
    done.map(|_| ()).map_err(|problem| told(&problem, english))
}

/// One trading day: its bytes, its date, and counts as `colofair.Day` names them.
#[pyfunction]
#[pyo3(signature = (path, text, subject, orders, receipts, clients))]
fn summarize<'py>(
    py: Python<'py>,
    path: PathBuf,
    text: Option<String>,
    subject: Option<String>,
    orders: Option<Bound<'py, PyAny>>,
    receipts: Option<Bound<'py, PyAny>>,
    clients: Option<Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyBytes>, String, [u64; 5])> {
    let config = read_config(&path, text, subject)?;
    let inputs = opened(&config, [orders, receipts, clients])?;
    let made = py.detach(|| {
        let Summarized { day, orders, receipts } = days::summarize(&config, &inputs, &Progress::default())?;
        let counts = [day.orders().len() as u64, orders.read, orders.rejected, receipts.read, receipts.rejected];
        Ok((day.to_bytes(), day.date().to_string(), counts))
    });
    let (state, date, counts) = made.map_err(|problem: Diagnostic| told(&problem, is_english(&config)))?;
    Ok((PyBytes::new(py, &state), date, counts))
}

fn united(parts: &[PyBackedBytes]) -> Result<Merged, Diagnostic> {
    let parts: Result<Vec<Merged>, _> = parts.iter().map(|bytes| Merged::from_bytes(bytes)).collect();
    parts.and_then(unite).map_err(|error| days::of_state(&error))
}

/// Days and unions of days as one union.
#[pyfunction]
fn merge<'py>(py: Python<'py>, parts: Vec<PyBackedBytes>) -> PyResult<Bound<'py, PyBytes>> {
    refuse_fork()?;
    let bytes = py.detach(|| united(&parts).map(|days| days.to_bytes()));
    Ok(PyBytes::new(py, &bytes.map_err(|problem| told(&problem, true))?))
}

/// The verdict on united days, as `colofair merge -o` writes it.
#[pyfunction]
fn verdict(py: Python<'_>, path: PathBuf, text: Option<String>, parts: Vec<PyBackedBytes>) -> PyResult<String> {
    let config = read_config(&path, text, None)?;
    let found = py.detach(|| days::verdict(&config, &united(&parts)?, &Progress::default()).map(|found| found.json()));
    found.map_err(|problem| told(&problem, is_english(&config)))
}

/// Every setting of a study with its value, as `colofair config show` prints them.
#[pyfunction]
fn settings(path: PathBuf, text: Option<String>) -> PyResult<BTreeMap<String, String>> {
    let config = read_config(&path, text, None)?;
    Ok(config.settings.iter().map(|setting| (setting.key.clone(), setting.value.clone())).collect())
}

/// Writes a simulated world; its truth as JSON.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // The Python package names them.
fn simulate(
    py: Python<'_>,
    world: &str,
    out: PathBuf,
    orders: u64,
    days: u32,
    seed: u64,
    delay: Option<&str>,
    format: &str,
) -> PyResult<String> {
    refuse_fork()?;
    let refused = |error: SimulateError| told(&error.told(), true);
    let mut settings = WorldSettings::default();
    if let Some(delay) = delay {
        settings.delay = colofair::record::parse_span(delay).map_err(PyValueError::new_err)?;
    }
    let format = match format {
        "csv" => Format::Csv,
        "parquet" => Format::Parquet,
        "arrow" => Format::Arrow,
        other => return Err(PyValueError::new_err(format!("format is \"csv\", \"parquet\" or \"arrow\", not \"{other}\""))),
    };
    let world = World::named(world, &settings).map_err(refused)?;
    let options = Options { orders, days, seed, ..Options::default() };
    let writing = Writing::from(format);
    let truth = py.detach(|| write(&world, &options, writing, &out, &mut |_| ()));
    Ok(truth.map_err(refused)?.json(&world, &options).to_string())
}

/// Where a column's values lie in memory, as the library sees them: proof that a frame was not copied.
#[pyfunction]
fn buffer_address(data: &Bound<'_, PyAny>, column: &str) -> PyResult<usize> {
    frames::address(&frame(data)?, column)
}

#[pymodule]
fn _colofair(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ColofairError", module.py().get_type::<ColofairError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(run, module)?)?;
    module.add_function(wrap_pyfunction!(summarize, module)?)?;
    module.add_function(wrap_pyfunction!(merge, module)?)?;
    module.add_function(wrap_pyfunction!(verdict, module)?)?;
    module.add_function(wrap_pyfunction!(settings, module)?)?;
    module.add_function(wrap_pyfunction!(simulate, module)?)?;
    module.add_function(wrap_pyfunction!(buffer_address, module)?)
}
