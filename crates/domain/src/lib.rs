//! The words of Kend, as types: ids, themes, dimensions, classes, places, people, languages.
//!
//! Everything above speaks in these. The crate does no I/O, knows no clock and makes no random ids: an id is read,
//! compared and written here, and made at the rim. Start with [`Theme`] and [`Dimension`], the two axes of everything
//! Kend shows, then [`Scope`], which decides who may hold what.

mod area;
mod id;
mod interview;
mod language;
mod method;
mod names;
mod person;
mod place;
mod question;

pub use area::{AreaCode, Areas, BadArea, Scope};
pub use id::{BadId, DeviceId, EntityId, InstanceId, PersonId};
pub use interview::{Evidence, InterviewKind, InterviewState, Level, ParticipantCode, Tag};
pub use language::Language;
pub use method::{Dimension, ReadinessClass, Relation, Theme};
pub use names::Names;
pub use person::Role;
pub use place::{BadPosition, Position};
pub use question::QuestionKind;

/// A word of a closed vocabulary that no one knows: the message names the word and the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {vocabulary}")]
pub struct UnknownWord {
    /// What was read.
    pub word: String,
    /// The vocabulary that it was looked up in, e.g. `theme`.
    pub vocabulary: &'static str,
}

/// Gives a closed vocabulary its one spelling, the same in Rust, SQL, JSON, sheets and TypeScript.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $vocabulary:literal { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All words of the vocabulary, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as it stands in SQL, JSON and sheets.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownWord { word: word.to_owned(), vocabulary: $vocabulary }),
                }
            }
        }
    };
}
pub(crate) use vocabulary;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_itself() {
        for theme in Theme::ALL {
            assert_eq!(theme.word().parse::<Theme>(), Ok(*theme));
        }
        for class in ReadinessClass::ALL {
            assert_eq!(class.word().parse::<ReadinessClass>(), Ok(*class));
        }
    }

    #[test]
    fn an_unknown_word_is_named_with_its_vocabulary() {
        let error = "religion".parse::<Theme>().unwrap_err();
        assert_eq!(error.to_string(), "`religion` is not a theme");
    }

    #[test]
    fn classes_are_ordered_from_activate_to_amplify() {
        assert!(ReadinessClass::Activate < ReadinessClass::AccelerateLow);
        assert_eq!(ReadinessClass::ALL.last(), Some(&ReadinessClass::Amplify));
    }
}
