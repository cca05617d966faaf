//! The one list of commands, from which come the dispatch of both rims and the typed bridge of the UI.
//!
//! A rim (the app's window, the hub) never names a use case: it hands over a command's word and its request. So the two
//! rims can't differ, a command exists once it stands here, and the UI can call nothing that does not.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::api::{
    AddInstance, AddVillage, AnswerComment, ApiError, ApproveInterview, Attach, AttachmentPartView, BeginMeeting,
    CalculateWhatIf, ChooseAttachment, CommentOnCard, CompareView, CountHands, CountPeople, DropPieces,
    EraseAttachment, EraseInterview, ErrorCode, GapsView, ImportInstrument, ImportPack, InterviewSummary,
    InterviewView, KeepDraft, KeepPiece, KeptView, LeversView, LiftView, ListVillages, LocateCluster, LocatedView,
    MapView, MeetingSummary, MeetingView, Nothing, OfCluster, OpenInterview, OpenMeeting, PeersView, PiecesKeptView,
    ProfileView, RankPriorities, ReadAttachment, ReadProfile, ReadReadiness, ReadSector, ReadinessView, RecordAnswer,
    RemoveInstance, ReturnInterview, SayTheSame, SectorView, SignOff, StartInterview, SyncView, Undo, VillageView,
    WhatIfView,
};
#[cfg(feature = "bindings")]
use crate::api::{
    AttachmentView, AttachmentsView, ChangePassword, CreateStore, FetchAttachment, FileProgressView, JoinHub,
    LimitAttachments, PassOnByFile, PassedOnView, SetLanguage, SignIn, StatusView, StickView, TakeInFile, TakenInView,
    Unlock,
};
use crate::desk::Desk;
use crate::interview::attachment;
use crate::{calculator, interview, map, meeting, profile, readiness, review, sector, sync, village};

