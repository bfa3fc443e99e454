//! study.toml to the typed options of each stage.
//!
//! Every value is either what the file says or the shipped default; [`Setting`] records which, for `config show` and for the result.

mod calendar;
mod evidence;
mod file;
mod layout;
mod priority;
mod records;
mod side;
mod small;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use evidence::{EvidenceConfig, EvidenceSource, LogFolder, Sections};

use crate::config::file::{ChildrenText, LinkKeyText, SectionNames, SideTable, StudyFile};
pub use crate::config::priority::PriorityConfig;
pub use crate::config::records::RecordsConfig;
pub(crate) use crate::config::side::{beside, check_time_tables, side};
pub use crate::config::words::language_of;
use crate::config::words::{cannot_read_study, not_mapped, toml_diagnostic};
use crate::fairness::{ClockUncertainty, FairnessOptions, Margins, OvertakingScope, Reference};
use crate::ingest::{Format, FormatOptions, Mapping, TextOptions};
use crate::reconcile::AlsoEqual;
use crate::record::{Calendar, Column, Diagnostic, Latency, TimeSpan, Zone};

/// Rows of a sheet of the workbook unless study.toml says otherwise: more than a person reads. Hundreds of thousands, as the study of 10
/// million orders has, take minutes to write, and Excel as long to open; the CSV files hold every row.
const WORKBOOK_ROWS: u32 = 5_000;

/// A study as configured.
#[derive(Clone, Debug)]
pub struct StudyConfig {
    /// The file, as given.
    pub path: PathBuf,
    /// Its text, for the hash in the manifest.
    pub text: String,
    /// Heading of the report.
    pub title: String,
    /// Zone of naive times and of the trading-day key.
    pub zone: Zone,
    /// "zh-TW" or "en".
    pub language: String,
    /// Orders sent to the exchange.
    pub orders: SideConfig,
    /// Client receipts.
    pub receipts: SideConfig,
    /// Clients file.
    pub clients: Option<SideConfig>,
    /// What must agree beside the receipt id.
    pub also_equal: Vec<AlsoEqual>,
    /// Clock that stamps each group's receipts and orders, where it is not the side's own: group to clock id.
    pub clocks_by_group: ClocksByGroup,
    /// Measure only the first order of each receipt.
    pub first_child: bool,
    /// The pairwise verdict.
    pub fairness: FairnessOptions,
    /// Trading days and phases.
    pub calendar: Calendar,
    /// Order of handling; `None` where study.toml has no \[priority\].
    pub priority: Option<PriorityConfig>,
    /// The record of the orders: what it is held against.
    pub records: RecordsConfig,
    /// The broker's rules of use, and the evidence files.
    pub evidence: EvidenceConfig,
    /// Every setting with its value and where it came from.
    pub settings: Vec<Setting>,
}

/// Clock ids by group, where a side has more than one clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClocksByGroup {
    /// Group to clock id of its receipts.
    pub receipts: BTreeMap<String, String>,
    /// Group to clock id of its orders.
    pub orders: BTreeMap<String, String>,
    /// The clock ids of the sides themselves: of every group that is not named. Empty where none was given.
    pub own: [String; 2],
}

impl ClocksByGroup {
    /// A number for the clock of each of `groups`, receipts and orders: groups of one clock share a number.
    #[must_use]
    pub fn numbers(&self, groups: &[String]) -> Vec<(u32, u32)> {
        let number = |clocks: &BTreeMap<String, String>, own: &String, group: &String| {
            // 0 is the side's own.
            let ids: BTreeSet<&String> = clocks.values().filter(|id| *id != own).collect();
            let named = clocks.get(group).and_then(|id| ids.iter().position(|known| *known == id));
            named.map_or(0, |at| at as u32 + 1)
        };
        let [receipts, orders] = &self.own;
        groups.iter().map(|group| (number(&self.receipts, receipts, group), number(&self.orders, orders, group))).collect()
    }

