//! Who qualifies against who is notified and served: A01 to A04, A10, A11.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::eligibility::{Operator, Value};
use crate::access::number::Number;
use crate::access::{Condition, Expression};
use crate::checks::{Audit, Examined, Figure, Found, Outcome, examine};
use crate::evidence_tables::{EvidenceRow, Table, add_months};
use crate::record::TradeDate;
use crate::rules::Sentence;
use crate::statistics::{clopper_pearson, fisher_exact_greater};

/// One-sided level at which related parties are asked about.
const ALPHA: f64 = 0.05;
/// Fewer qualified clients than this say nothing about selection.
const FEWEST: u64 = 5;

/// Months for which a client's figures hold: the list is reviewed twice a year.
const FIGURES_HOLD: i32 = 12;

/// Days after the start of a use by which its first figures are still those of the start. The exchange is never closed for longer, so
/// that figures of the first trading day are among them.
const OF_THE_START: i32 = 14;

/// One evaluation of a client and how long it held.
struct Evaluation<'a> {
    row: &'a EvidenceRow,
    /// First and last date it held within the period.
    span: (TradeDate, TradeDate),
    qualifies: bool,
}

/// The clients as the rule sees them.
struct Standing<'a> {
    table: &'a Table,
    /// Evaluations by client, ascending in time.
    clients: BTreeMap<&'a str, Vec<Evaluation<'a>>>,
    /// Clients with a user entry that meets the period, with their rows.
    users: BTreeMap<&'a str, Vec<&'a EvidenceRow>>,
    doubts: Vec<Sentence>,
}

pub(crate) fn checks(audit: &Audit<'_>, eligibility: Option<&Expression>) -> Vec<Outcome> {
    const CODES: [&str; 6] = ["A01", "A02", "A03", "A04", "A10", "A11"];
    let Some(eligibility) = eligibility else {
        let reason =
            Sentence::new("study.toml 之 [rules] 未載明資格條件（eligibility）", "study.toml names no eligibility conditions in [rules]");
        let mut outcomes: Vec<Outcome> = CODES.iter().map(|code| Outcome::not_run(code, reason.clone())).collect();
        // How concentrated the orders are does not hang on the rule.
        outcomes.iter_mut().filter(|outcome| outcome.kind.code == "A10").for_each(|outcome| outcome.figures = concentration(audit));
        return outcomes;
    };
    let standing = Standing::of(audit, eligibility);
    let run = |code: &'static str, needs: &[&'static str], check: &dyn Fn(&Standing<'_>) -> Examined| {
        examine(code, audit, needs, || standing.as_ref().map(check).unwrap_or_default())
    };
    vec![
        run("A01", &["clients.notified_on", "clients.notice"], &|standing| standing.notified(audit.period.1)),
        run("A02", &[], &|standing| standing.users_eligible(audit)),
        run("A03", &[], &|standing| standing.served(audit.period.1)),
        run("A04", &["clients.related_party!"], &|standing| standing.related()),
        run("A10", &[], &|standing| standing.selection(audit)),
        run("A11", &[], &|standing| standing.cut_off(eligibility)),
    ]
}

