//! Evaluates an expression. Nothing can fail here: what has no value gives the empty text or not-a-number.

use super::function::Function;
use super::resolve::{Expression, Reach, Reference, whole_pattern};
use super::syntax::Operator;
use super::value::{NodeValue, Value, date_of_days};
use super::{format, text};
use crate::instrument::NodeKind;
use crate::state::State;

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a State,
    /// The node it belongs to.
    pub(crate) node: usize,
    /// The slot of the repeat's instance it is evaluated in, 0 outside repeats.
    pub(crate) slot: usize,
    /// A value that stands in for the node's own.
    pub(crate) candidate: Option<&'a Value>,
    /// The choice in question: its list and place.
    pub(crate) choice: Option<(usize, usize)>,
}

impl Context<'_> {
    pub(crate) fn evaluate(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Constant(value) => value.clone(),
            Expression::This => self.own(),
            Expression::Reference(reference) => Value::Nodes(self.nodes(*reference)),
            Expression::Column(column) => self.column(column),
            Expression::Chain { first, rest } => self.chain(first, rest),
            Expression::Negate(operand) => Value::Number(-self.evaluate(operand).number()),
            Expression::Call { function, arguments } => self.call(*function, arguments),
            Expression::Matches { text, pattern } => Value::Boolean(pattern.is_match(&self.evaluate(text).text())),
            Expression::InstanceNumber => Value::Number(number(self.slot + 1)),
            Expression::ChoiceName { value, list, .. } => {
                let name = self.evaluate(value).text();
                let choice = self.state.instrument().list(*list).choice_named(&name);
                let words =
                    |choice| self.state.choice_words(*list, choice, self.node, self.slot, self.state.language());
                Value::Text(choice.map(words).unwrap_or_default())
            }
            Expression::IndexedRepeat { node, repeat, index } => {
                // Below 1 means the first, as in ODK.
                let slot = whole(self.evaluate(index).number().max(1.0)).map(|index| index - 1);
                let slot = slot.filter(|slot| *slot < self.state.instance_count(*repeat));
                Value::Nodes(slot.and_then(|slot| self.node(*node, slot)).into_iter().collect())
            }
            Expression::List { list, conditions, column } => {
                let count = self.state.instrument().list(*list).choices.len();
                let nodes = (0..count).filter_map(|choice| {
                    let inside = Self { choice: Some((*list, choice)), ..*self };
                    let holds = conditions.iter().all(|condition| inside.evaluate(condition).boolean());
                    holds.then(|| NodeValue { place: (choice, 0), value: inside.column(column) })
                });
                Value::Nodes(nodes.collect())
            }
        }
    }

    fn own(&self) -> Value {
        match self.candidate {
            Some(candidate) => candidate.clone(),
            None => self.state.value(self.node, self.slot).unwrap_or(Value::EMPTY),
        }
    }

    fn column(&self, column: &str) -> Value {
        let Some((list, choice)) = self.choice else { return Value::EMPTY };
        self.state.choice_column(list, choice, column).map_or(Value::EMPTY, Value::Text)
    }

    fn node(&self, node: usize, slot: usize) -> Option<NodeValue> {
        let value = match self.candidate {
            Some(candidate) if node == self.node && slot == self.slot => candidate.clone(),
            _ => self.state.value(node, slot)?,
        };
        Some(NodeValue { place: (node, slot), value })
    }

    fn nodes(&self, reference: Reference) -> Vec<NodeValue> {
        let target = self.state.instrument().node(reference.node);
        let repeat = match target.kind {
            NodeKind::Repeat(repeat) => Some(repeat),
            _ => target.repeat,
        };
        match (reference.reach, repeat) {
            (Reach::All, Some(repeat)) => {
                (0..self.state.instance_count(repeat)).filter_map(|slot| self.node(reference.node, slot)).collect()
            }
            (Reach::Same, Some(_)) => self.node(reference.node, self.slot).into_iter().collect(),
            (_, None) => self.node(reference.node, 0).into_iter().collect(),
        }
    }

    fn chain(&self, first: &Expression, rest: &[(Operator, Expression)]) -> Value {
        let mut left = self.evaluate(first);
        for (operator, operand) in rest {
            // What comes after a decided `or` or `and` is not evaluated.
            match operator {
                Operator::Or => left = Value::Boolean(left.boolean() || self.evaluate(operand).boolean()),
                Operator::And => left = Value::Boolean(left.boolean() && self.evaluate(operand).boolean()),
                _ => left = operate(left, *operator, self.evaluate(operand)),
            }
        }
        left
    }

    /// All values of all arguments, nodes one by one.
    fn spread(&self, arguments: &[Expression]) -> Vec<Value> {
        arguments
            .iter()
            .flat_map(|argument| self.evaluate(argument).all().into_iter().cloned().collect::<Vec<_>>())
            .collect()
    }

    fn numbers(&self, arguments: &[Expression]) -> impl Iterator<Item = f64> {
        self.spread(arguments).into_iter().map(|value| value.number()).filter(|number| !number.is_nan())
    }

    fn call(&self, function: Function, arguments: &[Expression]) -> Value {
        match (function, arguments) {
            (Function::If, [condition, then, otherwise]) => {
                self.evaluate(if self.evaluate(condition).boolean() { then } else { otherwise })
            }
            (Function::Coalesce, [first, second]) => {
                let first = self.evaluate(first);
                if first.is_empty() { self.evaluate(second) } else { first }
            }
            (Function::Once, [value]) => {
                self.state.stored_value(self.node, self.slot).unwrap_or_else(|| self.evaluate(value))
            }
            (Function::Concat, parts) => Value::Text(self.spread(parts).iter().map(Value::text).collect()),
            (Function::Join, [separator, parts @ ..]) => {
                let parts = self.spread(parts).iter().map(Value::text).collect::<Vec<_>>();
                Value::Text(parts.join(&self.evaluate(separator).text()))
            }
            (Function::Sum, nodes) => Value::Number(self.numbers(nodes).sum()),
            (Function::Min, values) => Value::Number(self.numbers(values).reduce(f64::min).unwrap_or(f64::NAN)),
            (Function::Max, values) => Value::Number(self.numbers(values).reduce(f64::max).unwrap_or(f64::NAN)),
            (Function::Count, [nodes]) => Value::Number(number(self.evaluate(nodes).all().len())),
            (Function::CountNonEmpty, [nodes]) => Value::Number(number(self.count_non_empty(nodes))),
            (Function::StringLength | Function::NormalizeSpace, []) => one(function, &self.own()),
            (Function::Today, []) => Value::Date(self.state.surroundings().today()),
            (Function::Now, []) => Value::DateTime(self.state.surroundings().now),
            (Function::True, []) => Value::Boolean(true),
            (Function::False, []) => Value::Boolean(false),
            (function, [argument]) => one(function, &self.evaluate(argument)),
            (function, [first, rest @ ..]) => {
                let rest = rest.iter().map(|argument| self.evaluate(argument)).collect::<Vec<_>>();
                several(function, &self.evaluate(first), &rest)
            }
            // Left are the functions that became expressions of their own while reading.
            (_, []) => Value::EMPTY,
        }
    }

    /// Groups and repeats have content by being there.
    fn count_non_empty(&self, nodes: &Expression) -> usize {
        let Value::Nodes(nodes) = self.evaluate(nodes) else { return 0 };
        let is_around = |node: &NodeValue| {
            self.state
                .instrument()
                .nodes
                .get(node.place.0)
                .is_some_and(|node| matches!(node.kind, NodeKind::Group | NodeKind::Repeat(_)))
        };
        nodes.iter().filter(|node| is_around(node) || !node.value.is_empty()).count()
    }
}