    /// True where each side has one clock.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.receipts.is_empty() && self.orders.is_empty()
    }
}

/// One side's files.
#[derive(Clone, Debug)]
pub struct SideConfig {
    /// Paths and globs, relative to study.toml.
    pub paths: Vec<String>,
    /// The format, or `None` to tell by the file.
    pub format: Option<Format>,
    /// Canonical to source column.
    pub mapping: Mapping,
    /// Encoding and dialect of text files.
    pub text: TextOptions,
    /// What only some formats need to be told.
    pub options: FormatOptions,
    /// The layout file of fixed-width records: its path as written, and its text for the hash in the manifest.
    pub layout_file: Option<(String, String)>,
}

/// A setting, its value as text, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted key, for example "fairness.slot".
    pub key: String,
    /// The value in force.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a setting came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// study.toml.
    File,
    /// The shipped default.
    Default,
    /// An environment variable.
    Environment,
    /// A command-line flag.
    Flag,
}

impl Origin {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "study.toml",
            Self::Default => "default",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}

/// Reads study.toml.
///
/// # Errors
/// When the file cannot be read, is none or too large, or a value in it is not what is expected, with line, column and the offending line.
pub fn load(path: &Path) -> Result<StudyConfig, Diagnostic> {
    let text = small::read_text(path).map_err(|unread| cannot_read_study(path, &unread))?;
    parse(path, text)
}

/// Reads the text of a study.toml that stands at `path`.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: String) -> Result<StudyConfig, Diagnostic> {
    let mut file: StudyFile = toml::from_str(&text).map_err(|error| {
        let misspelt = toml::from_str::<SectionNames>(&text).err();
        toml_diagnostic(path, &text, &misspelt.unwrap_or(error))
    })?;
    let mut settings = Settings::default();
    let set = &mut settings;

    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = set.take("study.title", file.study.title.filter(|title| !title.trim().is_empty()), file_name);
    let zone = set.show("study.timezone", file.study.timezone.map(|zone| zone.0), default_zone(), |zone| zone.name().to_owned());
    let language = set.show("study.language", file.study.language.map(|language| language.0), "zh-TW".to_owned(), Clone::clone);
    let seed = set.take("study.seed", file.study.seed, 1);
    let by_group = |side: &SideTable| side.clock.as_ref().map(|clock| clock.by_group.clone()).unwrap_or_default();
    let own = [&file.receipts, &file.orders].map(|side| side.clock.as_ref().map_or_else(String::new, |clock| clock.id.clone()));
    let clocks_by_group = ClocksByGroup { receipts: by_group(&file.receipts), orders: by_group(&file.orders), own };
    for (side, clocks) in [("orders", &clocks_by_group.orders), ("receipts", &clocks_by_group.receipts)] {
        clocks
            .iter()
            .for_each(|(group, clock)| drop(set.take(&format!("{side}.clock.by_group.{group}"), Some(clock.clone()), String::new())));
    }
    let (orders_clock, receipts_clock) = (clock(set, "orders", &file.orders), clock(set, "receipts", &file.receipts));
    let orders = side(set, path, "orders", file.orders)?;
    let receipts = side(set, path, "receipts", file.receipts)?;
    let clients = file.clients.map(|table| beside(set, path, "clients", table)).transpose()?;
    let keys = set.show("link.keys", file.link.keys, vec![LinkKeyText::ReceiptId], |keys| {
        format!("{:?}", keys.iter().map(LinkKeyText::name).collect::<Vec<_>>())
    });
    let children = set.show("link.children", file.link.children, ChildrenText::Each, |children| children.name().to_owned());
    let clocks = ClockUncertainty {
        receipts: receipts_clock.1,
        orders: orders_clock.1,
        one_clock: clocks_by_group.is_empty() && !orders_clock.0.is_empty() && orders_clock.0 == receipts_clock.0,
    };
    let fairness_table = evidence::with_rules_margins(path, file.fairness, file.rules.as_mut())?;
    let fairness = fairness(set, fairness_table, clocks, seed);
    let calendar = calendar::calendar(set, file.calendar, zone);
    let priority = file.priority.map(|table| priority::resolve(set, path, table, &fairness)).transpose()?;
    check_required(path, &orders, &receipts, clients.as_ref(), &keys)?;
    for (name, side) in [("orders", Some(&orders)), ("receipts", Some(&receipts)), ("clients", clients.as_ref())] {
        check_time_tables(path, name, side)?;
    }

    let records = records::resolve(set, path, file.records, file.link.fallback)?;
    if records.reports.is_some() && !orders.mapping.has(Column::OrderId) {
        return Err(words::not_mapped(path, "orders", Column::OrderId));
    }
    let also_equal: Vec<AlsoEqual> = keys.iter().filter_map(LinkKeyText::also_equal).collect();
    if records.repair.is_some() && !also_equal.is_empty() {
        let problem = (
            "[records.repair] 僅適用於以 receipt_id 即可分辨之收單",
            "[records.repair] needs receipts that are told apart by receipt_id alone",
        );
        let help = ("請移除其他勾稽鍵，或移除補正檔", "leave further link keys out, or the repair");
        return Err(Diagnostic::new("E0107", problem).in_file(path).help(help));
    }
    // Report and workbook are made from the result, which holds every setting.
    set.take("report.workbook_rows", file.report.workbook_rows.map(u32::from), WORKBOOK_ROWS);
    let evidence = evidence::evidence(set, path, file.rules, file.access, file.controls)?;
    Ok(StudyConfig {
        path: path.to_path_buf(),
        text,
        title,
        zone,
        language,
        orders,
        receipts,
        clients,
        also_equal,
        clocks_by_group,
        first_child: children == ChildrenText::First,
        fairness,
        calendar,
        priority,
        records,
        evidence,
        settings: settings.list,
    })
}

