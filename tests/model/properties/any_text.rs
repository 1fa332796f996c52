use background_fetch_polyfill::model::{
    ByteCount, CacheQueryOptions, ContentRange, HeaderList, Millis, ResponseHead, StoredRequest, UniqueId,
    UnsatisfiedRange, request_matches_cached_item,
};
use proptest::prelude::*;

use super::config;

/// Something like a header's value, more often than not.
fn header_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,30}",
        "(bytes|Bytes| )? ?[0-9*-]{0,22}(/|-)[0-9*]{0,22}",
        "bytes [0-9]-[0-9]/[0-9*]",
        ".*"
    ]
}

fn request() -> impl Strategy<Value = StoredRequest> {
    let headers = prop::collection::vec(("accept(-language)?|x-[a-b]", "[a-c]{0,2}"), 0..4);
    let url = "https://a\\.example/[a-b]{0,2}(\\?[a-b]{0,2})?(#[a-b?]{0,2})?";
    (url, "GET|POST|HEAD", headers).prop_map(|(url, method, headers)| StoredRequest {
        url,
        method,
        headers: headers.into_iter().collect(),
        ..StoredRequest::default()
    })
}

fn options() -> impl Strategy<Value = CacheQueryOptions> {
    any::<(bool, bool, bool)>().prop_map(|(ignore_search, ignore_method, ignore_vary)| CacheQueryOptions {
        ignore_search,
        ignore_method,
        ignore_vary,
    })
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_content_range_that_is_read_makes_sense(value in header_value()) {
        if let Some(range) = ContentRange::parse(&value) {
            prop_assert!(range.first <= range.last);
            prop_assert!(range.complete.is_none_or(|complete| complete > range.last));
        }
        let headers: HeaderList = [("content-range", value)].into_iter().collect();
        let _ = UnsatisfiedRange::from_headers(&headers);
    }

    #[test]
    fn a_content_range_round_trips(first: u64, length in 0..u64::MAX, beyond: Option<u32>) {
        let last = first.saturating_add(length).min(u64::MAX - 1 - u64::from(u32::MAX)).max(first.min(u64::MAX / 2));
        let first = first.min(last);
        let complete = beyond.map(|beyond| last + 1 + u64::from(beyond));
        let text = complete.map_or("*".into(), |complete| complete.to_string());
        let expected =
            ContentRange { first: ByteCount(first), last: ByteCount(last), complete: complete.map(ByteCount) };
        prop_assert_eq!(ContentRange::parse(&format!("bytes {first}-{last}/{text}")), Some(expected));
        prop_assert_eq!(expected.end(), ByteCount(last + 1));
    }

    #[test]
    fn an_unsatisfied_range_round_trips(complete: u64) {
        let headers: HeaderList = [("Content-Range", format!("bytes */{complete}"))].into_iter().collect();
        let expected = UnsatisfiedRange { complete: ByteCount(complete) };
        prop_assert_eq!(UnsatisfiedRange::from_headers(&headers), Some(expected));
        prop_assert_eq!(ContentRange::from_headers(&headers), None);
    }

    #[test]
    fn any_header_of_a_response_can_be_read(
        headers in prop::collection::vec(("etag|content-length|retry-after|content-encoding", header_value()), 0..5),
    ) {
        let head = ResponseHead { headers: headers.into_iter().collect(), ..ResponseHead::default() };
        let _ = (head.body_length(), head.has_validator(), head.if_range(), head.retry_after());
        let exposed = head.exposed_headers();
        prop_assert!(!exposed.contains("content-length") && !exposed.contains("content-range"));
    }

    #[test]
    fn unique_ids_are_ordered_by_time(
        one in (0..1_u64 << 48, any::<u32>()),
        other in (0..1_u64 << 48, any::<u32>()),
    ) {
        let [first, second] = [one, other].map(|(time, random)| UniqueId::new(Millis(time), random));
        prop_assert_eq!(first.cmp(&second), one.cmp(&other));
    }

    #[test]
    fn a_request_finds_its_own_record(request in request(), options in options(), vary in "[a-b]|accept(, x-a)?|") {
        let head = ResponseHead { headers: [("vary", vary)].into_iter().collect(), ..ResponseHead::default() };
        for response in [None, Some(&head)] {
            let found = request_matches_cached_item(&request, &request, response, options);
            prop_assert_eq!(found, request.is_get() || options.ignore_method);
        }
    }

    #[test]
    fn every_option_that_ignores_something_finds_more(
        query in request(),
        request in request(),
        vary in "accept|x-a|\\*|",
        options in options(),
    ) {
        let head = ResponseHead { headers: [("vary", vary)].into_iter().collect(), ..ResponseHead::default() };
        let finds = |options| request_matches_cached_item(&query, &request, Some(&head), options);
        for looser in [
            CacheQueryOptions { ignore_search: true, ..options },
            CacheQueryOptions { ignore_method: true, ..options },
            CacheQueryOptions { ignore_vary: true, ..options },
        ] {
            prop_assert!(!finds(options) || finds(looser));
        }
    }
}
