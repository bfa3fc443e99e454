//! Files by shape, and which shape is orders, receipts and clients.

use std::path::Path;

use crate::ingest::{self, TimeFault, TimeFormat, TimeParser};
use crate::inspect::guess::{Candidate, Side, candidates, proposals};
use crate::inspect::look::sides;
use crate::inspect::names::{NameFit, fit, fit_in};
use crate::inspect::profile::{ColumnProfile, Kind, Profile, profile};
use crate::inspect::sketch::Overlap;
use crate::record::{Column, Diagnostic, Progress, Zone};
use crate::report::i18n::words as both;
use crate::report::model::Words;

/// Finds the files and looks at them, those with the same header together, in the order in which they are named.
///
/// # Errors
/// When a file cannot be read, or is named twice.
pub(crate) fn shapes(paths: &[String], progress: &Progress) -> Result<Vec<Profile>, Diagnostic> {
    let mut by_shape: Vec<(ingest::Survey, Vec<ingest::SourceFile>)> = Vec::new();
    for file in ingest::discover(Path::new(""), paths, None)? {
        if file.spool.is_some() {
            let problem = ("標準輸入不能寫進日後要執行的設定檔", "standard input cannot be named in a study that is to run later");
            return Err(Diagnostic::new("E0502", problem).help(("請先存成檔案再指明", "write it to a file, and name that")));
        }
        let file = ingest::recognize(file)?;
        for survey in ingest::survey(&file)? {
            let alike = |known: &ingest::Survey| known.columns == survey.columns && known.records == survey.records;
            let same = by_shape.iter_mut().find(|(known, files)| alike(known) && files[0].format == file.format);
            match same {
                Some((_, files)) => files.push(file.clone()),
                None => by_shape.push((survey, vec![file.clone()])),
            }
        }
    }
    by_shape.into_iter().map(|(survey, files)| profile(files, survey, progress)).collect()
}

/// Which shape plays which part, by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) orders: Option<usize>,
    pub(crate) receipts: Option<usize>,
    pub(crate) clients: Option<usize>,
    /// Why the sides are told apart as they are, and how sure that is.
    pub(crate) confidence: f64,
    /// What has no part, and why.
    pub(crate) unused: Vec<(usize, Words)>,
}

/// A pair of columns that may link the sides.
#[derive(Clone, Debug)]
pub(crate) struct IdPair {
    pub(crate) orders: usize,
    pub(crate) receipts: usize,
    /// Orders' rows whose id the receipts have.
    pub(crate) found: Overlap,
    /// Receipts' rows whose id the orders have.
    pub(crate) back: Overlap,
    /// What stands before the id in the orders' column.
    pub(crate) strip: Option<String>,
    /// Up to 0.4, where the names say that they are ids of client orders.
    pub(crate) by_name: f64,
    score: f64,
}

/// Columns of two shapes that share values and tell rows apart, the most promising first.
pub(crate) fn id_pairs(orders: &Profile, receipts: &Profile) -> Vec<IdPair> {
    let ids = |profile: &Profile| -> Vec<usize> {
        // A price or a quantity has its like on the other side, and names no order.
        let is_figure = |at: usize| {
            let (format, name) = (profile.files[0].format, &profile.survey.columns[at].name);
            [Column::Price, Column::Quantity].into_iter().any(|column| fit_in(format, name, column).0 != NameFit::None)
        };
        let is_id = |at: &usize| {
            let Some(looked) = &profile.columns[*at] else { return false };
            let is_time = looked.kind() == Kind::Time && (looked.number_share() < 0.5 || looked.typed_time);
            !is_time && !is_figure(*at) && looked.distinct_share() > 0.01 && looked.distinct.distinct().0 > 1
        };
        (0..profile.columns.len()).filter(is_id).collect()
    };
    let named = |profile: &Profile, at: usize| -> f64 {
        let (format, name) = (profile.files[0].format, &profile.survey.columns[at].name);
        [(Column::ReceiptId, 0.2), (Column::OrderId, 0.1)]
            .into_iter()
            .map(|(column, weight)| if fit_in(format, name, column).0 == NameFit::Known { weight } else { 0.0 })
            .fold(0.0, f64::max)
    };
    let mut pairs = Vec::new();
    for ours in ids(orders) {
        for theirs in ids(receipts) {
            let (Some(a), Some(b)) = (&orders.columns[ours], &receipts.columns[theirs]) else { continue };
            let (mut found, mut back, mut strip) = (a.distinct.overlap(&b.distinct), b.distinct.overlap(&a.distinct), None);
            // A gateway's own id may be the client's behind a prefix.
            if let Some((prefix, ids)) = a.behind.shared().filter(|(_, ids)| ids.overlap(&b.distinct).share() > found.share()) {
                (found, back, strip) = (ids.overlap(&b.distinct), b.distinct.overlap(ids), Some(prefix.to_owned()));
            }
            if found.share() >= 0.02 {
                let apart = a.distinct_share().min(b.distinct_share()).sqrt();
                let by_name = named(orders, ours) + named(receipts, theirs);
                pairs.push(IdPair { orders: ours, receipts: theirs, found, back, strip, by_name, score: found.share() * apart + by_name });
            }
        }
    }
    pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.orders, a.receipts).cmp(&(b.orders, b.receipts))));
    pairs
}

