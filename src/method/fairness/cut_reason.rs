//! What second looks in finer cells say, in words: [`crate::fairness::reason`] says the rest.

use crate::fairness::Reason;
use crate::fairness::pair::Metric;
use crate::fairness::reason::{in_both, measure_name, reason};
use crate::measure::BURST_WINDOWS;
use crate::record::TimeSpan;

/// `estimates` and `slots`: as judged, and in finer slots.
pub(crate) fn within_slot(metric: Metric, estimates: [f64; 2], slots: [TimeSpan; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], [slot, part], (zh, en)) = (in_both(metric, estimates, margin), slots, measure_name(metric));
    reason(
        "within_slot",
        format!(
            "{zh}以 {slot} 時段比較為 {whole}，以 {part} 時段比較為 {finer}，對容許差 {margin} 之結論不一：時段內的時刻有影響，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole} in slots of {slot} and {finer} in slots of {part}, which do not agree about the margin of {margin}: the time of day inside a slot plays a part, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

/// How bursts are counted, in Chinese and in English.
fn burst_windows() -> [String; 2] {
    let [short, middle, long] = BURST_WINDOWS.map(|window| window.0 / 1_000_000);
    [format!("{short}、{middle}、{long} ms"), format!("{short}, {middle} and {long} ms")]
}

/// `estimates`: as judged, and among orders of bursts alike.
pub(crate) fn within_burst(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en), windows) = (in_both(metric, estimates, margin), measure_name(metric), burst_windows());
    reason(
        if metric == Metric::Overtaking { "overtaking_within_burst" } else { "within_burst" },
        format!(
            "{zh}為 {whole}，但在同一客戶於前 {} 內遞交相同筆數委託者之間比較則為 {finer}（容許差 {margin}）：客戶連續遞單有影響，每一客戶或連線之流量限制、排隊規則即會如此，既不據以認定不公平，也不認定公平；請查閘道對兩組之限制是否相同",
            windows[0]
        ),
        format!(
            "{en} is {whole}, and {finer} among orders whose client had handed in as many others within {} before (margin {margin}): sending in bursts plays a part, as a limit or a queue for each client or connection makes it, so it proves neither UNFAIR nor FAIR; see whether the gateway's limits are the same for both groups",
            windows[1]
        ),
    )
}

pub(crate) fn mostly_by_burst(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en), windows) = (in_both(metric, estimates, margin), measure_name(metric), burst_windows());
    reason(
        "mostly_by_burst",
        format!(
            "{zh}為 {whole}，在同一客戶於前 {} 內遞交相同筆數委託者之間比較僅餘 {finer}（容許差 {margin}）：過半來自客戶連續遞單（流量限制、排隊規則）；請查閘道對兩組之限制是否相同，並注意未載明之多條連線",
            windows[0]
        ),
        format!(
            "{en} is {whole}, of which {finer} is left among orders whose client had handed in as many others within {} before (margin {margin}): more than half comes with sending in bursts (a limit or a queue for each client or connection); see whether the gateway's limits are the same for both groups, and whether clients have connections that the files do not name",
            windows[1]
        ),
    )
}

pub(crate) fn burst_unchecked() -> Reason {
    let [zh, en] = burst_windows();
    reason(
        "burst_unchecked",
        format!("同一客戶於前 {zh} 內遞交筆數相同而可比之委託過少，無從檢驗客戶連續遞單（流量限制、排隊規則）是否有影響"),
        format!(
            "too few orders are comparable among those whose client had handed in as many others within {en} before to see whether sending in bursts (a limit or a queue for each client) plays a part"
        ),
    )
}

