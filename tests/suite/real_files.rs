//! Files as brokers and the exchange hand them over, written here line by line: `init` on each, untouched by hand, then `check`, gives the
//! counts and latencies that the lines were written with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{assert_balances, colofair, exit_code, result, stderr, stdout};

const N: u64 = 400;
/// Clients' groups as their files name them.
const GROUPS: [&str; 2] = ["法人", "一般"];

/// Characters and their bytes, as Python's cp950 codec writes them.
const CHARACTERS: &str = "　一人代別券合單委客帳戶投接收數日時書期某法票紀群股般號計託證買資賣量錄間類";
const BYTES: &str = "A140A440A448A54EA74FA8E9A658B3E6A965ABC8B162A4E1A7EBB1B5A6ACBCC6A4E9AEC9AED1B4C1AC59AA6BB2BCACF6B873AAD1AFEBB8B9AD70B055C3D2B652B8EABDE6B671BFFDB6A1C3FE";

fn cp950(text: &str) -> Vec<u8> {
    let two = |at: usize| (0..2).map(move |byte| u8::from_str_radix(&BYTES[at * 4 + byte * 2..][..2], 16).unwrap());
    let bytes = |one: char| match CHARACTERS.chars().position(|known| known == one) {
        Some(at) => two(at).collect::<Vec<u8>>(),
        None => vec![u8::try_from(one).unwrap()],
    };
    text.chars().flat_map(bytes).collect()
}

/// An order: nanoseconds are counted from 09:00 in Taipei on 2026-01-05 or, for the second half of them, on 2026-01-06.
struct Order {
    row: u64,
    day: u32,
    received: i64,
    sent: i64,
    account: u64,
    symbol: &'static str,
}

fn orders() -> Vec<Order> {
    let mut seed = 3_u64;
    let mut random = move |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let mut order = |row: u64| {
        let received = ((row % (N / 2)) * 20_000_000 + random(10_000_000)) as i64 * 1_000;
        let sent = received + (2_000 + random(50_000)) as i64 * 1_000;
        let account = 3_836 + random(7) * 911;
        Order { row, day: if row < N / 2 { 5 } else { 6 }, received, sent, account, symbol: ["0050", "2330", "00878"][random(3) as usize] }
    };
    (0..N).map(&mut order).collect()
}

impl Order {
    fn group(&self) -> &'static str {
        GROUPS[(self.account % 2) as usize]
    }

    /// Hour, minute, second and microsecond, `hour` being nine.
    fn clock(&self, nanos: i64, hour: i64) -> (i64, i64, i64, i64) {
        let micros = nanos / 1_000;
        let seconds = micros / 1_000_000;
        (hour + seconds / 3_600, seconds / 60 % 60, seconds % 60, micros % 1_000_000)
    }

    /// The serial of the day that the exchange gives.
    fn serial(&self) -> String {
        format!("Z{:04}", self.row % (N / 2))
    }
}

/// `init` writes a study whose text holds `told`; `check` finds these latencies, cut to `unit` where a file holds no more.
#[track_caller]
fn assert_found(folder: &Path, files: &[&str], told: &[&str], (received_unit, sent_unit): (i64, i64)) -> String {
    let ran = colofair(folder, &[&["init", "--lang", "en"], files].concat());
    assert_eq!(exit_code(&ran), 0, "{}{}", stdout(&ran), stderr(&ran));
    let text = fs::read_to_string(folder.join("study.toml")).unwrap();
    told.iter().for_each(|told| assert!(text.contains(told), "{told} is not in\n{text}"));
    let ran = colofair(folder, &["check", "study.toml"]);
    assert_eq!(exit_code(&ran), 0, "{}", stderr(&ran));
    let found = result(&folder.join("out"));
    assert_balances(&found);
    assert_eq!(found["reconciliation"]["matched"], N, "{text}");
    let mut expected: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let cut = |nanos: i64, unit: i64| nanos / unit * unit;
    for order in orders() {
        expected.entry(order.group()).or_default().push(cut(order.sent, sent_unit) - cut(order.received, received_unit));
    }
    for (group, mut latencies) in expected {
        latencies.sort_unstable();
        let row = found["groups"].as_array().unwrap().iter().find(|row| row["group"] == group).unwrap_or_else(|| panic!("{group}: {text}"));
        let (first, middle, last) = (latencies[0], latencies[latencies.len().div_ceil(2) - 1], latencies[latencies.len() - 1]);
        assert_eq!(
            (&row["n"], &row["min"], &row["p50"], &row["max"]),
            (&latencies.len().into(), &first.into(), &middle.into(), &last.into())
        );
    }
    stdout(&colofair(folder, &[&["init", "--lang", "en", "--force"], files].concat()))
}