impl<'a> Standing<'a> {
    fn of(audit: &Audit<'a>, eligibility: &Expression) -> Option<Self> {
        let table = audit.tables.get("clients")?;
        let mut by_client: BTreeMap<&str, Vec<&EvidenceRow>> = BTreeMap::new();
        for row in table.rows.iter().filter(|row| row.date("as_of").is_none_or(|date| date <= audit.period.1)) {
            by_client.entry(row.text("client")).or_default().push(row);
        }
        let (mut clients, mut undecided, mut stale) = (BTreeMap::new(), Vec::new(), Vec::new());
        // Figures of years ago say nothing of who qualifies now.
        let oldest = add_months(audit.period.0, -FIGURES_HOLD);
        for (client, mut rows) in by_client {
            rows.sort_by_key(|row| row.date("as_of"));
            let evaluations = rows.iter().enumerate().filter_map(|(at, row)| {
                let from = row.date("as_of").unwrap_or(audit.period.0).max(audit.period.0);
                let next = rows.get(at + 1).and_then(|next| next.date("as_of")).map(|next| TradeDate(next.0 - 1));
                let to = next.unwrap_or(audit.period.1);
                if from <= to && row.date("as_of").is_some_and(|date| date < oldest) {
                    stale.push(*row);
                    return None;
                }
                let open = |columns: BTreeSet<String>| undecided.push((*row, columns.into_iter().collect::<Vec<_>>().join(", ")));
                let qualifies = eligibility.holds(table, row).map_err(open).ok()?;
                (from <= to).then_some(Evaluation { row, span: (from, to), qualifies })
            });
            let evaluations: Vec<Evaluation<'_>> = evaluations.collect();
            clients.insert(client, evaluations);
        }
        let mut users: BTreeMap<&str, Vec<&EvidenceRow>> = BTreeMap::new();
        let used = |row: &&EvidenceRow| row.text("kind") != "broker" && row.meets("from", "to", audit.period);
        audit.tables.rows("users").filter(used).for_each(|row| users.entry(row.text("client")).or_default().push(row));
        let doubts = undecided.first().map(|(row, column)| {
            let (n, place) = (undecided.len(), &row.place);
            if let Some(nowhere) = eligibility.columns().into_iter().find(|column| !table.has_column(column)) {
                let known = table.headers().join(", ");
                return Sentence::new(
                    format!("clients 表沒有資格條件所用之欄 {nowhere}，{n} 列無法判定；其欄位有：{known}"),
                    format!("`clients` has no column {nowhere}, which the conditions name, and {n} rows cannot be judged; its columns are: {known}"),
                );
            }
            Sentence::new(
                format!("{n} 列客戶資料缺 {column}，無法判定資格（如 {} 第 {} 行）", place.file, place.line),
                format!("{n} client rows cannot be judged without {column} (such as {}, line {})", place.file, place.line),
            )
        });
        let old = stale.first().map(|row| {
            let (n, place, date) = (stale.len(), &row.place, row.date("as_of").unwrap_or_default());
            Sentence::new(
                format!(
                    "{n} 位客戶之評定早於期初逾 {FIGURES_HOLD} 個月，不足以判定期間內之資格（如 {} 第 {} 行，{date}）；請提供較近之評定",
                    place.file, place.line
                ),
                format!(
                    "the figures of {n} clients are more than {FIGURES_HOLD} months older than the period and do not say who qualifies in it (such as {}, line {}: {date}): name later ones",
                    place.file, place.line
                ),
            )
        });
        Some(Self { table, clients, users, doubts: doubts.into_iter().chain(old).collect() })
    }

    fn examined(&self, population: usize, found: Vec<Found>) -> Examined {
        Examined { population: population as u64, found, doubts: self.doubts.clone(), ..Examined::default() }
    }

    /// Spans in which each client qualifies.
    fn qualified(&self) -> impl Iterator<Item = (&str, Vec<&Evaluation<'a>>)> {
        let qualifying = |evaluations: &'_ Vec<Evaluation<'a>>| evaluations.iter().any(|evaluation| evaluation.qualifies);
        self.clients
            .iter()
            .filter(move |(_, evaluations)| qualifying(evaluations))
            .map(|(client, evaluations)| (*client, evaluations.iter().filter(|evaluation| evaluation.qualifies).collect()))
    }

    /// Clients whose latest evaluation qualifies.
    fn qualified_now(&self) -> Vec<(&str, &Evaluation<'a>)> {
        let latest = self.clients.iter().filter_map(|(client, evaluations)| Some((*client, evaluations.last()?)));
        latest.filter(|(_, evaluation)| evaluation.qualifies).collect()
    }

