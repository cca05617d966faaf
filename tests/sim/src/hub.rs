//! A hub: a storage, the people and devices it knows, and what it does with a request.
//!
//! The tables that a hub has beside its store (people, certificates, what was set aside) are plain values here: they are
//! durable. Tickets live as long as the process.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{AreaCode, Areas, DeviceId, EntityId, PersonId, Role, Scope};
use kend_log::{EntityKind, HashPrefix, LogId, Path, Previous, PublicKeyBytes, Segment};
use kend_store::{Addressee, Authority, Page, Received};
use kend_sync::rights::Member;
use kend_sync::{
    Certificate, Claim, Deed, Epoch, HttpRequest, HttpResponse, HubReplica, KnownDevice, LogHead, Moment, Order,
    Receipt, Refusal, RefusalCode, SignedCertificate, SignedOrder, SignedReceipt, SyncRequest, SyncResponse, Tickets,
    answer, protocol, sign_answer,
};

use crate::storage::{Storage, StorageError};

/// Somebody's device, as it is made known to a hub.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The device.
    pub device: DeviceId,
    /// Its public key.
    pub key: PublicKeyBytes,
    /// The person who uses it.
    pub person: PersonId,
    /// Their role.
    pub role: Role,
    /// Their areas.
    pub areas: Areas,
}

/// What a hub has beside its storage.
#[derive(Clone)]
pub struct Desk {
    /// The project.
    pub project: AreaCode,
    /// The epoch.
    pub epoch: Epoch,
    /// The devices and their people.
    pub known: BTreeMap<DeviceId, KnownDevice>,
    /// The server's key; the hub's own when no other is above it.
    pub server_key: PublicKeyBytes,
    certificates: BTreeMap<DeviceId, SignedCertificate>,
    serial: u64,
    orders: BTreeMap<DeviceId, Vec<Deed>>,
    ordered: BTreeSet<(EntityId, Option<Path>)>,
    aside_until: BTreeMap<LogId, u64>,
    /// The newest version of the protocol that it speaks: its program is at times an older one.
    pub speaks: u32,
    /// Devices whose app never says that it reads more than the first version.
    pub old_apps: BTreeSet<DeviceId>,
}

impl Desk {
    /// A hub that knows nobody.
    pub fn new(epoch: Epoch, server_key: PublicKeyBytes) -> Self {
        Self {
            project: "demo".parse().expect("a project"),
            epoch,
            known: BTreeMap::new(),
            server_key,
            certificates: BTreeMap::new(),
            serial: 0,
            orders: BTreeMap::new(),
            ordered: BTreeSet::new(),
            aside_until: BTreeMap::new(),
            speaks: protocol::PROTOCOL_FOLLOWING,
            old_apps: BTreeSet::new(),
        }
    }

    /// Makes a device of one person known, to the hub's storage too.
    pub fn know(&mut self, storage: &mut dyn Storage, enrolled: &Enrolled) -> Result<(), StorageError> {
        self.serial += 1;
        let certificate = Certificate {
            server_key: self.server_key,
            project: self.project.clone(),
            serial: self.serial,
            hub_name: "Hub".to_owned(),
            hub_device: storage.device(),
            hub_key: storage.public_key(),
            device: enrolled.device,
            device_key: enrolled.key,
            person: enrolled.person,
            person_name: "Somebody".to_owned(),
            role: enrolled.role,
            areas: enrolled.areas.clone(),
            // Nothing is sealed here: what sticks carry stands open.
            seal_key: [0; 32],
            hub_seal_key: [0; 32],
            server_seal_key: [0; 32],
        };
        let sign = |purpose: &str, message: &[u8]| storage.sign(purpose, message);
        self.certificates.insert(enrolled.device, SignedCertificate::sign(&certificate, &sign));
        let member = Member { person: enrolled.person, role: enrolled.role, areas: enrolled.areas.clone() };
        let (device, key) = (enrolled.device, enrolled.key);
        let known = self.known.entry(device).or_insert(KnownDevice { device, key, revoked: false, people: Vec::new() });
        known.people.retain(|known| known.person != enrolled.person);
        known.people.push(member);
        storage.put_device(&certificate.to_device())
    }

    /// A device's certificate as it is now.
    pub fn certificate_of(&self, device: DeviceId) -> Option<&SignedCertificate> {
        self.certificates.get(&device)
    }

    /// Gives a device an order.
    pub fn give(&mut self, device: DeviceId, deed: Deed) {
        self.orders.entry(device).or_default().push(deed);
    }

