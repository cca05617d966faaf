//! Every error of the floors below as a code for the screen. The cause goes to the detail, content never does.

use kend_form::AnswerProblem;
use kend_store::{BlobError, OpenError, StoreError, VaultError};

use crate::api::{ApiError, ErrorCode};
use crate::library::LibraryError;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::DiskFull(_) | StoreError::Refused(_) | StoreError::Busy(_) => ErrorCode::DiskRefused,
            StoreError::Damaged(_) => ErrorCode::StoreDamaged,
            StoreError::Entry(_) => ErrorCode::TooLarge,
            StoreError::Erased => ErrorCode::WrongState,
            _ => ErrorCode::Internal,
        };
        Self::with(code, error)
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        let code = match &error {
            BlobError::DiskFull(_) | BlobError::Io(_) => ErrorCode::DiskRefused,
            BlobError::TooLarge => ErrorCode::TooLarge,
            BlobError::Empty => ErrorCode::BadRequest,
            BlobError::NotHere | BlobError::Damaged => ErrorCode::NotFound,
        };
        Self::with(code, error)
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        let code = match &error {
            OpenError::Newer { .. } => ErrorCode::StoreNewer,
            OpenError::WrongKey | OpenError::Damaged(_) => ErrorCode::StoreDamaged,
            OpenError::Exists => ErrorCode::AlreadyExists,
            OpenError::Io(_) | OpenError::System(_) => ErrorCode::DiskRefused,
        };
        Self::with(code, error)
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::WrongPassphrase => Self::new(ErrorCode::WrongPassphrase),
            VaultError::Newer(_) => Self::with(ErrorCode::StoreNewer, error),
            VaultError::Damaged => Self::with(ErrorCode::StoreDamaged, error),
        }
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Pack(cause) => Self::with(ErrorCode::PackDamaged, cause),
            LibraryError::Unsigned => Self::new(ErrorCode::PackUnsigned),
            LibraryError::OtherSigner(_) => Self::with(ErrorCode::PackOtherSigner, error),
            LibraryError::Instrument { .. } | LibraryError::Stored(_) => Self::with(ErrorCode::InstrumentBroken, error),
            LibraryError::Store(cause) => cause.into(),
        }
    }
}

/// A refused answer: the sheet's own message where it has one.
pub(crate) fn bad_answer(problem: &AnswerProblem, language: &str) -> ApiError {
    match (problem, problem.message(language)) {
        (AnswerProblem::UnknownPath { .. }, _) => ApiError::with(ErrorCode::NotFound, problem),
        (_, Some(message)) => ApiError::with(ErrorCode::BadAnswer, message),
        (_, None) => ApiError::with(ErrorCode::BadAnswer, problem),
    }
}
