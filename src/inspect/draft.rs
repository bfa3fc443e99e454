//! `init`: every choice a study.toml needs, each with its confidence, its evidence and the runner-up.

use crate::ingest::{Format, IdTransform, SourceFile};
use crate::inspect::guess::{CLOSE, Candidate, ENOUGH, From, Proposal, Side, candidates, proposals};
use crate::inspect::names::plain;
use crate::inspect::profile::{Kind, Profile};
use crate::inspect::settle::{settle_group, settle_zone};
use crate::inspect::shapes::{IdPair, Needed, id_pairs, needed_time, parts, shapes, untold_times};
use crate::inspect::trial::{SideChoice, Trial, further_keys, load};
use crate::inspect::{look, words, zones};
use crate::record::{Column, ColumnKind, Diagnostic, Progress, Zone};
use crate::report::i18n::words as both;
use crate::report::model::Words;

/// A value with how sure it is, between 0 and 1, and why.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    /// The value.
    pub value: T,
    /// Between 0 and 1.
    pub confidence: f64,
    /// Why, and what came next.
    pub evidence: Vec<Words>,
}

/// One side of the study.
#[derive(Debug)]
pub struct SideDraft {
    /// Which.
    pub side: Side,
    /// Its files, in reading order.
    pub files: Vec<SourceFile>,
    /// Index of its columns' profile in [`Draft::shapes`].
    pub shape: usize,
    /// Its columns, the needed ones first.
    pub columns: Vec<Proposal>,
    /// Columns for which two candidates are equally good.
    pub open: Vec<Proposal>,
    /// Zone of naive times where it is not the study's: column to zone.
    pub zones: Vec<(Column, Zone)>,
    /// Rows read and refused, with the columns chosen; 0 where the side was not read.
    pub rows: u64,
    /// Rows refused.
    pub rejected: u64,
}

/// What `init` found out.
#[derive(Debug)]
pub struct Draft {
    /// The files by shape.
    pub shapes: Vec<Profile>,
    /// Orders, receipts and clients, as far as they were found.
    pub sides: Vec<SideDraft>,
    /// How sure it is which side is which.
    pub sides_confidence: f64,
    /// Files that have no part, and why.
    pub unused: Vec<(Vec<SourceFile>, Words)>,
    /// Zone of naive times and of the trading day.
    pub zone: Choice<Zone>,
    /// `twse` or `none`.
    pub calendar: Choice<&'static str>,
    /// The keys of the link.
    pub keys: Choice<Vec<&'static str>>,
    /// What the files cannot tell; the study runs without an answer.
    pub questions: Vec<Words>,
    /// What is needed and was not found; no study runs without it.
    pub missing: Vec<Missing>,
}

/// Something needed that was not found.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The side whose table lacks it; `None` where a whole side is missing.
    pub side: Option<Side>,
    /// The column; `None` where a whole side is missing.
    pub column: Option<Column>,
    /// The question.
    pub question: Words,
    /// Column names it might be.
    pub candidates: Vec<String>,
}

impl Draft {
    /// A side, where it was found.
    #[must_use]
    pub fn side(&self, side: Side) -> Option<&SideDraft> {
        self.sides.iter().find(|found| found.side == side)
    }
}

