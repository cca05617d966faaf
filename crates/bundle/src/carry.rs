//! Between the records of a bundle and the protocol: what goes into one, and what becomes of what comes out.
//!
//! Nothing is decided here that an exchange would decide otherwise: a hub takes segments in as it does from a request
//! ([`kend_sync::take_segment`]) and answers where a device stands as it answers a request ([`kend_sync::answer`]); a
//! device takes in what a hub gave as it takes in an answer ([`kend_sync::Delivery`]). Both sides work in pieces, so that
//! nobody's lock is held for longer than one.

use std::collections::VecDeque;

use kend_domain::{AreaCode, DeviceId, Scope};
use kend_log::LogId;
use kend_sync::protocol::MAX_BUDGET_BYTES;
use kend_sync::{
    Addressee, Delivery, ExchangeError, HubReplica, KnownDevice, LogHead, Moment, Replica, SegmentTaken, SignedReceipt,
    SyncRequest, SyncResponse, Ticket, answer, protocol, read_scope, standing, take_segment,
};

use crate::header::{Direction, Header};
use crate::record::Record;

/// A bundle that is not for here. Nothing of it was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// It is of another project.
    #[error("the bundle is of another project")]
    Project,
    /// Nobody here knows who made it.
    #[error("nobody here knows who made the bundle")]
    Maker,
    /// It goes the other way: a device's at a device, a hub's at a hub.
    #[error("the bundle goes the other way")]
    Direction,
}

/// What a device has for its hub, in pieces.
#[derive(Debug)]
pub struct Outgoing {
    standing: Option<Record>,
    /// Own logs, from where the server is not known to have them.
    logs: VecDeque<(LogHead, u64)>,
    given: Vec<LogHead>,
}

impl Outgoing {
    /// Plans: every own entry that the server has not signed for; the logs with what no hub has yet come first, and each
    /// log in its order, because whoever takes it in may lack the beginning too.
    pub fn plan<R: Replica>(replica: &R) -> Result<Self, R::Error> {
        let (own, marks) = (replica.device(), replica.marks()?);
        let mut logs = Vec::new();
        for head in replica.heads()? {
            let safe_seq = replica.safe_seq(&head.log())?;
            if head.device == own && head.seq > safe_seq {
                logs.push((marks.taken(&head.log()).is_some_and(|seq| seq >= head.seq), head, safe_seq));
            }
        }
        logs.sort_by_key(|(at_hub, ..)| *at_hub);
        let standing = Some(Record::Standing(standing(replica)?.encode()));
        let logs: VecDeque<_> = logs.into_iter().map(|(_, head, safe_seq)| (head, safe_seq)).collect();
        Ok(Self { standing, given: logs.iter().map(|(head, _)| head.clone()).collect(), logs })
    }

    /// The next records; none when there are no more.
    pub fn next<R: Replica>(&mut self, replica: &mut R) -> Result<Vec<Record>, R::Error> {
        if let Some(standing) = self.standing.take() {
            return Ok(vec![standing]);
        }
        while let Some((head, after_seq)) = self.logs.front_mut() {
            let mut records = Vec::new();
            // Nobody knows who will read a file, or what they will hold then.
            for segment in replica.segments(&head.log(), *after_seq, MAX_BUDGET_BYTES, Addressee::Anybody)? {
                // What was written since is for the next bundle.
                if segment.first_seq > head.seq {
                    break;
                }
                *after_seq = segment.last_seq;
                records.push(Record::Segment(segment.bytes));
            }
            if *after_seq >= head.seq || records.is_empty() {
                self.logs.pop_front();
            }
            if !records.is_empty() {
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }

    /// How far each own log is given when all of it is written.
    pub fn given(&self) -> &[LogHead] {
        &self.given
    }
}

/// Whether a hub takes in a bundle, and who made it.
pub fn sender_of<H: HubReplica>(header: &Header, hub: &H) -> Result<Result<KnownDevice, Foreign>, H::Error> {
    if header.direction != Direction::ToHub {
        return Ok(Err(Foreign::Direction));
    }
    if header.project != *hub.project() {
        return Ok(Err(Foreign::Project));
    }
    let known = hub.device(header.maker)?.filter(|known| known.key == header.maker_key);
    Ok(known.ok_or(Foreign::Maker))
}

/// What a hub does with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubTaken {
    /// It was a segment.
    Segment(SegmentTaken),
    /// Where the maker stands, to be remembered for the way back.
    Standing(Box<SyncRequest>),
    /// A piece of a blob, for whoever keeps blobs.
    Blob(crate::BlobPiece),
    /// Nothing that a hub takes in, or nothing that it can read.
    Nothing,
}

/// Takes a record in at a hub.
pub fn take_at_hub<H: HubReplica>(record: Record, sender: &KnownDevice, hub: &mut H) -> Result<HubTaken, H::Error> {
    Ok(match record {
        Record::Segment(bytes) => HubTaken::Segment(take_segment(&bytes, sender, hub)?),
        Record::Standing(bytes) => match SyncRequest::decode(&bytes) {
            Ok(request) if request.segments.is_empty() && request.protocol == protocol::PROTOCOL => {
                HubTaken::Standing(Box::new(request))
            }
            _ => HubTaken::Nothing,
        },
        Record::Blob(piece) => HubTaken::Blob(piece),
        // Signed by the server, for devices.
        Record::Certificate(_) | Record::Order(_) | Record::Receipt(_) | Record::BlobReceipt(_) => HubTaken::Nothing,
    })
}

/// What a hub has for one device, in pieces: just what it would answer.
#[derive(Debug)]
pub struct Returning {
    device: KnownDevice,
    request: SyncRequest,
    first: bool,
    done: bool,
}

impl Returning {
    /// From where the device was last known to stand; without that, everything it may have.
    pub fn new(device: KnownDevice, standing: Option<SyncRequest>) -> Self {
        let nothing = || SyncRequest::handing_over(Vec::new());
        let budget_bytes = u32::try_from(MAX_BUDGET_BYTES).unwrap_or(u32::MAX);
        let request = SyncRequest { budget_bytes, segments: Vec::new(), ..standing.unwrap_or_else(nothing) };
        Self { device, request, first: true, done: false }
    }

