use background_fetch_polyfill::model::{EventKind, FailureReason, Millis};

use crate::world::{Fault, Page, ServedFile, Simulation, Told, Validator};

/// Runs a fetch of one file with these faults.
fn fetch(file: ServedFile, faults: impl IntoIterator<Item = Fault>) -> (Simulation, Told) {
    let simulation = Simulation::new(1);
    simulation.serve("a", file);
    simulation.break_requests("a", faults);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run();
    assert_eq!(simulation.told().len(), 1);
    assert!(simulation.is_empty());
    let told = simulation.told().remove(0);
    (simulation, told)
}

/// Where each request for it began.
fn starts(simulation: &Simulation) -> Vec<Option<u64>> {
    simulation.resource("a", |resource| resource.requests.iter().map(|request| request.range_start).collect())
}

#[test]
fn a_broken_connection_costs_no_byte() {
    for fault in [Fault::CutAfter(400_000), Fault::EndAfter(400_000), Fault::SilenceAfter(400_000)] {
        let (simulation, told) = fetch(ServedFile::default(), [fault]);
        assert_eq!(told.lengths(), [1_000_000]);
        assert_eq!(simulation.sent("a"), 1_000_000);
    }
}

#[test]
fn a_file_of_more_bytes_than_32_bits_count_goes_on_beyond_them() {
    const LENGTH: u64 = (1 << 32) + 1_000_000;
    let file = ServedFile { bytes_per_milli: 10_000_000, piece: 1 << 26, ..ServedFile::of(LENGTH) };
    // The second is counted from where the first one was.
    let (simulation, told) = fetch(file, [Fault::CutAfter(1 << 31), Fault::CutAfter((1 << 31) + 500_000)]);
    assert_eq!(told.lengths(), [LENGTH]);
    assert_eq!(told.state.downloaded.0, LENGTH);
    simulation.check_came_once("a");
}

#[test]
fn a_server_that_fails_first_is_asked_again() {
    let (_, told) = fetch(ServedFile::default(), [Fault::NoAnswer, Fault::Silence, Fault::NoAnswer]);
    assert_eq!(told.lengths(), [1_000_000]);
}

#[test]
fn a_changed_file_is_never_spliced_with_its_old_version() {
    for validator in [Validator::StrongEtag, Validator::WeakEtag, Validator::Date, Validator::None] {
        for is_cross_origin in [false, true] {
            let file = ServedFile { validator, is_cross_origin, ..ServedFile::default() };
            for length in [1_000_000, 1_100_000, 300_000] {
                let (_, told) = fetch(file.clone(), [Fault::CutAfter(400_000), Fault::Changed(length)]);
                assert_eq!(told.lengths(), [length], "{file:?}");
            }
        }
    }
}

#[test]
fn a_wrong_part_is_never_appended() {
    for fault in [Fault::OtherRange, Fault::OverlongRange, Fault::ShorterRange, Fault::RangeIgnored] {
        let (_, told) = fetch(ServedFile::default(), [Fault::CutAfter(400_000), fault.clone()]);
        assert_eq!(told.lengths(), [1_000_000], "{fault:?}");
    }
    let (_, told) = fetch(ServedFile::default(), [Fault::CutAfter(400_000), Fault::Unsatisfiable]);
    assert_eq!(told.lengths(), [1_000_000]);
}

#[test]
fn a_file_whose_parts_do_not_tell_its_length_ends_where_nothing_follows() {
    let file = ServedFile { tells_complete_length: false, announces_length: false, ..ServedFile::default() };
    let (_, told) = fetch(file, [Fault::CutAfter(400_000), Fault::ShorterRange]);
    assert_eq!(told.lengths(), [1_000_000]);
}

#[test]
fn an_end_is_asked_about_unless_the_protocol_signals_it() {
    for (signals_end, requests) in [(false, 2), (true, 1)] {
        for coded_length in [None, Some(300_000)] {
            let file =
                ServedFile { announces_length: false, signals_end, coded_length, ..ServedFile::default() };
            let (simulation, told) = fetch(file.clone(), []);
            assert_eq!(told.lengths(), [1_000_000]);
            assert_eq!(starts(&simulation).len(), requests, "{file:?}");
        }
    }
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let simulation = Simulation::new(2);
    simulation.serve("a", ServedFile::default());
    simulation.break_requests("a", [Fault::CutAfter(400_000), Fault::Busy(600), Fault::Busy(600)]);
    let begun = simulation.now();
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis::from_seconds(60));
    assert_eq!(simulation.origin.servers.connections.borrow().len(), 0, "none is kept for the wait");
    simulation.run();
    let told = simulation.told();
    assert_eq!(told[0].lengths(), [1_000_000]);
    assert!(told[0].at.saturating_sub(begun) >= Millis::from_seconds(600));
}

#[test]
fn a_coded_file_succeeds_whatever_length_is_announced() {
    for coded_length in [100_000, 2_000_000] {
        for is_cross_origin in [false, true] {
            let file =
                ServedFile { coded_length: Some(coded_length), is_cross_origin, ..ServedFile::default() };
            let (_, told) = fetch(file.clone(), [Fault::CutAfter(50_000)]);
            assert_eq!(told.lengths(), [1_000_000], "{file:?}");
        }
    }
}