/// Tells the parts by what each shape has that only one side has, and by the ids they share.
pub(crate) fn parts(shapes: &[Profile]) -> Parts {
    let scores: Vec<Vec<(Side, f64)>> = shapes.iter().map(sides).collect();
    let score = |at: usize, side: Side| scores[at].iter().find(|(found, _)| *found == side).map_or(0.0, |(_, score)| *score);
    let mut parts = Parts::default();
    let is_clients = |at: &usize| scores[*at][0].0 == Side::Clients && scores[*at][0].1 >= 1.0 && untold_times(&shapes[*at]).is_none();
    let clients = (0..shapes.len()).filter(is_clients);
    parts.clients = clients.max_by(|a, b| score(*a, Side::Clients).total_cmp(&score(*b, Side::Clients)).then(b.cmp(a)));
    let timed: Vec<usize> =
        (0..shapes.len()).filter(|at| Some(*at) != parts.clients && !crate::inspect::look::times(&shapes[*at]).is_empty()).collect();

    let mut splits: Vec<(f64, usize, usize)> = Vec::new();
    for orders in &timed {
        for receipts in timed.iter().filter(|receipts| *receipts != orders) {
            let shared = id_pairs(&shapes[*orders], &shapes[*receipts]).first().map_or(0.0, |pair| pair.found.share());
            let total = score(*orders, Side::Orders) + score(*receipts, Side::Receipts) + 3.0 * shared;
            splits.push((total, *orders, *receipts));
        }
    }
    splits.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    if let Some((total, orders, receipts)) = splits.first().copied() {
        (parts.orders, parts.receipts) = (Some(orders), Some(receipts));
        let other_way = splits.iter().find(|(_, o, r)| (*o, *r) == (receipts, orders)).map_or(0.0, |(other, ..)| *other);
        parts.confidence = ((total - other_way) / total.max(1.0)).clamp(0.0, 0.99);
    } else if let [only] = timed[..] {
        // A log that has both times in one row is both sides.
        let has = |column: Column, side: Side| proposals(&shapes[only], side).iter().any(|proposal| proposal.column == column);
        if has(Column::SentAt, Side::Orders) && has(Column::ReceivedAt, Side::Receipts) {
            (parts.orders, parts.receipts, parts.confidence) = (Some(only), Some(only), 0.7);
        } else if score(only, Side::Receipts) > score(only, Side::Orders) {
            parts.receipts = Some(only);
        } else {
            parts.orders = Some(only);
        }
    }
    parts.unused = unused(shapes, &parts);
    parts
}

/// That a column holds times which do not tell when: they start with a day, a month or a year without its century, a spreadsheet wrote them,
/// or they stand in a form of their own.
pub(crate) fn untold_times(profile: &Profile) -> Option<Words> {
    year_untold(profile).or_else(|| of_a_spreadsheet(profile)).or_else(|| of_their_own_form(profile))
}

/// That a column goes by the name of a side's time, and reads as none.
fn of_their_own_form(profile: &Profile) -> Option<Words> {
    let is_named = |name: &str| [Column::SentAt, Column::ReceivedAt].into_iter().any(|column| fit(name, column).0 != NameFit::None);
    profile.columns.iter().zip(&profile.survey.columns).find_map(|(found, column)| {
        let (found, name) = (found.as_ref().filter(|found| found.kind() != Kind::Time)?, &column.name);
        let value = found.samples.first().filter(|_| is_named(name))?;
        Some(Words {
            zh: format!("{name}（如 {value}）由名稱看應是時間，但寫法無法判讀；請以 format 指明，如 \"%-d/%-m/%Y %-H:%M:%S.%f\""),
            en: format!("by its name {name} (such as {value}) should be a time, but how it is written is not told; say it by format, such as \"%-d/%-m/%Y %-H:%M:%S.%f\""),
        })
    })
}

