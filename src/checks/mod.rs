//! The frame of every evidence check: which law applies to what was found, and when the answer is "insufficient" or "not run".
//!
//! A check says what it examined and what it found; this module decides the state. Missing, partial or contradictory evidence never
//! passes: only a check whose evidence was named, whole and free of contradiction can say that nothing was found. And what is missing
//! accuses only in a table that is whole: the row that would have cleared somebody may be the one that could not be read.

mod coverage;
mod interval;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence_tables::{EvidenceRow, RowPlace, Table, Tables, spec};
use crate::record::{Calendar, TradeDate, Zone};
use crate::rules::{FindingKind, RuleVersion, Sentence, Standing, kind, severity};
use whole::{bare, bars_absence, bars_passing};

pub use coverage::KeptLogs;
pub use interval::{CalendarSpan, Interval, overdue};

/// What every check is told.
#[derive(Clone, Debug)]
pub struct Audit<'a> {
    /// The evidence.
    pub tables: &'a Tables,
    /// First and last date of the audited period.
    pub period: (TradeDate, TradeDate),
    /// Trading days.
    pub calendar: &'a Calendar,
    /// Zone of local dates.
    pub zone: Zone,
    /// What was seen in the orders; `None` where they were not read.
    pub seen: Option<&'a SeenOrders>,
}

/// What the orders show, for checks that hold evidence against them.
#[derive(Clone, Debug, Default)]
pub struct SeenOrders {
    /// Orders by account and local date, with the place of the first.
    pub accounts: BTreeMap<(String, TradeDate), SeenAt>,
    /// Orders by host and local date.
    pub hosts: BTreeMap<(String, TradeDate), SeenAt>,
    /// Orders by account, line (shard, else gateway) and local date; empty where the orders name no line.
    pub lines: BTreeMap<(String, String, TradeDate), SeenAt>,
    /// Local dates with an order.
    pub days: BTreeSet<TradeDate>,
    /// What changed in latencies and clocks: local date, and what; `None` where nothing was looked for.
    pub change_points: Option<Vec<(TradeDate, Sentence)>>,
    /// Whether the orders have accounts at all, and hosts.
    pub has: (bool, bool),
    /// Orders without an account, and without a host, where others have one.
    pub nameless: (u64, u64),
}

impl SeenOrders {
    /// Only what lies in a period; the days stay, for what must be kept longer.
    #[must_use]
    pub fn within(mut self, (from, to): (TradeDate, TradeDate)) -> Self {
        let inside = |date: TradeDate| from <= date && date <= to;
        self.accounts.retain(|(_, date), _| inside(*date));
        self.hosts.retain(|(_, date), _| inside(*date));
        self.lines.retain(|(_, _, date), _| inside(*date));
        self
    }
}

/// Why orders cannot be held against a list: none of them lies in the period.
#[must_use]
pub fn no_orders(seen: &SeenOrders) -> Option<Sentence> {
    let none = seen.accounts.is_empty() && seen.hosts.is_empty();
    none.then(|| Sentence::new("查核期間內無委託", "no order lies in the audited period"))
}

/// How many orders, and where the first stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAt {
    /// Orders.
    pub n: u64,
    /// The first of them.
    pub first: RowPlace,
}

/// The answer of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A breach is shown.
    Finding,
    /// The evidence does not settle it.
    Insufficient,
    /// Examined, nothing found.
    None,
    /// No evidence was named, or no rule was in force.
    NotRun,
}

impl State {
    /// Its name in the result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Insufficient => "insufficient",
            Self::None => "none",
            Self::NotRun => "not_run",
        }
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Who or what: an account, a link, a system.
    pub subject: String,
    /// First date concerned; chooses the law.
    pub from: TradeDate,
    /// Last date concerned.
    pub to: TradeDate,
    /// What is wrong with it.
    pub detail: Sentence,
    /// The rows that show it.
    pub places: Vec<RowPlace>,
    /// False where it can be read otherwise: a doubt, not a breach.
    pub confirmed: bool,
    /// The rows show it by themselves, in a check that otherwise goes by what is missing.
    pub by_itself: bool,
    /// How many of the things examined it stands for: a run of days for its days.
    pub stands_for: u64,
}

impl Found {
    /// A breach on one day.
    #[must_use]
    pub fn on(date: TradeDate, subject: impl Into<String>, detail: Sentence, rows: &[&EvidenceRow]) -> Self {
        Self::between((date, date), subject, detail, rows)
    }

