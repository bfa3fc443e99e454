//! Page to PDF and charts to PNG by a browser of the user's own: headless, offline, with a profile that is thrown away.
//!
//! It has the fonts that draw the user's names, so that the program need not carry one.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use colofair::record::{Diagnostic, in_chinese, printable};

/// Names under which browsers that can do both stand on PATH.
const NAMES: [&str; 8] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
];
/// A page of at most 1.5 MB is printed in seconds; a browser that needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a running browser is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Lines of pixels of the lowest window that a browser draws whole; a lower chart has white below.
const LEAST_WINDOW: u32 = 150;

/// The page as PDF.
///
/// # Errors
/// When no browser is found, or it fails to print.
pub(crate) fn pdf(page: &str, named: Option<&Path>) -> Result<Vec<u8>, Diagnostic> {
    let task = Task { source: "report.html", target: "report.pdf", option: "--print-to-pdf=", begins: b"%PDF-" };
    made(page, &task, &["--no-pdf-header-footer"], named)
}

/// A chart as PNG, twice as many pixels each way as it has on the page.
///
/// # Errors
/// When no browser is found, or it fails to draw.
pub(crate) fn png(chart: &str, named: Option<&Path>) -> Result<Vec<u8>, Diagnostic> {
    let task = Task { source: "chart.svg", target: "chart.png", option: "--screenshot=", begins: b"\x89PNG" };
    let [width, height] = ["width", "height"].map(|side| attribute(chart, side).and_then(|text| text.parse().ok()).unwrap_or(960));
    let height = height.max(LEAST_WINDOW);
    let window = format!("--window-size={width},{height}");
    made(chart, &task, &[&window, "--force-device-scale-factor=2", "--hide-scrollbars", "--default-background-color=ffffffff"], named)
}

/// A number among the attributes of the outermost element.
fn attribute<'s>(svg: &'s str, name: &str) -> Option<&'s str> {
    let tag = svg.split_once('>')?.0;
    let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
    value.bytes().all(|byte| byte.is_ascii_digit()).then_some(value)
}

/// What a browser makes of what.
struct Task {
    source: &'static str,
    target: &'static str,
    /// The option that takes the target.
    option: &'static str,
    /// How the target begins, if it was made.
    begins: &'static [u8],
}

fn made(contents: &str, task: &Task, more: &[&str], named: Option<&Path>) -> Result<Vec<u8>, Diagnostic> {
    let browser = match named {
        Some(path) => path.to_path_buf(),
        None => on_path().ok_or_else(none_found)?,
    };
    let scratch = tempfile::Builder::new().prefix("colofair-pdf-").tempdir().map_err(|error| no_room(&std::env::temp_dir(), &error))?;
    let (source, target) = (scratch.path().join(task.source), scratch.path().join(task.target));
    fs::write(&source, contents).map_err(|error| no_room(&source, &error))?;
    // A browser will not start its sandbox for root; it says so, and our own page needs none.
    let mut said = run(&browser, scratch.path(), task, more)?;
    if !target.is_file() && said.contains("no-sandbox") {
        said = run(&browser, scratch.path(), task, &[more, &["--no-sandbox"]].concat())?;
    }
    fs::read(&target).ok().filter(|bytes| bytes.starts_with(task.begins)).ok_or_else(|| failed(&browser, &said))
}

/// Runs the browser until it ends or patience does; what it said on stderr.
fn run(browser: &Path, scratch: &Path, task: &Task, more: &[&str]) -> Result<String, Diagnostic> {
    let said = scratch.join("said.txt");
    let stderr = fs::File::create(&said).map_err(|error| no_room(&said, &error))?;
    let mut profile = std::ffi::OsString::from("--user-data-dir=");
    profile.push(scratch.join("profile"));
    let mut target = std::ffi::OsString::from(task.option);
    target.push(scratch.join(task.target));
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync"])
        // Nothing of the page asks for the network, and the browser is to ask for nothing of its own.
        .args(["--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .args(more)
        .arg(profile)
        .arg(target)
        .arg(scratch.join(task.source))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr);
    let mut child = command.spawn().map_err(|error| cannot_start(browser, &error))?;
    wait(&mut child, browser)?;
    Ok(String::from_utf8_lossy(&fs::read(&said).unwrap_or_default()).into_owned())
}

fn wait(child: &mut Child, browser: &Path) -> Result<(), Diagnostic> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if started.elapsed() < PATIENCE => std::thread::park_timeout(TICK),
            ended => {
                // Our own child, which is not needed any more either way.
                let _ = child.kill();
                let _ = child.wait();
                let said = ended.err().map_or_else(|| format!("> {} s", PATIENCE.as_secs()), |error| error.to_string());
                return Err(failed(browser, &said));
            }
        }
    }
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder != OsStr::new("")).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

fn none_found() -> Diagnostic {
    let problem = ("找不到可列印 PDF、繪製 PNG 的瀏覽器", "no browser that prints to PDF and draws PNG was found");
    Diagnostic::new("E0410", problem).help((
        "請以任何瀏覽器開啟 report.html 並列印為 PDF（圖表檔為 charts/*.svg），或以 --browser（或 COLOFAIR_BROWSER）指明 Chromium、Chrome 或 Edge",
        "open report.html in any browser and print it to PDF (the charts are charts/*.svg), or name a Chromium, Chrome or Edge with --browser or COLOFAIR_BROWSER",
    ))
}

fn cannot_start(browser: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法啟動瀏覽器：{}", in_chinese(error)), format!("cannot start the browser: {error}"));
    Diagnostic::new("E0410", problem).in_file(browser).help((
        "請以 --browser 指明 Chromium、Chrome 或 Edge，或以任何瀏覽器開啟 report.html 列印",
        "name a Chromium, Chrome or Edge with --browser, or print report.html from any browser",
    ))
}

fn failed(browser: &Path, said: &str) -> Diagnostic {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("-");
    let shown = printable(last, 300);
    let problem = match last {
        "-" => ("這個程式沒有產生檔案，也沒有說明原因".to_owned(), "this program made no file and did not say why".to_owned()),
        _ => (format!("瀏覽器沒有產生檔案：{shown}"), format!("the browser made no file: {shown}")),
    };
    Diagnostic::new("E0410", problem).in_file(browser).help((
        "請改以 --browser 指明另一個瀏覽器，或以任何瀏覽器開啟 report.html 列印為 PDF",
        "name another browser with --browser, or open report.html in any browser and print it to PDF",
    ))
}

fn no_room(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法寫出暫存檔：{}", in_chinese(error)), format!("cannot write a temporary file: {error}"));
    Diagnostic::new("E0300", problem)
        .in_file(path)
        .help(("請檢查暫存空間，或以 TMPDIR 指明他處", "check the space for temporary files, or name another folder in TMPDIR"))
}
