//! Made-up interviews over the shipped instruments: what they weigh on the wire beside other tools, and what the
//! dictionary of format 2 is trained on.
//!
//! Nothing here describes a real conversation, village or person. What is measured has other seeds and other texts than
//! what the dictionary was trained on: it must not know what it is judged by. An interview is written as the app writes
//! it: an entry for the beginning, one for each answer, one for each participant, one for the sign-off.

mod dice;
mod interview;
mod log;
mod peers;
mod questions;
mod texts;

pub use dice::Dice;
pub use interview::{Given, Interview, Profile};
pub use log::Phone;
pub use peers::{PouchDb, gzip, openrosa_multipart};
pub use questions::{Instrument, Question};
pub use texts::{LANGUAGES, Texts};
