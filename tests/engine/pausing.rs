use background_fetch_polyfill::model::{EventKind, FailureReason, Millis};

use crate::world::{ServedFile, Simulation, get, post};

const LENGTH: u64 = 900_000;

fn file() -> ServedFile {
    ServedFile { bytes_per_milli: 200, ..ServedFile::of(LENGTH) }
}

#[test]
fn a_paused_fetch_stands_still_and_loses_nothing() {
    let simulation = Simulation::new(1);
    simulation.serve("a", file());
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    other.observe(&uid);
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
    assert!(other.pause(&uid), "by another page than the one that runs it");
    assert!(!page.pause(&uid), "it is paused already");
    simulation.run_for(Millis(1000));
    let (sent, stored) = (simulation.sent("a"), simulation.stored(&uid));
    assert_eq!(stored, sent, "what came is stored");
    simulation.run_for(Millis::from_seconds(3600));
    assert_eq!((simulation.sent("a"), simulation.stored(&uid)), (sent, stored));
    assert!(simulation.origin.servers.connections.borrow().is_empty());
    for page in [&page, &other] {
        let shown = simulation.shown();
        let last = shown.iter().rfind(|shown| shown.realm == page.realm).unwrap();
        assert!(last.state.is_paused, "every page shows it");
    }
    assert!(page.resume_fetch(&uid));
    assert!(!other.resume_fetch(&uid));
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
    assert_eq!(simulation.sent("a"), LENGTH, "nothing came twice");
    let shown = simulation.shown();
    assert!(shown.iter().all(|shown| !shown.state.settled || !shown.state.is_paused));
}

#[test]
fn a_paused_fetch_stays_paused_after_a_restart() {
    let simulation = Simulation::new(2);
    simulation.serve("a", file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    page.pause(&uid);
    page.kill();
    let page = simulation.open_page();
    assert!(page.observe(&uid).unwrap().state.is_paused);
    simulation.run_for(Millis::from_seconds(3600));
    assert!(simulation.told().is_empty());
    page.resume_fetch(&uid);
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
}

#[test]
fn a_fetch_may_be_paused_and_resumed_at_any_step() {
    for step in 0.. {
        let simulation = Simulation::new(step);
        simulation.serve("a", ServedFile::of(200_000));
        simulation.serve("up", ServedFile::of(100));
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let requests = vec![(get("a"), None), post("up", simulation.upload(5000))];
        let uid = page.fetch_with("id", requests, Default::default()).unwrap();
        let is_over = !simulation.take_steps(step);
        other.pause(&uid);
        simulation.take_steps(step % 40);
        page.resume_fetch(&uid);
        simulation.run();
        let told = simulation.told();
        assert_eq!(told.len(), 1, "paused at {step}");
        assert_eq!((told[0].kind, told[0].lengths()), (EventKind::Success, vec![200_000, 100]));
        assert_eq!(simulation.resource("up", |up| up.requests.len()), 1, "an upload is sent twice");
        assert!(simulation.is_empty());
        if is_over {
            return;
        }
    }
}

#[test]
fn an_upload_on_its_way_goes_on_and_one_that_waits_does_not_begin() {
    let simulation = Simulation::with_settings(|settings| settings.connections = 1);
    for name in ["first", "second"] {
        simulation.serve(name, ServedFile { bytes_per_milli: 10, ..ServedFile::of(100) });
    }
    let page = simulation.open_page();
    let requests = vec![post("first", simulation.upload(50_000)), post("second", simulation.upload(50_000))];
    let uid = page.fetch_with("id", requests, Default::default()).unwrap();
    simulation.run_for(Millis(1000));
    page.pause(&uid);
    simulation.run_for(Millis::from_seconds(60));
    let requests = |name| simulation.resource(name, |resource| resource.requests.len());
    assert_eq!((requests("first"), requests("second")), (1, 0));
    page.resume_fetch(&uid);
    simulation.run();
    assert_eq!(simulation.told()[0].kind, EventKind::Success);
    assert_eq!((requests("first"), requests("second")), (1, 1));
}

#[test]
fn a_paused_fetch_can_be_aborted() {
    let simulation = Simulation::new(3);
    simulation.serve("a", file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    page.pause(&uid);
    simulation.run_for(Millis(1000));
    assert!(page.abort(&uid));
    simulation.run();
    assert_eq!(simulation.told()[0].kind, EventKind::Abort);
    assert!(simulation.is_empty());
}

#[test]
fn what_nothing_came_of_for_thirty_days_has_failed() {
    const DAY: Millis = Millis::from_seconds(24 * 3600);
    // The one is left by its only page after a while, and visited once a week.
    for is_left in [false, true] {
        let simulation = Simulation::new(4);
        simulation.serve("a", file());
        let mut page = simulation.open_page();
        page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(1000));
        simulation.origin.servers.set_offline(true);
        simulation.origin.executor.set_horizon(Millis(60 * DAY.0));
        for _ in 0..4 {
            simulation.run_for(Millis(7 * DAY.0));
            if is_left {
                page.kill();
                page = simulation.open_page();
            }
        }
        simulation.run_for(DAY);
        assert_eq!(simulation.told().len(), 0, "it is the 29th day");
        simulation.run_for(Millis(if is_left { 8 } else { 2 } * DAY.0));
        let told = simulation.told();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].kind, told[0].state.failure_reason),
            (EventKind::Fail, Some(FailureReason::FetchError))
        );
        assert!(simulation.is_empty());
    }
}

