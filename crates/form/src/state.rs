//! The answers of one interview and everything worked out from them, kept in step.
//!
//! A slot is an instance of a repeat by its place; a node outside repeats has the one slot 0. Each repeat has one slot
//! more than it has instances: the blank instance that a new one would start as. It is worked out like the others, so
//! that the questions of a new instance can be shown, and no expression outside it sees it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use kend_domain::{DeviceId, InstanceId, QuestionKind};

use crate::answer::Answer;
use crate::expression::evaluate::{Context, whole};
use crate::expression::value::Value;
use crate::instrument::{FacetKind, Feed, Instrument, Meta, NodeKind};
use crate::words::Template;

/// What expressions may know of the world; handed in, so that an interview is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// What the clock says, in local time.
    pub now: DateTime<FixedOffset>,
    /// When the interview was started (`start`).
    pub started_at: Option<DateTime<FixedOffset>>,
    /// The device (`deviceid`).
    pub device: Option<DeviceId>,
    /// The code of the language that the interview is held in, for `jr:choice-name`.
    pub language: String,
}

impl Surroundings {
    /// The local day.
    pub fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }
}

/// What a facet gave in one slot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Truth(bool),
    Value(Value),
    /// Places in the list of choices.
    Choices(Vec<usize>),
    Count(Option<usize>),
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    instrument: Arc<Instrument>,
    surroundings: Surroundings,
    /// The instances of each repeat, in order.
    instances: Vec<Vec<InstanceId>>,
    /// The answers, by node and slot.
    answers: Vec<Vec<Option<Answer>>>,
    /// What was worked out, by facet and slot.
    cells: Vec<Vec<Cell>>,
    evaluations: usize,
}

/// A node or facet and a slot.
pub(crate) type Place = (usize, usize);

impl State {
    pub(crate) fn new(
        instrument: Arc<Instrument>,
        instances: Vec<Vec<InstanceId>>,
        answers: impl IntoIterator<Item = (Place, Answer)>,
        surroundings: Surroundings,
    ) -> Self {
        let slots = |repeat: Option<usize>| repeat.map_or(1, |repeat| instances.get(repeat).map_or(0, Vec::len) + 1);
        let mut table = instrument.nodes.iter().map(|node| vec![None; slots(node.repeat)]).collect::<Vec<_>>();
        for ((node, slot), answer) in answers {
            if let Some(place) = table.get_mut(node).and_then(|slots| slots.get_mut(slot)) {
                *place = Some(answer);
            }
        }
        let cells = instrument
            .facets
            .iter()
            .map(|facet| vec![Cell::Truth(facet.kind != FacetKind::Relevant); slots(facet.repeat)])
            .collect();
        let mut state = Self { instrument, surroundings, instances, answers: table, cells, evaluations: 0 };
        state.evaluate_all();
        state
    }

