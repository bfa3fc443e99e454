//! `verify`: is everything still what the manifest lists, and does the study come out the same again?

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use colofair::config::{self, Origin};
use colofair::evidence::{Manifest, Standing, Verified, first_difference, verify_configuration, verify_inputs, verify_outputs};
use colofair::record::{Diagnostic, Progress, in_chinese};
use colofair::report::i18n::Language;
use colofair::report::output::files_below;
use colofair::report::stored::read_study;
use colofair::report::verify_text::{Recomputed, verify_text};
use colofair::study;

use crate::cli::arguments::{Arguments, Command, Globals, StudyJob, VerifyJob};
use crate::cli::choices::Lang;
use crate::cli::{inspect, print, studies, wants_json};

pub(crate) fn verify(job: &VerifyJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let manifest = Manifest::read(&job.folder)?.ok_or_else(|| no_manifest(&job.folder))?;
    let study = if job.outputs_only { None } else { Some(study_file(job, &manifest)?) };
    let mut files = Vec::new();
    if let Some(study) = &study {
        let base = study.parent().unwrap_or(Path::new(""));
        files.extend(verify_inputs(&manifest, base, &named_today(study))?);
        files.extend(verify_configuration(&manifest, study)?);
    }
    let mut present = files_below(&job.folder)?;
    present.retain(|name| name != "manifest.json");
    files.extend(verify_outputs(&manifest, &job.folder, &present)?);
    let recomputed = study.as_deref().filter(|_| job.recompute).map(|study| recompute(job, &manifest, study)).transpose()?;
    let same = files.iter().all(|file| file.standing == Standing::Same) && recomputed.as_ref().is_none_or(|found| found.same);
    if json {
        print(&document(&files, recomputed.as_ref(), same));
    } else if !globals.quiet {
        print(&verify_text(&files, recomputed.as_ref(), language(job, globals)));
    }
    Ok(u8::from(!same && !globals.exit_zero))
}

/// The language asked for, else the study's.
fn language(job: &VerifyJob, globals: &Globals) -> Language {
    let own = || read_study(&job.folder).ok().map(|result| Language::of(&result.study.language));
    globals.lang.map(Lang::language).or_else(own).unwrap_or_else(|| inspect::language(globals))
}

fn document(files: &[Verified], recomputed: Option<&Recomputed>, same: bool) -> String {
    let recomputed = recomputed.map(|found| serde_json::json!({ "same": found.same, "first_difference": found.difference }));
    format!("{:#}\n", serde_json::json!({ "schema_version": 1, "same": same, "files": files, "recomputed": recomputed }))
}

fn no_manifest(folder: &Path) -> Diagnostic {
    let problem = if folder.is_dir() {
        ("資料夾裡沒有 manifest.json", "the folder holds no manifest.json")
    } else {
        ("沒有這個資料夾", "there is no such folder")
    };
    Diagnostic::new("E0404", problem).in_file(folder).help((
        "請指定 `colofair study` 的輸出資料夾；check 不寫 manifest",
        "name the output folder of `colofair study`; `check` writes no manifest",
    ))
}

/// study.toml: as named, else where it stood from the output folder, else the file of its name beside that folder, else in this one.
fn study_file(job: &VerifyJob, manifest: &Manifest) -> Result<PathBuf, Diagnostic> {
    if let Some(named) = &job.study {
        return if named.is_file() { Ok(named.clone()) } else { Err(no_study(named)) };
    }
    let name = manifest.configuration.first().map_or("study.toml", |file| file.path.as_str());
    let beside = job.folder.canonicalize().ok().and_then(|folder| folder.parent().map(|parent| parent.join(name)));
    let stood = manifest.study.as_ref().map(|way| job.folder.join(way));
    [stood, beside, Some(PathBuf::from(name))].into_iter().flatten().find(|path| path.is_file()).ok_or_else(|| no_study(Path::new(name)))
}

