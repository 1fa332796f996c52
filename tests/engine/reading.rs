use background_fetch_polyfill::engine::{ReadyBody, RequestedRecord};
use background_fetch_polyfill::model::{
    CacheQueryOptions, Error, EventKind, Millis, Options, StoredRequest, UniqueId,
};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use crate::world::{Content, Fault, Page, ServedFile, Simulation, get, post};

fn match_all(
    page: &Page,
    uid: &UniqueId,
    query: Option<&str>,
    options: CacheQueryOptions,
) -> Result<Vec<u32>, Error> {
    let (engine, uid, query) = (page.engine.clone(), uid.clone(), query.map(get));
    let found: Result<Vec<RequestedRecord<Content>>, Error> =
        page.run(async move { engine.match_all(&uid, query.as_ref(), options).await });
    found.map(|records| records.into_iter().map(|record| record.index).collect())
}

#[test]
fn a_response_is_there_as_soon_as_its_record_is_complete_in_any_page() {
    let simulation = Simulation::new(1);
    simulation.serve("fast", ServedFile::of(1000));
    simulation.serve("slow", ServedFile { bytes_per_milli: 10, ..ServedFile::default() });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["slow", "fast"]).unwrap();
    let waiting = [page.begin_response(&uid, 1), other.begin_response(&uid, 1)];
    let slow = other.begin_response(&uid, 0);
    simulation.run_for(Millis(1000));
    for promise in waiting {
        assert_eq!(promise.take().unwrap().unwrap().content.unwrap().len(), 1000);
    }
    assert!(!slow.is_settled());
    simulation.run();
    assert_eq!(slow.take().unwrap().unwrap().content.unwrap().len(), 1_000_000);
}

#[test]
fn a_body_is_read_while_it_comes_in_at_the_readers_pace() {
    for takes in [0, 20, 5000].map(Millis) {
        let simulation = Simulation::new(5);
        simulation.serve("slow", ServedFile { bytes_per_milli: 100, ..ServedFile::default() });
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["slow"]).unwrap();
        let reading = [
            page.begin_slow_response(&uid, 0, takes),
            other.begin_slow_response(&uid, 0, takes),
            simulation.worker().begin_slow_response(&uid, 0, takes),
        ];
        // The slow ones go on long after the worker has deleted everything.
        simulation.run();
        assert!(simulation.is_empty());
        for promise in reading {
            let read = promise.take().unwrap().unwrap();
            assert_eq!((read.content.unwrap().len(), read.is_whole), (1_000_000, true), "{takes:?}");
        }
    }
}

/// Regression: such a response kept the bytes until it was collected.
#[test]
fn a_response_that_nobody_reads_keeps_nothing() {
    let simulation = Simulation::new(9);
    simulation.serve("slow", ServedFile { bytes_per_milli: 100, ..ServedFile::default() });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["slow"]).unwrap();
    let take = |page: &Page| {
        let (engine, uid) = (page.engine.clone(), uid.clone());
        page.run(async move { engine.response(&uid, 0).await }).unwrap()
    };
    let unread = [take(&page), take(&other), take(&simulation.worker())];
    let slow = other.begin_slow_response(&uid, 0, Millis(3000));
    simulation.run_until(|simulation| simulation.told().iter().any(|told| told.is_handled));
    simulation.run_for(Millis(1000));
    assert!(!simulation.is_empty() && !slow.is_settled(), "what is being read is kept");
    let realms = [&page, &other, &simulation.worker()];
    for (ready, realm) in unread.into_iter().zip(realms) {
        let ReadyBody::Live(reader) = ready.body else { panic!("it is not complete") };
        let read = realm.begin(async move { reader.next().await });
        simulation.run_for(Millis(100));
        assert_eq!(read.take(), Some(Err(Error::RecordsUnavailable)), "it does not wait for the others");
    }
    simulation.run();
    assert!(slow.take().unwrap().unwrap().is_whole);
    assert!(simulation.is_empty());
}

#[test]
fn a_head_is_there_before_its_body() {
    let simulation = Simulation::new(6);
    simulation.serve("silent", ServedFile { bytes_per_milli: 1, piece: 1000, ..ServedFile::of(1_000_000) });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["silent"]).unwrap();
    let heads = [&page, &other].map(|page| {
        let (engine, uid) = (page.engine.clone(), uid.clone());
        page.begin(async move { engine.response(&uid, 0).await.map(|ready| ready.head.status) })
    });
    simulation.run_for(Millis(1000));
    for head in heads {
        assert_eq!(head.take(), Some(Ok(200)));
    }
}

#[test]
fn a_body_whose_file_begins_anew_ends_with_an_error() {
    let simulation = Simulation::new(7);
    simulation.serve("file", ServedFile { bytes_per_milli: 100, ..ServedFile::default() });
    simulation.break_requests("file", [Fault::CutAfter(500_000), Fault::Changed(2000)]);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["file"]).unwrap();
    let reading = page.begin_response(&uid, 0);
    simulation.run();
    assert_eq!(reading.take(), Some(Err(Error::RecordRestarted)));
    assert_eq!(simulation.told()[0].lengths(), [2000]);
}

