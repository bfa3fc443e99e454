//! Logs as recorders write them, whole and damaged, and at any cut into blocks.

use proptest::prelude::*;

use crate::ingest::fix::acknowledge::Answers;
use crate::ingest::fix::frame::{Rest, Scanner};
use crate::ingest::fix::plan::Plan;
use crate::ingest::fix::rows::{AnswerReader, RowReader};
use crate::ingest::fix::{Seam, Stretch, parse_block};
use crate::ingest::text::Block;
use crate::ingest::{
    ColumnSource, Direction, Encoding, Format, FormatOptions, IdTransform, Job, Mapping, MessageClass, MessageTally, Packing, Reject,
    Source, SourceFile,
};
use crate::record::{Chunk, Column, ColumnKind, Diagnostic, NO_TIME, NameBooks, Progress, Timestamp, Zone};

/// A message with its length and checksum, its fields divided by `separator`.
fn message(separator: &str, fields: &str) -> String {
    let body = format!("{}\x01", fields.replace('|', "\x01"));
    let whole = format!("8=FIX.4.4\x019={}\x01{body}", body.len());
    let sum = whole.bytes().fold(0_u8, u8::wrapping_add);
    format!("{whole}10={sum:03}\x01").replace('\x01', separator)
}

/// A study side in Taipei with these columns.
fn side(columns: &[(Column, &str)]) -> Source {
    let mut mapping = Mapping::default();
    columns.iter().for_each(|(column, tag)| mapping.insert(*column, ColumnSource::Named((*tag).to_owned())));
    let file = SourceFile {
        path: "a.log".into(),
        name: "a.log".to_owned(),
        format: Format::Fix,
        bytes: 0,
        packing: Packing::None,
        spool: None,
        frame: None,
    };
    let zone = Zone::named("Asia/Taipei").expect("known");
    Source { files: vec![file], mapping, zone, text: Default::default(), options: FormatOptions::default() }
}

#[derive(Debug, Default, PartialEq)]
struct Log {
    rows: Vec<String>,
    rejects: Vec<Reject>,
    tally: MessageTally,
    n_rows: u64,
}

fn block(text: &[u8], first_line: u64, byte_offset: u64) -> Block {
    Block { text: text.to_vec(), first_line, byte_offset, encoding: Encoding::Raw, n_bytes: None }
}

/// The lines of `text` in blocks of these many lines, the last for all that follow.
fn blocks(text: &[u8], lines: &[usize]) -> Vec<Block> {
    let (mut blocks, mut at, mut line) = (Vec::new(), 0, 1);
    let mut sizes = lines.iter();
    while at < text.len() {
        let n_lines = sizes.next().copied().unwrap_or(usize::MAX);
        let ends = memchr::memchr_iter(b'\n', &text[at..]).map(|end| at + end + 1);
        let end = ends.take(n_lines).last().filter(|_| n_lines < usize::MAX).unwrap_or(text.len());
        blocks.push(block(&text[at..end], line, at as u64));
        line += memchr::memchr_iter(b'\n', &text[at..end]).count() as u64;
        at = end;
    }
    blocks
}

fn shown(chunk: Chunk<'_>) -> Vec<String> {
    let cell = |column: Column, row: usize| match column.kind() {
        ColumnKind::Id => chunk.ids(column).map_or_else(String::new, |ids| ids.text(row)),
        ColumnKind::Name => chunk.name(column, row).to_owned(),
        ColumnKind::Time => match chunk.times(column).map_or(NO_TIME, |times| times[row]) {
            NO_TIME => "-".to_owned(),
            nanos => Timestamp(nanos).to_string(),
        },
    };
    let row = |row: usize| chunk.columns.iter().map(|(column, _)| cell(*column, row)).collect::<Vec<_>>().join(" ");
    (0..chunk.n_rows).map(row).collect()
}

