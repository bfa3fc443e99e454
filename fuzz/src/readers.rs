//! Files to rows, times and links: everything that the crate `colofair-orders` does with bytes of somebody else's.

use std::io::Write;
use std::sync::Arc;

use colofair_orders::ingest::{
    ColumnSource, Encoding, EncodingChoice, FieldKind, FixedField, FixedLayout, Format, FormatOptions, IdTransform, Mapping, Source,
    SourceFile, TextOptions, TimeFormat, TimeParser, discover, read, read_columns, read_text, recognize, survey,
};
use colofair_orders::reconcile::{
    AlsoEqual, Attribution, ClientBook, LinkOptions, OrderClass, ReceiptClass, ReceiptIndex, Records, RecordsBuilder, RecordsPart,
};
use colofair_orders::record::{Chunk, Column, ColumnKind, Diagnostic, NO_TIME, NameBooks, Progress, Zone};

/// What a file came to: the accepted rows by their data row and values, and the refused ones by line, code and text.
#[derive(Debug, PartialEq)]
struct Came {
    accepted: Vec<(u64, Vec<String>)>,
    refused: Vec<(u64, &'static str, String)>,
    n_rows: u64,
}

/// Everything that is read, with its place.
fn rows_of(source: &Source, wanted: &[Column]) -> Result<Came, Diagnostic> {
    let mut accepted = Vec::new();
    let keep = |place: colofair_orders::record::ChunkPlace, rows: Vec<(u64, Vec<String>)>| {
        accepted.extend(rows.into_iter().map(|(row, values)| (place.first_row + row, values)));
    };
    let intake = read(source, wanted, &NameBooks::default(), &Progress::default(), |chunk| values(&chunk), keep)?;
    // The first promise of the reader: every row is in one of two places.
    assert_eq!(intake.n_rows(), accepted.len() as u64 + intake.n_rejected());
    assert_eq!(intake.n_rejected(), intake.rejects.len());
    assert!(accepted.is_sorted_by_key(|(row, _)| *row));
    let refused = intake.rejects.first_ones().iter().map(|reject| (reject.line, reject.code.name(), reject.raw.clone()));
    Ok(Came { refused: refused.collect(), n_rows: intake.n_rows(), accepted })
}

fn values(chunk: &Chunk<'_>) -> Vec<(u64, Vec<String>)> {
    let text = |(column, _): &(Column, _), row: usize| match column.kind() {
        ColumnKind::Id => chunk.ids(*column).map_or_else(String::new, |ids| ids.text(row)),
        ColumnKind::Name => chunk.name(*column, row).to_owned(),
        ColumnKind::Time => chunk.times(*column).map_or(NO_TIME, |times| times[row]).to_string(),
    };
    let place = |row: usize| chunk.rows.as_ref().map_or(row as u64, |rows| u64::from(rows[row]));
    (0..chunk.n_rows).map(|row| (place(row), chunk.columns.iter().map(|column| text(column, row)).collect())).collect()
}

/// A folder with one file in it.
struct Case {
    folder: tempfile::TempDir,
}

const NAME: &str = "a.txt";

impl Case {
    fn of(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let case = Self { folder };
        case.put(NAME, bytes);
        case
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).expect("space for temporary files");
    }

    fn file(&self, name: &str, format: Option<Format>) -> Result<Vec<SourceFile>, Diagnostic> {
        discover(self.folder.path(), &[name.to_owned()], format)
    }

    fn rows(&self, name: &str, format: Format, side: &Side) -> Result<Came, Diagnostic> {
        let files = self.file(name, Some(format))?;
        let source =
            Source { files, mapping: side.mapping.clone(), zone: taipei(), options: side.options.clone(), text: side.text.clone() };
        rows_of(&source, &side.wanted)
    }
}

/// How a side is read.
#[derive(Clone, Default)]
struct Side {
    wanted: Vec<Column>,
    mapping: Mapping,
    options: FormatOptions,
    text: TextOptions,
}

impl Side {
    fn of(columns: &[(Column, &str)]) -> Self {
        let mut side = Self::default();
        for (column, name) in columns {
            side.mapping.insert(*column, ColumnSource::Named((*name).to_owned()));
            side.wanted.push(*column);
        }
        side
    }
}

