//! The user list and what the broker did with applications: A05 to A09, A12.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::AccessRules;
use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, Outcome, SeenAt, SeenOrders, examine, lost_zeros, no_orders, overdue};
use crate::evidence_tables::{EvidenceRow, add_months};
use crate::record::TradeDate;
use crate::rules::{Sentence, rule};

/// Days by which dealing has to be ahead of every client to be asked about.
const AHEAD: i32 = 30;

pub(crate) fn checks(audit: &Audit<'_>, rules: &AccessRules) -> Vec<Outcome> {
    let late = match rules.decision_days {
        Some(days) => examine("A05", audit, &["applications.decided_on", "applications.decision"], || late_decisions(audit, days)),
        None => Outcome::nothing_to_judge(
            "A05",
            Sentence::new(
                "study.toml 之 [rules] 未載明決定期限（decision_days）",
                "study.toml names no term of decision in [rules] (decision_days)",
            ),
        ),
    };
    let refusals = examine("A06", audit, &["applications.decision", "applications.notice"], || refusals(audit));
    let reviews = examine("A07", audit, &["reviews.reviewed_on"], || reviews(audit, rules.review_months));
    let house_first = examine("A12", audit, &["users.kind!"], || house_first(audit));
    vec![late, refusals, reviews, on_orders(audit, "A08", unlisted), on_orders(audit, "A09", never_seen), house_first]
}

