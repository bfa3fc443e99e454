//! The section of the result.

use crate::order_records::{Item, SerialSeries};
use crate::report::model::{self, Words};
use crate::study::records::judge::{Judged, check_rows};
use crate::study::records::table::place_of;
use crate::study::records::words::item;
use crate::study::records::{Examined, Given};

/// Series and links written to the result; the table has every row.
const MOST_SERIES: usize = 200;
const MOST_LINKS: usize = 40;

pub(crate) fn section(given: Given<'_>, examined: &Examined<'_>, judged: &[Judged]) -> model::Records {
    let groups = &given.reconciled.attribution.groups;
    let group = |code: u16| groups[usize::from(code)].clone();
    let items = Item::ALL.map(|known| model::RecordItem {
        name: known.name().to_owned(),
        title: Words { zh: item(known).zh.to_owned(), en: item(known).en.to_owned() },
        in_files: examined.matrix.in_files[known as usize],
        since: known.is_of_later_list().then(|| "2020-04-20".to_owned()),
    });
    let cells = examined.matrix.cells.iter().map(|cell| model::RecordCell {
        channel: cell.channel.clone(),
        group: group(cell.group),
        orders: cell.orders,
        automated: cell.automated,
        automated_without_receipt: cell.automated_without_receipt,
        due: cell.due.to_vec(),
        held: cell.held.to_vec(),
    });
    let families = Some(examined.families).filter(|families| families.parents > 0);
    let form = examined.serials.form;
    model::Records {
        marks_automated: examined.matrix.marks_automated,
        items: items.into(),
        matrix: cells.collect(),
        serial_form: form.map(|form| format!("{} + {}", form.prefix, form.alphabet.name())),
        serials: form.map(|_| totals(&examined.serials.series)),
        series: series(&examined.serials.series),
        families: families.map(|families| model::FamilyFigures {
            parents: families.parents,
            slices: families.slices,
            to_first: families.to_first,
            to_each: families.to_each,
            aggregated: families.aggregated,
        }),
        likeness: likeness(given, examined),
        repair: None,
        checks: check_rows(given, examined, judged),
    }
}

fn totals(series: &[SerialSeries]) -> model::SerialTotals {
    let sum = |of: fn(&SerialSeries) -> u64| series.iter().map(of).sum();
    model::SerialTotals {
        series: series.len() as u64,
        orders: sum(|one| one.orders),
        gaps: sum(|one| one.gaps),
        missing: sum(|one| one.missing),
        repeats: sum(|one| one.repeats),
        provable: sum(|one| one.provable),
        nominal: sum(|one| one.nominal),
        undecidable: sum(|one| one.undecidable),
    }
}

fn series(series: &[SerialSeries]) -> Vec<model::SerialRow> {
    let mut sorted: Vec<&SerialSeries> = series.iter().collect();
    sorted.sort_by_key(|one| one.gaps + one.repeats + one.nominal == 0);
    let row = |one: &SerialSeries| model::SerialRow {
        name: one.name.clone(),
        orders: one.orders,
        first: one.first.clone(),
        last: one.last.clone(),
        gaps: one.gaps,
        missing: one.missing,
        repeats: one.repeats,
        provable: one.provable,
        nominal: one.nominal,
        undecidable: one.undecidable,
        wrapped: one.wrapped,
    };
    sorted.into_iter().take(MOST_SERIES).map(row).collect()
}

fn likeness(given: Given<'_>, examined: &Examined<'_>) -> Option<model::LikenessFigures> {
    use crate::order_records::Side;
    let options = given.study.records.likeness.filter(|_| examined.likeness.check.ran)?;
    let found = &examined.likeness;
    let medians = found.medians.iter().map(|bounds| model::MedianBoundsRow {
        group: given.reconciled.attribution.groups[usize::from(bounds.group)].clone(),
        by_id: bounds.by_id,
        least: bounds.least,
        most: bounds.most,
    });
    let links = found.links.iter().take(MOST_LINKS).map(|link| model::LikenessRow {
        order: place_of(given, Side::Orders, link.order),
        receipt: place_of(given, Side::Receipts, link.receipt),
        runner_up: link.runner_up.map(|receipt| place_of(given, Side::Receipts, receipt)),
        receipts_alike: u64::from(link.alike.0),
        orders_alike: u64::from(link.alike.1),
        confidence: link.confidence,
    });
    Some(model::LikenessFigures {
        window: options.window.0,
        missing: found.bounds.missing,
        linkable: found.bounds.linkable,
        unique: found.bounds.unique,
        missing_at_least: found.bounds.missing_at_least,
        medians: medians.collect(),
        links: links.collect(),
    })
}
