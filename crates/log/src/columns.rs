//! The content of a segment in format 2: what is alike stands together, and what cannot be compressed stands apart.
//!
//! Every part of an entry has a column of its own. A part that stays the same or goes on by one is written once with its
//! count, so that an entry costs little more than its answer. Paths and choices of the shipped instruments are numbers
//! ([`crate::known`]). Ids, keys, hashes and the lowest byte of the clocks go beside, uncompressed. `docs/wire.md` says the
//! same for whoever writes another implementation.
//!
//! A segment may be written for a reader that holds the entry before it: what that one said need not be said again.

mod ids;
mod ops;
mod sheet;

use std::collections::btree_map::Entry::Vacant;
use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{DeviceId, EntityId, PersonId, Scope};

use crate::chain::{self, ChainHash, Salt};
use crate::codec::{BadBytes, Reader, Writer, signed, unsigned};
use crate::content::Before;
use crate::limits::{MAX_SEGMENT_ENTRIES, MAX_SEGMENT_OPS, MAX_SEQ};
use crate::segment::{BadSegment, Segment};
use crate::table::Table;
use crate::{Anchor, Context, EntityKind, Entry, HashPrefix, Header, LogId, Previous, Said, Seen};
use ids::{Own, ReadIds, WrittenIds};
use ops::{OpReader, OpWriter};
use sheet::{Column, Sheet, SheetReader};

/// The log begins here: the hash before it is known.
const STARTS: u8 = 0;
/// The hash before it is written.
const GOES_ON: u8 = 1;
/// The reader holds the entry before it.
const FOLLOWS: u8 = 2;

/// A second, as a step of either sign is written.
const STEP_OF_A_SECOND: u64 = 2_000;

const SIGNATURE_BYTES: usize = 64;

const CONTEXT_FOLLOWS: u64 = 0;
const CONTEXT_WRITTEN: u64 = 1;

/// The three parts of the content: columns of numbers, texts, and bytes without a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) numbers: Vec<u8>,
    pub(crate) text: Vec<u8>,
    pub(crate) random: Vec<u8>,
}

/// The canonical content of a segment, for a reader that holds the entry before it, if one is given.
pub(crate) fn write(segment: &Segment, previous: Option<&Previous>) -> Parts {
    let device = segment.log.device;
    let mut sheet = Sheet::default();
    let mut head = Writer::default();
    sheet.random.raw(device.as_bytes());
    sheet.random.raw(&segment.signature);
    match previous {
        Some(previous) => {
            head.byte(FOLLOWS);
            sheet.random.raw(&previous.hash.prefix());
        }
        None if segment.prior == ChainHash::start(&segment.log) => {
            head.byte(STARTS);
            head.text(&segment.log.scope.to_string());
        }
        None => {
            head.byte(GOES_ON);
            head.text(&segment.log.scope.to_string());
            sheet.random.raw(&segment.prior.0);
        }
    }
    head.number(segment.first_seq());
    head.count(segment.entries.len());
    let mut headers = HeaderWriter::default();
    for id in known_ids(device, previous) {
        headers.ids.know(id);
    }
    if let Some(anchor) = previous.and_then(|previous| previous.header.said.anchor) {
        headers.anchors.place(anchor);
    }
    let mut before = before(previous);
    let mut ops = OpWriter::default();
    for (entry, hash) in segment.entries.iter().zip(&segment.hashes) {
        let salt = segment.salts.get(&entry.header.entity);
        headers.write(&mut sheet, &entry.header, salt, &mut before);
        sheet.run(Column::Counts, u64::try_from(entry.slots.len()).unwrap_or(u64::MAX).wrapping_sub(1));
        let own = Own { device, header: &entry.header };
        for slot in &entry.slots {
            ops.slot(&mut sheet, &mut headers.ids, own, slot, salt.is_none());
        }
        before.pass(device, &entry.header, *hash);
    }
    sheet.finish(head)
}

