//! The server above this hub: joined once, spoken to again and again.
//!
//! To its server a hub is a device: it has a certificate, hands on everybody's segments as they were signed, and receives
//! what its people may hold. Beside that it tells and is told who is who ([`kend_sync::RosterRequest`]), first, so that
//! segments find their authors known on both sides. Whom the server names gets a certificate of this hub too, since the
//! devices in the room trust this hub's key alone.
//!
//! The lock is held while something is read or written, never while the line is waited for.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use kend_app::{NoAnswer, Question};
use kend_bundle::SealKey;
use kend_domain::{DeviceId, PersonId};
use kend_machine::{Again, Network, Tried};
use kend_store::rusqlite::params;
use kend_sync::join::{self, Joining, Pin, Trust};
use kend_sync::protocol::{MAX_ROSTER, PROTOCOL};
use kend_sync::{
    Certificate, Colleague, EnrolRequest, Enrolment, Epoch, Exchange, HttpRequest, HttpResponse, HubKeys, Marks,
    Outcome, Pace, PiecePace, Replica, Revoked, Roster, RosterAnswer, RosterRequest, Step, Ticket, own_certificate,
};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::below::person_of;
use crate::code::{self, DeviceKeys};
use crate::error::HubError;
use crate::hub::{HubState, SERVER_KEY, SERVER_SEAL_KEY};
use crate::people::{self, Person};
use crate::routes::Shared;
use crate::{blobs, orders, world};

/// The server above.
const ABOVE: &str = "hub/above";
/// How often a hub speaks to its server when all goes well.
const EVERY: Duration = Duration::from_mins(1);
/// How long it waits after a device was here, for the room's others.
const TOGETHER: Duration = Duration::from_secs(1);
/// More requests than a roster of this many thousand people needs.
const MOST_ROSTERS: usize = 64;

/// The server above this hub, and how far both know each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Above {
    address: String,
    pin: Option<Pin>,
    /// What it calls itself.
    pub(crate) name: String,
    device: DeviceId,
    epoch: Option<Epoch>,
    known_serial: u64,
    told_serial: u64,
    ticket: Ticket,
    /// When all was told and passed on last, by this hub's clock.
    pub(crate) last_ms: Option<i64>,
}

impl Above {
    /// The server above a hub; none for one that is the server.
    pub(crate) fn of(hub: &HubState) -> Result<Option<Self>, HubError> {
        Ok(hub.store.setting(ABOVE)?)
    }

    fn keep(&self, hub: &mut HubState) -> Result<(), HubError> {
        Ok(hub.store.set_setting(ABOVE, self)?)
    }

    fn question(&self, request: HttpRequest) -> anyhow::Result<Question> {
        let trust = join::trust(&self.address, self.pin)?;
        Ok(Question { address: join::http_address(&self.address), trust, request })
    }
}

/// Joins the server that these words lead to, and says what it calls itself.
pub(crate) fn join(hub: &mut HubState, words: &str) -> anyhow::Result<String> {
    let Joining { address, pin, code } = words.parse()?;
    let code = code.context("the joining words have no code: ask the server's administrator for a line with one")?;
    ensure!(Above::of(hub)?.is_none(), "this hub has a server already");
    let (_, _, devices) = people::counts(hub.store.connection())?;
    ensure!(
        devices == 0,
        "{devices} devices were enrolled here and trust this hub as their server: let a new hub join, and enrol them there"
    );
    let request = EnrolRequest {
        protocol: PROTOCOL,
        code,
        device: hub.store.device(),
        device_key: hub.store.public_key(),
        person: PersonId::from_bytes(world::random()?),
        person_name: String::new(),
        seal_key: SealKey::from_bytes(&hub.store.derived_key(SealKey::CONTEXT)).public().0,
    };
    let (enrolment, http) = Enrolment::start(&request, &|purpose, message| hub.store.sign(purpose, message));
    let question =
        Question { address: join::http_address(&address), trust: join::trust(&address, pin)?, request: http };
    let answer = tokio::runtime::Runtime::new()?.block_on(Network::default().ask(question)).map_err(no_answer)?;
    let enrolled = enrolment.receive(&answer)?;
    let certificate = &enrolled.certificate;
    ensure!(
        certificate.project == hub.identity.project,
        "the server is of the project {}, this hub of {}",
        certificate.project,
        hub.identity.project
    );
    let holder = person_of(certificate);
    hub.store.put_device(&certificate.hub_as_device())?;
    Replica::keep_certificate(&mut hub.store, &enrolled.signed)?;
    Replica::keep_marks(&mut hub.store, &Marks::after_enrolment(enrolled.ticket))?;
    hub.store.set_setting(SERVER_KEY, &certificate.server_key)?;
    hub.store.set_setting(SERVER_SEAL_KEY, &certificate.server_seal_key)?;
    // The server's own log is signed by its key: devices in the room learn it from this hub.
    let server =
        DeviceKeys { device: certificate.hub_device, key: certificate.hub_key, seal_key: certificate.hub_seal_key };
    code::certify(hub, &server, &holder, Some(server.device), |_| Ok(()))?;
    let above = Above {
        address,
        pin,
        name: certificate.hub_name.clone(),
        device: server.device,
        epoch: None,
        known_serial: 0,
        told_serial: 0,
        ticket: Ticket::NONE,
        last_ms: None,
    };
    // Last: from here on there is a server.
    above.keep(hub)?;
    Ok(above.name)
}

