//! The basis of a study from orders of which no more is held than it needs: in one piece, or in shares of the keys where memory is short.
//!
//! Both ways give the same figures to the digit. A share takes the files once more, and no file is written on the way: nothing of the
//! clients lies about on a disk.

use crate::config::StudyConfig;
use crate::ingest::{self, Intake};
use crate::measure::latency::LatencyParts;
use crate::reconcile::{
    Attribution, ClientBook, FirstLook, FirstLookBuilder, FirstLookLatencies, FirstLookPart, LinkOptions, OnlyGroups, OrderPrints, Owners,
    ReceiptClass, ReceiptIndex, Records, RecordsBuilder, RecordsPart, Share, Shares, Waterfall, copies_among,
};
use crate::record::{Chunk, ChunkPlace, Column, Diagnostic, NameBooks, Names, OVER_BUDGET, Progress};
use crate::study::basis::{Basis, account_names, among_names, receipts_by_group};
use crate::study::{
    Inputs, Receipts, RunOptions, link_options, order_columns, read_clients, read_side, receipt_columns, refuse_empty,
    refuse_too_many_groups, refuse_unknown_reference,
};

/// A study's files and settings.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) config: &'a StudyConfig,
    pub(crate) inputs: &'a Inputs,
    pub(crate) options: &'a RunOptions,
    pub(crate) progress: &'a Progress,
}

/// What came in on the side of the receipts, the basis, and what came in of orders.
pub(crate) type Looked = (Receipts, Basis, Intake);

/// Takes the first look, in as many shares as the memory allowed asks for.
pub(crate) fn first_look(job: Job<'_>) -> Result<Looked, Diagnostic> {
    match in_one_piece(job) {
        Err(problem) if problem.code == OVER_BUDGET => in_shares(job),
        done => done,
    }
}

impl Job<'_> {
    fn link_options(self) -> LinkOptions {
        link_options(self.config)
    }

    fn order_columns(self) -> Vec<Column> {
        order_columns(self.config, self.options)
    }
}

fn in_one_piece(job: Job<'_>) -> Result<Looked, Diagnostic> {
    let Job { config, inputs, options, progress } = job;
    let mut receipts = Receipts::read(config, inputs, options, progress)?;
    progress.stage("index receipts");
    let link_options = job.link_options();
    let index = ReceiptIndex::of(&receipts.records, &receipts.of.receipt_group, &link_options);
    progress.stage("read orders");
    let (books, mut orders, mut prints) = (NameBooks::default(), FirstLookBuilder::default(), OrderPrints::default());
    let transform = |mut chunk: Chunk<'_>| {
        let prints = index.prints(&chunk);
        (FirstLookPart::of(&mut chunk, &index), prints)
    };
    let intake = ingest::read(&inputs.orders, &job.order_columns(), &books, progress, transform, |place, (part, of_part)| {
        orders.append(part, place.rows_expected);
        prints.append(&of_part, place.rows_expected);
    })?;
    refuse_empty(&inputs.orders, &intake, "orders")?;
    progress.stage("link");
    let candidates = prints.possible_copies();
    drop(prints);
    let copies = copies_of(job, &candidates, &intake)?;
    let orders = orders.finish(index, books, copies);
    receipts.records.forget(Column::ReceiptId);

    progress.stage("measure");
    let only_groups = OnlyGroups::of(&receipts.records, &receipts.of);
    let mut sums = Sums::default();
    sums.add(job, (&receipts.records, &receipts.of), (&receipts.book, &only_groups), &orders);
    drop(orders);
    progress.stage("compare");
    let basis = sums.finish(&receipts.of.groups);
    Ok((receipts, basis, intake))
}