#[test]
fn a_receipt_list_out_of_excel_and_a_unicode_text_of_orders() {
    let folder = tempfile::tempdir().unwrap();
    // Leading zeros of times, accounts and symbols are lost; two lines of title before the header and a sum behind the rows.
    let mut receipts = "某證券　收單紀錄\r\n\r\n委託日期,收單時間,委託書號,投資人帳號,客戶類別,股票代號,買賣別,數量\r\n".to_owned();
    let mut sent = "送單日期\t送單時間\t委託書號\t帳號\t股票代號\t買賣別\t張數\r\n".to_owned();
    for order in orders() {
        let (hour, minute, second, micro) = order.clock(order.received, 9);
        let time = format!("{hour}{minute:02}{second:02}{:03}", micro / 1_000);
        let symbol = order.symbol.trim_start_matches('0');
        receipts +=
            &format!("115/01/{:02},{time},{},{},{},{symbol},買,\"2,000\"\r\n", order.day, order.serial(), order.account, order.group());
        let (hour, minute, second, micro) = order.clock(order.sent, 9);
        sent += &format!(
            "2026/01/{:02}\t{hour:02}:{minute:02}:{second:02}.{micro:06}\t{}\t{:07}\t=\"{}\"\t買進\t2\r\n",
            order.day,
            order.serial(),
            order.account,
            order.symbol
        );
    }
    receipts += &format!("合計,{N},,,,,,\r\n");
    fs::write(folder.path().join("收單.csv"), [cp950(&receipts), vec![0x1A]].concat()).unwrap();
    fs::write(
        folder.path().join("送單.txt"),
        std::iter::once(0xFEFF).chain(sent.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
    )
    .unwrap();
    let told = ["format = \"excel_ms\"", "keys = [\"receipt_id\", \"trade_date\"]", "cp950", "utf-16le"];
    let said = assert_found(folder.path(), &["收單.csv", "送單.txt"], &told, (1_000_000, 1_000));
    assert!(said.contains("account agrees only without leading zeros") && said.contains("1 of 401 rows would be rejected"), "{said}");
}

/// A FIX message with its length and checksum.
fn message(fields: &str, separator: &str) -> String {
    let body = format!("{}\x01", fields.replace('|', "\x01"));
    let whole = format!("8=FIX.4.4\x019={}\x01{body}", body.len());
    let sum = whole.bytes().fold(0_u8, u8::wrapping_add);
    format!("{whole}10={sum:03}\x01").replace('\x01', separator)
}

/// A gateway's log of UTC and a client line's log of local time; the gateway names its orders `G1_` and the client's id.
fn write_logs(folder: &Path, gateway_id: impl Fn(&Order) -> String) {
    let (mut gateway, mut clients, mut accounts) = (String::new(), String::new(), "帳號,客群\n".to_owned());
    for order in orders() {
        let (row, symbol, account) = (order.row, order.symbol, order.account);
        let (hour, minute, second, micro) = order.clock(order.sent, 1);
        let at = format!("202601{:02}-{hour:02}:{minute:02}:{second:02}.{micro:06}", order.day);
        let id = gateway_id(&order);
        let fields = format!("35=D|49=T1|34={row}|52={}|11={id}|1={account:07}|55={symbol}|54=1|10000=2|10001=0|10004=Y", &at[..21]);
        gateway += &format!("{at}000 : {}\n", message(&fields, "\x01"));
        gateway += &format!("{at}900 : {}\n", message(&format!("35=8|49=X|34={row}|52={}|11={id}|150=0|39=0", &at[..21]), "\x01"));
        let (hour, minute, second, micro) = order.clock(order.received, 9);
        let at = format!("2026-01-{:02} {hour:02}:{minute:02}:{second:02},{:03}", order.day, micro / 1_000);
        let fields = format!("35=D|49={account:07}|34={row}|11=C{row:06}|1={account:07}|55={symbol}|54=1");
        clients += &format!("DEBUG ({at}) [thread: FIX.4.2:GW->{account}] (app) - <<< {}\nINFO ({at}) - ok\n", message(&fields, "|"));
    }
    for account in 0..7 {
        let account = 3_836 + account * 911;
        accounts += &format!("{account:07},{}\n", GROUPS[(account % 2) as usize]);
    }
    fs::write(folder.join("FIX.4.4-T1-X.messages.log"), gateway).unwrap();
    fs::write(folder.join("clients.log"), clients).unwrap();
    fs::write(folder.join("clients.csv"), accounts).unwrap();
}

#[test]
fn the_logs_of_a_gateway_and_of_a_client_line_linked_behind_a_prefix() {
    let folder = tempfile::tempdir().unwrap();
    write_logs(folder.path(), |order| format!("G1_C{:06}", order.row));
    let files = ["FIX.4.4-T1-X.messages.log", "clients.log", "clients.csv"];
    assert_found(folder.path(), &files, &["strip_prefix = \"G1_\"", "direction = \"in\""], (1_000_000, 1_000));
}

#[test]
fn ids_that_only_happen_to_be_the_same_link_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // The gateway's ids say nothing of the client's, and its sequence numbers are those of other messages.
    write_logs(folder.path(), |order| format!("G{:06}", (order.row * 7_919 + 13) % 1_000_000));
    let log = fs::read_to_string(folder.path().join("clients.log")).unwrap();
    let moved: String = log.lines().map(|line| line.replacen("|34=", "|34=1", 1) + "\n").collect();
    fs::write(folder.path().join("clients.log"), moved).unwrap();
    let ran = colofair(folder.path(), &["init", "--lang", "en", "FIX.4.4-T1-X.messages.log", "clients.log", "clients.csv"]);
    assert_eq!(exit_code(&ran), 2, "{}", stdout(&ran));
    assert!(stderr(&ran).contains("which column says which receipt an order came from?"), "{}", stderr(&ran));
    assert!(!folder.path().join("study.toml").exists());
}

