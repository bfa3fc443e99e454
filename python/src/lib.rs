//! The Python module: a thin layer over the library. Arrow frames come in by the PyCapsule interface, without a copy; errors leave
//! as `colofair.ColofairError` with the text the program prints; the interpreter lock is released while anything is computed.

#![allow(missing_docs)] // What a user reads are the stubs and docstrings of the Python package.

mod frames;

use std::path::PathBuf;

use colofair::config::{self, StudyConfig};
use colofair::fairness::state::{Merged, StudyDay, merge};
use colofair::record::{Diagnostic, Progress};
use colofair::simulate::{Format, Options, World, WorldSettings, Writing, write};
use colofair::study::{self, Command, Depth, Frames, Inputs, RunOptions, days};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::frames::frame;

create_exception!(_colofair, ColofairError, PyException, "What ended the work: code, place, reason and remedy.");

fn told(problem: &Diagnostic, english: bool) -> PyErr {
    ColofairError::new_err(problem.shown(!english))
}

/// Orders, receipts and clients as frames; `None` where study.toml names the files.
type Given<'py> = [Option<Bound<'py, PyAny>>; 3];

fn opened(path: PathBuf, text: Option<String>, given: Given<'_>) -> PyResult<(StudyConfig, Inputs)> {
    let config = match text {
        Some(text) => config::parse(&path, text),
        None => config::load(&path),
    };
    let config = config.map_err(|problem| told(&problem, true))?;
    let english = config.language == "en";
    let [orders, receipts, clients] = given.map(|side| side.as_ref().map(frame).transpose());
    let frames = Frames { orders: orders?, receipts: receipts?, clients: clients? };
    let (inputs, _) = study::open_frames(&config, frames).map_err(|problem| told(&problem, english))?;
    Ok((config, inputs))
}

/// Runs `check` or `study`; the result is in `out`.
#[pyfunction]
#[pyo3(signature = (path, text, out, command, depth, full_tables, orders, receipts, clients))]
#[allow(clippy::too_many_arguments)] // The Python package names them.
fn run(
    py: Python<'_>,
    path: PathBuf,
    text: Option<String>,
    out: PathBuf,
    command: &str,
    depth: &str,
    full_tables: bool,
    orders: Option<Bound<'_, PyAny>>,
    receipts: Option<Bound<'_, PyAny>>,
    clients: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let (config, inputs) = opened(path, text, [orders, receipts, clients])?;
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
        arguments: vec![command.to_owned()],
        pseudonyms: None,
    };
    let english = config.language == "en";
    let done = py.detach(|| study::run(&config, &inputs, &options, &out, &Progress::default()));
    done.map(|_| ()).map_err(|problem| told(&problem, english))
}

/// One trading day as bytes.
#[pyfunction]
#[pyo3(signature = (path, text, orders, receipts, clients))]
fn summarize<'py>(
    py: Python<'py>,
    path: PathBuf,
    text: Option<String>,
    orders: Option<Bound<'py, PyAny>>,
    receipts: Option<Bound<'py, PyAny>>,
    clients: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (config, inputs) = opened(path, text, [orders, receipts, clients])?;
    let english = config.language == "en";
    let day = py.detach(|| days::summarize(&config, &inputs, &Progress::default()).map(|day| day.to_bytes()));
    Ok(PyBytes::new(py, &day.map_err(|problem| told(&problem, english))?))
}

/// The pairs of united days, as JSON.
#[pyfunction]
fn verdict(py: Python<'_>, path: PathBuf, text: Option<String>, parts: Vec<Vec<u8>>) -> PyResult<String> {
    let config = match text {
        Some(text) => config::parse(&path, text),
        None => config::load(&path),
    };
    let config = config.map_err(|problem| told(&problem, true))?;
    let english = config.language == "en";
    let pairs = py.detach(|| {
        let parts: Result<Vec<StudyDay>, _> = parts.iter().map(|bytes| StudyDay::from_bytes(bytes)).collect();
        let united: Merged = parts.and_then(merge).map_err(|error| days::of_state(&config, &error))?;
        let mut pairs = serde_json::to_value(days::verdict(&config, &united, &Progress::default())).unwrap_or_default();
        for pair in pairs.as_array_mut().into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
            pair.remove("comparison");
        }
        Ok(pairs.to_string())
    });
    pairs.map_err(|problem: Diagnostic| told(&problem, english))
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
    let refused = |error: &dyn std::fmt::Display| PyValueError::new_err(error.to_string());
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
    let world = World::named(world, &settings).map_err(|error| refused(&error))?;
    let options = Options { orders, days, seed, ..Options::default() };
    let writing = Writing::from(format);
    let truth = py.detach(|| write(&world, &options, writing, &out, &mut |_| ()));
    Ok(truth.map_err(|error| refused(&error))?.json(&world, &options).to_string())
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
    module.add_function(wrap_pyfunction!(verdict, module)?)?;
    module.add_function(wrap_pyfunction!(simulate, module)?)?;
    module.add_function(wrap_pyfunction!(buffer_address, module)?)
}
