//! From what was measured to the section of `result.json`: names for codes, places for rows, the longest lists cut.

use std::collections::BTreeMap;

use crate::priority::rules::{CASE_LEVEL, LEAST_CASES, LEAST_RATIO};
use crate::priority::{CaseKind, Jump, LineScope, Matrix, Party};
use crate::record::{PhaseKind, Weight};
use crate::report::model::{
    Priority, PriorityAhead, PriorityCell, PriorityClient, PriorityConnects, PriorityExcess, PriorityLine, PriorityMatrix, PriorityPhase,
    PriorityRacer, PriorityRaces, PriorityReplay, PrioritySequence, PrioritySerials, PrioritySessions, PrioritySeverity, Reason, Words,
};
use crate::rules::{kind, one_side};
use crate::statistics::{QuantileLevel, select_nearest_rank};
use crate::study::beside::replayed_groups;
use crate::study::priority::evidence::{AllJudged, Judged, cases_of, house_orders_ahead};
use crate::study::priority::ladders::{cases, worst};
use crate::study::priority::{Case, Measured};

/// Rows of the longer lists in result.json; all of them are in the tables.
const SHOWN: usize = 40;

pub(crate) fn section(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> Priority {
    let (options, precision) = (&case.config.options, measured.precision);
    let sequence = measured.jumps.sequence;
    Priority {
        scope: options.scope.name().to_owned(),
        window: options.window.map_or(i64::MAX, |window| window.0),
        tau: options.tau.0,
        undecidable_within: [
            precision.received_gap.max(precision.received_resolution - 1),
            precision.sent_gap.max(precision.sent_resolution - 1),
        ],
        matrices: measured.matrices.matrices.iter().map(matrix).collect(),
        sequence: PrioritySequence {
            orders: sequence.opportunities,
            out_of_sequence: sequence.overtakes,
            ratio: sequence.overtakes as f64 / sequence.opportunities.max(1) as f64,
        },
        severity: severity(case, measured),
        worst: worst(case, measured),
        cases: cases(case, measured, judged),
        clients: clients(case, measured),
        replay: Some(replay(case, measured)),
        ahead: measured.ahead.as_ref().map(|_| ahead(case, measured, judged)),
        races: Some(races(case, measured)),
        sessions: sessions(measured),
        serials: measured.serials.as_ref().map(|found| PrioritySerials {
            series: found.series,
            orders: found.orders,
            unread: found.unread,
            out_of_order: found.out.len() as u64,
            nominal: found.nominal,
            time_most: found.out.iter().map(|one| one.time).max().unwrap_or(0),
        }),
        lines: quietest(case, measured),
        not_run: not_run(case, measured),
    }
}

/// A phase in the words of result.json.
pub(crate) fn phase_name(phase: PhaseKind) -> &'static str {
    match phase {
        PhaseKind::Closed => "closed",
        PhaseKind::WholeDay => "whole_day",
        PhaseKind::PreOpen => "pre_open",
        PhaseKind::Continuous => "continuous",
        PhaseKind::ClosingCall => "closing_call",
        PhaseKind::AfterHours => "after_hours",
    }
}

/// Whether receipt order decides, in the words of result.json.
pub(crate) fn weight_name(weight: Weight) -> &'static str {
    match weight {
        Weight::No => "no",
        Weight::Medium => "medium",
        Weight::Yes => "yes",
    }
}

fn matrix(found: &Matrix) -> PriorityMatrix {
    let name = |code: u16| found.names[usize::from(code)].clone();
    let cell = |cell: &crate::priority::MatrixCell| PriorityCell {
        later: name(cell.later),
        earlier: name(cell.earlier),
        opportunities: cell.passing.opportunities,
        provable: cell.passing.overtakes,
        nominal: cell.nominal,
        undecidable: cell.undecidable,
        expected: cell.expected,
        asymmetry: cell.asymmetry.map(|found| found.estimate),
        lower: cell.asymmetry.map(|found| found.lower),
        upper: cell.asymmetry.map(|found| found.upper),
        blocks: cell.support[0],
    };
    let mut phases: BTreeMap<(PhaseKind, Weight), PriorityPhase> = BTreeMap::new();
    for part in &found.phases {
        let sum = phases.entry((part.phase, part.decides)).or_insert_with(|| PriorityPhase {
            phase: phase_name(part.phase).to_owned(),
            decides: weight_name(part.decides).to_owned(),
            opportunities: 0,
            provable: 0,
            nominal: 0,
            undecidable: 0,
        });
        sum.opportunities += part.passing.opportunities;
        sum.provable += part.passing.overtakes;
        sum.nominal += part.nominal;
        sum.undecidable += part.undecidable;
    }
    PriorityMatrix {
        by: found.by.name().to_owned(),
        scope: found.scope.name().to_owned(),
        cells: found.cells.iter().map(cell).collect(),
        phases: phases.into_values().collect(),
    }
}

