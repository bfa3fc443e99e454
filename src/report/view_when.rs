//! When each group waited, and the tables behind the charts of distributions, as the page shows them.

use serde::Serialize;

use crate::record::{Timestamp, Zone};
use crate::report::charts;
use crate::report::i18n::{Language, clock};
use crate::report::model::{MedianSeries, StudyResult, Words};
use crate::report::numbers::{NONE, count, duration, percent, signed_duration};
use crate::report::view::{Capped, Figure, Name, capped, figure};

/// Points in time shown in a table.
const MAX_ROWS: usize = 130;
/// Groups shown in a table.
const MAX_GROUPS: usize = 12;
/// Columns of a name in a table.
const NAME: usize = 24;

/// Charts and tables of the section.
#[derive(Serialize)]
pub(crate) struct WhenView {
    timeline: Option<Words>,
    heat: Option<Words>,
    over_time: Option<WideView>,
    time_of_day: Option<WideView>,
}

/// A table with one column a group.
#[derive(Serialize)]
struct WideView {
    groups: Vec<Name>,
    rows: Capped<WideRow>,
}

#[derive(Serialize)]
struct WideRow {
    head: String,
    figures: Vec<Figure>,
}

/// One level of one pair's shift function.
#[derive(Serialize)]
pub(crate) struct ShiftView {
    favoured: Name,
    disadvantaged: Name,
    figures: Vec<Figure>,
}

/// A chart in both languages; `None` where there is nothing to draw.
pub(crate) fn both(result: &StudyResult, draw: fn(&StudyResult, Language) -> Option<String>) -> Option<Words> {
    Some(Words { zh: draw(result, Language::ZhTw)?, en: draw(result, Language::En)? })
}

/// Formats the section; `None` where there is neither chart.
pub(crate) fn when_view(result: &StudyResult) -> Option<WhenView> {
    let (timeline, heat) = (both(result, charts::timeline), both(result, charts::heat));
    if timeline.is_none() && heat.is_none() {
        return None;
    }
    // Unknown zones do not occur in a result of ours; instants are then shown in UTC.
    let mut reader = Zone::named(&result.study.timezone).unwrap_or(Zone::UTC).local_reader();
    let over_time = result.over_time.as_ref().map(|found| {
        let head = |at: usize| match found.unit.as_str() {
            "block" => format!("{} {}", found.dates[at], clock(reader.read(Timestamp(found.starts[at])).1)),
            _ => found.dates[at].clone(),
        };
        wide(&found.groups, (0..found.starts.len()).map(head).collect())
    });
    let time_of_day =
        result.time_of_day.as_ref().map(|found| wide(&found.groups, found.starts.iter().map(|start| clock(*start)).collect()));
    Some(WhenView { timeline, heat, over_time, time_of_day })
}

fn wide(groups: &[MedianSeries], heads: Vec<String>) -> WideView {
    let groups = &groups[..groups.len().min(MAX_GROUPS)];
    let cell = |series: &MedianSeries, at: usize| match series.p50[at] {
        Some(nanos) => figure(&format!("{} ({})", duration(nanos), count(series.n[at])), nanos),
        None => figure(NONE, ""),
    };
    let rows: Vec<(usize, String)> = heads.into_iter().enumerate().collect();
    WideView {
        groups: groups.iter().map(|series| Name::new(&series.group, NAME)).collect(),
        rows: capped(&rows, MAX_ROWS, |(at, head)| WideRow {
            head: head.clone(),
            figures: groups.iter().map(|series| cell(series, *at)).collect(),
        }),
    }
}

/// The levels of the pairs that are drawn.
pub(crate) fn shift_rows(result: &StudyResult) -> Vec<ShiftView> {
    let signed = |nanos: f64| figure(&signed_duration(nanos), nanos);
    let end = |nanos: Option<f64>| nanos.map_or_else(|| figure(NONE, ""), signed);
    let of_pair = |pair: &crate::report::model::PairRow| {
        let one = |point: &crate::report::model::ShiftPoint| ShiftView {
            favoured: Name::new(&pair.favoured, NAME),
            disadvantaged: Name::new(&pair.disadvantaged, NAME),
            figures: vec![figure(&percent(point.q), point.q), signed(point.difference), end(point.lower), end(point.upper)],
        };
        pair.shift.iter().map(one).collect::<Vec<_>>()
    };
    charts::shift_pairs(result).into_iter().flat_map(of_pair).collect()
}
