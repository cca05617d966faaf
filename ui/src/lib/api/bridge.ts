// Generated from crates/app by `cargo xtask bridge`. Do not edit.

/**
 * Add a participant, a quote: one instance of a repeat with its first answers, all or nothing.
 */
export type AddInstance = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * Name of the repeat.
 */
repeat: string, 
/**
 * Answers inside it.
 */
answers: Array<InstanceAnswer>, };

/**
 * A village missing from the list, added on the spot.
 */
export type AddVillage = { 
/**
 * Its name, 1 to 80 characters.
 */
name: string, 
/**
 * Where it lies. Must be inside a rayon of the pack.
 */
position: Position, };

/**
 * Answer a supervisor's comment.
 */
export type AnswerComment = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The comment.
 */
comment: InstanceId, 
/**
 * The answer, 1 to 2000 characters.
 */
text: string, };

/**
 * An answer as it crosses: text, choice name, ISO date; number; choice names; or none.
 */
export type AnswerValue = null | number | string | Array<string>;

/**
 * An error as it reaches a screen.
 */
export type ApiError = { 
/**
 * The word for it.
 */
code: ErrorCode, 
/**
 * More, where there is more: the question's message, a sheet's row. Never content of an interview.
 */
detail: string | null, };

/**
 * Accept an interview as it stands now.
 */
export type ApproveInterview = { 
/**
 * The interview.
 */
interview: EntityId, };

/**
 * The code of an area: a rayon by ISO 3166-2 (`AZ-TOV`), or the country (`AZ`).
 */
export type AreaCode = string;

/**
 * What a row is about.
 */
export type AreaKind = "cluster" | "rayon";

/**
 * Make the pieces the answer of their question. The answer before stays in the history: undo brings it back.
 */
export type Attach = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, 
/**
 * Its media type; parameters (`;codecs=opus`) are left out. None for a recording that broke off: then it is known
 * by its beginning.
 */
media_type: string | null, 
/**
 * What people call it; may be empty.
 */
file_name: string, 
/**
 * How long it plays, as far as known.
 */
duration_ms: number | null, };

/**
 * A part of a file.
 */
export type AttachmentPartView = { 
/**
 * Where it begins.
 */
at_bytes: number, 
/**
 * The bytes, as base64; none at the end.
 */
content_base64: string, 
/**
 * The size of all of it.
 */
size_bytes: number, };

/**
 * How far an attachment is.
 */
export type AttachmentState = "kept" | "going_up" | "copied" | "safe" | "not_here" | "coming_down" | "damaged";

/**
 * One attachment.
 */
export type AttachmentView = { 
/**
 * Its name.
 */
attachment: string, 
/**
 * How far it is.
 */
state: AttachmentState, 
/**
 * Whether its bytes are on this device.
 */
here: boolean, 
/**
 * What of it is where it goes, in kilobytes.
 */
done_kb: number, 
/**
 * All of it, in kilobytes.
 */
total_kb: number, 
/**
 * How long the rest takes at the measured rate; null when it does not move, or nothing was measured yet.
 */
seconds_left: number | null, };

/**
 * All attachments that entries on this device refer to.
 */
export type AttachmentsView = { 
/**
 * On this device alone.
 */
kept: number, 
/**
 * Size of these in kilobytes.
 */
kept_kb: number, 
/**
 * A hub has them, and the server not yet.
 */
copied: number, 
/**
 * The server has signed that it has them.
 */
safe: number, 
/**
 * Not on this device.
 */
not_here: number, 
/**
 * Of those, asked for.
 */
wanted: number, 
/**
 * Damaged here, and nobody else is known to have them.
 */
damaged: number, 
/**
 * The one that moves now.
 */
moving: AttachmentView | null, 
/**
 * Most kilobytes from one tap on *sync now* to the next. Null for no bound.
 */
most_kb: number | null, 
/**
 * What of that is left.
 */
left_kb: number | null, };

/**
 * Begin a meeting about a cluster that touches the person's areas.
 */
export type BeginMeeting = { 
/**
 * The cluster.
 */
cluster: string, };

/**
 * One volume that lies on a stick.
 */
export type BundleFileView = { 
/**
 * Its path.
 */
path: string, 
/**
 * Its name.
 */
name: string, };

/**
 * Try changes of indicators in a cluster. Needs cells.
 */
export type CalculateWhatIf = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * What is changed; all at once. No row twice in one rayon; of new places as many as are there.
 */
changes: Array<IndicatorChange>, 
/**
 * Whether to say the class of each cell after.
 */
cells: boolean, };

/**
 * What the hands come to.
 */
export type CardOutcome = "open" | "agreed" | "objected" | "divided";

/**
 * What a card is about.
 */
export type CardSubject = "class" | "dimension" | "theme" | "gap";

/**
 * What a meeting said of one card.
 */
export type CardVerdictView = { 
/**
 * The card.
 */
card: string, 
/**
 * What it is about.
 */
subject: CardSubject, 
/**
 * The dimension of a dimension or gap.
 */
dimension: Dimension | null, 
/**
 * The theme.
 */
theme: Theme | null, 
/**
 * What the hands come to.
 */
outcome: CardOutcome, 
/**
 * Who agree.
 */
agree: CountView, 
/**
 * Who object.
 */
object: CountView, 
/**
 * Who abstain.
 */
abstain: CountView, 
/**
 * The committee's own words.
 */
comment: string | null, 
/**
 * What the person typed and did not leave yet.
 */
draft: string | null, 
/**
 * Something of it was changed after the meeting was closed.
 */
corrected: boolean, };

/**
 * One card on the screen.
 */
export type CardView = { "card": "note", 
/**
 * The words.
 */
label: string, 
/**
 * More words, folded.
 */
hint: string | null, } | { "card": "question" } & QuestionView | { "card": "repeat" } & RepeatView;

/**
 * What must be said beside an indicator or a result.
 */
export type CautionWord = "contested" | "weak" | "not_actionable" | "rayon_wide" | "spread_evenly" | "at_least" | "ways_here" | "reconstructed";

/**
 * Browser only: change the own password. Whoever else is signed in as this person is signed out.
 */
export type ChangePassword = { 
/**
 * The password until now.
 */
password: string, 
/**
 * The new one, of at least ten characters.
 */
new_password: string, };

/**
 * A change as it was made.
 */
export type ChangedView = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The rayon; null for the whole cluster.
 */
zone: AreaCode | null, 
/**
 * The value before; null when missing.
 */
from: number | null, 
/**
 * The value tried; with new places the one that goes with the score after.
 */
to: number, 
/**
 * How many new places it has.
 */
places: number, 
/**
 * The unit.
 */
unit: string, 
/**
 * Score before; null when missing.
 */
score_before: number | null, 
/**
 * Score after.
 */
score_after: number, 
/**
 * What must be said beside it.
 */
cautions: Array<CautionWord>, };

/**
 * What a check finds by itself.
 */
export type Check = "no_consent" | "group_size" | "straight_lined" | "too_short";

/**
 * One choice.
 */
export type ChoiceView = { 
/**
 * Its name in the sheet.
 */
name: string, 
/**
 * Its label.
 */
label: string, };

/**
 * Choose one of several files that devices apart gave as the answer of one question.
 */
export type ChooseAttachment = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, 
/**
 * The file.
 */
attachment: string, };

/**
 * Gaps of a class.
 */
export type ClassGapsView = { 
/**
 * The class.
 */
class: ReadinessClass, 
/**
 * The five dimensions in their order.
 */
gaps: Array<GapView>, };

/**
 * A cluster one can ask for.
 */
export type ClusterView = { 
/**
 * Its id in the pack.
 */
cluster: string, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Its rayons.
 */
rayons: Array<AreaCode>, 
/**
 * Inhabitants of its rayons, and the year.
 */
population: number | null, 
/**
 * Villages it holds.
 */
villages: number, 
/**
 * Villages with a signed-off interview.
 */
villages_visited: number, };

/**
 * The committee's own words on a card.
 */
export type CommentOnCard = { 
/**
 * The meeting.
 */
meeting: EntityId, 
/**
 * The card.
 */
card: string, 
/**
 * The words, at most 2000 characters; none clear the comment.
 */
text: string, };

/**
 * A supervisor's comment and its answer.
 */
export type CommentView = { 
/**
 * The comment.
 */
comment: InstanceId, 
/**
 * Who wrote it.
 */
person_name: string, 
/**
 * The words.
 */
text: string, 
/**
 * The answer, if any.
 */
answer: string | null, };

/**
 * A cluster or rayon beside others.
 */
export type CompareRow = { 
/**
 * Which.
 */
kind: AreaKind, 
/**
 * Id of the cluster, or code of the rayon.
 */
id: string, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The index from data alone; null without one.
 */
index: number | null, 
/**
 * Its class.
 */
class: ReadinessClass | null, 
/**
 * Rayons: the index of the rayon's own values, which differs.
 */
index_of_values: number | null, 
/**
 * Merged with the voices; null for rayons.
 */
merged: MergedView | null, 
/**
 * The five dimensions in their order.
 */
dimensions: Array<number | null>, 
/**
 * Share of its area in each class, Activate first; empty where not known.
 */
class_shares: Array<number>, 
/**
 * Square kilometres.
 */
area_km2: number | null, 
/**
 * Inhabitants.
 */
people: number | null, 
/**
 * Villages it holds.
 */
villages: number, 
/**
 * Villages with a signed-off interview.
 */
villages_visited: number, 
/**
 * Signed-off interviews.
 */
interviews: number, };

