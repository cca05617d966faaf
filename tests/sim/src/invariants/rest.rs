//! What holds when nothing is left to say.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::EntityId;
use kend_log::{ChainHash, Chained, Dot, EntityState, LogId, Op, Path, Segment};

use kend_store::{Addressee, Packed};
use kend_sync::{KnownDevice, LogHead, SignedReceipt};

use super::fold::Folded;
use super::{Invariant, Violation, check, exchange};
use crate::node::NodeNo;
use crate::storage::Storage;
use crate::world::{SERVER, World, scopes};

/// Everything that a node holds of one entity.
struct Held {
    node: NodeNo,
    entity: EntityId,
    state: std::sync::Arc<EntityState>,
    history: Vec<Chained>,
}

/// What a node shows of one entity.
struct Shown {
    node: NodeNo,
    bytes: Vec<u8>,
    merged: BTreeMap<Path, String>,
}

/// All invariants that are looked at when everything has come to rest.
pub fn at_rest(world: &mut World<'_>) -> Result<(), Violation> {
    for node in 0..world.nodes.len() {
        world.learn(node);
        exchange::note_acknowledged(world, node);
        exchange::after_restart(world, node)?;
    }
    let held = everything(world);
    for held in &held {
        let at = world.name(held.node);
        let folded = Folded { state: &held.state, history: &held.history, at: &at };
        folded.shows_every_conflict()?;
        folded.supersedes_by_context_alone()?;
        folded.keeps_every_addition()?;
        folded.has_nothing_that_was_erased()?;
        folded.shows_changes_since_judgements()?;
        folded.is_what_a_refold_gives(&mut world.dice.faults)?;
        folded.does_not_look_at_wall_clocks(&mut world.dice.faults)?;
    }
    nothing_erased_is_kept_aside(world, &held)?;
    equal_entries_are_equal_bytes(world, &held)?;
    every_log_verifies(world)?;
    no_branch_is_lost_or_mixed(world, &held)?;
    every_queue_is_empty(world)?;
    nothing_acknowledged_is_lost(world)?;
    everybody_has_all_that_they_may(world, &held)?;
    no_honest_entry_waits_without_reason(world, &held)?;
    the_server_holds_nothing_that_its_author_may_not_write(world, &held)?;
    approvals_stand_as_they_were_given(world, &held)?;
    safe_means_that_the_server_said_so(world)
}

fn everything(world: &World<'_>) -> Vec<Held> {
    let mut held = Vec::new();
    for (node, at) in world.nodes.iter().enumerate() {
        let storage = at.storage.below();
        for entity in storage.entities() {
            let state = storage.entity(entity).expect("an entity of the list is there");
            held.push(Held { node, entity, state, history: storage.history(entity) });
        }
    }
    held
}

impl World<'_> {
    /// Whether a log may differ between replicas: it has branches, its author lost rights or is no honest one, or the
    /// last copy of a part of it went with a backup.
    fn is_tainted(&self, log: &LogId, branched: &BTreeSet<&LogId>) -> bool {
        let hostile = || self.nodes.iter().any(|node| node.hostile && node.device() == log.device);
        branched.contains(log) || self.ledger.revoked.contains(log) || hostile()
    }

    fn tainted(&self) -> BTreeSet<LogId> {
        let branched = self.ledger.branched();
        let logs: BTreeSet<&LogId> = self.ledger.written.values().map(|written| &written.log).collect();
        let gone = self.ledger.gone.iter().filter_map(|hash| self.ledger.written.get(hash)).map(|written| &written.log);
        let gone: BTreeSet<&LogId> = gone.collect();
        let tainted = |log: &&LogId| self.is_tainted(log, &branched) || gone.contains(log);
        logs.into_iter().filter(tainted).cloned().collect()
    }

    fn log_of(&self, hash: &ChainHash) -> Option<&LogId> {
        self.ledger.written.get(hash).map(|written| &written.log)
    }
}

