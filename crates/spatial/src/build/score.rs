//! From columns of raw values to scores, dimensions, index and classes (method 2.5, 3, 4).

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{
    Direction, Goalposts, Indicator, IndicatorKind, Method, NormaliseError, Thresholds, Treatment, WeightScheme,
    cells::{
        CellColumns, CellIndicator, CellScoring, CellWeights, Column, NO_CLASS, ScoreRule, ScoredCells, cell_goalposts,
        cell_thresholds,
    },
    class_of,
};

use super::{
    country::{ClusterRecord, ColumnStatus, ColumnValues, IndicatorColumn, NativeUnit, ValueStatus},
    error::BuildError,
    former::FrozenRow,
    ground::Ground,
    manifest::Manifest,
    number::{narrow, real},
    robust::ClusterClasses,
};
use crate::random::uniform;

/// The raw values of an indicator before it is scored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawColumn {
    pub(super) native: NativeUnit,
    pub(super) values: RawValues,
    pub(super) year: u16,
    pub(super) files: Vec<String>,
}

/// Raw values; NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RawValues {
    /// One for each zone, and those of the units that goalposts are made of with the share of them that was observed.
    Zones {
        values: Vec<f32>,
        native: Vec<Option<f64>>,
        observed_share: f64,
        /// Where the value of each zone comes from.
        status: Vec<ValueStatus>,
        /// The values of zones before they were narrowed.
        exact: Vec<Option<f64>>,
    },
    /// One for each land cell.
    Cells(Vec<f32>),
    /// For each set of destinations one for each land cell: each set is scored, then they are averaged (method 2.3).
    Sets(Vec<Vec<f32>>),
}

/// Everything that turns values into classes, and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scored {
    pub(super) columns: Vec<IndicatorColumn>,
    /// Goalposts of each set of destinations, by row.
    pub(super) set_rules: BTreeMap<u8, Vec<ScoreRule>>,
    pub(super) cells: ScoredCells,
    pub(super) thresholds: Thresholds,
    pub(super) dimension_thresholds: BTreeMap<Dimension, Thresholds>,
}

/// Unit of a column whose values are scores already.
const POINTS: &str = "points";

/// A column with its rule: set here, or `frozen` by a former round.
///
/// `weights` 1 for land cells that count, 0 for others. Goalposts of zones and regions, and of up to a thousand cells, are
/// [`Goalposts::fit`]; of more cells [`cell_goalposts`]. An indicator that gives no scores is kept with the reason. What a later
/// round observes enough of is scored as at the baseline, and what the baseline did not use has no scores (method 10).
pub(super) fn ruled(
    indicator: &Indicator,
    weight: f64,
    raw: Option<RawColumn>,
    ground: &Ground,
    weights: &[f32],
    frozen: Option<FrozenRow<'_>>,
    method: &Method,
) -> (IndicatorColumn, Vec<ScoreRule>) {
    let mut column = IndicatorColumn {
        row: indicator.row,
        kind: indicator.kind,
        dimension: indicator.dimension,
        weight,
        status: ColumnStatus::Undeclared,
        native: NativeUnit::Zone,
        values: ColumnValues::Zones(vec![f32::NAN; ground.outlines.len()]),
        rule: None,
        unit: indicator.unit.clone(),
        year: None,
        files: Vec::new(),
    };
    let Some(raw) = raw else { return (column, Vec::new()) };
    (column.native, column.year, column.files) = (raw.native, Some(raw.year), raw.files);
    let mut set_rules = Vec::new();
    let of_cells = |values: &[f32], rule: Option<Option<ScoreRule>>| match rule {
        None => fit_cells(indicator, raw.native, values, weights, method).map_err(ColumnStatus::LeftOut),
        Some(rule) => keep(rule, observed_share(raw.native, values, weights), method),
    };
    let own = frozen.map(|frozen| frozen.rule);
    let fitted = match raw.values {
        RawValues::Zones { values, native, observed_share, .. } => {
            column.values = ColumnValues::Zones(values);
            match own {
                None => fit_zones(indicator, &native, observed_share, method).map_err(ColumnStatus::LeftOut),
                Some(rule) => keep(rule, observed_share, method),
            }
        }
        RawValues::Cells(values) => {
            let fitted = of_cells(&values, own);
            column.values = ColumnValues::Cells(values);
            fitted
        }
        RawValues::Sets(sets) => {
            POINTS.clone_into(&mut column.unit);
            let rule = |set: usize| frozen.map(|frozen| frozen.rule.and(frozen.sets.get(set).copied()));
            let rules = sets.iter().enumerate().map(|(set, minutes)| of_cells(minutes, rule(set)));
            rules.collect::<Result<Vec<ScoreRule>, _>>().map(|rules| {
                column.values = ColumnValues::Cells(averaged(&sets, &rules, method));
                set_rules = rules;
                points_rule(method)
            })
        }
    };
    (column.status, column.rule) = match fitted {
        Ok(rule) => (ColumnStatus::Used, Some(rule)),
        Err(status) => (status, None),
    };
    (column, set_rules)
}