/**
 * All clusters and rayons of the person's areas.
 */
export type CompareView = { 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * The four thresholds of the index.
 */
thresholds: Array<number>, 
/**
 * Clusters by index, the highest first, then rayons likewise; what has none comes last.
 */
rows: Array<CompareRow>, };

/**
 * Values entered apart that exclude each other; all are kept until someone chooses.
 */
export type ConflictView = { 
/**
 * The values, the one shown meanwhile first.
 */
values: Array<LiveValueView>, 
/**
 * Two texts put together, to be looked at and then taken as the answer.
 */
merged: MergedTextView | null, };

/**
 * How many hands a card has.
 */
export type CountHands = { 
/**
 * The meeting.
 */
meeting: EntityId, 
/**
 * The card.
 */
card: string, 
/**
 * Which hands.
 */
hand: Hand, 
/**
 * How many, 0 to 999; null: not counted.
 */
count: number | null, };

/**
 * How many people of a group are in the room.
 */
export type CountPeople = { 
/**
 * The meeting.
 */
meeting: EntityId, 
/**
 * The group.
 */
group: PeopleGroup, 
/**
 * How many, 0 to 999; null: not counted.
 */
count: number | null, };

/**
 * A count of people. Under five it is not told to who was not in the room (method 9).
 */
export type CountView = { 
/**
 * The number; null when not counted, or not told.
 */
count: number | null, 
/**
 * Counted, and under five: said as "<5".
 */
few: boolean, };

/**
 * App only: make an encrypted store with a passphrase of at least eight characters.
 */
export type CreateStore = { 
/**
 * The passphrase; kept nowhere.
 */
passphrase: string, 
/**
 * The name of the person.
 */
name: string, 
/**
 * Their language.
 */
language: Language, };

/**
 * A crop.
 */
export type CropView = { 
/**
 * Its word.
 */
crop: string, 
/**
 * Its name in the session's language.
 */
name: string, };

/**
 * One of the five dimensions of the Smart Village Readiness index (Annex I).
 */
export type Dimension = "economic_sources" | "infrastructure" | "human_capital" | "economic_potential" | "governance";

/**
 * One dimension.
 */
export type DimensionView = { 
/**
 * Which.
 */
dimension: Dimension, 
/**
 * 0 to 100 from data; null without data.
 */
value: number | null, 
/**
 * Class of the data.
 */
class: ReadinessClass | null, 
/**
 * Class position of the data, 0 to 100 (20 a class).
 */
position: number | null, 
/**
 * Standard deviation of the position of the data.
 */
position_sd: number | null, 
/**
 * What the voices say; null when silent.
 */
voices: VoicesView | null, 
/**
 * Merged position, 0 to 100.
 */
merged_position: number | null, 
/**
 * Standard deviation of the merged position.
 */
merged_sd: number | null, 
/**
 * Merged value, index points.
 */
merged: number | null, 
/**
 * How voices relate to data.
 */
relation: Relation, 
/**
 * The share of the themes' weight that was heard, 0 to 1.
 */
coverage: number, 
/**
 * Its indicators.
 */
indicators: Array<IndicatorView>, };

/**
 * Drop the pieces of a recording or file that was not attached.
 */
export type DropPieces = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, };

/**
 * Something the log is about: an interview, a village added on the spot.
 */
export type EntityId = string;

/**
 * Erase the file of an answer everywhere, and all that ever was the answer there. Can't be taken back; the question
 * takes no answer again.
 */
export type EraseAttachment = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, };

/**
 * Erase an interview's content everywhere: consent was withdrawn. Can't be taken back.
 */
export type EraseInterview = { 
/**
 * The interview.
 */
interview: EntityId, };

/**
 * What went wrong, in a word. The UI says for each, in three languages, what happened, that nothing was lost, and
 * what to do next.
 */
export type ErrorCode = "locked" | "wrong_passphrase" | "weak_passphrase" | "already_exists" | "not_found" | "not_allowed" | "not_signed_in" | "wrong_sign_in" | "code_needed" | "wrong_code" | "weak_password" | "too_many_tries" | "bad_request" | "bad_answer" | "wrong_media" | "missing_answers" | "wrong_state" | "pack_damaged" | "pack_unsigned" | "pack_other_signer" | "no_cells" | "place_outside" | "place_blocked" | "takes_no_place" | "instrument_broken" | "store_damaged" | "store_newer" | "disk_refused" | "hub_unreachable" | "hub_not_trusted" | "hub_answer_damaged" | "hub_refused" | "device_wiped" | "signature_refused" | "not_a_bundle" | "bundle_for_others" | "bundle_newer" | "stick_full" | "stick_failed" | "file_stopped" | "bad_code" | "too_large" | "internal";

/**
 * Want an attachment of an interview on this device.
 */
export type FetchAttachment = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The attachment, by its name.
 */
attachment: string, };

/**
 * How far writing or reading has come.
 */
export type FileProgressView = { 
/**
 * Whether something is being written or read.
 */
working: boolean, 
/**
 * Done, in kilobytes.
 */
done_kb: number, 
/**
 * To do, in kilobytes.
 */
total_kb: number, };

/**
 * A file that is an answer.
 */
export type FileView = { 
/**
 * Names it.
 */
attachment: string, 
/**
 * What people call it; may be empty.
 */
file_name: string, 
/**
 * Its media type: `audio/ogg`.
 */
media_type: string, 
/**
 * Its size.
 */
size_bytes: number, 
/**
 * How long it plays, as far as known.
 */
duration_ms: number | null, 
/**
 * Whether the bytes are here to be played.
 */
here: boolean, 
/**
 * How far the bytes have come: they travel after the words.
 */
kept: Kept, };

/**
 * A gap.
 */
export type GapView = { 
/**
 * The dimension.
 */
dimension: Dimension, 
/**
 * Share of the area that lags, weighted by indicator, percent; null where nothing is observed.
 */
percent: number | null, 
/**
 * The largest of its row, or within ten points of it.
 */
significant: boolean, };

/**
 * Where classes and the cluster lag (method 5).
 */
export type GapsView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * Its class.
 */
class: ReadinessClass, 
/**
 * The cluster's own gaps, the five dimensions in their order.
 */
own: Array<GapView>, 
/**
 * Gaps of all classes, Activate first.
 */
classes: Array<ClassGapsView>, 
/**
 * What the report names for the cluster's significant gaps.
 */
interventions: Array<InterventionView>, };

/**
 * What was last written to a stick and waits still.
 */
export type GivenView = { 
/**
 * When the device's clock said that was (ISO).
 */
at: string, 
/**
 * Waiting interviews that are on it as they are now.
 */
interviews: number, };

/**
 * What a show of hands says.
 */
export type Hand = "agree" | "object" | "abstain";

/**
 * The hub of this device.
 */
export type HubView = { 
/**
 * What it calls itself.
 */
name: string, 
/**
 * Where it is.
 */
address: string, 
/**
 * When the device's clock said the last full exchange was (ISO).
 */
last_at: string | null, };

/**
 * Replace an instrument by one from its three `XLSForm` sheets (CSV). Interviews keep their answers.
 */
export type ImportInstrument = { 
/**
 * The `survey` sheet.
 */
survey: string, 
/**
 * The `choices` sheet.
 */
choices: string, 
/**
 * The `settings` sheet.
 */
settings: string, };

/**
 * Replace the pack by one from a file. One of another signer than the pack in use is refused until a person has
 * confirmed it; one that nobody signed, unless it is the demo that Kend ships.
 */
export type ImportPack = { 
/**
 * The file's content, base64.
 */
content_base64: string, 
/**
 * A person has seen who signed it, and wants it.
 */
accept_signer?: boolean, };

/**
 * The index from data alone.
 */
export type IndexView = { 
/**
 * 0 to 100.
 */
value: number, 
/**
 * Its class.
 */
class: ReadinessClass, 
/**
 * The four thresholds between the classes.
 */
thresholds: Array<number>, };

/**
 * One change: a value, or something new on the map.
 */
export type IndicatorChange = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * The rayon, for indicators with one value a rayon; null for all of the cluster's. Null for all others.
 */
zone: AreaCode | null, 
/**
 * The raw value to try; for indicators that differ from cell to cell the mean to be reached. Null with a place.
 */
value: number | null, 
/**
 * Something new, for indicators that take it. Null with a value.
 */
place: NewPlace | null, };

/**
 * One of the 53 indicators.
 */
export type IndicatorView = { 
/**
 * Row of Annex I, 1 to 53.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The value for the cluster, in `unit`; null when missing.
 */
value: number | null, 
/**
 * The unit.
 */
unit: string, 
/**
 * Score 0 to 100; null when missing.
 */
score: number | null, 
/**
 * The median score of all rayons.
 */
norm: number | null, 
/**
 * Period of the value.
 */
period: string | null, 
/**
 * Publisher and remark.
 */
source: string | null, };

/**
 * One answer of a new instance.
 */
export type InstanceAnswer = { 
/**
 * Name of the question in the repeat.
 */
name: string, 
/**
 * The answer.
 */
value: AnswerValue, };

/**
 * One instance of a repeat in an interview: a participant, a quote.
 */
export type InstanceId = string;

/**
 * One instance.
 */
export type InstanceView = { 
/**
 * Its id.
 */
instance: InstanceId, 
/**
 * What it is called: P3, or its number.
 */
title: string, 
/**
 * Its cards.
 */
cards: Array<CardView>, };

