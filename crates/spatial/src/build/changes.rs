//! What changed since the round before, in zones and clusters, and whether that is more than its errors (method 10).
//!
//! Rules are those of the first round, so a difference comes from data alone. Its error is made of `sd_mc` of both rounds,
//! how far positions depend on choices of the method; errors of the figures themselves are not known and not in it.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{Dimension, Names, ReadinessClass};
use kend_readiness::{Method, Thresholds, change_error, dimension_error, index_error, is_changed};
use serde::{Deserialize, Serialize};

use super::{
    country::{AreaRecord, ClusterRecord, ColumnStatus, IndicatorColumn},
    former::Former,
    ground::Ground,
    mean::Mean,
    number::place,
    robust::{PositionSd, Robustness},
    summary::RayonSummary,
};

/// What changed since the round before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// Correlation of the errors of the two rounds.
    pub correlation: f64,
    /// More than this many errors are a change.
    pub changed_z: f64,
    /// Dimensions of which a row has a newer year.
    pub updated: BTreeSet<Dimension>,
    /// The zones that are not left out, in their order.
    pub zones: Vec<ZoneChange>,
    /// The areas that the project chose, by their ids, in its order.
    pub areas: Vec<ZoneChange>,
    /// The clusters of now, class by class, and after each class's those that ended.
    pub clusters: Vec<ClusterChange>,
}

/// Two values and what their difference is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// In the round before, points.
    pub former: Option<f64>,
    /// Now, points.
    pub now: Option<f64>,
    /// Standard error of the difference, points; none where a round has no `sd_mc`.
    pub error: Option<f64>,
    /// What that says.
    pub state: ChangeState,
}

/// What a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It is more than its error allows.
    Changed,
    /// It is not.
    Stable,
    /// No row has a newer year: what is the same may have changed.
    NotUpdated,
    /// A value or the error is not known.
    Unknown,
    /// There was none before.
    New,
    /// There is none any more.
    Ended,
}

impl ChangeState {
    /// The word for it in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Stable => "stable",
            Self::NotUpdated => "not_updated",
            Self::Unknown => "unknown",
            Self::New => "new",
            Self::Ended => "ended",
        }
    }
}

/// A zone that is not left out, or an area that the project chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneChange {
    /// Its code, or the id of the area.
    pub code: String,
    /// Its class in the round before, and now.
    pub classes: (Option<ReadinessClass>, Option<ReadinessClass>),
    /// The index of its cells, weighted with people.
    pub index: Change,
    /// Its dimensions.
    pub dimensions: BTreeMap<Dimension, Change>,
}

/// A cluster of now, or one that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterChange {
    /// Its class.
    pub class: ReadinessClass,
    /// Its lasting id.
    pub id: u16,
    /// Its names.
    pub names: Names,
    /// The index of its cells, weighted with people. Cells that joined or left are part of the difference.
    pub index: Change,
    /// The index now of the cells that it had before.
    pub now_on_former_area: Option<f64>,
    /// Its dimensions.
    pub dimensions: BTreeMap<Dimension, Change>,
}

impl Change {
    /// Now less before, points.
    pub fn difference(&self) -> Option<f64> {
        Some(self.now? - self.former?)
    }
}

/// What a round says of a zone or cluster.
#[derive(Default)]
struct Known {
    index: Option<f64>,
    dimensions: BTreeMap<Dimension, f64>,
    sd: PositionSd,
}

impl Known {
    fn of_zone(rayon: &RayonSummary, robustness: &Robustness) -> Self {
        let sd = robustness.zones.get(rayon.code.as_str()).cloned().unwrap_or_default();
        Self { index: rayon.index, dimensions: rayon.dimensions.clone(), sd }
    }

    fn of_cluster(cluster: &ClusterRecord, robustness: &Robustness) -> Self {
        let sd = robustness.clusters.get(&cluster.class).and_then(|clusters| clusters.get(&cluster.id));
        let sd = sd.cloned().unwrap_or_default();
        Self { index: cluster.index, dimensions: cluster.dimensions.clone(), sd }
    }

    /// Errors of the dimensions that have one.
    fn errors(&self, thresholds: &BTreeMap<Dimension, Thresholds>, method: &Method) -> BTreeMap<Dimension, f64> {
        let error = |(dimension, value): (&Dimension, &f64)| {
            let (sd, thresholds) = (self.sd.get(dimension)?, thresholds.get(dimension)?);
            Some((*dimension, dimension_error(*value, *sd, thresholds, method)))
        };
        self.dimensions.iter().filter_map(error).collect()
    }

    /// The error of the index; none unless that of each of its dimensions is known.
    fn index_error(&self, errors: &BTreeMap<Dimension, f64>, method: &Method) -> Option<f64> {
        (errors.len() == self.dimensions.len()).then(|| index_error(errors, method)).flatten()
    }
}

