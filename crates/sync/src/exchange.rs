//! The device's side of an exchange, as a machine that does no I/O.
//!
//! Status, diff, plan, apply: the replica says what it holds and what the hub is known to have taken; what lies between
//! is sent, optimistically, without asking first; the answer is checked as a whole and applied as a whole. What answers
//! that is not the hub acknowledges nothing. The caller does the HTTP:
//!
//! ```text
//! loop { match exchange.next(&mut replica)? {
//!     Step::Request(request) => exchange.receive(&send(request)?, &mut replica)?,
//!     Step::Done(outcome) => break outcome,
//! } }
//! ```

mod apply;
mod compare;
mod delivery;
mod obey;
mod outcome;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use kend_log::{HashPrefix, LogId};
use kend_store::Addressee;

pub use self::delivery::{Delivered, Delivery};
pub use self::outcome::{AsideEntries, ExchangeError, HubTime, Outcome};
use self::plan::{Piece, Status};
use crate::HubKeys;
use crate::message::{LogHead, Refusal, RefusalCode, SyncRequest, SyncResponse};
use crate::pace::{Pace, Progress};
use crate::protocol::{
    MAX_LIST, MAX_ROUND_TRIPS, MAX_SYNC_BODY_BYTES, PROTOCOL, PROTOCOL_FOLLOWING, PROTOCOL_HEADER, SYNC_PATH,
};
use crate::replica::{Marks, Replica};
use crate::signing::{self, HttpRequest, HttpResponse, RequestDigest};
use crate::ticket::Ticket;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this, hand the answer to [`Exchange::receive`].
    Request(HttpRequest),
    /// Nothing is left to do.
    Done(Outcome),
}

/// An exchange under way.
#[derive(Debug)]
pub struct Exchange {
    keys: HubKeys,
    pace: Pace,
    /// How long the last answer was on its way, if the caller measured it.
    elapsed_ms: Option<u64>,
    /// Entries that were not sent yet when the last request was made, and those of them that it carries, with their size.
    unsent_entries: u64,
    carried: (u64, u64),
    outcome: Outcome,
    waiting: Option<Sent>,
    fresh_ticket: Option<Ticket>,
    more: bool,
    idle_rounds: u32,
    /// Logs that are done with in this exchange: the hub did not take what was sent, or does not speak of them.
    closed: BTreeSet<LogId>,
    /// One side lacked what a segment left out: for the rest of this exchange they go whole, both ways.
    whole: bool,
}

#[derive(Debug)]
struct Sent {
    /// The version that the request was in.
    protocol: u32,
    digest: RequestDigest,
    marks: Marks,
    /// Where this device stood with each log that it named.
    asked: BTreeMap<LogId, (u64, HashPrefix)>,
    pieces: Vec<Piece>,
    up_bytes: usize,
}

impl Exchange {
    /// Begins an exchange with the hub that this device's certificate names.
    pub fn new(keys: HubKeys) -> Self {
        Self::at_pace(keys, Pace::default())
    }

    /// The same, on a line that something is known of.
    pub fn at_pace(keys: HubKeys, pace: Pace) -> Self {
        Self {
            keys,
            pace,
            elapsed_ms: None,
            unsent_entries: 0,
            carried: (0, 0),
            outcome: Outcome::default(),
            waiting: None,
            fresh_ticket: None,
            more: false,
            idle_rounds: 0,
            closed: BTreeSet::new(),
            whole: false,
        }
    }

    /// The next step. A request counts as sent, whether or not an answer comes.
    pub fn next<R: Replica>(&mut self, replica: &mut R) -> Result<Step, ExchangeError<R::Error>> {
        if self.outcome.wipe {
            return Ok(Step::Done(self.outcome.clone()));
        }
        let marks = replica.marks()?;
        let logs = self.status(&marks, replica)?;
        let following = !self.whole && marks.protocol >= PROTOCOL_FOLLOWING;
        let protocol = if following { PROTOCOL_FOLLOWING } else { PROTOCOL };
        let addressee = if following { Addressee::Holder } else { Addressee::Anybody };
        let plan = self.plan(&logs, addressee, replica)?;
        self.unsent_entries = logs.iter().map(Status::unsent_entries).sum();
        let carried_bytes = plan.segments.iter().map(Vec::len).sum::<usize>();
        self.carried = (plan.pieces.iter().map(Piece::entries).sum(), bytes(carried_bytes));
        let first = self.outcome.round_trips == 0;
        let asks = logs.iter().any(|log| log.taken_seq.is_none());
        if !(first || asks || self.more || self.fresh_ticket.is_some() || !plan.pieces.is_empty()) {
            self.leave(&marks, replica)?;
            return Ok(Step::Done(Outcome { complete: true, ..self.outcome.clone() }));
        }
        if self.outcome.round_trips >= MAX_ROUND_TRIPS || self.idle_rounds > 1 {
            return Ok(Step::Done(self.outcome.clone()));
        }
        let sent: BTreeSet<&LogId> = plan.pieces.iter().map(|piece| &piece.log).collect();
        // Own heads always: they tell the hub a device that was put back from a backup.
        let named = logs.iter().filter(|log| log.own || log.taken_seq.is_none() || sent.contains(&log.log));
        let heads: Vec<LogHead> = named.map(|log| log.head.clone()).take(MAX_LIST).collect();
        let budget_bytes = u32::try_from(self.pace.budget_bytes()).unwrap_or(u32::MAX);
        let request = SyncRequest { protocol, budget_bytes, segments: plan.segments, ..ask(replica, &marks, heads)? };
        let ticket = self.fresh_ticket.or(marks.ticket).unwrap_or(Ticket::NONE);
        let sign = |purpose: &str, message: &[u8]| replica.sign(purpose, message);
        let (mut http, digest) = signing::sign_request(SYNC_PATH, replica.device(), &ticket, &sign, request.encode());
        if !following {
            http.headers.push((PROTOCOL_HEADER, PROTOCOL_FOLLOWING.to_string()));
        }
        self.outcome.round_trips += 1;
        self.outcome.bytes_up += bytes(http.body.len());
        let asked = request.heads.iter().map(|head| (head.log(), (head.seq, head.prefix))).collect();
        self.waiting = Some(Sent { protocol, digest, marks, asked, pieces: plan.pieces, up_bytes: http.body.len() });
        Ok(Step::Request(http))
    }

