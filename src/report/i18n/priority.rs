//! The order of handling, said in sentences: what was counted, what a rule confirms, and what only looks so.

use crate::report::i18n::beside::one_order;
use crate::report::i18n::{Label, name, words};
use crate::report::model::{
    Priority, PriorityAhead, PriorityExcess, PriorityLine, PriorityRaces, PriorityReplay, PrioritySerials, PrioritySessions, Words,
};
use crate::report::numbers::{count, duration, percent, shown_name, signed_duration, typeset};

/// Share of hasty departures beyond which a line is taken to have several workers.
const SEVERAL_WORKERS: f64 = 0.05;

/// Who a passing matrix tells apart.
pub(crate) fn passing_between(by: &str) -> Label {
    match by {
        "group" => Label { zh: "客群", en: "groups" },
        "channel" => Label { zh: "通路", en: "channels" },
        _ => Label { zh: "客戶", en: "clients" },
    }
}

/// What the section says, confirmed things first. `told` where the section of the records tells of the serials: one fact has one figure.
pub(crate) fn priority(found: &Priority, told: bool) -> Vec<Words> {
    let mut said = Vec::new();
    if let Some(ahead) = &found.ahead {
        said.extend(ahead_sentences(ahead));
    }
    said.push(sequence(found));
    said.extend(found.replay.iter().flat_map(replay));
    said.extend(found.races.iter().filter(|races| races.races > 0).map(races));
    said.extend(found.sessions.iter().filter_map(sessions));
    said.extend(found.serials.iter().filter(|_| !told).map(serials));
    said.extend(found.lines.first().map(line));
    said
}

fn serials(found: &PrioritySerials) -> Words {
    let (n, series, out, nominal) = (count(found.orders), count(found.series), count(found.out_of_order), count(found.nominal));
    let most = typeset(&duration(found.time_most));
    let (zh, en) = if found.out_of_order > 0 {
        (format!("，收單相差最多 {most}"), format!(", up to {most} apart"))
    } else {
        Default::default()
    };
    words(
        format!("序號：{series} 個序列共 {n} 筆，{out} 筆確未依收單順序{zh}（依時戳表面 {nominal} 筆）。"),
        format!(
            "Serials: of {n} orders in {series} series, {out} provably do not follow the order of receipt{en} ({nominal} by the stamps as they stand)."
        ),
    )
}

/// The client on the quietest lines.
fn line(found: &PriorityLine) -> Words {
    let (client, load, share) = (name(&found.client), format!("{:.2}", found.load), typeset(&percent(found.quiet_share)));
    words(
        format!("線路負載：{client} 之線路最安靜，他人委託為平均線路之 {load} 倍（{share} 之日不逾二分之一，即安靜線路）。"),
        format!(
            "Line load: {client} is on the quietest lines, with {load} times the others' orders of an average line (one half or less, a quiet line, on {share} of its days)."
        ),
    )
}

fn ahead_sentences(found: &PriorityAhead) -> Vec<Words> {
    let mut said = Vec::new();
    if let Some(house) = &found.house {
        said.push(house_sentence(found, house));
        said.push(found.rule.clone());
    }
    let confirmed = found.clients.iter().filter(|one| one.confirmed).count() as u64;
    let (tested, named) = (count(found.clients_tested), count(confirmed));
    said.push(words(
        format!("客戶先於其他客戶：檢驗 {tested} 名，{named} 名達事前訂定之標準。"),
        format!("Client ahead of client: {tested} clients tested, the pre-stated rule holds for {named}."),
    ));
    if found.client_rows > 0 {
        let (rows, pairs) = (count(found.client_rows), count(found.clients.iter().map(|one| one.cases).sum()));
        said.push(words(
            format!("客戶之件數以委託對計（列出者共 {pairs} 對）；tables/priority_ahead.parquet 每一被擱置之委託列一列（{rows} 列），「提前筆數」為先送之他人委託數。"),
            format!(
                "Cases of clients count pairs of orders ({pairs} of those listed); tables/priority_ahead.parquet has one row for each order held ({rows} rows), with the number of others' orders that went ahead of it."
            ),
        ));
    }
    let [of_house, of_clients] = found.nominal.map(count);
    if found.nominal != [0, 0] || found.ties > 0 {
        let ties = count(found.ties);
        said.push(words(
            format!("僅就時戳表面觀之者：自營 {of_house} 件、客戶 {of_clients} 件；自營先於收單時間無法分辨先後之客戶委託者 {ties} 件。皆不作為認定依據。"),
            format!("Nominal only: {of_house} of the house, {of_clients} of clients; {ties} of the house ahead of a client where receipts cannot be told apart. None of them bears a finding."),
        ));
    }
    if found.lines_left_out > 0 {
        let n = count(found.lines_left_out);
        said.push(words(
            format!("{n} 條商品與方向的佇列因過於龐大而未檢視。"),
            format!("{n} queues of an instrument and side were too large to be looked at."),
        ));
    }
    said
}

fn house_sentence(found: &PriorityAhead, house: &PriorityExcess) -> Words {
    let (cases, mirror) = (count(house.cases), count(house.mirror));
    let expected = house.expected.map_or("–".to_owned(), |expected| format!("{expected:.1}"));
    let (zh, en) = if house.confirmed { ("達事前訂定之標準", "The pre-stated rule holds") } else { ("未成立", "Not confirmed") };
    let why = |pick: fn(&Words) -> &str| {
        let reasons: Vec<String> = house.gates.iter().map(|gate| shown_name(pick(&gate.words), 300)).collect();
        if reasons.is_empty() { String::new() } else { format!("（{}）", reasons.join("；")) }
    };
    let shares = count(found.shares.max(0) as u64);
    words(
        format!(
            "自營先於客戶：{cases} 對委託，反向 {mirror} 對（由反向推估約 {expected} 對）。涉及 {shares} 股。{zh}{}。",
            why(|words| words.zh.as_str())
        ),
        format!(
            "House ahead of clients: {cases} pairs of orders, {mirror} the other way (about {expected} expected from those). {shares} shares. {en}{}.",
            why(|words| words.en.as_str()).replace('（', " (").replace('）', ")").replace('；', "; ")
        ),
    )
}