fn no_answer(why: NoAnswer) -> anyhow::Error {
    anyhow::anyhow!(match why {
        NoAnswer::Unreachable => "the server can't be reached",
        NoAnswer::NotTrusted => "what answers is not the server that the joining words name",
    })
}

/// Speaks to the server for ever, from the moment that the hub has joined one.
pub(crate) async fn keep_in_touch(hub: Shared) {
    let network = Network::default();
    let (mut again, mut line) = (Again::default(), Line::default());
    let mut pieces = PiecePace::default();
    loop {
        let done = contact(&hub, &network, &mut line).await;
        match done {
            Ok(Contact::NoServer) => hub.visited().await,
            Ok(Contact::Wiped) => {
                tracing::warn!(
                    "the server ordered this hub to be wiped: its key is destroyed, it holds nothing any more"
                );
                std::process::exit(0);
            }
            Ok(Contact::Done(outcome)) => {
                again = again.after(Tried::Through);
                tracing::info!(
                    entries_up = outcome.entries_sent,
                    entries_down = outcome.entries_received,
                    set_aside = outcome.entries_set_aside(),
                    "passed on to the server"
                );
                let more = pass_on_attachments(&hub, &network, &mut pieces).await;
                // What follows at once goes together.
                if !more && timeout(EVERY, hub.visited()).await.is_ok() {
                    sleep(TOGETHER).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the server was not reached");
                again = again.after(Tried::of_failure(line.further));
                line.pace = line.pace.after_failure();
                sleep(again.wait(world::lot())).await;
            }
        }
    }
}

/// Hands on and fetches attachments, after the records. True when records of devices came meanwhile, which go first.
async fn pass_on_attachments(hub: &Shared, network: &Network, pieces: &mut PiecePace) -> bool {
    let (moved, done) = blobs::above::pass_on(hub, network, *pieces).await;
    *pieces = moved.pace;
    if moved.handed_in + moved.fetched > 0 {
        tracing::info!(up = moved.handed_in, down = moved.fetched, "attachments passed on");
    }
    if let Err(error) = done {
        tracing::warn!(%error, "attachments were not passed on");
    }
    moved.more
}

/// What came of speaking to the server.
pub(crate) enum Contact {
    /// There is none.
    NoServer,
    /// All was told and passed on: what.
    Done(Box<Outcome>),
    /// The hub's key is destroyed, at the server's order.
    Wiped,
}

/// What is known of the line to the server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Line {
    pace: Pace,
    /// The last contact brought something across, however it ended.
    further: bool,
}

