//! A device of one person that records interviews, without a disk.

use std::collections::BTreeMap;

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{
    Anchor, ChainHash, Chained, EntityKind, Entry, Header, LogId, Op, Said, Salt, Seen, Segment, SigningKeyBytes,
};

use anyhow::Result;

use crate::{Dice, Given};

/// A device.
#[derive(Debug, Clone)]
pub struct Phone {
    /// Its log.
    pub log: LogId,
    /// Its signing key.
    pub key: SigningKeyBytes,
    /// Its last entry.
    pub last: Option<Chained>,
    actor: PersonId,
    said: Said,
    dice: Dice,
    waiting: Vec<Entry>,
    /// Per entity its last entry, and the Lamport number there.
    entities: BTreeMap<EntityId, (Seen, u64)>,
    prior: ChainHash,
    salt: Salt,
}

impl Phone {
    /// A device in the middle of a day's work: its clocks have been running, and it has heard a hub's time.
    pub fn new(scope: &Scope, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let log = LogId { device: DeviceId::from_bytes(dice.id()), scope: scope.clone() };
        let hub_ms = i64::try_from(dice.between(1_790_000_000_000, 1_800_000_000_000)).unwrap_or_default();
        let monotonic_ms = dice.between(10, 90_000) * 1_000;
        let anchor = Anchor { id: dice.id(), hub_ms, monotonic_ms };
        let away_ms = i64::try_from(dice.between(0, 4_000)).unwrap_or_default();
        let said = Said { wall_ms: hub_ms + away_ms, monotonic_ms, boot: dice.id(), anchor: Some(anchor) };
        let key: SigningKeyBytes = [dice.id(), dice.id()].concat().try_into().unwrap_or([7; 32]);
        let (prior, actor, salt) = (ChainHash::start(&log), PersonId::from_bytes(dice.id()), dice.id());
        Self { log, key, last: None, actor, said, dice, waiting: Vec::new(), entities: BTreeMap::new(), prior, salt }
    }

    /// Time goes by.
    pub fn wait(&mut self, least_ms: u64, most_ms: u64) {
        // The app says what its clocks say to the second.
        let passed_ms = self.dice.between(least_ms / 1_000, most_ms / 1_000) * 1_000;
        self.said.monotonic_ms += passed_ms;
        self.said.wall_ms += i64::try_from(passed_ms).unwrap_or_default();
    }

    /// The hub answers: its time is heard.
    pub fn hear(&mut self) {
        let hub_ms = self.said.wall_ms - i64::try_from(self.dice.between(0, 4_000)).unwrap_or_default();
        self.said.anchor = Some(Anchor { id: self.dice.id(), hub_ms, monotonic_ms: self.said.monotonic_ms });
    }

    /// Records entries of an entity: those of an interview, or later ones.
    pub fn record(&mut self, entity: EntityId, entries: Vec<Vec<Op>>) -> Result<()> {
        let mut given = Given::default();
        for ops in entries {
            // A text takes longer than a tap.
            let typed = ops
                .iter()
                .any(|op| matches!(op, Op::Set { value, .. } if value.as_text().is_some_and(|text| text.len() > 30)));
            self.wait(2_000, if typed { 240_000 } else { 30_000 });
            let header = self.header(entity);
            let ops = given.name(ops, header.said.instance(self.log.device, entity, header.seq))?;
            let entry = Entry::new(self.log.device, header, ops, &self.salt)?;
            let prior = self.last.as_ref().map_or_else(|| ChainHash::start(&self.log), |last| last.hash);
            let (lamport, seq, hash) = (entry.header.lamport, entry.header.seq, entry.chain(&prior));
            self.entities.insert(entity, (Seen { seq, prefix: hash.prefix() }, lamport));
            self.last = Some(Chained { device: self.log.device, hash, entry: entry.clone() });
            self.waiting.push(entry);
        }
        Ok(())
    }

    fn header(&self, entity: EntityId) -> Header {
        let seen = self.entities.get(&entity);
        let context = seen.map(|(seen, _)| (self.log.device, *seen)).into_iter().collect();
        let lamport = seen.map_or(0, |(_, lamport)| *lamport) + 1;
        Header {
            seq: self.last.as_ref().map_or(0, |last| last.entry.header.seq) + 1,
            entity,
            kind: EntityKind::Interview,
            actor: self.actor,
            lamport,
            context,
            said: self.said,
            form_version: 1,
        }
    }

    /// Whether anything waits to be signed.
    pub const fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Signs what waits.
    pub fn cut(&mut self) -> Result<Segment> {
        let (entries, salt) = (std::mem::take(&mut self.waiting), self.salt);
        let segment = Segment::sign(self.log.clone(), self.prior, entries, |_| Some(salt), &self.key)?;
        self.prior = segment.head();
        self.salt = self.dice.id();
        Ok(segment)
    }
}
