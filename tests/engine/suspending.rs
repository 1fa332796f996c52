use background_fetch_polyfill::model::{EventKind, Millis};

use crate::world::{ServedFile, Simulation};

fn file() -> ServedFile {
    ServedFile { bytes_per_milli: 200, ..ServedFile::of(900_000) }
}

#[test]
fn a_page_in_the_back_forward_cache_lets_others_go_on() {
    let simulation = Simulation::new(1);
    simulation.serve("a", file());
    let (page, _other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
    page.suspend();
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [900_000]);
    assert!(simulation.sent("a") <= 900_000 + 250_000);
    page.resume();
    simulation.run();
    let last = simulation.shown().into_iter().rfind(|shown| shown.realm == page.realm).unwrap();
    assert!(!last.state.records_available, "back again, it shows what happened meanwhile");
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn a_page_that_comes_back_goes_on_where_it_was() {
    let simulation = Simulation::new(2);
    simulation.serve("a", file());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| simulation.stored(&uid) > 300_000);
    page.suspend();
    simulation.run_for(Millis(100));
    simulation.worker().kill();
    simulation.run_for(Millis::from_seconds(3600));
    assert_eq!(simulation.told().len(), 0);
    page.resume();
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [900_000]);
    assert!(simulation.sent("a") <= 900_000 + 250_000);
    let shown = simulation.shown();
    assert!(shown.iter().any(|shown| shown.realm == page.realm && shown.state.settled));
}

/// Regression: a promise in a page that was frozen when its record was complete never settled.
#[test]
fn a_response_that_came_meanwhile_is_there_when_the_page_comes_back() {
    let simulation = Simulation::new(3);
    simulation.serve("a", file());
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.origin.handler.replace(Some(crate::world::never_settles()));
    let response = other.begin_response(&uid, 0);
    simulation.run_for(Millis(1000));
    other.suspend();
    simulation.run_for(Millis::from_seconds(60));
    other.resume();
    simulation.run_for(Millis(1000));
    assert_eq!(response.take().unwrap().unwrap().content.unwrap().len(), 900_000);
}

#[test]
fn pages_may_come_and_go_at_any_step() {
    for step in (0..).step_by(3) {
        let simulation = Simulation::new(step);
        simulation.serve("a", ServedFile::of(400_000));
        let (page, other) = (simulation.open_page(), simulation.open_page());
        let uid = page.fetch("id", &["a"]).unwrap();
        other.observe(&uid);
        let is_over = !simulation.take_steps(step);
        page.suspend();
        simulation.take_steps(50);
        other.suspend();
        page.resume();
        simulation.take_steps(50);
        other.resume();
        simulation.run();
        let told = simulation.told();
        assert_eq!(told.len(), 1, "suspended at {step}");
        assert_eq!((told[0].kind, told[0].lengths()), (EventKind::Success, vec![400_000]));
        assert!(simulation.is_empty());
        for page in [page, other] {
            let last = simulation.shown().into_iter().rfind(|shown| shown.realm == page.realm).unwrap();
            assert!(!last.state.records_available, "suspended at {step}");
        }
        if is_over {
            return;
        }
    }
}
