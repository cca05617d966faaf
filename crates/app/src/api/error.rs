//! Errors at the rim: a code that the UI has words for, and a detail for the person who mends it.

use super::crossing;

crossing! {
    /// What went wrong, in a word. The UI says for each, in three languages, what happened, that nothing was lost, and
    /// what to do next.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ErrorCode {
        /// The store is locked: unlock first.
        Locked,
        /// The passphrase does not open this store.
        WrongPassphrase,
        /// The passphrase is shorter than eight characters.
        WeakPassphrase,
        /// There is a store here already.
        AlreadyExists,
        /// No such interview, village, cluster or comment (or none the person may see).
        NotFound,
        /// The person's role or area does not allow it.
        NotAllowed,
        /// Sign in first.
        NotSignedIn,
        /// Name or password is wrong.
        WrongSignIn,
        /// The password is right, and a code of the second factor is needed.
        CodeNeeded,
        /// The code of the second factor is wrong, too old or was used.
        WrongCode,
        /// The new password is shorter than ten characters, or easy to guess.
        WeakPassword,
        /// Too many tries: wait a minute.
        TooManyTries,
        /// The request is not of the command's form.
        BadRequest,
        /// The value does not fit the question; the detail is the question's own message.
        BadAnswer,
        /// The question does not take files of this kind; the detail names the kind.
        WrongMedia,
        /// Answers are missing, so the interview can't be signed off.
        MissingAnswers,
        /// In this state the interview can't be changed so.
        WrongState,
        /// The pack is truncated, altered or of an unknown format; the pack in use stays.
        PackDamaged,
        /// Nobody signed the pack, and it is not the demo that Kend ships; the pack in use stays.
        PackUnsigned,
        /// Somebody else signed this pack than the one in use; the detail is their name and key. Ask for it again with
        /// `accept_signer` once a person has confirmed.
        PackOtherSigner,
        /// The pack has no cells of this cluster, so this can't be calculated.
        NoCells,
        /// A new place lies outside the map of the cluster's cells.
        PlaceOutside,
        /// A new place lies where nobody gets to: in water, or beyond a closed border.
        PlaceBlocked,
        /// Nothing new on the map can be added to this indicator; the detail says why.
        TakesNoPlace,
        /// An instrument can't be read; the detail names sheet, row and column.
        InstrumentBroken,
        /// The store is damaged.
        StoreDamaged,
        /// The store was written by a newer Kend.
        StoreNewer,
        /// The disk is full or refuses to write; the answer is still on the screen only.
        DiskRefused,
        /// No hub answers at the address.
        HubUnreachable,
        /// What answers at the address can't show that it is the hub whose pin or name was given: somebody may be in
        /// between.
        HubNotTrusted,
        /// What answered is no hub, or its answer is damaged.
        HubAnswerDamaged,
        /// The hub refused the request; the detail is the hub's code.
        HubRefused,
        /// The server ordered that everything on this device goes, and it is gone.
        DeviceWiped,
        /// The hub does not accept this device's signature.
        SignatureRefused,
        /// The file is no bundle, or its beginning is damaged.
        NotABundle,
        /// The bundle is sealed to others, or made by another hub or for another project.
        BundleForOthers,
        /// The bundle was written by a newer Kend.
        BundleNewer,
        /// There is not enough room on the stick; the detail says how much is needed.
        StickFull,
        /// The stick can't be written or read, or does not keep what was written.
        StickFailed,
        /// Stopped on request; nothing of it was left on the stick.
        FileStopped,
        /// The enrolment code is wrong, used or too old.
        BadCode,
        /// More than is accepted at once; the detail names the limit.
        TooLarge,
        /// A defect of Kend. Nothing was changed.
        Internal,
    }

    /// An error as it reaches a screen.
    pub struct ApiError {
        /// The word for it.
        pub code: ErrorCode,
        /// More, where there is more: the question's message, a sheet's row. Never content of an interview.
        pub detail: Option<String>,
    }
}

impl ApiError {
    /// An error without detail.
    pub const fn new(code: ErrorCode) -> Self {
        Self { code, detail: None }
    }

    /// An error with a detail.
    pub fn with(code: ErrorCode, detail: impl std::fmt::Display) -> Self {
        Self { code, detail: Some(detail.to_string()) }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            Some(detail) => write!(formatter, "{:?}: {detail}", self.code),
            None => write!(formatter, "{:?}", self.code),
        }
    }
}

impl std::error::Error for ApiError {}
