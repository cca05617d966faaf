//! The map of a cluster, and which cluster a position lies in.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_cells::EqualArea;
use kend_domain::{EntityId, Position, ReadinessClass};
use kend_log::EntityKind;
use kend_pack::{Cluster, ClusterMap, NO_SHARE, PlaneLine, Polygon, RoadClass};
use kend_readiness::cells::NO_CLASS;
use kend_sync::rights::Reading;

use crate::api::{
    ApiError, LocateCluster, LocatedView, MapCellsView, MapPlaceView, MapRayonView, MapRoadView, MapSettlementView,
    MapView, OfCluster, RoadWord, count,
};
use crate::calculator::{Subject, touches};
use crate::desk::Desk;
use crate::readiness::Voices;
use crate::village::{self, Village};

/// Shown around a cluster: a share of its width.
const MARGIN: f64 = 0.08;
/// A class that fewer draws than this confirm is hatched, percent (method 3).
const SURE_PERCENT: u8 = 70;
/// Stands in runs for a cell without a class.
const CLASSLESS: u32 = 6;

/// West, south, east and north, metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent([f64; 4]);

impl Extent {
    /// Around nothing yet.
    pub(crate) const NONE: Self = Self([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY]);

    pub(crate) fn with(self, (x_m, y_m): (f64, f64)) -> Self {
        let Self([west, south, east, north]) = self;
        Self([west.min(x_m), south.min(y_m), east.max(x_m), north.max(y_m)])
    }

    pub(crate) fn longer_side(self) -> f64 {
        let Self([west, south, east, north]) = self;
        (east - west).max(north - south)
    }

    fn wider(self) -> Self {
        let Self([west, south, east, north]) = self;
        let margin = self.longer_side() * MARGIN;
        Self([west - margin, south - margin, east + margin, north + margin])
    }

    fn meets(self, other: Self) -> bool {
        let (Self([west, south, east, north]), Self([other_west, other_south, other_east, other_north])) =
            (self, other);
        west <= other_east && other_west <= east && south <= other_north && other_south <= north
    }
}

/// A position in the plane, metres.
pub(crate) fn in_plane(position: Position) -> (f64, f64) {
    EqualArea::default().to_plane(position.longitude(), position.latitude())
}

/// The rings of an outline in the plane.
fn rings(outline: &[Polygon]) -> Vec<Vec<(f64, f64)>> {
    let plane = EqualArea::default();
    let ring = |ring: &Vec<[f64; 2]>| ring.iter().map(|[east, north]| plane.to_plane(*east, *north)).collect();
    outline.iter().flatten().map(ring).collect()
}

fn lines(rings: Vec<Vec<(f64, f64)>>) -> Vec<Vec<i32>> {
    rings.into_iter().map(|ring| PlaneLine::through(ring).0).collect()
}

fn around<'a>(rings: impl IntoIterator<Item = &'a Vec<(f64, f64)>>) -> Extent {
    rings.into_iter().flatten().fold(Extent::NONE, |extent, point| extent.with(*point))
}

