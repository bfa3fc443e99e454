//! The order of handling, as it is written: part of `result.json`, see [`crate::report::model`]. Nothing in it decides a pair's verdict.

use serde::{Deserialize, Serialize};

use crate::report::beside::ReplayRow;
use crate::report::model::{Reason, Words};

/// Who was handled out of turn, who traded ahead, who wins the races. Null where study.toml has no \[priority\].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Priority {
    /// Scope of severity, channels and clients: "same_price", "instrument_side", "instrument", "line" or "all".
    pub scope: String,
    /// Longest gap of receipts in the matrices, nanoseconds.
    pub window: i64,
    /// An order sent this soon after the one that passed it was not traded ahead of, nanoseconds.
    pub tau: i64,
    /// Receipts and sendings at most this far apart cannot be told apart, nanoseconds: resolution and clocks together.
    pub undecidable_within: [i64; 2],
    /// Overtaking matrices: groups in every scope, channels and the largest clients in the chosen one.
    pub matrices: Vec<PriorityMatrix>,
    /// Orders, and those handled out of the sequence of their receipt, own orders included: their ratio is the inbound unfairness ratio
    /// of CloudEx (Ghalayini et al., HotOS 2021).
    pub sequence: PrioritySequence,
    /// What the orders of each group jumped.
    pub severity: Vec<PrioritySeverity>,
    /// The farthest jumps, one for each order that was passed; both orders of one side where sides are known.
    pub worst: Vec<PriorityLadder>,
    /// The worst cases of trading ahead that a rule counts (the house's, or of clients for whom it holds), one for each order held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<PriorityLadder>,
    /// The clients with most orders; all in tables/priority_clients.parquet.
    pub clients: Vec<PriorityClient>,
    /// First come, first served, line by line.
    pub replay: Option<PriorityReplay>,
    /// Trading ahead; null where sides are not known.
    pub ahead: Option<PriorityAhead>,
    /// Races.
    pub races: Option<PriorityRaces>,
    /// Session log; null where none was named.
    pub sessions: Option<PrioritySessions>,
    /// Serials against receipts; null where no serial column is mapped.
    #[serde(default)]
    pub serials: Option<PrioritySerials>,
    /// The clients on the quietest lines; all in tables/priority_clients.parquet. Empty with a single line.
    #[serde(default)]
    pub lines: Vec<PriorityLine>,
    /// What could not be evaluated, and why; both languages.
    pub not_run: Vec<Reason>,
}

/// Ticket serials against the order of receipt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrioritySerials {
    /// Series: one line's numbers of a day.
    pub series: u64,
    /// Orders with a serial that could be read.
    pub orders: u64,
    /// Orders without.
    pub unread: u64,
    /// Orders whose serial is higher than that of one provably received later.
    pub out_of_order: u64,
    /// The same by the stamps as they stand.
    pub nominal: u64,
    /// The longest time between the two receipts, nanoseconds.
    pub time_most: i64,
}

/// How busy the lines of a client are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityLine {
    /// The client.
    pub client: String,
    /// Its orders, of days with several lines and clients.
    pub n: u64,
    /// Lines they took, on the day of the most.
    pub lines: u64,
    /// Others' orders on them against the day's average line: 1 is as busy.
    pub load: f64,
    /// Share of its days on which that was one half or less: a quiet line.
    pub quiet_share: f64,
}

/// One matrix.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityMatrix {
    /// "group", "channel" or "client".
    pub by: String,
    /// Within what, as above; the order kind is always shared.
    pub scope: String,
    /// Ordered pairs in phases in which receipt order decides.
    pub cells: Vec<PriorityCell>,
    /// Sums over all pairs by phase.
    pub phases: Vec<PriorityPhase>,
}

/// `later` against `earlier`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityCell {
    /// Party whose order came later.
    pub later: String,
    /// Party whose order came earlier.
    pub earlier: String,
    /// Pairs whose receipts are told apart.
    pub opportunities: u64,
    /// Those of them in which the later order was provably sent first.
    pub provable: u64,
    /// Pairs that look passed by the stamps as they stand.
    pub nominal: u64,
    /// Pairs of the two parties that stamps cannot order; the same in both directions.
    pub undecidable: u64,
    /// Provable passings that no preference would give.
    pub expected: f64,
    /// Rate of passing minus rate of being passed; null where there is too little.
    pub asymmetry: Option<f64>,
    /// Ends of its two-sided 95 % interval.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Blocks with such a pair.
    pub blocks: u64,
}

