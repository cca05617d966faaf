//! A simulator of Kend's log and sync: devices, hubs, sticks and links in one thread, from one seed.
//!
//! The product's own state machines run here (`kend_sync::Exchange`, `kend_sync::answer`, the fold, and for a share of
//! the seeds the real store), between a network that loses, repeats, delays, cuts and alters, under crashes at any call
//! of a store, clocks that say anything, backups put back, clones and people who cheat. After every step and at the end
//! [`invariants`] are checked from outside. A run that breaks one prints its seed, and that seed gives the same run
//! again. Start with [`run()`], then [`world`].
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test harness: what can't be here is a mistake in it, and has to stop the run where it stands"
)]

pub mod clock;
pub mod dice;
pub mod disk;
pub mod faults;
pub mod fuse;
pub mod hostile;
pub mod hub;
pub mod invariants;
pub mod ledger;
pub mod memory;
pub mod node;
pub mod people;
pub mod rest;
pub mod run;
pub mod scene;
pub mod seeds;
pub mod setup;
pub mod side;
pub mod storage;
pub mod world;

pub use run::{Failure, Summary, run};
pub use scene::Scene;
pub use setup::{Fault, Setup};
