//! From block and client sums to standard errors and degrees of freedom.
//!
//! `V = V_b + V_cl,A + V_cl,B`, the multi-way clustering of Cameron, Gelbach & Miller with the block x client intersection taken off
//! the client parts; degrees of freedom after Satterthwaite, capped at blocks - 1.

use crate::fairness::comparable::Side;
use crate::fairness::contrast::{BlockScores, ClientScores, Estimate, GAPS};
use crate::statistics::CompensatedSum;

/// A group's clients as far as they have orders in two-group cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ClientSpread {
    /// How many clients there are.
    pub(crate) clients: usize,
    /// Effective number: `1 / sum share^2`, share = the client's part of the group's overlap weight.
    pub(crate) effective: f64,
}

/// Block and client sums of a pair, with a grouping of the blocks.
pub(crate) struct Errors<'a> {
    scores: &'a [BlockScores],
    /// Number of the (possibly doubled) block of each entry of `scores`, ascending.
    grouping: Vec<u32>,
    /// W.
    weight: f64,
    /// By side, the sums of each client in each block, ascending by client and block.
    clients: [Vec<InBlock<'a>>; 2],
    spread: [ClientSpread; 2],
}

/// A client in a (possibly doubled) block.
#[derive(Clone, Copy)]
struct InBlock<'a> {
    client: u32,
    number: u32,
    sums: &'a ClientScores,
}

impl<'a> Errors<'a> {
    /// `number` gives the block number of every timetable block: the identity, or that of the doubled block.
    pub(crate) fn new(scores: &'a [BlockScores], number: impl Fn(u32) -> u32) -> Self {
        let weight = scores.iter().map(|block| block.weight).collect::<CompensatedSum>().value();
        let grouping: Vec<u32> = scores.iter().map(|block| number(block.block)).collect();
        let of_block = |(number, block): (&u32, &'a BlockScores)| {
            let number = *number;
            block.clients.iter().map(move |sums| InBlock { client: sums.client, number, sums })
        };
        let clients = Side::BOTH.map(|side| {
            let mut clients: Vec<InBlock<'a>> =
                grouping.iter().zip(scores).flat_map(of_block).filter(|one| one.sums.side == side).collect();
            clients.sort_by_key(|one| (one.client, one.number));
            clients
        });
        let spread = clients.each_ref().map(|clients| spread(clients, weight));
        Self { scores, grouping, weight, clients, spread }
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.grouping.chunk_by(|left, right| left == right).count()
    }

    /// `sum_c w_c delta_c / W`: the estimate itself for the tail and for superiority.
    pub(crate) fn mean(&self, measure: usize) -> f64 {
        self.scores.iter().map(|block| block.contrast[measure]).collect::<CompensatedSum>().value() / self.weight
    }

    /// Block influences `I_b`, in time order. A quantile gap is centred already.
    pub(crate) fn influence(&self, measure: usize) -> Vec<f64> {
        let centre = self.centre(measure);
        let each: Vec<(u32, f64)> = std::iter::zip(&self.grouping, self.scores)
            .map(|(number, block)| (*number, (block.contrast[measure] - centre * block.weight) / self.weight))
            .collect();
        each.chunk_by(|left, right| left.0 == right.0).map(|same| same.iter().map(|(_, part)| part).sum()).collect()
    }

    fn centre(&self, measure: usize) -> f64 {
        if measure < GAPS { self.mean(measure) } else { 0.0 }
    }

    /// The clients of a side.
    pub(crate) fn spread(&self, side: Side) -> ClientSpread {
        self.spread[side as usize]
    }

    /// Sums of psi by client, ascending by client.
    pub(crate) fn by_client(&self, side: Side, measure: usize) -> Vec<ClientSum> {
        let centre = self.centre(measure);
        let psi = |one: &InBlock| (one.sums.score[measure] - centre * one.sums.weight) / self.weight;
        let mut sums = Vec::new();
        for same_client in self.clients[side as usize].chunk_by(|left, right| left.client == right.client) {
            let mut sum = ClientSum { client: same_client[0].client, total: 0.0, squares: 0.0 };
            for same_block in same_client.chunk_by(|left, right| left.number == right.number) {
                let in_block: f64 = same_block.iter().map(psi).sum();
                sum.total += in_block;
                sum.squares += in_block * in_block;
            }
            sums.push(sum);
        }
        sums
    }

    /// The estimate `value` of a measure with its error.
    pub(crate) fn estimate(&self, measure: usize, value: f64) -> Estimate {
        let influence = self.influence(measure);
        let blocks = influence.len() as f64;
        let between_blocks = if blocks < 2.0 { 0.0 } else { blocks / (blocks - 1.0) * square_sum(&influence) };
        let clients = Side::BOTH.map(|side| (client_variance(&self.by_client(side, measure)), self.spread(side).effective));
        united(value, between_blocks, blocks, clients)
    }
}

/// An estimate whose variance has a part between blocks and one between the clients of either side, with their effective numbers.
pub(crate) fn united(value: f64, between_blocks: f64, blocks: f64, clients: [(f64, f64); 2]) -> Estimate {
    let [a, b] = clients.map(|(variance, _)| variance);
    let [spread_a, spread_b] = clients.map(|(_, effective)| (effective - 1.0).max(0.01));
    let variance = between_blocks + (a + b);
    let cap = (blocks - 1.0).max(1.0);
    let denominator = between_blocks * between_blocks / cap + (a * a / spread_a + b * b / spread_b);
    let df = if denominator > 0.0 { (variance * variance / denominator).min(cap) } else { cap };
    Estimate { value, se: variance.sqrt(), df }
}

/// `max(0, K/(K-1) sum_k psi_k^2 - sum_{b,k} psi_bk^2)`.
pub(crate) fn client_variance(sums: &[ClientSum]) -> f64 {
    let clients = sums.len() as f64;
    if clients < 2.0 {
        // One client has no spread; the gate on clients stands in its place.
        return 0.0;
    }
    let totals: Vec<f64> = sums.iter().map(|sum| sum.total).collect();
    let inside = sums.iter().map(|sum| sum.squares).collect::<CompensatedSum>().value();
    (clients / (clients - 1.0) * square_sum(&totals) - inside).max(0.0)
}

fn spread(clients: &[InBlock], total: f64) -> ClientSpread {
    let of_client = clients.chunk_by(|left, right| left.client == right.client);
    let shares: Vec<f64> = of_client.map(|same| same.iter().map(|one| one.sums.weight).sum::<f64>() / total).collect();
    ClientSpread { clients: shares.len(), effective: effective(&shares) }
}

/// `1 / sum share^2`; 0 where there are none.
pub(crate) fn effective(shares: &[f64]) -> f64 {
    if shares.is_empty() { 0.0 } else { 1.0 / square_sum(shares) }
}

/// One client's part of an estimate's influence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClientSum {
    pub(crate) client: u32,
    /// Sum of psi over all blocks.
    pub(crate) total: f64,
    /// Sum over blocks of the squared sum in the block.
    pub(crate) squares: f64,
}

fn square_sum(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).collect::<CompensatedSum>().value()
}

/// Lag-1 autocorrelation; 0 where the series does not vary.
pub(crate) fn autocorrelation(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let mean = series.iter().copied().collect::<CompensatedSum>().value() / n;
    let variance = square_sum(&series.iter().map(|value| value - mean).collect::<Vec<_>>());
    let lagged = series.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).collect::<CompensatedSum>().value();
    if variance > 0.0 { lagged / variance } else { 0.0 }
}
