//! The invariants of the log and its sync, each as a function that looks at the run from outside.
//!
//! What a definition can say is checked against the definition, not against another run of the same code: live values
//! are found again by looking at all pairs of entries, what must have arrived by looking at the account.

mod exchange;
mod fold;
mod merge;
mod rest;

pub use exchange::{
    a_repeat_changes_nothing, after_restart, answer_taken, answered, held, note_acknowledged, note_bytes, promise,
};
pub use rest::{at_rest, shown};

/// An invariant, under its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// 1.
    Convergence = 1,
    /// 2.
    Refold = 2,
    /// 3.
    NoLostWrite = 3,
    /// 4.
    AckIsDurable = 4,
    /// 5.
    CursorComplete = 5,
    /// 6.
    Idempotence = 6,
    /// 7.
    Causality = 7,
    /// 8.
    ClockIndependence = 8,
    /// 9.
    Conflicts = 9,
    /// 10.
    MergeView = 10,
    /// 11.
    ApprovalPins = 11,
    /// 12.
    Erasure = 12,
    /// 13.
    Signatures = 13,
    /// 14.
    ForkSafety = 14,
    /// 15.
    Authorisation = 15,
    /// 16.
    Receipts = 16,
    /// 17.
    Progress = 17,
    /// 18.
    Bounded = 18,
    /// 19.
    SameBackends = 19,
    /// 20.
    Codec = 20,
}

/// What an invariant says and where it is checked.
pub struct Said {
    /// The invariant.
    pub invariant: Invariant,
    /// In one sentence, with why.
    pub why: &'static str,
    /// Where, when not by the simulator alone.
    pub elsewhere: Option<&'static str>,
}

const fn here(invariant: Invariant, why: &'static str) -> Said {
    Said { invariant, why, elsewhere: None }
}

/// All of them.
pub const INVARIANTS: [Said; 20] = [
    here(
        Invariant::Convergence,
        "Replicas that hold the same entries have the same bytes, or two people see two truths.",
    ),
    here(Invariant::Refold, "What was folded as it came is what a refold gives, or a restart changes answers."),
    here(Invariant::NoLostWrite, "What was acknowledged is live, superseded by somebody who saw it, or kept aside."),
    here(Invariant::AckIsDurable, "What a hub said to hold it holds after a crash, for the device may forget it."),
    here(
        Invariant::CursorComplete,
        "Who polled to the end holds all that they may up to the cursor: it never comes again.",
    ),
    here(Invariant::Idempotence, "Asking again changes nothing: answers get lost after the commit."),
    here(
        Invariant::Causality,
        "A value is superseded only by an entry that had seen it, whose Lamport number is larger.",
    ),
    here(Invariant::ClockIndependence, "Other wall clocks change no value shown: they lie in the field."),
    here(Invariant::Conflicts, "Two values written apart are a conflict on every replica, equal ones on none."),
    here(
        Invariant::MergeView,
        "Two texts written apart are put together alike everywhere, with every word that either added.",
    ),
    here(Invariant::ApprovalPins, "What was approved does not change, and whatever came since shows as a change."),
    Said {
        invariant: Invariant::Erasure,
        why: "Erased content is on no replica and never comes back, and chains still verify.",
        elsewhere: Some("in the bytes of files: crates/store/tests/store/erasure.rs"),
    },
    here(Invariant::Signatures, "No replica's log holds an entry that its device did not write."),
    here(Invariant::ForkSafety, "Two branches of a log are both kept, never mixed, and the device learns of it."),
    here(
        Invariant::Authorisation,
        "No answer has an entry of a scope that the asker may not hold, no log one of who may not write.",
    ),
    here(Invariant::Receipts, "An entry counts as safe only with the server's signature: a hub can't say so."),
    here(Invariant::Progress, "When the line works, everything is said within a few exchanges and the queue is empty."),
    here(Invariant::Bounded, "Nobody can make a hub keep or unpack more than its limits."),
    Said {
        invariant: Invariant::SameBackends,
        why: "The real store and the one in memory come to the same end; PostgreSQL's hub runs the store's contract.",
        elsewhere: Some("tests/sim/tests/backends.rs"),
    },
    here(Invariant::Codec, "What was read is written as the same bytes, so that a relay passes it on as it came."),
];

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// What was found.
    pub what: String,
}

impl Violation {
    /// A violation.
    pub fn of(invariant: Invariant, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "invariant {} ({:?}): {}", self.invariant as u8, self.invariant, self.what)
    }
}

/// A violation unless something holds.
fn check(holds: bool, invariant: Invariant, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::of(invariant, what())) }
}
