//! Syntax to an expression over one instrument: every name is a question of it, every function known.
//!
//! A reference means what pyxform makes of it: inside the same repeat, that instance's answer; from elsewhere, the
//! answers of all instances. A repeat itself is always all its instances.

use regex::{Regex, RegexBuilder};

use super::function::Function;
use super::lexer::is_name;
use super::syntax::{LocationPath, Operator, Start, Step, StepTest, Syntax, SyntaxKind};
use super::value::Value;
use super::{ExpressionError, ExpressionProblem, parse};
use crate::instrument::{Instrument, NodeKind};
use crate::limits;

/// An expression that can be evaluated.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Constant(Value),
    This,
    Reference(Reference),
    /// A column of the choice in question.
    Column(String),
    Chain {
        first: Box<Self>,
        rest: Vec<(Operator, Self)>,
    },
    Negate(Box<Self>),
    Call {
        function: Function,
        arguments: Vec<Self>,
    },
    /// `regex()` with a pattern that is written out.
    Matches {
        text: Box<Self>,
        pattern: Regex,
    },
    /// The number of the repeat's instance, from 1.
    InstanceNumber,
    /// A choice's label, with the questions that labels of its list mention.
    ChoiceName {
        value: Box<Self>,
        list: usize,
        mentions: Vec<Reference>,
    },
    IndexedRepeat {
        node: usize,
        repeat: usize,
        index: Box<Self>,
    },
    /// `instance('list')/root/item[conditions]/column`
    List {
        list: usize,
        conditions: Vec<Self>,
        column: String,
    },
}

/// A question, group or repeat, in the instances that are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) node: usize,
    pub(crate) reach: Reach,
}

/// Which instances a reference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The one that the expression is evaluated in (or the only one).
    Same,
    /// All of the repeat.
    All,
}

impl Expression {
    /// Everything it refers to, when it belongs to the node `own`.
    pub(crate) fn references(&self, own: usize, found: &mut Vec<Reference>) {
        match self {
            Self::Constant(_) | Self::Column(_) | Self::InstanceNumber => {}
            Self::This => found.push(Reference { node: own, reach: Reach::Same }),
            Self::Reference(reference) => found.push(*reference),
            Self::Chain { first, rest } => {
                first.references(own, found);
                for (_, operand) in rest {
                    operand.references(own, found);
                }
            }
            Self::Negate(operand) => operand.references(own, found),
            Self::Call { arguments: inner, .. } | Self::List { conditions: inner, .. } => {
                for part in inner {
                    part.references(own, found);
                }
            }
            Self::Matches { text: inner, .. } => inner.references(own, found),
            Self::ChoiceName { value, mentions, .. } => {
                value.references(own, found);
                found.extend_from_slice(mentions);
            }
            Self::IndexedRepeat { node, index, .. } => {
                found.push(Reference { node: *node, reach: Reach::All });
                index.references(own, found);
            }
        }
    }
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) instrument: &'a Instrument,
    /// The node it belongs to.
    pub(crate) node: usize,
    /// The list whose choices it filters.
    pub(crate) list: Option<usize>,
}

