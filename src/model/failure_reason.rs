use serde::Serialize;

use super::row::by_name;
use super::{FromRow, Row};

/// [BackgroundFetchFailureReason](https://wicg.github.io/background-fetch/#enumdef-backgroundfetchfailurereason),
/// without its empty string, which is `None` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    Aborted,
    BadStatus,
    FetchError,
    QuotaExceeded,
    DownloadTotalExceeded,
}

by_name!(FailureReason {
    "aborted" => Aborted,
    "bad-status" => BadStatus,
    "fetch-error" => FetchError,
    "quota-exceeded" => QuotaExceeded,
    "download-total-exceeded" => DownloadTotalExceeded,
});

impl FailureReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::BadStatus => "bad-status",
            Self::FetchError => "fetch-error",
            Self::QuotaExceeded => "quota-exceeded",
            Self::DownloadTotalExceeded => "download-total-exceeded",
        }
    }
}

/// The result of a record's
/// [response data](https://wicg.github.io/background-fetch/#background-fetch-response), once it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordResult {
    Success,
    Failure(FailureReason),
}

impl FromRow for RecordResult {
    fn from_row(row: &impl Row) -> Option<Self> {
        match row.text() {
            Some(name) => (name == "success").then_some(Self::Success),
            None => row.read("failure").map(Self::Failure),
        }
    }
}

impl RecordResult {
    pub fn failure(self) -> Option<FailureReason> {
        match self {
            Self::Success => None,
            Self::Failure(reason) => Some(reason),
        }
    }

    /// [Exposable](https://wicg.github.io/background-fetch/#background-fetch-response-exposable): a developer may read
    /// the response. The body of a bad status is the server's answer, so it counts.
    pub fn is_exposable(self) -> bool {
        matches!(self, Self::Success | Self::Failure(FailureReason::BadStatus))
    }
}
