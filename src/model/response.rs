use serde::Serialize;

use super::content_range::digits;
use super::http_date::http_date;
use super::row::by_name;
use super::{ByteCount, FromRow, HeaderList, Millis, Row};

/// [Response type](https://fetch.spec.whatwg.org/#concept-response-type).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    #[default]
    Basic,
    Cors,
    Default,
    Error,
    Opaque,
    OpaqueRedirect,
}

by_name!(ResponseType {
    "basic" => Basic,
    "cors" => Cors,
    "default" => Default,
    "error" => Error,
    "opaque" => Opaque,
    "opaqueredirect" => OpaqueRedirect,
});

/// A [response](https://fetch.spec.whatwg.org/#concept-response) without its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseHead {
    pub status: u16,
    pub status_text: String,
    #[serde(serialize_with = "HeaderList::serialize_lines")]
    pub headers: HeaderList,
    /// Where the last redirect led, without fragment.
    pub url: String,
    pub redirected: bool,
    #[serde(rename = "type")]
    pub kind: ResponseType,
}

impl FromRow for ResponseHead {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            status: row.read("status")?,
            status_text: row.read("statusText")?,
            headers: row.read("headers")?,
            url: row.read("url")?,
            redirected: row.read("redirected")?,
            kind: row.read("type")?,
        })
    }
}

