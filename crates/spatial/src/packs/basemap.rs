//! Roads, water and names for the maps of the clusters that a pack carries: simplified, and no farther than a screen shows.

use geo::{BoundingRect as _, Coord, Geometry, Intersects as _, LineString, Rect, Simplify as _};
use kend_cells::RoadClass as OfMap;
use kend_pack::{Basemap, PackContent, PlaneLine, Road, RoadClass, Window};

use super::{
    content::Source,
    error::MakePackError,
    places::Settlement,
    shapes::{exterior, points},
};
use crate::project::VectorRole;

/// Corners nearer to a line than this are left out, metres: less than a finger on any map of a cluster.
const TOLERANCE_M: f64 = 30.0;
/// Shown around a cluster, a share of its longer side: a little more than a screen shows.
const MARGIN: f64 = 0.1;

/// The basemap of the clusters in a pack's content.
pub(super) fn basemap(
    source: &Source<'_>,
    content: &PackContent,
    places: &[Settlement],
    remarks: &mut Vec<String>,
) -> Result<Basemap, MakePackError> {
    let areas = content.clusters.iter().filter_map(|cluster| cluster.area.as_ref());
    let shown: Vec<Rect> = areas.map(|area| around(source, area.window)).collect();
    let is_shown = |rect: Option<Rect>| rect.is_some_and(|rect| shown.iter().any(|other| other.intersects(&rect)));
    let mut made = Basemap::default();
    for declared in source.role(VectorRole::Roads) {
        for feature in source.features(declared, remarks)? {
            let class = feature.attributes.get(declared.road_class());
            // What nobody drives on has no class.
            let Some(class) = class.and_then(|value| source.folder.project.roads.class(value)) else { continue };
            let Geometry::MultiLineString(lines) = feature.geometry else { continue };
            let lines = lines.into_iter().filter(|line| is_shown(line.bounding_rect()));
            made.roads.extend(lines.map(|line| Road { class: of(class), line: simple(&line) }));
        }
    }
    for declared in source.role(VectorRole::Water) {
        for feature in source.features(declared, remarks)? {
            // A river that is but a line has no banks to fill.
            let Geometry::MultiPolygon(areas) = feature.geometry else { continue };
            let areas = areas.iter().filter(|area| is_shown(area.bounding_rect()));
            let rings = areas.filter_map(|area| exterior(area, TOLERANCE_M));
            made.water.extend(rings.map(|ring| PlaneLine::through(points(&ring))));
        }
    }
    let near = places.iter().filter(|place| is_shown(Some(Rect::new(place.at, place.at))));
    made.settlements = near.map(named).collect();
    made.settlements.sort_by_key(|settlement| std::cmp::Reverse(settlement.population));
    Ok(made)
}

/// What a screen shows of a cluster, in the plane.
fn around(source: &Source<'_>, window: Window) -> Rect {
    let grid = &source.country.grid;
    let metres = |cells: u32| f64::from(cells) * grid.cell_m();
    let (west, north) = (grid.west_m() + metres(window.column), grid.north_m() - metres(window.row));
    let margin = MARGIN * metres(window.rows.max(window.columns));
    let (east, south) = (west + metres(window.columns), north - metres(window.rows));
    Rect::new(Coord { x: west - margin, y: south - margin }, Coord { x: east + margin, y: north + margin })
}

const fn of(class: OfMap) -> RoadClass {
    match class {
        OfMap::MotorwayOrTrunk => RoadClass::Motorway,
        OfMap::Primary => RoadClass::Primary,
        OfMap::Secondary => RoadClass::Secondary,
        OfMap::Tertiary | OfMap::Residential | OfMap::Track => RoadClass::Other,
    }
}

fn simple(line: &LineString) -> PlaneLine {
    PlaneLine::through(points(&line.simplify(TOLERANCE_M)))
}

#[expect(clippy::cast_possible_truncation, reason = "settlements lie within 500 km of the centre of the plane")]
fn named(place: &Settlement) -> kend_pack::Settlement {
    kend_pack::Settlement {
        names: place.place.names.clone(),
        x_m: place.at.0.round() as i32,
        y_m: place.at.1.round() as i32,
        population: place.place.population,
    }
}
