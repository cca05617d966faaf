//! The protocol between replicas in memory: no disk, no network, no clock.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod bodies;
mod delivery;
mod exchanges;
mod following;
mod memory;
mod trust;
