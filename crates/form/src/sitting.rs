//! An interview in progress: an instrument and the answers so far.
//!
//! The log's fold is the truth and a sitting is rebuilt from it at any time: nothing from the log is dropped, also not
//! what this version of the instrument has no place for ([`Sitting::unplaced`]) or what breaks a constraint (shown as
//! a problem). New answers are held to the rules: [`Sitting::set`] refuses what does not fit and then changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::{InstanceId, QuestionKind};

use crate::answer::{self, Answer, RawValue};
use crate::attachment::AttachmentRules;
use crate::changed::Changed;
use crate::expression::value::Value;
use crate::instrument::{Default, FacetKind, Instrument, NodeKind};
use crate::limits;
use crate::path::AnswerPath;
use crate::problem::{AnswerProblem, InstanceProblem};
use crate::state::{Cell, Place, State, Surroundings};

/// An interview in progress.
#[derive(Debug, Clone)]
pub struct Sitting {
    pub(crate) state: State,
    unplaced: BTreeMap<AnswerPath, Answer>,
}

impl Sitting {
    /// Rebuilds an interview from its answers and the instances of its repeats, in order.
    pub fn new(
        instrument: Arc<Instrument>,
        answers: BTreeMap<AnswerPath, Answer>,
        instances: &BTreeMap<String, Vec<InstanceId>>,
        surroundings: Surroundings,
    ) -> Self {
        let mut known = vec![Vec::<InstanceId>::new(); instrument.repeats.len()];
        for (repeat, ids) in instances {
            let Some(slots) = instrument.repeat_named(repeat).and_then(|repeat| known.get_mut(repeat)) else {
                continue;
            };
            for id in ids {
                if !slots.contains(id) {
                    slots.push(*id);
                }
            }
        }
        let mut placed = Vec::new();
        let mut unplaced = BTreeMap::new();
        for (path, answer) in answers {
            match place(&instrument, &known, &path) {
                Some(place) if matches!(instrument.node(place.0).kind, NodeKind::Question(_)) => {
                    placed.push((place, answer));
                }
                _ => _ = unplaced.insert(path, answer),
            }
        }
        Self { state: State::new(instrument, known, placed, surroundings), unplaced }
    }

    /// The instrument.
    pub fn instrument(&self) -> &Instrument {
        self.state.instrument()
    }

    /// Answers that the instrument has no question for, or that are in an instance which was removed.
    pub fn unplaced(&self) -> &BTreeMap<AnswerPath, Answer> {
        &self.unplaced
    }

    /// How many expressions were evaluated in the life of this sitting.
    pub fn evaluations(&self) -> usize {
        self.state.evaluations()
    }

    /// The given answer or calculated value, relevant or not.
    pub fn answer(&self, path: &AnswerPath) -> Option<Answer> {
        let (node, slot) = self.place(path)?;
        self.value_shown(node, slot)
    }

    /// Whether the question, group or repeat at `path` is relevant; nothing where there is none.
    pub fn is_relevant(&self, path: &AnswerPath) -> Option<bool> {
        self.place(path).map(|(node, slot)| self.state.is_relevant(node, slot))
    }

    /// What is wrong with the answer at `path`, if it is relevant.
    pub fn problem(&self, path: &AnswerPath) -> Option<AnswerProblem> {
        self.place(path).and_then(|(node, slot)| self.problem_at(node, slot))
    }

    /// The label of a question, group or repeat in `language`, with its references filled.
    pub fn label(&self, path: &AnswerPath, language: &str) -> Option<String> {
        self.place(path).map(|(node, slot)| self.label_at(node, slot, language))
    }

    /// The instances of a repeat, in order.
    pub fn instances(&self, repeat: &str) -> &[InstanceId] {
        self.instrument().repeat_named(repeat).map_or(&[], |repeat| self.state.instances(repeat))
    }

    /// Gives, changes or clears an answer. What does not fit is refused and changes nothing.
    pub fn set(&mut self, path: &AnswerPath, answer: Option<Answer>) -> Result<Changed, AnswerProblem> {
        let (node, slot) = self.settable(path)?;
        if let Some(answer) = &answer {
            self.check(node, slot, answer)?;
        }
        let before = self.state.evaluations();
        let mut changed = Changed { is_relevant: self.state.is_relevant(node, slot), ..Changed::default() };
        if self.state.answer(node, slot) != answer.as_ref() {
            let facets = self.state.answer_changed(node, slot, answer);
            self.tell(&facets, &mut changed);
        }
        changed.evaluations = self.state.evaluations() - before;
        Ok(changed)
    }

