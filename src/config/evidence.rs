//! `[rules]`, `[access]` and `[controls]`: the broker's rules of use and the evidence files.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::access::{AccessRules, Condition, Expression};
use crate::config::Settings;
use crate::config::file::{DateText, FairnessTable, MarginsTable};
use crate::evidence_tables::{SPECS, Section, TableSpec, spec};
use crate::record::{Diagnostic, Notice, TradeDate};

/// Name of the key that names folders of raw logs.
const LOG_FOLDERS: &str = "firewall_log_folders";

/// Rules of use and evidence files of a study.
#[derive(Clone, Debug, Default)]
pub struct EvidenceConfig {
    /// Where the rules of use are written down; empty where the study does not say.
    pub source: String,
    /// First date of the audited period; else that of the orders.
    pub from: Option<TradeDate>,
    /// Last date.
    pub to: Option<TradeDate>,
    /// Who may use co-location.
    pub access_rules: AccessRules,
    /// Whether `[access]` and `[controls]` stand in the file.
    pub sections: Sections,
    /// Evidence tables with their files, ascending by name.
    pub tables: Vec<EvidenceSource>,
    /// Folders of raw firewall logs.
    pub log_folders: Vec<LogFolder>,
}

/// Which evidence sections a study has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    /// `[access]`.
    pub access: bool,
    /// `[controls]`.
    pub controls: bool,
}

/// An evidence table's files.
#[derive(Clone, Debug)]
pub struct EvidenceSource {
    /// What the table holds.
    pub spec: &'static TableSpec,
    /// Paths and globs, relative to study.toml.
    pub paths: Vec<String>,
}

/// A folder of raw logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFolder {
    /// The firewall, as in the table `links`.
    pub firewall: String,
    /// The folder, relative to study.toml.
    pub path: String,
}

/// `[rules]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesTable {
    source: Option<String>,
    from: Option<DateText>,
    to: Option<DateText>,
    eligibility: Option<EligibilityValue>,
    decision_days: Option<Days>,
    review_months: Option<Months>,
    margins: Option<MarginsTable>,
}

/// Two lists of conditions, or one expression.
#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected an expression such as \"volume >= 1000 and (type = 'fund' or 2 * score >= 60)\", or { all = [...], any = [...] } of conditions such as \"volume >= 1000\""
)]
enum EligibilityValue {
    Expression(String),
    Lists {
        #[serde(default)]
        all: Vec<String>,
        #[serde(default)]
        any: Vec<String>,
    },
}

impl EligibilityValue {
    fn expression(self) -> Result<Expression, Notice> {
        match self {
            Self::Expression(text) => Expression::parse(&text),
            Self::Lists { all, any } if all.is_empty() && any.is_empty() => Err(("未列任何條件", "no condition is named").into()),
            Self::Lists { all, any } => {
                let list = |texts: Vec<String>| texts.iter().map(|text| Condition::parse(text)).collect::<Result<Vec<_>, _>>();
                Ok(Expression::of_lists(list(all)?, list(any)?))
            }
        }
    }
}

/// The longest term of decision that is believed, ten years as of [`Months`].
const MOST_DAYS: u32 = 3_660;

#[derive(Deserialize)]
#[serde(try_from = "u32")]
struct Days(u32);

impl TryFrom<u32> for Days {
    type Error = String;
    fn try_from(days: u32) -> Result<Self, String> {
        if days <= MOST_DAYS { Ok(Self(days)) } else { Err(format!("{days} is not a number of days from 0 to {MOST_DAYS}")) }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "u32")]
struct Months(u32);

impl TryFrom<u32> for Months {
    type Error = String;
    fn try_from(months: u32) -> Result<Self, String> {
        if (1..=120).contains(&months) { Ok(Self(months)) } else { Err(format!("{months} is not a number of months from 1 to 120")) }
    }
}

/// One path or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a path or a list of paths")]
pub(crate) enum PathsValue {
    One(String),
    Many(Vec<String>),
}

impl PathsValue {
    fn paths(self) -> Vec<String> {
        match self {
            Self::One(path) => vec![path],
            Self::Many(paths) => paths,
        }
    }
}

/// Paths, or folders by firewall.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a path, a list of paths, or for firewall_log_folders a table such as { \"FW-1\" = \"logs/fw1\" }")]
pub(crate) enum ControlsValue {
    Paths(PathsValue),
    Folders(BTreeMap<String, String>),
}

/// A table of `[access]`.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub(crate) struct AccessTableText(String);

impl TryFrom<String> for AccessTableText {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        known(&name, Section::Access).map(|()| Self(name))
    }
}

/// A table of `[controls]`, or the log folders.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub(crate) struct ControlsTableText(String);

impl TryFrom<String> for ControlsTableText {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        if name == LOG_FOLDERS { Ok(Self(name)) } else { known(&name, Section::Controls).map(|()| Self(name)) }
    }
}

fn known(name: &str, section: Section) -> Result<(), String> {
    match spec(name) {
        Some(spec) if spec.section == section => Ok(()),
        Some(spec) => Err(format!("the evidence table \"{name}\" belongs in [{}]", spec.section.name())),
        None => {
            let names: Vec<&str> = SPECS.iter().filter(|spec| spec.section == section).map(|spec| spec.name).collect();
            Err(format!("\"{name}\" is not an evidence table of [{}]; they are {}", section.name(), names.join(", ")))
        }
    }
}

