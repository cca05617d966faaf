//! How long each computation takes for a whole country and for the largest cluster of a device:
//! `cargo bench -p kend-cells --bench country`. One line each, the better of two runs.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use geo::{Coord, LineString};
use kend_cells::{
    Affine, AreaMean, AreaSum, ClusterRules, EqualArea, Grid, Source, Surface, WeightedPoint, class_shares, clusters,
    heat_map, kernel_density, line_density, travel_time, zone_means,
};

#[path = "peers/input.rs"]
mod input;

/// The bounding box of the country, cells of 100 m.
const COUNTRY_CELLS: f64 = 20_000_000.0;
/// The largest cluster of method 8: 2,025 square kilometres.
const DEVICE_CELLS: f64 = 202_500.0;
const RUNS: usize = 2;

fn report<T>(what: &str, mut work: impl FnMut() -> T) {
    let time = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1000.0
    };
    let best_ms = (0..RUNS).map(time).fold(f64::INFINITY, f64::min);
    println!("  {what}: {best_ms:.1} ms");
}

fn points(grid: &Grid, one_in: u64) -> Vec<WeightedPoint> {
    let cells = (0..grid.cells()).filter_map(|index| grid.cell(index));
    let chosen = cells.filter(|cell| input::hash(cell.row, cell.column, 21).is_multiple_of(one_in));
    chosen
        .map(|cell| {
            let (x_m, y_m) = grid.centre(cell);
            WeightedPoint { x_m, y_m: y_m + 100.0 * input::share(cell.row, cell.column, 22), weight: 1.0 }
        })
        .collect()
}

fn measure(cells: f64) {
    let grid = input::grid(cells);
    println!("{} x {} cells", grid.columns(), grid.rows());
    let friction = input::friction(&grid);
    let destinations = input::destinations(&grid, &friction);
    let friction = Surface::new(grid, friction).expect("one value for each cell");
    report(&format!("travel time, {} destinations", destinations.len()), || {
        travel_time(&friction, &destinations, Some(240.0)).expect("valid")
    });

    let facilities = points(&grid, 200);
    report(&format!("kernel density, {} points, h = 10 km", facilities.len()), || {
        kernel_density(&grid, &facilities, 10_000.0).expect("valid")
    });
    let road = |row: u32| {
        let end = |x| Coord { x, y: grid.north_m() - 2000.0 * f64::from(row) };
        LineString::new(vec![end(grid.west_m()), end(grid.west_m() + grid.cell_m() * f64::from(grid.columns()))])
    };
    let roads: Vec<LineString> = (0..grid.rows() / 20).map(road).collect();
    let km = 0.1 * f64::from(grid.columns()) * f64::from(grid.rows() / 20);
    report(&format!("line density, {km:.0} km, h = 5 km"), || line_density(&grid, &roads, 5000.0).expect("valid"));

    // Zones as large as rayons with uneven borders, cropland in patches.
    let all = || (0..grid.cells()).filter_map(|index| grid.cell(index));
    let zone = |row: u32, column: u32| {
        let (row, column) =
            (row + u32::from((row / 7).is_multiple_of(3)) * 9, column + u32::from((column / 5).is_multiple_of(4)) * 12);
        u16::try_from(row / 450 * 12 + column / 450 + 1).expect("few zones")
    };
    let zones = Surface::new(grid, all().map(|cell| zone(cell.row, cell.column)).collect()).expect("one for each");
    let cropland = all().map(|cell| {
        let field = input::hash(cell.row / 9, cell.column / 9, 23).is_multiple_of(3);
        if field { 1.0 } else { 0.0 }
    });
    let cropland = Surface::new(grid, cropland.collect()).expect("one for each");
    let totals = vec![1000.0; usize::from(u16::MAX)];
    report("heat map, h = 5 km", || heat_map(&zones, &cropland, &totals, 5000.0).expect("valid"));

    // Counts in cells of 3 arc-seconds over the same land, as WorldPop has them.
    let plane = EqualArea::default();
    let step = 3.0 / 3600.0;
    let degrees = Affine { x: 44.5, x_per_column: step, x_per_row: 0.0, y: 42.0, y_per_column: 0.0, y_per_row: -step };
    let (x_m, y_m) = plane.to_plane(degrees.x, degrees.y);
    let corner = |column, row| {
        let (longitude, latitude) = degrees.at(column, row);
        let (x, y) = plane.to_plane(longitude, latitude);
        (x - x_m + grid.west_m(), y - y_m + grid.north_m())
    };
    let (columns, rows) = (grid.columns(), grid.rows());
    let counts: Vec<f32> = all().map(|cell| f32::from(u8::from(cell.column.is_multiple_of(2)))).collect();
    let source = Source { columns, rows, values: &counts, corner };
    report("sums of counts in 3 arc-seconds, projected", || {
        let mut people = AreaSum::new(grid);
        people.add(&source, |count| Some(f64::from(*count))).expect("valid");
        people.surface()
    });
    report("means of values in 3 arc-seconds, projected", || {
        let mut mean = AreaMean::new(grid);
        mean.add(&source, |value| Some(f64::from(*value))).expect("valid");
        mean.surface(0.5)
    });

    let people = all().map(|cell| f32::from(u8::try_from(input::hash(cell.row, cell.column, 24) % 7).expect("small")));
    let people = Surface::new(grid, people.collect()).expect("one for each");
    let in_class = all().map(|cell| !input::hash(cell.row / 30, cell.column / 30, 25).is_multiple_of(5));
    let in_class = Surface::new(grid, in_class.collect()).expect("one for each");
    let excluded = Surface::filled(grid, false);
    report("clusters", || clusters(&in_class, &people, &excluded, &ClusterRules::default()).expect("valid"));
    report("zone means", || zone_means(&zones, &people, &people).expect("valid"));
    let classes = in_class.map(|inside| Some(u8::from(*inside)));
    report("class shares", || class_shares(&zones, &classes, &people).expect("valid"));
}

fn main() {
    measure(DEVICE_CELLS);
    measure(COUNTRY_CELLS);
}
