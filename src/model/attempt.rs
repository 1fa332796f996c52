use super::{ByteCount, ResponseHead, ResponseType};

/// One request to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Ask for the bytes from here on. `None` for a request exactly like a native one.
    pub range_start: Option<ByteCount>,
    /// Position after the last byte that is asked for; `None` for all that follow.
    pub range_end: Option<ByteCount>,
    pub if_range: Option<String>,
    /// Set where the browser's HTTP cache may hold the incomplete body, or one that is not trusted.
    pub bypasses_cache: bool,
    /// The body is to be taken as a whole, and not piece by piece.
    pub is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFailure {
    /// There is no network at all.
    Offline,
    /// The browser forbids the request, now and later: mixed content, Content Security Policy.
    Refused,
    /// Anything else: scripts are not told why.
    Failed,
    /// Nothing came for as long as silence is borne.
    Stalled,
    /// The body came to its end, and is shorter before it was decoded than its `Content-Length` says.
    Truncated,
    /// Nothing has come for long, and something suggests that a new request would fare better.
    Abandoned,
}

/// What the end of a body says about the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyEnd {
    /// It may be truncated: over HTTP/1.1 the end of the connection may look like that of the body.
    #[default]
    Unconfirmed,
    /// All of it came. With HTTP/2 and HTTP/3 a truncated body is an error
    /// ([RFC 9113, 8.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.1),
    /// [RFC 9114, 4.1](https://www.rfc-editor.org/rfc/rfc9114#section-4.1)). Elsewhere the encoded representation is as
    /// long as announced.
    Complete,
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

    /// A gateway's word that there is no server behind it
    /// ([RFC 9110, 15.6](https://www.rfc-editor.org/rfc/rfc9110#name-server-error-5xx)) is none of the server's.
    pub fn from_answer(cross_origin: bool, answer: Option<&ResponseHead>) -> Self {
        let is_of_gateway = answer.is_some_and(|head| matches!(head.status, 502..=504));
        let redirects = answer.is_some_and(|head| head.kind == ResponseType::OpaqueRedirect);
        Self { reachable: !is_of_gateway, cross_origin, redirects }
    }

    /// CORS, or what a redirect leads to.
    pub fn policy_may_forbid(self) -> bool {
        self.cross_origin || self.redirects
    }
}
