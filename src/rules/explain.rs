//! A code, method, rule or coded reason explained in one language, and the catalogue as a document.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::rules::{
    FindingKind, Method, ReasonKind, Rule, RuleVersion, Standing, Text, Weight, all_methods, all_reasons, kind, kinds, rules,
};

fn pick(text: Text, english: bool) -> &'static str {
    if english { text.en } else { text.zh }
}

/// What the catalogue says of a finding code, a rule key, a method or a coded reason, as text; `None` where it knows no such name.
#[must_use]
pub fn explain(name: &str, english: bool) -> Option<String> {
    if let Some(kind) = kind(name) {
        return Some(kind_text(kind, english));
    }
    if let Some(method) = all_methods().iter().find(|method| method.name.eq_ignore_ascii_case(name)) {
        return Some(method_text(method, english));
    }
    if let Some(reason) = all_reasons().find(|reason| reason.code.eq_ignore_ascii_case(name)) {
        return Some(reason_text(reason, english));
    }
    let named = rules().iter().filter(|rule| rule.key.eq_ignore_ascii_case(name) || rule.versions.iter().any(|version| version.id == name));
    let text: String = named.map(|rule| rule_text(rule, english)).collect();
    (!text.is_empty()).then_some(text)
}

/// Every name [`explain`] knows: codes, methods, rule keys, coded reasons.
#[must_use]
pub fn known_names() -> Vec<&'static str> {
    let methods = all_methods().iter().map(|method| method.name);
    let reasons = all_reasons().map(|reason| reason.code);
    let all = kinds().map(|kind| kind.code).chain(methods).chain(rules().iter().map(|rule| rule.key)).chain(reasons);
    let mut known = BTreeSet::new();
    all.filter(|name| known.insert(name.to_ascii_lowercase())).collect()
}

fn kind_text(kind: &FindingKind, english: bool) -> String {
    let label = |zh: &'static str, en: &'static str| if english { en } else { zh };
    let mut text = format!("{}  {}\n", kind.code, pick(kind.title, english));
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{name}\n  {value}");
    };
    line(label("性質", "Kind"), &standing(kind, english));
    for version in kind.rule().versions {
        line(label("規定", "Rule"), &version_text(version, english));
    }
    line(label("意義與方法", "Meaning and method"), pick(kind.method, english));
    line(label("改善", "Remedy"), pick(kind.remedy, english));
    line(label("應再索取", "Ask for next"), pick(kind.ask, english));
    if !kind.tables.is_empty() {
        line(label("證據表", "Evidence tables"), &kind.tables.join(", "));
        let (zh, en) = goes_by(kind);
        line(label("認定方式", "Goes by"), if english { &en } else { &zh });
    }
    text
}

/// Whether a check of evidence accuses by what its rows show, or by a row that is not there.
fn goes_by(kind: &FindingKind) -> (String, String) {
    let list = kind.cleared_by.join(", ");
    if list.is_empty() {
        return ("以列載內容認定".to_owned(), "what its rows show".to_owned());
    }
    let en =
        format!("what is missing in {list}: where rows of it are refused, contradictory or of another time, the answer is insufficient");
    (format!("以 {list} 查無紀錄認定；該表有列無法讀取、互相矛盾或非屬查核期間者，為證據不足"), en)
}

fn standing(kind: &FindingKind, english: bool) -> String {
    let seed = match (kind.seed, english) {
        (0, _) => String::new(),
        (number, true) => format!("; audit finding {number}"),
        (number, false) => format!("；八項查核發現之第 {number} 項"),
    };
    let weight = match (kind.weight, english) {
        (Weight::Light, true) => "light rule",
        (Weight::Middle, true) => "middle rule",
        (Weight::Heavy, true) => "heavy rule",
        (Weight::Light, false) => "輕度規定",
        (Weight::Middle, false) => "中度規定",
        (Weight::Heavy, false) => "重度規定",
    };
    let word = match (kind.standing, english) {
        (Standing::Breach, true) => "evidence of a breach",
        (Standing::Lead, true) => "a question to the broker, never a finding by itself",
        (Standing::Breach, false) => "違規之證據",
        (Standing::Lead, false) => "待釐清之疑義，本身不構成缺失",
    };
    if english { format!("{word}, {weight}{seed}") } else { format!("{word}，{weight}{seed}") }
}

