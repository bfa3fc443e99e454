//! Audit finding 8: whose hardware and software stands in the cabinet, who uses it, and the records of assets.

use std::collections::BTreeSet;

use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, Outcome, examine, overdue};
use crate::controls::accounts::HALF_YEARLY;
use crate::controls::{by, dated, joined_spans, within};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::{Sentence, rule};

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C801", audit, &["inventory.owner_kind!", "inventory.author_kind"], || clients_own(audit)),
        examine("C802", audit, &["inventory.user_kind!", "inventory.cabinet"], || third_party(audit)),
        examine("C803", audit, &["asset_counts.kind!"], || counts(audit)),
        examine("C804", audit, &["asset_movements.approver"], || movements(audit)),
        examine("C805", audit, &["protection_checks.every!"], || protections(audit)),
    ]
}

fn standing<'a>(audit: &Audit<'a>) -> Vec<&'a EvidenceRow> {
    audit.tables.rows("inventory").filter(|row| row.meets("from", "to", audit.period)).collect()
}

fn clients_own(audit: &Audit<'_>) -> Examined {
    let rows = standing(audit);
    let found = rows.iter().filter_map(|row| {
        let detail = match (row.text("owner_kind"), row.text("author_kind")) {
            ("client" | "third", _) => {
                Sentence::new(format!("所有人為 {}", row.text("owner")), format!("owned by {}, not by the broker", row.text("owner")))
            }
            (_, "client" | "third") => Sentence::new("程式作者為客戶或第三人", "a program by a client or third party"),
            _ => return None,
        };
        Some(Found::between(within(audit, row), row.text("asset"), detail, &[row]))
    });
    let found = found.collect();
    let doubts = disputed(audit, &rows, "owner", "owner_kind").into_iter().collect();
    Examined { population: rows.len() as u64, found, doubts, ..Examined::default() }
}

/// An asset whose owner or user is called the broker's here and is a client in the access tables.
fn disputed(audit: &Audit<'_>, rows: &[&EvidenceRow], who: &str, kind: &str) -> Option<Sentence> {
    let mut clients: BTreeSet<&str> =
        audit.tables.rows("users").filter(|row| row.text("kind") != "broker").map(|row| row.text("client")).collect();
    clients.extend(audit.tables.rows("clients").map(|row| row.text("client")));
    let row = rows.iter().find(|row| !matches!(row.text(kind), "client" | "third") && clients.contains(row.text(who)))?;
    let (place, name, word) = (&row.place, row.text(who), row.text(kind));
    Some(Sentence::new(
        format!("清冊之 {who} {name} 類別為 {word}，使用名單則為客戶（{} 第 {} 行），請更正其一", place.file, place.line),
        format!(
            "the inventory calls the {who} {name} {word}, the access tables a client ({}, line {}): correct one of the two",
            place.file, place.line
        ),
    ))
}

fn third_party(audit: &Audit<'_>) -> Examined {
    let rows = standing(audit);
    let found = rows.iter().filter(|row| matches!(row.text("user_kind"), "client" | "third")).filter_map(|row| {
        let used = within(audit, row);
        let permitted = |of_anybody: bool| {
            let of_this = |permission: &&EvidenceRow| {
                let party = permission.text("party").eq_ignore_ascii_case(row.text("user")) || of_anybody && permission.is_absent("party");
                permission.text("cabinet").eq_ignore_ascii_case(row.text("cabinet"))
                    && party
                    && permission.meets("from", "to", audit.period)
            };
            let spans = audit.tables.rows("cabinet_permissions").filter(of_this).map(|permission| within(audit, permission));
            // Renewed without a gap it is one permission, however many rows it has.
            joined_spans(spans.collect()).iter().any(|(from, to)| *from <= used.0 && used.1 <= *to)
        };
        if permitted(false) {
            return None;
        }
        // A permission that names nobody may be this user's.
        let nameless = permitted(true);
        let user = row.text("user");
        let detail = Sentence::new(
            format!("供 {user} 使用，無全期有效之共用許可"),
            format!("used by {user} without a permission over the whole time"),
        );
        Some(Found::between(used, row.text("asset"), detail, &[row]).only_if(!nameless))
    });
    let found = found.collect();
    let doubts = disputed(audit, &rows, "user", "user_kind").into_iter().collect();
    Examined { population: rows.len() as u64, found, doubts, ..Examined::default() }
}

/// What the rule wants counted.
const COUNTED: [&str; 4] = ["software", "hardware", "site", "data"];

/// The part of the period under the rule, and rows of it: time before the rule is held against nobody.
fn under_rule<'a>(audit: &Audit<'a>, table: &str, column: &str) -> ((TradeDate, TradeDate), Vec<&'a EvidenceRow>) {
    let since = rule("asset-records").and_then(|rule| rule.versions.first()).map_or(audit.period.0, |version| version.first());
    let of_rule = |row: &&EvidenceRow| since <= audit.period.0 || row.date(column).is_some_and(|date| date >= since);
    ((audit.period.0.max(since), audit.period.1), audit.tables.rows(table).filter(of_rule).collect())
}

fn counts(audit: &Audit<'_>) -> Examined {
    let (span, rows) = under_rule(audit, "asset_counts", "counted_on");
    // A count of nobody knows what may be the one that seems missing.
    let all_named = rows.iter().all(|row| !row.is_absent("kind"));
    let found = COUNTED.iter().flat_map(|kind| {
        let own: Vec<&EvidenceRow> = rows.iter().copied().filter(|row| [*kind, "all"].contains(&row.text("kind"))).collect();
        overdue(kind, &own, "counted_on", span, HALF_YEARLY).into_iter().map(move |found| {
            let confirmed = found.confirmed && all_named;
            found.only_if(confirmed)
        })
    });
    Examined { population: COUNTED.len() as u64, found: found.collect(), by_subject: true, ..Examined::default() }
}

fn protections(audit: &Audit<'_>) -> Examined {
    const MONTHLY: Interval = Interval { months: 1, span: CalendarSpan::Month };
    let (span, rows) = under_rule(audit, "protection_checks", "checked_on");
    // One that was checked before the rule alone is still one that must be checked.
    let known = by(audit.tables.rows("protection_checks"), "protection");
    let found = known.iter().flat_map(|(protection, all)| {
        let own: Vec<&EvidenceRow> = rows.iter().copied().filter(|row| row.text("protection") == *protection).collect();
        let monthly = all.iter().any(|row| row.text("every") == "month");
        overdue(protection, &own, "checked_on", span, if monthly { MONTHLY } else { HALF_YEARLY })
    });
    Examined { population: known.len() as u64, found: found.collect(), by_subject: true, ..Examined::default() }
}

fn movements(audit: &Audit<'_>) -> Examined {
    let (population, found) = dated(
        audit,
        "asset_movements",
        |row| row.date("moved_on"),
        "asset",
        |row| row.is_absent("approver").then(|| Sentence::new("無核准人", "no approver")),
    );
    Examined { population, found, ..Examined::default() }
}
