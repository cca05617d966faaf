//! What is to be sent: own work first, from where the hub is known to have it.

use kend_log::{HashPrefix, LogId};
use kend_store::Addressee;

use super::{Exchange, ExchangeError};
use crate::message::LogHead;
use crate::protocol::MAX_SEGMENTS;
use crate::replica::{Marks, Replica};

/// A segment that was sent.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) log: LogId,
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) prefix: HashPrefix,
}

/// A log and what the hub is known to have taken of it.
pub(super) struct Status {
    pub(super) head: LogHead,
    pub(super) log: LogId,
    pub(super) own: bool,
    pub(super) taken_seq: Option<u64>,
    /// The last entry taken is in the hub's log: what follows can be read from it.
    held: bool,
}

impl Status {
    /// Where sending goes on; none for somebody else's log of which the answer has to tell first how far the hub has it.
    fn sent_until(&self) -> Option<u64> {
        self.taken_seq.or(self.own.then_some(0))
    }

    /// How many entries are still to be sent.
    pub(super) fn unsent_entries(&self) -> u64 {
        self.sent_until().map_or(0, |sent_seq| self.head.seq.saturating_sub(sent_seq))
    }
}

impl Piece {
    /// How many entries it has.
    pub(super) const fn entries(&self) -> u64 {
        (self.last_seq + 1).saturating_sub(self.first_seq)
    }
}

/// What is to be sent.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    pub(super) segments: Vec<Vec<u8>>,
}

impl Exchange {
    pub(super) fn status<R: Replica>(&self, marks: &Marks, replica: &R) -> Result<Vec<Status>, R::Error> {
        let own = replica.device();
        let mut logs: Vec<Status> = Vec::new();
        for head in replica.heads()? {
            let log = head.log();
            if !self.closed.contains(&log) {
                let (taken_seq, held) = (marks.taken(&log), marks.is_held(&log));
                logs.push(Status { own: head.device == own, taken_seq, held, head, log });
            }
        }
        // Own work first: it exists nowhere else.
        logs.sort_by(|one, other| (!one.own, &one.log).cmp(&(!other.own, &other.log)));
        Ok(logs)
    }

    /// What goes next. It starts where the hub is known to have taken the log: what is before that it need not be told
    /// again, if `addressee` says so.
    pub(super) fn plan<R: Replica>(
        &self,
        logs: &[Status],
        addressee: Addressee,
        replica: &mut R,
    ) -> Result<Plan, ExchangeError<R::Error>> {
        let mut left_bytes = self.pace.budget_bytes();
        let mut plan = Plan::default();
        for status in logs {
            let Some(after_seq) = status.sent_until() else { continue };
            if after_seq >= status.head.seq {
                continue;
            }
            let addressee = if status.held { addressee } else { Addressee::Anybody };
            for segment in replica.segments(&status.log, after_seq, left_bytes, addressee)? {
                let full = segment.bytes.len() > left_bytes || plan.segments.len() >= MAX_SEGMENTS;
                if full && !plan.segments.is_empty() {
                    return Ok(plan);
                }
                left_bytes = left_bytes.saturating_sub(segment.bytes.len());
                plan.pieces.push(Piece {
                    log: segment.log,
                    first_seq: segment.first_seq,
                    last_seq: segment.last_seq,
                    prefix: segment.head.prefix(),
                });
                plan.segments.push(segment.bytes);
            }
        }
        Ok(plan)
    }
}
