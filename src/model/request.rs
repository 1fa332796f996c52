use serde::{Deserialize, Serialize};

use super::{ByteCount, HeaderList};

/// [Request mode](https://fetch.spec.whatwg.org/#concept-request-mode), as far as a background fetch can have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    #[default]
    Cors,
    SameOrigin,
    NoCors,
    /// A request that a page got from a navigation. No script can build one, so it is sent as `same-origin`.
    Navigate,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    Omit,
    #[default]
    SameOrigin,
    Include,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheMode {
    #[default]
    Default,
    NoStore,
    Reload,
    NoCache,
    ForceCache,
    OnlyIfCached,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redirect {
    #[default]
    Follow,
    Error,
    Manual,
}

/// A [request](https://fetch.spec.whatwg.org/#concept-request) as the database keeps it: a `Request` object cannot be
/// cloned into IndexedDB. The body lies beside it as a handle of the browser's.
///
/// The caller's `AbortSignal` is not part of it: aborting that later does not stop the background fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    pub referrer_policy: String,
    pub integrity: String,
    /// Length of the body, 0 where there is none.
    #[serde(default)]
    pub body_length: ByteCount,
}

impl StoredRequest {
    pub fn is_get(&self) -> bool {
        self.method == "GET"
    }

    /// The address as it goes to a server.
    pub fn url_without_fragment(&self) -> &str {
        without_fragment(&self.url)
    }

    /// Scheme, host and port, the [origin](https://url.spec.whatwg.org/#origin) of an http or https URL.
    pub fn origin(&self) -> &str {
        origin_of(&self.url)
    }

    /// [Mixed content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch): a page that came securely may
    /// not fetch this one, which does not. The machine itself is no network.
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

    /// The caller chose the range itself, so ours would ask for something else.
    pub fn has_own_range(&self) -> bool {
        self.headers.contains("range")
    }
}

pub(super) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// The part of a serialized absolute URL before its path.
fn origin_of(url: &str) -> &str {
    let Some(authority) = url.find("://").map(|colon| colon + 3) else { return "" };
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

    #[test]
    fn the_origin_ends_where_the_path_begins() {
        assert_eq!(origin_of("https://a.example:8443/b?c#d"), "https://a.example:8443");
        assert_eq!(origin_of("https://a.example"), "https://a.example");
        assert_eq!(origin_of("data:text/plain,x"), "");
    }
}
