//! The page printed to PDF by a browser of the user's own: headless, offline, with a profile that is thrown away.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use colofair::record::{Diagnostic, in_chinese, printable};

/// Names under which browsers that can print stand on PATH.
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

/// The page as PDF.
///
/// # Errors
/// When no browser is found, or it fails to print.
pub(crate) fn printed(page: &str, named: Option<&Path>) -> Result<Vec<u8>, Diagnostic> {
    let browser = match named {
        Some(path) => path.to_path_buf(),
        None => on_path().ok_or_else(none_found)?,
    };
    let scratch = tempfile::Builder::new().prefix("colofair-pdf-").tempdir().map_err(|error| no_room(&std::env::temp_dir(), &error))?;
    let (source, target) = (scratch.path().join("report.html"), scratch.path().join("report.pdf"));
    fs::write(&source, page).map_err(|error| no_room(&source, &error))?;
    // A browser will not start its sandbox for root; it says so, and our own page needs none.
    let mut said = run(&browser, scratch.path(), &[])?;
    if !target.is_file() && said.contains("no-sandbox") {
        said = run(&browser, scratch.path(), &["--no-sandbox"])?;
    }
    fs::read(&target).ok().filter(|bytes| bytes.starts_with(b"%PDF-")).ok_or_else(|| failed(&browser, &said))
}

/// Runs the browser until it ends or patience does; what it said on stderr.
fn run(browser: &Path, scratch: &Path, more: &[&str]) -> Result<String, Diagnostic> {
    let said = scratch.join("said.txt");
    let stderr = fs::File::create(&said).map_err(|error| no_room(&said, &error))?;
    let mut profile = std::ffi::OsString::from("--user-data-dir=");
    profile.push(scratch.join("profile"));
    let mut target = std::ffi::OsString::from("--print-to-pdf=");
    target.push(scratch.join("report.pdf"));
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync"])
        // Nothing of the page asks for the network, and the browser is to ask for nothing of its own.
        .args(["--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .args(["--no-pdf-header-footer"])
        .args(more)
        .arg(profile)
        .arg(target)
        .arg(scratch.join("report.html"))
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
    let problem = ("找不到可列印 PDF 的瀏覽器", "no browser that prints to PDF was found");
    Diagnostic::new("E0410", problem).help((
        "請以任何瀏覽器開啟 report.html 並列印為 PDF，或以 --browser（或 COLOFAIR_BROWSER）指明 Chromium、Chrome 或 Edge",
        "open report.html in any browser and print it to PDF, or name a Chromium, Chrome or Edge with --browser or COLOFAIR_BROWSER",
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
        "-" => ("這個程式沒有印出 PDF，也沒有說明原因".to_owned(), "this program printed no PDF and did not say why".to_owned()),
        _ => (format!("瀏覽器沒有印出 PDF：{shown}"), format!("the browser printed no PDF: {shown}")),
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
