//! Groups and clients of orders, and the matched orders as measurements need them.

use std::ops::Range;

use rayon::prelude::*;

use crate::reconcile::client_book::{CodedEntry, entry_on, only_client, rank, ranked};
use crate::reconcile::{ClientBook, Links, NO_RECEIPT, Records};
use crate::record::{
    Column, Latency, LocalReader, MatchedNames, MatchedOrders, NO_NAME, NameColumn, Names, Timestamp, UNKNOWN_GROUP, Zone,
    sort_nearly_sorted,
};

/// Groups and clients by row.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    /// Group names, ascending.
    pub groups: Names,
    /// Client names, ascending; the empty name where no client or account is known.
    pub clients: Names,
    /// Group of each receipt.
    pub receipt_group: Vec<u16>,
    /// Group of each order; filled by [`attribute`].
    pub order_group: Vec<u16>,
    /// Client of each order.
    pub order_client: Vec<u32>,
}

impl Attribution {
    /// The groups of the receipts, before any order is linked: clients file (account, date of receipt), else the receipt's own
    /// column, else `(unknown)`.
    #[must_use]
    pub fn of_receipts(receipts: &Records, book: &ClientBook, zone: Zone) -> Self {
        let own = receipts.names(Column::Group);
        let own_names = own.iter().flat_map(|own| own.names.iter().map(String::as_str));
        let book_names = book.entries().filter_map(|entry| entry.group.as_deref());
        let groups = ranked(own_names.chain(book_names).chain([UNKNOWN_GROUP]));
        let own_rank: Vec<u16> = own.iter().flat_map(|own| &own.names).map(|name| rank(&groups, name) as u16).collect();
        let unknown = rank(&groups, UNKNOWN_GROUP) as u16;
        let accounts = receipts.names(Column::Account);
        let entries = book.by_code(accounts, &groups, &Names::new());
        let times = receipts.times(Column::ReceivedAt).unwrap_or(&[]);
        let group_of = |dates: &mut LocalReader, row: usize| {
            let mut booked = || {
                let entries = entries.get(accounts?.codes.get(row) as usize)?;
                entry_on(entries, || dates.read(Timestamp(times[row])).0)?.group
            };
            let own = || own.map(|own| own.codes.get(row)).filter(|code| *code != NO_NAME).map(|code| own_rank[code as usize]);
            let booked = if book.is_empty() { None } else { booked() };
            booked.or_else(own).unwrap_or(unknown)
        };
        let receipt_group = (0..receipts.len()).into_par_iter().map_init(|| zone.local_reader(), group_of).collect();
        Self { groups, receipt_group, ..Self::default() }
    }
}

/// Adds the groups and clients of the orders to those of the receipts.
#[must_use]
pub fn attribute(
    receipts_of: Attribution,
    orders: &Records,
    receipts: &Records,
    links: &Links,
    book: &ClientBook,
    zone: Zone,
) -> Attribution {
    let only_groups = OnlyGroups::of(receipts, &receipts_of);
    let owners = Owners::of(&receipts_of, orders.names(Column::Account), receipts, (book, &only_groups), zone);
    let sent = orders.times(Column::SentAt).unwrap_or(&[]);
    let of_order = |dates: &mut LocalReader, order: usize| owners.of_order(dates, order, links.receipt_of(order), || sent[order]);
    let both = (0..orders.len()).into_par_iter().map_init(|| owners.dates(), of_order);
    let (order_group, order_client) = both.unzip();
    let clients = owners.clients;
    Attribution { clients, order_group, order_client, ..receipts_of }
}

