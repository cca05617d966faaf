//! Rows counted or measured in zones: features, lengths, areas (method 2.2), and where a map is empty (2.4).

use geo::{BooleanOps as _, Geometry, Intersects as _, LineString, MultiLineString};
use kend_readiness::{Indicator, IndicatorKind, weighted_quantile};

use super::Columns;
use crate::{
    build::{error::BuildError, figures::RowFigures, score::RawColumn},
    project::{Profile, VectorDeclaration, VectorRole},
};

/// What a count or length is divided by, and what the quotient is multiplied by to be in the unit of `indicators.csv`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Per {
    Nothing,
    People(f64),
    WorkingAge(f64),
    AreaKm2(f64),
}

/// Persons that counts are given for.
const PERSONS: f64 = 10_000.0;
/// Square kilometres, or per cent.
const HUNDRED: f64 = 100.0;

/// The denominator of a row made of layers (units and denominators of `indicators.csv`). Measures that Annex I divides as
/// printed (7, 11, 21) are divided in both profiles, the others in `recommended` only.
pub(super) const fn per(row: u8, profile: Profile) -> Per {
    match (row, profile) {
        (21, _) | (31 | 32, Profile::Recommended) => Per::People(PERSONS),
        (7 | 11, _) => Per::AreaKm2(HUNDRED),
        (_, Profile::Faithful) | (28, Profile::Recommended) => Per::Nothing,
        (48, Profile::Recommended) => Per::WorkingAge(PERSONS),
        (_, Profile::Recommended) => Per::AreaKm2(HUNDRED),
    }
}

/// Rows of `OpenStreetMap` for which an empty zone may only be an unmapped one (method 2.4).
const UNMAPPED_ROWS: [u8; 4] = [15, 17, 31, 32];
/// A zone with fewer amenities for each inhabitant than this share of zones is taken as unmapped.
const UNMAPPED_SHARE: f64 = 0.25;

