//! One simulated order, from receipt to sending.

/// What happened to an order. Times are UTC nanoseconds since the epoch; codes index the population's lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    /// Running number over the whole study, in order of receipt (slices follow their parent).
    pub(crate) number: u64,
    /// Number of the order whose receipt this one came from: its own, or the first slice of its parent.
    pub(crate) receipt: u64,
    /// Number printed as the receipt's id: differs from `receipt` only for amends and cancels that repeat an id.
    pub(crate) receipt_id: u64,
    /// 1, 2, ... among the slices of a parent; 0 for an order that is not sliced.
    pub(crate) slice: u8,
    pub(crate) received_at: i64,
    /// When it entered the queue: on receipt, or when the slice was born.
    pub(crate) queued_at: i64,
    pub(crate) decided_at: i64,
    pub(crate) sent_at: i64,
    /// Time of service, nanoseconds.
    pub(crate) service: i64,
    /// Planted wait after the queue, nanoseconds.
    pub(crate) delay: i64,
    /// Passes the others in the queue.
    pub(crate) urgent: bool,
    pub(crate) group: u16,
    pub(crate) client: u32,
    pub(crate) account: u32,
    pub(crate) instrument: u32,
    pub(crate) kind: u8,
    pub(crate) gateway: u16,
    /// Line, counted over all gateways.
    pub(crate) line: u16,
    pub(crate) buys: bool,
    /// Quantity in lots of a thousand.
    pub(crate) lots: u16,
    /// Hundredths of the currency.
    pub(crate) price: u32,
    /// Channel code of the exchange: 1 general, 2 automated, 3 DMA, 4 internet, 6 API.
    pub(crate) channel: u8,
    /// Serial number on its line, from 1 each day.
    pub(crate) serial: u32,
    /// Serial numbers left out before it.
    pub(crate) skipped_serials: u8,
    pub(crate) receipt_fault: ReceiptFault,
    /// Number of the order it is planted ahead of, plus one; 0 for none.
    pub(crate) ahead_of: u64,
    /// True for an order that is held while the house trades ahead of it.
    pub(crate) front_run: bool,
}

/// What is wrong with a receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ReceiptFault {
    #[default]
    None,
    /// Not in the receipts file.
    Missing,
    /// Stamped after the order was sent.
    Late,
    /// Stamped 44 us before the order was sent, whenever it came.
    MadeUp,
}

impl Order {
    /// True for orders an algorithm of the broker made.
    pub(crate) fn is_algo(&self) -> bool {
        self.channel == 2
    }
}