/// 12, for what is kept aside.
fn nothing_erased_is_kept_aside(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    for node in 0..world.nodes.len() {
        let states: BTreeMap<EntityId, &EntityState> =
            held.iter().filter(|held| held.node == node).map(|held| (held.entity, &*held.state)).collect();
        for segment in world.aside(node) {
            for entry in segment.entries() {
                let Some(state) = states.get(&entry.header.entity) else { continue };
                let left = entry.ops().filter_map(|op| op.path()).find(|path| state.is_erased(path));
                check(left.is_none(), Invariant::Erasure, || {
                    format!("{}: {left:?} was erased and is still kept aside", world.name(node))
                })?;
            }
        }
    }
    Ok(())
}

/// 1, and 10 across replicas.
fn equal_entries_are_equal_bytes(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    // An erasure in one branch of a log, or one that a backup took from the server, reaches those with the other branch as an order of the server, and devices below a
    // hub in the room not at all: hubs do not pass orders on.
    let tainted = world.tainted();
    let erased_in_a_branch: BTreeSet<EntityId> = (world.ledger.written.values())
        .filter(|written| tainted.contains(&written.log))
        .filter(|written| written.chained.entry.ops().any(|op| matches!(op, Op::Erase { .. })))
        .map(|written| written.chained.entry.header.entity)
        .collect();
    let mut seen: BTreeMap<(EntityId, BTreeSet<ChainHash>), Shown> = BTreeMap::new();
    for held in held.iter().filter(|held| !erased_in_a_branch.contains(&held.entity)) {
        let at = world.name(held.node);
        let folded = Folded { state: &held.state, history: &held.history, at: &at };
        let shown = Shown { node: held.node, bytes: held.state.to_bytes(), merged: folded.merged()? };
        let Some(known) = seen.get(&(held.entity, folded.hashes())) else {
            seen.insert((held.entity, folded.hashes()), shown);
            continue;
        };
        check(known.bytes == shown.bytes, Invariant::Convergence, || {
            format!("{at} and {} hold the same of {} and show something else", world.name(known.node), held.entity)
        })?;
        check(known.merged == shown.merged, Invariant::MergeView, || {
            format!("{at} and {} put texts of {} together in two ways", world.name(known.node), held.entity)
        })?;
    }
    Ok(())
}

/// 13 and the rest of 12: every segment is signed by the device whose log it is in, also after erasures, and nobody
/// holds what nobody wrote.
fn every_log_verifies(world: &mut World<'_>) -> Result<(), Violation> {
    for node in 0..world.nodes.len() {
        for scope in scopes() {
            let below = world.nodes[node].storage.below_mut();
            let page = below.after(&scope, 0, None, usize::MAX, Addressee::Anybody).expect("the power is there");
            for Packed { bytes, .. } in page.segments {
                let bad = |what: String| Violation::of(Invariant::Signatures, format!("{}: {what}", world.name(node)));
                let segment = Segment::from_bytes(&bytes).map_err(|error| bad(error.to_string()))?;
                let author = world.nodes.iter().find(|author| author.device() == segment.log().device);
                let author = author.ok_or_else(|| bad("a log of nobody".to_owned()))?;
                segment.verify(&author.storage.public_key()).map_err(|error| bad(error.to_string()))?;
                let unknown = segment.chained().find(|chained| world.log_of(&chained.hash) != Some(segment.log()));
                if let Some(chained) = unknown {
                    return Err(bad(format!("{:?} {} was never written", segment.log(), chained.entry.header.seq)));
                }
            }
        }
    }
    Ok(())
}

