//! Why a row is named, and why an answer is not given: codes here, words where they are shown.

use crate::order_records::clock_profile::ProfileBreach;
use crate::record::{Column, TradeDate};

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// An order made by an algorithm or an automated channel, without a receipt.
    Automated,
    /// An order without a receipt, not marked as automated.
    NotAutomated,
    /// An order without a receipt in files that mark no order.
    Unmarked,
    /// A receipt without account and name.
    NoAccount,
    /// A receipt row without a time that can be read.
    NoTime,
    /// Sent before it was received; nanoseconds.
    SentBeforeReceived,
    /// A further copy of another row.
    Copy,
    /// A further copy of a row that carries another time: the earliest counts.
    CopyElsewhen,
    /// The copies of its receipt contradict each other.
    Contradicted,
    /// A receipt that no order came from, and nothing says what became of it.
    NoOutcome,
    /// Stamped earlier than records before it; nanoseconds.
    OutOfSequence,
    /// Serials are missing before it; how many.
    SerialGap,
    /// The first serials of a pre-assigned block are missing; how many.
    BlockStart,
    /// A serial outside every pre-assigned block.
    OutsideBlocks,
    /// A serial that cannot be read in the form of the others.
    UnreadableSerial,
    /// No serial.
    NoSerial,
    /// A serial used before.
    SerialRepeat,
    /// Its serial does not follow the order of receipt; nanoseconds.
    SerialOutOfReceiptOrder,
    /// Written later than allowed; nanoseconds.
    WrittenLate,
    /// Written before it was received; nanoseconds.
    WrittenBefore,
    /// Items of the record are empty; a set of items, one bit each.
    ItemsMissing,
    /// The only receipt like it, and the only order like that receipt.
    OnlyLikeness,
    /// Several receipts or orders are alike: nothing is chosen.
    SeveralAlike,
    /// An amend or cancel that names no order.
    NoOriginal,
    /// An amend or cancel of an order that is not in the files.
    OriginalMissing,
    /// An amend or cancel sent before the order it changes; nanoseconds.
    BeforeOriginal,
    /// An amend or cancel of an order of another account, instrument or side.
    OriginalDiffers,
    /// An amend of an order already cancelled; nanoseconds since the cancel.
    AfterCancel,
    /// Sent on a day without trading.
    NoTradingDay,
    /// Sent outside the session of its day.
    OutsideSession,
    /// Stamped after the records were collected; days.
    Future,
    /// Its date is off by whole days; days.
    WrongDate,
    /// Its time is off by whole hours; hours.
    WrongZone,
    /// Its latency is the same, to the nanosecond, as that of many others; nanoseconds.
    SameLatency,
    /// The most negative of latencies that a clock makes negative; nanoseconds.
    NegativeByClock,
    /// Where a clock was set; nanoseconds.
    ClockStep,
    /// Earliest record kept; days.
    EarliestKept,
}

impl Reason {
    /// Its name in the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::NotAutomated => "not_automated",
            Self::Unmarked => "unmarked",
            Self::NoAccount => "no_account",
            Self::NoTime => "no_time",
            Self::SentBeforeReceived => "sent_before_received",
            Self::Copy => "copy",
            Self::Contradicted => "contradicted",
            Self::NoOutcome => "no_outcome",
            Self::OutOfSequence => "out_of_sequence",
            Self::SerialGap => "serial_gap",
            Self::BlockStart => "block_start",
            Self::CopyElsewhen => "copy_elsewhen",
            Self::OutsideBlocks => "outside_blocks",
            Self::UnreadableSerial => "unreadable_serial",
            Self::NoSerial => "no_serial",
            Self::SerialRepeat => "serial_repeat",
            Self::SerialOutOfReceiptOrder => "serial_out_of_receipt_order",
            Self::WrittenLate => "written_late",
            Self::WrittenBefore => "written_before",
            Self::ItemsMissing => "items_missing",
            Self::OnlyLikeness => "only_likeness",
            Self::SeveralAlike => "several_alike",
            Self::NoOriginal => "no_original",
            Self::OriginalMissing => "original_missing",
            Self::BeforeOriginal => "before_original",
            Self::OriginalDiffers => "original_differs",
            Self::AfterCancel => "after_cancel",
            Self::NoTradingDay => "no_trading_day",
            Self::OutsideSession => "outside_session",
            Self::Future => "future",
            Self::WrongDate => "wrong_date",
            Self::WrongZone => "wrong_zone",
            Self::SameLatency => "same_latency",
            Self::NegativeByClock => "negative_by_clock",
            Self::ClockStep => "clock_step",
            Self::EarliestKept => "earliest_kept",
        }
    }
}