#[test]
fn integrity_is_verified_over_all_bytes_and_nothing_is_shown_before() {
    for (is_right, expected) in [(true, EventKind::Success), (false, EventKind::Fail)] {
        let simulation = Simulation::new(8);
        simulation.serve("file", ServedFile { bytes_per_milli: 100, ..ServedFile::default() });
        simulation.break_requests("file", [Fault::CutAfter(300_000), Fault::CutAfter(400_000)]);
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let version = simulation.resource("file", |resource| resource.file.version);
        let bytes: Vec<u8> =
            (0..1_000_000).map(|offset| version.byte_at(offset + u64::from(!is_right))).collect();
        let integrity = format!("sha256-{}", Base64::encode_string(&Sha256::digest(&bytes)));
        let request = StoredRequest { integrity, ..get("file") };
        let uid = page.fetch_with("id", vec![(request, None)], Options::default()).unwrap();
        let reading = other.begin_response(&uid, 0);
        simulation.run_for(Millis(2000));
        assert!(!reading.is_settled() && simulation.stored(&uid) > 0);
        page.kill();
        simulation.run();
        let told = simulation.told();
        assert_eq!(told[0].kind, expected);
        assert!(simulation.sent("file") < 1_100_000, "it goes on from where it was");
        match reading.take().unwrap() {
            Ok(read) => assert!(is_right && read.is_whole),
            Err(error) => assert!(!is_right && error == Error::RecordFailed),
        }
    }
}

/// Regression: the old bytes were verified, and the new ones thrown away.
#[test]
fn integrity_of_a_file_that_began_anew_is_that_of_the_new_bytes() {
    let simulation = Simulation::new(8);
    simulation.serve("file", ServedFile { takes_ranges: false, ..ServedFile::default() });
    simulation.break_requests("file", [Fault::CutAfter(300_000)]);
    let page = simulation.open_page();
    let version = simulation.resource("file", |resource| resource.file.version);
    let bytes: Vec<u8> = (0..1_000_000).map(|offset| version.byte_at(offset)).collect();
    let integrity = format!("sha256-{}", Base64::encode_string(&Sha256::digest(&bytes)));
    let request = StoredRequest { integrity, ..get("file") };
    page.fetch_with("id", vec![(request, None)], Options::default()).unwrap();
    simulation.run();
    assert_eq!(simulation.told()[0].kind, EventKind::Success);
}

#[test]
fn a_response_rejects_with_what_became_of_its_record() {
    let simulation = Simulation::new(2);
    simulation.serve(
        "forbidden",
        ServedFile { is_forbidden: true, is_cross_origin: true, ..ServedFile::default() },
    );
    simulation.serve("slow", ServedFile { bytes_per_milli: 1, ..ServedFile::default() });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["forbidden", "slow"]).unwrap();
    let (failed, aborted) = (other.begin_response(&uid, 0), other.begin_response(&uid, 1));
    simulation.run_for(Millis::from_seconds(60));
    assert_eq!(failed.take(), Some(Err(Error::RecordFailed)));
    assert!(page.abort(&uid));
    simulation.run();
    assert_eq!(aborted.take(), Some(Err(Error::RecordAborted)));
    let late = page.begin_response(&uid, 0);
    simulation.run();
    assert_eq!(late.take(), Some(Err(Error::RecordsUnavailable)));
}

/// Regression: what the dead runner had stored was not told to the other pages before the next progress.
#[test]
fn a_record_that_was_complete_when_its_page_died_is_handed_out() {
    for step in 0..40 {
        let simulation = Simulation::new(step);
        simulation.serve("fast", ServedFile::of(1000));
        simulation.serve("silent", ServedFile { bytes_per_milli: 1, ..ServedFile::of(300_000_000) });
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["silent", "fast"]).unwrap();
        simulation.run_for(Millis(5));
        let response = other.begin_response(&uid, 1);
        simulation.take_steps(step);
        page.kill();
        simulation.origin.servers.set_offline(!simulation.history(&uid).results.is_empty());
        simulation.run_for(Millis::from_seconds(60));
        assert!(response.is_settled(), "killed at {step}");
    }
}

#[test]
fn records_are_found_in_the_order_of_the_requests() {
    let simulation = Simulation::new(3);
    for name in ["a", "b", "b?1"] {
        simulation.serve(name, ServedFile::of(1000));
    }
    let body = simulation.upload(10);
    let page = simulation.open_page();
    let get = |name| (get(name), None);
    let requests = vec![get("b"), get("a"), post("a", body), get("b?1"), get("b")];
    let uid = page.fetch_with("id", requests, Options::default()).unwrap();
    let exact = CacheQueryOptions::default();
    assert_eq!(match_all(&page, &uid, None, exact).unwrap(), [0, 1, 2, 3, 4]);
    assert_eq!(match_all(&page, &uid, Some("b"), exact).unwrap(), [0, 4]);
    assert_eq!(match_all(&page, &uid, Some("a"), exact).unwrap(), [1]);
    assert_eq!(match_all(&page, &uid, Some("c"), exact).unwrap(), [0; 0]);
    let any_method = CacheQueryOptions { ignore_method: true, ..exact };
    assert_eq!(match_all(&page, &uid, Some("a"), any_method).unwrap(), [1, 2]);
    let any_search = CacheQueryOptions { ignore_search: true, ..exact };
    assert_eq!(match_all(&page, &uid, Some("b?2"), any_search).unwrap(), [0, 3, 4]);
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [1000; 5]);
    assert_eq!(match_all(&page, &uid, None, exact), Err(Error::RecordsUnavailable));
}

#[test]
fn only_what_is_active_is_found_by_its_id() {
    let simulation = Simulation::new(4);
    simulation.serve("a", ServedFile::of(1000));
    let page = simulation.open_page();
    let find = |id: &'static str| {
        let engine = page.engine.clone();
        page.run(async move { engine.get(crate::world::SCOPE, true, id).await })
    };
    let uid = page.fetch("id", &["a"]).unwrap();
    assert_eq!(find("id").unwrap().unwrap().uid, uid);
    assert_eq!(find("other"), Ok(None));
    assert_eq!(find(""), Err(Error::EmptyId));
    simulation.run_until(|simulation| !simulation.told().is_empty());
    assert_eq!(find("id"), Ok(None));
}
