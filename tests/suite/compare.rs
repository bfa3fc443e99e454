//! `compare`: differences by hand, what makes two studies hard to compare, and nothing shown that rests on a few.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, files, result, stderr, stdout};

/// A simulated study in `folder`, on the days it is simulated on or four weeks later.
fn studied(folder: &Path, simulate: &[&str], later: bool, edit: impl Fn(String) -> String) {
    let (name, parent) = (folder.file_name().unwrap().to_str().unwrap(), folder.parent().unwrap());
    let made = colofair(parent, &[&["simulate"], simulate, &["-q", "-o", name]].concat());
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    if later {
        for file in ["orders.csv", "receipts.csv"] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            // Mondays to Fridays, like those that are replaced.
            let days = [
                ("2026-01-05", "2026-02-02"),
                ("2026-01-06", "2026-02-03"),
                ("2026-01-07", "2026-02-04"),
                ("2026-01-08", "2026-02-05"),
                ("2026-01-09", "2026-02-06"),
            ];
            fs::write(folder.join(file), days.iter().fold(text, |text, (day, later)| text.replace(day, later))).unwrap();
        }
    }
    let study = fs::read_to_string(folder.join("study.toml")).unwrap();
    fs::write(folder.join("study.toml"), edit(study)).unwrap();
    let done = colofair(folder, &["study", "study.toml", "-q", "--exit-zero"]);
    assert_eq!(exit_code(&done), 0, "{}", stderr(&done));
}