fn taipei() -> Zone {
    Zone::named("Asia/Taipei").expect("a zone of the table")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("to memory")
}

/// The choices that the first byte stands for, and the rest.
fn chosen(bytes: &[u8]) -> Option<(u8, &[u8])> {
    bytes.split_first().map(|(first, rest)| (*first, rest))
}

const TABLE: [(Column, &str); 4] =
    [(Column::ReceiptId, "id"), (Column::Account, "account"), (Column::Symbol, "symbol"), (Column::SentAt, "sent")];

/// Separated text in any dialect; a packed file, which is read as a stream, gives the rows of the plain one, which is read in parallel.
pub fn delimited(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let mut side = Side::of(&TABLE);
    let delimiter = [b',', b'\t', b'|', b';'][usize::from(choice & 3)];
    side.text.delimiter = (choice & 4 != 0).then_some(delimiter);
    side.text.quote = [Some(b'"'), Some(b'"'), None, Some(b'\'')][usize::from(choice >> 3 & 3)];
    side.text.escape = (choice & 32 != 0).then_some(b'\\');
    side.text.comment = if choice & 64 != 0 { vec!["#".to_owned()] } else { Vec::new() };
    side.text.encoding = EncodingChoice::Is(Encoding::Utf8);
    let header = TABLE.map(|(_, name)| name).join(&char::from(delimiter).to_string());
    let text = if choice & 128 != 0 { body.to_vec() } else { [header.as_bytes(), b"\n", body].concat() };
    let case = Case::of(&text);
    case.put("a.gz", &gzip(&text));
    if is_packed(&text) {
        return refused_twice_packed(case.rows("a.gz", Format::Csv, &side));
    }
    match (case.rows(NAME, Format::Csv, &side), case.rows("a.gz", Format::Csv, &side)) {
        (Ok(plain), Ok(packed)) => assert_eq!(plain, packed),
        (Err(plain), Err(packed)) => assert_eq!(plain.code, packed.code, "{plain} {packed}"),
        (plain, packed) => panic!("plain: {plain:?}, packed: {packed:?}"),
    }
}

/// Text of any bytes in every encoding that may be declared; UTF-8 gives the same rows as UTF-16 of either byte order.
pub fn encodings(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let mut side = Side::of(&TABLE);
    let said = [
        EncodingChoice::Auto,
        EncodingChoice::Utf16,
        EncodingChoice::Is(Encoding::Utf8),
        EncodingChoice::Is(Encoding::Cp950),
        EncodingChoice::Is(Encoding::Utf16Le),
        EncodingChoice::Is(Encoding::Utf16Be),
    ];
    side.text.encoding = said[usize::from(choice) % said.len()];
    let case = Case::of(body);
    let _ = case.rows(NAME, Format::Csv, &side);
    if let Ok(files) = case.file(NAME, Some(Format::Csv)) {
        let _ = read_text(&files[0]);
    }
    let Ok(text) = std::str::from_utf8(body) else { return };
    let units = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let (table, header) = (case, "id,account,symbol,sent\n");
    let utf8 = format!("{header}{text}");
    table.put("8", utf8.as_bytes());
    let with_header = |to: fn(u16) -> [u8; 2]| header.encode_utf16().flat_map(to).chain(units(to)).collect::<Vec<u8>>();
    table.put("16le", &with_header(u16::to_le_bytes));
    table.put("16be", &with_header(u16::to_be_bytes));
    let of = |name: &str, encoding: Encoding| {
        let text = TextOptions { encoding: EncodingChoice::Is(encoding), ..TextOptions::default() };
        table.rows(name, Format::Csv, &Side { text, ..Side::of(&TABLE) }).map_err(|problem| problem.code)
    };
    let plain = of("8", Encoding::Utf8);
    // A file that is certainly something else is refused by what it is: that is said of one form of it, not of the others.
    for other in [of("16le", Encoding::Utf16Le), of("16be", Encoding::Utf16Be)] {
        assert!(plain == other || matches!((&plain, &other), (Err(_), _) | (_, Err("E0221"))), "{plain:?} {other:?}");
    }
}

