//! The ground: where rayons and cells are, and what each cell scores.

use std::collections::BTreeMap;

use kend_cells::Surface;
use kend_readiness::{Indicator, IndicatorKind, Method};

use super::facts;
use crate::{PackError, PlaneGrid, Run, Window, crop, number::narrow, tourism};

/// The country's grid.
pub(super) const GRID: PlaneGrid =
    PlaneGrid { west_m: -13_000.0, north_m: 6_000.0, cell_m: 100.0, columns: 260, rows: 120 };
/// Western and eastern column of each rayon, and the level of its scores. The last one has no cluster.
pub(super) const RAYONS: [(u32, u32, f64); 4] = [(0, 75, 55.0), (75, 140, 46.0), (140, 220, 28.0), (220, 260, 40.0)];
/// Cells of each cluster.
const CELLS: usize = 5_000;
/// First row and column of the clusters' windows.
const WINDOWS: [(u32, u32); 2] = [(20, 20), (30, 120)];
const WINDOW_COLUMNS: u32 = 90;
const WINDOW_ROWS: u32 = 80;

/// A number of places as one of the scale.
pub(super) fn count(place: usize) -> f64 {
    f64::from(u32::try_from(place).unwrap_or(u32::MAX))
}

/// Made-up, the same everywhere: 0 to 1.
pub(super) fn noise(one: u32, other: u32) -> f64 {
    let mixed = (one ^ other.wrapping_mul(0x9E37_79B9)).wrapping_add(0x7F4A_7C15).wrapping_mul(0x85EB_CA6B);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0xC2B2_AE35);
    f64::from((mixed ^ (mixed >> 13)) >> 16) / f64::from(u16::MAX)
}

fn bounds(zone: usize) -> (u32, u32, f64) {
    RAYONS.get(zone).copied().unwrap_or((0, 0, 0.0))
}

pub(super) fn level(zone: usize) -> f64 {
    bounds(zone).2
}

pub(super) fn people(zone: usize) -> u32 {
    40_000 + 1_000 * bounds(zone).0
}

fn east_m(column: u32) -> f64 {
    GRID.west_m + GRID.cell_m * f64::from(column)
}

pub(super) fn corners(zone: usize) -> [(f64, f64); 4] {
    let (west, east, _) = bounds(zone);
    let (west_m, east_m) = (east_m(west), east_m(east));
    let south_m = GRID.north_m - GRID.cell_m * f64::from(GRID.rows);
    [(west_m, GRID.north_m), (west_m, south_m), (east_m, south_m), (east_m, GRID.north_m)]
}

pub(super) fn middle(zone: usize) -> (f64, f64) {
    let [(west, north), _, (east, south), _] = corners(zone);
    (west.midpoint(east), north.midpoint(south))
}

pub(super) fn area_km2(zone: usize) -> f64 {
    let [(west, north), _, (east, south), _] = corners(zone);
    (east - west) * (north - south) / 1e6
}

pub(super) fn zone_at((x_m, _): (f64, f64)) -> usize {
    RAYONS.iter().position(|(_, east, _)| x_m < east_m(*east)).unwrap_or(RAYONS.len() - 1)
}

/// What a rayon scores in a row: 0 to 100.
fn zone_score(zone: usize, row: &Indicator) -> f64 {
    let own = noise(u32::try_from(zone).unwrap_or_default(), 100 + u32::from(row.row));
    (level(zone) + 36.0 * (own - 0.5)).clamp(0.0, 100.0)
}

/// The raw value of a rayon.
pub(super) fn zone_value(zone: usize, row: &Indicator) -> f64 {
    // To two decimals, as figures are published.
    (facts::value_of(row, zone_score(zone, row)) * 100.0).round() / 100.0
}

/// Whether a row has one value in a rayon.
pub(super) const fn is_zonal(kind: IndicatorKind) -> bool {
    use IndicatorKind::{CountRayon, DensityArea, LengthRayon, StatRayon, StatRegion};
    matches!(kind, StatRayon | StatRegion | CountRayon | DensityArea | LengthRayon)
}

/// A cell of a cluster.
pub(super) struct At {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) zone: usize,
    /// Where in the window, -1 to 1.
    pub(super) across: f64,
    down: f64,
}

