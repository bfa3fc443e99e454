//! Identifiers behind a prefix: a gateway names its own order `G1_` and the client's id. What is counted adds up in any order.

use crate::inspect::sketch::Sketch;

/// The values of a column without the prefix that all of them share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind {
    prefix: Prefix,
    distinct: Sketch,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Prefix {
    #[default]
    Unseen,
    Shared(String),
    Differs,
}

impl Behind {
    /// An empty one, for a further part of the same column.
    pub(crate) fn for_part(&self) -> Self {
        let prefix = if self.prefix == Prefix::Differs { Prefix::Differs } else { Prefix::Unseen };
        Self { prefix, distinct: self.distinct.for_part() }
    }

    /// Of a column whose values are taken whole.
    pub(crate) fn none() -> Self {
        Self { prefix: Prefix::Differs, distinct: Sketch::default() }
    }

    pub(crate) fn add(&mut self, value: &str) {
        if self.prefix == Prefix::Differs {
            return;
        }
        let (prefix, id) = value.split_at(end_of_prefix(value));
        match &self.prefix {
            Prefix::Shared(known) if known == prefix => (),
            Prefix::Unseen if !prefix.is_empty() => self.prefix = Prefix::Shared(prefix.to_owned()),
            _ => return *self = Self::none(),
        }
        self.distinct.add(id);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        match (&self.prefix, &other.prefix) {
            (_, Prefix::Unseen) => (),
            (Prefix::Unseen, _) => *self = other,
            (own, found) if own == found && *own != Prefix::Differs => self.distinct.merge(other.distinct),
            _ => *self = Self::none(),
        }
    }

    /// The prefix, and the values behind it.
    pub(crate) fn shared(&self) -> Option<(&str, &Sketch)> {
        if let Prefix::Shared(prefix) = &self.prefix { Some((prefix, &self.distinct)) } else { None }
    }
}

/// Behind the first mark that may end a prefix; 0 where there is none, or nothing on one side of it.
fn end_of_prefix(value: &str) -> usize {
    let mark = value.find(['_', '-', ':', '/', '#']).map_or(0, |at| at + 1);
    if mark > 1 && mark < value.len() { mark } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Behind {
        let mut behind = Behind::default();
        values.iter().for_each(|value| behind.add(value));
        behind
    }

    fn prefix(behind: &Behind) -> Option<&str> {
        behind.shared().map(|(prefix, _)| prefix)
    }

    #[test]
    fn a_prefix_is_one_that_every_value_has() {
        assert_eq!(prefix(&of(&["G1_A-1", "G1_B"])), Some("G1_"));
        for none in [&["G1_A", "G2_B"][..], &["G1_A", "B"], &["A"], &["_A"], &["A_"], &[]] {
            assert_eq!(prefix(&of(none)), None, "{none:?}");
        }
    }

    #[test]
    fn parts_add_up_in_any_order() {
        let parts = [of(&["G1_A"]), of(&[]), of(&["G1_B", "G1_A"])];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut sum = Behind::default();
            order.iter().for_each(|at| sum.merge(parts[*at].clone()));
            let (prefix, distinct) = sum.shared().expect("a prefix");
            assert_eq!((prefix, distinct.distinct()), ("G1_", (2, true)));
        }
        let mut mixed = of(&["G1_A"]);
        mixed.merge(of(&["G2_A"]));
        mixed.merge(of(&["G1_A"]));
        assert_eq!(prefix(&mixed), None);
    }
}
