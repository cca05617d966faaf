//! What a person can do with Kend: the use cases, the same in the app's window and on a hub.
//!
//! A rim hands a command's word and its request to [`commands::call`] and gets a view. Everything that changes goes
//! through one `Desk::write`; everything that a screen shows is worked out from the store's folded state, so the window,
//! a browser and a second device can't disagree. The crate does no I/O but the store's: clocks and randomness come in by
//! [`World`], files by [`Shelf`], the network by [`Step`]. Start with [`api`], the contract with the screens, then
//! [`commands`].

mod answers;
pub mod api;
#[cfg(feature = "bindings")]
pub mod bridge;
mod calculator;
mod clock;
pub mod commands;
mod desk;
mod device;
mod failure;
mod given;
mod interview;
mod library;
mod map;
mod meeting;
mod moving;
#[cfg(feature = "bindings")]
pub mod openapi;
mod profile;
mod readiness;
mod review;
mod sector;
mod sync;
mod village;
mod world;

pub use desk::{Desk, Person, Standing};
pub use device::bundle::{PassingOn, TakingIn, not_opened};
pub use device::moving::{MovingPlan, Waiting, Way};
pub use device::{Device, NoAnswer, Question, Shelf, ShelfFile, Step, Suggestion, project_view};
pub use interview::attachment::find as find_attachment;
pub use library::{Library, LibraryError};
pub use world::World;
