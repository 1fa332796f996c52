//! What the Background Fetch draft decides, as pure functions and state machines: no async, no clock, no randomness and
//! no browser. Inputs come in as arguments, decisions go out as values.

mod attempt;
mod background_fetch;
mod byte_count;
mod complete_record;
mod content_range;
mod error;
mod failure_reason;
mod header_list;
mod http_date;
mod integrity;
mod matching;
mod record;
mod registration_state;
mod request;
mod request_checks;
mod response;
mod retries;
pub(crate) mod row;
mod settings;
mod split;
mod unique_id;
mod validate_partial_response;

pub use attempt::{Attempt, BodyEnd, NetworkFailure, Probe};
pub use background_fetch::{BackgroundFetch, Command, EventKind, ImageResource, Options, Progress, Stage};
pub use byte_count::{ByteCount, Millis};
pub use complete_record::{Body, CompleteRecord, Continuation, Next, Pause, Purpose, State, Stored};
pub use content_range::{ContentRange, UnsatisfiedRange};
pub use error::{Error, ErrorKind};
pub use failure_reason::{FailureReason, RecordResult};
pub use header_list::HeaderList;
pub use integrity::IntegrityCheck;
pub use matching::{CacheQueryOptions, matching_urls, request_matches_cached_item};
pub use record::{Extent, Record};
pub use registration_state::{InstanceUpdate, RegistrationState, update_instance};
pub use request::{CacheMode, Credentials, Mode, Redirect, StoredRequest, origin_of};
pub use request_checks::{RawRequest, check_requests};
pub use response::{ResponseHead, ResponseType};
pub use row::{FromRow, Row};
pub use settings::{BadSetting, RetryPolicy, Settings};
pub use split::{Part, PartId, STREAM, Splitter, StreamNext};
pub use unique_id::UniqueId;
pub use validate_partial_response::{PartialResponse, Previous, validate_partial_response};
