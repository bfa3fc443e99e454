//! What `verify` found, as text.

use crate::evidence::{Difference, Part, Standing, Verified};
use crate::report::i18n::{self, Language};
use crate::report::numbers::{bytes, pad, shown_name};

/// What came of running the study again.
#[derive(Clone, Debug)]
pub struct Recomputed {
    /// Whether result.json is the same to the byte.
    pub same: bool,
    /// Where the documents differ first; `None` where only their layout does, or nothing.
    pub difference: Option<Difference>,
    /// The program that wrote the study and this one, where they are not the same.
    pub programs: Option<(String, String)>,
}

/// The files by list, then the count, then the recomputation.
#[must_use]
pub fn verify_text(files: &[Verified], recomputed: Option<&Recomputed>, language: Language) -> String {
    let mut text = String::new();
    for part in [Part::Input, Part::Configuration, Part::Output] {
        let of_part: Vec<&Verified> = files.iter().filter(|file| file.part == part).collect();
        if of_part.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", i18n::part(part).pick(language)));
        of_part.iter().for_each(|file| text.push_str(&line(file, language)));
    }
    let differ = files.iter().filter(|file| file.standing != Standing::Same).count();
    let outputs_alone = !files.iter().any(|file| file.part == Part::Configuration);
    text.push_str(&format!("\n{}\n", language.pick(&i18n::verified(files.len(), differ, outputs_alone))));
    if let Some(found) = recomputed {
        let said = match &found.difference {
            _ if found.same => i18n::recomputed(),
            None => i18n::differs_in_form(),
            Some(Difference { path, was, is }) => {
                let value = |value: &Option<String>| {
                    value.as_deref().map_or_else(|| i18n::LABELS.none.pick(language).to_owned(), |text| shown_name(text, 120))
                };
                i18n::differs_at(if path.is_empty() { "/" } else { path }, &value(was), &value(is))
            }
        };
        text.push_str(&format!("{}\n", language.pick(&said)));
        if let Some((wrote, this)) = found.programs.as_ref().filter(|_| !found.same) {
            text.push_str(&format!("{}\n", language.pick(&i18n::other_program(&shown_name(wrote, 60), this))));
        }
    }
    text
}

fn line(file: &Verified, language: Language) -> String {
    let standing = pad(i18n::standing(file.standing).pick(language), 10, false);
    let hash = |file: &crate::evidence::HashedFile| format!("{} {}", bytes(file.bytes), shown_name(&file.sha256, 16));
    let change = match (&file.listed, &file.found) {
        (Some(listed), Some(found)) if file.standing == Standing::Changed => format!("   {} -> {}", hash(listed), hash(found)),
        _ => String::new(),
    };
    format!("  {standing}  {}{change}\n", shown_name(&file.path, 200))
}