/// What both rounds share.
struct Rounds<'a> {
    thresholds: &'a BTreeMap<Dimension, Thresholds>,
    updated: &'a BTreeSet<Dimension>,
    method: &'a Method,
}

impl Rounds<'_> {
    fn change(
        &self,
        (former, now): (Option<f64>, Option<f64>),
        errors: (Option<f64>, Option<f64>),
        is_updated: bool,
    ) -> Change {
        let rules = &self.method.rounds;
        let error = errors.0.zip(errors.1).map(|(one, other)| change_error(one, other, rules.correlation.value));
        let state = match (former.zip(now), error) {
            _ if !is_updated => ChangeState::NotUpdated,
            (Some((former, now)), Some(error)) if is_changed(now - former, error, rules.changed_z.value) => {
                ChangeState::Changed
            }
            (Some(_), Some(_)) => ChangeState::Stable,
            _ => ChangeState::Unknown,
        };
        Change { former, now, error, state }
    }

    /// The changes of the index and of each dimension that either round knows.
    fn changes(&self, former: &Known, now: &Known) -> (Change, BTreeMap<Dimension, Change>) {
        let errors = |round: &Known| round.errors(self.thresholds, self.method);
        let (before, after) = (errors(former), errors(now));
        let index = self.change(
            (former.index, now.index),
            (former.index_error(&before, self.method), now.index_error(&after, self.method)),
            !self.updated.is_empty(),
        );
        let known: BTreeSet<&Dimension> = former.dimensions.keys().chain(now.dimensions.keys()).collect();
        let of = |dimension: &Dimension| {
            let values = (former.dimensions.get(dimension).copied(), now.dimensions.get(dimension).copied());
            let errors = (before.get(dimension).copied(), after.get(dimension).copied());
            (*dimension, self.change(values, errors, self.updated.contains(dimension)))
        };
        (index, known.into_iter().map(of).collect())
    }
}

/// What a round is made of, for its comparison.
pub(super) struct Now<'a> {
    pub(super) columns: &'a [IndicatorColumn],
    pub(super) rayons: &'a [RayonSummary],
    pub(super) clusters: &'a BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    pub(super) areas: &'a [AreaRecord],
    pub(super) robustness: &'a Robustness,
    /// The index of each land cell.
    pub(super) index: &'a [f32],
    pub(super) population: &'a [f32],
    pub(super) ground: &'a Ground,
}

/// What changed since a former round.
pub(super) fn changes(former: &Former, now: &Now<'_>, method: &Method) -> Changes {
    let newer = |column: &&IndicatorColumn| {
        column.status == ColumnStatus::Used && column.year > former.years.get(&column.row).copied()
    };
    let updated = now.columns.iter().filter(newer).map(|column| column.dimension).collect();
    let rounds = Rounds { thresholds: &former.manifest.dimension_thresholds, updated: &updated, method };
    let of = |code: String, classes: (Option<ReadinessClass>, _), before: Option<Known>, own: &Known| {
        let is_new = before.is_none();
        let (index, dimensions) = rounds.changes(&before.unwrap_or_default(), own);
        let state = if is_new { ChangeState::New } else { index.state };
        let (index, dimensions) = told(state, index, dimensions);
        ZoneChange { code, classes, index, dimensions }
    };
    let zones = now.rayons.iter().map(|rayon| {
        let before = former.rayons.iter().find(|before| before.code == rayon.code);
        let classes = (before.and_then(|before| before.class), rayon.class);
        let known = before.map(|before| Known::of_zone(before, &former.robustness));
        of(rayon.code.to_string(), classes, known, &Known::of_zone(rayon, now.robustness))
    });
    let zones = zones.collect();
    let areas = now.areas.iter().map(|AreaRecord { id, cluster, .. }| {
        let before = former.areas.iter().find(|before| before.id == *id).map(|before| &before.cluster);
        let classes = (before.map(|before| before.class), Some(cluster.class));
        let known = before.map(|before| Known::of_cluster(before, &former.robustness));
        of(id.clone(), classes, known, &Known::of_cluster(cluster, now.robustness))
    });
    let areas = areas.collect();
    let mut clusters = Vec::new();
    for (class, own) in now.clusters {
        let all = former.clusters.get(class).map_or(&[][..], Vec::as_slice);
        clusters.extend(own.iter().map(|cluster| {
            let before = all.iter().find(|former| cluster.continues.is_some() && former.id == cluster.id);
            let known = before.map(|before| Known::of_cluster(before, &former.robustness)).unwrap_or_default();
            let of = rounds.changes(&known, &Known::of_cluster(cluster, now.robustness));
            let state = if before.is_none() { ChangeState::New } else { of.0.state };
            cluster_change(cluster, state, of, before.and_then(|before| on_area(before, former, now)))
        }));
        clusters.extend(former.ended(*class, own).map(|before| {
            let of = rounds.changes(&Known::of_cluster(before, &former.robustness), &Known::default());
            cluster_change(before, ChangeState::Ended, of, on_area(before, former, now))
        }));
    }
    let rules = &method.rounds;
    Changes { correlation: rules.correlation.value, changed_z: rules.changed_z.value, zones, areas, clusters, updated }
}

