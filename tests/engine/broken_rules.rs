//! What never fails proves nothing: an engine that breaks one of its rules has to be found out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use background_fetch_polyfill::broken_rules::Rule;

use crate::random_worlds::run_world;

/// Worlds in which each has to be found out.
const MOST: u64 = 3000;

#[test]
fn an_engine_that_breaks_a_rule_is_found_out() {
    let seeds = Rule::ALL.map(|rule| (rule, first_noticed(rule)));
    for (rule, seed) in &seeds {
        match seed {
            Some(seed) => println!("{rule:?}: found out in world {seed}"),
            None => println!("{rule:?}: NOT found out in {MOST} worlds"),
        }
    }
    assert!(seeds.iter().all(|(_, seed)| seed.is_some()), "{seeds:?}");
}

fn first_noticed(rule: Rule) -> Option<u64> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    Rule::break_only(Some(rule));
    let found = (0..MOST).find(|seed| catch_unwind(AssertUnwindSafe(|| run_world(*seed))).is_err());
    Rule::break_only(None);
    std::panic::set_hook(hook);
    found
}
