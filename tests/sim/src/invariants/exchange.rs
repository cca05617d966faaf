//! What holds at every answer, every restart and every repeat.

use std::collections::BTreeSet;
use std::convert::Infallible;

use kend_domain::EntityId;
use kend_log::{BadSegment, ChainHash, Entry, LogId, Segment, Slot};
use kend_store::{Addressee, limits};
use kend_sync::protocol::{MAX_SYNC_BODY_BYTES, PROTOCOL};
use kend_sync::{SyncRequest, SyncResponse};

use super::{Invariant, Violation, check};
use crate::hub::Answered;
use crate::node::{Node, NodeNo};
use crate::storage::Storage;
use crate::world::{World, scopes};

/// 15, 18 and 20, at every answer of a hub.
pub fn answered(world: &World<'_>, hub: NodeNo, answered: &Answered) -> Result<(), Violation> {
    no_answer_goes_beyond_the_rights_of_who_asked(world, hub, answered)?;
    what_was_read_is_written_the_same(world, hub, answered)?;
    a_relay_passes_on_what_it_was_given(world, hub, answered)?;
    nothing_is_kept_beyond_its_quota(world, hub)?;
    let size = answered.response.encode().len();
    check(size <= MAX_SYNC_BODY_BYTES, Invariant::Bounded, || format!("an answer has {size} bytes"))
}

/// A segment as a hub reads it, also one that leaves out what an entry says that the hub holds.
fn read(world: &World<'_>, hub: NodeNo, bytes: &[u8]) -> Result<Segment, BadSegment> {
    let below = world.nodes[hub].storage.below();
    let held = |device, seq, prefix| Ok::<_, Infallible>(below.entry_before(device, seq, prefix).unwrap_or_default());
    Segment::read(bytes, held).unwrap_or_else(|never| match never {})
}

fn no_answer_goes_beyond_the_rights_of_who_asked(
    world: &World<'_>,
    hub: NodeNo,
    answered: &Answered,
) -> Result<(), Violation> {
    let Answered { sender, request, response } = answered;
    for bytes in &response.segments {
        let whole = request.protocol > PROTOCOL || Segment::from_bytes(bytes).is_ok();
        check(whole, Invariant::Codec, || "a segment leaves out what it was not asked to".to_owned())?;
        let segment = read(world, hub, bytes)
            .map_err(|error| Violation::of(Invariant::Codec, format!("a hub sends what nobody can read: {error}")))?;
        let log = segment.log();
        // A device that holds nothing of a scope gets back what it wrote there of meetings, and nothing else.
        let back = |entry: &Entry| sender.may_hand_in(log, entry.header.kind);
        let may = log.device == sender.device && segment.entries().iter().all(back);
        let scope = &log.scope;
        check(may || sender.may_hold(scope), Invariant::Authorisation, || {
            format!("a segment of {scope} goes to {sender:?}")
        })?;
    }
    for ack in &response.acks {
        let own = ack.device == sender.device;
        check(own || sender.may_hold(&ack.scope), Invariant::Authorisation, || {
            format!("a count of {} goes to {sender:?}", ack.scope)
        })?;
    }
    for cursor in &response.cursors {
        check(sender.may_hold(&cursor.scope), Invariant::Authorisation, || {
            format!("a cursor of {} goes to {sender:?}", cursor.scope)
        })?;
    }
    Ok(())
}

fn what_was_read_is_written_the_same(world: &World<'_>, hub: NodeNo, answered: &Answered) -> Result<(), Violation> {
    let Answered { request, response, .. } = answered;
    let same = SyncRequest::decode(&request.encode()).as_ref() == Ok(request)
        && SyncResponse::decode(&response.encode()).as_ref() == Ok(response);
    check(same, Invariant::Codec, || "a message is read back as another".to_owned())?;
    for bytes in request.segments.iter().chain(&response.segments) {
        let Ok(segment) = read(world, hub, bytes) else { continue };
        let again = segment.to_bytes().and_then(|bytes| Segment::from_bytes(&bytes));
        check(again.as_ref() == Ok(&segment), Invariant::Codec, || "a segment is read back as another".to_owned())?;
    }
    Ok(())
}