fn no_study(path: &Path) -> Diagnostic {
    let problem = ("找不到這項研究的設定檔，無從查對輸入檔", "the study's configuration was not found, so its inputs cannot be checked");
    Diagnostic::new("E0411", problem).in_file(path).help((
        "請以 --study 指明 study.toml，或以 --outputs-only 只查輸出檔",
        "name it with --study, or check the outputs alone with --outputs-only",
    ))
}

/// The inputs that study.toml names today; none where it can no longer be read, or one of them is gone, which their hashes tell.
fn named_today(study: &Path) -> Vec<String> {
    let inputs = config::load(study).and_then(|config| study::open(&config));
    inputs.map(|inputs| inputs.names()).unwrap_or_default()
}

/// Runs the study again by the command of the manifest.
fn recompute(job: &VerifyJob, manifest: &Manifest, study: &Path) -> Result<Recomputed, Diagnostic> {
    let stored = read_study(&job.folder)?;
    let mut again = study_job(manifest, &job.folder)?;
    again.study = study.to_path_buf();
    again.pseudonyms = match (&again.pseudonyms, &job.pseudonyms) {
        (Some(_), None) => return Err(no_key(&job.folder)),
        (Some(_), given) => given.clone(),
        (None, _) => None,
    };
    let options = studies::options(&again)?;
    let mut config = config::load(study)?;
    // The language may have come from a flag or the environment; the result says so.
    let origin = stored.options.pointer("/study.language/origin").and_then(serde_json::Value::as_str);
    match origin {
        Some("flag") => config.override_language(&stored.study.language, Origin::Flag),
        Some("environment") => config.override_language(&stored.study.language, Origin::Environment),
        _ => (),
    }
    let scratch = tempfile::Builder::new().prefix("colofair-verify-").tempdir().map_err(|error| {
        let problem = (format!("無法建立暫存資料夾：{}", in_chinese(&error)), format!("cannot make a temporary folder: {error}"));
        Diagnostic::new("E0300", problem).in_file(&std::env::temp_dir())
    })?;
    let out = scratch.path().join("out");
    let inputs = study::open(&config)?;
    study::run(&config, &inputs, &options, &out, &Arc::new(Progress::default()))?;
    let [was, is] = [read(&job.folder)?, read(&out)?];
    let values = [&was, &is].map(|bytes| serde_json::from_slice(bytes).unwrap_or_default());
    let this = format!("colofair {}", env!("CARGO_PKG_VERSION"));
    let programs = (manifest.tool != this).then(|| (manifest.tool.clone(), this));
    Ok(Recomputed { same: was == is, difference: first_difference(&values[0], &values[1]), programs })
}

fn read(folder: &Path) -> Result<Vec<u8>, Diagnostic> {
    let path = folder.join("result.json");
    std::fs::read(&path).map_err(|error| {
        let problem = (format!("無法讀取 result.json：{}", in_chinese(&error)), format!("cannot read result.json: {error}"));
        Diagnostic::new("E0404", problem).in_file(&path)
    })
}

/// The command of the manifest, parsed as it was typed.
fn study_job(manifest: &Manifest, folder: &Path) -> Result<StudyJob, Diagnostic> {
    let line = std::iter::once("colofair").chain(manifest.command.iter().map(String::as_str));
    match Arguments::try_parse_from(line) {
        Ok(Arguments { command: Command::Study(job), .. }) => Ok(job),
        _ => {
            let problem =
                ("manifest.json 的命令不是本程式的 study 命令", "the command in manifest.json is no `study` command of this program");
            Err(Diagnostic::new("E0405", problem)
                .in_file(&folder.join("manifest.json"))
                .help(("請由備份還原，或用寫出它的版本查對", "restore it from a copy, or verify with the version that wrote it")))
        }
    }
}

fn no_key(folder: &Path) -> Diagnostic {
    let problem = ("這項研究使用代號，重新計算需要同一把金鑰", "the study has pseudonyms: to recompute it takes the same key");
    Diagnostic::new("E0412", problem).in_file(folder).help(("請加上 --pseudonyms 金鑰檔", "add --pseudonyms KEYFILE"))
}
