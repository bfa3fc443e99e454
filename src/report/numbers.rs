//! How figures and names are written: units, signs, thousands, long and hostile names, widths of East Asian characters.
//!
//! Figures come from the model; here they only get their shape. Nothing rounds a share to 0 % or 100 % that is neither.

use crate::record::Latency;

/// Whole number with thousands separators: `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Nanoseconds as three significant digits with a unit: `44.1 us`.
pub(crate) fn duration(nanos: i64) -> String {
    Latency(nanos).to_string()
}

/// The same for a floating estimate; a dash where there is no number.
pub(crate) fn duration_f64(nanos: f64) -> String {
    if nanos.is_finite() { duration(nanos.round() as i64) } else { NONE.into() }
}

/// An effect in nanoseconds with its sign: `+12.0 us`.
pub(crate) fn signed_duration(nanos: f64) -> String {
    let text = duration_f64(nanos);
    if nanos.is_finite() && nanos.round() > 0.0 { format!("+{text}") } else { text }
}

/// A share as per cent: `99.8 %`, `< 0.01 %`, `100 %`.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    match value {
        _ if !value.is_finite() => NONE.into(),
        0.0 => "0 %".into(),
        100.0 => "100 %".into(),
        v if v > 0.0 && v < 0.01 => "< 0.01 %".into(),
        v if v > 99.99 && v < 100.0 => "> 99.99 %".into(),
        v if !(10.0..=90.0).contains(&v) => format!("{v:.2} %"),
        v => format!("{v:.1} %"),
    }
}

/// A difference of shares in percentage points, signed, without the word: `+0.52`.
pub(crate) fn points(share: f64) -> String {
    if !share.is_finite() {
        return NONE.into();
    }
    let text = format!("{:+.2}", share * 100.0);
    if text == "-0.00" || text == "+0.00" { "0.00".into() } else { text }
}

/// A p-value: three decimals, or a power of ten where that would read zero; a fourth where three would read the usual level of 0.05.
pub(crate) fn p_value(p: f64) -> String {
    match p {
        p if !p.is_finite() => NONE.into(),
        p if p <= 0.0 => "< 1e-300".into(),
        p if p < 0.001 => format!("{p:.1e}"),
        p if (0.0495..0.0505).contains(&p) => format!("{p:.4}"),
        p => format!("{p:.3}"),
    }
}

/// Bytes as `1.21 MB` (powers of 1,000).
pub(crate) fn bytes(n: u64) -> String {
    let (scale, unit) = match n {
        0..1_000 => return format!("{n} B"),
        1_000..1_000_000 => (1e3, "kB"),
        1_000_000..1_000_000_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    format!("{:.2} {unit}", n as f64 / scale)
}

/// What stands where there is no number.
pub(crate) const NONE: &str = "\u{2013}";

/// A figure as set on the page: micro sign, true minus, no line break before the unit.
pub(crate) fn typeset(figure: &str) -> String {
    let micro = figure.strip_suffix(" us").map_or_else(|| figure.to_owned(), |value| format!("{value} \u{b5}s"));
    let minus = micro.strip_prefix('-').map_or_else(|| micro.clone(), |value| format!("\u{2212}{value}"));
    minus.replace(' ', "\u{a0}")
}

/// A name safe to show: controls and direction overrides spelled out (`<U+202E>`), cut to `limit` columns with an ellipsis.
pub(crate) fn shown_name(name: &str, limit: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    // Where to cut if the name turns out too long: the last place that leaves a column for the ellipsis.
    let mut cut = 0;
    for piece in name.chars().map(visible) {
        used += display_width(&piece);
        if used > limit {
            text.truncate(cut);
            text.push('\u{2026}');
            return text;
        }
        text.push_str(&piece);
        if used < limit {
            cut = text.len();
        }
    }
    text
}

/// A text whole, with controls and direction overrides spelled out.
pub(crate) fn spelled(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_graphic() || character == ' ' {
            shown.push(character);
        } else {
            shown.push_str(&visible(character));
        }
    }
    shown
}

/// Whether a spreadsheet would take a text for a formula.
pub(crate) fn like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

fn visible(character: char) -> String {
    let invisible = character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}')
        // User-defined characters (造字): no font but their maker's has a glyph.
        || matches!(u32::from(character), 0xe000..=0xf8ff | 0xf_0000..);
    if invisible { format!("<U+{:04X}>", u32::from(character)) } else { character.to_string() }
}

/// A name with right-to-left letters inside first-strong isolates, so that it cannot reorder the sentence around it.
pub(crate) fn isolated(name: &str) -> String {
    let right_to_left =
        |c: char| matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff);
    if name.chars().any(right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

/// Pads to `width` columns, to the left or to the right.
pub(crate) fn pad(text: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(display_width(text)));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

/// Columns a text takes on a terminal: East Asian wide and full-width characters take two, combining marks none.
pub(crate) fn display_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Ranges of Unicode `East_Asian_Width` W and F, merged across unassigned gaps.
fn char_width(character: char) -> usize {
    match u32::from(character) {
        0x0300..=0x036f | 0x200b..=0x200f | 0x2066..=0x2069 | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xa960..=0xa97c | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
        0xfe10..=0xfe19 | 0xfe30..=0xfe6b | 0xff01..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_shares_and_p_values_never_round_to_a_claim() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(count(n), text);
        }
        for (share, text) in
            [(0.0, "0 %"), (1.0, "100 %"), (0.999_999, "> 99.99 %"), (0.000_000_1, "< 0.01 %"), (0.5, "50.0 %"), (0.9981, "99.81 %")]
        {
            assert_eq!(percent(share), text);
        }
        for (p, text) in [(0.0, "< 1e-300"), (6e-35, "6.0e-35"), (0.04, "0.040"), (0.0496, "0.0496"), (0.0504, "0.0504"), (f64::NAN, NONE)]
        {
            assert_eq!(p_value(p), text);
        }
        assert_eq!((points(0.0052), points(-0.00001)), ("+0.52".into(), "0.00".into()));
    }

    #[test]
    fn durations_are_set_with_micro_sign_minus_and_hard_space() {
        assert_eq!(typeset(&signed_duration(12_000.4)), "+12.0\u{a0}\u{b5}s");
        assert_eq!(typeset(&signed_duration(-2_000_000.0)), "\u{2212}2.00\u{a0}ms");
        assert_eq!((signed_duration(0.2), duration_f64(f64::NAN)), ("0 ns".into(), NONE.into()));
    }

    #[test]
    fn hostile_names_are_cut_and_their_hidden_characters_spelled_out() {
        assert_eq!(shown_name("short", 5), "short");
        assert_eq!(shown_name("longer", 5), "long\u{2026}");
        assert_eq!(shown_name("外資法人", 8), "外資法人");
        assert_eq!(shown_name("外資法人甲", 8), "外資法\u{2026}");
        assert_eq!(shown_name("a\u{202e}b", 20), "a<U+202E>b");
        assert_eq!(display_width(&shown_name(&"恒".repeat(4_000), 40)), 39);
    }
}
