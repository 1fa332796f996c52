//! What is shown of a record, and what is given up.

use background_fetch_polyfill::model::{ByteCount, FailureReason, Record, RecordResult, ResponseHead};

fn record(result: Option<RecordResult>, is_withheld: bool) -> Record {
    let response = Some(ResponseHead { status: 200, ..ResponseHead::default() });
    Record { response, result, is_withheld, length: ByteCount(9), seems_whole: true, ..Record::default() }
}

const FETCH_ERROR: Option<RecordResult> = Some(RecordResult::Failure(FailureReason::FetchError));

#[test]
fn a_response_is_exposed_unless_it_is_missing_or_known_to_be_bad() {
    assert!(record(None, false).is_exposable());
    assert!(record(Some(RecordResult::Success), false).is_exposable());
    assert!(!record(FETCH_ERROR, false).is_exposable());
    assert!(!Record::default().is_exposable());
}

#[test]
fn a_withheld_response_is_shown_once_there_is_a_result() {
    let shown =
        |result, is_withheld| record(result, is_withheld).into_shown_response().map(|head| head.status);
    assert_eq!(shown(None, false), Some(200));
    assert_eq!(shown(None, true), None);
    assert_eq!(shown(Some(RecordResult::Success), true), Some(200));
}

#[test]
fn a_record_that_is_truncated_has_no_result() {
    let mut record = record(Some(RecordResult::Success), false);
    record.truncate(ByteCount(4));
    assert_eq!((record.length, record.result, record.seems_whole), (ByteCount(4), None, false));
}
