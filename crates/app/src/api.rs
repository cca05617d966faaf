//! What crosses to a screen: requests come in, views go out, errors carry a code.
//!
//! The types here are the whole contract with the UI; `ui/src/lib/api/bridge.ts` is generated from them. Labels of
//! instruments and names of places come in the language of the person's session; everything with a closed vocabulary
//! (themes, classes, states, error codes) goes out as its word, and the UI has the words for it in three languages.

mod attachment;
mod bundle;
mod calculator;
mod error;
mod interview;
mod map;
mod meeting;
mod moving;
mod profile;
mod readiness;
mod session;
mod sync;
mod village;

pub use attachment::{
    Attach, AttachmentPartView, ChooseAttachment, DropPieces, EraseAttachment, FileView, KeepPiece, PiecesKeptView,
    ReadAttachment, TakesView, UnfinishedView,
};
pub use bundle::{
    BundleFileView, FileProgressView, GivenView, PassOnByFile, PassedOnView, StickView, TakeInFile, TakenInView,
};
pub use calculator::{
    CalculateWhatIf, CautionWord, ChangedView, ClassGapsView, GapView, GapsView, IndicatorChange, LeverView,
    LeversView, LiftPlanView, LiftView, NewPlace, OfCluster, PeerView, PeersView, PercentilesView, RaiseView,
    StandingView, TakesWord, WhatIfView, ZoneValueView,
};
pub use error::{ApiError, ErrorCode};
pub use interview::{
    AddInstance, AnswerComment, AnswerValue, ApproveInterview, CardView, Check, ChoiceView, CommentView, ConflictView,
    EraseInterview, InstanceAnswer, InstanceView, InterviewSummary, InterviewView, KeepDraft, Kept, KeptView,
    LiveValueView, MergedPieceView, MergedTextView, MissingReason, MissingView, NewComment, OpenInterview,
    QuestionView, RecordAnswer, RemoveInstance, RepeatView, ReturnInterview, ReviewAct, ReviewView, RightsView,
    SayTheSame, SectionKind, SectionView, SignOff, StartInterview, Undo, Whose,
};
pub use map::{
    CropView, LocateCluster, LocatedView, MapCellsView, MapPlaceView, MapRayonView, MapRoadView, MapSettlementView,
    MapView, ReadSector, RoadWord, SectorFinding, SectorView, SectorZoneView, SectorZoneWord, Side, ZoneTravelView,
};
pub use meeting::{
    BeginMeeting, CardOutcome, CardSubject, CardVerdictView, CommentOnCard, CountHands, CountPeople, CountView, Hand,
    MeetingConflictView, MeetingPart, MeetingState, MeetingSummary, MeetingValueView, MeetingView, OpenMeeting,
    PeopleGroup, PriorityKind, PriorityView, RankPriorities,
};
pub use moving::{AttachmentState, AttachmentView, AttachmentsView, FetchAttachment, LimitAttachments};
pub use profile::{
    AreaKind, CompareRow, CompareView, ProfileNumberView, ProfileValueView, ProfileView, RayonName, ReadProfile,
    TravelView,
};
pub use readiness::{
    ClusterView, DimensionView, IndexView, IndicatorView, InterventionView, LambdaRow, MergedView, PartialView,
    QuoteView, ReadReadiness, ReadinessView, TagCount, ThemeView, VoicesView,
};
pub use session::{
    ChangePassword, CreateStore, Nothing, PersonView, Place, ProjectView, SessionState, SetLanguage, SignIn,
    StatusView, StoreState, Unlock,
};
pub use sync::{HubView, ImportInstrument, ImportPack, JoinHub, PackSignerView, SyncOutcome, SyncProgress, SyncView};
pub use village::{AddVillage, InterviewCounts, ListVillages, VillageView};

/// A count or size as it crosses: what is larger than 32 bits hold, as the largest that they do.
pub(crate) fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// Derives of a type that crosses to the UI.
macro_rules! crossing {
    ($($(#[$meta:meta])* pub $what:ident $name:ident $body:tt)+) => {
        $(
            #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
            #[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
            $(#[$meta])*
            pub $what $name $body
        )+
    };
}
pub(crate) use crossing;
