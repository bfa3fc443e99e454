//! Names in study.toml that no file has, and links that look wrong, in words: what was misspelt must not change in silence who is guilty.

use std::collections::HashSet;

use crate::config::{Origin, StudyConfig};
use crate::evidence::HashedFile;
use crate::fairness::{Assessment, PairAssessment, Verdict};
use crate::reconcile::{AlsoEqual, ClientBook};
use crate::record::{Column, Latency, NO_NAME, Timestamp, UNKNOWN_GROUP, printable};
use crate::report::model::Words;
use crate::report::tables::Reconciled;
use crate::study::basis::later_copies;

/// A share of orders from which on further orders of one receipt, or copies, are told first.
const MANY: f64 = 0.001;
/// A share of orders that are copies of others, from which on ids rather begin anew.
const MANY_COPIES: f64 = 0.01;
/// Accounts from which on one client for all of them is told.
const LEAST_ACCOUNTS: usize = 3;
/// Names shown.
const SHOWN: usize = 3;

/// Everything of the kind.
pub(crate) fn unmet(config: &StudyConfig, reconciled: &Reconciled<'_>, book: &ClientBook) -> Vec<Words> {
    let mut said = unknown_names(config, reconciled);
    said.extend(zeros_of_clients(reconciled, book));
    said.extend(one_client(book));
    said.extend(further_orders(config, reconciled));
    said.extend(many_copies(config, reconciled));
    said.extend(copies_elsewhen(reconciled));
    said.extend(of_no_group(reconciled));
    said.extend(outside_dates(config, reconciled, book));
    said
}

/// Files of other names that hold the same bytes.
pub(crate) fn same_files(hashed: &[HashedFile]) -> Option<Words> {
    let mut by_hash: Vec<&HashedFile> = hashed.iter().filter(|file| file.bytes > 0).collect();
    by_hash.sort_unstable_by(|a, b| (&a.sha256, &a.path).cmp(&(&b.sha256, &b.path)));
    let same = |pair: &&[&HashedFile]| pair[0].sha256 == pair[1].sha256 && pair[0].path != pair[1].path;
    let pairs: Vec<&[&HashedFile]> = by_hash.windows(2).filter(same).collect();
    let [first, second] = pairs.first()?[..] else { return None };
    let (n, [first, second]) = (pairs.len(), [first, second].map(|file| printable(&file.path, 60)));
    Some(Words {
        zh: format!("{n} 個輸入檔與他檔名稱不同而內容完全相同（如 {first} 與 {second}）：同一批資料可能重複列入，請確認"),
        en: format!(
            "input files that hold the same bytes as another of a different name: {n} (such as {first} and {second}); the same rows may be in the study twice"
        ),
    })
}

fn unknown_names(config: &StudyConfig, reconciled: &Reconciled<'_>) -> Vec<Words> {
    let groups = |name: &&String| reconciled.attribution.groups.binary_search(name).is_err();
    let accounts: HashSet<&str> = [reconciled.orders, reconciled.receipts]
        .iter()
        .filter_map(|side| side.names(Column::Account))
        .flat_map(|column| column.names.iter().map(String::as_str))
        .collect();
    let no_account = |name: &&String| !accounts.contains(name.as_str()) && reconciled.attribution.clients.binary_search(name).is_err();
    let clocks = &config.clocks_by_group;
    let lawful = &config.records.lawful;
    let house = config.priority.iter().flat_map(|priority| &priority.house_accounts);
    let named: [(&str, Vec<&String>); 5] = [
        ("orders.clock.by_group", clocks.orders.keys().filter(groups).collect()),
        ("receipts.clock.by_group", clocks.receipts.keys().filter(groups).collect()),
        ("priority.house_accounts", house.filter(no_account).collect()),
        ("records.omnibus_accounts", lawful.omnibus.iter().filter(no_account).collect()),
        ("records.error_accounts", lawful.error.iter().filter(no_account).collect()),
    ];
    let say = |(key, names): (&str, Vec<&String>)| {
        let shown = names.iter().take(SHOWN).map(|name| printable(name, 40)).collect::<Vec<_>>().join(", ");
        let more = if names.len() > SHOWN { " ..." } else { "" };
        Words {
            zh: format!("study.toml 之 {key} 所載 {shown}{more} 不見於檔案：請檢查寫法（如大小寫、前置零），否則該設定不生效"),
            en: format!(
                "{key} in study.toml names {shown}{more}, which no file has: check how it is written (case, leading zeros); as it stands it has no effect"
            ),
        }
    };
    named.into_iter().filter(|(_, names)| !names.is_empty()).map(say).collect()
}

