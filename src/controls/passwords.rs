//! Audit finding 4: the age of passwords, default accounts, password policy.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, Outcome, examine, half_width, overdue};
use crate::controls::{joined_spans, within};
use crate::evidence_tables::EvidenceRow;
use crate::rules::Sentence;

/// "At least every three months".
const QUARTERLY: Interval = Interval { months: 3, span: CalendarSpan::Exact };
/// Default names that the rule gives as examples.
const DEFAULT_NAMES: [&str; 3] = ["administrator", "root", "sa"];
/// The longest three months.
const LONGEST_AGE: f64 = 92.0;
/// Shortest password the rule allows.
const SHORTEST: f64 = 6.0;

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C401", audit, &["accounts.holder_kind!"], || ages(audit)),
        examine("C402", audit, &["accounts.account"], || defaults(audit)),
        examine(
            "C403",
            audit,
            &["password_policies.min_length!", "password_policies.digits_or_symbols!", "password_policies.max_age_days!"],
            || policies(audit),
        ),
    ]
}

fn key(row: &EvidenceRow) -> (&str, &str) {
    (row.text("host"), row.text("account"))
}

fn ages(audit: &Audit<'_>) -> Examined {
    let mut changes: BTreeMap<(&str, &str), Vec<&EvidenceRow>> = BTreeMap::new();
    audit.tables.rows("passwords").for_each(|row| changes.entry(key(row)).or_default().push(row));
    // Rows of several holders of one account share its password.
    let mut accounts: BTreeMap<(&str, &str), Vec<&EvidenceRow>> = BTreeMap::new();
    let living = audit.tables.rows("accounts").filter(|row| row.meets("from", "to", audit.period) && row.text("holder_kind") != "client");
    living.for_each(|row| accounts.entry(key(row)).or_default().push(row));
    let mut examined = Examined { population: accounts.len() as u64, by_subject: true, ..Examined::default() };
    let mut silent = Vec::new();
    for ((host, account), rows) in &accounts {
        let Some(changes) = changes.get(&(*host, *account)) else {
            silent.push(rows[0]);
            continue;
        };
        // An account that was closed for a time owed no change of its password then.
        for (at, span) in joined_spans(rows.iter().map(|row| within(audit, row)).collect()).into_iter().enumerate() {
            // Opened again, it has three months from then.
            let since_then = |row: &&EvidenceRow| at == 0 || row.date("changed_on").is_some_and(|date| date >= span.0);
            let changes: Vec<&EvidenceRow> = changes.iter().copied().filter(since_then).collect();
            let mut found = overdue(&format!("{account}@{host}"), &changes, "changed_on", span, QUARTERLY);
            found.iter_mut().filter(|gap| gap.places.is_empty()).for_each(|gap| gap.places = vec![rows[0].place.clone()]);
            examined.found.extend(found);
        }
    }
    if let Some(first) = silent.first() {
        let (n, place) = (silent.len(), &first.place);
        examined.doubts.push(Sentence::new(
            format!("{n} 個帳號無任何密碼變更紀錄（如 {} 第 {} 行）", place.file, place.line),
            format!("{n} accounts have no password change on record (such as {}, line {})", place.file, place.line),
        ));
    }
    examined
}

fn defaults(audit: &Audit<'_>) -> Examined {
    let living: Vec<&EvidenceRow> = audit.tables.rows("accounts").filter(|row| row.meets("from", "to", audit.period)).collect();
    // Full-width letters, and the domain before or behind it, leave it the same account.
    let plain = |row: &EvidenceRow| {
        let name: String = row.text("account").chars().map(half_width).collect::<String>().to_lowercase();
        let own = name.rsplit('\\').next().unwrap_or_default();
        own.split('@').next().unwrap_or_default().trim().to_owned()
    };
    let found = living.iter().filter(|row| DEFAULT_NAMES.contains(&plain(row).as_str())).map(|row| {
        let detail = Sentence::new("預設帳號名稱", "a default account name");
        Found::between(within(audit, row), format!("{}@{}", row.text("account"), row.text("host")), detail, &[row])
    });
    Examined { population: living.len() as u64, found: found.collect(), ..Examined::default() }
}

fn policies(audit: &Audit<'_>) -> Examined {
    let rows: Vec<&EvidenceRow> = audit.tables.rows("password_policies").collect();
    let found = rows.iter().filter_map(|row| {
        let weak = [
            (row.number("min_length").is_some_and(|length| length < SHORTEST), "最短長度不足六", "shorter than six characters"),
            (row.flag("digits_or_symbols") == Some(false), "未要求數字或符號", "no digits or symbols asked for"),
            // Zero means that passwords never expire.
            (
                row.number("max_age_days").is_some_and(|days| days > LONGEST_AGE || days <= 0.0),
                "有效期逾三個月",
                "valid for more than three months",
            ),
        ];
        let weak: Vec<_> = weak.into_iter().filter(|(is_weak, ..)| *is_weak).collect();
        let join = |pick: fn(&(bool, &'static str, &'static str)) -> &'static str, mark: &str| {
            weak.iter().map(pick).collect::<Vec<_>>().join(mark)
        };
        let detail = Sentence::new(join(|(_, zh, _)| zh, "、"), join(|(.., en)| en, ", "));
        (!weak.is_empty()).then(|| Found::between(audit.period, row.text("host"), detail, &[row]))
    });
    let found = found.collect();
    let set: BTreeSet<&str> = rows.iter().map(|row| row.text("host")).collect();
    let without: BTreeSet<&str> = audit
        .tables
        .rows("accounts")
        .filter(|row| row.meets("from", "to", audit.period) && !set.contains(row.text("host")))
        .map(|row| row.text("host"))
        .collect();
    let list = without.iter().copied().collect::<Vec<_>>().join(", ");
    let doubt = (!without.is_empty()).then(|| {
        Sentence::new(format!("下列主機有帳號而無密碼政策：{list}"), format!("hosts with accounts and no policy on record: {list}"))
    });
    Examined { population: rows.len() as u64, found, doubts: doubt.into_iter().collect(), ..Examined::default() }
}
