//! A small language for one scenario, played step by step: named people, what they do, what they see.
//!
//! Everything is as in a run, only that nothing goes wrong unless the scenario says so. [`Scene::rest`] ends one: all
//! exchange until nothing is left to say, and every invariant is checked.

use std::collections::BTreeSet;

use kend_domain::{EntityId, Role, Scope};
use kend_log::{Act, EntityKind, EntityState, Op, Reason, Value};
use kend_store::Append;
use kend_sync::Outcome;

use crate::invariants;
use crate::node::NodeNo;
use crate::people::{QUOTES, Work, path, set};
use crate::rest;
use crate::setup::Setup;
use crate::storage::Storage;
use crate::world::{SERVER, Seat, World, as_it_is, planned, scopes};

/// A scenario under way.
pub struct Scene {
    world: World<'static>,
    interview: EntityId,
    kind: EntityKind,
    form_version: u32,
}

/// A device in the hands of its person.
pub struct Device<'a> {
    scene: &'a mut Scene,
    node: NodeNo,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A server, and one interview planned in Tovuz.
    pub fn new() -> Self {
        let setup =
            Setup { seed: 0, events: 0, faults: BTreeSet::new(), devices: 0, relay: false, disk: false, clocks: 0 };
        Self {
            world: World::new(&setup, &as_it_is, true),
            interview: planned(0, 0),
            kind: EntityKind::Interview,
            form_version: 1,
        }
    }

    /// An enumerator of Tovuz, with a device that goes to the server.
    pub fn enumerator(&mut self, name: &str) {
        self.person(name, Role::Enumerator, &["AZ-TOV"], &["Server"]);
    }

    /// A supervisor of Tovuz.
    pub fn supervisor(&mut self, name: &str) {
        self.person(name, Role::Supervisor, &["AZ-TOV"], &["Server"]);
    }

    /// Anybody, with a device that goes to these hubs.
    pub fn person(&mut self, name: &str, role: Role, areas: &[&str], hubs: &[&str]) {
        let hubs = hubs.iter().map(|hub| self.node(hub)).collect();
        let node = self.world.seat(name, Seat::Device, role, areas, hubs);
        self.known_everywhere(node);
    }

    /// A hub in the room, below the server.
    pub fn hub(&mut self, name: &str) {
        let hub = self.world.seat(name, Seat::Hub, Role::ClusterUnit, &["AZ"], vec![SERVER]);
        self.known_everywhere(hub);
        for node in 0..self.world.nodes.len() {
            self.world.introduce(hub, node);
        }
    }

    fn known_everywhere(&mut self, node: NodeNo) {
        for hub in self.world.hubs() {
            self.world.introduce(hub, node);
        }
        self.world.exchange_keys();
    }

    /// From now on devices write with another version of the form.
    pub fn form_version(&mut self, version: u32) {
        self.form_version = version;
    }

    /// From now on people work on another interview.
    pub fn another_interview(&mut self) {
        self.interview = planned(0, 1);
    }

    /// From now on people hold a meeting of a committee.
    pub fn a_meeting(&mut self) {
        (self.interview, self.kind) = (EntityId::from_bytes([0xc9; 16]), EntityKind::Meeting);
    }

    /// Somebody's device.
    pub fn device(&mut self, name: &str) -> Device<'_> {
        let node = self.node(name);
        Device { scene: self, node }
    }

    fn node(&self, name: &str) -> NodeNo {
        let found = self.world.nodes.iter().position(|node| node.name == name);
        found.unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    /// Everybody goes to each of their hubs, twice, so that what the last one brought reaches the first.
    pub fn everybody_syncs(&mut self) {
        for _ in 0..2 {
            for node in 0..self.world.nodes.len() {
                for hub in self.world.nodes[node].hubs.clone() {
                    self.exchange(node, hub);
                }
            }
        }
    }

    fn exchange(&mut self, node: NodeNo, hub: NodeNo) -> Outcome {
        if let Err(violation) = rest::exchange(&mut self.world, node, hub) {
            panic!("{}\n{violation}", self.world.trace().join("\n"));
        }
        self.world.nodes[node].outcome.clone()
    }

    /// Somebody's device is revoked.
    pub fn revokes(&mut self, name: &str) {
        let node = self.node(name);
        self.world.revoke(node);
    }

    /// Somebody has another area from now on.
    pub fn moves(&mut self, name: &str, area: &str) {
        let node = self.node(name);
        self.world.reassign(node, area);
    }

    /// Time passes.
    pub fn days_pass(&mut self, days: u64) {
        self.world.now_ms += days * 24 * 60 * 60 * 1_000;
    }

    /// Everything is said, and every invariant holds.
    #[track_caller]
    pub fn rest(mut self) {
        let played = rest::come_to_rest(&mut self.world).and_then(|()| invariants::at_rest(&mut self.world));
        if let Err(violation) = played {
            panic!("{}\n{violation}", self.world.trace().join("\n"));
        }
    }
}

