//! Parts of a mask that hang together.

use crate::number::place;
use crate::surface::Surface;

/// Which cells touch each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// Those that share an edge.
    Four,
    /// Those that share an edge or a corner (method 4, as DEGURBA's urban clusters).
    Eight,
}

/// A run of cells of a row.
#[derive(Debug, Clone, Copy)]
struct Run {
    row: u32,
    first: u32,
    /// The column after the last.
    end: u32,
}

/// The parts of a mask, numbered in the order of their first cells from the north-west.
///
/// Kept as runs of cells, which are a small share of the cells, joined by a union-find forest.
pub(super) struct Components {
    runs: Vec<Run>,
    /// Where each row's runs begin, and the end of the last.
    rows: Vec<usize>,
    /// For each run another of its part that comes earlier, or itself.
    parents: Vec<usize>,
    /// The part of each run.
    part_of: Vec<usize>,
    count: usize,
    columns: u32,
    cell_m: f64,
}

/// The parts of a mask.
pub(super) fn components(mask: &Surface<bool>, neighbours: Neighbours) -> Components {
    let mut runs = Vec::new();
    let mut rows = vec![0];
    for (row, cells) in (0..).zip(mask.rows()) {
        let mut column = 0;
        for group in cells.chunk_by(|one, other| one == other) {
            let end = column + u32::try_from(group.len()).unwrap_or(u32::MAX);
            if group.first() == Some(&true) {
                runs.push(Run { row, first: column, end });
            }
            column = end;
        }
        rows.push(runs.len());
    }
    let parents = (0..runs.len()).collect();
    let grid = mask.grid();
    let (columns, cell_m) = (grid.columns(), grid.cell_m());
    let mut parts = Components { runs, rows, parents, part_of: Vec::new(), count: 0, columns, cell_m };
    parts.join(
        1,
        match neighbours {
            Neighbours::Four => 0,
            Neighbours::Eight => 1,
        },
    );
    parts.number();
    parts
}

impl Components {
    /// Joins parts with less than a distance between their nearest edges, metres.
    pub(super) fn merge_within(&mut self, distance_m: f64) {
        let gap_cells = distance_m / self.cell_m;
        let mut down = 0_u32;
        loop {
            // Between a row and the one `down` below lie `down - 1` rows.
            let between = f64::from(down.saturating_sub(1));
            if between > 0.0 && between >= gap_cells || gap_cells <= 0.0 {
                break;
            }
            // The most columns that may lie between, so that the gap is still less than the distance.
            let mut across = 0_u32;
            while libm::hypot(between, f64::from(across + 1)) < gap_cells {
                across += 1;
            }
            self.join(down, across + 1);
            down += 1;
        }
        self.number();
    }

    /// Joins runs of rows so far apart whose nearest cells are at most so many columns apart: 0 for the same column, 1
    /// for touching at a corner.
    fn join(&mut self, down: u32, across: u32) {
        for index in 0..self.runs.len() {
            let Some(&run) = self.runs.get(index) else { continue };
            let row = place(run.row + down);
            let (Some(&begin), Some(&end)) = (self.rows.get(row), self.rows.get(row + 1)) else { break };
            let begin = begin.max(if down == 0 { index + 1 } else { 0 });
            let Some(others) = self.runs.get(begin..end) else { continue };
            let skipped = others.partition_point(|other| other.end + across <= run.first);
            let near = others.iter().skip(skipped).take_while(|other| other.first < run.end + across).count();
            for other in begin + skipped..begin + skipped + near {
                self.unite(index, other);
            }
        }
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The earlier run stays the root, so that the forest doesn't depend on the order of joins.
        if let Some(parent) = self.parents.get_mut(one.max(other)) {
            *parent = one.min(other);
        }
    }

    fn root(&mut self, mut run: usize) -> usize {
        while let Some(&parent) = self.parents.get(run).filter(|parent| **parent != run) {
            let grandparent = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(run) {
                *slot = grandparent;
            }
            run = parent;
        }
        run
    }

    /// Numbers the parts in the order of their first runs.
    fn number(&mut self) {
        self.count = 0;
        self.part_of.clear();
        for run in 0..self.runs.len() {
            let root = self.root(run);
            let part = if root == run {
                self.count += 1;
                self.count - 1
            } else {
                self.part_of.get(root).copied().unwrap_or_default()
            };
            self.part_of.push(part);
        }
    }

    /// How many parts there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The part of each cell, row by row; `None` outside the mask.
    pub(super) fn labels(&self) -> impl Iterator<Item = Option<usize>> {
        self.rows.iter().zip(self.rows.iter().skip(1)).flat_map(|(begin, end)| {
            let runs = self.runs.get(*begin..*end).unwrap_or_default();
            let mut parts = runs.iter().zip(self.part_of.get(*begin..*end).unwrap_or_default()).peekable();
            (0..self.columns).map(move |column| {
                while parts.next_if(|(run, _)| run.end <= column).is_some() {}
                parts.peek().filter(|(run, _)| run.first <= column).map(|(_, part)| **part)
            })
        })
    }
}