/// FIX logs, with answers, prefixes and identifiers within texts.
pub fn fix(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let sent = ["52", "60", "prefix", "770:4"][usize::from(choice & 3)];
    let mut side = Side::of(&[
        (Column::ReceiptId, "11"),
        (Column::Account, "1"),
        (Column::Symbol, "55"),
        (Column::SentAt, sent),
        (Column::AcknowledgedAt, "prefix"),
    ]);
    if choice & 4 != 0 {
        side.wanted.pop();
    }
    if choice & 8 != 0 {
        side.mapping.set_transform(Column::ReceiptId, IdTransform::new(Some("B6_"), Some(r"(\d+)")).expect("a pattern"));
    }
    side.options.direction =
        [None, None, colofair_orders::ingest::Direction::named("in"), colofair_orders::ingest::Direction::named("out")]
            [usize::from(choice >> 4 & 3)];
    packed_alike(body, Format::Fix, &side);
}

/// Fixed-width records: the exchange's two layouts, and one of every kind of field.
pub fn fixed(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let built_in = ["twse-59", "twse-63"].get(usize::from(choice & 3)).and_then(|name| FixedLayout::built_in(name));
    let own = || {
        let field = |(name, start, len, kind): (&str, usize, usize, FieldKind)| FixedField { name: name.to_owned(), start, len, kind };
        let fields = [("id", 1, 6, FieldKind::Text), ("n", 7, 4, FieldKind::Number), ("s", 11, 4, FieldKind::Signed)];
        let fields = fields.into_iter().chain([("t", 15, 12, FieldKind::Time)]).map(field).collect();
        FixedLayout::new("own", (choice & 4 != 0).then_some(30), fields).expect("a layout")
    };
    let layout = built_in.unwrap_or_else(own);
    let names: Vec<String> = layout.fields.iter().map(|field| field.name.clone()).collect();
    let time = layout.fields.iter().position(|field| field.kind == FieldKind::Time).unwrap_or(0);
    let mut side =
        Side::of(&[(Column::ReceiptId, names[0].as_str()), (Column::Quantity, names[1].as_str()), (Column::Price, names[2].as_str())]);
    let sent = ColumnSource::Time { column: names[time].clone(), time: None, format: TimeFormat::Compact, zone: None };
    side.mapping.insert(Column::SentAt, sent);
    side.wanted.push(Column::SentAt);
    side.options.layout = Some(Arc::new(layout));
    packed_alike(body, Format::Fixed, &side);
}

/// One JSON object a line.
pub fn json(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let mut side = Side::of(&TABLE);
    if choice & 1 != 0 {
        side.mapping.insert(Column::Symbol, ColumnSource::Named("a.b".to_owned()));
    }
    packed_alike(body, Format::Jsonl, &side);
}

/// The text of an order management system, and CAT records of both kinds.
pub fn lines(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    if choice & 1 == 0 {
        packed_alike(body, Format::Oms, &Side::of(&[(Column::ReceiptId, "ReqSNO"), (Column::ReceivedAt, "T0"), (Column::SentAt, "T2")]));
    } else {
        let columns = [(Column::ReceiptId, "orderID"), (Column::Account, "firmDesignatedID"), (Column::SentAt, "eventTimestamp")];
        packed_alike(body, Format::Cat, &Side::of(&columns));
    }
}

