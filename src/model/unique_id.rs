use std::fmt;

use serde::Serialize;

use super::{FromRow, Millis, Row};

/// Names one background fetch for ever. The developer's id is free again before the settled event, while the old
/// records are still readable. Ordered by time of creation, which is the order of `getIds()`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UniqueId(String);

impl FromRow for UniqueId {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.text().map(Self)
    }
}

impl UniqueId {
    const DIGITS: usize = 20;

    /// 48 bits of time, then 32 random bits, as 20 hexadecimal digits. The caller never passes the same time twice in
    /// one realm, so that its fetches keep their order.
    pub fn new(created: Millis, random: u32) -> Self {
        let digits = (u128::from(created.0 & 0xffff_ffff_ffff) << 32) | u128::from(random);
        let mut text = String::with_capacity(Self::DIGITS);
        for position in (0..Self::DIGITS).rev() {
            let digit = ((digits >> (position * 4)) & 0xf) as u32;
            text.extend(char::from_digit(digit, 16));
        }
        Self(text)
    }

    /// `None` for what [`new`](Self::new) does not make. The name in a message becomes the name of a lock, which a
    /// browser refuses when it is too long.
    pub fn from_message(text: String) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == Self::DIGITS && text.bytes().all(is_digit)).then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for UniqueId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let early = UniqueId::new(Millis(999), u32::MAX);
        let late = UniqueId::new(Millis(1000), 0);
        assert!(early < late);
        assert_eq!(late.as_str(), "0000000003e800000000");
    }
}