fn cluster_change(
    cluster: &ClusterRecord,
    state: ChangeState,
    (index, dimensions): (Change, BTreeMap<Dimension, Change>),
    now_on_former_area: Option<f64>,
) -> ClusterChange {
    let (index, dimensions) = told(state, index, dimensions);
    let (class, id, names) = (cluster.class, cluster.id, cluster.names.clone());
    ClusterChange { class, id, names, index, now_on_former_area, dimensions }
}

/// A whole that is new or ended is so in each of its dimensions.
fn told(
    state: ChangeState,
    index: Change,
    dimensions: BTreeMap<Dimension, Change>,
) -> (Change, BTreeMap<Dimension, Change>) {
    let is_whole = matches!(state, ChangeState::New | ChangeState::Ended);
    let own = |change: Change| if is_whole { Change { state, ..change } } else { change };
    (Change { state, ..index }, dimensions.into_iter().map(|(dimension, change)| (dimension, own(change))).collect())
}

/// The mean index now of the cells that a cluster had before, weighted with the people of now.
fn on_area(before: &ClusterRecord, former: &Former, now: &Now<'_>) -> Option<f64> {
    let places = before.cells.iter().filter_map(|at| former.land.get(place(*at)));
    let cells = places.filter_map(|index| now.ground.land.binary_search(index).ok());
    let value = |at: usize| now.index.get(at).copied().filter(|value| !value.is_nan());
    Mean::over(cells, now.population, value).by_people()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(value: f64, sd: Option<f64>) -> Known {
        let of = |value: f64| Dimension::ALL.iter().map(|dimension| (*dimension, value)).collect();
        Known { index: Some(value), dimensions: of(value), sd: sd.map(of).unwrap_or_default() }
    }

    fn compared(former: &Known, now: &Known, updated: &[Dimension]) -> (Change, BTreeMap<Dimension, Change>) {
        let even = Thresholds::new([20.0, 40.0, 60.0, 80.0]).unwrap();
        let thresholds = Dimension::ALL.iter().map(|dimension| (*dimension, even)).collect();
        let updated = updated.iter().copied().collect();
        Rounds { thresholds: &thresholds, updated: &updated, method: Method::standard() }.changes(former, now)
    }

    /// By hand: with even thresholds a point of position is a point, so `SE^2 = 2 (1 - 0.7) 5^2 = 15` for a dimension with
    /// sd 5, and 3 for the index of five; 1.645 times the roots is 6.3710 and 2.8492.
    #[test]
    fn a_difference_is_a_change_from_its_error_on() {
        let state = |difference: f64| {
            let (index, dimensions) =
                compared(&known(50.0, Some(5.0)), &known(50.0 + difference, Some(5.0)), Dimension::ALL);
            assert!((index.error.unwrap() - 3.0_f64.sqrt()).abs() < 1e-12);
            let of_dimension = dimensions.get(&Dimension::Governance).unwrap();
            assert!((of_dimension.error.unwrap() - 15.0_f64.sqrt()).abs() < 1e-12);
            (index.state, of_dimension.state)
        };
        assert_eq!(state(2.84), (ChangeState::Stable, ChangeState::Stable));
        assert_eq!(state(-2.86), (ChangeState::Changed, ChangeState::Stable));
        assert_eq!(state(6.38), (ChangeState::Changed, ChangeState::Changed));
    }

    #[test]
    fn what_has_no_newer_year_is_not_updated_and_not_stable() {
        let one = known(50.0, Some(5.0));
        let (index, dimensions) = compared(&one, &one, &[Dimension::HumanCapital]);
        assert_eq!(index.state, ChangeState::Stable);
        for (dimension, change) in dimensions {
            let updated = dimension == Dimension::HumanCapital;
            assert_eq!(change.state, if updated { ChangeState::Stable } else { ChangeState::NotUpdated });
        }
        assert_eq!(compared(&one, &one, &[]).0.state, ChangeState::NotUpdated);
    }

    #[test]
    fn without_an_error_or_a_value_nothing_is_said() {
        let (index, _) = compared(&known(50.0, None), &known(90.0, Some(5.0)), Dimension::ALL);
        assert_eq!((index.state, index.error, index.difference()), (ChangeState::Unknown, None, Some(40.0)));
        let (index, dimensions) = compared(&Known::default(), &known(50.0, Some(5.0)), Dimension::ALL);
        assert_eq!((index.state, dimensions.len()), (ChangeState::Unknown, Dimension::ALL.len()));
    }
}
