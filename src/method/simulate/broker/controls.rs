//! Evidence of controls: network, accounts, logs, scans, equipment.

use crate::record::TradeDate;
use crate::simulate::broker::Cast;
use crate::simulate::broker::sheet::{Sheet, every, weekdays};

pub(crate) fn sheets(cast: &Cast<'_>) -> Vec<Sheet> {
    let mut sheets = network(cast);
    sheets.extend(accounts(cast));
    sheets.extend(passwords(cast));
    sheets.extend(audit_logs(cast));
    sheets.extend(scans(cast));
    sheets.extend(assets(cast));
    sheets
}

/// The days that three years of retention reach back to, and some more.
fn logged(cast: &Cast<'_>) -> Vec<TradeDate> {
    weekdays(TradeDate(cast.end().0 - 1_110), cast.end())
}

fn network(cast: &Cast<'_>) -> Vec<Sheet> {
    let bad = cast.plants.firewall;
    let since = cast.day(-900);
    let mut links = Sheet::new("links", "link,exchange_facing,firewall,firewall_since,important,separated");
    links.row(format!("LINK-1,yes,FW-1,{since},yes,yes"));
    links.row(format!("LINK-2,yes,FW-2,{since},yes,yes"));
    links.row("OFFICE,no,,,no,no");
    if bad {
        links.planted("LINK-3,yes,,,yes,yes", &["C201"], "LINK-3");
        links.planted(format!("LINK-4,yes,FW-1,{since},yes,no"), &["C206"], "LINK-4");
    }
    let mut logs = Sheet::new("firewall_logs", "firewall,date,file,bytes,sha256,backup,backup_sha256");
    for firewall in ["FW-1", "FW-2"] {
        let gap = (bad && firewall == "FW-1").then(|| (cast.day(40), cast.day(67)));
        logs.dated(&logged(cast), gap, "C202", firewall, |date| format!("{firewall},{date},{firewall}-{date}.log,1048576,aa,tape,aa"));
    }
    if bad {
        let day = cast.trading_days[0];
        logs.planted(format!("FW-2,{day},extra-1.log,0,aa,tape,aa"), &["C203"], &format!("FW-2 {day}"));
        logs.planted(format!("FW-2,{day},extra-2.log,10,aa,,"), &["C204"], &format!("FW-2 {day}"));
        logs.planted(format!("FW-2,{day},extra-3.log,10,aa,tape,bb"), &["C204"], &format!("FW-2 {day}"));
    }
    let mut reviews = Sheet::new("firewall_reviews", "firewall,reviewed_on,reviewer");
    for firewall in ["FW-1", "FW-2"] {
        let gap = (bad && firewall == "FW-2").then(|| (cast.day(0), cast.end()));
        let dates = every(300, cast.day(-250), cast.end());
        reviews.dated(&dates, gap, "C205", firewall, |date| format!("{firewall},{date},network manager"));
    }
    let mut remote = Sheet::new("remote_access", "user,started_at,purpose,reviewer");
    remote.row(format!("ops1,{} 20:00:00,upgrade,IT manager", cast.day(30)));
    if bad {
        remote.planted(format!("ops2,{} 21:00:00,check,", cast.day(31)), &["C207"], "ops2");
    }
    vec![links, logs, reviews, remote]
}

/// Accounts that every broker has: host, account, privilege, holder, kind, vendor.
const ACCOUNTS: [(&str, &str, &str, &str, &str, &str); 5] = [
    ("colo-01", "ops1", "highest", "operator 1", "broker", ""),
    ("colo-01", "ops2", "normal", "operator 2", "broker", ""),
    ("colo-02", "desk", "normal", "desk 1", "broker", ""),
    ("colo-02", "vops", "normal", "vendor engineer", "vendor", "Vendor B"),
    ("colo-02", "c1", "normal", "client user", "client", ""),
];

/// Further accounts of what is planted: as above, and the codes.
type Extra = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

fn extra_accounts(cast: &Cast<'_>) -> Vec<Extra> {
    let mut extra: Vec<Extra> = Vec::new();
    if cast.plants.privilege || cast.plants.vendor_privilege {
        extra.push(("colo-01", "maint", "highest", "vendor engineer", "vendor", "Vendor A", &["C301"]));
    }
    if cast.plants.privilege {
        extra.push(("colo-02", "desk", "normal", "desk 2", "broker", "", &["C305"]));
    }
    if cast.plants.passwords {
        extra.push(("colo-01", "root", "highest", "operator 1", "broker", "", &["C402"]));
    }
    extra
}

