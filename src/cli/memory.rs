//! How much memory the process may hold, how much it does, and its end where it holds more.

use std::fmt;
use std::time::Duration;

use colofair::record::{Diagnostic, Progress};

use crate::cli::allocator::give_back;
use crate::cli::arguments::Globals;
use crate::cli::fault::{LESS, over_budget};

/// A number of bytes as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(u64);

impl Bytes {
    /// Reads `1GiB`, `1.5G`, `800MB` or a plain number of bytes.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            // A variable that is set to nothing.
            return Ok(Self(i64::MAX as u64));
        }
        let wrong = || format!("\"{text}\" is no amount of memory; write for example \"1GiB\", \"1.5GB\" or \"800MiB\"");
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let number: f64 = text[..digits].parse().map_err(|_| wrong())?;
        let unit: u64 = match text[digits..].trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "kib" | "ki" => 1 << 10,
            "kb" | "k" => 1_000,
            "mib" | "mi" => 1 << 20,
            "mb" | "m" => 1_000_000,
            "gib" | "gi" => 1 << 30,
            "gb" | "g" => 1_000_000_000,
            "tib" | "ti" => 1 << 40,
            "tb" | "t" => 1_000_000_000_000,
            _ => return Err(wrong()),
        };
        let bytes = number * unit as f64;
        match bytes {
            1.0..1_048_576.0 => Err(format!("\"{text}\" is {bytes} bytes, less than any run takes; write a unit, for example \"1GiB\"")),
            1.0..9e18 => Ok(Self(bytes as u64)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How often it is looked whether the process holds more than it may: time for some megabytes to be filled.
const LOOK: Duration = Duration::from_millis(5);

/// Ends the process as soon as it holds more than `limit`.
///
/// # Errors
/// E0001 where the system does not tell how much is held.
pub(crate) fn keep_to(Bytes(limit): Bytes) -> Result<(), Diagnostic> {
    if held().is_none() {
        let problem = (
            "此系統不提供行程之記憶體用量，--memory 無從把關",
            "this system does not tell how much memory a process holds, so --memory could not be kept",
        );
        return Err(Diagnostic::new("E0001", problem).help(("請去掉 --memory", "leave --memory out")));
    }
    // What is filled between two looks has to fit below the limit too.
    let most = (limit - limit / 64).saturating_sub(8 << 20);
    let watch = move || loop {
        if held().is_some_and(|bytes| bytes > most) {
            over_budget(limit);
        }
        std::thread::sleep(LOOK);
    };
    // It ends with the process.
    match std::thread::Builder::new().name("memory".to_owned()).spawn(watch) {
        Ok(_) => Ok(()),
        Err(error) => {
            let problem = (format!("系統不給更多執行緒：{error}"), format!("the system gives no more threads: {error}"));
            Err(Diagnostic::new("E0007", problem).help(LESS))
        }
    }
}

/// Gives `progress` its budget: what was asked for, and for a job that can do with less, half of the machine's memory otherwise.
pub(crate) fn budgeted(progress: Progress, globals: &Globals, can_do_with_less: bool) -> Progress {
    let half = || installed().filter(|_| can_do_with_less && held().is_some()).map(|bytes| bytes / 2);
    match globals.memory.map(|Bytes(limit)| limit).or_else(half) {
        Some(limit) => progress.within(limit, move || match held() {
            Some(bytes) if bytes > limit / 2 => {
                give_back();
                held().unwrap_or(bytes)
            }
            bytes => bytes.unwrap_or(0),
        }),
        None => progress,
    }
}

/// Memory that the process holds now, where the system tells (Linux).
fn held() -> Option<u64> {
    kibibytes("/proc/self/status", "VmRSS:")
}

/// The most memory this process has held, where the system tells (Linux).
pub(crate) fn most_held() -> Option<u64> {
    kibibytes("/proc/self/status", "VmHWM:")
}

/// What the machine has, or the container it runs in.
fn installed() -> Option<u64> {
    let machine = kibibytes("/proc/meminfo", "MemTotal:")?;
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(container.map_or(machine, |bytes: u64| bytes.min(machine)))
}

fn kibibytes(path: &str, label: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("1GiB", 1 << 30),
            ("1.5 gb", 1_500_000_000),
            ("800M", 800_000_000),
            ("2000k", 2_000_000),
            ("1048576", 1 << 20),
            ("0.5TiB", 1 << 39),
            (" 3Gi ", 3 << 30),
            ("", i64::MAX as u64),
        ] {
            assert_eq!(Bytes::parse(text), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["GiB", "-1GiB", "0", "60", "2k", "1.2.3", "1 GiBs", "1e99", "99999999TiB", "１GiB"] {
            assert!(Bytes::parse(text).is_err(), "{text}");
        }
    }
}
