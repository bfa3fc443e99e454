//! Findings on the order of handling, by the codes of their families: F03, P01 to P05, A13. A connect profile alone is never confirmed.

use std::collections::BTreeSet;

use crate::priority::CaseKind;
use crate::report::model::{EvidenceRef, FindingRow, RuleRef, Words};
use crate::report::table_names;
use crate::study::audit::cited;
use crate::study::priority::evidence::{AllJudged, cases_of, house_orders_ahead};
use crate::study::priority::{Case, Measured};

/// Overtaking asymmetry between groups.
const OVERTAKING: &str = "F03";
/// Overtaking between channels.
const CROSS_CHANNEL: &str = "P02";
/// The house ahead of clients.
const HOUSE_AHEAD: &str = "P03";
/// A client ahead of others.
const CLIENT_AHEAD: &str = "P04";
/// The house ahead where receipts cannot be told apart.
const TIES: &str = "P05";
/// First-connect profile.
const FIRST_CONNECT: &str = "A13";

/// Serials out of the order of receipt.
const SERIALS: &str = "P01";

pub(crate) fn findings(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> Vec<FindingRow> {
    let mut found: Vec<FindingRow> = Vec::new();
    found.extend(overtaking(case, measured));
    found.extend(serials(measured));
    found.extend(channels(measured, judged));
    found.extend(house(measured, judged));
    found.extend(clients(case, measured, judged));
    found.extend(ties(case, measured, judged));
    found.extend(first_connects(measured));
    found
}

/// The rule of a code over the days measured.
fn rule(code: &str, measured: &Measured<'_>) -> RuleRef {
    let days = &measured.timetable.days;
    cited(code, days.first().zip(days.last()).map(|(first, last)| (first.date, last.date)))
}

struct Draft {
    code: &'static str,
    severity: &'static str,
    verdict: &'static str,
    rule: RuleRef,
    count: u64,
    /// What the share is of: so many of so many.
    share: [u64; 2],
    zh: String,
    en: String,
    table: &'static str,
    rows: u64,
}

impl Draft {
    fn row(self) -> FindingRow {
        FindingRow {
            code: self.code.to_owned(),
            family: self.code[..1].to_owned(),
            severity: self.severity.to_owned(),
            verdict: self.verdict.to_owned(),
            rule: self.rule,
            count: self.count,
            share: self.share[0] as f64 / self.share[1].max(1) as f64,
            summary: Words { zh: self.zh, en: self.en },
            evidence: EvidenceRef { table: self.table.to_owned(), rows: self.rows },
        }
    }
}

/// Where a pair's verdict is unfair and its overtaking alone carries that: the jumps of the favoured group over the other are the rows.
fn overtaking(case: &Case<'_>, measured: &Measured<'_>) -> Option<FindingRow> {
    let alpha = case.study.fairness.alpha;
    let says = |pair: &crate::fairness::PairAssessment, code: &str| pair.reasons.iter().any(|reason| reason.code == code);
    let unfair = |pair: &&crate::fairness::PairAssessment| {
        let beyond = |effect: crate::fairness::Effect| effect.p_unfair_holm < alpha && effect.estimate > effect.margin;
        let accuses = pair.overtaking.is_some_and(beyond) || says(pair, "clients_in_order");
        pair.verdict == crate::fairness::Verdict::Unfair && accuses && !says(pair, "overtaking_within_burst")
    };
    let mut pairs: Vec<_> = case.assessment.pairs.iter().filter(unfair).collect();
    let accused = !pairs.is_empty();
    if !accused {
        // Beyond the margin between these clients; whether it is the groups' doing, clients too few or too unlike leave open.
        pairs = case.assessment.pairs.iter().filter(|pair| says(pair, "overtaking_of_clients")).collect();
    }
    if pairs.is_empty() {
        return None;
    }
    let named = pairs.iter().map(|pair| format!("{} / {}", pair.favoured, pair.disadvantaged)).collect::<Vec<_>>().join(", ");
    let names = &case.matched.names.groups;
    let group = |row: u32| names[usize::from(case.matched.group[row as usize])].as_str();
    let between = |row: u32, over: u32| pairs.iter().any(|pair| pair.favoured == group(row) && pair.disadvantaged == group(over));
    let rows = measured.jumps.jumps.iter().filter(|jump| between(jump.row, jump.over)).count() as u64;
    let draft = Draft {
        code: OVERTAKING,
        severity: "high",
        verdict: if accused { "confirmed" } else { "insufficient" },
        rule: rule(OVERTAKING, measured),
        count: rows,
        share: [rows, measured.jumps.sequence.opportunities],
        zh: if accused {
            format!("委託未依收單順序處理，且方向一致（受惠／不利）：{named}")
        } else {
            format!("委託未依收單順序處理，多為一方超越（居前／居後）：{named}；客戶過少或程度不一，尚不足以認定係依組別而為")
        },
        en: if accused {
            format!("orders not handled in the order received, in one direction (favoured / disadvantaged): {named}")
        } else {
            format!(
                "orders not handled in the order received, mostly one way (ahead / behind): {named}; too few clients, or too unlike, to say that it goes by group"
            )
        },
        table: table_names::OVERTAKES,
        rows,
    };
    Some(draft.row())
}

/// Serials that do not follow the receipts. A fact with its rows, and a question: several workers on one line number out of order
/// whoever the client is, so who gained by it is for F03 and P02 to say.
fn serials(measured: &Measured<'_>) -> Option<FindingRow> {
    let found = measured.serials.as_ref().filter(|found| !found.out.is_empty())?;
    let n = found.out.len() as u64;
    let draft = Draft {
        code: SERIALS,
        severity: "medium",
        verdict: "insufficient",
        rule: rule(SERIALS, measured),
        count: n,
        share: [n, found.orders],
        zh: format!("{n} 筆委託之序號大於較晚收單者，序號未依收單順序"),
        en: format!("{n} orders have a higher serial than one received later: serials do not follow the order of receipt"),
        table: table_names::SERIALS,
        rows: n,
    };
    Some(draft.row())
}

fn channels(measured: &Measured<'_>, judged: &AllJudged) -> Option<FindingRow> {
    if judged.channels.is_empty() {
        return None;
    }
    let name = |code: u16| measured.orders.channels[usize::from(code)].as_str();
    let named = judged.channels.iter().map(|cell| format!("{} / {}", name(cell.later), name(cell.earlier))).collect::<Vec<_>>().join(", ");
    let pair = |row: u32, over: u32| (measured.orders.channel[row as usize], measured.orders.channel[over as usize]);
    let accused = |row: u32, over: u32| judged.channels.iter().any(|cell| (cell.later, cell.earlier) == pair(row, over));
    let rows = measured.jumps.jumps.iter().filter(|jump| accused(jump.row, jump.over)).count() as u64;
    let passing = |of: fn(&crate::priority::MatrixCell) -> u64| judged.channels.iter().map(of).sum::<u64>();
    let overtakes = passing(|cell| cell.passing.overtakes);
    let draft = Draft {
        code: CROSS_CHANNEL,
        severity: "high",
        verdict: "confirmed",
        rule: rule(CROSS_CHANNEL, measured),
        count: overtakes,
        share: [overtakes, passing(|cell| cell.passing.opportunities)],
        zh: format!("不同通路間的處理順序不公平（先處理／被越過）：{named}"),
        en: format!("channels not sequenced fairly (goes first / is passed): {named}"),
        table: table_names::OVERTAKES,
        rows,
    };
    Some(draft.row())
}

fn house(measured: &Measured<'_>, judged: &AllJudged) -> Option<FindingRow> {
    let house = judged.house.as_ref().filter(|house| house.excess.holds(1))?;
    let (cases, expected) = (house.excess.ahead, house.excess.expected.unwrap_or(0.0));
    let (orders, all) = (house_orders_ahead(measured), measured.orders.is_house.iter().filter(|house| **house).count() as u64);
    let (mut not_zh, mut not_en) = (String::new(), String::new());
    for gate in &house.gates {
        not_zh = format!("{not_zh}；未能認定：{}", gate.words.zh);
        not_en = format!("{not_en}; not confirmed: {}", gate.words.en);
    }
    let draft = Draft {
        code: HOUSE_AHEAD,
        severity: if house.confirmed { "high" } else { "low" },
        verdict: if house.confirmed { "confirmed" } else { "insufficient" },
        rule: rule(HOUSE_AHEAD, measured),
        count: cases,
        // Pairs are no orders: one house order may pass several.
        share: [orders, all],
        zh: format!(
            "自營委託先於已收受之客戶委託送出，計 {cases} 對，涉及自營委託 {orders} 筆（共 {all} 筆；同商品同方向、價格可滿足客戶；由反向推估約 {expected:.1} 對）{not_zh}"
        ),
        en: format!(
            "{cases} pairs in which a house order was sent ahead of a client's order already received, by {orders} of {all} house orders, same \
             instrument and side at a price that would have satisfied it (about {expected:.1} pairs expected from the other way round){not_en}"
        ),
        table: table_names::AHEAD,
        rows: cases_of(measured, CaseKind::House)[0],
    };
    Some(draft.row())
}

fn clients(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> Option<FindingRow> {
    const NAMED: usize = 5;
    let mut accused: Vec<(u64, u32)> =
        judged.clients.iter().filter(|(_, one)| one.confirmed).map(|(client, one)| (one.excess.ahead, *client)).collect();
    if accused.is_empty() {
        return None;
    }
    accused.sort_by_key(|(n, client)| (std::cmp::Reverse(*n), *client));
    let cases: u64 = accused.iter().map(|(n, _)| *n).sum();
    let name = |client: u32| case.matched.names.clients[client as usize].as_str();
    let named = accused.iter().take(NAMED).map(|(_, client)| name(*client)).collect::<Vec<_>>().join(", ");
    let more = if accused.len() > NAMED { " ..." } else { "" };
    let n = accused.len();
    let is_accused = |row: u32| accused.iter().any(|(_, client)| *client == case.matched.client[row as usize]);
    let of_clients = |case: &&crate::priority::AheadCase| case.kind == CaseKind::Client && is_accused(case.ahead);
    let rows = || measured.ahead.iter().flat_map(|ahead| &ahead.cases).filter(of_clients);
    let held = rows().map(|case| case.held).collect::<BTreeSet<u32>>().len() as u64;
    let draft = Draft {
        code: CLIENT_AHEAD,
        severity: "high",
        verdict: "confirmed",
        rule: rule(CLIENT_AHEAD, measured),
        count: cases,
        share: [held, measured.jumps.sequence.opportunities],
        zh: format!("{n} 名客戶的委託一再先於他人已收受之委託送出：{named}{more}"),
        en: format!("orders of {n} clients were sent again and again ahead of other clients' orders already received: {named}{more}"),
        table: table_names::AHEAD,
        rows: rows().count() as u64,
    };
    Some(draft.row())
}

/// Ties alone are confirmed only beside confirmed cases: a tie in stamps is no proof of order.
fn ties(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> Option<FindingRow> {
    let [cases, excepted] = cases_of(measured, CaseKind::HouseTie);
    let count = cases - excepted;
    let house = judged.house.as_ref().filter(|house| house.confirmed && count > 0)?;
    debug_assert!(house.gates.is_empty());
    let draft = Draft {
        code: TIES,
        severity: "medium",
        verdict: "insufficient",
        rule: rule(TIES, measured),
        count,
        share: [count, case.matched.len() as u64],
        zh: format!("自營委託先於收單時間無法分辨先後之客戶委託送出，計 {count} 件；無法分辨時應以客戶為先"),
        en: format!(
            "{count} cases of a house order sent before a client's order that stamps cannot tell apart; the client goes first in such a tie"
        ),
        table: table_names::AHEAD,
        rows: cases,
    };
    Some(draft.row())
}

/// Points to a client that is first nearly always, beyond chance among all clients of the log. Never confirmed: being first is no breach.
fn first_connects(measured: &Measured<'_>) -> Option<FindingRow> {
    let sessions = measured.sessions.as_ref()?;
    let found: Vec<_> = sessions.first_too_often().collect();
    let leader = found.first()?;
    let (client, first, of) = (&leader.client, leader.first, leader.sessions);
    let odds = leader.log10_first.unwrap_or(0.0).floor();
    let draft = Draft {
        code: FIRST_CONNECT,
        severity: "low",
        verdict: "insufficient",
        rule: rule(FIRST_CONNECT, measured),
        count: first,
        share: [first, of],
        zh: format!(
            "{client} 在 {of} 個連線場次中有 {first} 次最先連線；若順序隨機，機率不高於 10 的 {odds} 次方。最先連線本身並非違規（印度 NSE 案嗣後認定未獲證明）：應查明誰能提早連線"
        ),
        en: format!(
            "{client} connected first in {first} of {of} sessions; at random no likelier than 10^{odds}. Being first is no breach by itself \
             (the NSE allegation was later held unproven): find out who could connect early"
        ),
        table: table_names::SESSIONS,
        rows: found.len() as u64,
    };
    Some(draft.row())
}