/// Looks at the files and makes every choice.
///
/// # Errors
/// When a file cannot be read, or is named twice. What cannot be decided is no error: it is in [`Draft::missing`].
pub fn draft(paths: &[String], progress: &Progress) -> Result<Draft, Diagnostic> {
    let shapes = shapes(paths, progress)?;
    let parts = parts(&shapes);
    let mut draft = Draft {
        sides: Vec::new(),
        sides_confidence: parts.confidence,
        unused: Vec::new(),
        zone: Choice { value: zones::taipei(), confidence: 0.0, evidence: Vec::new() },
        calendar: Choice { value: "twse", confidence: 0.0, evidence: Vec::new() },
        keys: Choice { value: vec!["receipt_id"], confidence: 0.0, evidence: Vec::new() },
        questions: Vec::new(),
        missing: Vec::new(),
        shapes,
    };
    for (side, shape) in [(Side::Orders, parts.orders), (Side::Receipts, parts.receipts), (Side::Clients, parts.clients)] {
        match shape {
            Some(shape) => take_side(&mut draft, side, shape),
            None if side != Side::Clients => draft.missing.push(Missing {
                side: None,
                column: None,
                question: both(
                    format!("沒有可作為{}檔之檔案：請一併指定，已指定而未使用者見其原因", words::side_zh(side)),
                    format!("no file can serve as {}: name one; of those named and not used, the reason is given", side.name()),
                ),
                candidates: Vec::new(),
            }),
            None => (),
        }
    }
    let mut unused = parts.unused.clone();
    if parts.orders.is_some() && parts.receipts.is_some() {
        unused.retain(|(at, _)| !join_side(&mut draft, *at));
    }
    draft.unused = unused.into_iter().map(|(at, why)| (draft.shapes[at].files.clone(), why)).collect();
    settle_zone(&mut draft);
    take_answers(&mut draft);
    if parts.orders.is_some() && parts.receipts.is_some() {
        settle_link(&mut draft, progress)?;
    }
    settle_open(&mut draft);
    settle_group(&mut draft);
    if parts.orders != parts.receipts && draft.sides_confidence < 0.1 && draft.missing.is_empty() {
        draft.questions.push(both(
            "請確認哪一份是委託、哪一份是收單：檔案本身幾乎看不出差別",
            "confirm which file is orders and which is receipts: the files hardly tell",
        ));
    }
    Ok(draft)
}

/// Columns of a side but the link, which needs the other side.
fn take_side(draft: &mut Draft, side: Side, shape: usize) {
    let profile = &draft.shapes[shape];
    draft.questions.extend(look::notices(profile));
    let mut columns = proposals(profile, side);
    columns.retain(|proposal| !matches!(proposal.column, Column::ReceiptId | Column::SentAt | Column::ReceivedAt));
    // A choice between columns that are equally good is not made in silence: the link may settle it.
    let (open, mut columns): (Vec<Proposal>, Vec<Proposal>) = columns.into_iter().partition(Proposal::is_open);
    let needed = match side {
        Side::Orders => Some(Column::SentAt),
        Side::Receipts => Some(Column::ReceivedAt),
        Side::Clients => None,
    };
    if let Some(column) = needed {
        match needed_time(profile, side, column) {
            Needed::Found(chosen, runner_up) => {
                columns.retain(|proposal| proposal.chosen.from != chosen.from);
                columns.insert(0, Proposal { column, chosen, runner_up });
            }
            Needed::Open(candidates) => draft.missing.push(open_time(profile, side, column, &candidates)),
            Needed::None => draft.missing.push(no_time(profile, side, column)),
        }
    }
    let files = profile.files.clone();
    draft.sides.push(SideDraft { side, files, shape, columns, open, zones: Vec::new(), rows: 0, rejected: 0 });
}

/// That no column can be the time a side cannot do without; and why, where one looks like it.
fn no_time(profile: &Profile, side: Side, column: Column) -> Missing {
    let (zh, en) = untold_times(profile).map_or_else(Default::default, |why| (format!("；{}", why.zh), format!("; {}", why.en)));
    Missing {
        side: Some(side),
        column: Some(column),
        question: both(
            format!("[{}] 找不到 {column} 的時間欄：{}{zh}", side.name(), words::role_zh(column), column = column.name()),
            format!("[{}] no column of times can be {}: {}{en}", side.name(), column.name(), words::role(column)),
        ),
        candidates: Vec::new(),
    }
}

