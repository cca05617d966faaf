//! The interview as screens show it, and what is missing in it.

use std::collections::BTreeMap;

use kend_domain::{InstanceId, QuestionKind};

use crate::answer::Answer;
use crate::attachment::AttachmentRules;
use crate::instrument::{FacetKind, NodeKind};
use crate::path::AnswerPath;
use crate::problem::AnswerProblem;
use crate::sitting::Sitting;
use crate::state::Cell;
use crate::words::{Localized, Template};

/// One thing in the order of the instrument.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Words to read.
    Note(NoteItem),
    /// A question.
    Question(Box<QuestionItem>),
    /// A group.
    Group(GroupItem),
    /// A repeat.
    Repeat(RepeatItem),
}

/// What everything that is shown has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The name in the sheet.
    pub name: String,
    /// Where it is; in the template of a repeat the bare name.
    pub path: AnswerPath,
    /// The label; the name where the sheet has none.
    pub label: String,
    /// The hint.
    pub hint: Option<String>,
    /// More for those who want it.
    pub guidance_hint: Option<String>,
    /// The sheet's appearance words.
    pub appearance: Option<String>,
    /// Names of files by medium: `image`, `audio`, `video`, `big-image`.
    pub media: BTreeMap<String, String>,
    /// Whether it concerns this interview, given the other answers.
    pub relevant: bool,
}

/// Words to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteItem {
    /// What everything has.
    pub shown: Shown,
}

/// A question and all that is known about its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionItem {
    /// What everything has.
    pub shown: Shown,
    /// How it is answered.
    pub kind: QuestionKind,
    /// The sheet's parameters, as written.
    pub parameters: Option<String>,
    /// What it takes, where that is a file.
    pub attachment: Option<AttachmentRules>,
    /// Must be answered.
    pub required: bool,
    /// What to say when it is required and empty.
    pub required_message: Option<String>,
    /// Can't be changed by hand.
    pub read_only: bool,
    /// The choices that are offered.
    pub choices: Vec<ChoiceItem>,
    /// The answer, given or worked out; in a template the default.
    pub value: Option<Answer>,
    /// What is wrong with it.
    pub problem: Option<AnswerProblem>,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceItem {
    /// The name in the sheet.
    pub name: String,
    /// The label; the name where the sheet has none.
    pub label: String,
    /// Names of files by medium.
    pub media: BTreeMap<String, String>,
}

/// A group and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupItem {
    /// What everything has.
    pub shown: Shown,
    /// What is in it.
    pub items: Vec<Item>,
}

/// A repeat and its instances.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatItem {
    /// What everything has.
    pub shown: Shown,
    /// How many instances there should be (`repeat_count`).
    pub wanted: Option<usize>,
    /// The instances in order.
    pub instances: Vec<InstanceItem>,
    /// What a new instance would start as.
    pub template: Vec<Item>,
}

/// An instance of a repeat.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceItem {
    /// Its id.
    pub instance: InstanceId,
    /// Its place, from 1.
    pub number: usize,
    /// What is in it.
    pub items: Vec<Item>,
}

/// Something that an interview lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The question or repeat.
    pub path: AnswerPath,
    /// The name of the outermost group that it is in; its own outside all groups.
    pub section: String,
    /// What is missing.
    pub reason: MissingReason,
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingReason {
    /// Required and empty.
    Required,
    /// Answered, but not as it may be.
    Problem(AnswerProblem),
    /// Another number of instances than there should be.
    Instances {
        /// How many there should be.
        wanted: usize,
        /// How many there are.
        present: usize,
    },
}

impl Sitting {
    /// The whole interview in the order of the instrument, in `language`; also what is not relevant, which says so.
    pub fn walk(&self, language: &str) -> Vec<Item> {
        self.items(&self.instrument().roots, 0, language)
    }

