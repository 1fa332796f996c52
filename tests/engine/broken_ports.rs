//! What never fails proves nothing: the random worlds have to notice where a port breaks what it promises.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::random_worlds::run_world;
use crate::world::BrokenPort;

/// Worlds in which each has to be found out.
const MOST: u64 = 3000;

#[test]
fn a_broken_port_is_found_out() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let seeds = BrokenPort::ALL.map(|port| (port, first_noticed(port)));
    std::panic::set_hook(hook);
    for (port, seed) in &seeds {
        match seed {
            Some(seed) => println!("{port:?}: found out in world {seed}"),
            None => println!("{port:?}: NOT found out in {MOST} worlds"),
        }
    }
    assert!(seeds.iter().all(|(_, seed)| seed.is_some()), "{seeds:?}");
}

fn first_noticed(port: BrokenPort) -> Option<u64> {
    BrokenPort::break_only(Some(port));
    let found = (0..MOST).find(|seed| catch_unwind(AssertUnwindSafe(|| run_world(*seed))).is_err());
    BrokenPort::break_only(None);
    found
}