/// What was open is settled where one of the two serves another purpose now; else it is asked.
fn settle_open(draft: &mut Draft) {
    let mut questions = Vec::new();
    for side in &mut draft.sides {
        let profile = &draft.shapes[side.shape];
        let mut open = std::mem::take(&mut side.open);
        let linked = side.columns.iter().any(|proposal| proposal.column == Column::ReceiptId);
        if side.side == Side::Orders && linked && !side.columns.iter().chain(&open).any(|proposal| proposal.column == Column::OrderId) {
            let taken = |candidate: &Candidate| side.columns.iter().any(|proposal| proposal.chosen.from == candidate.from);
            let mut left =
                candidates(profile, Column::OrderId).into_iter().filter(|candidate| candidate.confidence >= ENOUGH && !taken(candidate));
            open.extend(left.next().map(|chosen| Proposal { column: Column::OrderId, chosen, runner_up: left.next() }));
        }
        for proposal in open {
            let free = |candidate: &Candidate| side.columns.iter().all(|other| other.chosen.from != candidate.from);
            let Proposal { column, chosen, runner_up } = proposal;
            match (free(&chosen), runner_up.filter(free)) {
                (true, Some(next)) if chosen.confidence - next.confidence < CLOSE => {
                    let (side, column, first, next) = (side.side.name(), column.name(), chosen.label(profile), next.label(profile));
                    questions.push(both(
                        format!("[{side}] {column} 是「{first}」還是「{next}」？兩者無法分辨，故未採用"),
                        format!("[{side}] is {column} {first} or {next}? They cannot be told apart, so neither is used"),
                    ));
                }
                (true, runner_up) => side.columns.push(Proposal { column, chosen, runner_up }),
                (false, Some(next)) => side.columns.push(Proposal { column, chosen: next, runner_up: None }),
                (false, None) => (),
            }
        }
    }
    draft.questions.extend(questions);
}

/// When the exchange answered is told by a log that holds its answers: they are found by the client's id.
fn take_answers(draft: &mut Draft) {
    let Some(orders) = draft.sides.iter_mut().find(|side| side.side == Side::Orders && side.files[0].format == Format::Fix) else { return };
    let clock = orders.columns.iter().find(|proposal| proposal.column == Column::SentAt).map(|proposal| proposal.chosen.clone());
    let Some(mut chosen) = clock.filter(|_| !orders.columns.iter().any(|proposal| proposal.column == Column::AcknowledgedAt)) else {
        return;
    };
    chosen.confidence = 0.6;
    chosen.evidence = vec![both("取自交易所回報訊息的同一時鐘", "the same clock on the exchange's answers")];
    let zone = orders.zones.iter().find(|(column, _)| *column == Column::SentAt).map(|(_, zone)| (Column::AcknowledgedAt, *zone));
    orders.zones.extend(zone);
    orders.columns.push(Proposal { column: Column::AcknowledgedAt, chosen, runner_up: None });
}

fn open_time(profile: &Profile, side: Side, column: Column, candidates: &[Candidate]) -> Missing {
    let labels: Vec<String> = candidates.iter().map(|candidate| candidate.label(profile)).collect();
    let (side_name, name, list) = (side.name(), column.name(), labels.join(", "));
    Missing {
        side: Some(side),
        column: Some(column),
        question: both(
            format!("[{side_name}] 哪一欄是 {name}（{}）？候選：{list}", words::role_zh(column)),
            format!("[{side_name}] which column is {name} ({})? It may be {list}", words::role(column)),
        ),
        candidates: labels,
    }
}

