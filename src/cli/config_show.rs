//! `config show`: every setting with its source.

use colofair::config::Setting;
use colofair::record::{Diagnostic, printable};

use crate::cli::arguments::{ConfigJob, Globals};
use crate::cli::studies::load;
use crate::cli::{print, wants_json};

pub(crate) fn config(job: &ConfigJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let ConfigJob::Show { study } = job;
    let settings = load(study, globals)?.settings;
    if wants_json(globals)? {
        let list: Vec<_> =
            settings.iter().map(|s| serde_json::json!({ "key": s.key, "value": s.value, "origin": s.origin.name() })).collect();
        print(&format!("{}\n", serde_json::to_string_pretty(&list).expect("texts serialize")));
    } else {
        // Titles, groups and clocks are the user's text, or somebody else's: on the terminal a line is a line.
        let shown = |text: &str| printable(text, usize::MAX).replace('\n', "\\n");
        let width = settings.iter().map(|setting| shown(&setting.key).chars().count()).max().unwrap_or(0);
        let line = |setting: &Setting| format!("{:width$}  {}  # {}\n", shown(&setting.key), shown(&setting.value), setting.origin.name());
        print(&settings.iter().map(line).collect::<String>());
    }
    Ok(0)
}
