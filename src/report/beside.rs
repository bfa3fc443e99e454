//! What stands beside the verdict, as it is written: part of `result.json`, see [`crate::report::model`].
//!
//! A pair is unordered here: an effect is `disadvantaged` minus `favoured` whatever its sign.

use serde::{Deserialize, Serialize};

use crate::report::model::Reason;

/// What carries the verdict, and what would change it. Nothing in it decides.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Beside {
    /// "standard" (clients, pooled effects, stages) or "full" (everything).
    pub depth: String,
    /// Every client against the other group's comparable orders, by pair and group, the strongest pull on D50 first. Exploratory.
    pub clients: Vec<ClientRow>,
    /// All orders against comparable orders, by pair.
    pub pooled: Vec<PooledRow>,
    /// Which stage a difference of means comes from, by pair; empty where only receipt and sending are stamped.
    pub stages: Vec<StageBlameRow>,
    /// Random groupings judged; null at depth "standard".
    pub placebo: Option<PlaceboRow>,
    /// Orders without a receipt, by pair; empty at depth "standard".
    pub missingness: Vec<MissingnessRow>,
    /// The same arrivals, first come, first served; null at depth "standard".
    pub replay: Option<ReplayTable>,
    /// Every alternative judged again; empty at depth "standard".
    pub sensitivity: Vec<AlternativeRow>,
}

/// One client of one group against another group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientRow {
    /// The client's group.
    pub group: String,
    /// The group it is compared with.
    pub against: String,
    /// The client; empty where orders name none.
    pub client: String,
    /// Its matched orders.
    pub n: u64,
    /// Their share of the group's.
    pub share: f64,
    /// Their median latency, nearest rank, nanoseconds, unadjusted.
    pub median: i64,
    /// P(an order of the client is slower than a comparable order of the other group), ties half.
    pub slower: f64,
    /// Its part of the group's P(slower) - 1/2; the parts of a group add up to it.
    pub part: f64,
    /// Its pull on D50, nanoseconds (sum of psi): positive makes its group look slower.
    pub pull: f64,
    /// Days with comparable orders.
    pub days: u64,
    /// Days on which `slower` lies on the same side of 1/2 as over all.
    pub days_alike: u64,
    /// Two-sided p by blocks; null with fewer than five blocks or no spread.
    pub p_value: Option<f64>,
    /// After Benjamini-Hochberg over all tested rows.
    pub p_adjusted: Option<f64>,
}

/// Pooled and stratified effects of a pair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PooledRow {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// Difference of the medians over all orders, nanoseconds.
    pub pooled_gap: i64,
    /// P(an order of B is slower than one of A) over all orders, ties half.
    pub pooled_superiority: f64,
    /// D50, nanoseconds.
    pub stratified_gap: Option<f64>,
    /// theta.
    pub stratified_superiority: Option<f64>,
    /// Simpson's alarm: set where the two are of opposite sign and one gap exceeds the margin.
    pub alarm: Option<Reason>,
}

/// The stages of a pair: overlap-weighted differences of means, which add up; the total is not D50.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StageBlameRow {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// Stages in order; their differences add up to `total` to the nanosecond.
    pub parts: Vec<StagePartRow>,
    /// First stamp to last, nanoseconds.
    pub total: i64,
    /// Orders in two-group cells that carry every stamp.
    pub n: u64,
}

/// One stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StagePartRow {
    /// For example "received_at -> decided_at".
    pub stage: String,
    /// Nanoseconds; positive: B is slower here.
    pub difference: i64,
    /// Standard error over blocks, nanoseconds; null with fewer than two blocks.
    pub se: Option<f64>,
}

/// How often groupings drawn at random by client would have been accused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceboRow {
    /// Groupings judged.
    pub groupings: u32,
    /// With an UNFAIR pair.
    pub accused: u32,
    /// Of the others, with a finding on single clients.
    pub client_specific: u32,
    /// With every pair FAIR.
    pub fair: u32,
    /// accused / groupings.
    pub accused_share: f64,
    /// Seed they were drawn with.
    pub seed: u64,
}

/// The orders without a receipt of a pair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MissingnessRow {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// A's and B's orders without a receipt.
    pub missing: [u64; 2],
    /// Their shares of the group's orders.
    pub shares: [f64; 2],
    /// B's share minus A's.
    pub difference: f64,
    /// Standard error over blocks and clients.
    pub se: Option<f64>,
    /// Lower end of its 95 % interval.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Two-sided p of equal shares.
    pub p_value: Option<f64>,
    /// D50 at its least and at its most over all latencies the missing orders may have had, nanoseconds.
    pub gap_bounds: Option<[i64; 2]>,
}

/// First come, first served.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayTable {
    /// What was taken for one line: "shard", "gateway" or "all".
    pub scope: String,
    /// Lines.
    pub lines: u64,
    /// Groups, ascending.
    pub groups: Vec<ReplayRow>,
    /// Clients, ascending by group and client.
    pub clients: Vec<ReplayRow>,
}

/// What a group or client lost against a fair queue; negative: gained. Places of all rows add up to zero.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayRow {
    /// Group.
    pub group: String,
    /// Client; empty in a group's row and where none is known.
    pub client: String,
    /// Orders.
    pub n: u64,
    /// Nanoseconds an order, on average.
    pub lost_mean: f64,
    /// Places in all.
    pub places: i64,
    /// What the order lost that lost or gained the most, nanoseconds.
    #[serde(default)]
    pub largest: i64,
}

impl ReplayRow {
    /// What one order alone lost or gained, where that is more than half of what all of them did.
    pub(crate) fn one_order(&self) -> Option<i64> {
        let all = self.lost_mean * self.n as f64;
        (self.n > 1 && 2.0 * (self.largest as f64).abs() > all.abs()).then_some(self.largest)
    }
}

/// One alternative.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlternativeRow {
    /// Code and words of what was done differently.
    #[serde(flatten)]
    pub what: Reason,
    /// Verdicts that change; empty where none does.
    pub changed: Vec<VerdictChangeRow>,
}

/// One changed verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerdictChangeRow {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// "unfair", "fair", "inconclusive", "reversed" or "client_specific".
    pub from: String,
    /// The same, or "not_judged".
    pub to: String,
    /// Codes of reasons the new verdict has and the given one has not.
    pub reasons: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::ReplayRow;

    #[test]
    fn a_mean_that_one_order_makes_is_told_apart() {
        let row =
            |lost_mean: f64, largest: i64, n: u64| ReplayRow { group: "A".into(), client: String::new(), n, lost_mean, places: 0, largest };
        assert_eq!(row(60.0, 5_900, 100).one_order(), Some(5_900));
        assert_eq!(row(60.0, 3_000, 100).one_order(), None);
        assert_eq!(row(-1.0, 90, 100).one_order(), Some(90), "an order that goes the other way than the mean");
        assert_eq!(row(60.0, 60, 1).one_order(), None, "a mean of one is its own");
    }
}
