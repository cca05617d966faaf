//! `XLSForm`'s expressions: the subset of `XPath` 1.0 that ODK's tools speak, with `${name}` for a question.
//!
//! Three steps, each with its own types, so that a step cannot be skipped: [`parse`] turns text into [`Syntax`] (any
//! form's, with paths and predicates); `resolve` looks up every name and function against one instrument; `evaluate`
//! cannot fail, because all that can be wrong was refused while reading. Results follow `JavaRosa`, the engine behind
//! ODK Collect, where it departs from `XPath`: an empty node-set reads as the empty text, dates are days since 1970,
//! sums and extremes pass over what is no number.

pub(crate) mod evaluate;
mod format;
pub(crate) mod function;
pub(crate) mod lexer;
mod parser;
pub(crate) mod resolve;
mod syntax;
mod text;
pub(crate) mod value;

pub use function::is_known as is_known_function;
pub use parser::parse;
pub use syntax::{LocationPath, Operator, Start, Step, StepTest, Syntax, SyntaxKind};

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {column} of the expression: {problem}")]
pub struct ExpressionError {
    /// Where in the expression, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: ExpressionProblem,
}

/// What can be wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionProblem {
    /// Longer than the limit.
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    /// Nested more deeply than the limit.
    #[error("it is nested more than {0} deep")]
    TooDeep(usize),
    /// A character that begins nothing.
    #[error("`{0}` means nothing here")]
    Character(char),
    /// A text without its closing quote.
    #[error("this text has no closing quote")]
    UnclosedText,
    /// `$` without a name in braces.
    #[error("a reference is written `${{name}}`")]
    BadReference,
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What would have been right.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
    /// No function of that name.
    #[error("there is no function `{0}()`")]
    UnknownFunction(String),
    /// Too few or too many arguments.
    #[error("`{function}()` takes {takes}, not {given}")]
    Arity {
        /// The function.
        function: &'static str,
        /// What it takes, in words.
        takes: String,
        /// How many were given.
        given: usize,
    },
    /// No question, group or repeat of that name.
    #[error("there is no `{0}` in the survey sheet")]
    UnknownReference(String),
    /// A bare name that is no column of the choices sheet.
    #[error("`{0}` is no column of the choices sheet (a question is written `${{{0}}}`)")]
    UnknownColumn(String),
    /// No choice list of that name.
    #[error("there is no choice list `{0}`")]
    UnknownList(String),
    /// A bare name outside a choice filter.
    #[error("a question is written `${{{0}}}`")]
    BareName(String),
    /// The argument has to be a reference to questions.
    #[error("`{0}()` counts over questions: its argument is a reference")]
    NotNodes(&'static str),
    /// `position(..)` outside a repeat.
    #[error("there is no repeat around this question")]
    NoRepeat,
    /// `..` that ends at a group, whose position says nothing.
    #[error("this is the position of the group `{0}`, always 1: go further up to the repeat with `../..`")]
    PositionOfGroup(String),
    /// `indexed-repeat()` with a question that is not in that repeat.
    #[error("`{question}` is not in the repeat `{repeat}`")]
    NotInRepeat {
        /// The question.
        question: String,
        /// The repeat.
        repeat: String,
    },
    /// `jr:choice-name()` of something without choices.
    #[error("`{0}` has no choices")]
    NoChoices(String),
    /// A pattern that cannot be read.
    #[error("the pattern cannot be read: {0}")]
    Pattern(String),
    /// A path, which `XLSForm` writes as a reference.
    #[error("paths of this form are not read: refer to a question as `${{name}}`")]
    Path,
}
