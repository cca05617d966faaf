//! The store in memory and the real one come to the same end: whatever the simulator says of one holds for the other.

use kend_sim::world::as_it_is;
use kend_sim::{Setup, run};

#[test]
fn the_store_in_memory_and_the_real_one_come_to_the_same_end() {
    for seed in 0..12 {
        let memory = Setup { disk: false, ..Setup::of(seed) };
        let disk = Setup { disk: true, ..memory.clone() };
        let played = |setup: &Setup| run(setup, &as_it_is, false).map_err(|failure| failure.violation.to_string());
        assert_eq!(played(&memory), played(&disk), "seed {seed}");
    }
}