/// 14.
fn no_branch_is_lost_or_mixed(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    let mut at: BTreeMap<(NodeNo, LogId, u64), ChainHash> = BTreeMap::new();
    for held in held {
        for chained in &held.history {
            let Some(log) = world.log_of(&chained.hash) else { continue };
            let seq = chained.entry.header.seq;
            let other = at.insert((held.node, log.clone(), seq), chained.hash);
            check(other.is_none(), Invariant::ForkSafety, || {
                format!("{} holds two entries {seq} of {log:?}", world.name(held.node))
            })?;
        }
    }
    // A branch that a hub in the room kept aside stays there: the server never saw it.
    let hubs: BTreeSet<ChainHash> = world.hubs().into_iter().flat_map(|hub| world.hashes(hub)).collect();
    for log in world.ledger.branched() {
        for (node, author) in world.nodes.iter().enumerate() {
            if author.device() != log.device || author.hostile {
                continue;
            }
            let own = at.range((node, log.clone(), 0)..=(node, log.clone(), u64::MAX));
            let own: Vec<ChainHash> = own.map(|(_, hash)| *hash).collect();
            let lost = own.iter().find(|hash| !hubs.contains(hash));
            check(lost.is_none() || author.hub.is_some(), Invariant::ForkSafety, || {
                format!("no hub has the branch of {}", author.name)
            })?;
            let in_log = |hash: &ChainHash| is_in_log(&at, SERVER, log, hash, world);
            let loser = own.iter().any(|hash| !in_log(hash));
            check(!loser || author.forked || world.ledger.revoked.contains(log), Invariant::ForkSafety, || {
                format!("{} does not know that its log has another branch", author.name)
            })?;
        }
    }
    Ok(())
}

fn is_in_log(
    at: &BTreeMap<(NodeNo, LogId, u64), ChainHash>,
    node: NodeNo,
    log: &LogId,
    hash: &ChainHash,
    world: &World<'_>,
) -> bool {
    let seq = world.ledger.written.get(hash).map_or(0, |written| written.chained.entry.header.seq);
    at.get(&(node, log.clone(), seq)) == Some(hash)
}

/// 3: what anybody was told to be durable is at the server, in its log or kept aside. That what is in the log is live or
/// superseded is looked at entity by entity.
fn nothing_acknowledged_is_lost(world: &World<'_>) -> Result<(), Violation> {
    let server: BTreeSet<ChainHash> = world.hashes(SERVER).into_iter().collect();
    for hash in &world.ledger.acknowledged {
        let written = world.ledger.written.get(hash).expect("what is acknowledged was written");
        let kept = server.contains(hash) || world.ledger.gone.contains(hash) || !written.honest;
        // A branch that only a hub in the room has seen stays there.
        let kept = kept || world.hubs().iter().any(|hub| world.holds(*hub, hash));
        // What a server lost that was put back from a backup, and only somebody has whose area was taken away since.
        let kept = kept || (0..world.nodes.len()).any(|node| world.holds(node, hash) && !may_hold(world, node, hash));
        check(kept, Invariant::NoLostWrite, || {
            format!("{:?} {} was acknowledged and is nowhere", written.log, written.chained.entry.header.seq)
        })?;
    }
    Ok(())
}

/// Whether a node may hold an entry, or hand it in as its own, as the server knows it now.
fn may_hold(world: &World<'_>, node: NodeNo, hash: &ChainHash) -> bool {
    let known = &world.nodes[SERVER].hub.as_ref().expect("the server is a hub").desk.known;
    let known = known.get(&world.nodes[node].device());
    let Some(log) = world.log_of(hash) else { return false };
    let kind = world.ledger.written.get(hash).map(|written| written.chained.entry.header.kind);
    let hands_in = |known: &KnownDevice| kind.map_or(known.may_hold(&log.scope), |kind| known.may_hand_in(log, kind));
    node == SERVER || known.is_some_and(hands_in)
}

/// What somebody holds who may pass it on. Who lost an area can't fill up a server that was put back from a backup.
fn within_reach(world: &World<'_>, held: &[Held]) -> BTreeSet<ChainHash> {
    let all = held.iter().flat_map(|held| held.history.iter().map(|chained| (held.node, chained.hash)));
    all.filter(|(node, hash)| may_hold(world, *node, hash)).map(|(_, hash)| hash).collect()
}

