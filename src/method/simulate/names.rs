//! Names that files and memory share.

/// Every client has the same access by contract.
pub(crate) const ACCESS_CLASS: &str = "colocated";

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `GW01`, `GW02`, ...
pub(crate) fn gateway(code: u32) -> String {
    format!("GW{:02}", code + 1)
}

/// `GW01-01`: the gateway and the line in it.
pub(crate) fn shard(line: u32, lines_per_gateway: u32) -> String {
    format!("{}-{:02}", gateway(line / lines_per_gateway), line % lines_per_gateway + 1)
}

/// The machine of a gateway.
pub(crate) fn host(gateway: u32) -> String {
    format!("colo-{:02}", gateway + 1)
}

/// The exchange's channel code.
pub(crate) fn channel(code: u8) -> &'static str {
    ["0", "1", "2", "3", "4", "5", "6"][usize::from(code)]
}

/// A group's name in Chinese files; in the same order as the names they stand for, by code point.
pub(crate) fn chinese_group(name: &str) -> &'static str {
    match name {
        "A" => "丁組",
        "B" => "恒組",
        "C" => "甲組",
        "D" => "癸組",
        "E" => "線組",
        "F" => "聯組",
        _ => "自營",
    }
}

/// First letters of the ids.
pub(crate) const ORDER: u8 = b'O';
pub(crate) const RECEIPT: u8 = b'K';
pub(crate) const PARENT: u8 = b'P';

/// A short ASCII name on the stack.
pub(crate) struct Id<const N: usize = 12>([u8; N]);

impl Id {
    /// A letter and eleven digits.
    pub(crate) fn new(prefix: u8, mut number: u64) -> Self {
        let mut bytes = [prefix; 12];
        for digit in bytes[1..].iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        Self(bytes)
    }
}

impl<const N: usize> Id<N> {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ASCII letters and digits")
    }
}

/// Five base-62 characters: the line's own letter, then four digits of the day's serial number on that line (0-9, A-Z, a-z).
pub(crate) fn serial(line: u16, serial: u32) -> Id<5> {
    let digit = |value: u32| BASE_62[(value % 62) as usize];
    Id([digit(u32::from(line)), digit(serial / 238_328), digit(serial / 3_844), digit(serial / 62), digit(serial)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_count_in_base_62() {
        assert_eq!(serial(0, 1).as_str(), "00001");
        assert_eq!(serial(11, 62 * 62 + 61).as_str(), "B010z");
        assert_eq!(Id::new(ORDER, 42).as_str(), "O00000000042");
        assert_eq!(shard(3, 2), "GW02-02");
    }
}