    /// The next records; none when there are no more.
    pub fn next<H: HubReplica>(&mut self, hub: &mut H, hub_ms: i64) -> Result<Vec<Record>, H::Error> {
        while !self.done {
            if self.first {
                self.name_own_logs(hub)?;
            }
            // No request will come of it: nobody needs a ticket.
            let response = answer(
                &self.request,
                &self.device,
                hub,
                Moment { hub_ms, ticket: Ticket::NONE, protocol: protocol::PROTOCOL },
            )?;
            let moved = response.cursors.iter().any(|cursor| !self.request.cursors.contains(cursor));
            self.done = !response.more || (!moved && response.segments.is_empty());
            let records = self.records(&response);
            self.go_on(response);
            if !records.is_empty() {
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }

    /// A device that never said where it stands still wants the server's word on its own logs.
    fn name_own_logs<H: HubReplica>(&mut self, hub: &H) -> Result<(), H::Error> {
        for scope in hub.scopes()? {
            let own = LogId { device: self.device.device, scope };
            let named = self.request.heads.iter().any(|head| head.log() == own);
            if let Some((seq, prefix)) = hub.head(&own)?.filter(|_| !named) {
                self.request.heads.push(LogHead { device: own.device, scope: own.scope, seq, prefix });
                self.request.safe.push(0);
            }
        }
        Ok(())
    }

    /// The server's word on the device's own logs before everything that may break off.
    fn records(&mut self, response: &SyncResponse) -> Vec<Record> {
        let own = |receipt: &&SignedReceipt| is_for(receipt, self.device.device);
        let receipt = |receipt: &SignedReceipt| Record::Receipt(receipt.to_bytes());
        let mut records = Vec::new();
        if std::mem::take(&mut self.first) {
            records.extend(response.orders.iter().map(|order| Record::Order(order.to_bytes())));
            records.extend(response.certificate.iter().map(|own| Record::Certificate(own.to_bytes())));
        }
        records.extend(response.receipts.iter().filter(own).map(receipt));
        records.extend(response.certificates.iter().map(|other| Record::Certificate(other.to_bytes())));
        records.extend(response.segments.iter().map(|bytes| Record::Segment(bytes.clone())));
        records.extend(response.receipts.iter().filter(|receipt| !own(receipt)).map(receipt));
        records
    }

    fn go_on(&mut self, response: SyncResponse) {
        self.request.epoch = Some(response.epoch);
        for cursor in response.cursors {
            self.request.cursors.retain(|other| other.scope != cursor.scope);
            self.request.cursors.push(cursor);
        }
        // Each receipt once.
        self.request.safe.fill(u64::MAX);
    }
}

fn is_for(receipt: &SignedReceipt, device: DeviceId) -> bool {
    receipt.read().is_ok_and(|receipt| receipt.device == device)
}

/// What a hub has of one scope for everybody who may hold it, in pieces: no orders, each of which is for one device only.
#[derive(Debug)]
pub struct ScopeReturning {
    scope: Scope,
    position: u64,
    done: bool,
}

impl ScopeReturning {
    /// From the beginning of the scope.
    pub const fn new(scope: Scope) -> Self {
        Self { scope, position: 0, done: false }
    }

    /// The next records; none when there are no more.
    pub fn next<H: HubReplica>(&mut self, hub: &mut H, hub_ms: i64) -> Result<Vec<Record>, H::Error> {
        if self.done {
            return Ok(Vec::new());
        }
        let page = read_scope(&self.scope, self.position, hub, hub_ms)?;
        self.done = !page.more;
        self.position = page.position;
        let mut records: Vec<Record> =
            page.certificates.iter().map(|certificate| Record::Certificate(certificate.to_bytes())).collect();
        records.extend(page.segments.into_iter().map(Record::Segment));
        records.extend(page.receipts.iter().map(|receipt| Record::Receipt(receipt.to_bytes())));
        Ok(records)
    }
}

/// Whether a device takes in a bundle: of its project, and made by its hub.
pub fn check_at_device(header: &Header, project: &AreaCode, hub: DeviceId, hub_key: &[u8; 32]) -> Result<(), Foreign> {
    match () {
        () if header.direction != Direction::ToDevices => Err(Foreign::Direction),
        () if header.project != *project => Err(Foreign::Project),
        () if header.maker != hub || header.maker_key != *hub_key => Err(Foreign::Maker),
        () => Ok(()),
    }
}

/// Takes a record in at a device. A piece of a blob is handed back, for whoever keeps blobs.
pub fn take_at_device<R: Replica>(
    record: Record,
    delivery: &mut Delivery,
    replica: &mut R,
) -> Result<Option<crate::BlobPiece>, ExchangeError<R::Error>> {
    match record {
        Record::Order(bytes) => delivery.order(&bytes, replica)?,
        Record::Certificate(bytes) => delivery.certificate(&bytes, replica)?,
        Record::Receipt(bytes) => delivery.receipt(&bytes, replica)?,
        Record::Segment(bytes) => delivery.segment(&bytes, replica)?,
        Record::Blob(piece) => return Ok(Some(piece)),
        // A device's own words about itself, and what whoever keeps blobs looks at.
        Record::Standing(_) | Record::BlobReceipt(_) => {}
    }
    Ok(None)
}