/// 5, at the end: everybody holds what the server holds, in their scopes.
fn everybody_has_all_that_they_may(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    let tainted = world.tainted();
    let mut clean: BTreeMap<NodeNo, BTreeSet<ChainHash>> = BTreeMap::new();
    for held in held {
        let hashes = held.history.iter().map(|chained| chained.hash);
        let hashes = hashes.filter(|hash| world.log_of(hash).is_some_and(|log| !tainted.contains(log)));
        clean.entry(held.node).or_default().extend(hashes);
    }
    let none = BTreeSet::new();
    let all = within_reach(world, held);
    let all: BTreeSet<ChainHash> = clean.values().flatten().filter(|hash| all.contains(hash)).copied().collect();
    for (node, at) in world.nodes.iter().enumerate() {
        if at.hostile {
            continue;
        }
        let may_hold = |hash: &&ChainHash| !at.forked && may_hold(world, node, hash);
        let has = clean.get(&node).unwrap_or(&none);
        if let Some(lacks) = all.iter().filter(may_hold).find(|hash| !has.contains(hash)) {
            let written = &world.ledger.written[lacks];
            return Err(Violation::of(
                Invariant::CursorComplete,
                format!("{} lacks {:?} {}", at.name, written.log, written.chained.entry.header.seq),
            ));
        }
    }
    Ok(())
}

/// 3: an honest entry that waits for what it had seen waits for a branch that was set aside, or for what is gone.
fn no_honest_entry_waits_without_reason(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    let tainted = world.tainted();
    let reach = within_reach(world, held);
    for held in held.iter().filter(|held| held.node == SERVER) {
        let waiting: BTreeSet<Dot> = held.state.waiting().map(Chained::dot).collect();
        for chained in held.state.waiting() {
            let Some(written) = world.ledger.written.get(&chained.hash).filter(|written| written.honest) else {
                continue;
            };
            let for_good = chained.entry.header.context.iter().any(|(device, seen)| {
                let log = LogId { device, scope: written.log.scope.clone() };
                let reached = world.ledger.at(&log, seen.seq).iter().any(|hash| reach.contains(hash));
                tainted.contains(&log) || !reached || waiting.contains(&Dot { device, seq: seen.seq })
            });
            check(for_good || tainted.contains(&written.log), Invariant::NoLostWrite, || {
                format!("{:?} {} waits at the server for nothing", written.log, chained.entry.header.seq)
            })?;
        }
    }
    Ok(())
}

/// 15, for writes, and the honest side of it: what an honest person wrote within their rights is in the log.
fn the_server_holds_nothing_that_its_author_may_not_write(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    let known = &world.nodes[SERVER].hub.as_ref().expect("the server is a hub").desk.known;
    for held in held.iter().filter(|held| held.node == SERVER) {
        for chained in &held.history {
            let Some(written) = world.ledger.written.get(&chained.hash) else { continue };
            if chained.device == world.nodes[SERVER].device() || world.ledger.revoked.contains(&written.log) {
                continue;
            }
            let header = &chained.entry.header;
            let author = known
                .get(&chained.device)
                .and_then(|known| known.people.iter().find(|member| member.person == header.actor));
            let may = author.is_some_and(|member| {
                chained.entry.ops().all(|op| member.may_do(&written.log.scope, header.kind, op, true))
            });
            check(may, Invariant::Authorisation, || {
                format!("the server took {:?} {} from who may not write it", written.log, header.seq)
            })?;
        }
    }
    let tainted = world.tainted();
    for segment in world.aside(SERVER) {
        let honest = segment.chained().find(|chained| {
            world
                .ledger
                .written
                .get(&chained.hash)
                .is_some_and(|written| written.honest && !tainted.contains(&written.log))
                && !world.nodes[SERVER]
                    .storage
                    .below()
                    .history(chained.entry.header.entity)
                    .iter()
                    .any(|held| held.hash == chained.hash)
        });
        check(honest.is_none(), Invariant::NoLostWrite, || {
            format!("the server set honest work aside: {:?} {}", segment.log(), segment.first_seq())
        })?;
    }
    Ok(())
}