/// One phase.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityPhase {
    /// "pre_open", "continuous", "closing_call", "after_hours", "whole_day" or "closed".
    pub phase: String,
    /// "yes", "medium" or "no": whether receipt order decides.
    pub decides: String,
    /// Pairs whose receipts are told apart.
    pub opportunities: u64,
    /// Provable.
    pub provable: u64,
    /// By the stamps as they stand.
    pub nominal: u64,
    /// Not to be ordered.
    pub undecidable: u64,
}

/// Orders out of sequence.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct PrioritySequence {
    /// Orders in phases in which receipt order decides, at least in part.
    pub orders: u64,
    /// Handled before an order of their line that had come earlier.
    pub out_of_sequence: u64,
    /// Their ratio.
    pub ratio: f64,
}

/// Jumps of one group's orders over other clients' orders.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrioritySeverity {
    /// Group.
    pub group: String,
    /// Orders that jumped.
    pub jumps: u64,
    /// Orders passed in all, and by one order at most.
    pub places: u64,
    /// See `places`.
    pub places_most: u64,
    /// Shares of the orders passed, in all.
    pub shares: i64,
    /// Time jumped, nanoseconds: median and largest.
    pub time_p50: i64,
    /// See `time_p50`.
    pub time_most: i64,
}

/// Two orders of one line: the second passed the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityLadder {
    /// The order that was passed, and the one that passed it.
    pub orders: [PriorityRung; 2],
    /// Orders that the second one passed.
    pub places: u64,
    /// Shares of them.
    pub shares: i64,
    /// Receipt of the second minus receipt of the first, nanoseconds.
    pub time: i64,
    /// Instrument; empty where none is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// "B" or "S" for both; empty where they differ or are not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub side: String,
}

impl PriorityLadder {
    /// Sending of the first minus sending of the second, nanoseconds.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.orders[0].sent.saturating_sub(self.orders[1].sent)
    }
}

/// One order with its stamps, nanoseconds since the epoch.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PriorityRung {
    /// File and zero-based data row of the order.
    pub file: String,
    /// See `file`.
    pub row: u64,
    /// Line of the file, header line counted; absent where the file has no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Client.
    pub client: String,
    /// Group.
    pub group: String,
    /// Received by the broker.
    pub received: i64,
    /// Decided; null where not recorded.
    pub decided: Option<i64>,
    /// Sent to the exchange.
    pub sent: i64,
    /// Acknowledged; null where not recorded.
    pub acknowledged: Option<i64>,
}

impl PriorityRung {
    /// Where in its file: `:3298` for a line, `#3296` for a row of a file without lines, counted from zero.
    pub(crate) fn at(&self) -> String {
        self.line.map_or_else(|| format!("#{}", self.row), |line| format!(":{line}"))
    }
}

/// A client against everybody else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityClient {
    /// Client.
    pub client: String,
    /// Orders.
    pub n: u64,
    /// Pairs in which its order came later, and provably passed.
    pub opportunities: u64,
    /// See `opportunities`.
    pub passes: u64,
    /// How often it would pass under no preference.
    pub expected: f64,
    /// Pairs in which its order came earlier, and was provably passed.
    pub exposures: u64,
    /// See `exposures`.
    pub passed: u64,
}

/// A fair queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityReplay {
    /// What was taken for one line: "shard", "gateway" or "all".
    pub line: String,
    /// Lines.
    pub lines: u64,
    /// Share of the departures of waiting orders that came sooner than the line's own envelope allows; beyond 5 % a line has several
    /// workers, and the figures are nominal.
    pub hasty_share: f64,
    /// Groups; the places add up to zero. Clients: tables/priority_clients.parquet.
    pub groups: Vec<ReplayRow>,
}

