//! A world as matched orders in memory, for calibration: no files, no record faults.

use crate::record::{Latency, MatchedNames, MatchedOrders, Names, Timestamp};
use crate::simulate::day::{self, lines_per_gateway};
use crate::simulate::names;
use crate::simulate::order::Order;
use crate::simulate::population::{KINDS, Population};
use crate::simulate::world::Faults;
use crate::simulate::{Options, SimulateError, World};

/// The orders of a world, in the canonical order of [`MatchedOrders`], as a faultless reconciliation of its files would give them.
///
/// Only names that occur are listed. `gateway` is the machine, `shard` the FIFO line in it (see [`crate::simulate`]).
///
/// # Errors
/// [`SimulateError::Option`] for options outside their range.
pub fn matched(world: &World, options: &Options) -> Result<MatchedOrders, SimulateError> {
    matched_with_tickets(world, options).map(|(orders, _)| orders)
}

/// What an order's ticket says, beside what makes orders comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Number of the order in the study: the digits of its id.
    pub number: u64,
    /// Buys, or sells.
    pub buys: bool,
    /// Shares.
    pub quantity: i64,
    /// Hundredths of the currency.
    pub price: u32,
    /// Channel code of the exchange.
    pub channel: u8,
    /// Number of the order that this one was planted ahead of.
    pub ahead_of: Option<u64>,
}

/// [`matched`] with the ticket of every order.
///
/// # Errors
/// As [`matched`].
pub fn matched_with_tickets(world: &World, options: &Options) -> Result<(MatchedOrders, Vec<Ticket>), SimulateError> {
    let options = world.checked_with(options)?;
    let world = World { faults: Faults::default(), ..world.clone() };
    let population = Population::new(&world, options);
    let mut orders: Vec<Order> = Vec::with_capacity(options.orders.min(1 << 24) as usize);
    day::run(&world, options, &population, |slice| {
        orders.extend_from_slice(slice.served);
        Ok::<(), SimulateError>(())
    })?;
    orders.sort_by_key(canonical_key);
    let ticket = |order: &Order| Ticket {
        number: order.number,
        buys: order.buys,
        quantity: 1_000 * i64::from(order.lots),
        price: order.price,
        channel: order.channel,
        ahead_of: order.ahead_of.checked_sub(1),
    };
    Ok((columns(&orders, &population, options), orders.iter().map(ticket).collect()))
}

/// Codes are ranks of names already, since every list of names ascends.
fn canonical_key(order: &Order) -> (i64, i64, u16, u32, u32, u8, u16, u16) {
    let latency = order.sent_at - order.received_at;
    (order.received_at, latency, order.group, order.client, order.instrument, order.kind, order.gateway, order.line)
}

fn columns(orders: &[Order], population: &Population, options: &Options) -> MatchedOrders {
    let lines = u32::from(options.gateways as u16) * lines_per_gateway(options);
    let narrow = |(codes, names): (Vec<u32>, Names)| (codes.iter().map(|code| *code as u16).collect::<Vec<u16>>(), names);
    let column = |code: fn(&Order) -> u32, name: &dyn Fn(u32) -> String, n: usize| occurring(orders, code, name, n);
    let (group, groups) =
        narrow(column(|o| o.group.into(), &|code| population.group_names[code as usize].clone(), population.groups.len()));
    let (client, clients) = column(|o| o.client, &|code| population.clients[code as usize].name.clone(), population.clients.len());
    let (instrument, instruments) =
        column(|o| o.instrument, &|code| population.instruments[code as usize].name.clone(), population.instruments.len());
    let (kind, kinds) = narrow(column(|o| o.kind.into(), &|code| KINDS[code as usize].to_owned(), KINDS.len()));
    let (gateway, gateways) = narrow(column(|o| o.gateway.into(), &names::gateway, options.gateways as usize));
    let (shard, shards) = narrow(column(|o| o.line.into(), &|line| names::shard(line, lines_per_gateway(options)), lines as usize));
    MatchedOrders {
        received_at: orders.iter().map(|order| Timestamp(order.received_at)).collect(),
        latency: orders.iter().map(|order| Latency(order.sent_at - order.received_at)).collect(),
        group,
        client,
        instrument,
        kind,
        gateway,
        shard,
        access_class: vec![0; orders.len()],
        names: MatchedNames { groups, clients, instruments, kinds, gateways, shards, access_classes: vec![names::ACCESS_CLASS.into()] },
    }
}

/// The column of a code renumbered to the names that occur.
fn occurring(orders: &[Order], code: fn(&Order) -> u32, name: &dyn Fn(u32) -> String, n: usize) -> (Vec<u32>, Names) {
    let mut renumbered = vec![u32::MAX; n];
    orders.iter().for_each(|order| renumbered[code(order) as usize] = 0);
    let mut names = Names::new();
    for (old, new) in renumbered.iter_mut().enumerate().filter(|(_, new)| **new == 0) {
        *new = names.len() as u32;
        names.push(name(old as u32));
    }
    (orders.iter().map(|order| renumbered[code(order) as usize]).collect(), names)
}
