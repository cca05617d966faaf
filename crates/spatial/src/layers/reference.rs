//! Reference systems: which one a file is in, and the way from it to the plane.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use kend_cells::EqualArea;

use super::{LayerFault, REACH_M, open::said_text};
use crate::project::epsg;

/// Degrees of WGS 84.
const WGS_84: u32 = 4326;
/// Coordinates that differ by less than this part are the same: 4 mm in the coordinates of a country.
const SAME: f64 = 1e-9;
/// Degrees that differ by less are the same but for rounding: 0.1 µm.
const SAME_DEGREES: f64 = 1e-12;

/// The way from the coordinates of a file to the plane, and back.
pub(crate) struct Reference {
    plane: EqualArea,
    /// To and from degrees of WGS 84; none for a file in these.
    transforms: Option<(CoordTransform, CoordTransform)>,
    /// Its name, for people.
    pub(crate) name: String,
}

/// A system of the EPSG register, longitude and easting first.
fn of_epsg(number: u32) -> Result<SpatialRef, LayerFault> {
    let failed = |_| LayerFault::Crs { crs: format!("EPSG:{number}"), said: said_text() };
    SpatialRef::from_epsg(number).map(longitude_first).map_err(failed)
}

/// Drivers give longitude first whatever the register says of a system; so do we.
fn longitude_first(mut system: SpatialRef) -> SpatialRef {
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    system
}

fn name_of(system: &SpatialRef) -> String {
    let name = system.name().unwrap_or_default();
    match system.authority() {
        Ok(authority) if name.is_empty() => authority,
        Ok(authority) => format!("{authority} ({name})"),
        Err(_) => name,
    }
}

impl Reference {
    /// The system of a file from what the file and the declaration say.
    pub(super) fn of(found: Option<SpatialRef>, declared: Option<&str>, plane: &EqualArea) -> Result<Self, LayerFault> {
        // `GeoPackage` has two entries for systems that nobody knows.
        let unknown = |system: &SpatialRef| {
            system.is_local() || system.name().is_some_and(|name| name.to_lowercase().starts_with("undefined"))
        };
        let found = found.filter(|system| !unknown(system)).map(longitude_first);
        let declared = declared.and_then(epsg).map(of_epsg).transpose()?;
        match (found, declared) {
            (None, None) => Err(LayerFault::NoCrs),
            (Some(only), None) | (None, Some(only)) => Self::to(&only, plane),
            (Some(found), Some(declared)) => {
                let (one, other) = (Self::to(&found, plane)?, Self::to(&declared, plane)?);
                if one.agrees_with(&other) {
                    Ok(one)
                } else {
                    Err(LayerFault::OtherCrs { declared: other.name, found: one.name })
                }
            }
        }
    }

    fn to(system: &SpatialRef, plane: &EqualArea) -> Result<Self, LayerFault> {
        let name = name_of(system);
        let degrees = of_epsg(WGS_84)?;
        let failed = |_| LayerFault::Crs { crs: name.clone(), said: said_text() };
        let there = CoordTransform::new(system, &degrees).map_err(failed)?;
        let back = CoordTransform::new(&degrees, system).map_err(failed)?;
        let mut reference = Self { plane: *plane, transforms: None, name: name.clone() };
        let (mut x, mut y) = reference.samples();
        let (longitudes, latitudes) = (x.clone(), y.clone());
        there.transform_coords(&mut x, &mut y, &mut []).unwrap_or_default();
        let same =
            |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(one, other)| (one - other).abs() <= SAME_DEGREES);
        if !(same(&x, &longitudes) && same(&y, &latitudes)) {
            reference.transforms = Some((there, back));
        }
        Ok(reference)
    }

    /// Longitudes and latitudes of nine places about the centre of the plane.
    fn samples(&self) -> (Vec<f64>, Vec<f64>) {
        const STEPS: [f64; 3] = [-0.5, 0.0, 0.5];
        let places = STEPS.iter().flat_map(|x| STEPS.iter().map(move |y| (x * REACH_M, y * REACH_M)));
        places.map(|(x_m, y_m)| self.plane.to_degrees(x_m, y_m)).unzip()
    }

    fn agrees_with(&self, other: &Self) -> bool {
        let (x, y) = self.samples();
        let of = |reference: &Self| {
            let (mut x, mut y) = (x.clone(), y.clone());
            reference.degrees_to_file(&mut x, &mut y).map(|()| [x, y].concat())
        };
        let (Ok(one), Ok(other)) = (of(self), of(other)) else { return false };
        one.iter().zip(&other).all(|(one, other)| (one - other).abs() <= SAME * one.abs().max(1.0))
    }

    /// Brings coordinates of the file to the plane, metres. What has no place there becomes NaN.
    pub(super) fn to_plane(&self, x: &mut [f64], y: &mut [f64]) {
        if let Some((there, _)) = &self.transforms {
            // Those that fail are infinite afterwards.
            there.transform_coords(x, y, &mut []).unwrap_or_default();
        }
        for (x, y) in x.iter_mut().zip(y) {
            (*x, *y) = self.plane.to_plane(*x, *y);
        }
    }

    /// Brings places of the plane, metres, to coordinates of the file.
    pub(super) fn plane_to_file(&self, x: &mut [f64], y: &mut [f64]) -> Result<(), LayerFault> {
        for (x, y) in x.iter_mut().zip(y.iter_mut()) {
            (*x, *y) = self.plane.to_degrees(*x, *y);
        }
        self.degrees_to_file(x, y)
    }

    fn degrees_to_file(&self, x: &mut [f64], y: &mut [f64]) -> Result<(), LayerFault> {
        let Some((_, back)) = &self.transforms else { return Ok(()) };
        let failed = |_| LayerFault::Crs { crs: self.name.clone(), said: said_text() };
        back.transform_coords(x, y, &mut []).map_err(failed)
    }
}
