//! A store in memory: the rules of `kend_store::Store`, without its file.
//!
//! It exists to run ten thousand histories where the real store runs hundreds. It cuts and signs own entries when they
//! are first asked for, takes in what others signed under the same checks in the same order, erases, and keeps aside
//! within the same quotas. That it does is checked: seeds run on both have to come to the same end.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{
    BadSegment, ChainHash, Chained, Dot, EntityState, Entry, HashPrefix, Header, LogId, Previous, PublicKeyBytes, Salt,
    Seen, Segment, SigningKeyBytes,
};
use kend_store::{Addressee, Append, Appended, Authority, Code, Device, KeptReceipt, Packed, Page, Received, limits};
use kend_sync::{Certificate, Deed, Epoch, LogHead, Marks, Receipt, SignedCertificate, SignedReceipt};

use crate::storage::{Storage, StorageError};

#[derive(Clone)]
struct Row {
    chained: Chained,
    salt: Option<Salt>,
}

/// Where a segment begins and ends, its signature and its place in its scope.
#[derive(Clone)]
struct Bounds {
    first: u64,
    last: u64,
    signature: [u8; 64],
    place: u64,
}

#[derive(Clone, Default)]
struct Log {
    rows: Vec<Row>,
    segments: Vec<Bounds>,
    acknowledged: u64,
}

#[derive(Clone)]
struct Aside {
    device: Option<DeviceId>,
    follows: bool,
    bytes: Vec<u8>,
}

/// A store in memory. A clone is a backup.
#[derive(Clone)]
pub struct Memory {
    device: DeviceId,
    signing_key: SigningKeyBytes,
    logs: BTreeMap<LogId, Log>,
    entities: BTreeMap<EntityId, (Scope, Arc<EntityState>)>,
    places: BTreeMap<Scope, u64>,
    devices: BTreeMap<DeviceId, Device>,
    marks: Marks,
    receipts: BTreeMap<LogId, KeptReceipt>,
    orders_done: u64,
    /// What orders erased, also of what is not here yet.
    ordered: BTreeMap<EntityId, Vec<Option<kend_log::Path>>>,
    revoked: BTreeMap<DeviceId, BTreeMap<Scope, u64>>,
    /// Scopes taken away; with the end of the own log there, once the content is gone.
    left: BTreeMap<Scope, Option<u64>>,
    certificate: Option<SignedCertificate>,
    aside: BTreeMap<[u8; 32], Aside>,
}

enum Refusal {
    Gap(u64),
    Fork,
    Code(Code),
}

impl Memory {
    /// An empty store of a device.
    pub fn new(device: DeviceId, signing_key: SigningKeyBytes) -> Self {
        Self {
            device,
            signing_key,
            logs: BTreeMap::new(),
            entities: BTreeMap::new(),
            places: BTreeMap::new(),
            devices: BTreeMap::new(),
            marks: Marks::default(),
            receipts: BTreeMap::new(),
            orders_done: 0,
            ordered: BTreeMap::new(),
            revoked: BTreeMap::new(),
            left: BTreeMap::new(),
            certificate: None,
            aside: BTreeMap::new(),
        }
    }

    /// The chain hashes of every log, to compare replicas by.
    pub fn content(&self) -> BTreeMap<LogId, Vec<ChainHash>> {
        let hashes = |log: &Log| log.rows.iter().map(|row| row.chained.hash).collect();
        self.logs.iter().map(|(id, log)| (id.clone(), hashes(log))).collect()
    }

    fn state(&self, entity: EntityId, scope: &Scope) -> Option<Arc<EntityState>> {
        match self.entities.get(&entity) {
            Some((of, state)) => (of == scope).then(|| Arc::clone(state)),
            None => Some(Arc::new(EntityState::new(entity))),
        }
    }

