//! Many small files.

use background_fetch_polyfill::model::FailureReason;

use crate::world::{ServedFile, Simulation};

const LENGTH: u64 = 10_000;

/// A database that takes as long for one transaction as the network for some files.
fn simulation_with(count: u32) -> (Simulation, Vec<String>) {
    let simulation = Simulation::with_settings(|settings| {
        settings.connections = 6;
        settings.connections_per_origin = 6;
    });
    simulation.origin.transactions.longest_commit.set(60);
    let names: Vec<String> = (0..count).map(|index| index.to_string()).collect();
    names.iter().for_each(|name| simulation.serve(name, ServedFile { latency: 5, ..ServedFile::of(LENGTH) }));
    (simulation, names)
}

#[test]
fn small_files_share_their_transactions() {
    let (simulation, names) = simulation_with(300);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    simulation.open_page().fetch("id", &names).unwrap();
    simulation.run_until(|simulation| !simulation.told().is_empty());
    let begun = simulation.origin.transactions.begun();
    assert!(begun < 150, "{begun} transactions");
    simulation.run();
    assert_eq!(simulation.told()[0].lengths(), vec![LENGTH; 300]);
}

/// Together with the others, it would be none of them that is stored.
#[test]
fn what_has_no_room_fails_alone() {
    let (simulation, names) = simulation_with(6);
    simulation.serve("3", ServedFile { latency: 5, ..ServedFile::of(60_000) });
    simulation.origin.tables.borrow_mut().quota = Some(55_000);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    simulation.open_page().fetch("id", &names).unwrap();
    simulation.run();
    let told = &simulation.told()[0];
    assert_eq!(told.state.failure_reason, Some(FailureReason::QuotaExceeded));
    for (index, response) in told.responses.iter().enumerate() {
        let length = response.ok().map(|read| read.content.unwrap().len());
        assert_eq!(length, (index != 3).then_some(LENGTH), "{index}");
    }
}
