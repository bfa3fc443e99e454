//! `init`: a study.toml from the files.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use colofair::config;
use colofair::inspect;
use colofair::record::{Diagnostic, Progress, in_chinese};
use colofair::report::i18n::Language;
use colofair::report::output::put_file;

use crate::cli::arguments::{Globals, InitJob};
use crate::cli::inspect::language;
use crate::cli::{ERROR, NO_FINDING, print, say, wants_json};

pub(crate) fn init(job: &InitJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let (json, language) = (wants_json(globals)?, language(globals));
    if job.output.exists() && !job.force {
        return Err(exists(&job.output));
    }
    let draft = inspect::draft(&job.files, &Progress::default())?;
    let whole = draft.missing.is_empty();
    let written = whole || job.partial;
    if written {
        let folder = job.output.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)
            .or_else(|error| if folder.as_os_str().is_empty() { Ok(()) } else { Err(cannot_write(&job.output, &error)) })?;
        let text = inspect::study_toml(&draft, folder, language);
        if whole {
            // What this program writes, this program reads.
            config::parse(&job.output, text.clone())?;
        }
        write(&job.output, &text, job.force)?;
    }
    let shown = job.output.display().to_string();
    if json {
        print(&format!("{:#}\n", inspect::summary_json(&draft, written.then_some(shown.as_str()))));
    } else if !globals.quiet {
        print(&inspect::summary(&draft, language));
        print(&next(&shown, written, whole, language));
    }
    draft.missing.iter().for_each(|missing| say(&inspect::missing_diagnostic(missing).shown(language == Language::ZhTw)));
    Ok(if whole { NO_FINDING } else { ERROR })
}

fn write(path: &Path, text: &str, replace: bool) -> Result<(), Diagnostic> {
    if replace {
        // Whole or not at all: a full disk must not cost the user the study that stands there.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return put_file(folder, &path.file_name().unwrap_or_default().to_string_lossy(), text.as_bytes());
    }
    let done = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    done.map_err(|error| if error.kind() == std::io::ErrorKind::AlreadyExists { exists(path) } else { cannot_write(path, &error) })
}

fn exists(path: &Path) -> Diagnostic {
    let help = ("請以 -o 另取名稱，或以 --force 取代", "name another with -o, or replace it with --force");
    Diagnostic::new("E0501", ("檔案已存在", "the file is there already")).in_file(path).help(help)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法寫出設定檔：{}", in_chinese(error)), format!("cannot write the study: {error}"));
    Diagnostic::new("E0300", problem).in_file(path)
}

/// What to do next.
fn next(study: &str, written: bool, whole: bool, language: Language) -> String {
    match (language, written, whole) {
        (Language::ZhTw, true, true) => {
            format!("已寫入 {study}。請先讀過其中的註解，再執行：colofair check {study} -o out/\n")
        }
        (Language::En, true, true) => {
            format!("{study} is written. Read its comments, then run: colofair check {study} -o out/\n")
        }
        (Language::ZhTw, true, false) => format!("已寫入 {study}，但尚不完整：請補上標示 TODO 之處\n"),
        (Language::En, true, false) => format!("{study} is written but not complete: fill in what is marked TODO\n"),
        (Language::ZhTw, false, _) => "未寫入任何檔案\n".to_owned(),
        (Language::En, false, _) => "nothing was written\n".to_owned(),
    }
}
