//! The view of an interview: the instrument's words, the answers, and everything said about them.

use std::collections::BTreeMap;

use kend_domain::{EntityId, InstanceId, InterviewState, QuestionKind, Theme};
use kend_form::{GroupItem, Item, MissingReason as Lack, QuestionItem, RepeatItem, Sitting};
use kend_log::{Act, EntityKind, EntityState, Live, Piece, Value, common_ancestor, merge, merged_text};
use kend_store::Recording;
use kend_sync::rights::Deed;

use crate::answers;
use crate::api::{
    ApiError, CardView, ChoiceView, CommentView, ConflictView, FileView, InstanceView, InterviewSummary, InterviewView,
    LiveValueView, MergedPieceView, MergedTextView, MissingReason, MissingView, QuestionView, RepeatView, ReviewAct,
    ReviewView, RightsView, SectionKind, SectionView, Whose, count,
};
use crate::desk::{Desk, Found, text, word, writer_name};
use crate::interview::facts::Facts;
use crate::interview::{attachment, sitting, twice, undo};
use crate::village;
use crate::world::iso;

/// The view as it is now in the store.
pub(crate) fn fresh(desk: &Desk<'_>, interview: EntityId) -> Result<InterviewView, ApiError> {
    of(desk, &desk.find(interview, EntityKind::Interview)?)
}

/// The view of a found interview.
pub(crate) fn of(desk: &Desk<'_>, found: &Found) -> Result<InterviewView, ApiError> {
    let summary = summary(desk, found)?;
    let rights = rights(desk, found);
    if summary.state == InterviewState::Erased {
        return Ok(InterviewView {
            title: String::new(),
            version: String::new(),
            sections: Vec::new(),
            missing: Vec::new(),
            reviews: reviews(&found.state),
            comments: Vec::new(),
            can_undo: false,
            summary,
            rights,
        });
    }
    let sitting = sitting::sit(desk, found)?;
    let language = desk.language.word();
    let recordings = desk.store.recordings(found.entity)?;
    let reader = Reader {
        desk,
        state: &found.state,
        drafts: drafts(desk, found)?,
        recordings: recordings.into_iter().filter(|pieces| pieces.actor == desk.person.person).collect(),
        comments: comments(&found.state),
    };
    let items = sitting.walk(language);
    let sections: Vec<SectionView> = items
        .iter()
        .filter_map(|item| match item {
            Item::Group(group) if group.shown.relevant => Some(reader.section(group, found)),
            _ => None,
        })
        .collect();
    let missing = missing(&sitting, &sections, found, language);
    Ok(InterviewView {
        title: sitting.instrument().title(language).to_owned(),
        version: sitting.instrument().version().to_owned(),
        rights: RightsView { sign_off: rights.edit && missing.is_empty() && may_sign(found), ..rights },
        can_undo: rights.edit && undo::last_change(desk, found)?.is_some(),
        reviews: reviews(&found.state),
        comments: reader.comments_on(None),
        sections,
        missing,
        summary,
    })
}

/// An interview in a list.
pub(crate) fn summary(desk: &Desk<'_>, found: &Found) -> Result<InterviewSummary, ApiError> {
    let facts = Facts::of(found);
    let village = match facts.village {
        Some(village) => village::find(desk, village)?,
        None => None,
    };
    let person = facts.person.unwrap_or(desk.person.person);
    Ok(InterviewSummary {
        interview: found.entity,
        kind: facts.kind.unwrap_or(kend_domain::InterviewKind::Fgd),
        state: facts.state,
        village: facts.village.unwrap_or(found.entity),
        village_name: village.map(|village| village.name).unwrap_or_default(),
        rayon_name: village::rayon_name(desk, found.scope.area()),
        person,
        person_name: writer_name(&found.state, person),
        mine: person == desk.person.person,
        example: facts.example,
        started_at: iso(facts.started_ms),
        participants: count(facts.participants()),
        themes_closed: count(Theme::ALL.iter().filter(|theme| facts.closed(**theme)).count()),
        conflicts: count(found.state.conflicts().len()),
        open_comments: count(facts.open_comments()),
        kept: found.kept,
        changed_since_approval: facts.changed_since_approval(),
        same_as: twice::counted_by(desk, found)?,
        checks: facts.checks(),
    })
}

