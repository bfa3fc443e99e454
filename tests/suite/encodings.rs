//! One table in every encoding, packing and dialect: the same rows, the same rejects at the right lines and bytes.

use std::fs;
use std::io::Write;

use colofair::ingest::{ColumnSource, Encoding, EncodingChoice, Intake, Mapping, Source, TextOptions, discover, read};
use colofair::record::{Chunk, Column, Diagnostic, NameBooks, Progress, Zone};

const HEADER: [&str; 3] = ["委託書號", "帳號", "股票代號"];

/// CP950 of the characters used here, by Python's codec; the last is the first user-defined one (FA40).
const CP950: [(char, [u8; 2]); 17] = [
    ('台', [0xA5, 0x78]),
    ('積', [0xBF, 0x6E]),
    ('電', [0xB9, 0x71]),
    ('許', [0xB3, 0x5C]),
    ('功', [0xA5, 0x5C]),
    ('蓋', [0xBB, 0x5C]),
    ('恒', [0xF9, 0xDA]),
    ('股', [0xAA, 0xD1]),
    ('票', [0xB2, 0xBC]),
    ('代', [0xA5, 0x4E]),
    ('號', [0xB8, 0xB9]),
    ('帳', [0xB1, 0x62]),
    ('委', [0xA9, 0x65]),
    ('託', [0xB0, 0x55]),
    ('書', [0xAE, 0xD1]),
    ('帆', [0xA6, 0x7C]),
    ('\u{e000}', [0xFA, 0x40]),
];

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let cp950 = |one: char| match CP950.iter().find(|(known, _)| *known == one) {
        Some((_, bytes)) => bytes.to_vec(),
        None => vec![u8::try_from(one).unwrap()],
    };
    match encoding {
        Encoding::Utf8 | Encoding::Raw => text.as_bytes().to_vec(),
        Encoding::Cp950 => text.chars().flat_map(cp950).collect(),
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Accepted rows with their number, rejects as (line, byte, code, raw), and what the reader says of the file.
#[derive(Debug)]
struct Found {
    rows: Vec<(u64, [String; 3])>,
    rejects: Vec<(u64, u64, &'static str, String)>,
    intake: Intake,
}

fn read_as(bytes: &[u8], text: TextOptions, header: [&str; 3]) -> Result<Found, Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), bytes).unwrap();
    let mut mapping = Mapping::default();
    let columns = [Column::ReceiptId, Column::Account, Column::Symbol];
    for (column, name) in columns.into_iter().zip(header) {
        mapping.insert(column, ColumnSource::Named(name.to_owned()));
    }
    let files = discover(folder.path(), &["a.csv".to_owned()], None)?;
    let source = Source { files, mapping, zone: Zone::UTC, text, options: Default::default() };
    let mut chunks = Vec::new();
    let intake = read(&source, &columns, &NameBooks::default(), &Progress::default(), values, |place, rows| chunks.push((place, rows)))?;
    let rows: Vec<_> =
        chunks.into_iter().flat_map(|(place, rows)| rows.into_iter().map(move |(row, cells)| (place.first_row + row, cells))).collect();
    assert_eq!(intake.n_rows() as usize, rows.len() + intake.rejects.len() as usize);
    let rejects =
        intake.rejects.first_ones().iter().map(|one| (one.line, one.byte_offset.unwrap(), one.code.name(), one.raw.clone())).collect();
    Ok(Found { rows, rejects, intake })
}

fn values(chunk: Chunk<'_>) -> Vec<(u64, [String; 3])> {
    let rows = chunk.rows.clone().unwrap_or_else(|| (0..chunk.n_rows as u32).collect());
    let name = |column, row| chunk.name(column, row).to_owned();
    let of_row = |row| [chunk.ids(Column::ReceiptId).unwrap().text(row), name(Column::Account, row), name(Column::Symbol, row)];
    (0..chunk.n_rows).map(|row| (u64::from(rows[row]), of_row(row))).collect()
}

/// Several megabytes: quoted line ends, commas and quotes, refused rows, CRLF and LF, user-defined characters.
fn table() -> (String, Vec<(u64, usize, String)>) {
    let (mut text, mut refused, mut line) = (format!("{}\r\n", HEADER.join(",")), Vec::new(), 2_u64);
    for row in 0..90_000 {
        if row % 7_777 == 5 {
            refused.push((line, text.len(), "短,列".replace("短", "恒").replace("列", "股")));
            text.push_str("恒,股\n");
        } else if row % 500 == 3 {
            let lines = "票\n".repeat(row % 97);
            text.push_str(&format!("{row},\"台,\n積\"\"電\"\"\",\"{lines}\"\r\n"));
            line += 1 + row as u64 % 97;
        } else {
            text.push_str(&format!("K{row:09},許功蓋恒{},00{}\u{e000}\n", row % 50, row % 70));
        }
        line += 1;
    }
    (text, refused)
}