/**
 * A kind of intervention (Table 6 of the report).
 */
export type InterventionView = { 
/**
 * Its id in the table.
 */
intervention: string, 
/**
 * The gap it closes.
 */
dimension: Dimension, 
/**
 * Its text in the session's language.
 */
text: string, 
/**
 * The source in the report.
 */
source: string, 
/**
 * In the row of the cluster's own class, not only of the dimension.
 */
typical: boolean, };

/**
 * Interviews of one kind, by state.
 */
export type InterviewCounts = { 
/**
 * Being recorded.
 */
draft: number, 
/**
 * Signed off, waiting for a supervisor.
 */
complete: number, 
/**
 * Sent back.
 */
returned: number, 
/**
 * Accepted.
 */
approved: number, };

/**
 * The two kinds of interview (paragraph 61).
 */
export type InterviewKind = "fgd" | "kii";

/**
 * Where an interview stands between the enumerator and the supervisor.
 */
export type InterviewState = "draft" | "complete" | "returned" | "approved" | "erased";

/**
 * An interview in a list.
 */
export type InterviewSummary = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * Focus group or key informant.
 */
kind: InterviewKind, 
/**
 * Its state.
 */
state: InterviewState, 
/**
 * The village.
 */
village: EntityId, 
/**
 * The village's name.
 */
village_name: string, 
/**
 * The rayon's name.
 */
rayon_name: string, 
/**
 * Who started it.
 */
person: PersonId, 
/**
 * Their name.
 */
person_name: string, 
/**
 * Whether it is the session's own person.
 */
mine: boolean, 
/**
 * Invented, to show or to practise.
 */
example: boolean, 
/**
 * When the device said it started (ISO date and time, UTC).
 */
started_at: string, 
/**
 * Participants so far.
 */
participants: number, 
/**
 * Themes with a level or *not discussed*, of nine.
 */
themes_closed: number, 
/**
 * Questions with more than one live value.
 */
conflicts: number, 
/**
 * Comments not yet answered.
 */
open_comments: number, 
/**
 * Durable here, on a hub, at the server.
 */
kept: Kept, 
/**
 * Changed after a supervisor approved it.
 */
changed_since_approval: boolean, 
/**
 * The same conversation was recorded twice: the interview that counts in place of this one.
 */
same_as: EntityId | null, 
/**
 * What the checks found.
 */
checks: Array<Check>, };

/**
 * An interview in full.
 */
export type InterviewView = { 
/**
 * As in the list.
 */
summary: InterviewSummary, 
/**
 * The instrument's title.
 */
title: string, 
/**
 * The instrument's version.
 */
version: string, 
/**
 * The sections in their order: before, participants, nine themes, closing.
 */
sections: Array<SectionView>, 
/**
 * What is missing before it can be signed off.
 */
missing: Array<MissingView>, 
/**
 * What supervisors and enumerators did with it, oldest first.
 */
reviews: Array<ReviewView>, 
/**
 * Comments on the whole interview.
 */
comments: Array<CommentView>, 
/**
 * What the session's person may do now.
 */
rights: RightsView, 
/**
 * Whether there is something to take back.
 */
can_undo: boolean, };

/**
 * Join a hub with the joining words that it gave (`kend://192.168.1.5:8470/#pin=...&code=...`), or with its address
 * and code apart.
 */
export type JoinHub = { 
/**
 * The hub's joining words, or its address.
 */
address: string, 
/**
 * The one-time code; may be empty when the joining words have it.
 */
code: string, };

/**
 * Keep what is being typed. Durable when it returns; becomes an answer by `record_answer` when the card is left.
 */
export type KeepDraft = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, 
/**
 * The whole text as it stands.
 */
text: string, };

/**
 * Keep a piece of a recording under way, or of a file that is being added. Durable when it returns. A piece that is
 * here already changes nothing, so a piece whose answer got lost is given again.
 */
export type KeepPiece = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, 
/**
 * Where the piece begins: the size of all before it.
 */
at_bytes: number, 
/**
 * The bytes, as base64: at most a mebibyte of them.
 */
content_base64: string, };

/**
 * How far what was entered has come.
 */
export type Kept = "kept" | "on_stick" | "copied" | "safe";

/**
 * What is durable of a draft.
 */
export type KeptView = { 
/**
 * Number of characters (Unicode scalar values) that are durable.
 */
characters: number, };

/**
 * The merged class at one weight of the voices.
 */
export type LambdaRow = { 
/**
 * 0 is data alone.
 */
lambda: number, 
/**
 * Merged index.
 */
value: number, 
/**
 * Its class.
 */
class: ReadinessClass, };

/**
 * A language of the screens and instruments. Azerbaijani comes first.
 */
export type Language = "az" | "en" | "ru";

/**
 * An indicator that can be tried.
 */
export type LeverView = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Its dimension.
 */
dimension: Dimension, 
/**
 * Its unit.
 */
unit: string, 
/**
 * Weight in the index, 0 to 1.
 */
weight: number, 
/**
 * The cluster's raw value.
 */
value: number | null, 
/**
 * The cluster's mean score, 0 to 100.
 */
score: number | null, 
/**
 * The raw value that scores 0; null when it can't be changed here.
 */
worst: number | null, 
/**
 * The raw value that scores 100.
 */
best: number | null, 
/**
 * One value in each rayon: give the rayon, or none for all. Otherwise one for the whole cluster.
 */
by_rayon: boolean, 
/**
 * What can be put on the map for it; null where nothing can.
 */
takes: TakesWord | null, 
/**
 * Its values in the cluster's rayons.
 */
zones: Array<ZoneValueView>, 
/**
 * What must be said beside it.
 */
cautions: Array<CautionWord>, };

/**
 * What can be tried in a cluster: its 53 indicators with their raw values. Needs cells.
 */
export type LeversView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * The indicators, row 1 first.
 */
levers: Array<LeverView>, };

/**
 * A plan.
 */
export type LiftPlanView = { 
/**
 * What is raised.
 */
raises: Array<RaiseView>, 
/**
 * Points in all: a point of any indicator costs the same until costs are known.
 */
cost: number, 
/**
 * Whether it gets to the next class; if not, `index` says how far it gets.
 */
enough: boolean, 
/**
 * The index it gets to, by the sums of the cluster.
 */
index: number, 
/**
 * The index it gets to cell by cell, where scores end at 100.
 */
index_of_cells: number, 
/**
 * Share of the area that rises a class or more, 0 to 1.
 */
area_share: number, 
/**
 * Share of the people there, 0 to 1.
 */
people_share: number, };

/**
 * What would lift a cluster one class. Arithmetic of the index, not a forecast.
 */
export type LiftView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * The index now, weighted with people, 0 to 100.
 */
index: number, 
/**
 * The class now.
 */
class: ReadinessClass, 
/**
 * The class to get to; null in the highest.
 */
next: ReadinessClass | null, 
/**
 * Where it begins.
 */
threshold: number | null, 
/**
 * The cheapest plan, or how far all gets that may be raised; null in the highest class.
 */
cheapest: LiftPlanView | null, 
/**
 * The cheapest sets of at most three indicators that suffice, the cheapest first.
 */
sets: Array<LiftPlanView>, };

/**
 * Bound what attachments may send and fetch, where a line costs money. Records are never bounded.
 */
export type LimitAttachments = { 
/**
 * Most kilobytes from one tap on *sync now* to the next. None for no bound.
 */
most_kb: number | null, };

/**
 * The villages of the person's areas: nearest first when a position is given, else by name of the language.
 */
export type ListVillages = { 
/**
 * Where the person is.
 */
near: Position | null, };

/**
 * One of several live values.
 */
export type LiveValueView = { 
/**
 * The value.
 */
value: AnswerValue, 
/**
 * The value, where it is a file.
 */
attachment: FileView | null, 
/**
 * As words: the choice's label, the text.
 */
label: string, 
/**
 * Who entered it.
 */
person_name: string, 
/**
 * What their device's clock said (ISO).
 */
said_at: string, };

/**
 * Which cluster a position lies in.
 */
export type LocateCluster = { 
/**
 * The position.
 */
position: Position, };

/**
 * Where a position lies.
 */
export type LocatedView = { 
/**
 * The cluster; null outside all.
 */
cluster: string | null, 
/**
 * Its name in the session's language.
 */
name: string | null, 
/**
 * By a cell of the cluster, not only by the rayon.
 */
by_cell: boolean, 
/**
 * Class of the cell.
 */
class: ReadinessClass | null, 
/**
 * The rayon.
 */
rayon: AreaCode | null, };

/**
 * Cells as runs, row by row from the north-western corner.
 */
export type MapCellsView = { 
/**
 * Western edge, metres.
 */
west_m: number, 
/**
 * Northern edge, metres.
 */
north_m: number, 
/**
 * Side of a cell, metres.
 */
cell_m: number, 
/**
 * Columns.
 */
columns: number, 
/**
 * Rows.
 */
rows: number, 
/**
 * What follows each other, as pairs: 0 for outside, 1 to 5 for the classes from Activate to Amplify, 6 for no
 * class; then how many cells. They fill the grid.
 */
classes: Array<number>, 
/**
 * The same for how sure the class is: 0 for outside or not known, 1 for at least 70 % of the draws, 2 for less
 * (hatched).
 */
doubtful: Array<number>, 
/**
 * Square kilometres in each class, Activate first.
 */
area_km2: Array<number>, 
/**
 * People in each class, Activate first.
 */
people: Array<number>, };

