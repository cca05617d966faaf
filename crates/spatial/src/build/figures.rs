//! Tables of statistics as values of zones: divided, spread from regions, and imputed (method 2.2, 2.4).

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::AreaCode;
use kend_readiness::{Direction, Method, Normalisation, scores};

use super::{
    country::{NativeUnit, ValueStatus},
    error::BuildError,
    ground::Ground,
    number::real,
};
use crate::{
    folder::ProjectFolder,
    init::STATISTICS,
    project::{Declaration, Divisor, PEOPLE},
    statistics::{OPEN_END, Series, read_declaration},
};

/// Values of one indicator in its native units and in zones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowFigures {
    pub(super) native: NativeUnit,
    /// In the units that goalposts are made of: zones or regions that count, in the order of their table.
    pub(super) native_values: Vec<Option<f64>>,
    /// Share of these that was observed, 0 to 1.
    pub(super) observed_share: f64,
    /// In all zones, in the order of `names.csv`.
    pub(super) values: Vec<Option<f64>>,
    pub(super) status: Vec<ValueStatus>,
    pub(super) year: u16,
    pub(super) files: Vec<String>,
}

impl RowFigures {
    /// Values as they were observed, none imputed: the share of `native_values` that is there, and in each zone whether its
    /// value is.
    pub(super) fn observed(
        native: NativeUnit,
        native_values: Vec<Option<f64>>,
        values: Vec<Option<f64>>,
        year: u16,
        files: Vec<String>,
    ) -> Self {
        let status = |value: &Option<f64>| if value.is_some() { ValueStatus::Observed } else { ValueStatus::Missing };
        Self {
            native,
            observed_share: share(&native_values),
            native_values,
            status: values.iter().map(status).collect(),
            values,
            year,
            files,
        }
    }

    /// The same of values that zones themselves have.
    pub(super) fn observed_in_zones(
        values: Vec<Option<f64>>,
        eligible: &[bool],
        year: u16,
        files: Vec<String>,
    ) -> Self {
        Self::observed(NativeUnit::Zone, counting(&values, eligible), values, year, files)
    }
}

/// The values of zones that count.
fn counting(values: &[Option<f64>], eligible: &[bool]) -> Vec<Option<f64>> {
    values.iter().zip(eligible).filter(|(_, eligible)| **eligible).map(|(value, _)| *value).collect()
}

/// What denominators can be made of beside tables, by zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Denominators<'a> {
    pub(super) population: &'a [f64],
    pub(super) working_age: Option<&'a [f64]>,
    pub(super) areas_km2: &'a [f64],
}

/// All tables of a project.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    folder: &'a ProjectFolder,
    eligible: &'a [bool],
    series: Vec<(&'a Declaration, Series)>,
}