    /// What has to be filled or mended before the interview is complete, in the order of the instrument.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        self.collect_missing(&self.instrument().roots, 0, &mut missing);
        missing
    }

    fn collect_missing(&self, nodes: &[usize], slot: usize, missing: &mut Vec<Missing>) {
        for node in nodes.iter().copied().filter(|node| self.state.is_relevant(*node, slot)) {
            let asked = self.instrument().node(node);
            let reason = match asked.kind {
                NodeKind::Group => {
                    self.collect_missing(&asked.children, slot, missing);
                    None
                }
                NodeKind::Repeat(repeat) => {
                    let present = self.state.instance_count(repeat);
                    for slot in 0..present {
                        self.collect_missing(&asked.children, slot, missing);
                    }
                    self.wanted(node)
                        .filter(|wanted| *wanted != present)
                        .map(|wanted| MissingReason::Instances { wanted, present })
                }
                NodeKind::Question(kind) => {
                    let required =
                        kind != QuestionKind::Calculate && self.state.truth(node, FacetKind::Required, slot, false);
                    if required && self.value_shown(node, slot).is_none_or(|answer| answer.value().is_empty()) {
                        Some(MissingReason::Required)
                    } else {
                        self.problem_at(node, slot).map(MissingReason::Problem)
                    }
                }
                NodeKind::Note | NodeKind::Meta(_) => None,
            };
            if let (Some(reason), Some(path)) = (reason, self.path_at(node, slot)) {
                missing.push(Missing { path, section: self.section(node), reason });
            }
        }
    }

    fn section(&self, mut node: usize) -> String {
        while let Some(parent) = self.instrument().node(node).parent {
            node = parent;
        }
        self.instrument().node(node).name.clone()
    }

    fn wanted(&self, node: usize) -> Option<usize> {
        match self.state.cell_of(node, FacetKind::Instances, 0) {
            Some(Cell::Count(count)) => *count,
            _ => None,
        }
    }

    fn items(&self, nodes: &[usize], slot: usize, language: &str) -> Vec<Item> {
        nodes.iter().filter_map(|node| self.item(*node, slot, language)).collect()
    }

    fn item(&self, node: usize, slot: usize, language: &str) -> Option<Item> {
        let asked = self.instrument().node(node);
        let shown = self.shown(node, slot, language);
        Some(match asked.kind {
            NodeKind::Group => Item::Group(GroupItem { shown, items: self.items(&asked.children, slot, language) }),
            NodeKind::Repeat(repeat) => {
                let ids = self.state.instances(repeat);
                let instances = ids.iter().enumerate().map(|(slot, instance)| InstanceItem {
                    instance: *instance,
                    number: slot + 1,
                    items: self.items(&asked.children, slot, language),
                });
                Item::Repeat(RepeatItem {
                    shown,
                    wanted: self.wanted(node),
                    instances: instances.collect(),
                    template: self.items(&asked.children, ids.len(), language),
                })
            }
            NodeKind::Note => Item::Note(NoteItem { shown }),
            NodeKind::Question(kind) => Item::Question(Box::new(self.question(node, slot, kind, shown, language))),
            NodeKind::Meta(_) => return None,
        })
    }

    fn question(&self, node: usize, slot: usize, kind: QuestionKind, shown: Shown, language: &str) -> QuestionItem {
        let asked = self.instrument().node(node);
        let is_blank = asked.repeat.is_some_and(|repeat| slot == self.state.instance_count(repeat));
        let calculated = asked.facets.contains_key(&FacetKind::Calculation);
        let value = self.value_shown(node, slot);
        QuestionItem {
            shown,
            kind,
            parameters: asked.parameters.clone(),
            attachment: asked.attachment.clone(),
            required: self.state.truth(node, FacetKind::Required, slot, false),
            required_message: self.words(&asked.required_message, node, slot, language),
            read_only: calculated || self.state.truth(node, FacetKind::ReadOnly, slot, false),
            choices: self.choices(node, slot, language),
            value: if is_blank { value.or_else(|| self.default_at(node, slot)) } else { value },
            problem: self.problem_at(node, slot),
        }
    }

    fn choices(&self, node: usize, slot: usize, language: &str) -> Vec<ChoiceItem> {
        let Some(place) = self.instrument().node(node).list else { return Vec::new() };
        let list = self.instrument().list(place);
        let item = |choice: usize| {
            let listed = list.choices.get(choice)?;
            Some(ChoiceItem {
                name: listed.name.clone(),
                label: self.state.choice_words(place, choice, node, slot, language),
                media: self.media(&listed.media, language),
            })
        };
        match self.state.cell_of(node, FacetKind::Choices, slot) {
            Some(Cell::Choices(offered)) => offered.iter().filter_map(|choice| item(*choice)).collect(),
            _ => (0..list.choices.len()).filter_map(item).collect(),
        }
    }

    fn shown(&self, node: usize, slot: usize, language: &str) -> Shown {
        let asked = self.instrument().node(node);
        Shown {
            name: asked.name.clone(),
            path: self.path_at(node, slot).unwrap_or_else(|| AnswerPath::outside(&asked.name)),
            label: self.label_at(node, slot, language),
            hint: self.words(&asked.hint, node, slot, language),
            guidance_hint: self.words(&asked.guidance_hint, node, slot, language),
            appearance: asked.appearance.clone(),
            media: self.media(&asked.media, language),
            relevant: self.state.is_relevant(node, slot),
        }
    }

    fn words(&self, words: &Localized<Template>, node: usize, slot: usize, language: &str) -> Option<String> {
        let template = words.pick(language, self.instrument().default_language())?;
        Some(self.state.fill(template, node, slot, language))
    }

    fn media(&self, media: &BTreeMap<String, Localized<String>>, language: &str) -> BTreeMap<String, String> {
        let default = self.instrument().default_language();
        media
            .iter()
            .filter_map(|(medium, files)| Some((medium.clone(), files.pick(language, default)?.clone())))
            .collect()
    }
}
