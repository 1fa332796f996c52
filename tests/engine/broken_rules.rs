//! What never fails proves nothing: an engine whose surroundings break one of their promises, or which breaks one of its own
//! rules, has to be found out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use background_fetch_polyfill::broken_rules::Rule;

use crate::random_worlds::run_world;
use crate::world::BrokenPort;

/// Worlds in which each has to be found out.
const MOST: u64 = 3000;

/// In one test, as the panic hook is that of the whole process.
#[test]
fn a_broken_rule_and_a_broken_port_are_found_out() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let is_found = [find_out(Rule::ALL, Rule::break_only), find_out(BrokenPort::ALL, BrokenPort::break_only)];
    std::panic::set_hook(hook);
    assert_eq!(is_found, [true, true]);
}

/// Whether each is.
fn find_out<T: Copy + std::fmt::Debug, const N: usize>(all: [T; N], break_only: fn(Option<T>)) -> bool {
    let seeds = all.map(|broken| {
        break_only(Some(broken));
        let found = (0..MOST).find(|seed| catch_unwind(AssertUnwindSafe(|| run_world(*seed))).is_err());
        break_only(None);
        (broken, found)
    });
    for (broken, seed) in &seeds {
        match seed {
            Some(seed) => println!("{broken:?}: found out in world {seed}"),
            None => println!("{broken:?}: NOT found out in {MOST} worlds"),
        }
    }
    seeds.iter().all(|(_, seed)| seed.is_some())
}
