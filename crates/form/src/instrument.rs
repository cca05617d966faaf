//! An instrument: sections, questions and choices as read from the sheets, every expression resolved.
//!
//! Nodes, lists and expressions refer to each other by place, checked while reading; nothing changes afterwards, so an
//! instrument is shared by all interviews held with it.

use std::collections::BTreeMap;

use kend_domain::QuestionKind;

use crate::answer::{self, Answer, RawValue};
use crate::attachment::AttachmentRules;
use crate::expression::resolve::Expression;
use crate::problem::AnswerProblem;
use crate::words::{Localized, Template};

/// A versioned question guide.
#[derive(Debug, Default)]
pub struct Instrument {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: Localized<String>,
    pub(crate) default_language: String,
    pub(crate) languages: Vec<String>,
    /// In the order of the sheet.
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: BTreeMap<String, usize>,
    /// The nodes outside all groups.
    pub(crate) roots: Vec<usize>,
    /// The node of each repeat.
    pub(crate) repeats: Vec<usize>,
    pub(crate) lists: Vec<List>,
    pub(crate) facets: Vec<Facet>,
    /// Facets in an order in which each comes after all that it depends on.
    pub(crate) order: Vec<usize>,
}

/// A row of the survey sheet.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) kind: NodeKind,
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
    /// The repeat that it is in.
    pub(crate) repeat: Option<usize>,
    pub(crate) list: Option<usize>,
    pub(crate) label: Localized<Template>,
    pub(crate) hint: Localized<Template>,
    pub(crate) guidance_hint: Localized<Template>,
    pub(crate) required_message: Localized<Template>,
    pub(crate) constraint_message: Localized<Template>,
    pub(crate) media: BTreeMap<String, Localized<String>>,
    pub(crate) appearance: Option<String>,
    pub(crate) parameters: Option<String>,
    /// What it takes, where that is a file.
    pub(crate) attachment: Option<AttachmentRules>,
    pub(crate) default: Option<Default>,
    /// The facets that belong to it, by what they decide.
    pub(crate) facets: BTreeMap<FacetKind, usize>,
    /// Its own relevance or that of the nearest group around it that has one.
    pub(crate) relevance: Option<usize>,
    /// What reads its answer.
    pub(crate) feeds: Vec<Feed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Group,
    Repeat(usize),
    Note,
    Question(QuestionKind),
    Meta(Meta),
}

/// What the device answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meta {
    Start,
    End,
    Today,
    DeviceId,
}

/// What a question starts with.
#[derive(Debug)]
pub(crate) enum Default {
    Answer(Answer),
    Expression(Expression),
}

/// A list of the choices sheet.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) name: String,
    pub(crate) choices: Vec<Choice>,
    /// The place of the first choice of each name.
    pub(crate) names: BTreeMap<String, usize>,
    /// The columns of the sheet that are no label or medium.
    pub(crate) columns: Vec<String>,
    /// The questions that its labels mention.
    pub(crate) mentions: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) label: Localized<Template>,
    pub(crate) media: BTreeMap<String, Localized<String>>,
    pub(crate) columns: BTreeMap<String, String>,
}

impl List {
    pub(crate) fn choice_named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(crate) fn has_column(&self, column: &str) -> bool {
        matches!(column, "name" | "label") || self.columns.iter().any(|known| known == column)
    }
}

/// Something about a node that is worked out by an expression.
#[derive(Debug)]
pub(crate) struct Facet {
    pub(crate) node: usize,
    pub(crate) kind: FacetKind,
    pub(crate) expression: Expression,
    /// The repeat that it is evaluated in once per instance.
    pub(crate) repeat: Option<usize>,
    /// For relevance: that of the nearest group around.
    pub(crate) around: Option<usize>,
    /// Its place in the order of evaluation.
    pub(crate) rank: usize,
    /// What depends on it.
    pub(crate) feeds: Vec<Feed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FacetKind {
    Relevant,
    Calculation,
    Required,
    ReadOnly,
    Constraint,
    Choices,
    /// How many instances a repeat should have.
    Instances,
}

/// A facet that has to be evaluated again when what feeds it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Feed {
    pub(crate) facet: usize,
    /// In the instance that changed only, or everywhere.
    pub(crate) same_instance: bool,
}

impl Instrument {
    /// The form's id (`form_id`).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The form's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The title in `language`, else in the default language.
    pub fn title(&self, language: &str) -> &str {
        self.title.pick(language, &self.default_language).unwrap_or(&self.id)
    }

    /// The code of the language that stands in for a missing translation.
    pub fn default_language(&self) -> &str {
        &self.default_language
    }

    /// The codes of the languages, in the order of their columns.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The kind of a question; nothing for groups, repeats, notes, meta fields and unknown names.
    pub fn question_kind(&self, name: &str) -> Option<QuestionKind> {
        match self.node(self.node_named(name)?).kind {
            NodeKind::Question(kind) => Some(kind),
            _ => None,
        }
    }

    /// The name of the repeat that a question is in.
    pub fn repeat_of(&self, name: &str) -> Option<&str> {
        let repeat = self.node(self.node_named(name)?).repeat?;
        self.repeat_name(repeat)
    }

    /// The names of the repeats, in the order of the sheet.
    pub fn repeats(&self) -> impl Iterator<Item = &str> {
        self.repeats.iter().map(|node| self.node(*node).name.as_str())
    }

    /// Makes an answer of a raw value for the question `name`; nothing when the value is empty.
    ///
    /// This looks at the value alone: [`crate::Sitting::set`] looks at the interview too.
    pub fn parse(&self, name: &str, raw: RawValue<'_>) -> Result<Option<Answer>, AnswerProblem> {
        let node = self.node_named(name).ok_or_else(|| AnswerProblem::UnknownPath { path: name.to_owned() })?;
        let node = self.node(node);
        match node.kind {
            NodeKind::Question(QuestionKind::Calculate) => Err(AnswerProblem::Calculated { name: name.to_owned() }),
            NodeKind::Question(kind) => answer::parse(kind, node.list.map(|list| self.list(list)), raw),
            _ => Err(AnswerProblem::NotAnswerable { name: name.to_owned() }),
        }
    }

    pub(crate) fn node_named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(crate) fn list_named(&self, name: &str) -> Option<usize> {
        self.lists.iter().position(|list| list.name == name)
    }

    pub(crate) fn repeat_named(&self, name: &str) -> Option<usize> {
        match self.node(self.node_named(name)?).kind {
            NodeKind::Repeat(repeat) => Some(repeat),
            _ => None,
        }
    }

    pub(crate) fn repeat_name(&self, repeat: usize) -> Option<&str> {
        self.repeats.get(repeat).map(|node| self.node(*node).name.as_str())
    }

    /// The node at a place that came from this instrument.
    #[expect(clippy::expect_used, reason = "places are handed out by the instrument itself and nodes never go")]
    pub(crate) fn node(&self, node: usize) -> &Node {
        self.nodes.get(node).expect("BUG: a node's place is of another instrument")
    }

    /// The list at a place that came from this instrument.
    #[expect(clippy::expect_used, reason = "places are handed out by the instrument itself and lists never go")]
    pub(crate) fn list(&self, list: usize) -> &List {
        self.lists.get(list).expect("BUG: a list's place is of another instrument")
    }

    /// The facet at a place that came from this instrument.
    #[expect(clippy::expect_used, reason = "places are handed out by the instrument itself and facets never go")]
    pub(crate) fn facet(&self, facet: usize) -> &Facet {
        self.facets.get(facet).expect("BUG: a facet's place is of another instrument")
    }
}