/// (losing copy, surviving copy) among the orders of the rows `candidates`, for which the files are read once more.
fn copies_of(job: Job<'_>, candidates: &[u32], before: &Intake) -> Result<Vec<(u32, u32)>, Diagnostic> {
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let (books, mut records, mut n_rows) = (NameBooks::default(), RecordsBuilder::default(), 0);
    let transform = |chunk: Chunk<'_>| RecordsPart::of(chunk, |_| true);
    let intake = ingest::read(&job.inputs.orders, &job.order_columns(), &books, job.progress, transform, |place, part: RecordsPart| {
        let behind = n_rows + part.len() as u32;
        let rows = &candidates[candidates.partition_point(|row| *row < n_rows)..candidates.partition_point(|row| *row < behind)];
        let within: Vec<u32> = rows.iter().map(|row| row - n_rows).collect();
        records.append(place, part.select(&within));
        n_rows = behind;
    })?;
    refuse_other(&intake, before)?;
    Ok(copies_among(&records.finish(books), candidates, &job.link_options()))
}

/// Files that are read several times over have to say the same each time.
fn refuse_other(now: &Intake, before: &Intake) -> Result<(), Diagnostic> {
    if now.files == before.files {
        return Ok(());
    }
    let problem = ("檔案在讀取時被改動", "a file changed while it was read");
    let help = ("請複製一份不會再被寫入的檔案來查核", "check a copy that nothing writes to");
    Err(Diagnostic::new("E0208", problem).help(help))
}

/// The figures while shares come in; one piece is one share.
#[derive(Default)]
struct Sums {
    waterfall: Waterfall,
    missing: Vec<u64>,
    orphan: Vec<u64>,
    /// With the code of "no client known".
    latencies: Option<(LatencyParts, u32)>,
    /// Clients, and the accounts of either side: the same in every share.
    clients: Names,
    accounts: [Option<Names>; 2],
}

impl Sums {
    fn add(
        &mut self,
        job: Job<'_>,
        (records, of): (&Records, &Attribution),
        (book, only_groups): (&ClientBook, &OnlyGroups),
        orders: &FirstLook,
    ) {
        let owners = Owners::of(of, orders.accounts.as_ref(), records, (book, only_groups), job.config.zone);
        let received = records.times(Column::ReceivedAt).unwrap_or(&[]);
        let (parts, _) =
            self.latencies.get_or_insert_with(|| (LatencyParts::new(of.groups.len(), owners.clients.len()), owners.nameless()));
        parts.add(&FirstLookLatencies { orders, received, owners: &owners });
        self.waterfall.add(&orders.links.waterfall());
        add_each(&mut self.missing, &orders.missing_by_group(&owners));
        add_each(&mut self.orphan, &receipts_by_group(&orders.links, &of.receipt_group, of.groups.len(), ReceiptClass::Orphan));
        if self.clients.is_empty() {
            self.accounts = [orders.accounts.as_ref().map(|accounts| &accounts.names), account_names(records)].map(|names| names.cloned());
            self.clients = owners.clients;
        }
    }

    fn finish(self, groups: &Names) -> Basis {
        let Self { waterfall, missing, orphan, latencies, clients, accounts } = self;
        let grouped = latencies.map(|(parts, nameless)| parts.finish(nameless)).unwrap_or_default();
        Basis {
            comparisons: grouped.compare_all(),
            groups: groups.clone(),
            waterfall,
            grouped,
            missing,
            orphan,
            alike: among_names(groups, &clients, accounts.each_ref().map(Option::as_ref)),
        }
    }
}

fn add_each(sums: &mut Vec<u64>, share: &[u64]) {
    sums.resize(share.len(), 0);
    sums.iter_mut().zip(share).for_each(|(sum, share)| *sum += share);
}

/// More would be one reading of all files after the other for hours.
const MOST_SHARES: u64 = 64;
/// Bytes that a share holds for each of its receipts and orders, and that are kept for each order of all shares.
const RECEIPT_BYTES: u64 = 40;
const ORDER_BYTES: u64 = 20;
const KEPT_BYTES: u64 = 4;
/// Bytes of an order's print and row while copies are looked for.
const PRINT_BYTES: u64 = 16;

