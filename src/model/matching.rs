use serde::Serialize;

use super::request::without_fragment;
use super::{FromRow, HeaderList, ResponseHead, Row, StoredRequest};

/// [CacheQueryOptions](https://w3c.github.io/ServiceWorker/#dictdef-cachequeryoptions).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheQueryOptions {
    pub ignore_search: bool,
    pub ignore_method: bool,
    pub ignore_vary: bool,
}

impl FromRow for CacheQueryOptions {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            ignore_search: row.read_or_default("ignoreSearch")?,
            ignore_method: row.read_or_default("ignoreMethod")?,
            ignore_vary: row.read_or_default("ignoreVary")?,
        })
    }
}

/// [Request matches cached item](https://w3c.github.io/ServiceWorker/#request-matches-cached-item-algorithm). The
/// method of the query plays no part, the record's has to be GET. Without a response there is no `Vary` to obey.
pub fn request_matches_cached_item(
    query: &StoredRequest,
    request: &StoredRequest,
    response: Option<&ResponseHead>,
    options: CacheQueryOptions,
) -> bool {
    if !options.ignore_method && !request.is_get() {
        return false;
    }
    let comparable = |url| if options.ignore_search { without_search(url) } else { without_fragment(url) };
    if comparable(&query.url) != comparable(&request.url) {
        return false;
    }
    let vary = response.and_then(|response| response.headers.value("vary"));
    match vary {
        Some(vary) if !options.ignore_vary => matches_vary(&vary, &query.headers, &request.headers),
        _ => true,
    }
}

/// A range of URLs, without its end, that has those of all requests which a query may match. After the first URL they
/// go on with a fragment, or with a search, or not at all.
pub fn matching_urls(query: &StoredRequest, options: CacheQueryOptions) -> (String, String) {
    // What comes next after "?" and "#".
    let (first, behind) = match options.ignore_search {
        true => (without_search(&query.url), "@"),
        false => (without_fragment(&query.url), "$"),
    };
    (first.into(), [first, behind].concat())
}

fn matches_vary(vary: &str, query: &HeaderList, request: &HeaderList) -> bool {
    vary.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .all(|name| name != "*" && query.value(name) == request.value(name))
}

fn without_search(url: &str) -> &str {
    let url = without_fragment(url);
    url.split('?').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, method: &str) -> StoredRequest {
        StoredRequest { url: url.into(), method: method.into(), ..StoredRequest::default() }
    }

    fn with_header(mut request: StoredRequest, name: &str, value: &str) -> StoredRequest {
        request.headers.append(name, value);
        request
    }

    fn matches(query: &str, url: &str, options: CacheQueryOptions) -> bool {
        let (first, end) = matching_urls(&request(query, "GET"), options);
        let may_match = *first <= *url && *url < *end;
        let matches = does_match(query, url, options);
        assert!(may_match || !matches, "{url} is not among what may match {query}");
        matches
    }

    fn does_match(query: &str, url: &str, options: CacheQueryOptions) -> bool {
        request_matches_cached_item(&request(query, "GET"), &request(url, "GET"), None, options)
    }

    #[test]
    fn addresses_match_without_fragment_and_on_demand_without_search() {
        let exact = CacheQueryOptions::default();
        let loose = CacheQueryOptions { ignore_search: true, ..exact };
        assert!(matches("https://a/b#1", "https://a/b#2", exact));
        assert!(!matches("https://a/b?1", "https://a/b?2", exact));
        assert!(matches("https://a/b?1", "https://a/b?2", loose));
        assert!(!matches("https://a/b?1", "https://a/c?1", loose));
        assert!(matches("https://a/b#?", "https://a/b", exact));
    }

    #[test]
    fn the_records_method_counts_and_not_the_querys() {
        let get = request("https://a/", "GET");
        let post = request("https://a/", "POST");
        let options = CacheQueryOptions::default();
        assert!(request_matches_cached_item(&post, &get, None, options));
        assert!(!request_matches_cached_item(&get, &post, None, options));
        assert!(request_matches_cached_item(
            &get,
            &post,
            None,
            CacheQueryOptions { ignore_method: true, ..options }
        ));
    }

    #[test]
    fn vary_compares_the_named_headers() {
        let response = |vary: &str| ResponseHead {
            headers: [("Vary", vary)].into_iter().collect(),
            ..ResponseHead::default()
        };
        let plain = request("https://a/", "GET");
        let french = with_header(plain.clone(), "Accept-Language", "fr");
        let english = with_header(plain.clone(), "Accept-Language", "en");
        let options = CacheQueryOptions::default();
        let vary = |query, vary| request_matches_cached_item(query, &french, Some(&response(vary)), options);
        assert!(vary(&french, "accept-language"));
        assert!(!vary(&english, "X-Other, accept-language"));
        assert!(!vary(&plain, "accept-language"));
        assert!(vary(&english, "X-Other"));
        assert!(!vary(&french, "*"));
        let ignoring = CacheQueryOptions { ignore_vary: true, ..options };
        assert!(request_matches_cached_item(&english, &french, Some(&response("*")), ignoring));
    }
}
