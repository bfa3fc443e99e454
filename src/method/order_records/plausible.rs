//! Stamps against each other and against the calendar: sent before received, a wrong date or zone, written late, outside the session,
//! in the future, kept long enough.

use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::record::shift::{DAY, HOUR, MOST_HOURS, ORDINARY, ZONE_SLACK, whole};
use crate::record::{Column, NO_TIME, PhaseKind, TimeSpan, Timestamp, TradeDate, sort_nearly_sorted};

/// A wrong date leaves a latency within this of whole days.
const DATE_SLACK: i64 = 60_000_000_000;
/// Share of rows off by the same hours from which the zone of study.toml is in doubt rather than the record.
const MOST_SHIFTED: f64 = 0.5;

/// What tells whether an order was provably sent before it was received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentPrecision {
    /// A sent stamp cut to its resolution is early, and a receipt stamp rounded to its own is late by half of it: by less than this
    /// together, nanoseconds.
    pub resolution: i64,
    /// Both clocks' half-widths together, nanoseconds; 0 on one clock; `None` where they are not documented.
    pub clocks: Option<i64>,
}

/// Clocks of the groups, by code.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupClocks<'a> {
    /// Whose latencies are all negative: a clock's doing.
    pub problem: &'a [bool],
    /// Which clock stamped their receipts.
    pub domain: &'a [u16],
}

/// So many receipts of one clock, one after the other, whose latencies are all negative, are no single false rows: where one order in a
/// hundred is so by itself, five in a row are one case in 10^10.
const LEAST_RUN: usize = 5;

/// R03 and T07, and which receipts T07 names.
#[derive(Clone, Debug)]
pub struct Contradictions {
    /// R03, T07.
    pub checks: [RecordCheck; 2],
    /// Receipts whose stamp is off by days or hours, or that an order of a later day is linked to: an id used again, perhaps.
    pub wrong: Vec<bool>,
}

/// Sent before received (R03), and latencies of whole days or hours (T07), of the first order of each receipt.
///
/// No row of a group whose latencies are all negative is named, which is a clock's doing. Of a run of negative ones each is named and none
/// proven: a clock was set, or a whole stretch was entered afterwards.
#[must_use]
pub fn contradictions(case: &Case<'_>, precision: SentPrecision, clocks: GroupClocks<'_>) -> Contradictions {
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    let received = case.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let excused = |order: usize| clocks.problem.get(usize::from(case.attribution.order_group[order])).copied().unwrap_or(false);
    let first = first_orders(case);
    let latency = |order: u32, receipt: usize| Timestamp(sent[order as usize]).since(Timestamp(received[receipt])).0;
    let pairs = || first.iter().enumerate().filter(|(_, order)| **order != u32::MAX).map(|(receipt, order)| (*order, receipt));
    let mut ordinary: Vec<i64> =
        pairs().map(|(order, receipt)| latency(order, receipt)).filter(|latency| (0..ORDINARY).contains(latency)).collect();
    let n_pairs = pairs().count() as u64;
    // What honest orders take, so that a shifted one is known by what is left of its latency.
    let longest = match ordinary.len() {
        0 => 0,
        n => *ordinary.select_nth_unstable((n * 99 / 100).min(n - 1)).1,
    };
    let mut t07 = RecordCheck::of("T07", n_pairs, Vec::new());
    let (mut hours_off, mut days_late) = ([0_u64; 2 * MOST_HOURS as usize + 1], Vec::new());
    for (order, receipt) in pairs() {
        let by = latency(order, receipt);
        if (-ORDINARY..=ORDINARY).contains(&by) {
            continue;
        }
        let excused = excused(order as usize);
        // A negative latency contradicts itself; a long positive one may be an order that waited.
        let row =
            |reason, value| FoundRow::alone(Side::Receipts, receipt as u32, reason, value).beside(Side::Orders, order).only_if(by < 0);
        if let Some(days) = whole(by, DAY, DATE_SLACK.max(longest), DATE_SLACK) {
            t07.rows.extend((!excused).then(|| row(Reason::WrongDate, days)));
        } else if let Some(hours) = whole(by, HOUR, ZONE_SLACK.max(longest), ZONE_SLACK).filter(|hours| hours.abs() <= MOST_HOURS) {
            t07.rows.extend((!excused).then(|| row(Reason::WrongZone, hours)));
            // A clock does not go wrong by whole hours: the zone does, whatever else is said of all of them.
            hours_off[(hours + MOST_HOURS) as usize] += 1;
        } else if by >= DAY {
            days_late.push(receipt);
        }
    }
    let most = hours_off.iter().enumerate().max_by_key(|(_, n)| **n).map_or((0, 0), |(at, n)| (at as i64 - MOST_HOURS, *n));
    let shifted = most.1 as f64 > MOST_SHIFTED * n_pairs as f64 && n_pairs > 0;
    if shifted {
        t07.rows.clear();
        t07.doubts.push(Doubt::MostShifted { hours: most.0 });
    }
    t07.rows.sort_by_key(|row| row.row);
    let mut wrong = vec![false; case.receipts.len()];
    t07.rows.iter().map(|row| row.row as usize).chain(days_late).for_each(|receipt| wrong[receipt] = true);

    let in_run = negative_runs(case, &first, clocks.domain);
    let mut n_in_runs = 0;
    let mut r03 = RecordCheck::of("R03", 0, Vec::new());
    let mut any_excused = false;
    for order in 0..case.orders.len() {
        let Some(receipt) = case.links.matched_receipt(order) else { continue };
        r03.examined += 1;
        let before = -latency(order as u32, receipt);
        if before <= 0 || wrong[receipt] {
            continue;
        }
        if shifted || excused(order) {
            any_excused = true;
            continue;
        }
        n_in_runs += u64::from(in_run[receipt]);
        let provable = !in_run[receipt] && precision.clocks.is_some_and(|clocks| before >= precision.resolution + clocks);
        let row = FoundRow::alone(Side::Orders, order as u32, Reason::SentBeforeReceived, before);
        r03.rows.push(row.beside(Side::Receipts, receipt as u32).only_if(provable));
    }
    if any_excused {
        r03.doubts.push(Doubt::AllNegative);
    }
    if n_in_runs > 0 {
        r03.doubts.push(Doubt::NegativeRun(n_in_runs));
    }
    if precision.clocks.is_none() && !r03.rows.is_empty() {
        r03.doubts.push(Doubt::ClocksUndocumented);
    }
    Contradictions { checks: [r03, t07], wrong }
}

