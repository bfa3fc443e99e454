//! One JSON object: checked throughout, and the values at the wanted paths.
//!
//! Numbers stay the text they are, so that an id of twenty digits or an epoch of nanoseconds loses none. Nothing is built: values are
//! ranges of the line, or of a buffer where a string holds escapes.

use std::ops::Range;

use crate::record::Notice;

/// How deep objects and lists may be nested.
const DEEPEST: u32 = 64;

/// A value at a wanted path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Value {
    /// Not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A string without escapes: its place in the line.
    Text(Range<usize>),
    /// A string with escapes: its place in the buffer.
    Unescaped(Range<usize>),
    /// A number as written.
    Number(Range<usize>),
    /// `true` or `false`.
    Flag(Range<usize>),
    /// A list or an object.
    Compound,
}

/// Where a line stops being JSON, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    pub(crate) at: usize,
    /// What, in Chinese and in English.
    pub(crate) problem: (&'static str, &'static str),
}

impl JsonFault {
    /// The fault with its place, from 1.
    pub(crate) fn notice(&self) -> Notice {
        let (byte, (zh, en)) = (self.at + 1, self.problem);
        (format!("該行第 {byte} 個位元組：{zh}"), format!("byte {byte} of the line: {en}")).into()
    }
}

/// The wanted paths as a tree of keys.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
    n_slots: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    children: Vec<(Vec<u8>, usize)>,
    slot: Option<usize>,
}

impl Paths {
    /// Paths such as `order.sent.ts`; slot k is that of the k-th. A dot within a key is written `\.`.
    pub(crate) fn of(paths: &[String]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], n_slots: paths.len() };
        for (slot, path) in paths.iter().enumerate() {
            let at = keys(path).into_iter().fold(0, |node, key| tree.child(node, key));
            tree.nodes[at].slot = Some(slot);
        }
        tree
    }

    fn child(&mut self, node: usize, key: Vec<u8>) -> usize {
        if let Some((_, child)) = self.nodes[node].children.iter().find(|(known, _)| *known == key) {
            return *child;
        }
        self.nodes.push(Node::default());
        let child = self.nodes.len() - 1;
        self.nodes[node].children.push((key, child));
        child
    }
}

fn keys(path: &str) -> Vec<Vec<u8>> {
    let mut keys = vec![Vec::new()];
    let mut bytes = path.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.peek() == Some(&b'.') => {
                bytes.next();
                keys.last_mut().expect("one key is there from the start").push(b'.');
            }
            b'.' => keys.push(Vec::new()),
            _ => keys.last_mut().expect("one key is there from the start").push(byte),
        }
    }
    keys
}

/// Reads objects, one after another, into the same buffers.
#[derive(Debug)]
pub(crate) struct JsonScanner<'p> {
    paths: &'p Paths,
    pub(crate) values: Vec<Value>,
    pub(crate) buffer: Vec<u8>,
    /// For each node the child that matched last: records repeat their order of keys.
    expected: Vec<usize>,
    key: Vec<u8>,
}

impl<'p> JsonScanner<'p> {
    pub(crate) fn new(paths: &'p Paths) -> Self {
        Self { paths, values: Vec::new(), buffer: Vec::new(), expected: vec![0; paths.nodes.len()], key: Vec::new() }
    }

    /// Reads the object that `line` is.
    pub(crate) fn read(&mut self, line: &[u8]) -> Result<(), JsonFault> {
        self.values.clear();
        self.values.resize(self.paths.n_slots, Value::Absent);
        self.buffer.clear();
        let at = skip_blanks(line, 0);
        if line.get(at) != Some(&b'{') {
            return fault(at, ("不是 JSON 物件", "not a JSON object"));
        }
        let at = self.object(line, at, Some(0), DEEPEST)?;
        let end = skip_blanks(line, at);
        if end < line.len() { fault(end, ("物件之後還有別的內容", "something stands behind the object")) } else { Ok(()) }
    }

