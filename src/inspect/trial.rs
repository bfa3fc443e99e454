//! A trial run: the files are read and linked exactly as a study would, to see whether a choice of columns holds.

use crate::ingest::{self, FormatOptions, Intake, Mapping, Source, SourceFile, TextOptions};
use crate::reconcile::{
    AlsoEqual, Attribution, ClientBook, LinkOptions, Links, ReceiptIndex, Records, RecordsBuilder, RecordsPart, Waterfall,
};
use crate::record::{Chunk, Column, Diagnostic, Latency, NameBooks, Progress, Zone};

/// A wait from receipt to sending that is taken for genuine: not more than an hour, and not before the receipt but for clock errors.
const PLAUSIBLE: std::ops::RangeInclusive<i64> = -1_000_000_000..=3_600_000_000_000;

/// Both sides, read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) orders: Records,
    pub(crate) receipts: Records,
    pub(crate) order_intake: Intake,
    pub(crate) receipt_intake: Intake,
}

/// The files of a side and the columns to read from them.
#[derive(Clone, Debug)]
pub(crate) struct SideChoice {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) mapping: Mapping,
    pub(crate) options: FormatOptions,
}

/// What linking under one choice gave.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(crate) also: Vec<AlsoEqual>,
    pub(crate) n_orders: u64,
    pub(crate) n_receipts: u64,
    pub(crate) waterfall: Waterfall,
    /// Matched orders that were sent up to an hour after the receipt; all matched ones where a side has no time.
    pub(crate) plausible: u64,
    /// The 1st, 50th and 99th percentile of sent minus received over the matched orders.
    pub(crate) latency: Option<[Latency; 3]>,
    /// For each name that both sides have: matched orders with a value on both sides, and those where they agree, leading zeros aside:
    /// spreadsheets drop them.
    pub(crate) agreement: Vec<(Column, u64, u64)>,
    /// Names that agree in a tenth of the links or more only without their leading zeros.
    pub(crate) zeros_lost: Vec<Column>,
}

/// Reads both sides; naive times in `zone` where the mapping does not say otherwise.
pub(crate) fn load(orders: &SideChoice, receipts: &SideChoice, zone: Zone, progress: &Progress) -> Result<Loaded, Diagnostic> {
    let read = |side: &SideChoice, wanted: &[Column]| {
        let source = Source {
            files: side.files.clone(),
            mapping: side.mapping.clone(),
            zone,
            text: TextOptions::default(),
            options: side.options.clone(),
        };
        let (books, mut records) = (NameBooks::default(), RecordsBuilder::default());
        let transform = |chunk: Chunk<'_>| RecordsPart::of(chunk, |_| true);
        let intake = ingest::read(&source, wanted, &books, progress, transform, |place, part| records.append(place, part))?;
        Ok::<_, Diagnostic>((records.finish(books), intake))
    };
    let names = [Column::Account, Column::Symbol, Column::Side, Column::Kind, Column::Channel];
    let wanted = |own: &[Column]| [own, &names].concat();
    let (orders, order_intake) = read(orders, &wanted(&[Column::OrderId, Column::ReceiptId, Column::SentAt]))?;
    let (receipts, receipt_intake) = read(receipts, &wanted(&[Column::ReceiptId, Column::ReceivedAt, Column::Group]))?;
    Ok(Loaded { orders, receipts, order_intake, receipt_intake })
}

impl Trial {
    /// Links under the further keys `also`.
    pub(crate) fn run(loaded: &Loaded, also: &[AlsoEqual], zone: Zone) -> Self {
        let Loaded { orders, receipts, .. } = loaded;
        let groups = Attribution::of_receipts(receipts, &ClientBook::default(), zone).receipt_group;
        let options = LinkOptions { also: also.to_vec(), zone };
        let index = ReceiptIndex::of(receipts, &groups, &options);
        // Linking takes the ids of the orders away.
        let mut orders = orders.clone();
        let linked = index.link(&orders);
        let links = index.finish(&mut orders, linked);
        let waterfall = links.waterfall();
        let latencies = latencies(&orders, receipts, &links);
        let plausible = match &latencies {
            Some(sorted) => sorted.iter().filter(|latency| PLAUSIBLE.contains(*latency)).count() as u64,
            None => waterfall.matched,
        };
        let rank = |sorted: &[i64], percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
        let latency = latencies.and_then(|sorted| {
            let at = |percent| rank(&sorted, percent).map(Latency);
            Some([at(1)?, at(50)?, at(99)?])
        });
        let (agreement, zeros_lost) = agreement(&orders, receipts, &links);
        Self {
            also: also.to_vec(),
            n_orders: orders.len() as u64,
            n_receipts: receipts.len() as u64,
            waterfall,
            plausible,
            latency,
            agreement,
            zeros_lost,
        }
    }