/// That a column holds what a spreadsheet makes of a time when it stores a file as text: `mm:ss.0`, or the number of the day.
fn of_a_spreadsheet(profile: &Profile) -> Option<Words> {
    let digits = |text: &str, n: std::ops::RangeInclusive<usize>| n.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = |text: &String| {
        let parts = text.split_once(':').and_then(|(minutes, rest)| Some((minutes, rest.split_once('.')?)));
        parts.is_some_and(|(minutes, (seconds, tenth))| digits(minutes, 2..=2) && digits(seconds, 2..=2) && digits(tenth, 1..=1))
    };
    // The days of the years 2009 to 2064, with more decimals than a price has.
    let serial = |text: &String| {
        text.split_once('.').is_some_and(|(day, part)| (39_814.0..60_000.0).contains(&day.parse().unwrap_or(0.0)) && digits(part, 5..=15))
    };
    let all = |found: &ColumnProfile, is: &dyn Fn(&String) -> bool| !found.samples.is_empty() && found.samples.iter().all(is);
    profile.columns.iter().zip(&profile.survey.columns).find_map(|(found, column)| {
        let (found, name) = (found.as_ref()?, &column.name);
        let value = found.samples.first()?;
        if all(found, &minutes) {
            return Some(Words {
                zh: format!("{name}（如 {value}）係試算表存成之「分:秒.0」，日期、小時與十分之一秒以下均已遺失：請向系統重新匯出，勿經試算表另存"),
                en: format!(
                    "{name} (such as {value}) is what a spreadsheet stores as minutes:seconds: dates, hours and all below a tenth of a second are lost; export the file anew, and do not store it from a spreadsheet"
                ),
            });
        }
        all(found, &serial).then(|| Words {
            zh: format!("{name}（如 {value}）係試算表之日期序號，所留位數不足以量測延遲：請向系統重新匯出，勿經試算表另存"),
            en: format!(
                "{name} (such as {value}) is a spreadsheet's number of a day, whose decimals are too few to measure latencies by; export the file anew, and do not store it from a spreadsheet"
            ),
        })
    })
}

fn year_untold(profile: &Profile) -> Option<Words> {
    let dated = |text: &str| text.contains(':') || text.matches(['/', '-']).count() == 2;
    let untold =
        |text: &String| dated(text) && TimeParser::new(TimeFormat::Iso, Zone::UTC).parse(text.as_bytes()) == Err(TimeFault::YearNotFirst);
    let is_one = |column: &&ColumnProfile| !column.samples.is_empty() && column.samples.iter().all(untold);
    let (found, column) =
        profile.columns.iter().zip(&profile.survey.columns).find_map(|(found, column)| Some((found.as_ref().filter(is_one)?, column)))?;
    let (name, value, (zh, en)) = (&column.name, found.samples.first()?, TimeFault::YearNotFirst.remedy()?);
    Some(Words {
        zh: format!("{name}（如 {value}）看似時間，但何者為日、月，或年屬何世紀，無從得知；{zh}"),
        en: format!(
            "{name} looks like times (such as {value}), but which is the day, the month, or the century of the year is not told; {en}"
        ),
    })
}

fn unused(shapes: &[Profile], parts: &Parts) -> Vec<(usize, Words)> {
    let taken = [parts.orders, parts.receipts, parts.clients];
    let why = |at: usize| match crate::inspect::look::times(&shapes[at]).is_empty() {
        true if shapes[at].survey.columns.len() == 1 => both(
            "只有一欄；標題列之上若另有文字列（如報表名稱），請刪除，或於 study.toml 寫明 skip_lines",
            "it has a single column; where lines such as the report's name stand above its header, delete them, or write skip_lines in study.toml",
        ),
        true => untold_times(&shapes[at])
            .unwrap_or_else(|| both("沒有時間欄，也看不出是客戶檔", "it has no column of times, and does not look like a list of clients")),
        false => both("欄位與已選的委託檔或收單檔不同", "its columns are not those of the orders or receipts chosen"),
    };
    (0..shapes.len()).filter(|at| !taken.contains(&Some(*at))).map(|at| (at, why(at))).collect()
}

/// The time a side cannot do without: the one whose name says so, else the only one there is.
pub(crate) enum Needed {
    /// Found, and what came next.
    Found(Candidate, Option<Candidate>),
    /// Several that cannot be told apart.
    Open(Vec<Candidate>),
    /// None.
    None,
}

/// Finds `sent_at` or `received_at`.
pub(crate) fn needed_time(profile: &Profile, side: Side, column: Column) -> Needed {
    let all = proposals(profile, side);
    if let Some(proposal) = all.iter().find(|proposal| proposal.column == column).filter(|proposal| !proposal.is_open()) {
        return Needed::Found(proposal.chosen.clone(), proposal.runner_up.clone());
    }
    let taken = |candidate: &Candidate| all.iter().any(|other| other.column != column && other.chosen.from == candidate.from);
    let mut free: Vec<Candidate> = candidates(profile, column).into_iter().filter(|candidate| !taken(candidate)).collect();
    if let Some(best) = free.first().map(|candidate| candidate.confidence) {
        // One time with several dates is one candidate.
        let mut seen = Vec::new();
        free.retain(|candidate| {
            let fresh = !seen.contains(&candidate.from.main());
            seen.push(candidate.from.main());
            fresh && best - candidate.confidence < 0.2
        });
    }
    match free.len() {
        0 => Needed::None,
        1 => {
            let mut only = free.remove(0);
            only.confidence = (only.confidence + 0.3).min(0.9);
            only.evidence.push(both("這是唯一的時間欄", "it is the only time that nothing else claims"));
            Needed::Found(only, None)
        }
        _ => Needed::Open(free),
    }
}