impl Columns<'_> {
    /// A row that is a count, a length or an area in each zone.
    pub(super) fn layer_of_zones(
        &mut self,
        indicator: &Indicator,
        profile: Profile,
    ) -> Result<Option<RawColumn>, BuildError> {
        let row = indicator.row;
        let declared = self.vectors(row);
        if declared.is_empty() {
            return Ok(None);
        }
        let key = self.vector_key("zones", row, &declared);
        let kept = self.kept(&format!("row{row}"), &key, |warnings| {
            let amounts = match indicator.kind {
                IndicatorKind::LengthRayon => self.lengths_km(&self.lines(&declared, warnings)?),
                _ => self.amounts(row, &declared, warnings)?,
            };
            Ok(amounts)
        })?;
        let (year, files) = (
            declared.iter().map(|declared| declared.year).min().unwrap_or_default(),
            declared.iter().map(|declared| declared.file.clone()).collect(),
        );
        let amounts = self.taken(kept);
        let unmapped = self.unmapped(row, &amounts)?;
        let values = self.per_unit(row, profile, &amounts)?;
        let values: Vec<Option<f64>> =
            values.into_iter().zip(&unmapped).map(|(value, unmapped)| value.filter(|_| !unmapped)).collect();
        Ok(Some(super::of_zones(RowFigures::observed_in_zones(values, &self.ground.eligible, year, files))))
    }

    /// Amounts divided; a zone whose denominator is 0 has none. A share of an area ends at 100.
    fn per_unit(&self, row: u8, profile: Profile, amounts: &[f64]) -> Result<Vec<Option<f64>>, BuildError> {
        /// Irrigated land, which sources give beyond the zone's area (note of row 7).
        const CAPPED_ROW: u8 = 7;
        let denominators = self.denominators;
        let (divisors, times) = match per(row, profile) {
            Per::Nothing => return Ok(amounts.iter().map(|amount| Some(*amount)).collect()),
            Per::People(times) => (denominators.population, times),
            Per::AreaKm2(times) => (denominators.areas_km2, times),
            Per::WorkingAge(times) => {
                let lacking = BuildError::Lacking { what: "raster of role population_15_65" };
                (denominators.working_age.ok_or(lacking)?, times)
            }
        };
        let quotient = |(amount, divisor): (&f64, &f64)| (*divisor > 0.0).then(|| amount * times / divisor);
        let capped = |value: f64| if row == CAPPED_ROW { value.min(HUNDRED) } else { value };
        Ok(amounts.iter().zip(divisors).map(|pair| quotient(pair).map(capped)).collect())
    }

    /// What points count for in each zone, or the square kilometres that areas cover there.
    fn amounts(
        &self,
        row: u8,
        declared: &[&VectorDeclaration],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<f64>, BuildError> {
        let mut amounts = vec![0.0; self.ground.outlines.len()];
        let mut areas = Vec::new();
        for declared in declared {
            for feature in self.features(declared, warnings)?.features {
                match feature.geometry {
                    Geometry::Point(point) => {
                        let weight = declared.weight.as_ref().and_then(|name| feature.attributes.get(name));
                        let weight = weight.map_or(1.0, |text| text.trim().parse().unwrap_or_default());
                        if let Some(amount) = self.zone_at(point).and_then(|zone| amounts.get_mut(zone)) {
                            *amount += weight;
                        }
                    }
                    Geometry::MultiPolygon(area) => areas.push(area),
                    _ => {}
                }
            }
        }
        if !areas.is_empty() {
            let cell_km2 = self.ground.grid.cell_km2();
            let covered = self.ground.sums(&self.covered(row, &areas)?);
            amounts.iter_mut().zip(covered).for_each(|(amount, share)| *amount += share * cell_km2);
        }
        Ok(amounts)
    }

    /// Kilometres of lines inside each zone's outline.
    pub(super) fn lengths_km(&self, lines: &[MultiLineString]) -> Vec<f64> {
        const METRES_PER_KILOMETRE: f64 = 1000.0;
        let extents: Vec<_> = lines.iter().map(geo::BoundingRect::bounding_rect).collect();
        let length_in = |(outline, zone): (&geo::MultiPolygon, &Option<geo::Rect>)| {
            let Some(zone) = zone else { return 0.0 };
            let near = lines.iter().zip(&extents);
            let near = near.filter(|(_, extent)| extent.is_some_and(|extent| extent.intersects(zone)));
            let near: Vec<LineString> = near.flat_map(|(line, _)| line.0.iter().cloned()).collect();
            if near.is_empty() {
                return 0.0;
            }
            let inside = outline.clip(&MultiLineString::new(near), false);
            inside.iter().map(length_m).sum::<f64>() / METRES_PER_KILOMETRE
        };
        self.ground.outlines.iter().zip(&self.ground.extents).map(length_in).collect()
    }

    /// Whether each zone is taken as unmapped: nothing of the row in it, and fewer amenities for each inhabitant than the
    /// 25th percentile of zones (method 2.4). Rows from complete registers and other rows have no such zone.
    pub(super) fn unmapped(&mut self, row: u8, amounts: &[f64]) -> Result<Vec<bool>, BuildError> {
        let none = vec![false; amounts.len()];
        if !UNMAPPED_ROWS.contains(&row) || self.vectors(row).iter().all(|declared| declared.complete) {
            return Ok(none);
        }
        let declared = self.role(VectorRole::Amenities);
        if declared.is_empty() {
            self.warnings.push(format!(
                "row {row}: no layer of role amenities, so a zone without any counts as 0 and not as unmapped"
            ));
            return Ok(none);
        }
        let mut key = self.ground_key.clone().with("amenities");
        for declared in &declared {
            let hash = self.inputs.layer(crate::layers::VECTORS, &declared.file);
            key = key.with(format!("{declared:?}")).with(hash);
        }
        let kept = self.kept("amenities", &key, |warnings| self.amenities(&declared, warnings))?;
        let counts = self.taken(kept);
        let rates: Vec<Option<f64>> = counts
            .iter()
            .zip(self.denominators.population)
            .map(|(count, people)| (*people > 0.0).then(|| count / people))
            .collect();
        let own = rates.iter().zip(&self.ground.eligible).filter(|(_, eligible)| **eligible);
        let own: Vec<(f64, f64)> = own.filter_map(|(rate, _)| Some(((*rate)?, 1.0))).collect();
        let limit = weighted_quantile(&own, UNMAPPED_SHARE).unwrap_or(0.0);
        let is_unmapped = |(amount, rate): (&f64, &Option<f64>)| *amount == 0.0 && rate.is_none_or(|rate| rate < limit);
        Ok(amounts.iter().zip(&rates).map(is_unmapped).collect())
    }

    /// Amenities of each zone; an area counts as one, where its first corner lies.
    fn amenities(&self, declared: &[&VectorDeclaration], warnings: &mut Vec<String>) -> Result<Vec<f64>, BuildError> {
        let mut counts = vec![0.0; self.ground.outlines.len()];
        for declared in declared {
            for feature in self.features(declared, warnings)?.features {
                let point = match feature.geometry {
                    Geometry::Point(point) => Some(point),
                    Geometry::MultiPolygon(area) => {
                        area.0.first().and_then(|polygon| polygon.exterior().points().next())
                    }
                    _ => None,
                };
                let zone = point.and_then(|point| self.zone_at(point));
                if let Some(count) = zone.and_then(|zone| counts.get_mut(zone)) {
                    *count += 1.0;
                }
            }
        }
        Ok(counts)
    }

    /// Takes the cells of unmapped zones out of a row observed in cells. Row 15 says nothing at all unless 20 zones have a
    /// line (note of row 15), but where its layer is a whole register.
    pub(super) fn forget_unmapped(&mut self, row: u8, values: &mut [f32]) -> Result<(), BuildError> {
        const LINES_ROW: u8 = 15;
        const LEAST_ZONES: usize = 20;
        let declared = self.vectors(row);
        if !UNMAPPED_ROWS.contains(&row) || declared.iter().all(|declared| declared.complete) {
            return Ok(());
        }
        let key = self.vector_key("present", row, &declared);
        // What was left out was told when the row itself was made.
        let kept = self.kept(&format!("row{row}-zones"), &key, |_| {
            let mut again = Vec::new();
            let amounts = if row == LINES_ROW {
                self.lengths_km(&self.lines(&declared, &mut again)?)
            } else {
                self.amounts(row, &declared, &mut again)?
            };
            Ok(amounts)
        })?;
        let amounts = self.taken(kept);
        let mut unmapped = self.unmapped(row, &amounts)?;
        if row == LINES_ROW && amounts.iter().filter(|amount| **amount > 0.0).count() < LEAST_ZONES {
            self.warnings.push(format!("row {row}: left out, fewer than {LEAST_ZONES} zones have any line"));
            unmapped.fill(true);
        }
        for (value, zone) in values.iter_mut().zip(&self.ground.zone) {
            if unmapped.get(usize::from(*zone)) == Some(&true) {
                *value = f32::NAN;
            }
        }
        Ok(())
    }
}

/// Length in the plane, metres.
fn length_m(line: &LineString) -> f64 {
    line.lines().map(|line| (line.dx() * line.dx() + line.dy() * line.dy()).sqrt()).sum()
}