    /// What the question at `path` takes, where that is a file and it may be answered now.
    pub fn attachment_rules(&self, path: &AnswerPath) -> Result<&AttachmentRules, AnswerProblem> {
        let (node, _) = self.settable(path)?;
        let asked = self.instrument().node(node);
        asked.attachment.as_ref().ok_or_else(|| AnswerProblem::TakesNoFile { name: asked.name.clone() })
    }

    /// Whether [`Sitting::set`] would take the answer, and if not, why.
    pub fn try_answer(&self, path: &AnswerPath, answer: &Answer) -> Result<(), AnswerProblem> {
        let (node, slot) = self.settable(path)?;
        self.check(node, slot, answer)
    }

    /// Makes an answer of a raw value for the question at `path`; nothing when the value is empty.
    pub fn parse(&self, path: &AnswerPath, raw: RawValue<'_>) -> Result<Option<Answer>, AnswerProblem> {
        self.settable(path)?;
        self.instrument().parse(&path.name, raw)
    }

    /// Adds an instance to a repeat, after the others.
    pub fn add_instance(&mut self, repeat: &str, instance: InstanceId) -> Result<Changed, InstanceProblem> {
        let unknown = || InstanceProblem::UnknownRepeat(repeat.to_owned());
        let place = self.instrument().repeat_named(repeat).ok_or_else(unknown)?;
        let present = self.state.instances(place);
        if present.contains(&instance) {
            return Err(InstanceProblem::AlreadyThere(repeat.to_owned()));
        }
        if present.len() >= limits::REPEAT_INSTANCES {
            return Err(InstanceProblem::TooMany { repeat: repeat.to_owned(), limit: limits::REPEAT_INSTANCES });
        }
        let mut instances = self.named_instances();
        instances.entry(repeat.to_owned()).or_default().push(instance);
        Ok(self.rebuild(&instances))
    }

    /// Removes an instance. Its answers stay among the unplaced, so that adding it again brings them back.
    pub fn remove_instance(&mut self, repeat: &str, instance: InstanceId) -> Result<Changed, InstanceProblem> {
        let unknown = || InstanceProblem::UnknownRepeat(repeat.to_owned());
        let place = self.instrument().repeat_named(repeat).ok_or_else(unknown)?;
        if !self.state.instances(place).contains(&instance) {
            return Err(InstanceProblem::UnknownInstance(repeat.to_owned()));
        }
        let mut instances = self.named_instances();
        instances.entry(repeat.to_owned()).or_default().retain(|present| *present != instance);
        Ok(self.rebuild(&instances))
    }

    /// The answers that the interview starts with, or a new instance of `repeat`: the sheet's defaults. Whoever starts
    /// the one or adds the other records them; from then on they are answers like any other.
    pub fn defaults(&self, repeat: Option<&str>) -> Vec<(String, Answer)> {
        let repeat = match repeat {
            None => None,
            Some(name) => match self.instrument().repeat_named(name) {
                Some(repeat) => Some(repeat),
                None => return Vec::new(),
            },
        };
        let slot = repeat.map_or(0, |repeat| self.state.instance_count(repeat));
        let nodes = self.instrument().nodes.iter().enumerate().filter(|(_, node)| node.repeat == repeat);
        nodes.filter_map(|(place, node)| Some((node.name.clone(), self.default_at(place, slot)?))).collect()
    }

    /// All given answers by path, placed or not.
    pub fn answers(&self) -> BTreeMap<AnswerPath, Answer> {
        let placed = self.state.given().filter_map(|((node, slot), answer)| {
            // The blank instance has no answers: every slot with one has an id.
            Some((self.path_at(node, slot)?, answer.clone()))
        });
        placed.chain(self.unplaced.iter().map(|(path, answer)| (path.clone(), answer.clone()))).collect()
    }

    pub(crate) fn default_at(&self, node: usize, slot: usize) -> Option<Answer> {
        let asked = self.instrument().node(node);
        let NodeKind::Question(kind) = asked.kind else { return None };
        match asked.default.as_ref()? {
            Default::Answer(answer) => Some(answer.clone()),
            Default::Expression(expression) => {
                let value = self.state.context(node, slot).evaluate(expression).single();
                let list = asked.list.map(|list| self.instrument().list(list));
                // A default that does not fit its question is no answer.
                answer::parse(kind, list, RawValue::Text(&value.text())).ok().flatten()
            }
        }
    }

    fn place(&self, path: &AnswerPath) -> Option<Place> {
        place(self.instrument(), self.state.all_instances(), path)
    }

