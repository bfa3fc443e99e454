//! The report as one offline HTML page: both languages in it, readable without JavaScript, printable to A4.
//!
//! A pure function of the result: no clock, no network reference, and no size that depends on the number of orders.
//! Every value goes through the template engine's HTML escaping; only the charts, whose text is escaped by their writer, do not.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::report::charts::theme::{FONT_STACK, dark_css};
use crate::report::model::StudyResult;
use crate::report::numbers::shown_name;
use crate::report::view::view;

const TEMPLATE: &str = include_str!("templates/report.html.j2");
const SCRIPT: &str = include_str!("templates/report.js");
/// The script by its hash: with it in the page's policy a browser runs this script and no other. A test computes it again.
const SCRIPT_HASH: &str = "sha256-zU2gq/gWZrlj6bmfFS222Pj/sp0U+mLUDC7GRgnk5hU=";
const STYLE: &str = include_str!("templates/report.css");

/// The page, in the study's language with the other one a click away.
#[must_use]
pub fn html(result: &StudyResult) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    let dark = dark_css("@SCOPE");
    // Dark only on a screen: paper is white.
    let style = STYLE
        .replace("@FONTS", FONT_STACK)
        .replace("@CHARTS_DARK", &dark.replace("@SCOPE", ""))
        .replace("@TITLE", &css_string(&result.study.title));
    let page = environment.render_str(
        TEMPLATE,
        context! {
            v => Serde(view(result)),
            style => Value::from_safe_string(style),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            script_hash => Value::from_safe_string(SCRIPT_HASH.to_owned()),
        },
    );
    page.expect("the template is part of the program and every field it names is in the view; a test renders it")
}

/// A text as the inside of a CSS string: everything but letters and digits as an escape, at most 60 columns.
fn css_string(text: &str) -> String {
    let escape = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\{:x} ", u32::from(c)) };
    shown_name(text, 60).chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Reason, Words};
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn the_page_says_the_verdict_in_both_languages_and_reads_nothing_from_outside() {
        let page = html(&sample_result());
        for words in
            ["有發現：客戶未受到相同對待", "Finding: clients were not treated alike", "6 of 8 audit findings not run", "+12.6\u{a0}\u{b5}s"]
        {
            assert!(page.contains(words), "{words}");
        }
        let outside = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("http://") && !outside.contains("https://") && !outside.contains("url(") && !outside.contains("@import"));
        assert!(page.len() < 300_000, "{}", page.len());
    }

    #[test]
    fn both_sides_of_the_waterfall_are_written_out_as_sums() {
        let page = html(&sample_result());
        assert!(page.contains("12 + 5 + 104 + 2 + 999,889 = 1,000,012, balances"));
        assert!(page.contains("3 + 121 + 25 + 2 + 999,889 = 1,000,040, balances"));
        let mut result = sample_result();
        result.reconciliation.matched -= 1;
        assert!(html(&result).contains("does NOT balance, off by 1"));
    }

    #[test]
    fn hostile_names_are_inert() {
        let hostile = [
            "<script>alert(1)</script>",
            "=cmd|' /C calc'!A0",
            "\u{202e}gnp.exe",
            "\"><img src=x onerror=alert(1)>",
            "</style><b>",
            "{{ 7*7 }}",
            "שלום",
        ];
        for name in hostile.into_iter().map(str::to_owned).chain(["長".repeat(4_000)]) {
            let mut result = sample_result();
            result.study.title.clone_from(&name);
            result.groups[0].group.clone_from(&name);
            result.curves[0].group.clone_from(&name);
            result.pairs[0].favoured.clone_from(&name);
            result.input.orders.files[0].path.clone_from(&name);
            result.pairs[0].client_specific = true;
            result.pairs[0].clients_named = vec![name.clone()];
            result.pairs[0].reasons = vec![Reason { code: "x".into(), words: Words { zh: name.clone(), en: name.clone() } }];
            let page = html(&result);
            for raw in ["<script>alert", "<img", "</style><b", "\u{202e}"] {
                assert!(!page.contains(raw), "{name}: {raw}");
            }
            assert!(!page.contains(">49<") && page.len() < 400_000, "{name}: {}", page.len());
        }
    }

    #[test]
    fn twelve_groups_none_and_thirty_orders_render_below_the_size_bound() {
        for (groups, orders) in [(0, 0), (1, 30), (2, 30), (12, 30_000_000), (40, 1)] {
            let page = html(&with_groups(groups, orders));
            assert!(page.trim_end().ends_with("</html>") && page.len() < 1_500_000, "{groups}: {}", page.len());
        }
    }

    #[test]
    fn the_policy_of_the_page_names_its_script_by_hash() {
        use base64::Engine;
        use sha2::Digest;
        let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(SCRIPT));
        assert_eq!(SCRIPT_HASH, format!("sha256-{digest}"));
        let page = html(&sample_result());
        assert!(page.contains(&format!("script-src '{SCRIPT_HASH}'")) && page.contains(SCRIPT));
    }

    #[test]
    fn the_same_result_gives_the_same_bytes() {
        assert_eq!(html(&sample_result()), html(&sample_result()));
    }
}
