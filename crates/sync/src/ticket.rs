//! Tickets: why a recorded request can't be played back.
//!
//! A signed request has to be new. A time would tell, but clocks lie in the field; so the hub hands out tickets and
//! takes each once. A ticket is a number and a keyed hash over number and device: the hub holds nothing for tickets
//! that are out, however many are asked for, and only the numbers of the used ones within a window. Its key lives as
//! long as its process, so that tickets from before a restart are refused and replaced, like used ones.

use std::collections::BTreeSet;

use kend_domain::DeviceId;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::protocol::TICKET_WINDOW;

const NUMBER_BYTES: usize = 8;

/// The right to one request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(transparent)]
pub struct Ticket(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl Ticket {
    /// What a device without a ticket sends: no hub issues it, so a fresh one comes back.
    pub const NONE: Self = Self([0; 32]);
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ticket(..)")
    }
}

/// A hub's tickets.
#[derive(Debug)]
pub struct Tickets {
    key: [u8; 32],
    next_number: u64,
    used: BTreeSet<u64>,
}

impl Tickets {
    /// Tickets under a fresh random key.
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key, next_number: 1, used: BTreeSet::new() }
    }

    /// A ticket for one request of a device.
    pub fn issue(&mut self, device: DeviceId) -> Ticket {
        let number = self.next_number;
        self.next_number = self.next_number.saturating_add(1);
        self.ticket(number, device)
    }

    /// Takes a ticket. False when it was used, is too old, or was never issued to this device.
    pub fn take(&mut self, device: DeviceId, ticket: &Ticket) -> bool {
        let Some((number, _)) = ticket.0.split_first_chunk::<NUMBER_BYTES>() else { return false };
        let number = u64::from_le_bytes(*number);
        let oldest = self.next_number.saturating_sub(TICKET_WINDOW);
        // The comparison of hashes takes the same time wherever they differ.
        let issued = blake3::Hash::from(ticket.0) == blake3::Hash::from(self.ticket(number, device).0);
        if !issued || number < oldest || number >= self.next_number {
            return false;
        }
        self.used = self.used.split_off(&oldest);
        self.used.insert(number)
    }

    fn ticket(&self, number: u64, device: DeviceId) -> Ticket {
        let number = number.to_le_bytes();
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&number);
        hasher.update(device.as_bytes());
        let hash = hasher.finalize();
        let mut bytes = *hash.as_bytes();
        for (place, byte) in bytes.iter_mut().zip(number) {
            *place = byte;
        }
        Ticket(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: DeviceId = DeviceId::from_bytes([1; 16]);
    const BEN: DeviceId = DeviceId::from_bytes([2; 16]);

    #[test]
    fn a_ticket_is_taken_once_and_from_its_device_only() {
        let mut tickets = Tickets::new([7; 32]);
        let ticket = tickets.issue(ANNA);
        assert!(!tickets.take(BEN, &ticket));
        assert!(tickets.take(ANNA, &ticket));
        assert!(!tickets.take(ANNA, &ticket));
    }

    #[test]
    fn an_altered_ticket_and_none_are_refused() {
        let mut tickets = Tickets::new([7; 32]);
        let ticket = tickets.issue(ANNA);
        for place in 0..32 {
            let mut altered = ticket;
            altered.0[place] ^= 1;
            assert!(!tickets.take(ANNA, &altered), "{place}");
        }
        assert!(!tickets.take(ANNA, &Ticket::NONE));
    }

    #[test]
    fn tickets_of_another_start_of_the_hub_are_refused() {
        let ticket = Tickets::new([7; 32]).issue(ANNA);
        let mut later = Tickets::new([8; 32]);
        later.issue(ANNA);
        assert!(!later.take(ANNA, &ticket));
    }

    #[test]
    fn the_hub_remembers_no_more_used_tickets_than_its_window() {
        let mut tickets = Tickets::new([7; 32]);
        let first = tickets.issue(ANNA);
        for _ in 0..TICKET_WINDOW + 10 {
            let ticket = tickets.issue(ANNA);
            assert!(tickets.take(ANNA, &ticket));
        }
        assert!(tickets.used.len() as u64 <= TICKET_WINDOW + 1);
        assert!(!tickets.take(ANNA, &first), "older than the window");
    }
}