/// The margins of `[rules]` where `[fairness]` names none.
///
/// # Errors
/// When both sections name margins: which holds must not be guessed.
pub(crate) fn with_rules_margins(
    path: &Path,
    mut fairness: FairnessTable,
    rules: Option<&mut RulesTable>,
) -> Result<FairnessTable, Diagnostic> {
    match (rules.and_then(|rules| rules.margins.take()), &fairness.margins) {
        (Some(_), Some(_)) => {
            let problem = ("[rules] 與 [fairness] 都寫了 margins", "both [rules] and [fairness] name margins");
            Err(Diagnostic::new("E0111", problem).in_file(path).help(("請只留一處", "keep one of them")))
        }
        (Some(margins), None) => {
            fairness.margins = Some(margins);
            Ok(fairness)
        }
        (None, _) => Ok(fairness),
    }
}

/// Rules and evidence as configured.
///
/// # Errors
/// When a table is named without a file, folders stand where paths should, or the period ends before it starts.
pub(crate) fn evidence(
    set: &mut Settings,
    path: &Path,
    rules: Option<RulesTable>,
    access: Option<BTreeMap<AccessTableText, PathsValue>>,
    controls: Option<BTreeMap<ControlsTableText, ControlsValue>>,
) -> Result<EvidenceConfig, Diagnostic> {
    let sections = Sections { access: access.is_some(), controls: controls.is_some() };
    let mut config = EvidenceConfig { sections, ..EvidenceConfig::default() };
    if let Some(rules) = rules {
        read_rules(set, path, &mut config, rules)?;
    }
    if let Some((from, to)) = config.from.zip(config.to).filter(|(from, to)| from > to) {
        let problem = (
            format!("[rules]：查核期間的迄日（{to}）早於起日（{from}）"),
            format!("[rules]: the audited period ends ({to}) before it starts ({from})"),
        );
        return Err(Diagnostic::new("E0113", problem).in_file(path));
    }
    for (name, value) in access.into_iter().flatten() {
        add_table(set, path, &mut config, "access", &name.0, value.paths())?;
    }
    for (name, value) in controls.into_iter().flatten() {
        match (name.0.as_str(), value) {
            (LOG_FOLDERS, ControlsValue::Folders(folders)) => {
                for (firewall, folder) in folders {
                    set.take(&format!("controls.{LOG_FOLDERS}.{firewall}"), Some(folder.clone()), String::new());
                    config.log_folders.push(LogFolder { firewall, path: folder });
                }
            }
            (name, ControlsValue::Paths(value)) if name != LOG_FOLDERS => {
                add_table(set, path, &mut config, "controls", name, value.paths())?
            }
            (name, _) => {
                let problem = (format!("[controls]：`{name}` 的寫法不對"), format!("[controls]: `{name}` has the wrong shape"));
                return Err(Diagnostic::new("E0112", problem).in_file(path).help((
                    "證據表寫一個或一列路徑；firewall_log_folders 寫 { \"FW-1\" = \"logs/fw1\" }",
                    "a table takes a path or a list of paths; firewall_log_folders takes { \"FW-1\" = \"logs/fw1\" }",
                )));
            }
        }
    }
    Ok(config)
}

fn read_rules(set: &mut Settings, path: &Path, config: &mut EvidenceConfig, rules: RulesTable) -> Result<(), Diagnostic> {
    config.source = set.take("rules.source", rules.source, String::new());
    let mut date = |key: &str, date: Option<DateText>| {
        let date = date.map(|date| date.0);
        date.map(|date| set.show(&format!("rules.{key}"), Some(date), TradeDate(0), ToString::to_string))
    };
    (config.from, config.to) = (date("from", rules.from), date("to", rules.to));
    config.access_rules.decision_days = rules.decision_days.map(|days| days.0).map(|days| set.take("rules.decision_days", Some(days), 0));
    config.access_rules.review_months =
        rules.review_months.map(|months| months.0).map(|months| set.take("rules.review_months", Some(months), 0));
    if let Some(eligibility) = rules.eligibility {
        let rule = eligibility.expression().map_err(|problem| {
            let (zh, en) = (format!("[rules] eligibility：{}", problem.zh), format!("[rules] eligibility: {}", problem.en));
            let problem = Diagnostic::new("E0115", (zh, en)).in_file(path);
            problem.help(("寫法見 docs/evidence.md", "docs/evidence.md shows how a rule is written"))
        })?;
        set.take("rules.eligibility", Some(rule.to_string()), String::new());
        config.access_rules.eligibility = Some(rule);
    }
    Ok(())
}

fn add_table(
    set: &mut Settings,
    path: &Path,
    config: &mut EvidenceConfig,
    section: &str,
    name: &str,
    paths: Vec<String>,
) -> Result<(), Diagnostic> {
    if paths.is_empty() {
        let problem = (format!("[{section}]：`{name}` 沒有指明檔案"), format!("[{section}]: `{name}` names no file"));
        return Err(Diagnostic::new("E0112", problem).in_file(path).help((
            "請指明檔案，或刪去這個鍵：需要它的查核就不執行",
            "name a file, or leave the key out: the checks that need it are then not run",
        )));
    }
    let Some(spec) = spec(name) else { return Ok(()) };
    set.show(&format!("{section}.{name}"), Some(paths.clone()), Vec::new(), |paths| format!("{paths:?}"));
    config.tables.push(EvidenceSource { spec, paths });
    Ok(())
}