    fn take_in(&mut self, segment: &mut Segment, device: &Device, authority: &dyn Authority) -> Result<u32, Refusal> {
        let id = segment.log().clone();
        let log = self.logs.get(&id).cloned().unwrap_or_default();
        let have = log.last();
        log.place(&id, segment)?;
        if segment.last_seq() <= have {
            return Ok(0);
        }
        if id.device != self.device {
            let mut new = segment.entries().iter().filter(|entry| entry.header.seq > have);
            if let Some(code) = new.find_map(|entry| authority.refuses(device, &id, entry)) {
                return Err(Refusal::Code(code));
            }
        }
        let mut states = BTreeMap::new();
        for entry in segment.entries() {
            let entity = entry.header.entity;
            let state = self.state(entity, &id.scope).ok_or(Refusal::Code(Code::OtherScope))?;
            states.entry(entity).or_insert(state);
        }
        for (entity, state) in &states {
            for erasure in state.erasures() {
                segment.erase(*entity, erasure.under.as_ref());
            }
            for under in self.ordered.get(entity).into_iter().flatten() {
                segment.erase(*entity, under.as_ref());
            }
        }
        let mut log = log;
        let mut erased = Vec::new();
        let mut entries = 0;
        let new: Vec<Chained> = segment.chained().filter(|chained| chained.entry.header.seq > have).collect();
        for chained in new {
            let entity = chained.entry.header.entity;
            let Some(state) = states.get_mut(&entity) else { continue };
            if !chained.entry.follows(id.device, log.previous(entity)) {
                return Err(Refusal::Code(Code::BadContext));
            }
            let folded = Arc::make_mut(state).apply(&chained);
            erased.extend(folded.erased.into_iter().map(|under| (entity, under)));
            log.rows.push(Row { salt: segment.salt(entity), chained });
            entries += 1;
        }
        log.segments.push(Bounds {
            first: segment.first_seq(),
            last: segment.last_seq(),
            signature: *segment.signature(),
            place: next_place(&mut self.places, &id.scope),
        });
        for (entity, state) in states {
            self.entities.insert(entity, (id.scope.clone(), state));
        }
        self.logs.insert(id, log);
        for (entity, under) in erased {
            self.erase(entity, under.as_ref());
        }
        Ok(entries)
    }

    fn erase(&mut self, entity: EntityId, under: Option<&kend_log::Path>) {
        for log in self.logs.values_mut() {
            let mut salts = Vec::new();
            for row in log.rows.iter_mut().filter(|row| row.chained.entry.header.entity == entity) {
                if row.chained.entry.erase(under) {
                    salts.extend(row.salt);
                }
            }
            let same = |row: &&mut Row| row.chained.entry.header.entity == entity;
            for row in log.rows.iter_mut().filter(same) {
                row.salt = row.salt.filter(|salt| !salts.contains(salt));
            }
        }
        // What can't be read goes altogether: nobody can say what it holds.
        self.aside.retain(|_, aside| match Segment::from_bytes(&aside.bytes) {
            Ok(mut segment) => {
                if segment.erase(entity, under) {
                    segment.to_bytes().is_ok_and(|bytes| {
                        aside.bytes = bytes;
                        true
                    })
                } else {
                    true
                }
            }
            Err(_) => false,
        });
    }

    fn keep_aside(&mut self, bytes: &[u8], segment: Option<Segment>, device: Option<DeviceId>, follows: bool) -> bool {
        let digest = *blake3::hash(bytes).as_bytes();
        if self.aside.contains_key(&digest) {
            return true;
        }
        let held = self.aside.values().filter(|aside| aside.device == device && aside.follows == follows);
        let (count, size_bytes) =
            held.fold((0, size(bytes)), |(count, total), aside| (count + 1, total + size(&aside.bytes)));
        let full = if follows {
            size_bytes > limits::FOLLOWING_BYTES
        } else {
            count >= limits::QUARANTINE_SEGMENTS || size_bytes > limits::QUARANTINE_BYTES
        };
        if full {
            return false;
        }
        let stripped = segment.and_then(|segment| self.without_erased(segment));
        self.aside.insert(digest, Aside { device, follows, bytes: stripped.unwrap_or_else(|| bytes.to_vec()) });
        true
    }

