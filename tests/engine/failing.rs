use background_fetch_polyfill::model::{
    ByteCount, Error, EventKind, FailureReason, Millis, Options, RecordResult,
};

use crate::world::{Fault, ServedFile, Simulation, get, post};

const EXCEEDED: FailureReason = FailureReason::DownloadTotalExceeded;

fn slow_file() -> ServedFile {
    ServedFile { bytes_per_milli: 100, ..ServedFile::default() }
}

fn with_total(total: u64) -> Options {
    Options { download_total: ByteCount(total), ..Options::default() }
}

#[test]
fn more_than_the_download_total_stops_everything_at_once() {
    for announces_length in [true, false] {
        let simulation = Simulation::new(1);
        simulation.serve("small", ServedFile { latency: 1, ..ServedFile::of(1000) });
        let long = ServedFile::of(500_000);
        simulation.serve("long", ServedFile { announces_length, latency: 2000, ..long });
        simulation.serve("slow", ServedFile { announces_length: false, ..slow_file() });
        let page = simulation.open_page();
        let requests = ["small", "slow", "long"].map(|name| (get(name), None)).to_vec();
        let uid = page.fetch_with("id", requests, with_total(450_000)).unwrap();
        simulation.run();
        let told = &simulation.told()[0];
        assert_eq!((told.kind, told.state.failure_reason), (EventKind::Fail, Some(EXCEEDED)));
        assert_eq!(told.responses[0].unwrap().content.unwrap().len(), 1000);
        assert!(simulation.sent("slow") < 250_000);
        assert_eq!(simulation.history(&uid).downloaded.last().map(|most| *most <= 450_000), Some(true));
        if announces_length {
            assert_eq!(simulation.sent("long"), 0, "the announced length is too much already");
        }
    }
}

#[test]
fn an_answer_that_never_comes_is_waited_for_within_the_settings() {
    let simulation = Simulation::with_settings(|settings| settings.answer_time = Millis::from_seconds(90));
    simulation.serve("a", ServedFile::of(1000));
    simulation.break_requests("a", [Fault::Silence]);
    let requests = vec![post("a", simulation.upload(50_000))];
    simulation.open_page().fetch_with("id", requests, Options::default()).unwrap();
    simulation.run_for(Millis::from_seconds(85));
    assert_eq!(simulation.told().len(), 0);
    simulation.run_for(Millis::from_seconds(15));
    assert_eq!(simulation.told()[0].state.failure_reason, Some(FailureReason::FetchError));
}

/// Regression: where the browser does not tell how much has left, a body on its way passed for an answer that is late.
#[test]
fn a_body_that_is_on_its_way_is_no_silence() {
    const HOUR: Millis = Millis::from_seconds(3600);
    for tells_uploads in [true, false] {
        let simulation =
            Simulation::with_settings(|settings| settings.answer_time = Millis::from_seconds(90));
        let file = ServedFile { bytes_per_milli: 10, tells_uploads, ..ServedFile::of(1000) };
        simulation.serve("flows", file.clone());
        simulation.serve("silent", file);
        simulation.break_requests("silent", [Fault::Silence]);
        let page = simulation.open_page();
        page.fetch_with("a", vec![post("flows", simulation.upload(6_000_000))], Options::default()).unwrap();
        page.fetch_with("b", vec![post("silent", simulation.upload(6_000))], Options::default()).unwrap();
        simulation.run_for(HOUR);
        let kinds = || simulation.told().iter().map(|told| told.kind).collect::<Vec<_>>();
        if tells_uploads {
            assert_eq!(kinds(), [EventKind::Fail, EventKind::Success]);
        } else {
            assert_eq!(kinds(), [EventKind::Success]);
            simulation.run_for(Millis(24 * HOUR.0));
            assert_eq!(kinds(), [EventKind::Success, EventKind::Fail]);
        }
    }
}

#[test]
fn a_runner_that_dies_before_it_settles_leaves_nothing_to_fetch() {
    let simulation = Simulation::new(1);
    simulation.serve("long", ServedFile::of(1_500_000));
    simulation.serve("slow", slow_file());
    let page = simulation.open_page();
    let requests = ["long", "slow"].map(|name| (get(name), None)).to_vec();
    let uid = page.fetch_with("id", requests, with_total(1_200_000)).unwrap();
    simulation.run_until(|simulation| {
        let tables = simulation.origin.tables.borrow();
        tables.fetches[&uid].records.get(&0).is_some_and(|record| record.result.is_some())
    });
    page.kill();
    let sent = simulation.sent("slow");
    simulation.open_page();
    simulation.run();
    assert_eq!(simulation.told()[0].state.failure_reason, Some(EXCEEDED));
    assert_eq!(simulation.sent("slow"), sent, "the others are not gone on with");
}

