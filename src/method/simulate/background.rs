//! Encoding and writing beside the simulation: one thread a file, a short queue between, the same bytes in the same order.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Pieces that may wait to be written.
const QUEUE: usize = 2;

/// A thread that takes pieces of a file in turn.
pub(crate) struct Background<T> {
    /// Dropped to say that the file is complete.
    sender: Option<SyncSender<T>>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl<T: Send + 'static> Background<T> {
    /// Starts `work`, which ends when its receiver does, or with an error in words.
    pub(crate) fn start(work: impl FnOnce(Receiver<T>) -> Result<(), String> + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        Self { sender: Some(sender), thread: Some(std::thread::spawn(move || work(receiver))) }
    }

    /// Hands over a piece; waits while the queue is full. An error is the one that ended the work.
    pub(crate) fn send(&mut self, piece: T) -> Result<(), String> {
        let sent = self.sender.as_ref().is_some_and(|sender| sender.send(piece).is_ok());
        if sent { Ok(()) } else { self.join().and(Err("writing has ended".into())) }
    }

    /// Waits until every piece is written.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.join()
    }

    fn join(&mut self) -> Result<(), String> {
        self.sender = None;
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|_| Err("the writing thread panicked".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_writing_thread_reaches_the_sender() {
        let mut full: Background<u8> = Background::start(|pieces| pieces.iter().try_for_each(|_| Err("disk full".into())));
        let first_error = (0..10).find_map(|piece| full.send(piece).err());
        assert_eq!(first_error.as_deref(), Some("disk full"));
        let late: Background<u8> = Background::start(|pieces| pieces.iter().last().map_or(Ok(()), |_| Err("disk full".into())));
        let mut late = late;
        assert_eq!((late.send(1), late.finish()), (Ok(()), Err("disk full".into())));
    }
}
