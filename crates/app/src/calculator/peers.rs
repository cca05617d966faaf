//! A cluster among its peers, and where it and its class lag.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::{Dimension, ReadinessClass};
use kend_pack::Peers;
use kend_readiness::{Method, indicators, interventions_for, significant_gaps};

use super::{Subject, lift::next_class};
use crate::api::{ApiError, ClassGapsView, GapView, GapsView, OfCluster, PeerView, PeersView, PercentilesView};
use crate::desk::Desk;
use crate::readiness::intervention_view;

/// Each indicator against percentiles of its class and the next.
pub(crate) fn read(desk: &mut Desk<'_>, request: &OfCluster) -> Result<PeersView, ApiError> {
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?;
    let (area, calculator) = subject.area()?;
    let next = next_class(area.class);
    let peers: BTreeMap<(ReadinessClass, u8), &Peers> =
        calculator.peers.iter().map(|peers| ((peers.class, peers.row), peers)).collect();
    let of = |class: ReadinessClass, row: u8| peers.get(&(class, row)).map(|peers| percentiles(peers));
    let rows = indicators().iter().filter_map(|indicator| {
        let own = of(area.class, indicator.row);
        let above = next.and_then(|next| of(next, indicator.row));
        let known = subject.cluster.indicators.iter().find(|value| value.row == indicator.row);
        (own.is_some() || above.is_some()).then(|| PeerView {
            row: u32::from(indicator.row),
            name: indicator.name.get(desk.language).to_owned(),
            dimension: indicator.dimension,
            score: known.and_then(|known| known.score),
            own,
            next: above,
        })
    });
    Ok(PeersView {
        cluster: request.cluster.clone(),
        synthetic: library.pack.content().synthetic,
        class: area.class,
        next,
        indicators: rows.collect(),
    })
}

const fn percentiles(peers: &Peers) -> PercentilesView {
    let Peers { p10, p25, p50, p75, p90, .. } = *peers;
    PercentilesView { p10, p25, p50, p75, p90 }
}

/// Where the cluster and all classes lag.
pub(crate) fn gaps(desk: &mut Desk<'_>, request: &OfCluster) -> Result<GapsView, ApiError> {
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?;
    let (area, calculator) = subject.area()?;
    let own = gap_views(&area.gaps);
    let significant = significant_gaps(&known(&area.gaps), Method::standard());
    let fitting = significant.into_iter().flat_map(|dimension| interventions_for(dimension, area.class));
    let classes = calculator.gaps.iter();
    let mut classes: Vec<ClassGapsView> =
        classes.map(|of| ClassGapsView { class: of.class, gaps: gap_views(&of.gaps) }).collect();
    classes.sort_by_key(|of| of.class);
    Ok(GapsView {
        cluster: request.cluster.clone(),
        synthetic: library.pack.content().synthetic,
        class: area.class,
        own,
        classes,
        interventions: fitting.map(|fitting| intervention_view(desk, fitting)).collect(),
    })
}

fn known(gaps: &[Option<f64>]) -> BTreeMap<Dimension, f64> {
    let named = Dimension::ALL.iter().zip(gaps);
    named.filter_map(|(dimension, gap)| Some((*dimension, (*gap)?))).collect()
}

fn gap_views(gaps: &[Option<f64>]) -> Vec<GapView> {
    let significant = significant_gaps(&known(gaps), Method::standard());
    let named = Dimension::ALL.iter().zip(gaps);
    named
        .map(|(dimension, percent)| GapView {
            dimension: *dimension,
            percent: *percent,
            significant: significant.contains(dimension),
        })
        .collect()
}
