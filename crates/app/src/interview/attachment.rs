//! Files that answer questions: kept in pieces, attached as a whole, read in parts.
//!
//! Pieces are durable as they come and lie in the encrypted file, as drafts do. Attaching seals them into a ciphertext
//! beside it and makes that the answer, in the transaction that ends the pieces: a stop anywhere leaves the pieces, or the
//! answer. No more than a piece is in memory at once.

mod media;

use data_encoding::BASE64;
use kend_domain::EntityId;
use kend_form::{Answer, AnswerPath, AnswerProblem, Attached, AttachmentRules, Sitting};
use kend_log::limits::MAX_ATTACHMENT_BYTES;
use kend_log::{Attachment, BlobKey, EntityKind, EntityState, Op, Path, Value};
use kend_store::{BlobFolder, BlobRange, Copied, Recording};
use kend_sync::rights::Deed;

use crate::api::{
    ApiError, Attach, AttachmentPartView, ChooseAttachment, DropPieces, EraseAttachment, ErrorCode, FileView,
    InterviewView, KeepPiece, Kept, PiecesKeptView, ReadAttachment, TakesView, UnfinishedView, count,
};
use crate::desk::{Desk, Found, Standing, path};
use crate::failure::bad_answer;
use crate::interview::{answer_path, editable, sitting, view};

/// Most bytes that cross at once.
const PART_BYTES: usize = 1024 * 1024;

/// Keeps a piece.
pub(crate) fn keep_piece(desk: &mut Desk<'_>, request: &KeepPiece) -> Result<PiecesKeptView, ApiError> {
    let (found, asked, place) = asked(desk, request.interview, &request.path)?;
    folder(desk)?;
    let sitting = taking(desk, &found, &asked)?;
    let most_bytes = most_bytes(sitting.attachment_rules(&asked).map_err(|p| problem(desk, &p))?);
    let piece = BASE64
        .decode(request.content_base64.as_bytes())
        .map_err(|_| ApiError::with(ErrorCode::BadRequest, "the piece did not arrive whole"))?;
    if piece.len() > PART_BYTES {
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{PART_BYTES} bytes at once at most")));
    }
    let kept_bytes = pieces(desk, &found, &place)?.map_or(0, |pieces| pieces.size_bytes);
    let from = u64::from(request.at_bytes);
    let to = from + piece.len() as u64;
    if to <= kept_bytes && from < kept_bytes {
        return Ok(PiecesKeptView { size_bytes: count(kept_bytes) });
    }
    if from != kept_bytes {
        return Err(ApiError::with(ErrorCode::WrongState, format_args!("{kept_bytes} bytes are here")));
    }
    if to > most_bytes {
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{most_bytes} bytes at most")));
    }
    if piece.is_empty() {
        return Err(ApiError::with(ErrorCode::BadRequest, "the piece is empty"));
    }
    let size_bytes = desk.store.add_recorded(found.entity, &place, desk.person.person, &piece)?;
    Ok(PiecesKeptView { size_bytes: count(size_bytes) })
}

/// Makes the pieces the answer of their question.
pub(crate) fn attach(desk: &mut Desk<'_>, request: &Attach) -> Result<InterviewView, ApiError> {
    let (found, asked, place) = asked(desk, request.interview, &request.path)?;
    let folder = folder(desk)?;
    let pieces = pieces(desk, &found, &place)?.ok_or(ApiError::with(ErrorCode::NotFound, "nothing was kept"))?;
    let person = desk.person.person;
    let media_type = match &request.media_type {
        Some(written) => media::without_parameters(written),
        None => media::of_beginning(&mut desk.store.recorded(found.entity, &place, person)).unwrap_or_default(),
    };
    let file_name = request.file_name.trim().to_owned();
    let attached = Attached { file_name, media_type, size_bytes: pieces.size_bytes };
    taking(desk, &found, &asked)?
        .try_answer(&asked, &Answer::Attached(attached.clone()))
        .map_err(|p| problem(desk, &p))?;
    let mut key = [0; 32];
    desk.world.random(&mut key);
    let mut attachment = Attachment {
        blob: kend_log::BlobId([0; 32]),
        key: BlobKey(key),
        size_bytes: attached.size_bytes,
        media_type: attached.media_type,
        file_name: attached.file_name,
        duration_ms: request.duration_ms.map(u64::from),
    };
    if !attachment.is_valid() {
        return Err(ApiError::with(ErrorCode::BadRequest, "the name or the type of the file"));
    }
    let mut plain = desk.store.recorded(found.entity, &place, person);
    (attachment.blob, attachment.size_bytes) = folder.keep(&mut plain, &attachment.key)?;
    drop(plain);
    // When this fails, the ciphertext stays until the store is opened again: after a failed sync nobody can say yet whether
    // the entry counts.
    desk.change(&found, vec![Op::Set { path: place.clone(), value: Value::Attachment(attachment) }], vec![place])?;
    view::fresh(desk, request.interview)
}

