//! The dated catalogue: which rule said what and when, every finding code with its meaning, method and remedy, the methods, and
//! what coded reasons of a verdict mean.
//!
//! Texts are our own words; `source` says where the wording was read. A rule is chosen by the date of what it judges, so a study over a
//! change of the law judges each part by its own version. Nothing here judges.

mod codes_access;
mod codes_controls;
mod codes_cross;
mod codes_orders;
mod codes_records;
mod explain;
mod law;
mod methods;
mod reasons;
mod reasons_gates;
mod reasons_looks;

use crate::record::TradeDate;

pub use explain::{catalogue_markdown, explain, known_names, one_side};
pub use reasons::{Effect, ReasonKind};

/// A fixed sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Traditional Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// A sentence made of figures and names, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Traditional Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// The sentence of two texts.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl From<Text> for Sentence {
    fn from(text: Text) -> Self {
        Self::new(text.zh, text.en)
    }
}

/// A clause with every version known.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Key in the catalogue, for example "fair-use".
    pub key: &'static str,
    /// Versions, ascending, not overlapping.
    pub versions: &'static [RuleVersion],
}

/// One version of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleVersion {
    /// The instrument, for example "CC-18000".
    pub id: &'static str,
    /// The clause in it.
    pub article: &'static str,
    /// Name of the version: the date or year of its text.
    pub version: &'static str,
    /// First date in force, year, month, day; `None` = from before any study.
    pub from: Option<(i32, u32, u32)>,
    /// Last date in force; `None` = still.
    pub to: Option<(i32, u32, u32)>,
    /// What it asks, in our words.
    pub text: Text,
    /// Where its wording was read.
    pub source: Text,
}

impl RuleVersion {
    /// First date in force.
    #[must_use]
    pub fn first(&self) -> TradeDate {
        self.from.and_then(|(year, month, day)| TradeDate::from_ymd(year, month, day)).unwrap_or(TradeDate(i32::MIN))
    }

    /// Last date in force.
    #[must_use]
    pub fn last(&self) -> TradeDate {
        self.to.and_then(|(year, month, day)| TradeDate::from_ymd(year, month, day)).unwrap_or(TradeDate(i32::MAX))
    }
}

impl Rule {
    /// The version in force on `date`; `None` where the clause did not exist.
    #[must_use]
    pub fn version_on(&self, date: TradeDate) -> Option<&'static RuleVersion> {
        self.versions.iter().find(|version| (version.first()..=version.last()).contains(&date))
    }

    /// Versions in force on some date of `from..=to`.
    pub fn versions_within(&self, from: TradeDate, to: TradeDate) -> impl Iterator<Item = &'static RuleVersion> {
        self.versions.iter().filter(move |version| version.first() <= to && from <= version.last())
    }
}

/// How heavily the rule itself weighs, before share and persistence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Housekeeping.
    Light,
    /// A control that was not kept.
    Middle,
    /// What sanctions rested on: access, privilege, records, third parties.
    Heavy,
}

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Evidence of a breach: a confirmed finding.
    Breach,
    /// A question to put to the broker: never a finding by itself.
    Lead,
}

/// A finding code.
#[derive(Clone, Copy, Debug)]
pub struct FindingKind {
    /// Stable code: family letter and digits.
    pub code: &'static str,
    /// Which of the eight audit findings it belongs to; 0 for none.
    pub seed: u8,
    /// Key of its [`Rule`].
    pub rule: &'static str,
    /// Weight of the rule.
    pub weight: Weight,
    /// Breach or lead.
    pub standing: Standing,
    /// Evidence tables it reads; empty where it rests on orders and receipts.
    pub tables: &'static [&'static str],
    /// Tables in which a row would have cleared what it finds: it accuses by what is missing there. Empty: by what its rows show.
    pub cleared_by: &'static [&'static str],
    /// Name of the finding.
    pub title: Text,
    /// What it means and how it is found.
    pub method: Text,
    /// What the broker should do.
    pub remedy: Text,
    /// What to ask the broker for next.
    pub ask: Text,
}

impl FindingKind {
    /// The family letter.
    #[must_use]
    pub fn family(&self) -> &'static str {
        &self.code[..1]
    }

    /// Its rule.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        rule(self.rule).expect("a test holds that every code names a rule of the catalogue")
    }
}

