//! A run: one event after the other, until the last; then everything comes to rest and is looked at.
//!
//! One thread, no real clock, no I/O but the real store's file: the same setup gives the same run, event by event.

use kend_sync::{Addressee, Epoch, ExchangeError, HttpRequest, HttpResponse, Moment, Step, SyncRequest, Tickets};

use crate::clock::START_MS;
use crate::fuse::Blow;
use crate::hub::{Answered, Counter};
use crate::invariants::{self, Violation};
use crate::node::{NodeNo, Underway};
use crate::rest;
use crate::setup::{Fault, Setup};
use crate::side::Side;
use crate::storage::{Storage, StorageError};
use crate::world::{Event, Plant, SERVER, World};

/// How long somebody waits for an answer.
const PATIENCE_MS: u64 = 8_000;
/// Most requests that a run keeps for playing back.
const MOST_RECORDED: usize = 8;

/// A run that broke an invariant.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What broke.
    pub violation: Violation,
    /// What had happened, when the run was traced.
    pub trace: Vec<String>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries written.
    pub entries: usize,
    /// Hash over all that the server shows in the end, clocks left out.
    pub shown: [u8; 32],
}

/// Plays a setup.
pub fn run(setup: &Setup, plant: Plant<'_>, traced: bool) -> Result<Summary, Failure> {
    let mut world = World::new(setup, plant, traced);
    match play(&mut world) {
        Ok(()) => Ok(Summary { entries: world.ledger.written.len(), shown: invariants::shown(&world) }),
        Err(violation) => Err(Failure { violation, trace: world.trace() }),
    }
}

fn play(world: &mut World<'_>) -> Result<(), Violation> {
    begin(world);
    for _ in 0..world.setup.events {
        let Some(event) = world.next_event() else { break };
        happen(world, event)?;
    }
    rest::come_to_rest(world)?;
    invariants::at_rest(world)
}

fn begin(world: &mut World<'_>) {
    for node in 0..world.nodes.len() {
        if world.setup.has(Fault::Clocks) && world.nodes[node].hub.is_none() {
            world.nodes[node].clock.jump(0, &mut world.dice.clocks);
        }
        let (act, contact) = (world.dice.network.pick(0..2_000), world.dice.network.pick(500..6_000));
        world.later(act, Event::Act(node));
        world.later(contact, Event::Contact(node));
    }
    for fault in world.setup.faults.clone() {
        let at_ms = world.dice.faults.pick(500..12_000);
        world.later(at_ms, Event::Fault(fault));
    }
}

fn happen(world: &mut World<'_>, event: Event) -> Result<(), Violation> {
    match event {
        Event::Act(node) => {
            // A hub writes too, rarely: a supervisor at its screen.
            let hub = world.nodes[node].hub.is_some();
            if !hub || world.dice.people.percent(20) {
                world.act(node);
            }
            let in_ms = world.dice.network.pick(200..3_000);
            world.later(in_ms, Event::Act(node));
        }
        Event::Contact(node) => {
            world.contact(node);
            let in_ms = world.dice.network.pick(1_000..9_000);
            world.later(in_ms, Event::Contact(node));
        }
        Event::Request { hub, from, request } => world.request_arrives(hub, from, &request)?,
        Event::Response { to, number, response, epoch } => {
            let ours = |underway: &Underway| underway.number == number;
            if world.nodes[to].underway.as_ref().is_some_and(ours) && !world.nodes[to].down {
                world.answer_arrives(to, &response, epoch)?;
            }
        }
        Event::GiveUp { node, number } => {
            if world.nodes[node].underway.as_ref().is_some_and(|underway| underway.number == number) {
                world.nodes[node].underway = None;
                let name = world.name(node);
                world.say(format_args!("{name} waits no longer"));
            }
        }
        Event::Restart(node) => world.power_returns(node)?,
        Event::Fault(fault) => {
            world.goes_wrong(fault)?;
            let in_ms = world.dice.faults.pick(2_000..20_000);
            world.later(in_ms, Event::Fault(fault));
        }
    }
    Ok(())
}

