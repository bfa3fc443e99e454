//! Kernels against their definitions.

use proptest::prelude::*;

use crate::order_records::displaced;
use crate::order_records::plausible::{Stamp, members_of_runs};

/// The most values that can stay, tried one subset at a time.
fn longest_by_trial(values: &[i64]) -> usize {
    let stays = |subset: u32| -> Vec<i64> { (0..values.len()).filter(|at| subset >> at & 1 == 1).map(|at| values[at]).collect() };
    (0..1_u32 << values.len()).map(stays).filter(|kept| kept.is_sorted()).map(|kept| kept.len()).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn the_fewest_values_are_named_and_the_rest_is_in_order(values in prop::collection::vec(0_i64..8, 0..11)) {
        let found = displaced(&values);
        prop_assert_eq!(values.len() - found.len(), longest_by_trial(&values));
        let rest: Vec<i64> = (0..values.len()).filter(|at| found.iter().all(|one| one.at != *at)).map(|at| values[at]).collect();
        prop_assert!(rest.is_sorted());
        for one in found {
            // The value it is laid beside stands on the wrong side of it, by so much.
            let (value, against) = (values[one.at], values[one.against]);
            prop_assert_eq!(if one.against < one.at { against - value } else { value - against }, one.by);
            prop_assert!(one.by > 0);
        }
    }

    /// By trial: a negative receipt is in a run where, in some order of those of one instant, it has five negative neighbours and itself.
    #[test]
    fn runs_do_not_hang_on_the_order_of_receipts_of_one_instant(
        stamps in prop::collection::vec((0_u16..2, 0_i64..6, prop::bool::weighted(0.8)), 0..24)
            .prop_flat_map(|stamps| {
                let stamp = |(at, (clock, received, is_negative))| Stamp { clock, received, is_negative, receipt: at as u32 };
                let stamps: Vec<Stamp> = stamps.into_iter().enumerate().map(stamp).collect();
                (Just(stamps.clone()), Just(stamps).prop_shuffle())
            }),
    ) {
        let found = |stamps: &[Stamp]| members_of_runs(stamps.to_vec()).into_iter().collect::<std::collections::BTreeSet<u32>>();
        prop_assert_eq!(found(&stamps.0), found(&stamps.1));
        let in_run = |one: &Stamp| {
            // Walks away from it instant by instant while nothing but negative ones is met; a mixed instant is the last that counts.
            let reach = |instants: &mut dyn Iterator<Item = i64>| {
                let mut n = 0;
                for received in instants {
                    let instant = || stamps.0.iter().filter(|other| other.clock == one.clock && other.received == received);
                    n += instant().filter(|other| other.is_negative).count();
                    if instant().any(|other| !other.is_negative) {
                        break;
                    }
                }
                n
            };
            let here = || stamps.0.iter().filter(|other| other.clock == one.clock && other.received == one.received);
            let n_here = here().filter(|other| other.is_negative).count();
            let (before, behind) = (reach(&mut (0..one.received).rev()), reach(&mut (one.received + 1..6)));
            let longest = if here().all(|other| other.is_negative) { before + n_here + behind } else { n_here + before.max(behind) };
            one.is_negative && longest >= 5
        };
        let expected: std::collections::BTreeSet<u32> = stamps.0.iter().filter(|one| in_run(one)).map(|one| one.receipt).collect();
        prop_assert_eq!(found(&stamps.0), expected);
    }
}

#[test]
fn one_stamp_of_tomorrow_accuses_itself_alone() {
    let mut values: Vec<i64> = (0..1_000).collect();
    values[3] = 1_000_000;
    let found = displaced(&values);
    assert_eq!((found.len(), found[0].at, found[0].against, found[0].by), (1, 3, 4, 999_996));
}
