//! What an answer brings, in an order in which stopping anywhere only repeats.

use kend_log::{LogId, Segment};
use kend_store::{Code, Received};

use super::outcome::AsideEntries;
use super::plan::Piece;
use super::{Exchange, ExchangeError, Sent};
use crate::message::{SetAsideCode, SyncResponse};
use crate::protocol::PROTOCOL;
use crate::replica::{Marks, Replica};

/// What became of the segments of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TakenIn {
    /// There were none.
    Nothing,
    /// All were taken in, or found to be nothing for here.
    Segments,
    /// Some leave out what an entry says that is not here: the answer's end was not reached, and they are asked for whole.
    Lacking,
}

impl Exchange {
    /// Orders, certificates, segments, acknowledgements, receipts, marks: stopping anywhere in between only repeats.
    pub(super) fn apply<R: Replica>(
        &mut self,
        sent: Sent,
        answer: &SyncResponse,
        replica: &mut R,
    ) -> Result<(), ExchangeError<R::Error>> {
        let certificates = answer
            .certificates
            .iter()
            .map(|certificate| certificate.verify(&self.keys.hub).map_err(|_| ExchangeError::NoHub))
            .collect::<Result<Vec<_>, _>>()?;
        let renewed = answer.certificate.as_ref().map(|own| self.check_own(own, replica)).transpose()?;
        let aside = read_aside(&sent, answer)?;
        let obeyed = self.obey(&answer.orders, replica)?;
        if self.outcome.wipe {
            return Ok(());
        }
        if let Some((signed, certificate)) = renewed {
            replica.keep_certificate(signed)?;
            self.outcome.certificate = Some(Box::new(certificate));
        }
        let new_epoch = sent.marks.epoch.is_some_and(|epoch| epoch != answer.epoch);
        let mut marks = if new_epoch { Marks::default() } else { sent.marks.clone() };
        for certificate in certificates {
            replica.put_certificate(&certificate)?;
        }
        let taken_in = self.take_in(&sent, answer, &mut marks, replica)?;
        let moved = self.acknowledge(&sent, answer, &aside, &mut marks, replica)?;
        if new_epoch && self.keys.hub == self.keys.server {
            replica.end_receipts_but_of(answer.epoch)?;
        }
        self.keep_receipts(answer, replica)?;
        let mut again = taken_in == TakenIn::Lacking;
        if !again {
            for cursor in &answer.cursors {
                marks.move_cursor(cursor);
            }
            again = self.compare(answer, &mut marks, replica)?;
        }
        marks.protocol = answer.protocol;
        marks.epoch = Some(answer.epoch);
        marks.ticket = Some(answer.ticket);
        replica.keep_marks(&marks)?;

        let progress = moved
            || new_epoch
            || taken_in != TakenIn::Nothing
            || !answer.cursors.is_empty()
            || !answer.orders.is_empty();
        self.idle_rounds = if progress { 0 } else { self.idle_rounds + 1 };
        // What was ordered is confirmed at once: people wait to hear that an erasure is done everywhere.
        self.more = answer.more || obeyed || again;
        // What is lacking there goes whole in the next round: nothing became of it yet.
        let (lacking, aside): (Vec<_>, Vec<_>) = aside.into_iter().partition(|entries| entries.is_lacking(&sent));
        self.whole |= !lacking.is_empty() || taken_in == TakenIn::Lacking;
        for entries in &aside {
            // A gap is mended in the next round: the acknowledgement says from where.
            if !entries.kept && entries.code != SetAsideCode::Gap {
                self.closed.insert(entries.log.clone());
            }
        }
        // The hub does not speak of logs that this device has no right to any more.
        let open = |log: &LogId| marks.taken(log).is_some() || lacking.iter().any(|entries| entries.log == *log);
        self.closed.extend(sent.asked.into_keys().filter(|log| !open(log)));
        self.outcome.set_aside.extend(aside);
        Ok(())
    }

