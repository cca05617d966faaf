//! Why no pack is made of a country.

use kend_cells::{GridError, SurfaceError};
use kend_domain::BadPosition;
use kend_pack::PackError;
use kend_readiness::cells::CellError;

use crate::{check::CheckError, layers::LayerError};

/// Why there is no pack. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum MakePackError {
    /// The folder is no project.
    #[error(transparent)]
    Folder(#[from] CheckError),
    /// A file cannot be read.
    #[error("can't read {file}")]
    Read {
        /// Its path in the project.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not the one that the index was built of.
    #[error("{file} is not the file that the index was built of: run `kend index build` again")]
    Changed {
        /// Its path in the project.
        file: String,
    },
    /// A layer cannot be read.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// There is nowhere to go.
    #[error("no settlement of role settlements lies in a zone, and a pack needs places to visit")]
    NoSettlements,
    /// The plane of the project is not the one that devices know.
    #[error("the plane of the index is about {longitude}, {latitude}; devices know no other than that of the method")]
    Plane {
        /// Its centre, degrees east.
        longitude: f64,
        /// Its centre, degrees north.
        latitude: f64,
    },
    /// An indicator differs from the one that devices know.
    #[error("indicators.csv, row {row}: kind, dimension or weight differ from Kend's own, by which devices calculate")]
    Indicator {
        /// Row of Annex I.
        row: u8,
    },
    /// A cluster that is not there.
    #[error("the index has no cluster {id}; its clusters are {there}")]
    NoCluster {
        /// What was asked for.
        id: String,
        /// Those that are there.
        there: String,
    },
    /// No cluster of the classes.
    #[error("the index has no cluster of the classes asked for")]
    NoClusters,
    /// The round is older than its data.
    #[error("the round is of {round_year} and its data of {data_year}: data can't be newer than what uses them")]
    RoundYear {
        /// The middle of the round.
        round_year: f64,
        /// The mean year of the data.
        data_year: f64,
    },
    /// A position off the globe.
    #[error("{of}")]
    Position {
        /// Of what.
        of: String,
        /// Why.
        #[source]
        source: BadPosition,
    },
    /// Columns of the index do not fit together.
    #[error("the index does not agree with itself: run `kend index build` again")]
    Cells(#[from] CellError),
    /// A cluster leaves the grid.
    #[error("the index does not agree with itself: run `kend index build` again")]
    Grid(#[from] GridError),
    /// The cells of a cluster do not fill its part of the grid.
    #[error("the index does not agree with itself: run `kend index build` again")]
    Surface(#[from] SurfaceError),
    /// The pack does not agree with itself, or is too large.
    #[error(transparent)]
    Pack(#[from] PackError),
}

impl MakePackError {
    /// Whether what was given is at fault, and not the machine.
    pub const fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Read { .. })
    }
}
