//! Moving attachments between this machine and its hub, piece by piece, in both directions.
//!
//! Records go first: whoever moves attachments has exchanged before. The hub is asked once how far it is with all of them;
//! then one after the other moves, what a person waits for first, then the small ones. Each piece goes on where the other end
//! durably stands; after a break the hub is asked again. A piece is held in memory, never a whole file. An attachment counts as
//! handed in when the hub says, signed, that it has all of it and its hash is right, and as fetched when its hash was found
//! right here. Whoever keeps the bytes at this end is a [`Keeper`]: a device's folder, or a hub that has a server above it.

mod device;
mod fetch;
mod hand_in;
mod keeper;
mod line;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kend_log::BlobId;
use kend_sync::protocol::{MAX_BLOBS, PROTOCOL};
use kend_sync::{BlobStanding, BlobsRequest, PiecePace, RefusalCode, Ticket};

pub(crate) use self::device::DeviceKeeper;
pub use self::keeper::{Keeper, NotKept};
use self::line::Line;
use crate::Network;
pub use kend_app::{MovingPlan, Waiting, Way};

/// Tries of a piece of which nothing arrives, before the machine waits for a better time.
const MOST_STUCK: u32 = 3;
/// The wait before the first of them; it doubles, and half of it is drawn by lot.
const STUCK_MS: u64 = 500;
/// How often one attachment may turn out to be another in one go.
const MOST_WRONG: u32 = 2;

/// What moving came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Attachments that the hub has since now.
    pub handed_in: u32,
    /// Attachments that are here since now.
    pub fetched: u32,
    /// Attachments that came, or went, and were not what their name says: they were thrown away and are asked for again.
    pub wrong: u32,
    /// Attachments that are damaged here and nowhere else.
    pub damaged_here: u32,
    /// Bytes of ciphertext that went to the hub, whether or not they arrived.
    pub bytes_up: u64,
    /// Bytes of ciphertext that came.
    pub bytes_down: u64,
    /// What is known of the line now.
    pub pace: PiecePace,
    /// Something is left for another time: the allowance is used up, or records came that go first.
    pub more: bool,
}

/// Why moving stopped. What arrived before counts, and is gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// Nobody is there, or the line breaks before anything arrives.
    #[error("the line breaks before anything arrives")]
    NoLine,
    /// Somebody is there who can't show that they are the hub.
    #[error("what answers is not the hub")]
    NotTrusted,
    /// What answered is no hub, or its answer is damaged.
    #[error("what answered is no hub, or its answer is damaged")]
    NoHub,
    /// The hub refuses.
    #[error("the hub refuses: {}", .0.word())]
    Refused(RefusalCode),
    /// The store was closed meanwhile.
    #[error("the store is closed")]
    Closed,
    /// The disk is full, or refuses.
    #[error("the disk refuses")]
    Disk,
}

/// Moves what waits. `pace` is what is known of the line; `allowance_bytes` bounds what goes over it, where it costs money.
pub async fn move_attachments<K: Keeper>(
    keeper: &K,
    network: &Network,
    pace: PiecePace,
    allowance_bytes: Option<u64>,
) -> (Moved, Result<(), MoveError>) {
    let mut mover = Mover {
        keeper,
        line: Line { network, ticket: Ticket::NONE },
        moved: Moved { pace, ..Moved::default() },
        left_bytes: allowance_bytes,
        no_more_up: false,
    };
    let done = mover.run().await;
    (mover.moved, done)
}

struct Mover<'a, K> {
    keeper: &'a K,
    line: Line<'a>,
    moved: Moved,
    left_bytes: Option<u64>,
    /// Too much waits at the hub that is not whole.
    no_more_up: bool,
}

/// What became of one attachment.
enum End {
    /// It is where it was to go.
    Done,
    /// Not now: the other end has not got it, or does not want it.
    NotNow,
    /// Something else goes first.
    Later,
}

/// What becomes of an attachment that this end can't read or keep: one that was erased meanwhile is left.
fn not_kept(why: NotKept) -> Result<End, MoveError> {
    match why {
        NotKept::Gone => Ok(End::NotNow),
        NotKept::Closed => Err(MoveError::Closed),
        NotKept::Disk => Err(MoveError::Disk),
    }
}