/**
 * A village on the map.
 */
export type MapPlaceView = { 
/**
 * Its id.
 */
village: EntityId, 
/**
 * Its name.
 */
name: string, 
/**
 * Metres east.
 */
x_m: number, 
/**
 * Metres north.
 */
y_m: number, 
/**
 * Inhabitants, where a source says.
 */
population: number | null, 
/**
 * Class of the cell it lies in.
 */
class: ReadinessClass | null, 
/**
 * Interviews that count.
 */
interviews: number, };

/**
 * A rayon on the map.
 */
export type MapRayonView = { 
/**
 * Its code.
 */
rayon: AreaCode, 
/**
 * Its name.
 */
name: string, 
/**
 * Rings of its outline.
 */
outline: Array<Array<number>>, 
/**
 * Metres east of its label.
 */
x_m: number, 
/**
 * Metres north of its label.
 */
y_m: number, };

/**
 * A road.
 */
export type MapRoadView = { 
/**
 * How important.
 */
class: RoadWord, 
/**
 * Its course.
 */
line: Array<number>, };

/**
 * A settlement to name.
 */
export type MapSettlementView = { 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Metres east.
 */
x_m: number, 
/**
 * Metres north.
 */
y_m: number, 
/**
 * Inhabitants, where known.
 */
population: number | null, };

/**
 * The map of a cluster.
 */
export type MapView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * What to show: west, south, east, north, metres.
 */
extent_m: Array<number>, 
/**
 * Outer and inner rings of the cluster's outline; empty where it is a list of rayons.
 */
outline: Array<Array<number>>, 
/**
 * Its cells; null where the pack has none of it.
 */
cells: MapCellsView | null, 
/**
 * The villages in it.
 */
places: Array<MapPlaceView>, 
/**
 * The rayons that the map touches.
 */
rayons: Array<MapRayonView>, 
/**
 * Roads, the most important first.
 */
roads: Array<MapRoadView>, 
/**
 * Lakes and seas.
 */
water: Array<Array<number>>, 
/**
 * Settlements to name, the largest first.
 */
settlements: Array<MapSettlementView>, };

/**
 * Values given apart that exclude each other; all are kept until somebody gives one anew.
 */
export type MeetingConflictView = { 
/**
 * What of the meeting.
 */
part: MeetingPart, 
/**
 * The card, for hands and comments.
 */
card: string | null, 
/**
 * The values, the one shown meanwhile first.
 */
values: Array<MeetingValueView>, };

/**
 * What of a meeting was given apart.
 */
export type MeetingPart = "women" | "men" | "youth" | "agree" | "object" | "abstain" | "comment" | "order";

/**
 * Where a meeting stands.
 */
export type MeetingState = "open" | "closed" | "corrected" | "erased";

/**
 * A meeting in a list, with its verdict.
 */
export type MeetingSummary = { 
/**
 * Its id.
 */
meeting: EntityId, 
/**
 * The cluster.
 */
cluster: string, 
/**
 * Its name in the session's language; its id where the pack doesn't know it any more.
 */
cluster_name: string, 
/**
 * The rayon it was held in.
 */
rayon_name: string, 
/**
 * Where it stands.
 */
state: MeetingState, 
/**
 * When it began, by the device that began it.
 */
began_at: string, 
/**
 * When it was closed last.
 */
closed_at: string | null, 
/**
 * Who wrote it down; null for who reads results alone.
 */
person_name: string | null, 
/**
 * What it looked at was made up.
 */
synthetic: boolean, 
/**
 * The pack it looked at.
 */
pack: string, 
/**
 * The year of that round.
 */
round_year: number | null, 
/**
 * The class that was shown, if there was one.
 */
class: ReadinessClass | null, 
/**
 * Names what was looked at, as the readiness does: another one means that there is more to look at now.
 */
fingerprint: string, 
/**
 * Women in the room.
 */
women: CountView, 
/**
 * Men in the room.
 */
men: CountView, 
/**
 * People under 30 in the room.
 */
youth: CountView, 
/**
 * The cards in their order.
 */
cards: Array<CardVerdictView>, 
/**
 * The priorities in the committee's order.
 */
priorities: Array<PriorityView>, 
/**
 * Values given apart, of which somebody has to choose one.
 */
conflicts: number, 
/**
 * How far it has come.
 */
kept: Kept, 
/**
 * The person may go on with it, or correct it.
 */
edit: boolean, 
/**
 * The person may erase it.
 */
erase: boolean, };

/**
 * One of several values.
 */
export type MeetingValueView = { 
/**
 * A count.
 */
count: number | null, 
/**
 * A comment.
 */
text: string | null, 
/**
 * An order.
 */
order: Array<PriorityView>, 
/**
 * Who gave it.
 */
person_name: string, 
/**
 * When, by their device.
 */
said_at: string, };

/**
 * A meeting as it is held.
 */
export type MeetingView = { 
/**
 * All that was said so far, with the counts as the room sees them if the person may hold it.
 */
summary: MeetingSummary, 
/**
 * What can be ranked.
 */
offered: Array<PriorityView>, 
/**
 * Values given apart.
 */
conflicts: Array<MeetingConflictView>, 
/**
 * There is something to take back.
 */
can_undo: boolean, };

/**
 * A piece of a merged text.
 */
export type MergedPieceView = { 
/**
 * Whose words.
 */
whose: Whose, 
/**
 * The words; where both changed the same ones, those of the value shown meanwhile.
 */
text: string, 
/**
 * Where both changed the same words: those of the other.
 */
other: string | null, };

/**
 * Two texts that grew from one, put together word by word.
 */
export type MergedTextView = { 
/**
 * The pieces, in order.
 */
pieces: Array<MergedPieceView>, 
/**
 * All of it: where both changed the same words, both versions one after the other.
 */
text: string, };

/**
 * The merged index.
 */
export type MergedView = { 
/**
 * 0 to 100.
 */
value: number, 
/**
 * Its standard error, index points.
 */
se: number, 
/**
 * Its class, at most one from the class of the data.
 */
class: ReadinessClass, 
/**
 * Lower end of the 90 % range.
 */
range_low: number, 
/**
 * Upper end.
 */
range_high: number, 
/**
 * The classes that the range touches.
 */
range_classes: Array<ReadinessClass>, 
/**
 * The probability of each class, Activate first.
 */
probabilities: Array<number>, 
/**
 * Fewer than two villages or no focus group: the class of the data stays official.
 */
provisional: boolean, };

/**
 * Why something holds an interview up.
 */
export type MissingReason = "required" | "constraint" | "conflict" | "open_theme";

/**
 * Something missing before sign-off.
 */
export type MissingView = { 
/**
 * The question or repeat.
 */
path: string, 
/**
 * The section to jump to.
 */
section: string, 
/**
 * Its label.
 */
label: string, 
/**
 * Why it holds the interview up.
 */
reason: MissingReason, };

/**
 * A comment of a supervisor.
 */
export type NewComment = { 
/**
 * The question it is about, or null for the whole interview.
 */
path: string | null, 
/**
 * The comment, 1 to 2000 characters.
 */
text: string, };

/**
 * Something new on the map, in the plane of maps.
 */
export type NewPlace = { 
/**
 * Metres east.
 */
x_m: number, 
/**
 * Metres north.
 */
y_m: number, 
/**
 * How far a mast reaches; null for all else.
 */
radius_km: number | null, };

/**
 * A request without content.
 */
export type Nothing = Record<symbol, never>;

/**
 * A request about one cluster.
 */
export type OfCluster = { 
/**
 * Its id in the pack.
 */
cluster: string, };

/**
 * Read one interview.
 */
export type OpenInterview = { 
/**
 * The interview.
 */
interview: EntityId, };

/**
 * A meeting.
 */
export type OpenMeeting = { 
/**
 * Its id.
 */
meeting: EntityId, };

/**
 * Who signed a pack.
 */
export type PackSignerView = { 
/**
 * The name they gave.
 */
name: string, 
/**
 * What to compare the key by: four groups of four hex digits.
 */
key: string, };

/**
 * What a partial index rests on.
 */
export type PartialView = { 
/**
 * Indicators present.
 */
indicators_present: number, 
/**
 * Of 53.
 */
indicators_total: number, 
/**
 * Dimensions without any data.
 */
dimensions_without_data: Array<Dimension>, };

/**
 * Write everything that the server has not signed for to a folder.
 */
export type PassOnByFile = { 
/**
 * The folder.
 */
folder: string, };

/**
 * What was written.
 */
export type PassedOnView = { 
/**
 * The files, by their names.
 */
files: Array<string>, 
/**
 * Interviews in them.
 */
interviews: number, 
/**
 * Entries of these.
 */
entries: number, 
/**
 * Attached files.
 */
attachments: number, 
/**
 * Size of all of it in kilobytes.
 */
size_kb: number, };

/**
 * An indicator among its peers.
 */
export type PeerView = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Its dimension.
 */
dimension: Dimension, 
/**
 * The cluster's score, 0 to 100; null when missing.
 */
score: number | null, 
/**
 * Scores of its class.
 */
own: PercentilesView | null, 
/**
 * Scores of the next class.
 */
next: PercentilesView | null, };

/**
 * Every indicator of a cluster among cells of its class and of the next.
 */
export type PeersView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * Its class.
 */
class: ReadinessClass, 
/**
 * The next class; null in the highest.
 */
next: ReadinessClass | null, 
/**
 * The indicators, row 1 first; those without peers are left out.
 */
