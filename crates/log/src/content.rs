//! The content of a segment in format 1: entries written against each other. Read for ever, written no more.
//!
//! Ids that come again and again stand in tables in the order of their first use; Lamport numbers and clocks are written
//! as the difference to the entry before; a context that only grew by the entry before it is not written at all.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use kend_domain::{DeviceId, EntityId, PersonId, Scope};

use crate::chain::{self, ChainHash};
use crate::codec::{self, BadBytes, Reader, Writer};
use crate::limits::{MAX_SEGMENT_ENTRIES, MAX_SEQ};
use crate::segment::{BadSegment, Segment};
use crate::table::Table;
use crate::{Anchor, Context, EntityKind, Entry, Header, LogId, Said, Seen};

/// The canonical content of a segment.
pub(crate) fn write(segment: &Segment) -> Vec<u8> {
    let mut tables = Tables::default();
    let mut body = Writer::default();
    let mut before = Before::default();
    for (entry, hash) in segment.entries.iter().zip(&segment.hashes) {
        let shared = segment.salts.contains_key(&entry.header.entity);
        tables.write_header(&mut body, &entry.header, &before);
        codec::write_slots(&mut body, &entry.slots, !shared);
        before.pass(segment.log.device, &entry.header, *hash);
    }
    let mut to = Writer::default();
    to.raw(segment.log.device.as_bytes());
    to.text(&segment.log.scope.to_string());
    to.number(segment.first_seq());
    to.raw(&segment.prior.0);
    to.count(tables.entities.values().len());
    for (entity, kind) in tables.entities.values() {
        to.raw(entity.as_bytes());
        to.byte(kind.code());
        match segment.salts.get(entity) {
            None => to.byte(0),
            Some(salt) => {
                to.byte(1);
                to.raw(salt);
            }
        }
    }
    tables.write_rest(&mut to);
    to.count(segment.entries.len());
    to.raw(&body.0);
    to.raw(&segment.signature);
    to.0
}

/// Reads content in any encoding; that it was the canonical one is for the caller to check.
pub(crate) fn read(content: &[u8]) -> Result<Segment, BadSegment> {
    let mut reader = Reader(content);
    let from = &mut reader;
    let device = DeviceId::from_bytes(from.array()?);
    let scope = from.text()?.parse::<Scope>().map_err(|_| BadBytes::NotA("scope"))?;
    let first = from.number()?;
    let prior = ChainHash(from.array()?);
    let count = from.count()?;
    let mut tables = Tables::default();
    let mut salts = BTreeMap::new();
    for _ in 0..count {
        let entity = EntityId::from_bytes(from.array()?);
        let kind = EntityKind::from_code(from.byte()?).ok_or(BadBytes::NotA("kind of entity"))?;
        tables.entities.push((entity, kind));
        match from.byte()? {
            0 => {}
            1 => {
                salts.insert(entity, from.array()?);
            }
            _ => return Err(BadBytes::NotA("salt").into()),
        }
    }
    tables.read_rest(from)?;
    let count = from.count()?;
    if count == 0 || count > MAX_SEGMENT_ENTRIES || first > MAX_SEQ {
        return Err(BadSegment::Size);
    }
    let mut before = Before::default();
    let mut entries = Vec::new();
    let mut hashes = Vec::new();
    let mut hash = prior;
    for seq in (first..).take(count) {
        let header = tables.read_header(from, seq, &before)?;
        let salt = salts.get(&header.entity).copied();
        let key = salt.map(|salt| move |index| chain::op_key(&salt, seq, index));
        let slots = codec::read_slots(from, key.as_ref().map(|key| key as _))?;
        let entry = Entry { header, slots };
        entry.check(device).map_err(|source| BadSegment::Entry { seq, source })?;
        hash = entry.chain(&hash);
        before.pass(device, &entry.header, hash);
        hashes.push(hash);
        entries.push(entry);
    }
    let signature = from.array()?;
    from.end()?;
    Ok(Segment { log: LogId { device, scope }, prior, salts, entries, hashes, signature })
}

/// What a header is written against: the entry before it, and per entity the context that would follow by itself.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) lamport: u64,
    pub(crate) wall_ms: i64,
    pub(crate) monotonic_ms: u64,
    pub(crate) contexts: HashMap<EntityId, Context>,
}

impl Before {
    pub(crate) fn pass(&mut self, device: DeviceId, header: &Header, hash: ChainHash) {
        self.lamport = header.lamport;
        self.wall_ms = header.said.wall_ms;
        self.monotonic_ms = header.said.monotonic_ms;
        let mut context = header.context.clone();
        context.see(device, Seen { seq: header.seq, prefix: hash.prefix() });
        self.contexts.insert(header.entity, context);
    }
}

