//! One line of a gateway: a queue before one worker, or before three that take from it in turn.

use std::collections::VecDeque;

use crate::simulate::order::Order;

/// A queue and its workers. First come, first served inside a class; the urgent class goes first, without stopping work begun.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// When each worker is free again, UTC nanoseconds.
    free_at: Vec<i64>,
    urgent: VecDeque<Order>,
    waiting: VecDeque<Order>,
    next_serial: u32,
}

impl Line {
    pub(crate) fn new(workers: usize) -> Self {
        Self { free_at: vec![i64::MIN; workers], urgent: VecDeque::new(), waiting: VecDeque::new(), next_serial: 0 }
    }

    /// Adds an order; arrivals come in the order of `queued_at`.
    pub(crate) fn arrive(&mut self, order: Order, served: &mut Vec<Order>) {
        self.serve_until(order.queued_at, served);
        if order.urgent { self.urgent.push_back(order) } else { self.waiting.push_back(order) }
    }

    /// Serves every order whose turn comes before `now`: sets its serial number, `decided_at` and `sent_at`.
    ///
    /// The serial is taken when work begins, so that it shows the order of handling.
    pub(crate) fn serve_until(&mut self, now: i64, served: &mut Vec<Order>) {
        while let Some(first) = self.oldest() {
            let (worker, free_at) = self.next_worker();
            let start = free_at.max(first);
            if start >= now {
                return;
            }
            let is_urgent = self.urgent.front().is_some_and(|order| order.queued_at <= start);
            let queue = if is_urgent { &mut self.urgent } else { &mut self.waiting };
            let Some(mut order) = queue.pop_front() else { return };
            self.next_serial += 1 + u32::from(order.skipped_serials);
            order.serial = self.next_serial;
            order.decided_at = if order.slice > 0 { order.queued_at } else { start + order.service * 2 / 5 };
            order.sent_at = start + order.service;
            self.free_at[worker] = order.sent_at;
            order.sent_at += order.delay;
            served.push(order);
        }
    }

    /// When the order that has waited longest came.
    pub(crate) fn oldest(&self) -> Option<i64> {
        let fronts = [self.urgent.front(), self.waiting.front()];
        fronts.into_iter().flatten().map(|order| order.queued_at).min()
    }

    /// Orders that wait, in no particular order.
    pub(crate) fn queued(&self) -> impl Iterator<Item = &Order> {
        self.urgent.iter().chain(&self.waiting)
    }

    fn next_worker(&self) -> (usize, i64) {
        let mut first = (0, self.free_at[0]);
        for (worker, free_at) in self.free_at.iter().copied().enumerate().skip(1) {
            if free_at < first.1 {
                first = (worker, free_at);
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(queued_at: i64, service: i64, urgent: bool) -> Order {
        Order { queued_at, received_at: queued_at, service, urgent, ..Order::default() }
    }

    fn served(workers: usize, orders: &[Order]) -> Vec<(i64, i64)> {
        let (mut line, mut served) = (Line::new(workers), Vec::new());
        orders.iter().for_each(|order| line.arrive(*order, &mut served));
        line.serve_until(i64::MAX, &mut served);
        served.iter().map(|order| (order.received_at, order.sent_at)).collect()
    }

    #[test]
    fn orders_wait_their_turn_and_the_urgent_pass_those_that_wait() {
        let orders = [order(0, 10, false), order(1, 10, false), order(2, 10, true), order(50, 5, false)];
        assert_eq!(served(1, &orders), [(0, 10), (2, 20), (1, 30), (50, 55)]);
    }

    #[test]
    fn three_workers_overtake_only_where_service_differs() {
        let orders = [order(0, 100, false), order(1, 5, false), order(2, 5, false), order(3, 5, false)];
        assert_eq!(served(3, &orders), [(0, 100), (1, 6), (2, 7), (3, 11)]);
    }
}
