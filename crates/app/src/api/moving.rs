//! Attachments on their way to the hub and from it.

use kend_domain::EntityId;

use super::crossing;

crossing! {
    /// Want an attachment of an interview on this device.
    pub struct FetchAttachment {
        /// The interview.
        pub interview: EntityId,
        /// The attachment, by its name.
        pub attachment: String,
    }

    /// Bound what attachments may send and fetch, where a line costs money. Records are never bounded.
    pub struct LimitAttachments {
        /// Most kilobytes from one tap on *sync now* to the next. None for no bound.
        pub most_kb: Option<u32>,
    }

    /// How far an attachment is.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum AttachmentState {
        /// On this device alone.
        Kept,
        /// On its way to the hub.
        GoingUp,
        /// A hub has all of it, and the server not yet.
        Copied,
        /// The server has signed that it has all of it.
        Safe,
        /// Not on this device; it can be fetched.
        NotHere,
        /// Asked for, and on its way here.
        ComingDown,
        /// Damaged on this device, and nobody else is known to have it.
        Damaged,
    }

    /// One attachment.
    pub struct AttachmentView {
        /// Its name.
        pub attachment: String,
        /// How far it is.
        pub state: AttachmentState,
        /// Whether its bytes are on this device.
        pub here: bool,
        /// What of it is where it goes, in kilobytes.
        pub done_kb: u32,
        /// All of it, in kilobytes.
        pub total_kb: u32,
        /// How long the rest takes at the measured rate; null when it does not move, or nothing was measured yet.
        pub seconds_left: Option<u32>,
    }

    /// All attachments that entries on this device refer to.
    pub struct AttachmentsView {
        /// On this device alone.
        pub kept: u32,
        /// Size of these in kilobytes.
        pub kept_kb: u32,
        /// A hub has them, and the server not yet.
        pub copied: u32,
        /// The server has signed that it has them.
        pub safe: u32,
        /// Not on this device.
        pub not_here: u32,
        /// Of those, asked for.
        pub wanted: u32,
        /// Damaged here, and nobody else is known to have them.
        pub damaged: u32,
        /// The one that moves now.
        pub moving: Option<AttachmentView>,
        /// Most kilobytes from one tap on *sync now* to the next. Null for no bound.
        pub most_kb: Option<u32>,
        /// What of that is left.
        pub left_kb: Option<u32>,
    }
}