fn enough(observed_share: f64, method: &Method) -> Result<(), NormaliseError> {
    let fits = observed_share > 0.0 && observed_share >= method.missing.indicator_min_share.value;
    if fits { Ok(()) } else { Err(NormaliseError::TooFewObserved) }
}

/// The rule of a former round, if there is one and enough is observed for it (method 2.4).
fn keep(rule: Option<ScoreRule>, observed_share: f64, method: &Method) -> Result<ScoreRule, ColumnStatus> {
    let rule = rule.ok_or(ColumnStatus::NotInSeries)?;
    enough(observed_share, method).map(|()| rule).map_err(ColumnStatus::LeftOut)
}

/// The cells that are units, with their values. Where only cells with people are units, those without a value are none.
fn units<'a>(native: NativeUnit, values: &'a [f32], weights: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    let is_unit =
        move |value: f32, weight: f32| weight > 0.0 && !(native == NativeUnit::InhabitedCell && value.is_nan());
    let pairs = values.iter().zip(weights);
    pairs.filter(move |(value, weight)| is_unit(**value, **weight)).map(|(value, _)| *value)
}

/// The share of units that have a value, 0 to 1; 0 without any.
fn observed_share(native: NativeUnit, values: &[f32], weights: &[f32]) -> f64 {
    let (mut all, mut observed) = (0, 0);
    for value in units(native, values, weights) {
        (all, observed) = (all + 1, observed + usize::from(!value.is_nan()));
    }
    if all == 0 { 0.0 } else { real(observed) / real(all) }
}

/// Imputed values stand among `native`, so the share that was observed comes beside them.
fn fit_zones(
    indicator: &Indicator,
    native: &[Option<f64>],
    observed_share: f64,
    method: &Method,
) -> Result<ScoreRule, NormaliseError> {
    enough(observed_share, method)?;
    if indicator.kind == IndicatorKind::Coverage {
        return Ok(ScoreRule::Coverage);
    }
    let areas = vec![1.0; native.len()];
    Goalposts::fit(native, &areas, indicator.direction, method).map(ScoreRule::Goalposts)
}

fn fit_cells(
    indicator: &Indicator,
    native: NativeUnit,
    values: &[f32],
    weights: &[f32],
    method: &Method,
) -> Result<ScoreRule, NormaliseError> {
    if indicator.kind == IndicatorKind::Coverage {
        enough(observed_share(native, values, weights), method)?;
        return Ok(ScoreRule::Coverage);
    }
    let units = || units(native, values, weights);
    let few = u32::try_from(units().count()).is_ok_and(|units| units <= method.outliers.many_values.value);
    let goalposts = if few {
        let given: Vec<Option<f64>> = units().map(|value| (!value.is_nan()).then_some(f64::from(value))).collect();
        Goalposts::fit(&given, &vec![1.0; given.len()], indicator.direction, method)
    } else if native == NativeUnit::InhabitedCell {
        // A cell without a value has no part in percentiles anyway.
        let is_unit = |(value, weight): (&f32, &f32)| if *weight > 0.0 && !value.is_nan() { 1.0 } else { 0.0 };
        let units: Vec<f32> = values.iter().zip(weights).map(is_unit).collect();
        cell_goalposts(values, CellWeights::Each(&units), indicator.direction, method)
    } else {
        cell_goalposts(values, CellWeights::Each(weights), indicator.direction, method)
    };
    goalposts.map(ScoreRule::Goalposts)
}

/// The rule of values that are points.
fn points_rule(method: &Method) -> ScoreRule {
    let (direction, treatment) = (Direction::MoreIsBetter, Treatment::AsObserved);
    ScoreRule::Goalposts(Goalposts { direction, treatment, low: 0.0, high: method.scale.maximum.value })
}

