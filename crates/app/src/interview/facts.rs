//! What an interview's state says without its instrument: enough for lists, counts and rights, and cheap.

use kend_domain::{EntityId, InterviewKind, InterviewState, Level, PersonId, Theme};
use kend_log::{Act, EntityState, Judged, Value};

use crate::api::Check;
use crate::desk::{Found, text, word};

/// A focus group has this many participants (section 5.8 of the report; product brief).
const GROUP: std::ops::RangeInclusive<usize> = 6..=12;

/// Shorter than this nobody has talked through nine themes.
const SHORTEST_MS: u64 = 15 * 60 * 1000;

/// So many equal levels in a row are more likely a habit of the hand than of the village.
const STRAIGHT_LINE: usize = 5;

/// What an interview's state says without its instrument.
pub(crate) struct Facts<'a> {
    state_of_log: &'a EntityState,
    pub(crate) kind: Option<InterviewKind>,
    pub(crate) village: Option<EntityId>,
    pub(crate) state: InterviewState,
    /// Who started it.
    pub(crate) person: Option<PersonId>,
    /// Invented, to show or to practise.
    pub(crate) example: bool,
    /// When their device said it started, milliseconds since 1970.
    pub(crate) started_ms: i64,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(found: &'a Found) -> Self {
        let log = found.state.as_ref();
        Self {
            state_of_log: log,
            kind: word(log, "m/kind"),
            village: word(log, "m/village"),
            state: state_of(log),
            person: log.first().map(|first| first.actor),
            example: log.value("m/example") == Some(&Value::Flag(true)),
            started_ms: log.first().map_or(0, |first| first.said.wall_ms),
        }
    }

    /// Signed off at least once, with consent, not erased: it counts for its cluster.
    pub(crate) fn counts(&self) -> bool {
        self.state != InterviewState::Erased && self.submitted().is_some() && self.consents()
    }

    pub(crate) fn consents(&self) -> bool {
        self.answer("consent_take_part").as_deref() == Some("yes")
    }

    /// The text of an answer outside repeats.
    pub(crate) fn answer(&self, question: &str) -> Option<String> {
        text(self.state_of_log, &format!("a/{question}"))
    }

    /// The chosen names of an answer outside repeats.
    pub(crate) fn chosen(&self, question: &str) -> impl Iterator<Item = &'a str> {
        let names = match self.state_of_log.value(format!("a/{question}")) {
            Some(Value::Names(names)) => Some(names),
            _ => None,
        };
        names.into_iter().flatten().map(String::as_str)
    }

    /// The instances of a repeat with an answer of each.
    pub(crate) fn in_repeat(&self, repeat: &str, question: &str) -> Vec<(String, Option<String>)> {
        let instances = self.state_of_log.elements(format!("i/{repeat}"));
        let answer = |instance: &str| text(self.state_of_log, &format!("a/{repeat}/{instance}/{question}"));
        instances.iter().map(|(instance, _)| (instance.to_string(), answer(instance.as_str()))).collect()
    }

    /// The level given to a theme.
    pub(crate) fn level(&self, question: &str) -> Option<Level> {
        Level::try_from(self.answer(question)?.parse::<u8>().ok()?).ok()
    }

    /// Whether a theme was talked about, with consent.
    pub(crate) fn discussed(&self, theme: Theme) -> bool {
        self.answer(&format!("{theme}_discussed")).as_deref() == Some("yes")
    }

    /// Whether a theme has its level, or was not discussed.
    pub(crate) fn closed(&self, theme: Theme) -> bool {
        match self.answer(&format!("{theme}_discussed")).as_deref() {
            Some("no") => true,
            Some("yes") => self.level(&format!("{theme}_level")).is_some(),
            _ => false,
        }
    }

    pub(crate) fn participants(&self) -> usize {
        match self.kind {
            Some(InterviewKind::Kii) => usize::from(self.answer("informant_role").is_some()),
            _ => self.state_of_log.elements("i/participant").len(),
        }
    }

    /// Comments that wait for an answer.
    pub(crate) fn open_comments(&self) -> usize {
        let comments = self.state_of_log.paths("c/").filter(|path| path.as_str().ends_with("/text"));
        comments
            .filter(|path| {
                let answer = path.as_str().replace("/text", "/answer");
                self.state_of_log.value(answer.as_str()).is_none()
            })
            .count()
    }

    pub(crate) fn changed_since_approval(&self) -> bool {
        let last = self.state_of_log.standing().last().copied();
        last.is_some_and(|judged| judged.act == Act::Approve && self.state_of_log.changed_since(judged))
    }

    /// What the checks find; nothing in a draft.
    pub(crate) fn checks(&self) -> Vec<Check> {
        if matches!(self.state, InterviewState::Draft | InterviewState::Erased) {
            return Vec::new();
        }
        let mut checks = Vec::new();
        if !self.consents() {
            checks.push(Check::NoConsent);
        }
        if self.kind == Some(InterviewKind::Fgd) && self.consents() && !GROUP.contains(&self.participants()) {
            checks.push(Check::GroupSize);
        }
        let levels: Vec<Level> = Theme::ALL.iter().filter_map(|theme| self.level(&format!("{theme}_level"))).collect();
        if levels.len() >= STRAIGHT_LINE && levels.iter().all(|level| levels.first() == Some(level)) {
            checks.push(Check::StraightLined);
        }
        if self.took_ms().is_some_and(|took_ms| took_ms < SHORTEST_MS) {
            checks.push(Check::TooShort);
        }
        checks
    }

    /// Time from the first entry to sign-off by one steady clock; unknown when the device was started anew in between.
    fn took_ms(&self) -> Option<u64> {
        let (first, submitted) = (self.state_of_log.first()?, self.submitted()?);
        let same_clock = first.said.boot == submitted.said.boot && first.dot.device == submitted.dot.device;
        if same_clock { submitted.said.monotonic_ms.checked_sub(first.said.monotonic_ms) } else { None }
    }

    fn submitted(&self) -> Option<&'a Judged> {
        self.state_of_log.judgements().iter().rfind(|judged| judged.act == Act::Submit)
    }
}

/// The state: that of the last judgement that stands. A signed-off interview that was changed is a draft again, so that a
/// supervisor only judges what was signed off.
fn state_of(log: &EntityState) -> InterviewState {
    if log.erased() {
        return InterviewState::Erased;
    }
    match log.standing().last() {
        None => InterviewState::Draft,
        Some(judged) => match judged.act {
            Act::Submit if log.changed_since(judged) => InterviewState::Draft,
            Act::Submit => InterviewState::Complete,
            Act::Return => InterviewState::Returned,
            Act::Approve => InterviewState::Approved,
        },
    }
}