/// Whose an order is. Its group: clients file (account, trade date), else the receipt's group, else the account's only receipt group,
/// else `(unknown)`. Its client: the clients file's of that date, else the only one that the file knows of the account (one client is not
/// two for being entered late), else the account, the order's before the receipt's.
#[derive(Debug)]
pub struct Owners<'a> {
    /// Group names, ascending.
    pub groups: &'a Names,
    /// Client names, ascending; the empty name where no client or account is known.
    pub clients: Names,
    receipt_group: &'a [u16],
    zone: Zone,
    unknown: u16,
    nameless: u32,
    /// True where there is a clients file.
    booked: bool,
    ours: Accounts<'a>,
    theirs: Accounts<'a>,
    /// Client code by account code of either side.
    our_clients: Vec<u32>,
    their_clients: Vec<u32>,
    only_groups: &'a OnlyGroups,
    /// The receipts' account code by account code of the orders.
    their_code: Vec<Option<usize>>,
}

impl<'a> Owners<'a> {
    /// By the accounts that orders and receipts name. `only_groups` is of all receipts, of which those here may be a share.
    #[must_use]
    pub fn of(
        receipts_of: &'a Attribution,
        ours: Option<&'a NameColumn>,
        receipts: &'a Records,
        (book, only_groups): (&'a ClientBook, &'a OnlyGroups),
        zone: Zone,
    ) -> Self {
        let Attribution { groups, receipt_group, .. } = receipts_of;
        let unknown = rank(groups, UNKNOWN_GROUP) as u16;
        let theirs = receipts.names(Column::Account);
        let named = book.entries().filter_map(|entry| entry.client.as_deref());
        let accounts = ours.iter().chain(&theirs).flat_map(|column| &column.names);
        let clients = ranked(accounts.map(String::as_str).chain(named).chain([""]));
        let [ours, theirs] = [ours, theirs].map(|column| Accounts { column, entries: book.by_code(column, groups, &clients) });
        let client_rank = |names: &[String]| names.iter().map(|name| rank(&clients, name)).collect::<Vec<u32>>();
        let (our_clients, their_clients) = (client_rank(ours.names()), client_rank(theirs.names()));
        let their_code = ours.names().iter().map(|name| theirs.names().binary_search(name).ok()).collect();
        let nameless = rank(&clients, "");
        let booked = !book.is_empty();
        Self {
            groups,
            clients,
            receipt_group,
            zone,
            unknown,
            nameless,
            booked,
            ours,
            theirs,
            our_clients,
            their_clients,
            only_groups,
            their_code,
        }
    }

    /// What [`Owners::of_order`] reads dates with, one a thread.
    #[must_use]
    pub fn dates(&self) -> LocalReader {
        self.zone.local_reader()
    }

    /// The code of "no client known".
    #[must_use]
    pub fn nameless(&self) -> u32 {
        self.nameless
    }

    /// Group and client code of an order that came from `receipt` and was sent at `sent()`.
    #[inline]
    pub fn of_order(&self, dates: &mut LocalReader, order: usize, receipt: Option<usize>, sent: impl FnOnce() -> i64) -> (u16, u32) {
        let our_code = self.ours.code(order);
        // Looked up where the order names no account, or no group is known.
        let their_account = || receipt.and_then(|receipt| self.theirs.code(receipt));
        let receipt_code = if our_code.is_none() { their_account() } else { None };
        let entries = match our_code {
            _ if !self.booked => &[][..],
            Some(code) => &self.ours.entries[code],
            None => receipt_code.map_or(&[][..], |code| &self.theirs.entries[code]),
        };
        let entry = entry_on(entries, || dates.read(Timestamp(sent())).0);
        let known = |group: &u16| *group != self.unknown;
        let from_book = entry.and_then(|entry| entry.group);
        let from_receipt = || receipt.map(|receipt| self.receipt_group[receipt]).filter(known);
        // The order's own account, if it names one, even where no receipt is of that account.
        let account_code = || our_code.map_or(receipt_code, |code| self.their_code[code]);
        let from_account = || account_code().and_then(|code| self.only_groups.0[code]);
        let group = from_book.or_else(from_receipt).or_else(from_account).unwrap_or(self.unknown);
        let account = || our_code.map(|code| self.our_clients[code]).or_else(|| receipt_code.map(|code| self.their_clients[code]));
        let client = entry.and_then(|entry| entry.client).or_else(|| only_client(entries)).or_else(account);
        (group, client.unwrap_or(self.nameless))
    }
}

