//! The pre-stated rules applied: which cases are confirmed, and what keeps the others from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::priority::rules::{LARGE_CLIENT, LEAST_BLOCKS, LEAST_DAYS, LEAST_PAIRS, MOST_DELETIONS};
use crate::priority::{CaseKind, Excess, Matrix, MatrixCell, Party, channels_without, excess};
use crate::report::model::{Reason, Words};
use crate::statistics::{holm, student_t_sf};
use crate::study::priority::{Case, Measured};
use crate::study::unmet::like_another_clock;

/// Reasons of a pair that its times are wrong.
const FALSE_TIMES: [&str; 4] = ["negative_latencies", "hours_off", "days_late", "shifted_clock"];

/// A party's cases and whether they are confirmed.
pub(crate) struct Judged {
    pub(crate) excess: Excess,
    pub(crate) confirmed: bool,
    pub(crate) gates: Vec<Reason>,
}

/// Everything judged.
pub(crate) struct AllJudged {
    /// `None` without orders of the house, or without sides.
    pub(crate) house: Option<Judged>,
    /// By client code; those with a case.
    pub(crate) clients: BTreeMap<u32, Judged>,
    pub(crate) clients_tested: usize,
    /// Ordered channel pairs whose asymmetry is beyond the margin.
    pub(crate) channels: Vec<MatrixCell>,
}

pub(crate) fn judge(case: &Case<'_>, measured: &Measured<'_>) -> AllJudged {
    let mut judged = AllJudged { house: None, clients: BTreeMap::new(), clients_tested: 0, channels: channels(case, measured) };
    let Some(ahead) = &measured.ahead else { return judged };
    let gates = gates(case, measured);
    let blocks = measured.support()[0];
    let of = |found: Excess, tested: usize| {
        let mut closed = gates.clone();
        if found.ahead > 0 && !found.holds(tested) {
            closed.push(not_beyond_chance());
        }
        Judged { excess: found, confirmed: closed.is_empty() && found.holds(tested), gates: closed }
    };
    if measured.orders.is_house.iter().any(|house| *house) {
        let by_block: Vec<(u64, u64)> = ahead.house_by_block.values().copied().collect();
        judged.house = Some(of(excess(&by_block, ahead.house_exposure, blocks), 1));
    }
    let mut by_client: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    ahead.client_by_block.iter().for_each(|((client, _), counts)| by_client.entry(*client).or_default().push(*counts));
    judged.clients_tested = ahead.client_exposure.len().max(by_client.len());
    for (client, counts) in by_client {
        let exposure = ahead.client_exposure.get(&client).copied().unwrap_or_default();
        let found = excess(&counts, exposure, blocks);
        if found.ahead > 0 {
            judged.clients.insert(client, of(found, judged.clients_tested));
        }
    }
    judged
}

/// What keeps any case from being confirmed.
pub(crate) fn gates(case: &Case<'_>, measured: &Measured<'_>) -> Vec<Reason> {
    let [blocks, days] = measured.support();
    let mut closed = Vec::new();
    let mut close = |code: &str, zh: String, en: String| closed.push(Reason { code: code.to_owned(), words: Words { zh, en } });
    if blocks < LEAST_BLOCKS || days < LEAST_DAYS {
        close(
            "few_blocks",
            format!("僅 {blocks} 個時段、{days} 個交易日；至少須 {LEAST_BLOCKS} 個時段與 {LEAST_DAYS} 日"),
            format!("{blocks} blocks on {days} days; at least {LEAST_BLOCKS} blocks and {LEAST_DAYS} days are needed"),
        );
    }
    let groups = &case.matched.names.groups;
    let suspect: Vec<&str> =
        (0..groups.len()).filter(|group| !case.evidence.of(*group as u16).suspect.is_empty()).map(|group| groups[group].as_str()).collect();
    if !suspect.is_empty() {
        let named = suspect.join(", ");
        close("suspect_stamps", format!("時戳可疑的群組：{named}"), format!("groups whose stamps are suspect: {named}"));
    }
    // Stamps that a pair of groups cannot be judged by tell no order of two orders either.
    for reason in case.assessment.pairs.iter().flat_map(|pair| &pair.reasons).filter(|reason| FALSE_TIMES.contains(&reason.code)) {
        if closed.iter().all(|known| known.words.en != reason.en) {
            closed.push(reason.clone().into());
        }
    }
    if let Some((zh, en)) = like_another_clock(case.study, case.assessment) {
        let words = Words {
            zh: format!("收單之時鐘未載明，而群組間之差距正如時鐘偏移所致{zh}：請於 [receipts] 以 clock 載明"),
            en: format!(
                "no clock of the receipts is named, and a gap between groups is just what an offset would make{en}: name it as clock in [receipts]"
            ),
        };
        closed.push(Reason { code: "clock_unnamed".to_owned(), words });
    }
    closed
}

