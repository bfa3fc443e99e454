//! Every count against a quadratic count of the definition, on small crowded samples; and simulated worlds against their truth.

pub(crate) mod counts;
mod worlds;
