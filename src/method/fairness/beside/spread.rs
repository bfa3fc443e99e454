//! The error of a sum over blocks and clients, for figures that are not latencies: the closed form of the verdict.
//!
//! `V = V_b + V_cl,A + V_cl,B` with the block x client intersection taken off the client parts, degrees of freedom after Satterthwaite.

use std::collections::BTreeMap;

use crate::statistics::CompensatedSum;

/// One cluster's part of an estimate's influence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Number of the block.
    pub(crate) block: u32,
    /// 0 = A, 1 = B.
    pub(crate) side: usize,
    /// Client code.
    pub(crate) client: u32,
    /// Influence of its observations on the estimate.
    pub(crate) influence: f64,
    /// Its share of the side's observations.
    pub(crate) share: f64,
}

/// Standard error and degrees of freedom; `None` with fewer than two blocks.
pub(crate) fn error_of(parts: &[Part]) -> Option<(f64, f64)> {
    let mut by_block: BTreeMap<u32, f64> = BTreeMap::new();
    for part in parts {
        *by_block.entry(part.block).or_default() += part.influence;
    }
    let blocks = by_block.len() as f64;
    if blocks < 2.0 {
        return None;
    }
    let between = blocks / (blocks - 1.0) * squares(by_block.values().copied());
    let sides = [0, 1].map(|side| client_part(parts, side));
    let variance = between + sides.iter().map(|(variance, _)| variance).sum::<f64>();
    let cap = blocks - 1.0;
    let clients = sides.iter().map(|(variance, effective)| variance * variance / (effective - 1.0).max(0.01)).sum::<f64>();
    let denominator = between * between / cap + clients;
    let df = if denominator > 0.0 { (variance * variance / denominator).min(cap) } else { cap };
    Some((variance.sqrt(), df))
}

/// The client variance of a side and its effective number of clients.
fn client_part(parts: &[Part], side: usize) -> (f64, f64) {
    let mut clients: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let mut cells: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.side == side) {
        let sum = clients.entry(part.client).or_default();
        *sum = (sum.0 + part.influence, sum.1 + part.share);
        *cells.entry((part.client, part.block)).or_default() += part.influence;
    }
    let n = clients.len() as f64;
    if n < 2.0 {
        return (0.0, 1.0);
    }
    let variance = n / (n - 1.0) * squares(clients.values().map(|sum| sum.0)) - squares(cells.values().copied());
    (variance.max(0.0), 1.0 / squares(clients.values().map(|sum| sum.1)))
}

fn squares(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).collect::<CompensatedSum>().value()
}
