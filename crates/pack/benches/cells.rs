//! How long somebody waits for the first number of the largest cluster: `cargo bench -p kend-pack --bench cells`. From a file
//! to the merged index: opened, its content checked, the cluster's 202,500 cells checked and decoded, added up, merged.
//! Beside it stands what reading the same file and hashing it takes in the same run: no pack can be believed for less.
//!
//! Scores are made-up bits, which compress worse than any real ones.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{collections::BTreeMap, fs, hint::black_box, path::Path, time::Instant};

use kend_domain::{AreaCode, Names};
use kend_pack::{
    ClusterMap, Layout, Pack, PackContent, Place, Rayon, Run, VillageFacts, VillageValue, Window, ZoneValue,
    cell_index, synthetic,
};
use kend_readiness::{
    DimensionInput, MergeInput, Method, Thresholds,
    cells::{ClusterCells, ClusterColumns, NO_CLASS, ScoredCells},
    merge,
};

/// Side of the largest cluster of method 8: 202,500 cells.
const SIDE: u32 = 450;
const CLUSTER: &str = "synthetic-a";
/// Places of a country, and those of them in its clusters: as many as the generated country has.
const PLACES: u32 = 5_400;
const VILLAGES: u32 = 1_100;
/// Rayons beside those of the made-up pack.
const RAYONS: u32 = 70;
/// What the first number may take, milliseconds.
const BAR_MS: f64 = 200.0;
const TURNS: usize = 7;

/// Made-up bits of a cell and a row.
fn bits(cell: u32, row: u32) -> u32 {
    let mixed = (cell ^ row.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
    (mixed ^ (mixed >> 15)).wrapping_mul(0xC2B2_AE35) >> 16
}

fn content() -> PackContent {
    let mut content = synthetic::pack().expect("the made-up pack").content().clone();
    let grid = &mut content.calculator.as_mut().expect("a calculator").grid;
    (grid.columns, grid.rows) = (SIDE, SIDE);
    let area = content.clusters.first_mut().and_then(|cluster| cluster.area.as_mut()).expect("an area");
    (area.window, area.sectors) = (Window { row: 0, column: 0, rows: SIDE, columns: SIDE }, None);
    populate(&mut content);
    content
}

/// As many places as a country has, and facts of those in the clusters.
fn populate(content: &mut PackContent) {
    let pattern = content.places.first().expect("a place").clone();
    let facts = content.calculator.as_ref().and_then(|calculator| calculator.villages.first()).expect("facts").clone();
    let zone_values = content.calculator.as_ref().expect("a calculator").zones.clone();
    for number in 0..PLACES {
        let name = format!("SYNTHETIC {number}");
        let village = kend_pack::settlement_place(&name, pattern.position);
        let names = Names { az: name.clone(), en: name.clone(), ru: name };
        content.places.push(Place { village, names, ..pattern.clone() });
        let calculator = content.calculator.as_mut().expect("a calculator");
        if number < VILLAGES {
            let value = |row| VillageValue { row, value: f64::from(bits(number, u32::from(row))) / 1000.0 };
            calculator.villages.push(VillageFacts { village, values: (1..=25).map(value).collect(), ..facts.clone() });
        }
    }
    for number in 0..RAYONS {
        let rayon = content.rayons.first().expect("a rayon").clone();
        let code: AreaCode = format!("AZ-BE{number}").parse().expect("a code");
        let own = zone_values.iter().filter(|value| value.rayon == rayon.code);
        let own: Vec<_> = own.map(|value| ZoneValue { rayon: code.clone(), ..value.clone() }).collect();
        content.calculator.as_mut().expect("a calculator").zones.extend(own);
        content.rayons.push(Rayon { code, ..rayon });
    }
}

fn cells(content: &PackContent) -> ClusterMap {
    let count = SIDE * SIDE;
    let all = usize::try_from(count).expect("few");
    let scores =
        (0..53).map(|row| (0..count).map(|cell| u8::try_from(bits(cell, row) % 251).expect("small")).collect());
    let office = ScoredCells {
        dimensions: std::array::from_fn(|_| vec![f32::NAN; all]),
        index: vec![f32::NAN; all],
        class: vec![NO_CLASS; all],
    };
    let population = (0..count).map(|cell| f32::from(u16::try_from(bits(cell, 60) % 50).expect("small"))).collect();
    let zones = (0..count).map(|cell| u16::from(cell % SIDE > 200)).collect();
    let mut columns = ClusterColumns { scores: scores.collect(), office, population, zones, cell_km2: 0.01 };
    let index = cell_index(content).expect("weights");
    let blank = ClusterCells::new(index.clone(), columns.clone()).expect("cells");
    blank.recompute(&mut columns.office);
    let layout = Layout {
        window: Window { row: 0, column: 0, rows: SIDE, columns: SIDE },
        runs: vec![Run { skipped: 0, cells: count }],
        class_frequency: (0..count).map(|cell| u8::try_from(bits(cell, 61) % 101).expect("small")).collect(),
        tourism: Vec::new(),
        crops: BTreeMap::new(),
    };
    let grid = content.calculator.as_ref().expect("a calculator").grid;
    ClusterMap::new(ClusterCells::new(index, columns).expect("cells"), layout, &grid).expect("a map")
}

/// From the file to the merged index.
fn first_number(file: &Path) -> f64 {
    let pack = Pack::read(&fs::read(file).expect("the file")).expect("a pack");
    let map = pack.cells(CLUSTER).expect("sound").expect("cells");
    let summary = map.cells().summary();
    let content = pack.content();
    let cluster = pack.cluster(CLUSTER).expect("the cluster");
    let thresholds = |four| Thresholds::new(four).expect("ascending");
    let known = cluster.dimensions.iter().zip(summary.dimensions);
    let input = MergeInput {
        dimensions: known
            .map(|(known, value)| {
                let input = DimensionInput { value, thresholds: known.thresholds.map(thresholds), sd_mc: known.sd_mc };
                (known.dimension, input)
            })
            .collect(),
        index_thresholds: thresholds(content.index_thresholds),
        years: content.round_year - content.data_year,
        villages_total: cluster.villages_total,
        parameters: content.merge.clone(),
        interviews: Vec::new(),
    };
    merge(&input, Method::standard()).expect("valid").index.merged.expect("an index")
}

/// What no pack can do without.
fn floor(file: &Path) -> blake3::Hash {
    blake3::hash(&fs::read(file).expect("the file"))
}

fn ms<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1000.0
}

fn main() {
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let content = content();
    let cells = [(CLUSTER.to_owned(), cells(&content))].into();
    let pack = Pack::with_cells(content, &cells, None).expect("a pack");
    let bytes = pack.write_signed(&synthetic::key()).expect("small enough");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cells.kendpack");
    fs::write(&file, &bytes).expect("written");
    // Turn by turn, so that what else the machine does meets both alike.
    let (mut whole, mut least) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        least.push(ms(|| floor(&file)));
        whole.push(ms(|| first_number(&file)));
    }
    let middle = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(TURNS / 2).copied().unwrap_or(f64::NAN)
    };
    let (whole, least) = (middle(&mut whole), middle(&mut least));
    println!("{} cells, {:.1} MB", SIDE * SIDE, f64::from(u32::try_from(bytes.len()).expect("small")) / 1e6);
    println!("  read and hashed: {least:.1} ms");
    println!(
        "  opened to the first number: {whole:.1} ms, {:.1} of that, {:.2} of {BAR_MS} ms",
        whole / least,
        whole / BAR_MS
    );
}
