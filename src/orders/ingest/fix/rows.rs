//! Messages to rows, and reports to answers.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ingest::fix::acknowledge::{Answers, answered};
use crate::ingest::fix::clock::{PrefixClock, PrefixFault};
use crate::ingest::fix::frame::Message;
use crate::ingest::fix::plan::{CLIENT_ORDER_ID, EXEC_TYPE, Field, KIND, Plan, SENDING_TIME, STATUS, Slots};
use crate::ingest::fix::prefix::{PrefixReader, own_words};
use crate::ingest::fix::{MessageClass, MessageTally, Stretch};
use crate::ingest::lines::no_match;
use crate::ingest::rows::{Cell, Fault, RowBuilder, RowPlace};
use crate::ingest::text::{decode_cp950, user_defined};
use crate::ingest::{Encoding, Job, Part, RejectCode, Source, SourceFile, TimeFormat, TimeParser};
use crate::record::{Chunk, Column, Diagnostic, LocalReader, Place, Timestamp, TradeDate, Zone};

/// Bytes of a message, about.
const TYPICAL: usize = 256;
/// Kinds that are rows where the study does not say.
const ORDERS_ONLY: &[&str] = &["D"];

/// What every reader of messages needs.
struct Context<'a> {
    file: &'a SourceFile,
    source: &'a Source,
    plan: &'a Plan,
    stretch: Stretch<'a>,
    slots: Slots,
    prefixes: PrefixReader,
    /// A clock for each column that comes from the prefix.
    clocks: Vec<Option<PrefixClock>>,
    sending_time: TimeParser,
    local: LocalReader,
    problem: Option<Diagnostic>,
}

impl<'a> Context<'a> {
    fn new(file: &'a SourceFile, source: &'a Source, plan: &'a Plan, stretch: Stretch<'a>) -> Self {
        let clock = |(column, field): (&Column, &Field)| {
            matches!(field, Field::Prefix).then(|| PrefixClock::new(source.mapping.get(*column), source.zone))
        };
        Self {
            clocks: plan.columns.iter().zip(&plan.fields).map(clock).collect(),
            sending_time: TimeParser::new(TimeFormat::Iso, Zone::UTC),
            local: source.zone.local_reader(),
            slots: Slots::default(),
            prefixes: PrefixReader::default(),
            problem: None,
            file,
            source,
            plan,
            stretch,
        }
    }

    /// The local date of sending (52), by which a request and its answer belong together; the same for all without one.
    fn date(&mut self, message: &Message<'_>) -> TradeDate {
        let sent = self.sending_time.parse(self.slots.value(message.text, SENDING_TIME));
        sent.map_or(TradeDate(i32::MIN), |nanos| self.local.read(Timestamp(nanos)).0)
    }

    /// The prefix time of a column; a zone nobody tells ends the run.
    fn prefix_time(&mut self, column: usize, message: &Message<'_>) -> Result<i64, Fault> {
        let name = self.plan.columns[column].name();
        let Some(clock) = &mut self.clocks[column] else { return Err(missing(name)) };
        clock.read(message.prefix, self.prefixes.read(message.prefix)).map_err(|fault| match fault {
            PrefixFault::Missing => missing(name),
            PrefixFault::Time(fault) => {
                let shown = Encoding::Raw.shown(own_words(message.prefix));
                let (zh, en) = fault.words();
                Fault {
                    column: name,
                    code: RejectCode::BadTime,
                    message: (format!("{zh}：\"{shown}\""), format!("{en}: \"{shown}\"")).into(),
                }
            }
            PrefixFault::UnknownZone => {
                let at = Place {
                    path: self.file.path.clone(),
                    line: self.stretch.first_line + message.line,
                    column: 0,
                    byte: Some(self.stretch.byte_offset + message.offset as u64),
                };
                let problem = (
                    format!("`{name}`：看不出訊息前的時間是哪個時區"),
                    format!("`{name}`: nothing tells in which zone the time before the message is"),
                );
                let help = (
                    format!("請寫明：{name} = {{ tag = \"prefix\", zone = \"UTC\" }}，或 \"Asia/Taipei\""),
                    format!("say it: {name} = {{ tag = \"prefix\", zone = \"UTC\" }}, or \"Asia/Taipei\""),
                );
                self.problem.get_or_insert_with(|| {
                    Diagnostic::new("E0231", problem).at(at).excerpt(String::from_utf8_lossy(message.prefix)).help(help)
                });
                missing(name)
            }
        })
    }
}

fn missing(column: &'static str) -> Fault {
    Fault { column, code: RejectCode::MissingTime, message: ("訊息前沒有時間", "no time stands before the message").into() }
}