/// A method of the report, for `explain`.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Name to ask for.
    pub name: &'static str,
    /// Title.
    pub title: Text,
    /// What it is, when it misleads.
    pub text: Text,
    /// Where it comes from.
    pub source: &'static str,
}

/// The rule of a key.
#[must_use]
pub fn rule(key: &str) -> Option<&'static Rule> {
    law::RULES.iter().find(|rule| rule.key == key)
}

/// Every rule.
#[must_use]
pub fn rules() -> &'static [Rule] {
    law::RULES
}

/// Every finding code, by family in the order R, T, F, P, A, C, X.
pub fn kinds() -> impl Iterator<Item = &'static FindingKind> {
    let orders = codes_records::KINDS.iter().chain(codes_orders::KINDS);
    orders.chain(codes_access::KINDS).chain(codes_controls::KINDS).chain(codes_cross::KINDS)
}

/// The finding code `code`.
#[must_use]
pub fn kind(code: &str) -> Option<&'static FindingKind> {
    kinds().find(|kind| kind.code.eq_ignore_ascii_case(code))
}

/// Every method.
#[must_use]
pub fn all_methods() -> &'static [Method] {
    methods::METHODS
}

/// Every coded reason of a verdict.
pub fn all_reasons() -> impl Iterator<Item = &'static ReasonKind> {
    reasons_gates::REASONS.iter().chain(reasons_looks::REASONS)
}

/// "high", "medium" or "low": the weight of the rule, one step up where more than a tenth of what was examined is concerned and one
/// where it went on for at least 90 days.
#[must_use]
pub fn severity(weight: Weight, share: f64, lasted_days: i64) -> &'static str {
    let base = match weight {
        Weight::Light => 1,
        Weight::Middle => 2,
        Weight::Heavy => 3,
    };
    match base + u32::from(share > 0.1) + u32::from(lasted_days >= 90) {
        0..=1 => "low",
        2 => "medium",
        _ => "high",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_unique_has_a_rule_and_speaks_both_languages() {
        let mut seen = BTreeSet::new();
        for kind in kinds() {
            assert!(seen.insert(kind.code), "{} twice", kind.code);
            assert!(rule(kind.rule).is_some(), "{}: no rule {}", kind.code, kind.rule);
            assert!(kind.seed <= 8);
            for text in [kind.title, kind.method, kind.remedy, kind.ask] {
                assert!(!text.zh.is_empty() && !text.en.is_empty() && text.en.is_ascii(), "{}: {}", kind.code, text.en);
            }
        }
        assert!(seen.len() > 40);
    }

    #[test]
    fn versions_of_a_rule_ascend_and_never_overlap() {
        let mut seen = BTreeSet::new();
        for rule in rules() {
            assert!(seen.insert(rule.key), "{} twice", rule.key);
            for pair in rule.versions.windows(2) {
                assert!(pair[0].last() < pair[1].first(), "{}", rule.key);
            }
            for version in rule.versions {
                assert!(version.first() <= version.last() && !version.source.en.is_empty(), "{}", rule.key);
            }
        }
    }

    #[test]
    fn the_law_of_fair_use_changes_on_2021_05_11() {
        let fair_use = rule("fair-use").expect("in the catalogue");
        let on = |year, month, day| fair_use.version_on(TradeDate::from_ymd(year, month, day).expect("a date"));
        assert_eq!(on(2021, 5, 10).map(|version| version.article), Some("11(2)"));
        assert_eq!(on(2021, 5, 11).map(|version| version.article), Some("18"));
        let notice = rule("qualification").expect("in the catalogue");
        assert_eq!(notice.version_on(TradeDate::from_ymd(2021, 5, 10).expect("a date")), None);
    }

    #[test]
    fn severity_rises_with_rule_share_and_persistence() {
        assert_eq!(severity(Weight::Light, 0.0, 0), "low");
        assert_eq!(severity(Weight::Light, 0.2, 0), "medium");
        assert_eq!(severity(Weight::Middle, 0.2, 0), "high");
        assert_eq!(severity(Weight::Middle, 0.1, 89), "medium");
        assert_eq!(severity(Weight::Light, 0.2, 90), "high");
        assert_eq!(severity(Weight::Heavy, 0.0, 0), "high");
    }
}