/// The mean score of several sets; NaN where one is missing.
fn averaged(sets: &[Vec<f32>], rules: &[ScoreRule], method: &Method) -> Vec<f32> {
    let cells = sets.first().map_or(0, Vec::len);
    let mut sums = vec![0.0_f64; cells];
    for (minutes, rule) in sets.iter().zip(rules) {
        for (sum, minutes) in sums.iter_mut().zip(minutes) {
            *sum += rule.score(f64::from(*minutes), method);
        }
    }
    sums.into_iter().map(|sum| narrow(sum / real(sets.len()))).collect()
}

/// Scores, thresholds and classes of all land cells; the thresholds of a former round where there is one.
pub(super) fn scored(
    columns: Vec<IndicatorColumn>,
    set_rules: BTreeMap<u8, Vec<ScoreRule>>,
    ground: &Ground,
    former: Option<&Manifest>,
    method: &Method,
) -> Result<Scored, BuildError> {
    let nothing = vec![f32::NAN; ground.outlines.len()];
    let indicators = indicators(&columns, |column| column.weight);
    let values = columns_of(&columns, &nothing);
    let layers = [ground.zone.as_slice()];
    let input = CellColumns { cells: ground.land.len(), layers: &layers, columns: &values };
    let mut cells = ScoredCells::default();
    let any = first_thresholds(method)?;
    CellScoring::new(&indicators, &any, method)?.score(&input, &mut cells)?;
    leave_out(ground, &mut cells);
    let of = |values: &[f32]| cell_thresholds(values, CellWeights::Equal, method);
    let has_values = |values: &[f32]| values.iter().any(|value| !value.is_nan());
    if !has_values(&cells.index) {
        let dimensions = Dimension::ALL.iter().zip(&cells.dimensions).filter(|(_, values)| has_values(values));
        return Err(BuildError::NoIndex {
            found: dimensions.map(|(dimension, _)| *dimension).collect(),
            needed: method.missing.index_min_dimensions.value,
        });
    }
    let (thresholds, dimension_thresholds) = match former {
        Some(former) => (former.thresholds, former.dimension_thresholds.clone()),
        None => (
            of(&cells.index).map_err(|source| BuildError::Thresholds { of: "the index".to_owned(), source })?,
            // A dimension that nothing is known of has no thresholds, and the index is one of the others.
            Dimension::ALL
                .iter()
                .zip(&cells.dimensions)
                .filter(|(_, values)| has_values(values))
                .map(|(dimension, values)| Ok((*dimension, of(values).map_err(BuildError::thresholds_of(*dimension))?)))
                .collect::<Result<_, BuildError>>()?,
        ),
    };
    CellScoring::new(&indicators, &thresholds, method)?.classify(&mut cells);
    drop(values);
    Ok(Scored { columns, set_rules, cells, thresholds, dimension_thresholds })
}

/// How indicators are scored, with a weight of each. Those that are left out keep theirs: it counts as not observed (method
/// 2.4).
fn indicators(columns: &[IndicatorColumn], weight: impl Fn(&IndicatorColumn) -> f64) -> Vec<CellIndicator> {
    columns
        .iter()
        .map(|column| CellIndicator {
            dimension: column.dimension,
            weight: weight(column),
            rule: column.rule.unwrap_or(ScoreRule::Coverage),
        })
        .collect()
}

/// Columns as scoring takes them; `nothing` for those that are left out.
fn columns_of<'a>(columns: &'a [IndicatorColumn], nothing: &'a [f32]) -> Vec<Column<'a>> {
    columns
        .iter()
        .map(|column| match (&column.values, column.rule) {
            (ColumnValues::Zones(values), Some(_)) => Column::Zones { layer: 0, values },
            (ColumnValues::Cells(values), Some(_)) => Column::Cells(values),
            _ => Column::Zones { layer: 0, values: nothing },
        })
        .collect()
}

/// What draws of the weights do to classes.
pub(super) struct Stability {
    /// How often each land cell keeps its class, per cent, rounded down; 255 for a cell without one.
    pub(super) cells: Vec<u8>,
    /// How often the mean index of a cluster is of each class.
    pub(super) clusters: ClusterClasses,
}

