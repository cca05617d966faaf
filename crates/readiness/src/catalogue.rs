//! What is data and not code: the 53 indicators, and the names of dimensions and classes in three languages.
//!
//! Read from `schema/` once, checked while read. Weights are computed here from the structure (dimension, category,
//! criterion) and never stored: printed weights would be rounded, and two sources of one number drift apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use kend_domain::{Dimension, Names, ReadinessClass};
use serde::{Deserialize, Serialize};

use crate::{json, json::Fault, method::count};

/// The sheet of the 53 indicators as shipped, for [`read_indicators`].
pub const INDICATORS_CSV: &str = include_str!("../../../schema/indicators.csv");
const DIMENSIONS_JSON: &str = include_str!("../../../schema/dimensions.json");
const CLASSES_JSON: &str = include_str!("../../../schema/classes.json");

/// Whether more of an indicator is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// More is better.
    #[serde(rename = "+")]
    MoreIsBetter,
    /// Less is better.
    #[serde(rename = "-")]
    LessIsBetter,
}

impl Direction {
    /// The value such that more is better: times -1 where less is. Its own inverse.
    pub(crate) fn oriented(self, value: f64) -> f64 {
        match self {
            Self::MoreIsBetter => value,
            Self::LessIsBetter => -value,
        }
    }
}

/// How an indicator is computed from its source (2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// A statistic by rayon.
    StatRayon,
    /// A statistic by economic region.
    StatRegion,
    /// Features counted in a rayon.
    CountRayon,
    /// Features or area by area of the rayon.
    DensityArea,
    /// Length of lines by area of the rayon.
    LengthRayon,
    /// Kernel density of points.
    Kde,
    /// Kernel density of lines.
    LineKde,
    /// A rayon's total spread over its cropland.
    ArealHeatmap,
    /// Minutes to the nearest destination.
    TravelTime,
    /// Share of a cell inside polygons.
    Coverage,
    /// Mean of a raster.
    Raster,
    /// A ratio of gridded population counts.
    Gridded,
}

/// How the printed measurement of Annex I became this one (section 1 of the method).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// It stands as printed.
    AsPrinted,
    /// It had slid up by one row and was moved back.
    Moved,
    /// It was lost and is inferred from the text: say so on the screen.
    Inferred,
}

/// One of the 53 indicators of Annex I.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// Row of Annex I, 1 to 53.
    pub row: u8,
    /// Its dimension.
    pub dimension: Dimension,
    /// Its category, as printed.
    pub category: String,
    /// Code of its criterion, e.g. `D2.4`.
    pub criterion: String,
    /// What is measured.
    pub measurement: String,
    /// Source as printed.
    pub source: String,
    /// Year or years of the source; empty where none is printed.
    pub year: String,
    /// How it is computed.
    pub kind: IndicatorKind,
    /// Exact unit of the raw value.
    pub unit: String,
    /// What the source's figure is divided by to be in this unit; empty where it is not.
    pub denominator: String,
    /// Whether more is better.
    pub direction: Direction,
    /// Whether a village or rayon could change it.
    pub actionable: bool,
    /// Whether its direction or denominator is disputed.
    pub contested: bool,
    /// Whether its data are known to be thin.
    pub weak: bool,
    /// How its measurement was restored.
    pub repair: Repair,
    /// Short name.
    pub name: Names,
    /// Unit as words beside a value.
    pub unit_name: Names,
    /// Weight in the index by scheme.
    pub weights: Weights,
}

/// How indicators share the weight of a dimension (3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightScheme {
    /// Criteria share equally, indicators share their criterion: the default.
    Criterion,
    /// Indicators share equally.
    Flat,
    /// Categories share equally, indicators share their category.
    Category,
}

impl WeightScheme {
    /// All schemes.
    pub const ALL: [Self; 3] = [Self::Criterion, Self::Flat, Self::Category];
}

/// Weights of an indicator in the index, each scheme summing to 1 over the 53.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Criterion-equal.
    pub criterion: f64,
    /// Flat in the dimension.
    pub flat: f64,
    /// Category-equal.
    pub category: f64,
}

impl Weights {
    /// The weight under a scheme.
    pub const fn of(&self, scheme: WeightScheme) -> f64 {
        match scheme {
            WeightScheme::Criterion => self.criterion,
            WeightScheme::Flat => self.flat,
            WeightScheme::Category => self.category,
        }
    }
}

/// Weight of one indicator among groups that share a dimension's weight equally:
/// `w = 1 / (D * G * R)`.
///
/// `D` dimensions of the index, `G` groups (criteria or categories) of the dimension, `R` rows of the group; counts
/// from 1; the result is a share in (0, 1]. Flat weights are one group that holds all rows. Source: method 3, the
/// report gives none. A count of 0 gives infinity: no indicator is in such a group, so none gets it.
///
/// ```
/// // Row 18: one of three rows of a criterion of infrastructure, which has 14 criteria.
/// assert_eq!(kend_readiness::indicator_weight(5, 14, 3), 1.0 / 210.0);
/// ```
pub fn indicator_weight(dimensions: usize, groups: usize, rows_in_group: usize) -> f64 {
    1.0 / (count(dimensions) * count(groups) * count(rows_in_group))
}

/// A line of the sheet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    row: u8,
    dimension: Dimension,
    category: String,
    criterion: String,
    #[serde(rename = "criterion_name")]
    _criterion_name: String,
    measurement: String,
    #[serde(rename = "measurement_printed")]
    _measurement_printed: String,
    source: String,
    year: String,
    kind: IndicatorKind,
    unit: String,
    denominator: String,
    #[serde(rename = "spatial_level")]
    _spatial_level: String,
    direction: Direction,
    actionable: Flag,
    contested: Flag,
    weak: Flag,
    repair: Repair,
    name_en: String,
    name_az: String,
    name_ru: String,
    unit_en: String,
    unit_az: String,
    unit_ru: String,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(Deserialize, PartialEq, Eq)]
