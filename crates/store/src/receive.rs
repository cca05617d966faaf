//! Taking in what others wrote.
//!
//! Nothing of a segment reaches the log before its form, signature, place in the chain and right to be there are verified;
//! then all of it does, in one transaction with the fold. What can't be taken in is kept aside within a quota, so that it
//! is neither lost nor sent again and again. What was erased here does not come back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{ChainHash, EntityState, Folded, HashPrefix, LogId, Previous, PublicKeyBytes, Salt, Segment};
use rusqlite::Connection;

use crate::limits::{FOLLOWING_BYTES, QUARANTINE_BYTES, QUARANTINE_SEGMENTS};
use crate::packed::{self, AsItCame};
use crate::projection::{self, Entity, New};
use crate::quarantine::FOLLOWING;
use crate::transaction::Step;
use crate::{Authority, Code, Device, Received, Store, StoreError, digest, erase, erasures, numbers, segments};

/// Why a segment is not taken in.
pub(crate) enum Refusal {
    Gap { have: u64 },
    Fork,
    Code(Code),
    Store(StoreError),
}

impl Refusal {
    /// As it is for what had been taken in before: then only the disk may refuse.
    pub(crate) fn into_store_error(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Gap { .. } | Self::Fork | Self::Code(_) => StoreError::Damaged("a copied segment".to_owned()),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Takes in whatever verifies: for what had been taken in once before.
pub(crate) struct Everybody;

impl Authority for Everybody {
    fn refuses(&self, _: &Device, _: &LogId, _: &kend_log::Entry) -> Option<Code> {
        None
    }
}

/// A segment that was read, and perhaps verified, before it is taken in. For one that leaves nothing out no store need be at
/// hand for that, and it takes as long as taking in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    segment: Segment,
    /// It was put together with what an entry says that is here.
    filled_in: bool,
    signed_by: Option<PublicKeyBytes>,
}

/// Bytes that no segment came of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRead {
    /// They leave out what an entry says that was not found.
    Lacking,
    /// They are no segment.
    Damaged,
}

impl Arrival {
    /// Reads a segment's bytes; none when they can't be read by themselves.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Segment::from_bytes(bytes).ok().map(|segment| Self { segment, filled_in: false, signed_by: None })
    }

    /// Reads a segment's bytes, with what they leave out from the entry that `held` finds (see [`Store::entry_before`]).
    pub fn read_after<E>(
        bytes: &[u8],
        held: impl FnOnce(DeviceId, u64, HashPrefix) -> Result<Option<Previous>, E>,
    ) -> Result<Result<Self, NotRead>, E> {
        let mut filled_in = false;
        let read = Segment::read(bytes, |device, seq, prefix| {
            filled_in = true;
            held(device, seq, prefix)
        })?;
        let not_read = if filled_in { NotRead::Lacking } else { NotRead::Damaged };
        Ok(read.map(|segment| Self { segment, filled_in, signed_by: None }).map_err(|_| not_read))
    }

    /// Whether what it left out was put in: one that turns out wrong says what nobody wrote.
    pub const fn is_filled_in(&self) -> bool {
        self.filled_in
    }

    /// What was read.
    pub const fn segment(&self) -> &Segment {
        &self.segment
    }

    /// Whether this key signed it, which is believed to be its device's. A store that knows another one asks again.
    pub fn verify(&mut self, key: &PublicKeyBytes) -> bool {
        let signed = self.is_signed_by(key);
        self.signed_by = signed.then_some(*key);
        signed
    }

    fn is_signed_by(&self, key: &PublicKeyBytes) -> bool {
        self.signed_by == Some(*key) || self.segment.verify(key).is_ok()
    }
}

impl Store {
    /// Verifies a segment and takes it in. Repeating it changes nothing. An error means that the disk failed; whatever
    /// is wrong with the segment is an outcome.
    pub fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StoreError> {
        match Arrival::read_after(bytes, |device, seq, prefix| self.entry_before(device, seq, prefix))? {
            Ok(arrival) => self.receive_read(bytes, Some(arrival), authority),
            Err(NotRead::Lacking) => Ok(Received::Lacking),
            Err(NotRead::Damaged) => self.receive_read(bytes, None, authority),
        }
    }

