//! Devices of the fleet: enrolled by HTTP, each with its interviews, and what they say.

use std::path::Path;
use std::time::Duration;

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{EntityKind, Op, Said, Value};
use kend_store::{Append, DatabaseKey, NewDevice, Store};
use kend_sync::{
    EnrolRequest, Enrolment, Exchange, HttpRequest, HttpResponse, HubKeys, Marks, Replica, Step, protocol,
};

use crate::{Failed, INTERVIEWS, SCREENS, Server, now};

/// A device.
pub(crate) struct Device {
    number: u32,
    store: Store,
    keys: HubKeys,
}

/// What was sent, in order, and how long each answer took.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) requests: Vec<HttpRequest>,
    pub(crate) took: Vec<Duration>,
}

/// A code as ISO has it for a rayon, one for each device.
pub(crate) fn area(number: u32) -> String {
    let letter = |place: u32| char::from(b'A' + u8::try_from(number / place % 26).unwrap_or(0));
    format!("AZ-{}{}{}", letter(676), letter(26), letter(1))
}

/// Answers of an interview.
pub(crate) const ANSWERS: usize = SCREENS as usize * 5;

/// Numbers that look random and are the same in every run.
fn draw(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap_or(0)
}

/// Text of so many words.
fn text(words: &[&str], count: usize, seed: &mut u64) -> String {
    let words: Vec<&str> = (0..count).filter_map(|_| words.get(draw(seed) % words.len()).copied()).collect();
    words.join(" ")
}

/// The five answers of a screen: mostly names of choices, some numbers and short texts, and a note on every third.
fn screen(number: u32, words: &[&str], seed: &mut u64) -> Vec<Op> {
    let mut answers = vec![
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 9)),
        Value::Text((draw(seed) % 3000).to_string()),
    ];
    let length = if number.is_multiple_of(3) { 150 } else { 4 };
    answers.push(Value::Text(text(words, length, seed)));
    let op = |(place, value)| {
        let path = format!("a/question_{number}_{place}").parse().ok()?;
        Some(Op::Set { path, value })
    };
    answers.into_iter().enumerate().filter_map(op).collect()
}

fn id(device_number: u32) -> [u8; 16] {
    let mut id = [7; 16];
    for (to, from) in id.iter_mut().zip(device_number.to_be_bytes()) {
        *to = from;
    }
    id
}

/// An interview of a device.
pub(crate) fn entity(device_number: u32, interview: u8) -> EntityId {
    let mut entity = id(device_number);
    if let Some(last) = entity.last_mut() {
        *last = interview;
    }
    EntityId::from_bytes(entity)
}

/// All that a device kept, screen by screen, each with its interview; the same in every run.
pub(crate) fn work(device_number: u32, words: &[&str]) -> impl Iterator<Item = (u8, Vec<Op>)> {
    let mut seed = u64::from(device_number) + 1;
    (0..INTERVIEWS)
        .flat_map(|interview| (0..SCREENS).map(move |screen| (interview, screen)))
        .map(move |(interview, number)| (interview, screen(number, words, &mut seed)))
}

impl Device {
    /// A device that was enrolled and holds its interviews.
    pub(crate) async fn prepare(
        device_number: u32,
        folder: &Path,
        hub: &Server,
        code: &str,
        words: &[&str],
    ) -> Result<Self, Failed> {
        let id = id(device_number);
        let mut signing_key = [9; 32];
        for (to, from) in signing_key.iter_mut().zip(id) {
            *to = from;
        }
        let device = NewDevice { device: DeviceId::from_bytes(id), signing_key };
        let key = DatabaseKey::from_bytes([6; 32]);
        let mut store = Store::create(&folder.join(format!("{device_number}.db")), &key, &device, &[])?;
        let person = PersonId::from_bytes(id);
        let request = EnrolRequest {
            protocol: protocol::PROTOCOL,
            code: code.to_owned(),
            device: store.device(),
            device_key: store.public_key(),
            person,
            person_name: format!("Person {device_number}"),
            // Nothing is sealed to it in here.
            seal_key: [0; 32],
        };
        let (enrolment, request) = Enrolment::start(&request, &|purpose, message| store.sign(purpose, message));
        let enrolled = enrolment.receive(&send(&reqwest::Client::new(), &hub.address, &request).await?)?;
        store.put_device(&enrolled.certificate.hub_as_device())?;
        store.keep_marks(&Marks::after_enrolment(enrolled.ticket))?;
        for ((interview, ops), at) in work(device_number, words).zip(0_u32..) {
            let entity = entity(device_number, interview);
            store.append(Append {
                scope: format!("demo/{}", area(device_number)).parse()?,
                entity,
                kind: EntityKind::Interview,
                actor: person,
                ops,
                said: Said { wall_ms: i64::from(at), monotonic_ms: u64::from(at), boot: [4; 16], anchor: None },
                form_version: 1,
                seen: None,
                ends_drafts: Vec::new(),
                salt: *entity.as_bytes(),
            })?;
        }
        Ok(Self { number: device_number, store, keys: enrolled.certificate.keys() })
    }

    /// Sends all that it has. The time of an answer is the hub's and the line's, not the device's.
    pub(crate) async fn sync(&mut self, address: &str) -> Result<Sent, Failed> {
        let client = reqwest::Client::new();
        let mut sent = Sent::default();
        let mut exchange = Exchange::new(self.keys);
        loop {
            match exchange.next(&mut self.store)? {
                Step::Request(request) => {
                    let began = now();
                    let response = send(&client, address, &request).await?;
                    sent.took.push(began.elapsed());
                    sent.requests.push(request);
                    exchange.receive(&response, &mut self.store)?;
                }
                Step::Done(outcome) if outcome.entries_sent == u64::from(INTERVIEWS) * u64::from(SCREENS) => {
                    return Ok(sent);
                }
                Step::Done(outcome) => {
                    let number = self.number;
                    return Err(format!("device {number}: {} entries acknowledged", outcome.entries_sent).into());
                }
            }
        }
    }
}

/// Sends a request.
pub(crate) async fn send(
    client: &reqwest::Client,
    address: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Failed> {
    let mut http = client.post(format!("{address}{}", request.path)).body(request.body.clone());
    for (name, value) in &request.headers {
        http = http.header(*name, value);
    }
    let response = http.send().await?;
    let status = response.status().as_u16();
    let signature = response.headers().get(protocol::SIGNATURE_HEADER);
    let signature = signature.and_then(|signature| signature.to_str().ok()).map(str::to_owned);
    Ok(HttpResponse { status, signature, body: response.bytes().await?.to_vec() })
}