/// Regression: the next runner fetched the whole again.
#[test]
fn that_an_end_is_asked_about_outlives_the_runner() {
    // Its last bytes are being stored when it ends.
    const LENGTH: u64 = 4 << 20;
    let file = ServedFile {
        announces_length: false,
        tells_complete_length: false,
        bytes_per_milli: 100_000,
        piece: LENGTH / 4,
        ..ServedFile::of(LENGTH)
    };
    for is_cross_origin in [false, true] {
        let validator = if is_cross_origin { Validator::Date } else { Validator::StrongEtag };
        let simulation = Simulation::new(3);
        simulation.serve("a", ServedFile { is_cross_origin, validator, ..file.clone() });
        let faults = [None, Some(Fault::Silence), Some(Fault::Unsatisfiable)];
        simulation.resource("a", |resource| resource.faults.extend(faults));
        let page = simulation.open_page();
        page.fetch("id", &["a"]).unwrap();
        let requests = || simulation.resource("a", |resource| resource.requests.len());
        simulation.run_until(|_| requests() == 2);
        page.kill();
        simulation.open_page();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [LENGTH]);
        assert_eq!((requests(), simulation.sent("a")), (3, LENGTH));
    }
}

/// Regression: WebKitGTK hands such parts out as they are, and across origins nothing tells that they are coded.
#[test]
fn parts_that_are_cut_out_of_the_code_are_not_taken_for_those_of_the_file() {
    let file = ServedFile {
        validator: Validator::Date,
        coded_length: Some(800_000),
        cuts_code: true,
        is_cross_origin: true,
        ..ServedFile::default()
    };
    let (simulation, told) = fetch(file, [Fault::CutAfter(400_000)]);
    assert_eq!(told.lengths(), [1_000_000]);
    // The last one asks whether there is more behind the end.
    assert_eq!(starts(&simulation), [None, Some(400_000 - 64), None, Some(1_000_000 - 64)]);
}

#[test]
fn a_server_that_never_gets_further_is_given_up() {
    for fault in [Fault::NoAnswer, Fault::CutAfter(0), Fault::Silence] {
        let (simulation, told) = fetch(ServedFile::default(), vec![fault.clone(); 1000]);
        assert_eq!(told.state.failure_reason, Some(FailureReason::FetchError));
        assert_eq!(told.kind, EventKind::Fail);
        let attempts = simulation.resource("a", |resource| resource.requests.len());
        assert!((3..=40).contains(&attempts), "{fault:?}: {attempts} attempts");
    }
}

#[test]
fn what_is_forbidden_fails_soon() {
    let forbidden = ServedFile { is_forbidden: true, is_cross_origin: true, ..ServedFile::default() };
    for (file, fault) in [(forbidden, None), (ServedFile::default(), Some(Fault::Refused))] {
        let (simulation, told) = fetch(file, fault);
        assert_eq!(told.state.failure_reason, Some(FailureReason::FetchError));
        assert!(simulation.resource("a", |resource| resource.requests.len()) <= 3);
    }
}

#[test]
fn no_network_is_waited_for_without_limit() {
    let simulation = Simulation::new(3);
    simulation.serve("a", ServedFile::default());
    let page = simulation.open_page();
    let uid = page.fetch("id", &["a"]).unwrap();
    simulation.run_until(|simulation| simulation.sent("a") >= 500_000);
    simulation.origin.servers.set_offline(true);
    simulation.run_for(Millis::from_seconds(24 * 3600));
    assert_eq!(simulation.told().len(), 0);
    assert!(simulation.stored(&uid) >= 500_000, "what came is stored, not kept in memory");
    simulation.origin.servers.set_offline(false);
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [1_000_000]);
    assert_eq!(simulation.sent("a"), 1_000_000);
}

/// Regression: without a first answer, the fetch ended within a minute.
#[test]
fn an_unreachable_server_is_waited_for_without_limit() {
    for begun in [0, 500_000] {
        let simulation = Simulation::new(4);
        simulation.serve("a", ServedFile::default());
        let servers = &simulation.origin.servers;
        servers.are_unreachable.set(begun == 0);
        let uid = simulation.open_page().fetch("id", &["a"]).unwrap();
        if begun > 0 {
            simulation.run_until(|simulation| simulation.sent("a") >= begun);
            servers.are_unreachable.set(true);
        }
        simulation.run_for(Millis::from_seconds(24 * 3600));
        assert_eq!(simulation.told().len(), 0);
        assert!(simulation.stored(&uid) >= begun);
        servers.are_unreachable.set(false);
        simulation.run_for(Millis::from_seconds(90));
        assert_eq!(simulation.told()[0].lengths(), [1_000_000]);
        simulation.check_came_once("a");
    }
}