fn severity(case: &Case<'_>, measured: &Measured<'_>) -> Vec<PrioritySeverity> {
    let mut by_group: BTreeMap<u16, Vec<&Jump>> = BTreeMap::new();
    measured.jumps.jumps.iter().for_each(|jump| by_group.entry(case.matched.group[jump.row as usize]).or_default().push(jump));
    let row = |(group, jumps): (u16, Vec<&Jump>)| {
        let mut times: Vec<i64> = jumps.iter().map(|jump| jump.time).collect();
        PrioritySeverity {
            group: case.matched.names.groups[usize::from(group)].clone(),
            jumps: jumps.len() as u64,
            places: jumps.iter().map(|jump| jump.places).sum(),
            places_most: jumps.iter().map(|jump| jump.places).max().unwrap_or(0),
            shares: jumps.iter().map(|jump| jump.shares).sum(),
            time_most: times.iter().copied().max().unwrap_or(0),
            time_p50: select_nearest_rank(&mut times, QuantileLevel::per_mille(500)).unwrap_or(0),
        }
    };
    by_group.into_iter().map(row).collect()
}

/// Orders by client code.
pub(crate) fn orders_by_client(case: &Case<'_>) -> Vec<u64> {
    let mut counts = vec![0; case.matched.names.clients.len()];
    case.matched.client.iter().for_each(|client| counts[*client as usize] += 1);
    counts
}

fn clients(case: &Case<'_>, measured: &Measured<'_>) -> Vec<PriorityClient> {
    let counts = orders_by_client(case);
    let row = |found: &crate::priority::ClientPassing| PriorityClient {
        client: case.matched.names.clients[found.client as usize].clone(),
        n: counts[found.client as usize],
        opportunities: found.passes.opportunities,
        passes: found.passes.overtakes,
        expected: found.expected,
        exposures: found.passed.opportunities,
        passed: found.passed.overtakes,
    };
    let mut clients: Vec<PriorityClient> = measured.matrices.clients.iter().map(row).collect();
    clients.sort_by(|left, right| right.n.cmp(&left.n).then_with(|| left.client.cmp(&right.client)));
    clients.truncate(SHOWN);
    clients
}

fn replay(case: &Case<'_>, measured: &Measured<'_>) -> PriorityReplay {
    let found = &measured.replay;
    PriorityReplay {
        line: found.scope.name().to_owned(),
        lines: found.lines,
        hasty_share: found.hasty as f64 / found.queued.max(1) as f64,
        groups: replayed_groups(found, case.matched),
    }
}

fn excess_row(party: String, judged: &Judged) -> PriorityExcess {
    PriorityExcess {
        party,
        cases: judged.excess.ahead,
        mirror: judged.excess.behind,
        expected: judged.excess.expected,
        p: judged.excess.p_value,
        confirmed: judged.confirmed,
        gates: judged.gates.clone(),
    }
}

/// The rule of P03 in force on the last day, in words, and the figures from which cases are a finding.
fn house_rule(measured: &Measured<'_>) -> Words {
    let kind = kind("P03").expect("a code of the catalogue");
    let versions = kind.rule().versions;
    let last = measured.timetable.days.last().and_then(|day| kind.rule().version_on(day.date)).or(versions.last());
    let text = last.map_or(kind.title, |law| law.text);
    let clause =
        |english: bool| last.map_or_else(String::new, |law| format!("{} {}", one_side(law.id, english), one_side(law.article, english)));
    let level = CASE_LEVEL;
    Words {
        zh: format!(
            "P03 之規定（{}）：{}認定標準事前訂定：至少 {LEAST_CASES} 筆、達反向推得筆數之 {LEAST_RATIO} 倍以上，且單尾 p 經受檢人數校正後低於 {level}。",
            clause(false),
            text.zh
        ),
        en: format!(
            "The rule of P03 ({}): {} Cases are a finding, as stated beforehand, from {LEAST_CASES} on, at {LEAST_RATIO} times what the mirror gives or more, with a one-sided p below {level} after correction for the parties tested.",
            clause(true),
            text.en
        ),
    }
}

