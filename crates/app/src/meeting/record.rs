//! What a meeting's state in the log says.

use kend_domain::{Dimension, ReadinessClass, Theme};
use kend_log::{Act, EntityState, Judged, Op, Value};
use kend_pack::PackContent;

use super::card::{Card, Priority};
use crate::api::{ApiError, ErrorCode, MeetingState, ReadinessView};
use crate::desk::{Found, path, text, word};
use crate::readiness::GAPS_WITH_HELP;

/// Where the order of the priorities stands.
pub(crate) const ORDER: &str = "r/order";

/// A meeting without its hands.
pub(crate) struct Record<'a> {
    pub(crate) log: &'a EntityState,
    pub(crate) cluster: Option<String>,
    pub(crate) state: MeetingState,
    pub(crate) class: Option<ReadinessClass>,
    pub(crate) gaps: Vec<Dimension>,
}

impl<'a> Record<'a> {
    pub(crate) fn of(found: &'a Found) -> Self {
        let log = found.state.as_ref();
        let gaps = text(log, "m/gaps").unwrap_or_default();
        Self {
            log,
            cluster: text(log, "m/cluster"),
            state: state_of(log),
            class: word(log, "m/class"),
            gaps: gaps.split(' ').filter_map(|word| word.parse().ok()).collect(),
        }
    }

    /// The cards in the order in which they are shown.
    pub(crate) fn cards(&self) -> Vec<Card> {
        let dimensions = Dimension::ALL.iter().map(|dimension| Card::Dimension(*dimension));
        let themes = Theme::ALL.iter().map(|theme| Card::Theme(*theme));
        let gaps = self.gaps.iter().take(GAPS_WITH_HELP).map(|dimension| Card::Gap(*dimension));
        [Card::Class].into_iter().chain(dimensions).chain(themes).chain(gaps).collect()
    }

    /// What was offered to be put in an order: the gaps, what fits them, and the themes.
    pub(crate) fn offered(&self) -> Vec<Priority> {
        let interventions = text(self.log, "m/offered").unwrap_or_default();
        let interventions = interventions.split(' ').filter(|id| !id.is_empty());
        let gaps = self.gaps.iter().map(|dimension| Priority::Dimension(*dimension));
        let themes = Theme::ALL.iter().map(|theme| Priority::Theme(*theme));
        gaps.chain(interventions.map(|id| Priority::Intervention(id.to_owned()))).chain(themes).collect()
    }

    /// How it was closed last.
    pub(crate) fn closed(&self) -> Option<&'a Judged> {
        closed(self.log)
    }

    pub(crate) fn people(&self, place: &str) -> Option<u32> {
        self.log.value(place).and_then(people)
    }

    pub(crate) fn synthetic(&self) -> bool {
        self.log.value("m/synthetic") == Some(&Value::Flag(true))
    }
}

/// The priorities of an order as it stands in the log.
pub(crate) fn order(text: &str) -> Vec<Priority> {
    text.split(' ').filter_map(Priority::read).collect()
}

/// A count of people.
pub(crate) fn people(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(people) => u32::try_from(*people).ok(),
        _ => None,
    }
}

fn closed(log: &EntityState) -> Option<&Judged> {
    log.judgements().iter().rev().find(|judged| judged.act == Act::Submit)
}

fn state_of(log: &EntityState) -> MeetingState {
    match closed(log) {
        _ if log.erased() => MeetingState::Erased,
        None => MeetingState::Open,
        Some(judged) if log.changed_since(judged) => MeetingState::Corrected,
        Some(_) => MeetingState::Closed,
    }
}

/// What a meeting looks at, as its first entry says it.
pub(crate) fn beginning(pack: &PackContent, readiness: &ReadinessView) -> Result<Vec<Op>, ApiError> {
    let year = Value::number(pack.round_year).map_err(|error| ApiError::with(ErrorCode::PackDamaged, error))?;
    let set = |place: &str, value| Op::Set { path: path(place), value };
    let gaps: Vec<&str> = readiness.gaps.iter().map(|dimension| dimension.word()).collect();
    let offered: Vec<&str> = readiness.interventions.iter().map(|fitting| fitting.intervention.as_str()).collect();
    let mut ops = vec![
        set("m/cluster", Value::text(readiness.cluster.cluster.clone())),
        set("m/pack", Value::text(format!("{} {}", pack.project.name, pack.version))),
        set("m/round", year),
        set("m/fingerprint", Value::text(readiness.fingerprint.clone())),
        set("m/gaps", Value::text(gaps.join(" "))),
        set("m/offered", Value::text(offered.join(" "))),
    ];
    // The class that counts: that of the data alone as long as too little was heard.
    let merged = readiness.merged.as_ref().filter(|merged| !merged.provisional).map(|merged| merged.class);
    if let Some(class) = merged.or(readiness.data.as_ref().map(|data| data.class)) {
        ops.push(set("m/class", Value::text(class.word())));
    }
    if readiness.synthetic {
        ops.push(set("m/synthetic", Value::Flag(true)));
    }
    Ok(ops)
}