#[test]
fn one_table_in_every_encoding_and_packing_gives_the_same_rows_and_rejects() {
    let (text, refused) = table();
    let plain = read_as(text.as_bytes(), TextOptions::default(), HEADER).unwrap();
    assert_eq!((plain.rows.len() + plain.rejects.len(), plain.rejects.len()), (90_000, refused.len()));
    assert_eq!(plain.rows[3].1, ["3".to_owned(), "台,\n積\"電\"".to_owned(), "票\n票\n票".to_owned()]);
    for (encoding, mark) in [
        (Encoding::Utf8, &b"\xEF\xBB\xBF"[..]),
        (Encoding::Cp950, b""),
        (Encoding::Utf16Le, b"\xFF\xFE"),
        (Encoding::Utf16Le, b""),
        (Encoding::Utf16Be, b"\xFE\xFF"),
    ] {
        let bytes = [mark, &encoded(&text, encoding)].concat();
        let expected: Vec<_> = refused
            .iter()
            .map(|(line, at, raw)| (*line, (mark.len() + encoded(&text[..*at], encoding).len()) as u64, "field_count", raw.clone()))
            .collect();
        for packed in [bytes.clone(), gzip(&bytes), zstd::encode_all(&bytes[..], 1).unwrap()] {
            let found = read_as(&packed, TextOptions::default(), HEADER).unwrap();
            assert!(found.rows == plain.rows, "{encoding:?}");
            assert_eq!(found.rejects, expected, "{encoding:?}");
            let report = found.intake.files[0].text.as_ref().unwrap();
            assert_eq!(report.encoding, encoding);
            let user_defined = if encoding == Encoding::Cp950 { 90_000 - refused.len() - 180 } else { 0 };
            assert_eq!(report.user_defined.values().sum::<u64>(), user_defined as u64);
            assert_eq!(report.notices.len(), usize::from(encoding == Encoding::Cp950), "{:?}", report.notices);
        }
    }
}

fn three(rows: &[[&str; 3]]) -> Vec<[String; 3]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

/// The values of the rows, and the codes of the rejects.
fn plain_values(bytes: &[u8], text: TextOptions) -> (Vec<[String; 3]>, Vec<&'static str>) {
    let found = read_as(bytes, text, ["id", "account", "symbol"]).unwrap_or_else(|problem| panic!("{problem}"));
    (found.rows.into_iter().map(|(_, values)| values).collect(), found.rejects.into_iter().map(|(_, _, code, _)| code).collect())
}

#[test]
fn dialects_are_read_as_said_or_as_the_header_shows() {
    let auto = TextOptions::default();
    let rows = three(&[["1", "a", "x"], ["2", "b", "y"]]);
    for text in [
        "id;account;symbol\n1;a;x\n2;b;y\n",
        "id\taccount\tsymbol\n1\ta\tx\n2\tb\ty",
        "id|account|symbol\r\n1|a|x\r\n2|b|y\r\n\x1a",
        "id,account,symbol\r1,a,x\r2,b,y\r",
        "\"id\" , account ,\" symbol\"\n1,\"a\",x\n2,b,\"y\"\x1a\x1a",
        "委託紀錄\n列印日期, 115/01/05\n\nid,account,symbol\n1,a,x\n2,b,y\n",
        "id,account,symbol\n=\"1\",a,\"=\"\"x\"\"\"\n2,b,y\n",
    ] {
        assert_eq!(plain_values(text.as_bytes(), auto.clone()), (rows.clone(), vec![]), "{text:?}");
    }
    let marked = TextOptions { comment: vec!["#".into(), "合計".into()], ..auto.clone() };
    let text = "# a \"comment\nid,account,symbol\n1,a,x\n#2,\"z\n2,b,y\n合計,2\n";
    assert_eq!(plain_values(text.as_bytes(), marked), (rows.clone(), vec![]));
    assert_eq!(plain_values(b"id,account,symbol\n1,a,x\n2,b,y\nTRAILER,2\n", auto.clone()), (rows.clone(), vec!["field_count"]));
    let skipped = TextOptions { skip_lines: Some(2), ..auto.clone() };
    assert_eq!(plain_values(b"id,account,symbol\n9,9,9\nid,account,symbol\n1,a,x\n2,b,y\n", skipped), (rows.clone(), vec![]));
    let single = TextOptions { quote: Some(b'\''), delimiter: Some(b';'), ..auto.clone() };
    assert_eq!(plain_values(b"id;account;symbol\n'1';a;x\n2;'b';y\n", single), (rows.clone(), vec![]));
    let none = TextOptions { quote: None, ..auto.clone() };
    assert_eq!(plain_values(b"id,account,symbol\n\"1,a,x\n", none).0, three(&[["\"1", "a", "x"]]));
    let escape = TextOptions { escape: Some(b'\\'), ..auto };
    assert_eq!(plain_values(b"id,account,symbol\n\"1\\\",\",\"\\\\\",\"a\"\"b\"\n", escape).0, three(&[["1\",", "\\", "a\"b"]]));
}

