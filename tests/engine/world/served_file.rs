use background_fetch_polyfill::model::{Attempt, ByteCount, HeaderList, ResponseHead, ResponseType};

use super::{Content, Version};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    StrongEtag,
    WeakEtag,
    Date,
    None,
}

/// A file on a server, and the server's habits.
#[derive(Clone, Debug)]
pub struct ServedFile {
    pub length: u64,
    pub status: u16,
    pub validator: Validator,
    pub announces_length: bool,
    pub takes_ranges: bool,
    /// Whether parts tell how long the whole is.
    pub tells_complete_length: bool,
    /// The whole is sent coded, with this length.
    pub coded_length: Option<u64>,
    /// Parts are cut out of the code, and the browser hands them out as they are.
    pub cuts_code: bool,
    pub is_cross_origin: bool,
    /// Across origins, too, scripts may read all headers.
    pub exposes_headers: bool,
    /// Except `Content-Encoding`.
    pub hides_coding: bool,
    /// Sent over HTTP/2 or HTTP/3, where a truncated body is an error.
    pub signals_end: bool,
    /// By CORS or whatever else a script is not told of.
    pub is_forbidden: bool,
    pub bytes_per_milli: u64,
    /// Whether the browser tells how much of a body has left for it.
    pub tells_uploads: bool,
    /// What arrives at a time.
    pub piece: u64,
    pub latency: u64,
    pub version: Version,
    /// It is no longer the version that it was at first.
    pub is_changed: bool,
}

impl Default for ServedFile {
    fn default() -> Self {
        Self {
            length: 1_000_000,
            status: 200,
            validator: Validator::StrongEtag,
            announces_length: true,
            takes_ranges: true,
            tells_complete_length: true,
            coded_length: None,
            cuts_code: false,
            is_cross_origin: false,
            exposes_headers: false,
            hides_coding: false,
            signals_end: false,
            is_forbidden: false,
            bytes_per_milli: 1000,
            tells_uploads: true,
            piece: 50_000,
            latency: 30,
            version: Version(0),
            is_changed: false,
        }
    }
}

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection fails before an answer is there.
    NoAnswer,
    /// The browser forbids the request.
    Refused,
    /// Nothing ever comes.
    Silence,
    /// The body breaks off with an error after so many bytes.
    CutAfter(u64),
    /// The same, but it looks like its end: Firefox's way.
    EndAfter(u64),
    /// Nothing comes any more after so many bytes.
    SilenceAfter(u64),
    RangeIgnored,
    /// The bytes of another range, told truly.
    OtherRange,
    /// Fewer bytes than asked for, told truly.
    ShorterRange,
    /// More bytes than the `Content-Range` says.
    OverlongRange,
    /// 200, and the range that was asked for.
    MislabelledRange,
    /// The same, and nothing says so but the length. Of a changed file, nothing would.
    UnlabelledRange,
    /// 412 to a request with `If-Range`.
    RefusesIfRange,
    /// 403 to a request with `Range`.
    RefusesRange,
    /// A redirect to a page, such as that of a login.
    Page,
    Unsatisfiable,
    /// Another status, with a page of its own.
    Status(u16),
    /// 503, come again after so many seconds.
    Busy(u64),
    /// The file has another version from now on, of this length.
    Changed(u64),
    /// This answer is of another version.
    OtherFile(Version),
}

/// How a body ends before it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    Error,
    End,
    Silence,
}

pub struct Answer {
    pub head: ResponseHead,
    pub body: Content,
    pub broken: Option<(u64, Break)>,
}

impl ServedFile {
    pub fn of(length: u64) -> Self {
        Self { length, ..Self::default() }
    }

    /// Bytes of an error page, which is another file.
    pub const PAGE_LENGTH: u64 = 9;

    pub fn answer(&self, attempt: &Attempt, fault: Option<&Fault>, page: Version) -> Answer {
        match fault {
            Some(Fault::Status(status)) => return self.error_page(*status, page, None),
            Some(Fault::Busy(seconds)) => return self.error_page(503, page, Some(*seconds)),
            Some(Fault::Unsatisfiable) => return self.unsatisfied(page),
            Some(Fault::RefusesIfRange) if attempt.if_range.is_some() => {
                return self.error_page(412, page, None);
            }
            Some(Fault::RefusesRange) if attempt.range_start.is_some() => {
                return self.error_page(403, page, None);
            }
            Some(Fault::Page) if attempt.range_start.is_some() => return self.login_page(page),
            _ => {}
        }
        let fault = fault.filter(|fault| !self.is_changed || **fault != Fault::UnlabelledRange);
        let broken = match fault {
            Some(Fault::CutAfter(count)) => Some((*count, Break::Error)),
            Some(Fault::EndAfter(count)) => Some((*count, Break::End)),
            Some(Fault::SilenceAfter(count)) => Some((*count, Break::Silence)),
            _ => None,
        };
        let takes_range = self.takes_ranges && self.status == 200 && fault != Some(&Fault::RangeIgnored);
        let is_current = attempt.if_range.is_none() || attempt.if_range == self.strong_validator();
        let (head, body) = match attempt.range_start {
            Some(start) if takes_range && is_current && start.0 >= self.source_of_parts().end => {
                return self.unsatisfied(page);
            }
            Some(start) if takes_range && is_current => self.part(start.0, attempt.range_end, fault),
            _ => self.whole(),
        };
        Answer { head, body, broken }
    }

