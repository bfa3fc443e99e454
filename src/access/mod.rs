//! Family A: who may use co-location by the broker's own rule, and who does.

mod connect;
mod eligibility;
mod expression;
mod lines;
mod list;
mod number;
mod served;

pub use eligibility::{Condition, Operator, Value};
pub use expression::{Expression, Held, Sum};
pub use number::Number;

use crate::checks::{Audit, Outcome};

/// The broker's own rules of use, as far as access goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessRules {
    /// Who qualifies; `None` where the study does not say.
    pub eligibility: Option<Expression>,
    /// Days in which an application is to be decided; `None` where the rules name no term.
    pub decision_days: Option<u32>,
    /// Months between reviews of the list by the broker's own rules; `None` where they name none and the law's twice a year stands alone.
    pub review_months: Option<u32>,
}

/// Every check of the family, ascending by code.
#[must_use]
pub fn access_checks(audit: &Audit<'_>, rules: &AccessRules) -> Vec<Outcome> {
    let mut outcomes = served::checks(audit, rules.eligibility.as_ref());
    outcomes.extend(list::checks(audit, rules));
    outcomes.push(connect::first_connect(audit));
    outcomes.push(lines::quiet_lines(audit));
    outcomes.sort_by_key(|outcome| outcome.kind.code);
    outcomes
}
