//! Words of `verify`.

use crate::evidence::{Part, Standing};
use crate::report::i18n::{Label, words};
use crate::report::model::Words;

/// A list of the manifest.
pub(crate) const fn part(part: Part) -> Label {
    match part {
        Part::Input => Label { zh: "輸入檔", en: "Inputs" },
        Part::Configuration => Label { zh: "設定", en: "Configuration" },
        Part::Output => Label { zh: "輸出檔", en: "Outputs" },
    }
}

/// What became of a file.
pub(crate) const fn standing(standing: Standing) -> Label {
    match standing {
        Standing::Same => Label { zh: "相同", en: "same" },
        Standing::Changed => Label { zh: "已改動", en: "CHANGED" },
        Standing::Missing => Label { zh: "缺少", en: "MISSING" },
        Standing::NotListed => Label { zh: "未列", en: "NOT LISTED" },
    }
}

/// The last line.
pub(crate) fn verified(files: usize, differ: usize, parts_left_out: bool) -> Words {
    let scope = if parts_left_out { ("（僅輸出檔）", " (outputs alone)") } else { ("", "") };
    if differ == 0 {
        words(
            format!("{files} 個檔案皆與 manifest.json 所列相同{}。", scope.0),
            format!("All {files} files are those that manifest.json lists{}.", scope.1),
        )
    } else {
        words(
            format!("{files} 個檔案中有 {differ} 個與 manifest.json 所列不同{}。", scope.0),
            format!("{differ} of {files} files are not what manifest.json lists{}.", scope.1),
        )
    }
}

/// The study was run again to the same bytes.
pub(crate) fn recomputed() -> Words {
    words("重新計算：result.json 逐位元組相同。", "Recomputed: result.json is the same, byte by byte.")
}

/// The study was run again, and this is where it differs first.
pub(crate) fn differs_at(path: &str, was: &str, is: &str) -> Words {
    words(
        format!("重新計算：結果不同，首先在 {path}：原為 {was}，現為 {is}。"),
        format!("Recomputed: the result differs, first at {path}: it was {was} and is {is}."),
    )
}

/// The figures agree, the bytes do not.
pub(crate) fn differs_in_form() -> Words {
    words(
        "重新計算：內容相同，但 result.json 的位元組不同（排版被改動）。",
        "Recomputed: the contents are equal, but the bytes of result.json are not (its layout was changed).",
    )
}

/// The program is not the one that wrote the study.
pub(crate) fn other_program(wrote: &str, this: &str) -> Words {
    words(
        format!("此結果由 {wrote} 寫出，重新計算用的是 {this}：差異可能來自版本。"),
        format!("The study was written by {wrote} and recomputed by {this}: a difference may be the version's."),
    )
}