/// An account column with its entries in the clients file.
#[derive(Debug)]
struct Accounts<'a> {
    column: Option<&'a NameColumn>,
    entries: Vec<Vec<CodedEntry>>,
}

impl<'a> Accounts<'a> {
    fn names(&self) -> &'a [String] {
        self.column.map_or(&[], |column| &column.names)
    }

    fn code(&self, row: usize) -> Option<usize> {
        self.column.map(|column| column.codes.get(row)).filter(|code| *code != NO_NAME).map(|code| code as usize)
    }
}

/// By account code of the receipts, the one group of its receipts; `None` where they have several. A receipt without a group speaks for
/// none.
#[derive(Debug)]
pub struct OnlyGroups(Vec<Option<u16>>);

impl OnlyGroups {
    /// Of all receipts; only their accounts are looked at.
    #[must_use]
    pub fn of(receipts: &Records, receipts_of: &Attribution) -> Self {
        let Some(accounts) = receipts.names(Column::Account) else { return Self(Vec::new()) };
        let unknown = rank(&receipts_of.groups, UNKNOWN_GROUP) as u16;
        let (mut only, mut seen) = (vec![None; accounts.names.len()], vec![false; accounts.names.len()]);
        for (row, group) in receipts_of.receipt_group.iter().enumerate().filter(|(_, group)| **group != unknown) {
            let code = accounts.codes.get(row);
            if code == NO_NAME {
                continue;
            }
            let code = code as usize;
            only[code] = if seen[code] { only[code].filter(|first| first == group) } else { Some(*group) };
            seen[code] = true;
        }
        Self(only)
    }
}

/// Orders as the basic measurements see them, in the order of the files.
pub trait MatchedLatencies: Sync {
    /// How many orders there are, matched or not.
    fn n_orders(&self) -> usize;
    /// Hands each matched one among `orders` to `take`.
    fn each(&self, orders: Range<usize>, take: impl FnMut(MatchedLatency));
}

/// A matched order as the basic measurements need it.
#[derive(Clone, Copy, Debug)]
pub struct MatchedLatency {
    /// When the broker received the client's order.
    pub received_at: i64,
    /// Sent minus received; negative and zero included.
    pub latency: i64,
    /// Group code.
    pub group: u16,
    /// Client code.
    pub client: u32,
}

/// The latencies as they lie in a reconciliation: computed when asked for, held by nobody.
#[derive(Debug)]
pub struct LinkedLatencies<'a> {
    sent: &'a [i64],
    received: &'a [i64],
    links: &'a Links,
    attribution: &'a Attribution,
}

impl<'a> LinkedLatencies<'a> {
    /// The latencies of linked orders.
    #[must_use]
    pub fn of(orders: &'a Records, receipts: &'a Records, links: &'a Links, attribution: &'a Attribution) -> Self {
        let (sent, received) = (orders.times(Column::SentAt).unwrap_or(&[]), receipts.times(Column::ReceivedAt).unwrap_or(&[]));
        Self { sent, received, links, attribution }
    }
}

impl MatchedLatencies for LinkedLatencies<'_> {
    fn n_orders(&self) -> usize {
        self.sent.len()
    }

    fn each(&self, orders: Range<usize>, mut take: impl FnMut(MatchedLatency)) {
        for order in orders {
            let Some(receipt) = self.links.matched_receipt(order) else { continue };
            let received_at = self.received[receipt];
            let latency = Timestamp(self.sent[order]).since(Timestamp(received_at)).0;
            let (group, client) = (self.attribution.order_group[order], self.attribution.order_client[order]);
            take(MatchedLatency { received_at, latency, group, client });
        }
    }
}