fn compared(folder: &Path, more: &[&str]) -> Value {
    let output = colofair(folder, &[&["compare", "a/out", "b/out", "--format", "json"], more].concat());
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn codes(compared: &Value) -> Vec<&str> {
    compared["cautions"].as_array().unwrap().iter().map(|caution| caution["code"].as_str().unwrap()).collect()
}

/// The 97.5 % quantile of Student's t by the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5); better than 1e-4 from df = 8 on.
fn t_975(df: f64) -> f64 {
    let z: f64 = 1.959_963_984_540_054;
    let (z3, z5, z7) = (z.powi(3), z.powi(5), z.powi(7));
    let terms = [(z3 + z) / 4.0, (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0, (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0];
    z + terms.iter().enumerate().map(|(power, term)| term / df.powi(power as i32 + 1)).sum::<f64>()
}

const BEFORE: [&str; 9] = ["delay", "--delay", "60us", "--orders", "12000", "--days", "5", "--seed", "1"];
const AFTER: [&str; 9] = ["delay", "--delay", "20us", "--orders", "12000", "--days", "5", "--seed", "2"];

#[test]
fn differences_and_their_intervals_are_those_computed_by_hand() {
    let work = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| work.path().join(name));
    studied(&a, &BEFORE, false, |study| study);
    studied(&b, &AFTER, true, |study| study);
    let found = compared(work.path(), &["-o", "c", "--lang", "en"]);
    assert_eq!((found["independent"].as_bool(), codes(&found)), (Some(true), vec![]));
    let (first, second) = (result(&a.join("out")), result(&b.join("out")));
    let mut checked = 0;
    for pair in found["pairs"].as_array().unwrap() {
        let of = |result: &Value| {
            let pairs = result["pairs"].as_array().unwrap();
            pairs
                .iter()
                .find(|other| other["favoured"] == pair["favoured"] && other["disadvantaged"] == pair["disadvantaged"])
                .unwrap()
                .clone()
        };
        let (first, second) = (of(&first), of(&second));
        assert_eq!(pair["verdicts"], serde_json::json!([first["verdict"], second["verdict"]]));
        for effect in pair["effects"].as_array().unwrap() {
            let name = effect["name"].as_str().unwrap();
            let of = |pair: &Value, key: &str| pair[name][key].as_f64().unwrap();
            let (se1, se2) = (of(&first, "se"), of(&second, "se"));
            let (df1, df2) = (of(&first, "df"), of(&second, "df"));
            let estimate = of(&second, "estimate") - of(&first, "estimate");
            let se = (se1.powi(2) + se2.powi(2)).sqrt();
            let df = (se1.powi(2) + se2.powi(2)).powi(2) / (se1.powi(4) / df1 + se2.powi(4) / df2);
            assert!(df > 8.0, "{df}");
            let half = t_975(df) * se;
            let close = |key: &str, expected: f64| {
                let value = effect["difference"][key].as_f64().unwrap();
                assert!((value - expected).abs() <= 1e-4 * half.max(expected.abs()), "{name} {key}: {value}, by hand {expected}");
            };
            close("estimate", estimate);
            close("se", se);
            close("df", df);
            close("lower", estimate - half);
            close("upper", estimate + half);
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
    // 60 us became 20 us: the interval holds the 40 us taken away, and not nothing.
    let gap = &found["pairs"][0]["effects"][0]["difference"];
    let [lower, upper] = ["lower", "upper"].map(|end| gap[end].as_f64().unwrap());
    assert!(lower < -39_000.0 && -41_000.0 < upper && upper < 0.0, "{gap}");
    assert_eq!(found["groups"][0]["sides"][0]["p50"], first["groups"][0]["p50"]);

    let page = fs::read_to_string(work.path().join("c/compare.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("The median gap of 1 of 1 pairs changed discernibly"), "{page}");
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http://") && !outside.contains("https://") && !outside.contains("url("));
    assert_eq!(files(&work.path().join("c")).keys().collect::<Vec<_>>(), ["compare.html", "compare.json"]);
    for (lang, said) in [("zh-TW", "第二項減第一項"), ("en", "Median gap: +")] {
        let text = stdout(&colofair(work.path(), &["compare", "a/out", "b/out", "--lang", lang]));
        assert!(text.contains(said) || lang == "zh-TW" && text.contains("中位數差"), "{text}");
    }
    // Nothing is left out silently: A against B is the mirror of B against A.
    let mirror = {
        let output = colofair(work.path(), &["compare", "b/out", "a/out", "--format", "json"]);
        serde_json::from_str::<Value>(&stdout(&output)).unwrap()
    };
    assert_eq!(mirror["pairs"][0]["effects"][0]["difference"]["estimate"].as_f64(), gap["estimate"].as_f64().map(|d| -d));
}

#[test]
fn shared_files_days_margins_options_and_zones_are_told_before_any_figure() {
    let work = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| work.path().join(name));
    studied(&a, &BEFORE, false, |study| study);
    studied(&b, &BEFORE, false, |study| {
        let other = study.replace("median = \"10us\"", "median = \"5us\"").replace("window = \"2ms\"", "window = \"1ms\"");
        assert_ne!(other, study);
        other.replace("timezone = \"Asia/Taipei\"", "timezone = \"Asia/Tokyo\"").replace("preset = \"twse\"", "preset = \"none\"")
    });
    let found = compared(work.path(), &[]);
    assert_eq!(found["independent"], false);
    let codes = codes(&found);
    for code in ["shared_files", "shared_days", "margins", "timezone", "option"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let text = stdout(&colofair(work.path(), &["compare", "a/out", "b/out", "--lang", "en"]));
    let told = text.find("2 input file(s) by SHA-256").unwrap();
    assert!(told < text.find("Median gap").unwrap() && text.contains("interval does not hold"), "{text}");
    assert!(text.contains("fairness.margins.median differs: 10.0 us and 5.00 us"), "{text}");
}

#[test]
fn a_finding_of_a_check_that_one_study_did_not_run_is_neither_new_nor_gone() {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "front-run", "--orders", "20000", "--days", "5", "--seed", "7", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap();
    let (without, _) = study.split_once("[priority]").unwrap();
    fs::write(work.path().join("plain.toml"), without).unwrap();
    for (study, out) in [("plain.toml", "a/out"), ("study.toml", "b/out")] {
        let done = colofair(work.path(), &["study", study, "-o", out, "-q", "--exit-zero"]);
        assert_eq!(exit_code(&done), 0, "{}", stderr(&done));
    }
    let found = compared(work.path(), &["-o", "c", "--lang", "en"]);
    let of = |code: &str| found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).unwrap().clone();
    assert_eq!((&of("P03")["change"], &of("P03")["ran"]), (&"not_run".into(), &serde_json::json!([false, true])));
    assert_eq!(of("R10")["change"], "stayed");
    let page = fs::read_to_string(work.path().join("c/compare.html")).unwrap();
    // Both languages in one page, each name escaped by the engine, one script by its hash.
    for said in
        ["checked in one study only", "僅一項執行此查核", "only the second study sets [priority]", "id=\"lang-zh\"", "script-src 'sha256-"]
    {
        assert!(page.contains(said), "{said}");
    }
}

/// One day carries no verdict: it clears nobody of what five days showed.
#[test]
fn an_accusation_that_the_second_study_could_not_test_is_not_gone() {
    let work = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| work.path().join(name));
    studied(&a, &BEFORE, false, |study| study);
    studied(&b, &["delay", "--delay", "60us", "--orders", "6000", "--days", "1", "--seed", "2"], true, |study| study);
    let found = compared(work.path(), &["-o", "c"]);
    let of = |code: &str| found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).unwrap().clone();
    assert_eq!(of("F01")["change"], "undecided");
    let page = fs::read_to_string(work.path().join("c/compare.html")).unwrap();
    assert!(page.contains("could not decide: not gone") && page.contains("並非消失"));
    // The second study says why, and the first does not need to.
    let pair = |found: &Value| found["pairs"].as_array().unwrap().iter().find(|pair| pair["verdicts"][0] == "unfair").unwrap().clone();
    let undecided = pair(&found)["undecided"].clone();
    assert_eq!((undecided[0].as_array().unwrap().len(), &undecided[1][0]["code"]), (0, &"few_blocks".into()), "{undecided}");
    assert!(page.contains(undecided[1][0]["en"].as_str().unwrap()), "{undecided}");
    // An effect that does not count has no difference.
    for effect in pair(&found)["effects"].as_array().unwrap() {
        let counts = effect["counts"].as_array().unwrap();
        assert_eq!(counts.iter().all(|counts| counts == true), effect["difference"].is_object(), "{effect}");
    }
    let other_way = stdout(&colofair(work.path(), &["compare", "b/out", "a/out", "--lang", "en"]));
    assert!(other_way.contains("the first study could not decide: not known to be new F01"), "{other_way}");
}

#[test]
fn findings_that_came_and_went_and_groups_of_a_few_are_told_apart() {
    let work = tempfile::tempdir().unwrap();
    let write = |name: &str, orders: &str, receipts: &str| {
        let folder = work.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("orders.csv"), format!("id,account,algo,sent\n{orders}")).unwrap();
        fs::write(folder.join("receipts.csv"), format!("id,account,group,at\n{receipts}")).unwrap();
        let study = "[study]\ntitle = \"<script>alert(1)</script>\"\n[orders]\npaths = [\"orders.csv\"]\n[orders.columns]\nreceipt_id = \"id\"\naccount = \"account\"\nalgo = \"algo\"\nsent_at = \"sent\"\n\
            [receipts]\npaths = [\"receipts.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", group = \"group\", received_at = \"at\" }\n";
        fs::write(folder.join("study.toml"), study).unwrap();
        let done = colofair(&folder, &["study", "study.toml", "-q", "--exit-zero"]);
        assert_eq!(exit_code(&done), 0, "{}", stderr(&done));
    };
    // Group BIG: 40 orders of 4 accounts. Group FEW: 12 orders of 2 accounts. Group TEN: 9 orders of 3.
    let rows = |day: &str, without: bool| {
        let (mut orders, mut receipts) = (String::new(), String::new());
        for (group, n, accounts) in [("BIG", 40, 4), ("FEW<b>", 12, 2), ("TEN", 9, 3)] {
            for at in 0..n {
                let (id, account) = (format!("{group}{at}"), format!("{group}-{}", at % accounts));
                orders += &format!("{id},{account},Y,{day}T10:{:02}:00.0002+08:00\n", at);
                if !(without && group == "BIG" && at == 3) {
                    receipts += &format!("{id},{account},{group},{day}T10:{:02}:00.0001+08:00\n", at);
                }
            }
        }
        (orders, receipts)
    };
    let (orders, receipts) = rows("2026-01-05", true);
    write("a", &orders, &receipts);
    let (orders, receipts) = rows("2026-01-06", false);
    write("b", &orders, &receipts);
    let found = compared(work.path(), &["-o", "c"]);
    let r01 = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "R01").unwrap();
    assert_eq!((r01["change"].as_str(), &r01["counts"]), (Some("gone"), &serde_json::json!([1, 0])));
    assert_eq!(found["scorecard"][0]["states"][0], "finding");
    assert!(codes(&found).contains(&"suppressed"));
    for group in found["groups"].as_array().unwrap() {
        let hidden = group["group"] != "BIG";
        assert_eq!((group["suppressed"].as_bool(), group["sides"][1].is_null()), (Some(hidden), hidden), "{group}");
    }
    for pair in found["pairs"].as_array().unwrap() {
        assert!(
            pair["suppressed"].as_bool().unwrap() && pair["verdicts"][0].is_null() && pair["effects"][0]["estimates"][0].is_null(),
            "{pair}"
        );
    }
    let page = fs::read_to_string(work.path().join("c/compare.html")).unwrap();
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert") && !page.contains("<b>"), "{page}");
    // The other way round it is new.
    let text = stdout(&colofair(work.path(), &["compare", "b/out", "a/out", "--lang", "en"]));
    assert!(text.contains("new      R01"), "{text}");
}

#[test]
fn what_is_no_study_is_refused() {
    let work = tempfile::tempdir().unwrap();
    studied(&work.path().join("a"), &["fair", "--orders", "600", "--days", "1"], false, |study| study);
    assert_said("no second study", work.path(), &["compare", "a/out", "b/out"], "E0404", "b/out");
    colofair(&work.path().join("a"), &["check", "study.toml", "-o", "first", "-q"]);
    assert_said("a first look", work.path(), &["compare", "a/out", "a/first"], "E0407", "result.json");
    fs::create_dir(work.path().join("mine")).unwrap();
    fs::write(work.path().join("mine/notes.txt"), "mine").unwrap();
    assert_said("a stranger's folder", work.path(), &["compare", "a/out", "a/out", "-o", "mine"], "E0302", "mine");
}