impl<K: Keeper> Mover<'_, K> {
    async fn run(&mut self) -> Result<(), MoveError> {
        let Some(plan) = self.keeper.plan().await.map_err(|_| MoveError::Closed)? else { return Ok(()) };
        let mut queue = self.ask(&plan).await?;
        // What a person waits for, then the small: photos do not wait for recordings.
        queue.sort_by_key(|(waiting, _)| (!waiting.asked_for, waiting.size_bytes, waiting.id));
        for (waiting, stands_at) in queue {
            let end = match waiting.way {
                Way::Up if self.no_more_up => continue,
                Way::Up => self.hand_in(&plan, &waiting, stands_at).await?,
                Way::Down => self.fetch(&plan, &waiting).await?,
            };
            if matches!(end, End::Later) {
                self.moved.more = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Asks the hub how far it is, and what it lacks. Returns what is to be moved, and from where when it goes up.
    async fn ask(&mut self, plan: &MovingPlan) -> Result<Vec<(Waiting, u64)>, MoveError> {
        let mut waiting: BTreeMap<BlobId, Waiting> = plan.waiting.iter().map(|one| (one.id, *one)).collect();
        let mut asked: Vec<BlobId> = waiting.keys().chain(&plan.on_the_way).copied().collect();
        asked.sort_unstable();
        asked.dedup();
        let (mut queue, mut missing, mut from) = (Vec::new(), BTreeSet::new(), Some(BlobId([0; 32])));
        let mut chunks = asked.chunks(MAX_BLOBS);
        let on_the_way = plan.keys.hub != plan.keys.server;
        let mut damaged = plan.damaged_there.iter().take(MAX_BLOBS).copied().collect::<Vec<_>>();
        loop {
            let blobs = chunks.next().unwrap_or_default();
            if blobs.is_empty() && from.is_none() {
                break;
            }
            let missing_from = from.unwrap_or(BlobId([u8::MAX; 32]));
            let request = BlobsRequest {
                protocol: PROTOCOL,
                blobs: blobs.to_vec(),
                damaged: std::mem::take(&mut damaged),
                missing_from,
            };
            let told = self.line.inquire(self.keeper, plan, request).await?;
            for (id, standing) in blobs.iter().zip(told.standings) {
                self.heard(plan, id, &standing).await?;
                let Some(one) = waiting.remove(id) else { continue };
                match one.way {
                    Way::Up if standing.known && !standing.complete => queue.push((one, standing.offset)),
                    // A hub on the way that has it not is asked all the same: then it fetches it from its server.
                    Way::Down if standing.complete || (standing.known && on_the_way) => queue.push((one, 0)),
                    Way::Up | Way::Down => {}
                }
            }
            missing.extend(told.missing);
            from = told.missing_next.filter(|_| from.is_some());
        }
        // What the hub had once and has lost.
        for one in self.keeper.could_hand_in(missing.into_iter().collect()).await.map_err(|_| MoveError::Closed)? {
            if !queue.iter().any(|(waiting, _)| waiting.id == one.id) {
                queue.push((one, 0));
            }
        }
        Ok(queue)
    }

    /// Notes what the hub says of an attachment: only what it signed for, and the server's own word for what is safe.
    async fn heard(&self, plan: &MovingPlan, id: &BlobId, standing: &BlobStanding) -> Result<(), MoveError> {
        let receipt = standing.receipt.clone().filter(|receipt| receipt.holds(&plan.keys.server, id));
        self.keeper.note_there(*id, standing.complete, receipt).await.map_err(|_| MoveError::Closed)
    }

    /// How large the next piece may be. None when something else goes first, or the allowance is used up.
    async fn piece_bytes(&self) -> Option<u64> {
        let most_bytes = self.moved.pace.piece_bytes();
        let allowed = self.left_bytes.map_or(most_bytes, |left| left.min(most_bytes));
        (allowed > 0 && !self.keeper.something_goes_first().await).then_some(allowed)
    }

    fn went(&mut self, up_bytes: u64, down_bytes: u64) {
        self.moved.bytes_up += up_bytes;
        self.moved.bytes_down += down_bytes;
        self.left_bytes = self.left_bytes.map(|left| left.saturating_sub(up_bytes + down_bytes));
    }

    /// After a piece of which nothing arrived: a while, and a smaller one; after a few, a better time.
    async fn stuck(&mut self, times: &mut u32) -> Result<(), MoveError> {
        *times += 1;
        if *times > MOST_STUCK {
            return Err(MoveError::NoLine);
        }
        self.moved.pace = self.moved.pace.stuck();
        let whole_ms = STUCK_MS << *times;
        let lot = kend_world::lot();
        tokio::time::sleep(Duration::from_millis(whole_ms / 2 + lot % (whole_ms / 2))).await;
        Ok(())
    }
}
