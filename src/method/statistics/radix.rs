//! Whole numbers in order, digit by digit: O(n) where they lie within a narrow span, as latencies do.

/// Shorter series are sorted by comparing.
const LEAST: usize = 1 << 12;
/// Bits of a digit: as many places to write to at a time as a core's first cache has lines for.
const DIGIT: u32 = 9;
/// A wider span would take more passes than comparing costs.
const MOST_PASSES: u32 = 4;

/// Sorts numbers.
pub(crate) fn sort_numbers<T: Copy + Ord + Into<i64>>(numbers: &mut [T]) {
    sort_by_number(numbers, |number| (*number).into());
}

/// Sorts items by a number of theirs; equal ones stand in any order, the same for the same items.
pub(crate) fn sort_by_number<T: Copy>(items: &mut [T], number: impl Fn(&T) -> i64) {
    let (Some(least), Some(most)) = (items.iter().map(&number).min(), items.iter().map(&number).max()) else { return };
    let span = most.abs_diff(least);
    let n_passes = (u64::BITS - span.leading_zeros()).div_ceil(DIGIT);
    if items.len() < LEAST || n_passes > MOST_PASSES {
        items.sort_unstable_by_key(number);
        return;
    }
    let digit = |item: &T, pass: u32| (number(item).abs_diff(least) >> (pass * DIGIT)) as usize & ((1 << DIGIT) - 1);
    let mut spare = items.to_vec();
    let (mut from, mut to) = (&mut *items, &mut spare[..]);
    for pass in 0..n_passes {
        let mut ends = [0_usize; (1 << DIGIT) + 1];
        from.iter().for_each(|item| ends[digit(item, pass) + 1] += 1);
        (1..ends.len()).for_each(|at| ends[at] += ends[at - 1]);
        for item in from.iter() {
            let place = &mut ends[digit(item, pass)];
            to[*place] = *item;
            *place += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    if n_passes % 2 == 1 {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn numbers_of_any_span_come_in_order(seed in prop::collection::vec(any::<i64>(), 1..50), shift in 0_u32..64, n in 1_usize..9_000) {
            let number = |at: usize| (seed[at % seed.len()] ^ (at as i64).wrapping_mul(0x5851_F42D_4C95_7F2D)) >> shift;
            let mut long: Vec<i64> = (0..n).map(number).collect();
            let mut short: Vec<i32> = long.iter().map(|number| *number as i32).collect();
            let (mut in_order, mut short_in_order) = (long.clone(), short.clone());
            in_order.sort_unstable();
            short_in_order.sort_unstable();
            sort_numbers(&mut long);
            sort_numbers(&mut short);
            prop_assert_eq!(long, in_order);
            prop_assert_eq!(short, short_in_order);
        }
    }

    #[test]
    fn items_keep_what_else_they_are() {
        let items: Vec<(i64, usize)> = (0..3 * LEAST).map(|at| ((at as i64).wrapping_mul(0x5851_F42D) % 70_000, at)).collect();
        let (mut sorted, mut expected) = (items.clone(), items);
        expected.sort_by_key(|item| item.0);
        sort_by_number(&mut sorted, |item| item.0);
        assert_eq!(sorted, expected);
    }

    #[test]
    fn the_whole_range_and_nothing_at_all() {
        let mut ends = [i64::MAX, 0, i64::MIN, -1];
        sort_numbers(&mut ends);
        assert_eq!(ends, [i64::MIN, -1, 0, i64::MAX]);
        sort_numbers::<i64>(&mut []);
    }
}
