//! The hub as it runs: the real binary on a free port, real HTTP, real stores.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod bundles;
mod common;
mod keeping;
mod people;
mod postgres;
mod running;
mod signing_in;
mod sync;
mod tls;
mod trust;
