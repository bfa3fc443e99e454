//! Every word of the report, in Traditional Chinese and in English: labels and sentence templates in one place.

mod beside;
mod charts;
mod compare;
mod labels;
mod method;
mod priority;
mod records;
mod sentences;
mod tables;
mod values;
mod verify;
mod workbook;

pub(crate) use beside::{beside, verdict_change};
pub(crate) use charts::{
    change_label, chart_alt_ecdf, chart_alt_heat, chart_alt_ladder, chart_alt_passing, chart_alt_shift, chart_alt_timeline, clock,
    ecdf_subtitle, ecdf_title, heat_subtitle, heat_title, ladder_title, of_all, passing_title, percentile_title, shift_title,
    timeline_subtitle, timeline_title,
};
pub(crate) use compare::{
    COMPARE, CompareLabels, DIFFERENCES_AXIS, change, differences_title, other_key, other_option, other_version, other_zone,
    section_of_one, shared_days, shared_files, suppressed_note,
};
pub(crate) use labels::{LABELS, Label, Labels, SEED_FINDINGS};
pub(crate) use method::{Entry, GLOSSARY, METHOD};
pub(crate) use priority::{passing_between, priority, priority_short};
pub(crate) use records::records;
pub(crate) use sentences::{
    balance, chart_alt_forest, chart_alt_waterfall, forest_title, headline, next_steps, outside_the_eight, raw_disagrees, silenced, state,
    summarized_day, summary, united_days, verdict, waterfall_title,
};
pub(crate) use tables::column_title;
pub(crate) use values::{class_word, flag_words, origin_word, scope_word, stage_words, value_word};
pub(crate) use verify::{differs_at, differs_in_form, other_program, part, recomputed, standing, verified};
pub(crate) use workbook::{SHEETS, continued_on, cut_mark, not_repeated, rows_shown, severity, workbook_note};

use crate::report::model::Words;
use crate::report::numbers::{isolated, shown_name};

/// The two languages of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Traditional Chinese, as written in Taiwan.
    ZhTw,
    /// English.
    En,
}

impl Language {
    /// The language of a tag in study.toml; anything but "en" is `zh-TW`, the language of the rules.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        if tag == "en" || tag.starts_with("en-") { Self::En } else { Self::ZhTw }
    }

    /// BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }

    /// The sentence in this language.
    #[must_use]
    pub fn pick(self, words: &Words) -> &str {
        match self {
            Self::ZhTw => &words.zh,
            Self::En => &words.en,
        }
    }
}

/// Columns a name may take inside a sentence.
const NAME: usize = 24;

/// A name as it stands inside a sentence: safe to look at, short, and unable to reorder the words around it.
pub(crate) fn name(text: &str) -> String {
    isolated(&shown_name(text, NAME))
}

/// One sentence in both languages.
pub(crate) fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words { zh: zh.into(), en: en.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_chinese_unless_english_is_asked_for() {
        assert_eq!(
            [Language::of("en"), Language::of("en-GB"), Language::of("zh-TW"), Language::of("")].map(Language::tag),
            ["en", "en", "zh-TW", "zh-TW"]
        );
    }
}
