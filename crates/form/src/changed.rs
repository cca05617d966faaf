//! What a new answer changed elsewhere.

use crate::path::AnswerPath;

/// What is different after an answer was set or an instance added or removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Whether the question itself is relevant. An answer to one that is not is kept and reads as empty.
    pub is_relevant: bool,
    /// Questions that became relevant.
    pub relevant: Vec<AnswerPath>,
    /// Questions that are no longer relevant; their answers are kept.
    pub irrelevant: Vec<AnswerPath>,
    /// Questions whose calculated value changed.
    pub calculated: Vec<AnswerPath>,
    /// Questions and repeats that changed otherwise: required, read only, allowed, choices, number of instances.
    pub otherwise: Vec<AnswerPath>,
    /// How many expressions were evaluated for it.
    pub evaluations: usize,
}