/// Turns the wanted messages of a stretch into rows.
pub(crate) struct RowReader<'a> {
    context: Context<'a>,
    answers: &'a Answers,
    rows: RowBuilder<'a>,
    tally: MessageTally,
    /// Prefix times of the message at hand, and its answer's.
    instants: Vec<Option<i64>>,
    /// Values are CP950: those that are not ASCII are decoded to here, at these places by column.
    big5: bool,
    decoded: Vec<u8>,
    decoded_at: Vec<Option<Range<usize>>>,
    user_defined: BTreeMap<char, u64>,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(job: Job<'a>, plan: &'a Plan, answers: &'a Answers, stretch: Stretch<'a>) -> Self {
        let Job { file, source, books, .. } = job;
        let rows = RowBuilder::new(&plan.columns, &plan.zoned, books, stretch.text.len() / TYPICAL);
        let instants = vec![None; plan.columns.len()];
        Self {
            decoded_at: vec![None; plan.columns.len()],
            context: Context::new(file, source, plan, stretch),
            answers,
            rows,
            tally: MessageTally::default(),
            instants,
            big5: false,
            decoded: Vec::new(),
            user_defined: BTreeMap::new(),
        }
    }

    /// The encoding of values.
    pub(crate) fn decoding(self, encoding: Encoding) -> Self {
        Self { big5: encoding == Encoding::Cp950, ..self }
    }

    /// Decodes what is not ASCII among the values of the message at hand.
    fn decode(&mut self, message: &Message<'_>) {
        self.decoded.clear();
        for (column, field) in self.context.plan.fields.iter().enumerate() {
            let Field::Slot(slot) = field else { continue };
            let value = self.context.slots.value(message.text, *slot);
            self.decoded_at[column] = (!value.is_ascii()).then(|| {
                let from = self.decoded.len();
                decode_cp950(value, &mut self.decoded);
                user_defined(&self.decoded[from..]).into_iter().for_each(|(one, n)| *self.user_defined.entry(one).or_default() += n);
                from..self.decoded.len()
            });
        }
    }

    pub(crate) fn take(&mut self, message: &Message<'_>) {
        let context = &mut self.context;
        let malformed = context.plan.fill(message, &mut context.slots).is_err();
        let value = |slot: usize| context.slots.value(message.text, slot);
        let kind = value(KIND);
        *self.tally.classes.entry(MessageClass::of(kind, value(EXEC_TYPE), value(STATUS))).or_default() += 1;
        self.tally.bad_checksum += u64::from(!message.checksum_holds);
        self.tally.bad_length += u64::from(!message.length_holds);
        self.tally.truncated += u64::from(!message.whole);
        self.tally.joined += u64::from(message.n_pieces > 1);
        // A kind that was cut may have been a wanted one.
        let kind_is_cut = !message.whole && (kind.is_empty() || message.text.ends_with(kind));
        if !kind_is_cut && !self.is_wanted(kind) {
            return;
        }
        if let Err(fault) = self.row(message, malformed) {
            match fault {
                Some(fault) => self.reject(fault, message),
                None => self.tally.other_direction += 1,
            }
        }
    }

    fn is_wanted(&self, kind: &[u8]) -> bool {
        match &self.context.source.options.messages {
            Some(kinds) => kinds.iter().any(|wanted| wanted.as_bytes() == kind),
            None => ORDERS_ONLY.iter().any(|wanted| wanted.as_bytes() == kind),
        }
    }

    /// Appends a wanted message; `Err(None)` where it went the other way.
    fn row(&mut self, message: &Message<'_>, malformed: bool) -> Result<(), Option<Fault>> {
        let whole_row = |code: RejectCode, zh: &str, en: &str| Some(Fault { column: "", code, message: (zh, en).into() });
        if let Some(wanted) = self.context.source.options.direction {
            match self.context.prefixes.read(message.prefix).direction {
                Some(found) if found == wanted => (),
                Some(_) => return Err(None),
                None => {
                    return Err(whole_row(
                        RejectCode::UnknownDirection,
                        "看不出訊息是收到還是送出",
                        "what stands before the message does not tell which way it went",
                    ));
                }
            }
        }
        if !message.whole {
            return Err(whole_row(RejectCode::Truncated, "訊息沒有結尾（缺 10）", "the message has no end (no field 10)"));
        }
        if malformed {
            return Err(whole_row(
                RejectCode::Malformed,
                "以空白分隔欄位，而值中有空白",
                "blanks separate the fields, and a value holds a blank",
            ));
        }
        let plan = self.context.plan;
        for column in 0..plan.columns.len() {
            self.instants[column] = match (plan.columns[column], &plan.fields[column]) {
                (Column::AcknowledgedAt, _) => self.answer(message),
                (_, Field::Prefix) => Some(self.context.prefix_time(column, message)?),
                _ => None,
            };
            if let (Some(transform), Field::Slot(slot)) = (&plan.transforms[column], &plan.fields[column])
                && transform.apply(self.context.slots.value(message.text, *slot)).is_none()
            {
                let text = Encoding::Raw.shown(self.context.slots.value(message.text, *slot));
                return Err(Some(no_match(plan.columns[column], &text)));
            }
        }
        if self.big5 {
            self.decode(message);
        }
        let (slots, instants) = (&self.context.slots, &self.instants);
        let (decoded, decoded_at) = (&self.decoded, &self.decoded_at);
        let text = message.text;
        let cell = |column: usize| match (instants[column], &plan.fields[column]) {
            (Some(nanos), _) => Cell::Instant(nanos),
            (None, Field::Prefix) => Cell::Absent,
            (None, _) if plan.columns[column] == Column::AcknowledgedAt => Cell::Absent,
            (None, Field::Pair(date, time)) => Cell::Pair(slots.value(text, *date), slots.value(text, *time)),
            (None, Field::Slot(slot)) => {
                let value = decoded_at[column].clone().map_or_else(|| slots.value(text, *slot), |range| &decoded[range]);
                Cell::Text(plan.transforms[column].as_ref().and_then(|transform| transform.apply(value)).unwrap_or(value))
            }
        };
        self.rows.push(cell, &place(&self.context.stretch, message, &|| raw(message)));
        Ok(())
    }

    /// When the exchange answered the message at hand.
    fn answer(&mut self, message: &Message<'_>) -> Option<i64> {
        let request = *self.context.slots.value(message.text, KIND).first()?;
        let date = self.context.date(message);
        self.answers.get(self.context.slots.value(message.text, CLIENT_ORDER_ID), date, request)
    }

    fn reject(&mut self, fault: Fault, message: &Message<'_>) {
        self.rows.reject(fault, &place(&self.context.stretch, message, &|| raw(message)));
    }

    pub(crate) fn finish<T>(self, transform: &(impl Fn(Chunk<'_>) -> T + Sync)) -> Result<Counted<T>, Diagnostic> {
        match self.context.problem {
            Some(problem) => Err(problem),
            None => Ok((self.rows.finish(transform), self.tally, self.user_defined)),
        }
    }
}

/// A part, what else there was, and user-defined characters with how often each occurs.
type Counted<T> = (Part<T>, MessageTally, BTreeMap<char, u64>);

fn place<'a>(stretch: &Stretch<'_>, message: &Message<'_>, raw: &'a dyn Fn() -> String) -> RowPlace<'a> {
    RowPlace { line: stretch.first_line + message.line, byte_offset: Some(stretch.byte_offset + message.offset as u64), raw }
}

