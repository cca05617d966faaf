//! Travel time to the nearest destination (method 2.3): friction of the ground, then the least cost from all destinations.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Geometry, LineString, MultiPolygon, unary_union};
use kend_cells::{Cell, LandCover, NO_LABEL, RoadClass, Surface, coverage, friction_surface, slope, travel_time};

use super::{Columns, cross::cells_of_line};
use crate::{
    build::{
        country::NativeUnit,
        error::BuildError,
        score::{RawColumn, RawValues},
        work::Key,
    },
    layers::{RASTERS, VECTORS, read_raster_mean, read_raster_shares},
    project::{RasterRole, VectorDeclaration, VectorRole},
};

/// Where nothing can be reached, and the longest way that is told apart (method 2.2), minutes.
pub(in crate::build) const CAP_MINUTES: f32 = 240.0;
/// A destination that lies on water or just beyond the coast, as ports do, is that of the nearest passable cell within this,
/// or within the side of a cell if that is more.
const NEAREST_WITHIN_M: f64 = 1000.0;
/// Areas of water and closed borders bar the cells that they cover at least this much of.
const BARRED_SHARE: f64 = 0.5;

impl Columns<'_> {
    /// Minutes to the nearest destination of each set.
    ///
    /// There is none without a layer of roads. Nobody leaves the country on the way: cells without a zone are barriers, so a part that is not linked by land is solved
    /// by itself with its own destinations (method 2.3).
    pub(super) fn travel(&mut self, row: u8) -> Result<Option<RawColumn>, BuildError> {
        let declared = self.vectors(row);
        if declared.is_empty() {
            return Ok(None);
        }
        // On foot alone it would be another measure, and everything but the valleys beyond the cap.
        if self.role(VectorRole::Roads).is_empty() {
            self.warnings.push(format!("row {row}: destinations are declared, but no layer of role roads: left out"));
            return Ok(None);
        }
        let mut sets: BTreeMap<&str, Vec<&VectorDeclaration>> = BTreeMap::new();
        for declared in &declared {
            sets.entry(declared.set.as_deref().unwrap_or_default()).or_default().push(declared);
        }
        let year = declared.iter().map(|declared| declared.year).min().unwrap_or_default();
        let files = declared.iter().map(|declared| declared.file.clone()).collect();
        let friction_key = self.friction_key();
        let mut found = Vec::new();
        for (set, declared) in sets {
            let mut key = friction_key.clone().with("travel_time").with([row]).with(set);
            for declared in &declared {
                let hash = self.inputs.layer(VECTORS, &declared.file);
                key = key.with(format!("{declared:?}")).with(hash).with(self.quintile_text(declared));
            }
            let name = if set.is_empty() { format!("row{row}") } else { format!("row{row}-set{}", found.len()) };
            let kept = self.kept(&name, &key, |warnings| {
                let friction = self.friction(warnings)?;
                let points = self.points(&declared, warnings)?;
                let mut destinations = BTreeSet::new();
                let mut lost = 0;
                for point in points {
                    match passable(&friction, point.x_m, point.y_m) {
                        Some(cell) => {
                            destinations.insert(cell);
                        }
                        None => lost += 1,
                    }
                }
                if lost > 0 {
                    warnings.push(format!(
                        "row {row}: {lost} destinations lie outside the country or too far from passable land"
                    ));
                }
                let destinations: Vec<Cell> = destinations.into_iter().collect();
                let times = travel_time(&friction, &destinations, Some(CAP_MINUTES))?;
                Ok(self.ground.gather(&times.minutes))
            })?;
            found.push(kept);
        }
        self.files.insert(friction_key.file("friction"));
        let mut minutes: Vec<Vec<f32>> = found.into_iter().map(|kept| self.taken(kept)).collect();
        for values in &mut minutes {
            self.forget_unmapped(row, values)?;
        }
        let values = match <[Vec<f32>; 1]>::try_from(minutes) {
            Ok([one]) => RawValues::Cells(one),
            Err(several) => RawValues::Sets(several),
        };
        Ok(Some(RawColumn { native: NativeUnit::Cell, values, year, files }))
    }

    /// What destinations that are chosen by zones depend on.
    fn quintile_text(&self, declared: &VectorDeclaration) -> String {
        let figure = declared.zones_in_top_quintile_of.as_deref();
        // Which zones count decides which are in the top quintile.
        figure.map_or_else(String::new, |figure| format!("{:?} {:?}", self.tables.figure(figure), self.ground.eligible))
    }

    pub(super) fn friction_key(&self) -> Key {
        let project = &self.folder.project;
        let mut key =
            self.ground_key.clone().with("friction").with(format!("{:?} {:?}", project.speeds, project.roads));
        for role in [VectorRole::Roads, VectorRole::Water, VectorRole::ClosedBorders] {
            for declared in self.role(role) {
                key = key.with(format!("{declared:?}")).with(self.inputs.layer(VECTORS, &declared.file));
            }
        }
        for role in [RasterRole::LandCover, RasterRole::Elevation] {
            key = key.with(self.raster_text(role));
        }
        key
    }

    /// Minutes for each metre of each cell: kept, as all rows of travel time need it.
    pub(super) fn friction(&self, warnings: &mut Vec<String>) -> Result<Surface<f32>, BuildError> {
        // Made by the row that needs it first. Each row tells what was to be seen of it: which is first depends on kills.
        let kept =
            self.kept("friction", &self.friction_key(), |told| Ok(self.ground.gather(&self.made_friction(told)?)))?;
        warnings.extend(kept.head);
        Ok(self.ground.scatter(&kept.values, f32::INFINITY))
    }

    fn made_friction(&self, warnings: &mut Vec<String>) -> Result<Surface<f32>, BuildError> {
        let grid = self.ground.grid;
        let project = &self.folder.project;
        let plane = project.plane();
        let mut land = match self.raster_role(RasterRole::LandCover) {
            None => {
                warnings.push("travel times: no land cover, so all land is walked over as bare ground".to_owned());
                Surface::filled(grid, LandCover::BareOrBuilt)
            }
            Some(declared) => {
                let shares = read_raster_shares(&self.folder.path, declared, &project.land_cover, grid, &plane)?;
                let unknown = self.ground.gather(&shares.cover).iter().filter(|cover| cover.is_none()).count();
                if unknown > 0 {
                    let file = &declared.file;
                    warnings.push(format!(
                        "{RASTERS}/{file}: nothing known of {unknown} land cells, walked over as low vegetation"
                    ));
                }
                shares.cover.map(|cover| cover.unwrap_or(LandCover::LowVegetation))
            }
        };
        let mut roads = self.road_classes(warnings)?;
        for cell in self.barred(VectorRole::Water, warnings)? {
            put(&mut land, cell, LandCover::Barrier);
        }
        // A road bridges water; nobody crosses a closed border by one.
        for cell in self.barred(VectorRole::ClosedBorders, warnings)? {
            put(&mut land, cell, LandCover::Barrier);
            put(&mut roads, cell, None);
        }
        for ((land, road), label) in
            land.values_mut().iter_mut().zip(roads.values_mut()).zip(self.ground.labels.values())
        {
            if *label == NO_LABEL {
                (*land, *road) = (LandCover::Barrier, None);
            }
        }
        let slopes = if let Some(declared) = self.raster_role(RasterRole::Elevation) {
            slope(&read_raster_mean(&self.folder.path, declared, grid, &plane)?)
        } else {
            warnings.push("travel times: no elevation, so all ground counts as level".to_owned());
            Surface::filled(grid, 0.0)
        };
        Ok(friction_surface(&roads, &land, &slopes, &project.speeds)?)
    }

    /// The quickest road of each cell that one crosses.
    fn road_classes(&self, warnings: &mut Vec<String>) -> Result<Surface<Option<RoadClass>>, BuildError> {
        let mut roads = Surface::filled(self.ground.grid, None);
        for declared in self.role(VectorRole::Roads) {
            for feature in self.features(declared, warnings)?.features {
                let class = feature.attributes.get(declared.road_class());
                let class = class.and_then(|class| self.folder.project.roads.class(class));
                let (Some(class), Geometry::MultiLineString(lines)) = (class, feature.geometry) else { continue };
                for line in &lines {
                    cells_of_line(&self.ground.grid, line, |cell| {
                        let own = self.ground.grid.index(cell).and_then(|index| roads.values_mut().get_mut(index));
                        if let Some(own) = own {
                            // Classes are in the order of their rank, the quickest first.
                            *own = Some(own.map_or(class, |other: RoadClass| other.min(class)));
                        }
                    });
                }
            }
        }
        Ok(roads)
    }

    /// The cells that a role bars: those that its lines cross and those that its areas cover half of.
    fn barred(&self, role: VectorRole, warnings: &mut Vec<String>) -> Result<BTreeSet<Cell>, BuildError> {
        let grid = self.ground.grid;
        let mut cells = BTreeSet::new();
        let mut areas: Vec<MultiPolygon> = Vec::new();
        for declared in self.role(role) {
            for feature in self.features(declared, warnings)?.features {
                match feature.geometry {
                    Geometry::MultiLineString(lines) => {
                        let mut add = |line: &LineString| {
                            cells_of_line(&grid, line, |cell| {
                                cells.insert(cell);
                            });
                        };
                        lines.iter().for_each(&mut add);
                    }
                    Geometry::MultiPolygon(area) => areas.push(area),
                    _ => {}
                }
            }
        }
        if !areas.is_empty() {
            let shares = coverage(&grid, &unary_union(&areas))
                .map_err(|source| BuildError::Barrier { role: role.word(), source })?;
            let barred = shares.values().iter().enumerate().filter(|(_, share)| **share >= BARRED_SHARE);
            cells.extend(barred.filter_map(|(index, _)| grid.cell(index)));
        }
        Ok(cells)
    }
}

