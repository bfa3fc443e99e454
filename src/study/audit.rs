//! Evidence files of a study: read, examined, and turned into what the result says of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::access_checks;
use crate::checks::{Audit, Found, Outcome, SeenAt, SeenOrders};
use crate::config::{EvidenceSource, StudyConfig};
use crate::controls::control_checks;
use crate::cross_evidence::cross_checks;
use crate::evidence_tables::{FIREWALL_LOGS, RowPlace, Table, TableSpec, Tables, index_log_folder, read_table, spec};
use crate::fairness::Assessment;
use crate::ingest::{self, Rejects, SourceFile};
use crate::reconcile::Records;
use crate::record::{Column, Diagnostic, NO_NAME, Timestamp, TradeDate};
use crate::report::evidence_csv::EvidenceLine;
use crate::report::model::{self, CheckFigure, CheckRow, CheckSample, EvidenceRef, FindingRow, RuleRef, Words};
use crate::report::table_names;
use crate::report::tables::Reconciled;
use crate::rules::{RuleVersion, Sentence, kind, kinds};
use crate::timestamps::StampReport;

/// Rows of a check shown in the report; all of them are in the table.
pub(crate) const SAMPLES: usize = 12;

/// What a folder of raw logs tells of each file.
const FOLDER_COLUMNS: [&str; 4] = ["firewall", "date", "file", "bytes"];

/// The evidence files, found but not read.
#[derive(Debug, Default)]
pub(crate) struct EvidenceFiles {
    pub(crate) tables: Vec<(&'static TableSpec, Vec<SourceFile>)>,
}

impl EvidenceFiles {
    pub(crate) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.tables.iter().flat_map(|(_, files)| files)
    }
}

/// Finds the evidence files, so that a missing one is reported before any work.
pub(crate) fn find(config: &StudyConfig) -> Result<EvidenceFiles, Diagnostic> {
    let find = |source: &EvidenceSource| Ok((source.spec, ingest::discover_evidence(config.base(), &source.paths)?));
    let tables: Result<Vec<_>, Diagnostic> = config.evidence.tables.iter().map(find).collect();
    for folder in &config.evidence.log_folders {
        let path = config.base().join(&folder.path);
        if !path.is_dir() {
            let name = &folder.firewall;
            let problem = (format!("此處沒有防火牆 {name} 的紀錄資料夾"), format!("no folder of logs for firewall {name} stands there"));
            let help = ("請指明資料夾，路徑相對於 study.toml", "name a folder, relative to study.toml");
            return Err(Diagnostic::new("E0201", problem).in_file(&path).help(help));
        }
    }
    Ok(EvidenceFiles { tables: tables? })
}

/// Reads the evidence tables; logs of a folder join the table of log files.
pub(crate) fn read(config: &StudyConfig, files: &EvidenceFiles) -> Result<Tables, Diagnostic> {
    let mut tables = Tables::default();
    for (spec, files) in &files.tables {
        tables.tables.insert(spec.name, read_table(spec, files, config.zone)?);
    }
    for folder in &config.evidence.log_folders {
        let (rows, undated) = index_log_folder(&folder.firewall, &config.base().join(&folder.path), &folder.path)?;
        let spec = spec(FIREWALL_LOGS).expect("a table of the schema");
        let table = tables.tables.entry(spec.name).or_insert_with(|| Table::empty(spec, FOLDER_COLUMNS.to_vec()));
        table.rows.extend(rows);
        // Of backups a folder says nothing, and what its rows lack must not be held against them.
        table.present.retain(|column| FOLDER_COLUMNS.contains(column));
        if let Some(first) = undated.first() {
            let n = undated.len();
            table.doubts.push(Sentence::new(
                format!("{n} 個紀錄檔看不出日期（如 {first}）"),
                format!("{n} log files tell no date (such as {first})"),
            ));
        }
    }
    Ok(tables)
}