fn accounts(cast: &Cast<'_>) -> Vec<Sheet> {
    let bad = cast.plants.privilege;
    let from = cast.day(-500);
    let mut accounts = Sheet::new("accounts", "host,account,privilege,holder,holder_kind,vendor,from,to");
    for (host, account, privilege, holder, kind, vendor) in ACCOUNTS {
        let codes: &[&'static str] = match account {
            "desk" if bad => &["C305"],
            "vops" if bad => &["C304"],
            _ => &[],
        };
        let row = format!("{host},{account},{privilege},{holder},{kind},{vendor},{from},");
        accounts.planted(row, codes, &format!("{account}@{host}"));
    }
    for (host, account, privilege, holder, kind, vendor, codes) in extra_accounts(cast) {
        accounts.planted(format!("{host},{account},{privilege},{holder},{kind},{vendor},{from},"), codes, &format!("{account}@{host}"));
    }
    let mut contracts = Sheet::new("contracts", "vendor,from,to");
    let (first, last) = (cast.day(-600), TradeDate(cast.end().0 + 300));
    contracts.row(format!("Vendor A,{first},{last}"));
    if bad {
        contracts.planted(format!("Vendor B,{first},{}", cast.day(90)), &["C303", "C304"], "vops@colo-02");
    } else {
        contracts.row(format!("Vendor B,{first},{last}"));
    }
    let mut approvals = Sheet::new("approvals", "host,account,from,to,approver");
    approvals.row(format!("colo-01,ops1,{0},{0},IT manager", cast.day(20)));
    let mut logins = Sheet::new("logins", "host,account,at,address");
    logins.row(format!("colo-01,ops1,{} 20:00:00,10.0.0.1", cast.day(20)));
    logins.row(format!("colo-02,vops,{} 19:00:00,10.0.0.2", cast.day(80)));
    if bad {
        logins.planted(format!("colo-01,ops1,{} 20:00:00,10.0.0.1", cast.day(21)), &["C302"], "ops1@colo-01");
        logins.planted(format!("colo-02,vops,{} 19:00:00,10.0.0.2", cast.day(150)), &["C303"], "vops@colo-02");
    }
    let mut reviews = Sheet::new("account_reviews", "reviewed_on,reviewer");
    let gap = bad.then(|| (cast.day(1), cast.day(300)));
    reviews.dated(&half_yearly(cast), gap, "C306", "unused rights", |date| format!("{date},IT manager"));
    vec![accounts, contracts, approvals, logins, reviews]
}

fn half_yearly(cast: &Cast<'_>) -> Vec<TradeDate> {
    every(150, cast.day(-100), cast.end())
}

fn passwords(cast: &Cast<'_>) -> Vec<Sheet> {
    let mut changes = Sheet::new("passwords", "host,account,changed_on");
    let staff = ACCOUNTS.iter().filter(|(.., kind, _)| *kind != "client").map(|(host, account, ..)| (*host, *account));
    let extra: Vec<Extra> = extra_accounts(cast).into_iter().filter(|extra| extra.1 != "desk").collect();
    for (host, account) in staff.chain(extra.iter().map(|extra| (extra.0, extra.1))) {
        let gap = match account {
            _ if cast.plants.unchanged_passwords => Some((cast.day(-29), cast.end())),
            "ops2" if cast.plants.passwords => Some((cast.day(60), cast.day(250))),
            _ => None,
        };
        changes.dated(&every(80, cast.day(-30), cast.end()), gap, "C401", &format!("{account}@{host}"), |date| {
            format!("{host},{account},{date}")
        });
    }
    let mut policies = Sheet::new("password_policies", "host,min_length,digits_or_symbols,max_age_days");
    policies.row("colo-01,8,yes,90");
    match cast.plants.passwords {
        true => policies.planted("colo-02,4,no,0", &["C403"], "colo-02"),
        false => policies.row("colo-02,8,yes,90"),
    }
    vec![changes, policies]
}

fn audit_logs(cast: &Cast<'_>) -> Vec<Sheet> {
    let bad = cast.plants.audit_log;
    let mut entries = Sheet::new("audit_log", "system,user,at,machine");
    for days in [10, 100, 200] {
        entries.row(format!("order gateway,ops1,{} 20:00:00,10.0.0.1", cast.day(days)));
    }
    if bad {
        entries.planted(format!("order gateway,,{} 20:00:00,10.0.0.1", cast.day(201)), &["C501"], "order gateway");
        entries.planted(format!("order gateway,ops1,{} 20:00:00,", cast.day(202)), &["C501"], "order gateway");
    }
    let mut files = Sheet::new("audit_log_files", "system,date,file,bytes,system_since");
    let empty = cast.trading_days[cast.trading_days.len() / 2];
    let days = logged(cast);
    for date in &days {
        let row = |bytes: u32| format!("order gateway,{date},audit-{date}.log,{bytes},{}", cast.day(-900));
        let before = days.iter().rfind(|day| **day < empty);
        match bad {
            true if *date == empty => files.planted(row(0), &["C502"], "order gateway"),
            true if Some(date) == before => files.planted(row(2_048), &["C502"], "order gateway"),
            _ => files.row(row(2_048)),
        }
    }
    let mut reviews = Sheet::new("audit_log_reviews", "system,reviewed_on,reviewer");
    for date in every(30, cast.day(5), cast.end()) {
        match bad && date == cast.day(35) {
            true => reviews.planted(format!("order gateway,{date},"), &["C503"], "order gateway"),
            false => reviews.row(format!("order gateway,{date},security officer")),
        }
    }
    vec![entries, files, reviews]
}