fn raw(message: &Message<'_>) -> String {
    Encoding::Raw.shown(message.prefix) + &Encoding::Raw.shown(message.text)
}

/// Collects the answers of the exchange in a stretch.
pub(crate) struct AnswerReader<'a> {
    context: Context<'a>,
    answers: Answers,
    /// The time of an answer that is a tag's.
    clock: TimeParser,
}

impl<'a> AnswerReader<'a> {
    pub(crate) fn new(file: &'a SourceFile, source: &'a Source, plan: &'a Plan, stretch: Stretch<'a>) -> Self {
        let (format, zone) =
            plan.zoned.mapping.get(Column::AcknowledgedAt).map_or((TimeFormat::Iso, Zone::UTC), |from| from.time_form(Zone::UTC));
        let clock = TimeParser::new(format, zone);
        Self { context: Context::new(file, source, plan, stretch), answers: Answers::default(), clock }
    }

    pub(crate) fn take(&mut self, message: &Message<'_>) {
        // Field 35 is a message's first: most messages are no reports, and need not be read.
        let body = &message.text[message.body.clone()];
        if !message.whole || (body.starts_with(b"35=") && !body.starts_with(b"35=8")) {
            return;
        }
        let context = &mut self.context;
        if context.plan.fill(message, &mut context.slots).is_err() {
            return;
        }
        let value = |slot: usize| context.slots.value(message.text, slot);
        let Some(request) = answered(value(EXEC_TYPE), value(STATUS)).filter(|_| value(KIND) == b"8") else { return };
        let (id, clock) = (value(CLIENT_ORDER_ID), &mut self.clock);
        let at = match &context.plan.fields[0] {
            Field::Prefix => None,
            Field::Slot(slot) => Some(clock.parse(value(*slot))),
            Field::Pair(date, time) => Some(clock.parse_pair(value(*date), value(*time))),
        };
        let at = match at {
            Some(read) => read.ok(),
            None => context.prefix_time(0, message).ok(),
        };
        let date = context.date(message);
        match at {
            Some(at) => self.answers.add(id, date, request, at),
            None => self.answers.unreadable += 1,
        }
    }

    pub(crate) fn finish(self) -> Result<Answers, Diagnostic> {
        match self.context.problem {
            Some(problem) => Err(problem),
            None => Ok(self.answers),
        }
    }
}
