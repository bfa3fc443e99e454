//! Kernels against their definitions.

use proptest::prelude::*;

use crate::order_records::displaced;

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
}

#[test]
fn one_stamp_of_tomorrow_accuses_itself_alone() {
    let mut values: Vec<i64> = (0..1_000).collect();
    values[3] = 1_000_000;
    let found = displaced(&values);
    assert_eq!((found.len(), found[0].at, found[0].against, found[0].by), (1, 3, 4, 999_996));
}