    /// The path of a node in a slot; nothing in the blank instance.
    pub(crate) fn path_at(&self, node: usize, slot: usize) -> Option<AnswerPath> {
        let asked = self.instrument().node(node);
        match asked.repeat {
            None => Some(AnswerPath::outside(&asked.name)),
            Some(repeat) => {
                let instance = self.state.instances(repeat).get(slot)?;
                Some(AnswerPath::inside(self.instrument().repeat_name(repeat)?, *instance, &asked.name))
            }
        }
    }

    fn settable(&self, path: &AnswerPath) -> Result<Place, AnswerProblem> {
        let (node, slot) = self.place(path).ok_or_else(|| AnswerProblem::UnknownPath { path: path.to_string() })?;
        let asked = self.instrument().node(node);
        let name = || asked.name.clone();
        if !matches!(asked.kind, NodeKind::Question(_)) {
            return Err(AnswerProblem::NotAnswerable { name: name() });
        }
        if asked.facets.contains_key(&FacetKind::Calculation) {
            return Err(AnswerProblem::Calculated { name: name() });
        }
        if self.state.truth(node, FacetKind::ReadOnly, slot, false) {
            return Err(AnswerProblem::ReadOnly { name: name() });
        }
        Ok((node, slot))
    }

    fn check(&self, node: usize, slot: usize, answer: &Answer) -> Result<(), AnswerProblem> {
        self.check_by_itself(node, slot, answer)?;
        if self.state.allows(node, slot, &self.state.as_value(answer)) {
            Ok(())
        } else {
            Err(self.broken_constraint(node, slot))
        }
    }

    /// Whether an answer fits its question, the constraint aside.
    fn check_by_itself(&self, node: usize, slot: usize, answer: &Answer) -> Result<(), AnswerProblem> {
        let asked = self.instrument().node(node);
        let NodeKind::Question(kind) = asked.kind else {
            return Err(AnswerProblem::NotAnswerable { name: asked.name.clone() });
        };
        let list = asked.list.map(|list| self.instrument().list(list));
        answer::check(kind, list, answer)?;
        if let (Some(rules), Answer::Attached(attached)) = (&asked.attachment, answer) {
            rules.check(attached)?;
        }
        let (Some(list), Some(Cell::Choices(offered))) = (list, self.state.cell_of(node, FacetKind::Choices, slot))
        else {
            return Ok(());
        };
        let names = match answer {
            Answer::One(name) => std::slice::from_ref(name),
            Answer::Many(names) => names.as_slice(),
            _ => &[],
        };
        // The same name may stand for several choices, one in each rayon, say: any of them may be offered.
        let is_offered = |name: &String| {
            offered.iter().any(|place| list.choices.get(*place).is_some_and(|choice| choice.name == *name))
        };
        match names.iter().find(|name| !is_offered(name)) {
            Some(name) => Err(AnswerProblem::NotOffered { name: name.clone() }),
            None => Ok(()),
        }
    }

    fn broken_constraint(&self, node: usize, slot: usize) -> AnswerProblem {
        let words = &self.instrument().node(node).constraint_message;
        let mut messages = BTreeMap::new();
        if let Some(template) = &words.plain {
            messages.insert(String::new(), self.state.fill(template, node, slot, ""));
        }
        for (language, template) in &words.by_language {
            messages.insert(language.clone(), self.state.fill(template, node, slot, language));
        }
        AnswerProblem::Constraint { messages }
    }

    /// What is wrong with a relevant node's answer.
    pub(crate) fn problem_at(&self, node: usize, slot: usize) -> Option<AnswerProblem> {
        if !self.state.is_relevant(node, slot) {
            return None;
        }
        let calculated = self.instrument().node(node).facets.contains_key(&FacetKind::Calculation);
        if let (false, Some(answer)) = (calculated, self.state.answer(node, slot))
            && let Err(problem) = self.check_by_itself(node, slot, answer)
        {
            return Some(problem);
        }
        let allowed = self.state.truth(node, FacetKind::Constraint, slot, true);
        (!allowed).then(|| self.broken_constraint(node, slot))
    }