#[expect(clippy::return_self_not_must_use, reason = "what somebody did is done; only some look at the device after it")]
impl Device<'_> {
    fn does(self, ops: Vec<Op>) -> Self {
        let Self { scene, node } = self;
        let scope: Scope = scopes()[0].clone();
        let work = Work { scope, entity: scene.interview, kind: scene.kind, ops };
        let append = Append { form_version: scene.form_version, ..scene.world.entry(node, &work, None) };
        scene.world.keep(node, &work, append);
        Self { scene, node }
    }

    /// Gives an answer.
    pub fn sets(self, at: &str, text: &str) -> Self {
        self.does(vec![set(at, text)])
    }

    /// Takes an answer away.
    pub fn clears(self, at: &str) -> Self {
        self.does(vec![Op::Clear { path: path(at) }])
    }

    /// Puts a quote on the list.
    pub fn adds_quote(self, number: &str) -> Self {
        self.does(vec![Op::Add { path: path(QUOTES), element: number.parse().expect("an element") }])
    }

    /// Takes a quote off the list, as far as it is seen here.
    pub fn removes_quote(self, number: &str) -> Self {
        let state = self.state();
        let elements = state.elements(QUOTES);
        let (element, seen) = elements.iter().find(|(element, _)| element.as_str() == number).expect("it is listed");
        let remove = Op::Remove { path: path(QUOTES), element: (*element).clone(), seen: seen.clone() };
        self.does(vec![remove])
    }

    /// Signs off, returns or approves.
    pub fn judges(self, act: Act) -> Self {
        self.does(vec![Op::Judge { act }])
    }

    /// Sends back, with a question.
    pub fn returns(self, question: &str) -> Self {
        self.does(vec![Op::Judge { act: Act::Return }, set("c/1/text", question)])
    }

    /// Erases everything under a path; none: everything.
    pub fn erases(self, under: Option<&str>) -> Self {
        self.does(vec![Op::Erase { under: under.map(path), reason: Reason::ConsentWithdrawn }])
    }

    /// Tries to give an answer; whether the device lets it.
    pub fn may_set(self, at: &str, text: &str) -> bool {
        let before = self.state().entries();
        self.sets(at, text).state().entries() > before
    }

    /// Goes to the first of its hubs.
    pub fn syncs(self) -> Outcome {
        let hub = self.scene.world.nodes[self.node].hubs[0];
        self.scene.exchange(self.node, hub)
    }

    /// Goes to one of them.
    pub fn syncs_with(self, hub: &str) -> Outcome {
        let hub = self.scene.node(hub);
        self.scene.exchange(self.node, hub)
    }

    /// Writes a stick with all it has, and carries it to a hub: so often, the last part first.
    pub fn carries_a_stick_to(self, hub: &str, times: usize) {
        let hub = self.scene.node(hub);
        self.scene.world.write_stick(self.node);
        let stick = self.scene.world.sticks.pop().expect("a stick was written");
        for _ in 0..times {
            let backwards = stick.segments.iter().rev().cloned().collect();
            self.scene.world.bring_segments(hub, self.node, backwards).expect("no invariant breaks");
        }
        self.scene.world.bring_segments(hub, self.node, stick.segments).expect("no invariant breaks");
    }

    /// A backup of it is taken.
    pub fn is_backed_up(self) -> Self {
        self.scene.world.back_up(self.node);
        self
    }

    /// The backup is put back. A hub begins a new epoch.
    pub fn is_put_back(self) -> Self {
        let backup = self.scene.world.nodes[self.node].backup.take().expect("a backup was taken");
        self.scene.world.restore(self.node, backup);
        self
    }

    /// Its wall clock says something else from now on.
    pub fn wall_clock_says(self, wall_ms: i64) -> Self {
        let now_ms = self.scene.world.now_ms;
        self.scene.world.nodes[self.node].clock.set(now_ms, wall_ms);
        self
    }

    /// What the interview is here.
    pub fn state(&self) -> EntityState {
        let storage = self.scene.world.nodes[self.node].storage.below();
        let state = storage.entity(self.scene.interview);
        state.map_or_else(|| EntityState::new(self.scene.interview), |state| EntityState::clone(&state))
    }

    /// The answer that is shown.
    pub fn shows(&self, at: &str) -> Option<String> {
        self.state().value(at).and_then(Value::as_text).map(str::to_owned)
    }

    /// All distinct answers that stand beside each other, in the order of the alphabet.
    pub fn stand(&self, at: &str) -> Vec<String> {
        let state = self.state();
        let texts = state.distinct(at).into_iter().map(|live| match &live.value {
            Some(value) => value.as_text().unwrap_or_default().to_owned(),
            None => "nothing".to_owned(),
        });
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        texts
    }

    /// The paths in conflict.
    pub fn conflicts(&self) -> Vec<String> {
        self.state().conflicts().into_iter().map(ToString::to_string).collect()
    }

    /// The quotes on the list.
    pub fn quotes(&self) -> Vec<String> {
        self.state().elements(QUOTES).into_iter().map(|(element, _)| element.as_str().to_owned()).collect()
    }

    /// How the interview stands in the review.
    pub fn standing(&self) -> Vec<Act> {
        self.state().standing().into_iter().map(|judged| judged.act).collect()
    }

    /// How many segments are kept aside here.
    pub fn aside(&self) -> usize {
        self.scene.world.nodes[self.node].storage.below().aside().len()
    }

    /// Whether everything that this device wrote of the interview is safe at the server, by the server's own signature.
    pub fn is_safe(&self) -> bool {
        let at = &self.scene.world.nodes[self.node];
        let log = at.log(&scopes()[0]);
        let safe_seq = at.storage.below().receipt(&log).ok().flatten().map_or(0, |receipt| receipt.seq);
        let head = at.storage.below().log_head(&log).ok().flatten().map_or(0, |(seq, _)| seq);
        head > 0 && safe_seq == head
    }
}