/// Trading ahead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityAhead {
    /// "executions" or "orders".
    pub level: String,
    /// What the rule of P03 asks, with its clause, and when cases become a finding: stated before any data was seen.
    #[serde(default)]
    pub rule: Words,
    /// Orders of the house; 0 where nothing says which they are.
    pub house_orders: u64,
    /// Of those, orders that went ahead of a client's, each once: one order may pass several and make several cases.
    #[serde(default)]
    pub house_orders_ahead: u64,
    /// House ahead of clients: cases and the rule; null without orders of the house.
    pub house: Option<PriorityExcess>,
    /// Clients ahead of other clients, those with most cases first; all in tables/priority_ahead.parquet.
    pub clients: Vec<PriorityExcess>,
    /// Clients tested.
    pub clients_tested: u64,
    /// Rows of tables/priority_ahead.parquet of clients: one for each order held, however many of other clients went ahead of it.
    #[serde(default)]
    pub client_rows: u64,
    /// Cases of the house where receipts cannot be told apart: the client goes first (ASIC market integrity rules 5.1.4).
    pub ties: u64,
    /// Cases that only the stamps as they stand suggest: of the house, of clients.
    pub nominal: [u64; 2],
    /// Cases of the house with an exception on record; not counted, never deleted.
    pub excepted: u64,
    /// Shares dealt ahead by the house.
    pub shares: i64,
    /// Currency: what clients paid more or received less, as far as they were filled; null without executions.
    pub harm: Option<f64>,
    /// Currency: at most, by the limits; null where prices are not known.
    pub harm_at_most: Option<f64>,
    /// Lines left out because they would have been too dear.
    pub lines_left_out: u64,
}

/// Cases against the mirror.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityExcess {
    /// Who went ahead; "house" or a client.
    pub party: String,
    /// Cases without exception.
    pub cases: u64,
    /// The mirror: others ahead of it.
    pub mirror: u64,
    /// What the mirror gives, exposure for exposure; null without exposure.
    pub expected: Option<f64>,
    /// One-sided p of "no more than the mirror"; null where it cannot be tested.
    pub p: Option<f64>,
    /// True where the pre-stated rule holds and every gate is open.
    pub confirmed: bool,
    /// Why not, where cases exist; both languages.
    pub gates: Vec<Reason>,
}

/// Races.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityRaces {
    /// "event", "event_time" or "horizon".
    pub key: String,
    /// Races of two clients or more.
    pub races: u64,
    /// Won by a client that was not the first to be received.
    pub upset: u64,
    /// Pairs of competing orders that stamps order.
    pub pairs: u64,
    /// Share of them sent in the order of response: response-time fairness of DBO (Gupta et al., SIGCOMM 2023); null without pairs.
    pub response_time_fairness: Option<f64>,
    /// Clients with most races; all in tables/priority_clients.parquet.
    pub clients: Vec<PriorityRacer>,
}

/// A client's races.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityRacer {
    /// Client.
    pub client: String,
    /// Races it took part in.
    pub races: u64,
    /// Won by sending; shared wins in parts.
    pub won: f64,
    /// Would have won, first come, first served.
    pub won_by_receipt: f64,
    /// Would win by blind chance.
    pub expected: f64,
    /// Two-sided, against chance; exploratory.
    pub p: Option<f64>,
}

/// Session log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrioritySessions {
    /// Servers times days.
    pub sessions: u64,
    /// Connections.
    pub connections: u64,
    /// The most often first before the others; at most forty, all in tables/priority_sessions.parquet.
    pub clients: Vec<PriorityConnects>,
}

/// A client's place in the order of connecting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PriorityConnects {
    /// Client or account, as in the log.
    pub client: String,
    /// Sessions in which it connected.
    pub sessions: u64,
    /// First, alone.
    pub first: u64,
    /// First at one instant with others.
    pub tied_first: u64,
    /// Sessions in which none, one, two, three of the first three connections were its own.
    pub of_first_three: [u64; 4],
    /// First by chance.
    pub expected_first: f64,
    /// Log10 of a bound on the chance of being first so often; null at or below the mean.
    pub log10_first: Option<f64>,
    /// The same for two or three of the first three.
    pub log10_two_of_three: Option<f64>,
}
