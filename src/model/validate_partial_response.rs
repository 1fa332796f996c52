use super::{ByteCount, ContentRange, ResponseHead};

/// What is there already of the file that a 206 response claims to continue.
pub struct Previous<'a> {
    pub response: &'a ResponseHead,
    pub total: Option<ByteCount>,
}

/// A 206 response that continues what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialResponse {
    /// Position after its last byte, where it is known.
    pub end: ByteCount,
    /// Length of the whole file, where it is known.
    pub total: Option<ByteCount>,
}

/// [Validate a partial response](https://wicg.github.io/background-fetch/#validate-a-partial-response): `None` unless
/// its bytes are known to be those of the same file from `range_start` on.
///
/// Stricter than the draft: the range must be well formed. Across origins `Content-Range` cannot be read unless the
/// server exposes it. There the length of the rest has to match instead, as far as that of the whole is known.
pub fn validate_partial_response(
    range_start: ByteCount,
    partial: &ResponseHead,
    previous: Option<Previous>,
) -> Option<PartialResponse> {
    if let Some(previous) = &previous
        && !has_same_validators(previous.response, partial)
    {
        return None;
    }
    // A part with a content coding cannot be appended to bytes of the file itself. Its length is not that of the range.
    if partial.has_content_coding() {
        return None;
    }
    let continues = previous.is_some();
    let total = previous.and_then(|previous| previous.total);
    if partial.headers.contains("content-range") {
        let range = ContentRange::from_headers(&partial.headers)?;
        let matches_total = match (total, range.complete) {
            (Some(total), Some(complete)) => total == complete,
            (Some(total), None) => range.end() <= total,
            (None, _) => true,
        };
        let length = range.end().saturating_sub(range.first);
        let matches_length = partial.body_length().is_none_or(|announced| announced == length);
        (range.first == range_start && matches_total && matches_length)
            .then_some(PartialResponse { end: range.end(), total: range.complete.or(total) })
    } else if partial.hides_headers() && continues {
        let end = range_start + partial.body_length()?;
        total.is_none_or(|total| total == end).then_some(PartialResponse { end, total })
    } else {
        None
    }
}

/// A header that the first response had must come again with the same value. One that cannot be read counts as absent
/// only if it was absent before.
fn has_same_validators(previous: &ResponseHead, partial: &ResponseHead) -> bool {
    ["etag", "last-modified"].into_iter().all(|name| {
        previous.headers.value(name).is_none_or(|value| partial.headers.value(name).as_ref() == Some(&value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ResponseType;

    fn response(kind: ResponseType, headers: &[(&str, &str)]) -> ResponseHead {
        ResponseHead {
            status: 206,
            kind,
            headers: headers.iter().copied().collect(),
            ..ResponseHead::default()
        }
    }

    fn validate(
        first: &[(&str, &str)],
        partial: &[(&str, &str)],
        kind: ResponseType,
    ) -> Option<PartialResponse> {
        let first = response(kind, first);
        let previous = Previous { response: &first, total: Some(ByteCount(100)) };
        validate_partial_response(ByteCount(40), &response(kind, partial), Some(previous))
    }

    #[test]
    fn the_rest_of_the_same_file_is_taken() {
        let etag = ("etag", "\"1\"");
        let rest = Some(PartialResponse { end: ByteCount(100), total: Some(ByteCount(100)) });
        assert_eq!(
            validate(&[etag], &[etag, ("content-range", "bytes 40-99/100")], ResponseType::Basic),
            rest
        );
        assert_eq!(validate(&[etag], &[etag, ("content-range", "bytes 40-99/*")], ResponseType::Basic), rest);
        let part = Some(PartialResponse { end: ByteCount(50), total: Some(ByteCount(100)) });
        assert_eq!(
            validate(&[etag], &[etag, ("content-range", "bytes 40-49/100")], ResponseType::Basic),
            part
        );
    }

    #[test]
    fn everything_that_may_be_another_file_is_refused() {
        let etag = ("etag", "\"1\"");
        for partial in [
            &[etag][..],
            &[("content-range", "bytes 40-99/100")],
            &[("etag", "\"2\""), ("content-range", "bytes 40-99/100")],
            &[etag, ("content-range", "bytes 39-99/100")],
            &[etag, ("content-range", "bytes 40-99/101")],
            &[etag, ("content-range", "bytes 40-100/*")],
            &[etag, ("content-range", "bytes 40-99/100"), ("content-range", "bytes 40-99/100")],
            &[etag, ("content-range", "bytes 40-99/100"), ("content-length", "59")],
            &[etag, ("content-range", "bytes 40-99/100"), ("content-encoding", "gzip")],
        ] {
            assert_eq!(validate(&[etag], partial, ResponseType::Basic), None, "{partial:?}");
        }
    }

    #[test]
    fn across_origins_the_length_of_the_rest_stands_in_for_a_hidden_range() {
        let date = ("last-modified", "Sat, 01 Jan 2028 00:00:00 GMT");
        let rest = Some(PartialResponse { end: ByteCount(100), total: Some(ByteCount(100)) });
        assert_eq!(validate(&[date], &[date, ("content-length", "60")], ResponseType::Cors), rest);
        assert_eq!(validate(&[date], &[date, ("content-length", "100")], ResponseType::Cors), None);
        assert_eq!(validate(&[date], &[date], ResponseType::Cors), None);
        assert_eq!(validate(&[date], &[date, ("content-length", "60")], ResponseType::Basic), None);
    }

    #[test]
    fn of_a_length_that_nobody_told_a_hidden_range_only_tells_where_the_part_ends() {
        let first = response(ResponseType::Cors, &[]);
        let partial = response(ResponseType::Cors, &[("content-length", "60")]);
        let previous = Previous { response: &first, total: None };
        let part = Some(PartialResponse { end: ByteCount(100), total: None });
        assert_eq!(validate_partial_response(ByteCount(40), &partial, Some(previous)), part);
        assert_eq!(
            validate_partial_response(ByteCount::ZERO, &partial, None),
            None,
            "nobody asked for a part"
        );
    }
}