fn operate(left: Value, operator: Operator, right: Value) -> Value {
    match operator {
        Operator::Or => Value::Boolean(left.boolean() || right.boolean()),
        Operator::And => Value::Boolean(left.boolean() && right.boolean()),
        Operator::Equal => Value::Boolean(left.equals(&right, true)),
        Operator::NotEqual => Value::Boolean(left.equals(&right, false)),
        Operator::Less => Value::Boolean(left.ordered(&right, |left, right| left < right)),
        Operator::LessOrEqual => Value::Boolean(left.ordered(&right, |left, right| left <= right)),
        Operator::More => Value::Boolean(left.ordered(&right, |left, right| left > right)),
        Operator::MoreOrEqual => Value::Boolean(left.ordered(&right, |left, right| left >= right)),
        Operator::Plus => Value::Number(left.number() + right.number()),
        Operator::Minus => Value::Number(left.number() - right.number()),
        Operator::Times => Value::Number(left.number() * right.number()),
        Operator::Divided => Value::Number(left.number() / right.number()),
        Operator::Modulo => Value::Number(left.number() % right.number()),
        Operator::Union => match (left, right) {
            (Value::Nodes(mut nodes), Value::Nodes(others)) => {
                nodes.extend(others);
                nodes.sort_by_key(|node| node.place);
                nodes.dedup_by_key(|node| node.place);
                Value::Nodes(nodes)
            }
            (Value::Nodes(nodes), _) | (_, Value::Nodes(nodes)) => Value::Nodes(nodes),
            (left, _) => left,
        },
    }
}