/// What the person may do with an interview now; `sign_off` also depends on what is missing.
pub(crate) fn rights(desk: &Desk<'_>, found: &Found) -> RightsView {
    let state = Facts::of(found).state;
    let open = matches!(state, InterviewState::Draft | InterviewState::Complete | InterviewState::Returned);
    let mine = found.state.first().is_some_and(|first| first.actor == desk.person.person);
    RightsView {
        edit: open && desk.may(found, Deed::Record),
        attach: open && desk.may(found, Deed::Record) && desk.store.blob_folder().is_some(),
        // Four eyes: nobody judges what they began themselves.
        review: !mine
            && desk.may(found, Deed::Review)
            && matches!(state, InterviewState::Complete | InterviewState::Approved),
        sign_off: false,
        erase: state != InterviewState::Erased && desk.may(found, Deed::Erase),
    }
}

fn may_sign(found: &Found) -> bool {
    matches!(Facts::of(found).state, InterviewState::Draft | InterviewState::Returned)
}

/// What the person is typing, by its place.
pub(crate) fn drafts(desk: &Desk<'_>, found: &Found) -> Result<BTreeMap<String, String>, ApiError> {
    Ok(desk.own_drafts(found.entity)?.map(|draft| (draft.path.as_str().to_owned(), draft.text)).collect())
}

/// Everything that a view of a question needs besides the question.
struct Reader<'a> {
    desk: &'a Desk<'a>,
    state: &'a EntityState,
    drafts: BTreeMap<String, String>,
    recordings: Vec<Recording>,
    comments: Vec<(Option<String>, CommentView)>,
}

