//! The cells of a cluster as they stand in a pack: where each lies, and a value for each in every column.
//!
//! Numbers little-endian, then compressed as a whole with zstd: number of cells and of runs, what further columns there are,
//! the runs, then the columns one after the other. Where a cell lies is told by runs over the cluster's window row by row
//! (so many left out, so many that follow), because a cluster has few borders and many cells. A section is decoded when a
//! cluster is asked for; only a valid one exists.

mod coded;

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use kend_cells::{Cell, Grid};
use kend_readiness::{
    Method, Thresholds,
    cells::{CellIndex, ClusterCells},
    indicators,
};

use crate::{Calculator, Cluster, Pack, PackContent, PackError, PlaneGrid, Window, file::SectionKind};

/// The most cells of one cluster: twice the largest of method 8.
pub const MAX_CLUSTER_CELLS: u32 = 1_000_000;
/// The most cells of one cluster's window: a cluster may be long and thin, and lie across it.
pub const MAX_WINDOW_CELLS: usize = 16_000_000;
/// Stands for a share that is not known.
pub const NO_SHARE: u8 = 255;
/// The highest share, percent.
const WHOLE: u8 = 100;

/// Flags of a cell for tourism.
pub mod tourism {
    /// Among the top fifth by attractions and lodging.
    pub const SUPPLY: u8 = 1;
    /// Among the top fifth by visitors.
    pub const DEMAND: u8 = 2;
    /// Supply and demand together.
    pub const OPTIMISED: u8 = 4;
    /// Optimised tourism where a crop is grown.
    pub const AGRITOURISM: u8 = 8;
}

/// Flags of a cell for a crop.
pub mod crop {
    /// Among the top fifth by production.
    pub const PRODUCTION: u8 = 1;
    /// Among the top fifth by processing.
    pub const PROCESSING: u8 = 2;
    /// Among the top fifth by commercialisation.
    pub const COMMERCIALISATION: u8 = 4;
}

/// Cells that follow each other, row by row in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Places left out before.
    pub skipped: u32,
    /// Cells that follow.
    pub cells: u32,
}

/// Where the cells of a cluster lie, and what is known of each beside the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The part of the country's grid.
    pub window: Window,
    /// Where in it cells are.
    pub runs: Vec<Run>,
    /// How often each cell has its class under changes of the method, percent; [`NO_SHARE`] where not known.
    pub class_frequency: Vec<u8>,
    /// Flags for tourism ([`tourism`]); empty when the pack has none.
    pub tourism: Vec<u8>,
    /// Flags for each crop ([`crop`]).
    pub crops: BTreeMap<String, Vec<u8>>,
}

/// The cells of a cluster, ready to be asked and to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterMap {
    cells: ClusterCells,
    layout: Layout,
    grid: Grid,
    /// For each run the place in the window where its cells begin, and how many cells there are before.
    starts: Vec<(u32, u32)>,
}

impl ClusterMap {
    /// Cells and where they lie in the country's grid. Runs that leave the window, another number of cells, columns of
    /// another length and shares above 100 percent are refused.
    pub fn new(cells: ClusterCells, layout: Layout, country: &PlaneGrid) -> Result<Self, PackError> {
        let grid = window_grid(country, layout.window)?;
        let (mut place, mut before) = (0_u32, 0_u32);
        let mut starts = Vec::with_capacity(layout.runs.len());
        for run in &layout.runs {
            let start = place.checked_add(run.skipped);
            let next = start.and_then(|start| start.checked_add(run.cells)).filter(|next| fits(*next, grid.cells()));
            let (Some(start), Some(next)) = (start, next) else {
                return Err(PackError::inconsistent("a run of cells leaves the cluster's window"));
            };
            starts.push((start, before));
            (place, before) = (next, before + run.cells);
        }
        let count = cells.cells();
        if usize::try_from(before) != Ok(count) || count == 0 {
            return Err(PackError::inconsistent(format!("the runs hold {before} cells, the columns {count}")));
        }
        let flags = layout.crops.values().chain([&layout.tourism].into_iter().filter(|flags| !flags.is_empty()));
        if flags.chain([&layout.class_frequency]).any(|column| column.len() != count) {
            return Err(PackError::inconsistent("a column of the cells is not as long as the others"));
        }
        if layout.class_frequency.iter().any(|share| *share > WHOLE && *share != NO_SHARE) {
            return Err(PackError::inconsistent("a share of a class is above 100 percent"));
        }
        Ok(Self { cells, layout, grid, starts })
    }

    /// The cells, to be asked what if.
    pub const fn cells(&self) -> &ClusterCells {
        &self.cells
    }

    /// Where they lie.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The window as a grid of its own.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The place of the cell at a point of the plane in all columns; `None` where the cluster has no cell.
    pub fn cell_at(&self, x_m: f64, y_m: f64) -> Option<usize> {
        let place = u32::try_from(self.grid.index(self.grid.cell_at(x_m, y_m)?)?).ok()?;
        let run = self.starts.partition_point(|(start, _)| *start <= place).checked_sub(1)?;
        let ((start, before), length) = (self.starts.get(run)?, self.layout.runs.get(run)?.cells);
        let within = place - start;
        (within < length).then_some(()).and_then(|()| usize::try_from(before + within).ok())
    }

