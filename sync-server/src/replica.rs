//! The hub as the other side of an exchange: its store and tables behind `kend_sync::HubReplica`.

use kend_domain::{AreaCode, DeviceId, EntityId, PersonId, Scope};
use kend_log::{EntityKind, HashPrefix, LogId, Previous, Segment};
use kend_store::rusqlite::{OptionalExtension, params};
use kend_store::{Addressee, Arrival, Authority, KeptReceipt, Page, Received};
use kend_sync::rights;
use kend_sync::{Epoch, HubReplica, KnownDevice, Receipt, SignedCertificate, SignedOrder, SignedReceipt};

use crate::code;
use crate::error::HubError;
use crate::hub::HubState;
use crate::{orders, people};

impl HubReplica for HubState {
    type Error = HubError;

    fn project(&self) -> &AreaCode {
        &self.identity.project
    }

    fn epoch(&self) -> Result<Epoch, HubError> {
        Ok(self.identity.epoch)
    }

    fn head(&self, log: &LogId) -> Result<Option<(u64, HashPrefix)>, HubError> {
        Ok(self.store.log_head(log)?.map(|(seq, hash)| (seq, hash.prefix())))
    }

    fn device(&self, device: DeviceId) -> Result<Option<KnownDevice>, HubError> {
        let tables = self.store.connection();
        if device == self.store.device() {
            let people = people::account_members(tables)?;
            return Ok(Some(KnownDevice { device, key: self.store.public_key(), revoked: false, people }));
        }
        people::device(tables, device)
    }

    fn took_part(&self, entity: EntityId, person: PersonId) -> Result<bool, HubError> {
        Ok(self.store.entity(entity)?.is_some_and(|state| rights::took_part(&state, person)))
    }

    fn kind(&self, entity: EntityId) -> Result<Option<EntityKind>, HubError> {
        Ok(self.store.entity_head(entity)?.map(|head| head.kind))
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, HubError> {
        Ok(self.store.entry_before(device, seq, prefix)?)
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, HubError> {
        Ok(self.store.receive(bytes, authority)?)
    }

    fn receive_read(
        &mut self,
        bytes: &[u8],
        arrival: Option<Arrival>,
        authority: &dyn Authority,
    ) -> Result<Received, HubError> {
        Ok(self.store.receive_read(bytes, arrival, authority)?)
    }

    fn set_aside_until(&self, log: &LogId) -> Result<u64, HubError> {
        let seq: Option<i64> = self
            .store
            .connection()
            .prepare_cached("SELECT seq FROM hub_aside WHERE device = ?1 AND scope = ?2")?
            .query_row(params![log.device.as_bytes(), log.scope.to_string()], |row| row.get(0))
            .optional()?;
        Ok(seq.unwrap_or(0).cast_unsigned())
    }

    fn note_set_aside(&mut self, log: &LogId, last_seq: u64) -> Result<(), HubError> {
        self.store.transaction(|tables| {
            tables.execute(
                "INSERT INTO hub_aside (device, scope, seq) VALUES (?1, ?2, ?3)
                 ON CONFLICT (device, scope) DO UPDATE SET seq = max(seq, excluded.seq)",
                params![log.device.as_bytes(), log.scope.to_string(), last_seq.cast_signed()],
            )?;
            Ok(())
        })
    }

    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, HubError> {
        Ok(self.store.keep_following(segment, bytes)?)
    }

    fn scopes(&self) -> Result<Vec<Scope>, HubError> {
        Ok(self.store.scopes()?)
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, HubError> {
        Ok(self.store.segments_after(scope, position, except, budget_bytes, addressee)?)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], HubError> {
        Ok(self.store.digest(scope)?)
    }

    fn certificate(&self, device: DeviceId) -> Result<Option<SignedCertificate>, HubError> {
        let bytes: Option<Vec<u8>> = self
            .store
            .connection()
            .prepare_cached("SELECT certificate FROM hub_certificate WHERE device = ?1 ORDER BY serial DESC LIMIT 1")?
            .query_row([device.as_bytes()], |row| row.get(0))
            .optional()?;
        bytes.map(|bytes| code::read_certificate(&bytes)).transpose()
    }

    fn newer_certificate(&self, device: DeviceId, serial: u64) -> Result<Option<SignedCertificate>, HubError> {
        let newest = self.certificate(device)?;
        Ok(newest.filter(|newest| newest.read().is_ok_and(|newest| newest.serial > serial)))
    }

    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, HubError> {
        Ok(self.store.accepted_until(log)?)
    }

    fn receipt(&self, log: &LogId, beyond_seq: u64, hub_ms: i64) -> Result<Option<SignedReceipt>, HubError> {
        if !self.is_server()? {
            let kept = self.store.receipt(log)?.filter(|kept| kept.seq > beyond_seq);
            let read = |kept: KeptReceipt| SignedReceipt::from_bytes(&kept.bytes);
            return kept.map(read).transpose().map_err(|_| HubError::Damaged("receipt"));
        }
        let Some((seq, hash)) = self.store.log_head(log)?.filter(|(seq, _)| *seq > beyond_seq) else { return Ok(None) };
        let LogId { device, scope } = log.clone();
        let receipt = Receipt { device, scope, seq, hash, epoch: self.identity.epoch, server_ms: hub_ms };
        let sign = |purpose: &str, message: &[u8]| self.store.sign(purpose, message);
        Ok(Some(SignedReceipt::sign(&receipt, &sign)))
    }

    fn orders(&mut self, device: DeviceId, done: u64, hub_ms: i64) -> Result<Vec<SignedOrder>, HubError> {
        orders::for_device(self, device, done, hub_ms)
    }
}