fn scans(cast: &Cast<'_>) -> Vec<Sheet> {
    let bad = cast.plants.scans;
    let mut scans = Sheet::new("scans", "system,scanned_on,record");
    for system in ["order gateway", "risk server"] {
        let gap = (bad && system == "risk server").then(|| (cast.day(1), cast.day(300)));
        scans.dated(&half_yearly(cast), gap, "C601", system, |date| format!("{system},{date},S-{date}"));
    }
    let mut open = Sheet::new("vulnerabilities", "id,system,found_on,assessed_on,decision,patched_on");
    open.row(format!("V-1,order gateway,{},{},patch,{}", cast.day(50), cast.day(53), cast.day(60)));
    open.row(format!("V-2,order gateway,{},{},accept,", cast.day(50), cast.day(53)));
    if bad {
        open.planted(format!("V-3,risk server,{},,,", cast.day(100)), &["C602"], "V-3");
        open.planted(format!("V-4,risk server,{},{},patch,", cast.day(60), cast.day(61)), &["C603"], "V-4");
    }
    let mut changes = Sheet::new("changes", "id,system,changed_on,tested_on,approver");
    changes.row(format!("CH-1,order gateway,{},{},IT manager", cast.day(70), cast.day(68)));
    if bad {
        changes.planted(format!("CH-2,order gateway,{},{},", cast.day(71), cast.day(68)), &["C604"], "CH-2");
        changes.planted(format!("CH-3,order gateway,{},{},IT manager", cast.day(72), cast.day(75)), &["C604"], "CH-3");
    }
    vec![scans, open, changes]
}

fn assets(cast: &Cast<'_>) -> Vec<Sheet> {
    let bad = cast.plants.assets;
    let from = cast.day(-500);
    let mut inventory = Sheet::new("inventory", "asset,host,cabinet,owner,owner_kind,user,user_kind,author_kind,from,to");
    for (at, host) in cast.hosts.iter().enumerate() {
        match bad && at == 1 {
            true => inventory.shown_by_orders("X01", host),
            false => inventory.row(format!("SRV-{at},{host},R-01,broker,broker,broker,broker,broker,{from},")),
        }
    }
    inventory.row(format!("SRV-80,,R-02,broker,broker,C00001,client,broker,{from},"));
    if bad {
        inventory.planted(format!("SRV-81,,R-03,C00002,client,broker,broker,broker,{from},"), &["C801"], "SRV-81");
        inventory.planted(format!("SRV-82,,R-03,broker,broker,C00002,client,broker,{from},"), &["C802"], "SRV-82");
    }
    if cast.plants.client_software {
        inventory.planted(format!("PRG-1,,R-01,C00003,client,C00003,client,client,{from},"), &["C801", "C802"], "PRG-1");
    }
    let mut permissions = Sheet::new("cabinet_permissions", "cabinet,party,from,to,permit");
    permissions.row(format!("R-02,C00001,{from},,P-1"));
    permissions.row(format!("R-03,C00002,{},{},P-2", from, cast.day(-10)));
    let mut counts = Sheet::new("asset_counts", "counted_on,kind,counter");
    for date in half_yearly(cast) {
        for kind in ["software", "hardware", "site", "data"] {
            // Only a count under the rule of 2025-04-11 would stand beside the gap.
            if !(bad && kind == "software" && date >= cast.day(1)) {
                counts.row(format!("{date},{kind},facility"));
            }
        }
    }
    if bad {
        counts.shown_by_orders("C803", "software");
    }
    let mut protections = Sheet::new("protection_checks", "protection,every,checked_on,checker");
    let gap = bad.then(|| (cast.day(200), cast.day(270)));
    let monthly = every(25, cast.day(-20), cast.end());
    protections.dated(&monthly, gap, "C805", "malware patterns", |date| format!("malware patterns,month,{date},security officer"));
    half_yearly(cast).iter().for_each(|date| protections.row(format!("recovery drill,half_year,{date},security officer")));
    let mut movements = Sheet::new("asset_movements", "asset,moved_on,direction,approver");
    movements.row(format!("SRV-0,{},in,IT manager", cast.day(150)));
    if bad {
        movements.planted(format!("SRV-82,{},in,", cast.day(200)), &["C804"], "SRV-82");
    }
    vec![inventory, permissions, counts, protections, movements]
}
