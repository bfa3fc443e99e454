//! Audit finding 5: audit logs: fields, days, reviews.

use std::collections::BTreeSet;

use crate::checks::{Audit, Examined, Found, KeptLogs, Outcome, examine};
use crate::controls::{by, in_period, retained, unnamed};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::Sentence;

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C501", audit, &["audit_log.user", "audit_log.at", "audit_log.machine"], || fields(audit)),
        examine("C502", audit, &[], || days(audit)),
        examine("C503", audit, &["audit_log_reviews.reviewer"], || reviews(audit)),
    ]
}

/// Fields of an entry, with their Chinese names.
const FIELDS: [(&str, &str); 3] = [("user", "使用者識別碼"), ("at", "登入日期時間"), ("machine", "電腦識別資料")];

fn fields(audit: &Audit<'_>) -> Examined {
    let mut outside = 0_u64;
    let rows: Vec<(&EvidenceRow, Option<TradeDate>)> =
        audit.tables.rows("audit_log").map(|row| (row, row.time("at").map(|at| audit.zone.date_of(at)))).collect();
    let mut examined = Examined::default();
    for (row, date) in rows {
        if date.is_some() && !in_period(audit, date) {
            outside += 1;
            continue;
        }
        examined.population += 1;
        let lacking: Vec<&(&str, &str)> = FIELDS.iter().filter(|(field, _)| row.is_absent(field)).collect();
        if lacking.is_empty() {
            continue;
        }
        let zh = lacking.iter().map(|(_, zh)| *zh).collect::<Vec<_>>().join("、");
        let en = lacking.iter().map(|(field, _)| *field).collect::<Vec<_>>().join(", ");
        // An entry without a time is held against the last day of the sample's period.
        let date = date.unwrap_or(audit.period.1);
        examined.found.push(Found::on(date, row.text("system"), Sentence::new(format!("缺 {zh}"), format!("without {en}")), &[row]));
    }
    if examined.population == 0 && outside > 0 {
        examined.doubts.push(Sentence::new(
            format!("{outside} 筆日誌樣本皆在查核期間以外"),
            format!("all {outside} sampled entries lie outside the audited period"),
        ));
    }
    examined
}

fn days(audit: &Audit<'_>) -> Examined {
    let mut examined = Examined::default();
    for (system, files) in by(audit.tables.rows("audit_log_files"), "system") {
        let since = files.iter().filter_map(|row| row.date("system_since")).min();
        let written = |row: &&&EvidenceRow| row.number("bytes") != Some(0.0);
        let covered: BTreeSet<TradeDate> = files.iter().filter(written).filter_map(|row| row.date("date")).collect();
        let kept = KeptLogs {
            rule: "audit-log",
            subject: system,
            files: &files,
            covered,
            span: retained(audit, since),
            since_known: since.is_some(),
            named_in: None,
        };
        let (n_days, found) = kept.missing_days(audit);
        examined.population += n_days;
        examined.found.extend(found);
    }
    examined.doubts.extend(unnamed(audit, "audit_log_files", &["audit_log", "audit_log_reviews"]));
    examined
}

fn reviews(audit: &Audit<'_>) -> Examined {
    let held: Vec<&EvidenceRow> = audit.tables.rows("audit_log_reviews").filter(|row| in_period(audit, row.date("reviewed_on"))).collect();
    let mut found: Vec<Found> = held
        .iter()
        .filter(|row| row.is_absent("reviewer"))
        .filter_map(|row| {
            let detail = Sentence::new("檢視無檢視人", "a review without a name");
            Some(Found::on(row.date("reviewed_on")?, row.text("system"), detail, &[row]).shown_by_its_rows())
        })
        .collect();
    if held.is_empty() {
        let reviews: Vec<&EvidenceRow> = audit.tables.rows("audit_log_reviews").collect();
        let last =
            reviews.iter().copied().filter(|row| row.date("reviewed_on") < Some(audit.period.0)).max_by_key(|row| row.date("reviewed_on"));
        found.push(Found::between(
            audit.period,
            "audit log",
            Sentence::new("整個期間無檢視", "no review in the whole period"),
            last.as_slice(),
        ));
    }
    // A review that names no system may be of all.
    let of_all = held.iter().any(|row| row.is_absent("system"));
    let doubts = if of_all { None } else { unnamed(audit, "audit_log_reviews", &["audit_log", "audit_log_files"]) };
    Examined { population: held.len().max(1) as u64, found, doubts: doubts.into_iter().collect(), ..Examined::default() }
}