fn read_place<T: Copy + Eq + Hash>(table: &Table<T>, from: &mut Reader<'_>) -> Result<T, BadBytes> {
    table.at(from.number()?)
}

const CONTEXT_FOLLOWS: u8 = 0;
const CONTEXT_WRITTEN: u8 = 1;

#[derive(Default)]
struct Tables {
    entities: Table<(EntityId, EntityKind)>,
    people: Table<PersonId>,
    devices: Table<DeviceId>,
    boots: Table<[u8; 16]>,
    anchors: Table<Anchor>,
    forms: Table<u32>,
}

impl Tables {
    fn write_rest(&self, to: &mut Writer) {
        to.count(self.people.values().len());
        for person in self.people.values() {
            to.raw(person.as_bytes());
        }
        to.count(self.devices.values().len());
        for device in self.devices.values() {
            to.raw(device.as_bytes());
        }
        to.count(self.boots.values().len());
        for boot in self.boots.values() {
            to.raw(boot);
        }
        to.count(self.anchors.values().len());
        for anchor in self.anchors.values() {
            to.raw(&anchor.id);
            to.signed(anchor.hub_ms);
            to.number(anchor.monotonic_ms);
        }
        to.count(self.forms.values().len());
        for form in self.forms.values() {
            to.number(u64::from(*form));
        }
    }

    fn read_rest(&mut self, from: &mut Reader<'_>) -> Result<(), BadBytes> {
        for _ in 0..from.count()? {
            self.people.push(PersonId::from_bytes(from.array()?));
        }
        for _ in 0..from.count()? {
            self.devices.push(DeviceId::from_bytes(from.array()?));
        }
        for _ in 0..from.count()? {
            self.boots.push(from.array()?);
        }
        for _ in 0..from.count()? {
            let (id, hub_ms, monotonic_ms) = (from.array()?, from.signed()?, from.number()?);
            self.anchors.push(Anchor { id, hub_ms, monotonic_ms });
        }
        for _ in 0..from.count()? {
            self.forms.push(u32::try_from(from.number()?).map_err(|_| BadBytes::NotA("form version"))?);
        }
        Ok(())
    }

    fn write_header(&mut self, to: &mut Writer, header: &Header, before: &Before) {
        to.count(self.entities.place((header.entity, header.kind)).0);
        to.count(self.people.place(header.actor).0);
        to.signed(header.lamport.wrapping_sub(before.lamport).cast_signed());
        if before.contexts.get(&header.entity) == Some(&header.context) {
            to.byte(CONTEXT_FOLLOWS);
        } else {
            to.byte(CONTEXT_WRITTEN);
            codec::write_context(to, &header.context, |to, device| to.count(self.devices.place(device).0));
        }
        to.signed(header.said.wall_ms.wrapping_sub(before.wall_ms));
        to.signed(header.said.monotonic_ms.wrapping_sub(before.monotonic_ms).cast_signed());
        to.count(self.boots.place(header.said.boot).0);
        match header.said.anchor {
            None => to.byte(0),
            Some(anchor) => to.count(self.anchors.place(anchor).0 + 1),
        }
        to.count(self.forms.place(header.form_version).0);
    }

    fn read_header(&self, from: &mut Reader<'_>, seq: u64, before: &Before) -> Result<Header, BadBytes> {
        let (entity, kind) = read_place(&self.entities, from)?;
        let actor = read_place(&self.people, from)?;
        let lamport = before.lamport.wrapping_add(from.signed()?.cast_unsigned());
        let context = match from.byte()? {
            CONTEXT_FOLLOWS => before.contexts.get(&entity).cloned().ok_or(BadBytes::NotA("context"))?,
            CONTEXT_WRITTEN => codec::read_context(from, |from| read_place(&self.devices, from))?,
            _ => return Err(BadBytes::NotA("context")),
        };
        let wall_ms = before.wall_ms.wrapping_add(from.signed()?);
        let monotonic_ms = before.monotonic_ms.wrapping_add(from.signed()?.cast_unsigned());
        let boot = read_place(&self.boots, from)?;
        let anchor = match usize::try_from(from.number()?) {
            Ok(0) => None,
            Ok(place) => Some(*self.anchors.values().get(place - 1).ok_or(BadBytes::NotA("anchor"))?),
            Err(_) => return Err(BadBytes::NotA("anchor")),
        };
        let form_version = read_place(&self.forms, from)?;
        let said = Said { wall_ms, monotonic_ms, boot, anchor };
        Ok(Header { seq, entity, kind, actor, lamport, context, said, form_version })
    }
}
