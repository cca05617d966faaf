//! Why a build gives nothing. Nothing in the folder of the result has changed then but the columns kept for the next try.

use std::{io, path::PathBuf};

use kend_cells::{
    ClusterError, CoverageError, GridError, HeatMapError, KernelError, SurfaceError, TravelTimeError, ZoneLabelsError,
};
use kend_domain::{AreaCode, Dimension};
use kend_readiness::{ThresholdsError, cells::CellError};

use super::read::ReadCountryError;
use crate::{
    check::CheckError, layers::LayerError, outputs::OutputError, results::ResultError, statistics::StatisticsError,
};

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// An area that a project chose has no index.
    #[error("{}: areas: nobody lives in a cell of {id} that has an index", crate::init::INDEX_TOML)]
    Area {
        /// Its id.
        id: String,
    },
    /// The folder is no project.
    #[error(transparent)]
    Folder(#[from] CheckError),
    /// The result would lie among the files of a project.
    #[error("{} is a project folder: the result needs a folder of its own", path.display())]
    OutIsProject {
        /// The folder.
        path: PathBuf,
    },
    /// Another build writes there.
    #[error("another build is writing into {}: wait for it, or give another folder", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The round before would be replaced by its successor.
    #[error("{} is the round before: a later round needs a folder of its own", path.display())]
    OutIsFormer {
        /// The folder.
        path: PathBuf,
    },
    /// The round before cannot be read.
    #[error("the round before")]
    Former(#[from] ReadCountryError),
    /// It is no later round of that one.
    #[error("this cannot be a later round of {}: {}", path.display(), differences.join("; "))]
    OtherSeries {
        /// The round before.
        path: PathBuf,
        /// What differs, each in words.
        differences: Vec<String>,
    },
    /// Something that every build needs is not declared.
    #[error("index.toml declares no {what}, which a build needs")]
    Lacking {
        /// What.
        what: &'static str,
    },
    /// A table cannot be read.
    #[error("statistics/{file} ({of})")]
    Statistics {
        /// The file.
        file: String,
        /// The indicator or figure.
        of: String,
        /// Why.
        #[source]
        source: Box<StatisticsError>,
    },
    /// A denominator that is 0 or less.
    #[error("statistics/{file} (indicator {row}): {zone}: the denominator `{per}` is {divisor}")]
    Divisor {
        /// The file.
        file: String,
        /// The indicator.
        row: u8,
        /// The zone or region.
        zone: AreaCode,
        /// The denominator's name.
        per: String,
        /// Its value.
        divisor: f64,
    },
    /// A number of people that is below 0.
    #[error("statistics/{file} (figure population): {zone} has {people} people")]
    NegativePeople {
        /// The file.
        file: String,
        /// The zone.
        zone: AreaCode,
        /// The number.
        people: f64,
    },
    /// A figure by region divides one by zone.
    #[error("statistics/{file} (indicator {row}): `{per}` is by region and divides only figures by region")]
    RegionDivides {
        /// The file.
        file: String,
        /// The indicator.
        row: u8,
        /// The denominator's name.
        per: String,
    },
    /// A layer cannot be read.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// A file cannot be read.
    #[error("can't read {}", path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The extent of the zones gives no grid.
    #[error("the outlines of the zones give no grid")]
    Grid(#[from] GridError),
    /// The outlines of zones are wrong.
    #[error("vectors/{file}")]
    Zones {
        /// The file.
        file: String,
        /// What is wrong.
        #[source]
        source: ZoneLabelsError,
    },
    /// No zone that counts has a cell.
    #[error("no zone that is not left out is as large as a cell")]
    NoLand,
    /// The areas of a layer are wrong.
    #[error("indicator {row}")]
    Coverage {
        /// The indicator.
        row: u8,
        /// What is wrong.
        #[source]
        source: CoverageError,
    },
    /// The areas of a barrier are wrong.
    #[error("role {role}")]
    Barrier {
        /// The role.
        role: &'static str,
        /// What is wrong.
        #[source]
        source: CoverageError,
    },
    /// The points or lines of a layer are wrong.
    #[error("indicator {row}")]
    Kernel {
        /// The indicator.
        row: u8,
        /// What is wrong.
        #[source]
        source: KernelError,
    },
    /// Totals cannot be spread.
    #[error("indicator {row}")]
    HeatMap {
        /// The indicator.
        row: u8,
        /// What is wrong.
        #[source]
        source: HeatMapError,
    },
    /// The points of a sector are wrong.
    #[error("role {zone}")]
    SectorKernel {
        /// The role.
        zone: &'static str,
        /// What is wrong.
        #[source]
        source: KernelError,
    },
    /// The production of a crop cannot be spread.
    #[error("sector {crop}")]
    SectorHeatMap {
        /// The crop.
        crop: String,
        /// What is wrong.
        #[source]
        source: HeatMapError,
    },
    /// Times cannot be computed.
    #[error("travel times")]
    TravelTime(#[from] TravelTimeError),
    /// Too few dimensions have a value for an index anywhere.
    #[error(
        "no cell has an index: {needed} dimensions need a value there and {}; `kend index check` says which rows are missing, \
         and `[missing]` in index.toml which limits a partial index may have",
        listed(found)
    )]
    NoIndex {
        /// The dimensions with values somewhere.
        found: Vec<Dimension>,
        /// How many an index needs.
        needed: u32,
    },
    /// Values give no classes.
    #[error("{of}: no thresholds")]
    Thresholds {
        /// `the index` or a dimension.
        of: String,
        /// Why.
        #[source]
        source: ThresholdsError,
    },
    /// Columns do not fit; a fault of this program.
    #[error("columns of cells")]
    Cells(#[from] CellError),
    /// Surfaces do not fit; a fault of this program.
    #[error("surfaces")]
    Surface(#[from] SurfaceError),
    /// Clusters cannot be made.
    #[error("clusters")]
    Clusters(#[from] ClusterError),
    /// A file of the result cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A kept column is damaged and cannot be put aside.
    #[error("can't write {}", path.display())]
    Work {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A document cannot be made.
    #[error("can't write JSON")]
    Json(#[from] serde_json::Error),
    /// A map, a layer or a table cannot be made.
    #[error("{file}")]
    Result {
        /// The file of the result.
        file: String,
        /// Why.
        #[source]
        source: ResultError,
    },
    /// Whoever watched the progress stopped it. What is finished is kept for the next try.
    #[error("stopped; what was finished is kept")]
    Stopped,
}

fn listed(found: &[Dimension]) -> String {
    if found.is_empty() {
        return "none has one".to_owned();
    }
    let words: Vec<&str> = found.iter().map(|dimension| dimension.word()).collect();
    format!("only {} have values", words.join(", "))
}

impl BuildError {
    /// Whether what was given is at fault, and not the machine.
    pub const fn is_bad_input(&self) -> bool {
        !matches!(
            self,
            Self::Former(ReadCountryError::Read { .. })
                | Self::Busy { .. }
                | Self::Output(_)
                | Self::Work { .. }
                | Self::Json(_)
                | Self::Result { .. }
                | Self::Stopped
                | Self::Cells(_)
        )
    }

    pub(super) fn thresholds_of(dimension: Dimension) -> impl FnOnce(ThresholdsError) -> Self {
        move |source| Self::Thresholds { of: dimension.to_string(), source }
    }
}