/// The entry that content was written against: device, number and start of its chain hash.
pub(crate) fn follows(parts: &Parts) -> Option<(DeviceId, u64, HashPrefix)> {
    let (mut content, mut random) = (Reader(&parts.numbers), Reader(&parts.random));
    if content.byte().ok()? != FOLLOWS {
        return None;
    }
    let device = DeviceId::from_bytes(random.array().ok()?);
    random.array::<SIGNATURE_BYTES>().ok()?;
    Some((device, content.number().ok()?.wrapping_sub(1), random.array().ok()?))
}

/// Reads content in any encoding, and the entry that it was read against. That it was the canonical encoding is for the
/// caller to check.
pub(crate) fn read<'a>(
    parts: &Parts,
    previous: Option<&'a Previous>,
) -> Result<(Segment, Option<&'a Previous>), BadSegment> {
    let (mut content, mut random) = (Reader(&parts.numbers), Reader(&parts.random));
    let device = DeviceId::from_bytes(random.array()?);
    let signature = random.array()?;
    let (log, prior, previous) = match content.byte()? {
        FOLLOWS => {
            let prefix = random.array()?;
            let after = Reader(content.0).number()?.wrapping_sub(1);
            let is_it = |held: &&Previous| {
                held.log.device == device && held.header.seq == after && held.hash.prefix() == prefix
            };
            let Some(held) = previous.filter(is_it) else { return Err(BadSegment::Follows { device, after, prefix }) };
            (held.log.clone(), held.hash, Some(held))
        }
        begins @ (STARTS | GOES_ON) => {
            let scope = content.text()?.parse::<Scope>().map_err(|_| BadBytes::NotA("scope"))?;
            let log = LogId { device, scope };
            let prior = if begins == STARTS { ChainHash::start(&log) } else { ChainHash(random.array()?) };
            (log, prior, None)
        }
        _ => return Err(BadBytes::NotA("beginning").into()),
    };
    let first = content.number()?;
    let count = usize::try_from(content.number()?).map_err(|_| BadSegment::Size)?;
    if count == 0 || count > MAX_SEGMENT_ENTRIES || first > MAX_SEQ {
        return Err(BadSegment::Size);
    }
    let mut sheet = SheetReader::new(content, Reader(&parts.text), random)?;
    let mut headers = HeaderReader::default();
    for id in known_ids(device, previous) {
        headers.ids.know(id);
    }
    if let Some(anchor) = previous.and_then(|previous| previous.header.said.anchor) {
        headers.anchors.push(anchor);
    }
    let mut before = before(previous);
    let mut ops = OpReader::default();
    let (mut entries, mut hashes, mut hash, mut ops_left) = (Vec::new(), Vec::new(), prior, MAX_SEGMENT_OPS);
    for seq in (first..).take(count) {
        let header = headers.read(&mut sheet, seq, &mut before)?;
        let salt = headers.salts.get(&header.entity).copied().flatten();
        let count = usize::try_from(sheet.run(Column::Counts)?).ok().and_then(|count| count.checked_add(1));
        let count = count.filter(|count| *count <= ops_left).ok_or(BadSegment::Size)?;
        ops_left -= count;
        let mut slots = Vec::new();
        for index in (0_u64..).take(count) {
            let key = salt.map(|salt| chain::op_key(&salt, seq, index));
            slots.push(ops.slot(&mut sheet, &mut headers.ids, Own { device, header: &header }, key)?);
        }
        let entry = Entry { header, slots };
        entry.check(device).map_err(|source| BadSegment::Entry { seq, source })?;
        hash = entry.chain(&hash);
        before.pass(device, &entry.header, hash);
        hashes.push(hash);
        entries.push(entry);
    }
    let salts = headers.salts.into_iter().filter_map(|(entity, salt)| Some((entity, salt?))).collect();
    Ok((Segment { log, prior, salts, entries, hashes, signature }, previous))
}