#[test]
fn the_exchange_s_order_files_are_told_by_their_records() {
    for (width, layout, unit) in [(63, "fixed:twse-63", 1_000), (59, "fixed:twse-59", 10_000_000)] {
        let folder = tempfile::tempdir().unwrap();
        let (mut exchange, mut receipts) = (String::new(), "接單日期,接單時間,委託書號,帳號,客群\r\n".to_owned());
        for order in orders() {
            let (hour, minute, second, micro) = order.clock(order.sent, 9);
            let fraction = if width == 63 { format!("{micro:06}") } else { format!("{:02}", micro / 10_000) };
            let time = format!("{hour:02}{minute:02}{second:02}{fraction}");
            let tail = if width == 63 { "201 I1234" } else { "P001I1234" };
            let record = format!("202601{:02}{:<6}B0{time}{}10010150{:+011}02{tail}", order.day, order.symbol, order.serial(), 2_000);
            assert_eq!(record.len(), width);
            exchange += &(record + "\r\n");
            let (hour, minute, second, micro) = order.clock(order.received, 9);
            receipts += &format!(
                "11501{:02},{hour:02}:{minute:02}:{second:02}.{micro:06},{},{:07},{}\r\n",
                order.day,
                order.serial(),
                order.account,
                order.group()
            );
        }
        fs::write(folder.path().join("odr.txt"), exchange).unwrap();
        fs::write(folder.path().join("接單.csv"), cp950(&receipts)).unwrap();
        let told = [layout, "{ date = \"date\", time = \"time\" }", "\"trade_date\""];
        assert_found(folder.path(), &["odr.txt", "接單.csv"], &told, (1_000, unit));
    }
}

#[test]
fn json_lines_with_seconds_as_floating_point_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sent, mut receipts) = (String::new(), String::new());
    for order in orders() {
        // 2026-01-05T01:00:00Z and the day after; microseconds as a program prints its float: no zeros at the end.
        let at = |nanos: i64| {
            let text =
                format!("{}.{:06}", 1_767_574_800 + i64::from(order.day - 5) * 86_400 + nanos / 1_000_000_000, nanos / 1_000 % 1_000_000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        let (row, account, symbol) = (order.row, order.account, order.symbol);
        sent += &format!(
            "{{\"order\": {{\"id\": \"X{row}\", \"client_order_id\": \"C{row}\", \"account\": \"{account:07}\", \"symbol\": \"{symbol}\"}}, \"sent\": {}}}\n",
            at(order.sent)
        );
        receipts += &format!(
            "{{\"client_order_id\": \"C{row}\", \"account\": \"{account:07}\", \"group\": \"{}\", \"received\": {}}}\n",
            order.group(),
            at(order.received)
        );
    }
    fs::write(folder.path().join("orders.jsonl"), sent).unwrap();
    fs::write(folder.path().join("receipts.jsonl"), receipts).unwrap();
    let told = ["format = \"epoch_s\"", "receipt_id = \"order.client_order_id\""];
    assert_found(folder.path(), &["orders.jsonl", "receipts.jsonl"], &told, (1_000, 1_000));
}
