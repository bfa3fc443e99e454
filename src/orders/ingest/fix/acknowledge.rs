//! When the exchange answered: execution reports joined to the messages they answer.
//!
//! A report answers the request of the same ClOrdID, local date of sending (52) and kind: `D` is answered by ExecType 0, `F` by 4, `G`
//! by 5 (OrdStatus, where a report has no ExecType). It may stand in another file of the source. Of several, the earliest counts.
//! Memory: about 50 bytes an answer.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::record::TradeDate;

/// Answers of one stretch of a log, then of all of them.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    ids: Vec<u8>,
    answers: Vec<Answer>,
    index: HashTable<u32>,
    /// Answers whose time could not be read.
    pub(crate) unreadable: u64,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    id_end: u64,
    id_length: u32,
    date: TradeDate,
    request: u8,
    at: i64,
}

impl Answers {
    /// Takes an answer at `at` (nanoseconds since the epoch) to a request of this kind (`D`, `F` or `G`).
    pub(crate) fn add(&mut self, id: &[u8], date: TradeDate, request: u8, at: i64) {
        let hash = hash(id, date, request);
        let same = |of: &u32| self.is(&self.answers[*of as usize], id, date, request);
        if let Some(known) = self.index.find(hash, same) {
            let known = &mut self.answers[*known as usize];
            known.at = known.at.min(at);
            return;
        }
        self.ids.extend_from_slice(id);
        let answer = Answer { id_end: self.ids.len() as u64, id_length: id.len() as u32, date, request, at };
        self.answers.push(answer);
        let (ids, answers) = (&self.ids, &self.answers);
        let again = |of: &u32| {
            let answer = &answers[*of as usize];
            self::hash(text(ids, answer), answer.date, answer.request)
        };
        self.index.insert_unique(hash, answers.len() as u32 - 1, again);
    }

    /// Takes all of `other`.
    pub(crate) fn join(&mut self, other: &Self) {
        self.unreadable += other.unreadable;
        other.answers.iter().for_each(|answer| self.add(text(&other.ids, answer), answer.date, answer.request, answer.at));
    }

    /// When a request was answered.
    pub(crate) fn get(&self, id: &[u8], date: TradeDate, request: u8) -> Option<i64> {
        let found = self.index.find(hash(id, date, request), |of| self.is(&self.answers[*of as usize], id, date, request))?;
        Some(self.answers[*found as usize].at)
    }

    fn is(&self, answer: &Answer, id: &[u8], date: TradeDate, request: u8) -> bool {
        answer.request == request && answer.date == date && text(&self.ids, answer) == id
    }
}

/// The kind of request that a report with this ExecType (or OrdStatus) answers.
pub(crate) fn answered(exec_type: &[u8], status: &[u8]) -> Option<u8> {
    match if exec_type.is_empty() { status } else { exec_type } {
        b"0" => Some(b'D'),
        b"4" => Some(b'F'),
        b"5" => Some(b'G'),
        _ => None,
    }
}

fn text<'a>(ids: &'a [u8], answer: &Answer) -> &'a [u8] {
    let end = answer.id_end as usize;
    &ids[end - answer.id_length as usize..end]
}

fn hash(id: &[u8], date: TradeDate, request: u8) -> u64 {
    FixedState::with_seed(0).hash_one((id, date.0, request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_answer_to_the_same_request_on_the_same_day_counts() {
        let (mut first, mut second) = (Answers::default(), Answers::default());
        first.add(b"A1", TradeDate(1), b'D', 50);
        first.add(b"A1", TradeDate(2), b'D', 90);
        second.add(b"A1", TradeDate(1), b'D', 40);
        second.add(b"A1", TradeDate(1), b'F', 10);
        first.join(&second);
        assert_eq!(first.get(b"A1", TradeDate(1), b'D'), Some(40));
        assert_eq!(first.get(b"A1", TradeDate(2), b'D'), Some(90));
        assert_eq!(first.get(b"A1", TradeDate(1), b'F'), Some(10));
        assert_eq!(first.get(b"A1", TradeDate(1), b'G'), None);
        assert_eq!(first.get(b"A", TradeDate(1), b'D'), None);
    }
}
