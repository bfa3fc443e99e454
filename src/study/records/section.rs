//! The section of the result.

use std::cmp::Reverse;

use crate::order_records::{Item, SerialCounts, SerialSeries};
use crate::report::model::{self, Words};
use crate::study::records::judge::{Judged, check_rows};
use crate::study::records::lawful::class_rows;
use crate::study::records::offsets::offset_rows;
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
        classes: class_rows(given, examined),
        reports: examined.outcomes.reports.map(|reports| model::ReportRow {
            reports: reports.reports,
            answered: reports.answered,
            unanswered: reports.unanswered,
            copies_known: reports.copies_known,
        }),
        clock_offsets: offset_rows(given, &examined.offsets),
        checks: check_rows(given, examined, judged),
    }
}

fn totals(series: &[SerialSeries]) -> model::SerialTotals {
    let all = series.iter().fold(SerialCounts::default(), |all, one| all + one.counts);
    model::SerialTotals { series: series.len() as u64, counts: counts(all) }
}

const fn counts(of: SerialCounts) -> model::SerialCounts {
    let SerialCounts { orders, gaps, missing, repeats, nominal, provable, undecidable } = of;
    model::SerialCounts { orders, gaps, missing, repeats, provable, nominal, undecidable }
}

fn series(series: &[SerialSeries]) -> Vec<model::SerialRow> {
    let mut sorted: Vec<&SerialSeries> = series.iter().collect();
    sorted.sort_by_key(|one| Reverse(one.counts.gaps + one.counts.repeats + one.counts.nominal));
    let row = |one: &SerialSeries| model::SerialRow {
        name: one.name.clone(),
        first: one.first.clone(),
        last: one.last.clone(),
        counts: counts(one.counts),
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