indicators: Array<PeerView>, };

/**
 * People in a room, counted and never named. Who is a woman or man and young counts in both groups.
 */
export type PeopleGroup = "women" | "men" | "youth";

/**
 * Percentiles of scores over the area of a class.
 */
export type PercentilesView = { 
/**
 * 10th.
 */
p10: number, 
/**
 * 25th.
 */
p25: number, 
/**
 * Median.
 */
p50: number, 
/**
 * 75th.
 */
p75: number, 
/**
 * 90th.
 */
p90: number, };

/**
 * A person: several may share a device, one may use several.
 */
export type PersonId = string;

/**
 * A person.
 */
export type PersonView = { 
/**
 * Their id.
 */
person: PersonId, 
/**
 * The name they chose for their colleagues.
 */
name: string, 
/**
 * Their role.
 */
role: Role, 
/**
 * The areas they are responsible for.
 */
areas: Array<AreaCode>, };

/**
 * What is durable of a recording or file.
 */
export type PiecesKeptView = { 
/**
 * Its size so far.
 */
size_bytes: number, };

/**
 * Where the UI runs.
 */
export type Place = "app" | "browser";

/**
 * A position in WGS 84 degrees. Only valid ones exist.
 */
export type Position = { latitude: number, longitude: number, };

/**
 * What kind of thing can be a priority.
 */
export type PriorityKind = "dimension" | "intervention" | "theme";

/**
 * What can be a priority.
 */
export type PriorityView = { 
/**
 * Its id.
 */
priority: string, 
/**
 * What kind of thing it is.
 */
kind: PriorityKind, 
/**
 * The dimension, also that of an intervention.
 */
dimension: Dimension | null, 
/**
 * The theme.
 */
theme: Theme | null, 
/**
 * The text of an intervention in the session's language.
 */
text: string | null, };

/**
 * A number of a profile.
 */
export type ProfileNumberView = { 
/**
 * What is counted or measured.
 */
name: string, 
/**
 * How many or how much.
 */
value: number, 
/**
 * The unit; null for a count.
 */
unit: string | null, };

/**
 * A raw value.
 */
export type ProfileValueView = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Its dimension.
 */
dimension: Dimension, 
/**
 * The unit.
 */
unit: string, 
/**
 * Where it is of, and the value.
 */
of: Array<ZoneValueView>, 
/**
 * The value, for one place.
 */
value: number | null, };

/**
 * The profile of a village, a cluster or a rayon (Table 7 of the report).
 */
export type ProfileView = { 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * The rayons it lies in or holds.
 */
rayons: Array<RayonName>, 
/**
 * The cluster: itself, or the one that a village lies in.
 */
cluster: string | null, 
/**
 * The cluster's name.
 */
cluster_name: string | null, 
/**
 * Where it is; null for a cluster.
 */
position: Position | null, 
/**
 * Inhabitants.
 */
people: number | null, 
/**
 * The year of that, where known.
 */
people_year: number | null, 
/**
 * Square kilometres.
 */
area_km2: number | null, 
/**
 * Towns and villages in it; null for a village.
 */
villages: number | null, 
/**
 * Further numbers.
 */
numbers: Array<ProfileNumberView>, 
/**
 * Minutes to services; villages only.
 */
travel: Array<TravelView>, 
/**
 * The index from data alone: its own, or of the cell that a village lies in.
 */
index: number | null, 
/**
 * Its class.
 */
class: ReadinessClass | null, 
/**
 * The five dimensions in their order; empty where not known.
 */
dimensions: Array<number | null>, 
/**
 * Raw values known just here.
 */
values: Array<ProfileValueView>, 
/**
 * Villages with a signed-off interview; null for a village.
 */
villages_visited: number | null, 
/**
 * Focus groups by state.
 */
fgd: InterviewCounts, 
/**
 * Key informants by state.
 */
kii: InterviewCounts, };

/**
 * The project on this device.
 */
export type ProjectView = { 
/**
 * Its title in the session's language.
 */
title: string, 
/**
 * The demo project: says so on every screen.
 */
demo: boolean, 
/**
 * Made up, not even a demo of facts: says so on every screen.
 */
synthetic: boolean, 
/**
 * Lines of attribution for the data that the screens show.
 */
attribution: Array<string>, };

/**
 * How a question is answered, by its type in an `XLSForm` sheet.
 */
export type QuestionKind = "select_one" | "select_multiple" | "text" | "integer" | "decimal" | "date" | "time" | "dateTime" | "geopoint" | "acknowledge" | "audio" | "image" | "file" | "calculate";

/**
 * A question and all that is known about its answer.
 */
export type QuestionView = { 
/**
 * Its path: `name`, or `repeat/instance/name`.
 */
path: string, 
/**
 * Its name in the sheet.
 */
name: string, 
/**
 * How it is answered.
 */
kind: QuestionKind, 
/**
 * Whether it concerns this interview now. A file that was given before is shown until it is erased: a recording, say,
 * for which there is no consent any more.
 */
asked: boolean, 
/**
 * The sheet's appearance words: `multiline`, `levels`, `tags`, ...
 */
appearance: string | null, 
/**
 * The question.
 */
label: string, 
/**
 * The probes, folded on the screen.
 */
hint: string | null, 
/**
 * Must be answered before sign-off.
 */
required: boolean, 
/**
 * Can't be changed by hand.
 */
read_only: boolean, 
/**
 * The choices, filtered.
 */
choices: Array<ChoiceView>, 
/**
 * The answer shown.
 */
value: AnswerValue, 
/**
 * The file that is the answer shown.
 */
attachment: FileView | null, 
/**
 * What it takes, where that is a file.
 */
takes: TakesView | null, 
/**
 * A recording or file of this person that was not attached: one under way, or one that broke off.
 */
unfinished: UnfinishedView | null, 
/**
 * Text being typed that is durable but not yet an answer.
 */
draft: string | null, 
/**
 * What is wrong with the answer, in the session's language.
 */
problem: string | null, 
/**
 * More than one live value.
 */
conflict: ConflictView | null, 
/**
 * A supervisor's comments on it.
 */
comments: Array<CommentView>, };

/**
 * A quote with consent.
 */
export type QuoteView = { 
/**
 * The words.
 */
text: string, 
/**
 * The village's name.
 */
village_name: string, 
/**
 * Focus group or key informant.
 */
kind: InterviewKind, };

/**
 * One indicator's part in a plan.
 */
export type RaiseView = { 
/**
 * Row of Annex I.
 */
row: number, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * Its dimension.
 */
dimension: Dimension, 
/**
 * By how many points its score rises.
 */
points: number, 
/**
 * Its mean score now.
 */
score: number, 
/**
 * The raw value that goes with the score now; null without a rule.
 */
value: number | null, 
/**
 * The raw value that goes with the raised score.
 */
value_then: number | null, 
/**
 * The unit.
 */
unit: string, 
/**
 * What must be said beside it.
 */
cautions: Array<CautionWord>, };

/**
 * The priorities in their order, the first one first.
 */
export type RankPriorities = { 
/**
 * The meeting.
 */
meeting: EntityId, 
/**
 * Ids of what was offered, each at most once; none: no order yet.
 */
order: Array<string>, };

/**
 * A rayon by name.
 */
export type RayonName = { 
/**
 * Its code.
 */
rayon: AreaCode, 
/**
 * Its name in the session's language.
 */
name: string, };

/**
 * Read a part of a file.
 */
export type ReadAttachment = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question.
 */
path: string, 
/**
 * The file.
 */
attachment: string, 
/**
 * Where to begin.
 */
at_bytes: number, 
/**
 * How much at most; no more than a mebibyte comes at once.
 */
most_bytes: number, };

/**
 * Ask for the profile of one of these.
 */
export type ReadProfile = { "village": EntityId } | { "cluster": string } | { "rayon": AreaCode };

/**
 * Work out the readiness of a cluster; null for the cluster of the latest interview, else the first.
 */
export type ReadReadiness = { 
/**
 * The cluster.
 */
cluster: string | null, };

/**
 * The zones of agriculture and tourism in a cluster. Needs cells.
 */
export type ReadSector = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * Words of the crops to look at; empty for all.
 */
crops: Array<string>, };

/**
 * A class of readiness (paragraph 38), ordered from least to most ready.
 */
export type ReadinessClass = "activate" | "accelerate_low" | "accelerate_medium" | "accelerate_high" | "amplify";

/**
 * Everything the readiness screen shows.
 */
export type ReadinessView = { 
/**
 * The cluster.
 */
cluster: ClusterView, 
/**
 * All clusters of the pack.
 */
clusters: Array<ClusterView>, 
/**
 * The data are incomplete: what is there. Said beside every number.
 */
partial: PartialView | null, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * The pack has cells of the cluster: what if, what would lift it and the sectors can be asked for.
 */
cells: boolean, 
/**
 * How often the class of the data is each class under changes of the method, shares from Activate to Amplify;
 * empty where not known.
 */
class_frequencies: Array<number>, 
/**
 * Years between the data and the visits.
 */
years: number, 
/**
 * Signed-off interviews that count.
 */
interviews: number, 
/**
 * Focus groups among them.
 */
focus_groups: number, 
/**
 * Invented examples among them.
 */
examples: number, 
/**
 * The index from data alone; null without any data.
 */
data: IndexView | null, 
/**
 * The merged index; null without any data.
 */
merged: MergedView | null, 
/**
 * The five dimensions in their order.
 */
dimensions: Array<DimensionView>, 
/**
 * The nine themes in their order.
 */
themes: Array<ThemeView>, 
/**
 * Dimensions below the highest class, the weakest first.
 */
gaps: Array<Dimension>, 
/**
 * Kinds of intervention that fit (Table 6).
 */
interventions: Array<InterventionView>, 
/**
 * How the class depends on the weight of the voices.
 */
lambda_table: Array<LambdaRow>, 
/**
 * Names the inputs: equal on two devices when they show the same numbers.
 */
fingerprint: string, };

