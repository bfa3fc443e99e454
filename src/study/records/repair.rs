//! What corrected and late-found receipts change, finding by finding. The study itself stands on the receipts as they were.

use std::collections::BTreeMap;

use crate::fairness::PairAssessment;
use crate::ingest::{Rejects, Source};
use crate::reconcile::{Attribution, ClientBook};
use crate::record::{Column, Diagnostic, Progress};
use crate::report::model;
use crate::report::tables::Reconciled;
use crate::study::basis::Basis;
use crate::study::judged::fairness_of;
use crate::study::records::judge::{Judged, judge};
use crate::study::records::{Given, examine};
use crate::study::{Inputs, LinkedRows, RunOptions, linked_rows, names, read_side};

/// The study before the repair.
pub(crate) struct Before<'a> {
    pub(crate) given: Given<'a>,
    pub(crate) book: &'a ClientBook,
}

/// Reads the repair file, judges everything once more with it, and says what differs; with the rows of it that could not be read.
pub(crate) fn repair(
    before: &Before<'_>,
    (inputs, source): (&Inputs, &Source),
    options: &RunOptions,
    progress: &Progress,
) -> Result<(model::Repair, Rejects), Diagnostic> {
    let given = before.given;
    let (config, original) = (given.study, given.reconciled.receipts);
    progress.stage("repair");
    let columns: Vec<Column> = [Column::ReceiptId, Column::ReceivedAt, Column::RecordedAt, Column::Account, Column::Group, Column::Client]
        .into_iter()
        .chain([Column::Channel, Column::Symbol, Column::Side, Column::Handler, Column::Ip, Column::Outcome])
        .collect();
    let (corrections, intake) = read_side(source, &columns, |_| true, progress)?;
    let receipt_files: Vec<String> = given.reconciled.receipt_files.iter().cloned().chain(names(source)).collect();
    let repaired = original.repaired(&corrections, Column::ReceiptId, given.reconciled.receipt_files.len() as u32);
    let receipts = repaired.records;
    let receipts_attributed = Attribution::of_receipts(&receipts, before.book, config.zone);
    let LinkedRows { orders, links, attribution, .. } =
        linked_rows(config, inputs, options, (&receipts, &receipts_attributed, before.book), progress)?;
    let reconciled = Reconciled {
        orders: &orders,
        receipts: &receipts,
        links: &links,
        attribution: &attribution,
        order_files: given.reconciled.order_files,
        receipt_files: &receipt_files,
        unread: given.reconciled.unread,
    };
    let basis = Basis::of_rows(&reconciled, progress);
    let judged = fairness_of(config, &reconciled, (&basis.missing, &basis.orphan), progress);
    let after = Given { study: config, reconciled: &reconciled, stamps: &judged.stamps, assessment: Some(&judged.assessment), ..given };
    let counts = |given: Given<'_>| judge(given, &examine(given));
    let pairs = |given: Given<'_>| given.assessment.map_or(Vec::new(), |assessment| assessment.pairs.clone());
    let repair = model::Repair {
        rows: intake.n_rows(),
        rejected: intake.n_rejected(),
        corrected: repaired.corrected,
        found: repaired.found,
        findings: findings(&counts(given), &counts(after)),
        pairs: pair_rows(&pairs(given), &pairs(after)),
    };
    Ok((repair, intake.rejects))
}

/// Codes that name a row before or after.
fn findings(before: &[Judged], after: &[Judged]) -> Vec<model::RepairedFinding> {
    let of_after: BTreeMap<&str, u64> = after.iter().map(|judged| (judged.kind.code, judged.count)).collect();
    let row = |judged: &Judged| {
        let after = of_after.get(judged.kind.code).copied().unwrap_or_default();
        (judged.count > 0 || after > 0).then(|| model::RepairedFinding {
            code: judged.kind.code.to_owned(),
            title: judged.kind.title.into(),
            before: judged.count,
            after,
        })
    };
    before.iter().filter_map(row).collect()
}

fn pair_rows(before: &[PairAssessment], after: &[PairAssessment]) -> Vec<model::RepairedPair> {
    let same = |a: &PairAssessment, b: &PairAssessment| (&a.favoured, &a.disadvantaged) == (&b.favoured, &b.disadvantaged);
    let gap = |pair: &PairAssessment| pair.median_gap.map(|gap| gap.estimate);
    let row = |pair: &PairAssessment| {
        let repaired = after.iter().find(|other| same(pair, other));
        model::RepairedPair {
            favoured: pair.favoured.clone(),
            disadvantaged: pair.disadvantaged.clone(),
            before: pair.verdict.name().to_owned(),
            after: repaired.map_or("inconclusive", |other| other.verdict.name()).to_owned(),
            gap_before: gap(pair),
            gap_after: repaired.and_then(gap),
        }
    };
    let mut rows: Vec<model::RepairedPair> = before.iter().map(row).collect();
    rows.sort_by_key(|row| row.before == row.after);
    rows
}
