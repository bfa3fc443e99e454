//! Work on pieces in parallel, results in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Pieces that may wait for an earlier one, for each thread: more would only cost memory.
const AHEAD: usize = 4;

/// Runs `make(0)`, `make(1)`, ... `make(n - 1)` on all threads, beginning them in order, and hands each result to `take` in order.
///
/// Results that wait for an earlier one are few, so memory stays bounded whatever the number of pieces. `make` must not wait for other
/// work of the thread pool.
///
/// # Errors
/// The first error of `take`; no later result is handed to it.
pub(crate) fn in_order<T: Send, E: Send>(
    n: usize,
    make: impl Fn(usize) -> T + Sync,
    take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let most_ahead = AHEAD * rayon::current_num_threads();
    let line = Line { state: Mutex::new(State { next: 0, taken: 0, waiting: BTreeMap::new(), stopped: None }), moved: Condvar::new() };
    let take = Mutex::new(take);
    let work = || {
        let halt = HaltOnPanic(&line);
        while let Some(piece) = line.begin(n, most_ahead) {
            let made = make(piece);
            line.offer(piece, made);
            // Whoever finds the next piece ready hands on as many as are; the others go on working.
            if let Ok(mut take) = take.try_lock() {
                while let Some(made) = line.next_ready() {
                    let taken = take(made);
                    line.hand_over(taken);
                }
            }
        }
        std::mem::forget(halt);
    };
    rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| work())));
    // A result that became ready while another thread was just leaving is still there.
    let mut take = take.into_inner().unwrap_or_else(PoisonError::into_inner);
    while let Some(made) = line.next_ready() {
        let taken = take(made);
        line.hand_over(taken);
    }
    let state = line.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.stopped {
        Some(Stop::Error(error)) => Err(error),
        Some(Stop::Panic) | None => Ok(()),
    }
}

struct Line<T, E> {
    state: Mutex<State<T, E>>,
    moved: Condvar,
}

struct State<T, E> {
    /// The next piece to begin, and the next to hand on.
    next: usize,
    taken: usize,
    waiting: BTreeMap<usize, T>,
    stopped: Option<Stop<E>>,
}

enum Stop<E> {
    Error(E),
    Panic,
}

impl<T, E> Line<T, E> {
    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece to work on, as soon as it is not too far ahead; `None` where there is none left.
    fn begin(&self, n: usize, most_ahead: usize) -> Option<usize> {
        let mut state = self.lock();
        while state.stopped.is_none() && state.next < n && state.next >= state.taken + most_ahead {
            // The piece waited for is in another thread's hands; or it is ready, and this thread may hand it on.
            if state.waiting.contains_key(&state.taken) {
                break;
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped.is_some() || state.next == n {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    /// Puts a result in line. Who waits is told: this thread may find the hand that takes it busy, and leave.
    fn offer(&self, piece: usize, made: T) {
        self.lock().waiting.insert(piece, made);
        self.moved.notify_all();
    }

    fn next_ready(&self) -> Option<T> {
        let mut state = self.lock();
        let next = state.taken;
        if state.stopped.is_some() { None } else { state.waiting.remove(&next) }
    }

    fn hand_over(&self, taken: Result<(), E>) {
        let mut state = self.lock();
        state.taken += 1;
        if let Err(error) = taken {
            state.stopped = Some(Stop::Error(error));
        }
        self.moved.notify_all();
    }
}

/// Releases the waiting threads where one ends in a panic, which the scope then carries on.
struct HaltOnPanic<'a, T, E>(&'a Line<T, E>);

impl<T, E> Drop for HaltOnPanic<'_, T, E> {
    fn drop(&mut self) {
        self.0.lock().stopped = Some(Stop::Panic);
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(n: usize, stop_at: usize) -> (Vec<usize>, Result<(), usize>) {
        let mut taken = Vec::new();
        let result = in_order(
            n,
            |piece| (0..(piece * 7) % 13 * 1_000).fold(piece * piece, |a, b| std::hint::black_box(a ^ b ^ b)),
            |square| {
                taken.push(square);
                if taken.len() == stop_at { Err(square) } else { Ok(()) }
            },
        );
        (taken, result)
    }

    #[test]
    fn results_come_in_order_and_stop_at_the_first_error() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let whole: Vec<usize> = (0..500).map(|piece| piece * piece).collect();
            assert_eq!(pool.install(|| squares(500, usize::MAX)), (whole.clone(), Ok(())));
            assert_eq!(pool.install(|| squares(500, 300)), (whole[..300].to_vec(), Err(whole[299])));
            assert_eq!(pool.install(|| squares(0, 1)), (Vec::new(), Ok(())));
        }
    }

    #[test]
    #[should_panic(expected = "piece 40")]
    fn a_panic_is_carried_on_and_nobody_waits_for_ever() {
        let make = |piece: usize| assert!(piece != 40, "piece {piece}");
        let _ = in_order(1_000, make, |()| Ok::<(), ()>(()));
    }
}