/// Adds the files of a further shape to the side that it is of, if they have every column that side reads; those they lack are given up
/// unless they are needed.
fn join_side(draft: &mut Draft, at: usize) -> bool {
    let (side, score) = look::sides(&draft.shapes[at])[0];
    let names: Vec<String> = draft.shapes[at].survey.columns.iter().map(|column| column.name.clone()).collect();
    let has = |profile: &Profile, proposal: &Proposal| {
        proposal.chosen.from.positions().into_iter().all(|position| names.contains(&profile.survey.columns[position].name))
    };
    let Some(found) = draft.sides.iter().position(|draft| draft.side == side && score >= 1.0) else { return false };
    let profile = &draft.shapes[draft.sides[found].shape];
    let needed =
        |column: Column| matches!(column, Column::SentAt | Column::ReceivedAt) || side == Side::Clients && column == Column::Account;
    let (kept, lacking): (Vec<Proposal>, Vec<Proposal>) =
        draft.sides[found].columns.iter().cloned().partition(|proposal| has(profile, proposal));
    if lacking.iter().any(|proposal| needed(proposal.column)) || draft.shapes[at].files[0].format != profile.files[0].format {
        return false;
    }
    for proposal in &lacking {
        let (column, label) = (proposal.column.name(), proposal.chosen.label(profile));
        draft.questions.push(both(
            format!("[{}] 並非每個檔案都有「{label}」，故未採用 {column}", side.name()),
            format!("[{}] not every file has {label}, so {column} is not used", side.name()),
        ));
    }
    let files = draft.shapes[at].files.clone();
    draft.sides[found].columns = kept;
    draft.sides[found].files.extend(files);
    true
}

/// Rows of a side, and those refused.
type RowCounts = (u64, u64);

/// At most so many pairs of id columns are tried on the whole files.
const PAIRS_TRIED: usize = 3;

/// Finds the columns that link the sides, by linking.
fn settle_link(draft: &mut Draft, progress: &Progress) -> Result<(), Diagnostic> {
    let (Some(orders), Some(receipts)) = (draft.side(Side::Orders), draft.side(Side::Receipts)) else { return Ok(()) };
    let one_log = orders.shape == receipts.shape;
    let (ours, theirs) = (&draft.shapes[orders.shape], &draft.shapes[receipts.shape]);
    let mut pairs = id_pairs(ours, theirs);
    if one_log {
        pairs.retain(|pair| pair.orders == pair.receipts);
    }
    pairs.truncate(PAIRS_TRIED);
    let mut tried: Vec<(IdPair, Vec<Trial>, [RowCounts; 2])> = Vec::new();
    for pair in pairs {
        let choice = |side: &SideDraft, at: usize, strip: Option<&str>| {
            let profile = &draft.shapes[side.shape];
            let zone_of = |column: Column| side.zones.iter().find(|(known, _)| *known == column).map(|(_, zone)| *zone);
            let free: Vec<Proposal> =
                side.columns.iter().filter(|proposal| !proposal.chosen.from.positions().contains(&at)).cloned().collect();
            let mut mapping = look::mapping(profile, &free, zone_of);
            mapping.insert(Column::ReceiptId, id(at, None).source(profile, None));
            if let Some(transform) = strip.and_then(|prefix| IdTransform::new(Some(prefix), None).ok()) {
                mapping.set_transform(Column::ReceiptId, transform);
            }
            SideChoice { files: side.files.clone(), mapping, options: profile.survey.options.clone() }
        };
        let loaded =
            load(&choice(orders, pair.orders, pair.strip.as_deref()), &choice(receipts, pair.receipts, None), draft.zone.value, progress)?;
        let counts = [&loaded.order_intake, &loaded.receipt_intake].map(|intake| (intake.n_rows(), intake.n_rejected()));
        tried.push((pair, further_keys(&loaded, draft.zone.value), counts));
    }
    // Names decide between pairs that link about equally well.
    let rank = |pair: &IdPair, trials: &[Trial]| trials[0].quality() + pair.by_name / 2.0;
    tried.sort_by(|a, b| rank(&b.0, &b.1).total_cmp(&rank(&a.0, &a.1)).then(a.1[0].also.len().cmp(&b.1[0].also.len())));
    let Some((pair, trials, counts)) = tried.first().filter(|(_, trials, _)| trials[0].waterfall.matched > 0 && trials[0].is_believable())
    else {
        draft.missing.push(no_link(None));
        return Ok(());
    };
    if let Some((other, rivals, _)) = tried.get(1).filter(|(other, rivals, _)| rank(pair, trials) - rank(other, rivals) < 0.02) {
        // Two pairs that link equally well are harmless where they make the same links; whether they do, only the owner knows.
        let same_column = other.orders == pair.orders || other.receipts == pair.receipts;
        let named = |pair: &IdPair| plain(&ours.survey.columns[pair.orders].name) == plain(&theirs.survey.columns[pair.receipts].name);
        let told_apart = same_column || named(pair) && !named(other);
        if !told_apart && rivals[0].waterfall.matched > 0 {
            let label = |pair: &IdPair| words::pair(ours, theirs, pair.orders, pair.receipts);
            draft.missing.push(no_link(Some([label(pair), label(other)])));
            return Ok(());
        }
    }
    let evidence = words::link(&trials[0], pair);
    let confidence = (0.5 + 0.49 * trials[0].quality().clamp(0.0, 1.0)).min(0.99);
    let runner_up = tried.get(1).map(|(other, rivals, _)| (other.clone(), rivals[0].quality().clamp(0.0, 1.0)));
    let keys = Choice {
        value: std::iter::once("receipt_id").chain(trials[0].also.iter().map(|part| words::key(*part))).collect(),
        confidence,
        evidence: words::keys(trials),
    };
    let (pair, counts, doubts) = (pair.clone(), *counts, words::doubts(&trials[0], *counts));
    for (side, at, next) in [
        (Side::Orders, pair.orders, runner_up.as_ref().map(|(pair, confidence)| (pair.orders, *confidence))),
        (Side::Receipts, pair.receipts, runner_up.as_ref().map(|(pair, confidence)| (pair.receipts, *confidence))),
    ] {
        let next = next.filter(|(next, _)| *next != at);
        let Some(found) = draft.sides.iter_mut().find(|found| found.side == side) else { continue };
        found.columns.retain(|proposal| proposal.chosen.from != From::One(at));
        let strip = pair.strip.clone().filter(|_| side == Side::Orders);
        let chosen = Candidate { confidence, evidence: evidence.clone(), ..id(at, strip) };
        let runner_up = next.map(|(next, confidence)| Candidate { confidence, ..id(next, None) });
        found.columns.insert(0, Proposal { column: Column::ReceiptId, chosen, runner_up });
        (found.rows, found.rejected) = counts[usize::from(side == Side::Receipts)];
    }
    draft.keys = keys;
    draft.questions.extend(doubts);
    Ok(())
}

