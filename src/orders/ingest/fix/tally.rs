//! What a log held beside the messages that became rows.

use std::collections::BTreeMap;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageClass {
    /// New order (35=D).
    Order,
    /// Cancel request (F).
    Cancel,
    /// Replace request (G).
    Replace,
    /// The exchange took the order (8, ExecType or, without one, OrdStatus 0).
    Acknowledgement,
    /// The exchange refused the order (8, ExecType or OrdStatus 8).
    OrderReject,
    /// The exchange refused a cancel or replace request (9).
    CancelReject,
    /// A message was refused (3, j).
    MessageReject,
    /// A fill (8, ExecType 1, 2 or F, or OrdStatus 1 or 2).
    Fill,
    /// Any other execution report.
    OtherReport,
    /// Logon, logout, heartbeats, resends (A, 0, 1, 2, 4, 5).
    Session,
    /// Any other message.
    Other,
}

impl MessageClass {
    /// The class of a message of `kind` (35) with `exec_type` (150) and `status` (39).
    #[must_use]
    pub fn of(kind: &[u8], exec_type: &[u8], status: &[u8]) -> Self {
        match kind {
            b"D" => Self::Order,
            b"F" => Self::Cancel,
            b"G" => Self::Replace,
            b"9" => Self::CancelReject,
            b"3" | b"j" => Self::MessageReject,
            b"8" => match if exec_type.is_empty() { status } else { exec_type } {
                b"0" => Self::Acknowledgement,
                b"8" => Self::OrderReject,
                b"1" | b"2" | b"F" => Self::Fill,
                _ => Self::OtherReport,
            },
            b"0" | b"1" | b"2" | b"4" | b"5" | b"A" => Self::Session,
            _ => Self::Other,
        }
    }

    /// In words: Traditional Chinese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Order => ("委託", "orders (D)"),
            Self::Cancel => ("刪單", "cancels (F)"),
            Self::Replace => ("改單", "replaces (G)"),
            Self::Acknowledgement => ("委託回報", "acknowledgements (8)"),
            Self::OrderReject => ("委託拒絕", "order rejects (8)"),
            Self::CancelReject => ("刪改單拒絕", "cancel rejects (9)"),
            Self::MessageReject => ("訊息拒絕", "message rejects (3, j)"),
            Self::Fill => ("成交回報", "fills (8)"),
            Self::OtherReport => ("其他回報", "other reports (8)"),
            Self::Session => ("連線訊息", "session messages"),
            Self::Other => ("其他訊息", "other messages"),
        }
    }
}

/// What a source held beside its rows, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageTally {
    /// FIX messages by class, rows included.
    pub classes: BTreeMap<MessageClass, u64>,
    /// Records of a kind that is not wanted, by kind, in formats that hold several.
    pub other_kinds: BTreeMap<String, u64>,
    /// Messages of a wanted kind that went the other way.
    pub other_direction: u64,
    /// Messages whose checksum (10) does not fit their bytes; kept.
    pub bad_checksum: u64,
    /// Messages whose body length (9) does not fit; kept.
    pub bad_length: u64,
    /// Messages without an end.
    pub truncated: u64,
    /// Messages put together from several lines.
    pub joined: u64,
    /// Answers of the exchange whose time could not be read: what they answer seems unanswered.
    pub unreadable_answers: u64,
    /// Lines that hold no record: control lines, headers, footers.
    pub other_lines: u64,
    /// Places that look like the start of a message and are none.
    pub unreadable: u64,
}

impl MessageTally {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        other.classes.iter().for_each(|(class, n)| *self.classes.entry(*class).or_default() += n);
        other.other_kinds.iter().for_each(|(kind, n)| *self.other_kinds.entry(kind.clone()).or_default() += n);
        self.other_direction += other.other_direction;
        self.bad_checksum += other.bad_checksum;
        self.bad_length += other.bad_length;
        self.truncated += other.truncated;
        self.joined += other.joined;
        self.unreadable_answers += other.unreadable_answers;
        self.other_lines += other.other_lines;
        self.unreadable += other.unreadable;
    }

    /// True where there is nothing to tell: every line was a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
