//! What an exchange did, or why it stopped.

use kend_domain::Scope;
use kend_log::LogId;

use crate::Certificate;
use crate::message::{RefusalCode, SetAsideCode};

/// Entries that the hub did not take into its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideEntries {
    /// Their log.
    pub log: LogId,
    /// The first.
    pub first_seq: u64,
    /// The last.
    pub last_seq: u64,
    /// Why.
    pub code: SetAsideCode,
    /// The hub keeps them for a person to look at.
    pub kept: bool,
}

/// A time that the hub vouched for: it is part of an answer that the hub signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubTime {
    /// The id under which the hub signed for it.
    pub id: [u8; 16],
    /// The hub's clock, milliseconds since 1970 UTC.
    pub hub_ms: i64,
}

/// What an exchange did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Entries sent and acknowledged as durable in the hub's log.
    pub entries_sent: u64,
    /// Entries received that were new here.
    pub entries_received: u64,
    /// What the hub did not take into its log.
    pub set_aside: Vec<AsideEntries>,
    /// Segments of others that this device could not take in and keeps aside.
    pub segments_aside_here: u32,
    /// Bodies sent, in bytes.
    pub bytes_up: u64,
    /// Bodies received, in bytes.
    pub bytes_down: u64,
    /// Requests made.
    pub round_trips: u32,
    /// The hub held more of this device's own log than the device: it was put back from a backup. What was lost came
    /// back.
    pub restored: bool,
    /// Own logs of which the hub holds another branch: this device was cloned or put back from a backup.
    pub forked: Vec<LogId>,
    /// Orders of the server that were carried out.
    pub orders_obeyed: u32,
    /// Orders that were not the server's, not for this device, or not the next one. Nothing was done of them.
    pub orders_refused: u32,
    /// The server orders that everything on this device goes: whoever runs the exchange destroys the key of the store
    /// first. Nothing else of the answer was applied.
    pub wipe: bool,
    /// Receipts that were not the server's or not for what is here. They count for nothing.
    pub receipts_refused: u32,
    /// The device's own certificate as it is now, when role or areas were changed at the hub.
    pub certificate: Option<Box<Certificate>>,
    /// Scopes that are not this device's any more and whose content was removed.
    pub scopes_left: Vec<Scope>,
    /// Scopes in which this device and the hub did not have the same, and which were folded anew: that was all.
    pub scopes_refolded: Vec<Scope>,
    /// Scopes in which they still did not have the same after that, and which are fetched anew, once.
    pub scopes_fetched_anew: Vec<Scope>,
    /// The time that came with the last answer.
    pub time: Option<HubTime>,
    /// All that could be sent was sent and all was received.
    pub complete: bool,
}

impl Outcome {
    /// Entries that the hub set aside and keeps.
    pub fn entries_set_aside(&self) -> u64 {
        let kept = self.set_aside.iter().filter(|entries| entries.kept);
        kept.map(|entries| entries.last_seq + 1 - entries.first_seq).sum()
    }
}

/// Why an exchange stopped. What was applied before stays; nothing else changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError<E> {
    /// What answered is no hub, or its answer is damaged.
    #[error("what answered is no hub, or its answer is damaged")]
    NoHub,
    /// The hub refuses.
    #[error("the hub refuses: {}", .0.word())]
    Refused(RefusalCode),
    /// The exchange was not waiting for an answer.
    #[error("no answer was expected")]
    NotWaiting,
    /// The store fails.
    #[error("the store fails")]
    Replica(#[source] E),
}

impl<E> From<E> for ExchangeError<E> {
    fn from(error: E) -> Self {
        Self::Replica(error)
    }
}
