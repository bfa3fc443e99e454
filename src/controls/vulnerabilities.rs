//! Audit finding 6: scans, assessment and patching of vulnerabilities, and changes of systems.

use crate::checks::{Audit, Examined, Found, Outcome, examine, overdue};
use crate::controls::accounts::HALF_YEARLY;
use crate::controls::{by, dated, unnamed};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Days after which an assessment is due. The rule names none; a month is the program's, and is printed with the finding.
const ASSESSED_WITHIN: i32 = 30;
/// Days after which a patch that was decided is overdue: the next half-yearly scan.
const PATCHED_WITHIN: i32 = 180;

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    // What is dated after the end of the period had not happened by then.
    let by_end = |row: &EvidenceRow, column: &str| row.date(column).is_some_and(|date| date <= audit.period.1);
    vec![
        examine("C601", audit, &["scans.scanned_on"], || scans(audit)),
        examine("C602", audit, &["vulnerabilities.assessed_on", "vulnerabilities.decision"], || {
            open_for(
                audit,
                ASSESSED_WITHIN,
                |row| row.is_absent("decision") || !by_end(row, "assessed_on"),
                "未評估或未決定",
                "not assessed or not decided",
            )
        }),
        examine("C603", audit, &["vulnerabilities.decision", "vulnerabilities.patched_on"], || {
            open_for(
                audit,
                PATCHED_WITHIN,
                |row| row.text("decision") == "patch" && !by_end(row, "patched_on"),
                "決定修補而未修補",
                "to be patched, not patched",
            )
        }),
        examine("C604", audit, &["changes.approver", "changes.tested_on"], || changes(audit)),
    ]
}

fn scans(audit: &Audit<'_>) -> Examined {
    let systems = by(audit.tables.rows("scans"), "system");
    let found = systems.iter().flat_map(|(system, scans)| overdue(system, scans, "scanned_on", audit.period, HALF_YEARLY));
    let doubts = unnamed(audit, "scans", &["audit_log", "audit_log_files", "vulnerabilities", "changes"]);
    Examined {
        population: systems.len() as u64,
        found: found.collect(),
        doubts: doubts.into_iter().collect(),
        by_subject: true,
        ..Examined::default()
    }
}

/// Vulnerabilities known at the end of the period for more than `days` that are still open in some respect.
fn open_for(audit: &Audit<'_>, days: i32, is_open: impl Fn(&EvidenceRow) -> bool, zh: &str, en: &str) -> Examined {
    let known: Vec<(&EvidenceRow, TradeDate)> = audit
        .tables
        .rows("vulnerabilities")
        .filter_map(|row| Some((row, row.date("found_on").filter(|date| *date <= audit.period.1)?)))
        .collect();
    let found = known.iter().filter_map(|(row, since)| {
        let age = audit.period.1.0 - since.0;
        let detail =
            Sentence::new(format!("發現 {age} 日後{zh}（期限 {days} 日）"), format!("{en} {age} days after it was found (limit {days})"));
        (age > days && is_open(row)).then(|| Found::between((*since, audit.period.1), row.text("id"), detail, &[row]))
    });
    Examined { population: known.len() as u64, found: found.collect(), ..Examined::default() }
}

fn changes(audit: &Audit<'_>) -> Examined {
    let wrong = |row: &EvidenceRow| {
        let (tested, changed) = (row.date("tested_on"), row.date("changed_on"));
        match (row.is_absent("approver"), tested) {
            (true, _) => Some(Sentence::new("無核准人", "no approver")),
            (_, None) => Some(Sentence::new("無測試日", "no date of a test")),
            (_, Some(_)) if tested > changed => Some(Sentence::new("測試晚於上線", "tested after going live")),
            _ => None,
        }
    };
    let (population, found) = dated(audit, "changes", |row| row.date("changed_on"), "id", wrong);
    Examined { population, found, ..Examined::default() }
}