/// The map of a cluster.
pub(crate) fn read(desk: &mut Desk<'_>, request: &OfCluster) -> Result<MapView, ApiError> {
    let library = Arc::clone(desk.library);
    let Subject { cluster, .. } = Subject::find(desk, &library, &request.cluster)?;
    let content = library.pack.content();
    let map = library.cells(&cluster.id)?;
    let outline = cluster.area.as_ref().map(|area| rings(&area.outline)).unwrap_or_default();
    let shapes: Vec<_> = content.rayons.iter().map(|rayon| (rayon, rings(&rayon.outline))).collect();
    let own = shapes.iter().filter(|(rayon, _)| cluster.rayons.contains(&rayon.code)).flat_map(|(_, rings)| rings);
    let extent = if outline.is_empty() { around(own) } else { around(&outline) }.wider();
    let rayons = shapes.into_iter().filter(|(_, rings)| around(rings).meets(extent)).map(|(rayon, rings)| {
        let (x_m, y_m) = in_plane(rayon.centre);
        let name = rayon.names.get(desk.language).to_owned();
        MapRayonView { rayon: rayon.code.clone(), name, outline: lines(rings), x_m, y_m }
    });
    let basemap = library.basemap()?;
    let roads = basemap.roads.iter().filter(|road| line_meets(&road.line, extent));
    let settlements = basemap.settlements.iter().map(|settlement| MapSettlementView {
        name: settlement.names.get(desk.language).to_owned(),
        x_m: f64::from(settlement.x_m),
        y_m: f64::from(settlement.y_m),
        population: settlement.population,
    });
    let near = |settlement: &MapSettlementView| Extent::NONE.with((settlement.x_m, settlement.y_m)).meets(extent);
    let mut roads: Vec<MapRoadView> =
        roads.map(|road| MapRoadView { class: road_word(road.class), line: road.line.0.clone() }).collect();
    roads.sort_by_key(|road| road.class as u8);
    let Extent(extent_m) = extent;
    Ok(MapView {
        cluster: cluster.id.clone(),
        name: cluster.names.get(desk.language).to_owned(),
        synthetic: content.synthetic,
        extent_m: extent_m.to_vec(),
        outline: lines(outline),
        cells: map.as_deref().map(cells_view),
        places: places(desk, cluster, map.as_deref())?,
        rayons: rayons.collect(),
        roads,
        water: basemap.water.iter().filter(|ring| line_meets(ring, extent)).map(|ring| ring.0.clone()).collect(),
        settlements: settlements.filter(near).collect(),
    })
}

const fn road_word(class: RoadClass) -> RoadWord {
    match class {
        RoadClass::Motorway => RoadWord::Motorway,
        RoadClass::Primary => RoadWord::Primary,
        RoadClass::Secondary => RoadWord::Secondary,
        RoadClass::Other => RoadWord::Other,
    }
}

/// Whether the box around a line meets an extent.
fn line_meets(line: &PlaneLine, extent: Extent) -> bool {
    let mut here = (0.0, 0.0);
    let steps = line.0.as_chunks::<2>().0.iter();
    let all = steps.fold(Extent::NONE, |all, [dx, dy]| {
        here = (here.0 + f64::from(*dx), here.1 + f64::from(*dy));
        all.with(here)
    });
    all.meets(extent)
}

fn cells_view(map: &ClusterMap) -> MapCellsView {
    let grid = map.grid();
    let doubtful = |cell: usize| match map.layout().class_frequency.get(cell) {
        Some(&NO_SHARE) | None => 0,
        Some(share) => 1 + u32::from(*share < SURE_PERCENT),
    };
    let summary = map.cells().summary();
    MapCellsView {
        west_m: grid.west_m(),
        north_m: grid.north_m(),
        cell_m: grid.cell_m(),
        columns: grid.columns(),
        rows: grid.rows(),
        classes: class_runs(map, &map.cells().office().class),
        doubtful: runs(map, doubtful),
        area_km2: summary.area_km2.to_vec(),
        people: summary.population.to_vec(),
    }
}

/// Classes of a cluster's cells as [`MapCellsView`] has them.
pub(crate) fn class_runs(map: &ClusterMap, classes: &[u8]) -> Vec<u32> {
    runs(map, |cell| match classes.get(cell) {
        Some(&NO_CLASS) | None => CLASSLESS,
        Some(class) => u32::from(*class) + 1,
    })
}

/// Values of all places of the window as pairs of a value and how often it follows itself; 0 where no cell is.
pub(crate) fn runs(map: &ClusterMap, value: impl Fn(usize) -> u32) -> Vec<u32> {
    let mut runs: Vec<u32> = Vec::new();
    let mut put = |value: u32, places: u32| match runs.last_chunk_mut::<2>() {
        _ if places == 0 => {}
        Some([last, length]) if *last == value => *length += places,
        _ => runs.extend([value, places]),
    };
    let (mut cell, mut place) = (0, 0);
    for run in &map.layout().runs {
        put(0, run.skipped);
        for _ in 0..run.cells {
            put(value(cell), 1);
            cell += 1;
        }
        place += run.skipped + run.cells;
    }
    put(0, count(map.grid().cells()).saturating_sub(place));
    runs
}

