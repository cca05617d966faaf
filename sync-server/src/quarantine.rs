//! What was set aside, for the administrator: honest work is let in, the rest is dropped.
//!
//! Releasing goes the way of everything that comes in: signature and chain are verified again, only the question of rights
//! is answered by the person who releases. What follows a released segment comes in with it.

use kend_log::{Entry, LogId};
use kend_store::{Authority, Code, Device, Received};

use crate::error::HubError;
use crate::hub::HubState;
use crate::{orders, people, world};

/// A person said so.
struct PersonSaidYes;

impl Authority for PersonSaidYes {
    fn refuses(&self, _: &Device, _: &LogId, _: &Entry) -> Option<Code> {
        None
    }
}

/// A line for each segment that is set aside: its name, why, whose, and what it holds. No content.
pub(crate) fn list(hub: &HubState) -> Result<Vec<String>, HubError> {
    let mut lines = Vec::new();
    for kept in hub.store.quarantined()? {
        let name = short(&kept.digest);
        let whose = match kept.device {
            Some(device) => people::names_of(hub.store.connection(), device)?,
            None => "nobody".to_owned(),
        };
        let what = kept.segment().map_or_else(String::new, |segment| {
            let log = segment.log();
            format!(", entries {}-{} of {} in {}", segment.first_seq(), segment.last_seq(), log.device, log.scope)
        });
        lines.push(format!("{name} {} by {whose}{what}, {} bytes", kept.code, kept.bytes.len()));
    }
    Ok(lines)
}

/// Takes a segment in, and what was kept because it follows. Returns how many entries came in.
pub(crate) fn release(hub: &mut HubState, name: &str) -> Result<u64, HubError> {
    let digest = find(hub, name)?;
    let Some(kept) = hub.store.quarantined_of(&digest)? else { return Err(HubError::NotSetAside(name.to_owned())) };
    let log = kept.segment().map(|segment| segment.log().clone());
    let mut entries = take_in(hub, &kept.bytes)?;
    hub.store.drop_quarantined(&digest)?;
    if let Some(log) = log {
        entries += release_following(hub, &log)?;
        if hub.store.accepted_until(&log)?.is_some() {
            // Elsewhere nothing of a revoked device is taken in beyond what is accepted: now that is more.
            orders::revoke(hub, log.device, world::wall_ms())?;
        }
    }
    Ok(entries)
}

/// Drops a segment for good.
pub(crate) fn discard(hub: &mut HubState, name: &str) -> Result<(), HubError> {
    let digest = find(hub, name)?;
    hub.store.drop_quarantined(&digest)?;
    Ok(())
}

fn take_in(hub: &mut HubState, bytes: &[u8]) -> Result<u64, HubError> {
    match hub.store.receive(bytes, &PersonSaidYes)? {
        Received::Appended { entries, .. } => Ok(u64::from(entries)),
        Received::Known { .. } => Ok(0),
        Received::Gap { have, .. } => Err(HubError::NotTakenIn(format!("entries after {have} are missing"))),
        Received::Fork { .. } => Err(HubError::NotTakenIn("the log has other entries there".to_owned())),
        Received::SetAside { code, .. } => Err(HubError::NotTakenIn(code.word().to_owned())),
        Received::Lacking => Err(HubError::NotTakenIn("the entry before it is missing".to_owned())),
    }
}

/// What was set aside only for what came before it: the person's word goes for all of it.
fn release_following(hub: &mut HubState, log: &LogId) -> Result<u64, HubError> {
    let of_device = hub.store.following(log.device)?.into_iter();
    let mut following: Vec<_> = of_device
        .filter_map(|kept| {
            let segment = kept.segment().filter(|segment| segment.log() == log)?;
            Some((segment.first_seq(), kept))
        })
        .collect();
    following.sort_by_key(|(first_seq, _)| *first_seq);
    let mut entries = 0;
    for (_, kept) in following {
        match hub.store.receive(&kept.bytes, &PersonSaidYes)? {
            Received::Appended { entries: new, .. } => entries += u64::from(new),
            Received::Known { .. } => {}
            _ => break,
        }
        hub.store.drop_quarantined(&kept.digest)?;
    }
    Ok(entries)
}

/// The segment that a person means by the start of its name.
fn find(hub: &HubState, name: &str) -> Result<[u8; 32], HubError> {
    let missing = || HubError::NotSetAside(name.to_owned());
    let all = hub.store.quarantined_digests()?;
    let mut fitting = all.into_iter().filter(|digest| data_encoding::HEXLOWER.encode(digest).starts_with(name));
    match (fitting.next(), fitting.next()) {
        (Some(digest), None) if !name.is_empty() => Ok(digest),
        _ => Err(missing()),
    }
}

fn short(digest: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(digest).chars().take(16).collect()
}
