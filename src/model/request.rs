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
    pub body_length: ByteCount,
}

impl StoredRequest {
    pub fn is_get(&self) -> bool {
        self.method == "GET"
    }

    /// Scheme, host and port, the [origin](https://url.spec.whatwg.org/#origin) of an http or https URL.
    pub fn origin(&self) -> &str {
        origin_of(&self.url)
    }

    /// The caller chose the range itself, so ours would ask for something else.
    pub fn has_own_range(&self) -> bool {
        self.headers.contains("range")
    }
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
    fn the_origin_ends_where_the_path_begins() {
        assert_eq!(origin_of("https://a.example:8443/b?c#d"), "https://a.example:8443");
        assert_eq!(origin_of("https://a.example"), "https://a.example");
        assert_eq!(origin_of("data:text/plain,x"), "");
    }
}