    /// The places in the window where cells are, in the order of the columns.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let whole = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        let runs = self.starts.iter().zip(&self.layout.runs);
        runs.map(move |((start, _), run)| whole(*start)..whole(start + run.cells))
    }

    /// Where each cell lies in the window, in the order of the columns.
    pub fn places(&self) -> impl Iterator<Item = Cell> {
        let runs = self.starts.iter().zip(&self.layout.runs);
        let columns = self.grid.columns();
        runs.flat_map(|((start, _), run)| *start..start + run.cells)
            .map(move |place| Cell { row: place / columns, column: place % columns })
    }
}

fn fits(place: u32, cells: usize) -> bool {
    usize::try_from(place).is_ok_and(|place| place <= cells)
}

/// The grid of a window of the pack's country.
pub(crate) fn window_grid(country: &PlaneGrid, window: Window) -> Result<Grid, PackError> {
    window.grid(&country.grid().map_err(unfit)?)
}

fn unfit(error: kend_cells::GridError) -> PackError {
    PackError::inconsistent(format!("the country's grid: {error}"))
}

impl Window {
    /// Its own grid; one outside the country's grid is refused.
    pub fn grid(self, country: &Grid) -> Result<Grid, PackError> {
        let ends = (self.row.checked_add(self.rows), self.column.checked_add(self.columns));
        let inside = matches!(ends, (Some(row), Some(column)) if row <= country.rows() && column <= country.columns());
        if !inside {
            return Err(PackError::inconsistent("a cluster's window leaves the country's grid"));
        }
        let west_m = country.west_m() + f64::from(self.column) * country.cell_m();
        let north_m = country.north_m() - f64::from(self.row) * country.cell_m();
        Grid::new(west_m, north_m, country.cell_m(), self.columns, self.rows).map_err(unfit)
    }
}

/// How scores of cells become an index in this pack: the shipped indicators with the pack's weights, thresholds and limits.
pub fn cell_index(content: &PackContent) -> Result<CellIndex, PackError> {
    let calculator = calculator(content)?;
    let weights: Vec<_> = indicators().iter().map(|row| (row.dimension, row.weights.of(calculator.weights))).collect();
    let thresholds =
        Thresholds::new(content.index_thresholds).map_err(|error| PackError::inconsistent(error.to_string()))?;
    let mut method = Cow::Borrowed(Method::standard());
    if let Some(limits) = calculator.limits {
        let missing = &mut method.to_mut().missing;
        missing.dimension_min_weight_share.value = limits.dimension_min_weight_share;
        missing.index_min_dimensions.value = limits.index_min_dimensions;
    }
    CellIndex::new(&weights, &thresholds, &method).map_err(|error| PackError::inconsistent(error.to_string()))
}

fn calculator(content: &PackContent) -> Result<&Calculator, PackError> {
    content.calculator.as_ref().ok_or_else(|| PackError::inconsistent("cells without what calculations need"))
}

impl Pack {
    /// Whether the pack has cells of a cluster.
    pub fn has_cells(&self, cluster: &str) -> bool {
        self.section(&SectionKind::Cells(cluster.to_owned())).is_some()
    }

    /// The cells of a cluster, checked and decoded now; `None` where the pack has none of it.
    pub fn cells(&self, cluster: &str) -> Result<Option<ClusterMap>, PackError> {
        let Some(section) = self.section(&SectionKind::Cells(cluster.to_owned())) else { return Ok(None) };
        let known = self.cluster(cluster).ok_or_else(|| PackError::inconsistent("cells of no cluster"))?;
        coded::decode(section.checked()?, known, self.content()).map(Some)
    }
}

pub(crate) fn encode(cluster: &Cluster, map: &ClusterMap, content: &PackContent) -> Result<Vec<u8>, PackError> {
    check_zones(cluster, map.cells(), content)?;
    if cluster.area.as_ref().map(|area| area.window) != Some(map.layout.window) {
        return Err(PackError::inconsistent(format!("cells of cluster {} lie in another window", cluster.id)));
    }
    coded::encode(map)
}

/// Zones are places in the list of rayons; those of a cluster's cells are rayons of the cluster.
fn check_zones(cluster: &Cluster, cells: &ClusterCells, content: &PackContent) -> Result<(), PackError> {
    let own: Vec<bool> = content.rayons.iter().map(|rayon| cluster.rayons.contains(&rayon.code)).collect();
    let stray = cells.columns().zones.iter().find(|zone| own.get(usize::from(**zone)) != Some(&true));
    match stray {
        None => Ok(()),
        Some(zone) => Err(PackError::inconsistent(format!("a cell of cluster {} lies in zone {zone}", cluster.id))),
    }
}
