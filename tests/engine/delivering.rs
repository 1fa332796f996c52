use background_fetch_polyfill::engine::WorkerState;
use background_fetch_polyfill::model::{EventKind, Millis};
use futures_util::FutureExt;

use crate::world::{SCOPE, ServedFile, Simulation, never_settles, reads_all};

fn simulation(seed: u64) -> Simulation {
    let simulation = Simulation::new(seed);
    simulation.serve("a", ServedFile::of(100_000));
    simulation.serve("b", ServedFile::of(100_000));
    simulation
}

#[test]
fn a_worker_that_dies_in_the_handler_gets_the_event_again() {
    let simulation = simulation(1);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    simulation.worker().kill();
    simulation.run();
    let told = simulation.told();
    assert_eq!(told.iter().map(|told| told.is_handled).collect::<Vec<_>>(), [false, true]);
    assert_eq!(told[1].lengths(), [100_000], "the records are still there");
    assert!(simulation.is_empty());
}

#[test]
fn a_worker_may_be_killed_at_any_step() {
    for step in 0.. {
        let simulation = simulation(step);
        let page = simulation.open_page();
        page.fetch("id", &["a"]).unwrap();
        let is_over = !simulation.take_steps(step);
        simulation.worker().kill();
        simulation.run();
        let told = simulation.told();
        assert!((1..=2).contains(&told.len()), "killed at {step}: {told:?}");
        assert!(told.iter().any(|told| told.is_handled));
        assert!(simulation.is_empty());
        let last = simulation.shown().into_iter().rfind(|shown| shown.realm == page.realm).unwrap();
        assert!(!last.state.records_available, "killed at {step}, after which nobody told the page");
        if is_over {
            return;
        }
    }
}

