//! Cards and priorities by their words in the log.

use std::fmt;

use kend_domain::{Dimension, Theme};

use crate::api::{CardSubject, PriorityKind};

/// What one card is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Card {
    /// The class of the cluster.
    Class,
    /// A dimension: what data and voices say.
    Dimension(Dimension),
    /// A theme.
    Theme(Theme),
    /// A gap, and what fits it.
    Gap(Dimension),
}

impl Card {
    pub(crate) const fn subject(self) -> CardSubject {
        match self {
            Self::Class => CardSubject::Class,
            Self::Dimension(_) => CardSubject::Dimension,
            Self::Theme(_) => CardSubject::Theme,
            Self::Gap(_) => CardSubject::Gap,
        }
    }

    pub(crate) const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Dimension(dimension) | Self::Gap(dimension) => Some(dimension),
            Self::Class | Self::Theme(_) => None,
        }
    }

    pub(crate) const fn theme(self) -> Option<Theme> {
        match self {
            Self::Theme(theme) => Some(theme),
            Self::Class | Self::Dimension(_) | Self::Gap(_) => None,
        }
    }
}

impl fmt::Display for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class => formatter.write_str("class"),
            Self::Dimension(dimension) => write!(formatter, "dimension_{dimension}"),
            Self::Theme(theme) => write!(formatter, "theme_{theme}"),
            Self::Gap(dimension) => write!(formatter, "gap_{dimension}"),
        }
    }
}

/// What can be put in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A dimension that lags.
    Dimension(Dimension),
    /// An intervention, by its id in the table.
    Intervention(String),
    /// A theme.
    Theme(Theme),
}

impl Priority {
    /// Its word in the log.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Dimension(dimension) => format!("dimension_{dimension}"),
            Self::Intervention(id) => format!("intervention_{id}"),
            Self::Theme(theme) => format!("theme_{theme}"),
        }
    }

    /// Reads a word of the log.
    pub(crate) fn read(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_once('_')?;
        match kind {
            "dimension" => rest.parse().ok().map(Self::Dimension),
            "theme" => rest.parse().ok().map(Self::Theme),
            "intervention" => Some(Self::Intervention(rest.to_owned())),
            _ => None,
        }
    }

    pub(crate) const fn kind(&self) -> PriorityKind {
        match self {
            Self::Dimension(_) => PriorityKind::Dimension,
            Self::Intervention(_) => PriorityKind::Intervention,
            Self::Theme(_) => PriorityKind::Theme,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_priority_is_read_back_from_its_word_and_nothing_else_is_one() {
        let dimensions = Dimension::ALL.iter().map(|dimension| Priority::Dimension(*dimension));
        let themes = Theme::ALL.iter().map(|theme| Priority::Theme(*theme));
        for priority in dimensions.chain(themes).chain([Priority::Intervention("transport_links".to_owned())]) {
            assert_eq!(Priority::read(&priority.id()), Some(priority));
        }
        for word in ["", "theme", "theme_religion", "dimension_", "gap_governance"] {
            assert_eq!(Priority::read(word), None, "{word}");
        }
    }
}
