//! What an honest person does with the app: record, tick, judge, comment, erase, within their rights.

use kend_domain::{EntityId, Scope};
use kend_log::{Act, Context, Dot, Element, EntityKind, EntityState, Op, Path, Reason, Value};
use kend_store::Append;

use crate::ledger::Approval;
use crate::node::NodeNo;
use crate::storage::{Storage, StorageError};
use crate::world::{PLANNED, World, planned, scopes};

/// Paths that answers stand at.
pub const ANSWERS: [&str; 4] = ["a/health_level", "m/village", "a/quote/7/words", "a/quote/8/words"];
/// Where a long text is written.
pub const NOTE: &str = "a/health_notes";
/// A set.
pub const QUOTES: &str = "i/quote";
/// The parts of an interview that can be erased.
const ERASABLE: [&str; 3] = ["a/quote/7", "a/quote/8", NOTE];

/// A path.
pub fn path(text: &str) -> Path {
    text.parse().expect("a path")
}

/// Sets a text.
pub fn set(at: &str, text: &str) -> Op {
    Op::Set { path: path(at), value: Value::text(text) }
}

/// Where and on what a person works.
pub struct Work {
    /// The scope.
    pub scope: Scope,
    /// The interview, village or meeting.
    pub entity: EntityId,
    /// Which of them.
    pub kind: EntityKind,
    /// What to do.
    pub ops: Vec<Op>,
}

impl World<'_> {
    /// A person does something, if there is something for them to do.
    pub fn act(&mut self, node: NodeNo) {
        if self.nodes[node].down || self.nodes[node].forked {
            return;
        }
        let Some(work) = self.choose(node) else { return };
        self.write(node, &work);
    }

    /// Keeps an entry on a node; at times of somebody who has not seen the last entries on the screen yet.
    fn write(&mut self, node: NodeNo, work: &Work) {
        let behind = self.dice.people.percent(25);
        let before = self.nodes[node].storage.entity(work.entity);
        let seen = behind.then(|| on_screen(&self.nodes[node], before.as_deref()));
        let append = self.entry(node, work, seen);
        self.keep(node, work, append);
    }

    /// The entry of a piece of work.
    pub fn entry(&mut self, node: NodeNo, work: &Work, seen: Option<Context>) -> Append {
        Append {
            scope: work.scope.clone(),
            entity: work.entity,
            kind: work.kind,
            actor: self.nodes[node].member.person,
            ops: work.ops.clone(),
            said: self.nodes[node].clock.said(self.now_ms),
            form_version: 1,
            seen,
            ends_drafts: Vec::new(),
            salt: self.dice.people.bytes(),
        }
    }

    /// Keeps an entry on a node, and in the account when it is kept.
    pub fn keep(&mut self, node: NodeNo, work: &Work, append: Append) {
        let at = &mut self.nodes[node];
        match at.storage.append(append) {
            Ok(appended) => {
                let history = at.storage.history(work.entity);
                let written = history.iter().find(|chained| chained.hash == appended.hash).cloned();
                let written = written.expect("what was appended is in the history");
                at.screen = written.entry.header.context.clone();
                let log = at.log(&work.scope);
                if work.ops.iter().any(|op| matches!(op, Op::Judge { act: Act::Approve })) {
                    let context = &written.entry.header.context;
                    let seen = history.iter().filter(|chained| context.holds(chained.dot()));
                    self.ledger.approvals.push(Approval {
                        entity: work.entity,
                        dot: written.dot(),
                        hash: written.hash,
                        context: context.clone(),
                        judged: EntityState::fold(work.entity, seen).to_bytes(),
                    });
                }
                self.ledger.write(&log, &written, true);
                let (name, dot) = (self.name(node), written.dot().seq);
                self.say(format_args!("{name} writes {dot} in {}: {:?}", work.scope, work.ops));
            }
            Err(StorageError::Crashed) => self.goes_dark(node),
            Err(StorageError::Refused(why)) => {
                let name = self.name(node);
                self.say(format_args!("{name} can't write {:?}: {why}", work.ops));
            }
        }
    }

    fn choose(&mut self, node: NodeNo) -> Option<Work> {
        let dice = &mut self.dice.people;
        let at = &self.nodes[node];
        let places: Vec<(usize, Scope)> = scopes()
            .into_iter()
            .enumerate()
            .filter(|(_, scope)| at.member.may_keep(scope, EntityKind::Meeting))
            .collect();
        let (place, scope) = dice.one(&places)?.clone();
        let kind = match dice.pick(0..100) {
            _ if !at.member.may_hold(&scope) => EntityKind::Meeting,
            0..6 => EntityKind::Village,
            6..10 => EntityKind::Meeting,
            _ => EntityKind::Interview,
        };
        let entity = match dice.pick(0..10) {
            // Started on the spot, by this person alone.
            0 => EntityId::from_bytes(dice.bytes()),
            _ if kind == EntityKind::Village => EntityId::from_bytes([0xd0 + u8::try_from(place).expect("few"); 16]),
            _ if kind == EntityKind::Meeting => EntityId::from_bytes([0xc0 + u8::try_from(place).expect("few"); 16]),
            _ => planned(place, dice.pick(0..PLANNED)),
        };
        let state = at.storage.entity(entity).unwrap_or_else(|| EntityState::new(entity).into());
        let took_part = state.contributors().any(|contributor| contributor == at.member.person);
        let ops = match kind {
            EntityKind::Village => vec![set("m/name", &format!("village {}", dice.pick(0..3)))],
            EntityKind::Meeting => at_a_meeting(dice),
            EntityKind::Interview => deed(dice, &mut self.words, at.member.person.to_string().as_str(), &state),
        };
        let may = |op: &Op| {
            at.member.may_do(&scope, kind, op, took_part) && op.path().is_none_or(|path| !state.is_erased(path))
        };
        let ops: Vec<Op> = ops.into_iter().filter(may).collect();
        (!ops.is_empty()).then_some(Work { scope, entity, kind, ops })
    }
}

