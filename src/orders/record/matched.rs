//! Orders joined to the receipt they came from: what every measurement runs on.

use crate::record::{Latency, Names, Timestamp};

/// The group of an order that nothing assigns: listed and counted, never judged against another.
pub const UNKNOWN_GROUP: &str = "(unknown)";

/// Matched orders as columns of equal length, in canonical order.
///
/// Canonical order is ascending by (`received_at`, `latency`, `group`, `client`, `instrument`, `kind`, `gateway`, `shard`,
/// `access_class`): it depends on the set of orders alone, not on the order of the files. A code is the rank of its name in
/// [`MatchedNames`]; where a column was not given, its single name is the empty string and every code is 0.
#[derive(Clone, Debug, Default)]
pub struct MatchedOrders {
    /// When the broker received the client's order.
    pub received_at: Vec<Timestamp>,
    /// Sent to the exchange minus received, nanoseconds; negative and zero included.
    pub latency: Vec<Latency>,
    /// Client group.
    pub group: Vec<u16>,
    /// Client (or account where no client is known).
    pub client: Vec<u32>,
    /// Instrument (symbol).
    pub instrument: Vec<u32>,
    /// Order kind: new, amend or cancel x order type x time in force.
    pub kind: Vec<u16>,
    /// Gateway or session the broker chose; never adjusted for in a verdict, only reported as the routing part.
    pub gateway: Vec<u16>,
    /// Processing shard (line), a possible overtaking scope.
    pub shard: Vec<u16>,
    /// Access class declared by the client's contract.
    pub access_class: Vec<u16>,
    /// Names behind the codes.
    pub names: MatchedNames,
}

/// Names behind the codes of [`MatchedOrders`], each list ascending by bytes.
#[derive(Clone, Debug, Default)]
pub struct MatchedNames {
    /// Names of `group`.
    pub groups: Names,
    /// Names of `client`.
    pub clients: Names,
    /// Names of `instrument`.
    pub instruments: Names,
    /// Names of `kind`.
    pub kinds: Names,
    /// Names of `gateway`.
    pub gateways: Names,
    /// Names of `shard`.
    pub shards: Names,
    /// Names of `access_class`.
    pub access_classes: Names,
}

impl MatchedOrders {
    /// How many orders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.received_at.len()
    }

    /// True when there is no order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.received_at.is_empty()
    }

    /// When order `row` was sent to the exchange.
    #[must_use]
    pub fn sent_at(&self, row: usize) -> Timestamp {
        self.received_at[row] + self.latency[row]
    }

    /// The orders of these rows, in the order of `rows`; names stay as they are.
    #[must_use]
    pub fn taken(&self, rows: &[usize]) -> Self {
        fn column<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|row| column[*row]).collect()
        }
        Self {
            received_at: column(&self.received_at, rows),
            latency: column(&self.latency, rows),
            group: column(&self.group, rows),
            client: column(&self.client, rows),
            instrument: column(&self.instrument, rows),
            kind: column(&self.kind, rows),
            gateway: column(&self.gateway, rows),
            shard: column(&self.shard, rows),
            access_class: column(&self.access_class, rows),
            names: self.names.clone(),
        }
    }
}
