//! The bytes of ops and headers: one encoding per value, read without trust.
//!
//! Whole numbers are LEB128 varints, texts carry their length, ids are their 16 bytes. A reader takes any bytes and
//! gives a typed error, never a panic, and allocates no more than the bytes that are there. That only the one canonical
//! encoding is accepted is checked where whole inputs are read: what was decoded has to encode to the same bytes.

use std::collections::BTreeSet;

use kend_domain::{DeviceId, EntityId, PersonId};

use crate::chain::OpKey;
use crate::{
    Act, Anchor, Attachment, BlobId, BlobKey, Context, Dot, Element, EntityKind, Header, Number, Op, Path, Reason,
    Said, Seen, Slot, Value,
};

/// Bytes that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBytes {
    /// They end too early.
    #[error("the bytes end too early")]
    Short,
    /// Something is there that the format does not have.
    #[error("not a {0}")]
    NotA(&'static str),
    /// Nothing should follow, or the same content has another, canonical encoding.
    #[error("not the canonical encoding")]
    NotCanonical,
}

/// A small number of either sign as a small one without.
pub(crate) const fn unsigned(number: i64) -> u64 {
    (number.wrapping_shl(1) ^ (number >> 63)).cast_unsigned()
}

/// The other way.
pub(crate) const fn signed(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Builds an encoding.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, mut number: u64) {
        loop {
            let low = number.to_le_bytes()[0] & 0x7f;
            number >>= 7;
            if number == 0 {
                return self.byte(low);
            }
            self.byte(low | 0x80);
        }
    }

    /// Small numbers of either sign in few bytes.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number(unsigned(number));
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.raw(text.as_bytes());
    }
}

/// Takes an encoding apart.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], BadBytes> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(BadBytes::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], BadBytes> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(BadBytes::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, BadBytes> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Result<u64, BadBytes> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                break;
            }
            number |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BadBytes::NotA("number"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, BadBytes> {
        self.number().map(signed)
    }

    /// A count of things that take at least one byte each: never more than bytes are left.
    pub(crate) fn count(&mut self) -> Result<usize, BadBytes> {
        let count = usize::try_from(self.number()?).map_err(|_| BadBytes::Short)?;
        if count <= self.0.len() { Ok(count) } else { Err(BadBytes::Short) }
    }

    pub(crate) fn text(&mut self) -> Result<String, BadBytes> {
        let length = self.count()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| BadBytes::NotA("text"))
    }

    pub(crate) fn path(&mut self) -> Result<Path, BadBytes> {
        Path::try_from(self.text()?).map_err(|_| BadBytes::NotA("path"))
    }

    pub(crate) fn end(&self) -> Result<(), BadBytes> {
        if self.0.is_empty() { Ok(()) } else { Err(BadBytes::NotCanonical) }
    }
}

const TEXT: u8 = 1;
const INTEGER: u8 = 2;
const NUMBER: u8 = 3;
const NO: u8 = 4;
const YES: u8 = 5;
const NAMES: u8 = 6;
const ATTACHMENT: u8 = 7;

pub(crate) fn write_value(to: &mut Writer, value: &Value) {
    match value {
        Value::Text(text) => {
            to.byte(TEXT);
            to.text(text);
        }
        Value::Integer(number) => {
            to.byte(INTEGER);
            to.signed(*number);
        }
        Value::Number(number) => {
            to.byte(NUMBER);
            to.raw(&number.get().to_le_bytes());
        }
        Value::Flag(flag) => to.byte(if *flag { YES } else { NO }),
        Value::Names(names) => {
            to.byte(NAMES);
            to.count(names.len());
            for name in names {
                to.text(name);
            }
        }
        Value::Attachment(attachment) => {
            to.byte(ATTACHMENT);
            to.raw(&attachment.blob.0);
            to.raw(&attachment.key.0);
            to.number(attachment.size_bytes);
            to.text(&attachment.media_type);
            to.text(&attachment.file_name);
            to.number(attachment.duration_ms.map_or(0, |duration_ms| duration_ms.saturating_add(1)));
        }
    }
}

