//! `access`, `controls` and `explain`.

use std::path::Path;

use colofair::evidence_tables::{SPECS, csv_template, xlsx_template};
use colofair::record::Diagnostic;
use colofair::report::checks_text::checks_text;
use colofair::report::found_text::found_text;
use colofair::report::i18n::Language;
use colofair::report::model::StudyResult;
use colofair::rules;
use colofair::study::{EvidenceCommand, run_evidence};

use crate::cli::arguments::{ControlsJob, EvidenceJob, ExplainJob, Globals, Lang};
use crate::cli::studies::load;
use crate::cli::{exit_code, print, wants_json};

pub(crate) fn access(job: &EvidenceJob, globals: &Globals) -> Result<u8, Diagnostic> {
    run(&job.study, job.output.as_deref(), EvidenceCommand::Access, globals)
}

pub(crate) fn controls(job: &ControlsJob, globals: &Globals) -> Result<u8, Diagnostic> {
    if let Some(folder) = &job.template {
        templates(folder, globals)?;
    }
    match (&job.study, &job.template) {
        (Some(study), _) => run(study, job.output.as_deref(), EvidenceCommand::Controls, globals),
        (None, Some(_)) => Ok(0),
        (None, None) => {
            Err(Diagnostic::new("E0002", "no study named").help("colofair controls study.toml, or colofair controls --template DIR"))
        }
    }
}

fn run(study: &Path, out: Option<&Path>, command: EvidenceCommand, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let config = load(study, globals)?;
    let result = run_evidence(&config, command, out)?;
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&result).expect("plain structs with finite numbers serialize")));
    } else if !globals.quiet {
        print(&checks_text(&result, Language::of(&config.language)));
    }
    Ok(exit_code(result.exit_code, globals))
}

/// Writes a CSV of each evidence table and one workbook; a file that stands there with other contents is not overwritten.
fn templates(folder: &Path, globals: &Globals) -> Result<(), Diagnostic> {
    let english = globals.lang == Some(Lang::En);
    let failed =
        |path: &Path, error: &std::io::Error| Diagnostic::new("E0300", format!("cannot write the template: {error}")).in_file(path);
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut files: Vec<(String, Vec<u8>)> =
        SPECS.iter().map(|spec| (format!("{}.csv", spec.name), csv_template(spec, english).into_bytes())).collect();
    files.push(("evidence.xlsx".to_owned(), xlsx_template(english)?));
    for (name, contents) in &files {
        let path = folder.join(name);
        match std::fs::read(&path) {
            Ok(found) if found == *contents => (),
            Ok(_) => {
                let problem = Diagnostic::new("E0303", "a file of this name stands here already, with other contents").in_file(&path);
                return Err(problem.help("name an empty folder: it may be evidence that you filled in"));
            }
            Err(_) => std::fs::write(&path, contents).map_err(|error| failed(&path, &error))?,
        }
    }
    if !globals.quiet {
        print(&format!("{}\n", folder.display()));
    }
    Ok(())
}

pub(crate) fn explain(job: &ExplainJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let english = globals.lang == Some(Lang::En);
    let Some(text) = rules::explain(&job.name, english) else {
        let problem = Diagnostic::new("E0403", format!("no finding code, method or rule is called \"{}\"", job.name));
        return Err(problem.help(format!("the names are: {}", rules::known_names().join(", "))));
    };
    let found = job.study.as_deref().map(|folder| found(folder, &job.name, globals)).transpose()?;
    if wants_json(globals)? {
        let both = [false, true].map(|english| rules::explain(&job.name, english).unwrap_or_default());
        print(&format!("{:#}\n", serde_json::json!({ "schema_version": 1, "name": job.name, "zh-TW": both[0], "en": both[1] })));
    } else {
        print(&(text + &found.unwrap_or_default()));
    }
    Ok(0)
}

/// What the study in `folder` found under a code.
fn found(folder: &Path, code: &str, globals: &Globals) -> Result<String, Diagnostic> {
    let path = folder.join("result.json");
    let unreadable = |error: &dyn std::fmt::Display| {
        let problem = Diagnostic::new("E0404", format!("cannot read the result of a study: {error}")).in_file(&path);
        problem.help("name the output folder of `colofair study`")
    };
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
    let result: StudyResult = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    let language = if globals.lang == Some(Lang::En) { Language::En } else { Language::ZhTw };
    Ok(found_text(&result, code, language))
}
