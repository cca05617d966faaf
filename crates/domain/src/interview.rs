//! The words of an interview.

use serde::{Deserialize, Serialize};

use crate::{UnknownWord, vocabulary};

vocabulary! {
    /// The two kinds of interview (paragraph 61).
    InterviewKind, "kind of interview" {
        /// Focus group discussion, 6 to 12 people.
        Fgd = "fgd",
        /// Key-informant interview, one person with a role.
        Kii = "kii",
    }
}

vocabulary! {
    /// Where an interview stands between the enumerator and the supervisor.
    InterviewState, "state of an interview" {
        /// Being recorded; only its own devices count it.
        Draft = "draft",
        /// Signed off by the enumerator.
        Complete = "complete",
        /// Sent back by a supervisor, with comments.
        Returned = "returned",
        /// Accepted by a supervisor.
        Approved = "approved",
        /// Content erased on withdrawn consent; only the fact remains.
        Erased = "erased",
    }
}

vocabulary! {
    /// What a remark in a theme is (method 6.4).
    Tag, "tag" {
        /// Something people lack.
        Need = "need",
        /// Something that holds them back.
        Constraint = "constraint",
        /// Something that could be built on.
        Opportunity = "opportunity",
        /// Something people already do.
        Initiative = "initiative",
        /// Something people would use or pay for.
        Demand = "demand",
    }
}

/// The readiness level of a theme, 1 (Activate) to 5 (Amplify), chosen from described levels (method 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// The level as a whole number, 1 to 5.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Level {
    type Error = UnknownWord;
    fn try_from(level: u8) -> Result<Self, UnknownWord> {
        if (1..=5).contains(&level) {
            Ok(Self(level))
        } else {
            Err(UnknownWord { word: level.to_string(), vocabulary: "level (1 to 5)" })
        }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// The strength of the evidence behind a level, 1 to 3 (method 6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Evidence {
    /// An opinion.
    Opinion = 1,
    /// A concrete example.
    Example = 2,
    /// Seen by the enumerator, or documented.
    Seen = 3,
}

impl TryFrom<u8> for Evidence {
    type Error = UnknownWord;
    fn try_from(evidence: u8) -> Result<Self, UnknownWord> {
        match evidence {
            1 => Ok(Self::Opinion),
            2 => Ok(Self::Example),
            3 => Ok(Self::Seen),
            other => Err(UnknownWord { word: other.to_string(), vocabulary: "strength of evidence (1 to 3)" }),
        }
    }
}

impl From<Evidence> for u8 {
    fn from(evidence: Evidence) -> Self {
        evidence as Self
    }
}

/// The code that stands for a participant instead of a name: P1, P2, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantCode(pub u16);

impl std::fmt::Display for ParticipantCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "P{}", self.0)
    }
}

impl std::str::FromStr for ParticipantCode {
    type Err = UnknownWord;
    fn from_str(code: &str) -> Result<Self, UnknownWord> {
        code.strip_prefix('P')
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| UnknownWord { word: code.to_owned(), vocabulary: "participant code" })
    }
}
