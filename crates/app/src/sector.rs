//! Agriculture and tourism in a cluster (report 5.7): where each is concentrated, how far apart, and what that says.

use std::sync::Arc;

use kend_cells::Cell;
use kend_pack::{ClusterMap, SectorZone, crop, tourism};

use crate::api::{
    ApiError, CropView, ErrorCode, ReadSector, SectorFinding, SectorView, SectorZoneView, SectorZoneWord, Side,
    ZoneTravelView,
};
use crate::calculator::Subject;
use crate::desk::Desk;
use crate::map::{Extent, in_plane, runs, villages_of};
use crate::village::Village;

/// A zone whose middle is nearer to the cluster's than this share of half its width lies in the middle.
const MIDDLE: f64 = 0.2;
/// The sine of 22.5 degrees: between a side and a corner of the wind rose.
const BETWEEN: f64 = 0.382_683_432_365_089_8;

const OF_CROPS: [(SectorZoneWord, u8); 3] = [
    (SectorZoneWord::Production, crop::PRODUCTION),
    (SectorZoneWord::Processing, crop::PROCESSING),
    (SectorZoneWord::Commercialisation, crop::COMMERCIALISATION),
];
const OF_TOURISM: [(SectorZoneWord, u8); 4] = [
    (SectorZoneWord::TourismSupply, tourism::SUPPLY),
    (SectorZoneWord::TourismDemand, tourism::DEMAND),
    (SectorZoneWord::TourismOptimised, tourism::OPTIMISED),
    (SectorZoneWord::Agritourism, tourism::AGRITOURISM),
];

/// The sector view.
pub(crate) fn read(desk: &mut Desk<'_>, request: &ReadSector) -> Result<SectorView, ApiError> {
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?.with_cells()?;
    let none = || ApiError::with(ErrorCode::NoCells, "the pack has no sectors of this cluster");
    let sectors = subject.area.sectors.as_ref().ok_or_else(none)?;
    if let Some(unknown) = request.crops.iter().find(|asked| !sectors.crops.iter().any(|crop| crop.crop == **asked)) {
        return Err(ApiError::with(ErrorCode::NotFound, unknown));
    }
    let asked = |crop: &str| request.crops.is_empty() || request.crops.iter().any(|asked| asked == crop);
    let map = &*subject.map;
    let whole = Whole::of(map, villages_of(desk, subject.cluster)?);
    let mut zones = Vec::new();
    let mut grown = vec![false; map.cells().cells()];
    for (word, flags) in map.layout().crops.iter().filter(|(word, _)| asked(word)) {
        for (zone, flag) in OF_CROPS {
            zones.push(whole.zone_view(zone, Some(word), flags, flag));
        }
        grown.iter_mut().zip(flags).for_each(|(grown, flags)| *grown |= flags & crop::PRODUCTION != 0);
    }
    let flags = &map.layout().tourism;
    if !flags.is_empty() {
        zones.extend(OF_TOURISM.map(|(zone, flag)| whole.zone_view(zone, None, flags, flag)));
    }
    let optimised = |flags: &u8| flags & tourism::OPTIMISED != 0;
    let finding = if !flags.iter().any(optimised) {
        SectorFinding::NoTourism
    } else if !grown.contains(&true) {
        SectorFinding::NoCrops
    } else if flags.iter().zip(&grown).any(|(flags, grown)| optimised(flags) && *grown) {
        SectorFinding::Overlap
    } else {
        SectorFinding::Apart
    };
    let travel = sectors.travel.iter().filter(|way| way.crop.as_deref().is_none_or(asked));
    let grid = map.grid();
    Ok(SectorView {
        cluster: request.cluster.clone(),
        synthetic: library.pack.content().synthetic,
        crops: sectors
            .crops
            .iter()
            .map(|crop| CropView { crop: crop.crop.clone(), name: crop.names.get(desk.language).to_owned() })
            .collect(),
        zones,
        travel: travel
            .map(|way| ZoneTravelView {
                crop: way.crop.clone(),
                from: word(way.from),
                to: word(way.to),
                minutes: way.minutes,
            })
            .collect(),
        finding,
        west_m: grid.west_m(),
        north_m: grid.north_m(),
        cell_m: grid.cell_m(),
        columns: grid.columns(),
        rows: grid.rows(),
    })
}