    fn rows_of(&self, client: &str) -> impl Iterator<Item = &'a EvidenceRow> {
        let table: &'a Table = self.table;
        let client = client.to_owned();
        table.rows.iter().filter(move |row| row.text("client") == client)
    }

    /// What is dated after the end of the period had not happened by then.
    fn notified(&self, end: TradeDate) -> Examined {
        let told = |row: &EvidenceRow| row.date("notified_on").is_some_and(|date| date <= end);
        let (mut found, mut n) = (Vec::new(), 0);
        for (client, evaluations) in self.qualified() {
            n += 1;
            if self.rows_of(client).any(|row| told(row) && !row.is_absent("notice")) {
                continue;
            }
            let rows: Vec<&EvidenceRow> = evaluations.iter().map(|evaluation| evaluation.row).collect();
            let span = (evaluations[0].span.0, evaluations[evaluations.len() - 1].span.1);
            let later = self.rows_of(client).find_map(|row| row.date("notified_on").filter(|date| *date > end));
            let detail = match later {
                _ if self.rows_of(client).any(told) => Sentence::new("有通知日，但無通知紀錄", "a date of notice without a record"),
                Some(date) => {
                    Sentence::new(format!("通知日 {date} 在期末之後"), format!("notified on {date}, after the end of the period"))
                }
                None => Sentence::new("符合資格，無通知日", "qualified, no date of notice"),
            };
            found.push(Found::between(span, client, detail, &rows));
        }
        self.examined(n, found)
    }

    fn users_eligible(&self, audit: &Audit<'_>) -> Examined {
        let (mut found, mut unknown, mut before) = (Vec::new(), Vec::new(), Vec::new());
        let first_figures = self.first_figures();
        for (client, rows) in &self.users {
            let Some(evaluations) = self.clients.get(client).filter(|evaluations| !evaluations.is_empty()) else {
                unknown.push(*client);
                continue;
            };
            let mut spells: Vec<((TradeDate, TradeDate), [&EvidenceRow; 2])> = Vec::new();
            for user in rows {
                let used = (
                    user.date("from").unwrap_or(audit.period.0).max(audit.period.0),
                    user.date("to").unwrap_or(audit.period.1).min(audit.period.1),
                );
                if let Some(first) = first_figures.get(client).copied().flatten().filter(|first| first.0 - used.0.0 > OF_THE_START) {
                    before.push((*user, used.0, first));
                }
                for evaluation in evaluations.iter().filter(|evaluation| !evaluation.qualifies) {
                    let span = (used.0.max(evaluation.span.0), used.1.min(evaluation.span.1));
                    if span.0 <= span.1 {
                        spells.push((span, [user, evaluation.row]));
                    }
                }
            }
            // However many accounts and evaluations a client has: what touches is one finding.
            spells.sort_by_key(|(span, _)| *span);
            for touching in chunks_that_touch(&spells) {
                let last = touching.iter().map(|(span, _)| span.1).max().unwrap_or_default();
                let mut rows: Vec<&EvidenceRow> = Vec::new();
                for row in touching.iter().flat_map(|(_, rows)| rows) {
                    if !rows.iter().any(|known| known.place == row.place) {
                        rows.push(row);
                    }
                }
                let detail =
                    Sentence::new("使用期間之評定數值不符資格條件", "the figures do not meet the conditions while the client is a user");
                found.push(Found::between((touching[0].0.0, last), *client, detail, &rows));
            }
        }
        // A client that failed twice apart was examined twice.
        let again = found.len() - found.iter().map(|found| &found.subject).collect::<BTreeSet<_>>().len();
        let mut examined = self.examined(self.users.len() + again, found);
        if let Some(first) = unknown.first() {
            let n = unknown.len();
            examined.doubts.push(Sentence::new(
                format!("{n} 位使用者在 clients 表無可判定之評定（如 {first}）"),
                format!("{n} users have no figures in `clients` that can be judged (such as {first})"),
            ));
        }
        examined.doubts.extend(without_earlier_figures(&before));
        examined
    }

    /// The date of each client's first figures; `None` where some have no date and speak for the whole period.
    fn first_figures(&self) -> BTreeMap<&str, Option<TradeDate>> {
        let mut first: BTreeMap<&str, Option<TradeDate>> = BTreeMap::new();
        for row in &self.table.rows {
            let date = row.date("as_of");
            first.entry(row.text("client")).and_modify(|known| *known = (*known).min(date)).or_insert(date);
        }
        first
    }

    fn served(&self, end: TradeDate) -> Examined {
        let by_end = |row: &EvidenceRow, column: &str| row.date(column).is_some_and(|date| date <= end);
        let qualified = self.qualified_now();
        let unserved = |(client, _): &&(&str, &Evaluation<'a>)| {
            let answered = |row: &EvidenceRow| by_end(row, "declined_on") || by_end(row, "refused_on") && !row.is_absent("refusal");
            !self.users.contains_key(client) && !self.rows_of(client).any(answered)
        };
        let found = qualified.iter().filter(unserved).map(|(client, evaluation)| {
            let detail =
                Sentence::new("符合資格而未使用，無婉拒亦無書面拒絕", "qualified, not a user, neither declined nor refused in writing");
            Found::between(evaluation.span, *client, detail, &[evaluation.row])
        });
        let mut examined = self.examined(qualified.len(), found.collect());
        if let Some(stranger) = self.users.keys().find(|user| !self.clients.contains_key(*user)) {
            // He may be one of the qualified under another name.
            examined.found.iter_mut().for_each(|found| found.confirmed = false);
            let place = &self.users[stranger][0].place;
            examined.doubts.push(Sentence::new(
                format!("使用者 {stranger} 不在 clients 表（{} 第 {} 行）：名稱是否一致？", place.file, place.line),
                format!("the user {stranger} is not in `clients` ({}, line {}): is it another name?", place.file, place.line),
            ));
        }
        examined
    }

    fn related(&self) -> Examined {
        let qualified = self.qualified_now();
        let count = |related: bool, served: bool| {
            let of = |(client, evaluation): &&(&str, &Evaluation<'a>)| {
                evaluation.row.flag("related_party").unwrap_or(false) == related && self.users.contains_key(client) == served
            };
            qualified.iter().filter(of).count() as u64
        };
        let [a, b, c, d] = [count(true, true), count(true, false), count(false, true), count(false, false)];
        let p = fisher_exact_greater(a, b, c, d);
        let figure = Figure {
            name: Sentence::new("關係人入選之 Fisher 單尾 p", "Fisher one-sided p of related parties served"),
            value: p,
            interval: None,
        };
        let detail = Sentence::new(
            format!("關係人 {a}/{} 入選，非關係人 {c}/{}，單尾 p = {p:.4}", a + b, c + d),
            format!("{a} of {} related and {c} of {} other qualified clients served, one-sided p = {p:.4}", a + b, c + d),
        );
        let rows: Vec<&EvidenceRow> = qualified
            .iter()
            .filter(|(client, evaluation)| evaluation.row.flag("related_party") == Some(true) && self.users.contains_key(client))
            .map(|(_, evaluation)| evaluation.row)
            .collect();
        let last = qualified.iter().map(|(_, evaluation)| evaluation.span.1).max().unwrap_or_default();
        let found = (p < ALPHA).then(|| Found::on(last, "related parties", detail, &rows));
        Examined { figures: vec![figure], ..self.examined(qualified.len(), found.into_iter().collect()) }
    }

    fn selection(&self, audit: &Audit<'_>) -> Examined {
        let qualified = self.qualified_now();
        let served: Vec<&(&str, &Evaluation<'a>)> = qualified.iter().filter(|(client, _)| self.users.contains_key(client)).collect();
        let (k, n) = (served.len() as u64, qualified.len() as u64);
        let Some(share) = clopper_pearson(k, n, 0.05) else { return self.examined(0, Vec::new()) };
        let name = Sentence::new(format!("入選率（{k}／{n}）"), format!("share of the qualified who are served ({k} of {n})"));
        let mut figures = vec![Figure { name, value: share.estimate, interval: Some((share.lower, share.upper)) }];
        figures.extend(concentration(audit));
        let detail = Sentence::new(
            format!("符合資格 {n} 位，僅 {k} 位使用（95 % 區間上限 {:.3}）", share.upper),
            format!("{k} of {n} qualified clients served (upper end of the exact 95 % interval {:.3})", share.upper),
        );
        let rows: Vec<&EvidenceRow> = served.iter().map(|(_, evaluation)| evaluation.row).collect();
        let few = n >= FEWEST && share.upper < 0.5;
        let found = few.then(|| Found::on(audit.period.1, format!("{k}/{n}"), detail, &rows));
        Examined { figures, ..self.examined(n as usize, found.into_iter().collect()) }
    }

    fn cut_off(&self, eligibility: &Expression) -> Examined {
        let numeric = |condition: &&Condition| matches!((&condition.value, condition.operator), (Value::Number(limit), Operator::AtLeast | Operator::Above) if limit.nearest() > 0.0);
        let conditions: Vec<Condition> = eligibility.conditions().into_iter().filter(|condition| numeric(&condition)).collect();
        let found = conditions.iter().filter_map(|condition| self.just_under(condition));
        let population = if self.clients.values().all(Vec::is_empty) { 0 } else { conditions.len().max(1) };
        self.examined(population, found.collect())
    }

    /// A threshold that sits just under a user while clients just below it are shut out.
    fn just_under(&self, condition: &Condition) -> Option<Found> {
        let Value::Number(limit) = condition.value else { return None };
        let latest = self.clients.iter().filter_map(|(client, evaluations)| Some((*client, evaluations.last()?)));
        let valued: Vec<(Number, &str, &EvidenceRow, TradeDate)> = latest
            .filter_map(|(client, evaluation)| {
                let value = Number::read(&self.table.written(evaluation.row, &condition.column)?)?;
                Some((value, client, evaluation.row, evaluation.span.1))
            })
            .collect();
        let reaches = |value: Number| Operator::AtLeast.compares(value, limit);
        let above = valued
            .iter()
            .filter(|(value, ..)| reaches(*value))
            .min_by(|one, other| one.0.compare(other.0).unwrap_or(std::cmp::Ordering::Equal))?;
        let least = 0.8 * limit.nearest();
        let below = valued.iter().filter(|(value, ..)| !reaches(*value) && value.nearest() >= least).count();
        if !self.users.contains_key(above.1) || above.0.nearest() > 1.05 * limit.nearest() || below == 0 {
            return None;
        }
        let (value, client) = (above.0, above.1);
        let detail = Sentence::new(
            format!("條件 {condition}：最低之使用者 {client} 為 {value}，門檻下 20 % 內另有 {below} 位被排除"),
            format!("{condition}: the lowest user {client} has {value}, and {below} clients lie within 20 % below"),
        );
        Some(Found::on(above.3, condition.column.clone(), detail, &[above.2]))
    }
}