fn ahead(case: &Case<'_>, measured: &Measured<'_>, judged: &AllJudged) -> PriorityAhead {
    let found = measured.ahead.as_ref();
    let cases = || found.into_iter().flat_map(|found| &found.cases).filter(|case| case.kind == CaseKind::House && !case.excepted);
    let money = |ten_thousandths: i128| ten_thousandths as f64 / 10_000.0;
    let harmed = |of: fn(&crate::priority::AheadCase) -> Option<i128>| {
        let known: Vec<i128> = cases().filter_map(of).collect();
        (!known.is_empty()).then(|| money(known.iter().sum()))
    };
    let mut clients: Vec<(u32, &Judged)> = judged.clients.iter().map(|(client, one)| (*client, one)).collect();
    clients.sort_by_key(|(client, one)| (!one.confirmed, std::cmp::Reverse(one.excess.ahead), *client));
    let name = |client: u32| case.matched.names.clients[client as usize].clone();
    let [ties, ties_excepted] = cases_of(measured, CaseKind::HouseTie);
    PriorityAhead {
        rule: house_rule(measured),
        level: if case.also.executions.is_some() { "executions" } else { "orders" }.to_owned(),
        house_orders: measured.orders.is_house.iter().filter(|house| **house).count() as u64,
        house_orders_ahead: house_orders_ahead(measured),
        house: judged.house.as_ref().map(|house| excess_row("house".to_owned(), house)),
        clients: clients.into_iter().take(SHOWN).map(|(client, one)| excess_row(name(client), one)).collect(),
        clients_tested: judged.clients_tested as u64,
        client_rows: cases_of(measured, CaseKind::Client)[0],
        ties: ties - ties_excepted,
        nominal: found.map_or([0, 0], |found| found.nominal),
        excepted: cases_of(measured, CaseKind::House)[1] + ties_excepted,
        shares: cases().map(|case| case.quantity).sum(),
        harm: harmed(|case| case.harm),
        harm_at_most: harmed(|case| case.harm_at_most),
        lines_left_out: found.map_or(0, |found| found.lines_left_out),
    }
}

fn races(case: &Case<'_>, measured: &Measured<'_>) -> PriorityRaces {
    let found = &measured.races;
    let mut ranked: Vec<_> = found.clients.iter().collect();
    ranked.sort_by_key(|one| (std::cmp::Reverse(one.races), one.client));
    let racer = |one: &&crate::priority::RacingClient| PriorityRacer {
        client: case.matched.names.clients[one.client as usize].clone(),
        races: one.races,
        won: one.won,
        won_by_receipt: one.won_by_receipt,
        expected: one.expected,
        p: one.p_value,
    };
    PriorityRaces {
        key: found.key.map_or("", crate::priority::RaceKey::name).to_owned(),
        races: found.races,
        upset: found.upset,
        pairs: found.pairs,
        response_time_fairness: (found.pairs > 0).then(|| found.pairs_in_order as f64 / found.pairs as f64),
        clients: ranked.iter().take(SHOWN).map(racer).collect(),
    }
}

fn sessions(measured: &Measured<'_>) -> Option<PrioritySessions> {
    let found = measured.sessions.as_ref()?;
    let row = |profile: &crate::priority::ConnectProfile| PriorityConnects {
        client: profile.client.clone(),
        sessions: profile.sessions,
        first: profile.first,
        tied_first: profile.tied_first,
        of_first_three: profile.of_first_three,
        expected_first: profile.expected_first,
        log10_first: profile.log10_first,
        log10_two_of_three: profile.log10_two_of_three,
    };
    let clients = found.profiles.iter().take(SHOWN).map(row).collect();
    Some(PrioritySessions { sessions: found.sessions, connections: found.connections, clients })
}

