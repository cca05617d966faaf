//! What comes by another way than an answer: in a file, piece by piece.
//!
//! Orders, receipts and certificates are signed by the server and the hub, segments by their authors, and each is checked
//! and taken in just as those of an answer are. Nothing in a file needs the file to be whole: what came before a break
//! counts, and a piece that comes again or too early changes nothing.

use std::collections::BTreeSet;

use kend_log::LogId;
use kend_store::{Code, Received};

use super::{Exchange, ExchangeError, Outcome};
use crate::HubKeys;
use crate::certificate::SignedCertificate;
use crate::order::SignedOrder;
use crate::receipt::{Receipt, SignedReceipt};
use crate::replica::{Marks, Replica};

/// A delivery under way.
#[derive(Debug)]
pub struct Delivery {
    exchange: Exchange,
    /// Logs of which something new came.
    grown: BTreeSet<LogId>,
    /// Logs of which the hub was found to hold another branch.
    branched: BTreeSet<LogId>,
    /// The server's word on this device's own logs.
    own: Vec<Receipt>,
    delivered: Delivered,
}

/// What a delivery did, beside what an exchange does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What an exchange would say.
    pub outcome: Outcome,
    /// Receipts of the server that are for what is here, those known before among them.
    pub receipts_kept: u32,
    /// Segments that could not be taken in yet: what comes before them, or the author's certificate, is missing.
    pub segments_early: u32,
    /// Pieces that are not what they should be, or not signed by who should have.
    pub pieces_refused: u32,
}

impl Delivery {
    /// Begins to take in what the hub or the server of these keys gave.
    pub fn new(keys: HubKeys) -> Self {
        Self {
            exchange: Exchange::new(keys),
            grown: BTreeSet::new(),
            branched: BTreeSet::new(),
            own: Vec::new(),
            delivered: Delivered::default(),
        }
    }

    /// Takes in an order. After the one that ends the device nothing is taken in any more.
    pub fn order<R: Replica>(&mut self, bytes: &[u8], replica: &mut R) -> Result<(), ExchangeError<R::Error>> {
        match SignedOrder::from_bytes(bytes) {
            Ok(order) if !self.is_wiped() => self.exchange.obey(&[order], replica).map(|_| ()),
            Ok(_) => Ok(()),
            Err(_) => {
                self.refuse();
                Ok(())
            }
        }
    }

    /// Takes in a certificate: of the device itself when it is newer, of another device.
    pub fn certificate<R: Replica>(&mut self, bytes: &[u8], replica: &mut R) -> Result<(), ExchangeError<R::Error>> {
        if self.is_wiped() {
            return Ok(());
        }
        let Ok(signed) = SignedCertificate::from_bytes(bytes) else {
            self.refuse();
            return Ok(());
        };
        let Ok(certificate) = signed.verify(&self.exchange.keys.hub) else {
            self.refuse();
            return Ok(());
        };
        if certificate.device != replica.device() {
            return Ok(replica.put_certificate(&certificate)?);
        }
        if certificate.serial <= replica.certificate_serial()? {
            return Ok(());
        }
        if let Ok((signed, certificate)) = self.exchange.check_own(&signed, replica) {
            replica.keep_certificate(signed)?;
            self.exchange.outcome.certificate = Some(Box::new(certificate));
        } else {
            self.refuse();
        }
        Ok(())
    }

    /// Takes in a segment.
    pub fn segment<R: Replica>(&mut self, bytes: &[u8], replica: &mut R) -> Result<(), ExchangeError<R::Error>> {
        if self.is_wiped() {
            return Ok(());
        }
        match self.exchange.receive_segment(bytes, replica)? {
            Received::Appended { log, .. } => {
                self.grown.insert(log);
            }
            // What follows another branch does not go on here, whatever else is brought.
            Received::Gap { log, .. } if self.branched.contains(&log) || replica.marks()?.is_branched(&log) => {
                self.exchange.outcome.segments_aside_here += 1;
            }
            Received::Gap { .. } | Received::Lacking | Received::SetAside { code: Code::UnknownDevice, .. } => {
                self.delivered.segments_early += 1;
            }
            // Nor what follows entries that count for nothing here.
            Received::Fork { log, .. } | Received::SetAside { log: Some(log), .. } => {
                self.branched.insert(log);
            }
            Received::Known { .. } | Received::SetAside { log: None, .. } => {}
        }
        Ok(())
    }

    /// Takes in a receipt. What the server has on its disk waits no longer on the device.
    pub fn receipt<R: Replica>(&mut self, bytes: &[u8], replica: &mut R) -> Result<(), ExchangeError<R::Error>> {
        if self.is_wiped() {
            return Ok(());
        }
        let Ok(signed) = SignedReceipt::from_bytes(bytes) else {
            self.refuse();
            return Ok(());
        };
        let Some(receipt) = self.exchange.keep_receipt(&signed, replica)? else { return Ok(()) };
        self.delivered.receipts_kept += 1;
        if receipt.device == replica.device() {
            replica.acknowledge(&receipt.log(), receipt.seq, receipt.hash.prefix())?;
            self.own.push(receipt);
        }
        Ok(())
    }

    /// Ends the delivery: scopes that were taken away are left as far as nothing is lost by that.
    pub fn finish<R: Replica>(mut self, replica: &mut R) -> Result<Delivered, ExchangeError<R::Error>> {
        if !self.is_wiped() {
            let mut marks = replica.marks()?;
            // The hub is asked anew what it has of these, and so hears what need not be sent again.
            let own = replica.device();
            marks.taken.retain(|taken| taken.device == own || !self.grown.contains(&taken.log()));
            if self.exchange.keys.hub == self.exchange.keys.server {
                self.own.iter().for_each(|receipt| mark(&mut marks, receipt));
            }
            self.branched.iter().for_each(|log| marks.branch(log));
            replica.keep_marks(&marks)?;
            self.exchange.leave(&marks, replica)?;
        }
        Ok(Delivered { outcome: self.exchange.outcome, ..self.delivered })
    }

    /// What was done so far.
    pub const fn outcome(&self) -> &Outcome {
        &self.exchange.outcome
    }

    const fn is_wiped(&self) -> bool {
        self.exchange.outcome.wipe
    }

    const fn refuse(&mut self) {
        self.delivered.pieces_refused += 1;
    }
}

/// What the hub, being the server, has signed for need not be offered to it again, in this epoch of it.
fn mark(marks: &mut Marks, receipt: &Receipt) {
    if *marks.epoch.get_or_insert(receipt.epoch) == receipt.epoch {
        let log = receipt.log();
        let seq = receipt.seq.max(marks.taken(&log).unwrap_or(0));
        marks.take(&log, seq);
    }
}
