//! What layers hold: each declaration of a layer read, and what that is for the rows of Annex I.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use geo::{BoundingRect as _, Centroid as _, Geometry, MultiPolygon, Rect};
use kend_cells::{Cell, EqualArea, Grid, Surface, zone_labels};
use kend_domain::AreaCode;
use kend_readiness::{Indicator, IndicatorKind};

use super::{
    read::chain,
    report::{Found, IndicatorReport, LayerReport, Problem, Status},
};
use crate::{
    layers::{
        Features, LayerFault, LayerWarning, REACH_M, Raster, VECTORS, read_outlines, read_vectors, unknown_category,
    },
    names::NameTable,
    project::{GridSettings, Project, ROW_OF_CROPLAND, RasterDeclaration, RasterRole, VectorDeclaration, VectorRole},
};

/// Side of the cells by which features are told to be in zones, metres: this is a count to be looked at, no result.
const COUNT_CELL_M: f64 = 500.0;
/// The most cells of a raster that are read for its range; a larger one is looked at by its place alone.
const MAX_LOOKED_AT: u64 = 100_000_000;

/// All layers of a project, read.
pub(super) struct Layers {
    pub(super) reports: Vec<LayerReport>,
    pub(super) problems: Vec<Problem>,
    /// Rows and roles that something is declared for, and whether all of it can be read.
    rows: BTreeMap<u8, Vec<usize>>,
    vector_roles: BTreeMap<VectorRole, bool>,
    raster_roles: BTreeMap<RasterRole, Vec<usize>>,
}

/// Zones as labels of cells.
struct Zones {
    codes: Vec<AreaCode>,
    labels: Surface<u16>,
}

impl Zones {
    fn of(outlines: &BTreeMap<AreaCode, MultiPolygon>) -> Option<Self> {
        let extents = outlines.values().filter_map(MultiPolygon::bounding_rect);
        let (low, high) = extents.map(|extent| (extent.min(), extent.max())).reduce(|(low, high), (min, max)| {
            ((low.x.min(min.x), low.y.min(min.y)).into(), (high.x.max(max.x), high.y.max(max.y)).into())
        })?;
        let grid = Grid::covering(low.x, low.y, high.x, high.y, COUNT_CELL_M).ok()?;
        let polygons: Vec<MultiPolygon> = outlines.values().cloned().collect();
        let labels = zone_labels(&grid, &polygons, 0.0).ok()?;
        Some(Self { codes: outlines.keys().cloned().collect(), labels })
    }

    fn grid(&self) -> Grid {
        *self.labels.grid()
    }

    /// The zone that the middle of a feature lies in.
    fn zone_of(&self, geometry: &Geometry) -> Option<&AreaCode> {
        let middle = geometry.centroid()?;
        let cell: Cell = self.labels.grid().cell_at(middle.x(), middle.y())?;
        let label = usize::from(*self.labels.get(cell)?);
        self.codes.get(label.checked_sub(1)?)
    }
}

impl Layers {
    pub(super) fn read(folder: &Path, project: &Project, names: &NameTable) -> Self {
        let plane = project.plane();
        let mut layers = Self {
            reports: Vec::new(),
            problems: Vec::new(),
            rows: BTreeMap::new(),
            vector_roles: BTreeMap::new(),
            raster_roles: BTreeMap::new(),
        };
        let zones = layers.zones(folder, project, names, &plane);
        for declared in &project.vectors {
            layers.vectors(folder, declared, zones.as_ref(), &plane);
        }
        // Without outlines a raster has to meet the square in which features are taken to be of the country.
        let around = Grid::covering(-REACH_M, -REACH_M, REACH_M, REACH_M, GridSettings::MAX_CELL_M).ok();
        if let Some(grid) = zones.as_ref().map(Zones::grid).or(around) {
            for declared in &project.rasters {
                layers.raster(folder, declared, project, grid);
            }
        }
        layers
    }

    fn fault(&mut self, of: &str, error: &crate::LayerError) {
        let message = chain(&error.fault);
        self.problems.push(Problem { place: format!("{} ({of})", error.place), message });
    }

