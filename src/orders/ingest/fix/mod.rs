//! FIX logs: messages of the wanted kinds are the rows, their tags the columns.
//!
//! Every time has the clock the study names: the recorder's own (`prefix`), a tag, or a regulatory stamp (`770:4`). A message whose
//! checksum or length is wrong is kept and counted; one without an end is a refused row, because its last value may be half of one.

mod acknowledge;
mod clock;
mod contents;
mod frame;
mod plan;
mod prefix;
mod rows;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use prefix::Direction;
pub use tally::{MessageClass, MessageTally};

pub(crate) use acknowledge::Answers;
pub(crate) use contents::{contents, is_log};

use frame::{LONGEST_JOIN, Rest, Scanner, Unfinished};
use plan::Plan;

use crate::ingest::fix::rows::{AnswerReader, RowReader};
use crate::ingest::lines::{read_bytes, settle_bytes};
use crate::ingest::text::{Block, TextReport};
use crate::ingest::{Format, Job, Part, Said, Source, SourceFile};
use crate::record::{Chunk, Column, Diagnostic, Progress};

/// Reads a whole log; `answers` are those of the whole source.
pub(crate) fn read<T: Send>(
    job: Job<'_>,
    answers: &Answers,
    transform: &(impl Fn(Chunk<'_>) -> T + Sync),
    mut take: impl FnMut(Part<T>) + Send,
) -> Result<Said, Diagnostic> {
    let Job { file, source, wanted, progress, .. } = job;
    let plan = Plan::of(file, source, wanted)?;
    let detected = settle_bytes(file, source)?;
    let (mut tally, mut user_defined) = (MessageTally::default(), BTreeMap::new());
    let parse = |stretch: Stretch<'_>, scanner: &mut Scanner| {
        let mut reader = RowReader::new(job, &plan, answers, stretch).decoding(detected.encoding);
        let rest = scanner.scan(stretch.text, stretch.more, |message| reader.take(message));
        Ok((reader.finish(transform)?, rest))
    };
    in_stretches(file, progress, parse, |(part, counted, found), rest| {
        tally.add(&counted);
        tally.other_lines += rest.other_lines;
        tally.unreadable += rest.unreadable;
        found.into_iter().for_each(|(one, n)| *user_defined.entry(one).or_default() += n);
        take(part);
    })?;
    Ok((TextReport::new(&file.name, file.packing, detected, user_defined), tally))
}

/// The answers of the exchange in all FIX logs of `source`, where they are wanted.
pub(crate) fn answers(source: &Source, wanted: &[Column], progress: &Progress) -> Result<Answers, Diagnostic> {
    let mut all = Answers::default();
    if !wanted.contains(&Column::AcknowledgedAt) || !source.mapping.has(Column::AcknowledgedAt) {
        return Ok(all);
    }
    for file in source.files.iter().filter(|file| file.format == Format::Fix) {
        let plan = Plan::of(file, source, &[Column::AcknowledgedAt])?;
        let parse = |stretch: Stretch<'_>, scanner: &mut Scanner| {
            let mut reader = AnswerReader::new(file, source, &plan, stretch);
            let rest = scanner.scan(stretch.text, stretch.more, |message| reader.take(message));
            Ok((reader.finish()?, rest))
        };
        in_stretches(file, progress, parse, |answers, _| all.join(&answers))?;
    }
    Ok(all)
}

/// A run of lines of a log.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    text: &'a [u8],
    first_line: u64,
    byte_offset: u64,
    /// More text follows.
    more: bool,
}

/// What a block left for its neighbours.
struct Edges {
    tail: Option<Tail>,
    /// What stands before the block's first message.
    head: Vec<u8>,
}

/// The message that a block ended in.
struct Tail {
    /// From the start of its line.
    text: Vec<u8>,
    first_line: u64,
    byte_offset: u64,
    /// Messages before it on that line, which were the block's own.
    n_shown: u32,
}

/// Gives the log to `parse` block by block, in parallel, and behind each block the message that its end cut in two; what came of them
/// goes to `take` in file order.
fn in_stretches<R: Send>(
    file: &SourceFile,
    progress: &Progress,
    parse: impl Fn(Stretch<'_>, &mut Scanner) -> Result<(R, Rest), Diagnostic> + Sync,
    take: impl FnMut(R, Rest) + Send,
) -> Result<(), Diagnostic> {
    let mut seam = Seam { parse: &parse, take, tail: None, problem: None };
    read_bytes(file, progress, |block| parse_block(&block, &parse), |parsed| seam.join(parsed))?;
    seam.finish()
}

/// What one block came to.
type Parsed<R> = ((R, Rest), Edges);

fn parse_block<R>(
    block: &Block,
    parse: &impl Fn(Stretch<'_>, &mut Scanner) -> Result<(R, Rest), Diagnostic>,
) -> Result<Parsed<R>, Diagnostic> {
    let Block { text, first_line, byte_offset, .. } = block;
    let (first_line, byte_offset) = (*first_line, *byte_offset);
    let mut scanner = Scanner::new();
    let (value, rest) = parse(Stretch { text, first_line, byte_offset, more: true }, &mut scanner)?;
    let tail = rest.unfinished.as_ref().map(|Unfinished { at, line, n_shown }| Tail {
        text: text[*at..].to_vec(),
        first_line: first_line + line,
        byte_offset: byte_offset + *at as u64,
        n_shown: *n_shown,
    });
    let head = scanner.before_first(&text[..text.len().min(LONGEST_JOIN)]).to_vec();
    Ok(((value, rest), Edges { tail, head }))
}

/// Joins blocks in file order where the end of one cut a message in two.
struct Seam<'p, P, T> {
    parse: &'p P,
    take: T,
    /// Of the block before.
    tail: Option<Tail>,
    problem: Option<Diagnostic>,
}

impl<R, P: Fn(Stretch<'_>, &mut Scanner) -> Result<(R, Rest), Diagnostic>, T: FnMut(R, Rest)> Seam<'_, P, T> {
    fn join(&mut self, ((value, mut rest), edges): Parsed<R>) {
        if self.tail.is_some() {
            // Those of the head are counted with the message that may go on there.
            let whole_lines = memchr::memrchr(b'\n', &edges.head).map_or(0, |at| at + 1);
            let of_head = Scanner::new().scan(&edges.head[..whole_lines], false, |_| ());
            rest.other_lines = rest.other_lines.saturating_sub(of_head.other_lines);
            rest.unreadable = rest.unreadable.saturating_sub(of_head.unreadable);
            self.close(&edges.head, whole_lines < edges.head.len());
        }
        self.tail = edges.tail;
        (self.take)(value, rest);
    }

    /// Hands on the message that the block before ended in. `head` is what follows it; with `ends_within_line`, its last line is the next
    /// block's to count.
    fn close(&mut self, head: &[u8], ends_within_line: bool) {
        let Some(Tail { text: tail, first_line, byte_offset, n_shown }) = self.tail.take() else { return };
        let text = [tail.as_slice(), head].concat();
        let stretch = Stretch { text: &text, first_line, byte_offset, more: false };
        match (self.parse)(stretch, &mut Scanner::between(n_shown, tail.len(), ends_within_line)) {
            Ok((value, rest)) => (self.take)(value, rest),
            Err(problem) => drop(self.problem.get_or_insert(problem)),
        }
    }

    fn finish(mut self) -> Result<(), Diagnostic> {
        self.close(&[], false);
        self.problem.map_or(Ok(()), Err)
    }
}
