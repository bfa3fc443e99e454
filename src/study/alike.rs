//! Names that look the same and are not, in words: nothing is merged, and nothing is passed over.

use crate::record::{Lookalikes, first_difference};
use crate::report::model::Words;

/// Pairs and names that a sentence shows.
const SHOWN: usize = 3;

/// What the reader has to know before anything else.
pub(crate) fn alike(found: &Lookalikes) -> Vec<Words> {
    let mut said = Vec::new();
    if !found.pairs.is_empty() {
        let (n, more) = (found.pairs.len(), found.pairs.len() > SHOWN);
        let shown = |zh: bool| found.pairs.iter().take(SHOWN).map(|pair| one_pair(pair, zh)).collect::<Vec<_>>();
        said.push(Words {
            zh: format!(
                "帳號、客戶或群組有 {n} 組名稱看起來相同而字元不同，一律視為不同者、未合併（{}{}）；請先查明是否同一人",
                shown(true).join("、"),
                if more { "等" } else { "" }
            ),
            en: format!(
                "{n} of the accounts, clients or groups look like another one and are not the same: they count as different and are not merged ({}{}); find out first whether they are one",
                shown(false).join(", "),
                if more { ", ..." } else { "" }
            ),
        });
    }
    if let Some((name, at, character)) = found.hidden.first() {
        let (n, code) = (found.hidden.len(), u32::from(*character));
        said.push(Words {
            zh: format!("{n} 個帳號、客戶或群組的名稱含有看不見的字元（如「{name}」第 {at} 字 U+{code:04X}）；名稱依原文比對"),
            en: format!(
                "{n} of the accounts, clients or groups hold characters that nobody sees (such as \"{name}\": U+{code:04X} at character {at}); names are compared as they stand"
            ),
        });
    }
    said
}

fn one_pair((one, other): &(String, String), zh: bool) -> String {
    let (at, left, right) = first_difference(one, other);
    let code = |character: Option<char>| character.map(|character| format!("U+{:04X}", u32::from(character)));
    let (left, right) = (code(left), code(right));
    if zh {
        let of = |code: Option<String>| code.unwrap_or_else(|| "無".to_owned());
        format!("「{one}」與「{other}」第 {at} 字為 {} 與 {}", of(left), of(right))
    } else {
        let of = |code: Option<String>| code.unwrap_or_else(|| "nothing".to_owned());
        format!("\"{one}\" and \"{other}\": character {at} is {} and {}", of(left), of(right))
    }
}
