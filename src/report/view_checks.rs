//! The checks of records and evidence as the page shows them: one table a family, and what was found first.

use serde::Serialize;

use crate::report::i18n::{LABELS, Label};
use crate::report::model::{CheckFigure, CheckRow, CheckSample, StudyResult, Words};
use crate::report::view::{Badge, Capped, Figure, Name, capped, figure, safe, state_badge, whole};

/// Things found shown in a family.
const MAX_SAMPLES: usize = 40;

/// A family's section.
#[derive(Serialize)]
pub(crate) struct Family {
    id: &'static str,
    title: Label,
    checks: Vec<Check>,
    found: Capped<Found>,
    figures: Vec<Beside>,
}

#[derive(Serialize)]
struct Check {
    code: String,
    title: Words,
    badge: Badge,
    population: Figure,
    count: Figure,
    rules: String,
    reason: Words,
    ask: Option<Words>,
}

#[derive(Serialize)]
struct Found {
    code: String,
    subject: Name,
    span: String,
    detail: Words,
    doubt: bool,
    places: Name,
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
                subject: Name::new(&sample.subject, 36),
                span: if sample.from == sample.to { sample.from.clone() } else { format!("{} \u{2013} {}", sample.from, sample.to) },
                detail: safe(&sample.detail),
                doubt: !sample.confirmed,
                places: Name::new(&sample.places.join(", "), 60),
            }),
            figures: rows.iter().flat_map(|row| row.figures.iter().map(|figure| beside(row, figure))).collect(),
        }
    };
    named.into_iter().chain(evidence).map(family).filter(|family| !family.checks.is_empty()).collect()
}

fn check(row: &CheckRow) -> Check {
    let open = matches!(row.state.as_str(), "finding" | "insufficient" | "not_run");
    Check {
        code: row.code.clone(),
        title: row.title.clone(),
        badge: state_badge(&row.state),
        population: whole(row.population),
        count: whole(row.count),
        rules: row.rules.iter().map(|rule| format!("{} {} ({})", rule.id, rule.article, rule.version)).collect::<Vec<_>>().join("; "),
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