impl<'a> Tables<'a> {
    /// Reads every table that is declared; the first that cannot be read is the error.
    pub(super) fn read(folder: &'a ProjectFolder, ground: &'a Ground) -> Result<Self, BuildError> {
        let read = |declaration: &'a Declaration| match read_declaration(declaration, folder) {
            Ok((series, _)) => Ok((declaration, series)),
            Err(source) => Err(BuildError::Statistics {
                file: declaration.file.clone(),
                of: declaration.of(),
                source: Box::new(source),
            }),
        };
        let series = folder.project.statistics.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { folder, eligible: &ground.eligible, series })
    }

    /// What is to be seen of each file: rows whose name is no zone's, which are totals and regions or names that are written
    /// otherwise; and an open end.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (Declaration { file, .. }, series) in &self.series {
            let rows: Vec<String> =
                series.unmatched.iter().map(|placed| format!("{} (row {})", placed.name, placed.row)).collect();
            if !rows.is_empty() {
                lines.push(format!("{STATISTICS}/{file}: rows whose name is no zone's: {}", rows.join(", ")));
            }
            if series.open_end {
                lines.push(format!("{STATISTICS}/{file}: {OPEN_END}"));
            }
        }
        lines
    }

    /// A declared figure by zone.
    pub(super) fn figure(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let (declaration, series) =
            self.series.iter().find(|(declaration, _)| declaration.figure.as_deref() == Some(name))?;
        let own = |code: &AreaCode| series.values.get(code).copied().flatten();
        let zones = self.folder.names.zones().iter();
        Some(zones.map(|zone| if declaration.region { own(zone.region.as_ref()?) } else { own(&zone.code) }).collect())
    }

    /// Inhabitants of each zone by the figure of that name, if a table of zones has it; those of regions don't say in which
    /// zone they live. A number below 0 is an error.
    pub(super) fn people(&self) -> Result<Option<Vec<Option<f64>>>, BuildError> {
        let is_it = |(declaration, _): &&(&Declaration, Series)| declaration.is_people();
        let (Some((declaration, _)), Some(people)) = (self.series.iter().find(is_it), self.figure(PEOPLE)) else {
            return Ok(None);
        };
        let negative =
            self.folder.names.zones().iter().zip(&people).find(|(_, people)| people.is_some_and(|own| own < 0.0));
        match negative {
            Some((zone, Some(people))) => Err(BuildError::NegativePeople {
                file: declaration.file.clone(),
                zone: zone.code.clone(),
                people: *people,
            }),
            _ => Ok(Some(people)),
        }
    }

    /// The values of an indicator; `None` if no table is declared for it.
    ///
    /// `v = figure / denominator`, of a region's figure `v = figure / sum of the denominator over its zones`; a zone without
    /// one of them has none. Zones without a value get the mean of the zones of their region that count and have one,
    /// if enough are observed that the indicator is used (method 2.4).
    pub(super) fn row(
        &self,
        row: u8,
        denominators: Denominators<'_>,
        method: &Method,
    ) -> Result<Option<RowFigures>, BuildError> {
        let Some((declaration, series)) = self.of_row(row) else { return Ok(None) };
        let values = self.divided(row, declaration, series, denominators)?;
        Ok(Some(self.filled(declaration, values, method)))
    }

    /// The same without the division that is declared; `None` if there is none.
    pub(super) fn undivided(&self, row: u8, method: &Method) -> Option<RowFigures> {
        let (declaration, series) = self.of_row(row)?;
        declaration.per.as_ref()?;
        let units = self.units(declaration).iter();
        let totals = units.map(|unit| series.values.get(&unit.code).copied().flatten()).collect();
        Some(self.filled(declaration, totals, method))
    }

    /// Whether a table is declared for an indicator.
    pub(super) fn has(&self, row: u8) -> bool {
        self.of_row(row).is_some()
    }

    fn of_row(&self, row: u8) -> Option<&(&Declaration, Series)> {
        self.series.iter().find(|(declaration, _)| declaration.indicator == Some(row))
    }

    /// What the figures of a declaration are of: zones or regions.
    fn units(&self, declaration: &Declaration) -> &[crate::names::Zone] {
        match &self.folder.regions {
            Some(regions) if declaration.region => regions.zones(),
            _ => self.folder.names.zones(),
        }
    }

    fn filled(&self, declaration: &Declaration, values: Vec<Option<f64>>, method: &Method) -> RowFigures {
        if declaration.region {
            self.of_regions(declaration, &values)
        } else {
            self.of_zones(declaration, values, method)
        }
    }

    /// Ranks of row 8: for each product percentile ranks of the zones that count, `100 (r - 1) / (n - 1)`, averaged over the
    /// products that a zone has; beside them the products that are left out, and why.
    ///
    /// Tons of different products do not add (method 2.2, `areal_heatmap`).
    pub(super) fn product_ranks(&self, method: &Method) -> Option<(RowFigures, Vec<String>)> {
        let row = Some(crate::project::ROW_OF_PRODUCTS);
        let tables: Vec<_> = self.series.iter().filter(|(declaration, _)| declaration.indicator == row).collect();
        let (first, _) = tables.first()?;
        let zones = self.folder.names.zones();
        let mut sums = vec![(0.0, 0.0); zones.len()];
        let (mut left_out, mut files) = (Vec::new(), Vec::new());
        for (declaration, series) in &tables {
            files.push(declaration.file.clone());
            let tons: Vec<Option<f64>> = zones
                .iter()
                .zip(self.eligible)
                .filter(|(_, eligible)| **eligible)
                .map(|(zone, _)| series.values.get(&zone.code).copied().flatten())
                .collect();
            let areas = vec![1.0; tons.len()];
            let kind = Normalisation::PercentileRank;
            match scores(&tons, &areas, Direction::MoreIsBetter, kind, method) {
                Ok(ranks) => {
                    let own = sums.iter_mut().zip(self.eligible).filter(|(_, eligible)| **eligible);
                    for ((sum, _), rank) in own.zip(ranks) {
                        if let Some(rank) = rank {
                            *sum = (sum.0 + rank, sum.1 + 1.0);
                        }
                    }
                }
                Err(reason) => {
                    let product = declaration.product.as_deref().unwrap_or_default();
                    left_out.push(format!("row 8, {product}: left out, {reason}"));
                }
            }
        }
        let values: Vec<Option<f64>> =
            sums.into_iter().map(|(sum, products)| (products > 0.0).then(|| sum / products)).collect();
        let year = tables.iter().map(|(declaration, _)| declaration.year).min().unwrap_or(first.year);
        Some((RowFigures { year, files, ..self.as_observed(first, values) }, left_out))
    }

    /// The totals of an indicator by zone as declared, not divided; for heat maps.
    pub(super) fn totals(&self, row: u8) -> Option<RowFigures> {
        let (declaration, series) = self.of_row(row)?;
        let zones = self.folder.names.zones().iter();
        let values = zones.map(|zone| series.values.get(&zone.code).copied().flatten()).collect();
        Some(self.as_observed(declaration, values))
    }

    /// The tons of one product of row 8 by zone; `None` if no table is declared for it.
    pub(super) fn product(&self, product: &str) -> Option<RowFigures> {
        let is_own = |declaration: &Declaration| {
            declaration.indicator == Some(crate::project::ROW_OF_PRODUCTS)
                && declaration.product.as_deref() == Some(product)
        };
        let (declaration, series) = self.series.iter().find(|(declaration, _)| is_own(declaration))?;
        let zones = self.folder.names.zones().iter();
        let values = zones.map(|zone| series.values.get(&zone.code).copied().flatten()).collect();
        Some(self.as_observed(declaration, values))
    }

    fn as_observed(&self, declaration: &Declaration, values: Vec<Option<f64>>) -> RowFigures {
        RowFigures::observed_in_zones(values, self.eligible, declaration.year, vec![declaration.file.clone()])
    }

    fn of_zones(&self, declaration: &Declaration, values: Vec<Option<f64>>, method: &Method) -> RowFigures {
        let mut figures = self.as_observed(declaration, values);
        if figures.observed_share < method.missing.indicator_min_share.value {
            return figures;
        }
        let zones = self.folder.names.zones();
        let mut means: BTreeMap<&AreaCode, (f64, f64)> = BTreeMap::new();
        for ((zone, value), eligible) in zones.iter().zip(&figures.values).zip(self.eligible) {
            if let (Some(region), Some(value), true) = (&zone.region, value, eligible) {
                let (sum, count) = means.entry(region).or_default();
                (*sum, *count) = (*sum + value, *count + 1.0);
            }
        }
        for (((zone, value), status), eligible) in
            zones.iter().zip(&mut figures.values).zip(&mut figures.status).zip(self.eligible)
        {
            let mean = zone.region.as_ref().and_then(|region| means.get(region));
            if let (None, Some((sum, count)), true) = (&value, mean, eligible) {
                (*value, *status) = (Some(sum / count), ValueStatus::Imputed);
            }
        }
        figures.native_values = counting(&figures.values, self.eligible);
        figures
    }

    /// `values` by region, in the order of `regions.csv`.
    fn of_regions(&self, declaration: &Declaration, values: &[Option<f64>]) -> RowFigures {
        let zones = self.folder.names.zones();
        let regions: &[_] = self.folder.regions.as_ref().map_or(&[], |regions| regions.zones());
        let counting: BTreeSet<&AreaCode> = zones
            .iter()
            .zip(self.eligible)
            .filter(|(_, eligible)| **eligible)
            .filter_map(|(zone, _)| zone.region.as_ref())
            .collect();
        let of: BTreeMap<&AreaCode, f64> =
            regions.iter().zip(values).filter_map(|(region, value)| Some((&region.code, (*value)?))).collect();
        let native = regions.iter().filter(|region| counting.contains(&region.code));
        let native_values: Vec<Option<f64>> = native.map(|region| of.get(&region.code).copied()).collect();
        let values: Vec<Option<f64>> = zones.iter().map(|zone| of.get(zone.region.as_ref()?).copied()).collect();
        let (year, files) = (declaration.year, vec![declaration.file.clone()]);
        RowFigures::observed(NativeUnit::Region, native_values, values, year, files)
    }

    /// The figures of a declaration, divided: by zone, or by region where it is by region.
    fn divided(
        &self,
        row: u8,
        declaration: &Declaration,
        series: &Series,
        denominators: Denominators<'_>,
    ) -> Result<Vec<Option<f64>>, BuildError> {
        let units = self.units(declaration);
        let own = |code: &AreaCode| series.values.get(code).copied().flatten();
        let Some(per) = declaration.per.as_deref() else {
            return Ok(units.iter().map(|unit| own(&unit.code)).collect());
        };
        let (declared, divisors) = self.divisors(row, declaration, per, denominators)?;
        let divide = |(unit, divisor): (&crate::names::Zone, Option<f64>)| match (own(&unit.code), divisor) {
            (Some(value), Some(divisor)) if divisor > 0.0 => Ok(Some(value / divisor)),
            // A rayon without people in a raster has no rate; a table that says 0 is wrong.
            (Some(_), Some(divisor)) if declared => Err(BuildError::Divisor {
                file: declaration.file.clone(),
                row,
                zone: unit.code.clone(),
                per: per.to_owned(),
                divisor,
            }),
            _ => Ok(None),
        };
        units.iter().zip(divisors).map(divide).collect()
    }

    /// The denominators of a declaration's units, and whether a table declares them.
    fn divisors(
        &self,
        row: u8,
        declaration: &Declaration,
        per: &str,
        denominators: Denominators<'_>,
    ) -> Result<(bool, Vec<Option<f64>>), BuildError> {
        let figures = self.series.iter().filter_map(|(other, _)| other.figure.as_deref()).collect();
        let given = |values: &[f64]| values.iter().map(|value| Some(*value)).collect::<Vec<_>>();
        let table = |is_it: &dyn Fn(&Declaration) -> bool| self.series.iter().find(|(other, _)| is_it(other));
        let found = match Divisor::of(per, &figures) {
            Some(Divisor::Figure(name)) => table(&|other| other.figure.as_deref() == Some(name)),
            Some(Divisor::Indicator(of)) => table(&|other| other.indicator == Some(of)),
            Some(Divisor::Population) => return Ok((false, self.by_unit(declaration, given(denominators.population)))),
            Some(Divisor::WorkingAge) => {
                let people = denominators.working_age;
                let people = people.ok_or(BuildError::Lacking { what: "raster of role population_15_65" })?;
                return Ok((false, self.by_unit(declaration, given(people))));
            }
            Some(Divisor::AreaKm2) => return Ok((false, self.by_unit(declaration, given(denominators.areas_km2)))),
            None => None,
        };
        let Some((other, series)) = found else { return Ok((false, Vec::new())) };
        let own = |code: &AreaCode| series.values.get(code).copied().flatten();
        match (declaration.region, other.region) {
            (false, true) => {
                Err(BuildError::RegionDivides { file: declaration.file.clone(), row, per: per.to_owned() })
            }
            (true, true) => {
                let regions = self.folder.regions.iter().flat_map(crate::names::NameTable::zones);
                Ok((true, regions.map(|region| own(&region.code)).collect()))
            }
            (_, false) => {
                let by_zone = self.folder.names.zones().iter().map(|zone| own(&zone.code)).collect();
                Ok((true, self.by_unit(declaration, by_zone)))
            }
        }
    }

    /// Denominators by zone as those of a declaration's units: of a region the sum over all its zones, none if one lacks it.
    fn by_unit(&self, declaration: &Declaration, by_zone: Vec<Option<f64>>) -> Vec<Option<f64>> {
        let Some(regions) = self.folder.regions.as_ref().filter(|_| declaration.region) else { return by_zone };
        let zones = self.folder.names.zones();
        let sum = |region: &crate::names::Zone| {
            let own = zones.iter().zip(&by_zone).filter(|(zone, _)| zone.region.as_ref() == Some(&region.code));
            let own: Vec<Option<f64>> = own.map(|(_, value)| *value).collect();
            if own.is_empty() { None } else { own.into_iter().sum() }
        };
        regions.zones().iter().map(sum).collect()
    }
}

fn share(values: &[Option<f64>]) -> f64 {
    if values.is_empty() { 0.0 } else { real(values.iter().flatten().count()) / real(values.len()) }
}
