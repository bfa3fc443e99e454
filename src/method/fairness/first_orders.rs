//! A receipt that several orders name was received once: what is said of all of them is held against the first of each.

use crate::fairness::{Assessment, PairAssessment, Reason, Verdict, reason};

impl Assessment {
    /// Whether any verdict may turn on the later orders of a receipt.
    #[must_use]
    pub fn says_anything(&self) -> bool {
        self.pairs.iter().any(|pair| pair.client_specific || matches!(pair.verdict, Verdict::Unfair | Verdict::Fair))
    }

    /// Takes back what the first orders of each receipt alone, judged in `first`, do not bear: an accusation that they do not make, and a
    /// clearance where they accuse.
    ///
    /// Slices, amendments and second sendings did not arrive with their receipt, so their latencies hold the client's own time too.
    pub fn hold_against_first_orders(&mut self, first: &Self) {
        for pair in &mut self.pairs {
            let of_first = first.pairs.iter().find(|one| (&one.favoured, &one.disadvantaged) == (&pair.favoured, &pair.disadvantaged));
            let is = |verdict: Verdict| of_first.is_some_and(|one| one.verdict == verdict);
            let stands = match pair.verdict {
                Verdict::Unfair => is(Verdict::Unfair),
                Verdict::Fair => !is(Verdict::Unfair) && !is(Verdict::Reversed),
                Verdict::Reversed => is(Verdict::Reversed),
                Verdict::Inconclusive => {
                    !pair.client_specific || of_first.is_some_and(|one| one.client_specific || one.verdict == Verdict::Unfair)
                }
            };
            if !stands {
                pair.take_back(reason::later_orders());
            }
        }
    }

    /// Takes back every statement on a group of `groups`, whose later orders nobody can tell from the first.
    pub fn leave_later_orders_open(&mut self, groups: &[&str]) {
        for pair in &mut self.pairs {
            let concerned = groups.contains(&pair.favoured.as_str()) || groups.contains(&pair.disadvantaged.as_str());
            if concerned && (pair.client_specific || pair.verdict != Verdict::Inconclusive) {
                pair.take_back(reason::later_orders_unknown());
            }
        }
    }
}

impl PairAssessment {
    fn take_back(&mut self, reason: Reason) {
        self.verdict = Verdict::Inconclusive;
        self.client_specific = false;
        self.clients_named.clear();
        self.reasons.retain(|reason| !reason.code.starts_with("client_specific"));
        self.reasons.insert(0, reason);
    }
}
