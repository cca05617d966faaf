//! The office pipeline: a project folder of statistics and layers becomes the values of an index.
//!
//! It runs where the files are, in an office, and never on a device: it reads spreadsheets and, later, rasters and vectors
//! of a whole country. What it computes with stands below, in `kend-cells` and `kend-readiness`; here files are found, read
//! and checked. Nothing is guessed: a file counts only by its declaration in `index.toml`, a name matches exactly or is
//! listed, and a figure that can be read in two ways is an error that names its cell.
//!
//! Start with [`build()`], which makes a [`Country`] of a whole project, or [`check()`], which says what it holds; below it [`read_sheet`] and [`read_series`] turn a file as a
//! statistical office publishes it into a value for each rayon of a [`NameTable`]. Every key and format is described in `docs/index.md`.

mod build;
mod check;
mod figure;
mod folder;
mod init;
mod layers;
mod names;
mod outputs;
mod packs;
mod project;
mod random;
mod report;
pub mod results;
mod settings;
mod statistics;
mod synth;
mod table;

pub use build::{
    BetweenZones, BuildError, ClusterClasses, ClusterRecord, ClusterRulesRecord, ColumnStatus, ColumnValues,
    Concentration, Country, CropCells, DataChoice, DimensionGaps, GapTables, GapVariant, GridRecord, IndicatorColumn,
    InputFile, Manifest, MissingRecord, NativeUnit, OtherRow, PIPELINE_VERSION, PositionSd, Progress, RayonSummary,
    ReadCountryError, Robustness, SectorFinding, SectorZoneRecord, Sectors, ValueStatus, ZoneRecord, ZoneValue, build,
    read_country, zone_word,
};
pub use check::{
    CheckError, DimensionReport, FigureReport, Found, IndicatorReport, LayerReport, NotMatched, Problem, RasterRange,
    RasterValues, Report, Status, check,
};
pub use figure::{Decimal, Figure, FigureError, FigureRules, read_figure};
pub use init::{INDEX_TOML, InitError, init};
pub use layers::{
    Feature, Features, LandCoverShares, LayerError, LayerFault, LayerWarning, MAX_CORNERS, MAX_FEATURES,
    MAX_VECTOR_BYTES, Outlines, REACH_M, read_outlines, read_raster_mean, read_raster_shares, read_raster_sum,
    read_vectors,
};
pub use names::{NameTable, NamesError, Zone, folded};
pub use outputs::{OutputError, Outputs};
pub use packs::{MadePack, MakePackError, PackSettings, make_pack};
pub use project::{
    ClusterSettings, Declaration, Excluded, GeometryUse, GridSettings, InvalidRule, KernelSettings, LandCoverLegend,
    MissingSettings, PackTexts, Profile, Project, ProjectError, RasterDeclaration, RasterRole, RoadsLegend,
    RobustnessSettings, SectorDeclaration, VectorDeclaration, VectorRole, ZonesDeclaration,
};
pub use random::uniform;
pub use report::{CountryReport, ReportError, SensitivityError, report_file, write_report_files, write_reports};
pub use settings::{SettingsError, read_settings};
pub use statistics::{Placed, Selection, Series, SeriesError, StatisticsError, read_series};
pub use synth::{Outline, PlantedClass, PlantedCluster, PlantedCountry, SynthError, SynthSettings, synth};
pub use table::{
    MAX_CELLS, MAX_FILE_BYTES, MAX_INFLATED_BYTES, MAX_MERGED, SheetFileError, SheetSource, SheetTable, Value,
    cell_name, read_sheet,
};
