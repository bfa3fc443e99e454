//! Sorting what is nearly in order already, as logs are.

use std::cmp::Ordering;

use rayon::prelude::*;

/// Items sorted by themselves before the whole is gone over.
const PIECE: usize = 1 << 16;
/// Moves an item beyond which the series was not nearly in order.
const MOVES: usize = 16;

/// Sorts a series in which few items stand far from their place. Stable.
///
/// By insertion, one move for each pair that is out of order; O(n log n) where there are more than 16 of them an item, in a piece or in all.
pub fn sort_nearly_sorted<T: Copy + Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    // Insertion moves an item only past greater ones: given up halfway, equal items still stand as they came.
    items.par_chunks_mut(PIECE).for_each(|piece| {
        if !insert_each(piece, &compare) {
            piece.sort_by(&compare);
        }
    });
    if !insert_each(items, &compare) {
        items.par_sort_by(compare);
    }
}

/// False where it gave up.
fn insert_each<T: Copy>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) -> bool {
    let mut budget = MOVES * items.len();
    for at in 1..items.len() {
        if compare(&items[at - 1], &items[at]) != Ordering::Greater {
            continue;
        }
        let item = items[at];
        let mut to = at;
        while to > 0 && compare(&items[to - 1], &item) == Ordering::Greater {
            items[to] = items[to - 1];
            to -= 1;
        }
        items[to] = item;
        let Some(left) = budget.checked_sub(at - to) else { return false };
        budget = left;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_stable_sort(keys in prop::collection::vec(0..50_u8, 0..200)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_nearly_sorted(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expected);
        }
    }

    /// Longer than a piece, nearly in order and in reverse: by insertion, and by giving it up.
    #[test]
    fn pieces_meet_and_a_reversed_series_is_sorted_too() {
        let n = 2 * PIECE + 100;
        let nearly: Vec<(usize, usize)> = (0..n).map(|at| (at + 40 * usize::from(at % 11 == 0), at)).collect();
        let reversed: Vec<(usize, usize)> = (0..n).map(|at| ((n - at) / 3, at)).collect();
        for mut items in [nearly, reversed] {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_nearly_sorted(&mut items, |a, b| a.0.cmp(&b.0));
            assert_eq!(items, expected);
        }
    }
}
