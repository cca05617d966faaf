//! The hub as it runs: the real binary on a free port, real HTTP, real stores.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod blobs;
mod bundles;
mod common;
mod hub_to_hub;
mod keeping;
mod people;
mod postgres;
mod running;
mod s3;
mod signing_in;
mod sync;
mod tls;
mod trust;
