//! What a column of the simulator is called in each format.

/// Chinese name of a column, as brokers' exports call it.
pub(crate) fn chinese(name: &str) -> &'static str {
    match name {
        "order_id" => "委託書編號",
        "client_order_id" => "客戶委託編號",
        "account" => "帳號",
        "symbol" => "股票代號",
        "side" => "買賣別",
        "qty" => "數量",
        "price" => "價格",
        "order_type" => "委託種類",
        "channel" => "下單別",
        "gateway" => "閘道",
        "shard" => "線路",
        "access_class" => "接取類別",
        "host" => "主機",
        "order_no" => "委託書號",
        "algo" => "演算法",
        "t2" => "決策時間",
        "sent_ts" => "送單時間",
        "ack_ts" => "回報時間",
        "client_group" => "客戶群組",
        "received_ts" => "收單時間",
        "written_ts" => "紀錄時間",
        "parent_id" => "母單編號",
        "orig_order_id" => "原委託編號",
        _ => "",
    }
}

/// Name of the date that belongs to a time, where the two stand apart.
pub(crate) fn date_name(name: &str) -> String {
    match name.strip_suffix("時間") {
        Some(stem) => format!("{stem}日期"),
        None => format!("{name}_date"),
    }
}

/// True for columns that hold times.
pub(crate) fn is_time(name: &str) -> bool {
    matches!(name, "t2" | "sent_ts" | "ack_ts" | "received_ts" | "written_ts")
}

/// Bytes of a field of a fixed-width record: its name, and of a time whether it is its date.
pub(crate) fn widths(names: &[String]) -> Vec<(String, usize, &'static str)> {
    let width = |name: &String| {
        let one = |len: usize, kind: &'static str| vec![(name.clone(), len, kind)];
        match name.as_str() {
            "side" | "algo" | "channel" => one(1, "text"),
            "qty" => one(11, "signed"),
            "order_no" => one(5, "text"),
            "price" | "symbol" | "gateway" | "shard" | "host" | "client_group" => one(10, "text"),
            name if is_time(name) => vec![(date_name(name), 8, "text"), (name.to_owned(), 15, "time")],
            _ => one(16, "text"),
        }
    };
    names.iter().flat_map(width).collect()
}

/// Name of a column in broker text.
pub(crate) fn bar_name(name: &str) -> &str {
    match name {
        "order_id" => "OrdNO",
        "client_order_id" => "ReqSNO",
        "received_ts" => "T0",
        "t2" => "T1",
        "sent_ts" => "T2",
        "ack_ts" => "T3",
        other => other,
    }
}

/// Name of a column in CAT records.
pub(crate) fn cat_name(name: &str) -> &str {
    match name {
        "order_id" => "routedOrderID",
        "client_order_id" => "orderID",
        "account" => "firmDesignatedID",
        "qty" => "quantity",
        "order_type" => "orderType",
        "sent_ts" | "received_ts" => "eventTimestamp",
        other => other,
    }
}

/// Tags of the columns that standard FIX has no field for, and of those it has.
pub(crate) fn tag(name: &str) -> &'static str {
    match name {
        "account" => "1",
        "symbol" => "55",
        "side" => "54",
        "qty" => "38",
        "price" => "44",
        "channel" => "10000",
        "order_type" => "5040",
        "gateway" => "5041",
        "shard" => "5042",
        "access_class" => "5043",
        "host" => "5044",
        "order_no" => "5045",
        "algo" => "5046",
        "t2" => "5047",
        "parent_id" => "5048",
        "orig_order_id" => "41",
        "client_group" => "5049",
        "written_ts" => "5050",
        _ => "",
    }
}