    /// The answer as it is shown: given, or worked out.
    pub(crate) fn value_shown(&self, node: usize, slot: usize) -> Option<Answer> {
        let asked = self.instrument().node(node);
        let value = match self.state.cell_of(node, FacetKind::Calculation, slot) {
            Some(Cell::Value(value)) => value.clone(),
            _ if matches!(asked.kind, NodeKind::Meta(_)) => self.state.value(node, slot).unwrap_or(Value::EMPTY),
            _ => return self.state.answer(node, slot).cloned(),
        };
        match asked.kind {
            NodeKind::Question(kind) if kind != QuestionKind::Calculate => {
                let list = asked.list.map(|list| self.instrument().list(list));
                let typed = answer::parse(kind, list, RawValue::Text(&value.text()));
                typed.unwrap_or_else(|_| Answer::of_value(&value))
            }
            _ => Answer::of_value(&value),
        }
    }

    pub(crate) fn label_at(&self, node: usize, slot: usize, language: &str) -> String {
        let asked = self.instrument().node(node);
        match asked.label.pick(language, self.instrument().default_language()) {
            Some(label) => self.state.fill(label, node, slot, language),
            None => asked.name.clone(),
        }
    }

    fn named_instances(&self) -> BTreeMap<String, Vec<InstanceId>> {
        let instances = self.state.all_instances().iter().cloned();
        self.instrument().repeats().map(str::to_owned).zip(instances).collect()
    }

    /// Evaluates everything anew: instances come and go seldom, and a position in a repeat may concern anything.
    fn rebuild(&mut self, instances: &BTreeMap<String, Vec<InstanceId>>) -> Changed {
        let before = self.snapshot();
        let instrument = Arc::clone(self.state.shared_instrument());
        *self = Self::new(instrument, self.answers(), instances, self.state.surroundings().clone());
        let after = self.snapshot();
        let mut changed = Changed { is_relevant: true, evaluations: self.state.evaluations(), ..Changed::default() };
        for (path, (relevant, calculated)) in after {
            match before.get(&path) {
                None | Some((false, _)) if relevant => changed.relevant.push(path),
                Some((true, _)) if !relevant => changed.irrelevant.push(path),
                Some((_, value)) if *value != calculated => changed.calculated.push(path),
                _ => {}
            }
        }
        changed
    }

    /// Each question with its relevance and its calculated value.
    fn snapshot(&self) -> BTreeMap<AnswerPath, (bool, Option<Answer>)> {
        let mut snapshot = BTreeMap::new();
        for (node, asked) in self.instrument().nodes.iter().enumerate() {
            if !matches!(asked.kind, NodeKind::Question(_) | NodeKind::Note) {
                continue;
            }
            let calculated = asked.facets.contains_key(&FacetKind::Calculation);
            for slot in 0..asked.repeat.map_or(1, |repeat| self.state.instance_count(repeat)) {
                let value = if calculated { self.value_shown(node, slot) } else { None };
                if let Some(path) = self.path_at(node, slot) {
                    snapshot.insert(path, (self.state.is_relevant(node, slot), value));
                }
            }
        }
        snapshot
    }

    /// Says what changed facets mean for questions.
    fn tell(&self, facets: &[Place], changed: &mut Changed) {
        for (facet, slot) in facets {
            let instrument = self.instrument();
            let (kind, owner) = (instrument.facet(*facet).kind, instrument.facet(*facet).node);
            match kind {
                FacetKind::Relevant => {
                    let governed = instrument.nodes.iter().enumerate().filter(|(_, node)| {
                        node.relevance == Some(*facet) && matches!(node.kind, NodeKind::Question(_) | NodeKind::Note)
                    });
                    for (place, node) in governed {
                        // A group around a repeat governs every instance of it.
                        let slots = match (instrument.facet(*facet).repeat, node.repeat) {
                            (None, Some(repeat)) => 0..self.state.instance_count(repeat),
                            _ => *slot..*slot + 1,
                        };
                        for path in slots.filter_map(|slot| self.path_at(place, slot)) {
                            let relevant = self.state.truth(owner, kind, *slot, true);
                            if relevant { &mut changed.relevant } else { &mut changed.irrelevant }.push(path);
                        }
                    }
                }
                FacetKind::Calculation => changed.calculated.extend(self.path_at(owner, *slot)),
                _ => changed.otherwise.extend(self.path_at(owner, *slot)),
            }
        }
        changed.otherwise.sort();
        changed.otherwise.dedup();
    }
}

fn place(instrument: &Instrument, instances: &[Vec<InstanceId>], path: &AnswerPath) -> Option<Place> {
    let node = instrument.node_named(&path.name)?;
    match (&path.instance, instrument.node(node).repeat) {
        (None, None) => Some((node, 0)),
        (Some((repeat, id)), Some(own)) if instrument.repeat_name(own) == Some(repeat) => {
            Some((node, instances.get(own)?.iter().position(|present| present == id)?))
        }
        _ => None,
    }
}
