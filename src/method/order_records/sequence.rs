//! Rows that do not follow in time: the fewest whose removal leaves the rest in order.
//!
//! The largest stamp so far would not do: one stamp of tomorrow would accuse every row behind it. The longest non-decreasing run
//! (Schensted 1961) names that one row alone.

use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::reconcile::ReceiptClass;
use crate::record::Column;

/// A value out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Displaced {
    /// Its index.
    pub at: usize,
    /// Index of a value in order that it contradicts most.
    pub against: usize,
    /// By how much, above zero.
    pub by: i64,
}

/// The fewest values whose removal leaves the others non-decreasing, ascending by index; O(n log n).
#[must_use]
pub fn displaced(values: &[i64]) -> Vec<Displaced> {
    if values.is_sorted() {
        return Vec::new();
    }
    let kept = longest_run(values);
    let (mut found, mut after) = (Vec::with_capacity(values.len() - kept.len()), 0);
    for at in 0..values.len() {
        if kept.get(after) == Some(&(at as u32)) {
            after += 1;
            continue;
        }
        let neighbour = |index: Option<&u32>, sign: i64| {
            let index = *index? as usize;
            Some((sign * (values[index] - values[at]), index))
        };
        let earlier = neighbour(after.checked_sub(1).and_then(|before| kept.get(before)), 1);
        let later = neighbour(kept.get(after), -1);
        // One of them contradicts it: else the run would be longer by it.
        let (by, against) = earlier.into_iter().chain(later).max_by_key(|(by, _)| *by).unwrap_or((0, at));
        found.push(Displaced { at, against, by });
    }
    found
}

/// Indices of a longest non-decreasing run, ascending.
fn longest_run(values: &[i64]) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let (mut ends, mut before): (Vec<u32>, Vec<u32>) = (Vec::new(), vec![NONE; values.len()]);
    for (at, value) in values.iter().enumerate() {
        // Nearly all values stand at the end.
        let length = match ends.last() {
            Some(last) if values[*last as usize] <= *value => ends.len(),
            _ => ends.partition_point(|end| values[*end as usize] <= *value),
        };
        before[at] = if length == 0 { NONE } else { ends[length - 1] };
        if length == ends.len() { ends.push(at as u32) } else { ends[length] = at as u32 }
    }
    let mut run = vec![0; ends.len()];
    let mut at = ends.last().copied().unwrap_or(NONE);
    for place in run.iter_mut().rev() {
        *place = at;
        at = before[at as usize];
    }
    run
}

/// Share of a file out of sequence from which it is taken to be an export in another order, in files of at least twenty rows.
const OTHER_ORDER: f64 = 0.05;
/// Rows of a file below which a row out of sequence is no more than a question.
const LEAST_ROWS: usize = 20;

/// What the stamps of two receipts prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptSequence {
    /// Nanoseconds up to which nothing tells which came first.
    pub precision: i64,
    /// False where nothing does, however far apart they are: several clocks, of which none is documented.
    pub proven: bool,
}

/// Receipts that stand in their file behind later ones (R07), by more than the clocks leave open: what they do not tell apart has no sequence.
/// `wrong` marks receipts whose stamp is known to be wrong: it says nothing of the order in which they were kept. Nor does a
/// further copy (R04), which may have been written at any time.
#[must_use]
pub fn receipts_in_sequence(case: &Case<'_>, wrong: &[bool], clocks: ReceiptSequence) -> RecordCheck {
    let Some(received) = case.receipts.times(Column::ReceivedAt) else {
        return RecordCheck::not_run("R07", Doubt::NoColumn(Column::ReceivedAt));
    };
    let mut check = RecordCheck::of("R07", 0, Vec::new());
    for (rows, file) in case.receipts.rows_by_file() {
        let speaks = |row: &usize| !wrong.get(*row).copied().unwrap_or(false) && case.links.receipt_class(*row) != ReceiptClass::Duplicate;
        let rows: Vec<u32> = rows.filter(speaks).map(|row| row as u32).collect();
        let times: Vec<i64> = rows.iter().map(|row| received[*row as usize]).collect();
        let found: Vec<Displaced> = displaced(&times).into_iter().filter(|one| one.by > clocks.precision).collect();
        check.examined += rows.len() as u64;
        let share = found.len() as f64 / rows.len().max(1) as f64;
        let confirmed = clocks.proven && rows.len() >= LEAST_ROWS && share <= OTHER_ORDER;
        if share > OTHER_ORDER {
            check.doubts.push(Doubt::NotInSequence { file, share });
        }
        check.rows.extend(found.iter().map(|one| {
            let row = FoundRow::alone(Side::Receipts, rows[one.at], Reason::OutOfSequence, one.by);
            row.beside(Side::Receipts, rows[one.against]).only_if(confirmed)
        }));
    }
    check
}
