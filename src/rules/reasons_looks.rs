//! What takes an accusation back, what keeps FAIR back, and notes, explained.

use crate::rules::reasons::{Effect, ReasonKind, of};

/// Second looks, single clients, what keeps FAIR back, notes.
pub(crate) const REASONS: &[ReasonKind] = &[
    of(
        "within_slot",
        Effect::Opens,
        [
            "改以較短時段比較，差異即不再逾容許差：一天中的時刻有影響。",
            "In shorter slots the difference no longer exceeds its margin: the time of day plays a part.",
        ],
        [
            "看該時段內之負載與兩組交易時刻；縮短 [fairness] 之時段後重跑並附理由。",
            "See when the groups trade within the slot; run with shorter slots and say why.",
        ],
    ),
    of(
        "within_burst",
        Effect::Opens,
        [
            "與同樣連續遞單者相比，差異即不再逾容許差；對任何人都相同的流量限制或每連線佇列即會如此。",
            "Among orders sent in like bursts the difference no longer exceeds its margin; a limit or a queue for each connection does this to anybody.",
        ],
        ["請券商提出兩組之流量限制設定與連線對照。", "Ask for the limits set for both groups and the list of connections."],
    ),
    of(
        "overtaking_within_burst",
        Effect::Opens,
        [
            "超越之差在同樣連續遞單者之間消失，是每連線佇列之效果。",
            "The overtaking difference vanishes among orders sent in like bursts: it is what a queue for each connection makes.",
        ],
        ["請券商提出兩組之流量限制設定與連線對照。", "Ask for the limits set for both groups and the list of connections."],
    ),
    of(
        "within_load",
        Effect::Opens,
        [
            "與他人在途筆數更接近者相比，差異即不再逾容許差：公平的排隊在不同忙碌程度下即會如此。",
            "Among orders that found more nearly as many of others waiting the difference no longer exceeds its margin: a fair queue does this when the gateway is unequally full.",
        ],
        [
            "看兩組是否對同一事件先後反應；可請券商提出佇列深度紀錄。",
            "See whether the groups react to the same events at different times; ask for logs of queue depth.",
        ],
    ),
    of(
        "within_line",
        Effect::Opens,
        [
            "與同一分區或商品排隊情形相近者相比，差異即不再逾容許差。",
            "Among orders that found the queue of their shard or instrument alike the difference no longer exceeds its margin.",
        ],
        [
            "於 orders 載明 shard 欄後重跑；請券商說明分區方式。",
            "Name the shard column of the orders and run again; ask how orders are dealt to shards.",
        ],
    ),
    of(
        "within_pause",
        Effect::Opens,
        [
            "與距前一筆同樣久者相比，差異即不再逾容許差：每秒限制、遞送間隔或閒置後較慢的連線即會如此。",
            "Among orders whose client had paused about as long the difference no longer exceeds its margin: a limit by the second, a gap between sendings or a connection slow after idling does this to anybody.",
        ],
        ["請券商提出兩組之每秒限制與連線設定。", "Ask for the limits by the second and the settings of connections of both groups."],
    ),
    of(
        "within_quiet",
        Effect::Opens,
        [
            "與閘道、商品閒置同樣久者（及同為當日首筆者）相比，差異即不再逾容許差：閒置後較慢、首筆須載入即會如此。",
            "Among orders before which gateway and instrument had been quiet about as long, first orders apart, the difference no longer exceeds its margin: what is slow after idling does this to anybody.",
        ],
        [
            "看一組是否多為事件之首、他組多為跟進；請券商說明閒置後之處理。",
            "See whether one group starts what the other follows; ask what the gateway does after idling.",
        ],
    ),
    of(
        "within_work",
        Effect::Opens,
        [
            "與前方各種類委託筆數相同者相比，差異即不再逾容許差：排在較費時之委託之後即會如此。",
            "Among orders with the same kinds of orders ahead the difference no longer exceeds its margin: standing behind costly ones does this to anybody.",
        ],
        ["請券商說明各種類委託之處理時間與佇列方式。", "Ask what each kind of order costs, and how they queue."],
    ),
    of(
        "within_second",
        Effect::Opens,
        [
            "與同一秒內收到者相比，差異即不再逾容許差：數秒之遲緩或停頓落於當時較活躍之一組。",
            "Among orders of the same second the difference no longer exceeds its margin: a slowness or stop of seconds fell on whoever was more active.",
        ],
        ["請券商提出當時之系統紀錄。", "Ask for the system logs of those seconds."],
    ),
    of(
        "later_orders",
        Effect::Opens,
        [
            "結論繫於同一收單的第二筆以後委託；後者並非與收單同時到達。",
            "The verdict rests on the second and later orders of a receipt, which did not arrive with it.",
        ],
        [
            "以 link.children = \"first\" 重跑；改單請載明自己的收單時間。",
            "Run with link.children = \"first\"; give amendments receipts of their own.",
        ],
    ),
    of(
        "client_specific",
        Effect::Names,
        [
            "差異只來自列名客戶，剔除後即不再逾容許差；不據以認定整組。",
            "The difference comes from the clients named: without them it no longer exceeds its margin. The group is not accused.",
        ],
        ["請券商說明列名客戶之連線、線路與設定。", "Ask for the connections, lines and settings of the clients named."],
    ),
    of(
        "clients_unknown",
        Effect::Opens,
        [
            "委託未載客戶，無法排除差異只來自一位客戶。",
            "Orders name no client: that the difference comes from one of them cannot be excluded.",
        ],
        ["請券商補足客戶欄位。", "Ask for the client column."],
    ),
    of(
        "passing_one_way",
        Effect::NotFair,
        [
            "一組超越另一組遠多於反向，只因多數委託相距過遠而整體比率小。",
            "One group passes the other far more often than the reverse; the rate is small only as most pairs are too far apart.",
        ],
        ["看超越圖與 F03；縮小視窗後重跑。", "See the overtaking chart and F03; run with a narrower window."],
    ),
    of(
        "passing_close_by",
        Effect::NotFair,
        [
            "收單時間相近之委託中，一組超越另一組之比率明顯高於反向，且其差逾容許差；全視窗之比率小，僅因多數委託相距過遠。",
            "Among orders received about as close together one group passes the other clearly more often, and by more than is material; over the window it is little only as most pairs are far apart.",
        ],
        [
            "請券商說明是否扣留先到之委託，待緊隨其後之他組委託先行送出，或在途委託是否有優先順序。",
            "Ask whether orders are held for those of others close behind, or whether waiting orders are ranked.",
        ],
    ),
    of(
        "part_beyond",
        Effect::NotFair,
        [
            "某日、某區塊，或某商品、某種類、某客戶（單日或全部期間）之差遠逾該部分本身之容許差，為整體所掩。",
            "On one day or block, or of one instrument, kind or client on a day or over all, the gap is far beyond the margin of that part itself, and the whole hides it.",
        ],
        ["單獨查核該部分，並請券商說明該時該處之狀況。", "Study that part by itself, and ask what happened there."],
    ),
    of(
        "beyond_without_load",
        Effect::NotFair,
        [
            "僅在負載相同者之間差異才在容許差內；遭扣留的委託本身即為負載。",
            "The groups are alike only at equal load, and an order that is held is itself a load.",
        ],
        ["請券商提出兩組之流量限制、優先順序與佇列紀錄。", "Ask for limits, priorities and queue logs of both groups."],
    ),
    of(
        "unknown_orders",
        Effect::NotFair,
        [
            "不知屬於何組之委託逾百分之一，或其中最慢者若屬同一組即足以移動尾端，可能正是受不同對待者。",
            "More than one order in a hundred is of no known group, or the slow ones of them would move the tail were they all of one group: they may be the ones treated otherwise.",
        ],
        ["補足客戶檔。", "Complete the clients file."],
    ),
    of(
        "beyond_own_mix",
        Effect::NotFair,
        [
            "一組委託多在另一組少有委託之處，加權後幾乎不計；逐筆計算則逾容許差。",
            "Many orders of one group lie where the other sends few and weigh next to nothing; counted one by one, the measure leaves its margin.",
        ],
        ["就該等商品、種類或時段單獨查核。", "Study those instruments, kinds or hours by themselves."],
    ),
    of(
        "unseen_tail",
        Effect::NotFair,
        [
            "缺收單、缺委託或另有重複紀錄的委託，若皆屬最慢者，尾端即可能逾容許差。",
            "Orders that lack a receipt or have copies could, were they all among the slowest, move the tail out of its margin.",
        ],
        ["補足缺漏之紀錄。", "Complete the missing records."],
    ),
    of(
        "shift_beyond",
        Effect::NotFair,
        [
            "中位數與尾端之間另有一段百分位遠逾容許差：部分委託遭扣留。",
            "Between median and tail a percentile lies far beyond the margin: a part of the orders is held.",
        ],
        ["看分位差異圖，查該部分為何種委託。", "See the shift chart, and which orders make that part."],
    ),
    of(
        "level_unknown",
        Effect::NotFair,
        [
            "時鐘未載明，中位數高低不定；按其比例放寬的容許差不足以認定公平。",
            "Clocks are not stated, so how high the medians are is not known, and a margin that is a share of them cannot carry FAIR.",
        ],
        ["於 study.toml 載明兩端之 clock。", "State the clock of both ends in study.toml."],
    ),
    of(
        "not_settled",
        Effect::NotFair,
        [
            "資料既不足以認定不公平，也不足以證明公平；句中載明約需筆數與可偵測之最小差距。",
            "The data show neither; the sentence says how many orders would settle it and the smallest gap that could be seen.",
        ],
        ["延長期間。不得引為公平之證明。", "Study a longer period. It is no proof of fairness."],
    ),
    of(
        "overtaking_of_clients",
        Effect::Notes,
        [
            "就這些客戶而言超越顯著，但計入客戶間差異後不足以認定整組；F03 列為疑義。",
            "Overtaking is significant of these clients, but with how clients differ not of the groups; F03 asks about it.",
        ],
        ["請券商說明列名客戶之連線與設定；增加客戶數。", "Ask about the connections of these clients; study more clients."],
    ),
    of(
        "clients_in_order",
        Effect::Notes,
        [
            "各客戶程度不一，但整體居前之排列極不可能出於偶然，據以認定整組。",
            "Clients pass by unlike amounts, yet their order is too unlikely by chance: the group is accused on it.",
        ],
        ["無。", "Nothing."],
    ),
    of(
        "slot_unchecked",
        Effect::Notes,
        [
            "較短時段內可比之委託過少，時刻之影響未經檢驗。",
            "Too few orders are comparable in shorter slots: the part of the time of day is not checked.",
        ],
        ["引用認定時應併予說明；延長期間。", "Say so where the verdict is quoted; study a longer period."],
    ),
    of(
        "burst_unchecked",
        Effect::Notes,
        ["同樣連續遞單者過少，流量限制之影響未經檢驗。", "Too few orders were sent in like bursts: the part of limits is not checked."],
        ["引用認定時應併予說明；請券商提出兩組之限制設定。", "Say so where the verdict is quoted; ask for the limits of both groups."],
    ),
    of(
        "load_unchecked",
        Effect::Notes,
        [
            "他人在途筆數相近者過少，忙碌程度之影響未經檢驗。",
            "Too few orders found nearly as many of others waiting: the part of how full the gateway is is not checked.",
        ],
        ["引用認定時應併予說明。", "Say so where the verdict is quoted."],
    ),
    of(
        "line_unchecked",
        Effect::Notes,
        [
            "同一分區或商品情形相近者過少，其排隊之影響未經檢驗。",
            "Too few orders found the queue of their shard or instrument alike: its part is not checked.",
        ],
        ["引用認定時應併予說明。", "Say so where the verdict is quoted."],
    ),
    of(
        "pause_unchecked",
        Effect::Notes,
        [
            "距前一筆同樣久者過少，每秒限制與閒置連線之影響未經檢驗。",
            "Too few orders follow about as long a pause: the part of limits by the second and idle connections is not checked.",
        ],
        ["引用認定時應併予說明；請券商提出兩組之限制設定。", "Say so where the verdict is quoted; ask for the limits of both groups."],
    ),
    of(
        "quiet_unchecked",
        Effect::Notes,
        [
            "閒置情形相近者過少，閒置後較慢或首筆載入之影響未經檢驗。",
            "Too few orders follow about as long a quiet: the part of idling and of first orders is not checked.",
        ],
        ["引用認定時應併予說明。", "Say so where the verdict is quoted."],
    ),
    of(
        "work_unchecked",
        Effect::Notes,
        [
            "前方委託種類相同者過少，較費時之委託之影響未經檢驗。",
            "Too few orders had the same kinds ahead: the part of costlier orders is not checked.",
        ],
        ["引用認定時應併予說明。", "Say so where the verdict is quoted."],
    ),
    of(
        "second_unchecked",
        Effect::Notes,
        [
            "同一秒內可比之委託過少，數秒之遲緩或停頓之影響未經檢驗。",
            "Too few orders are comparable within a second: the part of a slowness of seconds is not checked.",
        ],
        ["引用認定時應併予說明。", "Say so where the verdict is quoted."],
    ),
    of(
        "refusals_differ",
        Effect::Notes,
        [
            "兩組收單遭拒之比率不同；比較僅及於已送出之委託。",
            "The groups' receipts were refused at different rates; what is compared is orders that were sent.",
        ],
        ["請券商說明拒絕之事由與標準。", "Ask for the grounds of refusal and its rules."],
    ),
    of(
        "mostly_by_burst",
        Effect::Notes,
        [
            "差異過半隨連續遞單而來，其餘仍逾容許差，故仍予認定。",
            "More than half of the difference comes with sending in bursts; what is left still exceeds the margin, so the verdict stands.",
        ],
        ["請券商提出兩組之限制設定與連線對照。", "Ask for the limits set for both groups and the list of connections."],
    ),
    of(
        "limited_support",
        Effect::Notes,
        [
            "可比委託不到一半，結論只適用於這些委託。",
            "Fewer than half of the orders are comparable: the conclusion speaks for those alone.",
        ],
        ["引用時載明比率。", "Quote the share with the conclusion."],
    ),
    of(
        "part_compared",
        Effect::Notes,
        [
            "某組自己的委託有相當部分沒有對照，結論不及於這些委託。",
            "A part of a group's own orders has no counterpart, and the conclusion does not reach them.",
        ],
        ["看該部分為何種委託。", "See which orders those are."],
    ),
    of(
        "gap_changes",
        Effect::Notes,
        ["差距在期間內改變，沒有一個數字代表整個期間。", "The gap changed during the study: no one figure stands for all of it."],
        ["就改變前後分別查核。", "Study the parts before and after."],
    ),
    of(
        "coarse_overtaking",
        Effect::Notes,
        [
            "時間解析度粗於等候時間，同一刻度內之先後不計入。",
            "Stamps are no finer than the wait: what passed what within one of their steps is in no pair.",
        ],
        ["請券商提出較細之時間紀錄。", "Ask for finer stamps."],
    ),
    of(
        "few_days_advised",
        Effect::Notes,
        ["不足 5 日；判定成立，但代表性有限。", "Fewer than five days: the verdict stands, and stands for little time."],
        ["加入更多交易日。", "Add trading days."],
    ),
    of(
        "block_doubled",
        Effect::Notes,
        [
            "相鄰區塊仍有關聯，故加倍區塊長度後計算誤差。",
            "Neighbouring blocks were still correlated, so that errors were taken over blocks twice as long.",
        ],
        ["無。", "Nothing."],
    ),
    of(
        "opposite_signs",
        Effect::Notes,
        [
            "未經同類比較的原始差異與同類比較後方向相反，原始差異不可引用。",
            "The raw difference and the one like for like have opposite signs; the raw one must not be quoted.",
        ],
        ["僅引用同類比較之數字。", "Quote the figure like for like alone."],
    ),
];