/// Tells the server who is who, and passes on what both sides lack.
pub(crate) async fn contact(hub: &Shared, network: &Network, line: &mut Line) -> anyhow::Result<Contact> {
    line.further = false;
    // Most hubs have no server: that is only looked at, in no request's way.
    if hub.read(Above::of).await.context("the hub stops")??.is_none() {
        return Ok(Contact::NoServer);
    }
    let mut rosters = 0;
    loop {
        let (roster, question) = with(hub, ask_roster).await?;
        let answer = network.ask(question).await.map_err(no_answer)?;
        rosters += 1;
        if !with(hub, move |hub| take_roster(hub, &roster, &answer)).await? || rosters >= MOST_ROSTERS {
            break;
        }
    }
    let keys = with(hub, |hub| Ok(own(hub)?.keys())).await?;
    let mut exchange = Exchange::at_pace(keys, line.pace);
    loop {
        let (of_it, step) = with(hub, move |hub| next(exchange, hub)).await?;
        exchange = of_it;
        let Some(question) = step else { break };
        let asked_ms = world::monotonic_ms();
        let answer = network.ask(question).await.map_err(no_answer)?;
        exchange.took(world::monotonic_ms().saturating_sub(asked_ms));
        exchange = with(hub, move |hub| {
            exchange.receive(&answer, &mut hub.store)?;
            Ok(exchange)
        })
        .await?;
        let Outcome { entries_sent, entries_received, .. } = exchange.outcome();
        *line = Line { pace: exchange.pace(), further: entries_sent + entries_received > 0 };
        if exchange.outcome().wipe {
            with(hub, |hub| Ok(hub.destroy()?)).await?;
            return Ok(Contact::Wiped);
        }
    }
    with(hub, note_done).await?;
    Ok(Contact::Done(Box::new(exchange.outcome().clone())))
}

async fn with<T: Send + 'static>(
    hub: &Shared,
    run: impl FnOnce(&mut HubState) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    hub.write(run).await.context("the hub stops")?
}

fn next(mut exchange: Exchange, hub: &mut HubState) -> anyhow::Result<(Exchange, Option<Question>)> {
    let question = match exchange.next(&mut hub.store)? {
        Step::Request(request) => Some(known(hub)?.question(request)?),
        Step::Done(outcome) if outcome.complete => None,
        Step::Done(_) => bail!("more is left than one contact takes"),
    };
    Ok((exchange, question))
}

/// Where the server is, whom to believe there, and whose word counts. None for a hub that is the server.
pub(crate) fn reached(hub: &HubState) -> Result<Option<(String, Trust, HubKeys)>, HubError> {
    let (Some(above), Some(own)) = (Above::of(hub)?, own_certificate(&hub.store)?) else { return Ok(None) };
    let trust = join::trust(&above.address, above.pin).map_err(|_| HubError::Damaged("setting"))?;
    Ok(Some((join::http_address(&above.address), trust, own.keys())))
}

fn own(hub: &HubState) -> anyhow::Result<Certificate> {
    own_certificate(&hub.store)?.context("the hub has no certificate of its server")
}

fn known(hub: &HubState) -> anyhow::Result<Above> {
    Above::of(hub)?.context("the hub has no server")
}

/// Revocations that came as orders hold in the hub's own tables too.
fn note_done(hub: &mut HubState) -> anyhow::Result<()> {
    hub.store.transaction(|tables| {
        tables.execute(
            "UPDATE hub_device SET revoked = 1 WHERE revoked = 0 AND device IN (SELECT device FROM revoked)",
            [],
        )?;
        Ok::<_, HubError>(())
    })?;
    Ok(Above { last_ms: Some(world::wall_ms()), ..known(hub)? }.keep(hub)?)
}