/// The class of the cell at a position.
pub(crate) fn class_at(map: &ClusterMap, position: Position) -> Option<ReadinessClass> {
    let (x_m, y_m) = in_plane(position);
    let class = map.cells().office().class.get(map.cell_at(x_m, y_m)?)?;
    ReadinessClass::ALL.get(usize::from(*class)).copied()
}

/// The villages of a cluster that the person may see.
pub(crate) fn villages_of(desk: &Desk<'_>, cluster: &Cluster) -> Result<Vec<Village>, ApiError> {
    let mut all = village::all(desk)?;
    all.retain(|village| {
        let own = desk.library.pack.cluster_of(village.id, &village.rayon, village.position);
        own.is_some_and(|own| own.id == cluster.id)
    });
    Ok(all)
}

fn places(desk: &Desk<'_>, cluster: &Cluster, map: Option<&ClusterMap>) -> Result<Vec<MapPlaceView>, ApiError> {
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let voices = Voices::of(desk, cluster, &found)?;
    let mut held: BTreeMap<EntityId, u32> = BTreeMap::new();
    for village in voices.interviews.iter().filter_map(|(_, facts)| facts.village) {
        *held.entry(village).or_default() += 1;
    }
    let views = villages_of(desk, cluster)?.into_iter().map(|village| {
        let (x_m, y_m) = in_plane(village.position);
        MapPlaceView {
            village: village.id,
            interviews: held.get(&village.id).copied().unwrap_or_default(),
            class: map.and_then(|map| class_at(map, village.position)),
            name: village.name,
            x_m,
            y_m,
            population: village.population,
        }
    });
    Ok(views.collect())
}

/// Which cluster a position lies in: by its cells where the pack has them, else by its outline, or by its rayon.
pub(crate) fn locate(desk: &mut Desk<'_>, request: &LocateCluster) -> Result<LocatedView, ApiError> {
    let library = Arc::clone(desk.library);
    let content = library.pack.content();
    let rayon = library.pack.rayon_at(request.position).map(|rayon| rayon.code.clone());
    let here = in_plane(request.position);
    let mut view = LocatedView { cluster: None, name: None, by_cell: false, class: None, rayon };
    let named = |view: LocatedView, cluster: &Cluster| LocatedView {
        cluster: Some(cluster.id.clone()),
        name: Some(cluster.names.get(desk.language).to_owned()),
        ..view
    };
    for cluster in content.clusters.iter().filter(|cluster| touches(desk, cluster)) {
        let Some((area, calculator)) = cluster.area.as_ref().zip(content.calculator.as_ref()) else {
            continue;
        };
        // Only the cells of a cluster whose window is around the position are opened.
        if !library.pack.has_cells(&cluster.id) || !calculator.grid.is_within(area.window, here) {
            continue;
        }
        if let Some(map) = library.cells(&cluster.id)?
            && map.cell_at(here.0, here.1).is_some()
        {
            view.by_cell = true;
            view.class = class_at(&map, request.position);
            return Ok(named(view, cluster));
        }
    }
    // An area whose cells gave way for the size of the pack is known by its outline alone.
    let around = library.pack.area_around(request.position);
    let around = around.filter(|cluster| touches(desk, cluster) && !library.pack.has_cells(&cluster.id));
    let listed = content.clusters.iter().filter(|cluster| cluster.area.is_none() && touches(desk, cluster));
    let of_rayon = view.rayon.clone();
    let found = around.or_else(|| {
        listed.into_iter().find(|cluster| of_rayon.as_ref().is_some_and(|rayon| cluster.rayons.contains(rayon)))
    });
    Ok(found.map_or(view.clone(), |cluster| named(view, cluster)))
}