#[test]
fn second_bytes_that_look_like_separators_do_not_separate() {
    // 許功蓋帆 end in 5C, 5C, 5C, 7C.
    let text = "委託書號|帳號|股票代號\n\"許\\\"功\"|帆|帆\"\n蓋|帆帆|許\n";
    let options = TextOptions { escape: Some(b'\\'), ..TextOptions::default() };
    for encoding in [Encoding::Utf8, Encoding::Cp950] {
        let found = read_as(&encoded(text, encoding), options.clone(), HEADER).unwrap();
        let values: Vec<_> = found.rows.into_iter().map(|(_, values)| values).collect();
        assert_eq!(values, three(&[["許\"功", "帆", "帆\""], ["蓋", "帆帆", "許"]]), "{encoding:?}");
    }
}

#[test]
fn a_wrong_encoding_is_named_with_bytes_place_and_setting() {
    let is = |encoding| TextOptions { encoding: EncodingChoice::Is(encoding), ..TextOptions::default() };
    let text = "委託書號,帳號,股票代號\n台積電,許功蓋,恒\n";
    let cp950 = encoded(text, Encoding::Cp950);
    // The header cannot be read.
    let problem = read_as(&cp950, is(Encoding::Utf8), HEADER).unwrap_err();
    assert_eq!((problem.code, problem.place.as_ref().unwrap().line, problem.place.as_ref().unwrap().byte), ("E0205", 1, Some(0)));
    assert!(problem.message.en.contains("\\xA9e\\xB0U"), "{problem}");
    assert!(problem.help.unwrap().en.contains("encoding = \"cp950\""));
    // The file is certainly something else.
    for (bytes, said) in [
        (text.as_bytes().to_vec(), Encoding::Cp950),
        (encoded(text, Encoding::Utf16Le), Encoding::Utf8),
        (encoded(text, Encoding::Utf16Le), Encoding::Utf16Be),
        (b"id,account,symbol\n1,2,3\n".to_vec(), Encoding::Utf16Le),
    ] {
        assert_eq!(read_as(&bytes, is(said), HEADER).unwrap_err().code, "E0221", "{said:?}");
    }
    // A late row in another encoding is rejected, and the file's encoding stays.
    for (first, other) in [(Encoding::Utf8, Encoding::Cp950), (Encoding::Cp950, Encoding::Utf8)] {
        let body = "台積電,許功蓋,恒股票代號帳\n".repeat(100_000);
        let head = [encoded("委託書號,帳號,股票代號\n", first), encoded(&body, first)].concat();
        let late = [head.clone(), encoded("許,功,電電積\n", other), encoded("台,積,電\n", first)].concat();
        let found = read_as(&late, TextOptions::default(), HEADER).unwrap();
        let report = found.intake.files[0].text.as_ref().unwrap();
        assert_eq!(report.encoding, first);
        // The end of the file is looked at too.
        assert!(report.notices[0].en.contains("not certain"), "{:?}", report.notices);
        let code = if first == Encoding::Utf8 { "invalid_utf8" } else { "undecodable" };
        let (line, byte, found_code, raw) = found.rejects[0].clone();
        assert_eq!((found.rejects.len(), line, byte, found_code), (1, 100_002, head.len() as u64, code), "{raw}");
        assert!(found.intake.rejects.first_ones()[0].message.en.contains(other.name()), "{:?}", found.intake.rejects.first_ones());
    }
}