/// Drops the pieces of what was not attached.
pub(crate) fn drop_pieces(desk: &mut Desk<'_>, request: &DropPieces) -> Result<InterviewView, ApiError> {
    let (found, _, place) = asked(desk, request.interview, &request.path)?;
    desk.store.drop_recorded(found.entity, &place, desk.person.person)?;
    view::fresh(desk, request.interview)
}

/// Chooses one of several files.
pub(crate) fn choose(desk: &mut Desk<'_>, request: &ChooseAttachment) -> Result<InterviewView, ApiError> {
    let (found, asked, place) = asked(desk, request.interview, &request.path)?;
    let chosen = named(&found.state, &place, &request.attachment)?.clone();
    taking(desk, &found, &asked)?
        .try_answer(&asked, &Answer::Attached(as_answer(&chosen)))
        .map_err(|p| problem(desk, &p))?;
    desk.change(&found, vec![Op::Set { path: place, value: Value::Attachment(chosen) }], Vec::new())?;
    view::fresh(desk, request.interview)
}

/// Erases the file of an answer for good.
pub(crate) fn erase(desk: &mut Desk<'_>, request: &EraseAttachment) -> Result<InterviewView, ApiError> {
    let found = desk.find(request.interview, EntityKind::Interview)?;
    if !view::rights(desk, &found).erase || !desk.may(&found, Deed::Erase) {
        return Err(ApiError::new(ErrorCode::NotAllowed));
    }
    let place = path(&format!("a/{}", answer_path(&request.path)?));
    let ever = desk.store.history(found.entity)?;
    let mut ops = ever.iter().flat_map(|entry| entry.entry.ops());
    if !ops.any(|op| op.path() == Some(&place) && op.attachment().is_some()) {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    desk.erase(&found, Some(place))?;
    view::fresh(desk, request.interview)
}

/// Reads a part of a file.
pub(crate) fn read(desk: &mut Desk<'_>, request: &ReadAttachment) -> Result<AttachmentPartView, ApiError> {
    let attachment = find(desk, request.interview, &request.path, &request.attachment)?;
    let most_bytes = u64::from(request.most_bytes).min(PART_BYTES as u64);
    let range = BlobRange::new(attachment.size_bytes, u64::from(request.at_bytes), most_bytes);
    let folder = folder(desk)?;
    let content = match &range {
        Some(range) => folder.read_range(&attachment.blob, &attachment.key, range)?,
        None => Vec::new(),
    };
    Ok(AttachmentPartView {
        at_bytes: request.at_bytes,
        content_base64: BASE64.encode(&content),
        size_bytes: count(attachment.size_bytes),
    })
}

/// A file that the person may read: one of those that live at its question.
pub fn find(desk: &Desk<'_>, interview: EntityId, question: &str, attachment: &str) -> Result<Attachment, ApiError> {
    let found = desk.find(interview, EntityKind::Interview)?;
    let place = path(&format!("a/{}", answer_path(question)?));
    named(&found.state, &place, attachment).cloned()
}

/// A file as a screen shows it.
pub(crate) fn shown(desk: &Desk<'_>, attachment: &Attachment) -> Result<FileView, ApiError> {
    let copied = desk.store.blob(&attachment.blob)?.map_or(Copied::No, |blob| blob.copied);
    let (here, kept) = match (desk.standing, copied) {
        (Standing::Device, copied) => {
            let here = desk.store.has_blob_here(&attachment.blob);
            let kept = match copied {
                Copied::No => Kept::Kept,
                Copied::Hub => Kept::Copied,
                Copied::Server => Kept::Safe,
            };
            (here, kept)
        }
        (Standing::Hub { has_blob }, _) => (has_blob(desk.store, &attachment.blob), Kept::Copied),
    };
    Ok(FileView {
        attachment: attachment.blob.to_string(),
        file_name: attachment.file_name.clone(),
        media_type: attachment.media_type.clone(),
        size_bytes: count(attachment.size_bytes),
        duration_ms: attachment.duration_ms.map(count),
        here,
        kept,
    })
}

/// What is kept of a file that is not attached yet.
pub(crate) fn unfinished(desk: &Desk<'_>, entity: EntityId, pieces: &Recording) -> UnfinishedView {
    let mut beginning = desk.store.recorded(entity, &pieces.path, pieces.actor);
    UnfinishedView { size_bytes: count(pieces.size_bytes), media_type: media::of_beginning(&mut beginning) }
}

/// What a question takes.
pub(crate) fn takes(rules: &AttachmentRules, kind: kend_domain::QuestionKind) -> TakesView {
    let recorded = kind == kend_domain::QuestionKind::Audio;
    TakesView {
        media_types: rules.media_types.clone(),
        most_bytes: count(most_bytes(rules)),
        most_pixels: rules.most_pixels,
        bits_per_second: rules.quality.bits_per_second().filter(|_| recorded),
    }
}

/// As the form engine knows it.
pub(crate) fn as_answer(attachment: &Attachment) -> Attached {
    Attached {
        file_name: attachment.file_name.clone(),
        media_type: attachment.media_type.clone(),
        size_bytes: attachment.size_bytes,
    }
}

fn asked(desk: &Desk<'_>, interview: EntityId, question: &str) -> Result<(Found, AnswerPath, Path), ApiError> {
    let found = editable(desk, interview)?;
    let asked = answer_path(question)?;
    let place = path(&format!("a/{asked}"));
    Ok((found, asked, place))
}

/// The interview, if it asks for a file at this question now: nothing is recorded that nobody agreed to.
fn taking(desk: &Desk<'_>, found: &Found, asked: &AnswerPath) -> Result<Sitting, ApiError> {
    let sitting = sitting::sit(desk, found)?;
    sitting.attachment_rules(asked).map_err(|p| problem(desk, &p))?;
    match sitting.is_relevant(asked) {
        Some(true) => Ok(sitting),
        _ => Err(ApiError::with(ErrorCode::WrongState, "the question is not asked now")),
    }
}

/// Files are added, and read in parts, where their ciphertexts lie beside the store: on a device.
fn folder(desk: &Desk<'_>) -> Result<BlobFolder, ApiError> {
    let folder = desk.store.blob_folder().cloned();
    folder.ok_or(ApiError::with(ErrorCode::NotAllowed, "files are added on a device"))
}

fn pieces(desk: &Desk<'_>, found: &Found, place: &Path) -> Result<Option<Recording>, ApiError> {
    let all = desk.store.recordings(found.entity)?;
    Ok(all.into_iter().find(|pieces| pieces.path == *place && pieces.actor == desk.person.person))
}

fn named<'a>(state: &'a EntityState, place: &Path, attachment: &str) -> Result<&'a Attachment, ApiError> {
    let live = state.distinct(place.as_str()).into_iter();
    let mut files = live.filter_map(|live| match &live.value {
        Some(Value::Attachment(file)) => Some(file),
        _ => None,
    });
    files.find(|file| file.blob.to_string() == attachment).ok_or(ApiError::new(ErrorCode::NotFound))
}

fn most_bytes(rules: &AttachmentRules) -> u64 {
    rules.most_bytes.unwrap_or(MAX_ATTACHMENT_BYTES).min(MAX_ATTACHMENT_BYTES)
}

/// What is wrong with a file, as far as a screen does more than say so.
fn problem(desk: &Desk<'_>, problem: &AnswerProblem) -> ApiError {
    match problem {
        AnswerProblem::FileTooLarge { .. } => ApiError::with(ErrorCode::TooLarge, problem),
        AnswerProblem::WrongMedia { .. } => ApiError::with(ErrorCode::WrongMedia, problem),
        _ => bad_answer(problem, desk.language.word()),
    }
}
