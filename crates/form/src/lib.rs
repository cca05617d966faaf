//! `XLSForm` instruments, their expressions, and an interview in progress.
//!
//! [`Instrument::read`] turns three sheets into an instrument, refusing with sheet, row and column whatever it does not
//! understand. [`Sitting`] holds an interview with it: it checks answers, works out what they make relevant, required,
//! offered and calculated, and says what is missing. An answer that changes works out again only what depends on it.
//!
//! The crate does no I/O, reads no clock and makes no ids: time, language and device come in as [`Surroundings`], ids
//! of instances from the log. It never drops an answer: what is not relevant is kept and reads as empty, what breaks
//! a rule is shown with its problem. Start reading at [`Sitting`], then `state` (how it is kept in step), then
//! [`expression`].

mod answer;
mod attachment;
mod changed;
pub mod expression;
mod instrument;
pub mod limits;
mod path;
mod problem;
mod read;
mod sitting;
mod state;
mod walk;
mod words;

pub use answer::{Answer, RawValue};
pub use attachment::{Attached, AttachmentRules, Quality};
pub use changed::Changed;
pub use instrument::Instrument;
pub use path::{AnswerPath, BadPath};
pub use problem::{AnswerProblem, InstanceProblem};
pub use read::{InstrumentError, InstrumentProblem, Sheet, Sheets};
pub use sitting::Sitting;
pub use state::Surroundings;
pub use walk::{
    ChoiceItem, GroupItem, InstanceItem, Item, Missing, MissingReason, NoteItem, QuestionItem, RepeatItem, Shown,
};
