//! What no command expects: a defect of the program, memory that runs out, a stdout that takes nothing more. Each ends with words and with 2.

#[cfg(not(unix))]
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use colofair::record::{self, Diagnostic};
use colofair::report::output::remove_unfinished;

use crate::cli::allocator::end_at_once;

/// Where the last panic arose and what it said. Decoders of other people panic on some damaged files; that is caught where it happens and
/// told as a damaged file, so nothing is said before it is known that nobody caught it.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());
/// Why stdout did not take what was printed.
static UNPRINTED: OnceLock<std::io::Error> = OnceLock::new();
/// The language of the run, for words that have to be said without looking anything up: [`UNSETTLED`] until it is known.
static LANGUAGE: AtomicU8 = AtomicU8::new(UNSETTLED);
const UNSETTLED: u8 = 0;
const CHINESE: u8 = 1;
const ENGLISH: u8 = 2;

/// Runs a command; a panic in any of its threads becomes an error like another.
///
/// # Errors
/// Those of the command; E0006 where it panicked, E0305 where stdout could not be written.
pub(crate) fn guarded(command: impl FnOnce() -> Result<u8, Diagnostic>) -> Result<u8, Diagnostic> {
    let usual = take_hook();
    let traced = std::env::var_os("RUST_BACKTRACE").is_some();
    set_hook(Box::new(move |panic| {
        let said = remember(panic);
        if traced {
            usual(panic);
        }
        if let Some(problem) = shortage(&said) {
            // Not after unwinding: a thread that got no memory to start with cannot unwind, and a decoder's guard would tell of a damaged file.
            remove_unfinished();
            end([&problem.shown(true), &problem.shown(false)]);
        }
    }));
    let done = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| Err(defect()));
    done.and_then(|code| UNPRINTED.get().map_or(Ok(code), |error| Err(not_printed(error))))
}

/// Keeps what a panic said, and gives it.
fn remember(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(String::new, |place| format!("{}:{}: ", place.file(), place.line()));
    let said = panic.payload_as_str().unwrap_or_default();
    let said = format!("{place}{said}");
    LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&said);
    said
}

/// What a panic was where the system gave no memory or no thread.
fn shortage(said: &str) -> Option<Diagnostic> {
    SHORTAGE.iter().any(|words| said.contains(words)).then(|| {
        let problem = (format!("系統不給更多執行緒或記憶體：{said}"), format!("the system gives no more threads or memory: {said}"));
        Diagnostic::new("E0007", problem).help(LESS)
    })
}

fn defect() -> Diagnostic {
    let said = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let problem = (format!("colofair 本身的錯誤：{said}"), format!("a defect of colofair itself: {said}"));
    Diagnostic::new("E0006", problem).help((
        "先前的結果原封未動；請附上這段訊息與 `colofair --version` 回報，勿附客戶資料",
        "an earlier result is as it was; please report these words with `colofair --version`, without client data",
    ))
}

/// In builds with debug assertions, as the tests run: panics on a worker thread when the stage that COLOFAIR_PANIC_AT names begins.
pub(crate) fn rehearse(stage: &str) {
    if cfg!(debug_assertions) && std::env::var_os("COLOFAIR_PANIC_AT").is_some_and(|at| at == stage) {
        rayon::scope(|scope| scope.spawn(|_| panic!("as asked for, at \"{stage}\"")));
    }
}

/// What helps where there is no memory or no thread to be had.
pub(crate) const LESS: (&str, &str) = ("請釋出記憶體，或減少 --threads", "free some memory, or ask for fewer --threads");

/// What a library that gives up says where the system gave it no thread or no memory.
const SHORTAGE: [&str; 4] =
    ["Resource temporarily unavailable", "Cannot allocate memory", "could not spawn threads", "zstd returned null pointer"];

/// Keeps why stdout did not take everything: the document a reader wanted is not whole.
pub(crate) fn unprinted(error: std::io::Error) {
    let _ = UNPRINTED.set(error);
}

fn not_printed(error: &std::io::Error) -> Diagnostic {
    let problem =
        (format!("無法寫出標準輸出：{}", colofair::record::in_chinese(error)), format!("cannot write to standard output: {error}"));
    Diagnostic::new("E0305", problem).help(("輸出的文件不完整，請勿使用", "what was printed is not whole: do not use it"))
}

/// Settles the language of [`out_of_memory`] and [`over_budget`].
pub(crate) fn speak(chinese: bool) {
    LANGUAGE.store(if chinese { CHINESE } else { ENGLISH }, Ordering::Relaxed);
}

/// Ends the run where memory cannot be had. The earlier result stays where it is.
pub(crate) fn out_of_memory() -> ! {
    end([
        "error[E0007]: 記憶體不足\n  建議：先前的結果原封未動；請釋出記憶體、縮短期間分次查核，或先用 colofair check",
        "error[E0007]: out of memory\n  help: an earlier result is as it was; free some memory, study a shorter period, or start with `colofair check`",
    ])
}

/// Ends the run where it holds more memory than it was allowed; what it had under construction is removed.
pub(crate) fn over_budget(limit: u64) -> ! {
    remove_unfinished();
    let problem = record::over_budget(limit);
    end([&problem.shown(true), &problem.shown(false)])
}

/// Nothing is allocated here and, on Unix, no lock is waited for: this thread may be allocating under a lock of the runtime's own, which the
/// runtime takes when it ends in its usual way.
fn end([chinese, english]: [&str; 2]) -> ! {
    let language = LANGUAGE.load(Ordering::Relaxed);
    for (words, other) in [(chinese, ENGLISH), (english, CHINESE)] {
        if language != other {
            complain(words);
            complain("\n");
        }
    }
    end_at_once(crate::cli::ERROR)
}

#[cfg(unix)]
fn complain(words: &str) {
    let mut rest = words.as_bytes();
    loop {
        match rustix::io::write(std::io::stderr(), rest) {
            Ok(written @ 1..) => rest = &rest[written..],
            Err(rustix::io::Errno::INTR) => (),
            Ok(0) | Err(_) => break,
        }
    }
}

#[cfg(not(unix))]
fn complain(words: &str) {
    let _ = std::io::stderr().write_all(words.as_bytes());
}
