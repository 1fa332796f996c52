use background_fetch_polyfill::engine::World;
use background_fetch_polyfill::model::{Command, Error, EventKind, FailureReason, Millis};

use crate::world::{Fault, Port, ServedFile, Simulation};

fn slow_file() -> ServedFile {
    ServedFile { bytes_per_milli: 100, ..ServedFile::default() }
}

#[test]
fn another_page_can_abort() {
    let simulation = Simulation::new(1);
    simulation.serve("a", slow_file());
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    assert!(other.abort(&uid));
    let aborted_at = simulation.now();
    simulation.run();
    let told = simulation.told();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind, told[0].state.failure_reason),
        (EventKind::Abort, Some(FailureReason::Aborted))
    );
    assert!(told[0].at.saturating_sub(aborted_at) < Millis(1000));
    assert!(simulation.sent("a") < 200_000);
    assert!(simulation.is_empty());
}

/// The page that aborted was left when it had stored it, and nobody was told.
#[test]
fn an_abort_that_nobody_was_told_of_is_found() {
    for comes_back in [true, false] {
        let simulation = Simulation::new(6);
        simulation.serve("a", ServedFile { bytes_per_milli: 1, ..ServedFile::default() });
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(1000));
        let port = Port::new(&simulation.origin, other.realm);
        let stored = uid.clone();
        other
            .run(async move {
                port.store().update(&stored, |fetch, _| fetch.handle_command(Command::Abort, Millis(1))).await
            })
            .unwrap();
        if comes_back {
            assert!(!other.abort(&uid), "it is done already");
            simulation.run_for(Millis::from_seconds(1));
        } else {
            simulation.run_for(Millis::from_seconds(70));
        }
        assert_eq!(simulation.told().len(), 1);
        assert_eq!(simulation.told()[0].kind, EventKind::Abort);
    }
}

#[test]
fn a_second_abort_finds_nothing_and_the_id_is_free_at_once() {
    let simulation = Simulation::new(2);
    simulation.serve("a", slow_file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    assert!(page.abort(&uid));
    assert!(!page.abort(&uid));
    assert_eq!(page.ids(), [""; 0]);
    let second = page.fetch("id", &["a"]).unwrap();
    assert!(!page.abort(&uid), "the id is another's now");
    simulation.run();
    let told = simulation.told();
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|told| told.uid == second && told.kind == EventKind::Success));
}

#[test]
fn abort_comes_too_late_once_the_result_is_there() {
    let simulation = Simulation::new(3);
    simulation.serve("a", slow_file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    assert!(!page.abort(&uid));
    simulation.run();
    assert!(!page.abort(&uid));
    assert_eq!(simulation.told()[0].kind, EventKind::Success);
}

#[test]
fn abort_and_success_never_both_win() {
    let mut kinds = Vec::new();
    for step in (0..).step_by(2) {
        let simulation = Simulation::new(1);
        simulation.serve("a", ServedFile::of(200_000));
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["a"]).unwrap();
        let is_over = !simulation.take_steps(step);
        let is_aborted = other.abort(&uid);
        simulation.run();
        let told = simulation.told();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind == EventKind::Abort, is_aborted, "aborted at {step}");
        kinds.push(told[0].kind);
        assert!(simulation.is_empty());
        if is_over {
            break;
        }
    }
    assert!(kinds.contains(&EventKind::Abort) && kinds.contains(&EventKind::Success));
}

#[test]
fn the_abort_event_has_the_complete_records_and_rejects_the_others() {
    let simulation = Simulation::new(4);
    simulation.serve("whole", ServedFile::of(1000));
    simulation.serve("part", slow_file());
    simulation.serve("failed", ServedFile { status: 404, ..ServedFile::of(10) });
    let page = simulation.open_page();
    let uid = page.fetch("id", &["whole", "part", "failed"]).unwrap();
    simulation.run_for(Millis(2000));
    assert!(page.abort(&uid));
    simulation.run();
    let told = &simulation.told()[0];
    assert_eq!(told.kind, EventKind::Abort, "whatever had failed before");
    assert_eq!(told.responses[0].unwrap().content.unwrap().len(), 1000);
    assert_eq!(told.responses[1], Err(Error::RecordAborted));
    assert_eq!(told.responses[2].unwrap().status, 404);
}

#[test]
fn a_fetch_that_waits_can_be_aborted() {
    for is_offline in [true, false] {
        let simulation = Simulation::new(5);
        simulation.serve("a", slow_file());
        simulation.break_requests("a", [Fault::CutAfter(50_000), Fault::Busy(3000)]);
        let page = simulation.open_page();
        let uid = page.fetch("id", &["a"]).unwrap();
        simulation.run_for(Millis(600));
        simulation.origin.servers.set_offline(is_offline);
        simulation.run_for(Millis::from_seconds(20));
        assert!(page.abort(&uid));
        simulation.run_for(Millis::from_seconds(2));
        assert_eq!(simulation.told()[0].kind, EventKind::Abort);
    }
}

#[test]
fn an_abort_is_kept_when_the_runner_dies_of_it() {
    let simulation = Simulation::new(6);
    simulation.serve("a", slow_file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis(1000));
    assert!(page.abort(&uid));
    page.kill();
    let sent = simulation.sent("a");
    simulation.open_page();
    simulation.run();
    assert_eq!(simulation.told()[0].kind, EventKind::Abort);
    assert_eq!(simulation.sent("a"), sent);
    assert!(simulation.is_empty());
}
