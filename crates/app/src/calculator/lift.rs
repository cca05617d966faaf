//! What would lift a cluster one class.

use std::sync::Arc;

use kend_domain::ReadinessClass;
use kend_readiness::{
    Indicator, Method,
    cells::{LiftError, LiftOption, LiftPlan, Raise},
    indicators,
};

use super::{Subject, WithCells, caution_words};
use crate::api::{ApiError, CautionWord, ErrorCode, LiftPlanView, LiftView, OfCluster, RaiseView};
use crate::desk::Desk;

/// A point of any indicator costs the same until costs are known (method 8).
const COST_OF_A_POINT: f64 = 1.0;

/// The cheapest plans.
pub(crate) fn calculate(desk: &mut Desk<'_>, request: &OfCluster) -> Result<LiftView, ApiError> {
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?.with_cells()?;
    let summary = subject.map.cells().summary();
    let nobody = || ApiError::with(ErrorCode::NoCells, "nobody lives in a cell with an index");
    let (index, class) = summary.index.zip(summary.class).ok_or_else(nobody)?;
    let mut view = LiftView {
        cluster: request.cluster.clone(),
        synthetic: library.pack.content().synthetic,
        index,
        class,
        next: None,
        threshold: None,
        cheapest: None,
        sets: Vec::new(),
    };
    let Some(next) = next_class(class) else { return Ok(view) };
    // An indicator whose peers are not known is not asked for more than it has.
    let options: Vec<LiftOption<'_>> = indicators()
        .iter()
        .filter_map(|indicator| {
            let peers = subject.calculator.peers.iter();
            let peers_p80 = peers.clone().find(|peers| peers.class == next && peers.row == indicator.row)?.p80;
            subject.map.cells().mean_score(indicator.row)?;
            Some(LiftOption { indicator, cost: COST_OF_A_POINT, peers_p80 })
        })
        .collect();
    match subject.map.cells().lift(&options) {
        Ok(lift) => {
            view.next = Some(lift.next);
            view.threshold = Some(lift.threshold);
            view.cheapest = Some(plan_view(desk, &subject, &lift.cheapest));
            view.sets = lift.sets.iter().map(|plan| plan_view(desk, &subject, plan)).collect();
            Ok(view)
        }
        Err(LiftError::HighestClass) => Ok(view),
        Err(error) => Err(ApiError::with(ErrorCode::Internal, error)),
    }
}

/// The class above.
pub(super) fn next_class(class: ReadinessClass) -> Option<ReadinessClass> {
    ReadinessClass::ALL.iter().copied().find(|next| *next > class)
}

fn plan_view(desk: &Desk<'_>, subject: &WithCells<'_>, plan: &LiftPlan) -> LiftPlanView {
    let raises = plan.raises.iter().filter_map(|raise| {
        let indicator = kend_readiness::indicator(raise.row)?;
        Some(raise_view(desk, subject, indicator, raise))
    });
    LiftPlanView {
        raises: raises.collect(),
        cost: plan.cost,
        enough: plan.enough,
        index: plan.index,
        index_of_cells: plan.index_of_cells,
        area_share: plan.area_share,
        people_share: plan.people_share,
    }
}

fn raise_view(desk: &Desk<'_>, subject: &WithCells<'_>, indicator: &Indicator, raise: &Raise) -> RaiseView {
    let method = Method::standard();
    let score = subject.map.cells().mean_score(raise.row).unwrap_or_default();
    let value = |score: f64| subject.rule(raise.row).map(|rule| rule.value_of(score, method));
    RaiseView {
        row: u32::from(raise.row),
        name: indicator.name.get(desk.language).to_owned(),
        dimension: indicator.dimension,
        points: raise.points,
        score,
        value: value(score),
        value_then: value(score + raise.points),
        unit: subject.unit(desk, indicator),
        // Every cell rises by the same points, whatever the indicator.
        cautions: caution_words(indicator).into_iter().filter(|word| *word != CautionWord::SpreadEvenly).collect(),
    }
}
