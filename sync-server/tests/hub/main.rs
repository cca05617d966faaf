//! The hub as it runs: the real binary on a free port, real HTTP, real stores.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod blobs;
#[expect(dead_code, reason = "the benchmark needs more of it")]
mod breaking_line;
mod bundled;
mod bundles;
mod common;
mod hub_to_hub;
mod keeping;
mod meeting;
mod moving;
mod people;
mod phone;
mod playing;
mod postgres;
mod running;
mod s3;
mod signing_in;
mod sync;
mod tls;
mod trust;
