//! `inspect`: what files hold.

use colofair::inspect;
use colofair::record::{Diagnostic, Progress};
use colofair::report::i18n::Language;

use crate::cli::arguments::{Globals, InspectJob};
use crate::cli::choices::Lang;
use crate::cli::{ERROR, NO_FINDING, print, say, wants_json};

pub(crate) fn inspect(job: &InspectJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let (looks, problems) = inspect::look_at(&job.files, &Progress::default());
    let language = language(globals);
    problems.iter().for_each(|problem| say(&problem.shown(language == Language::ZhTw)));
    if json {
        print(&format!("{:#}\n", inspect::json(&looks, &problems)));
    } else {
        let texts: Vec<String> = looks.iter().map(|look| inspect::text(look, language)).collect();
        print(&texts.join("\n"));
    }
    Ok(if problems.is_empty() { NO_FINDING } else { ERROR })
}

/// The language asked for; without one that of the rules.
pub(crate) fn language(globals: &Globals) -> Language {
    globals.lang.map_or(Language::ZhTw, Lang::language)
}