/// Whether bytes are taken for a packed file themselves: what `gzip` makes of them is packed twice.
fn is_packed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1F, 0x8B, ..] | [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

fn refused_twice_packed(came: Result<Came, Diagnostic>) {
    assert!(came.as_ref().is_err_and(|problem| problem.code == "E0204"), "{came:?}");
}

/// A packed file gives the rows of the plain one.
fn packed_alike(body: &[u8], format: Format, side: &Side) {
    let case = Case::of(body);
    case.put("a.gz", &gzip(body));
    if is_packed(body) {
        return refused_twice_packed(case.rows("a.gz", format, side));
    }
    match (case.rows(NAME, format, side), case.rows("a.gz", format, side)) {
        (Ok(plain), Ok(packed)) => assert_eq!(plain, packed),
        (Err(_), Err(_)) => (),
        // The zeros of a packed file do not tell its encoding.
        (Err(plain), Ok(_)) if plain.code == "E0221" => (),
        (plain, packed) => panic!("plain: {plain:?}, packed: {packed:?}"),
    }
}

/// Parquet and Arrow IPC, whose decoders are other people's: their panics have to end as a damaged file.
pub fn columnar(bytes: &[u8]) {
    let case = Case::of(bytes);
    let Ok(files) = case.file(NAME, None) else { return };
    if matches!(files[0].format, Format::Parquet | Format::Arrow) {
        let columns = [
            (Column::ReceiptId, "client_order_id"),
            (Column::Account, "account"),
            (Column::Group, "client_group"),
            (Column::ReceivedAt, "received_ts"),
        ];
        let _ = case.rows(NAME, files[0].format, &Side::of(&columns));
        look(&case);
    }
}

/// What `inspect` does with a file of which nothing is known.
pub fn survey_any(bytes: &[u8]) {
    look(&Case::of(bytes));
}

fn look(case: &Case) {
    let Ok(files) = case.file(NAME, None) else { return };
    let Ok(file) = recognize(files[0].clone()) else { return };
    let Ok(surveys) = survey(&file) else { return };
    for found in surveys {
        let once = |at: &usize| {
            let name = &found.columns[*at].name;
            found.columns.iter().filter(|column| column.name == *name).count() == 1
        };
        let readable: Vec<usize> =
            (0..found.columns.len().min(40)).filter(|at| colofair_orders::ingest::is_readable(&found.columns[*at])).filter(once).collect();
        if let Ok((_, intake)) = read_columns(std::slice::from_ref(&file), &found, &readable, &Progress::default(), |_, _| ()) {
            assert_eq!(intake.n_rejected(), intake.rejects.len());
        }
    }
}

/// Times in every form; a column of them through the reader, which learns their shape, means what the general parser says of each alone.
pub fn times(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let zone = Zone::named(["Asia/Taipei", "UTC", "Europe/London", "America/New_York"][usize::from(choice & 3)]).expect("of the table");
    let cells: Vec<&[u8]> = body.split(|byte| *byte == b'\n').take(200).collect();
    for (_, format) in TimeFormat::NAMED {
        let (mut one, mut pairs) = (TimeParser::new(format, zone), TimeParser::new(format, zone));
        for cell in &cells {
            // What a parser remembers of the cells before changes nothing.
            assert_eq!(one.parse(cell), TimeParser::new(format, zone).parse(cell), "{format:?} {cell:?}");
            let (date, time) = cell.split_at(cell.len() / 2);
            assert_eq!(pairs.parse_pair(date, time), TimeParser::new(format, zone).parse_pair(date, time), "{format:?} {cell:?}");
        }
    }
    if let Ok(pattern) = TimeFormat::parse(&String::from_utf8_lossy(cells[0])) {
        cells.iter().for_each(|cell| _ = TimeParser::new(pattern, zone).parse(cell));
    }
    if !body.is_ascii() || body.iter().any(|byte| b",\"\r\x1a\0".contains(byte)) {
        return;
    }
    let text: Vec<u8> = cells.iter().flat_map(|cell| [b"k,", *cell, b"\n"].concat()).collect();
    let case = Case::of(&[b"id,sent\n", &text[..]].concat());
    let mut side = Side::of(&[(Column::ReceiptId, "id"), (Column::SentAt, "sent")]);
    side.text.encoding = EncodingChoice::Is(Encoding::Utf8);
    let Ok(files) = case.file(NAME, Some(Format::Csv)) else { return };
    let source = Source { files, mapping: side.mapping, zone, options: side.options, text: side.text };
    let came = rows_of(&source, &side.wanted).expect("a table");
    // The reader takes blanks off either end of a cell, vertical tabs among them, which are none to the parser of times.
    let alone = |cell: &[u8]| TimeParser::new(TimeFormat::Iso, zone).parse(String::from_utf8_lossy(cell).trim().as_bytes()).ok();
    let row = |(row, cell): (usize, &&[u8])| Some((row as u64, vec!["k".to_owned(), alone(cell)?.to_string()]));
    let expected: Vec<(u64, Vec<String>)> = cells.iter().enumerate().filter_map(row).collect();
    assert_eq!(came.accepted, expected);
}

/// A row of either side: order id, receipt id, account, group, time.
type Row = (String, String, String, String, i64);

/// The linker against a join of every order with every receipt, read aloud from the contract.
pub fn linker(bytes: &[u8]) {
    let Some((choice, body)) = chosen(bytes) else { return };
    let scale = [1, 1_000_000_000, 60_000_000_000, 3_600_000_000_000][usize::from(choice & 3)];
    let also: Vec<AlsoEqual> = [(4, AlsoEqual::TradeDate), (8, AlsoEqual::Name(Column::Account))]
        .into_iter()
        .filter(|(bit, _)| choice & bit != 0)
        .map(|(_, part)| part)
        .collect();
    let (mut orders, mut receipts): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    for cells in body.chunks_exact(4).take(400) {
        let id = |n: u8, letter: &str| match n {
            0 => String::new(),
            1..=200 => format!("{letter}{n}"),
            n => format!("{letter}-0123456789-0123456789-{n}"),
        };
        let name = |n: u8, letter: &str| if n == 0 { String::new() } else { format!("{letter}{n}") };
        let time = 1_767_628_000_000_000_000 + i64::from(cells[1]) * scale;
        let account = name(cells[2] & 3, "A");
        if cells[2] & 128 == 0 {
            orders.push((id(cells[3], "O"), id(cells[0], "K"), account, String::new(), time));
        } else {
            receipts.push((String::new(), id(cells[0], "K"), account, name(cells[3] & 3, "G"), time));
        }
    }
    if orders.is_empty() || receipts.is_empty() {
        return;
    }
    let zone = taipei();
    let options = LinkOptions { also, zone };
    let case = Case::of(b"");
    let theirs =
        records(&case, "r", &receipts, &[(Column::ReceiptId, 1), (Column::Account, 2), (Column::Group, 3), (Column::ReceivedAt, 4)], None)
            .0;
    let of = Attribution::of_receipts(&theirs, &ClientBook::default(), zone);
    let index = ReceiptIndex::of(&theirs, &of.receipt_group, &options);
    let columns = [(Column::OrderId, 0), (Column::ReceiptId, 1), (Column::Account, 2), (Column::SentAt, 4)];
    let (mut ours, linked) = records(&case, "o", &orders, &columns, Some(&index));
    let links = index.finish(&mut ours, linked);

    let date = |time: i64| zone.date_of(colofair_orders::record::Timestamp(time));
    let key = |row: &Row, id: &str| {
        let dated = options.also.contains(&AlsoEqual::TradeDate);
        let by_account = options.also.contains(&AlsoEqual::Name(Column::Account));
        (!id.is_empty()).then(|| (id.to_owned(), dated.then(|| date(row.4)), by_account.then(|| row.2.clone())))
    };
    // The earliest, then the smallest values in the order of the columns, no name after every name, then the first.
    let rank =
        |row: &Row, at: usize| (row.4, row.0.clone(), row.1.clone(), row.2.is_empty(), row.2.clone(), row.3.is_empty(), row.3.clone(), at);
    let first = |rows: &[Row], same: &dyn Fn(&Row) -> bool| {
        rows.iter().enumerate().filter(|(_, row)| same(row)).min_by_key(|(at, row)| rank(row, *at)).map(|(at, _)| at)
    };
    let order_keys: Vec<_> = orders.iter().map(|row| key(row, &row.0)).collect();
    let refers: Vec<_> = orders.iter().map(|row| key(row, &row.1)).collect();
    let receipt_keys: Vec<_> = receipts.iter().map(|row| key(row, &row.1)).collect();
    let mut used = vec![None; receipts.len()];
    for (at, order) in orders.iter().enumerate() {
        let survivor = order_keys[at].as_ref().and_then(|own| first(&orders, &|other| key(other, &other.0).as_ref() == Some(own)));
        let copies: Vec<usize> =
            (0..receipts.len()).filter(|receipt| refers[at].is_some() && receipt_keys[*receipt] == refers[at]).collect();
        let receipt = copies.iter().min_by_key(|copy| rank(&receipts[**copy], **copy)).copied();
        let agree = copies.iter().all(|copy| receipts[*copy].3 == receipts[copies[0]].3);
        let class = match (survivor.is_some_and(|survivor| survivor != at), receipt) {
            (true, _) => OrderClass::Duplicate,
            (_, None) => OrderClass::MissingReceipt,
            _ if agree => OrderClass::Matched,
            _ => OrderClass::Ambiguous,
        };
        assert_eq!(links.order_class(at), class, "order {at}: {order:?} of {orders:?} {receipts:?}");
        if matches!(class, OrderClass::Matched | OrderClass::Ambiguous) {
            assert_eq!(links.receipt_of(at), receipt, "order {at}: {order:?} of {orders:?} {receipts:?}");
            used[receipt.expect("one of them")] = Some(class);
        }
        // Its own ids are still there, whatever they are held by.
        assert_eq!(ours.id(Column::ReceiptId, at).unwrap_or_default(), order.1, "order {at}");
    }
    for (at, receipt) in receipts.iter().enumerate() {
        let survivor = receipt_keys[at].as_ref().and_then(|own| first(&receipts, &|other| key(other, &other.1).as_ref() == Some(own)));
        let class = match used[at] {
            _ if survivor.is_some_and(|survivor| survivor != at) => ReceiptClass::Duplicate,
            Some(OrderClass::Matched) => ReceiptClass::Matched,
            Some(_) => ReceiptClass::Ambiguous,
            None => ReceiptClass::Orphan,
        };
        assert_eq!(links.receipt_class(at), class, "receipt {at}: {receipt:?} of {orders:?} {receipts:?}");
    }
}

/// Rows through files: three of them, so that there are chunks; with an index, each chunk is linked as it comes.
fn records(
    case: &Case,
    side: &str,
    rows: &[Row],
    columns: &[(Column, usize)],
    index: Option<&ReceiptIndex<'_>>,
) -> (Records, colofair_orders::reconcile::Linked) {
    let cell = |row: &Row, at: usize| match at {
        0 => row.0.clone(),
        1 => row.1.clone(),
        2 => row.2.clone(),
        3 => row.3.clone(),
        _ => row.4.to_string(),
    };
    let mut names = Vec::new();
    for (part, rows) in rows.chunks(rows.len().div_ceil(3)).enumerate() {
        let line = |row: &Row| columns.iter().map(|(_, at)| cell(row, *at)).collect::<Vec<_>>().join(",") + "\n";
        let header = columns.iter().map(|(column, _)| column.name()).collect::<Vec<_>>().join(",") + "\n";
        let name = format!("{side}{part}.csv");
        case.put(&name, (header + &rows.iter().map(line).collect::<String>()).as_bytes());
        names.push(name);
    }
    let mut mapping = Mapping::default();
    for (column, _) in columns {
        let name = column.name().to_owned();
        mapping.insert(
            *column,
            match column.kind() {
                ColumnKind::Time => ColumnSource::Time { column: name, time: None, format: TimeFormat::Epoch(1), zone: None },
                _ => ColumnSource::Named(name),
            },
        );
    }
    let files = discover(case.folder.path(), &names, Some(Format::Csv)).expect("files");
    let source = Source { files, mapping, zone: taipei(), options: FormatOptions::default(), text: TextOptions::default() };
    let wanted: Vec<Column> = columns.iter().map(|(column, _)| *column).collect();
    let (books, mut builder, mut linked) = (NameBooks::default(), RecordsBuilder::default(), Default::default());
    let transform = |chunk: Chunk<'_>| (index.map(|index| index.link(&chunk)), RecordsPart::of(chunk, |_| true));
    let take = |place: colofair_orders::record::ChunkPlace, (links, part): (Option<colofair_orders::reconcile::Linked>, RecordsPart)| {
        if let Some(links) = links {
            colofair_orders::reconcile::Linked::append(&mut linked, &links, place.rows_expected);
        }
        builder.append(place, part);
    };
    read(&source, &wanted, &books, &Progress::default(), transform, take).expect("a table");
    (builder.finish(books), linked)
}