    /// A breach over a span of dates.
    #[must_use]
    pub fn between((from, to): (TradeDate, TradeDate), subject: impl Into<String>, detail: Sentence, rows: &[&EvidenceRow]) -> Self {
        let places = rows.iter().map(|row| row.place.clone()).collect();
        Self { subject: subject.into(), from, to, detail, places, confirmed: true, by_itself: false, stands_for: 1 }
    }

    /// The same as a doubt unless `confirmed`.
    #[must_use]
    pub fn only_if(mut self, confirmed: bool) -> Self {
        self.confirmed = confirmed;
        self
    }

    /// The same as shown by its rows, whatever a table may lack: see [`FindingKind::cleared_by`].
    #[must_use]
    pub fn shown_by_its_rows(mut self) -> Self {
        self.by_itself = true;
        self
    }
}

/// A figure beside a check: always shown, finding or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its name.
    pub name: Sentence,
    /// Value.
    pub value: f64,
    /// Two-sided 95 % interval, where there is one.
    pub interval: Option<(f64, f64)>,
}

/// What a check examined and found.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// How many things were looked at.
    pub population: u64,
    /// What was found.
    pub found: Vec<Found>,
    /// What keeps it from an answer.
    pub doubts: Vec<Sentence>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// What was examined are subjects: one that was found several times is one of them.
    pub by_subject: bool,
    /// What was missed, where the check can say more than its title.
    pub headline: Option<Sentence>,
}

/// A check with its answer.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its code.
    pub kind: &'static FindingKind,
    /// The answer.
    pub state: State,
    /// Why.
    pub reason: Sentence,
    /// How many things were looked at.
    pub population: u64,
    /// How many of them were found.
    pub n_found: u64,
    /// In how many entries: see [`Found::stands_for`] and [`Examined::by_subject`].
    pub n_listed: u64,
    /// Whether entries of one subject are one thing.
    pub by_subject: bool,
    /// What was missed; the title, where the check says no more.
    pub headline: Sentence,
    /// What was found, each with the version of the rule that was in force.
    pub found: Vec<(Found, &'static RuleVersion)>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// Where it did not run: whether that leaves its audit finding open. It does not where there was nothing to breach.
    pub leaves_open: bool,
}

/// Found things of one code, rule version and standing: a row of the result's findings.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// The code.
    pub kind: &'static FindingKind,
    /// The rule in force.
    pub version: &'static RuleVersion,
    /// Confirmed, or a doubt.
    pub confirmed: bool,
    /// What was missed.
    pub headline: &'a Sentence,
    /// How many of the things examined.
    pub n: u64,
    /// Share of what was examined.
    pub share: f64,
    /// "high", "medium" or "low".
    pub severity: &'static str,
    /// What was found.
    pub found: Vec<&'a Found>,
}

impl Outcome {
    /// A check that could not run.
    #[must_use]
    pub fn not_run(code: &'static str, reason: Sentence) -> Self {
        let kind = known(code);
        let leaves_open = kind.standing == Standing::Breach;
        Self {
            kind,
            state: State::NotRun,
            reason,
            population: 0,
            n_found: 0,
            n_listed: 0,
            by_subject: false,
            headline: kind.title.into(),
            found: Vec::new(),
            figures: Vec::new(),
            leaves_open,
        }
    }

    /// A check that had nothing to be held against.
    #[must_use]
    pub fn nothing_to_judge(code: &'static str, reason: Sentence) -> Self {
        Self { leaves_open: false, ..Self::not_run(code, reason) }
    }

    /// What was found, by version of the rule and standing, confirmed first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding<'_>> {
        let mut groups: BTreeMap<(bool, TradeDate), (&'static RuleVersion, Vec<&Found>)> = BTreeMap::new();
        for (found, version) in &self.found {
            groups.entry((!found.confirmed, version.first())).or_insert((version, Vec::new())).1.push(found);
        }
        let mut findings = Vec::with_capacity(groups.len());
        for ((doubt, _), (version, found)) in groups {
            let n = counted(found.iter().copied(), self.by_subject);
            let share = n as f64 / self.population.max(n).max(1) as f64;
            let lasted = found.iter().map(|found| i64::from(found.to.0) - i64::from(found.from.0)).max().unwrap_or(0);
            let severity = severity(self.kind.weight, share, lasted);
            findings.push(Finding { kind: self.kind, version, confirmed: !doubt, headline: &self.headline, n, share, severity, found });
        }
        findings
    }
}

/// How many of the things examined these are.
fn counted<'f>(found: impl Iterator<Item = &'f Found>, by_subject: bool) -> u64 {
    if by_subject {
        found.map(|found| found.subject.as_str()).collect::<BTreeSet<_>>().len() as u64
    } else {
        found.map(|found| found.stands_for).sum()
    }
}

