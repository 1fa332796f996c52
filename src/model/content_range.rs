use super::{ByteCount, HeaderList};

/// A `Content-Range` of a 206 response, `bytes first-last/complete`
/// ([RFC 9110, 14.4](https://www.rfc-editor.org/rfc/rfc9110#field.content-range)).
///
/// The draft's own grammar has `bytes=` and reads only the first header; both are known defects (WICG issues 153, 154).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    pub first: ByteCount,
    /// Position of the last byte, inclusive.
    pub last: ByteCount,
    /// Length of the whole file; `None` for `*`.
    pub complete: Option<ByteCount>,
}

impl ContentRange {
    /// `None` where the header is absent, is a list, or does not follow the grammar.
    pub fn from_headers(headers: &HeaderList) -> Option<Self> {
        Self::parse(&headers.value("content-range")?)
    }

    pub fn parse(value: &str) -> Option<Self> {
        let (range, complete) = byte_range_and_complete(value)?;
        let (first, last) = range.split_once('-')?;
        let (first, last) = (digits(first)?, digits(last)?);
        let complete = if complete == "*" { None } else { Some(digits(complete)?) };
        if last < first || complete.is_some_and(|complete| complete <= last) {
            return None;
        }
        Some(Self { first, last, complete })
    }

    /// The position after the last byte.
    pub fn end(self) -> ByteCount {
        self.last + ByteCount(1)
    }

    pub fn is_whole(self) -> bool {
        self.first.is_zero() && self.complete == Some(self.end())
    }
}

/// The `Content-Range` of a 416 response, `bytes */complete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsatisfiedRange {
    pub complete: ByteCount,
}

impl UnsatisfiedRange {
    pub fn from_headers(headers: &HeaderList) -> Option<Self> {
        let value = headers.value("content-range")?;
        match byte_range_and_complete(&value)? {
            // The second is what some servers say of an empty file.
            ("*", complete) | ("0--1", complete @ "0") => Some(Self { complete: digits(complete)? }),
            _ => None,
        }
    }
}

fn byte_range_and_complete(value: &str) -> Option<(&str, &str)> {
    let (unit, range) = value.trim_matches([' ', '\t']).split_once(' ')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    range.trim_start_matches(' ').split_once('/')
}

/// Digits only: `u64::from_str` would take a plus sign.
pub(super) fn digits(text: &str) -> Option<ByteCount> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().map(ByteCount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u64, last: u64, complete: Option<u64>) -> Option<ContentRange> {
        Some(ContentRange {
            first: ByteCount(first),
            last: ByteCount(last),
            complete: complete.map(ByteCount),
        })
    }

    #[test]
    fn takes_what_the_rfc_allows() {
        assert_eq!(ContentRange::parse("bytes 0-99/100"), range(0, 99, Some(100)));
        assert_eq!(ContentRange::parse("Bytes 5-5/*"), range(5, 5, None));
        assert_eq!(
            ContentRange::parse(" bytes 0-18446744073709551614/18446744073709551615 ").map(|r| r.last.0),
            Some(u64::MAX - 1)
        );
    }

    #[test]
    fn refuses_everything_else() {
        for value in [
            "",
            "bytes",
            "bytes ",
            "bytes=0-1/2",
            "bytes 0-1",
            "bytes 1-0/2",
            "bytes 0-2/2",
            "bytes 0-1/2, bytes 0-1/2",
            "bytes +0-1/2",
            "bytes -1/2",
            "bytes 0-/2",
            "bytes */2",
            "items 0-1/2",
            "bytes 0-18446744073709551616/*",
            "bytes 0-1/two",
            "bytes 0 - 1/2",
        ] {
            assert_eq!(ContentRange::parse(value), None, "{value}");
        }
    }

    #[test]
    fn an_unsatisfied_range_tells_the_length() {
        let headers: HeaderList = [("Content-Range", "bytes */42")].into_iter().collect();
        assert_eq!(
            UnsatisfiedRange::from_headers(&headers),
            Some(UnsatisfiedRange { complete: ByteCount(42) })
        );
        let headers: HeaderList = [("Content-Range", "bytes 0-1/42")].into_iter().collect();
        assert_eq!(UnsatisfiedRange::from_headers(&headers), None);
    }
}