/// Ids that need not be written, in the order of their places.
fn known_ids(device: DeviceId, previous: Option<&Previous>) -> Vec<[u8; 16]> {
    let mut ids = vec![*device.as_bytes()];
    if let Some(Previous { header, .. }) = previous {
        ids.extend([*header.entity.as_bytes(), *header.actor.as_bytes(), header.said.boot]);
    }
    ids
}

fn before(previous: Option<&Previous>) -> Before {
    let mut before = Before::default();
    if let Some(Previous { log, header, hash }) = previous {
        before.pass(log.device, header, *hash);
    }
    before
}

/// Where the clocks of the first entry are counted from: its anchor, if there is no entry before it.
fn count_from_anchor(before: &mut Before, anchor: Option<Anchor>) {
    if let Some(anchor) = anchor.filter(|_| before.lamport == 0) {
        (before.wall_ms, before.monotonic_ms) = (anchor.hub_ms, anchor.monotonic_ms);
    }
}

#[derive(Default)]
struct HeaderWriter {
    ids: WrittenIds,
    anchors: Table<Anchor>,
    /// Entities of which it was said whether their salt is here.
    salts: BTreeSet<EntityId>,
}

impl HeaderWriter {
    fn write(&mut self, sheet: &mut Sheet, header: &Header, salt: Option<&Salt>, before: &mut Before) {
        self.ids.run(sheet, Column::Entities, *header.entity.as_bytes());
        sheet.run(Column::Kinds, header.kind.code().into());
        if self.salts.insert(header.entity) {
            sheet.at(Column::Salts).byte(salt.is_some().into());
            sheet.random.raw(salt.map_or(&[], |salt| &salt[..]));
        }
        self.ids.run(sheet, Column::Actors, *header.actor.as_bytes());
        let beyond = header.lamport.wrapping_sub(before.lamport).wrapping_sub(1);
        sheet.run(Column::Lamports, unsigned(beyond.cast_signed()));
        if before.contexts.get(&header.entity) == Some(&header.context) {
            sheet.run(Column::Contexts, CONTEXT_FOLLOWS);
        } else {
            sheet.run(Column::Contexts, CONTEXT_WRITTEN);
            self.context(sheet, header);
        }
        self.said(sheet, &header.said, before);
        sheet.run(Column::Forms, header.form_version.into());
    }

    fn context(&mut self, sheet: &mut Sheet, header: &Header) {
        sheet.at(Column::Seen).count(header.context.len());
        for (device, seen) in header.context.iter() {
            self.ids.plain(sheet, Column::Seen, *device.as_bytes());
            sheet.at(Column::Seen).signed(header.seq.wrapping_sub(seen.seq).cast_signed());
            sheet.random.raw(&seen.prefix);
        }
    }

    fn said(&mut self, sheet: &mut Sheet, said: &Said, before: &mut Before) {
        self.ids.run(sheet, Column::Boots, said.boot);
        match said.anchor {
            None => sheet.run(Column::Anchors, 0),
            Some(anchor) => {
                let (place, new) = self.anchors.place(anchor);
                sheet.run(Column::Anchors, u64::try_from(place).unwrap_or(u64::MAX).wrapping_add(1));
                if new {
                    sheet.random.raw(&anchor.id);
                    sheet.random.signed(anchor.hub_ms);
                    sheet.random.number(anchor.monotonic_ms);
                }
            }
        }
        count_from_anchor(before, said.anchor);
        let step_ms = said.monotonic_ms.wrapping_sub(before.monotonic_ms).cast_signed();
        write_step(sheet, unsigned(step_ms));
        let wall_ms = said.wall_ms.wrapping_sub(before.wall_ms).wrapping_sub(step_ms);
        sheet.run(Column::Walls, unsigned(wall_ms));
    }
}

/// A step of whole seconds is one number. Of another the lowest byte, which has no pattern, stands apart.
fn write_step(sheet: &mut Sheet, step: u64) {
    if step.is_multiple_of(STEP_OF_A_SECOND) {
        sheet.at(Column::Steps).number((step / STEP_OF_A_SECOND) << 1);
    } else {
        let [low, ..] = step.to_le_bytes();
        sheet.at(Column::Steps).number(((step >> 8) << 1) | 1);
        sheet.random.byte(low);
    }
}

