use background_fetch_polyfill::model::{ByteCount, Millis};

use crate::world::{Fault, ServedFile, Simulation};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[test]
fn a_fetch_keeps_to_its_connections() {
    for connections in [1, 3, 8] {
        let simulation = Simulation::with_settings(|settings| {
            settings.connections = connections;
            settings.connections_per_origin = 8;
        });
        for name in NAMES {
            simulation.serve(name, ServedFile { bytes_per_milli: 300, ..ServedFile::default() });
            simulation.break_requests(name, [Fault::CutAfter(300_000)]);
        }
        simulation.open_page().fetch("id", &NAMES).unwrap();
        simulation.run();
        assert_eq!(simulation.origin.servers.most_connections.get(), connections as usize);
        assert_eq!(simulation.told()[0].lengths(), [1_000_000; 8]);
    }
}

#[test]
fn all_fetches_share_the_connections_to_an_origin() {
    for connections_per_origin in [1, 3] {
        let simulation = Simulation::with_settings(|settings| {
            settings.connections = 2;
            settings.connections_per_origin = connections_per_origin;
        });
        NAMES.iter().for_each(|name| simulation.serve(name, ServedFile::default()));
        let page = simulation.open_page();
        for (id, names) in NAMES.chunks(2).enumerate() {
            page.fetch(&id.to_string(), names).unwrap();
        }
        simulation.run();
        let most = simulation.origin.servers.most_connections.get();
        assert_eq!(most, connections_per_origin as usize);
        assert_eq!(simulation.told().len(), 4);
        assert!(simulation.told().iter().all(|told| told.lengths() == [1_000_000; 2]));
    }
}

/// Files that keep a connection for long leave two of the browser's six to the page.
#[test]
fn only_small_files_of_a_fast_server_take_all_connections() {
    let most_connections = |length: u64, bytes_per_milli: u64| {
        let simulation = Simulation::with_settings(|settings| {
            settings.connections = 4;
            settings.connections_per_origin = 4;
        });
        let names: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for name in &names {
            simulation.serve(name, ServedFile { length, bytes_per_milli, ..ServedFile::default() });
        }
        simulation.open_page().fetch("id", &names).unwrap();
        simulation.run();
        assert_eq!(simulation.told()[0].lengths(), vec![length; names.len()]);
        simulation.origin.servers.most_connections.get()
    };
    assert_eq!(most_connections(10_000, 1000), 6);
    assert_eq!(most_connections(10_000, 10), 4, "a slow server");
    assert_eq!(most_connections(100_000, 1000), 4, "larger files");
}

#[test]
fn settings_of_zero_hang_nothing() {
    let simulation = Simulation::with_settings(|settings| {
        settings.connections = 0;
        settings.connections_per_origin = 0;
        settings.unstored_bytes = ByteCount::ZERO;
        settings.unstored_time = Millis(0);
        settings.progress_interval = Millis(0);
        settings.reminder_interval = Millis(1);
        settings.retry.first_delay = Millis(0);
        settings.retry.longest_delay = Millis(0);
    });
    simulation.serve("a", ServedFile::default());
    simulation.break_requests("a", [Fault::CutAfter(300_000)]);
    simulation.open_page().fetch("id", &["a"]).unwrap();
    simulation.run_for(Millis::from_seconds(60));
    assert_eq!(simulation.told()[0].lengths(), [1_000_000]);
}

/// A fast network and a slow disk: the bodies have to wait.
#[test]
fn received_bytes_wait_for_the_disk_within_the_settings() {
    const UNSTORED: u64 = 4 << 20;
    const PIECE: u64 = 64 << 10;
    for seed in 0..10 {
        let simulation = Simulation::new(seed);
        simulation.origin.settings.borrow_mut().unstored_bytes = ByteCount(UNSTORED);
        simulation.origin.transactions.longest_commit.set(400);
        for name in NAMES {
            let file = ServedFile {
                bytes_per_milli: 100_000,
                piece: PIECE,
                latency: 300,
                ..ServedFile::of(20 << 20)
            };
            simulation.serve(name, file);
        }
        let uid = simulation.open_page().fetch("id", &NAMES).unwrap();
        let mut most = 0;
        simulation.run_until(|simulation| {
            let sent: u64 = NAMES.iter().map(|name| simulation.sent(name)).sum();
            let is_over = !simulation.told().is_empty();
            most = if is_over { most } else { most.max(sent - simulation.stored(&uid)) };
            is_over
        });
        // A piece comes in the size that the network gives it.
        assert!(most <= UNSTORED + 4 * PIECE, "{most} of {UNSTORED}");
        assert!(most > UNSTORED / 4, "it does not read on while it stores: {most}");
    }
}