    /// The segment's bytes without what was erased here; none when it has nothing of that.
    pub fn without_erased(&self, mut segment: Segment) -> Option<Vec<u8>> {
        let mut erased = false;
        for (entity, (_, state)) in &self.entities {
            for erasure in state.erasures() {
                erased |= segment.erase(*entity, erasure.under.as_ref());
            }
        }
        for (entity, ordered) in &self.ordered {
            for under in ordered {
                erased |= segment.erase(*entity, under.as_ref());
            }
        }
        erased.then(|| segment.to_bytes().ok()).flatten()
    }

    fn set_aside(&mut self, bytes: &[u8], segment: Option<Segment>, signer: Option<DeviceId>, code: Code) -> Received {
        let log = segment.as_ref().map(|segment| segment.log().clone());
        let kept = self.keep_aside(bytes, segment, signer, false);
        Received::SetAside { log, code, kept }
    }

    /// Signs own entries that stand in no segment yet.
    fn cut(&mut self, id: &LogId) {
        let Some(log) = self.logs.get_mut(id).filter(|_| id.device == self.device) else { return };
        while log.cut() < log.last() {
            let first = log.cut() + 1;
            let mut size_bytes = 0;
            let sized = log.rows.iter().skip(place(first)).take_while(|row| {
                let entry = &row.chained.entry;
                size_bytes += size(&kend_log::header_bytes(&entry.header)) + size(&kend_log::slots_bytes(&entry.slots));
                entry.header.seq == first || size_bytes <= limits::SEGMENT_BYTES
            });
            let last = first - 1 + u64::try_from(sized.take(limits::SEGMENT_ENTRIES).count()).unwrap_or(1).max(1);
            let (prior, entries, salts) = log.run(id, first, last);
            let salt = |entity| salts.get(&entity).copied();
            let Ok(signed) = Segment::sign(id.clone(), prior, entries, salt, &self.signing_key) else { return };
            let place = next_place(&mut self.places, &id.scope);
            log.segments.push(Bounds { first, last, signature: *signed.signature(), place });
        }
    }
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn place(seq: u64) -> usize {
    usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX)
}

fn next_place(places: &mut BTreeMap<Scope, u64>, scope: &Scope) -> u64 {
    let place = places.entry(scope.clone()).or_default();
    *place += 1;
    *place
}

impl Log {
    fn last(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.chained.entry.header.seq)
    }

    fn cut(&self) -> u64 {
        self.segments.last().map_or(0, |bounds| bounds.last)
    }

    fn hash_at(&self, id: &LogId, seq: u64) -> Option<ChainHash> {
        if seq == 0 {
            return Some(ChainHash::start(id));
        }
        self.rows.get(place(seq)).map(|row| row.chained.hash)
    }

    /// Whether the segment goes on where the log ends, or repeats what is here.
    fn place(&self, id: &LogId, segment: &Segment) -> Result<(), Refusal> {
        let before = segment.first_seq().saturating_sub(1);
        if before > self.last() {
            return Err(Refusal::Gap(self.last()));
        }
        if self.hash_at(id, before) != Some(segment.prior()) {
            return Err(Refusal::Fork);
        }
        let mut known = segment.chained().filter(|chained| chained.entry.header.seq <= self.last());
        if known.any(|chained| self.hash_at(id, chained.entry.header.seq) != Some(chained.hash)) {
            return Err(Refusal::Fork);
        }
        Ok(())
    }

    fn previous(&self, entity: EntityId) -> Option<Seen> {
        let row = self.rows.iter().rfind(|row| row.chained.entry.header.entity == entity)?;
        Some(Seen { seq: row.chained.entry.header.seq, prefix: row.chained.hash.prefix() })
    }

    fn run(&self, id: &LogId, first: u64, last: u64) -> (ChainHash, Vec<Entry>, BTreeMap<EntityId, Salt>) {
        let prior = self.hash_at(id, first - 1).unwrap_or_else(|| ChainHash::start(id));
        let mut salts = BTreeMap::new();
        let mut entries = Vec::new();
        for row in self.rows.iter().skip(place(first)).take(place(last) + 1 - place(first)) {
            if let Some(salt) = row.salt {
                salts.entry(row.chained.entry.header.entity).or_insert(salt);
            }
            entries.push(row.chained.entry.clone());
        }
        (prior, entries, salts)
    }

    fn pack(&self, id: &LogId, bounds: &Bounds, addressee: Addressee) -> Result<Packed, StorageError> {
        let (prior, entries, salts) = self.run(id, bounds.first, bounds.last);
        let refused = |error: BadSegment| StorageError::Refused(error.to_string());
        let salt = |entity| salts.get(&entity).copied();
        let segment = Segment::assemble(id.clone(), prior, entries, salt, bounds.signature).map_err(refused)?;
        let before = self.before(id, bounds.first - 1).filter(|_| addressee == Addressee::Holder);
        let bytes = before.map_or_else(|| segment.to_bytes(), |before| segment.to_bytes_after(&before));
        let (log, first_seq, last_seq, head) = (id.clone(), bounds.first, bounds.last, segment.head());
        Ok(Packed { log, first_seq, last_seq, head, bytes: bytes.map_err(refused)? })
    }

    fn before(&self, id: &LogId, seq: u64) -> Option<Previous> {
        let row = self.rows.iter().find(|row| row.chained.entry.header.seq == seq)?;
        Some(Previous { log: id.clone(), header: row.chained.entry.header.clone(), hash: row.chained.hash })
    }
}

