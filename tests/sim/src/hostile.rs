//! What somebody does who has a device's key and no app: they write what no app would.

use std::sync::OnceLock;

use kend_domain::{EntityId, Scope};
use kend_log::{Act, ChainHash, Context, EntityKind, Entry, Header, LogId, Op, Reason, Seen, Segment, SigningKeyBytes};

use crate::node::NodeNo;
use crate::people::{ANSWERS, set};
use crate::storage::Storage;
use crate::world::{PLANNED, World, planned, scopes};

/// Bytes of a decompression bomb's content: more than any segment may have.
const BOMB_BYTES: usize = 32 * 1024 * 1024;

impl World<'_> {
    /// The segments that a hostile person sends beside or instead of their own.
    pub fn forge(&mut self, node: NodeNo) -> Vec<Vec<u8>> {
        let segment = match self.dice.faults.pick(0..9) {
            0 => return vec![bomb()],
            1 => return vec![self.dice.faults.bytes::<64>().to_vec()],
            2 => self.other_persons_log(node),
            3 => self.lie(node, 1, |_, header| header.lamport = kend_log::limits::MAX_LAMPORT),
            4 => self.lie(node, 1, |world, header| {
                // Claims to have seen, and so overrules, what it never held.
                let other = world.nodes[world.dice.faults.pick(0..world.nodes.len())].device();
                let seen = Seen { seq: world.dice.faults.pick(1..9), prefix: world.dice.faults.bytes() };
                if other != world.nodes[node].device() {
                    header.context.see(other, seen);
                }
            }),
            5 => self.lie(node, 512, |_, _| {}),
            6 => self.lie(node, 1, |world, header| header.entity = EntityId::from_bytes(world.dice.faults.bytes())),
            7 => self.lie(node, 1, |world, header| header.actor = world.nodes[0].member.person),
            _ => self.lie(node, 1, |_, header| header.context = Context::default()),
        };
        segment.and_then(|segment| segment.to_bytes().ok()).into_iter().collect()
    }

    /// A segment that goes on where the node's log ends, with something wrong in its header.
    fn lie(&mut self, node: NodeNo, ops: usize, twist: impl FnOnce(&mut World<'_>, &mut Header)) -> Option<Segment> {
        // Also a scope that is not theirs.
        let place = self.dice.faults.pick(0..scopes().len());
        let log = self.nodes[node].log(&scopes()[place]);
        let entity = planned(place, self.dice.faults.pick(0..PLANNED));
        let (seq, prior) = self.end(node, &log);
        let state = self.nodes[node].storage.entity(entity);
        let context = state.as_ref().map(|state| state.context().clone()).unwrap_or_default();
        let mut header = Header {
            seq: seq + 1,
            entity,
            kind: EntityKind::Interview,
            actor: self.nodes[node].member.person,
            lamport: state.map_or(0, |state| state.lamport()) + 1,
            context,
            said: self.nodes[node].clock.said(self.now_ms),
            form_version: self.dice.faults.pick(0..u32::MAX),
        };
        twist(self, &mut header);
        let op = match self.dice.faults.pick(0..4) {
            0 => Op::Judge { act: Act::Approve },
            1 => Op::Erase { under: None, reason: Reason::MustNotBeKept },
            2 => set("x/unknown", "words"),
            _ => set(ANSWERS[self.dice.faults.pick(0..ANSWERS.len())], "a lie"),
        };
        let key = self.nodes[node].signing_key;
        let segment = sign(&log, prior, header, vec![op; ops], &key)?;
        for chained in segment.chained() {
            self.ledger.write(&log, &chained, false);
        }
        Some(segment)
    }

    /// An entry in somebody else's log, signed with the wrong key. Nobody wrote it: it is not in the account.
    fn other_persons_log(&mut self, node: NodeNo) -> Option<Segment> {
        let other = self.dice.faults.pick(0..self.nodes.len());
        if other == node {
            return None;
        }
        let place = self.dice.faults.pick(0..scopes().len());
        let scope: &Scope = &scopes()[place];
        let log = self.nodes[other].log(scope);
        let (seq, prior) = self.end(other, &log);
        let header = Header {
            seq: seq + 1,
            entity: EntityId::from_bytes(self.dice.faults.bytes()),
            kind: EntityKind::Interview,
            actor: self.nodes[other].member.person,
            lamport: 1,
            context: Context::default(),
            said: self.nodes[node].clock.said(self.now_ms),
            form_version: 1,
        };
        sign(&log, prior, header, vec![set(ANSWERS[0], "in another's name")], &self.nodes[node].signing_key)
    }

    /// Where a node's log ends, whatever state the node is in.
    fn end(&self, node: NodeNo, log: &LogId) -> (u64, ChainHash) {
        let below = self.nodes[node].storage.below();
        let history = below.entities().into_iter().flat_map(|entity| below.history(entity));
        let own = history.filter(|chained| chained.device == log.device);
        let in_log =
            own.filter(|chained| self.ledger.written.get(&chained.hash).is_some_and(|written| written.log == *log));
        in_log
            .max_by_key(|chained| chained.entry.header.seq)
            .map_or((0, ChainHash::start(log)), |chained| (chained.entry.header.seq, chained.hash))
    }
}

fn sign(log: &LogId, prior: ChainHash, header: Header, ops: Vec<Op>, key: &SigningKeyBytes) -> Option<Segment> {
    let salt = [9; 16];
    let entity = header.entity;
    let entry = Entry::new(log.device, header, ops, &salt).ok()?;
    Segment::sign(log.clone(), prior, vec![entry], |of| (of == entity).then_some(salt), key).ok()
}

/// A frame of a few kilobytes that unpacks to more than memory is set aside for, and lies about it.
fn bomb() -> Vec<u8> {
    static PACKED: OnceLock<Vec<u8>> = OnceLock::new();
    let packed = PACKED.get_or_init(|| zstd::bulk::compress(&vec![0; BOMB_BYTES], 1).expect("zeros are packed"));
    // Format 1, no dictionary, declared size 8 MiB as a varint.
    [&[1, 0, 0x80, 0x80, 0x80, 0x04][..], packed].concat()
}
