//! What can be wrong with an answer.

use std::collections::BTreeMap;

use kend_domain::QuestionKind;

/// Why an answer is refused, or, in an interview that was read from the log, what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// No such question, or no such instance.
    #[error("there is no question at `{path}`")]
    UnknownPath {
        /// The path that leads nowhere.
        path: String,
    },
    /// A note, group or repeat.
    #[error("`{name}` takes no answer")]
    NotAnswerable {
        /// Its name.
        name: String,
    },
    /// Worked out from other answers.
    #[error("`{name}` is worked out from other answers")]
    Calculated {
        /// Its name.
        name: String,
    },
    /// Can't be changed by hand now.
    #[error("`{name}` can't be changed")]
    ReadOnly {
        /// Its name.
        name: String,
    },
    /// Of another kind than the question.
    #[error("the answer is not of the kind {expected}")]
    WrongType {
        /// What the question takes.
        expected: QuestionKind,
    },
    /// Not in the list of choices.
    #[error("`{name}` is not one of the choices")]
    NotAChoice {
        /// The name that was chosen.
        name: String,
    },
    /// In the list, but not offered given the other answers.
    #[error("`{name}` is not offered with the other answers as they are")]
    NotOffered {
        /// The name that was chosen.
        name: String,
    },
    /// The same choice twice.
    #[error("`{name}` is chosen twice")]
    ChosenTwice {
        /// The name that was chosen.
        name: String,
    },
    /// Longer than an answer may be.
    #[error("the answer is longer than {limit_characters} characters")]
    TooLong {
        /// The limit.
        limit_characters: usize,
    },
    /// A whole number beyond what is exact.
    #[error("the number is too large")]
    TooLarge,
    /// A file where words are asked for.
    #[error("`{name}` takes no file")]
    TakesNoFile {
        /// Its name.
        name: String,
    },
    /// A file of a kind that the question does not take.
    #[error("a file of the type {media_type} is not taken here")]
    WrongMedia {
        /// The type of the file.
        media_type: String,
    },
    /// A file larger than the question takes.
    #[error("the file is larger than {limit_bytes} bytes")]
    FileTooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// Breaks the question's constraint.
    #[error("the answer breaks the question's constraint")]
    Constraint {
        /// The sheet's message by language code; under `""` from a column without a language. Empty without a message.
        messages: BTreeMap<String, String>,
    },
}

impl AnswerProblem {
    /// The sheet's own message for a broken constraint, in `language` or, if need be, another.
    pub fn message(&self, language: &str) -> Option<&str> {
        match self {
            Self::Constraint { messages } => messages
                .get(language)
                .or_else(|| messages.get(""))
                .or_else(|| messages.values().next())
                .map(String::as_str),
            _ => None,
        }
    }
}

/// Why an instance cannot be added to a repeat or removed from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceProblem {
    /// No such repeat.
    #[error("there is no repeat `{0}`")]
    UnknownRepeat(String),
    /// No such instance.
    #[error("there is no such instance in `{0}`")]
    UnknownInstance(String),
    /// It is there already.
    #[error("the instance is in `{0}` already")]
    AlreadyThere(String),
    /// As many as a repeat may have.
    #[error("`{repeat}` has {limit} instances, the most there may be")]
    TooMany {
        /// The repeat.
        repeat: String,
        /// The limit.
        limit: usize,
    },
}
