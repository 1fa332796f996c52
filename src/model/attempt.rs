use super::ByteCount;

/// One request to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Ask for the bytes from here to the end. `None` for a request exactly like a native one.
    pub range_start: Option<ByteCount>,
    pub if_range: Option<String>,
    /// What the browser's HTTP cache holds may be the body that broke off, or that is not trusted.
    pub bypasses_cache: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFailure {
    /// There is no network at all.
    Offline,
    /// The browser forbids the request, now and later: mixed content, Content Security Policy.
    Refused,
    /// Anything else: scripts are not told why.
    Failed,
    /// Nothing came for the stall time.
    Stalled,
    /// The body came to its end, and is shorter before it was decoded than its `Content-Length` says.
    Truncated,
}

/// What a request that needs no permission of the server's found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub reachable: bool,
    pub cross_origin: bool,
    pub redirects: bool,
}

impl Probe {
    pub const UNREACHABLE: Self = Self { reachable: false, cross_origin: false, redirects: false };

    /// CORS, or what a redirect leads to.
    pub fn policy_may_forbid(self) -> bool {
        self.cross_origin || self.redirects
    }
}