/// Receipts that stand in a run of negative latencies, by their first orders in order of receipt, each clock by itself.
fn negative_runs(case: &Case<'_>, first: &[u32], domain: &[u16]) -> Vec<bool> {
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    let received = case.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let mut in_run = vec![false; first.len()];
    let is_negative = |receipt: usize| first[receipt] != u32::MAX && sent[first[receipt] as usize] < received[receipt];
    if (0..first.len()).filter(|receipt| is_negative(*receipt)).nth(LEAST_RUN - 1).is_none() {
        return in_run;
    }
    let clock_of = |order: u32| domain.get(usize::from(case.attribution.order_group[order as usize])).copied().unwrap_or(0);
    let with_order = (0..first.len()).filter(|receipt| first[*receipt] != u32::MAX);
    let stamp = |receipt: usize| Stamp {
        clock: clock_of(first[receipt]),
        received: received[receipt],
        is_negative: is_negative(receipt),
        receipt: receipt as u32,
    };
    for receipt in members_of_runs(with_order.map(stamp).collect()) {
        in_run[receipt as usize] = true;
    }
    in_run
}

/// When a receipt was stamped, and whether its first order bears an earlier stamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) clock: u16,
    pub(crate) received: i64,
    pub(crate) is_negative: bool,
    pub(crate) receipt: u32,
}

/// The receipts in runs of [`LEAST_RUN`] negative ones and more; a receipt may come twice.
///
/// Nobody knows the order of receipts of one instant: where they differ, its negative ones end the run before them and begin the next, so
/// that none is called proven by the place it has in its file.
pub(crate) fn members_of_runs(mut stamps: Vec<Stamp>) -> Vec<u32> {
    sort_nearly_sorted(&mut stamps, |a, b| (a.clock, a.received).cmp(&(b.clock, b.received)));
    let mut members = Vec::new();
    let mut run: Vec<u32> = Vec::new();
    let mut close = |run: &mut Vec<u32>| {
        if run.len() >= LEAST_RUN {
            members.append(run);
        }
        run.clear();
    };
    for of_clock in stamps.chunk_by(|a, b| a.clock == b.clock) {
        for instant in of_clock.chunk_by(|a, b| a.received == b.received) {
            let negative = || instant.iter().filter(|stamp| stamp.is_negative).map(|stamp| stamp.receipt);
            run.extend(negative());
            if instant.iter().any(|stamp| !stamp.is_negative) {
                close(&mut run);
                run.extend(negative());
            }
        }
        close(&mut run);
    }
    members
}

/// The earliest sent matched order of each receipt, `u32::MAX` where it has none; of several sent at one instant that of the first group.
fn first_orders(case: &Case<'_>) -> Vec<u32> {
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    let rank = |order: usize| (sent[order], case.attribution.order_group[order]);
    let mut first = vec![u32::MAX; case.receipts.len()];
    for order in 0..case.orders.len() {
        let Some(receipt) = case.links.matched_receipt(order) else { continue };
        let known = first[receipt];
        if known == u32::MAX || rank(order) < rank(known as usize) {
            first[receipt] = order as u32;
        }
    }
    first
}