/// Gives the blocks of `text` to `parse` and joins what they cut in two.
fn in_blocks<R>(
    text: &[u8],
    lines: &[usize],
    parse: impl Fn(Stretch<'_>, &mut Scanner) -> Result<(R, Rest), Diagnostic>,
    take: impl FnMut(R, Rest),
) -> Result<(), Diagnostic> {
    let mut seam = Seam { parse: &parse, take, tail: None, problem: None };
    for block in blocks(text, lines) {
        seam.join(parse_block(&block, &parse)?);
    }
    seam.finish()
}

/// Reads a log whose lines come in blocks of these sizes, every mapped column in the order of [`Column::ALL`].
fn read_in(source: &Source, text: &[u8], lines: &[usize]) -> Result<Log, Diagnostic> {
    let (file, mut answers) = (&source.files[0], Answers::default());
    if source.mapping.has(Column::AcknowledgedAt) {
        let plan = Plan::of(file, source, &[Column::AcknowledgedAt])?;
        let parse = |stretch: Stretch<'_>, scanner: &mut Scanner| {
            let mut reader = AnswerReader::new(file, source, &plan, stretch);
            let rest = scanner.scan(stretch.text, stretch.more, |message| reader.take(message));
            Ok((reader.finish()?, rest))
        };
        in_blocks(text, lines, parse, |found, _| answers.join(&found))?;
    }
    let plan = Plan::of(file, source, &Column::ALL)?;
    let (books, progress) = (NameBooks::default(), Progress::default());
    let job = Job { file, source, wanted: &Column::ALL, books: &books, progress: &progress };
    let parse = |stretch: Stretch<'_>, scanner: &mut Scanner| {
        let mut reader = RowReader::new(job, &plan, &answers, stretch);
        let rest = scanner.scan(stretch.text, stretch.more, |message| reader.take(message));
        Ok((reader.finish(&shown)?, rest))
    };
    let mut log = Log { tally: MessageTally { unreadable_answers: answers.unreadable, ..MessageTally::default() }, ..Log::default() };
    in_blocks(text, lines, parse, |(part, tally, _), rest| {
        log.rows.extend(part.value);
        log.rejects.extend(part.rejects);
        log.tally.add(&tally);
        log.tally.other_lines += rest.other_lines;
        log.tally.unreadable += rest.unreadable;
        log.n_rows += u64::from(part.n_rows);
    })?;
    assert_eq!(log.n_rows, (log.rows.len() + log.rejects.len()) as u64);
    Ok(log)
}

#[track_caller]
fn read(source: &Source, text: &str) -> Log {
    read_in(source, text.as_bytes(), &[]).expect("a log")
}

const ORDER: &str = "35=D|49=T1|52=20260105-01:00:00.500|11=B6_A1|1=1234567|60=20260105-01:00:00.250|55=2330|10000=2";

#[test]
fn every_prefix_and_separator_gives_the_same_row() {
    let mut source = side(&[(Column::ReceiptId, "11"), (Column::Account, "1"), (Column::Channel, "10000"), (Column::SentAt, "prefix")]);
    source.mapping.set_transform(Column::ReceiptId, IdTransform::new(Some("B6_"), None).expect("no pattern"));
    for prefix in [
        "20260105-01:00:01.734226000 : ",
        "DEBUG (2026-01-05 09:00:01,734226) [thread: FIX.4.4:A->B] (app) - <<< ",
        "2:O:N 20260105-01:00:01.734226 : ",
        "S 20260105010001.734226 ",
        "2026-01-05 09:00:01.734_226 [a] [b] (INFO) Receiving : ",
        "20260105-01:00:01.734226000 [out] : ",
    ] {
        for separator in ["\x01", "|", "^A", ";", " ", "<SOH>"] {
            let log = read(&source, &format!("{prefix}{}\n", message(separator, ORDER)));
            assert_eq!(log.rows, ["A1 1234567 2 2026-01-05T01:00:01.734226000Z"], "{prefix:?} {separator:?} {:?}", log.rejects);
            assert_eq!((log.tally.bad_checksum, log.tally.bad_length, log.rejects.len()), (0, 0, 0), "{prefix:?} {separator:?}");
        }
    }
}

#[test]
fn a_prefix_whose_zone_nothing_tells_is_an_error_that_says_how_to_tell_it() {
    let text = format!("20260105-01:00:01.734: {}\n", message("|", ORDER));
    let mut source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "prefix")]);
    let refused = read_in(&source, text.as_bytes(), &[]).expect_err("no zone");
    assert_eq!(refused.code, "E0231");
    assert!(refused.help.is_some_and(|help| help.en.contains("zone = \"UTC\"")));
    let zone = Some(Zone::named("Asia/Taipei").expect("known"));
    source.mapping.insert(Column::SentAt, ColumnSource::Time { column: "prefix".to_owned(), time: None, format: Default::default(), zone });
    assert_eq!(read(&source, &text).rows, ["B6_A1 2026-01-04T17:00:01.734000000Z"]);
}

