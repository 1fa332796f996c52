use background_fetch_polyfill::model::{Error, EventKind};

use crate::world::{ServedFile, Simulation};

#[test]
fn a_fetch_of_three_files_succeeds_and_the_worker_hears_of_it_once() {
    let simulation = Simulation::new(1);
    for (name, length) in [("a", 3_000_000), ("b", 1), ("c", 0)] {
        simulation.serve(name, ServedFile::of(length));
    }
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a", "b", "c"]).unwrap();
    simulation.run();
    let told = simulation.told();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind, &told[0].uid, told[0].is_handled), (EventKind::Success, &uid, true));
    assert_eq!(told[0].lengths(), [3_000_000, 1, 0]);
    assert!(simulation.is_empty());
}

#[test]
fn a_small_file_is_asked_for_once_like_a_native_request() {
    let simulation = Simulation::new(2);
    simulation.serve("a", ServedFile::of(400_000));
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run();
    simulation.resource("a", |resource| {
        assert_eq!(resource.requests.len(), 1);
        assert_eq!(resource.requests[0].range_start, None);
        assert_eq!(resource.sent, resource.file.length);
    });
}

#[test]
fn a_thousand_records_are_a_normal_case() {
    let simulation = Simulation::new(3);
    let names: Vec<String> = (0..1000).map(|number| format!("segment-{number}")).collect();
    for name in &names {
        simulation.serve(name, ServedFile::of(1000));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    simulation.open_page().fetch("id", &names).unwrap();
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [1000; 1000]);
}

#[test]
fn a_worker_can_fetch_too() {
    let simulation = Simulation::new(4);
    simulation.serve("a", ServedFile::default());
    simulation.worker().fetch("id", &["a"]).unwrap();
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
    assert!(simulation.is_empty());
}

#[test]
fn fetches_of_one_page_run_side_by_side() {
    let simulation = Simulation::new(5);
    let page = simulation.open_page();
    for name in ["a", "b", "c"] {
        simulation.serve(name, ServedFile::default());
        page.fetch(name, &[name]).unwrap();
    }
    assert_eq!(page.ids(), ["a", "b", "c"]);
    simulation.run();
    assert_eq!(simulation.told().len(), 3);
    assert_eq!(page.ids(), [""; 0]);
}

#[test]
fn two_pages_that_come_with_the_same_id_at_the_same_time_get_one_fetch() {
    for seed in 0..20 {
        let simulation = Simulation::new(seed);
        simulation.serve("a", ServedFile::default());
        let pages = [simulation.open_page(), simulation.open_page()];
        let promises = pages.map(|page| page.begin_fetch_of("id", &["a"]));
        simulation.run();
        let results = promises.map(|promise| promise.take().unwrap().map(|_| ()));
        let refused = results.iter().filter(|result| **result == Err(Error::DuplicateId)).count();
        assert_eq!(refused, 1, "{results:?}");
        assert_eq!(simulation.told().len(), 1);
    }
}

#[test]
fn an_id_is_taken_until_the_result_is_there() {
    let simulation = Simulation::new(6);
    simulation.serve("a", ServedFile::default());
    let page = simulation.open_page();
    page.fetch("id", &["a"]).unwrap();
    assert_eq!(page.fetch("id", &["a"]), Err(Error::DuplicateId));
    simulation.run_until(|simulation| !simulation.told().is_empty());
    assert_eq!(page.ids(), [""; 0], "free while the event is handled");
    page.fetch("id", &["a"]).unwrap();
    simulation.run();
    assert_eq!(simulation.told().len(), 2);
}
