//! Cells as bytes.

use std::collections::BTreeMap;

use kend_readiness::cells::{ClusterCells, ClusterColumns, ScoredCells};

use super::{ClusterMap, Layout, MAX_CLUSTER_CELLS, Run, calculator, cell_index, check_zones, window_grid};
use crate::{
    Cluster, PackContent, PackError,
    bytes::{Reader, put_f32s, put_u16s},
    file::{compress, decompress},
};

/// Indicators of the annex, a column of scores each.
const SCORE_COLUMNS: usize = 53;
/// The most crops of a pack.
const MAX_CROPS: u8 = 16;
/// Bytes of one cell in all columns at most: scores, five dimensions and the index, class, people, zone, share, flags.
const MAX_CELL_BYTES: usize = SCORE_COLUMNS + 6 * 4 + 1 + 4 + 2 + 1 + 1 + MAX_CROPS as usize;
/// Bytes before the columns at most: numbers, names of crops, and the runs of a checkerboard.
const MAX_HEAD_BYTES: usize = 64 * 1024 + 8 * MAX_CLUSTER_CELLS as usize;
/// The most bytes of one cluster's cells.
const MAX_BYTES: usize = MAX_HEAD_BYTES + MAX_CELL_BYTES * MAX_CLUSTER_CELLS as usize;
/// Cells are many, and a tablet waits for them: faster than the content's.
const LEVEL: i32 = 12;

pub(super) fn encode(map: &ClusterMap) -> Result<Vec<u8>, PackError> {
    let (columns, layout) = (map.cells.columns(), map.layout());
    let count = |number: usize| u32::try_from(number).map_err(|_| PackError::inconsistent("too many cells"));
    let cells = count(columns.zones.len())?;
    let crops = u8::try_from(layout.crops.len()).ok().filter(|crops| *crops <= MAX_CROPS);
    let crops = crops.ok_or_else(|| PackError::inconsistent("too many crops"))?;
    if cells > MAX_CLUSTER_CELLS {
        return Err(PackError::inconsistent(format!("{cells} cells of one cluster, at most {MAX_CLUSTER_CELLS}")));
    }
    let mut bytes = Vec::new();
    bytes.extend(cells.to_le_bytes());
    bytes.extend(count(layout.runs.len())?.to_le_bytes());
    bytes.push(u8::from(!layout.tourism.is_empty()));
    bytes.push(crops);
    for crop in layout.crops.keys() {
        let length = u8::try_from(crop.len()).map_err(|_| PackError::inconsistent("a crop's word is too long"))?;
        bytes.push(length);
        bytes.extend(crop.as_bytes());
    }
    bytes.extend(layout.runs.iter().flat_map(|run| [run.skipped, run.cells]).flat_map(u32::to_le_bytes));
    for scores in &columns.scores {
        bytes.extend(scores);
    }
    for values in columns.office.dimensions.iter().chain([&columns.office.index]) {
        put_f32s(&mut bytes, values);
    }
    bytes.extend(&columns.office.class);
    put_f32s(&mut bytes, &columns.population);
    put_u16s(&mut bytes, &columns.zones);
    bytes.extend(&layout.class_frequency);
    bytes.extend(&layout.tourism);
    for flags in layout.crops.values() {
        bytes.extend(flags);
    }
    compress(&bytes, LEVEL)
}

pub(super) fn decode(section: &[u8], cluster: &Cluster, content: &PackContent) -> Result<ClusterMap, PackError> {
    let calculator = calculator(content)?;
    let area = cluster.area.as_ref();
    let area = area.ok_or_else(|| PackError::inconsistent("cells of a cluster that is no area of cells"))?;
    let cell_km2 = window_grid(&calculator.grid, area.window)?.cell_km2();
    let all = decompress(section, MAX_BYTES)?;
    let mut from = Reader(&all);
    let count = from.number("their number")?;
    let runs = from.number("the number of runs")?;
    if count > MAX_CLUSTER_CELLS || runs > count {
        return Err(PackError::inconsistent(format!("{count} cells in {runs} runs")));
    }
    let cells = usize::try_from(count).unwrap_or(usize::MAX);
    let has_tourism = from.byte("their columns")?;
    let crops = from.byte("their crops")?;
    if has_tourism > 1 || crops > MAX_CROPS {
        return Err(PackError::inconsistent("the cells have columns that this Kend does not know"));
    }
    let mut names = Vec::new();
    for _ in 0..crops {
        let length = from.byte("a crop")?;
        let name = from.bytes(usize::from(length), "a crop")?;
        let name = std::str::from_utf8(name).map_err(|_| PackError::inconsistent("a crop's word is no text"))?;
        names.push(name.to_owned());
    }
    let known = area.sectors.iter().flat_map(|sectors| &sectors.crops);
    if !names.is_sorted_by(|one, next| one < next)
        || !names.iter().all(|name| known.clone().any(|crop| crop.crop == *name))
    {
        return Err(PackError::inconsistent("the crops of the cells are not those of the cluster"));
    }
    let mut read_runs = Vec::new();
    for _ in 0..runs {
        read_runs.push(Run { skipped: from.number("a run")?, cells: from.number("a run")? });
    }
    let mut scores = Vec::with_capacity(SCORE_COLUMNS);
    for _ in 0..SCORE_COLUMNS {
        scores.push(from.bytes(cells, "the scores")?.to_vec());
    }
    let mut office = ScoredCells::default();
    for values in office.dimensions.iter_mut().chain([&mut office.index]) {
        *values = from.f32s(cells, "the dimensions")?;
    }
    office.class = from.bytes(cells, "the classes")?.to_vec();
    let population = from.f32s(cells, "the people")?;
    let zones = from.u16s(cells, "the zones")?;
    let class_frequency = from.bytes(cells, "the shares of classes")?.to_vec();
    let tourism = from.bytes(if has_tourism == 1 { cells } else { 0 }, "the flags of tourism")?.to_vec();
    let mut crops = BTreeMap::new();
    for name in names {
        crops.insert(name, from.bytes(cells, "the flags of a crop")?.to_vec());
    }
    if !from.0.is_empty() {
        return Err(PackError::inconsistent("the cells go on after their last column"));
    }
    let columns = ClusterColumns { scores, office, population, zones, cell_km2 };
    let cells = ClusterCells::new(cell_index(content)?, columns);
    let cells = cells.map_err(|error| PackError::inconsistent(format!("cells of cluster {}: {error}", cluster.id)))?;
    check_zones(cluster, &cells, content)?;
    let layout = Layout { window: area.window, runs: read_runs, class_frequency, tourism, crops };
    ClusterMap::new(cells, layout, &calculator.grid)
}