enum Flag {
    #[serde(rename = "0")]
    No,
    #[serde(rename = "1")]
    Yes,
}

/// A sheet of indicators that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndicatorsError {
    /// A line cannot be read.
    #[error("indicators cannot be read: {0}")]
    Line(#[from] csv::Error),
    /// The rows are not 1, 2, 3, ...
    #[error("indicators: expected row {expected}, found row {found}")]
    Order {
        /// Row that should follow.
        expected: usize,
        /// Row that does.
        found: u8,
    },
}

/// Reads a sheet of indicators in the form of `schema/indicators.csv`.
pub fn read_indicators(sheet: &str) -> Result<Vec<Indicator>, IndicatorsError> {
    let lines = csv::Reader::from_reader(sheet.as_bytes()).into_deserialize().collect::<Result<Vec<Line>, _>>()?;
    for (index, line) in lines.iter().enumerate() {
        if usize::from(line.row) != index + 1 {
            return Err(IndicatorsError::Order { expected: index + 1, found: line.row });
        }
    }
    let dimensions = lines.iter().map(|line| line.dimension).collect::<BTreeSet<_>>().len();
    let weights = lines.iter().map(|line| {
        let own: Vec<&Line> = lines.iter().filter(|other| other.dimension == line.dimension).collect();
        let shared = |group: fn(&Line) -> &str| {
            let groups = own.iter().map(|other| group(other)).collect::<BTreeSet<_>>().len();
            let rows = own.iter().filter(|other| group(other) == group(line)).count();
            indicator_weight(dimensions, groups, rows)
        };
        Weights {
            criterion: shared(|line| &line.criterion),
            flat: indicator_weight(dimensions, 1, own.len()),
            category: shared(|line| &line.category),
        }
    });
    let weights: Vec<Weights> = weights.collect();
    Ok(lines
        .into_iter()
        .zip(weights)
        .map(|(line, weights)| Indicator {
            row: line.row,
            dimension: line.dimension,
            category: line.category,
            criterion: line.criterion,
            measurement: line.measurement,
            source: line.source,
            year: line.year,
            kind: line.kind,
            unit: line.unit,
            denominator: line.denominator,
            direction: line.direction,
            actionable: line.actionable == Flag::Yes,
            contested: line.contested == Flag::Yes,
            weak: line.weak == Flag::Yes,
            repair: line.repair,
            name: Names { az: line.name_az, en: line.name_en, ru: line.name_ru },
            unit_name: Names { az: line.unit_az, en: line.unit_en, ru: line.unit_ru },
            weights,
        })
        .collect())
}

static INDICATORS: LazyLock<Vec<Indicator>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test reads it")]
    read_indicators(INDICATORS_CSV).expect("BUG: the shipped indicators are valid")
});

/// The 53 indicators as shipped, row 1 first.
pub fn indicators() -> &'static [Indicator] {
    &INDICATORS
}

/// The indicator of a row of Annex I; none where there is no such row.
///
/// ```
/// use kend_readiness::indicator;
/// assert_eq!(indicator(44).map(|found| found.row), Some(44));
/// assert_eq!([0, 54].map(indicator), [None, None]);
/// ```
pub fn indicator(row: u8) -> Option<&'static Indicator> {
    INDICATORS.iter().find(|indicator| indicator.row == row)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionRow {
    dimension: Dimension,
    #[serde(rename = "first_row")]
    _first_row: u8,
    #[serde(rename = "last_row")]
    _last_row: u8,
    name: Names,
    short_name: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassRow {
    class: ReadinessClass,
    name: Names,
    meaning: Names,
}

/// The names of dimensions and classes as shipped. (A theme's name stands in [`crate::ThemeRow`].)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Full names of dimensions.
    pub dimensions: BTreeMap<Dimension, Names>,
    /// One or two words for a dimension, for narrow screens.
    pub dimensions_short: BTreeMap<Dimension, Names>,
    /// Names of classes.
    pub classes: BTreeMap<ReadinessClass, Names>,
    /// What a class means, one sentence.
    pub class_meanings: BTreeMap<ReadinessClass, Names>,
}

impl Vocabulary {
    /// Reads the texts of `dimensions.json` and `classes.json`; a dimension or class left out is refused.
    pub fn read(dimensions_json: &str, classes_json: &str) -> Result<Self, Fault> {
        let mut read = Self {
            dimensions: BTreeMap::new(),
            dimensions_short: BTreeMap::new(),
            classes: BTreeMap::new(),
            class_meanings: BTreeMap::new(),
        };
        for row in json::read::<Vec<DimensionRow>>(dimensions_json)? {
            read.dimensions.insert(row.dimension, row.name);
            read.dimensions_short.insert(row.dimension, row.short_name);
        }
        for row in json::read::<Vec<ClassRow>>(classes_json)? {
            read.classes.insert(row.class, row.name);
            read.class_meanings.insert(row.class, row.meaning);
        }
        if read.dimensions.len() != Dimension::ALL.len() {
            return Err(Fault::expected("", "all five dimensions", read.dimensions.len()));
        }
        if read.classes.len() != ReadinessClass::ALL.len() {
            return Err(Fault::expected("", "all five classes", read.classes.len()));
        }
        Ok(read)
    }
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the files are part of the program; a test reads them")]
    Vocabulary::read(DIMENSIONS_JSON, CLASSES_JSON).expect("BUG: the shipped vocabulary is complete")
});

/// The vocabulary as shipped.
pub fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}