    fn whole(&self) -> (ResponseHead, Content) {
        let mut headers = self.validator_headers();
        if self.coded_length.is_some() {
            headers.append("Content-Encoding", "gzip");
        }
        if self.announces_length {
            headers.append("Content-Length", self.coded_length.unwrap_or(self.length).to_string());
        }
        (self.head(self.status, headers), Content::whole(self.version, self.length))
    }

    fn source_of_parts(&self) -> Content {
        match self.coded_length.filter(|_| self.cuts_code) {
            Some(coded_length) => Content::whole(self.version.coded(), coded_length),
            None => Content::whole(self.version, self.length),
        }
    }

    fn part(&self, start: u64, end: Option<ByteCount>, fault: Option<&Fault>) -> (ResponseHead, Content) {
        let source = self.source_of_parts();
        let end = end.map_or(source.end, |end| end.0.min(source.end));
        let mut told = Content { start, end, ..source };
        match fault {
            Some(Fault::OtherRange) => told.start = start / 2,
            Some(Fault::ShorterRange | Fault::OverlongRange) => told.end = start + (end - start).div_ceil(2),
            _ => {}
        }
        let mut headers = self.validator_headers();
        if source.version != self.version {
            headers.append("Content-Encoding", "gzip");
        }
        let complete = if self.tells_complete_length { source.end.to_string() } else { "*".into() };
        headers.append("Content-Range", format!("bytes {}-{}/{complete}", told.start, told.end - 1));
        headers.append("Content-Length", told.len().to_string());
        let sent =
            if fault == Some(&Fault::OverlongRange) { Content { end: source.end, ..told } } else { told };
        let status = match fault {
            Some(Fault::MislabelledRange | Fault::UnlabelledRange) => 200,
            _ => 206,
        };
        let is_told = |name: &str| name != "Content-Range" || fault != Some(&Fault::UnlabelledRange);
        let headers = headers.iter().filter(|(name, _)| is_told(name)).collect();
        (self.head(status, headers), sent)
    }

    fn unsatisfied(&self, page: Version) -> Answer {
        let mut answer = self.error_page(416, page, None);
        if self.tells_complete_length && (self.exposes_headers || !self.is_cross_origin) {
            answer.head.headers.append("Content-Range", format!("bytes */{}", self.source_of_parts().end));
        }
        answer
    }

    fn error_page(&self, status: u16, page: Version, retry_after: Option<u64>) -> Answer {
        let mut headers = HeaderList::default();
        headers.append("Content-Length", Self::PAGE_LENGTH.to_string());
        headers.append("Content-Type", "text/html");
        if let Some(seconds) = retry_after {
            headers.append("Retry-After", seconds.to_string());
        }
        let body = Content::whole(page, Self::PAGE_LENGTH);
        Answer { head: self.head(status, headers), body, broken: None }
    }

    fn login_page(&self, page: Version) -> Answer {
        let mut answer = self.error_page(200, page, None);
        answer.head.redirected = true;
        answer.head.url = "https://a.example/login".into();
        answer
    }

    fn head(&self, status: u16, headers: HeaderList) -> ResponseHead {
        let kind = if self.is_cross_origin { ResponseType::Cors } else { ResponseType::Basic };
        let is_visible = |name: &str| {
            !self.is_cross_origin
                || self.exposes_headers && !(self.hides_coding && name == "Content-Encoding")
                || ["content-length", "content-type", "last-modified"].contains(&&*name.to_lowercase())
        };
        let headers = headers.iter().filter(|(name, _)| is_visible(name)).collect();
        ResponseHead { status, kind, headers, ..ResponseHead::default() }
    }

    fn validator_headers(&self) -> HeaderList {
        let Version(version) = self.version;
        let mut headers: HeaderList = [("Content-Type", "audio/mpeg")].into_iter().collect();
        match self.validator {
            Validator::StrongEtag => headers.append("ETag", format!("\"{version}\"")),
            Validator::WeakEtag => headers.append("ETag", format!("W/\"{version}\"")),
            Validator::Date => headers.append("Last-Modified", self.date()),
            Validator::None => {}
        }
        headers
    }

    fn strong_validator(&self) -> Option<String> {
        match self.validator {
            Validator::StrongEtag => Some(format!("\"{}\"", self.version.0)),
            Validator::Date => Some(self.date()),
            Validator::WeakEtag | Validator::None => None,
        }
    }

    /// Not a date, but nobody reads it as one.
    fn date(&self) -> String {
        format!("day {}", self.version.0)
    }
}