/// A check that holds the list against the accounts of the orders.
fn on_orders(audit: &Audit<'_>, code: &'static str, check: fn(&Audit<'_>, &SeenOrders) -> Examined) -> Outcome {
    match audit.seen {
        Some(seen) if seen.has.0 => examine(code, audit, &[], || {
            if let Some(doubt) = no_orders(seen) {
                return Examined { doubts: vec![doubt], ..Examined::default() };
            }
            let mut examined = check(audit, seen);
            if let Some(doubt) = lost_zeros(audit, seen) {
                // Whether any account is on the list is then open.
                examined.found.iter_mut().for_each(|found| found.confirmed = false);
                examined.doubts.push(doubt);
            }
            if seen.nameless.0 > 0 {
                let n = seen.nameless.0;
                examined.doubts.push(Sentence::new(format!("{n} 筆委託無帳號"), format!("{n} orders have no account")));
            }
            examined
        }),
        Some(_) => Outcome::not_run(code, Sentence::new("委託檔無帳號欄位", "the orders have no account column")),
        None => Outcome::not_run(code, Sentence::new("本命令未讀取委託檔", "the orders were not read by this command")),
    }
}

fn in_period(audit: &Audit<'_>, date: Option<TradeDate>) -> bool {
    date.is_some_and(|date| (audit.period.0..=audit.period.1).contains(&date))
}

/// First day of the rule on qualification; the period's where the program knows none.
fn in_force(audit: &Audit<'_>) -> TradeDate {
    rule("qualification").and_then(|rule| rule.versions.first()).map_or(audit.period.0, |version| version.first())
}

/// Applications of the period, and earlier ones whose term ended in it. A term runs from the application, or from the first day of the
/// law: a duty is held against nobody before it began.
fn late_decisions(audit: &Audit<'_>, days: u32) -> Examined {
    let ((first, last), law) = (audit.period, in_force(audit));
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let (mut examined, mut undated) = (Examined::default(), Vec::new());
    for row in audit.tables.rows("applications") {
        let Some(applied) = row.date("applied_on") else { continue };
        let since = applied.max(law);
        let due = TradeDate(since.0.saturating_add(days));
        // What was decided before the period, or before the law, is none of it.
        let still_open = row.date("decided_on").is_none_or(|date| date >= first.max(law));
        if !(in_period(audit, Some(applied)) || applied < first && still_open && in_period(audit, Some(due))) {
            continue;
        }
        examined.population += 1;
        // What was decided after the end had not been by then.
        let decided = row.date("decided_on").filter(|date| *date <= last);
        if row.date("decided_on").is_none() && !row.is_absent("decision") {
            undated.push(row);
            continue;
        }
        let end = decided.unwrap_or(last);
        if end <= due {
            continue;
        }
        let took = end.0 - applied.0;
        let detail = match decided {
            Some(_) => Sentence::new(format!("歷時 {took} 日，期限 {days} 日"), format!("took {took} days; the term is {days}")),
            None => Sentence::new(format!("{took} 日仍未決定，期限 {days} 日"), format!("undecided after {took} days; the term is {days}")),
        };
        // What is late begins where the term ends.
        examined.found.push(Found::between((due, end), row.text("client"), detail, &[row]));
    }
    if let Some(row) = undated.first() {
        let (n, place) = (undated.len(), &row.place);
        examined.doubts.push(Sentence::new(
            format!("{n} 件申請有決定而無決定日（如 {} 第 {} 行），無從認定是否逾期", place.file, place.line),
            format!(
                "{n} applications have a decision without its date (such as {}, line {}): whether they were late cannot be told",
                place.file, place.line
            ),
        ));
    }
    examined
}

fn refusals(audit: &Audit<'_>) -> Examined {
    let decided: Vec<&EvidenceRow> = audit
        .tables
        .rows("applications")
        .filter(|row| in_period(audit, row.date("decided_on").or(row.date("applied_on"))) && !row.is_absent("decision"))
        .collect();
    let silent = decided.iter().filter(|row| row.text("decision") == "refused" && row.is_absent("notice")).filter_map(|row| {
        let date = row.date("decided_on").or(row.date("applied_on"))?;
        Some(Found::on(date, row.text("client"), Sentence::new("拒絕，無通知文件", "refused, no document of notice"), &[row]))
    });
    Examined { population: decided.len() as u64, found: silent.collect(), ..Examined::default() }
}

/// Full calendar years of the period under the rule, else the twelve months before its end: two reviews each.
fn reviews(audit: &Audit<'_>, months: Option<u32>) -> Examined {
    let in_force = in_force(audit);
    let (from, to) = (audit.period.0.max(in_force), audit.period.1);
    let year_of = |year: i32| Some((TradeDate::from_ymd(year, 1, 1)?, TradeDate::from_ymd(year, 12, 31)?));
    let mut years: Vec<(TradeDate, TradeDate)> =
        (from.ymd().0..=to.ymd().0).filter_map(year_of).filter(|(first, last)| from <= *first && *last <= to).collect();
    if years.is_empty() {
        let first = TradeDate(add_months(to, -12).0 + 1);
        // Less than a year under the rule: "twice a year" cannot be missed yet.
        years.extend((first >= in_force).then_some((first, to)));
    }
    let few = |(first, last): &(TradeDate, TradeDate)| {
        let held: Vec<&EvidenceRow> = audit
            .tables
            .rows("reviews")
            .filter(|row| row.date("reviewed_on").is_some_and(|date| (*first..=*last).contains(&date)))
            .collect();
        // Two who sign on one day hold one review.
        let n = held.iter().filter_map(|row| row.date("reviewed_on")).collect::<BTreeSet<TradeDate>>().len();
        let detail = Sentence::new(format!("{first} 至 {last} 僅檢討 {n} 次"), format!("{n} reviews from {first} to {last}, two are due"));
        (n < 2).then(|| Found::between((*first, *last), first.ymd().0.to_string(), detail, &held))
    };
    let doubt = years.is_empty().then(|| {
        Sentence::new("規定生效後未滿一年，尚不能認定每年二次", "less than a year under the rule: twice a year cannot be judged yet")
    });
    let rows: Vec<&EvidenceRow> = audit.tables.rows("reviews").collect();
    let own = months.map(|months| Interval { months: months as i32, span: CalendarSpan::Exact });
    let own_gaps = own.map(|interval| overdue("rules of use", &rows, "reviewed_on", (from, to), interval)).unwrap_or_default();
    let by_law: Vec<Found> = years.iter().filter_map(few).collect();
    // Of two terms the headline says which was missed.
    let headline = own.filter(|_| !own_gaps.is_empty()).map(|Interval { months, .. }| {
        let (law_zh, law_en) = if by_law.is_empty() { ("", "") } else { ("未每年檢討二次，亦", " twice a year, nor") };
        Sentence::new(
            format!("名單{law_zh}未依自訂規則每 {months} 個月檢討"),
            format!("the list was not reviewed{law_en} every {months} months as the broker's own rules have it"),
        )
    });
    Examined {
        // Each year by the law, and the whole time by the broker's own term.
        population: (years.len() + usize::from(own.is_some())) as u64,
        found: by_law.into_iter().chain(own_gaps).collect(),
        doubts: doubt.into_iter().collect(),
        by_subject: true,
        headline,
        ..Examined::default()
    }
}

fn unlisted(audit: &Audit<'_>, seen: &SeenOrders) -> Examined {
    let mut listed: BTreeMap<&str, Vec<&EvidenceRow>> = BTreeMap::new();
    audit.tables.rows("users").for_each(|row| listed.entry(row.text("account")).or_default().push(row));
    let mut days: BTreeMap<&str, Vec<(TradeDate, &SeenAt)>> = BTreeMap::new();
    for ((account, date), at) in &seen.accounts {
        let on_list = listed.get(account.as_str()).is_some_and(|rows| rows.iter().any(|row| row.holds("from", "to", *date)));
        if !on_list {
            days.entry(account).or_default().push((*date, at));
        }
    }
    let mut n_accounts: Vec<&str> = seen.accounts.keys().map(|(account, _)| account.as_str()).collect();
    n_accounts.dedup();
    let found = days.into_iter().map(|(account, days)| {
        let (n, n_days): (u64, usize) = (days.iter().map(|(_, at)| at.n).sum(), days.len());
        let known = listed.contains_key(account);
        let detail = match known {
            true => Sentence::new(
                format!("列名期間以外之委託 {n} 筆（{n_days} 日）"),
                format!("{n} orders on {n_days} days outside its listing"),
            ),
            false => Sentence::new(format!("未曾列名，委託 {n} 筆（{n_days} 日）"), format!("never listed, {n} orders on {n_days} days")),
        };
        let mut found = Found::between((days[0].0, days[n_days - 1].0), account, detail, &[]);
        found.places = vec![days[0].1.first.clone()];
        found
    });
    let mut examined = Examined { population: n_accounts.len() as u64, found: found.collect(), ..Examined::default() };
    if let Some(first) = n_accounts.first().filter(|_| !listed.is_empty() && !n_accounts.iter().any(|account| listed.contains_key(account)))
    {
        // Not one of them: the two name accounts in different ways.
        examined.found.iter_mut().for_each(|found| found.confirmed = false);
        let own = audit.tables.rows("users").next().map_or("", |row| row.text("account"));
        examined.doubts.push(Sentence::new(
            format!("委託之帳號無一在 users（委託如 {first}，users 如 {own}）：帳號寫法是否一致？"),
            format!(
                "no account of the orders is in `users` (in the orders such as {first}, in `users` such as {own}): are they written alike?"
            ),
        ));
    }
    examined
}

fn never_seen(audit: &Audit<'_>, seen: &SeenOrders) -> Examined {
    let listed: Vec<&EvidenceRow> = audit.tables.rows("users").filter(|row| row.meets("from", "to", audit.period)).collect();
    let silent = |row: &&&EvidenceRow| {
        let account = row.text("account").to_owned();
        seen.accounts.range((account.clone(), TradeDate(i32::MIN))..).next().is_none_or(|((next, _), _)| *next != account)
    };
    let found = listed.iter().filter(silent).map(|row| {
        let from = row.date("from").unwrap_or(audit.period.0).max(audit.period.0);
        let to = row.date("to").unwrap_or(audit.period.1).min(audit.period.1);
        Found::between((from, to), row.text("account"), Sentence::new("期間內無委託", "no order in the period"), &[row])
    });
    Examined { population: listed.len() as u64, found: found.collect(), ..Examined::default() }
}

fn house_first(audit: &Audit<'_>) -> Examined {
    let rows: Vec<&EvidenceRow> = audit.tables.rows("users").collect();
    let earliest = |house: bool| {
        let of = rows.iter().copied().filter(|row| (row.text("kind") == "broker") == house);
        of.min_by_key(|row| row.date("from"))
    };
    let found = earliest(true).zip(earliest(false)).and_then(|(house, client)| {
        let (first, next) = (house.date("from")?, client.date("from")?);
        let days = next.0 - first.0;
        let detail = Sentence::new(
            format!("自營 {first} 起使用，早於首位客戶（{next}）{days} 日"),
            format!("dealing since {first}, {days} days before the first client ({next})"),
        );
        // What began before the period lasts into it.
        (days >= AHEAD).then(|| Found::between((first, next), house.text("account"), detail, &[house, client]))
    });
    Examined { population: rows.len() as u64, found: found.into_iter().collect(), ..Examined::default() }
}
