//! Sheets to an instrument: rows to nodes, names to places, expressions to facets, facets in their order.
//!
//! The first thing that is wrong is the error, with sheet, row and column. A column or type that would change what the
//! form means but is not understood is refused, never passed over.

mod choices;
mod compile;
mod graph;
mod settings;
mod sheet;
mod survey;

use crate::expression::ExpressionError;
use crate::instrument::Instrument;

/// The three sheets of an `XLSForm`, as CSV.
#[derive(Debug, Clone, Copy)]
pub struct Sheets<'a> {
    /// Questions, groups and repeats.
    pub survey: &'a str,
    /// Lists of choices.
    pub choices: &'a str,
    /// Id, version, title, language.
    pub settings: &'a str,
}

/// One of the three sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are described at `Sheets`")]
pub enum Sheet {
    Survey,
    Choices,
    Settings,
}

impl std::fmt::Display for Sheet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(match self {
            Self::Survey => "survey",
            Self::Choices => "choices",
            Self::Settings => "settings",
        })
    }
}

/// Why sheets are no instrument: the first thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sheet {sheet}, row {row}, column `{column}`: {problem}")]
pub struct InstrumentError {
    /// The sheet.
    pub sheet: Sheet,
    /// The row as a spreadsheet counts them: the heads are row 1.
    pub row: usize,
    /// The column's head as it stands in the sheet.
    pub column: String,
    /// What is wrong.
    pub problem: InstrumentProblem,
}

/// What can be wrong in a sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstrumentProblem {
    /// Larger than the limit.
    #[error("the sheet is larger than {0} bytes")]
    SheetTooLarge(usize),
    /// More rows or columns than the limit.
    #[error("the sheet has more than {limit} {what}")]
    TooMany {
        /// Rows or columns.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Not CSV.
    #[error("the sheet cannot be read as CSV: {0}")]
    Csv(String),
    /// A column that every such sheet has is not there.
    #[error("this column is missing")]
    MissingColumn,
    /// Two columns of the same meaning.
    #[error("this column is there twice")]
    DuplicateColumn,
    /// A column that is not understood, with something in it.
    #[error("this column is not known (a column for remarks is named `note`, or begins with `#`)")]
    UnknownColumn,
    /// More cells than heads.
    #[error("this cell has no head above it")]
    NoHead,
    /// Nothing where something must be.
    #[error("this cell is empty")]
    Empty,
    /// Not a name.
    #[error("`{0}` is not a name: a letter or `_`, then letters, digits, `_`, `-`, `.`, at most 64")]
    BadName(String),
    /// A choice's name with a blank, in a list of a `select_multiple`.
    #[error("`{0}` has a blank in it, which would make it two choices")]
    BlankInChoice(String),
    /// Two rows of the same name.
    #[error("the name `{name}` is taken by row {row}")]
    DuplicateName {
        /// The name.
        name: String,
        /// The row that has it.
        row: usize,
    },
    /// A type that is not understood.
    #[error("the type `{0}` is not known")]
    UnknownType(String),
    /// A part of `XLSForm` that is not read yet.
    #[error("{0} is not read yet")]
    NotYet(&'static str),
    /// A select without its list, or one that is not in the choices sheet.
    #[error("there is no choice list `{0}`")]
    UnknownList(String),
    /// A group ends that was not begun, or as another kind.
    #[error("`{found}` ends nothing here{}", open.as_ref().map(|open| format!(": {open} is open")).unwrap_or_default())]
    NotOpen {
        /// What was to be ended.
        found: String,
        /// What is open.
        open: Option<String>,
    },
    /// A group that is never ended.
    #[error("`{0}` is never ended")]
    NotEnded(String),
    /// Groups in groups beyond the limit.
    #[error("groups are nested more than {0} deep")]
    TooDeep(usize),
    /// No words in any language.
    #[error("`{0}` has no label, hint or medium in any language")]
    NoLabel(String),
    /// Content that means nothing for this type.
    #[error("this means nothing for the type {0}")]
    Meaningless(String),
    /// A calculation on a question that people answer.
    #[error("a calculated question is of the type `calculate`, or read only")]
    CalculationOfAnswer,
    /// Neither yes nor no, nor an expression.
    #[error("{0}")]
    Expression(ExpressionError),
    /// A reference in words to something that is not there.
    #[error("there is no `{0}` in the survey sheet")]
    UnknownReference(String),
    /// A default that its question would refuse.
    #[error("the default does not fit: {0}")]
    Default(crate::AnswerProblem),
    /// A parameter that is not known for its type, or has no value that makes sense.
    #[error("`{0}` says nothing that this type understands")]
    BadParameter(String),
    /// Not a media type, or not one of the question's type.
    #[error("`{0}` is no media type that this type takes, such as `image/jpeg` or `image/*`")]
    NoMediaType(String),
    /// Expressions that depend on each other in a circle.
    #[error("these depend on each other: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// A default language that no column has.
    #[error("no column is in the language `{0}`")]
    UnknownLanguage(String),
    /// Not `yes` or `no`.
    #[error("`{0}` is neither yes nor no")]
    NotYesNo(String),
    /// A second row of settings.
    #[error("settings are one row")]
    SecondRow,
}

impl Instrument {
    /// Reads an instrument from its sheets.
    pub fn read(sheets: &Sheets<'_>) -> Result<Self, InstrumentError> {
        let settings = settings::read(sheets.settings)?;
        let survey = sheet::Table::read(Sheet::Survey, sheets.survey)?;
        let choices = sheet::Table::read(Sheet::Choices, sheets.choices)?;
        let mut instrument = Self {
            id: settings.id,
            version: settings.version,
            title: settings.title,
            languages: survey.languages(),
            ..Self::default()
        };
        instrument.default_language = match settings.default_language {
            Some(language) if !instrument.languages.is_empty() && !instrument.languages.contains(&language.code) => {
                return Err(language.error(InstrumentProblem::UnknownLanguage(language.code.clone())));
            }
            Some(language) => language.code,
            None => instrument.languages.first().cloned().unwrap_or_default(),
        };
        let questions = survey::read(&survey, &mut instrument)?;
        choices::read(&choices, settings.allow_choice_duplicates, &mut instrument)?;
        compile::compile(&questions, &mut instrument)?;
        graph::order(&questions, &mut instrument)?;
        Ok(instrument)
    }
}