pub(crate) fn within_load(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_load",
        format!(
            "{zh}為 {whole}，但在收單時他人在途委託筆數更接近者之間比較則為 {finer}（容許差 {margin}）：兩組之委託在閘道忙碌程度不同時到達，排隊即會如此，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders that found more nearly as many orders of others waiting (margin {margin}): the groups' orders come when the gateway is not equally full, and a queue alone does this, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

pub(crate) fn within_line(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_line",
        format!(
            "{zh}為 {whole}，但在收單時同一分區（未載明者為同一商品）他人在途筆數相近、且同一客戶先前於該處遞交筆數相同者之間比較則為 {finer}（容許差 {margin}）：各分區或商品之排隊有影響，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders that found as many orders of others waiting for the same shard (where none is named, the same instrument) and whose client had handed in as many for it just before (margin {margin}): the queue of each shard or instrument plays a part, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

pub(crate) fn within_pause(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_pause",
        format!(
            "{zh}為 {whole}，但在距同一客戶前一筆委託時間相近、且前一秒內遞交筆數相同者之間比較則為 {finer}（容許差 {margin}）：每秒筆數限制、遞送間隔或閒置後之連線即會如此，既不據以認定不公平，也不認定公平；請查閘道對兩組之限制是否相同"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders whose client had paused about as long and handed in as many others within a second (margin {margin}): a limit by the second, a gap between sendings or a connection that has idled does this to anybody, so it proves neither UNFAIR nor FAIR; see whether the gateway's limits are the same for both groups"
        ),
    )
}

pub(crate) fn pause_unchecked() -> Reason {
    reason(
        "pause_unchecked",
        "距同一客戶前一筆委託時間相近而可比之委託過少，無從檢驗每秒限制或閒置連線是否有影響".to_owned(),
        "too few orders are comparable among those whose client had paused about as long to see whether a limit by the second or an idle connection plays a part".to_owned(),
    )
}

pub(crate) fn within_quiet(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_quiet",
        format!(
            "{zh}為 {whole}，但僅就距閘道前一筆收單與該商品前一筆收單之時間均相近、且是否為該客戶當日於該商品之首筆亦相同之委託比較則為 {finer}（容許差 {margin}）：閘道或商品閒置後較慢、首筆須載入資料即會如此，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders before which the gateway and the instrument had been quiet about as long, and that are or are not the client's first of the day in it (margin {margin}): what is slow after idling, or loads at a first order, does this to anybody, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

pub(crate) fn within_work(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_work",
        format!(
            "{zh}為 {whole}，但在收單時前方他人之各種類委託筆數均相同、且同一客戶一毫秒內之前一筆種類亦相同者之間比較則為 {finer}（容許差 {margin}）：排在較費時之委託之後即會如此，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders that found as many orders of others of each kind ahead, and whose client's last within a millisecond was of the same kind (margin {margin}): standing behind costlier orders does this to anybody, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

pub(crate) fn within_second(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "within_second",
        format!(
            "{zh}為 {whole}，但在同一秒內收到之委託之間比較則為 {finer}（容許差 {margin}）：閘道數秒之遲緩或停頓落於當時較活躍之一組即會如此，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole}, and {finer} among orders received in the same second (margin {margin}): a stop or a slowness of seconds falls on whoever is more active then, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

pub(crate) fn quiet_unchecked() -> Reason {
    reason(
        "quiet_unchecked",
        "閘道與商品閒置情形相近而可比之委託過少，無從檢驗閒置後較慢或首筆載入是否有影響".to_owned(),
        "too few orders are comparable among those before which gateway and instrument had been quiet about as long to see whether idling or first orders play a part".to_owned(),
    )
}

pub(crate) fn work_unchecked() -> Reason {
    reason(
        "work_unchecked",
        "前方委託種類相同而可比之委託過少，無從檢驗較費時之委託是否有影響".to_owned(),
        "too few orders are comparable among those with the same kinds of orders ahead to see whether costlier ones play a part".to_owned(),
    )
}

pub(crate) fn second_unchecked() -> Reason {
    reason(
        "second_unchecked",
        "同一秒內收到而可比之委託過少，無從檢驗數秒之遲緩或停頓是否有影響".to_owned(),
        "too few orders are comparable among those received in the same second to see whether a slowness of seconds plays a part"
            .to_owned(),
    )
}

pub(crate) fn load_unchecked() -> Reason {
    reason(
        "load_unchecked",
        "收單時他人在途筆數相近而可比之委託過少，無從檢驗閘道忙碌程度是否有影響".to_owned(),
        "too few orders are comparable among those that found nearly as many orders of others waiting to see whether how full the gateway is plays a part".to_owned(),
    )
}

pub(crate) fn line_unchecked() -> Reason {
    reason(
        "line_unchecked",
        "同一分區或商品在途情形相近而可比之委託過少，無從檢驗各分區或商品之排隊是否有影響".to_owned(),
        "too few orders are comparable among those that found the queue of their shard or instrument alike to see whether it plays a part"
            .to_owned(),
    )
}

pub(crate) fn slot_unchecked(slot: TimeSpan, part: TimeSpan) -> Reason {
    reason(
        "slot_unchecked",
        format!("{part} 時段內可比之委託過少，無從檢驗 {slot} 時段內的時刻是否有影響"),
        format!("too few orders are comparable in slots of {part} to see whether the time of day inside slots of {slot} plays a part"),
    )
}