    /// Revokes a device: it is to wipe itself, and of its logs only what is here counts, here and on other devices.
    pub fn revoke(&mut self, storage: &mut dyn Storage, device: DeviceId, is_server: bool) -> Result<(), StorageError> {
        let heads = storage.heads()?.into_iter().filter(|head| head.device == device);
        let accepted: Vec<LogHead> = heads.collect();
        let scopes: Vec<(Scope, u64)> = accepted.iter().map(|head| (head.scope.clone(), head.seq)).collect();
        storage.revoke(device, &scopes)?;
        let Some(known) = self.known.get_mut(&device) else { return Ok(()) };
        known.revoked = true;
        if !is_server {
            return Ok(());
        }
        self.give(device, Deed::Wipe);
        let others: Vec<KnownDevice> = self.known.values().filter(|known| !known.revoked).cloned().collect();
        for other in others {
            let its: Vec<LogHead> = accepted.iter().filter(|head| other.may_hold(&head.scope)).cloned().collect();
            if !its.is_empty() {
                self.give(other.device, Deed::Revoke { device, accepted: its });
            }
        }
        Ok(())
    }

    /// Makes an order of every erasure that has none yet, to each device that may hold the entity.
    fn orders_from_erasures(&mut self, storage: &dyn Storage) {
        for entity in storage.entities() {
            let Some(state) = storage.entity(entity) else { continue };
            let (Some(scope), Some(kind)) = (storage.scope_of(entity), state.kind()) else { continue };
            for erasure in state.erasures() {
                if !self.ordered.insert((entity, erasure.under.clone())) {
                    continue;
                }
                let deed = Deed::Erase { entity, under: erasure.under.clone(), reason: erasure.reason };
                let holders = self.known.values().filter(|known| {
                    let left = self
                        .orders
                        .get(&known.device)
                        .is_some_and(|orders| orders.contains(&Deed::Leave { scope: scope.clone() }));
                    left || known.may_keep(&scope, kind)
                });
                let holders: Vec<DeviceId> = holders.map(|known| known.device).collect();
                for device in holders {
                    self.give(device, deed.clone());
                }
            }
        }
    }
}

/// A hub at work: storage and desk together.
pub struct Counter<'a> {
    /// The storage.
    pub storage: &'a mut dyn Storage,
    /// The rest.
    pub desk: &'a mut Desk,
}

/// A request and its answer, as a hub sees them.
pub struct Answered {
    /// Who asked, as the hub knew them then.
    pub sender: KnownDevice,
    /// What they asked.
    pub request: SyncRequest,
    /// What they get.
    pub response: SyncResponse,
}

impl Counter<'_> {
    /// Whether no other hub is above this one.
    pub fn is_server(&self) -> bool {
        self.desk.server_key == self.storage.public_key()
    }

    /// Answers a request over the line as a server would. Beside the answer: what it answers, when that is not a refusal.
    /// An error: the power went meanwhile.
    pub fn serve(
        &mut self,
        tickets: &mut Tickets,
        hub_ms: i64,
        http: &HttpRequest,
    ) -> Result<(HttpResponse, Option<Answered>), StorageError> {
        let refused = |code: RefusalCode, ticket| {
            let body = Refusal { code, ticket }.encode();
            Ok((HttpResponse { status: code.status(), signature: None, body }, None))
        };
        let header = |name| http.headers.iter().find(|(head, _)| *head == name).map(|(_, text)| text.as_str());
        let Some(claim) = Claim::read(header) else { return refused(RefusalCode::Signature, None) };
        let known = self.desk.known.get(&claim.device);
        if !known.is_some_and(|known| claim.holds(&known.key, http.path, &http.body)) {
            return refused(RefusalCode::Signature, None);
        }
        if !tickets.take(claim.device, &claim.ticket) {
            return refused(RefusalCode::Ticket, Some(tickets.issue(claim.device)));
        }
        let Ok(request) = SyncRequest::decode(&http.body) else { return refused(RefusalCode::BadRequest, None) };
        if request.protocol > self.desk.speaks {
            return refused(RefusalCode::Protocol, None);
        }
        let reads = if self.desk.old_apps.contains(&claim.device) { protocol::PROTOCOL } else { claim.reads };
        let protocol = reads.min(self.desk.speaks).max(request.protocol);
        let moment = Moment { hub_ms, ticket: tickets.issue(claim.device), protocol };
        match self.take(claim.device, request, moment) {
            Ok(answered) => {
                let body = answered.response.encode();
                let sign = |purpose: &str, message: &[u8]| self.storage.sign(purpose, message);
                let digest = claim.digest(protocol::SYNC_PATH, &http.body);
                let signature = Some(sign_answer(&sign, &digest, 200, &body));
                Ok((HttpResponse { status: 200, signature, body }, Some(answered)))
            }
            Err(StorageError::Refused(_)) => refused(RefusalCode::Busy, None),
            Err(StorageError::Crashed) => Err(StorageError::Crashed),
        }
    }

    /// Takes in what a known device asks or brings, whatever way it came.
    pub fn take(&mut self, device: DeviceId, request: SyncRequest, moment: Moment) -> Result<Answered, StorageError> {
        let sender = self.desk.known.get(&device).cloned();
        let sender = sender.ok_or_else(|| StorageError::Refused("an unknown device".to_owned()))?;
        let response = answer(&request, &sender, self, moment)?;
        Ok(Answered { sender, request, response })
    }
}

