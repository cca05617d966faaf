//! A run is its seed, and some seeds of every build hold.

use kend_sim::seeds::{smaller, sweep};
use kend_sim::world::as_it_is;
use kend_sim::{Setup, run};

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..10 {
        let setup = Setup { disk: false, ..Setup::of(seed) };
        let played = || run(&setup, &as_it_is, true).map_err(|failure| failure.trace);
        assert_eq!(played(), played(), "seed {seed}");
    }
}

#[test]
fn a_seed_that_does_not_fail_has_nothing_smaller() {
    assert!(smaller(&Setup { disk: false, ..Setup::of(1) }, &as_it_is).is_none());
}

#[test]
fn the_first_seeds_break_no_invariant() {
    let tally = sweep(0, 2, |ran| ran >= 150);
    assert!(tally.found.is_none(), "{}", tally.found.unwrap());
    assert!(tally.seeds >= 150 && tally.entries > 1_000);
}
