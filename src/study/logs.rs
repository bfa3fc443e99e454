//! What logs and mixed files held beside the rows of the study, in words.

use crate::ingest::MessageTally;

/// Kinds of records told by name, the most frequent.
const MOST_KINDS: usize = 20;

/// Says what stood in the files of one side beside its rows; nothing where there was nothing.
pub(crate) fn tell(zh: &str, en: &str, tally: &MessageTally, say: &mut impl FnMut(String, String)) {
    if !tally.classes.is_empty() {
        let counts = |words: fn((&'static str, &'static str)) -> &'static str, between: &str| {
            let parts = tally.classes.iter().map(|(class, n)| format!("{} {n}", words(class.words())));
            parts.collect::<Vec<_>>().join(between)
        };
        say(
            format!("{zh}的 FIX 訊息：{}", counts(|words| words.0, "、")),
            format!("FIX messages in the {en} files: {}", counts(|words| words.1, ", ")),
        );
    }
    if !tally.other_kinds.is_empty() {
        let mut kinds: Vec<(&String, &u64)> = tally.other_kinds.iter().collect();
        kinds.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let n_more = kinds.len().saturating_sub(MOST_KINDS);
        let told: Vec<String> = kinds.iter().take(MOST_KINDS).map(|(kind, n)| format!("{kind} {n}")).collect();
        let more = if n_more == 0 { Default::default() } else { (format!("、另 {n_more} 種"), format!(", and {n_more} more kinds")) };
        say(
            format!("{zh}中其他種類的紀錄未列入：{}{}", told.join("、"), more.0),
            format!("records of other kinds in the {en} files are not rows of the study: {}{}", told.join(", "), more.1),
        );
    }
    let mut count = |n: u64, zh_words: &str, en_words: &str| {
        if n > 0 {
            say(format!("{zh}：{n} {zh_words}"), format!("{en}: {n} {en_words}"));
        }
    };
    count(
        tally.bad_checksum + tally.bad_length,
        "則 FIX 訊息的檢查碼（10）或長度（9）與內容不符，仍予保留；紀錄可能被改寫或截斷",
        "FIX messages whose checksum (10) or length (9) does not fit their bytes; they are kept, but the log may have been edited or cut",
    );
    count(
        tally.truncated,
        "則 FIX 訊息沒有結尾；其中屬於委託者列為拒收",
        "FIX messages have no end; those that may be orders are rejected rows",
    );
    count(tally.joined, "則 FIX 訊息由數行接成", "FIX messages were joined from several lines");
    count(
        tally.unreadable_answers,
        "則交易所回報的時間無法讀取：其所回覆之委託看似未獲回覆",
        "answers of the exchange have a time that cannot be read: what they answer seems unanswered",
    );
    count(tally.other_direction, "則訊息的方向不是所選的方向", "messages went the other way than the one chosen");
    count(tally.unreadable, "處像是 FIX 訊息的開頭但不是訊息", "places look like the start of a FIX message and are none");
    count(tally.other_lines, "行沒有紀錄（控制行、表頭、表尾）", "lines hold no record (control lines, headers, footers)");
}
