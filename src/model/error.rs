/// Which exception a page sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    TypeError,
    NotAllowedError,
    QuotaExceededError,
    InvalidStateError,
    AbortError,
    TimeoutError,
    UnknownError,
}

/// Everything that a promise of the API can be rejected with by a rule of ours. Failure reasons (`bad-status` ...) are
/// data and not errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    NoRequests,
    UnbuildableRequest,
    NoCorsRequest,
    UnsupportedScheme,
    BlockedPort,
    DanglingMarkup,
    NoActiveWorker,
    PermissionDenied,
    DuplicateId,
    EmptyId,
    QuotaExceeded,
    BodyUnreadable,
    RecordsUnavailable,
    RecordAborted,
    RecordFailed,
    RecordRestarted,
    StorageFailed,
    StorageUnanswered,
    NewerDatabase,
}

impl Error {
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::PermissionDenied => ErrorKind::NotAllowedError,
            Self::QuotaExceeded => ErrorKind::QuotaExceededError,
            Self::RecordsUnavailable | Self::NewerDatabase => ErrorKind::InvalidStateError,
            Self::RecordAborted => ErrorKind::AbortError,
            Self::StorageFailed => ErrorKind::UnknownError,
            Self::StorageUnanswered => ErrorKind::TimeoutError,
            _ => ErrorKind::TypeError,
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::NoRequests => "At least one request must be given.",
            Self::UnbuildableRequest => "A request could not be built.",
            Self::NoCorsRequest => "Requests must not be no-cors.",
            Self::UnsupportedScheme => "The URLs of requests must have the scheme http or https.",
            Self::BlockedPort => "A request uses a port that fetch blocks.",
            Self::DanglingMarkup => {
                "A URL holds both white space and '<', as left behind by dangling markup."
            }
            Self::NoActiveWorker => "There is no active service worker in this registration.",
            Self::PermissionDenied => "The permission 'background-fetch' is denied.",
            Self::DuplicateId => "A background fetch with this id is already running in this registration.",
            Self::EmptyId => "The id must not be empty.",
            Self::QuotaExceeded => "There is not enough storage for this background fetch.",
            Self::BodyUnreadable => "The body of a request could not be read.",
            Self::RecordsUnavailable => "The records of this background fetch are no longer available.",
            Self::RecordAborted => "The background fetch was aborted before this response was complete.",
            Self::RecordFailed => "This request of the background fetch failed.",
            Self::RecordRestarted => "The file was begun anew, so these bytes are not followed by others.",
            Self::NewerDatabase => {
                "The background fetches are those of a newer version of background-fetch-polyfill: reload the page."
            }
            Self::StorageFailed => "The storage of background fetches cannot be used.",
            Self::StorageUnanswered => "The storage of background fetches does not answer.",
        }
    }
}