/// 11: what was approved folds to what the supervisor had on the screen.
fn approvals_stand_as_they_were_given(world: &World<'_>, held: &[Held]) -> Result<(), Violation> {
    for approval in &world.ledger.approvals {
        let at_server = held.iter().find(|held| held.node == SERVER && held.entity == approval.entity);
        let Some(held) = at_server else { continue };
        if !held.history.iter().any(|chained| chained.hash == approval.hash)
            || held.state.mark_of(approval.dot).is_none()
        {
            continue;
        }
        let judged = held.state.judgements().iter().find(|judged| judged.dot == approval.dot);
        let judged = judged.ok_or_else(|| {
            Violation::of(Invariant::ApprovalPins, format!("the approval {:?} is gone", approval.dot))
        })?;
        let approved: Vec<&Chained> =
            held.history.iter().filter(|chained| approval.context.holds(chained.dot())).collect();
        let pinned = approved.iter().all(|chained| judged.pin.holds(chained.dot()));
        // An erasure takes content out of what was approved too; that shows.
        let erased = held.state.erasures().any(|erasure| !approval.context.holds(erasure.dot));
        let same = erased || EntityState::fold(approval.entity, approved).to_bytes() == approval.judged;
        check(pinned && same, Invariant::ApprovalPins, || format!("what {:?} approved is another now", approval.dot))?;
    }
    Ok(())
}

/// 16.
fn safe_means_that_the_server_said_so(world: &World<'_>) -> Result<(), Violation> {
    let server_key = world.nodes[SERVER].storage.public_key();
    let server: BTreeSet<ChainHash> = world.hashes(SERVER).into_iter().collect();
    for (node, at) in world.nodes.iter().enumerate() {
        let storage = at.storage.below();
        for log in storage.heads().unwrap_or_default().iter().map(LogHead::log) {
            let Some(kept) = storage.receipt(&log).ok().flatten() else { continue };
            let receipt = SignedReceipt::from_bytes(&kept.bytes).and_then(|signed| signed.verify(&server_key)).ok();
            let holds = receipt.is_some_and(|receipt| {
                let said = receipt.log() == log && receipt.seq == kept.seq;
                let ended = Some(receipt.epoch) != world.nodes[SERVER].epoch();
                said && world.holds(node, &receipt.hash) && (ended || server.contains(&receipt.hash))
            });
            check(holds, Invariant::Receipts, || {
                format!("{} counts {log:?} safe up to {}, and the server did not say so", at.name, kept.seq)
            })?;
        }
    }
    Ok(())
}

/// 17.
fn every_queue_is_empty(world: &World<'_>) -> Result<(), Violation> {
    for at in world.nodes.iter().filter(|at| !at.hubs.is_empty() && !at.hostile && !at.forked) {
        let acknowledged = at.storage.below().acknowledged();
        for head in at.storage.below().heads().unwrap_or_default() {
            if head.device != at.device() || world.ledger.revoked.contains(&head.log()) {
                continue;
            }
            let until = acknowledged.get(&head.log()).copied().unwrap_or(0);
            check(until >= head.seq, Invariant::Progress, || {
                format!("{} still has {} entries to send", at.name, head.seq - until)
            })?;
        }
    }
    Ok(())
}

/// Hash over all that the server shows: live values in their order, sets, judgements. No clocks.
pub fn shown(world: &World<'_>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let storage = world.nodes[SERVER].storage.below();
    for entity in storage.entities() {
        let Some(state) = storage.entity(entity) else { continue };
        hasher.update(entity.as_bytes());
        for path in state.paths("") {
            for live in state.live(path) {
                hasher.update(format!("{path} {:?} {:?}\n", live.dot, live.value).as_bytes());
            }
        }
        for path in state.sets() {
            hasher.update(format!("{path} {:?}\n", state.elements(path)).as_bytes());
        }
        for judged in state.judgements() {
            hasher.update(format!("{:?} {:?}\n", judged.dot, judged.act).as_bytes());
        }
    }
    *hasher.finalize().as_bytes()
}
