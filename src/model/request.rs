use serde::Serialize;

use super::row::by_name;
use super::{ByteCount, FromRow, HeaderList, Row};

/// [Request mode](https://fetch.spec.whatwg.org/#concept-request-mode), as far as a background fetch can have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Cors,
    SameOrigin,
    NoCors,
    /// A request that a page got from a navigation. No script can build one, so it is sent as `same-origin`.
    Navigate,
}

by_name!(Mode {
    "cors" => Cors,
    "same-origin" => SameOrigin,
    "no-cors" => NoCors,
    "navigate" => Navigate,
});

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    Omit,
    #[default]
    SameOrigin,
    Include,
}

by_name!(Credentials {
    "omit" => Omit,
    "same-origin" => SameOrigin,
    "include" => Include,
});

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    #[default]
    Default,
    NoStore,
    Reload,
    NoCache,
    ForceCache,
    OnlyIfCached,
}

by_name!(CacheMode {
    "default" => Default,
    "no-store" => NoStore,
    "reload" => Reload,
    "no-cache" => NoCache,
    "force-cache" => ForceCache,
    "only-if-cached" => OnlyIfCached,
});

impl CacheMode {
    /// The mode for a request that the cache must not answer, unless the developer asked for just that. Parts of a file
    /// are of no use in the cache.
    pub fn bypassing_cache(self, is_part: bool) -> Self {
        match self {
            Self::Default | Self::ForceCache if is_part => Self::NoStore,
            Self::Default | Self::ForceCache => Self::Reload,
            other => other,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    #[default]
    Follow,
    Error,
    Manual,
}

by_name!(Redirect {
    "follow" => Follow,
    "error" => Error,
    "manual" => Manual,
});

/// A [request](https://fetch.spec.whatwg.org/#concept-request) as the database keeps it: a `Request` object cannot be
/// cloned into IndexedDB. The body lies beside it as a handle of the browser's.
///
/// The caller's `AbortSignal` is not part of it: aborting that later does not stop the background fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredRequest {
    /// Absolute and serialized, with its fragment.
    pub url: String,
    pub method: String,
    pub headers: HeaderList,
    pub mode: Mode,
    pub credentials: Credentials,
    pub cache: CacheMode,
    pub redirect: Redirect,
    pub referrer: String,
    /// The URL that the referrer "about:client" stands for, as another page or a worker may send the request. Empty
    /// where it is none that could be sent.
    pub client_url: String,
    pub referrer_policy: String,
    pub integrity: String,
    /// Length of the body, 0 where there is none.
    pub body_length: ByteCount,
}

impl FromRow for StoredRequest {
    fn from_row(row: &impl Row) -> Option<Self> {
        Some(Self {
            url: row.read("url")?,
            method: row.read("method")?,
            headers: row.read("headers")?,
            mode: row.read("mode")?,
            credentials: row.read("credentials")?,
            cache: row.read("cache")?,
            redirect: row.read("redirect")?,
            referrer: row.read("referrer")?,
            client_url: row.read_or_default("clientUrl")?,
            referrer_policy: row.read("referrerPolicy")?,
            integrity: row.read("integrity")?,
            body_length: row.read_or_default("bodyLength")?,
        })
    }
}

impl StoredRequest {
    pub fn is_get(&self) -> bool {
        self.method == "GET"
    }

    /// The URL as it goes to a server.
    pub fn url_without_fragment(&self) -> &str {
        without_fragment(&self.url)
    }

    /// Scheme, host and port, the [origin](https://url.spec.whatwg.org/#origin) of an http or https URL.
    pub fn origin(&self) -> &str {
        origin_of(&self.url)
    }

    /// [Mixed content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch): an https page may not fetch
    /// this http URL. URLs of the machine itself are exempt.
    pub fn is_mixed_content(&self, client_origin: &str) -> bool {
        let Some(host) = self.origin().strip_prefix("http://") else { return false };
        let host =
            host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(host, _)| host);
        let is_loopback = host == "localhost"
            || host.ends_with(".localhost")
            || host.starts_with("127.")
            || host == "[::1]";
        client_origin.starts_with("https://") && !is_loopback
    }

    /// [Use-CORS-preflight](https://fetch.spec.whatwg.org/#use-cors-preflight-flag): whether a browser asks the server
    /// first when it sends this across origins. Headers that browsers disagree on count as not asking.
    pub fn needs_preflight(&self) -> bool {
        let is_simple_header = |name: &str, value: &str| match name.to_ascii_lowercase().as_str() {
            "accept" | "accept-language" | "content-language" | "range" => true,
            "content-type" => matches!(
                value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str(),
                "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain"
            ),
            _ => false,
        };
        let is_simple_method = matches!(self.method.as_str(), "GET" | "HEAD" | "POST");
        !is_simple_method || self.headers.iter().any(|(name, value)| !is_simple_header(name, value))
    }