pub(super) struct Land {
    pub(super) number: u32,
    pub(super) cells: Vec<At>,
}

impl Land {
    /// The cells nearest to the middle of the window, so that every row of it is one run.
    pub(super) fn new(number: u32) -> Self {
        let (first_row, first_column) = if number == 0 { WINDOWS[0] } else { WINDOWS[1] };
        let half = |size: u32| f64::from(size) / 2.0;
        let mut cells: Vec<At> = (0..WINDOW_ROWS)
            .flat_map(|row| (0..WINDOW_COLUMNS).map(move |column| (row, column)))
            .map(|(row, column)| {
                let middle_m = east_m(first_column + column) + GRID.cell_m / 2.0;
                At {
                    row,
                    column,
                    zone: zone_at((middle_m, f64::from(first_row))),
                    across: (f64::from(column) + 0.5) / half(WINDOW_COLUMNS) - 1.0,
                    down: (f64::from(row) + 0.5) / half(WINDOW_ROWS) - 1.0,
                }
            })
            .collect();
        let far = |cell: &At| cell.across * cell.across + cell.down * cell.down;
        cells.sort_by(|one, other| far(one).total_cmp(&far(other)));
        cells.truncate(CELLS);
        cells.sort_by_key(|cell| (cell.row, cell.column));
        Self { number, cells }
    }