macro_rules! desk_commands {
    ($(#[doc = $summary:literal] $command:ident($request:ty) -> $view:ty = $use_case:path;)+) => {
        /// The commands that a person at a desk gives, in the window and in a browser alike.
        pub const DESK_COMMANDS: &[&str] = &[$(stringify!($command),)+];

        #[cfg(feature = "bindings")]
        pub(crate) fn describe_desk_commands(bridge: &mut crate::bridge::Bridge) {
            $(bridge.command::<$request, $view>(stringify!($command), $summary);)+
        }

        #[cfg(feature = "bindings")]
        pub(crate) fn openapi_desk_commands(document: &mut crate::openapi::OpenApi) {
            $(document.command::<$request, $view>(stringify!($command), $summary);)+
        }

        /// Carries out a desk command. An unknown word or a request of another form changes nothing.
        pub fn call(desk: &mut Desk<'_>, command: &str, request: Value) -> Result<Value, ApiError> {
            match command {
                $(stringify!($command) => reply::<$view>($use_case(desk, &read::<$request>(request)?)?),)+
                _ => Err(ApiError::with(ErrorCode::BadRequest, format_args!("there is no command `{command}`"))),
            }
        }
    };
}

macro_rules! rim_commands {
    ($(#[doc = $summary:literal] $command:ident($request:ty) -> $view:ty;)+) => {
        /// The commands about the session itself; each rim answers those that make sense in its place.
        pub const RIM_COMMANDS: &[&str] = &[$(stringify!($command),)+];

        #[cfg(feature = "bindings")]
        pub(crate) fn describe_rim_commands(bridge: &mut crate::bridge::Bridge) {
            $(bridge.command::<$request, $view>(stringify!($command), $summary);)+
        }

        #[cfg(feature = "bindings")]
        pub(crate) fn openapi_rim_commands(document: &mut crate::openapi::OpenApi) {
            $(document.command::<$request, $view>(stringify!($command), $summary);)+
        }
    };
}

desk_commands! {
    #[doc = "The villages of the person's areas."]
    list_villages(ListVillages) -> Vec<VillageView> = village::list;
    #[doc = "Add a village that the list misses."]
    add_village(AddVillage) -> VillageView = village::add;
    #[doc = "Start an interview."]
    start_interview(StartInterview) -> InterviewView = interview::start;
    #[doc = "The interviews that the person may see."]
    list_interviews(Nothing) -> Vec<InterviewSummary> = interview::list;
    #[doc = "One interview in full."]
    open_interview(OpenInterview) -> InterviewView = interview::open;
    #[doc = "Give, change or clear an answer."]
    record_answer(RecordAnswer) -> InterviewView = interview::record_answer;
    #[doc = "Keep text that is being typed."]
    keep_draft(KeepDraft) -> KeptView = interview::keep_draft;
    #[doc = "Keep a piece of a recording or file."]
    keep_piece(KeepPiece) -> PiecesKeptView = attachment::keep_piece;
    #[doc = "Make the kept pieces the answer of their question."]
    attach(Attach) -> InterviewView = attachment::attach;
    #[doc = "Drop the pieces of what was not attached."]
    drop_pieces(DropPieces) -> InterviewView = attachment::drop_pieces;
    #[doc = "Choose one of several files that answer one question."]
    choose_attachment(ChooseAttachment) -> InterviewView = attachment::choose;
    #[doc = "Erase the file of an answer everywhere."]
    erase_attachment(EraseAttachment) -> InterviewView = attachment::erase;
    #[doc = "Window: read a part of a file. A browser gets files from `/attachments/INTERVIEW/QUESTION/FILE`."]
    read_attachment(ReadAttachment) -> AttachmentPartView = attachment::read;
    #[doc = "Add a participant or a quote."]
    add_instance(AddInstance) -> InterviewView = interview::add_instance;
    #[doc = "Remove a participant or a quote."]
    remove_instance(RemoveInstance) -> InterviewView = interview::remove_instance;
    #[doc = "Take back the last change."]
    undo(Undo) -> InterviewView = interview::undo;
    #[doc = "Say that two interviews are one conversation, recorded twice."]
    say_the_same(SayTheSame) -> InterviewView = interview::say_the_same;
    #[doc = "Sign off."]
    sign_off(SignOff) -> InterviewView = review::sign_off;
    #[doc = "Return with comments."]
    return_interview(ReturnInterview) -> InterviewView = review::return_with_comments;
    #[doc = "Answer a comment."]
    answer_comment(AnswerComment) -> InterviewView = review::answer_comment;
    #[doc = "Approve."]
    approve_interview(ApproveInterview) -> InterviewView = review::approve;
    #[doc = "Erase the content everywhere."]
    erase_interview(EraseInterview) -> InterviewView = review::erase;
    #[doc = "The readiness of a cluster."]
    read_readiness(ReadReadiness) -> ReadinessView = readiness::read;
    #[doc = "The readiness of a cluster as a committee in a room may see it, whoever holds the meeting."]
    read_meeting_cards(ReadReadiness) -> ReadinessView = readiness::read_for_committee;
    #[doc = "The meetings about a cluster, the latest first."]
    list_meetings(OfCluster) -> Vec<MeetingSummary> = meeting::list;
    #[doc = "Begin a meeting of a committee about a cluster."]
    begin_meeting(BeginMeeting) -> MeetingView = meeting::begin;
    #[doc = "One meeting in full."]
    read_meeting(OpenMeeting) -> MeetingView = meeting::read;
    #[doc = "Say how many people of a group are in the room."]
    count_people(CountPeople) -> MeetingView = meeting::count_people;
    #[doc = "Say how many hands a card has."]
    count_hands(CountHands) -> MeetingView = meeting::count_hands;
    #[doc = "Keep a comment that is being typed."]
    keep_comment(CommentOnCard) -> KeptView = meeting::keep_comment;
    #[doc = "Give, change or clear the comment on a card."]
    comment_on_card(CommentOnCard) -> MeetingView = meeting::comment;
    #[doc = "Put the priorities in an order."]
    rank_priorities(RankPriorities) -> MeetingView = meeting::rank;
    #[doc = "Close a meeting: what was said stands as the committee's verdict."]
    close_meeting(OpenMeeting) -> MeetingView = meeting::close;
    #[doc = "Take back the last change of a meeting."]
    undo_in_meeting(OpenMeeting) -> MeetingView = meeting::undo;
    #[doc = "Erase all that a meeting said everywhere."]
    erase_meeting(OpenMeeting) -> MeetingView = meeting::erase;
    #[doc = "What can be tried in a cluster: its indicators with raw values and their ends. Needs cells."]
    read_levers(OfCluster) -> LeversView = calculator::levers;
    #[doc = "A cluster before and after changes of indicators. Needs cells."]
    calculate_what_if(CalculateWhatIf) -> WhatIfView = calculator::what_if::calculate;
    #[doc = "What would lift a cluster one class. Needs cells."]
    lift_cluster(OfCluster) -> LiftView = calculator::lift::calculate;
    #[doc = "Each indicator of a cluster against its class and the next."]
    read_peers(OfCluster) -> PeersView = calculator::peers::read;
    #[doc = "Where a cluster and all classes lag."]
    read_gaps(OfCluster) -> GapsView = calculator::peers::gaps;
    #[doc = "The map of a cluster."]
    read_map(OfCluster) -> MapView = map::read;
    #[doc = "Which cluster a position lies in."]
    locate_cluster(LocateCluster) -> LocatedView = map::locate;
    #[doc = "All clusters and rayons side by side."]
    compare_clusters(Nothing) -> CompareView = profile::compare;
    #[doc = "The profile of a village, a cluster or a rayon."]
    read_profile(ReadProfile) -> ProfileView = profile::read;
    #[doc = "Agriculture and tourism in a cluster. Needs cells."]
    read_sector(ReadSector) -> SectorView = sector::read;
    #[doc = "What waits, and where it goes."]
    sync_state(Nothing) -> SyncView = sync::state;
    #[doc = "Replace the pack by one from a file."]
    import_pack(ImportPack) -> SyncView = sync::import_pack;
    #[doc = "Replace an instrument by one from its sheets."]
    import_instrument(ImportInstrument) -> SyncView = sync::import_instrument;
}

rim_commands! {
    #[doc = "The state of the session; always answered."]
    status(Nothing) -> StatusView;
    #[doc = "Window: make an encrypted store."]
    create_store(CreateStore) -> StatusView;
    #[doc = "Window: open the store."]
    unlock(Unlock) -> StatusView;
    #[doc = "App only: reads what can be read of a damaged store into a new one, and opens it. The damaged file is kept."]
    repair(Unlock) -> StatusView;
    #[doc = "Window: close the store."]
    lock(Nothing) -> StatusView;
    #[doc = "Browser: sign in."]
    sign_in(SignIn) -> StatusView;
    #[doc = "Browser: sign out."]
    sign_out(Nothing) -> StatusView;
    #[doc = "Browser: sign out here and in every other browser."]
    sign_out_everywhere(Nothing) -> StatusView;
    #[doc = "Browser: change the own password."]
    change_password(ChangePassword) -> StatusView;
    #[doc = "Change the language."]
    set_language(SetLanguage) -> StatusView;
    #[doc = "Window: join a hub."]
    join_hub(JoinHub) -> SyncView;
    #[doc = "Window: exchange with the hub."]
    sync(Nothing) -> SyncView;
    #[doc = "Window: how far the attachments are."]
    attachments_state(Nothing) -> AttachmentsView;
    #[doc = "Window: how far the attachments of an interview are."]
    attachments_of(OpenInterview) -> Vec<AttachmentView>;
    #[doc = "Window: want an attachment on this device."]
    fetch_attachment(FetchAttachment) -> AttachmentView;
    #[doc = "Window: bound what attachments may send and fetch."]
    limit_attachments(LimitAttachments) -> AttachmentsView;
    #[doc = "Window: remove from this device the attachments that the server has signed for."]
    make_room(Nothing) -> AttachmentsView;
    #[doc = "Window: the sticks and cards that are here."]
    list_sticks(Nothing) -> Vec<StickView>;
    #[doc = "Window: write what the server has not signed for to a stick."]
    pass_on_by_file(PassOnByFile) -> PassedOnView;
    #[doc = "Window: take in what the hub gave by file."]
    take_in_file(TakeInFile) -> TakenInView;
    #[doc = "Window: how far writing or reading has come."]
    file_progress(Nothing) -> FileProgressView;
    #[doc = "Window: stop writing or reading."]
    stop_file(Nothing) -> FileProgressView;
}

/// Reads a request. The parser's own words are not passed on: they may quote what a person typed.
pub fn read<Request: DeserializeOwned>(request: Value) -> Result<Request, ApiError> {
    serde_json::from_value(request).map_err(|_| ApiError::new(ErrorCode::BadRequest))
}

/// Writes a view.
pub fn reply<View: Serialize>(view: View) -> Result<Value, ApiError> {
    serde_json::to_value(view).map_err(|error| ApiError::with(ErrorCode::Internal, error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_has_one_word() {
        let words: BTreeSet<_> = DESK_COMMANDS.iter().chain(RIM_COMMANDS).collect();
        assert_eq!(words.len(), DESK_COMMANDS.len() + RIM_COMMANDS.len());
    }
}