/// Accounts, hosts and days of the orders.
pub(crate) fn seen_orders(config: &StudyConfig, orders: &Records, files: &[String]) -> SeenOrders {
    let names: Vec<[Arc<str>; 2]> = files.iter().map(|name| [name.as_str().into(), format!("{name}#row").as_str().into()]).collect();
    let sent = orders.times(Column::SentAt).unwrap_or(&[]);
    let (accounts, hosts) = (orders.names(Column::Account), orders.names(Column::Host));
    let mut seen = SeenOrders { has: (accounts.is_some(), hosts.is_some()), ..SeenOrders::default() };
    let differ = |column: Column| orders.names(column).filter(|names| names.names.len() > 1);
    let lines = differ(Column::Shard).or_else(|| differ(Column::Gateway)).or_else(|| orders.names(Column::Gateway));
    let mut local = config.zone.local_reader();
    // Counted by code first: a name is copied once a day, not once an order.
    type Counted = std::collections::BTreeMap<(u32, TradeDate), (u64, usize)>;
    let (mut by_account, mut by_host) = (Counted::new(), Counted::new());
    let mut by_line: std::collections::BTreeMap<(u32, u32, TradeDate), (u64, usize)> = std::collections::BTreeMap::new();
    for (row, at) in sent.iter().enumerate() {
        let date = local.read(Timestamp(*at)).0;
        seen.days.insert(date);
        for (column, counted, nameless) in [(accounts, &mut by_account, &mut seen.nameless.0), (hosts, &mut by_host, &mut seen.nameless.1)]
        {
            match column.map(|column| column.codes.get(row)) {
                Some(NO_NAME) => *nameless += 1,
                Some(code) => counted.entry((code, date)).or_insert((0, row)).0 += 1,
                None => (),
            }
        }
        let codes = accounts.zip(lines).map(|(accounts, lines)| (accounts.codes.get(row), lines.codes.get(row)));
        if let Some((account, line)) = codes.filter(|(account, line)| *account != NO_NAME && *line != NO_NAME) {
            by_line.entry((account, line, date)).or_insert((0, row)).0 += 1;
        }
    }
    let place = |row: usize| {
        let (file, at) = orders.place(row);
        let [lines, rows] = &names[file as usize];
        match orders.line(row) {
            Some(line) => RowPlace { file: lines.clone(), line },
            None => RowPlace { file: rows.clone(), line: at },
        }
    };
    for (column, counted, target) in [(accounts, by_account, &mut seen.accounts), (hosts, by_host, &mut seen.hosts)] {
        let Some(column) = column else { continue };
        for ((code, date), (n, first)) in counted {
            target.insert((column.names[code as usize].clone(), date), SeenAt { n, first: place(first) });
        }
    }
    if let Some((accounts, lines)) = accounts.zip(lines) {
        for ((account, line, date), (n, first)) in by_line {
            let key = (accounts.names[account as usize].clone(), lines.names[line as usize].clone(), date);
            seen.lines.insert(key, SeenAt { n, first: place(first) });
        }
    }
    seen
}

/// Latency change-points of the judged pairs, and steps of the clocks, by date.
pub(crate) fn change_points(config: &StudyConfig, assessment: &Assessment, stamps: &StampReport) -> Vec<(TradeDate, Sentence)> {
    let of_pairs = assessment.pairs.iter().filter_map(|pair| {
        // Both directions of a pair change at once: one thing, whichever comes first.
        let (one, other) = (pair.favoured.as_str(), pair.disadvantaged.as_str());
        let (one, other) = (one.min(other), one.max(other));
        let words = Sentence::new(format!("{one} / {other} 之延遲改變"), format!("the latency of {one} / {other} changes"));
        Some((config.zone.date_of(pair.change_point?.at), words))
    });
    let step = |at: Timestamp| (config.zone.date_of(at), Sentence::new("收單時鐘跳動", "the receipts clock steps"));
    let of_clocks = stamps.clocks.iter().flat_map(|clock| clock.steps.iter().map(|found| step(found.at)));
    let mut points: Vec<(TradeDate, Sentence)> = of_pairs.chain(of_clocks).collect();
    points.sort_by(|one, other| (one.0, &one.1.en).cmp(&(other.0, &other.1.en)));
    points.dedup();
    points
}

/// First and last date of the audited period.
pub(crate) type Period = (TradeDate, TradeDate);

/// The audited period: the rules' dates, else those of the orders; `None` where neither says.
///
/// # Errors
/// Where the one date that the rules give leaves no day of the orders.
pub(crate) fn period(config: &StudyConfig, days: &BTreeSet<TradeDate>) -> Result<Option<Period>, Diagnostic> {
    let first_and_last = (config.evidence.from.or(days.first().copied()), config.evidence.to.or(days.last().copied()));
    let (Some(from), Some(to)) = first_and_last else { return Ok(None) };
    if from <= to {
        return Ok(Some((from, to)));
    }
    let problem = (
        format!("[rules] 與委託之日期相接不上：查核期間將自 {from} 至 {to}"),
        format!("[rules] and the dates of the orders leave no period: it would run from {from} to {to}"),
    );
    Err(Diagnostic::new("E0113", problem)
        .in_file(&config.path)
        .help(("請於 [rules] 同時寫明 from 與 to", "give both from and to in [rules]")))
}

