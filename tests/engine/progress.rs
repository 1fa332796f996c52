use background_fetch_polyfill::model::{EventKind, Millis, Options};

use crate::world::{Fault, ServedFile, Shown, Simulation, get, post};

fn slow_file() -> ServedFile {
    ServedFile { bytes_per_milli: 100, ..ServedFile::of(600_000) }
}

/// That each number was stored before it was shown is checked wherever an instance is updated.
#[test]
fn progress_is_shown_along_the_way_and_ends_with_the_result() {
    let simulation = Simulation::new(1);
    simulation.serve("a", slow_file());
    let page = simulation.open_page();
    page.fetch("id", &["a"]).unwrap();
    simulation.run();
    let shown: Vec<Shown> = simulation.shown().into_iter().filter(|shown| shown.fires_progress).collect();
    assert!(shown.len() > 5, "{shown:?}");
    assert!(shown.iter().rev().skip(1).all(|shown| !shown.state.settled));
    let last = &shown[shown.len() - 1].state;
    assert_eq!((last.result(), last.downloaded.0), ("success", 600_000));
}

#[test]
fn a_clock_that_is_set_back_holds_nothing_up() {
    let simulation = Simulation::new(3);
    simulation.serve("film", ServedFile { bytes_per_milli: 100, ..ServedFile::of(10_000_000) });
    simulation.break_requests("film", [Fault::SilenceAfter(4_000_000)]);
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["film"]).unwrap();
    other.observe(&uid);
    simulation.run_for(Millis::from_seconds(10));
    simulation.origin.clock_is_off_by.set(-3_600_000);
    let downloaded = || {
        let shown = simulation.shown();
        [&page, &other]
            .map(|page| shown.iter().rfind(|shown| shown.realm == page.realm).unwrap().state.downloaded)
    };
    for _ in 0..5 {
        let (before, stored) = (downloaded(), simulation.stored(&uid));
        simulation.run_for(Millis::from_seconds(2));
        let after = downloaded();
        assert!(before[0] < after[0] && before[1] < after[1], "{before:?}, {after:?}");
        assert!(stored < simulation.stored(&uid));
    }
    simulation.run_for(Millis::from_seconds(200));
    assert_eq!(simulation.told().len(), 1, "the silence was noticed");
}

#[test]
fn progress_is_shown_ten_times_a_second_at_most() {
    let simulation = Simulation::new(2);
    let names: Vec<String> = (0..200).map(|number| format!("segment-{number}")).collect();
    for name in &names {
        simulation.serve(name, ServedFile::of(1000));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    simulation.open_page().fetch("id", &names).unwrap();
    simulation.run();
    let times: Vec<Millis> = simulation
        .shown()
        .iter()
        .filter(|shown| shown.fires_progress && !shown.state.settled)
        .map(|shown| shown.at)
        .collect();
    assert!(times.len() > 2, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) >= Millis(100)), "{times:?}");
}

#[test]
fn the_owner_shows_the_result_before_the_handler_starts() {
    for seed in 0..50 {
        let simulation = Simulation::new(seed);
        simulation.serve("a", slow_file());
        let page = simulation.open_page();
        page.fetch("id", &["a"]).unwrap();
        simulation.run_until(|simulation| !simulation.told().is_empty());
        let shown = simulation.shown();
        assert!(shown.iter().any(|shown| shown.realm == page.realm && shown.state.settled));
    }
}

#[test]
fn every_page_shows_the_result_however_fast_the_handler_is() {
    for seed in 0..50 {
        let simulation = Simulation::new(seed);
        simulation.serve("a", slow_file());
        simulation.origin.handler.replace(None);
        let pages = [simulation.open_page(), simulation.open_page(), simulation.open_page()];
        let uid = pages[0].fetch("id", &["a"]).unwrap();
        for page in &pages {
            page.observe(&uid);
        }
        simulation.run();
        let shown = simulation.shown();
        for page in &pages {
            let last = shown.iter().rfind(|shown| shown.realm == page.realm).unwrap();
            assert!(last.state.settled && !last.state.records_available, "{:?}", last.state);
        }
        assert!(simulation.is_empty());
    }
}

#[test]
fn a_page_that_is_frozen_without_notice_does_not_hold_up_the_event() {
    let simulation = Simulation::new(3);
    simulation.serve("a", slow_file());
    let (page, frozen) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    frozen.observe(&uid);
    simulation.origin.executor.freeze(frozen.realm);
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn the_records_end_with_the_event_in_every_page() {
    let simulation = Simulation::new(4);
    simulation.serve("a", slow_file());
    let pages = [simulation.open_page(), simulation.open_page()];
    let uid = pages[0].fetch("id", &["a"]).unwrap();
    pages[1].observe(&uid);
    simulation.run();
    for page in &pages {
        let last = simulation.shown().into_iter().rfind(|shown| shown.realm == page.realm).unwrap();
        assert_eq!((last.state.records_available, last.fires_progress), (false, false));
    }
}

#[test]
fn progress_goes_down_where_a_file_begins_anew() {
    let simulation = Simulation::new(5);
    simulation.serve("a", slow_file());
    simulation.break_requests("a", [Fault::CutAfter(400_000), Fault::Changed(300_000)]);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run();
    let shown: Vec<u64> = simulation.shown().iter().map(|shown| shown.state.downloaded.0).collect();
    assert!(shown.contains(&400_000) && shown.ends_with(&[300_000]), "{shown:?}");
    assert_eq!(simulation.told()[0].lengths(), [300_000]);
}

/// What is on its way cannot be sent again.
#[test]
fn an_upload_outlives_a_database_that_fails() {
    for failures in 1..=3 {
        let simulation = Simulation::new(12);
        simulation.serve("upload", ServedFile { bytes_per_milli: 100, ..ServedFile::of(50) });
        simulation.serve("film", ServedFile { bytes_per_milli: 100, ..ServedFile::default() });
        let body = simulation.upload(300_000);
        let requests = vec![post("upload", body), (get("film"), None)];
        simulation.open_page().fetch_with("id", requests, Options::default()).unwrap();
        simulation.run_for(Millis(700));
        simulation.origin.transactions.failures.set(failures);
        simulation.run();
        let told = &simulation.told()[0];
        assert_eq!((told.kind, told.state.uploaded.0), (EventKind::Success, 300_000), "{failures}");
        assert_eq!(told.lengths(), [50, 1_000_000]);
    }
}

#[test]
fn an_upload_is_told_along_the_way_and_is_whole_with_the_answer() {
    let simulation = Simulation::new(11);
    simulation.serve("upload", ServedFile { bytes_per_milli: 100, ..ServedFile::of(50) });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let body = simulation.upload(300_000);
    let uid = page.fetch_with("id", vec![post("upload", body)], Options::default()).unwrap();
    other.observe(&uid);
    simulation.run();
    for page in [&page, &other] {
        let shown = simulation.shown().into_iter().filter(|shown| shown.realm == page.realm);
        let uploaded: Vec<u64> = shown.map(|shown| shown.state.uploaded.0).collect();
        assert!(uploaded.is_sorted() && uploaded.last() == Some(&300_000), "{uploaded:?}");
        assert!(uploaded.iter().filter(|count| (1..300_000).contains(*count)).count() > 3, "{uploaded:?}");
    }
}
