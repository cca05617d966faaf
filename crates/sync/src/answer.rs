//! The hub's side of an exchange.
//!
//! The sender's signature and ticket were checked before. Every segment goes to the store with its rights beside it
//! ([`SegmentRights`]): in a scope of the author's people and of the one who passes it on, and every op within the rights
//! of its actor. What does not pass is set aside, never dropped: it may be honest work. Every scope that is sent is
//! checked too. A segment that the hub holds already is acknowledged again, so any request is safe to repeat.

mod lost;

use std::collections::btree_map::Entry::Vacant;
use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{AreaCode, DeviceId, EntityId, PersonId, Scope};
use kend_log::{EntityKind, Entry, HashPrefix, Header, LogId, Previous, PublicKeyBytes, Segment};
use kend_store::{Addressee, Arrival, Authority, Code, Device, NotRead, Packed, Page, Received};

use crate::message::{Cursor, Epoch, LogHead, ScopeDigest, SetAside, SetAsideCode, SyncRequest, SyncResponse};
use crate::protocol::{MAX_BUDGET_BYTES, MAX_LIST, MAX_ORDERS, PROTOCOL_FOLLOWING};
use crate::rights::Member;
use crate::ticket::Ticket;
use crate::{SignedCertificate, SignedOrder, SignedReceipt};

/// A device, as a hub knows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDevice {
    /// The device.
    pub device: DeviceId,
    /// Its public key.
    pub key: PublicKeyBytes,
    /// Whether it was revoked: what it wrote is set aside from then on, and it holds nothing.
    pub revoked: bool,
    /// The people who use it.
    pub people: Vec<Member>,
}

impl KnownDevice {
    /// Whether the device holds the logs of a scope.
    pub fn may_hold(&self, scope: &Scope) -> bool {
        !self.revoked && self.people.iter().any(|member| member.may_hold(scope))
    }

    /// Whether the device hands in a log: any where it holds the scope, its own where its people write of that kind.
    pub fn may_hand_in(&self, log: &LogId, kind: EntityKind) -> bool {
        self.may_hold(&log.scope) || (log.device == self.device && self.may_keep(&log.scope, kind))
    }

    /// Whether the device keeps a log of its own with what is of this kind in a scope.
    pub fn may_keep(&self, scope: &Scope, kind: EntityKind) -> bool {
        !self.revoked && self.people.iter().any(|member| member.may_keep(scope, kind))
    }
}

/// What the hub's side needs of a store.
pub trait HubReplica {
    /// How it fails. The request is then answered `busy`; what was appended before stays and is known again.
    type Error;

    /// The project of this hub.
    fn project(&self) -> &AreaCode;
    /// The epoch.
    fn epoch(&self) -> Result<Epoch, Self::Error>;
    /// Last entry of a log and the start of its chain hash; none when nothing is held.
    fn head(&self, log: &LogId) -> Result<Option<(u64, HashPrefix)>, Self::Error>;
    /// A device, with its people as they are now.
    fn device(&self, device: DeviceId) -> Result<Option<KnownDevice>, Self::Error>;
    /// Whether a person wrote an entry of an entity, also one that waits for what it had seen.
    fn took_part(&self, entity: EntityId, person: PersonId) -> Result<bool, Self::Error>;
    /// What an entity is, as far as it is known here.
    fn kind(&self, entity: EntityId) -> Result<Option<EntityKind>, Self::Error>;
    /// The entry of a device that a segment was written against: see [`kend_store::Store::entry_before`].
    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, Self::Error>;
    /// Verifies a segment and takes it in. What it says is durable when it returns.
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, Self::Error>;
    /// The same for bytes that were read already; none when they are damaged. A replica that reads them by itself may ignore
    /// what was read.
    fn receive_read(
        &mut self,
        bytes: &[u8],
        _arrival: Option<Arrival>,
        authority: &dyn Authority,
    ) -> Result<Received, Self::Error> {
        self.receive(bytes, authority)
    }
    /// The last entry of a log that was set aside; 0 for none.
    fn set_aside_until(&self, log: &LogId) -> Result<u64, Self::Error>;
    /// Notes that entries up to this one were set aside.
    fn note_set_aside(&mut self, log: &LogId, last_seq: u64) -> Result<(), Self::Error>;
    /// Keeps a segment that follows one set aside, durably; the same bytes once. False when the quota is used up.
    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, Self::Error>;
    /// All scopes that hold anything, in their order.
    fn scopes(&self) -> Result<Vec<Scope>, Self::Error>;
    /// The stream of a scope after a place, without the segments of one device, if one is named, in the bytes for
    /// their addressee.
    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, Self::Error>;
    /// A hash over all that lives in a scope.
    fn digest(&self, scope: &Scope) -> Result<[u8; 16], Self::Error>;
    /// The certificate of a device that has one.
    fn certificate(&self, device: DeviceId) -> Result<Option<SignedCertificate>, Self::Error>;
    /// The certificate of a device, when it is newer than the one with this serial number.
    fn newer_certificate(&self, device: DeviceId, serial: u64) -> Result<Option<SignedCertificate>, Self::Error>;
    /// The last entry of a log that counts; none when its device is not revoked.
    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, Self::Error>;
    /// A receipt of the server for a log, when there is one that reaches beyond an entry. The server signs it now; a hub
    /// has it from the server.
    fn receipt(&self, log: &LogId, beyond_seq: u64, hub_ms: i64) -> Result<Option<SignedReceipt>, Self::Error>;
    /// Notes which order a device carried out last, and returns those that it has still to carry out, in their order.
    fn orders(&mut self, device: DeviceId, done: u64, hub_ms: i64) -> Result<Vec<SignedOrder>, Self::Error>;
}