/**
 * Give, change or clear (null) one answer. Resolves a conflict on the same question. Ends a draft of it.
 */
export type RecordAnswer = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The question: `name`, or `repeat/instance/name`.
 */
path: string, 
/**
 * The answer.
 */
value: AnswerValue, };

/**
 * How the voices of a dimension or theme relate to its data (method 7.4).
 */
export type Relation = "silent" | "confirm" | "qual-higher" | "qual-lower" | "inconclusive";

/**
 * Remove an instance with its answers (undo brings it back).
 */
export type RemoveInstance = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * Name of the repeat.
 */
repeat: string, 
/**
 * The instance.
 */
instance: InstanceId, };

/**
 * A repeat and its instances.
 */
export type RepeatView = { 
/**
 * Its name in the sheet.
 */
name: string, 
/**
 * Its label.
 */
label: string, 
/**
 * Its hint.
 */
hint: string | null, 
/**
 * The sheet's appearance words (`counters`, `quotes`, `files`).
 */
appearance: string | null, 
/**
 * Whether it concerns this interview now.
 */
asked: boolean, 
/**
 * The instances in the order they were added.
 */
instances: Array<InstanceView>, 
/**
 * The questions of a new instance (paths are bare names).
 */
template: Array<QuestionView>, };

/**
 * Send an interview back with comments; at least one.
 */
export type ReturnInterview = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * What to look at.
 */
comments: Array<NewComment>, };

/**
 * What someone did with the interview.
 */
export type ReviewAct = "signed_off" | "returned" | "approved" | "erased";

/**
 * One step in an interview's review.
 */
export type ReviewView = { 
/**
 * What.
 */
act: ReviewAct, 
/**
 * Who.
 */
person_name: string, 
/**
 * What their device's clock said (ISO).
 */
said_at: string, };

/**
 * What a person may do with an interview now.
 */
export type RightsView = { 
/**
 * Change answers.
 */
edit: boolean, 
/**
 * Add files to answers.
 */
attach: boolean, 
/**
 * Return and approve.
 */
review: boolean, 
/**
 * Sign off (everything required is answered).
 */
sign_off: boolean, 
/**
 * Erase.
 */
erase: boolean, };

/**
 * How important a road is.
 */
export type RoadWord = "motorway" | "primary" | "secondary" | "other";

/**
 * What a person does in a project. With their areas it decides what their devices hold and what they may write.
 */
export type Role = "national" | "cluster_unit" | "supervisor" | "enumerator" | "committee" | "analyst";

/**
 * Say that an interview is the same conversation as another, or (null) one of its own. It no longer counts then.
 */
export type SayTheSame = { 
/**
 * The interview.
 */
interview: EntityId, 
/**
 * The other: of the same village and kind, and one that counts itself.
 */
same_as: EntityId | null, };

/**
 * What a section is for.
 */
export type SectionKind = "before" | "participants" | "theme" | "closing";

/**
 * A top-level group of the instrument.
 */
export type SectionView = { 
/**
 * Its name in the sheet.
 */
name: string, 
/**
 * What it is for.
 */
kind: SectionKind, 
/**
 * The theme of a theme section.
 */
theme: Theme | null, 
/**
 * Its label.
 */
label: string, 
/**
 * Its cards in order; only relevant ones.
 */
cards: Array<CardView>, 
/**
 * Relevant questions with an answer.
 */
answered: number, 
/**
 * Relevant questions.
 */
questions: number, 
/**
 * Theme sections: closed by a level or as *not discussed*.
 */
closed: boolean, 
/**
 * Theme sections: the path of the question that says whether it was discussed.
 */
discussed_path: string | null, };

/**
 * What the zones say together; the screen has a sentence for each.
 */
export type SectorFinding = "overlap" | "apart" | "no_tourism" | "no_crops";

/**
 * Agriculture and tourism in a cluster (report 5.7): zones are the cells in the top fifth.
 */
export type SectorView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * All crops that one can ask for.
 */
crops: Array<CropView>, 
/**
 * The zones of the crops asked for and of tourism.
 */
zones: Array<SectorZoneView>, 
/**
 * Ways between zones.
 */
travel: Array<ZoneTravelView>, 
/**
 * What the zones say together.
 */
finding: SectorFinding, 
/**
 * Western edge of the grid that zones are told on, metres.
 */
west_m: number, 
/**
 * Northern edge, metres.
 */
north_m: number, 
/**
 * Side of a cell, metres.
 */
cell_m: number, 
/**
 * Columns.
 */
columns: number, 
/**
 * Rows.
 */
rows: number, };

/**
 * A zone.
 */
export type SectorZoneView = { 
/**
 * Which kind.
 */
zone: SectorZoneWord, 
/**
 * Of which crop; null for tourism.
 */
crop: string | null, 
/**
 * Its area, square kilometres.
 */
area_km2: number, 
/**
 * People in it.
 */
people: number, 
/**
 * Where in the cluster; null where it has no cell.
 */
side: Side | null, 
/**
 * The village nearest to its middle.
 */
near: string | null, 
/**
 * Its cells as pairs: 0 for outside or 1 for inside, then how many, row by row.
 */
cells: Array<number>, };

/**
 * A kind of zone.
 */
export type SectorZoneWord = "production" | "processing" | "commercialisation" | "tourism_supply" | "tourism_demand" | "tourism_optimised" | "agritourism";

/**
 * Whether anything can be read yet.
 */
export type SessionState = "new" | "locked" | "open";

/**
 * Change the language, at any moment.
 */
export type SetLanguage = { 
/**
 * The language.
 */
language: Language, };

/**
 * Where a zone lies in its cluster.
 */
export type Side = "middle" | "north" | "north_east" | "east" | "south_east" | "south" | "south_west" | "west" | "north_west";

/**
 * Browser only: sign in at the hub.
 */
export type SignIn = { 
/**
 * The name given at the hub.
 */
name: string, 
/**
 * The password.
 */
password: string, 
/**
 * The code of the second factor, or a recovery code, once it was asked for.
 */
code?: string, };

/**
 * Sign off: everything required is answered. Makes the interview count for its cluster.
 */
export type SignOff = { 
/**
 * The interview.
 */
interview: EntityId, };

/**
 * How a cluster stands.
 */
export type StandingView = { 
/**
 * The index from data alone, 0 to 100.
 */
index: number, 
/**
 * Its class.
 */
class: ReadinessClass, 
/**
 * Merged with the voices, and its range.
 */
merged: MergedView | null, 
/**
 * The five dimensions in their order, 0 to 100.
 */
dimensions: Array<number | null>, 
/**
 * Square kilometres in each class, Activate first.
 */
area_km2: Array<number>, 
/**
 * People in each class, Activate first.
 */
people: Array<number>, };

/**
 * Start an interview in a village.
 */
export type StartInterview = { 
/**
 * The village.
 */
village: EntityId, 
/**
 * Focus group or key informant.
 */
kind: InterviewKind, 
/**
 * The language that the interview is held in.
 */
language: Language, 
/**
 * Invented, to show or to practise: says so wherever it is shown or counted.
 */
example?: boolean, };

/**
 * The state of the session; always answered, also when locked.
 */
export type StatusView = { 
/**
 * Window or browser.
 */
place: Place, 
/**
 * New, locked or open.
 */
state: SessionState, 
/**
 * The language of the session.
 */
language: Language, 
/**
 * Who it is; null unless open.
 */
person: PersonView | null, 
/**
 * The project; null unless open.
 */
project: ProjectView | null, 
/**
 * How the store fares.
 */
store: StoreState, 
/**
 * Interviews with entries that no hub has acknowledged.
 */
waiting_interviews: number, 
/**
 * Meetings with entries that no hub has acknowledged.
 */
waiting_meetings: number, 
/**
 * The device's clock is before 2024 (ISO date it says), so times shown are not to be trusted; order is.
 */
clock_says: string | null, 
/**
 * An address and code that the app was started with, to fill in the form for joining a hub.
 */
suggested_hub: string | null, 
/**
 * The code that goes with it.
 */
suggested_code: string | null, };

/**
 * A stick, card or folder that a bundle can be written to.
 */
export type StickView = { 
/**
 * Its folder.
 */
folder: string, 
/**
 * What the person knows it by.
 */
name: string, 
/**
 * Free room in megabytes; none when it can't be told.
 */
free_mb: number | null, 
/**
 * The bundles that lie on it, by the paths of their volumes.
 */
bundles: Array<BundleFileView>, };

/**
 * How the store on this device fares; nothing but `sound` needs anybody's hand.
 */
export type StoreState = "sound" | "read_only" | "damaged" | "mended" | "mended_in_part" | "mended_as_new";

/**
 * What an exchange did.
 */
