//! A store in memory that is a device or a hub, and a line between the two that can lose things.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use kend_domain::{AreaCode, Areas, DeviceId, EntityId, PersonId, Role, Scope};
use kend_log::{
    ChainHash, Chained, Context, EntityKind, Entry, HashPrefix, Header, LogId, Op, Previous, Said, Segment, Value,
};
use kend_store::{Addressee, Authority, Code, Device, Packed, Page, Received};
use kend_sync::rights::Member;
use kend_sync::{
    Certificate, Claim, Deed, Epoch, Exchange, ExchangeError, HttpRequest, HttpResponse, HubKeys, HubReplica,
    KnownDevice, LogHead, Marks, Moment, Order, Outcome, Receipt, Refusal, RefusalCode, Replica, SignedCertificate,
    SignedOrder, SignedReceipt, Step, SyncRequest, SyncResponse, Tickets, answer, protocol, sign_answer,
};

pub(crate) const HUB: u8 = 200;

/// Logs in memory.
#[derive(Clone)]
pub(crate) struct Memory {
    device: DeviceId,
    signing_key: [u8; 32],
    /// All segments in the order in which they came.
    pub(crate) segments: Vec<Segment>,
    devices: BTreeMap<DeviceId, Device>,
    marks: Marks,
    pub(crate) acknowledged: BTreeMap<LogId, u64>,
    pub(crate) aside: BTreeSet<Vec<u8>>,
    pub(crate) receipts: BTreeMap<LogId, (Receipt, SignedReceipt)>,
    pub(crate) obeyed: Vec<Deed>,
    pub(crate) certificate: Option<SignedCertificate>,
    /// Something is wrong with what was made of the log; folding anew mends it.
    pub(crate) misfolded: bool,
}

impl Memory {
    pub(crate) fn new(name: u8) -> Self {
        let device = DeviceId::from_bytes([name; 16]);
        let public_key = kend_log::public_key(&[name; 32]);
        // Its own log comes back to a device that lost its end.
        let own = Device { device, public_key, person: PersonId::from_bytes([name; 16]), scopes: Vec::new() };
        Self {
            device,
            signing_key: [name; 32],
            segments: Vec::new(),
            devices: [(device, own)].into(),
            marks: Marks::default(),
            acknowledged: BTreeMap::new(),
            aside: BTreeSet::new(),
            receipts: BTreeMap::new(),
            obeyed: Vec::new(),
            certificate: None,
            misfolded: false,
        }
    }

    pub(crate) fn actor(&self) -> PersonId {
        PersonId::from_bytes(*self.device.as_bytes())
    }

    pub(crate) fn id(&self) -> DeviceId {
        self.device
    }

    /// Writes one entry, in a segment of its own.
    pub(crate) fn write(&mut self, scope: &str, op: Op) {
        self.write_on(EntityId::from_bytes(*self.device.as_bytes()), scope, op);
    }

    /// The same, of an entity that others write too.
    pub(crate) fn write_on(&mut self, entity: EntityId, scope: &str, op: Op) {
        self.write_of(EntityKind::Interview, entity, scope, op);
    }

    /// The same, of any kind.
    pub(crate) fn write_of(&mut self, kind: EntityKind, entity: EntityId, scope: &str, op: Op) {
        let log = LogId { device: self.device, scope: scope.parse().unwrap() };
        let (seq, prior) = self.end(&log);
        let header = Header {
            seq: seq + 1,
            entity,
            kind,
            actor: self.actor(),
            lamport: seq + 1,
            context: Context::default(),
            said: Said { wall_ms: 0, monotonic_ms: 0, boot: [0; 16], anchor: None },
            form_version: 1,
        };
        let entry = Entry::new(self.device, header, vec![op], &[1; 16]).unwrap();
        self.segments.push(Segment::sign(log, prior, vec![entry], |_| Some([1; 16]), &self.signing_key).unwrap());
    }