impl Resolver<'_> {
    /// Reads `text` and looks everything up.
    pub(crate) fn read(self, text: &str) -> Result<Expression, ExpressionError> {
        self.expression(&parse(text)?)
    }

    /// The reference that `name` is from here, as in `${name}`.
    pub(crate) fn reference(self, name: &str) -> Option<Reference> {
        self.instrument.node_named(name).map(|node| self.reference_to(node))
    }

    fn reference_to(self, node: usize) -> Reference {
        let target = self.instrument.node(node);
        let own = self.instrument.node(self.node).repeat;
        let reach = if matches!(target.kind, NodeKind::Repeat(_)) || target.repeat != own && target.repeat.is_some() {
            Reach::All
        } else {
            Reach::Same
        };
        Reference { node, reach }
    }

    fn expression(self, syntax: &Syntax) -> Result<Expression, ExpressionError> {
        let at = |problem| ExpressionError { column: syntax.column, problem };
        Ok(match &syntax.kind {
            SyntaxKind::Number(number) => Expression::Constant(Value::Number(*number)),
            SyntaxKind::Text(text) => Expression::Constant(Value::Text(text.clone())),
            SyntaxKind::Reference(name) => Expression::Reference(
                self.reference(name).ok_or_else(|| at(ExpressionProblem::UnknownReference(name.clone())))?,
            ),
            SyntaxKind::This => Expression::This,
            SyntaxKind::Negate(operand) => Expression::Negate(Box::new(self.expression(operand)?)),
            SyntaxKind::Chain { first, rest } => Expression::Chain {
                first: Box::new(self.expression(first)?),
                rest: rest
                    .iter()
                    .map(|(operator, operand)| Ok((*operator, self.expression(operand)?)))
                    .collect::<Result<_, _>>()?,
            },
            SyntaxKind::Call { name, arguments } => {
                let function =
                    Function::named(name).ok_or_else(|| at(ExpressionProblem::UnknownFunction(name.clone())))?;
                function.check(arguments.len()).map_err(at)?;
                self.call(function, arguments)?
            }
            SyntaxKind::Path(path) => self.path(path).map_err(|problem| match problem {
                PathProblem::Here(problem) => at(problem),
                PathProblem::Inside(error) => error,
            })?,
        })
    }

    fn call(self, function: Function, arguments: &[Syntax]) -> Result<Expression, ExpressionError> {
        match (function, arguments) {
            (Function::Position, [argument]) => self.position(argument),
            (Function::Index, _) => match self.instrument.node(self.node).repeat {
                Some(_) => Ok(Expression::InstanceNumber),
                None => Err(ExpressionError { column: 1, problem: ExpressionProblem::NoRepeat }),
            },
            (Function::ChoiceName, [value, question]) => self.choice_name(value, question),
            (Function::IndexedRepeat, [question, repeat, index]) => self.indexed_repeat(question, repeat, index),
            (Function::Regex, [text, Syntax { kind: SyntaxKind::Text(pattern), column }]) => {
                let pattern = whole_pattern(pattern).map_err(|error| {
                    // The last line of the message says what is wrong; those before it draw the pattern.
                    let reason = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
                    ExpressionError { column: *column, problem: ExpressionProblem::Pattern(reason) }
                })?;
                Ok(Expression::Matches { text: Box::new(self.expression(text)?), pattern })
            }
            (function, arguments) => {
                let resolved =
                    arguments.iter().map(|argument| self.expression(argument)).collect::<Result<Vec<_>, _>>()?;
                let counts = matches!(function, Function::Count | Function::CountNonEmpty | Function::Sum);
                if let (true, [argument], [syntax]) = (counts, resolved.as_slice(), arguments)
                    && !is_nodes(argument)
                {
                    let problem = ExpressionProblem::NotNodes(function.name());
                    return Err(ExpressionError { column: syntax.column, problem });
                }
                Ok(Expression::Call { function, arguments: resolved })
            }
        }
    }

    fn position(self, argument: &Syntax) -> Result<Expression, ExpressionError> {
        let error = |problem| Err(ExpressionError { column: argument.column, problem });
        let SyntaxKind::Path(LocationPath { start: Start::Here, steps }) = &argument.kind else {
            return error(ExpressionProblem::Path);
        };
        let mut node = Some(self.node);
        for step in steps {
            if step.test != StepTest::Parent || step.deep || !step.predicates.is_empty() {
                return error(ExpressionProblem::Path);
            }
            node = node.and_then(|node| self.instrument.node(node).parent);
        }
        let Some(node) = node.map(|node| self.instrument.node(node)) else {
            return error(ExpressionProblem::NoRepeat);
        };
        match node.kind {
            NodeKind::Repeat(_) => Ok(Expression::InstanceNumber),
            _ => error(ExpressionProblem::PositionOfGroup(node.name.clone())),
        }
    }

    /// The node that an argument names: `${name}`, or the same in quotes as `jr:choice-name` is taught.
    fn named(self, argument: &Syntax) -> Result<usize, ExpressionError> {
        let error = |problem| ExpressionError { column: argument.column, problem };
        let name = match &argument.kind {
            SyntaxKind::Reference(name) => name.as_str(),
            SyntaxKind::Text(text) => text
                .trim()
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'))
                .map(str::trim)
                .filter(|name| is_name(name))
                .ok_or_else(|| error(ExpressionProblem::BadReference))?,
            _ => return Err(error(ExpressionProblem::BadReference)),
        };
        self.instrument.node_named(name).ok_or_else(|| error(ExpressionProblem::UnknownReference(name.to_owned())))
    }

    fn choice_name(self, value: &Syntax, question: &Syntax) -> Result<Expression, ExpressionError> {
        let node = self.instrument.node(self.named(question)?);
        let list = node.list.ok_or_else(|| ExpressionError {
            column: question.column,
            problem: ExpressionProblem::NoChoices(node.name.clone()),
        })?;
        let mentions = self.instrument.list(list).mentions.iter().map(|node| self.reference_to(*node)).collect();
        Ok(Expression::ChoiceName { value: Box::new(self.expression(value)?), list, mentions })
    }

    fn indexed_repeat(self, question: &Syntax, repeat: &Syntax, index: &Syntax) -> Result<Expression, ExpressionError> {
        let (node, repeat_node) = (self.named(question)?, self.named(repeat)?);
        let (target, around) = (self.instrument.node(node), self.instrument.node(repeat_node));
        match around.kind {
            NodeKind::Repeat(repeat) if target.repeat == Some(repeat) => {
                Ok(Expression::IndexedRepeat { node, repeat, index: Box::new(self.expression(index)?) })
            }
            _ => Err(ExpressionError {
                column: question.column,
                problem: ExpressionProblem::NotInRepeat { question: target.name.clone(), repeat: around.name.clone() },
            }),
        }
    }

    fn path(self, path: &LocationPath) -> Result<Expression, PathProblem> {
        match (&path.start, path.steps.as_slice()) {
            (Start::Here, [Step { test: StepTest::Child(name), deep: false, predicates }]) if predicates.is_empty() => {
                let Some(list) = self.list else {
                    return Err(ExpressionProblem::BareName(name.clone()).into());
                };
                if self.instrument.list(list).has_column(name) {
                    Ok(Expression::Column(name.clone()))
                } else {
                    Err(ExpressionProblem::UnknownColumn(name.clone()).into())
                }
            }
            (Start::Here | Start::Root, steps) => self.walked(path.start == Start::Root, steps),
            (Start::At(start), steps) => self.list_items(start, steps),
        }
    }

    /// `../name` and `/root/group/name`, walked along the instrument.
    fn walked(self, from_root: bool, steps: &[Step]) -> Result<Expression, PathProblem> {
        let plain = |step: &Step| !step.deep && step.predicates.is_empty();
        if !steps.iter().all(plain) {
            return Err(ExpressionProblem::Path.into());
        }
        // The first step of an absolute path is the form's root, whatever its name.
        let mut place = if from_root { None } else { Some(self.node) };
        for step in steps.iter().skip(usize::from(from_root)) {
            place = match (&step.test, place) {
                (StepTest::This, place) => place,
                (StepTest::Parent, Some(node)) => self.instrument.node(node).parent,
                (StepTest::Child(name), place) => Some(
                    self.instrument
                        .node_named(name)
                        .filter(|node| self.instrument.node(*node).parent == place)
                        .ok_or_else(|| ExpressionProblem::UnknownReference(name.clone()))?,
                ),
                _ => return Err(ExpressionProblem::Path.into()),
            };
        }
        let node = place.map(|node| self.instrument.node(node).name.as_str()).ok_or(ExpressionProblem::Path)?;
        self.reference(node).map(Expression::Reference).ok_or_else(|| ExpressionProblem::Path.into())
    }

    fn list_items(self, start: &Syntax, steps: &[Step]) -> Result<Expression, PathProblem> {
        let list = match &start.kind {
            SyntaxKind::Call { name, arguments } if name == "instance" => match arguments.as_slice() {
                [Syntax { kind: SyntaxKind::Text(list), .. }] => {
                    self.instrument.list_named(list).ok_or_else(|| ExpressionProblem::UnknownList(list.clone()))?
                }
                _ => return Err(ExpressionProblem::Path.into()),
            },
            _ => return Err(ExpressionProblem::Path.into()),
        };
        let is = |step: &Step, name: &str| matches!(&step.test, StepTest::Child(child) if child == name) && !step.deep;
        let [root, item, Step { test: StepTest::Child(column), deep: false, predicates }] = steps else {
            return Err(ExpressionProblem::Path.into());
        };
        if !is(root, "root") || !is(item, "item") || !root.predicates.is_empty() || !predicates.is_empty() {
            return Err(ExpressionProblem::Path.into());
        }
        if !self.instrument.list(list).has_column(column) {
            return Err(ExpressionProblem::UnknownColumn(column.clone()).into());
        }
        let inside = Self { list: Some(list), ..self };
        let conditions = item
            .predicates
            .iter()
            .map(|condition| inside.expression(condition))
            .collect::<Result<_, _>>()
            .map_err(PathProblem::Inside)?;
        Ok(Expression::List { list, conditions, column: column.clone() })
    }
}

/// What is wrong with a path: itself, or something in its brackets.
enum PathProblem {
    Here(ExpressionProblem),
    Inside(ExpressionError),
}

impl From<ExpressionProblem> for PathProblem {
    fn from(problem: ExpressionProblem) -> Self {
        Self::Here(problem)
    }
}

fn is_nodes(expression: &Expression) -> bool {
    match expression {
        Expression::Reference(_) | Expression::List { .. } | Expression::IndexedRepeat { .. } => true,
        Expression::Chain { first, rest } => {
            is_nodes(first) && rest.iter().all(|(operator, part)| *operator == Operator::Union && is_nodes(part))
        }
        _ => false,
    }
}

/// A pattern that has to match the whole text, as ODK's `regex()` does.
pub(crate) fn whole_pattern(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(limits::PATTERN_BYTES).build()
}
