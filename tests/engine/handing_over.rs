use background_fetch_polyfill::engine::{Bus, Hint, HintKind, Shown};
use background_fetch_polyfill::model::{ByteCount, EventKind, Millis, UniqueId};

use crate::world::{Page, Port, ServedFile, Simulation, get, post};

const LENGTH: u64 = 900_000;
/// At most 500 ms of 200 bytes each are not stored, and what is on its way to the disk meanwhile.
const MOST_LOST: u64 = 250_000;

fn simulation(seed: u64) -> Simulation {
    let simulation = Simulation::new(seed);
    simulation.serve("a", ServedFile { bytes_per_milli: 200, ..ServedFile::of(LENGTH) });
    simulation
}

/// The page is closed when something is stored, and the worker has stored more.
fn leave_to_worker(simulation: &Simulation, page: Page, uid: &UniqueId) {
    simulation.run_until(|simulation| simulation.stored(uid) > 200_000);
    page.close();
    simulation.run_until(|simulation| simulation.stored(uid) > 400_000);
}

#[test]
fn the_worker_goes_on_when_the_last_page_is_closed() {
    let simulation = simulation(1);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
    page.close();
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH], "with no page to see it");
    assert!(simulation.sent("a") <= LENGTH + MOST_LOST);
    assert!(simulation.is_empty());
}

#[test]
fn another_page_comes_before_the_worker() {
    let simulation = simulation(2);
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
    page.close();
    simulation.run_for(Millis(100));
    let connections = simulation.origin.servers.connections.borrow().clone();
    assert_eq!(connections.into_values().collect::<Vec<_>>(), [other.realm]);
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
}

/// Regression: a page whose request for the lock came later than its message waited for ever.
#[test]
fn a_worker_hands_over_to_a_page_that_is_opened() {
    for seed in 0..30 {
        let simulation = simulation(seed);
        let page = simulation.open_page();
        let uid = page.fetch("id", &["a"]).unwrap();
        leave_to_worker(&simulation, page, &uid);
        let page = simulation.open_page();
        simulation.run_for(Millis(500));
        let connections = simulation.origin.servers.connections.borrow().clone();
        assert_eq!(connections.into_values().collect::<Vec<_>>(), [page.realm]);
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
        let sent = simulation.sent("a");
        assert!(sent <= LENGTH + MOST_LOST + 60_000, "{sent}");
    }
}

/// Regression: a worker that was to hand over stopped for good, whether a page came or not.
#[test]
fn the_worker_goes_on_when_the_page_that_it_made_room_for_is_gone() {
    let simulation = simulation(7);
    simulation.serve("up", ServedFile { latency: 20_000, ..ServedFile::of(50) });
    let page = simulation.open_page();
    let requests = vec![(get("a"), None), post("up", simulation.upload(1000))];
    let uid = page.fetch_with("id", requests, Default::default()).unwrap();
    leave_to_worker(&simulation, page, &uid);
    let visitor = simulation.open_page();
    simulation.run_for(Millis(500));
    visitor.kill();
    simulation.run_for(Millis::from_seconds(120));
    assert_eq!(simulation.told().len(), 1);
}

/// Any script of the origin can say that a page is there.
#[test]
fn a_worker_goes_on_if_nobody_takes_the_room_it_made() {
    let simulation = simulation(8);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    leave_to_worker(&simulation, page, &uid);
    let forger = simulation.open_realm();
    let port = Port::new(&simulation.origin, forger.realm);
    for _ in 0..3 {
        port.post(&Hint { kind: HintKind::Requested, uid: uid.clone(), records: None });
        simulation.run_for(Millis(300));
    }
    forger.kill();
    simulation.run_for(Millis::from_seconds(120));
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
}

#[test]
fn a_worker_that_ends_leaves_the_rest_to_the_next_page() {
    let simulation = simulation(4);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    leave_to_worker(&simulation, page, &uid);
    simulation.worker().kill();
    simulation.run_for(Millis::from_seconds(3600));
    assert!(simulation.told().is_empty());
    simulation.open_page();
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
}

