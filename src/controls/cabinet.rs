//! Audit finding 8: whose hardware and software stands in the cabinet, who uses it, and the records of assets.

use crate::checks::{Audit, Examined, Found, Outcome, examine, overdue};
use crate::controls::accounts::HALF_YEARLY;
use crate::controls::{dated, within};
use crate::evidence_tables::EvidenceRow;
use crate::rules::{Sentence, rule};

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C801", audit, &["inventory.owner_kind!", "inventory.author_kind"], || clients_own(audit)),
        examine("C802", audit, &["inventory.user_kind!", "inventory.cabinet"], || third_party(audit)),
        examine("C803", audit, &["asset_counts.counted_on"], || counts(audit)),
        examine("C804", audit, &["asset_movements.approver"], || movements(audit)),
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
    Examined { population: rows.len() as u64, found: found.collect(), ..Examined::default() }
}

fn third_party(audit: &Audit<'_>) -> Examined {
    let rows = standing(audit);
    let found = rows.iter().filter(|row| matches!(row.text("user_kind"), "client" | "third")).filter_map(|row| {
        let used = within(audit, row);
        let permitted = |permission: &&EvidenceRow| {
            let party = permission.is_absent("party") || permission.text("party") == row.text("user");
            permission.text("cabinet") == row.text("cabinet")
                && party
                && permission.holds("from", "to", used.0)
                && permission.holds("from", "to", used.1)
        };
        if audit.tables.rows("cabinet_permissions").any(|permission| permitted(&permission)) {
            return None;
        }
        let user = row.text("user");
        let detail = Sentence::new(
            format!("供 {user} 使用，無全期有效之共用許可"),
            format!("used by {user} without a permission over the whole time"),
        );
        Some(Found::between(used, row.text("asset"), detail, &[row]))
    });
    Examined { population: rows.len() as u64, found: found.collect(), ..Examined::default() }
}

fn counts(audit: &Audit<'_>) -> Examined {
    // Time before the rule is held against nobody.
    let since = rule("asset-records").and_then(|rule| rule.versions.first()).map_or(audit.period.0, |version| version.first());
    let span = (audit.period.0.max(since), audit.period.1);
    let under_rule = |row: &&EvidenceRow| since <= audit.period.0 || row.date("counted_on").is_some_and(|date| date >= since);
    let rows: Vec<&EvidenceRow> = audit.tables.rows("asset_counts").filter(under_rule).collect();
    Examined { population: 1, found: overdue("assets", &rows, "counted_on", span, HALF_YEARLY), ..Examined::default() }
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