/// Regression: a wall clock that was set forward, or a device that had begun in 1970, ended every fetch.
#[test]
fn a_calendar_that_jumps_makes_nothing_stale() {
    const YEAR: i64 = 365 * 24 * 3600 * 1000;
    for (years, is_left) in [(5, false), (5, true), (57, false)] {
        let simulation = Simulation::new(5);
        simulation.serve("a", file());
        let page = simulation.open_page();
        page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(1000));
        simulation.origin.servers.set_offline(true);
        if is_left {
            page.kill();
        }
        simulation.origin.clock_is_off_by.set(years * YEAR);
        let _other = simulation.open_page();
        simulation.run_for(Millis::from_seconds(2 * 24 * 3600));
        assert_eq!(simulation.told().len(), 0);
        simulation.origin.servers.set_offline(false);
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
    }
}

#[test]
fn a_paused_fetch_is_none_of_which_nothing_comes() {
    const DAY: Millis = Millis::from_seconds(24 * 3600);
    let simulation = Simulation::new(6);
    simulation.serve("a", file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    simulation.origin.servers.set_offline(true);
    simulation.origin.executor.set_horizon(Millis(200 * DAY.0));
    simulation.run_for(Millis(25 * DAY.0));
    page.pause(&uid);
    simulation.run_for(Millis(90 * DAY.0));
    page.resume_fetch(&uid);
    simulation.run_for(Millis(5 * DAY.0));
    assert_eq!(simulation.told().len(), 0);
    simulation.origin.servers.set_offline(false);
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
}

/// Regression: it failed after thirty days.
#[test]
fn a_paused_fetch_stays_paused_for_as_long_as_it_takes() {
    const DAY: Millis = Millis::from_seconds(24 * 3600);
    for is_closed in [false, true] {
        let simulation = Simulation::new(5);
        simulation.serve("a", file());
        let mut page = simulation.open_page();
        let uid = page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(1000));
        page.pause(&uid);
        simulation.run_for(Millis(1000));
        if is_closed {
            page.kill();
        }
        simulation.origin.executor.set_horizon(Millis(100 * DAY.0));
        simulation.run_for(Millis(50 * DAY.0));
        if is_closed {
            page = simulation.open_page();
        }
        simulation.run_for(DAY);
        assert_eq!(simulation.told().len(), 0);
        assert!(page.resume_fetch(&uid));
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
        simulation.check_came_once("a");
    }
}

/// Regression: it waited until the fetch was resumed.
#[test]
fn a_worker_does_not_live_for_a_paused_fetch() {
    for pauses_first in [true, false] {
        let simulation = Simulation::new(6);
        simulation.serve("a", file());
        let page = simulation.open_page();
        let uid = page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(1000));
        if pauses_first {
            page.pause(&uid);
        }
        page.kill();
        let worker = simulation.worker();
        let run = || {
            let engine = worker.engine.clone();
            worker.begin(async move { engine.run_without_pages().await })
        };
        let running = run();
        simulation.run_for(Millis(1000));
        if !pauses_first {
            worker.pause(&uid);
            simulation.run_for(Millis(1000));
        }
        assert!(running.is_settled());
        let sent = simulation.sent("a");
        simulation.run_for(Millis::from_seconds(3600));
        assert_eq!(simulation.sent("a"), sent);
        // As its host does.
        assert!(worker.resume_fetch(&uid));
        run();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
    }
}