/// What the person had on the screen, as far as it is still here.
fn on_screen(node: &crate::node::Node, state: Option<&EntityState>) -> Context {
    let here = |(device, seen): &(_, kend_log::Seen)| {
        let mark = state.and_then(|state| state.mark_of(Dot { device: *device, seq: seen.seq }));
        mark.is_some_and(|mark| mark.prefix == seen.prefix)
    };
    node.screen.iter().filter(here).collect()
}

fn deed(dice: &mut crate::dice::Dice, words: &mut u32, person: &str, state: &EntityState) -> Vec<Op> {
    let mut new_words = |what: &str| {
        *words += 1;
        format!("{what} {words}")
    };
    match dice.pick(0..100) {
        0..30 => vec![set(ANSWERS[dice.pick(0..ANSWERS.len())], &dice.pick(0..3).to_string())],
        30..40 => vec![set(ANSWERS[dice.pick(2..ANSWERS.len())], &new_words("The well is dry"))],
        40..50 => {
            let before = state.value(NOTE).and_then(Value::as_text).unwrap_or_default();
            let kept: String = before.chars().rev().take(400).collect::<Vec<_>>().into_iter().rev().collect();
            vec![set(NOTE, &format!("{kept} {}", new_words("The road to the school floods in spring, day")))]
        }
        50..55 => vec![Op::Clear { path: path(ANSWERS[dice.pick(0..ANSWERS.len())]) }],
        55..64 => vec![Op::Add { path: path(QUOTES), element: element(dice.pick(7..9)) }],
        64..70 => {
            let elements = state.elements(QUOTES);
            let Some((element, seen)) = dice.one(&elements) else { return Vec::new() };
            vec![Op::Remove { path: path(QUOTES), element: (*element).clone(), seen: seen.clone() }]
        }
        70..76 => vec![Op::Judge { act: Act::Submit }],
        76..82 => vec![Op::Judge { act: Act::Approve }],
        82..86 => vec![Op::Judge { act: Act::Return }, set("c/1/text", &new_words("Who said this?"))],
        86..90 => vec![set("c/1/answer", &new_words("The teacher"))],
        90..92 => vec![set(&format!("p/{person}"), "A name")],
        92..95 => {
            let at = ERASABLE[dice.pick(0..ERASABLE.len())];
            vec![Op::Erase { under: Some(path(at)), reason: Reason::ConsentWithdrawn }]
        }
        95 => vec![Op::Erase { under: None, reason: Reason::MustNotBeKept }],
        // A whole card at once.
        _ => ANSWERS.iter().map(|at| set(at, &new_words("card"))).collect(),
    }
}

/// Hands, priorities, the end; at times all that was said is erased.
fn at_a_meeting(dice: &mut crate::dice::Dice) -> Vec<Op> {
    let hands = Value::Integer(i64::from(dice.pick(0..12)));
    match dice.pick(0..100) {
        0..60 => vec![Op::Set { path: path(["v/class/agree", "v/class/object"][dice.pick(0..2)]), value: hands }],
        60..80 => vec![set("r/order", ["theme_health theme_digital", "theme_digital"][dice.pick(0..2)])],
        80..84 => vec![Op::Clear { path: path("v/class/agree") }],
        84..96 => vec![Op::Judge { act: Act::Submit }],
        96..99 => vec![Op::Erase { under: Some(path("v/class")), reason: Reason::MustNotBeKept }],
        _ => vec![Op::Erase { under: None, reason: Reason::MustNotBeKept }],
    }
}

fn element(number: u8) -> Element {
    number.to_string().parse().expect("an element")
}