    /// The same for bytes that were read already; none when they are damaged.
    pub fn receive_read(
        &mut self,
        bytes: &[u8],
        arrival: Option<Arrival>,
        authority: &dyn Authority,
    ) -> Result<Received, StoreError> {
        let Some(arrival) = arrival else { return self.set_aside(bytes, None, None, Code::Damaged) };
        let follows = arrival.filled_in;
        let log = arrival.segment.log().clone();
        let own = log.device == self.device;
        let device = match self.known_device(log.device)? {
            Some(device) => device,
            // Its own log comes back to a device that lost its end.
            None if own => Device {
                device: self.device,
                public_key: self.public_key(),
                person: PersonId::from_bytes([0; 16]),
                scopes: vec![log.scope.clone()],
            },
            // Read against the wrong entry it says what nobody wrote: nothing is made of it.
            None if follows => return Ok(Received::Lacking),
            None => return self.set_aside(bytes, Some(arrival.segment), None, Code::UnknownDevice),
        };
        if !arrival.is_signed_by(&device.public_key) {
            if follows {
                return Ok(Received::Lacking);
            }
            return self.set_aside(bytes, Some(arrival.segment), None, Code::BadSignature);
        }
        let refusal = match self.take_in(arrival, bytes, &device, authority) {
            Ok(received) => return Ok(received),
            Err(Refusal::Gap { have }) => return Ok(Received::Gap { log, have }),
            Err(Refusal::Store(error)) => return Err(error),
            Err(refusal) => refusal,
        };
        let again = Arrival::read_after(bytes, |device, seq, prefix| self.entry_before(device, seq, prefix))?;
        let segment = again.ok().map(|arrival| arrival.segment);
        // What is kept is kept whole.
        let whole = match &segment {
            Some(segment) if follows => Cow::Owned(segment.to_bytes()?),
            None if follows => return Ok(Received::Lacking),
            _ => Cow::Borrowed(bytes),
        };
        if let Refusal::Code(code) = refusal {
            return self.set_aside(&whole, segment, Some(log.device), code);
        }
        let kept = self.keep_aside(&whole, segment, Some(log.device), "fork")?;
        Ok(Received::Fork { log, kept })
    }

    /// Keeps a segment aside that follows one set aside, durably, the same bytes once. False when the quota of its
    /// device is used up. Signature and form were verified by [`Store::receive`], which found the gap.
    pub fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StoreError> {
        self.keep_aside(bytes, Some(segment.clone()), Some(segment.log().device), FOLLOWING)
    }

    fn set_aside(
        &mut self,
        bytes: &[u8],
        segment: Option<Segment>,
        signer: Option<DeviceId>,
        code: Code,
    ) -> Result<Received, StoreError> {
        let log = segment.as_ref().map(|segment| segment.log().clone());
        let kept = self.keep_aside(bytes, segment, signer, code.word())?;
        Ok(Received::SetAside { log, code, kept })
    }