    /// Every entry, by log, to compare replicas by.
    pub(crate) fn content(&self) -> BTreeMap<LogId, Vec<[u8; 32]>> {
        let mut content: BTreeMap<LogId, Vec<[u8; 32]>> = BTreeMap::new();
        for segment in &self.segments {
            content.entry(segment.log().clone()).or_default().extend(segment.chained().map(|entry| entry.hash.0));
        }
        content
    }

    pub(crate) fn end(&self, log: &LogId) -> (u64, ChainHash) {
        let last = self.segments.iter().rfind(|segment| segment.log() == log);
        last.map_or((0, ChainHash::start(log)), |segment| (segment.last_seq(), segment.head()))
    }

    fn logs(&self) -> BTreeSet<LogId> {
        self.segments.iter().map(|segment| segment.log().clone()).collect()
    }

    fn before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Option<Previous> {
        let mut held = self.segments.iter().filter(|segment| segment.log().device == device).flat_map(|segment| {
            let previous = |chained: Chained| (segment.log().clone(), chained);
            segment.chained().map(previous)
        });
        let (log, found) = held.find(|(_, held)| held.entry.header.seq == seq && held.hash.prefix() == prefix)?;
        Some(Previous { log, header: found.entry.header, hash: found.hash })
    }

    /// A segment as it goes to somebody.
    fn pack(&self, segment: &Segment, addressee: Addressee) -> Packed {
        let first_seq = segment.first_seq();
        let previous = self.before(segment.log().device, first_seq - 1, segment.prior().prefix());
        let bytes = match previous.filter(|_| addressee == Addressee::Holder) {
            Some(previous) => segment.to_bytes_after(&previous).unwrap(),
            None => segment.to_bytes().unwrap(),
        };
        Packed { log: segment.log().clone(), first_seq, last_seq: segment.last_seq(), head: segment.head(), bytes }
    }

    fn take_in(&mut self, bytes: &[u8], authority: &dyn Authority) -> Received {
        let mut follows = false;
        let held = |device, seq, prefix| {
            follows = true;
            Ok::<_, Infallible>(self.before(device, seq, prefix))
        };
        let segment = match Segment::read(bytes, held).unwrap() {
            Ok(segment) => segment,
            Err(_) if follows => return Received::Lacking,
            Err(_) => {
                self.aside.insert(bytes.to_vec());
                return Received::SetAside { log: None, code: Code::Damaged, kept: true };
            }
        };
        let bytes = &segment.to_bytes().unwrap();
        let log = segment.log().clone();
        let mut set_aside = |code| {
            self.aside.insert(bytes.clone());
            Received::SetAside { log: Some(log.clone()), code, kept: true }
        };
        let Some(device) = self.devices.get(&log.device) else { return set_aside(Code::UnknownDevice) };
        if segment.verify(&device.public_key).is_err() {
            if follows {
                return Received::Lacking;
            }
            return set_aside(Code::BadSignature);
        }
        let held = self.segments.iter().rfind(|held| *held.log() == log);
        let (seq, hash) = held.map_or((0, ChainHash::start(&log)), |held| (held.last_seq(), held.head()));
        if self.segments.contains(&segment) {
            return Received::Known { log, seq, prefix: hash.prefix() };
        }
        if segment.first_seq() > seq + 1 {
            return Received::Gap { log, have: seq };
        }
        if segment.prior() != hash {
            self.aside.insert(bytes.clone());
            return Received::Fork { log, kept: true };
        }
        if let Some(code) = segment.entries().iter().find_map(|entry| authority.refuses(device, &log, entry)) {
            return set_aside(code);
        }
        let (seq, prefix) = (segment.last_seq(), segment.head().prefix());
        let entries = u32::try_from(segment.entries().len()).unwrap();
        self.segments.push(segment);
        Received::Appended { log, entries, seq, prefix }
    }
}

struct Anybody;

