//! An expression as it is written: names are not looked up yet.

/// A part of an expression and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Syntax {
    /// Where it begins, in characters from 1.
    pub column: usize,
    /// What it is.
    pub kind: SyntaxKind,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum SyntaxKind {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// `${name}`
    Reference(String),
    /// `.`: the question's own value.
    This,
    /// `name(arguments)`
    Call {
        /// The function.
        name: String,
        /// Its arguments.
        arguments: Vec<Syntax>,
    },
    /// Operators of one precedence in a row, from left to right: `a - b + c`. A list and not a tree, so that a long
    /// row costs no depth.
    Chain {
        /// The first operand.
        first: Box<Syntax>,
        /// The operators, each with its right operand.
        rest: Vec<(Operator, Syntax)>,
    },
    /// `-operand`
    Negate(Box<Syntax>),
    /// `../name`, `/data/group/name`, `instance('list')/root/item[name = 'x']/label`
    Path(LocationPath),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Plus,
    Minus,
    Times,
    Divided,
    Modulo,
    Union,
}

impl Operator {
    /// The operator that `word` is between two operands, with its precedence: 0 binds least.
    pub(super) fn of(word: &str) -> Option<(Self, usize)> {
        Some(match word {
            "or" => (Self::Or, 0),
            "and" => (Self::And, 1),
            "=" => (Self::Equal, 2),
            "!=" => (Self::NotEqual, 2),
            "<" => (Self::Less, 3),
            "<=" => (Self::LessOrEqual, 3),
            ">" => (Self::More, 3),
            ">=" => (Self::MoreOrEqual, 3),
            "+" => (Self::Plus, 4),
            "-" => (Self::Minus, 4),
            "*" => (Self::Times, 5),
            "div" => (Self::Divided, 5),
            "mod" => (Self::Modulo, 5),
            "|" => (Self::Union, Self::UNION),
            _ => return None,
        })
    }

    /// The precedence above which signs bind.
    pub(super) const TIMES: usize = 5;
    /// The precedence of `|`, which binds more than a sign.
    pub(super) const UNION: usize = 6;
}

/// A path to nodes of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct LocationPath {
    /// Where it starts.
    pub start: Start,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// At the node that the expression belongs to.
    Here,
    /// At the form's root: `/data/...`
    Root,
    /// At what an expression gives: `instance('list')/...`, `${repeat}[...]`
    At(Box<Syntax>),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where it goes.
    pub test: StepTest,
    /// Whether it goes down any number of levels (`//`).
    pub deep: bool,
    /// Conditions in brackets.
    pub predicates: Vec<Syntax>,
}

/// Where a step goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepTest {
    /// To the children of that name.
    Child(String),
    /// To all children.
    Any,
    /// To the attribute of that name.
    Attribute(String),
    /// To the parent.
    Parent,
    /// Nowhere.
    This,
}