/// The passable cell nearest to a point, within a kilometre: of equals the first row by row.
fn passable(friction: &Surface<f32>, x_m: f64, y_m: f64) -> Option<Cell> {
    let grid = friction.grid();
    let open = |cell: &Cell| friction.get(*cell).is_some_and(|minutes| minutes.is_finite());
    if let Some(cell) = grid.cell_at(x_m, y_m).filter(|cell| open(cell)) {
        return Some(cell);
    }
    let mut best: Option<(f64, Cell)> = None;
    let within_m = NEAREST_WITHIN_M.max(grid.cell_m());
    let reach = within_m / grid.cell_m();
    let (column, row) = ((x_m - grid.west_m()) / grid.cell_m(), (grid.north_m() - y_m) / grid.cell_m());
    let near =
        |middle: f64, limit: u32| (0..limit).filter(move |place| (f64::from(*place) + 0.5 - middle).abs() <= reach);
    for row in near(row, grid.rows()) {
        for column in near(column, grid.columns()) {
            let cell = Cell { row, column };
            let (x, y) = grid.centre(cell);
            let distance = (x - x_m) * (x - x_m) + (y - y_m) * (y - y_m);
            let nearer = best.is_none_or(|(least, _)| distance < least);
            if nearer && distance <= within_m * within_m && open(&cell) {
                best = Some((distance, cell));
            }
        }
    }
    best.map(|(_, cell)| cell)
}

fn put<T>(surface: &mut Surface<T>, cell: Cell, value: T) {
    let index = surface.grid().index(cell);
    if let Some(own) = index.and_then(|index| surface.values_mut().get_mut(index)) {
        *own = value;
    }
}