impl HubReplica for Counter<'_> {
    type Error = StorageError;

    fn project(&self) -> &AreaCode {
        &self.desk.project
    }

    fn epoch(&self) -> Result<Epoch, StorageError> {
        Ok(self.desk.epoch)
    }

    fn head(&self, log: &LogId) -> Result<Option<(u64, HashPrefix)>, StorageError> {
        let heads = self.storage.heads()?;
        let head = heads.into_iter().find(|head| head.device == log.device && head.scope == log.scope);
        Ok(head.filter(|head| head.seq > 0).map(|head| (head.seq, head.prefix)))
    }

    fn device(&self, device: DeviceId) -> Result<Option<KnownDevice>, StorageError> {
        Ok(self.desk.known.get(&device).cloned())
    }

    fn took_part(&self, entity: EntityId, person: PersonId) -> Result<bool, StorageError> {
        let Some(state) = self.storage.entity(entity) else { return Ok(false) };
        let waits = state.waiting().any(|waiting| waiting.entry.header.actor == person);
        Ok(waits || state.contributors().any(|contributor| contributor == person))
    }

    fn kind(&self, entity: EntityId) -> Result<Option<EntityKind>, StorageError> {
        Ok(self.storage.entity(entity).and_then(|state| state.kind()))
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        self.storage.entry_before(device, seq, prefix)
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        self.storage.receive(bytes, authority)
    }

    fn set_aside_until(&self, log: &LogId) -> Result<u64, StorageError> {
        Ok(self.desk.aside_until.get(log).copied().unwrap_or(0))
    }

    fn note_set_aside(&mut self, log: &LogId, last_seq: u64) -> Result<(), StorageError> {
        let until = self.desk.aside_until.entry(log.clone()).or_default();
        *until = last_seq.max(*until);
        Ok(())
    }

    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StorageError> {
        self.storage.keep_following(segment, bytes)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StorageError> {
        self.storage.digest(scope)
    }

    fn scopes(&self) -> Result<Vec<Scope>, StorageError> {
        let mut scopes: Vec<Scope> = self.storage.heads()?.into_iter().map(|head| head.scope).collect();
        scopes.sort();
        scopes.dedup();
        Ok(scopes)
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        self.storage.after(scope, position, except, budget_bytes, addressee)
    }

    fn certificate(&self, device: DeviceId) -> Result<Option<SignedCertificate>, StorageError> {
        Ok(self.desk.certificates.get(&device).cloned())
    }

    fn newer_certificate(&self, device: DeviceId, serial: u64) -> Result<Option<SignedCertificate>, StorageError> {
        let newest = self.desk.certificates.get(&device);
        Ok(newest.filter(|newest| newest.read().is_ok_and(|newest| newest.serial > serial)).cloned())
    }

    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, StorageError> {
        self.storage.accepted_until(log)
    }

    fn receipt(&self, log: &LogId, beyond_seq: u64, hub_ms: i64) -> Result<Option<SignedReceipt>, StorageError> {
        if !self.is_server() {
            let kept = self.storage.receipt(log)?.filter(|kept| kept.seq > beyond_seq);
            return Ok(kept.and_then(|kept| SignedReceipt::from_bytes(&kept.bytes).ok()));
        }
        let Some((seq, hash)) = self.storage.log_head(log)?.filter(|(seq, _)| *seq > beyond_seq) else {
            return Ok(None);
        };
        let LogId { device, scope } = log.clone();
        let receipt = Receipt { device, scope, seq, hash, epoch: self.desk.epoch, server_ms: hub_ms };
        let sign = |purpose: &str, message: &[u8]| self.storage.sign(purpose, message);
        Ok(Some(SignedReceipt::sign(&receipt, &sign)))
    }

    fn orders(&mut self, device: DeviceId, done: u64, _: i64) -> Result<Vec<SignedOrder>, StorageError> {
        if !self.is_server() {
            return Ok(Vec::new());
        }
        self.desk.orders_from_erasures(&*self.storage);
        let sign = |purpose: &str, message: &[u8]| self.storage.sign(purpose, message);
        let orders = (1_u64..).zip(self.desk.orders.get(&device).into_iter().flatten());
        let open = orders.filter(|(number, _)| *number > done);
        Ok(open.map(|(number, deed)| SignedOrder::sign(&Order { device, number, deed: deed.clone() }, &sign)).collect())
    }
}
