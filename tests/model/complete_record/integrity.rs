//! Bytes of which something was promised.

use background_fetch_polyfill::model::State;

use super::*;

fn promised_request() -> StoredRequest {
    StoredRequest { integrity: format!("sha256-{}=", "A".repeat(43)), ..request("GET") }
}

fn promised() -> CompleteRecord {
    machine_for(promised_request())
}

fn verifying(status: u16) -> CompleteRecord {
    let mut machine = promised();
    machine.start();
    machine.handle_response(head(status, &[("content-length", "9")]));
    assert!(machine.record().is_withheld);
    machine.handle_bytes(ByteCount(9));
    assert_eq!(machine.handle_end(BodyEnd::Complete), Next::Verify);
    machine
}

#[test]
fn bytes_are_verified_before_they_are_a_result() {
    assert_eq!(verifying(200).handle_verified(true), SUCCESS);
    assert_eq!(verifying(404).handle_verified(true), BAD_STATUS);
    for status in [200, 404] {
        assert_eq!(verifying(status).handle_verified(false), FETCH_ERROR);
    }
}

#[test]
fn they_are_verified_again_after_a_restart() {
    let record = verifying(200).record().clone();
    let mut machine = CompleteRecord::new(promised_request(), record, RetryPolicy::default());
    assert_eq!(machine.start(), Next::Verify);
    assert_eq!(machine.state(), State::Verifying);
}

#[test]
fn a_response_without_a_body_keeps_no_promise() {
    let mut machine = promised();
    machine.start();
    machine.handle_response(head(204, &[]));
    assert_eq!(machine.handle_end(BodyEnd::Complete), FETCH_ERROR);
}
