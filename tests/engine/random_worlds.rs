//! Worlds in which anything may go wrong at any step, made from a seed. What must never happen is checked by the ports
//! at each step; what must have happened in the end, here.
//!
//! `RANDOM_WORLDS=20000` runs so many of them, `RANDOM_WORLD_SEED=17` only that one.

mod promises;
mod surroundings;
mod troubles;

use surroundings::RandomWorld;

#[test]
fn random_worlds_keep_the_promises() {
    if let Some(seed) = number("RANDOM_WORLD_SEED") {
        return run(seed);
    }
    for seed in 0..number("RANDOM_WORLDS").unwrap_or(300) {
        run(seed);
    }
}

fn run(seed: u64) {
    let _told = TellsSeed(seed);
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
