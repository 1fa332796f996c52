//! One file over several connections.

use background_fetch_polyfill::model::Millis;

use crate::world::{Fault, ServedFile, Simulation};

const LENGTH: u64 = 8_000_000;
/// What one connection takes for it.
const TIME_OF_ONE: Millis = Millis(8000);

fn film() -> ServedFile {
    ServedFile { bytes_per_milli: LENGTH / TIME_OF_ONE.0, ..ServedFile::of(LENGTH) }
}

/// How long it takes. A fault for each request; the first is that for the whole file.
fn time_of(file: ServedFile, faults: impl IntoIterator<Item = Fault>) -> (Simulation, Millis) {
    let simulation = Simulation::new(1);
    simulation.serve("film", file);
    simulation.break_requests("film", faults);
    let begun = simulation.now();
    simulation.open_page().fetch("id", &["film"]).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    let time = simulation.now().saturating_sub(begun);
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
    (simulation, time)
}

fn requests(simulation: &Simulation) -> usize {
    simulation.resource("film", |resource| resource.requests.len())
}

#[test]
fn several_connections_bring_a_file_several_times_as_fast() {
    let (simulation, time) = time_of(film(), []);
    assert!(time < Millis(TIME_OF_ONE.0 / 2), "{time:?}");
    assert!((3..20).contains(&requests(&simulation)), "{}", requests(&simulation));
    simulation.check_came_once("film");
}

#[test]
fn fast_parts_are_taken_as_a_whole_where_the_server_is_near() {
    for (latency, is_near) in [(10, true), (10_000, false)] {
        let file =
            ServedFile { bytes_per_milli: 20_000, piece: 500_000, latency, ..ServedFile::of(40 * LENGTH) };
        let simulation = Simulation::new(2);
        simulation.serve("film", file);
        simulation.open_page().fetch("id", &["film"]).unwrap();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [40 * LENGTH]);
        let wholes = simulation
            .resource("film", |resource| resource.requests.iter().filter(|request| request.is_whole).count());
        assert_eq!(wholes > 0, is_near, "{wholes} at {latency} ms");
    }
}

#[test]
fn across_origins_a_file_is_split_where_the_server_shows_that_its_parts_are_of_the_file() {
    let shown = ServedFile { is_cross_origin: true, exposes_headers: true, ..film() };
    let (simulation, time) = time_of(shown.clone(), []);
    assert!(time < Millis(TIME_OF_ONE.0 / 2), "{time:?}");
    simulation.resource("film", |resource| {
        let sample = &resource.requests[1];
        assert_eq!(sample.range_start, Some(1));
        assert!(resource.requests.iter().all(|request| request.if_range.is_none()), "it needs a permission");
    });
    let (simulation, _) = time_of(ServedFile { exposes_headers: false, ..shown }, []);
    assert_eq!(requests(&simulation), 1);
}

/// Nothing but the bytes tells it: the coding is hidden, and the length that was told is that of the code.
fn coded_film() -> ServedFile {
    ServedFile {
        is_cross_origin: true,
        exposes_headers: true,
        hides_coding: true,
        coded_length: Some(LENGTH - 1_000_000),
        ..film()
    }
}

/// Whether the sample was fetched, and nothing of the middle.
fn assert_only_sample_was_fetched(simulation: &Simulation) {
    let middle = 2..LENGTH - 1_000_000;
    simulation.resource("film", |resource| {
        let asked: Vec<_> = resource.requests.iter().filter_map(|request| request.range_start).collect();
        assert_eq!(asked.first(), Some(&1));
        assert!(!asked.iter().any(|start| middle.contains(start)), "{asked:?}");
    });
}

#[test]
fn across_origins_a_file_is_not_split_whose_parts_are_of_the_code() {
    for cuts_code in [true, false] {
        let (simulation, _) = time_of(ServedFile { cuts_code, ..coded_film() }, []);
        assert_only_sample_was_fetched(&simulation);
    }
}

#[test]
fn across_origins_a_file_is_not_split_of_whose_length_its_parts_tell_nothing() {
    let (simulation, _) = time_of(ServedFile { tells_complete_length: false, ..coded_film() }, []);
    assert_only_sample_was_fetched(&simulation);
}

#[test]
fn across_origins_a_file_that_goes_on_is_split_as_the_bytes_that_came_again_show() {
    let shown = ServedFile { is_cross_origin: true, exposes_headers: true, ..film() };
    let (simulation, _) = time_of(shown, [Fault::CutAfter(100_000)]);
    simulation.resource("film", |resource| {
        let asked: Vec<_> = resource.requests.iter().map(|request| request.range_start).collect();
        assert!(asked.len() > 3, "{asked:?}");
        assert_eq!(asked.iter().filter(|start| **start == Some(1)).count(), 1, "{asked:?}");
    });
}

#[test]
fn a_server_that_knows_no_ranges_is_asked_for_one_part_at_most() {
    let (simulation, time) = time_of(ServedFile { takes_ranges: false, ..film() }, []);
    assert!(time < Millis(TIME_OF_ONE.0 + 1000), "{time:?}");
    assert_eq!(requests(&simulation), 2);
}