    /// Takes the answer to the last request. After an error nothing of the answer was acknowledged.
    pub fn receive<R: Replica>(
        &mut self,
        response: &HttpResponse,
        replica: &mut R,
    ) -> Result<(), ExchangeError<R::Error>> {
        let sent = self.waiting.take().ok_or(ExchangeError::NotWaiting)?;
        if response.body.len() > MAX_SYNC_BODY_BYTES {
            return Err(ExchangeError::NoHub);
        }
        self.outcome.bytes_down += bytes(response.body.len());
        if response.status != 200 {
            return self.receive_refusal(sent.protocol, response);
        }
        if !signing::answer_holds(&self.keys.hub, &sent.digest, response) {
            return Err(ExchangeError::NoHub);
        }
        let answer = SyncResponse::decode(&response.body).map_err(|_| ExchangeError::NoHub)?;
        if !(PROTOCOL..=PROTOCOL_FOLLOWING).contains(&answer.protocol) {
            return Err(ExchangeError::NoHub);
        }
        let up_bytes = sent.up_bytes;
        self.apply(sent, &answer, replica)?;
        self.fresh_ticket = None;
        self.outcome.time = Some(HubTime { id: signing::answer_id(response), hub_ms: answer.hub_ms });
        let both_bytes = bytes(up_bytes + response.body.len());
        self.pace = self.pace.got_through(up_bytes, both_bytes, self.elapsed_ms.take());
        Ok(())
    }

    /// Says how long the answer that is about to be handed over was on its way, from the first byte sent to the last
    /// received: the line's rate comes from it.
    pub const fn took(&mut self, elapsed_ms: u64) {
        self.elapsed_ms = Some(elapsed_ms);
    }

    /// What is known of the line now, for the next exchange: [`Pace::after_failure`] when this one broke off.
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let entries_done = self.outcome.entries_sent + self.outcome.entries_set_aside();
        let bytes_done = self.outcome.bytes_up + self.outcome.bytes_down;
        let (carried_entries, carried_bytes) = self.carried;
        let left = self.unsent_entries.saturating_mul(carried_bytes).checked_div(carried_entries).unwrap_or(0);
        // The request under way counts as sent, though its answer is not here.
        let left_bytes = if self.waiting.is_some() { left.saturating_sub(carried_bytes) } else { left };
        Progress {
            entries_done,
            entries_to_do: entries_done + self.unsent_entries,
            bytes_done,
            bytes_to_do: bytes_done + left_bytes,
            left_ms: self.pace.time_ms(left),
        }
    }

    /// What was done so far, for an exchange that stops halfway.
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn receive_refusal<E>(&mut self, protocol: u32, response: &HttpResponse) -> Result<(), ExchangeError<E>> {
        let refusal = Refusal::decode(&response.body).map_err(|_| ExchangeError::NoHub)?;
        match (refusal.code, refusal.ticket, self.fresh_ticket) {
            // Once: a hub that refuses its own fresh ticket will refuse the next too.
            (RefusalCode::Ticket, Some(ticket), None) => {
                self.fresh_ticket = Some(ticket);
                Ok(())
            }
            // A hub that was put back to an older version than it was spoken to in before.
            (RefusalCode::Protocol, _, _) if protocol > PROTOCOL => {
                // The ticket is used up; that it is said so once more is no new lie.
                (self.whole, self.more, self.fresh_ticket) = (true, true, None);
                Ok(())
            }
            (code, _, _) => Err(ExchangeError::Refused(code)),
        }
    }
}

/// Where this device stands with all that it holds: from this a hub can tell what to bring back to it.
pub fn standing<R: Replica>(replica: &R) -> Result<SyncRequest, R::Error> {
    let heads = replica.heads()?.into_iter().take(MAX_LIST).collect();
    ask(replica, &replica.marks()?, heads)
}

/// A request that names some heads and sends nothing.
fn ask<R: Replica>(replica: &R, marks: &Marks, heads: Vec<LogHead>) -> Result<SyncRequest, R::Error> {
    Ok(SyncRequest {
        protocol: PROTOCOL,
        epoch: marks.epoch,
        safe: heads.iter().map(|head| replica.safe_seq(&head.log())).collect::<Result<_, _>>()?,
        heads,
        cursors: marks.cursors.clone(),
        budget_bytes: 0,
        orders_done: replica.orders_done()?,
        certificate_serial: replica.certificate_serial()?,
        segments: Vec::new(),
    })
}

fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