    fn take_in<R: Replica>(
        &mut self,
        sent: &Sent,
        answer: &SyncResponse,
        marks: &mut Marks,
        replica: &mut R,
    ) -> Result<TakenIn, ExchangeError<R::Error>> {
        let mut lacking = false;
        for bytes in &answer.segments {
            let (log, seq) = match self.receive_segment(bytes, replica)? {
                Received::Appended { log, seq, .. } => (log, seq),
                Received::Known { log, .. } => {
                    let held = |device, seq, prefix| replica.entry_before(device, seq, prefix);
                    let seq = Segment::read(bytes, held)?.map_or(0, |segment| segment.last_seq());
                    (log, seq)
                }
                // It was asked for whole ones.
                Received::Lacking if sent.protocol == PROTOCOL => return Err(ExchangeError::NoHub),
                Received::Lacking => {
                    lacking = true;
                    continue;
                }
                // It comes again, after what was lacking.
                Received::Gap { .. } if lacking => continue,
                // What follows another branch does not go on here either.
                Received::Gap { log, .. } if marks.is_branched(&log) => {
                    self.outcome.segments_aside_here += 1;
                    continue;
                }
                // Without what comes before, or without the author's key, the answer is not whole.
                Received::Gap { .. } | Received::SetAside { code: Code::UnknownDevice, .. } => {
                    return Err(ExchangeError::NoHub);
                }
                Received::Fork { log, .. } => {
                    if log.device == replica.device() {
                        marks.branch(&log);
                    } else {
                        marks.offer_branch(&log);
                    }
                    continue;
                }
                Received::SetAside { log, .. } => {
                    // Nor does what follows entries that count for nothing here: those of a revoked device.
                    if let Some(log) = log {
                        marks.branch(&log);
                    }
                    continue;
                }
            };
            let seq = seq.max(marks.taken(&log).unwrap_or(0));
            marks.take(&log, seq);
        }
        Ok(match answer.segments.len() {
            _ if lacking => TakenIn::Lacking,
            0 => TakenIn::Nothing,
            _ => TakenIn::Segments,
        })
    }

    /// Takes in a segment and counts what became of it.
    pub(super) fn receive_segment<R: Replica>(
        &mut self,
        bytes: &[u8],
        replica: &mut R,
    ) -> Result<Received, ExchangeError<R::Error>> {
        let received = replica.receive(bytes)?;
        match &received {
            Received::Appended { log, entries, .. } => {
                self.outcome.entries_received += u64::from(*entries);
                // What was lost came back.
                self.outcome.restored |= log.device == replica.device();
            }
            Received::SetAside { code: Code::UnknownDevice, .. }
            | Received::Known { .. }
            | Received::Gap { .. }
            | Received::Lacking => {}
            Received::Fork { log, .. } => {
                // The hub holds more of an own log, and of another branch.
                if log.device == replica.device() {
                    self.fork(log);
                }
                self.outcome.segments_aside_here += 1;
            }
            Received::SetAside { .. } => self.outcome.segments_aside_here += 1,
        }
        Ok(received)
    }

    /// Notes how far the hub has taken each log that it spoke of. True when that moved anything.
    fn acknowledge<R: Replica>(
        &mut self,
        sent: &Sent,
        answer: &SyncResponse,
        aside: &[AsideEntries],
        marks: &mut Marks,
        replica: &mut R,
    ) -> Result<bool, ExchangeError<R::Error>> {
        let own = replica.device();
        let mut moved = false;
        for ack in &answer.acks {
            let log = ack.log();
            let (held_seq, held_prefix) = sent.asked.get(&log).copied().ok_or(ExchangeError::NoHub)?;
            let acked_seq = ack.seq.min(held_seq);
            let forked = log.device == own
                && (aside.iter().any(|entries| entries.is_fork(&log))
                    || self.outcome.forked.contains(&log)
                    || (acked_seq == ack.seq && acked_seq > 0 && !replica.acknowledge(&log, acked_seq, ack.prefix)?));
            if forked {
                moved |= self.end_branch(&log, sent, aside, marks, replica)?;
                continue;
            }
            if ack.seq > held_seq && log.device == own {
                // What was lost comes with the answer, and was taken in above.
                self.outcome.restored = true;
                continue;
            }
            let before = marks.taken(&log);
            if log.device != own {
                let other = ack.seq > 0 && ack.seq == held_seq && ack.prefix != held_prefix;
                if other || aside.iter().any(|entries| entries.is_fork(&log)) {
                    moved |= marks.offer_branch(&log);
                }
                if marks.is_branched(&log) {
                    let taken_seq = handed_over(sent, &log, aside, marks.taken(&log).unwrap_or(acked_seq));
                    marks.take(&log, taken_seq);
                    moved |= before != Some(taken_seq);
                    continue;
                }
            }
            // What was taken or set aside earlier stays taken, unless the hub says that it lacks what comes before.
            let gap = aside.iter().any(|entries| entries.is_open_gap(&log));
            let mut taken_seq = if gap { acked_seq } else { acked_seq.max(before.unwrap_or(0)) };
            let mut beyond = None;
            for (piece, entries) in sent.pieces.iter().filter_map(|piece| Some((piece, piece.aside(aside)?))) {
                if piece.log == log && entries.kept && piece.first_seq <= taken_seq + 1 && piece.last_seq > taken_seq {
                    taken_seq = piece.last_seq;
                    beyond = Some(piece.prefix);
                }
            }
            // What the hub keeps aside waits no longer on the device.
            if let Some(prefix) = beyond.filter(|_| log.device == own) {
                replica.acknowledge(&log, taken_seq, prefix)?;
            }
            marks.take(&log, taken_seq);
            marks.note_aside(&log, taken_seq > acked_seq);
            moved |= before != Some(taken_seq);
            self.count_sent(sent, &log, before.unwrap_or(0), acked_seq);
        }
        Ok(moved)
    }

