//! `report`: the documents of a study written again from its result, without the raw data.

use std::path::Path;

use colofair::config::Origin;
use colofair::evidence::{HashedFile, PseudonymKey};
use colofair::record::Diagnostic;
use colofair::report::documents::{Contents, Document, Written, charts_for_png};
use colofair::report::html::html;
use colofair::report::model::StudyResult;
use colofair::report::rerender;
use colofair::report::row_tables::WORKBOOK_ROWS_KEY;
use colofair::report::stored::read_study;

use crate::cli::arguments::{Globals, ReportJob};
use crate::cli::choices::Format;
use crate::cli::{browser, print};

pub(crate) fn report(job: &ReportJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let wanted = wanted(globals.format)?;
    let mut result = read_study(&job.folder)?;
    rerender::refuse_altered(&job.folder)?;
    if let Some(lang) = globals.lang {
        result.study.language = lang.tag().to_owned();
    }
    if let (Some(rows), Some(options)) = (job.workbook_rows, result.options.as_object_mut()) {
        let option = serde_json::json!({ "value": rows.to_string(), "origin": Origin::Flag.name() });
        options.insert(WORKBOOK_ROWS_KEY.to_owned(), option);
    }
    let to = job.output.as_deref().filter(|to| !same(to, &job.folder));
    to.map_or(Ok(()), rerender::refuse_elsewhere)?;
    let scratch = match &job.pseudonyms {
        Some(path) => {
            let key = PseudonymKey::read(path)?;
            if to.is_none() {
                return Err(beside_the_names(&job.folder));
            }
            let (replaced, scratch) = rerender::with_pseudonyms(&key, &result, &job.folder)?;
            result = replaced;
            Some(scratch)
        }
        None => None,
    };
    let tables = scratch.as_ref().map_or(job.folder.as_path(), |scratch| scratch.path());
    let files = match wanted {
        Wanted::Documents(documents) => rerender::documents(&documents, &result, tables)?,
        Wanted::Pdf => vec![printed(&result, job)?],
        Wanted::Png => drawn(&result, job)?,
    };
    let written = match to {
        Some(folder) => rerender::put_elsewhere(folder, &files)?,
        None => rerender::put_beside(&job.folder, &files, &command(job, globals))?,
    };
    show(to.unwrap_or(&job.folder), &result, &written, globals);
    Ok(0)
}

fn beside_the_names(folder: &Path) -> Diagnostic {
    let problem = (
        "代號報告不能放在原結果旁：result.json 與 tables/ 裡仍是原名",
        "pseudonyms are of no use beside result.json and tables/, which hold the names",
    );
    Diagnostic::new("E0413", problem).in_file(folder).help((
        "請以 -o 指明另一個資料夾；要整個結果都用代號，請執行 study --pseudonyms",
        "name another folder with -o; for a whole result with pseudonyms run `study --pseudonyms`",
    ))
}

/// What is asked for.
enum Wanted {
    Documents(Vec<Document>),
    Pdf,
    Png,
}

fn wanted(format: Option<Format>) -> Result<Wanted, Diagnostic> {
    Ok(match format {
        None | Some(Format::Text | Format::Json) => Wanted::Documents(Document::OF_A_STUDY.to_vec()),
        Some(Format::Html) => Wanted::Documents(vec![Document::Page]),
        Some(Format::Xlsx) => Wanted::Documents(vec![Document::Workbook]),
        Some(Format::Md) => Wanted::Documents(vec![Document::Markdown]),
        Some(Format::Svg) => Wanted::Documents(vec![Document::Charts]),
        Some(Format::Csv) => Wanted::Documents(vec![Document::Csv]),
        Some(Format::Pdf) => Wanted::Pdf,
        Some(Format::Png) => Wanted::Png,
        Some(_) => {
            let problem = ("report 不寫這種格式", "report does not write this format");
            return Err(Diagnostic::new("E0002", problem).help((
                "請寫 --format html、pdf、xlsx、md、csv、svg 或 png；不寫則為 study 所寫的全部",
                "write --format html, pdf, xlsx, md, csv, svg or png; without it, all that `study` writes",
            )));
        }
    })
}

fn printed(result: &StudyResult, job: &ReportJob) -> Result<Written, Diagnostic> {
    Ok(("report.pdf", Contents::Bytes(browser::pdf(&html(result), job.browser.as_deref())?)))
}

fn drawn(result: &StudyResult, job: &ReportJob) -> Result<Vec<Written>, Diagnostic> {
    let png = |(name, chart): (&'static str, String)| Ok((name, Contents::Bytes(browser::png(&chart, job.browser.as_deref())?)));
    charts_for_png(result).into_iter().map(png).collect()
}

/// The command as it goes into the manifest: what decides the bytes, and no path of the machine.
fn command(job: &ReportJob, globals: &Globals) -> Vec<String> {
    let format = globals.format.filter(|format| !matches!(format, Format::Text | Format::Json));
    let format = format.and_then(|format| clap::ValueEnum::to_possible_value(&format)).map(|name| format!("--format={}", name.get_name()));
    let lang = globals.lang.map(|lang| format!("--lang={}", lang.tag()));
    let rows = job.workbook_rows.map(|rows| format!("--workbook-rows={rows}"));
    std::iter::once("report".to_owned()).chain(format).chain(lang).chain(rows).collect()
}

/// Whether two paths are one folder.
fn same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

fn show(folder: &Path, result: &StudyResult, written: &[HashedFile], globals: &Globals) {
    if globals.format == Some(Format::Json) {
        let document = serde_json::json!({ "schema_version": 1, "language": result.study.language, "files": written });
        print(&format!("{document:#}\n"));
    } else if !globals.quiet {
        written.iter().for_each(|file| print(&format!("{}\n", folder.join(&file.path).display())));
    }
}