#[test]
fn a_worker_that_starts_goes_on_with_what_nobody_runs_and_delivers_what_was_not_delivered() {
    let simulation = simulation(5);
    simulation.serve("b", ServedFile::of(1000));
    let page = simulation.open_page();
    page.fetch("running", &["a"]).unwrap();
    page.fetch("settled", &["b"]).unwrap();
    simulation.run_until(|simulation| simulation.shown().iter().any(|shown| shown.state.settled));
    page.kill();
    simulation.worker().kill();
    let told = simulation.told().len();
    let worker = simulation.worker();
    let engine = worker.engine.clone();
    worker.run(async move { engine.run_without_pages().await });
    assert_eq!(simulation.told().len() - told, 2, "all is done when it returns");
    assert!(simulation.is_empty());
}

/// Nothing tells of it: not even its lock is free.
#[test]
fn a_frozen_page_is_replaced_by_one_that_is_awake() {
    for seed in 0..20 {
        let simulation = simulation(seed);
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["a"]).unwrap();
        other.observe(&uid);
        simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
        page.freeze();
        // Three heartbeats are missed.
        simulation.run_for(Millis::from_seconds(45));
        assert_eq!(simulation.told().len(), 1, "it is through");
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
        page.thaw();
        simulation.run();
        assert_eq!(simulation.told().len(), 1);
        assert!(simulation.is_empty());
    }
}

/// Regression: a page whose thread was blocked for a quarter of a minute lost its upload, which had reached the server.
#[test]
fn a_page_that_is_only_busy_keeps_its_upload() {
    for (seconds, kind) in [(15, EventKind::Success), (300, EventKind::Success), (1200, EventKind::Fail)] {
        let simulation = simulation(4);
        simulation.serve("up", ServedFile { bytes_per_milli: 10, ..ServedFile::of(100) });
        let (page, _other) = (simulation.open_page(), simulation.open_page());
        let requests = vec![post("up", simulation.upload(50_000))];
        page.fetch_with("id", requests, Default::default()).unwrap();
        simulation.run_for(Millis::from_seconds(1));
        page.freeze();
        simulation.run_for(Millis::from_seconds(seconds));
        page.thaw();
        simulation.run();
        assert_eq!(simulation.told()[0].kind, kind, "{seconds} s");
        assert_eq!(simulation.resource("up", |up| up.requests.len()), 1);
        assert!(simulation.is_empty());
    }
}

#[test]
fn an_owner_that_is_awake_is_not_replaced() {
    let simulation = simulation(6);
    let pages = [(); 4].map(|()| simulation.open_page());
    let uid = pages[0].fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    pages[0].pause(&uid);
    simulation.run_for(Millis::from_seconds(3600));
    assert!(!simulation.origin.locks.is_any_stolen.get());
}

/// The page itself lives on, with the registrations that it had.
#[test]
fn an_engine_that_broke_off_is_replaced_by_one_that_shows_what_it_showed() {
    let simulation = simulation(3);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    let gone = page.fetch("gone", &["a"]).unwrap();
    assert!(page.abort(&gone));
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000 && simulation.told().len() == 1);
    page.kill();
    let successor = simulation.open_realm();
    let shown = [&uid, &gone].map(|uid| Shown {
        uid: uid.clone(),
        downloaded: ByteCount(100_000),
        uploaded: ByteCount::ZERO,
        result: String::new(),
    });
    let engine = successor.engine.clone();
    assert_eq!(successor.run(async move { engine.replace(shown.into()).await }), [gone]);
    simulation.run();
    let shown = simulation.shown();
    let mut own = shown.iter().filter(|shown| shown.realm == successor.realm).map(|shown| &shown.state);
    assert!(own.next().is_some_and(|state| state.downloaded.0 > 300_000 && !state.settled));
    assert!(own.any(|state| state.settled && state.downloaded.0 == LENGTH));
    assert_eq!(simulation.told()[1].lengths(), [LENGTH], "it goes on with it, too");
    assert!(simulation.is_empty());
}