/// Receipts whose record was written later than allowed, or before the receipt it records (R11).
#[must_use]
pub fn late_records(case: &Case<'_>, allowed: TimeSpan, wrong: &[bool]) -> RecordCheck {
    let (Some(written), Some(received)) = (case.receipts.times(Column::RecordedAt), case.receipts.times(Column::ReceivedAt)) else {
        return RecordCheck::not_run("R11", Doubt::NoColumn(Column::RecordedAt));
    };
    let mut check = RecordCheck::of("R11", 0, Vec::new());
    for receipt in (0..written.len()).filter(|receipt| written[*receipt] != NO_TIME && !wrong.get(*receipt).copied().unwrap_or(false)) {
        check.examined += 1;
        let after = Timestamp(written[receipt]).since(Timestamp(received[receipt])).0;
        if after > allowed.0 {
            check.rows.push(FoundRow::alone(Side::Receipts, receipt as u32, Reason::WrittenLate, after));
        } else if after < 0 {
            check.rows.push(FoundRow::alone(Side::Receipts, receipt as u32, Reason::WrittenBefore, -after));
        }
    }
    if check.examined == 0 { RecordCheck::not_run("R11", Doubt::Nothing) } else { check }
}

/// Orders sent on a day without trading or outside every phase of the session (T05).
#[must_use]
pub fn outside_session(case: &Case<'_>) -> RecordCheck {
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    if case.calendar.name() == "none" {
        return RecordCheck::not_run("T05", Doubt::NoSession);
    }
    let mut check = RecordCheck::of("T05", sent.len() as u64, Vec::new());
    let (mut local, mut years) = (case.zone.local_reader(), std::collections::BTreeSet::new());
    let mut last: Option<(TradeDate, bool)> = None;
    for (order, at) in sent.iter().enumerate() {
        let (date, time) = local.read(Timestamp(*at));
        let trading = match last {
            Some((known, trading)) if known == date => trading,
            _ => {
                years.insert(date.ymd().0);
                case.calendar.is_trading_day(date)
            }
        };
        last = Some((date, trading));
        if !trading {
            check.rows.push(FoundRow::alone(Side::Orders, order as u32, Reason::NoTradingDay, 0));
        } else if case.calendar.phase_at(date, time).kind == PhaseKind::Closed {
            check.rows.push(FoundRow::alone(Side::Orders, order as u32, Reason::OutsideSession, 0));
        }
    }
    check.doubts.extend(years.into_iter().filter(|year| !case.calendar.knows_holidays_of(*year)).map(Doubt::HolidaysUnknown));
    check
}

/// Rows stamped on a local date after the records were collected (T06).
#[must_use]
pub fn too_late(case: &Case<'_>, collected_on: Option<TradeDate>) -> RecordCheck {
    let Some(collected) = collected_on else { return RecordCheck::not_run("T06", Doubt::NotNamed("records.collected_on")) };
    let mut check = RecordCheck::of("T06", 0, Vec::new());
    let mut local = case.zone.local_reader();
    for (side, records, column) in [(Side::Orders, case.orders, Column::SentAt), (Side::Receipts, case.receipts, Column::ReceivedAt)] {
        let times = records.times(column).unwrap_or(&[]);
        check.examined += times.len() as u64;
        for (row, at) in times.iter().enumerate() {
            let date = local.read(Timestamp(*at)).0;
            if date > collected {
                let days = i64::from(date.0) - i64::from(collected.0);
                check.rows.push(FoundRow::alone(side, row as u32, Reason::Future, days));
            }
        }
    }
    check
}

/// Whether the earliest receipt is as old as the rule wants records to be kept (R14).
#[must_use]
pub fn retained(case: &Case<'_>, collected_on: Option<TradeDate>, years: Option<u32>) -> RecordCheck {
    let (Some(collected), Some(years)) = (collected_on, years) else {
        let missing = if collected_on.is_none() { "records.collected_on" } else { "records.retention_years" };
        return RecordCheck::not_run("R14", Doubt::NotNamed(missing));
    };
    let received = case.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let earliest = received.iter().enumerate().min_by_key(|(row, at)| (**at, *row));
    let Some((row, at)) = earliest else { return RecordCheck::not_run("R14", Doubt::Nothing) };
    let mut check = RecordCheck::of("R14", received.len() as u64, Vec::new());
    let (year, month, day) = collected.ymd();
    // 29 February of a year that has none is the day before.
    let due = TradeDate::from_ymd(year - years as i32, month, day).or_else(|| TradeDate::from_ymd(year - years as i32, month, day - 1));
    let kept_from = case.zone.date_of(Timestamp(*at));
    if due.is_some_and(|due| kept_from > due) {
        let days = due.map_or(0, |due| i64::from(kept_from.0) - i64::from(due.0));
        check.rows.push(FoundRow::alone(Side::Receipts, row as u32, Reason::EarliestKept, days));
    }
    check
}