/// What keeps a check from an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The files have no such column.
    NoColumn(Column),
    /// Nothing to look at.
    Nothing,
    /// study.toml does not name it.
    NotNamed(&'static str),
    /// So large a share of a file is out of sequence that the file was not exported as it was kept.
    NotInSequence {
        /// File number.
        file: u32,
        /// Share of its rows.
        share: f64,
    },
    /// The serials follow no form that could be recognised.
    SerialForm,
    /// So many rows were rejected, whose serials are therefore not seen.
    RejectedRows(u64),
    /// Dates of which the files hold no receipt at all.
    NoReceiptsOn {
        /// The first.
        date: TradeDate,
        /// How many.
        n_dates: usize,
        /// Orders without a receipt on them.
        orders: u64,
    },
    /// Ids of orders and of receipts that differ by leading zeros or case alone.
    IdsAlike {
        /// Orders.
        orders: u64,
        /// One of them: the order's id and the receipt's.
        example: [String; 2],
    },
    /// So many rows of receipts could not be read: any may be the receipt of an order that seems to have none.
    RefusedReceipts(u64),
    /// So many rows of orders could not be read: a receipt that no order came from may be theirs.
    RefusedOrders(u64),
    /// Nearly every latency is negative: a clock problem.
    AllNegative,
    /// So many rows stand in runs of negative latencies: a clock was set, or a stretch was entered afterwards.
    NegativeRun(u64),
    /// Most stamps are off by the same whole hours: rather the zone of study.toml than the record.
    MostShifted {
        /// Hours.
        hours: i64,
    },
    /// Shares of orders without a receipt, by group code.
    GroupsDiffer {
        /// The group with the smallest share.
        least: (u16, f64),
        /// The group with the largest.
        most: (u16, f64),
    },
    /// The stamps of a group look made up: the signs stand with the stamps.
    Suspect {
        /// True for sent stamps, false for receipts.
        sent: bool,
        /// Group code.
        group: u16,
    },
    /// Share of latencies that are negative, so that it is a clock's doing.
    NegativeShare(f64),
    /// One clock domain against another, nanoseconds.
    PureShift(i64),
    /// The receipts clock is ahead by at least so many nanoseconds.
    ClockAhead(i64),
    /// Questions and answers between the hosts put the receipts clock ahead by between so many nanoseconds; negative is behind.
    ClocksApart {
        /// At least.
        least: i64,
        /// At most.
        most: i64,
    },
    /// The receipts clock gains so many parts in a million.
    Drift(f64),
    /// A clock goes beyond the profile chosen.
    BeyondProfile(ProfileBreach),
    /// Year whose holidays are not named.
    HolidaysUnknown(i32),
    /// The clocks of both sides are not documented, so that no order of stamps is proven.
    ClocksUndocumented,
    /// Orders that cannot be told new from amended, because there is no order kind.
    NoKind,
    /// The calendar has no session.
    NoSession,
}

impl Doubt {
    /// True where it is something found, though no row shows it.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        matches!(
            self,
            Self::GroupsDiffer { .. }
                | Self::Suspect { .. }
                | Self::NegativeShare(_)
                | Self::PureShift(_)
                | Self::MostShifted { .. }
                | Self::ClockAhead(_)
                | Self::ClocksApart { .. }
                | Self::Drift(_)
                | Self::BeyondProfile(_)
        )
    }
}
