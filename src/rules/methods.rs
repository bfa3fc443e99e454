//! The methods of the report in a few sentences each; docs/methodology.md has the formulas.

use crate::rules::{Method, Text};

/// Every method, ascending by name.
pub(crate) const METHODS: &[Method] = &[
    Method {
        name: "clopper-pearson",
        title: Text { zh: "Clopper-Pearson 精確區間", en: "Clopper-Pearson interval" },
        text: Text {
            zh: "比率的精確信賴區間，由二項分布反推；小樣本時偏寬，但不會少於宣稱的信賴水準。用於入選率。",
            en: "Exact interval of a share, by inverting the binomial distribution. Wide for small numbers, but never below its stated level. Used for selection rates.",
        },
        source: "Clopper & Pearson (1934), Biometrika 26",
    },
    Method {
        name: "cut-off-scan",
        title: Text { zh: "門檻掃描", en: "Cut-off scan" },
        text: Text {
            zh: "逐一檢視資格條件的數值門檻：若恰在某使用者之下、而緊鄰其下的客戶被排除，列為疑義；這是提問，不是證明。",
            en: "Each numeric threshold of the eligibility rule is looked at: one that sits just under a user, with clients excluded just below, is a question to the broker and no proof.",
        },
        source: "colofair",
    },
    Method {
        name: "first-connect",
        title: Text { zh: "最先連線機率", en: "First-connect odds" },
        text: Text {
            zh: "若連線順序隨機，任一家最先的機率為其占當日（或當場）連線之比。多日中最先至少若干次之機率，以各日機率之平均作二項尾機率為上界（Hoeffding）；再以家數做 Bonferroni 校正。連線速度的正當差異也會使某家常居第一。",
            en: "In random order a client is first with the chance of its share of the day's (or session's) connections; the chance of so many firsts is bounded by the binomial tail with the mean of these (Hoeffding), corrected for the number of clients (Bonferroni). Lawful differences of speed make a client first as well.",
        },
        source: "Hoeffding (1956)",
    },
    Method {
        name: "fisher",
        title: Text { zh: "Fisher 精確檢定", en: "Fisher's exact test" },
        text: Text {
            zh: "2×2 表在邊際固定下的精確機率：關係人與非關係人入選之差是否可能出於偶然。人數少時檢定力低，未達顯著不代表沒有差別。",
            en: "Exact probability of a 2 by 2 table with fixed margins: could related parties have been served this often by chance? With few clients the test sees little; not significant is not equal.",
        },
        source: "Fisher (1935); checked against scipy.stats.fisher_exact",
    },
    Method {
        name: "half-year",
        title: Text { zh: "每半年之判讀", en: "How half-yearly is read" },
        text: Text {
            zh: "「每半年至少一次」可讀為間隔不逾六個月，或每一曆半年各有一次。兩種讀法皆違反者才認定缺失；僅違反其一者列為疑義。",
            en: "\"At least every six months\" can be read as an interval of at most six months or as one event in each calendar half-year. Only a gap that breaks both readings is a finding; one that breaks the interval alone is a doubt.",
        },
        source: "colofair",
    },
    Method {
        name: "hhi",
        title: Text { zh: "集中度 HHI", en: "Concentration (HHI)" },
        text: Text {
            zh: "各客戶委託占比平方和，介於 1/n 與 1 之間；與前一、前三大占比並列。集中本身不違規。",
            en: "Sum of squared shares of orders by client, from 1/n to 1, beside the shares of the largest one and three. Concentration is no breach by itself.",
        },
        source: "Herfindahl-Hirschman index",
    },
    Method {
        name: "median-gap",
        title: Text { zh: "中位數差 D50", en: "Median gap D50" },
        text: Text {
            zh: "同時段、商品、種類與負載的委託，以 Hodges-Lehmann 式比較兩群組延遲的中位數差，並與容許差比較。",
            en: "Difference of median latency between two groups over comparable orders (same slot, instrument, kind and load), held against the margin.",
        },
        source: "docs/methodology.md",
    },
    Method {
        name: "overtaking",
        title: Text { zh: "超越 OV", en: "Overtaking OV" },
        text: Text {
            zh: "先收單而後送出之比例，兩方向之差；誠實的多工佇列也會有超越，故比較的是不對稱。",
            en: "How often an order received later is sent earlier, one direction against the other. Honest queues with several workers overtake as well, so the asymmetry is judged.",
        },
        source: "docs/methodology.md",
    },
    Method {
        name: "sampling",
        title: Text { zh: "抽樣計畫", en: "Sampling plan" },
        text: Text {
            zh: "依勾稽類別與群組分層，以種子排序後抽取；每層至少五筆，總數使 5 % 之錯誤率有 95 % 機率至少抽中一筆。相同種子得相同樣本。",
            en: "Orders are drawn by a seeded order within strata of class and group; at least five a stratum, and enough in all that an error rate of 5 % shows at least once with 95 % probability. The same seed draws the same sample.",
        },
        source: "discovery sampling: 1 - 0.95^n >= 0.95 at n = 59",
    },
    Method {
        name: "tail-excess",
        title: Text { zh: "尾端超額 TEX", en: "Tail excess TEX" },
        text: Text {
            zh: "不利群組落在共同尾端的占比，超出受惠群組的部分。",
            en: "How much more of the disadvantaged group lies in the common tail than of the favoured one.",
        },
        source: "docs/methodology.md",
    },
];
