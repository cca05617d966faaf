//! Why a layer cannot be used, with the place: file, layer, feature.

use std::io;

use kend_cells::{CoverageError, ResampleError};
use kend_domain::AreaCode;

/// A layer that cannot be used, and where the fault lies.
#[derive(Debug, thiserror::Error)]
#[error("{place}")]
pub struct LayerError {
    /// Where: `vectors/osm.gpkg, layer points, feature 17`.
    pub place: String,
    /// What is wrong.
    #[source]
    pub fault: LayerFault,
}

/// What is wrong with a layer.
#[derive(Debug, thiserror::Error)]
pub enum LayerFault {
    /// The file cannot be read.
    #[error("can't be read")]
    Read(#[source] io::Error),
    /// It is a folder, a device or a pipe.
    #[error("is no file")]
    NoFile,
    /// It is too large.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// It is of no format that is read, or broken.
    #[error("is broken or of none of the formats {formats}: {said}")]
    Format {
        /// Which formats.
        formats: String,
        /// What GDAL said.
        said: String,
    },
    /// It breaks off or is damaged further on.
    #[error("is broken: {said}")]
    Broken {
        /// What GDAL said.
        said: String,
    },
    /// There is no such layer.
    #[error("there is no layer `{name}`, only {there}")]
    NoLayer {
        /// Its name.
        name: String,
        /// What there is.
        there: String,
    },
    /// It has several layers, and none is declared.
    #[error("has several layers ({there}); declare which by `layer`")]
    SeveralLayers {
        /// What there is.
        there: String,
    },
    /// There is no such attribute.
    #[error("there is no attribute `{name}`, only {there}")]
    NoAttribute {
        /// Its name.
        name: String,
        /// What there is.
        there: String,
    },
    /// Letters of an attribute are no text.
    #[error("attribute `{name}` is not in the letters that the file says; declare `encoding`")]
    Encoding {
        /// The attribute.
        name: String,
    },
    /// An attribute is no number.
    #[error("attribute `{name}`: expected a number from 0 on, found `{text}`")]
    Number {
        /// The attribute.
        name: String,
        /// What it says.
        text: String,
    },
    /// Nothing says the reference system.
    #[error("the file says no reference system; declare it by `crs`")]
    NoCrs,
    /// File and declaration say different reference systems.
    #[error("the file says that it is in {found}, `crs` says {declared}")]
    OtherCrs {
        /// The declared one.
        declared: String,
        /// That of the file.
        found: String,
    },
    /// The reference system cannot be used.
    #[error("the reference system {crs} can't be used: {said}")]
    Crs {
        /// Which.
        crs: String,
        /// What GDAL said.
        said: String,
    },
    /// Nothing of the layer is used.
    #[error("{found} features, of which none is used{hint}")]
    Nothing {
        /// How many there are.
        found: usize,
        /// Why that may be.
        hint: &'static str,
    },
    /// Too many features, corners or cells.
    #[error("has more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: u64,
    },
    /// A geometry is not what is needed.
    #[error("{problem}")]
    Geometry {
        /// What is wrong.
        problem: String,
    },
    /// An area has no clear inside.
    #[error(transparent)]
    Area(#[from] CoverageError),
    /// A zone is not in `names.csv`.
    #[error("`{name}` is not in names.csv")]
    UnknownZone {
        /// What the attribute says.
        name: String,
    },
    /// A zone stands twice.
    #[error("is {code}, as {first} is")]
    TwiceZone {
        /// Its code.
        code: AreaCode,
        /// The other feature.
        first: String,
    },
    /// Zones have no outline.
    #[error("there is no outline of {codes}")]
    MissingZones {
        /// Their codes.
        codes: String,
    },
    /// Two zones lie over each other.
    #[error("{code} and {other} share {km2:.1} km²")]
    OverlappingZones {
        /// A zone.
        code: AreaCode,
        /// The other.
        other: AreaCode,
        /// Area of both, km².
        km2: f64,
    },
    /// There is no such band.
    #[error("there is no band {band}, only {bands}")]
    NoBand {
        /// Which.
        band: u16,
        /// How many there are.
        bands: usize,
    },
    /// The raster lies nowhere.
    #[error("the file doesn't say where its cells lie")]
    NoPlace,
    /// File and declaration name different numbers for "no value".
    #[error("the file says that {found} is no value, `nodata` says {declared}")]
    OtherNodata {
        /// The declared one.
        declared: f64,
        /// That of the file.
        found: f64,
    },
    /// The raster doesn't meet the grid.
    #[error("lies outside the zones")]
    Outside,
    /// A cell has a value that it cannot have.
    #[error("the cell in column {column}, row {row} has the value {value}")]
    Value {
        /// Column, from 0.
        column: u64,
        /// Row, from 0.
        row: u64,
        /// Its value.
        value: f64,
    },
    /// The raster cannot be brought to the grid.
    #[error(transparent)]
    Resample(#[from] ResampleError),
}

impl LayerFault {
    /// At a place.
    pub(crate) fn at(self, place: impl Into<String>) -> LayerError {
        LayerError { place: place.into(), fault: self }
    }

    pub(super) fn geometry(problem: impl Into<String>) -> Self {
        Self::Geometry { problem: problem.into() }
    }
}
