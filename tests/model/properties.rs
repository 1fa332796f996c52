//! What holds for whatever a server, a page or the database can come up with.

mod any_addresses;
mod any_answers;
mod any_entries;
mod any_headers;
mod any_rows;
mod any_text;
mod every_row;
mod honest_server;
mod json;

// The file and the server of the simulated world, which the machine can be run against without the engine, too.
#[path = "../engine/world/content.rs"]
#[allow(dead_code)]
mod content;
#[path = "../engine/world/served_file.rs"]
#[allow(dead_code)]
mod served_file;

use content::{Content, Version};
use proptest::test_runner::Config;

/// PROPTEST_CASES overrides the number.
fn config(cases: u32) -> Config {
    let cases = std::env::var_os("PROPTEST_CASES").map_or(cases, |_| Config::default().cases);
    // A case that fails is written down as a test of its own.
    Config { cases, failure_persistence: None, ..Config::default() }
}
