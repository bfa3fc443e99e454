//! The measured orders of a study, their stamps, and the verdict on every pair.

use crate::config::StudyConfig;
use crate::fairness::beside::{Case, ClientStanding, assess_with_clients};
use crate::fairness::{Assessment, Evidence, GroupEvidence, assess};
use crate::measure::{Timetable, load_bins};
use crate::reconcile::{ReceiptClass, matched_orders, matched_orders_with_rows};
use crate::record::{MatchedOrders, Progress};
use crate::report::tables::Reconciled;
use crate::study::basis::{ambiguous_orders, contradicted_receipts, later_copies, receipts_by_group, refused_receipts};
use crate::timestamps::{self, StampOptions, StampReport};

/// The matched orders, their stamps, and the verdict on them.
pub(crate) struct Judged {
    pub(crate) matched: MatchedOrders,
    /// The order row behind each matched order.
    pub(crate) rows: Vec<u32>,
    pub(crate) stamps: StampReport,
    pub(crate) evidence: Evidence,
    pub(crate) assessment: Assessment,
    /// Where each client stands.
    pub(crate) clients: Vec<ClientStanding>,
    pub(crate) timetable: Timetable,
}

/// The matched orders and what is known of each group's records, before any stamp is looked at.
pub(crate) struct Arranged {
    pub(crate) matched: MatchedOrders,
    /// The order row behind each matched order.
    pub(crate) rows: Vec<u32>,
    pub(crate) evidence: Evidence,
}

/// Arranges the matched orders.
///
/// `missing`, `orphan`: orders without a receipt and receipts without an order, by group.
pub(crate) fn arrange(config: &StudyConfig, reconciled: &Reconciled<'_>, (missing, orphan): (&[u64], &[u64])) -> Arranged {
    let Reconciled { orders, receipts, links, attribution, unread, .. } = *reconciled;
    let (matched, rows) = matched_orders_with_rows(orders, receipts, links, attribution, config.first_child);
    let n_groups = attribution.groups.len();
    let clocks = config.clocks_by_group.numbers(&attribution.groups);
    let receipts_matched = receipts_by_group(links, &attribution.receipt_group, n_groups, ReceiptClass::Matched);
    let (ambiguous, refused) = (ambiguous_orders(reconciled), refused_receipts(reconciled));
    let (later_copies, receipt_copies) = (later_copies(reconciled), contradicted_receipts(reconciled));
    let groups = clocks.iter().enumerate().map(|(code, (received_clock, sent_clock))| GroupEvidence {
        missing_receipt: missing[code],
        ambiguous: ambiguous[code],
        orphan_receipt: orphan[code] - refused[code],
        refused: refused[code],
        later_copies: later_copies[code],
        receipt_copies: receipt_copies[code],
        matched_receipts: Some(receipts_matched[code]),
        received_clock: *received_clock,
        sent_clock: *sent_clock,
        ..GroupEvidence::default()
    });
    Arranged { matched, rows, evidence: Evidence { groups: groups.collect(), unread } }
}

/// Arranges the matched orders, examines their stamps, and judges every pair.
pub(crate) fn fairness_of(config: &StudyConfig, reconciled: &Reconciled<'_>, counts: (&[u64], &[u64]), progress: &Progress) -> Judged {
    progress.stage("arrange");
    let mut judged = judge(config, arrange(config, reconciled, counts), progress);
    if judged.assessment.says_anything()
        && let Some(first) = first_orders(config, reconciled, &judged.matched)
    {
        let Case { calendar, zone, options, .. } = case_of(config, &first, &judged.evidence);
        judged.assessment.hold_against_first_orders(&assess(&first, &judged.evidence, calendar, zone, options));
    }
    judged
}

/// The first order of each receipt, where that leaves some out and the verdict counts them all.
pub(crate) fn first_orders(config: &StudyConfig, reconciled: &Reconciled<'_>, matched: &MatchedOrders) -> Option<MatchedOrders> {
    let Reconciled { orders, receipts, links, attribution, .. } = *reconciled;
    let n_receipts = (0..receipts.len()).filter(|receipt| links.receipt_class(*receipt) == ReceiptClass::Matched).count();
    (!config.first_child && n_receipts < matched.len()).then(|| matched_orders(orders, receipts, links, attribution, true))
}

/// Examines the stamps of arranged orders and judges every pair.
pub(crate) fn judge(config: &StudyConfig, arranged: Arranged, progress: &Progress) -> Judged {
    let Arranged { matched, rows, evidence } = arranged;
    progress.stage("stamps");
    let timetable = Timetable::of(&matched, &config.calendar, config.zone, config.fairness.slot, config.fairness.block);
    let clocks: Vec<(u32, u32)> = evidence.groups.iter().map(|group| (group.received_clock, group.sent_clock)).collect();
    let load = load_bins(&matched, &timetable.days);
    let stamps = examine_stamps(&matched, &load, config, &clocks);
    let evidence = evidence.with_stamps(&stamps);
    progress.stage("method");
    let (assessment, clients) = assess_with_clients(case_of(config, &matched, &evidence), Some(&load));
    Judged { matched, rows, stamps, evidence, assessment, clients, timetable }
}

/// What stands beside the verdict is computed from what the verdict was.
pub(crate) fn case_of<'a>(config: &'a StudyConfig, orders: &'a MatchedOrders, evidence: &'a Evidence) -> Case<'a> {
    Case { orders, evidence, calendar: &config.calendar, zone: config.zone, options: &config.fairness }
}

/// Are the stamps fine enough and do they look genuine? Held against the load at receipt, which only real queues follow.
fn examine_stamps(matched: &MatchedOrders, load: &[u8], config: &StudyConfig, clocks: &[(u32, u32)]) -> StampReport {
    let clock_of_group = clocks.iter().map(|(received, _)| *received as u16).collect();
    let options = StampOptions { margin: config.fairness.margins.median, clock_of_group, ..StampOptions::default() };
    timestamps::examine(matched, load, &options)
}