    fn zones(&mut self, folder: &Path, project: &Project, names: &NameTable, plane: &EqualArea) -> Option<Zones> {
        let declared = project.zones.as_ref()?;
        let mut report = LayerReport::new(format!("{VECTORS}/{}", declared.file), "zones".to_owned());
        let zones = match read_outlines(folder, declared, names, plane) {
            Ok(outlines) => {
                report.usable = true;
                report.layer = outlines.layer;
                report.crs = outlines.crs;
                "areas".clone_into(&mut report.kind);
                (report.read, report.used) = (outlines.zones.len(), outlines.zones.len());
                report.warnings = words(&outlines.warnings);
                Zones::of(&outlines.zones)
            }
            Err(error) => {
                self.fault("zones", &error);
                None
            }
        };
        self.reports.push(report);
        zones
    }

    fn vectors(&mut self, folder: &Path, declared: &VectorDeclaration, zones: Option<&Zones>, plane: &EqualArea) {
        let mut report = LayerReport::new(format!("{VECTORS}/{}", declared.file), declared.of());
        report.set.clone_from(&declared.set);
        report.year = Some(declared.year);
        match read_vectors(folder, declared, plane) {
            Ok(found) => describe(&mut report, &found, zones, plane),
            Err(error) => self.fault(&declared.of(), &error),
        }
        if let Some(row) = declared.indicator {
            self.rows.entry(row).or_default().push(self.reports.len());
        }
        if let Some(role) = declared.role {
            *self.vector_roles.entry(role).or_insert(true) &= report.usable;
        }
        self.reports.push(report);
    }

    fn raster(&mut self, folder: &Path, declared: &RasterDeclaration, project: &Project, grid: Grid) {
        let mut report = LayerReport::new(format!("{}/{}", crate::layers::RASTERS, declared.file), declared.of());
        report.year = Some(declared.year);
        "raster".clone_into(&mut report.kind);
        report.layer = format!("band {}", declared.band);
        let looked = Raster::open(folder, declared, &project.plane()).and_then(|raster| {
            report.crs.clone_from(&raster.reference.name);
            let here = |fault: LayerFault| fault.at(raster.place.clone());
            let mut unknown = BTreeSet::new();
            let legend = (declared.role == Some(RasterRole::LandCover)).then_some(&project.land_cover);
            let show = |value| unknown.extend(legend.and_then(|legend| unknown_category(value, legend)));
            let range = raster.range(&grid, declared.factor, MAX_LOOKED_AT, show).map_err(here)?;
            if !unknown.is_empty() {
                let unknown: Vec<String> = unknown.iter().map(u16::to_string).collect();
                report.warnings.push(format!("categories that [land_cover] doesn't have: {}", unknown.join(", ")));
            }
            Ok(range)
        });
        match looked {
            Ok(range) => {
                report.usable = true;
                report.range = Some(range);
            }
            Err(error) => self.fault(&declared.of(), &error),
        }
        if let Some(row) = declared.indicator {
            self.rows.entry(row).or_default().push(self.reports.len());
        }
        if let Some(role) = declared.role {
            self.raster_roles.entry(role).or_default().push(self.reports.len());
        }
        self.reports.push(report);
    }

    /// What layers are for a row: nothing if none is declared for it, or if a table is, which a build takes in their place.
    pub(super) fn complete(&self, row: &mut IndicatorReport, indicator: &Indicator, zones: usize) {
        const WORKING_AGE: u8 = 40;
        if row.status != Status::Undeclared {
            return;
        }
        let of_role = |role| self.raster_roles.get(&role).cloned().unwrap_or_default();
        let own = match indicator.row {
            ROW_OF_CROPLAND => of_role(RasterRole::LandCover),
            WORKING_AGE => {
                let (people, all) = (of_role(RasterRole::Population15To65), of_role(RasterRole::Population));
                if people.is_empty() || all.is_empty() { Vec::new() } else { [people, all].concat() }
            }
            number => self.rows.get(&number).cloned().unwrap_or_default(),
        };
        let own: Vec<&LayerReport> = own.iter().filter_map(|place| self.reports.get(*place)).collect();
        let Some(first) = own.first() else { return };
        row.status = if own.iter().all(|layer| layer.usable) { Status::Ready } else { Status::Wrong };
        if row.status == Status::Wrong || indicator.kind == IndicatorKind::TravelTime && !self.has_ways(row) {
            return;
        }
        row.found = Some(Found {
            file: first.file.rsplit('/').next().unwrap_or_default().to_owned(),
            sheet: first.layer.clone(),
            header: first.kind.clone(),
            year: first.year.unwrap_or_default(),
            unit: indicator.unit.clone(),
            per: None,
            zones_observed: zones,
            coverage: 1.0,
        });
        row.zones_missing = Vec::new();
    }