fn not_beyond_chance() -> Reason {
    let words = Words {
        zh: "未達事前訂定的標準（至少 10 筆、為反向情形所推估之兩倍以上，且 p 值低於 0.001 除以受檢對象數）：只列數字，不作認定".to_owned(),
        en:
            "the pre-stated rule does not hold (10 cases, twice what the mirror gives, p below 0.001 over the parties tested): figures only"
                .to_owned(),
    };
    Reason { code: "rule_not_met".to_owned(), words }
}

/// Channel pairs by the rule of the pair verdict: Holm over all, beyond the margin, and still so without any one large client.
fn channels(case: &Case<'_>, measured: &Measured<'_>) -> Vec<MatrixCell> {
    let options = &case.config.options;
    let Some(matrix) = measured.matrices.matrices.iter().find(|matrix| matrix.by == Party::Channel) else { return Vec::new() };
    if !gates(case, measured).is_empty() {
        return Vec::new();
    }
    let p_of = |cell: &MatrixCell| match cell.asymmetry {
        Some(found) if supported(matrix, cell) && found.se > 0.0 => student_t_sf((found.estimate - options.margin) / found.se, found.df),
        _ => f64::NAN,
    };
    let adjusted = holm(&matrix.cells.iter().map(p_of).collect::<Vec<f64>>());
    let beyond = matrix.cells.iter().zip(adjusted).filter(|(_, p)| *p < options.alpha).map(|(cell, _)| *cell);
    beyond.filter(|cell| survives(case, measured, cell)).collect()
}

fn supported(matrix: &Matrix, cell: &MatrixCell) -> bool {
    let mirror = matrix.cells.iter().find(|other| (other.later, other.earlier) == (cell.earlier, cell.later));
    let least = cell.passing.opportunities.min(mirror.map_or(0, |mirror| mirror.passing.opportunities));
    // A cell without a channel name cannot be accused.
    let named = [cell.later, cell.earlier].iter().all(|code| !matrix.names[usize::from(*code)].is_empty());
    named && least >= LEAST_PAIRS && cell.support[0] >= LEAST_BLOCKS && cell.support[1] >= LEAST_DAYS
}

/// The asymmetry exceeds the margin without any one client that holds a large share of either channel's orders.
fn survives(case: &Case<'_>, measured: &Measured<'_>, cell: &MatrixCell) -> bool {
    let orders = &measured.orders;
    let mut clients: Vec<u32> = Vec::new();
    for channel in [cell.later, cell.earlier] {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        let rows = (0..orders.len()).filter(|row| orders.channel[*row] == channel);
        rows.for_each(|row| *counts.entry(case.matched.client[row]).or_default() += 1);
        let total: u64 = counts.values().sum();
        let mut ranked: Vec<(u64, u32)> = counts.into_iter().map(|(client, n)| (n, client)).collect();
        ranked.sort_unstable_by(|left, right| right.cmp(left));
        let large = |at: usize, n: u64| at == 0 || at < MOST_DELETIONS && n as f64 >= LARGE_CLIENT * total as f64;
        clients.extend(ranked.iter().enumerate().filter(|(at, (n, _))| large(*at, *n)).map(|(_, (_, client))| *client));
    }
    clients.sort_unstable();
    clients.dedup();
    let study = case.study;
    clients.iter().all(|client| {
        let options = &case.config.options;
        let matrix = channels_without(orders, &measured.timetable, (&study.calendar, study.zone), measured.precision, options, *client);
        let left = matrix.cells.iter().find(|other| (other.later, other.earlier) == (cell.later, cell.earlier));
        left.and_then(|left| left.asymmetry).is_some_and(|left| left.estimate > options.margin)
    })
}

/// House orders that went ahead of a client's order, each once however many it passed; those with an exception on record left out.
pub(crate) fn house_orders_ahead(measured: &Measured<'_>) -> u64 {
    let cases = measured.ahead.iter().flat_map(|ahead| &ahead.cases);
    let counted = cases.filter(|case| case.kind == CaseKind::House && !case.excepted);
    counted.map(|case| case.ahead).collect::<BTreeSet<u32>>().len() as u64
}

/// Cases of a kind, and those of them with an exception on record.
pub(crate) fn cases_of(measured: &Measured<'_>, kind: CaseKind) -> [u64; 2] {
    let cases = || measured.ahead.iter().flat_map(|ahead| &ahead.cases).filter(move |case| case.kind == kind);
    [cases().count() as u64, cases().filter(|case| case.excepted).count() as u64]
}