impl Reader<'_> {
    fn section(&self, group: &GroupItem, found: &Found) -> SectionView {
        let name = group.shown.name.clone();
        let theme: Option<Theme> = name.parse().ok();
        let kind = match (theme, name.as_str()) {
            (Some(_), _) => SectionKind::Theme,
            (None, "before") => SectionKind::Before,
            (None, "participants_section") => SectionKind::Participants,
            (None, _) => SectionKind::Closing,
        };
        let mut cards = Vec::new();
        self.collect(&group.items, &mut cards);
        let mut tally = Tally::default();
        tally.add(&cards);
        SectionView {
            closed: theme.is_some_and(|theme| Facts::of(found).closed(theme)),
            discussed_path: theme.map(|theme| format!("{theme}_discussed")),
            label: group.shown.label.clone(),
            answered: tally.answered,
            questions: tally.questions,
            name,
            kind,
            theme,
            cards,
        }
    }

    fn collect(&self, items: &[Item], cards: &mut Vec<CardView>) {
        for item in items {
            match item {
                Item::Note(note) if note.shown.relevant => {
                    cards.push(CardView::Note { label: note.shown.label.clone(), hint: note.shown.hint.clone() });
                }
                Item::Question(question)
                    if question.kind != QuestionKind::Calculate
                        && (question.shown.relevant || self.has_file(question)) =>
                {
                    cards.push(CardView::Question(Box::new(self.question(question))));
                }
                Item::Group(group) if group.shown.relevant => self.collect(&group.items, cards),
                Item::Repeat(repeat) => {
                    let view = self.repeat(repeat);
                    if view.asked || view.instances.iter().any(|instance| !instance.cards.is_empty()) {
                        cards.push(CardView::Repeat(view));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a file is there for a question: what is not asked any more is shown while it has one.
    fn has_file(&self, question: &QuestionItem) -> bool {
        let place = format!("a/{}", question.shown.path);
        matches!(self.state.value(place.as_str()), Some(Value::Attachment(_)))
            || self.recordings.iter().any(|pieces| pieces.path.as_str() == place)
    }

    fn question(&self, question: &QuestionItem) -> QuestionView {
        let path = question.shown.path.to_string();
        let place = format!("a/{path}");
        QuestionView {
            name: question.shown.name.clone(),
            kind: question.kind,
            asked: question.shown.relevant,
            appearance: question.shown.appearance.clone(),
            label: question.shown.label.clone(),
            hint: question.shown.hint.clone(),
            required: question.required,
            read_only: question.read_only,
            choices: question
                .choices
                .iter()
                .map(|choice| ChoiceView { name: choice.name.clone(), label: choice.label.clone() })
                .collect(),
            value: answers::shown(question.value.as_ref()),
            attachment: self.file(self.state.value(place.as_str())),
            takes: question.attachment.as_ref().map(|rules| attachment::takes(rules, question.kind)),
            unfinished: self
                .recordings
                .iter()
                .find(|pieces| pieces.path.as_str() == place)
                .map(|pieces| attachment::unfinished(self.desk, self.state.entity(), pieces)),
            draft: self.drafts.get(&place).cloned(),
            problem: question.problem.as_ref().map(|problem| {
                problem.message(self.desk.language.word()).map_or_else(|| problem.to_string(), str::to_owned)
            }),
            conflict: self.conflict(&place, question),
            comments: self.comments_on(Some(&path)),
            path,
        }
    }

    fn conflict(&self, place: &str, question: &QuestionItem) -> Option<ConflictView> {
        let distinct = self.state.distinct(place);
        if distinct.len() < 2 {
            return None;
        }
        let label = |value: &Value| {
            let words = answers::plain(value);
            let choice = question.choices.iter().find(|choice| choice.name == words);
            choice.map_or(words, |choice| choice.label.clone())
        };
        let merged = self.merged(place, question, &distinct);
        let values = distinct.into_iter().map(|live| LiveValueView {
            value: match &live.value {
                None => crate::api::AnswerValue::None,
                Some(Value::Names(names)) => crate::api::AnswerValue::Choices(names.iter().cloned().collect()),
                Some(Value::Number(number)) => crate::api::AnswerValue::Number(number.get()),
                Some(other) => crate::api::AnswerValue::Text(answers::plain(other)),
            },
            attachment: self.file(live.value.as_ref()),
            label: live.value.as_ref().map(label).unwrap_or_default(),
            person_name: writer_name(self.state, live.actor),
            said_at: iso(live.said.wall_ms),
        });
        Some(ConflictView { values: values.collect(), merged })
    }

    /// A value as a file. Where it can't be said how far it has come, it is shown as not here.
    fn file(&self, value: Option<&Value>) -> Option<FileView> {
        let Some(Value::Attachment(file)) = value else { return None };
        attachment::shown(self.desk, file).ok()
    }

    /// Two texts put together; none for anything else. What can't be read now can't be merged: both are shown all the same.
    fn merged(&self, place: &str, question: &QuestionItem, distinct: &[&Live]) -> Option<MergedTextView> {
        let [one, other] = distinct else { return None };
        let (Some(Value::Text(first)), Some(Value::Text(second))) = (&one.value, &other.value) else { return None };
        if question.kind != QuestionKind::Text {
            return None;
        }
        let history = self.desk.store.history(self.state.entity()).ok()?;
        let ancestor = common_ancestor(&history, &place.parse().ok()?, one.dot, other.dot);
        let pieces = merge(ancestor.and_then(Value::as_text).unwrap_or_default(), first, second)?;
        let text = merged_text(&pieces);
        let piece = |whose, text, other| MergedPieceView { whose, text, other };
        let pieces = pieces.into_iter().map(|part| match part {
            Piece::Both(text) => piece(Whose::Both, text, None),
            Piece::First(text) => piece(Whose::First, text, None),
            Piece::Second(text) => piece(Whose::Second, text, None),
            Piece::Apart { first, second } => piece(Whose::Apart, first, Some(second)),
        });
        Some(MergedTextView { pieces: pieces.collect(), text })
    }

    fn repeat(&self, repeat: &RepeatItem) -> RepeatView {
        let mut given = BTreeMap::new();
        let instances = repeat.instances.iter().map(|instance| {
            let mut cards = Vec::new();
            self.collect(&instance.items, &mut cards);
            let code = text(self.state, &format!("n/{}", instance.instance));
            let title = code.unwrap_or_else(|| instance.number.to_string());
            // Two devices apart may give the same code: the second one is shown as P3', the third as P3''.
            let times = given.entry(title.clone()).and_modify(|times| *times += 1).or_insert(0_usize);
            InstanceView { instance: instance.instance, title: title + &"'".repeat(*times), cards }
        });
        RepeatView {
            name: repeat.shown.name.clone(),
            label: repeat.shown.label.clone(),
            hint: repeat.shown.hint.clone(),
            appearance: repeat.shown.appearance.clone(),
            asked: repeat.shown.relevant,
            instances: instances.collect(),
            template: repeat
                .template
                .iter()
                .filter_map(|item| match item {
                    Item::Question(question) if question.kind != QuestionKind::Calculate => {
                        Some(QuestionView { path: question.shown.name.clone(), ..self.question(question) })
                    }
                    _ => None,
                })
                .collect(),
        }
    }

    fn comments_on(&self, path: Option<&str>) -> Vec<CommentView> {
        let about = self.comments.iter().filter(|(about, _)| about.as_deref() == path);
        about.map(|(_, comment)| comment.clone()).collect()
    }
}

fn comments(state: &EntityState) -> Vec<(Option<String>, CommentView)> {
    let texts = state.paths("c/").filter_map(|path| path.as_str().strip_prefix("c/")?.strip_suffix("/text"));
    let mut comments: Vec<_> = texts
        .filter_map(|id| {
            let part = |part: &str| text(state, &format!("c/{id}/{part}"));
            let order = state.shown(format!("c/{id}/text")).map(|live| (live.lamport, live.dot))?;
            let comment: InstanceId = id.parse().ok()?;
            let person_name =
                word(state, &format!("c/{id}/by")).map(|person| writer_name(state, person)).unwrap_or_default();
            let view = CommentView { comment, person_name, text: part("text")?, answer: part("answer") };
            Some((order, part("path"), view))
        })
        .collect();
    comments.sort_by_key(|(order, ..)| *order);
    comments.into_iter().map(|(_, path, view)| (path, view)).collect()
}

fn reviews(state: &EntityState) -> Vec<ReviewView> {
    let judged = state.judgements().iter().map(|judged| {
        let act = match judged.act {
            Act::Submit => ReviewAct::SignedOff,
            Act::Return => ReviewAct::Returned,
            Act::Approve => ReviewAct::Approved,
        };
        (act, judged.actor, judged.said.wall_ms)
    });
    let erased = state.erasures().map(|erasure| (ReviewAct::Erased, erasure.actor, erasure.said.wall_ms));
    judged
        .chain(erased)
        .map(|(act, actor, wall_ms)| ReviewView { act, person_name: writer_name(state, actor), said_at: iso(wall_ms) })
        .collect()
}

fn missing(sitting: &Sitting, sections: &[SectionView], found: &Found, language: &str) -> Vec<MissingView> {
    let lacks = sitting.missing().into_iter().map(|lack| MissingView {
        label: sitting.label(&lack.path, language).unwrap_or_default(),
        path: lack.path.to_string(),
        section: lack.section,
        reason: match lack.reason {
            Lack::Problem(_) => MissingReason::Constraint,
            Lack::Required | Lack::Instances { .. } => MissingReason::Required,
        },
    });
    let conflicts = found.state.conflicts().into_iter().filter_map(|place| {
        let path = place.as_str().strip_prefix("a/")?;
        let answer_path = path.parse().ok()?;
        Some(MissingView {
            label: sitting.label(&answer_path, language).unwrap_or_else(|| path.to_owned()),
            section: section_of(sections, path)?,
            path: path.to_owned(),
            reason: MissingReason::Conflict,
        })
    });
    let mut missing: Vec<MissingView> = conflicts.chain(lacks).collect();
    for lack in &mut missing {
        let opens_theme = lack.reason == MissingReason::Required && lack.path.ends_with("_discussed");
        if opens_theme {
            lack.reason = MissingReason::OpenTheme;
            if let Some(section) = sections.iter().find(|section| section.name == lack.section) {
                lack.label.clone_from(&section.label);
            }
        }
    }
    missing
}

fn section_of(sections: &[SectionView], path: &str) -> Option<String> {
    fn holds(cards: &[CardView], path: &str) -> bool {
        cards.iter().any(|card| match card {
            CardView::Question(question) => question.path == path,
            CardView::Repeat(repeat) => repeat.instances.iter().any(|instance| holds(&instance.cards, path)),
            CardView::Note { .. } => false,
        })
    }
    sections.iter().find(|section| holds(&section.cards, path)).map(|section| section.name.clone())
}

/// Counts the questions of a section that ask for an answer.
#[derive(Default)]
struct Tally {
    answered: u32,
    questions: u32,
}

impl Tally {
    fn add(&mut self, cards: &[CardView]) {
        for card in cards {
            match card {
                CardView::Question(question) if !question.asked => {}
                CardView::Question(question) => {
                    self.questions += 1;
                    self.answered += u32::from(question.value != crate::api::AnswerValue::None);
                }
                CardView::Repeat(repeat) => repeat.instances.iter().for_each(|instance| self.add(&instance.cards)),
                CardView::Note { .. } => {}
            }
        }
    }
}