/// What the world adds to an answer.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The hub's clock, milliseconds since 1970 UTC.
    pub hub_ms: i64,
    /// The ticket for the sender's next request.
    pub ticket: Ticket,
    /// The newest version of the protocol that the sender reads: what the hub then says it speaks.
    pub protocol: u32,
}

/// Answers a request that came from `sender`: its signature and ticket have been checked.
pub fn answer<H: HubReplica>(
    request: &SyncRequest,
    sender: &KnownDevice,
    hub: &mut H,
    moment: Moment,
) -> Result<SyncResponse, H::Error> {
    answer_read(request, Vec::new(), sender, hub, moment)
}

/// The same when the first of its segments were read already, in their order.
pub fn answer_read<H: HubReplica>(
    request: &SyncRequest,
    arrivals: Vec<Option<Arrival>>,
    sender: &KnownDevice,
    hub: &mut H,
    moment: Moment,
) -> Result<SyncResponse, H::Error> {
    // Of other people's logs it is told only in the sender's scopes; its own it knows.
    let may_name = |log: &LogId| log.device == sender.device || sender.may_hold(&log.scope);
    let mut named: BTreeSet<LogId> = request.heads.iter().map(LogHead::log).filter(may_name).collect();
    let (mut set_aside, mut moved) = (Vec::new(), BTreeSet::new());
    let mut arrivals = arrivals.into_iter();
    for (index, bytes) in (0_u32..).zip(&request.segments) {
        let taken = take_arrival(bytes, arrivals.next().flatten(), sender, hub)?;
        moved.extend(taken.log.as_ref().map(|log| log.scope.clone()));
        named.extend(taken.log.filter(may_name));
        set_aside.extend(taken.aside.map(|(code, kept)| SetAside { index, code, kept }));
    }
    // After the segments: what they erased is an order already.
    let mut all_orders = hub.orders(sender.device, request.orders_done, moment.hub_ms)?;
    let more_orders = all_orders.len() > MAX_ORDERS;
    all_orders.truncate(MAX_ORDERS);
    let is_lacking = |aside: &SetAside| aside.code == SetAsideCode::Lacking;
    // What has to come once more comes before any order: one might be to wipe the device.
    let orders = if set_aside.iter().any(is_lacking) {
        Orders { first: Vec::new(), more: true }
    } else {
        Orders { first: all_orders, more: more_orders }
    };
    if sender.revoked {
        set_aside.retain(is_lacking);
        return Ok(SyncResponse { set_aside, ..bare_answer(hub, orders, moment)? });
    }
    let down = collect(request, sender, hub)?;
    let known_safe: BTreeMap<LogId, u64> =
        request.heads.iter().map(LogHead::log).zip(request.safe.iter().copied()).collect();
    let (mut acks, mut receipts) = (Vec::new(), Vec::new());
    for log in named.into_iter().take(MAX_LIST) {
        let (seq, prefix) = hub.head(&log)?.unwrap_or_default();
        receipts.extend(hub.receipt(&log, known_safe.get(&log).copied().unwrap_or(0), moment.hub_ms)?);
        acks.push(LogHead { device: log.device, scope: log.scope, seq, prefix });
    }
    let mut digests = Vec::new();
    for scope in down.whole.into_iter().filter(|scope| down.moved.contains(scope) || moved.contains(scope)) {
        digests.push(ScopeDigest { digest: hub.digest(&scope)?, scope });
    }
    let certificate = hub.newer_certificate(sender.device, request.certificate_serial)?;
    Ok(SyncResponse {
        acks,
        set_aside,
        receipts,
        certificate,
        certificates: down.certificates,
        cursors: down.cursors,
        digests,
        more: down.more || orders.more,
        segments: down.segments.into_iter().map(|segment| segment.bytes).collect(),
        ..bare_answer(hub, orders, moment)?
    })
}