impl Storage for Memory {
    fn below(&self) -> &dyn Storage {
        self
    }

    fn below_mut(&mut self) -> &mut dyn Storage {
        self
    }

    fn device(&self) -> DeviceId {
        self.device
    }

    fn public_key(&self) -> PublicKeyBytes {
        kend_log::public_key(&self.signing_key)
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&self.signing_key, purpose, message)
    }

    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        let refused = |why: &str| StorageError::Refused(why.to_owned());
        let id = LogId { device: self.device, scope: append.scope.clone() };
        let mut state = self.state(append.entity, &id.scope).ok_or_else(|| refused("another scope"))?;
        let ordered = self.ordered.get(&append.entity);
        let erased = |path: &kend_log::Path| {
            let mut ordered = ordered.into_iter().flatten();
            state.is_erased(path) || ordered.any(|under| under.as_ref().is_none_or(|under| path.is_under(under)))
        };
        if append.ops.iter().any(|op| op.path().is_some_and(erased)) {
            return Err(refused("erased"));
        }
        let own_seq = self.logs.get(&id).map_or(0, Log::last);
        if self.left.get(&id.scope).is_some_and(|left| left.is_some_and(|left_seq| own_seq < left_seq)) {
            return Err(refused("the scope was left"));
        }
        let mut context = append.seen.unwrap_or_else(|| state.context().clone());
        let is_here = |(device, seen): (_, Seen)| {
            state.mark_of(Dot { device, seq: seen.seq }).is_some_and(|mark| mark.prefix == seen.prefix)
        };
        if !context.iter().all(is_here) {
            return Err(refused("not seen"));
        }
        if let Some(own) = state.context().of(self.device) {
            context.see(self.device, own);
        }
        let log = self.logs.entry(id.clone()).or_default();
        let header = Header {
            seq: log.last() + 1,
            entity: append.entity,
            kind: append.kind,
            actor: append.actor,
            lamport: state.lamport_of(&context) + 1,
            context,
            said: append.said,
            form_version: append.form_version,
        };
        let (seq, lamport) = (header.seq, header.lamport);
        let in_use = log.rows.iter().rfind(|row| row.chained.entry.header.entity == append.entity);
        let in_use = in_use.filter(|row| row.chained.entry.header.seq > log.cut()).and_then(|row| row.salt);
        let salt = in_use.unwrap_or(append.salt);
        let entry = Entry::new(self.device, header, append.ops, &salt)
            .map_err(|error| StorageError::Refused(error.to_string()))?;
        let prior = log.hash_at(&id, seq - 1).unwrap_or_else(|| ChainHash::start(&id));
        let chained = Chained { device: self.device, hash: entry.chain(&prior), entry };
        let appended = Appended { dot: chained.dot(), lamport, hash: chained.hash };
        let folded = Arc::make_mut(&mut state).apply(&chained);
        log.rows.push(Row { chained, salt: Some(salt) });
        self.entities.insert(append.entity, (id.scope, state));
        for under in &folded.erased {
            self.erase(append.entity, under.as_ref());
        }
        Ok(appended)
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let mut follows = false;
        let read = Segment::read(bytes, |device, seq, prefix| {
            follows = true;
            self.entry_before(device, seq, prefix)
        })?;
        let segment = match read {
            Ok(segment) => segment,
            Err(_) if follows => return Ok(Received::Lacking),
            Err(_) => return Ok(self.set_aside(bytes, None, None, Code::Damaged)),
        };
        let log = segment.log().clone();
        let device = match self.devices.get(&log.device) {
            Some(device) => device.clone(),
            // Its own log comes back to a device that lost its end.
            None if log.device == self.device => Device {
                device: self.device,
                public_key: self.public_key(),
                person: PersonId::from_bytes([0; 16]),
                scopes: vec![log.scope.clone()],
            },
            None if follows => return Ok(Received::Lacking),
            None => return Ok(self.set_aside(bytes, Some(segment), None, Code::UnknownDevice)),
        };
        if segment.verify(&device.public_key).is_err() {
            if follows {
                return Ok(Received::Lacking);
            }
            return Ok(self.set_aside(bytes, Some(segment), None, Code::BadSignature));
        }
        // A copy: what was erased is left out of it, and is to be found in what is kept aside.
        let taken = self.take_in(&mut segment.clone(), &device, authority);
        // What is kept is kept whole.
        let whole = if follows { segment.to_bytes().ok() } else { None };
        let bytes = whole.as_deref().unwrap_or(bytes);
        Ok(match taken {
            Ok(0) => {
                let held = self.logs.get(&log).cloned().unwrap_or_default();
                let prefix = held.hash_at(&log, held.last()).map(|hash| hash.prefix()).unwrap_or_default();
                Received::Known { seq: held.last(), prefix, log }
            }
            Ok(entries) => {
                Received::Appended { log, entries, seq: segment.last_seq(), prefix: segment.head().prefix() }
            }
            Err(Refusal::Gap(have)) => Received::Gap { log, have },
            Err(Refusal::Fork) => {
                Received::Fork { kept: self.keep_aside(bytes, Some(segment), Some(log.device), false), log }
            }
            Err(Refusal::Code(code)) => self.set_aside(bytes, Some(segment), Some(log.device), code),
        })
    }

    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StorageError> {
        Ok(self.keep_aside(bytes, Some(segment.clone()), Some(segment.log().device), true))
    }

    fn heads(&self) -> Result<Vec<LogHead>, StorageError> {
        let head = |(id, log): (&LogId, &Log)| LogHead {
            device: id.device,
            scope: id.scope.clone(),
            seq: log.last(),
            prefix: log.hash_at(id, log.last()).map(|hash| hash.prefix()).unwrap_or_default(),
        };
        Ok(self.logs.iter().map(head).collect())
    }

    fn acknowledged(&self) -> BTreeMap<LogId, u64> {
        let own = self.logs.iter().filter(|(id, _)| id.device == self.device);
        own.map(|(id, log)| (id.clone(), log.acknowledged)).collect()
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        let of_it = self.logs.iter().filter(|(id, _)| id.device == device);
        let mut held = of_it.filter_map(|(id, log)| log.before(id, seq)).filter(|held| held.hash.prefix() == prefix);
        let first = held.next();
        Ok(first.filter(|_| held.next().is_none()))
    }

    fn segments(
        &mut self,
        id: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        self.cut(id);
        let Some(log) = self.logs.get(id) else { return Ok(Vec::new()) };
        let (mut segments, mut size_bytes) = (Vec::new(), 0);
        for bounds in log.segments.iter().filter(|bounds| bounds.last > after_seq) {
            let packed = log.pack(id, bounds, addressee)?;
            size_bytes += packed.bytes.len();
            if !segments.is_empty() && size_bytes > budget_bytes {
                break;
            }
            segments.push(packed);
        }
        Ok(segments)
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        self.cut(&LogId { device: self.device, scope: scope.clone() });
        let mut stream: Vec<(&LogId, &Log, &Bounds)> = Vec::new();
        for (id, log) in self.logs.iter().filter(|(id, _)| id.scope == *scope) {
            stream.extend(log.segments.iter().filter(|bounds| bounds.place > position).map(|bounds| (id, log, bounds)));
        }
        stream.sort_by_key(|(.., bounds)| bounds.place);
        let mut page = Page { cursor: position, ..Page::default() };
        let mut size_bytes = 0;
        for (id, log, bounds) in stream {
            if except != Some(id.device) {
                let packed = log.pack(id, bounds, addressee)?;
                size_bytes += packed.bytes.len();
                if !page.segments.is_empty() && size_bytes > budget_bytes {
                    page.more = true;
                    break;
                }
                page.segments.push(packed);
            }
            page.cursor = bounds.place;
        }
        Ok(page)
    }

    fn acknowledge(&mut self, id: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        let Some(log) = self.logs.get_mut(id) else { return Ok(false) };
        let same = log.hash_at(id, seq).is_some_and(|hash| hash.prefix() == prefix);
        if same {
            log.acknowledged = log.acknowledged.max(seq);
        }
        Ok(same)
    }

    fn put_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.devices.insert(device.device, device.clone());
        Ok(())
    }

    fn receipt(&self, log: &LogId) -> Result<Option<KeptReceipt>, StorageError> {
        Ok(self.receipts.get(log).cloned())
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StorageError> {
        let id = receipt.log();
        let Some(log) = self.logs.get(&id) else { return Ok(false) };
        if receipt.seq == 0 || log.hash_at(&id, receipt.seq) != Some(receipt.hash) {
            return Ok(false);
        }
        let others = self.receipts.values().filter(|kept| kept.epoch != receipt.epoch.0);
        if others.map(|kept| kept.server_ms).max().is_some_and(|other_ms| other_ms >= receipt.server_ms) {
            return Ok(true);
        }
        self.receipts.retain(|_, kept| kept.epoch == receipt.epoch.0);
        if self.receipts.get(&id).is_none_or(|kept| kept.seq < receipt.seq) {
            let (seq, epoch, server_ms) = (receipt.seq, receipt.epoch.0, receipt.server_ms);
            self.receipts.insert(id, KeptReceipt { seq, epoch, server_ms, bytes: signed.to_bytes() });
        }
        Ok(true)
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.receipts.retain(|_, kept| kept.epoch == epoch.0);
        Ok(())
    }

    fn orders_done(&self) -> Result<u64, StorageError> {
        Ok(self.orders_done)
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StorageError> {
        if self.orders_done >= number {
            return Ok(());
        }
        match deed {
            Deed::Erase { entity, under, .. } => {
                self.ordered.entry(*entity).or_default().push(under.clone());
                self.erase(*entity, under.as_ref());
                if let Some((_, state)) = self.entities.get(entity) {
                    let state = EntityState::fold(*entity, &self.history(state.entity()));
                    self.entities.entry(*entity).and_modify(|(_, known)| *known = Arc::new(state));
                }
            }
            Deed::Revoke { device, accepted } => {
                let accepted: Vec<(Scope, u64)> = accepted.iter().map(|head| (head.scope.clone(), head.seq)).collect();
                self.revoke(*device, &accepted)?;
            }
            Deed::Leave { scope } => {
                self.left.insert(scope.clone(), None);
            }
            Deed::Wipe => {}
        }
        self.orders_done = number;
        Ok(())
    }

    fn own_certificate(&self) -> Result<Option<Certificate>, StorageError> {
        Ok(self.certificate.as_ref().and_then(|certificate| certificate.read().ok()))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StorageError> {
        self.certificate = Some(signed.clone());
        Ok(())
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, StorageError> {
        let own = self.own_certificate()?.map(|certificate| certificate.member());
        self.left.retain(|scope, left| left.is_some() || !own.as_ref().is_some_and(|own| own.may_hold(scope)));
        Ok(self.left.iter().filter(|(_, left)| left.is_none()).map(|(scope, _)| scope.clone()).collect())
    }

    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StorageError> {
        let own = LogId { device: self.device, scope: scope.clone() };
        let safe_seq = self.receipts.get(&own).map_or(0, |receipt| receipt.seq);
        Ok(self.logs.get(&own).map_or(0, Log::last) <= safe_seq)
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StorageError> {
        if !self.nothing_is_only_here(scope)? {
            return Ok(false);
        }
        let own = LogId { device: self.device, scope: scope.clone() };
        self.left.insert(scope.clone(), Some(self.logs.get(&own).map_or(0, Log::last)));
        self.receipts.retain(|log, _| log.scope != *scope);
        self.logs.retain(|log, _| log.scope != *scope);
        self.entities.retain(|_, (of, _)| of != scope);
        Ok(true)
    }

    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, StorageError> {
        Ok(self.revoked.get(&log.device).map(|accepted| accepted.get(&log.scope).copied().unwrap_or(0)))
    }

    fn revoke(&mut self, device: DeviceId, accepted: &[(Scope, u64)]) -> Result<(), StorageError> {
        let known = self.revoked.entry(device).or_default();
        for (scope, seq) in accepted {
            let last = known.entry(scope.clone()).or_default();
            *last = (*last).max(*seq);
        }
        Ok(())
    }

    fn log_head(&self, id: &LogId) -> Result<Option<(u64, ChainHash)>, StorageError> {
        let log = self.logs.get(id).filter(|log| log.last() > 0);
        Ok(log.and_then(|log| Some((log.last(), log.hash_at(id, log.last())?))))
    }

    fn marks(&self) -> Result<Marks, StorageError> {
        Ok(self.marks.clone())
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StorageError> {
        self.marks = marks.clone();
        Ok(())
    }

    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        self.entities.get(&entity).map(|(_, state)| Arc::clone(state))
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StorageError> {
        let inside = self.entities.values().filter(|(of, _)| of == scope).map(|(_, state)| state.live_sum());
        Ok(inside.fold(0, u128::wrapping_add).to_le_bytes())
    }

    fn refold(&mut self, scope: &Scope) -> Result<(), StorageError> {
        let inside = self.entities.iter().filter(|(_, (of, _))| of == scope).map(|(entity, _)| *entity);
        for entity in inside.collect::<Vec<_>>() {
            let mut state = EntityState::new(entity);
            for entry in self.history(entity) {
                state.apply(&entry);
            }
            self.entities.insert(entity, (scope.clone(), Arc::new(state)));
        }
        Ok(())
    }

    fn entities(&self) -> Vec<EntityId> {
        self.entities.keys().copied().collect()
    }

    fn scope_of(&self, entity: EntityId) -> Option<Scope> {
        self.entities.get(&entity).map(|(scope, _)| scope.clone())
    }

    fn history(&self, entity: EntityId) -> Vec<Chained> {
        let rows = self.logs.values().flat_map(|log| &log.rows).map(|row| &row.chained);
        let mut history: Vec<Chained> = rows.filter(|row| row.entry.header.entity == entity).cloned().collect();
        history.sort_by_key(|row| (row.entry.header.lamport, row.dot()));
        history
    }

    fn aside(&self) -> Vec<Vec<u8>> {
        self.aside.values().map(|aside| aside.bytes.clone()).collect()
    }

    fn copy(&mut self) -> Box<dyn Storage> {
        Box::new(self.clone())
    }

    fn restart(&mut self) {}
}