fn id(at: usize, strip_prefix: Option<String>) -> Candidate {
    Candidate { from: From::One(at), format: crate::ingest::TimeFormat::Iso, strip_prefix, confidence: 0.0, evidence: Vec::new() }
}

fn no_link(open: Option<[String; 2]>) -> Missing {
    let question = match &open {
        None => both(
            "委託與收單沒有任何一對欄位的值相同，且勾稽後帳號與商品相符：哪一欄記錄委託來自哪一筆收單？",
            "no two columns of orders and receipts share values and link rows whose accounts or symbols agree: which column says which \
             receipt an order came from?",
        ),
        Some([first, second]) => both(
            format!("有兩對欄位都能勾稽：{first}，或 {second}。請指定 receipt_id"),
            format!("two pairs of columns link equally well: {first}, or {second}. Name receipt_id"),
        ),
    };
    Missing { side: Some(Side::Orders), column: Some(Column::ReceiptId), question, candidates: open.map(Vec::from).unwrap_or_default() }
}

/// Columns of receipts that could be groups by their contents alone: few names, one for each account.
pub(crate) fn group_like(profile: &Profile, taken: &[Proposal]) -> Vec<usize> {
    let free = |at: &usize| taken.iter().all(|proposal| !proposal.chosen.from.positions().contains(at));
    let few = |at: &usize| {
        profile.columns[*at].as_ref().is_some_and(|looked| {
            looked.kind() != Kind::Time && (2..=20).contains(&looked.distinct.distinct().0) && looked.filled() > ENOUGH
        })
    };
    (0..profile.columns.len()).filter(few).filter(free).collect()
}

/// Time columns of a side, for the zone.
pub(crate) fn time_columns(side: &SideDraft) -> impl Iterator<Item = &Proposal> {
    side.columns.iter().filter(|proposal| proposal.column.kind() == ColumnKind::Time)
}
