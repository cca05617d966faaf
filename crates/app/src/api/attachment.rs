//! Files that answer questions: recordings, photos, scanned sheets.

use kend_domain::EntityId;

use super::crossing;
use super::interview::Kept;

crossing! {
    /// Keep a piece of a recording under way, or of a file that is being added. Durable when it returns. A piece that is
    /// here already changes nothing, so a piece whose answer got lost is given again.
    pub struct KeepPiece {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
        /// Where the piece begins: the size of all before it.
        pub at_bytes: u32,
        /// The bytes, as base64: at most a mebibyte of them.
        pub content_base64: String,
    }

    /// What is durable of a recording or file.
    #[derive(Copy, Eq)]
    pub struct PiecesKeptView {
        /// Its size so far.
        pub size_bytes: u32,
    }

    /// Make the pieces the answer of their question. The answer before stays in the history: undo brings it back.
    pub struct Attach {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
        /// Its media type; parameters (`;codecs=opus`) are left out. None for a recording that broke off: then it is known
        /// by its beginning.
        pub media_type: Option<String>,
        /// What people call it; may be empty.
        pub file_name: String,
        /// How long it plays, as far as known.
        pub duration_ms: Option<u32>,
    }

    /// Drop the pieces of a recording or file that was not attached.
    pub struct DropPieces {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
    }

    /// Choose one of several files that devices apart gave as the answer of one question.
    pub struct ChooseAttachment {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
        /// The file.
        pub attachment: String,
    }

    /// Erase the file of an answer everywhere, and all that ever was the answer there. Can't be taken back; the question
    /// takes no answer again.
    pub struct EraseAttachment {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
    }

    /// Read a part of a file.
    pub struct ReadAttachment {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
        /// The file.
        pub attachment: String,
        /// Where to begin.
        pub at_bytes: u32,
        /// How much at most; no more than a mebibyte comes at once.
        pub most_bytes: u32,
    }

    /// A part of a file.
    pub struct AttachmentPartView {
        /// Where it begins.
        pub at_bytes: u32,
        /// The bytes, as base64; none at the end.
        pub content_base64: String,
        /// The size of all of it.
        pub size_bytes: u32,
    }

    /// A file that is an answer.
    pub struct FileView {
        /// Names it.
        pub attachment: String,
        /// What people call it; may be empty.
        pub file_name: String,
        /// Its media type: `audio/ogg`.
        pub media_type: String,
        /// Its size.
        pub size_bytes: u32,
        /// How long it plays, as far as known.
        pub duration_ms: Option<u32>,
        /// Whether the bytes are here to be played.
        pub here: bool,
        /// How far the bytes have come: they travel after the words.
        pub kept: Kept,
    }

    /// A recording or file whose pieces are durable and that is not an answer yet.
    pub struct UnfinishedView {
        /// Its size.
        pub size_bytes: u32,
        /// What its beginning says that it is.
        pub media_type: Option<String>,
    }

    /// What a question takes, where that is a file.
    pub struct TakesView {
        /// Media types: whole (`application/pdf`) or a kind (`image/*`). Empty: any.
        pub media_types: Vec<String>,
        /// The largest size.
        pub most_bytes: u32,
        /// Longer side of an image in pixels: a larger one is made smaller before it is kept.
        pub most_pixels: Option<u32>,
        /// Bits per second of a recording that is made here. None where nothing is recorded.
        pub bits_per_second: Option<u32>,
    }
}