/// Users with the first day of their use, of about which no figures stand, and the day of the first figures.
fn without_earlier_figures(before: &[(&EvidenceRow, TradeDate, TradeDate)]) -> Option<Sentence> {
    let (user, used, figures) = before.first()?;
    let (n, place) = (before.len(), &user.place);
    Some(Sentence::new(
        format!(
            "{n} 列使用者之首次評定晚於其使用起日（期初前已使用者為期初）逾 {OF_THE_START} 日，此前之資格無從認定（如 {} 第 {} 行：{used} 已使用，首次評定 {figures}）",
            place.file, place.line
        ),
        format!(
            "{n} rows of users begin more than {OF_THE_START} days before the first figures of their client, and whether they qualified until then cannot be told (such as {}, line {}: a user on {used}, first figures of {figures})",
            place.file, place.line
        ),
    ))
}

/// Spans, ascending, cut where one starts later than the day after all before it.
fn chunks_that_touch<T>(spans: &[((TradeDate, TradeDate), T)]) -> Vec<&[((TradeDate, TradeDate), T)]> {
    let (mut chunks, mut start, mut end) = (Vec::new(), 0, TradeDate(i32::MIN));
    for (at, (span, _)) in spans.iter().enumerate() {
        if at > start && i64::from(span.0.0) > i64::from(end.0) + 1 {
            chunks.push(&spans[start..at]);
            start = at;
        }
        end = end.max(span.1);
    }
    chunks.extend((start < spans.len()).then(|| &spans[start..]));
    chunks
}