#[test]
fn exactly_the_download_total_is_allowed_and_less_too() {
    for total in [1_001_000, 5_000_000] {
        let simulation = Simulation::new(2);
        simulation.serve("a", ServedFile::of(1000));
        simulation.serve("b", ServedFile::default());
        simulation.break_requests("b", [Fault::CutAfter(600_000), Fault::RangeIgnored]);
        let page = simulation.open_page();
        page.fetch_with("id", vec![(get("a"), None), (get("b"), None)], with_total(total)).unwrap();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), [1000, 1_000_000]);
    }
}

#[test]
fn one_failing_record_does_not_stop_the_others() {
    let simulation = Simulation::new(3);
    simulation.serve("missing", ServedFile { status: 404, ..ServedFile::of(10) });
    simulation.serve("forbidden", ServedFile { is_forbidden: true, is_cross_origin: true, ..slow_file() });
    simulation.serve("good", slow_file());
    simulation.open_page().fetch("id", &["forbidden", "good", "missing"]).unwrap();
    simulation.run();
    let told = &simulation.told()[0];
    assert_eq!(told.state.failure_reason, Some(FailureReason::BadStatus), "of the first that failed");
    assert_eq!(told.responses[0], Err(Error::RecordFailed));
    assert_eq!(told.responses[1].unwrap().content.unwrap().len(), 1_000_000);
    let page = told.responses[2].unwrap();
    assert_eq!((page.status, page.content.unwrap().len()), (404, 10));
}

#[test]
fn a_full_disk_keeps_what_is_complete() {
    for seed in 0..20 {
        let simulation = Simulation::new(seed);
        simulation.serve("small", ServedFile::of(1000));
        simulation.serve("large", ServedFile { takes_ranges: false, ..slow_file() });
        simulation.serve("other", ServedFile { bytes_per_milli: 30, ..ServedFile::of(200_000) });
        simulation.origin.tables.borrow_mut().quota = Some(500_000);
        let page = simulation.open_page();
        let uid = page.fetch("id", &["small", "large", "other"]).unwrap();
        simulation.run();
        let told = &simulation.told()[0];
        assert_eq!(told.state.failure_reason, Some(FailureReason::QuotaExceeded));
        assert_eq!(told.responses[0].unwrap().content.unwrap().len(), 1000);
        assert_eq!(told.responses[1], Err(Error::RecordFailed));
        assert_eq!(told.responses[2].unwrap().content.unwrap().len(), 200_000, "the others go on");
        let failed = RecordResult::Failure(FailureReason::QuotaExceeded);
        assert_eq!(simulation.history(&uid).results[&1], failed);
    }
}

/// The last bytes of a file come with its result, in one transaction, which the full disk refuses.
#[test]
fn a_full_disk_at_the_last_byte_is_a_full_disk() {
    for status in [200, 404] {
        let simulation = Simulation::new(4);
        simulation.serve("a", ServedFile { status, ..ServedFile::of(1000) });
        simulation.origin.tables.borrow_mut().quota = Some(500);
        simulation.open_page().fetch("id", &["a"]).unwrap();
        simulation.run();
        let told = &simulation.told()[0];
        assert_eq!(told.state.failure_reason, Some(FailureReason::QuotaExceeded));
        assert_eq!(told.state.downloaded.0, 0);
        assert_eq!(told.responses[0], Err(Error::RecordFailed));
    }
}

#[test]
fn a_fetch_that_cannot_fit_is_refused() {
    let simulation = Simulation::new(5);
    simulation.serve("a", ServedFile::default());
    simulation.origin.tables.borrow_mut().quota = Some(500_000);
    let page = simulation.open_page();
    let refused = page.fetch_with("id", vec![(get("a"), None)], with_total(1_000_000));
    assert_eq!(refused, Err(Error::QuotaExceeded));
    assert!(simulation.is_empty());
    simulation.run_for(Millis(1000));
    assert_eq!(simulation.sent("a"), 0);
}

#[test]
fn an_upload_that_does_not_fit_is_refused() {
    let simulation = Simulation::new(6);
    simulation.serve("a", ServedFile::default());
    simulation.origin.tables.borrow_mut().quota = Some(500);
    let body = simulation.upload(5000);
    let page = simulation.open_page();
    let refused = page.fetch_with("id", vec![post("a", body)], Options::default());
    assert_eq!(refused, Err(Error::QuotaExceeded));
    assert!(simulation.is_empty());
}
