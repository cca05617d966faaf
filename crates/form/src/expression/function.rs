//! The functions, by name and number of arguments.

use super::ExpressionProblem;

macro_rules! functions {
    ($($variant:ident = $name:literal $least:literal to $most:expr;)+) => {
        /// A function of the language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Function { $($variant,)+ }

        impl Function {
            pub(crate) fn named(name: &str) -> Option<Self> {
                Some(match name { $($name => Self::$variant,)+ _ => return None })
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            const fn arity(self) -> (usize, Option<usize>) {
                match self { $(Self::$variant => ($least, $most),)+ }
            }
        }
    };
}

functions! {
    Selected = "selected" 2 to Some(2);
    SelectedAt = "selected-at" 2 to Some(2);
    CountSelected = "count-selected" 1 to Some(1);
    Count = "count" 1 to Some(1);
    CountNonEmpty = "count-non-empty" 1 to Some(1);
    Sum = "sum" 1 to Some(1);
    Min = "min" 1 to None;
    Max = "max" 1 to None;
    If = "if" 3 to Some(3);
    Coalesce = "coalesce" 2 to Some(2);
    Once = "once" 1 to Some(1);
    Not = "not" 1 to Some(1);
    True = "true" 0 to Some(0);
    False = "false" 0 to Some(0);
    Boolean = "boolean" 1 to Some(1);
    BooleanFromString = "boolean-from-string" 1 to Some(1);
    Number = "number" 1 to Some(1);
    String = "string" 1 to Some(1);
    Concat = "concat" 1 to None;
    Join = "join" 2 to None;
    StringLength = "string-length" 0 to Some(1);
    Substr = "substr" 2 to Some(3);
    Substring = "substring" 2 to Some(3);
    SubstringBefore = "substring-before" 2 to Some(2);
    SubstringAfter = "substring-after" 2 to Some(2);
    Contains = "contains" 2 to Some(2);
    StartsWith = "starts-with" 2 to Some(2);
    EndsWith = "ends-with" 2 to Some(2);
    NormalizeSpace = "normalize-space" 0 to Some(1);
    Translate = "translate" 3 to Some(3);
    Regex = "regex" 2 to Some(2);
    Round = "round" 1 to Some(2);
    Int = "int" 1 to Some(1);
    Floor = "floor" 1 to Some(1);
    Ceiling = "ceiling" 1 to Some(1);
    Abs = "abs" 1 to Some(1);
    Pow = "pow" 2 to Some(2);
    Sqrt = "sqrt" 1 to Some(1);
    Today = "today" 0 to Some(0);
    Now = "now" 0 to Some(0);
    Date = "date" 1 to Some(1);
    DateTime = "date-time" 1 to Some(1);
    DecimalDateTime = "decimal-date-time" 1 to Some(1);
    DecimalTime = "decimal-time" 1 to Some(1);
    FormatDate = "format-date" 2 to Some(2);
    FormatDateTime = "format-date-time" 2 to Some(2);
    Position = "position" 1 to Some(1);
    Index = "index" 0 to Some(0);
    ChoiceName = "jr:choice-name" 2 to Some(2);
    IndexedRepeat = "indexed-repeat" 3 to Some(3);
}

impl Function {
    /// Refuses a wrong number of arguments.
    pub(crate) fn check(self, given: usize) -> Result<(), ExpressionProblem> {
        let (least, most) = self.arity();
        if given >= least && most.is_none_or(|most| given <= most) {
            return Ok(());
        }
        let takes = match most {
            None => format!("{least} arguments or more"),
            Some(0) => "no argument".to_owned(),
            Some(1) if least == 1 => "1 argument".to_owned(),
            Some(most) if least == most => format!("{most} arguments"),
            Some(most) => format!("{least} to {most} arguments"),
        };
        Err(ExpressionProblem::Arity { function: self.name(), takes, given })
    }
}

/// Whether the language has a function of that name.
pub fn is_known(name: &str) -> bool {
    name == "instance" || Function::named(name).is_some()
}
