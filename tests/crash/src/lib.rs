//! A disk under the tests' control: it loses, tears and refuses, and the store must lose nothing.
//!
//! [`watch`] puts a layer between `SQLite` and the system's files, for the databases of one folder. What is written,
//! truncated, synced and deleted is recorded ([`Recording`]); from it [`crash_states`] makes every state that a disk may be in
//! when the power goes. The layer can also refuse ([`Fault`]): an input or output error, a full disk, a failing sync,
//! a short read, at the n-th call.
//!
//! The store under test is the shipped one, unchanged: the layer stands where the operating system stands. It is for
//! tests alone and no other crate may import it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool of tests: what it did not foresee must stop the test at once"
)]

mod disk;
mod layer;
mod recording;

pub use disk::{CrashState, crash_states};
pub use layer::{Watched, watch};
pub use recording::{Event, Fault, FaultKind, Recording};