    fn fork(&mut self, log: &LogId) {
        if !self.outcome.forked.contains(log) {
            self.outcome.forked.push(log.clone());
        }
    }

    /// The hub holds another branch of an own log. All of this one is handed over once, for the hub to keep aside.
    fn end_branch<R: Replica>(
        &mut self,
        log: &LogId,
        sent: &Sent,
        aside: &[AsideEntries],
        marks: &mut Marks,
        replica: &mut R,
    ) -> Result<bool, ExchangeError<R::Error>> {
        let gap = aside.iter().any(|entries| entries.is_open_gap(log));
        let again = self.outcome.forked.contains(log);
        self.fork(log);
        let before = marks.taken(log);
        let mut taken_seq = before.filter(|_| !gap).unwrap_or(0);
        let mut prefix = None;
        for piece in sent.pieces.iter().filter(|piece| piece.log == *log) {
            match piece.aside(aside) {
                // The quota is used up, or the branch was offered from its beginning and still has a gap.
                Some(entries) if entries.is_lacking(sent) => {}
                Some(entries) if !entries.kept && (entries.code != SetAsideCode::Gap || again) => {
                    self.closed.insert(log.clone());
                }
                // It is offered from its beginning next, or whole.
                Some(entries) if !entries.kept => {}
                _ if piece.first_seq <= taken_seq + 1 && piece.last_seq > taken_seq => {
                    taken_seq = piece.last_seq;
                    prefix = Some(piece.prefix);
                }
                _ => {}
            }
        }
        if let Some(prefix) = prefix {
            replica.acknowledge(log, taken_seq, prefix)?;
        }
        marks.take(log, taken_seq);
        marks.note_aside(log, true);
        Ok(before != Some(taken_seq))
    }

    fn count_sent(&mut self, sent: &Sent, log: &LogId, before_seq: u64, acked_seq: u64) {
        for piece in sent.pieces.iter().filter(|piece| piece.log == *log) {
            let from = before_seq.max(piece.first_seq.saturating_sub(1));
            self.outcome.entries_sent += acked_seq.min(piece.last_seq).saturating_sub(from);
        }
    }
}

/// How far a hub has somebody else's branch now, that had it up to `taken_seq`: in its log as far as both are the same, and
/// from there on kept aside.
fn handed_over(sent: &Sent, log: &LogId, aside: &[AsideEntries], mut taken_seq: u64) -> u64 {
    for piece in sent.pieces.iter().filter(|piece| piece.log == *log) {
        let kept = piece.aside(aside).is_none_or(|entries| entries.kept);
        if kept && piece.first_seq <= taken_seq + 1 && piece.last_seq > taken_seq {
            taken_seq = piece.last_seq;
        }
    }
    taken_seq
}

impl Piece {
    fn aside<'a>(&self, aside: &'a [AsideEntries]) -> Option<&'a AsideEntries> {
        aside.iter().find(|entries| entries.log == self.log && entries.first_seq == self.first_seq)
    }
}

impl AsideEntries {
    fn is_fork(&self, log: &LogId) -> bool {
        self.log == *log && self.code == SetAsideCode::Fork
    }

    /// Something was left out, as the hub's version allows, that it does not hold.
    fn is_lacking(&self, sent: &Sent) -> bool {
        self.code == SetAsideCode::Lacking && sent.protocol > PROTOCOL
    }

    fn is_open_gap(&self, log: &LogId) -> bool {
        self.log == *log && !self.kept && self.code == SetAsideCode::Gap
    }
}

fn read_aside<E>(sent: &Sent, answer: &SyncResponse) -> Result<Vec<AsideEntries>, ExchangeError<E>> {
    let read = |aside: &crate::message::SetAside| {
        let index = usize::try_from(aside.index).ok();
        let piece = index.and_then(|index| sent.pieces.get(index)).ok_or(ExchangeError::NoHub)?;
        Ok(AsideEntries {
            log: piece.log.clone(),
            first_seq: piece.first_seq,
            last_seq: piece.last_seq,
            code: aside.code,
            kept: aside.kept,
        })
    };
    answer.set_aside.iter().map(read).collect()
}
