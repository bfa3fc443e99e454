//! Small results for the tests of this folder.

use crate::report::model::{
    Comparison, Curve, Effect, EvidenceRef, FindingRow, GroupRow, Input, InputFile, InputSide, MedianSeries, OverTime, PairRow, Period,
    Power, Priority, PriorityCell, PriorityLadder, PriorityMatrix, PriorityRung, PrioritySequence, Reason, Reconciliation, Routing,
    RuleRef, SCHEMA_VERSION, ScoreRow, ShiftPoint, StageRow, StampRow, StudyHeader, StudyResult, TableRef, TimeOfDay, Tool, Words,
};
use crate::report::table_names;

fn words(zh: &str, en: &str) -> Words {
    Words { zh: zh.into(), en: en.into() }
}

/// A skewed distribution: quantiles of a log-logistic around `median`, thinned to at most 400 points.
fn curve(group: &str, median: i64, n: u64) -> Curve {
    let points = n.min(400);
    let point = |i: u64| {
        let q = (i as f64 + 0.5) / points as f64;
        let nanos = median as f64 * libm::pow(q / (1.0 - q), 0.34);
        (nanos.round() as i64, (i + 1) as f64 / points as f64)
    };
    Curve { group: group.into(), points: (0..points).map(point).collect() }
}

fn group(name: &str, p50: i64, n: u64) -> GroupRow {
    GroupRow {
        group: name.into(),
        n,
        clients: 14,
        min: p50 / 8,
        mean: p50 as f64 * 1.21,
        p50,
        p90: p50 * 2,
        p99: p50 * 5,
        p999: p50 * 11,
        max: p50 * 40,
        missing_receipt: 52,
        negative: 18,
        zero: 0,
        orphan_receipt: 12,
    }
}

fn side(rows: u64, rejected: u64, path: &str) -> InputSide {
    let file = InputFile {
        path: path.into(),
        format: "csv".into(),
        encoding: Some("utf-8".into()),
        rows,
        rejected,
        bytes: rows * 121,
        sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
    };
    InputSide { rows, accepted: rows - rejected, rejected, rejects: Vec::new(), files: vec![file] }
}

fn comparison() -> Comparison {
    Comparison { mann_whitney_u: 148_234_112_932.5, mann_whitney_p: Some(6e-35), ks_statistic: 0.1731, ks_p: Some(0.0) }
}

fn pair(a: &str, b: &str, verdict: &str, gap: Option<f64>) -> PairRow {
    let effect = |estimate: f64, half: f64, margin: f64| Effect {
        estimate,
        se: half / 2.2,
        df: 31.0,
        lower: estimate - half,
        upper: estimate + half,
        margin,
        p_unfair_holm: 0.002,
        p_fair: 0.98,
    };
    let method = words(
        "公平性比較法尚未納入本版程式，本次僅列原始比較",
        "the comparison method is not part of this version; only the raw comparison is shown",
    );
    PairRow {
        favoured: a.into(),
        disadvantaged: b.into(),
        verdict: verdict.into(),
        client_specific: false,
        clients_named: vec![],
        reasons: if gap.is_none() { vec![Reason { code: "method_not_run".into(), words: method }] } else { vec![] },
        overlap: gap.map(|_| 0.871),
        n_favoured: 601_123,
        n_disadvantaged: 398_766,
        blocks: if gap.is_some() { 63 } else { 0 },
        median_gap: gap.map(|v| effect(v, 1_400.0, 10_000.0)),
        tail_excess: gap.map(|v| effect(v.signum() * 0.0008, 0.0011, 0.005)),
        overtaking: gap.map(|v| effect(v.signum() * 0.043, 0.006, 0.02)),
        superiority: None,
        routing: gap.map(|v| Routing { total: v, within_route: v - 2_300.0, routing_part: 2_300.0 }),
        shift: vec![],
        power: gap.map(|_| Power { minimum_detectable_gap: 13_100.0, orders_needed: None }),
        change_point: None,
        comparison: comparison(),
    }
}

fn scorecard() -> Vec<ScoreRow> {
    let not_run = words("未指定佐證檔", "no evidence file was named");
    (1..=8)
        .map(|number| {
            let (state, reason, codes) = match number {
                1 => ("finding", words("104 筆委託查無收單時間", "104 orders have no receipt time"), vec!["R01".to_owned()]),
                7 => ("finding", words("HFT → QUANT 判為不公平", "HFT → QUANT is unfair"), vec!["F01".to_owned()]),
                _ => ("not_run", not_run.clone(), vec![]),
            };
            ScoreRow { number, state: state.into(), reason, codes }
        })
        .collect()
}