/// The matched orders in canonical order, with what makes orders comparable.
///
/// `first_child` keeps only the earliest order of each receipt; the others stay matched but are not measured.
#[must_use]
pub fn matched_orders(orders: &Records, receipts: &Records, links: &Links, attribution: &Attribution, first_child: bool) -> MatchedOrders {
    matched_orders_with_rows(orders, receipts, links, attribution, first_child).0
}

/// [`matched_orders`], and for each of them its row among `orders`.
#[must_use]
pub fn matched_orders_with_rows(
    orders: &Records,
    receipts: &Records,
    links: &Links,
    attribution: &Attribution,
    first_child: bool,
) -> (MatchedOrders, Vec<u32>) {
    let (sent, received) = (orders.times(Column::SentAt).unwrap_or(&[]), receipts.times(Column::ReceivedAt).unwrap_or(&[]));
    let column = |column: Column| orders.names(column);
    let (instrument, kind, gateway) = (column(Column::Symbol), column(Column::Kind), column(Column::Gateway));
    let (shard, access_class) = (column(Column::Shard), column(Column::AccessClass));
    // Code 0 is the empty name: an absent cell, or a column that was not given.
    let code = |column: Option<&NameColumn>, order: u32| column.map_or(0, |column| column.codes.get(order as usize).wrapping_add(1));
    let traits = |order: u32| {
        let whose = (attribution.order_group[order as usize], attribution.order_client[order as usize]);
        (whose, [instrument, kind, gateway, shard, access_class].map(|column| code(column, order)))
    };
    let rows = (0..sent.len()).into_par_iter().filter_map(|order| {
        let received_at = received[links.matched_receipt(order)?];
        Some((received_at, Timestamp(sent[order]).since(Timestamp(received_at)).0, order as u32))
    });
    let mut rows: Vec<Row> = rows.collect();
    // The traits are looked at only where both times are equal.
    sort_nearly_sorted(&mut rows, |a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| traits(a.2).cmp(&traits(b.2))));
    if first_child {
        keep_first_children(&mut rows, links);
    }
    let codes = |column: Option<&NameColumn>| rows.par_iter().map(|row| code(column, row.2) as u16).collect::<Vec<u16>>();
    let names = |column: Option<&NameColumn>| std::iter::once(String::new()).chain(column.iter().flat_map(|c| c.names.clone())).collect();
    let matched = MatchedOrders {
        received_at: rows.par_iter().map(|row| Timestamp(row.0)).collect(),
        latency: rows.par_iter().map(|row| Latency(row.1)).collect(),
        group: rows.par_iter().map(|row| attribution.order_group[row.2 as usize]).collect(),
        client: rows.par_iter().map(|row| attribution.order_client[row.2 as usize]).collect(),
        instrument: rows.par_iter().map(|row| code(instrument, row.2)).collect(),
        kind: codes(kind),
        gateway: codes(gateway),
        shard: codes(shard),
        access_class: codes(access_class),
        names: MatchedNames {
            groups: attribution.groups.clone(),
            clients: attribution.clients.clone(),
            instruments: names(instrument),
            kinds: names(kind),
            gateways: names(gateway),
            shards: names(shard),
            access_classes: names(access_class),
        },
    };
    (matched, rows.into_par_iter().map(|row| row.2).collect())
}

/// received_at, latency, order.
type Row = (i64, i64, u32);

/// Keeps the first order of each receipt in canonical order: the earliest sent, since a receipt's orders share `received_at`.
fn keep_first_children(rows: &mut Vec<Row>, links: &Links) {
    let mut seen =
        vec![false; links.receipt_of.iter().filter(|receipt| **receipt != NO_RECEIPT).max().map_or(0, |most| *most as usize + 1)];
    rows.retain(|row| !std::mem::replace(&mut seen[links.receipt_of[row.2 as usize] as usize], true));
}