pub(crate) fn read_value(from: &mut Reader<'_>) -> Result<Value, BadBytes> {
    Ok(match from.byte()? {
        TEXT => Value::Text(from.text()?),
        INTEGER => Value::Integer(from.signed()?),
        NUMBER => Value::Number(
            Number::try_from(f64::from_le_bytes(from.array()?)).map_err(|_| BadBytes::NotA("finite number"))?,
        ),
        NO => Value::Flag(false),
        YES => Value::Flag(true),
        NAMES => {
            let count = from.count()?;
            let mut names = BTreeSet::new();
            for _ in 0..count {
                names.insert(from.text()?);
            }
            Value::Names(names)
        }
        ATTACHMENT => Value::Attachment(Attachment {
            blob: BlobId(from.array()?),
            key: BlobKey(from.array()?),
            size_bytes: from.number()?,
            media_type: from.text()?,
            file_name: from.text()?,
            duration_ms: from.number()?.checked_sub(1),
        }),
        _ => return Err(BadBytes::NotA("kind of value")),
    })
}

/// The canonical bytes of a value, as projections keep it.
pub fn value_bytes(value: &Value) -> Vec<u8> {
    let mut to = Writer::default();
    write_value(&mut to, value);
    to.0
}

/// The value with these canonical bytes.
pub fn value_from_bytes(bytes: &[u8]) -> Result<Value, BadBytes> {
    let mut from = Reader(bytes);
    let value = read_value(&mut from)?;
    from.end()?;
    canonical(&value_bytes(&value), bytes)?;
    Ok(value)
}

const ERASED: u8 = 0;
const SET: u8 = 1;
const CLEAR: u8 = 2;
const ADD: u8 = 3;
const REMOVE: u8 = 4;
const JUDGE: u8 = 5;
const ERASE: u8 = 6;
const ERASE_UNDER: u8 = 7;

fn write_op(to: &mut Writer, op: &Op) {
    match op {
        Op::Set { path, value } => {
            to.byte(SET);
            to.text(path.as_str());
            write_value(to, value);
        }
        Op::Clear { path } => {
            to.byte(CLEAR);
            to.text(path.as_str());
        }
        Op::Add { path, element } => {
            to.byte(ADD);
            to.text(path.as_str());
            to.text(element.as_str());
        }
        Op::Remove { path, element, seen } => {
            to.byte(REMOVE);
            to.text(path.as_str());
            to.text(element.as_str());
            to.count(seen.len());
            for dot in seen {
                to.raw(dot.device.as_bytes());
                to.number(dot.seq);
            }
        }
        Op::Judge { act } => {
            to.byte(JUDGE);
            to.byte(act.code());
        }
        Op::Erase { under: None, reason } => {
            to.byte(ERASE);
            to.byte(reason.code());
        }
        Op::Erase { under: Some(under), reason } => {
            to.byte(ERASE_UNDER);
            to.text(under.as_str());
            to.byte(reason.code());
        }
    }
}

fn read_reason(from: &mut Reader<'_>) -> Result<Reason, BadBytes> {
    Reason::from_code(from.byte()?).ok_or(BadBytes::NotA("reason"))
}

fn read_element(from: &mut Reader<'_>) -> Result<Element, BadBytes> {
    Element::try_from(from.text()?).map_err(|_| BadBytes::NotA("element"))
}

fn read_op(tag: u8, from: &mut Reader<'_>) -> Result<Op, BadBytes> {
    Ok(match tag {
        SET => Op::Set { path: from.path()?, value: read_value(from)? },
        CLEAR => Op::Clear { path: from.path()? },
        ADD => Op::Add { path: from.path()?, element: read_element(from)? },
        REMOVE => {
            let path = from.path()?;
            let element = read_element(from)?;
            let count = from.count()?;
            let mut seen = Vec::new();
            for _ in 0..count {
                seen.push(Dot { device: DeviceId::from_bytes(from.array()?), seq: from.number()? });
            }
            Op::Remove { path, element, seen }
        }
        JUDGE => Op::Judge { act: Act::from_code(from.byte()?).ok_or(BadBytes::NotA("judgement"))? },
        ERASE => Op::Erase { under: None, reason: read_reason(from)? },
        ERASE_UNDER => Op::Erase { under: Some(from.path()?), reason: read_reason(from)? },
        _ => return Err(BadBytes::NotA("op")),
    })
}

pub(crate) fn op_bytes(op: &Op) -> Vec<u8> {
    let mut to = Writer::default();
    write_op(&mut to, op);
    to.0
}

/// Writes slots; with `with_keys` each kept op is followed by its key, without it keys come from a salt elsewhere.
pub(crate) fn write_slots(to: &mut Writer, slots: &[Slot], with_keys: bool) {
    to.count(slots.len());
    for slot in slots {
        match slot {
            Slot::Kept { op, key } => {
                write_op(to, op);
                if with_keys {
                    to.raw(&key.0);
                }
            }
            Slot::Erased { commitment } => {
                to.byte(ERASED);
                to.raw(commitment);
            }
        }
    }
}

