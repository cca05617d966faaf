//! What the server says, whichever hub brings it: orders, receipts, and the device's own rights.

use super::{Exchange, ExchangeError};
use crate::certificate::{Certificate, SignedCertificate};
use crate::message::SyncResponse;
use crate::order::{Deed, SignedOrder};
use crate::replica::{Marks, Replica};

impl Exchange {
    /// Carries out the orders that follow the last one done, each durably before the next. The first that is not the
    /// server's, not for this device or not the next one ends it: a hub that leaves one out or makes one up is not obeyed. True
    /// when any was carried out.
    pub(super) fn obey<R: Replica>(
        &mut self,
        orders: &[SignedOrder],
        replica: &mut R,
    ) -> Result<bool, ExchangeError<R::Error>> {
        let own = replica.device();
        let before = replica.orders_done()?;
        let mut done = before;
        for (place, signed) in (0_usize..).zip(orders) {
            let order = signed.verify(&self.keys.server).ok().filter(|order| order.device == own);
            if order.as_ref().is_some_and(|order| order.number <= done) {
                continue;
            }
            let Some(order) = order.filter(|order| order.number == done + 1) else {
                let refused = orders.len().saturating_sub(place);
                self.outcome.orders_refused += u32::try_from(refused).unwrap_or(u32::MAX);
                break;
            };
            if order.deed == Deed::Wipe {
                self.outcome.wipe = true;
                break;
            }
            replica.obey(order.number, &order.deed)?;
            self.outcome.orders_obeyed += 1;
            done = order.number;
        }
        Ok(done > before)
    }

    /// A newer certificate of this device. The hub's word that it is another device, or that the server is another one,
    /// is not believed.
    pub(super) fn check_own<'a, R: Replica>(
        &self,
        signed: &'a SignedCertificate,
        replica: &R,
    ) -> Result<(&'a SignedCertificate, Certificate), ExchangeError<R::Error>> {
        let certificate = signed.verify(&self.keys.hub).map_err(|_| ExchangeError::NoHub)?;
        let ours = certificate.device == replica.device() && certificate.keys() == self.keys;
        if ours { Ok((signed, certificate)) } else { Err(ExchangeError::NoHub) }
    }

    /// Keeps the receipts that are the server's and for what is here.
    pub(super) fn keep_receipts<R: Replica>(
        &mut self,
        answer: &SyncResponse,
        replica: &mut R,
    ) -> Result<(), ExchangeError<R::Error>> {
        for signed in &answer.receipts {
            let kept = match signed.verify(&self.keys.server) {
                Ok(receipt) => replica.keep_receipt(&receipt, signed)?,
                Err(_) => false,
            };
            self.outcome.receipts_refused += u32::from(!kept);
        }
        Ok(())
    }

    /// Removes what is not this device's any more, as far as nothing is lost by that. The marks go first: when the scope is
    /// given back, all of it is fetched anew.
    pub(super) fn leave<R: Replica>(&mut self, marks: &Marks, replica: &mut R) -> Result<(), ExchangeError<R::Error>> {
        for scope in replica.scopes_to_leave()? {
            if replica.nothing_is_only_here(&scope)? {
                let mut marks = marks.clone();
                marks.cursors.retain(|cursor| cursor.scope != scope);
                marks.taken.retain(|taken| taken.scope != scope);
                replica.keep_marks(&marks)?;
                if replica.clear_left_scope(&scope)? {
                    self.outcome.scopes_left.push(scope);
                }
            }
        }
        Ok(())
    }
}