    pub(super) const fn id(&self) -> &'static str {
        if self.number == 0 { "synthetic-a" } else { "synthetic-b" }
    }

    pub(super) const fn window(&self) -> Window {
        let (row, column) = if self.number == 0 { WINDOWS[0] } else { WINDOWS[1] };
        Window { row, column, rows: WINDOW_ROWS, columns: WINDOW_COLUMNS }
    }

    /// The rayons it lies in.
    pub(super) fn zones(&self) -> impl Iterator<Item = usize> {
        (0..RAYONS.len()).filter(|zone| self.cells.iter().any(|cell| cell.zone == *zone))
    }

    /// First column and the one after the last of every row with cells.
    fn rows(&self) -> BTreeMap<u32, (u32, u32)> {
        let mut rows = BTreeMap::new();
        for cell in &self.cells {
            let row = rows.entry(cell.row).or_insert((cell.column, cell.column));
            *row = (row.0.min(cell.column), row.1.max(cell.column + 1));
        }
        rows
    }

    pub(super) fn runs(&self) -> Vec<Run> {
        let mut end = 0;
        self.rows()
            .into_iter()
            .map(|(row, (first, after))| {
                let start = row * WINDOW_COLUMNS + first;
                let run = Run { skipped: start - end, cells: after - first };
                end = start + run.cells;
                run
            })
            .collect()
    }

    /// Minutes per metre over the window: on foot, on the roads of the basemap by car, and a lake.
    pub(super) fn friction(&self) -> Result<Surface<f32>, PackError> {
        /// On foot through low vegetation, on a motorway, on a secondary road, km/h.
        const SPEEDS_KMH: [f64; 3] = [4.0, 90.0, 55.0];
        let grid = crate::cells::window_grid(&GRID, self.window())?;
        let [on_foot, motorway, secondary] = SPEEDS_KMH.map(|kmh| narrow(0.06 / kmh));
        let mut friction = Surface::filled(grid, on_foot);
        for (index, minutes) in friction.values_mut().iter_mut().enumerate() {
            let Some(cell) = grid.cell(index) else { continue };
            let (x_m, y_m) = grid.centre(cell);
            let along = |row_m: f64| (y_m - row_m).abs() < 1.5 * GRID.cell_m;
            *minutes = if (0.0..1200.0).contains(&x_m) && (-3000.0..-1700.0).contains(&y_m) {
                f32::INFINITY
            } else if along(450.0) {
                motorway
            } else if along(-1750.0) {
                secondary
            } else {
                on_foot
            };
        }
        Ok(friction)
    }

    /// A ring around the cells, in the plane.
    pub(super) fn outline(&self) -> Vec<(f64, f64)> {
        let Window { row: first_row, column: first_column, .. } = self.window();
        let at = |row: u32, column: u32| {
            (east_m(first_column + column), GRID.north_m - GRID.cell_m * f64::from(first_row + row))
        };
        let rows = self.rows();
        let west = rows.iter().flat_map(|(row, (first, _))| [at(*row, *first), at(row + 1, *first)]);
        let east = rows.iter().rev().flat_map(|(row, (_, after))| [at(row + 1, *after), at(*row, *after)]);
        let mut ring: Vec<(f64, f64)> = west.chain(east).collect();
        ring.extend(ring.first().copied());
        ring
    }

    /// Where a village lies, in the plane: in the middle of a cell.
    pub(super) fn village(&self, number: u32) -> (f64, f64) {
        let Window { row, column, .. } = self.window();
        // Villages stand on two rows, away from the edge.
        let (down, along) = (28 + 24 * (number % 2), 18 + 7 * number);
        let half = GRID.cell_m / 2.0;
        (east_m(column + along) + half, GRID.north_m - GRID.cell_m * f64::from(row + down) - half)
    }

    /// How near the nearest village is: 1 there, 0 from a fifth of the window on.
    fn village_near(&self, cell: &At) -> f64 {
        let Window { row, column, .. } = self.window();
        let here = (east_m(column + cell.column), GRID.north_m - GRID.cell_m * f64::from(row + cell.row));
        let near = |number| {
            let (x_m, y_m) = self.village(number);
            1.0 - ((x_m - here.0).abs() + (y_m - here.1).abs()) / 1600.0
        };
        (0..super::VILLAGES).map(near).fold(0.0, f64::max)
    }

    /// People of a cell: villages, and a few between them; none in one of eight cells.
    pub(super) fn people_at(&self, cell: &At) -> f32 {
        let few = noise(cell.row * WINDOW_COLUMNS + cell.column, 7 + self.number);
        if few < 0.125 { 0.0 } else { narrow(few * 4.0 + 30.0 * self.village_near(cell)) }
    }

    /// How often a cell keeps its class, percent.
    pub(super) fn frequency_at(&self, cell: &At) -> u8 {
        facts::percent(50.0 + 50.0 * noise(cell.row / 6 * WINDOW_COLUMNS + cell.column / 6, 11 + self.number))
    }

    pub(super) fn tourism_at(&self, cell: &At) -> u8 {
        let (near, grown) = (self.village_near(cell), grown(cell, "grapes"));
        let (supply, demand) = (near > 0.45, near > 0.3 && cell.down < 0.2);
        let both = supply && demand;
        let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
        flag(supply, tourism::SUPPLY)
            | flag(demand, tourism::DEMAND)
            | flag(both, tourism::OPTIMISED)
            | flag(both && grown, tourism::AGRITOURISM)
    }

    pub(super) fn crop_flags(&self, of: &str) -> Vec<u8> {
        let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
        let flags = self.cells.iter().map(|cell| {
            let near = self.village_near(cell);
            flag(grown(cell, of), crop::PRODUCTION)
                | flag(near > 0.5 && cell.across < 0.1, crop::PROCESSING)
                | flag(near > 0.6 && cell.across < -0.2, crop::COMMERCIALISATION)
        });
        flags.collect()
    }
}

/// Grapes grow in the east, tomatoes in the south-east.
fn grown(cell: &At, of: &str) -> bool {
    if of == "grapes" { cell.across > 0.3 } else { cell.across > 0.0 && cell.down > 0.35 }
}

/// What a cell scores in a row, points; NaN missing.
pub(super) fn score_at(land: &Land, cell: &At, row: &Indicator) -> f32 {
    let rule = facts::rule(row);
    if is_zonal(row.kind) {
        return narrow(rule.score(zone_value(cell.zone, row), Method::standard()));
    }
    let place = cell.row * WINDOW_COLUMNS + cell.column;
    let own = u32::from(row.row);
    // Row 15 is not known everywhere.
    if own == 15 && noise(place, 15) < 0.1 {
        return f32::NAN;
    }
    let level = if land.number == 0 { 50.0 } else { 30.0 };
    let slope = 24.0 * (noise(own, 3) - 0.5) * cell.across + 24.0 * (noise(own, 5) - 0.5) * cell.down;
    narrow((level + slope + 14.0 * land.village_near(cell) + 5.0 * (noise(place, own) - 0.5)).clamp(0.0, 100.0))
}