const fn word(zone: SectorZone) -> SectorZoneWord {
    match zone {
        SectorZone::Production => SectorZoneWord::Production,
        SectorZone::Processing => SectorZoneWord::Processing,
        SectorZone::Commercialisation => SectorZoneWord::Commercialisation,
        SectorZone::TourismSupply => SectorZoneWord::TourismSupply,
        SectorZone::TourismDemand => SectorZoneWord::TourismDemand,
        SectorZone::TourismOptimised => SectorZoneWord::TourismOptimised,
        SectorZone::Agritourism => SectorZoneWord::Agritourism,
    }
}

/// A cluster that zones are told of.
struct Whole<'a> {
    map: &'a ClusterMap,
    villages: Vec<Village>,
    /// The centre of each cell.
    centres: Vec<(f64, f64)>,
    middle: Option<(f64, f64)>,
    /// Half the longer side of the box around the centres.
    half_width: f64,
}

impl<'a> Whole<'a> {
    fn of(map: &'a ClusterMap, villages: Vec<Village>) -> Self {
        const HALF: f64 = 0.5;
        let centres: Vec<(f64, f64)> = map.places().map(|cell: Cell| map.grid().centre(cell)).collect();
        let around = centres.iter().fold(Extent::NONE, |extent, point| extent.with(*point));
        Self { map, villages, middle: mean(&centres), half_width: around.longer_side() * HALF, centres }
    }

    fn zone_view(&self, zone: SectorZoneWord, crop: Option<&String>, flags: &[u8], flag: u8) -> SectorZoneView {
        let columns = self.map.cells().columns();
        let inside = |cell: usize| flags.get(cell).is_some_and(|flags| flags & flag != 0);
        let own = self.centres.iter().enumerate().filter(|(cell, _)| inside(*cell));
        let own: Vec<(f64, f64)> = own.map(|(_, point)| *point).collect();
        let people = columns.population.iter().enumerate().filter(|(cell, _)| inside(*cell));
        let middle = mean(&own);
        SectorZoneView {
            zone,
            crop: crop.cloned(),
            area_km2: f64::from(crate::api::count(own.len())) * columns.cell_km2,
            people: people.map(|(_, people)| f64::from(*people)).sum(),
            side: middle.zip(self.middle).map(|(own, whole)| side(own, whole, self.half_width)),
            near: middle.and_then(|middle| nearest(&self.villages, middle)),
            cells: runs(self.map, |cell| u32::from(inside(cell))),
        }
    }
}

fn mean(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let number = f64::from(crate::api::count(points.len()));
    let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    (number > 0.0).then(|| (sum.0 / number, sum.1 / number))
}

/// Where a point lies seen from another: eight sides of 45 degrees each, or the middle.
fn side(point: (f64, f64), from: (f64, f64), half_width: f64) -> Side {
    let (east, north) = (point.0 - from.0, point.1 - from.1);
    let far = (east * east + north * north).sqrt();
    if far <= MIDDLE * half_width {
        return Side::Middle;
    }
    let part = |along: f64| {
        if along > BETWEEN * far {
            1
        } else if along < -BETWEEN * far {
            -1
        } else {
            0
        }
    };
    match (part(east), part(north)) {
        (0, 1) => Side::North,
        (1, 1) => Side::NorthEast,
        (1, 0) => Side::East,
        (1, -1) => Side::SouthEast,
        (0, -1) => Side::South,
        (-1, -1) => Side::SouthWest,
        (-1, 0) => Side::West,
        (-1, 1) => Side::NorthWest,
        _ => Side::Middle,
    }
}

fn nearest(villages: &[Village], middle: (f64, f64)) -> Option<String> {
    let far = |village: &Village| {
        let (x_m, y_m) = in_plane(village.position);
        (x_m - middle.0).powi(2) + (y_m - middle.1).powi(2)
    };
    villages.iter().min_by(|one, other| far(one).total_cmp(&far(other))).map(|village| village.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_those_of_the_wind_rose() {
        let cases = [
            ((0.0, 10.0), Side::North),
            ((10.0, 10.0), Side::NorthEast),
            ((10.0, 3.0), Side::East),
            ((4.2, 10.0), Side::NorthEast),
            ((-10.0, -1.0), Side::West),
            ((0.5, -0.5), Side::Middle),
        ];
        for (point, expected) in cases {
            assert_eq!(side(point, (0.0, 0.0), 10.0), expected, "{point:?}");
        }
    }
}