/// Shares of the largest clients in the orders, and HHI. Accounts that no user row names stand for themselves.
fn concentration(audit: &Audit<'_>) -> Vec<Figure> {
    let Some(seen) = audit.seen.filter(|seen| !seen.accounts.is_empty()) else { return Vec::new() };
    let client_of: BTreeMap<&str, &str> = audit.tables.rows("users").map(|row| (row.text("account"), row.text("client"))).collect();
    let mut orders: BTreeMap<&str, u64> = BTreeMap::new();
    for ((account, _), at) in &seen.accounts {
        *orders.entry(client_of.get(account.as_str()).copied().unwrap_or(account)).or_default() += at.n;
    }
    let total: u64 = orders.values().sum();
    let mut shares: Vec<f64> = orders.values().map(|n| *n as f64 / total as f64).collect();
    shares.sort_by(|one, other| other.total_cmp(one));
    let names: BTreeSet<&str> = orders.keys().copied().collect();
    let figure = |zh: String, en: String, value: f64| Figure { name: Sentence { zh, en }, value, interval: None };
    vec![
        figure("最大客戶占委託比".to_owned(), "share of orders of the largest client".to_owned(), shares[0]),
        figure("前三大客戶占委託比".to_owned(), "share of orders of the largest three".to_owned(), shares.iter().take(3).sum()),
        figure(
            format!("委託集中度 HHI（{} 位客戶）", names.len()),
            format!("concentration of orders, HHI ({} clients)", names.len()),
            shares.iter().map(|share| share * share).sum(),
        ),
    ]
}