fn known(code: &'static str) -> &'static FindingKind {
    kind(code).expect("codes of checks are in the catalogue: the tests run every check")
}

/// Runs a check. `needs` names the columns without which it has no answer: `"accounts.privilege"`; `"accounts.privilege!"` where every
/// row must have a value; a table alone where its rows are enough.
pub fn examine(code: &'static str, audit: &Audit<'_>, needs: &[&'static str], check: impl FnOnce() -> Examined) -> Outcome {
    let kind = known(code);
    if kind.rule().versions_within(audit.period.0, audit.period.1).next().is_none() {
        let first = kind.rule().versions.first().map(|version| version.first().to_string()).unwrap_or_default();
        let (zh, en) = (format!("查核期間尚無此規定（自 {first} 起）"), format!("the rule was not in force in the period (since {first})"));
        return Outcome::nothing_to_judge(code, Sentence { zh, en });
    }
    if let Some(missing) =
        kind.tables.iter().chain(&needs.iter().map(|need| table_of(need)).collect::<Vec<_>>()).find(|name| audit.tables.get(name).is_none())
    {
        return Outcome::not_run(code, not_named(missing));
    }
    let named = |names: &'static [&'static str]| names.iter().filter_map(|name| audit.tables.get(name));
    let mut doubts: Vec<Sentence> = named(kind.tables).flat_map(|table| bars_passing(audit, table)).collect();
    let absent: Vec<Sentence> = needs.iter().filter_map(|need| no_column(audit.tables, need)).collect();
    // A column that was not exported says nothing of what would stand in it.
    let mut examined = if absent.is_empty() { check() } else { Examined::default() };
    if !named(kind.cleared_by).all(|table| table.doubts.is_empty() && bars_absence(audit, table).is_none()) {
        if examined.found.iter().any(|found| !found.by_itself) {
            doubts.extend(named(kind.cleared_by).filter_map(|table| bars_absence(audit, table)));
        }
        doubts.extend(accuse_nobody(kind, &mut examined));
    }
    doubts.extend(absent);
    doubts.extend(needs.iter().filter_map(|need| blank(audit.tables, need)));
    if examined.population == 0 {
        doubts.extend(named(kind.tables).filter_map(bare));
        if doubts.is_empty() && examined.doubts.is_empty() {
            doubts.extend(named(kind.tables).filter_map(|table| bars_absence(audit, table)));
        }
    }
    let mut said = Vec::with_capacity(doubts.len());
    doubts.into_iter().for_each(|doubt| {
        if !said.contains(&doubt) {
            said.push(doubt)
        }
    });
    settle(kind, audit.period, said, examined)
}

/// Makes doubts of what is accused by its absence; says so where there is any.
fn accuse_nobody(kind: &'static FindingKind, examined: &mut Examined) -> Option<Sentence> {
    let mut missing = examined.found.iter_mut().filter(|found| found.confirmed && !found.by_itself).peekable();
    missing.peek()?;
    missing.for_each(|found| found.confirmed = false);
    let list = kind.cleared_by.join(", ");
    Some(Sentence::new(
        format!("本項以 {list} 中查無紀錄認定；該表補正前，不據以認定缺失"),
        format!("it goes by what is not in {list}, so nobody is accused until that is put right"),
    ))
}

/// A full-width letter or digit as the plain one.
#[must_use]
pub fn half_width(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    }
}

/// Accounts of the user list that no order has, but for leading zeros or another way to write a number: a spreadsheet took them for numbers. What rests on comparing
/// accounts is then not settled.
#[must_use]
pub fn lost_zeros(audit: &Audit<'_>, seen: &SeenOrders) -> Option<Sentence> {
    // As programs and people write one number: with or without leading zeros, in full-width digits, with a point and a zero or dashes.
    let digits = |account: &str| {
        let half: String = account.chars().map(half_width).filter(|one| !matches!(one, '-' | ' ' | '\u{3000}')).collect();
        let plain = half.strip_suffix(".0").unwrap_or(&half);
        (!plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit())).then(|| plain.trim_start_matches('0').to_owned())
    };
    let mut accounts: Vec<&str> = seen.accounts.keys().map(|(account, _)| account.as_str()).collect();
    accounts.dedup();
    let bare: BTreeMap<String, &str> = accounts.iter().filter_map(|account| Some((digits(account)?, *account))).collect();
    let lost = |row: &&EvidenceRow| {
        let own = row.text("account");
        accounts.binary_search(&own).is_err() && digits(own).is_some_and(|own| bare.contains_key(&own))
    };
    let rows: Vec<&EvidenceRow> = audit.tables.rows("users").filter(lost).collect();
    let (first, n) = (rows.first()?, rows.len());
    let (own, place) = (first.text("account"), &first.place);
    let order = bare[&digits(own)?];
    Some(Sentence::new(
        format!(
            "users 有 {n} 個帳號與委託僅寫法不同（前置零、全形、.0 或連字號；如 {} 第 {} 行之 {own}，委託為 {order}）",
            place.file, place.line
        ),
        format!(
            "{n} accounts of `users` differ from those of the orders by the way they are written alone (leading zeros, full-width digits, .0, dashes; such as {}, line {}: {own}, in the orders {order})",
            place.file, place.line
        ),
    ))
}