/// The same in shares of the keys: an order, its receipt and the copies of either fall into one.
fn in_shares(job: Job<'_>) -> Result<Looked, Diagnostic> {
    let Job { config, inputs, options, progress } = job;
    progress.stage("look over receipts");
    let (book, client_intake) = read_clients(inputs.clients.as_ref(), progress)?;
    let kept = |column: Column| matches!(column, Column::Account | Column::Group) || column == Column::ReceivedAt && !book.is_empty();
    let (records, intake) = read_side(&inputs.receipts, &receipt_columns(config, options), kept, progress)?;
    refuse_empty(&inputs.receipts, &intake, "receipts")?;
    let n_receipts = records.len() as u64;
    let of = Attribution::of_receipts(&records, &book, config.zone);
    refuse_too_many_groups(&of)?;
    refuse_unknown_reference(config, &of)?;
    let only_groups = OnlyGroups::of(&records, &of);
    let groups = of.groups;
    drop((records, of.receipt_group));

    progress.stage("look for copies");
    let room = || progress.room().unwrap_or(u64::MAX).max(1);
    let fits = |bytes: u64, room: u64| bytes.div_ceil(room.max(1)).clamp(1, MOST_SHARES);
    // There are seldom twice as many orders as receipts; where there are, more shares are tried.
    let (copies, order_intake) = with_more_shares(fits(2 * PRINT_BYTES * n_receipts, room()), |shares| copies_in_shares(job, shares))?;
    let losers: Vec<u32> = copies.into_iter().map(|(loser, _)| loser).collect();

    progress.stage("look at shares");
    let n_orders = order_intake.n_rows();
    // No number of shares makes up for what is kept of every order.
    progress.expect_memory(2 * KEPT_BYTES * n_orders)?;
    let room = room().saturating_sub(KEPT_BYTES * n_orders);
    let whole = Whole { job, book: &book, only_groups: &only_groups, losers: &losers, intakes: (&intake, &order_intake) };
    let sums = with_more_shares(fits(RECEIPT_BYTES * n_receipts + ORDER_BYTES * n_orders, room), |shares| whole.sums(shares))?;
    progress.stage("compare");
    let basis = sums.finish(&groups);
    Ok((
        Receipts { records: Records::default(), intake, of: Attribution { groups, ..Attribution::default() }, book, client_intake },
        basis,
        order_intake,
    ))
}

/// Does the job in `n` shares, and in twice and four times as many where they are too large for the memory after all: rows in no order at all
/// take twice as much.
fn with_more_shares<T>(n: u64, job: impl Fn(Shares) -> Result<T, Diagnostic>) -> Result<T, Diagnostic> {
    let is_short = |done: &Result<T, Diagnostic>| matches!(done, Err(problem) if problem.code == OVER_BUDGET);
    let mut done = job(Shares::of(n));
    for more in [2, 4] {
        if is_short(&done) {
            done = job(Shares::of(more * n));
        }
    }
    done
}

/// [`copies_of`] all orders.
fn copies_in_shares(job: Job<'_>, shares: Shares) -> Result<(Vec<(u32, u32)>, Intake), Diagnostic> {
    let (link_options, wanted) = (job.link_options(), job.order_columns());
    let (mut copies, mut before): (Vec<(u32, u32)>, Option<Intake>) = (Vec::new(), None);
    for share in shares.each() {
        let (books, mut prints, mut first) = (NameBooks::default(), OrderPrints::default(), 0);
        let transform = |chunk: Chunk<'_>| (share.prints(&chunk, &link_options), chunk.n_rows);
        let intake = ingest::read(&job.inputs.orders, &wanted, &books, job.progress, transform, |_, ((rows, of_rows), n_rows)| {
            prints.append_rows(first, (&rows, &of_rows));
            first += n_rows as u32;
        })?;
        refuse_empty(&job.inputs.orders, &intake, "orders")?;
        before.as_ref().map_or(Ok(()), |before| refuse_other(&intake, before))?;
        let before = before.get_or_insert(intake);
        let candidates = prints.possible_copies();
        drop(prints);
        // Copies share a print, so those of a share are among its own candidates.
        copies.extend(copies_of(job, &candidates, before)?);
    }
    copies.sort_unstable();
    Ok((copies, before.unwrap_or_default()))
}