impl Authority for Anybody {
    fn refuses(&self, _: &Device, _: &LogId, _: &Entry) -> Option<Code> {
        None
    }
}

impl Replica for Memory {
    type Error = Infallible;

    fn device(&self) -> DeviceId {
        self.device
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&self.signing_key, purpose, message)
    }

    fn marks(&self) -> Result<Marks, Infallible> {
        Ok(self.marks.clone())
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), Infallible> {
        self.marks = marks.clone();
        Ok(())
    }

    fn heads(&self) -> Result<Vec<LogHead>, Infallible> {
        let head = |log: LogId| {
            let (seq, hash) = self.end(&log);
            LogHead { device: log.device, scope: log.scope, seq, prefix: hash.prefix() }
        };
        Ok(self.logs().into_iter().map(head).collect())
    }

    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, Infallible> {
        let mut left_bytes = budget_bytes;
        let mut packed = Vec::new();
        for segment in self.segments.iter().filter(|segment| segment.log() == log && segment.last_seq() > after_seq) {
            let segment = self.pack(segment, addressee);
            if segment.bytes.len() > left_bytes && !packed.is_empty() {
                break;
            }
            left_bytes = left_bytes.saturating_sub(segment.bytes.len());
            packed.push(segment);
        }
        Ok(packed)
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, Infallible> {
        Ok(self.before(device, seq, prefix))
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, Infallible> {
        let at = self.segments.iter().find(|segment| segment.log() == log && segment.last_seq() == seq);
        let same = at.is_some_and(|segment| segment.head().prefix() == prefix);
        if same {
            let known = self.acknowledged.entry(log.clone()).or_default();
            *known = seq.max(*known);
        }
        Ok(same)
    }

    fn put_certificate(&mut self, certificate: &Certificate) -> Result<(), Infallible> {
        self.devices.insert(certificate.device, certificate.to_device());
        Ok(())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<Received, Infallible> {
        Ok(self.take_in(bytes, &Anybody))
    }

    fn safe_seq(&self, log: &LogId) -> Result<u64, Infallible> {
        Ok(self.receipts.get(log).map_or(0, |(receipt, _)| receipt.seq))
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, Infallible> {
        let log = receipt.log();
        let of_it = self.segments.iter().filter(|segment| *segment.log() == log);
        let holds = of_it.flat_map(Segment::chained).any(|entry| entry.hash == receipt.hash);
        if holds && self.safe_seq(&log)? < receipt.seq {
            self.receipts.insert(log, (receipt.clone(), signed.clone()));
        }
        Ok(holds)
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), Infallible> {
        self.receipts.retain(|_, (receipt, _)| receipt.epoch == epoch);
        Ok(())
    }

    fn orders_done(&self) -> Result<u64, Infallible> {
        Ok(self.obeyed.len() as u64)
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), Infallible> {
        assert_eq!(number, self.orders_done()? + 1);
        self.obeyed.push(deed.clone());
        Ok(())
    }

    fn certificate_serial(&self) -> Result<u64, Infallible> {
        Ok(self.certificate.as_ref().map_or(0, |signed| signed.read().unwrap().serial))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), Infallible> {
        self.certificate = Some(signed.clone());
        Ok(())
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, Infallible> {
        let left =
            self.obeyed.iter().filter_map(|deed| if let Deed::Leave { scope } = deed { Some(scope) } else { None });
        Ok(left.filter(|scope| self.segments.iter().any(|segment| segment.log().scope == **scope)).cloned().collect())
    }

    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, Infallible> {
        let own = LogId { device: self.device, scope: scope.clone() };
        Ok(self.end(&own).0 <= self.safe_seq(&own)?)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], Infallible> {
        let of_it = self.segments.iter().filter(|segment| segment.log().scope == *scope);
        let hashes = of_it.flat_map(Segment::chained).map(|entry| *entry.hash.0.first_chunk::<16>().unwrap());
        let sum = hashes.map(u128::from_le_bytes).fold(u128::from(self.misfolded), u128::wrapping_add);
        Ok(sum.to_le_bytes())
    }

    fn refold(&mut self, _: &Scope) -> Result<(), Infallible> {
        self.misfolded = false;
        Ok(())
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, Infallible> {
        self.segments.retain(|segment| segment.log().scope != *scope);
        Ok(true)
    }
}

/// A hub in memory.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(crate) memory: Memory,
    project: AreaCode,
    pub(crate) epoch: Epoch,
    pub(crate) known: BTreeMap<DeviceId, KnownDevice>,
    certificates: BTreeMap<DeviceId, SignedCertificate>,
    aside_until: BTreeMap<LogId, u64>,
    /// Of each device: all orders, and how many it has carried out.
    pub(crate) orders: BTreeMap<DeviceId, (Vec<SignedOrder>, u64)>,
    /// The server's key. A hub that is not the server passes on the receipts that it was given.
    pub(crate) server_key: [u8; 32],
    /// Of revoked devices: how far each log counts.
    pub(crate) accepted: BTreeMap<LogId, u64>,
    /// The newest version of the protocol that it speaks.
    pub(crate) speaks: u32,
    /// Segments that came, as they came.
    pub(crate) came: Vec<Vec<u8>>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            memory: Memory::new(HUB),
            project: "demo".parse().unwrap(),
            epoch: Epoch([1; 16]),
            known: BTreeMap::new(),
            certificates: BTreeMap::new(),
            aside_until: BTreeMap::new(),
            orders: BTreeMap::new(),
            server_key: [HUB; 32],
            accepted: BTreeMap::new(),
            speaks: protocol::PROTOCOL_FOLLOWING,
            came: Vec::new(),
        }
    }

    pub(crate) fn keys(&self) -> HubKeys {
        HubKeys { hub: kend_log::public_key(&[HUB; 32]), server: kend_log::public_key(&self.server_key) }
    }

    /// Gives a device an order, signed by whoever has this key.
    pub(crate) fn order(&mut self, device: DeviceId, order: &Order, key: [u8; 32]) {
        let sign = |purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message);
        self.orders.entry(device).or_default().0.push(SignedOrder::sign(order, &sign));
    }

    /// A receipt for all of a log, signed by whoever has this key.
    pub(crate) fn receipt_for(&self, log: &LogId, key: [u8; 32]) -> SignedReceipt {
        let (seq, hash) = self.memory.end(log);
        let LogId { device, scope } = log.clone();
        let receipt = Receipt { device, scope, seq, hash, epoch: self.epoch, server_ms: 1 };
        SignedReceipt::sign(&receipt, &|purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message))
    }

    /// Makes a device of one person known, or changes what is known of it.
    pub(crate) fn know(&mut self, device: &Memory, role: Role, area: &str) {
        let areas = Areas([area.parse().unwrap()].into());
        let certificate = Certificate {
            project: self.project.clone(),
            serial: self.certificates.get(&device.device).map_or(1, |signed| signed.read().unwrap().serial + 1),
            hub_name: "Hub".to_owned(),
            hub_device: self.memory.device,
            hub_key: self.keys().hub,
            server_key: self.keys().server,
            device: device.device,
            device_key: kend_log::public_key(&device.signing_key),
            person: device.actor(),
            person_name: "Somebody".to_owned(),
            role,
            areas: areas.clone(),
            seal_key: [1; 32],
            hub_seal_key: [2; 32],
            server_seal_key: [3; 32],
        };
        let sign = |purpose: &str, message: &[u8]| kend_log::sign(&[HUB; 32], purpose, message);
        self.certificates.insert(device.device, SignedCertificate::sign(&certificate, &sign));
        self.memory.devices.insert(device.device, certificate.to_device());
        let people = vec![Member { person: device.actor(), role, areas }];
        let key = certificate.device_key;
        self.known.insert(device.device, KnownDevice { device: device.device, key, revoked: false, people });
    }

    /// Answers as a server would.
    pub(crate) fn serve(&mut self, tickets: &mut Tickets, request: &HttpRequest) -> HttpResponse {
        self.serve_altered(tickets, request, |_| {})
    }

    /// Answers as a server would that changes its answer before it signs it.
    pub(crate) fn serve_altered(
        &mut self,
        tickets: &mut Tickets,
        request: &HttpRequest,
        alter: impl FnOnce(&mut SyncResponse),
    ) -> HttpResponse {
        let header = |name| request.headers.iter().find(|(head, _)| *head == name).map(|(_, text)| text.as_str());
        let claim = Claim::read(header).unwrap();
        let sender = self.known[&claim.device].clone();
        assert!(claim.holds(&sender.key, request.path, &request.body));
        let (status, body) = if tickets.take(claim.device, &claim.ticket) {
            let read = SyncRequest::decode(&request.body).unwrap();
            self.came.extend(read.segments.iter().cloned());
            if read.protocol > self.speaks {
                (426, Refusal { code: RefusalCode::Protocol, ticket: None }.encode())
            } else {
                let protocol = claim.reads.max(read.protocol).min(self.speaks);
                let moment = Moment { hub_ms: 1_700_000_000_000, ticket: tickets.issue(claim.device), protocol };
                let mut answer = answer(&read, &sender, self, moment).unwrap();
                alter(&mut answer);
                (200, answer.encode())
            }
        } else {
            let refusal = Refusal { code: RefusalCode::Ticket, ticket: Some(tickets.issue(claim.device)) };
            (401, refusal.encode())
        };
        let sign = |purpose: &str, message: &[u8]| kend_log::sign(&[HUB; 32], purpose, message);
        let digest = claim.digest(protocol::SYNC_PATH, &request.body);
        HttpResponse { status, signature: Some(sign_answer(&sign, &digest, status, &body)), body }
    }
}

