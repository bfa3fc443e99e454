//! The report as one offline HTML page: both languages in it, readable without JavaScript, printable to A4.
//!
//! A pure function of the result: no clock, no network reference, and no size that depends on the number of orders.

use crate::report::model::StudyResult;
use crate::report::page::rendered;
use crate::report::view::view;

/// The page, in the study's language with the other one a click away.
#[must_use]
pub fn html(result: &StudyResult) -> String {
    rendered("report", &result.study.title, view(result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Reason, Words};
    use crate::report::page::{SCRIPT, SCRIPT_HASH};
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