    pub(crate) fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    pub(crate) fn shared_instrument(&self) -> &Arc<Instrument> {
        &self.instrument
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub(crate) fn language(&self) -> &str {
        &self.surroundings.language
    }

    pub(crate) fn instances(&self, repeat: usize) -> &[InstanceId] {
        self.instances.get(repeat).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn all_instances(&self) -> &[Vec<InstanceId>] {
        &self.instances
    }

    pub(crate) fn instance_count(&self, repeat: usize) -> usize {
        self.instances(repeat).len()
    }

    /// How many facets were evaluated so far.
    pub(crate) fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// All given answers with their places.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Place, &Answer)> {
        self.answers.iter().enumerate().flat_map(|(node, slots)| {
            slots.iter().enumerate().filter_map(move |(slot, answer)| Some(((node, slot), answer.as_ref()?)))
        })
    }

    pub(crate) fn answer(&self, node: usize, slot: usize) -> Option<&Answer> {
        self.answers.get(node)?.get(slot_in(self.instrument.node(node).repeat, slot))?.as_ref()
    }

    fn cell(&self, facet: usize, slot: usize) -> Option<&Cell> {
        self.cells.get(facet)?.get(slot_in(self.instrument.facet(facet).repeat, slot))
    }

    pub(crate) fn cell_of(&self, node: usize, kind: FacetKind, slot: usize) -> Option<&Cell> {
        self.cell(*self.instrument.node(node).facets.get(&kind)?, slot)
    }

    /// Whether a facet of yes or no says yes; `otherwise` where the node has none.
    pub(crate) fn truth(&self, node: usize, kind: FacetKind, slot: usize, otherwise: bool) -> bool {
        match self.cell_of(node, kind, slot) {
            Some(Cell::Truth(truth)) => *truth,
            _ => otherwise,
        }
    }

    pub(crate) fn is_relevant(&self, node: usize, slot: usize) -> bool {
        match self.instrument.node(node).relevance.and_then(|facet| self.cell(facet, slot)) {
            Some(Cell::Truth(truth)) => *truth,
            _ => true,
        }
    }

    /// A node's value as expressions see it; nothing for one that is not relevant.
    pub(crate) fn value(&self, node: usize, slot: usize) -> Option<Value> {
        if !self.is_relevant(node, slot) {
            return None;
        }
        Some(match self.instrument.node(node).kind {
            NodeKind::Group | NodeKind::Repeat(_) | NodeKind::Note => Value::EMPTY,
            NodeKind::Meta(meta) => self.meta(meta),
            NodeKind::Question(_) => match self.cell_of(node, FacetKind::Calculation, slot) {
                Some(Cell::Value(value)) => value.clone(),
                Some(_) => Value::EMPTY,
                None => self.stored_value(node, slot).unwrap_or(Value::EMPTY),
            },
        })
    }

    fn meta(&self, meta: Meta) -> Value {
        match meta {
            Meta::Start => self.surroundings.started_at.map_or(Value::EMPTY, |moment| self.local(moment)),
            Meta::End => Value::DateTime(self.surroundings.now),
            Meta::Today => Value::Date(self.surroundings.today()),
            Meta::DeviceId => self.surroundings.device.map_or(Value::EMPTY, |device| Value::Text(device.to_string())),
        }
    }

    fn local(&self, moment: DateTime<FixedOffset>) -> Value {
        Value::DateTime(moment.with_timezone(self.surroundings.now.offset()))
    }

    /// A given answer as a value, relevant or not.
    pub(crate) fn stored_value(&self, node: usize, slot: usize) -> Option<Value> {
        self.answer(node, slot).map(|answer| self.as_value(answer))
    }

    pub(crate) fn as_value(&self, answer: &Answer) -> Value {
        match answer {
            // Compared with `now()`, so in the same offset.
            Answer::DateTime(moment) => self.local(*moment),
            other => other.value(),
        }
    }

    pub(crate) fn context(&self, node: usize, slot: usize) -> Context<'_> {
        Context { state: self, node, slot, candidate: None, choice: None }
    }

    /// Whether the constraint of a node allows `value`.
    pub(crate) fn allows(&self, node: usize, slot: usize, value: &Value) -> bool {
        let Some(facet) = self.instrument.node(node).facets.get(&FacetKind::Constraint) else { return true };
        let context = Context { candidate: Some(value), ..self.context(node, slot) };
        value.is_empty() || context.evaluate(&self.instrument.facet(*facet).expression).boolean()
    }

    fn evaluate(&mut self, facet: usize, slot: usize) -> Cell {
        self.evaluations += 1;
        let this = &*self;
        let facet = this.instrument.facet(facet);
        let context = this.context(facet.node, slot);
        match facet.kind {
            FacetKind::Relevant => {
                let around = facet.around.and_then(|around| this.cell(around, slot));
                Cell::Truth(around != Some(&Cell::Truth(false)) && context.evaluate(&facet.expression).boolean())
            }
            FacetKind::Calculation => {
                let value = context.evaluate(&facet.expression).single();
                Cell::Value(if value.is_empty() { Value::EMPTY } else { value })
            }
            FacetKind::Required | FacetKind::ReadOnly => Cell::Truth(context.evaluate(&facet.expression).boolean()),
            FacetKind::Constraint => {
                Cell::Truth(this.value(facet.node, slot).is_none_or(|value| this.allows(facet.node, slot, &value)))
            }
            FacetKind::Choices => {
                let list = this.instrument.node(facet.node).list;
                let count = list.map_or(0, |list| this.instrument.list(list).choices.len());
                let offered = (0..count).filter(|choice| {
                    let choice = list.map(|list| (list, *choice));
                    Context { choice, ..context }.evaluate(&facet.expression).boolean()
                });
                Cell::Choices(offered.collect())
            }
            FacetKind::Instances => Cell::Count(whole(context.evaluate(&facet.expression).number())),
        }
    }

    fn evaluate_all(&mut self) {
        let instrument = Arc::clone(&self.instrument);
        for facet in &instrument.order {
            for slot in 0..self.cells.get(*facet).map_or(0, Vec::len) {
                let cell = self.evaluate(*facet, slot);
                self.put(*facet, slot, cell);
            }
        }
    }