fn read_step(sheet: &mut SheetReader<'_>) -> Result<u64, BadBytes> {
    let number = sheet.at(Column::Steps).number()?;
    let (number, fine) = (number >> 1, number & 1 == 1);
    if fine {
        return Ok((number << 8) | u64::from(sheet.random.byte()?));
    }
    number.checked_mul(STEP_OF_A_SECOND).ok_or(BadBytes::NotA("step of a clock"))
}

#[derive(Default)]
struct HeaderReader {
    ids: ReadIds,
    anchors: Table<Anchor>,
    salts: BTreeMap<EntityId, Option<Salt>>,
}

impl HeaderReader {
    fn read(&mut self, sheet: &mut SheetReader<'_>, seq: u64, before: &mut Before) -> Result<Header, BadBytes> {
        let entity = EntityId::from_bytes(self.ids.run(sheet, Column::Entities)?);
        let kind = u8::try_from(sheet.run(Column::Kinds)?).ok().and_then(EntityKind::from_code);
        let kind = kind.ok_or(BadBytes::NotA("kind of entity"))?;
        if let Vacant(place) = self.salts.entry(entity) {
            place.insert(match sheet.at(Column::Salts).byte()? {
                0 => None,
                1 => Some(sheet.random.array()?),
                _ => return Err(BadBytes::NotA("salt")),
            });
        }
        let actor = PersonId::from_bytes(self.ids.run(sheet, Column::Actors)?);
        let beyond = signed(sheet.run(Column::Lamports)?).cast_unsigned();
        let lamport = before.lamport.wrapping_add(1).wrapping_add(beyond);
        let context = match sheet.run(Column::Contexts)? {
            CONTEXT_FOLLOWS => before.contexts.get(&entity).cloned().ok_or(BadBytes::NotA("context"))?,
            CONTEXT_WRITTEN => self.context(sheet, seq)?,
            _ => return Err(BadBytes::NotA("context")),
        };
        let said = self.said(sheet, before)?;
        let form_version = u32::try_from(sheet.run(Column::Forms)?).map_err(|_| BadBytes::NotA("form version"))?;
        Ok(Header { seq, entity, kind, actor, lamport, context, said, form_version })
    }

    fn context(&mut self, sheet: &mut SheetReader<'_>, own_seq: u64) -> Result<Context, BadBytes> {
        let count = sheet.at(Column::Seen).count()?;
        let mut context = Context::default();
        for _ in 0..count {
            let device = DeviceId::from_bytes(self.ids.plain(sheet, Column::Seen)?);
            let seq = own_seq.wrapping_sub(sheet.at(Column::Seen).signed()?.cast_unsigned());
            context.see(device, Seen { seq, prefix: sheet.random.array()? });
        }
        Ok(context)
    }

    fn said(&mut self, sheet: &mut SheetReader<'_>, before: &mut Before) -> Result<Said, BadBytes> {
        let boot = self.ids.run(sheet, Column::Boots)?;
        let anchor = match sheet.run(Column::Anchors)?.checked_sub(1) {
            None => None,
            Some(place) => {
                if self.anchors.is_next(place) {
                    let random = &mut sheet.random;
                    let (id, hub_ms, monotonic_ms) = (random.array()?, random.signed()?, random.number()?);
                    self.anchors.push(Anchor { id, hub_ms, monotonic_ms });
                }
                Some(self.anchors.at(place)?)
            }
        };
        count_from_anchor(before, anchor);
        let step_ms = signed(read_step(sheet)?);
        let wall_ms = before.wall_ms.wrapping_add(step_ms).wrapping_add(signed(sheet.run(Column::Walls)?));
        let monotonic_ms = before.monotonic_ms.wrapping_add(step_ms.cast_unsigned());
        Ok(Said { wall_ms, monotonic_ms, boot, anchor })
    }
}