    /// The bytes of a slot's value in `line`; `None` where there is none or it is null.
    pub(crate) fn text<'a>(&'a self, line: &'a [u8], slot: usize) -> Option<&'a [u8]> {
        match &self.values[slot] {
            Value::Absent | Value::Null | Value::Compound => None,
            Value::Text(range) | Value::Number(range) | Value::Flag(range) => Some(&line[range.clone()]),
            Value::Unescaped(range) => Some(&self.buffer[range.clone()]),
        }
    }

    fn object(&mut self, line: &[u8], start: usize, node: Option<usize>, depth: u32) -> Result<usize, JsonFault> {
        if depth == 0 {
            return fault(start, ("巢狀過深", "nested too deeply"));
        }
        let mut at = skip_blanks(line, start + 1);
        if line.get(at) == Some(&b'}') {
            return Ok(at + 1);
        }
        loop {
            if line.get(at) != Some(&b'"') {
                return fault(at, ("此處應為引號中的鍵名", "a key in quotes was expected"));
            }
            let (key, escaped, end) = string(line, at)?;
            let child = match node {
                Some(node) if escaped => self.escaped_child(node, &line[key], at)?,
                Some(node) => self.child(node, &line[key]),
                None => None,
            };
            at = skip_blanks(line, end);
            if line.get(at) != Some(&b':') {
                return fault(at, ("此處應為冒號", "a colon was expected"));
            }
            at = self.value(line, skip_blanks(line, at + 1), child, depth)?;
            at = skip_blanks(line, at);
            match line.get(at) {
                Some(b',') => at = skip_blanks(line, at + 1),
                Some(b'}') => return Ok(at + 1),
                _ => return fault(at, ("此處應為逗號或物件結尾", "a comma or the object's end was expected")),
            }
        }
    }

    fn list(&mut self, line: &[u8], start: usize, depth: u32) -> Result<usize, JsonFault> {
        if depth == 0 {
            return fault(start, ("巢狀過深", "nested too deeply"));
        }
        let mut at = skip_blanks(line, start + 1);
        if line.get(at) == Some(&b']') {
            return Ok(at + 1);
        }
        loop {
            at = skip_blanks(line, self.value(line, at, None, depth)?);
            match line.get(at) {
                Some(b',') => at = skip_blanks(line, at + 1),
                Some(b']') => return Ok(at + 1),
                _ => return fault(at, ("此處應為逗號或陣列結尾", "a comma or the list's end was expected")),
            }
        }
    }

    fn value(&mut self, line: &[u8], at: usize, node: Option<usize>, depth: u32) -> Result<usize, JsonFault> {
        let (value, end) = match line.get(at) {
            Some(b'"') => {
                let (range, escaped, end) = string(line, at)?;
                let slot = node.and_then(|node| self.paths.nodes[node].slot);
                match (escaped, slot) {
                    (true, Some(_)) => {
                        let from = self.buffer.len();
                        unescape(&line[range], at + 1, &mut self.buffer)?;
                        (Value::Unescaped(from..self.buffer.len()), end)
                    }
                    _ => (Value::Text(range), end),
                }
            }
            Some(b'{') => (Value::Compound, self.object(line, at, node, depth - 1)?),
            Some(b'[') => (Value::Compound, self.list(line, at, depth - 1)?),
            Some(b'-' | b'0'..=b'9') => {
                let end = number(line, at)?;
                (Value::Number(at..end), end)
            }
            _ => literal(line, at)?,
        };
        let Some(slot) = node.and_then(|node| self.paths.nodes[node].slot) else { return Ok(end) };
        if self.values[slot] != Value::Absent {
            return fault(at, ("study.toml 指明的鍵出現兩次", "a key that study.toml names comes twice"));
        }
        self.values[slot] = value;
        Ok(end)
    }

    fn child(&mut self, node: usize, key: &[u8]) -> Option<usize> {
        let children = &self.paths.nodes[node].children;
        // The one behind the last match first.
        let next = self.expected[node] + 1;
        let near = [next, 0].into_iter().find(|at| children.get(*at).is_some_and(|(known, _)| known == key));
        let at = near.or_else(|| children.iter().position(|(known, _)| known == key))?;
        self.expected[node] = at;
        Some(children[at].1)
    }

