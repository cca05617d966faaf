//! Text to tokens. Whether `and` or `*` is an operator is left to the parser, which knows what may stand where.

use super::{ExpressionError, ExpressionProblem};
use crate::limits;

/// The smallest thing with a meaning.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Reference(String),
    Symbol(&'static str),
}

impl std::fmt::Display for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "`{number}`"),
            Self::Text(text) => write!(formatter, "'{text}'"),
            Self::Name(name) => write!(formatter, "`{name}`"),
            Self::Reference(name) => write!(formatter, "`${{{name}}}`"),
            Self::Symbol(symbol) => write!(formatter, "`{symbol}`"),
        }
    }
}

/// A token and where it begins, in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) column: usize,
}

/// Longer symbols first: `<=` is not `<` and `=`.
const SYMBOLS: [&str; 22] = [
    "..", "::", "//", "!=", "<=", ">=", ".", "/", "(", ")", "[", "]", ",", "@", "*", "+", "-", "=", "<", ">", "|", ":",
];

pub(super) fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

pub(super) fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Whether `text` is a name that a question, group, list or column may have.
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start)
        && characters.all(is_name_part)
        && text.chars().count() <= limits::NAME_CHARACTERS
}

struct Lexer<'a> {
    rest: &'a str,
    column: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !keep(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.column += taken.chars().count();
        taken
    }

    fn take_prefix(&mut self, prefix: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(prefix) else { return false };
        self.rest = rest;
        self.column += prefix.chars().count();
        true
    }

    fn error(&self, column: usize, problem: ExpressionProblem) -> ExpressionError {
        ExpressionError { column: column.min(self.column), problem }
    }

    fn number(&mut self) -> f64 {
        let mut digits = self.take_while(|character| character.is_ascii_digit()).to_owned();
        // `1..` cannot follow a number, so a second point is not looked for.
        if self.take_prefix(".") {
            digits.push('.');
            digits.push_str(self.take_while(|character| character.is_ascii_digit()));
        }
        digits.parse().unwrap_or(f64::NAN)
    }

    fn name(&mut self) -> String {
        let mut name = self.take_while(is_name_part).to_owned();
        let mut after = self.rest.chars();
        if after.next() == Some(':') && after.next().is_some_and(is_name_start) {
            self.take_prefix(":");
            name.push(':');
            name.push_str(self.take_while(is_name_part));
        }
        name
    }

    fn reference(&mut self, column: usize) -> Result<String, ExpressionError> {
        let bad = |lexer: &Self| lexer.error(column, ExpressionProblem::BadReference);
        if !self.take_prefix("${") {
            return Err(bad(self));
        }
        let name = self.take_while(|character| character != '}').trim();
        if !is_name(name) || !self.take_prefix("}") {
            return Err(bad(self));
        }
        Ok(name.to_owned())
    }

    fn token(&mut self, first: char) -> Result<Token, ExpressionError> {
        let column = self.column;
        match first {
            '\'' | '"' => {
                let quote = if first == '"' { "\"" } else { "'" };
                self.take_prefix(quote);
                let text = self.take_while(|character| character != first).to_owned();
                if self.take_prefix(quote) {
                    Ok(Token::Text(text))
                } else {
                    Err(self.error(column, ExpressionProblem::UnclosedText))
                }
            }
            '$' => self.reference(column).map(Token::Reference),
            _ if first.is_ascii_digit() => Ok(Token::Number(self.number())),
            '.' if self.rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => {
                Ok(Token::Number(self.number()))
            }
            _ if is_name_start(first) => Ok(Token::Name(self.name())),
            _ => SYMBOLS
                .into_iter()
                .find(|symbol| self.take_prefix(symbol))
                .map(Token::Symbol)
                .ok_or_else(|| self.error(column, ExpressionProblem::Character(first))),
        }
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ExpressionError> {
    if text.chars().count() > limits::EXPRESSION_CHARACTERS {
        let problem = ExpressionProblem::TooLong(limits::EXPRESSION_CHARACTERS);
        return Err(ExpressionError { column: limits::EXPRESSION_CHARACTERS + 1, problem });
    }
    let mut lexer = Lexer { rest: text, column: 1 };
    let mut tokens = Vec::new();
    loop {
        lexer.take_while(char::is_whitespace);
        let Some(first) = lexer.peek() else { return Ok(tokens) };
        let column = lexer.column;
        tokens.push(Placed { token: lexer.token(first)?, column });
    }
}