impl World<'_> {
    /// A node goes to one of its hubs, unless it is on its way already.
    pub fn contact(&mut self, node: NodeNo) {
        if self.nodes[node].down || self.nodes[node].underway.is_some() {
            return;
        }
        let hubs = self.nodes[node].hubs.clone();
        let Some(hub) = self.dice.network.one(&hubs).copied() else { return };
        self.begin_exchange(node, hub);
        self.go_on(node);
    }

    /// Begins an exchange.
    pub fn begin_exchange(&mut self, node: NodeNo, hub: NodeNo) {
        let keys = kend_sync::HubKeys {
            hub: self.nodes[hub].storage.public_key(),
            server: self.nodes[SERVER].storage.public_key(),
        };
        let at = &mut self.nodes[node];
        at.exchanges += 1;
        let exchange = kend_sync::Exchange::new(keys);
        at.underway = Some(Underway { number: at.exchanges, hub, exchange });
    }

    /// The next step of the exchange under way. The request, when there is one to send.
    pub fn step(&mut self, node: NodeNo) -> Option<(NodeNo, u64, HttpRequest)> {
        let at = &mut self.nodes[node];
        let mut underway = at.underway.take()?;
        match underway.exchange.next(&mut Side(&mut at.storage)) {
            Ok(Step::Request(request)) => {
                let sent = (underway.hub, underway.number, request);
                at.underway = Some(underway);
                Some(sent)
            }
            Ok(Step::Done(outcome)) => {
                let now_ms = self.now_ms;
                if let Some(time) = outcome.time {
                    at.clock.anchor(now_ms, time);
                }
                at.outcome = outcome.clone();
                let name = self.name(node);
                self.say(format_args!(
                    "{name} is done: sent {}, received {}, set aside {:?}, forked {}",
                    outcome.entries_sent,
                    outcome.entries_received,
                    outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect::<Vec<_>>(),
                    outcome.forked.len(),
                ));
                None
            }
            Err(ExchangeError::Replica(StorageError::Crashed)) => {
                self.goes_dark(node);
                None
            }
            Err(_) => None,
        }
    }

    fn go_on(&mut self, node: NodeNo) {
        let Some((hub, number, request)) = self.step(node) else { return };
        self.later(PATIENCE_MS, Event::GiveUp { node, number });
        if self.setup.has(Fault::Replay) && self.recorded.len() < MOST_RECORDED {
            self.recorded.push((hub, request.clone()));
        }
        let name = self.name(node);
        self.say(format_args!("{name} asks {}: {} bytes", self.nodes[hub].name.clone(), request.body.len()));
        for (in_ms, request) in self.over_the_line(request, |request| &mut request.body) {
            self.later(in_ms, Event::Request { hub, from: Some((node, number)), request });
        }
    }

    fn request_arrives(
        &mut self,
        hub: NodeNo,
        from: Option<(NodeNo, u64)>,
        request: &HttpRequest,
    ) -> Result<(), Violation> {
        let cut_off = from.is_some_and(|(node, _)| !self.reaches(node, hub));
        if cut_off || self.nodes[hub].down {
            return Ok(());
        }
        let Some((response, _)) = self.serve(hub, request)? else { return Ok(()) };
        let epoch = self.server_epoch();
        let Some((node, number)) = from else { return Ok(()) };
        for (in_ms, response) in self.over_the_line(response, |response| &mut response.body) {
            self.later(in_ms, Event::Response { to: node, number, response, epoch });
        }
        Ok(())
    }

    /// A hub answers a request. None: its power went meanwhile.
    pub fn serve(
        &mut self,
        hub: NodeNo,
        request: &HttpRequest,
    ) -> Result<Option<(HttpResponse, Option<Answered>)>, Violation> {
        let hub_ms = START_MS.saturating_add_unsigned(self.now_ms);
        let at = &mut self.nodes[hub];
        let part = at.hub.as_mut().expect("a hub");
        let mut counter = Counter { storage: &mut at.storage, desk: &mut part.desk };
        let Ok((response, answered)) = counter.serve(&mut part.tickets, hub_ms, request) else {
            self.goes_dark(hub);
            return Ok(None);
        };
        if let Some(answered) = &answered {
            self.hub_answered(hub, answered)?;
        }
        Ok(Some((response, answered)))
    }

    /// What the hub promised is noted, what it sent is checked.
    fn hub_answered(&mut self, hub: NodeNo, answered: &Answered) -> Result<(), Violation> {
        let name = self.name(hub);
        self.say(format_args!(
            "{name} takes {} segments, set aside {:?}, gives {}",
            answered.request.segments.len(),
            answered.response.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect::<Vec<_>>(),
            answered.response.segments.len(),
        ));
        invariants::note_bytes(self, hub, &answered.request);
        invariants::answered(self, hub, answered)?;
        invariants::promise(self, hub, answered);
        // Once in a while the same is asked again in another request: the answer was lost.
        if self.dice.faults.percent(10) {
            self.ask_again(hub, answered)?;
        }
        Ok(())
    }

    fn ask_again(&mut self, hub: NodeNo, answered: &Answered) -> Result<(), Violation> {
        let before = invariants::held(&self.nodes[hub]);
        let again = self.bring(hub, answered.sender.device, answered.request.clone())?;
        if again.is_some() {
            invariants::a_repeat_changes_nothing(&before, &invariants::held(&self.nodes[hub]))?;
        }
        Ok(())
    }

    /// Hands a request to a hub without the line in between: from a stick, or somebody with a key and no app.
    pub fn bring(
        &mut self,
        hub: NodeNo,
        device: kend_domain::DeviceId,
        request: SyncRequest,
    ) -> Result<Option<Answered>, Violation> {
        if self.nodes[hub].down {
            return Ok(None);
        }
        let hub_ms = START_MS.saturating_add_unsigned(self.now_ms);
        let moment = Moment { hub_ms, ticket: kend_sync::Ticket::NONE, protocol: request.protocol };
        let taken = self.nodes[hub].counter().expect("a hub").take(device, request, moment);
        match taken {
            Ok(answered) => {
                invariants::answered(self, hub, &answered)?;
                invariants::promise(self, hub, &answered);
                Ok(Some(answered))
            }
            Err(StorageError::Crashed) => {
                self.goes_dark(hub);
                Ok(None)
            }
            Err(StorageError::Refused(_)) => Ok(None),
        }
    }

    fn answer_arrives(&mut self, node: NodeNo, response: &HttpResponse, epoch: Epoch) -> Result<(), Violation> {
        // The server was put back behind the answer's back: who was told to leave an area clears the last copy of what it lost.
        let before = if epoch == self.server_epoch() { Vec::new() } else { self.hashes(node) };
        self.take_answer(node, response)?;
        if self.nodes[node].underway.is_some() {
            self.go_on(node);
        }
        self.note_gone(before);
        Ok(())
    }

    fn server_epoch(&self) -> Epoch {
        self.nodes[SERVER].hub.as_ref().expect("the server is a hub").desk.epoch
    }

    /// Takes an answer in; the exchange ends when it can't be.
    pub fn take_answer(&mut self, node: NodeNo, response: &HttpResponse) -> Result<(), Violation> {
        let at = &mut self.nodes[node];
        let Some(mut underway) = at.underway.take() else { return Ok(()) };
        let received = underway.exchange.receive(response, &mut Side(&mut at.storage));
        if !underway.exchange.outcome().forked.is_empty() {
            at.forked = true;
        }
        let wiped = underway.exchange.outcome().wipe;
        match received {
            Ok(()) if wiped => {
                self.wipe(node);
                Ok(())
            }
            Ok(()) => {
                let hub = underway.hub;
                at.underway = Some(underway);
                invariants::answer_taken(self, node, hub)
            }
            Err(ExchangeError::Replica(StorageError::Crashed)) => {
                self.goes_dark(node);
                Ok(())
            }
            Err(error) => {
                let name = self.name(node);
                self.say(format_args!("{name} stops: {error}"));
                Ok(())
            }
        }
    }

    /// The power of a node is gone.
    pub fn goes_dark(&mut self, node: NodeNo) {
        let at = &mut self.nodes[node];
        at.underway = None;
        if !at.down {
            at.down = true;
            let in_ms = self.dice.faults.pick(100..4_000);
            self.later(in_ms, Event::Restart(node));
            let name = self.name(node);
            self.say(format_args!("{name} crashes"));
        }
    }

    /// The power of a node comes back.
    pub fn power_returns(&mut self, node: NodeNo) -> Result<(), Violation> {
        if !self.nodes[node].down {
            return Ok(());
        }
        let name = self.name(node);
        self.say(format_args!("{name} starts again"));
        let boot = self.dice.faults.bytes();
        let key = self.dice.faults.bytes();
        let now_ms = self.now_ms;
        let at = &mut self.nodes[node];
        at.down = false;
        at.storage.restart();
        at.clock.reboot(now_ms, boot);
        if let Some(hub) = &mut at.hub {
            hub.tickets = Tickets::new(key);
        }
        self.learn(node);
        invariants::after_restart(self, node)
    }

    /// Entries that became durable without anybody being told, because the power went in the very call.
    pub fn learn(&mut self, node: NodeNo) {
        let device = self.nodes[node].device();
        for scope in crate::world::scopes() {
            let log = self.nodes[node].log(&scope);
            let Ok(segments) = self.nodes[node].storage.segments(&log, 0, usize::MAX, Addressee::Anybody) else {
                continue;
            };
            for segment in segments.iter().filter_map(|packed| kend_log::Segment::from_bytes(&packed.bytes).ok()) {
                for chained in segment.chained().filter(|chained| chained.device == device) {
                    self.ledger.write(&log, &chained, true);
                }
            }
        }
    }

    /// Sets a fuse that blows within the next calls.
    pub fn light_fuse(&mut self, node: NodeNo) {
        let blow = Blow { calls: self.dice.faults.pick(1..12), done: self.dice.faults.percent(50) };
        self.nodes[node].storage.set(blow);
        let name = self.name(node);
        self.say(format_args!("{name} has {} calls left", blow.calls));
    }
}
