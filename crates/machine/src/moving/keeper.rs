//! Whoever keeps the bytes at this end of the line.

use kend_app::{MovingPlan, Waiting};
use kend_domain::DeviceId;
use kend_log::BlobId;
use kend_sync::{Sign, SignedBlobReceipt};

/// Bytes that could not be read or kept at this end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// The store is closed.
    Closed,
    /// It is not here, or nothing refers to it any more.
    Gone,
    /// The disk is full, or refuses.
    Disk,
}

/// Keeps attachments at this end. Nothing here is called with a lock held, so each may take its time.
pub trait Keeper: Sync {
    /// What is to be moved now. None when there is nothing, and the hub need not be asked.
    fn plan(&self) -> impl Future<Output = Result<Option<MovingPlan>, NotKept>> + Send;

    /// Those of these that the hub lacks, that are whole here and of which it has the entries.
    fn could_hand_in(&self, missing: Vec<BlobId>) -> impl Future<Output = Result<Vec<Waiting>, NotKept>> + Send;

    /// Whether records wait, which go before attachments.
    fn something_goes_first(&self) -> impl Future<Output = bool> + Send;

    /// Lets a request be signed.
    fn sign<T: Send + 'static>(
        &self,
        build: impl FnOnce(DeviceId, Sign<'_>) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, NotKept>> + Send;

    /// Bytes of an attachment that is whole here, fewer only at its end.
    fn read(&self, id: BlobId, offset: u64, most_bytes: u64) -> impl Future<Output = Result<Vec<u8>, NotKept>> + Send;

    /// Whether an attachment that is whole here is what its name says, hashed anew. One that is not, and that somebody else
    /// has, is removed, to be fetched.
    fn is_sound(&self, id: BlobId) -> impl Future<Output = Result<bool, NotKept>> + Send;

    /// How much of one that comes in is on the disk.
    fn part_bytes(&self, id: BlobId) -> impl Future<Output = Result<u64, NotKept>> + Send;

    /// Adds to one that comes in, on the disk when it returns, and says how much that is now.
    fn add(&self, id: BlobId, offset: u64, bytes: Vec<u8>) -> impl Future<Output = Result<u64, NotKept>> + Send;

    /// Makes what came in the attachment that it is. False when its hash is another: then it was thrown away.
    fn finish(&self, id: BlobId) -> impl Future<Output = Result<bool, NotKept>> + Send;

    /// Notes that what the hub gave for this twice was not it.
    fn note_damaged_there(&self, id: BlobId) -> impl Future<Output = Result<(), NotKept>> + Send;

    /// Notes what the hub says of an attachment: whether it has all of it, and that the server has.
    fn note_there(
        &self,
        id: BlobId,
        complete: bool,
        receipt: Option<SignedBlobReceipt>,
    ) -> impl Future<Output = Result<(), NotKept>> + Send;

    /// Tells how far the one that moves is and how long the rest takes, for whoever watches.
    fn note_progress(
        &self,
        waiting: &Waiting,
        done_bytes: u64,
        left_ms: Option<u64>,
    ) -> impl Future<Output = ()> + Send;
}