    /// False where accounts and symbols, as far as both sides have them, mostly differ (ids that happen to be the same link anything), or
    /// where most receipts are copies of others: what does not tell receipts apart is no id of theirs.
    pub(crate) fn is_believable(&self) -> bool {
        if self.waterfall.duplicate_receipt * 2 > self.n_receipts {
            return false;
        }
        let telling = self.agreement.iter().filter(|(column, both, _)| matches!(column, Column::Account | Column::Symbol) && *both > 0);
        let mostly: Vec<bool> = telling.map(|(_, both, agree)| agree * 2 >= *both).collect();
        mostly.is_empty() || mostly.contains(&true)
    }

    /// Rows that the choice of keys puts in doubt: copies, and orders whose receipt is not known.
    pub(crate) fn contested(&self) -> u64 {
        self.waterfall.duplicate_receipt + self.waterfall.duplicate_order + self.waterfall.ambiguous
    }

    /// How good the choice is, 1 at best: plausible links for each order, as far as they agree on the account, less the copies among
    /// the receipts and what is in doubt among the orders.
    pub(crate) fn quality(&self) -> f64 {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let account = self.agreement.iter().find(|(column, both, _)| *column == Column::Account && *both > 0);
        let agreed = account.map_or(1.0, |(_, both, agree)| share(*agree, *both));
        let doubtful = share(self.waterfall.duplicate_order + self.waterfall.ambiguous, self.n_orders);
        agreed * share(self.plausible, self.n_orders) - doubtful - share(self.waterfall.duplicate_receipt, self.n_receipts)
    }

    /// Share of the orders that have a receipt.
    pub(crate) fn matched_share(&self) -> f64 {
        if self.n_orders == 0 { 0.0 } else { self.waterfall.matched as f64 / self.n_orders as f64 }
    }
}

/// Sent minus received of matched orders, ascending; `None` where a side has no time.
fn latencies(orders: &Records, receipts: &Records, links: &Links) -> Option<Vec<i64>> {
    let (sent, received) = (orders.times(Column::SentAt)?, receipts.times(Column::ReceivedAt)?);
    let latency = |order: usize| Some(sent[order].saturating_sub(received[links.matched_receipt(order)?]));
    let mut latencies: Vec<i64> = (0..sent.len()).filter_map(latency).collect();
    latencies.sort_unstable();
    Some(latencies)
}

fn agreement(orders: &Records, receipts: &Records, links: &Links) -> (Vec<(Column, u64, u64)>, Vec<Column>) {
    let mut zeros_lost = Vec::new();
    let mut compared = |column: Column| {
        let (ours, theirs) = (orders.names(column)?, receipts.names(column)?);
        let pairs = (0..orders.len()).filter_map(|order| Some((ours.text(order), theirs.text(links.matched_receipt(order)?))));
        let (mut both, mut same, mut exactly) = (0_u64, 0_u64, 0_u64);
        for (ours, theirs) in pairs.filter(|(ours, theirs)| !ours.is_empty() && !theirs.is_empty()) {
            both += 1;
            exactly += u64::from(ours == theirs);
            same += u64::from(ours == theirs || ours.trim_start_matches('0') == theirs.trim_start_matches('0'));
        }
        if (same - exactly) * 10 >= both.max(1) {
            zeros_lost.push(column);
        }
        Some((column, both, same))
    };
    let columns = [Column::Account, Column::Symbol, Column::Side, Column::Kind, Column::Channel];
    let agreement = columns.into_iter().filter_map(&mut compared).collect();
    (agreement, zeros_lost)
}

/// The further keys that ids need: the fewest that do nearly as well as the best. All trials come back, the chosen one first.
pub(crate) fn further_keys(loaded: &Loaded, zone: Zone) -> Vec<Trial> {
    let plain = Trial::run(loaded, &[], zone);
    if plain.contested() * 200 <= plain.n_orders + plain.n_receipts {
        return vec![plain];
    }
    let in_both = |column: &Column| loaded.orders.names(*column).is_some() && loaded.receipts.names(*column).is_some();
    let names = [Column::Kind, Column::Account, Column::Symbol, Column::Side, Column::Channel];
    let parts: Vec<AlsoEqual> =
        std::iter::once(AlsoEqual::TradeDate).chain(names.into_iter().filter(in_both).map(AlsoEqual::Name)).collect();
    let mut sets: Vec<Vec<AlsoEqual>> = parts.iter().map(|part| vec![*part]).collect();
    sets.extend((0..parts.len()).flat_map(|a| (a + 1..parts.len()).map(move |b| (a, b))).map(|(a, b)| vec![parts[a], parts[b]]));
    let mut trials: Vec<Trial> = std::iter::once(plain).chain(sets.iter().map(|set| Trial::run(loaded, set, zone))).collect();
    let best = trials.iter().map(Trial::quality).fold(f64::MIN, f64::max);
    // One row in two hundred is not worth a further key; the fewest keys win, in the order tried.
    let chosen = trials.iter().position(|trial| trial.quality() >= best - 0.005).unwrap_or(0);
    let chosen = trials.remove(chosen);
    trials.sort_by(|a, b| b.quality().total_cmp(&a.quality()).then(a.also.len().cmp(&b.also.len())));
    trials.insert(0, chosen);
    trials
}
