//! The checks of records and evidence as the page shows them: one table a family, and what was found first.

use serde::Serialize;

use crate::report::i18n::{LABELS, Label};
use crate::report::model::{CheckFigure, CheckRow, CheckSample, StudyResult, Words};
use crate::report::view::{Badge, Capped, Figure, Name, capped, figure, rule_words, safe, state_badge, whole};

/// Things found shown in a family.
const MAX_SAMPLES: usize = 40;

/// A family's section.
#[derive(Serialize)]
pub(crate) struct Family {
    id: &'static str,
    title: Label,
    checks: Vec<Check>,
    found: Capped<Found>,
    /// Where the rest of what was found stands.
    more_in: Label,
    figures: Vec<Beside>,
}

#[derive(Serialize)]
struct Check {
    code: String,
    title: Words,
    badge: Badge,
    population: Figure,
    count: Figure,
    rules: Vec<Words>,
    reason: Words,
    ask: Option<Words>,
}

#[derive(Serialize)]
struct Found {
    code: String,
    subject: Subject,
    span: String,
    detail: Words,
    doubt: bool,
    places: Vec<Name>,
}

/// Who or what: a name of the broker's, or one of the checks' own in both languages.
#[derive(Serialize)]
struct Subject {
    name: Name,
    own: Option<Label>,
}

#[derive(Serialize)]
struct Beside {
    code: String,
    name: Words,
    value: Figure,
    interval: Option<String>,
}

/// Sections of the families that ran, in the order of the report.
pub(crate) fn families(result: &StudyResult) -> Vec<Family> {
    let named = [("record-checks", "R", LABELS.s_record_checks), ("stamp-checks", "T", LABELS.s_stamp_checks)];
    let evidence = [("access", "A", LABELS.s_access), ("controls", "C", LABELS.s_controls), ("cross", "X", LABELS.s_cross)];
    let all = || result.records.iter().flat_map(|records| &records.checks).chain(&result.checks);
    let family = |(id, letter, title): (&'static str, &str, Label)| {
        let rows: Vec<&CheckRow> = all().filter(|check| check.family == letter).collect();
        let found: Vec<(&CheckRow, &CheckSample)> =
            rows.iter().flat_map(|row| row.samples.iter().map(move |sample| (*row, sample))).collect();
        Family {
            id,
            title,
            checks: rows.iter().map(|row| check(row)).collect(),
            found: capped(&found, MAX_SAMPLES, |(row, sample)| Found {
                code: row.code.clone(),
                subject: Subject { name: Name::new(&sample.subject, 36), own: own_subject(&sample.subject) },
                span: if sample.from == sample.to { sample.from.clone() } else { format!("{} \u{2013} {}", sample.from, sample.to) },
                detail: safe(&sample.detail),
                doubt: !sample.confirmed,
                places: sample.places.iter().map(|place| Name::new(place, 60)).collect(),
            })
            .out_of(rows.iter().map(|row| row.n_listed()).sum()),
            more_in: if matches!(letter, "R" | "T") { LABELS.more_in_records } else { LABELS.more_in_tables },
            figures: rows.iter().flat_map(|row| row.figures.iter().map(|figure| beside(row, figure))).collect(),
        }
    };
    named.into_iter().chain(evidence).map(family).filter(|family| !family.checks.is_empty()).collect()
}

/// Subjects that the checks name themselves.
pub(crate) fn own_subject(subject: &str) -> Option<Label> {
    let named = [
        ("unused rights", "久未使用權限"),
        ("related parties", "關係人"),
        ("audit log", "稽核日誌"),
        ("rules of use", "使用規則"),
        ("software", "軟體"),
        ("hardware", "硬體"),
        ("site", "場地"),
        ("data", "資料"),
    ];
    named.into_iter().find(|(en, _)| *en == subject).map(|(en, zh)| Label { zh, en })
}

fn check(row: &CheckRow) -> Check {
    let open = matches!(row.state.as_str(), "finding" | "insufficient" | "not_run");
    Check {
        code: row.code.clone(),
        title: row.title.clone(),
        badge: state_badge(&row.state),
        population: whole(row.population),
        count: whole(row.count),
        rules: row.rules.iter().map(rule_words).collect(),
        reason: safe(&row.reason),
        ask: open.then(|| row.ask.clone()),
    }
}

fn beside(row: &CheckRow, found: &CheckFigure) -> Beside {
    let short = |value: f64| if value != 0.0 && value.abs() < 1e-3 { format!("{value:.2e}") } else { format!("{value:.3}") };
    Beside {
        code: row.code.clone(),
        name: safe(&found.name),
        value: figure(&short(found.value), found.value),
        interval: found.lower.zip(found.upper).map(|(lower, upper)| format!("[{}, {}]", short(lower), short(upper))),
    }
}