/// The clients on the quietest lines.
fn quietest(case: &Case<'_>, measured: &Measured<'_>) -> Vec<PriorityLine> {
    let row = |(client, found): (&u32, &crate::priority::LineLoad<u32>)| PriorityLine {
        client: case.matched.names.clients[*client as usize].clone(),
        n: found.n,
        lines: found.lines,
        load: found.load,
        quiet_share: found.quiet_share(),
    };
    let mut lines: Vec<PriorityLine> = measured.loads.iter().map(row).collect();
    lines.sort_by(|one, other| one.load.total_cmp(&other.load).then_with(|| one.client.cmp(&other.client)));
    lines.truncate(SHOWN);
    lines
}

/// What could not be evaluated, and why.
fn not_run(case: &Case<'_>, measured: &Measured<'_>) -> Vec<Reason> {
    let mut found = Vec::new();
    let mut say = |code: &str, zh: String, en: String| found.push(Reason { code: code.to_owned(), words: Words { zh, en } });
    for scope in LineScope::ALL.into_iter().filter(|scope| !measured.orders.has(*scope)) {
        let name = scope.name();
        say(
            "no_side_or_price",
            format!("範圍「{name}」未執行：未提供買賣別或價格欄位"),
            format!("scope \"{name}\" not run: no side or price column is mapped"),
        );
    }
    if !measured.matrices.matrices.iter().any(|matrix| matrix.by == Party::Channel) {
        say("no_channel", "通路矩陣未執行：未提供通路欄位".to_owned(), "channel matrix not run: no channel column is mapped".to_owned());
    }
    if measured.ahead.is_none() {
        say("no_side", "搶先交易未執行：未提供買賣別欄位".to_owned(), "trading ahead not run: no side column is mapped".to_owned());
    } else if !measured.orders.is_house.iter().any(|house| *house) {
        say(
            "no_house",
            "自營先於客戶未執行：[priority] 未指明自營群組或帳號，或其無委託".to_owned(),
            "house ahead of clients not run: [priority] names no house group or account, or none has an order".to_owned(),
        );
    }
    if case.also.sessions.is_none() {
        say("no_sessions", "連線順序未執行：未提供連線紀錄".to_owned(), "order of connecting not run: no session log was named".to_owned());
    }
    match &measured.serials {
        None => {
            say("no_serial", "序號順序未執行：未提供序號欄位".to_owned(), "order of serials not run: no serial column is mapped".to_owned())
        }
        Some(serials) if serials.unread > 0 => {
            let n = serials.unread;
            say("unread_serial", format!("{n} 筆委託之序號無法辨讀"), format!("{n} orders have a serial that cannot be read"));
        }
        Some(_) => (),
    }
    if measured.loads.is_empty() {
        say(
            "one_line",
            "線路負載未執行：沒有一日有二條以上線路與二名以上客戶".to_owned(),
            "line load not run: no day has two lines and two clients".to_owned(),
        );
    }
    let unread = &measured.unread;
    for (n, code, zh, en) in [
        (unread.sides, "unread_side", "筆委託的買賣別無法辨識，未納入搶先交易與同側範圍之判讀", "orders have a side that is not known"),
        (
            unread.figures,
            "unread_figure",
            "個價格或數量無法辨識，視為未知；價格如此者不與他筆同價",
            "prices or quantities cannot be read and count as unknown; an order of such a price is at the same price as no other",
        ),
        (
            unread.executions,
            "unread_execution",
            "筆成交無法對應至已勾稽委託或缺價量",
            "executions are of no matched order, or lack price or quantity",
        ),
    ] {
        if n > 0 && !(code == "unread_side" && measured.orders.side.is_empty()) {
            say(code, format!("{n} {zh}"), format!("{n} {en}"));
        }
    }
    for kind in case.config.new_kinds.iter().filter(|kind| !case.matched.names.kinds.contains(kind)) {
        say(
            "no_new_kind",
            format!("沒有委託屬於 new_kinds 所列之種類 {kind}"),
            format!("no order is of kind {kind}, which new_kinds names"),
        );
    }
    if !case.config.exceptions.is_empty() && measured.orders.excepted.is_empty() {
        say(
            "no_exception_column",
            "未套用 exceptions：未提供例外欄位".to_owned(),
            "exceptions not applied: no exception column is mapped".to_owned(),
        );
    }
    found
}
