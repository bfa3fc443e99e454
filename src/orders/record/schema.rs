//! The canonical columns: what a source's own columns are mapped to before anything else sees them.

/// A canonical column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Identifier of an order sent to the exchange.
    OrderId,
    /// Identifier of the client's order, on both sides.
    ReceiptId,
    /// Client account.
    Account,
    /// Client group.
    Group,
    /// Client (several accounts may be one client).
    Client,
    /// Instrument.
    Symbol,
    /// Buy or sell.
    Side,
    /// Quantity.
    Quantity,
    /// Price.
    Price,
    /// Order kind.
    Kind,
    /// Channel the client used.
    Channel,
    /// Gateway or session the broker chose.
    Gateway,
    /// Processing line.
    Shard,
    /// Access class of the client's contract.
    AccessClass,
    /// Host that sent the order.
    Host,
    /// Order serial.
    Serial,
    /// Whether an algorithm made the order.
    Algo,
    /// When the client's order was received.
    ReceivedAt,
    /// When the receipt record was written.
    RecordedAt,
    /// When the algorithm decided.
    DecidedAt,
    /// When the order was sent to the exchange.
    SentAt,
    /// When the exchange's acknowledgement was seen.
    AcknowledgedAt,
    /// Market event that the order answers.
    Event,
    /// When that event was published.
    EventAt,
    /// Exception the record claims for the order.
    Exception,
    /// Server or session of a connection.
    Server,
    /// When a connection was made.
    ConnectedAt,
    /// When an order was executed.
    ExecutedAt,
    /// Who at the broker handled the order.
    Handler,
    /// Internet address an order came from.
    Ip,
    /// Identifier of the order that this one amends or cancels.
    OriginalId,
    /// Identifier of the client's order that this one is a slice of.
    ParentId,
    /// What became of an order that was not sent, or was not taken by the exchange.
    Outcome,
    /// First date a client's row holds.
    From,
    /// Last date it holds.
    To,
}

/// How a canonical column is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Nearly every value is distinct: [`crate::record::IdColumn`].
    Id,
    /// Few distinct values: codes into names.
    Name,
    /// Nanoseconds since the epoch.
    Time,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 35] = [
        Self::OrderId,
        Self::ReceiptId,
        Self::Account,
        Self::Group,
        Self::Client,
        Self::Symbol,
        Self::Side,
        Self::Quantity,
        Self::Price,
        Self::Kind,
        Self::Channel,
        Self::Gateway,
        Self::Shard,
        Self::AccessClass,
        Self::Host,
        Self::Serial,
        Self::Algo,
        Self::ReceivedAt,
        Self::RecordedAt,
        Self::DecidedAt,
        Self::SentAt,
        Self::AcknowledgedAt,
        Self::Event,
        Self::EventAt,
        Self::Exception,
        Self::Server,
        Self::ConnectedAt,
        Self::ExecutedAt,
        Self::Handler,
        Self::Ip,
        Self::OriginalId,
        Self::ParentId,
        Self::Outcome,
        Self::From,
        Self::To,
    ];

    /// The name in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderId => "order_id",
            Self::ReceiptId => "receipt_id",
            Self::Account => "account",
            Self::Group => "group",
            Self::Client => "client",
            Self::Symbol => "symbol",
            Self::Side => "side",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Kind => "kind",
            Self::Channel => "channel",
            Self::Gateway => "gateway",
            Self::Shard => "shard",
            Self::AccessClass => "access_class",
            Self::Host => "host",
            Self::Serial => "serial",
            Self::Algo => "algo",
            Self::ReceivedAt => "received_at",
            Self::RecordedAt => "recorded_at",
            Self::DecidedAt => "decided_at",
            Self::SentAt => "sent_at",
            Self::AcknowledgedAt => "acknowledged_at",
            Self::Event => "event",
            Self::EventAt => "event_at",
            Self::Exception => "exception",
            Self::Server => "server",
            Self::ConnectedAt => "connected_at",
            Self::ExecutedAt => "executed_at",
            Self::Handler => "handler",
            Self::Ip => "ip",
            Self::OriginalId => "original_id",
            Self::ParentId => "parent_id",
            Self::Outcome => "outcome",
            Self::From => "from",
            Self::To => "to",
        }
    }

    /// The column of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// How it is typed.
    #[must_use]
    pub const fn kind(self) -> ColumnKind {
        match self {
            Self::OrderId | Self::ReceiptId | Self::Serial | Self::OriginalId | Self::ParentId => ColumnKind::Id,
            Self::ReceivedAt | Self::RecordedAt | Self::DecidedAt | Self::SentAt | Self::AcknowledgedAt => ColumnKind::Time,
            Self::EventAt | Self::ConnectedAt | Self::ExecutedAt => ColumnKind::Time,
            // Quantities and prices repeat: a code a row, and each value is read once.
            _ => ColumnKind::Name,
        }
    }
}