export type SyncOutcome = { 
/**
 * Entries sent and acknowledged as durable.
 */
sent: number, 
/**
 * Entries received.
 */
received: number, 
/**
 * Entries that the hub set aside for a person to look at.
 */
set_aside: number, 
/**
 * Bytes up.
 */
bytes_up: number, 
/**
 * Bytes down.
 */
bytes_down: number, 
/**
 * All that could be sent was sent and all was received.
 */
complete: boolean, 
/**
 * Orders that were not the server's: somebody on the way made them up. Nothing was done of them.
 */
orders_refused: number, 
/**
 * Areas that are not this device's any more, whose content was removed.
 */
scopes_left: number, 
/**
 * Areas in which device and hub did not have the same, and which were made anew from the log.
 */
scopes_mended: number, };

/**
 * How far an exchange is.
 */
export type SyncProgress = { 
/**
 * Entries that the hub has taken.
 */
entries_done: number, 
/**
 * All that were to be sent.
 */
entries_to_do: number, 
/**
 * Bytes that went over the line, both ways.
 */
bytes_done: number, 
/**
 * The same with what is left to be sent, as far as that can be told.
 */
bytes_to_do: number, 
/**
 * How long what is left takes at the measured rate; null before anything was measured.
 */
seconds_left: number | null, };

/**
 * The state of passing it on.
 */
export type SyncView = { 
/**
 * The hub, once joined.
 */
hub: HubView | null, 
/**
 * Interviews with entries that no hub has acknowledged.
 */
waiting_interviews: number, 
/**
 * Meetings with entries that no hub has acknowledged.
 */
waiting_meetings: number, 
/**
 * Entries among them.
 */
waiting_entries: number, 
/**
 * Size of what waits, compressed.
 */
waiting_bytes: number, 
/**
 * What of that is on a stick as it is now.
 */
given: GivenView | null, 
/**
 * Interviews of which a hub has everything, and the server not yet.
 */
copied_interviews: number, 
/**
 * Interviews of which the server has signed that it has everything.
 */
safe_interviews: number, 
/**
 * How far an exchange under way is.
 */
progress: SyncProgress | null, 
/**
 * The last exchange since the store was opened.
 */
last: SyncOutcome | null, 
/**
 * The pack's version, e.g. `demo 2026-11`.
 */
pack: string, 
/**
 * Who signed it; null for the demo that Kend ships.
 */
pack_signer: PackSignerView | null, 
/**
 * The pack is made up.
 */
pack_synthetic: boolean, 
/**
 * The instruments and versions on this device.
 */
instruments: Array<string>, };

/**
 * What a remark in a theme is (method 6.4).
 */
export type Tag = "need" | "constraint" | "opportunity" | "initiative" | "demand";

/**
 * A tag and how many interviews gave it.
 */
export type TagCount = { 
/**
 * The tag.
 */
tag: Tag, 
/**
 * Interviews.
 */
interviews: number, };

/**
 * Take in volumes that a hub made for this device.
 */
export type TakeInFile = { 
/**
 * Their paths, or those of folders with them.
 */
paths: Array<string>, };

/**
 * What was taken in.
 */
export type TakenInView = { 
/**
 * Interviews of which something was in it.
 */
interviews: number, 
/**
 * Entries that were new here.
 */
entries_new: number, 
/**
 * Receipts of the server for what is here.
 */
receipts: number, 
/**
 * Orders of the server that were carried out.
 */
orders: number, 
/**
 * Pieces that can't be taken in before another volume.
 */
early: number, 
/**
 * Pieces that did not count, and why is for who mends things.
 */
refused: number, 
/**
 * Whether every volume was whole.
 */
whole: boolean, 
/**
 * Interviews that wait still.
 */
waiting_interviews: number, };

/**
 * What a question takes, where that is a file.
 */
export type TakesView = { 
/**
 * Media types: whole (`application/pdf`) or a kind (`image/*`). Empty: any.
 */
media_types: Array<string>, 
/**
 * The largest size.
 */
most_bytes: number, 
/**
 * Longer side of an image in pixels: a larger one is made smaller before it is kept.
 */
most_pixels: number | null, 
/**
 * Bits per second of a recording that is made here. None where nothing is recorded.
 */
bits_per_second: number | null, };

/**
 * What can be put on the map for an indicator that differs from cell to cell.
 */
export type TakesWord = "point" | "destination" | "mast";

/**
 * One of the nine themes of an interview (section 5.8 of the report).
 */
export type Theme = "digital" | "governance" | "agriculture" | "tourism" | "finance" | "transport" | "utilities" | "education" | "health";

/**
 * One theme.
 */
export type ThemeView = { 
/**
 * Which.
 */
theme: Theme, 
/**
 * Class position of the voices; null when not discussed.
 */
position: number | null, 
/**
 * Standard deviation of the position.
 */
sd: number | null, 
/**
 * Villages that spoke about it.
 */
villages: number, 
/**
 * Focus groups.
 */
fgd: number, 
/**
 * Key informants.
 */
kii: number, 
/**
 * Tags and how often.
 */
tags: Array<TagCount>, 
/**
 * Quotes that may be shown.
 */
quotes: Array<QuoteView>, };

/**
 * How long the way to a service is.
 */
export type TravelView = { 
/**
 * The service.
 */
to: string, 
/**
 * Minutes.
 */
minutes: number, };

/**
 * Take back this person's last change of this interview that was not yet taken back.
 */
export type Undo = { 
/**
 * The interview.
 */
interview: EntityId, };

/**
 * A recording or file whose pieces are durable and that is not an answer yet.
 */
export type UnfinishedView = { 
/**
 * Its size.
 */
size_bytes: number, 
/**
 * What its beginning says that it is.
 */
media_type: string | null, };

/**
 * App only: open the store.
 */
export type Unlock = { 
/**
 * The passphrase.
 */
passphrase: string, };

/**
 * A village.
 */
export type VillageView = { 
/**
 * Its id.
 */
village: EntityId, 
/**
 * Its name in the session's language.
 */
name: string, 
/**
 * The rayon's code.
 */
rayon: AreaCode, 
/**
 * The rayon's name.
 */
rayon_name: string, 
/**
 * The priority cluster it lies in.
 */
cluster: string | null, 
/**
 * The cluster's name.
 */
cluster_name: string | null, 
/**
 * Inhabitants, where a source says.
 */
population: number | null, 
/**
 * Where it lies.
 */
position: Position, 
/**
 * Kilometres from the position in the request, along the great circle.
 */
distance_km: number | null, 
/**
 * Added in the field, not from the pack.
 */
added_here: boolean, 
/**
 * Its interviews by kind and state.
 */
fgd: InterviewCounts, 
/**
 * Key informants.
 */
kii: InterviewCounts, };

/**
 * What the voices say about a dimension, as class position.
 */
export type VoicesView = { 
/**
 * 0 to 100.
 */
position: number, 
/**
 * Standard deviation.
 */
sd: number, 
/**
 * The weight they get in the merge, 0 to 0.5.
 */
weight: number, };

/**
 * A cluster before and after. Arithmetic of the index, not a forecast.
 */
export type WhatIfView = { 
/**
 * The cluster.
 */
cluster: string, 
/**
 * The pack is made up.
 */
synthetic: boolean, 
/**
 * Before.
 */
before: StandingView, 
/**
 * After.
 */
after: StandingView, 
/**
 * What was changed; all new places of a row together.
 */
changes: Array<ChangedView>, 
/**
 * The class of each cell after, as `MapCellsView.classes` has it before; null where it was not asked for.
 */
classes: Array<number> | null, 
/**
 * What must be said beside the result, each once.
 */
cautions: Array<CautionWord>, };

/**
 * Whose words a piece of a merged text is.
 */
export type Whose = "both" | "first" | "second" | "apart";

/**
 * The way from one zone to another.
 */
export type ZoneTravelView = { 
/**
 * Of which crop; null for tourism.
 */
crop: string | null, 
/**
 * From.
 */
from: SectorZoneWord, 
/**
 * To.
 */
to: SectorZoneWord, 
/**
 * Minutes.
 */
minutes: number, };

/**
 * A raw value of a rayon.
 */
export type ZoneValueView = { 
/**
 * The rayon.
 */
zone: AreaCode, 
/**
 * Its name.
 */
name: string, 
/**
 * The value; null when missing.
 */
value: number | null, 
/**
 * Whether it was filled with the mean of the economic region.
 */
imputed: boolean, 
/**
 * The year it is of.
 */
year: number | null, 
/**
 * Who published it.
 */
source: string | null, };