/// Notes in which bytes segments came over a line, where the device's signature vouches for every one of them.
pub fn note_bytes(world: &mut World<'_>, hub: NodeNo, request: &SyncRequest) {
    for bytes in &request.segments {
        if let Some((segment, bytes)) = whole(world, hub, bytes) {
            world.seen.entry(name(&segment)).or_insert(bytes);
        }
    }
}

/// A segment that nothing was erased in, and its bytes with nothing left out.
fn whole(world: &World<'_>, hub: NodeNo, bytes: &[u8]) -> Option<(Segment, Vec<u8>)> {
    let segment = read(world, hub, bytes).ok()?;
    let bytes = if Segment::from_bytes(bytes).is_ok() { bytes.to_vec() } else { segment.to_bytes().ok()? };
    (!segment.entries().iter().any(has_erased)).then_some((segment, bytes))
}

fn has_erased(entry: &Entry) -> bool {
    entry.slots.iter().any(|slot| matches!(slot, Slot::Erased { .. }))
}

/// What only its author can make twice.
fn name(segment: &Segment) -> (ChainHash, [u8; 64]) {
    (segment.head(), *segment.signature())
}

/// A segment that nothing was erased in is passed on in the bytes in which it came, but for salts that gave erased content
/// away: one salt may stand
/// in two segments of a device that was put back from a backup.
fn a_relay_passes_on_what_it_was_given(world: &World<'_>, hub: NodeNo, answered: &Answered) -> Result<(), Violation> {
    for bytes in &answered.response.segments {
        let Some((sent, bytes)) = whole(world, hub, bytes) else { continue };
        let Some(came) = world.seen.get(&name(&sent)).filter(|came| **came != bytes) else { continue };
        let came = Segment::from_bytes(came).map_err(|error| Violation::of(Invariant::Codec, error.to_string()))?;
        let device = sent.log().device;
        let gives_away = |entity: EntityId| {
            let history = world.nodes[hub].storage.below().history(entity);
            history.iter().any(|chained| chained.device == device && has_erased(&chained.entry))
        };
        let same_salt = |entity: EntityId| {
            sent.salt(entity) == came.salt(entity) || (sent.salt(entity).is_none() && gives_away(entity))
        };
        let same = sent.entries() == came.entries()
            && sent.entries().iter().all(|entry| same_salt(entry.header.entity))
            && sent.entries().iter().any(|entry| sent.salt(entry.header.entity) != came.salt(entry.header.entity));
        check(same, Invariant::Codec, || "a segment is passed on in other bytes".to_owned())?;
    }
    Ok(())
}

fn nothing_is_kept_beyond_its_quota(world: &World<'_>, node: NodeNo) -> Result<(), Violation> {
    // Each device that ever signed something has a quota, and one more is for what nobody can be held to.
    let quotas = u64::try_from(world.nodes.len()).expect("few nodes") + 1;
    let aside = world.nodes[node].storage.below().aside();
    let bytes: u64 = aside.iter().map(|bytes| bytes.len() as u64).sum();
    let fits = aside.len() as u64 <= quotas * limits::QUARANTINE_SEGMENTS
        && bytes <= quotas * (limits::QUARANTINE_BYTES + limits::FOLLOWING_BYTES);
    check(fits, Invariant::Bounded, || format!("{} keeps {bytes} bytes aside", world.name(node)))
}

/// Notes what a hub says to hold.
pub fn promise(world: &mut World<'_>, hub: NodeNo, answered: &Answered) {
    let mut asides = Vec::new();
    for aside in answered.response.set_aside.iter().filter(|aside| aside.kept) {
        let bytes = usize::try_from(aside.index).ok().and_then(|index| answered.request.segments.get(index));
        if let Some(segment) = bytes.and_then(|bytes| read(world, hub, bytes).ok()) {
            asides.push((segment.log().clone(), segment.last_seq(), segment.head()));
        }
    }
    let promised = &mut world.nodes[hub].hub.as_mut().expect("a hub").promised;
    for ack in answered.response.acks.iter().filter(|ack| ack.seq > 0) {
        promised.logs.insert(ack.log(), (ack.seq, ack.prefix));
    }
    promised.aside.extend(asides);
}

