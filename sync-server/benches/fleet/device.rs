//! A device of the fleet as it meets the hub: the real exchange over real TLS, with a connection of its own. In the place
//! of its store stands what was made before, so that hundreds cost this machine little beside the hub.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use kend_app::Question;
use kend_domain::{DeviceId, PersonId, Scope};
use kend_log::{HashPrefix, LogId, Previous};
use kend_machine::Network;
use kend_store::{Addressee, Packed, Received};
use kend_sync::join::{self, Joining, Trust};
use kend_sync::{
    Certificate, Deed, EnrolRequest, Enrolment, Epoch, Exchange, ExchangeError, HttpRequest, HttpResponse, HubKeys,
    LogHead, Marks, Receipt, RefusalCode, Replica, SignedCertificate, SignedReceipt, Step, protocol,
};

use crate::made::Made;
use crate::work::ENTRIES;
use crate::{Failed, now};

/// How long a device that heard *busy*, or nothing, waits before it tries again, at first.
const BREATH: Duration = Duration::from_millis(200);
/// How often it tries.
const TRIES: u32 = 12;

/// A device that was enrolled.
pub(crate) struct Device {
    made: Made,
    address: String,
    trust: Trust,
    keys: HubKeys,
    memory: Memory,
    network: Network,
}

/// What it remembers of the hub.
#[derive(Default)]
struct Memory {
    marks: Marks,
    certificate_serial: u64,
    acknowledged: u64,
    safe: u64,
}

/// How it went.
#[derive(Default)]
pub(crate) struct Sent {
    /// How long each answer took.
    pub(crate) took: Vec<Duration>,
    /// Bodies sent.
    pub(crate) bytes: usize,
    /// Requests that had to be made again: the hub was busy, or did not answer.
    pub(crate) again: u32,
}

impl Device {
    /// Enrols a device by the hub's joining line.
    pub(crate) async fn enrol(made: Made, joining: &str) -> Result<Self, Failed> {
        let joining: Joining = joining.parse()?;
        let trust = join::trust(&joining.address, joining.pin)?;
        let address = join::http_address(&joining.address);
        let request = EnrolRequest {
            protocol: protocol::PROTOCOL,
            code: joining.code.ok_or("no code")?,
            device: made.device,
            device_key: made.key(),
            person: PersonId::from_bytes(*made.device.as_bytes()),
            person_name: format!("Person {}", made.device),
            // Nothing is sealed to it in here.
            seal_key: [0; 32],
        };
        let sign = |purpose: &str, message: &[u8]| kend_log::sign(&made.signing_key, purpose, message);
        let (enrolment, request) = Enrolment::start(&request, &sign);
        let network = Network::default();
        let response = ask(&network, &address, trust, request).await?;
        let enrolled = enrolment.receive(&response)?;
        let (marks, certificate_serial) = (Marks::after_enrolment(enrolled.ticket), enrolled.certificate.serial);
        let memory = Memory { marks, certificate_serial, ..Memory::default() };
        // It comes back later by a new connection, as it would on another day.
        Ok(Self { made, address, trust, keys: enrolled.certificate.keys(), memory, network: Network::default() })
    }

    /// Sends all that it has, and tries again as a device does until all is acknowledged.
    pub(crate) async fn sync(mut self) -> Result<Sent, Failed> {
        let mut sent = Sent::default();
        for tried in 0..TRIES {
            if self.exchange(&mut sent).await? {
                return Ok(sent);
            }
            sent.again += 1;
            tokio::time::sleep(BREATH * 2_u32.pow(tried.min(5))).await;
        }
        Err(format!("device {}: given up", self.made.device).into())
    }