/// What is for a device to do.
struct Orders {
    first: Vec<SignedOrder>,
    more: bool,
}

/// An answer that brings orders and nothing else.
fn bare_answer<H: HubReplica>(hub: &H, orders: Orders, moment: Moment) -> Result<SyncResponse, H::Error> {
    Ok(SyncResponse {
        protocol: moment.protocol,
        epoch: hub.epoch()?,
        orders: orders.first,
        acks: Vec::new(),
        set_aside: Vec::new(),
        receipts: Vec::new(),
        certificate: None,
        certificates: Vec::new(),
        cursors: Vec::new(),
        digests: Vec::new(),
        more: orders.more,
        hub_ms: moment.hub_ms,
        ticket: moment.ticket,
        segments: Vec::new(),
    })
}

/// The rights of everybody who has to do with one segment, read before the store takes it in.
#[derive(Debug)]
pub struct SegmentRights<'a> {
    project: AreaCode,
    sender: &'a KnownDevice,
    author: Option<KnownDevice>,
    accepted_until: Option<u64>,
    /// From which entry of the segment on each person counts as one who took part before.
    took_part: BTreeMap<(EntityId, PersonId), u64>,
    /// What the entities of the segment are known to be: rights go by kind, so nobody may call an interview a meeting.
    kinds: BTreeMap<EntityId, EntityKind>,
}

