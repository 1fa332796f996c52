use background_fetch_polyfill::model::{
    ByteCount, CacheQueryOptions, Error, HeaderList, Millis, RawRequest, ResponseHead, StoredRequest,
    UniqueId, check_requests, origin_of, request_matches_cached_item,
};
use proptest::prelude::*;
use serde_json::json;

use super::config;
use super::json::{read, written_and_read};

fn origin() -> impl Strategy<Value = String> {
    "https?://([a-z]{1,5}(\\.example)?|127\\.0\\.0\\.1|localhost|\\[::1\\]|\\[2001:db8::1\\])(:[0-9]{1,5})?"
}

/// A serialized URL more often than not.
fn address() -> impl Strategy<Value = String> {
    let whole = (origin(), "(/[a-b:/]{0,4}(\\?[a-b:/?]{0,3})?(#[a-b:/?#]{0,3})?)?");
    prop_oneof![
        4 => whole.prop_map(|(origin, rest)| origin + &rest),
        1 => "(https?|data|blob|)(:|//|://)?[a-b:/?#\\[\\]@0-9\u{e9}]{0,12}",
        1 => ".{0,20}",
    ]
}

fn request_to(url: String, method: String, headers: Vec<(String, String)>) -> StoredRequest {
    let body_length = ByteCount::from_mebibytes(1);
    let referrer = "about:client".into();
    StoredRequest {
        url,
        method,
        body_length,
        referrer,
        headers: headers.into_iter().collect(),
        ..StoredRequest::default()
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn the_origin_of_any_text_is_its_beginning(url in address()) {
        let origin = origin_of(&url);
        prop_assert!(url.starts_with(origin));
        prop_assert_eq!(origin.is_empty(), !url.contains("://"));
        prop_assert_eq!(origin_of(origin), origin);
    }

    #[test]
    fn the_origin_of_an_address_round_trips(origin in origin(), path in "[/?#].{0,20}") {
        let url = format!("{origin}{path}");
        prop_assert_eq!(origin_of(&url), origin.as_str());
        let request = request_to(url.clone(), "GET".into(), Vec::new());
        prop_assert_eq!(request.origin(), origin.as_str());
        let sent = request.url_without_fragment();
        prop_assert!(url.starts_with(sent) && !sent.contains('#'));
    }

    #[test]
    fn any_request_can_be_judged(
        url in address(),
        client in origin(),
        method in "GET|POST|PUT|.{0,4}",
        headers in prop::collection::vec(("(?i)content-type|range|accept|.{0,5}", "text/plain(;.{0,5})?|.{0,9}"), 0..4),
    ) {
        let request = request_to(url, method, headers);
        let tells = request.tells_upload_progress(&client);
        prop_assert!(!tells || request.needs_preflight() || request.origin() == client);
        prop_assert!(!request.is_mixed_content(&client) || client.starts_with("https:") && request.url.starts_with("http:"));
        prop_assert!(!request.is_mixed_content("http://a.example"));
        let mut ranged = request.clone();
        ranged.headers.append("Range", "bytes=1-");
        prop_assert!(ranged.has_own_range());
        prop_assert_eq!(ranged.needs_preflight(), request.needs_preflight());
    }

    #[test]
    fn any_address_is_checked(url in address(), text in prop::option::of("(.|[<\t\n\r a]){0,8}")) {
        let request = request_to(url, "GET".into(), Vec::new());
        let checked = check_requests([RawRequest { request: &request, text: text.as_deref() }]);
        let is_web = ["http:", "https:"].iter().any(|scheme| request.url.starts_with(scheme));
        prop_assert_eq!(is_web, checked != Err(Error::UnsupportedScheme));
        let is_marked = text.is_some_and(|text| text.contains('<') && text.contains(['\t', '\n', '\r']));
        prop_assert!(!is_marked || checked.is_err());
        prop_assert!(is_marked || checked != Err(Error::DanglingMarkup));
    }

    #[test]
    fn any_vary_can_be_obeyed(
        vary in "((?i)accept|x-a|\\*|,| |.){0,6}",
        one in prop::collection::vec(("accept|x-a", ".{0,3}"), 0..3),
        other in prop::collection::vec(("accept|x-a", ".{0,3}"), 0..3),
    ) {
        let [query, request] =
            [&one, &other].map(|headers| request_to("https://a.example/".into(), "GET".into(), headers.clone()));
        let head = ResponseHead { headers: [("vary", vary.clone())].into_iter().collect(), ..ResponseHead::default() };
        let options = CacheQueryOptions::default();
        let matches = request_matches_cached_item(&query, &request, Some(&head), options);
        prop_assert_eq!(matches, request_matches_cached_item(&request, &query, Some(&head), options));
        let names_any = vary.split(',').any(|name| name.trim() == "*");
        prop_assert!(!(matches && names_any));
        prop_assert!(matches || names_any || query.headers != request.headers);
    }

    #[test]
    fn any_text_can_be_an_id_and_is_kept(text in ".{0,20}", time: u64, random: u32) {
        let id = UniqueId::from(text.clone());
        prop_assert_eq!(id.as_str(), text.as_str());
        prop_assert_eq!(written_and_read(&id), Some(id));
        let made = UniqueId::new(Millis(time), random);
        prop_assert!(made.as_str().len() == 20 && made.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        prop_assert_eq!(UniqueId::from_message(made.as_str().into()), Some(made));
        let like_one = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        prop_assert_eq!(UniqueId::from_message(text.clone()).is_some(), like_one);
        prop_assert_eq!(read::<UniqueId>(json!([text])), None);
    }

    #[test]
    fn values_of_one_name_are_combined_in_their_order(
        headers in prop::collection::vec(("a|A|b", ".{0,4}"), 0..5),
    ) {
        let list: HeaderList = headers.iter().cloned().collect();
        let of_a = headers.iter().filter(|(name, _)| name != "b").map(|(_, value)| value.as_str());
        let expected: Vec<&str> = of_a.collect();
        let combined = (!expected.is_empty()).then(|| expected.join(", "));
        prop_assert_eq!(list.value("a"), combined);
    }
}
