//! Connections to the database that end, and a database that does not answer.

use background_fetch_polyfill::model::{Error, EventKind, Millis};

use crate::world::{ServedFile, Simulation, Transactions};

/// The call that gives the connection up first lets the others try once more.
const LIMIT: Millis = Millis::from_seconds(80);

fn slow_file() -> Simulation {
    let simulation = Simulation::new(1);
    simulation.serve("film", ServedFile { bytes_per_milli: 100, ..ServedFile::of(1_000_000) });
    simulation
}

/// Regression: every call failed until the page was loaded again, and the fetch stood still.
#[test]
fn a_connection_that_has_ended_is_replaced_and_nobody_notices() {
    let simulation = slow_file();
    let page = simulation.open_page();
    let uid = page.fetch("film", &["film"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 0);
    simulation.origin.transactions.end_connection(page.realm, || true);
    assert_eq!(page.ids(), ["film"]);
    simulation.origin.transactions.end_connection(page.realm, || true);
    assert!(page.pause(&uid));
    simulation.origin.transactions.end_connection(page.realm, || true);
    assert!(page.resume_fetch(&uid));
    simulation.run();
    assert_eq!(simulation.told().first().map(|told| told.kind), Some(EventKind::Success));
}

/// What was stored and reported as failed is stored once more, and counted once.
#[test]
fn a_commit_that_is_made_twice_is_counted_once() {
    let simulation = slow_file();
    let page = simulation.open_page();
    let uid = page.fetch("film", &["film"]).unwrap();
    for _ in 0..200 {
        simulation.take_steps(20);
        simulation.origin.transactions.end_connection(page.realm, || false);
    }
    simulation.run();
    let told = simulation.told();
    assert_eq!(
        told.first().map(|told| (told.kind, told.state.downloaded.0)),
        Some((EventKind::Success, 1_000_000))
    );
    assert!(simulation.history(&uid).downloaded.iter().all(|count| *count <= 1_000_000));
}

/// Regression: they never settled.
#[test]
fn methods_are_rejected_where_the_database_does_not_answer() {
    let simulation = slow_file();
    let page = simulation.open_page();
    let uid = page.fetch("film", &["film"]).unwrap();
    Transactions::hold_up(&simulation.origin, Millis::from_seconds(300));
    let engine = page.engine.clone();
    let ids = page.begin(async move { engine.ids(crate::world::SCOPE, true).await });
    let other = page.begin_fetch_of("other", &["film"]);
    let response = page.begin_response(&uid, 0);
    simulation.run_for(LIMIT);
    assert_eq!(ids.take(), Some(Err(Error::StorageUnanswered)));
    assert_eq!(other.take().map(|fetch| fetch.err()), Some(Some(Error::StorageUnanswered)));
    assert_eq!(response.take(), Some(Err(Error::StorageUnanswered)));
    simulation.run();
    assert_eq!(simulation.told().first().map(|told| told.kind), Some(EventKind::Success));
}

#[test]
fn a_transaction_that_never_answers_is_given_up_by_the_runner() {
    let simulation = slow_file();
    let page = simulation.open_page();
    let uid = page.fetch("film", &["film"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 0);
    simulation.origin.transactions.silences.set(1);
    simulation.run();
    assert_eq!(simulation.told().first().map(|told| told.kind), Some(EventKind::Success));
    assert!(simulation.origin.reports.borrow().iter().any(|report| report.contains("does not answer")));
}

/// Regression: an instance that could not read the result went on showing that it runs.
#[test]
fn an_instance_shows_the_result_that_it_could_not_read_at_once() {
    let simulation = slow_file();
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("film", &["film"]).unwrap();
    other.observe(&uid);
    simulation.run_until(|simulation| !simulation.told().is_empty());
    Transactions::hold_up(&simulation.origin, Millis::from_seconds(100));
    simulation.run();
    let is_settled =
        |realm| simulation.shown().iter().any(|shown| shown.realm == realm && shown.state.settled);
    assert!(is_settled(page.realm) && is_settled(other.realm));
}

/// Regression: it was shown as running for ever.
#[test]
fn a_fetch_that_is_deleted_with_the_database_is_aborted_wherever_it_is_shown() {
    let simulation = slow_file();
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("film", &["film", "film"]).unwrap();
    other.observe(&uid);
    let response = other.begin_response(&uid, 1);
    simulation.run_until(|simulation| simulation.stored(&uid) > 0);
    simulation.delete_database();
    simulation.run();
    for realm in [page.realm, other.realm] {
        let shown = simulation.shown().into_iter().rfind(|shown| shown.realm == realm).unwrap();
        let state = &shown.state;
        assert_eq!(
            (state.result(), state.failure_reason(), state.records_available),
            ("failure", "aborted", false)
        );
        assert!(shown.fires_progress);
    }
    assert_eq!(response.take(), Some(Err(Error::RecordAborted)));
    let again = page.fetch("film", &["film"]).unwrap();
    simulation.run();
    assert_eq!(
        simulation.told().first().map(|told| (told.kind, told.uid == again)),
        Some((EventKind::Success, true))
    );
}

/// What is purged once it was delivered was not aborted.
#[test]
fn a_browser_that_closes_the_database_and_keeps_it_changes_nothing() {
    let simulation = slow_file();
    let page = simulation.open_page();
    let uid = page.fetch("film", &["film"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 0);
    simulation.lose_connections();
    simulation.run();
    assert_eq!(simulation.told().first().map(|told| told.kind), Some(EventKind::Success));
    let shown = simulation.shown().into_iter().rfind(|shown| shown.realm == page.realm).unwrap();
    assert_eq!(shown.state.result(), "success");
}