/// A function of one value.
fn one(function: Function, value: &Value) -> Value {
    match function {
        Function::Not => Value::Boolean(!value.boolean()),
        Function::Boolean => Value::Boolean(value.boolean()),
        Function::BooleanFromString => Value::Boolean(matches!(value.text().as_str(), "true" | "1")),
        Function::Number => Value::Number(value.number()),
        Function::String | Function::Concat => Value::Text(value.text()),
        Function::CountSelected => Value::Number(number(value.text().split_whitespace().count())),
        Function::StringLength => Value::Number(number(value.text().chars().count())),
        Function::NormalizeSpace => Value::Text(value.text().split_whitespace().collect::<Vec<_>>().join(" ")),
        Function::Round => Value::Number(format::round(value.number(), 0.0)),
        Function::Int => Value::Number(value.number().trunc()),
        Function::Floor => Value::Number(value.number().floor()),
        Function::Ceiling => Value::Number(value.number().ceil()),
        Function::Abs => Value::Number(value.number().abs()),
        Function::Sqrt => Value::Number(value.number().sqrt()),
        Function::Date => match value.clone().single() {
            Value::Number(days) => date_of_days(days.trunc()).map_or(Value::EMPTY, Value::Date),
            other => other.moment().map_or(Value::EMPTY, |moment| Value::Date(moment.date())),
        },
        Function::DateTime => match value.clone().single() {
            moment @ Value::DateTime(_) => moment,
            other => other.moment().map_or(Value::EMPTY, |moment| Value::Text(format::moment(moment))),
        },
        Function::DecimalDateTime => Value::Number(match value.moment() {
            Some(_) => value.number(),
            None => f64::NAN,
        }),
        Function::DecimalTime => Value::Number(value.time().map_or(f64::NAN, |time| Value::Time(time).number())),
        _ => Value::EMPTY,
    }
}

/// A function of two or three values.
fn several(function: Function, first: &Value, rest: &[Value]) -> Value {
    let Some(second) = rest.first() else { return Value::EMPTY };
    let third = rest.get(1);
    match function {
        Function::Selected => {
            // As in ODK: looked up as a word between blanks.
            let (all, one) = (format!(" {} ", first.text()), format!(" {} ", second.text().trim()));
            Value::Boolean(all.contains(&one))
        }
        Function::SelectedAt => {
            let at = whole(second.number());
            Value::Text(
                at.and_then(|at| first.text().split_whitespace().nth(at).map(str::to_owned)).unwrap_or_default(),
            )
        }
        Function::Contains => Value::Boolean(first.text().contains(&second.text())),
        Function::StartsWith => Value::Boolean(first.text().starts_with(&second.text())),
        Function::EndsWith => Value::Boolean(first.text().ends_with(&second.text())),
        Function::SubstringBefore => Value::Text(
            first.text().split_once(&second.text()).map_or_else(String::new, |(before, _)| before.to_owned()),
        ),
        Function::SubstringAfter => {
            Value::Text(first.text().split_once(&second.text()).map_or_else(String::new, |(_, after)| after.to_owned()))
        }
        Function::Substr => Value::Text(text::between(&first.text(), second.number(), third.map(Value::number))),
        Function::Substring => Value::Text(text::part(&first.text(), second.number(), third.map(Value::number))),
        Function::Translate => {
            Value::Text(text::translate(&first.text(), &second.text(), &third.map(Value::text).unwrap_or_default()))
        }
        Function::Regex => {
            Value::Boolean(whole_pattern(&second.text()).is_ok_and(|pattern| pattern.is_match(&first.text())))
        }
        Function::Round => Value::Number(format::round(first.number(), second.number())),
        Function::Pow => Value::Number(first.number().powf(second.number())),
        Function::FormatDate | Function::FormatDateTime => {
            Value::Text(first.moment().map(|moment| format::date(moment, &second.text())).unwrap_or_default())
        }
        _ => Value::EMPTY,
    }
}

/// A count as a number: exact up to 2^53, which no count here comes near.
#[expect(clippy::cast_precision_loss, reason = "counts are bounded by the limits")]
fn number(count: usize) -> f64 {
    count as f64
}

/// The whole part of a number from 0 on.
pub(crate) fn whole(number: f64) -> Option<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within u32")]
    (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as usize)
}