/// Accounts of the orders that the clients file has but for leading zeros: whoever is in which client, only the receipts tell then.
fn zeros_of_clients(reconciled: &Reconciled<'_>, book: &ClientBook) -> Option<Words> {
    let plain = |account: &str| account.trim_start_matches('0').to_owned();
    let known: HashSet<&str> = book.accounts().collect();
    let bare: HashSet<String> = known.iter().map(|account| plain(account)).collect();
    let names = reconciled.orders.names(Column::Account).map_or(&[][..], |column| &column.names[..]);
    let lost: Vec<&String> = names.iter().filter(|name| !known.contains(name.as_str()) && bare.contains(&plain(name))).collect();
    let (first, n) = (printable(lost.first()?, 40), lost.len());
    Some(Words {
        zh: format!(
            "委託之 {n} 個帳號與客戶檔僅差前置零（如 {first}），客戶檔因而認不出該等帳號：應係其中一檔經試算表存檔所致，請還原前置零"
        ),
        en: format!(
            "{n} accounts of the orders differ from the clients file by leading zeros alone (such as {first}), so that the clients file does not know them: a spreadsheet took them from one of the two; put them back"
        ),
    })
}

/// Receipts of several groups by a clock that nobody named: told where something is said of groups.
pub(crate) fn clocks_unnamed(config: &StudyConfig, reconciled: &Reconciled<'_>, said: Option<&Assessment>) -> Option<Words> {
    let known = reconciled.attribution.groups.iter().filter(|group| *group != UNKNOWN_GROUP).count();
    let said = said.filter(|said| !names_receipt_clock(config) && known > 1 && said.says_anything())?;
    let (like_zh, like_en) = like_another_clock(config, said).unwrap_or_default();
    Some(Words {
        zh: format!(
            "study.toml 未載明收單之時鐘，各群組之收單即視為同一時鐘所蓋；若某群組由另一時鐘蓋印，其偏移與處理上之差異無從分辨{like_zh}：請於 [receipts] 以 clock 載明，各群組不同者並載 by_group"
        ),
        en: format!(
            "study.toml names no clock of the receipts, so those of all groups are taken to be stamped by one; were a group's stamped by another, its offset would look like a difference in treatment{like_en}: name it as clock in [receipts], with by_group where they differ"
        ),
    })
}

fn names_receipt_clock(config: &StudyConfig) -> bool {
    !config.clocks_by_group.own[0].is_empty() || !config.clocks_by_group.receipts.is_empty()
}

/// A pair whose gap is what an offset of an unnamed clock would make, in words.
pub(crate) fn like_another_clock(config: &StudyConfig, said: &Assessment) -> Option<(String, String)> {
    let unnamed = !names_receipt_clock(config);
    unnamed.then(|| said.pairs.iter().find_map(like_an_offset)).flatten()
}

/// Widest spread of a pair's gap from the 10th to the 90th percentile, as a share of it, that an offset between clocks may have.
const SAME_GAP: f64 = 0.2;

/// Says of an unfair pair that its gap is the same at every percentile, as it would be by an offset between clocks.
fn like_an_offset(pair: &PairAssessment) -> Option<(String, String)> {
    let gap = pair.median_gap.as_ref().filter(|gap| pair.verdict == Verdict::Unfair && gap.estimate > gap.margin)?.estimate;
    let body = || pair.shift.iter().filter(|point| (0.1..=0.9).contains(&point.q)).map(|point| point.difference);
    let (least, most) = (body().min_by(f64::total_cmp)?, body().max_by(f64::total_cmp)?);
    let (a, b) = (printable(&pair.favoured, 40), printable(&pair.disadvantaged, 40));
    let [from, to] = [least, most].map(|nanos| Latency(nanos as i64));
    (least > 0.0 && most - least <= SAME_GAP * gap).then(|| {
        (
            format!("（{b} 減 {a} 之差自第 10 至第 90 百分位皆為 {from} 至 {to}，正如偏移所致）"),
            format!(" (that of {b} minus {a} is {from} to {to} all the way from the 10th to the 90th percentile, just as by an offset)"),
        )
    })
}

/// A clients file that gives all its accounts to one client, of which every group then consists.
fn one_client(book: &ClientBook) -> Option<Words> {
    let n = book.accounts().count();
    let first = book.entries().next()?.client.as_ref()?;
    let same = book.entries().all(|entry| entry.client.as_ref() == Some(first));
    (n >= LEAST_ACCOUNTS && same).then(|| {
        let name = printable(first, 40);
        Words {
            zh: format!("客戶檔將全部 {n} 個帳號歸於同一客戶（{name}），任何差異因而都繫於該客戶：請確認 client 欄所對應者確為客戶名稱"),
            en: format!(
                "the clients file gives all {n} accounts to one client ({name}), so that every difference hangs on that client: check that the client column holds what it should"
            ),
        }
    })
}

/// Orders beyond the first of their receipt, where nobody said whether they are measured.
fn further_orders(config: &StudyConfig, reconciled: &Reconciled<'_>) -> Option<Words> {
    let said = config.settings.iter().any(|setting| setting.key == "link.children" && setting.origin != Origin::Default);
    if said || config.first_child {
        return None;
    }
    let mut seen = vec![false; reconciled.receipts.len()];
    let (mut n, mut of) = (0_u64, 0_u64);
    for receipt in (0..reconciled.orders.len()).filter_map(|order| reconciled.links.matched_receipt(order)) {
        of += 1;
        n += u64::from(std::mem::replace(&mut seen[receipt], true));
    }
    (n as f64 > MANY * of as f64).then(|| Words {
        zh: format!("{of} 筆配對委託中 {n} 筆為同一收單之後續委託，逐筆計入；若客戶自行拆單，後續委託之等待並非券商所致：請於 [link] 以 children 載明 \"each\" 或 \"first\""),
        en: format!("{n} of {of} matched orders are further orders of a receipt that has one already, and each is measured; where clients slice their orders, later ones wait by the client's own schedule: say children = \"each\" or \"first\" in [link]"),
    })
}