#[test]
fn each_stamp_has_the_clock_that_is_named_for_it() {
    let fields = format!("{ORDER}|768=3|769=20260105-00:59:59.1|770=1|769=20260105-00:59:59.4|770=4|770=6|769=20260105-00:59:59.6|58=x");
    let text = format!("(2026-01-05 09:00:02,000) {}", message("\x01", &fields));
    for (tag, expected) in [
        ("52", "01:00:00.500"),
        ("60", "01:00:00.250"),
        ("prefix", "01:00:02.000"),
        ("770:1", "00:59:59.100"),
        ("770:4", "00:59:59.400"),
        ("770:6", "00:59:59.600"),
    ] {
        let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, tag)]);
        assert_eq!(read(&source, &text).rows, [format!("B6_A1 2026-01-05T{expected}000000Z")], "{tag}");
    }
    let none = read(&side(&[(Column::ReceiptId, "11"), (Column::SentAt, "770:9")]), &text);
    assert_eq!(none.rejects.iter().map(|reject| (reject.column, reject.code.name())).collect::<Vec<_>>(), [("sent_at", "missing_time")]);
    assert_eq!(Plan::of(&side(&[]).files[0], &side(&[(Column::Account, "prefix")]), &[]).expect_err("no time").code, "E0230");
}

#[test]
fn a_wrong_checksum_or_length_is_flagged_and_the_row_is_kept() {
    let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "52")]);
    let sound = message("|", ORDER);
    let checksum = format!("{}000|", &sound[..sound.len() - 4]);
    let length = sound.replacen("|9=", "|9=1", 1);
    let log = read(&source, &format!("{sound}\n{checksum}\n{length}\n"));
    assert_eq!((log.rows.len(), log.rejects.len()), (3, 0));
    // Another length is also another checksum.
    assert_eq!((log.tally.bad_checksum, log.tally.bad_length), (2, 1));
}

#[test]
fn several_messages_stand_on_a_line_and_values_may_hold_line_ends() {
    let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "prefix")]);
    let order = |id: &str| message("\x01", &format!("35=D|52=20260105-01:00:00|11={id}|58=two\nlines|55=2330"));
    let text = format!(
        "\x02 control\nR 20260105010001.5 {}{}S 20260105010002.5 {} 121\nbye\nS 20260105010003 {}\r\n",
        order("A1"),
        order("A2"),
        order("A3"),
        order("A4")
    );
    let log = read(&source, &text);
    let expected = ["A1 01.500", "A2 01.500", "A3 02.500", "A4 03.000"].map(|row| row.replace(' ', " 2026-01-05T01:00:") + "000000Z");
    assert_eq!(log.rows, expected);
    assert_eq!((log.tally.other_lines, log.tally.unreadable), (2, 0));
}

#[test]
fn a_message_over_two_lines_is_joined_and_one_without_an_end_is_refused() {
    let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "prefix")]);
    let whole = message("\x01", ORDER);
    for cut in 7..whole.len() - 1 {
        let text = format!("20260105-01:00:01 : {}\n{}\n20260105-01:00:09 : {whole}\n", &whole[..cut], &whole[cut..]);
        let log = read(&source, &text);
        assert_eq!(log.rows, ["B6_A1 2026-01-05T01:00:01.000000000Z", "B6_A1 2026-01-05T01:00:09.000000000Z"], "cut at {cut}: {log:?}");
        let stamped = text.replacen('\n', "\n20260105-01:00:02 : ", 1);
        assert_eq!(read(&source, &stamped).rows, log.rows, "stamped, cut at {cut}");
        let lost = format!("20260105-01:00:01 : {}\n20260105-01:00:09 : {whole}\n", &whole[..cut]);
        let log = read(&source, &lost);
        assert_eq!(log.rows.len() + log.rejects.len(), 2, "cut at {cut}");
        if cut < whole.len() - 1 {
            assert_eq!(
                log.rejects.iter().map(|reject| (reject.line, reject.code.name())).collect::<Vec<_>>(),
                [(1, "truncated")],
                "cut at {cut}"
            );
        }
    }
}