fn table_of(need: &'static str) -> &'static str {
    need.split('.').next().unwrap_or(need)
}

fn not_named(table: &str) -> Sentence {
    let section = spec(table).map_or("controls", |spec| spec.section.name());
    Sentence::new(
        format!("未提供證據表 {table}（study.toml 之 [{section}] {table} = \"...\"）"),
        format!("no evidence table `{table}` was named ([{section}] {table} = \"...\" in study.toml)"),
    )
}

/// A needed column that the files do not have.
fn no_column(tables: &Tables, need: &'static str) -> Option<Sentence> {
    let (table, column) = need.split_once('.')?;
    let (table, column) = (tables.get(table)?, column.trim_end_matches('!'));
    let name = table.spec.name;
    let absent = || Sentence::new(format!("證據表 {name} 缺欄位 {column}"), format!("`{name}` has no column `{column}`"));
    (!table.has(column)).then(absent)
}

/// A column that every row needs and some rows leave empty.
fn blank(tables: &Tables, need: &'static str) -> Option<Sentence> {
    let (table, column) = need.strip_suffix('!')?.split_once('.')?;
    let table: &Table = tables.get(table).filter(|table| table.has(column))?;
    let name = table.spec.name;
    let blank: Vec<&EvidenceRow> = table.rows.iter().filter(|row| row.is_absent(column)).collect();
    let first = blank.first()?;
    let (n, place) = (blank.len(), &first.place);
    Some(Sentence::new(
        format!("證據表 {name} 有 {n} 列 {column} 空白（如 {} 第 {} 行）", place.file, place.line),
        format!("`{column}` is empty in {n} rows of `{name}` (such as {}, line {})", place.file, place.line),
    ))
}

/// The state of a check. What no version of the rule covers is dropped; leads never become findings.
fn settle(kind: &'static FindingKind, period: (TradeDate, TradeDate), mut doubts: Vec<Sentence>, examined: Examined) -> Outcome {
    doubts.extend(examined.doubts);
    // What lasted through a change of the law is held against each version for its own part.
    let parts = |found: Found| {
        let (from, to) = (found.from, found.to);
        let under = move |version: &'static RuleVersion| {
            let mut part = found.clone();
            (part.from, part.to) = (found.from.max(version.first()), found.to.min(version.last()));
            part.confirmed &= kind.standing == Standing::Breach;
            (part, version)
        };
        kind.rule().versions_within(from, to).map(under)
    };
    // A thing under two versions of the law has two rows, and is one thing all the same.
    let mut things: Vec<Vec<(Found, &'static RuleVersion)>> = examined.found.into_iter().map(|found| parts(found).collect()).collect();
    things.retain(|parts| !parts.is_empty());
    let is_confirmed = |parts: &&Vec<(Found, &'static RuleVersion)>| parts.iter().any(|(found, _)| found.confirmed);
    let n_confirmed = counted(things.iter().filter(is_confirmed).map(|parts| &parts[0].0), examined.by_subject);
    let n_found = counted(things.iter().map(|parts| &parts[0].0), examined.by_subject);
    let (n_listed, n) = (things.len() as u64, examined.population);
    let title = examined.headline.unwrap_or_else(|| kind.title.into());
    let n_doubts = n_found - n_confirmed;
    let found: Vec<(Found, &'static RuleVersion)> = things.into_iter().flatten().collect();
    let events_only = !kind.tables.is_empty() && kind.tables.iter().all(|name| spec(name).is_some_and(|spec| spec.events));
    if n == 0 && !events_only && found.is_empty() && doubts.is_empty() {
        doubts.push(Sentence::new("證據表無可查核之列", "the evidence holds nothing to examine"));
    }
    let limits = joined(&doubts);
    let (state, reason) = if n_confirmed > 0 {
        let also = if doubts.is_empty() {
            Sentence::default()
        } else {
            Sentence::new(format!("；另：{}", limits.zh), format!("; also: {}", limits.en))
        };
        let (zh, en) = (format!("查核 {n} 項，{n_confirmed} 項{}", title.zh), format!("{n_confirmed} of {n}: {}", title.en));
        (State::Finding, Sentence::new(zh + &also.zh, en + &also.en))
    } else if n_doubts > 0 {
        // Where nothing else says why, what is to be cleared says it.
        let first = found.first().map(|(first, _)| {
            let (subject, Sentence { zh, en }) = (&first.subject, &first.detail);
            Sentence::new(format!("（如 {subject}：{zh}）"), format!(" (such as {subject}: {en})"))
        });
        let also = match first.filter(|_| doubts.is_empty()) {
            Some(first) => first,
            None => Sentence::new(format!("；{}", limits.zh), format!("; {}", limits.en)),
        };
        let zh = format!("查核 {n} 項，{n_doubts} 項待釐清：{}{}", title.zh, also.zh);
        (State::Insufficient, Sentence::new(zh, format!("{n_doubts} of {n} to be cleared: {}{}", title.en, also.en)))
    } else if !doubts.is_empty() {
        (State::Insufficient, limits)
    } else {
        let (first, last) = period;
        let zh = format!("查核 {n} 項，未發現（{first} 至 {last}）");
        (State::None, Sentence::new(zh, format!("{n} examined, nothing found ({first} to {last})")))
    };
    Outcome {
        kind,
        state,
        reason,
        population: n,
        n_found,
        n_listed,
        by_subject: examined.by_subject,
        headline: title,
        found,
        figures: examined.figures,
        leaves_open: false,
    }
}

fn joined(doubts: &[Sentence]) -> Sentence {
    let all = |pick: fn(&Sentence) -> &str, mark: &str| doubts.iter().map(pick).collect::<Vec<_>>().join(mark);
    Sentence::new(all(|doubt| &doubt.zh, "；"), all(|doubt| &doubt.en, "; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> TradeDate {
        TradeDate::parse(text).expect("a date")
    }

    fn found(from: &str, to: &str) -> Found {
        Found::between((day(from), day(to)), "S", Sentence::default(), &[])
    }

    fn settled(code: &'static str, doubts: &[&str], population: u64, found: Vec<Found>) -> Outcome {
        let doubts = doubts.iter().map(|doubt| Sentence::new(*doubt, *doubt)).collect();
        settle(known(code), (day("2021-01-01"), day("2021-12-31")), doubts, Examined { population, found, ..Examined::default() })
    }

    #[test]
    fn each_part_is_judged_by_the_law_of_its_date() {
        let outcome = settled("A02", &[], 10, vec![found("2021-05-10", "2021-05-10"), found("2021-05-11", "2021-05-11")]);
        let versions: Vec<(&str, usize)> =
            outcome.findings().iter().map(|finding| (finding.version.article, finding.found.len())).collect();
        assert_eq!(versions, [("11(2)", 1), ("18", 1)]);
        let outcome = settled("A01", &[], 10, vec![found("2021-05-10", "2021-05-10")]);
        assert_eq!((outcome.state, outcome.found.len()), (State::None, 0));
        let outcome = settled("A02", &[], 10, vec![found("2021-04-01", "2021-06-01")]);
        assert_eq!((outcome.n_found, outcome.reason.en.split(':').next()), (1, Some("1 of 10")));
        let spans: Vec<(String, String)> = outcome.found.iter().map(|(part, _)| (part.from.to_string(), part.to.to_string())).collect();
        assert_eq!(spans, [("2021-04-01", "2021-05-10"), ("2021-05-11", "2021-06-01")].map(|(from, to)| (from.to_owned(), to.to_owned())));
        let outcome = settled("A01", &[], 10, vec![found("2021-04-01", "2021-06-01")]);
        assert_eq!((outcome.state, outcome.found[0].0.from), (State::Finding, day("2021-05-11")));
    }

    #[test]
    fn doubt_never_passes_and_a_lead_never_accuses() {
        assert_eq!(settled("A02", &[], 10, Vec::new()).state, State::None);
        assert_eq!(settled("A02", &["half the table is missing"], 10, Vec::new()).state, State::Insufficient);
        assert_eq!(settled("A02", &[], 0, Vec::new()).state, State::Insufficient);
        assert_eq!(settled("A02", &[], 10, vec![found("2021-06-01", "2021-06-01").only_if(false)]).state, State::Insufficient);
        assert_eq!(settled("A09", &[], 10, vec![found("2021-06-01", "2021-06-01")]).state, State::Insufficient);
        assert_eq!(settled("A02", &["some doubt"], 10, vec![found("2021-06-01", "2021-06-01")]).state, State::Finding);
    }
}
