//! The canonical columns: what a source's own columns are mapped to before anything else sees them.
//!
//! A canonical batch is an Arrow `RecordBatch` whose fields are named by [`Column::name`] and typed by [`Column::kind`].

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

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
    /// First date a client's row holds.
    From,
    /// Last date it holds.
    To,
}

/// How a canonical column is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Nearly every value is distinct: Utf8.
    Id,
    /// Few distinct values: Dictionary(UInt32, Utf8).
    Name,
    /// Timestamp(Nanosecond, UTC).
    Time,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 24] = [
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
        Self::From,
        Self::To,
    ];

    /// The name in study.toml and in a canonical batch.
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
            Self::OrderId | Self::ReceiptId | Self::Serial | Self::Quantity | Self::Price => ColumnKind::Id,
            Self::ReceivedAt | Self::RecordedAt | Self::DecidedAt | Self::SentAt | Self::AcknowledgedAt => ColumnKind::Time,
            _ => ColumnKind::Name,
        }
    }

    /// Its Arrow field.
    #[must_use]
    pub fn field(self) -> Field {
        let data_type = match self.kind() {
            ColumnKind::Id => DataType::Utf8,
            ColumnKind::Name => DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8)),
            ColumnKind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        };
        Field::new(self.name(), data_type, true)
    }
}

/// The schema of a canonical batch with these columns.
#[must_use]
pub fn canonical_schema(columns: &[Column]) -> Arc<Schema> {
    Arc::new(Schema::new(columns.iter().map(|column| column.field()).collect::<Vec<_>>()))
}
