//! The address of an answer, the same in the log, on screens and here.

use kend_domain::InstanceId;

use crate::expression::lexer::is_name;

/// `name`, or `repeat/instance/name` inside a repeat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerPath {
    /// The instance of the repeat that the question is in.
    pub instance: Option<(String, InstanceId)>,
    /// The question's name.
    pub name: String,
}

impl AnswerPath {
    /// The path of a question outside repeats.
    pub fn outside(name: &str) -> Self {
        Self { instance: None, name: name.to_owned() }
    }

    /// The path of a question in an instance of a repeat.
    pub fn inside(repeat: &str, instance: InstanceId, name: &str) -> Self {
        Self { instance: Some((repeat.to_owned(), instance)), name: name.to_owned() }
    }
}

impl std::fmt::Display for AnswerPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.instance {
            Some((repeat, instance)) => write!(formatter, "{repeat}/{instance}/{}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}

/// A text that is no path of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the path of an answer: write `name` or `repeat/instance/name`")]
pub struct BadPath(String);

impl std::str::FromStr for AnswerPath {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        let bad = || BadPath(text.to_owned());
        let mut parts = text.split('/');
        let path = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(name), None, None, None) => Self::outside(name),
            (Some(repeat), Some(instance), Some(name), None) => {
                Self::inside(repeat, instance.parse().map_err(|_| bad())?, name)
            }
            _ => return Err(bad()),
        };
        let names = path.instance.iter().map(|(repeat, _)| repeat).chain([&path.name]);
        if names.into_iter().all(|name| is_name(name)) { Ok(path) } else { Err(bad()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_back_as_itself_and_rubbish_is_refused() {
        let id = "00000000-0000-4000-8000-000000000001";
        for text in ["ad", "kənd_adı", &format!("participant/{id}/age")] {
            assert_eq!(text.parse::<AnswerPath>().unwrap().to_string(), text);
        }
        let rubbish = ["", "/", "a b", "a/b", "a/b/c", &format!("a/{id}"), &format!("a/{id}/b/c"), &format!("a/{id}/")];
        for text in rubbish {
            assert!(text.parse::<AnswerPath>().is_err(), "{text}");
        }
    }
}