/// 4, at every restart: what a hub promised is still there.
pub fn after_restart(world: &World<'_>, node: NodeNo) -> Result<(), Violation> {
    let Some(hub) = &world.nodes[node].hub else { return Ok(()) };
    let heads = world.nodes[node].storage.below().heads().unwrap_or_default();
    for (log, (seq, prefix)) in &hub.promised.logs {
        let head = heads.iter().find(|head| head.log() == *log).map(|head| (head.seq, head.prefix));
        let kept = head.is_some_and(|(held_seq, held)| held_seq > *seq || (held_seq == *seq && held == *prefix));
        check(kept, Invariant::AckIsDurable, || {
            format!("{} acknowledged {log:?} up to {seq} and has {head:?} after a crash", world.name(node))
        })?;
    }
    let aside: BTreeSet<ChainHash> = world.aside(node).iter().map(Segment::head).collect();
    for (log, seq, hash) in &hub.promised.aside {
        let kept = aside.contains(hash) || world.holds(node, hash);
        check(kept, Invariant::AckIsDurable, || {
            format!("{} said to keep {log:?} {seq} aside and lost it in a crash", world.name(node))
        })?;
    }
    Ok(())
}

/// 5, at every answer taken in: up to its cursor a device has all that the hub has and it may hold.
pub fn answer_taken(world: &mut World<'_>, node: NodeNo, hub: NodeNo) -> Result<(), Violation> {
    note_acknowledged(world, node);
    // Looking at everything is the larger part of a run: every fourth time is enough.
    if !world.dice.faults.percent(25) {
        return Ok(());
    }
    let Ok(marks) = world.nodes[node].storage.below().marks() else { return Ok(()) };
    if marks.epoch != world.nodes[hub].epoch() {
        return Ok(());
    }
    // Another branch than its own, and what came after a revocation, is nothing that a device takes in.
    let mut branched: BTreeSet<LogId> = world.ledger.branched().into_iter().cloned().collect();
    branched.extend(world.ledger.revoked.iter().cloned());
    let held: BTreeSet<ChainHash> = world.hashes(node).into_iter().collect();
    for cursor in &marks.cursors {
        let stream = world.nodes[hub].storage.below_mut();
        let all = stream
            .after(&cursor.scope, 0, None, usize::MAX, Addressee::Anybody)
            .map(|page| page.segments)
            .unwrap_or_default();
        let tail = stream.after(&cursor.scope, cursor.position, None, usize::MAX, Addressee::Anybody);
        let tail = tail.map(|page| page.segments.len()).unwrap_or_default();
        for segment in all.iter().take(all.len() - tail) {
            if branched.contains(&segment.log) {
                continue;
            }
            check(held.contains(&segment.head), Invariant::CursorComplete, || {
                let (seq, log) = (segment.last_seq, &segment.log);
                format!(
                    "{} has received {} up to {} without {log:?} {seq}",
                    world.name(node),
                    cursor.scope,
                    cursor.position
                )
            })?;
        }
    }
    Ok(())
}

/// Notes in the account what a node was told to be durable elsewhere.
pub fn note_acknowledged(world: &mut World<'_>, node: NodeNo) {
    let below = world.nodes[node].storage.below();
    let acknowledged = below.acknowledged();
    let device = below.device();
    for entity in below.entities() {
        for chained in below.history(entity).into_iter().filter(|chained| chained.device == device) {
            let Some(written) = world.ledger.written.get(&chained.hash) else { continue };
            let until = acknowledged.get(&written.log).copied().unwrap_or(0);
            if chained.entry.header.seq <= until {
                world.ledger.acknowledged.insert(chained.hash);
            }
        }
    }
}

/// All that a hub holds, to see whether a repeat changed it.
pub fn held(node: &Node) -> Vec<Vec<u8>> {
    let storage = node.storage.below();
    let mut held: Vec<Vec<u8>> = Vec::new();
    for entity in storage.entities() {
        held.push(storage.entity(entity).map(|state| state.to_bytes()).unwrap_or_default());
        held.extend(storage.history(entity).iter().map(|chained| chained.hash.0.to_vec()));
    }
    held.extend(storage.aside());
    for scope in scopes() {
        held.extend(node.hub.iter().map(|hub| format!("{scope} {:?}", hub.desk.epoch).into_bytes()));
    }
    held
}

/// 6: the same request once more leaves everything as it was.
pub fn a_repeat_changes_nothing(before: &[Vec<u8>], after: &[Vec<u8>]) -> Result<(), Violation> {
    check(before == after, Invariant::Idempotence, || "the same request once more changed the hub".to_owned())
}