    /// One exchange. False when it broke off and is to be tried again.
    async fn exchange(&mut self, sent: &mut Sent) -> Result<bool, Failed> {
        let mut exchange = Exchange::new(self.keys);
        loop {
            let mut replica = Light { made: &self.made, memory: &mut self.memory };
            match exchange.next(&mut replica)? {
                Step::Request(request) => {
                    sent.bytes += request.body.len();
                    let began: Instant = now();
                    let Ok(response) = ask(&self.network, &self.address, self.trust, request).await else {
                        return Ok(false);
                    };
                    sent.took.push(began.elapsed());
                    match exchange.receive(&response, &mut replica) {
                        Ok(()) => {}
                        Err(ExchangeError::Refused(RefusalCode::Busy)) => return Ok(false),
                        Err(error) => return Err(error.into()),
                    }
                }
                Step::Done(outcome) if self.memory.acknowledged == ENTRIES && self.memory.safe == ENTRIES => {
                    return if outcome.complete { Ok(true) } else { Err("an exchange without an end".into()) };
                }
                Step::Done(_) => {
                    let (device, acknowledged) = (self.made.device, self.memory.acknowledged);
                    return Err(format!("device {device}: {acknowledged} entries acknowledged").into());
                }
            }
        }
    }
}

async fn ask(network: &Network, address: &str, trust: Trust, request: HttpRequest) -> Result<HttpResponse, Failed> {
    let question = Question { address: address.to_owned(), trust, request };
    Ok(network.ask(question).await.map_err(|why| format!("{why:?}"))?)
}

/// The device's side of an exchange without a store. It holds its own log and takes in nothing.
struct Light<'a> {
    made: &'a Made,
    memory: &'a mut Memory,
}

impl Replica for Light<'_> {
    type Error = Infallible;

    fn device(&self) -> DeviceId {
        self.made.device
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&self.made.signing_key, purpose, message)
    }

    fn marks(&self) -> Result<Marks, Infallible> {
        Ok(self.memory.marks.clone())
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), Infallible> {
        self.memory.marks = marks.clone();
        Ok(())
    }

    fn heads(&self) -> Result<Vec<LogHead>, Infallible> {
        Ok(vec![self.made.head.clone()])
    }

    fn segments(
        &mut self,
        _: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        _: Addressee,
    ) -> Result<Vec<Packed>, Infallible> {
        let mut segments: Vec<Packed> = Vec::new();
        let mut size_bytes = 0;
        for packed in self.made.segments.iter().filter(|packed| packed.last_seq > after_seq) {
            size_bytes += packed.bytes.len();
            if !segments.is_empty() && size_bytes > budget_bytes {
                break;
            }
            segments.push(packed.clone());
        }
        Ok(segments)
    }

    fn entry_before(&self, _: DeviceId, _: u64, _: HashPrefix) -> Result<Option<Previous>, Infallible> {
        Ok(None)
    }

    fn acknowledge(&mut self, _: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, Infallible> {
        let whole = seq == self.made.head.seq;
        self.memory.acknowledged = seq;
        Ok(!whole || prefix == self.made.head.prefix)
    }

    fn put_certificate(&mut self, _: &Certificate) -> Result<(), Infallible> {
        Ok(())
    }

    fn receive(&mut self, _: &[u8]) -> Result<Received, Infallible> {
        Ok(Received::SetAside { log: None, code: kend_store::Code::NotAllowed, kept: false })
    }

    fn safe_seq(&self, _: &LogId) -> Result<u64, Infallible> {
        Ok(self.memory.safe)
    }

    fn keep_receipt(&mut self, receipt: &Receipt, _: &SignedReceipt) -> Result<bool, Infallible> {
        self.memory.safe = receipt.seq;
        Ok(true)
    }

    fn end_receipts_but_of(&mut self, _: Epoch) -> Result<(), Infallible> {
        Ok(())
    }

    fn orders_done(&self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn obey(&mut self, _: u64, _: &Deed) -> Result<(), Infallible> {
        Ok(())
    }

    fn certificate_serial(&self) -> Result<u64, Infallible> {
        Ok(self.memory.certificate_serial)
    }

    fn keep_certificate(&mut self, _: &SignedCertificate) -> Result<(), Infallible> {
        Ok(())
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, Infallible> {
        Ok(Vec::new())
    }

    fn nothing_is_only_here(&self, _: &Scope) -> Result<bool, Infallible> {
        Ok(self.memory.safe == self.made.head.seq)
    }

    fn digest(&self, _: &Scope) -> Result<[u8; 16], Infallible> {
        Ok(self.made.digest)
    }

    fn refold(&mut self, _: &Scope) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_left_scope(&mut self, _: &Scope) -> Result<bool, Infallible> {
        Ok(false)
    }
}
