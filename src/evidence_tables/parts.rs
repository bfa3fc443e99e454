//! What a part of a workbook says that its reader would take for something else than spreadsheet programs show.
//!
//! Of a cell's value that reader takes the text up to the first thing within it that is none, and for the number of a shared text that is no
//! number the first one. No spreadsheet program writes such values; somebody else may, for them to read otherwise here.

use crate::record::Notice;

/// Why a part of this name is not read.
pub(crate) fn contradiction(name: &str, part: &[u8]) -> Option<Notice> {
    // UTF-16 has a zero beside each of the characters that matter here.
    let plain: Vec<u8> = part.iter().copied().filter(|byte| *byte != 0).collect();
    let of_texts = name.to_ascii_lowercase().ends_with("sharedstrings.xml");
    if let Some(declared) = of_texts.then(|| declared_beyond(&plain)).flatten() {
        let (zh, en) = (
            format!("自稱有 {declared} 個文字，多於其位元組所能容"),
            format!("it declares {declared} texts, more than its bytes can hold"),
        );
        return Some((zh, en).into());
    }
    let cell = crooked_value(&plain)?;
    let en = format!("a cell's value is written so that programs read it differently: {cell}");
    Some((format!("有儲存格之值，寫法使各程式讀出不同內容：{cell}"), en).into())
}

/// The number of texts that a part declares, where it has not as many bytes: the reader makes room for all of them at once.
fn declared_beyond(part: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"uniqueCount";
    let value = |at: usize| -> String {
        let after = part[at + NAME.len()..].iter().skip_while(|byte| byte.is_ascii_whitespace() || b"=\"'+".contains(byte));
        after.take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect()
    };
    let places = part.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    // Digits beyond 64 bits are a number that no part can hold either.
    places.map(|(at, _)| value(at)).find(|digits| !digits.is_empty() && digits.parse().map_or(true, |n: u64| n > part.len() as u64))
}

/// The first value of a cell that is more than plain text, with a comment or a mark within it or a digit written as a reference, or that is the
/// number of a shared text and no number.
fn crooked_value(part: &[u8]) -> Option<String> {
    let mut of_shared_text = false;
    let mut pieces = part.split(|byte| *byte == b'<').skip(1).peekable();
    while let Some(piece) = pieces.next() {
        let (tag, text) = piece.split_at(piece.iter().position(|byte| *byte == b'>').unwrap_or(piece.len()));
        let text = text.get(1..).unwrap_or_default();
        let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
        match name.rsplit(|byte| *byte == b':').next().unwrap_or_default() {
            b"c" => {
                let tight: Vec<u8> = tag.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                of_shared_text = tight.windows(5).any(|window| window == b"t=\"s\"" || window == b"t='s'");
            }
            b"v" if !tag.ends_with(b"/") && !tag.starts_with(b"/") => {
                let interrupted = pieces.peek().is_some_and(|next| next.starts_with(b"!") || next.starts_with(b"?"));
                let no_number = of_shared_text && !text.iter().all(u8::is_ascii_digit);
                if interrupted || no_number || has_disguised(text) {
                    return Some(String::from_utf8_lossy(text).chars().take(40).collect());
                }
            }
            _ => (),
        }
    }
    None
}

/// Whether a letter, a digit or a sign of ASCII is written as a reference: only those that mean something in XML have to be.
fn has_disguised(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.split("&#").skip(1).any(|rest| {
        let written = rest.split(';').next().unwrap_or_default();
        let code = written.strip_prefix(['x', 'X']).map_or_else(|| written.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        code.and_then(char::from_u32).is_some_and(|character| character.is_ascii_graphic() && !"<>&\"'".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_texts_than_bytes_are_a_contradiction_in_any_encoding_of_the_part() {
        let part = |declared: &str| format!("<sst count=\"1\" uniqueCount = '{declared}'><si><t>a</t></si></sst>");
        for (declared, refused) in [("1", false), ("40", false), ("400000000", true), ("99999999999999999999999", true), ("", false)] {
            let utf16: Vec<u8> = part(declared).encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [part(declared).into_bytes(), utf16] {
                assert_eq!(contradiction("xl/SharedStrings.xml", &bytes).is_some(), refused, "{declared}");
                assert!(contradiction("xl/other.xml", &bytes).is_none());
            }
        }
    }

    #[test]
    fn a_value_that_programs_read_differently_is_found_and_no_other() {
        for (cell, crooked) in [
            ("<c r=\"A1\"><v>12</v></c>", false),
            ("<c r=\"A1\"><v/></c><c><v></v></c>", false),
            ("<c r=\"A1\" t=\"str\"><f>A2&amp;\"x\"</f><v>a &lt;b&gt; &#10;&#x4E00;&#38;</v></c>", false),
            ("<c t=\"inlineStr\"><is><t>a<!-- no value -->b</t></is></c>", false),
            ("<!-- a comment --><c><v>1</v><!-- another --></c>", false),
            ("<vt:lpstr>1<!-- -->2</vt:lpstr>", false),
            ("<c r=\"A1\" s=\"1\" t=\"s\"><v>0</v></c>", false),
            ("<c r=\"A1\"><v>1<!-- and -->2</v></c>", true),
            ("<c r=\"A1\"><v><![CDATA[12]]></v></c>", true),
            ("<x:c r=\"A1\"><x:v xml:space=\"preserve\">1<?and?>2</x:v></x:c>", true),
            ("<c r=\"A1\"><v>1&#50;</v></c>", true),
            ("<c r=\"A1\"><v>1&#x32;</v></c>", true),
            ("<c r=\"A1\" t=\"s\"><v> 1</v></c>", true),
            ("<c t='s'><v>one</v></c>", true),
            ("<c\n\tt = \"s\"><v>one</v></c>", true),
        ] {
            let utf16: Vec<u8> = cell.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for bytes in [cell.as_bytes(), &utf16] {
                assert_eq!(contradiction("xl/worksheets/sheet1.xml", bytes).is_some(), crooked, "{cell}");
            }
        }
    }
}