impl StudyConfig {
    /// The folder that the paths are relative to.
    #[must_use]
    pub fn base(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Replaces the language.
    pub fn override_language(&mut self, language: &str, origin: Origin) {
        self.language = language.to_owned();
        for setting in self.settings.iter_mut().filter(|setting| setting.key == "study.language") {
            (setting.value, setting.origin) = (language.to_owned(), origin);
        }
    }
}

fn default_zone() -> Zone {
    Zone::named("Asia/Taipei").expect("a zone every time zone database holds")
}

/// Collects settings while they are resolved.
#[derive(Default)]
pub(crate) struct Settings {
    list: Vec<Setting>,
}

impl Settings {
    fn take<T: ToString>(&mut self, key: &str, given: Option<T>, default: T) -> T {
        self.show(key, given, default, T::to_string)
    }

    fn show<T>(&mut self, key: &str, given: Option<T>, default: T, print: impl Fn(&T) -> String) -> T {
        let origin = if given.is_some() { Origin::File } else { Origin::Default };
        let value = given.unwrap_or(default);
        self.list.push(Setting { key: key.to_owned(), value: print(&value), origin });
        value
    }
}

/// The clock's id (empty where none was named) and half-width.
fn clock(set: &mut Settings, side: &str, table: &SideTable) -> (String, TimeSpan) {
    let id = table.clock.as_ref().map(|clock| clock.id.clone());
    let width = table.clock.as_ref().and_then(|clock| clock.uncertainty.as_ref()).map(|span| span.0);
    (set.take(&format!("{side}.clock.id"), id, String::new()), set.take(&format!("{side}.clock.uncertainty"), width, TimeSpan(0)))
}

fn fairness(set: &mut Settings, table: file::FairnessTable, clocks: ClockUncertainty, seed: u64) -> FairnessOptions {
    let default = FairnessOptions::default();
    let given = table.margins.unwrap_or_default();
    let set_by = given.source.is_some();
    let margins = Margins {
        median: set.show("fairness.margins.median", given.median.map(|span| Latency(span.0.0)), default.margins.median, Latency::to_string),
        median_share: set.take("fairness.margins.median_share", given.median_share.map(|share| share.0), default.margins.median_share),
        tail: set.take("fairness.margins.tail", given.tail.map(|share| share.0), default.margins.tail),
        overtaking: set.take("fairness.margins.overtaking", given.overtaking.map(|share| share.0), default.margins.overtaking),
        source: set.take("fairness.margins.source", given.source, if set_by { String::new() } else { default.margins.source }),
    };
    let overtaking = table.overtaking.unwrap_or_default();
    let slot = set.show("fairness.slot", table.slot.map(|span| Some(span.0)), None, |slot| {
        slot.map_or("30m, or 5m where a day holds more than 1,000,000 orders".to_owned(), |slot: TimeSpan| slot.to_string())
    });
    FairnessOptions {
        alpha: set.take("fairness.alpha", table.alpha.map(|share| share.0), default.alpha),
        slot,
        block: set.take("fairness.block", table.block.map(|span| span.0), default.block),
        margins,
        overtaking_window: set.take("fairness.overtaking.window", overtaking.window.map(|span| span.0), default.overtaking_window),
        overtaking_scope: set.show(
            "fairness.overtaking.scope",
            overtaking.scope.map(|scope| scope.0),
            default.overtaking_scope,
            scope_name,
        ),
        reference: set.show("fairness.reference", table.reference.map(reference), default.reference, |reference| match reference {
            Reference::AllPairs => "all-pairs".to_owned(),
            Reference::Group(group) => group.clone(),
        }),
        clocks,
        seed,
    }
}

fn scope_name(scope: &OvertakingScope) -> String {
    let name = match scope {
        OvertakingScope::Instrument => "instrument",
        OvertakingScope::Class => "class",
        OvertakingScope::Shard => "shard",
        OvertakingScope::All => "all",
    };
    name.to_owned()
}

fn reference(text: String) -> Reference {
    if text == "all-pairs" { Reference::AllPairs } else { Reference::Group(text) }
}

/// What a study cannot do without.
fn check_required(
    path: &Path,
    orders: &SideConfig,
    receipts: &SideConfig,
    clients: Option<&SideConfig>,
    keys: &[LinkKeyText],
) -> Result<(), Diagnostic> {
    let mut required = vec![
        ("orders", Some(orders), Column::ReceiptId),
        ("orders", Some(orders), Column::SentAt),
        ("receipts", Some(receipts), Column::ReceiptId),
        ("receipts", Some(receipts), Column::ReceivedAt),
        ("clients", clients, Column::Account),
    ];
    if !keys.contains(&LinkKeyText::ReceiptId) {
        let problem = ("[link] keys 必須含有 \"receipt_id\"", "[link] keys must hold \"receipt_id\"");
        return Err(Diagnostic::new("E0103", problem)
            .in_file(path)
            .help(("例如寫 keys = [\"receipt_id\", \"trade_date\"]", "write for example keys = [\"receipt_id\", \"trade_date\"]")));
    }
    for key in keys {
        if let Some(AlsoEqual::Name(column)) = key.also_equal() {
            required.extend([("orders", Some(orders), column), ("receipts", Some(receipts), column)]);
        }
    }
    for (name, side, column) in required {
        if side.is_some_and(|side| !side.mapping.has(column)) {
            return Err(not_mapped(path, name, column));
        }
    }
    if !receipts.mapping.has(Column::Group) && clients.is_none_or(|clients| !clients.mapping.has(Column::Group)) {
        let problem = ("沒有寫明客戶屬於哪個群組", "nothing says which group a client belongs to");
        return Err(Diagnostic::new("E0103", problem).in_file(path).help((
            "請在 [receipts] columns 加 group = \"...\"，或加一個有 account 與 group 的 [clients] 檔",
            "add group = \"...\" to [receipts] columns, or a [clients] file with account and group",
        )));
    }
    Ok(())
}