/** Everything a screen can ask for. */
export interface Api {
  /** The state of the session; always answered. */
  status(request: Nothing): Promise<StatusView>;
  /** Window: make an encrypted store. */
  createStore(request: CreateStore): Promise<StatusView>;
  /** Window: open the store. */
  unlock(request: Unlock): Promise<StatusView>;
  /** App only: reads what can be read of a damaged store into a new one, and opens it. The damaged file is kept. */
  repair(request: Unlock): Promise<StatusView>;
  /** Window: close the store. */
  lock(request: Nothing): Promise<StatusView>;
  /** Browser: sign in. */
  signIn(request: SignIn): Promise<StatusView>;
  /** Browser: sign out. */
  signOut(request: Nothing): Promise<StatusView>;
  /** Browser: sign out here and in every other browser. */
  signOutEverywhere(request: Nothing): Promise<StatusView>;
  /** Browser: change the own password. */
  changePassword(request: ChangePassword): Promise<StatusView>;
  /** Change the language. */
  setLanguage(request: SetLanguage): Promise<StatusView>;
  /** Window: join a hub. */
  joinHub(request: JoinHub): Promise<SyncView>;
  /** Window: exchange with the hub. */
  sync(request: Nothing): Promise<SyncView>;
  /** Window: how far the attachments are. */
  attachmentsState(request: Nothing): Promise<AttachmentsView>;
  /** Window: how far the attachments of an interview are. */
  attachmentsOf(request: OpenInterview): Promise<Array<AttachmentView>>;
  /** Window: want an attachment on this device. */
  fetchAttachment(request: FetchAttachment): Promise<AttachmentView>;
  /** Window: bound what attachments may send and fetch. */
  limitAttachments(request: LimitAttachments): Promise<AttachmentsView>;
  /** Window: remove from this device the attachments that the server has signed for. */
  makeRoom(request: Nothing): Promise<AttachmentsView>;
  /** Window: the sticks and cards that are here. */
  listSticks(request: Nothing): Promise<Array<StickView>>;
  /** Window: write what the server has not signed for to a stick. */
  passOnByFile(request: PassOnByFile): Promise<PassedOnView>;
  /** Window: take in what the hub gave by file. */
  takeInFile(request: TakeInFile): Promise<TakenInView>;
  /** Window: how far writing or reading has come. */
  fileProgress(request: Nothing): Promise<FileProgressView>;
  /** Window: stop writing or reading. */
  stopFile(request: Nothing): Promise<FileProgressView>;
  /** The villages of the person's areas. */
  listVillages(request: ListVillages): Promise<Array<VillageView>>;
  /** Add a village that the list misses. */
  addVillage(request: AddVillage): Promise<VillageView>;
  /** Start an interview. */
  startInterview(request: StartInterview): Promise<InterviewView>;
  /** The interviews that the person may see. */
  listInterviews(request: Nothing): Promise<Array<InterviewSummary>>;
  /** One interview in full. */
  openInterview(request: OpenInterview): Promise<InterviewView>;
  /** Give, change or clear an answer. */
  recordAnswer(request: RecordAnswer): Promise<InterviewView>;
  /** Keep text that is being typed. */
  keepDraft(request: KeepDraft): Promise<KeptView>;
  /** Keep a piece of a recording or file. */
  keepPiece(request: KeepPiece): Promise<PiecesKeptView>;
  /** Make the kept pieces the answer of their question. */
  attach(request: Attach): Promise<InterviewView>;
  /** Drop the pieces of what was not attached. */
  dropPieces(request: DropPieces): Promise<InterviewView>;
  /** Choose one of several files that answer one question. */
  chooseAttachment(request: ChooseAttachment): Promise<InterviewView>;
  /** Erase the file of an answer everywhere. */
  eraseAttachment(request: EraseAttachment): Promise<InterviewView>;
  /** Window: read a part of a file. A browser gets files from `/attachments/INTERVIEW/QUESTION/FILE`. */
  readAttachment(request: ReadAttachment): Promise<AttachmentPartView>;
  /** Add a participant or a quote. */
  addInstance(request: AddInstance): Promise<InterviewView>;
  /** Remove a participant or a quote. */
  removeInstance(request: RemoveInstance): Promise<InterviewView>;
  /** Take back the last change. */
  undo(request: Undo): Promise<InterviewView>;
  /** Say that two interviews are one conversation, recorded twice. */
  sayTheSame(request: SayTheSame): Promise<InterviewView>;
  /** Sign off. */
  signOff(request: SignOff): Promise<InterviewView>;
  /** Return with comments. */
  returnInterview(request: ReturnInterview): Promise<InterviewView>;
  /** Answer a comment. */
  answerComment(request: AnswerComment): Promise<InterviewView>;
  /** Approve. */
  approveInterview(request: ApproveInterview): Promise<InterviewView>;
  /** Erase the content everywhere. */
  eraseInterview(request: EraseInterview): Promise<InterviewView>;
  /** The readiness of a cluster. */
  readReadiness(request: ReadReadiness): Promise<ReadinessView>;
  /** The readiness of a cluster as a committee in a room may see it, whoever holds the meeting. */
  readMeetingCards(request: ReadReadiness): Promise<ReadinessView>;
  /** The meetings about a cluster, the latest first. */
  listMeetings(request: OfCluster): Promise<Array<MeetingSummary>>;
  /** Begin a meeting of a committee about a cluster. */
  beginMeeting(request: BeginMeeting): Promise<MeetingView>;
  /** One meeting in full. */
  readMeeting(request: OpenMeeting): Promise<MeetingView>;
  /** Say how many people of a group are in the room. */
  countPeople(request: CountPeople): Promise<MeetingView>;
  /** Say how many hands a card has. */
  countHands(request: CountHands): Promise<MeetingView>;
  /** Keep a comment that is being typed. */
  keepComment(request: CommentOnCard): Promise<KeptView>;
  /** Give, change or clear the comment on a card. */
  commentOnCard(request: CommentOnCard): Promise<MeetingView>;
  /** Put the priorities in an order. */
  rankPriorities(request: RankPriorities): Promise<MeetingView>;
  /** Close a meeting: what was said stands as the committee's verdict. */
  closeMeeting(request: OpenMeeting): Promise<MeetingView>;
  /** Take back the last change of a meeting. */
  undoInMeeting(request: OpenMeeting): Promise<MeetingView>;
  /** Erase all that a meeting said everywhere. */
  eraseMeeting(request: OpenMeeting): Promise<MeetingView>;
  /** What can be tried in a cluster: its indicators with raw values and their ends. Needs cells. */
  readLevers(request: OfCluster): Promise<LeversView>;
  /** A cluster before and after changes of indicators. Needs cells. */
  calculateWhatIf(request: CalculateWhatIf): Promise<WhatIfView>;
  /** What would lift a cluster one class. Needs cells. */
  liftCluster(request: OfCluster): Promise<LiftView>;
  /** Each indicator of a cluster against its class and the next. */
  readPeers(request: OfCluster): Promise<PeersView>;
  /** Where a cluster and all classes lag. */
  readGaps(request: OfCluster): Promise<GapsView>;
  /** The map of a cluster. */
  readMap(request: OfCluster): Promise<MapView>;
  /** Which cluster a position lies in. */
  locateCluster(request: LocateCluster): Promise<LocatedView>;
  /** All clusters and rayons side by side. */
  compareClusters(request: Nothing): Promise<CompareView>;
  /** The profile of a village, a cluster or a rayon. */
  readProfile(request: ReadProfile): Promise<ProfileView>;
  /** Agriculture and tourism in a cluster. Needs cells. */
  readSector(request: ReadSector): Promise<SectorView>;
  /** What waits, and where it goes. */
  syncState(request: Nothing): Promise<SyncView>;
  /** Replace the pack by one from a file. */
  importPack(request: ImportPack): Promise<SyncView>;
  /** Replace an instrument by one from its sheets. */
  importInstrument(request: ImportInstrument): Promise<SyncView>;
}

/** The word of each command on the wire. */
export const commandWords: { readonly [Command in keyof Api]: string } = {
  status: 'status',
  createStore: 'create_store',
  unlock: 'unlock',
  repair: 'repair',
  lock: 'lock',
  signIn: 'sign_in',
  signOut: 'sign_out',
  signOutEverywhere: 'sign_out_everywhere',
  changePassword: 'change_password',
  setLanguage: 'set_language',
  joinHub: 'join_hub',
  sync: 'sync',
  attachmentsState: 'attachments_state',
  attachmentsOf: 'attachments_of',
  fetchAttachment: 'fetch_attachment',
  limitAttachments: 'limit_attachments',
  makeRoom: 'make_room',
  listSticks: 'list_sticks',
  passOnByFile: 'pass_on_by_file',
  takeInFile: 'take_in_file',
  fileProgress: 'file_progress',
  stopFile: 'stop_file',
  listVillages: 'list_villages',
  addVillage: 'add_village',
  startInterview: 'start_interview',
  listInterviews: 'list_interviews',
  openInterview: 'open_interview',
  recordAnswer: 'record_answer',
  keepDraft: 'keep_draft',
  keepPiece: 'keep_piece',
  attach: 'attach',
  dropPieces: 'drop_pieces',
  chooseAttachment: 'choose_attachment',
  eraseAttachment: 'erase_attachment',
  readAttachment: 'read_attachment',
  addInstance: 'add_instance',
  removeInstance: 'remove_instance',
  undo: 'undo',
  sayTheSame: 'say_the_same',
  signOff: 'sign_off',
  returnInterview: 'return_interview',
  answerComment: 'answer_comment',
  approveInterview: 'approve_interview',
  eraseInterview: 'erase_interview',
  readReadiness: 'read_readiness',
  readMeetingCards: 'read_meeting_cards',
  listMeetings: 'list_meetings',
  beginMeeting: 'begin_meeting',
  readMeeting: 'read_meeting',
  countPeople: 'count_people',
  countHands: 'count_hands',
  keepComment: 'keep_comment',
  commentOnCard: 'comment_on_card',
  rankPriorities: 'rank_priorities',
  closeMeeting: 'close_meeting',
  undoInMeeting: 'undo_in_meeting',
  eraseMeeting: 'erase_meeting',
  readLevers: 'read_levers',
  calculateWhatIf: 'calculate_what_if',
  liftCluster: 'lift_cluster',
  readPeers: 'read_peers',
  readGaps: 'read_gaps',
  readMap: 'read_map',
  locateCluster: 'locate_cluster',
  compareClusters: 'compare_clusters',
  readProfile: 'read_profile',
  readSector: 'read_sector',
  syncState: 'sync_state',
  importPack: 'import_pack',
  importInstrument: 'import_instrument',
};