/// How often cells keep their class, and clusters have each, over draws of the weights.
///
/// Each draw takes one of the three weight schemes and a factor `1 + r (2 u - 1)` for each indicator, `r` 0.25 and `u` uniform;
/// scores and thresholds stay as frozen. Of a cluster, `share_c = n_c / n`, `n_c` draws in which its mean index weighted with
/// people is of class `c`, `n` those in which it has one; without any it is left out. Source: method 3 (iv).
pub(super) fn stability(
    scored: &Scored,
    catalogue: &[Indicator],
    ground: &Ground,
    (population, clusters): (&[f32], &BTreeMap<ReadinessClass, Vec<ClusterRecord>>),
    seed: u64,
    method: &Method,
) -> Result<Stability, BuildError> {
    let nothing = vec![f32::NAN; ground.outlines.len()];
    let values = columns_of(&scored.columns, &nothing);
    let layers = [ground.zone.as_slice()];
    let input = CellColumns { cells: ground.land.len(), layers: &layers, columns: &values };
    let spread = method.robustness.weight_spread.value;
    let mut draw = uniform(seed);
    let mut kept = vec![0_u8; ground.land.len()];
    let mut cells = ScoredCells::default();
    let mut counts: Vec<(&ClusterRecord, [u8; ReadinessClass::ALL.len()])> =
        clusters.values().flatten().map(|cluster| (cluster, Default::default())).collect();
    for _ in 0..CELL_DRAWS {
        let third = draw();
        let scheme = WeightScheme::ALL.iter().zip(1..).find(|(_, number)| third * 3.0 < f64::from(*number));
        let scheme = scheme.map_or(WeightScheme::Criterion, |(scheme, _)| *scheme);
        let factors: BTreeMap<u8, f64> = catalogue
            .iter()
            .map(|row| (row.row, row.weights.of(scheme) * (1.0 + spread * (2.0 * draw() - 1.0))))
            .collect();
        let weights = indicators(&scored.columns, |column| factors.get(&column.row).copied().unwrap_or(column.weight));
        CellScoring::new(&weights, &scored.thresholds, method)?.score(&input, &mut cells)?;
        for ((kept, class), own) in kept.iter_mut().zip(&cells.class).zip(&scored.cells.class) {
            *kept += u8::from(class == own);
        }
        for (cluster, counts) in &mut counts {
            let index = |at: usize| cells.index.get(at).copied().filter(|index| !index.is_nan());
            let class = cluster.mean(population, index).map(|index| class_of(index, &scored.thresholds));
            for (count, own) in counts.iter_mut().zip(ReadinessClass::ALL) {
                *count += u8::from(class == Some(*own));
            }
        }
    }
    for (kept, own) in kept.iter_mut().zip(&scored.cells.class) {
        if *own == NO_CLASS {
            *kept = NO_CLASS;
        }
    }
    let mut shares = ClusterClasses::new();
    for (cluster, counts) in counts {
        let draws: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        if draws > 0.0 {
            let own = counts.map(|count| f64::from(count) / draws);
            shares.entry(cluster.class).or_default().insert(cluster.id, own);
        }
    }
    Ok(Stability { cells: kept, clusters: shares })
}

/// Draws for each cell (method 3 (iv)): as many as there are per cent.
const CELL_DRAWS: u8 = 100;

/// Thresholds for a first pass, in which the class of a cell is not looked at.
fn first_thresholds(method: &Method) -> Result<Thresholds, BuildError> {
    let width = method.class_width();
    let mut begin = 0.0;
    let even = std::array::from_fn(|_| {
        begin += width;
        begin
    });
    Thresholds::new(even).map_err(|_| BuildError::Thresholds {
        of: "the method".to_owned(),
        source: kend_readiness::ThresholdsError::NotANumber,
    })
}

/// Cells of zones left out have no dimension, index or class.
fn leave_out(ground: &Ground, cells: &mut ScoredCells) {
    let out: Vec<bool> = ground.zone.iter().map(|zone| !ground.counts(*zone)).collect();
    for values in cells.dimensions.iter_mut().chain([&mut cells.index]) {
        values.iter_mut().zip(&out).filter(|(_, out)| **out).for_each(|(value, _)| *value = f32::NAN);
    }
    cells.class.iter_mut().zip(&out).filter(|(_, out)| **out).for_each(|(class, _)| *class = NO_CLASS);
}