#[test]
fn a_handler_that_never_settles_does_not_block_other_fetches() {
    let simulation = simulation(2);
    simulation.origin.handler.replace(Some(never_settles()));
    let page = simulation.open_page();
    page.fetch("stuck", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    simulation.origin.handler.replace(Some(reads_all(Millis(10))));
    page.fetch("other", &["b"]).unwrap();
    simulation.run_for(Millis::from_seconds(60));
    let told = simulation.told();
    assert_eq!(told.len(), 2, "reminders are not new events");
    assert!(told[1].is_handled && !told[0].is_handled);
    assert_eq!(page.fetch("stuck", &["a"]).map(|_| ()), Ok(()), "its id is free");
}

#[test]
fn the_event_waits_until_there_is_an_active_worker() {
    let simulation = simulation(3);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.origin.set_worker_state(SCOPE, WorkerState::Waiting);
    simulation.run_for(Millis::from_seconds(3600));
    assert_eq!(simulation.told().len(), 0);
    simulation.origin.set_worker_state(SCOPE, WorkerState::Active);
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn nothing_is_told_to_a_registration_that_is_no_more() {
    let simulation = simulation(4);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.origin.set_worker_state(SCOPE, WorkerState::Unregistered);
    simulation.run();
    assert_eq!(simulation.told().len(), 0);
    assert!(simulation.is_empty());
    let last = simulation.shown().into_iter().rfind(|shown| shown.uid == uid).unwrap();
    assert!(!last.state.records_available, "its page is told that the records are gone");
}

#[test]
fn a_new_registration_finds_nothing_of_the_old_one() {
    let simulation = simulation(5);
    let (page, other) = (simulation.open_page(), simulation.open_page());
    simulation.serve("slow", ServedFile { bytes_per_milli: 10, ..ServedFile::default() });
    let uid = page.fetch("id", &["slow"]).unwrap();
    other.observe(&uid);
    let waiting = [page.begin_response(&uid, 0), other.begin_response(&uid, 0)];
    simulation.run_for(Millis::from_seconds(5));
    let worker = simulation.worker();
    let engine = worker.engine.clone();
    worker.run(async move { engine.purge_scope(SCOPE).await }).unwrap();
    simulation.run_for(Millis::from_seconds(1));
    assert!(simulation.is_empty());
    let sent = simulation.sent("slow");
    page.fetch("id", &["a"]).unwrap();
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
    assert_eq!(simulation.told()[0].lengths(), [100_000]);
    assert_eq!(simulation.sent("slow"), sent, "the old fetch has stopped");
    for promise in waiting {
        assert!(promise.take().is_some_and(|response| response.is_err()), "it must not wait for ever");
    }
    for page in [page, other] {
        let shown = simulation.shown();
        let last = shown.iter().rfind(|shown| shown.uid == uid && shown.realm == page.realm);
        assert!(last.is_some_and(|shown| !shown.state.records_available));
    }
}

#[test]
fn another_page_delivers_when_the_first_is_closed() {
    for step in 0..60 {
        let simulation = simulation(step);
        let (page, _other) = (simulation.open_page(), simulation.open_page());
        page.fetch("id", &["a"]).unwrap();
        simulation.run_until(|simulation| simulation.shown().iter().any(|shown| shown.state.settled));
        simulation.take_steps(step);
        page.kill();
        simulation.run();
        assert_eq!(simulation.told().len(), 1, "{:?}", simulation.told());
        assert!(simulation.is_empty());
    }
}

#[test]
fn an_event_that_is_posted_twice_is_dispatched_once() {
    let simulation = simulation(6);
    let uid = simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    let worker = simulation.worker();
    for _ in 0..3 {
        let (engine, uid) = (worker.engine.clone(), uid.clone());
        worker.begin(async move { engine.deliver_here(uid).await });
    }
    simulation.run();
    let (engine, uid) = (worker.engine.clone(), uid);
    worker.begin(async move { engine.deliver_here(uid).await });
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn two_versions_of_the_worker_do_not_both_handle_the_event() {
    let simulation = simulation(9);
    let uid = simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    let other = simulation.another_worker();
    let engine = other.engine.clone();
    other.begin(async move { engine.deliver_here(uid).await });
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
    assert!(simulation.is_empty());
}

#[test]
fn a_forged_message_dispatches_nothing_before_the_result() {
    let simulation = simulation(7);
    simulation.serve("slow", ServedFile { bytes_per_milli: 10, ..ServedFile::default() });
    let uid = simulation.open_page().fetch("id", &["slow"]).unwrap();
    let worker = simulation.worker();
    let (engine, uid) = (worker.engine.clone(), uid);
    worker.run(async move { engine.deliver_here(uid).await });
    assert_eq!(simulation.told().len(), 0);
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn forged_messages_do_not_count_as_deliveries() {
    let simulation = simulation(10);
    simulation.serve("slow", ServedFile { bytes_per_milli: 10, ..ServedFile::default() });
    let uid = simulation.open_page().fetch("id", &["slow"]).unwrap();
    let (own, foreign) = (simulation.worker(), simulation.worker_of("https://a.example/other/"));
    for worker in [&own, &foreign].into_iter().cycle().take(40) {
        let (engine, uid) = (worker.engine.clone(), uid.clone());
        worker.run(async move { engine.deliver_here(uid).await });
    }
    simulation.run();
    assert_eq!(simulation.told().len(), 1, "the event comes all the same");
    assert!(simulation.told()[0].is_handled);
}

/// Kills so many workers in the middle of handling the event.
fn kill_handlers(simulation: &Simulation, times: usize) {
    for _ in 0..times {
        let told = simulation.told().len();
        simulation.run_until(|simulation| simulation.told().len() > told);
        simulation.worker().kill();
    }
}

/// Regression: what was not handled in ten workers was deleted. Safari's live ten seconds after the last page.
#[test]
fn what_is_not_handled_is_kept_and_comes_again() {
    let simulation = simulation(11);
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    kill_handlers(&simulation, 30);
    let reading = page.begin_response(&uid, 0);
    simulation.run_for(Millis(100));
    assert!(reading.take().is_some_and(|read| read.unwrap().is_whole), "pages can read it meanwhile");
    simulation.run();
    let told = simulation.told();
    assert_eq!((told.len(), told[30].is_handled, told[30].lengths()), (31, true, vec![100_000]));
    let pauses: Vec<u64> = told.windows(2).map(|pair| (pair[1].at.saturating_sub(pair[0].at)).0).collect();
    assert!(pauses[..3].iter().all(|pause| *pause < 20_000), "at once for the first: {pauses:?}");
    assert!(pauses[29] > 3_500_000, "and later and later: {pauses:?}");
    assert!(simulation.is_empty());
}

#[test]
fn an_event_that_kills_its_workers_is_given_up_when_it_is_stale() {
    let simulation = Simulation::with_settings(|settings| settings.stale_time = Millis::from_seconds(60));
    simulation.serve("a", ServedFile::of(100_000));
    simulation.open_page().fetch("id", &["a"]).unwrap();
    kill_handlers(&simulation, 12);
    simulation.run();
    assert_eq!(simulation.told().len(), 12, "it is not dispatched once more");
    assert!(simulation.is_empty());
}

/// What was not asked for in all that time is not what nobody could handle.
#[test]
fn an_event_waits_for_a_visit_as_long_as_it_takes() {
    const DAY: Millis = Millis::from_seconds(24 * 3600);
    let simulation = simulation(12);
    let page = simulation.open_page();
    page.fetch("id", &["a"]).unwrap();
    kill_handlers(&simulation, 1);
    page.kill();
    simulation.origin.executor.set_horizon(Millis(100 * DAY.0));
    simulation.run_for(Millis(90 * DAY.0));
    simulation.open_page();
    kill_handlers(&simulation, 1);
    simulation.run();
    let told = simulation.told();
    assert_eq!((told.len(), told[2].is_handled), (3, true));
}

#[test]
fn a_calendar_that_was_set_back_does_not_hold_an_event_back() {
    let simulation = simulation(13);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    kill_handlers(&simulation, 8);
    simulation.origin.clock_is_off_by.set(-24 * 3600 * 1000);
    simulation.run_for(Millis::from_seconds(60));
    assert_eq!(simulation.told().len(), 9);
}

#[test]
fn a_handler_that_never_settles_has_its_time() {
    let simulation = Simulation::with_settings(|settings| settings.handler_time = Millis::from_seconds(60));
    simulation.serve("a", ServedFile::of(100_000));
    simulation.origin.handler.replace(Some(never_settles()));
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    simulation.run_for(Millis::from_seconds(50));
    assert!(!simulation.is_empty(), "it may still read");
    simulation.run_for(Millis::from_seconds(20));
    assert_eq!(simulation.told().len(), 1);
    assert!(simulation.is_empty(), "it counts as handled");
}

/// The handler may itself ask for the next fetch, under the same id.
#[test]
fn a_handler_can_begin_the_next_fetch_with_the_same_id() {
    let simulation = simulation(8);
    let page = simulation.open_page();
    let handler: crate::world::Handler = std::rc::Rc::new(|origin, engine, number| {
        async move {
            if number == 0 {
                let requests = vec![(crate::world::get("b"), None)];
                crate::world::fetch(&engine, "id", requests, Default::default()).await.unwrap();
            }
            origin.executor.sleep(Millis(100)).await;
        }
        .boxed_local()
    });
    simulation.origin.handler.replace(Some(handler));
    page.fetch("id", &["a"]).unwrap();
    simulation.run();
    assert_eq!(simulation.told().len(), 2);
    assert!(simulation.told().iter().all(|told| told.kind == EventKind::Success));
    assert!(simulation.is_empty());
}