#[test]
fn what_is_not_the_part_is_not_taken() {
    let lies = [
        Fault::OtherRange,
        Fault::MislabelledRange,
        Fault::UnlabelledRange,
        Fault::RangeIgnored,
        Fault::Page,
        Fault::Status(404),
        Fault::Busy(3),
        Fault::Changed(LENGTH),
    ];
    for lie in lies {
        // `lengths` checks that all bytes are of one version, and in their places.
        let (_, time) = time_of(film(), [Fault::EndAfter(LENGTH), lie.clone()]);
        assert!(time < Millis(TIME_OF_ONE.0 + 10_000), "{lie:?} took {time:?}");
    }
}

#[test]
fn a_part_that_breaks_is_fetched_by_others() {
    for fault in [Fault::CutAfter(200_000), Fault::EndAfter(100_000), Fault::NoAnswer, Fault::ShorterRange] {
        let (simulation, time) = time_of(film(), [Fault::EndAfter(LENGTH), fault.clone()]);
        assert!(time < Millis(TIME_OF_ONE.0 * 3 / 4), "{fault:?} took {time:?}");
        simulation.check_came_once("film");
    }
}

#[test]
fn what_lies_ahead_survives_a_crash_and_is_not_fetched_again() {
    for time in [1500, 2000, 2500] {
        let simulation = Simulation::new(time);
        simulation.serve("film", film());
        let page = simulation.open_page();
        let uid = page.fetch("id", &["film"]).unwrap();
        simulation.run_for(Millis(time));
        page.kill();
        let (stored, sent) = (simulation.stored(&uid), simulation.sent("film"));
        assert!(stored > 0);
        simulation.open_page();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
        let again = simulation.sent("film") - sent;
        assert!(again <= LENGTH - stored + 400_000, "{again} after {stored} were there");
    }
}

#[test]
fn another_fetch_gets_a_connection_soon() {
    let simulation = Simulation::new(3);
    simulation.serve("film", ServedFile { length: 20 * LENGTH, ..film() });
    simulation.serve("song", ServedFile::of(100_000));
    let page = simulation.open_page();
    page.fetch("film", &["film"]).unwrap();
    simulation.run_for(Millis(3000));
    assert!(requests(&simulation) >= 4);
    page.fetch("song", &["song"]).unwrap();
    simulation.run_for(Millis(2000));
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn what_lies_ahead_is_counted() {
    let simulation = Simulation::new(4);
    simulation.serve("film", film());
    simulation.open_page().fetch("id", &["film"]).unwrap();
    simulation.run_for(Millis(2500));
    let shown = simulation.shown();
    let downloaded = shown.last().map(|shown| shown.state.downloaded.0);
    // One connection has brought 2.5 MB by then.
    assert!(downloaded > Some(3_000_000), "{downloaded:?}");
}

/// Regression: after the first response had ended, refused parts were asked for again without end.
#[test]
fn a_server_that_refuses_parts_is_not_asked_again_at_once() {
    for good in 1..12 {
        for refusal in [Fault::Busy(3), Fault::RangeIgnored] {
            let simulation = Simulation::new(good as u64);
            simulation.serve("film", film());
            let faults = std::iter::repeat_n(Fault::EndAfter(LENGTH), good);
            simulation.break_requests("film", faults.chain(std::iter::repeat_n(refusal, 100)));
            simulation.open_page().fetch("id", &["film"]).unwrap();
            simulation.run();
            assert!(requests(&simulation) < good + 30, "{good} good, {} requests", requests(&simulation));
        }
    }
}

/// Regression: a fetch of many small files left none of the connections to others.
#[test]
fn many_small_files_leave_connections_to_others() {
    let simulation = Simulation::new(5);
    let names: Vec<String> = (0..2000).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in &names {
        simulation.serve(name, ServedFile { bytes_per_milli: 1000, ..ServedFile::of(10_000) });
    }
    simulation.serve("song", ServedFile { bytes_per_milli: 1000, ..ServedFile::of(100_000) });
    let page = simulation.open_page();
    page.fetch("many", &names).unwrap();
    simulation.run_for(Millis(1000));
    page.fetch("song", &["song"]).unwrap();
    simulation.run_for(Millis(1000));
    assert_eq!(simulation.told().len(), 1);
}

#[test]
fn a_server_that_refused_a_part_of_one_file_is_not_asked_for_those_of_the_next() {
    let simulation = Simulation::new(6);
    simulation.serve("film", film());
    simulation.serve("sequel", film());
    simulation.break_requests("film", [Fault::EndAfter(LENGTH), Fault::Busy(3)]);
    let page = simulation.open_page();
    for name in ["film", "sequel"] {
        page.fetch(name, &[name]).unwrap();
        simulation.run();
    }
    assert_eq!(requests(&simulation), 2);
    assert_eq!(simulation.resource("sequel", |resource| resource.requests.len()), 1);
}

#[test]
fn pages_share_the_connections_beyond_the_first_of_each_file() {
    let simulation = Simulation::new(7);
    let names = ["one", "two", "three"];
    for name in names {
        simulation.serve(name, ServedFile { length: 4 * LENGTH, ..film() });
        simulation.open_page().fetch(name, &[name]).unwrap();
    }
    simulation.run();
    let most = simulation.origin.servers.most_connections.get();
    assert_eq!(most, names.len() + 3, "one for each, and three for all");
}
