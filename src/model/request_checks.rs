use super::{Error, Mode, StoredRequest};

/// A request as it came into `fetch()`: what the `Request` constructor made of it, and the string it was made from, if
/// the caller gave a string.
pub struct RawRequest<'a> {
    pub request: &'a StoredRequest,
    pub text: Option<&'a str>,
}

/// Ports that Fetch blocks ([Fetch, 2.9](https://fetch.spec.whatwg.org/#port-blocking)).
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// The checks of [fetch()](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch) that need nothing
/// but the requests. The first bad one in the order of the list decides.
pub fn check_requests<'a>(requests: impl IntoIterator<Item = RawRequest<'a>>) -> Result<(), Error> {
    requests.into_iter().try_for_each(|raw| check_request(&raw))
}

fn check_request(raw: &RawRequest) -> Result<(), Error> {
    if raw.request.mode == Mode::NoCors {
        return Err(Error::NoCorsRequest);
    }
    let Some((scheme, _)) = raw.request.url.split_once(':') else { return Err(Error::UnsupportedScheme) };
    if scheme != "http" && scheme != "https" {
        return Err(Error::UnsupportedScheme);
    }
    if explicit_port(raw.request.origin()).is_some_and(|port| BAD_PORTS.contains(&port)) {
        return Err(Error::BlockedPort);
    }
    if raw.text.is_some_and(has_dangling_markup) {
        return Err(Error::DanglingMarkup);
    }
    Ok(())
}

fn explicit_port(origin: &str) -> Option<u16> {
    let (_, port) = origin.rsplit_once(':')?;
    port.parse().ok()
}

/// The URL parser drops tabs and newlines, so only the string that the caller gave can tell.
fn has_dangling_markup(text: &str) -> bool {
    text.contains(['\t', '\n', '\r']) && text.contains('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, mode: Mode, text: Option<&str>) -> Result<(), Error> {
        let request = StoredRequest { url: url.into(), mode, ..StoredRequest::default() };
        check_requests([RawRequest { request: &request, text }])
    }

    #[test]
    fn ordinary_requests_pass() {
        for url in ["https://a.example/b", "http://localhost:8080/", "https://[::1]/", "https://[::1]:443/"] {
            assert_eq!(check(url, Mode::Cors, Some(url)), Ok(()), "{url}");
        }
    }

    #[test]
    fn each_rule_refuses_its_own() {
        assert_eq!(check("https://a.example/", Mode::NoCors, None), Err(Error::NoCorsRequest));
        for url in ["wss://a.example/", "file:///etc", "data:,x", "blob:https://a.example/1", "unknown:x"] {
            assert_eq!(check(url, Mode::Cors, None), Err(Error::UnsupportedScheme), "{url}");
        }
        assert_eq!(check("https://a.example:587/", Mode::Cors, None), Err(Error::BlockedPort));
        assert_eq!(check("https://[::1]:6667/", Mode::Cors, None), Err(Error::BlockedPort));
        assert_eq!(
            check("https://a.example/%3Cb", Mode::Cors, Some("https://a.example/\n<b")),
            Err(Error::DanglingMarkup)
        );
    }

    #[test]
    fn the_first_bad_request_of_the_list_decides() {
        let scheme = StoredRequest { url: "wss://a.example/".into(), ..StoredRequest::default() };
        let no_cors = StoredRequest {
            url: "https://a.example/".into(),
            mode: Mode::NoCors,
            ..StoredRequest::default()
        };
        let list =
            [RawRequest { request: &scheme, text: None }, RawRequest { request: &no_cors, text: None }];
        assert_eq!(check_requests(list), Err(Error::UnsupportedScheme));
    }
}
