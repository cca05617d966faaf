//! Whether clusters that are areas, and the readiness of rayons, agree with themselves.

use std::collections::BTreeSet;

use super::{ensure, names, outline, points};
use crate::{
    Calculator, ClusterArea, Crop, PackError, ProfileNumber, RayonReadiness, SectorZone, Sectors, cells::window_grid,
};

/// How far shares may add up beside 1: they are rounded to a thousandth each.
const SHARES_WITHIN: f64 = 0.01;

pub(super) fn cluster(id: &str, area: &ClusterArea, calculator: Option<&Calculator>) -> Result<(), PackError> {
    let calculator =
        calculator.ok_or_else(|| PackError::inconsistent(format!("cluster {id} is an area, without a grid")))?;
    window_grid(&calculator.grid, area.window)?;
    outline(id, &area.outline)?;
    ensure(area.area_km2 > 0.0 && area.area_km2.is_finite(), || format!("area of cluster {id}"))?;
    percents(id, &area.gaps)?;
    if let Some(shares) = &area.class_frequencies {
        whole(id, shares)?;
    }
    profile(id, &area.profile)?;
    area.sectors.as_ref().map_or(Ok(()), |found| sectors(id, found))
}

pub(super) fn rayon(code: &str, readiness: &RayonReadiness) -> Result<(), PackError> {
    let values = readiness.dimensions.iter().chain([&readiness.index, &readiness.index_of_values]);
    for value in values.flatten() {
        points(code, "a value", *value)?;
    }
    whole(code, &readiness.class_shares)?;
    ensure(readiness.area_km2 > 0.0 && readiness.area_km2.is_finite(), || format!("area of {code}"))?;
    profile(code, &readiness.profile)
}

pub(super) fn percents(of: &str, values: &[Option<f64>]) -> Result<(), PackError> {
    values.iter().flatten().try_for_each(|percent| points(of, "a gap", *percent))
}

pub(super) fn profile(of: &str, numbers: &[ProfileNumber]) -> Result<(), PackError> {
    for number in numbers {
        names("a number of a profile", &number.name)?;
        if let Some(unit) = &number.unit {
            names("a unit of a profile", unit)?;
        }
        ensure(number.value.is_finite(), || format!("{} of {of} is no number", number.name.en))?;
    }
    Ok(())
}

/// Shares of classes: from 0, and 1 in all or nothing at all.
fn whole(of: &str, shares: &[f64]) -> Result<(), PackError> {
    let sum: f64 = shares.iter().sum();
    let sound = shares.iter().all(|share| (0.0..=1.0).contains(share));
    ensure(sound && (sum == 0.0 || (sum - 1.0).abs() <= SHARES_WITHIN), || {
        format!("the shares of classes of {of} are {shares:?}")
    })
}

fn sectors(id: &str, sectors: &Sectors) -> Result<(), PackError> {
    let mut known = BTreeSet::new();
    for Crop { crop, names: own } in &sectors.crops {
        names("a crop", own)?;
        let is_word = !crop.is_empty() && crop.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        ensure(is_word && known.insert(crop), || format!("crop `{crop}` of cluster {id} is no word, or there twice"))?;
    }
    let of_crop =
        |zone| matches!(zone, SectorZone::Production | SectorZone::Processing | SectorZone::Commercialisation);
    for way in &sectors.travel {
        let fits = match &way.crop {
            Some(crop) => known.contains(crop),
            None => !of_crop(way.from) && !of_crop(way.to),
        };
        ensure(fits && way.minutes >= 0.0 && way.minutes.is_finite(), || {
            format!("a way between zones of cluster {id} is of no crop, or its minutes are no number")
        })?;
    }
    Ok(())
}
