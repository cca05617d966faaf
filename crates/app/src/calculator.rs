//! The calculator on the cells of a cluster: what can be tried, what if, what would lift it, its peers and gaps.
//!
//! All numbers are those of the pack and of `kend_readiness`; here they are joined to names and rights. Cells are opened
//! when the first question about a cluster is asked, and kept while questions are about the same one.

pub(crate) mod lift;
mod new_places;
pub(crate) mod peers;
pub(crate) mod what_if;

use std::sync::Arc;

use kend_domain::AreaCode;
use kend_pack::{Calculator, Cluster, ClusterArea, ClusterMap, IndicatorStatus, IndicatorValue, ZoneValue};
use kend_readiness::{
    Indicator, IndicatorKind, Method, Repair,
    cells::{Caution, ScoreRule, cautions},
    indicators,
};
use kend_sync::rights::Reading;

use crate::api::{ApiError, CautionWord, ErrorCode, LeverView, LeversView, OfCluster, ZoneValueView};
use crate::desk::Desk;
use crate::library::Library;
use crate::village::rayon_name;

/// A cluster that is being asked about.
pub(crate) struct Subject<'a> {
    pub(crate) library: &'a Library,
    pub(crate) cluster: &'a Cluster,
}

/// The cluster with cells.
pub(crate) struct WithCells<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) area: &'a ClusterArea,
    pub(crate) calculator: &'a Calculator,
    pub(crate) library: &'a Library,
    pub(crate) map: Arc<ClusterMap>,
}

impl<'a> Subject<'a> {
    /// A cluster that touches the person's areas; any other is not found.
    pub(crate) fn find(desk: &Desk<'_>, library: &'a Library, id: &str) -> Result<Self, ApiError> {
        let cluster = library.pack.cluster(id).filter(|cluster| touches(desk, cluster));
        Ok(Self { library, cluster: cluster.ok_or(ApiError::new(ErrorCode::NotFound))? })
    }

    /// What belongs to a cluster that is an area of cells.
    pub(crate) fn area(&self) -> Result<(&'a ClusterArea, &'a Calculator), ApiError> {
        let area = self.cluster.area.as_ref().zip(self.library.pack.content().calculator.as_ref());
        area.ok_or_else(|| ApiError::with(ErrorCode::NoCells, &self.cluster.id))
    }

    /// The same with its cells.
    pub(crate) fn with_cells(&self) -> Result<WithCells<'a>, ApiError> {
        let (area, calculator) = self.area()?;
        let map = self.library.cells(&self.cluster.id)?;
        let map = map.ok_or_else(|| ApiError::with(ErrorCode::NoCells, &self.cluster.id))?;
        Ok(WithCells { cluster: self.cluster, area, calculator, library: self.library, map })
    }
}

/// Whether a cluster touches the person's areas.
pub(crate) fn touches(desk: &Desk<'_>, cluster: &Cluster) -> bool {
    cluster.rayons.iter().any(|rayon| desk.may_read(rayon, Reading::Results))
}

impl WithCells<'_> {
    pub(crate) fn rule(&self, row: u8) -> Option<ScoreRule> {
        self.calculator.rules.iter().find(|rule| rule.row == row).map(|rule| rule.rule)
    }

    /// What the pack says of a row of the cluster.
    fn known(&self, row: u8) -> Option<&IndicatorValue> {
        self.cluster.indicators.iter().find(|value| value.row == row)
    }

    /// The unit in which the pack has the values of an indicator; that of the catalogue where it says none.
    pub(crate) fn unit(&self, desk: &Desk<'_>, indicator: &Indicator) -> String {
        let names = self.known(indicator.row).map_or(&indicator.unit_name, |known| &known.unit);
        names.get(desk.language).to_owned()
    }

    /// The values of a row in the cluster's rayons, as far as cells lie in them.
    pub(crate) fn zone_values(&self, row: u8) -> impl Iterator<Item = (u16, &ZoneValue)> {
        let of_row = self.calculator.zones.iter().filter(move |value| value.row == row);
        of_row.filter_map(|value| Some((self.zone(&value.rayon)?, value)))
    }

    /// The label of a rayon among the zones of the cells; `None` where no cell lies in it.
    fn zone(&self, rayon: &AreaCode) -> Option<u16> {
        // All cells lie in rayons of the cluster; the country's others need no look at each cell.
        if !self.cluster.rayons.contains(rayon) {
            return None;
        }
        let place = self.library.pack.content().rayons.iter().position(|known| known.code == *rayon)?;
        let label = u16::try_from(place).ok()?;
        self.map.cells().columns().zones.contains(&label).then_some(label)
    }
}

