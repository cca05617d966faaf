//! The closing check: do both sides have the same.
//!
//! Logs have no gaps, so replicas that hold the same numbers hold the same entries; this finds what logs can't: a fold
//! that went wrong, a row that was lost. Compared is only a scope in which nothing is under way: all of this device's
//! entries are in the hub's log, and none of the hub's is set aside here.

use std::collections::BTreeMap;

use kend_domain::Scope;
use kend_log::LogId;

use super::{Exchange, ExchangeError};
use crate::message::{LogHead, ScopeDigest, SyncResponse};
use crate::replica::{Marks, Replica};

impl Exchange {
    /// Compares what the hub has of each scope that was sent to its end. A scope that differs is folded anew from the log;
    /// if that was not it, it is fetched from its start, once for what the hub has. Nothing is ever overwritten. True when
    /// there is more to fetch.
    pub(super) fn compare<R: Replica>(
        &mut self,
        answer: &SyncResponse,
        marks: &mut Marks,
        replica: &mut R,
    ) -> Result<bool, ExchangeError<R::Error>> {
        let mut refetch = false;
        if answer.digests.is_empty() || self.outcome.segments_aside_here > 0 {
            return Ok(refetch);
        }
        let acks: BTreeMap<LogId, u64> = answer.acks.iter().map(|ack| (ack.log(), ack.seq)).collect();
        let heads = replica.heads()?;
        for ScopeDigest { scope, digest } in &answer.digests {
            let there = |head: &LogHead| match acks.get(&head.log()) {
                Some(acked_seq) => *acked_seq == head.seq,
                None => head.device != replica.device() && marks.taken(&head.log()) == Some(head.seq),
            };
            let settled = heads.iter().filter(|head| head.scope == *scope).all(there);
            if !settled || replica.digest(scope)? == *digest {
                continue;
            }
            replica.refold(scope)?;
            if replica.digest(scope)? == *digest {
                self.outcome.scopes_refolded.push(scope.clone());
            } else if note(marks, scope, *digest) {
                self.outcome.scopes_fetched_anew.push(scope.clone());
                marks.cursors.retain(|cursor| cursor.scope != *scope);
                refetch = true;
            }
        }
        Ok(refetch)
    }
}

/// Notes that a scope is fetched anew. False when it was for just this already.
fn note(marks: &mut Marks, scope: &Scope, digest: [u8; 16]) -> bool {
    if marks.fetched_anew.iter().any(|(known, had)| known == scope && *had == digest) {
        return false;
    }
    marks.fetched_anew.retain(|(known, _)| known != scope);
    marks.fetched_anew.push((scope.clone(), digest));
    true
}
