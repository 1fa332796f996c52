use std::rc::Rc;

use background_fetch_polyfill::engine::{ByteHandle, Network};
use background_fetch_polyfill::model::{Attempt, ByteCount, NetworkFailure, StoredRequest};
use background_fetch_polyfill::web::FetchNetwork;
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

fn request(path: &str) -> StoredRequest {
    let location = js_sys::Reflect::get(&js_sys::global(), &"location".into()).unwrap();
    let origin = js_sys::Reflect::get(&location, &"origin".into()).unwrap().as_string().unwrap();
    StoredRequest {
        url: format!("{origin}{path}"),
        method: "GET".into(),
        referrer: "about:client".into(),
        ..StoredRequest::default()
    }
}

#[wasm_bindgen_test]
async fn a_response_has_a_head_and_a_body_in_pieces() {
    let (head, mut body) =
        FetchNetwork::new().send(&request("/"), None, &Attempt::default(), &Rc::default()).await.unwrap();
    assert_eq!(head.status, 200);
    assert!(head.is_ok());
    assert_eq!(head.url, request("/").url);
    assert!(head.headers.value("content-type").unwrap().starts_with("text/html"));
    let mut length = ByteCount::ZERO;
    while let Some(piece) = body.next().await {
        length += piece.unwrap().length();
    }
    assert!(length > ByteCount::ZERO);
}

#[wasm_bindgen_test]
async fn a_missing_file_is_a_response_like_any_other() {
    let answer =
        FetchNetwork::new().send(&request("/missing"), None, &Attempt::default(), &Rc::default()).await;
    assert_eq!(answer.map(|(head, _)| head.status), Ok(404));
}

#[wasm_bindgen_test]
async fn an_unreachable_server_fails_and_does_not_answer_a_probe() {
    // The discard port, which nobody listens on; not one that browsers block.
    let request = StoredRequest { url: "http://127.0.0.1:3/".into(), ..request("/") };
    let network = FetchNetwork::new();
    let answer = network.send(&request, None, &Attempt::default(), &Rc::default()).await;
    assert_eq!(answer.map(|(head, _)| head.status), Err(NetworkFailure::Failed));
    let probe = network.probe(&request).await;
    assert!(!probe.reachable);
    assert!(probe.cross_origin);
}

#[wasm_bindgen_test]
async fn a_reachable_server_answers_a_probe() {
    let probe = FetchNetwork::new().probe(&request("/")).await;
    assert!(probe.reachable);
    assert!(!probe.cross_origin);
    assert!(!probe.redirects);
}

#[wasm_bindgen_test]
async fn what_cannot_be_built_is_refused() {
    let request = StoredRequest { url: "http://[/".into(), ..request("/") };
    let answer = FetchNetwork::new().send(&request, None, &Attempt::default(), &Rc::default()).await;
    assert_eq!(answer.map(|(head, _)| head.status), Err(NetworkFailure::Refused));
}