    /// Keeps bytes aside, once, within the quota of the device that signed them; without one, within that of nobody, so
    /// that whoever has no key can't use up a device's. What was erased here is left out.
    fn keep_aside(
        &mut self,
        bytes: &[u8],
        segment: Option<Segment>,
        signer: Option<DeviceId>,
        code: &str,
    ) -> Result<bool, StoreError> {
        let digest = *blake3::hash(bytes).as_bytes();
        let device: &[u8] = signer.as_ref().map_or(&[], |signer| signer.as_bytes());
        let known: bool = self
            .connection
            .prepare_cached("SELECT count(*) FROM quarantine WHERE digest = ?1")?
            .query_row([digest], |row| row.get(0))?;
        if known {
            return Ok(true);
        }
        let follows = code == FOLLOWING;
        let (count, size_bytes): (i64, i64) = self
            .connection
            .prepare_cached(
                "SELECT count(*), coalesce(sum(length(raw)), 0) FROM quarantine
                 WHERE device = ?1 AND (code = ?2) = ?3",
            )?
            .query_row((device, FOLLOWING, follows), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let size_with_it = size_bytes.cast_unsigned().saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let full = if follows {
            size_with_it > FOLLOWING_BYTES
        } else {
            count.cast_unsigned() >= QUARANTINE_SEGMENTS || size_with_it > QUARANTINE_BYTES
        };
        if full {
            return Ok(false);
        }
        let stripped = segment.map(|segment| self.without_erased(segment)).transpose()?.flatten();
        self.connection
            .prepare_cached("INSERT INTO quarantine (digest, device, code, raw) VALUES (?1, ?2, ?3, ?4)")?
            .execute((digest, device, code, stripped.as_deref().unwrap_or(bytes)))?;
        Ok(true)
    }

    /// The segment's bytes without what was erased here; none when it has nothing of that.
    fn without_erased(&self, mut segment: Segment) -> Result<Option<Vec<u8>>, StoreError> {
        let entities: BTreeSet<EntityId> = segment.entries().iter().map(|entry| entry.header.entity).collect();
        let mut erased = false;
        for id in entities {
            if let Some(state) = self.entity(id)? {
                for erasure in state.erasures() {
                    erased |= segment.erase(id, erasure.under.as_ref());
                }
            }
            for under in erasures::of(&self.connection, id)? {
                erased |= segment.erase(id, under.as_ref());
            }
        }
        Ok(if erased { Some(segment.to_bytes()?) } else { None })
    }

    pub(crate) fn take_in(
        &mut self,
        arrival: Arrival,
        bytes: &[u8],
        device: &Device,
        authority: &dyn Authority,
    ) -> Result<Received, Refusal> {
        let Arrival { mut segment, filled_in, .. } = arrival;
        let log = segment.log().clone();
        let transaction = Step::begin(&self.connection)?;
        let scope = numbers::scope(&transaction, &log.scope)?;
        let no = numbers::log(&transaction, log.device, scope)?;
        let (have, head) = numbers::head(&transaction, no, &log)?;
        place(&transaction, no, &segment, have, head)?;
        if segment.last_seq() <= have {
            return Ok(Received::Known { log, seq: have, prefix: head.prefix() });
        }
        if log.device != self.device {
            let mut new = segment.entries().iter().filter(|entry| entry.header.seq > have);
            if let Some(code) = new.find_map(|entry| authority.refuses(device, &log, entry)) {
                return Err(Refusal::Code(code));
            }
        }
        // An entity that fails half way stays out of memory and is read from the tables again.
        let mut entities = BTreeMap::<EntityId, Entity>::new();
        for entry in segment.entries() {
            let id = entry.header.entity;
            if entities.contains_key(&id) {
                continue;
            }
            let entity = match self.held.get_mut().take(&transaction, id)? {
                Some(entity) if entity.row.scope != scope => return Err(Refusal::Code(Code::OtherScope)),
                Some(entity) => entity,
                None => Entity {
                    row: numbers::new_entity(&transaction, id, scope, entry.header.kind)?,
                    state: Arc::new(EntityState::new(id)),
                },
            };
            entities.insert(id, entity);
        }
        let mut lost_content = false;
        for (id, entity) in &entities {
            for erasure in entity.state.erasures() {
                lost_content |= segment.erase(*id, erasure.under.as_ref());
            }
            for under in erasures::of(&transaction, *id)? {
                lost_content |= segment.erase(*id, under.as_ref());
            }
        }
        segments::insert(&transaction, no, scope, &segment)?;
        if self.passes_on && !lost_content {
            packed::keep(&transaction, no, segment.last_seq(), &AsItCame { bytes, follows: filled_in })?;
        }
        let (seq, prefix) = (segment.last_seq(), segment.head().prefix());
        let salts: BTreeMap<EntityId, Option<Salt>> = entities.keys().map(|id| (*id, segment.salt(*id))).collect();
        let mut entries = 0;
        let mut erased = Vec::new();
        let mut taken = BTreeMap::<EntityId, (Vec<New>, Folded)>::new();
        for chained in segment.into_chained().filter(|chained| chained.entry.header.seq > have) {
            let id = chained.entry.header.entity;
            let Some(entity) = entities.get_mut(&id) else { continue };
            if !chained.entry.follows(chained.device, entity.state.last_of(chained.device)) {
                return Err(Refusal::Code(Code::BadContext));
            }
            projection::insert(&transaction, no, entity.row, &chained, salts.get(&id).copied().flatten())?;
            let (new, folded) = taken.entry(id).or_default();
            folded.join(Arc::make_mut(&mut entity.state).apply(&chained));
            new.push(New::of(no, &chained));
            entries += 1;
        }
        let mut change = digest::Sum::default();
        for (id, (new, folded)) in taken {
            let Some(entity) = entities.get_mut(&id) else { continue };
            change.add(projection::save(&transaction, entity, &new, &folded)?);
            erased.extend(folded.erased.into_iter().map(|under| (id, entity.row, under)));
        }
        for (id, row, under) in &erased {
            erase::content(&transaction, *id, *row, under.as_ref())?;
        }
        digest::change(&transaction, scope, change)?;
        transaction.commit()?;
        for (id, entity) in entities {
            self.held.get_mut().put(id, entity);
        }
        self.traces |= !erased.is_empty();
        self.clear_traces();
        Ok(Received::Appended { log, entries, seq, prefix })
    }
}

/// Whether the segment goes on where the log ends, or repeats what is here.
fn place(transaction: &Connection, no: i64, segment: &Segment, have: u64, head: ChainHash) -> Result<(), Refusal> {
    let before = segment.first_seq().saturating_sub(1);
    if before > have {
        return Err(Refusal::Gap { have });
    }
    if numbers::hash_at(transaction, no, segment.log(), before)? != Some(segment.prior()) {
        return Err(Refusal::Fork);
    }
    for (entry, hash) in segment.linked().take_while(|(entry, _)| entry.header.seq <= have) {
        let seq = entry.header.seq;
        let here = if seq == have { Some(head) } else { numbers::hash_at(transaction, no, segment.log(), seq)? };
        if here != Some(hash) {
            return Err(Refusal::Fork);
        }
    }
    Ok(())
}