fn ask_roster(hub: &mut HubState) -> anyhow::Result<(AskedRoster, Question)> {
    let above = known(hub)?;
    let keys: HubKeys = own(hub)?.keys();
    let tables = hub.store.connection();
    let (certificates, until_serial, more) = {
        let mut statement = tables.prepare_cached(
            "SELECT c.serial, c.certificate FROM hub_certificate c JOIN hub_device d USING (device)
             WHERE c.serial > ?1 AND d.via IS NULL ORDER BY c.serial LIMIT ?2",
        )?;
        let limit = i64::try_from(MAX_ROSTER)?;
        let rows = statement.query_map(params![above.told_serial.cast_signed(), limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let (mut certificates, mut until_serial) = (Vec::new(), above.told_serial);
        for row in rows {
            let (serial, bytes) = row?;
            until_serial = serial.cast_unsigned();
            certificates.push(code::read_certificate(&bytes)?);
        }
        let more = certificates.len() == MAX_ROSTER;
        (certificates, until_serial, more)
    };
    let request = RosterRequest {
        protocol: PROTOCOL,
        epoch: above.epoch,
        known_serial: above.known_serial,
        certificates,
        colleagues: colleagues(hub)?,
        revoked: revoked(hub)?,
        passed: orders::passed(tables)?.into_iter().take(MAX_ROSTER).collect(),
    };
    let sign = |purpose: &str, message: &[u8]| hub.store.sign(purpose, message);
    let (roster, http) = Roster::ask(keys, &request, hub.store.device(), &above.ticket, &sign);
    let question = above.question(http)?;
    Ok((AskedRoster { roster, until_serial, more }, question))
}

/// A roster that was sent: how far it tells of this hub's certificates, and whether there are more.
struct AskedRoster {
    roster: Roster,
    until_serial: u64,
    more: bool,
}

fn colleagues(hub: &HubState) -> Result<Vec<Colleague>, HubError> {
    let tables = hub.store.connection();
    let mut colleagues = Vec::new();
    for member in people::account_members(tables)?.into_iter().take(MAX_ROSTER) {
        let Some(Person { name, member }) = people::read(tables, member.person)? else { continue };
        colleagues.push(Colleague { person: member.person, name, role: member.role, areas: member.areas });
    }
    Ok(colleagues)
}

fn revoked(hub: &HubState) -> Result<Vec<Revoked>, HubError> {
    let mut statement = hub
        .store
        .connection()
        .prepare_cached("SELECT device FROM hub_device WHERE revoked = 1 AND via IS NULL ORDER BY device LIMIT ?1")?;
    let limit = i64::try_from(MAX_ROSTER).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit], |row| Ok(Revoked { device: DeviceId::from_bytes(row.get(0)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes what the server tells. True when there is more to tell or to hear.
fn take_roster(hub: &mut HubState, asked: &AskedRoster, answer: &HttpResponse) -> anyhow::Result<bool> {
    let above = known(hub)?;
    let (response, certificates) = match asked.roster.receive(answer)? {
        RosterAnswer::Again(ticket) => {
            ensure!(above.ticket != ticket, "the server refuses its own ticket");
            Above { ticket, ..above }.keep(hub)?;
            return Ok(true);
        }
        RosterAnswer::Told { response, certificates } => (response, certificates),
    };
    // A server that was put back from a backup may have forgotten whom it was told of, and numbers its orders anew.
    let anew = above.epoch.is_some_and(|epoch| epoch != response.epoch);
    for certificate in &certificates {
        adopt(hub, above.device, certificate)?;
    }
    let server_key = own(hub)?.server_key;
    hub.store.transaction(|tables| {
        if anew {
            tables.execute("DELETE FROM hub_passed_order", [])?;
            blobs::table::end_receipts(tables)?;
        }
        for signed in &response.orders {
            let order = signed.verify(&server_key).map_err(|_| HubError::Damaged("order"))?;
            orders::keep(tables, &order, signed)?;
        }
        Ok::<_, HubError>(())
    })?;
    Above {
        epoch: Some(response.epoch),
        known_serial: response.known_serial,
        told_serial: if anew { 0 } else { asked.until_serial },
        ticket: response.ticket,
        ..above
    }
    .keep(hub)?;
    Ok(response.more || asked.more || anew)
}

/// Makes somebody known whom the server names, as the server knows them, under a certificate of this hub.
fn adopt(hub: &mut HubState, server: DeviceId, certificate: &Certificate) -> Result<(), HubError> {
    let keys = DeviceKeys::of(certificate);
    let person = person_of(certificate);
    let tables = hub.store.connection();
    let known = people::device(tables, keys.device)?;
    if keys.device == hub.store.device() || known.is_some_and(|known| known.key != keys.key) {
        return Ok(());
    }
    let id = person.member.person;
    if people::read(tables, id)?.is_some_and(|known| known.member != person.member) {
        code::change_rights(hub, id, Some(person.member.role), Some(person.member.areas.clone()), world::wall_ms())?;
    }
    if code::certificate_of(hub.store.connection(), keys.device, id)?.is_none() {
        code::certify(hub, &keys, &person, Some(server), |_| Ok(()))?;
    }
    Ok(())
}
