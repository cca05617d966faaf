//! Meetings of a committee: one card after the other, hands counted by taps, priorities in an order.

use kend_domain::{Dimension, EntityId, ReadinessClass, Theme};

use super::{Kept, crossing};

crossing! {
    /// Begin a meeting about a cluster that touches the person's areas.
    pub struct BeginMeeting {
        /// The cluster.
        pub cluster: String,
    }

    /// A meeting.
    pub struct OpenMeeting {
        /// Its id.
        pub meeting: EntityId,
    }

    /// How many people of a group are in the room.
    pub struct CountPeople {
        /// The meeting.
        pub meeting: EntityId,
        /// The group.
        pub group: PeopleGroup,
        /// How many, 0 to 999; null: not counted.
        pub count: Option<u32>,
    }

    /// How many hands a card has.
    pub struct CountHands {
        /// The meeting.
        pub meeting: EntityId,
        /// The card.
        pub card: String,
        /// Which hands.
        pub hand: Hand,
        /// How many, 0 to 999; null: not counted.
        pub count: Option<u32>,
    }

    /// The committee's own words on a card.
    pub struct CommentOnCard {
        /// The meeting.
        pub meeting: EntityId,
        /// The card.
        pub card: String,
        /// The words, at most 2000 characters; none clear the comment.
        pub text: String,
    }

    /// The priorities in their order, the first one first.
    pub struct RankPriorities {
        /// The meeting.
        pub meeting: EntityId,
        /// Ids of what was offered, each at most once; none: no order yet.
        pub order: Vec<String>,
    }

    /// People in a room, counted and never named. Who is a woman or man and young counts in both groups.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum PeopleGroup {
        /// Women.
        Women,
        /// Men.
        Men,
        /// Women and men under 30.
        Youth,
    }

    /// What a show of hands says.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Hand {
        /// That is so.
        Agree,
        /// That is not so.
        Object,
        /// Neither.
        Abstain,
    }

    /// Where a meeting stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum MeetingState {
        /// It goes on.
        Open,
        /// It is closed: the verdict stands.
        Closed,
        /// It was closed, and something was corrected after.
        Corrected,
        /// Its content was erased.
        Erased,
    }

    /// What a card is about.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum CardSubject {
        /// The class of the cluster and its range.
        Class,
        /// One of the five dimensions.
        Dimension,
        /// One of the nine themes.
        Theme,
        /// A gap and the interventions that fit it.
        Gap,
    }

    /// What the hands come to.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum CardOutcome {
        /// Nobody was counted for or against.
        Open,
        /// More agree than object.
        Agreed,
        /// More object than agree.
        Objected,
        /// As many agree as object.
        Divided,
    }

    /// A count of people. Under five it is not told to who was not in the room (method 9).
    #[derive(Copy, Eq)]
    pub struct CountView {
        /// The number; null when not counted, or not told.
        pub count: Option<u32>,
        /// Counted, and under five: said as "<5".
        pub few: bool,
    }

    /// What a meeting said of one card.
    pub struct CardVerdictView {
        /// The card.
        pub card: String,
        /// What it is about.
        pub subject: CardSubject,
        /// The dimension of a dimension or gap.
        pub dimension: Option<Dimension>,
        /// The theme.
        pub theme: Option<Theme>,
        /// What the hands come to.
        pub outcome: CardOutcome,
        /// Who agree.
        pub agree: CountView,
        /// Who object.
        pub object: CountView,
        /// Who abstain.
        pub abstain: CountView,
        /// The committee's own words.
        pub comment: Option<String>,
        /// What the person typed and did not leave yet.
        pub draft: Option<String>,
        /// Something of it was changed after the meeting was closed.
        pub corrected: bool,
    }

    /// What kind of thing can be a priority.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum PriorityKind {
        /// A dimension that lags.
        Dimension,
        /// An intervention that fits a gap.
        Intervention,
        /// A theme.
        Theme,
    }

    /// What can be a priority.
    pub struct PriorityView {
        /// Its id.
        pub priority: String,
        /// What kind of thing it is.
        pub kind: PriorityKind,
        /// The dimension, also that of an intervention.
        pub dimension: Option<Dimension>,
        /// The theme.
        pub theme: Option<Theme>,
        /// The text of an intervention in the session's language.
        pub text: Option<String>,
    }

    /// A meeting in a list, with its verdict.
    pub struct MeetingSummary {
        /// Its id.
        pub meeting: EntityId,
        /// The cluster.
        pub cluster: String,
        /// Its name in the session's language; its id where the pack doesn't know it any more.
        pub cluster_name: String,
        /// The rayon it was held in.
        pub rayon_name: String,
        /// Where it stands.
        pub state: MeetingState,
        /// When it began, by the device that began it.
        pub began_at: String,
        /// When it was closed last.
        pub closed_at: Option<String>,
        /// Who wrote it down; null for who reads results alone.
        pub person_name: Option<String>,
        /// What it looked at was made up.
        pub synthetic: bool,
        /// The pack it looked at.
        pub pack: String,
        /// The year of that round.
        pub round_year: Option<f64>,
        /// The class that was shown, if there was one.
        pub class: Option<ReadinessClass>,
        /// Names what was looked at, as the readiness does: another one means that there is more to look at now.
        pub fingerprint: String,
        /// Women in the room.
        pub women: CountView,
        /// Men in the room.
        pub men: CountView,
        /// People under 30 in the room.
        pub youth: CountView,
        /// The cards in their order.
        pub cards: Vec<CardVerdictView>,
        /// The priorities in the committee's order.
        pub priorities: Vec<PriorityView>,
        /// Values given apart, of which somebody has to choose one.
        pub conflicts: u32,
        /// How far it has come.
        pub kept: Kept,
        /// The person may go on with it, or correct it.
        pub edit: bool,
        /// The person may erase it.
        pub erase: bool,
    }

    /// A meeting as it is held.
    pub struct MeetingView {
        /// All that was said so far, with the counts as the room sees them if the person may hold it.
        pub summary: MeetingSummary,
        /// What can be ranked.
        pub offered: Vec<PriorityView>,
        /// Values given apart.
        pub conflicts: Vec<MeetingConflictView>,
        /// There is something to take back.
        pub can_undo: bool,
    }

    /// What of a meeting was given apart.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum MeetingPart {
        /// Women in the room.
        Women,
        /// Men in the room.
        Men,
        /// People under 30.
        Youth,
        /// Hands that agree.
        Agree,
        /// Hands that object.
        Object,
        /// Hands that abstain.
        Abstain,
        /// The comment on a card.
        Comment,
        /// The order of the priorities.
        Order,
    }

    /// Values given apart that exclude each other; all are kept until somebody gives one anew.
    pub struct MeetingConflictView {
        /// What of the meeting.
        pub part: MeetingPart,
        /// The card, for hands and comments.
        pub card: Option<String>,
        /// The values, the one shown meanwhile first.
        pub values: Vec<MeetingValueView>,
    }

    /// One of several values.
    pub struct MeetingValueView {
        /// A count.
        pub count: Option<u32>,
        /// A comment.
        pub text: Option<String>,
        /// An order.
        pub order: Vec<PriorityView>,
        /// Who gave it.
        pub person_name: String,
        /// When, by their device.
        pub said_at: String,
    }
}
