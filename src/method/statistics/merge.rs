//! One linear pass over two sorted samples: the shape that every two-sample rank statistic here is computed from.

/// One distinct value of two samples taken together: how many observations lie below it, and how many on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tie {
    /// Left observations below the value.
    pub(crate) left_below: u64,
    /// Left observations equal to the value.
    pub(crate) left: u64,
    /// Right observations below the value.
    pub(crate) right_below: u64,
    /// Right observations equal to the value.
    pub(crate) right: u64,
}

/// Calls `visit` once per distinct value of two sorted samples, smallest first. O(n + m).
pub(crate) fn for_each_tie<T: Copy + Ord>(left: &[T], right: &[T], mut visit: impl FnMut(Tie)) {
    debug_assert!(left.is_sorted() && right.is_sorted());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let value = match (left.get(i), right.get(j)) {
            (Some(l), Some(r)) => *l.min(r),
            (Some(only), None) | (None, Some(only)) => *only,
            (None, None) => break,
        };
        let (left_end, right_end) = (run_end(left, i, value), run_end(right, j, value));
        visit(Tie { left_below: i as u64, left: (left_end - i) as u64, right_below: j as u64, right: (right_end - j) as u64 });
        (i, j) = (left_end, right_end);
    }
}

/// End of the run of `value` that starts at `start`.
fn run_end<T: Copy + Ord>(sorted: &[T], start: usize, value: T) -> usize {
    let mut end = start;
    while sorted.get(end) == Some(&value) {
        end += 1;
    }
    end
}