/// Which families to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Families {
    pub(crate) access: bool,
    pub(crate) controls: bool,
    pub(crate) cross: bool,
}

/// Every check of the families.
pub(crate) fn outcomes(
    config: &StudyConfig,
    tables: &Tables,
    seen: Option<&SeenOrders>,
    period: (TradeDate, TradeDate),
    families: Families,
) -> Vec<Outcome> {
    let audit = Audit { tables, period, calendar: &config.calendar, zone: config.zone, seen };
    let mut outcomes = Vec::new();
    if families.access {
        outcomes.extend(access_checks(&audit, &config.evidence.access_rules));
    }
    if families.controls {
        outcomes.extend(control_checks(&audit));
    }
    if families.cross {
        outcomes.extend(cross_checks(&audit));
    }
    outcomes
}

/// Runs the checks of a study, and says over which period; none where no evidence was named.
pub(crate) fn study_outcomes(
    config: &StudyConfig,
    tables: &Tables,
    reconciled: &Reconciled<'_>,
    (assessment, stamps): (Option<&Assessment>, &StampReport),
) -> Result<(Vec<Outcome>, Option<Period>), Diagnostic> {
    let sections = config.evidence.sections;
    if !(sections.access || sections.controls) {
        return Ok((Vec::new(), None));
    }
    let mut seen = seen_orders(config, reconciled.orders, reconciled.order_files);
    seen.change_points = assessment.map(|assessment| change_points(config, assessment, stamps));
    let Some(period) = period(config, &seen.days)? else { return Ok((Vec::new(), None)) };
    let families = Families { access: sections.access, controls: sections.controls, cross: true };
    let seen = seen.within(period);
    Ok((outcomes(config, tables, Some(&seen), period, families), Some(period)))
}

/// Rows of evidence tables that could not be read, table after table.
pub(crate) fn rejects(tables: &mut Tables) -> impl Iterator<Item = &mut Rejects> {
    tables.tables.values_mut().map(|table| &mut table.rejects)
}

/// The table that holds a family's rows.
pub(crate) fn table_name(family: &str) -> &'static str {
    match family {
        "A" => table_names::ACCESS_ROWS,
        "C" => table_names::CONTROLS_ROWS,
        _ => table_names::CROSS_ROWS,
    }
}

/// The rule of a code as cited for what was judged over `dates` as one: every version in force on some day of them.
pub(crate) fn cited(code: &str, dates: Option<Period>) -> RuleRef {
    let versions = kind(code).map_or(&[][..], |kind| kind.rule().versions);
    let in_force = |version: &&RuleVersion| dates.is_none_or(|(from, to)| version.first() <= to && from <= version.last());
    let mut cited: Vec<&RuleVersion> = versions.iter().filter(in_force).collect();
    if cited.is_empty() {
        cited.extend(versions.last());
    }
    let list = |part: fn(&RuleVersion) -> &str| cited.iter().map(|version| part(version)).collect::<Vec<_>>().join("; ");
    let id = cited.first().map(|version| version.id).unwrap_or_default().to_owned();
    RuleRef { id, article: list(|version| version.article), version: list(|version| version.version) }
}

pub(crate) fn rule_ref(version: &RuleVersion) -> RuleRef {
    RuleRef { id: version.id.to_owned(), article: version.article.to_owned(), version: version.version.to_owned() }
}

/// One finding row for each code, version of the rule and standing.
pub(crate) fn finding_rows(outcomes: &[Outcome]) -> Vec<FindingRow> {
    let rows = outcomes.iter().flat_map(|outcome| outcome.findings()).map(|finding| {
        let (kind, count) = (finding.kind, finding.n);
        let mut named: Vec<&str> = finding.found.iter().take(5).map(|found| found.subject.as_str()).collect();
        named.dedup();
        let (list, more) = (named.join(", "), if finding.found.len() > 5 { " ..." } else { "" });
        let lines = finding.found.iter().map(|found| found.places.len().max(1) as u64).sum();
        let (title, doubt) = (finding.headline, if finding.confirmed { ("", "") } else { ("（待釐清）", " (to be cleared)") });
        FindingRow {
            code: kind.code.to_owned(),
            family: kind.family().to_owned(),
            severity: finding.severity.to_owned(),
            verdict: if finding.confirmed { "confirmed" } else { "insufficient" }.to_owned(),
            rule: rule_ref(finding.version),
            count,
            share: finding.share,
            summary: Words {
                zh: format!("{}{}：{count} 項（{list}{more}）", title.zh, doubt.0),
                en: format!("{}{}: {count} ({list}{more})", title.en, doubt.1),
            },
            evidence: EvidenceRef { table: table_name(kind.family()).to_owned(), rows: lines },
        }
    });
    rows.collect()
}