/// Two groups, one unfair to the other; everything balances.
pub(crate) fn sample_result() -> StudyResult {
    let mut result = with_groups(0, 0);
    result.verdict = "finding".into();
    result.exit_code = 1;
    result.input = Input {
        orders: side(1_000_012, 12, "orders-2026-01.csv"),
        receipts: side(1_000_040, 3, "receipts-2026-01.csv"),
        others: Vec::new(),
    };
    result.reconciliation = Reconciliation {
        matched: 999_889,
        missing_receipt: 104,
        orphan_receipt: 25,
        duplicate_receipt: 121,
        duplicate_order: 5,
        ambiguous: 2,
        receipts_matched: 999_889,
        receipts_ambiguous: 2,
        negative: 37,
        zero: 5,
    };
    result.groups = vec![group("HFT", 32_100, 601_123), group("QUANT", 44_100, 398_766)];
    result.curves = vec![curve("HFT", 32_100, 601_123), curve("QUANT", 44_100, 398_766)];
    for curve in &mut result.curves {
        curve.points.insert(0, (-40_000, 0.000_02));
    }
    result.pairs = vec![pair("HFT", "QUANT", "unfair", Some(12_640.0)), pair("QUANT", "HFT", "reversed", Some(-12_640.0))];
    result.stages = ["received_at -> decided_at", "decided_at -> sent_at", "received_at -> sent_at"]
        .iter()
        .zip([21_000, 9_000, 31_000])
        .flat_map(|(stage, p50)| {
            ["HFT", "QUANT"].map(|group| StageRow {
                stage: (*stage).into(),
                group: group.into(),
                n: 398_766,
                min: 1_200,
                p50,
                p99: p50 * 5,
                max: p50 * 40,
                negative: 0,
            })
        })
        .collect();
    result.stamps =
        vec![StampRow { source: "receipts".into(), group: "HFT".into(), verdict: "clean".into(), resolution: 1, signs: vec![] }];
    result.findings = vec![FindingRow {
        code: "R01".into(),
        family: "R".into(),
        severity: "high".into(),
        verdict: "confirmed".into(),
        rule: RuleRef { id: "CA-11210".into(), article: "(22)".into(), version: "2025-04-11".into() },
        count: 104,
        share: 0.000_104,
        summary: words(
            "104 筆委託送至交易所而未留存客戶收單時間。",
            "104 orders were sent to the exchange without a retained client receipt time.",
        ),
        evidence: EvidenceRef { table: table_names::EXCEPTIONS.into(), rows: 104 },
    }];
    let series = |slow: i64| {
        let medians = |group: &str, p50: i64| MedianSeries {
            group: group.into(),
            n: vec![90, 40, 60, 7, 50],
            p50: [8, 3, 2, 2, 4].map(|load| Some(p50 + load * slow)).to_vec(),
        };
        vec![medians("HFT", 30_000), medians("QUANT", 42_000)]
    };
    let dates = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"];
    let starts = (0..5).map(|day| 1_767_574_800_000_000_000 + day * 86_400_000_000_000).collect();
    result.over_time = Some(OverTime { unit: "day".into(), dates: dates.map(str::to_owned).to_vec(), starts, groups: series(500) });
    result.time_of_day =
        Some(TimeOfDay { slot: 3_600_000_000_000, starts: (9..14).map(|hour| hour * 3_600_000_000_000).collect(), groups: series(4_000) });
    for pair in &mut result.pairs {
        let sign = if pair.favoured == "HFT" { 1.0 } else { -1.0 };
        let point = |(q, difference): (f64, f64)| ShiftPoint {
            q,
            difference: sign * difference,
            lower: Some(sign * difference - 900.0),
            upper: Some(sign * difference + 900.0),
        };
        pair.shift = [(0.1, 9_000.0), (0.5, 12_640.0), (0.9, 22_000.0), (0.999, -60_000.0)].map(point).to_vec();
    }
    result.study.period = Some(Period { first: "2026-01-05".into(), last: "2026-01-30".into(), days: 20 });
    result.tables =
        vec![TableRef { path: table_names::EXCEPTIONS.into(), rows: 257 }, TableRef { path: table_names::TREND.into(), rows: 10_840 }];
    result
}

