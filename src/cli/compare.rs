//! `compare`.

use colofair::record::Diagnostic;
use colofair::report::compare::{compare as compared, compare_html, compare_text};
use colofair::report::documents::Contents;
use colofair::report::i18n::Language;
use colofair::report::rerender::{put_comparison, refuse_altered, refuse_for_comparison};
use colofair::report::stored::read_study;

use crate::cli::arguments::{CompareJob, Globals};
use crate::cli::choices::Lang;
use crate::cli::{print, wants_json};

pub(crate) fn compare(job: &CompareJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    job.output.as_deref().map_or(Ok(()), refuse_for_comparison)?;
    let folders = [job.first.as_path(), job.second.as_path()];
    let results = [read_study(folders[0])?, read_study(folders[1])?];
    for folder in folders {
        refuse_altered(folder)?;
    }
    let language = globals.lang.map_or_else(|| Language::of(&results[0].study.language), Lang::language);
    let found = compared([&results[0], &results[1]], folders);
    let document = format!("{}\n", serde_json::to_string_pretty(&found).expect("plain structs with finite numbers serialize"));
    if let Some(folder) = &job.output {
        let files = [("compare.html", compare_html(&found, language)), ("compare.json", document.clone())];
        put_comparison(folder, &files.map(|(name, text)| (name, Contents::Bytes(text.into_bytes()))))?;
    }
    if json {
        print(&document);
    } else if !globals.quiet {
        print(&compare_text(&found, language));
        if let Some(folder) = &job.output {
            print(&format!("\n{}\n", folder.join("compare.html").display()));
        }
    }
    Ok(0)
}