impl<'a> SegmentRights<'a> {
    /// The rights for a segment that `sender` passes on. Without a segment (damaged bytes) nobody has any.
    pub fn read<H: HubReplica>(segment: Option<&Segment>, sender: &'a KnownDevice, hub: &H) -> Result<Self, H::Error> {
        let (author, accepted_until) = match segment {
            Some(segment) => (hub.device(segment.log().device)?, hub.accepted_until(segment.log())?),
            None => (None, None),
        };
        let (mut took_part, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        for entry in segment.map(Segment::entries).unwrap_or_default() {
            let Header { entity, kind, actor, seq, .. } = entry.header;
            if let Vacant(place) = kinds.entry(entity) {
                place.insert(hub.kind(entity)?.unwrap_or(kind));
            }
            if let Vacant(place) = took_part.entry((entity, actor)) {
                // From the first on that the hub holds, or else from the one after the first in here.
                place.insert(if hub.took_part(entity, actor)? { seq } else { seq + 1 });
            }
        }
        Ok(Self { project: hub.project().clone(), sender, author, accepted_until, took_part, kinds })
    }

    pub(crate) fn allow(&self, log: &LogId, entry: &Entry) -> bool {
        let Some(author) = &self.author else { return false };
        let header = &entry.header;
        // What was accepted before a device was revoked still counts, whoever brings it back.
        let counts = match self.accepted_until {
            Some(last_seq) => header.seq <= last_seq,
            None => !author.revoked,
        };
        let Some(member) = author.people.iter().find(|member| member.person == header.actor) else { return false };
        let took_part =
            self.took_part.get(&(header.entity, header.actor)).is_some_and(|from_seq| header.seq >= *from_seq);
        counts
            && log.scope.project() == &self.project
            && self.kinds.get(&header.entity) == Some(&header.kind)
            && self.sender.may_hand_in(log, header.kind)
            && entry.ops().all(|op| member.may_do(&log.scope, header.kind, op, took_part))
    }
}

impl Authority for SegmentRights<'_> {
    fn refuses(&self, _: &Device, log: &LogId, entry: &Entry) -> Option<Code> {
        if self.allow(log, entry) { None } else { Some(Code::NotAllowed) }
    }
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentTaken {
    /// Its log, if that could be read.
    pub log: Option<LogId>,
    /// Entries that were new.
    pub entries: u32,
    /// None when it is in the log now, or why it is not and whether it is kept.
    pub aside: Option<(SetAsideCode, bool)>,
}

impl SegmentTaken {
    /// It has to come whole: what it leaves out can't be put in here.
    const fn lacking() -> Self {
        Self { log: None, entries: 0, aside: Some((SetAsideCode::Lacking, false)) }
    }
}

/// Takes in a segment that `sender` passes on, whatever brings it. One that is held already is no news.
pub fn take_segment<H: HubReplica>(bytes: &[u8], sender: &KnownDevice, hub: &mut H) -> Result<SegmentTaken, H::Error> {
    take_arrival(bytes, None, sender, hub)
}

/// The same for one that was read already, if it could be by itself.
fn take_arrival<H: HubReplica>(
    bytes: &[u8],
    arrival: Option<Arrival>,
    sender: &KnownDevice,
    hub: &mut H,
) -> Result<SegmentTaken, H::Error> {
    let held = |device, seq, prefix| {
        // Whether the hub holds an entry is nothing to be told to who may not hold it.
        let may_know = |held: &Previous| device == sender.device || sender.may_hold(&held.log.scope);
        Ok(hub.entry_before(device, seq, prefix)?.filter(may_know))
    };
    let arrival = match arrival {
        Some(arrival) => Some(arrival),
        None => match Arrival::read_after(bytes, held)? {
            Ok(arrival) => Some(arrival),
            Err(NotRead::Lacking) => return Ok(SegmentTaken::lacking()),
            Err(NotRead::Damaged) => None,
        },
    };
    let follows = arrival.as_ref().is_some_and(Arrival::is_filled_in);
    let segment = arrival.as_ref().map(Arrival::segment);
    let log = segment.map(|segment| segment.log().clone());
    let (first_seq, last_seq) = segment.map_or((0, 0), |segment| (segment.first_seq(), segment.last_seq()));
    let rights = SegmentRights::read(segment, sender, hub)?;
    let (code, kept) = match hub.receive_read(bytes, arrival, &rights)? {
        Received::Appended { entries, .. } => return Ok(SegmentTaken { log, entries, aside: None }),
        Received::Known { .. } => return Ok(SegmentTaken { log, entries: 0, aside: None }),
        Received::Fork { kept, .. } => (SetAsideCode::Fork, kept),
        Received::SetAside { code, kept, .. } => (code.into(), kept),
        Received::Gap { .. } if follows => return Ok(SegmentTaken::lacking()),
        Received::Gap { .. } => {
            let after_one = match &log {
                Some(log) => hub.set_aside_until(log)? >= first_seq.saturating_sub(1),
                None => false,
            };
            let kept = match Segment::from_bytes(bytes) {
                Ok(segment) if after_one => hub.keep_following(&segment, bytes)?,
                _ => false,
            };
            (SetAsideCode::Gap, kept)
        }
        Received::Lacking => return Ok(SegmentTaken::lacking()),
    };
    if let Some(log) = log.as_ref().filter(|_| kept) {
        hub.note_set_aside(log, last_seq)?;
    }
    Ok(SegmentTaken { log, entries: 0, aside: Some((code, kept)) })
}

#[derive(Default)]
struct Down {
    segments: Vec<Packed>,
    cursors: Vec<Cursor>,
    certificates: Vec<SignedCertificate>,
    /// Whose certificates are among them.
    certified: BTreeSet<DeviceId>,
    /// Scopes of which anything was sent.
    moved: BTreeSet<Scope>,
    /// Scopes that were sent to their end.
    whole: Vec<Scope>,
    more: bool,
}

/// Where to read on in the stream of a scope.
struct Place<'a> {
    scope: &'a Scope,
    position: u64,
    except: Option<DeviceId>,
    addressee: Addressee,
}