/// Reads slots; `key` gives the key of the op at an index when keys are not written beside the ops.
pub(crate) fn read_slots(from: &mut Reader<'_>, key: Option<&dyn Fn(u64) -> OpKey>) -> Result<Vec<Slot>, BadBytes> {
    let count = from.count()?;
    let mut slots = Vec::new();
    for index in (0_u64..).take(count) {
        slots.push(match from.byte()? {
            ERASED if key.is_some() => return Err(BadBytes::NotA("kept op")),
            ERASED => Slot::Erased { commitment: from.array()? },
            tag => {
                let op = read_op(tag, from)?;
                let key = match key {
                    Some(key) => key(index),
                    None => OpKey(from.array()?),
                };
                Slot::Kept { op, key }
            }
        });
    }
    Ok(slots)
}

/// The bytes of slots with their keys, as a store keeps them.
pub fn slots_bytes(slots: &[Slot]) -> Vec<u8> {
    let mut to = Writer::default();
    write_slots(&mut to, slots, true);
    to.0
}

/// The slots with these bytes.
pub fn slots_from_bytes(bytes: &[u8]) -> Result<Vec<Slot>, BadBytes> {
    let mut from = Reader(bytes);
    let slots = read_slots(&mut from, None)?;
    from.end()?;
    canonical(&slots_bytes(&slots), bytes)?;
    Ok(slots)
}

pub(crate) fn write_context(to: &mut Writer, context: &Context, mut device: impl FnMut(&mut Writer, DeviceId)) {
    to.count(context.len());
    for (seen_device, seen) in context.iter() {
        device(to, seen_device);
        to.number(seen.seq);
        to.raw(&seen.prefix);
    }
}

pub(crate) fn read_context(
    from: &mut Reader<'_>,
    mut device: impl FnMut(&mut Reader<'_>) -> Result<DeviceId, BadBytes>,
) -> Result<Context, BadBytes> {
    let count = from.count()?;
    let mut context = Context::default();
    for _ in 0..count {
        context.see(device(from)?, Seen { seq: from.number()?, prefix: from.array()? });
    }
    Ok(context)
}

/// The bytes of a header on its own, as the chain hashes it and a store keeps it.
pub fn header_bytes(header: &Header) -> Vec<u8> {
    let mut to = Writer::default();
    to.number(header.seq);
    to.raw(header.entity.as_bytes());
    to.byte(header.kind.code());
    to.raw(header.actor.as_bytes());
    to.number(header.lamport);
    write_context(&mut to, &header.context, |to, device| to.raw(device.as_bytes()));
    to.signed(header.said.wall_ms);
    to.number(header.said.monotonic_ms);
    to.raw(&header.said.boot);
    match &header.said.anchor {
        None => to.byte(0),
        Some(anchor) => {
            to.byte(1);
            to.raw(&anchor.id);
            to.signed(anchor.hub_ms);
            to.number(anchor.monotonic_ms);
        }
    }
    to.number(u64::from(header.form_version));
    to.0
}

/// The header with these bytes.
pub fn header_from_bytes(bytes: &[u8]) -> Result<Header, BadBytes> {
    let mut reader = Reader(bytes);
    let from = &mut reader;
    let header = Header {
        seq: from.number()?,
        entity: EntityId::from_bytes(from.array()?),
        kind: EntityKind::from_code(from.byte()?).ok_or(BadBytes::NotA("kind of entity"))?,
        actor: PersonId::from_bytes(from.array()?),
        lamport: from.number()?,
        context: read_context(from, |from| Ok(DeviceId::from_bytes(from.array()?)))?,
        said: Said {
            wall_ms: from.signed()?,
            monotonic_ms: from.number()?,
            boot: from.array()?,
            anchor: match from.byte()? {
                0 => None,
                1 => Some(Anchor { id: from.array()?, hub_ms: from.signed()?, monotonic_ms: from.number()? }),
                _ => return Err(BadBytes::NotA("anchor")),
            },
        },
        form_version: u32::try_from(from.number()?).map_err(|_| BadBytes::NotA("form version"))?,
    };
    from.end()?;
    canonical(&header_bytes(&header), bytes)?;
    Ok(header)
}

/// Two encodings of the same content have to be the same bytes.
pub(crate) fn canonical(encoded: &[u8], read: &[u8]) -> Result<(), BadBytes> {
    if encoded == read { Ok(()) } else { Err(BadBytes::NotCanonical) }
}
