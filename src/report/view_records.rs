//! The records as the page shows them: the completeness matrix, serials, links by likeness, what a repair changes.

use serde::Serialize;

use crate::report::i18n;
use crate::report::model::{LikenessRow, RecordCell, RecordItem, Records, RepairedFinding, RepairedPair, SerialCounts, SerialRow, Words};
use crate::report::numbers::{NONE, percent, signed_duration};
use crate::report::view::{Badge, Capped, Figure, Name, badge, capped, figure, safe, whole};

/// Rows of the matrix and of the other lists shown.
const MAX_CELLS: usize = 60;
const MAX_ROWS: usize = 20;
/// Columns of a name in a table.
const NAME: usize = 36;

/// The section, its sentences and tables.
#[derive(Serialize)]
pub(crate) struct RecordsView {
    sentences: Vec<Words>,
    items: Vec<ItemView>,
    cells: Capped<CellView>,
    series: Capped<SeriesView>,
    links: Capped<LinkView>,
    repaired: Capped<RepairedView>,
    pairs: Capped<PairView>,
}

#[derive(Serialize)]
struct ItemView {
    title: Words,
    in_files: bool,
    since: Option<String>,
}

#[derive(Serialize)]
struct CellView {
    channel: Name,
    group: Name,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct SeriesView {
    name: Name,
    span: Name,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct LinkView {
    order: Name,
    receipt: Name,
    runner_up: Name,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct RepairedView {
    code: String,
    title: Words,
    figures: [Figure; 2],
}

#[derive(Serialize)]
struct PairView {
    favoured: Name,
    disadvantaged: Name,
    badges: [Badge; 2],
    figures: [Figure; 2],
}

/// Formats the section.
pub(crate) fn records_view(found: &Records) -> RecordsView {
    let repair = found.repair.as_ref();
    RecordsView {
        sentences: i18n::records(found),
        items: found.items.iter().map(item).collect(),
        cells: capped(&found.matrix, MAX_CELLS, |row| cell(row, &found.items)),
        series: capped(&found.series, MAX_ROWS, series),
        links: capped(found.likeness.as_ref().map_or(&[][..], |likeness| &likeness.links[..]), MAX_ROWS, link),
        repaired: capped(repair.map_or(&[][..], |repair| &repair.findings[..]), MAX_CELLS, repaired),
        pairs: capped(repair.map_or(&[][..], |repair| &repair.pairs[..]), MAX_ROWS, pair),
    }
}

fn item(row: &RecordItem) -> ItemView {
    ItemView { title: safe(&row.title), in_files: row.in_files, since: row.since.clone() }
}

/// Orders, automated ones, those of them without a receipt, and the share of records that hold each item.
fn cell(row: &RecordCell, items: &[RecordItem]) -> CellView {
    let share = |((item, due), held): ((&RecordItem, &u64), &u64)| match (item.in_files, *due) {
        (true, 1..) => {
            let share = *held as f64 / *due as f64;
            figure(&percent(share), share)
        }
        _ => figure(NONE, ""),
    };
    let counts = [row.orders, row.automated, row.automated_without_receipt].map(whole);
    CellView {
        channel: Name::new(&row.channel, NAME),
        group: Name::new(&row.group, NAME),
        figures: counts.into_iter().chain(items.iter().zip(&row.due).zip(&row.held).map(share)).collect(),
    }
}

fn series(row: &SerialRow) -> SeriesView {
    SeriesView {
        name: Name::new(&row.name, NAME),
        span: Name::new(&format!("{} \u{2013} {}", row.first, row.last), NAME),
        figures: {
            let SerialCounts { orders, gaps, missing, repeats, provable, nominal, undecidable } = row.counts;
            [orders, gaps, missing, repeats, provable, nominal, undecidable].map(whole).into()
        },
    }
}

fn link(row: &LikenessRow) -> LinkView {
    LinkView {
        order: Name::new(&row.order, NAME),
        receipt: Name::new(&row.receipt, NAME),
        runner_up: Name::new(row.runner_up.as_deref().unwrap_or(NONE), NAME),
        figures: vec![whole(row.receipts_alike), whole(row.orders_alike), figure(&format!("{:.2}", row.confidence), row.confidence)],
    }
}

fn repaired(row: &RepairedFinding) -> RepairedView {
    RepairedView { code: row.code.clone(), title: safe(&row.title), figures: [row.before, row.after].map(whole) }
}

fn pair(row: &RepairedPair) -> PairView {
    let gap = |gap: Option<f64>| gap.map_or_else(|| figure(NONE, ""), |gap| figure(&signed_duration(gap), gap));
    PairView {
        favoured: Name::new(&row.favoured, NAME),
        disadvantaged: Name::new(&row.disadvantaged, NAME),
        badges: [badge(&row.before), badge(&row.after)],
        figures: [gap(row.gap_before), gap(row.gap_after)],
    }
}

#[cfg(test)]
mod tests {
    use crate::report::html::html;
    use crate::report::model::{
        LikenessFigures, RecordCell, RecordItem, Records, Repair, RepairedFinding, SerialCounts, SerialRow, SerialTotals, Words,
    };
    use crate::report::sample::sample_result;

    fn section(name: &str) -> Records {
        let words = |text: &str| Words { zh: format!("{text}之名"), en: text.into() };
        let counts = SerialCounts { orders: 900, gaps: 2, missing: 5, undecidable: 3, ..SerialCounts::default() };
        Records {
            marks_automated: true,
            items: vec![
                RecordItem { name: "received_at".into(), title: words("receipt time"), in_files: true, since: None },
                RecordItem { name: "handler".into(), title: words("handler"), in_files: false, since: Some("2020-04-20".into()) },
            ],
            matrix: vec![RecordCell {
                channel: "2".into(),
                group: name.into(),
                orders: 1_000,
                automated: 1_000,
                automated_without_receipt: 37,
                due: vec![1_000, 1_000],
                held: vec![963, 0],
            }],
            serial_form: Some("1 + base62".into()),
            serials: Some(SerialTotals { series: 1, counts }),
            series: vec![SerialRow { name: name.into(), first: "A0001".into(), last: "A00Ez".into(), counts, wrapped: false }],
            likeness: Some(LikenessFigures {
                window: 1_000_000_000,
                missing: 40,
                linkable: 12,
                unique: 9,
                missing_at_least: 30,
                ..Default::default()
            }),
            repair: Some(Repair {
                rejected: 0,
                rows: 4,
                corrected: 1,
                found: 3,
                findings: vec![RepairedFinding { code: "R01".into(), title: words("orders without a receipt"), before: 37, after: 34 }],
                pairs: Vec::new(),
            }),
            ..Records::default()
        }
    }

    #[test]
    fn the_page_shows_what_is_held_by_channel_and_group_and_what_the_files_do_not_say() {
        let mut result = sample_result();
        assert!(!html(&result).contains("id=\"records\""));
        result.records = Some(section("QUANT"));
        let page = html(&result);
        for words in [
            "id=\"records\"",
            "37 of 1,000 orders made by an algorithm have no receipt",
            "96.3",
            "A0001 \u{2013} A00Ez",
            "2 gaps with 5 serials missing",
            "between 30 and 40 orders stay without a receipt",
            "3 receipts found and 1 corrected",
        ] {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn hostile_names_are_inert() {
        let mut result = sample_result();
        result.records = Some(section("<script>alert(1)</script>\u{202e}"));
        let page = html(&result);
        assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'));
    }
}