impl Down {
    /// Adds what is not known, as far as the budget goes; returns how far that was.
    fn add<H: HubReplica>(
        &mut self,
        from: &Place<'_>,
        known: &BTreeMap<LogId, u64>,
        left_bytes: &mut usize,
        hub: &mut H,
    ) -> Result<u64, H::Error> {
        let mut position = from.position;
        loop {
            let page = hub.after(from.scope, position, from.except, *left_bytes, from.addressee)?;
            position = page.cursor.max(position);
            for segment in page.segments {
                if known.get(&segment.log).is_some_and(|seq| *seq >= segment.last_seq) {
                    continue;
                }
                let author = segment.log.device;
                // A log's certificate travels with its beginning: who holds one holds the other.
                if segment.first_seq == 1 && self.certified.insert(author) {
                    self.certificates.extend(hub.certificate(author)?);
                }
                *left_bytes = left_bytes.saturating_sub(segment.bytes.len());
                self.moved.insert(from.scope.clone());
                self.segments.push(segment);
            }
            if !page.more {
                self.whole.push(from.scope.clone());
                return Ok(position);
            }
            if !self.segments.is_empty() {
                self.more = true;
                return Ok(position);
            }
        }
    }
}

/// A piece of the stream of a scope, for everybody who may hold it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopePage {
    /// Certificates of the devices whose logs begin here.
    pub certificates: Vec<SignedCertificate>,
    /// Segments, as their authors signed them.
    pub segments: Vec<Vec<u8>>,
    /// Receipts of the server for these logs.
    pub receipts: Vec<SignedReceipt>,
    /// Where it goes on.
    pub position: u64,
    /// Whether it goes on.
    pub more: bool,
}

/// Reads a scope's stream after a place. Who may have it is for the caller to know.
pub fn read_scope<H: HubReplica>(
    scope: &Scope,
    position: u64,
    hub: &mut H,
    hub_ms: i64,
) -> Result<ScopePage, H::Error> {
    let mut down = Down::default();
    let mut left_bytes = MAX_BUDGET_BYTES;
    let position = down.add(
        &Place { scope, position, except: None, addressee: Addressee::Anybody },
        &BTreeMap::new(),
        &mut left_bytes,
        hub,
    )?;
    let logs: BTreeSet<LogId> = down.segments.iter().map(|segment| segment.log.clone()).collect();
    let mut receipts = Vec::new();
    for log in logs {
        receipts.extend(hub.receipt(&log, 0, hub_ms)?);
    }
    let Down { segments, certificates, more, .. } = down;
    let segments = segments.into_iter().map(|segment| segment.bytes).collect();
    Ok(ScopePage { certificates, segments, receipts, position, more })
}

fn collect<H: HubReplica>(request: &SyncRequest, sender: &KnownDevice, hub: &mut H) -> Result<Down, H::Error> {
    let known: BTreeMap<LogId, u64> = request.heads.iter().map(|head| (head.log(), head.seq)).collect();
    let same_epoch = request.epoch == Some(hub.epoch()?);
    // A log's segments come in its order: who has received the stream up to one holds the entry before it, or says so.
    let addressee = if request.protocol >= PROTOCOL_FOLLOWING { Addressee::Holder } else { Addressee::Anybody };
    let mut left_bytes = usize::try_from(request.budget_bytes).unwrap_or(MAX_BUDGET_BYTES).min(MAX_BUDGET_BYTES);
    let mut down = Down::default();
    let (held, others): (Vec<Scope>, Vec<Scope>) = hub.scopes()?.into_iter().partition(|scope| sender.may_hold(scope));
    for scope in others.iter().filter(|scope| sender.may_keep(scope, EntityKind::Meeting)) {
        down.add_lost(&LogId { device: sender.device, scope: scope.clone() }, &known, &mut left_bytes, hub)?;
    }
    for scope in held {
        if left_bytes == 0 && !down.segments.is_empty() {
            down.more = true;
            break;
        }
        let named = request.cursors.iter().find(|cursor| cursor.scope == scope);
        let start = named.filter(|_| same_epoch).map_or(0, |cursor| cursor.position);
        // Its own entries go back only to a device that lost them: one put back from a backup.
        let own = LogId { device: sender.device, scope: scope.clone() };
        let held_here = hub.head(&own)?.map_or(0, |(seq, _)| seq);
        let lost = known.get(&own).copied().unwrap_or(0) < held_here;
        let from = Place { scope: &scope, position: start, except: (!lost).then_some(sender.device), addressee };
        let position = down.add(&from, &known, &mut left_bytes, hub)?;
        if position != start || !same_epoch {
            down.cursors.push(Cursor { scope, position });
        }
        if down.more {
            break;
        }
    }
    Ok(down)
}
