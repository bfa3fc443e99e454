//! A progress bar on stderr, on terminals only.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use colofair::record::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::arguments::Globals;
use crate::cli::memory::most_held;
use crate::cli::say;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// A bar that follows the bytes read until it is dropped.
pub(crate) struct Bar {
    done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts drawing where stderr is a terminal and nothing speaks against it.
    pub(crate) fn start(progress: &Arc<Progress>, bytes: u64, globals: &Globals) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        if globals.no_progress || globals.quiet || !std::io::stderr().is_terminal() {
            return Self { done, drawer: None };
        }
        let (progress, finished) = (Arc::clone(progress), Arc::clone(&done));
        let drawer = std::thread::spawn(move || {
            let bar = ProgressBar::new(bytes);
            let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            while !finished.load(Ordering::Relaxed) {
                bar.set_position(progress.bytes());
                std::thread::park_timeout(TICK);
            }
            bar.finish_and_clear();
        });
        Self { done, drawer: Some(drawer) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            // A bar that failed to draw is no reason to fail the study.
            let _ = drawer.join();
        }
    }
}

/// Wall time of each stage, said on stderr by `--verbose`.
#[derive(Clone, Default)]
pub(crate) struct Stages {
    running: Arc<Mutex<Option<(&'static str, Instant)>>>,
}

impl Stages {
    /// A progress that tells this.
    pub(crate) fn watch(&self) -> Progress {
        let stages = self.clone();
        Progress::watched(move |name| stages.begin(name))
    }

    /// Ends the stage that is running, and begins the next.
    pub(crate) fn begin(&self, name: &'static str) {
        self.next(Some(name));
    }

    /// Ends the last stage.
    pub(crate) fn finish(&self) {
        let watched = self.running.lock().is_ok_and(|running| running.is_some());
        self.next(None);
        if let Some(bytes) = most_held().filter(|_| watched) {
            say(&format!("{:<14} {bytes} bytes", "peak memory"));
        }
    }

    fn next(&self, name: Option<&'static str>) {
        let Ok(mut running) = self.running.lock() else { return };
        if let Some((ended, since)) = running.take() {
            say(&format!("{ended:<14} {:8.3} s", since.elapsed().as_secs_f64()));
        }
        *running = name.map(|name| (name, Instant::now()));
    }
}
