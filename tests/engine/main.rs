//! The engine on the host, in a simulated world.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod aborting;
mod broken_ports;
mod delivering;
mod failing;
mod handing_over;
mod limits;
mod losing_the_store;
mod many;
mod pausing;
mod progress;
mod random_worlds;
mod reading;
mod resuming;
mod splitting;
mod store_contract;
mod succeeding;
mod suspending;
mod taking_over;
mod world;