/// `groups` groups of `orders` orders each, every pair inconclusive because nothing was estimated.
pub(crate) fn with_groups(groups: usize, orders: u64) -> StudyResult {
    const NAMES: [&str; 6] = ["自營部 Prop", "造市商", "外資法人 FINI", "本國法人", "網路散戶 Online", "電話下單"];
    let named = |i: usize| if groups == 2 { ["HFT", "QUANT"][i].to_owned() } else { format!("{} {}", NAMES[i % 6], i + 1) };
    let median = |i: usize| 30_000 + 9_000 * (i as i64) * (i as i64 + 1);
    let total = orders * groups as u64;
    let names: Vec<String> = (0..groups).map(named).collect();
    let pairs = names.iter().flat_map(|a| names.iter().filter(move |b| *b != a).map(move |b| pair(a, b, "inconclusive", None)));
    StudyResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "colofair".into(), version: "0.1.0".into(), command: "study".into() },
        verdict: "inconclusive".into(),
        exit_code: 3,
        study: StudyHeader {
            title: "範例證券主機共置公平性查核 2026 年 1 月".into(),
            timezone: "Asia/Taipei".into(),
            language: "zh-TW".into(),
            period: None,
            config_sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
            pseudonyms: None,
            named_in_text: Vec::new(),
            shown_cells: Vec::new(),
        },
        input: Input { orders: side(total, 0, "orders.csv"), receipts: side(total, 0, "receipts.csv"), others: Vec::new() },
        reconciliation: Reconciliation { matched: total, receipts_matched: total, ..Reconciliation::default() },
        groups: names.iter().enumerate().map(|(i, name)| group(name, median(i), orders)).collect(),
        stages: vec![],
        pairs: pairs.collect(),
        options: serde_json::json!({
            "fairness.alpha": { "value": "0.05", "origin": "default" },
            "fairness.margins.source": { "value": "rules of use, art. 7", "origin": "study.toml" },
        }),
        stamps: vec![],
        clocks: vec![],
        findings: vec![],
        scorecard: scorecard(),
        alerts: vec![],
        checks: vec![],
        notices: vec![words("模擬資料：非任何證券商之紀錄。", "Simulated data: not the records of any broker.")],
        over_time: None,
        time_of_day: None,
        curves: names.iter().enumerate().map(|(i, name)| curve(name, median(i), orders)).collect(),
        breakdown: vec![],
        tables: vec![],
        beside: None,
        priority: None,
        records: None,
    }
}

/// The same with an order of handling: one group passes the other too often, and one case of it.
pub(crate) fn with_priority() -> StudyResult {
    let cell = |later: &str, earlier: &str, nominal, asymmetry: f64| PriorityCell {
        later: later.into(),
        earlier: earlier.into(),
        opportunities: 3_932,
        provable: nominal - nominal / 10,
        nominal,
        undecidable: 0,
        expected: 52.266,
        asymmetry: Some(asymmetry),
        lower: Some(asymmetry - 0.003),
        upper: Some(asymmetry + 0.003),
        blocks: 90,
    };
    let rung = |row, client: &str, group: &str, [received, decided, sent]: [i64; 3]| PriorityRung {
        file: "orders.parquet".into(),
        row,
        line: None,
        client: client.into(),
        group: group.into(),
        received,
        decided: Some(decided),
        sent,
        acknowledged: Some(sent + 260_000),
    };
    let start = 1_768_266_200_076_851_653;
    let case = PriorityLadder {
        orders: [
            rung(602_185, "C00016", "B", [start, start + 2_314_000, start + 5_483_643]),
            rung(602_183, "C00013", "A", [start + 4_924_344, start + 4_954_000, start + 4_999_273]),
        ],
        places: 1,
        shares: 1_000,
        time: 4_924_344,
        symbol: "2330".into(),
        side: "B".into(),
    };
    let matrix = PriorityMatrix {
        by: "group".into(),
        scope: "instrument".into(),
        cells: vec![cell("A", "B", 61, 0.0044), cell("B", "A", 43, -0.0044)],
        phases: vec![],
    };
    let mut result = sample_result();
    result.priority = Some(Priority {
        scope: "instrument".into(),
        window: 2_000_000,
        tau: 0,
        undecidable_within: [1_000, 1_000],
        matrices: vec![matrix],
        sequence: PrioritySequence { orders: 999_889, out_of_sequence: 104, ratio: 0.000_104 },
        severity: vec![],
        worst: vec![case],
        cases: vec![],
        clients: vec![],
        replay: None,
        ahead: None,
        races: None,
        sessions: None,
        serials: None,
        lines: vec![],
        not_run: vec![],
    });
    result
}
