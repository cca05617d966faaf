//! What an entry does to its entity.

use crate::{Attachment, Dot, Element, Path, Value};

/// Gives a closed vocabulary its code in the log and its word.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $word:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code in the log.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The one with a code.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// A step in the review of an interview.
    Act {
        /// The enumerator signs off.
        Submit = 1, "submit";
        /// A supervisor sends it back, with comments.
        Return = 2, "return";
        /// A supervisor accepts it.
        Approve = 3, "approve";
    }
}

coded! {
    /// Why content was erased.
    Reason {
        /// Consent was withdrawn.
        ConsentWithdrawn = 1, "consent_withdrawn";
        /// Something was recorded that must not be kept, such as a name.
        MustNotBeKept = 2, "must_not_be_kept";
    }
}

/// One change of an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// Give or change the value at a path. Supersedes the values there that the entry had seen.
    Set {
        /// Where.
        path: Path,
        /// What.
        value: Value,
    },
    /// Take the value at a path away. Stands beside values set at the same time elsewhere.
    Clear {
        /// Where.
        path: Path,
    },
    /// Put an element into a set.
    Add {
        /// The set.
        path: Path,
        /// The element.
        element: Element,
    },
    /// Take an element out of a set: the additions that were seen. One added at the same time elsewhere stays.
    Remove {
        /// The set.
        path: Path,
        /// The element.
        element: Element,
        /// The additions seen, ascending, all in the entry's context.
        seen: Vec<Dot>,
    },
    /// Judge the entity as the entry's context had it.
    Judge {
        /// Submit, return or approve.
        act: Act,
    },
    /// Erase content for good, here and everywhere, what was written before and what comes later.
    Erase {
        /// The path whose content goes with everything below it, or none for all content.
        under: Option<Path>,
        /// Why.
        reason: Reason,
    },
}

impl Op {
    /// The path whose content the op carries. None for judgements and erasures, which carry no content.
    pub const fn path(&self) -> Option<&Path> {
        match self {
            Self::Set { path, .. } | Self::Clear { path } | Self::Add { path, .. } | Self::Remove { path, .. } => {
                Some(path)
            }
            Self::Judge { .. } | Self::Erase { .. } => None,
        }
    }

    /// The attachment that it sets.
    pub const fn attachment(&self) -> Option<&Attachment> {
        match self {
            Self::Set { value, .. } => value.as_attachment(),
            _ => None,
        }
    }

    /// Whether an erasure of `under` (none: of everything) takes the op's content away.
    pub fn is_erased_by(&self, under: Option<&Path>) -> bool {
        match (self.path(), under) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(path), Some(under)) => path.is_under(under),
        }
    }
}