impl ResponseHead {
    /// [An ok status](https://fetch.spec.whatwg.org/#ok-status).
    pub fn is_ok(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// Cross-origin only the safelisted headers can be read, so the absence of the others means nothing.
    pub fn hides_headers(&self) -> bool {
        self.kind == ResponseType::Cors
    }

    /// Length of the decoded body; `None` where the head does not tell it.
    pub fn body_length(&self) -> Option<ByteCount> {
        if self.has_content_coding() {
            return None;
        }
        digits(self.headers.value("content-length")?.trim())
    }

    /// Bytes of the encoded representation, where the head tells that there is one, and its length.
    pub fn encoded_length(&self) -> Option<ByteCount> {
        let length = self.headers.value("content-length").filter(|_| self.has_content_coding())?;
        digits(length.trim())
    }

    /// Whether a later part can be recognised as a part of this very file. The head names its version by a strong ETag
    /// or by a date, and there is no content coding.
    pub fn has_validator(&self) -> bool {
        !self.has_content_coding() && (self.strong_etag().is_some() || self.headers.contains("last-modified"))
    }

    /// Whether the head names a version of the file, even if parts of that version cannot be recognised.
    pub fn names_version(&self) -> bool {
        self.headers.contains("etag") || self.headers.contains("last-modified")
    }

    /// Whether the end of the body does not show that it is complete, and the server can be asked for more. So it is
    /// where no length is told, and the file has versions.
    pub fn may_be_truncated(&self) -> bool {
        self.is_ok()
            && self.body_length().is_none()
            && self.encoded_length().is_none()
            && self.names_version()
    }

    /// Whether browsers decode the body. What they do not know they hand out as it is: `identity`, or `aws-chunked`,
    /// which some stores leave in the headers of files.
    pub fn has_content_coding(&self) -> bool {
        const DECODED: [&str; 7] = ["gzip", "x-gzip", "deflate", "br", "zstd", "dcb", "dcz"];
        let is_decoded = |coding: &str| DECODED.iter().any(|known| coding.trim().eq_ignore_ascii_case(known));
        self.headers.value("content-encoding").is_some_and(|codings| codings.split(',').any(is_decoded))
    }

    /// What to send as `If-Range`
    /// ([RFC 9110, 13.1.5](https://www.rfc-editor.org/rfc/rfc9110#field.if-range)).
    pub fn if_range(&self) -> Option<String> {
        self.strong_etag().or_else(|| self.headers.value("last-modified"))
    }

    /// The headers that a developer sees. The [draft](https://wicg.github.io/background-fetch/#create-record-objects)
    /// hides those that tell in which ranges the file came.
    pub fn exposed_headers(&self) -> HeaderList {
        let is_exposed = |name: &str| {
            !["content-range", "content-length"].iter().any(|hidden| name.eq_ignore_ascii_case(hidden))
        };
        self.headers.iter().filter(|(name, _)| is_exposed(name)).collect()
    }

    /// How long the server asks to wait
    /// ([RFC 9110, 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)). A date is one of the server's
    /// clock, so it counts from the response's own.
    pub fn retry_after(&self) -> Option<Millis> {
        let asked = self.headers.value("retry-after")?;
        let asked = asked.trim();
        digits(asked)
            .map(|seconds| Millis::from_seconds(seconds.0))
            .or_else(|| Some(http_date(asked)?.saturating_sub(http_date(&self.headers.value("date")?)?)))
    }

    /// The server says that requests are too many
    /// ([RFC 6585, 4](https://www.rfc-editor.org/rfc/rfc6585#section-4),
    /// [RFC 9110, 15.6.4](https://www.rfc-editor.org/rfc/rfc9110#status.503)).
    pub fn asks_for_fewer_requests(&self) -> bool {
        matches!(self.status, 429 | 503)
    }

    fn strong_etag(&self) -> Option<String> {
        self.headers
            .value("etag")
            .filter(|etag| etag.len() > 1 && etag.starts_with('"') && etag.ends_with('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &str)]) -> ResponseHead {
        ResponseHead { status: 200, headers: headers.iter().copied().collect(), ..ResponseHead::default() }
    }

    #[test]
    fn only_a_strong_etag_or_a_date_validates() {
        assert!(head(&[("etag", "\"a\"")]).has_validator());
        assert!(head(&[("last-modified", "Sat, 01 Jan 2028 00:00:00 GMT")]).has_validator());
        assert!(!head(&[("etag", "W/\"a\"")]).has_validator());
        assert!(!head(&[("etag", "\"a\""), ("content-encoding", "gzip")]).has_validator());
        assert!(!head(&[]).has_validator());
    }

    #[test]
    fn a_server_asks_for_a_time_in_seconds_or_until_a_date_of_its_own_clock() {
        let asked = |retry_after, date| head(&[("retry-after", retry_after), ("date", date)]).retry_after();
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(asked("120", date), Some(Millis::from_seconds(120)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(Millis::from_seconds(30)));
        assert_eq!(asked("Sunday, 06-Nov-94 08:50:07 GMT", date), Some(Millis::from_seconds(30)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT", date), Some(Millis(0)), "it is over");
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT", "yesterday"), None);
        assert_eq!(asked("soon", date), None);
        assert_eq!(asked("-1", date), None);
        assert_eq!(head(&[]).retry_after(), None);
    }

    #[test]
    fn a_body_with_a_content_coding_has_no_known_length() {
        assert_eq!(head(&[("content-length", "12")]).body_length(), Some(ByteCount(12)));
        let encoded = head(&[("content-length", "12"), ("content-encoding", "br")]);
        assert_eq!((encoded.body_length(), encoded.encoded_length()), (None, Some(ByteCount(12))));
        assert_eq!(head(&[("content-length", "12")]).encoded_length(), None);
        assert_eq!(head(&[("content-encoding", "br")]).encoded_length(), None);
        for coding in ["identity", "", "aws-chunked"] {
            let as_it_is = head(&[("content-length", "12"), ("content-encoding", coding)]);
            assert_eq!((as_it_is.body_length(), as_it_is.encoded_length()), (Some(ByteCount(12)), None));
        }
        assert!(head(&[("content-encoding", "aws-chunked, GZIP")]).has_content_coding());
        assert_eq!(head(&[("content-length", "12, 12")]).body_length(), None);
        assert_eq!(head(&[("content-length", "-1")]).body_length(), None);
    }
}
