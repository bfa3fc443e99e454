//! Evidence of access: who qualifies, who was told, who is served.

use crate::simulate::broker::Cast;
use crate::simulate::broker::sheet::{Sheet, every, weekdays};

/// Clients of the precedent in which few are served, and how many are.
const QUALIFIED: usize = 17;
const SERVED: usize = 2;

pub(crate) fn sheets(cast: &Cast<'_>) -> Vec<Sheet> {
    let names: Vec<String> = if cast.plants.few_served {
        (1..=QUALIFIED).map(|number| format!("Q{number:02}")).collect()
    } else {
        cast.population.clients.iter().map(|client| client.name.clone()).collect()
    };
    let (clients, users) = if cast.plants.few_served { few_served(cast, &names) } else { (clients(cast, &names), users(cast)) };
    let served = if cast.plants.few_served { &names[..SERVED] } else { &names[..] };
    vec![clients, users, applications(cast), reviews(cast), connections(cast, served)]
}

const CLIENTS: &str = "client,as_of,related_party,notified_on,notice,declined_on,refused_on,refusal,avg_daily_value";
const USERS: &str = "client,account,kind,from,to,suspended_from,suspended_to";

fn clients(cast: &Cast<'_>, names: &[String]) -> Sheet {
    let mut sheet = Sheet::new("clients", CLIENTS);
    let (evaluated, notified) = (cast.day(-20), cast.day(-10));
    for (at, name) in names.iter().enumerate() {
        let related = if at < 2 { "yes" } else { "no" };
        let value = 2_000_000 + 10_000 * at;
        match at {
            4 if cast.plants.unfair => sheet.planted(format!("{name},{evaluated},{related},,,,,,{value}"), &["A01"], name),
            6 if cast.plants.unfair => {
                sheet.planted(format!("{name},{evaluated},{related},{notified},N-{at},,,,500"), &["A02"], name);
            }
            _ => sheet.row(format!("{name},{evaluated},{related},{notified},N-{at},,,,{value}")),
        }
    }
    // Who does not qualify, who declined, and who was refused with a letter.
    for number in 1..=5 {
        sheet.row(format!("X{number:02},{evaluated},no,,,,,,{}", 1_000 * number));
    }
    sheet.row(format!("Y01,{evaluated},no,{notified},N-90,{},,,3000000", cast.day(5)));
    sheet.row(format!("Y02,{evaluated},no,{notified},N-91,,{},L-7,3000000", cast.day(9)));
    if cast.plants.unfair {
        sheet.planted(format!("Y03,{evaluated},no,{notified},N-92,,,,3000000"), &["A03"], "Y03");
    }
    sheet
}

fn users(cast: &Cast<'_>) -> Sheet {
    let mut sheet = Sheet::new("users", USERS);
    let from = cast.day(-400);
    for (at, client) in cast.population.clients.iter().enumerate() {
        for (nth, account) in client.accounts.clone().enumerate() {
            let (name, account) = (&client.name, &cast.population.accounts[account as usize]);
            let row = |suspended: &str| format!("{name},{account},client,{from},,{suspended}");
            match (at, nth) {
                // The largest client of its group trades every day.
                (0, 0) if cast.plants.unfair => {
                    let suspended = format!("{},{}", cast.trading_days[0], cast.trading_days[1.min(cast.trading_days.len() - 1)]);
                    sheet.planted(row(&suspended), &["X04"], account);
                    sheet.shown_by_orders("X04", account);
                }
                // A listed client's second account.
                (2, 1) if cast.plants.unfair => sheet.shown_by_orders("A08", account),
                (6, _) if cast.plants.unfair => sheet.planted(row(","), &["A02"], name),
                _ => sheet.row(row(",")),
            }
        }
    }
    sheet
}

fn few_served(cast: &Cast<'_>, names: &[String]) -> (Sheet, Sheet) {
    let mut clients = Sheet::new("clients", CLIENTS);
    let (evaluated, notified) = (cast.day(-20), cast.day(-10));
    for (at, name) in names.iter().enumerate() {
        let value = 2_000_000 + 10_000 * at;
        if at < SERVED {
            clients.planted(format!("{name},{evaluated},yes,{notified},N-{at},,,,{value}"), &["A04", "A10"], name);
        } else {
            clients.planted(format!("{name},{evaluated},no,,,,,,{value}"), &["A01", "A03"], name);
        }
    }
    let mut users = Sheet::new("users", USERS);
    for (at, account) in cast.population.accounts.iter().enumerate() {
        users.row(format!("{},{account},client,{},,,", names[at % SERVED], cast.day(-400)));
    }
    (clients, users)
}

fn applications(cast: &Cast<'_>) -> Sheet {
    let mut sheet = Sheet::new("applications", "client,applied_on,decision,decided_on,notice");
    sheet.row(format!("Y01,{},approved,{},N-90", cast.day(2), cast.day(12)));
    sheet.row(format!("Y02,{},refused,{},L-7", cast.day(3), cast.day(9)));
    if cast.plants.unfair {
        sheet.planted(format!("Y03,{},,,", cast.day(30)), &["A05"], "Y03");
        sheet.planted(format!("X01,{},refused,{},", cast.day(40), cast.day(50)), &["A06"], "X01");
    }
    sheet
}

fn reviews(cast: &Cast<'_>) -> Sheet {
    let mut sheet = Sheet::new("reviews", "reviewed_on,reviewer");
    for date in every(120, cast.day(-100), cast.end()) {
        let in_first_year = date.ymd().0 == cast.period.0.ymd().0;
        match (cast.plants.unfair, in_first_year) {
            // One review of the year is left.
            (true, true) if date > cast.day(60) => (),
            (true, true) => sheet.planted(format!("{date},compliance"), &["A07"], "list"),
            _ => sheet.row(format!("{date},compliance")),
        }
    }
    sheet
}

fn connections(cast: &Cast<'_>, clients: &[String]) -> Sheet {
    let mut sheet = Sheet::new("connections", "client,connected_at,line");
    let n = clients.len();
    for (at, date) in weekdays(cast.day(-30).max(crate::record::TradeDate(cast.end().0 - 40)), cast.end()).into_iter().enumerate() {
        for (client, name) in clients.iter().enumerate() {
            // Each is first in turn.
            let rank = (client + 7 * at) % n;
            sheet.row(format!("{name},{date} 08:30:00.{:03},L{}", rank + 1, client % 2 + 1));
        }
    }
    sheet
}