fn version_text(version: &RuleVersion, english: bool) -> String {
    let from = version.from.map(|_| version.first().to_string());
    let to = version.to.map(|_| version.last().to_string());
    let span = match (from, to, english) {
        (None, None, true) => "first date not known, still in force as far as known".to_owned(),
        (None, None, false) => "起始日未詳，迄今有效（就所知）".to_owned(),
        (Some(from), None, true) => format!("since {from}"),
        (Some(from), None, false) => format!("自 {from} 起"),
        (None, Some(to), true) => format!("until {to}"),
        (None, Some(to), false) => format!("至 {to} 止"),
        (Some(from), Some(to), true) => format!("{from} to {to}"),
        (Some(from), Some(to), false) => format!("{from} 至 {to}"),
    };
    let (text, source) = (pick(version.text, english), pick(version.source, english));
    let [id, article, name] = [version.id, version.article, version.version].map(|part| one_side(part, english));
    if english {
        format!("{id} {article} ({name}; {span}): {text} [{source}]")
    } else {
        format!("{id} {article}（{name}；{span}）：{text}［{source}］")
    }
}

/// A name that stands in both languages, in one of them.
#[must_use]
pub fn one_side(name: &str, english: bool) -> &str {
    let (zh, en) = name.split_once(" / ").unwrap_or((name, name));
    if english { en } else { zh }
}

fn method_text(method: &Method, english: bool) -> String {
    format!("{}  {}\n\n  {}\n  [{}]\n", method.name, pick(method.title, english), pick(method.text, english), method.source)
}

fn reason_text(reason: &ReasonKind, english: bool) -> String {
    let (effect, text, ask) = (pick(reason.effect.words(), english), pick(reason.text, english), pick(reason.ask, english));
    let [effect_is, meaning, next] =
        if english { ["Effect", "Meaning", "Ask for or do next"] } else { ["效果", "意義", "應再索取或辦理"] };
    format!("{}\n\n{effect_is}\n  {effect}\n\n{meaning}\n  {text}\n\n{next}\n  {ask}\n", reason.code)
}

fn rule_text(rule: &Rule, english: bool) -> String {
    let versions: String = rule.versions.iter().map(|version| format!("  {}\n", version_text(version, english))).collect();
    let codes: Vec<&str> = kinds().filter(|kind| kind.rule == rule.key).map(|kind| kind.code).collect();
    format!("{}\n{versions}  -> {}\n", rule.key, codes.join(", "))
}

/// The whole catalogue in both languages: docs/findings.md.
#[must_use]
pub fn catalogue_markdown() -> String {
    let mut text = String::from(
        "# Findings: codes, rules, methods\n\n<!-- Generated from src/rules by `UPDATE_GOLDEN=1 cargo test --test suite catalogue`; do not edit. -->\n\n\
         `colofair explain CODE` prints one entry. Texts are in our own words; the rule in force on the date of what is judged applies, and a\n\
         clause whose first date is not known stands as in force before any study. Severity: the weight of the rule (light low, middle medium,\n\
         heavy high), one step up where more than a tenth of what was examined is concerned, and one where it lasted 90 days or more.\n",
    );
    let mut family = "";
    for kind in kinds() {
        if kind.family() != family {
            family = kind.family();
            let _ = writeln!(text, "\n## Family {family}");
        }
        let _ = writeln!(text, "\n### {} {} / {}\n", kind.code, kind.title.zh, kind.title.en);
        for english in [false, true] {
            let _ = writeln!(text, "* {}", standing(kind, english));
        }
        for version in kind.rule().versions {
            let _ = writeln!(text, "* {}\n* {}", version_text(version, false), version_text(version, true));
        }
        for pair in [kind.method, kind.remedy, kind.ask] {
            let _ = writeln!(text, "* {}\n  {}", pair.zh, pair.en);
        }
        if !kind.tables.is_empty() {
            let (zh, en) = goes_by(kind);
            let _ = writeln!(text, "* `{}`\n* {zh}\n  {en}", kind.tables.join("`, `"));
        }
    }
    text.push_str("\n## Methods\n");
    for method in all_methods() {
        let _ = writeln!(
            text,
            "\n### {}: {} / {}\n\n{}\n\n{}\n\n[{}]",
            method.name, method.title.zh, method.title.en, method.text.zh, method.text.en, method.source
        );
    }
    text.push_str("\n## Reasons of a verdict\n\nLimits and figures: [methodology](methodology.md), sections 6 and 7.\n");
    for reason in all_reasons() {
        let _ = writeln!(text, "\n### {}\n", reason.code);
        for pair in [reason.effect.words(), reason.text, reason.ask] {
            let _ = writeln!(text, "* {}\n  {}", pair.zh, pair.en);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_explained_in_both_languages_and_no_other() {
        let names = known_names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each once");
        for name in names {
            let (zh, en) = (explain(name, false).expect(name), explain(name, true).expect(name));
            assert!(zh != en && en.len() > 40, "{name}");
        }
        assert_eq!(explain("Z99", true), None);
        assert!(explain("a01", true).expect("any case").contains("since 2021-05-11"));
        assert!(!explain("A01", true).expect("known").contains('\u{4e3b}') && !explain("A01", false).expect("known").contains("TWSE"));
        assert!(explain("CC-18000", true).expect("an instrument").contains("C401"));
    }
}
