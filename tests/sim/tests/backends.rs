//! The store in memory and the real one come to the same end: whatever the simulator says of one holds for the other.

use kend_sim::Setup;
use kend_sim::seeds::both_backends_come_to_the_same_end;
use kend_sim::world::as_it_is;

#[test]
fn the_store_in_memory_and_the_real_one_come_to_the_same_end() {
    for seed in 0..12 {
        let played = both_backends_come_to_the_same_end(&Setup::of(seed), &as_it_is);
        assert!(played.is_ok(), "{}", played.unwrap_err().violation);
    }
}