/// Every check, run or not.
pub(crate) fn check_rows(outcomes: &[Outcome], period: Option<(TradeDate, TradeDate)>) -> Vec<CheckRow> {
    let row = |outcome: &Outcome| {
        let kind = outcome.kind;
        let rules = period.into_iter().flat_map(|(from, to)| kind.rule().versions_within(from, to)).map(rule_ref);
        CheckRow {
            code: kind.code.to_owned(),
            family: kind.family().to_owned(),
            seed: kind.seed,
            state: outcome.state.name().to_owned(),
            title: (&outcome.headline).into(),
            reason: (&outcome.reason).into(),
            population: outcome.population,
            count: outcome.n_found,
            listed: (outcome.n_listed != outcome.n_found).then_some(outcome.n_listed),
            rules: rules.collect(),
            remedy: kind.remedy.into(),
            ask: kind.ask.into(),
            figures: outcome
                .figures
                .iter()
                .map(|figure| CheckFigure {
                    name: (&figure.name).into(),
                    value: figure.value,
                    lower: figure.interval.map(|interval| interval.0),
                    upper: figure.interval.map(|interval| interval.1),
                })
                .collect(),
            samples: outcome.found.iter().take(SAMPLES).map(|(found, _)| sample(found)).collect(),
        }
    };
    outcomes.iter().map(row).collect()
}

fn sample(found: &Found) -> CheckSample {
    CheckSample {
        subject: found.subject.clone(),
        from: found.from.to_string(),
        to: found.to.to_string(),
        detail: (&found.detail).into(),
        confirmed: found.confirmed,
        places: found.places.iter().take(3).map(|place| format!("{}:{}", place.file, place.line)).collect(),
    }
}

/// The rows of a family's table: one a place, or one alone where nothing stands for it.
pub(crate) fn evidence_lines(outcomes: &[Outcome], family: &str) -> Vec<EvidenceLine> {
    let mut lines = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.kind.family() == family) {
        for finding in outcome.findings() {
            for (item, found) in finding.found.iter().enumerate() {
                let line = EvidenceLine {
                    code: outcome.kind.code.to_owned(),
                    verdict: if found.confirmed { "confirmed" } else { "insufficient" },
                    severity: finding.severity,
                    rule: rule_ref(finding.version),
                    item: item as u64 + 1,
                    subject: found.subject.clone(),
                    from: found.from.to_string(),
                    to: found.to.to_string(),
                    place: None,
                    detail: (&found.detail).into(),
                };
                match found.places.is_empty() {
                    true => lines.push(line),
                    false => {
                        lines.extend(
                            found
                                .places
                                .iter()
                                .map(|place| EvidenceLine { place: Some((place.file.to_string(), place.line)), ..line.clone() }),
                        );
                    }
                }
            }
        }
    }
    lines
}

/// What a family's checks found, for the eight audit findings: see [`crate::study::findings`].
pub(crate) fn of_seed(outcomes: &[Outcome], number: u8) -> Vec<&Outcome> {
    outcomes.iter().filter(|outcome| outcome.kind.seed == number).collect()
}

/// What to ask the broker for where an audit finding has no evidence at all.
pub(crate) fn evidence_wanted(number: u8) -> Words {
    let mut tables: Vec<&str> = kinds().filter(|kind| kind.seed == number).flat_map(|kind| kind.tables.iter().copied()).collect();
    tables.sort_unstable();
    tables.dedup();
    let list = tables.join(", ");
    Words {
        zh: format!("未提供此項查核的證據檔（可用：{list}）"),
        en: format!("no evidence files for this finding were named (it can use {list})"),
    }
}

/// A reference to a written table.
pub(crate) fn table_ref(path: &str, rows: usize) -> model::TableRef {
    model::TableRef { path: path.to_owned(), rows: rows as u64 }
}
