//! Travel time of a country beside scikit-image's `MCP_Geometric` and GRASS's `r.cost`.

use std::path::Path;

use kend_cells::{Surface, travel_time};

use super::input;
use super::report::{compare, largest_difference, peer, read_f64, timed, write_f32};

/// f32 against f64 over paths of thousands of cells.
const TOLERANCE: f64 = 1e-4;

pub(crate) fn run(cells: f64, folder: &Path) {
    let grid = input::grid(cells);
    let values = input::friction(&grid);
    let destinations = input::destinations(&grid, &values);
    println!("travel time: {} x {} cells, {} destinations", grid.columns(), grid.rows(), destinations.len());
    write_f32(&folder.join("friction.f32"), values.iter().copied());
    let places: Vec<String> = destinations.iter().map(|cell| format!("{} {}", cell.row, cell.column)).collect();
    std::fs::write(folder.join("destinations.txt"), places.join("\n")).expect("the temporary folder can be written");
    let friction = Surface::new(grid, values).expect("one value for each cell");
    let (times, ours_s) = timed(|| travel_time(&friction, &destinations, None).expect("the input is valid"));
    println!("travel time: kend {ours_s:.2} s");
    let sizes = [grid.columns().to_string(), grid.rows().to_string()];
    for (name, file, result) in [
        ("scikit-image MCP_Geometric", "travel_time_scikit_image.py", "scikit_image.f64"),
        ("GRASS r.cost", "travel_time_grass.py", "grass.f64"),
    ] {
        if let Some(theirs_s) = peer(file, folder, &sizes) {
            let theirs = read_f64(&folder.join(result));
            let difference = largest_difference(times.minutes.values().iter().copied().map(f64::from), &theirs);
            compare("travel time", ours_s, name, theirs_s, difference, TOLERANCE);
        }
    }
}
