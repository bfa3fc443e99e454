//! `access`, `controls` and `explain`.

use std::path::Path;

use colofair::evidence_tables::{SPECS, csv_template, xlsx_template};
use colofair::record::Diagnostic;
use colofair::report::checks_text::checks_text;
use colofair::report::found_text::found_text;
use colofair::report::i18n::Language;
use colofair::report::rerender::refuse_altered;
use colofair::report::stored::read_study;
use colofair::rules;
use colofair::study::{EvidenceCommand, run_evidence};

use crate::cli::arguments::{ControlsJob, EvidenceJob, ExplainJob, Globals};
use crate::cli::choices::Lang;
use crate::cli::studies::load;
use crate::cli::{exit_code, print, put_new, wants_json};

pub(crate) fn access(job: &EvidenceJob, globals: &Globals) -> Result<u8, Diagnostic> {
    run(&job.study, job.output.as_deref(), EvidenceCommand::Access, globals)
}

pub(crate) fn controls(job: &ControlsJob, globals: &Globals) -> Result<u8, Diagnostic> {
    if let Some(folder) = &job.template {
        templates(folder, globals)?;
    }
    match (&job.study, &job.template) {
        (Some(study), _) => run(study, job.output.as_deref(), EvidenceCommand::Controls, globals),
        (None, _) => Ok(0),
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
    let mut files: Vec<(String, Vec<u8>)> =
        SPECS.iter().map(|spec| (format!("{}.csv", spec.name), csv_template(spec, english).into_bytes())).collect();
    files.push(("evidence.xlsx".to_owned(), xlsx_template(english)?));
    for (name, contents) in &files {
        put_new(
            &folder.join(name),
            contents,
            ("請指明空的資料夾：它可能是您已填寫的證據", "name an empty folder: it may be evidence that you filled in"),
        )?;
    }
    if !globals.quiet {
        print(&format!("{}\n", folder.display()));
    }
    Ok(())
}

pub(crate) fn explain(job: &ExplainJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let english = globals.lang == Some(Lang::En);
    let Some(text) = rules::explain(&job.name, english) else {
        let (name, known) = (&job.name, rules::known_names().join(", "));
        let problem = (
            format!("沒有名為 \"{name}\" 的發現代碼、方法、規則或判定理由"),
            format!("no finding code, method, rule or reason is called \"{name}\""),
        );
        return Err(Diagnostic::new("E0403", problem).help((format!("名稱有：{known}"), format!("the names are: {known}"))));
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

/// What the study in `folder` found under a code, in the study's language where no other is asked for.
fn found(folder: &Path, code: &str, globals: &Globals) -> Result<String, Diagnostic> {
    let result = read_study(folder)?;
    refuse_altered(folder)?;
    Ok(found_text(&result, code, globals.lang.map_or_else(|| Language::of(&result.study.language), Lang::language)))
}