/// Copies of orders that were sent later than the one that counts.
fn copies_elsewhen(reconciled: &Reconciled<'_>) -> Option<Words> {
    let later = later_copies(reconciled);
    let n: u64 = later.iter().sum();
    let most = (0..later.len()).max_by_key(|group| (later[*group], std::cmp::Reverse(*group)))?;
    let (group, of_group) = (printable(&reconciled.attribution.groups[most], 40), later[most]);
    (n as f64 > MANY * reconciled.orders.len() as f64).then(|| Words {
        zh: format!("{n} 筆委託另有較晚送出之重複紀錄（最多為 {group}，{of_group} 筆），以最早者計入；若以最晚者為準，延遲較長：請向券商查明何者為真，或於 [orders] 對應 kind 欄以區別改單"),
        en: format!("orders with a copy that was sent later: {n} (most of them of {group}: {of_group}); the earliest counts, and by the latest the wait would be longer: ask which is true, or map a kind column in [orders] that tells amendments"),
    })
}

/// Matched orders that are of no known group, beside others that are.
fn of_no_group(reconciled: &Reconciled<'_>) -> Option<Words> {
    let attribution = reconciled.attribution;
    let unknown = attribution.groups.binary_search_by(|name| name.as_str().cmp(UNKNOWN_GROUP)).ok()?;
    let matched = (0..reconciled.orders.len()).filter(|order| reconciled.links.matched_receipt(*order).is_some());
    let (mut n, mut of) = (0_u64, 0_u64);
    for order in matched {
        of += 1;
        n += u64::from(usize::from(attribution.order_group[order]) == unknown);
    }
    (n < of && n as f64 > MANY * of as f64).then(|| Words {
        zh: format!("{of} 筆配對委託中 {n} 筆（{:.2} %）不知屬於哪一群組，不在任何比較之內：請補足客戶檔之帳號與起訖日", 100.0 * n as f64 / of as f64),
        en: format!("matched orders of no known group, in no comparison: {n} of {of} ({:.2} %); complete the accounts and dates of the clients file", 100.0 * n as f64 / of as f64),
    })
}

/// Matched orders on dates for which the clients file has the account and no entry.
fn outside_dates(config: &StudyConfig, reconciled: &Reconciled<'_>, book: &ClientBook) -> Option<Words> {
    let dated: HashSet<&str> = book.dated().collect();
    let accounts = reconciled.orders.names(Column::Account).filter(|_| !dated.is_empty())?;
    let is_dated: Vec<bool> = accounts.names.iter().map(|name| dated.contains(name.as_str())).collect();
    let (sent, mut local) = (reconciled.orders.times(Column::SentAt)?, config.zone.local_reader());
    let (mut n, mut of, mut first) = (0_u64, 0_u64, None);
    for order in (0..sent.len()).filter(|order| reconciled.links.matched_receipt(*order).is_some()) {
        of += 1;
        let code = accounts.codes.get(order);
        if code == NO_NAME || !is_dated[code as usize] {
            continue;
        }
        let account = accounts.names[code as usize].as_str();
        let date = local.read(Timestamp(sent[order])).0;
        if !book.holds(account, date) {
            n += 1;
            first.get_or_insert((account, date));
        }
    }
    let (account, date) = first.filter(|_| n as f64 > MANY * of as f64)?;
    let account = printable(account, 40);
    Some(Words {
        zh: format!(
            "{n} 筆配對委託之帳號雖在客戶檔，當日卻無有效之資料（如 {account}，{date}）：依收單或其他日期之群組計入，當時若屬另一群組即有錯置，請補足客戶檔之起訖日"
        ),
        en: format!(
            "matched orders whose account the clients file has, but not on that day: {n} (such as {account} on {date}); they count to the group of the receipt or of other dates, which is wrong where the account was in another then: complete the dates of the clients file"
        ),
    })
}

/// So many copies that ids rather begin anew.
fn many_copies(config: &StudyConfig, reconciled: &Reconciled<'_>) -> Option<Words> {
    let (n, of) = (reconciled.links.order_copies.len(), reconciled.orders.len());
    let dated = config.also_equal.contains(&AlsoEqual::TradeDate);
    (!dated && n as f64 > MANY_COPIES * of as f64).then(|| Words {
        zh: format!("{of} 筆委託中 {n} 筆之委託編號與他筆相同，視為重複而未計入；若編號逐日重編，請於 [link] keys 加 \"trade_date\""),
        en: format!("{n} of {of} orders have the order id of another and count as copies of it; where ids begin anew each day add \"trade_date\" to [link] keys"),
    })
}