    /// Whether there are roads, without which there is no travel time; what the ground lacks makes it another one.
    fn has_ways(&self, row: &mut IndicatorReport) -> bool {
        let roads = self.vector_roles.get(&VectorRole::Roads).copied();
        let ground =
            [RasterRole::LandCover, RasterRole::Elevation].map(|role| (role.word(), self.raster_roles.get(&role)));
        let usable =
            |places: &Vec<usize>| places.iter().all(|place| self.reports.get(*place).is_some_and(|found| found.usable));
        let mut lacking: Vec<&str> =
            ground.iter().filter(|(_, places)| !places.is_some_and(usable)).map(|(word, _)| *word).collect();
        let has_roads = roads == Some(true);
        if !has_roads {
            lacking.insert(0, VectorRole::Roads.word());
        }
        if !lacking.is_empty() {
            row.status = if has_roads { Status::Differs } else { Status::Undeclared };
            row.remarks.push(format!("needs layers of role {}", lacking.join(", ")));
        }
        has_roads
    }
}

/// What was read of a layer of features.
fn describe(report: &mut LayerReport, found: &Features, zones: Option<&Zones>, plane: &EqualArea) {
    report.usable = true;
    report.layer.clone_from(&found.layer);
    report.crs.clone_from(&found.crs);
    let kinds: BTreeSet<&str> = found.features.iter().map(|feature| kind(&feature.geometry)).collect();
    report.kind = kinds.into_iter().collect::<Vec<_>>().join(", ");
    (report.read, report.used) = (found.read, found.features.len());
    report.extent_degrees = found.extent.map(|extent| degrees(&extent, plane));
    report.warnings = words(&found.warnings);
    report.by_zone = zones.map(|zones| {
        let mut counts = BTreeMap::new();
        for code in found.features.iter().filter_map(|feature| zones.zone_of(&feature.geometry)) {
            *counts.entry(code.clone()).or_default() += 1;
        }
        counts
    });
}

const fn kind(geometry: &Geometry) -> &'static str {
    match geometry {
        Geometry::MultiLineString(_) => "lines",
        Geometry::MultiPolygon(_) => "areas",
        _ => "points",
    }
}

/// West, south, east and north of the corners of a rectangle in the plane.
fn degrees(extent: &Rect, plane: &EqualArea) -> [f64; 4] {
    let corners = [
        (extent.min().x, extent.min().y),
        (extent.min().x, extent.max().y),
        (extent.max().x, extent.min().y),
        (extent.max().x, extent.max().y),
    ];
    corners.iter().map(|(x, y)| plane.to_degrees(*x, *y)).fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |[west, south, east, north], (longitude, latitude)| {
            [west.min(longitude), south.min(latitude), east.max(longitude), north.max(latitude)]
        },
    )
}

fn words(warnings: &[LayerWarning]) -> Vec<String> {
    let line = |warning: &LayerWarning| match warning.feature.as_str() {
        "" => warning.message.clone(),
        feature => format!("{feature} {}", warning.message),
    };
    warnings.iter().map(line).collect()
}

/// Files of a folder of layers that nothing is declared of: neither themselves nor as a part of a declared one.
pub(super) fn undeclared<'a>(names: impl Iterator<Item = &'a String>, declared: &BTreeSet<&str>) -> Vec<&'a String> {
    names.filter(|name| !declared.contains(name.as_str()) && !declared.iter().any(|file| belongs(name, file))).collect()
}

/// Whether a file is a part of another: the table of a shapefile, the place of an image.
fn belongs(name: &str, file: &str) -> bool {
    const PARTS: [&str; 9] = ["shx", "dbf", "prj", "cpg", "sbn", "sbx", "qix", "qpj", "tfw"];
    let behind = name.strip_prefix(file).is_some_and(|rest| rest.starts_with(['.', '-']));
    let (name, file) = (Path::new(name), Path::new(file));
    let part = name.extension().is_some_and(|end| PARTS.iter().any(|part| end.eq_ignore_ascii_case(part)));
    behind || (part && name.file_stem() == file.file_stem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_declared_file_are_no_files_of_their_own() {
        let parts = [("a.dbf", "a.shp"), ("a.tif.aux.xml", "a.tif"), ("a.gpkg-wal", "a.gpkg"), ("a.TFW", "a.tif")];
        assert!(parts.iter().all(|(name, file)| belongs(name, file)));
        let others = [("b.dbf", "a.shp"), ("a.gpkg", "a.shp"), ("a.tiff", "a.tif")];
        assert!(!others.iter().any(|(name, file)| belongs(name, file)));
    }
}