impl HubReplica for Hub {
    type Error = Infallible;

    fn project(&self) -> &AreaCode {
        &self.project
    }

    fn epoch(&self) -> Result<Epoch, Infallible> {
        Ok(self.epoch)
    }

    fn head(&self, log: &LogId) -> Result<Option<(u64, HashPrefix)>, Infallible> {
        let (seq, hash) = self.memory.end(log);
        Ok((seq > 0).then(|| (seq, hash.prefix())))
    }

    fn device(&self, device: DeviceId) -> Result<Option<KnownDevice>, Infallible> {
        Ok(self.known.get(&device).cloned())
    }

    fn took_part(&self, entity: EntityId, person: PersonId) -> Result<bool, Infallible> {
        let mut entries = self.memory.segments.iter().flat_map(Segment::entries);
        Ok(entries.any(|entry| entry.header.entity == entity && entry.header.actor == person))
    }

    fn kind(&self, entity: EntityId) -> Result<Option<EntityKind>, Infallible> {
        let mut entries = self.memory.segments.iter().flat_map(Segment::entries);
        Ok(entries.find(|entry| entry.header.entity == entity).map(|entry| entry.header.kind))
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, Infallible> {
        Ok(self.memory.before(device, seq, prefix))
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, Infallible> {
        Ok(self.memory.take_in(bytes, authority))
    }

    fn set_aside_until(&self, log: &LogId) -> Result<u64, Infallible> {
        Ok(self.aside_until.get(log).copied().unwrap_or(0))
    }

    fn note_set_aside(&mut self, log: &LogId, last_seq: u64) -> Result<(), Infallible> {
        let until = self.aside_until.entry(log.clone()).or_default();
        *until = last_seq.max(*until);
        Ok(())
    }

    fn keep_following(&mut self, _: &Segment, bytes: &[u8]) -> Result<bool, Infallible> {
        self.memory.aside.insert(bytes.to_vec());
        Ok(true)
    }

    fn scopes(&self) -> Result<Vec<Scope>, Infallible> {
        let scopes: BTreeSet<Scope> = self.memory.logs().into_iter().map(|log| log.scope).collect();
        Ok(scopes.into_iter().collect())
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, Infallible> {
        let mut page = Page { cursor: position, ..Page::default() };
        let mut left_bytes = budget_bytes;
        for (place, segment) in (1_u64..).zip(&self.memory.segments) {
            if place <= position || segment.log().scope != *scope {
                continue;
            }
            if except != Some(segment.log().device) {
                let packed = self.memory.pack(segment, addressee);
                if packed.bytes.len() > left_bytes && !page.segments.is_empty() {
                    page.more = true;
                    break;
                }
                left_bytes = left_bytes.saturating_sub(packed.bytes.len());
                page.segments.push(packed);
            }
            page.cursor = place;
        }
        Ok(page)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], Infallible> {
        Replica::digest(&self.memory, scope)
    }

    fn certificate(&self, device: DeviceId) -> Result<Option<SignedCertificate>, Infallible> {
        Ok(self.certificates.get(&device).cloned())
    }

    fn newer_certificate(&self, device: DeviceId, serial: u64) -> Result<Option<SignedCertificate>, Infallible> {
        let newest = self.certificates.get(&device).filter(|newest| newest.read().unwrap().serial > serial);
        Ok(newest.cloned())
    }

    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, Infallible> {
        let revoked = self.known.get(&log.device).is_some_and(|known| known.revoked);
        Ok(revoked.then(|| self.accepted.get(log).copied().unwrap_or(0)))
    }

    fn receipt(&self, log: &LogId, beyond_seq: u64, _: i64) -> Result<Option<SignedReceipt>, Infallible> {
        if self.server_key == [HUB; 32] {
            let (seq, _) = self.memory.end(log);
            return Ok((seq > beyond_seq).then(|| self.receipt_for(log, self.server_key)));
        }
        let kept = self.memory.receipts.get(log).filter(|(receipt, _)| receipt.seq > beyond_seq);
        Ok(kept.map(|(_, signed)| signed.clone()))
    }

    fn orders(&mut self, device: DeviceId, done: u64, _: i64) -> Result<Vec<SignedOrder>, Infallible> {
        let (orders, known_done) = self.orders.entry(device).or_default();
        *known_done = done;
        Ok(orders.iter().skip(usize::try_from(done).unwrap()).cloned().collect())
    }
}

/// The answers of one exchange.
pub(crate) fn answers_with(device: &mut Memory, hub: &mut Hub, tickets: &mut Tickets) -> Vec<SyncResponse> {
    let mut exchange = Exchange::new(hub.keys());
    let mut answers = Vec::new();
    while let Step::Request(request) = exchange.next(device).unwrap() {
        let response = hub.serve(tickets, &request);
        answers.extend(SyncResponse::decode(&response.body));
        exchange.receive(&response, device).unwrap();
    }
    answers
}

/// What the line does to an exchange's first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Good,
    AnswerLost,
    RequestTwice,
}

/// One exchange. An error is an answer that did not come.
pub(crate) fn sync(
    device: &mut Memory,
    hub: &mut Hub,
    tickets: &mut Tickets,
    line: Line,
) -> Result<Outcome, ExchangeError<Infallible>> {
    let mut exchange = Exchange::new(hub.keys());
    loop {
        match exchange.next(device)? {
            Step::Done(outcome) => return Ok(outcome),
            Step::Request(request) => {
                let response = hub.serve(tickets, &request);
                match line {
                    Line::Good => {}
                    Line::AnswerLost => return Err(ExchangeError::NoHub),
                    Line::RequestTwice => assert_eq!(hub.serve(tickets, &request).status, 401, "used ticket"),
                }
                exchange.receive(&response, device)?;
            }
        }
    }
}

pub(crate) fn answer_at(path: &str, text: &str) -> Op {
    Op::Set { path: path.parse().unwrap(), value: Value::text(text) }
}
