//! A hub: a storage, the people and devices it knows, and what it does with a request.
//!
//! The tables that a hub has beside its store (people, certificates, what was set aside) are plain values here: they are
//! durable. Tickets live as long as the process.

use std::collections::BTreeMap;

use kend_domain::{AreaCode, Areas, DeviceId, EntityId, PersonId, Role, Scope};
use kend_log::{HashPrefix, LogId, PublicKeyBytes, Segment};
use kend_store::{Authority, Page, Received};
use kend_sync::rights::Member;
use kend_sync::{
    Certificate, Claim, Epoch, HttpRequest, HttpResponse, HubReplica, KnownDevice, Moment, Refusal, RefusalCode,
    SignedCertificate, SyncRequest, SyncResponse, Tickets, answer, protocol, sign_answer,
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
    certificates: BTreeMap<DeviceId, SignedCertificate>,
    aside_until: BTreeMap<LogId, u64>,
}

impl Desk {
    /// A hub that knows nobody.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            project: "demo".parse().expect("a project"),
            epoch,
            known: BTreeMap::new(),
            certificates: BTreeMap::new(),
            aside_until: BTreeMap::new(),
        }
    }

    /// Makes a device of one person known, to the hub's storage too.
    pub fn know(&mut self, storage: &mut dyn Storage, enrolled: &Enrolled) -> Result<(), StorageError> {
        let certificate = Certificate {
            project: self.project.clone(),
            serial: 1,
            hub_name: "Hub".to_owned(),
            hub_device: storage.device(),
            hub_key: storage.public_key(),
            device: enrolled.device,
            device_key: enrolled.key,
            person: enrolled.person,
            person_name: "Somebody".to_owned(),
            role: enrolled.role,
            areas: enrolled.areas.clone(),
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
        let moment = Moment { hub_ms, ticket: tickets.issue(claim.device) };
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

    fn began(&self, entity: EntityId) -> Result<Option<PersonId>, StorageError> {
        Ok(self.storage.entity(entity).and_then(|state| state.first().map(|first| first.actor)))
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
    ) -> Result<Page, StorageError> {
        self.storage.after(scope, position, except, budget_bytes)
    }

    fn certificate(&self, device: DeviceId) -> Result<Option<SignedCertificate>, StorageError> {
        Ok(self.desk.certificates.get(&device).cloned())
    }
}
