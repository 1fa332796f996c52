//! Worlds in which anything may go wrong at any step, made from a seed. What must never happen is checked by the ports
//! at each write and each update of an instance; what must have happened in the end, here.
//!
//! `RANDOM_WORLDS=100000` runs so many of them, `RANDOM_WORLD_SEED=17` only that one.

mod promises;
mod surroundings;
mod troubles;

use surroundings::RandomWorld;

const WORLDS: u64 = 10_000;

#[test]
fn random_worlds_with_even_seeds_keep_the_promises() {
    run_worlds(0);
}

#[test]
fn random_worlds_with_odd_seeds_keep_the_promises() {
    run_worlds(1);
}

/// Every other world: the tests run beside one another.
fn run_worlds(first: u64) {
    if let Some(seed) = number("RANDOM_WORLD_SEED") {
        if seed % 2 == first {
            run(seed);
        }
        return;
    }
    for seed in (first..number("RANDOM_WORLDS").unwrap_or(WORLDS)).step_by(2) {
        run(seed);
    }
}

fn run(seed: u64) {
    let _told = TellsSeed(seed);
    run_world(seed);
}

/// Panics where a promise is broken.
pub fn run_world(seed: u64) {
    let mut world = RandomWorld::new(seed);
    world.make_trouble();
    world.recover();
    world.check_promises();
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

struct TellsSeed(u64);

impl Drop for TellsSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("run it again with RANDOM_WORLD_SEED={}", self.0);
        }
    }
}
