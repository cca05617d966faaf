//! Tokens to syntax, by recursive descent over the grammar of `XPath` 1.0.
//!
//! Depth is counted wherever the grammar nests, so that neither reading nor evaluating can exhaust the stack.

use super::lexer::{Placed, Token, tokens};
use super::syntax::{LocationPath, Operator, Start, Step, StepTest, Syntax, SyntaxKind};
use super::{ExpressionError, ExpressionProblem};
use crate::limits;

/// Reads an expression without looking up its names.
///
/// ```
/// assert!(kend_form::expression::parse("${age} >= 18 and not(selected(../tags, 'need'))").is_ok());
/// let error = kend_form::expression::parse("1 + ").unwrap_err();
/// assert_eq!(error.column, 5);
/// ```
pub fn parse(text: &str) -> Result<Syntax, ExpressionError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0, end: text.chars().count() + 1 };
    let syntax = parser.chain(0)?;
    match parser.tokens.first() {
        None => Ok(syntax),
        Some(_) => Err(parser.unexpected("an operator")),
    }
}

struct Parser<'a> {
    tokens: &'a [Placed],
    depth: usize,
    end: usize,
}

impl Parser<'_> {
    fn column(&self) -> usize {
        self.tokens.first().map_or(self.end, |placed| placed.column)
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let found = self.tokens.first().map_or_else(|| "the end".to_owned(), |placed| placed.token.to_string());
        ExpressionError { column: self.column(), problem: ExpressionProblem::Unexpected { expected, found } }
    }

    fn advance(&mut self) {
        self.tokens = self.tokens.split_first().map_or(&[], |(_, rest)| rest);
    }

    fn is(&self, symbol: &str) -> bool {
        self.is_nth(0, symbol)
    }

    fn is_nth(&self, index: usize, symbol: &str) -> bool {
        matches!(self.tokens.get(index), Some(Placed { token: Token::Symbol(found), .. }) if *found == symbol)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let accepted = self.is(symbol);
        if accepted {
            self.advance();
        }
        accepted
    }

    fn expect(&mut self, symbol: &str, expected: &'static str) -> Result<(), ExpressionError> {
        if self.accept(symbol) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ExpressionError>) -> Result<T, ExpressionError> {
        if self.depth == limits::EXPRESSION_DEPTH {
            let problem = ExpressionProblem::TooDeep(limits::EXPRESSION_DEPTH);
            return Err(ExpressionError { column: self.column(), problem });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn operator(&self, precedence: usize) -> Option<Operator> {
        let word = match &self.tokens.first()?.token {
            Token::Name(name) => name.as_str(),
            Token::Symbol(symbol) => symbol,
            _ => return None,
        };
        Operator::of(word).filter(|(_, found)| *found == precedence).map(|(operator, _)| operator)
    }

    fn operand(&mut self, precedence: usize) -> Result<Syntax, ExpressionError> {
        match precedence {
            Operator::TIMES => self.signed(),
            Operator::UNION => self.path(),
            _ => self.chain(precedence + 1),
        }
    }

    fn chain(&mut self, precedence: usize) -> Result<Syntax, ExpressionError> {
        let column = self.column();
        let first = self.operand(precedence)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator(precedence) {
            self.advance();
            rest.push((operator, self.operand(precedence)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Syntax { column, kind: SyntaxKind::Chain { first: Box::new(first), rest } })
    }

    fn signed(&mut self) -> Result<Syntax, ExpressionError> {
        let column = self.column();
        if self.accept("-") {
            let operand = self.nested(Self::signed)?;
            return Ok(Syntax { column, kind: SyntaxKind::Negate(Box::new(operand)) });
        }
        self.chain(Operator::UNION)
    }

    /// A location path, or a primary expression that a path may go on from.
    fn path(&mut self) -> Result<Syntax, ExpressionError> {
        let column = self.column();
        let is_call =
            matches!(self.tokens.first().map(|placed| &placed.token), Some(Token::Name(_))) && self.is_nth(1, "(");
        let is_step = !is_call
            && (matches!(self.tokens.first().map(|placed| &placed.token), Some(Token::Name(_)))
                || ["..", "*", "@", ".", "/", "//"].iter().any(|symbol| self.is(symbol)));
        if is_step {
            let path = self.location()?;
            let kind = match (&path.start, path.steps.as_slice()) {
                (Start::Here, [Step { test: StepTest::This, predicates, .. }]) if predicates.is_empty() => {
                    SyntaxKind::This
                }
                _ => SyntaxKind::Path(path),
            };
            return Ok(Syntax { column, kind });
        }
        let primary = self.primary(is_call)?;
        if !self.is("/") && !self.is("//") && !self.is("[") {
            return Ok(primary);
        }
        let mut steps = Vec::new();
        if self.is("[") {
            steps.push(Step { test: StepTest::This, deep: false, predicates: self.predicates()? });
        }
        self.more_steps(&mut steps)?;
        let path = LocationPath { start: Start::At(Box::new(primary)), steps };
        Ok(Syntax { column, kind: SyntaxKind::Path(path) })
    }

    fn location(&mut self) -> Result<LocationPath, ExpressionError> {
        let mut steps = Vec::new();
        let start = if self.is("/") || self.is("//") { Start::Root } else { Start::Here };
        if start == Start::Here {
            steps.push(self.step(false)?);
        }
        self.more_steps(&mut steps)?;
        Ok(LocationPath { start, steps })
    }

    fn more_steps(&mut self, steps: &mut Vec<Step>) -> Result<(), ExpressionError> {
        loop {
            let deep = self.is("//");
            if !self.accept("//") && !self.accept("/") {
                return Ok(());
            }
            steps.push(self.step(deep)?);
        }
    }

    fn step(&mut self, deep: bool) -> Result<Step, ExpressionError> {
        const EXPECTED: &str = "a name, `.` or `..`";
        let test = if self.accept("..") {
            StepTest::Parent
        } else if self.accept(".") {
            StepTest::This
        } else if self.accept("*") {
            StepTest::Any
        } else {
            let attribute = self.accept("@");
            match self.tokens.first() {
                Some(Placed { token: Token::Name(name), .. }) => {
                    let name = name.clone();
                    self.advance();
                    if attribute { StepTest::Attribute(name) } else { StepTest::Child(name) }
                }
                _ => return Err(self.unexpected(EXPECTED)),
            }
        };
        Ok(Step { test, deep, predicates: self.predicates()? })
    }

    fn predicates(&mut self) -> Result<Vec<Syntax>, ExpressionError> {
        let mut predicates = Vec::new();
        while self.accept("[") {
            predicates.push(self.nested(|parser| parser.chain(0))?);
            self.expect("]", "`]`")?;
        }
        Ok(predicates)
    }

    fn primary(&mut self, is_call: bool) -> Result<Syntax, ExpressionError> {
        const EXPECTED: &str = "a value";
        let column = self.column();
        let Some(placed) = self.tokens.first() else { return Err(self.unexpected(EXPECTED)) };
        let kind = match placed.token.clone() {
            Token::Number(number) => SyntaxKind::Number(number),
            Token::Text(text) => SyntaxKind::Text(text),
            Token::Reference(name) => SyntaxKind::Reference(name),
            Token::Name(name) if is_call => {
                self.advance();
                self.advance();
                return Ok(Syntax { column, kind: SyntaxKind::Call { name, arguments: self.arguments()? } });
            }
            Token::Symbol("(") => {
                self.advance();
                let inner = self.nested(|parser| parser.chain(0))?;
                self.expect(")", "`)`")?;
                return Ok(inner);
            }
            Token::Name(_) | Token::Symbol(_) => return Err(self.unexpected(EXPECTED)),
        };
        self.advance();
        Ok(Syntax { column, kind })
    }

    fn arguments(&mut self) -> Result<Vec<Syntax>, ExpressionError> {
        let mut arguments = Vec::new();
        if self.accept(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.nested(|parser| parser.chain(0))?);
            if self.accept(")") {
                return Ok(arguments);
            }
            self.expect(",", "`,` or `)`")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The syntax with all its parentheses.
    fn shape(text: &str) -> String {
        fn write(syntax: &Syntax) -> String {
            match &syntax.kind {
                SyntaxKind::Number(number) => number.to_string(),
                SyntaxKind::Text(text) => format!("'{text}'"),
                SyntaxKind::Reference(name) => format!("${name}"),
                SyntaxKind::This => ".".to_owned(),
                SyntaxKind::Call { name, arguments } => {
                    format!("{name}({})", arguments.iter().map(write).collect::<Vec<_>>().join(","))
                }
                SyntaxKind::Chain { first, rest } => {
                    let rest = rest.iter().map(|(operator, operand)| format!(" {operator:?} {}", write(operand)));
                    format!("({}{})", write(first), rest.collect::<String>())
                }
                SyntaxKind::Negate(operand) => format!("-{}", write(operand)),
                SyntaxKind::Path(path) => format!("path{}", path.steps.len()),
            }
        }
        write(&parse(text).unwrap())
    }

    #[test]
    fn operators_bind_as_in_xpath() {
        for (text, expected) in [
            ("1 + 2 * 3", "(1 Plus (2 Times 3))"),
            ("1 - 2 - 3", "(1 Minus 2 Minus 3)"),
            ("1 or 2 and 3 = 4 < 5", "(1 Or (2 And (3 Equal (4 Less 5))))"),
            ("-1 * -2", "(-1 Times -2)"),
            ("- ${a} | ${b}", "-($a Union $b)"),
            ("6 div 2 mod 3", "(6 Divided 2 Modulo 3)"),
            ("(1 or 2) and 3", "((1 Or 2) And 3)"),
            (". >= 5", "(. MoreOrEqual 5)"),
            (".5+1.", "(0.5 Plus 1)"),
            ("today()-5", "(today() Minus 5)"),
            ("selected (., \"a\")", "selected(.,'a')"),
            ("jr:choice-name(${ə}, '${ə}')", "jr:choice-name($ə,'${ə}')"),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn operator_words_and_the_star_are_names_where_an_operand_stands() {
        assert_eq!(shape("div div mod"), "(path1 Divided path1)");
        assert_eq!(shape("* * *"), "(path1 Times path1)");
        assert_eq!(shape("../or or ../and"), "(path2 Or path2)");
    }

    #[test]
    fn an_error_names_the_place_and_what_was_expected() {
        for (text, expected) in [
            ("", "at character 1 of the expression: expected a value, found the end"),
            ("1 +", "at character 4 of the expression: expected a value, found the end"),
            ("1 2", "at character 3 of the expression: expected an operator, found `2`"),
            ("if(1, 2", "at character 8 of the expression: expected `,` or `)`, found the end"),
            ("(1", "at character 3 of the expression: expected `)`, found the end"),
            ("'ğ' = 'abc", "at character 7 of the expression: this text has no closing quote"),
            ("1 # 2", "at character 3 of the expression: `#` means nothing here"),
            ("${a", "at character 1 of the expression: a reference is written `${name}`"),
            ("$a", "at character 1 of the expression: a reference is written `${name}`"),
            ("1 + ${last-saved#x}", "at character 5 of the expression: a reference is written `${name}`"),
            ("a[1", "at character 4 of the expression: expected `]`, found the end"),
            ("../", "at character 4 of the expression: expected a name, `.` or `..`, found the end"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn too_long_and_too_deep_expressions_are_refused() {
        let long = format!("1{}", " + 1".repeat(1000));
        assert!(parse(&long).is_ok());
        let too_long = format!("1{}", " + 1".repeat(1024));
        assert_eq!(parse(&too_long).unwrap_err().problem, ExpressionProblem::TooLong(4096));
        for deep in [format!("{}1{}", "(".repeat(65), ")".repeat(65)), format!("{}1", "-".repeat(65))] {
            assert_eq!(parse(&deep).unwrap_err().problem, ExpressionProblem::TooDeep(64));
        }
        assert!(parse(&format!("{}1{}", "(".repeat(64), ")".repeat(64))).is_ok());
    }
}