/// An indicator by the row of a request.
pub(crate) fn indicator(row: u32) -> Result<&'static Indicator, ApiError> {
    let found = u8::try_from(row).ok().and_then(kend_readiness::indicator);
    found.ok_or_else(|| ApiError::with(ErrorCode::BadRequest, format_args!("there is no row {row}")))
}

/// Whether an indicator has one value in a rayon.
pub(crate) const fn by_rayon(indicator: &Indicator) -> bool {
    use IndicatorKind::{CountRayon, DensityArea, LengthRayon, StatRayon, StatRegion};
    matches!(indicator.kind, StatRayon | StatRegion | CountRayon | DensityArea | LengthRayon)
}

/// What must be said beside an indicator that is changed.
pub(crate) fn caution_words(indicator: &Indicator) -> Vec<CautionWord> {
    let known = cautions(indicator).into_iter().map(|caution| match caution {
        Caution::Contested => CautionWord::Contested,
        Caution::Weak => CautionWord::Weak,
        Caution::NotActionable => CautionWord::NotActionable,
    });
    let wide = if by_rayon(indicator) { CautionWord::RayonWide } else { CautionWord::SpreadEvenly };
    let inferred = (indicator.repair == Repair::Inferred).then_some(CautionWord::Reconstructed);
    known.chain([wide]).chain(inferred).collect()
}

/// What can be tried in a cluster.
pub(crate) fn levers(desk: &mut Desk<'_>, request: &OfCluster) -> Result<LeversView, ApiError> {
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?.with_cells()?;
    let levers = indicators().iter().map(|indicator| lever(desk, &subject, indicator)).collect();
    Ok(LeversView { cluster: request.cluster.clone(), synthetic: library.pack.content().synthetic, levers })
}

fn lever(desk: &Desk<'_>, subject: &WithCells<'_>, indicator: &Indicator) -> LeverView {
    let method = Method::standard();
    let row = indicator.row;
    let rule = subject.rule(row);
    let by_rayon = by_rayon(indicator);
    let changeable = subject.map.cells().mean_score(row).is_some();
    let takes = new_places::takes(subject, row).ok().filter(|_| changeable);
    let mut cautions = caution_words(indicator);
    // Something new on the map says where it changes what.
    cautions.retain(|word| takes.is_none() || *word != CautionWord::SpreadEvenly);
    let end = |score: f64| rule.filter(|_| changeable).map(|rule| rule.value_of(score, method));
    let known = subject.known(row);
    let zones = subject.zone_values(row).map(|(_, value)| zone_value_view(desk, value));
    LeverView {
        row: u32::from(row),
        name: indicator.name.get(desk.language).to_owned(),
        dimension: indicator.dimension,
        unit: subject.unit(desk, indicator),
        weight: indicator.weights.of(subject.calculator.weights),
        value: known.and_then(|known| known.value),
        score: known.and_then(|known| known.score),
        worst: end(0.0),
        best: end(method.scale.maximum.value),
        by_rayon,
        takes,
        zones: if by_rayon { zones.collect() } else { Vec::new() },
        cautions,
    }
}

/// A rayon's value as screens show it.
pub(crate) fn zone_value_view(desk: &Desk<'_>, value: &ZoneValue) -> ZoneValueView {
    ZoneValueView {
        zone: value.rayon.clone(),
        name: rayon_name(desk, &value.rayon),
        value: value.value,
        imputed: value.status == IndicatorStatus::Imputed,
        year: value.year.map(u32::from),
        source: value.source.clone(),
    }
}
