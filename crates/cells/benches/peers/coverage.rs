//! Covered shares of a country beside exactextract.

use std::path::Path;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use kend_cells::{Grid, coverage};

use super::input;
use super::report::{compare, largest_difference, peer, read_f64, timed, write_f64};

/// exactextract hands out f64 that went through f32: half of its last bit. Kend's own shares are tested to 1e-10 against
/// clipping.
const TOLERANCE: f64 = 6e-8;
/// Corners of each polygon.
const CORNERS: u32 = 4000;
/// Cells from one polygon's middle to the next.
const APART: u32 = 250;

/// A blot with an uneven outline in each square of the country, never as wide as its square.
fn layer(grid: &Grid) -> MultiPolygon {
    let blot = |row: u32, column: u32| {
        let middle = kend_cells::Cell { row: row + APART / 2, column: column + APART / 2 };
        let (x, y) = grid.centre(middle);
        let reach_m = 0.5 * f64::from(APART) * grid.cell_m();
        let corner = |number: u32| {
            let angle = f64::from(number) * std::f64::consts::TAU / f64::from(CORNERS);
            let waves = 0.5 + 0.2 * (5.0 * angle).sin() + 0.1 * (23.0 * angle).cos();
            let radius_m = reach_m * (waves + 0.004 * input::share(row, column + number, 11));
            Coord { x: x + radius_m * angle.cos(), y: y + radius_m * angle.sin() }
        };
        Polygon::new(LineString::new((0..CORNERS).map(corner).collect()), Vec::new())
    };
    let steps = |count: u32| (0..count / APART).map(|step| step * APART);
    MultiPolygon::new(
        steps(grid.rows())
            .flat_map(|row| steps(grid.columns()).map(move |column| (row, column)))
            .map(|(row, column)| blot(row, column))
            .collect(),
    )
}

pub(crate) fn run(cells: f64, folder: &Path) {
    let grid = input::grid(cells);
    let layer = layer(&grid);
    println!("coverage: {} x {} cells, {} polygons of {CORNERS} corners", grid.columns(), grid.rows(), layer.0.len());
    let corners = layer.iter().flat_map(|polygon| polygon.exterior().coords());
    write_f64(&folder.join("polygons.f64"), corners.flat_map(|corner| [corner.x, corner.y]));
    let (shares, ours_s) = timed(|| coverage(&grid, &layer).expect("the input is valid"));
    println!("coverage: kend {ours_s:.2} s, with the check of all rings");
    let sizes = [grid.columns(), grid.rows(), CORNERS + 1].map(|number| number.to_string());
    if let Some(theirs_s) = peer("coverage_exactextract.py", folder, &sizes) {
        let theirs = read_f64(&folder.join("exactextract.f64"));
        let difference = largest_difference(shares.values().iter().copied(), &theirs);
        compare("coverage", ours_s, "exactextract", theirs_s, difference, TOLERANCE);
    }
}
