//! What a coded reason of a verdict is, for `explain`; docs/methodology.md, sections 6 and 7, has the limits.

use crate::rules::Text;

/// What a reason does to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Neither UNFAIR nor FAIR can be said.
    Closes,
    /// One measure does not count: no FAIR.
    Silences,
    /// A difference that stands is not taken as UNFAIR, nor as FAIR.
    Opens,
    /// Single clients are named and the group is not accused.
    Names,
    /// FAIR is not given; an accusation is not weakened.
    NotFair,
    /// Said beside a verdict that stands.
    Notes,
}

impl Effect {
    /// The effect in words.
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::Closes => Text { zh: "既不認定不公平，也不認定公平", en: "closes the verdict: neither UNFAIR nor FAIR" },
            Self::Silences => Text {
                zh: "一項比較不採計，因此不認定公平",
                en: "silences one measure: not FAIR, UNFAIR may rest on the others",
            },
            Self::Opens => Text {
                zh: "差異不據以認定不公平，也不認定公平",
                en: "takes an accusation back: neither UNFAIR nor FAIR by this difference",
            },
            Self::Names => {
                Text { zh: "就個別客戶認定，不及於整組", en: "names clients: CLIENT-SPECIFIC, the group is not accused" }
            }
            Self::NotFair => {
                Text { zh: "不認定公平；不減損不公平之認定", en: "keeps FAIR back; an accusation is not weakened" }
            }
            Self::Notes => Text { zh: "附註，判定不變", en: "a note: the verdict stands" },
        }
    }
}

/// A coded reason.
#[derive(Clone, Copy, Debug)]
pub struct ReasonKind {
    /// Stable code, as in `result.json`.
    pub code: &'static str,
    /// What it does.
    pub effect: Effect,
    /// What it means.
    pub text: Text,
    /// What to ask for or do next.
    pub ask: Text,
}

pub(crate) const fn of(code: &'static str, effect: Effect, text: [&'static str; 2], ask: [&'static str; 2]) -> ReasonKind {
    ReasonKind { code, effect, text: Text { zh: text[0], en: text[1] }, ask: Text { zh: ask[0], en: ask[1] } }
}