    fn escaped_child(&mut self, node: usize, key: &[u8], at: usize) -> Result<Option<usize>, JsonFault> {
        let mut plain = std::mem::take(&mut self.key);
        plain.clear();
        unescape(key, at + 1, &mut plain)?;
        let child = self.child(node, &plain);
        self.key = plain;
        Ok(child)
    }
}

fn fault<T>(at: usize, problem: (&'static str, &'static str)) -> Result<T, JsonFault> {
    Err(JsonFault { at, problem })
}

fn skip_blanks(line: &[u8], mut at: usize) -> usize {
    while matches!(line.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// The string that opens at `at`: its inside, whether it holds escapes, and where it ends.
fn string(line: &[u8], at: usize) -> Result<(Range<usize>, bool, usize), JsonFault> {
    let (start, mut from, mut escaped) = (at + 1, at + 1, false);
    loop {
        let Some(found) = memchr::memchr2(b'"', b'\\', &line[from..]) else {
            return fault(at, ("字串沒有結束", "a string is not closed"));
        };
        let mark = from + found;
        if line[mark] == b'"' {
            return Ok((start..mark, escaped, mark + 1));
        }
        (escaped, from) = (true, (mark + 2).min(line.len()));
    }
}

fn number(line: &[u8], start: usize) -> Result<usize, JsonFault> {
    let digits = |from: usize| line[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = start + usize::from(line[start] == b'-');
    let n_whole = digits(at);
    if n_whole == 0 || n_whole > 1 && line[at] == b'0' {
        return fault(start, ("不是 JSON 的數字", "not a number of JSON"));
    }
    at += n_whole;
    if line.get(at) == Some(&b'.') {
        let n_fraction = digits(at + 1);
        if n_fraction == 0 {
            return fault(start, ("不是 JSON 的數字", "not a number of JSON"));
        }
        at += 1 + n_fraction;
    }
    if let Some(b'e' | b'E') = line.get(at) {
        at += 1 + usize::from(matches!(line.get(at + 1), Some(b'+' | b'-')));
        let n_exponent = line.get(at..).map_or(0, |_| digits(at));
        if n_exponent == 0 {
            return fault(start, ("不是 JSON 的數字", "not a number of JSON"));
        }
        at += n_exponent;
    }
    Ok(at)
}

fn literal(line: &[u8], at: usize) -> Result<(Value, usize), JsonFault> {
    let rest = line.get(at..).unwrap_or_default();
    match rest {
        _ if rest.starts_with(b"null") => Ok((Value::Null, at + 4)),
        _ if rest.starts_with(b"true") => Ok((Value::Flag(at..at + 4), at + 4)),
        _ if rest.starts_with(b"false") => Ok((Value::Flag(at..at + 5), at + 5)),
        _ => fault(at, ("此處應為值", "a value was expected")),
    }
}

/// Appends the text that `inside`, which starts at byte `at` of the line, stands for.
fn unescape(inside: &[u8], at: usize, text: &mut Vec<u8>) -> Result<(), JsonFault> {
    let mut from = 0;
    while from < inside.len() {
        let Some(plain) = memchr::memchr(b'\\', &inside[from..]) else {
            text.extend_from_slice(&inside[from..]);
            return Ok(());
        };
        text.extend_from_slice(&inside[from..from + plain]);
        let mark = from + plain;
        from = mark + 2;
        let simple = match inside.get(mark + 1) {
            Some(same @ (b'"' | b'\\' | b'/')) => *same,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let Some((character, length)) = unicode(&inside[mark..]) else {
                    return fault(at + mark, ("跳脫序列不是字元", "an escape that is no character"));
                };
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                from = mark + length;
                continue;
            }
            _ => return fault(at + mark, ("JSON 沒有的跳脫序列", "an escape that JSON does not know")),
        };
        text.push(simple);
    }
    Ok(())
}

/// The character of `\u6052`, or of two such escapes that make one, and their length.
fn unicode(escape: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(escape.get(at + 2..at + 6)?).ok()?;
        (escape[at..].starts_with(b"\\u") && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .then(|| u16::from_str_radix(digits, 16).ok())
            .flatten()
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let both = [first, unit(6)?];
    char::decode_utf16(both).next()?.ok().map(|character| (character, 12))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Oracle;

    use super::*;

    fn read(paths: &[&str], line: &str) -> Result<Vec<Option<String>>, JsonFault> {
        let paths = Paths::of(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        let mut scanner = JsonScanner::new(&paths);
        scanner.read(line.as_bytes())?;
        let text = |slot| scanner.text(line.as_bytes(), slot).map(|text| String::from_utf8(text.to_vec()).expect("valid"));
        Ok((0..paths.n_slots).map(text).collect())
    }

    #[test]
    fn values_are_found_by_path_and_numbers_keep_their_text() {
        let line = r#"{"id":18446744073709551617, "order": {"sent":{"ts":1700000000.1234567}, "note":"a\"b\u6052\ud83d\ude00"}, "l":[1,{"id":2}], "a.b":true, "n":null}"#;
        let found = read(&["id", "order.sent.ts", "order.note", "a\\.b", "n", "none", "l"], line).expect("JSON");
        let expected = [Some("18446744073709551617"), Some("1700000000.1234567"), Some("a\"b恒😀"), Some("true"), None, None, None];
        assert_eq!(found, expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn what_is_no_single_object_is_refused_with_its_place() {
        for (line, at) in [
            ("[1]", 0),
            (r#"{"a":1} {"#, 8),
            (r#"{"a":01}"#, 5),
            (r#"{"a":1.}"#, 5),
            (r#"{"a":1e}"#, 5),
            (r#"{"a":tru}"#, 5),
            (r#"{"a":"b}"#, 5),
            (r#"{"a" 1}"#, 5),
            (r#"{"a":1"#, 6),
            (r#"{a:1}"#, 1),
            (r#"{"a":"\x"}"#, 6),
            (r#"{"a":"\ud800"}"#, 6),
            (r#"{"a":1,"a":2}"#, 11),
        ] {
            assert_eq!(read(&["a"], line).map_err(|fault| fault.at), Err(at), "{line}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert!(read(&["b"], &deep).is_err());
    }

    /// Any JSON value, small.
    fn json() -> impl Strategy<Value = Oracle> {
        let leaf = prop_oneof![
            Just(Oracle::Null),
            any::<bool>().prop_map(Oracle::from),
            any::<i64>().prop_map(Oracle::from),
            (-1e9..1e9).prop_map(|number: f64| Oracle::from(number)),
            "\\PC{0,6}".prop_map(Oracle::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Oracle::from),
                prop::collection::btree_map("[ab]{1,2}", inner, 0..4).prop_map(|map| Oracle::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_generated_object_is_read_as_serde_json_reads_it(map in prop::collection::btree_map("[ab]{1,2}", json(), 0..4)) {
            let object = Oracle::Object(map.into_iter().collect());
            let found = read(&["a", "b", "ab", "a.b", "b.a.b"], &object.to_string()).expect("valid JSON");
            for (at, pointer) in ["/a", "/b", "/ab", "/a/b", "/b/a/b"].into_iter().enumerate() {
                let expected = match object.pointer(pointer) {
                    None | Some(Oracle::Null | Oracle::Array(_) | Oracle::Object(_)) => None,
                    Some(Oracle::String(text)) => Some(text.clone()),
                    Some(other) => Some(other.to_string()),
                };
                // A path through a list is none here, and none there: list indices are digits.
                prop_assert_eq!(&found[at], &expected, "{} of {}", pointer, object);
            }
        }

        #[test]
        fn what_is_accepted_serde_json_accepts_too(text in r#"\{("a":)?["\\u0-9ae.+\-:,\[\]{}tnrlsf ]{0,12}\}?"#) {
            if read(&[], &text).is_ok() {
                let parsed: Result<Oracle, _> = serde_json::from_str(&text);
                // Escapes in values nobody asked for are not looked into.
                prop_assert!(parsed.is_ok() || text.contains('\\'), "{}", text);
            }
        }
    }
}