    /// Puts a cell in its place; whether that changed anything.
    fn put(&mut self, facet: usize, slot: usize, cell: Cell) -> bool {
        match self.cells.get_mut(facet).and_then(|slots| slots.get_mut(slot)) {
            Some(place) if *place != cell => {
                *place = cell;
                true
            }
            _ => false,
        }
    }

    /// Puts an answer in its place and works out again what depends on it, in order; gives the facets that changed.
    pub(crate) fn answer_changed(&mut self, node: usize, slot: usize, answer: Option<Answer>) -> Vec<Place> {
        let instrument = Arc::clone(&self.instrument);
        let slot = slot_in(instrument.node(node).repeat, slot);
        if let Some(place) = self.answers.get_mut(node).and_then(|slots| slots.get_mut(slot)) {
            *place = answer;
        }
        let mut due = BTreeSet::new();
        self.feed(&instrument.node(node).feeds, slot, &mut due);
        let mut changed = Vec::new();
        while let Some((rank, slot)) = due.pop_first() {
            let Some(facet) = instrument.order.get(rank).copied() else { continue };
            let cell = self.evaluate(facet, slot);
            if self.put(facet, slot, cell) {
                changed.push((facet, slot));
                self.feed(&instrument.facet(facet).feeds, slot, &mut due);
            }
        }
        changed
    }

    fn feed(&self, feeds: &[Feed], slot: usize, due: &mut BTreeSet<Place>) {
        for feed in feeds {
            let rank = self.instrument.facet(feed.facet).rank;
            if feed.same_instance {
                due.insert((rank, slot));
            } else {
                due.extend((0..self.cells.get(feed.facet).map_or(0, Vec::len)).map(|slot| (rank, slot)));
            }
        }
    }

    /// Words with their references filled from the answers; choices stand as their labels.
    pub(crate) fn fill(&self, template: &Template, node: usize, slot: usize, language: &str) -> String {
        template.fill(|target| self.mentioned(target, node, slot, |value| self.shown(target, value, slot, language)))
    }

    /// The values of a node as seen from a place in the form, as words.
    fn mentioned(&self, target: usize, node: usize, slot: usize, words: impl Fn(&Value) -> String) -> String {
        let repeat = self.instrument.node(target).repeat;
        let slots = match repeat {
            Some(repeat) if self.instrument.node(node).repeat != Some(repeat) => 0..self.instance_count(repeat),
            _ => slot..slot + 1,
        };
        let values = slots.filter_map(|slot| self.value(target, slot)).filter(|value| !value.is_empty());
        values.map(|value| words(&value)).collect::<Vec<_>>().join(", ")
    }

    fn shown(&self, node: usize, value: &Value, slot: usize, language: &str) -> String {
        let Some(list) = self.instrument.node(node).list else { return value.text() };
        let label = |name: &str| match self.instrument.list(list).choice_named(name) {
            Some(choice) => self.choice_words(list, choice, node, slot, language),
            None => name.to_owned(),
        };
        match self.instrument.node(node).kind {
            NodeKind::Question(QuestionKind::SelectMultiple) => {
                value.text().split_whitespace().map(label).collect::<Vec<_>>().join(", ")
            }
            _ => label(&value.text()),
        }
    }

    /// A choice's label. Answers that it mentions stand in it as they are stored: labels in labels could go on for ever.
    pub(crate) fn choice_words(&self, list: usize, choice: usize, node: usize, slot: usize, language: &str) -> String {
        let Some(choice) = self.instrument.list(list).choices.get(choice) else { return String::new() };
        match choice.label.pick(language, &self.instrument.default_language) {
            Some(label) => label.fill(|target| self.mentioned(target, node, slot, Value::text)),
            None => choice.name.clone(),
        }
    }

    /// A column of a choice as expressions see it; in the label, answers are not filled in.
    pub(crate) fn choice_column(&self, list: usize, choice: usize, column: &str) -> Option<String> {
        let choice = self.instrument.list(list).choices.get(choice)?;
        match column {
            "name" => Some(choice.name.clone()),
            "label" => {
                let label = choice.label.pick(self.language(), &self.instrument.default_language)?;
                Some(label.fill(|_| String::new()))
            }
            column => choice.columns.get(column).cloned(),
        }
    }
}

/// The slot that counts for something in `repeat`, or outside repeats.
fn slot_in(repeat: Option<usize>, slot: usize) -> usize {
    if repeat.is_some() { slot } else { 0 }
}