#[test]
fn a_file_that_is_gone_when_it_is_resumed_has_a_bad_status() {
    let gone = [Fault::Status(410), Fault::Status(410), Fault::Status(410)];
    let (_, told) = fetch(ServedFile::default(), [Fault::CutAfter(400_000)].into_iter().chain(gone));
    assert_eq!(told.state.failure_reason, Some(FailureReason::BadStatus));
    let response = told.responses[0].unwrap();
    assert_eq!((response.status, response.content.unwrap().len()), (410, ServedFile::PAGE_LENGTH));
}

/// Regression: half of a file was taken for all of it.
#[test]
fn a_range_that_is_called_the_whole_file_is_appended() {
    let faults = [Fault::CutAfter(400_000), Fault::MislabelledRange];
    let (simulation, told) = fetch(ServedFile::default(), faults);
    assert_eq!(told.lengths(), [1_000_000]);
    assert_eq!(simulation.sent("a"), 1_000_000);
}

#[test]
fn what_is_stored_is_kept_until_a_new_body_is_complete() {
    let file = ServedFile { takes_ranges: false, ..ServedFile::default() };
    let (simulation, told) = fetch(file, [Fault::CutAfter(400_000), Fault::CutAfter(100)]);
    assert_eq!(told.lengths(), [1_000_000]);
    assert_eq!(starts(&simulation), [None, Some(400_000), Some(400_000)]);
}

#[test]
fn a_server_error_on_the_way_is_no_answer() {
    let faults = [Fault::CutAfter(400_000), Fault::Status(500), Fault::Status(502), Fault::Status(429)];
    let (simulation, told) = fetch(ServedFile::default(), faults);
    assert_eq!(told.lengths(), [1_000_000]);
    assert_eq!(simulation.sent("a"), 1_000_000);
}

/// WebKit moves the files of Blobs to their places after it has committed their rows.
#[test]
fn stored_bytes_that_a_crash_left_unreadable_are_fetched_again_and_only_those() {
    for (first, second) in [(900_000, 500_000), (300_000, 300_000)] {
        let simulation = Simulation::new(7);
        simulation.serve("a", ServedFile { bytes_per_milli: 200, ..ServedFile::of(first) });
        simulation.serve("b", ServedFile { bytes_per_milli: 200, ..ServedFile::of(second) });
        let page = simulation.open_page();
        let uid = page.fetch("id", &["a", "b"]).unwrap();
        simulation.run_until(|simulation| simulation.stored(&uid) >= 600_000);
        page.kill();
        simulation.run_for(Millis(100));
        let before = simulation.stored(&uid);
        simulation.origin.tables.borrow_mut().tear_last(&uid);
        simulation.open_page();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [first, second]);
        let sent = simulation.sent("a") + simulation.sent("b");
        assert!(sent > before && sent <= first + second + 500_000, "{sent}");
        assert!(simulation.is_empty());
    }
}

#[test]
fn every_page_knows_that_a_fetch_waits_for_the_network() {
    let simulation = Simulation::new(5);
    simulation.serve("a", ServedFile::default());
    simulation.serve("b", ServedFile { bytes_per_milli: 10, ..ServedFile::default() });
    let (page, other) = (simulation.open_page(), simulation.open_page());
    let uid = page.fetch("id", &["a", "b"]).unwrap();
    other.observe(&uid);
    let waits = || {
        let shown = simulation.shown();
        let last = |page: &Page| shown.iter().rfind(|shown| shown.realm == page.realm);
        [&page, &other].map(|page| last(page).is_some_and(|shown| shown.state.is_waiting))
    };
    for is_offline in [false, true] {
        let lose = |is_lost: bool| {
            let servers = &simulation.origin.servers;
            if is_offline { servers.set_offline(is_lost) } else { servers.are_unreachable.set(is_lost) }
        };
        simulation.run_for(Millis::from_seconds(5));
        assert_eq!(waits(), [false, false]);
        lose(true);
        simulation.run_for(Millis::from_seconds(10));
        assert_eq!(waits(), [true, true]);
        page.pause(&uid);
        simulation.run_for(Millis::from_seconds(10));
        assert_eq!(waits(), [false, false], "it waits for who paused it");
        page.resume_fetch(&uid);
        simulation.run_for(Millis::from_seconds(10));
        assert_eq!(waits(), [true, true]);
        lose(false);
        simulation.run_for(Millis::from_seconds(20));
        assert_eq!(waits(), [false, false]);
    }
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), [1_000_000, 1_000_000]);
}

#[test]
fn one_file_that_is_on_its_way_is_no_waiting() {
    let simulation = Simulation::new(6);
    simulation.serve("a", ServedFile::default());
    simulation.serve("b", ServedFile { bytes_per_milli: 50, ..ServedFile::default() });
    simulation.resource("a", |a| a.is_unreachable = true);
    let page = simulation.open_page();
    page.fetch("id", &["a", "b"]).unwrap();
    let waits = || simulation.shown().last().is_some_and(|shown| shown.state.is_waiting);
    simulation.run_for(Millis::from_seconds(10));
    assert!(!waits());
    simulation.run_for(Millis::from_seconds(30));
    assert!(waits(), "b is through");
}
