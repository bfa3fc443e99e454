//! The choices that need all files together: the zone, the calendar, and what groups clients.

use crate::ingest::Format;
use crate::inspect::draft::{Choice, Draft, Missing, group_like, time_columns};
use crate::inspect::guess::Side;
use crate::inspect::words;
use crate::inspect::zones::{Written, share_in_session, taipei, written};
use crate::record::{Column, Zone};
use crate::report::i18n::words as both;

/// So many stamps must lie in the exchange's hours for its calendar.
const IN_SESSION: f64 = 0.95;

/// Settles the study's zone, the zone of each naive column, and the calendar.
pub(crate) fn settle_zone(draft: &mut Draft) {
    let mut naive: Vec<(usize, Column, Written)> = Vec::new();
    let mut mixed = Vec::new();
    for (at, side) in draft.sides.iter().enumerate() {
        for proposal in time_columns(side) {
            let Some(reading) = proposal.chosen.reading(&draft.shapes[side.shape]) else { continue };
            match written(reading) {
                Written::Zoned => (),
                Written::Mixed => mixed.push((side.side, proposal.column)),
                other => naive.push((at, proposal.column, other)),
            }
        }
    }
    for (side, column) in mixed {
        draft.questions.push(both(
            format!("[{}] {} 有些值帶時差，有些沒有；沒有的依 timezone 解讀", side.name(), column.name()),
            format!(
                "[{}] some values of {} say their zone and some do not; those that do not are read in timezone",
                side.name(),
                column.name()
            ),
        ));
    }
    for (at, column, written) in &naive {
        let side = draft.sides[*at].side.name();
        match written {
            Written::Utc(_) => draft.sides[*at].zones.push((*column, Zone::UTC)),
            // Without a zone, times of these formats would be read as UTC.
            Written::Local(_) if matches!(draft.sides[*at].files[0].format, Format::Fix | Format::Oms) => {
                draft.sides[*at].zones.push((*column, taipei()));
            }
            Written::Unclear => draft.questions.push(both(
                format!("[{side}] {} 沒有寫時區，時刻也看不出來：依 timezone 解讀。若為 UTC，請加上 zone = \"UTC\"", column.name()),
                format!(
                    "[{side}] {} does not say its zone, and the hours do not tell: it is read in timezone. If it is UTC, add zone = \"UTC\"",
                    column.name()
                ),
            )),
            _ => (),
        }
    }
    let in_session = session_share(draft);
    let is_naive = |wanted: fn(&Written) -> bool| naive.iter().any(|(.., written)| wanted(written));
    let (local, unclear) = (is_naive(|written| matches!(written, Written::Local(_))), is_naive(|written| *written == Written::Unclear));
    let eight_hours_east = offsets_of_taipei(draft);
    let at_home = in_session.is_some_and(|share| share >= IN_SESSION);
    let share = words::percent(in_session.unwrap_or(0.0));
    (draft.zone, draft.calendar) = if at_home || local {
        let why = both(
            format!("{share} 的送單時間落在臺北 08:30-14:30，即證交所的交易時段"),
            format!("{share} of the orders were sent at 08:30-14:30 in Taipei, the hours of its stock exchange"),
        );
        let confidence = if at_home { 0.97 } else { 0.6 };
        let calendar = if at_home { "twse" } else { "none" };
        (Choice { value: taipei(), confidence, evidence: vec![why.clone()] }, Choice { value: calendar, confidence, evidence: vec![why] })
    } else {
        let outside = both(
            format!("只有 {share} 的送單時間落在臺北 08:30-14:30，不是證交所的交易時段；每一日視為一個時段"),
            format!(
                "only {share} of the orders were sent at 08:30-14:30 in Taipei: not the hours of its stock exchange, so a day is one phase"
            ),
        );
        let calendar = Choice { value: "none", confidence: 0.6, evidence: vec![outside.clone()] };
        if eight_hours_east {
            let why = both("時間都帶 +08:00", "the times are written with +08:00");
            (Choice { value: taipei(), confidence: 0.9, evidence: vec![why] }, calendar)
        } else {
            draft.questions.push(both(
                "交易日以哪個時區的日期為準？請確認 timezone",
                "in which zone does the trading day change its date? Confirm timezone",
            ));
            let zone = if unclear { taipei() } else { Zone::UTC };
            (Choice { value: zone, confidence: 0.4, evidence: vec![outside] }, calendar)
        }
    };
}

/// True where the zoned times of both sides are written eight hours east of Greenwich.
fn offsets_of_taipei(draft: &Draft) -> bool {
    let readings = draft.sides.iter().flat_map(|side| time_columns(side).filter_map(|p| p.chosen.reading(&draft.shapes[side.shape])));
    let (zoned, taipei) = readings.fold((0, 0), |(zoned, taipei), reading| (zoned + reading.n_zoned, taipei + reading.n_taipei));
    zoned > 0 && taipei * 10 >= zoned * 9
}

/// The share of the sent times that lies in the exchange's hours, else that of the received ones: a client may hand in an order before
/// the exchange opens, but nothing is sent then.
fn session_share(draft: &Draft) -> Option<f64> {
    let share = |column: Column| {
        let (side, proposal) = draft.sides.iter().find_map(|side| Some((side, time_columns(side).find(|p| p.column == column)?)))?;
        let zone = side.zones.iter().find(|(known, _)| *known == column).map_or(taipei(), |(_, zone)| *zone);
        Some(share_in_session(proposal.chosen.reading(&draft.shapes[side.shape])?, zone))
    };
    share(Column::SentAt).or_else(|| share(Column::ReceivedAt))
}

/// Makes sure that something groups the clients.
pub(crate) fn settle_group(draft: &mut Draft) {
    let has_group = |side: Side| draft.side(side).is_some_and(|side| side.columns.iter().any(|proposal| proposal.column == Column::Group));
    let Some(at) = draft.sides.iter().position(|side| side.side == Side::Receipts) else { return };
    if has_group(Side::Clients) || has_group(Side::Receipts) {
        return;
    }
    let profile = &draft.shapes[draft.sides[at].shape];
    let candidates = group_like(profile, &draft.sides[at].columns);
    let labels: Vec<String> = candidates.iter().map(|at| words::shown(&profile.survey.columns[*at].name)).collect();
    let question = match labels.is_empty() {
        true => both(
            "收單檔沒有群組欄，也沒有客戶檔：請提供一份含帳號與群組的客戶檔",
            "the receipts name no group and there is no clients file: give one with account and group",
        ),
        false => both(
            format!("哪一欄是客戶群組？可能是：{}。群組決定誰與誰比較，因此不代為選擇", labels.join("、")),
            format!(
                "which column is the client group? It may be {}. It decides who is compared with whom, so it is not chosen for you",
                labels.join(", ")
            ),
        ),
    };
    draft.missing.push(Missing { side: Some(Side::Receipts), column: Some(Column::Group), question, candidates: labels });
}
