//! The harness of the tests that cross crates: it starts the real hub, the real window and a real browser, drives them
//! as a person would, and ends them again.
//!
//! Two rules hold everywhere. Only processes that the harness itself started are ever ended, by their process id. And
//! every wait has an end: a test that hangs says nothing, one that says what it waited for can be mended.
//!
//! Start with [`Stage`], the place where one scenario plays; then [`Window`] and [`Browser`].

mod clock;
mod hub;
mod postgres;
mod process;
mod process_tree;

pub use clock::{Deadline, Stopwatch};
pub use hub::{Hub, HubFiles, Password};
pub use postgres::{Disk, Postgres, SHARED_SERVER};
pub use process::Process;
pub use process_tree::ProcessId;

#[cfg(feature = "pages")]
mod browser;
#[cfg(feature = "pages")]
mod built;
#[cfg(feature = "pages")]
mod display;
#[cfg(feature = "pages")]
pub mod hands;
#[cfg(feature = "pages")]
mod page;
#[cfg(feature = "pages")]
mod phone;
#[cfg(feature = "pages")]
mod stage;
#[cfg(feature = "pages")]
mod window;
#[cfg(feature = "pages")]
mod words;

#[cfg(feature = "pages")]
pub use browser::Browser;
#[cfg(feature = "pages")]
pub use built::Built;
#[cfg(feature = "pages")]
pub use display::{Display, Size};
#[cfg(feature = "pages")]
pub use page::Page;
#[cfg(feature = "pages")]
pub use phone::{Microphone, Phone};
#[cfg(feature = "pages")]
pub use stage::{Stage, perform, play};
#[cfg(feature = "pages")]
pub use window::Window;
#[cfg(feature = "pages")]
pub use words::{LANGUAGES, words};
