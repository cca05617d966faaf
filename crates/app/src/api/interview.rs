//! An interview on its way from consent to approval.

use kend_domain::{EntityId, InstanceId, InterviewKind, InterviewState, Language, PersonId, QuestionKind, Theme};

use super::attachment::{FileView, TakesView, UnfinishedView};
use super::crossing;

crossing! {
    /// Start an interview in a village.
    pub struct StartInterview {
        /// The village.
        pub village: EntityId,
        /// Focus group or key informant.
        pub kind: InterviewKind,
        /// The language that the interview is held in.
        pub language: Language,
        /// Invented, to show or to practise: says so wherever it is shown or counted.
        #[serde(default)]
        #[cfg_attr(feature = "bindings", ts(optional))]
        pub example: Option<bool>,
    }

    /// Read one interview.
    pub struct OpenInterview {
        /// The interview.
        pub interview: EntityId,
    }

    /// Give, change or clear (null) one answer. Resolves a conflict on the same question. Ends a draft of it.
    pub struct RecordAnswer {
        /// The interview.
        pub interview: EntityId,
        /// The question: `name`, or `repeat/instance/name`.
        pub path: String,
        /// The answer.
        pub value: AnswerValue,
    }

    /// Keep what is being typed. Durable when it returns; becomes an answer by `record_answer` when the card is left.
    pub struct KeepDraft {
        /// The interview.
        pub interview: EntityId,
        /// The question.
        pub path: String,
        /// The whole text as it stands.
        pub text: String,
    }

    /// What is durable of a draft.
    pub struct KeptView {
        /// Number of characters (Unicode scalar values) that are durable.
        pub characters: u32,
    }

    /// Add a participant, a quote: one instance of a repeat with its first answers, all or nothing.
    pub struct AddInstance {
        /// The interview.
        pub interview: EntityId,
        /// Name of the repeat.
        pub repeat: String,
        /// Answers inside it.
        pub answers: Vec<InstanceAnswer>,
    }

    /// One answer of a new instance.
    pub struct InstanceAnswer {
        /// Name of the question in the repeat.
        pub name: String,
        /// The answer.
        pub value: AnswerValue,
    }

    /// Remove an instance with its answers (undo brings it back).
    pub struct RemoveInstance {
        /// The interview.
        pub interview: EntityId,
        /// Name of the repeat.
        pub repeat: String,
        /// The instance.
        pub instance: InstanceId,
    }

    /// Take back this person's last change of this interview that was not yet taken back.
    pub struct Undo {
        /// The interview.
        pub interview: EntityId,
    }

    /// Say that an interview is the same conversation as another, or (null) one of its own. It no longer counts then.
    pub struct SayTheSame {
        /// The interview.
        pub interview: EntityId,
        /// The other: of the same village and kind, and one that counts itself.
        pub same_as: Option<EntityId>,
    }

    /// Sign off: everything required is answered. Makes the interview count for its cluster.
    pub struct SignOff {
        /// The interview.
        pub interview: EntityId,
    }

    /// Send an interview back with comments; at least one.
    pub struct ReturnInterview {
        /// The interview.
        pub interview: EntityId,
        /// What to look at.
        pub comments: Vec<NewComment>,
    }

    /// A comment of a supervisor.
    pub struct NewComment {
        /// The question it is about, or null for the whole interview.
        pub path: Option<String>,
        /// The comment, 1 to 2000 characters.
        pub text: String,
    }

    /// Answer a supervisor's comment.
    pub struct AnswerComment {
        /// The interview.
        pub interview: EntityId,
        /// The comment.
        pub comment: InstanceId,
        /// The answer, 1 to 2000 characters.
        pub text: String,
    }

    /// Accept an interview as it stands now.
    pub struct ApproveInterview {
        /// The interview.
        pub interview: EntityId,
    }

    /// Erase an interview's content everywhere: consent was withdrawn. Can't be taken back.
    pub struct EraseInterview {
        /// The interview.
        pub interview: EntityId,
    }

    /// An answer as it crosses: text, choice name, ISO date; number; choice names; or none.
    #[serde(untagged)]
    pub enum AnswerValue {
        /// Cleared, or never given.
        None,
        /// A whole or decimal number.
        Number(f64),
        /// Text, a choice's name, a date (`2026-11-24`), a time, a position (`lat lon`).
        Text(String),
        /// Names of the chosen ones.
        Choices(Vec<String>),
    }

    /// How far what was entered has come.
    #[derive(Copy, Eq, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum Kept {
        /// Durable on this device.
        Kept,
        /// It is on a stick or card too.
        OnStick,
        /// A hub has it too.
        Copied,
        /// The server has signed for it.
        Safe,
    }

    /// An interview in a list.
    pub struct InterviewSummary {
        /// The interview.
        pub interview: EntityId,
        /// Focus group or key informant.
        pub kind: InterviewKind,
        /// Its state.
        pub state: InterviewState,
        /// The village.
        pub village: EntityId,
        /// The village's name.
        pub village_name: String,
        /// The rayon's name.
        pub rayon_name: String,
        /// Who started it.
        pub person: PersonId,
        /// Their name.
        pub person_name: String,
        /// Whether it is the session's own person.
        pub mine: bool,
        /// Invented, to show or to practise.
        pub example: bool,
        /// When the device said it started (ISO date and time, UTC).
        pub started_at: String,
        /// Participants so far.
        pub participants: u32,
        /// Themes with a level or *not discussed*, of nine.
        pub themes_closed: u32,
        /// Questions with more than one live value.
        pub conflicts: u32,
        /// Comments not yet answered.
        pub open_comments: u32,
        /// Durable here, on a hub, at the server.
        pub kept: Kept,
        /// Changed after a supervisor approved it.
        pub changed_since_approval: bool,
        /// The same conversation was recorded twice: the interview that counts in place of this one.
        pub same_as: Option<EntityId>,
        /// What the checks found.
        pub checks: Vec<Check>,
    }

    /// What a check finds by itself.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Check {
        /// Signed off without consent to take part.
        NoConsent,
        /// A focus group of fewer than six or more than twelve.
        GroupSize,
        /// The same level in all themes (five or more).
        StraightLined,
        /// From first to last entry under fifteen minutes, by the device's own steady clock.
        TooShort,
    }

    /// An interview in full.
    pub struct InterviewView {
        /// As in the list.
        pub summary: InterviewSummary,
        /// The instrument's title.
        pub title: String,
        /// The instrument's version.
        pub version: String,
        /// The sections in their order: before, participants, nine themes, closing.
        pub sections: Vec<SectionView>,
        /// What is missing before it can be signed off.
        pub missing: Vec<MissingView>,
        /// What supervisors and enumerators did with it, oldest first.
        pub reviews: Vec<ReviewView>,
        /// Comments on the whole interview.
        pub comments: Vec<CommentView>,
        /// What the session's person may do now.
        pub rights: RightsView,
        /// Whether there is something to take back.
        pub can_undo: bool,
    }

    /// What a person may do with an interview now.
    #[derive(Copy, Eq)]
    pub struct RightsView {
        /// Change answers.
        pub edit: bool,
        /// Add files to answers.
        pub attach: bool,
        /// Return and approve.
        pub review: bool,
        /// Sign off (everything required is answered).
        pub sign_off: bool,
        /// Erase.
        pub erase: bool,
    }

    /// What a section is for.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SectionKind {
        /// Place, consent.
        Before,
        /// Who takes part.
        Participants,
        /// One of the nine themes.
        Theme,
        /// The end of the conversation.
        Closing,
    }

    /// A top-level group of the instrument.
    pub struct SectionView {
        /// Its name in the sheet.
        pub name: String,
        /// What it is for.
        pub kind: SectionKind,
        /// The theme of a theme section.
        pub theme: Option<Theme>,
        /// Its label.
        pub label: String,
        /// Its cards in order; only relevant ones.
        pub cards: Vec<CardView>,
        /// Relevant questions with an answer.
        pub answered: u32,
        /// Relevant questions.
        pub questions: u32,
        /// Theme sections: closed by a level or as *not discussed*.
        pub closed: bool,
        /// Theme sections: the path of the question that says whether it was discussed.
        pub discussed_path: Option<String>,
    }

    /// One card on the screen.
    #[serde(tag = "card", rename_all = "snake_case")]
    pub enum CardView {
        /// Words to read (aloud).
        Note {
            /// The words.
            label: String,
            /// More words, folded.
            hint: Option<String>,
        },
        /// A question.
        Question(Box<QuestionView>),
        /// A repeat: participants, quotes.
        Repeat(RepeatView),
    }

    /// A question and all that is known about its answer.
    pub struct QuestionView {
        /// Its path: `name`, or `repeat/instance/name`.
        pub path: String,
        /// Its name in the sheet.
        pub name: String,
        /// How it is answered.
        pub kind: QuestionKind,
        /// Whether it concerns this interview now. A file that was given before is shown until it is erased: a recording, say,
        /// for which there is no consent any more.
        pub asked: bool,
        /// The sheet's appearance words: `multiline`, `levels`, `tags`, ...
        pub appearance: Option<String>,
        /// The question.
        pub label: String,
        /// The probes, folded on the screen.
        pub hint: Option<String>,
        /// Must be answered before sign-off.
        pub required: bool,
        /// Can't be changed by hand.
        pub read_only: bool,
        /// The choices, filtered.
        pub choices: Vec<ChoiceView>,
        /// The answer shown.
        pub value: AnswerValue,
        /// The file that is the answer shown.
        pub attachment: Option<FileView>,
        /// What it takes, where that is a file.
        pub takes: Option<TakesView>,
        /// A recording or file of this person that was not attached: one under way, or one that broke off.
        pub unfinished: Option<UnfinishedView>,
        /// Text being typed that is durable but not yet an answer.
        pub draft: Option<String>,
        /// What is wrong with the answer, in the session's language.
        pub problem: Option<String>,
        /// More than one live value.
        pub conflict: Option<ConflictView>,
        /// A supervisor's comments on it.
        pub comments: Vec<CommentView>,
    }

    /// One choice.
    pub struct ChoiceView {
        /// Its name in the sheet.
        pub name: String,
        /// Its label.
        pub label: String,
    }

    /// Values entered apart that exclude each other; all are kept until someone chooses.
    pub struct ConflictView {
        /// The values, the one shown meanwhile first.
        pub values: Vec<LiveValueView>,
        /// Two texts put together, to be looked at and then taken as the answer.
        pub merged: Option<MergedTextView>,
    }

    /// Two texts that grew from one, put together word by word.
    pub struct MergedTextView {
        /// The pieces, in order.
        pub pieces: Vec<MergedPieceView>,
        /// All of it: where both changed the same words, both versions one after the other.
        pub text: String,
    }

    /// A piece of a merged text.
    pub struct MergedPieceView {
        /// Whose words.
        pub whose: Whose,
        /// The words; where both changed the same ones, those of the value shown meanwhile.
        pub text: String,
        /// Where both changed the same words: those of the other.
        pub other: Option<String>,
    }

    /// Whose words a piece of a merged text is.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Whose {
        /// In both texts.
        Both,
        /// Only in the one shown meanwhile.
        First,
        /// Only in the other.
        Second,
        /// Both changed the same words, in two ways.
        Apart,
    }

    /// One of several live values.
    pub struct LiveValueView {
        /// The value.
        pub value: AnswerValue,
        /// The value, where it is a file.
        pub attachment: Option<FileView>,
        /// As words: the choice's label, the text.
        pub label: String,
        /// Who entered it.
        pub person_name: String,
        /// What their device's clock said (ISO).
        pub said_at: String,
    }

    /// A supervisor's comment and its answer.
    pub struct CommentView {
        /// The comment.
        pub comment: InstanceId,
        /// Who wrote it.
        pub person_name: String,
        /// The words.
        pub text: String,
        /// The answer, if any.
        pub answer: Option<String>,
    }

    /// A repeat and its instances.
    pub struct RepeatView {
        /// Its name in the sheet.
        pub name: String,
        /// Its label.
        pub label: String,
        /// Its hint.
        pub hint: Option<String>,
        /// The sheet's appearance words (`counters`, `quotes`, `files`).
        pub appearance: Option<String>,
        /// Whether it concerns this interview now.
        pub asked: bool,
        /// The instances in the order they were added.
        pub instances: Vec<InstanceView>,
        /// The questions of a new instance (paths are bare names).
        pub template: Vec<QuestionView>,
    }

    /// One instance.
    pub struct InstanceView {
        /// Its id.
        pub instance: InstanceId,
        /// What it is called: P3, or its number.
        pub title: String,
        /// Its cards.
        pub cards: Vec<CardView>,
    }

    /// Something missing before sign-off.
    pub struct MissingView {
        /// The question or repeat.
        pub path: String,
        /// The section to jump to.
        pub section: String,
        /// Its label.
        pub label: String,
        /// Why it holds the interview up.
        pub reason: MissingReason,
    }

    /// Why something holds an interview up.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum MissingReason {
        /// Required and empty.
        Required,
        /// Breaks its constraint.
        Constraint,
        /// Two values exclude each other.
        Conflict,
        /// A theme neither closed nor *not discussed*.
        OpenTheme,
    }

    /// What someone did with the interview.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ReviewAct {
        /// Signed off.
        SignedOff,
        /// Returned with comments.
        Returned,
        /// Approved.
        Approved,
        /// Erased.
        Erased,
    }

    /// One step in an interview's review.
    pub struct ReviewView {
        /// What.
        pub act: ReviewAct,
        /// Who.
        pub person_name: String,
        /// What their device's clock said (ISO).
        pub said_at: String,
    }
}