#[test]
fn other_kinds_are_told_apart_and_counted_and_the_way_can_be_chosen() {
    let mut source = side(&[(Column::ReceiptId, "11"), (Column::Kind, "35"), (Column::SentAt, "52")]);
    let line = |way: &str, fields: &str| {
        format!("20260105-01:00:00.000000000 [{way}] : {}\n", message("|", &format!("{fields}|52=20260105-01:00:00|11=A")))
    };
    let kinds = [
        "35=D",
        "35=F",
        "35=G",
        "35=8|150=0|39=0",
        "35=8|39=0",
        "35=8|150=8|39=8",
        "35=8|150=F|39=2",
        "35=8|150=4|39=4",
        "35=9",
        "35=3",
        "35=j",
        "35=0",
        "35=AE",
    ];
    let text: String = kinds.iter().map(|kind| line("out", kind)).chain([line("in", "35=D")]).collect();
    let log = read(&source, &text);
    use MessageClass::*;
    let expected = [
        (Order, 2),
        (Cancel, 1),
        (Replace, 1),
        (Acknowledgement, 2),
        (OrderReject, 1),
        (CancelReject, 1),
        (MessageReject, 2),
        (Fill, 1),
        (OtherReport, 1),
        (Session, 1),
        (Other, 1),
    ];
    assert_eq!((log.rows.len(), log.tally.classes), (2, expected.into_iter().collect()));
    source.options.messages = Some(["D", "F", "G"].map(str::to_owned).to_vec());
    source.options.direction = Some(Direction::Out);
    let log = read(&source, &(text + &message("|", "35=D|52=20260105-01:00:00|11=A")));
    assert_eq!(log.rows, ["A D", "A F", "A G"].map(|row| format!("{row} 2026-01-05T01:00:00.000000000Z")));
    assert_eq!(log.tally.other_direction, 1);
    assert_eq!(log.rejects.iter().map(|reject| reject.code.name()).collect::<Vec<_>>(), ["unknown_direction"]);
}

#[test]
fn an_acknowledgement_belongs_to_the_request_of_its_id_kind_and_day() {
    let mut source = side(&[(Column::ReceiptId, "11"), (Column::Kind, "35"), (Column::SentAt, "52"), (Column::AcknowledgedAt, "60")]);
    source.options.messages = Some(["D", "F"].map(str::to_owned).to_vec());
    let line = |fields: &str| format!("{}\n", message("|", fields));
    let text = [
        // The day turns at 16:00 UTC in Taipei.
        line("35=D|52=20260105-15:59:59|11=A"),
        line("35=8|150=0|52=20260105-15:59:59|11=A|60=20260105-15:59:59.7"),
        line("35=8|150=0|52=20260105-15:59:59|11=A|60=20260105-15:59:59.5"),
        line("35=8|150=8|52=20260105-15:59:59|11=A|60=20260105-15:59:59.1"),
        line("35=F|52=20260105-15:59:59|11=A"),
        line("35=8|150=4|52=20260105-15:59:59|11=A|60=20260105-15:59:59.9"),
        line("35=8|39=0|52=20260105-16:00:00|11=A|60=20260105-16:00:00.2"),
        line("35=D|52=20260105-16:00:00|11=A"),
        line("35=D|52=20260105-16:00:00|11=B"),
        line("35=8|39=0|52=20260105-16:00:00|11=B|60=later"),
    ];
    let log = read(&source, &text.concat());
    assert_eq!(log.tally.unreadable_answers, 1);
    let acknowledged: Vec<&str> = log.rows.iter().map(|row| row.rsplit(' ').next().unwrap_or_default()).collect();
    let expected = ["2026-01-05T15:59:59.500000000Z", "2026-01-05T15:59:59.900000000Z", "2026-01-05T16:00:00.200000000Z", "-"];
    assert_eq!(acknowledged, expected);
}