fn sequence(found: &Priority) -> Words {
    let (orders, out) = (count(found.sequence.orders), count(found.sequence.out_of_sequence));
    let ratio = typeset(&percent(found.sequence.ratio));
    words(
        format!("{orders} 筆委託中有 {out} 筆未依收單順序處理（{ratio}；即 CloudEx 研究所稱之收單端不公平比率，含同一客戶之委託）。"),
        format!(
            "{out} of {orders} orders were handled out of the sequence of their receipt ({ratio}: the inbound unfairness ratio of CloudEx, a \
             client's own orders included)."
        ),
    )
}

fn replay(found: &PriorityReplay) -> Vec<Words> {
    let nominal = found.hasty_share > SEVERAL_WORKERS;
    let (zh_note, en_note) = if nominal {
        ("（線路似有多個處理程序，僅供參考）", " (lines seem to have several workers: nominal)")
    } else {
        ("", "")
    };
    let verbs = |lost: bool| if lost { ("損失", "loses") } else { ("獲得", "gains") };
    let group = |row: &crate::report::model::ReplayRow| {
        let (group, places) = (name(&row.group), count(row.places.unsigned_abs()));
        let mean = typeset(signed_duration(row.lost_mean.abs()).trim_start_matches('+'));
        let (time, rank, one) = (verbs(row.lost_mean > 0.0), verbs(row.places > 0), one_order(row));
        words(
            format!("與各線路先到先服務相比，{group} 每筆平均{} {mean}，共{} {places} 個順位{zh_note}。{}", time.0, rank.0, one.zh),
            format!(
                "Against first come, first served on every line, {group} {} {mean} an order and {} {places} places in all{en_note}.{}",
                time.1, rank.1, one.en
            ),
        )
    };
    // Nobody loses in a queue where everybody gains: then the lines were faster than one order after another, and only differences count.
    let sign = |row: &crate::report::model::ReplayRow| row.lost_mean > 0.0;
    let all_alike = found.groups.len() > 1 && found.groups.windows(2).all(|two| sign(&two[0]) == sign(&two[1]));
    let alike = all_alike.then(|| {
        if found.groups.iter().any(sign) {
            words(
                "各群組皆較慢：線路整體慢於所推算之單一佇列，僅群組間之差距與順位有意義。",
                "Every group lost: the lines were slower as a whole than the queue they are held against; only differences between groups, and places, mean anything.",
            )
        } else {
            words(
                "各群組皆較快：線路整體快於逐筆處理之單一佇列（例如有數個處理程序），並非人人受惠；僅群組間之差距與順位有意義。",
                "Every group gained: the lines were faster as a whole than one order after another, as with several workers, which favours nobody; only differences between groups, and places, mean anything.",
            )
        }
    });
    let limit = words(
        "佇列以外加上的延遲會算入處理時間：此處只反映排隊順序，不能證明無人受延遲。".to_owned(),
        "A delay added outside the queue counts as service: only the order of handling shows here, and nobody is cleared of a delay by it."
            .to_owned(),
    );
    found.groups.iter().map(group).chain(alike).chain([limit]).collect()
}

fn races(found: &PriorityRaces) -> Words {
    let (n, upset) = (count(found.races), count(found.upset));
    let share = found.response_time_fairness.map_or("–".to_owned(), |share| typeset(&percent(share)));
    words(
        format!("競速 {n} 場，其中 {upset} 場由非最先收單者先送出；回應時間公平性（DBO）{share}。探索性，不作為認定依據。"),
        format!(
            "{n} races, {upset} of them won by a client that was not the first to be received; response-time fairness (DBO) {share}. \
             Exploratory, never deciding."
        ),
    )
}

fn sessions(found: &PrioritySessions) -> Option<Words> {
    let leader = found.clients.first()?;
    let (client, first, of) = (name(&leader.client), count(leader.first), count(leader.sessions));
    let [none, one, two, three] = leader.of_first_three.map(count);
    let odds = leader.log10_first.map(|log10| format!("10^{log10:.1}"));
    let (zh, en) = odds.map_or_else(
        || ("，未高於隨機".to_owned(), ", no more than by chance".to_owned()),
        |odds| (format!("，隨機之機率不高於 {odds}"), format!(", at random no likelier than {odds}")),
    );
    Some(words(
        format!(
            "連線順序：{client} 在 {of} 場中 {first} 場最先連線{zh}；前三個連線中占三、二、一、零個者各 {three}、{two}、{one}、{none} 場。最先連線本身並非違規。"
        ),
        format!(
            "Order of connecting: {client} was first in {first} of {of} sessions{en}; three, two, one and none of the first three in {three}, {two}, \
             {one} and {none}. Being first is no breach by itself."
        ),
    ))
}

/// One line for a terminal: cases, and what is out of sequence.
pub(crate) fn priority_short(found: &Priority) -> Words {
    let ratio = typeset(&percent(found.sequence.ratio));
    let farthest = found.worst.first().map_or("–".to_owned(), |worst| typeset(&duration(worst.time)));
    words(
        format!("未依收單順序處理 {}（{ratio}）；最遠越過 {farthest}", count(found.sequence.out_of_sequence)),
        format!("{} orders out of sequence ({ratio}); farthest jump {farthest}", count(found.sequence.out_of_sequence)),
    )
}