    /// Whether to send the body with XMLHttpRequest, which alone tells how much of it has left. It has to be the same
    /// to the server, and the body long enough to be worth it: the answer, which may be long, is held in memory that
    /// way.
    pub fn tells_upload_progress(&self, client_origin: &str) -> bool {
        const SHORTEST: ByteCount = ByteCount(64 << 10);
        let is_same_origin = self.origin() == client_origin;
        // To listen to uploads makes a browser ask the server first, which it would not be asked otherwise.
        let is_asked_anyway = self.needs_preflight();
        let is_ordinary = self.mode == Mode::Cors
            && self.cache == CacheMode::Default
            && self.redirect == Redirect::Follow
            && self.referrer == "about:client"
            && self.referrer_policy.is_empty()
            && !(is_same_origin && self.credentials == Credentials::Omit);
        self.body_length >= SHORTEST && is_ordinary && (is_same_origin || is_asked_anyway)
    }

    /// What to send as `Referer`, wherever it is sent from.
    pub fn outgoing_referrer(&self) -> &str {
        let is_client = self.referrer == "about:client" && self.client_url.starts_with("http");
        if is_client { &self.client_url } else { &self.referrer }
    }

    /// The caller chose the range itself, so ours would ask for something else.
    pub fn has_own_range(&self) -> bool {
        self.headers.contains("range")
    }
}

pub(super) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// The part of a serialized absolute URL before its path.
pub fn origin_of(url: &str) -> &str {
    // `str::find` for a text of several characters brings a message with it that shows a part of any text.
    let colon = url.as_bytes().windows(3).position(|three| three == b"://");
    let Some(authority) = colon.map(|colon| colon + 3) else { return "" };
    let end = url.get(authority..).and_then(|rest| rest.find(['/', '?', '#']));
    end.and_then(|end| url.get(..authority + end)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_insecure_addresses_elsewhere_are_mixed_content() {
        let is_mixed = |client, url: &str| {
            StoredRequest { url: url.into(), ..StoredRequest::default() }.is_mixed_content(client)
        };
        assert!(is_mixed("https://a.example", "http://a.example/"));
        assert!(is_mixed("https://a.example", "http://[2001:db8::1]:8080/"));
        assert!(!is_mixed("https://a.example", "https://b.example/"));
        assert!(!is_mixed("http://localhost", "http://b.example/"));
        for url in ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]/", "http://[::1]:80/"] {
            assert!(!is_mixed("https://a.example", url), "{url}");
        }
    }

    fn upload(url: &str, method: &str, content_type: &str) -> StoredRequest {
        StoredRequest {
            url: url.into(),
            method: method.into(),
            referrer: "about:client".into(),
            body_length: ByteCount::from_mebibytes(1),
            headers: [("Content-Type", content_type)].into_iter().collect(),
            ..StoredRequest::default()
        }
    }

    #[test]
    fn a_browser_asks_first_for_what_no_form_could_send() {
        let needs =
            |method, content_type| upload("https://b.example/", method, content_type).needs_preflight();
        assert!(!needs("POST", "text/plain;charset=UTF-8"));
        assert!(!needs("POST", "Multipart/Form-Data; boundary=x"));
        assert!(needs("POST", "application/json"));
        assert!(needs("PUT", "text/plain"));
        let mut request = StoredRequest { method: "GET".into(), ..StoredRequest::default() };
        request.headers.append("Range", "bytes=1-");
        assert!(!request.needs_preflight());
        request.headers.append("X-Film", "1");
        assert!(request.needs_preflight());
    }

    #[test]
    fn upload_progress_is_told_where_that_changes_nothing_else() {
        let tells = |request: &StoredRequest| request.tells_upload_progress("https://a.example");
        let own = upload("https://a.example/", "POST", "text/plain");
        assert!(tells(&own));
        assert!(!tells(&upload("https://b.example/", "POST", "text/plain")));
        assert!(tells(&upload("https://b.example/", "PUT", "text/plain")));
        assert!(!tells(&StoredRequest { body_length: ByteCount(1), ..own.clone() }));
        assert!(!tells(&StoredRequest { credentials: Credentials::Omit, ..own.clone() }));
        assert!(!tells(&StoredRequest { redirect: Redirect::Error, ..own.clone() }));
        assert!(!tells(&StoredRequest { cache: CacheMode::NoStore, ..own.clone() }));
        assert!(!tells(&StoredRequest { mode: Mode::SameOrigin, ..own.clone() }));
        assert!(!tells(&StoredRequest { referrer: "https://a.example/x".into(), ..own }));
    }

    #[test]
    fn the_origin_ends_where_the_path_begins() {
        assert_eq!(origin_of("https://a.example:8443/b?c#d"), "https://a.example:8443");
        assert_eq!(origin_of("https://a.example"), "https://a.example");
        assert_eq!(origin_of("data:text/plain,x"), "");
    }
}