#[test]
fn data_fields_may_hold_separators_and_other_texts_are_no_messages() {
    let source = side(&[(Column::ReceiptId, "11"), (Column::Account, "1"), (Column::SentAt, "52")]);
    let nested = message("\x01", "35=D|11=Z|1=Z|52=20260105-01:00:00");
    let text = format!(
        "{}\n",
        message("\x01", &format!("35=D|96=x|95=8|96=a\x0111=Q\x01b|95=99|96=c|11=A1|1=7|52=20260105-01:00:00|355={nested}"))
    );
    let log = read(&source, &text);
    assert_eq!(log.rows, ["A1 7 2026-01-05T01:00:00.000000000Z"]);
    let log = read(&source, "text 58=FIX.4.4|9=5|x\nsee 8=FIX.4.4 and 9=5 too\n8=FIX without\n");
    assert_eq!((log.n_rows, log.tally.other_lines, log.tally.unreadable), (0, 3, 2));
    let blank = read(&source, &message(" ", "35=D|11=A 1|1=7|52=20260105-01:00:00"));
    assert_eq!(blank.rejects.iter().map(|reject| reject.code.name()).collect::<Vec<_>>(), ["malformed"]);
}

/// Lines of a log, some of them broken.
fn log_line() -> impl Strategy<Value = String> {
    let order = |id: u32| message("|", &format!("35=D|52=20260105-01:00:00.{id:03}|11=A{id}|58=a|1=7"));
    prop_oneof![
        4 => (0_u32..999).prop_map(move |id| format!("20260105-01:00:01 : {}\n", order(id))),
        1 => (0_u32..999, 1_usize..80).prop_map(move |(id, cut)| {
            let whole = order(id);
            let cut = cut.min(whole.len() - 1);
            format!("20260105-01:00:01 : {}\n{}\n", &whole[..cut], &whole[cut..])
        }),
        1 => (0_u32..999, 1_usize..80).prop_map(move |(id, cut)| format!("x {}\n", &order(id)[..cut.min(60)])),
        1 => (0_u32..999, 0_u32..999).prop_map(move |(a, b)| format!("y {}{}\r\n", order(a), order(b))),
        1 => (0_u32..999, 0_u32..999, 1_usize..80).prop_map(move |(a, b, cut)| {
            let (first, second) = (order(a), order(b));
            let cut = cut.min(second.len() - 1);
            format!("z {first}{}\n{}\n", &second[..cut], &second[cut..])
        }),
        1 => (0_u32..999, 0_u32..999, 1_usize..80).prop_map(move |(a, b, cut)| {
            let (first, second) = (order(a), order(b));
            let cut = cut.min(first.len() - 1);
            format!("w {}\n{}{second}\n", &first[..cut], &first[cut..])
        }),
        1 => (0_u32..999, 1_usize..80).prop_map(move |(a, cut)| format!("v {}\n8=FIX and {}", &order(a)[..cut.min(60)], order(a))),
        1 => (0_u32..999).prop_map(move |id| format!("{}\n", message("|", &format!("35=D|52=20260105-01:00:00|11=B{id}|58=a\nb")))),
        1 => prop::sample::select(vec!["\n", "note\n", "8=FIX\n", "8=FIX.4.4|9=\n", "10=123|\n", "i 1\n"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_answer_is_the_same_however_the_log_is_cut_into_blocks(
        lines in prop::collection::vec(log_line(), 0..12),
        sizes in prop::collection::vec(1_usize..6, 0..12),
    ) {
        let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "52")]);
        let text = lines.concat();
        let whole = read_in(&source, text.as_bytes(), &[]).expect("a log");
        let cut = read_in(&source, text.as_bytes(), &sizes).expect("a log");
        prop_assert_eq!(&cut.rows, &whole.rows);
        prop_assert_eq!(&cut.rejects, &whole.rejects);
        prop_assert_eq!(&cut.tally, &whole.tally);
    }

    #[test]
    fn no_bytes_make_it_panic_or_lose_count(text in prop::collection::vec(prop::sample::select(b"8=FIX.4|91035D\n\x01 1".to_vec()), 0..200)) {
        let source = side(&[(Column::ReceiptId, "11"), (Column::SentAt, "52")]);
        prop_assert!(read_in(&source, &text, &[2, 1]).is_ok());
    }
}