/// What is known of all rows before the shares are gone through.
struct Whole<'a> {
    job: Job<'a>,
    book: &'a ClientBook,
    only_groups: &'a OnlyGroups,
    /// Losing copies of orders, ascending.
    losers: &'a [u32],
    /// Of receipts and orders.
    intakes: (&'a Intake, &'a Intake),
}

impl Whole<'_> {
    fn sums(&self, shares: Shares) -> Result<Sums, Diagnostic> {
        let mut sums = Sums::default();
        for share in shares.each() {
            self.add_share(&mut sums, share, shares.n as usize)?;
        }
        Ok(sums)
    }

    fn add_share(&self, sums: &mut Sums, share: Share, n_shares: usize) -> Result<(), Diagnostic> {
        let Job { config, inputs, options, progress } = self.job;
        let link_options = self.job.link_options();
        let expected = |place: ChunkPlace| place.rows_expected / n_shares;
        let (books, mut records) = (NameBooks::default(), RecordsBuilder::default());
        let transform = |mut chunk: Chunk<'_>| {
            chunk.keep(&share.rows(&chunk, Column::ReceivedAt, &link_options));
            RecordsPart::of(chunk, |column| options.keeps(column))
        };
        let intake = ingest::read(&inputs.receipts, &receipt_columns(config, options), &books, progress, transform, |place, part| {
            records.append(ChunkPlace { rows_expected: expected(place), ..place }, part);
        })?;
        refuse_other(&intake, self.intakes.0)?;
        let records = records.finish(books);
        let of = Attribution::of_receipts(&records, self.book, config.zone);
        let index = ReceiptIndex::of(&records, &of.receipt_group, &link_options);

        let (books, mut orders, mut losing) = (NameBooks::default(), FirstLookBuilder::default(), Vec::new());
        // Rows of all orders, and of this share's, so far.
        let (mut first, mut first_here) = (0, 0);
        let transform = |mut chunk: Chunk<'_>| {
            let (n_rows, rows) = (chunk.n_rows as u32, share.rows(&chunk, Column::SentAt, &link_options));
            chunk.keep(&rows);
            (FirstLookPart::of(&mut chunk, &index), rows, n_rows)
        };
        let intake =
            ingest::read(&inputs.orders, &self.job.order_columns(), &books, progress, transform, |place, (part, rows, n_rows)| {
                let losers =
                    self.losers.iter().skip(self.losers.partition_point(|row| *row < first)).take_while(|row| **row < first + n_rows);
                let here = losers.filter_map(|row| rows.binary_search(&(row - first)).ok()).map(|at| first_here + at as u32);
                losing.extend(here.map(|row| (row, row)));
                (first, first_here) = (first + n_rows, first_here + rows.len() as u32);
                orders.append(part, expected(place));
            })?;
        refuse_other(&intake, self.intakes.1)?;
        sums.add(self.job, (&records, &of), (self.book, self.only_groups), &orders.finish(index, books, losing));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_halved_twice_where_they_do_not_fit() {
        let short = || Diagnostic::new(OVER_BUDGET, ("不足", "not enough"));
        let fits_at = |n: u64| with_more_shares(3, |shares| if shares.n < n { Err(short()) } else { Ok(shares.n) });
        assert_eq!(fits_at(1), Ok(3));
        assert_eq!(fits_at(4), Ok(6));
        assert_eq!(fits_at(12), Ok(12));
        assert_eq!(fits_at(13).map_err(|problem| problem.code), Err(OVER_BUDGET));
        let other = with_more_shares(1, |_| Err::<(), _>(Diagnostic::new("E0208", ("改", "changed"))));
        assert_eq!(other.map_err(|problem| problem.code), Err("E0208"));
    }
}
