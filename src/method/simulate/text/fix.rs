//! Rows as FIX 4.4 messages behind the recorder's time: orders with the exchange's answers, and clients' orders as they came in.

use std::fmt::Write as _;

use crate::simulate::text::names::tag;
use crate::simulate::text::stamp::utc;
use crate::simulate::text::{Row, Shape, Value};

/// Orders sent, each behind it the exchange's acknowledgement; the order's id behind a prefix, as gateways name their own orders.
#[derive(Default)]
pub(crate) struct Orders {
    body: String,
}

/// Orders received from clients.
#[derive(Default)]
pub(crate) struct Receipts {
    body: String,
}

impl Shape for Orders {
    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        let (Value::Time(sent), Value::Text(id)) = (row.get("sent_ts"), row.get("order_id")) else { return };
        self.body.clear();
        open("D", row.number, *sent, &mut self.body);
        let _ = write!(self.body, "11=B6_{id}\x01");
        if let Value::Text(receipt) = row.get("client_order_id") {
            let _ = write!(self.body, "526={receipt}\x01");
        }
        fields(row, &mut self.body);
        line("out", *sent, &self.body, text);
        if let Value::Time(acknowledged) = row.get("ack_ts") {
            self.body.clear();
            open("8", row.number, *acknowledged, &mut self.body);
            let _ = write!(self.body, "37={:05}\x0111=B6_{id}\x0117={}\x01150=0\x0139=0\x01", row.number % 100_000, row.number);
            line("in", *acknowledged, &self.body, text);
        }
    }
}

impl Shape for Receipts {
    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        let (Value::Time(received), Value::Text(id)) = (row.get("received_ts"), row.get("client_order_id")) else { return };
        self.body.clear();
        open("D", row.number, *received, &mut self.body);
        let _ = write!(self.body, "11={id}\x01");
        fields(row, &mut self.body);
        line("in", *received, &self.body, text);
    }
}

fn open(kind: &str, number: u64, at: i64, body: &mut String) {
    let _ = write!(body, "35={kind}\x0149=T123401\x0156=XTAI\x0134={number}\x0152=");
    utc(at, "%Y%m%d-%H:%M:%S%.3f", body);
    body.push('\x01');
}

fn fields(row: &Row<'_>, body: &mut String) {
    for (name, value) in row.names.iter().zip(row.values).filter(|(name, _)| !tag(name).is_empty()) {
        let tag = tag(name);
        let _ = match value {
            Value::Text(value) if name == "side" => write!(body, "{tag}={}\x01", if value == "B" { 1 } else { 2 }),
            Value::Text(value) => write!(body, "{tag}={value}\x01"),
            Value::Integer(value) => write!(body, "{tag}={value}\x01"),
            Value::Price(hundredths) => write!(body, "{tag}={}.{:02}\x01", hundredths / 100, hundredths % 100),
            Value::Time(nanos) => {
                let _ = write!(body, "{tag}=");
                utc(*nanos, "%Y%m%d-%H:%M:%S%.9f", body);
                body.push('\x01');
                Ok(())
            }
            Value::Absent => Ok(()),
        };
    }
}

fn line(way: &str, at: i64, body: &str, text: &mut String) {
    utc(at, "%Y%m%d-%H:%M:%S%.9f", text);
    let _ = write!(text, " [{way}] : ");
    let start = text.len();
    let _ = write!(text, "8=FIX.4.4\x019={}\x01{body}", body.len());
    let sum = text.as_bytes()[start..].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let _ = writeln!(text, "10={sum:03}\x01");
}
