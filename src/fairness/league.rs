//! Which clients stand behind an effect: a league table, exploratory, never deciding.

use crate::fairness::comparable::Side;
use crate::fairness::contrast::{BlockScores, ClientScores, GAPS};
use crate::measure::Timetable;
use crate::statistics::{CompensatedSum, benjamini_hochberg, student_t_sf};

/// One client of a pair, judged by its orders in two-group cells. Exploratory: a lead for an auditor, not a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientStanding {
    /// Its group.
    pub group: String,
    /// Its name.
    pub client: String,
    /// Its part of the group's overlap weight.
    pub share: f64,
    /// How much slower than comparable orders it was at the median, nanoseconds (first order, from its median scores);
    /// negative: faster.
    pub slower_by: f64,
    /// Share of its days on which that difference had the same sign.
    pub same_sign_days: f64,
    /// Two-sided p over its blocks, Benjamini-Hochberg over the clients of the pair; 1 where it stands in one block.
    pub p_exploratory: f64,
}

/// A standing before names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) side: Side,
    pub(crate) client: u32,
    pub(crate) share: f64,
    pub(crate) slower_by: f64,
    pub(crate) same_sign_days: f64,
    pub(crate) p: f64,
}

/// The clients of both sides, A's first, each ascending by code.
pub(crate) fn league(scores: &[BlockScores], timetable: &Timetable) -> Vec<Standing> {
    let mut parts: Vec<(u32, &ClientScores)> = scores
        .iter()
        .flat_map(|block| block.clients.iter().map(move |client| (timetable.blocks[block.block as usize].day, client)))
        .collect();
    parts.sort_by_key(|(_, client)| (client.side as u8, client.client));
    let weight = scores.iter().map(|block| block.weight).collect::<CompensatedSum>().value();
    let same = |left: &(u32, &ClientScores), right: &(u32, &ClientScores)| (left.1.side, left.1.client) == (right.1.side, right.1.client);
    let mut standings: Vec<Standing> = parts.chunk_by(same).map(|client| standing(client, weight)).collect();
    let adjusted = benjamini_hochberg(&standings.iter().map(|standing| standing.p).collect::<Vec<_>>());
    standings.iter_mut().zip(adjusted).for_each(|(standing, p)| standing.p = p);
    standings
}

/// One client's blocks, each with its day.
fn standing(blocks: &[(u32, &ClientScores)], total_weight: f64) -> Standing {
    let (side, client) = (blocks[0].1.side, blocks[0].1.client);
    // A positive score speaks for "B slower": an order of A that is fast has one too.
    let sign = if side == Side::A { -1.0 } else { 1.0 };
    let slower = |block: &ClientScores| sign * block.score[GAPS];
    let sum: f64 = blocks.iter().map(|(_, block)| slower(block)).sum();
    let weight: f64 = blocks.iter().map(|(_, block)| block.weight).sum();
    let days: Vec<f64> =
        blocks.chunk_by(|left, right| left.0 == right.0).map(|day| day.iter().map(|(_, block)| slower(block)).sum()).collect();
    let same_sign = days.iter().filter(|day| **day * sum > 0.0).count();
    let n = blocks.len() as f64;
    // The ratio of two sums over blocks, with its linearised error.
    let slower_by = sum / weight;
    let residual = |block: &ClientScores| slower(block) - slower_by * block.weight;
    let squares: f64 = blocks.iter().map(|(_, block)| residual(block) * residual(block)).sum();
    let se = (n / (n - 1.0) * squares).sqrt() / weight;
    let p = if n > 1.0 && se > 0.0 { (2.0 * student_t_sf((slower_by / se).abs(), n - 1.0)).min(1.0) } else { 1.0 };
    Standing { side, client, share: weight / total_weight, slower_by, same_sign_days: same_sign as f64 / days.len() as f64, p }
}
